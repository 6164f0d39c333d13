//! The queries of lists, one for each access path, and counts.

use std::collections::HashSet;

use sqlx::AssertSqlSafe;

use super::filter::{BenefitPart, Filter, KeyRange, ListRow, NO_BENEFIT, Order, Position};
use super::statement::{Bind, NOT_ASKED, STATUS, Scan, Statement};
use crate::domain::{InitiativeId, Version};
use crate::store::error::Error;
use crate::store::rows::{Columns, Place};
use crate::store::transactions::ReadTx;
use crate::store::tx::on;

impl ReadTx {
    /// The next rows of a range, at most `limit`, wherever their units are. `with_confidential` costs
    /// a look at the row itself.
    ///
    /// # Errors
    /// When the database cannot be read, or a row cannot be understood.
    pub async fn index_scan(
        &mut self,
        filter: &Filter,
        range: &KeyRange,
        part: BenefitPart,
        with_confidential: bool,
        limit: usize,
    ) -> Result<Vec<ListRow>, Error> {
        let mut sql = Statement::default();
        self.push_index_scan(&mut sql, filter, range, part, with_confidential, limit);
        self.listed_with(sql, |row| listed(row, 0)).await
    }

    /// As [`Self::index_scan`] by the time of submission, but of the next `window` rows only those whose
    /// titles hold the filter's words.
    ///
    /// # Errors
    /// When the database cannot be read, or a row cannot be understood.
    pub async fn scan_window(
        &mut self,
        filter: &Filter,
        range: &KeyRange,
        with_confidential: bool,
        window: usize,
    ) -> Result<Vec<ListRow>, Error> {
        let wordless = Filter { words: Vec::new(), ..filter.clone() };
        let words = Filter { words: filter.words.clone(), ..Filter::default() };
        let direction = range.direction();
        let mut sql = Statement::default();
        // Each title is looked up by its number, however many PostgreSQL believes that there are.
        sql.push("select i.id, i.unit_id, i.status, i.confidential, i.value from (select w.*, ");
        sql.push(
            "(select t.title_words from initiatives t where t.id = w.id) as title_words from (",
        );
        let part = BenefitPart::Stated;
        self.push_index_scan(&mut sql, &wordless, range, part, with_confidential, window);
        sql.push(") w) i where true").conditions(&words);
        sql.push(&format!(" order by i.value {direction}, i.id {direction}"));
        self.listed_with(sql, |row| listed(row, 0)).await
    }

    fn push_index_scan(
        &self,
        sql: &mut Statement,
        filter: &Filter,
        range: &KeyRange,
        part: BenefitPart,
        with_confidential: bool,
        limit: usize,
    ) {
        let direction = range.direction();
        let confidential = if with_confidential { "i.confidential" } else { NOT_ASKED };
        let columns = &format!(", {confidential} as confidential");
        let scan = Scan { value: "i.submitted_at", status: STATUS, columns, conditions: "", limit };
        let aside = self.tx.dialect().status_beside_order;
        match range.order {
            Order::SubmittedAt if filter.featured == Some(true) || filter.field.is_some() => {
                Scan { status: aside, ..scan }.push(sql, filter, range);
            }
            Order::SubmittedAt => {
                sql.push("select id, unit_id, status, confidential, value from (");
                for (place, status) in filter.statuses.iter().enumerate() {
                    sql.push(if place == 0 {
                        "select * from ("
                    } else {
                        " union all select * from ("
                    });
                    let one = Filter { statuses: vec![*status], ..filter.clone() };
                    scan.push(sql, &one, range);
                    sql.push(&format!(") s{place}"));
                }
                sql.push(&format!(") w order by value {direction}, id {direction} limit {limit}"));
            }
            Order::UpdatedAt => {
                Scan { value: "i.version", status: aside, ..scan }.push(sql, filter, range);
            }
            Order::Benefit => match part {
                BenefitPart::Stated => {
                    let conditions = " and i.benefit_vnd is not null";
                    let value = "i.benefit_vnd";
                    Scan { value, status: aside, conditions, ..scan }.push(sql, filter, range);
                }
                BenefitPart::NotStated => {
                    sql.push(&format!(
                        "select i.id, i.unit_id, i.status, i.confidential,
                            coalesce(i.benefit_vnd, {NO_BENEFIT})
                         from initiatives i
                         where (i.benefit_vnd is null or i.confidential = 1)"
                    ));
                    sql.statuses(filter, aside).conditions(filter);
                    let by_id = |position: Position| position.id;
                    let (below, above) = if range.descending { ("<", ">") } else { (">", "<") };
                    for (position, sign) in [(range.after, below), (range.before, above)] {
                        if let Some(id) = position.map(by_id) {
                            sql.push(&format!(" and i.id {sign} ")).int(id.0);
                        }
                    }
                    sql.push(&format!(" order by i.id {direction} limit {limit}"));
                }
            },
        }
    }

