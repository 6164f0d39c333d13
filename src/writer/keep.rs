//! The keeper of figures: a task beside the writer's, which writes what closings keep, so that no command waits for it.

use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::Arc;

use tokio::sync::oneshot;

use crate::aside::aside;
use crate::domain::Closing;
use crate::feed::{Hub, Place};
use crate::keeping::{self, Survey};
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
                    let error = format!("{error:#}");
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
    if let Err(error) = keep_waiting(&store, &hub).await.map_err(anyhow::Error::from) {
        tracing::info!("figures of closings are made from the log at the next start: {error:#}");
    }
}

/// Writes what waits, then makes again what is missing; what comes to wait meanwhile is written beside that.
async fn keep_all(store: &Store, hub: &Hub) -> anyhow::Result<()> {
    keep_waiting(store, hub).await?;
    let missing = find_missing(store, hub).await?;
    if missing.is_empty() {
        return Ok(());
    }
    tracing::info!(closings = missing.len(), "making the figures of closings from the log");
    let to = store.clone();
    let mut work = pin!(aside("figures", async move { keeping::make_again(&to, &missing).await }));
    let mut is_woken = false;
    let made = loop {
        tokio::select! {
            made = &mut work => break made?,
            () = hub.unkept().wait() => {
                keep_waiting(store, hub).await?;
                is_woken = true;
            }
        }
    };
    lose(hub, made?);
    if is_woken {
        // It may have been for more than what waited.
        hub.unkept().make_again();
    }
    Ok(())
}

/// Removes figures that are wrong, and finds the closings whose figures the log is to make.
async fn find_missing(store: &Store, hub: &Hub) -> Result<Vec<Arc<Closing>>, store::Error> {
    let unkept = hub.unkept();
    let damaged = unkept.damaged();
    let board = hub.latest();
    let mut tx = store.begin_read().await?;
    let survey = Survey::of(&mut tx, board.closings()).await?;
    drop(tx);
    // Figures of before a pruned log stay as they are, since nothing can make them: a backup may have what is damaged.
    let (older, damaged): (BTreeSet<Place>, BTreeSet<Place>) =
        damaged.into_iter().partition(|(version, _)| *version < survey.log_begin);
    let closing = |(version, period): &Place| board.closings().get(*period, *version).cloned();
    lose(hub, older.iter().filter_map(closing).chain(survey.lost));
    if survey.has_foreign || !damaged.is_empty() {
        store.drop_figures(&damaged).await?;
        unkept.removed(&damaged);
    }
    let mut missing = survey.missing;
    missing.extend(damaged.iter().filter_map(closing));
    missing.retain(|closing| {
        unkept.at(closing.version()).is_none() && !unkept.is_lost(place(closing))
    });
    Ok(missing)
}

/// Notes closings whose figures nothing makes any more; each is told of once.
fn lose(hub: &Hub, closings: impl IntoIterator<Item = Arc<Closing>>) {
    for closing in closings {
        if hub.unkept().lose(place(&closing)) {
            let (period, version) = (closing.period, closing.version());
            tracing::error!(%period, %version, "the figures of a closing are lost; a backup may have them");
        }
    }
}

fn place(closing: &Closing) -> Place {
    (closing.version(), closing.period)
}

async fn keep_waiting(store: &Store, hub: &Hub) -> Result<(), store::Error> {
    while let Some(board) = hub.unkept().first() {
        let version = board.version();
        let all = board.closings().all();
        let closings: Vec<Arc<Closing>> =
            all.filter(|closing| closing.version() == version).cloned().collect();
        lose(hub, keeping::write(store, &board, &closings).await?);
        hub.unkept().done(version);
    }
    Ok(())
}
