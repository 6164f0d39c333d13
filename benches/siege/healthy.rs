//! The healthy clients: a probe, a client, a submitter and a wall, on a thread of their own, from an address of their
//! own.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::Failed;
use crate::server::{PROVINCE, Server};

const ASKED_EVERY: Duration = Duration::from_millis(20);
const SUBMITTED_EVERY: Duration = Duration::from_millis(200);
/// A probe that waits longer is counted with this, and asks again.
const PATIENCE: Duration = Duration::from_secs(20);
/// The query changes seldom, so its result stays cached while the boards move.
const CACHED: &str =
    "{ unit(ref: { code: \"ldld-ha-noi\" }) { code name kind ancestors { code name } } }";
const SUBMIT: &str = "mutation ($input: SubmitInitiativeInput!) { submitInitiative(input: $input) { errors { code message } } }";

/// Times that were measured.
#[derive(Default)]
pub struct Spans(Vec<Duration>);

impl Spans {
    pub fn p99(&self) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let place = (sorted.len() * 99).div_ceil(100).saturating_sub(1);
        sorted.get(place).copied().unwrap_or_default()
    }

    pub fn longest(&self) -> Duration {
        self.0.iter().max().copied().unwrap_or_default()
    }

    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The figures of the healthy clients in a while.
#[derive(Default)]
pub struct Figures {
    pub health: Spans,
    pub cached: Spans,
    /// The times between two messages of the wall's board.
    pub gaps: Spans,
    /// Refusals and broken connections: there ought to be none.
    pub faults: Vec<String>,
}

pub struct Healthy {
    figures: Arc<Mutex<Figures>>,
    stop: watch::Sender<bool>,
    running: JoinHandle<()>,
}

impl Healthy {
    pub fn start(server: &Server) -> Result<Self, Failed> {
        let figures = Arc::new(Mutex::new(Figures::default()));
        let (stop, mut stopped) = watch::channel(false);
        let party = Party {
            address: server.address.clone(),
            token: server.submitter.clone(),
            client: reqwest::Client::builder().timeout(PATIENCE).build()?,
            figures: Arc::clone(&figures),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let running = std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = async { tokio::join!(party.probe(), party.ask(), party.submit(), party.watch()) } => {}
                    _ = stopped.changed() => {}
                }
            });
        });
        Ok(Self { figures, stop, running })
    }

    /// Figures seen since the last time.
    pub fn take(&self) -> Figures {
        std::mem::take(&mut *self.figures.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn stop(self) {
        let _told = self.stop.send(true);
        let _ended = self.running.join();
    }
}

struct Party {
    address: String,
    token: String,
    client: reqwest::Client,
    figures: Arc<Mutex<Figures>>,
}

impl Party {
    fn note(&self, see: impl FnOnce(&mut Figures)) {
        see(&mut self.figures.lock().unwrap_or_else(PoisonError::into_inner));
    }

    async fn probe(&self) {
        let address = format!("http://{}/health/live", self.address);
        loop {
            let begun = Instant::now();
            let answer = self.client.get(&address).send().await;
            let took = begun.elapsed();
            self.note(|figures| {
                figures.health.0.push(took);
                match answer {
                    Ok(answer) if answer.status().is_success() => {}
                    other => figures.faults.push(format!("/health/live: {other:?}")),
                }
            });
            tokio::time::sleep(ASKED_EVERY).await;
        }
    }

    async fn post(&self, token: Option<&str>, request: &Value) -> Result<Value, reqwest::Error> {
        let post = self.client.post(format!("http://{}/graphql", self.address)).json(request);
        let post = match token {
            Some(token) => post.bearer_auth(token),
            None => post,
        };
        post.send().await?.json().await
    }

    async fn ask(&self) {
        loop {
            let begun = Instant::now();
            let answer = self.post(None, &json!({ "query": CACHED })).await;
            let took = begun.elapsed();
            self.note(|figures| {
                figures.cached.0.push(took);
                match answer {
                    Ok(answer) if answer["data"]["unit"]["code"] == "ldld-ha-noi" => {}
                    other => figures.faults.push(format!("a cached answer: {other:?}")),
                }
            });
            tokio::time::sleep(ASKED_EVERY).await;
        }
    }

    async fn submit(&self) {
        let tag = std::process::id();
        for number in 0_u64.. {
            let input = json!({ "key": format!("siege-{tag}-{number}"), "unit": { "code": "cdcs-26383" },
                "title": format!("Sáng kiến {number}"), "kind": "TECHNICAL", "appliedOn": "2022-03-01",
                "authors": [{ "name": "Nguyễn Văn Thử" }] });
            let request = json!({ "query": SUBMIT, "variables": { "input": input } });
            match self.post(Some(&self.token), &request).await {
                Ok(answer) if answer["data"]["submitInitiative"]["errors"] == json!([]) => {}
                other => {
                    self.note(|figures| figures.faults.push(format!("a submission: {other:?}")));
                }
            }
            tokio::time::sleep(SUBMITTED_EVERY).await;
        }
    }

    /// Follows the board; connects again when it was cut off, which is a fault.
    async fn watch(&self) {
        loop {
            let ended = self.follow().await;
            self.note(|figures| figures.faults.push(format!("the wall: {ended:?}")));
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    async fn follow(&self) -> Result<(), Failed> {
        let mut request = format!("ws://{}/graphql", self.address).into_client_request()?;
        request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse()?);
        let stream = TcpStream::connect(&self.address).await?;
        let (mut socket, _) = tokio_tungstenite::client_async(request, stream).await?;
        let query = format!(
            "subscription {{ leaderboard(within: {{ code: \"{PROVINCE}\" }}, first: 20) {{
                version total {{ submitted }} entries {{ rank unit {{ code name }} tally {{ submitted }} }} }} }}"
        );
        let subscribe = json!({ "id": "1", "type": "subscribe", "payload": { "query": query } });
        socket.send(Message::text(json!({ "type": "connection_init" }).to_string())).await?;
        socket.send(Message::text(subscribe.to_string())).await?;
        let mut last: Option<Instant> = None;
        loop {
            let frame = tokio::time::timeout(PATIENCE, socket.next()).await;
            let Message::Text(text) = frame?.ok_or("it ended")?? else { continue };
            let message: Value = serde_json::from_str(&text)?;
            match message["type"].as_str() {
                Some("ping") => socket.send(Message::text(r#"{"type":"pong"}"#)).await?,
                Some("next") => {
                    let now = Instant::now();
                    if let Some(last) = last.replace(now) {
                        self.note(|figures| figures.gaps.0.push(now - last));
                    }
                }
                Some("error" | "complete") => return Err(text.as_str().into()),
                _ => {}
            }
        }
    }
}
