//! The work of one request for the newest initiatives of 27 unions, beside a plain server of DataLoaders over the same
//! database: SQLite and PostgreSQL, 20,845 units, 300,000 initiatives.
//!
//! Each request names other unions in its variables, so nothing of its answer is kept; the document is known. Both take
//! the request as JSON and give JSON; what the process and the database's sessions work is counted, not time. The other
//! server reads the newest rows of all unions by one statement (`lateral` on PostgreSQL, a window on SQLite), and the
//! authors by another. Both must give the same answer. Medians of batches in turns. Then PostgreSQL's statements alone.
//!
//! Bar: 0.7 × the other server's work. Figures: docs/PERFORMANCE.md.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::{
    ComplexObject, Context, EmptyMutation, EmptySubscription, Object, Request, Schema,
    SimpleObject, Variables,
};
use axum::Router;
use axum::body::Body;
use axum::http::header;
use sangkien::http::router;
use serde_json::{Value, json};
use sqlx::{PgPool, Row as _, SqlitePool};
use tower::ServiceExt as _;

#[path = "world/by_sql.rs"]
mod by_sql;
#[path = "../tests/it/postgres.rs"]
#[allow(dead_code, unused_imports, reason = "its tests are not run here")]
mod postgres;
mod world;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const QUERY: &str = "query Newest($codes: [String!]!) { unitsByCode(codes: $codes) { code
    initiatives(first: 20) { nodes { title kind status benefitVnd authors { name group } } } } }";
const UNIONS: usize = 27;
const BAR: f64 = 0.7;

/// The requests of a batch, which are measured together.
const BATCH: usize = 20;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let (units, initiatives, batches) =
        if world::is_quick() { (3_000, 10_000, 3) } else { (20_845, 300_000, 25) };
    println!("{UNIONS} unions × newest 20, first: µs of work a request (database apart)");
    let dir = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}", dir.path().join("pages.db").display());
    by_sql::sqlite(&url, units, initiatives).await;
    let pool = Pool::Sqlite(SqlitePool::connect(&url).await.expect("it connects"));
    compare("SQLite", &url, pool, units, batches).await;

    let Some(cluster) = postgres::cluster() else { return };
    let url = cluster.fresh_database();
    by_sql::postgres(&url, units, initiatives).await;
    let pool = PgPool::connect(&url).await.expect("it connects");
    compare("PostgreSQL", &url, Pool::Postgres(pool.clone()), units, batches).await;
    compare_statements(&url, &pool, units, batches).await;
}

/// The ways in which PostgreSQL could give the same rows, in turns: what its session works for the rows of 27 unions.
async fn compare_statements(url: &str, pool: &PgPool, units: u32, batches: usize) {
    const BY_ID: &str = "from initiatives where id = any($1)";
    const BY_UNIT: &str = "from unnest($1) as u(id) cross join lateral (select * from initiatives
        where unit_id = u.id and status = 'ACCEPTED' order by submitted_at desc, id desc limit 20) i";
    let few = "id, unit_id, title, kind, confidential, benefit_vnd, status";
    let statements = [
        ("by number, all columns", false, format!("select * {BY_ID}")),
        ("by number, seven columns", false, format!("select {few} {BY_ID}")),
        ("by number, a count", false, format!("select count(title) {BY_ID}")),
        ("by unit, all columns", true, format!("select i.* {BY_UNIT}")),
        ("by unit, title alone", true, format!("select title {BY_UNIT}")),
        (
            "authors, by number of the initiative",
            false,
            "select * from authors where initiative_id = any($1)".to_owned(),
        ),
    ];
    let database = url.rsplit('/').next().unwrap_or_default();
    let mut chance = fastrand::Rng::with_seed(2);
    let mut works = vec![Vec::new(); statements.len()];
    // The first of each is not prepared yet.
    for round in 0..=batches * 3 {
        let unions: Vec<i64> = (0..UNIONS).map(|_| i64::from(chance.u32(1_645..=units))).collect();
        let ids = format!("select i.id {BY_UNIT}");
        let ids: Vec<i64> = sqlx::query_scalar(sqlx::AssertSqlSafe(ids))
            .bind(&unions)
            .fetch_all(pool)
            .await
            .expect("the database can be read");
        for ((_, is_by_unit, sql), works) in statements.iter().zip(&mut works) {
            let began = sessions_worked(database);
            sqlx::query(sqlx::AssertSqlSafe(sql.as_str()))
                .bind(if *is_by_unit { &unions } else { &ids })
                .fetch_all(pool)
                .await
                .expect("the database can be read");
            if round > 0 {
                works.push((sessions_worked(database) - began) / 1e3);
            }
        }
    }
    for ((name, _, _), works) in statements.iter().zip(works) {
        println!("  {name:36} {:7.0} µs of a session", world::median(works));
    }
}

