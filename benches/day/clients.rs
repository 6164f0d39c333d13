//! The clients of the day, each kind with the time that it waits.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::Failed;
use crate::course::Due;
use crate::server::{Office, PARTNERS, Server};
use crate::waits::Waits;

const SUBMIT: &str = "mutation ($input: SubmitInitiativeInput!) {
    submitInitiative(input: $input) { initiative { id version } errors { code message } } }";
const REVIEW: &str = "mutation ($input: ReviewInitiativesInput!) {
    reviewInitiatives(input: $input) { initiatives { id version } errors { code message } } }";
const LIST: &str = "query ($within: UnitRef!, $statuses: [InitiativeStatus!]) {
    initiatives(first: 20, filter: { within: $within, statuses: $statuses }) {
        totalCount nodes { id title status submittedAt unit { name } authors { name } } } }";
const SYNC: &str = "query ($since: String, $after: String) {
    units(first: 500, after: $after, filter: { changedSince: $since }, orderBy: { field: CODE }) {
        pageInfo { hasNextPage endCursor }
        nodes { id code closedOn tally { id submitted accepted pending target version } } } }";
const PAGE: &str = "query ($code: String!) { unit(ref: { code: $code }) {
    name tally { submitted accepted target } ancestors { code name } } }";
const BOARD: &str = "subscription ($code: String!) { leaderboard(within: { code: $code }, first: 20) {
    version total { submitted accepted } entries { rank unit { code name } tally { submitted accepted } gained } } }";
const BATCH: usize = 50;
const VISITORS: u8 = 100;
/// A client that waits longer has got no answer.
const PATIENCE: Duration = Duration::from_secs(30);
const STATUSES: [&str; 3] = ["PENDING", "ACCEPTED", "REJECTED"];

pub struct Clients {
    address: String,
    client: reqwest::Client,
    /// Those of people without a token, each from an address of its own.
    visitors: Vec<reqwest::Client>,
    offices: Vec<Office>,
    boards: Vec<String>,
    partners: Vec<String>,
    /// Ids of what waits for a review, by office.
    waiting: Vec<Mutex<Vec<String>>>,
    /// The mark of the last page that each partner began a copy with.
    marks: [Mutex<Option<String>>; PARTNERS],
    number: AtomicUsize,
    /// The moments in which versions were acknowledged, by office.
    acknowledged: Vec<Mutex<BTreeMap<i64, Instant>>>,
    submitting: Waits,
    reviewing: Waits,
    listing: Waits,
    syncing: Waits,
    opening: Waits,
    watching: Waits,
    faults: Mutex<Vec<String>>,
}

