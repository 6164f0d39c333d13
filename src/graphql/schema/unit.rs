use std::sync::Arc;

use async_graphql::{Context, Description, ID, Object, Result, SimpleObject};

use super::breakdown::{BreakdownRow, breakdown};
use super::briefing::{Briefing, BriefingKey};
use super::connection::{ListName, Page, PageArgs, PageInfo, Rows};
use super::initiatives::{InitiativeConnection, InitiativeFilter, InitiativeOrder};
use super::past_day::{PastDay, check_as_of};
use super::period::PeriodRows;
use super::standing::{Standing, StandingArgs};
use super::tally::DailyTally;
use super::{Period, Rule, Tally, Target};
use crate::board::names::sort_key;
use crate::board::{self, Direction, OrderBy, Snapshot, UnitList, UnitListKey, UnitScope};
use crate::domain::target::Part;
use crate::domain::text::normalise;
use crate::domain::{self, Day, PeriodId, UnitId, Version};
use crate::error::Code;
use crate::graphql::context::ready::{Ready, ReadyList};
use crate::graphql::context::{RequestContext, units_below, units_of};
use crate::graphql::schema::enums::{
    AuthorGroup, BreakdownBy, PeriodKind, RankBy, Sector, TargetMetric, TargetOrigin, UnitKind,
};
use crate::graphql::schema::ids::GlobalId;
use crate::graphql::schema::inputs::{
    PeriodRef, UnitFilter, UnitOrder, UnitRef, existing_period, period_if_needed, period_or_default,
};
use crate::graphql::schema::scalars::Date;
use crate::limits::PAGE_DEFAULT_OF_BRIEFING;
use crate::messages::ErrorMessage;

/// An organisation of the union's tree: a federation, an industry union, a grassroots union, a
/// section (đơn vị).
#[derive(Description, Clone)]
pub struct Unit {
    pub snapshot: Arc<Snapshot>,
    pub id: UnitId,
}

impl Unit {
    fn row(&self) -> &domain::Unit {
        self.snapshot.structure.unit(self.id)
    }

    fn sibling(&self, id: UnitId) -> Self {
        Self { snapshot: Arc::clone(&self.snapshot), id }
    }

    fn read(&self, ctx: &Context<'_>) {
        RequestContext::of(ctx).dependencies.unit(&self.snapshot, self.id);
    }
}

#[Object(use_type_description)]
impl Unit {
    /// Global id of the unit (mã toàn cục).
    pub async fn id(&self) -> ID {
        GlobalId::Unit(self.id).encode()
    }

    /// The code that people use, unique among units (mã đơn vị).
    async fn code(&self, ctx: &Context<'_>) -> &str {
        self.read(ctx);
        &self.row().code
    }

    /// The unit's name as its own documents write it (tên đơn vị).
    async fn name(&self, ctx: &Context<'_>) -> &str {
        self.read(ctx);
        &self.row().name
    }

    /// The unit's kind of organisation (loại đơn vị).
    async fn kind(&self, ctx: &Context<'_>) -> UnitKind {
        self.read(ctx);
        self.row().kind.into()
    }

    /// The emulation cluster that the unit belongs to among its siblings; null if it has none (cụm,
    /// khối thi đua).
    async fn cluster(&self, ctx: &Context<'_>) -> Option<&str> {
        self.read(ctx);
        self.row().cluster.as_deref()
    }

    /// The emulation clusters in use among the unit's children, in the order of names (các cụm,
    /// khối thi đua). It costs about 3 for each 4 units directly below.
    async fn clusters(&self, ctx: &Context<'_>) -> Vec<&str> {
        self.read(ctx);
        let structure = &self.snapshot.structure;
        let children = structure.children(self.id).iter();
        let mut clusters: Vec<&str> =
            children.filter_map(|&child| structure.unit(child).cluster.as_deref()).collect();
        clusters.sort_unstable();
        clusters.dedup();
        clusters
    }

