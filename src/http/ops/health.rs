//! The health of the server, for operators and for the systems that start and stop it.
//!
//! All of it is known: no probe asks the database, so none waits for it. A good answer names the program's version.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;

use crate::http::admission::StopReason;
use crate::http::app::App;

type Answer = (StatusCode, String);

macro_rules! well {
    ($state:literal) => {
        concat!($state, "\nsangkien ", env!("CARGO_PKG_VERSION"), "\n")
    };
}

/// The process answers.
pub async fn live() -> &'static str {
    well!("live")
}

/// The board is served, however old it is: 200, else 503 with the reason. For balancers and containers.
pub async fn serving(State(app): State<Arc<App>>) -> Answer {
    match app.admission.stopping() {
        Some(why) => stopping(why),
        None => (StatusCode::OK, well!("serving").to_owned()),
    }
}

/// Changes are taken, and the board is right as far as anybody has looked: 200, else 503 with the reason. For operators.
pub async fn ready(State(app): State<Arc<App>>) -> Answer {
    let unready = |reason: String| (StatusCode::SERVICE_UNAVAILABLE, reason);
    if let Some(why) = app.admission.stopping() {
        return stopping(why);
    }
    if !app.service.writer().is_running() {
        return unready("no changes are taken\n".to_owned());
    }
    if let Some(line) = app.service.writer().standstill() {
        return unready(line.to_owned());
    }
    if !app.service.hub().is_trusted() {
        return unready("the board is being made anew\n".to_owned());
    }
    let failing_for = app.service.writer().failing_for();
    if failing_for >= app.unready_after {
        return unready(format!("changes have failed for {} s\n", failing_for.as_secs()));
    }
    (StatusCode::OK, well!("ready").to_owned())
}

fn stopping(why: StopReason) -> Answer {
    let reason = match why {
        StopReason::Asked => "stopping\n",
        StopReason::Failed => "failed\n",
    };
    (StatusCode::SERVICE_UNAVAILABLE, reason.to_owned())
}
