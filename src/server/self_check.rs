//! The server looks over its own shoulder: it counts anew what its board shows, and makes a wrong board anew.
//!
//! The count runs aside, at another time of the night on each node, and keeps no second board.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::aside::aside;
use crate::domain::Day;
use crate::feed::Hub;
use crate::limits::{MIN_VERSION_WAIT, SELF_CHECK_RETRY_FIRST, SELF_CHECK_RETRY_MAX};
use crate::recount::{Verdict, judge_present};
use crate::store::{Error, Store};
use crate::writer::Writer;

/// Judges the published snapshot by a count of the facts of its version.
///
/// # Errors
/// When the database cannot be read, or this node does not come to its version.
pub async fn check(store: &Store, hub: &Hub) -> Result<Verdict, Error> {
    loop {
        let mut tx = store.begin_long_read().await?;
        let published = timeout(MIN_VERSION_WAIT, hub.exactly(tx.version())).await;
        // If more was committed meanwhile than snapshots are kept, look again.
        if let Some(published) = published.map_err(|_| Error::Busy)? {
            return judge_present(&mut tx, &published).await;
        }
    }
}

/// Checks once after each midnight, so long after it, for as long as the server runs.
pub async fn check_daily(store: Store, hub: Arc<Hub>, writer: Writer, delay: Duration) {
    let mut checked: Day = hub.latest().today();
    let mut versions = hub.versions();
    // The sender lives as long as the hub.
    while versions.changed().await.is_ok() {
        let today = hub.latest().today();
        if today != checked {
            checked = today;
            sleep(delay).await;
            check_and_repair(&store, &hub, &writer).await;
        }
    }
}

/// A difference is a fault of ours: it is said loudly, and the server is not ready until its board was made anew and
/// found right.
pub async fn check_and_repair(store: &Store, hub: &Arc<Hub>, writer: &Writer) {
    if is_right(store, hub).await {
        return;
    }
    hub.set_trusted(false);
    let mut wait = SELF_CHECK_RETRY_FIRST;
    while let Err(failure) = writer.rebuild().await {
        tracing::error!(%failure, "the board cannot be made anew yet");
        sleep(wait).await;
        wait = (wait * 2).min(SELF_CHECK_RETRY_MAX);
    }
    tracing::info!("the board was made anew");
    if is_right(store, hub).await {
        hub.set_trusted(true);
    }
}

/// Checks until it is known, beside those who serve.
async fn is_right(store: &Store, hub: &Arc<Hub>) -> bool {
    let mut wait = SELF_CHECK_RETRY_FIRST;
    loop {
        match check_aside(store.clone(), Arc::clone(hub)).await {
            Ok(verdict) if verdict.is_clean() => {
                let (version, tallies) = (verdict.version.0, verdict.tallies);
                tracing::info!(version, tallies, "the board equals a recount");
                hub.unkept().found_right(verdict.version);
                return true;
            }
            Ok(verdict) => {
                let difference = verdict.differences[0].to_string();
                let others = verdict.differences.len() - 1 + verdict.unreported;
                tracing::error!(difference, others, "the board differs from its facts");
                return false;
            }
            Err(error) => {
                let error = format!("{error:#}");
                tracing::warn!(error, "the daily check did not run; it is tried again");
                sleep(wait).await;
                wait = (wait * 2).min(SELF_CHECK_RETRY_MAX);
            }
        }
    }
}

/// Checks beside those who serve.
async fn check_aside(store: Store, hub: Arc<Hub>) -> anyhow::Result<Verdict> {
    let checked = aside("self-check", async move { check(&store, &hub).await });
    Ok(checked.await??)
}
