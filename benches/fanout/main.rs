//! The cost of a live board, by the number of screens, and its delay.
//!
//! Client and server are processes of their own on one machine. The client reads frames and counts
//! them ([`client`]); the server is the program as it ships. Beside it, in alternating runs, stand
//! the same schema behind the library's own driver of subscriptions, and a loop that only writes
//! messages of the same length to plain sockets ([`server`]). A board is the first 20 of 83 units,
//! about 3 KB. CPU is the server process's, user and system, by `/proc`; the submissions that
//! change the board are part of it. A delay is counted from the time that the change bears, which
//! it gets before its commit, to the receipt by the client, whose work it includes: in milliseconds.
//!
//! Each case can be asked for by name (`-- boards lone`); `--quick` is one short run of each, whose
//! figures mean nothing. Else each figure is the median of five runs. Bars stand beside the
//! figures. 15,000 sockets take as many open files on either side.
//!
//! The stock driver may fall behind what is asked of it: its cost is that of the messages it sent.
//! Live heap cannot be seen from outside; what is compared over a churn is the resident memory
//! after a first round and after all of them, once nobody has been connected for two seconds.

mod client;
mod server;
#[path = "../world/mod.rs"]
mod world;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use client::{Crowd, Wish, payload};
use serde_json::{Value, json};
use server::{Server, Side};
use tokio::task::JoinSet;
use tokio::time::sleep;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Failed = Box<dyn std::error::Error + Send + Sync>;

const TOKEN: &str = "token-of-the-bench";
const LEVELS: [u32; 4] = [1, 83, 800, 8_000];
const IN_FLIGHT: usize = 64;
const CASES: [&str; 8] =
    ["boards", "documents", "memory", "many", "lone", "ingest", "units", "churn"];

fn main() -> Result<(), Failed> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some(server::FLOOR) => server::serve_floor(&arguments[1..]),
        Some(server::STOCK) => {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            runtime.block_on(server::serve_stock(arguments.get(1).ok_or("no database")?))
        }
        _ => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(measure(&arguments))
        }
    }
}

async fn measure(arguments: &[String]) -> Result<(), Failed> {
    let named: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|it| !it.starts_with("--")).collect();
    if let Some(unknown) = named.iter().find(|name| !CASES.contains(name)) {
        return Err(format!("no case {unknown}; there are {}", CASES.join(", ")).into());
    }
    let bench = Bench::new()?;
    for case in CASES.iter().filter(|case| named.is_empty() || named.contains(*case)) {
        println!("\n{case}");
        match *case {
            "boards" => bench.boards().await?,
            "documents" => bench.documents().await?,
            "memory" => bench.memory().await?,
            "many" => bench.many().await?,
            "lone" => bench.lone().await?,
            "ingest" => bench.ingest().await?,
            "units" => bench.units().await?,
            _ => bench.churn().await?,
        }
    }
    Ok(())
}

struct Bench {
    folder: tempfile::TempDir,
    template: PathBuf,
    runs: usize,
    /// The time for which each run is watched.
    watched: Duration,
    /// Sockets are divided by this.
    fewer: usize,
}

/// The figures of one run of some sockets.
struct Run {
    messages: u64,
    seconds: f64,
    cpu: f64,
    delays: Vec<u64>,
    gone: u64,
    /// The messages of the socket that got fewest.
    fewest: u64,
}

impl Run {
    /// Seconds of CPU for a thousand messages.
    fn cost(&self) -> f64 {
        self.cpu / as_f64(self.messages.max(1)) * 1_000.0
    }

    fn delay(&self, share: usize) -> u64 {
        let place = self.delays.len().saturating_sub(1) * share / 100;
        self.delays.get(place).copied().unwrap_or_default()
    }

