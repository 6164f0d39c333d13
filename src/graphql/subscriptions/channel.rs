//! A channel: all subscribers of one state, and the state that was published to them last.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::yield_now;
use tokio::time::Instant;

use super::message::Message;
use super::subscriber::Subscriber;
use crate::auth::byte_budget::BytePermit;
use crate::auth::quota::NotAdmitted;
use crate::board::Snapshot;
use crate::graphql::cache::{CacheEntry, CachedResult};
use crate::graphql::execution::changes::StampKeys;
use crate::graphql::execution::{Execution, Operation};

/// Subscribers that a channel offers a message to before it yields to other tasks: half a millisecond of work.
pub const SENT_IN_A_ROW: usize = 64;

/// One state and its subscribers. [`super::channels::Channels`] opens, executes and closes it.
pub struct Channel {
    pub(super) operation: Operation,
    pub(super) stamps: Option<Arc<StampKeys>>,
    pub(super) entry: CacheEntry,
    pub(super) published: Mutex<Option<Published>>,
    /// Subscribers by their numbers.
    pub(super) subscribers: Mutex<HashMap<u64, Arc<Subscriber>>>,
    /// Signalled when a dependency has changed, or when `entry` holds a newer state than `published`.
    pub(super) changed: Notify,
    /// The time since which `published` is not the newest state; `None` while it is.
    pub(super) changed_at: Mutex<Option<Instant>>,
    /// The CPU time of the last execution.
    pub(super) cost: Mutex<Duration>,
    /// Whether its key is open to the whole audience; a private channel has one subscriber.
    pub(super) is_shared: bool,
    /// The permit for the bytes of `published`, which counts for the channel's opener.
    pub(super) bytes: Mutex<BytePermit>,
}

/// The newest publication of a channel.
#[derive(Debug, Clone)]
pub enum Published {
    State {
        cached: Arc<CachedResult>,
        /// The moment at which the first change that is new in it could be read.
        changed_at: Option<Instant>,
    },
    /// The result now depends on more of the caller than the audience: each subscriber needs a private channel.
    NoLongerShared,
}

impl Published {
    pub(super) fn serial(&self) -> u64 {
        match self {
            Self::State { cached, .. } => cached.serial,
            Self::NoLongerShared => u64::MAX,
        }
    }

    /// The message that is the same for all subscribers. `None` where each must act itself: at the last state, and when
    /// the channel is no longer shared.
    pub(super) fn message(&self) -> Option<Message> {
        match self {
            Self::State { cached, changed_at } if !cached.result.is_void => {
                let result = Arc::clone(&cached.result);
                Some(Message { changed_at: *changed_at, ..Message::of(result) })
            }
            _ => None,
        }
    }
}

pub fn may_show(execution: &Execution) -> bool {
    !execution.result.is_refusal && !execution.lacks_database
}

impl Channel {
    /// Takes the bytes of the next publication, in place of those of the present one.
    pub(super) fn make_room_for(&self, execution: &Execution) -> Result<(), NotAdmitted> {
        if execution.is_private || !may_show(execution) {
            return Ok(());
        }
        self.bytes().resize(execution.result.text.len())
    }

    pub(super) fn bytes(&self) -> MutexGuard<'_, BytePermit> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn cost(&self) -> Duration {
        *self.cost.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn changed_at(&self) -> MutexGuard<'_, Option<Instant>> {
        self.changed_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a dependency of the last execution has changed.
    pub(super) fn is_stale(&self, snapshot: &Snapshot) -> bool {
        self.entry.newest().is_some_and(|newest| !newest.is_fresh(snapshot))
    }

    /// Asks for an execution, once the window is over and there is CPU time.
    pub(super) fn wake(&self) {
        self.changed_at().get_or_insert_with(Instant::now);
        self.changed.notify_one();
    }

    pub(super) fn published(&self) -> MutexGuard<'_, Option<Published>> {
        self.published.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn subscribers(&self) -> MutexGuard<'_, HashMap<u64, Arc<Subscriber>>> {
        self.subscribers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows the same with the version and time at which it was found to be so last; else two texts of it would be held.
    pub(super) fn renew(&self, newer: &Arc<CachedResult>) {
        if let Some(Published::State { cached, .. }) = &mut *self.published()
            && cached.serial == newer.serial
        {
            *cached = Arc::clone(newer);
        }
    }

    /// The serial of the newest publication.
    pub(super) fn serial(&self) -> Option<u64> {
        self.published().as_ref().map(Published::serial)
    }

    /// Stores the last publication, and wakes all subscribers: each takes it itself, whatever became of the others.
    pub(super) fn end(&self, last: Published) {
        let serial = last.serial();
        *self.published() = Some(last);
        self.subscribers().values().for_each(|subscriber| subscriber.offer(serial, None));
    }

    /// Stores the publication, then offers it to all subscribers.
    pub(super) async fn publish(&self, published: Published) {
        let serial = published.serial();
        let message = published.message();
        *self.published() = Some(published);
        let subscribers: Vec<Arc<Subscriber>> = self.subscribers().values().cloned().collect();
        for some in subscribers.chunks(SENT_IN_A_ROW) {
            some.iter().for_each(|subscriber| subscriber.offer(serial, message.as_ref()));
            yield_now().await;
        }
    }
}
