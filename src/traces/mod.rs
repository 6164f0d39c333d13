//! Traces: every span with what it tells, in one place. Who gathers them is told by `--otlp-endpoint`
//! (feature `otlp`); docs/operators/REFERENCE.md says what there is to see.
//!
//! What is always true: spans say nothing of variables, tokens, bodies or addresses, and there is none
//! for a message of a subscription. They have a target of their own, which is for traces as everything
//! else is for the log; where nobody gathers them, each costs a look at a flag.

#[cfg(feature = "otlp")]
mod export;
#[cfg(not(feature = "otlp"))]
#[path = "absent.rs"]
mod export;

use axum::http::{Request, StatusCode};
use tracing::field::Empty;
use tracing::{Level, Span, info_span, span_enabled};

use crate::limits::TRACE_NAME_MAX;
pub use export::{Endpoint, TracerProvider};

const TARGET: &str = "sangkien::spans";
/// For filters of the log.
pub const NOT_LOGGED: &str = "sangkien::spans=off";

/// A request over HTTP. Its parent is the caller's, if that says so.
pub fn request<T>(request: &Request<T>, id: &str) -> Span {
    let (method, path) = (cut(request.method().as_str()), cut(request.uri().path()));
    let span = info_span!(
        target: TARGET,
        parent: None,
        "http",
        // Files of the wall have a path for each digest.
        otel.name = %format_args!("{method} /{}", path.split('/').nth(1).unwrap_or_default()),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        url.path = path,
        http.response.status_code = Empty,
        request.id = id,
    );
    if !span.is_disabled() {
        export::set_caller(&span, request.headers());
    }
    span
}

/// What the request came to.
pub fn answered(request: &Span, status: StatusCode) {
    request.record("http.response.status_code", i64::from(status.as_u16()));
    if status.is_server_error() {
        request.record("otel.status_code", "error");
    }
}

/// An operation of GraphQL, as far as traces tell of it.
#[derive(Debug)]
pub struct Operation<'a> {
    pub kind: &'static str,
    /// As the client calls it.
    pub name: &'a str,
    /// Of the document.
    pub digest: String,
}

/// An operation, from the document as read to its answer; of a subscription to its beginning.
pub fn operation<'a>(of: impl FnOnce() -> Operation<'a>) -> Span {
    if !span_enabled!(target: TARGET, Level::INFO) {
        return Span::none();
    }
    let of = of();
    info_span!(
        target: TARGET,
        "operation",
        otel.name = %format_args!("{} {}", of.kind, cut(of.name)),
        graphql.operation.type = of.kind,
        graphql.operation.name = cut(of.name),
        graphql.document.digest = of.digest,
        sangkien.kept = Empty,
        sangkien.shared = Empty,
    )
}

/// Whether the answer was kept, or worked out by another who asked; and whether others get the same.
pub fn delivered(operation: &Span, is_kept: bool, is_shared: bool) {
    operation.record("sangkien.kept", is_kept);
    operation.record("sangkien.shared", is_shared);
}

/// An execution: for one who asks, or for all who follow the same.
pub fn execution<'a>(of: impl FnOnce() -> Operation<'a>) -> Span {
    if !span_enabled!(target: TARGET, Level::INFO) {
        return Span::none();
    }
    let of = of();
    info_span!(
        target: TARGET,
        "execute",
        graphql.operation.type = of.kind,
        graphql.operation.name = cut(of.name),
        graphql.document.digest = of.digest,
        sangkien.version = Empty,
    )
}

/// At which version.
pub fn executed(execution: &Span, version: i64) {
    execution.record("sangkien.version", version);
}

/// A command, from the caller's hands to its outcome.
pub fn command() -> Span {
    info_span!(target: TARGET, "command")
}

/// Commands that the writer carries out together; linked with each of them.
pub fn batch<'a>(commands: impl ExactSizeIterator<Item = &'a Span>) -> Span {
    let count = i64::try_from(commands.len()).unwrap_or(i64::MAX);
    let batch = info_span!(target: TARGET, parent: None, "batch", sangkien.commands = count);
    if !batch.is_disabled() {
        for command in commands {
            batch.follows_from(command);
        }
    }
    batch
}

/// What the database is waited for.
pub fn database(what: &'static str) -> Span {
    info_span!(target: TARGET, "database", otel.name = what, otel.kind = "client")
}

/// A name of the caller's making, as far as it is told. It is ASCII.
fn cut(name: &str) -> &str {
    name.get(..TRACE_NAME_MAX).unwrap_or(name)
}
