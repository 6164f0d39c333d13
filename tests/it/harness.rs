//! A server of its own for each test, spoken to as its users do: over HTTP and WebSocket.
//!
//! It runs in this process on port 0, on a fresh database, with a clock that the test sets. Its
//! small tree and its periods are made through the public API.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, SEC_WEBSOCKET_PROTOCOL};
use sangkien::auth::issue::{self, Order};
use sangkien::domain::clock::{Clock as _, ManualClock, SharedClock};
use sangkien::domain::field::Fields;
use sangkien::domain::{Role, Timestamp, Version};
use sangkien::graphql::Service;
use sangkien::graphql::cost::budgets::CostLimits;
use sangkien::http::{Admission, Origins, SocketLimits};
use sangkien::server::{Server, listen};
use sangkien::store::Store;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::postgres;

pub const TOKEN: &str = "the operator's own";
/// Far beyond what the slowest machine takes: only ever waited for in full by a broken test.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The morning of a day in the middle of the campaign.
const MORNING: &str = "2022-05-10T08:00:00+07:00";

/// Code, kind, parent, cluster, members.
type UnitRow = (&'static str, &'static str, &'static str, Option<&'static str>, Option<i32>);

/// A tree of two provinces, their districts and grassroots unions.
const UNITS: [UnitRow; 10] = [
    ("dong-nai", "PROVINCIAL_FEDERATION", "tld", Some("Đông Nam Bộ"), Some(800_000)),
    ("ha-noi", "PROVINCIAL_FEDERATION", "tld", Some("Thành phố"), Some(600_000)),
    ("bien-hoa", "DISTRICT_FEDERATION", "dong-nai", None, None),
    ("long-thanh", "DISTRICT_FEDERATION", "dong-nai", None, None),
    ("ba-dinh", "DISTRICT_FEDERATION", "ha-noi", None, None),
    ("dong-tam", "GRASSROOTS_UNION", "bien-hoa", None, Some(333)),
    ("tan-bien", "GRASSROOTS_UNION", "bien-hoa", None, None),
    ("an-phuoc", "GRASSROOTS_UNION", "long-thanh", None, Some(120)),
    ("hoang-dieu", "GRASSROOTS_UNION", "ba-dinh", None, Some(250)),
    ("so-xay-dung", "GRASSROOTS_UNION", "ha-noi", None, Some(90)),
];

pub const SUBMIT: &str = "mutation ($input: SubmitInitiativeInput!) {
  submitInitiative(input: $input) {
    initiative { id title status version unit { code } } replayed errors { code path message }
  }
}";

/// A running server, its clock and its clients.
pub struct World {
    pub address: String,
    pub clock: Arc<ManualClock>,
    pub database: String,
    client: reqwest::Client,
    /// The server's own service, for its counts.
    pub service: Service,
    pub admission: Admission,
    stop: oneshot::Sender<()>,
    served: JoinHandle<anyhow::Result<()>>,
    /// Holds the SQLite file; `None` on PostgreSQL.
    dir: Option<TempDir>,
}

impl World {
    /// A world on SQLite, with the tree and the periods.
    pub async fn start() -> Self {
        let world = Self::empty().await;
        world.set_up().await;
        world
    }

    /// A world on SQLite, with the tree and the periods, and the operator's list of fields.
    pub async fn start_with_fields(csv: &str) -> Self {
        let world = Self::empty_with_fields(MORNING, csv).await;
        world.set_up().await;
        world
    }

