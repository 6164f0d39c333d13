//! Admission by the head of a request: which caller it is of, and how the program is started for that.

use std::process::{Command, ExitStatus, Output};

use reqwest::header::{AUTHORIZATION, HeaderValue, WWW_AUTHENTICATE};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::crash::{Server, with_arguments};
use crate::database::{in_time, sqlite_url};
use crate::harness::{Socket, TOKEN, World, code_of};

const WHO: &str = "{ viewer { grants { role } } }";

/// Starts a server that is to refuse its arguments. One that does not ends by itself as well, with another exit code,
/// since there is nowhere to listen.
fn start(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_sangkien"));
    program.args(["serve", "--listen", "nowhere"]).args(arguments).envs(variables.iter().copied());
    program.output().expect("the program runs")
}

#[test]
fn a_token_of_the_operator_that_can_be_guessed_ends_the_program() {
    let database = "sqlite:///nowhere/at/all.db";
    for token in [
        "",
        " ",
        "\t \n",
        "short",
        "fifteen-letters",
        "                    ",
        "mã truy cập của tôi",
    ] {
        let by_variable = start(&["--database", database], &[("SANGKIEN_ADMIN_TOKEN", token)]);
        let by_flag = start(&["--database", database, &format!("--admin-token={token}")], &[]);
        for output in [by_variable, by_flag] {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(2), "{token:?}: {said}");
            assert!(said.contains("the operator's token"), "{token:?}: {said}");
            assert!(token.trim().is_empty() || !said.contains(token), "it is told: {said}");
        }
    }
}

/// A compose file gives variables that nobody has set as empty ones.
#[tokio::test]
async fn an_empty_variable_says_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let program = Command::new(env!("CARGO_BIN_EXE_sangkien"));
    let mut program = with_arguments(program, &sqlite_url(&dir.path().join("it.db")));
    for variable in [
        "SANGKIEN_FIELDS",
        "SANGKIEN_ALLOW_ORIGIN",
        "SANGKIEN_BEHIND_PROXY",
        "SANGKIEN_SOCKETS_PER_ADDRESS",
        "SANGKIEN_OTLP_ENDPOINT",
        "SANGKIEN_LOG_FORMAT",
        "SANGKIEN_LOG",
    ] {
        program.env(variable, "");
    }
    let server = Server::start(program).await;
    let asked = reqwest::Client::new().post(format!("{}/graphql", server.address));
    let asked = asked.json(&json!({ "query": "{ root { code } }" }));
    assert_eq!(in_time(asked.send()).await.unwrap().status(), 200);
    server.stop().await;
}

#[tokio::test]
async fn what_is_no_token_makes_nobody_the_operator() {
    let world = World::start().await;
    let ask = async |shown: &[u8]| {
        let shown = HeaderValue::from_bytes(shown).unwrap();
        let request = world.post().header(AUTHORIZATION, shown);
        let response = request.json(&json!({ "query": WHO })).send().await.unwrap();
        let is_told = response.headers().contains_key(WWW_AUTHENTICATE);
        let status = response.status().as_u16();
        (status, is_told, response.json::<Value>().await.unwrap())
    };
    for shown in [
        &b""[..],
        b" ",
        b"Bearer",
        b"Bearer ",
        b"Bearer unknown",
        b"unknown",
        b"Token of the operator",
        "Bearer mã".as_bytes(),
        b"\xff\xfe",
    ] {
        let (status, is_told, answer) = ask(shown).await;
        assert_eq!((status, is_told), (401, true), "{shown:?}: {answer}");
        assert_eq!(code_of(&answer), "UNAUTHENTICATED");
    }
    // The credential of a proxy's own login does not identify a caller here.
    for shown in
        [&b"Basic dXNlcjpwYXNz"[..], b"basic dXNlcjo=", b"Digest username=\"x\"", b"Negotiate YII"]
    {
        let (status, _, answer) = ask(shown).await;
        assert_eq!((status, &answer["data"]["viewer"]["grants"]), (200, &json!([])), "{answer}");
    }
    let (_, _, answer) = ask(format!("bearer  {TOKEN}").as_bytes()).await;
    assert_eq!(answer["data"]["viewer"]["grants"], json!([{ "role": "ADMIN" }]));
}

