use std::sync::Arc;

use async_graphql::{Context, Description, ID, Object, Result};

use super::connection::{PageArgs, check_first};
use super::enums::{PeriodKind, RankBy, UnitKind};
use super::ids;
use super::initiatives::{InitiativeFilter, InitiativeOrder};
use super::inputs::{
    PeriodRef, RuleRef, UnitFilter, UnitOrder, UnitRef, event_cursor, existing_unit, search_text,
};
use super::leaderboard::LeaderboardArgs;
use super::node::AnyNode;
use super::period::{PeriodConnection, PeriodRows};
use super::scalars::Date;
use super::unit::{UnitArgs, UnitConnection};
use crate::board::UnitScope;
use crate::domain;
use crate::error::Code;
use crate::graphql::context::ready::{Ready, ReadyList};
use crate::graphql::context::{RequestContext, units_of};
use crate::graphql::schema::{
    Field, Initiative, InitiativeConnection, InitiativeEventConnection, Leaderboard, Node, Period,
    Rule, Unit, Viewer,
};
use crate::limits::{PAGE_DEFAULT, PAGE_MAX};
use crate::messages::ErrorMessage;

/// Questions that change nothing (truy vấn). Each answer shows one version of the log, which
/// `extensions.version` tells.
#[derive(Description)]
pub struct Query;

fn unit(ctx: &Context<'_>, id: domain::UnitId) -> Unit {
    Unit { snapshot: Arc::clone(RequestContext::of(ctx).snapshot()), id }
}

