//! Rows that come as JSON: SQLite's driver copies each value of a row by itself, so many rows in one text cost it less.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};

use super::error::Error;
use super::rows::Columns;

/// A row that came as an array of its values.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct JsonRow<'a>(#[serde(borrow)] Vec<Cell<'a>>);

#[derive(Debug)]
enum Cell<'a> {
    Null,
    Int(i64),
    Float(f64),
    Text(Cow<'a, str>),
    /// Rows of another table that belong to this one.
    Rows(Vec<JsonRow<'a>>),
}

/// The rows of a text, which is an array of them.
///
/// # Errors
/// When the text is none.
pub fn parse(text: &str) -> Result<Vec<JsonRow<'_>>, Error> {
    Ok(serde_json::from_str(text).map_err(|source| sqlx::Error::Decode(source.into()))?)
}

impl<'a> JsonRow<'a> {
    /// The rows of another table that the column holds.
    ///
    /// # Errors
    /// When it holds something else.
    pub fn rows(&self, column: usize) -> Result<&[JsonRow<'a>], Error> {
        match self.0.get(column) {
            Some(Cell::Rows(rows)) => Ok(rows),
            _ => Err(not(column, "rows")),
        }
    }
}

fn not(column: usize, wanted: &'static str) -> Error {
    let index = column.to_string();
    sqlx::Error::ColumnDecode { index, source: format!("it does not hold {wanted}").into() }.into()
}

impl Columns for JsonRow<'_> {
    fn int(&self, column: usize) -> Result<i64, Error> {
        self.maybe_int(column)?.ok_or_else(|| not(column, "a whole number"))
    }

    fn maybe_int(&self, column: usize) -> Result<Option<i64>, Error> {
        match self.0.get(column) {
            Some(Cell::Null) => Ok(None),
            Some(Cell::Int(number)) => Ok(Some(*number)),
            _ => Err(not(column, "a whole number")),
        }
    }

    fn maybe_float(&self, column: usize) -> Result<Option<f64>, Error> {
        match self.0.get(column) {
            Some(Cell::Null) => Ok(None),
            Some(Cell::Float(number)) => Ok(Some(*number)),
            _ => Err(not(column, "a number")),
        }
    }

    fn text(&self, column: usize) -> Result<String, Error> {
        self.str(column).map(str::to_owned)
    }

    fn maybe_text(&self, column: usize) -> Result<Option<String>, Error> {
        match self.0.get(column) {
            Some(Cell::Null) => Ok(None),
            _ => self.text(column).map(Some),
        }
    }

    fn str(&self, column: usize) -> Result<&str, Error> {
        match self.0.get(column) {
            Some(Cell::Text(text)) => Ok(text),
            _ => Err(not(column, "a text")),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Cell<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Cells;

        impl<'de> Visitor<'de> for Cells {
            type Value = Cell<'de>;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("a number, a text, null or rows")
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Cell::Null)
            }

            fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
                Ok(Cell::Int(number))
            }

            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Self::Value, E> {
                i64::try_from(number).map(Cell::Int).map_err(E::custom)
            }

            fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
                Ok(Cell::Float(number))
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Cell::Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Cell::Text(Cow::Owned(text.to_owned())))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut rows = Vec::new();
                while let Some(row) = seq.next_element()? {
                    rows.push(row);
                }
                Ok(Cell::Rows(rows))
            }
        }

        deserializer.deserialize_any(Cells).map_err(D::Error::custom)
    }
}
