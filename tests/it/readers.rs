//! Readers of tables: those that are broken off harm nobody, and those at another node are not refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sangkien::domain::{Command, Timestamp, UnitRef};
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::chance;
use crate::commands::submit;
use crate::database::{Kind, in_time};
use crate::deadlines::NOW;
use crate::harness::{SUBMIT, World, data, submission};
use crate::writer_node::{Backend, WriterNode};

/// Clients that leave while their read begins, at whatever moment of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_that_are_broken_off_leave_no_transaction_open() {
    const READERS: u64 = 24;
    const WRITES: usize = 300;
    let now = Timestamp::parse(NOW).unwrap();
    let Some(node) = WriterNode::open(Backend::Postgres, now, 1).await else { return };
    let is_over = Arc::new(AtomicBool::new(false));
    let mut readers = JoinSet::new();
    for seed in 0..READERS {
        let (store, hub, is_over) = (node.store.clone(), node.hub.clone(), Arc::clone(&is_over));
        readers.spawn(async move {
            let mut rng = chance::rng(seed);
            let (mut read, mut broken_off) = (0, 0);
            while !is_over.load(Ordering::Relaxed) {
                let acknowledged = hub.latest().version();
                let patience = Duration::from_micros(rng.u64(..4_000));
                let begun = if seed % 4 == 0 {
                    timeout(patience, store.begin_brief_read()).await
                } else {
                    timeout(patience, store.begin_read()).await
                };
                match begun {
                    Ok(tx) => {
                        let seen = tx.expect("it begins").version();
                        assert!(seen >= acknowledged, "{seen:?} before {acknowledged:?}");
                        read += 1;
                    }
                    Err(_) => broken_off += 1,
                }
            }
            (read, broken_off)
        });
    }
    let root = UnitRef::Code("root".to_owned());
    for number in 0..WRITES {
        let reply =
            node.execute(Command::Submit(submit(format!("k-{number}"), root.clone()))).await;
        reply.unwrap_or_else(|failure| panic!("batch {number}: {failure}"));
        // A use of a token is written on the connections for brief reads.
        node.store.note_tokens_used(&[(1, now)].into()).await.expect("it is written");
    }
    is_over.store(true, Ordering::Relaxed);
    let (mut read, mut broken_off) = (0, 0);
    for (some, others) in in_time(readers.join_all()).await {
        (read, broken_off) = (read + some, broken_off + others);
    }
    assert!(read > 100 && broken_off > 100, "{read} read, {broken_off} broken off");
}

/// While one node writes, without a pause, lists of another are served, each with counts of its own version.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_at_another_node_are_served_while_one_writes() {
    const READERS: usize = 20;
    const LISTS: usize = 15;
    let Some(kind) = Kind::postgres() else { return };
    let database = kind.fresh();
    let (one, other) = (World::of(&database.url, NOW).await, World::of(&database.url, NOW).await);
    let (one, other) = (Arc::new(one), Arc::new(other));
    let is_over = Arc::new(AtomicBool::new(false));
    let writing = {
        let is_over = Arc::clone(&is_over);
        tokio::spawn(async move {
            let mut written = 0;
            while !is_over.load(Ordering::Relaxed) {
                one.change(SUBMIT, submission("root", &format!("k-{written}"))).await;
                written += 1;
            }
            written
        })
    };
    let mut readers = JoinSet::new();
    for reader in 0..READERS {
        let other = Arc::clone(&other);
        readers.spawn(async move {
            for list in 0..LISTS {
                // Each is another document, so that no result is shared.
                let query = format!(
                    "{{ root {{ a{reader}_{list}: initiatives(first: 1) {{ totalCount nodes {{ title }} }} tally {{ submitted }} }} }}"
                );
                let root = data(other.ask(&json!({ "query": query })).await)["root"].take();
                let listed = &root[format!("a{reader}_{list}")]["totalCount"];
                assert_eq!(*listed, root["tally"]["submitted"]);
            }
        });
    }
    in_time(readers.join_all()).await;
    is_over.store(true, Ordering::Relaxed);
    assert!(in_time(writing).await.unwrap() > LISTS, "there was writing beside");
}
