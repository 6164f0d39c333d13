//! One period's numbers: the present ones, those of the end of yesterday, and what each day since
//! the reach of history changed.

use std::collections::HashMap;
use std::sync::Arc;

use super::books::Books;
use super::horizon;
use super::paged::Paged;
use super::pause::{PAUSE_EACH, Pause, Stopped};
use super::structure::Structure;
use super::tally::{RankValues, Tally};
use crate::domain::{Day, Period, Timestamp, UnitId};

/// The changes of one day, by the unit that made them.
pub type DayLog = HashMap<UnitId, RankValues>;

/// The changes of a day that is over, by number of the unit: it takes half of the memory, and is
/// written in order when a board is made in order.
type PastLog = Vec<(UnitId, RankValues)>;

#[derive(Debug, Clone, Default)]
pub struct Column {
    pub cells: Paged<Tally>,
    /// The `cells` as they stood at the end of yesterday, in the present tree and period. Only
    /// their rank values are kept up when the past is corrected.
    pub start: Paged<Tally>,
    /// The logs of days before today, oldest first. Today's log belongs to the board alone until
    /// midnight.
    past: Vec<(Day, Arc<PastLog>)>,
}

impl Column {
    pub fn cell(&self, unit: UnitId) -> Tally {
        self.cells.get(unit.index()).copied().unwrap_or_default()
    }

    /// The numbers of all units that the period covers, and the part of them that is of today: each
    /// unit's own numbers are summed up the tree once.
    pub fn afresh(structure: &Structure, books: &Books, period: &Period) -> (Self, DayLog) {
        let (mut column, mut today) = (Self::default(), DayLog::default());
        let covered: Vec<UnitId> = structure.subtree(period.owner).collect();
        let mut in_order = covered.clone();
        in_order.sort_unstable();
        let size = structure.units().map(|unit| unit.id.index() + 1).max().unwrap_or(0);
        let mut sums = vec![(Tally::default(), RankValues::default()); size];
        for unit in in_order {
            let days = books.contribution(unit, period);
            column.remember(&mut today, structure.day(), unit, &days);
            let (all, before_today) = sum(&days, structure.day());
            let last = books.last_submitted_at(unit, period);
            let is_grassroots = structure.unit(unit).is_open_grassroots();
            sums[unit.index()] = (Tally::own(all, last, is_grassroots), before_today);
        }
        for (_, log) in &mut column.past {
            Arc::make_mut(log).shrink_to_fit();
        }
        // A unit comes after its parent in a subtree, so from the end each is whole in its turn.
        let above = structure.climb(period.owner).skip(1);
        for unit in covered.into_iter().rev().chain(above) {
            let (cell, start) = sums[unit.index()];
            if let Some(parent) = structure.unit(unit).parent {
                let sum = &mut sums[parent.index()];
                sum.0.add_child(&cell);
                sum.1.add(start);
            }
        }
        for (index, (cell, start)) in sums.into_iter().enumerate() {
            if cell != Tally::default() {
                *column.cells.get_mut(index) = cell;
            }
            if !start.is_zero() {
                column.start.get_mut(index).rank_values = start;
            }
        }
        (column, today)
    }

    /// Counts what the unit itself has in the period, up to the root.
    pub fn assert(
        &mut self,
        today: &mut DayLog,
        structure: &Structure,
        books: &Books,
        unit: UnitId,
        period: &Period,
    ) {
        self.set_grassroots(structure, unit, structure.unit(unit).is_open_grassroots());
        let days = books.contribution(unit, period);
        self.post(today, structure, unit, &days);
        if let Some(at) = books.last_submitted_at(unit, period) {
            self.raise_last_submitted_at(structure, unit, at);
        }
    }

