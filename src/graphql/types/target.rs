use std::sync::Arc;

use async_graphql::{Context, ID, Object};

use super::{Period, Unit};
use crate::board::Snapshot;
use crate::domain;
use crate::domain::target::TargetOrigin as Origin;
use crate::graphql::context::Viewing;
use crate::graphql::enums::{TargetMetric, TargetOrigin};
use crate::graphql::id::GlobalId;
use crate::graphql::scalar::DateTime;

/// A number to reach (chỉ tiêu).
#[derive(Clone)]
pub struct Target {
    pub snapshot: Arc<Snapshot>,
    pub row: Arc<domain::Target>,
}

#[Object]
impl Target {
    /// Global id (mã toàn cục).
    pub async fn id(&self) -> ID {
        GlobalId::Target(self.row.key).encode()
    }

    /// Who is to reach it (đơn vị).
    async fn unit(&self) -> Unit {
        Unit { snapshot: Arc::clone(&self.snapshot), id: self.row.key.unit }
    }

    /// In which period (giai đoạn).
    async fn period(&self) -> Period {
        Period { snapshot: Arc::clone(&self.snapshot), id: self.row.key.period }
    }

    /// What it counts (chỉ số).
    async fn metric(&self) -> TargetMetric {
        self.row.key.metric.into()
    }

    /// Where it comes from (nguồn).
    async fn origin(&self) -> TargetOrigin {
        self.row.key.origin.into()
    }

    /// The number to reach; of a share: its lower bound of memberCount, rounded up, when it was
    /// set (số lượng được giao).
    async fn goal(&self) -> i32 {
        self.row.goal
    }

    /// Where it was given as a share of members: its lower bound, per cent (tỷ lệ từ).
    async fn percent_from(&self) -> Option<f64> {
        self.row.percent_from
    }

    /// Where it was given as a share of members: its upper bound, per cent (tỷ lệ đến).
    async fn percent_to(&self) -> Option<f64> {
        self.row.percent_to
    }

    /// Sum of the goals assigned to the unit's direct children (đã giao cho cấp dưới).
    async fn distributed(&self, ctx: &Context<'_>) -> i32 {
        let key = self.row.key;
        Viewing::of(ctx).reads.unit(&self.snapshot, key.unit);
        let registry = &self.snapshot.registry;
        let goals = registry
            .children(key.unit)
            .iter()
            .filter_map(|&child| registry.target(child, key.period, key.metric, Origin::Assigned));
        goals.fold(0i32, |sum, target| sum.saturating_add(target.goal))
    }

    /// Number of the document that gave it, as written: "160/CĐCT-CSPL&QHLĐ" (số công văn).
    async fn document_number(&self) -> Option<&str> {
        self.row.document_number.as_deref()
    }

    /// When it was set (thời điểm giao).
    async fn set_at(&self) -> DateTime {
        DateTime(self.row.set_at)
    }
}
