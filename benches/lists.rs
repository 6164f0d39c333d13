//! The time of one page of initiatives, for a province and for the root, on both databases.
//!
//! Each question is put 100 times to `graphql::Service`, as an officer of the province or as
//! anybody, and the whole answer is timed: parsing, the page, its rows with authors, no HTTP. The
//! bar is 50 ms for p95 at 1,000,000 initiatives of 130,000 units. The database is made by SQL, so
//! its log is not that of its facts; lists read facts alone.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_graphql::Request;
use sangkien::auth::{Audience, Grant, Language, Principal, Role};
use sangkien::domain::clock::ManualClock;
use sangkien::domain::{Timestamp, UnitId};
use sangkien::server::Server;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, SqliteConnection};

#[path = "../tests/it/postgres.rs"]
#[allow(dead_code, unused_imports, reason = "its tests are not run here")]
mod postgres;
mod world;

const ROUNDS: usize = 100;

/// Units 2 to 84 are provinces, up to 1644 unions above the grassroots; the rest are grassroots.
fn statements(units: u32, initiatives: u32) -> Vec<String> {
    let numbers = |from: u32, to: u32| {
        format!(
            "with recursive n(i) as (select cast({from} as bigint)
                union all select i + 1 from n where i < {to})"
        )
    };
    vec![
        format!(
            "insert into units (id, code, name, kind, parent_id, foreign_invested, placeholder,
                version, updated_at)
             {} select i, 'u' || i, 'Công đoàn ' || i,
                case when i < 85 then 'PROVINCIAL_FEDERATION' when i < 1645
                    then 'INTERMEDIATE_UNION' else 'GRASSROOTS_UNION' end,
                case when i < 85 then 1 when i < 1645 then 2 + (i - 85) % 83
                    else 85 + (i - 1645) % 1560 end,
                0, 0, 4, 0 from n",
            numbers(2, units)
        ),
        format!(
            "insert into initiatives (id, key, content_hash, unit_id, title, title_words, summary,
                kind, field, confidential, benefit_vnd, status, featured, entered_by,
                submitted_at, updated_at, version)
             {} select i, 'key-' || i, 'hash-of-some-length-' || i,
                1645 + (i * 7919) % ({units} - 1644),
                'Cải tiến đồ gá k' || (i * 31 % 97) || ' giúp tiết kiệm ở tổ w' || (i % 5000),
                'cai tien do ga k' || (i * 31 % 97) || ' giup tiet kiem o to w' || (i % 5000),
                'Thay bộ kẹp tay bằng xi lanh khí nén, bớt hai thao tác và một lần đo lại; đã chạy thử ba tháng ở hai tổ, không tăng phế phẩm.',
                case i % 6 when 0 then 'IDEA' when 1 then 'RESEARCH' when 2 then 'MANAGEMENT'
                    else 'TECHNICAL' end,
                case when i % 4 = 0 then 'field ' || (i % 40) end,
                case when i % 50 = 0 then 1 else 0 end,
                case when i % 2 = 0 then (i * 7919 % 5003) * 1000000 end,
                case when i % 100 < 85 then 'ACCEPTED' when i % 100 < 90 then 'REJECTED'
                    when i % 100 < 93 then 'RETURNED' when i % 100 < 94 then 'WITHDRAWN'
                    else 'PENDING' end,
                case when i % 1000 = 3 then 1 else 0 end, '1',
                1648000000000 + i * (4000000000 / {initiatives}),
                1648000000000 + i * (4000000000 / {initiatives}), i + 10
             from n",
            numbers(1, initiatives)
        ),
        "insert into authors (initiative_id, position, person_id, name)
         select id, 0, unit_id * 10 + id % 8, 'Nguyễn Văn An' from initiatives"
            .to_owned(),
        // A log whose last event is missing would be another log than the one that a server knows.
        format!(
            "insert into events (version, at, tag, kind, body)
             select {initiatives} + 10, at, 7, 'DAY_BEGAN', '{{\"day\":19122}}' from counter"
        ),
        format!(
            "update counter set version = {initiatives} + 10, unit_id = {units},
                initiative_id = {initiatives}"
        ),
    ]
}

