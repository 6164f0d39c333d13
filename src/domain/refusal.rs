//! Refusals: each problem that a caller can mend, with its public code and its message.

use super::text_enum::text_enum;
use super::{Day, InitiativeStatus};

text_enum! {
    /// The codes of `UserError` in the schema.
    pub enum RefusalCode {
        NotFound = "NOT_FOUND",
        Invalid = "INVALID",
        KeyReused = "KEY_REUSED",
        NotEligible = "NOT_ELIGIBLE",
        WrongState = "WRONG_STATE",
        WouldCycle = "WOULD_CYCLE",
        Conflict = "CONFLICT",
        Forbidden = "FORBIDDEN",
    }
}

text_enum! {
    /// A thing for whose sake a unit stays.
    pub enum Possession {
        Units = "units below it",
        Targets = "targets",
        Periods = "periods",
        Rules = "rules",
        /// Withdrawn ones, too, and those that were transferred.
        Initiatives = "had initiatives",
        /// Revoked ones, too.
        Tokens = "had tokens",
    }
}

/// One fault of a command. The command changed nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    pub problem: Problem,
    /// The path into the input, in the input's own names: `goals`, `17`, `goal`.
    pub path: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Problem {
    #[error("there is no unit {0}")]
    UnitNotFound(String),
    #[error("there is no period {0}")]
    PeriodNotFound(String),
    #[error("there is no initiative {0}")]
    InitiativeNotFound(String),
    #[error("must not be empty")]
    Empty,
    #[error("has {length} characters; at most {max} are allowed")]
    TooLong { length: usize, max: usize },
    #[error("has {count} entries; at most {max} are allowed")]
    TooMany { count: usize, max: usize },
    #[error("must be at least {min}")]
    TooSmall { min: i64 },
    #[error("must be at most {max}")]
    TooLarge { max: i64 },
    #[error("is needed for a new {noun}")]
    Missing { noun: &'static str },
    #[error("must not be cleared")]
    NotClearable,
    #[error("is needed for this kind of initiative: the programme asks when it was put to use")]
    AppliedOnMissing,
    #[error("lies outside the days that the programme admits ({from} to {until})")]
    OutsideAppliedWindow { from: String, until: String },
    #[error("no period that covers the unit is running on {0}")]
    NoRunningPeriod(Day),
    #[error("the unit has been closed since {0}")]
    UnitClosed(Day),
    #[error("this key was used for other content")]
    KeyReused,
    #[error("the initiative is {status}, which does not allow this", status = .0.as_str())]
    WrongStatus(InitiativeStatus),
    #[error("only an accepted initiative can be featured; this one is {status}", status = .0.as_str())]
    NotAccepted(InitiativeStatus),
    #[error("a reason is for REJECT alone")]
    ReasonWithoutRejection,
    #[error("a rejection needs a reason")]
    RejectionWithoutReason,
    #[error("a return needs a note, which says what to mend")]
    ReturnWithoutNote,
    #[error("the initiative has changed: its version is {actual}, not {expected}")]
    VersionConflict { actual: i64, expected: i64 },
    #[error("the unit would lie under itself")]
    UnitCycle,
    #[error("the period would lie under itself")]
    PeriodCycle,
    #[error("{0} is the root already; any other unit needs a parent")]
    SecondRoot(String),
    #[error("the root cannot be moved")]
    RootMoved,
    #[error("the root cannot be deleted")]
    RootDeleted,
    #[error("the unit has {}, so it is not deleted: close it instead", .0.as_str())]
    UnitHas(Possession),
    #[error("the last day lies before the first")]
    EndsBeforeStart,
    #[error("is longer than {max} days")]
    PeriodTooLong { max: i32 },
    #[error("the unit owns {max} periods already, which is as many as a unit may own")]
    TooManyPeriodsOwned { max: usize },
    #[error("there are {max} periods already, which is as many as there may be")]
    TooManyPeriods { max: usize },
    #[error("the day lies in the future")]
    FutureDay,
    #[error("the day lies before {0}")]
    DayBefore(Day),
    #[error("the period covers neither this unit nor one below it")]
    NotCovered,
    #[error("the share must be more than 0, at most 100, and its lower bound not above its upper")]
    BadPercent,
    #[error("the unit has no number of members to take a share of")]
    NoMemberCount,
    #[error("there is no field {0}")]
    FieldNotFound(String),
    #[error("must be a number from 0 to {max} with at most 9 digits after the point")]
    BadDecimal { max: i64 },
    #[error(
        "a rule cannot rank by GAINED, which counts from a day on: a rule judges a whole period"
    )]
    RankedByGained,
    #[error("must lie above the step before it")]
    StepNotAbove,
    #[error("another period's target is for TARGET_RATIO alone")]
    TargetPeriodWithoutRatio,
    #[error("the unit owns {max} rules already, which is as many as a unit may own")]
    TooManyRulesOwned { max: usize },
    #[error("there are {max} rules already, which is as many as there may be")]
    TooManyRules { max: usize },
    #[error("the code is that of another unit: {0}")]
    CodeTaken(String),
    #[error("is named twice")]
    NamedTwice,
    #[error("a target of people who take part is for the whole alone")]
    PartOfParticipants,
    #[error("the period runs until {0}: its figures can be made final from the day after")]
    PeriodRuns(Day),
    #[error(
        "{pending} initiatives of the period are pending and {returned} returned; `evenPending` makes the figures final all the same"
    )]
    ReviewsMissing { pending: i32, returned: i32 },
    #[error("the period has another last closing: its version is {actual}, not {expected}")]
    ClosingConflict { actual: i64, expected: i64 },
    #[error("there is no rule {0}")]
    RuleNotFound(String),
    #[error("an assessment by the rule is confirmed; take that back first")]
    RuleConfirmed,
    #[error("the period has no closing yet")]
    NotClosed,
    #[error("the assessment is confirmed already, with another note; take that back first")]
    ConfirmedAlready,
    #[error("taking a confirmation back needs a note, which says why")]
    TakenBackWithoutNote,
    #[error("the period does not cover the rule's owner")]
    OwnerNotCovered,
    #[error("the assessment has changed: its version is {actual}, not {expected}")]
    AssessmentConflict { actual: i64, expected: i64 },
    #[error("there are {max} confirmed assessments already, which is as many as there may be")]
    TooManyConfirmed { max: usize },
    #[error(
        "the rule divides by more than {max} targets of other periods or origins, which is as many as are kept"
    )]
    TooManyGoals { max: usize },
    #[error("the period has {max} closings already, which is as many as a period may have")]
    TooManyClosings { max: usize },
    #[error("the caller may not do this to {0}")]
    Forbidden(String),
}

