//! The health of the server, for operators and for the systems that start and stop it.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;

use crate::http::admission::StopReason;
use crate::http::app::App;

/// The longest time that the database may take before the server reports that it is not ready.
const PATIENCE: Duration = Duration::from_secs(2);

/// The process answers.
pub async fn live() -> &'static str {
    "live\n"
}

/// The database answers, the snapshot has caught up with it, and changes are taken: 200, else 503 with the reason.
pub async fn ready(State(app): State<App>) -> (StatusCode, &'static str) {
    match app.admission.stopping() {
        None => {}
        Some(StopReason::Asked) => return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n"),
        Some(StopReason::Failed) => return (StatusCode::SERVICE_UNAVAILABLE, "failed\n"),
    }
    if !app.service.writer().is_running() {
        return (StatusCode::SERVICE_UNAVAILABLE, "no changes are taken\n");
    }
    if let Some(line) = app.service.writer().standstill() {
        return (StatusCode::SERVICE_UNAVAILABLE, line);
    }
    if !app.service.hub().is_trusted() {
        return (StatusCode::SERVICE_UNAVAILABLE, "the board is being made anew\n");
    }
    let caught_up = tokio::time::timeout(PATIENCE, async {
        let tables = app.service.store().begin_read().await?;
        app.service.hub().reached(tables.version()).await;
        Ok::<(), crate::store::Error>(())
    });
    match caught_up.await {
        Ok(Ok(())) => (StatusCode::OK, "ready\n"),
        Ok(Err(_)) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "not caught up with the database\n"),
    }
}
