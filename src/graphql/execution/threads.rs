//! The threads for large executions, which keep those off the threads that serve sockets.
//!
//! # Concurrency
//! The threads are as many as there are cores, and give way to all others of the process where the system supports it.
//! A task is polled in its client's turn ([`super::fair_queue`]), which ends when the poll does: the time of polls is
//! charged, so that no client has more than its part of the time while another waits.
//!
//! Long work that cannot await (objects written on the spot, rankings, searches) *hands over* in between: its thread
//! sleeps in the middle of the poll, and another thread polls the tasks whose turn it is meanwhile. So as many threads
//! work as there are cores, and as many more sleep as there are tasks within a poll.
//!
//! # Where an execution runs
//! An execution begins on the thread that serves its client, since going elsewhere costs tens of microseconds, and
//! goes on here when its [`Meter`] finds it large. When executions take more than their part of the serving threads'
//! time, they begin here.
//!
//! # Ends when
//! An execution that its caller has dropped: its meter stops it within a field, and it is dropped.

use std::cell::RefCell;
use std::future::poll_fn;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt as _};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::debt::Debt;
use super::fair_queue::FairQueue;
use crate::aside::give_way;
use crate::auth::Client;
use crate::graphql::context::meter::{Meter, Stop, hand_over_by, nanoseconds};
use crate::limits::{
    CLIENTS_CLOCKED, EXECUTIONS_QUEUED_MAX, EXECUTIONS_QUEUED_PER_CLIENT, EXECUTIONS_STARTED_MAX,
    INLINE_AHEAD, INLINE_SHARE,
};
use crate::panics::caught;
use crate::supervisor::Supervisor;

/// The stack is as large as those of the runtime's threads, since deep selections resolve by
/// recursion.
const STACK: usize = 8 << 20;

/// The threads, which end when this is dropped.
pub struct ExecutionThreads {
    shared: Arc<Shared>,
    /// The time of executions on the serving threads.
    inline: Mutex<Debt>,
    inline_rate: f64,
}

struct Shared {
    queue: Mutex<Queue>,
    runtime: Handle,
    supervisor: Supervisor,
    /// The number of threads that work at a time.
    places: usize,
    /// Signalled when there may be a task to poll.
    work: Condvar,
    /// The number of tasks that their callers dropped.
    cancelled: AtomicU64,
    /// The longest turn that any task had, in nanoseconds; and the longest time from when a task's caller left until
    /// the task was over.
    longest_turn: AtomicU64,
    longest_end: AtomicU64,
}

struct Queue {
    queue: FairQueue<Client, Arc<Task>>,
    /// Tasks that were polled and are not finished: each may hold an unfinished result.
    started: usize,
    /// The places at which no thread works.
    free: usize,
    /// The number of threads, and the number of them that wait for a task.
    threads: usize,
    idle: usize,
    is_closed: bool,
}

struct Task {
    shared: Arc<Shared>,
    client: Client,
    meter: Arc<Meter>,
    future: Mutex<Option<BoxFuture<'static, ()>>>,
    /// The sender that wakes the caller.
    done: Mutex<Option<oneshot::Sender<()>>>,
    /// A [`State`]; changed only under the queue's lock.
    state: AtomicU8,
    /// Signalled when the task is no longer asleep.
    awake: Condvar,
    /// The time at which the caller left.
    left: OnceLock<Instant>,
    /// The words of its panic.
    panic: OnceLock<String>,
}

/// A task that the calling thread polls.
struct Polled {
    task: Arc<Task>,
    /// The time that the thread had worked when this turn of the task began.
    began: Duration,
}

thread_local! {
    static POLLED: RefCell<Option<Polled>> = const { RefCell::new(None) };
}

/// Lets others have their turn, if the calling thread polls a task; returns when it is that task's turn again. The
/// caller must hold no lock that others may want meanwhile.
fn hand_over() {
    POLLED.with_borrow_mut(|polled| {
        if let Some(Polled { task, began }) = polled {
            let shared = Arc::clone(&task.shared);
            shared.hand_over(task, began);
        }
    });
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum State {
    New,
    /// The task waits to be woken.
    Idle,
    /// The task was polled before, and is in the queue again.
    Queued,
    Running,
    /// The task was woken while it was polled.
    RunningAgain,
    /// The task is in the queue in the middle of a poll, and its thread sleeps.
    Asleep,
    /// The task is asleep, and was woken while it was polled.
    AsleepAgain,
    Done,
}

/// The reason why an execution has no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lost {
    /// The queue is full.
    Full,
    /// The client has too many tasks in the queue.
    TooManyOfOne,
    /// By a panic with these words.
    Panicked(String),
}

