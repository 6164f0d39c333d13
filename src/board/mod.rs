//! Tallies and rankings as a fold over the log.
//!
//! [`Board`] is the one mutable copy, owned by the writer's task; [`Snapshot`] is what everybody
//! else reads: immutable, of one version, cheap to hold. At every version the snapshot equals a
//! count made afresh from facts and log. Nothing here reads a clock, a table or a socket.

mod benefit;
pub mod books;
mod cache;
pub mod calendar;
mod column;
mod load;
pub mod names;
pub mod pace;
mod paged;
mod pause;
mod ranking;

mod search;
mod shown;
mod snapshot;
pub mod structure;
pub mod tally;
mod unit_lists;

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

pub use benefit::BenefitSum;
pub use load::{Frame, load, load_structure};
pub use pace::Pace;
pub use pause::{Pause, Stopped, Unhurried};
pub use ranking::{RankBy, RankedUnit, Ranking, RankingKey};
pub use search::{SearchText, TooManyWords};
pub use snapshot::Snapshot;
pub use structure::{Stamp, Structure};
pub use tally::{Counts, RankValues, Tally};
pub use unit_lists::{
    Direction, OrderBy, Share, UnitFilter, UnitList, UnitListKey, UnitOrder, UnitScope,
};

use books::{Books, BooksBuilder, Posting};
use cache::Cache;
use calendar::Calendar;
use column::{Column, DayLog};
use paged::Paged;

use crate::domain::event::{InitiativeChanged, PeriodChanged, UnitChanged};
use crate::domain::initiative::InitiativeState;
use crate::domain::{
    Day, Event, EventBody, InitiativeStatus, Period, PeriodId, PersonId, Target, Timestamp, Unit,
    UnitId, Version,
};
use crate::limits::HISTORY_DAYS;

#[derive(Default)]
pub struct Board {
    structure: Structure,
    /// By number of the period; what has none yet is empty.
    columns: Vec<Arc<Column>>,
    /// By number of the period: what units themselves changed today.
    today: Vec<DayLog>,
    books: Books,
    calendar: Calendar,
    head: Stamp,
    /// The tag of the head's event; 0 before the first.
    head_tag: i64,
    stamps: Stamps,
    /// The last event after which earlier days are told otherwise: midnight, a correction of the
    /// past, or a change of the tree or of a period.
    history_changed: Version,
    cache: Arc<Cache>,
}

/// When things last changed, for those who hold an answer that rests on them.
#[derive(Debug, Clone, Default)]
struct Stamps {
    /// By number.
    units: Paged<UnitStamps>,
    /// Any period: which one is the default may turn with it.
    periods: Stamp,
    /// Units' data, the tree, periods or targets, anywhere.
    structure: Stamp,
    day: Stamp,
    /// When another period came to be the default one, which every unit's tally without a period
    /// changed with: one stamp for all units, so that a midnight touches none of them.
    default_period: Stamp,
}

/// When a unit last changed.
#[derive(Debug, Clone, Copy, Default)]
struct UnitStamps {
    /// Anything in its subtree.
    subtree: Stamp,
    /// What it shows of itself.
    shown: Version,
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

    pub const fn structure(&self) -> &Structure {
        &self.structure
    }

    /// Folds one event in.
    ///
    /// # Panics
    /// When the event is not the next of the log: the fold never skips.
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

