use serde::{Deserialize, Serialize};

use super::initiative::AuthorGroup;
use super::period::Metric;
use super::text_enum::text_enum;
use super::{PeriodId, Timestamp, UnitId};

text_enum! {
    /// The origin of a target.
    pub enum TargetOrigin {
        Assigned = "ASSIGNED",
        Pledged = "PLEDGED",
    }
}

/// The part of a unit's initiatives that a target is for: an author group, a field of work, or both; the whole without
/// either.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Part {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<AuthorGroup>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

impl Part {
    pub const WHOLE: Self = Self { group: None, field: None };

    pub const fn is_whole(&self) -> bool {
        self.group.is_none() && self.field.is_none()
    }
}

/// The key of a target: one goal for each unit, period, metric, origin and part.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TargetKey {
    pub unit: UnitId,
    pub period: PeriodId,
    pub metric: Metric,
    pub origin: TargetOrigin,
    #[serde(flatten)]
    pub part: Part,
}

/// A number to reach (chỉ tiêu).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Target {
    #[serde(flatten)]
    pub key: TargetKey,
    pub goal: i32,
    /// The share of members, in per cent, that the goal was given as.
    pub percent_from: Option<f64>,
    pub percent_to: Option<f64>,
    /// The document's number (số công văn), as written.
    pub document_number: Option<String>,
    pub set_at: Timestamp,
}
