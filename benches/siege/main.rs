//! Checks that the server keeps its promises to healthy clients while others attack it.
//!
//! A demo of 14,186 units runs as a process of its own on loopback. Beside it a healthy client asks for a cached answer,
//! a probe for `/health/live`, a submitter enters initiatives, and a wall follows the board that they move. Then the
//! attacks of [`attacks::table`] come one after the other, each from addresses of its own, for a bounded time. For each
//! the figures are measured and held against their bars: the 99th percentile of health and of cached answers, the longest
//! time between two messages of the moving board, and that the process lives. After each of three passes through the table
//! the process may hold at most what it held before them and the bounds that are stated; the last one may add at most 5 %,
//! since the caches are full by then.
//! The time after an attack, until the server answers again as before, counts as the attack's.
//!
//! Before the attacks the bench measures the memory of a socket in the process: one that asks nothing, and one with as
//! many subscriptions as it may have, each sent with a variable of 64 KB that its document does not declare.
//!
//! `--quick` gives each attack 2 s; without it a pass takes 10 minutes. `--only WORD` runs the attacks with that word in
//! their name; `--passes NUMBER` makes other than three passes, `--seconds NUMBER` gives each attack so long; `--units NUMBER` grows the tree to that many units first. Exit code 1 if a bar is not held. The clients take part of the same machine, so the figures are worse than
//! those of a server alone.

mod attacks;
mod healthy;
mod server;
mod sockets;
mod strangers;

use std::time::Duration;

use sangkien::limits;

use attacks::Attack;
use healthy::{Figures, Healthy};
use server::Server;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// The 99th percentile of `/health/live` and of cached answers.
const ANSWERED_WITHIN: Duration = Duration::from_millis(100);
/// The longest time between two messages of a board that moves.
const MESSAGES_WITHIN: Duration = Duration::from_secs(1);
/// The last pass may leave more than the one before it by one part in so many.
const GROWTH_SHARE: u64 = 20;
const PASSES: u8 = 3;
/// Bytes of a socket with as many subscriptions as it may have, whatever they were sent with.
const SOCKET_MAX: u64 = 1_000_000;
const PASS: Duration = Duration::from_secs(600);
const PASS_QUICK: Duration = Duration::from_secs(2);
/// The time in which the server gives back the resources that an attack took.
const REST: Duration = Duration::from_secs(1);
/// The longest wait until the server answers as it did before an attack.
const CALM_WITHIN: Duration = Duration::from_secs(120);

/// Bytes that caches may hold by the bounds that are stated: documents, answers, rankings and listings, pages
/// of the log. Pages of the database come on top, as far as its file goes. States that are followed and bodies in flight
/// have bounds too, but those of the attackers are gone when an attack is over.
const STATED_BYTES: u64 = limits::DOCUMENTS_BYTES
    + limits::RESULTS_BYTES
    + limits::LIST_COUNTS_BYTES
    + limits::BOARD_CACHE_BYTES
    + limits::FEED_PAGES_BYTES;

