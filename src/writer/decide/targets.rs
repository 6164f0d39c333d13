//! The rules of targets.

use super::decider::{Decider, Decision, refusal};
use crate::auth::permissions::Permission;
use crate::domain::command::{Goal, SetTargets};
use crate::domain::event::{TargetChanged, TargetsChanged};
use crate::domain::period::Metric;
use crate::domain::target::TargetOrigin;
use crate::domain::{
    EventBody, Outcome, PeriodId, Problem, Refusal, Target, TargetKey, UnitId, UnitRef,
};

impl Decider<'_> {
    pub(super) fn set_targets(&mut self, set: &SetTargets) -> Decision {
        let period = self.period(&set.period, &["period"])?;
        let metric = set.metric.unwrap_or_else(|| self.structure().period(period).metric);
        let mut refusals = Vec::new();
        let mut keys = Vec::new();
        let mut changes = Vec::new();
        for (place, goal) in set.goals.iter().enumerate() {
            let place = place.to_string();
            let unit = match self.goal_unit(&goal.unit, set.origin, period, &place) {
                Ok(unit) => unit,
                Err(refused) => {
                    refusals.extend(refused);
                    continue;
                }
            };
            if metric == Metric::Participants && !goal.part.is_whole() {
                let name = if goal.part.group.is_some() { "group" } else { "field" };
                refusals.extend(refusal(Problem::PartOfParticipants, &["goals", &place, name]));
                continue;
            }
            let part = goal.part.clone();
            let key = TargetKey { unit, period, metric, origin: set.origin, part };
            if keys.contains(&key) {
                refusals.extend(refusal(Problem::NamedTwice, &["goals", &place, "unit"]));
                continue;
            }
            keys.push(key.clone());
            match self.goal_target(key.clone(), goal.goal, set.document_number.as_ref(), &place) {
                Ok(after) => changes.extend(self.target_change(key, after)),
                Err(refused) => refusals.extend(refused),
            }
        }
        if !refusals.is_empty() {
            return Err(refusals);
        }
        if !changes.is_empty() {
            let body = EventBody::Targets(TargetsChanged { targets: changes.clone() });
            let attribution = self.attribution(None);
            let stamp = self.batch.emit(body, attribution, self.tags);
            for change in changes {
                let key = change
                    .after
                    .as_ref()
                    .or(change.before.as_ref())
                    .map(|target| target.key.clone());
                if let Some(key) = key {
                    let row = change.after.map(|target| (target, stamp.version));
                    self.batch.put_target(key, row);
                }
            }
        }
        keys.retain(|key| self.structure().target_by_key(key).is_some());
        Ok(Outcome::Targets(keys))
    }

    fn goal_unit(
        &self,
        unit: &UnitRef,
        origin: TargetOrigin,
        period: PeriodId,
        place: &str,
    ) -> Result<UnitId, Vec<Refusal>> {
        let path = ["goals", place, "unit"];
        let unit = self.unit(unit, &path)?;
        let permission = match origin {
            TargetOrigin::Assigned => Permission::AssignTargets,
            TargetOrigin::Pledged => Permission::PledgeTargets,
        };
        self.permit(permission, unit, &path)?;
        let owner = self.structure().period(period).owner;
        if self.admitted
            || self.structure().is_within(unit, owner)
            || self.structure().is_within(owner, unit)
        {
            Ok(unit)
        } else {
            Err(refusal(Problem::NotCovered, &path))
        }
    }

    fn goal_target(
        &self,
        key: TargetKey,
        goal: Option<Goal>,
        document_number: Option<&String>,
        place: &str,
    ) -> Result<Option<Target>, Vec<Refusal>> {
        let (goal, percent) = match goal {
            None => return Ok(None),
            Some(Goal::Count(count)) => (count, None),
            Some(Goal::CountOfShare { count, from, to }) => (count, Some((from, to))),
            Some(Goal::PercentOfMembers { from, to }) => {
                let members = self.structure().unit(key.unit).member_count.ok_or_else(|| {
                    let path = ["goals", place, "goal", "percentOfMembers"];
                    refusal(Problem::NoMemberCount, &path)
                })?;
                (share_of(members, from), Some((from, to)))
            }
        };
        Ok(Some(Target {
            key,
            goal,
            percent_from: percent.map(|(from, _)| from),
            percent_to: percent.and_then(|(_, to)| to),
            document_number: document_number.cloned(),
            set_at: self.batch.at,
        }))
    }

    /// `None` when it is there as wanted already.
    fn target_change(&self, key: TargetKey, after: Option<Target>) -> Option<TargetChanged> {
        let before = self.structure().target_by_key(&key).map(|target| Target::clone(target));
        let same = match (&before, &after) {
            (None, None) => true,
            (Some(before), Some(after)) => {
                *before == Target { set_at: before.set_at, ..after.clone() }
            }
            _ => false,
        };
        (!same).then(|| TargetChanged { before, after, path: self.structure().path(key.unit) })
    }
}

/// So many per cent of the members, rounded up; what only rounding in the machine adds is not.
#[expect(clippy::cast_possible_truncation, reason = "at most all members, who are an i32")]
fn share_of(members: i32, percent: f64) -> i32 {
    (f64::from(members) * percent / 100.0 - 1e-6).ceil().max(0.0) as i32
}