    /// The side of working life that the unit belongs to; null if it was not stated (khu vực).
    async fn sector(&self, ctx: &Context<'_>) -> Option<Sector> {
        self.read(ctx);
        self.row().sector.map(Into::into)
    }

    /// True if the unit is of a foreign-invested enterprise (doanh nghiệp có vốn đầu tư nước
    /// ngoài).
    async fn foreign_invested(&self, ctx: &Context<'_>) -> bool {
        self.read(ctx);
        self.row().foreign_invested
    }

    /// The first day on which the unit is closed; null while it is open (ngày ngừng hoạt động).
    async fn closed_on(&self, ctx: &Context<'_>) -> Option<Date> {
        self.read(ctx);
        self.row().closed_on.map(Date)
    }

    /// Number of the unit's members and workers as it was stated, never summed; null if it was not
    /// stated (số đoàn viên, người lao động).
    async fn member_count(&self, ctx: &Context<'_>) -> Option<i32> {
        self.read(ctx);
        self.row().member_count
    }

    /// Number of steps from the root, whose depth is 0 (cấp).
    async fn depth(&self, ctx: &Context<'_>) -> usize {
        RequestContext::of(ctx).dependencies.structure();
        self.snapshot.structure.climb(self.id).count() - 1
    }

    /// The unit above; null for the root (cấp trên).
    async fn parent(&self, ctx: &Context<'_>) -> Option<Ready<Unit>> {
        RequestContext::of(ctx).dependencies.structure();
        self.row().parent.map(|parent| Ready(self.sibling(parent)))
    }

    /// All units above, the root first, the parent last (các cấp trên). It costs about 1 for each 3
    /// units above, and what is selected of them.
    async fn ancestors(&self, ctx: &Context<'_>) -> ReadyList<Unit> {
        RequestContext::of(ctx).dependencies.structure();
        let mut path = self.snapshot.structure.path(self.id);
        path.pop();
        path.into_iter().map(|id| self.sibling(id)).collect()
    }

