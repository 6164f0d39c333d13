//! The server, from a database URL to a serving process, and back down in order.
//!
//! *Start.* Lock, migrate, load the board, start the writer, listen.
//!
//! *Stop.* Take no new connections, finish open responses, let the writer carry out what waits, close the database. So
//! it ends, too, when a part has failed that it cannot be without.

mod presence;
pub mod self_check;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use socket2::SockRef;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout, timeout_at};

use crate::auth::Tokens;
use crate::domain::Version;
use crate::domain::clock::{Clock, DoubtfulClock, SharedClock, check_start};
use crate::domain::field::Fields;
use crate::feed::Hub;
use crate::graphql::Service;
use crate::graphql::cost::budgets::{Budgets, CostLimits};
use crate::http::{
    self, Acceptor, Admission, App, Origins, PublicUrl, Routers, SocketLimits, StopReason,
};
use crate::limits::{
    CLOSE_WITHIN, DRAIN_REST, EXIT_WITHIN, LISTEN_QUEUE, SELF_CHECK_SPREAD, STOP_REST, STOP_WITHIN,
    UNREADY_AFTER,
};
use crate::messages::faults::CannotListen;
use crate::store::{ReadTx, ServerLock, Store};
use crate::supervisor::Supervisor;
use crate::writer::tags::Tags;
use crate::writer::{self, Writer, WriterHandle};
use crate::{board, measure};
use presence::note_presence;
use self_check::check_daily;

/// A database with its writer running; not yet listening.
pub struct Server {
    pub writer: Writer,
    pub hub: Arc<Hub>,
    store: Store,
    clock: SharedClock,
    origins: Origins,
    limits: SocketLimits,
    costs: CostLimits,
    is_proxied: bool,
    unready_after: Duration,
    public_urls: Vec<PublicUrl>,
    running: WriterHandle,
    pub supervisor: Supervisor,
    _lock: ServerLock,
}

impl Server {
    /// Opens the database and starts the writer.
    ///
    /// # Errors
    /// When the database cannot be opened, is served already, or is not understood;
    /// [`DoubtfulClock`] when the time does not fit the log.
    pub async fn open(database: &str, clock: SharedClock) -> anyhow::Result<Self> {
        Self::open_with_fields(database, clock, Fields::default()).await
    }

