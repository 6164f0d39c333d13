//! The nodes that serve the database, as each notes itself. While nodes are replaced one by one, a new one looks here for
//! what the oldest can read.

use super::database::{Effort, Store};
use super::error::Error;
use super::rows::{Columns, Place, number};
use super::transactions::WriteTx;
use super::tx::{Tx, execute, fetch};
use crate::domain::Release;
use crate::limits::{NODE_GONE_AFTER, NODES_KEPT};

/// A statement with the present time, in milliseconds, at this place. It is the database's own, or of SQLite, whose
/// programs are on one machine, the machine's.
macro_rules! at_present {
    ($tx:expr, $begin:literal, $end:literal) => {
        match $tx {
            Tx::Sqlite(_) => {
                concat!($begin, "cast(unixepoch('subsec') * 1000 as integer)", $end)
            }
            Tx::Postgres(_) => concat!(
                $begin,
                "cast(trunc(extract(epoch from clock_timestamp()) * 1000) as bigint)",
                $end
            ),
        }
    };
}

/// Notes that a node of this program begins to serve; others begin before or after. Returns its number.
///
/// # Errors
/// When the database does not take it.
pub async fn note_begin(tx: &mut Tx) -> Result<i64, Error> {
    if let Tx::Sqlite(_) = tx {
        // It has one server, and that is us.
        let sql = "update nodes set ended_at = last_seen where ended_at is null";
        execute!(tx, sql, []);
    }
    let sql = at_present!(
        tx,
        "insert into nodes (id, release, first_seen, last_seen)
         select highest.id + 1, $1, present.at, present.at
         from (select coalesce(max(id), 0) as id from nodes) as highest, (select ",
        " as at) as present
         returning id"
    );
    let ids = fetch!(tx, sql, [Release::OWN.to_string()], number)?;
    let id = ids.first().copied().ok_or(Error::Gap(0))?;
    // One that still serves keeps its row, or newer ones would write what it cannot read.
    let sql = at_present!(
        tx,
        "delete from nodes where id <= $1 and (ended_at is not null or last_seen <= ",
        " - $2)"
    );
    execute!(tx, sql, [id - NODES_KEPT, gone_after()]);
    Ok(id)
}

impl Store {
    /// Notes that this node serves the database still; nothing if it does not.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn note_node(&self) -> Result<(), Error> {
        let Some(&id) = self.node.get() else { return Ok(()) };
        let (mut tx, _guard) = self.begin_plain_write(Effort::Brief).await?;
        let sql =
            at_present!(tx, "update nodes set ended_at = null, last_seen = ", " where id = $1");
        execute!(&mut tx, sql, [id]);
        tx.commit().await
    }

    /// Notes that this node serves the database no more: nobody waits for it to be replaced.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn note_end(&self) -> Result<(), Error> {
        let Some(&id) = self.node.get() else { return Ok(()) };
        let (mut tx, _guard) = self.begin_plain_write(Effort::Brief).await?;
        let sql = at_present!(tx, "update nodes set ended_at = ", " where id = $1");
        execute!(&mut tx, sql, [id]);
        tx.commit().await
    }
}

impl WriteTx {
    /// The oldest release of the nodes that serve the database; `None` where none does. A node that begins to serve before
    /// the transaction ends is of no older one than the tables admit.
    ///
    /// # Errors
    /// When the database cannot be read, or a row cannot be understood.
    pub async fn oldest_release(&mut self) -> Result<Option<Release>, Error> {
        let sql = at_present!(
            self.tx,
            "select id, release from nodes where ended_at is null and last_seen > ",
            " - $1"
        );
        let releases = fetch!(&mut self.tx, sql, [gone_after()], release)?;
        Ok(releases.into_iter().min())
    }
}

/// Milliseconds of [`NODE_GONE_AFTER`].
fn gone_after() -> i64 {
    i64::try_from(NODE_GONE_AFTER.as_millis()).unwrap_or(i64::MAX)
}

fn release(row: &impl Columns) -> Result<Release, Error> {
    let id = row.int(0)?;
    Place { table: "nodes", key: &id }.parse("release", row.str(1)?)
}
