//! Our own rules for a socket: limits, endings, the texts of errors. The protocol's cases are in
//! `tests/clients/transport-ws.live.mjs`, which `tests/it/clients.rs` runs.

use std::time::Duration;

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use sangkien::http::SocketLimits;

use crate::harness::{PATIENCE, Socket, TOKEN, World, code_of};

const TALLY: &str = r#"subscription { tally(unit: { code: "dong-nai" }) { submitted } }"#;

async fn ends(socket: &mut Socket) -> (u16, String) {
    loop {
        match socket.frame().await {
            Message::Close(Some(frame)) => return (frame.code.into(), frame.reason.to_string()),
            Message::Close(None) => return (1005, String::new()),
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_message_that_is_too_large_ends_the_socket() {
    let world = World::start().await;
    let mut socket = world.socket_as(None).await;
    let query = format!("{{ root {{ id }} }} #{}", "x".repeat(300_000));
    socket.subscribe("1", &query).await;
    assert_eq!(ends(&mut socket).await.0, 1009);
}

#[tokio::test]
async fn pings_are_sent_with_the_version() {
    let ping_every = Duration::from_millis(300);
    let world =
        World::start_with_limits(SocketLimits { ping_every, ..SocketLimits::default() }).await;
    let mut socket = world.socket_as(None).await;
    // The ping tells the newest version; a client that stays silent after it is cut off.
    let ping = socket.receive().await;
    let shown = world.ask(&json!({ "query": "{ root { id } }" })).await["extensions"].take();
    assert!(shown["version"].is_i64() && shown["mark"].is_string());
    assert_eq!(ping, json!({ "type": "ping", "payload": shown }));
    socket.send(json!({ "type": "pong" })).await;
    assert_eq!(socket.receive().await["type"], "ping");
    assert_eq!(ends(&mut socket).await.0, 3008);
}

#[tokio::test]
async fn requests_that_fail_are_errors_and_others_are_answered() {
    let world = World::start().await;
    let mut socket = world.socket().await;
    for (query, says) in [
        ("{", "Syntax"),
        ("{ nothing }", "nothing"),
        ("query ($a: Int!) { leaderboard(first: $a) { ranked } }", "$a"),
        (
            r#"subscription { a: tally(unit: { code: "tld" }) { submitted } b: tally(unit: { code: "tld" }) { submitted } }"#,
            "exactly one",
        ),
        ("subscription { __typename }", "introspection"),
        (
            r#"subscription { ...A } fragment A on Subscription { a: tally(unit: { code: "tld" }) { submitted } leaderboard { ranked } }"#,
            "exactly one",
        ),
    ] {
        socket.subscribe("1", query).await;
        let error = socket.receive().await;
        assert_eq!((&error["type"], &error["id"]), (&json!("error"), &json!("1")), "{error}");
        let message = error["payload"][0]["message"].as_str().unwrap();
        assert!(message.contains(says), "{query}: {message}");
    }
    // The id is free again, and nothing more is said of it.
    socket.subscribe("1", "{ root { code } }").await;
    let answer = socket.receive().await;
    assert_eq!(answer["payload"]["data"]["root"]["code"], "tld");
    assert_eq!(answer["payload"]["extensions"]["version"], world.version().await);
    assert_eq!(socket.receive().await, json!({ "id": "1", "type": "complete" }));
    // A failing field is reported with the data that there is.
    socket.subscribe("2", "{ root { code } units(first: 501) { totalCount } }").await;
    let answer = socket.receive().await;
    assert_eq!((&answer["type"], &answer["payload"]["data"]), (&json!("next"), &Value::Null));
    assert_eq!(code_of(&answer["payload"]), "BAD_ARGUMENT");
    assert_eq!(socket.receive().await["type"], "complete");
}

#[tokio::test]
async fn a_change_over_a_socket_is_one() {
    let world = World::start().await;
    let change = r#"mutation { upsertUnit(input: { code: "tld", name: "X" }) {
        unit { name } errors { code } } }"#;
    let mut nobody = world.socket_as(None).await;
    nobody.subscribe("1", change).await;
    assert_eq!(code_of(&nobody.answer().await), "UNAUTHENTICATED");
    let mut operator = world.socket_as(Some(TOKEN)).await;
    operator.subscribe("1", change).await;
    assert_eq!(operator.answer().await["data"]["upsertUnit"]["unit"]["name"], "X");
}

#[tokio::test]
async fn what_is_completed_says_nothing_more() {
    let world = World::start().await;
    let mut socket = world.socket().await;
    socket.subscribe("1", TALLY).await;
    socket.next().await;
    socket.send(json!({ "id": "1", "type": "complete" })).await;
    socket.send(json!({ "id": "never", "type": "complete" })).await;
    // The id may be used again at once.
    socket.subscribe("1", "{ root { code } }").await;
    assert_eq!(socket.receive().await["payload"]["data"]["root"]["code"], "tld");
    assert_eq!(socket.receive().await["type"], "complete");
    world.submit("dong-tam", "k-1").await;
    socket.subscribe("2", TALLY).await;
    let told = socket.receive().await;
    assert_eq!(
        (&told["id"], &told["payload"]["data"]["tally"]["submitted"]),
        (&json!("2"), &json!(1))
    );
}

#[tokio::test]
async fn a_socket_has_so_many_operations_and_no_more() {
    let world = World::start().await;
    let mut socket = world.socket().await;
    for id in 0..64 {
        socket.subscribe(&id.to_string(), TALLY).await;
        assert_eq!(socket.receive().await["type"], "next");
    }
    socket.subscribe("more", TALLY).await;
    let refused = socket.receive().await;
    assert_eq!((&refused["type"], &refused["id"]), (&json!("error"), &json!("more")));
    assert_eq!(refused["payload"][0]["extensions"]["code"], "RATE_LIMITED");
    socket.send(json!({ "id": "7", "type": "complete" })).await;
    socket.subscribe("more", TALLY).await;
    assert_eq!(socket.receive().await["type"], "next");
}

/// A stopping server ends its sockets, each with a reason, and in time.
#[tokio::test]
async fn sockets_are_told_that_the_server_stops() {
    let world = World::start().await;
    let mut sockets = Vec::new();
    for _ in 0..3 {
        let mut socket = world.socket().await;
        socket.subscribe("1", TALLY).await;
        socket.next().await;
        sockets.push(socket);
    }
    let stopping = tokio::spawn(world.restart());
    for socket in &mut sockets {
        let (code, reason) = ends(socket).await;
        assert_eq!(code, 1001);
        assert!(reason.contains("connect again"), "{reason}");
    }
    drop(sockets);
    let world = tokio::time::timeout(Duration::from_secs(30), stopping).await.unwrap().unwrap();
    assert_eq!(world.query("{ root { code } }").await["root"]["code"], "tld");
}

/// A client that asks and does not read costs the bytes of the system's buffers, delays nobody, and
/// is cut off.
#[tokio::test]
async fn a_socket_that_does_not_read_is_cut_off() {
    let write_within = Duration::from_millis(500);
    let world =
        World::start_with_limits(SocketLimits { write_within, ..SocketLimits::default() }).await;
    let mut deaf = world.socket_as(None).await;
    let large = "{ __schema { types { name description fields { name description } } } }";
    // The answers are far more than any buffer on the way takes: sooner or later they cannot be
    // sent, and then the socket is gone.
    let asking = async {
        let mut id = 0;
        while deaf.try_subscribe(&id.to_string(), large).await {
            id += 1;
        }
    };
    let mut other = world.socket_as(None).await;
    let meanwhile = async {
        for id in 0..50 {
            other.subscribe(&id.to_string(), "{ root { code } }").await;
            assert_eq!(other.answer().await["data"]["root"]["code"], "tld");
            assert_eq!(other.receive().await["type"], "complete");
        }
    };
    let (cut, ()) = tokio::join!(tokio::time::timeout(PATIENCE, asking), meanwhile);
    cut.expect("it is cut off");
}

#[tokio::test]
async fn the_id_of_an_operation_has_256_bytes_at_most() {
    let world = World::start().await;
    let mut socket = world.socket_as(None).await;
    // Bytes, not characters.
    let longest = "ạ".repeat(85) + "x";
    assert_eq!(longest.len(), 256);
    socket.subscribe(&longest, TALLY).await;
    let state = socket.receive().await;
    assert_eq!((&state["id"], &state["type"]), (&json!(longest), &json!("next")));
    socket.send(json!({ "id": longest, "type": "complete" })).await;
    for kind in ["subscribe", "complete"] {
        let mut socket = world.socket_as(None).await;
        let payload = json!({ "query": TALLY });
        socket.send(json!({ "id": format!("{longest}x"), "type": kind, "payload": payload })).await;
        let (code, reason) = ends(&mut socket).await;
        assert_eq!(code, 4400);
        assert!(reason.contains("256"), "{reason}");
    }
}

/// A subscription, with its variables, lives as long as its socket.
#[tokio::test]
async fn a_socket_holds_declared_variables_alone_and_so_many_bytes() {
    let world = World::start().await;
    let mut socket = world.socket().await;
    let long = "x".repeat(40 * 1024);
    let query = "subscription ($cluster: String) { leaderboard(cluster: $cluster) { ranked } }";
    for number in 0..64 {
        let variables = json!({ "cluster": format!("{number}"), "undeclared": long });
        let id = format!("undeclared {number}");
        socket.subscribe_with(&id, json!({ "query": query, "variables": variables })).await;
        assert_eq!(socket.receive().await["type"], "next", "{id}");
        socket.send(json!({ "id": id, "type": "complete" })).await;
    }
    let mut refused = None;
    for number in 0..64 {
        let variables = json!({ "cluster": format!("{number} {long}") });
        let id = format!("declared {number}");
        socket.subscribe_with(&id, json!({ "query": query, "variables": variables })).await;
        let told = socket.receive().await;
        if told["type"] == "error" {
            assert_eq!(told["payload"][0]["extensions"]["code"], "RATE_LIMITED");
            refused = Some(number);
            break;
        }
    }
    let running = refused.expect("not all have room");
    assert!((1..20).contains(&running), "{running} run");
    // One that ends makes room.
    socket.send(json!({ "id": "declared 0", "type": "complete" })).await;
    let variables = json!({ "cluster": format!("again {long}") });
    socket.subscribe_with("again", json!({ "query": query, "variables": variables })).await;
    assert_eq!(socket.receive().await["type"], "next");
}
