use std::sync::Arc;

use async_graphql::{Context, Description, ID, Object};

use super::{Period, Unit};
use crate::board::Snapshot;
use crate::domain;
use crate::domain::target::TargetOrigin as Origin;
use crate::graphql::context::RequestContext;
use crate::graphql::context::ready::Ready;
use crate::graphql::schema::enums::{TargetMetric, TargetOrigin};
use crate::graphql::schema::ids::GlobalId;
use crate::graphql::schema::scalars::DateTime;

/// A number that a unit is to reach in a period (chỉ tiêu).
#[derive(Description, Clone)]
pub struct Target {
    pub snapshot: Arc<Snapshot>,
    pub row: Arc<domain::Target>,
}

#[Object(use_type_description)]
impl Target {
    /// Global id of the target (mã toàn cục).
    pub async fn id(&self) -> ID {
        GlobalId::Target(self.row.key).encode()
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

    /// Sum of the goals assigned to the unit's direct children for the same period and metric (đã
    /// giao cho cấp dưới).
    async fn distributed(&self, ctx: &Context<'_>) -> i32 {
        let key = self.row.key;
        RequestContext::of(ctx).dependencies.unit(&self.snapshot, key.unit);
        let structure = &self.snapshot.structure;
        let goals = structure
            .children(key.unit)
            .iter()
            .filter_map(|&child| structure.target(child, key.period, key.metric, Origin::Assigned));
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