async fn compare(name: &str, url: &str, pool: Pool, units: u32, batches: usize) {
    let server = by_sql::open(url).await;
    let ours = router(server.app(None));
    let theirs = Schema::new(Query, EmptyMutation, EmptySubscription);
    let mut chance = fastrand::Rng::with_seed(1);
    let mut body = || {
        let codes: Vec<String> =
            (0..UNIONS).map(|_| format!("u{}", chance.u32(1_645..=units))).collect();
        json!({ "query": QUERY, "variables": { "codes": codes } }).to_string()
    };
    let text = body();
    let [one, other] = [of_ours(&ours, &text).await, of_theirs(&theirs, &pool, &text).await]
        .map(|bytes| serde_json::from_slice::<Value>(&bytes).expect("JSON")["data"].take());
    assert!(one == other, "the answers differ");
    let database = url.rsplit('/').next().unwrap_or_default();
    let mut works = [const { Vec::new() }; 2];
    let mut parts = [const { Vec::new() }; 2];
    // The first warm up.
    for batch in 0..batches + 2 {
        for (place, works) in works.iter_mut().enumerate() {
            let bodies: Vec<String> = (0..BATCH).map(|_| body()).collect();
            let (own, sessions) = (world::worked(), sessions_worked(database));
            for text in &bodies {
                let bytes = if place == 0 {
                    of_ours(&ours, text).await
                } else {
                    of_theirs(&theirs, &pool, text).await
                };
                std::hint::black_box(bytes);
            }
            if batch >= 2 {
                #[expect(clippy::cast_precision_loss, reason = "a few requests")]
                let each = 1e-3 / BATCH as f64;
                let sessions = (sessions_worked(database) - sessions) * each;
                works.push((world::worked() - own) * each + sessions);
                parts[place].push(sessions);
            }
        }
    }
    let [ours, theirs] = works.map(world::median);
    let [our_part, their_part] = parts.map(world::median);
    println!(
        "{name:10} ours {ours:7.0} ({our_part:.0})  loaders {theirs:7.0} ({their_part:.0})  {:.2} ×, bar {BAR}",
        ours / theirs
    );
}

/// Nanoseconds that PostgreSQL's sessions on this database have worked; 0 on SQLite.
fn sessions_worked(database: &str) -> f64 {
    let is_session = |folder: &std::path::Path| {
        let line = std::fs::read(folder.join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).into_owned();
        line.starts_with("postgres: ") && line.contains(database)
    };
    let worked = |folder: std::path::PathBuf| -> Option<f64> {
        let stat = std::fs::read_to_string(folder.join("schedstat")).ok()?;
        stat.split(' ').next()?.parse().ok()
    };
    let folders = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    folders.map(|it| it.path()).filter(|it| is_session(it)).filter_map(worked).sum()
}

async fn of_ours(router: &Router, body: &str) -> Vec<u8> {
    let request = axum::http::Request::post("/graphql")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_owned()))
        .expect("a request");
    let response = router.clone().oneshot(request).await.expect("it answers");
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("bytes");
    assert!(!bytes.windows(9).any(|part| part == b"\"errors\":"), "{bytes:?}");
    bytes.into()
}

type Plain = Schema<Query, EmptyMutation, EmptySubscription>;

/// The same by a plain server: loaders are made for one request alone.
async fn of_theirs(schema: &Plain, pool: &Pool, body: &str) -> Vec<u8> {
    let mut body: Value = serde_json::from_str(body).expect("JSON");
    let query = body["query"].as_str().unwrap_or_default();
    let delay = Duration::from_micros(100);
    let request = Request::new(query)
        .data(DataLoader::new(Newest(pool.clone()), tokio::spawn).delay(delay))
        .data(DataLoader::new(Authors(pool.clone()), tokio::spawn).delay(delay))
        .data(pool.clone())
        .variables(Variables::from_json(body["variables"].take()));
    let response = schema.execute(request).await;
    assert!(response.errors.is_empty(), "{:?}", response.errors);
    serde_json::to_vec(&response).expect("JSON")
}

#[derive(Clone)]
enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// The rows of a statement for some keys, which SQLite takes as JSON and PostgreSQL as an array.
macro_rules! fetch {
    ($pool:expr, [$sqlite:expr, $postgres:expr], $keys:expr, $row:ident => $made:expr) => {
        match $pool {
            Pool::Sqlite(pool) => {
                let keys = serde_json::to_string($keys).expect("keys are JSON");
                let rows = sqlx::query($sqlite).bind(keys).fetch_all(pool).await?;
                rows.iter().map(|$row| $made).collect::<Vec<_>>()
            }
            Pool::Postgres(pool) => {
                let rows = sqlx::query($postgres).bind($keys.to_vec()).fetch_all(pool).await?;
                rows.iter().map(|$row| $made).collect::<Vec<_>>()
            }
        }
    };
}

