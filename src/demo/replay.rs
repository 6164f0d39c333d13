//! The replay: sends the script's commands in order, many on their way together, and keeps the clock behind what is
//! done.
//!
//! *Always true.* Commands enter the writer in the order of the script, so the log holds the script's beginning,
//! however the process ended. An action is carried out on its day: the clock does not pass midnight before the whole
//! day is acknowledged.

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures_util::poll;
use tokio::sync::mpsc;

use super::clock::SimulatedClock;
use super::course::{EntryId, Step};
use super::nights;
use super::script::{Action, Script};
use crate::domain::clock::Clock as _;
use crate::domain::command::{Feature, Review, Transfer, Withdraw};
use crate::domain::{Actor, Command, Day, InitiativeId, Outcome, Timestamp};
use crate::limits::RETRY_FIRST;
use crate::writer::{Failure, Reply, Unavailable, Writer};

/// Commands on their way to the writer at most, so that its queue has room for other callers.
const IN_FLIGHT: usize = 2_048;
/// Commands that are made ahead.
const AHEAD: usize = 4_096;
/// The grain of timers.
const LEAST_WAIT: Duration = Duration::from_millis(1);

/// A command of the script, complete except for the initiative's number.
struct Task {
    action: Action,
    command: Command,
}

/// An item from the thread that makes commands.
enum Item {
    /// The initiative of an entry made before, with actions to come.
    Known(Task),
    /// The next action.
    Next(Task),
}

/// The reason for which the replay halts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Halt {
    /// The next action is not before the given moment.
    Reached,
    /// The script has no more actions.
    Finished,
}

