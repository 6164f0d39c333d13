//! One socket: who is at its other end, which operations run on it, and when it ends.
//!
//! One task does all of it, except that the direct sink of an operation sends a state past it while the
//! operation waits. Operations take turns in the order in which they have something to send; while the
//! client does not read, no operation goes on, and the next message of each is the newest state.

use std::convert::Infallible;
use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message as Frame, Utf8Bytes, WebSocket};
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, select};
use futures_util::stream::{BoxStream, StreamExt as _};
use serde_json::{Map, Value};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout};
use tokio_stream::{StreamMap, StreamNotifyClose};

use super::PROTOCOL;
use super::direct::WsDirectSink;
use super::protocol::{self, ClientMessage, Ending};
use crate::auth::{self, Credential, Denied, Language};
use crate::error::{self, Code};
use crate::feed::cursor::Cursor;
use crate::graphql::cost::held::HeldByAll;
use crate::graphql::subscriptions::message::Message;
use crate::http::admission::{Holder, Permit, SocketLimits};
use crate::http::app::App;
use crate::http::credential;
use crate::http::tcp::connection::Connection;
use crate::limits::{
    DISCARD_MAX, DISCARD_WITHIN, SOCKET_MESSAGES_A_SECOND, SOCKET_MESSAGES_AT_ONCE,
    SOCKET_OPERATIONS_MAX,
};
use crate::measure;

/// Messages that are sent in a row before the session looks for anything else to do.
const SENT_IN_A_ROW: usize = 16;

/// A socket and its operations.
pub struct Session {
    app: Arc<App>,
    language: Language,
    socket: WebSocket,
    /// `None` where the socket came over no connection of ours.
    connection: Option<Arc<Connection>>,
    permit: Permit,
    /// The credential of the request that became this socket; a credential in `connection_init` is preferred.
    head_credential: Credential,
    /// Set once the socket is acknowledged.
    caller: Option<auth::Caller>,
    /// The end that is not of the client's making: the server stops, or the caller may be served no longer.
    over: BoxFuture<'static, Ending>,
    /// Operations by their ids; each stream yields `None` when it ends.
    operations: StreamMap<Arc<str>, StreamNotifyClose<BoxStream<'static, Message>>>,
    /// The memory that the operations hold.
    held: HeldByAll,
    /// Whether anything was received since the last ping.
    received: bool,
    rate: MessageRate,
}

/// The rate at which messages may come.
struct MessageRate {
    /// The moment at which the time of all messages received so far is over.
    busy_until: Instant,
}

impl MessageRate {
    const fn new(now: Instant) -> Self {
        Self { busy_until: now }
    }

    fn takes_one_more(&mut self, now: Instant) -> bool {
        let each = Duration::from_secs(1) / SOCKET_MESSAGES_A_SECOND;
        self.busy_until = self.busy_until.max(now) + each;
        self.busy_until <= now + each * SOCKET_MESSAGES_AT_ONCE
    }
}

/// The end of a session: an ending of ours, or the other side is gone.
enum SessionEnd {
    Ended(Ending),
    Gone,
}

impl From<Ending> for SessionEnd {
    fn from(ending: Ending) -> Self {
        Self::Ended(ending)
    }
}

type Outcome = Result<(), SessionEnd>;

impl Session {
    pub fn new(
        app: Arc<App>,
        language: Language,
        socket: WebSocket,
        connection: Option<Arc<Connection>>,
        permit: Permit,
        head_credential: Credential,
    ) -> Self {
        if let Some(connection) = &connection {
            connection.carry_frames();
        }
        let over = permit.ends().map(Ending::GoingAway).boxed();
        Self {
            app,
            language,
            socket,
            connection,
            permit,
            head_credential,
            caller: None,
            over,
            operations: StreamMap::new(),
            held: HeldByAll::default(),
            received: true,
            rate: MessageRate::new(Instant::now()),
        }
    }

    /// Serves the socket until it ends, and closes it.
    pub async fn run(mut self) {
        let end = self.talk().await;
        // Operations end first, so that nothing is executed for a client that is leaving.
        self.operations.clear();
        if let SessionEnd::Ended(ending) = &end {
            let code = ending.code().to_string();
            metrics::counter!(measure::SOCKET_ENDS, "code" => code).increment(1);
            tracing::debug!(code = ending.code(), reason = ending.reason(), "a socket is ended");
            let frame =
                CloseFrame { code: ending.code(), reason: Utf8Bytes::from_static(ending.reason()) };
            let said = self.socket.send(Frame::Close(Some(frame)));
            // It may be gone already.
            let _gone = timeout(self.app.admission.limits.write_within, said).await;
        }
        // Read until the other side closes: unread bytes would make the kernel drop our close frame.
        let rest = async { while let Some(Ok(_)) = self.socket.recv().await {} };
        let _silent = timeout(self.app.admission.limits.write_within, rest).await;
        // The library reads no more of a message that is too large.
        if let (SessionEnd::Ended(Ending::TooLarge), Some(connection)) = (end, &self.connection) {
            let _slow = timeout(DISCARD_WITHIN, connection.discard(DISCARD_MAX)).await;
        }
    }

