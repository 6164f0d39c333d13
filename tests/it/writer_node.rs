//! A writer on a database of its own, with a clock that the test turns.

use std::sync::Arc;

use sangkien::board::{self, Snapshot};
use sangkien::domain::clock::ManualClock;
use sangkien::domain::field::Fields;
use sangkien::domain::{Actor, Command, Event, Timestamp, Version};
use sangkien::feed::Hub;
use sangkien::recount::{self, Recount};
use sangkien::store::Store;
use sangkien::supervisor::Supervisor;
use sangkien::writer::tags::Tags;
use sangkien::writer::{self, Failure, Reply, Writer, WriterHandle};
use tempfile::TempDir;

use crate::postgres;

/// The parts that are open while the writer runs.
pub struct WriterNode {
    pub url: String,
    pub store: Store,
    pub clock: Arc<ManualClock>,
    pub writer: Writer,
    pub hub: Arc<Hub>,
    task: WriterHandle,
    /// The operator's list of fields, from the next start on.
    pub fields: Arc<Fields>,
    tags: u64,
    _folder: Option<TempDir>,
}

/// The database that a node is stored in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

impl WriterNode {
    /// `None` where the database is not installed.
    pub async fn open(backend: Backend, now: Timestamp, tags: u64) -> Option<Self> {
        Self::open_by(backend, ManualClock::new(now), tags).await
    }

    /// Like [`Self::open`], by this clock.
    pub async fn open_by(backend: Backend, clock: ManualClock, tags: u64) -> Option<Self> {
        let (url, folder) = match backend {
            Backend::Sqlite => {
                let folder = tempfile::tempdir().expect("there is room for a folder");
                let url = format!("sqlite://{}/world.db", folder.path().display());
                (url, Some(folder))
            }
            Backend::Postgres => (postgres::cluster()?.fresh_database(), None),
        };
        let store = Store::open(&url).await.expect("a fresh database opens");
        let (clock, fields) = (Arc::new(clock), Arc::default());
        let (writer, hub, task) = start(&store, &clock, tags, &fields).await;
        Some(Self { url, store, clock, writer, hub, task, tags, fields, _folder: folder })
    }

    pub async fn execute(&self, command: Command) -> Result<Reply, Failure> {
        self.writer.execute(command, Arc::new(Actor::SYSTEM)).await
    }

    /// Another writer on the same database.
    pub async fn second(&self) -> (Writer, Arc<Hub>, WriterHandle) {
        start(&self.store, &self.clock, self.tags ^ 0xabcd, &self.fields).await
    }

    /// Stops the writer and starts another one with a board made from the tables.
    pub async fn restart(&mut self) {
        self.tags += 1;
        let (writer, hub, task) = start(&self.store, &self.clock, self.tags, &self.fields).await;
        self.writer = writer;
        let old = std::mem::replace(&mut self.task, task);
        old.stop().await.expect("the writer ends in peace");
        self.hub = hub;
    }

    /// A recount of the present tables, and the snapshot of that very version.
    pub async fn judged(&self) -> (Recount, Arc<Snapshot>) {
        loop {
            let mut tx = self.store.begin_read().await.expect("the database reads");
            self.hub.reached(tx.version()).await;
            // Else more was committed meanwhile than snapshots are kept.
            if let Some(snapshot) = self.hub.at(tx.version()) {
                let recount = Recount::read(&mut tx).await.expect("the database is readable");
                let verdict = recount::judge_present(&mut tx, &snapshot).await;
                let verdict = verdict.expect("the database is readable");
                assert!(verdict.is_clean(), "{verdict}");
                return (recount, snapshot);
            }
        }
    }

    pub async fn events_after(&self, version: Version) -> Vec<Event> {
        let mut tx = self.store.begin_read().await.expect("the database reads");
        tx.events_after(version, i64::MAX).await.expect("the log is readable")
    }

    pub async fn verify(&self) -> recount::Verdict {
        recount::verify(&self.store, recount::Depth::Replay)
            .await
            .expect("the database is readable")
    }
}

pub async fn start(
    store: &Store,
    clock: &Arc<ManualClock>,
    tags: u64,
    fields: &Arc<Fields>,
) -> (Writer, Arc<Hub>, WriterHandle) {
    let [mut tx, other] = store.begin_reads().await.expect("the database reads");
    let board =
        board::load(&mut tx, other, Arc::clone(fields)).await.expect("the database is readable");
    drop(tx);
    let tags = Tags::seeded(tags);
    let (clock, supervisor) = (Arc::clone(clock) as _, Supervisor::default());
    writer::start(store.clone(), board, clock, tags, &supervisor).await.expect("it starts")
}
