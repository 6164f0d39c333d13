//! The work of leaderboards, and of the figures of earlier days.

use async_graphql::parser::types::Field;

use super::arguments::Argument;
use super::place::{Place, Step, Units};
use super::sizes::{Board, Past, Since, Sizes};
use super::{Pricing, rates};
use crate::domain::{PeriodId, UnitId};

impl<'a, S: Sizes> Pricing<'a, S> {
    /// Reading the figures of a closing, for each of these objects.
    pub(super) fn kept(&self, period: Option<PeriodId>, objects: u64) -> u64 {
        let Some(known) = period else { return Self::reading(self.sizes.kept(None), objects) };
        // Figures that were read once are at hand for the rest of the document.
        if self.read.borrow_mut().insert(known) {
            Self::reading(self.sizes.kept(period), objects.min(1))
        } else {
            0
        }
    }

    /// The same for assessments, which rest on some of the closings alone.
    pub(super) fn kept_for(&self, period: Option<PeriodId>, objects: u64) -> u64 {
        match period {
            None => Self::reading(self.sizes.kept_for_assessments(None), objects),
            Some(known) if self.read.borrow().contains(&known) => 0,
            Some(_) => Self::reading(self.sizes.kept_for_assessments(period), objects.min(1)),
        }
    }

    pub(super) fn earlier(&self, field: &'a Field, period: Option<PeriodId>) -> u64 {
        let since = self.argument(field, "since").and_then(Argument::text);
        since.map_or(0, |since| {
            let changes = self.sizes.earlier_changes(period, Since::Day(since));
            changes.saturating_mul(rates::EARLIER_CHANGE)
        })
    }

    pub(super) fn board(&self, field: &'a Field, objects: u64) -> Step {
        let within = match self.unit(field, "within") {
            Some(None) => return Step::to(0, Units::Anywhere),
            Some(Some(within)) => within,
            None => self.sizes.root(),
        };
        let period = self.period(field, "period");
        let text = |name| self.argument(field, name).and_then(Argument::text);
        let past = match text("asOf") {
            Some(day) => self.sizes.past_board(period, day, text("since")).time(),
            None => self.earlier(field, period),
        };
        let step = self.ranking(self.board_within(within, field), objects);
        Step { place: Place { period, ..step.place }, ..step }.taking(past)
    }

    /// The leaderboard that a field's arguments ask for.
    pub(super) fn board_within(&self, within: UnitId, field: &'a Field) -> Board {
        Board {
            within,
            has_kinds: self.argument(field, "kinds").map_or(0, Self::count) > 0,
            has_cluster: self.argument(field, "cluster").is_some(),
            first: self.page(field),
            past: Past::default(),
        }
    }

    pub(super) fn ranking(&self, board: Board, objects: u64) -> Step {
        let ranked = if board.has_kinds {
            self.sizes.below(board.within)
        } else {
            self.sizes.children(board.within)
        };
        let time = ranked.saturating_mul(rates::RANKED_UNIT);
        let rows = board.first.min(ranked).saturating_mul(objects);
        let row_units = if board.has_kinds {
            Units::Below(board.within, objects)
        } else {
            Units::Siblings(board.within, objects)
        };
        let summed = if board.has_cluster { self.sizes.below(board.within) } else { ranked };
        let summed = summed.saturating_mul(objects);
        let place = Place { row_units, rows, summed, ..Place::of(Units::One(board.within)) };
        let time = time.saturating_add(board.past.time()).saturating_mul(objects);
        Step { time, objects, place }
    }

    pub(super) const fn reading(units: u64, objects: u64) -> u64 {
        let reading = if units > 0 { rates::STATEMENT } else { 0 };
        let time = units.saturating_mul(rates::KEPT_UNIT).saturating_add(reading);
        time.saturating_mul(objects)
    }
}
