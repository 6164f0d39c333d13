//! The end of the log, as others make it grow.

use tokio::time::{Instant, sleep_until};

use super::database::{Database, Store};
use super::error::Error;
use super::events::EVENTS_AFTER;
use super::postgres::Listener;
use super::{log_head, rows};
use crate::domain::{Event, Timestamp, Version};
use crate::limits::{LOG_PAGE, TAIL_POLL};

/// The findings of a look at the log.
#[derive(Debug)]
pub struct Look {
    pub events: Vec<Event>,
    /// The time of the look, by the database's own clock; `None` of SQLite, which has none.
    pub now: Option<Timestamp>,
}

/// Follows the log. On PostgreSQL the commits of other nodes wake it; it looks from time to time in any case, since a
/// wake-up may be lost.
pub struct Tail {
    store: Store,
    listener: Option<Listener>,
    next_look: Instant,
}

impl Store {
    /// A tail, whose first look is due.
    pub fn tail(&self) -> Tail {
        let listener = match &self.database {
            Database::Sqlite(_) => None,
            Database::Postgres(postgres) => Some(postgres.listener()),
        };
        Tail { store: self.clone(), listener, next_look: Instant::now() }
    }
}

impl Tail {
    /// Waits until a look is due. It may be dropped at any time.
    pub async fn wait(&mut self) {
        match &mut self.listener {
            Some(listener) => listener.wait(self.next_look).await,
            None => sleep_until(self.next_look).await,
        }
    }

    /// The events after a version, at most [`LOG_PAGE`], in order.
    ///
    /// # Errors
    /// [`Error::Lost`] when the database went back; else when it cannot be read, or a row cannot be understood.
    pub async fn look(&mut self, version: Version) -> Result<Look, Error> {
        let looked = self.try_look(version).await;
        self.store.noting(looked)
    }

    async fn try_look(&mut self, version: Version) -> Result<Look, Error> {
        let Some(listener) = &mut self.listener else {
            self.next_look = Instant::now() + TAIL_POLL / 2;
            let mut tx = self.store.begin_read().await?;
            let events = if tx.version() > version {
                promised(version, tx.events_after(version, LOG_PAGE).await?)?
            } else {
                Vec::new()
            };
            return Ok(Look { events, now: tx.now() });
        };
        self.next_look = Instant::now() + TAIL_POLL;
        let head = log_head::heard(listener, &self.store.known).await?;
        let mut events = Vec::new();
        if head.head.0 > version {
            let rows = listener.fetch(EVENTS_AFTER, &[version.0, LOG_PAGE]).await?;
            events = promised(version, rows.iter().map(rows::event).collect::<Result<_, _>>()?)?;
        }
        Ok(Look { events, now: head.now })
    }
}

/// The events after a version, of which the head of the log says that there are some.
fn promised(version: Version, events: Vec<Event>) -> Result<Vec<Event>, Error> {
    if events.is_empty() { Err(Error::Gap(version.next().0)) } else { Ok(events) }
}
