//! Connections that stay, sockets and streams alike: how many there are, from where, and when they
//! are to end.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

use super::drain::{part, spread};
use crate::auth::Principal;
use crate::auth::byte_budget::ByteBudget;
use crate::auth::quota::{NotAdmitted, Quota, Usage};
use crate::limits::{
    BODIES_BYTES, BODIES_BYTES_PER_CLIENT, BODY_WITHIN, CONNECTIONS_MAX, HEAD_WITHIN,
    SOCKET_INIT_WITHIN, SOCKET_PING_EVERY, SOCKET_WRITE_WITHIN, SOCKETS_MAX, SOCKETS_PER_ADDRESS,
    UNREAD_MAX,
};

/// Limits of connections, sockets and streams; [`Default`] has those of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SocketLimits {
    /// Connections open at a time, of whatever kind.
    pub connections: usize,
    /// Sockets and streams open at a time.
    pub in_all: usize,
    /// Sockets and streams open at a time from one address.
    pub per_address: usize,
    /// The time until a socket has sent `connection_init`.
    pub init_within: Duration,
    /// The time between two pings; a socket that sent nothing in between is ended.
    pub ping_every: Duration,
    /// The time until a client has read a message.
    pub write_within: Duration,
    /// The time until a connection has sent the head of a request, at first and after each response.
    pub head_within: Duration,
    /// The time until a request's body is there.
    pub body_within: Duration,
    /// Bytes of bodies that are read or being answered.
    pub bodies: Quota,
    /// The time until the system gives up on a connection, of whatever kind, whose client leaves
    /// sent data unread.
    pub read_within: Duration,
}

impl Default for SocketLimits {
    fn default() -> Self {
        Self {
            connections: CONNECTIONS_MAX,
            in_all: SOCKETS_MAX,
            per_address: SOCKETS_PER_ADDRESS,
            init_within: SOCKET_INIT_WITHIN,
            ping_every: SOCKET_PING_EVERY,
            write_within: SOCKET_WRITE_WITHIN,
            head_within: HEAD_WITHIN,
            body_within: BODY_WITHIN,
            bodies: Quota { in_all: BODIES_BYTES, per_client: BODIES_BYTES_PER_CLIENT },
            read_within: UNREAD_MAX,
        }
    }
}

/// Gives out the permits of a server for sockets and streams.
#[derive(Debug, Clone)]
pub struct Admission {
    pub limits: SocketLimits,
    /// The memory that bodies take.
    pub bodies: Arc<ByteBudget>,
    open: Arc<Mutex<OpenPermits>>,
    stopping: watch::Sender<Option<Stop>>,
}

/// The end of all sockets and streams.
#[derive(Debug, Clone, Copy)]
struct Stop {
    why: StopReason,
    /// The number of permits that were out at its beginning.
    open: usize,
}

/// Why the server takes no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// It was asked to stop.
    Asked,
    /// A part that it cannot be without has failed.
    Failed,
}

#[derive(Debug, Default)]
struct OpenPermits {
    in_all: usize,
    /// Permits of clients that are known to have no valid token.
    by_strangers: usize,
    ever: u64,
    by_address: HashMap<IpAddr, usize>,
}

/// The permit of one socket or stream, for as long as it is open.
#[derive(Debug)]
pub struct Permit {
    open: Arc<Mutex<OpenPermits>>,
    quota: Quota,
    stopping: watch::Receiver<Option<Stop>>,
    address: IpAddr,
    holder: Holder,
    /// Whether its connection is reserved for clients with a token.
    is_reserved: bool,
    number: u64,
}

/// The kind of client that takes a permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    WithToken,
    Stranger,
    /// A socket before `connection_init`. It may hold a permit that is reserved for tokens until then, since it can
    /// show its token no sooner.
    Unknown,
}

impl Holder {
    pub const fn of(principal: &Principal) -> Self {
        if principal.token.is_some() { Self::WithToken } else { Self::Stranger }
    }
}

impl Default for Admission {
    fn default() -> Self {
        Self::new(SocketLimits::default())
    }
}

