//! Connections that stay: how many, how fast, for how long, and how they end with the server.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::StatusCode;
use reqwest::header::{ACCEPT, RETRY_AFTER};
use sangkien::http::{SocketLimits, StopReason};
use serde_json::json;
use socket2::{Domain, Socket, Type};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::{self, Message};

use crate::harness::{PATIENCE, World};

const TALLY: &str = r#"subscription { tally(unit: { code: "tld" }) { submitted } }"#;

async fn until_open(world: &World, expected: usize) {
    let open = async {
        while world.admission.open() != expected {
            tokio::task::yield_now().await;
        }
    };
    let open = timeout(PATIENCE, open).await;
    assert!(open.is_ok(), "{} in the place of {expected}", world.admission.open());
}

#[tokio::test]
async fn an_address_has_so_many_and_no_more() {
    let limits = SocketLimits { per_address: 3, ..SocketLimits::default() };
    let world = World::start_with_limits(limits).await;
    let first = world.socket().await;
    let _second = world.socket().await;
    let stream =
        || world.post().header(ACCEPT, "text/event-stream").json(&json!({ "query": TALLY }));
    let third = stream().send().await.unwrap();
    assert_eq!(third.status(), StatusCode::OK);

    let refused = stream().send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers()[RETRY_AFTER], "1");
    let told = refused.text().await.unwrap();
    assert!(told.contains("RATE_LIMITED") && told.contains("this address"), "{told}");
    let upgrade = tokio_tungstenite::connect_async(format!("ws://{}/graphql", world.address)).await;
    let Err(tungstenite::Error::Http(refused)) = upgrade else { panic!("{upgrade:?}") };
    assert_eq!(refused.status().as_u16(), 429);
    // Others are served, and a place that is given back is free.
    assert_eq!(world.query("{ root { code } }").await["root"]["code"], "tld");
    first.close().await;
    until_open(&world, 2).await;
    assert_eq!(stream().send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn one_who_says_too_much_is_ended() {
    let world = World::start().await;
    let mut socket = world.socket().await;
    let mut other = world.socket().await;
    let ping = || Message::text(r#"{"type":"ping"}"#);
    for _ in 0..400 {
        socket.send_frame(ping()).await;
        assert_eq!(socket.receive().await["type"], "pong");
    }
    for _ in 0..400 {
        if !socket.try_send(ping()).await {
            break;
        }
    }
    let code = loop {
        if let Message::Close(frame) = socket.frame().await {
            break frame.map(|frame| u16::from(frame.code));
        }
    };
    assert_eq!(code, Some(1008));
    other.subscribe("1", TALLY).await;
    assert_eq!(other.next().await["submitted"], 0);
}

#[tokio::test]
async fn when_the_server_stops_they_end_one_after_the_other() {
    let world = World::start().await;
    let mut sockets = join_all((0..300).map(|_| world.socket_as(None))).await;
    assert_eq!(world.admission.open(), 300);
    let began = Instant::now();
    assert_eq!(world.admission.stop(StopReason::Asked), Duration::from_millis(600));
    let ready = world.get("/health/ready").send().await.unwrap();
    assert_eq!(ready.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(ready.text().await.unwrap(), "stopping\n");
    let refused = world.post().header(ACCEPT, "text/event-stream").json(&json!({ "query": TALLY }));
    assert_eq!(refused.send().await.unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
    let ends = join_all(sockets.iter_mut().map(async |socket| {
        loop {
            if let Message::Close(frame) = socket.frame().await {
                assert_eq!(frame.map(|frame| u16::from(frame.code)), Some(1001));
                return began.elapsed();
            }
        }
    }));
    let mut ends = ends.await;
    ends.sort();
    // However slow the machine is, they do not end before their time.
    for (place, end) in ends.iter().enumerate() {
        let due = Duration::from_millis(2) * u32::try_from(place).unwrap();
        assert!(*end + Duration::from_millis(20) >= due, "{place} after {end:?}");
    }
    until_open(&world, 0).await;
}

/// A client that asks for much and does not read it.
#[tokio::test]
async fn a_stream_that_is_not_read_is_given_up() {
    let limits =
        SocketLimits { read_within: Duration::from_millis(500), ..SocketLimits::default() };
    let world = World::start_with_limits(limits).await;
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    socket.connect(&world.address.parse::<std::net::SocketAddr>().unwrap().into()).unwrap();
    socket.set_nonblocking(true).unwrap();
    let mut deaf = TcpStream::from_std(socket.into()).unwrap();
    let names: String = (0..2_000).map(|number| format!("name{number}: name ")).collect();
    let query = format!(
        "subscription {{ tally(unit: {{ code: \"tld\" }}) {{ submitted unit {{ {names} }} }} }}"
    );
    let body = json!({ "query": query }).to_string();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    deaf.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    until_open(&world, 1).await;
    // As many states as fill what the system sets aside for it, and its patience.
    let given_up = async {
        let mut number = 0;
        while world.admission.open() > 0 {
            number += 1;
            world.submit("dong-tam", &format!("k-{number}")).await;
        }
    };
    timeout(PATIENCE, given_up).await.unwrap();
    assert_eq!(world.service.channels(), (0, 0));
    // The rest of the stream breaks off in the middle.
    let mut rest = Vec::new();
    let end = timeout(PATIENCE, deaf.read_to_end(&mut rest)).await.unwrap();
    assert!(end.is_err() || !rest.ends_with(b"0\r\n\r\n"));
}
