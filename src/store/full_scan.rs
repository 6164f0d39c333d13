//! Reads of whole tables, many rows in one text: a row by itself costs the driver ten times what it
//! costs the database. A start, a check and `verify` read like this.

use std::collections::HashMap;
use std::str::FromStr;

use futures_util::future::join;
use serde::Deserialize;

use super::error::Error;
use super::rows::{Columns, number};
use super::tables::{DELETED, wrapped};
use super::transactions::ReadTx;
use super::tx::fetch;
use crate::domain::initiative::{
    AuthorGroup, InitiativeKind, InitiativeState, RejectionReason, ToldBy,
};
use crate::domain::{
    Day, Event, EventBody, InitiativeId, InitiativeStatus, PersonId, Timestamp, Unit, UnitId,
    Version,
};
use crate::limits::{HISTORIES_TOGETHER, LOAD_PAGE};

/// The counted part of an initiative.
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
    pub kind: InitiativeKind,
    pub field: Option<String>,
    /// The group of the first author.
    pub author_group: Option<AuthorGroup>,
    pub rejection_reason: Option<RejectionReason>,
    pub reviewed_at: Option<Timestamp>,
    pub told_by: Option<ToldBy>,
    pub featured: bool,
    pub confidential: bool,
}

/// An initiative with all that the log keeps of its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WholeState {
    pub id: InitiativeId,
    pub state: InitiativeState,
    pub version: Version,
    pub updated_at: Timestamp,
    pub reviewed_at: Option<Timestamp>,
    pub told_by: Option<ToldBy>,
}

/// The counted part of a change of an initiative: the smallest part of the event's body that counts need.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ChangeRow {
    pub initiative: InitiativeId,
    #[serde(default)]
    pub before: Option<ChangedState>,
    pub after: ChangedState,
    /// The day from which an imported initiative counts.
    #[serde(default)]
    pub counted_from: Option<Day>,
}

/// The counted part of an initiative's state.
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

/// The part of a change of an initiative that tells what was before it.
#[derive(Debug, Deserialize)]
struct EarlierRow {
    initiative: InitiativeId,
    #[serde(default)]
    before: Option<InitiativeState>,
}

/// Between rows and between fields of a packed text. JSON has no control characters in it, and
/// free text comes as JSON.
const ROW_BREAK: char = '\u{1e}';
const FIELD_BREAK: char = '\u{1f}';

/// A statement for the rows of a range of numbers as one text. A null becomes an empty field.
macro_rules! packed {
    ($table:literal by $number:literal: $first:literal $(, $column:literal)* $(; $only:literal)?) => {
        concat!(
            "select string_agg(concat(", $first, $(", '\u{1f}', ", $column,)* "), '\u{1e}') from ", $table,
            " where ", $number, " > $1 and ", $number, " <= $2" $(, " and ", $only)?
        )
    };
}

const UNITS: &str = packed!(
    "units" by "id": "id", "json_quote(code)", "json_quote(name)", "kind", "parent_id",
    "json_quote(cluster)", "sector", "foreign_invested", "member_count", "closed_on", "placeholder", "version", "updated_at"
);
const STATES: &str = packed!(
    "initiatives" by "id": "id", "unit_id", "status", "submitted_at", "benefit_vnd", "version",
    "updated_at", "kind", "json_quote(field)", "rejection_reason", "reviewed_at", "told_by", "featured", "confidential"
);
const AUTHORS: &str = packed!(
    "authors" by "initiative_id": "initiative_id", "person_id",
    "case when position = 0 then author_group end"
);
const EVENTS: &str = packed!(
    "events" by "version": "version", "at", "tag", "kind", "json_quote(actor)", "json_quote(reason)",
    "body"
);
const CHANGES: &str = packed!(
    "events" by "version": "version", "at", "body";
    "initiative_id is not null and kind <> 'SUBMITTED'"
);

const CHANGES_OF: &str =
    "select string_agg(concat(version, '\u{1f}', at, '\u{1f}', body), '\u{1e}')
    from events
    where initiative_id in (select cast(value->>0 as bigint) from json_each($1))
        and initiative_id is not null and kind not in ('FEATURED', 'UNFEATURED')
        and version >= (select coalesce(max(version), 0) from prunes)";

