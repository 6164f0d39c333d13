//! The speed of the demo's replay, compared with the commands that the writer takes from many
//! clients.
//!
//! Counted: commands that the writer carried out, over the time they took: submissions and what
//! becomes of them (reviews, revisions, transfers, withdrawals, features), at full speed and whole
//! counts, with everything in it: making them in a thread of their own, the wait for each day's end,
//! checks, facts, events, commit to disk, fold, snapshot, answer. Beside it, in turns, what `ingest`
//! counts: new submissions with 64 in flight, made beforehand by nobody, each as it is needed.
//!
//! Both on SQLite with `synchronous=FULL`, each on a database of its own. The replay goes on from
//! 1 March 2022 for some days each round. In the end the root must have as many as the script says.
//!
//! Bounds: five pairs after one to warm up. Bar: 60 % of `ingest`. Figures: docs/PERFORMANCE.md.

use std::sync::Arc;
use std::time::{Duration, Instant};

use grouped::Grouped;
use sangkien::demo::{Campaign, Scale};
use sangkien::domain::{Day, UnitId};

#[path = "ingest/grouped.rs"]
#[allow(dead_code, reason = "its counts are checked by `ingest`")]
mod grouped;
#[path = "world/mod.rs"]
mod world;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const IN_FLIGHT: u64 = 64;
const PEOPLE_PER_UNIT: u32 = 40;
const LEVELS: [u32; 4] = [1, 81, 705, 10_599];
const BAR: f64 = 0.6;

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// So many commands in so long, and in so much time of processors.
struct Round {
    commands: u64,
    lasted: Duration,
    cpu: Duration,
}

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Failed> {
    let (pairs, window, days) = if world::is_quick() {
        (1, Duration::from_millis(300), 1)
    } else {
        (5, Duration::from_secs(2), 3)
    };
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let file = |name: &str| format!("sqlite://{}/{name}.db", folder.path().display());
    let ingest = Arc::new(Grouped::start(&file("ingest"), &LEVELS).await?);
    let mut campaign = Campaign::open(&file("replay"), 1, Scale::WHOLE).await?;
    let mut day = Day::from_ymd(2022, 3, 1)?;
    campaign.replay.load(day.start(), |_| {}).await?;

    let mut rounds = Vec::new();
    for pair in 0..=pairs {
        let by_clients = submissions(&ingest, window, pair * IN_FLIGHT).await?;
        day = day.plus(days);
        let began = Beginning::now();
        let before = campaign.replay.done;
        campaign.replay.load(day.start(), |_| {}).await?;
        let replayed = began.round(campaign.replay.done - before);
        if pair > 0 {
            rounds.push((by_clients, replayed));
        }
    }
    let snapshot = campaign.server.hub.latest();
    let programme = snapshot.structure.periods().find(|period| period.code == "1m-sang-kien");
    let programme = programme.ok_or("the demo has its programme")?.id;
    let submitted = snapshot.cell(snapshot.structure.root(), programme).submitted();
    assert_eq!(i64::from(submitted), i64::from(campaign.script.entered_before(day.start())));
    print(&rounds);
    Ok(())
}

fn print(rounds: &[(Round, Round)]) {
    println!("  ingest/s  cpu µs   replay/s  cpu µs   ratio");
    let mut ratios = Vec::new();
    for (ingest, replay) in rounds {
        let ratio = replay.rate() / ingest.rate();
        println!(
            "{:>10.0} {:>7.0} {:>10.0} {:>7.0} {ratio:>7.2}",
            ingest.rate(),
            ingest.cpu_micros(),
            replay.rate(),
            replay.cpu_micros(),
        );
        ratios.push(ratio);
    }
    println!("median ratio {:.2}   bar {BAR}", world::median(ratios));
    println!("counts are exact");
}

/// New ones, one after another from each of 64 clients.
async fn submissions(target: &Arc<Grouped>, window: Duration, seed: u64) -> Result<Round, Failed> {
    let first = LEVELS[..3].iter().sum::<u32>() + 1;
    let units = first..=LEVELS.iter().sum();
    let began = Beginning::now();
    let clients: Vec<_> = (0..IN_FLIGHT)
        .map(|client| {
            let (target, units) = (Arc::clone(target), units.clone());
            let mut chance = fastrand::Rng::with_seed(seed + client);
            tokio::spawn(async move {
                let mut sent = 0;
                while began.at.elapsed() < window {
                    let unit = UnitId(chance.u32(units.clone()));
                    let submit = world::submission(&mut chance, unit, PEOPLE_PER_UNIT);
                    target.submit(&submit).await?;
                    sent += 1;
                }
                Ok::<u64, Failed>(sent)
            })
        })
        .collect();
    let mut sent = 0;
    for client in clients {
        sent += client.await??;
    }
    Ok(began.round(sent))
}

#[derive(Clone, Copy)]
struct Beginning {
    at: Instant,
    cpu: Duration,
}

impl Beginning {
    fn now() -> Self {
        Self { at: world::now(), cpu: cpu_time() }
    }

    fn round(self, commands: u64) -> Round {
        Round { commands, lasted: self.at.elapsed(), cpu: cpu_time() - self.cpu }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a count of seconds")]
impl Round {
    fn rate(&self) -> f64 {
        self.commands as f64 / self.lasted.as_secs_f64()
    }

    /// The microseconds of CPU for each command.
    fn cpu_micros(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.commands as f64
    }
}

/// The CPU time of this process; zero if the system does not tell.
fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    // User and system time, in hundredths of a second.
    let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}
