//! A channel: what is published to all who follow the same state.

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

/// Followers that are told before others of this server have their turn: half a millisecond's.
pub const SENT_IN_A_ROW: usize = 64;

/// What is followed by all in it.
pub struct Channel {
    pub(super) operation: Operation,
    pub(super) stamps: Option<Arc<StampKeys>>,
    pub(super) entry: CacheEntry,
    pub(super) published: Mutex<Option<Published>>,
    /// By the number of their seats.
    pub(super) subscribers: Mutex<HashMap<u64, Arc<Subscriber>>>,
    /// Something that was read has changed, or there is something newer than is shown.
    pub(super) news: Notify,
    /// Since when what is shown is not the newest state.
    pub(super) changed_at: Mutex<Option<Instant>>,
    /// What an execution took last.
    pub(super) cost: Mutex<Duration>,
    pub(super) is_shared: bool,
    /// Of what is shown; its opener has them.
    pub(super) bytes: Mutex<BytePermit>,
}

/// What all in a room are told.
#[derive(Debug, Clone)]
pub enum Published {
    State {
        cached: Arc<CachedResult>,
        /// When the first change that is new in it could be read.
        changed_at: Option<Instant>,
    },
    /// It has come to rest on more of each than the audience: each needs a room alone.
    NoLongerShared,
}

impl Published {
    pub(super) fn serial(&self) -> u64 {
        match self {
            Self::State { cached, .. } => cached.serial,
            Self::NoLongerShared => u64::MAX,
        }
    }

    /// As the same message to all; `None` for what means more to each than a message.
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
    /// Takes the bytes of what is about to be shown, in place of those of what is shown.
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

    /// Whether something has changed that the last execution read.
    pub(super) fn is_stale(&self, snapshot: &Snapshot) -> bool {
        self.entry.newest().is_some_and(|newest| !newest.is_fresh(snapshot))
    }

    pub(super) fn wake(&self) {
        self.changed_at().get_or_insert_with(Instant::now);
        self.news.notify_one();
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

    /// Of what is shown.
    pub(super) fn serial(&self) -> Option<u64> {
        self.published().as_ref().map(Published::serial)
    }

    /// Shows it, and tells all who are there.
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
