//! Failures between us and the database, and which of them is tried again.

use std::path::PathBuf;

use super::lost::Lost;
use crate::domain::Version;

/// A failure between us and the database. No client is shown it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{0:?} is not a database: give sqlite:///path/file.db or postgres://…")]
    Url(String),
    #[error("nobody listens at {address}: PostgreSQL is not running there, or listens elsewhere")]
    NobodyListens { address: String },
    #[error("PostgreSQL at {address} cannot be reached")]
    Unreachable {
        address: String,
        #[source]
        source: std::io::Error,
    },
    #[error("PostgreSQL at {address} has no connection left: {said}")]
    NoConnectionLeft { address: String, said: String },
    #[error("all {size} connections of this program for the purpose are in use")]
    AllInUse { size: u32 },
    #[error("PostgreSQL did not answer {to} in time")]
    NoAnswer { to: &'static str },
    #[error("the connections to the database are closed")]
    Closed,
    #[error(
        "PostgreSQL, or a pooler before it, does not hold the setting {name}: it is {found:?} \
         and must be {wanted:?}"
    )]
    Setting { name: String, wanted: String, found: String },
    #[error(
        "a pooler gives the connections to PostgreSQL to others between transactions, so no \
         setting holds: let it pool sessions (pgbouncer: pool_mode = session), or connect \
         without it"
    )]
    Pooled,
    #[error("cannot make the folder {path}")]
    Folder {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("cannot lock {path}")]
    Lock {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error(
        "{path} is served by another sangkien already; stop that one first, or give this one \
         a database of its own"
    )]
    AlreadyServed { path: PathBuf },
    #[error("{path} is not a file: a database needs one")]
    NotAFile { path: PathBuf },
    #[error("{path} is not a database: it is another file, or damaged")]
    NotADatabase { path: PathBuf },
    #[error("cannot open the database {path}")]
    Unopenable {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("there is no database {path}")]
    Missing { path: PathBuf },
    /// A fresh file would take the log of the one that is gone for its own.
    #[error(
        "{path} is not there, but {beside} is, which belongs to it: put the file back in its place; if that file is a copy, \
         or to begin anew, first remove what is left of it"
    )]
    Gone { path: PathBuf, beside: PathBuf },
    #[error("a sangkien server has the database open; stop it first")]
    Served,
    #[error("the database is not empty")]
    NotEmpty,
    #[error("table {table} of the copy does not give back the rows that were written")]
    CopyDiffers { table: &'static str },
    #[error(
        "the database is at migration {found}, this program reads {known}: start a server of this version on it once, \
         which brings it up to date"
    )]
    Older { found: i64, known: i64 },
    #[error(
        "the database knows migration {found}, this program only up to {known}: it was used by a \
         newer version of sangkien"
    )]
    Newer { found: i64, known: i64 },
    #[error(
        "the database is at migration {number} ({found}), which this program does not have: it has {known:?}. A build that \
         is no release made these tables; use that build, or restore a backup of before"
    )]
    ForeignMigration { number: i64, found: String, known: &'static str },
    #[error(
        "migration {name} was made with another text than this program has: the file was edited after it was shipped. Use the \
         program that made it, or one whose file is as it was"
    )]
    EditedMigration { name: &'static str },
    #[error("table {table}, row {key}, column {column}")]
    Row {
        table: &'static str,
        key: String,
        column: &'static str,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error("another writer has held the database for too long")]
    Busy,
    #[error("this node has not come to version {} yet", version.0)]
    Behind { version: Version },
    #[error("the log has no event {0}")]
    Gap(i64),
    #[error("the log was pruned behind event {0}")]
    Pruned(i64),
    #[error(transparent)]
    Lost(#[from] Lost),
    #[error("{path} is read-only; no changes are taken until it can be written")]
    ReadOnly { path: PathBuf },
    #[error(
        "{path} has {names} names (hard links), and each would have a log of its own: make a copy of \
         the file instead, and give it one name"
    )]
    HardLinked { path: PathBuf, names: u64 },
    #[error("the database: {}", said(.0))]
    Database(sqlx::Error),
}

const SQLITE_CORRUPT: &str = "11";

/// The words of the database, which the error behind them would repeat.
fn said(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) if is_malformed(&**error) => format!(
            "{error}: it is damaged, or does not go with the log beside it; if the file is a copy, remove the files of the \
             same name that end with -wal and -shm, else restore a backup"
        ),
        sqlx::Error::Database(error) => error.to_string(),
        other => other.to_string(),
    }
}

