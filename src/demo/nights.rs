//! Nights, when next to nothing happens: the demo's clock passes them ten times as fast as days.

use crate::domain::Timestamp;

/// The factor of nights.
pub const FASTER: u32 = 10;
const HOUR_MS: i64 = 3_600_000;
/// The hours at which a night ends and begins.
const MORNING: i64 = 6 * HOUR_MS;
const EVENING: i64 = 22 * HOUR_MS;

/// The speed of the clock at this moment, if by day it is `speed`.
pub fn speed_at(moment: Timestamp, speed: u32) -> u32 {
    let is_day = (MORNING..EVENING).contains(&since_midnight(moment));
    if is_day { speed } else { speed.saturating_mul(FASTER) }
}

/// The moment after this one at which the speed changes.
pub fn next_change(moment: Timestamp) -> Timestamp {
    let midnight = moment.day().start().0;
    let tomorrow = moment.day().plus(1).start().0;
    let changes = [midnight + MORNING, midnight + EVENING, tomorrow + MORNING];
    let next = changes.into_iter().find(|change| *change > moment.0);
    Timestamp(next.unwrap_or(tomorrow + MORNING))
}

fn since_midnight(moment: Timestamp) -> i64 {
    moment.0 - moment.day().start().0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::calendar::day;

    /// A day at 1440 times takes 40 seconds, and its night two.
    #[test]
    fn nights_pass_ten_times_as_fast() {
        let today = day("2022-04-26");
        let (mut moment, mut passed_ms) = (today.start(), 0);
        while moment < today.plus(1).start() {
            let next = next_change(moment).min(today.plus(1).start());
            passed_ms += (next.0 - moment.0) / i64::from(speed_at(moment, 1_440));
            moment = next;
        }
        assert_eq!(passed_ms, 42_000);
        let at = |hour| speed_at(Timestamp(today.start().0 + hour * HOUR_MS), 100);
        assert_eq!([0, 5, 6, 21, 22, 23].map(at), [1_000, 1_000, 100, 100, 1_000, 1_000]);
    }
}