    /// A page of the units directly below, in the order of names by default (cấp dưới trực tiếp).
    /// It costs about 1 for each of them, and what is selected of the rows of the page.
    #[expect(clippy::too_many_arguments, reason = "they are the field's arguments in the schema")]
    async fn children(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The conditions that a listed unit meets; all units by default (bộ lọc đơn \
                    vị)."
        )]
        filter: Option<UnitFilter>,
        #[graphql(
            desc = "The period of the counts that filter or order the list; the root's running \
                    campaign, phase or programme by default (đợt thi đua)."
        )]
        period: Option<PeriodRef>,
        #[graphql(desc = "The order of the list; by name by default (thứ tự đơn vị).")]
        order_by: Option<UnitOrder>,
        #[graphql(
            desc = "Number of rows from the beginning, 0 to 500: 20 by default. BAD_ARGUMENT \
                    if it is out of range, or with `last` (số dòng đầu)."
        )]
        first: Option<i32>,
        #[graphql(
            desc = "The cursor of a row that the page begins after; BAD_CURSOR if it is not of \
                    this list (sau vị trí)."
        )]
        after: Option<String>,
        #[graphql(
            desc = "Number of rows from the end, 0 to 500. BAD_ARGUMENT if it is out of range, \
                    or with `first` (số dòng cuối)."
        )]
        last: Option<i32>,
        #[graphql(
            desc = "The cursor of a row that the page ends before; BAD_CURSOR if it is not of \
                    this list (trước vị trí)."
        )]
        before: Option<String>,
    ) -> Result<Ready<UnitConnection>> {
        self.read(ctx);
        let args = PageArgs { first, after, last, before };
        let question = UnitArgs { scope: UnitScope::Children(self.id), filter, period, order_by };
        question.answer(ctx, &self.snapshot, &args).await.map(Ready)
    }

    /// A page of all units below, in the order of names by default (tất cả cấp dưới). It costs
    /// about 3 for each 2 of them, and what is selected of the rows of the page.
    #[expect(clippy::too_many_arguments, reason = "they are the field's arguments in the schema")]
    async fn descendants(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The conditions that a listed unit meets; all units by default (bộ lọc đơn \
                    vị)."
        )]
        filter: Option<UnitFilter>,
        #[graphql(
            desc = "The period of the counts that filter or order the list; the root's running \
                    campaign, phase or programme by default (đợt thi đua)."
        )]
        period: Option<PeriodRef>,
        #[graphql(desc = "The order of the list; by name by default (thứ tự đơn vị).")]
        order_by: Option<UnitOrder>,
        #[graphql(
            desc = "Number of rows from the beginning, 0 to 500: 20 by default. BAD_ARGUMENT \
                    if it is out of range, or with `last` (số dòng đầu)."
        )]
        first: Option<i32>,
        #[graphql(
            desc = "The cursor of a row that the page begins after; BAD_CURSOR if it is not of \
                    this list (sau vị trí)."
        )]
        after: Option<String>,
        #[graphql(
            desc = "Number of rows from the end, 0 to 500. BAD_ARGUMENT if it is out of range, \
                    or with `first` (số dòng cuối)."
        )]
        last: Option<i32>,
        #[graphql(
            desc = "The cursor of a row that the page ends before; BAD_CURSOR if it is not of \
                    this list (trước vị trí)."
        )]
        before: Option<String>,
    ) -> Result<Ready<UnitConnection>> {
        self.read(ctx);
        let args = PageArgs { first, after, last, before };
        let scope = UnitScope::Descendants(self.id);
        let question = UnitArgs { scope, filter, period, order_by };
        question.answer(ctx, &self.snapshot, &args).await.map(Ready)
    }

    /// The periods that cover the unit, its own and those of the units above it, in the order of
    /// first day, last day and code (các đợt thi đua áp dụng). It costs about 1 for each 4 periods
    /// that cover the unit, and what is selected of them.
    async fn periods(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The kinds that the periods may be of; all by default (loại đợt thi đua)."
        )]
        kinds: Option<Vec<PeriodKind>>,
        #[graphql(desc = "A day that the periods hold (đang diễn ra trong ngày).")]
        running_on: Option<Date>,
    ) -> ReadyList<Period> {
        RequestContext::of(ctx).dependencies.structure();
        PeriodRows::of(&self.snapshot, Some(self.id), kinds.as_deref(), running_on).periods()
    }

    /// The unit's counts in a period, everything under it included (số liệu). With `asOf` it costs
    /// about 1 for each 80 initiatives and each 20 units that there are, once for all rows.
    async fn tally(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The period of the counts; the root's running campaign, phase or programme \
                    by default (đợt thi đua)."
        )]
        period: Option<PeriodRef>,
        #[graphql(
            desc = "The past day at whose end the figures are, from the log's first; now by \
                    default, and for today. A day outside is BAD_ARGUMENT (số liệu cuối ngày)."
        )]
        as_of: Option<Date>,
    ) -> Result<Ready<Tally>> {
        let Some(period) = period_or_default(ctx, &self.snapshot, period)? else {
            return Err(Code::RefNotFound.says(ErrorMessage::NoPeriodYet));
        };
        if as_of.is_some() {
            RequestContext::of(ctx).dependencies.day();
        }
        let past = check_as_of(&self.snapshot, as_of.map(|day| day.0))?.map(PastDay::of);
        Ok(Ready(Tally::of(Arc::clone(&self.snapshot), self.id, period, past)))
    }

    /// One row for each day of submission, zeros too, from the period's first day to its last or
    /// today, by today's states: the rows add up to the tally (số liệu theo ngày). It costs about 1
    /// for each 3 days, and what is selected of them.
    async fn daily(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The period of the counts; the root's running campaign, phase or programme \
                    by default (đợt thi đua)."
        )]
        period: Option<PeriodRef>,
        #[graphql(desc = "The first day to show; the period's first by default (từ ngày).")]
        from: Option<Date>,
        #[graphql(
            desc = "The last day to show; today or the period's last by default. BAD_ARGUMENT \
                    if it lies before `from` (đến ngày)."
        )]
        to: Option<Date>,
    ) -> Result<ReadyList<DailyTally>> {
        self.read(ctx);
        let dependencies = &RequestContext::of(ctx).dependencies;
        dependencies.day();
        let Some(period) = period_or_default(ctx, &self.snapshot, period)? else {
            return Err(Code::RefNotFound.says(ErrorMessage::NoPeriodYet));
        };
        if let (Some(from), Some(to)) = (&from, &to)
            && from.0 > to.0
        {
            return Err(
                Code::BadArgument.says(ErrorMessage::FromAfterTo { from: from.0, to: to.0 })
            );
        }
        let structure = &self.snapshot.structure;
        let period = structure.period(period);
        let first = from.map_or(period.starts_on, |from| from.0);
        let today = self.snapshot.today();
        let last = to.map_or(today, |to| to.0.min(today));
        let rows = self.snapshot.calendar.daily(structure, self.id, period, (first, last));
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// The unit's counts in a period, everything under it included, told apart by a property of the
    /// initiatives or of their units: a row for each value, zeros too, and last one for what is not
    /// known (cơ cấu số liệu). In each count the rows add up to the tally. It costs about 1 for each 7
    /// units below the unit, 1 for each 100 of its initiatives, by TEAM 600 and 1 for each 5 of its
    /// initiatives, and what is selected of the rows.
    async fn breakdown(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The property whose values are the rows (tiêu chí cơ cấu).")]
        by: BreakdownBy,
        #[graphql(
            desc = "The period of the counts; the root's running campaign, phase or programme \
                    by default (đợt thi đua)."
        )]
        period: Option<PeriodRef>,
    ) -> Result<ReadyList<BreakdownRow>> {
        self.read(ctx);
        let Some(period) = period_or_default(ctx, &self.snapshot, period)? else {
            return Err(Code::RefNotFound.says(ErrorMessage::NoPeriodYet));
        };
        let rows = breakdown(ctx, &self.snapshot, (self.id, period), by.into()).await?;
        Ok(rows.into_iter().collect())
    }

    /// The unit's rank among its siblings, or among the units of its kind below another unit above
    /// it; null if it is not ranked, as a closed unit and the root are not (thứ hạng). A ranking
    /// costs about 1 for each unit that is ranked, once for all rows that stand in it.
    async fn standing(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "A unit above. The parent, which is the default, ranks the unit among its \
                    siblings; any other ranks it among all open units of its kind below that \
                    one (trong phạm vi đơn vị)."
        )]
        within: Option<UnitRef>,
        #[graphql(
            desc = "The period of the counts; the root's running campaign, phase or programme \
                    by default (đợt thi đua)."
        )]
        period: Option<PeriodRef>,
        #[graphql(
            default_with = "Some(RankBy::TargetRatio)",
            desc = "The measure that orders the ranking (tiêu chí xếp hạng)."
        )]
        rank_by: Option<RankBy>,
        #[graphql(desc = "The first day that `gained` counts: today by default, at most 31 days \
                    back; else BAD_ARGUMENT (tính từ ngày).")]
        since: Option<Date>,
        #[graphql(
            default = false,
            desc = "True ranks the unit among the siblings of its cluster alone; BAD_ARGUMENT \
                    with a `within` that is not the parent (trong cụm, khối thi đua)."
        )]
        in_cluster: bool,
    ) -> Option<Result<Ready<Standing>>> {
        let args = StandingArgs {
            within,
            period,
            rank_by: rank_by.map_or(board::RankBy::TargetRatio, Into::into),
            since,
            in_cluster,
            period_known: None,
            as_of: None,
        };
        let standing = Standing::answer(ctx, &self.snapshot, self.id, args).await;
        standing.map(|standing| standing.map(Ready)).transpose()
    }

    /// The unit's target for a period, a metric and an origin, of the whole or of a part; null if there
    /// is none (chỉ tiêu).
    async fn target(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The period of the target; the root's running campaign, phase or programme \
                    by default (đợt thi đua)."
        )]
        period: Option<PeriodRef>,
        #[graphql(
            desc = "The count that the goal is about; the period's own metric by default (chỉ \
                    số)."
        )]
        metric: Option<TargetMetric>,
        #[graphql(
            default_with = "TargetOrigin::Assigned",
            desc = "The unit that set the goal: the one above (ASSIGNED) or the unit itself \
                    (PLEDGED) (nguồn chỉ tiêu)."
        )]
        origin: TargetOrigin,
        #[graphql(desc = "The author group that the target is for; null for all (nhóm tác giả).")]
        group: Option<AuthorGroup>,
        #[graphql(
            desc = "The field of work that the target is for, as it was set; null for all (lĩnh \
                    vực)."
        )]
        field: Option<String>,
    ) -> Option<Result<Ready<Target>>> {
        self.read(ctx);
        let period = match period_or_default(ctx, &self.snapshot, period) {
            Ok(period) => period?,
            Err(error) => return Some(Err(error)),
        };
        let structure = &self.snapshot.structure;
        let metric = metric.map_or(structure.period(period).metric, Into::into);
        let field = field.map(|field| normalise(&field)).filter(|field| !field.is_empty());
        let part = Part { group: group.map(Into::into), field };
        let row = structure.target_of_part(self.id, (period, metric, origin.into(), &part))?;
        Some(Ok(Ready(Target {
            snapshot: Arc::clone(&self.snapshot),
            row: Arc::clone(row),
            as_of: None,
        })))
    }

    /// The rules of recognition and grading that the unit owns, in the order of codes (các quy tắc).
    /// They cost about 1 for each 3 rules, and what is selected of them.
    async fn rules(&self, ctx: &Context<'_>) -> ReadyList<Rule> {
        RequestContext::of(ctx).dependencies.structure();
        let rules = self.snapshot.structure.rules_owned(self.id).iter();
        rules
            .map(|row| Rule { snapshot: Arc::clone(&self.snapshot), row: Arc::clone(row) })
            .collect()
    }

    /// One sheet for a meeting about the unit and those directly below it (họp giao ban).
    async fn briefing(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The period of all counts; the root's running campaign, phase or programme by \
                    default. BAD_ARGUMENT if it covers neither the unit nor any below it (đợt thi đua)."
        )]
        period: Option<PeriodRef>,
        #[graphql(desc = "The day after the last meeting: 6 days before `until` by default, at \
                          most 31; else BAD_ARGUMENT (từ ngày).")]
        since: Option<Date>,
        #[graphql(
            desc = "The last day of all counts: today by default, or a past day of the log; \
                          else BAD_ARGUMENT (đến ngày)."
        )]
        until: Option<Date>,
        #[graphql(
            default = 10,
            desc = "Number of rows of `movers` and of `laggards`, 0 to 500; else BAD_ARGUMENT \
                    (số dòng)."
        )]
        first: Option<i32>,
    ) -> Result<Ready<Briefing>> {
        self.read(ctx);
        let snapshot = &self.snapshot;
        let period = period.map(|period| existing_period(snapshot, &period.into())).transpose()?;
        let key = BriefingKey {
            unit: self.id,
            period,
            since: since.map(|day| day.0),
            until: until.map(|day| day.0),
            first: first.unwrap_or(PAGE_DEFAULT_OF_BRIEFING),
        };
        let briefing = Briefing::answer(ctx, Arc::clone(snapshot), Arc::new(key)).await?;
        briefing.map(Ready).ok_or_else(|| Code::RefNotFound.says(ErrorMessage::NoPeriodYet))
    }

    /// A page of the initiatives of the unit's subtree that the caller may see, the newest first by
    /// default (danh sách sáng kiến). It costs as much as `Query.initiatives`.
    #[expect(clippy::too_many_arguments, reason = "they are the field's arguments in the schema")]
    async fn initiatives(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The conditions that a listed initiative meets; all that the caller may see \
                    by default (bộ lọc sáng kiến)."
        )]
        filter: Option<InitiativeFilter>,
        #[graphql(desc = "The order of the list; the newest first by default (thứ tự sáng kiến).")]
        order_by: Option<InitiativeOrder>,
        #[graphql(
            desc = "Number of rows from the beginning, 0 to 500: 20 by default. BAD_ARGUMENT \
                    if it is out of range, or with `last` (số dòng đầu)."
        )]
        first: Option<i32>,
        #[graphql(
            desc = "The cursor of a row that the page begins after; BAD_CURSOR if it is not of \
                    this list (sau vị trí)."
        )]
        after: Option<String>,
        #[graphql(
            desc = "Number of rows from the end, 0 to 500. BAD_ARGUMENT if it is out of range, \
                    or with `first` (số dòng cuối)."
        )]
        last: Option<i32>,
        #[graphql(
            desc = "The cursor of a row that the page ends before; BAD_CURSOR if it is not of \
                    this list (trước vị trí)."
        )]
        before: Option<String>,
    ) -> Result<Ready<InitiativeConnection>> {
        let page = PageArgs { first, after, last, before };
        let snapshot = &self.snapshot;
        let connection =
            InitiativeConnection::new(ctx, snapshot, self.id, filter, order_by, &page).await;
        connection.map(Ready)
    }

    /// All targets of the unit, of the whole alone unless parts are asked for (các chỉ tiêu). It costs about 1 for each 3 targets, and what is
    /// selected of them.
    async fn targets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The period that the targets are of; all by default (đợt thi đua).")]
        period: Option<PeriodRef>,
        #[graphql(
            default = false,
            desc = "True lists the targets of parts as well: of author groups, of fields, of \
                    groups in fields (cả chỉ tiêu theo nhóm tác giả, lĩnh vực)."
        )]
        parts: bool,
    ) -> Result<ReadyList<Target>> {
        self.read(ctx);
        let period = period
            .map(|period| period_or_default(ctx, &self.snapshot, Some(period)))
            .transpose()?
            .flatten();
        let structure = &self.snapshot.structure;
        let rows = match period {
            Some(period) => structure.targets_for(self.id, period),
            None => structure.targets(self.id),
        };
        let target = |row| Target {
            snapshot: Arc::clone(&self.snapshot),
            row: Arc::clone(row),
            as_of: None,
        };
        let asked = |row: &&Arc<domain::Target>| parts || row.key.part.is_whole();
        Ok(rows.iter().filter(asked).map(target).collect())
    }
}

