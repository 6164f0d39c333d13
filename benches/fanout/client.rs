//! Sockets that read and count: frames of RFC 6455 over plain TCP, nothing of them understood but
//! where they end, and of a state its version and time.

use std::cell::RefCell;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use sangkien::domain::Timestamp;
use sangkien::domain::clock::{Clock as _, SystemClock};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;

use crate::Failed;

/// Sockets of one client address: half of what a server takes from one, so that those that are
/// still leaving do not count against the next.
const SOCKETS_AN_ADDRESS: usize = 500;
const CONNECTING_AT_ONCE: usize = 128;
const TEXT: u8 = 1;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

/// The counts of all sockets of a crowd.
#[derive(Default)]
pub struct Counts {
    pub messages: AtomicU64,
    pub bytes: AtomicU64,
    /// Sockets that the other side ended.
    pub gone: AtomicU64,
    /// The messages of each socket after its first.
    pub of_each: Vec<AtomicU64>,
    /// Milliseconds from a change to its receipt, while they are measured.
    delays: Mutex<Vec<u64>>,
    is_measuring: AtomicBool,
    /// The last time that was read, as it stood and in milliseconds: mostly it comes again.
    last_as_of: Mutex<(Vec<u8>, i64)>,
}

/// Open sockets; dropped, they are closed.
pub struct Crowd {
    pub counts: Arc<Counts>,
    readers: JoinSet<()>,
}

/// The subscriptions that sockets ask for, and the address.
#[derive(Clone)]
pub struct Wish {
    pub address: SocketAddr,
    /// `None`: nothing is asked, frames just come.
    pub path: Option<&'static str>,
    /// A payload of `subscribe` for each socket in turn.
    pub asked: Arc<Vec<String>>,
}

impl Wish {
    fn of(&self, number: usize) -> &str {
        &self.asked[number % self.asked.len()]
    }
}

impl Crowd {
    /// Connects, subscribes and waits until each socket has had its first message.
    pub async fn gather(wish: &Wish, sockets: usize) -> Result<Self, Failed> {
        let of_each = (0..sockets).map(|_| AtomicU64::default()).collect();
        let counts = Arc::new(Counts { of_each, ..Counts::default() });
        let mut crowd = Self { counts, readers: JoinSet::new() };
        let mut connecting = JoinSet::new();
        for number in 0..sockets {
            if connecting.len() >= CONNECTING_AT_ONCE {
                crowd.admit(connecting.join_next().await);
            }
            let wish = wish.clone();
            connecting.spawn(async move {
                let opened = open(&wish, number).await;
                (number, opened.map_err(|error| error.to_string()))
            });
        }
        while !connecting.is_empty() {
            crowd.admit(connecting.join_next().await);
        }
        Ok(crowd)
    }

