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

use super::channels::{Seat, Shown};
use super::subscriber::Post;
use crate::auth::quota::NoPlace;
use crate::auth::{Caller, Client};
use crate::error::{self, Code};
use crate::feed::cursor::Cursor;
use crate::feed::event_feed::Budget;
use crate::graphql::cache::Found;
use crate::graphql::context::mark::Moment;
use crate::graphql::context::{Opened, Step};
use crate::graphql::cost::budgets::{Bill, Cost, Refused};
use crate::graphql::cost::held::HeldPermit;
use crate::graphql::execution::Asked;
use crate::graphql::execution::extensions;
use crate::graphql::execution::result::Answer;
use crate::graphql::schema::events::is_told;
use crate::graphql::service::{Delivery, Service, plain, refusal, wants_cost};
use crate::limits::{FEED_EVENT_COST, FEED_WINDOW};
use crate::measure;
use crate::messages::Message;
use crate::traces;

pub use super::subscriber::Lane;

/// One message of an operation over a connection that stays.
#[derive(Debug)]
pub struct Told {
    pub answer: Arc<Answer>,
    /// The last event that a query or a mutation shows.
    pub mark: Option<Cursor>,
    /// What the request cost, for a client that asked for it; with the first message.
    pub cost: Option<Cost>,
    /// Of the event that an event feed told, to go on from.
    pub cursor: Option<String>,
    /// When the event, or the first change that is new in a state, could be read.
    pub changed_at: Option<Instant>,
}

impl Told {
    pub fn of(answer: Arc<Answer>) -> Self {
        Self { answer, mark: None, cost: None, cursor: None, changed_at: None }
    }

    /// Notes that it was sent, and how long that took.
    pub fn note_sent(&self) {
        measure::messages().increment(1);
        if let Some(changed_at) = self.changed_at {
            measure::feed_seconds().record(changed_at.elapsed());
        }
    }

    /// Writes the whole answer, as JSON.
    pub fn write(&self, text: &mut String) {
        text.push_str(&self.answer.text);
        extensions::write(self.mark, self.cost, text);
        text.push('}');
    }
}

impl Service {
    /// Answers whatever is asked over a connection that stays: a query or a mutation once, a
    /// subscription with each message, of a state feed with each that says something new.
    /// An event feed goes on after `resume`, if that is given, whatever the request says. A state may be
    /// told by the lane instead, as long as the stream is waited for and what it gave was sent.
    pub fn tell(
        &self,
        request: Request,
        caller: Caller,
        min_version: Option<Moment>,
        resume: Option<String>,
        lane: Option<Box<dyn Lane>>,
    ) -> BoxStream<'static, Told> {
        // What begins is larger than what goes on, and is gone then.
        let begin = self.clone().begin(request, caller, min_version, resume, lane);
        begin.boxed().flatten_stream().boxed()
    }

    async fn begin(
        self,
        request: Request,
        caller: Caller,
        min_version: Option<Moment>,
        resume: Option<String>,
        lane: Option<Box<dyn Lane>>,
    ) -> BoxStream<'static, Told> {
        // A token may have ended since the connection was opened.
        let root = self.hub().latest().registry.root();
        let refused = |errors| Told::of(Arc::new(refusal(errors, caller.language)));
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
                return once(Told { cost, ..refused(vec![plain(error)]) });
            }
        };
        let cost = |bill: &Bill| wants_cost.then(|| bill.cost());
        match self.read(request, principal, client, min_version).await {
            Ok(asked) if asked.kind() == Some(OperationType::Subscription) => {
                if let Err(Refused { error, .. }) = self.charge_opening(&asked, &mut bill) {
                    return once(Told { cost: cost(&bill), ..refused(vec![plain(error)]) });
                }
                let cost = cost(&bill);
                let span = traces::operation(|| asked.traced());
                let told = self.follow(asked, resume, lane).instrument(span).await;
                if cost.is_some() { with_cost(told, cost) } else { told }
            }
            Ok(asked) => {
                let Delivery { answer, mark, .. } = self.ask_once(&asked, &mut bill).await;
                once(Told { mark, cost: cost(&bill), ..Told::of(answer) })
            }
            Err(errors) => once(Told { cost: cost(&bill), ..refused(errors) }),
        }
    }

    /// A channel that is open costs nothing more to join.
    fn charge_opening(&self, asked: &Asked, bill: &mut Bill) -> Result<(), Refused> {
        if self.rooms.is_open(asked) { Ok(()) } else { self.charge(asked, bill) }
    }

    async fn follow(
        self,
        asked: Asked,
        resume: Option<String>,
        lane: Option<Box<dyn Lane>>,
    ) -> BoxStream<'static, Told> {
        let held = match self.rooms.hold(&asked) {
            Ok(held) => held,
            Err(error) => return once(Told::of(Arc::new(refusal(vec![error], asked.language())))),
        };
        if asked.document.is_event_feed(asked.operation()) {
            let step = resume.map_or(Step::Open, Step::OpenAfter);
            let opening = self.engine.execute(&asked, step).await;
            match opening.opened {
                Some(opened) => events(self, asked, held, opened),
                None => once(Told::of(opening.answer)),
            }
        } else {
            states(self, asked, held, Arc::new(Post::new(lane))).await
        }
    }
}

