//! The demo's clock, by which the whole server runs. The replay sets it from one action to the next, or lets it run
//! faster than the machine's clock, but never past actions that are not done yet.

use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use crate::domain::Timestamp;
use crate::domain::clock::{Clock, SharedClock};

pub struct SimulatedClock {
    machine: SharedClock,
    state: RwLock<State>,
}

struct State {
    /// A moment of this clock, and the machine's moment at which it was.
    anchor: (Timestamp, Timestamp),
    /// The clock's speed relative to the machine's; 0 while the clock stands.
    speed: i64,
    /// The clock waits at this moment until the limit is raised.
    limit: Timestamp,
}

impl SimulatedClock {
    /// A clock that stands at `start`.
    pub fn new(start: Timestamp, machine: SharedClock) -> Self {
        let anchor = (start, machine.now());
        let limit = Timestamp(i64::MAX);
        Self { machine, state: RwLock::new(State { anchor, speed: 0, limit }) }
    }

    /// Stops the clock at `moment`, or at its present time if that is later.
    pub fn stand_at(&self, moment: Timestamp) {
        self.change(|state, now| {
            state.anchor.0 = now.max(moment);
            state.speed = 0;
            state.limit = Timestamp(i64::MAX);
        });
    }

    /// Starts the clock from its present time.
    pub fn run(&self, speed: u32) {
        self.change(|state, _| state.speed = i64::from(speed));
    }

    /// Moves the limit; a clock that waited goes on from where it waited.
    pub fn limit_to(&self, moment: Timestamp) {
        self.change(|state, _| state.limit = moment);
    }

    /// The time until the clock reaches `moment`, if no limit stops it; `None` while it stands.
    pub fn until(&self, moment: Timestamp) -> Option<Duration> {
        let left = u64::try_from(moment.0 - self.now().0).unwrap_or(0);
        let speed = u64::try_from(self.read().speed).ok().filter(|&speed| speed > 0)?;
        Some(Duration::from_micros(left.saturating_mul(1_000) / speed))
    }

    /// Changes how the clock goes on; times that it has shown stay true.
    fn change(&self, change: impl FnOnce(&mut State, Timestamp)) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let machine = self.machine.now();
        let now = state.at(machine);
        state.anchor = (now, machine);
        change(&mut state, now);
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn at(&self, machine: Timestamp) -> Timestamp {
        let (moment, then) = self.anchor;
        let passed = (machine.0 - then.0).max(0);
        let running = Timestamp(moment.0.saturating_add(passed.saturating_mul(self.speed)));
        // A limit in the past does not set the clock back.
        running.min(self.limit).max(moment)
    }
}

impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        self.read().at(self.machine.now())
    }

    fn passed(&self) -> Option<Duration> {
        None
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::clock::ManualClock;

    fn clock() -> (Arc<ManualClock>, SimulatedClock) {
        let machine = Arc::new(ManualClock::new(Timestamp(77)));
        (Arc::clone(&machine), SimulatedClock::new(Timestamp(1_000), machine))
    }

    #[test]
    fn the_clock_stands_until_it_runs() {
        let (machine, clock) = clock();
        machine.advance_ms(10);
        assert_eq!(clock.now(), Timestamp(1_000));
        assert_eq!(clock.until(Timestamp(1_100)), None);
        clock.run(100);
        assert_eq!(clock.until(Timestamp(2_000)), Some(Duration::from_millis(10)));
        machine.advance_ms(10);
        assert_eq!(clock.now(), Timestamp(2_000));
        assert_eq!(clock.until(Timestamp(1_500)), Some(Duration::ZERO));
        clock.stand_at(Timestamp(1_500));
        machine.advance_ms(10);
        assert_eq!(clock.now(), Timestamp(2_000), "it never goes back");
        clock.stand_at(Timestamp(3_000));
        assert_eq!(clock.now(), Timestamp(3_000));
    }

    #[test]
    fn it_waits_at_its_limit_and_leaps_over_nothing() {
        let (machine, clock) = clock();
        clock.run(100);
        clock.limit_to(Timestamp(1_500));
        machine.advance_ms(50);
        assert_eq!(clock.now(), Timestamp(1_500));
        clock.limit_to(Timestamp(9_000));
        assert_eq!(clock.now(), Timestamp(1_500), "the time that it waited is not made up");
        machine.advance_ms(10);
        assert_eq!(clock.now(), Timestamp(2_500));
    }
}
