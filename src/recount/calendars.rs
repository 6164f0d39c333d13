//! By the day of submission, in the states of now: counted from the facts alone.

use std::collections::BTreeMap;

use super::count::Recount;
use crate::domain::{Day, InitiativeStatus, Period, UnitId};

/// Day, submitted, accepted.
pub type Daily = (Day, i64, i64);

impl Recount {
    /// The rows of a unit in a period from its first day to its last or today, zeros too.
    pub fn daily(&self, unit: UnitId, period: &Period) -> Vec<Daily> {
        let last = period.ends_on.min(self.today);
        let counts = |unit_of: UnitId| {
            let above: Vec<UnitId> = self.climb(unit_of).collect();
            above.contains(&unit) && above.contains(&period.owner)
        };
        let counted: Vec<_> = self
            .states
            .present()
            .filter(|state| state.status != InitiativeStatus::Withdrawn && counts(state.unit))
            .collect();
        (period.starts_on.0..=last.0)
            .map(|day| {
                let of_day = || counted.iter().filter(|state| state.submitted_at.day().0 == day);
                let is_accepted = |status| status == InitiativeStatus::Accepted;
                let accepted = of_day().filter(|state| is_accepted(state.status)).count();
                (Day(day), count(of_day().count()), count(accepted))
            })
            .collect()
    }

    /// The days of every unit on which something under it was submitted, by number of the unit.
    pub(super) fn calendars(&self) -> Vec<Vec<Daily>> {
        let mut calendars: Vec<BTreeMap<Day, (i64, i64)>> = vec![BTreeMap::new(); self.units.len()];
        for state in self.states.present().filter(|it| it.status != InitiativeStatus::Withdrawn) {
            for unit in self.climb(state.unit) {
                let sum = calendars[unit.index()].entry(state.submitted_at.day()).or_default();
                sum.0 += 1;
                sum.1 += i64::from(state.status == InitiativeStatus::Accepted);
            }
        }
        let flat = |days: BTreeMap<Day, (i64, i64)>| {
            days.into_iter().map(|(day, (submitted, accepted))| (day, submitted, accepted))
        };
        calendars.into_iter().map(|days| flat(days).collect()).collect()
    }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).expect("initiatives are numbered by an i64")
}
