//! The maker of a board from facts, which the fold continues.

use std::sync::Arc;

use super::books::BooksBuilder;
use super::calendar::Calendar;
use super::closings::Closings;
use super::confirmations::Confirmations;
use super::fold::{Board, horizon};
use super::histories::Told;
use super::initiative_rows::{InitiativeRow, InitiativeRows, Traits};
use super::posting::{Counted, RecentChanges, posting};
use super::structure::{Stamp, Structure};
use super::unions::Unions;
use crate::domain::event::TargetsChanged;
use crate::domain::field::Fields;
use crate::domain::{Closing, Day, InitiativeId, Period, Rule, Target, Unit, UnitId};

/// Makes a board from facts, and from the part of the log that facts do not show.
#[derive(Default)]
pub struct BoardBuilder {
    board: Board,
    gathered: BooksBuilder,
    /// The last change of each unit, by its number.
    stamps: Vec<Stamp>,
    /// Each with the number of its unit, in the end with the place of that.
    rows: Vec<(u32, InitiativeRow)>,
}

/// Initiatives that room is made for ahead, at most: a number that was damaged must not ask for all memory.
const INITIATIVES_MAX: usize = 3_000_000;

impl BoardBuilder {
    /// A board that knows the operator's list of fields.
    pub fn with_fields(fields: Arc<Fields>) -> Self {
        let rows = InitiativeRows::new(fields);
        Self { board: Board { rows, ..Board::default() }, ..Self::default() }
    }

    /// Makes room for so many initiatives, so that nothing is moved while they come.
    pub fn expect(&mut self, initiatives: usize) {
        let initiatives = initiatives.min(INITIATIVES_MAX);
        self.rows.reserve(initiatives);
        self.gathered.reserve(initiatives);
    }

    pub fn unit(&mut self, unit: Unit, stamp: Stamp) {
        self.raise(unit.id, stamp);
        self.board.stamps.structure = self.board.stamps.structure.max(stamp);
        self.board.structure.put_unit(unit);
    }

    pub fn period(&mut self, period: Period, stamp: Stamp) {
        self.board.stamps.of_periods.insert_mut(period.id, stamp.version);
        self.board.structure.put_period(period);
        self.board.stamps.periods = self.board.stamps.periods.max(stamp);
        self.board.stamps.structure = self.board.stamps.structure.max(stamp);
    }

    pub fn target(&mut self, target: &Target, stamp: Stamp) {
        self.raise(target.key.unit, stamp);
        self.board.stamps.structure = self.board.stamps.structure.max(stamp);
        self.board.structure.put_target(None, Some(target));
    }

    pub fn rule(&mut self, rule: Rule, stamp: Stamp) {
        self.board.stamps.structure = self.board.stamps.structure.max(stamp);
        self.board.structure.put_rule(rule);
    }

    /// Adds an initiative in its present state, as if that had always been its state.
    pub fn initiative(
        &mut self,
        id: InitiativeId,
        state: Counted<'_>,
        traits: Traits<'_>,
        stamp: Stamp,
    ) {
        self.raise(state.unit, stamp);
        let posting = posting(state.unit, None, Some(state));
        self.gathered.record(&posting, posting.submitted);
        let row = self.board.rows.row((id, stamp.version), state, traits);
        self.rows.push((state.unit.0, row));
    }

    /// The log lacks what happened before this day: earlier days than the one before it cannot be told.
    pub fn histories_begin(&mut self, day: Day) {
        self.board.first_day = self.board.first_day.max(Some(day));
        self.board.told_from = Some(day);
    }

    /// The initiative was in this state when the log began.
    pub fn history_begins(&mut self, id: InitiativeId, state: &Counted<'_>) {
        self.board.histories.begin(id, state);
    }

    /// Adds the states that an initiative was in before its present one. Returns false if the facts do not tell them;
    /// then its changes are to be added by [`Self::change`], as far back as the log has them.
    pub fn history(&mut self, id: InitiativeId, state: &Counted<'_>, told: &Told) -> bool {
        self.board.histories.told(id, state, told)
    }

    /// Adds a change of an initiative whose earlier states the facts do not tell, on the day on which it counts.
    pub fn change(
        &mut self,
        id: InitiativeId,
        before: Option<&Counted<'_>>,
        after: &Counted<'_>,
        day: Day,
    ) {
        self.board.histories.turn(id, before, after, day);
    }

    /// Adds the changes within the reach of history, which correct "as if it had always been so".
    pub fn recent_changes(&mut self, changes: RecentChanges) {
        self.gathered.append(changes.0);
    }

    /// Adds the closings that the log has.
    pub fn closings(&mut self, closings: Closings) {
        self.board.closings = closings;
    }

    /// Notes the targets that an event set or removed.
    pub fn targets_set(&mut self, change: &TargetsChanged, stamp: Stamp) {
        self.board.stamps.note_targets(change, stamp.version);
    }

