//! The moment that the figures of a tally or a board are of, and what follows from it.

use super::snapshot::Snapshot;
use super::tally::Tally;
use crate::domain::text_enum::text_enum;
use crate::domain::{Day, Period, PeriodId, UnitId};

text_enum! {
    pub enum Figures {
        /// Those of now.
        Live = "LIVE",
        /// Those of the end of a past day, in the tree, periods, targets and head-counts of now.
        DayEnd = "DAY_END",
        /// Those of a moment at which all of it was kept.
        Kept = "KEPT",
    }
}

impl Tally {
    /// Days from the day of the last of the submitted initiatives to `day`, or to the period's last day once that is
    /// over; `None` without one.
    pub fn days_since_last(&self, period: &Period, day: Day) -> Option<i32> {
        let last = self.last_submitted_at()?.day();
        Some(day.min(period.ends_on).since(last).max(0))
    }
}

impl Snapshot {
    /// [`Tally::days_since_last`] of now, in about the time of a cell.
    pub fn days_since_last(&self, unit: UnitId, period: PeriodId) -> Option<i32> {
        let period = self.structure.get_period(period)?;
        self.cell(unit, period.id).days_since_last(period, self.today())
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;
    use crate::board::{BoardBuilder, Counted, Stamp, Traits, Unhurried};
    use crate::domain::initiative::InitiativeKind;
    use crate::domain::period::{Metric, PeriodKind};
    use crate::domain::target::{Part, TargetOrigin};
    use crate::domain::unit::UnitKind;
    use crate::domain::{InitiativeId, InitiativeStatus, Target, TargetKey, Timestamp, Unit};

    const UNIT: UnitId = UnitId(1);
    const PERIOD: PeriodId = PeriodId(1);

    /// A board of one unit and one period of ten days, with an entry at each of these moments.
    fn board(today: Day, first: Day, entries: &[Timestamp], goal: Option<i32>) -> Snapshot {
        let mut builder = BoardBuilder::default();
        builder.day(today, Stamp::default());
        let unit = Unit {
            id: UNIT,
            code: "u".to_owned(),
            name: "U".to_owned(),
            kind: UnitKind::GrassrootsUnion,
            parent: None,
            cluster: None,
            sector: None,
            foreign_invested: false,
            member_count: None,
            closed_on: None,
            placeholder: false,
            deleted: false,
        };
        builder.unit(unit, Stamp::default());
        let period = Period {
            id: PERIOD,
            code: "p".to_owned(),
            name: "P".to_owned(),
            kind: PeriodKind::Campaign,
            starts_on: first,
            ends_on: first.plus(9),
            owner: UNIT,
            parent: None,
            metric: Metric::Submitted,
            applied_from: None,
            applied_until: None,
            placeholder: false,
        };
        builder.period(period, Stamp::default());
        for &submitted_at in entries {
            let state = Counted {
                unit: UNIT,
                status: InitiativeStatus::Pending,
                submitted_at,
                benefit_vnd: None,
                people: &[],
            };
            let traits = Traits::of_kind(InitiativeKind::Idea);
            builder.initiative(InitiativeId(1), state, traits, Stamp::default());
        }
        if let Some(goal) = goal {
            let key = TargetKey {
                unit: UNIT,
                period: PERIOD,
                metric: Metric::Submitted,
                origin: TargetOrigin::Assigned,
                part: Part::WHOLE,
            };
            let (percent_from, percent_to, document_number) = (None, None, None);
            let set_at = Timestamp::default();
            let target = Target { key, goal, percent_from, percent_to, document_number, set_at };
            builder.target(&target, Stamp::default());
        }
        builder.build(Stamp::default(), 0).snapshot()
    }

    #[test]
    fn days_are_counted_from_the_last_entry_to_today_or_the_last_day() {
        let first = Day(19_103);
        let late = |day: i32| Timestamp(first.plus(day + 1).start().0 - 1);
        let days = |today, first, entries: &[Timestamp]| {
            board(today, first, entries, None).days_since_last(UNIT, PERIOD)
        };
        assert_eq!(days(first.plus(4), first, &[]), None, "nothing yet");
        assert_eq!(days(first.plus(4), first, &[late(0), late(4)]), Some(0), "today");
        assert_eq!(
            days(first.plus(4), first, &[late(3), late(0)]),
            Some(1),
            "a minute ago, yesterday"
        );
        assert_eq!(days(first.plus(9), first, &[late(2)]), Some(7), "on the last day");
        assert_eq!(days(first.plus(40), first, &[late(2)]), Some(7), "when it is over");
        assert_eq!(days(first.plus(40), first, &[late(10)]), None, "after the period");
    }

    #[test]
    fn a_unit_is_behind_by_its_pace_while_the_period_runs_and_by_its_count_afterwards() {
        let first = Day(19_103);
        let entries: Vec<Timestamp> = (0..4).map(|day| first.plus(day).start()).collect();
        let behind = |day: i32, goal| {
            let board = board(first.plus(day), first, &entries, goal);
            let courses = board.courses(PERIOD, &Unhurried).now_or_never().unwrap().unwrap();
            courses.is_behind(UNIT)
        };
        // One a day for four days: on the fifth, ten are to be expected.
        assert!(!behind(4, Some(10)));
        assert!(behind(4, Some(11)));
        assert!(!behind(4, None), "without a target");
        assert!(!behind(40, Some(4)), "reached");
        assert!(behind(40, Some(5)), "over");
        assert!(!behind(-1, Some(5)), "not begun");
    }
}