    /// Takes back what [`Self::assert`] counted.
    pub fn retract(
        &mut self,
        today: &mut DayLog,
        structure: &Structure,
        books: &Books,
        unit: UnitId,
        period: &Period,
    ) {
        self.set_grassroots(structure, unit, false);
        let mut days = books.contribution(unit, period);
        for (_, rank_values) in &mut days {
            *rank_values = rank_values.times(-1);
        }
        self.post(today, structure, unit, &days);
        if books.last_submitted_at(unit, period).is_some() {
            self.lower_last_submitted_at(structure, unit, period.owner, |step| {
                if step == unit { None } else { books.last_submitted_at(step, period) }
            });
        }
    }

    /// Adds what the unit itself contributed on these days to all numbers that know of them;
    /// whether that changes the present ones.
    pub fn post(
        &mut self,
        today: &mut DayLog,
        structure: &Structure,
        unit: UnitId,
        days: &[(Day, RankValues)],
    ) -> bool {
        let (all, before_today) = sum(days, structure.day());
        if !all.is_zero() {
            self.raise(structure, unit, all, None);
        }
        if !before_today.is_zero() {
            for step in structure.climb(unit) {
                self.start.get_mut(step.index()).rank_values.add(before_today);
            }
        }
        self.remember(today, structure.day(), unit, days);
        !all.is_zero()
    }

    /// Writes a unit's own changes into the logs of their days.
    fn remember(
        &mut self,
        log_of_today: &mut DayLog,
        today: Day,
        unit: UnitId,
        days: &[(Day, RankValues)],
    ) {
        for &(day, rank_values) in days {
            if rank_values.is_zero() || day < horizon(today) {
                continue;
            }
            if day < today {
                self.correct(day, unit, rank_values);
            } else {
                log_of_today.entry(unit).or_default().add(rank_values);
            }
        }
    }

    fn correct(&mut self, day: Day, unit: UnitId, rank_values: RankValues) {
        let place = match self.past.binary_search_by_key(&day, |(past, _)| *past) {
            Ok(place) => place,
            Err(place) => {
                self.past.insert(place, (day, Arc::default()));
                place
            }
        };
        let log = Arc::make_mut(&mut self.past[place].1);
        // Mostly its end: a board is made in order of units.
        match log.last() {
            Some(&(last, _)) if last >= unit => {
                match log.binary_search_by_key(&unit, |(there, _)| *there) {
                    Ok(place) => log[place].1.add(rank_values),
                    Err(place) => log.insert(place, (unit, rank_values)),
                }
            }
            _ => log.push((unit, rank_values)),
        }
    }

    /// Makes the unit itself one of the period's grassroots unions, or no longer one.
    fn set_grassroots(&mut self, structure: &Structure, unit: UnitId, is_grassroots: bool) {
        if self.cell(unit).is_grassroots != is_grassroots {
            self.raise(structure, unit, RankValues::default(), Some(is_grassroots));
        }
    }

    fn raise(
        &mut self,
        structure: &Structure,
        unit: UnitId,
        rank_values: RankValues,
        grassroots: Option<bool>,
    ) {
        let mut unions = 0;
        let mut active = 0;
        for step in structure.climb(unit) {
            let cell = self.cells.get_mut(step.index());
            let was_active = cell.is_active();
            cell.rank_values.add(rank_values);
            if step == unit {
                cell.own += rank_values.counts.submitted();
                if let Some(flag) = grassroots {
                    unions = i32::from(flag) - i32::from(cell.is_grassroots);
                    cell.is_grassroots = flag;
                }
            }
            active += i32::from(cell.is_active()) - i32::from(was_active);
            cell.grassroots_unions += unions;
            cell.active_grassroots_unions += active;
        }
    }

    /// An initiative came in: no unit above it has had its last one earlier.
    pub fn raise_last_submitted_at(&mut self, structure: &Structure, unit: UnitId, at: Timestamp) {
        for step in structure.climb(unit) {
            let cell = self.cells.get_mut(step.index());
            if cell.last_submitted_at() >= Some(at) {
                break;
            }
            cell.set_last_submitted_at(Some(at));
        }
    }

