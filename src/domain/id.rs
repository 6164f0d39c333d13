//! Ids as types of their own, so that two integers cannot be swapped.
//!
//! Units and periods are numbered from 1 without holes and never removed: the board uses the
//! numbers as positions. All numbers come from the counter row of the store.

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$meta:meta])* $name:ident($inner:ty)) => {
        $(#[$meta])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// The number of a unit of the union tree.
    UnitId(u32)
);
id!(
    /// The number of a period, a stretch of days in which initiatives count.
    PeriodId(u32)
);
id!(
    /// The number of an initiative.
    InitiativeId(i64)
);
id!(
    /// The number of a person within one unit. The log knows people by this number alone.
    PersonId(i64)
);
id!(
    /// A position in the event log: 1 for the first event, dense, in commit order. 0 is before it.
    Version(i64)
);

/// An event of a log by its version, and by the tag that tells the log from another one of that length (mốc).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Mark {
    pub version: Version,
    pub tag: i64,
}

impl std::fmt::Display for Mark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "event {} with the tag {:016x}", self.version, self.tag)
    }
}

impl UnitId {
    /// The unit's position in the board's arrays.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl PeriodId {
    /// The period's position in the board's list of periods.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl Version {
    pub const ZERO: Self = Self(0);

    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}
