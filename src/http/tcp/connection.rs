//! A connection that several tasks write to: the task that serves it, and publishing tasks through the direct sinks of
//! its socket.

use std::future::poll_fn;
use std::io::{self, ErrorKind, IoSlice};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::ReadBuf;
use tokio::net::TcpStream;
use tokio::sync::Notify;

/// A TCP connection. While it carries HTTP it is written to like any stream. Once it carries frames, each write must be
/// of whole frames: bytes that the kernel has no room for are kept, and nothing else goes out before them.
pub struct Connection {
    stream: TcpStream,
    carries_frames: AtomicBool,
    /// Whether the next head is that of an upgrade; still set until the socket begins.
    spells: AtomicBool,
    /// The unsent end of the last frame.
    rest: Mutex<Vec<u8>>,
    /// Signalled when a frame leaves a rest.
    left: Notify,
}

impl Connection {
    pub fn new(stream: TcpStream) -> Self {
        let (carries_frames, spells) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { stream, carries_frames, spells, rest: Mutex::default(), left: Notify::new() }
    }

    pub const fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Notes that each write is of whole frames from now on.
    pub fn carry_frames(&self) {
        self.spells.store(false, Ordering::Relaxed);
        self.carries_frames.store(true, Ordering::Relaxed);
    }

    /// Writes the name of the subprotocol's header as RFC 6455 spells it, in the head that comes next. Some
    /// clients (Python's gql) look for it by case, and hyper writes small letters.
    pub fn spell_subprotocol(&self) {
        self.spells.store(true, Ordering::Relaxed);
    }

    /// Writes a whole frame after all that was written before. Writes nothing and gives `false` while a rest
    /// is unsent, or when the kernel has no room.
    pub fn try_write_frame(&self, parts: &[&[u8]; 3]) -> bool {
        let mut rest = self.rest();
        if !rest.is_empty() {
            return false;
        }
        // The task that reads from a broken connection notices it.
        let slices = parts.map(IoSlice::new);
        let Ok(written) = self.stream.try_write_vectored(&slices) else { return false };
        self.keep(&mut rest, &slices, written);
        true
    }

    /// Waits until a frame leaves a rest.
    pub async fn left(&self) {
        self.left.notified().await;
    }

    /// Writes the rest.
    ///
    /// # Errors
    /// When the connection is broken.
    pub async fn flush(&self) -> io::Result<()> {
        poll_fn(|context| self.poll_flush(context)).await
    }

    /// Reads about `max` bytes at most and drops them, until the end or a fault.
    pub async fn discard(&self, max: usize) {
        let mut bytes = vec![0; 16 * 1024];
        let mut seen = 0;
        while seen < max {
            let mut buffer = ReadBuf::new(&mut bytes);
            match poll_fn(|context| self.poll_read(context, &mut buffer)).await {
                Ok(()) if !buffer.filled().is_empty() => seen += buffer.filled().len(),
                _ => return,
            }
        }
    }

    fn rest(&self) -> MutexGuard<'_, Vec<u8>> {
        self.rest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the bytes after the first `written` as the rest.
    fn keep(&self, rest: &mut Vec<u8>, slices: &[IoSlice<'_>], mut written: usize) {
        for slice in slices {
            let of_it = written.min(slice.len());
            rest.extend_from_slice(&slice[of_it..]);
            written -= of_it;
        }
        if !rest.is_empty() {
            self.left.notify_one();
        }
    }

    pub fn poll_read(
        &self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            ready!(self.stream.poll_read_ready(context))?;
            match self.stream.try_read_buf(buffer) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                read => return Poll::Ready(read.map(|_| ())),
            }
        }
    }

    pub fn poll_write(
        &self,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.spells.load(Ordering::Relaxed) {
            let mut head: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).collect();
            spell_subprotocol(&mut head);
            return self.poll_write_as_it_is(context, &[IoSlice::new(&head)]);
        }
        self.poll_write_as_it_is(context, slices)
    }

    fn poll_write_as_it_is(
        &self,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut rest = self.rest();
        ready!(self.poll_rest(&mut rest, context))?;
        loop {
            ready!(self.stream.poll_write_ready(context))?;
            match self.stream.try_write_vectored(slices) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Ok(written) if self.carries_frames.load(Ordering::Relaxed) => {
                    self.keep(&mut rest, slices, written);
                    return Poll::Ready(Ok(slices.iter().map(|slice| slice.len()).sum()));
                }
                written => return Poll::Ready(written),
            }
        }
    }

    pub fn poll_flush(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_rest(&mut self.rest(), context)
    }

    fn poll_rest(&self, rest: &mut Vec<u8>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !rest.is_empty() {
            ready!(self.stream.poll_write_ready(context))?;
            match self.stream.try_write(rest) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                written => drop(rest.drain(..written?)),
            }
        }
        // Freed, since a rest is seldom and connections are many.
        *rest = Vec::new();
        Poll::Ready(Ok(()))
    }
}

