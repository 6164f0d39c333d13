//! When things last changed, for those who hold a result that rests on them.

use super::structure::Stamp;

use super::paged::Paged;

use crate::domain::Version;

/// When things last changed, for those who hold an answer that rests on them.
#[derive(Debug, Clone, Default)]
pub(super) struct Stamps {
    /// By number.
    pub(super) units: Paged<UnitStamps>,
    /// Any period: which one is the default may turn with it.
    pub(super) periods: Stamp,
    /// Units' data, the tree, periods or targets, anywhere.
    pub(super) structure: Stamp,
    pub(super) day: Stamp,
    /// When another period came to be the default one, which every unit's tally without a period
    /// changed with: one stamp for all units, so that a midnight touches none of them.
    pub(super) default_period: Stamp,
}

/// When a unit last changed.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct UnitStamps {
    /// Anything in its subtree.
    pub(super) subtree: Stamp,
    /// What it shows of itself.
    pub(super) shown: Version,
}
