//! Changes of periods.

use async_graphql::{InputObject, MaybeUndefined};

use super::{PeriodRef, UnitRef, patch, same};
use crate::domain::{Command, Version, command};
use crate::graphql::schema::enums::{PeriodKind, TargetMetric};
use crate::graphql::schema::scalars::{Date, Long};

/// A period to make or to change, by its code. A field left out stays as it is; null clears it, or
/// is refused with INVALID for a value that every period has (thêm hoặc sửa đợt thi đua).
#[derive(InputObject)]
pub struct UpsertPeriodInput {
    /// The period's code, 1 to 100 characters; the period with this code is changed, else one is
    /// made (mã đợt thi đua).
    code: String,
    /// The period's name, 1 to 300 characters; a new period needs it (tên đợt thi đua).
    name: MaybeUndefined<String>,
    /// The kind of the period; a new period needs it (loại đợt thi đua).
    kind: MaybeUndefined<PeriodKind>,
    /// The first day; a new period needs it (ngày bắt đầu).
    starts_on: MaybeUndefined<Date>,
    /// The last day, which belongs to the period whole. A period is at most 3,660 days long, and a
    /// new one needs this day (ngày kết thúc).
    ends_on: MaybeUndefined<Date>,
    /// The unit that calls the period, which covers this unit and all below it; for a new period
    /// the root by default. A unit calls at most 400 periods, all units together at most 20,000;
    /// INVALID beyond (đơn vị phát động).
    owner: MaybeUndefined<UnitRef>,
    /// The period that this one is part of (đợt thi đua cấp trên).
    parent: MaybeUndefined<PeriodRef>,
    /// The count that the period's targets are about; for a new period the parent's by default,
    /// else SUBMITTED (chỉ số).
    metric: MaybeUndefined<TargetMetric>,
    /// The first day of being put to use that makes an initiative eligible for a programme; null
    /// for no bound (áp dụng từ ngày).
    applied_from: MaybeUndefined<Date>,
    /// The last day of being put to use that makes an initiative eligible for a programme; null for
    /// no bound (áp dụng đến ngày).
    applied_until: MaybeUndefined<Date>,
}

/// A period whose figures are made final (chốt số liệu).
#[derive(InputObject)]
pub struct FinalizePeriodInput {
    /// The period, which is over (đợt thi đua).
    period: PeriodRef,
    /// Makes them final also while something of the period is pending or returned; else that is
    /// WRONG_STATE (kể cả khi còn chờ xét duyệt).
    #[graphql(default)]
    even_pending: bool,
    /// The officer's words about it, which everybody sees, at most 10,000 characters (ghi chú).
    note: Option<String>,
    /// The version of the period's last closing that the officer has seen; CONFLICT if another came
    /// meanwhile, or there is none (phiên bản của lần chốt số liệu cuối).
    expected_version: Option<Long>,
}

impl From<FinalizePeriodInput> for Command {
    fn from(input: FinalizePeriodInput) -> Self {
        Self::FinalizePeriod(command::FinalizePeriod {
            period: input.period.into(),
            even_pending: input.even_pending,
            note: input.note,
            expected_version: input.expected_version.map(|version| Version(version.0)),
        })
    }
}

impl From<UpsertPeriodInput> for Command {
    fn from(input: UpsertPeriodInput) -> Self {
        Self::UpsertPeriod(command::UpsertPeriod {
            code: input.code,
            name: patch(input.name, same),
            kind: patch(input.kind, Into::into),
            starts_on: patch(input.starts_on, |day| day.0),
            ends_on: patch(input.ends_on, |day| day.0),
            owner: patch(input.owner, Into::into),
            parent: patch(input.parent, Into::into),
            metric: patch(input.metric, Into::into),
            applied_from: patch(input.applied_from, |day| day.0),
            applied_until: patch(input.applied_until, |day| day.0),
        })
    }
}
