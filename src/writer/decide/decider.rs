//! The decider of one command: the state of its batch, the actor, and the permissions that the actor has.

use crate::auth::permissions::{Permission, may, may_somewhere};
use crate::board::Structure;
use crate::domain::command::Authority;
use crate::domain::{Actor, Outcome, PeriodId, PeriodRef, Problem, Refusal, UnitId, UnitRef};
use crate::writer::batch::{Attribution, Batch};
use crate::writer::tags::Tags;

/// The outcome of a command, or all that is wrong with it.
pub type Decision = Result<Outcome, Vec<Refusal>>;

/// One command, as it is decided.
pub struct Decider<'a> {
    pub batch: &'a mut Batch,
    pub actor: &'a Actor,
    pub tags: &'a mut Tags,
    /// See [`crate::writer::prepare::Prepared::admitted`].
    pub admitted: bool,
}

impl<'a> Decider<'a> {
    /// The structure, the changes of the batch included.
    pub const fn structure(&self) -> &Structure {
        &self.batch.structure
    }

    /// The unit of a reference.
    ///
    /// # Errors
    /// A refusal at `path` when there is none.
    pub fn unit(&self, unit: &UnitRef, path: &[&str]) -> Result<UnitId, Vec<Refusal>> {
        resolve_unit(self.structure(), unit, path)
    }

    /// The period of a reference.
    ///
    /// # Errors
    /// A refusal at `path` when there is none.
    pub fn period(&self, period: &PeriodRef, path: &[&str]) -> Result<PeriodId, Vec<Refusal>> {
        self.structure().resolve_period(period).ok_or_else(|| {
            let name = match period {
                PeriodRef::Id(id) => id.to_string(),
                PeriodRef::Code(code) => code.clone(),
            };
            refusal(Problem::PeriodNotFound(name), path)
        })
    }

    /// Whether the actor has a permission over the unit.
    pub fn may(&self, permission: Permission, unit: UnitId) -> bool {
        match &self.actor.authority {
            Authority::Everything => true,
            Authority::Grants(grants) => may(grants, self.structure(), permission, unit),
        }
    }

    /// Whether the actor has a permission over any unit.
    pub fn may_somewhere(&self, permission: Permission) -> bool {
        match &self.actor.authority {
            Authority::Everything => true,
            Authority::Grants(grants) => may_somewhere(grants, permission),
        }
    }

    /// States the permission that a command takes, and the unit that it takes it over.
    ///
    /// # Errors
    /// FORBIDDEN when the actor lacks it.
    pub fn permit(
        &self,
        permission: Permission,
        unit: UnitId,
        path: &[&str],
    ) -> Result<(), Vec<Refusal>> {
        if self.may(permission, unit) { Ok(()) } else { Err(self.forbidden(unit, path)) }
    }

    /// The refusal of an actor that lacks a permission over the unit.
    pub fn forbidden(&self, unit: UnitId, path: &[&str]) -> Vec<Refusal> {
        let code = self.structure().unit(unit).code.clone();
        refusal(Problem::Forbidden(code), path)
    }

    /// The attribution of an event to the actor.
    pub fn attribution<'r>(&self, reason: Option<&'r str>) -> Attribution<'r>
    where
        'a: 'r,
    {
        Attribution { actor: self.actor.id.as_deref(), reason }
    }
}

/// The unit of a reference.
///
/// # Errors
/// A refusal at `path` when there is none.
pub fn resolve_unit(
    structure: &Structure,
    unit: &UnitRef,
    path: &[&str],
) -> Result<UnitId, Vec<Refusal>> {
    structure.resolve_unit(unit).ok_or_else(|| {
        let name = match unit {
            UnitRef::Id(id) => id.to_string(),
            UnitRef::Code(code) => code.clone(),
        };
        refusal(Problem::UnitNotFound(name), path)
    })
}

/// One refusal, at a path of the input.
pub fn refusal(problem: Problem, path: &[&str]) -> Vec<Refusal> {
    vec![Refusal { problem, path: path.iter().map(|&step| step.to_owned()).collect() }]
}
