//! The one way in which anything changes: facts and events of a batch in one transaction.

use super::row::{self as rows, Columns, Place, author_columns, event_columns, initiative_columns};
use super::turn::Turn;
use super::{Error, Tx, execute, fetch};
use crate::domain::text::fold;
use crate::domain::{
    Author, Event, Initiative, InitiativeId, Period, PersonId, Target, TargetKey, Timestamp, Unit,
    UnitId, Version,
};
use crate::limits::TITLE_WORDS_MAX;

/// A row as a JSON array, written straight from what it borrows.
macro_rules! row {
    ([$($field:expr),+ $(,)?]) => {{
        let mut row = vec![b'['];
        $(
            serde_json::to_writer(&mut row, &$field).expect("keys, texts and numbers are JSON");
            row.push(b',');
        )+
        row.pop();
        row.push(b']');
        row
    }};
}

/// Gives a statement the parameters of [`set_counter!`], in that order.
macro_rules! with_counter {
    ($query:expr, $counter:expr) => {
        $query
            .bind($counter.version.0)
            .bind($counter.at.0)
            .bind($counter.unit)
            .bind($counter.period)
            .bind($counter.initiative)
            .bind($counter.person)
    };
}

/// The one row that numbers everything; who holds it is alone in writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counter {
    /// Of the last event, and its time.
    pub version: Version,
    pub at: Timestamp,
    /// The last numbers given.
    pub unit: i64,
    pub period: i64,
    pub initiative: i64,
    pub person: i64,
}

/// Somebody who had not been met in that unit before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPerson {
    pub id: PersonId,
    pub unit: UnitId,
    pub identity: String,
}

/// What a batch changes; each row once, in its last state.
#[derive(Debug, Clone, Default)]
pub struct Writes {
    pub counter: Counter,
    pub units: Vec<(Unit, Version, Timestamp)>,
    pub periods: Vec<(Period, Version, Timestamp)>,
    pub targets: Vec<(Target, Version)>,
    pub removed_targets: Vec<TargetKey>,
    pub people: Vec<NewPerson>,
    pub initiatives: Vec<Initiative>,
    /// Of these the authors are new as well: those there before go.
    pub reauthored: Vec<InitiativeId>,
    /// Of these the titles are new.
    pub retitled: Vec<InitiativeId>,
    pub events: Vec<Event>,
}

pub struct WriteTx {
    pub(super) tx: Tx,
    counter: Counter,
    /// Ends after the transaction.
    turn: Option<Turn>,
}

impl WriteTx {
    pub(super) async fn begin(mut tx: Tx, turn: Option<Turn>) -> Result<Self, Error> {
        // Written, not only read: on PostgreSQL this is what later batches wait for.
        let counters = fetch!(
            &mut tx,
            "update counter set version = version where id = 1
             returning version, at, unit_id, period_id, initiative_id, person_id",
            [],
            counter
        )?;
        let counter = *counters.first().ok_or(Error::Gap(0))?;
        Ok(Self { tx, counter, turn })
    }

    /// As it was when this transaction took it, or as it wrote it last.
    pub const fn counter(&self) -> Counter {
        self.counter
    }

    /// Events after `version`, at most `limit`, in order.
    pub async fn events_after(
        &mut self,
        version: Version,
        limit: i64,
    ) -> Result<Vec<Event>, Error> {
        events_after(&mut self.tx, version, limit).await
    }

    /// The initiatives that were submitted with these keys or have these numbers, with authors.
    pub async fn initiatives(
        &mut self,
        keys: &[&str],
        ids: &[InitiativeId],
    ) -> Result<Vec<Initiative>, Error> {
        let mut found = Vec::new();
        if !keys.is_empty() {
            found = fetch!(
                &mut self.tx,
                concat!(
                    "select ",
                    initiative_columns!(),
                    " from initiatives where key in (select value->>0 from json_each($1))"
                ),
                [wrapped(keys)],
                rows::initiative
            )?;
        }
        if !ids.is_empty() {
            let by_id = fetch!(
                &mut self.tx,
                concat!(
                    "select ",
                    initiative_columns!(),
                    " from initiatives
                     where id in (select cast(value->>0 as bigint) from json_each($1))"
                ),
                [wrapped(ids)],
                rows::initiative
            )?;
            found.extend(by_id);
            found.sort_by_key(|initiative| initiative.id);
            found.dedup_by_key(|initiative| initiative.id);
        }
        let ids: Vec<InitiativeId> = found.iter().map(|initiative| initiative.id).collect();
        for (id, author) in authors(&mut self.tx, &ids).await? {
            if let Some(initiative) = found.iter_mut().find(|initiative| initiative.id == id) {
                initiative.authors.push(author);
            }
        }
        Ok(found)
    }

