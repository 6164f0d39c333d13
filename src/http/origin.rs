//! Pages of other sites: which of them a browser lets ask here, and change something with the
//! token of whoever looks at them. Programs that are no browsers send no origin and are let in.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::graphql::refused;
use super::{App, language};
use crate::graphql::messages::Message;
use crate::limits::PREFLIGHT_KEPT;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Origins (`https://host:port`) whose pages may ask, beside our own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origins {
    listed: Vec<String>,
}

impl Origins {
    /// `*` stands for any.
    pub fn new(listed: Vec<String>) -> Self {
        Self { listed }
    }

    fn lists(&self, origin: &HeaderValue) -> bool {
        let is = |listed: &String| {
            listed == "*" || listed.as_bytes().eq_ignore_ascii_case(origin.as_bytes())
        };
        self.listed.iter().any(is)
    }

    /// Whether the request comes from no page, from one of ours, or from one that is listed.
    fn admit(&self, headers: &HeaderMap) -> bool {
        let Some(origin) = headers.get(header::ORIGIN) else { return true };
        // A page cannot write this header: the browser says whose page it is, whatever name a
        // proxy has given us.
        let is_ours = headers.get(FETCH_SITE).is_some_and(|site| site == "same-origin");
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let authority = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
        let is_here = authority
            .zip(host)
            .is_some_and(|((_, authority), host)| authority.eq_ignore_ascii_case(host));
        is_ours || is_here || self.lists(origin)
    }
}

/// Refuses what comes from pages of others, sockets too.
pub async fn check(State(app): State<App>, request: Request, next: Next) -> Response {
    if app.origins.admit(request.headers()) {
        return next.run(request).await;
    }
    let language = language(request.headers());
    refused(StatusCode::FORBIDDEN, "FORBIDDEN", &Message::OriginNotAllowed, language)
}

/// Tells browsers what pages of listed origins may do.
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
            HeaderName::from_static(super::graphql::LAST_EVENT_ID),
            HeaderName::from_static(super::graphql::MIN_VERSION_HEADER),
            HeaderName::from_static(super::trace::REQUEST_ID),
            // What libraries say of their client, and of the trace that a request belongs to.
            HeaderName::from_static("apollographql-client-name"),
            HeaderName::from_static("apollographql-client-version"),
            HeaderName::from_static("traceparent"),
            HeaderName::from_static("tracestate"),
            HeaderName::from_static("baggage"),
        ])
        .expose_headers([
            header::ETAG,
            header::RETRY_AFTER,
            HeaderName::from_static(super::trace::REQUEST_ID),
        ])
        .max_age(PREFLIGHT_KEPT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_others_are_let_in_only_if_listed() {
        let origins = Origins::new(vec!["https://board.example".to_owned()]);
        let admits = |origins: &Origins, pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for &(name, value) in pairs {
                headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
            origins.admit(&headers)
        };
        for (pairs, expected) in [
            (vec![], true),
            (vec![("host", "here:8080")], true),
            (vec![("host", "here:8080"), ("origin", "http://here:8080")], true),
            (vec![("host", "here:8080"), ("origin", "http://here")], false),
            (vec![("host", "here"), ("origin", "https://HERE")], true),
            (vec![("host", "here"), ("origin", "https://there")], false),
            (vec![("host", "here"), ("origin", "https://BOARD.example")], true),
            (vec![("host", "here"), ("origin", "http://board.example")], false),
            (vec![("host", "here"), ("origin", "https://board.example.evil")], false),
            (vec![("host", "here"), ("origin", "null")], false),
            (vec![("origin", "https://there")], false),
            (
                vec![
                    ("host", "inner"),
                    ("origin", "https://here"),
                    ("sec-fetch-site", "same-origin"),
                ],
                true,
            ),
            (
                vec![
                    ("host", "inner"),
                    ("origin", "https://there"),
                    ("sec-fetch-site", "same-site"),
                ],
                false,
            ),
        ] {
            assert_eq!(admits(&origins, &pairs), expected, "{pairs:?}");
        }
        assert!(admits(&Origins::new(vec!["*".to_owned()]), &[("origin", "null")]));
    }
}
