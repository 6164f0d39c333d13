use serde::{Deserialize, Serialize};

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

/// The key of a target: one goal for each unit, period, metric and origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TargetKey {
    pub unit: UnitId,
    pub period: PeriodId,
    pub metric: Metric,
    pub origin: TargetOrigin,
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
