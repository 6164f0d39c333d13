//! The writer on each database: several at once, more than they can take, rows that the database
//! will not have, and a database that goes away.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use futures_util::FutureExt as _;
use futures_util::future::{join, join_all};
use sangkien::board;
use sangkien::domain::clock::ManualClock;
use sangkien::domain::command::{DeleteUnit, RenameUnit, ReviewDecision, Submit, UpsertUnit};
use sangkien::domain::{
    Actor, Command, Day, Event, EventBody, Initiative, InitiativeId, Outcome, UnitRef, Version,
};
use sangkien::feed::Hub;
use sangkien::feed::event_feed::{Budget, EventFeed};
use sangkien::limits::WRITER_QUEUE;
use sangkien::store::Store;
use sangkien::supervisor::Supervisor;
use sangkien::writer::tags::Tags;
use sangkien::writer::{self, Failure, Reply, Unavailable, Writer, WriterHandle};
use sqlx::{Connection as _, PgConnection};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::chance;
use crate::commands::{self, withdraw};
use crate::conformance::on_each_database;
use crate::database::{Kind, ask_number, in_time, run_sql, verify_database};

on_each_database! {
    two_nodes_come_to_the_same
    one_key_at_two_nodes_is_one_initiative
    a_day_begins_once
    a_full_queue_refuses_and_loses_nothing
    what_arrives_before_the_counter_row_is_ours_comes_along
    a_unit_that_gets_its_code_in_the_batch_of_its_deletion_stays
    a_row_that_the_database_refuses_fails_alone
    stopping_carries_out_what_waits
    the_writer_outlives_its_handle
}

const LEAVES: [&str; 3] = ["la-1", "la-2", "la-3"];

async fn two_nodes_come_to_the_same(kind: Kind) {
    const EACH: usize = 60;
    let database = kind.fresh();
    let clock = clock();
    // Both find an empty database, and one of them founds it.
    let (one, other) = join(node(&database.url, &clock, 1), node(&database.url, &clock, 2)).await;
    found(&one).await;
    let head = one.hub.latest().version();
    in_time(other.hub.reached(head)).await;
    let mut feeds = [one.follow().await, other.follow().await];

    let mut load = JoinSet::new();
    for (node, name) in [(&one, "one"), (&other, "other")] {
        for number in 0..EACH {
            let writer = node.writer.clone();
            load.spawn(async move {
                let mut rng = chance::rng(number as u64);
                let submitted = submit(&format!("{name} {number}"), LEAVES[rng.usize(..3)], number);
                let id = initiative(execute(&writer, submitted).await).id;
                if rng.bool() {
                    execute(&writer, review(id)).await;
                }
                if rng.u8(..4) == 0 {
                    execute(&writer, withdraw(id)).await;
                }
            });
        }
    }
    load.join_all().await;
    let last = verify_database(&database.url).await;
    for node in [&one, &other] {
        in_time(node.hub.reached(last)).await;
    }
    assert_eq!(one.cells(), other.cells());
    let fresh = node(&database.url, &clock, 3).await;
    assert_eq!(one.cells(), fresh.cells(), "as counted afresh");

    let mut told: [Vec<Arc<Event>>; 2] = Default::default();
    for (feed, told) in feeds.iter_mut().zip(&mut told) {
        while told.last().is_none_or(|event| event.version < last) {
            told.push(in_time(feed.next(|_| true, &Unbounded)).await.unwrap());
        }
    }
    assert_eq!(told[0], told[1], "each tells what the other wrote");
    assert_eq!(told[0].len(), usize::try_from(last.0 - head.0).unwrap());
    assert_eq!(one.days().await, 1, "the first day begins once");
    let roots = "select count(*) from units where parent_id is null";
    assert_eq!(ask_number(&database.url, roots).await, 1);
    for node in [one, other, fresh] {
        node.stop().await;
    }
}

async fn one_key_at_two_nodes_is_one_initiative(kind: Kind) {
    let database = kind.fresh();
    let clock = clock();
    let (one, other) = join(node(&database.url, &clock, 1), node(&database.url, &clock, 2)).await;
    found(&one).await;
    for number in 0..20 {
        let same = submit(&format!("chung {number}"), "la-1", number);
        let replies = join(execute(&one.writer, same.clone()), execute(&other.writer, same)).await;
        let replayed = [was_replayed(&replies.0), was_replayed(&replies.1)];
        assert!(replayed == [true, false] || replayed == [false, true], "{replayed:?}");
        assert_eq!(initiative(replies.0).id, initiative(replies.1).id);
    }
    assert_eq!(ask_number(&database.url, "select count(*) from initiatives").await, 20);
    verify_database(&database.url).await;
}

