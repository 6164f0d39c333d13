//! The store's contract, on each database that promises it: every test below runs once for each,
//! on fresh databases.

use std::collections::BTreeMap;
use std::time::Duration;

use sangkien::domain::decimal::{DECIMAL_MAX, Decimal};
use sangkien::domain::event::{
    DayBegan, InitiativeChanged, InitiativeEventKind, PeriodChanged, RuleChanged, TargetChanged,
    TargetsChanged, UnitChanged, UnitEventKind,
};
use sangkien::domain::initiative::{AuthorGroup, InitiativeKind, RejectionReason, ToldBy};
use sangkien::domain::period::{Metric, PeriodKind};
use sangkien::domain::rule::{Criterion, Grade, Measure, RankBy, Step};
use sangkien::domain::target::{Part, TargetOrigin};
use sangkien::domain::unit::{Sector, UnitKind};
use sangkien::domain::{
    Author, Day, Event, EventBody, Initiative, InitiativeId, InitiativeStatus, Mark, Period,
    PeriodId, PersonId, Rule, Target, TargetKey, Timestamp, Unit, UnitId, Version,
};
use sangkien::limits::LONG_MAX;
use sangkien::store::{Error, LogHead, Lost, NewPerson, Store, WriteTx, Writes};
use tokio::task::JoinSet;

use crate::database::{
    Kind, ask_number, ask_text, dense_log, in_time, open_sqlite, run_sql, sqlite_url,
};

/// Names each test once for SQLite and once for PostgreSQL.
macro_rules! on_each_database {
    ($($name:ident)*) => {
        mod on_sqlite {
            $(#[tokio::test]
            async fn $name() {
                super::in_time(super::$name(super::Kind::Sqlite)).await;
            })*
        }
        mod on_postgres {
            $(#[tokio::test]
            async fn $name() {
                if let Some(kind) = super::Kind::postgres() {
                    super::in_time(super::$name(kind)).await;
                }
            })*
        }
    };
}
pub(crate) use on_each_database;

on_each_database! {
    opening_again_or_at_once_migrates_once
    an_older_database_is_migrated_with_its_rows
    a_newer_database_is_refused
    writers_wait_for_one_another
    versions_are_dense_and_seen_in_order
    what_is_not_committed_leaves_nothing
    unusual_text_and_numbers_come_back
    a_read_stays_at_its_version
    the_log_is_read_in_pages
    states_are_those_of_the_initiatives
    authors_and_targets_are_replaced
    a_refusal_is_told_from_an_absence
    a_log_that_went_back_is_noticed
}

async fn opening_again_or_at_once_migrates_once(kind: Kind) {
    // A race is not lost every time.
    let rounds = if matches!(kind, Kind::Sqlite) { 25 } else { 5 };
    for _ in 0..rounds {
        let database = kind.fresh();
        let mut opening = JoinSet::new();
        for _ in 0..4 {
            let url = database.url.clone();
            opening.spawn(async move { Store::open(&url).await });
        }
        while let Some(opened) = opening.join_next().await {
            opened.expect("nothing panics").expect("all open it");
        }
        append(&database.open().await, 1).await;
        assert_eq!(database.open().await.begin_read().await.unwrap().version(), Version(1));
        let done = ask_number(&database.url, "select count(*) from migrations").await;
        let highest = ask_number(&database.url, "select max(number) from migrations").await;
        assert!(done > 0 && done == highest, "{done} migrations up to number {highest}");
    }
}

