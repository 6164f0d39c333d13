//! Subscriptions over HTTP: as server-sent events (`graphql-sse`, distinct connections) and as
//! parts of one response (Apollo's multipart protocol for subscriptions).

use std::fmt::Write as _;
use std::pin::Pin;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::{self, BoxStream, StreamExt as _};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::admission::Permit;
use crate::graphql::subscriptions::message::Message;
use crate::limits::STREAM_ALIVE_EVERY;

pub const EVENTS: &str = "text/event-stream";
pub const PARTS: &str = "multipart/mixed; boundary=graphql; subscriptionSpec=1.0";

/// The form of a stream: server-sent events, or parts of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    Events,
    Parts,
}

impl Framing {
    /// The first text, which goes out at once, and the response's head with it.
    const fn start(self) -> &'static str {
        match self {
            Self::Events => ":\n\n",
            Self::Parts => "--graphql",
        }
    }

    /// The message as an event, or as a part.
    pub fn message(self, message: &Message) -> String {
        let mut payload = String::with_capacity(message.result.text.len() + 96);
        message.write(&mut payload);
        match self {
            Self::Events => {
                let mut event = String::with_capacity(payload.len() + 64);
                event.push_str("event: next\n");
                if let Some(cursor) = &message.cursor {
                    writeln!(event, "id: {cursor}").expect("a text takes more");
                }
                // JSON has its line breaks escaped.
                write!(event, "data: {payload}\n\n").expect("a text takes more");
                event
            }
            Self::Parts => part(&format!(r#"{{"payload":{payload}}}"#)),
        }
    }

    /// A sign of life, which keeps proxies from taking the stream for dead.
    fn alive(self) -> String {
        match self {
            Self::Events => ":\n\n".to_owned(),
            Self::Parts => part("{}"),
        }
    }

    const fn end(self) -> &'static str {
        match self {
            // With empty data, since a browser drops an event without data.
            Self::Events => "event: complete\ndata:\n\n",
            Self::Parts => "--\r\n",
        }
    }

    const fn content_type(self) -> &'static str {
        match self {
            Self::Events => EVENTS,
            Self::Parts => PARTS,
        }
    }
}

/// A part with the boundary after it, since a reader knows only then that the part is whole.
fn part(json: &str) -> String {
    format!("\r\ncontent-type: application/json\r\n\r\n{json}\r\n--graphql")
}

/// Sends messages until they end, and then the end. When the server stops first, the stream breaks off
/// without an end, since a client that receives an end does not come back.
pub fn respond(
    framing: Framing,
    messages: BoxStream<'static, Message>,
    permit: Permit,
) -> Response {
    const _: () = assert!(STREAM_ALIVE_EVERY.as_secs() < Duration::from_secs(15).as_secs());
    let mut alive = interval_at(Instant::now() + STREAM_ALIVE_EVERY, STREAM_ALIVE_EVERY);
    alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let ends = Box::pin(permit.ends());
    let streaming =
        ResponseStream { framing, messages, ends, alive, state: State::Starting, _permit: permit };
    let body = Body::from_stream(stream::unfold(streaming, ResponseStream::next));
    let mut response = (StatusCode::OK, body).into_response();
    let head = response.headers_mut();
    head.insert(header::CONTENT_TYPE, HeaderValue::from_static(framing.content_type()));
    head.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // nginx would gather the messages otherwise.
    head.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// The body of a response while messages come.
struct ResponseStream<E> {
    framing: Framing,
    messages: BoxStream<'static, Message>,
    /// Resolves when the permit is to be returned.
    ends: Pin<Box<E>>,
    alive: Interval,
    state: State,
    _permit: Permit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Starting,
    Running,
    Ended,
}

/// The server stops while the stream runs: the connection breaks off.
#[derive(Debug, thiserror::Error)]
#[error("the server stops")]
struct CutShort;

impl<E: Future<Output = ()> + Send> ResponseStream<E> {
    /// The next text: a message, the end, or a sign of life when no message came for a while.
    async fn next(mut self) -> Option<(Result<String, CutShort>, Self)> {
        match self.state {
            State::Ended => return None,
            State::Starting => {
                self.state = State::Running;
                return Some((Ok(self.framing.start().to_owned()), self));
            }
            State::Running => {}
        }
        let text = tokio::select! {
            biased;
            () = &mut self.ends => {
                self.state = State::Ended;
                Err(CutShort)
            }
            message = self.messages.next() => {
                self.alive.reset();
                Ok(match message {
                    Some(message) => {
                        message.note_sent();
                        self.framing.message(&message)
                    }
                    None => {
                        self.state = State::Ended;
                        self.framing.end().to_owned()
                    }
                })
            }
            _ = self.alive.tick() => Ok(self.framing.alive()),
        };
        Some((text, self))
    }
}