/// Whether SQLite takes the file for damaged.
pub fn is_malformed(error: &dyn sqlx::error::DatabaseError) -> bool {
    error.code().is_some_and(|code| code == SQLITE_CORRUPT)
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl Error {
    /// Whether the same may succeed when it is tried again: it passes by itself, or once somebody has made room or lets
    /// the database be written. A failure that is not listed here stays, however often it is tried.
    pub fn is_transient(&self) -> bool {
        match self {
            // A server ends at a lost log; whoever asks again finds what is served after that.
            Self::Lost(_)
            | Self::ReadOnly { .. }
            | Self::NobodyListens { .. }
            | Self::Unreachable { .. }
            | Self::NoConnectionLeft { .. }
            | Self::AllInUse { .. }
            | Self::NoAnswer { .. }
            | Self::Closed
            | Self::Behind { .. }
            | Self::Busy
            | Self::NotAFile { .. }
            | Self::Gone { .. }
            | Self::Unopenable { .. }
            | Self::Lock { .. } => true,
            Self::Database(error) => match error {
                sqlx::Error::Database(error) => {
                    error.code().is_some_and(|code| is_transient_code(&code))
                }
                sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::Protocol(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed
                | sqlx::Error::BeginFailed => true,
                _ => false,
            },
            _ => false,
        }
    }
}

/// Whether a code of either database is of a failure that passes.
fn is_transient_code(code: &str) -> bool {
    /// PostgreSQL's classes: of connections, of transactions that were rolled back for others, of resources, of
    /// operators, of the system.
    const CLASSES: [&str; 5] = ["08", "40", "53", "57", "58"];
    /// A transaction that may not write, and those that took too long; a database that is being restored; an object in
    /// use, a lock.
    const STATES: [&str; 6] = ["25006", "25P03", "25P04", "3D000", "55006", "55P03"];
    /// SQLite's: busy, locked, no memory, read-only, interrupted, input or output, full, cannot open, locks.
    const PRIMARY: [u32; 9] = [5, 6, 7, 8, 9, 10, 13, 14, 15];
    if code.len() == 5 {
        return CLASSES.iter().any(|class| code.starts_with(class)) || STATES.contains(&code);
    }
    // The lowest byte of an extended code is the primary one.
    code.parse::<u32>().is_ok_and(|code| PRIMARY.contains(&(code & 0xff)))
}

/// Tries again for as long as other writers hold the database for too long, as an import that makes indexes does, and logs each time.
///
/// # Errors
/// The errors of the attempt, except [`Error::Busy`].
pub async fn retry_while_busy<T, Attempt>(attempt: impl Fn() -> Attempt) -> Result<T, Error>
where
    Attempt: Future<Output = Result<T, Error>>,
{
    loop {
        match attempt().await {
            Err(Error::Busy) => tracing::info!("waiting for another writer, which takes long"),
            ended => return ended,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use sqlx::Connection as _;

    use super::*;

    #[test]
    fn what_passes_by_itself_is_listed() {
        let passes = [
            // A lost connection, a deadlock, a full disk, a shutdown, a read-only transaction, a lock.
            "08006", "40P01", "53100", "57P01", "25006", "55P03",
            // Busy, a snapshot that is busy, read-only, a file that was moved, an error of the disk, full.
            "5", "517", "8", "1032", "778", "13",
        ];
        // A value too long, a doubled key, a missing table or right; any error, a constraint, a broken file, none of ours.
        let stays = ["22001", "23505", "42P01", "42501", "XX001", "1", "1555", "11", "26"];
        for (codes, expected) in [(&passes[..], true), (&stays[..], false)] {
            for code in codes {
                assert_eq!(is_transient_code(code), expected, "{code}");
            }
        }
        assert!(!Error::Gap(7).is_transient());
        assert!(Error::Database(sqlx::Error::PoolTimedOut).is_transient());
        assert!(!Error::Database(sqlx::Error::RowNotFound).is_transient());
    }

    #[tokio::test]
    async fn the_words_of_a_database_are_said_once() {
        let mut conn = sqlx::SqliteConnection::connect("sqlite::memory:").await.unwrap();
        let asked = sqlx::query("select 1 from nowhere").execute(&mut conn).await;
        let said = format!("{:#}", anyhow::Error::from(Error::from(asked.unwrap_err())));
        assert_eq!(said, "the database: (code: 1) no such table: nowhere");
    }

    #[tokio::test]
    async fn a_file_that_is_no_database_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("it.db");
        std::fs::write(&path, "no database ".repeat(1_000)).unwrap();
        let url = format!("sqlite://{}", path.display());
        for error in [
            super::super::Store::open(&url).await.expect_err("it is a text"),
            super::super::Store::open_to_read(&url).await.expect_err("it is a text"),
        ] {
            let said =
                format!("{} is not a database: it is another file, or damaged", path.display());
            assert_eq!(format!("{:#}", anyhow::Error::from(error)), said);
        }
    }

    #[tokio::test]
    async fn only_busy_is_retried() {
        let answers =
            Mutex::new(vec![Err(Error::Gap(7)), Ok(7), Err(Error::Busy), Err(Error::Busy)]);
        let ask = || async { answers.lock().unwrap().pop().unwrap() };
        assert_eq!(retry_while_busy(ask).await.unwrap(), 7);
        assert!(matches!(retry_while_busy(ask).await, Err(Error::Gap(7))));
    }
}
