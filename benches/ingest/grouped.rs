//! The writer as the server runs it.

use std::sync::Arc;

use futures_util::StreamExt as _;
use sangkien::board::{self, Board, Snapshot};
use sangkien::domain::clock::{Clock as _, SystemClock};
use sangkien::domain::command::{Submit, UpsertPeriod, UpsertUnit};
use sangkien::domain::{Actor, Command, Outcome, Patch, PeriodId, UnitId, UnitRef};
use sangkien::feed::Hub;
use sangkien::store::Store;
use sangkien::supervisor::Supervisor;
use sangkien::writer::tags::Tags;
use sangkien::writer::{self, Writer};

use super::{Failed, world};

pub struct Grouped {
    pub writer: Writer,
    pub hub: Arc<Hub>,
    pub store: Store,
    actor: Arc<Actor>,
}

impl Grouped {
    /// Founds the tree and the periods by commands.
    pub async fn start(url: &str, levels: &[u32]) -> Result<Self, Failed> {
        let store = Store::open(url).await?;
        let tags = Tags::seeded(1);
        let (clock, supervisor) = (Arc::new(SystemClock), Supervisor::default());
        let (writer, hub, _task) =
            writer::start(store.clone(), Board::default(), clock, tags, &supervisor).await?;
        let actor = Arc::new(Actor { id: Some("1".to_owned()), ..Actor::SYSTEM });
        let founded = Self { writer, hub, store, actor };
        let units = world::tree(levels);
        let code = |id: UnitId| units[id.0 as usize - 1].code.clone();
        let upsert = |unit: &sangkien::domain::Unit| UpsertUnit {
            code: unit.code.clone(),
            name: Patch::Set(unit.name.clone()),
            kind: Patch::Set(unit.kind),
            parent: unit.parent.map_or(Patch::Keep, |id| Patch::Set(UnitRef::Code(code(id)))),
            ..UpsertUnit::default()
        };
        for level in units.chunk_by(|a, b| a.kind == b.kind) {
            founded.execute_all(level.iter().map(|unit| Command::UpsertUnit(upsert(unit)))).await?;
        }
        let periods = world::periods(SystemClock.now().day());
        let commands = periods.into_iter().take(3).map(|period| {
            Command::UpsertPeriod(UpsertPeriod {
                code: period.code,
                name: Patch::Set(period.name),
                kind: Patch::Set(period.kind),
                starts_on: Patch::Set(period.starts_on),
                ends_on: Patch::Set(period.ends_on),
                ..UpsertPeriod::default()
            })
        });
        founded.execute_all(commands).await?;
        Ok(founded)
    }

    async fn execute_all(&self, commands: impl Iterator<Item = Command>) -> Result<(), Failed> {
        let mut replies = futures_util::stream::iter(commands)
            .map(|command| self.writer.execute(command, Arc::clone(&self.actor)))
            .buffered(512);
        while let Some(reply) = replies.next().await {
            reply?;
        }
        Ok(())
    }

    pub async fn submit(&self, submit: &Submit) -> Result<bool, Failed> {
        let command = Command::Submit(submit.clone());
        match self.writer.execute(command, Arc::clone(&self.actor)).await?.outcome {
            Outcome::Initiative { replayed, .. } => Ok(replayed),
            _ => Err("a submission gives an initiative".into()),
        }
    }

    /// The root's count in the programme, by the fold and by a board made from the database.
    pub async fn counts(&self) -> Result<[i64; 2], Failed> {
        let count = |snapshot: &Snapshot| {
            i64::from(snapshot.cell(snapshot.structure.root(), PeriodId(1)).submitted())
        };
        let [mut tx, other] = self.store.begin_reads().await?;
        let loaded = board::load(&mut tx, other, Arc::default()).await?.snapshot();
        drop(tx);
        let folded = self.hub.latest();
        for unit in folded.structure.units() {
            for period in folded.structure.periods() {
                let cell = |snapshot: &Snapshot| snapshot.cell(unit.id, period.id);
                assert_eq!(cell(&folded), cell(&loaded), "{}", unit.code);
            }
        }
        Ok([count(&folded), count(&loaded)])
    }
}
