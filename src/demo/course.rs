//! The course of an initiative after its entry: its steps and their times.
//!
//! The course is made up; the shares follow the reports: in 2021 a third was found not valid, in 2023 15 %.

use fastrand::Rng;

use super::chance::{chance, rng};
use crate::domain::Timestamp;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// A step of an initiative's course, which happens at most once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    Submit,
    /// The initiative moves to the neighbour where it belongs.
    Transfer,
    Withdraw,
    Return,
    Revise,
    Accept,
    Reject,
    Feature,
}

/// An initiative of the demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId {
    /// The number of the direct unit, from 0.
    pub direct: usize,
    /// The entry's number within the direct unit, from 1.
    pub number: u32,
    /// Whether this is a second entry by mistake. It is withdrawn on the same day, so that at the end of each day the
    /// count is the published one.
    pub again: bool,
}

/// The steps of an initiative entered at `at`, in order of time. Nobody works at night.
pub fn course(seed: u64, code: &str, entry: EntryId, at: Timestamp) -> Vec<(Timestamp, Step)> {
    let rng = &mut rng(seed, code, u64::from(entry.number) << 1 | u64::from(entry.again));
    if entry.again {
        return vec![(Timestamp(at.0 + rng.i64(10..40) * MINUTE_MS), Step::Withdraw)];
    }
    let mut steps = Steps { at, all: Vec::new() };
    if is_misplaced(seed, code, entry.number) {
        steps.after(rng.i64(14 * HOUR_MS..34 * HOUR_MS), Step::Transfer, rng);
    }
    let wait = wait(rng);
    match rng.u32(..100) {
        0..18 => steps.after(wait, Step::Reject, rng),
        18..26 => {
            steps.after(wait, Step::Return, rng);
            // One in eight never comes back.
            if !chance(rng, 0.125) {
                steps.after(rng.i64(20 * HOUR_MS..5 * DAY_MS), Step::Revise, rng);
                steps.after(rng.i64(20 * HOUR_MS..4 * DAY_MS), Step::Accept, rng);
            }
        }
        _ => {
            steps.after(wait, Step::Accept, rng);
            if chance(rng, 0.006) {
                steps.after(rng.i64(20 * HOUR_MS..4 * DAY_MS), Step::Feature, rng);
            }
        }
    }
    steps.all
}

/// Whether the initiative is entered at a neighbour of the unit where it belongs.
pub fn is_misplaced(seed: u64, code: &str, number: u32) -> bool {
    chance(&mut rng(!seed, code, u64::from(number)), 0.02)
}

/// The moment of a second entry by mistake, if there is one: soon enough to be withdrawn on the same day.
pub fn entered_again(seed: u64, code: &str, number: u32, at: Timestamp) -> Option<Timestamp> {
    let rng = &mut rng(seed.rotate_left(1), code, u64::from(number));
    let again = Timestamp(at.0 + rng.i64(MINUTE_MS..15 * MINUTE_MS));
    let is_so = chance(rng, 0.006) && Timestamp(again.0 + HOUR_MS).day() == at.day();
    is_so.then_some(again)
}

struct Steps {
    at: Timestamp,
    all: Vec<(Timestamp, Step)>,
}

impl Steps {
    fn after(&mut self, wait_ms: i64, step: Step, rng: &mut Rng) {
        self.at = in_working_hours(Timestamp(self.at.0 + wait_ms), rng);
        self.all.push((self.at, step));
    }
}

/// The wait for a reviewer in milliseconds: until the next day for some, a few days for most, weeks for the rest.
/// Never the same day, so that a replay at full speed need not wait for commands that it has just sent.
fn wait(rng: &mut Rng) -> i64 {
    match rng.u32(..100) {
        0..35 => rng.i64(14 * HOUR_MS..34 * HOUR_MS),
        35..85 => rng.i64(24 * HOUR_MS..5 * DAY_MS),
        _ => rng.i64(5 * DAY_MS..25 * DAY_MS),
    }
}

/// The moment itself if it is between 7:00 and 18:00, else a moment of the next morning.
fn in_working_hours(at: Timestamp, rng: &mut Rng) -> Timestamp {
    let today = at.day();
    let hour = (at.0 - today.start().0) / HOUR_MS;
    let mut morning = |start: Timestamp| Timestamp(start.0 + rng.i64(7 * HOUR_MS..11 * HOUR_MS));
    match hour {
        0..7 => morning(today.start()),
        7..18 => at,
        _ => morning(today.plus(1).start()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn entry(number: u32) -> EntryId {
        EntryId { direct: 0, number, again: false }
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn the_shares_are_those_of_the_reports() {
        let noon = at("2022-05-10T12:00:00+07:00");
        let mut counts: HashMap<Step, u32> = HashMap::new();
        for number in 1..=20_000 {
            for (_, step) in course(1, "ldld-x", entry(number), noon) {
                *counts.entry(step).or_default() += 1;
            }
        }
        // A share of 10,000.
        let share = |step| counts[&step] / 2;
        assert!((1_500..=3_300).contains(&(10_000 - share(Step::Accept))), "{counts:?}");
        assert!(share(Step::Return) > share(Step::Revise));
        for step in [Step::Transfer, Step::Return, Step::Revise, Step::Feature] {
            assert!((20..1_000).contains(&share(step)), "{step:?}");
        }
    }

    #[test]
    fn steps_come_in_order_by_day_and_never_twice() {
        let mut rng = Rng::with_seed(1);
        let morning = at("2022-04-20T00:00:00+07:00").0;
        for number in 1..=20_000 {
            let begin = Timestamp(morning + rng.i64(0..DAY_MS));
            let steps = course(7, "ldld-x", entry(number), begin);
            assert_eq!(steps, course(7, "ldld-x", entry(number), begin));
            assert!(!steps.is_empty());
            let mut last = (begin, Step::Submit);
            for next in steps {
                assert!(next.0 > last.0 && next.1 != last.1);
                let hour = (next.0.0 - next.0.day().start().0) / HOUR_MS;
                assert!((7..18).contains(&hour));
                last = next;
            }
        }
    }

    #[test]
    fn an_initiative_entered_twice_is_withdrawn_on_the_same_day() {
        let mut rng = Rng::with_seed(1);
        let morning = at("2022-05-31T00:00:00+07:00").0;
        let mut found = 0;
        for number in 1..=20_000 {
            let begin = Timestamp(morning + rng.i64(0..DAY_MS));
            let Some(again) = entered_again(7, "ldld-x", number, begin) else { continue };
            found += 1;
            let steps = course(7, "ldld-x", EntryId { again: true, ..entry(number) }, again);
            let [(end, Step::Withdraw)] = steps[..] else { panic!("{steps:?}") };
            assert!(begin < again && again < end && end.day() == begin.day());
        }
        assert!(found > 50);
    }
}