async fn an_older_database_is_migrated_with_its_rows(kind: Kind) {
    let database = kind.fresh();
    run_sql(
        &database.url,
        match kind {
            Kind::Sqlite => include_str!("../../migrations/sqlite/0001_foundation.sql"),
            Kind::Postgres(_) => include_str!("../../migrations/postgres/0001_foundation.sql"),
        },
    )
    .await;
    run_sql(
        &database.url,
        r#"create table migrations (number bigint primary key, name text not null);
        insert into migrations (number, name) values (1, '0001_foundation');
        insert into events (version, at, tag, kind, body)
            values (1, 0, 11, 'DAY_BEGAN', '{"day":1}'), (2, 0, 12, 'DAY_BEGAN', '{"day":2}');
        insert into units values
            (1, 'tld', 'T', 'CONFEDERATION', null, null, null, 0, null, null, 0, 1, 0);
        insert into periods values
            (1, 'p', 'P', 'PROGRAMME', 0, 1, 1, null, 'SUBMITTED', null, null, 0, 1, 0);
        insert into targets values (1, 1, 'SUBMITTED', 'ASSIGNED', 7, null, 2.5, 'số', 3, 2);
        update counter set version = 2"#,
    )
    .await;
    let mut tx = database.open().await.begin_read().await.unwrap();
    let events = tx.structural_events().await.unwrap();
    assert_eq!(events.iter().map(|event| event.tag).collect::<Vec<_>>(), [11, 12]);
    let targets = tx.targets().await.unwrap();
    let [(target, version)] = targets.as_slice() else { panic!("{targets:?}") };
    assert!(target.key.part.is_whole(), "it is a target of the whole");
    let told = (target.goal, target.percent_to, target.document_number.as_deref(), version.0);
    assert_eq!(told, (7, Some(2.5), Some("số"), 2));
    let index = match kind {
        Kind::Sqlite => "select sql from sqlite_schema where name = 'events_of_structure'",
        Kind::Postgres(_) => {
            "select indexdef from pg_indexes where indexname = 'events_of_structure'"
        }
    };
    assert!(ask_text(&database.url, index).await.contains("PERIOD_UPSERTED"));
    assert_eq!(append(&database.open().await, 13).await, Version(3));
}

async fn a_newer_database_is_refused(kind: Kind) {
    let database = kind.fresh();
    database.open().await.close().await;
    run_sql(&database.url, "insert into migrations (number, name) values (999, '0999_later')")
        .await;
    let error = Store::open(&database.url).await.expect_err("it is from the future");
    assert!(matches!(error, Error::Newer { found: 999, known: 1.. }), "{error}");
    assert!(error.to_string().contains("newer version of sangkien"), "{error}");
    let later = "select count(*) from migrations where number > 900";
    assert_eq!(ask_number(&database.url, later).await, 1, "it stays as it was");
}

async fn writers_wait_for_one_another(kind: Kind) {
    let database = kind.fresh();
    let (one, other) = (database.open().await, database.open().await);
    let mut first = one.begin_write().await.unwrap();
    let second = tokio::spawn(async move {
        let tx = other.begin_write().await.unwrap();
        tx.head()
    });
    let head = write_day(&mut first, 1).await;
    assert!(!second.is_finished(), "it waits while the first is open");
    first.commit().await.unwrap();
    assert_eq!(second.await.unwrap(), head);
}

async fn versions_are_dense_and_seen_in_order(kind: Kind) {
    const WRITERS: i64 = 20;
    const EACH: i64 = 5;
    let database = kind.fresh();
    let (one, other) = (database.open().await, database.open().await);
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let store = if writer % 2 == 0 { one.clone() } else { other.clone() };
        writers.spawn(async move {
            let mut versions = Vec::new();
            for turn in 0..EACH {
                versions.push(append(&store, writer * EACH + turn).await);
            }
            versions
        });
    }
    let reader = one.clone();
    let reading = tokio::spawn(async move {
        let mut seen = Version::ZERO;
        while seen < Version(WRITERS * EACH) {
            let mut tx = reader.begin_read().await.unwrap();
            for event in tx.events_after(seen, 1_000).await.unwrap() {
                assert_eq!(event.version, seen.next(), "none is seen before the one ahead of it");
                seen = event.version;
            }
            assert_eq!(tx.version(), seen, "what the head says is there");
        }
    });
    let mut given: Vec<Version> = writers.join_all().await.into_iter().flatten().collect();
    reading.await.unwrap();
    given.sort_unstable();
    assert_eq!(given, (1..=WRITERS * EACH).map(Version).collect::<Vec<_>>());
    dense_log(&database.url).await;
}

