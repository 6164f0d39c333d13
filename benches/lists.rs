//! The time of one page of initiatives, for a province and for the root, on both databases.
//!
//! Each question is put 100 times to `graphql::Service`, as an officer of the province or as
//! anybody, and the whole answer is timed: parsing, the page, its rows with authors, no HTTP. A province is another one
//! each time; a count of the root is read once and kept, so its first time counts. The bars for p95 at 1,000,000
//! initiatives of 130,000 units are 10 ms, of words 20 ms; for a first count 20 ms, with words 100 ms. In the end all of a
//! province, and a part of the country, is copied page by page.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_graphql::Request;
use axum::Router;
use axum::body::Body;
use axum::http::header;
use sangkien::auth::issue::{Order, issue};
use sangkien::auth::{Audience, Grant, Language, Principal, Role, Secret};
use sangkien::domain::{Timestamp, UnitId};
use sangkien::http::router;
use serde_json::json;
use tower::ServiceExt as _;

#[path = "world/by_sql.rs"]
mod by_sql;
#[path = "../tests/it/postgres.rs"]
#[allow(dead_code, unused_imports, reason = "its tests are not run here")]
mod postgres;
mod world;

const ROUNDS: usize = 100;

/// Name, fields of the question; `{}` is the unit's code.
fn questions() -> Vec<(&'static str, String)> {
    let page = |arguments: &str| {
        format!(
            "initiatives(first: 20{arguments}) {{ nodes {{ id title status submittedAt authors {{ name }} }} }}"
        )
    };
    let filter = |filter: &str| page(&format!(", filter: {{ {filter} }}"));
    vec![
        ("newest", page("")),
        ("pending", filter("statuses: [PENDING]")),
        ("pending, oldest first", page(", filter: { statuses: [PENDING] }, orderBy: { field: SUBMITTED_AT, direction: ASC }")),
        ("withdrawn", filter("statuses: [WITHDRAWN]")),
        ("text of all titles", filter("text: \"tiet kiem\"")),
        ("text of 1 in 97", filter("text: \"k13\"")),
        ("text of 1 in 5000", filter("text: \"gá w1234\"")),
        ("text of none", filter("text: \"zzz\"")),
        ("field", filter("field: \"field 12\"")),
        ("kind", filter("kinds: [IDEA]")),
        ("featured", filter("featured: true")),
        ("two days", filter("submittedFrom: \"2022-04-20\", submittedUntil: \"2022-04-21\"")),
        ("last changed", page(", orderBy: { field: UPDATED_AT }")),
        ("greatest benefit", page(", orderBy: { field: BENEFIT }")),
        ("count", "initiatives { totalCount }".to_owned()),
        ("count of pending in the period", "initiatives(filter: { statuses: [PENDING], period: { code: \"programme\" } }) { totalCount }".to_owned()),
    ]
}

struct Sizes {
    units: u32,
    initiatives: u32,
}