    /// What everybody may read from now on.
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
        }
    }

    fn begin_day(&mut self, day: Day, stamp: Stamp) {
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
            // What one unit loses the other gains: those above both may show the same as before.
            Some(before) => {
                let units = change.path.iter().chain(change.from_path.iter().flatten());
                let shown = shown::by_cells(&before, &self.columns, units.copied());
                self.stamp_shown(&shown, stamp);
            }
            None if is_shown => self.stamp_shown(&change.path, stamp),
            None => {}
        }
    }

    /// Records a change in the books and in every period that it counts in; whether it changes
    /// any tally.
    fn post(&mut self, posting: &Posting, happened: Day) -> bool {
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
            // From the bottom up, so that what is left above a unit is right at every step.
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

    fn make_room_for(&mut self, period: PeriodId) {
        let needed = period.index() + 1;
        if self.columns.len() < needed {
            self.columns.resize_with(needed, Arc::default);
            self.today.resize_with(needed, DayLog::default);
        }
    }

    fn recount(&mut self, period: PeriodId) {
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

    /// Counts what the unit itself has in the period, up to the root.
    fn assert(&mut self, unit: UnitId, period: &Period) {
        let today = &mut self.today[period.id.index()];
        let column = Arc::make_mut(&mut self.columns[period.id.index()]);
        column.assert(today, &self.structure, &self.books, unit, period);
    }

    /// Takes back what [`Self::assert`] counted.
    fn retract(&mut self, unit: UnitId, period: &Period) {
        let today = &mut self.today[period.id.index()];
        let column = Arc::make_mut(&mut self.columns[period.id.index()]);
        column.retract(today, &self.structure, &self.books, unit, period);
    }

    /// Counts every period afresh, as many at once as the machine has processors.
    fn recount_all(&mut self) {
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

    fn stamp_units(&mut self, units: &[UnitId], stamp: Stamp) {
        for unit in units {
            self.stamps.units.get_mut(unit.index()).subtree = stamp;
        }
    }

    fn stamp_shown(&mut self, units: &[UnitId], stamp: Stamp) {
        for unit in units {
            self.stamps.units.get_mut(unit.index()).shown = stamp.version;
        }
    }
}

/// The first day whose changes are told apart; `since` reaches back to it.
pub const fn horizon(today: Day) -> Day {
    today.plus(-HISTORY_DAYS)
}

/// What of an initiative counts.
#[derive(Debug, Clone, Copy)]
pub struct Counted<'a> {
    pub unit: UnitId,
    pub status: InitiativeStatus,
    pub submitted_at: Timestamp,
    pub benefit_vnd: Option<i64>,
    /// Each person once.
    pub people: &'a [PersonId],
}

impl<'a> From<&'a InitiativeState> for Counted<'a> {
    fn from(state: &'a InitiativeState) -> Self {
        Self {
            unit: state.unit,
            status: state.status,
            submitted_at: state.submitted_at,
            benefit_vnd: state.benefit_vnd,
            people: &state.people,
        }
    }
}

/// What a change means for the units that it touches: one posting, or two when it left one unit
/// for another.
fn postings(before: Option<Counted<'_>>, after: Counted<'_>) -> impl Iterator<Item = Posting> {
    let (first, second) = match before {
        Some(before) if before.unit != after.unit => {
            (posting(before.unit, Some(before), None), Some(posting(after.unit, None, Some(after))))
        }
        before => (posting(after.unit, before, Some(after)), None),
    };
    std::iter::once(first).chain(second)
}

fn posting(unit: UnitId, before: Option<Counted<'_>>, after: Option<Counted<'_>>) -> Posting {
    let submitted_at = after.or(before).map(|state| state.submitted_at).unwrap_or_default();
    let present = |state: &Counted<'_>| state.status != InitiativeStatus::Withdrawn;
    let was = before.filter(present);
    let is = after.filter(present);
    let mut counts = Counts::default();
    let mut people: Vec<(PersonId, i32)> = Vec::new();
    for (state, sign) in [(was, -1), (is, 1)] {
        let Some(state) = state else { continue };
        counts.add(Counts::of(state.status, state.benefit_vnd).times(sign));
        for &person in state.people {
            match people.iter_mut().find(|(there, _)| *there == person) {
                Some((_, change)) => *change += sign,
                None => people.push((person, sign)),
            }
        }
    }
    people.retain(|(_, change)| *change != 0);
    Posting {
        unit,
        submitted: submitted_at.day(),
        counts,
        arrived: (was.is_none() && is.is_some()).then_some(submitted_at),
        left: (was.is_some() && is.is_none()).then_some(submitted_at),
        people,
    }
}

/// Makes a board from facts, and from the part of the log that facts do not tell.
#[derive(Default)]
pub struct BoardBuilder {
    board: Board,
    gathered: BooksBuilder,
}

impl BoardBuilder {
    pub fn unit(&mut self, unit: Unit, stamp: Stamp) {
        self.raise(unit.id, stamp);
        self.board.stamps.structure = self.board.stamps.structure.max(stamp);
        self.board.structure.put_unit(unit);
    }