async fn a_day_begins_once(kind: Kind) {
    let database = kind.fresh();
    let clock = clock();
    let (one, other) = join(node(&database.url, &clock, 1), node(&database.url, &clock, 2)).await;
    let before = one.days().await;
    // Three midnights pass; both nodes see it at once.
    let day = first_day().plus(3);
    clock.set(day.start());
    for node in [&one, &other] {
        let mut versions = node.hub.versions();
        in_time(async {
            while node.hub.latest().today() < day {
                versions.changed().await.unwrap();
            }
        })
        .await;
    }
    assert_eq!(one.days().await, before + 3);
    one.stop().await;
    other.stop().await;
    verify_database(&database.url).await;
}

async fn a_full_queue_refuses_and_loses_nothing(kind: Kind) {
    let database = kind.fresh();
    let node = node(&database.url, &clock(), 1).await;
    found(&node).await;
    let holding = node.store.begin_write().await.unwrap();
    let mut sent = 0;
    let mut send = || {
        sent += 1;
        let writer = node.writer.clone();
        let command = submit(&format!("đợi {sent}"), LEAVES[sent % 3], sent % 50);
        Box::pin(async move { writer.execute(command, Arc::new(Actor::SYSTEM)).await })
    };
    let mut waiting = Vec::new();
    // The test awaits nothing here, so the writer takes no command either.
    for _ in 0..WRITER_QUEUE {
        let mut command = send();
        assert!((&mut command).now_or_never().is_none(), "it waits");
        waiting.push(command);
    }
    let refused = send().now_or_never().expect("it is answered at once");
    assert_eq!(refused, Err(Failure::Unavailable(Unavailable::QueueFull)));
    // The writer takes a batch, and then stands: the batch makes room for as many commands, and no
    // more.
    let refused = in_time(async {
        loop {
            let mut command = send();
            match (&mut command).now_or_never() {
                None => break waiting.push(command),
                Some(answer) => assert!(answer.is_err()),
            }
            tokio::task::yield_now().await;
        }
        loop {
            let mut command = send();
            match (&mut command).now_or_never() {
                None => waiting.push(command),
                Some(answer) => break answer,
            }
        }
    })
    .await;
    assert_eq!(refused, Err(Failure::Unavailable(Unavailable::QueueFull)));
    assert!(waiting.len() <= WRITER_QUEUE + sangkien::limits::BATCH_MAX);
    drop(holding);
    let count = waiting.len();
    for reply in join_all(waiting).await {
        reply.expect("what was taken is carried out");
    }
    let there = ask_number(&database.url, "select count(*) from initiatives").await;
    assert_eq!(usize::try_from(there).unwrap(), count);
    node.stop().await;
    verify_database(&database.url).await;
}