impl ReadTx {
    /// Every unit with its last change, in order of number.
    ///
    /// # Errors
    /// When the database cannot be read, or a row cannot be understood.
    pub async fn units(&mut self) -> Result<Vec<(Unit, Version, Timestamp)>, Error> {
        let last = self.last_of("select coalesce(max(id), 0) from units").await?;
        let mut units = Vec::new();
        self.pages([UNITS], 0, last, |[text]| {
            for row in rows_of(text.as_deref()) {
                units.push(unit(&mut Fields::of("units", row))?);
            }
            Ok(())
        })
        .await?;
        units.sort_unstable_by_key(|(unit, ..)| unit.id);
        Ok(units)
    }

    /// The most initiatives that there can be: the last of their numbers.
    ///
    /// # Errors
    /// When the database cannot be read, or a row cannot be understood.
    pub async fn initiative_count(&mut self) -> Result<usize, Error> {
        let last = self.last_of("select coalesce(max(id), 0) from initiatives").await?;
        Ok(usize::try_from(last).unwrap_or(0))
    }

    /// All initiatives as counts need them, in order of number.
    ///
    /// # Errors
    /// When the database cannot be read, or a row cannot be understood.
    pub async fn states(
        &mut self,
        mut each: impl FnMut(StateRow) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let last = self.last_of("select coalesce(max(id), 0) from initiatives").await?;
        self.pages([STATES, AUTHORS], 0, last, |[states, authors]| {
            let mut authors = Authors::of(authors.as_deref())?;
            let mut states = rows_of(states.as_deref())
                .map(|row| state(&mut Fields::of("initiatives", row)))
                .collect::<Result<Vec<_>, _>>()?;
            states.sort_unstable_by_key(|state| state.id);
            for mut state in states {
                (state.people, state.author_group) = authors.next_of(state.id);
                each(state)?;
            }
            Ok(())
        })
        .await
    }

    /// All initiatives with all that the log keeps of their state, in order of number.
    ///
    /// # Errors
    /// When the database cannot be read, or a row cannot be understood.
    pub async fn whole_states(
        &mut self,
        mut each: impl FnMut(WholeState) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let last = self.last_of("select coalesce(max(id), 0) from initiatives").await?;
        self.pages([STATES, AUTHORS], 0, last, |[states, authors]| {
            let mut authors = Authors::of(authors.as_deref())?;
            let mut states = rows_of(states.as_deref())
                .map(|row| whole_state(&mut Fields::of("initiatives", row)))
                .collect::<Result<Vec<_>, _>>()?;
            states.sort_unstable_by_key(|row| row.id);
            for mut row in states {
                (row.state.people, row.state.author_group) = authors.next_of(row.id);
                each(row)?;
            }
            Ok(())
        })
        .await
    }

    /// Every event, in order, without holding them all.
    ///
    /// # Errors
    /// When the database cannot be read, or a row cannot be understood.
    pub async fn all_events(
        &mut self,
        mut each: impl FnMut(Event) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let last = self.last_of("select coalesce(max(version), 0) from events").await?;
        self.pages([EVENTS], 0, last, |[text]| {
            let mut events = rows_of(text.as_deref())
                .map(|row| event(&mut Fields::of("events", row)))
                .collect::<Result<Vec<_>, _>>()?;
            events.sort_unstable_by_key(|event| event.version);
            events.into_iter().try_for_each(&mut each)
        })
        .await
    }

    /// Changes of initiatives after `version`, their submissions left out, in no order.
    ///
    /// # Errors
    /// When the database cannot be read, or a row cannot be understood.
    pub async fn changes_after(
        &mut self,
        version: Version,
        mut each: impl FnMut(Timestamp, ChangeRow) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.pages([CHANGES], version.0, self.version().0, |[changes]| {
            for row in rows_of(changes.as_deref()) {
                let mut fields = Fields::of("events", row);
                fields.next();
                let at = Timestamp(fields.parse("at")?);
                each(at, fields.json("body")?)?;
            }
            Ok(())
        })
        .await
    }

    /// The states that initiatives had before their first change behind a version; of one that was submitted behind it, that
    /// is the state in which it was submitted.
    ///
    /// # Errors
    /// When the database cannot be read, or a row cannot be understood.
    pub async fn states_before_changes(
        &mut self,
        version: Version,
    ) -> Result<HashMap<InitiativeId, InitiativeState>, Error> {
        let mut states = HashMap::new();
        self.pages([CHANGES], version.0, self.version().0, |[changes]| {
            let mut page = Vec::new();
            for row in rows_of(changes.as_deref()) {
                let mut fields = Fields::of("events", row);
                let version: i64 = fields.parse("version")?;
                fields.next();
                let change: EarlierRow = fields.json("body")?;
                page.push((version, change));
            }
            page.sort_unstable_by_key(|&(version, _)| version);
            for (_, EarlierRow { initiative, before }) in page {
                if let Some(before) = before {
                    states.entry(initiative).or_insert(before);
                }
            }
            Ok(())
        })
        .await?;
        Ok(states)
    }