    /// Like [`Self::open`]; initiatives and targets may name these fields of work alone, if there are any.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn open_with_fields(
        database: &str,
        clock: SharedClock,
        fields: Fields,
    ) -> anyhow::Result<Self> {
        Self::open_by(database, clock, false, fields).await
    }

    /// Like [`Self::open_with_fields`], whatever the time is.
    ///
    /// # Errors
    /// When the database cannot be opened, is served already, or is not understood.
    pub async fn open_at_any_time(
        database: &str,
        clock: SharedClock,
        fields: Fields,
    ) -> anyhow::Result<Self> {
        Self::open_by(database, clock, true, fields).await
    }

    async fn open_by(
        database: &str,
        clock: SharedClock,
        any_time: bool,
        fields: Fields,
    ) -> anyhow::Result<Self> {
        measure::begin();
        let (store, lock) =
            Store::open_for_serving(database).await.context("cannot open the database")?;
        let [mut tx, other] = store.begin_reads().await?;
        if tx.version() == Version::ZERO {
            tracing::info!("the database is new, and empty");
        }
        // Before the writer lets the days begin that it sees.
        if !any_time {
            check_time(&tx, &*clock)?;
        }
        let board = board::load(&mut tx, other, Arc::new(fields)).await;
        drop(tx);
        let board = board.context("cannot load the board")?;
        let tags = Tags::from_system()?;
        let (supervisor, its_clock) = (Supervisor::default(), Arc::clone(&clock));
        let (writer, hub, running) =
            writer::start(store.clone(), board, its_clock, tags, &supervisor).await?;
        let names = hub.latest().structure.names().clone();
        // The start does not wait for it: a request that comes meanwhile makes the names that it needs itself.
        tokio::task::spawn_blocking(move || names.work_out());
        Ok(Self {
            writer,
            hub,
            store,
            clock,
            origins: Origins::default(),
            limits: SocketLimits::default(),
            costs: CostLimits::default(),
            is_proxied: false,
            unready_after: UNREADY_AFTER,
            public_urls: Vec::new(),
            running,
            supervisor,
            _lock: lock,
        })
    }

    /// Lets pages of these origins ask, beside our own.
    #[must_use]
    pub fn with_origins(self, origins: Origins) -> Self {
        Self { origins, ..self }
    }

    /// Sets the limits of connections, sockets and streams.
    #[must_use]
    pub fn with_limits(self, limits: SocketLimits) -> Self {
        Self { limits, ..self }
    }

    /// Sets the limits of what clients may spend.
    #[must_use]
    pub fn with_costs(self, costs: CostLimits) -> Self {
        Self { costs, ..self }
    }

    /// Sets the addresses by which browsers know the server, whatever a proxy calls it.
    #[must_use]
    pub fn known_as(self, public_urls: Vec<PublicUrl>) -> Self {
        Self { public_urls, ..self }
    }

    /// Sets whether a proxy in front is believed where requests come from, and by which name it was asked.
    #[must_use]
    pub fn behind_proxy(self, is_proxied: bool) -> Self {
        Self { is_proxied, ..self }
    }

    /// Sets the time for which changes may fail before the server is not ready.
    #[must_use]
    pub fn unready_after(self, unready_after: Duration) -> Self {
        Self { unready_after, ..self }
    }

    /// The state of all handlers. `admin_token` has the role ADMIN over the root.
    pub fn app(&self, admin_token: Option<&str>) -> App {
        let budgets = Arc::new(Budgets::new(self.costs, Arc::clone(&self.clock)));
        let (hub, writer) = (Arc::clone(&self.hub), self.writer.clone());
        let service = Service::new(hub, self.store.clone(), writer, budgets, &self.supervisor);
        let (store, clock) = (self.store.clone(), Arc::clone(&self.clock));
        let tokens = Tokens::new(admin_token, store, clock, &self.supervisor);
        let origins = self.origins.clone().known_as(&self.public_urls);
        let prefixes = self.public_urls.iter().map(|url| url.prefix.clone());
        App {
            service,
            tokens: Arc::new(tokens),
            origins: origins.behind_proxy(self.is_proxied),
            admission: Admission::new(self.limits),
            is_proxied: self.is_proxied,
            unready_after: self.unready_after,
            prefixes: prefixes.filter(|prefix| !prefix.is_empty()).collect(),
            is_simulated: false,
            listening: None,
        }
    }

    /// Serves `app`, made by [`Self::app`], until `stop` resolves, then ends in order. So it does when a part fails that it cannot
    /// be without, and when the database is lost: it turns out to hold another log than the one that was loaded, or its
    /// file is gone.
    ///
    /// # Errors
    /// [`crate::supervisor::Fault`] when a part failed; [`crate::store::Lost`] when the database is lost.
    pub async fn serve(
        self,
        app: App,
        listener: TcpListener,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> anyhow::Result<()> {
        let app = App { listening: listener.local_addr().ok(), ..app };
        let (admission, supervisor) = (app.admission.clone(), self.supervisor.clone());
        let (store, hub, writer) = (self.store.clone(), Arc::clone(&self.hub), self.writer.clone());
        let checks = check_daily(store, hub, writer, own_delay()?);
        let checks = supervisor.spawn("the daily check", checks);
        let metrics = supervisor.spawn("the metrics", measure::gather());
        let presence = note_presence(self.store.clone());
        let presence = supervisor.spawn("the presence of the node", presence);
        let limits = admission.limits;
        let (say_stop, stopping) = oneshot::channel::<()>();
        let connections =
            Acceptor::new(listener, limits.connections, limits.read_within, self.is_proxied);
        let served = http::serve(connections, Routers::new(app), limits.head_within, async {
            // Never sent: it is dropped.
            let _stop = stopping.await;
        });
        let served = supervisor.spawn("the listener", served);
        let watched = self.store.clone();
        let why = tokio::select! {
            () = stop => StopReason::Asked,
            _logged = supervisor.failed() => StopReason::Failed,
            lost = watched.await_lost() => {
                tracing::error!("{lost}");
                StopReason::Failed
            }
        };
        let until = Instant::now() + STOP_WITHIN - CLOSE_WITHIN - EXIT_WITHIN;
        let spread = admission.stop(why);
        drop(say_stop);
        let all_ended = async {
            // Its failure is known already.
            let _ended = served.await;
            // HTTP does not wait for a connection that became a socket.
            admission.ended().await;
        };
        let drained = (spread + DRAIN_REST).min(STOP_WITHIN - STOP_REST);
        if timeout(drained, all_ended).await.is_err() {
            tracing::warn!("some connections did not end in time");
        }
        checks.abort();
        metrics.abort();
        presence.abort();
        let ended = self.running.stop_by(until).await;
        if let Some(lost) = self.store.lost() {
            leave_open(self.store);
            return Err(lost.into());
        }
        // Without it, others wait for this node for some time; a database that does not answer is not waited for.
        if !matches!(timeout_at(until, self.store.note_end()).await, Ok(Ok(()))) {
            tracing::debug!("the end of this node was not noted");
        }
        self.store.close().await;
        match supervisor.fault() {
            Some(fault) => Err(fault.into()),
            None => ended.context("the writer did not end well"),
        }
    }
}

