//! Closings whose figures are not in the database yet: the board of each moment waits here until they are, so that nobody
//! waits for them who asks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use crate::board::Snapshot;
use crate::domain::{PeriodId, Version};
use crate::limits::CLOSINGS_WAITING;

/// The work that waits for the keeper of figures.
#[derive(Debug, Default)]
pub struct Unkept {
    /// The boards of events that closed periods.
    waiting: Mutex<BTreeMap<Version, Arc<Snapshot>>>,
    /// Closings whose figures were found damaged.
    damaged: Mutex<BTreeSet<(Version, PeriodId)>>,
    /// Wakes the keeper.
    wake: Notify,
}

impl Unkept {
    /// Lets a board wait. Beyond the bound it is left out, and its figures are to be made from the log.
    pub fn put(&self, board: Snapshot) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < CLOSINGS_WAITING {
            waiting.insert(board.version(), Arc::new(board));
        }
        drop(waiting);
        self.wake.notify_one();
    }

    /// The board at that version, if it waits.
    pub fn at(&self, version: Version) -> Option<Arc<Snapshot>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).get(&version).cloned()
    }

    /// The oldest that waits.
    pub fn first(&self) -> Option<Arc<Snapshot>> {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.first_key_value().map(|(_, board)| Arc::clone(board))
    }

    /// The figures of that version are in the database.
    pub fn done(&self, version: Version) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&version);
    }

    /// Has what the database lacks made again.
    pub fn make_again(&self) {
        self.wake.notify_one();
    }

    /// Has figures made again that were found damaged.
    pub fn mend(&self, version: Version, period: PeriodId) {
        let mut damaged = self.damaged.lock().unwrap_or_else(PoisonError::into_inner);
        damaged.insert((version, period));
        drop(damaged);
        self.wake.notify_one();
    }

    /// Takes what was found damaged.
    pub fn take_damaged(&self) -> Vec<(Version, PeriodId)> {
        let mut damaged = self.damaged.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *damaged).into_iter().collect()
    }

    /// Waits until there is something to do.
    pub async fn wait(&self) {
        self.wake.notified().await;
    }
}
