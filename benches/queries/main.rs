//! The cost of queries: the tree three levels deep, the same again, small ones beside it.
//!
//! In one process and on one thread, requests go through the router, from the body's bytes to the
//! answer's, without a socket. Each figure is the median of alternating runs. World: the root,
//! 83 unions, 760 below them, 20,000 initiatives; half of the units have targets. The database is
//! SQLite, and the DataLoader baseline reads the same file ([`baseline`]).
//!
//! "First" is a text that the server has not seen, so that nothing is kept of it; "again" is a
//! text whose answer is kept. [`floor`] is what the executor takes by itself. Figures and bars:
//! docs/PERFORMANCE.md.

mod baseline;
mod floor;
#[path = "../world/mod.rs"]
mod world;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use futures_util::{StreamExt as _, stream};
use sangkien::domain::clock::{Clock as _, SystemClock};
use sangkien::domain::command::{
    Goal, Review, ReviewDecision, SetTargets, UnitGoal, UpsertPeriod, UpsertUnit,
};
use sangkien::domain::target::{Part, TargetOrigin};
use sangkien::domain::{Actor, Command, Outcome, Patch, PeriodRef, UnitId, UnitRef};
use sangkien::http::router;
use sangkien::server::Server;
use serde::Serialize;
use serde_json::{Value, json};
use tower::ServiceExt as _;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Failed = Box<dyn std::error::Error + Send + Sync>;

const LEVELS: [u32; 3] = [1, 83, 760];
const IN_FLIGHT: usize = 64;
const TREE: &str =
    "{ root { code name memberCount tally { submitted accepted ratio } target { goal }
    children(first: 500) { nodes { code name memberCount tally { submitted accepted ratio }
        target { goal } children(first: 500) { nodes { code name memberCount
            tally { submitted accepted ratio } target { goal } } } } } } }";
const ONE_UNIT: &str = "{ unit(ref: { code: \"cd-1-000007\" }) { code name memberCount
    tally { submitted accepted ratio } target { goal } } }";
const ANCESTORS: &str =
    "{ unit(ref: { code: \"cd-2-000345\" }) { code name ancestors { code name } } }";
const BOARD: &str = "{ leaderboard(first: 20) { ranked total { submitted } entries { rank
    previousRank value gained unit { code name } tally { submitted target ratio } } } }";

/// The same data as plain values, written by `serde_json` alone.
#[derive(Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Plain {
    code: String,
    name: String,
    member_count: Option<i32>,
    tally: PlainTally,
    target: Option<PlainTarget>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    children: Option<PlainNodes>,
}

#[derive(Serialize, serde::Deserialize)]
struct PlainTally {
    submitted: i32,
    accepted: i32,
    ratio: Option<f64>,
}

#[derive(Serialize, serde::Deserialize)]
struct PlainTarget {
    goal: i32,
}

#[derive(Serialize, serde::Deserialize)]
struct PlainNodes {
    nodes: Vec<Plain>,
}

struct Desk {
    router: Router,
    asked: u32,
}

impl Desk {
    /// Bytes of the answer.
    async fn post(&self, query: &str, gzip: bool) -> usize {
        let body = json!({ "query": query }).to_string();
        let mut request =
            Request::post("/graphql").header(header::CONTENT_TYPE, "application/json");
        if gzip {
            request = request.header(header::ACCEPT_ENCODING, "gzip");
        }
        let request = request.body(Body::from(body)).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("it answers");
        assert!(response.status().is_success(), "{query}");
        let mut parts = response.into_body().into_data_stream();
        let mut length = 0;
        while let Some(part) = parts.next().await {
            length += part.expect("bytes").len();
        }
        length
    }

    /// The same by another name: a question that was not asked before.
    fn unseen(&mut self, query: &str) -> String {
        self.asked += 1;
        format!("query Q{} {query}", self.asked)
    }
}

