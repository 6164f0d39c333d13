//! A campaign to look at: the union's tree with real names, its periods and goals, and people who
//! submit and review. Commands only, so that a demo goes the way of every caller.

mod clock;
pub mod plan;
pub mod traffic;

use std::collections::VecDeque;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use futures_util::future::join_all;
use tokio::time::MissedTickBehavior;

use crate::domain::clock::Clock as _;
use crate::domain::{Actor, Command, Day, InitiativeId, Outcome, Version};
use crate::server::{Server, asked_to_stop, listen, random_u64};
use crate::writer::{Failure, Reply, Writer};
use clock::ScaledClock;
use traffic::Traffic;

pub struct Options {
    pub listen: String,
    pub dir: PathBuf,
    pub reset: bool,
    /// Submissions a second, of the machine's clock.
    pub rate: f64,
    /// How many times faster than the machine's clock the demo's runs.
    pub speed: u32,
    pub seed: u64,
}

/// Days of the campaign that are there when the demo opens, and submissions on each.
const DAYS_BEFORE: i32 = 5;
const SUBMISSIONS_A_DAY: usize = 800;
/// The campaign's first day, and the hour at which people come to work.
const FIRST_DAY: (i16, i8, i8) = (2022, 4, 21);
const MORNING_MS: i64 = 7 * 3_600_000;
/// Commands sent at once while loading.
const LOAD_AT_ONCE: usize = 512;
/// Recent initiatives that are reviewed, withdrawn or transferred sooner or later.
const OPEN_MAX: usize = 2_000;
/// How often traffic is sent.
const TICK: Duration = Duration::from_millis(50);

/// Loads what is missing, serves, and lets people submit until the process is asked to stop.
///
/// # Errors
/// When the folder, the database or the address cannot be used.
pub async fn run(options: Options) -> anyhow::Result<()> {
    anyhow::ensure!(
        options.rate.is_finite() && (0.0..=10_000.0).contains(&options.rate),
        "--rate must lie in 0..10000"
    );
    let database = prepare_folder(&options.dir, options.reset)?;
    let (listener, address) = listen(&options.listen).await?;
    let first_day = Day::from_ymd(FIRST_DAY.0, FIRST_DAY.1, FIRST_DAY.2)?;
    let clock = Arc::new(ScaledClock::new(first_day.start(), options.speed));
    let server = Server::open(&format!("sqlite://{}", database.display()), clock.clone()).await?;
    let snapshot = server.hub.latest();
    // Numbers of submissions go on where an earlier run ended.
    let mut traffic = Traffic::new(options.seed.wrapping_add(snapshot.version().0.unsigned_abs()));
    if snapshot.registry.unit_count() == 1 {
        load(&server.writer, &mut traffic, &clock, first_day).await?;
    } else {
        clock.jump_to(snapshot.head().at);
    }
    let token = format!("{:016x}{:016x}", random_u64()?, random_u64()?);
    print_welcome(address, &token, &database)?;
    let flow = tokio::spawn(flow(server.writer.clone(), traffic, Arc::clone(&clock), options.rate));
    let stop = async move {
        asked_to_stop().await;
        flow.abort();
    };
    server.serve(listener, Some(&token), stop).await
}

fn prepare_folder(dir: &Path, reset: bool) -> anyhow::Result<PathBuf> {
    std::fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    let database = dir.join("demo.db");
    if reset {
        for ending in ["", "-wal", "-shm"] {
            let file = dir.join(format!("demo.db{ending}"));
            match std::fs::remove_file(&file) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(error).with_context(|| format!("cannot remove {}", file.display()));
                }
                _ => {}
            }
        }
    }
    Ok(database)
}

fn print_welcome(address: SocketAddr, token: &str, database: &Path) -> std::io::Result<()> {
    let database = database.display();
    let mut out = std::io::stdout().lock();
    write!(
        out,
        "\nSangkien: a campaign of 2022 on a simulated clock\n\
         \n  wall      http://{address}/wall            (one province: ?unit=ldld-dong-nai)\
         \n  GraphiQL  http://{address}/graphiql\
         \n  database  {database}\
         \n\n  curl http://{address}/graphql -H 'content-type: application/json' \\\
         \n    -d '{{\"query\":\"{{ root {{ name tally {{ submitted accepted ratio }} }} }}\"}}'\n\
         \nadmin token: {token}\n\
         ready http://{address}\n"
    )?;
    out.flush()
}