/// The arguments of a connection of units.
pub struct UnitArgs {
    pub scope: UnitScope,
    pub filter: Option<UnitFilter>,
    pub period: Option<PeriodRef>,
    pub order_by: Option<UnitOrder>,
}

impl UnitArgs {
    /// # Errors
    /// BAD_ARGUMENT, REF_NOT_FOUND, BAD_CURSOR and CURSOR_EXPIRED.
    pub async fn answer(
        self,
        ctx: &Context<'_>,
        snapshot: &Arc<Snapshot>,
        args: &PageArgs,
    ) -> Result<UnitConnection> {
        // Before a long list is made for nothing.
        args.limit()?;
        let context = RequestContext::of(ctx);
        let dependencies = &context.dependencies;
        let filter = self.filter.unwrap_or_default().resolve(context, snapshot).await?;
        if filter.changed_after.is_some() {
            dependencies.default_period();
        }
        if filter.silent_days.is_some() || filter.behind.is_some() {
            dependencies.day();
        }
        if filter.text.is_some() {
            // Names above are searched as well.
            dependencies.structure();
        }
        let by_name = board::UnitOrder { by: OrderBy::Name, direction: Direction::Ascending };
        let order = self.order_by.map_or(by_name, Into::into);
        let is_needed = filter.needs_period() || order.by.needs_period();
        let period = period_if_needed(ctx, snapshot, self.period, is_needed)?;
        if self.scope == UnitScope::Everything {
            if is_needed || filter.changed_after.is_some() {
                dependencies
                    .unit(snapshot, filter.within.unwrap_or_else(|| snapshot.structure.root()));
            } else {
                dependencies.structure();
            }
        }
        let mut scanned = match self.scope {
            UnitScope::Children(unit) => snapshot.structure.children(unit).len(),
            UnitScope::Descendants(unit) => units_below(snapshot, unit),
            UnitScope::Everything => units_of(snapshot),
        };
        if filter.text.is_some() {
            // Words are looked for everywhere, wherever they are to be found.
            scanned += units_of(snapshot);
        }
        RequestContext::of(ctx).scan(scanned).await?;
        if let Some(period) = period.filter(|_| filter.behind.is_some()) {
            context.scan_earlier(snapshot, period, snapshot.pace_since(period)).await?;
        }
        let key = UnitListKey { scope: self.scope, filter, order, period, as_of: None };
        let rows = UnitRows::of(context, Arc::clone(snapshot), key, args).await?;
        Ok(UnitConnection { page: args.cut(rows)?, has_names: true })
    }