async fn measure(name: &str, url: &str) {
    let server = by_sql::open(url).await;
    let app = server.app(None);
    let (service, router) = (app.service.clone(), router(app));
    println!("{name:10} {:50} {:>8} {:>8} {:>8} {:>8}", "", "first ms", "p50 ms", "p95 ms", "rows");
    for (who, place) in
        [("anybody", "province"), ("officer", "province"), ("anybody", "root"), ("officer", "root")]
    {
        for (what, fields) in questions() {
            let mut times = Vec::with_capacity(ROUNDS);
            let mut rows = 0;
            for round in 0..ROUNDS {
                // Another province each time, whose counts are not kept yet.
                let unit =
                    if place == "root" { 1 } else { 2 + u32::try_from(round).expect("few") % 83 };
                let code = if unit == 1 { "root".to_owned() } else { format!("u{unit}") };
                let query = format!("{{ unit(ref: {{ code: \"{code}\" }}) {{ {fields} }} }}");
                let grants = vec![Grant { role: Role::Officer, unit: UnitId(unit) }];
                let grants = if who == "officer" { grants } else { Vec::new() };
                let audience = Audience::new(grants, Language::English);
                let principal = Arc::new(Principal { token: None, name: None, audience });
                let begun: Instant = world::now();
                let answer = service.answer_afresh(Request::new(&query), principal).await;
                times.push(begun.elapsed());
                assert!(answer.errors.is_empty(), "{query}: {:?}", answer.errors);
                rows = count_rows(&answer.data.into_json().expect("JSON"));
                if times.iter().sum::<Duration>() > Duration::from_secs(5) {
                    break;
                }
            }
            let first = times[0].as_secs_f64() * 1_000.0;
            times.sort_unstable();
            let at = |share: f64| {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    clippy::cast_precision_loss,
                    reason = "a place among 100"
                )]
                let place = (times.len() as f64 * share) as usize;
                times[place.min(times.len() - 1)].as_secs_f64() * 1_000.0
            };
            let about = format!("{place}, {who}, {what}");
            println!("{name:10} {about:50} {first:8.2} {:8.2} {:8.2} {rows:8}", at(0.5), at(0.95));
        }
    }
    let order = Order { name: "a partner", role: Role::Partner, unit: None, expires: None };
    let partner = issue(service.store(), &order, Timestamp(0)).await.expect("a token");
    for code in ["u7", "root"] {
        copy(&router, &partner, name, code).await;
    }
}

/// The time in which a partner copies all initiatives of a unit, page by page in the order of their changes, for 100,000 of
/// them.
async fn copy(router: &Router, partner: &Secret, name: &str, code: &str) {
    const ROWS_MAX: usize = 50_000;
    let (mut rows, mut after) = (0, serde_json::Value::Null);
    let begun: Instant = world::now();
    loop {
        let query = "query Copy($code: String!, $after: String) { unit(ref: { code: $code }) {
            initiatives(first: 500, after: $after, filter: { changedAfter: 0 },
                orderBy: { field: UPDATED_AT, direction: ASC }) {
                totalCount pageInfo { hasNextPage endCursor } nodes {
                    id version title summary status benefitVnd submittedAt authors { name } } } } }";
        let body = json!({ "query": query, "variables": { "code": code, "after": after } });
        let request = axum::http::Request::post("/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {}", partner.reveal()))
            .body(Body::from(body.to_string()))
            .expect("a request");
        let response = router.clone().oneshot(request).await.expect("it answers");
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("bytes");
        let answer: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
        assert!(answer.get("errors").is_none(), "{}", answer["errors"]);
        let list = &answer["data"]["unit"]["initiatives"];
        rows += list["nodes"].as_array().map_or(0, Vec::len);
        after = list["pageInfo"]["endCursor"].clone();
        if list["pageInfo"]["hasNextPage"] != true || rows >= ROWS_MAX {
            break;
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "some thousands")]
    let seconds = begun.elapsed().as_secs_f64() * 100_000.0 / rows as f64;
    println!("{name:10} a copy of {code:39} {seconds:8.2} s for 100,000 rows, {rows} read, bar 5");
}

fn count_rows(answer: &serde_json::Value) -> i64 {
    let list = &answer["unit"]["initiatives"];
    match list["nodes"].as_array() {
        Some(nodes) => i64::try_from(nodes.len()).unwrap_or(i64::MAX),
        None => list["totalCount"].as_i64().unwrap_or(-1),
    }
}

#[tokio::main]
async fn main() {
    let sizes = if world::is_quick() {
        Sizes { units: 5_000, initiatives: 20_000 }
    } else {
        Sizes { units: 130_000, initiatives: 1_000_000 }
    };

    let dir = tempfile::tempdir().expect("a folder");
    let path = std::env::var("SANGKIEN_BENCH_SQLITE")
        .unwrap_or_else(|_| dir.path().join("lists.db").display().to_string());
    let url = format!("sqlite://{path}");
    if !std::path::Path::new(&path).exists() {
        by_sql::sqlite(&url, sizes.units, sizes.initiatives).await;
    }
    measure("SQLite", &url).await;

    let Some(cluster) = postgres::cluster() else { return };
    let url = cluster.fresh_database();
    by_sql::postgres(&url, sizes.units, sizes.initiatives).await;
    measure("PostgreSQL", &url).await;
}
