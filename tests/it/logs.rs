//! The program's logs, as a collector gets them.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Bytes, Message};

use futures_util::SinkExt as _;

use crate::crash::{Server, with_arguments};
use crate::database::{in_time, sqlite_url};

#[tokio::test]
async fn lines_are_objects_and_name_their_request() {
    let dir = tempfile::tempdir().unwrap();
    let program = Command::new(env!("CARGO_BIN_EXE_sangkien"));
    let mut program = with_arguments(program, &sqlite_url(&dir.path().join("it.db")));
    program.args(["--log-format", "json"]).env("SANGKIEN_LOG", "debug").stderr(Stdio::piped());
    let mut server = Server::start(program).await;
    let lines = BufReader::new(server.child.stderr.take().expect("stderr is piped")).lines();

    // The server ends a socket for a message long after the response to its request.
    let url = format!("{}/graphql", server.address.replace("http://", "ws://"));
    let mut request = url.into_client_request().unwrap();
    let headers = request.headers_mut();
    headers.insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
    headers.insert("x-request-id", "wall-7".parse().unwrap());
    let (mut socket, _) = in_time(tokio_tungstenite::connect_async(request)).await.unwrap();
    socket.send(Message::binary(Bytes::from_static(b"{}"))).await.unwrap();

    let told = tokio::task::spawn_blocking(move || {
        let mut lines = lines.map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
        let mut found = lines.find(|line| line["message"] == "a socket is ended").unwrap();
        assert_eq!(found["level"], "DEBUG");
        assert_eq!(found["code"], 4400);
        assert_eq!(found["span"]["name"], "request");
        assert!(found["timestamp"].as_str().unwrap().ends_with('Z'));
        found["span"]["id"].take()
    });
    assert_eq!(in_time(told).await.unwrap(), "wall-7");
}

/// The log says why pages cannot ask, and no flood of such requests fills the disk.
#[tokio::test]
async fn a_refused_origin_is_told_once_in_a_while() {
    const REFUSED: usize = 50;
    let dir = tempfile::tempdir().unwrap();
    let program = Command::new(env!("CARGO_BIN_EXE_sangkien"));
    let mut program = with_arguments(program, &sqlite_url(&dir.path().join("it.db")));
    program.args(["--log-format", "json"]).env("SANGKIEN_LOG", "info").stderr(Stdio::piped());
    let mut server = Server::start(program).await;
    let lines = BufReader::new(server.child.stderr.take().expect("stderr is piped")).lines();
    let name = server.address.strip_prefix("http://").unwrap().to_owned();
    let client = reqwest::Client::new();
    for _ in 0..REFUSED {
        let asked = client.post(format!("{}/graphql", server.address));
        let asked = asked.header("origin", "https://board.example").body("{}");
        assert_eq!(in_time(asked.send()).await.unwrap().status(), 403);
    }
    server.stop().await;
    let lines = lines.map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
    let told = |line: &Value| line["message"].as_str().unwrap().contains("--public-url");
    let told: Vec<Value> = lines.filter(told).collect();
    assert!((1..REFUSED / 2).contains(&told.len()), "{} lines", told.len());
    assert_eq!(told[0]["level"], "WARN");
    assert_eq!(told[0]["origin"], "https://board.example");
    assert_eq!(told[0]["asked_as"], name.as_str());
}
