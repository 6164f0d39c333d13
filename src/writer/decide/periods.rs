//! The rules of periods.

use super::decider::{Decider, Decision, refusal};
use crate::auth::permissions::Permission;
use crate::domain::command::UpsertPeriod;
use crate::domain::event::PeriodChanged;
use crate::domain::period::{Metric, PeriodKind};
use crate::domain::{
    EventBody, Outcome, Patch, Period, PeriodId, PeriodRef, Problem, Refusal, UnitId,
};
use crate::limits::{PERIOD_DAYS_MAX, PERIODS_MAX, PERIODS_OWNED_MAX};

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
        self.check_room(before.as_ref(), &after)?;
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
        let root = self.structure().root();
        let stand_in = self
            .structure()
            .periods_owned(root)
            .iter()
            .map(|&id| self.structure().period(id))
            .find(|period| period.placeholder)
            .filter(|_| kind == PeriodKind::Programme && owner == root)
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

    /// Whether its owner, and the whole, have room for one more.
    fn check_room(&self, before: Option<&Period>, after: &Period) -> Result<(), Vec<Refusal>> {
        let structure = self.structure();
        if before.is_none() && structure.period_count() >= PERIODS_MAX {
            return Err(refusal(Problem::TooManyPeriods { max: PERIODS_MAX }, &["code"]));
        }
        let comes = before.is_none_or(|before| before.owner != after.owner);
        if comes && structure.periods_owned(after.owner).len() >= PERIODS_OWNED_MAX {
            let problem = Problem::TooManyPeriodsOwned { max: PERIODS_OWNED_MAX };
            return Err(refusal(problem, &["owner"]));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::Structure;
    use crate::domain::refusal::RefusalCode;
    use crate::domain::unit::UnitKind;
    use crate::domain::{Actor, Day, Timestamp, Unit, UnitRef};
    use crate::store::LogHead;
    use crate::writer::batch::Batch;
    use crate::writer::tags::Tags;

    fn unit(id: u32) -> Unit {
        Unit {
            id: UnitId(id),
            code: id.to_string(),
            name: id.to_string(),
            kind: UnitKind::GrassrootsUnion,
            parent: (id > 1).then_some(UnitId(1)),
            cluster: None,
            sector: None,
            foreign_invested: false,
            member_count: None,
            closed_on: None,
            placeholder: false,
            deleted: false,
        }
    }

    fn week(code: String, owner: u32) -> UpsertPeriod {
        UpsertPeriod {
            name: Patch::Set(code.clone()),
            code,
            kind: Patch::Set(PeriodKind::PeakWeek),
            starts_on: Patch::Set(Day(19_000)),
            ends_on: Patch::Set(Day(19_006)),
            owner: Patch::Set(UnitRef::Id(UnitId(owner))),
            ..UpsertPeriod::default()
        }
    }

    #[test]
    fn a_unit_owns_so_many_periods_and_all_units_together_so_many() {
        let owners = u32::try_from(PERIODS_MAX / PERIODS_OWNED_MAX).unwrap();
        let mut structure = Structure::default();
        (1..=owners + 1).for_each(|id| structure.put_unit(unit(id)));
        let mut batch = Batch::begin(&structure, LogHead::default(), Timestamp(0));
        let mut tags = Tags::seeded(1);
        let mut call = |upsert: &UpsertPeriod| {
            let actor = &Actor::SYSTEM;
            let mut decider =
                Decider { batch: &mut batch, actor, tags: &mut tags, admitted: false };
            decider.upsert_period(upsert).map_err(|refusals| refusals[0].clone())
        };
        for number in 0..PERIODS_OWNED_MAX {
            assert!(call(&week(format!("1-{number}"), 1)).is_ok(), "{number}");
        }
        let full = Problem::TooManyPeriodsOwned { max: PERIODS_OWNED_MAX }.at(["owner"]);
        assert_eq!(full.problem.code(), RefusalCode::Invalid);
        assert_eq!(call(&week("one more".to_owned(), 1)), Err(full.clone()));
        // Its own may change, and go to another; another's may not come.
        let last = Patch::Set(Day(19_001));
        assert!(call(&UpsertPeriod { ends_on: last, ..week("1-0".to_owned(), 1) }).is_ok());
        assert!(call(&week("2-0".to_owned(), 2)).is_ok());
        assert_eq!(call(&week("2-0".to_owned(), 1)), Err(full.clone()));
        assert!(call(&week("1-0".to_owned(), 2)).is_ok());
        assert!(call(&week("2-0".to_owned(), 1)).is_ok());
        assert_eq!(call(&week("one more".to_owned(), 1)), Err(full));
        for owner in 2..=owners {
            for number in usize::from(owner == 2)..PERIODS_OWNED_MAX {
                let code = format!("{owner}-{}", number + usize::from(owner == 2));
                assert!(call(&week(code, owner)).is_ok(), "{owner} {number}");
            }
        }
        let full = Problem::TooManyPeriods { max: PERIODS_MAX }.at(["code"]);
        assert_eq!(full.problem.code(), RefusalCode::Invalid);
        assert_eq!(call(&week("one more".to_owned(), owners + 1)), Err(full));
        assert!(call(&week("1-1".to_owned(), owners + 1)).is_ok());
    }
}
