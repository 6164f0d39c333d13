//! Event feeds: every event after a position, each executed once for all subscribers of the same key.

use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::stream::{self, BoxStream, StreamExt as _};

use super::channels::Channels;
use super::message::Message;
use crate::auth::Client;
use crate::error;
use crate::feed::cursor::Cursor;
use crate::feed::event_feed::Budget;
use crate::graphql::cache::CachedExecutor;
use crate::graphql::context::{EventFeedMode, OpenedFeed};
use crate::graphql::cost::held::HeldPermit;
use crate::graphql::cost::log_pace::LogPace;
use crate::graphql::execution::Operation;
use crate::graphql::schema::events::concerns;
use crate::limits::FEED_EVENT_COST;

/// One subscriber's feed.
struct EventFeed {
    cached: CachedExecutor,
    channels: Arc<Channels>,
    log_pace: Arc<LogPace>,
    operation: Operation,
    _held: HeldPermit,
    opened: OpenedFeed,
}

/// Charges the events that a feed reads to the client's [`LogPace`], and to the CPU budget of channels.
struct FeedBudget<'a> {
    channels: &'a Channels,
    log_pace: &'a LogPace,
    client: &'a Client,
}

impl Budget for FeedBudget<'_> {
    async fn take(&self, events: usize) {
        self.log_pace.take(self.client, events).await;
        let events = u32::try_from(events).unwrap_or(u32::MAX);
        self.channels.take_turn(self.client, FEED_EVENT_COST * events).await;
    }
}

/// The messages of the feed. It ends with an error when the log cannot be read; the client then comes back with its
/// last cursor.
pub fn follow(
    cached: CachedExecutor,
    channels: Arc<Channels>,
    log_pace: Arc<LogPace>,
    operation: Operation,
    held: HeldPermit,
    opened: OpenedFeed,
) -> BoxStream<'static, Message> {
    let feed = EventFeed { cached, channels, log_pace, operation, _held: held, opened };
    stream::unfold(Some(Box::new(feed)), async |feed| feed?.next().await).boxed()
}

impl EventFeed {
    /// The next message, and the feed unless this is the last.
    async fn next(mut self: Box<Self>) -> Option<(Message, Option<Box<Self>>)> {
        let Self { cached, channels, log_pace, operation, opened, .. } = &mut *self;
        let within = opened.within;
        let budget = FeedBudget { channels, log_pace, client: &operation.client };
        let next = opened.feed.next(|event| concerns(&event.body, within), &budget);
        let event = match next.await {
            Ok(event) => event,
            // No event is passed over: the client comes back with its last cursor.
            Err(error) => {
                let error = error::of_no_place(error::of_store(error));
                return Some((Message::refusals(vec![error], operation.language()), None));
            }
        };
        let cursor = Cursor::of(&event).encode();
        let changed_at = cached.executor.hub.published_at(event.version);
        // Boxed, since it is large and the next event may be long in coming.
        let mode = EventFeedMode::Deliver(event);
        let result = cached.execute(operation, mode, || Ok(())).boxed().await.result;
        if result.is_unavailable {
            return Some((Message::of(result), None));
        }
        let message = Message { cursor: Some(cursor), changed_at, ..Message::of(result) };
        Some((message, Some(self)))
    }
}
