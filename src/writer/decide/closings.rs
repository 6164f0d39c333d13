//! The rules of closings by officers.

use super::decider::{Decider, Decision, refusal};
use crate::auth::permissions::Permission;
use crate::board::closed_by;
use crate::domain::command::FinalizePeriod;
use crate::domain::event::PeriodFinalized;
use crate::domain::{Closing, ClosingKind, EventBody, Outcome, PeriodId, Problem};

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
        let (is_pending, is_returned, changed) =
            self.batch.counts().map_or_else(Default::default, |board| {
                let tally = board.cell(period.owner, id);
                let counts = tally.counts();
                (counts.pending, counts.returned, board.unit_changed(period.owner).version)
            });
        if is_pending + is_returned > 0 && !finalize.even_pending {
            let problem = Problem::ReviewsMissing { pending: is_pending, returned: is_returned };
            return Err(refusal(problem, &["evenPending"]));
        }
        if let Some(last) = last.filter(|last| last.kind == ClosingKind::Final)
            && changed <= last.version()
            && (last.starts_on, last.ends_on) == (period.starts_on, period.ends_on)
            && last.note.as_deref() == finalize.note.as_deref()
        {
            return Ok(Outcome::Closing(id, last.version()));
        }
        let path = self.structure().path(period.owner);
        let body = EventBody::Finalized(PeriodFinalized { period: id, path });
        let attribution = self.attribution(finalize.note.as_deref());
        let stamp = self.batch.emit(body, attribution, self.tags);
        Ok(Outcome::Closing(id, stamp.version))
    }

    /// The period's last closing, with those by a midnight of this very batch.
    fn last_closing(&self, period: PeriodId) -> Option<Closing> {
        let structure = self.structure();
        let mut here = self.batch.events().iter().flat_map(|event| closed_by(structure, event));
        here.rfind(|closing| closing.period == period)
            .or_else(|| Some(Closing::clone(self.batch.counts()?.closings().last(period)?)))
    }
}
