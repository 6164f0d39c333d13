//! The rules: each command against the state of its batch. What is refused leaves no trace.

use super::prepare::Prepared;
use super::working::{Because, Working};
use crate::board::Registry;
use crate::domain::command::{
    CloseUnit, Feature, Goal, MoveUnit, ReopenUnit, Review, ReviewDecision, Revise, Scope,
    SetTargets, Submit, Transfer, UpsertPeriod, UpsertUnit, Withdraw,
};
use crate::domain::event::{
    InitiativeChanged, InitiativeEventKind, PeriodChanged, TargetChanged, TargetsChanged,
    UnitChanged, UnitEventKind,
};
use crate::domain::initiative::InitiativeKind;
use crate::domain::period::{Metric, PeriodKind};
use crate::domain::{
    Actor, Command, Day, EventBody, Initiative, InitiativeId, InitiativeStatus, Outcome, Patch,
    Period, PeriodId, PeriodRef, Problem, Refusal, Target, TargetKey, Unit, UnitId, UnitRef,
    Version,
};
use crate::limits::PERIOD_DAYS_MAX;

type Decision = Result<Outcome, Vec<Refusal>>;

/// Carries out one command on the working state, or says why not.
pub fn decide(
    working: &mut Working,
    prepared: &Prepared,
    actor: &Actor,
    tags: &mut fastrand::Rng,
) -> Decision {
    let mut decider = Decider { working, actor, tags };
    match &prepared.command {
        Command::Submit(submit) => decider.submit(submit, &prepared.digest),
        Command::Review(review) => decider.review(review),
        Command::Revise(revise) => decider.revise(revise),
        Command::Withdraw(withdraw) => decider.withdraw(withdraw),
        Command::Transfer(transfer) => decider.transfer(transfer),
        Command::Feature(feature) => decider.feature(feature),
        Command::SetTargets(targets) => decider.set_targets(targets),
        Command::UpsertUnit(unit) => decider.upsert_unit(unit),
        Command::MoveUnit(movement) => decider.move_unit(movement),
        Command::CloseUnit(close) => decider.close_unit(close),
        Command::ReopenUnit(reopen) => decider.reopen_unit(reopen),
        Command::UpsertPeriod(period) => decider.upsert_period(period),
    }
}

struct Decider<'a> {
    working: &'a mut Working,
    actor: &'a Actor,
    tags: &'a mut fastrand::Rng,
}

impl<'a> Decider<'a> {
    const fn registry(&self) -> &Registry {
        &self.working.registry
    }

    fn unit(&self, unit: &UnitRef, path: &[&str]) -> Result<UnitId, Vec<Refusal>> {
        self.registry().resolve_unit(unit).ok_or_else(|| {
            let name = match unit {
                UnitRef::Id(id) => id.to_string(),
                UnitRef::Code(code) => code.clone(),
            };
            refusal(Problem::UnitNotFound(name), path)
        })
    }

    fn period(&self, period: &PeriodRef, path: &[&str]) -> Result<PeriodId, Vec<Refusal>> {
        self.registry().resolve_period(period).ok_or_else(|| {
            let name = match period {
                PeriodRef::Id(id) => id.to_string(),
                PeriodRef::Code(code) => code.clone(),
            };
            refusal(Problem::PeriodNotFound(name), path)
        })
    }

    fn is_in_scope(&self, unit: UnitId) -> bool {
        match &self.actor.scope {
            Scope::Everything => true,
            Scope::Subtrees(roots) => self.registry().climb(unit).any(|step| roots.contains(&step)),
        }
    }

    fn permit(&self, unit: UnitId, path: &[&str]) -> Result<(), Vec<Refusal>> {
        if self.is_in_scope(unit) {
            Ok(())
        } else {
            let code = self.registry().unit(unit).code.clone();
            Err(refusal(Problem::Forbidden(code), path))
        }
    }

