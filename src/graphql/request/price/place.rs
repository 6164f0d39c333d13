//! The situation of a selection: of which units its objects are, and what is to be paid below.

use super::sizes::Judging;
use crate::domain::{PeriodId, UnitId};

/// The units that the objects of a selection are, or whose rows they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Units {
    /// Each object is of this unit.
    One(UnitId),
    /// Each object is of a different unit directly below this one, so many times over.
    Siblings(UnitId, u64),
    /// Each object is of a different unit below this one, so many times over.
    Below(UnitId, u64),
    /// Each object is of one of some units, which together have so many units below, and hold so many initiatives.
    Named { below: u64, held: u64 },
    /// The objects are of any units, perhaps each of the same.
    Anywhere,
}

/// The targets of parts that the objects may be, whose counts no tally has. All parts of a unit in a period are counted
/// together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Parts {
    None,
    /// They are of the units of the objects.
    OfObjects,
    /// They are of these units, so many, in one period.
    Of(Units, u64),
}

/// The situation of a selection, for all its objects together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub(super) units: Units,
    /// The units whose rows the pages hold, if the objects are pages.
    pub(super) row_units: Units,
    pub(super) rows: u64,
    /// The time of reading the rows of pages.
    pub(super) read: u64,
    /// The time of counting all rows of the pages, or what waits if the objects are briefings.
    pub(super) count: u64,
    /// The units that the sums of leaderboards look at, if the objects are leaderboards.
    pub(super) summed: u64,
    pub(super) period: Option<PeriodId>,
    /// The greatest rule, if the objects are rules or assessments.
    pub(super) judging: Option<Judging>,
    pub(super) parts: Parts,
}

impl Place {
    pub(super) const fn of(units: Units) -> Self {
        Self {
            units,
            row_units: Units::Anywhere,
            rows: 0,
            read: 0,
            count: 0,
            summed: 0,
            period: None,
            judging: None,
            parts: Parts::None,
        }
    }
}

/// The objects that a field leads to.
pub(super) struct Step {
    /// The time beyond that of the field itself, for all objects together.
    pub(super) time: u64,
    /// The number of objects that are selected from.
    pub(super) objects: u64,
    pub(super) place: Place,
}

impl Step {
    pub(super) const fn to(objects: u64, units: Units) -> Self {
        Self { time: 0, objects, place: Place::of(units) }
    }

    pub(super) const fn taking(self, time: u64) -> Self {
        Self { time: self.time.saturating_add(time), ..self }
    }
}
