//! Random histories: the board equals a recount, whatever happens in whatever order.
//!
//! A failure prints its seed and the last steps; `SANGKIEN_MODEL_SEED` runs that seed alone,
//! `SANGKIEN_MODEL_RUNS` more of them.

mod draw;
mod judge;
mod large;
mod small;

use sangkien::domain::Timestamp;

pub use draw::Draw;
use large::large;
use small::{many_periods, small};

use crate::writer_node::Backend;

const SMALL_RUNS: u64 = 10;
const LARGE_RUNS: u64 = 1;
const RUNS_OF_MANY_PERIODS: u64 = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn small_worlds_on_sqlite() {
    small_worlds(Backend::Sqlite, 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn small_worlds_on_postgres() {
    small_worlds(Backend::Postgres, 1_000_000).await;
}

async fn small_worlds(backend: Backend, base: u64) {
    let seeds = seeds(SMALL_RUNS);
    let runs = seeds.len();
    let (mut turned, mut closings, mut confirmed, mut deleted) = (0, 0, 0, 0);
    for seed in seeds {
        match in_time(small(backend, base + seed)).await {
            Some(past) => {
                turned += past.turned;
                closings += past.closings;
                confirmed += past.confirmed;
                deleted += past.deleted;
            }
            None => return,
        }
    }
    // One seed alone may have none.
    assert!(turned > 0 || runs == 1, "no midnight made another period the default one");
    assert!(closings > 0 || runs == 1, "no midnight closed a period");
    assert!(confirmed > 0 || runs == 1, "no assessment was confirmed");
    assert!(deleted > 0 || runs == 1, "no unit was deleted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_periods_on_sqlite() {
    for seed in seeds(RUNS_OF_MANY_PERIODS) {
        in_time(many_periods(Backend::Sqlite, seed + 4_000_000)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_periods_on_postgres() {
    for seed in seeds(RUNS_OF_MANY_PERIODS) {
        in_time(many_periods(Backend::Postgres, seed + 5_000_000)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_worlds_on_sqlite() {
    for seed in seeds(LARGE_RUNS) {
        in_time(large(Backend::Sqlite, seed + 2_000_000)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_worlds_on_postgres() {
    for seed in seeds(LARGE_RUNS) {
        in_time(large(Backend::Postgres, seed + 3_000_000)).await;
    }
}

fn seeds(runs: u64) -> Vec<u64> {
    let number = |name| std::env::var(name).ok().map(|text| text.parse::<u64>().expect(name));
    if let Some(seed) = number("SANGKIEN_MODEL_SEED") {
        return vec![seed % 1_000_000];
    }
    (1..=runs * number("SANGKIEN_MODEL_RUNS").unwrap_or(1)).collect()
}

/// One node takes a second or two; one that never ends is a failure too.
async fn in_time<T>(node: impl Future<Output = T>) -> T {
    let limit = std::time::Duration::from_secs(120);
    tokio::time::timeout(limit, node).await.expect("the node ends")
}

/// Tells what led to a failure.
struct Trace {
    seed: u64,
    steps: Vec<String>,
    /// Dropped before that, by a panic or because it took too long, it speaks.
    is_over: bool,
}

impl Trace {
    fn step(&mut self, step: impl std::fmt::Debug) {
        self.steps.push(format!("{step:?}"));
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        if !self.is_over {
            let first = self.steps.len().saturating_sub(12);
            for (number, step) in self.steps.iter().enumerate().skip(first) {
                eprintln!("step {number}: {step}");
            }
            eprintln!("SANGKIEN_MODEL_SEED={}", self.seed);
        }
    }
}

fn start_of_march() -> Timestamp {
    Timestamp::parse("2022-03-01T08:00:00+07:00").expect("a moment")
}
