//! Brackets within brackets, of every kind, by every way in: bounded and answered with words, on threads as
//! small as the server's own.

use std::future::Future;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{PATIENCE, Socket, World, address, code_of, json_headers};

const DEPTHS: [usize; 5] = [10, 100, 1_000, 5_000, 100_000];

/// Brackets of a document, and of JSON, within one another at most.
const DOCUMENT_NESTING_MAX: usize = 200;
/// Bytes of a message over a socket at most.
const MESSAGE_MAX: usize = 256 * 1024;
const JSON_NESTING_MAX: usize = 120;

/// Runs it where every thread has 2 MiB, as the threads that serve have.
fn on_small_stacks(test: impl Future<Output = ()> + Send + 'static) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_stack_size(2 * 1024 * 1024)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(runtime.spawn(test)).unwrap();
}

fn nest(depth: usize, open: &str, heart: &str, close: &str) -> String {
    format!("{}{heart}{}", open.repeat(depth), close.repeat(depth))
}

/// A chain of fragments, each spread in the one before, `depth` selection sets deep in all.
fn chain(depth: usize) -> String {
    let inner =
        (2..depth).map(|level| format!("fragment F{level} on Query {{ ...F{} }}", level + 1));
    let inner: Vec<String> = inner.collect();
    format!("{{ ...F2 }} {} fragment F{depth} on Query {{ __typename }}", inner.join(" "))
}

/// Each kind of bracket, and the document that nests it so deep.
fn documents(depth: usize) -> Vec<(&'static str, String)> {
    let value = |value: String| format!("{{ x: unit(ref: {value}) {{ code }} }}");
    let default = |value: String| format!("query ($a: X = {value}) {{ root {{ code }} }}");
    vec![
        ("selection sets", nest(depth, "{ parent ", "{ code }", "}")),
        ("inline fragments", format!("{{ {} }}", nest(depth - 1, "... {", " __typename ", "}"))),
        (
            "typed inline fragments",
            format!("{{ {} }}", nest(depth - 1, "...on Query{", "__typename", "}")),
        ),
        ("fragments in fragments", chain(depth)),
        ("lists", value(nest(depth, "[", "1", "]"))),
        ("lists without an end", value("[".repeat(depth))),
        ("objects", value(nest(depth, "{a:", "1", "}"))),
        ("lists of objects", value(nest(depth, "[{a:", "1", "}]"))),
        (
            "list types",
            format!("query ($a: {}) {{ root {{ code }} }}", nest(depth, "[", "Int", "]")),
        ),
        (
            "required list types",
            format!("query ($a: {}) {{ root {{ code }} }}", nest(depth, "[", "Int", "]!")),
        ),
        ("lists by default", default(nest(depth, "[", "1", "]"))),
        ("objects by default", default(nest(depth, "{a:", "1", "}"))),
        (
            "arguments of directives",
            format!("{{ root @a(b: {}) {{ code }} }}", nest(depth, "[", "1", "]")),
        ),
        (
            "directives of variables",
            format!("query ($a: Int @b(c: {})) {{ d }}", nest(depth, "{e:", "1", "}")),
        ),
        ("parentheses", format!("{{ root{} }}", nest(depth, "(a:", "1", ")"))),
        ("braces that open alone", "{a".repeat(depth)),
        ("braces that close alone", format!("{}{}", "}".repeat(depth), "[".repeat(depth))),
        (
            "behind a string without an end",
            value(format!("{{code:[\"\"\"q\", {}]}}", nest(depth, "[", "", "]"))),
        ),
        ("in a description", format!("\"{}\" {{ root {{ code }} }}", "[".repeat(depth))),
    ]
}

/// The reply that a client gets: an answer, or the end of its connection.
#[derive(Debug)]
enum Heard {
    ResultBytes(Value),
    /// A status without an answer of GraphQL, or a code of a close frame with its reason.
    Refused(u16, String),
}

/// The reply over HTTP, where the body or the address may be too long for anyone to read it.
async fn heard(request: reqwest::RequestBuilder) -> Heard {
    // The server does not read all of a body that is too large, so the client may get no answer.
    let Ok(response) = request.send().await else { return Heard::Refused(0, String::new()) };
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    // The first event of an event stream is the answer.
    let json = text.lines().find_map(|line| line.strip_prefix("data: ")).unwrap_or(&text);
    match serde_json::from_str(json) {
        Ok(answer) => Heard::ResultBytes(answer),
        Err(_) => Heard::Refused(status, text),
    }
}

async fn by_post(world: &World, body: &str) -> Heard {
    heard(world.post().headers(json_headers()).body(body.to_owned())).await
}

async fn by_events(world: &World, body: &str) -> Heard {
    let request = world.post().headers(json_headers()).header("accept", "text/event-stream");
    heard(request.body(body.to_owned())).await
}