async fn load(
    writer: &Writer,
    traffic: &mut Traffic,
    clock: &ScaledClock,
    first_day: Day,
) -> anyhow::Result<()> {
    clock.jump_to(crate::domain::Timestamp(first_day.start().0 + MORNING_MS));
    // A real root and a real programme take the places of those that stand in; periods before
    // targets, parents before children.
    send_all(writer, plan::units().into_iter().map(Command::UpsertUnit)).await?;
    send_all(writer, plan::periods().into_iter().map(Command::UpsertPeriod)).await?;
    send_all(writer, plan::targets().into_iter().map(Command::SetTargets)).await?;
    for day in 0..DAYS_BEFORE {
        let today = first_day.plus(day);
        clock.jump_to(crate::domain::Timestamp(today.start().0 + MORNING_MS));
        let submissions: Vec<Command> = (0..SUBMISSIONS_A_DAY)
            .map(|_| Command::Submit(traffic.next_submission(today)))
            .collect();
        let ids = send_all(writer, submissions.into_iter()).await?;
        let decisions: Vec<Command> =
            ids.into_iter().filter_map(|id| traffic.follow_up(id)).collect();
        send_all(writer, decisions.into_iter()).await?;
    }
    clock.jump_to(crate::domain::Timestamp(first_day.plus(DAYS_BEFORE).start().0 + MORNING_MS));
    Ok(())
}

/// Sends in order, many at once, and gives the initiatives that came of it.
async fn send_all(
    writer: &Writer,
    commands: impl Iterator<Item = Command>,
) -> anyhow::Result<Vec<InitiativeId>> {
    let actor = Arc::new(Actor::SYSTEM);
    let mut commands = commands.peekable();
    let mut ids = Vec::new();
    while commands.peek().is_some() {
        let some = commands.by_ref().take(LOAD_AT_ONCE);
        let sent = some.map(|command| writer.execute(command, Arc::clone(&actor)));
        for reply in join_all(sent).await {
            match reply {
                Ok(reply) => ids.extend(initiative_of(&reply)),
                Err(failure) => anyhow::bail!("the demo's data was refused: {failure:?}"),
            }
        }
    }
    Ok(ids)
}

fn initiative_of(reply: &Reply) -> Option<InitiativeId> {
    match &reply.outcome {
        Outcome::Initiative { initiative, .. } if initiative.version > Version::ZERO => {
            Some(initiative.id)
        }
        _ => None,
    }
}

/// People at work: they submit at the given rate, and somebody follows up what was submitted.
async fn flow(writer: Writer, mut traffic: Traffic, clock: Arc<ScaledClock>, rate: f64) {
    let actor = Arc::new(Actor::SYSTEM);
    let mut open: VecDeque<InitiativeId> = VecDeque::new();
    let mut due = 0.0;
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tick.tick().await;
        due += rate * TICK.as_secs_f64();
        let mut commands = Vec::new();
        while due >= 1.0 {
            due -= 1.0;
            commands.push(Command::Submit(traffic.next_submission(clock.now().day())));
            commands.extend(open.pop_front().and_then(|id| traffic.follow_up(id)));
        }
        let sent = commands.into_iter().map(|command| writer.execute(command, Arc::clone(&actor)));
        for reply in join_all(sent).await {
            match reply {
                Ok(reply) => open.extend(initiative_of(&reply)),
                // After the campaign's end nothing enters any more; the board stands.
                Err(Failure::Refused(refusals)) => {
                    tracing::debug!(?refusals, "refused");
                }
                Err(failure) => tracing::warn!(%failure, "not carried out"),
            }
        }
        while open.len() > OPEN_MAX {
            open.pop_front();
        }
    }
}
