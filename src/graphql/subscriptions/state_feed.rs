//! State feeds: the present state at once, then at most one message for each window, always the newest state.

use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::stream::{self, BoxStream, StreamExt as _};
use tokio::time::Instant;

use super::channel::Published;
use super::channels::{Channels, Receiver};
use super::direct::DirectSink;
use super::message::{Message, once};
use super::subscriber::Subscriber;
use crate::auth::quota::NotAdmitted;
use crate::error::{self, Code};
use crate::graphql::cache::Lookup;
use crate::graphql::cost::held::HeldPermit;
use crate::graphql::execution::Operation;
use crate::graphql::execution::result::ResultBytes;
use crate::limits::FEED_WINDOW;
use crate::messages::ErrorMessage;

/// One subscriber's feed.
struct StateFeed {
    channels: Arc<Channels>,
    operation: Operation,
    _held: HeldPermit,
    subscriber: Arc<Subscriber>,
    receiver: Receiver,
    /// The message that goes out at once.
    first: Option<Message>,
    has_ended: bool,
}

/// The states of the operation. It ends with a state that holds nothing but errors.
pub async fn follow(
    channels: Arc<Channels>,
    operation: Operation,
    held: HeldPermit,
    sink: Option<Box<dyn DirectSink>>,
) -> BoxStream<'static, Message> {
    let subscriber = Arc::new(Subscriber::new(operation.client.clone(), sink));
    let (receiver, first) = match subscribe(&channels, &operation, &subscriber).await {
        Ok(subscribed) => subscribed,
        Err(result) => return once(Message::of(result)),
    };
    let message = Message::of(first);
    if message.result.is_void {
        return once(message);
    }
    let first = Some(message);
    let feed = StateFeed {
        channels,
        operation,
        _held: held,
        subscriber,
        receiver,
        first,
        has_ended: false,
    };
    stream::unfold(feed, StateFeed::next).boxed()
}

/// Subscribes to the shared channel, or to a private channel if the state depends on the caller, and
/// gives the present state. Without a state, the errors of its execution come back instead.
async fn subscribe(
    channels: &Arc<Channels>,
    operation: &Operation,
    subscriber: &Arc<Subscriber>,
) -> Result<(Receiver, Arc<ResultBytes>), Arc<ResultBytes>> {
    let refused = |why| {
        let error = match why {
            NotAdmitted::Full => Code::Unavailable.says(ErrorMessage::TooManyChannels),
            NotAdmitted::TooManyFromClient => {
                Code::RateLimited.says(ErrorMessage::TooManyChannelsFromClient)
            }
        };
        let errors = vec![error::of_no_place(error)];
        Arc::new(ResultBytes::refusal(errors, operation.language()))
    };
    let mut receiver =
        channels.subscribe_shared(operation, Arc::clone(subscriber)).map_err(refused)?;
    let mut found = receiver.now().await;
    if let Lookup::Private = found {
        drop(receiver);
        receiver =
            channels.subscribe_private(operation, Arc::clone(subscriber)).map_err(refused)?;
        found = receiver.now().await;
    }
    match found {
        Lookup::Cached(cached) => {
            receiver.begin(&cached, Instant::now() + FEED_WINDOW);
            Ok((receiver, Arc::clone(&cached.result)))
        }
        Lookup::Uncached(execution) => Err(execution.result),
        Lookup::Private => unreachable!("a private channel may rest on all of its caller"),
    }
}

impl StateFeed {
    async fn next(mut self) -> Option<(Message, Self)> {
        if let Some(first) = self.first.take() {
            return Some((first, self));
        }
        if self.has_ended {
            return None;
        }
        let message = match self.receiver.next().await {
            Published::State { cached, changed_at } => {
                Message { changed_at, ..Message::of(Arc::clone(&cached.result)) }
            }
            // Boxed, since it is large and hardly ever happens.
            Published::NoLongerShared => {
                let again = subscribe(&self.channels, &self.operation, &self.subscriber);
                match again.boxed().await {
                    Ok((receiver, result)) => {
                        self.receiver = receiver;
                        Message::of(result)
                    }
                    Err(result) => {
                        self.has_ended = true;
                        return Some((Message::of(result), self));
                    }
                }
            }
        };
        self.has_ended = message.result.is_void;
        Some((message, self))
    }
}
