//! Failures between us and the database, and which of them is tried again.

use std::path::PathBuf;

use super::lost::Lost;

/// A failure between us and the database. No client is shown it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{0:?} is not a database: give sqlite:///path/file.db or postgres://…")]
    Url(String),
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
    #[error("there is no database {path}")]
    Missing { path: PathBuf },
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
    #[error("the log has no event {0}")]
    Gap(i64),
    #[error(transparent)]
    Lost(#[from] Lost),
    #[error("{path} is read-only; no changes are taken until it can be written")]
    ReadOnly { path: PathBuf },
    #[error(
        "{path} has {names} names (hard links), and each would have a log of its own: make a copy of \
         the file instead, and give it one name"
    )]
    HardLinked { path: PathBuf, names: u64 },
    #[error("the database")]
    Database(#[from] sqlx::Error),
}

impl Error {
    /// Whether the same may succeed when it is tried again, since the database was away or busy. Otherwise the database
    /// answered, and will not take the statement or its values however often it is asked.
    pub fn is_transient(&self) -> bool {
        use sqlx::error::ErrorKind;
        match self {
            Self::Database(sqlx::Error::Database(error)) => {
                let is_refused = error.kind() != ErrorKind::Other
                    || error.code().is_some_and(|code| match code.len() {
                        // PostgreSQL's classes of data exceptions, of constraints, and of what a
                        // statement names that is not there.
                        5 => ["22", "23", "42"].iter().any(|class| code.starts_with(class)),
                        // SQLite's word for the last of these.
                        _ => code == "1",
                    });
                !is_refused
            }
            Self::Database(
                sqlx::Error::ColumnDecode { .. }
                | sqlx::Error::ColumnIndexOutOfBounds { .. }
                | sqlx::Error::Decode(_)
                | sqlx::Error::Encode(_),
            ) => false,
            // A server ends at it; whoever asks again finds what is served after that.
            Self::Lost(_)
            | Self::Database(_)
            | Self::ReadOnly { .. }
            | Self::Busy
            | Self::Lock { .. } => true,
            _ => false,
        }
    }
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

    use super::*;

    #[tokio::test]
    async fn only_busy_is_retried() {
        let answers =
            Mutex::new(vec![Err(Error::Gap(7)), Ok(7), Err(Error::Busy), Err(Error::Busy)]);
        let ask = || async { answers.lock().unwrap().pop().unwrap() };
        assert_eq!(retry_while_busy(ask).await.unwrap(), 7);
        assert!(matches!(retry_while_busy(ask).await, Err(Error::Gap(7))));
    }
}
