//! The origins whose pages may ask, and the lines in the log about those that may not.

use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use tokio::time::Instant;

use super::web_origin::{Authority, NoOrigin, WebOrigin};
use crate::http::proxy::forwarded;
use crate::http::proxy::public_url::PublicUrl;
use crate::limits::{ORIGIN_LOGGED_EVERY, ORIGIN_LOGGED_MAX};

/// The header by which a browser says whose page asks.
pub const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The origins whose pages may ask: our own, and those that the operator lists.
#[derive(Debug, Clone, Default)]
pub struct Origins {
    allowed: Vec<AllowedOrigin>,
    /// The origins of our own pages, as browsers see them.
    own: Vec<WebOrigin>,
    /// Whether a proxy stands in front and says by which name it was asked.
    is_proxied: bool,
    log: Arc<RefusalLog>,
}

/// An origin beside our own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowedOrigin {
    /// `*`
    Any,
    /// `null`: pages in files and in sandboxes.
    Null,
    /// Pages that a browser loads over http from `localhost` or `127.0.0.1`, whatever the port.
    ThisMachine,
    Site(WebOrigin),
}

impl FromStr for AllowedOrigin {
    type Err = NoOrigin;

    fn from_str(text: &str) -> Result<Self, NoOrigin> {
        match text.trim() {
            "*" => Ok(Self::Any),
            "null" => Ok(Self::Null),
            text => text.parse().map(Self::Site),
        }
    }
}

impl Origins {
    pub fn new(allowed: Vec<AllowedOrigin>) -> Self {
        Self { allowed, ..Self::default() }
    }

    /// Sets the addresses by which browsers know the server.
    #[must_use]
    pub fn known_as(self, urls: &[PublicUrl]) -> Self {
        Self { own: urls.iter().map(|url| url.origin.clone()).collect(), ..self }
    }

    /// Sets whether a proxy in front is believed by which name it was asked.
    #[must_use]
    pub fn behind_proxy(self, is_proxied: bool) -> Self {
        Self { is_proxied, ..self }
    }

    /// Whether the operator lists the origin.
    pub fn lists(&self, origin: &HeaderValue) -> bool {
        let origin = origin.to_str().unwrap_or_default();
        let site: Option<WebOrigin> = origin.parse().ok();
        self.allowed.iter().any(|allowed| match allowed {
            AllowedOrigin::Any => true,
            AllowedOrigin::Null => origin == "null",
            AllowedOrigin::ThisMachine => site.as_ref().is_some_and(WebOrigin::is_of_this_machine),
            AllowedOrigin::Site(known) => site.as_ref() == Some(known),
        })
    }

    /// Whether the request comes from no page, from a page of ours, or from a page of a listed origin.
    pub fn admit(&self, headers: &HeaderMap) -> bool {
        let Some(origin) = headers.get(header::ORIGIN) else { return true };
        // A page cannot write this header: the browser says whose page it is, whatever name a
        // proxy has given us.
        let is_ours = headers.get(FETCH_SITE).is_some_and(|site| site == "same-origin");
        is_ours || self.is_own(headers, origin) || self.lists(origin)
    }

    /// Whether the page is ours. Its scheme is not compared with the proxy's: another proxy before it may have ended
    /// TLS.
    fn is_own(&self, headers: &HeaderMap, origin: &HeaderValue) -> bool {
        let Some(page) = origin.to_str().ok().and_then(|it| it.parse::<WebOrigin>().ok()) else {
            return false;
        };
        self.own.contains(&page) || self.names(headers).iter().any(|name| page.is_at(name))
    }

    /// The names by which the server was asked for.
    fn names(&self, headers: &HeaderMap) -> Vec<Authority> {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let host = host.and_then(Authority::parse);
        if self.is_proxied { forwarded::hosts(headers, host) } else { host.into_iter().collect() }
    }

