//! The work of `node` and `nodes`, whose objects are known by their ids.

use async_graphql::parser::types::{Field, SelectionSet};

use super::arguments::Argument;
use super::place::{Parts, Place, Units};
use super::sizes::{Board, Judging, Named, Past, Sizes};
use super::{Pricing, rates};
use crate::domain::{PeriodId, UnitId};
use crate::limits::PAGE_MAX;

/// The objects of a list of ids: by kind, how many and of which units, and boards one by one.
#[derive(Debug, Clone, Default)]
pub(super) struct NamedAll {
    units: Vec<UnitId>,
    tallies: Vec<UnitId>,
    targets: Vec<UnitId>,
    boards: Vec<Board>,
    briefings: Vec<(UnitId, u64, Past)>,
    rules: Vec<Judging>,
    assessments: Vec<(Judging, PeriodId)>,
    /// The sum of what [`Named::Tally`] and [`Named::Target`] say, of all together.
    past: u64,
    /// Units of kept figures, of all tallies and boards together.
    kept: u64,
    closings: Vec<PeriodId>,
    periods: u64,
    initiatives: u64,
    tokens: u64,
}

impl<'a, S: Sizes> Pricing<'a, S> {
    /// How many items a list has.
    pub(super) fn count(list: Argument<'a>) -> u64 {
        u64::try_from(list.items().len()).unwrap_or(u64::MAX)
    }

    /// `node` and `nodes`: the object of each id.
    pub(super) fn nodes(&mut self, field: &'a Field, objects: u64) -> u64 {
        let given = self.argument(field, "ids").or_else(|| self.argument(field, "id"));
        let Some(given) = given else { return 0 };
        let named = match self.ids.get(&given.place()) {
            Some(named) => named.clone(),
            None => {
                let named = self.named(given);
                self.ids.insert(given.place(), named.clone());
                named
            }
        };
        let selected = &field.selection_set.node;
        let ids = Self::count(given);
        let mut time = rates::LOOKUP.saturating_add(self.rates.object).saturating_mul(ids);
        let one_or_any = |units: &[UnitId]| match units {
            [unit] => Units::One(*unit),
            _ => Units::Anywhere,
        };
        let many = |units: &[UnitId]| u64::try_from(units.len()).unwrap_or(u64::MAX);
        for (of, units) in
            [("Unit", &named.units), ("Tally", &named.tallies), ("Target", &named.targets)]
        {
            let place = Place { parts: Parts::OfObjects, ..Place::of(one_or_any(units)) };
            time = time.saturating_add(self.select_named(selected, of, place, many(units)));
        }
        for (of, count, read) in [
            ("Period", named.periods, 0),
            ("Initiative", named.initiatives, rates::READ_INITIATIVE + rates::STATEMENT),
            ("Token", named.tokens, rates::STATEMENT),
        ] {
            time = time.saturating_add(read.saturating_mul(count));
            let place = Place::of(Units::Anywhere);
            time = time.saturating_add(self.select_named(selected, of, place, count));
        }
        time = time.saturating_add(Past { changes: 0, units: named.past }.time());
        if named.kept > 0 {
            let reading = rates::STATEMENT.saturating_mul(ids);
            let read = named.kept.saturating_mul(rates::KEPT_UNIT).saturating_add(reading);
            time = time.saturating_add(read);
        }
        for period in named.closings {
            let place = Place { period: Some(period), ..Place::of(Units::Anywhere) };
            time = time.saturating_add(self.select_named(selected, "Closing", place, 1));
        }
        for (unit, first, past) in named.briefings {
            time = time.saturating_add(past.time());
            let count = self.waited();
            let place = Place { rows: first, count, ..Place::of(Units::One(unit)) };
            time = time.saturating_add(self.select_named(selected, "Briefing", place, 1));
        }
        for judging in named.rules {
            let place = Self::rules(1, Some(judging)).place;
            time = time.saturating_add(self.select_named(selected, "Rule", place, 1));
        }
        for (judging, period) in named.assessments {
            let (judging, period) = (Some(judging), Some(period));
            let place = Place { period, judging, ..Place::of(Units::Anywhere) };
            time = time.saturating_add(self.select_named(selected, "Assessment", place, 1));
        }
        for board in named.boards {
            let step = self.ranking(board, 1);
            time = time.saturating_add(step.time);
            let place = Place { units: Units::One(board.within), ..step.place };
            time = time.saturating_add(self.select_named(selected, "Leaderboard", place, 1));
        }
        time.saturating_mul(objects)
    }

    pub(super) fn select_named(
        &mut self,
        selected: &'a SelectionSet,
        of: &str,
        place: Place,
        objects: u64,
    ) -> u64 {
        self.types.named(of).map_or(0, |of| self.select(selected, of, place, objects))
    }

    pub(super) fn named(&self, ids: Argument<'a>) -> NamedAll {
        let mut all = NamedAll::default();
        let bound = usize::try_from(PAGE_MAX).unwrap_or(usize::MAX);
        for id in ids.items().into_iter().take(bound).flatten() {
            match id.text().map_or(Named::Nothing, |id| self.sizes.named(id)) {
                Named::Nothing => {}
                Named::Unit(unit) => all.units.push(unit),
                Named::Tally(unit, past) => {
                    all.tallies.push(unit);
                    all.past = all.past.saturating_add(past);
                }
                Named::KeptTally(unit, units) => {
                    all.tallies.push(unit);
                    all.kept = all.kept.saturating_add(units);
                }
                Named::Closing(period) => all.closings.push(period),
                Named::KeptLeaderboard(board, units) => {
                    all.boards.push(board);
                    all.kept = all.kept.saturating_add(units);
                }
                Named::Target(unit, past) => {
                    all.targets.push(unit);
                    all.past = all.past.saturating_add(past);
                }
                Named::Leaderboard(board) => all.boards.push(board),
                Named::Briefing(unit, first, past) => all.briefings.push((unit, first, past)),
                Named::Rule(judging) => all.rules.push(judging),
                Named::Assessment(judging, period) => all.assessments.push((judging, period)),
                Named::Period => all.periods += 1,
                Named::Initiative => all.initiatives += 1,
                Named::Token => all.tokens += 1,
            }
        }
        all
    }
}
