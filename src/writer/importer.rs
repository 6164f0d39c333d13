//! The importer: writes the commands of a file into a database that others write as well, batch by batch, with the
//! rules of the writer, but without a board.
//!
//! Always true: a batch is part of one transaction, checked after the counter row is taken and
//! others' events are applied; when one of its commands is refused nothing of it is written. Only the
//! structure is held in memory, so it takes as much room for a million initiatives as for one.
//! A transaction goes on over batches as long as nobody else waits to write, since pages of an index
//! that many rows fall on are then written once. While the database writes one batch, the next is decided.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use super::batch::{Batch, ImportKeys};
use super::decide::{self, ImportOutcome};
use super::prepare::prepare;
use super::tags::Tags;
use crate::board::{Structure, load_structure};
use crate::domain::clock::SharedClock;
use crate::domain::field::Fields;
use crate::domain::refusal::Possession;
use crate::domain::{
    Actor, Command, Event, Initiative, Mark, Problem, Refusal, Release, Timestamp, UnitId, Version,
};
use crate::feed::cursor::Cursor;
use crate::limits::{
    CATCH_UP_HELD, IMPORT_CHECKPOINT, IMPORT_TRANSACTION, LOG_PAGE, RESOLVE_TRIES, RETRY_FIRST,
    RETRY_MAX,
};
use crate::store::{self, LastIds, LogHead, Store, WriteTx, Writes};

pub use super::decide::differences;
pub use super::prepare::Prepared;

/// Writes batches of commands into a database.
pub struct Importer {
    store: Store,
    clock: SharedClock,
    tags: Tags,
    /// The actor of all that it writes.
    actor: Actor,
    structure: Structure,
    version: Version,
    /// When it was opened.
    opened_at: Timestamp,
    open: Option<OpenTransaction>,
    written: usize,
    /// Number of the last initiative that was written, as long as there are no others in the database.
    last_of_ours: i64,
    /// The time it took to write the part that is in the log of an SQLite file only.
    in_log: Duration,
}

/// A transaction that goes on.
struct OpenTransaction {
    tx: WriteTx,
    began: Instant,
    /// The first event of the transaction.
    first: Option<Cursor>,
    /// The last batch, which is not in it yet.
    decided: Option<Writes>,
    /// The number of commands, in all its batches, that changed something.
    written: usize,
}

impl OpenTransaction {
    /// The head as the last batch leaves it.
    fn head(&self) -> LogHead {
        self.decided.as_ref().map_or(self.tx.head(), |writes| writes.head)
    }

    /// Writes the last batch.
    async fn write(mut self) -> Result<Self, store::Error> {
        if let Some(writes) = self.decided.take() {
            self.tx.write(&writes).await?;
        }
        Ok(self)
    }
}

/// The effect of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    Unchanged,
    Changed,
    New,
}

/// A batch that was written.
#[derive(Debug)]
pub struct WrittenBatch {
    /// The effect of each command.
    pub effects: Vec<Effect>,
    pub took: Duration,
}

