//! Real clients and proxies: the formats that they accept, the headers that they send, and the sizes of
//! both.

use std::time::Duration;

use reqwest::header::{
    ACCEPT, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_REQUEST_HEADERS, CONTENT_ENCODING,
    CONTENT_TYPE, ORIGIN,
};
use reqwest::{Method, Response};
use sangkien::limits::{BODY_MAX, DISCARD_MAX, MESSAGE_MAX};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{PATIENCE, World, code_of};

const ROOT: &str = "{ root { code } }";
const TALLY: &str = r#"subscription { tally(unit: { code: "tld" }) { submitted } }"#;
/// The header that Apollo Kotlin and iOS send with every operation.
const DEFER: &str = "multipart/mixed;deferSpec=20220824, application/json";
/// The header that urql sends with every operation.
const URQL: &str = "application/graphql-response+json, application/graphql+json, application/json, \
    text/event-stream, multipart/mixed";

fn kind(response: &Response) -> &str {
    response.headers().get(CONTENT_TYPE).map_or("", |value| value.to_str().unwrap())
}

async fn post(world: &World, accept: &str, query: &str) -> Response {
    let request = world.post().header(ACCEPT, accept).json(&json!({ "query": query }));
    request.send().await.unwrap()
}

async fn get(world: &World, accept: &str, query: &str) -> Response {
    let mut url = reqwest::Url::parse("http://here/graphql").unwrap();
    url.query_pairs_mut().append_pair("query", query);
    let asked = format!("/graphql?{}", url.query().unwrap());
    world.get(&asked).header(ACCEPT, accept).send().await.unwrap()
}

#[tokio::test]
async fn a_protocol_within_a_media_type_is_not_another_one() {
    let world = World::start().await;
    for (accept, query, expected) in [
        (DEFER, ROOT, "application/json"),
        (
            "multipart/mixed; deferSpec=20220824, application/graphql-response+json;q=0.9",
            ROOT,
            "application/graphql-response+json",
        ),
        ("multipart/mixed;incrementalSpec=v0.2, application/json", ROOT, "application/json"),
        (
            "multipart/mixed;boundary=\"graphql\";subscriptionSpec=1.0, application/json",
            TALLY,
            "multipart/mixed",
        ),
        ("multipart/mixed;subscriptionSpec=\"1.0\", application/json", TALLY, "multipart/mixed"),
        (URQL, ROOT, "application/graphql-response+json"),
        // A subscription goes by the first that can carry one.
        (URQL, TALLY, "text/event-stream"),
        ("application/json, multipart/mixed;subscriptionSpec=1.0", TALLY, "multipart/mixed"),
        ("application/json, text/*;q=0.1", TALLY, "text/event-stream"),
    ] {
        for response in [post(&world, accept, query).await, get(&world, accept, query).await] {
            assert_eq!(response.status(), 200, "{accept}");
            assert!(kind(&response).starts_with(expected), "{accept}: {}", kind(&response));
        }
    }
    let alone = post(&world, "multipart/mixed;deferSpec=20220824", ROOT).await;
    assert_eq!(alone.status(), 406);
}

