//! Closings whose figures are not in the database yet: the board of each moment waits here until they are, so that nobody
//! waits for them who asks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::board::{Closings, Snapshot};
use crate::domain::{PeriodId, Version};
use crate::limits::CLOSINGS_WAITING;

/// The version and the period of a closing.
pub type ClosingKey = (Version, PeriodId);

/// The reason why nothing makes the figures of a closing any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// They are damaged or missing, and older than the log.
    Gone,
    /// They have more bytes than are kept.
    TooLarge,
}

/// The work that waits for the keeper of figures.
#[derive(Debug, Default)]
pub struct Unkept {
    work: Mutex<Work>,
    /// Wakes the keeper.
    wake: Notify,
}

#[derive(Debug, Default)]
struct Work {
    /// The boards of events that closed periods.
    waiting: BTreeMap<Version, Arc<Snapshot>>,
    /// The closings whose figures in the database are damaged, or made of a board that was wrong.
    damaged: BTreeSet<ClosingKey>,
    /// Those whose figures were removed for that.
    removed: BTreeSet<ClosingKey>,
    lost: BTreeMap<ClosingKey, Loss>,
    /// The version up to which the board is known to be right.
    right_until: Version,
}

impl Unkept {
    /// For a board that was loaded at this version.
    pub fn of(version: Version) -> Self {
        let work = Work { right_until: version, ..Work::default() };
        Self { work: Mutex::new(work), wake: Notify::new() }
    }

    fn work(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a board wait. Beyond the bound it is left out, and its figures are to be made from the log.
    pub fn put(&self, board: Snapshot) {
        let mut work = self.work();
        if work.waiting.len() < CLOSINGS_WAITING {
            work.waiting.insert(board.version(), Arc::new(board));
        }
        drop(work);
        self.wake.notify_one();
    }

    /// The board at that version, if it waits.
    pub fn at(&self, version: Version) -> Option<Arc<Snapshot>> {
        self.work().waiting.get(&version).cloned()
    }

    /// The oldest that waits.
    pub fn first(&self) -> Option<Arc<Snapshot>> {
        self.work().waiting.first_key_value().map(|(_, board)| Arc::clone(board))
    }

    /// The figures of that version are in the database.
    pub fn done(&self, version: Version) {
        self.work().waiting.remove(&version);
    }

    /// Has what the database lacks made again.
    pub fn make_again(&self) {
        self.wake.notify_one();
    }

    /// Has figures made again that were found damaged. Returns whether that is new.
    pub fn mend(&self, key: ClosingKey) -> bool {
        let is_new = self.work().damaged.insert(key);
        self.wake.notify_one();
        is_new
    }

    /// The board was found right at that version, and with it the figures that were made of it before.
    pub fn found_right(&self, version: Version) {
        let mut work = self.work();
        work.right_until = work.right_until.max(version);
    }

    /// The board was wrong, and was loaded anew: the figures of closings that nobody knows to be right are made again.
    pub fn begin_anew(&self, closings: &Closings, loaded: Version) {
        let mut work = self.work();
        work.waiting.clear();
        // A wrong board may have been too large.
        work.lost.clear();
        let known = work.right_until;
        let doubtful = closings.all().filter(|closing| closing.version() > known);
        work.damaged.extend(doubtful.map(|closing| (closing.version(), closing.period)));
        work.right_until = loaded;
        drop(work);
        self.wake.notify_one();
    }

    /// The closings whose figures in the database are damaged, or made of a board that was wrong.
    pub fn damaged(&self) -> BTreeSet<ClosingKey> {
        self.work().damaged.clone()
    }

    /// Whether the closing is one of them.
    pub fn is_damaged(&self, key: ClosingKey) -> bool {
        self.work().damaged.contains(&key)
    }

    /// These are not in the database any more.
    pub fn removed(&self, damaged: &BTreeSet<ClosingKey>) {
        let mut work = self.work();
        work.damaged.retain(|key| !damaged.contains(key));
        work.removed.extend(damaged);
    }

    /// Whether figures were removed, so that an earlier transaction still shows them.
    pub fn was_removed(&self, key: ClosingKey) -> bool {
        self.work().removed.contains(&key)
    }

    /// Notes that nothing makes these figures any more. Returns whether that is new.
    pub fn lose(&self, key: ClosingKey, loss: Loss) -> bool {
        let mut work = self.work();
        work.damaged.remove(&key);
        work.lost.insert(key, loss).is_none()
    }

    /// The reason why nothing makes these figures any more; `None` if something does.
    pub fn loss(&self, key: ClosingKey) -> Option<Loss> {
        self.work().lost.get(&key).copied()
    }

    /// Waits until there is something to do.
    pub async fn wait(&self) {
        self.wake.notified().await;
    }
}
