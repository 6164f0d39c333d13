//! The rules of confirming assessments.

use super::decider::{Decider, Decision, refusal};
use crate::auth::permissions::Permission;
use crate::domain::command::ConfirmAssessment;
use crate::domain::event::AssessmentConfirmed;
use crate::domain::{Confirmed, EventBody, Outcome, Problem, Version};
use crate::limits::{CONFIRMED_GOALS_MAX, CONFIRMED_MAX};

impl Decider<'_> {
    pub(super) fn confirm_assessment(&mut self, confirm: &ConfirmAssessment) -> Decision {
        let Some(rule) = self.structure().rule(&confirm.rule).cloned() else {
            return Err(refusal(Problem::RuleNotFound(confirm.rule.clone()), &["rule"]));
        };
        let id = self.period(&confirm.period, &["period"])?;
        self.permit(Permission::ManageRules, rule.owner, &["rule"])?;
        let board = self.batch.counts().expect("the command rests on closings");
        let outcome = Outcome::Assessment(id, rule.code.clone());
        let before = board.confirmation(&rule, id);
        if before.is_none() && !confirm.confirmed {
            return Ok(outcome);
        }
        let ends_on = self.structure().period(id).ends_on;
        let closing = self.last_closing(id).filter(|_| ends_on < self.batch.today());
        let rests_on = board.assessment_version(&rule, id, closing.as_ref());
        let moved = |expected: Version| Problem::AssessmentConflict {
            actual: rests_on.0,
            expected: expected.0,
        };
        if let Some(expected) = confirm.expected_version.filter(|expected| *expected != rests_on) {
            return Err(refusal(moved(expected), &["expectedVersion"]));
        }
        let confirmed = match before {
            Some(_) if !confirm.confirmed => None,
            Some(before) if before.note.as_deref() == confirm.note.as_deref() => {
                return Ok(outcome);
            }
            Some(_) => return Err(refusal(Problem::ConfirmedAlready, &["rule"])),
            None => {
                if ends_on >= self.batch.today() {
                    return Err(refusal(Problem::PeriodRuns(ends_on), &["period"]));
                }
                let (Some(closing), Some(seen)) = (closing, &confirm.confirmable) else {
                    return Err(refusal(Problem::NotClosed, &["period"]));
                };
                if (seen.closing, seen.rests_on) != (closing.version(), rests_on) {
                    return Err(refusal(moved(seen.rests_on), &["rule"]));
                }
                if !seen.covers_owner {
                    return Err(refusal(Problem::OwnerNotCovered, &["period"]));
                }
                let Some(goals) = seen.goals.clone() else {
                    let problem = Problem::TooManyGoals { max: CONFIRMED_GOALS_MAX };
                    return Err(refusal(problem, &["rule"]));
                };
                if board.confirmations().len() >= CONFIRMED_MAX {
                    let problem = Problem::TooManyConfirmed { max: CONFIRMED_MAX };
                    return Err(refusal(problem, &["rule"]));
                }
                Some(Confirmed { closing: seen.closing, rests_on, goals })
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
