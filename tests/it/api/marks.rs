//! Marks: which log an answer is of, and how far it had come.

use reqwest::header::ACCEPT;
use serde_json::{Value, json};

use crate::harness::{SUBMIT, World, payload, submission};

fn mark(answer: &Value) -> String {
    let mark = answer["extensions"]["mark"].as_str();
    mark.unwrap_or_else(|| panic!("no mark: {answer}")).to_owned()
}

#[tokio::test]
async fn every_answer_with_a_version_has_its_mark() {
    for world in World::start_on_each().await {
        let ask = json!({ "query": "{ root { name } }" });
        let first = world.ask(&ask).await;
        // The second one is the answer that was kept.
        let again = world.ask(&ask).await;
        assert_eq!((&first["extensions"], mark(&first)), (&again["extensions"], mark(&again)));

        let input = submission("dong-tam", "k-1");
        let change = world.ask(&json!({ "query": SUBMIT, "variables": { "input": input } })).await;
        assert_ne!(mark(&change), mark(&first));
        let after = world.ask(&ask).await;
        assert_eq!(after["extensions"], change["extensions"]);

        let mut socket = world.socket().await;
        socket.subscribe("1", "{ root { name } }").await;
        assert_eq!(socket.answer().await["extensions"], change["extensions"]);
        let events = world.post().header(ACCEPT, "text/event-stream").json(&ask);
        let text = events.send().await.unwrap().text().await.unwrap();
        assert!(text.contains(&mark(&change)), "{text}");

        // It stays the same event's over a restart.
        let world = world.restart().await;
        assert_eq!(world.ask(&ask).await["extensions"], change["extensions"]);
    }
}

/// Whoever copied everything as of a mark goes on with the events after it.
#[tokio::test]
async fn events_go_on_after_a_mark() {
    let world = World::start().await;
    world.submit("dong-tam", "k-1").await;
    let copied = mark(&world.ask(&json!({ "query": "{ root { name } }" })).await);
    world.submit("dong-tam", "k-2").await;
    let query =
        format!(r#"{{ initiativeEvents(after: "{copied}") {{ nodes {{ kind version }} }} }}"#);
    let events = payload(world.query(&query).await);
    let version = world.version().await;
    assert_eq!(events["nodes"], json!([{ "kind": "SUBMITTED", "version": version }]));
}