/// Tells the cost with the first message.
fn with_cost(told: BoxStream<'static, Told>, mut cost: Option<Cost>) -> BoxStream<'static, Told> {
    told.map(move |told| Told { cost: cost.take(), ..told }).boxed()
}

fn once(told: Told) -> BoxStream<'static, Told> {
    stream::iter([told]).boxed()
}

/// One who follows a state.
struct Follower {
    service: Service,
    asked: Asked,
    _held: HeldPermit,
    post: Arc<Post>,
    seat: Seat,
    /// To be told at once.
    first: Option<Told>,
    ended: bool,
}

async fn states(
    service: Service,
    asked: Asked,
    held: HeldPermit,
    post: Arc<Post>,
) -> BoxStream<'static, Told> {
    let (seat, first) = match sit_down(&service, &asked, &post).await {
        Ok(seated) => seated,
        Err(answer) => return once(Told::of(answer)),
    };
    let told = Told::of(first);
    if told.answer.is_void {
        return once(told);
    }
    let first = Some(told);
    let follower = Follower { service, asked, _held: held, post, seat, first, ended: false };
    stream::unfold(follower, Follower::next).boxed()
}

/// A seat, with others if what is asked can be shared, and the present state.
async fn sit_down(
    service: &Service,
    asked: &Asked,
    post: &Arc<Post>,
) -> Result<(Seat, Arc<Answer>), Arc<Answer>> {
    let no_room = |why| {
        let error = match why {
            NoPlace::Full => Code::Unavailable.says(Message::TooManyRooms),
            NoPlace::TooManyFromThere => Code::RateLimited.says(Message::TooManyRoomsFromThere),
        };
        Arc::new(refusal(vec![plain(error)], asked.language()))
    };
    let mut seat = service.rooms.join(asked, Arc::clone(post)).map_err(no_room)?;
    let mut found = seat.now().await;
    if let Found::Own = found {
        drop(seat);
        seat = service.rooms.alone(asked, Arc::clone(post)).map_err(no_room)?;
        found = seat.now().await;
    }
    match found {
        Found::Kept(kept) => {
            seat.begin(&kept, Instant::now() + FEED_WINDOW);
            Ok((seat, Arc::clone(&kept.answer)))
        }
        Found::Unkept(executed) => Err(executed.answer),
        Found::Own => unreachable!("in a room of one's own nothing is too much one's own"),
    }
}

impl Follower {
    async fn next(mut self) -> Option<(Told, Self)> {
        if let Some(first) = self.first.take() {
            return Some((first, self));
        }
        if self.ended {
            return None;
        }
        let told = match self.seat.next().await {
            Shown::State { kept, changed_at } => {
                Told { changed_at, ..Told::of(Arc::clone(&kept.answer)) }
            }
            // Boxed, since it is large and hardly ever happens.
            Shown::Apart => {
                let again = sit_down(&self.service, &self.asked, &self.post);
                match again.boxed().await {
                    Ok((seat, answer)) => {
                        self.seat = seat;
                        Told::of(answer)
                    }
                    Err(answer) => {
                        self.ended = true;
                        return Some((Told::of(answer), self));
                    }
                }
            }
        };
        self.ended = told.answer.is_void;
        Some((told, self))
    }
}

/// What an event feed takes of its client's pace, and of the share that rooms have.
struct FeedBudget<'a> {
    service: &'a Service,
    client: &'a Client,
}

impl Budget for FeedBudget<'_> {
    async fn take(&self, events: usize) {
        self.service.log_pace.take(self.client, events).await;
        let events = u32::try_from(events).unwrap_or(u32::MAX);
        self.service.rooms.take_turn(self.client, FEED_EVENT_COST * events).await;
    }
}

fn events(
    service: Service,
    asked: Asked,
    held: HeldPermit,
    opened: Opened,
) -> BoxStream<'static, Told> {
    let begun = Some((Arc::new((service, asked, held)), opened));
    stream::unfold(begun, async |begun| {
        let (following, mut opened) = begun?;
        let (service, asked, _held) = &*following;
        let within = opened.within;
        let budget = FeedBudget { service, client: &asked.client };
        let next = opened.feed.next(|event| is_told(&event.body, within), &budget);
        let event = match next.await {
            Ok(event) => event,
            // Nothing is passed over: the client comes back with its last cursor.
            Err(error) => {
                let error = plain(error::of_store(error));
                let failed = refusal(vec![error], asked.language());
                return Some((Told::of(Arc::new(failed)), None));
            }
        };
        let cursor = Cursor::of(&event).encode();
        let changed_at = service.hub().published_at(event.version);
        // Boxed, since it is large and the next event may be long in coming.
        let answer = service.ask(asked, Step::Tell(event), None).boxed().await.answer;
        if answer.is_unavailable {
            return Some((Told::of(answer), None));
        }
        Some((
            Told { cursor: Some(cursor), changed_at, ..Told::of(answer) },
            Some((following, opened)),
        ))
    })
    .boxed()
}
