//! Traces, of a program built with the feature `otlp`, as a collector receives them. A test binary of its
//! own, so that nothing else need be built with that feature.

#![allow(clippy::unwrap_used, reason = "a test that meets what it did not expect fails by it")]

use std::process::{Command, Stdio};

/// The program, with the arguments that a test gives it.
fn program(arguments: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_sangkien"));
    program.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    program
}

/// The words about arguments that the program does not take.
fn refused(arguments: &[&str]) -> String {
    // One that took them after all would find no such place to listen, and end too.
    let output = program(arguments).args(["--listen", "nowhere"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[cfg(not(feature = "otlp"))]
#[test]
fn a_program_without_traces_says_how_to_have_them() {
    for command in ["serve", "demo"] {
        let said = refused(&[command, "--otlp-endpoint", "http://127.0.0.1:4318"]);
        assert!(said.contains("cargo build --features otlp"), "{said}");
    }
}

#[cfg(feature = "otlp")]
mod with_the_feature {
    use std::collections::BTreeMap;
    use std::io::{BufRead as _, BufReader, Lines};
    use std::net::SocketAddr;
    use std::path::Path;
    use std::process::{Child, ChildStderr};
    use std::sync::Arc;
    use std::time::Duration;

    use axum::Router;
    use axum::body::Bytes;
    use axum::http::StatusCode;
    use axum::routing::post;
    use futures_util::{SinkExt as _, StreamExt as _};
    use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
    use opentelemetry_proto::tonic::common::v1::any_value::Value;
    use opentelemetry_proto::tonic::trace::v1::Span;
    use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
    use prost::Message as _;
    use serde_json::{Value as Json, json};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::sync::{Semaphore, mpsc};
    use tokio_tungstenite::tungstenite::Message;
    use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
    use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

    use super::*;

    /// Far beyond what the slowest machine takes: only ever waited for in full by a broken test.
    const PATIENCE: Duration = Duration::from_secs(60);
    const TOKEN: &str = "secret-of-the-operator";

    async fn in_time<T>(future: impl Future<Output = T>) -> T {
        tokio::time::timeout(PATIENCE, future).await.expect("it ends in time")
    }

    /// A collector: what it receives, in the order in which it came.
    struct Collector {
        address: SocketAddr,
        received: mpsc::UnboundedReceiver<ExportTraceServiceRequest>,
    }

    impl Collector {
        async fn start() -> Self {
            Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0)), 0).await
        }

        /// It does not take what comes so many times first.
        async fn start_at(address: SocketAddr, refusals: usize) -> Self {
            let (sender, received) = mpsc::unbounded_channel();
            let refusals = Arc::new(Semaphore::new(refusals));
            let take = async move |body: Bytes| {
                if let Ok(refusal) = refusals.try_acquire() {
                    refusal.forget();
                    return StatusCode::BAD_REQUEST;
                }
                sender.send(ExportTraceServiceRequest::decode(body).unwrap()).unwrap();
                StatusCode::OK
            };
            let app = Router::new().route("/v1/traces", post(take));
            let listener = TcpListener::bind(address).await.unwrap();
            let address = listener.local_addr().unwrap();
            tokio::spawn(async move { axum::serve(listener, app).await });
            Self { address, received }
        }

        /// All that came so far.
        fn spans(&mut self) -> Vec<Span> {
            self.spans_of("sangkien")
        }

        /// All that came so far, of a service of that name.
        fn spans_of(&mut self, service: &str) -> Vec<Span> {
            let mut spans = Vec::new();
            while let Ok(request) = self.received.try_recv() {
                for of_service in request.resource_spans {
                    let about = of_service.resource.unwrap().attributes;
                    let name = about.iter().find(|it| it.key == "service.name").unwrap();
                    let name = name.value.clone().unwrap().value.unwrap();
                    assert_eq!(name, text(service));
                    spans.extend(of_service.scope_spans.into_iter().flat_map(|it| it.spans));
                }
            }
            spans
        }
    }

    /// The program, serving.
    struct Server {
        child: Child,
        log: Lines<BufReader<ChildStderr>>,
        address: String,
    }

    impl Server {
        async fn start(dir: &Path, endpoint: SocketAddr, environment: &[(&str, &str)]) -> Self {
            let database = format!("sqlite://{}", dir.join("it.db").display());
            let mut program =
                program(&["serve", "--listen", "127.0.0.1:0", "--database", &database]);
            program
                .args(["--otlp-endpoint", &format!("http://{endpoint}")])
                .env("SANGKIEN_ADMIN_TOKEN", TOKEN)
                .envs(environment.iter().copied());
            let starting = tokio::task::spawn_blocking(move || {
                let mut child = program.spawn().unwrap();
                let log = BufReader::new(child.stderr.take().unwrap()).lines();
                let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
                let ready = said.next().unwrap().unwrap();
                let address = ready.strip_prefix("ready http://").unwrap().to_owned();
                Self { child, log, address }
            });
            in_time(starting).await.unwrap()
        }

        async fn ask(&self, headers: &[(&str, &str)], request: &Json) -> Json {
            let mut asking = reqwest::Client::new()
                .post(format!("http://{}/graphql?key=secret-of-the-address", self.address))
                .bearer_auth(TOKEN);
            for &(name, value) in headers {
                asking = asking.header(name, value);
            }
            in_time(asking.json(request).send()).await.unwrap().json().await.unwrap()
        }

        /// Asks it this and that until it logs something of the collector, which is to be this.
        async fn says(mut self, text: &'static str) -> Self {
            let address = self.address.clone();
            let mut reading = tokio::task::spawn_blocking(move || {
                let of_collector = |line: &String| line.contains("collector");
                let said = self.log.by_ref().map(Result::unwrap).find(of_collector).unwrap();
                assert!(said.contains(text), "{said}");
                self
            });
            let asking = async {
                let http = reqwest::Client::new();
                loop {
                    let asked = http.get(format!("http://{address}/health/live")).send();
                    assert!(asked.await.unwrap().status().is_success());
                }
            };
            in_time(async {
                tokio::select! {
                    read = &mut reading => read.unwrap(),
                    () = asking => unreachable!("it goes on"),
                }
            })
            .await
        }

        /// Asks it to end, and waits for it; says what it logged.
        async fn stop(mut self) -> String {
            let pid = self.child.id().to_string();
            assert!(Command::new("kill").args(["-s", "TERM", &pid]).status().unwrap().success());
            let ending = tokio::task::spawn_blocking(move || {
                assert!(self.child.wait().unwrap().success());
                self.log.by_ref().map(Result::unwrap).collect::<Vec<_>>().join("\n")
            });
            in_time(ending).await.unwrap()
        }
    }

    impl Drop for Server {
        fn drop(&mut self) {
            // It may have ended already.
            let _ended = self.child.kill();
            let _status = self.child.wait();
        }
    }

    async fn heard(screen: &mut WebSocketStream<MaybeTlsStream<TcpStream>>) -> Json {
        let heard = in_time(screen.next()).await.unwrap().unwrap();
        serde_json::from_str(heard.to_text().unwrap()).unwrap()
    }

    fn attributes(span: &Span) -> BTreeMap<&str, &Value> {
        let of = |it| Some((it, span.attributes.iter().find(|found| found.key == it)?));
        let names = span.attributes.iter().map(|it| it.key.as_str());
        let values = names.filter_map(of);
        values.filter_map(|(name, it)| Some((name, it.value.as_ref()?.value.as_ref()?))).collect()
    }

    fn text(text: &str) -> Value {
        Value::StringValue(text.to_owned())
    }

    fn children<'a>(spans: &'a [Span], parent: &Span) -> Vec<&'a Span> {
        spans.iter().filter(|it| it.parent_span_id == parent.span_id).collect()
    }

    /// The one of that name which has this attribute.
    fn one<'a>(spans: &'a [Span], name: &str, attribute: (&str, Value)) -> &'a Span {
        let has = |span: &&Span| attributes(span).get(attribute.0) == Some(&&attribute.1);
        let found: Vec<_> = spans.iter().filter(|it| it.name == name).filter(has).collect();
        assert_eq!(found.len(), 1, "{name} {attribute:?} in {spans:#?}");
        found[0]
    }

    const QUERY: &str = "query OfUnit($code: String!) { unit(ref: { code: $code }) { name } }";
    const RENAME: &str = "mutation Rename($input: UpsertUnitInput!) {
      upsertUnit(input: $input) { errors { message } }
    }";
    const CALLER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const CALLERS_TRACE: u128 = 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c;
    const CALLERS_SPAN: u64 = 0xb7ad_6b71_6920_3331;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_request_is_followed_from_its_caller_to_the_database() {
        let dir = tempfile::tempdir().unwrap();
        let mut collector = Collector::start().await;
        let server = Server::start(dir.path(), collector.address, &[]).await;
        let variables = json!({ "code": "secret-of-the-variables" });
        let query = json!({ "query": QUERY, "variables": variables });
        let caller = [("traceparent", CALLER), ("x-request-id", "first")];
        server.ask(&caller, &query).await;
        server.ask(&[("x-request-id", "again")], &query).await;
        let change = json!({
            "query": RENAME,
            "variables": { "input": { "code": "root", "name": "secret of the change" } },
        });
        let changed = server.ask(&[("x-request-id", "change")], &change).await;
        assert_eq!(changed["data"]["upsertUnit"]["errors"], json!([]), "{changed}");
        server.stop().await;

        let spans = collector.spans();
        let first = one(&spans, "POST /graphql", ("request.id", text("first")));
        assert_eq!(first.trace_id, CALLERS_TRACE.to_be_bytes());
        assert_eq!(first.parent_span_id, CALLERS_SPAN.to_be_bytes());
        assert_eq!(first.kind(), SpanKind::Server);
        let about = attributes(first);
        assert_eq!(about["http.request.method"], &text("POST"));
        assert_eq!(about["url.path"], &text("/graphql"));
        assert_eq!(about["http.response.status_code"], &Value::IntValue(200));

        let [operation] = children(&spans, first)[..] else { panic!("{spans:#?}") };
        assert_eq!(operation.name, "query OfUnit");
        let about = attributes(operation);
        assert_eq!(about["graphql.operation.type"], &text("query"));
        assert_eq!(about["graphql.operation.name"], &text("OfUnit"));
        assert_eq!(about["sangkien.kept"], &Value::BoolValue(false));
        assert_eq!(about["sangkien.shared"], &Value::BoolValue(true));
        let digest = about["graphql.document.digest"];
        let [execution] = children(&spans, operation)[..] else { panic!("{spans:#?}") };
        assert_eq!(execution.name, "execute");

        // A cached result is not executed; and who names no caller is at the beginning of a trace.
        let again = one(&spans, "POST /graphql", ("request.id", text("again")));
        assert!(again.parent_span_id.is_empty());
        assert_ne!(again.trace_id, first.trace_id);
        let [operation] = children(&spans, again)[..] else { panic!("{spans:#?}") };
        assert_eq!(attributes(operation)["sangkien.kept"], &Value::BoolValue(true));
        assert_eq!(attributes(operation)["graphql.document.digest"], digest);
        assert!(children(&spans, operation).is_empty());

        // A command is linked with the batch in which it was carried out.
        let change = one(&spans, "POST /graphql", ("request.id", text("change")));
        let [operation] = children(&spans, change)[..] else { panic!("{spans:#?}") };
        assert_eq!(operation.name, "mutation Rename");
        let [execution] = children(&spans, operation)[..] else { panic!("{spans:#?}") };
        let [command] = children(&spans, execution)[..] else { panic!("{spans:#?}") };
        assert_eq!(command.name, "command");
        let is_its = |it: &&Span| it.links.iter().any(|link| link.span_id == command.span_id);
        let batch = spans.iter().find(is_its).unwrap();
        assert_eq!(batch.name, "batch");
        assert_eq!(attributes(batch)["sangkien.commands"], &Value::IntValue(1));
        let waits: Vec<&str> = children(&spans, batch).iter().map(|it| it.name.as_str()).collect();
        assert_eq!(waits, ["write", "commit"]);

        let all = format!("{spans:?}");
        assert!(!all.contains("secret"), "{all}");
        assert!(spans.iter().all(|it| it.events.is_empty()), "what is logged is no part of it");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn messages_of_subscriptions_have_no_spans() {
        let dir = tempfile::tempdir().unwrap();
        let mut collector = Collector::start().await;
        let server = Server::start(dir.path(), collector.address, &[]).await;
        let mut screens = Vec::new();
        for id in ["first", "second"] {
            let mut request =
                format!("ws://{}/graphql", server.address).into_client_request().unwrap();
            let headers = request.headers_mut();
            headers.insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
            headers.insert("x-request-id", id.parse().unwrap());
            let (mut screen, _) = in_time(tokio_tungstenite::connect_async(request)).await.unwrap();
            let query = "subscription Board { leaderboard { within { name } } }";
            for said in [
                json!({ "type": "connection_init" }),
                json!({ "id": "1", "type": "subscribe", "payload": { "query": query } }),
            ] {
                screen.send(Message::text(said.to_string())).await.unwrap();
            }
            assert_eq!(heard(&mut screen).await["type"], "connection_ack");
            assert_eq!(heard(&mut screen).await["type"], "next");
            screens.push(screen);
        }
        let input = json!({ "code": "root", "name": "Tổng Liên đoàn" });
        server.ask(&[], &json!({ "query": RENAME, "variables": { "input": input } })).await;
        for screen in &mut screens {
            let told = heard(screen).await;
            let name = &told["payload"]["data"]["leaderboard"]["within"]["name"];
            assert_eq!(name, "Tổng Liên đoàn", "{told}");
        }
        drop(screens);
        server.stop().await;

        let spans = collector.spans();
        // The request is answered when the socket opens; what is asked over it is a trace of its own.
        let opened = one(&spans, "GET /graphql", ("request.id", text("first")));
        assert_eq!(attributes(opened)["http.response.status_code"], &Value::IntValue(101));
        assert!(children(&spans, opened).is_empty());
        let begun: Vec<_> = spans.iter().filter(|it| it.name == "subscription Board").collect();
        assert_eq!(begun.len(), 2);
        assert!(begun.iter().all(|it| it.parent_span_id.is_empty()));
        // One execution for both at the beginning, and one for what they were told of the change.
        let is_board = |it: &&Span| {
            attributes(it).get("graphql.operation.name") == Some(&&text("Board"))
                && it.name == "execute"
        };
        assert_eq!(spans.iter().filter(is_board).count(), 2, "{spans:#?}");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_standard_settings_hold() {
        for (environment, caller, is_taken) in [
            ([("OTEL_TRACES_SAMPLER", "always_off")], CALLER, false),
            ([("OTEL_TRACES_SAMPLER", "parentbased_always_off")], CALLER, true),
            // The caller's own trace is not taken.
            (
                [("OTEL_TRACES_SAMPLER", "parentbased_always_on")],
                &CALLER.replace("-01", "-00"),
                false,
            ),
        ] {
            let dir = tempfile::tempdir().unwrap();
            let mut collector = Collector::start().await;
            let server = Server::start(dir.path(), collector.address, &environment).await;
            let query = json!({ "query": "{ root { id } }" });
            server.ask(&[("traceparent", caller)], &query).await;
            server.stop().await;
            let is_there = collector.spans().iter().any(|it| it.name == "POST /graphql");
            assert_eq!(is_there, is_taken, "{environment:?} {caller}");
        }
        let dir = tempfile::tempdir().unwrap();
        let mut collector = Collector::start().await;
        let named = [("OTEL_SERVICE_NAME", "board")];
        Server::start(dir.path(), collector.address, &named).await.stop().await;
        assert!(!collector.spans_of("board").is_empty());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_collector_that_is_away_hinders_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let nobody = listener.local_addr().unwrap();
        drop(listener);
        let often = [("OTEL_BSP_SCHEDULE_DELAY", "20")];
        let server = Server::start(dir.path(), nobody, &often).await;
        let server = server.says("the collector takes no traces").await;
        let mut collector = Collector::start_at(nobody, 3).await;
        let server = server.says("the collector takes traces again").await;
        assert!(!collector.spans().is_empty());
        let said = server.stop().await;
        assert!(!said.contains("collector"), "{said}");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_collector_that_never_answers_is_not_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        // Connections wait in its queue.
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Server::start(dir.path(), silent.local_addr().unwrap(), &[]).await;
        server.ask(&[], &json!({ "query": "{ root { id } }" })).await;
        let said = server.stop().await;
        assert!(said.contains("some traces are lost"), "{said}");
    }

    #[test]
    fn what_is_no_address_of_a_collector_is_refused() {
        for (endpoint, problem) in [
            ("collector:4318", "not an address"),
            ("https://collector:4318", "plain http://"),
            ("http://collector:4318/v1/traces", "without a path"),
        ] {
            let said = refused(&["serve", "--otlp-endpoint", endpoint]);
            assert!(said.contains(problem), "{endpoint}: {said}");
        }
    }
}