async fn what_is_not_committed_leaves_nothing(kind: Kind) {
    let database = kind.fresh();
    let store = database.open().await;
    let mut tx = store.begin_write().await.unwrap();
    let (writes, _) = everything(&["một".to_owned()], tx.head());
    tx.write(&writes).await.unwrap();
    drop(tx);
    let mut tx = store.begin_read().await.unwrap();
    assert_eq!(tx.version(), Version::ZERO);
    assert!(tx.units().await.unwrap().is_empty());
    assert!(tx.periods().await.unwrap().is_empty());
    assert!(tx.targets().await.unwrap().is_empty());
    assert!(tx.initiatives(&[InitiativeId(1)]).await.unwrap().is_empty());
    assert!(tx.events_after(Version::ZERO, 10).await.unwrap().is_empty());
    drop(tx);
    assert_eq!(ask_number(&database.url, "select count(*) from people").await, 0);
    assert_eq!(append(&store, 1).await, Version(1), "its numbers are given again");
}

async fn unusual_text_and_numbers_come_back(kind: Kind) {
    let database = kind.fresh();
    let store = database.open().await;
    let texts = unusual_texts();
    let mut tx = store.begin_write().await.unwrap();
    let (writes, keys) = everything(&texts, tx.head());
    tx.write(&writes).await.unwrap();
    tx.commit().await.unwrap();

    // Not assert_eq!: nobody wants to read these texts in a terminal.
    let mut tx = store.begin_read().await.unwrap();
    assert!(tx.units().await.unwrap() == writes.units, "units");
    assert!(tx.periods().await.unwrap() == writes.periods, "periods");
    assert!(tx.targets().await.unwrap() == writes.targets, "targets");
    let mut rules = writes.rules.clone();
    rules.sort_by(|(a, _), (b, _)| a.code.cmp(&b.code));
    assert!(tx.rules().await.unwrap() == rules, "rules");
    let ids: Vec<InitiativeId> = writes.initiatives.iter().map(|it| it.id).collect();
    assert!(tx.initiatives(&ids).await.unwrap() == writes.initiatives, "initiatives");
    let named: Vec<&str> = keys.iter().map(String::as_str).chain(["nobody's"]).collect();
    assert!(tx.initiatives_by_key(&named).await.unwrap() == writes.initiatives, "by key");
    let (mut paged, mut last) = (Vec::new(), InitiativeId(0));
    loop {
        let page = tx.initiatives_after(last, 2).await.unwrap();
        let Some(end) = page.last() else { break };
        last = end.id;
        paged.extend(page);
    }
    assert!(paged == writes.initiatives, "initiatives by pages");
    assert!(tx.events_after(Version::ZERO, 1_000).await.unwrap() == writes.events, "events");
    for event in &writes.events {
        assert_eq!(tx.tag(event.version).await.unwrap(), Some(event.tag));
    }
    drop(tx);

    let mut tx = store.begin_write().await.unwrap();
    assert_eq!(tx.head(), writes.head);
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let mut by_key = tx.initiatives(&keys, &[]).await.unwrap();
    by_key.sort_by_key(|initiative| initiative.id);
    assert!(by_key == writes.initiatives, "initiatives by key");
    assert!(tx.initiatives(&[], &ids).await.unwrap() == writes.initiatives, "by number");
    let asked: Vec<(UnitId, &str)> =
        writes.people.iter().map(|person| (person.unit, person.identity.as_str())).collect();
    let mut known = tx.people(&asked).await.unwrap();
    known.sort_by_key(|(_, _, id)| *id);
    let people =
        writes.people.iter().map(|person| (person.unit, person.identity.clone(), person.id));
    assert!(known == people.collect::<Vec<_>>(), "people");
}

