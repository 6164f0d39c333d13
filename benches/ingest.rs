//! How many submissions a second does the writer take, compared with one transaction each?
//!
//! Counted: submissions acknowledged as new, over the time they took, with 64 in flight; 2 % more
//! are repetitions of an earlier one under the same key. No HTTP and no GraphQL. The writer's
//! figure has everything in it: checks, facts, events, commit to disk, fold, snapshot, answer.
//! The baseline writes the same rows with a transaction for each submission, as a straightforward
//! server would: look up the key, look up or insert each author's person, take the counter row,
//! insert the initiative, its authors and the event. It is spared the fold, and reading the tree
//! and the periods from tables; its numbers of people come from a sequence in memory; it has the
//! number of connections that suited it best of those tried (1 on SQLite, 16 of 8, 16, 64 on
//! PostgreSQL).
//!
//! Both databases commit to disk: SQLite with `synchronous=FULL`, PostgreSQL with `fsync` and
//! `synchronous_commit` on. Writer and baseline alternate, each on a database of its own beside
//! the other's; the ratio is of neighbours. In the end the root's count must equal what was
//! acknowledged, in the snapshot and in a board loaded anew, and the baseline's rows likewise.
//!
//! Bounds: five pairs of 2 seconds a database, one warm-up pair; a tree of 11,386 units; three
//! periods. Bar: at least 8 times the baseline. Figures: docs/PERFORMANCE.md.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use futures_util::StreamExt as _;
use sangkien::board::{self, Board, Snapshot};
use sangkien::domain::clock::{Clock as _, SystemClock};
use sangkien::domain::command::{Submit, UpsertPeriod, UpsertUnit};
use sangkien::domain::event::{InitiativeChanged, InitiativeEventKind};
use sangkien::domain::initiative::{InitiativeState, person_identity};
use sangkien::domain::{
    Actor, Command, EventBody, InitiativeId, InitiativeStatus, Outcome, Patch, PeriodId, PersonId,
    UnitId, UnitRef,
};
use sangkien::feed::Hub;
use sangkien::store::Store;
use sangkien::writer::{self, Writer};
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgPool, SqlitePool};

#[path = "../tests/it/postgres.rs"]
#[allow(dead_code, unused_imports, reason = "its tests are not run here")]
mod postgres;
mod world;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const IN_FLIGHT: u64 = 64;
const REPEATED_PERCENT: u32 = 2;
const PEOPLE_PER_UNIT: u32 = 40;
const BASELINE_CONNECTIONS: u32 = 16;

type Failed = Box<dyn std::error::Error + Send + Sync>;

struct Plan {
    levels: [u32; 4],
    window: Duration,
    pairs: usize,
}

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Failed> {
    let plan = if world::is_quick() {
        Plan { levels: [1, 8, 70, 1_000], window: Duration::from_millis(300), pairs: 1 }
    } else {
        Plan { levels: [1, 81, 705, 10_599], window: Duration::from_secs(2), pairs: 5 }
    };
    println!("{IN_FLIGHT} in flight, {REPEATED_PERCENT} % repeated, {} units", total(&plan.levels));
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let file = |name: &str| format!("sqlite://{}/{name}.db", folder.path().display());
    compare("SQLite", &file("writer"), &file("baseline"), &plan).await?;
    if let Some(cluster) = postgres::durable_cluster() {
        compare("PostgreSQL", &cluster.fresh_database(), &cluster.fresh_database(), &plan).await?;
    }
    Ok(())
}

fn total(levels: &[u32]) -> u32 {
    levels.iter().sum()
}

async fn compare(name: &str, writer: &str, baseline: &str, plan: &Plan) -> Result<(), Failed> {
    let writer = Grouped::start(writer, &plan.levels).await?;
    let baseline = OneByOne::start(baseline, &plan.levels).await?;
    let first = total(&plan.levels[..3]) + 1;
    let units = first..=total(&plan.levels);
    let targets = [Target::Grouped(Arc::new(writer)), Target::OneByOne(Arc::new(baseline))];
    let mut acknowledged = [0; 2];
    let mut rounds: [Vec<Round>; 2] = [Vec::new(), Vec::new()];
    for pair in 0..=plan.pairs {
        for (which, target) in targets.iter().enumerate() {
            let seed = (pair * 2 + which) as u64 * IN_FLIGHT;
            let round = Round::run(target, units.clone(), plan.window, seed).await?;
            acknowledged[which] += round.new;
            if pair > 0 {
                rounds[which].push(round);
            }
        }
    }
    for (target, acknowledged) in targets.iter().zip(acknowledged) {
        target.verify(acknowledged).await?;
    }
    print(name, &rounds);
    Ok(())
}

