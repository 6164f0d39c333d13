//! The fold: each event of the log changes the books, and the counts that rest on them.

use std::collections::HashMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use super::books::{self, Books, Posting};
use super::cache::Cache;
use super::calendar::Calendar;
use super::closings::Closings;
use super::column::{Column, DayLog, Own};
use super::confirmations::Confirmations;
use super::histories::Histories;
use super::initiative_rows::InitiativeRows;
use super::paged::Paged;
use super::posting::{Counted, postings};
use super::shown;
use super::snapshot::Snapshot;
use super::stamps::Stamps;
use super::structure::{Stamp, Step, Structure};
use super::tally::{Counts, RankValues};
use super::unions::Unions;
use crate::domain::event::{InitiativeChanged, PeriodChanged, UnitChanged};
use crate::domain::field::Fields;
use crate::domain::initiative::InitiativeState;
use crate::domain::{Day, Event, EventBody, Mark, Period, PeriodId, Unit, UnitId, Version};
use crate::limits::HISTORY_DAYS;

#[derive(Default)]
pub struct Board {
    pub(super) structure: Structure,
    /// Indexed by the period's number; a period without initiatives has none.
    pub(super) columns: Paged<Option<Arc<Column>>>,
    /// The changes of today by the units that made them, of the periods in which there are any.
    pub(super) today: HashMap<PeriodId, DayLog>,
    pub(super) unions: Unions,
    pub(super) books: Books,
    pub(super) calendar: Calendar,
    pub(super) rows: InitiativeRows,
    pub(super) head: Stamp,
    /// The tag of the head's event; 0 before the first.
    pub(super) head_tag: i64,
    /// The log's first day.
    pub(super) first_day: Option<Day>,
    /// The first day that a pruned log tells of; `None` if the log is whole.
    pub(super) told_from: Option<Day>,
    pub(super) histories: Histories,
    pub(super) stamps: Stamps,
    /// The version of the last event that changed the counts of earlier days: midnight, a correction of the past, or a
    /// change of the tree or of a period.
    pub(super) history_changed: Version,
    pub(super) closings: Closings,
    pub(super) confirmations: Confirmations,
    /// See [`Structure::default_period`].
    pub(super) default_period: Option<PeriodId>,
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

    /// The operator's list of fields that breakdowns know.
    pub const fn fields(&self) -> &Arc<Fields> {
        self.rows.fields().list()
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
        self.apply_body(&event.body, stamp);
        self.closings.note(&self.structure, event);
        self.confirmations.note(event);
        if self.structure.may_turn_default_period(&event.body) {
            let now = self.structure.default_period();
            if std::mem::replace(&mut self.default_period, now) != now {
                self.stamps.default_period = stamp;
            }
        }
    }