    /// Who of these is known: unit and identity, with the number.
    pub async fn people(
        &mut self,
        asked: &[(UnitId, &str)],
    ) -> Result<Vec<(UnitId, String, PersonId)>, Error> {
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let asked = lines(asked.iter().map(|(unit, identity)| row!([unit, identity])));
        fetch!(
            &mut self.tx,
            "select p.unit_id, p.identity, p.id
             from json_each($1) j
             join people p
               on p.unit_id = cast(j.value->>0 as bigint) and p.identity = j.value->>1",
            [asked.as_deref()],
            person
        )
    }

    /// # Errors
    /// When the database will not take it; nothing of it is there then.
    pub async fn write(&mut self, writes: &Writes) -> Result<(), Error> {
        self.write_units(&writes.units).await?;
        self.write_periods(&writes.periods).await?;
        self.write_targets(&writes.targets, &writes.removed_targets).await?;
        self.write_busy(writes).await?;
        self.counter = writes.counter;
        Ok(())
    }

    /// Whether to end soon, since others may be waiting to write.
    pub fn is_wanted(&self) -> bool {
        self.turn.as_ref().is_none_or(Turn::is_wanted)
    }

    /// # Errors
    /// When the outcome is not known: it may have been committed. Look at the counter.
    pub async fn commit(self) -> Result<(), Error> {
        let Self { tx, turn, .. } = self;
        let committed = tx.commit().await;
        drop(turn);
        committed
    }

    async fn write_units(&mut self, units: &[(Unit, Version, Timestamp)]) -> Result<(), Error> {
        let rows = units.iter().map(|(unit, version, at)| {
            row!([
                unit.id,
                unit.code,
                unit.name,
                unit.kind,
                unit.parent,
                unit.cluster,
                unit.sector,
                i64::from(unit.foreign_invested),
                unit.member_count,
                unit.closed_on,
                i64::from(unit.placeholder),
                version,
                at
            ])
        });
        let Some(rows) = lines(rows) else { return Ok(()) };
        execute!(
            &mut self.tx,
            "with rows as materialized (select value from json_each($1))
             insert into units (id, code, name, kind, parent_id, cluster, sector,
                foreign_invested, member_count, closed_on, placeholder, version, updated_at)
             select cast(value->>0 as bigint), value->>1, value->>2, value->>3,
                cast(value->>4 as bigint), value->>5, value->>6, cast(value->>7 as bigint),
                cast(value->>8 as bigint), cast(value->>9 as bigint), cast(value->>10 as bigint),
                cast(value->>11 as bigint), cast(value->>12 as bigint)
             from rows where true
             on conflict (id) do update set code = excluded.code, name = excluded.name,
                kind = excluded.kind, parent_id = excluded.parent_id, cluster = excluded.cluster,
                sector = excluded.sector, foreign_invested = excluded.foreign_invested,
                member_count = excluded.member_count, closed_on = excluded.closed_on,
                placeholder = excluded.placeholder, version = excluded.version,
                updated_at = excluded.updated_at",
            [rows.as_str()]
        );
        Ok(())
    }

