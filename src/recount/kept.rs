//! The figures of closings held against the log.

use std::collections::HashMap;

use super::verdict::{Sides, Verdict};
use crate::board::{BadFigures, Closings, ClosingsOfLog, Snapshot, Unhurried, are_figures_of};
use crate::domain::{Closing, Event, EventBody, Mark, PeriodId, Version};
use crate::store::{Error, LogStart, ReadTx, digest_of};

const SIDES: Sides = Sides::KeptAndLog;

/// Compares the digests of kept figures with those of the log, event by event.
pub(super) struct KeptAudit {
    digests: HashMap<(Mark, PeriodId), String>,
    log: ClosingsOfLog,
    begin: Version,
    verdict: Verdict,
}

impl KeptAudit {
    /// # Errors
    /// When the database cannot be read.
    pub(super) async fn begin(tx: &mut ReadTx, start: Option<LogStart>) -> Result<Self, Error> {
        let digests = tx.kept_digests().await?;
        let digests = digests.into_iter().map(|it| ((it.mark, it.period), it.digest)).collect();
        let begin = start.map_or(Version::ZERO, |start| start.version);
        Ok(Self { digests, log: ClosingsOfLog::default(), begin, verdict: Verdict::default() })
    }

    /// Takes the next event of the log.
    pub(super) fn event(&mut self, event: &Event) {
        self.log.event(event);
        if let EventBody::Assessment(change) = &event.body
            && let Some(confirmed) = &change.confirmed
        {
            let last = self.log.closings().last(change.period).map(|closing| closing.version());
            let both = (&Some(confirmed.closing), &last);
            let subject = || format!("event {}", event.version);
            self.verdict.compare(Sides::LogAndRules, "the last closing", both, subject);
        }
    }

    /// Compares the figures of a closing with those of a board that was folded up to it. With more texts of fields than a board
    /// tells apart they may be others.
    pub(super) fn compare(&mut self, folded: &Snapshot, closing: &Closing) {
        let Some(found) = self.digests.get(&(closing.mark, closing.period)) else { return };
        if folded.has_too_many_texts() {
            self.verdict.closings_unsure += 1;
            return;
        }
        let made = folded.figures_to_keep(closing.period, &Unhurried).expect("nobody stops it");
        let made = made.map(|text| digest_of(&text));
        let subject = || subject(closing.mark.version, closing.period);
        let both = (&Some(found), &made.as_ref());
        self.verdict.compare(SIDES, "the digest of its figures", both, subject);
        self.verdict.closings += 1;
    }

    /// Looks whether all kept figures are whole, and of closings that the log has.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) async fn finish(mut self, tx: &mut ReadTx) -> Result<(Verdict, Closings), Error> {
        let closings = self.log.finish();
        for closing in closings.all() {
            if self.digests.contains_key(&(closing.mark, closing.period)) {
                self.verdict.closings_untold += usize::from(closing.version() < self.begin);
            } else {
                self.verdict.closings_unkept += usize::from(closing.version() >= self.begin);
            }
        }
        let mut places: Vec<(Mark, PeriodId)> = self.digests.into_keys().collect();
        places.sort_unstable_by_key(|&(mark, period)| (mark.version, period));
        for (mark, period) in places {
            let subject = || subject(mark.version, period);
            let known = closings.get(period, mark.version).is_some_and(|it| it.mark == mark);
            self.verdict.compare(SIDES, "whether it is there", (&true, &known), subject);
            let figures = tx.kept_figures(mark, period).await?;
            let damage = figures.and_then(|figures| match figures.unpack() {
                Err(damage) => Some(damage.to_string()),
                Ok(text) => {
                    let closing = closings.get(period, mark.version);
                    let are_its_own = closing.is_none_or(|closing| are_figures_of(&text, closing));
                    (!are_its_own).then(|| BadFigures::Another.to_string())
                }
            });
            self.verdict.compare(SIDES, "the damage of its figures", (&damage, &None), subject);
        }
        Ok((self.verdict, closings))
    }
}

fn subject(version: Version, period: PeriodId) -> String {
    format!("closing {version} of period {period}")
}
