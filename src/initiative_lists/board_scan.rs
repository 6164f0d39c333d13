//! Pages and counts from the rows that the board keeps of initiatives, unit by unit: no table is read.
//!
//! The board knows neither titles nor tokens, so words and `entered_by` are left to the tables.

use std::ops::ControlFlow;

use super::visibility::{Coverage, View};
use crate::board::{FieldLookup, FieldNumber, InitiativeRow, Pause, Stopped};
use crate::domain::initiative::InitiativeKind;
use crate::domain::{InitiativeId, InitiativeStatus, UnitId};
use crate::store::{Filter, KeyRange, NO_BENEFIT, Order, Position};

/// Rows from one pause to the next: about a tenth of a millisecond.
const PAUSE_EACH: usize = 4_096;
/// A unit costs as much as so many rows.
const UNIT_AS_ROWS: usize = 8;

/// A filter as the board's rows are asked.
pub struct BoardScan<'a> {
    view: &'a View<'a>,
    filter: &'a Filter,
    statuses: Bits,
    kinds: Option<Bits>,
    field: Option<FieldNumber>,
    pause: &'a dyn Pause,
    /// Rows and units since the last pause.
    looked_at: usize,
}

/// A set of a few small numbers.
#[derive(Debug, Clone, Copy)]
struct Bits(u32);

impl Bits {
    fn of(numbers: impl Iterator<Item = usize>) -> Self {
        Self(numbers.fold(0, |bits, number| bits | (1 << number)))
    }

    const fn has(self, number: usize) -> bool {
        self.0 >> number & 1 == 1
    }
}

impl<'a> BoardScan<'a> {
    /// `None` when the board's rows do not tell what the filter asks.
    pub fn new(view: &'a View<'a>, filter: &'a Filter, pause: &'a dyn Pause) -> Option<Self> {
        if filter.words.is_empty() { Self::beside_words(view, filter, pause) } else { None }
    }

    /// A scan for all that the filter asks but words. `None` when the board's rows do not tell the rest.
    pub fn beside_words(
        view: &'a View<'a>,
        filter: &'a Filter,
        pause: &'a dyn Pause,
    ) -> Option<Self> {
        if filter.entered_by.is_some() {
            return None;
        }
        let mut statuses = Bits::of(filter.statuses.iter().map(|&status| status as usize));
        let mut field = None;
        if let Some(text) = &filter.field {
            match view.snapshot.field_number(text) {
                FieldLookup::Number(number) => field = Some(number),
                FieldLookup::Unused => statuses = Bits(0),
                FieldLookup::Unknown => return None,
            }
        }
        let kind = |kind: &InitiativeKind| *kind as usize;
        let kinds = filter.kinds.as_ref().map(|kinds| Bits::of(kinds.iter().map(kind)));
        Some(Self { view, filter, statuses, kinds, field, pause, looked_at: 0 })
    }

    /// The first positions of the list of `top`, at most `limit`, in the order of the range.
    ///
    /// # Errors
    /// When nobody waits for them any more.
    pub fn page(
        &mut self,
        top: UnitId,
        range: &KeyRange,
        limit: usize,
    ) -> Result<Vec<Position>, Stopped> {
        let mut best = Best::new(limit, range.descending);
        self.each_place(top, |scan, place, sees| {
            if range.order != Order::SubmittedAt {
                for row in scan.view.snapshot.initiatives_at(place) {
                    scan.looked_at += 1;
                    if scan.passes(row, sees) {
                        let position = position(row, range.order, sees);
                        if range.holds(position) {
                            best.offer(position);
                        }
                    }
                }
                return;
            }
            let rows = scan.view.snapshot.initiatives_at(place);
            let mut each = |row: InitiativeRow| {
                scan.looked_at += 1;
                let position = position(row, range.order, sees);
                if !range.is_reached(position) {
                    return ControlFlow::Continue(());
                }
                if range.is_passed(position) || !best.may_take(position) {
                    return ControlFlow::Break(());
                }
                if scan.passes(row, sees) {
                    best.offer(position);
                }
                ControlFlow::Continue(())
            };
            // The rest of a unit lies behind what is too far.
            let _ended = if range.descending {
                rows.rev().try_for_each(&mut each)
            } else {
                { rows }.try_for_each(&mut each)
            };
        })?;
        Ok(best.finish())
    }

    /// The positions of those of these initiatives that the list of `top` holds in the range, in its order.
    ///
    /// # Errors
    /// When nobody waits for them any more.
    pub fn among(
        &mut self,
        top: UnitId,
        range: &KeyRange,
        ids: &[InitiativeId],
    ) -> Result<Vec<Position>, Stopped> {
        let view = self.view;
        let structure = &view.snapshot.structure;
        let placed = ids.iter().filter_map(|&id| Some((view.snapshot.unit_of(id)?, id)));
        let mut placed: Vec<(UnitId, InitiativeId)> =
            placed.filter(|&(unit, _)| structure.is_within(unit, top)).collect();
        placed.sort_unstable();
        let mut best = Best::new(placed.len(), range.descending);
        for of_unit in placed.chunk_by(|(one, _), (other, _)| one == other) {
            let unit = of_unit[0].0;
            let sees = view.sees_unit(unit);
            for row in view.snapshot.initiatives_at(structure.place(unit)) {
                self.looked_at += 1;
                let is_named = of_unit.binary_search_by_key(&row.id(), |&(_, id)| id).is_ok();
                if is_named && self.passes(row, sees) {
                    let position = position(row, range.order, sees);
                    if range.holds(position) {
                        best.offer(position);
                    }
                }
            }
            self.pace()?;
        }
        Ok(best.finish())
    }

