//! The writer's task: one batch after the other, and what others have written between.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tracing::Instrument as _;

use super::batch::{Batch, ImportKeys};
use super::condition::Condition;
use super::decide;
use super::follow::{Looked, follow};
use super::handle::{Rebuild, Standstill, Writer, WriterHandle};
use super::held_back::HeldBack;
use super::keep::keep;
use super::queue::{CommandQueue, Queued};
use super::reply::{Failure, Reply, Unavailable};
use super::tags::Tags;
use crate::board::{self, Board, closed_by};
use crate::domain::clock::{ClockMoved, ClockWatch, SharedClock};
use crate::domain::{Event, Release, Timestamp, Version};
use crate::feed::Hub;
use crate::feed::cursor::Cursor;
use crate::limits::{CATCH_UP_HELD, LOG_PAGE, RETRY_FIRST, RETRY_MAX, TAIL_POLL, WRITER_QUEUE};
use crate::measure;
use crate::store::{self, Look, Store, WriteTx};
use crate::supervisor::Supervisor;
use crate::traces;

/// Starts the writer on a store, with the board of what is in it. It admits the fields of work that the board knows. Its fault is one of the process.
///
/// # Errors
/// When a fresh database cannot be given its first rows.
pub async fn start(
    store: Store,
    board: Board,
    clock: SharedClock,
    tags: Tags,
    supervisor: &Supervisor,
) -> Result<(Writer, Arc<Hub>, WriterHandle), store::Error> {
    store.note_known(board.mark());
    let hub = Arc::new(Hub::new(board.snapshot()));
    let fields = Arc::clone(board.fields());
    let (queue, commands) = mpsc::channel(WRITER_QUEUE);
    let commands = CommandQueue::new(commands);
    let (standstill, condition) = (Standstill::default(), Arc::new(Condition::default()));
    let (gone, writer_gone) = oneshot::channel();
    let mut writer_loop = WriterLoop {
        store: store.clone(),
        board,
        clock,
        watch: ClockWatch::default(),
        standstill: standstill.clone(),
        tags,
        hub: Arc::clone(&hub),
        commands,
        condition: Arc::clone(&condition),
        probe_at: Instant::now(),
        probe_wait: RETRY_FIRST,
        _keeper: gone,
    };
    if !writer_loop.board.structure().has_root() {
        writer_loop.attempt_alone().await?;
    }
    let (rebuilds, asked) = mpsc::channel(1);
    let (stop, stopped) = oneshot::channel();
    let (looks, looked) = mpsc::channel(1);
    supervisor.spawn("the tail of the log", follow(store.tail(), Arc::clone(&hub), looks));
    let keeping = keep(store.clone(), Arc::clone(&hub), writer_gone);
    let keeper = supervisor.spawn("the keeper of figures", keeping);
    let task = supervisor.spawn("the writer", writer_loop.run(asked, looked, stopped));
    let stopping = Arc::default();
    let handle = WriterHandle { stop, stopping: Arc::clone(&stopping), task, keeper };
    let writer = Writer { queue, rebuilds, standstill, fields, stopping, condition };
    Ok((writer, hub, handle))
}

struct WriterLoop {
    store: Store,
    board: Board,
    clock: SharedClock,
    watch: ClockWatch,
    standstill: Standstill,
    tags: Tags,
    hub: Arc<Hub>,
    commands: CommandQueue,
    condition: Arc<Condition>,
    /// The time of the next probe while changes fail, and the wait after that.
    probe_at: Instant,
    probe_wait: Duration,
    /// Tells the keeper of figures by its end that nothing is folded any more.
    _keeper: oneshot::Sender<()>,
}

