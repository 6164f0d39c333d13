//! Reading, as of one version.
//!
//! What a start reads of every row comes packed, many rows in one text: a row by itself costs the
//! driver ten times what the database takes for it.

use std::str::FromStr;

use futures_util::TryStreamExt as _;
use serde::Deserialize;

use super::row::{
    self as rows, Columns, Place, event_columns, initiative_columns, period_columns,
    target_columns, unit_columns,
};
use super::write::{authors, events_after, wrapped};
use super::{Error, Tx, fetch};
use crate::domain::initiative::{AuthorGroup, InitiativeState};
use crate::domain::{
    Event, Initiative, InitiativeId, InitiativeStatus, Period, PersonId, Target, Timestamp, Unit,
    UnitId, Version,
};
use crate::limits::LOAD_PAGE;

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

/// What of a change of an initiative counts: the least of the event's body.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ChangeRow {
    #[serde(default)]
    pub before: Option<ChangedState>,
    pub after: ChangedState,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ChangedState {
    pub unit: UnitId,
    pub status: InitiativeStatus,
    pub submitted_at: Timestamp,
    #[serde(default)]
    pub benefit_vnd: Option<i64>,
    /// Sorted, each person once.
    pub people: Vec<PersonId>,
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
        let mut units = Vec::new();
        stream!(
            &mut self.tx,
            concat!("select ", unit_columns!(), " from units order by id"),
            [],
            |row| -> Result<(), Error> {
                units.push(rows::unit(row)?);
                Ok(())
            }
        );
        Ok(units)
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
        let last =
            fetch!(&mut self.tx, "select coalesce(max(id), 0) from initiatives", [], |row| {
                Columns::int(row, 0)
            })?;
        let last = last.first().copied().unwrap_or_default();
        let mut after = 0;
        while after < last {
            let until = after + LOAD_PAGE;
            let mut people = self.people_of(after, until).await?.into_iter().peekable();
            let states = self
                .packed(
                    "select string_agg(id || ' ' || unit_id || ' ' || status || ' ' ||
                        submitted_at || ' ' || coalesce(cast(benefit_vnd as text), '-') || ' ' ||
                        version || ' ' || updated_at, ',')
                     from initiatives where id > $1 and id <= $2",
                    after,
                    until,
                )
                .await?;
            let mut states: Vec<StateRow> = states
                .iter()
                .flat_map(|text| text.split(','))
                .map(state)
                .collect::<Result<_, _>>()?;
            states.sort_unstable_by_key(|state| state.id);
            for mut state in states {
                while let Some((_, person)) = people.next_if(|(id, _)| *id == state.id) {
                    state.people.push(person);
                }
                each(state)?;
            }
            after = until;
        }
        Ok(())
    }

    /// All initiatives with all that the log keeps of their state, in order of number.
    pub async fn whole_states(
        &mut self,
        mut each: impl FnMut(InitiativeId, InitiativeState, Version, Timestamp) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut people: Vec<(i64, PersonId)> = Vec::new();
        let mut groups: Vec<(i64, AuthorGroup)> = Vec::new();
        stream!(
            &mut self.tx,
            "select initiative_id, person_id, case position when 0 then author_group end
             from authors order by initiative_id, position",
            [],
            |row| -> Result<(), Error> {
                let id = Columns::int(row, 0)?;
                people.push((id, PersonId(Columns::int(row, 1)?)));
                if let Some(group) = Columns::maybe_text(row, 2)? {
                    let place = Place { table: "authors", key: &id };
                    groups.push((id, place.parse("author_group", &group)?));
                }
                Ok(())
            }
        );
        let mut people = people.into_iter().peekable();
        let mut groups = groups.into_iter().peekable();
        stream!(
            &mut self.tx,
            "select id, unit_id, status, submitted_at, benefit_vnd, version, updated_at, kind,
                field, rejection_reason, featured, confidential
             from initiatives order by id",
            [],
            |row| -> Result<(), Error> {
                let (id, mut state, version, at) = whole_state(row)?;
                while let Some((_, person)) = people.next_if(|(of, _)| *of == id.0) {
                    state.people.push(person);
                }
                state.people.sort_unstable();
                state.people.dedup();
                state.author_group = groups.next_if(|(of, _)| *of == id.0).map(|(_, group)| group);
                each(id, state, version, at)
            }
        );
        Ok(())
    }

    /// Who made the initiatives of a range of numbers, each person once for each, in order.
    async fn people_of(
        &mut self,
        after: i64,
        until: i64,
    ) -> Result<Vec<(InitiativeId, PersonId)>, Error> {
        let text = self
            .packed(
                "select string_agg(initiative_id || ' ' || person_id, ',')
                 from authors where initiative_id > $1 and initiative_id <= $2",
                after,
                until,
            )
            .await?;
        let mut people = text
            .iter()
            .flat_map(|text| text.split(','))
            .map(|row| {
                let mut fields = Fields::of("authors", row);
                let id = InitiativeId(fields.parse("initiative_id")?);
                Ok((id, PersonId(fields.parse("person_id")?)))
            })
            .collect::<Result<Vec<_>, Error>>()?;
        people.sort_unstable();
        people.dedup();
        Ok(people)
    }

    /// The one text that a statement makes of the rows of a range; `None` when there are none.
    async fn packed(
        &mut self,
        sql: &'static str,
        after: i64,
        until: i64,
    ) -> Result<Option<String>, Error> {
        let texts = fetch!(&mut self.tx, sql, [after, until], |row| Columns::maybe_text(row, 0))?;
        Ok(texts.into_iter().next().flatten())
    }

    /// Events after `version`, at most `limit`, in order.
    pub async fn events_after(
        &mut self,
        version: Version,
        limit: i64,
    ) -> Result<Vec<Event>, Error> {
        events_after(&mut self.tx, version, limit).await
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

    /// Changes of initiatives after `version`, their submissions left out, in no order.
    pub async fn changes_after(
        &mut self,
        version: Version,
        mut each: impl FnMut(Timestamp, ChangeRow) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut after = version.0;
        while after < self.version.0 {
            let until = (after + LOAD_PAGE).min(self.version.0);
            let changes = self
                .packed(
                    // A line break cannot be in the body: JSON escapes it.
                    "select string_agg(version || ' ' || at || ' ' || body, '\n')
                     from events
                     where version > $1 and version <= $2
                        and initiative_id is not null and kind <> 'SUBMITTED'",
                    after,
                    until,
                )
                .await?;
            for row in changes.iter().flat_map(|text| text.split('\n')) {
                let mut fields = Fields::of("events", row);
                let _version = fields.next();
                let at = Timestamp(fields.parse("at")?);
                each(at, fields.json("body")?)?;
            }
            after = until;
        }
        Ok(())
    }
}

