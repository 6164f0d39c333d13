//! The result cache: requests of the same key share a result until one of its dependencies changes.

mod cached_executor;
mod entry;
mod key;

pub use cached_executor::{CachedExecutor, Delivery};
pub use entry::{CacheEntry, CachedResult, Lookup};
pub use key::ResultKey;

use std::convert::Infallible;
use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::graphql::bounded_cache::Bounds;
use crate::graphql::execution::Execution;
use crate::limits::{RESULT_MAX, RESULTS_BYTES, RESULTS_KEPT, RESULTS_SHARDS};

/// Cache entries by key.
pub struct ResultCache(Cache<ResultKey, WeighedEntry, Bytewise>);

/// An entry with its weight in bytes. The library needs a weight that stays until the entry is inserted again, so the
/// weight is stored.
#[derive(Debug, Clone)]
struct WeighedEntry {
    entry: Arc<CacheEntry>,
    bytes: u64,
}

#[derive(Debug, Clone, Copy)]
struct Bytewise;

impl Weighter<ResultKey, WeighedEntry> for Bytewise {
    fn weight(&self, _: &ResultKey, weighed: &WeighedEntry) -> u64 {
        weighed.bytes
    }
}

impl Default for ResultCache {
    fn default() -> Self {
        let (entries, bytes, shards) = (RESULTS_KEPT, RESULTS_BYTES, RESULTS_SHARDS);
        Self(Bounds { entries, bytes, shards }.cache(Bytewise))
    }
}

impl ResultCache {
    /// The entry of the key, which is inserted empty if it is missing.
    pub fn of(&self, key: &ResultKey) -> Arc<CacheEntry> {
        let made = || Ok::<_, Infallible>(WeighedEntry::new(key, Arc::default()));
        match self.0.get_or_insert_with(key, made) {
            Ok(weighed) => weighed.entry,
            Err(never) => match never {},
        }
    }

    /// Weighs the entry again after its result has changed.
    pub fn reweigh(&self, key: ResultKey, entry: Arc<CacheEntry>) {
        let weighed = WeighedEntry::new(&key, entry);
        self.0.insert(key, weighed);
    }
}

impl WeighedEntry {
    fn new(key: &ResultKey, entry: Arc<CacheEntry>) -> Self {
        let result = entry.newest().map_or(0, |cached| cached.result.text.len());
        // Twice, since a compressed form may be added later.
        let bytes = (key.size() + size_of::<CacheEntry>() + 2 * result) as u64;
        Self { entry, bytes }
    }
}

/// Whether the result of a query, or of an event of a feed, may be cached. TOO_COSTLY is cached as well, since it holds
/// as long as a result would.
pub fn may_cache(execution: &Execution) -> bool {
    (execution.is_whole || execution.is_too_costly) && execution.result.text.len() <= RESULT_MAX
}
