//! Transactions as callers see them: one that reads, as of one version, and one that writes, alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::error::Error;
use super::known_log::KnownLog;
use super::log_head::{self, LogHead, Look};
use super::postgres;
use super::rows::number;
use super::sqlite::WriteGuard;
use super::tx::{Tx, execute, fetch};
use crate::domain::{Timestamp, Version};

/// A transaction that sees the database as of [`ReadTx::version`].
pub struct ReadTx {
    pub(super) tx: Tx,
    version: Version,
    at: Timestamp,
    now: Option<Timestamp>,
    statements: Arc<AtomicU64>,
}

impl ReadTx {
    /// `statements` counts the statements of lists and loaders.
    pub(super) async fn begin(
        mut tx: Tx,
        known: &KnownLog,
        statements: Arc<AtomicU64>,
    ) -> Result<Self, Error> {
        let Look { head: (version, at), now, .. } = log_head::seen(&mut tx, known).await?;
        Ok(Self { tx, version, at, now, statements })
    }

    pub(super) fn note_statement(&self) {
        self.statements.fetch_add(1, Ordering::Relaxed);
    }

    /// The version of the last event that the transaction sees.
    pub const fn version(&self) -> Version {
        self.version
    }

    /// The time of the event of that version.
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// The time at the beginning, by the database's own clock; `None` of SQLite, which has none.
    pub const fn now(&self) -> Option<Timestamp> {
        self.now
    }
}

/// A transaction that holds the counter row until it ends: no other writes meanwhile, on any node.
pub struct WriteTx {
    pub(super) tx: Tx,
    pub(super) head: LogHead,
    now: Option<Timestamp>,
    /// Held until after the transaction; SQLite's.
    guard: Option<WriteGuard>,
}

impl WriteTx {
    pub(super) async fn begin(
        mut tx: Tx,
        known: &KnownLog,
        guard: Option<WriteGuard>,
    ) -> Result<Self, Error> {
        let Look { head, now, .. } = log_head::hold(&mut tx, known).await?;
        Ok(Self { tx, head, now, guard })
    }

    /// The head as this transaction took it, or as it wrote it last.
    pub const fn head(&self) -> LogHead {
        self.head
    }

    /// The time when this transaction took it, by the database's own clock; `None` of SQLite, which has none.
    pub const fn now(&self) -> Option<Timestamp> {
        self.now
    }

    /// Whether others wait to write.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn has_waiter(&mut self) -> Result<bool, Error> {
        if let Some(guard) = &self.guard {
            return Ok(guard.has_waiter());
        }
        let waiting = fetch!(&mut self.tx, postgres::COUNT_WAITERS, [], number)?;
        Ok(waiting.first() != Some(&0))
    }

    /// Writes the counter row as it is, so that the commit has something to write.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn rewrite_head(&mut self) -> Result<(), Error> {
        // SQLite writes no page whose bytes stay the same, so they change in between.
        for sql in [
            "update counter set at = at + 1 where id = 1",
            "update counter set at = at - 1 where id = 1",
        ] {
            execute!(&mut self.tx, sql, []);
        }
        Ok(())
    }

    /// # Errors
    /// When the outcome is not known: it may have been committed. Look at the head of the log.
    pub async fn commit(self) -> Result<(), Error> {
        let Self { tx, guard, .. } = self;
        if let Some(guard) = &guard {
            if guard.has_lost_log() {
                // The log is brought into the file once nobody writes, this transaction neither.
                drop(tx);
                return Err(guard.check_file().await.err().unwrap_or(Error::Busy));
            }
            guard.check_file().await?;
        }
        let committed = tx.commit().await;
        drop(guard);
        committed
    }
}
