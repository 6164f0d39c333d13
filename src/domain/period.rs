use serde::{Deserialize, Serialize};

use super::text_enum::text_enum;
use super::{Day, PeriodId, UnitId};

text_enum! {
    pub enum PeriodKind {
        Programme = "PROGRAMME",
        Phase = "PHASE",
        Campaign = "CAMPAIGN",
        PeakMonth = "PEAK_MONTH",
        PeakWeek = "PEAK_WEEK",
        Month = "MONTH",
        Quarter = "QUARTER",
        Year = "YEAR",
        Other = "OTHER",
    }
}

text_enum! {
    /// The count that a target is set for.
    pub enum Metric {
        Submitted = "SUBMITTED",
        Accepted = "ACCEPTED",
        Participants = "PARTICIPANTS",
    }
}

/// A stretch of days in which initiatives count (đợt thi đua). It covers
/// its owner's subtree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    pub id: PeriodId,
    /// Unique among periods.
    pub code: String,
    pub name: String,
    pub kind: PeriodKind,
    pub starts_on: Day,
    /// The last day, the whole of which belongs to the period.
    pub ends_on: Day,
    pub owner: UnitId,
    pub parent: Option<PeriodId>,
    pub metric: Metric,
    /// The first day of use that makes an initiative eligible; `None` means no bound. `applied_until` is the last.
    pub applied_from: Option<Day>,
    pub applied_until: Option<Day>,
    /// Whether this is the stand-in programme of a fresh database, until a real one takes its place.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub placeholder: bool,
}

impl Period {
    pub fn holds(&self, day: Day) -> bool {
        self.starts_on <= day && day <= self.ends_on
    }

    pub const fn has_window(&self) -> bool {
        self.applied_from.is_some() || self.applied_until.is_some()
    }

    /// Whether an initiative in use since `applied_on` lies in the window.
    pub fn admits(&self, applied_on: Day) -> bool {
        self.applied_from.is_none_or(|from| from <= applied_on)
            && self.applied_until.is_none_or(|until| applied_on <= until)
    }
}
