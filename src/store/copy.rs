//! Copies everything that a database holds into another, of either kind.
//!
//! The rows are read in one transaction, so the copy is of one version, and written in one, so it is there as a whole or
//! not at all. Before that one commits, each table of the copy is read back and compared with what was read.

use futures_util::TryStreamExt as _;
use sha2::{Digest as _, Sha256};
use sqlx::AssertSqlSafe;

use super::database::{Effort, Store};
use super::error::Error;
use super::log_head::{self, LastIds, LogHead};
use super::rows::{Columns, number};
use super::tables::{
    AUTHORS, EVENTS, INITIATIVES, KEPT_FIGURES, PEOPLE, PERIODS, PRUNES, RULES, Row, TARGETS,
    TOKENS, Table, Type, UNITS, Value, json,
};
use super::transactions::WriteTx;
use super::tx::{Tx, fetch, on_conn};
use super::{indexes, postgres};
use crate::limits::{BYTES_COPIED_TOGETHER, COPIED_TOGETHER};

/// How a copy differs from its source, and what it may take away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CopyOptions {
    /// Whatever the target holds is deleted; otherwise a target that holds something is refused.
    pub replaces: bool,
    /// The copy gives numbers above these only, and above those of its source.
    pub last_ids: LastIds,
}

/// The extent of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    /// The head of the copy's log.
    pub head: LogHead,
    /// The rows of all tables.
    pub rows: u64,
}

impl Store {
    /// The number of rows that a copy would read, roughly: others may write meanwhile.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn row_count(&self) -> Result<u64, Error> {
        let mut tx = self.begin_long_read().await?.tx;
        let sql = "select (select count(*) from units) + (select count(*) from periods)
            + (select count(*) from targets) + (select count(*) from people)
            + (select count(*) from initiatives) + (select count(*) from authors)
            + (select count(*) from tokens) + (select count(*) from events)
            + (select count(*) from prunes) + (select count(*) from kept_figures)
            + (select count(*) from rules)";
        let count = fetch!(&mut tx, sql, [], number)?;
        Ok(count.first().map_or(0, |&count| count.unsigned_abs()))
    }

    /// The numbers given last.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn last_ids(&self) -> Result<LastIds, Error> {
        let mut tx = self.begin_read().await?.tx;
        Ok(log_head::read(&mut tx).await?.last_ids)
    }

    /// Copies everything to `target`, which has the same tables, and calls `step` with the number of rows done so far:
    /// each is counted when it is written, and again when it is compared.
    ///
    /// # Errors
    /// [`Error::NotEmpty`] when the target holds something and is not to be replaced, [`Error::Served`] when a
    /// server has it open, [`Error::CopyDiffers`] when it does not give the rows back as they were; else when a database
    /// cannot be reached. Nothing is changed then.
    pub async fn copy_to(
        &self,
        target: &Self,
        options: CopyOptions,
        step: impl FnMut(u64),
    ) -> Result<Copied, Error> {
        let mut from = self.begin_long_read().await?.tx;
        let mut head = log_head::read(&mut from).await?;
        let (tx, guard) = target.begin_plain_write(Effort::Long).await?;
        let mut to = WriteTx::begin(tx, &target.known, guard).await?;
        if target.is_served(&mut to.tx).await? {
            return Err(Error::Served);
        }
        if options.replaces {
            empty(&mut to.tx).await?;
        } else if !is_empty(&mut to.tx).await? {
            return Err(Error::NotEmpty);
        }
        indexes::drop_all(&mut to.tx).await?;
        let mut copying = Copying { from: &mut from, to: &mut to.tx, rows: 0, step };
        copying.tree(&UNITS, 4).await?;
        copying.tree(&PERIODS, 7).await?;
        copying.table(&TARGETS).await?;
        copying.table(&RULES).await?;
        copying.table(&TOKENS).await?;
        copying.table(&PEOPLE).await?;
        copying.table(&INITIATIVES).await?;
        copying.table(&AUTHORS).await?;
        copying.table(&EVENTS).await?;
        copying.table(&PRUNES).await?;
        copying.table(&KEPT_FIGURES).await?;
        let rows = copying.rows / 2;
        head.last_ids = head.last_ids.max(options.last_ids);
        log_head::write(&mut to.tx, &head).await?;
        indexes::make_whole(&mut to.tx).await?;
        to.commit().await?;
        target.checkpoint().await?;
        Ok(Copied { head, rows })
    }
}

/// Whether no table holds anything.
async fn is_empty(tx: &mut Tx) -> Result<bool, Error> {
    let sql = "select (select count(*) from units) + (select count(*) from tokens) + version from counter";
    Ok(fetch!(tx, sql, [], number)?.first() == Some(&0))
}

/// Deletes the rows of all tables but those of the counter.
async fn empty(tx: &mut Tx) -> Result<(), Error> {
    let sql = match tx {
        Tx::Sqlite(_) => {
            "delete from events; delete from prunes; delete from kept_figures; delete from authors; delete from initiatives; delete from people;
             delete from targets; delete from rules; delete from periods; delete from tokens; delete from units;"
        }
        Tx::Postgres(_) => postgres::EMPTY,
    };
    tx.run(sql).await
}

struct Copying<'a, Step> {
    from: &'a mut Tx,
    to: &'a mut Tx,
    /// Written, and compared.
    rows: u64,
    step: Step,
}