/// Replaces the name in place, so that as many bytes are written as were given.
fn spell_subprotocol(head: &mut [u8]) {
    const NAME: &[u8] = b"\r\nSec-WebSocket-Protocol:";
    let found = head.windows(NAME.len()).position(|it| it.eq_ignore_ascii_case(NAME));
    if let Some(at) = found {
        head[at..at + NAME.len()].copy_from_slice(NAME);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use socket2::SockRef;
    use tokio::io::AsyncReadExt as _;
    use tokio::net::TcpListener;
    use tokio::task::yield_now;
    use tokio::time::timeout;

    use super::*;

    /// A frame of this test: its length, and then as often the number of its writer.
    fn frame(writer: u8, length: u16) -> Vec<u8> {
        let mut frame = length.to_be_bytes().to_vec();
        frame.resize(2 + usize::from(length), writer);
        frame
    }

    /// A connection that carries frames, and its other end; the kernel buffers little of the sent data.
    async fn pair() -> (Arc<Connection>, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let other = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        SockRef::from(&stream).set_send_buffer_size(16 << 10).unwrap();
        let connection = Connection::new(stream);
        connection.carry_frames();
        (Arc::new(connection), other)
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 3)]
    async fn frames_of_several_writers_go_out_whole() {
        const EACH: usize = 300;
        let (connection, mut other) = pair().await;
        let read = tokio::spawn(async move {
            let (mut of_task, mut of_lane) = (0, 0);
            let mut bytes = Vec::new();
            while of_task < EACH || of_lane < EACH {
                let length = other.read_u16().await.unwrap();
                bytes.resize(length.into(), 0);
                other.read_exact(&mut bytes).await.unwrap();
                let writer = bytes[0];
                assert!(bytes.iter().all(|&byte| byte == writer), "a frame is cut by another");
                *if writer == 1 { &mut of_task } else { &mut of_lane } += 1;
            }
        });
        let (task, lane) = (Arc::clone(&connection), Arc::clone(&connection));
        let task = async move {
            let mut rng = fastrand::Rng::with_seed(1);
            for _ in 0..EACH {
                let frame = frame(1, rng.u16(1..30_000));
                let slices = [IoSlice::new(&frame)];
                let written = poll_fn(|context| task.poll_write(context, &slices)).await;
                assert_eq!(written.unwrap(), frame.len());
                task.flush().await.unwrap();
            }
            // The rests that the sink leaves.
            loop {
                task.left().await;
                task.flush().await.unwrap();
            }
        };
        let task = tokio::spawn(task);
        let mut rng = fastrand::Rng::with_seed(2);
        let told = async move {
            for _ in 0..EACH {
                let frame = frame(2, rng.u16(1..30_000));
                let (head, rest) = frame.split_at(1);
                let (body, end) = rest.split_at(rest.len() / 2);
                while !lane.try_write_frame(&[head, body, end]) {
                    yield_now().await;
                }
            }
        };
        timeout(Duration::from_secs(60), told).await.expect("it is written");
        timeout(Duration::from_secs(60), read).await.expect("it is read").unwrap();
        task.abort();
    }

    #[tokio::test]
    async fn a_connection_that_is_not_read_keeps_no_more_than_one_frame() {
        let (connection, mut other) = pair().await;
        let frame = frame(1, u16::MAX);
        let mut taken = 0;
        while connection.try_write_frame(&[&frame, &[], &[]]) {
            taken += frame.len();
        }
        assert!(connection.rest().len() < frame.len());
        // The rest is signalled, and arrives once the other end reads.
        timeout(Duration::from_secs(60), connection.left()).await.expect("the rest is signalled");
        let mut bytes = vec![0; taken];
        let (flushed, read) = tokio::join!(connection.flush(), other.read_exact(&mut bytes));
        flushed.unwrap();
        assert_eq!(read.unwrap(), taken);
        assert!(connection.rest().is_empty());
    }
}
