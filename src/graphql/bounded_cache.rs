//! Caches that are bounded by number and by bytes; what is asked for often stays.

use std::hash::Hash;

use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

/// The bounds of a cache.
pub struct Bounds {
    /// The number of entries that are expected; it bounds what is remembered of those that went.
    pub entries: usize,
    pub bytes: u64,
    /// Parts with a lock and an equal share of the bytes each. The library would make four for each core: on 16 cores no
    /// part would hold an entry of half a megabyte.
    pub shards: usize,
}

impl Bounds {
    /// An empty cache, whose entries weigh by `weighter` in bytes.
    pub fn cache<K, V, W>(self, weighter: W) -> Cache<K, V, W>
    where
        K: Hash + Eq,
        V: Clone,
        W: Weighter<K, V> + Clone,
    {
        let options = OptionsBuilder::new()
            .shards(self.shards)
            .estimated_items_capacity(self.entries)
            .weight_capacity(self.bytes)
            .build()
            .expect("both capacities are given");
        let lifecycle = DefaultLifecycle::default();
        Cache::with_options(options, weighter, DefaultHashBuilder::default(), lifecycle)
    }
}