fn print(name: &str, [grouped, one_by_one]: &[Vec<Round>; 2]) {
    println!("\n{name:<12} new/s   baseline   ratio");
    let mut ratios = Vec::new();
    for (a, b) in grouped.iter().zip(one_by_one) {
        ratios.push(a.rate() / b.rate());
        println!("{:>17.0} {:>10.0} {:>7.1}", a.rate(), b.rate(), a.rate() / b.rate());
    }
    let rate = |rounds: &[Round]| world::median(rounds.iter().map(Round::rate).collect());
    let (a, b, ratio) = (rate(grouped), rate(one_by_one), world::median(ratios));
    println!("median {a:>10.0} {b:>10.0} {ratio:>7.1}   bar 8");
    for (name, rounds) in [("writer", grouped), ("baseline", one_by_one)] {
        let mut taken: Vec<Duration> =
            rounds.iter().flat_map(|round| round.taken.iter().copied()).collect();
        taken.sort_unstable();
        let at = |share: usize| taken[(taken.len() - 1) * share / 100].as_secs_f64() * 1_000.0;
        let new: i64 = rounds.iter().map(|round| round.new).sum();
        println!(
            "{name:<9} p50 {:.1} ms, p99 {:.1} ms; {new} new, {} repeated; counts are exact",
            at(50),
            at(99),
            taken.len() - usize::try_from(new).unwrap_or(0),
        );
    }
}

/// What was acknowledged within a stretch of time.
#[derive(Default)]
struct Round {
    new: i64,
    lasted: Duration,
    taken: Vec<Duration>,
}

impl Round {
    async fn run(
        target: &Target,
        units: std::ops::RangeInclusive<u32>,
        window: Duration,
        seed: u64,
    ) -> Result<Self, Failed> {
        let began = world::now();
        let tasks: Vec<_> = (0..IN_FLIGHT)
            .map(|task| {
                let (target, units) = (target.clone(), units.clone());
                let mut chance = fastrand::Rng::with_seed(seed + task);
                tokio::spawn(async move {
                    let mut new = 0;
                    let mut taken = Vec::new();
                    let mut last: Option<Submit> = None;
                    while began.elapsed() < window {
                        let again = last
                            .take_if(|_| chance.u32(0..100) < REPEATED_PERCENT)
                            .map(|submit| (submit, true));
                        let (submit, is_repeated) = again.unwrap_or_else(|| {
                            let unit = UnitId(chance.u32(units.clone()));
                            (world::submission(&mut chance, unit, PEOPLE_PER_UNIT), false)
                        });
                        let asked = world::now();
                        let replayed = target.submit(&submit).await?;
                        taken.push(asked.elapsed());
                        assert_eq!(replayed, is_repeated, "a repetition is known as one");
                        new += i64::from(!replayed);
                        last = Some(submit);
                    }
                    Ok::<_, Failed>((new, taken))
                })
            })
            .collect();
        let mut round = Self::default();
        for task in tasks {
            let (new, taken) = task.await??;
            round.new += new;
            round.taken.extend(taken);
        }
        round.lasted = began.elapsed();
        Ok(round)
    }

    #[expect(clippy::cast_precision_loss, reason = "a count of seconds")]
    fn rate(&self) -> f64 {
        self.new as f64 / self.lasted.as_secs_f64()
    }
}

#[derive(Clone)]
enum Target {
    Grouped(Arc<Grouped>),
    OneByOne(Arc<OneByOne>),
}

impl Target {
    /// Whether the key was known.
    async fn submit(&self, submit: &Submit) -> Result<bool, Failed> {
        match self {
            Self::Grouped(target) => target.submit(submit).await,
            Self::OneByOne(target) => target.submit(submit).await,
        }
    }

    async fn verify(&self, acknowledged: i64) -> Result<(), Failed> {
        let counts = match self {
            Self::Grouped(target) => target.counts().await?,
            Self::OneByOne(target) => target.counts().await?,
        };
        assert!(counts.iter().all(|&count| count == acknowledged), "{counts:?} of {acknowledged}");
        Ok(())
    }
}

