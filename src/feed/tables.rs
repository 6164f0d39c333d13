//! The tables as of one version, with the snapshot of the same version.
//!
//! A transaction sees what its node may not have folded yet. It waits for that only for as long as nobody needs its
//! connection: then it ends, the version is waited for without one, and another transaction begins.

use std::sync::Arc;

use tokio::time::{Instant, timeout, timeout_at};

use super::hub::Hub;
use crate::board::Snapshot;
use crate::limits::{MIN_VERSION_WAIT, READER_HOLDS};
use crate::store::{Error, ReadTx, Store};

/// Opens the tables.
///
/// # Errors
/// [`Error::Behind`] when this node does not come to the version of the tables in time; else when they cannot be read.
pub async fn open(hub: &Hub, store: &Store) -> Result<(Arc<Snapshot>, ReadTx), Error> {
    let until = Instant::now() + MIN_VERSION_WAIT;
    loop {
        let tables = store.begin_read().await?;
        let version = tables.version();
        if let Ok(published) = timeout(READER_HOLDS, hub.exactly(version)).await {
            if let Some(snapshot) = published {
                return Ok((snapshot, tables));
            }
            // So much was committed meanwhile that the snapshot is gone.
        } else {
            drop(tables);
            timeout_at(until, hub.reached(version)).await.map_err(|_| Error::Behind { version })?;
        }
        if Instant::now() >= until {
            return Err(Error::Behind { version });
        }
    }
}
