//! Traces: every span with what it tells, in one place. `--otlp-endpoint` names the collector (feature
//! `otlp`); docs/operators/REFERENCE.md lists the spans.
//!
//! *Must never.* Spans hold no variables, tokens, bodies or addresses, and a message of a subscription has
//! no span.
//!
//! Spans have a target of their own, which is for traces as everything else is for the log. Without a
//! collector, each costs a look at a flag.

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
/// The directive that keeps spans out of the log.
pub const NOT_LOGGED: &str = "sangkien::spans=off";

/// The span of a request over HTTP. Its parent is the caller's span, if the request names one.
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

/// Records the status of the response.
pub fn answered(request: &Span, status: StatusCode) {
    request.record("http.response.status_code", i64::from(status.as_u16()));
    if status.is_server_error() {
        request.record("otel.status_code", "error");
    }
}

/// The attributes of an operation of GraphQL.
#[derive(Debug)]
pub struct Operation<'a> {
    pub kind: &'static str,
    /// The operation's name, as the client chose it.
    pub name: &'a str,
    /// The digest of the document.
    pub digest: String,
}

/// The span of an operation, from its document to its result; for a subscription, to its beginning.
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

/// Records whether the result was cached, or executed for another request of the same key; and whether it is shared.
pub fn delivered(operation: &Span, is_kept: bool, is_shared: bool) {
    operation.record("sangkien.kept", is_kept);
    operation.record("sangkien.shared", is_shared);
}

/// The span of an execution, for a request or for a channel.
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

/// Records the version of the execution.
pub fn executed(execution: &Span, version: i64) {
    execution.record("sangkien.version", version);
}

/// The span of a command, from the caller's hands to its outcome.
pub fn command() -> Span {
    info_span!(target: TARGET, "command")
}

/// The span of commands that the writer carries out together; it is linked with each of them.
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

/// The span of a wait for the database; `what` names the work.
pub fn database(what: &'static str) -> Span {
    info_span!(target: TARGET, "database", otel.name = what, otel.kind = "client")
}

/// A name of the caller's making, cut to [`TRACE_NAME_MAX`] bytes. It is ASCII.
fn cut(name: &str) -> &str {
    name.get(..TRACE_NAME_MAX).unwrap_or(name)
}
