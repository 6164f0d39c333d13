//! Keeps the figures of closings: writes those of a board, finds what the database lacks, makes it again from the log.
//!
//! The event is the fact, and the figures are a checkpoint of its version: whatever is lost of them the log can make again,
//! as far back as it is whole.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::board::{Closings, ClosingsOfLog, Refold, Snapshot, Unhurried, are_figures_of};
use crate::domain::{Closing, Mark, PeriodId, Version};
use crate::limits::{KEPT_BYTES_TOGETHER, KEPT_TOGETHER};
use crate::store::{self, KeptFigures, ReadTx, Store};

/// The figures of some closings, packed to be written.
#[derive(Debug, Default)]
pub struct Packed {
    /// The number of closings that it is about, the first of those that were given.
    pub closings: usize,
    pub figures: Vec<KeptFigures>,
    /// The closings whose figures are too large to be kept.
    pub too_large: Vec<Arc<Closing>>,
}

impl Packed {
    /// Packs the figures of the first of the closings, which are those of the board's version.
    ///
    /// # Panics
    /// Never: nobody stops it.
    pub fn of(board: &Snapshot, closings: &[Arc<Closing>]) -> Self {
        let mut packed = Self::default();
        let mut bytes = 0;
        for closing in &closings[..closings.len().min(KEPT_TOGETHER)] {
            if bytes >= KEPT_BYTES_TOGETHER {
                break;
            }
            packed.closings += 1;
            let text = board.figures_to_keep(closing.period, &Unhurried);
            let Some(text) = text.expect("nobody stops it") else { continue };
            match KeptFigures::pack(closing, &text) {
                Some(figures) => {
                    bytes += figures.bytes();
                    packed.figures.push(figures);
                }
                None => packed.too_large.push(Arc::clone(closing)),
            }
        }
        packed
    }
}

/// The figures in the database, beside the closings that the log tells.
#[derive(Debug)]
pub struct Survey {
    /// The closings whose figures are not there, and the log can tell.
    pub missing: Vec<Arc<Closing>>,
    /// The closings whose figures are not there, and that are older than the log.
    pub lost: Vec<Arc<Closing>>,
    /// Whether there are figures of closings that the log does not have.
    pub has_foreign: bool,
    /// The first version that the log can tell.
    pub log_begin: Version,
}

impl Survey {
    /// # Errors
    /// When the database cannot be read.
    pub async fn of(tx: &mut ReadTx, closings: &Closings) -> Result<Self, store::Error> {
        let kept = tx.kept_before(tx.version().next()).await?;
        let log_begin = tx.log_start().await?.map_or(Version::ZERO, |start| start.version);
        let known: HashSet<(Mark, PeriodId)> =
            closings.all().map(|closing| (closing.mark, closing.period)).collect();
        let has_foreign = kept.iter().any(|figures| !known.contains(figures));
        let unkept = closings.all().filter(|it| !kept.contains(&(it.mark, it.period)));
        let (missing, lost) = unkept.cloned().partition(|it| it.version() >= log_begin);
        Ok(Self { missing, lost, has_foreign, log_begin })
    }
}

