//! PostgreSQL's statements: a row for each position, or a count for each list.

use super::{KeyRange, Lists, Statement};

impl Lists {
    /// The parameters of the lists for PostgreSQL: the list of each unit, and the unit.
    fn as_arrays(&self) -> [String; 2] {
        let each = || {
            self.lists.iter().flat_map(|(list, units)| units.iter().map(move |unit| (*list, *unit)))
        };
        let array = |numbers: Vec<String>| format!("{{{}}}", numbers.join(","));
        [
            array(each().map(|(list, _)| list.to_string()).collect()),
            array(each().map(|(_, unit)| unit.0.to_string()).collect()),
        ]
    }

    fn push_arrays(&self, sql: &mut Statement) {
        let [lists, units] = self.as_arrays();
        sql.push(" from unnest(cast(cast(").str(lists);
        sql.push(" as text) as bigint[]), cast(cast(").str(units);
        sql.push(" as text) as bigint[])) as u(list, unit_id)");
    }

    /// The first positions of each list.
    pub(super) fn page_of_postgres(&self, range: &KeyRange, limit: usize) -> Statement {
        let direction = range.direction();
        let is_one = self.lists.len() == 1;
        let is_cut = !is_one && !self.are_units();
        let mut sql = Statement::kept();
        if is_cut {
            sql.push(&format!(
                "select list, value, id from (
                    select u.list, r.value, r.id, row_number() over (
                        partition by u.list order by r.value {direction}, r.id {direction}) as place"
            ));
        } else {
            sql.push("select u.list, r.value, r.id");
        }
        self.push_arrays(&mut sql);
        sql.push(" cross join lateral (");
        self.push_first(&mut sql, ("initiatives i", "u.unit_id"), range, limit);
        sql.push(") r");
        if is_cut {
            sql.push(&format!(") p where place <= {limit}"));
        } else if is_one {
            // Then the best rows so far are all that is kept while the others are read.
            sql.push(&format!(" order by r.value {direction}, r.id {direction} limit {limit}"));
        }
        sql
    }

    /// The number of rows of each list that has any.
    pub(super) fn count_of_postgres(&self) -> Statement {
        let mut sql = Statement::kept();
        sql.push("select u.list, count(*)");
        self.push_arrays(&mut sql);
        sql.push(" cross join initiatives i");
        self.push_where(&mut sql, "u.unit_id");
        sql.push(" group by u.list");
        sql
    }
}
