//! The SQLite side of the store: pools, the write lock and the server's lock beside the file, checkpoints, its dialect.

pub mod initiatives;
mod log_index;
mod watched_file;
pub mod word_index;
mod write_lock;

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{
    ConnectOptions as _, Connection as _, Sqlite, SqliteConnection, SqlitePool, Transaction,
};
use tokio::time::Instant;

use watched_file::{WatchedFile, check_file};
pub use write_lock::WriteGuard;
use write_lock::{BUSY_TIMEOUT, WriteLock};

use super::dialect::Dialect;
use super::error::{Error, retry_while_busy};
use super::tables::{AUTHORS, EVENTS, INITIATIVES, NewRows, PEOPLE, json, set_head};
use crate::limits::{READ_CONNECTIONS, RETRY_FIRST, SQLITE_READER_CACHE, SQLITE_WRITER_CACHE};

const SQLITE_BUSY: &str = "5";
const SQLITE_CANTOPEN: &str = "14";
const SQLITE_NOTADB: &str = "26";
/// Holds the pages that a second of an import changes in a large database.
const IMPORT_CACHE: &str = "pragma cache_size = -262144";

/// The words of SQLite.
pub const DIALECT: Dialect = Dialect {
    count_relation: "select count(*) from sqlite_schema where name = $1",
    count_index: "select count(*) from sqlite_schema where name = $1",
    // SQLite begins with no index of an expression.
    status_beside_order: "+i.status",
    keeps_plans: true,
    initiatives_by_id: ["(select value as id from json_each(", ")) c cross join initiatives i"],
    naming_cost: 0.2,
    ids_by_words: ["select rowid as id from initiative_words where initiative_words match ", ""],
    has_words: [
        " and i.id in (select rowid from initiative_words
            where initiative_words match ",
        ")",
    ],
    word: ["\"", "\"*"],
    and: " AND ",
};

/// An open SQLite file. It has one writer at a time; a reader sees the last commit before it began.
#[derive(Debug, Clone)]
pub struct Database {
    write_lock: WriteLock,
    write: SqlitePool,
    read: SqlitePool,
    path: PathBuf,
    file: Arc<WatchedFile>,
}

/// The file of a URL; `None` when the URL names no SQLite file.
pub fn path_of(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"))?;
    // In memory every connection would have a database of its own.
    (!path.is_empty() && path != ":memory:").then(|| PathBuf::from(path))
}

