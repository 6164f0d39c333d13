//! The states of initiatives, by the unit at which they count and the moment of submission, so that a period takes time
//! in proportion to the states that it holds.

use std::collections::HashMap;

use super::count::{AsOf, History, Recount, State, Tally};
use crate::domain::unit::UnitKind;
use crate::domain::{InitiativeStatus, Period, PersonId, Timestamp, Unit, UnitId};

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
    /// Sorted by unit and moment; by the facts.
    present: &'a [State],
    /// Each history wherever and whenever one of its states counts, sorted by unit and moment; by the log.
    past: Vec<(UnitId, Timestamp, &'a History)>,
    /// By number of the unit: the first of its own in `present` and in `past`.
    first: Vec<(usize, usize)>,
}

impl<'a> Index<'a> {
    pub(super) fn of(recount: &'a Recount) -> Self {
        let mut children = vec![Vec::new(); recount.units.len()];
        for unit in recount.units() {
            if let Some(parent) = unit.parent.and_then(|parent| children.get_mut(parent.index())) {
                parent.push(unit.id);
            }
        }
        let present = recount.present.as_slice();
        let mut past = Vec::with_capacity(recount.histories.len());
        for history in recount.histories.values() {
            let mut places: Vec<_> =
                history.states().map(|state| (state.unit, state.submitted_at)).collect();
            places.sort_unstable();
            places.dedup();
            past.extend(places.into_iter().map(|(unit, at)| (unit, at, history)));
        }
        past.sort_unstable_by_key(|&(unit, at, _)| (unit, at));
        let mut first = Vec::with_capacity(recount.units.len() + 1);
        let (mut of_present, mut of_past) = (0, 0);
        for number in 0..=recount.units.len() {
            let is_before = |unit: UnitId| unit.index() < number;
            while present.get(of_present).is_some_and(|state| is_before(state.unit)) {
                of_present += 1;
            }
            while past.get(of_past).is_some_and(|&(unit, ..)| is_before(unit)) {
                of_past += 1;
            }
            first.push((of_present, of_past));
        }
        Self { recount, children, present, past, first }
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
    pub(super) fn states(&self, unit: UnitId, period: &Period, as_of: AsOf) -> Vec<&'a State> {
        let number = unit.index();
        let (Some(&(of_present, of_past)), Some(&(end_of_present, end_of_past))) =
            (self.first.get(number), self.first.get(number + 1))
        else {
            // The facts have no such unit, which the audit tells.
            return Vec::new();
        };
        let (from, until) = (period.starts_on.start(), period.ends_on.plus(1).start());
        let counts = |state: &&State| state.status != InitiativeStatus::Withdrawn;
        match as_of {
            AsOf::Now => {
                let own = &self.present[of_present..end_of_present];
                let first = own.partition_point(|state| state.submitted_at < from);
                let end = own.partition_point(|state| state.submitted_at < until);
                own[first..end].iter().filter(counts).collect()
            }
            AsOf::EndOf(day) => {
                let own = &self.past[of_past..end_of_past];
                let first = own.partition_point(|&(_, at, _)| at < from);
                let end = own.partition_point(|&(_, at, _)| at < until);
                let states = own[first..end].iter().filter_map(|&(_, at, history)| {
                    let state = history.as_of(day)?;
                    (state.unit == unit && state.submitted_at == at).then_some(state)
                });
                states.filter(counts).collect()
            }
        }
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
            let states = self.states(unit, period, as_of);
            if states.is_empty() {
                continue;
            }
            let tally = own.entry(unit).or_default();
            let mut people: Vec<PersonId> = Vec::new();
            for state in states {
                tally.count(state);
                people.extend(state.people.iter());
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