/// The error of a server that is stopping, or that cannot carry out the script.
#[derive(Debug, thiserror::Error)]
#[error("a command of the demo was not carried out")]
pub struct Failed(#[source] Failure);

type Answer = Result<Reply, Failure>;
type Answering = Pin<Box<dyn Future<Output = Answer> + Send>>;

struct InFlight {
    action: Action,
    command: Command,
    answering: Answering,
}

pub struct Replay {
    writer: Writer,
    clock: Arc<SimulatedClock>,
    actor: Arc<Actor>,
    items: mpsc::Receiver<Item>,
    held: Option<Task>,
    in_flight: VecDeque<InFlight>,
    /// Initiatives with actions to come.
    open: HashMap<EntryId, InitiativeId>,
    day: Option<Day>,
    /// The number of commands that were carried out.
    pub done: u64,
}

impl Replay {
    /// Makes commands in a thread of its own, from the action behind `after` on; without `after` from the first.
    pub fn start(
        script: Arc<Script>,
        after: Option<(EntryId, Step)>,
        writer: Writer,
        clock: Arc<SimulatedClock>,
    ) -> Self {
        let (sender, items) = mpsc::channel(AHEAD);
        tokio::task::spawn_blocking(move || make_tasks(&script, after, &sender));
        Self {
            writer,
            clock,
            actor: Arc::new(Actor::SYSTEM),
            items,
            held: None,
            in_flight: VecDeque::new(),
            open: HashMap::new(),
            day: None,
            done: 0,
        }
    }

    /// Carries out all actions before `until`, as fast as the writer takes them, and sets the clock to each action in
    /// turn. `progress` receives the number of commands sent.
    ///
    /// # Errors
    /// See [`Failed`].
    pub async fn load(
        &mut self,
        until: Timestamp,
        mut progress: impl FnMut(&Action),
    ) -> Result<Halt, Failed> {
        while let Some(task) = self.next_task().await? {
            if task.action.at >= until {
                self.held = Some(task);
                self.land().await?;
                return Ok(Halt::Reached);
            }
            if self.day != Some(task.action.at.day()) {
                self.land().await?;
                self.day = Some(task.action.at.day());
            }
            self.clock.stand_at(task.action.at);
            progress(&task.action);
            self.send(task).await?;
        }
        self.land().await?;
        Ok(Halt::Finished)
    }

    /// Carries out each action at its time by the clock, which runs `speed` times as fast as the machine's, and faster
    /// at night.
    ///
    /// # Errors
    /// See [`Failed`].
    pub async fn follow(&mut self, speed: u32) -> Result<Halt, Failed> {
        self.clock.limit_to(self.clock.now());
        self.day = None;
        while let Some(task) = self.next_task().await? {
            let today = task.action.at.day();
            if self.day != Some(today) {
                self.land().await?;
                self.day = Some(today);
                self.clock.limit_to(Timestamp(today.plus(1).start().0 - 1));
            }
            while self.clock.now() < task.action.at {
                self.land().await?;
                let now = self.clock.now();
                self.clock.run(nights::speed_at(now, speed));
                let until = task.action.at.min(nights::next_change(now));
                let Some(wait) = self.clock.until(until) else { break };
                tokio::time::sleep(wait.max(LEAST_WAIT)).await;
            }
            self.send(task).await?;
        }
        self.land().await?;
        self.clock.stand_at(self.clock.now());
        Ok(Halt::Finished)
    }

    /// The next action. Initiatives of earlier entries are looked up by their keys on the way.
    async fn next_task(&mut self) -> Result<Option<Task>, Failed> {
        if let Some(task) = self.held.take() {
            return Ok(Some(task));
        }
        loop {
            match self.items.recv().await {
                Some(Item::Known(task)) => self.send(task).await?,
                Some(Item::Next(task)) => return Ok(Some(task)),
                None => return Ok(None),
            }
        }
    }

    async fn send(&mut self, task: Task) -> Result<(), Failed> {
        let Task { action, mut command } = task;
        if action.step != Step::Submit {
            let id = loop {
                let known = if action.is_last {
                    self.open.remove(&action.entry)
                } else {
                    self.open.get(&action.entry).copied()
                };
                match known {
                    Some(id) => break id,
                    None if self.in_flight.is_empty() => return Ok(()),
                    None => self.finish_first().await?,
                }
            };
            set_initiative(&mut command, id);
        }
        while self.in_flight.len() >= IN_FLIGHT {
            self.finish_first().await?;
        }
        let answering = self.enqueue(&command).await?;
        self.in_flight.push_back(InFlight { action, command, answering });
        Ok(())
    }

    /// Puts the command into the writer's queue, behind all earlier ones.
    async fn enqueue(&mut self, command: &Command) -> Result<Answering, Failed> {
        loop {
            let (writer, actor) = (self.writer.clone(), Arc::clone(&self.actor));
            let command = command.clone();
            let mut answering: Answering =
                Box::pin(async move { writer.execute(command, actor).await });
            // The first poll queues the command.
            match poll!(answering.as_mut()) {
                Poll::Pending => return Ok(answering),
                Poll::Ready(Err(Failure::Unavailable(Unavailable::QueueFull))) => {
                    tokio::time::sleep(LEAST_WAIT).await;
                }
                Poll::Ready(answer) => return Ok(Box::pin(std::future::ready(answer))),
            }
        }
    }

    /// Waits for all commands that are on their way.
    async fn land(&mut self) -> Result<(), Failed> {
        while !self.in_flight.is_empty() {
            self.finish_first().await?;
        }
        Ok(())
    }

    /// Waits for the command that was sent first.
    async fn finish_first(&mut self) -> Result<(), Failed> {
        let Some(first) = self.in_flight.pop_front() else { return Ok(()) };
        let failed = self.finish(first).await?;
        if let Some(first) = failed {
            self.send_again(first).await?;
        }
        Ok(())
    }

    /// Sends a command again that the writer could not take, and all later ones that it could not take either, in the
    /// same order.
    async fn send_again(&mut self, first: InFlight) -> Result<(), Failed> {
        let mut again = vec![first];
        while let Some(next) = self.in_flight.pop_front() {
            again.extend(self.finish(next).await?);
        }
        tokio::time::sleep(RETRY_FIRST).await;
        for InFlight { action, command, .. } in again {
            let answering = self.enqueue(&command).await?;
            self.in_flight.push_back(InFlight { action, command, answering });
        }
        Ok(())
    }

    /// Waits for the command, and returns it if it must be sent again.
    async fn finish(&mut self, mut sent: InFlight) -> Result<Option<InFlight>, Failed> {
        match sent.answering.as_mut().await {
            Ok(reply) => {
                self.note(&sent.action, &reply);
                Ok(None)
            }
            // A client with a token may have closed the unit, or decided already.
            Err(Failure::Refused(refusals)) => {
                tracing::debug!(?refusals, step = ?sent.action.step, "refused");
                Ok(None)
            }
            Err(Failure::Unavailable(why))
                if !matches!(why, Unavailable::Stopping | Unavailable::Failed) =>
            {
                Ok(Some(sent))
            }
            Err(failure) => Err(Failed(failure)),
        }
    }

    fn note(&mut self, action: &Action, reply: &Reply) {
        self.done += 1;
        if let (Step::Submit, Outcome::Initiative { initiative, .. }) =
            (action.step, &reply.outcome)
        {
            self.open.insert(action.entry, initiative.id);
        }
    }
}

/// Makes the commands of the script until the receiver is dropped.
fn make_tasks(script: &Script, after: Option<(EntryId, Step)>, items: &mpsc::Sender<Item>) {
    let task = |action: Action| {
        let command = script.command(&action, InitiativeId(0));
        Task { action, command }
    };
    let mut actions = script.actions();
    if let Some(last) = after {
        for action in entered_and_open(&mut actions, last) {
            if items.blocking_send(Item::Known(task(action))).is_err() {
                return;
            }
        }
    }
    for action in actions {
        if items.blocking_send(Item::Next(task(action))).is_err() {
            return;
        }
    }
}

/// Skips all actions up to the last one done. Returns the entries with actions to come, in order.
fn entered_and_open(
    actions: &mut impl Iterator<Item = Action>,
    last: (EntryId, Step),
) -> Vec<Action> {
    let mut open = HashMap::new();
    for action in actions {
        if action.step == Step::Submit {
            open.insert(action.entry, action);
        } else if action.is_last {
            open.remove(&action.entry);
        }
        if (action.entry, action.step) == last {
            break;
        }
    }
    let mut open: Vec<Action> = open.into_values().collect();
    open.sort_unstable();
    open
}

fn set_initiative(command: &mut Command, initiative: InitiativeId) {
    match command {
        Command::Review(Review { id, .. })
        | Command::Withdraw(Withdraw { id, .. })
        | Command::Transfer(Transfer { id, .. })
        | Command::Feature(Feature { id, .. }) => *id = initiative,
        Command::Revise(revise) => revise.id = initiative,
        _ => unreachable!("the script has no other command about an initiative"),
    }
}
