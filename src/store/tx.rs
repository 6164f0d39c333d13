//! A transaction on either database, and statements that run the same on both.

use sqlx::{Postgres, Sqlite, Transaction};

use super::dialect::Dialect;
use super::error::Error;
use super::{postgres, sqlite};

/// A transaction on either database; dropped without a commit it is rolled back.
pub enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// Runs the same expression on whichever connection is there.
macro_rules! on {
    ($tx:expr, $conn:ident => $body:expr) => {
        match $tx {
            $crate::store::tx::Tx::Sqlite($conn) => $body,
            $crate::store::tx::Tx::Postgres($conn) => $body,
        }
    };
}

/// All rows of a statement, each turned into a value by a function of its columns.
macro_rules! fetch {
    ($tx:expr, $sql:expr, [$($bind:expr),*], $decode:expr) => {
        $crate::store::tx::on!($tx, conn => {
            let rows = sqlx::query($sql)$(.bind($bind))*.fetch_all(&mut **conn).await?;
            rows.iter().map(|row| $decode(row)).collect::<Result<Vec<_>, $crate::store::error::Error>>()
        })
    };
}

/// Executes a statement; gives the number of rows that it changed.
macro_rules! execute {
    ($tx:expr, $sql:expr, [$($bind:expr),*]) => {
        $crate::store::tx::on!($tx, conn => {
            sqlx::query($sql)$(.bind($bind))*.execute(&mut **conn).await?.rows_affected()
        })
    };
}

pub(super) use {execute, fetch, on};

impl Tx {
    /// # Errors
    /// When the outcome is not known: the transaction may have been committed.
    pub async fn commit(self) -> Result<(), Error> {
        on!(self, conn => conn.commit().await?);
        Ok(())
    }

    /// Runs statements without parameters, as they stand in one text.
    ///
    /// # Errors
    /// When the database does not take one of them.
    pub async fn run(&mut self, sql: &'static str) -> Result<(), Error> {
        on!(self, conn => sqlx::raw_sql(sql).execute(&mut **conn).await?.rows_affected());
        Ok(())
    }

    /// The words of the database that it is on.
    pub const fn dialect(&self) -> &'static Dialect {
        match self {
            Self::Sqlite(_) => &sqlite::DIALECT,
            Self::Postgres(_) => &postgres::DIALECT,
        }
    }
}