/// Runs each in turn, again and again; the median microseconds of each.
async fn alternate<const N: usize>(rounds: usize, mut run: impl AsyncFnMut(usize)) -> [f64; N] {
    let mut times = [const { Vec::new() }; N];
    for round in 0..rounds + 3 {
        for (place, times) in times.iter_mut().enumerate() {
            let begun = world::now();
            run(place).await;
            // The first warm up.
            if round >= 3 {
                times.push(begun.elapsed().as_secs_f64() * 1_000_000.0);
            }
        }
    }
    times.map(world::median)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failed> {
    let rounds = if world::is_quick() { 3 } else { 200 };
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("queries.db");
    let server =
        Server::open(&format!("sqlite://{}", path.display()), Arc::new(SystemClock)).await?;
    let submissions = if world::is_quick() { 500 } else { 20_000 };
    found(&server, submissions).await?;
    let app = server.app(None);
    let service = app.service.clone();
    let mut desk = Desk { router: router(app), asked: 0 };
    let tree = answer(&desk, TREE).await;
    let plain: Plain = serde_json::from_value(tree["root"].clone())?;
    let loaders = baseline::schema(&path, &server.hub.latest()).await?;
    assert_eq!(baseline::execute(&loaders, TREE).await["root"], tree["root"], "the same answer");

    if std::env::args().any(|argument| argument == "--tree") {
        for _ in 0..1_000 {
            let text = desk.unseen(TREE);
            std::hint::black_box(desk.post(&text, false).await);
        }
        return Ok(());
    }
    let floor = floor::schema(serde_json::from_value(tree["root"].clone())?);
    let there: Value = serde_json::from_slice(&floor::bytes(&floor, TREE).await)?;
    assert_eq!(there["data"]["root"], tree["root"], "the same answer");
    let executions = service.executions();
    let [ours, json, loader, least] = alternate(rounds, async |place| match place {
        0 => {
            let text = desk.unseen(TREE);
            std::hint::black_box(desk.post(&text, false).await);
        }
        1 => drop(std::hint::black_box(serde_json::to_vec(&plain))),
        2 => drop(std::hint::black_box(baseline::bytes(&loaders, TREE).await)),
        _ => drop(std::hint::black_box(floor::bytes(&floor, TREE).await)),
    })
    .await;
    assert!(service.executions() >= executions + rounds as u64, "a first one is worked out");
    println!("844 units, first            {ours:9.0} µs");
    println!("  serde_json alone          {json:9.0} µs  {:6.1} ×, bar 15", ours / json);
    println!("  DataLoaders over SQLite   {loader:9.0} µs  {:6.1} ×, bar 5", loader / ours);
    println!("  of that, the executor     {least:9.0} µs  {:6.1} × at best", loader / least);

    let pages = pages(&server, &desk).await?;
    let theirs = baseline::execute(&loaders, &pages).await;
    assert_eq!(theirs, answer(&desk, &pages).await, "the same pages");
    let [ours, loader] = alternate(rounds, async |place| match place {
        0 => {
            let text = desk.unseen(&pages);
            std::hint::black_box(desk.post(&text, false).await);
        }
        _ => drop(std::hint::black_box(baseline::bytes(&loaders, &pages).await)),
    })
    .await;
    println!("27 unions × newest 20, first{ours:9.0} µs");
    println!("  loaders over SQLite       {loader:9.0} µs  {:6.2} ×", loader / ours);

    for gzip in [false, true] {
        let [tree, unit, first] = alternate(rounds, async |place| match place {
            0 => drop(std::hint::black_box(desk.post(TREE, gzip).await)),
            1 => drop(std::hint::black_box(desk.post(ONE_UNIT, gzip).await)),
            _ => {
                let text = desk.unseen(ONE_UNIT);
                std::hint::black_box(desk.post(&text, gzip).await);
            }
        })
        .await;
        let bytes = desk.post(TREE, gzip).await;
        let how = if gzip { "gzip" } else { "plain" };
        println!("844 units again, {how:5}      {tree:9.1} µs, {bytes} bytes");
        println!("  one unit again            {unit:9.1} µs  {:6.2} ×, bar 1.5", tree / unit);
        println!("  one unit, first           {first:9.1} µs  {:6.2} ×", tree / first);
    }

    let [unit, nothing] = alternate(rounds * 5, async |place| {
        let text = if place == 0 { ANCESTORS } else { "{ __typename }" };
        std::hint::black_box(desk.post(text, false).await);
    })
    .await;
    println!("a unit with its ancestors   {unit:9.1} µs, again");
    println!("  {{ __typename }}            {nothing:9.1} µs  {:6.2} ×, bar 1.5", unit / nothing);
    let [unit, nothing] = alternate(rounds * 5, async |place| {
        let text = desk.unseen(if place == 0 { ANCESTORS } else { "{ __typename }" });
        std::hint::black_box(desk.post(&text, false).await);
    })
    .await;
    println!("a unit with its ancestors   {unit:9.1} µs, first");
    println!("  {{ __typename }}            {nothing:9.1} µs  {:6.2} ×", unit / nothing);

    boards(&server, &desk, rounds).await?;
    Ok(())
}

/// The newest of 27 grassroots unions, as anybody sees them: a text that takes three statements.
async fn pages(server: &Server, desk: &Desk) -> Result<String, Failed> {
    let snapshot = server.hub.latest();
    let codes: Vec<&str> = (0..27)
        .map(|place| snapshot.structure.unit(UnitId(85 + place * 28)).code.as_str())
        .collect();
    let text = format!(
        "{{ unitsByCode(codes: {}) {{ code initiatives(first: 20) {{ nodes {{
            title kind status benefitVnd authors {{ name group }} }} }} }} }}",
        serde_json::to_string(&codes)?
    );
    let before = server.app(None).service.store().statements();
    answer(desk, &text).await;
    let taken = server.app(None).service.store().statements() - before;
    println!("27 unions × newest 20       {taken:9} statements, bar 3");
    Ok(text)
}

