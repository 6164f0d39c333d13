//! Pages of initiatives.

use std::sync::{Arc, OnceLock};

use async_graphql::{Context, Description, Enum, Error, InputObject, Object, Result, SimpleObject};
use tokio::task::yield_now;

use super::Initiative;
use super::connection::{ListName, PageArgs, PageInfo};
use crate::board::{Snapshot, Structure};
use crate::domain::text::fold;
use crate::domain::{self, InitiativeId, PeriodId, UnitId, Version};
use crate::error::Code;
use crate::graphql::context::RequestContext;
use crate::graphql::context::loaders::{CountKey, PageKey};
use crate::graphql::context::mark::changed_after;
use crate::graphql::context::ready::{Ready, ReadyList};
use crate::graphql::schema::enums::{InitiativeKind, InitiativeStatus, OrderDirection};
use crate::graphql::schema::inputs::{
    PeriodRef, UnitRef, existing_period, existing_unit, name_or_nothing,
};
use crate::graphql::schema::scalars::{Date, Long};
use crate::initiative_lists::{CountRequest, Page, PageRequest};
use crate::limits::SEARCH_TEXT_MAX;
use crate::messages::ErrorMessage;
use crate::store::{Filter, NO_BENEFIT, Order, Position};

/// Conditions that a listed initiative meets, all of them together; a condition left out lets all
/// pass. The caller finds only initiatives that it may see, and a confidential one not by a `field`
/// that it may not see (bộ lọc sáng kiến).
#[derive(InputObject, Default)]
pub struct InitiativeFilter {
    /// The unit whose subtree the initiative counts in. REF_NOT_FOUND if it names nothing (trong
    /// phạm vi đơn vị).
    within: Option<UnitRef>,
    /// The period that the initiative counts in. REF_NOT_FOUND if it names nothing (trong đợt thi
    /// đua).
    period: Option<PeriodRef>,
    /// The statuses that the initiative may have; an empty list finds nothing (trạng thái).
    statuses: Option<Vec<InitiativeStatus>>,
    /// The kinds that the initiative may be of; an empty list finds nothing (loại giải pháp).
    kinds: Option<Vec<InitiativeKind>>,
    /// The exact field of work of the initiative (lĩnh vực).
    field: Option<String>,
    /// True finds examples alone, false all others (tiêu biểu).
    featured: Option<bool>,
    /// Words, each of which begins a word of the title, whatever the case and the marks: "dien
    /// nang" finds "Điện năng". At most 200 characters, with a letter or a digit; else BAD_ARGUMENT
    /// (từ trong tên).
    text: Option<String>,
    /// The first day on which the initiative may have been submitted (đăng ký từ ngày).
    submitted_from: Option<Date>,
    /// The last day on which the initiative may have been submitted (đăng ký đến ngày).
    submitted_until: Option<Date>,
    /// A version, 0 or more, after which the initiative changed. A version ahead of the log is
    /// answered with CURSOR_EXPIRED (thay đổi sau phiên bản).
    changed_after: Option<Long>,
    /// A mark from `extensions.mark`, after which the initiative changed. A mark of another log, as
    /// after a restored backup, is answered with CURSOR_EXPIRED and the present mark in
    /// `extensions`: copy everything anew. BAD_CURSOR if the text is no mark (thay đổi kể từ mốc).
    changed_since: Option<String>,
    /// True finds initiatives that were entered with the caller's token alone; false lets all pass
    /// (do mã truy cập này đăng ký).
    mine: Option<bool>,
}

/// The order of a list of initiatives; equals follow the order of entry (thứ tự sáng kiến).
#[derive(InputObject)]
pub struct InitiativeOrder {
    /// The property that the list is ordered by (tiêu chí sắp xếp).
    field: InitiativeOrderField,
    /// The end of the order that comes first; the greatest by default (chiều sắp xếp).
    #[graphql(default_with = "OrderDirection::Descending")]
    direction: OrderDirection,
}

/// A property that orders initiatives (tiêu chí sắp xếp).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum InitiativeOrderField {
    /// The moment of submission (thời điểm đăng ký).
    SubmittedAt,
    /// The moment of the last change (thời điểm cập nhật).
    UpdatedAt,
    /// The yearly benefit; one that is not stated, or that the caller may not see, is the least
    /// (giá trị làm lợi).
    Benefit,
}

/// A page of initiatives, by the Relay specification of connections (trang sáng kiến).
#[derive(Description)]
pub struct InitiativeConnection {
    snapshot: Arc<Snapshot>,
    /// The unit whose subtree the list is of; `None` when nothing can be in it.
    top: Option<UnitId>,
    name: ListName,
    request: Arc<PageRequest>,
    count: Arc<CountRequest>,
    /// The page as the board gives it, once it was asked; `None` if tables give it.
    of_board: OnceLock<Option<Page>>,
}