    /// A world on SQLite, with a fresh database and the operator's list of fields.
    pub async fn empty_with_fields(now: &str, csv: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(moment(now)));
        let database = sqlite_url(dir.path());
        let fields = Fields::parse(csv.as_bytes()).unwrap();
        let its_clock = Arc::clone(&clock) as SharedClock;
        let server = Server::open_with_fields(&database, its_clock, fields).await.unwrap();
        Self::run(server, database, clock, Some(dir)).await
    }

    /// A world on SQLite, with the tree and the periods; pages of these origins may send requests.
    pub async fn start_for_origins(origins: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(moment(MORNING)));
        let database = sqlite_url(dir.path());
        let server = Server::open(&database, Arc::clone(&clock) as SharedClock).await.unwrap();
        let origins = origins.iter().map(|origin| origin.parse().unwrap()).collect();
        let server = server.with_origins(Origins::new(origins));
        let world = Self::run(server, database, clock, Some(dir)).await;
        world.set_up().await;
        world
    }

    /// A world on SQLite, with the tree and the periods; behind a proxy or not, known by these
    /// addresses.
    pub async fn start_behind(is_proxied: bool, public_urls: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(moment(MORNING)));
        let database = sqlite_url(dir.path());
        let server = Server::open(&database, Arc::clone(&clock) as SharedClock).await.unwrap();
        let public_urls = public_urls.iter().map(|url| url.parse().unwrap()).collect();
        let server = server.known_as(public_urls).behind_proxy(is_proxied);
        let world = Self::run(server, database, clock, Some(dir)).await;
        world.set_up().await;
        world
    }

    /// A world on SQLite, with the tree and the periods, and other times for sockets.
    pub async fn start_with_limits(limits: SocketLimits) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(moment(MORNING)));
        let database = sqlite_url(dir.path());
        let server = Server::open(&database, Arc::clone(&clock) as SharedClock).await.unwrap();
        let world = Self::run(server.with_limits(limits), database, clock, Some(dir)).await;
        world.set_up().await;
        world
    }

    /// A world on SQLite, with the tree and the periods, and other budgets for clients.
    pub async fn start_with_costs(costs: CostLimits) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(moment(MORNING)));
        let database = sqlite_url(dir.path());
        let server = Server::open(&database, Arc::clone(&clock) as SharedClock).await.unwrap();
        let world = Self::run(server.with_costs(costs), database, clock, Some(dir)).await;
        world.set_up().await;
        world
    }

    /// One on SQLite and, where it is installed, one on PostgreSQL.
    pub async fn start_on_each() -> Vec<Self> {
        let mut worlds = vec![Self::start().await];
        if let Some(cluster) = postgres::cluster() {
            let clock = Arc::new(ManualClock::new(moment(MORNING)));
            let world = Self::serve(cluster.fresh_database(), clock, None).await;
            world.set_up().await;
            worlds.push(world);
        }
        worlds
    }

    /// A world on SQLite, with a fresh database.
    pub async fn empty() -> Self {
        Self::empty_at(MORNING).await
    }

    pub async fn empty_at(now: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let database = sqlite_url(dir.path());
        Self::serve(database, Arc::new(ManualClock::new(moment(now))), Some(dir)).await
    }

    /// A world on SQLite, as a fresh database is, by this clock.
    pub async fn empty_by(clock: ManualClock) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let database = sqlite_url(dir.path());
        Self::serve(database, Arc::new(clock), Some(dir)).await
    }

    /// A world on a database that somebody else has filled, and keeps.
    pub async fn of(database: &str, now: &str) -> Self {
        Self::serve(database.to_owned(), Arc::new(ManualClock::new(moment(now))), None).await
    }

    async fn serve(database: String, clock: Arc<ManualClock>, dir: Option<TempDir>) -> Self {
        let server = Server::open(&database, Arc::clone(&clock) as SharedClock).await.unwrap();
        Self::run(server, database, clock, dir).await
    }

    async fn run(
        server: Server,
        database: String,
        clock: Arc<ManualClock>,
        dir: Option<TempDir>,
    ) -> Self {
        let app = server.app(Some(TOKEN));
        let (service, admission) = (app.service.clone(), app.admission.clone());
        let (listener, address) = listen("127.0.0.1:0").await.unwrap();
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(server.serve(app, listener, async {
            let _asked = stopped.await;
        }));
        let client = reqwest::Client::new();
        Self {
            address: address.to_string(),
            clock,
            database,
            client,
            service,
            admission,
            stop,
            served,
            dir,
        }
    }

    /// A second node on the same database, with a clock of its own at the same time; `None` on SQLite, which only one
    /// server can serve.
    pub async fn another_node(&self) -> Option<Self> {
        if self.dir.is_some() {
            return None;
        }
        let clock = Arc::new(ManualClock::new(self.clock.now()));
        Some(Self::serve(self.database.clone(), clock, None).await)
    }

    /// The same database served anew, on another port.
    pub async fn restart(self) -> Self {
        let (database, clock, dir) = self.stop().await;
        Self::serve(database, clock, dir).await
    }

    /// A server on the database that one was stopped on.
    pub async fn again(database: String, clock: Arc<ManualClock>, dir: Option<TempDir>) -> Self {
        Self::serve(database, clock, dir).await
    }

    /// Stops the server. Returns its database, its clock, and the folder of an SQLite file.
    pub async fn stop(self) -> (String, Arc<ManualClock>, Option<TempDir>) {
        drop(self.client);
        drop(self.service);
        self.stop.send(()).unwrap();
        tokio::time::timeout(PATIENCE, self.served).await.unwrap().unwrap().unwrap();
        (self.database, self.clock, self.dir)
    }

    async fn set_up(&self) {
        let root = json!({ "code": "tld", "name": "Tổng Liên đoàn", "kind": "CONFEDERATION" });
        self.upsert_unit(root).await;
        for (code, kind, parent, cluster, members) in UNITS {
            self.upsert_unit(json!({
                "code": code, "name": format!("Công đoàn {code}"), "kind": kind,
                "parent": { "code": parent }, "cluster": cluster, "memberCount": members,
            }))
            .await;
        }
        self.upsert_period(json!({
            "code": "programme", "name": "01 triệu sáng kiến", "kind": "PROGRAMME",
            "startsOn": "2022-01-08", "endsOn": "2023-09-01",
            "appliedFrom": "2021-09-01", "appliedUntil": "2023-09-01",
        }))
        .await;
        self.upsert_period(json!({
            "code": "phase-1", "name": "Giai đoạn 1", "kind": "PHASE",
            "startsOn": "2022-01-08", "endsOn": "2022-05-31", "parent": { "code": "programme" },
        }))
        .await;
        self.upsert_period(json!({
            "code": "campaign", "name": "40 ngày", "kind": "CAMPAIGN",
            "startsOn": "2022-04-21", "endsOn": "2022-05-31", "parent": { "code": "phase-1" },
        }))
        .await;
    }

    pub fn set_clock(&self, now: &str) {
        self.clock.set(moment(now));
    }

    // HTTP.

    pub fn post(&self) -> reqwest::RequestBuilder {
        self.client.post(format!("http://{}/graphql", self.address))
    }

    pub fn get(&self, path: &str) -> reqwest::RequestBuilder {
        self.client.get(format!("http://{}{path}", self.address))
    }

    /// The whole response to a request, by the operator.
    pub async fn ask(&self, request: &Value) -> Value {
        let response = self.post().header(AUTHORIZATION, bearer()).json(request).send().await;
        response.unwrap().json().await.unwrap()
    }

    /// The whole response to a request without a token.
    pub async fn ask_anonymously(&self, request: &Value) -> Value {
        self.post().json(request).send().await.unwrap().json().await.unwrap()
    }

    /// The whole response to a request with this token.
    pub async fn ask_as(&self, token: &str, request: &Value) -> Value {
        let shown = format!("Bearer {token}");
        let response = self.post().header(AUTHORIZATION, shown).json(request).send().await;
        response.unwrap().json().await.unwrap()
    }

    /// Like [`Self::mutate`], with this token.
    pub async fn mutate_as(&self, token: &str, document: &str, input: Value) -> Value {
        let request = json!({ "query": document, "variables": { "input": input } });
        payload(data(self.ask_as(token, &request).await))
    }

    /// A new token with a role over a unit.
    pub async fn token(&self, role: Role, unit: &str) -> String {
        let order = Order { name: role.as_str(), role, unit: Some(unit), expires: None };
        self.issue(&order).await
    }

    pub async fn issue(&self, order: &Order<'_>) -> String {
        let store = self.store().await;
        let secret = issue::issue(&store, order, self.clock.now()).await.unwrap();
        secret.reveal().to_owned()
    }

    /// The database, past the server.
    pub async fn store(&self) -> Store {
        Store::open(&self.database).await.unwrap()
    }

    /// The number of statements that lists and loaders have run so far.
    pub fn statements(&self) -> u64 {
        self.service.store().statements()
    }

    pub fn database(&self) -> &str {
        &self.database
    }

    /// The data of a query that must not fail.
    pub async fn query(&self, document: &str) -> Value {
        data(self.ask(&json!({ "query": document })).await)
    }

    /// The payload of a mutation whose document has one variable, `input`.
    pub async fn mutate(&self, document: &str, input: Value) -> Value {
        let request = json!({ "query": document, "variables": { "input": input } });
        payload(data(self.ask(&request).await))
    }

    /// Like [`Self::mutate`], for a mutation that must be carried out.
    pub async fn change(&self, document: &str, input: Value) -> Value {
        let payload = self.mutate(document, input).await;
        assert_eq!(payload["errors"], json!([]), "{document}");
        payload
    }

    /// The code and the path of each error of a payload.
    pub async fn refusals(&self, document: &str, input: Value) -> Vec<(String, String)> {
        refusals_of(&self.mutate(document, input).await)
    }

    /// The newest version that a result shows.
    pub async fn version(&self) -> i64 {
        let answer = self.ask(&json!({ "query": "{ root { id } }" })).await;
        answer["extensions"]["version"].as_i64().unwrap()
    }

    /// Waits until the server has come to a version.
    pub async fn await_version(&self, version: i64) {
        let reached = self.service.hub().reached(Version(version));
        tokio::time::timeout(PATIENCE, reached).await.expect("the version comes");
    }

    pub async fn upsert_unit(&self, input: Value) -> Value {
        let document = "mutation ($input: UpsertUnitInput!) {
          upsertUnit(input: $input) { unit { id code name } errors { code path message } }
        }";
        self.change(document, input).await["unit"].take()
    }

    pub async fn upsert_period(&self, input: Value) -> Value {
        let document = "mutation ($input: UpsertPeriodInput!) {
          upsertPeriod(input: $input) { period { id code name } errors { code path message } }
        }";
        self.change(document, input).await["period"].take()
    }

    /// Submits for a unit under a key; returns the initiative.
    pub async fn submit(&self, unit: &str, key: &str) -> Value {
        self.change(SUBMIT, submission(unit, key)).await["initiative"].take()
    }

    /// Decides; returns the initiative's version.
    pub async fn review(&self, id: &Value, decision: &str) -> i64 {
        let document = "mutation ($input: ReviewInitiativeInput!) {
          reviewInitiative(input: $input) { initiative { version } errors { code path message } }
        }";
        let mut input = json!({ "id": id, "decision": decision });
        match decision {
            "RETURN" => input["note"] = "Bổ sung minh chứng".into(),
            "REJECT" => input["reason"] = "OTHER".into(),
            _ => {}
        }
        let payload = self.change(document, input).await;
        payload["initiative"]["version"].as_i64().unwrap()
    }

    /// The number of initiatives that each of these units has submitted in the campaign.
    pub async fn submitted(&self, units: &[&str]) -> Vec<i64> {
        let request = json!({
            "query": "query ($codes: [String!]!) {
              unitsByCode(codes: $codes) { tally(period: { code: \"campaign\" }) { submitted } }
            }",
            "variables": { "codes": units },
        });
        let answer = data(self.ask(&request).await);
        let units = answer["unitsByCode"].as_array().unwrap();
        units.iter().map(|unit| unit["tally"]["submitted"].as_i64().unwrap()).collect()
    }

    /// Sets goals of the campaign: unit and number.
    pub async fn set_goals(&self, goals: &[(&str, i32)]) {
        let document = "mutation ($input: SetTargetsInput!) {
          setTargets(input: $input) { targets { goal } errors { code path message } }
        }";
        let goals: Vec<Value> = goals
            .iter()
            .map(|(unit, count)| json!({ "unit": { "code": unit }, "goal": { "count": count } }))
            .collect();
        self.change(document, json!({ "period": { "code": "campaign" }, "goals": goals })).await;
    }

    // WebSocket.

    /// The operator's socket, after `connection_ack`.
    pub async fn socket(&self) -> Socket {
        self.socket_as(Some(TOKEN)).await
    }

    pub async fn socket_as(&self, token: Option<&str>) -> Socket {
        Socket::open(&self.address, token).await
    }

    /// A socket that has sent nothing yet.
    pub async fn raw_socket(&self) -> Socket {
        self.socket_of(Some("graphql-transport-ws")).await
    }

    /// A socket that offers these subprotocols.
    pub async fn socket_of(&self, protocols: Option<&str>) -> Socket {
        Socket::to(&self.address, protocols).await
    }
}