const SQLITE_AFTER: [&str; 1] = ["analyze"];
const POSTGRES_AFTER: [&str; 1] = ["vacuum analyze"];

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
    let clock = ManualClock::new(Timestamp::parse("2022-05-10T08:00:00+07:00").expect("a moment"));
    let server = Server::open(url, Arc::new(clock)).await.expect("it opens");
    let service = server.app(None).service;
    println!("{name:10} {:36} {:>10} {:>10} {:>10}", "", "p50 ms", "p95 ms", "rows");
    for (who, unit) in [("anybody", 7), ("officer", 7), ("anybody", 1), ("officer", 1)] {
        let grants = vec![Grant { role: Role::Officer, unit: UnitId(unit) }];
        let grants = if who == "officer" { grants } else { Vec::new() };
        let audience = Audience::new(grants, Language::English);
        let principal = Arc::new(Principal { token: None, name: None, audience });
        let code = if unit == 1 { "root".to_owned() } else { format!("u{unit}") };
        let place = if unit == 1 { "root" } else { "province" };
        for (what, fields) in questions() {
            let query = format!("{{ unit(ref: {{ code: \"{code}\" }}) {{ {fields} }} }}");
            let mut times = Vec::with_capacity(ROUNDS);
            let mut rows = 0;
            for _ in 0..ROUNDS {
                let begun: Instant = world::now();
                let principal = Arc::clone(&principal);
                let answer = service.answer_afresh(Request::new(&query), principal).await;
                times.push(begun.elapsed());
                assert!(answer.errors.is_empty(), "{query}: {:?}", answer.errors);
                rows = count_rows(&answer.data.into_json().expect("JSON"));
                if times.iter().sum::<Duration>() > Duration::from_secs(5) {
                    break;
                }
            }
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
            println!("{name:10} {about:50} {:8.2} {:8.2} {rows:8}", at(0.5), at(0.95));
        }
    }
}

fn count_rows(answer: &serde_json::Value) -> i64 {
    let list = &answer["unit"]["initiatives"];
    match list["nodes"].as_array() {
        Some(nodes) => i64::try_from(nodes.len()).unwrap_or(i64::MAX),
        None => list["totalCount"].as_i64().unwrap_or(-1),
    }
}

/// The first rows, as a server writes them.
async fn found(url: &str) {
    let clock = ManualClock::new(Timestamp::parse("2022-05-10T08:00:00+07:00").expect("a moment"));
    let server = Server::open(url, Arc::new(clock)).await.expect("it opens");
    server.writer.rebuild().await.expect("it writes");
}

#[tokio::main]
async fn main() {
    let sizes = if world::is_quick() {
        Sizes { units: 5_000, initiatives: 20_000 }
    } else {
        Sizes { units: 130_000, initiatives: 1_000_000 }
    };
    let statements = statements(sizes.units, sizes.initiatives);

    let dir = tempfile::tempdir().expect("a folder");
    let path = std::env::var("SANGKIEN_BENCH_SQLITE")
        .unwrap_or_else(|_| dir.path().join("lists.db").display().to_string());
    let url = format!("sqlite://{path}");
    if !std::path::Path::new(&path).exists() {
        found(&url).await;
        let mut conn = SqliteConnection::connect(&url).await.expect("it connects");
        conn.execute("begin").await.expect("it begins");
        for sql in statements.iter().map(String::as_str).chain(SQLITE_AFTER) {
            conn.execute(AssertSqlSafe(sql)).await.unwrap_or_else(|error| panic!("{error}: {sql}"));
        }
        conn.execute("commit").await.expect("it commits");
    }
    measure("SQLite", &url).await;

    let Some(cluster) = postgres::cluster() else { return };
    let url = cluster.fresh_database();
    found(&url).await;
    let mut conn = PgConnection::connect(&url).await.expect("it connects");
    for sql in statements.iter().map(String::as_str).chain(POSTGRES_AFTER) {
        conn.execute(AssertSqlSafe(sql)).await.unwrap_or_else(|error| panic!("{error}: {sql}"));
    }
    measure("PostgreSQL", &url).await;
}
