//! The head of the log, as the one counter row holds it. The transaction that holds the row is alone in writing.

use std::sync::LazyLock;

use super::error::Error;
use super::known_log::{KnownLog, OtherLog};
use super::lost::Lost;
use super::postgres::Listener;
use super::rows::Columns;
use super::tables::set_head;
use super::tx::{Tx, fetch, on};
use crate::domain::{Timestamp, Version};

static SET_HEAD: LazyLock<String> = LazyLock::new(|| set_head(1));

/// The last event of the log, and the numbers given last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LogHead {
    /// The version of the last event; 0 in an empty log.
    pub version: Version,
    /// The time of the last event.
    pub at: Timestamp,
    pub last_ids: LastIds,
}

/// The number given last to each kind of thing; 0 before the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LastIds {
    pub unit: i64,
    pub period: i64,
    pub initiative: i64,
    pub person: i64,
}

impl LastIds {
    /// The greater of each.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self {
            unit: self.unit.max(other.unit),
            period: self.period.max(other.period),
            initiative: self.initiative.max(other.initiative),
            person: self.person.max(other.person),
        }
    }
}

impl LogHead {
    /// The values of [`super::tables::NewRows::head`].
    pub const fn values(&self) -> [i64; 6] {
        let LastIds { unit, period, initiative, person } = self.last_ids;
        [self.version.0, self.at.0, unit, period, initiative, person]
    }
}

/// A look at the head of the log.
#[derive(Debug, Clone, Copy)]
pub struct Look<T> {
    pub head: T,
    /// The time by the database's own clock; `None` of SQLite, which has none.
    pub now: Option<Timestamp>,
    /// The tag of the last event that was known before the look.
    tag: Option<i64>,
}

/// PostgreSQL's own time in milliseconds.
macro_rules! postgres_time {
    () => {
        "cast(trunc(extract(epoch from clock_timestamp()) * 1000) as bigint)"
    };
}

/// A statement on either database: its beginning, and its end behind an expression for the database's own time in
/// milliseconds.
macro_rules! with_time {
    ($tx:expr, $begin:literal, $end:literal) => {
        match $tx {
            Tx::Sqlite(_) => concat!($begin, "null", $end),
            Tx::Postgres(_) => concat!($begin, postgres_time!(), $end),
        }
    };
}

/// Takes the counter row until the transaction ends, after waiting for others who hold it. The time is that after the wait.
///
/// # Errors
/// [`Error::Lost`] when the log is not the one that is known; else when the row cannot be waited for.
pub async fn hold(tx: &mut Tx, known: &KnownLog) -> Result<Look<LogHead>, Error> {
    let expected = known.last();
    // Written, not only read: on PostgreSQL this is what later batches wait for.
    let sql = with_time!(
        tx,
        "update counter set version = version where id = 1
         returning version, at, (select tag from events where version = $1), ",
        ", unit_id, period_id, initiative_id, person_id"
    );
    let looks = fetch!(tx, sql, [expected.version.0], log_head)?;
    let look = looks.first().copied().ok_or(Error::Gap(0))?;
    OtherLog::check(expected, look.head.version, look.tag).map_err(Lost::from)?;
    Ok(look)
}

/// The head of the log, as a transaction sees it.
///
/// # Errors
/// When the database cannot be read.
pub async fn read(tx: &mut Tx) -> Result<LogHead, Error> {
    // In the columns of `log_head`.
    let sql = "select version, at, null, null, unit_id, period_id, initiative_id, person_id
        from counter where id = 1";
    let looks = fetch!(tx, sql, [], log_head)?;
    looks.first().map(|look| look.head).ok_or(Error::Gap(0))
}

/// Writes the head of the log.
///
/// # Errors
/// When the database does not take it.
pub async fn write(tx: &mut Tx, head: &LogHead) -> Result<(), Error> {
    on!(tx, conn => {
        let mut query = sqlx::query(SET_HEAD.as_str());
        for value in head.values() {
            query = query.bind(value);
        }
        query.execute(conn)
    }, _written => Ok(()))
}

/// The version that a transaction sees, and the time of its event.
///
/// # Errors
/// [`Error::Lost`] when the log is not the one that is known; else when the database cannot be read.
pub async fn seen(tx: &mut Tx, known: &KnownLog) -> Result<Look<(Version, Timestamp)>, Error> {
    let expected = known.last();
    let sql = with_time!(
        tx,
        "select version, at, (select tag from events where version = $1), ",
        " from counter where id = 1"
    );
    let looks = fetch!(tx, sql, [expected.version.0], version_and_time)?;
    let look = looks.first().copied().ok_or(Error::Gap(0))?;
    OtherLog::check(expected, look.head.0, look.tag).map_err(Lost::from)?;
    Ok(look)
}

/// As [`seen`], on the connection that listens, without a transaction.
///
/// # Errors
/// As [`seen`].
pub async fn heard(
    listener: &mut Listener,
    known: &KnownLog,
) -> Result<Look<(Version, Timestamp)>, Error> {
    const HEARD: &str = concat!(
        "select version, at, (select tag from events where version = $1), ",
        postgres_time!(),
        " from counter where id = 1"
    );
    let expected = known.last();
    let rows = listener.fetch(HEARD, &[expected.version.0]).await?;
    let look = version_and_time(rows.first().ok_or(Error::Gap(0))?)?;
    OtherLog::check(expected, look.head.0, look.tag).map_err(Lost::from)?;
    Ok(look)
}

fn log_head(row: &impl Columns) -> Result<Look<LogHead>, Error> {
    let Look { head: (version, at), now, tag } = version_and_time(row)?;
    let last_ids = LastIds {
        unit: row.int(4)?,
        period: row.int(5)?,
        initiative: row.int(6)?,
        person: row.int(7)?,
    };
    Ok(Look { head: LogHead { version, at, last_ids }, now, tag })
}

fn version_and_time(row: &impl Columns) -> Result<Look<(Version, Timestamp)>, Error> {
    let head = (Version(row.int(0)?), Timestamp(row.int(1)?));
    Ok(Look { head, now: row.maybe_int(3)?.map(Timestamp), tag: row.maybe_int(2)? })
}
