//! Removes the old part of the log: what happened to initiatives before a day, but for transfers, and the keys of those that were
//! entered before it.
//!
//! A start needs the days, the periods, the targets, the moves and the transfers of the whole log, and `verify` whatever happened to units: those
//! stay, and are few. So counts, versions and marks are the same after a start as before it; what is gone are the events
//! of initiatives, and with them the states that initiatives had before that day.

use super::database::{Effort, Store};
use super::error::{Error, retry_while_busy};
use super::rows::{Columns, number};
use super::transactions::ReadTx;
use super::tx::{execute, fetch};
use crate::domain::{Day, EventBody, InitiativeId, Timestamp, Version};

/// The events that a prune removes, in a range of versions.
macro_rules! removed {
    ($what:literal) => {
        concat!(
            $what,
            " from events
             where version > $1 and version <= $2 and initiative_id is not null and kind <> 'TRANSFERRED'"
        )
    };
}

/// The initiatives in a range of numbers whose keys a prune takes.
macro_rules! forgotten {
    () => {
        " where id > $1 and id <= $2 and content_hash <> ''"
    };
}

/// The beginning of a log that was pruned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogStart {
    /// The version of the event with which the day began. All later events are there.
    pub version: Version,
    /// The first day of which the log holds all events.
    pub day: Day,
}

/// Rows, and the bytes of their texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Removed {
    pub rows: u64,
    pub bytes: u64,
}

impl std::ops::AddAssign for Removed {
    fn add_assign(&mut self, other: Self) {
        self.rows += other.rows;
        self.bytes += other.bytes;
    }
}

impl ReadTx {
    /// Where the log begins; `None` if it was never pruned.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn log_start(&mut self) -> Result<Option<LogStart>, Error> {
        let starts = fetch!(
            &mut self.tx,
            "select version, day from prunes order by version desc limit 1",
            [],
            |row| {
                let day = i32::try_from(Columns::int(row, 1)?).unwrap_or(i32::MAX);
                Ok(LogStart { version: Version(Columns::int(row, 0)?), day: Day(day) })
            }
        )?;
        Ok(starts.first().copied())
    }

    /// The beginning that the log would have if it were pruned before a day; `None` if that day has not begun.
    ///
    /// # Errors
    /// When the database cannot be read, or a row cannot be understood.
    pub async fn start_from(&mut self, day: Day) -> Result<Option<LogStart>, Error> {
        let events = self.structural_events().await?;
        let mut days = events.into_iter().filter_map(|event| match event.body {
            EventBody::Day(began) => Some(LogStart { version: event.version, day: began.day }),
            _ => None,
        });
        Ok(days.find(|start| start.day >= day))
    }

    /// The last initiative that was entered before an event.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn last_entered_before(&mut self, version: Version) -> Result<InitiativeId, Error> {
        let last = fetch!(
            &mut self.tx,
            "select coalesce(
                 (select initiative_id from events where version > $1 and kind = 'SUBMITTED'
                  order by version limit 1) - 1,
                 (select max(id) from initiatives),
                 0
             )",
            [version.0],
            number
        )?;
        Ok(InitiativeId(last.first().copied().unwrap_or_default()))
    }

    /// The rows that [`Store::remove_events`] would remove.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn removable_events(
        &mut self,
        after: Version,
        until: Version,
    ) -> Result<Removed, Error> {
        let sql = removed!("select count(*), coalesce(sum(length(body)), 0)");
        let found = fetch!(&mut self.tx, sql, [after.0, until.0], removed)?;
        Ok(found.first().copied().unwrap_or_default())
    }

    /// The keys that [`Store::forget_keys`] would forget.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn forgettable_keys(
        &mut self,
        after: InitiativeId,
        until: InitiativeId,
    ) -> Result<Removed, Error> {
        let sql = concat!(
            "select count(*), coalesce(sum(length(key) + length(content_hash)), 0) from initiatives",
            forgotten!()
        );
        let found = fetch!(&mut self.tx, sql, [after.0, until.0], removed)?;
        Ok(found.first().copied().unwrap_or_default())
    }
}

impl Store {
    /// Notes where the log begins from now on, ahead of the removal: nobody goes on from a cursor before that any more. A log
    /// that begins later already stays as it is.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn note_log_start(&self, start: LogStart, at: Timestamp) -> Result<(), Error> {
        let (mut tx, _guard) =
            retry_while_busy(|| self.begin_plain_write(Effort::Ordinary)).await?;
        let (version, day) = (start.version.0, i64::from(start.day.0));
        execute!(&mut tx, "delete from prunes where version < $1", [version]);
        execute!(
            &mut tx,
            "insert into prunes (version, day, pruned_at) select cast($1 as bigint), cast($2 as bigint), cast($3 as bigint)
             where not exists (select 1 from prunes)",
            [version, day, at.0]
        );
        tx.commit().await
    }

    /// Removes what a prune removes of the events after one version up to another, in a transaction of its own, in which
    /// others of PostgreSQL write.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn remove_events(&self, after: Version, until: Version) -> Result<Removed, Error> {
        let (mut tx, _guard) =
            retry_while_busy(|| self.begin_plain_write(Effort::Ordinary)).await?;
        let sql = removed!("select count(*), coalesce(sum(length(body)), 0)");
        let found = fetch!(&mut tx, sql, [after.0, until.0], removed)?;
        execute!(&mut tx, removed!("delete"), [after.0, until.0]);
        tx.commit().await?;
        Ok(found.first().copied().unwrap_or_default())
    }

    /// Forgets the keys of the initiatives after one number up to another, in a transaction of its own. A text with its number
    /// and `mark`, which no other log has, takes the place of each: by it an exported file finds the initiative again.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn forget_keys(
        &self,
        after: InitiativeId,
        until: InitiativeId,
        mark: &str,
    ) -> Result<Removed, Error> {
        let (mut tx, _guard) =
            retry_while_busy(|| self.begin_plain_write(Effort::Ordinary)).await?;
        let sql = concat!(
            "select count(*), coalesce(sum(length(key) + length(content_hash)), 0) from initiatives",
            forgotten!()
        );
        let found = fetch!(&mut tx, sql, [after.0, until.0], removed)?;
        let sql = concat!(
            "update initiatives set key = 'pruned:' || id || $3, content_hash = ''",
            forgotten!()
        );
        execute!(&mut tx, sql, [after.0, until.0, mark]);
        tx.commit().await?;
        Ok(found.first().copied().unwrap_or_default())
    }
}

fn removed(row: &impl Columns) -> Result<Removed, Error> {
    Ok(Removed { rows: row.int(0)?.unsigned_abs(), bytes: row.int(1)?.unsigned_abs() })
}