    async fn write_periods(
        &mut self,
        periods: &[(Period, Version, Timestamp)],
    ) -> Result<(), Error> {
        let rows = periods.iter().map(|(period, version, at)| {
            row!([
                period.id,
                period.code,
                period.name,
                period.kind,
                period.starts_on,
                period.ends_on,
                period.owner,
                period.parent,
                period.metric,
                period.applied_from,
                period.applied_until,
                i64::from(period.placeholder),
                version,
                at
            ])
        });
        let Some(rows) = lines(rows) else { return Ok(()) };
        execute!(
            &mut self.tx,
            "with rows as materialized (select value from json_each($1))
             insert into periods (id, code, name, kind, starts_on, ends_on, owner_id, parent_id,
                metric, applied_from, applied_until, placeholder, version, updated_at)
             select cast(value->>0 as bigint), value->>1, value->>2, value->>3,
                cast(value->>4 as bigint), cast(value->>5 as bigint), cast(value->>6 as bigint),
                cast(value->>7 as bigint), value->>8, cast(value->>9 as bigint),
                cast(value->>10 as bigint), cast(value->>11 as bigint),
                cast(value->>12 as bigint), cast(value->>13 as bigint)
             from rows where true
             on conflict (id) do update set code = excluded.code, name = excluded.name,
                kind = excluded.kind, starts_on = excluded.starts_on, ends_on = excluded.ends_on,
                owner_id = excluded.owner_id, parent_id = excluded.parent_id,
                metric = excluded.metric, applied_from = excluded.applied_from,
                applied_until = excluded.applied_until, placeholder = excluded.placeholder,
                version = excluded.version, updated_at = excluded.updated_at",
            [rows.as_str()]
        );
        Ok(())
    }

    async fn write_targets(
        &mut self,
        targets: &[(Target, Version)],
        removed: &[TargetKey],
    ) -> Result<(), Error> {
        let gone = removed.iter().map(|key| row!([key.unit, key.period, key.metric, key.origin]));
        if let Some(gone) = lines(gone) {
            execute!(
                &mut self.tx,
                "delete from targets
                 where (unit_id, period_id, metric, origin) in (
                    select cast(value->>0 as bigint), cast(value->>1 as bigint), value->>2, value->>3
                    from json_each($1))",
                [gone.as_str()]
            );
        }
        let rows = targets.iter().map(|(target, version)| {
            let key = target.key;
            row!([
                key.unit,
                key.period,
                key.metric,
                key.origin,
                target.goal,
                target.percent_from,
                target.percent_to,
                target.document_number,
                target.set_at,
                version
            ])
        });
        let Some(rows) = lines(rows) else { return Ok(()) };
        execute!(
            &mut self.tx,
            "with rows as materialized (select value from json_each($1))
             insert into targets (unit_id, period_id, metric, origin, goal, percent_from,
                percent_to, document_number, set_at, version)
             select cast(value->>0 as bigint), cast(value->>1 as bigint), value->>2, value->>3,
                cast(value->>4 as bigint), cast(value->>5 as double precision),
                cast(value->>6 as double precision), value->>7, cast(value->>8 as bigint),
                cast(value->>9 as bigint)
             from rows where true
             on conflict (unit_id, period_id, metric, origin) do update set
                goal = excluded.goal, percent_from = excluded.percent_from,
                percent_to = excluded.percent_to, document_number = excluded.document_number,
                set_at = excluded.set_at, version = excluded.version",
            [rows.as_str()]
        );
        Ok(())
    }

    /// People, initiatives with their authors, events and the counter; on PostgreSQL in one
    /// statement, so in one round trip.
    async fn write_busy(&mut self, writes: &Writes) -> Result<(), Error> {
        if !writes.reauthored.is_empty() {
            execute!(
                &mut self.tx,
                "delete from authors
                 where initiative_id in (select cast(value->>0 as bigint) from json_each($1))",
                [wrapped(&writes.reauthored)]
            );
        }
        let last = self.counter.initiative;
        let rows = [
            lines(writes.people.iter().map(person_row)),
            lines(writes.initiatives.iter().map(initiative_row)),
            lines(author_rows(writes, last)),
            lines(writes.events.iter().map(event_row)),
        ];
        match &mut self.tx {
            Tx::Sqlite(conn) => {
                for (rows, sql) in rows.iter().zip(INSERTS) {
                    if let Some(rows) = rows {
                        sqlx::query(sql).bind(rows).execute(&mut **conn).await?;
                    }
                }
                if let Some(rows) = lines(word_rows(writes, last)) {
                    sqlx::query(INSERT_WORDS).bind(rows).execute(&mut **conn).await?;
                }
                let query = sqlx::query(SET_COUNTER);
                with_counter!(query, writes.counter).execute(&mut **conn).await?;
            }
            Tx::Postgres(conn) => {
                let mut query = sqlx::query(AT_ONCE);
                for rows in &rows {
                    query = query.bind(rows.as_deref().unwrap_or("[]"));
                }
                with_counter!(query, writes.counter).execute(&mut **conn).await?;
            }
        }
        Ok(())
    }
}

