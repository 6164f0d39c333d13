//! A log without its beginning: what is gone, what stays as it was, and who is told.

use std::process::{Command, Stdio};
use std::sync::Arc;

use sangkien::board::Snapshot;
use sangkien::domain::Day;
use sangkien::exchange::Progress;
use sangkien::prune::{Failure, Options, Report, prune};
use sangkien::recount::{Depth, Recount, Verdict, verify};
use sangkien::store::Store;
use serde_json::{Value, json};

use crate::database::{ask_number, ask_text, in_time, sqlite_url};
use crate::harness::{SUBMIT, World, code_of, submission};

/// The first day that stays, 31 days before the last.
const BEFORE: &str = "2022-05-25";

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn options(before: &str) -> Options {
    Options { before: day(before), dry_run: false, keep_keys: false }
}

async fn pruned(world: &World, options: Options) -> Report {
    prune(&world.store().await, options, Progress::Silent).await.unwrap()
}

async fn verdict(world: &World) -> Verdict {
    let store = world.store().await;
    let verdict = verify(&store, Depth::Replay).await.unwrap();
    store.close().await;
    verdict
}

/// The positions of a story: the last event before the day that stays, and one after it.
struct Story {
    old: String,
    new: String,
    ids: Vec<Value>,
}

/// Two months in which initiatives come, are reviewed, revised, transferred and withdrawn, before the day and after it.
async fn furnish(world: &World) -> Story {
    const REVISE: &str = "mutation ($input: ReviseInitiativeInput!) {
      reviseInitiative(input: $input) { errors { code path message } } }";
    const WITHDRAW: &str = "mutation ($input: WithdrawInitiativeInput!) {
      withdrawInitiative(input: $input) { errors { code path message } } }";
    const TRANSFER: &str = "mutation ($input: TransferInitiativeInput!) {
      transferInitiative(input: $input) { errors { code path message } } }";
    const MOVE: &str = "mutation ($input: MoveUnitInput!) {
      moveUnit(input: $input) { errors { code path message } } }";
    let mut ids = Vec::new();
    for key in ["a", "b", "c", "d", "e", "f"] {
        ids.push(world.submit("dong-tam", key).await["id"].clone());
    }
    world.set_goals(&[("dong-nai", 40), ("bien-hoa", 10)]).await;
    world.review(&ids[0], "ACCEPT").await;
    world.review(&ids[1], "RETURN").await;
    world.set_clock("2022-05-11T08:00:00+07:00");
    world.change(REVISE, json!({ "id": ids[1], "benefitVnd": 7 })).await;
    world.change(TRANSFER, json!({ "id": ids[2], "unit": { "code": "tan-bien" } })).await;
    world.change(WITHDRAW, json!({ "id": ids[3] })).await;
    let an_phuoc = json!({ "unit": { "code": "an-phuoc" }, "newParent": { "code": "bien-hoa" } });
    world.change(MOVE, an_phuoc).await;
    world.set_clock("2022-05-24T23:00:00+07:00");
    world.submit("an-phuoc", "g").await;
    let old = end(world).await;
    world.set_clock("2022-05-26T08:00:00+07:00");
    world.submit("an-phuoc", "h").await;
    let new = end(world).await;
    world.review(&ids[1], "ACCEPT").await;
    world.set_clock("2022-06-25T08:00:00+07:00");
    world.change(WITHDRAW, json!({ "id": ids[0] })).await;
    world.change(TRANSFER, json!({ "id": ids[4], "unit": { "code": "an-phuoc" } })).await;
    world.submit("tan-bien", "i").await;
    Story { old, new, ids }
}

/// The position of the log's end.
async fn end(world: &World) -> String {
    let page = world.query("{ initiativeEvents(first: 0) { pageInfo { endCursor } } }").await;
    page["initiativeEvents"]["pageInfo"]["endCursor"].as_str().unwrap().to_owned()
}

/// The figures that a board shows, and when it came to do so.
fn stamps(board: &Snapshot) -> Vec<String> {
    let units = board.structure.units();
    units
        .map(|unit| {
            let changed = (board.unit_changed(unit.id), board.tally_changed(unit.id));
            let earlier: Vec<_> = [0, 1, 10, 30]
                .into_iter()
                .flat_map(|back| board.structure.periods().map(move |it| (it.id, back)))
                .map(|(period, back)| {
                    let since = board.today().plus(-back);
                    board.earlier_by_itself(period, since).rank_values(unit.id)
                })
                .collect();
            format!("{} {changed:?} {earlier:?}", unit.code)
        })
        .collect()
}