/// Closes no connection until the process ends: a closed one would bring pages of the log that was into an SQLite file that
/// is another by now.
#[expect(clippy::mem_forget, reason = "connections are closed when the last store is dropped")]
fn leave_open(store: Store) {
    std::mem::forget(store);
}

/// Whether the time fits the log as the transaction sees it. A clock of its own fits any, and so does any time an empty log.
///
/// # Errors
/// [`DoubtfulClock`] when it does not.
pub fn check_time(tx: &ReadTx, clock: &dyn Clock) -> Result<(), DoubtfulClock> {
    if tx.version() == Version::ZERO || clock.passed().is_none() {
        return Ok(());
    }
    check_start(clock.time_of(tx.now()), tx.at())
}

/// Listens on `host:port`, and gives the address with the port that the system chose for port 0.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn listen(address: &str) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address)
        .await
        .map_err(|source| CannotListen { address: address.to_owned(), source })?;
    // By default the kernel queues few connections; in a storm it would drop the others, whose clients try
    // again after seconds.
    SockRef::from(&listener).listen(LISTEN_QUEUE)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Resolves when the process is asked to end by Ctrl and C, where there are no other signals.
///
/// # Errors
/// When the system does not let the process handle signals.
#[cfg(not(unix))]
pub fn asked_to_stop() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        let _asked = interrupt.recv().await;
        tracing::info!("stopping");
    })
}

/// Resolves when the process is asked to end by SIGTERM, SIGINT or SIGHUP. Before this is called, each kills it.
///
/// # Errors
/// When the system does not let the process handle signals.
#[cfg(unix)]
pub fn asked_to_stop() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    // A program that was started under nohup must outlive the terminal.
    let mut hangup = if ignores_hangup() { None } else { Some(signal(SignalKind::hangup())?) };
    Ok(async move {
        let hung_up = async {
            match &mut hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            _ = hung_up => {}
        }
        tracing::info!("stopping");
    })
}

/// Whether the process was started to ignore SIGHUP; `false` where the system does not show it (Linux does).
#[cfg(unix)]
fn ignores_hangup() -> bool {
    const HANGUP: u64 = 1;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // The lowest bit is of signal 1.
    ignored.is_some_and(|mask| u64::from_str_radix(mask.trim(), 16).unwrap_or(0) & HANGUP != 0)
}

/// The time after midnight at which this node checks itself: nodes of one database do not all read it at once.
fn own_delay() -> anyhow::Result<Duration> {
    let spread = u64::try_from(SELF_CHECK_SPREAD.as_millis()).unwrap_or(u64::MAX);
    Ok(Duration::from_millis(random_u64()? % spread))
}

/// A random number from the system.
///
/// # Errors
/// When the system has no randomness to give.
pub fn random_u64() -> anyhow::Result<u64> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
    Ok(u64::from_le_bytes(bytes))
}