impl ExecutionThreads {
    /// Starts the threads. Must be called within a runtime, whose timers and sockets executions wait for.
    pub fn start(supervisor: &Supervisor) -> Self {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        Self::with_threads(threads, supervisor)
    }

    fn with_threads(threads: usize, supervisor: &Supervisor) -> Self {
        let queue = FairQueue::new(CLIENTS_CLOCKED);
        let queue =
            Queue { queue, started: 0, free: threads, threads: 0, idle: 0, is_closed: false };
        let shared = Arc::new(Shared {
            queue: Mutex::new(queue),
            runtime: Handle::current(),
            supervisor: supervisor.clone(),
            places: threads,
            work: Condvar::new(),
            cancelled: AtomicU64::default(),
            longest_turn: AtomicU64::default(),
            longest_end: AtomicU64::default(),
        });
        for _ in 0..threads {
            let mut queue = shared.queue();
            shared.add_thread(&mut queue).expect("the system lets a thread begin");
        }
        let cores = f64::from(u32::try_from(threads).unwrap_or(u32::MAX));
        Self {
            shared,
            inline: Mutex::new(Debt::new(Instant::now())),
            inline_rate: INLINE_SHARE * cores,
        }
    }

    /// The longest turn of a task so far, and the longest time from when a task's caller left until the task was over.
    pub fn longest(&self) -> (Duration, Duration) {
        let of = |it: &AtomicU64| Duration::from_nanos(it.load(Relaxed));
        (of(&self.shared.longest_turn), of(&self.shared.longest_end))
    }

    /// The number of tasks that have begun and are not done, and the number of those cancelled so far.
    pub fn count(&self) -> (usize, u64) {
        (self.shared.queue().started, self.shared.cancelled.load(Relaxed))
    }

    /// Whether an execution may begin on a thread that serves.
    pub fn may_begin_inline(&self) -> bool {
        self.inline().wait(Instant::now(), self.inline_rate, INLINE_AHEAD).is_zero()
    }

    fn inline(&self) -> MutexGuard<'_, Debt> {
        unpoisoned(&self.inline)
    }

    /// Polls the execution on this thread until it leaves, if its meter is inline; then on a thread for executions, in
    /// the client's turn.
    ///
    /// # Errors
    /// If the execution panics, or if too many tasks wait.
    pub async fn carry<T: Send + 'static>(
        &self,
        client: &Client,
        meter: &Arc<Meter>,
        mut future: BoxFuture<'static, T>,
    ) -> Result<T, Lost> {
        if meter.is_inline() {
            let here = poll_fn(|context| {
                meter.poll_begins();
                let poll = || future.as_mut().poll(context);
                let polled = caught(poll);
                let took = meter.poll_time();
                meter.poll_ends(took);
                self.inline().add(took);
                match polled {
                    Err(words) => Poll::Ready(Some(Err(Lost::Panicked(words)))),
                    Ok(Poll::Ready(output)) => Poll::Ready(Some(Ok(output))),
                    Ok(Poll::Pending) if meter.is_leaving() => Poll::Ready(None),
                    Ok(Poll::Pending) => Poll::Pending,
                }
            });
            if let Some(output) = here.await {
                return output;
            }
            meter.leave();
        }
        self.run(client, meter, future).await
    }

    /// Runs other long work on a thread for executions, in the client's turn.
    ///
    /// # Errors
    /// See [`Self::carry`].
    pub async fn work<T: Send + 'static>(
        &self,
        client: &Client,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Lost> {
        self.run(client, &Arc::new(Meter::unbound()), async { work() }.boxed()).await
    }

    async fn run<T: Send + 'static>(
        &self,
        client: &Client,
        meter: &Arc<Meter>,
        future: BoxFuture<'static, T>,
    ) -> Result<T, Lost> {
        let output = Arc::new(Mutex::new(None));
        let slot = Arc::clone(&output);
        let future = future.map(move |output| *unpoisoned(&slot) = Some(output));
        let (done, is_done) = oneshot::channel();
        let task = Arc::new(Task {
            shared: Arc::clone(&self.shared),
            client: client.clone(),
            meter: Arc::clone(meter),
            future: Mutex::new(Some(future.boxed())),
            done: Mutex::new(Some(done)),
            state: AtomicU8::new(State::New as u8),
            awake: Condvar::new(),
            left: OnceLock::new(),
            panic: OnceLock::new(),
        });
        self.shared.begin(&task)?;
        let waiting = Waiting(Arc::clone(&task));
        // The sender is dropped however the task ends.
        let _told = is_done.await;
        drop(waiting);
        let words = || task.panic.get().cloned().unwrap_or_default();
        unpoisoned(&output).take().ok_or_else(|| Lost::Panicked(words()))
    }
}

