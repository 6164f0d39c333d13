//! The work of lists of initiatives and of events.

use async_graphql::parser::types::Field;

use super::arguments::Argument;
use super::place::{Place, Step, Units};
use super::sizes::Sizes;
use super::{Pricing, rates, reference};

impl<'a, S: Sizes> Pricing<'a, S> {
    /// The time of breakdowns of all objects together.
    pub(super) fn broken_down(&self, units: Units, objects: u64) -> u64 {
        let (below, _) = self.descendants(units, objects);
        let below = below.saturating_add(objects).saturating_mul(rates::BROKEN_DOWN_UNIT);
        let held = self.held(units, objects).saturating_mul(rates::BROKEN_DOWN_INITIATIVE);
        let fields = self.sizes.field_texts().saturating_mul(rates::BROKEN_DOWN_FIELD);
        below.saturating_add(held).saturating_add(fields.saturating_mul(objects))
    }

    /// The time of counting what waited at the end of a past day.
    pub(super) fn waited(&self) -> u64 {
        self.sizes.histories().saturating_mul(rates::AGED_INITIATIVE)
    }

    /// Initiatives of all objects together.
    pub(super) fn held(&self, units: Units, objects: u64) -> u64 {
        match units {
            Units::One(unit) => self.sizes.initiatives(unit).saturating_mul(objects),
            Units::Siblings(top, times) => {
                self.sizes.initiatives(top).saturating_mul(objects.min(times))
            }
            Units::Below(top, times) => {
                let levels = times.saturating_mul(self.sizes.tree().deepest);
                self.sizes.initiatives(top).saturating_mul(objects.min(levels))
            }
            Units::Named { held, .. } => held,
            Units::Anywhere => self.sizes.initiatives(self.sizes.root()).saturating_mul(objects),
        }
    }

    pub(super) fn initiatives(&self, field: &'a Field, units: Units, objects: u64) -> Step {
        let filter = self.argument(field, "filter");
        let has = |name| filter.and_then(|filter| filter.member(name)).is_some();
        let within = filter.and_then(|filter| filter.member("within")).and_then(reference);
        let within = within.and_then(|within| self.sizes.unit(within));
        let units = within.map_or(units, Units::One);
        let top = match units {
            Units::One(unit) | Units::Siblings(unit, _) | Units::Below(unit, _) => unit,
            Units::Named { .. } | Units::Anywhere => self.sizes.root(),
        };
        let (held, (below, _)) = (self.held(units, objects), self.descendants(units, objects));
        let rows = self.page(field).saturating_mul(objects).min(held);
        let read = rows.saturating_mul(rates::READ_INITIATIVE);
        let read = read.saturating_add(2 * rates::STATEMENT);
        let found = below.saturating_mul(rates::FOUND_UNIT);
        let found = found.saturating_add(held.saturating_mul(rates::FOUND_INITIATIVE));
        let found = found.saturating_add(objects.saturating_mul(rates::FOUND_LIST));
        // The board knows no words and no tokens.
        let is_on_board = !has("text") && !has("mine");
        let (looked_through, counted) = if is_on_board {
            (found.min(rates::WALK_MAX.saturating_mul(objects)), found)
        } else {
            let all = match units {
                Units::One(_) => objects,
                _ => 1,
            };
            let probed = self.sizes.below(top).saturating_add(1).saturating_mul(rates::PROBED_UNIT);
            let most = rates::PAGE_MAX.saturating_mul(objects);
            let counted = self.sizes.initiatives(top).saturating_mul(rates::COUNTED_INITIATIVE);
            let counted = counted.saturating_mul(all).saturating_add(rates::STATEMENT);
            (probed.saturating_mul(all).min(most), counted)
        };
        let is_plain = !["kinds", "field", "featured", "text", "submittedFrom", "submittedUntil"]
            .into_iter()
            .chain(["changedAfter", "changedSince", "mine"])
            .any(has);
        // The board has the counts of periods.
        let count = if is_plain && has("period") { rates::FOUND_LIST } else { counted };
        let read = read.saturating_add(looked_through);
        let place = Place { rows, read, count, ..Place::of(Units::Anywhere) };
        Step { time: 0, objects, place }
    }

    pub(super) fn events(&self, field: &'a Field, objects: u64) -> Step {
        let first = self.page(field);
        let within = self.unit(field, "within").flatten();
        let log = self.sizes.events();
        let after = self.argument(field, "after").and_then(Argument::text);
        let ahead = log.saturating_sub(after.map_or(0, |after| self.sizes.events_until(after)));
        let looked_through = match within {
            _ if first == 0 && after.is_none() => 0,
            Some(unit) if unit != self.sizes.root() => {
                // The mean distance between events of the unit.
                let held = self.sizes.initiatives(unit).max(1);
                let all = self.sizes.initiatives(self.sizes.root()).max(1);
                let apart = all.saturating_mul(2) / held;
                let bound = crate::limits::EVENTS_SCANNED_MAX + crate::limits::LOG_PAGE;
                let wanted = first.saturating_add(1).saturating_mul(apart.max(1));
                wanted.min(bound.unsigned_abs()).saturating_add(32)
            }
            _ => first.saturating_mul(2).saturating_add(rates::EVENTS_PASSED),
        };
        let time = looked_through.min(ahead).saturating_mul(rates::READ_EVENT);
        let time = time.saturating_add(rates::STATEMENT).saturating_mul(objects);
        let rows = first.min(ahead).saturating_mul(objects);
        let place = Place { rows, ..Place::of(Units::Anywhere) };
        Step { time, objects, place }
    }
}
