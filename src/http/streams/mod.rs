//! Subscriptions over HTTP: the body of a response while messages come, in one of two forms.

pub mod multipart;
pub mod sse;

use std::pin::Pin;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream, StreamExt as _};
use tokio::task::yield_now;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use crate::graphql::subscriptions::message::Message;
use crate::http::admission::{Permit, StopReason};
use crate::limits::STREAM_ALIVE_EVERY;

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
            Self::Events => sse::ALIVE,
            Self::Parts => multipart::START,
        }
    }

    /// The message as an event, or as a part.
    pub fn message(self, message: &Message) -> String {
        match self {
            Self::Events => sse::next(message),
            Self::Parts => multipart::next(message),
        }
    }

    /// Why the stream breaks off; between parts there is room for nothing.
    const fn reason(self, why: StopReason) -> &'static str {
        match (self, why) {
            (Self::Events, StopReason::Asked) => sse::STOPPING,
            (Self::Events, StopReason::Failed) => sse::FAILED,
            (Self::Parts, _) => "",
        }
    }

    /// A sign of life, which keeps proxies from taking the stream for dead.
    const fn alive(self) -> &'static str {
        match self {
            Self::Events => sse::ALIVE,
            Self::Parts => multipart::ALIVE,
        }
    }

    const fn end(self) -> &'static str {
        match self {
            Self::Events => sse::COMPLETE,
            Self::Parts => multipart::END,
        }
    }

    const fn content_type(self) -> &'static str {
        match self {
            Self::Events => sse::CONTENT_TYPE,
            Self::Parts => multipart::CONTENT_TYPE,
        }
    }
}

/// The end of a stream whose caller may be served no longer.
pub struct LastMessage {
    pub message: Message,
    /// Whether the client may be served again when it comes back.
    pub is_for_now: bool,
}

/// Sends messages until they end, and then the end. When the server stops first, the stream breaks off
/// without an end, since a client that receives an end does not come back; events say why in a comment. A caller that may
/// be served no longer gets a last message, and the end where it need not come back.
pub fn respond(
    framing: Framing,
    messages: BoxStream<'static, Message>,
    permit: Permit,
    refused: impl Future<Output = LastMessage> + Send + 'static,
) -> Response {
    const _: () = assert!(STREAM_ALIVE_EVERY.as_secs() < Duration::from_secs(15).as_secs());
    let mut alive = interval_at(Instant::now() + STREAM_ALIVE_EVERY, STREAM_ALIVE_EVERY);
    alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let ends = Box::pin(permit.ends());
    let streaming = ResponseStream {
        framing,
        messages,
        ends,
        refused: refused.boxed(),
        alive,
        state: State::Starting,
        _permit: permit,
    };
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
    /// Resolves when the caller may be served no longer.
    refused: BoxFuture<'static, LastMessage>,
    alive: Interval,
    state: State,
    _permit: Permit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Starting,
    Running,
    /// The connection breaks off.
    CutShort,
    Ended,
}

/// The server stops while the stream runs: the connection breaks off.
#[derive(Debug, thiserror::Error)]
#[error("the server stops")]
struct CutShort;

impl<E: Future<Output = StopReason> + Send> ResponseStream<E> {
    /// The next text: a message, the end, or a sign of life when no message came for a while.
    async fn next(mut self) -> Option<(Result<String, CutShort>, Self)> {
        match self.state {
            State::Ended => return None,
            State::CutShort => {
                // The library sends what it has while it waits for more, and drops it at an error.
                yield_now().await;
                self.state = State::Ended;
                return Some((Err(CutShort), self));
            }
            State::Starting => {
                self.state = State::Running;
                return Some((Ok(self.framing.start().to_owned()), self));
            }
            State::Running => {}
        }
        let text = tokio::select! {
            biased;
            why = &mut self.ends => {
                self.state = State::CutShort;
                self.framing.reason(why).to_owned()
            }
            LastMessage { message, is_for_now } = &mut self.refused => {
                self.state = if is_for_now { State::CutShort } else { State::Ended };
                let end = if is_for_now { "" } else { self.framing.end() };
                self.framing.message(&message) + end
            }
            message = self.messages.next() => {
                self.alive.reset();
                match message {
                    Some(message) => {
                        message.note_sent();
                        self.framing.message(&message)
                    }
                    None => {
                        self.state = State::Ended;
                        self.framing.end().to_owned()
                    }
                }
            }
            _ = self.alive.tick() => self.framing.alive().to_owned(),
        };
        Some((Ok(text), self))
    }
}