    async fn talk(&mut self) -> SessionEnd {
        match self.listen().await {
            Ok(never) => match never {},
            Err(end) => end,
        }
    }

    async fn listen(&mut self) -> Result<Infallible, SessionEnd> {
        if self.socket.protocol().is_none_or(|agreed| agreed != PROTOCOL) {
            return Err(Ending::Protocol.into());
        }
        let SocketLimits { init_within, ping_every, .. } = self.app.admission.limits;
        let began = Instant::now();
        let mut pings = interval_at(began + ping_every, ping_every);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut flush_rest =
            pin!(flush_rest(self.connection.clone(), self.app.admission.limits.write_within));
        let mut in_a_row = 0;
        loop {
            // A message to send mostly comes alone, with nothing to receive, so operations are polled
            // first; but many messages in a row do not keep the client from being received.
            if in_a_row < SENT_IN_A_ROW
                && let Poll::Ready(Some((id, message))) =
                    futures_util::poll!(self.operations.next())
            {
                in_a_row += 1;
                self.send_next(id, message).await?;
                continue;
            }
            in_a_row = 0;
            tokio::select! {
                // Those that end the socket come first: there may always be something to send.
                biased;
                ending = &mut self.over => return Err(ending.into()),
                () = &mut flush_rest => return Err(cut_off()),
                () = sleep_until(began + init_within), if self.caller.is_none() => {
                    return Err(Ending::NoInit.into());
                }
                _ = pings.tick() => self.ping().await?,
                frame = self.socket.recv() => match frame {
                    Some(Ok(frame)) => self.receive(frame).await?,
                    Some(Err(error)) => return Err(of_fault(&error)),
                    None => return Err(SessionEnd::Gone),
                },
                Some((id, message)) = self.operations.next() => self.send_next(id, message).await?,
            }
        }
    }

    async fn receive(&mut self, frame: Frame) -> Outcome {
        self.received = true;
        if !self.rate.takes_one_more(Instant::now()) {
            return Err(Ending::TooFast.into());
        }
        let text = match frame {
            Frame::Text(text) => text,
            Frame::Binary(_) => {
                return Err(Ending::NotAMessage("Invalid message: not a text").into());
            }
            // The library answers pings.
            Frame::Ping(_) | Frame::Pong(_) => return Ok(()),
            Frame::Close(_) => return Err(SessionEnd::Gone),
        };
        match ClientMessage::read(&text)? {
            // Both are large, and seldom.
            ClientMessage::Init(payload) => self.acknowledge(&payload).boxed().await,
            ClientMessage::Ping(payload) => self.send(protocol::pong(payload.as_deref())).await,
            ClientMessage::Pong => Ok(()),
            ClientMessage::Subscribe { id, request } => self.begin(id, *request).boxed().await,
            ClientMessage::PersistedQuery { id } => self.refuse_persisted_query(&id).await,
            ClientMessage::Complete { id } => {
                // It may have ended by itself just now.
                self.operations.remove(&*id);
                Ok(())
            }
        }
    }

    async fn acknowledge(&mut self, payload: &Map<String, Value>) -> Outcome {
        if self.caller.is_some() {
            return Err(Ending::SecondInit.into());
        }
        let credential = credential::of_init(payload).unwrap_or(self.head_credential);
        let tokens = Arc::clone(&self.app.tokens);
        let (language, address) = (self.language, self.permit.address());
        let caller = auth::Caller { tokens, credential, language, address };
        let root = self.app.service.hub().latest().structure.root();
        match caller.identify(root).await {
            Ok(principal) => {
                let holder = Holder::of(&principal);
                self.permit
                    .settle(holder)
                    .map_err(|_| SessionEnd::from(Ending::ReservedForTokens))?;
            }
            Err(Denied::UnknownToken) => return Err(Ending::forbidden(credential, language).into()),
            Err(Denied::Busy) => return Err(Ending::TryAgain.into()),
            Err(Denied::Store(error)) => {
                tracing::warn!(error = format!("{:#}", anyhow::Error::from(error)), "cannot read");
                return Err(Ending::TryAgain.into());
            }
        }
        let refused = caller.clone().refused().map(move |denied| match denied {
            Denied::UnknownToken => Ending::forbidden(credential, language),
            Denied::Busy | Denied::Store(_) => Ending::TryAgain,
        });
        let stops = std::mem::replace(&mut self.over, pending().boxed());
        self.over = select(stops, refused.boxed()).map(|first| first.factor_first().0).boxed();
        self.caller = Some(caller);
        self.send(protocol::ack()).await?;
        if self.app.service.writer().behind_for() > Duration::ZERO {
            // The states that it is about to be sent may be old.
            self.send_ping().await?;
        }
        Ok(())
    }