    /// Adds the confirmed assessments that the log has.
    pub fn confirmations(&mut self, confirmations: Confirmations) {
        self.board.confirmations = confirmations;
    }

    /// Leaves out the closings that the question does not name; how many these are.
    pub fn retain_closings(&mut self, keeps: impl Fn(&Closing) -> bool) -> usize {
        let before = self.board.closings.all().count();
        self.board.closings.retain(keeps);
        before - self.board.closings.all().count()
    }

    /// Stamps units for a change whose units the facts no longer show.
    pub fn touched(&mut self, units: &[UnitId], stamp: Stamp) {
        for &unit in units {
            self.raise(unit, stamp);
        }
    }

    /// Stamps a unit's whole subtree: the unit was moved, or its tallies count otherwise.
    pub fn subtree_touched(&mut self, unit: UnitId, stamp: Stamp) {
        let below: Vec<UnitId> = self.board.structure.subtree(unit).collect();
        self.touched(&below, stamp);
    }

    /// Notes the moment at which another period became the default one.
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

    /// Adds a day of the log, in order.
    pub fn day(&mut self, day: Day, stamp: Stamp) {
        self.board.first_day.get_or_insert(day);
        self.board.structure.set_day(day);
        self.board.stamps.day = stamp;
    }

    /// `head` is the last event of the log that the facts reflect, `head_tag` that event's tag.
    pub fn build(mut self, head: Stamp, head_tag: i64) -> Board {
        self.board.head = head;
        self.board.head_tag = head_tag;
        self.board.books = std::mem::take(&mut self.gathered).into_books();
        let units: Vec<UnitId> = self.board.structure.units().map(|unit| unit.id).collect();
        let deleted = self.board.structure.deleted_units().map(|unit| unit.id);
        let known: Vec<UnitId> = units.iter().copied().chain(deleted).collect();
        self.stamp_units(&known);
        let today = self.board.structure.day();
        for &unit in &units {
            self.board.books.forget_before(unit, horizon(today));
        }
        self.board.structure.settle();
        self.place_rows();
        self.board.default_period = self.board.structure.default_period();
        self.board.unions = Unions::afresh(&self.board.structure);
        self.board.calendar = Calendar::afresh(&self.board.structure, &self.board.books);
        self.board.recount_all();
        self.board
    }

    /// Puts the rows of each unit together, place by place, so that they lie in memory as scans of the board come by.
    fn place_rows(&mut self) {
        let structure = &self.board.structure;
        let mut rows = std::mem::take(&mut self.rows);
        for (unit, _) in &mut rows {
            let place = structure.place(UnitId(*unit));
            *unit = u32::try_from(place).expect("there are as many places as units");
        }
        rows.sort_unstable_by_key(|&(place, _)| place);
        let mut own = Vec::new();
        for of_unit in rows.chunk_by(|(place, _), (other, _)| place == other) {
            own.clear();
            own.extend(of_unit.iter().map(|&(_, row)| row));
            self.board.rows.set(of_unit[0].0 as usize, &mut own);
        }
    }

    fn raise(&mut self, unit: UnitId, stamp: Stamp) {
        let unit = unit.index();
        if self.stamps.len() <= unit {
            self.stamps.resize(unit + 1, Stamp::default());
        }
        self.stamps[unit] = self.stamps[unit].max(stamp);
    }

    /// Stamps each unit with the last change of its subtree.
    fn stamp_units(&mut self, units: &[UnitId]) {
        let own = self.stamps.clone();
        for &unit in units {
            for step in self.board.structure.climb(unit) {
                let stamp = &mut self.stamps[step.index()];
                *stamp = own[unit.index()].max(*stamp);
            }
        }
        for (unit, &stamp) in self.stamps.iter().enumerate() {
            if stamp != Stamp::default() {
                let stamps = self.board.stamps.units.get_mut(unit);
                stamps.subtree = stamp;
                // Facts do not show which of the changes below the unit changed its counts.
                stamps.shown = stamp.version;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::unit::UnitKind;

    /// A start gives places anew: else the units of a subtree would lie as far apart as they were made.
    #[test]
    fn units_lie_level_by_level() {
        let mut builder = BoardBuilder::default();
        for (id, parent) in
            [(1, None), (2, Some(1)), (3, Some(2)), (4, Some(1)), (5, Some(4)), (6, Some(2))]
        {
            let unit = Unit {
                id: UnitId(id),
                code: id.to_string(),
                name: id.to_string(),
                kind: UnitKind::Section,
                parent: parent.map(UnitId),
                cluster: None,
                sector: None,
                foreign_invested: false,
                member_count: None,
                closed_on: None,
                placeholder: false,
                deleted: false,
            };
            builder.unit(unit, Stamp::default());
        }
        let board = builder.build(Stamp::default(), 0);
        let place = |id| board.structure.steps(UnitId(id))[0].place;
        assert_eq!([1, 2, 4, 3, 6, 5].map(place), [0, 1, 2, 3, 4, 5]);
    }
}