    /// A page of the open units directly below one that a meeting speaks of, as they were at the end of a past day, or
    /// are now.
    ///
    /// # Errors
    /// BAD_ARGUMENT and BAD_CURSOR.
    pub async fn at_meeting(
        ctx: &Context<'_>,
        snapshot: &Arc<Snapshot>,
        (unit, period, as_of): (UnitId, PeriodId, Option<Day>),
        units: UnitsAtMeeting,
        args: &PageArgs,
    ) -> Result<UnitConnection> {
        args.limit()?;
        let context = RequestContext::of(ctx);
        context.scan(snapshot.structure.children(unit).len()).await?;
        if let Some(day) = as_of {
            context.scan(snapshot.count_day_end(period, day)).await?;
        }
        let mut filter = board::UnitFilter { closed: Some(false), ..board::UnitFilter::default() };
        let by = match units {
            UnitsAtMeeting::NotStarted => {
                filter.not_started = Some(true);
                OrderBy::Name
            }
            UnitsAtMeeting::Silent(days) => {
                filter.not_started = Some(false);
                filter.silent_days = Some(days);
                OrderBy::LastSubmitted
            }
        };
        let order = board::UnitOrder { by, direction: Direction::Ascending };
        let scope = UnitScope::Children(unit);
        let key = UnitListKey { scope, filter, order, period: Some(period), as_of };
        let rows = UnitRows::of(context, Arc::clone(snapshot), key, args).await?;
        Ok(UnitConnection { page: args.cut(rows)?, has_names: true })
    }
}

