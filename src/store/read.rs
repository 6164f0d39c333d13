//! Reading, as of one version.

use futures_util::TryStreamExt as _;

use super::row::{
    self as rows, Columns, Place, event_columns, initiative_columns, period_columns,
    target_columns, unit_columns,
};
use super::write::{authors, wrapped};
use super::{Error, Tx, fetch};
use crate::domain::event::InitiativeChanged;
use crate::domain::{
    Event, EventBody, Initiative, InitiativeId, InitiativeStatus, Period, PersonId, Target,
    Timestamp, Unit, UnitId, Version,
};

/// A transaction that sees the database as of [`ReadTx::version`].
pub struct ReadTx {
    pub(super) tx: Tx,
    version: Version,
    at: Timestamp,
}

/// What of an initiative counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateRow {
    pub id: InitiativeId,
    pub unit: UnitId,
    pub status: InitiativeStatus,
    pub submitted_at: Timestamp,
    pub benefit_vnd: Option<i64>,
    /// Sorted, each person once.
    pub people: Vec<PersonId>,
    pub version: Version,
    pub updated_at: Timestamp,
}

/// Feeds every row of a statement to a function, without holding them all.
macro_rules! stream {
    ($tx:expr, $sql:expr, [$($bind:expr),*], $each:expr) => {
        $crate::store::on!($tx, conn => {
            let mut rows = sqlx::query($sql)$(.bind($bind))*.fetch(&mut **conn);
            while let Some(row) = rows.try_next().await? {
                $each(&row)?;
            }
        })
    };
}

impl ReadTx {
    pub(super) async fn begin(mut tx: Tx) -> Result<Self, Error> {
        let found = fetch!(&mut tx, "select version, at from counter where id = 1", [], head)?;
        let &(version, at) = found.first().ok_or(Error::Gap(0))?;
        Ok(Self { tx, version, at })
    }

    pub const fn version(&self) -> Version {
        self.version
    }

    /// The time of the event of that version.
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    pub async fn units(&mut self) -> Result<Vec<(Unit, Version, Timestamp)>, Error> {
        fetch!(
            &mut self.tx,
            concat!("select ", unit_columns!(), " from units order by id"),
            [],
            rows::unit
        )
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
        let mut found = fetch!(
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
        for (id, author) in authors(&mut self.tx, ids).await? {
            if let Ok(place) = found.binary_search_by_key(&id, |initiative| initiative.id) {
                found[place].authors.push(author);
            }
        }
        Ok(found)
    }

    /// All initiatives as counts need them, in order of number.
    pub async fn states(
        &mut self,
        mut each: impl FnMut(StateRow) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut people: Vec<(i64, PersonId)> = Vec::new();
        stream!(
            &mut self.tx,
            "select initiative_id, person_id from authors order by initiative_id, position",
            [],
            |row| -> Result<(), Error> {
                people.push((Columns::int(row, 0)?, PersonId(Columns::int(row, 1)?)));
                Ok(())
            }
        );
        let mut people = people.into_iter().peekable();
        stream!(
            &mut self.tx,
            "select id, unit_id, status, submitted_at, benefit_vnd, version, updated_at
             from initiatives order by id",
            [],
            |row| -> Result<(), Error> {
                let mut state = state(row)?;
                while let Some((_, person)) = people.next_if(|(id, _)| *id == state.id.0) {
                    state.people.push(person);
                }
                state.people.sort_unstable();
                state.people.dedup();
                each(state)
            }
        );
        Ok(())
    }

    /// Events after `version`, at most `limit`, in order.
    pub async fn events_after(
        &mut self,
        version: Version,
        limit: i64,
    ) -> Result<Vec<Event>, Error> {
        fetch!(
            &mut self.tx,
            concat!(
                "select ",
                event_columns!(),
                " from events where version > $1 order by version limit $2"
            ),
            [version.0, limit],
            rows::event
        )
    }

    /// Every event, in order, without holding them all.
    pub async fn all_events(
        &mut self,
        mut each: impl FnMut(Event) -> Result<(), Error>,
    ) -> Result<(), Error> {
        stream!(
            &mut self.tx,
            concat!("select ", event_columns!(), " from events order by version"),
            [],
            |row| -> Result<(), Error> { each(rows::event(row)?) }
        );
        Ok(())
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

    /// Days, removed or set targets, transfers and moves of the whole log, in order.
    pub async fn structural_events(&mut self) -> Result<Vec<Event>, Error> {
        fetch!(
            &mut self.tx,
            concat!(
                "select ",
                event_columns!(),
                " from events
                 where kind in ('DAY_BEGAN', 'TARGETS_SET', 'TRANSFERRED', 'UNIT_MOVED')
                 order by version"
            ),
            [],
            rows::event
        )
    }

    /// Changes of initiatives after `version`, their submissions left out, in order.
    pub async fn changes_after(
        &mut self,
        version: Version,
        mut each: impl FnMut(Timestamp, InitiativeChanged) -> Result<(), Error>,
    ) -> Result<(), Error> {
        stream!(
            &mut self.tx,
            concat!(
                "select ",
                event_columns!(),
                " from events
                 where version > $1 and initiative_id is not null and kind <> 'SUBMITTED'
                 order by version"
            ),
            [version.0],
            |row| -> Result<(), Error> {
                let event = rows::event(row)?;
                match event.body {
                    EventBody::Initiative(_, change) => each(event.at, change),
                    _ => Ok(()),
                }
            }
        );
        Ok(())
    }
}

fn head(row: &impl Columns) -> Result<(Version, Timestamp), Error> {
    Ok((Version(row.int(0)?), Timestamp(row.int(1)?)))
}

fn state(row: &impl Columns) -> Result<StateRow, Error> {
    let id = row.int(0)?;
    let place = Place { table: "initiatives", key: &id };
    Ok(StateRow {
        id: InitiativeId(id),
        unit: place.unit("unit_id", row.int(1)?)?,
        status: place.parse("status", row.str(2)?)?,
        submitted_at: Timestamp(row.int(3)?),
        benefit_vnd: row.maybe_int(4)?,
        people: Vec::new(),
        version: Version(row.int(5)?),
        updated_at: Timestamp(row.int(6)?),
    })
}
