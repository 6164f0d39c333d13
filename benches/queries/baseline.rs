//! The same query as most servers would answer it: resolvers that await DataLoaders over SQLite.
//! Tallies are rows here, kept by nobody: counting them is not what is compared.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::{
    Context, EmptyMutation, EmptySubscription, Object, Request, Schema, SimpleObject,
};
use sangkien::board::Snapshot;
use sqlx::{Row as _, SqlitePool};

use super::Failed;

pub type Baseline = (Schema<Query, EmptyMutation, EmptySubscription>, SqlitePool);

/// Beside the tables of the server, one of tallies as they stand.
pub async fn schema(path: &Path, snapshot: &Snapshot) -> Result<Baseline, Failed> {
    let pool = SqlitePool::connect(&format!("sqlite://{}", path.display())).await?;
    sqlx::query(
        "create table tallies (unit_id integer primary key, submitted integer not null,
            accepted integer not null, ratio real)",
    )
    .execute(&pool)
    .await?;
    sqlx::query("create index units_of_parent on units (parent_id, name)").execute(&pool).await?;
    let registry = &snapshot.registry;
    let period = registry
        .periods()
        .find(|period| period.code == "chien-dich")
        .ok_or("the campaign is there")?;
    let mut tx = pool.begin().await?;
    for unit in registry.units() {
        let cell = snapshot.cell(unit.id, period.id);
        let goal = registry.goal(unit.id, period);
        let ratio = goal.map(|goal| f64::from(cell.submitted()) / f64::from(goal));
        sqlx::query("insert into tallies values ($1, $2, $3, $4)")
            .bind(i64::from(unit.id.0))
            .bind(cell.submitted())
            .bind(cell.counts().accepted)
            .bind(ratio)
            .execute(&mut *tx)
            .await?;
    }
    tx.commit().await?;
    Ok((Schema::new(Query, EmptyMutation, EmptySubscription), pool))
}

/// One request: loaders are made for it alone.
pub async fn bytes((schema, pool): &Baseline, query: &str) -> Vec<u8> {
    let delay = Duration::from_micros(100);
    let pool = pool.clone();
    let request = Request::new(query)
        .data(DataLoader::new(Children(pool.clone()), tokio::spawn).delay(delay))
        .data(DataLoader::new(Tallies(pool.clone()), tokio::spawn).delay(delay))
        .data(DataLoader::new(Targets(pool.clone()), tokio::spawn).delay(delay))
        .data(pool);
    let response = schema.execute(request).await;
    assert!(response.errors.is_empty(), "{:?}", response.errors);
    serde_json::to_vec(&response).expect("JSON")
}

pub async fn execute(baseline: &Baseline, query: &str) -> serde_json::Value {
    let bytes = bytes(baseline, query).await;
    let mut answer: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
    answer["data"].take()
}

#[derive(Clone)]
pub struct Unit {
    id: i64,
    code: String,
    name: String,
    member_count: Option<i64>,
}

#[derive(Clone, SimpleObject)]
struct Tally {
    submitted: i64,
    accepted: i64,
    ratio: Option<f64>,
}

#[derive(Clone, SimpleObject)]
struct Target {
    goal: i64,
}

struct Children(SqlitePool);
struct Tallies(SqlitePool);
struct Targets(SqlitePool);

type Found<T> = Result<HashMap<i64, T>, Arc<sqlx::Error>>;

fn list(keys: &[i64]) -> String {
    serde_json::to_string(keys).expect("numbers are JSON")
}

impl Loader<i64> for Children {
    type Value = Vec<Unit>;
    type Error = Arc<sqlx::Error>;

    async fn load(&self, keys: &[i64]) -> Found<Vec<Unit>> {
        let rows = sqlx::query(
            "select parent_id, id, code, name, member_count from units
             where parent_id in (select value from json_each($1)) order by parent_id, name",
        )
        .bind(list(keys))
        .fetch_all(&self.0)
        .await?;
        let mut children: HashMap<i64, Vec<Unit>> = HashMap::new();
        for row in rows {
            let unit = Unit {
                id: row.get(1),
                code: row.get(2),
                name: row.get(3),
                member_count: row.get(4),
            };
            children.entry(row.get(0)).or_default().push(unit);
        }
        Ok(children)
    }
}

impl Loader<i64> for Tallies {
    type Value = Tally;
    type Error = Arc<sqlx::Error>;

    async fn load(&self, keys: &[i64]) -> Found<Tally> {
        let rows = sqlx::query(
            "select unit_id, submitted, accepted, ratio from tallies
             where unit_id in (select value from json_each($1))",
        )
        .bind(list(keys))
        .fetch_all(&self.0)
        .await?;
        let tally = |row: &sqlx::sqlite::SqliteRow| Tally {
            submitted: row.get(1),
            accepted: row.get(2),
            ratio: row.get(3),
        };
        Ok(rows.iter().map(|row| (row.get(0), tally(row))).collect())
    }
}

impl Loader<i64> for Targets {
    type Value = Target;
    type Error = Arc<sqlx::Error>;

    async fn load(&self, keys: &[i64]) -> Found<Target> {
        let rows = sqlx::query(
            "select unit_id, goal from targets
             where unit_id in (select value from json_each($1)) and origin = 'ASSIGNED'",
        )
        .bind(list(keys))
        .fetch_all(&self.0)
        .await?;
        Ok(rows.iter().map(|row| (row.get(0), Target { goal: row.get(1) })).collect())
    }
}

pub struct Query;

#[Object]
impl Query {
    async fn root(&self, ctx: &Context<'_>) -> async_graphql::Result<Unit> {
        let row =
            sqlx::query("select id, code, name, member_count from units where parent_id is null")
                .fetch_one(ctx.data_unchecked::<SqlitePool>())
                .await?;
        Ok(Unit { id: row.get(0), code: row.get(1), name: row.get(2), member_count: row.get(3) })
    }
}

struct Connection(Vec<Unit>);

#[Object]
impl Connection {
    async fn nodes(&self) -> &[Unit] {
        &self.0
    }
}

#[Object]
impl Unit {
    async fn code(&self) -> &str {
        &self.code
    }

    async fn name(&self) -> &str {
        &self.name
    }

    async fn member_count(&self) -> Option<i64> {
        self.member_count
    }

    async fn tally(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Tally>> {
        Ok(ctx.data_unchecked::<DataLoader<Tallies>>().load_one(self.id).await?)
    }

    async fn target(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Target>> {
        Ok(ctx.data_unchecked::<DataLoader<Targets>>().load_one(self.id).await?)
    }

    async fn children(&self, ctx: &Context<'_>, first: i32) -> async_graphql::Result<Connection> {
        let units = ctx.data_unchecked::<DataLoader<Children>>().load_one(self.id).await?;
        let first = usize::try_from(first).unwrap_or(0);
        Ok(Connection(units.unwrap_or_default().into_iter().take(first).collect()))
    }
}
