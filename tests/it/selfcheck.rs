//! The server notices when its board and the database disagree, mends itself, and everybody is told.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use sangkien::board;
use sangkien::domain::clock::ManualClock;
use sangkien::domain::{Actor, Command, Day, Timestamp, UnitId, UnitRef};
use sangkien::feed::Hub;
use sangkien::limits::WRITER_QUEUE;
use sangkien::server::self_check::{check, check_and_repair};
use sangkien::store::Store;
use sangkien::supervisor::Supervisor;
use sangkien::writer::tags::Tags;
use sangkien::writer::{self, Writer, WriterHandle};
use serde_json::json;
use tempfile::TempDir;
use tokio::task::yield_now;

use crate::commands;
use crate::database::{ask_number, ask_text, in_time, run_sql, sqlite_url};
use crate::harness::{World, data};

/// A writer on a file, with three initiatives.
struct Node {
    url: String,
    store: Store,
    writer: Writer,
    hub: Arc<Hub>,
    running: WriterHandle,
    clock: Arc<ManualClock>,
    _folder: TempDir,
}

impl Node {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = sqlite_url(&folder.path().join("check.db"));
        let store = Store::open(&url).await.unwrap();
        let [mut tx, other] = store.begin_reads().await.unwrap();
        let board = board::load(&mut tx, other, Arc::default()).await.unwrap();
        drop(tx);
        let now = Timestamp::parse("2022-05-10T08:00:00+07:00").unwrap();
        let (clock, tags) = (Arc::new(ManualClock::new(now)), Tags::seeded(1));
        let shared = Arc::clone(&clock);
        let (writer, hub, running) =
            writer::start(store.clone(), board, shared, tags, &Supervisor::default())
                .await
                .unwrap();
        let node = Self { url, store, writer, hub, running, clock, _folder: folder };
        for key in ["a", "b", "c"] {
            node.submit(key).await;
        }
        node
    }

    async fn submit(&self, key: &str) {
        let submit = commands::submit(key, UnitRef::Id(UnitId(1)));
        self.writer.execute(Command::Submit(submit), Arc::new(Actor::SYSTEM)).await.unwrap();
    }

    fn accepted(&self) -> i32 {
        let snapshot = self.hub.latest();
        let period = snapshot.structure.default_period().unwrap();
        snapshot.cell(UnitId(1), period).counts().accepted
    }
}

/// Somebody meddles with the facts behind the server's back.
const MEDDLE: &str = "update initiatives set status = 'ACCEPTED' where key = 'b'";

#[tokio::test]
async fn a_board_that_went_wrong_is_found_out_and_made_anew() {
    let node = Node::open().await;
    let verdict = check(&node.store, &node.hub).await.unwrap();
    assert!(verdict.is_clean() && verdict.tallies > 0, "{verdict}");
    run_sql(&node.url, MEDDLE).await;
    let verdict = check(&node.store, &node.hub).await.unwrap();
    let told = verdict.to_string();
    assert!(told.contains("unit root: accepted is 0 on the board, 1 by the recount"), "{told}");
    assert!(told.contains("the calendar"), "{told}");
    assert!(told.contains("initiative 2: the row in lists"), "{told}");

    node.writer.rebuild().await.unwrap();
    assert!(check(&node.store, &node.hub).await.unwrap().is_clean());
    assert_eq!(node.accepted(), 1);
    node.running.stop().await.unwrap();
}

/// Figures that were kept since the board was last found right may have what a wrong one counted: they are made from the log.
#[tokio::test]
async fn figures_of_a_board_that_went_wrong_are_made_again() {
    let node = Node::open().await;
    let ends = async |code: &str, day: &str, next: &str| {
        for (code, day) in [("all", "2022-12-31"), (code, day)] {
            let days = ["2022-05-01", day].map(|day| Day::parse(day).unwrap());
            let upsert = Command::UpsertPeriod(commands::period(code, days));
            node.writer.execute(upsert, Arc::new(Actor::SYSTEM)).await.unwrap();
        }
        node.clock.set(Timestamp::parse(next).unwrap());
        node.submit(code).await;
    };
    let digests = async || {
        let all =
            "select group_concat(digest, ' ') from (select * from kept_figures order by version)";
        ask_text(&node.url, all).await
    };
    let kept = async |rows: i64| {
        while ask_number(&node.url, "select count(*) from kept_figures").await != rows {
            yield_now().await;
        }
    };
    ends("first", "2022-05-10", "2022-05-11T08:00:00+07:00").await;
    in_time(kept(1)).await;
    check_and_repair(&node.store, &node.hub, &node.writer).await;
    ends("second", "2022-05-11", "2022-05-12T08:00:00+07:00").await;
    in_time(kept(2)).await;
    let before = digests().await;
    run_sql(&node.url, "update kept_figures set digest = 'wrong'").await;
    run_sql(&node.url, MEDDLE).await;
    check_and_repair(&node.store, &node.hub, &node.writer).await;
    let (_, second) = before.split_once(' ').unwrap();
    // The first one is of before the last check.
    let mended = format!("wrong {second}");
    in_time(async {
        while digests().await != mended {
            yield_now().await;
        }
    })
    .await;
    node.running.stop().await.unwrap();
}

