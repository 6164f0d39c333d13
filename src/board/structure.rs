//! The structure that counts hang on: the tree, the periods, the targets and the day; and the rules that judge them.
//!
//! Cloning it costs a handful of reference counts, so a batch can check its commands on a copy.

use std::mem::size_of;
use std::sync::Arc;

use rpds::{HashTrieMapSync, RedBlackTreeMapSync};

use super::names::Names;
use super::owned_periods::OwnedPeriods;
use super::paged::Paged;
use crate::domain::event::{PeriodChanged, RuleChanged, TargetChanged, UnitChanged};
use crate::domain::period::{Metric, PeriodKind};
use crate::domain::target::{Part, TargetOrigin};
use crate::domain::{
    Day, EventBody, Period, PeriodId, PeriodRef, Rule, Target, TargetKey, Timestamp, Unit, UnitId,
    UnitRef, Version,
};

/// The last event that changed something, and its moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Stamp {
    pub version: Version,
    pub at: Timestamp,
}

#[derive(Debug, Clone, Default)]
struct Row {
    unit: Option<Arc<Unit>>,
    /// See [`Structure::place`].
    place: u32,
    /// Sorted by number.
    children: Arc<Vec<UnitId>>,
    /// Sorted by key.
    targets: Arc<Vec<Arc<Target>>>,
    /// The periods that the unit owns; most units own none.
    periods: Option<Arc<OwnedPeriods>>,
}

#[derive(Debug, Clone, Default)]
pub struct Structure {
    rows: Paged<Row>,
    names: Names,
    unit_count: u32,
    /// Sorted by number; these are few.
    deleted: Arc<Vec<UnitId>>,
    /// The first place that no unit has.
    next_place: u32,
    root: Option<UnitId>,
    units_by_code: HashTrieMapSync<String, UnitId>,
    /// Indexed by number; there is no period 0.
    periods: Paged<Option<Arc<Period>>>,
    last_period: u32,
    /// All periods by first day, last day and code.
    periods_in_order: Arc<Vec<PeriodId>>,
    periods_by_code: HashTrieMapSync<String, PeriodId>,
    /// By code.
    rules: RedBlackTreeMapSync<String, Arc<Rule>>,
    /// Those of each unit that owns any, sorted by code.
    rules_owned: HashTrieMapSync<UnitId, Arc<Vec<Arc<Rule>>>>,
    day: Day,
}

impl Structure {
    /// Applies an event's changes of units, periods, targets, rules and the day. Other events leave the structure as it is.
    pub fn apply(&mut self, body: &EventBody) {
        match body {
            EventBody::Day(began) => self.day = began.day,
            EventBody::Unit(_, UnitChanged { after, .. }) => self.put_unit(after.clone()),
            EventBody::Period(PeriodChanged { after, .. }) => self.put_period(after.clone()),
            EventBody::Targets(changed) => {
                for TargetChanged { before, after, .. } in &changed.targets {
                    self.put_target(before.as_ref(), after.as_ref());
                }
            }
            EventBody::Rule(RuleChanged { after, .. }) => self.put_rule(after.clone()),
            EventBody::Initiative(..) | EventBody::Finalized(_) | EventBody::Assessment(_) => {}
        }
    }

    pub fn set_day(&mut self, day: Day) {
        self.day = day;
    }

    pub fn put_unit(&mut self, unit: Unit) {
        let id = unit.id;
        if unit.deleted {
            self.put_deleted(unit);
            return;
        }
        let before = self.row(id).and_then(|row| row.unit.clone());
        if let Some(before) = &before {
            if before.code != unit.code {
                self.units_by_code.remove_mut(&before.code);
            }
            if before.parent != unit.parent
                && let Some(parent) = before.parent
            {
                Arc::make_mut(&mut self.rows.get_mut(parent.index()).children)
                    .retain(|&child| child != id);
            }
        }
        let moved = before.as_ref().is_none_or(|before| before.parent != unit.parent);
        match unit.parent {
            Some(parent) if moved => {
                let children = Arc::make_mut(&mut self.rows.get_mut(parent.index()).children);
                if let Err(place) = children.binary_search(&id) {
                    children.insert(place, id);
                }
            }
            Some(_) => {}
            None => self.root = Some(id),
        }
        self.units_by_code.insert_mut(unit.code.clone(), id);
        self.unit_count = self.unit_count.max(id.0);
        let unit = Arc::new(unit);
        self.names.put(&unit);
        self.put_row(unit);
    }

