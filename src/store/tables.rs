//! The tables that change, and the one encoder of rows for them.
//!
//! Both databases take rows as JSON, many in one statement. PostgreSQL takes those of the busy tables as an array for
//! each column, since reading JSON is dear to it.

use std::borrow::Cow;

use serde::Serialize;
use sqlx::Postgres;
use sqlx::postgres::{PgArguments, PgBindIterExt as _};
use sqlx::query::Query;

use Type::{Float, Int, Text};

use crate::domain::text::fold;
use crate::domain::{
    Event, Initiative, Period, PersonId, Rule, Target, Timestamp, Unit, UnitId, Version,
};
use crate::limits::TITLE_WORDS_MAX;

/// The type of a column; each may be null.
#[derive(Debug, Clone, Copy)]
pub enum Type {
    Int,
    Text,
    Float,
}

/// A value of a row.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Value<'a> {
    Int(Option<i64>),
    Text(Option<Cow<'a, str>>),
    Float(Option<f64>),
}

/// The values of a row, in the order of its table's columns.
pub type Row<'a, const N: usize> = [Value<'a>; N];

/// A table that rows are inserted into.
#[derive(Debug)]
pub struct Table<const N: usize> {
    pub name: &'static str,
    pub columns: [(&'static str, Type); N],
}

impl<const N: usize> Table<N> {
    /// Inserts the rows of the JSON that the only parameter gives; each is taken out of it once.
    pub fn insert_json(&self) -> String {
        let value = |(place, (_, kind)): (usize, &(&str, Type))| match kind {
            Type::Int => format!("cast(value->>{place} as bigint)"),
            Type::Text => format!("value->>{place}"),
            Type::Float => format!("cast(value->>{place} as double precision)"),
        };
        let values: Vec<String> = self.columns.iter().enumerate().map(value).collect();
        format!(
            "insert into {} ({})
             with rows as materialized (select value from json_each($1))
             select {} from rows where true",
            self.name,
            self.names(),
            values.join(", ")
        )
    }

    /// As [`Self::insert_json`]; a row whose `key` is there already replaces what is there, but for the columns of
    /// `fixed`.
    pub fn upsert_json(&self, key: &[&str], fixed: &[&str]) -> String {
        let is_set = |name: &&str| !key.contains(name) && !fixed.contains(name);
        let names = self.columns.iter().map(|&(name, _)| name).filter(is_set);
        let sets: Vec<String> = names.map(|name| format!("{name} = excluded.{name}")).collect();
        format!(
            "{} on conflict ({}) do update set {}",
            self.insert_json(),
            key.join(", "),
            sets.join(", ")
        )
    }

    /// Inserts the rows of the arrays that the parameters give, from number `next`, which becomes the
    /// number of the one behind them.
    pub fn insert_arrays(&self, next: &mut usize) -> String {
        let array = |(number, (_, kind)): (usize, &(&str, Type))| match kind {
            Type::Int => format!("${number}::bigint[]"),
            Type::Text => format!("${number}::text[]"),
            Type::Float => format!("${number}::double precision[]"),
        };
        let arrays: Vec<String> = (*next..).zip(&self.columns).map(array).collect();
        *next += N;
        let names = self.names();
        format!("insert into {} ({names}) select * from unnest({})", self.name, arrays.join(", "))
    }

    /// The names of the columns, a comma between.
    pub fn names(&self) -> String {
        self.columns.map(|(name, _)| name).join(", ")
    }

    /// Gives a statement the parameters of [`Table::insert_arrays`].
    pub fn bind<'q>(
        &self,
        mut query: Query<'q, Postgres, PgArguments>,
        rows: &[Row<'_, N>],
    ) -> Query<'q, Postgres, PgArguments> {
        for (place, (_, kind)) in self.columns.iter().enumerate() {
            let column = rows.iter().map(|row| &row[place]);
            query = match kind {
                Type::Int => query.bind(column.map(Value::int).bind_iter()),
                Type::Text => query.bind(column.map(Value::text).bind_iter()),
                Type::Float => query.bind(column.map(Value::float).bind_iter()),
            };
        }
        query
    }
}

/// One array of all rows; `None` when there are none.
///
/// # Panics
/// Never: texts and numbers are JSON.
pub fn json<const N: usize>(rows: &[Row<'_, N>]) -> Option<String> {
    let rows: Vec<&[Value<'_>]> = rows.iter().map(<[_; N]>::as_slice).collect();
    let text = || serde_json::to_string(&rows).expect("texts and numbers are JSON");
    (!rows.is_empty()).then(text)
}

impl Value<'_> {
    /// Bytes of a text; 0 of a number.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Text(Some(text)) => text.len(),
            _ => 0,
        }
    }

