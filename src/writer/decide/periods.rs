//! The rules of periods.

use super::decider::{Decider, Decision, refusal};
use crate::auth::permissions::Permission;
use crate::domain::command::UpsertPeriod;
use crate::domain::event::PeriodChanged;
use crate::domain::period::{Metric, PeriodKind};
use crate::domain::{
    EventBody, Outcome, Patch, Period, PeriodId, PeriodRef, Problem, Refusal, UnitId,
};
use crate::limits::PERIOD_DAYS_MAX;

impl Decider<'_> {
    pub(super) fn upsert_period(&mut self, upsert: &UpsertPeriod) -> Decision {
        let owner = match &upsert.owner {
            Patch::Set(owner) => Some(self.unit(owner, &["owner"])?),
            Patch::Keep | Patch::Clear => None,
        };
        let parent = match &upsert.parent {
            Patch::Set(parent) => Patch::Set(self.period(parent, &["parent"])?),
            Patch::Keep => Patch::Keep,
            Patch::Clear => Patch::Clear,
        };
        let known = self.structure().resolve_period(&PeriodRef::Code(upsert.code.clone()));
        let (before, mut after) = match known {
            Some(id) => {
                let before = Period::clone(self.structure().period(id));
                (Some(before.clone()), before)
            }
            None => self.begin_period(upsert, owner, parent)?,
        };
        self.permit(Permission::CallPeriods, after.owner, &["owner"])?;
        after.placeholder = false;
        if let Patch::Set(name) = &upsert.name {
            after.name.clone_from(name);
        }
        if let Patch::Set(kind) = upsert.kind {
            after.kind = kind;
        }
        if let Patch::Set(day) = upsert.starts_on {
            after.starts_on = day;
        }
        if let Patch::Set(day) = upsert.ends_on {
            after.ends_on = day;
        }
        if let Some(owner) = owner {
            self.permit(Permission::CallPeriods, owner, &["owner"])?;
            after.owner = owner;
        }
        if let Patch::Set(metric) = upsert.metric {
            after.metric = metric;
        }
        after.parent = parent.apply(after.parent);
        after.applied_from = upsert.applied_from.apply(after.applied_from);
        after.applied_until = upsert.applied_until.apply(after.applied_until);
        self.check_period(&after)?;
        Ok(self.put_period(before, after))
    }

    /// A period that is not there yet. The first programme takes the place of the stand-in.
    fn begin_period(
        &mut self,
        upsert: &UpsertPeriod,
        owner: Option<UnitId>,
        parent: Patch<PeriodId>,
    ) -> Result<(Option<Period>, Period), Vec<Refusal>> {
        let missing = |field| refusal(Problem::Missing { noun: "period" }, &[field]);
        let Patch::Set(name) = upsert.name.clone() else { return Err(missing("name")) };
        let Patch::Set(kind) = upsert.kind else { return Err(missing("kind")) };
        let Patch::Set(starts_on) = upsert.starts_on else { return Err(missing("startsOn")) };
        let Patch::Set(ends_on) = upsert.ends_on else { return Err(missing("endsOn")) };
        let owner = owner.unwrap_or_else(|| self.structure().root());
        self.permit(Permission::CallPeriods, owner, &["owner"])?;
        let stand_in = self
            .structure()
            .periods()
            .find(|period| period.placeholder)
            .filter(|_| kind == PeriodKind::Programme && owner == self.structure().root())
            .map(|period| Period::clone(period));
        let inherited = parent.apply(None).map(|parent| self.structure().period(parent).metric);
        let after = Period {
            // Given a number of its own only once nothing can be refused any more.
            id: stand_in.as_ref().map_or(PeriodId(0), |period| period.id),
            code: upsert.code.clone(),
            name,
            kind,
            starts_on,
            ends_on,
            owner,
            parent: None,
            metric: inherited.unwrap_or(Metric::Submitted),
            applied_from: None,
            applied_until: None,
            placeholder: false,
        };
        Ok((stand_in, after))
    }

    fn check_period(&self, period: &Period) -> Result<(), Vec<Refusal>> {
        if period.ends_on < period.starts_on {
            return Err(refusal(Problem::EndsBeforeStart, &["endsOn"]));
        }
        if period.ends_on.since(period.starts_on) >= PERIOD_DAYS_MAX {
            return Err(refusal(Problem::PeriodTooLong { max: PERIOD_DAYS_MAX }, &["endsOn"]));
        }
        if let (Some(from), Some(until)) = (period.applied_from, period.applied_until)
            && until < from
        {
            return Err(refusal(Problem::EndsBeforeStart, &["appliedUntil"]));
        }
        let mut above = period.parent;
        while let Some(id) = above {
            if id == period.id {
                return Err(refusal(Problem::PeriodCycle, &["parent"]));
            }
            above = self.structure().period(id).parent;
        }
        Ok(())
    }

    fn put_period(&mut self, before: Option<Period>, mut after: Period) -> Outcome {
        if before.as_ref() == Some(&after) {
            return Outcome::Period(after.id);
        }
        if before.is_none() {
            after.id = self.batch.new_period();
        }
        let id = after.id;
        let path = self.structure().path(after.owner);
        let body = EventBody::Period(PeriodChanged { before, after, path });
        let attribution = self.attribution(None);
        let stamp = self.batch.emit(body, attribution, self.tags);
        self.batch.period_changed(id, stamp);
        Outcome::Period(id)
    }
}