    /// Takes a unit out of all lists. Its row stays, for whoever has its number.
    fn put_deleted(&mut self, unit: Unit) {
        let id = unit.id;
        if self.get(id).is_some() {
            self.units_by_code.remove_mut(&unit.code);
            self.names.remove(id);
            if let Some(parent) = unit.parent {
                Arc::make_mut(&mut self.rows.get_mut(parent.index()).children)
                    .retain(|&child| child != id);
            }
        }
        if let Err(place) = self.deleted.binary_search(&id) {
            Arc::make_mut(&mut self.deleted).insert(place, id);
        }
        self.unit_count = self.unit_count.max(id.0);
        self.put_row(unit.into());
    }

    fn put_row(&mut self, unit: Arc<Unit>) {
        let row = self.rows.get_mut(unit.id.index());
        if row.unit.replace(unit).is_none() {
            row.place = self.next_place;
            self.next_place += 1;
        }
    }

    /// Takes a unit over into a structure that knows no codes and names.
    pub(super) fn put_bare(&mut self, unit: Arc<Unit>) {
        let id = unit.id;
        match unit.parent {
            Some(parent) => {
                let children = Arc::make_mut(&mut self.rows.get_mut(parent.index()).children);
                if let Err(place) = children.binary_search(&id) {
                    children.insert(place, id);
                }
            }
            None => self.root = Some(id),
        }
        self.unit_count = self.unit_count.max(id.0);
        self.put_row(unit);
    }

    /// Takes a target over into such a structure.
    pub(super) fn put_bare_target(&mut self, target: Arc<Target>) {
        let row = self.rows.get_mut(target.key.unit.index());
        Arc::make_mut(&mut row.targets).push(target);
    }

    /// Bytes of memory of such a structure, its units and targets left out, where the numbers of so many units lie side by
    /// side.
    pub(super) const fn bare_bytes_up_to(units: usize) -> usize {
        // Two lists of each row, and the number of each child.
        const LISTS: usize = 2 * (2 * size_of::<usize>() + size_of::<Vec<UnitId>>()) + 16;
        Paged::<Row>::bytes_up_to(units + 1) + units * LISTS
    }

    /// Gives the units places level by level, so that those of a subtree lie side by side on each level, and those high
    /// up, which most changes touch, share few pages. It must be called before anything is stored by place.
    pub(super) fn settle(&mut self) {
        let Some(root) = self.root else { return };
        let mut in_order = vec![root];
        let mut next = 0;
        while let Some(&unit) = in_order.get(next) {
            in_order.extend(self.children(unit));
            next += 1;
        }
        in_order.extend(self.deleted_units().map(|unit| unit.id));
        for (unit, place) in in_order.into_iter().zip(0..) {
            self.rows.get_mut(unit.index()).place = place;
        }
    }

    pub fn put_period(&mut self, period: Period) {
        let id = period.id;
        if let Some(before) = self.get_period(id).cloned() {
            if before.code != period.code {
                self.periods_by_code.remove_mut(&before.code);
            }
            self.owned_mut(before.owner).remove(id);
            if let Ok(place) = self.place_in_order(&before) {
                Arc::make_mut(&mut self.periods_in_order).remove(place);
            }
        }
        self.owned_mut(period.owner).add(&period);
        self.periods_by_code.insert_mut(period.code.clone(), id);
        if let Err(place) = self.place_in_order(&period) {
            Arc::make_mut(&mut self.periods_in_order).insert(place, id);
        }
        *self.periods.get_mut(id.index()) = Some(Arc::new(period));
        self.last_period = self.last_period.max(id.0);
    }

