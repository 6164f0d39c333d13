use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result, SimpleObject};

use super::connection::{Page, PageArgs, PageInfo, encode};
use super::initiatives::{InitiativeConnection, InitiativeFilter, InitiativeOrder};
use super::{Period, Tally, Target};
use crate::board::Snapshot;
use crate::domain::{self, UnitId};
use crate::graphql::context::Viewing;
use crate::graphql::enums::{PeriodKind, Sector, TargetMetric, TargetOrigin, UnitKind};
use crate::graphql::error::Code;
use crate::graphql::id::GlobalId;
use crate::graphql::input::{PeriodRef, period_or_default};
use crate::graphql::messages::Message;
use crate::graphql::scalar::Date;

/// A unit of the union tree (tổ chức công đoàn).
#[derive(Clone)]
pub struct Unit {
    pub snapshot: Arc<Snapshot>,
    pub id: UnitId,
}

impl Unit {
    fn row(&self) -> &domain::Unit {
        self.snapshot.registry.unit(self.id)
    }

    fn sibling(&self, id: UnitId) -> Self {
        Self { snapshot: Arc::clone(&self.snapshot), id }
    }

    fn read(&self, ctx: &Context<'_>) {
        Viewing::of(ctx).reads.unit(&self.snapshot, self.id);
    }
}

#[Object]
impl Unit {
    /// Global id (mã toàn cục).
    pub async fn id(&self) -> ID {
        GlobalId::Unit(self.id).encode()
    }

    /// The code that people use, unique among units (mã đơn vị).
    async fn code(&self, ctx: &Context<'_>) -> &str {
        self.read(ctx);
        &self.row().code
    }

    /// As its own documents write it (tên đơn vị).
    async fn name(&self, ctx: &Context<'_>) -> &str {
        self.read(ctx);
        &self.row().name
    }

    /// What it is within the movement (loại tổ chức).
    async fn kind(&self, ctx: &Context<'_>) -> UnitKind {
        self.read(ctx);
        self.row().kind.into()
    }

    /// Emulation cluster among its siblings (cụm, khối thi đua).
    async fn cluster(&self, ctx: &Context<'_>) -> Option<&str> {
        self.read(ctx);
        self.row().cluster.as_deref()
    }

    /// The clusters in use among its children, in order of name (các cụm, khối thi đua).
    async fn clusters(&self, ctx: &Context<'_>) -> Vec<&str> {
        self.read(ctx);
        let registry = &self.snapshot.registry;
        let children = registry.children(self.id).iter();
        let mut clusters: Vec<&str> =
            children.filter_map(|&child| registry.unit(child).cluster.as_deref()).collect();
        clusters.sort_unstable();
        clusters.dedup();
        clusters
    }

    /// The side of working life it belongs to (khối).
    async fn sector(&self, ctx: &Context<'_>) -> Option<Sector> {
        self.read(ctx);
        self.row().sector.map(Into::into)
    }

    /// Whether its enterprise is foreign-invested (doanh nghiệp có vốn đầu tư nước ngoài).
    async fn foreign_invested(&self, ctx: &Context<'_>) -> bool {
        self.read(ctx);
        self.row().foreign_invested
    }

    /// Since when nothing enters it; null while it is open (ngày giải thể, ngừng hoạt động).
    async fn closed_on(&self, ctx: &Context<'_>) -> Option<Date> {
        self.read(ctx);
        self.row().closed_on.map(Date)
    }

    /// Head-count as stated, never summed (số đoàn viên, người lao động).
    async fn member_count(&self, ctx: &Context<'_>) -> Option<i32> {
        self.read(ctx);
        self.row().member_count
    }

    /// Steps below the root, whose depth is 0 (cấp).
    async fn depth(&self, ctx: &Context<'_>) -> usize {
        Viewing::of(ctx).reads.structure();
        self.snapshot.registry.climb(self.id).count() - 1
    }

    /// The unit above; null for the root (công đoàn cấp trên).
    async fn parent(&self, ctx: &Context<'_>) -> Option<Unit> {
        Viewing::of(ctx).reads.structure();
        self.row().parent.map(|parent| self.sibling(parent))
    }

    /// The units above, root first, parent last (các cấp trên).
    async fn ancestors(&self, ctx: &Context<'_>) -> Vec<Unit> {
        Viewing::of(ctx).reads.structure();
        let mut path = self.snapshot.registry.path(self.id);
        path.pop();
        path.into_iter().map(|id| self.sibling(id)).collect()
    }

    /// The units directly below, in order of code (công đoàn cấp dưới trực tiếp).
    async fn children(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Rows from the beginning: 20 by default, 500 at most.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end: 500 at most.")] last: Option<i32>,
        #[graphql(desc = "Rows before this cursor.")] before: Option<String>,
    ) -> Result<UnitConnection> {
        self.read(ctx);
        let registry = &self.snapshot.registry;
        let mut children: Vec<&domain::Unit> =
            registry.children(self.id).iter().map(|&id| &**registry.unit(id)).collect();
        children.sort_unstable_by(|a, b| a.code.cmp(&b.code));
        let args = PageArgs { first, after, last, before };
        let page = args.cut(CODE_CURSOR, &children, |unit| unit.code.as_str())?;
        Ok(UnitConnection::of(&self.snapshot, &page))
    }

