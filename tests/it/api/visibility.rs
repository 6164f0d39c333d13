//! The visibility of initiatives, and the permissions of callers.

use reqwest::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{SUBMIT, World, bearer, code_of, data, submission, with};

const ALL: &str = "id title summary kind field status unit { code } team
  authors { name group personCode contact } appliedOn recognisedBy confidential benefitVnd
  submittedAt updatedAt reviewedAt rejectionReason reviewNote featured version";

async fn seen_anonymously(world: &World, id: &Value) -> Value {
    let query =
        format!("query ($id: ID!) {{ initiative(id: $id) {{ {ALL} }} node(id: $id) {{ id }} }}");
    let request = json!({ "query": query, "variables": { "id": id } });
    let mut answer = data(world.ask_anonymously(&request).await);
    assert_eq!(answer["node"]["id"], answer["initiative"]["id"]);
    answer["initiative"].take()
}

fn full(key: &str) -> Value {
    let authors = json!([{ "name": "Nguyễn Văn An", "personCode": "NV01", "group": "OTHER",
        "contact": "0901 234 567" }]);
    let rest = json!({ "authors": authors, "summary": "Nội dung", "field": "Cơ khí",
        "team": "Tổ 1", "recognisedBy": "QĐ 12", "benefitVnd": 5 });
    with(submission("dong-tam", key), rest)
}

#[tokio::test]
async fn the_public_sees_what_was_accepted_without_codes_and_contacts() {
    for world in World::start_on_each().await {
        let id = world.change(SUBMIT, full("k-1")).await["initiative"]["id"].take();
        assert_eq!(seen_anonymously(&world, &id).await, Value::Null);
        world.review(&id, "RETURN").await;
        assert_eq!(seen_anonymously(&world, &id).await, Value::Null);
        let note = "mutation ($input: ReviewInitiativeInput!) {
          reviewInitiative(input: $input) { errors { code path message } } }";
        let input = json!({ "id": id, "decision": "ACCEPT", "note": "Nội bộ" });
        world.change(note, input).await;
        let seen = seen_anonymously(&world, &id).await;
        assert_eq!(seen["summary"], "Nội dung");
        assert_eq!(seen["benefitVnd"], 5);
        assert_eq!(seen["reviewNote"], Value::Null);
        let public = json!([{ "name": "Nguyễn Văn An", "group": "OTHER", "personCode": null,
            "contact": null }]);
        assert_eq!(seen["authors"], public);

        let query = format!("query ($id: ID!) {{ initiative(id: $id) {{ {ALL} }} }}");
        let request = json!({ "query": query, "variables": { "id": id } });
        let managed = data(world.ask(&request).await)["initiative"].take();
        assert_eq!(managed["authors"][0]["contact"], "0901 234 567");
        assert_eq!(managed["authors"][0]["personCode"], "NV01");
        assert_eq!(managed["reviewNote"], "Nội bộ");
    }
}

#[tokio::test]
async fn of_a_confidential_one_only_the_title_is_public() {
    let world = World::start().await;
    let input = with(full("k-1"), json!({ "confidential": true }));
    let id = world.change(SUBMIT, input).await["initiative"]["id"].take();
    world.review(&id, "ACCEPT").await;
    let seen = seen_anonymously(&world, &id).await;
    assert_eq!(seen["title"], "Cải tiến khuôn đúc k-1");
    assert_eq!(seen["confidential"], true);
    assert_eq!(seen["authors"], json!([]));
    for hidden in [
        "summary",
        "field",
        "team",
        "appliedOn",
        "recognisedBy",
        "benefitVnd",
        "rejectionReason",
        "reviewNote",
    ] {
        assert_eq!(seen[hidden], Value::Null, "{hidden}");
    }
    // The unit's sums include the initiative, since they are the unit's numbers.
    let root = world.query("{ root { tally { accepted benefitVnd } } }").await;
    assert_eq!(root["root"]["tally"], json!({ "accepted": 1, "benefitVnd": 5 }));
}

