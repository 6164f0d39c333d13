//! The server looks over its own shoulder: the snapshot against a board made afresh.

use std::sync::Arc;

use super::handle::Writer;
use crate::board;
use crate::domain::Day;
use crate::feed::Hub;
use crate::store::{Error, Store};

/// Compares the published snapshot with facts and log as of one version. `None`: they agree.
///
/// # Errors
/// When the database cannot be read.
pub async fn check(store: &Store, hub: &Hub) -> Result<Option<String>, Error> {
    loop {
        let mut reads = store.begin_reads().await?;
        let version = reads[0].version();
        hub.reached(version).await;
        // Else more was committed meanwhile than snapshots are kept: look again.
        if let Some(published) = hub.at(version) {
            let afresh = board::load(&mut reads).await?.snapshot();
            return Ok(published.first_difference(&afresh));
        }
    }
}

/// Checks once after each midnight, for as long as the server runs. A difference is a fault of
/// ours: it is said loudly, the server calls itself not ready and makes its board anew.
pub async fn check_daily(store: Store, hub: Arc<Hub>, writer: Writer) {
    let mut checked: Day = hub.latest().today();
    let mut versions = hub.versions();
    // The sender lives as long as the hub.
    while versions.changed().await.is_ok() {
        let today = hub.latest().today();
        if today == checked {
            continue;
        }
        checked = today;
        match check(&store, &hub).await {
            Ok(None) => tracing::info!(%today, "the board equals a recount"),
            Ok(Some(difference)) => {
                tracing::error!(
                    difference,
                    "the board differs from facts and log; it is made anew"
                );
                hub.set_trusted(false);
                match writer.rebuild().await {
                    Ok(()) => hub.set_trusted(true),
                    Err(failure) => tracing::error!(%failure, "the board cannot be made anew"),
                }
            }
            Err(error) => {
                tracing::warn!(error = %anyhow::Error::from(error), "the daily check did not run");
            }
        }
    }
}
