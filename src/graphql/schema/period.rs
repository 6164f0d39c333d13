use std::collections::BTreeSet;
use std::sync::Arc;

use async_graphql::{Context, Description, ID, Object, Result, SimpleObject};

use super::connection::{ListName, Page, PageInfo, Rows};
use super::{Assessment, Closing, Unit};
use crate::board::Snapshot;
use crate::domain::{self, Day, PeriodId, UnitId};
use crate::graphql::context::RequestContext;
use crate::graphql::context::ready::{Ready, ReadyList};
use crate::graphql::schema::enums::{PeriodKind, TargetMetric};
use crate::graphql::schema::ids::GlobalId;
use crate::graphql::schema::scalars::Date;

/// A stretch of days in which the initiatives of its owner's subtree count: the programme, a phase,
/// a campaign, a unit's own peak week (đợt thi đua).
#[derive(Description, Clone)]
pub struct Period {
    pub snapshot: Arc<Snapshot>,
    pub id: PeriodId,
}

impl Period {
    fn row(&self) -> &domain::Period {
        self.snapshot.structure.period(self.id)
    }

    fn read(&self, ctx: &Context<'_>) -> &domain::Period {
        RequestContext::of(ctx).dependencies.structure();
        self.row()
    }
}

#[Object(use_type_description)]
impl Period {
    /// Global id of the period (mã toàn cục).
    pub async fn id(&self) -> ID {
        GlobalId::Period(self.id).encode()
    }

    /// The code that people use, unique among periods (mã đợt thi đua).
    async fn code(&self, ctx: &Context<'_>) -> &str {
        &self.read(ctx).code
    }

    /// The period's name, at most 300 characters (tên đợt thi đua).
    async fn name(&self, ctx: &Context<'_>) -> &str {
        &self.read(ctx).name
    }

    /// The kind of the period (loại đợt thi đua).
    async fn kind(&self, ctx: &Context<'_>) -> PeriodKind {
        self.read(ctx).kind.into()
    }

    /// The first day of the period (ngày bắt đầu).
    async fn starts_on(&self, ctx: &Context<'_>) -> Date {
        Date(self.read(ctx).starts_on)
    }

    /// The last day of the period, which belongs to it whole (ngày kết thúc).
    async fn ends_on(&self, ctx: &Context<'_>) -> Date {
        Date(self.read(ctx).ends_on)
    }

    /// The unit that called the period, which covers this unit and all below it (đơn vị phát động).
    async fn owner(&self, ctx: &Context<'_>) -> Ready<Unit> {
        Ready(Unit { snapshot: Arc::clone(&self.snapshot), id: self.read(ctx).owner })
    }

    /// The period that this one is part of; null if there is none (đợt thi đua cấp trên).
    async fn parent(&self, ctx: &Context<'_>) -> Option<Ready<Period>> {
        let parent = self.read(ctx).parent?;
        Some(Ready(Self { snapshot: Arc::clone(&self.snapshot), id: parent }))
    }

    /// The count that the period's targets, its ratios and PER_1000_MEMBERS are about (chỉ số).
    async fn metric(&self, ctx: &Context<'_>) -> TargetMetric {
        self.read(ctx).metric.into()
    }

    /// The first day of being put to use that makes an initiative eligible for the programme; it
    /// bounds `appliedOn`, not the day of entry. Null if there is no bound (áp dụng từ ngày).
    async fn applied_from(&self, ctx: &Context<'_>) -> Option<Date> {
        self.read(ctx).applied_from.map(Date)
    }

    /// The last day of being put to use that makes an initiative eligible for the programme. Null
    /// if there is no bound (áp dụng đến ngày).
    async fn applied_until(&self, ctx: &Context<'_>) -> Option<Date> {
        self.read(ctx).applied_until.map(Date)
    }

    /// The period's figures that were kept, oldest first; the last one counts (các lần chốt số
    /// liệu). It costs about 1 for each 3 closings, and what is selected of them.
    async fn closings(&self, ctx: &Context<'_>) -> ReadyList<Closing> {
        Closing::all(ctx, &self.snapshot, self.id)
    }

    /// The confirmed assessments of the period, oldest first (các kết quả xét đã xác nhận). They cost
    /// about 1 for each 3 of them, and what is selected of them.
    async fn assessments(&self, ctx: &Context<'_>) -> ReadyList<Assessment> {
        Assessment::confirmed(ctx, &self.snapshot, self.id)
    }
}

