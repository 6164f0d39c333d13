//! Commands, what a caller may ask the writer to change, and their outcomes.

use super::initiative::{AuthorGroup, InitiativeKind, RejectionReason};
use super::period::{Metric, PeriodKind};
use super::rule::{Grade, Measure, RankBy, Step};
use super::target::{Part, TargetOrigin};
use super::text_enum::text_enum;
use super::unit::{Sector, UnitKind};
use super::{
    Confirmable, Day, Grant, Initiative, InitiativeId, InitiativeStatus, PeriodId, TargetKey,
    Timestamp, UnitId, Version,
};

/// A reference to a unit: its id, or the code that people use.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum UnitRef {
    Id(UnitId),
    Code(String),
}

/// A reference to a period: its id, or the code that people use.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PeriodRef {
    Id(PeriodId),
    Code(String),
}

/// A field of an upsert or a revision: left out the field stays, null clears it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Patch<T> {
    #[default]
    Keep,
    Clear,
    Set(T),
}

impl<T> Patch<T> {
    pub fn apply(self, old: Option<T>) -> Option<T> {
        match self {
            Self::Keep => old,
            Self::Clear => None,
            Self::Set(new) => Some(new),
        }
    }
}

/// The author of a command: the name in the log, and the authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The id of the token, or the name of an import behind `import:`; `None` for the system itself.
    pub id: Option<String>,
    pub authority: Authority,
}

/// The extent of what an actor may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authority {
    Everything,
    /// The actor may do what these grants allow.
    Grants(Vec<Grant>),
}

impl Actor {
    pub const SYSTEM: Self = Self { id: None, authority: Authority::Everything };
}

#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    Submit(Submit),
    Import(Box<Import>),
    Review(Review),
    Revise(Box<Revise>),
    Withdraw(Withdraw),
    Transfer(Transfer),
    Feature(Feature),
    SetTargets(SetTargets),
    UpsertUnit(UpsertUnit),
    MoveUnit(MoveUnit),
    RenameUnit(RenameUnit),
    DeleteUnit(DeleteUnit),
    CloseUnit(CloseUnit),
    ReopenUnit(ReopenUnit),
    UpsertPeriod(UpsertPeriod),
    FinalizePeriod(FinalizePeriod),
    UpsertRule(Box<UpsertRule>),
    ConfirmAssessment(ConfirmAssessment),
}

