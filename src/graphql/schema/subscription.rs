//! The subscriptions. Each execution produces one state or one event, or opens an event feed; the
//! caller of the execution decides when the next one comes.

use std::sync::Arc;

use async_graphql::{Context, Description, Result, Subscription};
use futures_util::{Stream, stream};

use super::enums::{RankBy, UnitKind};
use super::inputs::{PeriodRef, UnitRef, event_cursor, existing_period, existing_unit};
use super::leaderboard::LeaderboardArgs;
use super::scalars::Date;
use crate::error::{self, Code};
use crate::feed::event_feed::{CannotFollow, EventFeed};
use crate::graphql::context::ready::Ready;
use crate::graphql::context::{EventFeedMode, OpenedFeed, RequestContext};
use crate::graphql::schema::{InitiativeEvent, Leaderboard, Tally};
use crate::messages::ErrorMessage;

/// Live answers, over WebSocket (graphql-transport-ws) or as a stream over HTTP (theo dõi trực
/// tiếp).
#[derive(Description)]
pub struct Subscription;

#[Subscription(use_type_description)]
impl Subscription {
    /// A leaderboard: its present state at once, then its newest state whenever it changes, at most
    /// every 250 ms. REF_NOT_FOUND while there is no period at all (bảng xếp hạng trực tiếp).
    #[expect(clippy::too_many_arguments, reason = "they are the field's arguments in the schema")]
    async fn leaderboard<'ctx>(
        &self,
        ctx: &Context<'ctx>,
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
        #[graphql(desc = "The first day that `gained` counts: today by default, at most 31 days \
                    back; else BAD_ARGUMENT (tính từ ngày).")]
        since: Option<Date>,
    ) -> Result<impl Stream<Item = Result<Ready<Leaderboard>>> + use<'ctx>> {
        let as_of = None;
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
        let question = Arc::new(args.question(snapshot)?);
        let board = Leaderboard::answer(ctx, Arc::clone(snapshot), question)
            .await
            .and_then(|board| board.ok_or_else(no_period_yet));
        Ok(once(board.map(Ready)))
    }

    /// A unit's counts: their present state at once, then their newest state whenever they change,
    /// at most every 250 ms. REF_NOT_FOUND while there is no period at all (số liệu trực tiếp).
    async fn tally<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The unit of the counts. REF_NOT_FOUND if it names nothing (đơn vị).")]
        unit: UnitRef,
        #[graphql(
            desc = "The period of the counts; the root's running campaign, phase or programme \
                    by default (đợt thi đua)."
        )]
        period: Option<PeriodRef>,
    ) -> Result<impl Stream<Item = Result<Ready<Tally>>> + use<'ctx>> {
        let context = RequestContext::of(ctx);
        let snapshot = Arc::clone(context.snapshot());
        let unit = existing_unit(&snapshot, &unit.into())?;
        let period = period.map(|period| existing_period(&snapshot, &period.into())).transpose()?;
        context.dependencies.unit(&snapshot, unit);
        context.dependencies.structure();
        context.dependencies.day();
        let period = period.or_else(|| snapshot.default_period());
        let tally = period.map(|period| Ready(Tally::live(snapshot, unit, period)));
        Ok(once(tally.ok_or_else(no_period_yet)))
    }

    /// Every event of the subtree as the tree stood at the event, in order, none twice, none left
    /// out; a transfer is in both subtrees. CURSOR_EXPIRED if the cursor is of another log, or of a part that is not
    /// kept any more (sự kiện sáng kiến).
    async fn initiative_events<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "The unit whose subtree the events are of; the root by default. \
                    REF_NOT_FOUND if it names nothing (trong phạm vi đơn vị).")]
        within: Option<UnitRef>,
        #[graphql(desc = "The cursor of the last event that the client saw, so that it misses \
                    nothing; without it the feed begins now (sau vị trí).")]
        after: Option<String>,
    ) -> Result<impl Stream<Item = Result<Ready<InitiativeEvent>>> + use<'ctx>> {
        let context = RequestContext::of(ctx);
        let resumed = match context.mode() {
            EventFeedMode::Deliver(event) => {
                let told = InitiativeEvent::of(Arc::clone(context.snapshot()), Arc::clone(event));
                return Ok(stream::iter(told.map(|event| Ok(Ready(event)))));
            }
            EventFeedMode::Open => None,
            EventFeedMode::Resume(cursor) => Some(cursor.clone()),
        };
        let within =
            within.map(|unit| existing_unit(context.snapshot(), &unit.into())).transpose()?;
        let after = resumed.or(after).map(event_cursor).transpose()?;
        let feed = EventFeed::open(Arc::clone(&context.hub), context.store.clone(), after)
            .await
            .map_err(cannot_follow)?;
        context.note_opened(OpenedFeed { feed, within });
        Ok(stream::iter(None))
    }
}

fn no_period_yet() -> async_graphql::Error {
    Code::RefNotFound.says(ErrorMessage::NoPeriodYet)
}

fn cannot_follow(error: CannotFollow) -> async_graphql::Error {
    match error {
        CannotFollow::Expired { resume_from } => error::cursor_expired(resume_from),
        CannotFollow::Store(error) => error::of_store(error),
    }
}

fn once<T>(state: Result<T>) -> impl Stream<Item = Result<T>> {
    stream::iter([state])
}
