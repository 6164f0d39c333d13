//! GraphQL over WebSocket: `graphql-transport-ws`, to the letter of its protocol.
//!
//! [`protocol`] knows the messages and the close codes, [`session`] what is said when.

mod protocol;
mod session;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::extract::{FromRequestParts as _, Request, State, WebSocketUpgrade};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use tokio::sync::watch;

use super::graphql::refused;
use super::{App, language};
use crate::limits::{
    MESSAGE_MAX, RETRY_AFTER_SECS, SOCKET_INIT_WITHIN, SOCKET_PING_EVERY, SOCKET_READ_BUFFER,
    SOCKET_WRITE_WITHIN, SOCKETS_MAX,
};
use session::Session;

const PROTOCOL: &str = "graphql-transport-ws";

/// How long is waited for a client; [`Default`] says what holds in a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pacing {
    /// Until it says who is there.
    pub init_within: Duration,
    /// Between two pings; one that was not heard of in between is cut off.
    pub ping_every: Duration,
    /// Until it has read a message.
    pub write_within: Duration,
}

impl Default for Pacing {
    fn default() -> Self {
        Self {
            init_within: SOCKET_INIT_WITHIN,
            ping_every: SOCKET_PING_EVERY,
            write_within: SOCKET_WRITE_WITHIN,
        }
    }
}

/// The sockets of this server: how many there are, and whether they are to end.
#[derive(Debug, Clone)]
pub struct Sockets {
    pacing: Pacing,
    open: Arc<AtomicUsize>,
    stopping: watch::Sender<bool>,
}

/// One of them, for as long as it is open.
#[derive(Debug)]
pub struct Place(Arc<AtomicUsize>);

impl Default for Sockets {
    fn default() -> Self {
        Self::new(Pacing::default())
    }
}

impl Sockets {
    pub fn new(pacing: Pacing) -> Self {
        Self { pacing, open: Arc::default(), stopping: watch::Sender::new(false) }
    }

    /// Ends them all: each is told to come back elsewhere.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// How many are open, streams over HTTP among them.
    pub fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    /// Resolves when they are to end.
    pub fn stopped(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut stopping = self.stopping.subscribe();
        async move {
            // The sender lives as long as the server.
            let _gone = stopping.wait_for(|stopping| *stopping).await;
        }
    }

    /// `None` when there are as many as there may be, or the server stops.
    pub fn take_place(&self) -> Option<Place> {
        if *self.stopping.borrow() {
            return None;
        }
        let taken = Place(Arc::clone(&self.open));
        // Counted first: given back by being dropped.
        (taken.0.fetch_add(1, Ordering::Relaxed) < SOCKETS_MAX).then_some(taken)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The answer to a socket or a stream too many.
pub fn no_place() -> Response {
    let message = "no connection is free; try again";
    let mut response = refused(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", message);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECS));
    response
}

pub async fn upgrade(State(app): State<App>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let language = language(&parts.headers);
    let upgrade = match WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.into_response(),
    };
    let Some(place) = app.sockets.take_place() else { return no_place() };
    // Small buffers: most sockets are idle most of the time, and there are many.
    let upgrade = upgrade
        .read_buffer_size(SOCKET_READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(MESSAGE_MAX)
        .max_frame_size(MESSAGE_MAX);
    upgrade.protocols([PROTOCOL]).on_upgrade(async move |socket| {
        let _place = place;
        Session::new(app, language, socket).run().await;
    })
}
