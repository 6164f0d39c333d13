use std::collections::BTreeSet;
use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result, SimpleObject};

use super::Unit;
use super::connection::{ListName, Page, PageInfo, Rows};
use crate::board::Snapshot;
use crate::domain::{self, Day, PeriodId, UnitId};
use crate::graphql::at_once::AllAtOnce;
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

/// Periods in order of first day, last day and code.
pub struct PeriodRows {
    snapshot: Arc<Snapshot>,
    rows: Vec<Arc<domain::Period>>,
    name: ListName,
}

/// What a period stands in its list by.
type PeriodKey = (Day, Day, String);

impl PeriodRows {
    /// Those that cover the unit (its own and those of the units above), or all; of these kinds,
    /// where any are named; that hold the day.
    pub fn of(
        snapshot: &Arc<Snapshot>,
        covering: Option<UnitId>,
        kinds: Option<&[PeriodKind]>,
        running_on: Option<Date>,
    ) -> Self {
        let registry = &snapshot.registry;
        let mut rows: Vec<Arc<domain::Period>> = match covering {
            Some(unit) => registry.periods_covering(unit).cloned().collect(),
            None => registry.periods().cloned().collect(),
        };
        let kinds: Option<BTreeSet<domain::period::PeriodKind>> =
            kinds.map(|kinds| kinds.iter().map(|&kind| kind.into()).collect());
        let running_on = running_on.map(|day| day.0);
        rows.retain(|period| {
            kinds.as_ref().is_none_or(|kinds| kinds.contains(&period.kind))
                && running_on.is_none_or(|day| period.holds(day))
        });
        rows.sort_unstable_by_key(|period| Self::key(period));
        let name = ListName::new("periods", &(covering, kinds, running_on));
        Self { snapshot: Arc::clone(snapshot), rows, name }
    }

    fn key(period: &domain::Period) -> PeriodKey {
        (period.starts_on, period.ends_on, period.code.clone())
    }

    fn period(&self, place: usize) -> Period {
        Period { snapshot: Arc::clone(&self.snapshot), id: self.rows[place].id }
    }

    /// All of them.
    pub fn periods(&self) -> AllAtOnce<Period> {
        (0..self.rows.len()).map(|place| self.period(place)).collect()
    }
}

impl Rows for PeriodRows {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn cursor(&self, place: usize) -> String {
        self.name.encode(Self::key(&self.rows[place]))
    }

    fn places(&self, cursor: &str) -> Result<(usize, usize)> {
        let sought: PeriodKey = self.name.decode(cursor)?;
        let before = self.rows.partition_point(|period| Self::key(period) < sought);
        let up_to = self.rows.partition_point(|period| Self::key(period) <= sought);
        Ok((before, up_to))
    }
}

/// A page of periods (trang giai đoạn).
pub struct PeriodConnection {
    pub page: Page<PeriodRows>,
}

#[Object]
impl PeriodConnection {
    /// Rows with their cursors (các dòng).
    async fn edges(&self) -> AllAtOnce<PeriodEdge> {
        let rows = &self.page.list;
        let edge = |place| PeriodEdge { cursor: rows.cursor(place), node: rows.period(place) };
        self.page.places.clone().map(edge).collect()
    }

    /// The rows alone (các giai đoạn).
    async fn nodes(&self) -> AllAtOnce<Period> {
        self.page.places.clone().map(|place| self.page.list.period(place)).collect()
    }

    /// Where the page stands (thông tin trang).
    async fn page_info(&self) -> PageInfo {
        self.page.info()
    }

    /// Rows of all pages together (tổng số).
    async fn total_count(&self) -> usize {
        self.page.list.len()
    }
}

/// A row of a page of periods (dòng).
#[derive(SimpleObject)]
pub struct PeriodEdge {
    /// Position of the row; opaque (vị trí).
    cursor: String,
    /// The period (giai đoạn).
    node: Period,
}
