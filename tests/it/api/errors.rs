//! The errors that clients get: they are in the client's language, and tell nothing of the inside.

use reqwest::header::ACCEPT_LANGUAGE;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, SqliteConnection};

use crate::harness::{SUBMIT, World, bearer, code_of, submission, with};

async fn ask_in(world: &World, language: &str, request: &Value) -> Value {
    let request = world
        .post()
        .header(ACCEPT_LANGUAGE, language)
        .header("authorization", bearer())
        .json(request);
    request.send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn messages_are_in_the_language_that_was_accepted() {
    let world = World::start().await;
    let input = with(submission("dong-tam", "k"), json!({ "title": " " }));
    let mend = json!({ "query": SUBMIT, "variables": { "input": input } });
    let wrong = json!({ "query": "{ leaderboard(within: { code: \"x\" }) { id } }" });
    for (language, mended, missing) in [
        ("", "must not be empty", "there is no unit with the code \"x\""),
        ("fr", "must not be empty", "there is no unit with the code \"x\""),
        ("vi-VN,vi;q=0.9,en;q=0.8", "không được để trống", "không có đơn vị nào có mã \"x\""),
        ("vi;q=0.1,en;q=0.2", "must not be empty", "there is no unit with the code \"x\""),
    ] {
        let answer = ask_in(&world, language, &mend).await;
        let error = &answer["data"]["submitInitiative"]["errors"][0];
        assert_eq!((&error["code"], &error["message"]), (&json!("INVALID"), &json!(mended)));
        let answer = ask_in(&world, language, &wrong).await;
        assert_eq!(code_of(&answer), "REF_NOT_FOUND");
        assert_eq!(answer["errors"][0]["message"], missing, "{language}");
    }
    let not_asked = ask_in(&world, "vi", &json!({})).await;
    assert_eq!(not_asked["errors"][0]["message"], "thiếu query");
    let refused = world
        .post()
        .header(ACCEPT_LANGUAGE, "vi")
        .header("authorization", "Bearer wrong")
        .json(&json!({ "query": "{ root { id } }" }));
    let refused: Value = refused.send().await.unwrap().json().await.unwrap();
    assert_eq!(code_of(&refused), "UNAUTHENTICATED");
    assert!(refused["errors"][0]["message"].as_str().unwrap().starts_with("mã truy cập"));
}

async fn drop_table(world: &World, table: &str) {
    let sql = AssertSqlSafe(format!("drop table {table}"));
    if world.database().starts_with("sqlite") {
        let mut conn = SqliteConnection::connect(world.database()).await.unwrap();
        conn.execute(sql).await.unwrap();
    } else {
        let mut conn = PgConnection::connect(world.database()).await.unwrap();
        conn.execute(sql).await.unwrap();
    }
}

#[tokio::test]
async fn a_broken_database_shows_nothing_of_the_inside() {
    for world in World::start_on_each().await {
        let id = world.submit("dong-tam", "k-1").await["id"].take();
        drop_table(&world, "authors").await;
        let list = json!({ "query": "{ initiatives { nodes { title } } }" });
        let one = json!({ "query": "query ($id: ID!) { node(id: $id) { id } }",
            "variables": { "id": id } });
        let submit = json!({ "query": SUBMIT,
            "variables": { "input": submission("dong-tam", "k-2") } });
        let mut faults = Vec::new();
        for request in [&list, &one, &submit] {
            let answer = world.ask(request).await;
            assert_eq!(code_of(&answer), "INTERNAL", "{request}");
            let error = &answer["errors"][0];
            let message = error["message"].as_str().unwrap();
            assert_eq!(message, "the server has a fault, which its log tells; tell the operator");
            faults.push(error["extensions"]["fault"].as_i64().expect("an id for the log"));
            let text = answer.to_string().to_lowercase();
            for inside in ["authors", "table", "relation", "sqlx", "sqlite", "postgres", "::"] {
                assert!(!text.contains(inside), "{inside}: {text}");
            }
        }
        faults.sort_unstable();
        faults.dedup();
        assert_eq!(faults.len(), 3, "each fault has an id of its own");
        // Queries on the snapshot still work.
        assert_eq!(world.submitted(&["dong-nai"]).await, [1]);
    }
}

/// Through lists of lists, on the spot and by way of the tables.
#[tokio::test]
async fn paths_of_errors_are_whole() {
    let world = World::start().await;
    world.submit("dong-tam", "k-1").await;
    for (query, path) in [
        (
            "{ units(first: 2) { nodes { code kids: children(first: 1000) { nodes { code } } } } }",
            json!(["units", "nodes", 0, "kids"]),
        ),
        (
            "{ root { children { nodes { ancestors { of: children(first: 1000) { nodes { code } } } } } } }",
            json!(["root", "children", "nodes", 0, "ancestors", 0, "of"]),
        ),
        (
            "{ initiatives { edges { node { unit { in: children(first: 1000) { nodes { code } } } } } } }",
            json!(["initiatives", "edges", 0, "node", "unit", "in"]),
        ),
        (
            "{ initiatives { nodes { unit { in: children(first: 1000) { nodes { code } } } } } }",
            json!(["initiatives", "nodes", 0, "unit", "in"]),
        ),
        (
            "{ initiatives { nodes { events { unit { in: children(first: 1000) { nodes { code } } } } } } }",
            json!(["initiatives", "nodes", 0, "events", 0, "unit", "in"]),
        ),
        (
            "{ periods { nodes { children: owner { in: children(first: 1000) { nodes { code } } } } } }",
            json!(["periods", "nodes", 0, "children", "in"]),
        ),
    ] {
        let answer = world.ask(&json!({ "query": query })).await;
        assert_eq!(answer["errors"][0]["path"], path, "{answer}");
    }
}
