//! The log of events in the database.

use super::error::Error;
use super::rows::{self, Columns, event_columns};
use super::tables::wrapped;
use super::transactions::{ReadTx, WriteTx};
use super::tx::{Tx, fetch};
use crate::domain::{Event, InitiativeId, Version};

/// A statement for the events after a version, at most so many, in order.
pub const EVENTS_AFTER: &str = concat!(
    "select ",
    event_columns!(),
    " from events where version > $1 order by version limit $2"
);

impl WriteTx {
    /// Events after `version`, at most `limit`, in order.
    ///
    /// # Errors
    /// When the database cannot be read, or a row cannot be understood.
    pub async fn events_after(
        &mut self,
        version: Version,
        limit: i64,
    ) -> Result<Vec<Event>, Error> {
        events_after(&mut self.tx, version, limit).await
    }
}

impl ReadTx {
    /// Events after `version`, at most `limit`, in order.
    ///
    /// # Errors
    /// When the database cannot be read, or a row cannot be understood.
    pub async fn events_after(
        &mut self,
        version: Version,
        limit: i64,
    ) -> Result<Vec<Event>, Error> {
        events_after(&mut self.tx, version, limit).await
    }

    /// All events of these initiatives, in order, as far back as the log is whole.
    ///
    /// # Errors
    /// When the database cannot be read, or a row cannot be understood.
    pub async fn events_of(&mut self, ids: &[InitiativeId]) -> Result<Vec<Event>, Error> {
        self.note_statement();
        fetch!(
            &mut self.tx,
            concat!(
                "select ",
                event_columns!(),
                " from events
                 where initiative_id in (select cast(value->>0 as bigint) from json_each($1))
                    and initiative_id is not null
                    and version >= (select coalesce(max(version), 0) from prunes)
                 order by version"
            ),
            [wrapped(ids)],
            rows::event
        )
    }

    /// Days, removed or set targets, transfers, moves, periods, closings by officers and confirmed assessments of the whole
    /// log, in order.
    ///
    /// # Errors
    /// When the database cannot be read, or a row cannot be understood.
    pub async fn structural_events(&mut self) -> Result<Vec<Event>, Error> {
        fetch!(
            &mut self.tx,
            concat!(
                "select ",
                event_columns!(),
                " from events
                 where kind in (
                     'DAY_BEGAN', 'TARGETS_SET', 'TRANSFERRED', 'UNIT_MOVED', 'PERIOD_UPSERTED',
                     'PERIOD_FINALIZED', 'ASSESSMENT_CONFIRMED'
                 )
                 order by version"
            ),
            [],
            rows::event
        )
    }

    /// The tag of an event; `None` where the log has none of that version.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn tag(&mut self, version: Version) -> Result<Option<i64>, Error> {
        let tags = fetch!(
            &mut self.tx,
            "select tag from events where version = $1",
            [version.0],
            rows::number
        )?;
        Ok(tags.first().copied())
    }

    /// The tag of an event that a feed may go on from: all events after it are there. `None` where the log has none of
    /// that version, or was pruned behind it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn tag_to_follow(&mut self, version: Version) -> Result<Option<i64>, Error> {
        let tags = fetch!(
            &mut self.tx,
            "select tag from events
             where version = $1 and version >= (select coalesce(max(version), 0) from prunes)",
            [version.0],
            rows::number
        )?;
        Ok(tags.first().copied())
    }

    /// The tags of these events; versions that the log has not reached are left out.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn tags(&mut self, versions: &[Version]) -> Result<Vec<(Version, i64)>, Error> {
        self.note_statement();
        fetch!(
            &mut self.tx,
            "select version, tag from events
             where version in (select cast(value->>0 as bigint) from json_each($1))",
            [wrapped(versions)],
            |row| Ok((Version(Columns::int(row, 0)?), Columns::int(row, 1)?))
        )
    }
}

async fn events_after(tx: &mut Tx, version: Version, limit: i64) -> Result<Vec<Event>, Error> {
    fetch!(tx, EVENTS_AFTER, [version.0, limit], rows::event)
}
