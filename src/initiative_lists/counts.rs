//! Counts of initiatives, as far as they are seen: by the fold where it knows them, else by the tables.

use super::board_scan::BoardScan;
use super::request::CountRequest;
use super::visibility::{Coverage, View};
use crate::board::{Pause, Snapshot, Stopped};
use crate::domain::{Grant, InitiativeStatus, PeriodId, UnitId};
use crate::store::{Error, Filter, ReadTx, UnitProbe};

/// The number of initiatives in a unit's subtree that the caller sees, if the board tells it.
///
/// # Errors
/// When nobody waits for it any more.
pub fn count_of_board(
    snapshot: &Snapshot,
    grants: &[Grant],
    top: UnitId,
    request: &CountRequest,
    pause: &dyn Pause,
) -> Result<Option<i64>, Stopped> {
    let view = View::new(snapshot, grants);
    let mut filter = request.filter.clone();
    let mut count = 0;
    if let Some(period) = request.period.filter(|_| request.is_plain) {
        count = folded(&view, top, period, &filter.statuses);
        filter.statuses.retain(|status| *status == InitiativeStatus::Withdrawn);
        // The public sees no withdrawn ones.
        if filter.statuses.is_empty() || view.coverage(top) == Coverage::Public {
            return Ok(Some(count));
        }
    }
    let Some(mut scan) = BoardScan::new(&view, &filter, pause) else { return Ok(None) };
    count += scan.count(top)?;
    Ok(Some(count))
}

/// The number of initiatives in each unit's subtree that the caller sees; each unit is named once.
///
/// # Errors
/// When the database cannot be read.
pub async fn counts(
    tx: &mut ReadTx,
    snapshot: &Snapshot,
    grants: &[Grant],
    tops: &[UnitId],
    request: &CountRequest,
) -> Result<Vec<i64>, Error> {
    let view = View::new(snapshot, grants);
    let mut counts = vec![0; tops.len()];
    let mut filter = request.filter.clone();
    if let Some(period) = request.period.filter(|_| request.is_plain) {
        // The fold counts all but withdrawn initiatives.
        for (list, &top) in tops.iter().enumerate() {
            counts[list] = folded(&view, top, period, &filter.statuses);
        }
        filter.statuses.retain(|status| *status == InitiativeStatus::Withdrawn);
        // The public sees no withdrawn ones.
        if tops.iter().all(|&top| view.coverage(top) == Coverage::Public) {
            filter.statuses.clear();
        }
    }
    if filter.statuses.is_empty() {
        return Ok(counts);
    }
    let root = snapshot.structure.root();
    let mut probes = Vec::new();
    for (list, &top) in tops.iter().enumerate() {
        if top == root {
            counts[list] += count_root(tx, &view, &filter).await?;
        } else {
            probes.extend(view.unit_probes(list, top));
        }
    }
    if !probes.is_empty() {
        for (list, count) in tx.count_per_unit(&filter, &probes).await? {
            counts[list] += count;
        }
    }
    Ok(counts)
}

/// Counts the root's initiatives without naming all units: the public ones, and those that the
/// caller sees only below some units.
async fn count_root(tx: &mut ReadTx, view: &View<'_>, filter: &Filter) -> Result<i64, Error> {
    match view.coverage(view.snapshot.structure.root()) {
        Coverage::All => tx.count_all(filter, false).await,
        Coverage::Public => tx.count_all(filter, true).await,
        Coverage::Partial => {
            // Each unit below once as one who sees it all, and once as the public does.
            let mut units = Vec::new();
            for &top in &view.seen {
                for unit in view.snapshot.structure.subtree(top) {
                    units.push(UnitProbe { list: 0, unit, seen: true });
                    units.push(UnitProbe { list: 1, unit, seen: false });
                }
            }
            let mut count = tx.count_all(filter, true).await?;
            for (list, part) in tx.count_per_unit(filter, &units).await? {
                count += if list == 0 { part } else { -part };
            }
            Ok(count)
        }
    }
}

/// The number of a subtree's initiatives in a period that the caller sees, by the fold.
fn folded(view: &View<'_>, top: UnitId, period: PeriodId, statuses: &[InitiativeStatus]) -> i64 {
    let counted = |unit: UnitId, statuses: &[InitiativeStatus]| -> i64 {
        let cell = view.snapshot.cell(unit, period);
        let counts = cell.counts();
        let of = |status: &InitiativeStatus| match status {
            InitiativeStatus::Pending => counts.pending,
            InitiativeStatus::Returned => counts.returned,
            InitiativeStatus::Accepted => counts.accepted,
            InitiativeStatus::Rejected => counts.rejected,
            InitiativeStatus::Withdrawn => 0,
        };
        statuses.iter().map(of).map(i64::from).sum()
    };
    let public: Vec<InitiativeStatus> =
        statuses.iter().copied().filter(|it| *it == InitiativeStatus::Accepted).collect();
    match view.coverage(top) {
        Coverage::All => counted(top, statuses),
        Coverage::Public => counted(top, &public),
        Coverage::Partial => {
            let structure = &view.snapshot.structure;
            let below = view.seen.iter().filter(|&&unit| structure.is_within(unit, top));
            let more = below.map(|&unit| counted(unit, statuses) - counted(unit, &public));
            counted(top, &public) + more.sum::<i64>()
        }
    }
}
