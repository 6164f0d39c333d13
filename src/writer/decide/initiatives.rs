//! The rules of initiatives.

use super::content_hash::{content_hash, is_content};
use super::decider::{Decider, Decision, refusal};
use crate::auth::permissions::Permission;
use crate::board::Structure;
use crate::domain::command::{Feature, Review, ReviewDecision, Revise, Submit, Transfer, Withdraw};
use crate::domain::event::{InitiativeChanged, InitiativeEventKind};
use crate::domain::initiative::{Action, InitiativeKind};
use crate::domain::{
    Day, EventBody, Initiative, InitiativeId, InitiativeStatus, Outcome, Patch, Problem, Refusal,
    UnitId, Version,
};

impl Decider<'_> {
    pub(super) fn submit(&mut self, submit: &Submit, digest: &str) -> Decision {
        let unit = self.unit(&submit.unit, &["unit"]);
        if let Some(known) = self.batch.initiative_by_key(&submit.key) {
            // A caller that may not submit at all learns nothing about keys either.
            if !self.may_somewhere(Permission::Submit) {
                return Err(self.forbidden(unit?, &["unit"]));
            }
            let same = unit.is_ok_and(|unit| is_content(known, unit, digest));
            if !same || !self.may(Permission::Submit, known.unit) {
                return Err(refusal(Problem::KeyReused, &["key"]));
            }
            return Ok(outcome(known.clone(), true));
        }
        let unit = unit?;
        self.permit(Permission::Submit, unit, &["unit"])?;
        self.check_open(unit, &["unit"])?;
        let today = self.batch.today();
        check_eligible(self.structure(), unit, submit.kind, submit.applied_on, today)?;

        let initiative = self.new_initiative(unit, submit, digest);
        Ok(self.enter(initiative, None))
    }

    /// The initiative as it is when it has just been submitted.
    pub(super) fn new_initiative(
        &mut self,
        unit: UnitId,
        submit: &Submit,
        digest: &str,
    ) -> Initiative {
        Initiative {
            id: self.batch.new_initiative(),
            key: submit.key.clone(),
            content_hash: content_hash(unit, digest),
            unit,
            title: submit.title.clone(),
            summary: submit.summary.clone(),
            kind: submit.kind,
            field: submit.field.clone(),
            team: submit.team.clone(),
            authors: self.batch.authors(unit, &submit.authors),
            applied_on: submit.applied_on,
            recognised_by: submit.recognised_by.clone(),
            confidential: submit.confidential,
            benefit_vnd: submit.benefit_vnd,
            status: InitiativeStatus::Pending,
            rejection_reason: None,
            review_note: None,
            featured: false,
            entered_by: self.actor.id.clone().unwrap_or_default(),
            submitted_at: self.batch.at,
            updated_at: self.batch.at,
            reviewed_at: None,
            told_by: None,
            version: Version::ZERO,
        }
    }

    pub(super) fn review(&mut self, review: &Review) -> Decision {
        let before = self.act_on(Action::Review, review.id, review.expected_version)?;
        let (status, kind) = match review.decision {
            ReviewDecision::Accept => (InitiativeStatus::Accepted, InitiativeEventKind::Accepted),
            ReviewDecision::Return => (InitiativeStatus::Returned, InitiativeEventKind::Returned),
            ReviewDecision::Reject => (InitiativeStatus::Rejected, InitiativeEventKind::Rejected),
        };
        let says_nothing_new = before.status == status
            && (review.reason.is_none() || review.reason == before.rejection_reason)
            && (review.note.is_none() || review.note == before.review_note);
        if says_nothing_new {
            return Ok(outcome(before, false));
        }
        let mut after = before.clone();
        after.status = status;
        after.rejection_reason = review.reason;
        after.review_note.clone_from(&review.note);
        after.reviewed_at = Some(self.batch.at);
        after.featured &= status == InitiativeStatus::Accepted;
        Ok(self.change(kind, &before, after, None))
    }

    pub(super) fn revise(&mut self, revise: &Revise) -> Decision {
        let before = self.act_on(Action::Revise, revise.id, revise.expected_version)?;
        let mut after = before.clone();
        if let Patch::Set(title) = &revise.title {
            after.title.clone_from(title);
        }
        if let Patch::Set(kind) = revise.kind {
            after.kind = kind;
        }
        after.summary = revise.summary.clone().apply(after.summary);
        after.field = revise.field.clone().apply(after.field);
        after.team = revise.team.clone().apply(after.team);
        after.applied_on = revise.applied_on.apply(after.applied_on);
        after.recognised_by = revise.recognised_by.clone().apply(after.recognised_by);
        after.confidential = revise.confidential.apply(Some(after.confidential)).unwrap_or(false);
        after.benefit_vnd = revise.benefit_vnd.apply(after.benefit_vnd);
        if (after.kind, after.applied_on) != (before.kind, before.applied_on) {
            let submitted_on = before.submitted_at.day();
            check_eligible(
                self.structure(),
                before.unit,
                after.kind,
                after.applied_on,
                submitted_on,
            )?;
        }
        if let Patch::Set(authors) = &revise.authors {
            after.authors = self.batch.authors(before.unit, authors);
        }
        after.status = InitiativeStatus::Pending;
        if after == before {
            return Ok(outcome(before, false));
        }
        Ok(self.change(InitiativeEventKind::Revised, &before, after, None))
    }

    pub(super) fn withdraw(&mut self, withdraw: &Withdraw) -> Decision {
        let before =
            self.initiative(Permission::Withdraw, withdraw.id, withdraw.expected_version)?;
        if before.status == InitiativeStatus::Withdrawn {
            return Ok(outcome(before, false));
        }
        let mut after = before.clone();
        after.status = InitiativeStatus::Withdrawn;
        after.featured = false;
        let reason = withdraw.reason.as_deref();
        Ok(self.change(InitiativeEventKind::Withdrawn, &before, after, reason))
    }

    pub(super) fn transfer(&mut self, transfer: &Transfer) -> Decision {
        let before = self.act_on(Action::Transfer, transfer.id, transfer.expected_version)?;
        let unit = self.unit(&transfer.unit, &["unit"])?;
        self.permit(Permission::Transfer, unit, &["unit"])?;
        if unit == before.unit {
            return Ok(outcome(before, false));
        }
        self.check_open(unit, &["unit"])?;
        let mut after = before.clone();
        after.unit = unit;
        after.authors = self.batch.authors_moved_to(unit, &before.authors);
        let reason = transfer.reason.as_deref();
        Ok(self.change(InitiativeEventKind::Transferred, &before, after, reason))
    }

    pub(super) fn feature(&mut self, feature: &Feature) -> Decision {
        let before = self.initiative(Permission::Feature, feature.id, None)?;
        if before.status == InitiativeStatus::Withdrawn {
            return Err(refusal(Problem::WrongStatus(before.status), &["id"]));
        }
        if before.featured == feature.featured {
            return Ok(outcome(before, false));
        }
        if !Action::Feature.fits(before.status) {
            return Err(refusal(Problem::NotAccepted(before.status), &["id"]));
        }
        let mut after = before.clone();
        after.featured = feature.featured;
        let kind = if feature.featured {
            InitiativeEventKind::Featured
        } else {
            InitiativeEventKind::Unfeatured
        };
        Ok(self.change(kind, &before, after, None))
    }

    /// An initiative that the caller has the permission over.
    fn initiative(
        &self,
        permission: Permission,
        id: InitiativeId,
        expected: Option<Version>,
    ) -> Result<Initiative, Vec<Refusal>> {
        let missing = || refusal(Problem::InitiativeNotFound(id.to_string()), &["id"]);
        let initiative = self.batch.initiative(id).ok_or_else(missing)?;
        self.permit(permission, initiative.unit, &["id"])?;
        if let Some(expected) = expected
            && expected != initiative.version
        {
            let problem =
                Problem::VersionConflict { actual: initiative.version.0, expected: expected.0 };
            return Err(refusal(problem, &["expectedVersion"]));
        }
        Ok(initiative.clone())
    }

    /// Like [`Self::initiative`]; the initiative's state must allow the action.
    fn act_on(
        &self,
        action: Action,
        id: InitiativeId,
        expected: Option<Version>,
    ) -> Result<Initiative, Vec<Refusal>> {
        let initiative = self.initiative(action.into(), id, expected)?;
        if !action.fits(initiative.status) {
            return Err(refusal(Problem::WrongStatus(initiative.status), &["id"]));
        }
        Ok(initiative)
    }

    fn check_open(&self, unit: UnitId, path: &[&str]) -> Result<(), Vec<Refusal>> {
        match self.structure().unit(unit).closed_on {
            None => Ok(()),
            Some(day) => Err(refusal(Problem::UnitClosed(day), path)),
        }
    }

    /// Puts an initiative that was not there on the log and among the facts.
    pub(super) fn enter(&mut self, initiative: Initiative, counted_from: Option<Day>) -> Outcome {
        let body = InitiativeChanged {
            initiative: initiative.id,
            before: None,
            after: initiative.state(),
            path: self.structure().path(initiative.unit),
            from_path: None,
            counted_from,
        };
        self.put(InitiativeEventKind::Submitted, body, initiative, None)
    }

    /// Puts the initiative in its new state on the log and among the facts.
    fn change(
        &mut self,
        kind: InitiativeEventKind,
        before: &Initiative,
        mut after: Initiative,
        reason: Option<&str>,
    ) -> Outcome {
        after.told_by = after.told_after(before);
        let left = before.unit != after.unit;
        let body = InitiativeChanged {
            initiative: after.id,
            before: Some(before.state()),
            after: after.state(),
            path: self.structure().path(after.unit),
            from_path: left.then(|| self.structure().path(before.unit)),
            counted_from: None,
        };
        self.put(kind, body, after, reason)
    }

    fn put(
        &mut self,
        kind: InitiativeEventKind,
        body: InitiativeChanged,
        mut after: Initiative,
        reason: Option<&str>,
    ) -> Outcome {
        let attribution = self.attribution(reason);
        let stamp = self.batch.emit(EventBody::Initiative(kind, body), attribution, self.tags);
        after.version = stamp.version;
        after.updated_at = stamp.at;
        self.batch.put_initiative(after.clone());
        outcome(after, false)
    }
}

