use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};

use super::at_once::{AllAtOnce, AtOnce};
use super::context::Viewing;
use super::enums::{PeriodKind, RankBy, UnitKind};
use super::error::Code;
use super::id;
use super::input::{
    PeriodRef, UnitFilter, UnitOrder, UnitRef, event_cursor, existing_unit, search_text,
};
use super::messages::Message;
use super::scalar::Date;
use super::types::connection::{PageArgs, check_first};
use super::types::initiatives::{InitiativeFilter, InitiativeOrder};
use super::types::leaderboard::LeaderboardArgs;
use super::types::period::{PeriodConnection, PeriodRows};
use super::types::unit::units_of;
use super::types::unit::{UnitConnection, UnitQuestion};
use super::types::{
    Field, Initiative, InitiativeConnection, InitiativeEventConnection, Leaderboard, Node, Period,
    Unit, Viewer,
};
use crate::board::UnitScope;
use crate::domain;
use crate::limits::{PAGE_DEFAULT, PAGE_MAX};

/// What can be asked (truy vấn).
pub struct Query;

fn unit(ctx: &Context<'_>, id: domain::UnitId) -> Unit {
    Unit { snapshot: Arc::clone(Viewing::of(ctx).snapshot()), id }
}

#[Object]
impl Query {
    /// Whatever a global id names; null for nothing (đối tượng theo mã toàn cục).
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id.")] id: ID,
    ) -> Option<Result<Node>> {
        Node::find(ctx, &id).await.transpose()
    }

    /// The same for many, in the order asked; at most 500 (nhiều đối tượng). It costs 1 for each id, and what is
    /// selected of what the id names.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global ids; at most 500.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>> {
        check_count(ids.len(), "ids")?;
        let mut nodes = Vec::with_capacity(ids.len());
        for id in ids {
            nodes.push(Node::find(ctx, &id).await?);
        }
        Ok(nodes)
    }

    /// Whoever asks (người dùng).
    async fn viewer(&self, ctx: &Context<'_>) -> Viewer {
        Viewer::new(Arc::clone(Viewing::of(ctx).snapshot()))
    }

    /// The present day in Việt Nam, by the server's log: a form in a browser of another time counts from it
    /// (ngày hiện tại).
    async fn today(&self, ctx: &Context<'_>) -> Date {
        let viewing = Viewing::of(ctx);
        viewing.reads.day();
        Date(viewing.snapshot().today())
    }

    /// The period that counts are of where no period is named, if it is running; null where none of the
    /// root's programmes, phases and campaigns is. `root { tally { period } }` tells what is the default then (giai đoạn đang diễn ra).
    async fn running_period(&self, ctx: &Context<'_>) -> Option<Period> {
        let viewing = Viewing::of(ctx);
        viewing.reads.structure();
        viewing.reads.day();
        let snapshot = viewing.snapshot();
        let id = snapshot.default_period()?;
        let is_running = snapshot.registry.period(id).holds(snapshot.today());
        is_running.then(|| Period { snapshot: Arc::clone(snapshot), id })
    }

    /// Tổng Liên đoàn Lao động Việt Nam: the unit above all.
    async fn root(&self, ctx: &Context<'_>) -> AtOnce<Unit> {
        AtOnce(unit(ctx, Viewing::of(ctx).snapshot().registry.root()))
    }

    /// One unit; null where there is none (đơn vị).
    async fn unit(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "ref", desc = "By id or by code.")] reference: UnitRef,
    ) -> Option<AtOnce<Unit>> {
        let viewing = Viewing::of(ctx);
        let found = viewing.snapshot().registry.resolve_unit(&reference.into());
        if found.is_none() {
            // It may come to be.
            viewing.reads.structure();
        }
        found.map(|id| AtOnce(unit(ctx, id)))
    }

    /// Units by their codes, in the order asked, null where there is none; at most 500 (đơn vị
    /// theo danh sách mã). It costs 1 for each code, and what is selected of each unit.
    async fn units_by_code(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Codes; at most 500.")] codes: Vec<String>,
    ) -> Result<Vec<Option<AtOnce<Unit>>>> {
        check_count(codes.len(), "codes")?;
        let viewing = Viewing::of(ctx);
        viewing.reads.structure();
        let registry = &viewing.snapshot().registry;
        let found =
            codes.into_iter().map(|code| registry.resolve_unit(&UnitRef::Code(code).into()));
        Ok(found.map(|id| id.map(|id| AtOnce(unit(ctx, id)))).collect())
    }

    /// All units, in order of name unless asked otherwise (danh sách đơn vị). It costs about 1 for each 2 units
    /// among which it looks, and what is selected of the rows of the page.
    #[expect(clippy::too_many_arguments, reason = "they are the field's arguments in the schema")]
    async fn units(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] filter: Option<UnitFilter>,
        #[graphql(desc = "By name by default.")] order_by: Option<UnitOrder>,
        #[graphql(
            desc = "What counts are taken from; the running campaign, phase or programme by default."
        )]
        period: Option<PeriodRef>,
        #[graphql(desc = "Rows from the beginning: 20 by default, 500 at most.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end: 500 at most.")] last: Option<i32>,
        #[graphql(desc = "Rows before this cursor.")] before: Option<String>,
    ) -> Result<UnitConnection> {
        let args = PageArgs { first, after, last, before };
        let question = UnitQuestion { scope: UnitScope::Everything, filter, period, order_by };
        question.answer(ctx, Viewing::of(ctx).snapshot(), &args).await
    }

    /// Units by words of their names or codes, the best first: "dong nai" finds "Đồng Nai". Every
    /// word begins one of the unit's own. Where no unit has them all, names above count as well:
    /// "tan thanh dong nai" finds the Tân Thành in Đồng Nai (tìm đơn vị theo tên, không cần dấu). It costs about 1
    /// for each 10 units of the whole tree, more with many words, and what is selected of the rows.
    async fn search_units(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Words, with or without diacritics; at most 30.")] text: String,
        #[graphql(desc = "This unit and all below it; the root by default.")] within: Option<
            UnitRef,
        >,
        #[graphql(default = 20, desc = "Rows; at most 500.")] first: Option<i32>,
    ) -> Result<AllAtOnce<Unit>> {
        let viewing = Viewing::of(ctx);
        let snapshot = viewing.snapshot();
        let first = check_first(first.unwrap_or(PAGE_DEFAULT))?;
        let within = within.map(|unit| existing_unit(snapshot, &unit.into())).transpose()?;
        // Names anywhere; no count.
        viewing.reads.structure();
        let within = within.unwrap_or_else(|| snapshot.registry.root());
        // Each is looked at for the words, and what is found once more for how well it fits.
        viewing.scan(2 * units_of(snapshot)).await?;
        let found = snapshot.search(&search_text(&text)?, within, first);
        Ok(found.into_iter().map(|id| unit(ctx, id)).collect())
    }

    /// One period; null where there is none (giai đoạn, chiến dịch).
    async fn period(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "ref", desc = "By id or by code.")] reference: PeriodRef,
    ) -> Option<Period> {
        let viewing = Viewing::of(ctx);
        viewing.reads.structure();
        let id = viewing.snapshot().registry.resolve_period(&reference.into())?;
        Some(Period { snapshot: Arc::clone(viewing.snapshot()), id })
    }

    /// All periods, in order of first day, last day and code (các giai đoạn, chiến dịch). It costs 1 for each 4
    /// periods, and what is selected of the rows of the page.
    #[expect(clippy::too_many_arguments, reason = "they are the field's arguments in the schema")]
    async fn periods(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that cover this unit: its own and those of the units above.")]
        covering: Option<UnitRef>,
        #[graphql(desc = "Only of these kinds.")] kinds: Option<Vec<PeriodKind>>,
        #[graphql(desc = "Only those that hold this day.")] running_on: Option<Date>,
        #[graphql(desc = "Rows from the beginning: 20 by default, 500 at most.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end: 500 at most.")] last: Option<i32>,
        #[graphql(desc = "Rows before this cursor.")] before: Option<String>,
    ) -> Result<PeriodConnection> {
        let viewing = Viewing::of(ctx);
        let snapshot = viewing.snapshot();
        viewing.reads.structure();
        let unit = covering.map(|unit| existing_unit(snapshot, &unit.into())).transpose()?;
        let rows = PeriodRows::of(snapshot, unit, kinds.as_deref(), running_on);
        let page = PageArgs { first, after, last, before }.cut(rows)?;
        Ok(PeriodConnection { page })
    }

    /// The operator's list of fields of work, in its order. While it is empty any text is a field
    /// (lĩnh vực).
    async fn fields(&self, ctx: &Context<'_>) -> Vec<Field> {
        let fields = Viewing::of(ctx).writer.fields().iter();
        fields.map(|it| Field { code: it.code.clone(), name: it.name.clone() }).collect()
    }

    /// One initiative; null where there is none, or none that the caller may see (sáng kiến).
    async fn initiative(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id.")] id: ID,
    ) -> Option<Result<Initiative>> {
        let id = id::initiative(&id)?;
        let viewing = Viewing::of(ctx);
        match viewing.initiative(id).await {
            Ok(Some(row)) => Initiative::seen(ctx, viewing.snapshot(), row).map(Ok),
            Ok(None) => {
                viewing.note_missing();
                None
            }
            Err(error) => Some(Err(error)),
        }
    }

    /// Initiatives as far as the caller sees them, newest first by default (danh sách sáng kiến). A page costs
    /// about 13 for each row, and up to 20,000 for finding the rows; `totalCount` costs 1 for each 20 initiatives.
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
        let snapshot = Viewing::of(ctx).snapshot();
        let root = snapshot.registry.root();
        InitiativeConnection::new(ctx, snapshot, root, filter, order_by, &page).await
    }

    /// The log, page by page, for those who do not hold a socket: event for event what the
    /// subscription of that name sends (nhật ký sự kiện). It costs 2 for each event that the page looks through.
    async fn initiative_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Below this unit; the root by default.")] within: Option<UnitRef>,
        #[graphql(
            desc = "Events after this cursor; from the first one kept without it, but `first: 0` \
                    without it gives the present end."
        )]
        after: Option<String>,
        #[graphql(desc = "Events of the page: 20 by default, 500 at most.")] first: Option<i32>,
    ) -> Result<InitiativeEventConnection> {
        let snapshot = Viewing::of(ctx).snapshot();
        let within = within.map(|unit| existing_unit(snapshot, &unit.into())).transpose()?;
        let after = after.map(event_cursor).transpose()?;
        let first = first.unwrap_or(crate::limits::PAGE_DEFAULT);
        InitiativeEventConnection::read(ctx, within, after, first).await
    }

    /// Who leads, who lags; null while there is no period at all (bảng xếp hạng). It costs about 1 for each unit that
    /// is ranked, more with an earlier `since`, and what is selected of the rows.
    #[expect(clippy::too_many_arguments, reason = "they are the field's arguments in the schema")]
    async fn leaderboard(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Below this unit; the root by default.")] within: Option<UnitRef>,
        #[graphql(desc = "The running campaign, phase or programme by default.")] period: Option<
            PeriodRef,
        >,
        #[graphql(desc = "All units of these kinds below `within`, instead of its children.")]
        kinds: Option<Vec<UnitKind>>,
        #[graphql(desc = "Only this cluster's, among the children.")] cluster: Option<String>,
        #[graphql(default_with = "Some(RankBy::TargetRatio)", desc = "What orders it.")]
        rank_by: Option<RankBy>,
        #[graphql(default = 20, desc = "Rows; at most 500.")] first: Option<i32>,
        #[graphql(desc = "Adds this unit's row and its neighbours.")] around: Option<UnitRef>,
        #[graphql(desc = "The first day of the movement: today by default, 31 days back at most.")]
        since: Option<Date>,
    ) -> Option<Result<AtOnce<Leaderboard>>> {
        let args =
            LeaderboardArgs { within, period, kinds, cluster, rank_by, first, around, since };
        let snapshot = Viewing::of(ctx).snapshot();
        let answer = async {
            let question = Arc::new(args.question(snapshot)?);
            Leaderboard::answer(ctx, Arc::clone(snapshot), question).await
        };
        answer.await.map(|board| board.map(AtOnce)).transpose()
    }
}

fn check_count(count: usize, name: &'static str) -> Result<()> {
    if i32::try_from(count).is_ok_and(|count| count <= PAGE_MAX) {
        Ok(())
    } else {
        Err(Code::BadArgument.says(Message::TooManyEntries { name, count, max: PAGE_MAX }))
    }
}
