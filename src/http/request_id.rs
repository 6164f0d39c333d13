//! A request's id: the caller's own or a new one, in the response, in every line of the log that the
//! request gives rise to, and in its trace. The response has the program's release beside it.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::{Instrument as _, Span};

use super::negotiate::wants_socket;
use crate::limits::REQUEST_ID_MAX;
use crate::traces;

pub const REQUEST_ID: &str = "x-request-id";
/// The header with the version of the program, as `sangkien --version` has it.
pub const RELEASE: &str = "x-sangkien-release";

pub async fn name(request: Request, next: Next) -> Response {
    let id = id_of(request.headers()).unwrap_or_else(fresh);
    let shown = id.to_str().unwrap_or_default();
    let span = tracing::info_span!("request", id = shown, path = request.uri().path());
    let traced = traces::request(&request, shown);
    // Operations of a socket are no part of the request that opened it, which is answered by then.
    let within = if wants_socket(request.headers()) { Span::none() } else { traced.clone() };
    let mut response = next.run(request).instrument(within).instrument(span).await;
    traces::answered(&traced, response.status());
    response.headers_mut().insert(REQUEST_ID, id);
    let release = HeaderValue::from_static(env!("CARGO_PKG_VERSION"));
    response.headers_mut().insert(RELEASE, release);
    response
}

/// The caller's id for the request, if it is short and plain.
fn id_of(headers: &HeaderMap) -> Option<HeaderValue> {
    let plain =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':');
    headers
        .get(REQUEST_ID)
        .filter(|id| (1..=REQUEST_ID_MAX).contains(&id.len()) && id.as_bytes().iter().all(plain))
        .cloned()
}

/// An id that differs from all others of this process, and from those of other processes up to the odds of 32 bits.
fn fresh() -> HeaderValue {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU64, Ordering};
    static PROCESS: LazyLock<u32> = LazyLock::new(|| {
        let mut seed = [0; 4];
        // Without randomness, ids of two processes may be equal; those of one process still differ.
        let _none = getrandom::fill(&mut seed);
        u32::from_le_bytes(seed)
    });
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let id = format!("{:08x}-{}", *PROCESS, COUNT.fetch_add(1, Ordering::Relaxed));
    HeaderValue::from_str(&id).expect("digits and a dash")
}