    /// An initiative left: looks for the last of those that stay, as far up as it matters.
    /// `own` tells the last one of a unit itself.
    pub fn lower_last_submitted_at(
        &mut self,
        structure: &Structure,
        unit: UnitId,
        owner: UnitId,
        own: impl Fn(UnitId) -> Option<Timestamp>,
    ) {
        let mut covered = true;
        for step in structure.climb(unit) {
            let below = structure
                .children(step)
                .iter()
                .filter_map(|child| self.cells.get(child.index())?.last_submitted_at())
                .max();
            let last = if covered { below.max(own(step)) } else { below };
            covered &= step != owner;
            let cell = self.cells.get_mut(step.index());
            if cell.last_submitted_at() == last {
                break;
            }
            cell.set_last_submitted_at(last);
        }
    }

    /// Midnight: what stands now is how yesterday ended.
    pub fn end_day(&mut self, today: &mut DayLog, ended: Day, horizon: Day) {
        self.start = self.cells.clone();
        if !today.is_empty() {
            let mut log: PastLog = today.drain().collect();
            log.sort_unstable_by_key(|&(unit, _)| unit);
            self.past.push((ended, Arc::new(log)));
        }
        self.past.retain(|(day, _)| *day >= horizon);
    }

    /// Changes of the days from `since` to yesterday, one for each day and unit that changed on it:
    /// [`Self::changes_since`] takes time in proportion to them.
    pub fn count_changes_since(&self, since: Day) -> usize {
        self.past.iter().filter(|(day, _)| *day >= since).map(|(_, log)| log.len()).sum()
    }

    /// The changes from `since` until the end of yesterday, summed up the tree; `None` if there are
    /// none.
    pub fn changes_since(
        &self,
        structure: &Structure,
        since: Day,
        pause: &dyn Pause,
    ) -> Result<Option<Changes>, Stopped> {
        if self.past.is_empty() {
            return Ok(None);
        }
        let mut sums = vec![RankValues::default(); structure.unit_count() as usize + 1];
        for (_, log) in self.past.iter().filter(|(day, _)| *day >= since) {
            for (place, &(unit, rank_values)) in log.iter().enumerate() {
                if place.is_multiple_of(PAUSE_EACH) {
                    pause.pause()?;
                }
                sums[unit.index()].add(rank_values);
            }
        }
        // A unit comes after its parent in a subtree, so from the end each is whole in its turn.
        let mut in_order: Vec<UnitId> = Vec::with_capacity(sums.len());
        for unit in structure.subtree(structure.root()) {
            if in_order.len().is_multiple_of(PAUSE_EACH) {
                pause.pause()?;
            }
            in_order.push(unit);
        }
        let mut changes: Option<Changes> = None;
        for (place, unit) in in_order.into_iter().rev().enumerate() {
            if place.is_multiple_of(PAUSE_EACH) {
                pause.pause()?;
            }
            let sum = sums[unit.index()];
            if let Some(parent) = structure.unit(unit).parent {
                sums[parent.index()].add(sum);
            }
            if !sum.is_zero() {
                *changes.get_or_insert_default().0.get_mut(unit.index()) = sum;
            }
        }
        Ok(changes)
    }
}

/// The changes of some days, by unit, each with all below it included.
#[derive(Debug, Default)]
pub struct Changes(Paged<RankValues>);

impl Changes {
    pub fn of(&self, unit: UnitId) -> RankValues {
        self.0.get(unit.index()).copied().unwrap_or_default()
    }

    /// Bytes of memory.
    pub fn bytes(&self) -> usize {
        self.0.bytes()
    }

    /// Bytes of memory at most, in a tree of so many units.
    pub const fn bytes_of(units: usize) -> usize {
        Paged::<RankValues>::bytes_up_to(units + 1)
    }
}

/// The sum of all contributions, and of those before today.
fn sum(days: &[(Day, RankValues)], today: Day) -> (RankValues, RankValues) {
    let (mut all, mut before_today) = (RankValues::default(), RankValues::default());
    for &(day, rank_values) in days {
        all.add(rank_values);
        if day < today {
            before_today.add(rank_values);
        }
    }
    (all, before_today)
}
