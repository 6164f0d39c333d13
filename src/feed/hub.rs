//! The hand-over of snapshots and events from the writer to all who read, within this process.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use tokio::sync::watch;
use tokio::time::Instant;

use super::log_pages::LogPages;
use super::unkept::Unkept;
use crate::board::Snapshot;
use crate::domain::{Event, Version};
use crate::limits::{EVENTS_KEPT, SNAPSHOTS_KEPT};

/// The hand-over from the one who folds to all who read, within this process.
#[derive(Debug)]
pub struct Hub {
    latest: ArcSwap<Snapshot>,
    /// Versions at commit boundaries; a reader of tables finds the snapshot of what it sees.
    snapshots: Mutex<VecDeque<Arc<Snapshot>>>,
    /// The newest events, dense, and when each could first be read.
    events: Mutex<VecDeque<(Instant, Arc<Event>)>>,
    version: watch::Sender<Version>,
    /// Pages of the log that is no longer in memory.
    pub(super) pages: LogPages,
    /// Versions that readers of tables wait for, each until it is published or passed over.
    awaited: Mutex<BTreeMap<Version, watch::Sender<Option<Arc<Snapshot>>>>>,
    trusted: AtomicBool,
    unkept: Unkept,
}

impl Hub {
    /// A hub that holds one snapshot, and no events.
    pub fn new(first: Snapshot) -> Self {
        let version = watch::Sender::new(first.version());
        let unkept = Unkept::of(first.version());
        let first = Arc::new(first);
        Self {
            latest: ArcSwap::new(Arc::clone(&first)),
            snapshots: Mutex::new(VecDeque::from([first])),
            events: Mutex::default(),
            version,
            pages: LogPages::default(),
            awaited: Mutex::default(),
            trusted: AtomicBool::new(true),
            unkept,
        }
    }

    /// Closings whose figures are not in the database yet.
    pub const fn unkept(&self) -> &Unkept {
        &self.unkept
    }

    /// Whether the snapshot is known to be right, as far as anybody has looked.
    pub fn is_trusted(&self) -> bool {
        self.trusted.load(Ordering::Relaxed)
    }

    /// Notes whether the snapshot was found right.
    pub fn set_trusted(&self, trusted: bool) {
        self.trusted.store(trusted, Ordering::Relaxed);
    }

    /// Makes a new version visible: first to be read, then to those who wait for it.
    pub fn publish(&self, snapshot: Snapshot, events: impl IntoIterator<Item = Event>) {
        let version = snapshot.version();
        let snapshot = Arc::new(snapshot);
        {
            let mut snapshots = self.snapshots.lock().unwrap_or_else(PoisonError::into_inner);
            snapshots.push_back(Arc::clone(&snapshot));
            if snapshots.len() > SNAPSHOTS_KEPT {
                snapshots.pop_front();
            }
        }
        {
            let mut ring = self.events.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            ring.extend(events.into_iter().map(|event| (now, Arc::new(event))));
            let surplus = ring.len().saturating_sub(EVENTS_KEPT);
            ring.drain(..surplus);
        }
        self.latest.store(Arc::clone(&snapshot));
        self.version.send_replace(version);
        let mut awaited = self.awaited.lock().unwrap_or_else(PoisonError::into_inner);
        let later = awaited.split_off(&version.next());
        for (version, reader) in std::mem::replace(&mut *awaited, later) {
            // A version that was passed over ends with its sender.
            if version == snapshot.version() {
                reader.send_replace(Some(Arc::clone(&snapshot)));
            }
        }
    }

    /// Waits for the snapshot of exactly this version, at which somebody has committed; whoever folds on the way to it
    /// publishes it. `None` when it is no longer kept, or was passed over. Bound it by a timeout.
    pub async fn exactly(&self, version: Version) -> Option<Arc<Snapshot>> {
        let mut published = {
            let mut awaited = self.awaited.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(snapshot) = self.at(version) {
                return Some(snapshot);
            }
            if self.latest().version() > version {
                return None;
            }
            // Readers gave up on the others; a node that falls behind would keep one for each version.
            awaited.retain(|_, reader| reader.receiver_count() > 0);
            awaited.entry(version).or_insert_with(|| watch::Sender::new(None)).subscribe()
        };
        published.wait_for(Option::is_some).await.ok()?.clone()
    }

    /// The first version that somebody waits for.
    pub fn first_awaited(&self) -> Option<Version> {
        let awaited = self.awaited.lock().unwrap_or_else(PoisonError::into_inner);
        awaited.keys().next().copied()
    }

    /// The newest snapshot.
    pub fn latest(&self) -> Arc<Snapshot> {
        self.latest.load_full()
    }

    /// The snapshot of exactly this version; `None` when it is not among those kept.
    pub fn at(&self, version: Version) -> Option<Arc<Snapshot>> {
        let snapshots = self.snapshots.lock().unwrap_or_else(PoisonError::into_inner);
        snapshots.iter().rev().find(|snapshot| snapshot.version() == version).cloned()
    }

    /// Wakes whenever a newer version is there to be read.
    pub fn versions(&self) -> watch::Receiver<Version> {
        self.version.subscribe()
    }

    /// Waits until a version is there. Bound it by a timeout.
    pub async fn reached(&self, version: Version) {
        let mut versions = self.versions();
        // The sender lives as long as this hub does.
        let _seen = versions.wait_for(|&there| there >= version).await;
    }

    /// The events after `version` that are still in memory; `None` when some are not.
    pub(super) fn recent_events(&self, version: Version, limit: usize) -> Option<Vec<Arc<Event>>> {
        let ring = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let skip = place(&ring, version.next())?;
        Some(ring.iter().skip(skip).take(limit).map(|(_, event)| Arc::clone(event)).collect())
    }

    /// The tag of the event of this version; `None` where memory does not tell.
    pub fn tag(&self, version: Version) -> Option<i64> {
        let latest = self.latest();
        if version == latest.version() {
            return Some(latest.head_tag());
        }
        let ring = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        ring.get(place(&ring, version)?).map(|(_, event)| event.tag)
    }

    /// When the event of this version could first be read; `None` when that is long ago.
    pub fn published_at(&self, version: Version) -> Option<Instant> {
        let ring = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        ring.get(place(&ring, version)?).map(|(at, _)| *at)
    }
}

/// The index that an event has, or would have; `None` before the first.
fn place(ring: &VecDeque<(Instant, Arc<Event>)>, version: Version) -> Option<usize> {
    let (_, first) = ring.front()?;
    usize::try_from(version.0 - first.version.0).ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;
    use crate::board::Board;

    #[tokio::test]
    async fn a_version_that_nobody_waits_for_any_more_is_not_kept() {
        let hub = Hub::new(Board::default().snapshot());
        for version in 1..100 {
            let waited = timeout(Duration::ZERO, hub.exactly(Version(version))).await;
            assert!(waited.is_err(), "nobody publishes it");
        }
        assert_eq!(hub.awaited.lock().unwrap().len(), 1);
    }
}