#[tokio::test]
async fn a_subscription_is_no_plain_answer() {
    let world = World::start().await;
    for accept in [
        "application/json",
        "application/graphql-response+json",
        "application/graphql-response+json, application/json;q=0.9",
        DEFER,
        "*/*",
        "application/json, text/event-stream;q=0",
    ] {
        for response in [post(&world, accept, TALLY).await, get(&world, accept, TALLY).await] {
            assert_eq!(response.status(), 406, "{accept}");
            let answer: Value = response.json().await.unwrap();
            assert!(answer.get("data").is_none(), "{answer}");
            let said = answer["errors"][0]["message"].as_str().unwrap();
            assert!(said.contains("text/event-stream") && said.contains("WebSocket"), "{said}");
        }
    }
    // One beside a query is asked for by its name.
    let both = format!("query Q {ROOT} subscription S {}", &TALLY["subscription ".len()..]);
    let ask = async |name: &str| {
        let request = json!({ "query": both, "operationName": name });
        let request = world.post().header(ACCEPT, "application/json").json(&request);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!((ask("Q").await, ask("S").await), (200, 406));
}

/// Sends bytes and hears all that is said until the other side closes.
async fn said(world: &World, parts: &[&[u8]]) -> String {
    let mut stream = TcpStream::connect(&world.address).await.unwrap();
    // Some clients read nothing before they have written everything; so does this one.
    let writing = async {
        for part in parts {
            stream.write_all(part).await?;
        }
        stream.flush().await
    };
    timeout(PATIENCE, writing).await.expect("it is taken").expect("all of it is taken");
    let mut bytes = Vec::new();
    let reading = stream.read_to_end(&mut bytes);
    timeout(PATIENCE, reading).await.expect("it is closed").expect("it is closed in order");
    String::from_utf8(bytes).unwrap()
}

/// Java's HttpClient and `curl --http2` offer HTTP/2 like this.
#[tokio::test]
async fn who_offers_http_2_is_answered_by_what_there_is() {
    let world = World::start().await;
    let upgrade = "host: it\r\nconnection: Upgrade, HTTP2-Settings, close\r\nupgrade: h2c\r\n\
        http2-settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n";
    let get = format!("GET /graphql?query=%7Broot%7Bcode%7D%7D HTTP/1.1\r\n{upgrade}\r\n");
    let body = json!({ "query": ROOT }).to_string();
    let post = format!(
        "POST /graphql HTTP/1.1\r\n{upgrade}content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    for request in [get, post] {
        let answer = said(&world, &[request.as_bytes()]).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.contains(r#"{"root":{"code":"tld"}}"#), "{answer}");
    }
}

/// Python's gql looks for the header by case.
#[tokio::test]
async fn the_subprotocol_is_spelled_as_the_standard_spells_it() {
    let world = World::start().await;
    let mut stream = TcpStream::connect(&world.address).await.unwrap();
    let upgrade = "GET /graphql HTTP/1.1\r\nhost: it\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
        sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
        sec-websocket-protocol: graphql-transport-ws\r\n\r\n";
    stream.write_all(upgrade.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    let reading = async {
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
    };
    timeout(PATIENCE, reading).await.expect("the head comes");
    let head = String::from_utf8(head).unwrap();
    assert!(head.contains("\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n"), "{head}");
}

#[tokio::test]
async fn pages_may_send_what_their_libraries_add() {
    let world = World::start_for_origins(&["https://board.example"]).await;
    let preflight = reqwest::Client::new()
        .request(Method::OPTIONS, format!("http://{}/graphql", world.address))
        .header(ORIGIN, "https://board.example")
        .header("access-control-request-method", "POST")
        .header(ACCESS_CONTROL_REQUEST_HEADERS, "content-type");
    let preflight = preflight.send().await.unwrap();
    let allowed = preflight.headers()[ACCESS_CONTROL_ALLOW_HEADERS].to_str().unwrap();
    let allowed: Vec<&str> = allowed.split(',').map(str::trim).collect();
    for name in [
        "authorization",
        "content-type",
        "apollographql-client-name",
        "apollographql-client-version",
        "traceparent",
        "tracestate",
        "baggage",
        "if-none-match",
        "last-event-id",
        "x-request-id",
        "x-sangkien-min-version",
    ] {
        assert!(allowed.contains(&name), "{name} in {allowed:?}");
    }
    for name in ["x-forwarded-for", "x-forwarded-host", "forwarded"] {
        assert!(!allowed.contains(&name), "{name}");
    }
}

/// Clients with persisted queries fall back on this message and code alone.
#[tokio::test]
async fn who_sends_a_digest_for_a_document_is_told_to_send_that() {
    let world = World::start().await;
    let digest = json!({ "version": 1, "sha256Hash": "ab".repeat(32) });
    let extensions = json!({ "persistedQuery": digest });
    let check = |status: u16, answer: &Value, expected: u16| {
        assert_eq!(status, expected, "{answer}");
        assert_eq!(answer["errors"][0]["message"], "PersistedQueryNotSupported", "{answer}");
        assert_eq!(code_of(answer), "PERSISTED_QUERY_NOT_SUPPORTED");
        assert!(answer.get("data").is_none());
    };
    for (accept, expected) in [
        ("application/json", 200),
        ("*/*", 200),
        (DEFER, 200),
        ("application/graphql-response+json", 400),
        (URQL, 400),
        ("text/event-stream", 400),
    ] {
        for body in [
            json!({ "extensions": extensions }),
            json!({ "query": "", "extensions": extensions }),
            json!({ "query": null, "operationName": "A", "variables": {}, "extensions": extensions }),
        ] {
            let request = world.post().header(ACCEPT, accept).json(&body);
            let response = request.header("accept-language", "vi").send().await.unwrap();
            let status = response.status().as_u16();
            check(status, &response.json().await.unwrap(), expected);
        }
        let mut url = reqwest::Url::parse("http://here/graphql").unwrap();
        url.query_pairs_mut().append_pair("extensions", &extensions.to_string());
        let asked = format!("/graphql?{}", url.query().unwrap());
        let response = world.get(&asked).header(ACCEPT, accept).send().await.unwrap();
        let status = response.status().as_u16();
        check(status, &response.json().await.unwrap(), expected);
    }
    // A request that has the document is like any other.
    let whole = json!({ "query": ROOT, "extensions": extensions });
    assert_eq!(world.ask(&whole).await["data"]["root"]["code"], "tld");
    let neither = world.post().json(&json!({ "extensions": {} })).send().await.unwrap();
    assert_eq!(neither.status(), 400);

    let mut socket = world.socket().await;
    socket.subscribe_with("1", json!({ "extensions": extensions })).await;
    check(200, &socket.refusal().await, 200);
    socket.subscribe("1", ROOT).await;
    assert_eq!(socket.answer().await["data"]["root"]["code"], "tld");
}

#[tokio::test]
async fn a_compressed_body_is_refused_with_words() {
    let world = World::start().await;
    let send = async |encoding: &str| {
        let request = world.post().header(CONTENT_ENCODING, encoding);
        request.json(&json!({ "query": ROOT })).send().await.unwrap()
    };
    for encoding in ["gzip", "br", "zstd", "deflate", "identity, gzip"] {
        let refused = send(encoding).await;
        assert_eq!(refused.status(), 415, "{encoding}");
        assert_eq!(refused.headers()["accept-encoding"], "identity");
        let answer: Value = refused.json().await.unwrap();
        let said = answer["errors"][0]["message"].as_str().unwrap();
        assert!(said.contains("Content-Encoding"), "{said}");
    }
    for encoding in ["identity", "Identity", ""] {
        assert_eq!(send(encoding).await.status(), 200, "{encoding:?}");
    }
}

fn head(length: &str) -> String {
    format!(
        "POST /graphql HTTP/1.1\r\nhost: it\r\nconnection: close\r\n\
         content-type: application/json\r\n{length}\r\n\r\n"
    )
}

#[tokio::test]
async fn who_sends_too_much_before_reading_hears_so() {
    let world = World::start().await;
    let is_told = |answer: &str| {
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
        assert!(answer.contains("too large"), "{answer}");
    };
    let mib = vec![b' '; 1 << 20];
    for size in [BODY_MAX + 1, 1 << 20, DISCARD_MAX - (1 << 20)] {
        let body = vec![b' '; size];
        let head = head(&format!("content-length: {size}"));
        is_told(&said(&world, &[head.as_bytes(), &body]).await);
    }
    // A client may also state the length chunk by chunk.
    let chunk = format!("{:x}\r\n", mib.len());
    let head_of_chunks = head("transfer-encoding: chunked");
    let mut parts: Vec<&[u8]> = vec![head_of_chunks.as_bytes()];
    for _ in 0..3 {
        parts.extend([chunk.as_bytes(), &mib, b"\r\n"]);
    }
    parts.push(b"0\r\n\r\n");
    is_told(&said(&world, &parts).await);
    // A client that asks for permission first is refused before it sends anything.
    let asks_first = head(&format!("content-length: {}\r\nexpect: 100-continue", 1 << 20));
    is_told(&said(&world, &[asks_first.as_bytes()]).await);
    // As much as there may be is no fault.
    let mut fits = json!({ "query": ROOT }).to_string().into_bytes();
    fits.resize(BODY_MAX, b' ');
    let head = head(&format!("content-length: {}", fits.len()));
    let answer = said(&world, &[head.as_bytes(), &fits]).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

/// The server does not read an endless body for ever.
#[tokio::test]
async fn what_is_too_much_is_not_read_without_end() {
    let world = World::start().await;
    let mut stream = TcpStream::connect(&world.address).await.unwrap();
    let endless = head("content-length: 1000000000000");
    stream.write_all(endless.as_bytes()).await.unwrap();
    let mib = vec![b' '; 1 << 20];
    let mut sent = 0;
    // Until the connection is gone; the system takes some that nobody reads.
    let writing = async {
        while stream.write_all(&mib).await.is_ok() {
            sent += mib.len();
        }
    };
    timeout(PATIENCE, writing).await.expect("it is cut off");
    assert!(sent < 64 * DISCARD_MAX, "{sent}");
    // One that sends nothing more is answered all the same, and soon.
    let silent = head(&format!("content-length: {}", BODY_MAX + 1));
    let parts = [silent.as_bytes()];
    let answer = timeout(Duration::from_secs(30), said(&world, &parts));
    let answer = answer.await.expect("it is not waited for");
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[tokio::test]
async fn a_message_may_be_as_large_as_a_body() {
    let world = World::start().await;
    assert_eq!(MESSAGE_MAX, BODY_MAX);
    let mut socket = world.socket().await;
    let query = format!("{ROOT} #{}", "x".repeat(MESSAGE_MAX - 200));
    socket.subscribe("1", &query).await;
    assert_eq!(socket.answer().await["data"]["root"]["code"], "tld");
    assert_eq!(socket.receive().await["type"], "complete");
    // One that is far larger ends it, and who sends it whole before reading hears why.
    let message =
        json!({ "id": "2", "type": "subscribe", "payload": { "query": "x".repeat(4 << 20) } });
    socket.send_frame(Message::text(message.to_string())).await;
    let Message::Close(Some(frame)) = socket.frame().await else { panic!("it is ended") };
    assert_eq!(u16::from(frame.code), 1009);
}
