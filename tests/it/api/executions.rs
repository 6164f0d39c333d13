//! Executions that are large: whom they keep waiting, and when they stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::harness::{PATIENCE, World, bearer};

/// Units below one parent: three levels within each other are 64,000.
const BREADTH: usize = 40;

async fn broad_world() -> World {
    let world = World::start().await;
    for number in 0..BREADTH {
        world
            .upsert_unit(json!({ "code": format!("broad-{number}"), "name": format!("U {number}"),
                "kind": "SECTION", "parent": { "code": "hoang-dieu" } }))
            .await;
    }
    world
}

/// The units below one, those below their parent, and so on: by so many levels, with these fields of the last.
fn nested(name: &str, levels: usize, fields: &str) -> String {
    let mut query = fields.to_owned();
    for level in 0..levels {
        let children = format!("children(first: 500) {{ nodes {{ {query} }} }}");
        query = if level + 1 < levels { format!("parent {{ {children} }}") } else { children };
    }
    format!("{name}: unit(ref: {{ code: \"hoang-dieu\" }}) {{ {query} }}")
}

/// A board whose state is as large.
fn nested_board(fields: &str) -> String {
    let below = nested("x", 3, fields);
    let below = below.strip_prefix("x: unit(ref: { code: \"hoang-dieu\" })").unwrap();
    format!(
        "subscription {{ leaderboard(within: {{ code: \"hoang-dieu\" }}) {{ within {below} }} }}"
    )
}

/// Waits until so many executions run upon threads of their own, and until nobody waited for so many.
async fn until(world: &World, what: &str, is_so: impl Fn((usize, u64)) -> bool) {
    let waited = async {
        while !is_so(world.service.threads()) {
            tokio::task::yield_now().await;
        }
    };
    let waited = timeout(PATIENCE, waited).await;
    assert!(waited.is_ok(), "{what}: {:?}", world.service.threads());
}

/// A connection that has asked.
async fn asked_over_http(world: &World, accept: &str, query: &str) -> TcpStream {
    let body = json!({ "query": query }).to_string();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: {}\r\nAuthorization: {}\r\nAccept: {accept}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        world.address,
        bearer(),
        body.len()
    );
    let mut stream = TcpStream::connect(&world.address).await.unwrap();
    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_execution_ends_when_its_client_leaves() {
    let world = broad_world().await;
    let mut cancelled = 0;
    let mut number = 0;
    // The first is answered on the spot, the second by the library.
    for fields in ["code", "code: code code"] {
        let mut query = || {
            number += 1;
            format!("{{ {} }}", nested(&format!("n{number}"), 3, fields))
        };
        let gone = |before: u64| move |(running, so_far)| running == 0 && so_far == before + 1;

        let stream = asked_over_http(&world, "application/json", &query()).await;
        until(&world, "begun over HTTP", |(running, _)| running == 1).await;
        drop(stream);
        until(&world, "left over HTTP", gone(cancelled)).await;
        cancelled += 1;

        let stream = asked_over_http(&world, "text/event-stream", &query()).await;
        until(&world, "begun as events", |(running, _)| running == 1).await;
        drop(stream);
        until(&world, "left events", gone(cancelled)).await;
        cancelled += 1;

        let mut socket = world.socket().await;
        socket.subscribe("1", &query()).await;
        until(&world, "begun over a socket", |(running, _)| running == 1).await;
        socket.send(json!({ "id": "1", "type": "complete" })).await;
        until(&world, "completed", gone(cancelled)).await;
        cancelled += 1;

        socket.subscribe("2", &query()).await;
        until(&world, "begun again", |(running, _)| running == 1).await;
        drop(socket);
        until(&world, "socket closed", gone(cancelled)).await;
        cancelled += 1;

        let mut socket = world.socket().await;
        socket.subscribe("3", &nested_board(fields)).await;
        until(&world, "followed", |(running, _)| running == 1).await;
        drop(socket);
        until(&world, "left a board", gone(cancelled)).await;
        cancelled += 1;
    }
    let (turn, end) = world.service.longest();
    println!("at most {turn:?} of work in a turn, {end:?} from a client's leaving to the end");
    // The bar is 100 ms; other programs may have the processors meanwhile.
    assert!(end < Duration::from_secs(2), "{end:?}");
    // This is of work alone, so it is the same beside others; what is built for tests is ten times slower.
    assert!(turn < Duration::from_millis(100), "{turn:?}");
}

