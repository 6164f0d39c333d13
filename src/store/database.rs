//! An open database of either kind: what begins transactions on it.

use std::fs::File;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use futures_util::future::try_join_all;
use tokio::sync::watch;

use super::error::Error;
use super::known_log::KnownLog;
use super::lost::Lost;
use super::sqlite::WriteGuard;
use super::transactions::{ReadTx, WriteTx};
use super::tx::Tx;
use super::{postgres, sqlite};
use crate::domain::Mark;

/// An open, migrated database. Clones share its connections.
#[derive(Debug, Clone)]
pub struct Store {
    pub(super) database: Database,
    pub(super) known: KnownLog,
    /// The first finding; it stays.
    lost: watch::Sender<Option<Lost>>,
    /// The number by which this process notes that it serves the database, once it does.
    pub(super) node: Arc<OnceLock<i64>>,
    /// Statements that reading took, of rows that lists and loaders ask for.
    statements: Arc<AtomicU64>,
}

#[derive(Debug, Clone)]
pub(super) enum Database {
    Sqlite(sqlite::Database),
    Postgres(postgres::Database),
}

/// How much a transaction is for: PostgreSQL has connections and deadlines for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effort {
    /// A row or two.
    Brief,
    Ordinary,
    /// Whole tables.
    Long,
}

/// Held by a server while it serves an SQLite file; another server on the same file is refused.
#[derive(Debug)]
pub struct ServerLock {
    _file: Option<File>,
}

impl Store {
    /// Connects without a look at the tables.
    ///
    /// # Errors
    /// [`Error::Url`] when the URL is of neither kind; else when the database cannot be reached.
    pub(super) async fn connect(url: &str, serves: bool) -> Result<Self, Error> {
        let database = if let Some(path) = sqlite::path_of(url) {
            Database::Sqlite(sqlite::Database::open(&path).await?)
        } else if postgres::is_url(url) {
            Database::Postgres(postgres::Database::open(url, serves).await?)
        } else {
            return Err(Error::Url(without_secrets(url)));
        };
        Ok(Self::of(database))
    }

    fn of(database: Database) -> Self {
        Self {
            database,
            known: KnownLog::default(),
            lost: watch::Sender::default(),
            node: Arc::default(),
            statements: Arc::default(),
        }
    }

    /// Connects to a database that exists, without a look at the tables, to read from it alone.
    ///
    /// # Errors
    /// [`Error::Url`] when the URL is of neither kind, [`Error::Missing`] when there is no such file; else when the
    /// database cannot be reached.
    pub(super) async fn connect_to_read(url: &str) -> Result<Self, Error> {
        let database = match sqlite::path_of(url) {
            Some(path) => Database::Sqlite(sqlite::Database::open_to_read(&path).await?),
            None if postgres::is_url(url) => {
                Database::Postgres(postgres::Database::open(url, false).await?)
            }
            None => return Err(Error::Url(url.to_owned())),
        };
        Ok(Self::of(database))
    }

    /// Makes this process the one server of an SQLite file. PostgreSQL has room for many.
    ///
    /// # Errors
    /// [`Error::AlreadyServed`] while another server holds it.
    pub async fn lock_for_serving(&self) -> Result<ServerLock, Error> {
        let file = match &self.database {
            Database::Sqlite(sqlite) => Some(sqlite.lock_for_serving().await?),
            Database::Postgres(_) => None,
        };
        Ok(ServerLock { _file: file })
    }

    /// Takes note of an event of the log: from now on the database is expected to hold it, or nothing begins any more.
    pub fn note_known(&self, event: Mark) {
        self.known.note(event);
    }

    /// Why nothing begins any more; it stays so.
    pub fn lost(&self) -> Option<Lost> {
        self.lost.borrow().clone()
    }

    /// Waits until [`Store::lost`] has an answer. Each transaction that begins looks for it.
    pub async fn await_lost(&self) -> Lost {
        let mut findings = self.lost.subscribe();
        loop {
            if let Some(lost) = findings.borrow_and_update().clone() {
                return lost;
            }
            // The sender lives as long as this does.
            let _changed = findings.changed().await;
        }
    }