/// Of the initiatives numbered above `last`, which are new, and of those whose titles are.
fn word_rows(writes: &Writes, last: i64) -> impl Iterator<Item = Vec<u8>> {
    let is_new = move |it: &&Initiative| it.id.0 > last || writes.retitled.contains(&it.id);
    let rows = writes.initiatives.iter().filter(is_new);
    rows.map(|it| row!([it.id, title_words(&it.title)]))
}

/// Of the initiatives numbered above `last`, which are new, and of those whose authors are.
fn author_rows(writes: &Writes, last: i64) -> impl Iterator<Item = Vec<u8>> {
    let is_new = move |it: &&Initiative| it.id.0 > last || writes.reauthored.contains(&it.id);
    writes.initiatives.iter().filter(is_new).flat_map(|it| {
        it.authors.iter().enumerate().map(|(position, author)| {
            row!([
                it.id,
                position,
                author.person,
                author.name,
                author.person_code,
                author.group,
                author.contact
            ])
        })
    })
}

/// PostgreSQL keeps its index of words by itself.
const INSERT_WORDS: &str = "insert or replace into initiative_words (rowid, title_words)
    select cast(value->>0 as bigint), value->>1 from json_each($1)";

/// Inserts the rows of the JSON that a parameter gives; each is taken out of it once.
macro_rules! insert {
    (people, $rows:literal) => {
        concat!(
            "insert into people (id, unit_id, identity)
             with rows as materialized (select value from json_each($",
            $rows,
            "))
             select cast(value->>0 as bigint), cast(value->>1 as bigint), value->>2
             from rows"
        )
    };
    (initiatives, $rows:literal) => {
        concat!(
            "insert into initiatives (id, key, content_hash, unit_id, title, summary, kind, field,
                team, applied_on, recognised_by, confidential, benefit_vnd, status,
                rejection_reason, review_note, featured, entered_by, submitted_at, updated_at,
                reviewed_at, version, title_words)
             with rows as materialized (select value from json_each($",
            $rows,
            "))
             select cast(value->>0 as bigint), value->>1, value->>2, cast(value->>3 as bigint),
                value->>4, value->>5, value->>6, value->>7, value->>8,
                cast(value->>9 as bigint), value->>10, cast(value->>11 as bigint),
                cast(value->>12 as bigint), value->>13, value->>14, value->>15,
                cast(value->>16 as bigint), value->>17, cast(value->>18 as bigint),
                cast(value->>19 as bigint), cast(value->>20 as bigint),
                cast(value->>21 as bigint), value->>22
             from rows where true
             on conflict (id) do update set unit_id = excluded.unit_id, title = excluded.title,
                summary = excluded.summary, kind = excluded.kind, field = excluded.field,
                team = excluded.team, applied_on = excluded.applied_on,
                recognised_by = excluded.recognised_by, confidential = excluded.confidential,
                benefit_vnd = excluded.benefit_vnd, status = excluded.status,
                rejection_reason = excluded.rejection_reason,
                review_note = excluded.review_note, featured = excluded.featured,
                updated_at = excluded.updated_at, reviewed_at = excluded.reviewed_at,
                version = excluded.version, title_words = excluded.title_words"
        )
    };
    (authors, $rows:literal) => {
        concat!(
            "insert into authors (initiative_id, position, person_id, name, person_code,
                author_group, contact)
             with rows as materialized (select value from json_each($",
            $rows,
            "))
             select cast(value->>0 as bigint), cast(value->>1 as bigint),
                cast(value->>2 as bigint), value->>3, value->>4, value->>5, value->>6
             from rows"
        )
    };
    (events, $rows:literal) => {
        concat!(
            "insert into events (version, at, tag, kind, actor, reason, initiative_id, body)
             with rows as materialized (select value from json_each($",
            $rows,
            "))
             select cast(value->>0 as bigint), cast(value->>1 as bigint),
                cast(value->>2 as bigint), value->>3, value->>4, value->>5,
                cast(value->>6 as bigint), value->>7
             from rows"
        )
    };
}

macro_rules! set_counter {
    ($version:literal, $at:literal, $unit:literal, $period:literal, $initiative:literal, $person:literal) => {
        concat!(
            "update counter set version = $",
            $version,
            ", at = $",
            $at,
            ", unit_id = $",
            $unit,
            ", period_id = $",
            $period,
            ", initiative_id = $",
            $initiative,
            ", person_id = $",
            $person,
            " where id = 1"
        )
    };
}

const INSERTS: [&str; 4] =
    [insert!(people, 1), insert!(initiatives, 1), insert!(authors, 1), insert!(events, 1)];
const SET_COUNTER: &str = set_counter!(1, 2, 3, 4, 5, 6);
const AT_ONCE: &str = concat!(
    "with people_written as (",
    insert!(people, 1),
    "),
        initiatives_written as (",
    insert!(initiatives, 2),
    "),
        authors_written as (",
    insert!(authors, 3),
    "),
        events_written as (",
    insert!(events, 4),
    ") ",
    set_counter!(5, 6, 7, 8, 9, 10)
);

fn person_row(person: &NewPerson) -> Vec<u8> {
    row!([person.id, person.unit, person.identity])
}

fn initiative_row(it: &Initiative) -> Vec<u8> {
    row!([
        it.id,
        it.key,
        it.content_hash,
        it.unit,
        it.title,
        it.summary,
        it.kind,
        it.field,
        it.team,
        it.applied_on,
        it.recognised_by,
        i64::from(it.confidential),
        it.benefit_vnd,
        it.status,
        it.rejection_reason,
        it.review_note,
        i64::from(it.featured),
        it.entered_by,
        it.submitted_at,
        it.updated_at,
        it.reviewed_at,
        it.version,
        title_words(&it.title)
    ])
}

fn event_row(event: &Event) -> Vec<u8> {
    row!([
        event.version,
        event.at,
        event.tag,
        event.body.kind(),
        event.actor,
        event.reason,
        event.body.initiative(),
        event.body.to_json()
    ])
}

/// The words that a title is found by: all of them, but of the longest titles in scripts of many
/// bytes a letter, since an index has no room for more.
fn title_words(title: &str) -> String {
    let mut words = fold(title);
    words.truncate(words.floor_char_boundary(TITLE_WORDS_MAX));
    words
}

pub(super) async fn events_after(
    tx: &mut Tx,
    version: Version,
    limit: i64,
) -> Result<Vec<Event>, Error> {
    fetch!(
        tx,
        concat!(
            "select ",
            event_columns!(),
            " from events where version > $1 order by version limit $2"
        ),
        [version.0, limit],
        rows::event
    )
}

/// The authors of these initiatives, in order.
pub(super) async fn authors(
    tx: &mut Tx,
    ids: &[InitiativeId],
) -> Result<Vec<(InitiativeId, Author)>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    fetch!(
        tx,
        concat!(
            "select ",
            author_columns!(),
            " from authors
             where initiative_id in (select cast(value->>0 as bigint) from json_each($1))
             order by initiative_id, position"
        ),
        [wrapped(ids)],
        rows::author
    )
}

/// One element a row, as `value->>0`: the same spelling for both databases.
pub(super) fn wrapped<T: serde::Serialize>(values: &[T]) -> String {
    let rows: Vec<[&T; 1]> = values.iter().map(|value| [value]).collect();
    serde_json::to_string(&rows).expect("keys and numbers are JSON")
}

/// One array of all rows; `None` when there are none.
fn lines(rows: impl Iterator<Item = Vec<u8>>) -> Option<String> {
    let mut text = vec![b'['];
    for row in rows {
        text.extend(row);
        text.push(b',');
    }
    *text.last_mut().filter(|last| **last == b',')? = b']';
    Some(String::from_utf8(text).expect("JSON is UTF-8"))
}

fn counter(row: &impl Columns) -> Result<Counter, Error> {
    Ok(Counter {
        version: Version(row.int(0)?),
        at: Timestamp(row.int(1)?),
        unit: row.int(2)?,
        period: row.int(3)?,
        initiative: row.int(4)?,
        person: row.int(5)?,
    })
}

fn person(row: &impl Columns) -> Result<(UnitId, String, PersonId), Error> {
    let unit = row.int(0)?;
    let place = Place { table: "people", key: &format_args!("of unit {unit}") };
    Ok((place.unit("unit_id", unit)?, row.text(1)?, PersonId(row.int(2)?)))
}