impl Command {
    /// The initiative that the command changes; `None` for a submission, and for commands about something else.
    pub const fn initiative(&self) -> Option<InitiativeId> {
        match self {
            Self::Review(review) => Some(review.id),
            Self::Revise(revise) => Some(revise.id),
            Self::Withdraw(withdraw) => Some(withdraw.id),
            Self::Transfer(transfer) => Some(transfer.id),
            Self::Feature(feature) => Some(feature.id),
            Self::Submit(_)
            | Self::Import(_)
            | Self::SetTargets(_)
            | Self::UpsertUnit(_)
            | Self::MoveUnit(_)
            | Self::RenameUnit(_)
            | Self::DeleteUnit(_)
            | Self::CloseUnit(_)
            | Self::ReopenUnit(_)
            | Self::UpsertPeriod(_)
            | Self::FinalizePeriod(_)
            | Self::UpsertRule(_)
            | Self::ConfirmAssessment(_) => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submit {
    pub key: String,
    pub unit: UnitRef,
    pub title: String,
    pub summary: Option<String>,
    pub kind: InitiativeKind,
    pub field: Option<String>,
    pub team: Option<String>,
    pub authors: Vec<NewAuthor>,
    pub applied_on: Option<Day>,
    pub recognised_by: Option<String>,
    pub confidential: bool,
    pub benefit_vnd: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAuthor {
    pub name: String,
    pub person_code: Option<String>,
    pub group: Option<AuthorGroup>,
    pub contact: Option<String>,
}

/// An initiative that was entered elsewhere, in its latest state there. It is judged and counted by the day of
/// `submitted_at`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    pub submit: Submit,
    pub submitted_at: Timestamp,
    pub status: InitiativeStatus,
    pub rejection_reason: Option<RejectionReason>,
    pub review_note: Option<String>,
    pub featured: bool,
    pub reviewed_at: Option<Timestamp>,
    /// The parts that the source does not state. An initiative that is there already keeps its own.
    pub unsaid: Vec<Said>,
}

/// A part of an initiative that a source may leave out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    Summary,
    Field,
    Team,
    PersonCode,
    AuthorGroup,
    Contact,
    AppliedOn,
    RecognisedBy,
    Confidential,
    Benefit,
    RejectionReason,
    ReviewNote,
    Featured,
    ReviewedAt,
    Unit,
    Title,
    Kind,
    AuthorName,
    SubmittedAt,
    Status,
}

text_enum! {
    pub enum ReviewDecision {
        Accept = "ACCEPT",
        Return = "RETURN",
        Reject = "REJECT",
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    pub id: InitiativeId,
    pub decision: ReviewDecision,
    pub reason: Option<RejectionReason>,
    pub note: Option<String>,
    pub expected_version: Option<Version>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revise {
    pub id: InitiativeId,
    pub title: Patch<String>,
    pub summary: Patch<String>,
    pub kind: Patch<InitiativeKind>,
    pub field: Patch<String>,
    pub team: Patch<String>,
    pub authors: Patch<Vec<NewAuthor>>,
    pub applied_on: Patch<Day>,
    pub recognised_by: Patch<String>,
    pub confidential: Patch<bool>,
    pub benefit_vnd: Patch<i64>,
    pub expected_version: Option<Version>,
}

impl Revise {
    /// A revision that leaves everything unchanged.
    pub fn of(id: InitiativeId) -> Self {
        Self {
            id,
            title: Patch::Keep,
            summary: Patch::Keep,
            kind: Patch::Keep,
            field: Patch::Keep,
            team: Patch::Keep,
            authors: Patch::Keep,
            applied_on: Patch::Keep,
            recognised_by: Patch::Keep,
            confidential: Patch::Keep,
            benefit_vnd: Patch::Keep,
            expected_version: None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdraw {
    pub id: InitiativeId,
    pub reason: Option<String>,
    pub expected_version: Option<Version>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    pub id: InitiativeId,
    pub unit: UnitRef,
    pub reason: Option<String>,
    pub expected_version: Option<Version>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feature {
    pub id: InitiativeId,
    pub featured: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SetTargets {
    pub period: PeriodRef,
    /// The period's metric by default.
    pub metric: Option<Metric>,
    pub origin: TargetOrigin,
    pub document_number: Option<String>,
    pub goals: Vec<UnitGoal>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct UnitGoal {
    pub unit: UnitRef,
    pub part: Part,
    /// `None` removes the target.
    pub goal: Option<Goal>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Goal {
    Count(i32),
    /// A share of members, with the count that the share gave when the target was set.
    CountOfShare {
        count: i32,
        from: f64,
        to: Option<f64>,
    },
    /// The goal is `from` per cent of the unit's present head-count, rounded up.
    PercentOfMembers {
        from: f64,
        to: Option<f64>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UpsertUnit {
    pub code: String,
    pub name: Patch<String>,
    pub kind: Patch<UnitKind>,
    pub parent: Patch<UnitRef>,
    pub cluster: Patch<String>,
    pub sector: Patch<Sector>,
    pub foreign_invested: Patch<bool>,
    pub member_count: Patch<i32>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveUnit {
    pub unit: UnitRef,
    pub new_parent: UnitRef,
}

/// A unit that stands under a wrong code. Its number, its place and its past stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenameUnit {
    pub unit: UnitRef,
    pub code: String,
}

/// A unit that should not have been made, and never had anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeleteUnit {
    pub unit: UnitRef,
    pub reason: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseUnit {
    pub unit: UnitRef,
    /// Today by default.
    pub on: Option<Day>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReopenUnit {
    pub unit: UnitRef,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UpsertPeriod {
    pub code: String,
    pub name: Patch<String>,
    pub kind: Patch<PeriodKind>,
    pub starts_on: Patch<Day>,
    pub ends_on: Patch<Day>,
    pub owner: Patch<UnitRef>,
    pub parent: Patch<PeriodRef>,
    pub metric: Patch<Metric>,
    pub applied_from: Patch<Day>,
    pub applied_until: Patch<Day>,
}

/// Keeps a period's figures as they are now, for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinalizePeriod {
    pub period: PeriodRef,
    /// Also while something of it is pending or returned.
    pub even_pending: bool,
    pub note: Option<String>,
    /// The version of its last closing.
    pub expected_version: Option<Version>,
}

/// Confirms the assessment of a rule in a period, or takes that back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmAssessment {
    /// The rule's code.
    pub rule: String,
    pub period: PeriodRef,
    pub confirmed: bool,
    pub note: Option<String>,
    /// The version of the assessment.
    pub expected_version: Option<Version>,
    /// The thing to confirm; `None` if the caller's server has seen no closing.
    pub confirmable: Option<Confirmable>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UpsertRule {
    pub code: String,
    pub name: Patch<String>,
    pub owner: Patch<UnitRef>,
    pub kinds: Patch<Vec<UnitKind>>,
    pub per_cluster: Patch<bool>,
    pub rank_by: Patch<RankBy>,
    pub top: Patch<i32>,
    pub criteria: Patch<Vec<NewCriterion>>,
    pub grades: Patch<Vec<Grade>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCriterion {
    pub measure: Measure,
    pub origin: TargetOrigin,
    pub target_period: Option<PeriodRef>,
    pub steps: Vec<Step>,
    pub required: bool,
}

/// The result of a command that was carried out, or had nothing to change.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    Initiative {
        initiative: Box<Initiative>,
        /// Whether the same content had been sent under this key before.
        replayed: bool,
    },
    Unit(UnitId),
    Period(PeriodId),
    /// The closing that there is now.
    Closing(PeriodId, Version),
    /// The code of a rule.
    Rule(String),
    /// The assessment by the rule of that code.
    Assessment(PeriodId, String),
    /// The targets that exist now, in the order of the command.
    Targets(Vec<TargetKey>),
}
