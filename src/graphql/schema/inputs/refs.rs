//! References: the arguments that name units, periods and initiatives.

use std::sync::Arc;

use async_graphql::{Context, ID, OneofObject, Result};

use crate::board::Snapshot;
use crate::domain::text::{code_named, shortened};
use crate::domain::{self, InitiativeId, PeriodId, Problem, Refusal, UnitId};
use crate::error::Code;
use crate::feed::cursor::Cursor;
use crate::graphql::context::RequestContext;
use crate::graphql::schema::ids::{self, GlobalId};
use crate::messages::ErrorMessage;

/// A reference to a unit, by its global id or by the code that people use (tham chiếu đơn vị).
#[derive(OneofObject, Debug, Clone)]
pub enum UnitRef {
    /// The unit's global id (mã toàn cục).
    Id(ID),
    /// The unit's code (mã đơn vị).
    Code(String),
}

/// A reference to a period, by its global id or by the code that people use (tham chiếu đợt thi
/// đua).
#[derive(OneofObject, Debug, Clone)]
pub enum PeriodRef {
    /// The period's global id (mã toàn cục).
    Id(ID),
    /// The period's code (mã đợt thi đua).
    Code(String),
}

/// Numbers begin at 1, so this names nothing: what an id of something else names as a unit.
pub const NO_UNIT: UnitId = UnitId(0);
pub const NO_PERIOD: PeriodId = PeriodId(0);

impl From<UnitRef> for domain::UnitRef {
    fn from(unit: UnitRef) -> Self {
        match unit {
            UnitRef::Code(code) => Self::Code(code_named(&code)),
            UnitRef::Id(id) => match GlobalId::decode(&id) {
                Some(GlobalId::Unit(id)) => Self::Id(id),
                _ => Self::Id(NO_UNIT),
            },
        }
    }
}

impl From<PeriodRef> for domain::PeriodRef {
    fn from(period: PeriodRef) -> Self {
        match period {
            PeriodRef::Code(code) => Self::Code(code_named(&code)),
            PeriodRef::Id(id) => match GlobalId::decode(&id) {
                Some(GlobalId::Period(id)) => Self::Id(id),
                _ => Self::Id(NO_PERIOD),
            },
        }
    }
}

/// # Errors
/// REF_NOT_FOUND.
pub fn existing_unit(snapshot: &Snapshot, unit: &domain::UnitRef) -> Result<UnitId> {
    snapshot.structure.resolve_unit(unit).ok_or_else(|| {
        Code::RefNotFound.says(match unit {
            domain::UnitRef::Code(code) => ErrorMessage::NoUnitOfCode(code.clone()),
            domain::UnitRef::Id(_) => ErrorMessage::NoUnitOfId,
        })
    })
}

/// # Errors
/// REF_NOT_FOUND.
pub fn existing_period(snapshot: &Snapshot, period: &domain::PeriodRef) -> Result<PeriodId> {
    snapshot.structure.resolve_period(period).ok_or_else(|| {
        Code::RefNotFound.says(match period {
            domain::PeriodRef::Code(code) => ErrorMessage::NoPeriodOfCode(code.clone()),
            domain::PeriodRef::Id(_) => ErrorMessage::NoPeriodOfId,
        })
    })
}

/// # Errors
/// BAD_CURSOR.
pub fn event_cursor(cursor: String) -> Result<Cursor> {
    Cursor::decode(&cursor)
        .map_err(|_| Code::BadCursor.says(ErrorMessage::NotACursor(shortened(&cursor))))
}

/// The period named, or the default one of the present day; `None` while there is none at all.
///
/// # Errors
/// REF_NOT_FOUND.
pub fn period_or_default(
    ctx: &Context<'_>,
    snapshot: &Arc<Snapshot>,
    period: Option<PeriodRef>,
) -> Result<Option<PeriodId>> {
    let dependencies = &RequestContext::of(ctx).dependencies;
    dependencies.structure();
    match period {
        Some(period) => existing_period(snapshot, &period.into()).map(Some),
        None => {
            dependencies.day();
            Ok(snapshot.default_period())
        }
    }
}

/// The period that a field's counts are of, where they speak of any: the one named, else the
/// default one.
///
/// # Errors
/// REF_NOT_FOUND, also while there is no period at all.
pub fn period_if_needed(
    ctx: &Context<'_>,
    snapshot: &Arc<Snapshot>,
    period: Option<PeriodRef>,
    is_needed: bool,
) -> Result<Option<PeriodId>> {
    if !is_needed && period.is_none() {
        return Ok(None);
    }
    match period_or_default(ctx, snapshot, period)? {
        Some(period) => Ok(Some(period).filter(|_| is_needed)),
        None => Err(Code::RefNotFound.says(ErrorMessage::NoPeriodYet)),
    }
}

/// The initiative that an id in an input names.
pub fn initiative_id(id: &ID) -> Result<InitiativeId, Vec<Refusal>> {
    ids::initiative(id).ok_or_else(|| vec![Problem::InitiativeNotFound(shortened(id)).at(["id"])])
}