#[Object(use_type_description)]
impl Query {
    /// The object that a global id names; null if it names nothing, or if the caller may not see it
    /// (đối tượng theo mã toàn cục).
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The object's global id (mã toàn cục).")] id: ID,
    ) -> Option<Result<AnyNode>> {
        Node::find(ctx, &id).await.map(|node| node.map(AnyNode)).transpose()
    }

    /// The objects that up to 500 global ids name, in the order of `ids`; null at each id that
    /// names nothing or that the caller may not see (nhiều đối tượng theo mã toàn cục). It costs
    /// about 7 for each 3 ids, and what is selected of what the id names.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The objects' global ids, at most 500; else BAD_ARGUMENT (các mã toàn cục)."
        )]
        ids: Vec<ID>,
    ) -> Result<Vec<Option<AnyNode>>> {
        check_count(ids.len(), "ids")?;
        let mut nodes = Vec::with_capacity(ids.len());
        for id in ids {
            nodes.push(Node::find(ctx, &id).await?.map(AnyNode));
        }
        Ok(nodes)
    }

    /// The caller, as its token shows (người dùng).
    async fn viewer(&self, ctx: &Context<'_>) -> Ready<Viewer> {
        Ready(Viewer::new(Arc::clone(RequestContext::of(ctx).snapshot())))
    }

    /// The present day in Việt Nam by the server's log, which a form takes instead of the browser's
    /// day (ngày hiện tại).
    async fn today(&self, ctx: &Context<'_>) -> Date {
        let context = RequestContext::of(ctx);
        context.dependencies.day();
        Date(context.snapshot().today())
    }

    /// The period that counts are taken from if a field names none, as long as it is running: the
    /// root's campaign, phase or programme that started last. Null if none of them is running; the
    /// default is then the period of `root { tally { period } }` (đợt thi đua đang diễn ra).
    async fn running_period(&self, ctx: &Context<'_>) -> Option<Ready<Period>> {
        let context = RequestContext::of(ctx);
        context.dependencies.structure();
        context.dependencies.day();
        let snapshot = context.snapshot();
        let id = snapshot.default_period()?;
        let is_running = snapshot.structure.period(id).holds(snapshot.today());
        is_running.then(|| Ready(Period { snapshot: Arc::clone(snapshot), id }))
    }

    /// The unit above all others, Tổng Liên đoàn Lao động Việt Nam (đơn vị cao nhất).
    async fn root(&self, ctx: &Context<'_>) -> Ready<Unit> {
        Ready(unit(ctx, RequestContext::of(ctx).snapshot().structure.root()))
    }

    /// The unit of a reference; null if it names nothing (đơn vị).
    async fn unit(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "ref", desc = "The unit's global id or code (tham chiếu đơn vị).")]
        reference: UnitRef,
    ) -> Option<Ready<Unit>> {
        let context = RequestContext::of(ctx);
        let found = context.snapshot().structure.resolve_unit(&reference.into());
        if found.is_none() {
            // It may come to be.
            context.dependencies.structure();
        }
        found.map(|id| Ready(unit(ctx, id)))
    }

    /// The units of up to 500 codes, in the order of `codes`; null at each code that names nothing
    /// (đơn vị theo danh sách mã). It costs about 2 for each code, and what is selected of each
    /// unit.
    async fn units_by_code(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The units' codes, at most 500; else BAD_ARGUMENT (các mã đơn vị).")]
        codes: Vec<String>,
    ) -> Result<Vec<Option<Ready<Unit>>>> {
        check_count(codes.len(), "codes")?;
        let context = RequestContext::of(ctx);
        context.dependencies.structure();
        let structure = &context.snapshot().structure;
        let found =
            codes.into_iter().map(|code| structure.resolve_unit(&UnitRef::Code(code).into()));
        Ok(found.map(|id| id.map(|id| Ready(unit(ctx, id)))).collect())
    }

    /// A page of all units, in the order of names by default (danh sách đơn vị). It costs about 3
    /// for each 2 units among which it looks, and what is selected of the rows of the page.
    #[expect(clippy::too_many_arguments, reason = "they are the field's arguments in the schema")]
    async fn units(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The conditions that a listed unit meets; all units by default (bộ lọc đơn \
                    vị)."
        )]
        filter: Option<UnitFilter>,
        #[graphql(desc = "The order of the list; by name by default (thứ tự đơn vị).")]
        order_by: Option<UnitOrder>,
        #[graphql(
            desc = "The period of the counts that filter or order the list; the root's running \
                    campaign, phase or programme by default (đợt thi đua)."
        )]
        period: Option<PeriodRef>,
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
        let args = PageArgs { first, after, last, before };
        let question = UnitArgs { scope: UnitScope::Everything, filter, period, order_by };
        question.answer(ctx, RequestContext::of(ctx).snapshot(), &args).await.map(Ready)
    }

    /// Units whose names or codes hold the words of a text, the best match first: "dong nai" finds
    /// "Đồng Nai". Each word must begin a word of the unit. If no unit has all words, names above
    /// count as well: "tan thanh dong nai" finds the Tân Thành in Đồng Nai (tìm đơn vị theo tên,
    /// không cần dấu). It costs about 1 for each 3 units of the whole tree, more with many words,
    /// and what is selected of the rows.
    async fn search_units(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Words of a name or a code, with or without diacritics, at most 30; else \
                    BAD_ARGUMENT (từ cần tìm)."
        )]
        text: String,
        #[graphql(
            desc = "The unit that is searched with all units below it; the root by default. \
                    REF_NOT_FOUND if it names nothing (trong phạm vi đơn vị)."
        )]
        within: Option<UnitRef>,
        #[graphql(
            default = 20,
            desc = "Number of units, 0 to 500; else BAD_ARGUMENT (số đơn vị)."
        )]
        first: Option<i32>,
    ) -> Result<ReadyList<Unit>> {
        let context = RequestContext::of(ctx);
        let snapshot = context.snapshot();
        let first = check_first(first.unwrap_or(PAGE_DEFAULT))?;
        let within = within.map(|unit| existing_unit(snapshot, &unit.into())).transpose()?;
        // Names anywhere; no count.
        context.dependencies.structure();
        let within = within.unwrap_or_else(|| snapshot.structure.root());
        // Each is looked at for the words, and what is found once more for how well it fits.
        context.scan(2 * units_of(snapshot)).await?;
        let found = snapshot.search(&search_text(&text)?, within, first, &*context.meter);
        Ok(context.unless_stopped(found)?.into_iter().map(|id| unit(ctx, id)).collect())
    }

    /// The period of a reference; null if it names nothing (đợt thi đua).
    async fn period(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "ref", desc = "The period's global id or code (tham chiếu đợt thi đua).")]
        reference: PeriodRef,
    ) -> Option<Ready<Period>> {
        let context = RequestContext::of(ctx);
        context.dependencies.structure();
        let id = context.snapshot().structure.resolve_period(&reference.into())?;
        Some(Ready(Period { snapshot: Arc::clone(context.snapshot()), id }))
    }

    /// The rule of recognition or grading that a reference names; null if it names nothing (quy tắc).
    async fn rule(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "ref", desc = "The rule's global id or code (tham chiếu quy tắc).")]
        reference: RuleRef,
    ) -> Option<Ready<Rule>> {
        let context = RequestContext::of(ctx);
        context.dependencies.structure();
        Rule::of(context.snapshot(), &reference.code()).map(Ready)
    }

    /// A page of all periods, in the order of first day, last day and code (danh sách đợt thi đua).
    /// It costs what is selected of the rows of the page, and with `covering`, `kinds` or `runningOn`
    /// about 1 for each 4 periods that it looks through.
    #[expect(clippy::too_many_arguments, reason = "they are the field's arguments in the schema")]
    async fn periods(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "A unit that the listed periods cover: its own and those of the units above \
                    it. REF_NOT_FOUND if it names nothing (áp dụng cho đơn vị)."
        )]
        covering: Option<UnitRef>,
        #[graphql(
            desc = "The kinds that the listed periods may be of; all by default (loại đợt thi \
                    đua)."
        )]
        kinds: Option<Vec<PeriodKind>>,
        #[graphql(desc = "A day that the listed periods hold (đang diễn ra trong ngày).")]
        running_on: Option<Date>,
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
    ) -> Result<Ready<PeriodConnection>> {
        let context = RequestContext::of(ctx);
        let snapshot = context.snapshot();
        context.dependencies.structure();
        let unit = covering.map(|unit| existing_unit(snapshot, &unit.into())).transpose()?;
        let rows = PeriodRows::of(snapshot, unit, kinds.as_deref(), running_on);
        let page = PageArgs { first, after, last, before }.cut(rows)?;
        Ok(Ready(PeriodConnection { page }))
    }

    /// The operator's list of fields of work, in the operator's order. While it is empty, an
    /// initiative may name any text as its field (lĩnh vực). It costs about 1 for each 3 fields of
    /// work.
    async fn fields(&self, ctx: &Context<'_>) -> ReadyList<Field> {
        let fields = RequestContext::of(ctx).writer.fields().iter();
        fields.map(|it| Field { code: it.code.clone(), name: it.name.clone() }).collect()
    }

    /// The initiative of a global id; null if there is none, or if the caller may not see it (sáng
    /// kiến).
    async fn initiative(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The initiative's global id (mã toàn cục).")] id: ID,
    ) -> Option<Result<Ready<Initiative>>> {
        let id = ids::initiative(&id)?;
        let context = RequestContext::of(ctx);
        match context.initiative(id).await {
            Ok(Some(row)) => Initiative::seen(ctx, context.snapshot(), row).map(|it| Ok(Ready(it))),
            Ok(None) => {
                context.note_missing();
                None
            }
            Err(error) => Some(Err(error)),
        }
    }

    /// A page of the initiatives that the caller may see, the newest first by default (danh sách
    /// sáng kiến). A page costs about 13 for each row, and 1 for each 10 units and 1 for each 67
    /// initiatives that it is found among, 2,500 at most; `totalCount` costs as much. With `text`, or
    /// `mine`, up to 20,000 for finding the rows, and `totalCount` costs about 1 for each 10
    /// initiatives.
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
        let snapshot = RequestContext::of(ctx).snapshot();
        let root = snapshot.structure.root();
        let connection =
            InitiativeConnection::new(ctx, snapshot, root, filter, order_by, &page).await;
        connection.map(Ready)
    }

    /// A page of the log, for clients that hold no socket: event for event what the subscription
    /// `initiativeEvents` sends. CURSOR_EXPIRED if the cursor is of another log, or of a part that is
    /// not kept any more (nhật ký sự kiện).
    /// It costs about 2 for each event that the page looks through.
    async fn initiative_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The unit whose subtree the events are of; the root by default. \
                    REF_NOT_FOUND if it names nothing (trong phạm vi đơn vị).")]
        within: Option<UnitRef>,
        #[graphql(
            desc = "The cursor that the page begins after. Without it the page begins with the \
                    first event kept, but `first: 0` without it gives the present end as \
                    `endCursor` (sau vị trí)."
        )]
        after: Option<String>,
        #[graphql(
            desc = "Number of events in the page, 0 to 500: 20 by default; else BAD_ARGUMENT \
                    (số dòng đầu)."
        )]
        first: Option<i32>,
    ) -> Result<Ready<InitiativeEventConnection>> {
        let snapshot = RequestContext::of(ctx).snapshot();
        let within = within.map(|unit| existing_unit(snapshot, &unit.into())).transpose()?;
        let after = after.map(event_cursor).transpose()?;
        let first = first.unwrap_or(crate::limits::PAGE_DEFAULT);
        InitiativeEventConnection::read(ctx, within, after, first).await.map(Ready)
    }

    /// A ranking of the units below a unit; null while there is no period at all (bảng xếp hạng).
    /// It costs about 1 for each unit that is ranked, more with an earlier `since` or `asOf`, and
    /// what is selected of the rows.
    #[expect(clippy::too_many_arguments, reason = "they are the field's arguments in the schema")]
    async fn leaderboard(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The unit whose units below are ranked; the root by default. REF_NOT_FOUND \
                    if it names nothing (trong phạm vi đơn vị)."
        )]
        within: Option<UnitRef>,
        #[graphql(desc = "The period that is counted; the root's running campaign, phase or \
                    programme by default. REF_NOT_FOUND if it names nothing (đợt thi đua).")]
        period: Option<PeriodRef>,
        #[graphql(
            desc = "The kinds of units that are ranked, all of them below `within` instead of \
                    its direct children (loại đơn vị)."
        )]
        kinds: Option<Vec<UnitKind>>,
        #[graphql(desc = "The emulation cluster among the direct children that is ranked alone; \
                    BAD_ARGUMENT with `kinds` (cụm, khối thi đua).")]
        cluster: Option<String>,
        #[graphql(
            default_with = "Some(RankBy::TargetRatio)",
            desc = "The measure that orders the board (tiêu chí xếp hạng)."
        )]
        rank_by: Option<RankBy>,
        #[graphql(
            default = 20,
            desc = "Number of rows in `entries`, 0 to 500; else BAD_ARGUMENT (số dòng đầu)."
        )]
        first: Option<i32>,
        #[graphql(desc = "A unit whose row is answered in `around`, with its neighbours. \
                    REF_NOT_FOUND if it names nothing (đơn vị được hỏi).")]
        around: Option<UnitRef>,
        #[graphql(
            desc = "The past day at whose end the figures are, from the log's first; now by \
                    default, and for today. A day outside is BAD_ARGUMENT (số liệu cuối ngày)."
        )]
        as_of: Option<Date>,
        #[graphql(desc = "The first day that `gained` counts: today, or the day of `asOf`, by \
                    default; at most 31 days before it, else BAD_ARGUMENT (tính từ ngày).")]
        since: Option<Date>,
    ) -> Option<Result<Ready<Leaderboard>>> {
        let args = LeaderboardArgs {
            within,
            period,
            kinds,
            cluster,
            rank_by,
            first,
            around,
            as_of,
            since,
        };
        let snapshot = RequestContext::of(ctx).snapshot();
        let answer = async {
            let question = Arc::new(args.question(snapshot)?);
            Leaderboard::answer(ctx, Arc::clone(snapshot), question).await
        };
        answer.await.map(|board| board.map(Ready)).transpose()
    }
}

fn check_count(count: usize, name: &'static str) -> Result<()> {
    if i32::try_from(count).is_ok_and(|count| count <= PAGE_MAX) {
        Ok(())
    } else {
        Err(Code::BadArgument.says(ErrorMessage::TooManyEntries { name, count, max: PAGE_MAX }))
    }
}
