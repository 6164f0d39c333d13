//! A part of the server that fails ends the process, and everybody is told why.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use futures_util::{SinkExt as _, StreamExt as _};
use sangkien::auth::issue::{self, Order};
use sangkien::domain::clock::{Clock as _, SystemClock};
use sangkien::domain::{Actor, Command as Change, Role, Timestamp, UnitId, UnitRef};
use sangkien::store::Store;
use sangkien::writer::{Failure, Unavailable};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::commands;
use crate::crash::{Server, TOKEN, with_arguments};
use crate::database::{Kind, PATIENCE, in_time, run_sql, sqlite_url};
use crate::disk::Disk;
use crate::postgres;
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
    let mut socket = follow(&server).await;
    heard(&mut socket, "next").await;
    let stream = reqwest::Client::new().post(format!("{}/graphql", server.address));
    let stream = stream.header("accept", "text/event-stream");
    let mut stream = in_time(stream.json(&json!({ "query": TALLY })).send()).await.unwrap();
    let mut told = String::new();
    while !told.contains("submitted") {
        let bytes = in_time(stream.chunk()).await.unwrap().expect("it goes on");
        told.push_str(std::str::from_utf8(&bytes).unwrap());
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

// Databases that take no changes.

/// A running program, its log, and what it is asked.
struct Program {
    server: Server,
    log: Arc<Mutex<Vec<Value>>>,
    http: reqwest::Client,
}

impl Program {
    async fn start(mut program: Command) -> Self {
        program.args(["--log-format", "json", "--unready-after", "1"]);
        program.env("SANGKIEN_LOG", "info").stderr(Stdio::piped());
        let mut server = Server::start(program).await;
        let lines = BufReader::new(server.child.stderr.take().expect("stderr is piped")).lines();
        let log = Arc::new(Mutex::new(Vec::new()));
        let gathered = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let line = serde_json::from_str(&line).expect("the log is JSON");
                gathered.lock().unwrap().push(line);
            }
        });
        let http = reqwest::Client::builder().timeout(PATIENCE).build().unwrap();
        Self { server, log, http }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.address)
    }

    async fn status(&self, path: &str) -> u16 {
        in_time(self.http.get(self.url(path)).send()).await.unwrap().status().as_u16()
    }

    async fn ask(&self, token: Option<&str>, query: &str) -> Value {
        let asked = self.http.post(self.url("/graphql"));
        let asked = token.into_iter().fold(asked, |asked, token| asked.bearer_auth(token));
        let answer = asked.json(&json!({ "query": query })).send();
        in_time(in_time(answer).await.unwrap().json()).await.unwrap()
    }

    /// Tries a change; the code of its error, or none.
    async fn change(&self, key: &str) -> Option<String> {
        let input = format!(
            r#"{{ key: "{key}", unit: {{ code: "root" }}, title: "Sáng kiến {key}", kind: IDEA,
                authors: [{{ name: "A" }}], summary: "{}" }}"#,
            "nội dung ".repeat(500)
        );
        let query =
            format!("mutation {{ submitInitiative(input: {input}) {{ errors {{ code }} }} }}");
        let answer = self.ask(Some(TOKEN), &query).await;
        answer["errors"][0]["extensions"]["code"].as_str().map(str::to_owned)
    }

    async fn submitted(&self) -> i64 {
        let answer = self.ask(None, "{ root { tally { submitted } } }").await;
        answer["data"]["root"]["tally"]["submitted"].as_i64().unwrap_or_else(|| panic!("{answer}"))
    }

    /// Changes go on failing, are told to be tried again, and only then is the server not ready.
    async fn is_found_unready(&self) {
        let mut tries = 0;
        let unready = async {
            while self.status("/health/ready").await == 200 {
                tries += 1;
                if let Some(code) = self.change(&format!("failing {tries}")).await {
                    assert_eq!(code, "UNAVAILABLE");
                }
            }
        };
        in_time(unready).await;
        assert_eq!(self.status("/health/serving").await, 200);
        assert_eq!(self.status("/health/live").await, 200);
        let metrics = in_time(self.http.get(self.url("/metrics")).send()).await.unwrap();
        let metrics = metrics.text().await.unwrap();
        let failing = metrics
            .lines()
            .find_map(|line| line.strip_prefix("sangkien_changes_failing_seconds "))
            .expect("it is counted");
        assert!(failing.parse::<f64>().unwrap() >= 1.0, "{failing}");
    }

    /// It is ready again by itself, without a change from outside.
    async fn comes_back(&self) {
        let ready = async { while self.status("/health/ready").await != 200 {} };
        in_time(ready).await;
        assert_eq!(self.change("after all").await, None);
    }

    /// One line was logged when the fault began, and one when it was over.
    fn told_once(&self) {
        let log = self.log.lock().unwrap();
        let lines: Vec<&str> = log.iter().filter_map(|line| line["message"].as_str()).collect();
        let told: Vec<&&str> = lines.iter().filter(|line| line.starts_with("changes ")).collect();
        assert_eq!(told.len(), 2, "{lines:#?}");
        assert!(told[0].starts_with("changes fail"), "{lines:#?}");
        assert_eq!(*told[1], "changes are carried out again");
        let others = log.iter().filter(|line| line["level"] == "ERROR").count();
        assert_eq!(others, 1, "{log:#?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_told_once_and_shown_by_readiness() {
    let dir = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::mount(dir.path()) else { return };
    let ballast = disk.seen_from_outside("ballast");
    let url = sqlite_url(&dir.path().join("it.db"));
    let program = Program::start(with_arguments(disk.command(), &url)).await;
    assert_eq!(program.change("first").await, None);
    assert_eq!(program.status("/health/ready").await, 200);
    // As much as there is room for.
    let mut rest = std::fs::File::create(&ballast).unwrap();
    while std::io::Write::write_all(&mut rest, &[0; 4096]).is_ok() {}
    program.is_found_unready().await;
    assert!(program.submitted().await >= 1);
    std::fs::remove_file(&ballast).unwrap();
    drop(rest);
    program.comes_back().await;
    program.told_once();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_only_database_is_told_once_and_shown_by_readiness() {
    let Some(kind) = Kind::postgres() else { return };
    let database = kind.fresh();
    let program = Command::new(env!("CARGO_BIN_EXE_sangkien"));
    let program = Program::start(with_arguments(program, &database.url)).await;
    assert_eq!(program.change("first").await, None);
    run_sql(&database.url, READ_ONLY).await;
    run_sql(&database.url, END_SESSIONS).await;
    program.is_found_unready().await;
    assert_eq!(program.submitted().await, 1);
    run_sql(&database.url, READ_WRITE).await;
    run_sql(&database.url, END_SESSIONS).await;
    program.comes_back().await;
    program.told_once();
}

const READ_ONLY: &str = "do $$ begin
    execute format('alter database %I set default_transaction_read_only = on', current_database());
end $$";
const READ_WRITE: &str = "begin read write;
do $$ begin
    execute format('alter database %I reset default_transaction_read_only', current_database());
end $$;
commit";
const END_SESSIONS: &str = "select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()";

/// The board stays, with its age, and whoever has a token that was good; at the end all is current again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_board_stays_while_the_database_is_stopped() {
    let Some(cluster) = postgres::own_cluster() else { return };
    let url = cluster.fresh_database();
    let program = Command::new(env!("CARGO_BIN_EXE_sangkien"));
    let program = Program::start(with_arguments(program, &url)).await;
    assert_eq!(program.change("first").await, None);
    let store = Store::open(&url).await.unwrap();
    let order = Order { name: "wall", role: Role::Display, unit: None, expires: None };
    let token = issue::issue(&store, &order, SystemClock.now()).await.unwrap();
    store.close().await;
    const BOARD: &str = "{ leaderboard { total { submitted } asOf } }";
    let board = program.ask(Some(token.reveal()), BOARD).await;
    assert_eq!(board["data"]["leaderboard"]["total"]["submitted"], 1, "{board}");
    let mut wall = follow(&program.server).await;
    let tally = heard(&mut wall, "next").await;
    assert_eq!(tally["payload"]["data"]["tally"]["submitted"], 1);

    let stopped = cluster.stop();
    program.is_found_unready().await;
    // Known tokens stay good, and unknown ones are not called wrong.
    for _ in 0..3 {
        let again = program.ask(Some(token.reveal()), BOARD).await;
        assert_eq!(again["data"], board["data"], "{again}");
    }
    let unknown = program.ask(Some("sangkien_wrong"), BOARD).await;
    assert_eq!(unknown["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{unknown}");
    assert_eq!(program.status("/wall").await, 200);
    // Both who came before and who comes now hear how old it is.
    let told_age =
        async { while !heard(&mut wall, "ping").await["payload"]["behindSeconds"].is_i64() {} };
    in_time(told_age).await;
    let mut late = follow(&program.server).await;
    assert!(heard(&mut late, "ping").await["payload"]["behindSeconds"].is_i64());
    assert_eq!(heard(&mut late, "next").await["payload"]["data"]["tally"]["submitted"], 1);

    cluster.start_again(&stopped);
    program.comes_back().await;
    for mut wall in [wall, late] {
        let tally = heard(&mut wall, "next").await;
        assert_eq!(tally["payload"]["data"]["tally"]["submitted"], 2);
    }
    assert_eq!(program.submitted().await, 2);
    program.told_once();
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A socket that follows the root's tally.
async fn follow(server: &Server) -> Socket {
    let url = format!("{}/graphql", server.address.replace("http://", "ws://"));
    let mut request = url.into_client_request().unwrap();
    let protocol = "graphql-transport-ws".parse().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", protocol);
    let (mut socket, _) = in_time(tokio_tungstenite::connect_async(request)).await.unwrap();
    socket.send(Message::text(r#"{"type":"connection_init"}"#)).await.unwrap();
    let subscribe = json!({ "id": "1", "type": "subscribe", "payload": { "query": TALLY } });
    socket.send(Message::text(subscribe.to_string())).await.unwrap();
    socket
}

/// The next message of that type; pings are answered.
async fn heard(socket: &mut Socket, kind: &str) -> Value {
    let hearing = async {
        loop {
            let frame = socket.next().await.unwrap().unwrap();
            let Message::Text(text) = frame else { continue };
            let message: Value = serde_json::from_str(&text).unwrap();
            if message["type"] == "ping" {
                socket.send(Message::text(r#"{"type":"pong"}"#)).await.unwrap();
            }
            if message["type"] == kind {
                return message;
            }
        }
    };
    in_time(hearing).await
}

/// A log that cannot be read is no fault of a command, and is over when it can be read again.
#[tokio::test]
async fn a_log_that_cannot_be_read_is_a_condition_of_the_node() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let now = Timestamp::parse("2022-05-10T08:00:00+07:00").unwrap();
        let Some(node) = WriterNode::open(backend, now, 1).await else { continue };
        let submit = async |key: &str| {
            let submit = Change::Submit(commands::submit(key, UnitRef::Id(UnitId(1))));
            in_time(node.execute(submit)).await
        };
        submit("a").await.unwrap();
        // The counter promises an event that is not there.
        run_sql(&node.url, "update counter set version = version + 1 where id = 1").await;
        let (one, other) = tokio::join!(submit("b"), submit("c"));
        for told in [one, other] {
            assert_eq!(told, Err(Failure::Unavailable(Unavailable::Database)), "{backend:?}");
        }
        let fails = async {
            while node.writer.failing_for().is_zero() || node.writer.behind_for().is_zero() {
                tokio::task::yield_now().await;
            }
        };
        in_time(fails).await;
        run_sql(&node.url, "update counter set version = version - 1 where id = 1").await;
        let over = async {
            while !node.writer.failing_for().is_zero() {
                tokio::task::yield_now().await;
            }
        };
        in_time(over).await;
        submit("b").await.unwrap();
    }
}
