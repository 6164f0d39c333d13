//! The event feed: every event after a position, in order, none twice, none left out.
//!
//! The position is taken first; what is behind it comes from memory or, further back, from the
//! store; a wake-up is only a hint to look again.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::Hub;
use super::cursor::Cursor;
use crate::domain::{Event, Version};
use crate::limits::{EVENTS_LOOK_EVERY, LOG_PAGE};
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
    /// When the next look is due: what comes thick and fast is read many at a time.
    next_look: Instant,
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
        let next_look = Instant::now();
        Ok(Self { hub, store, position, ready: VecDeque::new(), versions, next_look })
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
                sleep_until(self.next_look).await;
                self.next_look = Instant::now() + EVENTS_LOOK_EVERY;
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::future::join_all;

    use super::*;
    use crate::domain::clock::ManualClock;
    use crate::domain::command::UpsertUnit;
    use crate::domain::{Actor, Command, Patch, Timestamp};
    use crate::limits::EVENTS_KEPT;
    use crate::server::Server;

    const PATIENCE: Duration = Duration::from_secs(60);

    async fn next(feed: &mut EventFeed) -> Version {
        tokio::time::timeout(PATIENCE, feed.next()).await.unwrap().unwrap().version
    }

    #[tokio::test]
    async fn a_reader_far_behind_gets_every_event_once() {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", dir.path().join("sangkien.db").display());
        let clock = ManualClock::new(Timestamp::parse("2022-05-10T08:00:00+07:00").unwrap());
        let server = Server::open(&url, Arc::new(clock)).await.unwrap();
        let store = Store::open(&url).await.unwrap();
        let hub = Arc::clone(&server.hub);
        let root = hub.latest().registry.unit(hub.latest().registry.root()).code.clone();
        let actor = Arc::new(Actor::SYSTEM);
        let change = async |number: usize| {
            let upsert = UpsertUnit {
                code: root.clone(),
                member_count: Patch::Set(i32::try_from(number).unwrap()),
                ..UpsertUnit::default()
            };
            server.writer.execute(Command::UpsertUnit(upsert), Arc::clone(&actor)).await.unwrap()
        };
        // What happened before this process began, if anything, and more than memory keeps.
        let count = EVENTS_KEPT + 100;
        for start in (0..count).step_by(2_000) {
            join_all((start..count.min(start + 2_000)).map(&change)).await;
        }
        let head = hub.latest().version();
        assert!(hub.recent_events(Version(1), 1).is_none(), "it is out of memory");

        let tag = store.begin_read().await.unwrap().tag(Version(1)).await.unwrap().unwrap();
        let after = Cursor { version: Version(1), tag };
        let mut feed = EventFeed::open(Arc::clone(&hub), store, Some(after)).await.unwrap();
        for version in 2..=head.0 {
            assert_eq!(next(&mut feed).await, Version(version));
            if version == 5_000 {
                change(count).await;
            }
        }
        assert_eq!(next(&mut feed).await, head.next());
        let (version, reply) = tokio::join!(next(&mut feed), change(count + 1));
        assert_eq!(version, reply.version);
    }
}
