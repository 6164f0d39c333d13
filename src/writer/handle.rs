//! The handles of the writer: one sends commands, one stops it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinError, JoinHandle};
use tokio::time::{Instant, timeout_at};

use super::condition::Condition;
use super::prepare::prepare;
use super::queue::Queued;
use super::reply::{Failure, Reply, Unavailable};
use crate::domain::field::Fields;
use crate::domain::{Actor, Command};
use crate::traces;

/// Sends commands from anywhere in the process. The writer ends when the last one is dropped.
#[derive(Debug, Clone)]
pub struct Writer {
    pub(super) queue: mpsc::Sender<Queued>,
    pub(super) rebuilds: mpsc::Sender<Rebuild>,
    pub(super) standstill: Standstill,
    pub(super) fields: Arc<Fields>,
    /// Whether the writer was asked to stop.
    pub(super) stopping: Arc<AtomicBool>,
    pub(super) condition: Arc<Condition>,
}

/// Asks for the board to be made anew, and waits for it.
pub type Rebuild = oneshot::Sender<Result<(), Failure>>;

impl Writer {
    /// The operator's list of fields of work: the commands that come in name no others.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// Carries out a command on behalf of `actor`.
    ///
    /// # Errors
    /// See [`Failure`]. A caller that stops waiting does not stop the command.
    pub async fn execute(&self, command: Command, actor: Arc<Actor>) -> Result<Reply, Failure> {
        let command = prepare(command, &self.fields).map_err(Failure::Refused)?;
        let (answer, answered) = oneshot::channel();
        let queued = Queued { command, actor, answer, span: traces::command() };
        self.queue.try_send(queued).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Failure::Unavailable(Unavailable::QueueFull),
            mpsc::error::TrySendError::Closed(_) => self.gone(),
        })?;
        answered.await.unwrap_or_else(|_| Err(self.gone()))
    }

    /// Makes the board anew from facts and log; commands wait meanwhile.
    ///
    /// # Errors
    /// [`Failure::Unavailable`] when the database cannot be read, or the writer is gone.
    pub async fn rebuild(&self) -> Result<(), Failure> {
        let (done, rebuilt) = oneshot::channel();
        self.rebuilds.send(done).await.map_err(|_| self.gone())?;
        rebuilt.await.unwrap_or_else(|_| Err(self.gone()))
    }

    /// Why nobody carries commands out any more.
    fn gone(&self) -> Failure {
        let is_asked = self.stopping.load(Ordering::Relaxed);
        Failure::Unavailable(if is_asked { Unavailable::Stopping } else { Unavailable::Failed })
    }

    /// The number of commands that wait.
    pub fn waiting(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }

    /// A line that says why no changes are taken for now; `None` if they are, as far as the last look told.
    pub fn standstill(&self) -> Option<&'static str> {
        self.standstill.get().map(|why| match why {
            Unavailable::ReadOnly => "the database is read-only, so no changes are taken\n",
            _ => "the time is wrong, so no changes are taken\n",
        })
    }

    /// The time for which changes have failed, or waited for one that hangs; zero while they are carried out.
    pub fn failing_for(&self) -> Duration {
        self.condition.failing_for()
    }

    /// The time for which the board may have lacked events of the log; zero while the log is looked at all the time.
    pub fn behind_for(&self) -> Duration {
        self.condition.behind_for()
    }

    /// Whether commands are still taken.
    pub fn is_running(&self) -> bool {
        !self.queue.is_closed()
    }
}

/// Why the writer takes no changes for now. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Standstill(Arc<Mutex<Option<Unavailable>>>);

impl Standstill {
    pub fn get(&self) -> Option<Unavailable> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note; gives back what was there before.
    pub fn set(&self, why: Option<Unavailable>) -> Option<Unavailable> {
        std::mem::replace(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner), why)
    }
}

/// The writer's task, to be stopped.
#[derive(Debug)]
pub struct WriterHandle {
    pub(super) stop: oneshot::Sender<()>,
    pub(super) stopping: Arc<AtomicBool>,
    pub(super) task: JoinHandle<()>,
    /// Ends behind the writer, once it has written what waits.
    pub(super) keeper: JoinHandle<()>,
}

impl WriterHandle {
    /// Takes no more commands, carries out those that wait, and ends.
    ///
    /// # Errors
    /// When the task had panicked, or was ended because it did not end by then.
    pub async fn stop_by(mut self, until: Instant) -> Result<(), JoinError> {
        self.stopping.store(true, Ordering::Relaxed);
        // The task may have ended already, for want of anybody to send.
        let _ended = self.stop.send(());
        if let Ok(ended) = timeout_at(until, &mut self.task).await {
            if timeout_at(until, &mut self.keeper).await.is_err() {
                self.keeper.abort();
            }
            return ended;
        }
        self.keeper.abort();
        // Nobody has an answer that is not true. A commit whose outcome is not known is there or not, and its key tells.
        self.task.abort();
        self.task.await
    }

    /// As [`Self::stop_by`], however long it takes.
    ///
    /// # Errors
    /// When the task had panicked.
    pub async fn stop(self) -> Result<(), JoinError> {
        self.stopping.store(true, Ordering::Relaxed);
        // The task may have ended already, for want of anybody to send.
        let _ended = self.stop.send(());
        let ended = self.task.await;
        self.keeper.await.and(ended)
    }
}