impl Admission {
    pub fn new(limits: SocketLimits) -> Self {
        let (bodies, stopping) = (ByteBudget::new(limits.bodies), watch::Sender::new(None));
        Self { limits, bodies, open: Arc::default(), stopping }
    }

    /// Ends all sockets and streams, one after the other, so that not all clients come back at once; gives the
    /// time that this takes. No further permit is given out.
    pub fn stop(&self, why: StopReason) -> Duration {
        let open = self.open();
        self.stopping.send_replace(Some(Stop { why, open }));
        spread(open)
    }

    /// Resolves when no permit is out.
    pub async fn ended(&self) {
        // Each permit is subscribed to the stop, and nothing else is.
        self.stopping.closed().await;
    }

    /// `None` while permits are given out.
    pub fn stopping(&self) -> Option<StopReason> {
        self.stopping.borrow().map(|stop| stop.why)
    }

    pub fn open(&self) -> usize {
        lock(&self.open).in_all
    }

    /// # Errors
    /// When no permit is left, for any client or for this address.
    pub fn take(&self, address: IpAddr, holder: Holder) -> Result<Permit, NotAdmitted> {
        let quota = Quota { in_all: self.limits.in_all, per_client: self.limits.per_address };
        let mut open = lock(&self.open);
        if self.stopping().is_some() {
            return Err(NotAdmitted::Full);
        }
        let taken = Usage {
            in_all: open.in_all,
            by_strangers: open.by_strangers,
            by_client: open.by_address.get(&address).copied().unwrap_or_default(),
        };
        quota.admit(taken, holder != Holder::Stranger)?;
        *open.by_address.entry(address).or_default() += 1;
        open.by_strangers += usize::from(holder == Holder::Stranger);
        open.in_all += 1;
        open.ever += 1;
        let number = open.ever;
        drop(open);
        let stopping = self.stopping.subscribe();
        Ok(Permit {
            open: Arc::clone(&self.open),
            quota,
            stopping,
            address,
            holder,
            is_reserved: false,
            number,
        })
    }
}

impl Permit {
    /// The address of the client.
    pub const fn address(&self) -> IpAddr {
        self.address
    }

    /// Notes whether its connection is reserved for clients with a token.
    #[must_use]
    pub const fn on_connection(mut self, is_reserved: bool) -> Self {
        self.is_reserved = is_reserved;
        self
    }

    /// Settles the kind of its holder, once that is known.
    ///
    /// # Errors
    /// When it, or its connection, is reserved for clients with a token and the holder has none.
    pub fn settle(&mut self, holder: Holder) -> Result<(), NotAdmitted> {
        let mut open = lock(&self.open);
        if self.holder == Holder::Unknown && holder == Holder::Stranger {
            if self.is_reserved || open.by_strangers >= self.quota.for_strangers() {
                return Err(NotAdmitted::Full);
            }
            open.by_strangers += 1;
        }
        self.holder = holder;
        Ok(())
    }

    /// Resolves when its socket or stream is to end, with the reason.
    pub fn ends(&self) -> impl Future<Output = StopReason> + Send + use<> {
        let mut stopping = self.stopping.clone();
        let part = part(self.number);
        async move {
            let stop = stopping.wait_for(Option::is_some).await.map(|stop| *stop);
            // The sender lives as long as the server.
            let Ok(Some(Stop { why, open })) = stop else { return StopReason::Asked };
            sleep(spread(open).mul_f64(part)).await;
            why
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut open = lock(&self.open);
        open.in_all -= 1;
        open.by_strangers -= usize::from(self.holder == Holder::Stranger);
        if let Some(from_there) = open.by_address.get_mut(&self.address) {
            *from_there -= 1;
            if *from_there == 0 {
                open.by_address.remove(&self.address);
            }
        }
    }
}

fn lock(open: &Mutex<OpenPermits>) -> MutexGuard<'_, OpenPermits> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::client::network;
    use crate::http::client_ip::address;
    use crate::limits::{DRAIN_EACH, DRAIN_SPREAD_MAX};
    use axum::http::HeaderMap;
    use std::net::SocketAddr;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn each_address_has_so_many_places_and_gives_them_back() {
        let limits = SocketLimits { per_address: 2, ..SocketLimits::default() };
        let admission = Admission::new(limits);
        let first = admission.take(ip("10.0.0.1"), Holder::Stranger).unwrap();
        let _second = admission.take(network(ip("::ffff:10.0.0.1")), Holder::Stranger).unwrap();
        assert_eq!(
            admission.take(ip("10.0.0.1"), Holder::Stranger).unwrap_err(),
            NotAdmitted::TooManyFromClient
        );
        let _other = admission.take(ip("10.0.0.2"), Holder::Stranger).unwrap();
        drop(first);
        let _third = admission.take(ip("10.0.0.1"), Holder::Stranger).unwrap();
        assert_eq!(admission.open(), 3);
        admission.stop(StopReason::Asked);
        assert_eq!(
            admission.take(ip("10.0.0.9"), Holder::Stranger).unwrap_err(),
            NotAdmitted::Full
        );
    }