impl Drop for ExecutionThreads {
    fn drop(&mut self) {
        let mut queue = self.shared.queue();
        queue.is_closed = true;
        // Sleeping tasks come to their end. The others are dropped without the lock, since a drop
        // may want the queue.
        let left: Vec<_> = std::iter::from_fn(|| queue.queue.pop_if(|_| true)).collect();
        for (_, task) in &left {
            task.wake_up();
        }
        drop(queue);
        self.shared.work.notify_all();
    }
}

/// The caller that waits for a task. If it is dropped before the task is done, the task must end.
struct Waiting(Arc<Task>);

impl Drop for Waiting {
    fn drop(&mut self) {
        if self.0.state() != State::Done {
            self.0.left.get_or_init(Instant::now);
            self.0.meter.stop(Stop::Cancelled);
            Stop::Cancelled.count();
            self.0.shared.cancelled.fetch_add(1, Relaxed);
            self.0.wake_by_ref();
        }
    }
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        unpoisoned(&self.queue)
    }

    fn begin(&self, task: &Arc<Task>) -> Result<(), Lost> {
        let mut queue = self.queue();
        if queue.queue.waiting() >= EXECUTIONS_QUEUED_MAX {
            return Err(Lost::Full);
        }
        if queue.queue.len_of(&task.client) >= EXECUTIONS_QUEUED_PER_CLIENT {
            return Err(Lost::TooManyOfOne);
        }
        queue.queue.push(task.client.clone(), Arc::clone(task));
        drop(queue);
        self.work.notify_one();
        Ok(())
    }

    fn add_thread(self: &Arc<Self>, queue: &mut Queue) -> std::io::Result<()> {
        let shared = Arc::clone(self);
        thread::Builder::new()
            .name(format!("execution-{}", queue.threads))
            .stack_size(STACK)
            .spawn(move || {
                // Whatever panics there is no execution, and its place among the threads is lost.
                if let Err(panic) = caught(|| shared.poll_tasks()) {
                    shared.supervisor.fail("a thread of executions", panic);
                }
            })?;
        queue.threads += 1;
        Ok(())
    }

    fn poll_tasks(&self) {
        give_way();
        hand_over_by(hand_over);
        let _within = self.runtime.enter();
        while let Some(task) = self.next() {
            self.poll(&task);
        }
    }

    fn hand_over(self: &Arc<Self>, task: &Arc<Task>, began: &mut Duration) {
        let took = worked_here().saturating_sub(*began);
        *began += took;
        self.note_turn(took);
        let mut queue = self.queue();
        queue.queue.charge(&task.client, took);
        let others_wait = !queue.is_closed
            && queue.queue.has_before(&task.client, |other| self.may_go(&queue, other));
        // The task whose turn it is needs a thread.
        if others_wait && (queue.idle > queue.free || self.add_thread(&mut queue).is_ok()) {
            let is_woken = task.state() == State::RunningAgain;
            task.set(if is_woken { State::AsleepAgain } else { State::Asleep });
            queue.queue.push_first(task.client.clone(), Arc::clone(task));
            queue.free += 1;
            self.work.notify_one();
            while matches!(task.state(), State::Asleep | State::AsleepAgain) {
                queue = task.awake.wait(queue).unwrap_or_else(PoisonError::into_inner);
            }
        }
        drop(queue);
        task.meter.poll_ends(took);
        task.meter.poll_begins();
    }

    fn note_turn(&self, took: Duration) {
        self.longest_turn.fetch_max(nanoseconds(took), Relaxed);
    }

    /// Whether there is room for the task, or the task has a place already.
    fn may_go(&self, queue: &Queue, task: &Task) -> bool {
        queue.started < EXECUTIONS_STARTED_MAX || task.state() != State::New
    }

    /// The task whose turn it is; `None` if the threads end, or are enough without this one.
    fn next(&self) -> Option<Arc<Task>> {
        let mut queue = self.queue();
        loop {
            if queue.is_closed {
                return None;
            }
            let is_room = queue.started < EXECUTIONS_STARTED_MAX;
            let may_go = |task: &Arc<Task>| is_room || task.state() != State::New;
            let next = if queue.free > 0 { queue.queue.pop_if(may_go) } else { None };
            if let Some((_, task)) = next {
                queue.free -= 1;
                if task.wake_up() {
                    // The task's own thread has this place now.
                    continue;
                }
                if task.state() == State::New {
                    queue.started += 1;
                }
                task.set(State::Running);
                return Some(task);
            }
            if queue.idle >= self.places {
                queue.threads -= 1;
                return None;
            }
            queue.idle += 1;
            queue = self.work.wait(queue).unwrap_or_else(PoisonError::into_inner);
            queue.idle -= 1;
        }
    }

    fn poll(&self, task: &Arc<Task>) {
        task.meter.poll_begins();
        POLLED.set(Some(Polled { task: Arc::clone(task), began: worked_here() }));
        let is_over = {
            let mut future = unpoisoned(&task.future);
            let is_over = task.meter.stopped() == Some(Stop::Cancelled)
                || future.as_mut().is_none_or(|future| {
                    let waker = Waker::from(Arc::clone(task));
                    let poll = || future.as_mut().poll(&mut Context::from_waker(&waker));
                    // The caller of a task that panics finds its channel empty.
                    caught(poll).map_or_else(
                        |words| {
                            // The first panic is the last.
                            let _first = task.panic.set(words);
                            true
                        },
                        |polled| polled.is_ready(),
                    )
                });
            if is_over {
                // The result is dropped here, before the next task is taken, since it may be large.
                if let Err(panic) = caught(|| drop(future.take())) {
                    tracing::error!(panic, "what was left of an execution could not be dropped");
                }
            }
            is_over
        };
        let began = POLLED.take().map(|polled| polled.began);
        let took = began.map_or(Duration::ZERO, |began| worked_here().saturating_sub(began));
        task.meter.poll_ends(took);
        self.note_turn(took);
        if let Some(left) = task.left.get().filter(|_| is_over) {
            self.longest_end.fetch_max(nanoseconds(left.elapsed()), Relaxed);
        }
        let mut queue = self.queue();
        queue.queue.charge(&task.client, took);
        queue.free += 1;
        if is_over {
            task.set(State::Done);
            queue.started -= 1;
        } else if task.state() == State::RunningAgain {
            task.set(State::Queued);
            queue.queue.push_first(task.client.clone(), Arc::clone(task));
        } else {
            task.set(State::Idle);
        }
        drop(queue);
        if is_over {
            task.tell_done();
        }
        // A new task may have waited for room.
        self.work.notify_one();
    }
}

