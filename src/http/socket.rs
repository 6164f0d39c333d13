//! GraphQL over WebSocket: `graphql-transport-ws`, by the library's stock driver for now.

use std::sync::Arc;

use async_graphql::Data;
use async_graphql_axum::{GraphQLProtocol, GraphQLWebSocket};
use axum::extract::{FromRequestParts as _, Request, State, WebSocketUpgrade};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::{App, bearer, language};
use crate::auth::{Language, Proof, Session};
use crate::graphql::error;
use crate::limits::{BODY_MAX, SOCKET_READ_BUFFER};

const PROTOCOL: &str = "graphql-transport-ws";

pub async fn upgrade(State(app): State<App>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let offered = parts
        .headers
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|protocol| protocol.trim() == PROTOCOL);
    if !offered {
        let message = "the subprotocol of a WebSocket must be graphql-transport-ws";
        return (StatusCode::BAD_REQUEST, message).into_response();
    }
    let language = language(&parts.headers);
    // The driver would take the dialect that the client names first, whatever is agreed on.
    parts.headers.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(PROTOCOL));
    let protocol = match GraphQLProtocol::from_request_parts(&mut parts, &()).await {
        Ok(protocol) => protocol,
        Err(status) => return status.into_response(),
    };
    let upgrade = match WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.into_response(),
    };
    // Small buffers: most sockets are idle most of the time, and there are many.
    let upgrade = upgrade
        .read_buffer_size(SOCKET_READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(BODY_MAX)
        .max_frame_size(BODY_MAX);
    upgrade.protocols([PROTOCOL]).on_upgrade(move |socket| {
        let service = app.service.clone();
        GraphQLWebSocket::new(socket, service, protocol)
            .on_connection_init(move |payload| async move {
                let mut data = Data::default();
                data.insert(identify(&app, &payload, language).await?);
                Ok(data)
            })
            .serve()
    })
}

async fn identify(
    app: &App,
    payload: &serde_json::Value,
    language: Language,
) -> async_graphql::Result<Session> {
    let shown = payload.get("authorization").or_else(|| payload.get("Authorization"));
    // What is no text proves nothing, but was meant to.
    let token = shown
        .filter(|shown| !shown.is_null())
        .map(|shown| shown.as_str().map(bearer).unwrap_or_default());
    let session = Session { tokens: Arc::clone(&app.tokens), proof: Proof::of(token), language };
    let root = app.service.hub().latest().registry.root();
    match session.identify(root).await {
        Ok(_) => Ok(session),
        Err(denied) => Err(error::of_denied(denied)),
    }
}