async fn a_read_stays_at_its_version(kind: Kind) {
    let database = kind.fresh();
    let store = database.open().await;
    append(&store, 1).await;
    let mut before = store.begin_read().await.unwrap();
    for tag in 2..5 {
        append(&store, tag).await;
    }
    assert_eq!(before.version(), Version(1));
    assert_eq!(before.events_after(Version::ZERO, 10).await.unwrap().len(), 1);
    assert_eq!(before.tag(Version(2)).await.unwrap(), None);
    assert_eq!(store.begin_read().await.unwrap().version(), Version(4));
}

async fn the_log_is_read_in_pages(kind: Kind) {
    let database = kind.fresh();
    let store = database.open().await;
    for tag in 1..=7 {
        append(&store, tag * 11).await;
    }
    let mut reading = store.begin_read().await.unwrap();
    let mut writing = store.begin_write().await.unwrap();
    let (mut after, mut pages) = (Version::ZERO, Vec::new());
    loop {
        let page = reading.events_after(after, 3).await.unwrap();
        assert_eq!(writing.events_after(after, 3).await.unwrap(), page);
        let Some(last) = page.last() else { break };
        after = last.version;
        pages.push(page.iter().map(|event| event.version.0).collect::<Vec<_>>());
    }
    assert_eq!(pages, [vec![1, 2, 3], vec![4, 5, 6], vec![7]]);
    assert_eq!(reading.tag(Version(7)).await.unwrap(), Some(77));
    assert_eq!(reading.tag(Version(0)).await.unwrap(), None);
    assert_eq!(reading.tag(Version(8)).await.unwrap(), None);
    let mut all = Vec::new();
    reading
        .all_events(|event| {
            all.push(event.version.0);
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(all, [1, 2, 3, 4, 5, 6, 7]);
}

async fn states_are_those_of_the_initiatives(kind: Kind) {
    let database = kind.fresh();
    let store = database.open().await;
    let mut tx = store.begin_write().await.unwrap();
    let (mut writes, _) = everything(&["a", "b", "c"].map(str::to_owned), tx.head());
    // One has no authors of its own, another names somebody twice.
    writes.initiatives[0].authors.clear();
    let again = writes.initiatives[2].authors[0].clone();
    writes.initiatives[2].authors.push(again);
    tx.write(&writes).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = store.begin_read().await.unwrap();
    let mut states = BTreeMap::new();
    tx.states(|row| {
        states.insert(row.id, row);
        Ok(())
    })
    .await
    .unwrap();
    assert_eq!(states.len(), 3);
    let ids: Vec<InitiativeId> = states.keys().copied().collect();
    for initiative in tx.initiatives(&ids).await.unwrap() {
        let (row, state) = (&states[&initiative.id], initiative.state());
        assert_eq!(row.people, state.people);
        assert_eq!(
            (row.unit, row.status, row.submitted_at, row.benefit_vnd),
            (state.unit, state.status, state.submitted_at, state.benefit_vnd)
        );
        assert_eq!((row.version, row.updated_at), (initiative.version, initiative.updated_at));
    }
}

async fn authors_and_targets_are_replaced(kind: Kind) {
    let database = kind.fresh();
    let store = database.open().await;
    let mut tx = store.begin_write().await.unwrap();
    let (first, _) = everything(&["a", "b"].map(str::to_owned), tx.head());
    tx.write(&first).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = store.begin_write().await.unwrap();
    let mut changed = first.initiatives.clone();
    for initiative in &mut changed {
        initiative.title = "khác".to_owned();
        initiative.authors.remove(0);
    }
    let writes = Writes {
        head: tx.head(),
        initiatives: changed.clone(),
        reauthored: vec![changed[0].id],
        removed_targets: vec![first.targets[0].0.key.clone()],
        ..Writes::default()
    };
    tx.write(&writes).await.unwrap();
    tx.commit().await.unwrap();

    // Authors stay where it is not said that they are new.
    changed[1].authors.clone_from(&first.initiatives[1].authors);
    let mut tx = store.begin_read().await.unwrap();
    let ids = changed.iter().map(|it| it.id).collect::<Vec<_>>();
    assert_eq!(tx.initiatives(&ids).await.unwrap(), changed);
    assert_eq!(tx.targets().await.unwrap(), first.targets[1..]);
}

async fn a_refusal_is_told_from_an_absence(kind: Kind) {
    let database = kind.fresh();
    let store = database.open().await;
    let mut tx = store.begin_write().await.unwrap();
    let (first, _) = everything(&["a".to_owned()], tx.head());
    tx.write(&first).await.unwrap();
    tx.commit().await.unwrap();
    let unit = |id, code: &str| (unit(id, code, None), Version(1), Timestamp(0));
    let spoilt = [
        // The code of another unit.
        Writes { units: vec![unit(9, "a")], ..Writes::default() },
        // A parent that is not there.
        Writes {
            units: vec![(
                Unit { parent: Some(UnitId(77)), ..unit(9, "b").0 },
                Version(1),
                Timestamp(0),
            )],
            ..Writes::default()
        },
        // A person who is known by another number, an initiative's key, an event's version.
        Writes {
            people: vec![NewPerson { id: PersonId(99), ..first.people[0].clone() }],
            ..Writes::default()
        },
        Writes {
            initiatives: vec![Initiative { id: InitiativeId(99), ..first.initiatives[0].clone() }],
            ..Writes::default()
        },
        Writes { events: vec![first.events[0].clone()], ..Writes::default() },
    ];
    for mut writes in spoilt {
        let mut tx = store.begin_write().await.unwrap();
        writes.head = tx.head();
        let error = tx.write(&writes).await.expect_err("a constraint is violated");
        assert!(!error.is_transient(), "{error:?}");
    }
    append(&store, 1).await;

    store.close().await;
    let error = store.begin_write().await.err().expect("it is closed");
    assert!(error.is_transient(), "{error:?}");
    let nowhere = match kind {
        Kind::Sqlite => "sqlite:///".to_owned(),
        Kind::Postgres(_) => database.url.replace("sangkien_", "no_such_database_"),
    };
    let error = Store::open(&nowhere).await.expect_err("there is no such database");
    assert!(error.is_transient(), "{error:?}");
}

// SQLite's own promises.

#[tokio::test]
async fn a_folder_is_made_and_may_have_any_name() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("chiến dịch 2022/a b?c#d%20e/sáng kiến.db");
    let store = Store::open(&sqlite_url(&path)).await.unwrap();
    append(&store, 1).await;
    assert!(path.is_file(), "the file is where it was asked for");
    store.close().await;

    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = Store::open(&sqlite_url(&file.join("it.db"))).await.expect_err("not a folder");
    assert!(matches!(error, Error::Folder { .. }), "{error}");
}

#[tokio::test]
async fn opening_waits_for_others_who_hold_a_fresh_file() {
    let database = Kind::Sqlite.fresh();
    let mut other = open_sqlite(database.url.strip_prefix("sqlite://").unwrap()).await;
    // Not in WAL mode yet, and with a reader in it.
    sqlx::raw_sql("create table other (id integer); begin; select * from other")
        .execute(&mut other)
        .await
        .unwrap();
    let mut opening = Box::pin(Store::open(&database.url));
    let at_once = tokio::time::timeout(Duration::from_millis(200), &mut opening).await;
    assert!(at_once.is_err(), "it waits: {at_once:?}");
    sqlx::raw_sql("commit").execute(&mut other).await.unwrap();
    in_time(opening).await.expect("the reader is gone");
}

#[tokio::test]
async fn other_urls_are_refused() {
    for url in ["", "it.db", "mysql://localhost/it", "sqlite://", "sqlite:"] {
        let error = Store::open(url).await.expect_err("neither kind");
        assert!(matches!(error, Error::Url(_)), "{url}: {error}");
    }
}

#[tokio::test]
async fn an_sqlite_file_has_one_server() {
    let database = Kind::Sqlite.fresh();
    let first = database.open().await;
    let lock = first.lock_for_serving().await.unwrap();
    let second = database.open().await;
    let error = second.lock_for_serving().await.expect_err("the first holds it");
    assert!(matches!(error, Error::AlreadyServed { .. }), "{error}");
    assert!(error.to_string().contains("is served by another sangkien already"), "{error}");
    drop(lock);
    second.lock_for_serving().await.expect("the first is gone");
}

#[tokio::test]
async fn a_server_that_is_refused_leaves_the_tables_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("it.db");
    // An empty file is an empty database.
    std::fs::File::create(&path).unwrap();
    let lock = std::fs::File::create(dir.path().join("it.db.lock")).unwrap();
    lock.lock().unwrap();
    let url = sqlite_url(&path);
    let error = Store::open_for_serving(&url).await.expect_err("another serves it");
    assert!(matches!(error, Error::AlreadyServed { .. }), "{error}");
    assert_eq!(ask_number(&url, "select count(*) from sqlite_schema").await, 0);
    lock.unlock().unwrap();
    Store::open_for_serving(&url).await.expect("now it may");
}