async fn latest(world: &World) -> Arc<Snapshot> {
    world.service.hub().latest()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pruned_database_shows_the_same_and_tells_who_lost_the_place() {
    for world in World::start_on_each().await {
        let story = furnish(&world).await;
        let before = stamps(&*latest(&world).await);
        let (events, initiatives) = (count(&world, EVENTS).await, count(&world, KEYS).await);

        let dry = pruned(&world, Options { dry_run: true, ..options(BEFORE) }).await;
        assert_eq!(count(&world, EVENTS).await, events, "nothing was removed");
        assert!(dry.events.rows == 11 && dry.keys.rows == 7, "{dry}");
        assert!(verdict(&world).await.folded);

        let report = pruned(&world, options(BEFORE)).await;
        assert_eq!(report, dry);
        assert_eq!(report.start.unwrap().day, day(BEFORE));
        let removed = i64::try_from(report.events.rows).unwrap();
        assert_eq!(count(&world, EVENTS).await, events - removed);
        let left =
            "select count(*) from initiatives where key like 'pruned:%' and content_hash = ''";
        assert_eq!((count(&world, KEYS).await, count(&world, left).await), (initiatives, 7));
        let again = pruned(&world, options(BEFORE)).await;
        assert_eq!((again.events.rows, again.keys.rows), (0, 0), "{again}");
        let earlier = pruned(&world, options("2022-05-12")).await;
        assert_eq!(earlier.start, report.start, "it does not come back");

        told(&world, &story).await;
        let verdict_of = verdict(&world).await;
        assert!(verdict_of.is_clean() && verdict_of.folded, "{verdict_of}");
        let said = format!("the log was pruned before {BEFORE}");
        assert!(verdict_of.to_string().contains(&said), "{verdict_of}");

        let world = world.restart().await;
        let after = latest(&world).await;
        assert_eq!(stamps(&after), before, "of a board from the tables");
        told(&world, &story).await;
        let mut tx = world.store().await.begin_read().await.unwrap();
        let recount = Recount::read(&mut tx).await.unwrap();
        drop(tx);
        let mut judged = Verdict::default();
        for back in 0..=31 {
            for period in after.structure.periods() {
                recount.judge_earlier(&after, period, after.today().plus(-back), &mut judged);
            }
        }
        assert!(judged.is_clean() && judged.tallies > 100, "{judged}");
        keys(&world).await;
        assert!(verdict(&world).await.is_clean());
    }
}

const EVENTS: &str = "select count(*) from events";
const KEYS: &str = "select count(*) from initiatives";

async fn count(world: &World, query: &'static str) -> i64 {
    ask_number(world.database(), query).await
}

/// A position behind which events are gone has expired, for pages and for feeds; a later one goes on. The log begins with the day.
async fn told(world: &World, story: &Story) {
    let page = |arguments: String| json!({ "query": format!("{{ initiativeEvents({arguments}) {{ nodes {{ kind at }} }} }}") });
    let Story { old, new, ids } = story;
    let answer = world.ask(&page(format!(r#"first: 9, after: "{old}""#))).await;
    assert_eq!(code_of(&answer), "CURSOR_EXPIRED");
    let answer = world.ask(&page(format!(r#"first: 9, after: "{new}""#))).await;
    let kinds = |answer: &Value| -> Vec<String> {
        let nodes = answer["data"]["initiativeEvents"]["nodes"].as_array().unwrap().iter();
        nodes.map(|node| node["kind"].as_str().unwrap().to_owned()).collect()
    };
    let later = ["ACCEPTED", "WITHDRAWN", "TRANSFERRED", "SUBMITTED"];
    assert_eq!(kinds(&answer), later);
    let all = world.ask(&page("first: 9".to_owned())).await;
    assert_eq!(kinds(&all), [&["SUBMITTED"][..], &later].concat());

    let mut socket = world.socket().await;
    let feed = |after: &str| {
        format!(r#"subscription {{ initiativeEvents(after: "{after}") {{ kind }} }}"#)
    };
    socket.subscribe("old", &feed(old)).await;
    assert_eq!(code_of(&socket.refusal().await), "CURSOR_EXPIRED");
    socket.subscribe("new", &feed(new)).await;
    for kind in later {
        assert_eq!(socket.next().await["kind"], kind);
    }
    // Whatever happened to one of before is told from then on.
    let id = ids[1].as_str().unwrap();
    let history = format!(r#"{{ initiative(id: "{id}") {{ status events {{ kind }} }} }}"#);
    let history = world.query(&history).await;
    assert_eq!(history["initiative"]["status"], "ACCEPTED");
    assert_eq!(history["initiative"]["events"], json!([{ "kind": "ACCEPTED" }]));
}

/// A key of before enters anew what is sent under it; one of later is known.
async fn keys(world: &World) {
    for (key, unit, is_known) in [("h", "an-phuoc", true), ("a", "dong-tam", false)] {
        let payload = world.change(SUBMIT, submission(unit, key)).await;
        assert_eq!(payload["replayed"], is_known, "{key}");
    }
    let key = "select key from initiatives where id = 1";
    let key = ask_text(world.database(), key).await;
    let taken = world.refusals(SUBMIT, submission("dong-tam", &key)).await;
    assert_eq!(taken[0].0, "KEY_REUSED", "nobody takes the place of one");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_boards_reach_back_to_stays() {
    let world = World::start().await;
    world.submit("dong-tam", "a").await;
    world.set_clock("2022-06-25T08:00:00+07:00");
    world.submit("dong-tam", "b").await;
    let store = world.store().await;
    let refused = prune(&store, options("2022-05-26"), Progress::Silent).await.unwrap_err();
    assert!(matches!(refused, Failure::TooLate { latest } if latest == day(BEFORE)), "{refused}");
    assert_eq!(pruned(&world, options("2020-01-01")).await.events.rows, 0, "it begins later");
    let kept = pruned(&world, Options { keep_keys: true, ..options(BEFORE) }).await;
    assert_eq!((kept.events.rows, kept.keys.rows), (1, 0), "{kept}");
    let payload = world.change(SUBMIT, submission("dong-tam", "a")).await;
    assert_eq!(payload["replayed"], true);
}

/// Others change things while the log is pruned, and a feed that is far behind is told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn others_go_on_while_a_log_is_pruned() {
    const BEFORE_IT: usize = 50;
    for world in World::start_on_each().await {
        for key in 0..BEFORE_IT {
            world.submit("dong-tam", &format!("old {key}")).await;
        }
        world.set_clock("2022-06-25T08:00:00+07:00");
        world.submit("dong-tam", "first").await;
        let store = world.store().await;
        let pruning =
            tokio::spawn(
                async move { prune(&store, options(BEFORE), Progress::Silent).await.unwrap() },
            );
        let mut number = 0;
        while !pruning.is_finished() || number < 20 {
            world.submit("tan-bien", &format!("new {number}")).await;
            number += 1;
        }
        let report = in_time(pruning).await.unwrap();
        assert_eq!(report.keys.rows, BEFORE_IT as u64, "{report}");
        let verdict = verdict(&world).await;
        assert!(verdict.is_clean(), "{verdict}");
    }
}

/// A copy and a restored backup begin where their source does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copies_of_a_pruned_database_know_where_it_begins() {
    let world = World::start().await;
    let story = furnish(&world).await;
    let sangkien = async |arguments: &[&str]| {
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        let run = tokio::task::spawn_blocking(move || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_sangkien"));
            command.args(arguments).stdin(Stdio::null()).output().unwrap()
        });
        let output = in_time(run).await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let dir = tempfile::tempdir().unwrap();
    let (backup, restored) = (dir.path().join("backup.db"), sqlite_url(&dir.path().join("it.db")));
    let url = world.database().to_owned();
    let before = ["prune", "--database", &url, "--before", BEFORE];
    let dry = sangkien(&[&before[..], &["--dry-run"][..]].concat()).await;
    assert!(dry.starts_with("nothing was removed; there are "), "{dry}");
    let said = sangkien(&before).await;
    assert_eq!(dry.trim_start_matches("nothing was removed; there are "), said);
    assert!(said.contains(&format!("the log begins on {BEFORE}")), "{said}");
    let file = backup.to_str().unwrap();
    let said = sangkien(&["backup", "--database", &url, file]).await;
    assert!(said.contains("the log was pruned"), "{said}");
    sangkien(&["restore", "--database", &restored, file]).await;
    let store = Store::open(&restored).await.unwrap();
    let start = store.begin_read().await.unwrap().log_start().await.unwrap();
    assert_eq!(start.unwrap().day, day(BEFORE));
    store.close().await;
    let world = World::of(&restored, "2022-06-25T09:00:00+07:00").await;
    told(&world, &story).await;
}

/// The figures of days that a pruned log tells are those of before, also after a start; other days are refused by name.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pruned_log_compares_the_days_that_it_tells() {
    let world = World::start().await;
    furnish(&world).await;
    let board = |as_of: &str, since: &str| {
        format!(
            "{{ leaderboard(within: {{ code: \"dong-nai\" }}, asOf: \"{as_of}\", since: \"{since}\") {{
               entries {{ rank previousRank gained unit {{ code }} tally {{ submitted accepted }} }} }} }}"
        )
    };
    // A week of figures, each compared with all days that are told by then.
    let days: Vec<String> = (0..7).map(|it| day(BEFORE).plus(it).to_string()).collect();
    let mut questions = Vec::new();
    for (place, as_of) in days.iter().enumerate() {
        questions.extend(days[..=place].iter().map(|since| board(as_of, since)));
    }
    let mut before = Vec::new();
    for question in &questions {
        before.push(world.query(question).await);
    }
    assert!(before.iter().any(|it| it["leaderboard"]["entries"][0]["gained"] == 1), "{before:?}");
    pruned(&world, options(BEFORE)).await;
    let again = world.restart().await;
    for (question, before) in questions.iter().zip(before) {
        assert_eq!(again.query(question).await, before, "{question}");
    }
    for (as_of, since) in [("2022-05-31", "2022-05-24"), ("2022-05-24", "2022-05-24")] {
        let refused = again.ask(&json!({ "query": board(as_of, since) })).await;
        let error = &refused["errors"][0];
        assert_eq!(error["extensions"]["code"], "BAD_ARGUMENT", "{refused}");
        assert!(error["message"].as_str().unwrap().contains(BEFORE), "{refused}");
    }
}
