//! A part of the server that fails ends the process, and everybody is told why.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;

use futures_util::{SinkExt as _, StreamExt as _};
use sangkien::domain::{Actor, Command as Change, Timestamp, UnitId, UnitRef};
use sangkien::writer::{Failure, Unavailable};
use serde_json::Value;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::commands;
use crate::crash::{Server, with_arguments};
use crate::database::{Kind, in_time, run_sql};
use crate::writer_node::{Backend, WriterNode};

/// An event that no writer writes: the earliest day that there is, before which history has to keep others. The fold does
/// not survive it where arithmetic is checked, as in tests.
const POISON: &str = r#"
    insert into events (version, at, tag, kind, body)
    select version + 1, at, 7, 'DAY_BEGAN', '{"day": -2147483648}' from counter where id = 1;
    update counter set version = version + 1 where id = 1;
"#;

const TALLY: &str = "subscription { tally(unit: { code: \"root\" }) { submitted } }";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fold_that_panics_ends_the_server_on_sqlite() {
    a_fold_that_panics_ends_the_server(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fold_that_panics_ends_the_server_on_postgresql() {
    if let Some(kind) = Kind::postgres() {
        a_fold_that_panics_ends_the_server(kind).await;
    }
}

async fn a_fold_that_panics_ends_the_server(kind: Kind) {
    let database = kind.fresh();
    let program = Command::new(env!("CARGO_BIN_EXE_sangkien"));
    let mut program = with_arguments(program, &database.url);
    program.args(["--log-format", "json"]).env("SANGKIEN_LOG", "info").stderr(Stdio::piped());
    program.env_remove("RUST_BACKTRACE");
    let mut server = Server::start(program).await;
    let lines = BufReader::new(server.child.stderr.take().expect("stderr is piped")).lines();

    // One by a socket, one by a stream.
    let url = format!("{}/graphql", server.address.replace("http://", "ws://"));
    let mut request = url.into_client_request().unwrap();
    let protocol = "graphql-transport-ws".parse().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", protocol);
    let (mut socket, _) = in_time(tokio_tungstenite::connect_async(request)).await.unwrap();
    socket.send(Message::text(r#"{"type":"connection_init"}"#)).await.unwrap();
    let subscribe =
        serde_json::json!({ "id": "1", "type": "subscribe", "payload": { "query": TALLY } });
    socket.send(Message::text(subscribe.to_string())).await.unwrap();
    for expected in ["connection_ack", "next"] {
        let told = in_time(socket.next()).await.unwrap().unwrap();
        assert!(told.to_text().unwrap().contains(expected), "{told:?}");
    }
    let stream = reqwest::Client::new().post(format!("{}/graphql", server.address));
    let stream = stream.header("accept", "text/event-stream");
    let mut stream =
        in_time(stream.json(&serde_json::json!({ "query": TALLY })).send()).await.unwrap();
    let mut heard = String::new();
    while !heard.contains("submitted") {
        let bytes = in_time(stream.chunk()).await.unwrap().expect("it goes on");
        heard.push_str(std::str::from_utf8(&bytes).unwrap());
    }

    run_sql(&database.url, POISON).await;
    let close = async {
        loop {
            if let Message::Close(frame) = socket.next().await.unwrap().unwrap() {
                return frame.expect("it has a code");
            }
        }
    };
    let close = in_time(close).await;
    assert_eq!(u16::from(close.code), 1001);
    assert!(close.reason.contains("the server failed"), "{}", close.reason);
    let rest = async {
        let mut rest = String::new();
        while let Ok(Some(bytes)) = stream.chunk().await {
            rest.push_str(std::str::from_utf8(&bytes).unwrap());
        }
        rest
    };
    let rest = in_time(rest).await;
    assert!(rest.contains(": the server failed"), "{rest}");
    assert!(!rest.contains("complete"), "{rest}");

    let ended = tokio::task::spawn_blocking(move || server.child.wait().unwrap());
    assert_eq!(in_time(ended).await.unwrap().code(), Some(1));
    let lines: Vec<String> = lines.map(Result::unwrap).collect();
    let is_of_log = |line: &String| serde_json::from_str::<Value>(line).ok();
    let errors: Vec<Value> =
        lines.iter().filter_map(is_of_log).filter(|line| line["level"] == "ERROR").collect();
    assert_eq!(errors.len(), 1, "{lines:?}");
    assert_eq!(errors[0]["part"], "the writer");
    assert!(errors[0]["reason"].as_str().unwrap().contains("src/domain/day.rs"), "{errors:?}");
    // The last word is for whoever started it.
    assert!(lines.last().unwrap().starts_with("sangkien: the writer: panicked"), "{lines:?}");
}

/// A command that a writer took with it, and one that comes later, hear of the fault and not of a stop.
#[tokio::test]
async fn commands_are_told_that_the_server_failed() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let now = Timestamp::parse("2022-05-10T08:00:00+07:00").unwrap();
        let Some(node) = WriterNode::open(backend, now, 1).await else { continue };
        run_sql(&node.url, POISON).await;
        for key in ["a", "b"] {
            let submit = Change::Submit(commands::submit(key, UnitRef::Id(UnitId(1))));
            let told = in_time(node.writer.execute(submit, Arc::new(Actor::SYSTEM))).await;
            assert_eq!(told, Err(Failure::Unavailable(Unavailable::Failed)), "{backend:?}");
        }
        assert!(!node.writer.is_running());
    }
}
