//! Tokens, from the command line to the last refusal.

use std::process::{Command, Output};

use reqwest::header::AUTHORIZATION;
use sangkien::auth::issue::Order;
use sangkien::domain::{Day, Role};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{PATIENCE, Socket, TOKEN, World, code_of, data};

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
        until_closed(&mut socket).await;
        // Again changes nothing.
        stdout(&run(&revoke).await);
        let list = stdout(&run(&["token", "list", "--database", &database]).await);
        assert_ne!(list.trim_end().split('\t').nth(6), Some("-"), "{list}");
    }
}

/// Reads on until the socket is closed because of its token.
async fn until_closed(socket: &mut Socket) {
    let closed = async {
        loop {
            if let Message::Close(frame) = socket.frame().await {
                return frame.expect("a reason");
            }
        }
    };
    let frame = tokio::time::timeout(PATIENCE, closed).await.expect("it is closed in the end");
    assert_eq!(u16::from(frame.code), 4403, "{frame:?}");
    assert!(frame.reason.contains("revoked"), "{frame:?}");
}

/// Everything that a stream still sends.
async fn until_ended(mut stream: reqwest::Response) -> String {
    let mut text = String::new();
    let ended = async {
        while let Some(chunk) = stream.chunk().await.unwrap() {
            text.push_str(&String::from_utf8_lossy(&chunk));
        }
    };
    tokio::time::timeout(PATIENCE, ended).await.expect("it ends");
    text
}

/// A token that is revoked, or ends, takes the feeds that are open with it along; others keep theirs.
#[tokio::test]
async fn feeds_end_with_their_token() {
    const EVENTS: &str = "subscription { initiativeEvents { kind initiative { id title } } }";
    const STATE: &str = r#"subscription { tally(unit: { code: "dong-nai" }) { submitted } }"#;
    for is_revoked in [true, false] {
        let world = World::start().await;
        let last = Day::parse("2022-05-12").unwrap();
        let order = Order { name: "t", role: Role::Officer, unit: None, expires: Some(last) };
        let token = world.issue(&order).await;
        let mut others = Vec::new();
        for other in [None, Some(TOKEN.to_owned()), Some(world.token(Role::Display, "tld").await)] {
            let mut socket = world.socket_as(other.as_deref()).await;
            socket.subscribe("1", STATE).await;
            socket.answer().await;
            others.push(socket);
        }
        let mut sockets = Vec::new();
        for document in [EVENTS, STATE] {
            let mut socket = world.socket_as(Some(&token)).await;
            socket.subscribe("1", document).await;
            if document == STATE {
                socket.answer().await;
            }
            sockets.push(socket);
        }
        // One that has no operation is the caller's as well.
        sockets.push(world.socket_as(Some(&token)).await);
        let mut streams = Vec::new();
        for (document, media) in [
            (EVENTS, "text/event-stream"),
            (STATE, "text/event-stream"),
            (STATE, "multipart/mixed"),
        ] {
            let asked = world.post().header(AUTHORIZATION, format!("Bearer {token}"));
            let asked = asked.header("accept", media).json(&json!({ "query": document }));
            let stream = asked.send().await.unwrap();
            assert_eq!(stream.status(), 200);
            streams.push(stream);
        }
        if is_revoked {
            let database = world.database().to_owned();
            let list = stdout(&run(&["token", "list", "--database", &database]).await);
            let row = list.lines().find(|row| row.contains("\tOFFICER\t")).expect("it is listed");
            let number = row.split('\t').next().unwrap();
            stdout(&run(&["token", "revoke", "--database", &database, number]).await);
        } else {
            world.set_clock("2022-05-13T00:00:00+07:00");
        }
        for mut socket in sockets {
            until_closed(&mut socket).await;
        }
        for stream in streams {
            let text = until_ended(stream).await;
            assert!(text.contains("UNAUTHENTICATED"), "{text}");
        }
        world.submit("dong-tam", "afterwards").await;
        for mut socket in others {
            assert!(socket.answer().await["data"]["tally"]["submitted"].is_number());
        }
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