#[tokio::test]
async fn a_link_to_an_sqlite_file_is_that_file() {
    let dir = tempfile::tempdir().unwrap();
    let (file, link) = (dir.path().join("it.db"), dir.path().join("link.db"));
    let first = Store::open(&sqlite_url(&file)).await.unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    let second = Store::open(&sqlite_url(&link)).await.unwrap();
    let _lock = first.lock_for_serving().await.unwrap();
    second.lock_for_serving().await.expect_err("it is the same file");
}

#[tokio::test]
async fn a_postgresql_database_has_many_servers() {
    let Some(kind) = Kind::postgres() else { return };
    let store = kind.fresh().open().await;
    let _locks = (store.lock_for_serving().await.unwrap(), store.lock_for_serving().await.unwrap());
}

// The writes.

/// One event of no consequence.
async fn a_log_that_went_back_is_noticed(kind: Kind) {
    let database = kind.fresh();
    let store = database.open().await;
    for tag in 1..=3 {
        append(&store, tag).await;
    }
    let expected = Mark { version: Version(3), tag: 3 };
    store.note_known(expected);
    append(&database.open().await, 4).await;
    assert_eq!(store.begin_read().await.unwrap().version(), Version(4), "others have written on");
    assert_eq!(append(&store, 5).await, Version(5));
    assert_eq!(store.lost(), None);

    run_sql(&database.url, "delete from events where version > 2; update counter set version = 2")
        .await;
    let noticed = async || {
        let (read, write) = (store.begin_read().await.err(), store.begin_write().await.err());
        let (Some(Error::Lost(Lost::Log(read))), Some(Error::Lost(Lost::Log(write)))) =
            (read, write)
        else {
            panic!("a transaction began");
        };
        assert_eq!((read, read.expected), (write, expected));
        (read.head, read.tag)
    };
    assert_eq!(noticed().await, (Version(2), None), "an older copy");
    for (version, tag) in [(3, 13), (4, 14)] {
        append(&database.open().await, tag).await;
        assert_eq!(noticed().await, (Version(version), Some(13)), "which others have written on");
    }
    let Some(Lost::Log(first)) = store.lost() else { panic!("it was noticed") };
    assert_eq!((first.head, first.tag), (Version(2), None), "the first finding stays");
    in_time(store.await_lost()).await;
    assert_eq!(database.open().await.begin_read().await.unwrap().version(), Version(4));
}

