//! Moments (`Timestamp`) and calendar days (`Day`).
//!
//! A day begins and ends in Việt Nam (UTC+7, no daylight saving time since 1975), whatever the zone of the machine.

use jiff::{Timestamp as Instant, civil, tz::Offset};
use serde::{Deserialize, Serialize};

const DAY_MS: i64 = 86_400_000;
const VIETNAM_OFFSET_HOURS: i8 = 7;
const VIETNAM_OFFSET_MS: i64 = VIETNAM_OFFSET_HOURS as i64 * 3_600_000;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// A calendar day in Việt Nam, as days since 1970-01-01.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Day(pub i32);

/// A [`Day`] in two bytes, for what is kept of each initiative: from 1970-01-01 to 2149-06-06. An earlier day becomes the
/// first of these, a later one the last; no initiative is from before the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct ShortDay(u16);

/// The error for a text that is no day or moment in the schema's format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not {expected}")]
pub struct BadTime {
    text: String,
    expected: &'static str,
}

impl Timestamp {
    /// The calendar day in Việt Nam that contains this moment.
    pub fn day(self) -> Day {
        let days = (self.0 + VIETNAM_OFFSET_MS).div_euclid(DAY_MS);
        Day(i32::try_from(days).expect("a timestamp is within the years of a calendar"))
    }

    /// RFC 3339 with Việt Nam's offset and milliseconds: `2022-05-31T23:59:59.000+07:00`.
    pub fn to_rfc3339(self) -> String {
        let instant = Instant::from_millisecond(self.0).unwrap_or(Instant::UNIX_EPOCH);
        let local = Offset::constant(VIETNAM_OFFSET_HOURS).to_datetime(instant);
        format!("{local:.3}+07:00")
    }

    /// # Errors
    /// If the text is not RFC 3339 with an offset.
    pub fn parse(text: &str) -> Result<Self, BadTime> {
        text.parse::<Instant>().map(|t| Self(t.as_millisecond())).map_err(|_| BadTime {
            text: text.to_owned(),
            expected: "an RFC 3339 moment such as 2022-05-31T17:00:00+07:00",
        })
    }
}

impl From<Day> for ShortDay {
    fn from(day: Day) -> Self {
        Self(u16::try_from(day.0.max(0)).unwrap_or(u16::MAX))
    }
}

impl From<ShortDay> for Day {
    fn from(day: ShortDay) -> Self {
        Self(day.0.into())
    }
}

impl ShortDay {
    /// The day that is so many days after 1970-01-01.
    pub const fn of_number(number: u16) -> Self {
        Self(number)
    }

    /// Days since 1970-01-01.
    pub const fn number(self) -> u16 {
        self.0
    }
}

impl Day {
    /// The first day of an initiative: 1970-01-01.
    pub const FIRST: Self = Self(0);

    /// The moment at which the day begins: 00:00 in Việt Nam.
    pub const fn start(self) -> Timestamp {
        Timestamp(self.0 as i64 * DAY_MS - VIETNAM_OFFSET_MS)
    }

    #[must_use]
    pub const fn plus(self, days: i32) -> Self {
        Self(self.0 + days)
    }

    /// The number of days from `earlier` to this one; negative when this one is before it.
    pub const fn since(self, earlier: Self) -> i32 {
        self.0 - earlier.0
    }

    pub fn year(self) -> i16 {
        self.civil().year()
    }

    /// # Errors
    /// If the calendar has no such day.
    pub fn from_ymd(year: i16, month: i8, day: i8) -> Result<Self, BadTime> {
        civil::Date::new(year, month, day)
            .map(Self::from_civil)
            .map_err(|_| BadTime::day(&format!("{year}-{month}-{day}")))
    }

    /// # Errors
    /// If the text is not an ISO 8601 day.
    pub fn parse(text: &str) -> Result<Self, BadTime> {
        let shaped = text.len() == 10
            && text.bytes().enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if !shaped {
            return Err(BadTime::day(text));
        }
        text.parse::<civil::Date>().map(Self::from_civil).map_err(|_| BadTime::day(text))
    }

    fn from_civil(date: civil::Date) -> Self {
        let epoch = civil::date(1970, 1, 1);
        Self(epoch.until(date).map_or(0, |span| span.get_days()))
    }

    fn civil(self) -> civil::Date {
        use jiff::ToSpan as _;
        civil::date(1970, 1, 1).saturating_add(self.0.days())
    }
}

impl BadTime {
    fn day(text: &str) -> Self {
        Self { text: text.to_owned(), expected: "a day such as 2022-05-31" }
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.civil().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_turns_at_midnight_in_vietnam() {
        let last = Timestamp::parse("2022-05-31T16:59:59.999Z").unwrap();
        let first = Timestamp::parse("2022-05-31T17:00:00Z").unwrap();
        assert_eq!(last.day().to_string(), "2022-05-31");
        assert_eq!(first.day().to_string(), "2022-06-01");
        assert_eq!(first.day().start(), first);
        assert_eq!(first.to_rfc3339(), "2022-06-01T00:00:00.000+07:00");
    }

    #[test]
    fn days_are_read_strictly() {
        for bad in ["2022-5-31", "2022-02-30", "31/05/2022", "2022-05-31T00:00", "", "+022-05-31"] {
            assert!(Day::parse(bad).is_err(), "{bad}");
        }
        for good in ["2022-05-31", "1969-12-31", "2024-02-29", "0001-01-01", "9999-12-31"] {
            assert_eq!(Day::parse(good).unwrap().to_string(), good);
        }
        assert_eq!(Day::parse("1970-01-02").unwrap(), Day(1));
    }
}