    pub fn period(&mut self, period: Period, stamp: Stamp) {
        let id = period.id;
        self.board.structure.put_period(period);
        self.board.make_room_for(id);
        self.board.stamps.periods = self.board.stamps.periods.max(stamp);
        self.board.stamps.structure = self.board.stamps.structure.max(stamp);
    }

    pub fn target(&mut self, target: &Target, stamp: Stamp) {
        self.raise(target.key.unit, stamp);
        self.board.stamps.structure = self.board.stamps.structure.max(stamp);
        self.board.structure.put_target(None, Some(target));
    }

    /// An initiative as it is now, for the time being as if it had always been so.
    pub fn initiative(&mut self, state: Counted<'_>, stamp: Stamp) {
        self.raise(state.unit, stamp);
        let posting = posting(state.unit, None, Some(state));
        self.gathered.record(&posting, posting.submitted);
    }

    /// In place of "as if it had always been so".
    pub fn recent_changes(&mut self, changes: RecentChanges) {
        self.gathered.append(changes.0);
    }

    /// Something of which facts do not tell any more whom it touched.
    pub fn touched(&mut self, units: &[UnitId], stamp: Stamp) {
        for &unit in units {
            self.raise(unit, stamp);
        }
    }

    /// A unit was moved, or its tallies counted otherwise: all that is under it was touched.
    pub fn subtree_touched(&mut self, unit: UnitId, stamp: Stamp) {
        let below: Vec<UnitId> = self.board.structure.subtree(unit).collect();
        self.touched(&below, stamp);
    }

    /// Another period came to be the default one.
    pub fn default_period_changed(&mut self, stamp: Stamp) {
        self.board.stamps.default_period = stamp;
    }

    pub const fn structure(&self) -> &Structure {
        &self.board.structure
    }

    pub fn structure_changed(&mut self, stamp: Stamp) {
        self.board.stamps.structure = self.board.stamps.structure.max(stamp);
    }

    pub const fn today(&self) -> Day {
        self.board.structure.day()
    }

    pub fn day(&mut self, day: Day, stamp: Stamp) {
        self.board.structure.set_day(day);
        self.board.stamps.day = stamp;
    }

    /// `head` is the last event of the log that the facts reflect, `head_tag` that event's tag.
    pub fn build(mut self, head: Stamp, head_tag: i64) -> Board {
        self.board.head = head;
        self.board.head_tag = head_tag;
        self.board.books = std::mem::take(&mut self.gathered).into_books();
        let units: Vec<UnitId> = self.board.structure.units().map(|unit| unit.id).collect();
        let own: Vec<Stamp> = units.iter().map(|&unit| self.stamp(unit)).collect();
        for (&unit, stamp) in units.iter().zip(own) {
            for step in self.board.structure.path(unit) {
                self.raise(step, stamp);
            }
        }
        let today = self.board.structure.day();
        for &unit in &units {
            self.board.books.forget_before(unit, horizon(today));
        }
        self.board.calendar = Calendar::afresh(&self.board.structure, &self.board.books);
        self.board.recount_all();
        self.board
    }

    fn stamp(&self, unit: UnitId) -> Stamp {
        self.board.stamps.units.get(unit.index()).map(|stamps| stamps.subtree).unwrap_or_default()
    }

    fn raise(&mut self, unit: UnitId, stamp: Stamp) {
        let stamps = self.board.stamps.units.get_mut(unit.index());
        stamps.subtree = stamps.subtree.max(stamp);
        // Facts do not tell which of the changes below it changed its counts.
        stamps.shown = stamps.subtree.version;
    }
}

/// Changes within the reach of history.
#[derive(Default)]
pub struct RecentChanges(BooksBuilder);

impl RecentChanges {
    /// What was before it holds until the day of the event.
    pub fn change(&mut self, before: Counted<'_>, after: Counted<'_>, day: Day) {
        let there = postings(Some(before), after).map(|posting| (posting, day));
        let back = postings(Some(after), before).map(|posting| {
            let submitted = posting.submitted;
            (posting, submitted)
        });
        for (mut posting, day) in there.chain(back) {
            // Where it stands now is recorded with its present state.
            posting.arrived = None;
            posting.left = None;
            self.0.record(&posting, day);
        }
    }
}