/// The file beside a database whose name has this end.
pub fn beside(database: &Path, end: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// The size of a cache as SQLite wants it: KiB, below 0.
fn cache_size(bytes: u64) -> String {
    format!("-{}", bytes / 1024)
}

impl Database {
    /// Opens the file, and makes it and its folder when they are missing.
    ///
    /// # Errors
    /// When the folder cannot be made, the file cannot be opened, or it has several names.
    pub async fn open(path: &Path) -> Result<Self, Error> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)
                .map_err(|source| Error::Folder { path: folder.to_owned(), source })?;
        }
        check_file(path)?;
        check_not_gone(path)?;
        make_for_owner(path)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            // On macOS a file is on disk by this alone; other systems have no such step.
            .pragma("fullfsync", "on")
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .pragma("cache_size", cache_size(SQLITE_WRITER_CACHE))
            .row_buffer_size(2_048);
        let give_up = Instant::now() + BUSY_TIMEOUT;
        let write = loop {
            match pool().max_connections(1).connect_with(options.clone()).await {
                // A fresh file that somebody else opens as well is put in WAL mode by one of the two,
                // and SQLite does not wait for that by itself.
                Err(sqlx::Error::Database(error))
                    if error.code().as_deref() == Some(SQLITE_BUSY) && Instant::now() < give_up =>
                {
                    tokio::time::sleep(RETRY_FIRST).await;
                }
                opened => break opened.map_err(|error| named(error, path))?,
            }
        };
        let reader = options.pragma("query_only", "on");
        let reader = reader.pragma("cache_size", cache_size(SQLITE_READER_CACHE));
        let read = pool().max_connections(READ_CONNECTIONS).connect_lazy_with(reader);
        // One name for one file: the locks lie beside it, whichever link led here.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let file = Arc::new(WatchedFile::of(path.clone())?);
        Ok(Self { write_lock: WriteLock::of(&path), write, read, path, file })
    }

    /// Opens a file that exists, to read from it alone. A file that nobody writes, in a folder where nothing may be made,
    /// is read as it is.
    ///
    /// # Errors
    /// [`Error::Missing`] when there is no such file; else when it cannot be opened.
    pub async fn open_to_read(path: &Path) -> Result<Self, Error> {
        let Ok(path) = path.canonicalize() else {
            return Err(Error::Missing { path: path.to_owned() });
        };
        if !path.is_file() {
            return Err(Error::NotAFile { path });
        }
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .read_only(true)
            .busy_timeout(BUSY_TIMEOUT)
            .pragma("query_only", "on")
            .pragma("cache_size", cache_size(SQLITE_READER_CACHE));
        let options = match options.connect().await {
            // In WAL mode a reader makes files of its own beside the database.
            Err(sqlx::Error::Database(error))
                if error.code().as_deref() == Some(SQLITE_CANTOPEN)
                    && !beside(&path, "-wal").exists() =>
            {
                options.immutable(true)
            }
            opened => {
                opened.map_err(|error| named(error, &path))?.close().await?;
                options
            }
        };
        let read = pool().max_connections(READ_CONNECTIONS).connect_lazy_with(options);
        let file = Arc::new(WatchedFile::of(path.clone())?);
        Ok(Self { write_lock: WriteLock::of(&path), write: read.clone(), read, path, file })
    }

    /// Begins a transaction that may write. No other begins before the guard is dropped.
    ///
    /// # Errors
    /// [`Error::Busy`] when others write for too long, [`Error::Lost`] when the file is gone; else when it cannot be
    /// locked, read or written.
    pub async fn begin_write(&self) -> Result<(Transaction<'static, Sqlite>, WriteGuard), Error> {
        let guard = self.write_lock.acquire(&self.file).await?;
        self.file.check_to_write().await?;
        self.file.check_writable()?;
        Ok((self.write.begin_with("BEGIN IMMEDIATE").await?, guard))
    }

    /// Begins a transaction that sees the last commit.
    ///
    /// # Errors
    /// [`Error::Lost`] when the file is gone; else when it cannot be read.
    pub async fn begin_read(&self) -> Result<Transaction<'static, Sqlite>, Error> {
        self.file.check().await?;
        Ok(self.read.begin().await?)
    }

    /// Whether the file is there, and may be written.
    ///
    /// # Errors
    /// [`Error::Lost`] when it is gone, [`Error::ReadOnly`] when it may not be written.
    pub async fn check_writable(&self) -> Result<(), Error> {
        self.file.check().await?;
        self.file.check_writable()
    }

    /// From now on the log is brought into the file by [`Self::checkpoint`] alone, and no longer as part of a commit,
    /// while others wait; and more of the file is kept in memory, so that pages of indexes are not written over and
    /// over.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn write_much(&self) -> Result<(), Error> {
        let mut conn = self.write.acquire().await?;
        sqlx::query("pragma wal_autocheckpoint = 0").execute(&mut *conn).await?;
        sqlx::query(IMPORT_CACHE).execute(&mut *conn).await?;
        Ok(())
    }

    /// Brings the log into the file. Others may read and write meanwhile.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn checkpoint(&self) -> Result<(), Error> {
        sqlx::query("pragma wal_checkpoint(passive)").execute(&self.write).await?;
        Ok(())
    }

    /// Makes this process the one server of the file, until the returned file is dropped.
    ///
    /// # Errors
    /// [`Error::AlreadyServed`] while another server holds it; [`Error::ReadOnly`] when it may not be written;
    /// [`Error::Lock`] when the lock cannot be taken.
    pub async fn lock_for_serving(&self) -> Result<File, Error> {
        // A holder of the write lock may rely on what it saw of the server's lock.
        let _guard = retry_while_busy(|| self.write_lock.acquire(&self.file)).await?;
        self.check_writable().await?;
        let path = self.server_lock();
        let io = |source| Error::Lock { path: path.clone(), source };
        let file =
            File::options().create(true).truncate(false).write(true).open(&path).map_err(io)?;
        match file.try_lock() {
            Ok(()) => {
                self.file.watch_log().await?;
                Ok(file)
            }
            Err(TryLockError::WouldBlock) => Err(Error::AlreadyServed { path: self.path.clone() }),
            Err(TryLockError::Error(source)) => Err(io(source)),
        }
    }

    /// Whether a server holds the file. While the write lock is held, no server begins to.
    ///
    /// # Errors
    /// When the server's lock cannot be opened.
    pub fn is_served(&self) -> Result<bool, Error> {
        let path = self.server_lock();
        match File::options().read(true).open(&path) {
            // Dropped at once; a server that wants it waits for our write lock first.
            Ok(lock) => Ok(lock.try_lock_shared().is_err()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(source) => Err(Error::Lock { path, source }),
        }
    }

    fn server_lock(&self) -> PathBuf {
        beside(&self.path, ".lock")
    }

    /// The connections to read with that are open, and how many of these are idle.
    pub fn connections(&self) -> (u32, usize) {
        (self.read.size(), self.read.num_idle())
    }

    /// Brings the log into the file, lets the file go without a log, and ends all connections.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn seal(&self) -> Result<(), Error> {
        self.file.let_log_go().await?;
        self.read.close().await;
        sqlx::query("pragma journal_mode = delete").execute(&self.write).await?;
        self.write.close().await;
        Ok(())
    }

    /// Ends all connections; waits for those in use.
    pub async fn close(&self) {
        if let Err(error) = self.file.let_log_go().await {
            tracing::warn!(%error, "the connection that keeps the log did not end in peace");
        }
        self.read.close().await;
        self.write.close().await;
    }
}