    pub fn put_rule(&mut self, rule: Rule) {
        if let Some(before) = self.rules.get(&rule.code).cloned() {
            let mut others = self.rules_owned(before.owner).to_vec();
            others.retain(|other| other.code != rule.code);
            self.rules_owned.insert_mut(before.owner, Arc::new(others));
        }
        let rule = Arc::new(rule);
        let mut owned = self.rules_owned(rule.owner).to_vec();
        owned.push(Arc::clone(&rule));
        owned.sort_by(|a, b| a.code.cmp(&b.code));
        self.rules_owned.insert_mut(rule.owner, Arc::new(owned));
        self.rules.insert_mut(rule.code.clone(), rule);
    }

    fn owned_mut(&mut self, owner: UnitId) -> &mut OwnedPeriods {
        Arc::make_mut(self.rows.get_mut(owner.index()).periods.get_or_insert_default())
    }

    fn place_in_order(&self, period: &Period) -> Result<usize, usize> {
        let key = |period: &Period| (period.starts_on, period.ends_on);
        self.periods_in_order.binary_search_by(|&there| {
            let there = self.period(there);
            key(there).cmp(&key(period)).then_with(|| there.code.cmp(&period.code))
        })
    }

    pub fn put_target(&mut self, before: Option<&Target>, after: Option<&Target>) {
        let Some(key) = after.or(before).map(|target| &target.key) else { return };
        let targets = Arc::make_mut(&mut self.rows.get_mut(key.unit.index()).targets);
        let place = targets.binary_search_by(|target| target.key.cmp(key));
        match (place, after) {
            (Ok(at), Some(target)) => targets[at] = Arc::new(target.clone()),
            (Ok(at), None) => drop(targets.remove(at)),
            (Err(at), Some(target)) => targets.insert(at, Arc::new(target.clone())),
            (Err(_), None) => {}
        }
    }

    fn row(&self, id: UnitId) -> Option<&Row> {
        self.rows.get(id.index())
    }

    /// The present day, by the log.
    pub const fn day(&self) -> Day {
        self.day
    }

    /// # Panics
    /// Before the first unit was put: a database gets its root before it is served.
    pub fn root(&self) -> UnitId {
        self.root.expect("a database has a root before anything reads it")
    }

    pub const fn has_root(&self) -> bool {
        self.root.is_some()
    }

    /// The unit, unless it was deleted.
    pub fn get(&self, id: UnitId) -> Option<&Arc<Unit>> {
        self.known(id).filter(|unit| !unit.deleted)
    }

    /// The unit, deleted or not.
    pub(super) fn known(&self, id: UnitId) -> Option<&Arc<Unit>> {
        self.row(id)?.unit.as_ref()
    }

    /// The unit, as it was last if it was deleted: whoever follows it, and figures that were kept, have its number.
    ///
    /// # Panics
    /// If there never was such a unit: for ids that came from this structure.
    pub fn unit(&self, id: UnitId) -> &Arc<Unit> {
        self.known(id).expect("a unit that was named by the structure is in it")
    }

    pub fn resolve_unit(&self, unit: &UnitRef) -> Option<UnitId> {
        match unit {
            UnitRef::Id(id) => self.get(*id).map(|unit| unit.id),
            UnitRef::Code(code) => self.units_by_code.get(code).copied(),
        }
    }

    /// All units, sorted by number.
    pub fn units(&self) -> impl Iterator<Item = &Arc<Unit>> {
        (1..=self.unit_count).filter_map(|id| self.get(UnitId(id)))
    }

    /// The deleted units, sorted by number.
    pub fn deleted_units(&self) -> impl Iterator<Item = &Arc<Unit>> {
        self.deleted.iter().map(|&id| self.unit(id))
    }

