//! How many units a scan looks at, before it begins.

use crate::board::Snapshot;
use crate::domain::UnitId;
use crate::limits::SCAN_LARGE;

/// How many units there are.
pub fn units_of(snapshot: &Snapshot) -> usize {
    usize::try_from(snapshot.structure.unit_count()).unwrap_or(usize::MAX)
}

/// How many units are looked at for all below one: exact where it is quickly counted, else as many as there are.
pub fn units_below(snapshot: &Snapshot, unit: UnitId) -> usize {
    match snapshot.structure.subtree(unit).skip(1).take(SCAN_LARGE).count() {
        SCAN_LARGE => units_of(snapshot),
        count => count,
    }
}
