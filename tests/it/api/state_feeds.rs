//! Leaderboards and tallies that are watched.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{Socket, World, payload};

const DONG_NAI: &str = r#"subscription {
  leaderboard(within: { code: "dong-nai" }, rankBy: SUBMITTED) {
    version asOf total { submitted } entries { rank unit { code } tally { submitted } } } }"#;

fn total(board: &Value) -> i64 {
    board["total"]["submitted"].as_i64().unwrap()
}

/// Reads on until the board counts so many; returns how many messages that took.
async fn until(socket: &mut Socket, count: i64) -> usize {
    let mut version = 0;
    for messages in 1.. {
        let board = socket.next().await;
        let next = board["version"].as_i64().unwrap();
        assert!(next > version, "version {next} after {version}");
        version = next;
        assert!(total(&board) <= count);
        if total(&board) == count {
            return messages;
        }
    }
    unreachable!("the loop ends by returning");
}

#[tokio::test]
async fn a_board_tells_its_state_at_once_and_when_it_changed() {
    for world in World::start_on_each().await {
        let mut socket = world.socket_as(None).await;
        socket.subscribe("1", DONG_NAI).await;
        let first = socket.next().await;
        assert_eq!(total(&first), 0);
        world.submit("dong-tam", "k-1").await;
        let second = socket.next().await;
        assert_eq!(total(&second), 1);
        assert_eq!(second["entries"][0]["unit"]["code"], "bien-hoa");
        assert_eq!(second["version"], world.version().await);
        assert!(second["version"].as_i64() > first["version"].as_i64());
    }
}

/// Two feeds of one socket, the first begun ahead of the second: whenever both have news, both
/// tell it, so that what only the second tells is none to the first.
async fn only_the_second_tells(
    socket: &mut Socket,
    rounds: std::ops::Range<i64>,
    world: &World,
    unit: &str,
) {
    for number in rounds {
        world.submit(unit, &format!("{unit}-{number}")).await;
        let told = socket.receive().await;
        assert_eq!(told["id"], "2", "{told}");
        assert_eq!(payload(told["payload"]["data"].clone())["submitted"], number);
    }
}

#[tokio::test]
async fn what_happens_elsewhere_is_not_told() {
    let world = World::start().await;
    let mut socket = world.socket().await;
    socket.subscribe("1", DONG_NAI).await;
    assert_eq!(total(&socket.next().await), 0);
    let elsewhere = r#"subscription { tally(unit: { code: "ha-noi" }) { submitted } }"#;
    socket.subscribe("2", elsewhere).await;
    assert_eq!(socket.next().await["submitted"], 0);
    only_the_second_tells(&mut socket, 1..4, &world, "hoang-dieu").await;
    world.submit("dong-tam", "inside").await;
    let told = socket.receive().await;
    assert_eq!(told["id"], "1");
    assert_eq!(total(&told["payload"]["data"]["leaderboard"]), 1);
}

#[tokio::test]
async fn a_burst_becomes_few_messages_and_the_last_is_final() {
    for world in World::start_on_each().await {
        let mut socket = world.socket().await;
        socket.subscribe("1", DONG_NAI).await;
        assert_eq!(total(&socket.next().await), 0);
        // Four clients, each of whom waits for its answer before it sends the next.
        let burst = join_all((0..4).map(|client| {
            let world = &world;
            async move {
                for number in 0..25 {
                    world.submit("dong-tam", &format!("k-{client}-{number}")).await;
                }
            }
        }));
        let (messages, _) = tokio::join!(until(&mut socket, 100), burst);
        assert!(messages < 20, "{messages} messages for 100 changes");
    }
}

#[tokio::test]
async fn a_change_that_the_result_does_not_show_is_not_told() {
    let world = World::start().await;
    world.set_goals(&[("bien-hoa", 100), ("long-thanh", 1)]).await;
    world.submit("tan-bien", "first").await;
    let mut socket = world.socket().await;
    // Ranks alone, and under other names what a change of which is none.
    let ranks = r#"subscription { leaderboard(within: { code: "dong-nai" }) {
      seen: version at: asOf entries { rank unit { code } } } }"#;
    socket.subscribe("1", ranks).await;
    let first = socket.next().await;
    assert_eq!(first["entries"][0]["unit"]["code"], "bien-hoa");
    let counts = r#"subscription { tally(unit: { code: "dong-tam" }) { submitted } }"#;
    socket.subscribe("2", counts).await;
    assert_eq!(socket.next().await["submitted"], 0);
    only_the_second_tells(&mut socket, 1..4, &world, "dong-tam").await;
    world.submit("an-phuoc", "k").await;
    let told = socket.next().await;
    assert_eq!(told["entries"][0]["unit"]["code"], "long-thanh");
    assert_eq!(told["seen"], world.version().await);
}

