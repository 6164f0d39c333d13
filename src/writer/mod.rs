//! The one writer of this process: takes whatever is queued, checks it, writes it in one
//! transaction, folds it, publishes it, answers.
//!
//! What is always true: commands of a batch are checked one by one, in order, after the counter
//! row is taken and others' events are folded, against the state plus the batch so far; one that
//! fails fails alone; an answer is sent after the commit is on disk and the snapshot holds it.
//! There is no timer: while one batch commits, the next one queues.

mod batch;
mod decide;
pub mod importer;
mod prepare;
mod queue;
pub mod self_check;
pub mod tags;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinError, JoinHandle};
use tokio::time::{Instant, MissedTickBehavior};
use tracing::{Instrument as _, Span};

use crate::board::{self, Board};
use crate::domain::clock::SharedClock;
use crate::domain::field::Fields;
use crate::domain::{Actor, Command, Event, Outcome, Refusal, Version};
use crate::feed::Hub;
use crate::feed::cursor::Cursor;
use crate::limits::{LOG_PAGE, RETRY_FIRST, RETRY_MAX, TAIL_POLL, WRITER_QUEUE};
use crate::measure;
use crate::store::{self, Store, WriteTx};
use crate::traces;
use batch::{Batch, ImportKeys};
use prepare::{Prepared, prepare};
use queue::CommandQueue;
use tags::Tags;

/// Takes commands from anywhere in the process. The writer ends when the last one is dropped.
#[derive(Debug, Clone)]
pub struct Writer {
    queue: mpsc::Sender<Queued>,
    rebuilds: mpsc::Sender<Rebuild>,
    fields: Arc<Fields>,
}

/// Asks for the board to be made anew, and waits for it.
type Rebuild = oneshot::Sender<Result<(), Failure>>;

/// What a command came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    pub outcome: Outcome,
    /// A version that shows it.
    pub version: Version,
    /// The tag of that version's event.
    pub tag: i64,
}

/// Why a command was not carried out.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Failure {
    /// The caller can mend it.
    #[error("refused")]
    Refused(Vec<Refusal>),
    /// Too much is waiting, or the database is not there; nothing was done, it may be sent again.
    #[error("not available now: {0}")]
    Unavailable(Unavailable),
    /// A fault of ours: the database will not take what was made of the command.
    #[error("a fault of the server")]
    Internal,
}

/// Why nothing can be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    #[error("too many commands are waiting")]
    QueueFull,
    #[error("the server is stopping")]
    Stopping,
    #[error("the database is not available")]
    Database,
    #[error("the database did not take it")]
    NotTaken,
}

struct Queued {
    command: Prepared,
    actor: Arc<Actor>,
    answer: oneshot::Sender<Result<Reply, Failure>>,
    span: Span,
}

impl std::fmt::Debug for Queued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Queued")
    }
}

impl Writer {
    /// The same writer, admitting only these fields of work to what comes in through it.
    #[must_use]
    pub fn with_fields(self, fields: Fields) -> Self {
        Self { fields: Arc::new(fields), ..self }
    }

    /// The operator's list.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// Carries out a command on behalf of `actor`.
    ///
    /// # Errors
    /// See [`Failure`]. Whoever stops waiting does not stop the command.
    pub async fn execute(&self, command: Command, actor: Arc<Actor>) -> Result<Reply, Failure> {
        let command = prepare(command, &self.fields).map_err(Failure::Refused)?;
        let (answer, answered) = oneshot::channel();
        let queued = Queued { command, actor, answer, span: traces::command() };
        self.queue.try_send(queued).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Failure::Unavailable(Unavailable::QueueFull),
            mpsc::error::TrySendError::Closed(_) => Failure::Unavailable(Unavailable::Stopping),
        })?;
        answered.await.unwrap_or(Err(Failure::Unavailable(Unavailable::Stopping)))
    }

    /// Makes the board anew from facts and log; commands wait meanwhile.
    ///
    /// # Errors
    /// [`Failure::Unavailable`] when the database cannot be read, or the server is stopping.
    pub async fn rebuild(&self) -> Result<(), Failure> {
        let stopping = Failure::Unavailable(Unavailable::Stopping);
        let (done, rebuilt) = oneshot::channel();
        self.rebuilds.send(done).await.map_err(|_| stopping.clone())?;
        rebuilt.await.unwrap_or(Err(stopping))
    }

    /// Commands that wait.
    pub fn waiting(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }

    /// Whether commands are still taken.
    pub fn is_running(&self) -> bool {
        !self.queue.is_closed()
    }
}

