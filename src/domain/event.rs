//! The events of the append-only log, each with all that applying, undoing or auditing it needs.

use serde::{Deserialize, Serialize};

use super::initiative::InitiativeState;
use super::text_enum::text_enum;
use super::{
    Confirmed, Day, InitiativeId, Mark, Period, PeriodId, Rule, Target, Timestamp, Unit, UnitId,
    Version,
};

text_enum! {
    pub enum InitiativeEventKind {
        Submitted = "SUBMITTED",
        Accepted = "ACCEPTED",
        Returned = "RETURNED",
        Revised = "REVISED",
        Rejected = "REJECTED",
        Withdrawn = "WITHDRAWN",
        Transferred = "TRANSFERRED",
        Featured = "FEATURED",
        Unfeatured = "UNFEATURED",
    }
}

text_enum! {
    pub enum UnitEventKind {
        Upserted = "UNIT_UPSERTED",
        Moved = "UNIT_MOVED",
        /// Another code; the name is changed by an upsert.
        Renamed = "UNIT_RENAMED",
        Closed = "UNIT_CLOSED",
        Reopened = "UNIT_REOPENED",
        /// A unit that never had anything is gone.
        Deleted = "UNIT_DELETED",
    }
}

/// One row of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub version: Version,
    /// Never before the previous event's moment, whatever the clocks of the nodes show.
    pub at: Timestamp,
    /// A random number that differs in another log that reached the same version (a restored backup).
    pub tag: i64,
    /// The id of the caller's token, or the name of an import behind `import:`; `None` for changes by the system itself.
    pub actor: Option<String>,
    pub reason: Option<String>,
    pub body: EventBody,
}

impl Event {
    /// The event's version and tag.
    pub const fn mark(&self) -> Mark {
        Mark { version: self.version, tag: self.tag }
    }

    /// The memory that the event takes, in bytes, roughly.
    pub fn bytes(&self) -> usize {
        let lists = match &self.body {
            EventBody::Initiative(_, change) => {
                let paths = change.path.len() + change.from_path.as_ref().map_or(0, Vec::len);
                let states = [Some(&change.after), change.before.as_ref()].into_iter().flatten();
                let people: usize = states.map(|state| size_of_val(state.people.as_slice())).sum();
                paths * size_of::<UnitId>() + people
            }
            EventBody::Targets(change) => size_of_val(change.targets.as_slice()),
            EventBody::Rule(change) => {
                let criteria = |rule: &Rule| size_of_val(rule.criteria.as_slice()) * 4;
                criteria(&change.after) + change.before.as_ref().map_or(0, criteria)
            }
            EventBody::Day(_)
            | EventBody::Unit(..)
            | EventBody::Period(_)
            | EventBody::Finalized(_) => 0,
            EventBody::Assessment(change) => {
                let goals = change.confirmed.iter().flat_map(|it| &it.goals);
                goals.map(|it| size_of_val(it.goals.as_slice())).sum()
            }
        };
        let texts = self.reason.as_ref().map_or(0, String::len);
        // The last part is for the names of units and periods, and for what the allocator adds to each piece.
        size_of::<Self>() + lists + texts + 256
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum EventBody {
    /// A calendar day began in Việt Nam. Each day has one such event, before every other event of the day.
    Day(DayBegan),
    Initiative(InitiativeEventKind, InitiativeChanged),
    Unit(UnitEventKind, UnitChanged),
    Period(PeriodChanged),
    Targets(TargetsChanged),
    /// The owner of a period has its figures kept. The event's reason is the note that goes with them.
    Finalized(PeriodFinalized),
    Rule(RuleChanged),
    /// The assessment by a rule is confirmed, or its confirmation taken back. The event's reason is the note.
    Assessment(AssessmentConfirmed),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayBegan {
    pub day: Day,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InitiativeChanged {
    pub initiative: InitiativeId,
    /// `None` for a submission.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<InitiativeState>,
    pub after: InitiativeState,
    /// The path of the unit at the event: its ancestors and itself, root first.
    pub path: Vec<UnitId>,
    /// The path of the unit that a transfer left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_path: Option<Vec<UnitId>>,
    /// The day from which history counts an imported initiative, in the state that it came with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted_from: Option<Day>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitChanged {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Unit>,
    pub after: Unit,
    pub path: Vec<UnitId>,
    /// The path that a move left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_path: Option<Vec<UnitId>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeriodChanged {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Period>,
    pub after: Period,
    /// The path of the owner: its ancestors and itself, root first.
    pub path: Vec<UnitId>,
}

impl PeriodChanged {
    /// Whether the change adds initiatives to the period's counts, or takes some away.
    pub fn recounts(&self) -> bool {
        let counts_by = |period: &Period| (period.owner, period.starts_on, period.ends_on);
        self.before.as_ref().is_none_or(|before| counts_by(before) != counts_by(&self.after))
    }

    /// The units below and above which tallies may differ now: the owners before and after. Empty when all tallies
    /// stay.
    pub fn owners_of_changed_tallies(&self) -> impl Iterator<Item = UnitId> {
        let metric = self.before.as_ref().map(|before| before.metric);
        let changes = self.recounts() || metric != Some(self.after.metric);
        let before = self.before.as_ref().map(|before| before.owner);
        before.into_iter().chain([self.after.owner]).filter(move |_| changes)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeriodFinalized {
    pub period: PeriodId,
    /// The path of the owner: its ancestors and itself, root first.
    pub path: Vec<UnitId>,
}

/// The targets that one command set, all or none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TargetsChanged {
    pub targets: Vec<TargetChanged>,
}

/// The change of one target. At least one of the two states is there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TargetChanged {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Target>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Target>,
    /// The path of the unit: its ancestors and itself, root first.
    pub path: Vec<UnitId>,
}

impl TargetChanged {
    /// Whether the target is for a part of a unit's initiatives.
    pub fn is_of_part(&self) -> bool {
        let target = self.after.as_ref().or(self.before.as_ref());
        target.is_some_and(|target| !target.key.part.is_whole())
    }
}

/// The change of a rule. It changes no count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleChanged {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Rule>,
    pub after: Rule,
    /// The path of the owner: its ancestors and itself, root first.
    pub path: Vec<UnitId>,
}

/// The confirmation of an assessment. It changes no count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssessmentConfirmed {
    /// The code of the rule.
    pub rule: String,
    pub period: PeriodId,
    /// `None`: the confirmation is taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<Confirmed>,
    /// The path of the rule's owner: its ancestors and itself, root first.
    pub path: Vec<UnitId>,
}

/// The error of a log row whose kind or body cannot be decoded.
#[derive(Debug, thiserror::Error)]
pub enum BadEvent {
    #[error("unknown kind of event {0:?}")]
    UnknownKind(String),
    #[error("the body of a {kind} event is not readable")]
    Body {
        kind: String,
        #[source]
        source: serde_json::Error,
    },
}

const DAY_BEGAN: &str = "DAY_BEGAN";
const PERIOD_UPSERTED: &str = "PERIOD_UPSERTED";
const TARGETS_SET: &str = "TARGETS_SET";
const PERIOD_FINALIZED: &str = "PERIOD_FINALIZED";
const RULE_UPSERTED: &str = "RULE_UPSERTED";
const ASSESSMENT_CONFIRMED: &str = "ASSESSMENT_CONFIRMED";

impl EventBody {
    /// The kind as in the log's column.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Day(_) => DAY_BEGAN,
            Self::Initiative(kind, _) => kind.as_str(),
            Self::Unit(kind, _) => kind.as_str(),
            Self::Period(_) => PERIOD_UPSERTED,
            Self::Targets(_) => TARGETS_SET,
            Self::Finalized(_) => PERIOD_FINALIZED,
            Self::Rule(_) => RULE_UPSERTED,
            Self::Assessment(_) => ASSESSMENT_CONFIRMED,
        }
    }