/// A row of a page of initiatives (dòng).
#[derive(SimpleObject)]
pub struct InitiativeEdge {
    /// The row's position in its list, opaque; `after` and `before` of the same list take it (vị
    /// trí).
    cursor: String,
    /// The initiative of the row (sáng kiến).
    node: Ready<Initiative>,
}

impl InitiativeConnection {
    /// The list of a unit's subtree.
    ///
    /// # Errors
    /// BAD_ARGUMENT, BAD_CURSOR, CURSOR_EXPIRED, REF_NOT_FOUND.
    pub async fn new(
        ctx: &Context<'_>,
        snapshot: &Arc<Snapshot>,
        top: UnitId,
        filter: Option<InitiativeFilter>,
        order: Option<InitiativeOrder>,
        page: &PageArgs,
    ) -> Result<Self> {
        let filter = filter.unwrap_or_default();
        let context = RequestContext::of(ctx);
        let (order, descending) = order.map_or((Order::SubmittedAt, true), |order| {
            (order.field.into(), order.direction == OrderDirection::Descending)
        });
        let (from_end, limit) = (page.last.is_some(), page.limit()?);
        let within = filter.within.clone().map(|unit| existing_unit(snapshot, &unit.into()));
        let period = filter.period.clone().map(|period| existing_period(snapshot, &period.into()));
        let (within, period) = (within.transpose()?, period.transpose()?);
        let is_plain = filter.is_plain();
        let since = filter.changed_since.as_deref();
        let changed_after =
            changed_after(context, snapshot, filter.changed_after.map(|it| it.0), since).await?;
        let filter = filter.resolve(context, snapshot, period, changed_after)?;
        let name = ListName::new("initiatives", &(top, within, &filter, order, descending));
        let cursor = |cursor: &Option<String>| {
            let place = cursor.as_deref().map(|cursor| name.decode(cursor)).transpose()?;
            Ok::<_, Error>(place.map(|(value, id): (i64, i64)| {
                // No benefit stands below those not stated, whatever a cursor that was made up says.
                let value = if order == Order::Benefit { value.max(NO_BENEFIT) } else { value };
                Position { value, id: InitiativeId(id) }
            }))
        };
        let (after, before) = (cursor(&page.after)?, cursor(&page.before)?);
        let structure = &snapshot.structure;
        let mut below = Some(top);
        for other in within.into_iter().chain(period.map(|id| structure.period(id).owner)) {
            below = below.and_then(|unit| lower(structure, unit, other));
        }
        context.dependencies.unit(snapshot, below.unwrap_or(top));
        if within.is_some() || period.is_some() {
            context.dependencies.structure();
        }
        Ok(Self {
            snapshot: Arc::clone(snapshot),
            top: below,
            name,
            count: Arc::new(CountRequest { filter: filter.clone(), period, is_plain }),
            request: Arc::new(PageRequest {
                filter,
                order,
                descending,
                from_end,
                limit,
                after,
                before,
            }),
            of_board: OnceLock::new(),
        })
    }

    async fn page(&self, ctx: &Context<'_>) -> Result<Page> {
        let Some(top) = self.top else { return Ok(Page::default()) };
        let of_board = match self.of_board.get() {
            Some(page) => page,
            None => {
                let context = RequestContext::of(ctx);
                let page = context.page_of_board(&self.snapshot, top, &self.request)?;
                let page = self.of_board.get_or_init(|| page);
                // The lists beside it are looked for first, so that the rows of all come by the same statement.
                yield_now().await;
                page
            }
        };
        if let Some(page) = of_board {
            return Ok(page.clone());
        }
        let key = PageKey { top, request: Arc::clone(&self.request) };
        Ok(RequestContext::of(ctx).loaders.load_one(key).await?.unwrap_or_default())
    }

    async fn rows(&self, ctx: &Context<'_>) -> Result<Vec<InitiativeEdge>> {
        let page = self.page(ctx).await?;
        let ids = page.rows.iter().map(|position| position.id);
        let rows = RequestContext::of(ctx).loaders.load_many(ids).await?;
        let edge = |position: &Position| {
            let row = Arc::clone(rows.get(&position.id)?);
            let node = Initiative::seen(ctx, &self.snapshot, row)?;
            Some(InitiativeEdge { cursor: self.cursor(*position), node: Ready(node) })
        };
        Ok(page.rows.iter().filter_map(edge).collect())
    }

    fn cursor(&self, position: Position) -> String {
        self.name.encode((position.value, position.id.0))
    }
}

