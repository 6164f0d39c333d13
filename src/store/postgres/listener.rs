//! The one connection of a node on which PostgreSQL tells it that others have written. A word may be lost, with its
//! connection or before there is one; so the log itself is looked at from time to time, on the same connection.

use std::sync::Arc;
use std::time::Duration;

use sqlx::Acquire as _;
use sqlx::postgres::{PgListener, PgPoolOptions, PgRow};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use super::connect::{Address, Connector, Limits};
use crate::limits::{ACQUIRE_WITHIN, IDLE_WITHIN, LOCK_WITHIN, REPLY_GRACE, STATEMENT_WITHIN};
use crate::store::error::Error;

/// The channel on which each transaction tells the others that it has written.
pub const CHANNEL: &str = "sangkien_log";
const LIMITS: Limits = Limits { statement: STATEMENT_WITHIN, lock: LOCK_WITHIN, idle: IDLE_WITHIN };

/// Hears of others' commits.
pub struct Listener {
    address: Arc<Address>,
    /// The name under which this node's own commits are told.
    node: Arc<str>,
    listening: Option<PgListener>,
}

impl Listener {
    /// Not connected yet.
    pub const fn new(address: Arc<Address>, node: Arc<str>) -> Self {
        Self { address, node, listening: None }
    }

    /// Waits until another node has committed, or until that moment. It may be dropped at any time.
    pub async fn wait(&mut self, until: Instant) {
        loop {
            let Some(listening) = &mut self.listening else { return sleep_until(until).await };
            match timeout_at(until, listening.try_recv()).await {
                Ok(Ok(Some(told))) if told.payload() == &*self.node => {}
                Ok(Ok(Some(_))) => {
                    // One look is enough for all that was told until now.
                    while listening.next_buffered().is_some() {}
                    return;
                }
                // The connection is lost: the look makes a new one.
                Ok(Ok(None) | Err(_)) => return self.hang_up(),
                Err(_) => return,
            }
        }
    }

    /// The rows of a statement with these numbers for parameters, as they are now.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn fetch(&mut self, sql: &'static str, binds: &[i64]) -> Result<Vec<PgRow>, Error> {
        let listening = match &mut self.listening {
            Some(listening) => listening,
            None => self.listening.insert(listen(&self.address).await?),
        };
        let asked = binds.iter().fold(sqlx::query(sql), |query, bind| query.bind(*bind));
        let replied = timeout(STATEMENT_WITHIN + REPLY_GRACE, asked.fetch_all(listening)).await;
        if !matches!(replied, Ok(Ok(_))) {
            self.hang_up();
        }
        Ok(replied.map_err(|_| Error::NoAnswer { to: "a look at the log" })??)
    }

    /// Closes the connection at once. The library would send a farewell first, and wait for an answer, which may never
    /// come: that is a task of its own, spawned where the listener is dropped. So it is dropped where no task is run.
    fn hang_up(&mut self) {
        let Some(listening) = self.listening.take() else { return };
        let Ok(nowhere) = tokio::runtime::Builder::new_current_thread().build() else { return };
        let handle = nowhere.handle().clone();
        let _inside = handle.enter();
        drop(listening);
        nowhere.shutdown_background();
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.hang_up();
    }
}

async fn listen(address: &Arc<Address>) -> Result<PgListener, Error> {
    let no_answer = |_| Error::NoAnswer { to: "a connection" };
    let connecting = async {
        // The library listens on a connection of a pool alone.
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .idle_timeout(None::<Duration>)
            .max_lifetime(None::<Duration>)
            .acquire_timeout(ACQUIRE_WITHIN)
            .connect_lazy_with(address.options().clone());
        let listening = PgListener::connect_with(&pool).await;
        let mut listening = listening.map_err(|error| address.failed(error))?;
        listening.eager_reconnect(false);
        let conn = listening.acquire().await?;
        Connector::new(Arc::clone(address), LIMITS).settle(conn).await?;
        listening.listen(CHANNEL).await?;
        Ok(listening)
    };
    timeout(ACQUIRE_WITHIN, connecting).await.map_err(no_answer)?
}
