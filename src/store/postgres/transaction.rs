//! A transaction on a connection of its own, each of whose steps has a deadline.
//!
//! *Must never*: a connection comes back to its pool with a transaction open. A begin that nobody waits for any more may
//! have reached the server; so however a transaction ends without a commit, a rollback is sent behind it, and the
//! connection is given back only when that was answered. A connection that left a step without a reply is closed: the reply
//! might come later, as that of another step.

use std::time::Duration;

use sqlx::PgConnection;
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::pool::Lent;
use crate::limits::{ACQUIRE_WITHIN, COMMIT_WITHIN};
use crate::store::error::Error;

/// SQLSTATE of a lock that was not there in time.
const LOCK_NOT_AVAILABLE: &str = "55P03";

/// A transaction; dropped without a commit it is rolled back.
pub struct Transaction {
    /// `None` once it has ended.
    lent: Option<Lent>,
    /// Whether a reply is owed that nobody waits for any more.
    is_broken: bool,
}

/// One exchange with the server, within its time.
pub struct Step<'a> {
    is_broken: &'a mut bool,
    within: Duration,
    to: &'static str,
}

impl Transaction {
    /// # Errors
    /// When the server does not answer in time, or the connection has ended.
    pub async fn begin(lent: Lent, statement: &'static str) -> Result<Self, Error> {
        let mut transaction = Self { lent: Some(lent), is_broken: false };
        let (conn, mut step) = transaction.step();
        (step.within, step.to) = (ACQUIRE_WITHIN, "a begin");
        step.run(sqlx::raw_sql(statement).execute(conn)).await?;
        Ok(transaction)
    }

    /// The connection, and the deadline of what is asked of it.
    ///
    /// # Panics
    /// When the transaction has ended; no caller has it then.
    pub fn step(&mut self) -> (&mut PgConnection, Step<'_>) {
        let lent = self.lent.as_mut().expect("only the end takes it");
        let within = lent.reply_within();
        (&mut lent.conn, Step { is_broken: &mut self.is_broken, within, to: "a statement" })
    }

    /// The name under which it is told to others.
    pub fn node(&self) -> String {
        self.lent.as_ref().map(Lent::node).unwrap_or_default()
    }

    /// # Errors
    /// When the outcome is not known: the transaction may have been committed.
    pub async fn commit(mut self) -> Result<(), Error> {
        let (conn, mut step) = self.step();
        (step.within, step.to) = (COMMIT_WITHIN, "a commit");
        step.run(sqlx::raw_sql("commit").execute(conn)).await?;
        if let Some(lent) = self.lent.take() {
            lent.give_back();
        }
        Ok(())
    }
}

impl Step<'_> {
    /// # Errors
    /// [`Error::NoAnswer`] when there is no reply in time, [`Error::Busy`] when others held a lock for too long; else what
    /// the server says.
    pub async fn run<T>(
        self,
        asked: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, Error> {
        match timeout(self.within, asked).await {
            Ok(Err(sqlx::Error::Database(error)))
                if error.code().as_deref() == Some(LOCK_NOT_AVAILABLE) =>
            {
                Err(Error::Busy)
            }
            Ok(replied) => Ok(replied?),
            Err(_) => {
                *self.is_broken = true;
                Err(Error::NoAnswer { to: self.to })
            }
        }
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        let Some(lent) = self.lent.take() else { return };
        if let (false, Ok(runtime)) = (self.is_broken, Handle::try_current()) {
            runtime.spawn(roll_back(lent));
        }
    }
}

/// The permit stays with the connection, so that there are never more connections than the pool has room for.
async fn roll_back(mut lent: Lent) {
    let within = lent.reply_within();
    // The server first answers what it was asked before.
    let ended = timeout(within, sqlx::raw_sql("rollback").execute(&mut lent.conn)).await;
    if matches!(ended, Ok(Ok(_))) {
        lent.give_back();
    }
}
