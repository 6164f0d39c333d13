//! A file that is part of the program, compressed once.

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;

use super::graphiql::STRICT;
use crate::gzip::Gzip;
use crate::http::negotiate::choose;

pub struct File {
    pub kind: &'static str,
    pub bytes: Bytes,
    /// The bytes compressed; `None` where they do not get smaller.
    gzip: Option<Bytes>,
}

impl File {
    pub fn new(kind: &'static str, bytes: Bytes) -> Self {
        let gzip =
            Gzip::whole(&bytes, Compression::best()).ok().filter(|gzip| gzip.len() < bytes.len());
        Self { kind, bytes, gzip }
    }

    pub fn answer(&self, request: &HeaderMap, caching: &'static str) -> Response {
        let wants_gzip = request.contains_key(header::ACCEPT_ENCODING)
            && choose(request, &header::ACCEPT_ENCODING, &["gzip", "identity"]) == Some("gzip");
        let gzip = self.gzip.as_ref().filter(|_| wants_gzip);
        let body = gzip.unwrap_or(&self.bytes).clone();
        let mut response = body.into_response();
        let headers = response.headers_mut();
        for (name, value) in [
            (header::CONTENT_TYPE, self.kind),
            (header::CONTENT_SECURITY_POLICY, STRICT),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "no-referrer"),
            (header::CACHE_CONTROL, caching),
            (header::VARY, "accept-encoding"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if gzip.is_some() {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        response
    }

    /// The bytes that a browser gets that takes files compressed.
    #[cfg(test)]
    pub fn sent(&self) -> usize {
        self.gzip.as_ref().unwrap_or(&self.bytes).len()
    }
}
