//! Keeps the figures of closings: writes those of a board, finds what the database lacks, makes it again from the log.
//!
//! The event is the fact, and the figures are a checkpoint of its version: whatever is lost of them the log can make again,
//! as far back as it is whole.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use crate::board::{Closings, ClosingsOfLog, Refold, Snapshot};
use crate::domain::{Closing, Version};
use crate::limits::{KEPT_BYTES_TOGETHER, KEPT_TOGETHER};
use crate::store::{self, KeptFigures, ReadTx, Store};

/// Writes the figures of closings at the board's version. They are made upon other threads, some at a time.
///
/// # Errors
/// When the database does not take them.
pub async fn write(
    store: &Store,
    board: &Arc<Snapshot>,
    closings: &[Arc<Closing>],
) -> Result<(), store::Error> {
    let mut rest = closings;
    while !rest.is_empty() {
        let (board, some) = (Arc::clone(board), rest[..rest.len().min(KEPT_TOGETHER)].to_vec());
        let made = tokio::task::spawn_blocking(move || pack(&board, &some));
        let (figures, done) = made.await.expect("packing does not panic");
        store.keep(&figures).await?;
        rest = &rest[done..];
    }
    Ok(())
}

/// Packs the figures of the first of the closings, and tells of how many.
fn pack(board: &Snapshot, closings: &[Arc<Closing>]) -> (Vec<KeptFigures>, usize) {
    let mut packed = Vec::new();
    let (mut bytes, mut done) = (0, 0);
    for closing in closings {
        if bytes >= KEPT_BYTES_TOGETHER {
            break;
        }
        done += 1;
        let Some(text) = board.figures_to_keep(closing.period) else { continue };
        let figures = KeptFigures::pack(closing, &text);
        bytes += figures.bytes();
        packed.push(figures);
    }
    (packed, done)
}

/// The closings whose figures the database lacks, and the log can tell.
///
/// # Errors
/// When the database cannot be read.
pub async fn missing(
    tx: &mut ReadTx,
    closings: &Closings,
) -> Result<Vec<Arc<Closing>>, store::Error> {
    let kept = tx.kept_before(tx.version().next()).await?;
    let begin = tx.log_start().await?.map_or(Version::ZERO, |start| start.version);
    let is_missing = |closing: &&Arc<Closing>| {
        closing.version() >= begin && !kept.contains(&(closing.mark, closing.period))
    };
    Ok(closings.all().filter(is_missing).cloned().collect())
}

/// Makes the figures of these closings again, from the log.
///
/// # Errors
/// When the log cannot be read, or the database does not take them.
pub async fn make_again(store: &Store, missing: &[Arc<Closing>]) -> Result<(), store::Error> {
    let mut at: BTreeMap<Version, Vec<Arc<Closing>>> = BTreeMap::new();
    for closing in missing {
        at.entry(closing.version()).or_default().push(Arc::clone(closing));
    }
    let versions: BTreeSet<Version> = at.keys().copied().collect();
    let mut refold = Refold::begin(store, versions).await?;
    while let Some(board) = refold.next().await? {
        let closings = at.get(&board.version()).map_or(&[][..], Vec::as_slice);
        write(store, &Arc::new(board), closings).await?;
    }
    Ok(())
}

/// Makes whatever figures the database lacks, for a program that has no board. Tells how many that were.
///
/// # Errors
/// When the log cannot be read, or the database does not take them.
pub async fn fill(store: &Store) -> Result<usize, store::Error> {
    let mut tx = store.begin_long_read().await?;
    let mut closings = ClosingsOfLog::default();
    tx.structural_events().await?.iter().for_each(|event| closings.event(event));
    let missing = missing(&mut tx, &closings.finish()).await?;
    drop(tx);
    make_again(store, &missing).await?;
    Ok(missing.len())
}

/// Whether figures are of closings that the log does not have.
///
/// # Errors
/// When the database cannot be read.
pub async fn has_foreign(tx: &mut ReadTx, closings: &Closings) -> Result<bool, store::Error> {
    let kept = tx.kept_before(tx.version().next()).await?;
    let known: HashSet<_> = closings.all().map(|it| (it.mark, it.period)).collect();
    Ok(kept.iter().any(|figures| !known.contains(figures)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::{BoardBuilder, Counted, Stamp, Traits};
    use crate::domain::initiative::InitiativeKind;
    use crate::domain::period::{Metric, PeriodKind};
    use crate::domain::unit::UnitKind;
    use crate::domain::{
        ClosingKind, Day, InitiativeStatus, Mark, Period, PeriodId, PersonId, Timestamp, Unit,
        UnitId,
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
                let traits = Traits {
                    kind: InitiativeKind::Idea,
                    field: None,
                    author_group: None,
                    rejection_reason: None,
                };
                builder.initiative(state, traits, Stamp::default());
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
        let text = board.figures_to_keep(PeriodId(1)).unwrap();
        let (packed, done) = pack(&board, &[closing]);
        let bytes = packed[0].bytes();
        assert_eq!(done, 1);
        assert!((3 << 20..11 << 20).contains(&text.len()), "{} bytes", text.len());
        assert!((300 << 10..2_000 << 10).contains(&bytes), "{bytes} bytes packed");
    }
}
