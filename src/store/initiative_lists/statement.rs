//! Statements that are put together: conditions, ranges, scans.

use super::filter::{Filter, KeyRange, Order};
use crate::domain::{InitiativeId, InitiativeStatus};
use crate::store::dialect::Dialect;

/// The column of an initiative's status.
pub const STATUS: &str = "i.status";
/// Stands in the place of a column that was not asked for.
pub const NOT_ASKED: &str = "cast(0 as bigint)";

/// The value of a parameter.
pub enum Bind {
    Int(i64),
    Text(String),
}

/// A statement that is put together, with the values of its parameters.
#[derive(Default)]
pub struct Statement {
    pub text: String,
    pub binds: Vec<Bind>,
    /// Whether its plan is kept for the next one of the same text, since it is good for all values.
    pub is_kept: bool,
}

impl Statement {
    /// One whose plan is kept.
    pub fn kept() -> Self {
        Self { is_kept: true, ..Self::default() }
    }

    pub fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    pub fn int(&mut self, value: i64) -> &mut Self {
        self.binds.push(Bind::Int(value));
        self.placeholder()
    }

    pub fn str(&mut self, value: impl Into<String>) -> &mut Self {
        self.binds.push(Bind::Text(value.into()));
        self.placeholder()
    }

    /// ` from …` for the initiatives `i` of these numbers.
    pub fn of_ids(&mut self, dialect: &Dialect, ids: &[InitiativeId]) -> &mut Self {
        let [before, after] = dialect.initiatives_by_id;
        let ids: Vec<String> = ids.iter().map(|id| id.0.to_string()).collect();
        self.push(" from ").push(before).str(format!("[{}]", ids.join(","))).push(after);
        self.push(" where i.id = c.id")
    }

    /// The statement for at most so many rows.
    pub fn limit(mut self, rows: usize) -> Self {
        self.push(&format!(" limit {rows}"));
        self
    }

    fn placeholder(&mut self) -> &mut Self {
        let number = self.binds.len().to_string();
        self.text.push('$');
        self.text.push_str(&number);
        self
    }

    /// ` and …` for everything that the filter asks, its statuses aside.
    pub fn conditions(&mut self, filter: &Filter) -> &mut Self {
        if let Some(kinds) = &filter.kinds {
            self.push(" and i.kind in (").names(kinds.iter().map(|kind| kind.as_str())).push(")");
        }
        if let Some(field) = &filter.field {
            self.push(" and i.field = ").str(field);
        }
        match filter.featured {
            Some(true) => drop(self.push(" and i.featured = 1")),
            Some(false) => drop(self.push(" and i.featured = 0")),
            None => {}
        }
        for word in &filter.words {
            // Words hold letters and digits alone, so nothing in them is a pattern.
            self.push(" and ' ' || i.title_words like ").str(format!("% {word}%"));
        }
        if let Some(from) = filter.from {
            self.push(" and i.submitted_at >= ").int(from.0);
        }
        if let Some(until) = filter.until {
            self.push(" and i.submitted_at < ").int(until.0);
        }
        if let Some(version) = filter.changed_after {
            self.push(" and i.version > ").int(version.0);
        }
        if let Some(token) = &filter.entered_by {
            self.push(" and i.entered_by = ").str(token);
        }
        self
    }

    pub fn statuses(&mut self, filter: &Filter, column: &str) -> &mut Self {
        match filter.statuses.as_slice() {
            [one] => return self.push(&format!(" and {column} = '{}'", one.as_str())),
            all if all.len() == InitiativeStatus::ALL.len() => return self,
            _ => {}
        }
        self.push(&format!(" and {column} in ("));
        self.names(filter.statuses.iter().map(|status| status.as_str())).push(")")
    }

    /// Names of enumerations are constants.
    fn names<'n>(&mut self, names: impl Iterator<Item = &'n str>) -> &mut Self {
        let names: Vec<String> = names.map(|name| format!("'{name}'")).collect();
        // An empty list is not allowed everywhere.
        self.push(&if names.is_empty() { "''".to_owned() } else { names.join(", ") })
    }

    /// ` and …` for the bounds of a range; `key` are the columns of a position.
    pub fn between(&mut self, range: &KeyRange, key: &str) -> &mut Self {
        let (below, above) = if range.descending { ("<", ">") } else { (">", "<") };
        for (position, sign) in [(range.after, below), (range.before, above)] {
            if let Some(position) = position {
                self.push(&format!(" and {key} {sign} ("));
                self.int(position.value).push(", ").int(position.id.0).push(")");
            }
        }
        self
    }
}

/// One scan of an index in its order.
pub struct Scan<'a> {
    pub value: &'a str,
    pub status: &'a str,
    /// More columns, each with a comma before it.
    pub columns: &'a str,
    /// More conditions, each with an `and` before it.
    pub conditions: &'a str,
    pub limit: usize,
}

impl Scan<'_> {
    pub fn push(&self, sql: &mut Statement, filter: &Filter, range: &KeyRange) {
        let Scan { value, status, columns, conditions, limit } = self;
        let direction = range.direction();
        sql.push(&format!(
            "select i.id, i.unit_id, i.status{columns}, {value} as value
             from initiatives i where true{conditions}"
        ));
        sql.statuses(filter, status).conditions(filter).between(range, &format!("({value}, i.id)"));
        // A version is that of one initiative alone.
        let id = match range.order {
            Order::UpdatedAt => String::new(),
            Order::SubmittedAt | Order::Benefit => format!(", i.id {direction}"),
        };
        sql.push(&format!(" order by {value} {direction}{id} limit {limit}"));
    }
}
