//! From columns to values; one decoder for each table. Data that cannot be understood names its table, row and column.

use std::fmt::Display;
use std::str::FromStr;

use sqlx::Row as _;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;

use super::error::Error;
use crate::domain::initiative::RejectionReason;
use crate::domain::target::Part;
use crate::domain::{
    Author, Day, Event, EventBody, Initiative, InitiativeId, Period, PeriodId, PersonId, Rule,
    Target, TargetKey, Timestamp, UnitId, Version,
};

/// A row of either database. Integers are 64 bits wide in both.
pub trait Columns {
    fn int(&self, column: usize) -> Result<i64, Error>;
    fn maybe_int(&self, column: usize) -> Result<Option<i64>, Error>;
    fn maybe_float(&self, column: usize) -> Result<Option<f64>, Error>;
    fn text(&self, column: usize) -> Result<String, Error>;
    fn maybe_text(&self, column: usize) -> Result<Option<String>, Error>;
    fn str(&self, column: usize) -> Result<&str, Error>;
}

/// Decodes a row of one number.
///
/// # Errors
/// When a column cannot be understood.
pub fn number(row: &impl Columns) -> Result<i64, Error> {
    row.int(0)
}

macro_rules! columns {
    ($row:ty) => {
        impl Columns for $row {
            fn int(&self, column: usize) -> Result<i64, Error> {
                Ok(self.try_get(column)?)
            }
            fn maybe_int(&self, column: usize) -> Result<Option<i64>, Error> {
                Ok(self.try_get(column)?)
            }
            fn maybe_float(&self, column: usize) -> Result<Option<f64>, Error> {
                Ok(self.try_get(column)?)
            }
            fn text(&self, column: usize) -> Result<String, Error> {
                Ok(self.try_get(column)?)
            }
            fn maybe_text(&self, column: usize) -> Result<Option<String>, Error> {
                Ok(self.try_get(column)?)
            }
            fn str(&self, column: usize) -> Result<&str, Error> {
                Ok(self.try_get(column)?)
            }
        }
    };
}
columns!(SqliteRow);
columns!(PgRow);

/// Names the place of what could not be understood.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub table: &'static str,
    pub key: &'a dyn Display,
}

