//! The PostgreSQL side of the store: the pool, locks, who serves, its dialect.

use std::str::FromStr as _;
use std::sync::LazyLock;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgConnection, PgPool, Postgres, Transaction};

use super::dialect::Dialect;
use super::error::Error;
use super::tables::{AUTHORS, EVENTS, INITIATIVES, NewRows, PEOPLE, set_head};
use crate::limits::{INDEX_LOCK_WITHIN, READ_CONNECTIONS};

/// The names of our sessions, by which PostgreSQL can be asked whether a server has the database open.
const PROGRAM: &str = "sangkien";
const SERVER: &str = "sangkien server";

/// The number of the advisory lock of migrations. Any will do, as long as no other program on the same database takes it.
const MIGRATION_LOCK: i64 = 0x5361_6e67_6b69;

/// Deletes the rows of all tables but those of the counter.
pub const EMPTY: &str =
    "truncate events, authors, initiatives, people, targets, periods, tokens, units";

/// A statement that counts the transactions that wait for ours: for the counter row, which it holds.
pub const COUNT_WAITERS: &str = "select count(*) from pg_locks
     where locktype = 'transactionid' and transactionid = pg_current_xact_id()::xid
        and not granted";

/// SQLSTATE of a lock that was not there in time, and of what belongs to another role.
const LOCK_NOT_AVAILABLE: &str = "55P03";
const INSUFFICIENT_PRIVILEGE: &str = "42501";

/// The words of PostgreSQL.
pub const DIALECT: Dialect = Dialect {
    count_relation: "select count(to_regclass($1))",
    // PostgreSQL knows how many rows have a status.
    status_beside_order: "i.status",
    // A plan that PostgreSQL kept would know neither how many rows a status has nor how many units were given.
    keeps_plans: false,
    ids_by_words: [
        "select id from initiatives
         where array_to_tsvector(string_to_array(title_words, ' ')) @@ cast(",
        " as tsquery)",
    ],
    has_words: [
        " and array_to_tsvector(string_to_array(i.title_words, ' ')) @@ cast(",
        " as tsquery)",
    ],
    word: ["'", "':*"],
    and: " & ",
};

/// An open PostgreSQL database. Many processes may serve it.
#[derive(Debug, Clone)]
pub struct Database {
    pool: PgPool,
}

/// Whether a URL names a PostgreSQL database.
pub fn is_url(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

impl Database {
    /// Connects to the database. Others see whether this process `serves`.
    ///
    /// # Errors
    /// When the URL is none, or the database cannot be reached.
    pub async fn open(url: &str, serves: bool) -> Result<Self, Error> {
        let program = if serves { SERVER } else { PROGRAM };
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
        Ok(Self { pool })
    }

    /// Begins a transaction that may write.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn begin_write(&self) -> Result<Transaction<'static, Postgres>, Error> {
        Ok(self.pool.begin().await?)
    }

    /// Begins a transaction that sees the database as it is at its first statement.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn begin_read(&self) -> Result<Transaction<'static, Postgres>, Error> {
        Ok(self.pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
    }

    /// The connections that are open, and how many of these are idle.
    pub fn connections(&self) -> (u32, usize) {
        (self.pool.size(), self.pool.num_idle())
    }

    /// Ends all connections; waits for those in use.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Nobody else migrates until the transaction has ended.
///
/// # Errors
/// When the lock cannot be waited for.
pub async fn lock_migrations(conn: &mut PgConnection) -> Result<(), Error> {
    sqlx::query("select pg_advisory_xact_lock($1)").bind(MIGRATION_LOCK).execute(conn).await?;
    Ok(())
}

/// The transaction waits for no lock longer than [`INDEX_LOCK_WITHIN`].
///
/// # Errors
/// When the database cannot be reached.
pub async fn bound_lock_wait(conn: &mut PgConnection) -> Result<(), Error> {
    let within = format!("{}ms", INDEX_LOCK_WITHIN.as_millis());
    let sql = "select set_config('lock_timeout', $1, true)";
    sqlx::query(sql).bind(within).execute(conn).await?;
    Ok(())
}

/// Whether a lock was not there in time, or what was to be changed belongs to another role.
pub fn stays(error: &Error) -> bool {
    let Error::Database(sqlx::Error::Database(error)) = error else { return false };
    error.code().is_some_and(|code| [LOCK_NOT_AVAILABLE, INSUFFICIENT_PRIVILEGE].contains(&&*code))
}

/// Whether a server has the database open.
///
/// # Errors
/// When the database cannot be reached.
pub async fn is_served(conn: &mut PgConnection) -> Result<bool, Error> {
    let servers: i64 = sqlx::query_scalar(
        "select count(*) from pg_stat_activity
         where datname = current_database() and application_name = $1",
    )
    .bind(SERVER)
    .fetch_one(conn)
    .await?;
    Ok(servers > 0)
}

static INSERT: LazyLock<String> = LazyLock::new(|| {
    let mut next = 1;
    format!(
        "with people_written as ({}), initiatives_written as ({}), authors_written as ({}),
            events_written as ({})
         {}",
        PEOPLE.insert_arrays(&mut next),
        INITIATIVES.insert_arrays(&mut next),
        AUTHORS.insert_arrays(&mut next),
        EVENTS.insert_arrays(&mut next),
        set_head(next)
    )
});

/// Inserts the rows and writes the head of the log, in one statement and so in one round trip.
///
/// # Errors
/// When the database does not take them.
pub async fn insert(conn: &mut PgConnection, rows: &NewRows<'_>) -> Result<(), Error> {
    let query = sqlx::query(INSERT.as_str());
    let query = PEOPLE.bind(query, &rows.people);
    let query = INITIATIVES.bind(query, &rows.initiatives);
    let query = AUTHORS.bind(query, &rows.authors);
    let mut query = EVENTS.bind(query, &rows.events);
    for value in rows.head {
        query = query.bind(value);
    }
    query.execute(conn).await?;
    Ok(())
}
