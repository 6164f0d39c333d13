//! The event feed: everything, in order, once.

use serde_json::{Value, json};

use crate::harness::{Socket, World, code_of};

const FIELDS: &str = "cursor version kind at initiativeId status unit { code } fromUnit { code }";

async fn follow(socket: &mut Socket, arguments: &str) {
    let arguments = if arguments.is_empty() { String::new() } else { format!("({arguments})") };
    let document = format!("subscription {{ initiativeEvents{arguments} {{ {FIELDS} }} }}");
    socket.subscribe("events", &document).await;
    // It listens once something else on the socket was answered after it.
    socket.subscribe("ready", "{ root { id } }").await;
    assert_eq!(socket.receive().await["id"], "ready");
    assert_eq!(socket.receive().await["id"], "ready");
}

async fn kinds(socket: &mut Socket, count: usize) -> Vec<String> {
    let mut kinds = Vec::new();
    for _ in 0..count {
        kinds.push(socket.next().await["kind"].as_str().unwrap().to_owned());
    }
    kinds
}

async fn transfer(world: &World, id: &Value, unit: &str) {
    let document = "mutation ($input: TransferInitiativeInput!) {
      transferInitiative(input: $input) { errors { code path message } } }";
    world.change(document, json!({ "id": id, "unit": { "code": unit } })).await;
}

#[tokio::test]
async fn every_event_comes_once_and_in_order() {
    for world in World::start_on_each().await {
        let mut socket = world.socket_as(None).await;
        follow(&mut socket, "").await;
        let id = world.submit("dong-tam", "k-1").await["id"].take();
        world.review(&id, "RETURN").await;
        for document in [
            "reviseInitiative(input: { id: $id, title: \"Khác\" })",
            "reviewInitiative(input: { id: $id, decision: REJECT, reason: OTHER })",
            "reviewInitiative(input: { id: $id, decision: ACCEPT })",
            "featureInitiative(input: { id: $id })",
            "featureInitiative(input: { id: $id, featured: false })",
            "transferInitiative(input: { id: $id, unit: { code: \"hoang-dieu\" } })",
            "withdrawInitiative(input: { id: $id })",
        ] {
            let query = format!("mutation ($id: ID!) {{ {document} {{ errors {{ code }} }} }}");
            world.ask(&json!({ "query": query, "variables": { "id": id } })).await;
            // Not of initiatives, so not told.
            world.upsert_unit(json!({ "code": "tld", "memberCount": document.len() })).await;
        }
        let mut version = 0;
        for (kind, status, unit) in [
            ("SUBMITTED", "PENDING", "dong-tam"),
            ("RETURNED", "RETURNED", "dong-tam"),
            ("REVISED", "PENDING", "dong-tam"),
            ("REJECTED", "REJECTED", "dong-tam"),
            ("ACCEPTED", "ACCEPTED", "dong-tam"),
            ("FEATURED", "ACCEPTED", "dong-tam"),
            ("UNFEATURED", "ACCEPTED", "dong-tam"),
            ("TRANSFERRED", "ACCEPTED", "hoang-dieu"),
            ("WITHDRAWN", "WITHDRAWN", "hoang-dieu"),
        ] {
            let event = socket.next().await;
            assert_eq!(event["kind"], kind);
            assert_eq!(event["status"], status);
            assert_eq!(event["unit"]["code"], unit);
            assert_eq!(event["initiativeId"], id);
            assert_eq!(event["at"], "2022-05-10T08:00:00.000+07:00");
            let from =
                if kind == "TRANSFERRED" { json!({ "code": "dong-tam" }) } else { Value::Null };
            assert_eq!(event["fromUnit"], from);
            let next = event["version"].as_i64().unwrap();
            assert!(next > version);
            version = next;
        }
    }
}

