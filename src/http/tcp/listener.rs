//! The listener of connections of whatever kind: it accepts as many as the process has files for, and answers further
//! clients with 503 instead of leaving them waiting.

use std::collections::HashMap;
use std::io::{self, IoSlice};
use std::net::{IpAddr, Shutdown, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::serve::Listener;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::connection::Connection;
use crate::auth::Language;
use crate::auth::client::network;
use crate::auth::quota::Quota;
use crate::error::{self, Code};
use crate::limits::{REFUSALS_MAX, REFUSED_WITHIN, RETRY_AFTER_SECS};
use crate::measure;
use crate::messages::ErrorMessage;

/// Accepts connections while there are permits for them.
pub struct Acceptor {
    listener: TcpListener,
    room: Arc<Semaphore>,
    refusals: Arc<Semaphore>,
    quota: Quota,
    by_address: ByAddress,
    /// Whether a proxy stands in front, so that all come from its address.
    is_proxied: bool,
    read_within: Duration,
    /// Whether all permits were taken and less than a tenth was free ever since, so that this is logged once.
    was_full: bool,
}

impl Acceptor {
    /// `max` connections may be open at a time, and a client must read what was sent within `read_within`. Without a
    /// proxy in front, one address has a small part of the connections at most while they are scarce.
    pub fn new(listener: TcpListener, max: usize, read_within: Duration, is_proxied: bool) -> Self {
        let room = Arc::new(Semaphore::new(max));
        let refusals = Arc::new(Semaphore::new(REFUSALS_MAX));
        let quota = Quota { in_all: max, per_client: max };
        let by_address = ByAddress::default();
        Self {
            listener,
            room,
            refusals,
            quota,
            by_address,
            is_proxied,
            read_within,
            was_full: false,
        }
    }

    /// The next connection that there is a permit for; others are refused meanwhile.
    pub async fn accept(&mut self) -> (ConnectionIo, Peer) {
        loop {
            let (stream, address) = Listener::accept(&mut self.listener).await;
            let open = self.quota.in_all - self.room.available_permits();
            let from = self.by_address.of(network(address.ip()));
            let has_too_many = !self.is_proxied && from.count() >= self.quota.for_client(open);
            if !has_too_many && let Ok(room) = Arc::clone(&self.room).try_acquire_owned() {
                self.was_full &= self.room.available_permits() < self.quota.in_all / 10;
                prepare(&stream, self.read_within);
                let connection = Arc::new(Connection::new(stream));
                let is_reserved = open >= self.quota.for_strangers();
                let peer = Peer { address, connection: Arc::clone(&connection), is_reserved };
                return (ConnectionIo { connection, _room: room, _from: from.one_more() }, peer);
            }
            if !std::mem::replace(&mut self.was_full, true) {
                tracing::warn!("no connection is free; further ones are refused");
            }
            self.refuse(stream).await;
        }
    }

    async fn refuse(&self, stream: TcpStream) {
        metrics::counter!(measure::REQUESTS, "result" => "refused").increment(1);
        let permit = Arc::clone(&self.refusals).acquire_owned().await;
        tokio::spawn(async move {
            // A client may take a response before its request for a fault; but a client that is slow to ask is answered
            // as well.
            let _asked = timeout(REFUSED_WITHIN, stream.peek(&mut [0])).await;
            // A client that does not read the response in time goes without it.
            let _taken = timeout(REFUSED_WITHIN, say_no(&stream)).await;
            drop(permit);
        });
    }
}

/// Sends 503 whatever the request is, then reads to the end: the kernel drops the response if a connection is closed
/// before what came is read.
async fn say_no(stream: &TcpStream) -> io::Result<()> {
    let body = error::body(Code::Unavailable.says(ErrorMessage::NotAdmitted), Language::default());
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nretry-after: {RETRY_AFTER_SECS}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    // The connection has sent nothing yet, so the kernel's buffer has room for all of it.
    stream.try_write(answer.as_bytes())?;
    SockRef::from(stream).shutdown(Shutdown::Write)?;
    let mut rest = [0; 1024];
    loop {
        stream.readable().await?;
        match stream.try_read(&mut rest) {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}

/// Makes the kernel send without delay.
fn prepare(stream: &TcpStream, read_within: Duration) {
    let socket = SockRef::from(stream);
    let prepared = socket.set_tcp_nodelay(true).and_then(|()| bound(&socket, read_within));
    if let Err(error) = prepared {
        tracing::debug!(%error, "cannot set the options of a connection");
    }
}

/// Makes the kernel buffer at most about [`crate::limits::UNSENT_MAX`] of unsent data, and end the connection when the
/// client has not acknowledged data for `read_within`.
#[cfg(target_os = "linux")]
fn bound(socket: &SockRef<'_>, read_within: Duration) -> io::Result<()> {
    socket.set_tcp_user_timeout(Some(read_within))?;
    socket.set_tcp_notsent_lowat(crate::limits::UNSENT_MAX)
}

/// Other systems have no such options.
#[cfg(not(target_os = "linux"))]
fn bound(_socket: &SockRef<'_>, _read_within: Duration) -> io::Result<()> {
    Ok(())
}

/// An accepted connection, as HTTP reads and writes it. Dropping it returns its permit; a socket that it became still
/// holds it.
pub struct ConnectionIo {
    connection: Arc<Connection>,
    _room: OwnedSemaphorePermit,
    _from: FromThere,
}

/// The number of open connections from each address.
#[derive(Clone, Default)]
struct ByAddress(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// The connections from one address.
struct Address {
    all: ByAddress,
    address: IpAddr,
}

/// Counts a connection for its address, for as long as it is open.
struct FromThere(Address);

impl ByAddress {
    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn of(&self, address: IpAddr) -> Address {
        Address { all: self.clone(), address }
    }
}

impl Address {
    fn count(&self) -> usize {
        self.all.lock().get(&self.address).copied().unwrap_or_default()
    }

    fn one_more(self) -> FromThere {
        *self.all.lock().entry(self.address).or_default() += 1;
        FromThere(self)
    }
}

impl Drop for FromThere {
    fn drop(&mut self) {
        let Self(Address { all, address }) = self;
        let mut all = all.lock();
        if let Some(count) = all.get_mut(address) {
            *count -= 1;
            if *count == 0 {
                all.remove(address);
            }
        }
    }
}

/// The other end of a connection.
#[derive(Clone)]
pub struct Peer {
    pub address: SocketAddr,
    pub connection: Arc<Connection>,
    /// Whether the connection is reserved for clients with a token.
    pub is_reserved: bool,
}

impl AsyncRead for ConnectionIo {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.connection.poll_read(context, buffer)
    }
}

impl AsyncWrite for ConnectionIo {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.connection.poll_write(context, &[IoSlice::new(bytes)])
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.connection.poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.connection.poll_flush(context))?;
        Poll::Ready(SockRef::from(self.connection.stream()).shutdown(Shutdown::Write))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.connection.poll_write(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }
}