    fn int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => *number,
            _ => unreachable!("the column is of whole numbers"),
        }
    }

    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => text.as_deref(),
            _ => unreachable!("the column is of texts"),
        }
    }

    fn float(&self) -> Option<f64> {
        match self {
            Self::Float(number) => *number,
            _ => unreachable!("the column is of numbers"),
        }
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Int(Some(number))
    }
}

impl From<Option<i64>> for Value<'_> {
    fn from(number: Option<i64>) -> Self {
        Self::Int(number)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Some(text.into()))
    }
}

impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(text: Option<&'a str>) -> Self {
        Self::Text(text.map(Cow::from))
    }
}

impl<'a> From<Cow<'a, str>> for Value<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self::Text(Some(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Some(text.into()))
    }
}

impl From<Option<f64>> for Value<'_> {
    fn from(number: Option<f64>) -> Self {
        Self::Float(number)
    }
}

/// Keys as the elements of a JSON array, each an array of its own: `value->>0` reads them on both databases.
///
/// # Panics
/// Never: keys and numbers are JSON.
pub fn wrapped<T: Serialize>(values: &[T]) -> String {
    let rows: Vec<[&T; 1]> = values.iter().map(|value| [value]).collect();
    serde_json::to_string(&rows).expect("keys and numbers are JSON")
}

/// A row of a [`Table`].
macro_rules! values {
    [$($value:expr),+ $(,)?] => { [$(Value::from($value)),+] };
}

/// The units.
pub const UNITS: Table<13> = Table {
    name: "units",
    columns: [
        ("id", Int),
        ("code", Text),
        ("name", Text),
        ("kind", Text),
        ("parent_id", Int),
        ("cluster", Text),
        ("sector", Text),
        ("foreign_invested", Int),
        ("member_count", Int),
        ("closed_on", Int),
        ("placeholder", Int),
        ("version", Int),
        ("updated_at", Int),
    ],
};
/// The periods.
pub const PERIODS: Table<14> = Table {
    name: "periods",
    columns: [
        ("id", Int),
        ("code", Text),
        ("name", Text),
        ("kind", Text),
        ("starts_on", Int),
        ("ends_on", Int),
        ("owner_id", Int),
        ("parent_id", Int),
        ("metric", Text),
        ("applied_from", Int),
        ("applied_until", Int),
        ("placeholder", Int),
        ("version", Int),
        ("updated_at", Int),
    ],
};
/// The targets, one for each unit, period, metric, origin and part. An empty text is no group, no field.
pub const TARGETS: Table<12> = Table {
    name: "targets",
    columns: [
        ("unit_id", Int),
        ("period_id", Int),
        ("metric", Text),
        ("origin", Text),
        ("goal", Int),
        ("percent_from", Float),
        ("percent_to", Float),
        ("document_number", Text),
        ("set_at", Int),
        ("version", Int),
        ("author_group", Text),
        ("field", Text),
    ],
};

/// The rules. The definition is the whole rule as JSON.
pub const RULES: Table<5> = Table {
    name: "rules",
    columns: [
        ("code", Text),
        ("owner_id", Int),
        ("definition", Text),
        ("version", Int),
        ("updated_at", Int),
    ],
};

// The busy tables, in the order in which a batch's rows are inserted.
/// The people of each unit, by identity.
pub const PEOPLE: Table<3> =
    Table { name: "people", columns: [("id", Int), ("unit_id", Int), ("identity", Text)] };
/// The initiatives in their last state.
pub const INITIATIVES: Table<24> = Table {
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
        ("told_by", Text),
    ],
};
/// The authors of each initiative, by position.
pub const AUTHORS: Table<7> = Table {
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
/// The tokens.
pub const TOKENS: Table<9> = Table {
    name: "tokens",
    columns: [
        ("id", Int),
        ("name", Text),
        ("role", Text),
        ("unit_id", Int),
        ("digest", Text),
        ("created_at", Int),
        ("expires_at", Int),
        ("revoked_at", Int),
        ("last_used_at", Int),
    ],
};
/// Where a pruned log begins.
pub const PRUNES: Table<3> =
    Table { name: "prunes", columns: [("version", Int), ("day", Int), ("pruned_at", Int)] };
/// The figures of closings.
pub const KEPT_FIGURES: Table<5> = Table {
    name: "kept_figures",
    columns: [("version", Int), ("period_id", Int), ("tag", Int), ("digest", Text), ("body", Text)],
};
/// The log.
pub const EVENTS: Table<8> = Table {
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

/// A person that is new in a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPerson {
    pub id: PersonId,
    pub unit: UnitId,
    pub identity: String,
}

/// New rows of the busy tables, and the head of the log behind them.
pub struct NewRows<'a> {
    pub people: Vec<Row<'a, 3>>,
    pub initiatives: Vec<Row<'a, 24>>,
    pub authors: Vec<Row<'a, 7>>,
    pub events: Vec<Row<'a, 8>>,
    /// The values of the columns of [`HEAD`].
    pub head: [i64; 6],
}

