//! The export of spans to a collector, in batches over OTLP/HTTP. While the collector is away spans are
//! dropped, and the server does not wait. `OTEL_TRACES_SAMPLER` says how many spans are taken.

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context as _;
use axum::http::{HeaderMap, Uri};
use opentelemetry::Key;
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::HeaderExtractor;
use opentelemetry_otlp::WithExportConfig as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use tokio::runtime::Handle;
use tracing::level_filters::LevelFilter;
use tracing::{Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::registry::LookupSpan;

use super::TARGET;
use crate::limits::TRACES_FLUSHED_WITHIN;

const SERVICE: &str = "sangkien";
const SERVICE_NAME: Key = Key::from_static_str("service.name");
/// The beginning of the name that the SDK makes up where the environment gives none.
const NAMELESS: &str = "unknown_service";

/// The address of a collector, such as `http://host:4318`.
#[derive(Debug, Clone)]
pub struct Endpoint(Uri);

/// The fault of an address that is not a collector's.
#[derive(Debug, thiserror::Error)]
pub enum BadEndpoint {
    #[error("not an address like http://127.0.0.1:4318")]
    NoAddress,
    #[error("traces go over plain http:// only, to a collector nearby")]
    NotPlain,
    #[error("give it without a path: /v1/traces is added")]
    HasPath,
}

impl FromStr for Endpoint {
    type Err = BadEndpoint;

    fn from_str(text: &str) -> Result<Self, BadEndpoint> {
        let uri: Uri = text.parse().map_err(|_| BadEndpoint::NoAddress)?;
        match (uri.scheme_str(), uri.path_and_query().map(ToString::to_string).as_deref()) {
            (None, _) => Err(BadEndpoint::NoAddress),
            (Some("http"), None | Some("/")) => Ok(Self(uri)),
            (Some("http"), Some(_)) => Err(BadEndpoint::HasPath),
            (Some(_), _) => Err(BadEndpoint::NotPlain),
        }
    }
}

/// Spans on their way to a collector.
pub struct TracerProvider(SdkTracerProvider);

impl TracerProvider {
    /// Starts to send spans, in a runtime that must live as long.
    ///
    /// # Errors
    /// When a setting in the environment (`OTEL_…`) cannot be understood.
    pub fn start(endpoint: &Endpoint, runtime: &Handle) -> anyhow::Result<Self> {
        let exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_endpoint(format!("{}v1/traces", endpoint.0))
            .build()
            .context("cannot send traces")?;
        let exporter = Exporter {
            exporter: Arc::new(exporter),
            runtime: runtime.clone(),
            is_away: AtomicBool::new(false),
        };
        let provider = SdkTracerProvider::builder()
            .with_resource(resource())
            .with_batch_exporter(exporter)
            .build();
        Ok(Self(provider))
    }

    /// The layer that gathers the spans of traces, and nothing that is for the log.
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer(SERVICE))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_context_activation(false)
            .with_filter(Targets::new().with_target(TARGET, LevelFilter::INFO))
    }

    /// Sends the rest, and waits at most [`TRACES_FLUSHED_WITHIN`] for it.
    pub fn end(self) {
        if let Err(error) = self.0.shutdown_with_timeout(TRACES_FLUSHED_WITHIN) {
            tracing::warn!(%error, "some traces are lost");
        }
    }
}

/// The resource of all spans, with the service's name: the environment's, or our own.
fn resource() -> Resource {
    let found = Resource::builder().build();
    let name = found.get(&SERVICE_NAME).map(|name| name.to_string());
    if name.is_some_and(|name| !name.starts_with(NAMELESS)) {
        return found;
    }
    Resource::builder().with_service_name(SERVICE).build()
}

/// Makes the caller's span in `traceparent` (W3C Trace Context) the parent. A header that cannot be understood
/// is passed over, as that standard demands.
pub fn set_caller(span: &Span, headers: &HeaderMap) {
    let caller = TraceContextPropagator::new().extract(&HeaderExtractor(headers));
    // Only a span that is not gathered is refused.
    let _ungathered = span.set_parent(caller);
}

/// Exports in the server's runtime, and logs when the collector goes and when it is back.
#[derive(Debug)]
struct Exporter {
    exporter: Arc<opentelemetry_otlp::SpanExporter>,
    runtime: Handle,
    is_away: AtomicBool,
}

impl SpanExporter for Exporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let exporter = Arc::clone(&self.exporter);
        let exported = self.runtime.spawn(async move { exporter.export(batch).await }).await;
        let exported =
            exported.map_err(|error| OTelSdkError::InternalFailure(error.to_string())).flatten();
        let was_away = self.is_away.swap(exported.is_err(), Ordering::Relaxed);
        match &exported {
            Err(error) if !was_away => {
                tracing::warn!(%error, "the collector takes no traces; they are dropped until it does");
            }
            Ok(()) if was_away => tracing::info!("the collector takes traces again"),
            _ => {}
        }
        exported
    }

    fn set_resource(&mut self, resource: &Resource) {
        let exporter = Arc::get_mut(&mut self.exporter);
        exporter.expect("nothing is exported yet").set_resource(resource);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_has_a_plain_address() {
        for (text, problem) in [
            ("http://127.0.0.1:4318", None),
            ("http://collector:4318/", None),
            ("", Some("not an address")),
            ("collector:4318", Some("not an address")),
            ("127.0.0.1", Some("not an address")),
            ("https://collector:4318", Some("plain http://")),
            ("http://collector:4318/v1/traces", Some("without a path")),
            ("http://collector:4318/?key=1", Some("without a path")),
        ] {
            let said = text.parse::<Endpoint>().err().map(|error| error.to_string());
            match (problem, said) {
                (None, None) => {}
                (Some(problem), Some(said)) => assert!(said.contains(problem), "{text}: {said}"),
                (_, said) => panic!("{text}: {said:?}"),
            }
        }
    }
}
