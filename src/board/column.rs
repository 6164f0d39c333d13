//! One period's numbers: the present ones, those of the end of yesterday, and what each day since
//! the reach of history changed.
//!
//! A column holds what initiatives changed in the subtree of the period's owner, and nothing else: units without
//! initiatives take no room, and the units above the owner show the owner's numbers. So a period costs what it covers.
//! Cells lie by the units' places ([`Structure::place`]).

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::books::Books;
use super::horizon;
use super::initiative_rows::InitiativeRows;
use super::paged::Paged;
use super::pause::{PAUSE_EACH, Pause, Stopped};
use super::structure::{Step, Structure};
use super::tally::{Cell, RankValues};
use crate::domain::{Day, Period, Timestamp, UnitId};

/// The changes of one day, by the unit that made them.
pub type DayLog = HashMap<UnitId, RankValues>;

/// The changes of a day that is over, by number of the unit: it takes half of the memory, and is
/// written in order when a board is made in order.
type PastLog = Vec<(UnitId, RankValues)>;

#[derive(Debug, Clone, Default)]
pub struct Column {
    cells: Paged<Cell>,
    /// The `cells` as they stood at the end of yesterday, in the present tree and period. Only
    /// their rank values are kept up when the past is corrected.
    start: Paged<Cell>,
    /// The logs of days before today, oldest first. Today's log belongs to the board alone until
    /// midnight.
    past: Arc<Vec<(Day, Arc<PastLog>)>>,
}

/// The contribution of a unit itself to a period, and everything that it takes to count it.
pub(super) struct Own<'a> {
    pub structure: &'a Structure,
    pub rows: &'a InitiativeRows,
    pub period: &'a Period,
    /// The unit and the units above it up to the period's owner.
    pub path: &'a [Step],
    /// See [`Books::contribution`].
    pub days: Vec<(Day, RankValues)>,
    pub log_of_today: &'a mut DayLog,
}

impl Column {
    /// A column of present numbers alone.
    pub(super) fn of_cells(cells: Paged<Cell>) -> Self {
        Self { cells, ..Self::default() }
    }

    pub(super) fn cell(&self, place: usize) -> Cell {
        self.cells.get(place).copied().unwrap_or_default()
    }

    /// The standings at the end of yesterday.
    pub(super) fn yesterday(&self, place: usize) -> RankValues {
        self.start.get(place).map(|cell| cell.rank_values).unwrap_or_default()
    }

    /// The numbers of all units that the period covers, and the part of them that is of today: each
    /// unit's own numbers are summed up the tree once. `None` if no unit has any.
    pub fn afresh(
        structure: &Structure,
        books: &Books,
        rows: &InitiativeRows,
        period: &Period,
    ) -> Option<(Self, DayLog)> {
        let (mut column, mut today) = (Self::default(), DayLog::default());
        let covered: Vec<UnitId> = structure.subtree(period.owner).collect();
        let mut in_order = covered.clone();
        in_order.sort_unstable();
        column.expect(structure, books, period, &in_order);
        let mut is_empty = true;
        for unit in in_order {
            let days = books.contribution(unit, period);
            if days.is_empty() {
                continue;
            }
            is_empty = false;
            column.remember(&mut today, structure.day(), unit, &days);
            let (rank_values, _) = sum(&days, structure.day());
            let own = rank_values.counts.submitted();
            let last_submitted = rows.last_submitted_at(structure.place(unit), period).into();
            let cell = Cell { rank_values, own, last_submitted, ..Cell::default() };
            *column.cells.get_mut(structure.place(unit)) = cell;
        }
        if is_empty {
            return None;
        }
        let past = Arc::make_mut(&mut column.past);
        past.retain(|(_, log)| !log.is_empty());
        for (_, log) in past {
            Arc::make_mut(log).shrink_to_fit();
        }
        column.sum_up(structure, period, covered);
        column.cells.shrink_to_fit();
        column.start = column.cells.clone();
        for (&unit, &of_today) in &today {
            for step in structure.climb(unit) {
                let rank_values = &mut column.start.get_mut(structure.place(step)).rank_values;
                *rank_values = rank_values.minus(of_today);
                if step == period.owner {
                    break;
                }
            }
        }
        Some((column, today))
    }

