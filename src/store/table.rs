//! Rows on their way into a busy table, written down once for both databases: SQLite takes them as
//! JSON, PostgreSQL as an array for each column, since to it reading JSON is dear.

use std::borrow::Cow;

use serde::Serialize;
use sqlx::Postgres;
use sqlx::postgres::{PgArguments, PgBindIterExt as _};
use sqlx::query::Query;

#[derive(Debug, Clone, Copy)]
pub enum Type {
    Int,
    Text,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Value<'a> {
    Int(Option<i64>),
    Text(Option<Cow<'a, str>>),
}

/// The values of a row, in the order of its table's columns.
pub type Row<'a, const N: usize> = [Value<'a>; N];

/// Where rows are inserted.
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

    /// Inserts the rows of the arrays that the parameters give, from number `next`, which becomes the
    /// number of the one behind them.
    pub fn insert_arrays(&self, next: &mut usize) -> String {
        let array = |(number, (_, kind)): (usize, &(&str, Type))| match kind {
            Type::Int => format!("${number}::bigint[]"),
            Type::Text => format!("${number}::text[]"),
        };
        let arrays: Vec<String> = (*next..).zip(&self.columns).map(array).collect();
        *next += N;
        let names = self.names();
        format!("insert into {} ({names}) select * from unnest({})", self.name, arrays.join(", "))
    }

    fn names(&self) -> String {
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
            };
        }
        query
    }
}

/// One array of all rows; `None` when there are none.
pub fn json<const N: usize>(rows: &[Row<'_, N>]) -> Option<String> {
    let rows: Vec<&[Value<'_>]> = rows.iter().map(<[_; N]>::as_slice).collect();
    let text = || serde_json::to_string(&rows).expect("texts and numbers are JSON");
    (!rows.is_empty()).then(text)
}

impl Value<'_> {
    fn int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => *number,
            Self::Text(_) => unreachable!("the column is of numbers"),
        }
    }

    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => text.as_deref(),
            Self::Int(_) => unreachable!("the column is of texts"),
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

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Some(text.into()))
    }
}
