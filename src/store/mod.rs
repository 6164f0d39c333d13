//! Facts and log in a database: SQLite (embedded) or PostgreSQL behind one contract.
//!
//! What both promise: a change and its events are one transaction; versions are dense, in commit
//! order, and become visible in that order, since every writing transaction takes the counter row
//! first; what was committed is on disk. The SQL text is shared; where the two differ is in
//! [`Store::open`], in how a transaction begins, in how rows come into busy tables (`table`), and in
//! the migrations' types.

mod error;
mod full_scan;
mod indexes;
mod initiative_lists;
mod migrate;
mod read;
mod rows;
mod table;
mod tokens;
mod write;
mod write_lock;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::try_join_all;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, PgPool, Postgres, Sqlite, SqlitePool, Transaction};
use tokio::time::Instant;

pub use error::Error;
pub use full_scan::{ChangeRow, ChangedState, StateRow};
pub use indexes::Missing;
pub use initiative_lists::{
    BenefitPart, Filter, KeyRange, ListRow, NO_BENEFIT, Order, Position, UnitProbe,
};
pub use read::ReadTx;
pub use tokens::NewToken;
pub use write::{LastIds, LogHead, NewPerson, WriteTx, Writes};

use crate::limits::{READ_CONNECTIONS, RETRY_FIRST};
use write_lock::{WriteGuard, WriteLock, retry_while_busy};

/// How long one waits for others who hold an SQLite file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
const SQLITE_BUSY: &str = "5";
/// What PostgreSQL knows our sessions by, so that it can be asked whether somebody serves.
const PROGRAM: &str = "sangkien";
const SERVER: &str = "sangkien server";
/// KiB of its file that a connection keeps in memory; below 0, as SQLite wants it. What a reader
/// comes to again is small.
const WRITER_CACHE: &str = "-65536";
const READER_CACHE: &str = "-16384";
/// What a second of an import changes in a large database fits in.
const IMPORT_CACHE: &str = "pragma cache_size = -262144";

/// Runs the same statement on whichever database is there.
macro_rules! on {
    ($tx:expr, $conn:ident => $body:expr) => {
        match $tx {
            $crate::store::Tx::Sqlite($conn) => $body,
            $crate::store::Tx::Postgres($conn) => $body,
        }
    };
}

/// All rows of a statement, each turned into a value by a function of its columns.
macro_rules! fetch {
    ($tx:expr, $sql:expr, [$($bind:expr),*], $decode:expr) => {
        $crate::store::on!($tx, conn => {
            let rows = sqlx::query($sql)$(.bind($bind))*.fetch_all(&mut **conn).await?;
            rows.iter().map(|row| $decode(row)).collect::<Result<Vec<_>, $crate::store::Error>>()
        })
    };
}

macro_rules! execute {
    ($tx:expr, $sql:expr, [$($bind:expr),*]) => {
        $crate::store::on!($tx, conn => {
            sqlx::query($sql)$(.bind($bind))*.execute(&mut **conn).await?.rows_affected()
        })
    };
}

use {execute, fetch, on};

/// A transaction on either database; dropped without a commit it is rolled back.
enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    async fn commit(self) -> Result<(), Error> {
        on!(self, conn => conn.commit().await?);
        Ok(())
    }
}

#[derive(Debug, Clone)]
enum Pools {
    /// SQLite has one writer at a time; readers see the last commit before they began.
    Sqlite {
        lock: WriteLock,
        write: SqlitePool,
        read: SqlitePool,
        path: PathBuf,
    },
    Postgres(PgPool),
}

/// An open, migrated database.
#[derive(Debug, Clone)]
pub struct Store {
    pools: Pools,
    /// Statements that reading took, of rows that lists and loaders ask for.
    statements: Arc<AtomicU64>,
}

/// Held by a server while it serves an SQLite file; another server on the same file is refused.
#[derive(Debug)]
pub struct ServerLock {
    _file: Option<File>,
}

impl Store {
    /// Opens `sqlite:///path/file.db` (made when missing) or `postgres://…` and brings its tables
    /// up to date. Indexes of lists that an import has left out stay so.
    ///
    /// # Errors
    /// When the URL is of neither kind, the database cannot be reached, or it was migrated by a
    /// newer program.
    pub async fn open(url: &str) -> Result<Self, Error> {
        let store = Self::connect(url, PROGRAM).await?;
        migrate::run(&store.pools).await?;
        Ok(store)
    }

    /// As [`Store::open`], for a server: lists find the indexes that they need, and one that is refused
    /// leaves the tables as they are.
    ///
    /// # Errors
    /// Those of [`Store::open`], and [`Error::AlreadyServed`].
    pub async fn open_for_serving(url: &str) -> Result<(Self, ServerLock), Error> {
        let store = Self::connect(url, SERVER).await?;
        let lock = store.lock_for_serving().await?;
        migrate::run(&store.pools).await?;
        let missing = store.missing_indexes().await?;
        if !missing.is_empty() {
            let tell = |index| tracing::info!(index, "made");
            tracing::info!("an import left indexes of lists out: making them");
            store.make_indexes(missing, tell).await?;
        }
        Ok((store, lock))
    }