/// It cannot be made anew at first: the server is not ready until it could.
#[tokio::test]
async fn a_board_that_cannot_be_made_anew_is_tried_again() {
    let node = Node::open().await;
    run_sql(&node.url, MEDDLE).await;
    run_sql(&node.url, "update events set body = '-' || body where kind = 'DAY_BEGAN'").await;
    let repairing = async { check_and_repair(&node.store, &node.hub, &node.writer).await };
    let meanwhile = async {
        while node.hub.is_trusted() || node.writer.failing_for().is_zero() {
            yield_now().await;
        }
        assert_eq!(node.accepted(), 0);
        run_sql(&node.url, "update events set body = substr(body, 2) where kind = 'DAY_BEGAN'")
            .await;
    };
    in_time(async { tokio::join!(repairing, meanwhile) }).await;
    assert!(node.hub.is_trusted());
    assert_eq!(node.accepted(), 1);
    node.running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_board_is_made_anew_under_a_full_queue() {
    let node = Node::open().await;
    run_sql(&node.url, MEDDLE).await;
    let submitting = async |number: usize| {
        for round in 0.. {
            node.submit(&format!("{number} {round}")).await;
        }
    };
    // More than one batch takes, at any time.
    let all = join_all((0..WRITER_QUEUE / 2).map(submitting));
    let rebuilt = async {
        while node.writer.waiting() < WRITER_QUEUE / 4 {
            yield_now().await;
        }
        let began = tokio::time::timeout(Duration::from_secs(5), node.writer.rebuild());
        began.await.expect("it does not wait for the queue").unwrap();
        assert!(node.writer.waiting() > 0, "the queue was never empty");
    };
    tokio::select! {
        _ = all => unreachable!("they go on for ever"),
        () = in_time(rebuilt) => {}
    }
    assert_eq!(node.accepted(), 1);
}

/// No event tells of a repair: what was cached is made anew at the same version, and who follows gets the true state.
#[tokio::test]
async fn a_repaired_board_reaches_everybody() {
    const TALLY: &str = "query { root { tally { accepted } } }";
    const FOLLOWED: &str = "subscription { tally(unit: { code: \"tld\" }) { accepted } }";
    let world = World::start().await;
    for key in ["a", "b"] {
        world.submit("dong-tam", key).await;
    }
    let mut socket = world.socket().await;
    socket.subscribe("1", FOLLOWED).await;
    assert_eq!(socket.next().await["accepted"], 0);
    let ask = async || data(world.ask(&json!({ "query": TALLY })).await);
    assert_eq!(ask().await["root"]["tally"]["accepted"], 0);
    let executions = world.service.executions();
    assert_eq!(ask().await["root"]["tally"]["accepted"], 0);
    assert_eq!(world.service.executions(), executions, "it is cached");
    let version = world.service.hub().latest().version();

    run_sql(world.database(), MEDDLE).await;
    world.service.writer().rebuild().await.unwrap();
    assert_eq!(socket.next().await["accepted"], 1);
    assert_eq!(ask().await["root"]["tally"]["accepted"], 1);
    assert_eq!(world.service.hub().latest().version(), version);
    // A follower that has the true state is not told again.
    world.service.writer().rebuild().await.unwrap();
    world.submit("dong-tam", "c").await;
    socket.subscribe("2", "subscription { tally(unit: { code: \"tld\" }) { submitted } }").await;
    let told = socket.receive().await;
    assert_eq!(
        (&told["id"], &told["payload"]["data"]["tally"]["submitted"]),
        (&json!("2"), &json!(3))
    );
}