impl Problem {
    pub const fn code(&self) -> RefusalCode {
        match self {
            Self::UnitNotFound(_)
            | Self::PeriodNotFound(_)
            | Self::InitiativeNotFound(_)
            | Self::RuleNotFound(_) => RefusalCode::NotFound,
            Self::KeyReused => RefusalCode::KeyReused,
            Self::OutsideAppliedWindow { .. } | Self::NoRunningPeriod(_) | Self::UnitClosed(_) => {
                RefusalCode::NotEligible
            }
            Self::WrongStatus(_)
            | Self::NotAccepted(_)
            | Self::UnitHas(_)
            | Self::PeriodRuns(_)
            | Self::RuleConfirmed
            | Self::NotClosed
            | Self::ConfirmedAlready
            | Self::ReviewsMissing { .. } => RefusalCode::WrongState,
            Self::VersionConflict { .. }
            | Self::ClosingConflict { .. }
            | Self::AssessmentConflict { .. } => RefusalCode::Conflict,
            Self::UnitCycle | Self::PeriodCycle => RefusalCode::WouldCycle,
            Self::Forbidden(_) => RefusalCode::Forbidden,
            Self::Empty
            | Self::TooLong { .. }
            | Self::TooMany { .. }
            | Self::TooSmall { .. }
            | Self::TooLarge { .. }
            | Self::Missing { .. }
            | Self::NotClearable
            | Self::AppliedOnMissing
            | Self::ReasonWithoutRejection
            | Self::RejectionWithoutReason
            | Self::ReturnWithoutNote
            | Self::SecondRoot(_)
            | Self::RootMoved
            | Self::RootDeleted
            | Self::EndsBeforeStart
            | Self::PeriodTooLong { .. }
            | Self::TooManyPeriodsOwned { .. }
            | Self::TooManyPeriods { .. }
            | Self::FutureDay
            | Self::DayBefore(_)
            | Self::NotCovered
            | Self::BadPercent
            | Self::NoMemberCount
            | Self::FieldNotFound(_)
            | Self::PartOfParticipants
            | Self::BadDecimal { .. }
            | Self::RankedByGained
            | Self::StepNotAbove
            | Self::TargetPeriodWithoutRatio
            | Self::TooManyRulesOwned { .. }
            | Self::TooManyRules { .. }
            | Self::TooManyClosings { .. }
            | Self::TooManyConfirmed { .. }
            | Self::TooManyGoals { .. }
            | Self::TakenBackWithoutNote
            | Self::OwnerNotCovered
            | Self::CodeTaken(_)
            | Self::NamedTwice => RefusalCode::Invalid,
        }
    }

    /// The refusal of the value at `path` in the input.
    pub fn at<const N: usize>(self, path: [&str; N]) -> Refusal {
        Refusal { problem: self, path: path.iter().map(|&step| step.to_owned()).collect() }
    }
}
