//! The condition of the node: whether changes are carried out, and how old the board is.
//!
//! The writer's task notes what it meets; everybody else asks. A fault begins with the first failure, and is over when
//! a commit was followed by no failure for a while: a database that can be read may take no changes, and a full disk may
//! have room for a small one.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::limits::{CONDITION_SETTLED, CONDITION_SLACK};
use crate::measure;
use crate::store;

/// Shared by the writer's task and all who ask.
#[derive(Debug)]
pub struct Condition(Mutex<State>);

#[derive(Debug)]
struct State {
    fault: Option<Fault>,
    /// The last moment at which the writer's task had nothing behind it that hung.
    seen: Instant,
    /// The last moment at which the board held all of the log.
    caught_up: Instant,
}

#[derive(Debug)]
struct Fault {
    since: Instant,
    /// The first commit after the last failure.
    committed: Option<Instant>,
}

impl Default for Condition {
    fn default() -> Self {
        Self(Mutex::new(State::new(Instant::now())))
    }
}

impl State {
    const fn new(now: Instant) -> Self {
        Self { fault: None, seen: now, caught_up: now }
    }

    /// Whether a fault begins with this failure.
    fn fails(&mut self, now: Instant) -> bool {
        if let Some(fault) = &mut self.fault {
            fault.committed = None;
            return false;
        }
        self.fault = Some(Fault { since: now, committed: None });
        true
    }

    fn commits(&mut self, now: Instant) {
        if let Some(fault) = &mut self.fault {
            fault.committed.get_or_insert(now);
        }
    }

    /// The time that a fault took which is over.
    fn goes_on(&mut self, now: Instant) -> Option<Duration> {
        self.seen = now;
        let is_settled = |committed: Instant| now - committed >= CONDITION_SETTLED;
        let over = self.fault.take_if(|fault| fault.committed.is_some_and(is_settled))?;
        Some(now - over.since)
    }

    fn failing_for(&self, now: Instant) -> Duration {
        let hangs = (now - self.seen).saturating_sub(CONDITION_SLACK);
        self.fault.as_ref().map_or(Duration::ZERO, |fault| now - fault.since).max(hangs)
    }

    fn behind_for(&self, now: Instant) -> Duration {
        (now - self.caught_up).saturating_sub(CONDITION_SLACK)
    }
}

impl Condition {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a failure that is no single command's. The first of a fault is logged.
    pub fn fails(&self, error: store::Error) {
        let begins = self.state().fails(Instant::now());
        let passes = error.is_transient();
        let error = format!("{:#}", anyhow::Error::from(error));
        if !begins {
            tracing::debug!(error, "changes still fail");
            return;
        }
        metrics::counter!(measure::FAULTS).increment(1);
        if passes {
            tracing::error!(error, "changes fail");
        } else {
            tracing::error!(error, "changes fail, and will until somebody mends the database");
        }
    }

    /// Notes that the database took a change.
    pub fn commits(&self) {
        self.state().commits(Instant::now());
    }

    /// Notes that the writer's task looks for something to do. The end of a fault is logged.
    pub fn goes_on(&self) {
        let over = self.state().goes_on(Instant::now());
        if let Some(took) = over {
            tracing::info!(seconds = took.as_secs(), "changes are carried out again");
        }
    }

    /// Notes that the board holds all of the log.
    pub fn catches_up(&self) {
        self.state().caught_up = Instant::now();
    }

    /// Whether nothing was committed since the last failure.
    pub fn is_failing(&self) -> bool {
        self.state().fault.as_ref().is_some_and(|fault| fault.committed.is_none())
    }

    /// The time for which changes have failed, or waited for one that hangs; zero while they are carried out.
    pub fn failing_for(&self) -> Duration {
        self.state().failing_for(Instant::now())
    }

    /// The time for which the board may have lacked events of the log; zero while the log is looked at all the time.
    pub fn behind_for(&self) -> Duration {
        self.state().behind_for(Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_fault_lasts_until_commits_are_followed_by_no_failure() {
        let mut now = Instant::now();
        let mut state = State::new(now);
        assert_eq!(state.failing_for(now), Duration::ZERO);
        assert!(state.fails(now), "it begins");
        now += 3 * SECOND;
        assert_eq!(state.goes_on(now), None);
        assert!(!state.fails(now), "it is the same");
        assert_eq!(state.failing_for(now), 3 * SECOND);
        // A small change had room, the next had none.
        state.commits(now);
        now += CONDITION_SETTLED - SECOND;
        assert_eq!(state.goes_on(now), None);
        assert!(!state.fails(now), "it is the same");
        now += SECOND;
        assert_eq!(state.goes_on(now), None, "nothing was committed since");
        state.commits(now);
        now += CONDITION_SETTLED - SECOND;
        state.commits(now);
        assert_eq!(state.goes_on(now), None);
        now += SECOND;
        assert_eq!(state.goes_on(now), Some(3 * SECOND + 2 * CONDITION_SETTLED));
        assert_eq!(state.failing_for(now), Duration::ZERO);
        assert!(state.fails(now), "another begins");
    }

    #[test]
    fn what_hangs_fails_too() {
        let mut now = Instant::now();
        let state = State::new(now);
        now += CONDITION_SLACK;
        assert_eq!(
            (state.failing_for(now), state.behind_for(now)),
            (Duration::ZERO, Duration::ZERO)
        );
        now += 5 * SECOND;
        assert_eq!((state.failing_for(now), state.behind_for(now)), (5 * SECOND, 5 * SECOND));
    }
}
