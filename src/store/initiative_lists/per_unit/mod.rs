//! Pages and counts unit by unit: the index of units is asked for each unit of some lists.
//!
//! Units whose initiatives are all seen, and those of which only the public ones are, are asked apart, so that no row is
//! looked at twice. SQLite answers each list with one text, since its driver copies each value of a row by itself;
//! PostgreSQL reads each unit's first rows in their order (`lateral`).

mod postgres;
mod sqlite;

use super::filter::{Filter, KeyRange, Order, Position, UnitProbe};
use super::statement::{STATUS, Statement};
use crate::domain::{InitiativeId, InitiativeStatus, UnitId};
use crate::store::error::Error;
use crate::store::initiative_lists::queries::list_of;
use crate::store::rows::Columns;
use crate::store::transactions::ReadTx;
use crate::store::tx::Tx;

/// The units of some lists, of which the caller sees all initiatives, or only the public ones.
struct Lists {
    /// The place of each list among those that were asked for, and its units.
    lists: Vec<(usize, Vec<UnitId>)>,
    filter: Filter,
    sees_all: bool,
}

impl Lists {
    /// The part of the lists whose units are seen so; `None` when nothing can be found there.
    fn of(units: &[UnitProbe], filter: &Filter, sees_all: bool) -> Option<Self> {
        let mut filter = filter.clone();
        if !sees_all {
            filter.statuses.retain(|status| *status == InitiativeStatus::Accepted);
        }
        let mut lists: Vec<(usize, Vec<UnitId>)> = Vec::new();
        for probe in units.iter().filter(|probe| probe.seen == sees_all) {
            match lists.last_mut() {
                Some((list, units)) if *list == probe.list => units.push(probe.unit),
                _ => lists.push((probe.list, vec![probe.unit])),
            }
        }
        (!lists.is_empty() && !filter.statuses.is_empty()).then_some(Self {
            lists,
            filter,
            sees_all,
        })
    }

    /// Whether each list is of one unit, whose rows the index holds in the order of their submission.
    fn are_units(&self) -> bool {
        self.lists.iter().all(|(_, units)| units.len() == 1)
    }

    /// The value that orders the rows.
    const fn value(&self, order: Order) -> &'static str {
        match (order, self.sees_all) {
            (Order::SubmittedAt, _) => "i.submitted_at",
            (Order::UpdatedAt, _) => "i.version",
            (Order::Benefit, true) => "coalesce(i.benefit_vnd, -1)",
            (Order::Benefit, false) => {
                "case when i.confidential = 0 then coalesce(i.benefit_vnd, -1) else -1 end"
            }
        }
    }

    /// ` where …` for the seen rows of a unit that the filter lets through.
    fn push_where(&self, sql: &mut Statement, unit: &str) {
        sql.push(&format!(" where i.unit_id = {unit}"));
        if !self.sees_all && self.filter.field.is_some() {
            sql.push(" and i.confidential = 0");
        }
        sql.statuses(&self.filter, STATUS).conditions(&self.filter);
    }

    /// The first rows of a range from `source`, in its order.
    fn push_first(
        &self,
        sql: &mut Statement,
        (source, unit): (&str, &str),
        range: &KeyRange,
        limit: usize,
    ) {
        let (value, direction) = (self.value(range.order), range.direction());
        sql.push(&format!("select {value} as value, i.id as id from {source}"));
        self.push_where(sql, unit);
        sql.between(range, &format!("({value}, i.id)"));
        sql.push(&format!(" order by {value} {direction}, i.id {direction} limit {limit}"));
    }
}

impl ReadTx {
    /// The first rows of several lists at once, at most `limit` of each: those of the units given,
    /// as far as they are seen, each list in its own order.
    ///
    /// # Errors
    /// When the database cannot be read, or a row cannot be understood.
    pub async fn per_unit(
        &mut self,
        filter: &Filter,
        range: &KeyRange,
        units: &[UnitProbe],
        limit: usize,
    ) -> Result<Vec<(usize, Position)>, Error> {
        let mut found: Vec<(usize, Position)> = Vec::new();
        for lists in [true, false].iter().filter_map(|&all| Lists::of(units, filter, all)) {
            let position = |(value, id)| Position { value, id: InitiativeId(id) };
            if matches!(self.tx, Tx::Sqlite(_)) {
                let sql = lists.page_of_sqlite(range, limit);
                let texts = self.listed_with(sql, |row| Ok((list_of(row)?, row.text(1)?))).await?;
                for (place, text) in texts {
                    let rows: Vec<(i64, i64)> = serde_json::from_str(&text)
                        .map_err(|source| sqlx::Error::Decode(source.into()))?;
                    let list = lists.lists[place].0;
                    found.extend(rows.into_iter().map(|row| (list, position(row))));
                }
            } else {
                let sql = lists.page_of_postgres(range, limit);
                let decode = |row: &dyn Columns| Ok((list_of(row)?, (row.int(1)?, row.int(2)?)));
                let rows = self.listed_with(sql, decode).await?;
                found.extend(rows.into_iter().map(|(list, row)| (list, position(row))));
            }
        }
        found.sort_unstable_by(|(list, one), (other_list, other)| {
            let by_position = one.cmp(other);
            let in_order = if range.descending { by_position.reverse() } else { by_position };
            list.cmp(other_list).then(in_order)
        });
        let (mut list, mut taken) = (usize::MAX, 0);
        found.retain(|(of, _)| {
            taken = if *of == list { taken + 1 } else { 1 };
            list = *of;
            taken <= limit
        });
        Ok(found)
    }

    /// The number of visible rows for each list of units.
    ///
    /// # Errors
    /// When the database cannot be read, or a row cannot be understood.
    pub async fn count_per_unit(
        &mut self,
        filter: &Filter,
        units: &[UnitProbe],
    ) -> Result<Vec<(usize, i64)>, Error> {
        let mut found = Vec::new();
        for lists in [true, false].iter().filter_map(|&all| Lists::of(units, filter, all)) {
            let decode = |row: &dyn Columns| Ok((list_of(row)?, row.int(1)?));
            if matches!(self.tx, Tx::Sqlite(_)) {
                let counts = self.listed_with(lists.count_of_sqlite(), decode).await?;
                found.extend(counts.into_iter().map(|(place, n)| (lists.lists[place].0, n)));
            } else {
                found.extend(self.listed_with(lists.count_of_postgres(), decode).await?);
            }
        }
        Ok(found)
    }
}
