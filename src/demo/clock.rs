//! The demo's clock: starts when told and runs faster than the machine's.

use std::sync::{PoisonError, RwLock};

use crate::domain::Timestamp;
use crate::domain::clock::{Clock, SystemClock};

pub struct ScaledClock {
    speed: i64,
    /// A moment of this clock, and the moment of the machine's at which it was.
    anchor: RwLock<(Timestamp, Timestamp)>,
}

impl ScaledClock {
    /// `speed` times as fast as the machine's clock, from `start` on.
    pub fn new(start: Timestamp, speed: u32) -> Self {
        Self { speed: i64::from(speed), anchor: RwLock::new((start, SystemClock.now())) }
    }

    pub fn jump_to(&self, moment: Timestamp) {
        *self.anchor.write().unwrap_or_else(PoisonError::into_inner) = (moment, SystemClock.now());
    }
}

impl Clock for ScaledClock {
    fn now(&self) -> Timestamp {
        let (moment, then) = *self.anchor.read().unwrap_or_else(PoisonError::into_inner);
        let passed = (SystemClock.now().0 - then.0).max(0);
        Timestamp(moment.0.saturating_add(passed.saturating_mul(self.speed)))
    }
}
