//! GraphQL over HTTP: the forms of requests, and the heads of answers. The audits of `graphql-http`
//! run beside these, in `tests/it/clients.rs`.

use reqwest::header::{
    ACCEPT, ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
    LOCATION, ORIGIN, VARY,
};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::harness::{PATIENCE, TOKEN, World, address, bearer, code_of};

const GRAPHQL: &str = "application/graphql-response+json";

fn head(response: &Response, name: impl reqwest::header::AsHeaderName) -> &str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn a_query_may_come_in_the_address() {
    let world = World::start().await;
    let query = "query A($ref: UnitRef!) { unit(ref: $ref) { code } } query B { root { code } }";
    let variables = r#"{"ref": {"code": "dong-nai"}}"#;
    let asked = address(&[("query", query), ("operationName", "A"), ("variables", variables)]);
    let answer: Value = world.get(&asked).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["data"]["unit"]["code"], "dong-nai");

    let change =
        r#"mutation { upsertUnit(input: { code: "tld", name: "X" }) { errors { code } } }"#;
    let refused = world.get(&address(&[("query", change)])).header("authorization", bearer());
    let refused = refused.send().await.unwrap();
    assert_eq!((refused.status().as_u16(), head(&refused, ALLOW)), (405, "POST"));
    // Named among several it is one too; a query beside it may be asked for.
    let both =
        format!("query Q {{ root {{ name }} }} {}", change.replace("mutation", "mutation M"));
    for (operation, status) in [("M", 405), ("Q", 200)] {
        let asked = address(&[("query", &both), ("operationName", operation)]);
        let response = world.get(&asked).header("authorization", bearer()).send().await.unwrap();
        assert_eq!(response.status(), status, "{operation}");
    }
    assert_eq!(world.query("{ root { name } }").await["root"]["name"], "Tổng Liên đoàn");

    for wrong in ["/graphql", "/graphql?query=", "/graphql?query={root{code}}&variables=7"] {
        let response = world.get(wrong).send().await.unwrap();
        let status = response.status().as_u16();
        let answer: Value = response.json().await.unwrap();
        assert!(answer["errors"][0]["message"].is_string(), "{wrong}: {answer}");
        assert_eq!(status, if wrong.ends_with("query=") { 200 } else { 400 }, "{wrong}");
    }
    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        let url = format!("http://{}/graphql", world.address);
        let response = reqwest::Client::new().request(method, url).send().await.unwrap();
        assert_eq!(response.status(), 405);
        assert!(head(&response, ALLOW).contains("POST"));
    }
}

#[tokio::test]
async fn a_person_who_looks_is_shown_graphiql() {
    let world = World::start().await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let client = client.build().unwrap();
    let look = client.get(format!("http://{}/graphql", world.address));
    let response = look.header(ACCEPT, "text/html,*/*;q=0.8").send().await.unwrap();
    // Beside this address, wherever a proxy shows it.
    assert_eq!((response.status().as_u16(), head(&response, LOCATION)), (303, "graphiql"));
}

#[tokio::test]
async fn the_status_tells_how_it_went_to_those_who_ask_for_it() {
    let world = World::start().await;
    let ask = async |accept: &str, query: &str| {
        let request = world.post().header(ACCEPT, accept).json(&json!({ "query": query }));
        let response = request.send().await.unwrap();
        let kind = head(&response, CONTENT_TYPE).to_owned();
        (response.status().as_u16(), kind, response.json::<Value>().await.unwrap())
    };
    for (query, status) in [
        ("{ root { code } }", 200),
        ("{", 400),
        ("{ nothing }", 400),
        ("query ($a: Int!) { leaderboard(first: $a) { ranked } }", 400),
        // Something was executed, and failed: there is data, which is null.
        ("{ units(first: 1000) { totalCount } }", 200),
    ] {
        let (found, kind, answer) = ask(GRAPHQL, query).await;
        assert_eq!(found, status, "{query}");
        assert!(kind.starts_with(GRAPHQL), "{kind}");
        assert_eq!(answer.get("data").is_some(), status == 200, "{query}: {answer}");
        let (found, kind, same) = ask("application/json", query).await;
        assert_eq!(found, 200, "{query}");
        assert!(kind.starts_with("application/json"), "{kind}");
        assert_eq!(same, answer, "{query}");
    }
    let (status, _, answer) = ask("text/html", "{ root { code } }").await;
    assert_eq!(status, 406);
    assert!(answer["errors"][0]["message"].as_str().unwrap().contains(GRAPHQL));
}

