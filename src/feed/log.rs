//! The event feed: every event after a position, in order, none twice, none left out.
//!
//! The position is taken first; what is behind it comes from memory or, further back, from the
//! store; a wake-up is only a hint to look again.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::watch;

use super::Hub;
use super::cursor::Cursor;
use crate::domain::{Event, Version};
use crate::limits::LOG_PAGE;
use crate::store::{self, Store};

/// Why a feed cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum CannotFollow {
    /// The cursor is of another log, or of events that are not kept any more.
    #[error("the cursor cannot be followed any more")]
    Expired {
        /// Where to go on from: the present end.
        resume_from: Option<Cursor>,
    },
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Reads the log from a position on, for one subscriber.
#[derive(Debug)]
pub struct EventFeed {
    hub: Arc<Hub>,
    store: Store,
    /// The last event that was given out.
    position: Version,
    ready: VecDeque<Arc<Event>>,
    versions: watch::Receiver<Version>,
}

impl EventFeed {
    /// Follows from the event after `after`; without it from now on.
    ///
    /// # Errors
    /// When the cursor cannot be followed, or the store cannot be read.
    pub async fn open(
        hub: Arc<Hub>,
        store: Store,
        after: Option<Cursor>,
    ) -> Result<Self, CannotFollow> {
        let versions = hub.versions();
        let position = match after {
            None => hub.latest().version(),
            Some(cursor) => {
                let mut tx = store.begin_read().await?;
                if tx.tag(cursor.version).await? != Some(cursor.tag) {
                    let version = tx.version();
                    let resume_from = tx.tag(version).await?.map(|tag| Cursor { version, tag });
                    return Err(CannotFollow::Expired { resume_from });
                }
                cursor.version
            }
        };
        Ok(Self { hub, store, position, ready: VecDeque::new(), versions })
    }

    /// The next event, as soon as there is one.
    ///
    /// # Errors
    /// When the store cannot be read; the same event comes at the next try.
    pub async fn next(&mut self) -> Result<Arc<Event>, store::Error> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                self.position = event.version;
                return Ok(event);
            }
            let newest = *self.versions.borrow_and_update();
            if newest > self.position {
                self.ready = self.read_on().await?;
            } else {
                // The hub is held here, so its sender is alive.
                let _changed = self.versions.changed().await;
            }
        }
    }

    async fn read_on(&self) -> Result<VecDeque<Arc<Event>>, store::Error> {
        let page = usize::try_from(LOG_PAGE).unwrap_or(usize::MAX);
        if let Some(recent) = self.hub.recent_events(self.position, page) {
            return Ok(recent.into());
        }
        let mut tx = self.store.begin_read().await?;
        let events = tx.events_after(self.position, LOG_PAGE).await?;
        // What is committed but not yet published is not told yet: whoever hears of an event may
        // ask for its state at once.
        let visible = self.hub.latest().version();
        Ok(events.into_iter().filter(|event| event.version <= visible).map(Arc::new).collect())
    }
}
