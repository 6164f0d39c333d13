//! The PostgreSQL side of the store: pools, locks, who serves, who listens, its dialect.
//!
//! Connections are apart by purpose, so that none waits for another: `writing` holds the counter row, `reading` serves
//! lists and loaders, `brief` serves questions of one row (tokens, health), `long` serves what takes minutes (a start, a
//! check, a migration).

mod connect;
mod index_builder;
pub mod initiatives;
mod listener;
mod pool;
mod transaction;

use std::sync::{Arc, LazyLock};

use tokio::join;

use connect::{Address, Limits};
pub use index_builder::IndexBuilder;
use listener::CHANNEL;
pub use listener::Listener;
use pool::Pool;
pub use transaction::Transaction;

use super::dialect::Dialect;
use super::error::Error;
use super::tables::{AUTHORS, EVENTS, HEAD_VALUES, INITIATIVES, NewRows, PEOPLE, set_head};
use crate::limits::{
    BRIEF_CONNECTIONS, COMMAND_IDLE_WITHIN, IDLE_WITHIN, INDEX_LOCK_WITHIN, LOCK_WITHIN,
    LONG_CONNECTIONS, LONG_WITHIN, READ_CONNECTIONS, READ_IDLE_WITHIN, STATEMENT_WITHIN,
    WRITE_CONNECTIONS,
};

/// The names of our sessions, by which PostgreSQL can be asked whether a server has the database open.
const PROGRAM: &str = "sangkien";
const SERVER: &str = "sangkien server";
const LISTENER: &str = "sangkien listener";

/// Deletes the rows of all tables but those of the counter.
pub const EMPTY: &str = "truncate events, prunes, kept_figures, authors, initiatives, people, targets, rules, periods, tokens, units";

/// Whether a session of this name is there.
const IS_SERVED: &str = "select exists (
    select from pg_stat_activity where datname = current_database() and application_name = $1
)";

/// The number of the advisory lock of migrations. Any will do, as long as no other program on the same database takes it.
const MIGRATION_LOCK: i64 = 0x5361_6e67_6b69;

/// A statement that counts the transactions that wait for ours: for the counter row, which it holds.
pub const COUNT_WAITERS: &str = "select count(*) from pg_locks
     where locktype = 'transactionid' and transactionid = pg_current_xact_id()::xid
        and not granted";

/// SQLSTATE of what belongs to another role.
const INSUFFICIENT_PRIVILEGE: &str = "42501";

/// The words of PostgreSQL.
pub const DIALECT: Dialect = Dialect {
    count_relation: "select count(to_regclass($1))",
    // One whose making was cut off is there, and not valid.
    count_index: "select count(*) from pg_index where indexrelid = to_regclass($1) and indisvalid",
    // PostgreSQL knows how many rows have a status.
    status_beside_order: "i.status",
    // A plan that PostgreSQL kept would know neither how many rows a status has nor how many units were given.
    keeps_plans: false,
    initiatives_by_id: [
        "unnest(cast(translate(",
        ", '[]', '{}') as bigint[])) as c(id)
         cross join lateral (select * from initiatives t where t.id = c.id limit 1) i",
    ],
    // It looks into the row of each.
    naming_cost: 1.0,
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

/// How transactions begin. An operator may have made the database read-only, so it is not said that they write.
const BEGIN_WRITE: &str = "begin isolation level read committed";
const BEGIN_READ: &str = "begin isolation level repeatable read read only";

/// The limits of a server's transactions that write: others wait for the counter row. One that holds it and asks nothing
/// is ended before those who wait give up.
const WRITING: Limits =
    Limits { statement: STATEMENT_WITHIN, lock: LOCK_WITHIN, idle: IDLE_WITHIN };
/// The limits of a server's transactions that read; nobody waits for those.
const READING: Limits = Limits { idle: READ_IDLE_WITHIN, ..WRITING };
/// The limits of what takes long.
const LONG: Limits = Limits { statement: LONG_WITHIN, lock: LONG_WITHIN, idle: LONG_WITHIN };
/// The limits of commands that write.
const COMMAND: Limits = Limits { idle: COMMAND_IDLE_WITHIN, ..LONG };

/// An open PostgreSQL database. Many processes may serve it.
#[derive(Debug, Clone)]
pub struct Database {
    writing: Pool,
    reading: Pool,
    brief: Pool,
    long: Pool,
    /// For the connection that listens.
    listening: Arc<Address>,
    /// The name under which commits of this process are told; no other has it.
    node: Arc<str>,
}

/// Whether a URL names a PostgreSQL database.
pub fn is_url(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

impl Database {
    /// Connects to the database. Others see whether this process `serves`.
    ///
    /// # Errors
    /// When the URL is none, the database cannot be reached, or it does not hold the settings that we need.
    pub async fn open(url: &str, serves: bool) -> Result<Self, Error> {
        let address = Arc::new(Address::of(url, if serves { SERVER } else { PROGRAM })?);
        let [writing, reading] = if serves { [WRITING, READING] } else { [COMMAND, LONG] };
        let writing = Pool::new(&address, writing, WRITE_CONNECTIONS);
        let node = writing.try_server().await?;
        Ok(Self {
            writing,
            reading: Pool::new(&address, reading, READ_CONNECTIONS),
            brief: Pool::new(&address, WRITING, BRIEF_CONNECTIONS),
            long: Pool::of_single_uses(&address, LONG, LONG_CONNECTIONS),
            listening: Arc::new(Address::of(url, LISTENER)?),
            node,
        })
    }

    /// Begins a transaction that may write.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn begin_write(&self) -> Result<Transaction, Error> {
        self.writing.begin(BEGIN_WRITE).await
    }

    /// As [`Self::begin_write`], on connections for changes of a row or two.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn begin_brief_write(&self) -> Result<Transaction, Error> {
        self.brief.begin(BEGIN_WRITE).await
    }

    /// As [`Self::begin_write`], for statements that take minutes.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn begin_long_write(&self) -> Result<Transaction, Error> {
        self.long.begin(BEGIN_WRITE).await
    }

    /// Begins a transaction that sees the database as it is at its first statement.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn begin_read(&self) -> Result<Transaction, Error> {
        self.reading.begin(BEGIN_READ).await
    }

    /// As [`Self::begin_read`], on connections for questions of a row or two.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn begin_brief_read(&self) -> Result<Transaction, Error> {
        self.brief.begin(BEGIN_READ).await
    }

    /// As [`Self::begin_read`], for whole tables.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn begin_long_read(&self) -> Result<Transaction, Error> {
        self.long.begin(BEGIN_READ).await
    }

    /// Makes indexes, once no other program does.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn index_builder(&self) -> Result<IndexBuilder, Error> {
        IndexBuilder::begin(&self.long).await
    }

    /// Hears of the commits of other processes.
    pub fn listener(&self) -> Listener {
        Listener::new(Arc::clone(&self.listening), Arc::clone(&self.node))
    }

    /// The connections to read with that are open, and how many of these are idle.
    pub fn connections(&self) -> (u32, usize) {
        self.reading.connections()
    }

    /// Ends all connections; waits for those in use, for some time.
    pub async fn close(&self) {
        let Self { writing, reading, brief, long, .. } = self;
        join!(writing.close(), reading.close(), brief.close(), long.close());
    }
}