/// A leaderboard asked for again and again while a hundred submissions a second arrive.
async fn boards(server: &Server, desk: &Desk, rounds: usize) -> Result<(), Failed> {
    let [board, unit] = alternate(rounds, async |place| {
        std::hint::black_box(desk.post(if place == 0 { BOARD } else { ONE_UNIT }, false).await);
    })
    .await;
    println!("leaderboard again           {board:9.1} µs, nothing arriving");
    println!("  one unit again            {unit:9.1} µs  {:6.2} ×", board / unit);
    let within = BOARD.replace("first: 20", "within: { code: \"cd-1-000007\" }, first: 20");
    for (what, query) in [("elsewhere", within.as_str()), ("within", BOARD)] {
        let mut chance = fastrand::Rng::with_seed(7);
        let (mut boards, mut units) = (Vec::new(), Vec::new());
        let begun = world::now();
        let mut sent = 0;
        let lasting = if rounds < 10 { 0.1 } else { 4.0 };
        while begun.elapsed().as_secs_f64() < lasting {
            // About as often as a few hundred screens would ask.
            tokio::time::sleep(Duration::from_millis(1)).await;
            // Never in the seventh union's subtree.
            if f64::from(sent) < begun.elapsed().as_secs_f64() * 100.0 {
                let unit = UnitId(84 + 760 - chance.u32(0..400));
                let submit = world::submission(&mut chance, unit, 6);
                execute(server, Command::Submit(submit)).await?;
                sent += 1;
            }
            // The first query after the pause finds cold caches.
            desk.post("{ __typename }", false).await;
            for (query, times) in [(query, &mut boards), (ONE_UNIT, &mut units)] {
                let begun = world::now();
                std::hint::black_box(desk.post(query, false).await);
                times.push(begun.elapsed().as_secs_f64() * 1_000_000.0);
            }
        }
        let p99 = |times: &mut Vec<f64>| {
            times.sort_by(f64::total_cmp);
            times[times.len() * 99 / 100]
        };
        let (board99, unit99) = (p99(&mut boards), p99(&mut units));
        let (board, unit) = (world::median(boards), world::median(units));
        println!("leaderboard, 100/s {what:9} {board:8.1} µs, p99 {board99:.1}");
        println!("  one unit                  {unit:9.1} µs, p99 {unit99:.1}");
    }
    Ok(())
}

