//! The log page by page, beside the feed.

use serde_json::{Value, json};

use crate::harness::{SUBMIT, Socket, World, code_of, data, submission, with};

const FIELDS: &str = "cursor version kind at initiativeId status unit { code } fromUnit { code }
  initiative { title }";

async fn ask(world: &World, arguments: &str) -> Value {
    let arguments = if arguments.is_empty() { String::new() } else { format!("({arguments})") };
    let query = format!(
        "{{ initiativeEvents{arguments} {{
           edges {{ cursor node {{ cursor }} }} nodes {{ {FIELDS} }}
           pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
    );
    world.ask_anonymously(&json!({ "query": query })).await
}

async fn page(world: &World, arguments: &str) -> Value {
    let page = data(ask(world, arguments).await)["initiativeEvents"].take();
    let edges = page["edges"].as_array().unwrap();
    for (edge, node) in edges.iter().zip(page["nodes"].as_array().unwrap()) {
        assert_eq!(edge["cursor"], node["cursor"]);
        assert_eq!(edge["node"]["cursor"], node["cursor"]);
    }
    page
}

/// All of it, so many at a time.
async fn all(world: &World, within: &str, first: usize) -> Vec<Value> {
    let mut told = Vec::new();
    let mut after = String::new();
    loop {
        let page = page(world, &format!("{within} first: {first} {after}")).await;
        let nodes = page["nodes"].as_array().unwrap();
        assert!(nodes.len() <= first);
        told.extend(nodes.iter().cloned());
        let end = &page["pageInfo"]["endCursor"];
        assert!(end.is_string(), "{page}");
        if page["pageInfo"]["hasNextPage"] == false {
            return told;
        }
        after = format!("after: {end}");
    }
}

async fn follow(socket: &mut Socket, within: &str) {
    let arguments = if within.is_empty() { String::new() } else { format!("({within})") };
    let document = format!("subscription {{ initiativeEvents{arguments} {{ {FIELDS} }} }}");
    socket.subscribe("events", &document).await;
    socket.subscribe("ready", "{ root { id } }").await;
    assert_eq!(socket.receive().await["id"], "ready");
    assert_eq!(socket.receive().await["id"], "ready");
}

#[tokio::test]
async fn pages_and_feed_tell_the_same_events() {
    for world in World::start_on_each().await {
        let places = ["", "within: { code: \"dong-nai\" }", "within: { code: \"hoang-dieu\" }"];
        let mut sockets = Vec::new();
        for place in places {
            let mut socket = world.socket_as(None).await;
            follow(&mut socket, place).await;
            sockets.push(socket);
        }
        let transfer = "mutation ($input: TransferInitiativeInput!) {
          transferInitiative(input: $input) { errors { code path } } }";
        let mut ids = Vec::new();
        for (number, unit) in
            ["dong-tam", "hoang-dieu", "tan-bien", "so-xay-dung"].into_iter().enumerate()
        {
            ids.push(world.submit(unit, &number.to_string()).await["id"].take());
            // Not of initiatives, so not told.
            world.upsert_unit(json!({ "code": "tld", "memberCount": number })).await;
        }
        world.review(&ids[0], "ACCEPT").await;
        world.review(&ids[1], "RETURN").await;
        let moved = json!({ "id": ids[2], "unit": { "code": "hoang-dieu" } });
        world.change(transfer, moved).await;
        let confidential = with(submission("dong-tam", "c"), json!({ "confidential": true }));
        world.change(SUBMIT, confidential).await;
        for (place, socket) in places.iter().zip(&mut sockets) {
            for first in [1, 2, 50] {
                let mut told = all(&world, place, first).await;
                assert!(told.len() >= 3, "{place}");
                if first == 50 {
                    for event in &mut told {
                        let mut sent = socket.next().await;
                        // The initiative was read when the event was sent, and is read again now.
                        sent["initiative"].take();
                        event["initiative"].take();
                        assert_eq!(*event, sent, "{place}");
                    }
                }
            }
        }
        let told = all(&world, "", 50).await;
        assert_eq!(told.len(), 8);
        assert_eq!(told[0]["initiative"]["title"], "Cải tiến khuôn đúc 0", "accepted since");
        assert_eq!(told[1]["initiative"], Value::Null, "not the public's to see");
    }
}