/// Makes the figures of these closings again, from the log, for whoever writes them.
///
/// # Errors
/// When the log cannot be read.
pub async fn fold(
    store: &Store,
    missing: &[Arc<Closing>],
    to: mpsc::Sender<Packed>,
) -> Result<(), store::Error> {
    let mut at: BTreeMap<Version, Vec<Arc<Closing>>> = BTreeMap::new();
    for closing in missing {
        at.entry(closing.version()).or_default().push(Arc::clone(closing));
    }
    let versions: BTreeSet<Version> = at.keys().copied().collect();
    let mut refold = Refold::begin(store, versions).await?;
    while let Some(board) = refold.next().await? {
        let mut closings = at.get(&board.version()).map_or(&[][..], Vec::as_slice);
        while !closings.is_empty() {
            let packed = Packed::of(&board, closings);
            closings = &closings[packed.closings..];
            if to.send(packed).await.is_err() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Makes whatever figures the database lacks or has damaged, for a program that has no board.
///
/// # Errors
/// When the log cannot be read, or the database does not take them.
pub async fn fill(store: &Store) -> Result<(), store::Error> {
    let mut tx = store.begin_long_read().await?;
    let mut log = ClosingsOfLog::default();
    tx.structural_events().await?.iter().for_each(|event| log.event(event));
    let closings = log.finish();
    let Survey { mut missing, log_begin, .. } = Survey::of(&mut tx, &closings).await?;
    let mut damaged = BTreeSet::new();
    for closing in closings.all().filter(|closing| closing.version() >= log_begin) {
        let figures = tx.kept_figures(closing.mark, closing.period).await?;
        let is_damaged = |figures: KeptFigures| {
            !figures.unpack().is_ok_and(|text| are_figures_of(&text, closing))
        };
        if figures.is_some_and(is_damaged) {
            damaged.insert((closing.version(), closing.period));
            missing.push(Arc::clone(closing));
        }
    }
    drop(tx);
    if !damaged.is_empty() {
        store.drop_figures(&damaged).await?;
    }
    let (send, mut packed) = mpsc::channel::<Packed>(1);
    let write = async {
        while let Some(some) = packed.recv().await {
            store.keep(&some.figures).await?;
            for closing in some.too_large {
                let (period, version) = (closing.period, closing.version());
                tracing::error!(%period, %version, "the figures of a closing are too large to be kept");
            }
        }
        Ok(())
    };
    tokio::try_join!(fold(store, &missing, send), write)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::{BoardBuilder, Counted, Stamp, Traits};
    use crate::domain::initiative::InitiativeKind;
    use crate::domain::period::{Metric, PeriodKind};
    use crate::domain::unit::UnitKind;
    use crate::domain::{
        ClosingKind, Day, InitiativeId, InitiativeStatus, Mark, Period, PeriodId, PersonId,
        Timestamp, Unit, UnitId,
    };

    /// A country of 130,000 units: a root, 83 federations, 1,000 unions below these, and what is below them. A third of all
    /// have entered something.
    fn country() -> Snapshot {
        const UNITS: u32 = 130_000;
        let mut builder = BoardBuilder::default();
        builder.day(Day(19_144), Stamp::default());
        for id in 1..=UNITS {
            let parent = match id {
                1 => None,
                2..=84 => Some(1),
                85..=1_084 => Some(2 + id % 83),
                _ => Some(85 + id % 1_000),
            };
            let unit = Unit {
                id: UnitId(id),
                code: id.to_string(),
                name: id.to_string(),
                kind: UnitKind::GrassrootsUnion,
                parent: parent.map(UnitId),
                cluster: (2..=84).contains(&id).then(|| format!("Cụm {}", id % 8)),
                sector: None,
                foreign_invested: false,
                member_count: (id % 4 == 0).then(|| i32::try_from(id % 997).unwrap()),
                closed_on: None,
                placeholder: false,
                deleted: false,
            };
            builder.unit(unit, Stamp::default());
        }
        let period = Period {
            id: PeriodId(1),
            code: "p".to_owned(),
            name: "P".to_owned(),
            kind: PeriodKind::Phase,
            starts_on: Day(19_000),
            ends_on: Day(19_143),
            owner: UnitId(1),
            parent: None,
            metric: Metric::Submitted,
            applied_from: None,
            applied_until: None,
            placeholder: false,
        };
        builder.period(period, Stamp::default());
        let mut chance = fastrand::Rng::with_seed(1);
        for id in (1_085..=UNITS).step_by(3) {
            for _ in 0..chance.u32(1..20) {
                let people = [PersonId(chance.i64(1..300_000))];
                let state = Counted {
                    unit: UnitId(id),
                    status: InitiativeStatus::Accepted,
                    submitted_at: Timestamp(
                        Day(chance.i32(19_000..19_143)).start().0 + chance.i64(0..86_400_000),
                    ),
                    benefit_vnd: Some(chance.i64(0..1_000) * 1_000_000),
                    people: &people,
                };
                let traits = Traits::of_kind(InitiativeKind::Idea);
                builder.initiative(InitiativeId(1), state, traits, Stamp::default());
            }
        }
        builder.build(Stamp::default(), 0).snapshot()
    }

    /// The sizes that ARCHITECTURE.md and docs/SIZING.md name.
    #[test]
    fn a_closing_of_the_whole_country_is_small() {
        let closing = Arc::new(Closing {
            period: PeriodId(1),
            kind: ClosingKind::Day,
            starts_on: Day(19_000),
            ends_on: Day(19_143),
            at: Day(19_144).start(),
            mark: Mark { version: Version(1), tag: 1 },
            note: None,
        });
        let board = country();
        let text = board.figures_to_keep(PeriodId(1), &Unhurried).unwrap().unwrap();
        let packed = Packed::of(&board, &[closing]);
        let bytes = packed.figures[0].bytes();
        assert_eq!(packed.closings, 1);
        assert!((3 << 20..11 << 20).contains(&text.len()), "{} bytes", text.len());
        assert!((300 << 10..2_000 << 10).contains(&bytes), "{bytes} bytes packed");
    }
}
