//! The work of lists of units, and how many there can be.

use std::collections::BTreeSet;

use async_graphql::parser::types::Field;

use super::arguments::Argument;
use super::place::{Parts, Place, Step, Units};
use super::sizes::{Reference, Since, Sizes};
use super::{Pricing, rates, reference};
use crate::domain::UnitId;

impl<'a, S: Sizes> Pricing<'a, S> {
    /// The units of the codes that a field names.
    pub(super) fn named_units(&self, field: &'a Field, objects: u64) -> Units {
        let (mut below, mut held) = (0_u64, 0_u64);
        for code in self.argument(field, "codes").into_iter().flat_map(|codes| codes.items()) {
            let named = code.and_then(Argument::text).map(Reference::Code);
            if let Some(unit) = named.and_then(|named| self.sizes.unit(named)) {
                below = below.saturating_add(self.sizes.below(unit));
                held = held.saturating_add(self.sizes.initiatives(unit));
            }
        }
        Units::Named { below: below.saturating_mul(objects), held: held.saturating_mul(objects) }
    }

    /// The targets that the goals of a change may set, each unit once.
    pub(super) fn parts_of_goals(&self, field: &'a Field) -> Parts {
        let goals = self.argument(field, "input").and_then(|input| input.member("goals"));
        let Some(goals) = goals else { return Parts::None };
        let named = goals.items().into_iter().flatten();
        let units: BTreeSet<UnitId> = named
            .filter_map(|goal| goal.member("unit").and_then(reference))
            .filter_map(|unit| self.sizes.unit(unit))
            .collect();
        let sum = |size: &dyn Fn(UnitId) -> u64| units.iter().map(|&unit| size(unit)).sum();
        let below = sum(&|unit| self.sizes.below(unit));
        let held = sum(&|unit| self.sizes.initiatives(unit));
        Parts::Of(Units::Named { below, held }, units.len() as u64)
    }

    /// Units directly below all objects together.
    pub(super) fn children(&self, units: Units, objects: u64) -> u64 {
        match units {
            Units::One(unit) => self.sizes.children(unit).saturating_mul(objects),
            Units::Siblings(top, times) | Units::Below(top, times) => {
                let widest = self.sizes.tree().widest.saturating_mul(objects);
                widest.min(self.sizes.below(top).saturating_mul(times))
            }
            Units::Named { below, .. } => {
                below.min(self.sizes.tree().widest.saturating_mul(objects))
            }
            Units::Anywhere => self.sizes.tree().widest.saturating_mul(objects),
        }
    }

    /// Units below all objects together, and below the object that has most.
    pub(super) fn descendants(&self, units: Units, objects: u64) -> (u64, u64) {
        let tree = self.sizes.tree();
        match units {
            Units::One(unit) => {
                let below = self.sizes.below(unit);
                (below.saturating_mul(objects), below)
            }
            Units::Siblings(top, times) => {
                let below = self.sizes.below(top);
                (below.saturating_mul(objects.min(times)), below)
            }
            Units::Below(top, times) => {
                let below = self.sizes.below(top);
                let each_above = below.saturating_mul(times).saturating_mul(tree.deepest);
                (below.saturating_mul(objects).min(each_above), below)
            }
            Units::Named { below, .. } => (below, below.min(tree.units)),
            Units::Anywhere => (tree.units.saturating_mul(objects), tree.units),
        }
    }

    /// The units directly below that are ranked for all objects together.
    pub(super) fn ranked_below(&self, place: Place, objects: u64) -> (u64, Units) {
        let units = Self::units_below(place.units, objects, 1);
        (self.children(place.units, objects), units)
    }

    /// Units directly below the object that has most.
    pub(super) fn most_children(&self, units: Units) -> u64 {
        match units {
            Units::One(unit) => self.sizes.children(unit),
            Units::Siblings(top, _) | Units::Below(top, _) => {
                self.sizes.tree().widest.min(self.sizes.below(top))
            }
            Units::Named { below, .. } => below.min(self.sizes.tree().widest),
            Units::Anywhere => self.sizes.tree().widest,
        }
    }

