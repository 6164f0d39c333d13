//! Two nodes on one PostgreSQL, as clients see them: lists at one while the other writes, the time from a submission at one to
//! a socket at the other, and what an idle node takes. `--quick` does the same for a shorter time.
//!
//! Bars: no list is refused, and p95 is at most twice that of the writing node alone; p99 of the event feed is below
//! 100 ms at 100 submissions a second; an idle node takes less than 1 % of a core and asks less than 5 times a second.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

#[path = "../tests/it/postgres.rs"]
#[allow(dead_code, unused_imports, reason = "its tests are not run here")]
mod postgres;
mod world;

type Failed = Box<dyn std::error::Error + Send + Sync>;

const TOKEN: &str = "the token of the bench";
const READERS: usize = 20;
const SEEDED: usize = 2_000;
/// Fewer than the server lets one address have in its queue.
const SEEDERS: usize = 64;
const SUBMIT: &str = "mutation($input: SubmitInitiativeInput!) {
    submitInitiative(input: $input) { initiative { version } errors { code } } }";

struct Node {
    child: Child,
    address: String,
    client: reqwest::Client,
}

impl Node {
    fn start(database: &str) -> Result<Self, Failed> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_sangkien"))
            .args(["serve", "--listen", "127.0.0.1:0", "--database", database])
            .args(["--cost-minute-others", "1000000000"])
            .env("SANGKIEN_ADMIN_TOKEN", TOKEN)
            .env("SANGKIEN_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = BufReader::new(child.stdout.take().ok_or("stdout is piped")?);
        let mut lines = stdout.lines().map_while(Result::ok);
        let ready = lines.find_map(|line| Some(line.strip_prefix("ready ")?.to_owned()));
        let address = ready.ok_or("the server says where it listens")?;
        Ok(Self { child, address, client: reqwest::Client::new() })
    }

    async fn ask(&self, request: &Value) -> Result<Value, Failed> {
        let asked = self.client.post(format!("{}/graphql", self.address)).bearer_auth(TOKEN);
        Ok(asked.json(request).send().await?.json().await?)
    }

    /// Submits under a key; returns the version.
    async fn submit(&self, key: &str) -> Result<i64, Failed> {
        let input = json!({ "key": key, "unit": { "code": "root" }, "title": format!("Sáng kiến {key}"),
            "kind": "IDEA", "authors": [{ "name": "Nguyễn Văn An" }] });
        let answer = self.ask(&json!({ "query": SUBMIT, "variables": { "input": input } })).await?;
        let version = &answer["data"]["submitInitiative"]["initiative"]["version"];
        Ok(version.as_i64().ok_or_else(|| answer.to_string())?)
    }

    /// Seconds of CPU so far.
    fn cpu(&self) -> Result<f64, Failed> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let fields = stat.rsplit_once(')').ok_or("a name in brackets")?.1;
        let fields: Vec<&str> = fields.split_whitespace().collect();
        Ok(fields[11..13].iter().filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / 100.0)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}

/// The time in ms that so many per cent are within.
fn quantile(sorted: &[Duration], percent: usize) -> f64 {
    let place = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(place).map_or(0.0, Duration::as_secs_f64) * 1e3
}

/// So many submissions a second, whether the ones before are answered or not, until it is over. Returns when each was sent,
/// by its version.
async fn submit_evenly(
    node: Arc<Node>,
    name: &'static str,
    per_second: u32,
    is_over: Arc<AtomicBool>,
) -> Vec<(i64, Instant)> {
    let mut ticks = interval(Duration::from_secs(1) / per_second);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut sent = JoinSet::new();
    let mut number = 0;
    while !is_over.load(Ordering::Relaxed) {
        ticks.tick().await;
        let (node, key) = (Arc::clone(&node), format!("{name} {number}"));
        number += 1;
        sent.spawn(async move {
            let at = world::now();
            node.submit(&key).await.ok().map(|version| (version, at))
        });
    }
    sent.join_all().await.into_iter().flatten().collect()
}

/// Lists at one node while another, or the same, writes. Returns p95 in ms.
async fn lists(
    name: &'static str,
    writing: &Arc<Node>,
    reading: &Arc<Node>,
    lasts: Duration,
) -> Result<f64, Failed> {
    let is_over = Arc::new(AtomicBool::new(false));
    let writer = tokio::spawn(submit_evenly(Arc::clone(writing), name, 50, Arc::clone(&is_over)));
    let mut readers = JoinSet::new();
    for reader in 0..READERS {
        let (node, is_over) = (Arc::clone(reading), Arc::clone(&is_over));
        readers.spawn(async move {
            let (mut took, mut refused, mut list) = (Vec::new(), 0, 0);
            while !is_over.load(Ordering::Relaxed) {
                // Another name each time, so that no result is shared.
                let query = format!(
                    "{{ l{reader}x{list}: initiatives(first: 20, filter: {{ text: \"kien {}\" }}) {{
                        totalCount nodes {{ title authors {{ name }} }} }} }}",
                    list % 10
                );
                list += 1;
                let began = world::now();
                let answer = node.ask(&json!({ "query": query })).await?;
                took.push(began.elapsed());
                refused += usize::from(answer["errors"].is_array());
                // People look at a page for a while.
                sleep(Duration::from_millis(50)).await;
            }
            Ok::<_, Failed>((took, refused))
        });
    }
    sleep(lasts).await;
    is_over.store(true, Ordering::Relaxed);
    let (mut took, mut refused) = (Vec::new(), 0);
    for reader in readers.join_all().await {
        let (some, not) = reader?;
        took.extend(some);
        refused += not;
    }
    took.sort_unstable();
    let written = writer.await?.len();
    let (p50, p95) = (quantile(&took, 50), quantile(&took, 95));
    println!(
        "lists {name}: {} lists, {refused} refused, p50 {p50:.1} ms, p95 {p95:.1} ms; {written} written beside",
        took.len()
    );
    Ok(p95)
}

