//! The one source of "now".
//!
//! The clock is passed in wherever time matters; `clippy.toml` forbids the ambient clocks.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use super::Timestamp;
use crate::limits::{CLOCK_AHEAD_DAYS, CLOCK_MOVED, CLOCK_SLEW};

/// A shared clock.
pub type SharedClock = Arc<dyn Clock>;

pub trait Clock: Send + Sync + 'static {
    /// The time by this clock.
    fn now(&self) -> Timestamp;

    /// The time that has passed since some moment, which no correction of the clock changes. `None` for a clock of its
    /// own, which a test or a simulation sets as it likes.
    fn passed(&self) -> Option<Duration>;

    /// The time of what a database writes whose own clock shows `database`; `None` if it has none. A database's clock
    /// goes before the machine's, since all nodes share it, but not before a clock of its own.
    fn time_of(&self, database: Option<Timestamp>) -> Timestamp {
        database.filter(|_| self.passed().is_some()).unwrap_or_else(|| self.now())
    }
}

/// The machine's clock. It may jump; the log orders events by version and never goes back in time.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the machine's clock is read"
    )]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn passed(&self) -> Option<Duration> {
        Some(passed())
    }
}

/// The time that has passed since the machine started. It goes on while the machine sleeps, where the system has such a
/// clock.
#[cfg(unix)]
fn passed() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    #[cfg(target_os = "linux")]
    const PASSED: ClockId = ClockId::Boottime;
    #[cfg(not(target_os = "linux"))]
    const PASSED: ClockId = ClockId::Monotonic;
    let passed = clock_gettime(PASSED);
    let (seconds, nanos) = (u64::try_from(passed.tv_sec), u32::try_from(passed.tv_nsec));
    Duration::new(seconds.unwrap_or_default(), nanos.unwrap_or_default())
}

/// The time that has passed since it was asked for first.
#[cfg(not(unix))]
#[expect(clippy::disallowed_methods, reason = "the one place where the machine's clock is read")]
fn passed() -> Duration {
    static FIRST: std::sync::LazyLock<std::time::Instant> =
        std::sync::LazyLock::new(std::time::Instant::now);
    // A moment of before, so that it is never nothing.
    FIRST.elapsed() + Duration::from_secs(1)
}

/// A clock that stands still until it is set, for tests and simulations.
#[derive(Debug)]
pub struct ManualClock {
    now: AtomicI64,
    /// Milliseconds that have passed.
    passed: Option<AtomicI64>,
}

impl ManualClock {
    /// A clock of its own.
    pub const fn new(now: Timestamp) -> Self {
        Self { now: AtomicI64::new(now.0), passed: None }
    }

    /// A clock in the place of a machine's: time passes by [`Self::advance_ms`] alone, and [`Self::set`] is a jump.
    pub const fn of_machine(now: Timestamp) -> Self {
        Self { passed: Some(AtomicI64::new(0)), ..Self::new(now) }
    }

    pub fn set(&self, now: Timestamp) {
        self.now.store(now.0, Ordering::Relaxed);
    }

    pub fn advance_ms(&self, ms: i64) {
        self.now.fetch_add(ms, Ordering::Relaxed);
        if let Some(passed) = &self.passed {
            passed.fetch_add(ms, Ordering::Relaxed);
        }
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.now.load(Ordering::Relaxed))
    }

    fn passed(&self) -> Option<Duration> {
        let passed = self.passed.as_ref()?.load(Ordering::Relaxed);
        Some(Duration::from_millis(u64::try_from(passed).unwrap_or_default()))
    }
}

/// Holds the time against the time that passes.
#[derive(Debug, Default)]
pub struct ClockWatch {
    /// The time that was right last, and how much had passed then.
    anchor: Option<(Timestamp, Duration)>,
}

/// The time moved against the time that passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the time is {}, {} s {} than the time that has passed since it was right; no changes are taken until it is right \
     again. Set the clock of the database's machine; if it is right now, start the server again",
    .now.to_rfc3339(), (.by_ms / 1_000).abs(), if *.by_ms > 0 { "more" } else { "less" }
)]
pub struct ClockMoved {
    pub now: Timestamp,
    pub by_ms: i64,
}

