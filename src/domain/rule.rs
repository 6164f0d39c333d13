//! Rules of recognition and grading (quy tắc xét khen thưởng, xếp loại): what is measured, and what it is worth.

use serde::{Deserialize, Serialize};

use super::decimal::Decimal;
use super::period::Metric;
use super::target::TargetOrigin;
use super::text_enum::text_enum;
use super::unit::UnitKind;
use super::{PeriodId, UnitId, Version};

text_enum! {
    /// The measure that orders units.
    pub enum RankBy {
        TargetRatio = "TARGET_RATIO",
        Submitted = "SUBMITTED",
        Accepted = "ACCEPTED",
        Participants = "PARTICIPANTS",
        Per1000Members = "PER_1000_MEMBERS",
        Benefit = "BENEFIT",
        Gained = "GAINED",
    }
}

impl From<Metric> for RankBy {
    fn from(metric: Metric) -> Self {
        match metric {
            Metric::Submitted => Self::Submitted,
            Metric::Accepted => Self::Accepted,
            Metric::Participants => Self::Participants,
        }
    }
}

text_enum! {
    /// The measure that a criterion looks at.
    pub enum Measure {
        TargetRatio = "TARGET_RATIO",
        Submitted = "SUBMITTED",
        Accepted = "ACCEPTED",
        Participants = "PARTICIPANTS",
        Per1000Members = "PER_1000_MEMBERS",
        Benefit = "BENEFIT",
        ParticipationRate = "PARTICIPATION_RATE",
        Coverage = "COVERAGE",
        AcceptedShare = "ACCEPTED_SHARE",
    }
}

/// A rule. Its code names it for ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    pub code: String,
    pub name: String,
    /// The unit whose units below are judged.
    pub owner: UnitId,
    /// The kinds of the judged units on all levels below, sorted; none: those directly below.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<UnitKind>,
    #[serde(default)]
    pub per_cluster: bool,
    /// Never [`RankBy::Gained`].
    pub rank_by: RankBy,
    /// The last rank that can be chosen; `None`: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top: Option<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub criteria: Vec<Criterion>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grades: Vec<Grade>,
    /// The version of its last change.
    pub version: Version,
}

/// The measure of a unit, and the points for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Criterion {
    pub measure: Measure,
    /// The origin of the target that a ratio is of.
    pub origin: TargetOrigin,
    /// The period whose target a ratio is of; `None`: the one that is judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_period: Option<PeriodId>,
    /// From the lowest to the highest; at least one.
    pub steps: Vec<Step>,
    pub required: bool,
}

/// A value, and the points for reaching it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub from: Decimal,
    /// Whether the value must be more than `from`.
    pub above: bool,
    pub points: Decimal,
}

impl Step {
    /// Whether whatever reaches this step reaches the other one, too, and not the other way round.
    pub fn is_beyond(&self, other: &Self) -> bool {
        (self.from, self.above) > (other.from, other.above)
    }
}

/// A grade, and the points that it takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grade {
    pub label: String,
    pub points: Decimal,
    /// Whether the grade is for those alone that miss no required criterion.
    pub required: bool,
}