struct Query;

#[derive(Clone, SimpleObject)]
#[graphql(complex)]
struct Unit {
    #[graphql(skip)]
    id: i64,
    code: String,
}

#[derive(Clone, SimpleObject)]
struct InitiativeConnection {
    nodes: Vec<Initiative>,
}

#[derive(Clone, SimpleObject)]
#[graphql(complex)]
struct Initiative {
    #[graphql(skip)]
    id: i64,
    #[graphql(skip)]
    confidential: bool,
    title: String,
    kind: String,
    status: String,
    benefit_vnd: Option<i64>,
}

#[derive(Clone, SimpleObject)]
struct Author {
    name: String,
    group: Option<String>,
}

struct Newest(Pool);
struct Authors(Pool);

type Found<T> = Result<HashMap<i64, Vec<T>>, Arc<sqlx::Error>>;

fn grouped<T>(rows: Vec<(i64, T)>) -> HashMap<i64, Vec<T>> {
    let mut groups: HashMap<i64, Vec<T>> = HashMap::new();
    for (key, row) in rows {
        groups.entry(key).or_default().push(row);
    }
    groups
}

impl Loader<i64> for Newest {
    type Value = Vec<Initiative>;
    type Error = Arc<sqlx::Error>;

    async fn load(&self, keys: &[i64]) -> Found<Initiative> {
        let rows = fetch!(
            &self.0,
            [
                "select unit_id, id, title, kind, status, benefit_vnd, confidential from (
                    select *, row_number() over (
                        partition by unit_id order by submitted_at desc, id desc) as place
                    from initiatives
                    where unit_id in (select value from json_each($1)) and status = 'ACCEPTED')
                 where place <= 20 order by unit_id, place",
                "select u.id, i.id, title, kind, status, benefit_vnd, confidential from unnest($1) as u(id)
                 cross join lateral (select * from initiatives
                    where unit_id = u.id and status = 'ACCEPTED'
                    order by submitted_at desc, id desc limit 20) i"
            ],
            keys,
            row => {
                let confidential = row.get::<i64, _>(6) != 0;
                let benefit_vnd: Option<i64> = row.get(5);
                (row.get(0), Initiative {
                    id: row.get(1),
                    confidential,
                    title: row.get(2),
                    kind: row.get(3),
                    status: row.get(4),
                    benefit_vnd: benefit_vnd.filter(|_| !confidential),
                })
            }
        );
        Ok(grouped(rows))
    }
}

impl Loader<i64> for Authors {
    type Value = Vec<Author>;
    type Error = Arc<sqlx::Error>;

    async fn load(&self, keys: &[i64]) -> Found<Author> {
        let rows = fetch!(
            &self.0,
            [
                "select initiative_id, name, author_group from authors
                 where initiative_id in (select value from json_each($1))
                 order by initiative_id, position",
                "select initiative_id, name, author_group from authors
                 where initiative_id = any($1) order by initiative_id, position"
            ],
            keys,
            row => (row.get(0), Author { name: row.get(1), group: row.get(2) })
        );
        Ok(grouped(rows))
    }
}

#[Object]
impl Query {
    async fn units_by_code(
        &self,
        ctx: &Context<'_>,
        codes: Vec<String>,
    ) -> async_graphql::Result<Vec<Unit>> {
        Ok(fetch!(
            ctx.data_unchecked::<Pool>(),
            [
                "select units.id, code from json_each($1) asked
                 join units on code = asked.value order by asked.key",
                "select units.id, units.code from unnest($1) with ordinality as asked(code, place)
                 join units on units.code = asked.code order by place"
            ],
            &codes,
            row => Unit { id: row.get(0), code: row.get(1) }
        ))
    }
}

#[ComplexObject]
impl Unit {
    async fn initiatives(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "first")] _first: i32,
    ) -> async_graphql::Result<InitiativeConnection> {
        let newest = ctx.data_unchecked::<DataLoader<Newest>>().load_one(self.id).await?;
        Ok(InitiativeConnection { nodes: newest.unwrap_or_default() })
    }
}

#[ComplexObject]
impl Initiative {
    async fn authors(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Author>> {
        if self.confidential {
            return Ok(Vec::new());
        }
        let authors = ctx.data_unchecked::<DataLoader<Authors>>().load_one(self.id).await?;
        Ok(authors.unwrap_or_default())
    }
}
