//! The sizes of scans, before they begin.

use crate::board::Snapshot;
use crate::domain::UnitId;
use crate::limits::SCAN_LARGE;

/// The number of all units.
pub fn units_of(snapshot: &Snapshot) -> usize {
    usize::try_from(snapshot.structure.unit_count()).unwrap_or(usize::MAX)
}

/// The number of units that a scan below a unit examines: exact if it is quickly counted, else the number of all
/// units.
pub fn units_below(snapshot: &Snapshot, unit: UnitId) -> usize {
    match snapshot.structure.subtree(unit).skip(1).take(SCAN_LARGE).count() {
        SCAN_LARGE => units_of(snapshot),
        count => count,
    }
}
