//! Facts and log in a database: SQLite (embedded) or PostgreSQL behind one contract.
//!
//! Both promise: a change and its events are one transaction; versions are dense, in commit
//! order, and become visible in that order, since every writing transaction takes the counter row
//! first; a committed change is on disk. The SQL text is shared. The needs of one of the two alone are in `sqlite` and
//! `postgres`: how a database is opened, how transactions begin, locks, checkpoints, how rows come into the busy tables,
//! and a dialect of few words. The migrations differ in their types.
//!
//! Uses go down this list: `migrate` → `indexes`, `nodes`, `write`, `tail` → `events`, `structure`, `initiatives`, `tokens`, `full_scan`,
//! `initiative_lists`, `prune`, `kept` → `database` → `transactions` → `log_head` → `tx` → `sqlite`, `postgres` → `tables`, `rows`,
//! `dialect`, `error` → `lost` → `known_log`.

mod copy;
mod database;
mod dialect;
mod error;
mod events;
mod full_scan;
mod imports;
mod indexes;
mod initiative_lists;
mod initiatives;
mod json_rows;
mod kept;
mod known_log;
mod log_head;
mod lost;
mod migrate;
mod nodes;
mod postgres;
mod prune;
mod rows;
mod rules;
mod sqlite;
mod structure;
mod tables;
mod tail;
mod teams;
mod tokens;
mod transactions;
mod tx;
mod write;

pub use copy::{Copied, CopyOptions};
pub use database::{ServerLock, Store};
pub use error::{Error, is_malformed};
pub use full_scan::{ChangeRow, ChangedState, StateRow, WholeState};
pub use imports::{Entered, EnteredTogether};
pub use indexes::Missing;
pub use initiative_lists::{
    BenefitPart, Filter, KeyRange, ListRow, NO_BENEFIT, Order, Position, UnitProbe,
};
pub use kept::{Damaged, KeptDigest, KeptFigures, digest_of};
pub use known_log::OtherLog;
pub use log_head::{LastIds, LogHead};
pub use lost::{FileLost, LogFileLost, Lost, Mishap};
pub use prune::{LogStart, Removed};
pub use sqlite::{beside, check_not_gone, path_of as file_of};
pub use tables::NewPerson;
pub use tail::{Look, Tail};
pub use teams::TeamCount;
pub use tokens::NewToken;
pub use transactions::{ReadTx, WriteTx};
pub use write::Writes;

impl Store {
    /// Opens `sqlite:///path/file.db` (made when missing) or `postgres://…` and brings its tables
    /// up to date. Indexes of lists that an import has left out stay so.
    ///
    /// # Errors
    /// When the URL is of neither kind, the database cannot be reached, or it was migrated by a
    /// newer program, or by one with other migrations.
    pub async fn open(url: &str) -> Result<Self, Error> {
        let store = Self::connect(url, false).await?;
        migrate::run(&store).await?;
        Ok(store)
    }

    /// Opens a database that exists, to read from it alone: nothing is made or brought up to date, and a file or a role
    /// that may not write is enough.
    ///
    /// # Errors
    /// [`Error::Missing`] when there is no such file, [`Error::Older`] and [`Error::Newer`] when its tables are not
    /// those of this program; else when the database cannot be reached.
    pub async fn open_to_read(url: &str) -> Result<Self, Error> {
        let store = Self::connect_to_read(url).await?;
        migrate::check(&store).await?;
        Ok(store)
    }

    /// Like [`Store::open`], for a server: lists find the indexes that they need, and a server that is
    /// refused leaves the tables as they are.
    ///
    /// # Errors
    /// The errors of [`Store::open`], and [`Error::AlreadyServed`].
    pub async fn open_for_serving(url: &str) -> Result<(Self, ServerLock), Error> {
        let store = Self::connect(url, true).await?;
        let lock = store.lock_for_serving().await?;
        migrate::run_for_serving(&store).await?;
        let missing = store.missing_indexes().await?;
        if !missing.is_empty() {
            let made = |index| tracing::info!(index, "made");
            tracing::info!("making the indexes of lists that an import left out");
            store.make_indexes(missing, made).await?;
        }
        Ok((store, lock))
    }
}

#[cfg(test)]
mod tests {
    use super::tx::Tx;
    use super::*;

    async fn open(dir: &tempfile::TempDir) -> Store {
        let url = format!("sqlite://{}", dir.path().join("it.db").display());
        Store::open(&url).await.unwrap()
    }

    /// SQLite ends a transaction by itself when the disk is full or fails.
    #[tokio::test]
    async fn a_transaction_that_sqlite_gave_up_is_over() {
        let dir = tempfile::tempdir().unwrap();
        let store = open(&dir).await;
        let mut tx = store.begin_write().await.unwrap();
        let Tx::Sqlite(conn) = &mut tx.tx else { unreachable!() };
        sqlx::raw_sql("rollback").execute(&mut **conn).await.unwrap();
        drop(tx);
        store.begin_write().await.expect("the next one begins afresh");
    }

    #[tokio::test]
    async fn a_read_that_sqlite_gave_up_does_not_stand_still() {
        let dir = tempfile::tempdir().unwrap();
        let store = open(&dir).await;
        let mut tx = store.begin_read().await.unwrap();
        let Tx::Sqlite(conn) = &mut tx.tx else { unreachable!() };
        sqlx::raw_sql("rollback").execute(&mut **conn).await.unwrap();
        drop(tx);
        for version in 1..4 {
            let mut tx = store.begin_write().await.unwrap();
            let mut head = tx.head();
            head.version = head.version.next();
            tx.write(&Writes { head, ..Writes::default() }).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(store.begin_read().await.unwrap().version().0, version);
        }
    }
}
