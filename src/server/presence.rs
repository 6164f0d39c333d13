//! The node says from time to time that it is there, so that no other writes what it cannot read.

use tokio::time::sleep;

use crate::limits::NODE_NOTED_EVERY;
use crate::store::Store;

/// Notes the node for as long as the server runs. A note that fails is made up for by the next.
pub async fn note_presence(store: Store) {
    loop {
        sleep(NODE_NOTED_EVERY).await;
        if let Err(error) = store.note_node().await {
            let error = format!("{:#}", anyhow::Error::from(error));
            tracing::debug!(error, "the presence of this node was not noted");
        }
    }
}
