//! The metrics, in Prometheus' text format.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use metrics::gauge;

use crate::http::app::App;
use crate::measure;

/// All counters, and gauges as they are now.
#[expect(clippy::cast_precision_loss, reason = "gauges are floats; versions stay below 2^53")]
pub async fn metrics(State(app): State<Arc<App>>) -> impl IntoResponse {
    let latest = app.service.hub().latest();
    gauge!(measure::CONNECTIONS).set(app.admission.open() as f64);
    let (channels, subscribers) = app.service.channels();
    gauge!(measure::CHANNELS).set(channels as f64);
    gauge!(measure::SUBSCRIBERS).set(subscribers as f64);
    gauge!(measure::CHANNEL_BYTES).set(app.service.channel_bytes() as f64);
    gauge!(measure::BODY_BYTES).set(app.admission.bodies.in_all() as f64);
    let (open, busy) = app.service.store().connections();
    gauge!(measure::POOL, "state" => "open").set(open as f64);
    gauge!(measure::POOL, "state" => "busy").set(busy as f64);
    gauge!(measure::QUEUE).set(app.service.writer().waiting() as f64);
    let writer = app.service.writer();
    gauge!(measure::FAILING).set(writer.failing_for().as_secs_f64());
    gauge!(measure::BEHIND).set(writer.behind_for().as_secs_f64());
    gauge!(measure::VERSION).set(latest.version().0 as f64);
    gauge!(measure::HEAD).set(latest.head().at.0 as f64 / 1_000.0);
    gauge!(measure::TRUSTED).set(if app.service.hub().is_trusted() { 1.0 } else { 0.0 });
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], measure::render())
}