/// Nobody else migrates until the transaction has ended.
///
/// # Errors
/// When the lock cannot be waited for.
pub async fn lock_migrations(tx: &mut Transaction) -> Result<(), Error> {
    let (conn, step) = tx.step();
    let lock = sqlx::query("select pg_advisory_xact_lock($1)").bind(MIGRATION_LOCK);
    step.run(lock.execute(conn)).await?;
    Ok(())
}

/// The transaction waits for no lock longer than [`INDEX_LOCK_WITHIN`].
///
/// # Errors
/// When the database cannot be reached.
pub async fn bound_lock_wait(tx: &mut Transaction) -> Result<(), Error> {
    let within = format!("{}ms", INDEX_LOCK_WITHIN.as_millis());
    let (conn, step) = tx.step();
    let bound = sqlx::query("select set_config('lock_timeout', $1, true)").bind(within);
    step.run(bound.execute(conn)).await?;
    Ok(())
}

/// Whether a lock was not there in time, or what was to be changed belongs to another role.
pub fn stays(error: &Error) -> bool {
    match error {
        Error::Busy => true,
        Error::Database(sqlx::Error::Database(error)) => {
            error.code().as_deref() == Some(INSUFFICIENT_PRIVILEGE)
        }
        _ => false,
    }
}

/// Whether a server has the database open.
///
/// # Errors
/// When the database cannot be reached.
pub async fn is_served(tx: &mut Transaction) -> Result<bool, Error> {
    let (conn, step) = tx.step();
    step.run(sqlx::query_scalar(IS_SERVED).bind(SERVER).fetch_one(conn)).await
}

static INSERT: LazyLock<String> = LazyLock::new(|| {
    let mut next = 1;
    format!(
        "with people_written as ({}), initiatives_written as ({}), authors_written as ({}),
            events_written as ({})
         {} returning pg_notify('{CHANNEL}', ${})",
        PEOPLE.insert_arrays(&mut next),
        INITIATIVES.insert_arrays(&mut next),
        AUTHORS.insert_arrays(&mut next),
        EVENTS.insert_arrays(&mut next),
        set_head(next),
        next + HEAD_VALUES,
    )
});

/// Inserts the rows, writes the head of the log and tells the other nodes, once the transaction is committed, that `node` has
/// written: in one statement and so in one round trip.
///
/// # Errors
/// When the database does not take them.
pub async fn insert(tx: &mut Transaction, rows: &NewRows<'_>) -> Result<(), Error> {
    let query = sqlx::query(INSERT.as_str());
    let query = PEOPLE.bind(query, &rows.people);
    let query = INITIATIVES.bind(query, &rows.initiatives);
    let query = AUTHORS.bind(query, &rows.authors);
    let mut query = EVENTS.bind(query, &rows.events);
    for value in rows.head {
        query = query.bind(value);
    }
    let query = query.bind(tx.node());
    let (conn, step) = tx.step();
    step.run(query.execute(conn)).await?;
    Ok(())
}
