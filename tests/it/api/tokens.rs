//! Tokens, from the command line to the last refusal.

use std::process::{Command, Output};

use reqwest::header::AUTHORIZATION;
use sangkien::auth::issue::Order;
use sangkien::domain::{Day, Role};
use serde_json::{Value, json};

use crate::harness::{PATIENCE, World, code_of, data};

const WHO: &str = "{ viewer { name grants { role unit { code } }
  tokens { id name role unit { code } createdAt expiresAt revokedAt lastUsedAt } } }";

fn sangkien(arguments: &[&str]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_sangkien"))
        .args(arguments)
        .env_remove("SANGKIEN_DATABASE")
        .output();
    output.expect("the program runs")
}

fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

async fn run(arguments: &[&str]) -> Output {
    let arguments: Vec<String> = arguments.iter().map(|&text| text.to_owned()).collect();
    let run = tokio::task::spawn_blocking(move || {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        sangkien(&arguments)
    });
    run.await.unwrap()
}

/// Asks until the token is refused; how often that may take is bounded by patience alone.
async fn until_refused(world: &World, token: &str) {
    let refused = async {
        loop {
            let answer = world.ask_as(token, &json!({ "query": "{ root { id } }" })).await;
            if answer.get("errors").is_some() {
                assert_eq!(code_of(&answer), "UNAUTHENTICATED");
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, refused).await.expect("it is refused in the end");
}

#[tokio::test]
async fn a_token_lives_from_the_command_line_on() {
    for world in World::start_on_each().await {
        let database = world.database().to_owned();
        let create = ["token", "create", "--database", &database, "--role"];
        let rest = ["PARTNER", "--unit", "dong-nai", "--name", "Đối tác"];
        let secret = stdout(&run(&[&create[..], &rest].concat()).await);
        let secret = secret.strip_suffix('\n').unwrap();
        assert!(!secret.contains(char::is_whitespace), "the token alone: {secret:?}");

        let who = json!({ "query": WHO });
        let seen = data(world.ask_as(secret, &who).await);
        assert_eq!(seen["viewer"]["name"], "Đối tác");
        let grants = json!([{ "role": "PARTNER", "unit": { "code": "dong-nai" } }]);
        assert_eq!(seen["viewer"]["grants"], grants);
        let token = &seen["viewer"]["tokens"][0];
        assert_eq!((&token["role"], &token["revokedAt"]), (&json!("PARTNER"), &Value::Null));
        let node = "query ($id: ID!) { node(id: $id) { id ... on Token { name } } }";
        let request = json!({ "query": node, "variables": { "id": token["id"] } });
        let own = data(world.ask_as(secret, &request).await);
        assert_eq!(own["node"]["name"], "Đối tác");
        assert_eq!(data(world.ask(&request).await)["node"], Value::Null, "not even the operator's");

        let list = stdout(&run(&["token", "list", "--database", &database]).await);
        let row: Vec<&str> = list.trim_end().split('\t').collect();
        assert_eq!(row[1..4], ["PARTNER", "dong-nai", "Đối tác"], "{list}");
        assert!(!list.contains(secret), "the secret is shown once");

        let mut socket = world.socket_as(Some(secret)).await;
        socket.subscribe("1", WHO).await;
        assert_eq!(socket.answer().await["data"]["viewer"]["name"], "Đối tác");
        assert_eq!(socket.receive().await["type"], "complete");

        let revoke = ["token", "revoke", "--database", &database, row[0]];
        stdout(&run(&revoke).await);
        until_refused(&world, secret).await;
        socket.subscribe("2", WHO).await;
        let refused = socket.receive().await;
        assert_eq!(refused["type"], "error");
        assert_eq!(refused["payload"][0]["extensions"]["code"], "UNAUTHENTICATED");
        // Again changes nothing.
        stdout(&run(&revoke).await);
        let list = stdout(&run(&["token", "list", "--database", &database]).await);
        assert_ne!(list.trim_end().split('\t').nth(6), Some("-"), "{list}");
    }
}

#[tokio::test]
async fn what_cannot_be_given_is_refused_with_a_reason() {
    let world = World::start().await;
    let database = world.database().to_owned();
    for (rest, status, said) in [
        (&["--role", "KING"][..], 2, "KING"),
        (&["--role", "ADMIN", "--expires", "31/12/2099"], 2, "31/12/2099"),
        (&[], 2, "--role"),
        (&["--role", "ADMIN", "--unit", "nowhere"], 1, "nowhere"),
        (&["--role", "ADMIN", "--expires", "2001-01-01"], 1, "2001-01-01"),
    ] {
        let output = run(&[&["token", "create", "--database", &database], rest].concat()).await;
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{rest:?}: {stderr}");
        assert!(stderr.contains(said), "{rest:?}: {stderr}");
        assert!(output.stdout.is_empty());
    }
    let output = run(&["token", "revoke", "--database", &database, "77"]).await;
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stdout(&run(&["token", "list", "--database", &database]).await), "");
}

#[tokio::test]
async fn a_fresh_database_has_a_root_to_give_a_token_for() {
    let dir = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}", dir.path().join("fresh.db").display());
    stdout(&run(&["token", "create", "--database", &database, "--role", "ADMIN"]).await);
    let list = stdout(&run(&["token", "list", "--database", &database]).await);
    assert_eq!(list.split('\t').nth(2), Some("root"), "{list}");
}

#[tokio::test]
async fn a_token_is_good_until_the_end_of_its_last_day() {
    let world = World::start().await;
    let last = Day::parse("2022-05-12").unwrap();
    let order = Order { name: "t", role: Role::Display, unit: None, expires: Some(last) };
    let token = world.issue(&order).await;
    let good = async || {
        let response = world.post().header(AUTHORIZATION, format!("Bearer {token}"));
        let response = response.json(&json!({ "query": "{ root { id } }" })).send().await.unwrap();
        response.status() == 200
    };
    assert!(good().await);
    world.set_clock("2022-05-12T23:59:59+07:00");
    assert!(good().await);
    world.set_clock("2022-05-13T00:00:00+07:00");
    assert!(!good().await);
}

#[tokio::test]
async fn the_operator_and_nobody_have_no_token_to_show() {
    let world = World::start().await;
    let operator = world.query(WHO).await;
    let grants = json!([{ "role": "ADMIN", "unit": { "code": "tld" } }]);
    assert_eq!(operator["viewer"], json!({ "name": "admin", "grants": grants, "tokens": [] }));
    let nobody = data(world.ask_anonymously(&json!({ "query": WHO })).await);
    assert_eq!(nobody["viewer"], json!({ "name": null, "grants": [], "tokens": [] }));
}
