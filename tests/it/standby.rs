//! PostgreSQL with a synchronous standby that takes over: nothing acknowledged is lost. Without one, `went_back` tells of the loss.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::task::JoinSet;

use crate::database::{ask_number, in_time, verify_database};
use crate::postgres::{Cluster, own_cluster};
use crate::went_back::{Node, Scene};

/// Commits that wait for the standby.
const WAITING: &str = "select count(*) from pg_stat_activity where wait_event = 'SyncRep'";

/// A primary whose commits wait for its standby.
async fn scene(primary: &Cluster) -> Scene {
    let scene = Scene::new(primary).await;
    primary.ask("postgres", "alter system set synchronous_standby_names = '*'");
    primary.ask("postgres", "select pg_reload_conf()");
    scene
}

/// Clients submit without a pause while the primary dies and the standby takes over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fail_over_to_a_synchronous_standby_loses_nothing_acknowledged() {
    const CLIENTS: usize = 4;
    const ENOUGH: usize = 40;
    let Some(primary) = own_cluster() else { return };
    let scene = scene(&primary).await;
    let node = Node::start(&scene.url, scene.dir.path()).await;
    let (taken, over) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let (api, taken, over) = (node.client.clone(), Arc::clone(&taken), Arc::clone(&over));
        clients.spawn(async move {
            let mut acknowledged = Vec::new();
            while !over.load(Ordering::Relaxed) {
                let key = format!("{client}-{}", acknowledged.len());
                // Whatever is not acknowledged is sent again.
                while api.submit(&key).await.is_err() {}
                acknowledged.push(key);
                taken.fetch_add(1, Ordering::Relaxed);
            }
            acknowledged
        });
    }
    let reached = async |count: usize| {
        in_time(async {
            while taken.load(Ordering::Relaxed) < count {
                tokio::task::yield_now().await;
            }
        })
        .await;
    };
    reached(ENOUGH).await;
    primary.stop();
    scene.switch_over();
    let before = taken.load(Ordering::Relaxed);
    reached(before + ENOUGH).await;
    over.store(true, Ordering::Relaxed);
    let acknowledged: Vec<String> =
        in_time(clients.join_all()).await.into_iter().flatten().collect();
    let keys: BTreeSet<&String> = acknowledged.iter().collect();
    assert_eq!(keys.len(), acknowledged.len());
    let there = ask_number(&scene.url, "select count(*) from initiatives").await;
    assert_eq!(there, i64::try_from(keys.len()).unwrap(), "each once");
    for key in acknowledged {
        node.client.submit(&key).await.expect("it is known");
    }
    assert_eq!(ask_number(&scene.url, "select count(*) from initiatives").await, there);
    assert!(node.server.stop().await.success(), "it went on");
    in_time(verify_database(&scene.url)).await;
}

/// A commit is in the primary alone, since its wait for the standby was ended: to be seen there is not to be safe.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_the_standby_lacks_is_not_acknowledged() {
    const END: &str = "select count(pg_terminate_backend(pid)) from pg_stat_activity where wait_event = 'SyncRep'";
    const THERE: &str = "select count(*) from initiatives where key = 'lost'";
    let Some(primary) = own_cluster() else { return };
    let scene = scene(&primary).await;
    let node = Node::start(&scene.url, scene.dir.path()).await;
    node.submit("kept").await;
    scene.replica.catch_up_with(&primary);
    scene.replica.stop_following();
    let client = node.client.clone();
    let lost = tokio::spawn(async move { client.submit("lost").await });
    let waits =
        async || in_time(async { while ask_number(&scene.direct, WAITING).await == 0 {} }).await;
    waits().await;
    assert_eq!(ask_number(&scene.direct, END).await, 1);
    in_time(async { while ask_number(&scene.direct, THERE).await == 0 {} }).await;
    // The node looks whether it is there, and lets that look be confirmed by the standby.
    waits().await;
    assert!(!lost.is_finished(), "nobody is told meanwhile");
    primary.stop();
    scene.switch_over();
    assert!(in_time(lost).await.unwrap().is_err(), "it is lost, and nobody was told otherwise");
    assert_eq!(ask_number(&scene.url, THERE).await, 0);
    in_time(verify_database(&scene.url)).await;
}