/// The writer's task, to be stopped.
#[derive(Debug)]
pub struct WriterHandle {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl WriterHandle {
    /// Takes no more commands, carries out those that wait, and ends.
    ///
    /// # Errors
    /// When the task had panicked.
    pub async fn stop(self) -> Result<(), JoinError> {
        // The task may have ended already, for want of anybody to send.
        let _ended = self.stop.send(());
        self.task.await
    }
}

/// Starts the writer on a store, with the board of what is in it.
///
/// # Errors
/// When a fresh database cannot be given its first rows.
pub async fn start(
    store: Store,
    board: Board,
    clock: SharedClock,
    tags: Tags,
) -> Result<(Writer, Arc<Hub>, WriterHandle), store::Error> {
    let hub = Arc::new(Hub::new(board.snapshot()));
    let (queue, commands) = mpsc::channel(WRITER_QUEUE);
    let commands = CommandQueue::new(commands);
    let mut writer_loop =
        WriterLoop { store, board, clock, tags, hub: Arc::clone(&hub), commands, fault: None };
    if !writer_loop.board.registry().has_root() {
        writer_loop.attempt_alone().await?;
    }
    let (rebuilds, asked) = mpsc::channel(1);
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(writer_loop.run(asked, stopped));
    let writer = Writer { queue, rebuilds, fields: Arc::default() };
    Ok((writer, hub, WriterHandle { stop, task }))
}

struct WriterLoop {
    store: Store,
    board: Board,
    clock: SharedClock,
    tags: Tags,
    hub: Arc<Hub>,
    commands: CommandQueue,
    /// The last fault of the store, so that a lasting one is logged once.
    fault: Option<String>,
}

/// How a try to commit ended.
enum Attempt {
    Done(Vec<Result<Reply, Failure>>),
    /// It may or may not have been committed: the first event, by version and tag, tells.
    Unknown {
        error: store::Error,
        replies: Vec<Result<Reply, Failure>>,
        first: Cursor,
    },
}

impl WriterLoop {
    async fn run(
        mut self,
        mut rebuilds: mpsc::Receiver<Rebuild>,
        mut stopped: oneshot::Receiver<()>,
    ) {
        let mut poll = tokio::time::interval(TAIL_POLL);
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut may_be_stopped = true;
        loop {
            tokio::select! {
                biased;
                asked = &mut stopped, if may_be_stopped => {
                    may_be_stopped = false;
                    // Nobody asks when the handle was dropped. Once closed, what waits is still
                    // received; then nothing is.
                    if asked.is_ok() {
                        self.commands.close();
                    }
                }
                is_any = self.commands.arrive() => {
                    if !is_any {
                        return;
                    }
                    self.carry_out().await;
                }
                Some(done) = rebuilds.recv() => {
                    let rebuilt = self.rebuild().await;
                    let failure = Failure::Unavailable(Unavailable::Database);
                    let answer = rebuilt.as_ref().map_err(|_| failure).copied();
                    self.note(rebuilt.err());
                    // Nobody may be waiting any more; the board is new all the same.
                    let _nobody = done.send(answer);
                }
                _ = poll.tick() => {
                    let polled = self.poll_log().await;
                    self.note(polled.err());
                }
            }
        }
    }