    /// Makes room for the changes of each day that history keeps apart, so that nothing is moved while they come.
    fn expect(&mut self, structure: &Structure, books: &Books, period: &Period, units: &[UnitId]) {
        let days = horizon(structure.day())..structure.day();
        let mut changed = BTreeMap::new();
        for &unit in units {
            let mut last = None;
            books.each_day(unit, period, |day| {
                // The entries of a day lie together.
                if days.contains(&day) && last.replace(day) != Some(day) {
                    *changed.entry(day).or_default() += 1;
                }
            });
        }
        let room = |(day, count)| (day, Arc::new(Vec::with_capacity(count)));
        self.past = Arc::new(changed.into_iter().map(room).collect());
    }

    /// Adds each unit's own numbers to those of the units above it, up to the period's owner.
    fn sum_up(&mut self, structure: &Structure, period: &Period, covered: Vec<UnitId>) {
        // A unit comes after its parent in a subtree, so from the end each is whole in its turn.
        for unit in covered.into_iter().rev() {
            let place = structure.place(unit);
            if self.cell(place) == Cell::default() {
                continue;
            }
            let row = structure.unit(unit);
            let cell = self.cells.get_mut(place);
            cell.active_unions += i32::from(row.is_open_grassroots() && cell.submitted() > 0);
            let cell = *cell;
            if let Some(parent) = row.parent.filter(|_| unit != period.owner) {
                self.cells.get_mut(structure.place(parent)).add_child(&cell);
            }
        }
    }

    /// Counts what a unit itself has in the period.
    pub(super) fn assert(&mut self, own: Own<'_>) {
        let Own { structure, rows, period, path, days, log_of_today } = own;
        self.post(log_of_today, structure.day(), path, &days);
        if let Some(at) = rows.last_submitted_at(path[0].place, period) {
            self.raise_last_submitted_at(path, at);
        }
    }

    /// Takes back what [`Self::assert`] counted.
    pub(super) fn retract(&mut self, own: Own<'_>) {
        let Own { structure, rows, period, path, mut days, log_of_today } = own;
        let unit = path[0].unit;
        for (_, rank_values) in &mut days {
            *rank_values = rank_values.times(-1);
        }
        self.post(log_of_today, structure.day(), path, &days);
        if rows.last_submitted_at(path[0].place, period).is_some() {
            self.lower_last_submitted_at(structure, path, |step| {
                if step == unit {
                    None
                } else {
                    rows.last_submitted_at(structure.place(step), period)
                }
            });
        }
    }