    /// Logs the refusal for the operator, once in a while, with the names by which the server was asked for.
    pub fn log_refusal(&self, headers: &HeaderMap) {
        let Some(unlogged) = self.log.turn(Instant::now()) else { return };
        let origin = headers.get(header::ORIGIN).map(HeaderValue::as_bytes).unwrap_or_default();
        let origin = &origin[..origin.len().min(ORIGIN_LOGGED_MAX)];
        let scheme = if self.is_proxied { forwarded::scheme(headers) } else { None };
        let names: Vec<String> = self.names(headers).iter().map(ToString::to_string).collect();
        tracing::warn!(
            origin = %origin.escape_ascii(),
            asked_as = names.join(", "),
            asked_by = scheme.unwrap_or("unknown"),
            unlogged,
            "a page was refused, since its origin is none by which this server is known: if it is the server's own, \
             name it by --public-url (a proxy may have changed the Host header), if another site's, by --allow-origin"
        );
    }
}

/// Bounds the lines about refusals: a client that is refused again and again fills no disk.
#[derive(Debug, Default)]
struct RefusalLog(Mutex<Option<(Instant, u64)>>);

impl RefusalLog {
    /// The number of refusals that went unlogged since the last line; `None` if it is too early for another line.
    fn turn(&self, now: Instant) -> Option<u64> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *last {
            Some((at, unlogged)) if now.duration_since(*at) < ORIGIN_LOGGED_EVERY => {
                *unlogged += 1;
                None
            }
            _ => Some(last.replace((now, 0)).map_or(0, |(_, unlogged)| unlogged)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_others_are_let_in_only_if_listed() {
        let origins = Origins::new(vec!["https://board.example".parse().unwrap()]);
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
            (vec![("host", "here:443"), ("origin", "https://here")], true),
            (vec![("host", "here"), ("origin", "https://here:8443")], false),
            (vec![("host", "[::1]:8080"), ("origin", "http://[::1]:8080")], true),
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
        for allowed in ["*", "null"] {
            let origins = Origins::new(vec![allowed.parse().unwrap()]);
            assert!(admits(&origins, &[("origin", "null")]), "{allowed}");
            let other = admits(&origins, &[("host", "here"), ("origin", "https://there")]);
            assert_eq!(other, allowed == "*");
        }
        // A proxy's headers count only where there is a proxy.
        let told = [("host", "inner"), ("x-forwarded-host", "out"), ("origin", "https://out")];
        assert!(!admits(&origins, &told));
        assert!(admits(&origins.clone().behind_proxy(true), &told));
        let known = origins.known_as(&["https://out:443/prefix/".parse().unwrap()]);
        assert!(admits(&known, &[("host", "inner"), ("origin", "https://out")]));
        assert!(!admits(&known, &[("host", "inner"), ("origin", "http://out")]));
    }

    #[test]
    fn refusals_are_logged_once_in_a_while() {
        let (log, now) = (RefusalLog::default(), Instant::now());
        assert_eq!(log.turn(now), Some(0));
        assert_eq!((log.turn(now), log.turn(now)), (None, None));
        let later = now + ORIGIN_LOGGED_EVERY;
        assert_eq!((log.turn(later), log.turn(later)), (Some(2), None));
    }

    #[test]
    fn pages_of_this_machine_are_let_in_where_that_is_asked_for() {
        let headers = |origin: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static("127.0.0.1:8080"));
            headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
            headers
        };
        let origins = Origins::new(vec![AllowedOrigin::ThisMachine]);
        for origin in ["http://localhost:5173", "http://127.0.0.1:3000", "http://localhost"] {
            assert!(origins.admit(&headers(origin)), "{origin}");
            assert!(!Origins::default().admit(&headers(origin)), "{origin}");
        }
        for origin in [
            "https://board.example",
            "http://localhost.example:5173",
            "http://localhost:5173.example",
            "http://localhost:99999",
            "http://localhost:80:80",
            "http://127.0.0.1.example",
            "http://127.0.0.10",
            "http://there@localhost",
            "null",
        ] {
            assert!(!origins.admit(&headers(origin)), "{origin}");
        }
    }
}