    /// All changes of these initiatives that counts may rest on, each with its moment, in order, as far back as the log is
    /// whole; their submissions too.
    ///
    /// # Errors
    /// When the database cannot be read, or a row cannot be understood.
    pub async fn changes_of(
        &mut self,
        ids: &[InitiativeId],
        mut each: impl FnMut(Timestamp, ChangeRow) -> Result<(), Error>,
    ) -> Result<(), Error> {
        for some in ids.chunks(HISTORIES_TOGETHER) {
            let ids = wrapped(some);
            let found = fetch!(&mut self.tx, CHANGES_OF, [ids.as_str()], |row| {
                Columns::maybe_text(row, 0)
            })?;
            let text = found.into_iter().next().flatten();
            let mut changes = Vec::new();
            for row in rows_of(text.as_deref()) {
                let mut fields = Fields::of("events", row);
                let version: i64 = fields.parse("version")?;
                changes.push((version, Timestamp(fields.parse("at")?), fields.json("body")?));
            }
            changes.sort_unstable_by_key(|&(version, ..)| version);
            changes.into_iter().try_for_each(|(_, at, change)| each(at, change))?;
        }
        Ok(())
    }

    /// The rows of a table whose numbers are above `after`, up to `last`, a text for each
    /// statement and page. While a page is being understood, the next is being read.
    async fn pages<const N: usize>(
        &mut self,
        statements: [&'static str; N],
        mut after: i64,
        last: i64,
        mut each: impl FnMut([Option<String>; N]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut page = self.page(statements, after, last).await?;
        while after < last {
            after += LOAD_PAGE;
            let next = self.page(statements, after, last);
            let (next, understood) = join(next, async { each(page) }).await;
            understood?;
            page = next?;
        }
        Ok(())
    }

    async fn page<const N: usize>(
        &mut self,
        statements: [&'static str; N],
        after: i64,
        last: i64,
    ) -> Result<[Option<String>; N], Error> {
        let mut texts = [const { None }; N];
        let until = (after + LOAD_PAGE).min(last);
        if after < until {
            for (text, sql) in texts.iter_mut().zip(statements) {
                let found =
                    fetch!(&mut self.tx, sql, [after, until], |row| Columns::maybe_text(row, 0))?;
                *text = found.into_iter().next().flatten();
            }
        }
        Ok(texts)
    }

    async fn last_of(&mut self, sql: &'static str) -> Result<i64, Error> {
        let last = fetch!(&mut self.tx, sql, [], number)?;
        Ok(last.first().copied().unwrap_or_default())
    }
}

fn rows_of(text: Option<&str>) -> impl Iterator<Item = &str> {
    text.into_iter().flat_map(|text| text.split(ROW_BREAK))
}

/// A row of a packed text, its key first.
struct Fields<'a> {
    table: &'static str,
    row: &'a str,
    rest: &'a str,
}

impl<'a> Fields<'a> {
    const fn of(table: &'static str, row: &'a str) -> Self {
        Self { table, row, rest: row }
    }

    fn next(&mut self) -> &'a str {
        // Most fields are shorter than a search of text takes to begin.
        let end = self.rest.bytes().position(|byte| byte == FIELD_BREAK as u8);
        let (field, rest) = match end {
            Some(end) => (&self.rest[..end], &self.rest[end + FIELD_BREAK.len_utf8()..]),
            None => (self.rest, ""),
        };
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

    /// The next field; `None` when it is empty.
    fn maybe<T>(&mut self, column: &'static str) -> Result<Option<T>, Error>
    where
        T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
    {
        match self.next() {
            "" => Ok(None),
            field => self.bad_names(column, field.parse()).map(Some),
        }
    }

    fn flag(&mut self, column: &'static str) -> Result<bool, Error> {
        Ok(self.parse::<u8>(column)? != 0)
    }

    fn json<T: Deserialize<'a>>(&mut self, column: &'static str) -> Result<T, Error> {
        let field = self.next();
        self.bad_names(column, serde_json::from_str(field))
    }

    fn bad_names<T, E>(&self, column: &'static str, parsed: Result<T, E>) -> Result<T, Error>
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        parsed.map_err(|source| {
            let key = self.row.split(FIELD_BREAK).next().unwrap_or_default().to_owned();
            Error::Row { table: self.table, key, column, source: source.into() }
        })
    }
}

fn unit(fields: &mut Fields<'_>) -> Result<(Unit, Version, Timestamp), Error> {
    let id = UnitId(fields.parse("id")?);
    let mut code: String = fields.json("code")?;
    let deleted = code.find(DELETED);
    code.truncate(deleted.unwrap_or(code.len()));
    let unit = Unit {
        id,
        code,
        name: fields.json("name")?,
        kind: fields.parse("kind")?,
        parent: fields.maybe("parent_id")?.map(UnitId),
        cluster: fields.json("cluster")?,
        sector: fields.maybe("sector")?,
        foreign_invested: fields.flag("foreign_invested")?,
        member_count: fields.maybe("member_count")?,
        closed_on: fields.maybe("closed_on")?.map(Day),
        placeholder: fields.flag("placeholder")?,
        deleted: deleted.is_some(),
    };
    Ok((unit, Version(fields.parse("version")?), Timestamp(fields.parse("updated_at")?)))
}

fn state(fields: &mut Fields<'_>) -> Result<StateRow, Error> {
    Ok(StateRow {
        id: InitiativeId(fields.parse("id")?),
        unit: UnitId(fields.parse("unit_id")?),
        status: fields.parse("status")?,
        submitted_at: Timestamp(fields.parse("submitted_at")?),
        benefit_vnd: fields.maybe("benefit_vnd")?,
        people: Vec::new(),
        version: Version(fields.parse("version")?),
        updated_at: Timestamp(fields.parse("updated_at")?),
        kind: fields.parse("kind")?,
        field: fields.json("field")?,
        author_group: None,
        rejection_reason: fields.maybe("rejection_reason")?,
        reviewed_at: fields.maybe("reviewed_at")?.map(Timestamp),
        told_by: fields.maybe("told_by")?,
        featured: fields.flag("featured")?,
        confidential: fields.flag("confidential")?,
    })
}

fn whole_state(fields: &mut Fields<'_>) -> Result<WholeState, Error> {
    let row = state(fields)?;
    let state = InitiativeState {
        unit: row.unit,
        status: row.status,
        submitted_at: row.submitted_at,
        kind: row.kind,
        field: row.field,
        author_group: None,
        people: Vec::new(),
        benefit_vnd: row.benefit_vnd,
        rejection_reason: row.rejection_reason,
        featured: row.featured,
        confidential: row.confidential,
    };
    let StateRow { id, version, updated_at, reviewed_at, told_by, .. } = row;
    Ok(WholeState { id, state, version, updated_at, reviewed_at, told_by })
}

/// The authors of some initiatives, in order of number.
struct Authors {
    /// Each person once for each initiative.
    people: std::iter::Peekable<std::vec::IntoIter<(InitiativeId, PersonId)>>,
    /// The group of each first author that has one.
    groups: std::iter::Peekable<std::vec::IntoIter<(InitiativeId, AuthorGroup)>>,
}

impl Authors {
    fn of(text: Option<&str>) -> Result<Self, Error> {
        let (mut people, mut groups) = (Vec::new(), Vec::new());
        for row in rows_of(text) {
            let mut fields = Fields::of("authors", row);
            let id = InitiativeId(fields.parse("initiative_id")?);
            people.push((id, PersonId(fields.parse("person_id")?)));
            groups.extend(fields.maybe("author_group")?.map(|group| (id, group)));
        }
        people.sort_unstable();
        people.dedup();
        groups.sort_unstable_by_key(|&(id, _)| id);
        Ok(Self { people: people.into_iter().peekable(), groups: groups.into_iter().peekable() })
    }

    /// The people of an initiative, sorted, and the group of its first author. Initiatives are asked for in order.
    fn next_of(&mut self, id: InitiativeId) -> (Vec<PersonId>, Option<AuthorGroup>) {
        let of_it = std::iter::from_fn(|| self.people.next_if(|(of, _)| *of == id));
        let people = of_it.map(|(_, person)| person).collect();
        (people, self.groups.next_if(|(of, _)| *of == id).map(|(_, group)| group))
    }
}

fn event(fields: &mut Fields<'_>) -> Result<Event, Error> {
    let version = Version(fields.parse("version")?);
    let at = Timestamp(fields.parse("at")?);
    let tag = fields.parse("tag")?;
    let kind = fields.next();
    let actor = fields.json("actor")?;
    let reason = fields.json("reason")?;
    let body = fields.next();
    let body = fields.bad_names("body", EventBody::from_json(kind, body))?;
    Ok(Event { version, at, tag, actor, reason, body })
}