    /// The rows with these numbers that the filter lets through, in no order.
    ///
    /// # Errors
    /// When the database cannot be read, or a row cannot be understood.
    pub async fn candidates(
        &mut self,
        filter: &Filter,
        order: Order,
        ids: &[InitiativeId],
    ) -> Result<Vec<ListRow>, Error> {
        let value = match order {
            Order::SubmittedAt => "i.submitted_at",
            Order::UpdatedAt => "i.version",
            Order::Benefit => "coalesce(i.benefit_vnd, -1)",
        };
        let mut sql = Statement::default();
        sql.push(&format!("select i.id, i.unit_id, i.status, i.confidential, {value}"));
        sql.of_ids(self.tx.dialect(), ids);
        sql.statuses(filter, STATUS).conditions(filter);
        self.listed_with(sql, |row| listed(row, 0)).await
    }

    /// Initiatives whose titles hold a word that begins so, at most `limit`, in no order.
    ///
    /// # Errors
    /// When the database cannot be read, or a row cannot be understood.
    pub async fn with_word(
        &mut self,
        word: &str,
        limit: usize,
    ) -> Result<Vec<InitiativeId>, Error> {
        let mut sql = Statement::default();
        let dialect = self.tx.dialect();
        let [before, after] = dialect.ids_by_words;
        sql.push(before).str(dialect.words(&[word])).push(after);
        self.packed_ids(sql.limit(limit)).await
    }

    /// The work of naming one initiative by [`Self::with_word`], where looking one through by [`Self::having_words`] is 1.
    pub fn naming_cost(&self) -> f64 {
        self.tx.dialect().naming_cost
    }

    /// Those of these initiatives whose titles hold all of the words, in no order.
    ///
    /// # Errors
    /// When the database cannot be read, or a row cannot be understood.
    pub async fn having_words(
        &mut self,
        words: &[String],
        ids: &[InitiativeId],
    ) -> Result<HashSet<InitiativeId>, Error> {
        let filter = Filter { words: words.to_vec(), ..Filter::default() };
        let mut sql = Statement::default();
        sql.push("select i.id").of_ids(self.tx.dialect(), ids);
        sql.conditions(&filter);
        self.packed_ids(sql).await
    }

    /// Initiatives that changed after a version, at most `limit`.
    ///
    /// # Errors
    /// When the database cannot be read, or a row cannot be understood.
    pub async fn changed_after(
        &mut self,
        version: Version,
        limit: usize,
    ) -> Result<Vec<InitiativeId>, Error> {
        let mut sql = Statement::default();
        sql.push("select id from initiatives where version > ").int(version.0);
        self.packed_ids(sql.limit(limit)).await
    }

    /// The numbers that a statement finds, as one text: thousands of rows cost the driver more than
    /// the database takes for them.
    async fn packed_ids<Ids: FromIterator<InitiativeId>>(
        &mut self,
        ids: Statement,
    ) -> Result<Ids, Error> {
        let text = format!("select string_agg(cast(id as text), ',') from ({}) found", ids.text);
        let sql = Statement { text, ..ids };
        let texts = self.listed_with(sql, |row| row.maybe_text(0)).await?;
        let ids = texts.iter().flatten().flat_map(|text| text.split(','));
        let id = |text: &str| Place { table: "initiatives", key: &text }.parse("id", text);
        ids.map(|text| id(text).map(InitiativeId)).collect()
    }

    /// The number of rows in all units; `public` leaves out those that only managers see.
    ///
    /// # Errors
    /// When the database cannot be read, or a row cannot be understood.
    pub async fn count_all(&mut self, filter: &Filter, public: bool) -> Result<i64, Error> {
        let mut sql = Statement::default();
        sql.push("select count(*) from initiatives i where true").statuses(filter, STATUS);
        if public {
            sql.push(" and i.status = 'ACCEPTED'");
            if filter.field.is_some() {
                sql.push(" and i.confidential = 0");
            }
        }
        sql.conditions(filter);
        if !filter.words.is_empty() {
            let dialect = self.tx.dialect();
            let [before, after] = dialect.has_words;
            sql.push(before).str(dialect.words(&filter.words)).push(after);
        }
        let counts = self.listed_with(sql, |row| row.int(0)).await?;
        Ok(counts.first().copied().unwrap_or_default())
    }

    pub(super) async fn listed_with<T>(
        &mut self,
        sql: Statement,
        decode: impl Fn(&dyn Columns) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        self.note_statement();
        let persistent = sql.is_kept || self.tx.dialect().keeps_plans;
        on!(&mut self.tx, conn => {
            let mut query = sqlx::query(AssertSqlSafe(sql.text)).persistent(persistent);
            for bind in sql.binds {
                query = match bind {
                    Bind::Int(value) => query.bind(value),
                    Bind::Text(value) => query.bind(value),
                };
            }
            query.fetch_all(conn)
        }, rows => rows.iter().map(|row| decode(row)).collect())
    }
}

fn listed(row: &dyn Columns, first: usize) -> Result<ListRow, Error> {
    let id = row.int(first)?;
    let place = Place { table: "initiatives", key: &id };
    Ok(ListRow {
        unit: place.unit("unit_id", row.int(first + 1)?)?,
        status: place.parse("status", row.str(first + 2)?)?,
        confidential: row.int(first + 3)? != 0,
        position: Position { value: row.int(first + 4)?, id: InitiativeId(id) },
    })
}

/// The place of a list, which is the first column.
///
/// # Errors
/// When it cannot be understood.
pub(super) fn list_of(row: &dyn Columns) -> Result<usize, Error> {
    Place { table: "initiatives", key: &"listed" }.narrow("list", row.int(0)?)
}