/// A socket whose upgrade shows that, and which says that first; whom it is taken for.
async fn caller(world: &World, head: Option<&str>, payload: Value) -> Result<Value, String> {
    let mut request = format!("ws://{}/graphql", world.address).into_client_request().unwrap();
    let headers = request.headers_mut();
    headers.insert("sec-websocket-protocol", HeaderValue::from_static("graphql-transport-ws"));
    if let Some(head) = head {
        headers.insert(AUTHORIZATION, head.parse().unwrap());
    }
    let mut socket = Socket::connect(request).await;
    socket.send(json!({ "type": "connection_init", "payload": payload })).await;
    match socket.frame().await {
        Message::Text(text) => assert!(text.contains("connection_ack"), "{text}"),
        Message::Close(Some(frame)) => {
            assert_eq!(u16::from(frame.code), 4403, "{}", frame.reason);
            return Err(frame.reason.to_string());
        }
        other => panic!("{other:?}"),
    }
    socket.subscribe("1", WHO).await;
    Ok(socket.answer().await["data"]["viewer"]["grants"].take())
}

#[tokio::test]
async fn a_socket_is_of_whoever_its_upgrade_or_its_init_shows() {
    let world = World::start().await;
    let own = format!("Bearer {TOKEN}");
    let (operator, nobody) = (json!([{ "role": "ADMIN" }]), json!([]));
    for (head, payload, expected) in [
        (None, Value::Null, &nobody),
        (None, json!({ "authorization": own }), &operator),
        (None, json!({ "headers": { "Authorization": own } }), &operator),
        (Some(own.as_str()), Value::Null, &operator),
        (Some(own.as_str()), json!({}), &operator),
        (Some(own.as_str()), json!({ "authorization": null }), &operator),
        (Some("Basic dXNlcjpwYXNz"), Value::Null, &nobody),
        (Some("Basic dXNlcjpwYXNz"), json!({ "authorization": own }), &operator),
        // The last credential counts.
        (Some("Bearer unknown"), json!({ "authorization": own }), &operator),
    ] {
        let found = caller(&world, head, payload.clone()).await;
        assert_eq!(found.as_ref(), Ok(expected), "{head:?} {payload}");
    }
    for (head, payload, reason) in [
        (Some("Bearer unknown"), Value::Null, "not known"),
        (Some("Bearer"), Value::Null, "Bearer TOKEN"),
        (Some(own.as_str()), json!({ "authorization": "Bearer unknown" }), "not known"),
        (Some(own.as_str()), json!({ "authorization": "" }), "Bearer TOKEN"),
        (None, json!({ "authorization": "" }), "Bearer TOKEN"),
        (None, json!({ "authorization": 7 }), "Bearer TOKEN"),
        (None, json!({ "headers": { "authorization": "Bearer unknown" } }), "not known"),
    ] {
        let refused = caller(&world, head, payload.clone()).await.unwrap_err();
        assert!(refused.contains(reason), "{head:?} {payload}: {refused}");
    }
}

#[test]
fn an_origin_that_no_browser_sends_ends_the_program() {
    for (flag, variable, wrong, said) in [
        ("--allow-origin", "SANGKIEN_ALLOW_ORIGIN", "board.example", "scheme"),
        ("--allow-origin", "SANGKIEN_ALLOW_ORIGIN", "https://board.example/wall", "no path"),
        ("--allow-origin", "SANGKIEN_ALLOW_ORIGIN", "https://*.example", "*"),
        ("--allow-origin", "SANGKIEN_ALLOW_ORIGIN", "https://a.example,b.example", "b.example"),
        ("--public-url", "SANGKIEN_PUBLIC_URL", "board.example", "scheme"),
        ("--public-url", "SANGKIEN_PUBLIC_URL", "https://board.example/?unit=1", "path"),
    ] {
        let database = ["--database", "sqlite:///nowhere/at/all.db"];
        let by_flag = start(&[database[0], database[1], flag, wrong], &[]);
        for output in [by_flag, start(&database, &[(variable, wrong)])] {
            let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(2), "{wrong}: {stderr}");
            assert!(stderr.contains(said) && stderr.contains(flag), "{wrong}: {stderr}");
        }
    }
}

