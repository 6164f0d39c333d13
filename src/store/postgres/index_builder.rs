//! Makes indexes on PostgreSQL, one program at a time, on a connection of its own.
//!
//! Where somebody serves the database, indexes are made beside those who write: slower, and one after the other, but nobody
//! waits. An index whose making was cut off is there and not valid; it is made anew.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Row as _};
use tokio::time::{sleep, timeout};

use super::pool::{Lent, Pool};
use crate::limits::{INDEX_LOOK_EVERY, INDEX_WITHIN};
use crate::store::error::Error;

/// The number of the advisory lock of those who make indexes.
const LOCK: i64 = 0x5361_6e67_6b70;

/// Holds the lock until it is dropped, and its connection ends.
pub struct IndexBuilder {
    lent: Lent,
}

impl IndexBuilder {
    /// Waits for the lock. It asks again and again: a statement that waits would hold up the other's index, which waits
    /// for all statements that began before it.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn begin(pool: &Pool) -> Result<Self, Error> {
        let mut builder = Self { lent: pool.lend().await? };
        let within = builder.lent.reply_within();
        // The index waits for transactions that are under way.
        builder.run("set statement_timeout = 0; set lock_timeout = 0", within).await?;
        while !builder.is_true(format!("select pg_try_advisory_lock({LOCK})")).await? {
            sleep(INDEX_LOOK_EVERY).await;
        }
        Ok(builder)
    }

    /// Makes an index beside others who read and write.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn make_beside_writers(&mut self, name: &str, make: &str) -> Result<(), Error> {
        // These cannot be part of a transaction, as several statements in one text would be.
        self.drop_if_cut_off(name).await?;
        let make = make.replacen("create index", "create index concurrently", 1);
        self.run(&make, INDEX_WITHIN).await
    }

    /// Drops an index whose making was cut off.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn drop_if_cut_off(&mut self, name: &str) -> Result<(), Error> {
        let is_cut_off = format!(
            "select exists (select from pg_index where indexrelid = to_regclass('{name}') and not indisvalid)"
        );
        if self.is_true(is_cut_off).await? {
            self.run(&format!("drop index concurrently if exists {name}"), INDEX_WITHIN).await?;
        }
        Ok(())
    }

    /// Whether a server has the database open.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn is_served(&mut self) -> Result<bool, Error> {
        self.is_true(super::IS_SERVED.replace("$1", &format!("'{}'", super::SERVER))).await
    }

    async fn run(&mut self, sql: &str, within: Duration) -> Result<(), Error> {
        let ran = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut self.lent.conn);
        timeout(within, ran)
            .await
            .map_err(|_| Error::NoAnswer { to: "the making of an index" })??;
        Ok(())
    }

    async fn is_true(&mut self, sql: String) -> Result<bool, Error> {
        let within = self.lent.reply_within();
        let asked = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_one(&mut self.lent.conn);
        let row =
            timeout(within, asked).await.map_err(|_| Error::NoAnswer { to: "a statement" })??;
        Ok(row.try_get(0)?)
    }
}