    /// The periods that cover it: its own and those of the units above, in order of first day
    /// (các giai đoạn, chiến dịch áp dụng).
    async fn periods(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only of these kinds.")] kinds: Option<Vec<PeriodKind>>,
        #[graphql(desc = "Only those that hold this day.")] running_on: Option<Date>,
    ) -> Vec<Period> {
        Viewing::of(ctx).reads.structure();
        let mut periods: Vec<&Arc<domain::Period>> = self
            .snapshot
            .registry
            .periods_covering(self.id)
            .filter(|period| kinds.as_ref().is_none_or(|kinds| kinds.contains(&period.kind.into())))
            .filter(|period| running_on.is_none_or(|day| period.holds(day.0)))
            .collect();
        periods.sort_by(|a, b| {
            (a.starts_on, a.ends_on, &a.code).cmp(&(b.starts_on, b.ends_on, &b.code))
        });
        let handle = |period: &Arc<domain::Period>| Period {
            snapshot: Arc::clone(&self.snapshot),
            id: period.id,
        };
        periods.into_iter().map(handle).collect()
    }

    /// Its counts in a period, everything under it included (số liệu của đơn vị).
    async fn tally(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The running campaign, phase or programme by default.")] period: Option<
            PeriodRef,
        >,
    ) -> Result<Tally> {
        let Some(period) = period_or_default(ctx, &self.snapshot, period)? else {
            return Err(Code::RefNotFound.says(Message::NoPeriodYet));
        };
        Ok(Tally { snapshot: Arc::clone(&self.snapshot), unit: self.id, period })
    }

    /// One of its targets (chỉ tiêu).
    async fn target(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The running campaign, phase or programme by default.")] period: Option<
            PeriodRef,
        >,
        #[graphql(desc = "The period's own by default.")] metric: Option<TargetMetric>,
        #[graphql(default_with = "TargetOrigin::Assigned", desc = "Where it comes from.")]
        origin: TargetOrigin,
    ) -> Option<Result<Target>> {
        self.read(ctx);
        let period = match period_or_default(ctx, &self.snapshot, period) {
            Ok(period) => period?,
            Err(error) => return Some(Err(error)),
        };
        let registry = &self.snapshot.registry;
        let metric = metric.map_or(registry.period(period).metric, Into::into);
        let row = registry.target(self.id, period, metric, origin.into())?;
        Some(Ok(Target { snapshot: Arc::clone(&self.snapshot), row: Arc::clone(row) }))
    }

    /// Those of its subtree, as far as the caller sees them, newest first by default (các sáng
    /// kiến).
    #[expect(clippy::too_many_arguments, reason = "they are the field's arguments in the schema")]
    async fn initiatives(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<InitiativeFilter>,
        #[graphql(desc = "In which order; newest first by default.")] order_by: Option<
            InitiativeOrder,
        >,
        #[graphql(desc = "Rows from the beginning: 20 by default, 500 at most.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end: 500 at most.")] last: Option<i32>,
        #[graphql(desc = "Rows before this cursor.")] before: Option<String>,
    ) -> Result<InitiativeConnection> {
        let page = PageArgs { first, after, last, before };
        InitiativeConnection::new(ctx, &self.snapshot, self.id, filter, order_by, &page)
    }

    /// All its targets (các chỉ tiêu).
    async fn targets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only of this period.")] period: Option<PeriodRef>,
    ) -> Result<Vec<Target>> {
        self.read(ctx);
        let period = period
            .map(|period| period_or_default(ctx, &self.snapshot, Some(period)))
            .transpose()?
            .flatten();
        let rows = self.snapshot.registry.targets(self.id).iter();
        Ok(rows
            .filter(|target| period.is_none_or(|period| target.key.period == period))
            .map(|row| Target { snapshot: Arc::clone(&self.snapshot), row: Arc::clone(row) })
            .collect())
    }
}

const CODE_CURSOR: &str = "UnitCode";

/// A page of units (trang đơn vị).
#[derive(SimpleObject)]
pub struct UnitConnection {
    /// Rows with their cursors.
    edges: Vec<UnitEdge>,
    /// The rows alone.
    nodes: Vec<Unit>,
    /// Where the page stands.
    page_info: PageInfo,
    /// Rows of all pages together (tổng số).
    total_count: usize,
}

/// A row of a page of units.
#[derive(SimpleObject)]
pub struct UnitEdge {
    /// Position of the row; opaque.
    cursor: String,
    /// The unit.
    node: Unit,
}

impl UnitConnection {
    fn of(snapshot: &Arc<Snapshot>, page: &Page<&domain::Unit>) -> Self {
        let handle = |unit: &&domain::Unit| Unit { snapshot: Arc::clone(snapshot), id: unit.id };
        let edge = |unit: &&domain::Unit| UnitEdge {
            cursor: encode(CODE_CURSOR, &unit.code),
            node: handle(unit),
        };
        Self {
            edges: page.rows.iter().map(edge).collect(),
            nodes: page.rows.iter().map(handle).collect(),
            page_info: page.info.clone(),
            total_count: page.total,
        }
    }
}
