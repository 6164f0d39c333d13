//! The demo: the union's tree with real names, its periods and goals, and the campaign of 2022 replayed by its
//! published counts. The demo sends commands only, like every caller.
//!
//! The script (`script`) is a pure function of seed and scale; the replay carries it out, in order, under a clock of
//! its own by which the whole server runs. So the demo may be stopped or killed at any moment, and goes on where the
//! log ends.

mod activity;
mod calendar;
mod chance;
mod clock;
mod course;
mod curve;
mod folder;
mod goals;
mod nights;
mod people;
mod periods;
mod places;
mod published;
mod replay;
mod resume;
mod rules;
mod scale;
mod script;
mod sites;
mod titles;
mod tokens;
mod trades;
mod units;
mod welcome;
mod workplaces;

use std::io::Write as _;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use futures_util::future::join_all;

use crate::domain::clock::{Clock as _, SystemClock};
use crate::domain::command::UpsertUnit;
use crate::domain::{Actor, Command, Day, Timestamp};
use crate::files;
use crate::http::{AllowedOrigin, App, Origins};
use crate::progress::{Progress, Work};
use crate::server::{Server, asked_to_stop, listen};
use crate::store::Store;
use crate::writer::Writer;
pub use clock::SimulatedClock;
use course::Step;
use folder::{Asked, Folder, Settings};
pub use replay::{Failed, Halt, Replay};
pub use scale::Scale;
use script::Action;
pub use script::Script;
use tokens::DemoTokens;
use welcome::Welcome;

pub struct Options {
    pub listen: String,
    pub dir: PathBuf,
    pub reset: bool,
    pub speed: Speed,
    /// The share of the published counts; `None` means the folder's, or 0.2.
    pub scale: Option<f64>,
    /// The simulated day on which the demo opens; `None` means the folder's, or the campaign's sixth.
    pub from: Option<Day>,
    /// The seed of the script; `None` means the folder's, or 1.
    pub seed: Option<u64>,
    pub progress: Progress,
}

/// The speed of the demo's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speed {
    /// Times the speed of the machine's clock, 1..=1,000,000.
    Times(u32),
    /// From one action to the next, as fast as the writer takes commands.
    Max,
}

/// The error for a speed that is neither a number nor "max".
#[derive(Debug, thiserror::Error)]
#[error("neither \"max\" nor a number in 1..1000000")]
pub struct BadSpeed;

impl FromStr for Speed {
    type Err = BadSpeed;

    fn from_str(text: &str) -> Result<Self, BadSpeed> {
        if text == "max" {
            return Ok(Self::Max);
        }
        let times = text.parse().ok().filter(|times| (1..=1_000_000).contains(times));
        times.map(Self::Times).ok_or(BadSpeed)
    }
}

/// The hour at which work begins.
const MORNING_MS: i64 = 7 * 3_600_000;
/// The number of commands that are sent together while setting up.
const SET_UP_AT_ONCE: usize = 512;
/// The sixth day of the campaign, whose board has much to show. A fifth of the initiatives loads in seconds, and the
/// boards of provinces have hundreds.
const DEFAULT: Settings = Settings { seed: 1, scale: 0.2, from: Day(19_108) };

/// Loads the missing part, serves, and replays the campaign until the process is asked to stop.
///
/// # Errors
/// If the folder, the database or the address cannot be used, or the folder holds a demo of other settings.
pub async fn run(options: Options) -> anyhow::Result<()> {
    let asked = Asked { seed: options.seed, scale: options.scale, from: options.from };
    check(asked)?;
    let Folder { database, tokens, settings } =
        Folder::open(&options.dir, asked, DEFAULT, options.reset)?;
    let scale = Scale::new(settings.scale).unwrap_or(Scale::WHOLE);
    let (listener, address) = listen(&options.listen).await?;
    let url = format!("sqlite://{}", database.display());
    let campaign = Campaign::open(&url, settings.seed, scale).await?;
    let Campaign { server, store, clock, script, mut replay } = campaign;

    let opening = Timestamp(settings.from.start().0 + MORNING_MS);
    if clock.now() < opening {
        let [mut entered, whole] =
            [clock.now(), opening].map(|moment| u64::from(script.entered_before(moment)));
        let mut loading = options.progress.stage(Work::Loading, whole);
        let count = |action: &Action| {
            entered += u64::from(action.step == Step::Submit && !action.entry.again);
            loading.at(entered);
        };
        replay.load(opening, count).await?;
        clock.stand_at(opening);
    }
    let tokens = DemoTokens::open(&tokens, &store, clock.now()).await?;
    store.close().await;
    let welcome = Welcome {
        address,
        database: &database,
        settings,
        speed: options.speed,
        now: clock.now(),
        tokens: &tokens,
    };
    let asked_to_stop = asked_to_stop()?;
    print(&welcome.text())?;
    let replaying = server.supervisor.spawn("the replay", go_on(replay, options.speed));
    let stop = async move {
        asked_to_stop.await;
        replaying.abort();
    };
    let app = App { is_simulated: true, ..server.app(Some(tokens.admin.reveal())) };
    server.serve(app, listener, stop).await
}