    /// A page of units for each object, of lists with `all` units together and `most` in the longest.
    pub(super) fn units_page(
        &self,
        field: &'a Field,
        units: Units,
        all: u64,
        most: u64,
        objects: u64,
    ) -> Step {
        let filter = self.argument(field, "filter");
        let has = |name| filter.and_then(|filter| filter.member(name)).is_some();
        let order = self.argument(field, "orderBy").and_then(|order| order.member("field"));
        let order = order.and_then(Argument::text).unwrap_or("NAME");
        let mut each = rates::SCANNED_UNIT;
        let by_counts = ["notStarted", "ratioBelow", "silentDays", "changedAfter", "changedSince"];
        if by_counts.into_iter().any(has) {
            each += rates::COUNTED_UNIT;
        }
        if has("behind") {
            // By three counts and a target.
            each += 3 * rates::COUNTED_UNIT;
        }
        if !matches!(order, "NAME" | "CODE") {
            each += rates::COUNTED_UNIT;
        }
        each += rates::SORTED_UNIT * logarithm(most);
        let mut time = each.saturating_mul(all);
        if let Some(text) = filter.and_then(|filter| filter.member("text")) {
            let words = text.text().unwrap_or("").split_whitespace().count().clamp(1, 31);
            let words = u64::try_from(words).unwrap_or(1);
            let searched = rates::SEARCHED_WORD.saturating_mul(words) + rates::PASSED_UNIT;
            let searched = searched.saturating_mul(self.sizes.tree().units);
            time = time.saturating_add(searched.saturating_mul(objects));
        }
        if has("behind") {
            let period = self.period(field, "period");
            let changes = self.sizes.earlier_changes(period, Since::Pace);
            time = time.saturating_add(changes.saturating_mul(rates::EARLIER_CHANGE));
        }
        let rows = self.page(field).min(most).saturating_mul(objects).min(all);
        let place = Place { row_units: units, rows, ..Place::of(Units::Anywhere) };
        Step { time, objects, place }
    }

    pub(super) fn standing(&self, field: &'a Field, place: Place, objects: u64) -> Step {
        let tree = self.sizes.tree();
        let period = self.period(field, "period");
        let ranked = match (self.unit(field, "within"), place.units) {
            (Some(None), _) => 0,
            // One ranking for each kind of unit.
            (Some(Some(within)), units) => {
                let is_parent = match units {
                    Units::One(unit) => self.sizes.parent(unit) == Some(within),
                    Units::Siblings(parent, _) => parent == within,
                    _ => false,
                };
                if is_parent {
                    self.sizes.children(within)
                } else {
                    self.sizes.below(within).saturating_mul(2)
                }
            }
            (None, Units::One(unit)) => {
                self.sizes.parent(unit).map_or(0, |parent| self.sizes.children(parent))
            }
            (None, Units::Siblings(parent, _)) => self.sizes.children(parent),
            // One ranking for each parent, and each unit is in one of these.
            (None, _) => tree.widest.saturating_mul(objects).min(tree.units),
        };
        let earlier = self.earlier(field, period);
        let time = ranked.saturating_mul(rates::RANKED_UNIT).saturating_add(earlier);
        // The row's rank is looked up for each object.
        let time = time.saturating_add(rates::LOOKUP.saturating_mul(objects));
        Step::to(objects, Units::Anywhere).taking(time)
    }

    /// The units that lie at most so many levels below the objects.
    pub(super) const fn units_below(units: Units, objects: u64, levels: u64) -> Units {
        match units {
            Units::One(unit) if levels == 1 => Units::Siblings(unit, objects),
            Units::One(unit) => Units::Below(unit, objects),
            Units::Siblings(top, times) => Units::Below(top, times),
            Units::Below(top, times) => Units::Below(top, times.saturating_mul(levels)),
            Units::Named { .. } | Units::Anywhere => Units::Anywhere,
        }
    }
}

pub(super) fn logarithm(count: u64) -> u64 {
    u64::from(count.max(2).ilog2()) + 1
}