/// A row of a packed text, its key first.
struct Fields<'a> {
    table: &'static str,
    row: &'a str,
    rest: &'a str,
}

impl<'a> Fields<'a> {
    fn of(table: &'static str, row: &'a str) -> Self {
        Self { table, row, rest: row }
    }

    fn next(&mut self) -> &'a str {
        let (field, rest) = self.rest.split_once(' ').unwrap_or((self.rest, ""));
        self.rest = rest;
        field
    }

    fn parse<T>(&mut self, column: &'static str) -> Result<T, Error>
    where
        T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
    {
        let field = self.next();
        self.bad_names(column, field.parse())
    }

    /// All that is left.
    fn json<T: Deserialize<'a>>(&self, column: &'static str) -> Result<T, Error> {
        self.bad_names(column, serde_json::from_str(self.rest))
    }

    fn bad_names<T, E>(&self, column: &'static str, parsed: Result<T, E>) -> Result<T, Error>
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        parsed.map_err(|source| {
            let key = self.row.split(' ').next().unwrap_or_default().to_owned();
            Error::Row { table: self.table, key, column, source: source.into() }
        })
    }
}

fn head(row: &impl Columns) -> Result<(Version, Timestamp), Error> {
    Ok((Version(row.int(0)?), Timestamp(row.int(1)?)))
}

fn state(row: &str) -> Result<StateRow, Error> {
    let mut fields = Fields::of("initiatives", row);
    Ok(StateRow {
        id: InitiativeId(fields.parse("id")?),
        unit: UnitId(fields.parse("unit_id")?),
        status: fields.parse("status")?,
        submitted_at: Timestamp(fields.parse("submitted_at")?),
        benefit_vnd: match fields.next() {
            "-" => None,
            benefit => Some(fields.bad_names("benefit_vnd", benefit.parse())?),
        },
        people: Vec::new(),
        version: Version(fields.parse("version")?),
        updated_at: Timestamp(fields.parse("updated_at")?),
    })
}

fn whole_state(
    row: &impl Columns,
) -> Result<(InitiativeId, InitiativeState, Version, Timestamp), Error> {
    let id = row.int(0)?;
    let place = Place { table: "initiatives", key: &id };
    let state = InitiativeState {
        unit: place.unit("unit_id", row.int(1)?)?,
        status: place.parse("status", row.str(2)?)?,
        submitted_at: Timestamp(row.int(3)?),
        kind: place.parse("kind", row.str(7)?)?,
        field: row.maybe_text(8)?,
        author_group: None,
        people: Vec::new(),
        benefit_vnd: row.maybe_int(4)?,
        rejection_reason: place.parse_maybe("rejection_reason", row.maybe_text(9)?)?,
        featured: row.int(10)? != 0,
        confidential: row.int(11)? != 0,
    };
    Ok((InitiativeId(id), state, Version(row.int(5)?), Timestamp(row.int(6)?)))
}
