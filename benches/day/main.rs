//! The busiest day of the campaign in twelve minutes: what each kind of client waits, and what the machine has left.
//!
//! The whole country's tree of the demo, a server of its own on SQLite, and its clients on the same machine. Arrivals come 120
//! times as fast as they did: 42,000 submissions, four fifths of them in eight working hours; officers review what their
//! unions entered, 50 at a time, and look at their lists; partners copy what has changed; people open pages. Windows and sockets
//! are as they are: 5,000 screens follow 800 boards for the whole time. Clients do not wait for the answers before, and a wait
//! begins when a request is due, so that one that is late counts as that.
//!
//! A screen's wait is the time from the acknowledgement of the oldest submission below its office that a message is the first to
//! show to that message; messages come at most four times a second, so most of it is the window.
//!
//! `--quick` plays the same day in 12 s with 200 screens. Every submission must be acknowledged and counted in the end, and no
//! client may be refused; else the bench ends with 1. Waits have no bar.

mod clients;
mod course;
mod server;
mod waits;

use std::sync::Arc;
use std::time::Duration;

use clients::Clients;
use course::Course;
use server::Server;

#[path = "../world/mod.rs"]
mod world;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// The numbers of a day.
struct Sizes {
    lasts: Duration,
    screens: usize,
    boards: usize,
    submissions: usize,
    /// Batches of 50.
    reviews: usize,
    lists: usize,
    syncs: usize,
    pages: usize,
}

impl Sizes {
    const WHOLE: Self = Self {
        lasts: Duration::from_secs(720),
        screens: 5_000,
        boards: 800,
        submissions: 42_000,
        reviews: 700,
        lists: 20_000,
        syncs: 14_400,
        pages: 50_000,
    };
    const QUICK: Self = Self {
        lasts: Duration::from_secs(12),
        screens: 200,
        boards: 40,
        submissions: 700,
        reviews: 12,
        lists: 330,
        syncs: 240,
        pages: 830,
    };
}

#[tokio::main]
async fn main() -> Result<(), Failed> {
    let sizes = if world::is_quick() { Sizes::QUICK } else { Sizes::WHOLE };
    let server = Server::start().await?;
    println!(
        "{} units; {} screens on {} boards, {} submissions in {} s",
        server.union.units,
        sizes.screens,
        sizes.boards,
        sizes.submissions,
        sizes.lasts.as_secs()
    );
    let clients = Arc::new(Clients::new(&server)?);
    clients.begin_copies().await?;
    let screens = clients.hang_up(sizes.screens, sizes.boards).await?;
    let before = server.usage()?;
    let course = Course::begin(sizes.lasts);
    tokio::join!(
        course.run(sizes.submissions, 1, |chance| Arc::clone(&clients).submit(chance)),
        course.run(sizes.reviews, 2, |chance| Arc::clone(&clients).review(chance)),
        course.run(sizes.lists, 3, |chance| Arc::clone(&clients).list(chance)),
        course.run(sizes.syncs, 4, |chance| Arc::clone(&clients).sync(chance)),
        course.run(sizes.pages, 5, |chance| Arc::clone(&clients).open(chance)),
    );
    let usage = server.usage()?.since(&before);
    clients.await_counts().await?;
    drop(screens);
    println!("\n{:<34} {:>8} {:>9} {:>9} {:>9}", "", "count", "p50 ms", "p99 ms", "longest");
    for waits in clients.waits() {
        println!("{waits}");
    }
    println!("\n{usage}");
    let faults = clients.faults();
    for fault in &faults {
        println!("refused or lost: {fault}");
    }
    server.stop()?;
    if faults.is_empty() { Ok(()) } else { Err("some clients were refused".into()) }
}
