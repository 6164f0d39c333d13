//! Several nodes on one PostgreSQL: they hear of one another, and go on when they do not.

use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use crate::database::{ask_number, in_time};
use crate::deadlines::NOW;
use crate::harness::{SUBMIT, World, submission};
use crate::postgres;
use crate::wire::Wire;

/// How often a node looks by itself.
const LOOKS_EVERY: Duration = Duration::from_millis(500);
const FEED: &str = "subscription { initiativeEvents { version } }";

/// Submits at one node; returns the version.
async fn submit(world: &World, key: &str) -> i64 {
    let payload = world.change(SUBMIT, submission("root", key)).await;
    payload["initiative"]["version"].as_i64().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_hears_of_a_commit_at_once() {
    const COMMITS: u32 = 20;
    let Some(cluster) = postgres::cluster() else { return };
    let database = cluster.fresh_database();
    let (one, other) = (World::of(&database, NOW).await, World::of(&database, NOW).await);
    // Until it listens it only looks.
    other.await_version(submit(&one, "first").await).await;
    let began = Instant::now();
    for number in 0..COMMITS {
        other.await_version(submit(&one, &number.to_string()).await).await;
    }
    assert!(began.elapsed() < LOOKS_EVERY * COMMITS / 4, "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_goes_on_when_the_node_no_longer_hears_of_commits() {
    const LISTENERS: &str = "select count(*) from pg_stat_activity
        where datname = current_database() and application_name = 'sangkien listener'";
    const END_LISTENERS: &str = "select count(pg_terminate_backend(pid)) from pg_stat_activity
        where datname = current_database() and application_name = 'sangkien listener'";
    let Some(cluster) = postgres::cluster() else { return };
    let database = cluster.fresh_database();
    let (one, other) = (World::of(&database, NOW).await, World::of(&database, NOW).await);
    let mut socket = other.socket().await;
    socket.subscribe("feed", FEED).await;
    for round in 0..3 {
        in_time(async { while ask_number(&database, LISTENERS).await < 2 {} }).await;
        assert_eq!(ask_number(&database, END_LISTENERS).await, 2);
        for number in 0..5 {
            let version = submit(&one, &format!("{round} {number}")).await;
            assert_eq!(socket.next().await, json!({ "version": version }));
        }
    }
}

/// The line of the second node is cut, or its replies stop, for all of its connections.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_goes_on_when_the_line_is_back() {
    let Some(cluster) = postgres::cluster() else { return };
    let database = cluster.fresh_database();
    let wire = Wire::to(&database).await;
    let (one, other) = (World::of(&database, NOW).await, World::of(&wire.url, NOW).await);
    let mut socket = other.socket().await;
    socket.subscribe("feed", FEED).await;
    for round in ["cut", "silent", "cut again"] {
        let first = submit(&one, &format!("{round} 1")).await;
        assert_eq!(socket.next().await, json!({ "version": first }));
        match round {
            "silent" => wire.set_silent(true),
            _ => wire.cut(),
        }
        let second = submit(&one, &format!("{round} 2")).await;
        wire.set_silent(false);
        assert_eq!(socket.next().await, json!({ "version": second }));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_node_asks_little() {
    const ASKED: usize = 15;
    const A_SECOND: u32 = 5;
    let Some(cluster) = postgres::cluster() else { return };
    let wire = Wire::to(&cluster.fresh_database()).await;
    let _idle = World::of(&wire.url, NOW).await;
    // The first look makes its connection.
    let first = wire.asked() + 10;
    in_time(async { while wire.asked() < first { tokio::task::yield_now().await } }).await;
    let began = Instant::now();
    in_time(async { while wire.asked() < first + ASKED { tokio::task::yield_now().await } }).await;
    let least = Duration::from_secs(1) * ASKED as u32 / A_SECOND;
    assert!(began.elapsed() > least, "{ASKED} in {:?}", began.elapsed());
}
