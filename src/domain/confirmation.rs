//! Confirmed assessments (kết quả xét đã được xác nhận).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::event::AssessmentConfirmed;
use super::target::TargetOrigin;
use super::{Event, Mark, PeriodId, Timestamp, UnitId, Version};

/// The confirmation of an assessment. It stays until it is taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// The code of the rule.
    pub rule: String,
    pub period: PeriodId,
    /// The version of the closing by whose figures units are judged.
    pub closing: Version,
    /// The last change that the assessment rests on.
    pub rests_on: Version,
    /// Whether the event holds goals.
    pub has_goals: bool,
    pub at: Timestamp,
    pub mark: Mark,
    pub note: Option<Arc<str>>,
}

impl Confirmation {
    /// The confirmation that the event makes; `None` if it takes one back.
    pub fn of(event: &Event, change: &AssessmentConfirmed) -> Option<Self> {
        let confirmed = change.confirmed.as_ref()?;
        Some(Self {
            rule: change.rule.clone(),
            period: change.period,
            closing: confirmed.closing,
            rests_on: confirmed.rests_on,
            has_goals: !confirmed.goals.is_empty(),
            at: event.at,
            mark: event.mark(),
            note: event.reason.as_deref().map(Arc::from),
        })
    }
}

/// The state that an assessment is confirmed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmed {
    /// The version of the period's last closing.
    pub closing: Version,
    /// The last change that the assessment rests on.
    pub rests_on: Version,
    /// The goals of then that ratios divide by, and that the closing does not keep.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub goals: Vec<Goals>,
}

/// The server's reading of the last closing, for somebody who confirms an assessment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmable {
    /// The version of the closing.
    pub closing: Version,
    /// The last change that the assessment rested on.
    pub rests_on: Version,
    /// Whether the period covered the rule's owner.
    pub covers_owner: bool,
    /// The goals of the judged units; `None` if they are more than a confirmation may hold.
    pub goals: Option<Vec<Goals>>,
}

/// The goals of the targets of one period and origin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goals {
    pub period: PeriodId,
    pub origin: TargetOrigin,
    /// By number of the unit.
    pub goals: Vec<(UnitId, i32)>,
}

impl Goals {
    pub fn of(&self, unit: UnitId) -> Option<i32> {
        let place = self.goals.binary_search_by_key(&unit, |&(unit, _)| unit);
        place.ok().map(|place| self.goals[place].1)
    }
}
