//! Commands of tests: a test names the fields that it is about, and all others are ordinary.

use sangkien::domain::command::{
    Goal, NewAuthor, Review, ReviewDecision, SetTargets, Submit, UnitGoal, UpsertPeriod,
    UpsertUnit, Withdraw,
};
use sangkien::domain::initiative::{InitiativeKind, RejectionReason};
use sangkien::domain::period::PeriodKind;
use sangkien::domain::target::{Part, TargetOrigin};
use sangkien::domain::unit::UnitKind;
use sangkien::domain::{Command, Day, InitiativeId, Patch, PeriodRef, UnitRef};

/// An idea by one author, with no more than an initiative must have.
pub fn submit(key: impl Into<String>, unit: UnitRef) -> Submit {
    Submit {
        key: key.into(),
        unit,
        title: "Sáng kiến".to_owned(),
        summary: None,
        kind: InitiativeKind::Idea,
        field: None,
        team: None,
        authors: vec![author("An")],
        applied_on: None,
        recognised_by: None,
        confidential: false,
        benefit_vnd: None,
    }
}

pub fn author(name: impl Into<String>) -> NewAuthor {
    NewAuthor { name: name.into(), person_code: None, group: None, contact: None }
}

pub fn review(id: InitiativeId, decision: ReviewDecision) -> Command {
    let reason = (decision == ReviewDecision::Reject).then_some(RejectionReason::Other);
    let note = (decision == ReviewDecision::Return).then(|| "Bổ sung minh chứng".to_owned());
    Command::Review(Review { id, decision, reason, note, expected_version: None })
}

pub fn withdraw(id: InitiativeId) -> Command {
    Command::Withdraw(Withdraw { id, reason: None, expected_version: None })
}

/// A grassroots union below that unit, or a root; named by its code.
pub fn unit(code: impl Into<String>, parent: Option<UnitRef>) -> UpsertUnit {
    let code = code.into();
    UpsertUnit {
        name: Patch::Set(code.clone()),
        code,
        kind: Patch::Set(UnitKind::GrassrootsUnion),
        parent: parent.map_or(Patch::Keep, Patch::Set),
        ..UpsertUnit::default()
    }
}

/// A programme with these first and last days; named by its code.
pub fn period(code: impl Into<String>, [starts_on, ends_on]: [Day; 2]) -> UpsertPeriod {
    let code = code.into();
    UpsertPeriod {
        name: Patch::Set(code.clone()),
        code,
        kind: Patch::Set(PeriodKind::Programme),
        starts_on: Patch::Set(starts_on),
        ends_on: Patch::Set(ends_on),
        ..UpsertPeriod::default()
    }
}

/// An assigned goal of one unit, in the metric of the period.
pub fn set_goal(period: PeriodRef, unit: UnitRef, count: i32) -> Command {
    Command::SetTargets(SetTargets {
        period,
        metric: None,
        origin: TargetOrigin::Assigned,
        document_number: None,
        goals: vec![UnitGoal { unit, part: Part::WHOLE, goal: Some(Goal::Count(count)) }],
    })
}
