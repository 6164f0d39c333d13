//! Decimal numbers, exactly as they are written.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// The most digits after the point.
pub const PLACES_MAX: u8 = 9;
/// The greatest whole part.
pub const DECIMAL_MAX: i64 = 1_000_000_000_000_000;

/// A decimal number of 0 or more, with at most [`PLACES_MAX`] digits after the point: `digits` divided by ten as often
/// as there are `places`. Each number has one form, without zeros at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Decimal {
    digits: i64,
    places: u8,
}

/// The error for a text or a number that is no such decimal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no decimal number of 0 or more with at most {PLACES_MAX} digits after the point")]
pub struct NoDecimal(String);

impl Decimal {
    pub const ZERO: Self = Self { digits: 0, places: 0 };

    /// The decimal that a binary number was written as: the shortest text that gives the same number.
    ///
    /// # Errors
    /// When it is below 0, too large or too fine.
    pub fn of(number: f64) -> Result<Self, NoDecimal> {
        // A negative zero is written with its sign.
        if number == 0.0 { Ok(Self::ZERO) } else { number.to_string().parse() }
    }

    /// A whole number of 0 or more.
    pub const fn whole(number: i64) -> Self {
        Self { digits: number, places: 0 }
    }

    /// The binary number that is nearest.
    ///
    /// # Panics
    /// Never: its text is a number.
    pub fn nearest(self) -> f64 {
        self.to_string().parse().expect("digits with a point are a number")
    }

    /// The power of ten that the digits are divided by.
    const fn divisor(self) -> i128 {
        10i128.pow(self.places as u32)
    }

    /// The numerator and the denominator of the number as a fraction.
    pub const fn fraction(self) -> (i128, i128) {
        (self.digits as i128, self.divisor())
    }

    /// The sum of so few and so small numbers that it has room.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let places = self.places.max(other.places);
        let raised = |it: Self| {
            let factor = 10i64.pow(u32::from(places - it.places));
            it.digits.saturating_mul(factor)
        };
        Self { digits: raised(self).saturating_add(raised(other)), places }.in_one_form()
    }

    fn in_one_form(mut self) -> Self {
        while self.places > 0 && self.digits % 10 == 0 {
            self.digits /= 10;
            self.places -= 1;
        }
        self
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let (mine, theirs) = (self.fraction(), other.fraction());
        (mine.0 * theirs.1).cmp(&(theirs.0 * mine.1))
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.places == 0 {
            return write!(f, "{}", self.digits);
        }
        let divisor = 10i64.pow(u32::from(self.places));
        let width = usize::from(self.places);
        write!(f, "{}.{:0width$}", self.digits / divisor, self.digits % divisor)
    }
}

impl FromStr for Decimal {
    type Err = NoDecimal;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let none = || NoDecimal(text.to_owned());
        let (whole, after) = text.split_once('.').unwrap_or((text, ""));
        let is_written = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let places = u8::try_from(after.len()).map_err(|_| none())?;
        let is_number = !whole.is_empty() && is_written(whole) && is_written(after);
        if !is_number || places > PLACES_MAX || (text.contains('.') && after.is_empty()) {
            return Err(none());
        }
        let whole: i64 = whole.parse().map_err(|_| none())?;
        let after: i64 = if after.is_empty() { 0 } else { after.parse().map_err(|_| none())? };
        let digits = whole.checked_mul(10i64.pow(u32::from(places)));
        let digits = digits.and_then(|digits| digits.checked_add(after)).ok_or_else(none)?;
        if whole > DECIMAL_MAX {
            return Err(none());
        }
        Ok(Self { digits, places }.in_one_form())
    }
}

impl serde::Serialize for Decimal {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Decimal {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_taken_as_written() {
        for (number, text) in [
            (0.8, "0.8"),
            (0.1 + 0.2, ""),
            (0.3, "0.3"),
            (45.0, "45"),
            (0.799_67, "0.79967"),
            (1e15, "1000000000000000"),
            (1e-9, "0.000000001"),
            (-0.0, "0"),
            (1_000_000_000_000_001.0, ""),
            (1e-10, ""),
            (-1.0, ""),
            (f64::NAN, ""),
            (f64::INFINITY, ""),
        ] {
            let decimal = Decimal::of(number);
            match text {
                "" => assert!(decimal.is_err(), "{number}"),
                text => {
                    let decimal = decimal.unwrap();
                    assert_eq!(decimal.to_string(), text);
                    assert_eq!(decimal.nearest().to_bits(), number.abs().to_bits());
                    let json = serde_json::to_string(&decimal).unwrap();
                    assert_eq!(serde_json::from_str::<Decimal>(&json).unwrap(), decimal);
                }
            }
        }
        for text in ["", ".", "1.", ".5", "-1", "+1", "1e3", "0.1234567891", "x", "1.2.3"] {
            assert!(text.parse::<Decimal>().is_err(), "{text}");
        }
    }

    #[test]
    fn decimals_add_up_and_compare_exactly() {
        let of = |text: &str| text.parse::<Decimal>().unwrap();
        let sum = (0..10).fold(Decimal::ZERO, |sum, _| sum.plus(of("0.1")));
        assert_eq!(sum, of("1"));
        assert_eq!(of("0.10"), of("0.1"));
        assert!(of("0.79967") < of("0.8") && of("0.8") < of("30"));
        assert_eq!(of("29.55").plus(of("0.45")).to_string(), "30");
        assert_eq!(of("1.25").plus(of("0.5")).to_string(), "1.75");
    }
}
