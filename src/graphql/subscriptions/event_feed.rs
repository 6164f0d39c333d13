//! Event feeds: every event after a position, each executed once for all who follow it.

use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::stream::{self, BoxStream, StreamExt as _};

use super::message::Message;
use crate::auth::Client;
use crate::error;
use crate::feed::cursor::Cursor;
use crate::feed::event_feed::Budget;
use crate::graphql::context::{EventFeedMode, OpenedFeed};
use crate::graphql::cost::held::HeldPermit;
use crate::graphql::execution::Operation;
use crate::graphql::schema::events::is_told;
use crate::graphql::service::{Service, plain, refusal};
use crate::limits::FEED_EVENT_COST;

/// What an event feed takes of its client's pace, and of the share that rooms have.
struct FeedBudget<'a> {
    service: &'a Service,
    client: &'a Client,
}

impl Budget for FeedBudget<'_> {
    async fn take(&self, events: usize) {
        self.service.log_pace.take(self.client, events).await;
        let events = u32::try_from(events).unwrap_or(u32::MAX);
        self.service.channels.take_turn(self.client, FEED_EVENT_COST * events).await;
    }
}

pub fn events(
    service: Service,
    operation: Operation,
    held: HeldPermit,
    opened: OpenedFeed,
) -> BoxStream<'static, Message> {
    let begun = Some((Arc::new((service, operation, held)), opened));
    stream::unfold(begun, async |begun| {
        let (following, mut opened) = begun?;
        let (service, operation, _held) = &*following;
        let within = opened.within;
        let budget = FeedBudget { service, client: &operation.client };
        let next = opened.feed.next(|event| is_told(&event.body, within), &budget);
        let event = match next.await {
            Ok(event) => event,
            // Nothing is passed over: the client comes back with its last cursor.
            Err(error) => {
                let error = plain(error::of_store(error));
                let failed = refusal(vec![error], operation.language());
                return Some((Message::of(Arc::new(failed)), None));
            }
        };
        let cursor = Cursor::of(&event).encode();
        let changed_at = service.hub().published_at(event.version);
        // Boxed, since it is large and the next event may be long in coming.
        let result =
            service.ask(operation, EventFeedMode::Deliver(event), None).boxed().await.result;
        if result.is_unavailable {
            return Some((Message::of(result), None));
        }
        Some((
            Message { cursor: Some(cursor), changed_at, ..Message::of(result) },
            Some((following, opened)),
        ))
    })
    .boxed()
}
