//! Keeps out pages of other sites, and lets browsers know what pages of listed origins may do.

use std::sync::Arc;

use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::origins::{FETCH_SITE, Origins};
use crate::error::Code;
use crate::http::app::{App, language};
use crate::http::graphql::{LAST_EVENT_ID, MIN_VERSION_HEADER, refused};
use crate::http::request_id::{RELEASE, REQUEST_ID};
use crate::limits::PREFLIGHT_KEPT;
use crate::messages::ErrorMessage;

/// Refuses requests of pages of other origins, for sockets too.
pub async fn check(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if app.origins.admit(request.headers()) {
        return next.run(request).await;
    }
    app.origins.log_refusal(request.headers());
    refuse(request.headers())
}

fn refuse(headers: &HeaderMap) -> Response {
    let message = ErrorMessage::OriginNotAllowed;
    refused(StatusCode::FORBIDDEN, Code::Forbidden, &message, language(headers))
}

#[derive(Deserialize)]
pub struct Page {
    /// Its origin.
    is: String,
}

/// Answers a page whether its sockets are let in: 204, or 403 with the reason. A browser does not show a
/// page why a socket was refused, and sends no origin with a page's own requests.
pub async fn ask(
    State(app): State<Arc<App>>,
    page: Query<Page>,
    mut headers: HeaderMap,
) -> Response {
    let Ok(origin) = HeaderValue::from_str(&page.is) else { return refuse(&headers) };
    headers.insert(header::ORIGIN, origin);
    // Browsers send no such header with the request for a socket.
    headers.remove(FETCH_SITE);
    if app.origins.admit(&headers) {
        return StatusCode::NO_CONTENT.into_response();
    }
    refuse(&headers)
}

/// The layer that lets browsers know what pages of listed origins may do.
pub fn cors(origins: Origins) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(move |origin, _| origins.lists(origin)))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([
            header::ACCEPT,
            header::ACCEPT_LANGUAGE,
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_NONE_MATCH,
            HeaderName::from_static(LAST_EVENT_ID),
            HeaderName::from_static(MIN_VERSION_HEADER),
            HeaderName::from_static(REQUEST_ID),
            // Headers in which libraries name their client, and the trace that a request belongs to.
            HeaderName::from_static("apollographql-client-name"),
            HeaderName::from_static("apollographql-client-version"),
            HeaderName::from_static("apollo-require-preflight"),
            HeaderName::from_static("graphql-require-preflight"),
            HeaderName::from_static("traceparent"),
            HeaderName::from_static("tracestate"),
            HeaderName::from_static("baggage"),
        ])
        .expose_headers([
            header::ETAG,
            header::RETRY_AFTER,
            HeaderName::from_static(REQUEST_ID),
            HeaderName::from_static(RELEASE),
        ])
        .max_age(PREFLIGHT_KEPT)
}