/// Periods in order of first day, last day and code.
pub struct PeriodRows {
    snapshot: Arc<Snapshot>,
    rows: Arc<Vec<PeriodId>>,
    name: ListName,
}

/// The key of a period in its list.
type PeriodKey = (Day, Day, String);

impl PeriodRows {
    /// The periods that cover the unit (its own and those of the units above), or all; only those
    /// of these kinds, if any are named, and only those that include the day.
    pub fn of(
        snapshot: &Arc<Snapshot>,
        covering: Option<UnitId>,
        kinds: Option<&[PeriodKind]>,
        running_on: Option<Date>,
    ) -> Self {
        let structure = &snapshot.structure;
        let kinds: Option<BTreeSet<domain::period::PeriodKind>> =
            kinds.map(|kinds| kinds.iter().map(|&kind| kind.into()).collect());
        let running_on = running_on.map(|day| day.0);
        let name = ListName::new("periods", &(covering, &kinds, running_on));
        let all = structure.periods_in_order();
        let rows = if covering.is_none() && kinds.is_none() && running_on.is_none() {
            Arc::clone(all)
        } else {
            let mut rows: Vec<PeriodId> = match (covering, running_on) {
                (Some(unit), Some(day)) => structure.periods_on(unit, day),
                (Some(unit), None) => {
                    structure.periods_covering(unit).map(|period| period.id).collect()
                }
                (None, _) => all.to_vec(),
            };
            rows.retain(|&id| {
                let period = structure.period(id);
                kinds.as_ref().is_none_or(|kinds| kinds.contains(&period.kind))
                    && running_on.is_none_or(|day| period.holds(day))
            });
            if covering.is_some() {
                rows.sort_unstable_by_key(|&id| Self::key(structure.period(id)));
            }
            Arc::new(rows)
        };
        Self { snapshot: Arc::clone(snapshot), rows, name }
    }

    fn key(period: &domain::Period) -> (Day, Day, &str) {
        (period.starts_on, period.ends_on, &period.code)
    }

    fn row(&self, id: PeriodId) -> &domain::Period {
        self.snapshot.structure.period(id)
    }

    fn period(&self, place: usize) -> Period {
        Period { snapshot: Arc::clone(&self.snapshot), id: self.rows[place] }
    }

    /// All of them.
    pub fn periods(&self) -> ReadyList<Period> {
        (0..self.rows.len()).map(|place| self.period(place)).collect()
    }
}

impl Rows for PeriodRows {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn cursor(&self, place: usize) -> String {
        self.name.encode(Self::key(self.row(self.rows[place])))
    }

    fn places(&self, cursor: &str) -> Result<(usize, usize)> {
        let (starts_on, ends_on, code): PeriodKey = self.name.decode(cursor)?;
        let sought = (starts_on, ends_on, code.as_str());
        let before = self.rows.partition_point(|&id| Self::key(self.row(id)) < sought);
        let up_to = self.rows.partition_point(|&id| Self::key(self.row(id)) <= sought);
        Ok((before, up_to))
    }
}

/// A page of periods, by the Relay specification of connections (trang đợt thi đua).
#[derive(Description)]
pub struct PeriodConnection {
    pub page: Page<PeriodRows>,
}

#[Object(use_type_description)]
impl PeriodConnection {
    /// The page's rows with their cursors (các dòng).
    async fn edges(&self) -> ReadyList<PeriodEdge> {
        let rows = &self.page.list;
        let edge =
            |place| PeriodEdge { cursor: rows.cursor(place), node: Ready(rows.period(place)) };
        self.page.places.clone().map(edge).collect()
    }

    /// The page's periods without cursors (các đợt thi đua).
    async fn nodes(&self) -> ReadyList<Period> {
        self.page.places.clone().map(|place| self.page.list.period(place)).collect()
    }

    /// The page's place in the list (thông tin trang).
    async fn page_info(&self) -> Ready<PageInfo> {
        Ready(self.page.info())
    }

    /// Number of periods in all pages together (tổng số).
    async fn total_count(&self) -> usize {
        self.page.list.len()
    }
}

/// A row of a page of periods (dòng).
#[derive(SimpleObject)]
pub struct PeriodEdge {
    /// The row's position in its list, opaque; `after` and `before` of the same list take it (vị
    /// trí).
    cursor: String,
    /// The period of the row (đợt thi đua).
    node: Ready<Period>,
}
