//! The activity of people over time: more and more initiatives from week to week, at work rather than at night, few on
//! free days, and a rush on a phase's last evening.
//!
//! The shape is made up; the number of initiatives between two published counts is not (see `curve`).

use super::calendar::{FIRST_DAY, LAST_DAY, day};
use super::periods::CAMPAIGN_DAYS;
use crate::domain::{Day, Timestamp};

const HOUR_MS: i64 = 3_600_000;
/// The activity of each hour of an ordinary day, from midnight on.
const HOURS: [f64; 24] = [
    0.12, 0.08, 0.06, 0.06, 0.08, 0.2, 0.5, 1.4, 2.2, 2.4, 2.2, 1.5, 0.9, 1.6, 2.3, 2.3, 2.0, 1.3,
    0.8, 0.9, 1.0, 0.8, 0.5, 0.25,
];
/// The activity of each hour of a phase's last day, when nobody goes home.
const LAST_HOURS: [f64; 24] = [
    0.2, 0.1, 0.1, 0.1, 0.1, 0.3, 0.6, 1.4, 2.2, 2.4, 2.2, 1.6, 1.2, 1.7, 2.3, 2.3, 2.2, 1.8, 1.7,
    2.2, 2.8, 3.2, 3.4, 3.0,
];
const RUSHES: [&str; 2] = ["2022-05-31", "2023-08-31"];
/// First and last day of Tết, and of the days around 30 April and 1 May.
const FREE: [[&str; 2]; 3] =
    [["2022-01-31", "2022-02-06"], ["2022-04-30", "2022-05-03"], ["2023-01-20", "2023-01-26"]];
const ON_FREE_DAYS: f64 = 0.15;
const ON_SATURDAYS: f64 = 0.5;
const ON_SUNDAYS: f64 = 0.3;
/// The factor for the days of the campaign.
const IN_CAMPAIGN: f64 = 1.5;

/// The sum of activity before any moment of the programme; it rises at every moment.
pub struct Activity {
    /// The level at the beginning of each day, and at the end of the last.
    levels: Vec<f64>,
    /// The share of the day before each hour: of ordinary days and of the last.
    hours: [[f64; 25]; 2],
    rushes: [Day; 2],
}

impl Activity {
    pub fn new() -> Self {
        let free = FREE.map(|[first, last]| day(first)..=day(last));
        let campaign = day(CAMPAIGN_DAYS[0])..=day(CAMPAIGN_DAYS[1]);
        let days = LAST_DAY.since(FIRST_DAY) + 1;
        let mut levels = vec![0.0];
        for number in 0..days {
            let today = FIRST_DAY.plus(number);
            // 1970-01-01 was a Thursday.
            let ease = match (today.0 + 4).rem_euclid(7) {
                _ if free.iter().any(|days| days.contains(&today)) => ON_FREE_DAYS,
                0 => ON_SUNDAYS,
                6 => ON_SATURDAYS,
                _ => 1.0,
            };
            let growth = f64::from(number + 1).powi(2);
            let effort = if campaign.contains(&today) { IN_CAMPAIGN } else { 1.0 };
            levels.push(levels[levels.len() - 1] + growth * ease * effort);
        }
        Self { levels, hours: [shares(&HOURS), shares(&LAST_HOURS)], rushes: RUSHES.map(day) }
    }

    /// The sum of activity before `at`: zero before the first day, and constant after the last.
    pub fn level(&self, at: Timestamp) -> f64 {
        let today = at.day();
        let number = today.since(FIRST_DAY);
        let Ok(place) = usize::try_from(number) else { return 0.0 };
        let Some(&end) = self.levels.get(place + 1) else { return self.end() };
        let passed = at.0 - today.start().0;
        let hour = usize::try_from(passed / HOUR_MS).unwrap_or(0).min(23);
        let hours = self.hours_of(today);
        let within = ratio(passed % HOUR_MS, HOUR_MS);
        let share = hours[hour] + (hours[hour + 1] - hours[hour]) * within;
        self.levels[place] + (end - self.levels[place]) * share
    }

    /// The last millisecond at which the sum of activity is at most `level`.
    pub fn moment(&self, level: f64) -> Timestamp {
        let place = self.levels.partition_point(|&start| start <= level);
        let place = place.clamp(1, self.levels.len() - 1) - 1;
        let today = FIRST_DAY.plus(i32::try_from(place).expect("a programme of some hundred days"));
        let (start, end) = (self.levels[place], self.levels[place + 1]);
        let share = ((level - start) / (end - start)).clamp(0.0, 1.0);
        let hours = self.hours_of(today);
        let hour = hours.partition_point(|&before| before <= share).clamp(1, 24) - 1;
        let within = (share - hours[hour]) / (hours[hour + 1] - hours[hour]);
        let hour = i64::try_from(hour).expect("one of 24");
        Timestamp(today.start().0 + hour * HOUR_MS + part_of(HOUR_MS, within))
    }

    pub fn end(&self) -> f64 {
        self.levels[self.levels.len() - 1]
    }

    fn hours_of(&self, today: Day) -> &[f64; 25] {
        &self.hours[usize::from(self.rushes.contains(&today))]
    }
}

fn shares(hours: &[f64; 24]) -> [f64; 25] {
    let whole: f64 = hours.iter().sum();
    let mut before = [0.0; 25];
    for (hour, part) in hours.iter().enumerate() {
        before[hour + 1] = before[hour] + part / whole;
    }
    before
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of an hour")]
fn ratio(part: i64, whole: i64) -> f64 {
    part as f64 / whole as f64
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "milliseconds of an hour"
)]
fn part_of(whole: i64, share: f64) -> i64 {
    ((whole as f64 * share) as i64).clamp(0, whole - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_leads_back_to_its_moment() {
        let activity = Activity::new();
        let mut rng = fastrand::Rng::with_seed(1);
        let (first, last) = (FIRST_DAY.start().0, LAST_DAY.plus(1).start().0);
        for _ in 0..10_000 {
            let at = rng.i64(first..last);
            let back = activity.moment(activity.level(Timestamp(at))).0;
            assert!((back - at).abs() <= 1, "{at} {back}");
        }
    }

    #[test]
    fn it_grows_from_the_first_moment_to_the_last() {
        let activity = Activity::new();
        let hours = i64::from(LAST_DAY.since(FIRST_DAY) + 1) * 24;
        let level = |hour| activity.level(Timestamp(FIRST_DAY.start().0 + hour * HOUR_MS));
        assert!((0..hours).all(|hour| level(hour) < level(hour + 1)));
        assert!(level(-1).abs() < f64::EPSILON && level(hours + 1) >= activity.end());
    }

    #[test]
    fn the_last_evening_is_a_rush() {
        let activity = Activity::new();
        let evening = |day: Day| {
            let at = |hour| activity.level(Timestamp(day.start().0 + hour * HOUR_MS));
            (at(24) - at(20)) / (at(24) - at(0))
        };
        assert!(evening(day("2022-05-31")) > 0.3);
        assert!(evening(day("2022-05-30")) < 0.12);
    }
}