#[tokio::test]
async fn a_subtree_is_as_it_stood_at_the_event() {
    let world = World::start().await;
    let mut dong_nai = world.socket().await;
    follow(&mut dong_nai, r#"within: { code: "dong-nai" }"#).await;
    let mut ha_noi = world.socket().await;
    follow(&mut ha_noi, r#"within: { code: "ha-noi" }"#).await;

    let id = &world.submit("dong-tam", "k-1").await["id"];
    transfer(&world, id, "hoang-dieu").await;
    world.review(id, "ACCEPT").await;
    let moved = r#"mutation { moveUnit(input: { unit: { code: "bien-hoa" },
      newParent: { code: "ha-noi" } }) { errors { code } } }"#;
    world.submit("dong-tam", "k-2").await;
    world.query(moved).await;
    world.submit("dong-tam", "k-3").await;
    world.submit("an-phuoc", "k-4").await;
    let theirs = ["SUBMITTED", "TRANSFERRED", "SUBMITTED", "SUBMITTED"];
    assert_eq!(kinds(&mut dong_nai, 4).await, theirs);
    world.submit("so-xay-dung", "k-5").await;
    assert_eq!(kinds(&mut ha_noi, 4).await, ["TRANSFERRED", "ACCEPTED", "SUBMITTED", "SUBMITTED"]);

    // Later it is told in the same way.
    let mut later = world.socket().await;
    let mut all = world.socket().await;
    let mut first = world.socket().await;
    follow(&mut first, "").await;
    world.submit("an-phuoc", "k-6").await;
    let cursor = dong_nai.next().await["cursor"].take();
    assert_eq!(first.next().await["cursor"], cursor);
    world.submit("dong-tam", "k-7").await;
    world.submit("an-phuoc", "k-8").await;
    let document = format!(
        r#"subscription {{ initiativeEvents(within: {{ code: "dong-nai" }}, after: {cursor}) {{ unit {{ code }} }} }}"#
    );
    later.subscribe("1", &document).await;
    assert_eq!(later.next().await["unit"]["code"], "an-phuoc");
    let document =
        format!("subscription {{ initiativeEvents(after: {cursor}) {{ unit {{ code }} }} }}");
    all.subscribe("1", &document).await;
    assert_eq!(all.next().await["unit"]["code"], "dong-tam");
    assert_eq!(all.next().await["unit"]["code"], "an-phuoc");
}

#[tokio::test]
async fn a_client_that_comes_back_misses_nothing() {
    for mut world in World::start_on_each().await {
        let mut socket = world.socket().await;
        follow(&mut socket, "").await;
        let ids = [
            world.submit("dong-tam", "k-1").await["id"].take(),
            world.submit("hoang-dieu", "k-2").await["id"].take(),
        ];
        let seen = socket.next().await;
        assert_eq!(seen["initiativeId"], ids[0]);
        socket.close().await;
        let third = world.submit("tan-bien", "k-3").await["id"].take();
        let resume = format!(
            "subscription {{ initiativeEvents(after: {}) {{ {FIELDS} }} }}",
            seen["cursor"]
        );
        for restarted in [false, true] {
            if restarted {
                world = world.restart().await;
            }
            let mut socket = world.socket().await;
            socket.subscribe("1", &resume).await;
            assert_eq!(socket.next().await["initiativeId"], ids[1]);
            assert_eq!(socket.next().await["initiativeId"], third);
            let fresh = world.submit("an-phuoc", &format!("k-4-{restarted}")).await["id"].take();
            if restarted {
                // The event that came between the two.
                socket.next().await;
            }
            assert_eq!(socket.next().await["initiativeId"], fresh);
            socket.close().await;
        }
    }
}

#[tokio::test]
async fn a_cursor_of_another_log_is_expired() {
    let world = World::start().await;
    let other = World::start().await;
    let mut socket = other.socket().await;
    follow(&mut socket, "").await;
    other.submit("dong-tam", "k-1").await;
    let cursor = socket.next().await["cursor"].take();
    let document = |cursor: &Value| {
        format!("subscription {{ initiativeEvents(after: {cursor}) {{ initiativeId }} }}")
    };
    // Both before this log gets as far and after.
    for _ in 0..2 {
        let mut socket = world.socket().await;
        socket.subscribe("1", &document(&cursor)).await;
        let answer = socket.refusal().await;
        assert_eq!(code_of(&answer), "CURSOR_EXPIRED");
        let resume = &answer["errors"][0]["extensions"]["cursor"];
        let key = format!("k-{}", world.version().await);
        socket.subscribe("2", &document(resume)).await;
        let id = world.submit("dong-tam", &key).await["id"].take();
        assert_eq!(socket.next().await["initiativeId"], id);
    }
}