/// The server accepts an origin that is right but for its form.
#[tokio::test]
async fn an_origin_may_be_written_otherwise() {
    let world =
        World::start_for_origins(&["HTTPS://Board.Example:443/", "http://other.example"]).await;
    for (origin, status) in [
        ("https://board.example", 200),
        ("http://other.example", 200),
        ("http://board.example", 403),
        ("https://other.example", 403),
    ] {
        let request = world.post().header("origin", origin);
        let response = request.json(&json!({ "query": WHO })).send().await.unwrap();
        assert_eq!(response.status(), status, "{origin}");
        let asked = world.get(&format!("/wall/origin?is={origin}")).send().await.unwrap();
        assert_eq!(asked.status(), if status == 200 { 204 } else { 403 }, "{origin}");
    }
}

/// Hangs up on a server that was started to ignore that or not; whether it goes on, else how it ended.
async fn hung_up(ignores: bool) -> Result<(), ExitStatus> {
    let dir = tempfile::tempdir().unwrap();
    let mut program = Command::new("env");
    // The tests may themselves be run under nohup.
    let signal = if ignores { "--ignore-signal=HUP" } else { "--default-signal=HUP" };
    program.arg(signal).arg(env!("CARGO_BIN_EXE_sangkien"));
    let program = with_arguments(program, &sqlite_url(&dir.path().join("it.db")));
    let mut server = Server::start(program).await;
    let pid = server.child.id().to_string();
    assert!(Command::new("kill").args(["-s", "HUP", &pid]).status().unwrap().success());
    if ignores {
        let asked = reqwest::get(format!("{}/health/ready", server.address));
        assert_eq!(in_time(asked).await.unwrap().status(), 200);
        assert!(server.stop().await.success());
        return Ok(());
    }
    let ending = tokio::task::spawn_blocking(move || server.child.wait().unwrap());
    Err(in_time(ending).await.unwrap())
}

#[tokio::test]
async fn who_hangs_up_ends_the_server_in_order() {
    let ended = hung_up(false).await;
    assert!(ended.is_err_and(|status| status.success()), "{ended:?}");
    // Under nohup the server is to outlive the terminal.
    assert_eq!(hung_up(true).await, Ok(()));
}

#[tokio::test]
async fn the_probe_needs_no_path() {
    let world = World::start().await;
    let ask = async |url: String| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_sangkien"));
        program.args(["health", "--url", &url]);
        let output = tokio::task::spawn_blocking(move || program.output().unwrap());
        let output = in_time(output).await.unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert_eq!(ask(format!("http://{}", world.address)).await.0, Some(0));
    assert_eq!(ask(format!("http://{}/", world.address)).await.0, Some(0));
    assert_eq!(ask(format!("http://{}/nothing", world.address)).await.0, Some(1));
    // An address without a port is that of HTTP; it is understood, whatever listens there.
    let (code, said) = ask("http://127.0.0.1".to_owned()).await;
    assert!(code.is_some() && !said.contains("invalid"), "{said}");
    let (code, said) = ask("https://127.0.0.1".to_owned()).await;
    assert_eq!(code, Some(1));
    assert!(said.contains("http://"), "{said}");
}

/// The log on stderr has no colours if stderr is no terminal.
#[test]
fn the_log_has_no_colours_where_nobody_watches() {
    let dir = tempfile::tempdir().unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_sangkien"));
    let database = sqlite_url(&dir.path().join("it.db"));
    program.args(["token", "list", "--database", &database]).env("SANGKIEN_LOG", "trace");
    let output = program.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.is_empty(), "it logs");
    assert!(!said.contains('\u{1b}'), "{said}");
}
