//! The node says from time to time that it is there, so that no other writes what it cannot read.

use tokio::time::{Instant, sleep};

use crate::limits::{NODE_GONE_AFTER, NODE_NOTED_EVERY};
use crate::store::Store;

/// Notes the node for as long as the server runs. A note that fails is made up for by the next; after so many that others
/// take the node for gone, the log says so once.
pub async fn note_presence(store: Store) {
    let (mut noted, mut is_told) = (Instant::now(), false);
    loop {
        sleep(NODE_NOTED_EVERY).await;
        match store.note_node().await {
            Ok(()) => (noted, is_told) = (Instant::now(), false),
            Err(error) => {
                let error = format!("{:#}", anyhow::Error::from(error));
                if !is_told && noted.elapsed() >= NODE_GONE_AFTER {
                    is_told = true;
                    let secs = NODE_GONE_AFTER.as_secs();
                    tracing::warn!(
                        error,
                        secs,
                        "newer nodes take this one for gone: its presence was not noted"
                    );
                } else {
                    tracing::debug!(error, "the presence of this node was not noted");
                }
            }
        }
    }
}
