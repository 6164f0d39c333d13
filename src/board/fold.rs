//! The fold: each event of the log changes the books, and the counts that rest on them.

use super::posting::{Counted, postings};
use super::stamps::Stamps;
use super::{books, shown};
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use super::snapshot::Snapshot;
use super::structure::{Stamp, Structure};
use super::tally::{Counts, RankValues};

use super::books::{Books, Posting};
use super::cache::Cache;
use super::calendar::Calendar;
use super::column::{Column, DayLog};

use crate::domain::event::{InitiativeChanged, PeriodChanged, UnitChanged};
use crate::domain::{Day, Event, EventBody, Mark, Period, PeriodId, Unit, UnitId, Version};
use crate::limits::HISTORY_DAYS;

#[derive(Default)]
pub struct Board {
    pub(super) structure: Structure,
    /// Indexed by the period's number; the column of a period without counts is empty.
    pub(super) columns: Vec<Arc<Column>>,
    /// Indexed by the period's number: what units themselves changed today.
    pub(super) today: Vec<DayLog>,
    pub(super) books: Books,
    pub(super) calendar: Calendar,
    pub(super) head: Stamp,
    /// The tag of the head's event; 0 before the first.
    pub(super) head_tag: i64,
    pub(super) stamps: Stamps,
    /// The version of the last event that changed the counts of earlier days: midnight, a correction of the past, or a
    /// change of the tree or of a period.
    pub(super) history_changed: Version,
    pub(super) cache: Arc<Cache>,
    /// The boards that stood in this one's place before.
    pub(super) generation: u64,
}

impl Board {
    pub const fn version(&self) -> Version {
        self.head.version
    }

    pub const fn head(&self) -> Stamp {
        self.head
    }

    /// The tag of the head's event; 0 before the first.
    pub const fn head_tag(&self) -> i64 {
        self.head_tag
    }

    /// The head's version and tag.
    pub const fn mark(&self) -> Mark {
        Mark { version: self.head.version, tag: self.head_tag }
    }

    pub const fn structure(&self) -> &Structure {
        &self.structure
    }

    /// The board as it takes the place of another, which was wrong: nothing that rests on that is good any more.
    #[must_use]
    pub fn in_place_of(self, wrong: &Self) -> Self {
        Self { generation: wrong.generation + 1, ..self }
    }

    /// Folds one event in.
    ///
    /// # Panics
    /// If the event is not the next of the log: the fold never skips.
    pub fn apply(&mut self, event: &Event) {
        assert_eq!(event.version, self.head.version.next(), "the log is folded without a gap");
        let stamp = Stamp { version: event.version, at: event.at };
        self.head = stamp;
        self.head_tag = event.tag;
        let may_turn = match &event.body {
            EventBody::Day(_) | EventBody::Period(_) => true,
            EventBody::Unit(_, change) => change.after.parent.is_none(),
            EventBody::Initiative(..) | EventBody::Targets(_) => false,
        };
        let default_before = may_turn.then(|| self.structure.default_period());
        self.apply_body(&event.body, stamp);
        if default_before.is_some_and(|before| before != self.structure.default_period()) {
            self.stamps.default_period = stamp;
        }
    }

    fn apply_body(&mut self, body: &EventBody, stamp: Stamp) {
        match body {
            EventBody::Day(began) => self.begin_day(began.day, stamp),
            EventBody::Initiative(_, change) => self.apply_initiative(change, stamp),
            EventBody::Unit(_, change) => self.apply_unit(change, stamp),
            EventBody::Period(change) => self.apply_period(change, stamp),
            EventBody::Targets(change) => {
                self.structure.apply(body);
                self.stamps.structure = stamp;
                for target in &change.targets {
                    if let Some(target) = target.after.as_ref().or(target.before.as_ref()) {
                        let path = self.structure.path(target.key.unit);
                        self.stamp_units(&path, stamp);
                    }
                }
                let shown = shown::by_targets(&self.structure, change);
                self.stamp_shown(&shown, stamp);
            }
        }
    }