#[tokio::test]
async fn an_event_shows_its_initiative_to_those_who_may_see_it() {
    let world = World::start().await;
    let feed = "subscription { initiativeEvents { kind initiativeId initiative { title } } }";
    let mut public = world.socket_as(None).await;
    public.subscribe("1", feed).await;
    let mut operator = world.socket().await;
    operator.subscribe("1", feed).await;
    for socket in [&mut public, &mut operator] {
        // Both are known to listen once something else on the same socket was answered.
        socket.subscribe("ready", "{ root { id } }").await;
        assert_eq!(socket.receive().await["id"], "ready");
        assert_eq!(socket.receive().await["type"], "complete");
    }
    let id = &world.submit("dong-tam", "k-1").await["id"];
    let seen = public.next().await;
    let expected = json!({ "kind": "SUBMITTED", "initiativeId": id, "initiative": null });
    assert_eq!(seen, expected);
    assert_eq!(operator.next().await["initiative"]["title"], "Cải tiến khuôn đúc k-1");
    world.review(id, "ACCEPT").await;
    assert_eq!(public.next().await["initiative"]["title"], "Cải tiến khuôn đúc k-1");
}

#[tokio::test]
async fn every_change_needs_a_token() {
    let world = World::start().await;
    let id = &world.submit("dong-tam", "k-1").await["id"];
    let version = world.version().await;
    let unit = r#"unit: { code: "dong-tam" }"#;
    for field in [
        format!(
            r#"submitInitiative(input: {{ key: "k", {unit}, title: "t", kind: IDEA,
          authors: [{{ name: "a" }}] }})"#
        ),
        format!("reviewInitiative(input: {{ id: {id}, decision: ACCEPT }})"),
        format!("reviseInitiative(input: {{ id: {id}, title: \"t\" }})"),
        format!("withdrawInitiative(input: {{ id: {id} }})"),
        format!(r#"transferInitiative(input: {{ id: {id}, unit: {{ code: "tan-bien" }} }})"#),
        format!("featureInitiative(input: {{ id: {id} }})"),
        // The input is wrong in itself, too: a caller without permission is not told why.
        "reviewInitiative(input: { id: \"garbage\", decision: ACCEPT })".to_owned(),
        format!(
            r#"setTargets(input: {{ period: {{ code: "campaign" }}, goals: [{{ {unit} }}] }})"#
        ),
        r#"upsertUnit(input: { code: "dong-tam", name: "X" })"#.to_owned(),
        format!(r#"moveUnit(input: {{ {unit}, newParent: {{ code: "ha-noi" }} }})"#),
        format!("closeUnit(input: {{ {unit} }})"),
        format!("reopenUnit({unit})"),
        r#"upsertPeriod(input: { code: "campaign", name: "X" })"#.to_owned(),
    ] {
        let query = format!("mutation {{ {field} {{ errors {{ message }} }} }}");
        let answer = world.ask_anonymously(&json!({ "query": query })).await;
        assert_eq!(code_of(&answer), "UNAUTHENTICATED", "{field}");
        assert_eq!(answer["data"], Value::Null);
    }
    assert_eq!(world.version().await, version);
}

#[tokio::test]
async fn a_wrong_token_is_not_served_as_nobody() {
    let world = World::start().await;
    let body = json!({ "query": "{ root { id } }" });
    for wrong in ["Bearer wrong", "Bearer", "Bearer ", "", "Unknown YTpi", "\u{e9}"] {
        let value = reqwest::header::HeaderValue::from_bytes(wrong.as_bytes()).unwrap();
        let response = world.post().header(AUTHORIZATION, value).json(&body).send().await.unwrap();
        assert_eq!(response.status(), 401, "{wrong:?}");
        assert_eq!(response.headers()[WWW_AUTHENTICATE], "Bearer");
        let answer: Value = response.json().await.unwrap();
        assert_eq!(code_of(&answer), "UNAUTHENTICATED");
    }
    let right = bearer().replace("Bearer", "bearer");
    let response = world.post().header(AUTHORIZATION, right).json(&body).send().await.unwrap();
    assert_eq!(response.status(), 200);

    let mut socket = world.raw_socket().await;
    let payload = json!({ "authorization": "Bearer wrong" });
    socket.send(json!({ "type": "connection_init", "payload": payload })).await;
    let Message::Close(_) = socket.frame().await else { panic!("it must be closed") };
}