/// The columns of the counter row.
const HEAD: [&str; 6] = ["version", "at", "unit_id", "period_id", "initiative_id", "person_id"];

/// The number of these parameters.
pub const HEAD_VALUES: usize = HEAD.len();

/// Writes the counter row from the parameters of [`NewRows::head`], from number `first`.
pub fn set_head(first: usize) -> String {
    let set = HEAD.iter().zip(first..).map(|(column, number)| format!("{column} = ${number}"));
    let set: Vec<String> = set.collect();
    format!("update counter set {} where id = 1", set.join(", "))
}

/// A row of [`UNITS`].
pub fn unit_row(unit: &Unit, version: Version, at: Timestamp) -> Row<'_, 13> {
    values![
        i64::from(unit.id.0),
        stored_code(unit),
        unit.name.as_str(),
        unit.kind.as_str(),
        unit.parent.map(|id| i64::from(id.0)),
        unit.cluster.as_deref(),
        unit.sector.map(|sector| sector.as_str()),
        i64::from(unit.foreign_invested),
        unit.member_count.map(i64::from),
        unit.closed_on.map(|day| i64::from(day.0)),
        i64::from(unit.placeholder),
        version.0,
        at.0
    ]
}

/// The text behind which the number of a deleted unit stands in its code's column: a control character, which no code has,
/// so the code is free for another unit.
pub const DELETED: char = '\u{18}';

fn stored_code(unit: &Unit) -> Cow<'_, str> {
    if unit.deleted {
        format!("{}{DELETED}{}", unit.code, unit.id.0).into()
    } else {
        unit.code.as_str().into()
    }
}

/// A row of [`PERIODS`].
pub fn period_row(period: &Period, version: Version, at: Timestamp) -> Row<'_, 14> {
    values![
        i64::from(period.id.0),
        period.code.as_str(),
        period.name.as_str(),
        period.kind.as_str(),
        i64::from(period.starts_on.0),
        i64::from(period.ends_on.0),
        i64::from(period.owner.0),
        period.parent.map(|id| i64::from(id.0)),
        period.metric.as_str(),
        period.applied_from.map(|day| i64::from(day.0)),
        period.applied_until.map(|day| i64::from(day.0)),
        i64::from(period.placeholder),
        version.0,
        at.0
    ]
}

/// A row of [`TARGETS`].
pub fn target_row(target: &Target, version: Version) -> Row<'_, 12> {
    let key = &target.key;
    values![
        i64::from(key.unit.0),
        i64::from(key.period.0),
        key.metric.as_str(),
        key.origin.as_str(),
        i64::from(target.goal),
        target.percent_from,
        target.percent_to,
        target.document_number.as_deref(),
        target.set_at.0,
        version.0,
        key.part.group.map_or("", |group| group.as_str()),
        key.part.field.as_deref().unwrap_or_default()
    ]
}

/// A row of [`RULES`].
///
/// # Panics
/// Never: a rule is JSON.
pub fn rule_row(rule: &Rule, at: Timestamp) -> Row<'_, 5> {
    let definition = serde_json::to_string(rule).expect("a rule has only string keys");
    values![rule.code.as_str(), i64::from(rule.owner.0), definition, rule.version.0, at.0]
}

/// A row of [`PEOPLE`].
pub fn person_row(person: &NewPerson) -> Row<'_, 3> {
    values![person.id.0, i64::from(person.unit.0), person.identity.as_str()]
}

/// A row of [`INITIATIVES`].
pub fn initiative_row(it: &Initiative) -> Row<'_, 24> {
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
        title_words(&it.title),
        it.told_by.map(|by| by.as_str())
    ]
}

/// The rows of [`AUTHORS`] of an initiative.
pub fn author_rows(it: &Initiative) -> impl Iterator<Item = Row<'_, 7>> {
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

/// A row of [`EVENTS`].
pub fn event_row(event: &Event) -> Row<'_, 8> {
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

/// The words that a title is found by. The longest titles in scripts of many bytes a letter are cut, since an index has
/// no room for more.
fn title_words(title: &str) -> String {
    let mut words = fold(title);
    words.truncate(words.floor_char_boundary(TITLE_WORDS_MAX));
    words
}