    fn admit(&mut self, opened: Option<Result<Opened, tokio::task::JoinError>>) {
        let Some(opened) = opened else { return };
        let (number, opened) = opened.expect("connecting does not panic");
        match opened {
            Ok((stream, kept)) => {
                let counts = Arc::clone(&self.counts);
                self.readers.spawn(async move {
                    // Any error of the stream is the end of it.
                    let _ended = read(stream, kept, &counts, number).await;
                    counts.gone.fetch_add(1, Ordering::Relaxed);
                });
            }
            Err(error) => {
                eprintln!("socket {number}: {error}");
                self.counts.gone.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    pub fn messages(&self) -> u64 {
        self.counts.messages.load(Ordering::Relaxed)
    }

    pub fn gone(&self) -> u64 {
        self.counts.gone.load(Ordering::Relaxed)
    }

    /// Measures delays from now on, or takes those measured, in order.
    pub fn measure_delays(&self) {
        self.counts.is_measuring.store(true, Ordering::Relaxed);
    }

    pub fn delays(&self) -> Vec<u64> {
        let mut delays = std::mem::take(&mut *lock(&self.counts.delays));
        delays.sort_unstable();
        delays
    }
}

type Opened = (usize, Result<(TcpStream, Vec<u8>), String>);

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A socket that has had its first message, and what came behind that.
async fn open(wish: &Wish, number: usize) -> Result<(TcpStream, Vec<u8>), Failed> {
    let socket = TcpSocket::new_v4()?;
    let place = u8::try_from(number / SOCKETS_AN_ADDRESS % 200)? + 2;
    socket.bind((Ipv4Addr::new(127, 0, 0, place), 0).into())?;
    let mut stream = socket.connect(wish.address).await?;
    stream.set_nodelay(true)?;
    let mut kept = Vec::new();
    let Some(path) = wish.path else { return Ok((stream, kept)) };
    let head = format!(
        "GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         sec-websocket-protocol: graphql-transport-ws\r\n\r\n",
        wish.address
    );
    stream.write_all(head.as_bytes()).await?;
    let end = loop {
        if let Some(end) = kept.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        more(&mut stream, &mut kept).await?;
    };
    if !kept.starts_with(b"HTTP/1.1 101") {
        return Err(String::from_utf8_lossy(&kept[..end]).into());
    }
    kept.drain(..end);
    stream.write_all(&frame(TEXT, br#"{"type":"connection_init"}"#)).await?;
    expect(&mut stream, &mut kept, b"connection_ack").await?;
    let subscribe = format!(r#"{{"id":"1","type":"subscribe","payload":{}}}"#, wish.of(number));
    stream.write_all(&frame(TEXT, subscribe.as_bytes())).await?;
    expect(&mut stream, &mut kept, b"\"next\"").await?;
    Ok((stream, kept))
}

async fn more(stream: &mut TcpStream, kept: &mut Vec<u8>) -> Result<(), Failed> {
    if stream.read_buf(kept).await? == 0 {
        return Err("the other side ended the socket".into());
    }
    Ok(())
}

/// Waits for the next text, which must hold this.
async fn expect(stream: &mut TcpStream, kept: &mut Vec<u8>, part: &[u8]) -> Result<(), Failed> {
    loop {
        let Some((opcode, payload, length)) = next_frame(kept) else {
            more(stream, kept).await?;
            continue;
        };
        let is_it = opcode == TEXT && find(payload, part).is_some();
        if opcode == CLOSE || (opcode == TEXT && !is_it) {
            return Err(String::from_utf8_lossy(payload).into());
        }
        kept.drain(..length);
        if is_it {
            return Ok(());
        }
    }
}

/// Opcode, payload and whole length of the frame at the beginning, if all of it is there.
fn next_frame(bytes: &[u8]) -> Option<(u8, &[u8], usize)> {
    let (&[first, second], rest) = bytes.split_first_chunk::<2>()?;
    let (length, head) = match second & 0x7f {
        126 => (usize::from(u16::from_be_bytes(*rest.first_chunk()?)), 4),
        127 => (usize::try_from(u64::from_be_bytes(*rest.first_chunk()?)).ok()?, 10),
        length => (usize::from(length), 2),
    };
    let payload = bytes.get(head..head + length)?;
    Some((first & 0x0f, payload, head + length))
}

/// A frame of a client. Masked by zeros, which leave it as it is.
fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x80 | opcode];
    if let Ok(length @ ..126) = u8::try_from(payload.len()) {
        frame.push(0x80 | length);
    } else if let Ok(length) = u16::try_from(payload.len()) {
        frame.push(0x80 | 0x7e);
        frame.extend(length.to_be_bytes());
    } else {
        frame.push(0x80 | 0x7f);
        frame.extend((payload.len() as u64).to_be_bytes());
    }
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}

/// Counts what comes until the socket ends. Bytes are read where all sockets read, so that an idle
/// one holds none.
async fn read(
    stream: TcpStream,
    mut kept: Vec<u8>,
    counts: &Counts,
    number: usize,
) -> Result<(), Failed> {
    loop {
        stream.readable().await?;
        match take_in(&stream, &mut kept) {
            Ok(0) => return Ok(()),
            Ok(length) => drop(counts.bytes.fetch_add(length as u64, Ordering::Relaxed)),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error.into()),
        }
        let mut done = 0;
        while let Some((opcode, payload, length)) = next_frame(&kept[done..]) {
            match opcode {
                TEXT => counts.note(payload, number),
                PING => drop(stream.try_write(&frame(PONG, payload))),
                CLOSE => return Ok(()),
                _ => {}
            }
            done += length;
        }
        kept.drain(..done);
        if kept.is_empty() {
            kept = Vec::new();
        }
    }
}

thread_local! {
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; 64 * 1024]);
}

fn take_in(stream: &TcpStream, kept: &mut Vec<u8>) -> std::io::Result<usize> {
    SCRATCH.with_borrow_mut(|scratch| {
        let length = stream.try_read(scratch)?;
        kept.extend_from_slice(&scratch[..length]);
        Ok(length)
    })
}

impl Counts {
    fn note(&self, payload: &[u8], number: usize) {
        self.messages.fetch_add(1, Ordering::Relaxed);
        self.of_each[number].fetch_add(1, Ordering::Relaxed);
        if !self.is_measuring.load(Ordering::Relaxed) {
            return;
        }
        const AS_OF: &[u8] = br#""asOf":""#;
        let Some(place) = find(payload, AS_OF) else { return };
        let text = &payload[place + AS_OF.len()..];
        let Some(end) = text.iter().position(|&byte| byte == b'"') else { return };
        let text = &text[..end];
        let mut last = lock(&self.last_as_of);
        if last.0 != text {
            let at = std::str::from_utf8(text).ok().and_then(|it| Timestamp::parse(it).ok());
            let Some(at) = at else { return };
            *last = (text.to_vec(), at.0);
        }
        let delay = u64::try_from(SystemClock.now().0 - last.1).unwrap_or(0);
        drop(last);
        lock(&self.delays).push(delay);
    }
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, part)
}

/// The payload of `subscribe`.
pub fn payload(query: &str, variables: &serde_json::Value) -> String {
    json!({ "query": query, "variables": variables }).to_string()
}