    /// The number of visible rows of the list of `top`.
    ///
    /// # Errors
    /// When nobody waits for it any more.
    pub fn count(&mut self, top: UnitId) -> Result<i64, Stopped> {
        let mut count = 0;
        self.each_place(top, |scan, place, sees| {
            for row in scan.view.snapshot.initiatives_at(place) {
                scan.looked_at += 1;
                count += i64::from(scan.passes(row, sees));
            }
        })?;
        Ok(count)
    }

    /// Calls `each` with the place of every unit of the subtree, and whether the caller sees all of its initiatives.
    fn each_place(
        &mut self,
        top: UnitId,
        mut each: impl FnMut(&mut Self, usize, bool),
    ) -> Result<(), Stopped> {
        let view = self.view;
        let (structure, coverage) = (&view.snapshot.structure, view.coverage(top));
        if top == structure.root() && coverage != Coverage::Partial {
            // All units in the order in which their rows lie.
            for place in 0..structure.place_count() {
                each(self, place, coverage == Coverage::All);
                self.pace()?;
            }
            return Ok(());
        }
        for unit in structure.subtree(top) {
            let sees = match coverage {
                Coverage::All => true,
                Coverage::Public => false,
                Coverage::Partial => view.sees_unit(unit),
            };
            each(self, structure.place(unit), sees);
            self.pace()?;
        }
        Ok(())
    }

    fn pace(&mut self) -> Result<(), Stopped> {
        self.looked_at += UNIT_AS_ROWS;
        if self.looked_at >= PAUSE_EACH {
            self.looked_at = 0;
            self.pause.pause()?;
        }
        Ok(())
    }

    fn passes(&self, row: InitiativeRow, sees: bool) -> bool {
        let (status, filter) = (row.status(), self.filter);
        self.statuses.has(status as usize)
            && (sees
                || (status == InitiativeStatus::Accepted
                    && !(self.field.is_some() && row.is_confidential())))
            && self.kinds.is_none_or(|kinds| kinds.has(row.kind()))
            && self.field.is_none_or(|field| field == row.field())
            && filter.featured.is_none_or(|featured| featured == row.is_featured())
            && filter.from.is_none_or(|from| from <= row.submitted_at())
            && filter.until.is_none_or(|until| row.submitted_at() < until)
            && filter.changed_after.is_none_or(|version| version < row.version())
    }
}

fn position(row: InitiativeRow, order: Order, sees: bool) -> Position {
    let value = match order {
        Order::SubmittedAt => row.submitted_at().0,
        Order::UpdatedAt => row.version().0,
        Order::Benefit => {
            let shown = row.benefit_vnd().filter(|_| sees || !row.is_confidential());
            shown.unwrap_or(NO_BENEFIT)
        }
    };
    Position { value, id: row.id() }
}

/// The first positions of those that were offered.
struct Best {
    positions: Vec<Position>,
    limit: usize,
    descending: bool,
    /// The last of the first ones, once there are enough.
    last: Option<Position>,
}

impl Best {
    const fn new(limit: usize, descending: bool) -> Self {
        Self { positions: Vec::new(), limit, descending, last: None }
    }

    fn order(&self) -> impl Fn(&Position, &Position) -> std::cmp::Ordering + use<> {
        let descending = self.descending;
        move |one, other| if descending { other.cmp(one) } else { one.cmp(other) }
    }

    fn may_take(&self, position: Position) -> bool {
        self.last.is_none_or(|last| self.order()(&position, &last).is_lt())
    }

    fn offer(&mut self, position: Position) {
        if !self.may_take(position) {
            return;
        }
        self.positions.push(position);
        if self.positions.len() >= 2 * self.limit {
            let order = self.order();
            let (_, last, _) = self.positions.select_nth_unstable_by(self.limit - 1, order);
            self.last = Some(*last);
            self.positions.truncate(self.limit);
        }
    }

    fn finish(mut self) -> Vec<Position> {
        let order = self.order();
        self.positions.sort_unstable_by(order);
        self.positions.truncate(self.limit);
        self.positions
    }
}

impl KeyRange {
    fn follows(&self, from: Position, to: Position) -> bool {
        if self.descending { to < from } else { from < to }
    }

    /// Whether the position lies behind the beginning of the range.
    fn is_reached(&self, position: Position) -> bool {
        self.after.is_none_or(|after| self.follows(after, position))
    }

    /// Whether the position lies at or behind the end of the range.
    fn is_passed(&self, position: Position) -> bool {
        self.before.is_some_and(|before| !self.follows(position, before))
    }

    pub(super) fn holds(&self, position: Position) -> bool {
        self.is_reached(position) && !self.is_passed(position)
    }
}