    fn because<'r>(&self, reason: Option<&'r str>) -> Because<'r>
    where
        'a: 'r,
    {
        Because { actor: self.actor.id.as_deref(), reason }
    }

    // Initiatives.

    fn submit(&mut self, submit: &Submit, digest: &str) -> Decision {
        let unit = self.unit(&submit.unit, &["unit"]);
        if let Some(known) = self.working.initiative_by_key(&submit.key) {
            let same = unit.is_ok_and(|unit| known.content_hash == content_hash(unit, digest));
            if !same || !self.is_in_scope(known.unit) {
                return Err(refusal(Problem::KeyReused, &["key"]));
            }
            return Ok(outcome(known.clone(), true));
        }
        let unit = unit?;
        self.permit(unit, &["unit"])?;
        self.check_open(unit, &["unit"])?;
        let today = self.working.today();
        check_eligible(self.registry(), unit, submit.kind, submit.applied_on, today)?;

        let initiative = Initiative {
            id: self.working.new_initiative(),
            key: submit.key.clone(),
            content_hash: content_hash(unit, digest),
            unit,
            title: submit.title.clone(),
            summary: submit.summary.clone(),
            kind: submit.kind,
            field: submit.field.clone(),
            team: submit.team.clone(),
            authors: self.working.authors(unit, &submit.authors),
            applied_on: submit.applied_on,
            recognised_by: submit.recognised_by.clone(),
            confidential: submit.confidential,
            benefit_vnd: submit.benefit_vnd,
            status: InitiativeStatus::Pending,
            rejection_reason: None,
            review_note: None,
            featured: false,
            entered_by: self.actor.id.clone().unwrap_or_default(),
            submitted_at: self.working.at,
            updated_at: self.working.at,
            reviewed_at: None,
            version: Version::ZERO,
        };
        Ok(self.change(InitiativeEventKind::Submitted, None, initiative, None))
    }

    fn review(&mut self, review: &Review) -> Decision {
        let before = self.live_initiative(review.id, review.expected_version)?;
        let (status, kind) = match review.decision {
            ReviewDecision::Accept => (InitiativeStatus::Accepted, InitiativeEventKind::Accepted),
            ReviewDecision::Return => (InitiativeStatus::Returned, InitiativeEventKind::Returned),
            ReviewDecision::Reject => (InitiativeStatus::Rejected, InitiativeEventKind::Rejected),
        };
        let says_nothing_new = before.status == status
            && (review.reason.is_none() || review.reason == before.rejection_reason)
            && (review.note.is_none() || review.note == before.review_note);
        if says_nothing_new {
            return Ok(outcome(before, false));
        }
        let mut after = before.clone();
        after.status = status;
        after.rejection_reason = review.reason;
        after.review_note.clone_from(&review.note);
        after.reviewed_at = Some(self.working.at);
        after.featured &= status == InitiativeStatus::Accepted;
        Ok(self.change(kind, Some(&before), after, None))
    }

    fn revise(&mut self, revise: &Revise) -> Decision {
        let before = self.live_initiative(revise.id, revise.expected_version)?;
        if !matches!(before.status, InitiativeStatus::Pending | InitiativeStatus::Returned) {
            return Err(refusal(Problem::WrongStatus(before.status), &["id"]));
        }
        let mut after = before.clone();
        if let Patch::Set(title) = &revise.title {
            after.title.clone_from(title);
        }
        if let Patch::Set(kind) = revise.kind {
            after.kind = kind;
        }
        after.summary = revise.summary.clone().apply(after.summary);
        after.field = revise.field.clone().apply(after.field);
        after.team = revise.team.clone().apply(after.team);
        after.applied_on = revise.applied_on.apply(after.applied_on);
        after.recognised_by = revise.recognised_by.clone().apply(after.recognised_by);
        after.confidential = revise.confidential.apply(Some(after.confidential)).unwrap_or(false);
        after.benefit_vnd = revise.benefit_vnd.apply(after.benefit_vnd);
        if (after.kind, after.applied_on) != (before.kind, before.applied_on) {
            let submitted_on = before.submitted_at.day();
            check_eligible(
                self.registry(),
                before.unit,
                after.kind,
                after.applied_on,
                submitted_on,
            )?;
        }
        if let Patch::Set(authors) = &revise.authors {
            after.authors = self.working.authors(before.unit, authors);
        }
        after.status = InitiativeStatus::Pending;
        if after == before {
            return Ok(outcome(before, false));
        }
        Ok(self.change(InitiativeEventKind::Revised, Some(&before), after, None))
    }

    fn withdraw(&mut self, withdraw: &Withdraw) -> Decision {
        let before = self.initiative(withdraw.id, withdraw.expected_version)?;
        if before.status == InitiativeStatus::Withdrawn {
            return Ok(outcome(before, false));
        }
        let mut after = before.clone();
        after.status = InitiativeStatus::Withdrawn;
        after.featured = false;
        let reason = withdraw.reason.as_deref();
        Ok(self.change(InitiativeEventKind::Withdrawn, Some(&before), after, reason))
    }

    fn transfer(&mut self, transfer: &Transfer) -> Decision {
        let before = self.live_initiative(transfer.id, transfer.expected_version)?;
        let unit = self.unit(&transfer.unit, &["unit"])?;
        self.permit(unit, &["unit"])?;
        if unit == before.unit {
            return Ok(outcome(before, false));
        }
        self.check_open(unit, &["unit"])?;
        let mut after = before.clone();
        after.unit = unit;
        after.authors = self.working.authors_moved_to(unit, &before.authors);
        let reason = transfer.reason.as_deref();
        Ok(self.change(InitiativeEventKind::Transferred, Some(&before), after, reason))
    }

    fn feature(&mut self, feature: &Feature) -> Decision {
        let before = self.live_initiative(feature.id, None)?;
        if before.featured == feature.featured {
            return Ok(outcome(before, false));
        }
        if feature.featured && before.status != InitiativeStatus::Accepted {
            return Err(refusal(Problem::NotAccepted(before.status), &["id"]));
        }
        let mut after = before.clone();
        after.featured = feature.featured;
        let kind = if feature.featured {
            InitiativeEventKind::Featured
        } else {
            InitiativeEventKind::Unfeatured
        };
        Ok(self.change(kind, Some(&before), after, None))
    }

    fn initiative(
        &self,
        id: InitiativeId,
        expected: Option<Version>,
    ) -> Result<Initiative, Vec<Refusal>> {
        let missing = || refusal(Problem::InitiativeNotFound(id.to_string()), &["id"]);
        let initiative = self.working.initiative(id).ok_or_else(missing)?;
        self.permit(initiative.unit, &["id"])?;
        if let Some(expected) = expected
            && expected != initiative.version
        {
            let problem =
                Problem::VersionConflict { actual: initiative.version.0, expected: expected.0 };
            return Err(refusal(problem, &["expectedVersion"]));
        }
        Ok(initiative.clone())
    }

    fn live_initiative(
        &self,
        id: InitiativeId,
        expected: Option<Version>,
    ) -> Result<Initiative, Vec<Refusal>> {
        let initiative = self.initiative(id, expected)?;
        if initiative.status == InitiativeStatus::Withdrawn {
            return Err(refusal(Problem::WrongStatus(initiative.status), &["id"]));
        }
        Ok(initiative)
    }

    fn check_open(&self, unit: UnitId, path: &[&str]) -> Result<(), Vec<Refusal>> {
        match self.registry().unit(unit).closed_on {
            None => Ok(()),
            Some(day) => Err(refusal(Problem::UnitClosed(day), path)),
        }
    }

    /// Puts the initiative in its new state on the log and among the facts.
    fn change(
        &mut self,
        kind: InitiativeEventKind,
        before: Option<&Initiative>,
        mut after: Initiative,
        reason: Option<&str>,
    ) -> Outcome {
        let from = before.map(|before| before.unit).filter(|&unit| unit != after.unit);
        let body = InitiativeChanged {
            initiative: after.id,
            before: before.map(Initiative::state),
            after: after.state(),
            path: self.registry().path(after.unit),
            from_path: from.map(|unit| self.registry().path(unit)),
            counted_from: None,
        };
        let because = self.because(reason);
        let stamp = self.working.emit(EventBody::Initiative(kind, body), because, self.tags);
        after.version = stamp.version;
        after.updated_at = stamp.at;
        self.working.put_initiative(after.clone());
        outcome(after, false)
    }

    // Units.

    fn upsert_unit(&mut self, upsert: &UpsertUnit) -> Decision {
        let parent = match &upsert.parent {
            Patch::Set(parent) => Some(self.unit(parent, &["parent"])?),
            Patch::Keep | Patch::Clear => None,
        };
        match self.registry().resolve_unit(&UnitRef::Code(upsert.code.clone())) {
            Some(id) => self.update_unit(id, upsert, parent),
            None => self.create_unit(upsert, parent),
        }
    }

    fn create_unit(&mut self, upsert: &UpsertUnit, parent: Option<UnitId>) -> Decision {
        let missing = |field| refusal(Problem::Missing { noun: "unit" }, &[field]);
        let Patch::Set(name) = upsert.name.clone() else { return Err(missing("name")) };
        let Patch::Set(kind) = upsert.kind else { return Err(missing("kind")) };
        let root = self.registry().root();
        let standing_in = self.registry().unit(root).placeholder;
        match parent {
            Some(parent) => self.permit(parent, &["parent"])?,
            None if standing_in => self.permit(root, &["code"])?,
            None => {
                let code = self.registry().unit(root).code.clone();
                return Err(refusal(Problem::SecondRoot(code), &["parent"]));
            }
        }
        let before = parent.is_none().then(|| Unit::clone(self.registry().unit(root)));
        let id = if before.is_some() { root } else { self.working.new_unit() };
        let after = Unit {
            id,
            code: upsert.code.clone(),
            name,
            kind,
            parent,
            cluster: upsert.cluster.clone().apply(None),
            sector: upsert.sector.apply(None),
            foreign_invested: upsert.foreign_invested.apply(None).unwrap_or(false),
            member_count: upsert.member_count.apply(None),
            closed_on: None,
            placeholder: false,
        };
        Ok(self.put_unit(UnitEventKind::Upserted, before, after))
    }

    fn update_unit(&mut self, id: UnitId, upsert: &UpsertUnit, parent: Option<UnitId>) -> Decision {
        self.permit(id, &["code"])?;
        let before = Unit::clone(self.registry().unit(id));
        let mut after = before.clone();
        after.placeholder = false;
        if let Patch::Set(name) = &upsert.name {
            after.name.clone_from(name);
        }
        if let Patch::Set(kind) = upsert.kind {
            after.kind = kind;
        }
        after.cluster = upsert.cluster.clone().apply(after.cluster);
        after.sector = upsert.sector.apply(after.sector);
        after.foreign_invested =
            upsert.foreign_invested.apply(Some(after.foreign_invested)).unwrap_or(false);
        after.member_count = upsert.member_count.apply(after.member_count);
        if matches!(upsert.parent, Patch::Clear) && before.parent.is_some() {
            let root = self.registry().unit(self.registry().root()).code.clone();
            return Err(refusal(Problem::SecondRoot(root), &["parent"]));
        }
        if let Some(parent) = parent.filter(|&parent| before.parent != Some(parent)) {
            self.check_move(id, parent, "parent")?;
            after.parent = Some(parent);
        }
        let kind = if after.parent == before.parent {
            UnitEventKind::Upserted
        } else {
            UnitEventKind::Moved
        };
        Ok(self.put_unit(kind, Some(before), after))
    }

    fn move_unit(&mut self, movement: &MoveUnit) -> Decision {
        let id = self.unit(&movement.unit, &["unit"])?;
        let parent = self.unit(&movement.new_parent, &["newParent"])?;
        self.permit(id, &["unit"])?;
        let before = Unit::clone(self.registry().unit(id));
        if before.parent == Some(parent) {
            return Ok(Outcome::Unit(id));
        }
        self.check_move(id, parent, "newParent")?;
        let after = Unit { parent: Some(parent), ..before.clone() };
        Ok(self.put_unit(UnitEventKind::Moved, Some(before), after))
    }

    fn check_move(&self, id: UnitId, parent: UnitId, field: &str) -> Result<(), Vec<Refusal>> {
        self.permit(parent, &[field])?;
        if self.registry().is_within(parent, id) {
            return Err(refusal(Problem::UnitCycle, &[field]));
        }
        Ok(())
    }

    fn close_unit(&mut self, close: &CloseUnit) -> Decision {
        let id = self.unit(&close.unit, &["unit"])?;
        self.permit(id, &["unit"])?;
        let today = self.working.today();
        let on = close.on.unwrap_or(today);
        if on > today {
            return Err(refusal(Problem::FutureDay, &["on"]));
        }
        let before = Unit::clone(self.registry().unit(id));
        if close.on.is_none() && before.closed_on.is_some() {
            return Ok(Outcome::Unit(id));
        }
        let after = Unit { closed_on: Some(on), ..before.clone() };
        Ok(self.put_unit(UnitEventKind::Closed, Some(before), after))
    }

    fn reopen_unit(&mut self, reopen: &ReopenUnit) -> Decision {
        let id = self.unit(&reopen.unit, &["unit"])?;
        self.permit(id, &["unit"])?;
        let before = Unit::clone(self.registry().unit(id));
        let after = Unit { closed_on: None, ..before.clone() };
        Ok(self.put_unit(UnitEventKind::Reopened, Some(before), after))
    }

    fn put_unit(&mut self, kind: UnitEventKind, before: Option<Unit>, after: Unit) -> Outcome {
        let id = after.id;
        if before.as_ref() == Some(&after) {
            return Outcome::Unit(id);
        }
        let mut path = after.parent.map(|parent| self.registry().path(parent)).unwrap_or_default();
        path.push(id);
        let moved = before.as_ref().is_some_and(|before| before.parent != after.parent);
        let from_path = moved.then(|| self.registry().path(id));
        let body = EventBody::Unit(kind, UnitChanged { before, after, path, from_path });
        let because = self.because(None);
        let stamp = self.working.emit(body, because, self.tags);
        self.working.unit_changed(id, stamp);
        Outcome::Unit(id)
    }

    // Periods and targets.

    fn upsert_period(&mut self, upsert: &UpsertPeriod) -> Decision {
        let owner = match &upsert.owner {
            Patch::Set(owner) => Some(self.unit(owner, &["owner"])?),
            Patch::Keep | Patch::Clear => None,
        };
        let parent = match &upsert.parent {
            Patch::Set(parent) => Patch::Set(self.period(parent, &["parent"])?),
            Patch::Keep => Patch::Keep,
            Patch::Clear => Patch::Clear,
        };
        let known = self.registry().resolve_period(&PeriodRef::Code(upsert.code.clone()));
        let (before, mut after) = match known {
            Some(id) => {
                let before = Period::clone(self.registry().period(id));
                (Some(before.clone()), before)
            }
            None => self.begin_period(upsert, owner, parent)?,
        };
        self.permit(after.owner, &["owner"])?;
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
            self.permit(owner, &["owner"])?;
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
        let owner = owner.unwrap_or_else(|| self.registry().root());
        self.permit(owner, &["owner"])?;
        let stand_in = self
            .registry()
            .periods()
            .find(|period| period.placeholder)
            .filter(|_| kind == PeriodKind::Programme && owner == self.registry().root())
            .map(|period| Period::clone(period));
        let inherited = parent.apply(None).map(|parent| self.registry().period(parent).metric);
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
            above = self.registry().period(id).parent;
        }
        Ok(())
    }

    fn put_period(&mut self, before: Option<Period>, mut after: Period) -> Outcome {
        if before.as_ref() == Some(&after) {
            return Outcome::Period(after.id);
        }
        if before.is_none() {
            after.id = self.working.new_period();
        }
        let id = after.id;
        let path = self.registry().path(after.owner);
        let body = EventBody::Period(PeriodChanged { before, after, path });
        let because = self.because(None);
        let stamp = self.working.emit(body, because, self.tags);
        self.working.period_changed(id, stamp);
        Outcome::Period(id)
    }

    fn set_targets(&mut self, set: &SetTargets) -> Decision {
        let period = self.period(&set.period, &["period"])?;
        let metric = set.metric.unwrap_or_else(|| self.registry().period(period).metric);
        let mut refusals = Vec::new();
        let mut keys = Vec::new();
        let mut changes = Vec::new();
        for (place, goal) in set.goals.iter().enumerate() {
            let place = place.to_string();
            let unit = match self.goal_unit(&goal.unit, period, &place) {
                Ok(unit) => unit,
                Err(refused) => {
                    refusals.extend(refused);
                    continue;
                }
            };
            let key = TargetKey { unit, period, metric, origin: set.origin };
            if keys.contains(&key) {
                refusals.extend(refusal(Problem::NamedTwice, &["goals", &place, "unit"]));
                continue;
            }
            keys.push(key);
            match self.goal_target(key, goal.goal, set.document_number.as_ref(), &place) {
                Ok(after) => changes.extend(self.target_change(key, after)),
                Err(refused) => refusals.extend(refused),
            }
        }
        if !refusals.is_empty() {
            return Err(refusals);
        }
        if !changes.is_empty() {
            let body = EventBody::Targets(TargetsChanged { targets: changes.clone() });
            let because = self.because(None);
            let stamp = self.working.emit(body, because, self.tags);
            for change in changes {
                let key = change.after.as_ref().or(change.before.as_ref()).map(|target| target.key);
                if let Some(key) = key {
                    let row = change.after.map(|target| (target, stamp.version));
                    self.working.put_target(key, row);
                }
            }
        }
        let there = |key: &TargetKey| {
            self.registry().target(key.unit, key.period, key.metric, key.origin).is_some()
        };
        keys.retain(there);
        Ok(Outcome::Targets(keys))
    }

    fn goal_unit(
        &self,
        unit: &UnitRef,
        period: PeriodId,
        place: &str,
    ) -> Result<UnitId, Vec<Refusal>> {
        let path = ["goals", place, "unit"];
        let unit = self.unit(unit, &path)?;
        self.permit(unit, &path)?;
        let owner = self.registry().period(period).owner;
        if self.registry().is_within(unit, owner) || self.registry().is_within(owner, unit) {
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
            Some(Goal::PercentOfMembers { from, to }) => {
                let members = self.registry().unit(key.unit).member_count.ok_or_else(|| {
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
            set_at: self.working.at,
        }))
    }

    /// `None` when it is there as wanted already.
    fn target_change(&self, key: TargetKey, after: Option<Target>) -> Option<TargetChanged> {
        let before = self
            .registry()
            .target(key.unit, key.period, key.metric, key.origin)
            .map(|target| Target::clone(target));
        let same = match (&before, &after) {
            (None, None) => true,
            (Some(before), Some(after)) => {
                *before == Target { set_at: before.set_at, ..after.clone() }
            }
            _ => false,
        };
        (!same).then(|| TargetChanged { before, after, path: self.registry().path(key.unit) })
    }
}