/// Written by hand, since the client of these tests takes no address so long.
async fn by_get(world: &World, parameters: &[(&str, &str)]) -> Heard {
    let mut stream = TcpStream::connect(&world.address).await.unwrap();
    let head = "HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n";
    let request = format!("GET {} {head}", address(parameters));
    let mut answer = Vec::new();
    // The server does not read all of an address that is too long, so the end may come as an error.
    let _cut = timeout(PATIENCE, async {
        stream.write_all(request.as_bytes()).await?;
        stream.read_to_end(&mut answer).await
    })
    .await
    .expect("an answer comes");
    let answer = String::from_utf8(answer).unwrap();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    // The body may come in chunks, each after its length.
    match body.find('{').and_then(|from| body.rfind('}').map(|to| &body[from..=to])) {
        Some(json) => Heard::ResultBytes(serde_json::from_str(json).unwrap()),
        None => Heard::Refused(status, answer),
    }
}

/// The first reply to a welcomed client, over a socket of its own. `None` for a message that is too large to
/// be read; `sockets` has the end of such a socket.
async fn by_socket(world: &World, message: String) -> Option<Heard> {
    if message.len() > MESSAGE_MAX {
        return None;
    }
    let mut socket = world.socket_as(None).await;
    socket.send_frame(Message::text(message)).await;
    Some(first_heard(&mut socket).await)
}

async fn first_heard(socket: &mut Socket) -> Heard {
    match socket.frame().await {
        Message::Text(text) => {
            let mut message: Value = serde_json::from_str(&text).unwrap();
            Heard::ResultBytes(match message["type"].as_str().unwrap() {
                "next" => message["payload"].take(),
                "error" => json!({ "errors": message["payload"].take() }),
                // To a ping, or to a client that introduces itself.
                "pong" | "connection_ack" => json!({ "data": {} }),
                other => panic!("{other}"),
            })
        }
        Message::Close(Some(frame)) => Heard::Refused(frame.code.into(), frame.reason.to_string()),
        other => panic!("{other:?}"),
    }
}

/// Asserts that the reply has a message, and that beyond the bound the message names it.
fn check(heard: &Heard, is_beyond: bool, what: &str) {
    match heard {
        Heard::ResultBytes(answer) if is_beyond => {
            let code = code_of(answer);
            assert!(matches!(code, "TOO_COSTLY" | "BAD_REQUEST"), "{what}: {answer}");
            let message = answer["errors"][0]["message"].as_str().unwrap();
            let is_said = ["within one another", "too large", "tokens", "has no end"];
            assert!(is_said.iter().any(|said| message.contains(said)), "{what}: {message}");
        }
        Heard::ResultBytes(answer) => {
            let errors = answer.get("errors").and_then(Value::as_array);
            assert!(
                errors.is_some_and(|it| !it.is_empty()) || answer["data"].is_object(),
                "{what}: {answer}"
            );
        }
        // The address or the message was too long to be read at all; 0 where the connection was cut.
        Heard::Refused(status, reason) => {
            let is_known = matches!(status, 0 | 414 | 431 | 1009)
                || (*status == 4400 && reason.contains("within one another"));
            assert!(is_beyond && is_known, "{what}: {status} {reason}");
        }
    }
}

#[test]
fn documents_are_bounded_by_every_way_in() {
    on_small_stacks(async {
        let world = World::start().await;
        for depth in DEPTHS {
            for (kind, query) in documents(depth) {
                let what = format!("{kind}, {depth} deep");
                let is_beyond = depth > DOCUMENT_NESTING_MAX && kind != "in a description";
                let body = json!({ "query": query }).to_string();
                check(&by_post(&world, &body).await, is_beyond, &what);
                check(&by_events(&world, &body).await, is_beyond, &what);
                check(
                    &by_get(&world, &[("query", &query)]).await,
                    is_beyond || depth > 10_000,
                    &what,
                );
                let message =
                    json!({ "id": "1", "type": "subscribe", "payload": { "query": query } });
                if let Some(heard) = by_socket(&world, message.to_string()).await {
                    check(&heard, is_beyond, &what);
                }
            }
        }
        assert_eq!(world.query("{ root { code } }").await["root"]["code"], "tld");
    });
}