    /// Takes note of what was lost.
    pub(super) fn noting<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        if let Err(Error::Lost(found)) = &result {
            self.lost.send_if_modified(|lost| {
                let is_first = lost.is_none();
                lost.get_or_insert_with(|| found.clone());
                is_first
            });
        }
        result
    }

    /// Whether changes can be written, as far as a look at the file of an SQLite database tells.
    ///
    /// # Errors
    /// [`Error::ReadOnly`] or [`Error::Lost`] when they cannot.
    pub async fn check_file(&self) -> Result<(), Error> {
        match &self.database {
            Database::Sqlite(sqlite) => self.noting(sqlite.check_writable().await),
            Database::Postgres(_) => Ok(()),
        }
    }

    /// Begins a transaction that changes something. It holds the counter row until it ends, so that
    /// no other writer changes the rows that it reads.
    ///
    /// # Errors
    /// [`Error::Lost`] when the database went back, or its file is gone; else when it cannot be reached.
    pub async fn begin_write(&self) -> Result<WriteTx, Error> {
        let (tx, guard) = self.begin_plain_write(Effort::Ordinary).await?;
        self.noting(WriteTx::begin(tx, &self.known, guard).await)
    }

    /// Begins a transaction without the counter row, for changes that are no part of any version.
    pub(super) async fn begin_plain_write(
        &self,
        effort: Effort,
    ) -> Result<(Tx, Option<WriteGuard>), Error> {
        let postgres = match &self.database {
            Database::Sqlite(sqlite) => {
                let (tx, guard) = self.noting(sqlite.begin_write().await)?;
                return Ok((Tx::Sqlite(tx), Some(guard)));
            }
            Database::Postgres(postgres) => postgres,
        };
        let tx = match effort {
            Effort::Brief => postgres.begin_brief_write().await?,
            Effort::Ordinary => postgres.begin_write().await?,
            Effort::Long => postgres.begin_long_write().await?,
        };
        Ok((Tx::Postgres(tx), None))
    }

    /// Begins a transaction that sees the database as of one version, which is never before the last event known.
    ///
    /// # Errors
    /// [`Error::Lost`] when the database went back, or its file is gone; else when it cannot be reached.
    pub async fn begin_read(&self) -> Result<ReadTx, Error> {
        self.begin_read_for(Effort::Ordinary).await
    }

    /// As [`Self::begin_read`], for a question of a row or two, which does not wait for lists.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn begin_brief_read(&self) -> Result<ReadTx, Error> {
        self.begin_read_for(Effort::Brief).await
    }

    /// As [`Self::begin_read`], for whole tables, which may take minutes.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn begin_long_read(&self) -> Result<ReadTx, Error> {
        self.begin_read_for(Effort::Long).await
    }

    async fn begin_read_for(&self, effort: Effort) -> Result<ReadTx, Error> {
        let tx = self.begin_plain_read(effort).await?;
        self.noting(ReadTx::begin(tx, &self.known, Arc::clone(&self.statements)).await)
    }

    /// Begins a transaction that reads, without a look at the head of the log.
    pub(super) async fn begin_plain_read(&self, effort: Effort) -> Result<Tx, Error> {
        Ok(match (&self.database, effort) {
            (Database::Sqlite(sqlite), _) => Tx::Sqlite(self.noting(sqlite.begin_read().await)?),
            (Database::Postgres(postgres), Effort::Brief) => {
                Tx::Postgres(postgres.begin_brief_read().await?)
            }
            (Database::Postgres(postgres), Effort::Ordinary) => {
                Tx::Postgres(postgres.begin_read().await?)
            }
            (Database::Postgres(postgres), Effort::Long) => {
                Tx::Postgres(postgres.begin_long_read().await?)
            }
        })
    }

    /// Begins transactions that see the database as of one version, to read whole tables side by side.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn begin_reads<const N: usize>(&self) -> Result<[ReadTx; N], Error> {
        loop {
            let reads = try_join_all((0..N).map(|_| self.begin_read_for(Effort::Long))).await?;
            // Somebody may have committed in between.
            let is_one = reads.windows(2).all(|pair| pair[0].version() == pair[1].version());
            if let Ok(reads) = <[ReadTx; N]>::try_from(reads)
                && is_one
            {
                return Ok(reads);
            }
        }
    }

    /// Makes ready for an import. An SQLite file's log is brought into the file by [`Store::checkpoint`] from now on,
    /// and more of the file is kept in memory.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn write_much(&self) -> Result<(), Error> {
        match &self.database {
            Database::Sqlite(sqlite) => sqlite.write_much().await,
            Database::Postgres(_) => Ok(()),
        }
    }

    /// Brings what an SQLite file's log has into the file. Others may read and write meanwhile.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn checkpoint(&self) -> Result<(), Error> {
        match &self.database {
            Database::Sqlite(sqlite) => sqlite.checkpoint().await,
            Database::Postgres(_) => Ok(()),
        }
    }

    /// The number of statements that lists and loaders have taken so far.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Connections to read with: how many are open, and how many of these are in use.
    pub fn connections(&self) -> (usize, usize) {
        let (open, idle) = match &self.database {
            Database::Sqlite(sqlite) => sqlite.connections(),
            Database::Postgres(postgres) => postgres.connections(),
        };
        let open = usize::try_from(open).unwrap_or(usize::MAX);
        (open, open.saturating_sub(idle))
    }

    /// Ends all connections, and leaves an SQLite file that needs no other beside it, also while it is read.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn seal(&self) -> Result<(), Error> {
        match &self.database {
            Database::Sqlite(sqlite) => sqlite.seal().await,
            Database::Postgres(postgres) => {
                postgres.close().await;
                Ok(())
            }
        }
    }

    /// Ends all connections; waits for those in use.
    pub async fn close(&self) {
        match &self.database {
            Database::Sqlite(sqlite) => sqlite.close().await,
            Database::Postgres(postgres) => postgres.close().await,
        }
    }
}

/// An address as messages show it; a password may be anywhere behind its beginning.
fn without_secrets(url: &str) -> String {
    let beginning = url.split(':').next().unwrap_or_default();
    if url.contains(['@', '?', '=']) && url.len() > beginning.len() {
        format!("{beginning}:…")
    } else {
        url.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_password() {
        for (url, shown) in [
            ("union.db", "union.db"),
            ("mysql://host/name", "mysql://host/name"),
            ("postgre://user:secret@host/name", "postgre:…"),
            ("http://host/name?password=secret", "http:…"),
        ] {
            assert_eq!(without_secrets(url), shown);
        }
    }
}
