//! What resolvers may reach, and the record of what they read.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::{Context, Result};
use tokio::sync::Mutex as AsyncMutex;

use super::error;
use crate::auth::Principal;
use crate::board::{Snapshot, Stamp};
use crate::domain::{Initiative, InitiativeId, UnitId, Version};
use crate::feed::Hub;
use crate::store::{ReadTx, Store};
use crate::writer::Writer;

/// What one execution sees. Made for each request; a subscription keeps its own.
pub struct Viewing {
    pub hub: Arc<Hub>,
    pub store: Store,
    pub writer: Writer,
    pub principal: Arc<Principal>,
    /// What a query reads from beginning to end.
    snapshot: Arc<Snapshot>,
    /// The tables as of the snapshot's version, for those that need them.
    tables: Option<AsyncMutex<ReadTx>>,
    pub reads: Reads,
    /// The newest version that a mutation of this request has made.
    written: AtomicI64,
}

impl Viewing {
    pub fn new(
        hub: Arc<Hub>,
        store: Store,
        writer: Writer,
        principal: Arc<Principal>,
        snapshot: Arc<Snapshot>,
        tables: Option<ReadTx>,
    ) -> Self {
        Self {
            hub,
            store,
            writer,
            principal,
            snapshot,
            tables: tables.map(AsyncMutex::new),
            reads: Reads::default(),
            written: AtomicI64::default(),
        }
    }

    pub fn of<'a>(ctx: &Context<'a>) -> &'a Self {
        ctx.data_unchecked::<Arc<Self>>()
    }

    pub const fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// Initiatives as of the snapshot's version, or as they are now where no tables were opened.
    pub async fn initiatives(&self, ids: &[InitiativeId]) -> Result<Vec<Initiative>> {
        match &self.tables {
            Some(tables) => tables.lock().await.initiatives(ids).await,
            None => match self.store.begin_read().await {
                Ok(mut tx) => tx.initiatives(ids).await,
                Err(error) => Err(error),
            },
        }
        .map_err(error::of_store)
    }

    pub fn note_written(&self, version: Version) {
        self.written.fetch_max(version.0, Ordering::Relaxed);
    }

    /// The version that the answer shows.
    pub fn shown(&self) -> Version {
        self.snapshot.version().max(Version(self.written.load(Ordering::Relaxed)))
    }
}

/// What an execution read. Its answer stays good until the last change of one of these.
#[derive(Debug, Default)]
pub struct Reads(Mutex<ReadSet>);

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct ReadSet {
    /// The topmost units: none lies below another.
    units: Vec<UnitId>,
    structure: bool,
    day: bool,
}

impl Reads {
    fn lock(&self) -> std::sync::MutexGuard<'_, ReadSet> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something of the unit or below it was read.
    pub fn unit(&self, snapshot: &Snapshot, unit: UnitId) {
        let mut reads = self.lock();
        if snapshot.registry.climb(unit).any(|step| reads.units.contains(&step)) {
            return;
        }
        reads.units.retain(|&below| !snapshot.registry.is_within(below, unit));
        reads.units.push(unit);
    }

    /// Periods, targets or the tree above a unit were read.
    pub fn structure(&self) {
        self.lock().structure = true;
    }

    /// What was read depends on which day it is.
    pub fn day(&self) {
        self.lock().day = true;
    }

    /// When anything that was read changed last.
    pub fn last_change(&self, snapshot: &Snapshot) -> Stamp {
        let reads = self.lock();
        let units = reads.units.iter().map(|&unit| snapshot.unit_changed(unit));
        let structure = reads.structure.then(|| snapshot.structure_changed());
        let day = reads.day.then(|| snapshot.day_changed());
        units.chain(structure).chain(day).max().unwrap_or_default()
    }
}