/// The outcome of an attempt to commit.
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
        mut looks: mpsc::Receiver<Looked>,
        mut stopped: oneshot::Receiver<()>,
    ) {
        let mut may_be_stopped = true;
        loop {
            self.condition.goes_on();
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
                // Rebuilds come before commands, which may arrive without end.
                Some(done) = rebuilds.recv() => {
                    let rebuilt = self.rebuild().await;
                    let failure = Failure::Unavailable(Unavailable::Database);
                    let answer = rebuilt.as_ref().map_err(|_| failure).copied();
                    if let Err(error) = rebuilt {
                        self.fails(error);
                    }
                    // Nobody may be waiting any more; the board is new all the same.
                    let _nobody = done.send(answer);
                }
                is_any = self.commands.arrive() => {
                    if !is_any {
                        return;
                    }
                    self.carry_out().await;
                }
                Some(looked) = looks.recv() => self.look(looked).await,
            }
        }
    }

    /// Takes a look at the log over, and looks whether changes can be carried out again.
    async fn look(&mut self, looked: Looked) {
        if let Err(error) = self.take_over(looked).await {
            return self.fails(error);
        }
        if self.condition.is_failing() && Instant::now() >= self.probe_at {
            match self.probe().await {
                Ok(()) => self.probe_wait = RETRY_FIRST,
                Err(error) => {
                    self.fails(error);
                    self.probe_wait = longer(self.probe_wait);
                }
            }
            self.probe_at = Instant::now() + self.probe_wait;
        }
    }

    /// Commits a transaction that changes nothing but must be written, to see whether the database takes it.
    async fn probe(&mut self) -> Result<(), store::Error> {
        let mut tx = self.begin().await?;
        tx.rewrite_head().await?;
        tx.commit().await?;
        self.condition.commits();
        Ok(())
    }

    /// Carries out what can be checked against one state, and answers.
    async fn carry_out(&mut self) {
        let began = Instant::now();
        let begun = self.begin().await;
        // Only now: what has arrived until the counter row was ours comes along.
        let run = self.commands.next_run();
        let span = traces::batch(run.iter().map(|queued| &queued.span));
        let unavailable = Failure::Unavailable(Unavailable::Database);
        let replies = match begun {
            Ok(tx) => match self.attempt(&run, tx).instrument(span).await {
                Ok(Attempt::Done(replies)) => replies,
                Ok(Attempt::Unknown { error, replies, first }) => {
                    self.fails(error);
                    self.resolve_outcome(replies, first).await
                }
                Err(error) if error.is_transient() => {
                    self.fails(error);
                    vec![Err(unavailable); run.len()]
                }
                // One of them is poison: each for itself, so that it fails alone.
                Err(_) if run.len() > 1 => return self.commands.put_back_one_by_one(run),
                Err(error) => {
                    self.judge(error).await;
                    vec![Err(Failure::Internal); run.len()]
                }
            },
            // The commands are not at fault.
            Err(error) => {
                self.fails(error);
                vec![Err(unavailable); run.len()]
            }
        };
        count(&replies, began);
        for (queued, reply) in run.into_iter().zip(replies) {
            // Nobody may be waiting any more; the command was carried out all the same.
            let _nobody = queued.answer.send(reply);
        }
    }

    /// Finds out whether the database refuses what was made of one command, or all changes.
    async fn judge(&mut self, error: store::Error) {
        match self.probe().await {
            Ok(()) => {
                let error = format!("{:#}", anyhow::Error::from(error));
                tracing::error!(error, "the database does not take what was made of a command");
            }
            Err(_) => self.fails(error),
        }
    }

    /// Notes a failure that is no single command's.
    fn fails(&self, error: store::Error) {
        // The server logs a lost database once, and ends.
        if let store::Error::Lost(_) = error {
            return;
        }
        if let store::Error::ReadOnly { .. } = error {
            self.standstill.set(Some(Unavailable::ReadOnly));
        }
        self.condition.fails(error);
    }

    /// Attempts a commit of the writer's own, without commands.
    async fn attempt_alone(&mut self) -> Result<Attempt, store::Error> {
        let tx = self.begin().await?;
        self.attempt(&[], tx).await
    }

    /// Takes the counter row, with a board that others' events are folded into. Others wait meanwhile; so a node that
    /// has missed much reads it first.
    async fn begin(&mut self) -> Result<WriteTx, store::Error> {
        loop {
            let mut tx = self.store.begin_write().await?;
            if tx.head().version.0 - self.board.version().0 <= CATCH_UP_HELD {
                self.catch_up(&mut tx).await?;
                return Ok(tx);
            }
            drop(tx);
            self.read_ahead().await?;
        }
    }

    /// Folds what others have written, without the counter row.
    async fn read_ahead(&mut self) -> Result<(), store::Error> {
        let mut tx = self.store.begin_read().await?;
        while self.board.version() < tx.version() {
            let events = tx.events_after(self.board.version(), LOG_PAGE).await?;
            self.fold_others(events)?;
        }
        Ok(())
    }

    /// One transaction, which holds the counter row, with others' events folded: the checks, then the writes.
    async fn attempt(&mut self, run: &[Queued], mut tx: WriteTx) -> Result<Attempt, store::Error> {
        let Ok(now) = self.look_at_clock(tx.now()) else {
            let failure = Failure::Unavailable(Unavailable::Clock);
            return Ok(Attempt::Done(vec![Err(failure); run.len()]));
        };
        let mut held_back = HeldBack::default();
        let (batch, replies) = loop {
            let (batch, replies, readers) = self.decide(run, &held_back, &mut tx, now).await?;
            if !held_back.extend(&readers, &mut tx).await? {
                break (batch, replies);
            }
        };
        let writes = batch.finish();
        if writes.events.is_empty() {
            return Ok(Attempt::Done(replies));
        }
        tx.write(&writes).instrument(traces::database("write")).await?;
        match tx.commit().instrument(traces::database("commit")).await {
            Ok(()) => {
                self.condition.commits();
                self.fold(writes.events);
                Ok(Attempt::Done(replies))
            }
            Err(error) => {
                let first = Cursor::of(&writes.events[0]);
                Ok(Attempt::Unknown { error, replies, first })
            }
        }
    }

    /// Decides the commands that are not held back, one by one, on one batch. Tells of each the first release that reads
    /// what it would write.
    async fn decide(
        &mut self,
        run: &[Queued],
        held_back: &HeldBack,
        tx: &mut WriteTx,
        now: Timestamp,
    ) -> Result<(Batch, Vec<Result<Reply, Failure>>, Vec<Release>), store::Error> {
        let mut batch = Batch::begin(self.board.structure(), tx.head(), now);
        if run.iter().any(|queued| queued.command.rests_on_counts()) {
            batch.rest_on(self.board.snapshot());
        }
        let commands = run.iter().map(|queued| &queued.command);
        batch.prefetch(tx, commands, ImportKeys::MayExist).await?;
        batch.begin_days(&mut self.tags);
        if !batch.structure.has_root() {
            batch.seed_placeholders(&mut self.tags);
        }
        let head_tag = self.board.head_tag();
        let (mut replies, mut readers) = (Vec::new(), Vec::new());
        for (place, queued) in run.iter().enumerate() {
            if held_back.holds(place) {
                replies.push(Err(Failure::Unavailable(Unavailable::OlderNode)));
                readers.push(Release::FIRST);
                continue;
            }
            let decided =
                decide::decide(&mut batch, &queued.command, &queued.actor, &mut self.tags);
            let reply = decided.map(|outcome| {
                let tag = batch.last_event().map_or(head_tag, |event| event.tag);
                Reply { outcome, version: batch.version(), tag }
            });
            replies.push(reply.map_err(Failure::Refused));
            readers.push(batch.take_reader());
        }
        Ok((batch, replies, readers))
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
                Ok(false) => return not_taken(replies.len()),
                // The log that it was to be part of is gone.
                Err(store::Error::Lost(_)) => return not_taken(replies.len()),
                Err(error) => {
                    self.fails(error);
                    // Others are told at once, since nothing of theirs is in doubt.
                    for queued in self.commands.take_all() {
                        let failure = Failure::Unavailable(Unavailable::Database);
                        let _nobody = queued.answer.send(Err(failure));
                    }
                    tokio::time::sleep(wait).await;
                    wait = longer(wait);
                }
            }
        }
    }

    async fn was_committed(&mut self, first: Cursor) -> Result<bool, store::Error> {
        // Ours and all that came since are folded and published before anybody is answered.
        let mut tx = self.begin().await?;
        let there = tx.events_after(Version(first.version.0 - 1), 1).await?;
        // With a synchronous standby, a commit that can be seen may be in the primary alone. Once the standby has one
        // behind it, it has that, too.
        tx.commit().await?;
        Ok(there.first().is_some_and(|there| Cursor::of(there) == first))
    }

    /// Folds the events that others have written since.
    async fn catch_up(&mut self, tx: &mut WriteTx) -> Result<(), store::Error> {
        while self.board.version() < tx.head().version {
            let events = tx.events_after(self.board.version(), LOG_PAGE).await?;
            self.fold_others(events)?;
        }
        self.condition.catches_up();
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
        let mut rest = events;
        while !rest.is_empty() {
            // A reader of tables that waits for a version gets the snapshot of just that one.
            let awaited = self.hub.first_awaited();
            let until = |event: &Event| awaited.is_none_or(|awaited| event.version <= awaited);
            let length = rest.iter().take_while(|&event| until(event)).count().max(1);
            let later = rest.split_off(length);
            self.fold(std::mem::replace(&mut rest, later));
        }
        Ok(())
    }

    fn fold(&mut self, events: Vec<Event>) {
        for event in &events {
            self.board.apply(event);
            if !closed_by(self.board.structure(), event).is_empty() {
                self.hub.unkept().put(self.board.snapshot());
            }
        }
        self.store.note_known(self.board.mark());
        self.hub.publish(self.board.snapshot(), events);
    }

    /// Folds what a look at the log found, and lets a new day begin that nobody has begun.
    async fn take_over(&mut self, looked: Looked) -> Result<(), store::Error> {
        self.store.check_file().await?;
        let Look { mut events, now } = looked.look?;
        let is_whole = i64::try_from(events.len()).is_ok_and(|length| length < LOG_PAGE);
        // Our own batches, and what they were behind, are folded already.
        events.retain(|event| event.version > self.board.version());
        if !events.is_empty() {
            self.fold_others(events)?;
        }
        if looked.at.elapsed() > TAIL_POLL {
            // It waited for a batch meanwhile, and its time is not the present one.
            return Ok(());
        }
        if is_whole {
            self.condition.catches_up();
        }
        let now = self.look_at_clock(now);
        if now.is_ok_and(|now| now.day() > self.board.structure().day())
            && let Attempt::Unknown { error, first, .. } = self.attempt_alone().await?
        {
            self.fails(error);
            self.resolve_outcome(Vec::new(), first).await;
        }
        Ok(())
    }

    async fn rebuild(&mut self) -> Result<(), store::Error> {
        let [mut tx, other] = self.store.begin_reads().await?;
        let before = self.board.version();
        let board = board::load(&mut tx, other, Arc::clone(self.board.fields())).await?;
        // Subscribers are sent the events that they have missed all the same.
        let mut missed = Vec::new();
        let mut last = before;
        while last < board.version() {
            let page = tx.events_after(last, LOG_PAGE).await?;
            last = page.last().map_or(board.version(), |event| event.version);
            missed.extend(page);
        }
        self.board = board.in_place_of(&self.board);
        self.store.note_known(self.board.mark());
        let rebuilt = self.board.snapshot();
        // Doubtful figures are doubted before anybody sees the board made anew.
        self.hub.unkept().begin_anew(rebuilt.closings(), rebuilt.version());
        self.hub.publish(rebuilt, missed);
        self.condition.catches_up();
        Ok(())
    }

    /// The time, of the database where it has a clock. One line tells when it turns out to be wrong, and one when it is
    /// right again.
    fn look_at_clock(&mut self, database: Option<Timestamp>) -> Result<Timestamp, ClockMoved> {
        let now = self.clock.time_of(database);
        let look = self.watch.look(now, self.clock.passed());
        let before = self.standstill.set(look.err().map(|_| Unavailable::Clock));
        match (before, look) {
            (Some(Unavailable::Clock), Err(_)) => {}
            (_, Err(moved)) => tracing::error!("{moved}"),
            (Some(Unavailable::Clock), Ok(())) => {
                tracing::info!("the time is right again; changes are taken");
            }
            (_, Ok(())) => {}
        }
        look.map(|()| now)
    }
}

/// Refusals come to nothing too: one may rest on a command before it that did.
fn not_taken(count: usize) -> Vec<Result<Reply, Failure>> {
    vec![Err(Failure::Unavailable(Unavailable::NotTaken)); count]
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