impl Place<'_> {
    fn bad(
        &self,
        column: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Error {
        Error::Row { table: self.table, key: self.key.to_string(), column, source: source.into() }
    }

    /// A text of the column, as a value.
    ///
    /// # Errors
    /// [`Error::Row`] when the text is none.
    pub fn parse<T>(&self, column: &'static str, text: &str) -> Result<T, Error>
    where
        T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
    {
        text.parse().map_err(|source| self.bad(column, source))
    }

    /// Like [`Self::parse`]; `None` for a null.
    ///
    /// # Errors
    /// [`Error::Row`] when the text is none.
    pub fn parse_maybe<T>(
        &self,
        column: &'static str,
        text: Option<String>,
    ) -> Result<Option<T>, Error>
    where
        T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
    {
        text.map(|text| self.parse(column, &text)).transpose()
    }

    /// A number of the column in a smaller type.
    ///
    /// # Errors
    /// [`Error::Row`] when it does not fit.
    pub fn narrow<T>(&self, column: &'static str, number: i64) -> Result<T, Error>
    where
        T: TryFrom<i64, Error: std::error::Error + Send + Sync + 'static>,
    {
        T::try_from(number).map_err(|source| self.bad(column, source))
    }

    /// A day of the column, counted from 1970-01-01; `None` for a null.
    ///
    /// # Errors
    /// [`Error::Row`] when it does not fit.
    pub fn day(&self, column: &'static str, number: Option<i64>) -> Result<Option<Day>, Error> {
        number.map(|number| self.narrow(column, number).map(Day)).transpose()
    }

    /// The number of a unit in the column.
    ///
    /// # Errors
    /// [`Error::Row`] when it does not fit.
    pub fn unit(&self, column: &'static str, number: i64) -> Result<UnitId, Error> {
        self.narrow(column, number).map(UnitId)
    }
}

macro_rules! period_columns {
    () => {
        "id, code, name, kind, starts_on, ends_on, owner_id, parent_id, \
    metric, applied_from, applied_until, placeholder, version, updated_at"
    };
}
pub(super) use period_columns;

/// Decodes the columns of `period_columns`.
///
/// # Errors
/// When a column cannot be understood.
pub fn period(row: &impl Columns) -> Result<(Period, Version, Timestamp), Error> {
    let id = row.int(0)?;
    let place = Place { table: "periods", key: &id };
    let period_id = |column, number| place.narrow(column, number).map(PeriodId);
    let period = Period {
        id: period_id("id", id)?,
        code: row.text(1)?,
        name: row.text(2)?,
        kind: place.parse("kind", row.str(3)?)?,
        starts_on: Day(place.narrow("starts_on", row.int(4)?)?),
        ends_on: Day(place.narrow("ends_on", row.int(5)?)?),
        owner: place.unit("owner_id", row.int(6)?)?,
        parent: row.maybe_int(7)?.map(|id| period_id("parent_id", id)).transpose()?,
        metric: place.parse("metric", row.str(8)?)?,
        applied_from: place.day("applied_from", row.maybe_int(9)?)?,
        applied_until: place.day("applied_until", row.maybe_int(10)?)?,
        placeholder: row.int(11)? != 0,
    };
    Ok((period, Version(row.int(12)?), Timestamp(row.int(13)?)))
}

macro_rules! target_columns {
    () => {
        "unit_id, period_id, metric, origin, goal, percent_from, \
    percent_to, document_number, set_at, version, author_group, field"
    };
}
pub(super) use target_columns;

/// Decodes the columns of `target_columns`.
///
/// # Errors
/// When a column cannot be understood.
pub fn target(row: &impl Columns) -> Result<(Target, Version), Error> {
    let unit = row.int(0)?;
    let place = Place { table: "targets", key: &format_args!("of unit {unit}") };
    let target = Target {
        key: TargetKey {
            unit: place.unit("unit_id", unit)?,
            period: PeriodId(place.narrow("period_id", row.int(1)?)?),
            metric: place.parse("metric", row.str(2)?)?,
            origin: place.parse("origin", row.str(3)?)?,
            part: Part {
                group: Some(row.str(10)?)
                    .filter(|group| !group.is_empty())
                    .map(|group| place.parse("author_group", group))
                    .transpose()?,
                field: Some(row.text(11)?).filter(|field| !field.is_empty()),
            },
        },
        goal: place.narrow("goal", row.int(4)?)?,
        percent_from: row.maybe_float(5)?,
        percent_to: row.maybe_float(6)?,
        document_number: row.maybe_text(7)?,
        set_at: Timestamp(row.int(8)?),
    };
    Ok((target, Version(row.int(9)?)))
}

macro_rules! rule_columns {
    () => {
        "code, definition, version, updated_at"
    };
}
pub(super) use rule_columns;

/// Decodes the columns of `rule_columns`.
///
/// # Errors
/// When a column cannot be understood.
pub fn rule(row: &impl Columns) -> Result<(Rule, Timestamp), Error> {
    let code = row.text(0)?;
    let place = Place { table: "rules", key: &code };
    let rule =
        serde_json::from_str(row.str(1)?).map_err(|source| place.bad("definition", source))?;
    Ok((rule, Timestamp(row.int(3)?)))
}

macro_rules! initiative_columns {
    () => {
        "id, key, content_hash, unit_id, title, summary, kind, \
    field, team, applied_on, recognised_by, confidential, benefit_vnd, status, rejection_reason, \
    review_note, featured, entered_by, submitted_at, updated_at, reviewed_at, version, told_by"
    };
}
pub(super) use initiative_columns;

/// Reads an initiative without its authors, which are rows of their own.
///
/// # Errors
/// When a column cannot be understood.
pub fn initiative(row: &impl Columns) -> Result<Initiative, Error> {
    let id = row.int(0)?;
    let place = Place { table: "initiatives", key: &id };
    Ok(Initiative {
        id: InitiativeId(id),
        key: row.text(1)?,
        content_hash: row.text(2)?,
        unit: place.unit("unit_id", row.int(3)?)?,
        title: row.text(4)?,
        summary: row.maybe_text(5)?,
        kind: place.parse("kind", row.str(6)?)?,
        field: row.maybe_text(7)?,
        team: row.maybe_text(8)?,
        authors: Vec::new(),
        applied_on: place.day("applied_on", row.maybe_int(9)?)?,
        recognised_by: row.maybe_text(10)?,
        confidential: row.int(11)? != 0,
        benefit_vnd: row.maybe_int(12)?,
        status: place.parse("status", row.str(13)?)?,
        rejection_reason: place
            .parse_maybe::<RejectionReason>("rejection_reason", row.maybe_text(14)?)?,
        review_note: row.maybe_text(15)?,
        featured: row.int(16)? != 0,
        entered_by: row.text(17)?,
        submitted_at: Timestamp(row.int(18)?),
        updated_at: Timestamp(row.int(19)?),
        reviewed_at: row.maybe_int(20)?.map(Timestamp),
        version: Version(row.int(21)?),
        told_by: place.parse_maybe("told_by", row.maybe_text(22)?)?,
    })
}

macro_rules! author_columns {
    () => {
        "initiative_id, person_id, name, person_code, author_group, contact"
    };
}
pub(super) use author_columns;

/// Decodes the columns of `author_columns`.
///
/// # Errors
/// When a column cannot be understood.
pub fn author(row: &impl Columns) -> Result<(InitiativeId, Author), Error> {
    let initiative = row.int(0)?;
    let place = Place { table: "authors", key: &format_args!("of initiative {initiative}") };
    let author = Author {
        person: PersonId(row.int(1)?),
        name: row.text(2)?,
        person_code: row.maybe_text(3)?,
        group: place.parse_maybe("author_group", row.maybe_text(4)?)?,
        contact: row.maybe_text(5)?,
    };
    Ok((InitiativeId(initiative), author))
}

macro_rules! event_columns {
    () => {
        "version, at, tag, kind, actor, reason, body"
    };
}
pub(super) use event_columns;

/// Decodes the columns of `event_columns`.
///
/// # Errors
/// When a column cannot be understood.
pub fn event(row: &impl Columns) -> Result<Event, Error> {
    let version = row.int(0)?;
    let place = Place { table: "events", key: &version };
    Ok(Event {
        version: Version(version),
        at: Timestamp(row.int(1)?),
        tag: row.int(2)?,
        actor: row.maybe_text(4)?,
        reason: row.maybe_text(5)?,
        body: EventBody::from_json(row.str(3)?, row.str(6)?)
            .map_err(|source| place.bad("body", source))?,
    })
}
