//! The event feed: every event after a position, in order, none twice, none left out.
//!
//! A feed takes its position first. The events after it come from memory or, further back, from the
//! store; a wake-up is only a hint to look again.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::cursor::Cursor;
use super::hub::Hub;
use super::log_pages::{LogPage, LogPages};
use crate::domain::{Event, Version};
use crate::limits::{EVENTS_LOOK_EVERY, FEED_PAGE, FEED_READY};
use crate::store::{self, Store};

/// The reason why a feed cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum CannotFollow {
    /// The cursor is of another log, or of events that are not kept any more.
    #[error("the cursor cannot be followed any more")]
    Expired {
        /// The present end, to go on from.
        resume_from: Option<Cursor>,
    },
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Bounds how fast the part of the log is read that is no longer in memory.
pub trait Budget: Sync {
    /// Waits until this many more events may be looked through.
    fn take(&self, events: usize) -> impl Future<Output = ()> + Send;
}

/// Reads the log from a position on, for one subscriber.
#[derive(Debug)]
pub struct EventFeed {
    hub: Arc<Hub>,
    store: Store,
    /// All events up to here were delivered, or are not wanted.
    position: Version,
    /// A few events to give out, so that a feed that nobody reads holds on to no more.
    ready: VecDeque<Arc<Event>>,
    /// The last event that was looked at for `ready`.
    looked_at: Version,
    /// The budget was waited for up to here.
    paid_up_to: Version,
    versions: watch::Receiver<Version>,
    /// The time of the next look: events that come in quick succession are read together.
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
                if tx.tag_to_follow(cursor.version).await? != Some(cursor.tag) {
                    let version = tx.version();
                    let resume_from = tx.tag(version).await?.map(|tag| Cursor { version, tag });
                    return Err(CannotFollow::Expired { resume_from });
                }
                cursor.version
            }
        };
        Ok(Self {
            hub,
            store,
            position,
            ready: VecDeque::new(),
            looked_at: position,
            paid_up_to: position,
            versions,
            next_look: Instant::now(),
        })
    }

    /// The next wanted event, as soon as there is one. Before a part of the log is looked through that is
    /// no longer in memory, `budget` is waited for, with the most events that those can be.
    ///
    /// # Errors
    /// When the store cannot be read; the same event comes at the next try.
    pub async fn next(
        &mut self,
        is_wanted: impl Fn(&Event) -> bool,
        budget: &impl Budget,
    ) -> Result<Arc<Event>, store::Error> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                self.position = event.version;
                return Ok(event);
            }
            self.position = self.looked_at;
            let newest = *self.versions.borrow_and_update();
            if newest > self.position {
                let events = self.events_ahead(budget).await?;
                self.look_through(&events, &is_wanted);
            } else {
                // The hub is held here, so its sender is alive.
                let _changed = self.versions.changed().await;
                sleep_until(self.next_look).await;
                self.next_look = Instant::now() + EVENTS_LOOK_EVERY;
            }
        }
    }

    /// Some events, the next one after the position among them.
    async fn events_ahead(&mut self, budget: &impl Budget) -> Result<LogPage, store::Error> {
        if let Some(recent) = self.hub.recent_events(self.position, FEED_PAGE) {
            return Ok(recent.into());
        }
        // A committed event is not delivered before it is published: a client that receives it may
        // ask for its state at once.
        let visible = self.hub.latest().version();
        // A page is looked through bit by bit, and paid for once.
        let last = LogPages::page_of(self.position.next()).1.min(visible);
        if last > self.paid_up_to {
            let unpaid = last.0 - self.paid_up_to.0.max(self.position.0);
            budget.take(usize::try_from(unpaid).unwrap_or(0)).await;
            self.paid_up_to = last;
        }
        let page = self.hub.pages.page_after(self.position, visible, &self.store).await?;
        let ahead = &page[page.partition_point(|event| event.version <= self.position)..];
        let is_dense = ahead.last().is_some_and(|last| {
            i64::try_from(ahead.len())
                .is_ok_and(|length| length == last.version.0 - self.position.0)
        });
        // A log is pruned from its beginning on; a feed that has come no further by then has lost its place.
        if is_dense { Ok(page) } else { Err(store::Error::Pruned(self.position.0)) }
    }

    fn look_through(&mut self, events: &[Arc<Event>], is_wanted: impl Fn(&Event) -> bool) {
        let ahead = events.partition_point(|event| event.version <= self.position);
        for event in &events[ahead..] {
            if is_wanted(event) {
                if self.ready.len() >= FEED_READY {
                    return;
                }
                self.ready.push_back(Arc::clone(event));
            }
            self.looked_at = event.version;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use futures_util::future::join_all;

    use super::*;
    use crate::domain::clock::ManualClock;
    use crate::domain::command::UpsertUnit;
    use crate::domain::{Actor, Command, Patch, Timestamp};
    use crate::limits::EVENTS_KEPT;
    use crate::server::Server;

    /// A budget without a bound, which counts the events that are taken.
    #[derive(Default)]
    struct Counted(AtomicUsize);

    impl Budget for Counted {
        async fn take(&self, events: usize) {
            self.0.fetch_add(events, Ordering::Relaxed);
        }
    }

    const PATIENCE: Duration = Duration::from_secs(60);

    async fn next(feed: &mut EventFeed) -> Version {
        tokio::time::timeout(PATIENCE, feed.next(|_| true, &Counted::default()))
            .await
            .unwrap()
            .unwrap()
            .version
    }

    #[tokio::test]
    async fn a_reader_far_behind_gets_every_event_once() {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", dir.path().join("sangkien.db").display());
        let clock = ManualClock::new(Timestamp::parse("2022-05-10T08:00:00+07:00").unwrap());
        let server = Server::open(&url, Arc::new(clock)).await.unwrap();
        let store = Store::open(&url).await.unwrap();
        let hub = Arc::clone(&server.hub);
        let root = hub.latest().structure.unit(hub.latest().structure.root()).code.clone();
        let actor = Arc::new(Actor::SYSTEM);
        let change = async |number: usize| {
            let upsert = UpsertUnit {
                code: root.clone(),
                member_count: Patch::Set(i32::try_from(number).unwrap()),
                ..UpsertUnit::default()
            };
            server.writer.execute(Command::UpsertUnit(upsert), Arc::clone(&actor)).await.unwrap()
        };
        // The log holds more events than memory keeps.
        let count = EVENTS_KEPT + 100;
        for start in (0..count).step_by(2_000) {
            join_all((start..count.min(start + 2_000)).map(&change)).await;
        }
        let head = hub.latest().version();
        assert!(hub.recent_events(Version(1), 1).is_none(), "it is out of memory");
        let page = i64::try_from(FEED_PAGE).unwrap();
        assert!(hub.recent_events(Version(page), 1).is_some(), "and the second page is not");

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

        // Many who read the same part of the log read it once, and each event is looked at.
        let store = Store::open(&url).await.unwrap();
        let before = hub.pages.reads();
        let looked_at = Counted::default();
        let read = async |step: i64| {
            let open = EventFeed::open(Arc::clone(&hub), store.clone(), Some(after));
            let mut feed = open.await.unwrap();
            let is_wanted = |event: &Event| event.version.0 % step == 0;
            for expected in (2..=5_000).filter(|version| version % step == 0) {
                let next = feed.next(is_wanted, &looked_at);
                let event = tokio::time::timeout(PATIENCE, next).await.unwrap().unwrap();
                assert_eq!(event.version, Version(expected));
                assert!(feed.ready.len() <= FEED_READY);
            }
        };
        join_all((0..16).map(|number| read([1, 7, 500, 5_000][number % 4]))).await;
        // All that is out of memory lies in the first page, which was read by the feed before as well.
        assert!(hub.pages.reads() - before <= 1, "{} reads", hub.pages.reads() - before);
        // Events in memory cost nothing; each feed pays for the rest once, however many looks that takes.
        assert_eq!(looked_at.0.into_inner(), 16 * (FEED_PAGE - 1));
    }
}
