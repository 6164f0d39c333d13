//! A few connections that transactions share: for one purpose, so that no other purpose is kept waiting.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use sqlx::{Connection as _, PgConnection};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::{Instant, timeout, timeout_at};

use super::connect::{Address, Connector, Limits};
use super::transaction::Transaction;
use crate::limits::{ACQUIRE_WITHIN, CLOSE_WITHIN, REPLY_GRACE};
use crate::store::error::Error;

/// Connections for one purpose. Clones share them.
#[derive(Debug, Clone)]
pub struct Pool {
    shared: Arc<Shared>,
}

#[derive(Debug)]
pub struct Shared {
    connector: Connector,
    limits: Limits,
    permits: Arc<Semaphore>,
    size: u32,
    /// Whether a connection is kept for the next one who wants it.
    keeps: bool,
    idle: Mutex<Vec<PgConnection>>,
    /// The name under which commits are told; no other process has it.
    node: OnceLock<Arc<str>>,
}

/// A connection that is ours until this is dropped. Unless it is given back, it is closed then.
#[derive(Debug)]
pub struct Lent {
    pub conn: PgConnection,
    /// Whether it has been used before, so that it may have ended meanwhile.
    is_used: bool,
    shared: Arc<Shared>,
    _permit: OwnedSemaphorePermit,
}

impl Pool {
    /// A pool of at most `size` connections; none is open yet.
    pub fn new(address: &Arc<Address>, limits: Limits, size: u32) -> Self {
        Self::with(address, limits, size, true)
    }

    /// As [`Self::new`], but each connection is closed after its use.
    pub fn of_single_uses(address: &Arc<Address>, limits: Limits, size: u32) -> Self {
        Self::with(address, limits, size, false)
    }

    fn with(address: &Arc<Address>, limits: Limits, size: u32, keeps: bool) -> Self {
        let connector = Connector::new(Arc::clone(address), limits);
        let permits = Arc::new(Semaphore::new(size as usize));
        let (idle, node) = (Mutex::default(), OnceLock::new());
        Self { shared: Arc::new(Shared { connector, limits, permits, size, keeps, idle, node }) }
    }

    /// Opens the first connection, and looks whether the server can be worked with. Returns a name that the server gave to
    /// nobody else.
    ///
    /// # Errors
    /// When it cannot.
    pub async fn try_server(&self) -> Result<Arc<str>, Error> {
        let (conn, name) = self.shared.connector.first().await?;
        self.shared.idle().push(conn);
        Ok(Arc::clone(self.shared.node.get_or_init(|| name)))
    }

    /// Begins a transaction by this statement.
    ///
    /// # Errors
    /// When no connection is free, or none can be had, within [`ACQUIRE_WITHIN`].
    pub async fn begin(&self, statement: &'static str) -> Result<Transaction, Error> {
        loop {
            let lent = self.acquire().await?;
            let is_used = lent.is_used;
            match Transaction::begin(lent, statement).await {
                // Others that are as old have ended as well. A new one tells more.
                Err(_) if is_used => self.shared.idle().clear(),
                begun => return begun,
            }
        }
    }

    /// A connection without a transaction, which is closed after its use.
    ///
    /// # Errors
    /// As [`Self::begin`].
    pub async fn lend(&self) -> Result<Lent, Error> {
        self.acquire().await
    }

    async fn acquire(&self) -> Result<Lent, Error> {
        let until = Instant::now() + ACQUIRE_WITHIN;
        let shared = Arc::clone(&self.shared);
        let permit = timeout_at(until, Arc::clone(&shared.permits).acquire_owned()).await;
        let permit = permit.map_err(|_| Error::AllInUse { size: shared.size })?;
        let permit = permit.map_err(|_| Error::Closed)?;
        let idle = shared.idle().pop();
        if let Some(conn) = idle {
            return Ok(Lent { conn, is_used: true, shared, _permit: permit });
        }
        // A connection is made to its end, whoever waits for it: clients that leave would otherwise make the server begin
        // one after the other, and nobody would ever have one.
        let (made, waiting) = oneshot::channel();
        tokio::spawn(async move {
            let connected = shared.connector.connect(until).await;
            let lent = connected.map(|conn| Lent { conn, is_used: false, shared, _permit: permit });
            if let Err(Ok(unwanted)) = made.send(lent) {
                unwanted.give_back();
            }
        });
        waiting.await.map_err(|_| Error::Closed)?
    }

    /// The connections that are open, and how many of these are idle.
    pub fn connections(&self) -> (u32, usize) {
        let idle = self.shared.idle().len();
        let in_use = self.shared.size as usize - self.shared.permits.available_permits();
        (u32::try_from(in_use + idle).unwrap_or(u32::MAX), idle)
    }

    /// Ends all connections; waits for those in use, for some time.
    pub async fn close(&self) {
        let closing = async {
            // Those who have a permit give their connection back before it.
            let all = self.shared.permits.acquire_many(self.shared.size).await;
            self.shared.permits.close();
            drop(all);
            let idle = std::mem::take(&mut *self.shared.idle());
            for conn in idle {
                // It is over either way.
                let _ended = conn.close().await;
            }
        };
        let _late = timeout(CLOSE_WITHIN, closing).await;
        self.shared.permits.close();
        self.shared.idle().clear();
    }
}

impl Shared {
    fn idle(&self) -> MutexGuard<'_, Vec<PgConnection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lent {
    /// How long a statement's reply may take: the server ends a statement that takes too long, and says so.
    pub fn reply_within(&self) -> Duration {
        self.shared.limits.statement + REPLY_GRACE
    }

    /// The name under which the transaction is told to others.
    pub fn node(&self) -> String {
        self.shared.node.get().map(|node| node.to_string()).unwrap_or_default()
    }

    /// Leaves the connection to the next one who wants one.
    pub fn give_back(self) {
        let Self { conn, shared, _permit, .. } = self;
        if shared.keeps && !shared.permits.is_closed() {
            shared.idle().push(conn);
        }
    }
}
