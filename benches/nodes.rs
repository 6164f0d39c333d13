//! Nodes on one PostgreSQL, as clients see them: lists at one while another writes, the time from a submission at one to
//! a socket at another, what an idle node takes, three that write together beside one alone, and changes at one while another
//! starts. `--quick` does the same for a shorter time; `-- --only WORD` the parts with that word in their name (`lists`, `feed`,
//! `idle`, `together`, `start`).
//!
//! Bars: no list is refused, and p95 is at most twice that of the writing node alone; p99 of the event feed is below
//! 100 ms at 100 submissions a second; an idle node takes less than 1 % of a core and asks less than 5 times a second; three nodes
//! write at least 70 % of what one writes, and every node counts what was acknowledged; p99 of changes is below 1 s while
//! another node starts on 2,500,000 initiatives of 130,000 units, also where it makes the indexes of lists first.

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

#[path = "world/by_sql.rs"]
#[allow(dead_code, reason = "SQLite has one node")]
mod by_sql;
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
/// Submissions in flight at all nodes that write together.
const WRITERS: usize = 48;
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
            .args(["--cost-minute-others", "1000000000", "--accept-clock"])
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

    /// The number of initiatives that it shows.
    async fn initiatives(&self) -> Result<usize, Failed> {
        let answer = self.ask(&json!({ "query": "{ initiatives { totalCount } }" })).await?;
        let count = answer["data"]["initiatives"]["totalCount"].as_u64();
        Ok(usize::try_from(count.ok_or_else(|| answer.to_string())?)?)
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

/// Submissions a second of these nodes together.
#[expect(clippy::cast_precision_loss, reason = "a count of seconds")]
async fn rate(nodes: &[Arc<Node>], name: &str, lasts: Duration) -> Result<(f64, usize), Failed> {
    let mut writing = JoinSet::new();
    let until = world::now() + lasts;
    for writer in 0..WRITERS {
        let (node, key) = (Arc::clone(&nodes[writer % nodes.len()]), format!("{name} {writer}"));
        writing.spawn(async move {
            let mut written = 0;
            while world::now() < until {
                node.submit(&format!("{key} {written}")).await?;
                written += 1;
            }
            Ok::<usize, Failed>(written)
        });
    }
    let mut written = 0;
    for count in writing.join_all().await {
        written += count?;
    }
    Ok((written as f64 / lasts.as_secs_f64(), written))
}

/// Three nodes that write together, and one of them alone, in turns.
async fn together(database: &str, lasts: Duration) -> Result<(), Failed> {
    let nodes = (0..3).map(|_| Node::start(database).map(Arc::new));
    let nodes = nodes.collect::<Result<Vec<_>, _>>()?;
    let before = nodes[0].initiatives().await?;
    let (mut ratios, mut acknowledged) = (Vec::new(), 0);
    for round in 0..3 {
        let (alone, some) = rate(&nodes[..1], &format!("alone {round}"), lasts).await?;
        let (all, more) = rate(&nodes, &format!("together {round}"), lasts).await?;
        println!("together: {alone:.0} a second by one node, {all:.0} by three");
        ratios.push(all / alone);
        acknowledged += some + more;
    }
    println!("together: {:.2} × of one node (bar 0.7)", world::median(ratios));
    for node in &nodes {
        // A node shows the others' changes within a window.
        let until = world::now() + Duration::from_secs(10);
        while node.initiatives().await? != before + acknowledged {
            assert!(world::now() < until, "a node does not count what was acknowledged");
            sleep(Duration::from_millis(50)).await;
        }
    }
    println!("together: each node counts all {acknowledged} that were acknowledged");
    Ok(())
}

/// Changes at a node while another starts on the same full database.
async fn start_beside(database: &str) -> Result<(), Failed> {
    let (units, initiatives) =
        if world::is_quick() { (14_000, 20_000) } else { (130_000, 2_500_000) };
    by_sql::postgres(database, units, initiatives).await;
    let one = Arc::new(Node::start(database)?);
    let period = "mutation { upsertPeriod(input: { code: \"now\", name: \"Nay\", kind: PROGRAMME,
        startsOn: \"2026-01-01\", endsOn: \"2027-12-31\", owner: { code: \"root\" } }) { errors { code message } } }";
    let called = one.ask(&json!({ "query": period })).await?;
    if called["data"]["upsertPeriod"]["errors"] != json!([]) {
        return Err(called.to_string().into());
    }
    for (name, drops) in [("start", false), ("start that makes indexes", true)] {
        if drops {
            let mut conn = PgConnection::connect(database).await?;
            for index in ["initiatives_by_unit", "initiatives_by_words"] {
                let sql = format!("drop index {index}");
                sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut conn).await?;
            }
        }
        let is_over = Arc::new(AtomicBool::new(false));
        let (node, over, key) = (Arc::clone(&one), Arc::clone(&is_over), name.to_owned());
        let changing = tokio::spawn(async move {
            let mut took = Vec::new();
            while !over.load(Ordering::Relaxed) {
                let began = world::now();
                node.submit(&format!("{key} {}", took.len())).await?;
                took.push(began.elapsed());
                sleep(Duration::from_millis(20)).await;
            }
            Ok::<_, Failed>(took)
        });
        let began = world::now();
        let address = database.to_owned();
        let other = tokio::task::spawn_blocking(move || Node::start(&address)).await??;
        let ready = began.elapsed();
        is_over.store(true, Ordering::Relaxed);
        let mut took = changing.await??;
        took.sort_unstable();
        println!(
            "{name}: ready after {:.1} s; {} changes at the other node, p50 {:.1} ms, p99 {:.1} ms, the longest {:.1} ms (bar 1 s)",
            ready.as_secs_f64(),
            took.len(),
            quantile(&took, 50),
            quantile(&took, 99),
            quantile(&took, 100)
        );
        drop(other);
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Failed> {
    let Some(cluster) = postgres::durable_cluster() else { return Ok(()) };
    let only = world::argument("--only");
    let is_asked = |name: &str| only.as_deref().is_none_or(|word| name.contains(word));
    let lasts = Duration::from_secs(if world::is_quick() { 2 } else { 15 });
    if ["lists", "feed", "idle"].into_iter().any(is_asked) {
        let database = cluster.fresh_database();
        let one = Arc::new(Node::start(&database)?);
        seed(&one).await?;
        let alone = if is_asked("lists") { lists("alone", &one, &one, lasts).await? } else { 0.0 };
        let other = Arc::new(Node::start(&database)?);
        if is_asked("lists") {
            let apart = lists("at the other node", &one, &other, lasts).await?;
            println!("lists: p95 {:.2} × of the node alone", apart / alone);
        }
        if is_asked("feed") {
            feed(&one, &other, lasts).await?;
        }
        if is_asked("idle") {
            idle(&database, [&one, &other], lasts).await?;
        }
    }
    if is_asked("together") {
        together(&cluster.fresh_database(), lasts).await?;
    }
    if is_asked("start") {
        start_beside(&cluster.fresh_database()).await?;
    }
    Ok(())
}

/// Some initiatives to list.
async fn seed(node: &Arc<Node>) -> Result<(), Failed> {
    let mut seeding = JoinSet::new();
    for seeder in 0..SEEDERS {
        let node = Arc::clone(node);
        seeding.spawn(async move {
            for number in (seeder..SEEDED).step_by(SEEDERS) {
                node.submit(&format!("seed {number}")).await?;
            }
            Ok::<_, Failed>(())
        });
    }
    for seeded in seeding.join_all().await {
        seeded?;
    }
    Ok(())
}
