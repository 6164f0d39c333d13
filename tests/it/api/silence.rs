//! Connections over which nothing comes for too long.

use std::io::{self, ErrorKind};
use std::time::Duration;

use sangkien::http::SocketLimits;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::harness::{PATIENCE, World};

const WITHIN: Duration = Duration::from_millis(500);

async fn world() -> World {
    let limits =
        SocketLimits { head_within: WITHIN, body_within: WITHIN, ..SocketLimits::default() };
    World::start_with_limits(limits).await
}

async fn connect(world: &World) -> TcpStream {
    TcpStream::connect(&world.address).await.unwrap()
}

/// The bytes that the server sends until it closes the connection.
async fn rest(connection: &mut TcpStream) -> String {
    let mut said = String::new();
    let reading = connection.read_to_string(&mut said);
    tokio::time::timeout(PATIENCE, reading).await.expect("it is closed").unwrap();
    said
}

async fn ends(world: &World, reason: &str) -> u64 {
    let told = world.get("/metrics").send().await.unwrap().text().await.unwrap();
    let name = format!("sangkien_connection_ends_total{{reason=\"{reason}\"}} ");
    told.lines().find_map(|line| line.strip_prefix(&name)).map_or(0, |it| it.parse().unwrap())
}

#[tokio::test]
async fn one_that_never_asks_is_closed() {
    let world = world().await;
    let ended_before = ends(&world, "silent").await;
    let began = Instant::now();
    let mut silent = connect(&world).await;
    assert_eq!(rest(&mut silent).await, "");
    assert!(began.elapsed() >= WITHIN);
    assert!(ends(&world, "silent").await > ended_before);
}

#[tokio::test]
async fn one_that_asks_by_the_byte_is_closed_all_the_same() {
    let world = world().await;
    let mut slow = connect(&world).await;
    slow.write_all(b"GET /health/live HTTP/1.1\r\nx: ").await.unwrap();
    // Each byte comes well within the time, all together do not.
    let closed = async {
        let mut said = [0];
        loop {
            world.version().await;
            match slow.try_read(&mut said) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                told => return told,
            }
            slow.write_all(b"x").await?;
        }
    };
    let told: io::Result<usize> = tokio::time::timeout(PATIENCE, closed).await.expect("it ends");
    assert!(!matches!(told, Ok(1)), "it is told nothing");
}

#[tokio::test]
async fn one_that_has_its_answer_is_closed_unless_it_asks_again() {
    let world = world().await;
    let ended_before = ends(&world, "idle").await;
    let mut idle = connect(&world).await;
    idle.write_all(b"GET /health/live HTTP/1.1\r\nhost: it\r\n\r\n").await.unwrap();
    let said = rest(&mut idle).await;
    assert!(said.starts_with("HTTP/1.1 200"), "{said}");
    assert!(ends(&world, "idle").await > ended_before);
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let world = world().await;
    let mut stuck = connect(&world).await;
    let head = "POST /graphql HTTP/1.1\r\nhost: it\r\ncontent-type: application/json\r\n\
                content-length: 100\r\n\r\n{";
    stuck.write_all(head.as_bytes()).await.unwrap();
    let said = rest(&mut stuck).await;
    assert!(said.starts_with("HTTP/1.1 408"), "{said}");
    assert!(said.contains("the body did not arrive"), "{said}");
}

#[tokio::test]
async fn sockets_and_streams_may_be_silent() {
    let world = world().await;
    let query = "subscription { tally(unit: { code: \"dong-nai\" }) { submitted } }";
    let mut socket = world.socket().await;
    socket.subscribe("1", query).await;
    socket.next().await;
    let mut stream = world
        .post()
        .json(&json!({ "query": query }))
        .header("accept", "text/event-stream")
        .send()
        .await
        .unwrap();
    // Longer than a connection may ask nothing.
    rest(&mut connect(&world).await).await;
    rest(&mut connect(&world).await).await;
    world.submit("dong-tam", "k-1").await;
    assert_eq!(socket.next().await["submitted"], 1);
    let told = async {
        let mut told = String::new();
        while !told.contains("\"submitted\":1") {
            let chunk = stream.chunk().await.unwrap().expect("it goes on");
            told.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    };
    tokio::time::timeout(PATIENCE, told).await.expect("it is told");
}