/// Refuses a path without a file where the log or the lock of one is left: the file is elsewhere for the time being, and its log
/// must neither be lost nor come into another.
///
/// # Errors
/// [`Error::Gone`].
pub fn check_not_gone(path: &Path) -> Result<(), Error> {
    if path.exists() {
        return Ok(());
    }
    let left = ["-wal", ".lock"].into_iter().map(|end| beside(path, end)).find(|it| it.exists());
    left.map_or(Ok(()), |beside| Err(Error::Gone { path: path.to_owned(), beside }))
}

/// Makes the file if it is missing; only its owner may read it, since it holds contact data. SQLite gives the files
/// beside it the same rights.
fn make_for_owner(path: &Path) -> Result<(), Error> {
    let mut new = File::options();
    new.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut new, 0o600);
    match new.open(path) {
        Err(source) if source.kind() != io::ErrorKind::AlreadyExists => {
            Err(Error::Unopenable { path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}

/// The error of SQLite at the first look into a file, with the file's name.
fn named(error: sqlx::Error, path: &Path) -> Error {
    let code = error.as_database_error().and_then(|error| Some(error.code()?.into_owned()));
    match code.as_deref() {
        Some(SQLITE_NOTADB) => Error::NotADatabase { path: path.to_owned() },
        Some(SQLITE_CANTOPEN) => {
            let source = File::options().read(true).write(true).open(path).err();
            let source = source.unwrap_or_else(|| io::Error::other("SQLite cannot open it"));
            Error::Unopenable { path: path.to_owned(), source }
        }
        _ => error.into(),
    }
}

/// On a full disk SQLite ends a transaction by itself; sqlx then takes the connection to be in one for good: nothing
/// could be written any more, or a reader would stand still. Such a connection is closed and another takes its place.
fn pool() -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .before_acquire(|conn, _| Box::pin(async move { Ok(!conn.is_in_transaction()) }))
}

static INSERTS: LazyLock<[String; 4]> = LazyLock::new(|| {
    [PEOPLE.insert_json(), INITIATIVES.insert_json(), AUTHORS.insert_json(), EVENTS.insert_json()]
});
static SET_HEAD: LazyLock<String> = LazyLock::new(|| set_head(1));

/// Inserts the rows, one statement a table, and writes the head of the log.
///
/// # Errors
/// When the database does not take them.
pub async fn insert(conn: &mut SqliteConnection, rows: &NewRows<'_>) -> Result<(), Error> {
    let texts =
        [json(&rows.people), json(&rows.initiatives), json(&rows.authors), json(&rows.events)];
    for (text, sql) in texts.iter().zip(INSERTS.iter()) {
        if let Some(text) = text {
            sqlx::query(sql.as_str()).bind(text).execute(&mut *conn).await?;
        }
    }
    let mut query = sqlx::query(SET_HEAD.as_str());
    for value in rows.head {
        query = query.bind(value);
    }
    query.execute(&mut *conn).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_sqlite_commits_is_on_disk() {
        let dir = tempfile::tempdir().unwrap();
        let database = Database::open(&dir.path().join("it.db")).await.unwrap();
        let Database { write, read, .. } = &database;
        sqlx::query("create table events (version integer)").execute(write).await.unwrap();
        for pool in [write, read] {
            let ask = async |pragma: &'static str| -> String {
                sqlx::query_scalar(pragma).fetch_one(pool).await.unwrap()
            };
            assert_eq!(ask("pragma journal_mode").await, "wal");
            let full = "select cast(synchronous as text) from pragma_synchronous";
            assert_eq!(ask(full).await, "2", "FULL");
            let checked = "select cast(foreign_keys as text) from pragma_foreign_keys";
            assert_eq!(ask(checked).await, "1");
        }
        let error = sqlx::query("delete from events").execute(read).await.unwrap_err();
        assert!(error.to_string().contains("readonly"), "{error}");
    }
}