    /// Adds what the first unit of the path itself contributed on these days to all numbers that know of them;
    /// whether that changes the present ones.
    pub(super) fn post(
        &mut self,
        log_of_today: &mut DayLog,
        today: Day,
        path: &[Step],
        days: &[(Day, RankValues)],
    ) -> bool {
        let (all, before_today) = sum(days, today);
        if !all.is_zero() {
            self.raise(path, all);
        }
        if !before_today.is_zero() {
            for step in path {
                self.start.get_mut(step.place).rank_values.add(before_today);
            }
        }
        self.remember(log_of_today, today, path[0].unit, days);
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
        let past = Arc::make_mut(&mut self.past);
        let place = match past.binary_search_by_key(&day, |(past, _)| *past) {
            Ok(place) => place,
            Err(place) => {
                past.insert(place, (day, Arc::default()));
                place
            }
        };
        let log = Arc::make_mut(&mut past[place].1);
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

    fn raise(&mut self, path: &[Step], rank_values: RankValues) {
        let mut active = 0;
        for (height, step) in path.iter().enumerate() {
            let cell = self.cells.get_mut(step.place);
            let was_active = step.is_union && cell.submitted() > 0;
            cell.rank_values.add(rank_values);
            if height == 0 {
                cell.own += rank_values.counts.submitted();
            }
            let is_active = step.is_union && cell.submitted() > 0;
            active += i32::from(is_active) - i32::from(was_active);
            cell.active_unions += active;
        }
    }

    /// The first unit of the path, which has initiatives in the period, became an open grassroots union, or is none any
    /// more.
    pub(super) fn turn_union(&mut self, path: &[Step]) {
        let change = if path[0].is_union { 1 } else { -1 };
        for step in path {
            self.cells.get_mut(step.place).active_unions += change;
        }
    }

    /// An initiative came in: no unit above it has had its last one earlier.
    pub(super) fn raise_last_submitted_at(&mut self, path: &[Step], at: Timestamp) {
        let at = Some(at).into();
        for step in path {
            let cell = self.cells.get_mut(step.place);
            if cell.last_submitted >= at {
                break;
            }
            cell.last_submitted = at;
        }
    }

    /// An initiative left: looks for the last of those that stay, as far up as it matters.
    /// `own` tells the last one of a unit itself.
    pub(super) fn lower_last_submitted_at(
        &mut self,
        structure: &Structure,
        path: &[Step],
        own: impl Fn(UnitId) -> Option<Timestamp>,
    ) {
        for step in path {
            let children = structure.children(step.unit).iter();
            let below = children.map(|&child| self.cell(structure.place(child)).last_submitted);
            let last = below.max().unwrap_or_default().max(own(step.unit).into());
            let cell = self.cells.get_mut(step.place);
            if cell.last_submitted == last {
                break;
            }
            cell.last_submitted = last;
        }
    }

    /// Whether [`Self::end_day`] changes the column.
    pub fn changes_at_midnight(&self, horizon: Day) -> bool {
        let forgets = self.past.first().is_some_and(|(oldest, _)| *oldest < horizon);
        forgets || !self.start.is_clone_of(&self.cells)
    }

    /// Midnight: what stands now is how yesterday ended.
    pub fn end_day(&mut self, today: DayLog, ended: Day, horizon: Day) {
        self.start = self.cells.clone();
        let past = Arc::make_mut(&mut self.past);
        if !today.is_empty() {
            let mut log: PastLog = today.into_iter().collect();
            log.sort_unstable_by_key(|&(unit, _)| unit);
            past.push((ended, Arc::new(log)));
        }
        past.retain(|(day, _)| *day >= horizon);
    }

    /// Changes of the days from `since` to yesterday, one for each day and unit that changed on it:
    /// [`Self::changes_since`] takes time in proportion to them.
    pub fn count_changes_since(&self, since: Day) -> usize {
        self.past.iter().filter(|(day, _)| *day >= since).map(|(_, log)| log.len()).sum()
    }

    /// The changes from `since` until the end of yesterday, summed up the tree to the period's `owner`; `None` if
    /// there are none.
    pub fn changes_since(
        &self,
        structure: &Structure,
        owner: UnitId,
        since: Day,
        pause: &dyn Pause,
    ) -> Result<Option<Changes>, Stopped> {
        let mut sums = Paged::<RankValues>::default();
        let mut is_empty = true;
        for (_, log) in self.past.iter().filter(|(day, _)| *day >= since) {
            for (place, &(unit, rank_values)) in log.iter().enumerate() {
                if place.is_multiple_of(PAUSE_EACH) {
                    pause.pause()?;
                }
                sums.get_mut(structure.place(unit)).add(rank_values);
            }
            is_empty &= log.is_empty();
        }
        if is_empty {
            return Ok(None);
        }
        // A unit comes after its parent in a subtree, so from the end each is whole in its turn.
        let mut in_order: Vec<UnitId> = Vec::new();
        for unit in structure.subtree(owner) {
            if in_order.len().is_multiple_of(PAUSE_EACH) {
                pause.pause()?;
            }
            in_order.push(unit);
        }
        let mut has_changed = false;
        for (turn, unit) in in_order.into_iter().rev().enumerate() {
            if turn.is_multiple_of(PAUSE_EACH) {
                pause.pause()?;
            }
            let sum = sums.get(structure.place(unit)).copied().unwrap_or_default();
            if sum.is_zero() {
                continue;
            }
            has_changed = true;
            if let Some(parent) = structure.unit(unit).parent.filter(|_| unit != owner) {
                sums.get_mut(structure.place(parent)).add(sum);
            }
        }
        Ok(has_changed.then_some(Changes(sums)))
    }
}

/// The changes of some days, by the units' places, each with all below it included.
#[derive(Debug, Default)]
pub struct Changes(Paged<RankValues>);

impl Changes {
    pub fn at(&self, place: usize) -> RankValues {
        self.0.get(place).copied().unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::{BoardBuilder, Counted, Stamp, Traits};
    use crate::domain::initiative::InitiativeKind;
    use crate::domain::period::{Metric, PeriodKind};
    use crate::domain::unit::UnitKind;
    use crate::domain::{InitiativeId, InitiativeStatus, PeriodId, Unit};

    const OWNERS: u32 = 100;
    const TODAY: Day = Day(19_143);

    /// A root, 100 units below it, 100 below each of these. Neighbours in the tree are far apart by number.
    fn unit(id: u32) -> Unit {
        let parent = match id {
            1 => None,
            _ if id <= OWNERS + 1 => Some(UnitId(1)),
            _ => Some(UnitId(2 + id % OWNERS)),
        };
        Unit {
            id: UnitId(id),
            code: id.to_string(),
            name: id.to_string(),
            kind: UnitKind::GrassrootsUnion,
            parent,
            cluster: None,
            sector: None,
            foreign_invested: false,
            member_count: None,
            closed_on: None,
            placeholder: false,
            deleted: false,
        }
    }

    fn period(id: u32, owner: u32, starts_on: Day) -> Period {
        Period {
            id: PeriodId(id),
            code: id.to_string(),
            name: id.to_string(),
            kind: PeriodKind::PeakWeek,
            starts_on,
            ends_on: starts_on.plus(6),
            owner: UnitId(owner),
            parent: None,
            metric: Metric::Submitted,
            applied_from: None,
            applied_until: None,
            placeholder: false,
        }
    }

    #[test]
    fn a_period_takes_memory_for_what_it_covers() {
        let units = OWNERS * OWNERS + OWNERS + 1;
        let mut builder = BoardBuilder::default();
        builder.day(TODAY, Stamp::default());
        (1..=units).for_each(|id| builder.unit(unit(id), Stamp::default()));
        // The root owns one, a unit below it another, and a third one holds days on which nothing is submitted.
        let week = TODAY.plus(-7);
        for period in [period(1, 1, week), period(2, 2, week), period(3, 3, TODAY.plus(1))] {
            builder.period(period, Stamp::default());
        }
        for id in OWNERS + 2..=units {
            let state = Counted {
                unit: UnitId(id),
                status: InitiativeStatus::Pending,
                submitted_at: week.start(),
                benefit_vnd: None,
                people: &[],
            };
            let traits = Traits::of_kind(InitiativeKind::Idea);
            builder.initiative(InitiativeId(1), state, traits, Stamp::default());
        }
        let board = builder.build(Stamp::default(), 0);
        let bytes = |id: u32| {
            let column = board.columns.get(id as usize).and_then(Option::as_ref);
            column.map(|column| {
                assert!(column.start.is_clone_of(&column.cells), "nothing is of today");
                column.cells.bytes()
            })
        };
        let snapshot = board.snapshot();
        for (id, unit, submitted) in
            [(1, 1, OWNERS * OWNERS), (2, 1, OWNERS), (2, 2, OWNERS), (2, 3, 0), (3, 3, 0)]
        {
            let tally = snapshot.cell(UnitId(unit), PeriodId(id));
            assert_eq!(u32::try_from(tally.submitted()), Ok(submitted), "{id}, {unit}");
        }
        let (of_root, of_unit) = (bytes(1).unwrap(), bytes(2).unwrap());
        assert!(of_unit * 50 < of_root, "{of_unit} of {of_root}");
        assert_eq!(bytes(3), None);
    }
}