/// The writer as the server runs it.
struct Grouped {
    writer: Writer,
    hub: Arc<Hub>,
    store: Store,
    actor: Arc<Actor>,
}

impl Grouped {
    /// Founds the tree and the periods by commands.
    async fn start(url: &str, levels: &[u32]) -> Result<Self, Failed> {
        let store = Store::open(url).await?;
        let tags = fastrand::Rng::with_seed(1);
        let clock = Arc::new(SystemClock);
        let (writer, hub, _task) =
            writer::start(store.clone(), Board::default(), clock, tags).await?;
        let actor = Arc::new(Actor { id: Some("1".to_owned()), ..Actor::SYSTEM });
        let founded = Self { writer, hub, store, actor };
        let units = world::tree(levels);
        let code = |id: UnitId| units[id.0 as usize - 1].code.clone();
        let upsert = |unit: &sangkien::domain::Unit| UpsertUnit {
            code: unit.code.clone(),
            name: Patch::Set(unit.name.clone()),
            kind: Patch::Set(unit.kind),
            parent: unit.parent.map_or(Patch::Keep, |id| Patch::Set(UnitRef::Code(code(id)))),
            ..UpsertUnit::default()
        };
        for level in units.chunk_by(|a, b| a.kind == b.kind) {
            founded.execute_all(level.iter().map(|unit| Command::UpsertUnit(upsert(unit)))).await?;
        }
        let periods = world::periods(SystemClock.now().day());
        let commands = periods.into_iter().take(3).map(|period| {
            Command::UpsertPeriod(UpsertPeriod {
                code: period.code,
                name: Patch::Set(period.name),
                kind: Patch::Set(period.kind),
                starts_on: Patch::Set(period.starts_on),
                ends_on: Patch::Set(period.ends_on),
                ..UpsertPeriod::default()
            })
        });
        founded.execute_all(commands).await?;
        Ok(founded)
    }

    async fn execute_all(&self, commands: impl Iterator<Item = Command>) -> Result<(), Failed> {
        let mut replies = futures_util::stream::iter(commands)
            .map(|command| self.writer.execute(command, Arc::clone(&self.actor)))
            .buffered(512);
        while let Some(reply) = replies.next().await {
            reply?;
        }
        Ok(())
    }

    async fn submit(&self, submit: &Submit) -> Result<bool, Failed> {
        let command = Command::Submit(submit.clone());
        match self.writer.execute(command, Arc::clone(&self.actor)).await?.outcome {
            Outcome::Initiative { replayed, .. } => Ok(replayed),
            _ => Err("a submission gives an initiative".into()),
        }
    }

    /// Of the root in the programme, by the fold and by a board made from the database.
    async fn counts(&self) -> Result<[i64; 2], Failed> {
        let count = |snapshot: &Snapshot| {
            i64::from(snapshot.cell(snapshot.registry.root(), PeriodId(1)).submitted())
        };
        let loaded = board::load(&mut self.store.begin_read().await?).await?.snapshot();
        let folded = self.hub.latest();
        for unit in folded.registry.units() {
            for period in folded.registry.periods() {
                let cell = |snapshot: &Snapshot| snapshot.cell(unit.id, period.id);
                assert_eq!(cell(&folded), cell(&loaded), "{}", unit.code);
            }
        }
        Ok([count(&folded), count(&loaded)])
    }
}

/// A transaction for each submission.
struct OneByOne {
    pool: Pool,
    /// For the tree.
    snapshot: Arc<Snapshot>,
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
        // In one order everywhere, so that no two wait for each other.
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
                reviewed_at, version)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
                $18, $19, $20, $21, $22)",
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
                path: $self.snapshot.registry.path(unit),
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
    async fn start(url: &str, levels: &[u32]) -> Result<Self, Failed> {
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

    async fn submit(&self, submit: &Submit) -> Result<bool, Failed> {
        let UnitRef::Id(unit) = submit.unit else { return Err("units are named by id".into()) };
        match &self.pool {
            Pool::Sqlite(pool) => {
                submit_in!(self, pool.begin_with("BEGIN IMMEDIATE").await?, submit, unit)
            }
            Pool::Postgres(pool) => submit_in!(self, pool.begin().await?, submit, unit),
        }
    }

    async fn counts(&self) -> Result<[i64; 2], Failed> {
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
