//! The head of the log, as the one counter row holds it. The transaction that holds the row is alone in writing.

use super::error::Error;
use super::known_log::KnownLog;
use super::rows::Columns;
use super::tx::{Tx, fetch};
use crate::domain::{Timestamp, Version};

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

impl LogHead {
    /// The values of [`super::tables::NewRows::head`].
    pub const fn values(&self) -> [i64; 6] {
        let LastIds { unit, period, initiative, person } = self.last_ids;
        [self.version.0, self.at.0, unit, period, initiative, person]
    }
}

/// Takes the counter row until the transaction ends, after waiting for others who hold it.
///
/// # Errors
/// [`Error::OtherLog`] when the log is not the one that is known; else when the row cannot be waited for.
pub async fn hold(tx: &mut Tx, known: &KnownLog) -> Result<LogHead, Error> {
    let expected = known.last();
    // Written, not only read: on PostgreSQL this is what later batches wait for.
    let heads = fetch!(
        tx,
        "update counter set version = version where id = 1
         returning version, at, (select tag from events where version = $1),
            unit_id, period_id, initiative_id, person_id",
        [expected.version.0],
        log_head
    )?;
    let (head, tag) = heads.first().copied().ok_or(Error::Gap(0))?;
    known.check(expected, head.version, tag)?;
    Ok(head)
}

/// The version that a transaction sees, and the time of its event.
///
/// # Errors
/// [`Error::OtherLog`] when the log is not the one that is known; else when the database cannot be read.
pub async fn seen(tx: &mut Tx, known: &KnownLog) -> Result<(Version, Timestamp), Error> {
    let expected = known.last();
    let found = fetch!(
        tx,
        "select version, at, (select tag from events where version = $1) from counter where id = 1",
        [expected.version.0],
        version_time_and_tag
    )?;
    let (version, at, tag) = found.first().copied().ok_or(Error::Gap(0))?;
    known.check(expected, version, tag)?;
    Ok((version, at))
}

fn log_head(row: &impl Columns) -> Result<(LogHead, Option<i64>), Error> {
    let (version, at, tag) = version_time_and_tag(row)?;
    let last_ids = LastIds {
        unit: row.int(3)?,
        period: row.int(4)?,
        initiative: row.int(5)?,
        person: row.int(6)?,
    };
    Ok((LogHead { version, at, last_ids }, tag))
}

fn version_time_and_tag(row: &impl Columns) -> Result<(Version, Timestamp, Option<i64>), Error> {
    Ok((Version(row.int(0)?), Timestamp(row.int(1)?), row.maybe_int(2)?))
}
