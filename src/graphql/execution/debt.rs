//! Work that was done ahead of the time for it.

use std::time::Duration;

use tokio::time::Instant;

/// Work done beyond what time has made up for.
#[derive(Debug, Clone, Copy)]
pub struct Debt {
    work: Duration,
    at: Instant,
}

impl Debt {
    pub const fn new(now: Instant) -> Self {
        Self { work: Duration::ZERO, at: now }
    }

    /// How long until there is time for more, if so much may be done ahead.
    pub fn wait(&mut self, now: Instant, rate: f64, ahead: Duration) -> Duration {
        let made_up = now.saturating_duration_since(self.at).mul_f64(rate);
        *self = Self { work: self.work.saturating_sub(made_up), at: now };
        self.work.saturating_sub(ahead).div_f64(rate)
    }

    pub fn add(&mut self, work: Duration) {
        self.work += work;
    }

    /// What was expected to take so long did not, or was counted otherwise.
    pub fn forgive(&mut self, work: Duration) {
        self.work = self.work.saturating_sub(work);
    }

    /// Forgives what is beyond.
    pub fn bound(&mut self, most: Duration) {
        self.work = self.work.min(most);
    }
}
