//! Bodies that are being read or answered: bounded in bytes, in all and for each client.

use std::net::{IpAddr, Ipv4Addr};

use reqwest::StatusCode;
use reqwest::header::RETRY_AFTER;
use sangkien::auth::Role;
use sangkien::auth::quota::Quota;
use sangkien::http::SocketLimits;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::harness::{PATIENCE, World, code_of};

const KIB: usize = 1024;

fn address(last: u8) -> IpAddr {
    Ipv4Addr::new(127, 0, 0, last).into()
}

/// Waits until bodies take so many bytes.
async fn until_held(world: &World, bytes: usize) {
    let held = async {
        while world.admission.bodies.in_all() != bytes {
            tokio::task::yield_now().await;
        }
    };
    let held = timeout(PATIENCE, held).await;
    assert!(held.is_ok(), "{} in the place of {bytes}", world.admission.bodies.in_all());
}

/// Sends the head of a request and half of its body, of so many bytes, and no more.
async fn begin(world: &World, from: u8, bytes: usize) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((address(from), 0).into()).unwrap();
    let mut stream = socket.connect(world.address.parse().unwrap()).await.unwrap();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: it\r\ncontent-type: application/json\r\ncontent-length: {bytes}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&vec![b' '; bytes / 2]).await.unwrap();
    stream
}

/// Asks with a body of so many bytes; the answer's status, whether it says when to come again, and its JSON.
async fn ask(world: &World, from: u8, token: Option<&str>, bytes: usize) -> (u16, bool, Value) {
    let client = reqwest::Client::builder().local_address(address(from)).build().unwrap();
    let mut query = "{ root { code } } #".to_owned();
    let short = json!({ "query": query }).to_string().len();
    query += &"x".repeat(bytes - short);
    let post = client.post(format!("http://{}/graphql", world.address));
    let post = post.json(&json!({ "query": query }));
    let post = match token {
        Some(token) => post.bearer_auth(token),
        None => post,
    };
    let answer = post.send().await.unwrap();
    let says_when = answer.headers().contains_key(RETRY_AFTER);
    (answer.status().as_u16(), says_when, answer.json().await.unwrap())
}

#[tokio::test]
async fn bodies_in_flight_are_bounded_and_a_quarter_is_for_tokens() {
    let bodies = Quota { in_all: 600 * KIB, per_client: 300 * KIB };
    let world = World::start_with_limits(SocketLimits { bodies, ..SocketLimits::default() }).await;
    let token = world.token(Role::Display, "tld").await;
    let ok = StatusCode::OK.as_u16();

    let slow = begin(&world, 1, 250 * KIB).await;
    until_held(&world, 250 * KIB).await;
    // One client has so many bytes; a token is another client, wherever it comes from.
    let (status, says_when, answer) = ask(&world, 1, None, 100 * KIB).await;
    assert_eq!((status, says_when, code_of(&answer)), (429, true, "RATE_LIMITED"), "{answer}");
    let (status, _, answer) = ask(&world, 1, Some(&token), 100 * KIB).await;
    assert_eq!((status, &answer["data"]["root"]["code"]), (ok, &json!("tld")));

    // All strangers together have three quarters.
    let other = begin(&world, 2, 150 * KIB).await;
    until_held(&world, 400 * KIB).await;
    let (status, says_when, answer) = ask(&world, 3, None, 55 * KIB).await;
    assert_eq!((status, says_when, code_of(&answer)), (503, true, "UNAVAILABLE"), "{answer}");
    assert_eq!(ask(&world, 3, Some(&token), 55 * KIB).await.0, ok);
    // A small one is answered whatever others send.
    assert_eq!(ask(&world, 3, None, KIB).await.0, ok);

    // The server forgets a client's body when the client leaves, or has its answer.
    drop((slow, other));
    until_held(&world, 0).await;
    assert_eq!(ask(&world, 1, None, 100 * KIB).await.0, ok);
    until_held(&world, 0).await;
}

#[tokio::test]
async fn one_whose_token_is_not_good_is_told_so_however_large_the_body() {
    let world = World::start().await;
    let (status, _, answer) = ask(&world, 1, Some("sangkien_unknown"), 100 * KIB).await;
    assert_eq!((status, code_of(&answer)), (401, "UNAUTHENTICATED"));
}