/// The first client leaves; another one, with the same query, gets the answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_execution_that_others_wait_for_comes_to_its_end() {
    let world = broad_world().await;
    let query = format!("{{ {} }}", nested("shared", 3, "code"));
    let first = asked_over_http(&world, "application/json", &query).await;
    until(&world, "begun", |(running, _)| running == 1).await;
    let mut second = asked_over_http(&world, "application/json", &query).await;
    // Answered once everything that came before it was heard.
    assert_eq!(world.query("{ root { code } }").await["root"]["code"], "tld");
    drop(first);
    let mut head = [0; 15];
    timeout(PATIENCE, second.read_exact(&mut head)).await.unwrap().unwrap();
    assert_eq!(&head, b"HTTP/1.1 200 OK");
    until(&world, "done", |(running, _)| running == 0).await;
}

/// Two clients keep both kinds of threads busy with all that they may; a third asks small queries, over and over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_and_kept_answers_come_beside_heavy_load() {
    let world = Arc::new(broad_world().await);
    let kept = json!({ "query": "{ root { code name } }" });
    let expected = world.ask_anonymously(&kept).await;
    let (is_over, rounds) = (Arc::new(AtomicBool::default()), Arc::new(AtomicUsize::default()));
    let load: Vec<_> = (0..8)
        .map(|client| {
            let (world, is_over, rounds) = (world.clone(), is_over.clone(), rounds.clone());
            tokio::spawn(async move {
                for round in 0.. {
                    if is_over.load(Ordering::Relaxed) {
                        return;
                    }
                    let name = format!("c{client}r{round}");
                    let query = match client % 3 {
                        0 => nested(&name, 3, "code name kind"),
                        1 => nested(&name, 3, "code code: code"),
                        _ => (0..600).fold(String::new(), |all, number| {
                            all + &format!(
                                "{name}n{number}: searchUnits(text: \"u\", first: 500) {{ code }} "
                            )
                        }),
                    };
                    world.ask(&json!({ "query": format!("{{ {query} }}") })).await;
                    rounds.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    until(&world, "the load has begun", |(running, _)| running >= 2).await;
    let before = rounds.load(Ordering::Relaxed);
    let asked = async {
        let mut answered = 0;
        // The load needs its turns, too.
        while answered < 200 || rounds.load(Ordering::Relaxed) < before + 3 {
            let health = world.get("/health/live").send().await.unwrap();
            assert_eq!(health.status(), 200);
            assert_eq!(world.ask_anonymously(&kept).await, expected);
            answered += 1;
        }
    };
    timeout(PATIENCE, asked).await.expect("what is small is answered beside what is large");
    is_over.store(true, Ordering::Relaxed);
    join_all(load).await;
}

/// A change that shows in nothing but the version of a row within.
#[tokio::test]
async fn a_change_of_an_inner_version_is_told() {
    let world = World::start().await;
    let mut socket = world.socket_as(None).await;
    let board = r#"subscription { leaderboard(within: { code: "dong-nai" }) {
        version asOf entries { unit { code } tally { version } } } }"#;
    socket.subscribe("1", board).await;
    let versions = |board: &Value| -> Vec<i64> {
        let entries = board["entries"].as_array().unwrap().iter();
        entries.map(|entry| entry["tally"]["version"].as_i64().unwrap()).collect()
    };
    let first = socket.next().await;
    world.submit("dong-tam", "k-1").await;
    let second = socket.next().await;
    assert!(versions(&second) > versions(&first), "{first} {second}");
}

/// A follower is not sent a change that it does not select; a client that asks for a newer version is
/// sent that version.
#[tokio::test]
async fn who_joins_with_a_version_is_shown_at_least_that() {
    let world = World::start().await;
    let board = r#"subscription { leaderboard(within: { code: "dong-nai" }) {
        version ranked } }"#;
    let mut follower = world.socket_as(None).await;
    follower.subscribe("1", board).await;
    let first = follower.next().await;
    world.submit("dong-tam", "k-1").await;
    let version = world.version().await;
    let mut joiner = world.socket_as(None).await;
    let request = json!({ "query": board, "extensions": { "minVersion": version } });
    joiner.subscribe_with("1", request).await;
    let shown = joiner.next().await;
    assert!(first["version"].as_i64().unwrap() < version);
    assert_eq!(shown["version"], version);
    assert_eq!(shown["ranked"], first["ranked"]);
    // The earlier follower is sent only real changes.
    world
        .upsert_unit(json!({ "code": "moi", "name": "Mới", "kind": "SECTION",
        "parent": { "code": "dong-nai" } }))
        .await;
    let next = follower.next().await;
    assert_eq!(next["ranked"], first["ranked"].as_i64().unwrap() + 1, "{next}");
}
