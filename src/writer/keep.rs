//! The keeper of figures: a task beside the writer's, which writes what closings keep, so that no command waits for it.

use std::sync::Arc;

use tokio::sync::oneshot;

use crate::domain::Closing;
use crate::feed::Hub;
use crate::keeping;
use crate::limits::{RETRY_FIRST, RETRY_MAX};
use crate::store::{self, Store};

/// Keeps figures until the writer has ended, and what waits then is written.
pub async fn keep(store: Store, hub: Arc<Hub>, mut writer: oneshot::Receiver<()>) {
    let mut wait = RETRY_FIRST;
    loop {
        let done = tokio::select! {
            biased;
            _ended = &mut writer => break,
            done = keep_all(&store, &hub) => done,
        };
        let again = async {
            match done {
                Ok(()) => {
                    wait = RETRY_FIRST;
                    hub.unkept().wait().await;
                }
                Err(error) => {
                    let error = format!("{:#}", anyhow::Error::from(error));
                    tracing::warn!(error, "figures of closings cannot be kept now");
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(RETRY_MAX);
                }
            }
        };
        tokio::select! {
            biased;
            _ended = &mut writer => break,
            () = again => {}
        }
    }
    if let Err(error) = keep_waiting(&store, &hub).await {
        tracing::info!("figures of closings are made from the log at the next start: {error}");
    }
}

/// Writes what waits, then makes again what is missing.
async fn keep_all(store: &Store, hub: &Hub) -> Result<(), store::Error> {
    keep_waiting(store, hub).await?;
    let damaged = hub.unkept().take_damaged();
    let board = hub.latest();
    let mut tx = store.begin_read().await?;
    let drops = !damaged.is_empty() || keeping::has_foreign(&mut tx, board.closings()).await?;
    drop(tx);
    if drops {
        store.drop_figures(&damaged).await?;
    }
    let mut tx = store.begin_read().await?;
    let mut missing = keeping::missing(&mut tx, board.closings()).await?;
    drop(tx);
    missing.retain(|closing| hub.unkept().at(closing.version()).is_none());
    if !missing.is_empty() {
        tracing::info!(closings = missing.len(), "making the figures of closings from the log");
        keeping::make_again(store, &missing).await?;
    }
    Ok(())
}

async fn keep_waiting(store: &Store, hub: &Hub) -> Result<(), store::Error> {
    while let Some(board) = hub.unkept().first() {
        let version = board.version();
        let all = board.closings().all();
        let closings: Vec<Arc<Closing>> =
            all.filter(|closing| closing.version() == version).cloned().collect();
        keeping::write(store, &board, &closings).await?;
        hub.unkept().done(version);
    }
    Ok(())
}
