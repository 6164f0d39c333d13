//! The pace of a count towards its target within the days of a period (tiến độ).

use super::snapshot::{Earlier, Snapshot};
use crate::domain::{Day, Period, UnitId};

/// The pace is the mean of at most so many whole days.
pub const PACE_DAYS: i32 = 7;

/// A count's position within its period. Today counts as a whole day to come until it is over, so no figure falls at
/// midnight, and `needed_per_day` does not change from hour to hour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    /// The number of today's day in the period, from 1.
    pub day_number: i32,
    pub days: i32,
    /// The days after today; 0 on the last day.
    pub days_left: i32,
    /// The mean that each day needs, today included; 0 when the target is reached, `None` without a target.
    pub needed_per_day: Option<f64>,
    /// The count at the period's end if the pace stays; never less than the present count.
    pub projected: i32,
}

/// A count at three moments.
#[derive(Debug, Clone, Copy)]
pub struct Course {
    pub now: i32,
    /// The count at the end of yesterday.
    pub yesterday: i32,
    /// The count before those of the last days that the pace is computed from.
    pub before: i32,
    /// The number of those days; see [`whole_days`].
    pub days: i32,
}

/// The courses of all units towards their targets in one period.
pub struct Courses<'a> {
    snapshot: &'a Snapshot,
    period: &'a Period,
    /// The standings at the end of the day before the first of [`whole_days`], and at the end of yesterday; `None`
    /// outside the period's days.
    earlier: Option<[Earlier<'a>; 2]>,
}

