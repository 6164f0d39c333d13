//! Migrations: each step over a database with rows, and programs whose migrations differ.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sangkien::domain::command::{NewAuthor, Submit};
use sangkien::domain::initiative::{AuthorGroup, InitiativeKind};
use sangkien::domain::{Actor, Command, Day, Outcome, Release, Timestamp, UnitRef};
use sangkien::recount::{Depth, verify};
use sangkien::store::{Error, Store};

use crate::commands;
use crate::conformance::on_each_database;
use crate::database::{Kind, ask_number, ask_text, in_time, run_sql, run_text, verify_database};
use crate::writer_node;

on_each_database! {
    a_database_of_each_step_is_brought_up_to_date_with_its_rows
    a_key_of_before_an_update_is_replayed_after_it
    a_foreign_migration_is_named
    an_edited_migration_is_named
    nodes_tell_their_release
}

/// After the last event of the rows in `migrations/0001.sql`.
const NOW: &str = "2026-11-30T08:00:00+07:00";

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(name)
}

/// The files of a folder in their order, without their ends.
fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

const fn folder_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Sqlite => "sqlite",
        Kind::Postgres(_) => "postgres",
    }
}

/// Makes the tables as they are after so many migrations, by a program that remembered no digests. Behind each step come
/// the rows that the tests have for it.
async fn make(kind: Kind, url: &str, steps: usize) {
    let folder = folder(folder_of(kind));
    run_sql(url, "create table migrations (number bigint primary key, name text not null)").await;
    for (place, name) in files(&folder).iter().take(steps).enumerate() {
        run_text(url, std::fs::read_to_string(folder.join(name).with_extension("sql")).unwrap())
            .await;
        let number = place + 1;
        run_text(url, format!("insert into migrations (number, name) values ({number}, '{name}')"))
            .await;
        let rows = format!("tests/it/migrations/{number:04}.sql");
        let rows = Path::new(env!("CARGO_MANIFEST_DIR")).join(rows);
        if let Ok(rows) = std::fs::read_to_string(rows) {
            run_text(url, rows).await;
        }
    }
}

/// How many rows each table has.
async fn counts(url: &str) -> BTreeMap<&'static str, i64> {
    let mut counts = BTreeMap::new();
    for (table, query) in [
        ("units", "select count(*) from units"),
        ("periods", "select count(*) from periods"),
        ("targets", "select count(*) from targets"),
        ("people", "select count(*) from people"),
        ("initiatives", "select count(*) from initiatives"),
        ("authors", "select count(*) from authors"),
        ("tokens", "select count(*) from tokens"),
        ("events", "select count(*) from events"),
    ] {
        counts.insert(table, ask_number(url, query).await);
    }
    counts
}

#[test]
fn both_databases_have_the_same_migrations_by_name() {
    let (sqlite, postgres) = (files(&folder("sqlite")), files(&folder("postgres")));
    assert_eq!(sqlite, postgres);
    for (place, name) in sqlite.iter().enumerate() {
        assert!(name.starts_with(&format!("{:04}_", place + 1)), "{name} at place {place}");
    }
}

/// The migrations that release 0.1.0 and the one after it were shipped with.
#[tokio::test]
async fn shipped_migrations_stay_as_they_are() {
    let database = Kind::Sqlite.fresh();
    database.open().await.close().await;
    let digests =
        "select group_concat(number || ' ' || digest, ', ') from migrations where number <= 2";
    assert_eq!(ask_text(&database.url, digests).await, SHIPPED_SQLITE);
    if let Some(kind) = Kind::postgres() {
        let database = kind.fresh();
        database.open().await.close().await;
        let digests = "select string_agg(number || ' ' || digest, ', ' order by number) from migrations where number <= 2";
        assert_eq!(ask_text(&database.url, digests).await, SHIPPED_POSTGRES);
    }
}
const SHIPPED_SQLITE: &str = "1 6d75944e4851cdf17c1faf448756aed59a6610c74eb0fd86d3c71ca4c6cb5b75, \
    2 f8fbdc33f2addee60c23c31e7304ead586a9c3d394c4be99e11d89410216270e";
const SHIPPED_POSTGRES: &str = "1 5373b403464fe291c8908b6df7ddc69a11bd60d2cfabfa40f1eb51e27bef41da, \
    2 f8fbdc33f2addee60c23c31e7304ead586a9c3d394c4be99e11d89410216270e";

async fn a_database_of_each_step_is_brought_up_to_date_with_its_rows(kind: Kind) {
    let last = files(&folder(folder_of(kind))).len();
    for steps in 1..=last {
        let database = kind.fresh();
        make(kind, &database.url, steps).await;
        let before = counts(&database.url).await;
        assert!(before.values().all(|&rows| rows > 0), "{before:?}");
        if steps < last {
            let found = i64::try_from(steps).unwrap();
            let error = Store::open_to_read(&database.url).await.expect_err("it is older");
            assert!(matches!(error, Error::Older { found: it, .. } if it == found), "{error}");
        }
        verify_database(&database.url).await;
        assert_eq!(counts(&database.url).await, before, "from step {steps}");
        let done = "select count(*) from migrations where digest is not null";
        assert_eq!(ask_number(&database.url, done).await, i64::try_from(last).unwrap());
        let store = Store::open_to_read(&database.url).await.expect("it is up to date");
        let verdict = verify(&store, Depth::Replay).await.unwrap();
        assert!(verdict.is_clean(), "{verdict}");
        // The eighth step came with closings, and its rows have one whose figures nobody has kept yet.
        assert_eq!(verdict.closings_unkept, usize::from(steps >= 8), "{verdict}");
        store.close().await;
    }
}