#[tokio::test]
async fn what_is_known_already_is_not_sent_again() {
    let world = World::start().await;
    let asked = address(&[("query", "{ root { code tally { submitted } } }")]);
    let first = world.get(&asked).send().await.unwrap();
    let tag = head(&first, ETAG).to_owned();
    assert!(tag.starts_with("W/\""), "{tag}");
    assert_eq!(head(&first, CACHE_CONTROL), "no-cache");
    assert!(head(&first, VARY).contains("authorization"));
    let again = async |tags: &str| {
        world.get(&asked).header(IF_NONE_MATCH, tags).send().await.unwrap().status().as_u16()
    };
    assert_eq!(again(&tag).await, 304);
    assert_eq!(again(&format!("\"other\", {tag}")).await, 304);
    assert_eq!(again("*").await, 304);
    assert_eq!(again("\"other\"").await, 200);
    world.submit("dong-tam", "k-1").await;
    assert_eq!(again(&tag).await, 200);

    // The caller's own is nobody else's, and has no tag.
    let own = address(&[("query", "{ viewer { name } }")]);
    let own = world.get(&own).bearer_auth(TOKEN).send().await.unwrap();
    assert_eq!((head(&own, ETAG), head(&own, CACHE_CONTROL)), ("", "private, no-cache"));
    let known = world.get(&asked).bearer_auth(TOKEN).send().await.unwrap();
    assert_eq!(head(&known, CACHE_CONTROL), "private, no-cache");
    let posted = world.post().json(&json!({ "query": "{ root { code } }" }));
    assert_eq!(head(&posted.send().await.unwrap(), ETAG), "");
}

