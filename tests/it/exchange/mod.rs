//! CSV files in and out.

mod bad_files;
mod corrections;
mod cut_off;
mod full_disk;
mod habits;
mod judged;
mod round_trip;
mod spreadsheet;
mod structure;
mod tallies;
mod terminal;
mod undo;
mod unindexed;
mod vietnamese;
mod workbooks;

use std::path::PathBuf;
use std::sync::Arc;

use sangkien::auth::Language;
use sangkien::domain::clock::{ManualClock, SharedClock};
use sangkien::domain::{Timestamp, Version};
use sangkien::exchange::{self, Failure, Form, Noun, Options, Progress, Report};
use sangkien::store::Store;
use sangkien::writer::importer::Importer;
use sangkien::writer::tags::Tags;
use tempfile::TempDir;

use crate::database::{Database, Kind, verify_database};

const ALL: [Noun; 4] = [Noun::Units, Noun::Periods, Noun::Targets, Noun::Initiatives];
const TAKEN: Options =
    Options { dry_run: false, admitted: false, dates: None, yes: true, progress: Progress::Silent };

/// A root, a province, two grassroots unions.
const UNITS: &str = "\
code,name,kind,parent_code,member_count
tld,Tổng Liên đoàn,CONFEDERATION,,
dong-nai,LĐLĐ tỉnh Đồng Nai,PROVINCIAL_FEDERATION,tld,800000
dong-tam,CĐCS Đồng Tâm,GRASSROOTS_UNION,dong-nai,333
tan-bien,CĐCS Tân Biên,GRASSROOTS_UNION,dong-nai,
";
const PERIODS: &str = "\
code,name,kind,starts_on,ends_on,owner_code,parent_code,applied_from,applied_until
programme,01 triệu sáng kiến,PROGRAMME,2022-01-08,2023-09-01,tld,,2021-09-01,2023-09-01
phase-1,Giai đoạn 1,PHASE,2022-01-08,2022-05-31,tld,programme,,
";

/// The changes of a dry run, in English.
fn told(report: &Report) -> Vec<String> {
    report.changes.iter().map(|change| change.text(Language::English)).collect()
}

/// Somebody who imports and exports, on a database of their own.
struct Desk {
    url: String,
    store: Store,
    clock: Arc<ManualClock>,
    dir: TempDir,
    _database: Option<Database>,
}

impl Desk {
    async fn fresh(kind: Kind) -> Self {
        let database = kind.fresh();
        let now = Timestamp::parse("2022-06-10T12:00:00+07:00").unwrap();
        let clock = Arc::new(ManualClock::new(now));
        let desk = Self::at(&database.url, clock).await;
        Self { _database: Some(database), ..desk }
    }

    async fn at(url: &str, clock: Arc<ManualClock>) -> Self {
        let store = Store::open(url).await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        Self { url: url.to_owned(), store, clock, dir, _database: None }
    }

    /// A desk with the units and the periods.
    async fn furnished() -> Self {
        let desk = Self::fresh(Kind::Sqlite).await;
        desk.take(Noun::Units, UNITS).await;
        desk.take(Noun::Periods, PERIODS).await;
        desk
    }

    fn file(&self, csv: impl AsRef<[u8]>) -> PathBuf {
        let path = self.dir.path().join("file.csv");
        std::fs::write(&path, csv).unwrap();
        path
    }

    async fn importer(&self) -> Importer {
        let clock = Arc::clone(&self.clock) as SharedClock;
        let tags = Tags::seeded(7);
        Importer::open(self.store.clone(), clock, tags).await.unwrap()
    }

    async fn import(
        &self,
        noun: Noun,
        csv: impl AsRef<[u8]>,
        options: Options,
    ) -> Result<Report, Failure> {
        let path = self.file(csv);
        exchange::import(&mut self.importer().await, noun, &path, options).await
    }

    /// Imports a good file, and checks the database afterwards.
    async fn take(&self, noun: Noun, csv: impl AsRef<[u8]>) -> String {
        let report = self.import(noun, csv, TAKEN).await.unwrap_or_else(|why| panic!("{why}"));
        verify_database(&self.url).await;
        report.to_string()
    }

    /// The message about a file that is refused. Asserts that no row of it is written.
    async fn refused(&self, noun: Noun, csv: impl AsRef<[u8]>) -> String {
        let before = self.version().await;
        let said = self.import(noun, csv, TAKEN).await.expect_err("it is bad").to_string();
        assert_eq!(self.version().await, before, "nothing is written");
        let said = said.replace(self.dir.path().to_str().unwrap(), "");
        said.strip_suffix("; nothing was written").unwrap_or(&said).to_owned()
    }

    async fn version(&self) -> Version {
        self.store.begin_read().await.unwrap().version()
    }

    async fn export(&self, noun: Noun) -> String {
        let mut out = Vec::new();
        exchange::export(&self.store, noun, Form::Csv, &mut out).await.unwrap();
        String::from_utf8(out).unwrap()
    }
}