/// A document within the bound is executed: on the spot, by the library if it selects a field twice, and as a
/// subscription.
#[test]
fn documents_at_the_bound_are_executed() {
    on_small_stacks(async {
        let world = World::start().await;
        for depth in [10, 100, DOCUMENT_NESTING_MAX] {
            let documents = |depth: usize| {
                documents(depth).into_iter().filter(|(_, query)| query.contains("__typename"))
            };
            for (kind, query) in documents(depth) {
                let answer = world.query(&query).await;
                assert_eq!(answer["__typename"], "Query", "{kind}, {depth} deep");
                let twice = query.replacen('{', "{ __typename ", 1);
                let answer = world.query(&twice).await;
                assert_eq!(answer["__typename"], "Query", "{kind}, {depth} deep");
            }
            // Its field has brackets of its own, two within one another.
            for (kind, query) in documents(depth - 2) {
                let feed = query
                    .replace("Query", "Subscription")
                    .replace("__typename", "tally(unit:{code:\"tld\"}){submitted}");
                let mut socket = world.socket_as(None).await;
                socket.subscribe("1", &format!("subscription {feed}")).await;
                assert_eq!(socket.next().await["submitted"], 0, "{kind}, {depth} deep");
            }
        }
        let beyond = json!({ "query": chain(DOCUMENT_NESTING_MAX + 1) });
        assert_eq!(code_of(&world.ask(&beyond).await), "TOO_COSTLY");
    });
}

/// A chain that ends where it began is refused as such, however long it is.
#[test]
fn fragments_that_spread_themselves_are_refused() {
    on_small_stacks(async {
        let world = World::start().await;
        let cycle = "contains itself";
        let beyond = ["within one another", "selects more than", "tokens"];
        for length in [1, 2, 30, 150, 199, 500, 1_400] {
            for spreads in [1, 2] {
                // A chain that is longer than brackets may nest, or that doubles at each step, is not followed to its
                // end.
                let expected: &[&str] = match (length, spreads) {
                    (1 | 2, _) | (..DOCUMENT_NESTING_MAX, 1) => &[cycle],
                    _ => &beyond,
                };
                let fragments: Vec<String> = (0..length)
                    .map(|number| {
                        let next = format!("...F{} ", (number + 1) % length).repeat(spreads);
                        format!("fragment F{number} on Query {{ {next}}}")
                    })
                    .collect();
                let query = format!("{{ ...F0 }} {}", fragments.join(" "));
                let answer = world.ask_anonymously(&json!({ "query": query })).await;
                let errors = answer["errors"].as_array().unwrap();
                assert!(!errors.is_empty() && errors.len() <= 20, "{length}: {answer}");
                let message = errors[0]["message"].as_str().unwrap();
                let is_expected = expected.iter().any(|words| message.contains(words));
                assert!(is_expected, "{length}, {spreads}: {message}");
                let code = if message.contains(cycle) { "BAD_REQUEST" } else { "TOO_COSTLY" };
                assert_eq!(errors[0]["extensions"]["code"], code, "{length}: {answer}");
            }
        }
        assert_eq!(world.query("{ root { code } }").await["root"]["code"], "tld");
    });
}

/// JSON of lists, objects and both, so deep.
fn values(depth: usize) -> [(&'static str, String); 3] {
    [
        ("lists", nest(depth, "[", "1", "]")),
        ("objects", nest(depth, "{\"a\":", "1", "}")),
        ("both", nest(depth / 2, "[{\"a\":", "1", "}]")),
    ]
}

#[test]
fn json_is_bounded_by_every_way_in() {
    on_small_stacks(async {
        let world = World::start().await;
        let query = "query ($a: Int) { root { code } }";
        for depth in DEPTHS {
            for (kind, value) in values(depth) {
                let is_beyond = depth > JSON_NESTING_MAX;
                let object = format!("{{\"a\":{value}}}");
                for member in ["variables", "extensions"] {
                    let what = format!("{kind} in {member}, {depth} deep");
                    let body = format!("{{\"query\":\"{query}\",\"{member}\":{object}}}");
                    check(&by_post(&world, &body).await, is_beyond, &what);
                    check(&by_events(&world, &body).await, is_beyond, &what);
                    let parameters = [("query", query), (member, object.as_str())];
                    check(&by_get(&world, &parameters).await, is_beyond, &what);
                    let message =
                        format!("{{\"id\":\"1\",\"type\":\"subscribe\",\"payload\":{body}}}");
                    if let Some(heard) = by_socket(&world, message).await {
                        check(&heard, is_beyond, &what);
                    }
                }
                let what = format!("{kind} elsewhere, {depth} deep");
                let body = format!("{{\"query\":\"{{ root {{ code }} }}\",\"more\":{value}}}");
                check(&by_post(&world, &body).await, is_beyond, &what);
                let ping = format!("{{\"type\":\"ping\",\"payload\":{object}}}");
                if let Some(heard) = by_socket(&world, ping.clone()).await {
                    check(&heard, is_beyond, &what);
                    // And before anybody is known.
                    let mut stranger = world.raw_socket().await;
                    let init = ping.replace("ping", "connection_init");
                    stranger.send_frame(Message::text(init)).await;
                    check(&first_heard(&mut stranger).await, is_beyond, &what);
                }
            }
        }
        assert_eq!(world.query("{ root { code } }").await["root"]["code"], "tld");
    });
}
