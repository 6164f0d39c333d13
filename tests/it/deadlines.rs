//! A PostgreSQL that stops answering holds nothing up for long, and what was under way is settled.

use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};
use tokio::time::{Instant, timeout};

use crate::crash::{self, Server};
use crate::database::{PATIENCE, ask_number, ask_text, in_time, run_sql, verify_database};
use crate::harness::{SUBMIT, World, code_of, submission};
use crate::postgres;
use crate::wire::{Loss, Wire};

pub const NOW: &str = "2022-05-10T08:00:00+07:00";
/// A commit may take ten seconds, and a look for it another few.
const SETTLED: Duration = Duration::from_secs(20);
/// Those of [`settings_of_writer`].
pub const SETTINGS: &str = "5s 3s 2s off on read committed UTF8 20";

/// A node whose line to PostgreSQL can be spoilt, and the database past that line.
async fn world() -> Option<(World, Wire, String)> {
    let database = postgres::cluster()?.fresh_database();
    let wire = Wire::to(&database).await;
    Some((World::of(&wire.url, NOW).await, wire, database))
}

async fn submit(world: &World, key: &str) -> Value {
    let request = json!({ "query": SUBMIT, "variables": { "input": submission("root", key) } });
    world.ask(&request).await
}

/// Submits again and again until it is taken; returns whether that was a replay.
pub async fn submit_until_taken(world: &World, key: &str) -> bool {
    let taken = async {
        loop {
            let answer = submit(world, key).await;
            if let Some(replayed) = answer["data"]["submitInitiative"]["replayed"].as_bool() {
                return replayed;
            }
        }
    };
    in_time(taken).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_that_never_comes_is_not_waited_for() {
    let Some((world, wire, database)) = world().await else { return };
    assert!(!submit_until_taken(&world, "before").await);
    wire.set_silent(true);
    let began = Instant::now();
    assert_eq!(code_of(&submit(&world, "during").await), "UNAVAILABLE");
    let list = json!({ "query": "{ root { initiatives(first: 1) { nodes { title } } } }" });
    assert_eq!(code_of(&world.ask(&list).await), "UNAVAILABLE");
    assert!(began.elapsed() < SETTLED, "{:?}", began.elapsed());
    wire.set_silent(false);
    submit_until_taken(&world, "during").await;
    submit_until_taken(&world, "after").await;
    assert_eq!(ask_number(&database, "select count(*) from initiatives").await, 3);
    verify_database(&database).await;
}

/// The server neither gets the commit nor hears that its connection is gone, and so holds the counter row.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_was_lost_is_said_not_to_be_taken() {
    let Some((world, wire, database)) = world().await else { return };
    assert!(!submit_until_taken(&world, "before").await);
    wire.lose_next_commit(Loss::Request);
    let answer = timeout(SETTLED, submit(&world, "lost")).await.expect("it is settled");
    assert_eq!(code_of(&answer), "UNAVAILABLE");
    assert!(!wire.awaits_commit());
    assert!(!submit_until_taken(&world, "lost").await, "nothing of it was there");
    assert_eq!(ask_number(&database, "select count(*) from initiatives").await, 2);
    verify_database(&database).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_reply_was_lost_is_acknowledged() {
    let Some((world, wire, database)) = world().await else { return };
    assert!(!submit_until_taken(&world, "before").await);
    wire.lose_next_commit(Loss::Reply);
    let answer = timeout(SETTLED, submit(&world, "there")).await.expect("it is settled");
    assert_eq!(answer["data"]["submitInitiative"]["replayed"], false, "{answer}");
    assert!(submit_until_taken(&world, "there").await);
    assert_eq!(ask_number(&database, "select count(*) from initiatives").await, 2);
    verify_database(&database).await;
}

/// With a submission under way whose commit cannot be settled.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_ends_in_time_though_the_database_is_silent() {
    const PROMISED: Duration = Duration::from_secs(25);
    let Some(cluster) = postgres::cluster() else { return };
    let wire = Wire::to(&cluster.fresh_database()).await;
    let program = Command::new(env!("CARGO_BIN_EXE_sangkien"));
    let mut program = crash::with_arguments(program, &wire.url);
    program.stderr(Stdio::piped());
    let mut server = Server::start(program).await;
    let submission = json!({ "query": SUBMIT, "variables": { "input": submission("root", "k") } });
    wire.lose_next_commit(Loss::Reply);
    let request = reqwest::Client::new().post(format!("{}/graphql", server.address));
    let asked = tokio::spawn(request.bearer_auth(crash::TOKEN).json(&submission).send());
    in_time(async {
        while wire.awaits_commit() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    wire.set_silent(true);
    let began = Instant::now();
    let stderr = server.child.stderr.take().unwrap();
    let pid = server.child.id().to_string();
    assert!(Command::new("kill").args(["-s", "TERM", &pid]).status().unwrap().success());
    let ended = tokio::task::spawn_blocking(move || server.child.wait().unwrap());
    timeout(PATIENCE, ended).await.expect("it ends").unwrap();
    assert!(began.elapsed() < PROMISED, "it took {:?}", began.elapsed());
    let mut said = String::new();
    std::io::Read::read_to_string(&mut { stderr }, &mut said).unwrap();
    assert!(said.contains("PostgreSQL did not answer"), "{said}");
    let _answered = asked.await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_writer_writes_under_its_settings() {
    let Some(cluster) = postgres::cluster() else { return };
    let database = cluster.fresh_database();
    let world = World::of(&database, NOW).await;
    assert_eq!(settings_of_writer(&world, &database).await, SETTINGS);
}

/// The settings under which the writer of a node writes its next event, whichever way it comes to the database.
pub async fn settings_of_writer(world: &World, database: &str) -> String {
    const NOTE: &str = "
        create table noted (settings text);
        create function note() returns trigger language plpgsql as $$ begin
            insert into noted select string_agg(current_setting(name), ' ' order by place)
                from unnest(array['statement_timeout', 'lock_timeout',
                    'idle_in_transaction_session_timeout', 'jit', 'synchronous_commit',
                    'transaction_isolation', 'client_encoding', 'tcp_keepalives_idle'])
                    with ordinality as wanted (name, place);
            return null;
        end $$;
        create trigger note after insert on events for each statement execute function note();";
    run_sql(database, NOTE).await;
    submit_until_taken(world, "noted").await;
    ask_text(database, "select settings from noted limit 1").await
}

/// Settings of the database, and of our role in it, that would harm us are set to rights.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_of_the_database_do_not_reach_us() {
    let Some(cluster) = postgres::cluster() else { return };
    let database = cluster.fresh_database();
    run_sql(
        &database,
        "do $$ begin
            execute format('alter database %I set synchronous_commit = off', current_database());
            execute format('alter database %I set statement_timeout = 0', current_database());
            execute format('alter database %I set default_transaction_isolation = serializable',
                current_database());
            execute format('alter database %I set client_encoding = latin1', current_database());
            execute format('alter role %I in database %I set lock_timeout = 0', current_user,
                current_database());
            execute format('alter role %I in database %I set jit = on', current_user,
                current_database());
            execute format('alter role %I in database %I set idle_in_transaction_session_timeout = 0',
                current_user, current_database());
        end $$",
    )
    .await;
    let mut plain = PgConnection::connect(&database).await.unwrap();
    let off: String =
        sqlx::query_scalar("show synchronous_commit").fetch_one(&mut plain).await.unwrap();
    assert_eq!(off, "off", "for others");
    let world = World::of(&database, NOW).await;
    assert_eq!(settings_of_writer(&world, &database).await, SETTINGS);
    verify_database(&database).await;
}