/// A client of `graphql-transport-ws`.
pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Socket {
    pub async fn connect(request: Request) -> Self {
        Self::try_connect(request).await.unwrap()
    }

    /// Like [`Self::connect`], if the upgrade may be refused.
    pub async fn try_connect(request: Request) -> Result<Self, tungstenite::Error> {
        let (stream, _) = tokio_tungstenite::connect_async(request).await?;
        Ok(Self { stream })
    }

    /// A socket to the server at `HOST:PORT` that has sent nothing yet and offers these subprotocols.
    async fn to(address: &str, protocols: Option<&str>) -> Self {
        let mut request = format!("ws://{address}/graphql").into_client_request().unwrap();
        if let Some(protocols) = protocols {
            request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, protocols.parse().unwrap());
        }
        Self::connect(request).await
    }

    /// A socket to the server at `HOST:PORT` with this token, after `connection_ack`.
    pub async fn open(address: &str, token: Option<&str>) -> Self {
        let mut socket = Self::to(address, Some("graphql-transport-ws")).await;
        let payload = token.map(|token| json!({ "authorization": format!("Bearer {token}") }));
        socket.send(json!({ "type": "connection_init", "payload": payload })).await;
        assert_eq!(socket.receive().await["type"], "connection_ack");
        socket
    }

    pub async fn send(&mut self, message: Value) {
        self.stream.send(Message::text(message.to_string())).await.unwrap();
    }

    /// Like [`Self::subscribe`], if the socket may end meanwhile. Returns whether it was still open.
    pub async fn try_subscribe(&mut self, id: &str, document: &str) -> bool {
        let payload = json!({ "query": document });
        let message = json!({ "id": id, "type": "subscribe", "payload": payload });
        self.try_send(Message::text(message.to_string())).await
    }

    pub async fn try_send(&mut self, frame: Message) -> bool {
        self.stream.send(frame).await.is_ok()
    }

    pub async fn send_frame(&mut self, frame: Message) {
        self.stream.send(frame).await.unwrap();
    }

    pub async fn subscribe(&mut self, id: &str, document: &str) {
        self.subscribe_with(id, json!({ "query": document })).await;
    }

    /// Like [`Self::subscribe`], with a whole request.
    pub async fn subscribe_with(&mut self, id: &str, request: Value) {
        self.send(json!({ "id": id, "type": "subscribe", "payload": request })).await;
    }

    /// The next message, whatever it is.
    pub async fn receive(&mut self) -> Value {
        loop {
            match self.frame().await {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("not a message of the protocol: {other:?}"),
            }
        }
    }

    /// The payload of the next message, which is a `next`.
    pub async fn answer(&mut self) -> Value {
        let mut message = self.receive().await;
        assert_eq!(message["type"], "next", "{message}");
        message["payload"].take()
    }

    /// The next message, which refuses the operation, as a response.
    pub async fn refusal(&mut self) -> Value {
        let mut message = self.receive().await;
        assert_eq!(message["type"], "error", "{message}");
        json!({ "errors": message["payload"].take() })
    }

    /// The data of the next message's only field.
    pub async fn next(&mut self) -> Value {
        payload(data(self.answer().await))
    }

    /// The next frame; a close frame too.
    pub async fn frame(&mut self) -> Message {
        let frame = tokio::time::timeout(PATIENCE, self.stream.next()).await;
        frame.expect("a frame comes").expect("the socket is open").unwrap()
    }

    /// Closes the socket and waits for its end.
    pub async fn close(mut self) {
        self.stream.close(None).await.unwrap();
        let end = async { while let Some(Ok(_)) = self.stream.next().await {} };
        tokio::time::timeout(PATIENCE, end).await.expect("the socket closes");
    }
}

