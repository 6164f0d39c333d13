//! The baseline: a transaction for each submission.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use sangkien::board::Snapshot;
use sangkien::domain::clock::{Clock as _, SystemClock};
use sangkien::domain::command::Submit;
use sangkien::domain::event::{InitiativeChanged, InitiativeEventKind};
use sangkien::domain::initiative::{InitiativeState, person_identity};
use sangkien::domain::text::fold;
use sangkien::domain::{EventBody, InitiativeId, InitiativeStatus, PersonId, UnitRef};
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgPool, SqlitePool};

use super::Failed;
use super::grouped::Grouped;

const BASELINE_CONNECTIONS: u32 = 16;

pub struct OneByOne {
    pool: Pool,
    /// The snapshot, for the tree.
    pub snapshot: Arc<Snapshot>,
    people: AtomicI64,
}

enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// Whether the key was known. The types of the two transactions differ, their texts do not.
macro_rules! submit_in {
    ($self:expr, $tx:expr, $submit:expr, $unit:expr) => {{
        let (mut tx, submit, unit) = ($tx, $submit, $unit);
        let known: Option<(i64,)> = sqlx::query_as("select id from initiatives where key = $1")
            .bind(&submit.key)
            .fetch_optional(&mut *tx)
            .await?;
        if known.is_some() {
            return Ok(true);
        }
        // The order is the same everywhere, so that no two wait for each other.
        let mut identities: Vec<String> = submit
            .authors
            .iter()
            .map(|author| person_identity(author.person_code.as_deref(), &author.name))
            .collect();
        identities.sort();
        let mut people = Vec::new();
        for identity in &identities {
            let known: Option<(i64,)> =
                sqlx::query_as("select id from people where unit_id = $1 and identity = $2")
                    .bind(i64::from(unit.0))
                    .bind(identity)
                    .fetch_optional(&mut *tx)
                    .await?;
            let (person,) = match known {
                Some(known) => known,
                None => {
                    sqlx::query_as(
                        "insert into people (id, unit_id, identity) values ($1, $2, $3)
                         on conflict (unit_id, identity) do update set identity = excluded.identity
                         returning id",
                    )
                    .bind($self.people.fetch_add(1, Ordering::Relaxed))
                    .bind(i64::from(unit.0))
                    .bind(identity)
                    .fetch_one(&mut *tx)
                    .await?
                }
            };
            people.push(PersonId(person));
        }
        let at = SystemClock.now();
        let (version, id): (i64, i64) = sqlx::query_as(
            "update counter set version = version + 1, initiative_id = initiative_id + 1,
                at = case when at > $1 then at else $1 end
             where id = 1 returning version, initiative_id",
        )
        .bind(at.0)
        .fetch_one(&mut *tx)
        .await?;
        sqlx::query(
            "insert into initiatives (id, key, content_hash, unit_id, title, summary, kind, field,
                team, applied_on, recognised_by, confidential, benefit_vnd, status,
                rejection_reason, review_note, featured, entered_by, submitted_at, updated_at,
                reviewed_at, version, title_words)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
                $18, $19, $20, $21, $22, $23)",
        )
        .bind(id)
        .bind(&submit.key)
        .bind("00000000000000000000000000000000")
        .bind(i64::from(unit.0))
        .bind(&submit.title)
        .bind(&submit.summary)
        .bind(submit.kind.as_str())
        .bind(&submit.field)
        .bind(&submit.team)
        .bind(submit.applied_on.map(|day| i64::from(day.0)))
        .bind(&submit.recognised_by)
        .bind(i64::from(submit.confidential))
        .bind(submit.benefit_vnd)
        .bind(InitiativeStatus::Pending.as_str())
        .bind(None::<String>)
        .bind(None::<String>)
        .bind(0_i64)
        .bind("1")
        .bind(at.0)
        .bind(at.0)
        .bind(None::<i64>)
        .bind(version)
        .bind(fold(&submit.title))
        .execute(&mut *tx)
        .await?;
        for (position, (author, person)) in (0_i64..).zip(submit.authors.iter().zip(&people)) {
            sqlx::query(
                "insert into authors (initiative_id, position, person_id, name, person_code,
                    author_group, contact) values ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(id)
            .bind(position)
            .bind(person.0)
            .bind(&author.name)
            .bind(&author.person_code)
            .bind(author.group.map(|group| group.as_str()))
            .bind(&author.contact)
            .execute(&mut *tx)
            .await?;
        }
        let body = EventBody::Initiative(
            InitiativeEventKind::Submitted,
            InitiativeChanged {
                initiative: InitiativeId(id),
                before: None,
                after: InitiativeState {
                    unit,
                    status: InitiativeStatus::Pending,
                    submitted_at: at,
                    kind: submit.kind,
                    field: submit.field.clone(),
                    author_group: submit.authors.first().and_then(|author| author.group),
                    people,
                    benefit_vnd: submit.benefit_vnd,
                    rejection_reason: None,
                    featured: false,
                    confidential: submit.confidential,
                },
                path: $self.snapshot.structure.path(unit),
                from_path: None,
                counted_from: None,
            },
        );
        sqlx::query(
            "insert into events (version, at, tag, kind, actor, reason, initiative_id, body)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(version)
        .bind(at.0)
        .bind(version)
        .bind(body.kind())
        .bind("1")
        .bind(None::<String>)
        .bind(id)
        .bind(body.to_json())
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(false)
    }};
}

impl OneByOne {
    pub async fn start(url: &str, levels: &[u32]) -> Result<Self, Failed> {
        let founded = Grouped::start(url, levels).await?;
        let snapshot = founded.hub.latest();
        let pool = match url.strip_prefix("sqlite://") {
            Some(path) => {
                let options = SqliteConnectOptions::new()
                    .filename(path)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full)
                    .pragma("cache_size", "-65536");
                let pool = SqlitePoolOptions::new().max_connections(1);
                Pool::Sqlite(pool.connect_with(options).await?)
            }
            None => Pool::Postgres(
                PgPoolOptions::new().max_connections(BASELINE_CONNECTIONS).connect(url).await?,
            ),
        };
        Ok(Self { pool, snapshot, people: AtomicI64::new(1) })
    }

    pub async fn submit(&self, submit: &Submit) -> Result<bool, Failed> {
        let UnitRef::Id(unit) = submit.unit else { return Err("units are named by id".into()) };
        match &self.pool {
            Pool::Sqlite(pool) => {
                let tx = pool.begin_with("BEGIN IMMEDIATE").await?;
                submit_in!(self, tx, submit, unit)
            }
            Pool::Postgres(pool) => submit_in!(self, pool.begin().await?, submit, unit),
        }
    }

    pub async fn counts(&self) -> Result<[i64; 2], Failed> {
        let initiatives = "select count(*) from initiatives";
        let events = "select count(*) from events where kind = 'SUBMITTED'";
        let mut counts = [0; 2];
        for (place, sql) in [initiatives, events].into_iter().enumerate() {
            let (count,): (i64,) = match &self.pool {
                Pool::Sqlite(pool) => sqlx::query_as(sql).fetch_one(pool).await?,
                Pool::Postgres(pool) => sqlx::query_as(sql).fetch_one(pool).await?,
            };
            counts[place] = count;
        }
        Ok(counts)
    }
}
