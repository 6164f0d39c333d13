//! The time of a briefing's first answer, of the root and of a province, and of the workbook of a unit with 500 units
//! directly below it; beside them the live board of the same unit, by the same measure.
//!
//! The bars, at 1,000,000 initiatives of 130,000 units: the root 150 ms, a province 30 ms, the workbook 100 ms. Each first
//! answer follows a change in the unit's subtree, so that nothing of the board is known; the answer before it is not
//! timed. `--quick`: a tenth of the initiatives in a small tree.

#[path = "world/national.rs"]
mod national;
mod world;

use std::net::Ipv4Addr;
use std::sync::Arc;

use async_graphql::{Request, Variables};
use axum::Router;
use axum::body::Body;
use sangkien::auth::{Audience, Client, Grant, Language, Principal, Role};
use sangkien::domain::clock::ManualClock;
use sangkien::domain::{Actor, Command, Timestamp, UnitId};
use sangkien::graphql::Service;
use sangkien::graphql::cost::budgets::{Allowance, CostLimits};
use sangkien::limits::COST_MAX;
use sangkien::server::Server;
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, SqliteConnection};
use tower::ServiceExt as _;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 9;
const OPERATION: &str = include_str!("../docs/queries/weekly-meeting.graphql");
const BOARD: &str = "query Board($unit: UnitRef!) { leaderboard(within: $unit, first: 500) {
    entries { rank previousRank gained unit { code name } tally { submitted accepted target ratio } } } }";
/// A province, and the one that gets 500 units directly below it.
const PROVINCE: UnitId = UnitId(7);
const WIDE: UnitId = UnitId(9);

/// The measured: a name, the unit, a unit below it whose change makes the board work everything out again, the bar in ms.
const ASKED: [(&str, UnitId, UnitId, f64); 2] =
    [("the root", UnitId(1), UnitId(2_600), 150.0), ("a province", PROVINCE, PROVINCE, 30.0)];

struct Bench {
    service: Service,
    router: Router,
    chance: fastrand::Rng,
    token: String,
}

impl Bench {
    fn staff() -> Arc<Principal> {
        let grants = vec![Grant { role: Role::Officer, unit: UnitId(1) }];
        let audience = Audience::new(grants, Language::English);
        Arc::new(Principal { token: Some("1".to_owned()), name: None, audience })
    }

    /// Changes something below the unit, so that nothing which rests on it is known any more.
    async fn change(&mut self, unit: UnitId) {
        let submit = Command::Submit(world::submission(&mut self.chance, unit, 6));
        let actor = Arc::new(Actor { id: Some("1".to_owned()), ..Actor::SYSTEM });
        self.service.writer().execute(submit, actor).await.expect("it is submitted");
    }

    /// Milliseconds of an answer.
    async fn ask(&self, text: &str, unit: &str) -> f64 {
        let variables = Variables::from_json(json!({ "unit": { "code": unit } }));
        let request = Request::new(text).variables(variables);
        let client = Client::Address(Ipv4Addr::LOCALHOST.into());
        let began = world::now();
        let delivery = self.service.query(request, Self::staff(), client, None).await;
        let took = began.elapsed().as_secs_f64() * 1e3;
        assert!(!delivery.result.text.contains("\"errors\""), "{}", delivery.result.text);
        took
    }

    /// Milliseconds of a file.
    async fn file(&self, path: &str) -> f64 {
        let request = axum::http::Request::get(path)
            .header("authorization", format!("Bearer {}", self.token))
            .body(Body::empty())
            .expect("a request");
        let began = world::now();
        let response = self.router.clone().oneshot(request).await.expect("it answers");
        assert_eq!(response.status(), 200);
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await;
        let took = began.elapsed().as_secs_f64() * 1e3;
        assert!(body.expect("it is whole").starts_with(b"PK"));
        took
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let (units, initiatives) =
        if world::is_quick() { (14_186, 100_000) } else { (130_000, 1_000_000) };
    let dir = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}", dir.path().join("briefing.db").display());
    let clock = || {
        let now = Timestamp::parse("2022-05-10T08:00:00+07:00").expect("a moment");
        Arc::new(ManualClock::new(now))
    };
    let server = Server::open(&url, clock()).await.expect("it opens");
    server.writer.rebuild().await.expect("it writes");
    drop(server);
    let mut conn = SqliteConnection::connect(&url).await.expect("it connects");
    let mut statements = national::statements(units, initiatives);
    let (first, last) = (2_000, 2_499);
    statements.push(format!(
        "update units set parent_id = {} where id between {first} and {last}",
        WIDE.0
    ));
    for sql in statements {
        conn.execute(AssertSqlSafe(sql.as_str())).await.unwrap_or_else(|it| panic!("{it}: {sql}"));
    }
    drop(conn);
    let costs = CostLimits::all(Allowance { document: COST_MAX, minute: COST_MAX });
    let server = Server::open(&url, clock()).await.expect("it opens").with_costs(costs);
    let token = "a bench's own".to_owned();
    let app = server.app(Some(&token));
    let (service, router) = (app.service.clone(), sangkien::http::router(app));
    let mut bench = Bench { service, router, chance: fastrand::Rng::with_seed(5), token };
    println!("{initiatives} initiatives of {units} units; median of {ROUNDS}");
    let mut is_held = true;
    for (name, unit, changed, bar) in ASKED {
        let code = bench.service.hub().latest().structure.unit(unit).code.clone();
        let (mut boards, mut briefings) = (Vec::new(), Vec::new());
        for round in 0..=ROUNDS {
            bench.change(changed).await;
            let board = bench.ask(BOARD, &code).await;
            bench.change(changed).await;
            let briefing = bench.ask(OPERATION, &code).await;
            // The first round pays for what is done once: sort keys, connections, days of the period.
            if round > 0 {
                boards.push(board);
                briefings.push(briefing);
            }
        }
        let (board, briefing) = (world::median(boards), world::median(briefings));
        println!("{name:12} board {board:7.2} ms   briefing {briefing:7.2} ms (bar: {bar})");
        is_held &= briefing <= bar;
    }
    let code = bench.service.hub().latest().structure.unit(WIDE).code.clone();
    let path = format!("/briefing.xlsx?unit={code}&first=500");
    let mut books = Vec::new();
    for _ in 0..ROUNDS {
        bench.change(WIDE).await;
        books.push(bench.file(&path).await);
    }
    let book = world::median(books);
    println!("a workbook of 500 rows {book:7.2} ms (bar: 100)");
    is_held &= book <= 100.0;
    if !is_held && !world::is_quick() {
        std::process::exit(1);
    }
}