    /// The last of them that the reference named.
    pub fn deleted_unit(&self, unit: &UnitRef) -> Option<UnitId> {
        let is_named = |deleted: &&Arc<Unit>| match unit {
            UnitRef::Id(id) => deleted.id == *id,
            UnitRef::Code(code) => deleted.code == *code,
        };
        self.deleted_units().filter(is_named).last().map(|unit| unit.id)
    }

    pub const fn unit_count(&self) -> u32 {
        self.unit_count
    }

    pub const fn names(&self) -> &Names {
        &self.names
    }

    pub fn children(&self, id: UnitId) -> &[UnitId] {
        self.row(id).map_or(&[], |row| row.children.as_slice())
    }

    /// The unit's place in arrays of a period's units: a number below the count of units, which stays the same while the
    /// board lives. Siblings have neighbouring places, save for those that came or moved meanwhile, so that a small
    /// subtree takes few pages.
    ///
    /// # Panics
    /// If there is no such unit: for ids that came from this structure.
    pub fn place(&self, id: UnitId) -> usize {
        let row = self.row(id).filter(|row| row.unit.is_some());
        row.expect("a unit that was named by the structure is in it").place as usize
    }

    /// One more than the greatest place.
    pub const fn place_count(&self) -> usize {
        self.next_place as usize
    }

    /// The unit, its parent and so on up to the root, with what the fold asks of each.
    pub(super) fn steps(&self, id: UnitId) -> Vec<Step> {
        let mut steps = Vec::with_capacity(8);
        let mut next = Some(id);
        while let Some(id) = next {
            let Some(Row { unit: Some(unit), place, .. }) = self.row(id) else { break };
            let place = *place as usize;
            steps.push(Step { unit: id, place, is_union: unit.is_open_grassroots() });
            next = unit.parent;
        }
        steps
    }