    /// Carries out what can be checked against one state, and answers.
    async fn carry_out(&mut self) {
        let began = Instant::now();
        let begun = self.store.begin_write().await;
        // Only now: what has arrived until the counter row was ours comes along.
        let run = self.commands.next_run();
        let span = traces::batch(run.iter().map(|queued| &queued.span));
        let attempt = async { self.attempt(&run, begun?).await };
        let replies = match attempt.instrument(span).await {
            Ok(Attempt::Done(replies)) => {
                self.note(None);
                replies
            }
            Ok(Attempt::Unknown { error, replies, first }) => {
                self.note(Some(error));
                self.resolve_outcome(replies, first).await
            }
            Err(error) if !error.is_transient() && run.len() > 1 => {
                // One of them is poison: each for itself, so that it fails alone.
                return self.commands.put_back_one_by_one(run);
            }
            Err(error) => {
                let failure = if error.is_transient() {
                    Failure::Unavailable(Unavailable::Database)
                } else {
                    Failure::Internal
                };
                self.note(Some(error));
                vec![Err(failure); run.len()]
            }
        };
        count(&replies, began);
        for (queued, reply) in run.into_iter().zip(replies) {
            // Nobody may be waiting any more; the command was carried out all the same.
            let _nobody = queued.answer.send(reply);
        }
    }

    /// For what the writer does by itself.
    async fn attempt_alone(&mut self) -> Result<Attempt, store::Error> {
        let tx = self.store.begin_write().await?;
        self.attempt(&[], tx).await
    }

    /// One transaction, which holds the counter row: others' events first, then the checks, then the
    /// writes.
    async fn attempt(&mut self, run: &[Queued], mut tx: WriteTx) -> Result<Attempt, store::Error> {
        self.catch_up(&mut tx).await?;
        let mut batch = Batch::begin(self.board.registry(), tx.head(), self.clock.now());
        let commands = run.iter().map(|queued| &queued.command);
        batch.prefetch(&mut tx, commands, ImportKeys::MayExist).await?;
        batch.begin_days(&mut self.tags);
        if !batch.registry.has_root() {
            batch.seed_placeholders(&mut self.tags);
        }
        let head_tag = self.board.head_tag();
        let replies: Vec<Result<Reply, Failure>> = run
            .iter()
            .map(|queued| {
                decide::decide(&mut batch, &queued.command, &queued.actor, &mut self.tags)
                    .map(|outcome| {
                        let tag = batch.last_event().map_or(head_tag, |event| event.tag);
                        Reply { outcome, version: batch.version(), tag }
                    })
                    .map_err(Failure::Refused)
            })
            .collect();
        let writes = batch.finish();
        if writes.events.is_empty() {
            return Ok(Attempt::Done(replies));
        }
        tx.write(&writes).instrument(traces::database("write")).await?;
        match tx.commit().instrument(traces::database("commit")).await {
            Ok(()) => {
                self.fold(writes.events);
                Ok(Attempt::Done(replies))
            }
            Err(error) => {
                let first = Cursor::of(&writes.events[0]);
                Ok(Attempt::Unknown { error, replies, first })
            }
        }
    }

    /// Looks until it is known whether a commit took place. The counter row is taken for it: a
    /// transaction that still hangs somewhere has ended when we hold the row.
    async fn resolve_outcome(
        &mut self,
        replies: Vec<Result<Reply, Failure>>,
        first: Cursor,
    ) -> Vec<Result<Reply, Failure>> {
        let mut wait = RETRY_FIRST;
        loop {
            match self.was_committed(first).await {
                Ok(true) => return replies,
                Ok(false) => {
                    // Refusals too: one may rest on a command before it that came to nothing.
                    let failure = Failure::Unavailable(Unavailable::NotTaken);
                    return vec![Err(failure); replies.len()];
                }
                Err(error) => {
                    self.note(Some(error));
                    tokio::time::sleep(wait).await;
                    wait = longer(wait);
                }
            }
        }
    }

