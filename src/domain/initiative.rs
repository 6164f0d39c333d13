use serde::{Deserialize, Serialize};

use super::text_enum::text_enum;
use super::{Day, InitiativeId, PersonId, Timestamp, UnitId, Version};

text_enum! {
    pub enum InitiativeKind {
        Technical = "TECHNICAL",
        Management = "MANAGEMENT",
        Operational = "OPERATIONAL",
        TechnologyApplication = "TECHNOLOGY_APPLICATION",
        Research = "RESEARCH",
        Idea = "IDEA",
    }
}

text_enum! {
    /// The status of an initiative. `Pending`, `Returned`, `Accepted` and `Rejected` together count as submitted.
    pub enum InitiativeStatus {
        Pending = "PENDING",
        Returned = "RETURNED",
        Accepted = "ACCEPTED",
        Rejected = "REJECTED",
        Withdrawn = "WITHDRAWN",
    }
}

text_enum! {
    pub enum RejectionReason {
        OutsideWindow = "OUTSIDE_WINDOW",
        NotRecognised = "NOT_RECOGNISED",
        Duplicate = "DUPLICATE",
        ProtectedByIp = "PROTECTED_BY_IP",
        AgainstOrder = "AGAINST_ORDER",
        NotAnInitiative = "NOT_AN_INITIATIVE",
        Other = "OTHER",
    }
}

text_enum! {
    pub enum AuthorGroup {
        PublicEmployee = "PUBLIC_EMPLOYEE",
        EnterpriseWorker = "ENTERPRISE_WORKER",
        UnionOfficial = "UNION_OFFICIAL",
        Other = "OTHER",
    }
}

text_enum! {
    /// The source that tells the states of an initiative before its present one, where its facts alone do not: by them it was pending
    /// until it was reviewed once, or was withdrawn without.
    pub enum ToldBy {
        /// There were none: it was entered in its present state.
        Present = "PRESENT",
        /// The log alone.
        Log = "LOG",
    }
}

text_enum! {
    /// An action on an initiative that exists.
    pub enum Action {
        Revise = "REVISE",
        Withdraw = "WITHDRAW",
        Transfer = "TRANSFER",
        Review = "REVIEW",
        Feature = "FEATURE",
    }
}

impl Action {
    /// Whether the action changes an initiative of this status; else it is refused, or changes nothing.
    pub const fn fits(self, status: InitiativeStatus) -> bool {
        use InitiativeStatus::{Accepted, Pending, Returned, Withdrawn};
        match self {
            Self::Revise => matches!(status, Pending | Returned),
            Self::Feature => matches!(status, Accepted),
            Self::Withdraw | Self::Transfer | Self::Review => !matches!(status, Withdrawn),
        }
    }
}

impl InitiativeKind {
    /// Whether an initiative of this kind must state since when it has been in use, if the programme asks.
    pub const fn needs_applied_on(self) -> bool {
        !matches!(self, Self::Idea | Self::Research)
    }
}

/// An initiative (sáng kiến) as stored in the facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Initiative {
    pub id: InitiativeId,
    /// Made by the client, once per intended submission; unique in the system.
    pub key: String,
    /// The digest of the content that was first sent under `key`.
    pub content_hash: String,
    pub unit: UnitId,
    pub title: String,
    pub summary: Option<String>,
    pub kind: InitiativeKind,
    pub field: Option<String>,
    /// The team (tổ, đội, phòng) of a collective's initiative.
    pub team: Option<String>,
    pub authors: Vec<Author>,
    pub applied_on: Option<Day>,
    pub recognised_by: Option<String>,
    pub confidential: bool,
    /// The benefit in đồng a year.
    pub benefit_vnd: Option<i64>,
    pub status: InitiativeStatus,
    pub rejection_reason: Option<RejectionReason>,
    pub review_note: Option<String>,
    pub featured: bool,
    /// The id of the token that entered the initiative, or the name of the import behind `import:`; empty: the system itself.
    pub entered_by: String,
    pub submitted_at: Timestamp,
    pub updated_at: Timestamp,
    pub reviewed_at: Option<Timestamp>,
    /// Set where the facts do not tell the earlier states.
    pub told_by: Option<ToldBy>,
    /// The version of the last change.
    pub version: Version,
}

/// One of an initiative's authors (tác giả), as entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    pub person: PersonId,
    pub name: String,
    pub person_code: Option<String>,
    pub group: Option<AuthorGroup>,
    pub contact: Option<String>,
}

/// The identity of a person within a unit: the code, else the name.
pub fn person_identity(person_code: Option<&str>, name: &str) -> String {
    match person_code {
        Some(code) => format!("code:{code}"),
        None => format!("name:{name}"),
    }
}

/// The state that counts depend on, as the log stores it: no names, no contact data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InitiativeState {
    pub unit: UnitId,
    pub status: InitiativeStatus,
    pub submitted_at: Timestamp,
    pub kind: InitiativeKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The group of the first author.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author_group: Option<AuthorGroup>,
    /// Sorted, each person once.
    pub people: Vec<PersonId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub benefit_vnd: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejection_reason: Option<RejectionReason>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub featured: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub confidential: bool,
}

impl InitiativeState {
    /// The day that decides in which periods the initiative counts.
    pub fn submitted_on(&self) -> Day {
        self.submitted_at.day()
    }
}

impl Initiative {
    /// The source that tells the earlier states once the initiative has changed from `before`.
    pub fn told_after(&self, before: &Self) -> Option<ToldBy> {
        let (is, was) = (self.state(), before.state());
        let is_same_place = (is.unit, &is.people) == (was.unit, &was.people);
        let is_same_sum =
            is.status != InitiativeStatus::Accepted || is.benefit_vnd == was.benefit_vnd;
        if is_same_place && is.status == was.status && is_same_sum {
            // A decision that is repeated with another note hides when it was made first.
            let hides = before.told_by.is_none() && self.reviewed_at != before.reviewed_at;
            return if hides { Some(ToldBy::Log) } else { before.told_by };
        }
        let is_first = before.told_by.is_none() && was.status == InitiativeStatus::Pending;
        if is_same_place && is_first { None } else { Some(ToldBy::Log) }
    }

    pub fn state(&self) -> InitiativeState {
        let mut people: Vec<PersonId> = self.authors.iter().map(|author| author.person).collect();
        people.sort_unstable();
        people.dedup();
        InitiativeState {
            unit: self.unit,
            status: self.status,
            submitted_at: self.submitted_at,
            kind: self.kind,
            field: self.field.clone(),
            author_group: self.authors.first().and_then(|author| author.group),
            people,
            benefit_vnd: self.benefit_vnd,
            rejection_reason: self.rejection_reason,
            featured: self.featured,
            confidential: self.confidential,
        }
    }
}