    fn print(&self, what: &str) {
        println!(
            "  {what:<26} {:>8.0} messages/s, {:.4} CPU s per 1,000, delay p50 {} p99 {} ms, \
             {} sockets lost",
            as_f64(self.messages) / self.seconds,
            self.cost(),
            self.delay(50),
            self.delay(99),
            self.gone
        );
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of a bench")]
const fn as_f64(count: u64) -> f64 {
    count as f64
}

impl Bench {
    fn new() -> Result<Self, Failed> {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        let template = folder.path().join("template.db");
        found(folder.path(), &template)?;
        let quick = world::is_quick();
        Ok(Self {
            folder,
            template,
            runs: if quick { 1 } else { 5 },
            watched: Duration::from_secs(if quick { 2 } else { 15 }),
            fewer: if quick { 20 } else { 1 },
        })
    }

    fn server(&self, side: Side) -> Result<Server, Failed> {
        Server::start(side, self.folder.path(), &self.template)
    }

    const fn sockets(&self, count: usize) -> usize {
        count / self.fewer
    }

    /// Sockets on boards of so many documents, and so many changes a second.
    async fn watch(&self, side: Side, load: &Load) -> Result<Run, Failed> {
        let server = self.server(side)?;
        let crowd = Crowd::gather(&load.wish(&server), load.sockets).await?;
        let submitting = Submitting::paced(&server, load.changes_per_second, load.is_spread);
        sleep(Duration::from_secs(1)).await;
        crowd.measure_delays();
        let (before, fewest) = (crowd.messages(), each(&crowd));
        let (cpu, began) = (server.cpu()?, world::now());
        sleep(self.watched).await;
        let run = Run {
            messages: crowd.messages() - before,
            seconds: began.elapsed().as_secs_f64(),
            cpu: server.cpu()? - cpu,
            delays: crowd.delays(),
            gone: crowd.gone(),
            fewest: each(&crowd).iter().zip(fewest).map(|(now, was)| now - was).min().unwrap_or(0),
        };
        drop(submitting);
        Ok(run)
    }

    async fn boards(&self) -> Result<(), Failed> {
        let load = Load::boards(self.sockets(5_000), 1, 4);
        let length = self.length_of(&load).await?;
        println!("  {} sockets, one board of {length} bytes, 4 changes a second", load.sockets);
        let floor = Side::Floor { sockets: load.sockets, length, per_second: 4 };
        let mut figures: [Vec<f64>; 5] = Default::default();
        for _ in 0..self.runs {
            let ours = self.watch(Side::Ours, &load).await?;
            ours.print("ours");
            let floor = self.watch(floor, &load).await?;
            floor.print("plain writes");
            let stock = self.watch(Side::Stock, &load).await?;
            stock.print("stock driver");
            let costs = [ours.cost(), floor.cost(), stock.cost()];
            let ratios = [ours.cost() / floor.cost(), stock.cost() / ours.cost()];
            for (figure, value) in figures.iter_mut().zip(costs.into_iter().chain(ratios)) {
                figure.push(value);
            }
        }
        let [ours, floor, stock, over, under] = figures.map(world::median);
        println!("  CPU s per 1,000: ours {ours:.4}, plain writes {floor:.4}, stock {stock:.4}");
        println!("  ours / plain writes {over:.2}   bar 1.8");
        println!("  stock / ours {under:.2}   bar 5");
        Ok(())
    }

    async fn documents(&self) -> Result<(), Failed> {
        let mut ratios = Vec::new();
        for _ in 0..self.runs {
            let one = self.watch(Side::Ours, &Load::boards(self.sockets(5_000), 1, 4)).await?;
            one.print("1 document");
            let eight = self.watch(Side::Ours, &Load::boards(self.sockets(5_000), 8, 4)).await?;
            eight.print("8 documents");
            ratios.push(eight.cost() / one.cost());
        }
        println!("  8 documents / 1 document {:.2}   bar 1.25", world::median(ratios));
        Ok(())
    }

    async fn memory(&self) -> Result<(), Failed> {
        let mut figures = Vec::new();
        for _ in 0..self.runs {
            let server = self.server(Side::Ours)?;
            let load = Load::boards(self.sockets(5_000), 1, 0);
            // A first socket makes everything that is made once.
            drop(Crowd::gather(&load.wish(&server), 1).await?);
            let before = server.rss()?;
            let crowd = Crowd::gather(&load.wish(&server), load.sockets).await?;
            sleep(Duration::from_secs(2)).await;
            let a_socket = (server.rss()? - before) / as_f64(load.sockets as u64);
            println!("  {} sockets, {a_socket:.1} KiB each, {} lost", load.sockets, crowd.gone());
            figures.push(a_socket);
        }
        println!("  KiB of RSS a socket {:.1}   bar 16", world::median(figures));
        Ok(())
    }

    async fn many(&self) -> Result<(), Failed> {
        let mut figures = Vec::new();
        for _ in 0..self.runs {
            let load = Load::boards(self.sockets(15_000), 1, 1);
            let run = self.watch(Side::Ours, &load).await?;
            run.print("15,000 sockets");
            println!("  {} messages at least to each", run.fewest);
            figures.push(as_f64(run.delay(99)));
        }
        println!("  delay p99 {:.0} ms   bar 1,000; none lost", world::median(figures));
        Ok(())
    }

    async fn lone(&self) -> Result<(), Failed> {
        let mut figures = Vec::new();
        for _ in 0..self.runs {
            let run = self.watch(Side::Ours, &Load::boards(self.sockets(1_000), 1, 1)).await?;
            run.print("a change a second");
            figures.push(as_f64(run.delay(99)));
        }
        println!("  delay p99 {:.0} ms   bar 50", world::median(figures));
        Ok(())
    }

    async fn ingest(&self) -> Result<(), Failed> {
        let mut ratios = Vec::new();
        for _ in 0..self.runs {
            let alone = self.submissions(0).await?;
            let (watched, fewest) = self.submissions(self.sockets(1_000)).await?;
            println!(
                "  {:.0} a second alone, {watched:.0} with sockets, which got {fewest:.1} \
                 messages a second at least",
                alone.0
            );
            ratios.push(watched / alone.0);
        }
        println!("  with / without sockets {:.2}   bar 0.75", world::median(ratios));
        Ok(())
    }

    /// Submissions a second with all that is taken, beside sockets on eight boards; messages a
    /// second of the socket that got fewest.
    async fn submissions(&self, sockets: usize) -> Result<(f64, f64), Failed> {
        let server = self.server(Side::Ours)?;
        let crowd = Crowd::gather(&Load::boards(sockets, 8, 0).wish(&server), sockets).await?;
        let submitting = Submitting::at_full_speed(&server);
        sleep(Duration::from_secs(1)).await;
        let (taken, fewest) = (submitting.taken(), each(&crowd));
        let began = world::now();
        sleep(self.watched).await;
        let seconds = began.elapsed().as_secs_f64();
        let taken = as_f64(submitting.taken() - taken) / seconds;
        let fewest = each(&crowd).iter().zip(fewest).map(|(now, was)| now - was).min();
        if crowd.gone() > 0 {
            println!("  {} sockets lost", crowd.gone());
        }
        Ok((taken, as_f64(fewest.unwrap_or(0)) / seconds))
    }

    async fn units(&self) -> Result<(), Failed> {
        let mut figures = Vec::new();
        for _ in 0..self.runs {
            let load = Load::tallies(20);
            let run = self.watch(Side::Ours, &load).await?;
            run.print("a tally for each of 800");
            figures.push(run.cpu / run.seconds * 100.0);
        }
        println!("  per cent of a core {:.1}   bar 10", world::median(figures));
        Ok(())
    }

    async fn churn(&self) -> Result<(), Failed> {
        let mut figures = Vec::new();
        for _ in 0..self.runs {
            let server = self.server(Side::Ours)?;
            let load = Load::boards(self.sockets(1_000), 8, 20);
            let _submitting = Submitting::paced(&server, 20, true);
            // Five screens a second come and go: 18 times a thousand in an hour.
            let mut memory = Vec::new();
            for _ in 0..19 {
                let crowd = Crowd::gather(&load.wish(&server), load.sockets).await?;
                assert_eq!(crowd.gone(), 0, "a socket was lost");
                drop(crowd);
                if memory.is_empty() {
                    sleep(Duration::from_secs(2)).await;
                    memory.push(server.rss()?);
                }
            }
            sleep(Duration::from_secs(2)).await;
            let (before, after) = (memory[0], server.rss()?);
            println!("  RSS {before:.0} KiB after the first round, {after:.0} after the last");
            figures.push(after / before);
        }
        println!("  after / before {:.3}   bar 1.02", world::median(figures));
        Ok(())
    }

    /// Bytes of a message of the board.
    async fn length_of(&self, load: &Load) -> Result<usize, Failed> {
        let server = self.server(Side::Ours)?;
        let crowd = Crowd::gather(&load.wish(&server), 1).await?;
        let _submitting = Submitting::paced(&server, 4, false);
        while crowd.messages() == 0 {
            sleep(Duration::from_millis(10)).await;
        }
        let (bytes, messages) = (&crowd.counts.bytes, crowd.messages());
        Ok(usize::try_from(bytes.load(Ordering::Relaxed) / messages)?.saturating_sub(4))
    }
}

fn each(crowd: &Crowd) -> Vec<u64> {
    crowd.counts.of_each.iter().map(|count| count.load(Ordering::Relaxed)).collect()
}

/// The sockets, their subscriptions, and the changes a second.
struct Load {
    sockets: usize,
    asked: Arc<Vec<String>>,
    changes_per_second: u32,
    /// Whether the changes are spread over the whole country, and not in one unit.
    is_spread: bool,
}

impl Load {
    fn boards(sockets: usize, documents: usize, changes_per_second: u32) -> Self {
        let board = |number: usize| {
            let query = format!(
                "subscription {{ b{number}: leaderboard(rankBy: SUBMITTED) {{ version asOf ranked
                    total {{ submitted }} entries {{ rank previousRank value gained
                    unit {{ code name }} tally {{ submitted }} }} }} }}"
            );
            payload(&query, &json!({}))
        };
        let asked = Arc::new((0..documents).map(board).collect());
        Self { sockets, asked, changes_per_second, is_spread: false }
    }

    /// One socket for each unit of the third level.
    fn tallies(changes_per_second: u32) -> Self {
        let query = "subscription ($unit: UnitRef!) {
            tally(unit: $unit) { version submitted accepted participants lastSubmittedAt } }";
        let tally =
            |place: u32| payload(query, &json!({ "unit": { "code": format!("cd-2-{place:06}") } }));
        let asked: Vec<String> = (0..LEVELS[2]).map(tally).collect();
        Self { sockets: asked.len(), asked: Arc::new(asked), changes_per_second, is_spread: true }
    }

    fn wish(&self, server: &Server) -> Wish {
        let asked = Arc::clone(&self.asked);
        Wish { address: server.address, path: server.path(), asked }
    }
}

