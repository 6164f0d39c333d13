//! Reserved connections: the last quarter, for clients with a valid token. A client on such a connection shows its
//! token with the request, or, with a socket, in `connection_init`; a request without a token is refused as if all were
//! taken.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use super::app::{App, language, peer};
use super::graphql::not_admitted;
use super::negotiate::wants_socket;
use crate::auth::quota::NotAdmitted;

/// Paths of operators, who show no token: requests are answered, and the connection is closed.
const OF_OPERATORS: [&str; 4] = ["/health/live", "/health/ready", "/health/serving", "/metrics"];

/// Whether the request came over a connection that is reserved for clients with a token.
pub fn is_reserved(request: &axum::http::Extensions) -> bool {
    peer(request).is_some_and(|peer| peer.is_reserved)
}

/// Refuses requests without a valid token that come over a reserved connection, except for sockets and operators.
pub async fn check(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if wants_socket(request.headers()) {
        return next.run(request).await;
    }
    if OF_OPERATORS.contains(&request.uri().path()) {
        let mut response = next.run(request).await;
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        return response;
    }
    match app.identify(request.headers()).await {
        Ok(principal) if principal.token.is_some() => next.run(request).await,
        _ => not_admitted(NotAdmitted::Full, language(request.headers())),
    }
}