impl ClockWatch {
    /// Looks at a time when so much has passed. A time that is right becomes the one that later ones are held against; it
    /// may be faster or slower than what passes by one part in [`CLOCK_SLEW`].
    ///
    /// # Errors
    /// [`ClockMoved`] when the time moved by more than [`CLOCK_MOVED`] since it was right last.
    pub fn look(&mut self, now: Timestamp, passed: Option<Duration>) -> Result<(), ClockMoved> {
        let Some(passed) = passed else { return Ok(()) };
        let (right, then) = *self.anchor.get_or_insert((now, passed));
        let since = milliseconds(passed.saturating_sub(then));
        let expected = Timestamp(right.0.saturating_add(since));
        let by_ms = now.0.saturating_sub(expected.0);
        if by_ms.saturating_abs() > milliseconds(CLOCK_MOVED) {
            return Err(ClockMoved { now, by_ms });
        }
        let slew = since / CLOCK_SLEW;
        // Else a clock that is looked at often would never be allowed a whole millisecond.
        if slew > 0 {
            self.anchor = Some((Timestamp(expected.0 + by_ms.clamp(-slew, slew)), passed));
        }
        Ok(())
    }
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// The time at a start does not fit the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "it is {}, and the last change in the database is of {}: the clock may be wrong, and its days would be written into \
     the log for good. Set the clock; if it is right, start once with --accept-clock",
    .now.to_rfc3339(), .last.to_rfc3339()
)]
pub struct DoubtfulClock {
    pub now: Timestamp,
    pub last: Timestamp,
}

/// Whether a time fits a log whose last event is of `last`: its day is not before, nor more than [`CLOCK_AHEAD_DAYS`] days
/// after it.
///
/// # Errors
/// [`DoubtfulClock`] when it does not.
pub fn check_start(now: Timestamp, last: Timestamp) -> Result<(), DoubtfulClock> {
    let days = now.day().0 - last.day().0;
    if (0..=CLOCK_AHEAD_DAYS).contains(&days) { Ok(()) } else { Err(DoubtfulClock { now, last }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;
    const DAY: i64 = 24 * 60 * MINUTE;

    /// Looks at a time of `now` milliseconds when `passed` milliseconds have passed.
    fn look(watch: &mut ClockWatch, now: i64, passed: u64) -> Result<(), i64> {
        let looked = watch.look(Timestamp(now), Some(Duration::from_millis(passed)));
        looked.map_err(|moved| moved.by_ms)
    }

    #[test]
    fn time_that_moves_by_more_than_a_minute_is_wrong_until_it_is_right_again() {
        let mut watch = ClockWatch::default();
        assert_eq!(look(&mut watch, 0, 5_000), Ok(()), "the first is right");
        assert_eq!(look(&mut watch, MINUTE, 5_000), Ok(()));
        assert_eq!(look(&mut watch, MINUTE + 1, 5_000), Err(MINUTE + 1));
        assert_eq!(look(&mut watch, -MINUTE - 1, 5_000), Err(-MINUTE - 1));
        assert_eq!(look(&mut watch, DAY, 5_250), Err(DAY - 250));
        assert_eq!(look(&mut watch, DAY, 6_000), Err(DAY - 1_000), "it stays wrong");
        assert_eq!(look(&mut watch, 1_500, 6_500), Ok(()));
        assert_eq!(watch.look(Timestamp(DAY), None), Ok(()), "a clock of its own may jump");
    }

    #[test]
    fn a_clock_that_is_a_little_fast_is_right_for_ever() {
        for drift in [-1, 0, 1] {
            let mut watch = ClockWatch::default();
            for look_number in 0..2_000 {
                let passed = look_number * 250_000;
                let now = passed + drift * passed / 2_000;
                let passed = u64::try_from(passed).unwrap();
                assert_eq!(look(&mut watch, now, passed), Ok(()), "{drift} at {passed}");
            }
        }
    }

    #[test]
    fn a_start_may_be_on_the_last_day_or_within_400_after_it() {
        let last = Timestamp::parse("2022-05-31T23:59:59+07:00").unwrap();
        for (now, is_right) in [
            ("2022-05-31T00:00:00+07:00", true),
            ("2022-05-30T23:59:59+07:00", false),
            ("2023-07-05T00:00:00+07:00", true),
            ("2023-07-06T00:00:00+07:00", false),
        ] {
            let now = Timestamp::parse(now).unwrap();
            assert_eq!(check_start(now, last).is_ok(), is_right, "{now:?}");
        }
    }

    #[test]
    fn the_database_goes_before_the_machine_and_not_before_a_clock_of_its_own() {
        let (own, database) = (Timestamp(1), Some(Timestamp(2)));
        assert_eq!(ManualClock::new(own).time_of(database), own);
        let machine = ManualClock::of_machine(own);
        assert_eq!(machine.time_of(database), Timestamp(2));
        assert_eq!(machine.time_of(None), own);
        assert_eq!(SystemClock.time_of(database), Timestamp(2));
    }

    #[test]
    fn the_machine_knows_what_passes() {
        let first = SystemClock.passed().unwrap();
        assert!(first > Duration::ZERO && SystemClock.passed().unwrap() >= first);
    }
}