    #[test]
    fn a_quarter_is_kept_for_those_with_a_token() {
        let limits = SocketLimits { in_all: 8, per_address: 8, ..SocketLimits::default() };
        let admission = Admission::new(limits);
        let from = |last: u8| IpAddr::from([10, 0, 0, last]);
        let take = |last, holder| admission.take(from(last), holder);
        let mut open: Vec<Permit> =
            (0..6).map(|last| take(last, Holder::Stranger).unwrap()).collect();
        assert_eq!(take(6, Holder::Stranger).unwrap_err(), NotAdmitted::Full);
        // A socket shows its token when it is open.
        let mut holder = take(7, Holder::Unknown).unwrap();
        holder.settle(Holder::WithToken).unwrap();
        let mut stranger = take(8, Holder::Unknown).unwrap();
        assert_eq!(stranger.settle(Holder::Stranger), Err(NotAdmitted::Full));
        assert_eq!(take(9, Holder::Unknown).unwrap_err(), NotAdmitted::Full, "all are taken");
        drop(stranger);
        open.pop();
        take(10, Holder::Unknown).unwrap().settle(Holder::Stranger).unwrap();
        drop((open, holder));
        assert_eq!(admission.open(), 0);
        assert_eq!(lock(&admission.open).by_strangers, 0);
        // While permits are scarce, one address has a tenth of them, and at least one permit.
        let _four: Vec<Permit> = (0..4).map(|_| take(1, Holder::WithToken).unwrap()).collect();
        assert_eq!(take(1, Holder::WithToken).unwrap_err(), NotAdmitted::TooManyFromClient);
        let _another = take(2, Holder::WithToken).unwrap();
    }

    #[test]
    fn all_are_ended_evenly_within_the_time() {
        assert_eq!(spread(1), Duration::ZERO);
        assert_eq!(spread(100), DRAIN_EACH * 100);
        assert_eq!(spread(usize::MAX), DRAIN_SPREAD_MAX);
        let mut tenths = [0; 10];
        for number in 1..=1_000 {
            let part = part(number);
            let tenth = (1..10).filter(|&tenth| part * 10.0 >= f64::from(tenth)).count();
            tenths[tenth] += 1;
        }
        assert!(tenths.iter().all(|count| (90..=110).contains(count)), "{tenths:?}");
    }

    #[test]
    fn a_proxy_is_believed_only_where_there_is_one() {
        let mut headers = HeaderMap::new();
        let from = Some(SocketAddr::from(([10, 0, 0, 1], 80)));
        headers.append("x-forwarded-for", "1.1.1.1".parse().unwrap());
        headers.append("x-forwarded-for", "6.6.6.6, 2.2.2.2".parse().unwrap());
        assert_eq!(address(false, &headers, from), ip("10.0.0.1"));
        // Any client may have written the entries before the proxy's own.
        assert_eq!(address(true, &headers, from), ip("2.2.2.2"));
        headers.clear();
        assert_eq!(address(true, &headers, from), ip("10.0.0.1"));
    }
}
