//! A channel: what is published to all who follow the same state.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::yield_now;
use tokio::time::Instant;

use super::message::Told;
use super::subscriber::Post;
use crate::auth::Client;
use crate::auth::byte_budget::BytePermit;
use crate::auth::quota::NoPlace;
use crate::board::Snapshot;
use crate::graphql::cache::changes::StampKeys;
use crate::graphql::cache::{CacheEntry, CachedResult};
use crate::graphql::execution::{Execution, Operation};

/// Followers that are told before others of this server have their turn: half a millisecond's.
pub const TOLD_IN_A_ROW: usize = 64;

/// What is followed by all in it.
pub struct Room {
    pub(super) operation: Operation,
    pub(super) stamps: Option<Arc<StampKeys>>,
    pub(super) entry: CacheEntry,
    pub(super) shown: Mutex<Option<Shown>>,
    /// By the number of their seats.
    pub(super) posts: Mutex<HashMap<u64, Follower>>,
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

/// One who follows what is shown in a room.
pub struct Follower {
    pub(super) client: Client,
    pub(super) post: Arc<Post>,
}

/// What all in a room are told.
#[derive(Debug, Clone)]
pub enum Shown {
    State {
        cached: Arc<CachedResult>,
        /// When the first change that is new in it could be read.
        changed_at: Option<Instant>,
    },
    /// It has come to rest on more of each than the audience: each needs a room alone.
    Apart,
}

impl Shown {
    pub(super) fn serial(&self) -> u64 {
        match self {
            Self::State { cached, .. } => cached.serial,
            Self::Apart => u64::MAX,
        }
    }

    /// As the same message to all; `None` for what means more to each than a message.
    pub(super) fn told(&self) -> Option<Told> {
        match self {
            Self::State { cached, changed_at } if !cached.result.is_void => {
                let result = Arc::clone(&cached.result);
                Some(Told { changed_at: *changed_at, ..Told::of(result) })
            }
            _ => None,
        }
    }
}

pub fn may_show(execution: &Execution) -> bool {
    !execution.result.is_refusal && !execution.lacks_database
}

impl Room {
    /// Takes the bytes of what is about to be shown, in place of those of what is shown.
    pub(super) fn make_room_for(&self, execution: &Execution) -> Result<(), NoPlace> {
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

    pub(super) fn shown(&self) -> MutexGuard<'_, Option<Shown>> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn posts(&self) -> MutexGuard<'_, HashMap<u64, Follower>> {
        self.posts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows the same with the version and time at which it was found to be so last; else two texts of it would be held.
    pub(super) fn renew(&self, newer: &Arc<CachedResult>) {
        if let Some(Shown::State { cached, .. }) = &mut *self.shown()
            && cached.serial == newer.serial
        {
            *cached = Arc::clone(newer);
        }
    }

    /// Of what is shown.
    pub(super) fn serial(&self) -> Option<u64> {
        self.shown().as_ref().map(Shown::serial)
    }

    /// Shows it, and tells all who are there.
    pub(super) async fn show(&self, shown: Shown) {
        let serial = shown.serial();
        let told = shown.told();
        *self.shown() = Some(shown);
        let posts: Vec<Arc<Post>> = self.posts().values().map(|it| Arc::clone(&it.post)).collect();
        for some in posts.chunks(TOLD_IN_A_ROW) {
            some.iter().for_each(|post| post.offer(serial, told.as_ref()));
            yield_now().await;
        }
    }
}
