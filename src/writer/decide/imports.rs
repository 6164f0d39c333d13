//! The rules of initiatives that were entered elsewhere.

use super::content_hash::is_content;
use super::decider::{Decider, Decision, refusal, resolve_unit};
use super::initiatives::{check_eligible, outcome};
use crate::auth::permissions::Permission;
use crate::board::Structure;
use crate::domain::command::{Import, Said};
use crate::domain::initiative::ToldBy;
use crate::domain::{Day, Initiative, InitiativeStatus, Problem, Refusal, Timestamp, UnitId};
use crate::writer::prepare::Prepared;

/// The outcome of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportOutcome {
    New,
    /// It is there as it is now in the source, or as it was when it was first imported.
    Exists,
}

impl Decider<'_> {
    pub(super) fn import(&mut self, import: &Import, prepared: &Prepared) -> Decision {
        let submit = &import.submit;
        let unit = unit_of(self.structure(), import)?;
        if let Some(known) = self.batch.initiative_by_key(&submit.key) {
            compare(known, unit, import, &prepared.digest)?;
            return Ok(outcome(known.clone(), true));
        }
        let now = self.batch.at;
        admit(self.structure(), now, unit, import, prepared.admitted)?;
        self.permit(Permission::Submit, unit, &["unit"])?;
        let initiative = Initiative {
            status: import.status,
            rejection_reason: import.rejection_reason,
            review_note: import.review_note.clone(),
            featured: import.featured,
            submitted_at: import.submitted_at,
            reviewed_at: import.reviewed_at,
            told_by: (import.status != InitiativeStatus::Pending).then_some(ToldBy::Present),
            ..self.new_initiative(unit, submit, &prepared.digest)
        };
        Ok(self.enter(initiative, Some(import.submitted_at.day())))
    }
}

/// Judges an import against the structure, and against the initiative that is `known` under its
/// key.
///
/// # Errors
/// The reasons why it cannot be taken.
pub fn judge(
    structure: &Structure,
    now: Timestamp,
    import: &Import,
    prepared: &Prepared,
    known: Option<&Initiative>,
) -> Result<ImportOutcome, Vec<Refusal>> {
    let unit = unit_of(structure, import)?;
    match known {
        Some(known) => {
            compare(known, unit, import, &prepared.digest).map(|()| ImportOutcome::Exists)
        }
        None => admit(structure, now, unit, import, prepared.admitted).map(|()| ImportOutcome::New),
    }
}

fn unit_of(structure: &Structure, import: &Import) -> Result<UnitId, Vec<Refusal>> {
    resolve_unit(structure, &import.submit.unit, &["unit"])
}

fn compare(
    known: &Initiative,
    unit: UnitId,
    import: &Import,
    digest: &str,
) -> Result<(), Vec<Refusal>> {
    if is_content(known, unit, digest) || differences(known, unit, import).is_empty() {
        return Ok(());
    }
    Err(refusal(Problem::KeyReused, &["key"]))
}

fn admit(
    structure: &Structure,
    now: Timestamp,
    unit: UnitId,
    import: &Import,
    admitted: bool,
) -> Result<(), Vec<Refusal>> {
    if import.submitted_at > now {
        return Err(refusal(Problem::FutureDay, &["submittedAt"]));
    }
    if import.submitted_at.day() < Day::FIRST {
        return Err(refusal(Problem::DayBefore(Day::FIRST), &["submittedAt"]));
    }
    if import.reviewed_at.is_some_and(|at| at > now) {
        return Err(refusal(Problem::FutureDay, &["reviewedAt"]));
    }
    if admitted {
        return Ok(());
    }
    let day = import.submitted_at.day();
    if let Some(closed_on) = structure.unit(unit).closed_on.filter(|&closed_on| closed_on <= day) {
        return Err(refusal(Problem::UnitClosed(closed_on), &["unit"]));
    }
    check_eligible(structure, unit, import.submit.kind, import.submit.applied_on, day)
}

/// The differences between the import and the present initiative.
pub fn differences(known: &Initiative, unit: UnitId, import: &Import) -> Vec<Said> {
    let submit = &import.submit;
    let authors = || known.authors.iter().zip(&submit.authors);
    let as_many = known.authors.len() == submit.authors.len();
    let same = [
        (Said::Unit, known.unit == unit),
        (Said::Title, known.title == submit.title),
        (Said::Summary, known.summary == submit.summary),
        (Said::Kind, known.kind == submit.kind),
        (Said::Field, known.field == submit.field),
        (Said::Team, known.team == submit.team),
        (Said::AuthorName, as_many && authors().all(|(one, other)| one.name == other.name)),
        (Said::PersonCode, authors().all(|(one, other)| one.person_code == other.person_code)),
        (Said::AuthorGroup, authors().all(|(one, other)| one.group == other.group)),
        (Said::Contact, authors().all(|(one, other)| one.contact == other.contact)),
        (Said::AppliedOn, known.applied_on == submit.applied_on),
        (Said::RecognisedBy, known.recognised_by == submit.recognised_by),
        (Said::Confidential, known.confidential == submit.confidential),
        (Said::Benefit, known.benefit_vnd == submit.benefit_vnd),
        (Said::SubmittedAt, known.submitted_at == import.submitted_at),
        (Said::Status, known.status == import.status),
        (Said::RejectionReason, known.rejection_reason == import.rejection_reason),
        (Said::ReviewNote, known.review_note == import.review_note),
        (Said::Featured, known.featured == import.featured),
        (Said::ReviewedAt, known.reviewed_at == import.reviewed_at),
    ];
    same.into_iter()
        .filter(|(said, same)| !same && !import.unsaid.contains(said))
        .map(|(said, _)| said)
        .collect()
}