    fn apply_body(&mut self, body: &EventBody, stamp: Stamp) {
        match body {
            EventBody::Day(began) => self.begin_day(began.day, stamp),
            EventBody::Initiative(_, change) => self.apply_initiative(change, stamp),
            EventBody::Unit(_, change) => self.apply_unit(change, stamp),
            EventBody::Period(change) => self.apply_period(change, stamp),
            EventBody::Finalized(_) | EventBody::Assessment(_) => self.stamps.structure = stamp,
            EventBody::Rule(_) => {
                self.structure.apply(body);
                self.stamps.structure = stamp;
            }
            EventBody::Targets(change) => {
                self.structure.apply(body);
                self.stamps.structure = stamp;
                self.stamps.note_targets(change, stamp.version);
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
            rows: self.rows.clone(),
            columns: self.columns.clone(),
            unions: self.unions.clone(),
            head: self.head,
            head_tag: self.head_tag,
            first_day: self.first_day,
            told_from: self.told_from,
            histories: self.histories.clone(),
            stamps: self.stamps.clone(),
            history_changed: self.history_changed,
            cache: Arc::clone(&self.cache),
            closings: self.closings.clone(),
            confirmations: self.confirmations.clone(),
            default_period: self.default_period,
            most_earlier_changes: OnceLock::new(),
            generation: self.generation,
        }
    }

    pub(super) fn begin_day(&mut self, day: Day, stamp: Stamp) {
        self.first_day.get_or_insert(day);
        let ended = self.structure.day();
        let horizon = horizon(day);
        let mut today = std::mem::take(&mut self.today);
        let changing: Vec<PeriodId> = self
            .structure
            .periods()
            .map(|period| period.id)
            .filter(|period| {
                let column = self.columns.get(period.index()).and_then(Option::as_ref);
                column.is_some_and(|column| column.changes_at_midnight(horizon))
            })
            .collect();
        for period in changing {
            let log = today.remove(&period).unwrap_or_default();
            column_mut(&mut self.columns, period).end_day(log, ended, horizon);
        }
        self.structure.set_day(day);
        self.stamps.day = stamp;
        self.history_changed = stamp.version;
    }

    fn apply_initiative(&mut self, change: &InitiativeChanged, stamp: Stamp) {
        let happened = change.counted_from.unwrap_or_else(|| self.structure.day());
        let before = change.from_path.is_some().then(|| self.snapshot());
        let place = |state: &InitiativeState| self.structure.place(state.unit);
        let (state, of) = (&change.after, (change.initiative, stamp.version));
        let row = self.rows.row(of, state.into(), state.into());
        self.rows.change(change.before.as_ref().map(place), (place(state), row));
        let mut is_shown = false;
        for posting in postings(change.before.as_ref().map(Counted::from), (&change.after).into()) {
            self.books.forget_before(posting.unit, horizon(self.structure.day()));
            is_shown |= self.post(&posting, happened);
        }
        let known = change.before.as_ref().map(Counted::from);
        let after = Counted::from(&change.after);
        self.histories.turn(change.initiative, known.as_ref(), &after, happened);
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
                let units = change.path.iter().chain(change.from_path.iter().flatten()).copied();
                let periods = self.periods_of(change);
                let shown = shown::by_cells(&before, &self.snapshot(), &periods, units);
                self.stamp_shown(&shown, stamp);
            }
            None if is_shown => self.stamp_shown(&change.path, stamp),
            None => {}
        }
    }

    /// The periods in which the initiative counts or counted.
    fn periods_of(&self, change: &InitiativeChanged) -> Vec<PeriodId> {
        let states = change.before.iter().chain([&change.after]);
        let mut periods: Vec<PeriodId> = states
            .flat_map(|state| self.structure.periods_on(state.unit, state.submitted_at.day()))
            .collect();
        periods.sort_unstable();
        periods.dedup();
        periods
    }

    /// Records a change in the books and in every period that it counts in. Returns whether any tally changes.
    pub(super) fn post(&mut self, posting: &Posting, happened: Day) -> bool {
        let mut changes = false;
        let path = self.structure.steps(posting.unit);
        // Each with the part of the path that it covers.
        let periods: Vec<(Arc<Period>, &[Step])> = path
            .iter()
            .enumerate()
            .flat_map(|(height, step)| {
                let owned = self.structure.owned_on(step.unit, posting.submitted);
                owned.map(move |id| (id, height))
            })
            .map(|(id, height)| (Arc::clone(self.structure.period(id)), &path[..=height]))
            .collect();
        let took_part = |books: &Books, period: &Period| -> Vec<(Day, i32)> {
            posting
                .people
                .iter()
                .flat_map(|&(person, _)| books.participation(person, period))
                .collect()
        };
        let before: Vec<_> =
            periods.iter().map(|(period, _)| took_part(&self.books, period)).collect();
        self.books.record(posting, happened);
        self.calendar.post(&self.structure, posting.unit, posting.submitted, posting.counts);
        let day = self.structure.day();
        for ((period, path), before) in periods.iter().zip(before) {
            let mut days = vec![(happened, RankValues { counts: posting.counts, participants: 0 })];
            let turns = took_part(&self.books, period).into_iter();
            let undone = before.into_iter().map(|(day, turn)| (day, -turn));
            for (day, turn) in turns.chain(undone) {
                let rank_values = RankValues { counts: Counts::default(), participants: turn };
                books::add_on(&mut days, day, rank_values);
            }
            let column = column_mut(&mut self.columns, period.id);
            let today = self.today.entry(period.id).or_default();
            changes |= column.post(today, day, path, &days);
            if posting.left.is_some() {
                column.lower_last_submitted_at(&self.structure, path, |unit| {
                    self.rows.last_submitted_at(self.structure.place(unit), period)
                });
            }
            if let Some(at) = posting.arrived {
                column.raise_last_submitted_at(path, at);
            }
        }
        changes
    }

    fn apply_unit(&mut self, change: &UnitChanged, stamp: Stamp) {
        let after = &change.after;
        let before = change.before.as_ref();
        let moved = before.is_some_and(|before| before.parent != after.parent);
        let turned = before.is_some_and(Unit::is_open_grassroots) != after.is_open_grassroots();
        let earlier = moved.then(|| self.snapshot());
        let parent = before.map_or(after.parent, |before| before.parent);
        self.structure.put_unit(Unit { parent, ..after.clone() });
        if turned {
            self.turn_union(after.id);
        }
        if moved {
            self.move_unit(after);
        }
        if before.is_none() || turned || moved || after.deleted {
            self.history_changed = stamp.version;
        }
        let affected: Vec<UnitId> =
            if moved { self.structure.subtree(after.id).collect() } else { vec![after.id] };
        self.stamps.structure = stamp;
        self.stamp_units(&affected, stamp);
        self.stamp_units(&change.path, stamp);
        if let Some(path) = &change.from_path {
            self.stamp_units(path, stamp);
        }
        self.stamp_shown(&[after.id], stamp);
        if let Some(earlier) = earlier {
            let mut shown = shown::by_cells_of_move(&earlier, &self.snapshot(), change, &affected);
            shown.extend(shown::by_move(&self.structure, change));
            self.stamp_shown(&shown, stamp);
        } else if turned && self.structure.periods_covering(after.id).next().is_some() {
            self.stamp_shown(&change.path, stamp);
        } else if after.deleted {
            // It is in no list that could tell of it.
            self.stamp_shown(after.parent.as_slice(), stamp);
        }
    }

    /// The unit became an open grassroots union, or is none any more.
    fn turn_union(&mut self, unit: UnitId) {
        let path = self.structure.steps(unit);
        self.unions.add(&self.structure, Some(unit), if path[0].is_union { 1 } else { -1 });
        for (height, step) in path.iter().enumerate() {
            for &period in self.structure.periods_owned(step.unit) {
                let column = self.columns.get(period.index()).and_then(Option::as_ref);
                if column.is_some_and(|column| column.cell(path[0].place).submitted() > 0) {
                    column_mut(&mut self.columns, period).turn_union(&path[..=height]);
                }
            }
        }
    }

    /// Hangs the unit below another. The periods that units of its subtree own go with it as they are.
    fn move_unit(&mut self, after: &Unit) {
        let top = after.id;
        let left = self.structure.unit(top).parent;
        let affected: Vec<UnitId> = self.structure.subtree(top).collect();
        // From the bottom up, so that the rest above a unit is right at every step.
        for &unit in affected.iter().rev() {
            self.for_each_above(top, unit, Column::retract);
        }
        let rows = self.calendar.rows(top).to_vec();
        let unions = self.unions.within(top);
        self.calendar.unhang(&self.structure, &rows, left);
        self.unions.add(&self.structure, left, -unions);
        self.structure.put_unit(after.clone());
        self.calendar.hang(&self.structure, &rows, after.parent);
        self.unions.add(&self.structure, after.parent, unions);
        for &unit in &affected {
            self.for_each_above(top, unit, Column::assert);
        }
    }

    /// Acts on each period of the units above `top` in which the unit, which lies there or below, has something itself.
    fn for_each_above(&mut self, top: UnitId, unit: UnitId, act: fn(&mut Column, Own<'_>)) {
        let path = self.structure.steps(unit);
        let above = path.iter().enumerate().skip_while(|(_, step)| step.unit != top).skip(1);
        for (height, step) in above {
            for &id in self.structure.periods_owned(step.unit) {
                let period = self.structure.period(id);
                let days = self.books.contribution(unit, period);
                if days.is_empty() {
                    continue;
                }
                let own = Own {
                    structure: &self.structure,
                    rows: &self.rows,
                    period,
                    path: &path[..=height],
                    days,
                    log_of_today: self.today.entry(id).or_default(),
                };
                act(column_mut(&mut self.columns, id), own);
            }
        }
    }

    fn apply_period(&mut self, change: &PeriodChanged, stamp: Stamp) {
        let after = &change.after;
        let earlier = self.snapshot();
        self.structure.put_period(after.clone());
        if change.recounts() {
            self.recount(after.id);
            self.history_changed = stamp.version;
        }
        let now = self.snapshot();
        for owner in change.owners_of_changed_tallies() {
            let units: Vec<UnitId> =
                self.structure.subtree(owner).chain(self.structure.climb(owner).skip(1)).collect();
            self.stamp_units(&units, stamp);
            let mut shown = shown::by_cells(&earlier, &now, &[after.id], units.iter().copied());
            shown.extend(shown::by_metric(&now, change, &units));
            self.stamp_shown(&shown, stamp);
        }
        self.stamps.structure = stamp;
        self.stamps.periods = stamp;
        self.stamps.of_periods.insert_mut(after.id, stamp.version);
    }

    pub(super) fn recount(&mut self, period: PeriodId) {
        let counted_in = self.structure.period(period);
        let counted = Column::afresh(&self.structure, &self.books, &self.rows, counted_in);
        self.put_column(period, counted);
    }

    fn put_column(&mut self, period: PeriodId, counted: Option<(Column, DayLog)>) {
        let Some((column, today)) = counted else {
            // No page is made for a period that has nothing.
            if self.columns.get(period.index()).is_some_and(Option::is_some) {
                *self.columns.get_mut(period.index()) = None;
            }
            self.today.remove(&period);
            return;
        };
        *self.columns.get_mut(period.index()) = Some(Arc::new(column));
        self.today.insert(period, today);
    }

    /// Counts every period anew, with as many threads as the machine has processors.
    pub(super) fn recount_all(&mut self) {
        let mut periods: Vec<Arc<Period>> = self.structure.periods().cloned().collect();
        // The books of an owner's units stay near while its periods are counted.
        periods.sort_by_key(|period| period.owner);
        let (structure, books, rows) = (&self.structure, &self.books, &self.rows);
        let next = AtomicUsize::new(0);
        let count = || {
            let mut counted = Vec::new();
            while let Some(period) = periods.get(next.fetch_add(1, Ordering::Relaxed)) {
                if let Some(column) = Column::afresh(structure, books, rows, period) {
                    counted.push((period.id, column));
                }
            }
            counted
        };
        let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
        let counted: Vec<_> = std::thread::scope(|scope| {
            let running: Vec<_> = (0..threads).map(|_| scope.spawn(count)).collect();
            let ended = running.into_iter().map(std::thread::ScopedJoinHandle::join);
            ended.flat_map(|counted| counted.expect("counting does not panic")).collect()
        });
        for (period, column) in counted {
            self.put_column(period, Some(column));
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

fn column_mut(columns: &mut Paged<Option<Arc<Column>>>, period: PeriodId) -> &mut Column {
    Arc::make_mut(columns.get_mut(period.index()).get_or_insert_default())
}

/// The first day whose changes history keeps apart; `since` reaches back to it.
pub const fn horizon(today: Day) -> Day {
    today.plus(-HISTORY_DAYS)
}
