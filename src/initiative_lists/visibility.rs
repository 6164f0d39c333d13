//! The part of each subtree's initiatives that a caller sees.

use crate::auth::permissions::seen_subtrees;
use crate::board::Snapshot;
use crate::domain::{Grant, UnitId};
use crate::store::UnitProbe;

/// The part of a subtree's initiatives that a caller sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coverage {
    All,
    /// The public ones alone.
    Public,
    /// All below some units of the subtree, and elsewhere the public ones.
    Partial,
}

/// The part of a snapshot's tree that somebody sees.
pub struct View<'a> {
    pub snapshot: &'a Snapshot,
    /// The topmost units below which every initiative is seen.
    pub seen: Vec<UnitId>,
}

impl<'a> View<'a> {
    /// The view of somebody with these grants.
    pub fn new(snapshot: &'a Snapshot, grants: &[Grant]) -> Self {
        Self { snapshot, seen: seen_subtrees(grants, &snapshot.structure) }
    }

    /// The part of the initiatives of `top`'s subtree that the caller sees.
    pub fn coverage(&self, top: UnitId) -> Coverage {
        let structure = &self.snapshot.structure;
        if self.sees_unit(top) {
            Coverage::All
        } else if self.seen.iter().any(|&unit| structure.is_within(unit, top)) {
            Coverage::Partial
        } else {
            Coverage::Public
        }
    }

    /// Whether all of a unit's initiatives are seen.
    pub fn sees_unit(&self, unit: UnitId) -> bool {
        self.snapshot.structure.climb(unit).any(|step| self.seen.contains(&step))
    }

    /// The units of a list, each with whether all of its initiatives are seen.
    pub fn unit_probes(&self, list: usize, top: UnitId) -> Vec<UnitProbe> {
        let coverage = self.coverage(top);
        let structure = &self.snapshot.structure;
        let seen = |unit| match coverage {
            Coverage::All => true,
            Coverage::Public => false,
            Coverage::Partial => self.sees_unit(unit),
        };
        structure.subtree(top).map(|unit| UnitProbe { list, unit, seen: seen(unit) }).collect()
    }
}
