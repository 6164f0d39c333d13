use std::sync::Arc;

use async_graphql::{Context, Description, ID, Object, Result};

use super::{Period, Unit};
use crate::board::{RankValues, Snapshot};
use crate::domain::breakdown::BreakdownBy;
use crate::domain::target::TargetOrigin as Origin;
use crate::domain::{self, Day};
use crate::graphql::context::RequestContext;
use crate::graphql::context::ready::Ready;
use crate::graphql::schema::enums::{AuthorGroup, TargetMetric, TargetOrigin};
use crate::graphql::schema::ids::GlobalId;
use crate::graphql::schema::scalars::DateTime;

/// A number that a unit is to reach in a period, with all its initiatives or with a part of them:
/// those of an author group, of a field, of a group in a field (chỉ tiêu). Parts need not add up to
/// the whole.
#[derive(Description, Clone)]
pub struct Target {
    pub snapshot: Arc<Snapshot>,
    pub row: Arc<domain::Target>,
    /// The day at whose end it is counted; `None` for now. Parts are counted as they are now alone.
    pub as_of: Option<Day>,
}

impl Target {
    /// The count of the metric in the part that the target is for.
    async fn count(&self, ctx: &Context<'_>) -> Result<i32> {
        let (context, key) = (RequestContext::of(ctx), &self.row.key);
        context.dependencies.unit(&self.snapshot, key.unit);
        context.dependencies.structure();
        if let Some(day) = self.as_of {
            let figures = context.day_end(&self.snapshot, key.period, day).await?;
            let tally = self.snapshot.tally_at(key.unit, key.period, &figures);
            return Ok(tally.rank_values.count(key.metric));
        }
        if key.part.is_whole() {
            return Ok(self.snapshot.rank_values(key.unit, key.period).count(key.metric));
        }
        let by = BreakdownBy::AuthorGroup;
        context.scan(self.snapshot.breakdown_size(key.unit, key.period, by)).await?;
        let part = (key.part.group, key.part.field.as_deref());
        let counts = self.snapshot.part(key.unit, key.period, part, &*context.meter).await;
        let counts = context.unless_stopped(counts)?;
        Ok(RankValues { counts, participants: 0 }.count(key.metric))
    }
}

#[Object(use_type_description)]
impl Target {
    /// Global id of the target and of the day of its count (mã toàn cục).
    pub async fn id(&self) -> ID {
        GlobalId::Target(self.row.key.clone(), self.as_of).encode()
    }

    /// The unit that is to reach the goal (đơn vị).
    async fn unit(&self) -> Ready<Unit> {
        Ready(Unit { snapshot: Arc::clone(&self.snapshot), id: self.row.key.unit })
    }

    /// The period in which the goal is to be reached (đợt thi đua).
    async fn period(&self) -> Ready<Period> {
        Ready(Period { snapshot: Arc::clone(&self.snapshot), id: self.row.key.period })
    }

    /// The count that the goal is about (chỉ số).
    async fn metric(&self) -> TargetMetric {
        self.row.key.metric.into()
    }

    /// The unit that set the goal: the one above or the unit itself (nguồn chỉ tiêu).
    async fn origin(&self) -> TargetOrigin {
        self.row.key.origin.into()
    }

    /// The author group that the target is for; null for all (nhóm tác giả).
    async fn group(&self) -> Option<AuthorGroup> {
        self.row.key.part.group.map(Into::into)
    }

    /// The field of work that the target is for; null for all (lĩnh vực).
    async fn field(&self) -> Option<&str> {
        self.row.key.part.field.as_deref()
    }

    /// The count of the metric in the part that the target is for: as it is now, and in a briefing as of
    /// the end of its `until` (số đã đạt). The count of a part costs as much as a breakdown of the unit,
    /// once for all parts of a period.
    async fn reached(&self, ctx: &Context<'_>) -> Result<i32> {
        self.count(ctx).await
    }

    /// `reached` divided by `goal`: 1.0 is 100 %; null if the goal is zero (tỷ lệ đạt chỉ tiêu). It
    /// costs as much as `reached`.
    async fn ratio(&self, ctx: &Context<'_>) -> Option<Result<f64>> {
        if self.row.goal <= 0 {
            return None;
        }
        let reached = self.count(ctx).await;
        Some(reached.map(|reached| f64::from(reached) / f64::from(self.row.goal)))
    }

    /// The number to reach. A goal that was given as a share is the share's lower bound of
    /// `memberCount`, rounded up, at the moment of setting (số lượng).
    async fn goal(&self) -> i32 {
        self.row.goal
    }

    /// The lower bound of the share of members that the goal was given as, in per cent; null if it
    /// was given as a number (tỷ lệ từ).
    async fn percent_from(&self) -> Option<f64> {
        self.row.percent_from
    }

    /// The upper bound of the share of members that the goal was given as, in per cent; null if
    /// there was none (tỷ lệ đến).
    async fn percent_to(&self) -> Option<f64> {
        self.row.percent_to
    }

    /// Sum of the goals assigned to the unit's direct children for the same period, metric and part (đã
    /// giao cho cấp dưới).
    async fn distributed(&self, ctx: &Context<'_>) -> i32 {
        let key = &self.row.key;
        RequestContext::of(ctx).dependencies.unit(&self.snapshot, key.unit);
        let structure = &self.snapshot.structure;
        let wanted = (key.period, key.metric, Origin::Assigned, &key.part);
        let goals = structure
            .children(key.unit)
            .iter()
            .filter_map(|&child| structure.target_of_part(child, wanted));
        goals.fold(0i32, |sum, target| sum.saturating_add(target.goal))
    }

    /// The number of the document that set the target, as written: "160/CĐCT-CSPL&QHLĐ"; null if
    /// none was given (số công văn).
    async fn document_number(&self) -> Option<&str> {
        self.row.document_number.as_deref()
    }

    /// The moment at which the target was set (thời điểm giao).
    async fn set_at(&self) -> DateTime {
        DateTime(self.row.set_at)
    }
}