impl Task {
    fn state(&self) -> State {
        match self.state.load(Relaxed) {
            0 => State::New,
            1 => State::Idle,
            2 => State::Queued,
            3 => State::Running,
            4 => State::RunningAgain,
            5 => State::Asleep,
            6 => State::AsleepAgain,
            _ => State::Done,
        }
    }

    fn tell_done(&self) {
        if let Some(done) = unpoisoned(&self.done).take() {
            // The caller may have left.
            let _gone = done.send(());
        }
    }

    /// Whether it was asleep.
    fn wake_up(&self) -> bool {
        match self.state() {
            State::Asleep => self.set(State::Running),
            State::AsleepAgain => self.set(State::RunningAgain),
            _ => return false,
        }
        self.awake.notify_one();
        true
    }

    fn set(&self, state: State) {
        self.state.store(state as u8, Relaxed);
    }
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let mut queue = self.shared.queue();
        match self.state() {
            State::Idle => {
                self.set(State::Queued);
                queue.queue.push_first(self.client.clone(), Arc::clone(self));
                drop(queue);
                self.shared.work.notify_one();
            }
            State::Running => self.set(State::RunningAgain),
            State::Asleep => self.set(State::AsleepAgain),
            State::New | State::Queued | State::RunningAgain | State::AsleepAgain | State::Done => {
            }
        }
    }
}