    pub fn to_json(&self) -> String {
        match self {
            Self::Day(body) => serde_json::to_string(body),
            Self::Initiative(_, body) => serde_json::to_string(body),
            Self::Unit(_, body) => serde_json::to_string(body),
            Self::Period(body) => serde_json::to_string(body),
            Self::Targets(body) => serde_json::to_string(body),
            Self::Finalized(body) => serde_json::to_string(body),
            Self::Rule(body) => serde_json::to_string(body),
            Self::Assessment(body) => serde_json::to_string(body),
        }
        .expect("an event's body has only string keys and finite numbers")
    }

    /// # Errors
    /// If the row was not written by this version of the program or an older one.
    pub fn from_json(kind: &str, json: &str) -> Result<Self, BadEvent> {
        let bad = |source| BadEvent::Body { kind: kind.to_owned(), source };
        match kind {
            DAY_BEGAN => serde_json::from_str(json).map(Self::Day).map_err(bad),
            PERIOD_UPSERTED => serde_json::from_str(json).map(Self::Period).map_err(bad),
            TARGETS_SET => serde_json::from_str(json).map(Self::Targets).map_err(bad),
            PERIOD_FINALIZED => serde_json::from_str(json).map(Self::Finalized).map_err(bad),
            RULE_UPSERTED => serde_json::from_str(json).map(Self::Rule).map_err(bad),
            ASSESSMENT_CONFIRMED => serde_json::from_str(json).map(Self::Assessment).map_err(bad),
            _ => {
                if let Ok(kind) = kind.parse::<InitiativeEventKind>() {
                    serde_json::from_str(json).map(|body| Self::Initiative(kind, body)).map_err(bad)
                } else if let Ok(kind) = kind.parse::<UnitEventKind>() {
                    serde_json::from_str(json).map(|body| Self::Unit(kind, body)).map_err(bad)
                } else {
                    Err(BadEvent::UnknownKind(kind.to_owned()))
                }
            }
        }
    }

    /// Whether the event creates its object; a placeholder before it does not count.
    pub fn is_first(&self) -> bool {
        match self {
            Self::Day(_) | Self::Finalized(_) | Self::Assessment(_) => true,
            Self::Initiative(_, body) => body.before.is_none(),
            Self::Unit(_, body) => body.before.as_ref().is_none_or(|before| before.placeholder),
            Self::Period(body) => body.before.as_ref().is_none_or(|before| before.placeholder),
            Self::Targets(body) => body.targets.iter().all(|target| target.before.is_none()),
            Self::Rule(body) => body.before.is_none(),
        }
    }

    pub const fn initiative(&self) -> Option<InitiativeId> {
        match self {
            Self::Initiative(_, body) => Some(body.initiative),
            _ => None,
        }
    }
}

impl InitiativeChanged {
    /// Whether the event belongs to the feed of `unit`'s subtree, in the tree as it was at the event.
    pub fn is_within(&self, unit: UnitId) -> bool {
        self.path.contains(&unit)
            || self.from_path.as_ref().is_some_and(|path| path.contains(&unit))
    }
}
