//! Debt: work that was done ahead of the rate at which work is admitted.

use std::time::Duration;

use tokio::time::Instant;

/// The work that time has not made up for yet.
#[derive(Debug, Clone, Copy)]
pub struct Debt {
    work: Duration,
    at: Instant,
}

impl Debt {
    pub const fn new(now: Instant) -> Self {
        Self { work: Duration::ZERO, at: now }
    }

    /// The wait until more work may begin: zero while the debt is at most `ahead`. `rate` is in seconds of work a
    /// second.
    pub fn wait(&mut self, now: Instant, rate: f64, ahead: Duration) -> Duration {
        let made_up = now.saturating_duration_since(self.at).mul_f64(rate);
        *self = Self { work: self.work.saturating_sub(made_up), at: now };
        self.work.saturating_sub(ahead).div_f64(rate)
    }

    pub fn add(&mut self, work: Duration) {
        self.work += work;
    }

    /// Takes off work that was expected and not done, or that was added otherwise.
    pub fn forgive(&mut self, work: Duration) {
        self.work = self.work.saturating_sub(work);
    }

    /// Forgives the debt beyond `most`.
    pub fn bound(&mut self, most: Duration) {
        self.work = self.work.min(most);
    }
}