    /// The immutable copy of this version that everybody else reads. Costs a few reference counts.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            structure: self.structure.clone(),
            calendar: self.calendar.clone(),
            columns: self.columns.clone(),
            head: self.head,
            head_tag: self.head_tag,
            stamps: self.stamps.clone(),
            history_changed: self.history_changed,
            cache: Arc::clone(&self.cache),
            default_period: OnceLock::new(),
            generation: self.generation,
        }
    }

    pub(super) fn begin_day(&mut self, day: Day, stamp: Stamp) {
        let ended = self.structure.day();
        let horizon = horizon(day);
        for (column, today) in self.columns.iter_mut().zip(&mut self.today) {
            Arc::make_mut(column).end_day(today, ended, horizon);
        }
        self.structure.set_day(day);
        self.stamps.day = stamp;
        self.history_changed = stamp.version;
    }

    fn apply_initiative(&mut self, change: &InitiativeChanged, stamp: Stamp) {
        let happened = change.counted_from.unwrap_or_else(|| self.structure.day());
        let before = change.from_path.as_ref().map(|_| self.columns.clone());
        let mut is_shown = false;
        for posting in postings(change.before.as_ref().map(Counted::from), (&change.after).into()) {
            self.books.forget_before(posting.unit, horizon(self.structure.day()));
            is_shown |= self.post(&posting, happened);
        }
        if happened < self.structure.day() {
            self.history_changed = stamp.version;
        }
        self.stamp_units(&change.path, stamp);
        if let Some(path) = &change.from_path {
            self.stamp_units(path, stamp);
        }
        match before {
            // One unit loses what the other gains: the units above both may show the same as before.
            Some(before) => {
                let units = change.path.iter().chain(change.from_path.iter().flatten());
                let shown = shown::by_cells(&before, &self.columns, units.copied());
                self.stamp_shown(&shown, stamp);
            }
            None if is_shown => self.stamp_shown(&change.path, stamp),
            None => {}
        }
    }

    /// Records a change in the books and in every period that it counts in. Returns whether any tally changes.
    pub(super) fn post(&mut self, posting: &Posting, happened: Day) -> bool {
        let mut changes = false;
        let periods: Vec<Arc<Period>> = self
            .structure
            .periods_covering(posting.unit)
            .filter(|period| period.holds(posting.submitted))
            .cloned()
            .collect();
        let took_part = |books: &Books, period: &Period| -> Vec<(Day, i32)> {
            posting
                .people
                .iter()
                .flat_map(|&(person, _)| books.participation(person, period))
                .collect()
        };
        let before: Vec<_> = periods.iter().map(|period| took_part(&self.books, period)).collect();
        self.books.record(posting, happened);
        self.calendar.post(&self.structure, posting.unit, posting.submitted, posting.counts);
        for (period, before) in periods.iter().zip(before) {
            let mut days = vec![(happened, RankValues { counts: posting.counts, participants: 0 })];
            let turns = took_part(&self.books, period).into_iter();
            let undone = before.into_iter().map(|(day, turn)| (day, -turn));
            for (day, turn) in turns.chain(undone) {
                let rank_values = RankValues { counts: Counts::default(), participants: turn };
                books::add_on(&mut days, day, rank_values);
            }
            let column = Arc::make_mut(&mut self.columns[period.id.index()]);
            let today = &mut self.today[period.id.index()];
            changes |= column.post(today, &self.structure, posting.unit, &days);
            if posting.left.is_some() {
                column.lower_last_submitted_at(
                    &self.structure,
                    posting.unit,
                    period.owner,
                    |unit| self.books.last_submitted_at(unit, period),
                );
            }
            if let Some(at) = posting.arrived {
                column.raise_last_submitted_at(&self.structure, posting.unit, at);
            }
        }
        changes
    }

    fn apply_unit(&mut self, change: &UnitChanged, stamp: Stamp) {
        let after = &change.after;
        let before = change.before.as_ref();
        let moved = before.is_some_and(|before| before.parent != after.parent);
        let affected: Vec<UnitId> =
            if moved { self.structure.subtree(after.id).collect() } else { vec![after.id] };
        let counts_change = before.is_none_or(|before| {
            moved || before.is_open_grassroots() != after.is_open_grassroots()
        });
        let columns = moved.then(|| self.columns.clone());
        if counts_change && before.is_some() {
            // From the bottom up, so that the rest above a unit is right at every step.
            for &unit in affected.iter().rev() {
                self.for_each_covering(unit, Self::retract);
            }
        }
        let calendar = moved.then(|| self.calendar.rows(after.id).to_vec());
        if let (Some(rows), Some(before)) = (&calendar, before) {
            self.calendar.unhang(&self.structure, rows, before.parent);
        }
        self.structure.put_unit(after.clone());
        if let Some(rows) = calendar {
            self.calendar.hang(&self.structure, &rows, after.parent);
        }
        if counts_change {
            for &unit in &affected {
                self.for_each_covering(unit, Self::assert);
            }
            self.history_changed = stamp.version;
        }
        self.stamps.structure = stamp;
        self.stamp_units(&affected, stamp);
        self.stamp_units(&change.path, stamp);
        if let Some(path) = &change.from_path {
            self.stamp_units(path, stamp);
        }
        self.stamp_shown(&[after.id], stamp);
        if let Some(columns) = columns {
            let paths = change.path.iter().chain(change.from_path.iter().flatten());
            let units = affected.iter().chain(paths).copied();
            let mut shown = shown::by_cells(&columns, &self.columns, units);
            shown.extend(shown::by_move(&self.structure, change));
            self.stamp_shown(&shown, stamp);
        } else if before.is_some_and(Unit::is_open_grassroots) != after.is_open_grassroots()
            && self.structure.periods_covering(after.id).next().is_some()
        {
            self.stamp_shown(&change.path, stamp);
        }
    }

    fn apply_period(&mut self, change: &PeriodChanged, stamp: Stamp) {
        let after = &change.after;
        let columns = self.columns.clone();
        self.structure.put_period(after.clone());
        self.make_room_for(after.id);
        if change.recounts() {
            self.recount(after.id);
            self.history_changed = stamp.version;
        }
        for owner in change.owners_of_changed_tallies() {
            let units: Vec<UnitId> =
                self.structure.subtree(owner).chain(self.structure.climb(owner).skip(1)).collect();
            self.stamp_units(&units, stamp);
            let mut shown = shown::by_cells(&columns, &self.columns, units.iter().copied());
            let column = &self.columns[after.id.index()];
            shown.extend(shown::by_metric(&self.structure, column, change, &units));
            self.stamp_shown(&shown, stamp);
        }
        self.stamps.structure = stamp;
        self.stamps.periods = stamp;
    }

    pub(super) fn make_room_for(&mut self, period: PeriodId) {
        let needed = period.index() + 1;
        if self.columns.len() < needed {
            self.columns.resize_with(needed, Arc::default);
            self.today.resize_with(needed, DayLog::default);
        }
    }

    pub(super) fn recount(&mut self, period: PeriodId) {
        let period = Arc::clone(self.structure.period(period));
        let (column, today) = Column::afresh(&self.structure, &self.books, &period);
        self.columns[period.id.index()] = Arc::new(column);
        self.today[period.id.index()] = today;
    }

    fn for_each_covering(&mut self, unit: UnitId, act: fn(&mut Self, UnitId, &Period)) {
        let periods: Vec<Arc<Period>> = self.structure.periods_covering(unit).cloned().collect();
        for period in periods {
            act(self, unit, &period);
        }
    }

    /// Adds the unit's own counts in the period to the unit and to all units above it.
    fn assert(&mut self, unit: UnitId, period: &Period) {
        let today = &mut self.today[period.id.index()];
        let column = Arc::make_mut(&mut self.columns[period.id.index()]);
        column.assert(today, &self.structure, &self.books, unit, period);
    }

    /// Subtracts what [`Self::assert`] added.
    fn retract(&mut self, unit: UnitId, period: &Period) {
        let today = &mut self.today[period.id.index()];
        let column = Arc::make_mut(&mut self.columns[period.id.index()]);
        column.retract(today, &self.structure, &self.books, unit, period);
    }

    /// Counts every period anew, with as many threads as the machine has processors.
    pub(super) fn recount_all(&mut self) {
        let periods: Vec<Arc<Period>> = self.structure.periods().cloned().collect();
        let (structure, books) = (&self.structure, &self.books);
        let next = AtomicUsize::new(0);
        let count = || {
            let mut counted = Vec::new();
            while let Some(period) = periods.get(next.fetch_add(1, Ordering::Relaxed)) {
                counted.push((period.id, Column::afresh(structure, books, period)));
            }
            counted
        };
        let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
        let counted: Vec<_> = std::thread::scope(|scope| {
            let running: Vec<_> = (0..threads).map(|_| scope.spawn(count)).collect();
            let ended = running.into_iter().map(std::thread::ScopedJoinHandle::join);
            ended.flat_map(|counted| counted.expect("counting does not panic")).collect()
        });
        for (period, (column, today)) in counted {
            self.columns[period.index()] = Arc::new(column);
            self.today[period.index()] = today;
        }
    }

    pub(super) fn stamp_units(&mut self, units: &[UnitId], stamp: Stamp) {
        for unit in units {
            self.stamps.units.get_mut(unit.index()).subtree = stamp;
        }
    }

    pub(super) fn stamp_shown(&mut self, units: &[UnitId], stamp: Stamp) {
        for unit in units {
            self.stamps.units.get_mut(unit.index()).shown = stamp.version;
        }
    }
}

/// The first day whose changes history keeps apart; `since` reaches back to it.
pub const fn horizon(today: Day) -> Day {
    today.plus(-HISTORY_DAYS)
}
