//! The days of the programme.

use crate::domain::Day;

/// 8 January 2022: the first entries.
pub const FIRST_DAY: Day = Day(19_000);
/// 31 August 2023: the last published count is of the end of this day.
pub const LAST_DAY: Day = Day(19_600);

/// A day from a constant of the program.
pub fn day(text: &str) -> Day {
    Day::parse(text).expect("a day of the calendar")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_days_are_those_of_the_calendar() {
        assert_eq!((FIRST_DAY, LAST_DAY), (day("2022-01-08"), day("2023-08-31")));
    }
}
