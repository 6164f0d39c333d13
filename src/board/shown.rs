//! The units that show other values after an event: their data, their targets or their tallies.

use std::collections::HashMap;

use super::snapshot::Snapshot;
use super::structure::Structure;
use crate::domain::event::{PeriodChanged, TargetsChanged, UnitChanged};
use crate::domain::period::Metric;
use crate::domain::target::{Part, TargetOrigin};
use crate::domain::{Period, PeriodId, Target, UnitId};

/// Units whose counts in one of the periods differ.
pub fn by_cells(
    before: &Snapshot,
    now: &Snapshot,
    periods: &[PeriodId],
    units: impl Iterator<Item = UnitId>,
) -> Vec<UnitId> {
    let differs = |unit, period: &PeriodId| before.cell(unit, *period) != now.cell(unit, *period);
    units.filter(|&unit| periods.iter().any(|period| differs(unit, period))).collect()
}

/// Units whose counts in some period differ after a move; `moved`: the unit's subtree.
pub fn by_cells_of_move(
    before: &Snapshot,
    now: &Snapshot,
    change: &UnitChanged,
    moved: &[UnitId],
) -> Vec<UnitId> {
    let paths = || change.path.iter().chain(change.from_path.iter().flatten()).copied();
    let structures = [&before.structure, &now.structure];
    let covering = structures.map(|structure| structure.periods_covering(change.after.id));
    let mut covering: Vec<PeriodId> =
        covering.into_iter().flatten().map(|period| period.id).collect();
    covering.sort_unstable();
    covering.dedup();
    // The periods of the subtree count the same as before, but no longer for those above.
    let owned: Vec<PeriodId> =
        moved.iter().flat_map(|&unit| now.structure.periods_owned(unit)).copied().collect();
    let mut shown = by_cells(before, now, &covering, moved.iter().copied().chain(paths()));
    shown.extend(by_cells(before, now, &owned, paths()));
    shown
}

/// Units whose tally in the period has another target or ratio, since the period counts another metric.
pub fn by_metric(now: &Snapshot, change: &PeriodChanged, units: &[UnitId]) -> Vec<UnitId> {
    let Some(before) = &change.before else { return Vec::new() };
    if before.metric == change.after.metric {
        return Vec::new();
    }
    let target = |unit: UnitId, period: &Period| {
        let goal = now.structure.goal(unit, period)?;
        let count = now.rank_values(unit, period.id).count(period.metric);
        Some((goal, (goal > 0).then_some(count)))
    };
    let shows_other = |unit: &UnitId| target(*unit, before) != target(*unit, &change.after);
    units.iter().copied().filter(shows_other).collect()
}

/// The unit, period, metric and part of targets that were assigned to the units below: the unit's own target shows how
/// much of itself is handed on.
type Assigned = (UnitId, PeriodId, Metric, Part);

/// The units of the targets, and units above them whose own targets now hand on more or less.
pub fn by_targets(structure: &Structure, change: &TargetsChanged) -> Vec<UnitId> {
    let mut shown = Vec::new();
    let mut more: HashMap<Assigned, i64> = HashMap::new();
    for target in &change.targets {
        let goal = |side: &Option<Target>| side.as_ref().map_or(0, |it| it.goal);
        let Some(key) = target.after.as_ref().or(target.before.as_ref()).map(|it| &it.key) else {
            continue;
        };
        shown.push(key.unit);
        if let Some(parent) = structure.unit(key.unit).parent
            && key.origin == TargetOrigin::Assigned
        {
            *more.entry((parent, key.period, key.metric, key.part.clone())).or_default() +=
                i64::from(goal(&target.after)) - i64::from(goal(&target.before));
        }
    }
    shown.extend(handed_on_otherwise(structure, more));
    shown
}

/// The parents before and after whose own targets now hand on more or less.
pub fn by_move(structure: &Structure, change: &UnitChanged) -> Vec<UnitId> {
    let left = change.before.as_ref().and_then(|before| before.parent);
    let parents = [(left, -1), (change.after.parent, 1)];
    let mut more: HashMap<Assigned, i64> = HashMap::new();
    for target in structure.targets(change.after.id) {
        let key = &target.key;
        for (parent, sign) in parents {
            if let Some(parent) = parent
                && key.origin == TargetOrigin::Assigned
            {
                *more.entry((parent, key.period, key.metric, key.part.clone())).or_default() +=
                    sign * i64::from(target.goal);
            }
        }
    }
    handed_on_otherwise(structure, more)
}

fn handed_on_otherwise(structure: &Structure, more: HashMap<Assigned, i64>) -> Vec<UnitId> {
    let has_target = |(unit, period, metric, part): &Assigned| {
        let targets = structure.targets_for(*unit, *period).iter();
        targets.map(|target| &target.key).any(|key| key.metric == *metric && key.part == *part)
    };
    more.into_iter()
        .filter(|(of, change)| *change != 0 && has_target(of))
        .map(|((unit, ..), _)| unit)
        .collect()
}
