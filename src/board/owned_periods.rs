//! The periods that one unit owns, found by a day that they hold.

use crate::domain::{Day, Period, PeriodId};

/// Mostly none or a few, at most [`PERIODS_OWNED_MAX`](crate::limits::PERIODS_OWNED_MAX), side by side in memory: a
/// submission looks here at each unit on its path.
#[derive(Debug, Clone, Default)]
pub(super) struct OwnedPeriods {
    /// Sorted by number.
    ids: Vec<PeriodId>,
    /// Sorted by first day, the longest first among those of one day.
    spans: Vec<Span>,
}

#[derive(Debug, Clone, Copy)]
struct Span {
    starts_on: Day,
    ends_on: Day,
    id: PeriodId,
    /// The latest last day of this period and of all before it in the list.
    latest_end: Day,
}

impl OwnedPeriods {
    /// Sorted by number.
    pub fn ids(&self) -> &[PeriodId] {
        &self.ids
    }

    /// Adds a period that is not among them.
    pub fn add(&mut self, period: &Period) {
        let &Period { id, starts_on, ends_on, .. } = period;
        let place = self.ids.partition_point(|&there| there < id);
        self.ids.insert(place, id);
        let place = self.spans.partition_point(|span| {
            span.starts_on < starts_on || (span.starts_on == starts_on && span.ends_on >= ends_on)
        });
        self.spans.insert(place, Span { starts_on, ends_on, id, latest_end: ends_on });
        self.note_latest_ends();
    }

    pub fn remove(&mut self, id: PeriodId) {
        self.ids.retain(|&there| there != id);
        self.spans.retain(|span| span.id != id);
        self.note_latest_ends();
    }

    fn note_latest_ends(&mut self) {
        let mut latest_end = None;
        for span in &mut self.spans {
            let latest = latest_end.map_or(span.ends_on, |latest: Day| latest.max(span.ends_on));
            span.latest_end = latest;
            latest_end = Some(latest);
        }
    }

    /// Those that hold the day, in no order.
    pub fn holding(&self, day: Day) -> impl Iterator<Item = PeriodId> {
        let begun = self.spans.partition_point(|span| span.starts_on <= day);
        let may_hold = self.spans[..begun].iter().rev().take_while(move |it| it.latest_end >= day);
        may_hold.filter(move |span| span.ends_on >= day).map(|span| span.id)
    }

    /// Those whose days lie within no other of them; of periods with the same days one.
    pub fn outermost(&self) -> impl Iterator<Item = PeriodId> {
        let before = std::iter::once(None).chain(self.spans.iter().map(|it| Some(it.latest_end)));
        let spans = self.spans.iter().zip(before);
        spans.filter(|(span, before)| Some(span.ends_on) > *before).map(|(span, _)| span.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::UnitId;
    use crate::domain::period::{Metric, PeriodKind};

    fn period(id: u32, starts_on: i32, ends_on: i32) -> Period {
        Period {
            id: PeriodId(id),
            code: id.to_string(),
            name: id.to_string(),
            kind: PeriodKind::PeakWeek,
            starts_on: Day(starts_on),
            ends_on: Day(ends_on),
            owner: UnitId(1),
            parent: None,
            metric: Metric::Submitted,
            applied_from: None,
            applied_until: None,
            placeholder: false,
        }
    }

    #[test]
    fn what_holds_a_day_and_what_lies_within_another_are_found_as_by_looking_at_each() {
        let mut chance = fastrand::Rng::with_seed(1);
        for round in 0..200 {
            let mut owned = OwnedPeriods::default();
            let mut there: Vec<Period> = Vec::new();
            for id in 1..=chance.u32(0..30) {
                let starts_on = chance.i32(-20..20);
                let new = period(id, starts_on, starts_on + chance.i32(0..15));
                owned.add(&new);
                there.push(new);
                if chance.u32(0..4) == 0 {
                    let gone = there.swap_remove(chance.usize(0..there.len()));
                    owned.remove(gone.id);
                }
            }
            there.sort_by_key(|period| period.id);
            let ids: Vec<PeriodId> = there.iter().map(|period| period.id).collect();
            assert_eq!(owned.ids(), ids, "round {round}");
            for day in (-25..40).map(Day) {
                let mut holding: Vec<PeriodId> = owned.holding(day).collect();
                holding.sort_unstable();
                let all = there.iter().filter(|period| period.holds(day)).map(|period| period.id);
                assert_eq!(holding, all.collect::<Vec<_>>(), "round {round}, {day}");
            }
            let days = |id: PeriodId| {
                let period = there.iter().find(|period| period.id == id).unwrap();
                (period.starts_on, period.ends_on)
            };
            let mut outermost: Vec<_> = owned.outermost().map(days).collect();
            let within = |inner: (Day, Day), outer: (Day, Day)| {
                inner != outer && outer.0 <= inner.0 && inner.1 <= outer.1
            };
            let all: Vec<_> = ids.iter().map(|&id| days(id)).collect();
            let mut expected: Vec<_> = all
                .iter()
                .copied()
                .filter(|&inner| !all.iter().any(|&outer| within(inner, outer)))
                .collect();
            expected.sort_unstable();
            expected.dedup();
            outermost.sort_unstable();
            assert_eq!(outermost, expected, "round {round}");
        }
    }
}