fn main() -> Result<(), Failed> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |flag: &str| {
        let place = arguments.iter().position(|argument| argument == flag);
        place.and_then(|place| arguments.get(place + 1))
    };
    let only = value("--only");
    let table: Vec<Attack> = attacks::table()
        .into_iter()
        .filter(|attack| only.is_none_or(|word| attack.name.contains(word.as_str())))
        .collect();
    let share = u32::try_from(table.len().max(1))?;
    let is_quick = arguments.iter().any(|argument| argument == "--quick");
    let each = match value("--seconds") {
        Some(seconds) => Duration::from_secs(seconds.parse()?),
        None if is_quick => PASS_QUICK,
        None => PASS / share,
    };

    let passes = value("--passes").map_or(Ok(PASSES), |number| number.parse())?;

    let mut server = Server::start()?;
    if let Some(units) = value("--units") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        server = runtime.block_on(server.grow_to(units.parse()?))?;
    }
    let healthy = Healthy::start(&server)?;
    let mut bars = Bars::default();

    println!(
        "{:<34} {:>9} {:>9} {:>9} {:>7}  answered",
        "attack", "health", "cached", "board", "MB"
    );
    println!("{:<34} {:>9} {:>9} {:>9} {:>7}", "", "p99 ms", "p99 ms", "gap ms", "");
    std::thread::sleep(each.min(Duration::from_secs(10)));
    let calm = healthy.take();
    let before = server.resident_bytes()?;
    line("(none)", &calm, before, "");
    bars.hold("(none)", &calm);

    let socket = sockets::measure(&server)?;
    println!(
        "a socket takes {:.1} KiB idle, {:.1} KiB with all subscriptions that it may have",
        kibibytes(socket.idle),
        kibibytes(socket.loaded)
    );
    bars.hold_socket(&socket);

    let mut after_passes = Vec::new();
    for pass in 1..=passes {
        for (place, attack) in (0..).zip(&table) {
            healthy.take();
            let told = strangers::carry_out(attack, [pass, place], &server, each)?;
            std::thread::sleep(REST);
            // Work that an attack left running counts as the attack's.
            server.await_calm(CALM_WITHIN)?;
            let figures = healthy.take();
            let bytes = server.resident_bytes()?;
            line(attack.name, &figures, bytes, &told);
            bars.hold(attack.name, &figures);
        }
        let bytes = server.resident_bytes()?;
        let stated = before + STATED_BYTES + server.pages_bytes()?;
        println!("after pass {pass}: {} MB, at most {} MB", megabytes(bytes), megabytes(stated));
        bars.hold_bytes(&format!("pass {pass}"), bytes, stated);
        after_passes.push(bytes);
    }
    // In seconds no cache is filled by the passes before.
    if let [.., before_last, last] = after_passes[..]
        && !is_quick
    {
        bars.hold_bytes("growth of the last pass", last, before_last + before_last / GROWTH_SHARE);
    }
    healthy.stop();
    server.stop()?;
    bars.judge()
}

fn line(name: &str, figures: &Figures, bytes: u64, told: &str) {
    let ms = |span: Duration| format!("{:.1}", span.as_secs_f64() * 1e3);
    let (health, cached) = (ms(figures.health.p99()), ms(figures.cached.p99()));
    let gap = ms(figures.gaps.longest());
    println!("{name:<34} {health:>9} {cached:>9} {gap:>9} {:>7}  {told}", megabytes(bytes));
}

const fn megabytes(bytes: u64) -> u64 {
    bytes / (1024 * 1024)
}

#[expect(clippy::cast_precision_loss, reason = "a figure to be read")]
fn kibibytes(bytes: u64) -> f64 {
    bytes as f64 / 1024.0
}

/// Bars that were not held.
#[derive(Default)]
struct Bars {
    broken: Vec<String>,
}

impl Bars {
    fn hold(&mut self, name: &str, figures: &Figures) {
        for (what, found, most) in [
            ("p99 of /health/live", figures.health.p99(), ANSWERED_WITHIN),
            ("p99 of cached answers", figures.cached.p99(), ANSWERED_WITHIN),
            (
                "longest time between two messages of the board",
                figures.gaps.longest(),
                MESSAGES_WITHIN,
            ),
        ] {
            if found > most {
                self.broken.push(format!("{name}: {what} was {found:.0?}, at most {most:.0?}"));
            }
        }
        // A figure of nothing is none.
        for (what, span) in
            [("health", &figures.health), ("cached", &figures.cached), ("board", &figures.gaps)]
        {
            if span.is_empty() {
                self.broken.push(format!("{name}: nothing was measured of {what}"));
            }
        }
        for fault in &figures.faults {
            self.broken.push(format!("{name}: {fault}"));
        }
    }

    fn hold_bytes(&mut self, name: &str, found: u64, most: u64) {
        if found > most {
            let (found, most) = (megabytes(found), megabytes(most));
            self.broken.push(format!("{name}: {found} MB resident, at most {most} MB"));
        }
    }

    fn hold_socket(&mut self, socket: &sockets::Bytes) {
        // A figure of nothing is none.
        if socket.loaded == 0 || socket.loaded > SOCKET_MAX {
            let found = socket.loaded;
            self.broken.push(format!("a socket took {found} bytes, at most {SOCKET_MAX}"));
        }
    }

    fn judge(self) -> Result<(), Failed> {
        if self.broken.is_empty() {
            println!("all bars are held");
            return Ok(());
        }
        for broken in &self.broken {
            println!("not held: {broken}");
        }
        Err(format!("{} bars are not held", self.broken.len()).into())
    }
}
