//! The line to PostgreSQL, which a test can spoil: replies that never come, commits that are lost, connections that are cut.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A commit, as it is sent.
const COMMIT: &[u8] = b"commit\0";

/// A line that passes everything on until it is told otherwise.
pub struct Wire {
    pub url: String,
    shared: Arc<Shared>,
}

struct Shared {
    server: SocketAddr,
    is_silent: watch::Sender<bool>,
    /// Connections of a number up to this one are cut.
    cut: watch::Sender<usize>,
    /// The fate of the next commit.
    commit: Mutex<Option<Loss>>,
    connections: AtomicUsize,
    /// How often something was asked.
    asked: AtomicUsize,
}

/// The part of a commit that is lost. Its connection stays open, and nothing passes any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    Request,
    Reply,
}

impl Wire {
    /// A line to the database of this URL, at another port.
    pub async fn to(url: &str) -> Self {
        let (before, host) = url.split_once('@').expect("a user");
        let (server, name) = host.split_once('/').expect("a name");
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let port = listener.local_addr().expect("it listens").port();
        let shared = Arc::new(Shared {
            server: server.parse().expect("an address"),
            is_silent: watch::Sender::new(false),
            cut: watch::Sender::new(0),
            commit: Mutex::default(),
            connections: AtomicUsize::new(0),
            asked: AtomicUsize::new(0),
        });
        tokio::spawn(listen(listener, Arc::clone(&shared)));
        Self { url: format!("{before}@127.0.0.1:{port}/{name}"), shared }
    }

    /// From now on no reply comes, on connections old and new; or all come again, on new ones.
    pub fn set_silent(&self, is_silent: bool) {
        self.shared.is_silent.send_replace(is_silent);
    }

    /// Ends all connections.
    pub fn cut(&self) {
        self.shared.cut.send_replace(self.connections());
    }

    /// Loses the next commit, or the reply to it.
    pub fn lose_next_commit(&self, loss: Loss) {
        *self.shared.commit.lock().expect("no holder panics") = Some(loss);
    }

    /// Whether the next commit is still to come.
    pub fn awaits_commit(&self) -> bool {
        self.shared.commit.lock().expect("no holder panics").is_some()
    }

    /// How often something was asked so far: once for each statement or more.
    pub fn asked(&self) -> usize {
        self.shared.asked.load(Ordering::Relaxed)
    }

    /// Connections so far.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::Relaxed)
    }
}

impl Shared {
    fn take_loss(&self) -> Option<Loss> {
        self.commit.lock().expect("no holder panics").take()
    }
}

async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((client, _)) = listener.accept().await {
        let number = shared.connections.fetch_add(1, Ordering::Relaxed) + 1;
        tokio::spawn(pass(client, number, Arc::clone(&shared)));
    }
}

/// Passes on what comes from either side. Ends with the connection, however that ends.
async fn pass(mut client: TcpStream, number: usize, shared: Arc<Shared>) {
    let Ok(mut server) = TcpStream::connect(shared.server).await else { return };
    let mut cut = shared.cut.subscribe();
    let mut is_dead = *shared.is_silent.borrow();
    let mut silent = shared.is_silent.subscribe();
    let (mut asked, mut replied) = ([0; 16 * 1024], [0; 16 * 1024]);
    loop {
        tokio::select! {
            () = until(&mut cut, |&last| number <= last) => return,
            () = until(&mut silent, |&is_silent| is_silent), if !is_dead => is_dead = true,
            read = client.read(&mut asked) => {
                let Ok(length @ 1..) = read else { break };
                shared.asked.fetch_add(1, Ordering::Relaxed);
                let asked = &asked[..length];
                let is_commit = asked.windows(COMMIT.len()).any(|part| part == COMMIT);
                let loss = is_commit.then(|| shared.take_loss()).flatten();
                is_dead |= loss.is_some();
                if loss != Some(Loss::Request) && server.write_all(asked).await.is_err() {
                    return;
                }
            }
            read = server.read(&mut replied) => {
                let Ok(length @ 1..) = read else { break };
                if !is_dead && client.write_all(&replied[..length]).await.is_err() {
                    return;
                }
            }
        }
    }
    if is_dead {
        // As when the machines are no longer joined: neither hears that the other is gone.
        until(&mut cut, |&last| number <= last).await;
    }
}

async fn until<T>(watched: &mut watch::Receiver<T>, holds: impl FnMut(&T) -> bool) {
    // The sender lives as long as the line.
    let _seen = watched.wait_for(holds).await;
}