    /// The unit, its parent and so on up to the root.
    pub fn climb(&self, id: UnitId) -> Climb<'_> {
        Climb { structure: self, next: Some(id) }
    }

    /// The ancestors and the unit itself, root first.
    pub fn path(&self, id: UnitId) -> Vec<UnitId> {
        let mut path: Vec<UnitId> = self.climb(id).collect();
        path.reverse();
        path
    }

    /// Whether `id` is `ancestor` or lies below it.
    pub fn is_within(&self, id: UnitId, ancestor: UnitId) -> bool {
        self.climb(id).any(|step| step == ancestor)
    }

    /// `id` and all units below it, each after its parent; none if it was deleted.
    pub fn subtree(&self, id: UnitId) -> Subtree<'_> {
        Subtree { structure: self, stack: self.get(id).map(|unit| unit.id).into_iter().collect() }
    }

    pub fn get_period(&self, id: PeriodId) -> Option<&Arc<Period>> {
        self.periods.get(id.index())?.as_ref()
    }

    pub fn period_count(&self) -> usize {
        self.periods_in_order.len()
    }

    /// # Panics
    /// If there is no such period: for ids that came from this structure.
    pub fn period(&self, id: PeriodId) -> &Arc<Period> {
        self.get_period(id).expect("a period that was named by the structure is in it")
    }

    pub fn resolve_period(&self, period: &PeriodRef) -> Option<PeriodId> {
        match period {
            PeriodRef::Id(id) => self.get_period(*id).map(|period| period.id),
            PeriodRef::Code(code) => self.periods_by_code.get(code).copied(),
        }
    }

    /// All periods, sorted by number.
    pub fn periods(&self) -> impl Iterator<Item = &Arc<Period>> {
        (1..=self.last_period).filter_map(|number| self.get_period(PeriodId(number)))
    }

    /// All periods, sorted by first day, last day and code.
    pub const fn periods_in_order(&self) -> &Arc<Vec<PeriodId>> {
        &self.periods_in_order
    }

    fn owned(&self, unit: UnitId) -> Option<&OwnedPeriods> {
        self.row(unit)?.periods.as_deref()
    }

    /// The periods that the unit owns, sorted by number.
    pub fn periods_owned(&self, unit: UnitId) -> &[PeriodId] {
        self.owned(unit).map_or(&[], OwnedPeriods::ids)
    }

    /// Those of them that hold the day, in no order.
    pub(super) fn owned_on(&self, unit: UnitId, day: Day) -> impl Iterator<Item = PeriodId> {
        self.owned(unit).into_iter().flat_map(move |owned| owned.holding(day))
    }

    /// Those of them that lie within no other: each initiative that counts in any counts in one of these.
    pub fn outermost_owned(&self, unit: UnitId) -> impl Iterator<Item = PeriodId> {
        self.owned(unit).into_iter().flat_map(OwnedPeriods::outermost)
    }

    /// The periods that cover the unit and hold the day: its own, then those of its parent and so on, each unit's sorted
    /// by number.
    pub fn periods_on(&self, unit: UnitId, day: Day) -> Vec<PeriodId> {
        let mut found = Vec::new();
        for step in self.climb(unit) {
            let first = found.len();
            found.extend(self.owned_on(step, day));
            found[first..].sort_unstable();
        }
        found
    }

    /// The unit whose counts in the period are the unit's: itself where the period covers it, the period's owner for a
    /// unit above the owner, `None` elsewhere.
    pub fn counted_at(&self, unit: UnitId, period: &Period) -> Option<UnitId> {
        self.get(unit)?;
        if self.root == Some(period.owner) || self.is_within(unit, period.owner) {
            Some(unit)
        } else {
            self.is_within(period.owner, unit).then_some(period.owner)
        }
    }

    /// The units whose counts in the period may be other than zeros: those that it covers, each after its parent, then
    /// those above its owner.
    pub fn units_counted_in(&self, period: &Period) -> impl Iterator<Item = UnitId> {
        self.subtree(period.owner).chain(self.climb(period.owner).skip(1))
    }

    /// The periods that cover the unit: its own and those of the units above it.
    pub fn periods_covering(&self, unit: UnitId) -> impl Iterator<Item = &Arc<Period>> {
        self.climb(unit).flat_map(|step| self.periods_owned(step)).map(|&id| self.period(id))
    }

    /// The default period, out of the root's programme, phases and campaigns: the running one that started last (among
    /// equals the one that ends first, then by code); when none is running the last that ended, else the first to
    /// start. `None` when the root has no periods, or there is no root yet.
    pub fn default_period(&self) -> Option<PeriodId> {
        self.default_period_on(self.day)
    }

    /// The default period as it was, or will be, on that day, out of the periods that there are now.
    pub fn default_period_on(&self, day: Day) -> Option<PeriodId> {
        let root = self.root?;
        let candidates = || {
            self.periods_owned(root).iter().map(|&id| self.period(id)).filter(|period| {
                matches!(
                    period.kind,
                    PeriodKind::Programme | PeriodKind::Phase | PeriodKind::Campaign
                )
            })
        };
        let order = |period: &Arc<Period>| (period.starts_on, period.ends_on);
        let running = candidates().filter(|period| period.holds(day)).min_by(|a, b| {
            b.starts_on.cmp(&a.starts_on).then(a.ends_on.cmp(&b.ends_on)).then(a.code.cmp(&b.code))
        });
        let ended = || {
            candidates().filter(|period| period.ends_on < day).min_by(|a, b| {
                let latest = b.ends_on.cmp(&a.ends_on).then(b.starts_on.cmp(&a.starts_on));
                latest.then(a.code.cmp(&b.code))
            })
        };
        let coming =
            || candidates().min_by(|a, b| order(a).cmp(&order(b)).then(a.code.cmp(&b.code)));
        running.or_else(ended).or_else(coming).map(|period| period.id)
    }

    /// Whether the event, which was applied, may make another period the default one.
    pub(super) fn may_turn_default_period(&self, body: &EventBody) -> bool {
        match body {
            EventBody::Day(_) => true,
            EventBody::Period(PeriodChanged { before, after, .. }) => {
                let owners = before.iter().chain([after]).map(|period| Some(period.owner));
                owners.into_iter().any(|owner| owner == self.root)
            }
            EventBody::Unit(_, change) => change.after.parent.is_none(),
            EventBody::Initiative(..)
            | EventBody::Targets(_)
            | EventBody::Rule(_)
            | EventBody::Finalized(_)
            | EventBody::Assessment(_) => false,
        }
    }

    /// The programme that the period belongs to: itself or the nearest above it.
    pub fn programme_of(&self, period: PeriodId) -> Option<&Arc<Period>> {
        let mut next = Some(period);
        while let Some(id) = next {
            let period = self.period(id);
            if period.kind == PeriodKind::Programme {
                return Some(period);
            }
            next = period.parent;
        }
        None
    }

    /// The rule of a code.
    pub fn rule(&self, code: &str) -> Option<&Arc<Rule>> {
        self.rules.get(code)
    }

    /// All rules, sorted by code.
    pub fn rules(&self) -> impl Iterator<Item = &Arc<Rule>> {
        self.rules.values()
    }

    pub fn rule_count(&self) -> usize {
        self.rules.size()
    }

    /// The rules that the unit owns, sorted by code.
    pub fn rules_owned(&self, unit: UnitId) -> &[Arc<Rule>] {
        self.rules_owned.get(&unit).map_or(&[], |rules| rules.as_slice())
    }

    /// All targets of the unit, sorted by key.
    pub fn targets(&self, unit: UnitId) -> &[Arc<Target>] {
        self.row(unit).map_or(&[], |row| row.targets.as_slice())
    }

    /// Those of them for the period.
    pub fn targets_for(&self, unit: UnitId, period: PeriodId) -> &[Arc<Target>] {
        let targets = self.targets(unit);
        let first = targets.partition_point(|target| target.key.period < period);
        let end = targets.partition_point(|target| target.key.period <= period);
        &targets[first..end]
    }

    /// The target of the whole.
    pub fn target(
        &self,
        unit: UnitId,
        period: PeriodId,
        metric: Metric,
        origin: TargetOrigin,
    ) -> Option<&Arc<Target>> {
        self.target_of_part(unit, (period, metric, origin, &Part::WHOLE))
    }

    /// The target of a part, or of the whole.
    pub fn target_of_part(
        &self,
        unit: UnitId,
        wanted: (PeriodId, Metric, TargetOrigin, &Part),
    ) -> Option<&Arc<Target>> {
        let targets = self.targets(unit);
        let key = |it: &Arc<Target>| {
            let TargetKey { period, metric, origin, part, .. } = &it.key;
            (*period, *metric, *origin, part).cmp(&wanted)
        };
        targets.binary_search_by(key).ok().map(|place| &targets[place])
    }

    pub fn target_by_key(&self, key: &TargetKey) -> Option<&Arc<Target>> {
        self.target_of_part(key.unit, (key.period, key.metric, key.origin, &key.part))
    }

    /// The goal that ratios are computed with: assigned, in the period's own metric.
    pub fn goal(&self, unit: UnitId, period: &Period) -> Option<i32> {
        self.target(unit, period.id, period.metric, TargetOrigin::Assigned)
            .map(|target| target.goal)
    }
}

/// A unit on the way up from another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub unit: UnitId,
    /// See [`Structure::place`].
    pub place: usize,
    /// Whether the unit is an open grassroots union.
    pub is_union: bool,
}

pub struct Climb<'a> {
    structure: &'a Structure,
    next: Option<UnitId>,
}

impl Iterator for Climb<'_> {
    type Item = UnitId;

    fn next(&mut self) -> Option<UnitId> {
        let here = self.next?;
        self.next = self.structure.known(here).and_then(|unit| unit.parent);
        Some(here)
    }
}

pub struct Subtree<'a> {
    structure: &'a Structure,
    stack: Vec<UnitId>,
}

impl Iterator for Subtree<'_> {
    type Item = UnitId;

    fn next(&mut self) -> Option<UnitId> {
        let here = self.stack.pop()?;
        self.stack.extend(self.structure.children(here).iter().rev());
        Some(here)
    }
}
