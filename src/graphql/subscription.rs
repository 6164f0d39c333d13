//! State feeds and the event feed, over whatever transport.

use std::sync::Arc;

use async_graphql::{Context, Result, Subscription};
use futures_util::{Stream, stream};
use tokio::time::Instant;

use super::context::Viewing;
use super::enums::{RankBy, UnitKind};
use super::error::{self, Code};
use super::input::{PeriodRef, UnitRef, event_cursor, existing_period, existing_unit};
use super::messages::Message;
use super::scalar::Date;
use super::types::event_pages::is_told;
use super::types::leaderboard::LeaderboardArgs;
use super::types::{InitiativeEvent, Leaderboard, Tally};
use crate::board::{Snapshot, Stamp};
use crate::feed::cursor::Cursor;
use crate::feed::log::{CannotFollow, EventFeed};
use crate::limits::FEED_WINDOW;

/// What can be watched (theo dõi trực tiếp).
pub struct Subscription;

#[Subscription]
impl Subscription {
    /// A leaderboard: the present state at once, then a message whenever the result changes, at
    /// most one for each window, always the newest state (bảng xếp hạng trực tiếp).
    #[expect(clippy::too_many_arguments, reason = "they are the field's arguments in the schema")]
    async fn leaderboard<'ctx>(
        &self,
        ctx: &Context<'ctx>,
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
    ) -> Result<impl Stream<Item = Result<Leaderboard>> + use<'ctx>> {
        let args =
            LeaderboardArgs { within, period, kinds, cluster, rank_by, first, around, since };
        let question = Arc::new(args.question(&Viewing::of(ctx).hub.latest())?);
        let ctx = ctx.clone();
        Ok(state_feed(ctx.clone(), move |snapshot| {
            Leaderboard::answer(&ctx, snapshot, Arc::clone(&question))?
                .ok_or_else(|| Code::RefNotFound.says(Message::NoPeriodYet))
        }))
    }

    /// A tally: the present state at once, then whenever it changes (số liệu trực tiếp).
    async fn tally<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "Of this unit.")] unit: UnitRef,
        #[graphql(desc = "The running campaign, phase or programme by default.")] period: Option<
            PeriodRef,
        >,
    ) -> Result<impl Stream<Item = Result<Tally>> + use<'ctx>> {
        let snapshot = Viewing::of(ctx).hub.latest();
        let unit = existing_unit(&snapshot, &unit.into())?;
        let period = period.map(|period| existing_period(&snapshot, &period.into())).transpose()?;
        let ctx = ctx.clone();
        Ok(state_feed(ctx.clone(), move |snapshot| {
            let reads = &Viewing::of(&ctx).reads;
            reads.unit(&snapshot, unit);
            reads.structure();
            reads.day();
            let period = period
                .or_else(|| snapshot.registry.default_period())
                .ok_or_else(|| Code::RefNotFound.says(Message::NoPeriodYet))?;
            Ok(Tally { snapshot, unit, period })
        }))
    }

    /// Every event of the subtree as the tree stood at the event, in order, none twice, none left
    /// out; a transfer is in both subtrees (sự kiện sáng kiến).
    async fn initiative_events<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "Below this unit; the root by default.")] within: Option<UnitRef>,
        #[graphql(
            desc = "Cursor of the last event that the client saw, so that it misses nothing; \
                    without it: from now on."
        )]
        after: Option<String>,
    ) -> Result<impl Stream<Item = Result<InitiativeEvent>> + use<'ctx>> {
        let viewing = Viewing::of(ctx);
        let within =
            within.map(|unit| existing_unit(&viewing.hub.latest(), &unit.into())).transpose()?;
        let after = viewing.resumed_after().or(after).map(event_cursor).transpose()?;
        let feed = EventFeed::open(Arc::clone(&viewing.hub), viewing.store.clone(), after)
            .await
            .map_err(cannot_follow)?;
        let hub = Arc::clone(&viewing.hub);
        Ok(stream::unfold(Some(feed), move |feed| {
            let hub = Arc::clone(&hub);
            async move {
                let mut feed = feed?;
                loop {
                    match feed.next().await {
                        Ok(event) if is_told(&event.body, within) => {
                            viewing.note_told(Cursor::of(&event).encode());
                            let told = InitiativeEvent::of(hub.latest(), event)?;
                            return Some((Ok(told), Some(feed)));
                        }
                        Ok(_) => {}
                        // Nothing is skipped: the client comes back with its last cursor.
                        Err(error) => return Some((Err(error::of_store(error)), None)),
                    }
                }
            }
        }))
    }
}

fn cannot_follow(error: CannotFollow) -> async_graphql::Error {
    match error {
        CannotFollow::Expired { resume_from } => error::cursor_expired(resume_from),
        CannotFollow::Store(error) => error::of_store(error),
    }
}

/// The newest state at once, and again whenever something changed that the last execution read,
/// at most once for each window.
fn state_feed<'ctx, T, F>(ctx: Context<'ctx>, state: F) -> impl Stream<Item = Result<T>>
where
    T: Send + 'ctx,
    F: Fn(Arc<Snapshot>) -> Result<T> + Send + Sync + 'ctx,
{
    let versions = Viewing::of(&ctx).hub.versions();
    let begun = Feed { shown: None, versions, ended: false };
    let shared = Arc::new((ctx, state));
    stream::unfold(begun, move |mut feed| {
        let shared = Arc::clone(&shared);
        async move {
            if feed.ended {
                return None;
            }
            let viewing = Viewing::of(&shared.0);
            if let Some((shown, at)) = feed.shown {
                tokio::time::sleep_until(at + FEED_WINDOW).await;
                loop {
                    feed.versions.borrow_and_update();
                    if viewing.reads.last_change(&viewing.hub.latest()) > shown {
                        break;
                    }
                    feed.versions.changed().await.ok()?;
                }
            }
            let snapshot = viewing.hub.latest();
            feed.shown = Some((snapshot.head(), Instant::now()));
            let message = (shared.1)(snapshot);
            // What can no longer be answered ends, with the reason as its last message.
            feed.ended = message.is_err();
            Some((message, feed))
        }
    })
}

struct Feed {
    /// The version last shown, and when.
    shown: Option<(Stamp, Instant)>,
    versions: tokio::sync::watch::Receiver<crate::domain::Version>,
    ended: bool,
}