/// A demo's database with its units, periods and goals, and the replay at the point where the log ends.
pub struct Campaign {
    pub server: Server,
    /// A second handle of the database, beside the server's own.
    pub store: Store,
    /// The clock, which stands at the log's last moment.
    pub clock: Arc<SimulatedClock>,
    pub script: Arc<Script>,
    pub replay: Replay,
}

impl Campaign {
    /// # Errors
    /// If the database cannot be opened, or refuses units, periods or goals.
    pub async fn open(url: &str, seed: u64, scale: Scale) -> anyhow::Result<Self> {
        let first = calendar::FIRST_DAY.start();
        let clock = Arc::new(SimulatedClock::new(first, Arc::new(SystemClock)));
        let server = Server::open(url, clock.clone()).await?.with_limits(files::limits());
        // A page under development is served from another port of the same machine.
        let server = server.with_origins(Origins::new(vec![AllowedOrigin::ThisMachine]));
        clock.stand_at(server.hub.latest().head().at);
        let store = Store::open(url).await?;
        let units = units::units();
        let script = Arc::new(Script::new(seed, scale, &units));
        let after = resume::last_action(&store, &script).await?;
        if after.is_none() {
            set_up(&server.writer, units, scale).await?;
        }
        let (writer, its_clock) = (server.writer.clone(), Arc::clone(&clock));
        let replay = Replay::start(Arc::clone(&script), after, writer, its_clock);
        Ok(Self { server, store, clock, script, replay })
    }
}

fn check(asked: Asked) -> anyhow::Result<()> {
    let scale = asked.scale.unwrap_or(DEFAULT.scale);
    anyhow::ensure!(Scale::new(scale).is_some(), "--scale must lie in 0.0001..1");
    let days = calendar::FIRST_DAY..=calendar::LAST_DAY.plus(1);
    let from = asked.from.unwrap_or(DEFAULT.from);
    anyhow::ensure!(days.contains(&from), "--from must lie in {}..{}", days.start(), days.end());
    Ok(())
}

fn print(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Replays the rest; at its end the board stands still.
async fn go_on(mut replay: Replay, speed: Speed) {
    let ended = match speed {
        Speed::Times(times) => replay.follow(times).await,
        Speed::Max => replay.load(Timestamp(i64::MAX), |_| {}).await,
    };
    match ended {
        Ok(_) => tracing::info!("the programme is over; the board stands"),
        Err(error) => {
            tracing::error!(error = format!("{:#}", anyhow::Error::from(error)), "no more replay");
        }
    }
}

/// Makes units, periods, goals and rules; those that exist stay unchanged.
///
/// # Errors
/// If the writer refuses a command.
async fn set_up(writer: &Writer, units: Vec<UpsertUnit>, scale: Scale) -> anyhow::Result<()> {
    let goals = goals::targets(&units, scale);
    // A real root and a real programme replace the placeholders; periods come before targets, parents before children.
    let mut commands = units
        .into_iter()
        .map(Command::UpsertUnit)
        .chain(periods::periods().into_iter().map(Command::UpsertPeriod))
        .chain(goals.into_iter().map(Command::SetTargets))
        .chain(rules::rules().into_iter().map(|rule| Command::UpsertRule(Box::new(rule))))
        .peekable();
    let actor = Arc::new(Actor::SYSTEM);
    while commands.peek().is_some() {
        let some = commands.by_ref().take(SET_UP_AT_ONCE);
        let sent = some.map(|command| writer.execute(command, Arc::clone(&actor)));
        for reply in join_all(sent).await {
            if let Err(failure) = reply {
                anyhow::bail!("the demo's data was refused: {failure:?}");
            }
        }
    }
    Ok(())
}