    async fn connect(url: &str, program: &str) -> Result<Self, Error> {
        let pools = if let Some(path) = sqlite_path(url) {
            open_sqlite(&path).await?
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            open_postgres(url, program).await?
        } else {
            return Err(Error::Url(url.to_owned()));
        };
        Ok(Self { pools, statements: Arc::default() })
    }

    /// Makes this process the one server of an SQLite file. PostgreSQL has room for many.
    ///
    /// # Errors
    /// [`Error::AlreadyServed`] while another server holds it.
    pub async fn lock_for_serving(&self) -> Result<ServerLock, Error> {
        let Pools::Sqlite { path, lock, .. } = &self.pools else {
            return Ok(ServerLock { _file: None });
        };
        // A holder of the write lock may rely on what it saw of the server's lock.
        let _guard = retry_while_busy(|| lock.acquire()).await?;
        let lock = server_lock(path);
        let io = |source| Error::Lock { path: lock.clone(), source };
        let file =
            File::options().create(true).truncate(false).write(true).open(&lock).map_err(io)?;
        match file.try_lock() {
            Ok(()) => Ok(ServerLock { _file: Some(file) }),
            Err(std::fs::TryLockError::WouldBlock) => {
                Err(Error::AlreadyServed { path: path.clone() })
            }
            Err(std::fs::TryLockError::Error(source)) => Err(io(source)),
        }
    }

    /// Begins a transaction that changes something. It holds the counter row until it ends, so
    /// that whatever it reads is what it will change.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn begin_write(&self) -> Result<WriteTx, Error> {
        let (tx, guard) = self.begin_plain_write().await?;
        WriteTx::begin(tx, guard).await
    }

    /// Without the counter row: for what is no part of any version.
    async fn begin_plain_write(&self) -> Result<(Tx, Option<WriteGuard>), Error> {
        Ok(match &self.pools {
            Pools::Sqlite { write, lock, .. } => {
                let guard = lock.acquire().await?;
                (Tx::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?), Some(guard))
            }
            Pools::Postgres(pool) => (Tx::Postgres(pool.begin().await?), None),
        })
    }

    /// For whoever writes much at once. An SQLite file's log is brought into the file by
    /// [`Store::checkpoint`] from now on, and no longer as part of a commit, while others wait; and
    /// more of the file is kept in memory, so that pages of indexes are not written over and over.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn write_much(&self) -> Result<(), Error> {
        if let Pools::Sqlite { write, .. } = &self.pools {
            let mut conn = write.acquire().await?;
            sqlx::query("pragma wal_autocheckpoint = 0").execute(&mut *conn).await?;
            sqlx::query(IMPORT_CACHE).execute(&mut *conn).await?;
        }
        Ok(())
    }

    /// Brings what an SQLite file's log has into the file. Others may read and write meanwhile.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn checkpoint(&self) -> Result<(), Error> {
        if let Pools::Sqlite { write, .. } = &self.pools {
            sqlx::query("pragma wal_checkpoint(passive)").execute(write).await?;
        }
        Ok(())
    }

    /// Begins a transaction that sees the database as of one version.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn begin_read(&self) -> Result<ReadTx, Error> {
        let tx = match &self.pools {
            Pools::Sqlite { read, .. } => Tx::Sqlite(read.begin().await?),
            Pools::Postgres(pool) => Tx::Postgres(
                pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?,
            ),
        };
        ReadTx::begin(tx, Arc::clone(&self.statements)).await
    }

    /// How many statements lists and loaders have taken so far.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Connections to read with: how many are open, and how many of these are in use.
    pub fn connections(&self) -> (usize, usize) {
        let (open, idle) = match &self.pools {
            Pools::Sqlite { read, .. } => (read.size(), read.num_idle()),
            Pools::Postgres(pool) => (pool.size(), pool.num_idle()),
        };
        let open = usize::try_from(open).unwrap_or(usize::MAX);
        (open, open.saturating_sub(idle))
    }

    /// Transactions that see the database as of one version, to read side by side.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn begin_reads<const N: usize>(&self) -> Result<[ReadTx; N], Error> {
        loop {
            let reads = try_join_all((0..N).map(|_| self.begin_read())).await?;
            // Somebody may have committed in between.
            let is_one = reads.windows(2).all(|pair| pair[0].version() == pair[1].version());
            if let Ok(reads) = <[ReadTx; N]>::try_from(reads)
                && is_one
            {
                return Ok(reads);
            }
        }
    }

    /// Ends all connections; waits for those in use.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { write, read, .. } => {
                read.close().await;
                write.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

