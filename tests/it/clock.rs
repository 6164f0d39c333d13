//! Clocks that are wrong: on the node, on the database's machine, at a start and while a server runs.

use sangkien::domain::clock::{Clock as _, ManualClock, SystemClock};
use sangkien::domain::{Command as Change, Timestamp, UnitId, UnitRef, Version};
use sangkien::writer::{Failure, Unavailable};
use serde_json::json;

use crate::commands;
use crate::crash::{Server, ended, serve};
use crate::harness::{World, code_of};
use crate::writer_node::{Backend, WriterNode};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

fn submit(key: &str) -> Change {
    Change::Submit(commands::submit(key, UnitRef::Id(UnitId(1))))
}

fn in_days(days: i64) -> Timestamp {
    Timestamp(SystemClock.now().0 + days * DAY_MS)
}

/// The database's time is that of all nodes; SQLite has the machine's.
#[tokio::test]
async fn the_wrong_clock_of_a_node_moves_no_midnight() {
    let wrong = ManualClock::of_machine(in_days(40));
    let Some(node) = WriterNode::open_by(Backend::Postgres, wrong, 1).await else { return };
    let reply = node.execute(submit("a")).await.unwrap();
    let now = SystemClock.now();
    let events = node.events_after(Version::ZERO).await;
    assert_eq!(events.last().unwrap().version, reply.version);
    for event in events {
        let off = now.0 - event.at.0;
        assert!((0..MINUTE_MS).contains(&off), "event {} is {off} ms off", event.version);
    }
    assert_eq!(node.hub.latest().today(), now.day());
}

#[tokio::test]
async fn time_that_moves_stops_changes_until_it_is_right_again() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let right = SystemClock.now();
        let clock = ManualClock::of_machine(right);
        let Some(node) = WriterNode::open_by(backend, clock, 1).await else { continue };
        let before = node.execute(submit("a")).await.unwrap().version;
        // The clock of PostgreSQL is the system's: so it is the passing time that differs.
        let jump = |ms: i64| match backend {
            Backend::Sqlite => node.clock.set(Timestamp(right.0 + ms)),
            Backend::Postgres => node.clock.advance_ms(ms),
        };
        for ms in [2 * MINUTE_MS, 2 * DAY_MS] {
            jump(ms);
            let refused = node.execute(submit("b")).await.unwrap_err();
            assert_eq!(refused, Failure::Unavailable(Unavailable::Clock), "{ms}");
            assert!(node.writer.standstill().is_some());
            assert_eq!(node.hub.latest().version(), before, "no day begins either");
            if backend == Backend::Postgres {
                jump(-ms);
            }
        }
        jump(0);
        let reply = node.execute(submit("b")).await.unwrap();
        assert_eq!(reply.version, before.next());
        assert!(node.writer.standstill().is_none());
    }
}

#[tokio::test]
async fn a_server_whose_time_is_wrong_is_not_ready() {
    let right = Timestamp::parse("2022-05-10T08:00:00+07:00").unwrap();
    let world = World::empty_by(ManualClock::of_machine(right)).await;
    let ready = async || {
        let answer = world.get("/health/ready").send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let upsert = json!({ "query": "mutation {
        upsertUnit(input: { code: \"root\", memberCount: 7 }) { errors { code } } }" });
    assert_eq!(ready().await, (200, format!("ready\nsangkien {}\n", env!("CARGO_PKG_VERSION"))));
    world.clock.set(Timestamp(right.0 - DAY_MS));
    assert_eq!(code_of(&world.ask(&upsert).await), "UNAVAILABLE");
    let (status, said) = ready().await;
    assert!(status == 503 && said.contains("the time is wrong"), "{status} {said}");
    let answer = world.ask(&json!({ "query": "{ root { code } }" })).await;
    assert_eq!(answer["data"]["root"]["code"], "root", "it goes on reading");
    world.clock.set(right);
    assert_eq!(world.ask(&upsert).await["errors"], json!(null));
    assert_eq!(ready().await.0, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_at_a_doubtful_time_is_refused_until_it_is_accepted() {
    let dir = tempfile::tempdir().unwrap();
    let units = dir.path().join("units.csv");
    std::fs::write(&units, "code,name,kind\nroot,Tổng,CONFEDERATION\n").unwrap();
    for backend in [Backend::Sqlite, Backend::Postgres] {
        for days in [3, -402] {
            let last = in_days(days);
            let Some(node) = WriterNode::open(backend, last, 1).await else { continue };
            let before = node.execute(submit("a")).await.unwrap().version;
            let url = node.url.as_str();
            for refused in [
                ended(&["serve", "--listen", "127.0.0.1:0", "--database", url]),
                ended(&["import", "--database", url, "units", units.to_str().unwrap()]),
            ] {
                let said = String::from_utf8(refused.stderr).unwrap();
                assert_eq!(refused.status.code(), Some(2), "{said}");
                let names = [last.to_rfc3339(), "--accept-clock".to_owned()];
                assert!(names.iter().all(|name| said.contains(name)), "{said}");
            }
            assert_eq!(node.store.begin_read().await.unwrap().version(), before);
            let mut command = serve(url);
            command.arg("--accept-clock");
            Server::start(command).await.stop().await;
        }
    }
}