/// The time that has passed, where the system does not tell how long a thread has worked.
#[cfg(not(unix))]
fn worked_here() -> Duration {
    use crate::domain::clock::{Clock as _, SystemClock};
    SystemClock.passed().unwrap_or_default()
}

/// The time that the calling thread has worked so far, without its waits for other threads' work.
#[cfg(unix)]
fn worked_here() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};
    use std::sync::mpsc;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(60);

    fn client(last: u8) -> Client {
        Client::Address(IpAddr::V4(Ipv4Addr::new(10, 0, 0, last)))
    }

    fn threads() -> ExecutionThreads {
        ExecutionThreads::with_threads(1, &Supervisor::default())
    }

    fn inline() -> Arc<Meter> {
        Arc::new(Meter::inline())
    }

    async fn patiently<T>(future: impl Future<Output = T>) -> T {
        tokio::time::timeout(PATIENCE, future).await.expect("it comes")
    }

    /// Executes two fields, and leaves between them.
    async fn leaving(meter: Arc<Meter>) -> [Option<String>; 2] {
        let here = || thread::current().name().map(str::to_owned);
        let before = here();
        meter.scan(usize::MAX >> 32).await.unwrap_err();
        [before, here()]
    }

    #[tokio::test]
    async fn a_large_execution_leaves_the_thread_it_began_on() {
        let executors = threads();
        let meter = inline();
        let future = leaving(Arc::clone(&meter)).boxed();
        let [before, after] = patiently(executors.carry(&client(1), &meter, future)).await.unwrap();
        assert_eq!(before.as_deref(), thread::current().name());
        assert_eq!(after.as_deref(), Some("execution-0"));
    }

    #[tokio::test]
    async fn a_panic_is_told_and_ends_nothing_else() {
        let executors = threads();
        for meter in [Arc::new(Meter::unbound()), inline()] {
            let fault = async { panic!("an execution that cannot go on") }.boxed();
            let lost: Result<(), Lost> =
                patiently(executors.carry(&client(1), &meter, fault)).await;
            let words = "panicked: an execution that cannot go on".to_owned();
            assert_eq!(lost, Err(Lost::Panicked(words)));
        }
        assert_eq!(patiently(executors.work(&client(1), || 7)).await, Ok(7));
    }

    /// The first task holds the only thread until all others have come.
    #[tokio::test]
    async fn clients_have_their_turns_one_after_the_other() {
        let executors = threads();
        let (go, gate) = mpsc::channel::<()>();
        let (say, order) = mpsc::channel();
        let tick = || {
            let began = worked_here();
            while worked_here() - began < Duration::from_millis(2) {}
        };
        let (holder, all) = (client(9), tokio::sync::Barrier::new(1));
        let held = executors.work(&holder, move || gate.recv().unwrap());
        let many: Vec<_> = [1, 1, 1, 1, 1, 1, 2, 2, 2]
            .into_iter()
            .map(|number| {
                let say = say.clone();
                let client = client(number);
                let executors = &executors;
                async move {
                    let work = move || {
                        tick();
                        say.send(number).unwrap();
                    };
                    executors.work(&client, work).await.unwrap();
                }
            })
            .collect();
        let opening = async {
            // All tasks are in the queue by the time that this one, the last, is polled.
            all.wait().await;
            go.send(()).unwrap();
        };
        let (held, _, ()) =
            patiently(async { tokio::join!(held, futures_util::future::join_all(many), opening) })
                .await;
        held.unwrap();
        drop(say);
        let order: Vec<u8> = order.try_iter().collect();
        let last_of_two = order.iter().rposition(|&number| number == 2).unwrap();
        assert!(last_of_two <= 6, "{order:?}");
    }

    /// Work that cannot await is in the middle of a poll, and another client's turn comes all the
    /// same.
    #[tokio::test]
    async fn a_long_poll_lets_others_have_their_turn() {
        let executors = threads();
        let meter = Arc::new(Meter::unbound());
        let had_its_turn = Arc::new(std::sync::atomic::AtomicBool::default());
        let (say, began) = oneshot::channel();
        let long = {
            let (meter, had_its_turn) = (Arc::clone(&meter), Arc::clone(&had_its_turn));
            async move {
                say.send(()).unwrap();
                while !had_its_turn.load(Relaxed) {
                    meter.field(0).unwrap();
                    meter.rewind(meter.fields() % 1_000);
                }
                thread::current().name().map(str::to_owned)
            }
        };
        let (one, other, executors) = (client(1), client(2), &executors);
        let long = executors.carry(&one, &meter, long.boxed());
        let short = async move {
            began.await.unwrap();
            executors.work(&other, move || had_its_turn.store(true, Relaxed)).await
        };
        let (long, short) = patiently(async { tokio::join!(long, short) }).await;
        assert_eq!(long.unwrap().as_deref(), Some("execution-0"), "it goes on where it was");
        short.unwrap();
        // The number of working threads is the same as before.
        let ((), threads) = patiently(async {
            let many = (0..64u8).map(|number| {
                let meter = Arc::new(Meter::unbound());
                let its_own = Arc::clone(&meter);
                let long = async move {
                    let began = worked_here();
                    while worked_here() - began < Duration::from_millis(7) {
                        its_own.field(0).unwrap();
                        its_own.rewind(its_own.fields() % 1_000);
                    }
                };
                let (executors, client) = (&executors, client(number));
                async move { executors.carry(&client, &meter, long.boxed()).await.unwrap() }
            });
            futures_util::future::join_all(many).await;
            ((), executors.shared.queue().threads)
        })
        .await;
        assert!(threads <= 1 + EXECUTIONS_STARTED_MAX, "{threads}");
    }

    #[tokio::test]
    async fn who_leaves_ends_the_execution() {
        let executors = threads();
        let meter = Arc::new(Meter::unbound());
        let (say, began) = oneshot::channel();
        let (end, ended) = oneshot::channel();
        let its_own = Arc::clone(&meter);
        let endless = async move {
            say.send(()).unwrap();
            while its_own.field(0).is_ok() {
                its_own.rewind(0);
            }
            end.send(its_own.stopped()).unwrap();
        };
        let client = client(1);
        let waiting = executors.carry(&client, &meter, endless.boxed());
        tokio::select! {
            _ = waiting => panic!("it never ends by itself"),
            begun = patiently(began) => begun.unwrap(),
        }
        assert_eq!(patiently(ended).await.unwrap(), Some(Stop::Cancelled));
        // An execution also ends while it waits for a message that never comes.
        let (held, dropped) = oneshot::channel::<()>();
        let (say, began) = oneshot::channel();
        let waiting = async move {
            let _held = held;
            say.send(()).unwrap();
            std::future::pending::<()>().await;
        };
        let meter = Arc::new(Meter::unbound());
        let waiting = executors.carry(&client, &meter, waiting.boxed());
        tokio::select! {
            _ = waiting => panic!("it never ends by itself"),
            begun = patiently(began) => begun.unwrap(),
        }
        patiently(dropped).await.unwrap_err();
    }

    #[tokio::test]
    async fn one_client_cannot_fill_the_queue() {
        let executors = Arc::new(threads());
        let (go, gate) = mpsc::channel::<()>();
        let (say, began) = oneshot::channel();
        let holding = {
            let executors = Arc::clone(&executors);
            let hold = move || {
                say.send(()).unwrap();
                gate.recv()
            };
            tokio::spawn(async move { executors.work(&client(9), hold).await })
        };
        patiently(began).await.unwrap();
        let mut waiting = Vec::new();
        let mut lost = None;
        for _ in 0..=EXECUTIONS_QUEUED_PER_CLIENT {
            let client = client(1);
            let mut work = Box::pin({
                let executors = Arc::clone(&executors);
                async move { executors.work(&client, || ()).await }
            });
            match futures_util::poll!(&mut work) {
                Poll::Ready(output) => lost = output.err(),
                Poll::Pending => waiting.push(work),
            }
        }
        assert_eq!(waiting.len(), EXECUTIONS_QUEUED_PER_CLIENT);
        let other = client(2);
        let another = executors.work(&other, || 7);
        go.send(()).unwrap();
        assert_eq!(patiently(another).await, Ok(7));
        drop(waiting);
        patiently(holding).await.unwrap().unwrap().unwrap();
        assert_eq!(lost, Some(Lost::TooManyOfOne));
    }
}
