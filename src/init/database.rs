//! The database: its root and its programme, in the place of the stand-ins that a fresh one has.

use std::sync::Arc;

use anyhow::Context as _;

use super::federation::Federation;
use crate::auth::Language;
use crate::board;
use crate::domain::clock::SharedClock;
use crate::domain::command::{UpsertPeriod, UpsertUnit};
use crate::domain::period::{Metric, PeriodKind};
use crate::domain::{Actor, Command, Day, Patch, Unit, UnitId, UnitRef};
use crate::store::{self, Store};
use crate::supervisor::Supervisor;
use crate::writer;
use crate::writer::tags::Tags;

/// The programme of this year and the next.
pub struct Programme {
    pub code: String,
    pub name: String,
    pub starts_on: Day,
    pub ends_on: Day,
}

impl Programme {
    pub fn of(today: Day, language: Language) -> anyhow::Result<Self> {
        let (year, next) = (today.year(), today.year() + 1);
        let name = language.choose("Initiative programme", "Chương trình sáng kiến");
        Ok(Self {
            code: format!("chuong-trinh-{year}"),
            name: format!("{name} {year}–{next}"),
            starts_on: Day::from_ymd(year, 1, 1)?,
            ends_on: Day::from_ymd(next, 12, 31)?,
        })
    }
}

/// The root of a database, which is only read; `None` if there is no database, or its root is a stand-in.
pub async fn own_root(url: &str) -> Result<Option<Federation>, store::Error> {
    let store = match Store::open_to_read(url).await {
        Ok(store) => store,
        Err(store::Error::Missing { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let root = root(&store).await;
    store.close().await;
    let own = root?.filter(|root| !root.placeholder);
    Ok(own.map(|root| Federation { name: root.name, code: root.code }))
}

async fn root(store: &Store) -> Result<Option<Unit>, store::Error> {
    let units = store.begin_read().await?.units().await?;
    Ok(units.into_iter().map(|(unit, ..)| unit).find(|unit| unit.parent.is_none()))
}

/// Makes the database, or gives one that has stand-ins alone its root and its programme.
pub async fn make(
    url: &str,
    federation: &Federation,
    programme: &Programme,
    clock: SharedClock,
) -> anyhow::Result<()> {
    let store = Store::open(url).await.context("cannot open the database")?;
    let made = async {
        seed(&store, Arc::clone(&clock), &[]).await?;
        let root = root(&store).await?.context("a fresh database has a root")?;
        // The programme comes first: a database with a root of its own has both, however the process ended.
        let commands = [of_programme(programme, root.id), of_root(federation)];
        seed(&store, clock, &commands).await
    };
    let made = made.await;
    store.close().await;
    made
}

fn of_root(federation: &Federation) -> Command {
    let Federation { name, code } = federation;
    Command::UpsertUnit(UpsertUnit {
        code: code.clone(),
        name: Patch::Set(name.clone()),
        kind: Patch::Set(federation.kind()),
        ..UpsertUnit::default()
    })
}

fn of_programme(programme: &Programme, owner: UnitId) -> Command {
    Command::UpsertPeriod(UpsertPeriod {
        code: programme.code.clone(),
        name: Patch::Set(programme.name.clone()),
        kind: Patch::Set(PeriodKind::Programme),
        starts_on: Patch::Set(programme.starts_on),
        ends_on: Patch::Set(programme.ends_on),
        owner: Patch::Set(UnitRef::Id(owner)),
        metric: Patch::Set(Metric::Submitted),
        ..UpsertPeriod::default()
    })
}

/// Gives a fresh database its stand-ins, as a server does, and carries the commands out, one after the other.
///
/// # Errors
/// When the database cannot be written, or refuses a command.
pub async fn seed(store: &Store, clock: SharedClock, commands: &[Command]) -> anyhow::Result<()> {
    let [mut tx, other] = store.begin_reads().await?;
    let board = board::load(&mut tx, other, Arc::default()).await?;
    drop(tx);
    let supervisor = Supervisor::default();
    let (writer, _, running) =
        writer::start(store.clone(), board, clock, Tags::from_system()?, &supervisor).await?;
    let actor = Arc::new(Actor::SYSTEM);
    for command in commands {
        writer.execute(command.clone(), Arc::clone(&actor)).await?;
    }
    running.stop().await?;
    Ok(())
}
