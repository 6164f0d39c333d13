//! Reading, as of one version. What reads whole tables is in [`super::full_scan`].

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::rows::{
    self, Columns, event_columns, initiative_columns, period_columns, target_columns,
};
use super::write::{authors, events_after, wrapped};
use super::{Error, Tx, fetch};
use crate::domain::{Event, Initiative, InitiativeId, Period, Target, Timestamp, Version};

/// A transaction that sees the database as of [`ReadTx::version`].
pub struct ReadTx {
    pub(super) tx: Tx,
    version: Version,
    at: Timestamp,
    statements: Arc<AtomicU64>,
}

impl ReadTx {
    pub(super) async fn begin(mut tx: Tx, statements: Arc<AtomicU64>) -> Result<Self, Error> {
        let found = fetch!(&mut tx, "select version, at from counter where id = 1", [], head)?;
        let &(version, at) = found.first().ok_or(Error::Gap(0))?;
        Ok(Self { tx, version, at, statements })
    }

    pub(super) fn note_statement(&self) {
        self.statements.fetch_add(1, Ordering::Relaxed);
    }

    pub const fn version(&self) -> Version {
        self.version
    }

    /// The time of the event of that version.
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    pub async fn periods(&mut self) -> Result<Vec<(Period, Version, Timestamp)>, Error> {
        fetch!(
            &mut self.tx,
            concat!("select ", period_columns!(), " from periods order by id"),
            [],
            rows::period
        )
    }

    pub async fn targets(&mut self) -> Result<Vec<(Target, Version)>, Error> {
        fetch!(
            &mut self.tx,
            concat!("select ", target_columns!(), " from targets order by unit_id, period_id"),
            [],
            rows::target
        )
    }

    /// These initiatives with their authors; those not there are left out.
    pub async fn initiatives(&mut self, ids: &[InitiativeId]) -> Result<Vec<Initiative>, Error> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        self.note_statement();
        let found = fetch!(
            &mut self.tx,
            concat!(
                "select ",
                initiative_columns!(),
                " from initiatives
                 where id in (select cast(value->>0 as bigint) from json_each($1)) order by id"
            ),
            [wrapped(ids)],
            rows::initiative
        )?;
        self.note_statement();
        self.with_authors(found).await
    }

    /// The initiatives that were submitted with these keys; those not there are left out.
    pub async fn initiatives_by_key(&mut self, keys: &[&str]) -> Result<Vec<Initiative>, Error> {
        let found = fetch!(
            &mut self.tx,
            concat!(
                "select ",
                initiative_columns!(),
                " from initiatives where key in (select value->>0 from json_each($1)) order by id"
            ),
            [wrapped(keys)],
            rows::initiative
        )?;
        self.with_authors(found).await
    }

    /// Initiatives numbered above `last`, at most `limit`, in order of number.
    pub async fn initiatives_after(
        &mut self,
        last: InitiativeId,
        limit: i64,
    ) -> Result<Vec<Initiative>, Error> {
        let found = fetch!(
            &mut self.tx,
            concat!(
                "select ",
                initiative_columns!(),
                " from initiatives where id > $1 order by id limit $2"
            ),
            [last.0, limit],
            rows::initiative
        )?;
        self.with_authors(found).await
    }

    /// Takes and gives them in order of number.
    async fn with_authors(&mut self, mut found: Vec<Initiative>) -> Result<Vec<Initiative>, Error> {
        let ids: Vec<InitiativeId> = found.iter().map(|initiative| initiative.id).collect();
        for (id, author) in authors(&mut self.tx, &ids).await? {
            if let Ok(place) = found.binary_search_by_key(&id, |initiative| initiative.id) {
                found[place].authors.push(author);
            }
        }
        Ok(found)
    }

    /// Events after `version`, at most `limit`, in order.
    pub async fn events_after(
        &mut self,
        version: Version,
        limit: i64,
    ) -> Result<Vec<Event>, Error> {
        events_after(&mut self.tx, version, limit).await
    }

    /// The tag of an event; `None` where the log has none of that version.
    pub async fn tag(&mut self, version: Version) -> Result<Option<i64>, Error> {
        let tags = fetch!(
            &mut self.tx,
            "select tag from events where version = $1",
            [version.0],
            |row| Columns::int(row, 0)
        )?;
        Ok(tags.first().copied())
    }

    /// The tags of these events; versions that the log has not reached are left out.
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

    /// Days, removed or set targets, transfers, moves and periods of the whole log, in order.
    pub async fn structural_events(&mut self) -> Result<Vec<Event>, Error> {
        fetch!(
            &mut self.tx,
            concat!(
                "select ",
                event_columns!(),
                " from events
                 where kind in (
                     'DAY_BEGAN', 'TARGETS_SET', 'TRANSFERRED', 'UNIT_MOVED', 'PERIOD_UPSERTED'
                 )
                 order by version"
            ),
            [],
            rows::event
        )
    }
}

fn head(row: &impl Columns) -> Result<(Version, Timestamp), Error> {
    Ok((Version(row.int(0)?), Timestamp(row.int(1)?)))
}
