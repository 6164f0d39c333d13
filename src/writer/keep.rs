//! The keeper of figures: a task beside the writer's, which writes what closings keep, so that no command waits for it.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use crate::aside::aside;
use crate::domain::Closing;
use crate::feed::{ClosingKey, Hub, Loss};
use crate::keeping::{self, Packed, Survey};
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
                    let passes =
                        error.downcast_ref::<store::Error>().is_none_or(store::Error::is_transient);
                    let error = format!("{error:#}");
                    if passes {
                        tracing::warn!(error, "figures of closings cannot be kept now");
                        tokio::time::sleep(wait).await;
                        wait = (wait * 2).min(RETRY_MAX);
                    } else {
                        // The same log would fail in the same way.
                        tracing::error!(error, "figures of closings cannot be made");
                        hub.unkept().wait().await;
                    }
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
    let (send, mut packed) = mpsc::channel(1);
    let of = store.clone();
    // They are written from here: a thread that lets others go first must not hold the database.
    let folding = aside("figures", async move { keeping::fold(&of, &missing, send).await });
    let mut folding = pin!(folding);
    let mut is_woken = false;
    let mut is_folded = false;
    loop {
        tokio::select! {
            some = packed.recv() => match some {
                Some(some) => write(store, hub, some).await?,
                None => break,
            },
            folded = &mut folding, if !is_folded => {
                folded??;
                is_folded = true;
            }
            () = hub.unkept().wait() => {
                keep_waiting(store, hub).await?;
                is_woken = true;
            }
        }
    }
    if !is_folded {
        folding.await??;
    }
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
    let (older, damaged): (BTreeSet<ClosingKey>, BTreeSet<ClosingKey>) =
        damaged.into_iter().partition(|(version, _)| *version < survey.log_begin);
    let closing = |(version, period): &ClosingKey| board.closings().get(*period, *version).cloned();
    lose(hub, older.iter().filter_map(closing).chain(survey.lost), Loss::Gone);
    if survey.has_foreign || !damaged.is_empty() {
        store.drop_figures(&damaged).await?;
        unkept.removed(&damaged);
    }
    let missing = survey.missing.into_iter().chain(damaged.iter().filter_map(closing));
    let missing: BTreeMap<ClosingKey, Arc<Closing>> =
        missing.map(|closing| (key(&closing), closing)).collect();
    let is_to_make = |closing: &Arc<Closing>| {
        unkept.at(closing.version()).is_none() && unkept.loss(key(closing)).is_none()
    };
    Ok(missing.into_values().filter(is_to_make).collect())
}

/// Notes closings whose figures nothing makes any more; each is told of once.
fn lose(hub: &Hub, closings: impl IntoIterator<Item = Arc<Closing>>, loss: Loss) {
    for closing in closings {
        if hub.unkept().lose(key(&closing), loss) {
            let (period, version) = (closing.period, closing.version());
            match loss {
                Loss::Gone => tracing::error!(
                    %period, %version, "the figures of a closing are lost; a backup may have them"
                ),
                Loss::TooLarge => tracing::error!(
                    %period, %version, "the figures of a closing are too large to be kept"
                ),
            }
        }
    }
}

fn key(closing: &Closing) -> ClosingKey {
    (closing.version(), closing.period)
}

async fn keep_waiting(store: &Store, hub: &Hub) -> Result<(), store::Error> {
    while let Some(board) = hub.unkept().first() {
        let version = board.version();
        let all = board.closings().all();
        let mut closings: Vec<Arc<Closing>> =
            all.filter(|closing| closing.version() == version).cloned().collect();
        while !closings.is_empty() {
            let (board, some) = (Arc::clone(&board), closings.clone());
            let made = tokio::task::spawn_blocking(move || Packed::of(&board, &some));
            let packed = made.await.expect("packing does not panic");
            closings.drain(..packed.closings);
            write(store, hub, packed).await?;
        }
        hub.unkept().done(version);
    }
    Ok(())
}

async fn write(store: &Store, hub: &Hub, packed: Packed) -> Result<(), store::Error> {
    store.keep(&packed.figures).await?;
    lose(hub, packed.too_large, Loss::TooLarge);
    Ok(())
}