/// An initiative enters while a period that covers the unit holds the day; of several running
/// ones, one whose programme admits it is enough.
pub(super) fn check_eligible(
    structure: &Structure,
    unit: UnitId,
    kind: InitiativeKind,
    applied_on: Option<Day>,
    day: Day,
) -> Result<(), Vec<Refusal>> {
    let running = structure.periods_on(unit, day);
    if running.is_empty() {
        return Err(refusal(Problem::NoRunningPeriod(day), &["unit"]));
    }
    let mut closed_window = None;
    for period in running {
        match structure.programme_of(period).filter(|programme| programme.has_window()) {
            None => return Ok(()),
            Some(programme) => {
                let admitted = match applied_on {
                    Some(applied_on) => programme.admits(applied_on),
                    None => !kind.needs_applied_on(),
                };
                if admitted {
                    return Ok(());
                }
                closed_window = Some(programme);
            }
        }
    }
    let bound = |day: Option<Day>| day.map_or_else(|| "…".to_owned(), |day| day.to_string());
    let problem = match (applied_on, closed_window) {
        (Some(_), Some(programme)) => Problem::OutsideAppliedWindow {
            from: bound(programme.applied_from),
            until: bound(programme.applied_until),
        },
        _ => Problem::AppliedOnMissing,
    };
    Err(refusal(problem, &["appliedOn"]))
}

pub(super) fn outcome(initiative: Initiative, replayed: bool) -> Outcome {
    Outcome::Initiative { initiative: Box::new(initiative), replayed }
}