async fn answer(desk: &Desk, query: &str) -> Value {
    let body = json!({ "query": query }).to_string();
    let request = Request::post("/graphql")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body))
        .expect("a request");
    let response = desk.router.clone().oneshot(request).await.expect("it answers");
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("bytes");
    let mut answer: Value = serde_json::from_slice(&bytes).expect("JSON");
    assert!(answer.get("errors").is_none(), "{answer}");
    answer["data"].take()
}

async fn execute(server: &Server, command: Command) -> Result<Outcome, Failed> {
    let actor = Arc::new(Actor { id: Some("1".to_owned()), ..Actor::SYSTEM });
    let reply = server.writer.execute(command, actor).await;
    Ok(reply.map_err(|failure| format!("{failure:?}"))?.outcome)
}

async fn execute_all(
    server: &Server,
    commands: impl IntoIterator<Item = Command>,
) -> Result<Vec<Outcome>, Failed> {
    let replies = stream::iter(commands).map(|command| execute(server, command));
    replies.buffered(IN_FLIGHT).collect::<Vec<_>>().await.into_iter().collect()
}

async fn found(server: &Server, submissions: u32) -> Result<(), Failed> {
    let units = world::tree(&LEVELS);
    let code = |id: UnitId| units[id.0 as usize - 1].code.clone();
    for level in units.chunk_by(|a, b| a.kind == b.kind) {
        let commands = level.iter().map(|unit| {
            Command::UpsertUnit(UpsertUnit {
                code: unit.code.clone(),
                name: Patch::Set(unit.name.clone()),
                kind: Patch::Set(unit.kind),
                parent: unit.parent.map_or(Patch::Keep, |id| Patch::Set(UnitRef::Code(code(id)))),
                member_count: unit.member_count.map_or(Patch::Keep, Patch::Set),
                ..UpsertUnit::default()
            })
        });
        execute_all(server, commands).await?;
    }
    let periods = world::periods(SystemClock.now().day()).into_iter().take(3).map(|period| {
        Command::UpsertPeriod(UpsertPeriod {
            code: period.code,
            name: Patch::Set(period.name),
            kind: Patch::Set(period.kind),
            starts_on: Patch::Set(period.starts_on),
            ends_on: Patch::Set(period.ends_on),
            ..UpsertPeriod::default()
        })
    });
    execute_all(server, periods).await?;
    let goals: Vec<UnitGoal> = units
        .iter()
        .skip(1)
        .step_by(2)
        .map(|unit| UnitGoal {
            unit: UnitRef::Id(unit.id),
            part: Part::WHOLE,
            goal: Some(Goal::Count(100)),
        })
        .collect();
    let targets = Command::SetTargets(SetTargets {
        period: PeriodRef::Code("chien-dich".to_owned()),
        metric: None,
        origin: TargetOrigin::Assigned,
        document_number: None,
        goals,
    });
    execute(server, targets).await?;
    let mut chance = fastrand::Rng::with_seed(3);
    let submitted: Vec<Command> = (0..submissions)
        .map(|_| {
            let unit = UnitId(85 + chance.u32(0..760));
            Command::Submit(world::submission(&mut chance, unit, 6))
        })
        .collect();
    let outcomes = execute_all(server, submitted).await?;
    let reviews = outcomes.into_iter().step_by(2).filter_map(|outcome| {
        let Outcome::Initiative { initiative, .. } = outcome else { return None };
        Some(Command::Review(Review {
            id: initiative.id,
            decision: ReviewDecision::Accept,
            reason: None,
            note: None,
            expected_version: None,
        }))
    });
    execute_all(server, reviews).await?;
    Ok(())
}
