//! Loaders: they read tables for many fields together.
//!
//! Loaders are made for each execution and cache nothing: they gather the keys that fields ask for at the same moment,
//! wherever in the query, into one statement.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use async_graphql::Error;
use async_graphql::dataloader::{DataLoader, Loader};
use tokio::sync::Mutex as AsyncMutex;

use super::list_counts::ListCounts;
use crate::board::Snapshot;
use crate::domain::{Event, Grant, Initiative, InitiativeId, UnitId, Version};
use crate::error;
use crate::feed::{Hub, tables};
use crate::initiative_lists::{self, AccessPath, CountRequest, Page, PageRequest};
use crate::limits::LOADER_DELAY;
use crate::store::{self, ReadTx, Store};

/// The tables as of the version of an execution.
#[derive(Clone)]
pub struct Tables {
    pub hub: Arc<Hub>,
    pub store: Store,
    /// Counts of lists, for all executions.
    pub counts: Arc<ListCounts>,
    /// The transaction that a query opened at its beginning, with the snapshot of the same version. Subscriptions and
    /// mutations read the newest tables each time.
    pub opened: Option<(Arc<AsyncMutex<ReadTx>>, Arc<Snapshot>)>,
}

impl Tables {
    /// # Errors
    /// If the database cannot be read.
    pub async fn read<T>(
        &self,
        read: impl AsyncFnOnce(&mut ReadTx, &Snapshot) -> Result<T, store::Error>,
    ) -> Result<T, store::Error> {
        if let Some((tables, snapshot)) = &self.opened {
            return read(&mut *tables.lock().await, snapshot).await;
        }
        let (snapshot, mut tx) = tables::open(&self.hub, &self.store).await?;
        read(&mut tx, &snapshot).await
    }
}

/// Reads rows for callers with these grants.
pub struct Rows {
    tables: Tables,
    grants: Arc<[Grant]>,
}

pub type Loaders = DataLoader<Rows>;

/// The key of a page of the initiatives in a unit's subtree.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PageKey {
    pub top: UnitId,
    pub request: Arc<PageRequest>,
}

/// The key of the number of initiatives in a unit's subtree.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CountKey {
    pub top: UnitId,
    pub request: Arc<CountRequest>,
}

/// The key of all events of an initiative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EventsOf(pub InitiativeId);

/// The key of the tag of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TagOf(pub Version);

pub fn loaders(tables: Tables, grants: Arc<[Grant]>) -> Loaders {
    DataLoader::new(Rows { tables, grants }, tokio::spawn)
        .delay(LOADER_DELAY)
        .max_batch_size(usize::MAX)
}

impl Loader<InitiativeId> for Rows {
    type Value = Arc<Initiative>;
    type Error = Error;

    async fn load(
        &self,
        ids: &[InitiativeId],
    ) -> Result<HashMap<InitiativeId, Self::Value>, Error> {
        let rows = self.tables.read(async |tx, _| tx.initiatives(ids).await).await;
        let rows = rows.map_err(error::of_store)?;
        Ok(rows.into_iter().map(|row| (row.id, Arc::new(row))).collect())
    }
}

impl Loader<PageKey> for Rows {
    type Value = Page;
    type Error = Error;

    async fn load(&self, keys: &[PageKey]) -> Result<HashMap<PageKey, Page>, Error> {
        let mut found = HashMap::with_capacity(keys.len());
        for (request, tops) in by_request(keys.iter().map(|key| (&key.request, key.top))) {
            let key = |top| PageKey { top, request: Arc::clone(&request) };
            let (grants, path) = (&self.grants, AccessPath::Cheapest);
            let read = async |tx: &mut ReadTx, snapshot: &Snapshot| {
                initiative_lists::pages(tx, snapshot, grants, &tops, &request, path).await
            };
            let pages = self.tables.read(read).await.map_err(error::of_store)?;
            found.extend(tops.iter().map(|&top| key(top)).zip(pages));
        }
        Ok(found)
    }
}

impl Loader<CountKey> for Rows {
    type Value = i64;
    type Error = Error;

    async fn load(&self, keys: &[CountKey]) -> Result<HashMap<CountKey, i64>, Error> {
        let mut found = HashMap::with_capacity(keys.len());
        for (request, tops) in by_request(keys.iter().map(|key| (&key.request, key.top))) {
            let key = |top| CountKey { top, request: Arc::clone(&request) };
            let grants = &self.grants;
            let read = async |tx: &mut ReadTx, snapshot: &Snapshot| {
                let counts =
                    initiative_lists::counts(tx, snapshot, grants, &tops, &request).await?;
                for (&top, &count) in tops.iter().zip(&counts) {
                    self.tables.counts.keep(snapshot, &key(top), grants, count);
                }
                Ok(counts)
            };
            let counts = self.tables.read(read).await.map_err(error::of_store)?;
            found.extend(tops.iter().map(|&top| key(top)).zip(counts));
        }
        Ok(found)
    }
}

impl Loader<EventsOf> for Rows {
    type Value = Arc<Vec<Arc<Event>>>;
    type Error = Error;

    async fn load(&self, keys: &[EventsOf]) -> Result<HashMap<EventsOf, Self::Value>, Error> {
        let ids: Vec<InitiativeId> = keys.iter().map(|key| key.0).collect();
        let events = self.tables.read(async |tx, _| tx.events_of(&ids).await).await;
        let mut found: HashMap<EventsOf, Vec<Arc<Event>>> = HashMap::new();
        for event in events.map_err(error::of_store)? {
            if let Some(id) = event.body.initiative() {
                found.entry(EventsOf(id)).or_default().push(Arc::new(event));
            }
        }
        Ok(found.into_iter().map(|(key, events)| (key, Arc::new(events))).collect())
    }
}

impl Loader<TagOf> for Rows {
    type Value = i64;
    type Error = Error;

    async fn load(&self, keys: &[TagOf]) -> Result<HashMap<TagOf, i64>, Error> {
        let versions: Vec<Version> = keys.iter().map(|key| key.0).collect();
        let tags = self.tables.read(async |tx, _| tx.tags(&versions).await).await;
        let tags = tags.map_err(error::of_store)?.into_iter();
        Ok(tags.map(|(version, tag)| (TagOf(version), tag)).collect())
    }
}

/// Groups the units of equal arguments, which one statement can read together.
fn by_request<'a, A: Eq + Hash + 'a>(
    keys: impl Iterator<Item = (&'a Arc<A>, UnitId)>,
) -> HashMap<Arc<A>, Vec<UnitId>> {
    let mut groups: HashMap<Arc<A>, Vec<UnitId>> = HashMap::new();
    for (request, top) in keys {
        groups.entry(Arc::clone(request)).or_default().push(top);
    }
    groups
}
