//! The submissions a second that the writer takes, compared with one transaction each.
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
//! On PostgreSQL submissions over HTTP are also compared with `pgbench`, where that is installed: a plain insert of one row
//! into the same table, with all its indexes, no authors, no event, 64 connections. Here the client of HTTP takes its part
//! of the same two cores, as `pgbench` does.
//!
//! Both databases commit to disk: SQLite with `synchronous=FULL`, PostgreSQL with `fsync` and
//! `synchronous_commit` on. Writer and baseline alternate, each on a database of its own beside
//! the other's; the ratio is of neighbours. In the end the root's count must equal what was
//! acknowledged, in the snapshot and in a board loaded anew, and the baseline's rows likewise.
//!
//! Bounds: five pairs of 2 seconds a database, one warm-up pair; a tree of 11,386 units; three
//! periods. Bars: at least 8 times the baseline, 4 times over HTTP; 0.9 times `pgbench`. Figures: docs/PERFORMANCE.md.

use std::sync::Arc;
use std::time::Duration;

use grouped::Grouped;
use http::Http;
use one_by_one::OneByOne;
use pgbench::Pgbench;
use sangkien::domain::UnitId;
use sangkien::domain::command::Submit;

#[path = "../../tests/it/postgres.rs"]
#[allow(dead_code, unused_imports, reason = "its tests are not run here")]
mod postgres;
#[path = "../world/mod.rs"]
mod world;

mod grouped;
mod http;
mod one_by_one;
mod pgbench;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const IN_FLIGHT: u64 = 64;
const REPEATED_PERCENT: u32 = 2;
const PEOPLE_PER_UNIT: u32 = 40;

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
        let program = cluster.tool("pgbench");
        if program.exists() {
            let pgbench = Pgbench::start(program, cluster.fresh_database(), &plan.levels).await?;
            beside_pgbench(&pgbench, &cluster.fresh_database(), &plan).await?;
        }
    }
    Ok(())
}

fn total(levels: &[u32]) -> u32 {
    levels.iter().sum()
}

async fn compare(name: &str, writer: &str, baseline: &str, plan: &Plan) -> Result<(), Failed> {
    let writer = Grouped::start(writer, &plan.levels).await?;
    let baseline = OneByOne::start(baseline, &plan.levels).await?;
    let (writer, baseline) = (Arc::new(writer), Arc::new(baseline));
    let over_http = [
        Target::Http(Arc::new(Http::before_writer(Arc::clone(&writer), &plan.levels).await?)),
        Target::Http(Arc::new(Http::before_baseline(Arc::clone(&baseline), &plan.levels).await?)),
    ];
    let mut acknowledged = [0; 2];
    let targets = [Target::Grouped(writer), Target::OneByOne(baseline)];
    run(&format!("{name}, writer alone"), 8, &targets, &mut acknowledged, plan).await?;
    run(&format!("{name}, over HTTP"), 4, &over_http, &mut acknowledged, plan).await?;
    for (target, acknowledged) in targets.iter().zip(acknowledged) {
        target.verify(acknowledged).await?;
    }
    println!("counts are exact");
    Ok(())
}

/// Submissions over HTTP beside plain inserts of one row each, in turns.
async fn beside_pgbench(pgbench: &Pgbench, url: &str, plan: &Plan) -> Result<(), Failed> {
    let writer = Arc::new(Grouped::start(url, &plan.levels).await?);
    let http =
        Target::Http(Arc::new(Http::before_writer(Arc::clone(&writer), &plan.levels).await?));
    let units = total(&plan.levels[..3]) + 1..=total(&plan.levels);
    println!("\nPostgreSQL, over HTTP beside pgbench\n            new/s    pgbench   ratio");
    let (mut ratios, mut new) = (Vec::new(), 0);
    for pair in 0..=plan.pairs {
        let seed = (9 << 32) + pair as u64 * IN_FLIGHT;
        let round = Round::run(&http, units.clone(), plan.window, seed).await?;
        let plain = pgbench.rate(plan.window)?;
        new += round.new;
        if pair > 0 {
            ratios.push(round.rate() / plain);
            println!("{:>17.0} {plain:>10.0} {:>7.2}", round.rate(), round.rate() / plain);
        }
    }
    println!("median {:>29.2}   bar 0.9", world::median(ratios));
    Target::Grouped(writer).verify(new).await
}

/// Pairs of rounds, the two sides in turn.
async fn run(
    name: &str,
    bar: u32,
    targets: &[Target; 2],
    acknowledged: &mut [i64; 2],
    plan: &Plan,
) -> Result<(), Failed> {
    let first = total(&plan.levels[..3]) + 1;
    let units = first..=total(&plan.levels);
    let mut rounds: [Vec<Round>; 2] = [Vec::new(), Vec::new()];
    for pair in 0..=plan.pairs {
        for (which, target) in targets.iter().enumerate() {
            let seed = (u64::from(bar) << 32) + (pair * 2 + which) as u64 * IN_FLIGHT;
            let round = Round::run(target, units.clone(), plan.window, seed).await?;
            acknowledged[which] += round.new;
            if pair > 0 {
                rounds[which].push(round);
            }
        }
    }
    print(name, bar, &rounds);
    Ok(())
}

fn print(name: &str, bar: u32, [grouped, one_by_one]: &[Vec<Round>; 2]) {
    println!("\n{name}\n            new/s   baseline   ratio");
    let mut ratios = Vec::new();
    for (a, b) in grouped.iter().zip(one_by_one) {
        ratios.push(a.rate() / b.rate());
        println!("{:>17.0} {:>10.0} {:>7.1}", a.rate(), b.rate(), a.rate() / b.rate());
    }
    let rate = |rounds: &[Round]| world::median(rounds.iter().map(Round::rate).collect());
    let (a, b, ratio) = (rate(grouped), rate(one_by_one), world::median(ratios));
    println!("median {a:>10.0} {b:>10.0} {ratio:>7.1}   bar {bar}");
    for (name, rounds) in [("writer", grouped), ("baseline", one_by_one)] {
        let mut taken: Vec<Duration> =
            rounds.iter().flat_map(|round| round.taken.iter().copied()).collect();
        taken.sort_unstable();
        let at = |share: usize| taken[(taken.len() - 1) * share / 100].as_secs_f64() * 1_000.0;
        let new: i64 = rounds.iter().map(|round| round.new).sum();
        println!(
            "{name:<9} p50 {:.1} ms, p99 {:.1} ms; {new} new, {} repeated",
            at(50),
            at(99),
            taken.len() - usize::try_from(new).unwrap_or(0),
        );
    }
}

/// The submissions that were acknowledged within a stretch of time.
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
    Http(Arc<Http>),
}

impl Target {
    /// Whether the key was known.
    async fn submit(&self, submit: &Submit) -> Result<bool, Failed> {
        match self {
            Self::Grouped(target) => target.submit(submit).await,
            Self::OneByOne(target) => target.submit(submit).await,
            Self::Http(target) => target.submit(submit).await,
        }
    }

    async fn verify(&self, acknowledged: i64) -> Result<(), Failed> {
        let counts = match self {
            Self::Grouped(target) => target.counts().await?,
            Self::OneByOne(target) => target.counts().await?,
            Self::Http(_) => return Err("the target behind it is verified".into()),
        };
        assert!(counts.iter().all(|&count| count == acknowledged), "{counts:?} of {acknowledged}");
        Ok(())
    }
}
