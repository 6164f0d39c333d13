//! The states of initiatives, by the unit at which they count and the moment of submission, so that a period takes time
//! in proportion to the states that it holds.

use std::collections::HashMap;

use super::count::{AsOf, Recount, Tally};
use super::states::Row;
use crate::domain::unit::UnitKind;
use crate::domain::{InitiativeStatus, Period, PersonId, Unit, UnitId};

/// The numbers of a period, by unit.
#[derive(Debug, Default)]
pub struct Tallies(HashMap<UnitId, Tally>);

impl Tallies {
    /// Zeros where there is nothing.
    pub fn of(&self, unit: UnitId) -> Tally {
        self.0.get(&unit).copied().unwrap_or_default()
    }
}

impl Recount {
    /// The numbers of every unit in a period, in the tree and the period of
    /// now. Grassroots unions are always those of now.
    pub fn tallies(&self, period: &Period, as_of: AsOf) -> Tallies {
        Index::of(self).tallies(period, as_of)
    }
}

/// The index of the description above.
pub(super) struct Index<'a> {
    pub(super) recount: &'a Recount,
    /// By number of the unit, and sorted by number.
    children: Vec<Vec<UnitId>>,
    /// By number of the unit: the first of its own states.
    first: Vec<usize>,
}

impl<'a> Index<'a> {
    pub(super) fn of(recount: &'a Recount) -> Self {
        let mut children = vec![Vec::new(); recount.units.len()];
        for unit in recount.units() {
            if let Some(parent) = unit.parent.and_then(|parent| children.get_mut(parent.index())) {
                parent.push(unit.id);
            }
        }
        let rows = recount.states.rows();
        let mut first = Vec::with_capacity(recount.units.len() + 1);
        let mut next = 0;
        for number in 0..=recount.units.len() {
            while rows.get(next).is_some_and(|row| row.state.unit.index() < number) {
                next += 1;
            }
            first.push(next);
        }
        Self { recount, children, first }
    }

    /// The unit and all units below it.
    pub(super) fn below(&self, unit: UnitId) -> Vec<UnitId> {
        let mut below = vec![unit];
        let mut next = 0;
        while let Some(&unit) = below.get(next) {
            below.extend(self.children.get(unit.index()).into_iter().flatten());
            next += 1;
        }
        below
    }

    /// Whether any unit lies below it.
    pub(super) fn has_below(&self, unit: UnitId) -> bool {
        self.children.get(unit.index()).is_some_and(|children| !children.is_empty())
    }

    /// The units whose numbers in the period may be other than zeros: those that it covers and those above its owner.
    pub(super) fn units_counted_in(&self, period: &Period) -> impl Iterator<Item = &'a Unit> {
        let above = self.recount.climb(period.owner).skip(1);
        let units = self.below(period.owner).into_iter().chain(above);
        units.filter_map(|unit| self.recount.unit(unit))
    }

    /// The states at the unit itself that count in the period.
    pub(super) fn states(
        &self,
        unit: UnitId,
        period: &Period,
        as_of: AsOf,
    ) -> impl Iterator<Item = &'a Row> + use<'a> {
        let number = unit.index();
        let own = match (self.first.get(number), self.first.get(number + 1)) {
            (Some(&first), Some(&end)) => &self.recount.states.rows()[first..end],
            // The facts have no such unit, which the audit tells.
            _ => &[],
        };
        let (from, until) = (period.starts_on.start(), period.ends_on.plus(1).start());
        let first = own.partition_point(|row| row.state.submitted_at < from);
        let end = own.partition_point(|row| row.state.submitted_at < until);
        own[first..end].iter().filter(move |row| {
            let is_its_state = match as_of {
                AsOf::Now => row.is_present(),
                AsOf::EndOf(day) => row.was_at_end_of(day),
            };
            is_its_state && row.state.status != InitiativeStatus::Withdrawn
        })
    }

    /// The numbers of every unit in a period, in the tree and the period of now. Grassroots unions are always those of
    /// now.
    pub(super) fn tallies(&self, period: &Period, as_of: AsOf) -> Tallies {
        let covered = self.below(period.owner);
        let mut own = self.own_tallies(period, as_of);
        let is_union =
            |unit: &&Unit| unit.kind == UnitKind::GrassrootsUnion && unit.closed_on.is_none();
        let unions: Vec<UnitId> = covered
            .iter()
            .filter_map(|&unit| self.recount.unit(unit))
            .filter(is_union)
            .map(|unit| unit.id)
            .collect();
        for unit in &unions {
            own.entry(*unit).or_default().grassroots_unions = 1;
        }
        let mut sums = self.summed_up(&own);
        let is_active = |unit: &&UnitId| sums[*unit].submitted > 0;
        let one = Tally { active_grassroots_unions: 1, ..Tally::default() };
        let active = unions.iter().filter(is_active).map(|&unit| (unit, one)).collect();
        for (unit, active) in self.summed_up(&active) {
            sums.entry(unit).or_default().active_grassroots_unions =
                active.active_grassroots_unions;
        }
        for (unit, sum) in &mut sums {
            sum.own = own.get(unit).map_or(0, |own| own.submitted);
        }
        Tallies(sums)
    }

    /// The numbers of what was entered at each unit itself; none for a unit without any.
    pub(super) fn own_tallies(&self, period: &Period, as_of: AsOf) -> HashMap<UnitId, Tally> {
        let mut own: HashMap<UnitId, Tally> = HashMap::new();
        for unit in self.below(period.owner) {
            let mut states = self.states(unit, period, as_of).peekable();
            if states.peek().is_none() {
                continue;
            }
            let tally = own.entry(unit).or_default();
            let mut people: Vec<PersonId> = Vec::new();
            for row in states {
                tally.count(&row.state);
                people.extend(self.recount.states.people_of(row));
            }
            people.sort_unstable();
            people.dedup();
            tally.participants = i64::try_from(people.len()).expect("people are numbered");
        }
        own
    }

    fn summed_up(&self, own: &HashMap<UnitId, Tally>) -> HashMap<UnitId, Tally> {
        let mut sums: HashMap<UnitId, Tally> = HashMap::with_capacity(own.len());
        for (&unit, own) in own {
            for above in self.recount.climb(unit) {
                sums.entry(above).or_default().add(own);
            }
        }
        sums
    }
}
