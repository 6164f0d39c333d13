//! Stamps: the last change of each part of the board, for the freshness of results that depend on it.

use rpds::HashTrieMapSync;

use super::paged::Paged;
use super::structure::Stamp;
use crate::domain::event::TargetsChanged;
use crate::domain::target::TargetOrigin;
use crate::domain::{PeriodId, Version};

/// The last change of each part of the board.
#[derive(Debug, Clone, Default)]
pub(super) struct Stamps {
    /// Indexed by the unit's number.
    pub(super) units: Paged<UnitStamps>,
    /// The last change of any period, which may change the default one.
    pub(super) periods: Stamp,
    /// The last change of units' data, the tree, periods, targets or rules, anywhere, or the last closing by an officer.
    pub(super) structure: Stamp,
    pub(super) day: Stamp,
    /// The last change of each period.
    pub(super) of_periods: HashTrieMapSync<PeriodId, Version>,
    /// The last change of any target of a period and origin.
    pub(super) of_targets: HashTrieMapSync<(PeriodId, TargetOrigin), Version>,
    /// The last moment at which another period became the default one, which changed every unit's tally without a
    /// period: one stamp for all units, so that a midnight touches none of them.
    pub(super) default_period: Stamp,
}

impl Stamps {
    /// Notes the targets that an event set or removed.
    pub(super) fn note_targets(&mut self, change: &TargetsChanged, version: Version) {
        for target in &change.targets {
            if let Some(target) = target.after.as_ref().or(target.before.as_ref()) {
                self.of_targets.insert_mut((target.key.period, target.key.origin), version);
            }
        }
    }
}

/// The last changes of one unit.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct UnitStamps {
    /// The last change of anything in its subtree.
    pub(super) subtree: Stamp,
    /// The last change of what the unit shows of itself.
    pub(super) shown: Version,
}
