use std::sync::Arc;

use async_graphql::{Context, ID, Object};

use super::Unit;
use crate::board::Snapshot;
use crate::domain::{self, PeriodId};
use crate::graphql::context::Viewing;
use crate::graphql::enums::{PeriodKind, TargetMetric};
use crate::graphql::id::GlobalId;
use crate::graphql::scalar::Date;

/// A stretch of days in which initiatives count: the programme, its phases, the 40-day campaign,
/// a unit's own campaign window or peak week (chương trình, giai đoạn, chiến dịch, tuần cao điểm).
/// It covers its owner's subtree.
#[derive(Clone)]
pub struct Period {
    pub snapshot: Arc<Snapshot>,
    pub id: PeriodId,
}

impl Period {
    fn row(&self) -> &domain::Period {
        self.snapshot.registry.period(self.id)
    }

    fn read(&self, ctx: &Context<'_>) -> &domain::Period {
        Viewing::of(ctx).reads.structure();
        self.row()
    }
}

#[Object]
impl Period {
    /// Global id (mã toàn cục).
    pub async fn id(&self) -> ID {
        GlobalId::Period(self.id).encode()
    }

    /// The code that people use, unique among periods (mã giai đoạn).
    async fn code(&self, ctx: &Context<'_>) -> &str {
        &self.read(ctx).code
    }

    /// What it is called (tên giai đoạn, chiến dịch).
    async fn name(&self, ctx: &Context<'_>) -> &str {
        &self.read(ctx).name
    }

    /// What it is (loại).
    async fn kind(&self, ctx: &Context<'_>) -> PeriodKind {
        self.read(ctx).kind.into()
    }

    /// The first day (ngày bắt đầu).
    async fn starts_on(&self, ctx: &Context<'_>) -> Date {
        Date(self.read(ctx).starts_on)
    }

    /// The last day, whole (ngày kết thúc).
    async fn ends_on(&self, ctx: &Context<'_>) -> Date {
        Date(self.read(ctx).ends_on)
    }

    /// The unit that called it; it covers all below (đơn vị phát động).
    async fn owner(&self, ctx: &Context<'_>) -> Unit {
        Unit { snapshot: Arc::clone(&self.snapshot), id: self.read(ctx).owner }
    }

    /// The period that it is part of (giai đoạn cấp trên).
    async fn parent(&self, ctx: &Context<'_>) -> Option<Period> {
        let parent = self.read(ctx).parent?;
        Some(Self { snapshot: Arc::clone(&self.snapshot), id: parent })
    }

    /// What its targets, its ratios and PER_1000_MEMBERS count (chỉ số tính).
    async fn metric(&self, ctx: &Context<'_>) -> TargetMetric {
        self.read(ctx).metric.into()
    }

    /// Of a programme: the first day of being put to use that makes an initiative eligible; not
    /// the same as the days of entry. Null: no bound (áp dụng từ ngày).
    async fn applied_from(&self, ctx: &Context<'_>) -> Option<Date> {
        self.read(ctx).applied_from.map(Date)
    }

    /// Of a programme: the last such day. Null: no bound (áp dụng đến ngày).
    async fn applied_until(&self, ctx: &Context<'_>) -> Option<Date> {
        self.read(ctx).applied_until.map(Date)
    }
}