/// The reason why a batch was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The command at this place of the batch is refused, since others have changed the state that
    /// it was checked against.
    #[error("command {place} is refused")]
    Refused { place: usize, refusals: Vec<Refusal> },
    #[error("a server of release {oldest} cannot read what is to be written")]
    OlderNode { oldest: Release },
    #[error("the outcome of the last batch is not known")]
    Unknown(#[source] store::Error),
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// The present state, and what commands would make of it: a rehearsal.
pub struct Rehearsal {
    batch: Batch,
    tags: Tags,
}

/// Checks what needs no state. Any text is a field. `admitted`: by rules that may say otherwise by
/// now, so that what an initiative's day or a target's period must be is not judged again.
///
/// # Errors
/// All that is wrong with the command in itself.
pub fn check(command: Command, admitted: bool) -> Result<Prepared, Vec<Refusal>> {
    let prepared = prepare(command, &Fields::default())?;
    Ok(Prepared { admitted, ..prepared })
}

impl Importer {
    /// # Errors
    /// When the database cannot be read.
    pub async fn open(store: Store, clock: SharedClock, tags: Tags) -> Result<Self, store::Error> {
        let mut tx = store.begin_read().await?;
        let structure = load_structure(&mut tx).await?;
        let version = tx.version();
        if let Some(tag) = tx.tag(version).await? {
            store.note_known(Mark { version, tag });
        }
        let opened_at = clock.time_of(tx.now());
        drop(tx);
        store.write_much().await?;
        Ok(Self {
            store,
            clock,
            tags,
            actor: Actor::SYSTEM,
            structure,
            version,
            opened_at,
            open: None,
            written: 0,
            last_of_ours: 0,
            in_log: Duration::ZERO,
        })
    }

    /// Writes in this name from now on: the log names it as the actor, an initiative as what entered it.
    pub fn act_as(&mut self, id: String) {
        self.actor = Actor { id: Some(id), ..Actor::SYSTEM };
    }

    /// The database that is written to.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// The structure as commands will find it; of a fresh database, with what stands in for its own.
    pub fn rehearse(&self) -> Rehearsal {
        let periods = self.structure.periods().count();
        let last_ids = LastIds {
            unit: self.structure.unit_count().into(),
            period: i64::try_from(periods).expect("periods are few"),
            ..LastIds::default()
        };
        let head = LogHead { version: self.version, last_ids, ..LogHead::default() };
        let mut tags = self.tags.clone();
        let batch = begin(&self.structure, head, self.opened_at, &mut tags);
        Rehearsal { batch, tags }
    }

    /// Decides the commands, all or none, and writes those of the call before, in a transaction that goes on for
    /// some time while nobody else wants to write: [`Self::finish`] ends the last one. After an error nothing more
    /// can be written. No two initiatives may have the same key until then.
    ///
    /// # Errors
    /// See [`WriteError`]; if a command was refused, the batches before it are written.
    pub async fn write(&mut self, commands: &[Prepared]) -> Result<WrittenBatch, WriteError> {
        let mut open = match self.open.take() {
            Some(open) => open,
            None => self.begin().await?,
        };
        let began = Instant::now();
        let now = self.clock.time_of(open.tx.now());
        let mut batch = Batch::begin(&self.structure, open.head(), now);
        // While all initiatives are ours, none has the key of one that is still to come.
        let all_are_ours = open.head().last_ids.initiative == self.last_of_ours;
        let keys = if all_are_ours { ImportKeys::AreNew } else { ImportKeys::MayExist };
        batch.prefetch(&mut open.tx, commands.iter(), keys).await?;
        if let Some(before) = &open.decided {
            batch.meet(&before.people);
        }
        let writing = tokio::spawn(open.write());
        begin_with(&mut batch, &mut self.tags);
        let mut effects = Vec::with_capacity(commands.len());
        let mut refused = None;
        for (place, command) in commands.iter().enumerate() {
            match carry_out(&mut batch, command, &self.actor, &mut self.tags) {
                Ok(effect) => effects.push(effect),
                Err(refusals) => {
                    refused = Some(WriteError::Refused { place, refusals });
                    break;
                }
            }
        }
        let mut open = match writing.await {
            Ok(written) => written?,
            Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
        };
        if let Some(refused) = refused {
            self.commit(open, false).await?;
            return Err(refused);
        }
        let reader = batch.take_reader();
        if reader > Release::FIRST
            && let Some(oldest) = open.tx.oldest_release().await?.filter(|&it| it < reader)
        {
            self.commit(open, false).await?;
            return Err(WriteError::OlderNode { oldest });
        }
        self.structure = batch.structure.clone();
        self.version = batch.version();
        let writes = batch.finish();
        if all_are_ours {
            self.last_of_ours = writes.head.last_ids.initiative;
        }
        if let Some(first) = writes.events.first() {
            open.first.get_or_insert(Cursor::of(first));
            open.written += effects.iter().filter(|effect| **effect != Effect::Unchanged).count();
            open.decided = Some(writes);
        }
        let others_wait = open.tx.has_waiter().await?;
        if others_wait || open.began.elapsed() >= IMPORT_TRANSACTION {
            self.commit(open, others_wait).await?;
        } else {
            self.open = Some(open);
        }
        Ok(WrittenBatch { effects, took: began.elapsed() })
    }

    /// Commits the open transaction; then a key may come again.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub async fn finish(&mut self) -> Result<(), WriteError> {
        self.last_of_ours = 0;
        match self.open.take() {
            Some(open) => self.commit(open, false).await,
            None => Ok(()),
        }
    }

    /// The number of commands that changed something and were committed.
    pub const fn written(&self) -> usize {
        self.written
    }

    async fn begin(&mut self) -> Result<OpenTransaction, store::Error> {
        let mut tx = self.store.begin_write().await?;
        while tx.head().version.0 - self.version.0 > CATCH_UP_HELD {
            // Others wait for the counter row: what was missed is read without it.
            drop(tx);
            let mut read = self.store.begin_read().await?;
            while self.version < read.version() {
                self.apply(read.events_after(self.version, LOG_PAGE).await?)?;
            }
            drop(read);
            tx = self.store.begin_write().await?;
        }
        while self.version < tx.head().version {
            self.apply(tx.events_after(self.version, LOG_PAGE).await?)?;
        }
        Ok(OpenTransaction { tx, began: Instant::now(), first: None, decided: None, written: 0 })
    }

    async fn commit(&mut self, open: OpenTransaction, others_wait: bool) -> Result<(), WriteError> {
        let OpenTransaction { tx, began, first, written, .. } = open.write().await?;
        let Some(first) = first else { return Ok(()) };
        if let Err(error) = tx.commit().await {
            let error = self.was_committed(first, error).await?;
            if let Some(error) = error {
                return Err(error.into());
            }
        }
        self.written += written;
        self.in_log += began.elapsed();
        // Else a writer that waits would have to do it in its own commit.
        if others_wait || self.in_log >= IMPORT_CHECKPOINT {
            self.in_log = Duration::ZERO;
            self.store.checkpoint().await?;
        }
        Ok(())
    }

    /// Looks until it is known whether a commit took place, for some time. Gives the error back when
    /// it did not.
    async fn was_committed(
        &self,
        first: Cursor,
        error: store::Error,
    ) -> Result<Option<store::Error>, WriteError> {
        let mut wait = RETRY_FIRST;
        for _ in 0..RESOLVE_TRIES {
            if let Ok(there) = self.holds(first).await {
                return Ok((!there).then_some(error));
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(RETRY_MAX);
        }
        Err(WriteError::Unknown(error))
    }

    async fn holds(&self, first: Cursor) -> Result<bool, store::Error> {
        // The counter row is taken for it: what still hangs somewhere has ended then.
        let mut tx = self.store.begin_write().await?;
        let there = tx.events_after(Version(first.version.0 - 1), 1).await?;
        // A change that can be seen may not be on a synchronous standby yet; once a commit behind it is, it is.
        tx.commit().await?;
        Ok(there.first().is_some_and(|there| Cursor::of(there) == first))
    }

    /// Applies what others have written since.
    fn apply(&mut self, events: Vec<Event>) -> Result<(), store::Error> {
        if events.is_empty() {
            return Err(store::Error::Gap(self.version.next().0));
        }
        for event in events {
            if event.version != self.version.next() {
                return Err(store::Error::Gap(self.version.next().0));
            }
            self.structure.apply(&event.body);
            self.version = event.version;
        }
        Ok(())
    }
}

impl Rehearsal {
    /// The structure after the commands so far.
    pub const fn structure(&self) -> &Structure {
        &self.batch.structure
    }

    /// The time at which the rehearsal takes place.
    pub const fn now(&self) -> Timestamp {
        self.batch.at
    }

    /// Lets commands speak of an initiative, as it is.
    pub fn meet(&mut self, initiative: Initiative) {
        self.batch.meet_initiative(initiative);
    }

    /// Lets commands delete units: what these had before.
    pub fn meet_possessions(&mut self, possessions: HashMap<UnitId, Option<Possession>>) {
        self.batch.meet_possessions(possessions);
    }

    /// Carries out the command on the rehearsal, after those before it; returns its outcome.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn carry_out(&mut self, command: &Prepared) -> Result<Effect, Vec<Refusal>> {
        carry_out(&mut self.batch, command, &Actor::SYSTEM, &mut self.tags)
    }

    /// The effect that an import of an initiative would have; `known` is the initiative under its key.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn judge(
        &self,
        import: &Prepared,
        known: Option<&Initiative>,
    ) -> Result<Effect, Vec<Refusal>> {
        let Command::Import(body) = &import.command else {
            return Err(vec![Problem::Missing { noun: "initiative" }.at(["key"])]);
        };
        let judged = decide::judge(self.structure(), self.now(), body, import, known)?;
        Ok(match judged {
            ImportOutcome::New => Effect::New,
            ImportOutcome::Exists => Effect::Unchanged,
        })
    }
}

fn begin(structure: &Structure, head: LogHead, now: Timestamp, tags: &mut Tags) -> Batch {
    let mut batch = Batch::begin(structure, head, now);
    begin_with(&mut batch, tags);
    batch
}

fn begin_with(batch: &mut Batch, tags: &mut Tags) {
    batch.begin_days(tags);
    if !batch.structure.has_root() {
        batch.seed_placeholders(tags);
    }
}

fn carry_out(
    batch: &mut Batch,
    command: &Prepared,
    actor: &Actor,
    tags: &mut Tags,
) -> Result<Effect, Vec<Refusal>> {
    let before = batch.version();
    decide::decide(batch, command, actor, tags)?;
    if batch.version() == before {
        return Ok(Effect::Unchanged);
    }
    let is_new = batch.last_event().is_some_and(|event| event.body.is_first());
    Ok(if is_new { Effect::New } else { Effect::Changed })
}
