//! The open grassroots unions of each unit's subtree. Every period that covers a unit counts the same ones, so they are
//! counted once for all periods.

use super::paged::Paged;
use super::structure::Structure;
use crate::domain::UnitId;

#[derive(Debug, Clone, Default)]
pub(super) struct Unions {
    /// Indexed by the unit's number.
    within: Paged<i32>,
}

impl Unions {
    pub fn afresh(structure: &Structure) -> Self {
        let mut unions = Self::default();
        for unit in structure.units().filter(|unit| unit.is_open_grassroots()) {
            unions.add(structure, Some(unit.id), 1);
        }
        unions
    }

    /// The open grassroots unions among the unit and all units below it.
    pub fn within(&self, unit: UnitId) -> i32 {
        self.within.get(unit.index()).copied().unwrap_or_default()
    }

    /// Notes how many there are.
    pub fn set(&mut self, unit: UnitId, within: i32) {
        if within != 0 {
            *self.within.get_mut(unit.index()) = within;
        }
    }

    /// Adds so many to the unit and to all units above it.
    pub fn add(&mut self, structure: &Structure, unit: Option<UnitId>, change: i32) {
        if change == 0 {
            return;
        }
        for step in unit.into_iter().flat_map(|unit| structure.climb(unit)) {
            *self.within.get_mut(step.index()) += change;
        }
    }
}