/// The input that a member would enter on that day.
pub fn submission(unit: &str, key: &str) -> Value {
    json!({
        "key": key,
        "unit": { "code": unit },
        "title": format!("Cải tiến khuôn đúc {key}"),
        "kind": "TECHNICAL",
        "authors": [{ "name": "Nguyễn Văn An", "personCode": "NV01" }],
        "appliedOn": "2022-03-01",
    })
}

/// `base` with the fields of `changes` in place of its own.
pub fn with(mut base: Value, changes: Value) -> Value {
    let Value::Object(changes) = changes else { panic!("an object") };
    base.as_object_mut().unwrap().extend(changes);
    base
}

pub fn data(mut answer: Value) -> Value {
    assert_eq!(answer.get("errors"), None, "{answer}");
    answer["data"].take()
}

/// The value of the only field.
pub fn payload(data: Value) -> Value {
    let Value::Object(fields) = data else { panic!("not an object: {data}") };
    let mut values = fields.into_values();
    let value = values.next().expect("a field");
    assert!(values.next().is_none(), "one field");
    value
}

pub fn refusals_of(payload: &Value) -> Vec<(String, String)> {
    let path = |error: &Value| {
        let steps = error["path"].as_array().unwrap().iter();
        steps.map(|step| step.as_str().unwrap()).collect::<Vec<_>>().join(".")
    };
    let errors = payload["errors"].as_array().unwrap().iter();
    errors.map(|error| (error["code"].as_str().unwrap().to_owned(), path(error))).collect()
}

/// `extensions.code` of the only error.
pub fn code_of(answer: &Value) -> &str {
    let errors = answer["errors"].as_array().unwrap_or_else(|| panic!("no error: {answer}"));
    assert_eq!(errors.len(), 1, "{answer}");
    errors[0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("no code: {answer}"))
}

pub fn refused(code: &str, path: &str) -> Vec<(String, String)> {
    vec![(code.to_owned(), path.to_owned())]
}

/// The address of a GET that asks with these parameters.
pub fn address(parameters: &[(&str, &str)]) -> String {
    let mut url = reqwest::Url::parse("http://here/graphql").unwrap();
    url.query_pairs_mut().extend_pairs(parameters);
    format!("/graphql?{}", url.query().unwrap())
}

pub fn bearer() -> String {
    format!("Bearer {TOKEN}")
}

pub fn json_headers() -> HeaderMap {
    HeaderMap::from_iter([(CONTENT_TYPE, "application/json".parse().unwrap())])
}

fn sqlite_url(dir: &Path) -> String {
    format!("sqlite://{}", dir.join("sangkien.db").display())
}

fn moment(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}
