//! More clients at the same time than the server admits: each gets a response, and clients with a permit are served.
//! `tests/clients/storm.mjs` does it with ten thousand.

use std::net::IpAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _, future::join_all};
use sangkien::server::listen;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{self, Message, client::IntoClientRequest as _};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::crash::{Server, TOKEN, with_arguments};
use crate::database::{PATIENCE, in_time, sqlite_url};

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Files of the process, those of them for connections, and those of these for sockets.
const FILES: usize = 400;
const CONNECTIONS: usize = 200;
const SOCKETS: usize = 180;

/// A server that may have no more files open.
async fn serve(dir: &Path, arguments: &[&str]) -> Server {
    let mut limited = Command::new("sh");
    let limit = format!(r#"ulimit -n {FILES}; exec "$@""#);
    limited.args(["-c", &limit, "sh"]).arg(env!("CARGO_BIN_EXE_sangkien"));
    let mut program = with_arguments(limited, &sqlite_url(&dir.join("it.db")));
    program.args(arguments);
    Server::start(program).await
}

/// The reason why there is no socket.
#[derive(Debug)]
enum Refused {
    /// The head of the response to the upgrade.
    Head(Box<tungstenite::http::response::Parts>),
    /// The close code of a socket that was open and had shown no token.
    Ended(CloseCode),
}

/// A socket that has received the present state, of one of many clients behind a proxy.
async fn connect(address: &str, client: usize, token: Option<&str>) -> Result<Stream, Refused> {
    let mut request = format!("ws://{address}/graphql").into_client_request().unwrap();
    let from = format!("10.0.{}.{}", client / 250, client % 250 + 1);
    let headers = request.headers_mut();
    headers.insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
    headers.insert("x-forwarded-for", from.parse().unwrap());
    let mut stream = match in_time(tokio_tungstenite::connect_async(request)).await {
        Ok((stream, _)) => stream,
        Err(tungstenite::Error::Http(refused)) => {
            return Err(Refused::Head(Box::new(refused.into_parts().0)));
        }
        Err(other) => panic!("neither taken nor refused: {other}"),
    };
    let query = "subscription { tally(unit: { code: \"root\" }) { submitted } }";
    let shown = token.map(|token| json!({ "authorization": format!("Bearer {token}") }));
    for said in [
        json!({ "type": "connection_init", "payload": shown.unwrap_or_else(|| json!({})) }),
        json!({ "id": "1", "type": "subscribe", "payload": { "query": query } }),
    ] {
        // The server may have closed it by now.
        let _gone = stream.send(Message::text(said.to_string())).await;
    }
    for expected in ["connection_ack", "next"] {
        let heard = match in_time(stream.next()).await.unwrap().unwrap() {
            Message::Close(frame) => return Err(Refused::Ended(frame.unwrap().code)),
            heard => heard,
        };
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
async fn strangers_are_refused_before_all_places_are_taken() {
    let dir = tempfile::tempdir().unwrap();
    let server = serve(dir.path(), &["--behind-proxy"]).await;
    let address = server.address.strip_prefix("http://").unwrap();
    let strangers = (0..2 * SOCKETS).map(|client| connect(address, client, None));
    let (taken, refused): (Vec<_>, Vec<_>) =
        join_all(strangers).await.into_iter().partition(Result::is_ok);
    // Sockets that have not sent `connection_init` may have held the permits for a while.
    let expected = SOCKETS / 2..=SOCKETS - SOCKETS / 4;
    assert!(expected.contains(&taken.len()), "{} were taken", taken.len());
    for refused in refused.into_iter().filter_map(Result::err) {
        match refused {
            Refused::Head(head) => {
                let told = (head.status.as_u16(), &head.headers["retry-after"]);
                assert_eq!(told, (503, &"1".parse().unwrap()));
                assert_eq!(head.headers["connection"], "close");
            }
            Refused::Ended(code) => assert_eq!(u16::from(code), 1013),
        }
    }
    // A quarter is reserved for clients with a token, and requests are admitted beside them.
    let mut holders = Vec::new();
    for client in 0..SOCKETS / 4 {
        let client = 3 * SOCKETS + client;
        let holder = async {
            loop {
                if let Ok(holder) = connect(address, client, Some(TOKEN)).await {
                    return holder;
                }
            }
        };
        holders.push(in_time(holder).await);
    }
    let http = reqwest::Client::builder().timeout(Duration::from_secs(30)).build().unwrap();
    let is_ready = async || {
        let ready = http.get(format!("http://{address}/health/ready")).send().await;
        ready.is_ok_and(|ready| ready.status().is_success())
    };
    until("ready", is_ready).await;
    // Clients that go free their permits.
    drop((taken, holders));
    until("free", async || connect(address, 1, None).await.is_ok()).await;
    assert!(server.stop().await.success());
}

/// Connections that sent no request are no more than there are files for, and one address has a part of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_too_many_is_told_so() {
    let dir = tempfile::tempdir().unwrap();
    let server = serve(dir.path(), &[]).await;
    let address = server.address.strip_prefix("http://").unwrap();
    let idle = join_all((0..CONNECTIONS / 2).map(|_| TcpStream::connect(address))).await;
    assert!(idle.iter().all(Result::is_ok));
    let from = |local: Option<[u8; 4]>| {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(30));
        http.local_address(local.map(IpAddr::from)).build().unwrap()
    };
    let http = from(None);
    let ask = async || http.get(format!("http://{address}/health/ready")).send().await;
    let refused = ask().await.unwrap();
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["retry-after"]),
        (503, &"1".parse().unwrap())
    );
    assert!(refused.text().await.unwrap().contains("UNAVAILABLE"));
    // A connection without a request gets the response as well.
    let mut silent = TcpStream::connect(address).await.unwrap();
    let mut told = String::new();
    in_time(silent.read_to_string(&mut told)).await.unwrap();
    assert!(told.starts_with("HTTP/1.1 503 ") && told.contains("UNAVAILABLE"), "{told}");
    // Another address still has permits.
    let other = from(Some([127, 0, 0, 2]));
    let served = other.get(format!("http://{address}/graphiql")).send().await.unwrap();
    assert!(served.status().is_success());
    drop(idle);
    until("free", async || ask().await.is_ok_and(|told| told.status().is_success())).await;
    assert!(server.stop().await.success());
}