/// The digest of a content is a promise to clients: they send again after an update what they sent before it.
async fn a_key_of_before_an_update_is_replayed_after_it(kind: Kind) {
    let database = kind.fresh();
    make(kind, &database.url, 1).await;
    // As later programs will write it.
    run_sql(
        &database.url,
        "update initiatives set content_hash = 'v1:' || content_hash where key = '2'",
    )
    .await;
    let store = database.open().await;
    let clock = Arc::new(sangkien::domain::clock::ManualClock::new(Timestamp::parse(NOW).unwrap()));
    let (writer, _hub, task) = writer_node::start(&store, &clock, 7, &Arc::default()).await;
    let author = |name: &str| NewAuthor {
        person_code: (name == "An").then(|| "7".to_owned()),
        ..commands::author(name)
    };
    let first = Submit {
        title: "Cải tiến khuôn".to_owned(),
        summary: Some("Một dòng".to_owned()),
        field: Some("x".to_owned()),
        team: Some("Tổ 1".to_owned()),
        recognised_by: Some("Hội đồng".to_owned()),
        benefit_vnd: Some(5),
        authors: vec![
            NewAuthor {
                group: Some(AuthorGroup::Other),
                contact: Some("090".to_owned()),
                ..author("An")
            },
            author("Bình"),
        ],
        ..commands::submit("1", UnitRef::Code("c".to_owned()))
    };
    let second = Submit {
        title: "Cải tiến máy".to_owned(),
        kind: InitiativeKind::Technical,
        applied_on: Some(Day::parse("2026-03-01").unwrap()),
        authors: vec![author("An")],
        ..commands::submit("2", UnitRef::Code("c".to_owned()))
    };
    for submit in [first, second] {
        let other = Submit { title: "Khác".to_owned(), ..submit.clone() };
        let reply = writer.execute(Command::Submit(submit), Arc::new(Actor::SYSTEM)).await;
        let outcome = reply.expect("it is known").outcome;
        assert!(matches!(outcome, Outcome::Initiative { replayed: true, .. }), "{outcome:?}");
        let refused = writer.execute(Command::Submit(other), Arc::new(Actor::SYSTEM)).await;
        assert!(refused.is_err(), "{refused:?}");
    }
    task.stop().await.unwrap();
}

async fn a_foreign_migration_is_named(kind: Kind) {
    let database = kind.fresh();
    database.open().await.close().await;
    run_sql(&database.url, "update migrations set name = '0002_of_somebody' where number = 2")
        .await;
    for opened in [Store::open(&database.url).await, Store::open_to_read(&database.url).await] {
        let error = opened.expect_err("it is another's");
        assert!(matches!(error, Error::ForeignMigration { number: 2, .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains("migration 2 (0002_of_somebody)"), "{text}");
        assert!(text.contains("0002_events_of_structure"), "{text}");
    }
}

async fn an_edited_migration_is_named(kind: Kind) {
    let database = kind.fresh();
    database.open().await.close().await;
    run_sql(&database.url, "update migrations set digest = 'another' where number = 1").await;
    for opened in [Store::open(&database.url).await, Store::open_to_read(&database.url).await] {
        let error = opened.expect_err("it was edited");
        assert!(matches!(error, Error::EditedMigration { .. }), "{error}");
        assert!(error.to_string().contains("migration 0001_foundation was made"), "{error}");
    }
}

async fn nodes_tell_their_release(kind: Kind) {
    const OLD: &str = "insert into nodes (id, release, first_seen, last_seen) values
        (50, '0.1.0', 0, (select max(last_seen) from nodes))";
    let database = kind.fresh();
    let oldest = async |store: &Store| store.begin_write().await.unwrap().oldest_release().await;
    let tool = database.open().await;
    assert_eq!(oldest(&tool).await.unwrap(), None, "nobody serves");
    let (node, lock) = Store::open_for_serving(&database.url).await.unwrap();
    assert_eq!(oldest(&tool).await.unwrap(), Some(Release::OWN));
    run_sql(&database.url, OLD).await;
    assert_eq!(oldest(&node).await.unwrap(), Some(Release::FIRST), "of two the older one");
    run_sql(&database.url, "update nodes set last_seen = last_seen - 61000 where id = 50").await;
    assert_eq!(oldest(&node).await.unwrap(), Some(Release::OWN), "the other was killed");
    run_sql(&database.url, "update nodes set last_seen = 0").await;
    assert_eq!(oldest(&node).await.unwrap(), None);
    node.note_node().await.unwrap();
    assert_eq!(oldest(&node).await.unwrap(), Some(Release::OWN), "it is here still");
    node.note_end().await.unwrap();
    assert_eq!(oldest(&node).await.unwrap(), None);
    drop(lock);
    node.close().await;
    // The rows of servers of long ago go.
    run_sql(&database.url, "update nodes set id = 500 where id = 50").await;
    let (_node, _lock) = Store::open_for_serving(&database.url).await.unwrap();
    assert_eq!(ask_number(&database.url, "select min(id) from nodes").await, 500);
    assert_eq!(ask_number(&database.url, "select max(id) from nodes").await, 501);
}
