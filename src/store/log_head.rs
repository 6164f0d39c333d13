//! The head of the log, as the one counter row holds it. The transaction that holds the row is alone in writing.

use super::error::Error;
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
/// When the row cannot be waited for.
pub async fn hold(tx: &mut Tx) -> Result<LogHead, Error> {
    // Written, not only read: on PostgreSQL this is what later batches wait for.
    let heads = fetch!(
        tx,
        "update counter set version = version where id = 1
         returning version, at, unit_id, period_id, initiative_id, person_id",
        [],
        log_head
    )?;
    heads.first().copied().ok_or(Error::Gap(0))
}

/// The version that a transaction sees, and the time of its event.
///
/// # Errors
/// When the database cannot be read.
pub async fn seen(tx: &mut Tx) -> Result<(Version, Timestamp), Error> {
    let sql = "select version, at from counter where id = 1";
    let found = fetch!(tx, sql, [], version_and_time)?;
    found.first().copied().ok_or(Error::Gap(0))
}

fn log_head(row: &impl Columns) -> Result<LogHead, Error> {
    let (version, at) = version_and_time(row)?;
    let last_ids = LastIds {
        unit: row.int(2)?,
        period: row.int(3)?,
        initiative: row.int(4)?,
        person: row.int(5)?,
    };
    Ok(LogHead { version, at, last_ids })
}

fn version_and_time(row: &impl Columns) -> Result<(Version, Timestamp), Error> {
    Ok((Version(row.int(0)?), Timestamp(row.int(1)?)))
}