/// Units that a meeting speaks of.
#[derive(Debug, Clone, Copy)]
pub enum UnitsAtMeeting {
    NotStarted,
    /// Begun, but without an entry for so many days.
    Silent(i32),
}

/// A list of units, and what its cursors are made of.
struct UnitRows {
    snapshot: Arc<Snapshot>,
    key: UnitListKey,
    name: ListName,
    listing: UnitList,
}

/// The place of a row in an order by a count: the version of the list, and the index in it.
type CountPlace = (Version, usize);

impl UnitRows {
    async fn of(
        context: &RequestContext,
        snapshot: Arc<Snapshot>,
        key: UnitListKey,
        args: &PageArgs,
    ) -> Result<Self> {
        let meter = &*context.meter;
        let name = ListName::new("units", &key);
        let mut listing = None;
        if !key.order.by.is_steady() {
            for cursor in args.after.iter().chain(&args.before) {
                let (version, _): CountPlace = name.decode(cursor)?;
                let known = context
                    .unless_stopped(snapshot.listing_at(&key, version, meter).await)?
                    .ok_or_else(|| Code::BadCursor.says(ErrorMessage::OrderNotKept))?;
                if listing.as_ref().is_some_and(|other| *other != known) {
                    return Err(Code::BadCursor.says(ErrorMessage::CursorOfAnother));
                }
                listing = Some(known);
            }
        }
        let listing = match listing {
            Some(listing) => listing,
            None => context.unless_stopped(snapshot.listing(&key, meter).await)?,
        };
        Ok(Self { snapshot, key, name, listing })
    }