/// The last quarter of connections is reserved for clients with a token, and for operators.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_without_a_token_does_not_get_the_last_connections() {
    let dir = tempfile::tempdir().unwrap();
    let server = serve(dir.path(), &["--behind-proxy"]).await;
    let address = server.address.strip_prefix("http://").unwrap();
    let strangers = CONNECTIONS - CONNECTIONS / 4;
    let idle = join_all((0..strangers).map(|_| TcpStream::connect(address))).await;
    assert!(idle.iter().all(Result::is_ok));
    let http = reqwest::Client::builder().timeout(Duration::from_secs(30)).build().unwrap();
    let ask = async |token: Option<&str>| {
        let body = json!({ "query": "{ root { code } }" });
        let asked = http.post(format!("http://{address}/graphql")).json(&body);
        let asked = token.into_iter().fold(asked, |asked, token| asked.bearer_auth(token));
        let answer = asked.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let (status, told) = ask(None).await;
    assert!(status == 503 && told.contains("UNAVAILABLE"), "{status} {told}");
    let (status, told) = ask(Some(TOKEN)).await;
    assert!(status == 200 && told.contains("root"), "{status} {told}");
    let live = http.get(format!("http://{address}/health/live")).send().await.unwrap();
    assert_eq!(
        (live.status().as_u16(), &live.headers()["connection"]),
        (200, &"close".parse().unwrap())
    );
    // A connection without a request is closed.
    let mut silent = TcpStream::connect(address).await.unwrap();
    let mut told = String::new();
    in_time(silent.read_to_string(&mut told)).await.unwrap();
    assert_eq!(told, "");
    drop(idle);
    until("free", async || ask(None).await.0 == 200).await;
    assert!(server.stop().await.success());
}

/// Connections that the server has not accepted yet wait; the system drops none, which would try again after a second.
#[tokio::test]
async fn many_may_come_at_once() {
    let (_listener, address) = listen("127.0.0.1:0").await.unwrap();
    let connects = in_time(join_all((0..1_000).map(|_| TcpStream::connect(address)))).await;
    assert!(connects.iter().all(Result::is_ok));
}
