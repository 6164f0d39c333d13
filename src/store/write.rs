//! The one way in which anything changes: facts and events of a batch in one transaction.

use std::sync::LazyLock;

use super::rows::{self, Columns, Place, author_columns, event_columns, initiative_columns};
use super::table::Type::{Int, Text};
use super::table::{Row, Table, Value, json};
use super::write_lock::WriteGuard;
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

/// A row of a [`Table`].
macro_rules! values {
    [$($value:expr),+ $(,)?] => { [$(Value::from($value)),+] };
}

/// Gives a statement the parameters of [`set_head`], in that order.
macro_rules! with_head {
    ($query:expr, $head:expr) => {
        $query
            .bind($head.version.0)
            .bind($head.at.0)
            .bind($head.last_ids.unit)
            .bind($head.last_ids.period)
            .bind($head.last_ids.initiative)
            .bind($head.last_ids.person)
    };
}

/// The head of the log, as the counter row holds it. The transaction that holds the row is alone in writing.
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
    pub head: LogHead,
    pub units: Vec<(Unit, Version, Timestamp)>,
    pub periods: Vec<(Period, Version, Timestamp)>,
    pub targets: Vec<(Target, Version)>,
    pub removed_targets: Vec<TargetKey>,
    pub people: Vec<NewPerson>,
    pub initiatives: Vec<Initiative>,
    /// Of these the authors are new as well: those there before go.
    pub reauthored: Vec<InitiativeId>,
    pub events: Vec<Event>,
}

pub struct WriteTx {
    pub(super) tx: Tx,
    head: LogHead,
    /// Held until after the transaction.
    guard: Option<WriteGuard>,
}

impl WriteTx {
    pub(super) async fn begin(mut tx: Tx, guard: Option<WriteGuard>) -> Result<Self, Error> {
        // Written, not only read: on PostgreSQL this is what later batches wait for.
        let heads = fetch!(
            &mut tx,
            "update counter set version = version where id = 1
             returning version, at, unit_id, period_id, initiative_id, person_id",
            [],
            head
        )?;
        let head = *heads.first().ok_or(Error::Gap(0))?;
        Ok(Self { tx, head, guard })
    }

    /// As it was when this transaction took it, or as it wrote it last.
    pub const fn head(&self) -> LogHead {
        self.head
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
        self.head = writes.head;
        Ok(())
    }

    /// Whether others wait to write.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn has_waiter(&mut self) -> Result<bool, Error> {
        if let Some(guard) = &self.guard {
            return Ok(guard.has_waiter());
        }
        let waiting = fetch!(
            &mut self.tx,
            "select count(*) from pg_locks
             where locktype = 'transactionid' and transactionid = pg_current_xact_id()::xid
                and not granted",
            [],
            rows::number
        )?;
        Ok(waiting.first() != Some(&0))
    }

    /// # Errors
    /// When the outcome is not known: it may have been committed. Look at the head of the log.
    pub async fn commit(self) -> Result<(), Error> {
        let Self { tx, guard, .. } = self;
        let committed = tx.commit().await;
        drop(guard);
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

    /// People, initiatives with their authors, events and the counter; to PostgreSQL what is new goes
    /// in one statement, so in one round trip.
    async fn write_busy(&mut self, writes: &Writes) -> Result<(), Error> {
        if !writes.reauthored.is_empty() {
            execute!(
                &mut self.tx,
                "delete from authors
                 where initiative_id in (select cast(value->>0 as bigint) from json_each($1))",
                [wrapped(&writes.reauthored)]
            );
        }
        let last = self.head.last_ids.initiative;
        let (new, changed): (Vec<_>, Vec<_>) =
            writes.initiatives.iter().partition(|it| it.id.0 > last);
        let replaced: Vec<_> = changed.iter().copied().map(initiative_row).collect();
        if let Some(replaced) = json(&replaced) {
            execute!(&mut self.tx, REPLACE_INITIATIVES.as_str(), [replaced.as_str()]);
        }
        let reauthored = changed.iter().filter(|it| writes.reauthored.contains(&it.id));
        let people: Vec<_> = writes.people.iter().map(person_row).collect();
        let initiatives: Vec<_> = new.iter().copied().map(initiative_row).collect();
        let authors: Vec<_> = new.iter().chain(reauthored).copied().flat_map(author_rows).collect();
        let events: Vec<_> = writes.events.iter().map(event_row).collect();
        match &mut self.tx {
            Tx::Sqlite(conn) => {
                let rows = [json(&people), json(&initiatives), json(&authors), json(&events)];
                for (rows, sql) in rows.iter().zip(INSERTS.iter()) {
                    if let Some(rows) = rows {
                        sqlx::query(sql.as_str()).bind(rows).execute(&mut **conn).await?;
                    }
                }
                let query = sqlx::query(SET_HEAD.as_str());
                with_head!(query, writes.head).execute(&mut **conn).await?;
            }
            Tx::Postgres(conn) => {
                let query = sqlx::query(AT_ONCE.as_str());
                let query = PEOPLE.bind(query, &people);
                let query = INITIATIVES.bind(query, &initiatives);
                let query = AUTHORS.bind(query, &authors);
                let query = EVENTS.bind(query, &events);
                with_head!(query, writes.head).execute(&mut **conn).await?;
            }
        }
        Ok(())
    }
}

/// The busy tables, in the order in which a batch's rows are inserted.
const PEOPLE: Table<3> =
    Table { name: "people", columns: [("id", Int), ("unit_id", Int), ("identity", Text)] };