/// From a submission at one node to a socket at the other.
async fn feed(writing: &Arc<Node>, other: &Node, lasts: Duration) -> Result<(), Failed> {
    let mut request =
        format!("{}/graphql", other.address.replace("http", "ws")).into_client_request()?;
    let headers = request.headers_mut();
    headers.insert("sec-websocket-protocol", "graphql-transport-ws".parse()?);
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await?;
    let query = "subscription { initiativeEvents { version } }";
    for message in [
        json!({ "type": "connection_init" }),
        json!({ "id": "1", "type": "subscribe", "payload": { "query": query } }),
    ] {
        socket.send(Message::text(message.to_string())).await?;
    }
    let is_over = Arc::new(AtomicBool::new(false));
    let writer =
        tokio::spawn(submit_evenly(Arc::clone(writing), "feed", 100, Arc::clone(&is_over)));
    let mut came = std::collections::HashMap::new();
    let until = world::now() + lasts;
    while let Ok(Some(message)) = tokio::time::timeout(Duration::from_secs(2), socket.next()).await
    {
        let at = world::now();
        if at > until {
            is_over.store(true, Ordering::Relaxed);
        }
        let message: Value = serde_json::from_str(message?.to_text()?).unwrap_or_default();
        if let Some(version) = message["payload"]["data"]["initiativeEvents"]["version"].as_i64() {
            came.insert(version, at);
        }
    }
    is_over.store(true, Ordering::Relaxed);
    let sent = writer.await?;
    let took = sent.iter().filter_map(|(version, at)| Some(came.get(version)?.duration_since(*at)));
    let mut took: Vec<Duration> = took.collect();
    took.sort_unstable();
    println!(
        "feed: {} of {} came, from sending to receipt p50 {:.1} ms, p99 {:.1} ms",
        took.len(),
        sent.len(),
        quantile(&took, 50),
        quantile(&took, 99)
    );
    Ok(())
}

/// The work of two nodes that nobody asks anything.
#[expect(clippy::cast_precision_loss, reason = "a count of seconds")]
async fn idle(database: &str, nodes: [&Node; 2], lasts: Duration) -> Result<(), Failed> {
    const DONE: &str = "select xact_commit + xact_rollback from pg_stat_database where datname = current_database()";
    let mut conn = PgConnection::connect(database).await?;
    // The statistics lag by a second.
    sleep(Duration::from_secs(3)).await;
    let before: i64 = sqlx::query_scalar(DONE).fetch_one(&mut conn).await?;
    let cpu = [nodes[0].cpu()?, nodes[1].cpu()?];
    sleep(lasts).await;
    let after: i64 = sqlx::query_scalar(DONE).fetch_one(&mut conn).await?;
    for (node, before) in nodes.iter().zip(cpu) {
        println!("idle: {:.2} % of a core", (node.cpu()? - before) / lasts.as_secs_f64() * 100.0);
    }
    let a_second = (after - before) as f64 / lasts.as_secs_f64();
    println!("idle: {a_second:.1} transactions a second of both nodes together");
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Failed> {
    let Some(cluster) = postgres::durable_cluster() else { return Ok(()) };
    let database = cluster.fresh_database();
    let lasts = Duration::from_secs(if world::is_quick() { 2 } else { 15 });
    let one = Arc::new(Node::start(&database)?);
    let mut seeding = JoinSet::new();
    for seeder in 0..SEEDERS {
        let one = Arc::clone(&one);
        seeding.spawn(async move {
            for number in (seeder..SEEDED).step_by(SEEDERS) {
                one.submit(&format!("seed {number}")).await?;
            }
            Ok::<_, Failed>(())
        });
    }
    for seeded in seeding.join_all().await {
        seeded?;
    }
    let alone = lists("alone", &one, &one, lasts).await?;
    let other = Arc::new(Node::start(&database)?);
    let apart = lists("at the other node", &one, &other, lasts).await?;
    println!("lists: p95 {:.2} × of the node alone", apart / alone);
    feed(&one, &other, lasts).await?;
    idle(&database, [&one, &other], lasts).await
}