    async fn was_committed(&mut self, first: Cursor) -> Result<bool, store::Error> {
        let mut tx = self.store.begin_write().await?;
        let there = tx.events_after(Version(first.version.0 - 1), 1).await?;
        // Ours and all that came since are folded and published before anybody is answered.
        self.catch_up(&mut tx).await?;
        Ok(there.first().is_some_and(|there| Cursor::of(there) == first))
    }

    /// Folds what others have written since.
    async fn catch_up(&mut self, tx: &mut WriteTx) -> Result<(), store::Error> {
        while self.board.version() < tx.head().version {
            let events = tx.events_after(self.board.version(), LOG_PAGE).await?;
            self.fold_others(events)?;
        }
        Ok(())
    }

    fn fold_others(&mut self, events: Vec<Event>) -> Result<(), store::Error> {
        let mut expected = self.board.version();
        for event in &events {
            expected = expected.next();
            if event.version != expected {
                return Err(store::Error::Gap(expected.0));
            }
        }
        if events.is_empty() {
            return Err(store::Error::Gap(expected.next().0));
        }
        self.fold(events);
        Ok(())
    }

    fn fold(&mut self, events: Vec<Event>) {
        for event in &events {
            self.board.apply(event);
        }
        self.hub.publish(self.board.snapshot(), events);
    }

    /// Folds what others have written while nothing was to be written here, and lets a new day
    /// begin that nobody has begun.
    async fn poll_log(&mut self) -> Result<(), store::Error> {
        let mut tx = self.store.begin_read().await?;
        while self.board.version() < tx.version() {
            let events = tx.events_after(self.board.version(), LOG_PAGE).await?;
            self.fold_others(events)?;
        }
        drop(tx);
        if self.clock.now().day() > self.board.registry().day()
            && let Attempt::Unknown { error, first, .. } = self.attempt_alone().await?
        {
            self.note(Some(error));
            self.resolve_outcome(Vec::new(), first).await;
        }
        Ok(())
    }

    async fn rebuild(&mut self) -> Result<(), store::Error> {
        let mut reads = self.store.begin_reads().await?;
        let before = self.board.version();
        let board = board::load(&mut reads).await?;
        // Subscribers are told all the same what they have not heard of yet.
        let mut missed = Vec::new();
        let mut last = before;
        while last < board.version() {
            let page = reads[0].events_after(last, LOG_PAGE).await?;
            last = page.last().map_or(board.version(), |event| event.version);
            missed.extend(page);
        }
        self.board = board;
        self.hub.publish(self.board.snapshot(), missed);
        Ok(())
    }

    /// One line when a fault begins and one when it is over.
    fn note(&mut self, error: Option<store::Error>) {
        match error {
            Some(error) => {
                let text = format!("{:#}", anyhow::Error::from(error));
                if self.fault.as_ref() != Some(&text) {
                    tracing::error!(error = text, "the database fails");
                    metrics::counter!(measure::FAULTS).increment(1);
                    self.fault = Some(text);
                }
            }
            None => {
                if self.fault.take().is_some() {
                    tracing::info!("the database is back");
                }
            }
        }
    }
}

fn count(replies: &[Result<Reply, Failure>], began: Instant) {
    let of = |is: fn(&Result<Reply, Failure>) -> bool| {
        replies.iter().filter(|&reply| is(reply)).count() as u64
    };
    let refused = of(|reply| matches!(reply, Err(Failure::Refused(_))));
    let done = of(Result::is_ok);
    metrics::counter!(measure::BATCHES).increment(1);
    metrics::counter!(measure::COMMANDS, "result" => "done").increment(done);
    metrics::counter!(measure::COMMANDS, "result" => "refused").increment(refused);
    let failed = replies.len() as u64 - done - refused;
    metrics::counter!(measure::COMMANDS, "result" => "failed").increment(failed);
    metrics::histogram!(measure::BATCH_SECONDS).record(began.elapsed());
}

fn longer(wait: Duration) -> Duration {
    (wait * 2).min(RETRY_MAX)
}