#[tokio::test]
async fn a_page_says_where_to_go_on() {
    let world = World::start().await;
    let id = world.submit("dong-tam", "k-1").await["id"].take();
    let end = page(&world, "first: 0").await;
    assert_eq!(end["nodes"], json!([]));
    assert_eq!(end["pageInfo"]["hasNextPage"], false);
    let end = end["pageInfo"]["endCursor"].to_string();
    let nothing = page(&world, &format!("after: {end}")).await;
    assert_eq!(nothing["nodes"], json!([]));
    assert_eq!(nothing["pageInfo"]["hasNextPage"], false);
    assert!(nothing["pageInfo"]["endCursor"].is_string());
    world.review(&id, "ACCEPT").await;
    let more = page(&world, &format!("after: {end}")).await;
    assert_eq!(more["nodes"][0]["kind"], "ACCEPTED");
    assert_eq!(more["nodes"].as_array().unwrap().len(), 1);
    assert_eq!(more["pageInfo"]["endCursor"], more["nodes"][0]["cursor"]);
    // An empty page with `after` stays where it was, and says that there is more.
    let still = page(&world, &format!("first: 0 after: {end}")).await;
    assert_eq!(still["pageInfo"]["endCursor"].to_string(), end);
    assert_eq!(still["pageInfo"]["hasNextPage"], true);
    // A subscription goes on from any of these.
    let mut socket = world.socket_as(None).await;
    let document = format!("subscription {{ initiativeEvents(after: {end}) {{ kind }} }}");
    socket.subscribe("1", &document).await;
    assert_eq!(socket.next().await["kind"], "ACCEPTED");

    let first = page(&world, "first: 1").await;
    assert_eq!(first["nodes"][0]["kind"], "SUBMITTED");
    assert_eq!(first["pageInfo"]["hasNextPage"], true);
}

#[tokio::test]
async fn a_cursor_of_another_log_says_where_to_go_on() {
    let (world, other) = (World::start().await, World::start().await);
    other.submit("dong-tam", "k-1").await;
    let cursor = page(&other, "first: 1").await["pageInfo"]["endCursor"].take();
    for _ in 0..2 {
        let answer = ask(&world, &format!("after: {cursor}")).await;
        assert_eq!(code_of(&answer), "CURSOR_EXPIRED");
        let resume = &answer["errors"][0]["extensions"]["cursor"];
        let key = format!("k-{}", world.version().await);
        world.submit("dong-tam", &key).await;
        assert_eq!(
            page(&world, &format!("after: {resume}")).await["nodes"][0]["kind"],
            "SUBMITTED"
        );
    }
    for (arguments, code) in [
        ("after: \"abc\"", "BAD_CURSOR"),
        ("first: -1", "BAD_ARGUMENT"),
        ("first: 501", "BAD_ARGUMENT"),
        ("within: { code: \"nowhere\" }", "REF_NOT_FOUND"),
    ] {
        assert_eq!(code_of(&ask(&world, arguments).await), code, "{arguments}");
    }
}

#[tokio::test]
async fn an_initiative_knows_its_history() {
    for world in World::start_on_each().await {
        let ids = [
            world.submit("dong-tam", "k-1").await["id"].take(),
            world.submit("dong-tam", "k-2").await["id"].take(),
        ];
        for id in &ids {
            world.review(id, "RETURN").await;
            world.review(id, "ACCEPT").await;
        }
        let query = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Initiative {
          id events { kind initiativeId } } } }";
        let answer = data(world.ask(&json!({ "query": query, "variables": { "ids": ids } })).await);
        for (node, id) in answer["nodes"].as_array().unwrap().iter().zip(&ids) {
            let events = json!([
                { "kind": "SUBMITTED", "initiativeId": id },
                { "kind": "RETURNED", "initiativeId": id },
                { "kind": "ACCEPTED", "initiativeId": id },
            ]);
            assert_eq!(node["events"], events);
        }
    }
}
