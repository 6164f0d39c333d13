//! The rules of confirming assessments.

use super::decider::{Decider, Decision, refusal};
use crate::auth::permissions::Permission;
use crate::board::other_goals;
use crate::domain::command::ConfirmAssessment;
use crate::domain::event::AssessmentConfirmed;
use crate::domain::{Confirmed, EventBody, Outcome, Problem};
use crate::limits::{CONFIRMED_GOALS_MAX, CONFIRMED_MAX};

impl Decider<'_> {
    pub(super) fn confirm_assessment(&mut self, confirm: &ConfirmAssessment) -> Decision {
        let Some(rule) = self.structure().rule(&confirm.rule).cloned() else {
            return Err(refusal(Problem::RuleNotFound(confirm.rule.clone()), &["rule"]));
        };
        let id = self.period(&confirm.period, &["period"])?;
        self.permit(Permission::ManageRules, rule.owner, &["rule"])?;
        let period = self.structure().period(id).clone();
        let board = self.batch.counts().expect("the command rests on closings");
        let closing = self.last_closing(id).filter(|_| period.ends_on < self.batch.today());
        let rests_on = board.assessment_version(&rule, id, closing.as_ref());
        let actual = rests_on.0;
        if let Some(expected) = confirm.expected_version.filter(|expected| expected.0 != actual) {
            let problem = Problem::AssessmentConflict { actual, expected: expected.0 };
            return Err(refusal(problem, &["expectedVersion"]));
        }
        let outcome = Outcome::Assessment(id, rule.code.clone());
        let before = board.confirmation(&rule, id);
        let confirmed = match (before, confirm.confirmed) {
            (None, false) => return Ok(outcome),
            (Some(_), false) => None,
            (Some(before), true) if before.note.as_deref() == confirm.note.as_deref() => {
                return Ok(outcome);
            }
            (Some(_), true) => {
                return Err(refusal(Problem::ConfirmedAlready, &["rule"]));
            }
            (None, true) => {
                if !self.structure().is_within(rule.owner, period.owner) {
                    return Err(refusal(Problem::OwnerNotCovered, &["period"]));
                }
                let Some(closing) = closing else {
                    return Err(refusal(Problem::NotClosed, &["period"]));
                };
                if board.confirmations().len() >= CONFIRMED_MAX {
                    let problem = Problem::TooManyConfirmed { max: CONFIRMED_MAX };
                    return Err(refusal(problem, &["rule"]));
                }
                let structure = self.structure();
                let goals = other_goals(structure, &rule, &period, CONFIRMED_GOALS_MAX);
                let Some(goals) = goals else {
                    let problem = Problem::TooManyGoals { max: CONFIRMED_GOALS_MAX };
                    return Err(refusal(problem, &["rule"]));
                };
                Some(Confirmed { closing: closing.version(), rests_on, goals })
            }
        };
        let path = self.structure().path(rule.owner);
        let body = EventBody::Assessment(AssessmentConfirmed {
            rule: rule.code.clone(),
            period: id,
            confirmed,
            path,
        });
        let attribution = self.attribution(confirm.note.as_deref());
        self.batch.emit(body, attribution, self.tags);
        Ok(outcome)
    }
}
