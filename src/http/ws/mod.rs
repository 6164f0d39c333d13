//! GraphQL over WebSocket: `graphql-transport-ws`, to the letter of its protocol.
//!
//! [`protocol`] has the messages and the close codes, [`session`] decides which is sent when, [`direct`]
//! sends states past the session's task.

mod direct;
pub(super) mod protocol;
mod session;

use std::sync::Arc;

use axum::extract::{FromRequestParts as _, Request, State, WebSocketUpgrade};
use axum::response::{IntoResponse as _, Response};
use session::Session;
use tracing::{Instrument as _, Span};

use super::admission::Holder;
use super::app::{App, language, peer};
use super::credential;
use super::graphql::not_admitted;
use super::reserved::is_reserved;
use crate::limits::{MESSAGE_MAX, SOCKET_READ_BUFFER};

const PROTOCOL: &str = "graphql-transport-ws";

/// Takes a permit, and turns the request into a socket.
pub async fn upgrade(State(app): State<Arc<App>>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let language = language(&parts.headers);
    let head_credential = credential::of_headers(&parts.headers);
    let address = app.address(&parts.headers, &parts.extensions);
    let connection = peer(&parts.extensions).map(|peer| Arc::clone(&peer.connection));
    let upgrade = match WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.into_response(),
    };
    let is_reserved = is_reserved(&parts.extensions);
    let permit = match app.admission.take(address, Holder::Unknown) {
        Ok(permit) => permit,
        Err(why) => return not_admitted(why, language),
    };
    let permit = permit.on_connection(is_reserved);
    // Small buffers: most sockets are idle most of the time, and there are many.
    let upgrade = upgrade
        .read_buffer_size(SOCKET_READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(MESSAGE_MAX)
        .max_frame_size(MESSAGE_MAX);
    if let Some(connection) = &connection {
        connection.spell_subprotocol();
    }
    // Later lines of the log about the socket have the id of the request that opened it.
    let span = Span::current();
    upgrade.protocols([PROTOCOL]).on_upgrade(async move |socket| {
        Session::new(app, language, socket, connection, permit, head_credential)
            .run()
            .instrument(span)
            .await;
    })
}
