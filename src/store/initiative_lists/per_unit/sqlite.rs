//! SQLite's statements: a text, or a count, for each list.

use super::{KeyRange, Lists, Statement};
use crate::domain::UnitId;

impl Lists {
    /// Where SQLite finds a list's rows, and the number of their unit.
    fn source(&self) -> (&'static str, &'static str) {
        if self.are_units() {
            ("initiatives i", "l.value")
        } else {
            ("json_each(l.value) u cross join initiatives i", "u.value")
        }
    }

    /// The parameter of the lists for SQLite: a unit for each, or an array of units.
    fn as_json(&self) -> String {
        let lists = self.lists.iter().map(|(_, units)| units);
        let text = if self.are_units() {
            serde_json::to_string(&lists.map(|units| units[0]).collect::<Vec<UnitId>>())
        } else {
            serde_json::to_string(&lists.collect::<Vec<_>>())
        };
        text.expect("numbers are JSON")
    }

    /// The first positions of each list as JSON.
    pub(super) fn page_of_sqlite(&self, range: &KeyRange, limit: usize) -> Statement {
        let mut sql = Statement::kept();
        sql.push("select l.key, (select json_group_array(json_array(value, id)) from (");
        self.push_first(&mut sql, self.source(), range, limit);
        sql.push(")) from json_each(").str(self.as_json()).push(") l");
        sql
    }

    /// The number of rows of each list.
    pub(super) fn count_of_sqlite(&self) -> Statement {
        let (source, unit) = self.source();
        let mut sql = Statement::kept();
        sql.push(&format!("select l.key, (select count(*) from {source}"));
        self.push_where(&mut sql, unit);
        sql.push(") from json_each(").str(self.as_json()).push(") l");
        sql
    }
}
