//! Fresh databases of both kinds, a look behind the store's back, and what must be true of any
//! database that a server has written.

use std::path::Path;
use std::time::Duration;

use sangkien::domain::Version;
use sangkien::recount;
use sangkien::store::Store;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqlSafeStr, SqliteConnection};
use tempfile::TempDir;

use crate::postgres::{self, Cluster};

/// Far beyond what the slowest machine takes: only ever waited for in full by a broken test.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// The result of what must come to an end.
pub async fn in_time<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("it ends in time")
}

/// The database that a test runs on.
#[derive(Clone, Copy)]
pub enum Kind {
    Sqlite,
    Postgres(&'static Cluster),
}

impl Kind {
    /// PostgreSQL, where it is installed.
    pub fn postgres() -> Option<Self> {
        postgres::cluster().map(Self::Postgres)
    }

    pub fn fresh(self) -> Database {
        match self {
            Self::Sqlite => {
                let dir = tempfile::tempdir().expect("a temporary directory");
                Database { url: sqlite_url(&dir.path().join("it.db")), _dir: Some(dir) }
            }
            Self::Postgres(cluster) => Database { url: cluster.fresh_database(), _dir: None },
        }
    }
}

/// An empty database, and its directory as long as this is held.
pub struct Database {
    pub url: String,
    _dir: Option<TempDir>,
}

impl Database {
    pub async fn open(&self) -> Store {
        Store::open(&self.url).await.expect("the database opens")
    }
}

pub fn sqlite_url(path: &Path) -> String {
    format!("sqlite://{}", path.display())
}

/// Runs statements past the store.
pub async fn run_sql(url: &str, statements: &'static str) {
    run(url, statements).await;
}

/// Runs the statements of a file, or of a text that is put together.
pub async fn run_text(url: &str, statements: String) {
    run(url, AssertSqlSafe(statements)).await;
}

async fn run(url: &str, statements: impl SqlSafeStr) {
    let ran = match url.strip_prefix("sqlite://") {
        Some(path) => {
            let mut conn = open_sqlite(path).await;
            sqlx::raw_sql(statements).execute(&mut conn).await.map(|_| ())
        }
        None => {
            let mut conn = PgConnection::connect(url).await.expect("PostgreSQL is there");
            sqlx::raw_sql(statements).execute(&mut conn).await.map(|_| ())
        }
    };
    ran.expect("the statements run");
}

/// The one value that a query gives, asked past the store.
macro_rules! ask {
    ($url:expr, $query:expr) => {{
        let value = match $url.strip_prefix("sqlite://") {
            Some(path) => sqlx::query_scalar($query).fetch_one(&mut open_sqlite(path).await).await,
            None => {
                let mut conn = PgConnection::connect($url).await.expect("PostgreSQL is there");
                sqlx::query_scalar($query).fetch_one(&mut conn).await
            }
        };
        value.expect("the query runs")
    }};
}

pub async fn ask_number(url: &str, query: &'static str) -> i64 {
    ask!(url, query)
}

pub async fn ask_text(url: &str, query: &'static str) -> String {
    ask!(url, query)
}

/// A connection of one's own, in whichever mode the file is.
pub async fn open_sqlite(path: &str) -> SqliteConnection {
    let options =
        SqliteConnectOptions::new().filename(path).create_if_missing(true).foreign_keys(false);
    SqliteConnection::connect_with(&options).await.expect("the file opens")
}

/// Holds log, facts and board against one another. Returns the last version.
pub async fn verify_database(url: &str) -> Version {
    let store = Store::open(url).await.expect("the database opens");
    let verdict = recount::verify(&store, recount::Depth::Replay).await.expect("it can be read");
    assert!(verdict.is_clean() && verdict.folded, "{verdict}");
    store.close().await;
    verdict.version
}

/// Checks only that the log has no gap and does not go back in time, where a test wrote events that
/// mean nothing. Returns the last version.
pub async fn dense_log(url: &str) -> Version {
    let store = Store::open(url).await.expect("the database opens");
    let mut tx = store.begin_read().await.expect("it can be read");
    let (mut last, mut at) = (Version::ZERO, i64::MIN);
    tx.all_events(|event| {
        assert_eq!(event.version, last.next(), "the log is dense");
        assert!(event.at.0 >= at, "the log does not go back in time");
        (last, at) = (event.version, event.at.0);
        Ok(())
    })
    .await
    .expect("the log is readable");
    assert_eq!(tx.version(), last, "the counter is that of the last event");
    drop(tx);
    store.close().await;
    last
}