/// An initiative enters while a period that covers the unit holds the day; of several running
/// ones, one whose programme admits it is enough.
fn check_eligible(
    registry: &Registry,
    unit: UnitId,
    kind: InitiativeKind,
    applied_on: Option<Day>,
    day: Day,
) -> Result<(), Vec<Refusal>> {
    let running: Vec<PeriodId> = registry
        .periods_covering(unit)
        .filter(|period| period.holds(day))
        .map(|period| period.id)
        .collect();
    if running.is_empty() {
        return Err(refusal(Problem::NoRunningPeriod(day), &["unit"]));
    }
    let mut closed_window = None;
    for period in running {
        match registry.programme_of(period).filter(|programme| programme.has_window()) {
            None => return Ok(()),
            Some(programme) => {
                let admitted = match applied_on {
                    Some(applied_on) => programme.admits(applied_on),
                    None => !kind.needs_applied_on(),
                };
                if admitted {
                    return Ok(());
                }
                closed_window = Some(programme);
            }
        }
    }
    let bound = |day: Option<Day>| day.map_or_else(|| "…".to_owned(), |day| day.to_string());
    let problem = match (applied_on, closed_window) {
        (Some(_), Some(programme)) => Problem::OutsideAppliedWindow {
            from: bound(programme.applied_from),
            until: bound(programme.applied_until),
        },
        _ => Problem::AppliedOnMissing,
    };
    Err(refusal(problem, &["appliedOn"]))
}

/// So many per cent of the members, rounded up; what only rounding in the machine adds is not.
#[expect(clippy::cast_possible_truncation, reason = "at most all members, who are an i32")]
fn share_of(members: i32, percent: f64) -> i32 {
    (f64::from(members) * percent / 100.0 - 1e-6).ceil().max(0.0) as i32
}

fn content_hash(unit: UnitId, digest: &str) -> String {
    format!("{unit}:{digest}")
}

fn outcome(initiative: Initiative, replayed: bool) -> Outcome {
    Outcome::Initiative { initiative: Box::new(initiative), replayed }
}

fn refusal(problem: Problem, path: &[&str]) -> Vec<Refusal> {
    vec![Refusal { problem, path: path.iter().map(|&step| step.to_owned()).collect() }]
}
