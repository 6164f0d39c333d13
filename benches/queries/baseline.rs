//! The same query as most servers would answer it: resolvers that await DataLoaders over SQLite.
//! Tallies are rows here that nobody keeps up: counting them is not compared.

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

/// A schema over the server's tables, and one more of the present tallies.
pub async fn schema(path: &Path, snapshot: &Snapshot) -> Result<Baseline, Failed> {
    let pool = SqlitePool::connect(&format!("sqlite://{}", path.display())).await?;
    sqlx::query(
        "create table tallies (unit_id integer primary key, submitted integer not null,
            accepted integer not null, ratio real)",
    )
    .execute(&pool)
    .await?;
    sqlx::query("create index units_of_parent on units (parent_id, name)").execute(&pool).await?;
    let structure = &snapshot.structure;
    let period = structure
        .periods()
        .find(|period| period.code == "chien-dich")
        .ok_or("the campaign is there")?;
    let mut tx = pool.begin().await?;
    for unit in structure.units() {
        let cell = snapshot.cell(unit.id, period.id);
        let goal = structure.goal(unit.id, period);
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
        .data(DataLoader::new(Newest(pool.clone()), tokio::spawn).delay(delay))
        .data(DataLoader::new(Authors(pool.clone()), tokio::spawn).delay(delay))
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

#[derive(Clone, SimpleObject)]
#[graphql(complex)]
struct Initiative {
    #[graphql(skip)]
    id: i64,
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

struct Children(SqlitePool);
struct Tallies(SqlitePool);
struct Targets(SqlitePool);
struct Newest(SqlitePool);
struct Authors(SqlitePool);

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

/// The newest accepted ones of each unit.
impl Loader<i64> for Newest {
    type Value = Vec<Initiative>;
    type Error = Arc<sqlx::Error>;

    async fn load(&self, keys: &[i64]) -> Found<Vec<Initiative>> {
        let rows = sqlx::query(
            "select unit_id, id, title, kind, status, benefit_vnd from (
                select *, row_number() over (
                    partition by unit_id order by submitted_at desc, id desc) as place
                from initiatives
                where unit_id in (select value from json_each($1)) and status = 'ACCEPTED')
             where place <= 20 order by unit_id, place",
        )
        .bind(list(keys))
        .fetch_all(&self.0)
        .await?;
        let mut newest: HashMap<i64, Vec<Initiative>> = HashMap::new();
        for row in rows {
            newest.entry(row.get(0)).or_default().push(Initiative {
                id: row.get(1),
                title: row.get(2),
                kind: row.get(3),
                status: row.get(4),
                benefit_vnd: row.get(5),
            });
        }
        Ok(newest)
    }
}

impl Loader<i64> for Authors {
    type Value = Vec<Author>;
    type Error = Arc<sqlx::Error>;

    async fn load(&self, keys: &[i64]) -> Found<Vec<Author>> {
        let rows = sqlx::query(
            "select initiative_id, name, author_group from authors
             where initiative_id in (select value from json_each($1))
             order by initiative_id, position",
        )
        .bind(list(keys))
        .fetch_all(&self.0)
        .await?;
        let mut authors: HashMap<i64, Vec<Author>> = HashMap::new();
        for row in rows {
            let author = Author { name: row.get(1), group: row.get(2) };
            authors.entry(row.get(0)).or_default().push(author);
        }
        Ok(authors)
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
        Ok(unit(&row))
    }

    async fn units_by_code(
        &self,
        ctx: &Context<'_>,
        codes: Vec<String>,
    ) -> async_graphql::Result<Vec<Unit>> {
        let rows = sqlx::query(
            "select units.id, code, name, member_count from json_each($1) asked
             join units on code = asked.value order by asked.key",
        )
        .bind(serde_json::to_string(&codes)?)
        .fetch_all(ctx.data_unchecked::<SqlitePool>())
        .await?;
        Ok(rows.iter().map(unit).collect())
    }
}

fn unit(row: &sqlx::sqlite::SqliteRow) -> Unit {
    Unit { id: row.get(0), code: row.get(1), name: row.get(2), member_count: row.get(3) }
}

#[derive(SimpleObject)]
struct InitiativeConnection {
    nodes: Vec<Initiative>,
}

#[async_graphql::ComplexObject]
impl Initiative {
    async fn authors(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Author>> {
        let authors = ctx.data_unchecked::<DataLoader<Authors>>().load_one(self.id).await?;
        Ok(authors.unwrap_or_default())
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

    async fn initiatives(
        &self,
        ctx: &Context<'_>,
        first: i32,
    ) -> async_graphql::Result<InitiativeConnection> {
        let newest = ctx.data_unchecked::<DataLoader<Newest>>().load_one(self.id).await?;
        let first = usize::try_from(first).unwrap_or(0);
        let nodes = newest.unwrap_or_default().into_iter().take(first).collect();
        Ok(InitiativeConnection { nodes })
    }

    async fn children(&self, ctx: &Context<'_>, first: i32) -> async_graphql::Result<Connection> {
        let units = ctx.data_unchecked::<DataLoader<Children>>().load_one(self.id).await?;
        let first = usize::try_from(first).unwrap_or(0);
        Ok(Connection(units.unwrap_or_default().into_iter().take(first).collect()))
    }
}
