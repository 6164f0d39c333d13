//! Following: what a subscription tells, message after message.
//!
//! Of a state feed the present state at once, then at most one for each window, always the newest.
//! Of an event feed every event after the position, each executed once for all who follow it.

use std::sync::Arc;

use async_graphql::Request;
use async_graphql::parser::types::OperationType;
use futures_util::FutureExt as _;
use futures_util::stream::{self, BoxStream, StreamExt as _};
use tokio::time::Instant;
use tracing::Instrument as _;

use super::channel::Published;
use super::channels::Receiver;
use super::direct::DirectSink;
use super::event_feed::events;
use super::message::{Message, once, with_cost};
use super::subscriber::Subscriber;
use crate::auth::quota::NotAdmitted;
use crate::auth::{Caller, Client};
use crate::error::{self, Code};
use crate::graphql::cache::Lookup;
use crate::graphql::context::EventFeedMode;
use crate::graphql::context::mark::Moment;
use crate::graphql::cost::budgets::{Bill, Refused};
use crate::graphql::cost::held::HeldPermit;
use crate::graphql::execution::Operation;
use crate::graphql::execution::result::ResultBytes;
use crate::graphql::service::{Delivery, Service, plain, refusal, wants_cost};
use crate::limits::FEED_WINDOW;
use crate::messages::ErrorMessage;
use crate::traces;

impl Service {
    /// Answers whatever is asked over a connection that stays: a query or a mutation once, a
    /// subscription with each message, of a state feed with each that says something new.
    /// An event feed goes on after `resume`, if that is given, whatever the request says. A state may be
    /// told by the lane instead, as long as the stream is waited for and what it gave was sent.
    pub fn subscribe(
        &self,
        request: Request,
        caller: Caller,
        min_version: Option<Moment>,
        resume: Option<String>,
        sink: Option<Box<dyn DirectSink>>,
    ) -> BoxStream<'static, Message> {
        // What begins is larger than what goes on, and is gone then.
        let begin = self.clone().begin(request, caller, min_version, resume, sink);
        begin.boxed().flatten_stream().boxed()
    }

    async fn begin(
        self,
        request: Request,
        caller: Caller,
        min_version: Option<Moment>,
        resume: Option<String>,
        sink: Option<Box<dyn DirectSink>>,
    ) -> BoxStream<'static, Message> {
        // A token may have ended since the connection was opened.
        let root = self.hub().latest().structure.root();
        let refused = |errors| Message::of(Arc::new(refusal(errors, caller.language)));
        let principal = match caller.identify(root).await {
            Ok(principal) => Arc::new(principal),
            Err(denied) => return once(refused(vec![plain(error::of_denied(denied))])),
        };
        let client = Client::of(&principal, caller.address);
        let wants_cost = wants_cost(&request);
        let mut bill = match self.open_bill(&request, &principal, &client) {
            Ok(bill) => bill,
            Err(Refused { error, cost }) => {
                let cost = wants_cost.then_some(cost);
                return once(Message { cost, ..refused(vec![plain(error)]) });
            }
        };
        let cost = |bill: &Bill| wants_cost.then(|| bill.cost());
        match self.read(request, principal, client, min_version).await {
            Ok(operation) if operation.kind() == Some(OperationType::Subscription) => {
                if let Err(Refused { error, .. }) = self.charge_opening(&operation, &mut bill) {
                    return once(Message { cost: cost(&bill), ..refused(vec![plain(error)]) });
                }
                let cost = cost(&bill);
                let span = traces::operation(|| operation.traced());
                let message = self.follow(operation, resume, sink).instrument(span).await;
                if cost.is_some() { with_cost(message, cost) } else { message }
            }
            Ok(operation) => {
                let Delivery { result, mark, .. } = self.ask_once(&operation, &mut bill).await;
                once(Message { mark, cost: cost(&bill), ..Message::of(result) })
            }
            Err(errors) => once(Message { cost: cost(&bill), ..refused(errors) }),
        }
    }

    /// A channel that is open costs nothing more to join.
    fn charge_opening(&self, operation: &Operation, bill: &mut Bill) -> Result<(), Refused> {
        if self.channels.is_open(operation) { Ok(()) } else { self.charge(operation, bill) }
    }

    async fn follow(
        self,
        operation: Operation,
        resume: Option<String>,
        sink: Option<Box<dyn DirectSink>>,
    ) -> BoxStream<'static, Message> {
        let held = match self.channels.hold(&operation) {
            Ok(held) => held,
            Err(error) => {
                return once(Message::of(Arc::new(refusal(vec![error], operation.language()))));
            }
        };
        if operation.document.is_event_feed(operation.operation_name()) {
            let mode = resume.map_or(EventFeedMode::Open, EventFeedMode::Resume);
            let opening = self.executor.execute(&operation, mode).await;
            match opening.opened {
                Some(opened) => events(self, operation, held, opened),
                None => once(Message::of(opening.result)),
            }
        } else {
            states(self, operation, held, Arc::new(Subscriber::new(sink))).await
        }
    }
}

