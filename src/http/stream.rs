//! Subscriptions over HTTP: as server-sent events (`graphql-sse`, distinct connections) and as
//! parts of one answer (Apollo's multipart protocol for subscriptions).

use std::convert::Infallible;
use std::fmt::Write as _;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::{self, BoxStream, Stream, StreamExt as _};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::places::Place;
use crate::graphql::follow::Told;
use crate::limits::STREAM_ALIVE_EVERY;

pub const EVENTS: &str = "text/event-stream";
pub const PARTS: &str = "multipart/mixed";
const PARTS_TYPE: &str = "multipart/mixed; boundary=graphql; subscriptionSpec=1.0";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    Events,
    Parts,
}

impl Framing {
    /// Goes out at once, and the answer's head with it.
    const fn start(self) -> &'static str {
        match self {
            Self::Events => ":\n\n",
            Self::Parts => "--graphql",
        }
    }

    fn message(self, told: &Told) -> String {
        let mut payload = String::with_capacity(told.answer.text.len() + 96);
        told.write(&mut payload);
        match self {
            Self::Events => {
                let mut event = String::with_capacity(payload.len() + 64);
                event.push_str("event: next\n");
                if let Some(cursor) = &told.cursor {
                    writeln!(event, "id: {cursor}").expect("a text takes more");
                }
                // JSON has its line breaks escaped.
                write!(event, "data: {payload}\n\n").expect("a text takes more");
                event
            }
            Self::Parts => part(&format!(r#"{{"payload":{payload}}}"#)),
        }
    }

    /// Keeps proxies from taking it for dead.
    fn alive(self) -> String {
        match self {
            Self::Events => ":\n\n".to_owned(),
            Self::Parts => part("{}"),
        }
    }

    const fn end(self) -> &'static str {
        match self {
            // With an empty text, since a browser drops an event without any.
            Self::Events => "event: complete\ndata:\n\n",
            Self::Parts => "--\r\n",
        }
    }

    const fn content_type(self) -> &'static str {
        match self {
            Self::Events => EVENTS,
            Self::Parts => PARTS_TYPE,
        }
    }
}

/// With the boundary after it: whoever reads it knows only then that it is whole.
fn part(json: &str) -> String {
    format!("\r\ncontent-type: application/json\r\n\r\n{json}\r\n--graphql")
}

/// Sends what is told until it ends, or until the place is to be given back.
pub fn respond(framing: Framing, told: BoxStream<'static, Told>, place: Place) -> Response {
    let messages = told.take_until(place.ends()).map(move |told| {
        told.note_sent();
        framing.message(&told)
    });
    let start = stream::once(async move { framing.start().to_owned() });
    let end = stream::once(async move { framing.end().to_owned() });
    let lines = with_signs_of_life(start.chain(messages).chain(end), framing).map(move |text| {
        let _held = &place;
        Ok::<_, Infallible>(text)
    });
    let mut response = (StatusCode::OK, Body::from_stream(lines)).into_response();
    let head = response.headers_mut();
    head.insert(header::CONTENT_TYPE, HeaderValue::from_static(framing.content_type()));
    head.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // nginx would gather it otherwise.
    head.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// The messages, and a sign of life wherever none came for a while.
fn with_signs_of_life(
    messages: impl Stream<Item = String> + Send + 'static,
    framing: Framing,
) -> impl Stream<Item = String> + Send {
    const _: () = assert!(STREAM_ALIVE_EVERY.as_secs() < Duration::from_secs(15).as_secs());
    let mut alive = interval_at(Instant::now() + STREAM_ALIVE_EVERY, STREAM_ALIVE_EVERY);
    alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
    stream::unfold((Box::pin(messages), alive), move |(mut messages, mut alive)| async move {
        tokio::select! {
            biased;
            message = messages.next() => {
                alive.reset();
                message.map(|message| (message, (messages, alive)))
            }
            _ = alive.tick() => Some((framing.alive(), (messages, alive))),
        }
    })
}