#[tokio::test]
async fn a_tally_is_told_as_it_changes() {
    let world = World::start().await;
    let mut socket = world.socket().await;
    socket
        .subscribe(
            "1",
            r#"subscription { tally(unit: { code: "dong-tam" }) {
              unit { code } period { code } submitted accepted target ratio } }"#,
        )
        .await;
    let mut expected = json!({ "unit": { "code": "dong-tam" }, "period": { "code": "campaign" },
        "submitted": 0, "accepted": 0, "target": null, "ratio": null });
    assert_eq!(socket.next().await, expected);
    let id = world.submit("dong-tam", "k-1").await["id"].take();
    expected["submitted"] = json!(1);
    assert_eq!(socket.next().await, expected);
    world.review(&id, "ACCEPT").await;
    expected["accepted"] = json!(1);
    assert_eq!(socket.next().await, expected);
    world.set_goals(&[("dong-tam", 2)]).await;
    expected["target"] = json!(2);
    expected["ratio"] = json!(0.5);
    assert_eq!(socket.next().await, expected);
    // Another period becomes the default one.
    world
        .upsert_period(json!({ "code": "late", "name": "Mới", "kind": "CAMPAIGN",
            "startsOn": "2022-05-10", "endsOn": "2022-05-12" }))
        .await;
    let told = socket.next().await;
    assert_eq!(told["period"]["code"], "late");
    assert_eq!(told["submitted"], 1);
    assert_eq!(told["target"], Value::Null);
}

#[tokio::test]
async fn a_feed_that_cannot_begin_says_why() {
    let world = World::start().await;
    let mut socket = world.socket().await;
    for (field, code) in [
        (r#"leaderboard(within: { code: "nobody" }) { ranked }"#, "REF_NOT_FOUND"),
        (r#"leaderboard(period: { code: "no such" }) { ranked }"#, "REF_NOT_FOUND"),
        ("leaderboard(first: 501) { ranked }", "BAD_ARGUMENT"),
        (r#"leaderboard(since: "2022-05-11") { ranked }"#, "BAD_ARGUMENT"),
        (r#"tally(unit: { code: "nobody" }) { submitted }"#, "REF_NOT_FOUND"),
        (r#"tally(unit: { code: "tld" }, period: { id: "x" }) { submitted }"#, "REF_NOT_FOUND"),
        (r#"initiativeEvents(within: { code: "nobody" }) { kind }"#, "REF_NOT_FOUND"),
        (r#"initiativeEvents(after: "garbage") { kind }"#, "BAD_CURSOR"),
    ] {
        socket.subscribe("1", &format!("subscription {{ {field} }}")).await;
        let answer = socket.refusal().await;
        assert_eq!(crate::harness::code_of(&answer), code, "{field}");
    }
}

#[tokio::test]
async fn several_feeds_share_a_socket() {
    let world = World::start().await;
    let mut socket = world.socket().await;
    let units = ["dong-nai", "bien-hoa", "dong-tam"];
    for unit in units {
        let document =
            format!(r#"subscription {{ tally(unit: {{ code: "{unit}" }}) {{ submitted }} }}"#);
        socket.subscribe(unit, &document).await;
        assert_eq!(socket.receive().await["id"], unit);
    }
    world.submit("dong-tam", "k-1").await;
    let mut told = Vec::new();
    for _ in units {
        let message = socket.receive().await;
        assert_eq!(message["payload"]["data"]["tally"]["submitted"], 1);
        told.push(message["id"].as_str().unwrap().to_owned());
    }
    told.sort_unstable();
    assert_eq!(told, ["bien-hoa", "dong-nai", "dong-tam"]);
    socket.subscribe("query", "{ root { tally { submitted } } }").await;
    let root = json!({ "root": { "tally": { "submitted": 1 } } });
    let answer = socket.answer().await;
    assert_eq!(payload(answer["data"].clone()), root["root"]);
}
