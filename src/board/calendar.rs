//! The calendar: for each unit, its whole subtree included, how many initiatives were submitted on which day, by their
//! present state.
//!
//! The calendar knows of no periods: a period of a unit at or below the period's owner is a stretch of the unit's
//! calendar, of a unit above the owner a stretch of the owner's. Only days on which something was submitted have a
//! row, twelve bytes each; a submission copies the rows of the units on its path.

use std::collections::HashMap;
use std::sync::Arc;

use super::books::Books;
use super::paged::Paged;
use super::structure::Structure;
use super::tally::Counts;
use crate::domain::{Day, Period, UnitId};

/// Initiatives by the day of their submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayCount {
    pub day: Day,
    pub submitted: i32,
    pub accepted: i32,
}

/// Rows in order of days; no row is all zeros.
type DayCounts = Vec<DayCount>;

#[derive(Debug, Clone, Default)]
pub struct Calendar {
    units: Paged<Option<Arc<DayCounts>>>,
}

impl Calendar {
    /// The days on which something was submitted, in order.
    pub fn rows(&self, unit: UnitId) -> &[DayCount] {
        self.units.get(unit.index()).and_then(Option::as_deref).map_or(&[], Vec::as_slice)
    }

    /// One row for each day from `first` to `last`, zeros too, of the submissions that count in the period.
    pub fn daily(
        &self,
        structure: &Structure,
        unit: UnitId,
        period: &Period,
        (first, last): (Day, Day),
    ) -> Vec<DayCount> {
        let rows = structure.counted_at(unit, period).map_or(&[][..], |unit| self.rows(unit));
        let first = first.max(period.starts_on);
        let mut rows = rows[rows.partition_point(|row| row.day < first)..].iter().peekable();
        (first.0..=last.min(period.ends_on).0)
            .map(|day| {
                let zeros = DayCount { day: Day(day), submitted: 0, accepted: 0 };
                rows.next_if(|row| row.day == zeros.day).copied().unwrap_or(zeros)
            })
            .collect()
    }

    /// Adds a change of the unit's own initiatives of one day.
    pub fn post(&mut self, structure: &Structure, unit: UnitId, day: Day, counts: Counts) {
        let change = DayCount { day, submitted: counts.submitted(), accepted: counts.accepted };
        if change.is_zero() {
            return;
        }
        for step in structure.climb(unit) {
            self.add(step, change);
        }
    }

    /// Adds the rows to the unit and to all units above it.
    pub fn hang(&mut self, structure: &Structure, rows: &[DayCount], parent: Option<UnitId>) {
        for step in parent.into_iter().flat_map(|parent| structure.climb(parent)) {
            for &row in rows {
                self.add(step, row);
            }
        }
    }

    /// Subtracts the rows that [`Self::hang`] added.
    pub fn unhang(&mut self, structure: &Structure, rows: &[DayCount], parent: Option<UnitId>) {
        let back: DayCounts = rows
            .iter()
            .map(|row| DayCount { submitted: -row.submitted, accepted: -row.accepted, ..*row })
            .collect();
        self.hang(structure, &back, parent);
    }

    fn add(&mut self, unit: UnitId, change: DayCount) {
        let rows = Arc::make_mut(self.units.get_mut(unit.index()).get_or_insert_default());
        match rows.binary_search_by_key(&change.day, |row| row.day) {
            Ok(place) => {
                rows[place].submitted += change.submitted;
                rows[place].accepted += change.accepted;
                if rows[place].is_zero() {
                    rows.remove(place);
                }
            }
            Err(place) => rows.insert(place, change),
        }
    }

    /// The calendars of all units, from the units' own books: each unit is summed up before its parent.
    pub fn afresh(structure: &Structure, books: &Books) -> Self {
        let mut calendar = Self::default();
        if !structure.has_root() {
            return calendar;
        }
        let mut sums: HashMap<UnitId, Sums> = HashMap::new();
        let mut top_down: Vec<UnitId> = structure.subtree(structure.root()).collect();
        while let Some(unit) = top_down.pop() {
            let mut sum = sums.remove(&unit).unwrap_or_default();
            for (day, counts) in books.by_day_of_submission(unit) {
                sum.add(day, counts.submitted(), counts.accepted);
            }
            let rows = sum.rows();
            if rows.is_empty() {
                continue;
            }
            if let Some(parent) = structure.unit(unit).parent {
                let above = sums.entry(parent).or_default();
                rows.iter().for_each(|row| above.add(row.day, row.submitted, row.accepted));
            }
            *calendar.units.get_mut(unit.index()) = Some(Arc::new(rows));
        }
        calendar
    }
}

impl DayCount {
    const fn is_zero(&self) -> bool {
        self.submitted == 0 && self.accepted == 0
    }
}

/// A sum for each day of a stretch that grows at both ends.
#[derive(Debug, Default)]
struct Sums {
    first: Day,
    counts: std::collections::VecDeque<(i32, i32)>,
}

impl Sums {
    fn add(&mut self, day: Day, submitted: i32, accepted: i32) {
        if self.counts.is_empty() {
            self.first = day;
        }
        while day < self.first {
            self.counts.push_front((0, 0));
            self.first = self.first.plus(-1);
        }
        let place = usize::try_from(day.0 - self.first.0).expect("no day is before the first");
        if self.counts.len() <= place {
            self.counts.resize(place + 1, (0, 0));
        }
        let sum = &mut self.counts[place];
        *sum = (sum.0 + submitted, sum.1 + accepted);
    }

    fn rows(&self) -> DayCounts {
        let rows = (self.first.0..)
            .zip(&self.counts)
            .map(|(day, &(submitted, accepted))| DayCount { day: Day(day), submitted, accepted });
        let mut rows: DayCounts = rows.filter(|row| !row.is_zero()).collect();
        rows.shrink_to_fit();
        rows
    }
}