/// One who follows a state.
struct Follower {
    service: Service,
    operation: Operation,
    _held: HeldPermit,
    subscriber: Arc<Subscriber>,
    receiver: Receiver,
    /// To be told at once.
    first: Option<Message>,
    ended: bool,
}

async fn states(
    service: Service,
    operation: Operation,
    held: HeldPermit,
    subscriber: Arc<Subscriber>,
) -> BoxStream<'static, Message> {
    let (receiver, first) = match subscribe(&service, &operation, &subscriber).await {
        Ok(subscribed) => subscribed,
        Err(result) => return once(Message::of(result)),
    };
    let message = Message::of(first);
    if message.result.is_void {
        return once(message);
    }
    let first = Some(message);
    let follower =
        Follower { service, operation, _held: held, subscriber, receiver, first, ended: false };
    stream::unfold(follower, Follower::next).boxed()
}

/// A seat, with others if what is asked can be shared, and the present state.
async fn subscribe(
    service: &Service,
    operation: &Operation,
    subscriber: &Arc<Subscriber>,
) -> Result<(Receiver, Arc<ResultBytes>), Arc<ResultBytes>> {
    let refused = |why| {
        let error = match why {
            NotAdmitted::Full => Code::Unavailable.says(ErrorMessage::TooManyRooms),
            NotAdmitted::TooManyFromClient => {
                Code::RateLimited.says(ErrorMessage::TooManyRoomsFromThere)
            }
        };
        Arc::new(refusal(vec![plain(error)], operation.language()))
    };
    let mut receiver =
        service.channels.subscribe_shared(operation, Arc::clone(subscriber)).map_err(refused)?;
    let mut found = receiver.now().await;
    if let Lookup::Private = found {
        drop(receiver);
        receiver = service
            .channels
            .subscribe_private(operation, Arc::clone(subscriber))
            .map_err(refused)?;
        found = receiver.now().await;
    }
    match found {
        Lookup::Cached(cached) => {
            receiver.begin(&cached, Instant::now() + FEED_WINDOW);
            Ok((receiver, Arc::clone(&cached.result)))
        }
        Lookup::Uncached(execution) => Err(execution.result),
        Lookup::Private => unreachable!("in a room of one's own nothing is too much one's own"),
    }
}

impl Follower {
    async fn next(mut self) -> Option<(Message, Self)> {
        if let Some(first) = self.first.take() {
            return Some((first, self));
        }
        if self.ended {
            return None;
        }
        let message = match self.receiver.next().await {
            Published::State { cached, changed_at } => {
                Message { changed_at, ..Message::of(Arc::clone(&cached.result)) }
            }
            // Boxed, since it is large and hardly ever happens.
            Published::NoLongerShared => {
                let again = subscribe(&self.service, &self.operation, &self.subscriber);
                match again.boxed().await {
                    Ok((receiver, result)) => {
                        self.receiver = receiver;
                        Message::of(result)
                    }
                    Err(result) => {
                        self.ended = true;
                        return Some((Message::of(result), self));
                    }
                }
            }
        };
        self.ended = message.result.is_void;
        Some((message, self))
    }
}
