//! An import that is killed, and one beside a server.

use std::fmt::Write as _;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use sangkien::domain::Version;
use sangkien::exchange::Noun;
use sangkien::store::Store;

use super::{Desk, PERIODS, TAKEN, UNITS};
use crate::database::{Database, Kind, in_time, verify_database};
use crate::harness;

pub const MANY: usize = 6_000;

pub fn many(unit: &str) -> String {
    let mut csv =
        "key,unit_code,title,kind,author_name,person_code,submitted_at,status\n".to_owned();
    for n in 0..MANY {
        writeln!(csv, "k{n},{unit},Sáng kiến {n},IDEA,An,NV{},2022-05-01 08:00,PENDING", n % 97)
            .unwrap();
    }
    csv
}

/// A database with units and periods, and a file of many initiatives.
pub struct Furnished {
    pub database: Database,
    pub file: std::path::PathBuf,
    _dir: tempfile::TempDir,
}

impl Furnished {
    pub fn new(kind: Kind) -> Self {
        let database = kind.fresh();
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str, csv: &str| {
            let path = dir.path().join(name);
            std::fs::write(&path, csv).unwrap();
            path
        };
        run(&database, Noun::Units, &file("units.csv", UNITS));
        run(&database, Noun::Periods, &file("periods.csv", PERIODS));
        let file = file("initiatives.csv", &many("dong-tam"));
        Self { database, file, _dir: dir }
    }
}

pub fn spawn(database: &Database, noun: Noun, file: &std::path::Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_sangkien"))
        .args(["import", "--database", &database.url, noun.as_str()])
        .arg(file)
        .env("SANGKIEN_LOG", "error")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

pub fn run(database: &Database, noun: Noun, file: &std::path::Path) -> String {
    let output = spawn(database, noun, file).wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_import_is_completed_by_another_on_sqlite() {
    killed(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_import_is_completed_by_another_on_postgresql() {
    if let Some(kind) = Kind::postgres() {
        killed(kind).await;
    }
}

async fn killed(kind: Kind) {
    let Furnished { database, file: path, _dir } = Furnished::new(kind);
    let store = database.open().await;
    for round in 1..=3 {
        let before = version(&store).await;
        let mut child = spawn(&database, Noun::Initiatives, &path);
        in_time(async {
            while version(&store).await.0 < before.0 + 200 {
                // Somebody who wants to write, be it only to look for migrations: a transaction of
                // the import ends for them.
                database.open().await.close().await;
                drop(store.begin_write().await.unwrap());
            }
        })
        .await;
        child.kill().unwrap();
        child.wait().unwrap();
        verify_database(&database.url).await;
        let there = store.begin_read().await.unwrap().initiative_count().await.unwrap();
        assert!(there >= round * 200 && there < MANY, "{there} in round {round}");
    }
    let there = store.begin_read().await.unwrap().initiative_count().await.unwrap();
    let said = run(&database, Noun::Initiatives, &path);
    let grouped = |number: usize| match number {
        0..1_000 => number.to_string(),
        _ => format!("{},{:03}", number / 1_000, number % 1_000),
    };
    let expected =
        format!("{} new, 0 changed, {} as they are", grouped(MANY - there), grouped(there));
    assert_eq!(said, format!("initiatives: {expected}\n"));
    assert_eq!(store.begin_read().await.unwrap().initiative_count().await.unwrap(), MANY);
    verify_database(&database.url).await;
    let said = run(&database, Noun::Initiatives, &path);
    assert_eq!(said, "initiatives: 0 new, 0 changed, 6,000 as they are\n");
}

/// A board shows the imported initiatives, and others write meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_shows_what_is_imported_and_takes_submissions_meanwhile() {
    for world in harness::World::start_on_each().await {
        let desk = Desk::at(&world.database, Arc::clone(&world.clock)).await;
        let mut importer = desk.importer().await;
        let path = desk.file(many("an-phuoc"));
        let importing = tokio::spawn(async move {
            sangkien::exchange::import(&mut importer, Noun::Initiatives, &path, TAKEN).await
        });
        let mut sent = 0;
        while !importing.is_finished() {
            sent += 1;
            world.submit("dong-tam", &format!("s{sent}")).await;
        }
        assert_eq!(importing.await.unwrap().unwrap().new, MANY as u64);
        assert!(sent > 1, "some were sent meanwhile");
        in_time(async {
            let all = vec![i64::try_from(MANY).unwrap(), sent];
            while world.submitted(&["an-phuoc", "dong-tam"]).await != all {
                tokio::task::yield_now().await;
            }
        })
        .await;
        verify_database(&world.database).await;
    }
}

async fn version(store: &Store) -> Version {
    store.begin_read().await.unwrap().version()
}
