//! Commands that wait for the writer, taken in order, as many at a time as can be checked against one
//! state.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tracing::Span;

use super::prepare::Prepared;
use super::reply::{Failure, Reply};
use crate::domain::Actor;
use crate::limits::BATCH_MAX;

/// A command that waits, and where its answer goes.
pub struct Queued {
    pub command: Prepared,
    pub actor: Arc<Actor>,
    pub answer: oneshot::Sender<Result<Reply, Failure>>,
    pub span: Span,
}

impl std::fmt::Debug for Queued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Queued")
    }
}

/// The commands that wait, in order of arrival.
pub struct CommandQueue {
    queue: mpsc::Receiver<Queued>,
    /// Taken from the queue already.
    taken: Vec<Queued>,
    /// This many of the first are carried out each for itself.
    one_by_one: usize,
}

impl CommandQueue {
    /// A queue of the commands that arrive on a channel.
    pub fn new(queue: mpsc::Receiver<Queued>) -> Self {
        Self { queue, taken: Vec::with_capacity(BATCH_MAX), one_by_one: 0 }
    }

    /// Waits until there is a command; `false` when there will be none any more. No command is lost when the
    /// future is dropped.
    pub async fn arrive(&mut self) -> bool {
        !self.taken.is_empty() || self.queue.recv_many(&mut self.taken, BATCH_MAX).await > 0
    }

    /// Takes the first commands that can be checked against one state. One that arrived after [`Self::arrive`] comes
    /// along.
    pub fn next_run(&mut self) -> Vec<Queued> {
        while self.taken.len() < BATCH_MAX
            && let Ok(arrived) = self.queue.try_recv()
        {
            self.taken.push(arrived);
        }
        let length = if self.one_by_one > 0 { 1 } else { leading_run(&self.taken) };
        self.one_by_one = self.one_by_one.saturating_sub(1);
        self.taken.drain(..length.min(self.taken.len())).collect()
    }

    /// Takes all commands that wait.
    pub fn take_all(&mut self) -> Vec<Queued> {
        while let Ok(arrived) = self.queue.try_recv() {
            self.taken.push(arrived);
        }
        self.one_by_one = 0;
        std::mem::take(&mut self.taken)
    }

    /// Takes commands back that could not be carried out together.
    pub fn put_back_one_by_one(&mut self, run: Vec<Queued>) {
        self.one_by_one = run.len();
        self.taken.splice(..0, run);
    }

    /// Accepts no more; commands that wait can still be taken.
    pub fn close(&mut self) {
        self.queue.close();
    }
}

/// The number of commands at the front that are checked against the state at the beginning of a
/// batch: a change of structure ends a batch, except for further ones. A command that rests on counts is alone.
fn leading_run(commands: &[Queued]) -> usize {
    let rests_on_counts = |queued: &Queued| queued.command.rests_on_counts();
    let commands = match commands.iter().position(rests_on_counts) {
        Some(0) => return 1,
        Some(ahead) => &commands[..ahead],
        None => commands,
    };
    let is_structural = |queued: &&Queued| queued.command.is_structural();
    let plain = commands.iter().take_while(|queued| !is_structural(queued)).count();
    plain + commands[plain..].iter().take_while(is_structural).count()
}
