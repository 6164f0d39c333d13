//! Large worlds: many commands at once, so that batches form; judged now and then and at the end.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use sangkien::board::Snapshot;
use sangkien::domain::{Actor, Command, Outcome, UnitRef, Version};
use sangkien::recount::Recount;
use sangkien::store::Store;
use sangkien::writer::{Failure, Reply, Writer};
use tokio::task::JoinSet;

use super::draw::Draw;
use super::judge::{Ledger, judge, judge_log};
use super::{Trace, start_of_march};
use crate::writer_node::{Backend, WriterNode};

const SENDERS: usize = 12;
const COMMANDS_EACH: usize = 120;
const UNITS: usize = 250;

pub async fn large(backend: Backend, seed: u64) {
    let Some(node) = WriterNode::open(backend, start_of_march(), seed).await else { return };
    let mut trace = Trace { seed, steps: Vec::new(), is_over: false };
    let mut draw = Draw::new(seed, "l", u32::MAX);
    grow(&node, &mut draw).await;
    let mut writers = vec![node.writer.clone()];
    let mut others = None;
    if backend == Backend::Postgres {
        let (writer, hub, task) = node.second().await;
        writers.push(writer.clone());
        // Held to the end: a writer that nobody can reach any more stops following the log.
        others = Some((writer, hub, task));
    }
    let newest = Arc::new(AtomicI64::new(0));
    let mut senders = JoinSet::new();
    for number in 0..SENDERS {
        let sender = Sender {
            writer: writers[number % writers.len()].clone(),
            hub: Arc::clone(&node.hub),
            newest: Arc::clone(&newest),
            draw: Draw::new(seed * 100 + number as u64, &format!("l{number}"), u32::MAX),
        };
        senders.spawn(sender.run());
    }
    drop(writers);
    let mut answers = Vec::new();
    while !senders.is_empty() {
        let pause = std::time::Duration::from_millis(draw.rng.u64(1..400));
        tokio::select! {
            Some(done) = senders.join_next() => {
                trace.step("sent");
                answers.extend(done.expect("no sender panics"));
            }
            () = tokio::time::sleep(pause) => {
                let ms = draw.time_passing_ms();
                trace.step(format!("{ms} ms pass"));
                node.clock.advance_ms(ms);
                let mut tx = node.store.begin_read().await.expect("it reads");
                trace.step("waits");
                node.hub.reached(tx.version()).await;
                trace.step("judges");
                // The node made a snapshot only of the end of what others committed since.
                if let Some(board) = node.hub.at(tx.version()) {
                    let recount = Recount::read(&mut tx).await.expect("it reads");
                    judge(&recount, &board, &mut draw);
                }
            }
        }
    }
    let mut ledger = Ledger::default();
    for (command, reply) in &answers {
        ledger.enter(command, reply);
    }
    let (recount, board) = latest(&node.store, &node.hub).await;
    ledger.judge(&recount);
    judge(&recount, &board, &mut draw);
    trace.step("at the end");
    if let Some((writer, hub, task)) = others {
        hub.reached(board.version()).await;
        judge(&recount, &hub.latest(), &mut draw);
        drop(writer);
        task.stop().await.expect("the writer ends in peace");
    }
    let verdict = node.verify().await;
    assert!(verdict.is_clean() && verdict.folded, "{verdict}");
    judge_log(&node.events_after(Version::ZERO).await);
    trace.is_over = true;
}

async fn latest(store: &Store, hub: &sangkien::feed::Hub) -> (Recount, Arc<Snapshot>) {
    let mut tx = store.begin_read().await.expect("it reads");
    hub.reached(tx.version()).await;
    (Recount::read(&mut tx).await.expect("it reads"), hub.latest())
}

/// A tree of some depth, and periods at several heights.
async fn grow(node: &WriterNode, draw: &mut Draw) {
    for _ in 0..4 {
        let board = node.hub.latest();
        let mut running = JoinSet::new();
        for _ in 0..UNITS / 4 {
            let parent = UnitRef::Id(draw.unit(&board).id);
            let command = Command::UpsertUnit(draw.new_unit(parent));
            let writer = node.writer.clone();
            running.spawn(async move { writer.execute(command, Arc::new(Actor::SYSTEM)).await });
        }
        for reply in running.join_all().await {
            reply.expect("a unit may be added");
        }
    }
    for _ in 0..4 {
        let command = draw.upsert_period(&node.hub.latest());
        // Some are refused; the stand-in programme is there at any rate.
        let _reply = node.execute(command).await;
    }
}

struct Sender {
    writer: Writer,
    hub: Arc<sangkien::feed::Hub>,
    newest: Arc<AtomicI64>,
    draw: Draw,
}

impl Sender {
    async fn run(mut self) -> Vec<(Command, Result<Reply, Failure>)> {
        let mut answers = Vec::new();
        while answers.len() < COMMANDS_EACH {
            let board = self.hub.latest();
            let newest = self.newest.load(Ordering::Relaxed);
            let burst = self.draw.rng.usize(1..8);
            let mut running = JoinSet::new();
            for _ in 0..burst {
                let command = self.draw.command(&board, newest);
                let writer = self.writer.clone();
                running.spawn(async move {
                    let reply = writer.execute(command.clone(), Arc::new(Actor::SYSTEM)).await;
                    (command, reply)
                });
            }
            for (command, reply) in running.join_all().await {
                if let Ok(Reply { outcome: Outcome::Initiative { initiative, .. }, .. }) = &reply {
                    self.newest.fetch_max(initiative.id.0, Ordering::Relaxed);
                }
                answers.push((command, reply));
            }
        }
        answers
    }
}