    fn unit(&self, place: usize) -> Unit {
        Unit { snapshot: Arc::clone(&self.snapshot), id: self.listing.rows[place] }
    }
}

impl Rows for UnitRows {
    fn len(&self) -> usize {
        self.listing.rows.len()
    }

    fn cursor(&self, place: usize) -> String {
        let unit = self.listing.rows[place];
        let row = self.snapshot.structure.unit(unit);
        match self.key.order.by {
            OrderBy::Name => self.name.encode((&row.name, unit)),
            OrderBy::Code => self.name.encode((&row.code, unit)),
            _ => self.name.encode((self.listing.version, place)),
        }
    }

    fn places(&self, cursor: &str) -> Result<(usize, usize)> {
        let by = self.key.order.by;
        if !by.is_steady() {
            let (_, place): CountPlace = self.name.decode(cursor)?;
            let place = place.min(self.len());
            return Ok((place, (place + 1).min(self.len())));
        }
        let (text, unit): (String, UnitId) = self.name.decode(cursor)?;
        let structure = &self.snapshot.structure;
        let text = if by == OrderBy::Name { sort_key(&text) } else { text.into_bytes() };
        Ok(self.listing.steady_place(structure, self.key.order, &text, unit))
    }
}

/// A page of units (trang đơn vị). In an order by name or code each unit that was there is shown
/// once, whatever is added meanwhile. In an order by a count, a cursor leads into the order of the
/// first page for a while, else BAD_CURSOR; the units themselves are shown as they are now.
#[derive(Description)]
pub struct UnitConnection {
    page: Page<UnitRows>,
    /// Whether it has rows, beside their number.
    has_names: bool,
}