/// Submissions that go on until it is dropped.
struct Submitting {
    taken: Arc<std::sync::atomic::AtomicU64>,
    _tasks: JoinSet<()>,
}

impl Submitting {
    fn paced(server: &Server, per_second: u32, is_spread: bool) -> Self {
        let taken = Arc::default();
        let mut tasks = JoinSet::new();
        if per_second > 0 && !matches!(server.side, Side::Floor { .. }) {
            let submit = Submit::to(server, &taken);
            tasks.spawn(async move {
                let mut ticks = tokio::time::interval(Duration::from_secs(1) / per_second);
                let mut running = JoinSet::new();
                for number in 0.. {
                    ticks.tick().await;
                    let unit = if is_spread { number } else { 0 };
                    running.spawn(submit.clone().one(number, unit));
                    while running.try_join_next().is_some() {}
                }
            });
        }
        Self { taken, _tasks: tasks }
    }

    fn at_full_speed(server: &Server) -> Self {
        let taken = Arc::default();
        let mut tasks = JoinSet::new();
        let submit = Submit::to(server, &taken);
        for lane in 0..IN_FLIGHT as u64 {
            let submit = submit.clone();
            tasks.spawn(async move {
                for number in 0.. {
                    let number = number * IN_FLIGHT as u64 + lane;
                    submit.clone().one(number, number).await;
                }
            });
        }
        Self { taken, _tasks: tasks }
    }

    fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }
}

#[derive(Clone)]
struct Submit {
    client: reqwest::Client,
    url: String,
    taken: Arc<std::sync::atomic::AtomicU64>,
}

impl Submit {
    fn to(server: &Server, taken: &Arc<std::sync::atomic::AtomicU64>) -> Self {
        let url = format!("http://{}/graphql", server.address);
        Self { client: reqwest::Client::new(), url, taken: Arc::clone(taken) }
    }

    async fn one(self, number: u64, unit: u64) {
        let unit = unit * 7_919 % u64::from(LEVELS[3]);
        let body = json!({
            "query": "mutation ($input: SubmitInitiativeInput!) {
                submitInitiative(input: $input) { initiative { id } errors { message } } }",
            "variables": { "input": {
                "key": format!("key-{number}"), "unit": { "code": format!("cd-3-{unit:06}") },
                "title": "Cải tiến đồ gá", "kind": "IDEA", "authors": [{ "name": "An" }],
            } },
        });
        let request = self.client.post(&self.url).bearer_auth(TOKEN).json(&body);
        let answer: Value = match request.send().await {
            Ok(answer) => answer.json().await.unwrap_or_default(),
            Err(error) => json!(error.to_string()),
        };
        let id = &answer["data"]["submitInitiative"]["initiative"]["id"];
        assert!(id.is_string(), "{answer}");
        self.taken.fetch_add(1, Ordering::Relaxed);
    }
}

/// A database with the tree and a programme that runs today.
fn found(folder: &Path, database: &Path) -> Result<(), Failed> {
    let units = world::tree(&LEVELS);
    let mut csv = "code,name,kind,parent_code\n".to_owned();
    for unit in &units {
        let parent = unit.parent.map_or("", |id| units[id.0 as usize - 1].code.as_str());
        writeln!(csv, "{},{},{},{parent}", unit.code, unit.name, unit.kind.as_str())?;
    }
    let periods = format!(
        "code,name,kind,starts_on,ends_on,owner_code\n\
         chuong-trinh,Chương trình,PROGRAMME,2022-01-01,2031-12-31,{}\n",
        units[0].code
    );
    for (noun, csv) in [("units", csv), ("periods", periods)] {
        let file = folder.join(format!("{noun}.csv"));
        std::fs::write(&file, csv)?;
        let url = format!("sqlite://{}", database.display());
        let mut command = Command::new(env!("CARGO_BIN_EXE_sangkien"));
        command.args(["import", "--database", &url, noun]).arg(file).stdout(Stdio::null());
        if !command.stderr(Stdio::null()).status()?.success() {
            return Err(format!("the {noun} are not taken").into());
        }
    }
    Ok(())
}
