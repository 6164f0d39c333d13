//! The rules: each command against the state of its batch. What is refused leaves no trace.

mod imports;
mod initiatives;
mod periods;
mod targets;
mod units;

use super::batch::{Attribution, Batch};
use super::prepare::Prepared;
use super::tags::Tags;
use crate::auth::permissions::{Permission, may, may_somewhere};
use crate::board::Registry;
use crate::domain::command::Authority;
use crate::domain::{
    Actor, Command, Outcome, PeriodId, PeriodRef, Problem, Refusal, UnitId, UnitRef,
};

pub use imports::{ImportOutcome, differences, judge};

type Decision = Result<Outcome, Vec<Refusal>>;

/// Carries out one command on the state of its batch, or says why not.
pub fn decide(batch: &mut Batch, prepared: &Prepared, actor: &Actor, tags: &mut Tags) -> Decision {
    let mut decider = Decider { batch, actor, tags, admitted: prepared.admitted };
    match &prepared.command {
        Command::Submit(submit) => decider.submit(submit, &prepared.digest),
        Command::Import(import) => decider.import(import, prepared),
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
    batch: &'a mut Batch,
    actor: &'a Actor,
    tags: &'a mut Tags,
    /// See [`Prepared::admitted`].
    admitted: bool,
}

impl<'a> Decider<'a> {
    const fn registry(&self) -> &Registry {
        &self.batch.registry
    }

    fn unit(&self, unit: &UnitRef, path: &[&str]) -> Result<UnitId, Vec<Refusal>> {
        resolve_unit(self.registry(), unit, path)
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

    fn may(&self, permission: Permission, unit: UnitId) -> bool {
        match &self.actor.authority {
            Authority::Everything => true,
            Authority::Grants(grants) => may(grants, self.registry(), permission, unit),
        }
    }

    fn may_somewhere(&self, permission: Permission) -> bool {
        match &self.actor.authority {
            Authority::Everything => true,
            Authority::Grants(grants) => may_somewhere(grants, permission),
        }
    }

    /// The one expression in which a command states what it takes: the permission, and over which unit.
    fn permit(
        &self,
        permission: Permission,
        unit: UnitId,
        path: &[&str],
    ) -> Result<(), Vec<Refusal>> {
        if self.may(permission, unit) { Ok(()) } else { Err(self.forbidden(unit, path)) }
    }

    fn forbidden(&self, unit: UnitId, path: &[&str]) -> Vec<Refusal> {
        let code = self.registry().unit(unit).code.clone();
        refusal(Problem::Forbidden(code), path)
    }

    fn attribution<'r>(&self, reason: Option<&'r str>) -> Attribution<'r>
    where
        'a: 'r,
    {
        Attribution { actor: self.actor.id.as_deref(), reason }
    }
}

fn resolve_unit(
    registry: &Registry,
    unit: &UnitRef,
    path: &[&str],
) -> Result<UnitId, Vec<Refusal>> {
    registry.resolve_unit(unit).ok_or_else(|| {
        let name = match unit {
            UnitRef::Id(id) => id.to_string(),
            UnitRef::Code(code) => code.clone(),
        };
        refusal(Problem::UnitNotFound(name), path)
    })
}

fn refusal(problem: Problem, path: &[&str]) -> Vec<Refusal> {
    vec![Refusal { problem, path: path.iter().map(|&step| step.to_owned()).collect() }]
}