async fn what_arrives_before_the_counter_row_is_ours_comes_along(kind: Kind) {
    let database = kind.fresh();
    let node = node(&database.url, &clock(), 1).await;
    found(&node).await;
    let head = node.hub.latest().version();
    let mut versions = node.hub.versions();
    let holding = node.store.begin_write().await.unwrap();
    let send = |number: usize| {
        let (writer, command) = (node.writer.clone(), submit(&number.to_string(), "la-1", number));
        let mut sent =
            Box::pin(async move { writer.execute(command, Arc::new(Actor::SYSTEM)).await });
        assert!((&mut sent).now_or_never().is_none(), "it waits");
        sent
    };
    let mut sent = vec![send(0)];
    in_time(async {
        while node.writer.waiting() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    // The writer has seen the first, and stands.
    sent.extend([send(1), send(2)]);
    versions.mark_unchanged();
    drop(holding);
    in_time(versions.changed()).await.unwrap();
    assert_eq!(node.hub.latest().version(), Version(head.0 + 3), "published together");
    for reply in join_all(sent).await {
        reply.unwrap();
    }
    node.stop().await;
}

/// The rows that a batch needs are read before its first command, which changes how units are named.
async fn a_unit_that_gets_its_code_in_the_batch_of_its_deletion_stays(kind: Kind) {
    let database = kind.fresh();
    let node = node(&database.url, &clock(), 1).await;
    found(&node).await;
    execute(&node.writer, submit("một", "la-1", 1)).await;
    let holding = node.store.begin_write().await.unwrap();
    let send = |command: Command| {
        let writer = node.writer.clone();
        let mut sent =
            Box::pin(async move { writer.execute(command, Arc::new(Actor::SYSTEM)).await });
        assert!((&mut sent).now_or_never().is_none(), "it waits");
        sent
    };
    let code = |code: &str| UnitRef::Code(code.to_owned());
    let rename = |from: &str, to: &str| {
        Command::RenameUnit(RenameUnit { unit: code(from), code: to.to_owned() })
    };
    let delete = |unit: &str| Command::DeleteUnit(DeleteUnit { unit: code(unit), reason: None });
    let mut sent = vec![send(submit("hai", "la-1", 1))];
    in_time(async {
        while node.writer.waiting() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let commands = [rename("la-1", "x"), rename("x", "y"), delete("y")];
    sent.extend(commands.map(send));
    drop(holding);
    let replies = join_all(sent).await;
    let refused = replies.iter().map(Result::is_err).collect::<Vec<_>>();
    assert_eq!(refused, [false, false, false, true], "{replies:?}");
    let board = node.hub.latest();
    assert!(board.structure.resolve_unit(&code("y")).is_some());
    node.stop().await;
}

async fn a_row_that_the_database_refuses_fails_alone(kind: Kind) {
    let database = kind.fresh();
    let node = node(&database.url, &clock(), 1).await;
    found(&node).await;
    execute(&node.writer, submit("đầu", "la-1", 1)).await;
    // Behind the writer's back somebody takes the number of the next person.
    let occupy = "insert into people (id, unit_id, identity)
        select person_id + 1, 1, 'name:không ai' from counter";
    run_sql(&database.url, occupy).await;
    let batch = [
        submit("trước", "la-1", 1),
        submit("hỏng", "la-1", 2),
        submit("sau", "la-1", 1),
        Command::UpsertUnit(leaf("la-4")),
    ];
    let send = |command: Command| node.writer.execute(command, Arc::new(Actor::SYSTEM));
    let replies = join_all(batch.clone().map(send)).await;
    assert_eq!(replies[1], Err(Failure::Internal));
    for (place, reply) in replies.iter().enumerate().filter(|(place, _)| *place != 1) {
        assert!(reply.is_ok(), "{place}: {reply:?}");
    }
    run_sql(&database.url, "delete from people where identity = 'name:không ai'").await;
    let again = execute(&node.writer, batch[1].clone()).await;
    assert!(!was_replayed(&again), "nothing of it had been left");
    node.stop().await;
    verify_database(&database.url).await;
}

async fn stopping_carries_out_what_waits(kind: Kind) {
    let database = kind.fresh();
    let node = node(&database.url, &clock(), 1).await;
    found(&node).await;
    let mut waiting = Vec::new();
    for number in 0..100 {
        let (writer, command) = (node.writer.clone(), submit(&number.to_string(), "la-2", number));
        let mut command =
            Box::pin(async move { writer.execute(command, Arc::new(Actor::SYSTEM)).await });
        assert!((&mut command).now_or_never().is_none());
        waiting.push(command);
    }
    let writer = node.writer.clone();
    node.stop().await;
    for reply in join_all(waiting).await {
        reply.expect("it was taken before the end");
    }
    let late = writer.execute(submit("muộn", "la-2", 1), Arc::new(Actor::SYSTEM)).await;
    assert_eq!(late, Err(Failure::Unavailable(Unavailable::Stopping)));
    assert_eq!(ask_number(&database.url, "select count(*) from initiatives").await, 100);
}

async fn the_writer_outlives_its_handle(kind: Kind) {
    let database = kind.fresh();
    let node = node(&database.url, &clock(), 1).await;
    drop(node.running);
    for number in 0..3 {
        let command = submit(&number.to_string(), "root", number);
        node.writer.execute(command, Arc::new(Actor::SYSTEM)).await.expect("it still writes");
    }
}

/// A command that was refused only because of an earlier one in its batch is unavailable, too, if
/// the batch is not committed.
#[tokio::test]
async fn a_commit_that_fails_leaves_nothing_and_refuses_nothing() {
    let Some(kind) = Kind::postgres() else { return };
    let database = kind.fresh();
    let node = node(&database.url, &clock(), 1).await;
    found(&node).await;
    let fail = "create function fail() returns trigger language plpgsql as
            $$ begin raise exception 'not this one'; end $$;
        create constraint trigger fail after insert on events deferrable initially deferred
            for each row execute function fail()";
    run_sql(&database.url, fail).await;
    let commands = [submit("cùng", "la-1", 1), submit("cùng", "la-2", 1)];
    let send = |command: Command| node.writer.execute(command, Arc::new(Actor::SYSTEM));
    let replies = in_time(join_all(commands.clone().map(send))).await;
    for reply in replies {
        assert_eq!(reply, Err(Failure::Unavailable(Unavailable::NotTaken)));
    }
    run_sql(&database.url, "drop trigger fail on events").await;
    for reply in join_all(commands.map(send)).await.iter().take(1) {
        assert!(reply.is_ok(), "{reply:?}");
    }
    node.stop().await;
    verify_database(&database.url).await;
}

/// Connections are cut again and again while commands are on their way. A client that was told
/// UNAVAILABLE sends the same again, and in the end each initiative is there once.
#[tokio::test]
async fn postgresql_goes_away_and_comes_back() {
    const CLIENTS: usize = 8;
    const EACH: usize = 25;
    const CUTS: u32 = 15;
    let Some(kind) = Kind::postgres() else { return };
    let database = kind.fresh();
    let node = node(&database.url, &clock(), 1).await;
    found(&node).await;
    let (server, name) = database.url.rsplit_once('/').unwrap();
    let mut control = PgConnection::connect(&format!("{server}/postgres")).await.unwrap();
    let (progress, mut progressed) = watch::channel(0_usize);
    let progress = Arc::new(progress);
    let done = Arc::new(AtomicBool::new(false));
    let unavailable = Arc::new(AtomicU32::new(0));
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let writer = node.writer.clone();
        let (progress, unavailable) = (Arc::clone(&progress), Arc::clone(&unavailable));
        clients.spawn(async move {
            let mut told = Vec::new();
            // The client goes on until one of the cuts has met a batch.
            for number in 0.. {
                if number >= EACH && unavailable.load(Ordering::Relaxed) > 0 {
                    break;
                }
                let key = format!("{client} {number}");
                let id = loop {
                    let command = submit(&key, LEAVES[number % 3], number);
                    match writer.execute(command, Arc::new(Actor::SYSTEM)).await {
                        Ok(reply) => break initiative(reply).id,
                        Err(Failure::Unavailable(_)) => {
                            unavailable.fetch_add(1, Ordering::Relaxed);
                            progress.send_modify(|tries| *tries += 1);
                        }
                        Err(failure) => panic!("{failure:?}"),
                    }
                };
                progress.send_modify(|tries| *tries += 1);
                told.push((key, id));
            }
            told
        });
    }
    let (name, finished) = (name.to_owned(), Arc::clone(&done));
    let met = Arc::clone(&unavailable);
    let cutting = tokio::spawn(async move {
        let mut cuts = 0;
        while !finished.load(Ordering::Relaxed) && (cuts < CUTS || met.load(Ordering::Relaxed) == 0)
        {
            progressed.changed().await.unwrap();
            let cut: i64 = sqlx::query_scalar(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = $1",
            )
            .bind(&name)
            .fetch_one(&mut control)
            .await
            .unwrap();
            cuts += u32::from(cut > 0);
        }
        cuts
    });
    let told: BTreeMap<String, InitiativeId> =
        in_time(clients.join_all()).await.into_iter().flatten().collect();
    done.store(true, Ordering::Relaxed);
    progress.send_modify(|tries| *tries += 1);
    assert!(cutting.await.unwrap() >= CUTS);
    assert!(told.len() >= CLIENTS * EACH);

    // Connections that were cut last are replaced without anybody's help.
    let last = loop {
        let command = submit("cuối", "la-1", 1);
        match in_time(node.writer.execute(command, Arc::new(Actor::SYSTEM))).await {
            Ok(reply) => break reply.version,
            Err(failure) => assert!(matches!(failure, Failure::Unavailable(_))),
        }
    };
    assert!(node.hub.latest().version() >= last);
    node.stop().await;
    let store = database.open().await;
    let ids: Vec<InitiativeId> = told.values().copied().collect();
    let there = store.begin_read().await.unwrap().initiatives(&ids).await.unwrap();
    let there: BTreeMap<String, InitiativeId> =
        there.into_iter().map(|initiative| (initiative.key, initiative.id)).collect();
    assert_eq!(there, told, "each under the number that was told");
    let count = ask_number(&database.url, "select count(*) from initiatives").await;
    assert_eq!(usize::try_from(count).unwrap(), told.len() + 1, "and none besides");
    verify_database(&database.url).await;
}

// Nodes and commands.

struct Node {
    writer: Writer,
    hub: Arc<Hub>,
    store: Store,
    running: WriterHandle,
}

impl Node {
    async fn follow(&self) -> EventFeed {
        EventFeed::open(Arc::clone(&self.hub), self.store.clone(), None).await.unwrap()
    }

    /// Every number of every unit and period.
    fn cells(&self) -> Vec<String> {
        let snapshot = self.hub.latest();
        let mut cells = Vec::new();
        for unit in snapshot.structure.units() {
            for period in snapshot.structure.periods() {
                let cell = snapshot.cell(unit.id, period.id);
                cells.push(format!("{} {} {cell:?}", unit.code, period.code));
            }
        }
        cells
    }

    async fn days(&self) -> usize {
        let mut tx = self.store.begin_read().await.unwrap();
        let events = tx.events_after(Version::ZERO, i64::MAX).await.unwrap();
        events.iter().filter(|event| matches!(event.body, EventBody::Day(_))).count()
    }

    async fn stop(self) {
        self.running.stop().await.expect("the writer ends in peace");
        self.store.close().await;
    }
}

async fn node(url: &str, clock: &Arc<ManualClock>, seed: u64) -> Node {
    let store = Store::open(url).await.unwrap();
    let [mut tx, other] = store.begin_reads().await.unwrap();
    let board = board::load(&mut tx, other, Arc::default()).await.unwrap();
    let (tags, its_clock) = (Tags::seeded(seed), Arc::<ManualClock>::clone(clock));
    let (writer, hub, running) =
        writer::start(store.clone(), board, its_clock, tags, &Supervisor::default()).await.unwrap();
    Node { writer, hub, store, running }
}

fn first_day() -> Day {
    Day::from_ymd(2022, 4, 21).unwrap()
}

fn clock() -> Arc<ManualClock> {
    let clock = ManualClock::new(first_day().start());
    clock.advance_ms(8 * 3_600_000);
    Arc::new(clock)
}

/// A root with three leaves.
async fn found(node: &Node) {
    execute(&node.writer, Command::UpsertUnit(commands::unit("goc", None))).await;
    for code in LEAVES {
        execute(&node.writer, Command::UpsertUnit(leaf(code))).await;
    }
}

fn leaf(code: &str) -> UpsertUnit {
    commands::unit(code, Some(UnitRef::Code("goc".to_owned())))
}

fn submit(key: &str, unit: &str, author: usize) -> Command {
    Command::Submit(Submit {
        title: format!("Sáng kiến {key}"),
        authors: vec![commands::author(format!("Người {author}"))],
        benefit_vnd: Some(1_000_000),
        ..commands::submit(key, UnitRef::Code(unit.to_owned()))
    })
}

fn review(id: InitiativeId) -> Command {
    commands::review(id, ReviewDecision::Accept)
}

async fn execute(writer: &Writer, command: Command) -> Reply {
    writer.execute(command, Arc::new(Actor::SYSTEM)).await.expect("it is carried out")
}

fn initiative(reply: Reply) -> Initiative {
    match reply.outcome {
        Outcome::Initiative { initiative, .. } => *initiative,
        other => panic!("not of an initiative: {other:?}"),
    }
}

const fn was_replayed(reply: &Reply) -> bool {
    matches!(reply.outcome, Outcome::Initiative { replayed: true, .. })
}

/// Reads as fast as it can.
struct Unbounded;

impl Budget for Unbounded {
    async fn take(&self, _: usize) {}
}