const INITIATIVES: Table<23> = Table {
    name: "initiatives",
    columns: [
        ("id", Int),
        ("key", Text),
        ("content_hash", Text),
        ("unit_id", Int),
        ("title", Text),
        ("summary", Text),
        ("kind", Text),
        ("field", Text),
        ("team", Text),
        ("applied_on", Int),
        ("recognised_by", Text),
        ("confidential", Int),
        ("benefit_vnd", Int),
        ("status", Text),
        ("rejection_reason", Text),
        ("review_note", Text),
        ("featured", Int),
        ("entered_by", Text),
        ("submitted_at", Int),
        ("updated_at", Int),
        ("reviewed_at", Int),
        ("version", Int),
        ("title_words", Text),
    ],
};
const AUTHORS: Table<7> = Table {
    name: "authors",
    columns: [
        ("initiative_id", Int),
        ("position", Int),
        ("person_id", Int),
        ("name", Text),
        ("person_code", Text),
        ("author_group", Text),
        ("contact", Text),
    ],
};
const EVENTS: Table<8> = Table {
    name: "events",
    columns: [
        ("version", Int),
        ("at", Int),
        ("tag", Int),
        ("kind", Text),
        ("actor", Text),
        ("reason", Text),
        ("initiative_id", Int),
        ("body", Text),
    ],
};

static INSERTS: LazyLock<[String; 4]> = LazyLock::new(|| {
    [PEOPLE.insert_json(), INITIATIVES.insert_json(), AUTHORS.insert_json(), EVENTS.insert_json()]
});
static SET_HEAD: LazyLock<String> = LazyLock::new(|| set_head(1));
static AT_ONCE: LazyLock<String> = LazyLock::new(|| {
    let mut next = 1;
    format!(
        "with people_written as ({}), initiatives_written as ({}), authors_written as ({}),
            events_written as ({})
         {}",
        PEOPLE.insert_arrays(&mut next),
        INITIATIVES.insert_arrays(&mut next),
        AUTHORS.insert_arrays(&mut next),
        EVENTS.insert_arrays(&mut next),
        set_head(next)
    )
});
/// For those that are there; what never changes of one is left as it is.
static REPLACE_INITIATIVES: LazyLock<String> = LazyLock::new(|| {
    format!(
        "{} on conflict (id) do update set unit_id = excluded.unit_id, title = excluded.title,
            summary = excluded.summary, kind = excluded.kind, field = excluded.field,
            team = excluded.team, applied_on = excluded.applied_on,
            recognised_by = excluded.recognised_by, confidential = excluded.confidential,
            benefit_vnd = excluded.benefit_vnd, status = excluded.status,
            rejection_reason = excluded.rejection_reason, review_note = excluded.review_note,
            featured = excluded.featured, updated_at = excluded.updated_at,
            reviewed_at = excluded.reviewed_at, version = excluded.version,
            title_words = excluded.title_words",
        INITIATIVES.insert_json()
    )
});

/// Takes the parameters of [`with_head!`], from number `first`.
fn set_head(first: usize) -> String {
    let columns = ["version", "at", "unit_id", "period_id", "initiative_id", "person_id"];
    let set = columns.iter().zip(first..).map(|(column, number)| format!("{column} = ${number}"));
    let set: Vec<String> = set.collect();
    format!("update counter set {} where id = 1", set.join(", "))
}

fn person_row(person: &NewPerson) -> Row<'_, 3> {
    values![person.id.0, i64::from(person.unit.0), person.identity.as_str()]
}

fn initiative_row(it: &Initiative) -> Row<'_, 23> {
    values![
        it.id.0,
        it.key.as_str(),
        it.content_hash.as_str(),
        i64::from(it.unit.0),
        it.title.as_str(),
        it.summary.as_deref(),
        it.kind.as_str(),
        it.field.as_deref(),
        it.team.as_deref(),
        it.applied_on.map(|day| i64::from(day.0)),
        it.recognised_by.as_deref(),
        i64::from(it.confidential),
        it.benefit_vnd,
        it.status.as_str(),
        it.rejection_reason.map(|reason| reason.as_str()),
        it.review_note.as_deref(),
        i64::from(it.featured),
        it.entered_by.as_str(),
        it.submitted_at.0,
        it.updated_at.0,
        it.reviewed_at.map(|at| at.0),
        it.version.0,
        title_words(&it.title)
    ]
}

fn author_rows(it: &Initiative) -> impl Iterator<Item = Row<'_, 7>> {
    (0_i64..).zip(&it.authors).map(|(position, author)| {
        values![
            it.id.0,
            position,
            author.person.0,
            author.name.as_str(),
            author.person_code.as_deref(),
            author.group.map(|group| group.as_str()),
            author.contact.as_deref()
        ]
    })
}

fn event_row(event: &Event) -> Row<'_, 8> {
    values![
        event.version.0,
        event.at.0,
        event.tag,
        event.body.kind(),
        event.actor.as_deref(),
        event.reason.as_deref(),
        event.body.initiative().map(|id| id.0),
        event.body.to_json()
    ]
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

fn head(row: &impl Columns) -> Result<LogHead, Error> {
    Ok(LogHead {
        version: Version(row.int(0)?),
        at: Timestamp(row.int(1)?),
        last_ids: LastIds {
            unit: row.int(2)?,
            period: row.int(3)?,
            initiative: row.int(4)?,
            person: row.int(5)?,
        },
    })
}

fn person(row: &impl Columns) -> Result<(UnitId, String, PersonId), Error> {
    let unit = row.int(0)?;
    let place = Place { table: "people", key: &format_args!("of unit {unit}") };
    Ok((place.unit("unit_id", unit)?, row.text(1)?, PersonId(row.int(2)?)))
}