#[Object(use_type_description)]
impl InitiativeConnection {
    /// The page's rows with their cursors (các dòng).
    async fn edges(&self, ctx: &Context<'_>) -> Result<ReadyList<InitiativeEdge>> {
        self.rows(ctx).await.map(ReadyList)
    }

    /// The page's initiatives without cursors (các sáng kiến).
    async fn nodes(&self, ctx: &Context<'_>) -> Result<ReadyList<Initiative>> {
        Ok(self.rows(ctx).await?.into_iter().map(|edge| edge.node.0).collect())
    }

    /// The page's place in the list (thông tin trang).
    async fn page_info(&self, ctx: &Context<'_>) -> Result<Ready<PageInfo>> {
        let page = self.page(ctx).await?;
        let request = &self.request;
        let (has_next_page, has_previous_page) = if request.from_end {
            (request.before.is_some(), page.more || request.after.is_some())
        } else {
            (page.more || request.before.is_some(), request.after.is_some())
        };
        Ok(Ready(PageInfo {
            has_next_page,
            has_previous_page,
            start_cursor: page.rows.first().map(|position| self.cursor(*position)),
            end_cursor: page.rows.last().map(|position| self.cursor(*position)),
        }))
    }

    /// Number of initiatives in all pages together that the caller may see (tổng số).
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i64> {
        let Some(top) = self.top else { return Ok(0) };
        let key = CountKey { top, request: Arc::clone(&self.count) };
        RequestContext::of(ctx).count(&self.snapshot, key).await
    }
}

impl InitiativeFilter {
    /// Whether it asks for nothing beyond what the fold counts.
    const fn is_plain(&self) -> bool {
        self.kinds.is_none()
            && self.field.is_none()
            && self.featured.is_none()
            && self.text.is_none()
            && self.submitted_from.is_none()
            && self.submitted_until.is_none()
            && self.changed_after.is_none()
            && self.changed_since.is_none()
            && !matches!(self.mine, Some(true))
    }

    fn resolve(
        self,
        context: &RequestContext,
        snapshot: &Snapshot,
        period: Option<PeriodId>,
        changed_after: Option<Version>,
    ) -> Result<Filter> {
        let mut statuses: Vec<domain::InitiativeStatus> = match self.statuses {
            Some(statuses) => statuses.into_iter().map(Into::into).collect(),
            None => domain::InitiativeStatus::ALL.to_vec(),
        };
        statuses.sort_unstable();
        statuses.dedup();
        let mut entered_by = None;
        if self.mine == Some(true) {
            entered_by = context.caller().token.clone();
            if entered_by.is_none() {
                statuses.clear();
            }
        }
        let period = period.map(|id| snapshot.structure.period(id));
        let from = self.submitted_from.map(|day| day.0);
        let from = from.into_iter().chain(period.map(|period| period.starts_on)).max();
        let until = self.submitted_until.map(|day| day.0);
        let until = until.into_iter().chain(period.map(|period| period.ends_on)).min();
        Ok(Filter {
            statuses,
            kinds: self.kinds.map(|kinds| {
                let mut kinds: Vec<domain::initiative::InitiativeKind> =
                    kinds.into_iter().map(Into::into).collect();
                kinds.sort_unstable();
                kinds.dedup();
                kinds
            }),
            field: self.field.as_deref().map(name_or_nothing),
            featured: self.featured,
            words: self.text.map(|text| words(&text)).transpose()?.unwrap_or_default(),
            from: from.map(domain::Day::start),
            until: until.map(|day| day.plus(1).start()),
            changed_after,
            entered_by,
        })
    }
}

fn words(text: &str) -> Result<Vec<String>> {
    if text.chars().count() > SEARCH_TEXT_MAX {
        return Err(Code::BadArgument.says(ErrorMessage::TooLongText { max: SEARCH_TEXT_MAX }));
    }
    let mut words: Vec<String> = fold(text).split_whitespace().map(str::to_owned).collect();
    words.sort_unstable();
    words.dedup();
    if words.is_empty() {
        return Err(Code::BadArgument.says(ErrorMessage::EmptyText));
    }
    Ok(words)
}

/// The one of two units that lies below the other; `None` when neither does.
fn lower(structure: &Structure, one: UnitId, other: UnitId) -> Option<UnitId> {
    if structure.is_within(one, other) {
        Some(one)
    } else {
        structure.is_within(other, one).then_some(other)
    }
}

impl From<InitiativeOrderField> for Order {
    fn from(field: InitiativeOrderField) -> Self {
        match field {
            InitiativeOrderField::SubmittedAt => Self::SubmittedAt,
            InitiativeOrderField::UpdatedAt => Self::UpdatedAt,
            InitiativeOrderField::Benefit => Self::Benefit,
        }
    }
}
