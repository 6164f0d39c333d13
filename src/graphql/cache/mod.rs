//! Results that are kept for whoever of the same audience asks the same.

mod cached_executor;
mod entry;
mod key;

pub use cached_executor::{CachedExecutor, Delivery};
pub use entry::{CacheEntry, CachedResult, Lookup};
pub use key::ResultKey;

use std::convert::Infallible;
use std::sync::Arc;

use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

use crate::graphql::execution::Execution;
use crate::limits::{RESULT_MAX, RESULTS_BYTES, RESULTS_KEPT, RESULTS_SHARDS};

/// Slots, bounded by count and bytes; what is asked for often stays.
pub struct ResultCache(Cache<ResultKey, WeighedEntry, Bytewise>);

/// The cache wants to find a weight as it was, until the slot is put in anew.
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
        // The cache would make four shards for each core, each with its part of the bytes: on 16 cores an
        // answer of half a megabyte would fit into none.
        let options = OptionsBuilder::new()
            .shards(RESULTS_SHARDS)
            .estimated_items_capacity(RESULTS_KEPT)
            .weight_capacity(RESULTS_BYTES)
            .build()
            .expect("both capacities are given");
        Self(Cache::with_options(
            options,
            Bytewise,
            DefaultHashBuilder::default(),
            DefaultLifecycle::default(),
        ))
    }
}

impl ResultCache {
    pub fn of(&self, key: &ResultKey) -> Arc<CacheEntry> {
        let made = || Ok::<_, Infallible>(WeighedEntry::new(key, Arc::default()));
        match self.0.get_or_insert_with(key, made) {
            Ok(weighed) => weighed.entry,
            Err(never) => match never {},
        }
    }

    /// Weighs it anew, after what it holds has changed.
    pub fn reweigh(&self, key: ResultKey, entry: Arc<CacheEntry>) {
        let weighed = WeighedEntry::new(&key, entry);
        self.0.insert(key, weighed);
    }
}

impl WeighedEntry {
    fn new(key: &ResultKey, entry: Arc<CacheEntry>) -> Self {
        let result = entry.newest().map_or(0, |cached| cached.result.text.len());
        // Twice, for the compressed form that may come to be.
        let bytes = (key.size() + size_of::<CacheEntry>() + 2 * result) as u64;
        Self { entry, bytes }
    }
}

/// Whether the answer to a query, or what is told of an event, may be kept. That it is too much to be answered holds as
/// long as an answer would.
pub fn may_cache(execution: &Execution) -> bool {
    (execution.is_whole || execution.is_too_costly) && execution.result.text.len() <= RESULT_MAX
}