fn locked<T>(it: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    it.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Clients {
    pub fn new(server: &Server) -> Result<Self, Failed> {
        let union = &server.union;
        let visitor = |place| {
            let from = IpAddr::from(Ipv4Addr::new(127, 30, 0, place));
            reqwest::Client::builder().timeout(PATIENCE).local_address(from).build()
        };
        Ok(Self {
            address: server.address.clone(),
            client: reqwest::Client::builder().timeout(PATIENCE).build()?,
            visitors: (1..=VISITORS).map(visitor).collect::<Result<_, _>>()?,
            offices: union.offices.clone(),
            boards: union.boards.clone(),
            partners: union.partners.clone(),
            waiting: union.offices.iter().map(|_| Mutex::default()).collect(),
            marks: Default::default(),
            number: AtomicUsize::new(0),
            acknowledged: union.offices.iter().map(|_| Mutex::default()).collect(),
            submitting: Waits::of("a submission"),
            reviewing: Waits::of("a review of 50"),
            listing: Waits::of("an officer's list"),
            syncing: Waits::of("a partner's page of changed units"),
            opening: Waits::of("a unit's page"),
            watching: Waits::of("an office's screen"),
            faults: Mutex::default(),
        })
    }

    pub fn waits(&self) -> [&Waits; 6] {
        [
            &self.submitting,
            &self.reviewing,
            &self.listing,
            &self.syncing,
            &self.opening,
            &self.watching,
        ]
    }

    /// Each kind once, with how often it came.
    pub fn faults(&self) -> Vec<String> {
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        let faults = locked(&self.faults);
        for fault in faults.iter() {
            *kinds.entry(fault).or_default() += 1;
        }
        kinds.into_iter().map(|(fault, count)| format!("{count} × {fault}")).collect()
    }

    fn fault(&self, what: &str, told: impl std::fmt::Display) {
        let text: String = format!("{what}: {told}").chars().take(300).collect();
        locked(&self.faults).push(text);
    }

    /// The data of an answer that has no errors, neither of the request nor of the change.
    async fn ask(
        &self,
        token: Option<&str>,
        query: &str,
        variables: Value,
    ) -> Result<Value, String> {
        Ok(self.answer(&self.client, token, query, variables).await?["data"].take())
    }

    async fn answer(
        &self,
        client: &reqwest::Client,
        token: Option<&str>,
        query: &str,
        variables: Value,
    ) -> Result<Value, String> {
        let request = json!({ "query": query, "variables": variables });
        let post = client.post(format!("http://{}/graphql", self.address)).json(&request);
        let post = match token {
            Some(token) => post.bearer_auth(token),
            None => post,
        };
        let answer = post.send().await.map_err(|error| error.to_string())?;
        let answer: Value = answer.json().await.map_err(|error| error.to_string())?;
        let is_done = answer["data"].as_object().is_some_and(|data| {
            data.values().all(|it| it.get("errors").is_none_or(|errors| *errors == json!([])))
        });
        if answer.get("errors").is_none() && is_done { Ok(answer) } else { Err(answer.to_string()) }
    }

    pub async fn submit(self: Arc<Self>, mut due: Due) {
        let place = due.chance.usize(..self.offices.len());
        let office = &self.offices[place];
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let unit = &office.grassroots[due.chance.usize(..office.grassroots.len())];
        let input = json!({ "key": format!("ngay-{number}"), "unit": { "code": unit },
            "title": format!("Cải tiến khâu kiểm tra thứ {number}"), "kind": "TECHNICAL",
            "appliedOn": "2022-03-01", "benefitVnd": 1_000_000 * (number % 90),
            "authors": [{ "name": "Nguyễn Văn Thử", "personCode": format!("{unit}-{}", number % 7) }] });
        match self.ask(Some(&office.submitter), SUBMIT, json!({ "input": input })).await {
            Ok(data) => {
                let now = Instant::now();
                self.submitting.note(now - due.at);
                let initiative = &data["submitInitiative"]["initiative"];
                if let (Some(id), Some(version)) =
                    (initiative["id"].as_str(), initiative["version"].as_i64())
                {
                    locked(&self.waiting[place]).push(id.to_owned());
                    locked(&self.acknowledged[place]).insert(version, now);
                }
            }
            Err(told) => self.fault("a submission", told),
        }
    }

    /// The office where most waits reviews the oldest of it.
    pub async fn review(self: Arc<Self>, due: Due) {
        let lengths = self.waiting.iter().map(|waiting| locked(waiting).len());
        let Some((place, _)) = lengths.enumerate().max_by_key(|&(_, length)| length) else {
            return;
        };
        let ids: Vec<String> = {
            let mut waiting = locked(&self.waiting[place]);
            let count = waiting.len().min(BATCH);
            waiting.drain(..count).collect()
        };
        if ids.is_empty() {
            return;
        }
        let input = json!({ "ids": ids, "decision": "ACCEPT" });
        let token = &self.offices[place].reviewer;
        match self.ask(Some(token), REVIEW, json!({ "input": input })).await {
            Ok(_) => self.reviewing.note(due.at.elapsed()),
            Err(told) => self.fault("a review", told),
        }
    }

    pub async fn list(self: Arc<Self>, mut due: Due) {
        let office = &self.offices[due.chance.usize(..self.offices.len())];
        let status = STATUSES[due.chance.usize(..STATUSES.len())];
        let variables = json!({ "within": { "code": office.code }, "statuses": [status] });
        match self.ask(Some(&office.reviewer), LIST, variables).await {
            Ok(_) => self.listing.note(due.at.elapsed()),
            Err(told) => self.fault("a list", told),
        }
    }

    pub async fn sync(self: Arc<Self>, mut due: Due) {
        match self.copy(due.chance.usize(..PARTNERS), due.at).await {
            Ok(waited) => waited.into_iter().for_each(|span| self.syncing.note(span)),
            Err(told) => self.fault("a sync", told),
        }
    }

    /// Each partner has a copy of all units before the day begins.
    pub async fn begin_copies(&self) -> Result<(), Failed> {
        for partner in 0..PARTNERS {
            self.copy(partner, Instant::now()).await?;
        }
        Ok(())
    }

    /// Copies what has changed since a partner's last copy; how long each page took.
    async fn copy(&self, partner: usize, mut due: Instant) -> Result<Vec<Duration>, String> {
        let since = locked(&self.marks[partner]).clone();
        let (mut after, mut waited) = (Value::Null, Vec::new());
        loop {
            let variables = json!({ "since": since, "after": after });
            let token = Some(self.partners[partner].as_str());
            let answer = self.answer(&self.client, token, SYNC, variables).await?;
            waited.push(due.elapsed());
            if after.is_null() {
                let mark = answer["extensions"]["mark"].as_str().ok_or("a page without a mark")?;
                *locked(&self.marks[partner]) = Some(mark.to_owned());
            }
            let page = &answer["data"]["units"]["pageInfo"];
            if page["hasNextPage"] != json!(true) {
                return Ok(waited);
            }
            after = page["endCursor"].clone();
            due = Instant::now();
        }
    }

    pub async fn open(self: Arc<Self>, mut due: Due) {
        let code = &self.boards[due.chance.usize(..self.boards.len())];
        let visitor = &self.visitors[due.chance.usize(..self.visitors.len())];
        match self.answer(visitor, None, PAGE, json!({ "code": code })).await {
            Ok(_) => self.opening.note(due.at.elapsed()),
            Err(told) => self.fault("a page", told),
        }
    }

    /// So many screens on so many boards: one in a hundred on the root's, the rest on the others in turn. Each office has an
    /// address of its own. They are followed until the set is dropped.
    pub async fn hang_up(
        self: &Arc<Self>,
        screens: usize,
        boards: usize,
    ) -> Result<JoinSet<()>, Failed> {
        let mut following = JoinSet::new();
        let boards = &self.boards[..boards.min(self.boards.len())];
        for number in 0..screens {
            let place = if number % 100 == 0 { 0 } else { 1 + number % (boards.len() - 1) };
            let socket = self.follow(place, &boards[place]).await?;
            let office = self.offices.iter().position(|office| office.code == boards[place]);
            let clients = Arc::clone(self);
            following.spawn(async move {
                if let Err(told) = clients.watch(socket, office).await {
                    clients.fault("a screen", told);
                }
            });
        }
        Ok(following)
    }

    async fn follow(&self, place: usize, code: &str) -> Result<WebSocketStream<TcpStream>, Failed> {
        let mut request = format!("ws://{}/graphql", self.address).into_client_request()?;
        request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse()?);
        let [high, low] = u16::try_from(place)?.to_be_bytes();
        let socket = TcpSocket::new_v4()?;
        socket.bind((IpAddr::from(Ipv4Addr::new(127, 20, high, low.max(1))), 0).into())?;
        let stream = socket.connect(self.address.parse()?).await?;
        let (mut socket, _) = client_async(request, stream).await?;
        let subscribe = json!({ "id": "1", "type": "subscribe",
            "payload": { "query": BOARD, "variables": { "code": code } } });
        for message in [json!({ "type": "connection_init" }), subscribe] {
            socket.send(Message::text(message.to_string())).await?;
        }
        Ok(socket)
    }

    /// Reads what comes. On an office's board it notes how long each message comes behind the oldest submission that it is
    /// the first to show.
    async fn watch(
        &self,
        mut socket: WebSocketStream<TcpStream>,
        office: Option<usize>,
    ) -> Result<(), Failed> {
        const VERSION: &str = "\"version\":";
        let mut shown = None;
        loop {
            let Message::Text(text) = socket.next().await.ok_or("it ended")?? else { continue };
            if text.contains("\"type\":\"ping\"") {
                socket.send(Message::text(r#"{"type":"pong"}"#)).await?;
            } else if let Some(place) = text.find(VERSION) {
                // A message of some kilobytes is not parsed: 5,000 screens share the machine with the server.
                let digits = text[place + VERSION.len()..].trim_start_matches(['"', ' ']);
                let end =
                    digits.find(|digit: char| !digit.is_ascii_digit()).unwrap_or(digits.len());
                let version: i64 = digits[..end].parse()?;
                let now = Instant::now();
                if let Some(before) = shown.replace(version)
                    && before < version
                    && let Some(office) = office
                    && let Some((_, &at)) =
                        locked(&self.acknowledged[office]).range(before + 1..=version).next()
                {
                    self.watching.note(now - at);
                }
            } else if text.contains("\"type\":\"error\"") || text.contains("\"type\":\"complete\"")
            {
                return Err(text.as_str().into());
            }
        }
    }

    /// Waits until the root shows all submissions that were acknowledged.
    pub async fn await_counts(&self) -> Result<(), Failed> {
        let query = "{ root { tally(period: { code: \"ngay-cao-diem\" }) { submitted } } }";
        let acknowledged: usize = self.acknowledged.iter().map(|it| locked(it).len()).sum();
        let until = Instant::now() + PATIENCE;
        loop {
            let data = self.ask(None, query, json!({})).await?;
            let shown = data["root"]["tally"]["submitted"].as_u64();
            if shown == u64::try_from(acknowledged).ok() {
                println!("all {acknowledged} submissions are counted");
                return Ok(());
            }
            if Instant::now() > until {
                return Err(format!("{acknowledged} acknowledged, {shown:?} counted").into());
            }
            sleep(Duration::from_millis(50)).await;
        }
    }
}
