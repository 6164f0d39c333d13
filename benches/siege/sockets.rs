//! Bytes that sockets take in the server's process: idle ones, and ones whose operations came with large variables
//! that their documents do not declare.

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::Failed;
use crate::server::Server;

type Socket = WebSocketStream<TcpStream>;

/// Operations on a socket: as many as there may be.
const OPERATIONS: usize = sangkien::limits::SOCKET_OPERATIONS_MAX;
const VARIABLE: usize = 64_000;
const IDLE: usize = 500;
const LOADED: usize = 100;

/// The memory of one socket.
pub struct Bytes {
    /// A socket that was welcomed, and asked nothing.
    pub idle: u64,
    /// A socket with as many subscriptions as it may have, each sent with a variable of 64 KB that no document
    /// declares.
    pub loaded: u64,
}

pub fn measure(server: &Server) -> Result<Bytes, Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let before = server.resident_bytes()?;
        let mut idle = Vec::new();
        for _ in 0..IDLE {
            idle.push(open(server).await?);
        }
        let with_idle = server.resident_bytes()?;
        let mut loaded = Vec::new();
        for _ in 0..LOADED {
            let mut socket = open(server).await?;
            load(&mut socket).await?;
            loaded.push(socket);
        }
        let with_loaded = server.resident_bytes()?;
        Ok(Bytes {
            idle: with_idle.saturating_sub(before) / IDLE as u64,
            loaded: with_loaded.saturating_sub(with_idle) / LOADED as u64,
        })
    })
}

/// A socket that was welcomed.
async fn open(server: &Server) -> Result<Socket, Failed> {
    let mut request = format!("ws://{}/graphql", server.address).into_client_request()?;
    request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse()?);
    let socket = TcpSocket::new_v4()?;
    socket.bind(([127, 9, 9, 9], 0).into())?;
    let stream = socket.connect(server.address.parse()?).await?;
    let (mut socket, _) = client_async(request, stream).await?;
    socket.send(Message::text(r#"{"type":"connection_init"}"#)).await?;
    until(&mut socket, "connection_ack", 1).await?;
    Ok(socket)
}

/// Subscribes as often as it may, and waits until each has told its state.
async fn load(socket: &mut Socket) -> Result<(), Failed> {
    let text = "x".repeat(VARIABLE);
    for number in 0..OPERATIONS {
        let query = "subscription { leaderboard(first: 3) { total { submitted } } }";
        let payload = json!({ "query": query, "variables": { "none": text } });
        let message = json!({ "id": number.to_string(), "type": "subscribe", "payload": payload });
        socket.send(Message::text(message.to_string())).await?;
    }
    until(socket, "next", OPERATIONS).await
}

/// Reads until so many messages of the kind have come.
async fn until(socket: &mut Socket, kind: &str, mut count: usize) -> Result<(), Failed> {
    while count > 0 {
        let Message::Text(text) = socket.next().await.ok_or("the socket ended")?? else { continue };
        let message: Value = serde_json::from_str(&text)?;
        match message["type"].as_str() {
            Some(it) if it == kind => count -= 1,
            Some("ping") => socket.send(Message::text(r#"{"type":"pong"}"#)).await?,
            Some("next" | "connection_ack") => {}
            _ => return Err(text.as_str().into()),
        }
    }
    Ok(())
}