async fn append(store: &Store, tag: i64) -> Version {
    let mut tx = store.begin_write().await.unwrap();
    let head = write_day(&mut tx, tag).await;
    tx.commit().await.unwrap();
    head.version
}

async fn write_day(tx: &mut WriteTx, tag: i64) -> LogHead {
    let mut head = tx.head();
    head.version = head.version.next();
    let event = event(head.version, tag, EventBody::Day(DayBegan { day: Day(1) }));
    tx.write(&Writes { head, events: vec![event], ..Writes::default() }).await.unwrap();
    head
}

fn event(version: Version, tag: i64, body: EventBody) -> Event {
    Event { version, at: Timestamp(0), tag, actor: None, reason: None, body }
}

fn unit(id: u32, text: &str, parent: Option<u32>) -> Unit {
    Unit {
        id: UnitId(id),
        code: text.to_owned(),
        name: text.to_owned(),
        kind: UnitKind::Section,
        parent: parent.map(UnitId),
        cluster: Some(text.to_owned()),
        sector: Some(Sector::Health),
        foreign_invested: true,
        member_count: Some(i32::MAX),
        closed_on: Some(Day(i32::MIN)),
        placeholder: true,
        deleted: false,
    }
}

fn unusual_texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "",
        " ",
        "null",
        "NULL",
        "[]",
        "{}",
        "true",
        "0",
        "007",
        "-0",
        "1e3",
        "9223372036854775808",
        "\"",
        "'",
        "''; drop table units; --",
        "\\",
        "\\u0041 \\\\ \\n",
        "$1 ? :name %s",
        "a\nb\r\nc\td",
        "\u{1}\u{7f}\u{85}",
        "sáng kiến",
        "sa\u{301}ng kie\u{302}\u{301}n",
        "👷🏽\u{200d}♀\u{fe0f}🇻🇳",
        "\u{2028}\u{2029}",
        "\u{feff}\u{fffd}\u{ffff}\u{10ffff}",
        "\u{202e}nược",
    ]
    .map(str::to_owned)
    .into();
    texts.push("ế".repeat(10_000));
    texts.push("👷".repeat(10_000));
    texts
}

