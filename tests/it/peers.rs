//! Several nodes on one PostgreSQL: they hear of one another, and go on when they do not.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use sangkien::domain::{Actor, Command, Timestamp, UnitRef};
use sangkien::store::Store;
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};
use tokio::time::{Instant, sleep};

use crate::commands;
use crate::crash::{self, Server};
use crate::database::{ask_number, in_time, run_sql, verify_database};
use crate::deadlines::NOW;
use crate::harness::{SUBMIT, World, code_of, submission};
use crate::postgres;
use crate::wire::{Loss, Wire};
use crate::writer_node::{Backend, WriterNode};

/// How often a node looks by itself.
const LOOKS_EVERY: Duration = Duration::from_millis(500);
const FEED: &str = "subscription { initiativeEvents { version } }";

/// Submits at one node; returns the version.
async fn submit(world: &World, key: &str) -> i64 {
    let payload = world.change(SUBMIT, submission("root", key)).await;
    payload["initiative"]["version"].as_i64().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_hears_of_a_commit_at_once() {
    const COMMITS: u32 = 20;
    let Some(cluster) = postgres::cluster() else { return };
    let database = cluster.fresh_database();
    let (one, other) = (World::of(&database, NOW).await, World::of(&database, NOW).await);
    // Until it listens it only looks.
    other.await_version(submit(&one, "first").await).await;
    let began = Instant::now();
    for number in 0..COMMITS {
        other.await_version(submit(&one, &number.to_string()).await).await;
    }
    assert!(began.elapsed() < LOOKS_EVERY * COMMITS / 4, "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_goes_on_when_the_node_no_longer_hears_of_commits() {
    const LISTENERS: &str = "select count(*) from pg_stat_activity
        where datname = current_database() and application_name = 'sangkien listener'";
    const END_LISTENERS: &str = "select count(pg_terminate_backend(pid)) from pg_stat_activity
        where datname = current_database() and application_name = 'sangkien listener'";
    let Some(cluster) = postgres::cluster() else { return };
    let database = cluster.fresh_database();
    let (one, other) = (World::of(&database, NOW).await, World::of(&database, NOW).await);
    let mut socket = other.socket().await;
    socket.subscribe("feed", FEED).await;
    for round in 0..3 {
        in_time(async { while ask_number(&database, LISTENERS).await < 2 {} }).await;
        assert_eq!(ask_number(&database, END_LISTENERS).await, 2);
        for number in 0..5 {
            let version = submit(&one, &format!("{round} {number}")).await;
            assert_eq!(socket.next().await, json!({ "version": version }));
        }
    }
}

/// The line of the second node is cut, or its replies stop, for all of its connections.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_goes_on_when_the_line_is_back() {
    let Some(cluster) = postgres::cluster() else { return };
    let database = cluster.fresh_database();
    let wire = Wire::to(&database).await;
    let (one, other) = (World::of(&database, NOW).await, World::of(&wire.url, NOW).await);
    let mut socket = other.socket().await;
    socket.subscribe("feed", FEED).await;
    for round in ["cut", "silent", "cut again"] {
        let first = submit(&one, &format!("{round} 1")).await;
        assert_eq!(socket.next().await, json!({ "version": first }));
        match round {
            "silent" => wire.set_silent(true),
            _ => wire.cut(),
        }
        let second = submit(&one, &format!("{round} 2")).await;
        wire.set_silent(false);
        assert_eq!(socket.next().await, json!({ "version": second }));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_node_asks_little() {
    const ASKED: usize = 15;
    const A_SECOND: u32 = 5;
    let Some(cluster) = postgres::cluster() else { return };
    let wire = Wire::to(&cluster.fresh_database()).await;
    let _idle = World::of(&wire.url, NOW).await;
    // The first look makes its connection.
    let first = wire.asked() + 10;
    in_time(async {
        while wire.asked() < first {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let began = Instant::now();
    in_time(async {
        while wire.asked() < first + ASKED {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let least = Duration::from_secs(1) * ASKED as u32 / A_SECOND;
    assert!(began.elapsed() > least, "{ASKED} in {:?}", began.elapsed());
}

/// A node stands still, as a whole, while its transaction holds the counter row; later it goes on: in long runs a minute
/// later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_stands_still_holds_nobody_up_for_long() {
    const GOES_ON_WITHIN: Duration = Duration::from_secs(3);
    let Some(cluster) = postgres::cluster() else { return };
    let database = cluster.fresh_database();
    let wire = Wire::to(&database).await;
    let program = std::process::Command::new(env!("CARGO_BIN_EXE_sangkien"));
    let one = Server::start(crash::with_arguments(program, &wire.url)).await;
    let other = World::of(&database, NOW).await;
    submit(&other, "before").await;
    let send = |key: &str| {
        let body = json!({ "query": SUBMIT, "variables": { "input": submission("root", key) } });
        let request = reqwest::Client::new().post(format!("{}/graphql", one.address));
        let asked = request.bearer_auth(crash::TOKEN).json(&body).send();
        tokio::spawn(async { asked.await.unwrap().json::<Value>().await.unwrap() })
    };
    wire.lose_next_commit(Loss::Request);
    let held = send("held");
    in_time(async {
        while wire.awaits_commit() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    signal(&one, "STOP");
    let began = Instant::now();
    submit(&other, "meanwhile").await;
    let took = began.elapsed();
    sleep(frozen_for().saturating_sub(took)).await;
    signal(&one, "CONT");
    assert!(took < GOES_ON_WITHIN, "{took:?}");
    assert_eq!(code_of(&in_time(held).await.unwrap()), "UNAVAILABLE");
    for key in ["held", "after"] {
        let answer = in_time(send(key)).await.unwrap();
        assert_eq!(answer["data"]["submitInitiative"]["replayed"], false, "{answer}");
    }
    assert_eq!(ask_number(&database, "select count(*) from initiatives").await, 4);
    assert!(one.stop().await.success());
    verify_database(&database).await;
}

/// `SANGKIEN_FROZEN_SECS`; else no longer than the others need to go on.
fn frozen_for() -> Duration {
    let seconds = std::env::var("SANGKIEN_FROZEN_SECS").map(|it| it.parse().expect("seconds"));
    Duration::from_secs(seconds.unwrap_or(0))
}

fn signal(server: &Server, name: &str) {
    let pid = server.child.id().to_string();
    let sent = std::process::Command::new("kill").args(["-s", name, &pid]).status();
    assert!(sent.unwrap().success());
}

/// Somebody's transaction keeps an index from being made; nobody else is kept from writing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_makes_indexes_keeps_nobody_from_writing() {
    const BUILDS: &str = "select count(*) from pg_stat_activity
        where datname = current_database() and query like 'create index%' and wait_event_type = 'Lock'";
    let Some(cluster) = postgres::cluster() else { return };
    let database = cluster.fresh_database();
    let one = World::of(&database, NOW).await;
    submit(&one, "before").await;
    run_sql(&database, "drop index initiatives_by_status, initiatives_by_words").await;
    let mut somebody = PgConnection::connect(&database).await.unwrap();
    let mut somebody = somebody.begin().await.unwrap();
    sqlx::query("update initiatives set title = title where false")
        .execute(&mut *somebody)
        .await
        .unwrap();
    let url = database.clone();
    let starting = tokio::spawn(async move { Store::open_for_serving(&url).await.unwrap() });
    in_time(async { while ask_number(&database, BUILDS).await == 0 {} }).await;
    submit(&one, "meanwhile").await;
    assert_eq!(ask_number(&database, BUILDS).await, 1, "it is still waited for");
    somebody.rollback().await.unwrap();
    let (other, _lock) = in_time(starting).await.unwrap();
    assert!(other.missing_indexes().await.unwrap().is_empty());
    other.close().await;
}

#[tokio::test]
async fn an_index_whose_making_was_cut_off_is_made_anew() {
    const CUT_OFF: &str = "update pg_index set indisvalid = false
        where indexrelid = 'initiatives_by_status'::regclass";
    let Some(cluster) = postgres::cluster() else { return };
    let database = cluster.fresh_database();
    let store = Store::open(&database).await.unwrap();
    run_sql(&database, CUT_OFF).await;
    let missing = store.missing_indexes().await.unwrap();
    assert_eq!(missing.iter().map(|it| it.name()).collect::<Vec<_>>(), ["initiatives_by_status"]);
    store.make_indexes(missing, |_| ()).await.unwrap();
    assert!(store.missing_indexes().await.unwrap().is_empty());
    run_sql(&database, CUT_OFF).await;
    let (server, _lock) = Store::open_for_serving(&database).await.unwrap();
    assert!(server.missing_indexes().await.unwrap().is_empty());
}

/// A node that has missed much reads it before it holds the others up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_missed_much_catches_up_first() {
    const MISSED: usize = 700;
    let now = Timestamp::parse(NOW).unwrap();
    let Some(node) = WriterNode::open(Backend::Postgres, now, 1).await else { return };
    // Two writers of one store do not wake each other, so the second one looks only now and then.
    let (writer, hub, running) = node.second().await;
    let root = UnitRef::Code("root".to_owned());
    let sent = (0..MISSED).map(|number| {
        node.execute(Command::Submit(commands::submit(format!("k-{number}"), root.clone())))
    });
    for reply in join_all(sent).await {
        reply.unwrap();
    }
    let command = Command::Submit(commands::submit("last", root));
    let reply = writer.execute(command, Arc::new(Actor::SYSTEM)).await.unwrap();
    assert_eq!(hub.latest().version(), reply.version);
    running.stop().await.unwrap();
    assert!(node.verify().await.is_clean());
}
