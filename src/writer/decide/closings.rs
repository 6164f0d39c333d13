//! The rules of closings by officers.

use super::decider::{Decider, Decision, refusal};
use crate::auth::permissions::Permission;
use crate::board::{Counts, closed_by};
use crate::domain::command::FinalizePeriod;
use crate::domain::event::PeriodFinalized;
use crate::domain::{Closing, ClosingKind, EventBody, Outcome, PeriodId, Problem};
use crate::limits::CLOSINGS_OF_PERIOD_MAX;

impl Decider<'_> {
    pub(super) fn finalize_period(&mut self, finalize: &FinalizePeriod) -> Decision {
        let id = self.period(&finalize.period, &["period"])?;
        let period = self.structure().period(id).clone();
        self.permit(Permission::FinalizePeriods, period.owner, &["period"])?;
        if self.batch.today() <= period.ends_on {
            return Err(refusal(Problem::PeriodRuns(period.ends_on), &["period"]));
        }
        let last = self.last_closing(id);
        let actual = last.as_ref().map_or(0, |closing| closing.version().0);
        if let Some(expected) = finalize.expected_version.filter(|expected| expected.0 != actual) {
            let problem = Problem::ClosingConflict { actual, expected: expected.0 };
            return Err(refusal(problem, &["expectedVersion"]));
        }
        let board = self.batch.counts().expect("the command rests on counts");
        let &Counts { pending, returned, .. } = board.cell(period.owner, id).counts();
        let changed = board.unit_changed(period.owner).version;
        if pending + returned > 0 && !finalize.even_pending {
            return Err(refusal(Problem::ReviewsMissing { pending, returned }, &["evenPending"]));
        }
        if let Some(last) = last.filter(|last| last.kind == ClosingKind::Final)
            && changed <= last.version()
            && (last.starts_on, last.ends_on) == (period.starts_on, period.ends_on)
            && last.note.as_deref() == finalize.note.as_deref()
        {
            return Ok(Outcome::Closing(id, last.version()));
        }
        if board.closings().of(id).len() >= CLOSINGS_OF_PERIOD_MAX {
            let problem = Problem::TooManyClosings { max: CLOSINGS_OF_PERIOD_MAX };
            return Err(refusal(problem, &["period"]));
        }
        let path = self.structure().path(period.owner);
        let body = EventBody::Finalized(PeriodFinalized { period: id, path });
        let attribution = self.attribution(finalize.note.as_deref());
        let stamp = self.batch.emit(body, attribution, self.tags);
        Ok(Outcome::Closing(id, stamp.version))
    }

    /// The period's last closing, with those by a midnight of this very batch.
    pub(super) fn last_closing(&self, period: PeriodId) -> Option<Closing> {
        let structure = self.structure();
        let mut here = self.batch.events().iter().flat_map(|event| closed_by(structure, event));
        here.rfind(|closing| closing.period == period)
            .or_else(|| Some(Closing::clone(self.batch.counts()?.closings().last(period)?)))
    }
}
