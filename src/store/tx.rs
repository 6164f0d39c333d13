//! A transaction on either database, and statements that run the same on both.

use sqlx::{Sqlite, Transaction};

use super::dialect::Dialect;
use super::error::Error;
use super::{postgres, sqlite};

/// A transaction on either database; dropped without a commit it is rolled back.
pub enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(postgres::Transaction),
}

/// Asks the same of whichever connection is there, and makes something of the reply. PostgreSQL has its deadline.
macro_rules! on {
    ($tx:expr, $conn:ident => $asked:expr, $reply:ident => $made:expr) => {
        match $tx {
            $crate::store::tx::Tx::Sqlite(tx) => {
                let $conn = &mut **tx;
                let $reply = $asked.await?;
                $made
            }
            $crate::store::tx::Tx::Postgres(tx) => {
                let ($conn, step) = tx.step();
                let $reply = step.run($asked).await?;
                $made
            }
        }
    };
}

/// Runs the same expression on whichever connection is there, for as long as it takes: for rows that come one by one, to
/// a command that a person watches.
macro_rules! on_conn {
    ($tx:expr, $conn:ident => $body:expr) => {
        match $tx {
            $crate::store::tx::Tx::Sqlite(tx) => {
                let $conn = &mut **tx;
                $body
            }
            $crate::store::tx::Tx::Postgres(tx) => {
                let ($conn, _) = tx.step();
                $body
            }
        }
    };
}

/// All rows of a statement, each turned into a value by a function of its columns.
macro_rules! fetch {
    ($tx:expr, $sql:expr, [$($bind:expr),*], $decode:expr) => {
        $crate::store::tx::on!($tx, conn => sqlx::query($sql)$(.bind($bind))*.fetch_all(conn), rows => {
            rows.iter().map(|row| $decode(row)).collect::<Result<Vec<_>, $crate::store::error::Error>>()
        })
    };
}

/// Executes a statement; gives the number of rows that it changed.
macro_rules! execute {
    ($tx:expr, $sql:expr, [$($bind:expr),*]) => {
        $crate::store::tx::on!($tx, conn => sqlx::query($sql)$(.bind($bind))*.execute(conn), done => {
            done.rows_affected()
        })
    };
}

pub(super) use {execute, fetch, on, on_conn};

impl Tx {
    /// # Errors
    /// When the outcome is not known: the transaction may have been committed.
    pub async fn commit(self) -> Result<(), Error> {
        match self {
            Self::Sqlite(tx) => Ok(tx.commit().await?),
            Self::Postgres(tx) => tx.commit().await,
        }
    }

    /// Runs statements without parameters, as they stand in one text.
    ///
    /// # Errors
    /// When the database does not take one of them.
    pub async fn run(&mut self, sql: &'static str) -> Result<(), Error> {
        on!(self, conn => sqlx::raw_sql(sql).execute(conn), done => done.rows_affected());
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
