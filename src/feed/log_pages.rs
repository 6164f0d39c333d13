//! Parts of the log that were read lately, so that feeds over the same part read it once.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

use crate::domain::{Event, Version};
use crate::limits::{FEED_PAGE, FEED_PAGES_BYTES};
use crate::store::{self, Store};

/// Events in the order of the log.
pub type LogPage = Arc<[Arc<Event>]>;

/// Whole pages, by their last version; bounded by bytes.
pub struct LogPages {
    cache: Cache<i64, LogPage, ByBytes>,
    reads: AtomicU64,
}

#[derive(Debug, Clone, Copy)]
struct ByBytes;

impl Weighter<i64, LogPage> for ByBytes {
    fn weight(&self, _: &i64, page: &LogPage) -> u64 {
        page.iter().map(|event| event.bytes() as u64).sum()
    }
}

impl fmt::Debug for LogPages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogPages").finish_non_exhaustive()
    }
}

impl Default for LogPages {
    fn default() -> Self {
        // In one piece, so that a page of long reasons has room in it.
        let options = OptionsBuilder::new()
            .estimated_items_capacity(64)
            .weight_capacity(FEED_PAGES_BYTES)
            .shards(1)
            .build()
            .expect("all that has no default is given");
        let (hasher, lifecycle) = (DefaultHashBuilder::default(), DefaultLifecycle::default());
        let cache = Cache::with_options(options, ByBytes, hasher, lifecycle);
        Self { cache, reads: AtomicU64::new(0) }
    }
}

impl LogPages {
    /// The version before the first of the page that holds an event, and the last.
    pub fn page_of(event: Version) -> (Version, Version) {
        let size = i64::try_from(FEED_PAGE).unwrap_or(i64::MAX);
        let before = (event.0 - 1) / size * size;
        (Version(before), Version(before + size))
    }

    /// The page that holds the event after `position`, as far as it is visible.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn page_after(
        &self,
        position: Version,
        visible: Version,
        store: &Store,
    ) -> Result<LogPage, store::Error> {
        let (before, last) = Self::page_of(position.next());
        if last > visible {
            // It grows yet.
            return self.read(position, visible, store).await;
        }
        self.cache.get_or_insert_async(&last.0, self.read(before, last, store)).await
    }

    /// The events after one version up to another.
    async fn read(
        &self,
        after: Version,
        last: Version,
        store: &Store,
    ) -> Result<LogPage, store::Error> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        let mut tx = store.begin_read().await?;
        let events = tx.events_after(after, last.0 - after.0).await?;
        Ok(events.into_iter().filter(|event| event.version <= last).map(Arc::new).collect())
    }

    /// The number of reads of the store.
    #[cfg(test)]
    pub fn reads(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }
}