impl<'a> Courses<'a> {
    pub(super) const fn new(
        snapshot: &'a Snapshot,
        period: &'a Period,
        earlier: Option<[Earlier<'a>; 2]>,
    ) -> Self {
        Self { snapshot, period, earlier }
    }

    /// The pace at which the period's metric moves towards the unit's target; `None` outside the period's days.
    pub fn pace(&self, unit: UnitId) -> Option<Pace> {
        let [before, yesterday] = self.earlier.as_ref()?;
        let course = Course {
            now: self.count(unit),
            yesterday: yesterday.rank_values(unit).count(self.period.metric),
            before: before.rank_values(unit).count(self.period.metric),
            days: whole_days(self.period, self.snapshot.today()),
        };
        pace(self.period, self.snapshot.today(), course, self.goal(unit))
    }

    /// Whether the unit has a target that the pace does not reach or, once the period is over, that was not reached.
    pub fn is_behind(&self, unit: UnitId) -> bool {
        let Some(goal) = self.goal(unit) else { return false };
        match self.pace(unit) {
            Some(pace) => pace.projected < goal,
            None => self.snapshot.today() > self.period.ends_on && self.count(unit) < goal,
        }
    }

    fn count(&self, unit: UnitId) -> i32 {
        self.snapshot.rank_values(unit, self.period.id).count(self.period.metric)
    }

    fn goal(&self, unit: UnitId) -> Option<i32> {
        self.snapshot.structure.goal(unit, self.period)
    }
}

/// The number of the period's days that are over, the last seven at most: the days that the pace is computed from.
pub fn whole_days(period: &Period, today: Day) -> i32 {
    today.since(period.starts_on).clamp(0, PACE_DAYS)
}

/// The pace on `today`; `None` outside the period's days.
pub fn pace(period: &Period, today: Day, course: Course, target: Option<i32>) -> Option<Pace> {
    if !period.holds(today) {
        return None;
    }
    let days_left = period.ends_on.since(today);
    let so_far = f64::from(course.now - course.yesterday);
    // On the first day there is nothing but the day itself to compute a pace from.
    let each_day = match course.days {
        0 => so_far,
        days => f64::from(course.yesterday - course.before) / f64::from(days),
    };
    // Withdrawals may exceed submissions, but no forecast should count on that to go on.
    let each_day = each_day.max(0.0);
    let to_come = so_far.max(each_day) + each_day * f64::from(days_left);
    let needed_per_day = target.map(|target| {
        let missing = if course.now >= target { 0 } else { target - course.yesterday };
        f64::from(missing) / f64::from(days_left + 1)
    });
    Some(Pace {
        day_number: today.since(period.starts_on) + 1,
        days: period.ends_on.since(period.starts_on) + 1,
        days_left,
        needed_per_day,
        projected: rounded(f64::from(course.yesterday) + to_come),
    })
}

/// Rounds; a count that does not fit becomes the greatest that does.
#[expect(clippy::cast_possible_truncation, reason = "a cast of floats saturates, as meant here")]
fn rounded(count: f64) -> i32 {
    count.round() as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::period::{Metric, PeriodKind};
    use crate::domain::{PeriodId, UnitId};

    const START: Day = Day(19_103);

    fn period(days: i32) -> Period {
        Period {
            id: PeriodId(0),
            code: "p".to_owned(),
            name: "P".to_owned(),
            kind: PeriodKind::Campaign,
            starts_on: START,
            ends_on: START.plus(days - 1),
            owner: UnitId(0),
            parent: None,
            metric: Metric::Submitted,
            applied_from: None,
            applied_until: None,
            placeholder: false,
        }
    }

    /// The pace on that day, from 1, of a period of so many days.
    fn on(day: i32, days: i32, counts: [i32; 3], target: Option<i32>) -> Option<Pace> {
        let [before, yesterday, now] = counts;
        let (period, today) = (period(days), START.plus(day - 1));
        let course = Course { now, yesterday, before, days: whole_days(&period, today) };
        pace(&period, today, course, target)
    }

    #[test]
    fn golden() {
        // Day, days; counts before the last week, at the end of yesterday, now; target:
        // days left, needed each day, projected.
        let cases = [
            ("the first day, nothing yet", 1, 41, [0, 0, 0], Some(82), 40, Some(2.0), 0),
            ("the first day goes on like that", 1, 41, [0, 0, 23], Some(82), 40, Some(2.0), 943),
            ("the second day has one to go by", 2, 41, [0, 23, 23], Some(843), 39, Some(20.5), 943),
            ("the middle", 33, 41, [4_000, 5_400, 5_500], Some(7_200), 8, Some(200.0), 7_200),
            ("today beats the week", 33, 41, [4_000, 5_400, 5_900], None, 8, None, 7_500),
            ("the last day", 41, 41, [930, 1_000, 1_004], Some(1_020), 0, Some(20.0), 1_010),
            (
                "the last day, reached",
                41,
                41,
                [930, 1_000, 1_020],
                Some(1_020),
                0,
                Some(0.0),
                1_020,
            ),
            ("reached today", 20, 35, [80, 99, 101], Some(101), 15, Some(0.0), 142),
            ("beyond it", 20, 35, [80, 150, 150], Some(100), 15, Some(0.0), 310),
            ("a target of nothing", 20, 35, [0, 0, 0], Some(0), 15, Some(0.0), 0),
            ("a window of thirty days", 24, 30, [0, 700, 700], Some(1_400), 6, Some(100.0), 1_400),
            ("shorter than a week", 3, 5, [0, 20, 20], Some(50), 2, Some(10.0), 50),
            ("one day alone", 1, 1, [0, 0, 7], Some(9), 0, Some(9.0), 7),
            ("more goes than comes", 10, 20, [100, 30, 28], Some(85), 10, Some(5.0), 30),
        ];
        for (what, day, days, counts, target, days_left, needed_per_day, projected) in cases {
            let expected = Pace { day_number: day, days, days_left, needed_per_day, projected };
            assert_eq!(on(day, days, counts, target), Some(expected), "{what}");
        }
    }

    #[test]
    fn there_is_no_pace_outside_the_period() {
        assert_eq!(on(0, 41, [0, 0, 0], Some(1)), None);
        assert_eq!(on(42, 41, [0, 0, 0], Some(1)), None);
    }

    #[test]
    fn it_looks_back_no_further_than_the_period_and_a_week() {
        let days = [-1, 0, 1, 6, 7, 40].map(|day| whole_days(&period(41), START.plus(day)));
        assert_eq!(days, [0, 0, 1, 6, 7, 7]);
    }

    #[test]
    fn a_count_that_does_not_fit_is_the_greatest_that_does() {
        let projected = on(1, 41, [0, 0, i32::MAX], None).map(|pace| pace.projected);
        assert_eq!(projected, Some(i32::MAX));
    }
}