/// Each text in every column that holds one, as far as the column may be long; numbers at their
/// ends. Also the initiatives' keys.
fn everything(texts: &[String], head: LogHead) -> (Writes, Vec<String>) {
    let mut writes = Writes { head, ..Writes::default() };
    let mut keys = Vec::new();
    for (number, text) in (1..).zip(texts) {
        one_of_each(&mut writes, number, text);
        keys.push(writes.initiatives[writes.initiatives.len() - 1].key.clone());
    }
    (writes, keys)
}

fn one_of_each(writes: &mut Writes, number: u32, text: &str) {
    let id = i64::from(number);
    // Indexed texts are bounded in length: a name of 300 characters, a code of 100.
    let short: String = text.chars().take(100).collect();
    let unique = if text.chars().count() > 100 { format!("{short}{id}") } else { short };
    let maybe = |fill: bool| fill.then(|| text.to_owned());
    let full = number % 2 == 1;
    let edge = if full { i64::MAX } else { i64::MIN };

    let unit = Unit { name: text.to_owned(), ..unit(number, &unique, (id > 1).then_some(1)) };
    let unit = if full {
        unit
    } else {
        Unit { cluster: None, sector: None, member_count: None, closed_on: None, ..unit }
    };
    let period = Period {
        id: PeriodId(number),
        code: unique.clone(),
        name: text.to_owned(),
        kind: PeriodKind::PeakWeek,
        starts_on: Day(i32::MIN),
        ends_on: Day(i32::MAX),
        owner: UnitId(1),
        parent: full.then_some(PeriodId(1)),
        metric: Metric::Participants,
        applied_from: full.then_some(Day(-1)),
        applied_until: full.then_some(Day(1)),
        placeholder: !full,
    };
    let target = Target {
        key: TargetKey {
            unit: unit.id,
            period: period.id,
            metric: Metric::Accepted,
            origin: TargetOrigin::Pledged,
            part: Part {
                group: full.then_some(AuthorGroup::UnionOfficial),
                field: full.then(|| text.to_owned()).filter(|field| !field.is_empty()),
            },
        },
        goal: i32::MAX,
        percent_from: full.then_some(2.5 * f64::from(number) / 3.0),
        percent_to: full.then_some(0.1 + 0.2),
        document_number: maybe(full),
        set_at: Timestamp(edge),
    };
    let rule = Rule {
        code: unique.clone(),
        name: text.to_owned(),
        owner: UnitId(1),
        kinds: if full { vec![UnitKind::Section] } else { Vec::new() },
        per_cluster: full,
        rank_by: RankBy::Benefit,
        top: full.then_some(u32::MAX),
        criteria: vec![Criterion {
            measure: Measure::TargetRatio,
            origin: TargetOrigin::Pledged,
            target_period: full.then_some(PeriodId(1)),
            steps: vec![Step {
                from: "0.123456789".parse().unwrap(),
                above: full,
                points: Decimal::whole(DECIMAL_MAX),
            }],
            required: full,
        }],
        grades: vec![Grade { label: text.to_owned(), points: Decimal::ZERO, required: full }],
        version: Version(id),
    };
    let author = Author {
        person: PersonId(id),
        name: text.to_owned(),
        person_code: maybe(full),
        group: full.then_some(AuthorGroup::UnionOfficial),
        contact: maybe(full),
    };
    let other = Author { person: PersonId(1), name: format!("{text}2"), ..author.clone() };
    let initiative = Initiative {
        id: InitiativeId(id),
        key: unique.clone(),
        content_hash: text.to_owned(),
        unit: unit.id,
        title: text.to_owned(),
        summary: maybe(full),
        kind: InitiativeKind::Idea,
        field: maybe(full),
        team: maybe(full),
        authors: vec![author, other],
        applied_on: full.then_some(Day(i32::MAX)),
        recognised_by: maybe(full),
        confidential: full,
        benefit_vnd: full.then_some(LONG_MAX),
        status: InitiativeStatus::Rejected,
        rejection_reason: full.then_some(RejectionReason::ProtectedByIp),
        review_note: maybe(full),
        featured: full,
        entered_by: text.to_owned(),
        submitted_at: Timestamp(edge),
        updated_at: Timestamp(-1),
        reviewed_at: full.then_some(Timestamp(edge)),
        told_by: full.then_some(ToldBy::Log),
        version: Version(id),
    };
    let path = vec![UnitId(1), unit.id];
    let bodies = [
        EventBody::Unit(
            UnitEventKind::Moved,
            UnitChanged {
                before: full.then(|| unit.clone()),
                after: unit.clone(),
                path: path.clone(),
                from_path: full.then(Vec::new),
            },
        ),
        EventBody::Period(PeriodChanged {
            before: None,
            after: period.clone(),
            path: path.clone(),
        }),
        EventBody::Targets(TargetsChanged {
            targets: vec![TargetChanged {
                before: None,
                after: Some(target.clone()),
                path: path.clone(),
            }],
        }),
        EventBody::Rule(RuleChanged {
            before: full.then(|| rule.clone()),
            after: rule.clone(),
            path: path.clone(),
        }),
        EventBody::Initiative(
            InitiativeEventKind::Transferred,
            InitiativeChanged {
                initiative: initiative.id,
                before: None,
                after: initiative.state(),
                path,
                from_path: None,
                counted_from: full.then_some(Day(7)),
            },
        ),
        EventBody::Day(DayBegan { day: Day(i32::MAX) }),
    ];
    let tags = [i64::MIN, i64::MAX, 0, 7, -1, LONG_MAX + 2];
    for (body, tag) in bodies.into_iter().zip(tags) {
        writes.head.version = writes.head.version.next();
        writes.events.push(Event {
            version: writes.head.version,
            at: Timestamp(edge),
            tag,
            actor: maybe(full),
            reason: maybe(full),
            body,
        });
    }
    let stamped = Version(i64::MAX - id);
    writes.units.push((unit.clone(), stamped, Timestamp(edge)));
    writes.periods.push((period, stamped, Timestamp(edge)));
    writes.targets.push((target, stamped));
    writes.rules.push((rule, Timestamp(edge)));
    writes.people.push(NewPerson { id: PersonId(id), unit: unit.id, identity: unique });
    writes.initiatives.push(initiative);
    writes.head.last_ids.unit = id;
    writes.head.last_ids.period = id;
    writes.head.last_ids.initiative = id;
    writes.head.last_ids.person = id;
    writes.head.at = Timestamp(edge);
}
