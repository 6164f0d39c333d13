//! More clients at once than there is room for: each gets an answer, and those who have a place are
//! served. `tests/clients/storm.mjs` does it with ten thousand.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _, future::join_all};
use sangkien::server::listen;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{self, Message, client::IntoClientRequest as _};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::crash::{Server, with_arguments};
use crate::database::{PATIENCE, in_time, sqlite_url};

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Files of the process, those of them for connections, and those of these for sockets.
const FILES: usize = 400;
const CONNECTIONS: usize = 200;
const SOCKETS: usize = 180;

/// A server that may have no more files open.
async fn serve(dir: &Path) -> Server {
    let mut limited = Command::new("sh");
    let limit = format!(r#"ulimit -n {FILES}; exec "$@""#);
    limited.args(["-c", &limit, "sh"]).arg(env!("CARGO_BIN_EXE_sangkien"));
    Server::start(with_arguments(limited, &sqlite_url(&dir.join("it.db")))).await
}

/// A socket that has heard the present state; or the head of the answer that refused it.
async fn connect(address: &str) -> Result<Stream, tungstenite::http::response::Parts> {
    let mut request = format!("ws://{address}/graphql").into_client_request().unwrap();
    let protocol = "graphql-transport-ws".parse().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", protocol);
    let mut stream = match in_time(tokio_tungstenite::connect_async(request)).await {
        Ok((stream, _)) => stream,
        Err(tungstenite::Error::Http(refused)) => return Err(refused.into_parts().0),
        Err(other) => panic!("neither taken nor refused: {other}"),
    };
    let query = "subscription { tally(unit: { code: \"root\" }) { submitted } }";
    for said in [
        json!({ "type": "connection_init" }),
        json!({ "id": "1", "type": "subscribe", "payload": { "query": query } }),
    ] {
        stream.send(Message::text(said.to_string())).await.unwrap();
    }
    for expected in ["connection_ack", "next"] {
        let heard = in_time(stream.next()).await.unwrap().unwrap();
        let heard: Value = serde_json::from_str(heard.to_text().unwrap()).unwrap();
        assert_eq!(heard["type"], expected, "{heard}");
    }
    Ok(stream)
}

async fn until(what: &str, holds: impl AsyncFn() -> bool) {
    let waiting = async { while !holds().await {} };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("not {what}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_with_few_files_refuses_what_it_has_no_room_for() {
    let dir = tempfile::tempdir().unwrap();
    let server = serve(dir.path()).await;
    let address = server.address.strip_prefix("http://").unwrap();
    let answers = join_all((0..2 * SOCKETS).map(|_| connect(address))).await;
    let (taken, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!((taken.len(), refused.len()), (SOCKETS, SOCKETS));
    for head in refused.into_iter().filter_map(Result::err) {
        assert_eq!(
            (head.status.as_u16(), &head.headers["retry-after"]),
            (503, &"1".parse().unwrap())
        );
        assert_eq!(head.headers["connection"], "close");
    }
    // Requests have room beside them.
    let http = reqwest::Client::builder().timeout(Duration::from_secs(30)).build().unwrap();
    let is_ready = async || {
        let ready = http.get(format!("http://{address}/health/ready")).send().await;
        ready.unwrap().status().is_success()
    };
    until("ready", is_ready).await;
    // Those who go make room.
    drop(taken);
    until("free", async || connect(address).await.is_ok()).await;
    assert!(server.stop().await.success());
}

/// Connections that were not even asked for anything are no more than there are files for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_too_many_is_told_so() {
    let dir = tempfile::tempdir().unwrap();
    let server = serve(dir.path()).await;
    let address = server.address.strip_prefix("http://").unwrap();
    let idle = join_all((0..CONNECTIONS).map(|_| TcpStream::connect(address))).await;
    assert!(idle.iter().all(Result::is_ok));
    let http = reqwest::Client::builder().timeout(Duration::from_secs(30)).build().unwrap();
    let ask = async || http.get(format!("http://{address}/health/ready")).send().await;
    let refused = ask().await.unwrap();
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["retry-after"]),
        (503, &"1".parse().unwrap())
    );
    assert!(refused.text().await.unwrap().contains("UNAVAILABLE"));
    // One that asks nothing is told as well.
    let mut silent = TcpStream::connect(address).await.unwrap();
    let mut told = String::new();
    in_time(silent.read_to_string(&mut told)).await.unwrap();
    assert!(told.starts_with("HTTP/1.1 503 ") && told.contains("UNAVAILABLE"), "{told}");
    drop(idle);
    until("free", async || ask().await.is_ok_and(|told| told.status().is_success())).await;
    assert!(server.stop().await.success());
}

/// Those who come while the server does not get to take them wait; none is dropped, to try again
/// after a second.
#[tokio::test]
async fn many_may_come_at_once() {
    let (_listener, address) = listen("127.0.0.1:0").await.unwrap();
    let connects = in_time(join_all((0..1_000).map(|_| TcpStream::connect(address)))).await;
    assert!(connects.iter().all(Result::is_ok));
}