impl UnitConnection {
    /// The same number, and no rows.
    #[must_use]
    pub fn without_names(self) -> Self {
        Self { has_names: false, ..self }
    }

    fn units(&self) -> impl Iterator<Item = (usize, Unit)> {
        let places = if self.has_names { self.page.places.clone() } else { 0..0 };
        places.map(|place| (place, self.page.list.unit(place)))
    }
}

#[Object(use_type_description)]
impl UnitConnection {
    /// The page's rows with their cursors (các dòng).
    async fn edges(&self) -> ReadyList<UnitEdge> {
        let cursor = |place| self.page.list.cursor(place);
        self.units()
            .map(|(place, node)| UnitEdge { cursor: cursor(place), node: Ready(node) })
            .collect()
    }

    /// The page's units without cursors (các đơn vị).
    async fn nodes(&self) -> ReadyList<Unit> {
        self.units().map(|(_, unit)| unit).collect()
    }

    /// The page's place in the list (thông tin trang).
    async fn page_info(&self) -> Ready<PageInfo> {
        if self.has_names {
            return Ready(self.page.info());
        }
        let (start_cursor, end_cursor) = (None, None);
        let (has_next_page, has_previous_page) = (false, false);
        Ready(PageInfo { has_next_page, has_previous_page, start_cursor, end_cursor })
    }

    /// Number of units in all pages together (tổng số).
    async fn total_count(&self) -> usize {
        self.page.list.len()
    }
}

/// A row of a page of units (dòng).
#[derive(SimpleObject)]
pub struct UnitEdge {
    /// The row's position in its list, opaque; `after` and `before` of the same list take it (vị
    /// trí).
    cursor: String,
    /// The unit of the row (đơn vị).
    node: Ready<Unit>,
}