    async fn begin(&mut self, id: Arc<str>, mut request: async_graphql::Request) -> Outcome {
        let Some(caller) = self.caller.clone() else { return Err(Ending::NotAcknowledged.into()) };
        if self.operations.contains_key(&*id) {
            return Err(Ending::SubscriberExists.into());
        }
        if self.operations.len() >= SOCKET_OPERATIONS_MAX {
            let refusal = self.app.service.too_many_operations(self.language);
            return self.send(protocol::error(&id, &refusal)).await;
        }
        let held = self.app.service.held_by(&mut request);
        self.held.retain(|id| self.operations.contains_key(id));
        if held.is_some_and(|held| !self.held.has_room_for(&held)) {
            let refusal = self.app.service.too_much_held(self.language);
            return self.send(protocol::error(&id, &refusal)).await;
        }
        if let Some(held) = held {
            self.held.insert(Arc::clone(&id), held);
        }
        let sink = self
            .connection
            .clone()
            .map(|connection| Box::new(WsDirectSink::new(connection, &id)) as _);
        let message = self.app.service.subscribe(request, caller, None, None, sink);
        let mut message = StreamNotifyClose::new(message);
        // Polled now, so that the operation begins before anything that the client sends after it.
        let first = futures_util::poll!(message.next());
        self.operations.insert(Arc::clone(&id), message);
        match first {
            Poll::Ready(Some(first)) => self.send_next(id, first).await,
            _ => Ok(()),
        }
    }

    async fn refuse_persisted_query(&mut self, id: &str) -> Outcome {
        if self.caller.is_none() {
            return Err(Ending::NotAcknowledged.into());
        }
        if self.operations.contains_key(id) {
            return Err(Ending::SubscriberExists.into());
        }
        let refusal = error::list(Code::persisted_query(), self.language);
        self.send(protocol::error(id, &refusal)).await
    }

    /// Sends the next message of an operation, or `complete` for `None`.
    async fn send_next(&mut self, id: Arc<str>, message: Option<Message>) -> Outcome {
        match message {
            Some(Message { result, .. }) if result.is_refusal => {
                self.operations.remove(&id);
                self.send(protocol::error(&id, result.errors())).await
            }
            Some(message) => {
                self.send(protocol::next(&id, &message)).await?;
                message.note_sent();
                Ok(())
            }
            None => {
                self.operations.remove(&id);
                self.send(protocol::complete(&id)).await
            }
        }
    }

    async fn ping(&mut self) -> Outcome {
        if !self.received {
            return Err(Ending::Silent.into());
        }
        self.received = false;
        if self.caller.is_none() {
            return Ok(());
        }
        self.send_ping().await
    }

    async fn send_ping(&mut self) -> Outcome {
        let newest = Cursor::head_of(&self.app.service.hub().latest());
        let behind = self.app.service.writer().behind_for();
        self.send(protocol::ping(newest, behind)).await
    }

    /// Sends a text, and cuts off a client that does not read it within `write_within`. A socket that is over sends nothing
    /// more to one that reads slowly.
    async fn send(&mut self, text: Utf8Bytes) -> Outcome {
        let sent = self.socket.send(Frame::Text(text));
        tokio::select! {
            biased;
            sent = timeout(self.app.admission.limits.write_within, sent) => match sent {
                Ok(Ok(())) => Ok(()),
                Ok(Err(_)) => Err(SessionEnd::Gone),
                Err(_) => Err(cut_off()),
            },
            ending = &mut self.over => Err(ending.into()),
        }
    }
}

/// Sends the rests of frames, until a rest was unsent for `write_within`.
async fn flush_rest(connection: Option<Arc<Connection>>, write_within: Duration) {
    let Some(connection) = connection else { return pending().await };
    loop {
        connection.left().await;
        match timeout(write_within, connection.flush()).await {
            Ok(Ok(())) => {}
            // The task that reads notices the broken connection as well.
            Ok(Err(_)) => pending().await,
            Err(_) => return,
        }
    }
}

fn cut_off() -> SessionEnd {
    tracing::info!("a socket that does not read is cut off");
    metrics::counter!(measure::SOCKET_ENDS, "code" => "none").increment(1);
    SessionEnd::Gone
}

/// The end of a session whose next message the library could not read.
fn of_fault(error: &axum::Error) -> SessionEnd {
    use std::error::Error as _;
    // The library has no other sign of it than its text.
    let too_large = error.source().is_some_and(|it| it.to_string().starts_with("Space limit"));
    if too_large { Ending::TooLarge.into() } else { SessionEnd::Gone }
}