fn server_lock(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

fn sqlite_path(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"))?;
    // In memory every connection would have a database of its own.
    (!path.is_empty() && path != ":memory:").then(|| PathBuf::from(path))
}

async fn open_sqlite(path: &Path) -> Result<Pools, Error> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)
            .map_err(|source| Error::Folder { path: folder.to_owned(), source })?;
    }
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("cache_size", WRITER_CACHE)
        .row_buffer_size(2_048);
    let give_up = Instant::now() + BUSY_TIMEOUT;
    // On a full disk SQLite ends a transaction by itself; sqlx then takes the connection to be in
    // one for good: nothing could be written any more, or a reader would stand still. Such a
    // connection is closed and another takes its place.
    let pool = || {
        SqlitePoolOptions::new()
            .before_acquire(|conn, _| Box::pin(async move { Ok(!conn.is_in_transaction()) }))
    };
    let write = loop {
        match pool().max_connections(1).connect_with(options.clone()).await {
            // A fresh file that somebody else opens as well is put in WAL mode by one of the two,
            // and SQLite does not wait for that by itself.
            Err(sqlx::Error::Database(error))
                if error.code().as_deref() == Some(SQLITE_BUSY) && Instant::now() < give_up =>
            {
                tokio::time::sleep(RETRY_FIRST).await;
            }
            opened => break opened?,
        }
    };
    let read = pool()
        .max_connections(READ_CONNECTIONS)
        .connect_lazy_with(options.pragma("query_only", "on").pragma("cache_size", READER_CACHE));
    // One name for one file: the lock lies beside it, whichever link led here.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let lock = WriteLock::of(&path);
    Ok(Pools::Sqlite { write, read, path, lock })
}

async fn open_postgres(url: &str, program: &str) -> Result<Pools, Error> {
    let options = PgConnectOptions::from_str(url)?.application_name(program).options([
        ("synchronous_commit", "on"),
        // Everything asked for by key is asked for by index. A plan is kept by its connection,
        // and one made while a table was small would read the whole of it for ever.
        ("enable_seqscan", "off"),
        ("enable_hashjoin", "off"),
        ("enable_mergejoin", "off"),
    ]);
    let pool = PgPoolOptions::new()
        .max_connections(READ_CONNECTIONS + 2)
        .acquire_timeout(Duration::from_secs(5))
        .connect_with(options)
        .await?;
    Ok(Pools::Postgres(pool))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn open(dir: &tempfile::TempDir) -> (Store, SqlitePool, SqlitePool) {
        let url = format!("sqlite://{}", dir.path().join("it.db").display());
        let store = Store::open(&url).await.unwrap();
        let Pools::Sqlite { write, read, .. } = store.pools.clone() else { unreachable!() };
        (store, write, read)
    }

    #[tokio::test]
    async fn what_sqlite_commits_is_on_disk() {
        let dir = tempfile::tempdir().unwrap();
        let (_store, write, read) = open(&dir).await;
        for pool in [&write, &read] {
            let ask = async |pragma: &'static str| -> String {
                sqlx::query_scalar(pragma).fetch_one(pool).await.unwrap()
            };
            assert_eq!(ask("pragma journal_mode").await, "wal");
            let full = "select cast(synchronous as text) from pragma_synchronous";
            assert_eq!(ask(full).await, "2", "FULL");
            let checked = "select cast(foreign_keys as text) from pragma_foreign_keys";
            assert_eq!(ask(checked).await, "1");
        }
        let error = sqlx::query("delete from events").execute(&read).await.unwrap_err();
        assert!(error.to_string().contains("readonly"), "{error}");
    }

    /// As SQLite does by itself when the disk is full or fails.
    #[tokio::test]
    async fn a_transaction_that_sqlite_gave_up_is_over() {
        let dir = tempfile::tempdir().unwrap();
        let (store, ..) = open(&dir).await;
        let mut tx = store.begin_write().await.unwrap();
        let Tx::Sqlite(conn) = &mut tx.tx else { unreachable!() };
        sqlx::raw_sql("rollback").execute(&mut **conn).await.unwrap();
        drop(tx);
        store.begin_write().await.expect("the next one begins afresh");
    }

    #[tokio::test]
    async fn a_read_that_sqlite_gave_up_does_not_stand_still() {
        let dir = tempfile::tempdir().unwrap();
        let (store, ..) = open(&dir).await;
        let mut tx = store.begin_read().await.unwrap();
        let Tx::Sqlite(conn) = &mut tx.tx else { unreachable!() };
        sqlx::raw_sql("rollback").execute(&mut **conn).await.unwrap();
        drop(tx);
        for version in 1..4 {
            let mut tx = store.begin_write().await.unwrap();
            let mut head = tx.head();
            head.version = head.version.next();
            tx.write(&Writes { head, ..Writes::default() }).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(store.begin_read().await.unwrap().version().0, version);
        }
    }
}