impl<Step: FnMut(u64)> Copying<'_, Step> {
    /// Copies the rows of a table as they come.
    async fn table<const N: usize>(&mut self, table: &Table<N>) -> Result<(), Error> {
        let insert = Insert::into(table, self.to);
        let mut read = Sum::default();
        on_conn!(&mut *self.from, conn => {
            let mut rows = sqlx::query(AssertSqlSafe(select(table))).fetch(conn);
            let mut together = Vec::with_capacity(COPIED_TOGETHER);
            let mut bytes = 0;
            while let Some(row) = rows.try_next().await? {
                let row = decode(&row, table)?;
                read.add(&row);
                bytes += row.iter().map(Value::bytes).sum::<usize>();
                together.push(row);
                if together.len() == COPIED_TOGETHER || bytes > BYTES_COPIED_TOGETHER {
                    insert.rows(self.to, &together).await?;
                    self.rows += together.len() as u64;
                    (self.step)(self.rows);
                    together.clear();
                    bytes = 0;
                }
            }
            insert.rows(self.to, &together).await?;
            self.rows += together.len() as u64;
        });
        self.compare(table, read).await
    }

    /// Copies the rows of a table whose rows name others of it, in the column `parent`: each after the one that it
    /// names, since the database checks that it is there.
    async fn tree<const N: usize>(&mut self, table: &Table<N>, parent: usize) -> Result<(), Error> {
        let mut rows: Vec<Row<'static, N>> = on_conn!(&mut *self.from, conn => {
            let rows = sqlx::query(AssertSqlSafe(select(table))).fetch(conn);
            rows.map_err(Error::from)
                .and_then(async |row| decode(&row, table))
                .try_collect()
                .await?
        });
        parents_first(&mut rows, parent);
        let mut read = Sum::default();
        rows.iter().for_each(|row| read.add(row));
        let insert = Insert::into(table, self.to);
        for together in rows.chunks(COPIED_TOGETHER) {
            insert.rows(self.to, together).await?;
        }
        self.rows += rows.len() as u64;
        (self.step)(self.rows);
        self.compare(table, read).await
    }

    /// Reads the copy back.
    async fn compare<const N: usize>(&mut self, table: &Table<N>, read: Sum) -> Result<(), Error> {
        let mut written = Sum::default();
        on_conn!(&mut *self.to, conn => {
            let mut rows = sqlx::query(AssertSqlSafe(select(table))).fetch(conn);
            while let Some(row) = rows.try_next().await? {
                written.add(&decode(&row, table)?);
                self.rows += 1;
                if self.rows.is_multiple_of(COPIED_TOGETHER as u64) {
                    (self.step)(self.rows);
                }
            }
        });
        if written == read { Ok(()) } else { Err(Error::CopyDiffers { table: table.name }) }
    }
}

fn select<const N: usize>(table: &Table<N>) -> String {
    format!("select {} from {}", table.names(), table.name)
}

fn decode<const N: usize>(row: &impl Columns, table: &Table<N>) -> Result<Row<'static, N>, Error> {
    let mut values = [const { Value::Int(None) }; N];
    for (place, value) in values.iter_mut().enumerate() {
        *value = match table.columns[place].1 {
            Type::Int => Value::Int(row.maybe_int(place)?),
            Type::Text => Value::Text(row.maybe_text(place)?.map(Into::into)),
            Type::Float => Value::Float(row.maybe_float(place)?),
        };
    }
    Ok(values)
}

/// Sorts rows by how many stand above them. The first column is a row's number.
fn parents_first<const N: usize>(rows: &mut [Row<'_, N>], parent: usize) {
    let number = |value: &Value<'_>| if let Value::Int(number) = value { *number } else { None };
    let above: std::collections::HashMap<Option<i64>, Option<i64>> =
        rows.iter().map(|row| (number(&row[0]), number(&row[parent]))).collect();
    let depth = |row: &Row<'_, N>| {
        let next = |id: &Option<i64>| above.get(id).copied().filter(Option::is_some);
        // Rows in a circle, which the database refuses, end the walk here.
        std::iter::successors(Some(number(&row[0])), next).take(above.len() + 1).count()
    };
    rows.sort_by_cached_key(depth);
}

/// A statement that inserts rows into one table of one database.
struct Insert<'a, const N: usize> {
    table: &'a Table<N>,
    sql: String,
}

impl<'a, const N: usize> Insert<'a, N> {
    fn into(table: &'a Table<N>, to: &Tx) -> Self {
        let sql = match to {
            Tx::Sqlite(_) => table.insert_json(),
            Tx::Postgres(_) => table.insert_arrays(&mut 1),
        };
        Self { table, sql }
    }

    async fn rows(&self, to: &mut Tx, rows: &[Row<'_, N>]) -> Result<(), Error> {
        let Some(text) = json(rows) else { return Ok(()) };
        let query = AssertSqlSafe(self.sql.as_str());
        match to {
            Tx::Sqlite(conn) => {
                sqlx::query(query).bind(text).execute(&mut **conn).await?;
            }
            Tx::Postgres(tx) => {
                let (conn, step) = tx.step();
                step.run(self.table.bind(sqlx::query(query), rows).execute(conn)).await?;
            }
        }
        Ok(())
    }
}

/// A digest of rows that their order does not change: the sum of the digests of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Sum {
    rows: u64,
    digests: u128,
}

impl Sum {
    fn add<const N: usize>(&mut self, row: &Row<'_, N>) {
        let text = serde_json::to_vec(row.as_slice()).expect("texts and numbers are JSON");
        let digest: [u8; 32] = Sha256::digest(&text).into();
        let half = digest.first_chunk().expect("it is longer");
        self.rows += 1;
        self.digests = self.digests.wrapping_add(u128::from_le_bytes(*half));
    }
}