#[tokio::test]
async fn pages_of_others_are_kept_out_unless_listed() {
    let world = World::start_for_origins(&["https://board.example"]).await;
    let ask = async |origin: &str| {
        let request = world.post().header(ORIGIN, origin);
        request.json(&json!({ "query": "{ root { code } }" })).send().await.unwrap()
    };
    let own = format!("http://{}", world.address);
    for (origin, status, allowed) in [
        (own.as_str(), 200, ""),
        ("https://board.example", 200, "https://board.example"),
        ("https://evil.example", 403, ""),
        ("null", 403, ""),
    ] {
        let response = ask(origin).await;
        assert_eq!(response.status(), status, "{origin}");
        assert_eq!(head(&response, ACCESS_CONTROL_ALLOW_ORIGIN), allowed, "{origin}");
        if status == 403 {
            assert_eq!(code_of(&response.json().await.unwrap()), "FORBIDDEN");
        }
        // A browser asks first.
        let url = format!("{own}/graphql");
        let preflight = reqwest::Client::new()
            .request(Method::OPTIONS, url)
            .header(ORIGIN, origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization, content-type");
        let preflight = preflight.send().await.unwrap();
        assert_eq!(head(&preflight, ACCESS_CONTROL_ALLOW_ORIGIN), allowed, "{origin}");
    }
    // Sockets are not held back by browsers at all.
    let socket = async |origin: &str| {
        let request = world.get("/graphql").header(ORIGIN, origin).header("upgrade", "websocket");
        let request = request
            .header("connection", "upgrade")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
            .header("sec-websocket-protocol", "graphql-transport-ws");
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(socket("https://evil.example").await, 403);
    assert_eq!(socket("https://board.example").await, 101);
}

#[tokio::test]
async fn each_request_has_an_id() {
    let world = World::start().await;
    let named = async |id: &str| {
        let response = world.get("/health/live").header("x-request-id", id).send().await.unwrap();
        head(&response, "x-request-id").to_owned()
    };
    assert_eq!(named("abc-1.2:3_4").await, "abc-1.2:3_4");
    let (one, other) = (named("not plain").await, named(&"x".repeat(65)).await);
    assert!(one != other && !one.is_empty() && one.len() <= 64, "{one}, {other}");
}

/// A program says its version in each response and, to people, where it says that it is well.
#[tokio::test]
async fn a_server_says_its_version() {
    let world = World::start().await;
    let version = env!("CARGO_PKG_VERSION");
    for page in ["/health/live", "/health/serving", "/health/ready"] {
        let response = world.get(page).send().await.unwrap();
        assert_eq!(head(&response, "x-sangkien-release"), version);
        let said = response.text().await.unwrap();
        assert_eq!(said.lines().nth(1), Some(&*format!("sangkien {version}")), "{said}");
    }
    let asked = world.get("/graphql?query=%7Btoday%7D").send().await.unwrap();
    assert_eq!(head(&asked, "x-sangkien-release"), version);
    assert_eq!(head(&world.get("/nowhere").send().await.unwrap(), "x-sangkien-release"), version);
}

#[tokio::test]
async fn documents_that_grow_are_refused_before_they_do() {
    let world = World::start().await;
    // The document has forty levels of two spreads each: a walk through all of them would not come
    // back.
    let bomb = (0..40).fold("{ ...F0 }".to_owned(), |text, level| {
        format!("{text} fragment F{level} on Query {{ ...F{0} ...F{0} }}", level + 1)
    }) + " fragment F40 on Query { root { id } }";
    let deep = format!("{{ root {}{{ id }}{} }}", "{ parent ".repeat(24), "}".repeat(24));
    let many = format!("{{ root {{ {} }} }}", "id ".repeat(10_000));
    for query in [&bomb, &deep, &many] {
        let answer = world.ask(&json!({ "query": query })).await;
        assert_eq!(code_of(&answer), "TOO_COSTLY", "{answer}");
        assert!(answer.get("data").is_none());
    }
}

/// The text of a stream, up to and with the first part that holds `last`, or to its end.
async fn heard(response: &mut Response, last: &str) -> String {
    let mut text = String::new();
    let reading = async {
        while let Some(bytes) = response.chunk().await.unwrap() {
            text.push_str(std::str::from_utf8(&bytes).unwrap());
            if text.contains(last) {
                break;
            }
        }
    };
    tokio::time::timeout(PATIENCE, reading).await.expect("it says so");
    text
}

#[tokio::test]
async fn a_subscription_is_a_stream_of_events_for_those_who_want_that_most() {
    let world = World::start().await;
    let tally = r#"subscription { tally(unit: { code: "tld" }) { submitted } }"#;
    let ask = async |accept: &str, query: &str| {
        let request = world.post().header(ACCEPT, accept).json(&json!({ "query": query }));
        request.send().await.unwrap()
    };
    let mut stream = ask("application/json;q=0.5, text/event-stream", tally).await;
    assert_eq!(head(&stream, CONTENT_TYPE), "text/event-stream");
    assert_eq!(
        (head(&stream, CACHE_CONTROL), head(&stream, "x-accel-buffering")),
        ("no-store", "no")
    );
    let text = heard(&mut stream, "\n\n").await;
    assert!(text.starts_with(":\n\n"), "{text}");
    let text = heard(&mut stream, "submitted").await;
    assert_eq!(text, "event: next\ndata: {\"data\":{\"tally\":{\"submitted\":0}}}\n\n");
    world.submit("dong-tam", "k-1").await;
    let text = heard(&mut stream, "submitted").await;
    assert!(text.contains("{\"submitted\":1}"), "{text}");

    // JSON first and events later is JSON.
    let plain = ask("application/json, text/event-stream", "{ root { code } }").await;
    assert!(head(&plain, CONTENT_TYPE).starts_with("application/json"));
    // One that fails says so and ends.
    for (query, code) in [
        ("subscription { initiativeEvents(after: \"garbage\") { kind } }", "BAD_CURSOR"),
        ("{ units(first: 501) { totalCount } }", "BAD_ARGUMENT"),
    ] {
        let text = heard(&mut ask("text/event-stream", query).await, "event: complete").await;
        assert!(text.contains(code) && text.ends_with("event: complete\ndata:\n\n"), "{text}");
    }
    let events =
        world.post().header(ACCEPT, "text/event-stream").header("last-event-id", "garbage");
    let events = events.json(&json!({ "query": "subscription { initiativeEvents { kind } }" }));
    let text = heard(&mut events.send().await.unwrap(), "event: complete").await;
    assert!(text.contains("BAD_CURSOR"), "{text}");

    // A version that is not there is waited for, and said to be missing.
    let far = world.post().header(ACCEPT, "text/event-stream");
    let far = far.header("x-sangkien-min-version", "999999").json(&json!({ "query": tally }));
    let text = heard(&mut far.send().await.unwrap(), "event: complete").await;
    assert!(text.contains("UNAVAILABLE"), "{text}");

    let mut parts = ask("multipart/mixed;subscriptionSpec=1.0, application/json", tally).await;
    assert!(head(&parts, CONTENT_TYPE).starts_with("multipart/mixed; boundary=graphql"));
    let text = heard(&mut parts, "submitted").await;
    assert!(text.starts_with("--graphql\r\n") && text.ends_with("\r\n--graphql"), "{text}");

    // The server stops: streams break off at once, and do not say that they are complete. A client does
    // not reconnect after a complete stream.
    let stopping = tokio::spawn(world.restart());
    for mut cut in [stream, parts] {
        let mut rest = Vec::new();
        let broken = async {
            loop {
                match cut.chunk().await {
                    Ok(Some(bytes)) => rest.extend_from_slice(&bytes),
                    Ok(None) => return false,
                    Err(_) => return true,
                }
            }
        };
        assert!(tokio::time::timeout(PATIENCE, broken).await.expect("it ends"), "it is broken off");
        let rest = String::from_utf8(rest).unwrap();
        assert!(!rest.contains("complete") && !rest.contains("--graphql--"), "{rest}");
    }
    tokio::time::timeout(PATIENCE, stopping).await.unwrap().unwrap();
}

/// The value of a line of Prometheus' text, its labels included in the name.
async fn measured(world: &World, name: &str) -> f64 {
    let text = world.get("/metrics").send().await.unwrap().text().await.unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.map_or(0.0, |value| value.parse().unwrap())
}

/// Other tests of the process count on the same counters, so they are only known to grow.
#[tokio::test]
async fn what_happens_is_counted() {
    let world = World::start().await;
    let grows = [
        "sangkien_http_requests_total{result=\"ok\"}",
        "sangkien_http_requests_total{result=\"refused\"}",
        "sangkien_answers_total{from=\"kept\"}",
        "sangkien_answers_total{from=\"executed\"}",
        "sangkien_writer_commands_total{result=\"done\"}",
        "sangkien_writer_commands_total{result=\"refused\"}",
        "sangkien_writer_batches_total",
        "sangkien_writer_batch_seconds_count",
        "sangkien_http_request_seconds_count",
        "sangkien_subscription_messages_total",
        "sangkien_executions_total",
        "sangkien_feed_seconds_count",
        "sangkien_socket_ends_total{code=\"4400\"}",
    ];
    let mut before = Vec::new();
    for name in grows {
        before.push(measured(&world, name).await);
    }
    for _ in 0..2 {
        world.query("{ root { code } }").await;
    }
    world.ask(&json!({ "query": "{ nothing }" })).await;
    world.submit("dong-tam", "k-1").await;
    let again = json!({ "query": "mutation { closeUnit(input: { unit: { code: \"x\" } }) { errors { code } } }" });
    world.post().header("authorization", bearer()).json(&again).send().await.unwrap();
    let mut socket = world.socket().await;
    socket.subscribe("1", r#"subscription { tally(unit: { code: "tld" }) { submitted } }"#).await;
    socket.next().await;
    world.submit("dong-tam", "k-2").await;
    socket.next().await;
    // The server counts a message after it was sent.
    socket.subscribe("2", "{ root { code } }").await;
    socket.receive().await;
    assert!(measured(&world, "sangkien_connections").await >= 1.0);
    let mut other = world.raw_socket().await;
    other.send(json!({ "type": "hello" })).await;
    other.frame().await;
    for (name, before) in grows.iter().zip(before) {
        let now = measured(&world, name).await;
        assert!(now > before, "{name}: {before}, {now}");
    }
    let text = world.get("/metrics").send().await.unwrap();
    assert_eq!(head(&text, CONTENT_TYPE), "text/plain; version=0.0.4; charset=utf-8");
    let text = text.text().await.unwrap();
    for name in [
        "sangkien_channels ",
        "sangkien_rooms ",
        "sangkien_channel_subscribers ",
        "sangkien_room_subscribers ",
        "sangkien_database_connections{",
        "sangkien_version ",
        "sangkien_head_timestamp_seconds ",
        "sangkien_board_trusted ",
    ] {
        assert!(text.lines().any(|line| line.starts_with(name)), "{name}");
    }
}
