//! The attackers: each attack comes from addresses of its own on loopback, for a while.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::Failed;
use crate::attacks::{Attack, FIRST_CURSOR, Sends};
use crate::server::Server;

/// The replies, by kind, and their numbers.
#[derive(Default, Clone)]
struct Heard(Arc<Mutex<BTreeMap<String, u64>>>);

impl Heard {
    fn note(&self, kind: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(kind).or_default() += 1;
    }

    fn text(&self) -> String {
        let told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let told: Vec<String> =
            told.iter().map(|(kind, count)| format!("{kind} × {count}")).collect();
        told.join(", ")
    }
}

/// An attacker, and until when it attacks.
#[derive(Clone)]
struct Stranger {
    from: IpAddr,
    server: String,
    first_cursor: String,
    until: Instant,
    told: Heard,
}

/// Carries an attack out for so long, from addresses in this network of their own, since budgets go by address; tells
/// what came back.
pub fn carry_out(
    attack: &Attack,
    network: [u8; 2],
    server: &Server,
    within: Duration,
) -> Result<String, Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let told = Heard::default();
    runtime.block_on(async {
        let first_cursor = first_cursor(&server.address).await?;
        let until = Instant::now() + within;
        let mut parties = JoinSet::new();
        for address in 0..attack.addresses {
            let from = IpAddr::V4(Ipv4Addr::new(127, network[0], network[1], address + 1));
            let stranger = Stranger {
                from,
                server: server.address.clone(),
                first_cursor: first_cursor.clone(),
                until,
                told: told.clone(),
            };
            match attack.sends {
                Sends::Posts { at_once, every, make } => {
                    for place in 0..at_once {
                        let first = u64::from(address) * 1_000_000 + place * 10_000;
                        parties.spawn(stranger.clone().post(first, every, make));
                    }
                }
                Sends::Feeds { sockets, operations, make } => {
                    for place in 0..sockets {
                        let first = u64::from(address) * 1_000_000 + place * operations;
                        parties.spawn(stranger.clone().feed(first, operations, make));
                    }
                }
            }
        }
        // Clients that still wait for an answer end with the runtime.
        let _late = tokio::time::timeout_at(until + Duration::from_secs(1), async {
            while parties.join_next().await.is_some() {}
        })
        .await;
        Ok::<(), Failed>(())
    })?;
    runtime.shutdown_background();
    Ok(told.text())
}

async fn first_cursor(server: &str) -> Result<String, Failed> {
    let query = json!({ "query": "{ initiativeEvents(first: 1) { pageInfo { endCursor } } }" });
    let post = reqwest::Client::new().post(format!("http://{server}/graphql")).json(&query);
    let answer: Value = post.send().await?.json().await?;
    let cursor = answer["data"]["initiativeEvents"]["pageInfo"]["endCursor"].as_str();
    Ok(cursor.ok_or_else(|| answer.to_string())?.to_owned())
}

impl Stranger {
    /// Sends request after request, the first of this number, with a pause between two.
    async fn post(self, first: u64, every: Duration, make: fn(u64) -> (Option<String>, Value)) {
        let client = reqwest::Client::builder().local_address(self.from).build();
        let Ok(client) = client else { return self.told.note("no client".into()) };
        for number in first.. {
            if Instant::now() >= self.until {
                return;
            }
            let (token, request) = make(number);
            let post = client.post(format!("http://{}/graphql", self.server)).json(&request);
            let post = match token {
                Some(token) => post.bearer_auth(token),
                None => post,
            };
            let kind = match post.send().await {
                Ok(answer) => {
                    let status = answer.status().as_u16();
                    let body = answer.bytes().await.unwrap_or_default();
                    format!("{status}{}", code_in(&body))
                }
                Err(error) if error.is_connect() => "not connected".to_owned(),
                Err(_) => "cut off".to_owned(),
            };
            self.told.note(kind);
            tokio::time::sleep(every).await;
        }
    }

    /// Opens a socket, subscribes so many times, and reads what comes.
    async fn feed(self, first: u64, operations: u64, make: fn(u64) -> (String, Value)) {
        let told = self.told.clone();
        let within = tokio::time::timeout_at(self.until, self.follow(first, operations, make));
        if let Ok(Err(error)) = within.await {
            told.note(error.to_string());
        }
    }

    async fn follow(
        &self,
        first: u64,
        operations: u64,
        make: fn(u64) -> (String, Value),
    ) -> Result<(), Failed> {
        let mut socket = self.open().await?;
        socket.send(Message::text(r#"{"type":"connection_init"}"#)).await?;
        for number in first..first + operations {
            let (id, payload) = make(number);
            let message = json!({ "id": id, "type": "subscribe", "payload": payload });
            let message = message.to_string().replace(FIRST_CURSOR, &self.first_cursor);
            socket.send(Message::text(message)).await?;
        }
        while let Some(frame) = socket.next().await {
            match frame? {
                Message::Text(text) => {
                    let kind = message_kind(&text);
                    if kind == "ping" {
                        socket.send(Message::text(r#"{"type":"pong"}"#)).await?;
                    }
                    self.told.note(kind);
                }
                Message::Close(frame) => {
                    let code = frame.map_or(1005, |frame| frame.code.into());
                    return Err(format!("closed {code}").into());
                }
                _ => {}
            }
        }
        Err("cut off".into())
    }

    async fn open(&self) -> Result<WebSocketStream<TcpStream>, Failed> {
        let mut request = format!("ws://{}/graphql", self.server).into_client_request()?;
        request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse()?);
        let socket = TcpSocket::new_v4()?;
        socket.bind((self.from, 0).into())?;
        let stream = socket.connect(self.server.parse()?).await?;
        let (socket, _) = client_async(request, stream).await.map_err(|error| match error {
            tokio_tungstenite::tungstenite::Error::Http(answer) => {
                answer.status().as_u16().to_string().into()
            }
            other => Failed::from(other),
        })?;
        Ok(socket)
    }
}

/// The code of the first error of an answer, behind a space; nothing where it has none.
fn code_in(body: &[u8]) -> String {
    // Answers of megabytes are not read through.
    if body.len() > 64 * 1024 {
        return String::new();
    }
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    let code = answer["errors"][0]["extensions"]["code"].as_str();
    code.map(|code| format!(" {code}")).unwrap_or_default()
}

fn message_kind(text: &str) -> String {
    if text.len() > 64 * 1024 || text.contains("\"type\":\"next\"") {
        return "next".to_owned();
    }
    let message: Value = serde_json::from_str(text).unwrap_or_default();
    let kind = message["type"].as_str().unwrap_or("no message");
    let code = message["payload"][0]["extensions"]["code"].as_str();
    code.map_or_else(|| kind.to_owned(), |code| format!("{kind} {code}"))
}
