//! Days and moments as spreadsheets write them. Whether day or month stands first is told by the other cells of the column,
//! or by the person who imports.

use super::why::Why;
use crate::domain::{Day, Timestamp};

/// The number that stands first in a day that ends with its year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum DateOrder {
    /// 31/05/2022.
    Dmy,
    /// 05/31/2022.
    Mdy,
}

/// The order of days that the cells of one column tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Evidence {
    is_dmy: bool,
    is_mdy: bool,
}

impl Evidence {
    /// Takes a cell into account that allows one reading alone.
    pub fn add(&mut self, cell: &str) {
        let Ok((Parts::YearLast(readings), _)) = leading_parts(cell.trim()) else { return };
        match readings {
            Readings { dmy: Some(_), mdy: None } => self.is_dmy = true,
            Readings { dmy: None, mdy: Some(_) } => self.is_mdy = true,
            _ => {}
        }
    }

    /// The order, unless no cell tells, or cells tell both.
    pub const fn order(self) -> Option<DateOrder> {
        match (self.is_dmy, self.is_mdy) {
            (true, false) => Some(DateOrder::Dmy),
            (false, true) => Some(DateOrder::Mdy),
            _ => None,
        }
    }
}

/// `2022-05-31`; day, month and year in the order of the column; or the number that Excel has for a day.
///
/// # Errors
/// The reason why it is no day.
pub fn day(cell: &str, order: Option<DateOrder>) -> Result<Day, Why> {
    if let Some((day, 0)) = serial(cell) {
        return Ok(day);
    }
    let (day, rest) = leading_day(cell, order)?;
    match rest.trim_start_matches(['T', ' ']) {
        "" | "00:00" | "00:00:00" | "0:00" | "0:00:00" => Ok(day),
        _ => Err(Why::DayWithTime),
    }
}

/// RFC 3339; or a day with or without a time, which is Việt Nam's.
///
/// # Errors
/// The reason why it is no moment.
pub fn moment(cell: &str, order: Option<DateOrder>) -> Result<Timestamp, Why> {
    if let Ok(moment) = Timestamp::parse(cell) {
        return Ok(moment);
    }
    if let Some((day, millis)) = serial(cell) {
        return Ok(Timestamp(day.start().0 + millis));
    }
    let (day, rest) = leading_day(cell, order)
        .map_err(|why| if why == Why::NotADay { Why::NotAMoment } else { why })?;
    let time = rest.trim_start_matches(['T', ' ']);
    if time.is_empty() {
        return Ok(day.start());
    }
    let millis = millis_of(time).ok_or(Why::NotAMoment)?;
    Ok(Timestamp(day.start().0 + millis))
}

/// The milliseconds of `17:00`, `17:00:05` or `17:00:05.250`.
fn millis_of(time: &str) -> Option<i64> {
    let (clock, fraction) = match time.split_once('.') {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (time, None),
    };
    let digits = |text: &str, most: usize| {
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        (is_number && (1..=most).contains(&text.len())).then(|| text.to_owned())
    };
    let part = |text: &str| digits(text, 2)?.parse::<i64>().ok();
    let parts: Vec<i64> = clock.split(':').map(part).collect::<Option<_>>()?;
    let (hours, minutes, seconds) = match parts[..] {
        [hours, minutes] if fraction.is_none() => (hours, minutes, 0),
        [hours, minutes, seconds] => (hours, minutes, seconds),
        _ => return None,
    };
    let millis = match fraction {
        Some(fraction) => format!("{:0<3}", digits(fraction, 3)?).parse().ok()?,
        None => 0,
    };
    let is_time = hours < 24 && minutes < 60 && seconds < 60;
    is_time.then_some(((hours * 60 + minutes) * 60 + seconds) * 1_000 + millis)
}

/// Days of other years are mistyped, or a program's word for nothing.
const YEARS: std::ops::Range<i16> = 1900..2100;

/// Excel's number of 1970-01-01, of 2000-01-01, and of the first day behind 2099.
const SERIAL_OF_1970: i32 = 25_569;
const SERIALS: std::ops::Range<i32> = 36_526..73_051;
const DAY_MILLIS: f64 = 86_400_000.0;

/// The day and the milliseconds in it that Excel has this number for, if it lies in this century.
fn serial(cell: &str) -> Option<(Day, i64)> {
    let (whole, fraction) = cell.split_once(['.', ',']).unwrap_or((cell, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() != 5 || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let number: i32 = whole.parse().ok().filter(|number| SERIALS.contains(number))?;
    let fraction: f64 = format!("0.{fraction}").parse().ok()?;
    // Below one day, so it fits.
    #[expect(clippy::cast_possible_truncation, reason = "it is at most the milliseconds of a day")]
    let millis = (fraction * DAY_MILLIS).round() as i64;
    Some((Day(number - SERIAL_OF_1970), millis))
}

/// The day at the beginning of a cell.
enum Parts {
    YearFirst(Option<Day>),
    YearLast(Readings),
}

/// The days that a cell can mean by either order.
struct Readings {
    dmy: Option<Day>,
    mdy: Option<Day>,
}

/// The day at the beginning of the cell, and the text behind it.
fn leading_day(cell: &str, order: Option<DateOrder>) -> Result<(Day, &str), Why> {
    let (parts, rest) = leading_parts(cell)?;
    let day = match parts {
        Parts::YearFirst(day) => day,
        Parts::YearLast(Readings { dmy, mdy }) => match order {
            Some(DateOrder::Dmy) => dmy,
            Some(DateOrder::Mdy) => mdy,
            None => match (dmy, mdy) {
                (Some(dmy), Some(mdy)) if dmy != mdy => {
                    return Err(Why::TwoDays { dmy, mdy });
                }
                (dmy, mdy) => dmy.or(mdy),
            },
        },
    };
    day.map(|day| (day, rest)).ok_or(Why::NotADay)
}

fn leading_parts(cell: &str) -> Result<(Parts, &str), Why> {
    let end = cell.find(['T', ' ']).unwrap_or(cell.len());
    let (text, rest) = cell.split_at(end);
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    let numbers: Option<Vec<i16>> = parts
        .iter()
        .map(|part| part.parse().ok().filter(|_| part.bytes().all(|byte| byte.is_ascii_digit())))
        .collect();
    let (Some(numbers), [one, two, three]) = (numbers, parts.as_slice()) else {
        return Err(Why::NotADay);
    };
    let make = |year: i16, month: i16, day: i16| {
        if !YEARS.contains(&year) {
            return None;
        }
        let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
        Day::from_ymd(year, month, day).ok()
    };
    if one.len() == 4 && two.len() <= 2 && three.len() <= 2 {
        Ok((Parts::YearFirst(make(numbers[0], numbers[1], numbers[2])), rest))
    } else if one.len() <= 2 && two.len() <= 2 && three.len() == 4 {
        let dmy = make(numbers[2], numbers[1], numbers[0]);
        let mdy = make(numbers[2], numbers[0], numbers[1]);
        Ok((Parts::YearLast(Readings { dmy, mdy }), rest))
    } else {
        Err(Why::NotADay)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_or_named() {
        let expected = Day::parse("2022-05-31").unwrap();
        for cell in [
            "2022-05-31",
            "2022/5/31",
            "31/05/2022",
            "31-5-2022",
            "31.05.2022",
            "05/31/2022",
            "2022-05-31 00:00:00",
            "2022-05-31T00:00",
        ] {
            assert_eq!(day(cell, None), Ok(expected), "{cell}");
        }
        assert_eq!(day("06/06/2022", None).ok(), Day::parse("2022-06-06").ok());
        assert_eq!(
            day("05/06/2022", None),
            Err(Why::TwoDays {
                dmy: Day::parse("2022-06-05").unwrap(),
                mdy: Day::parse("2022-05-06").unwrap()
            })
        );
        for cell in ["", "31/05/22", "2022-02-30", "5/2022", "tháng 5", "2022-05-31-1", "//"] {
            assert_eq!(day(cell, None).unwrap_err(), Why::NotADay, "{cell}");
        }
        assert_eq!(day("2022-05-31 17:00", None), Err(Why::DayWithTime));
    }

    #[test]
    fn moments_are_read_or_named() {
        for (cell, rfc) in [
            ("2022-05-31T17:00:00+07:00", "2022-05-31T17:00:00.000+07:00"),
            ("2022-05-31T10:00:00Z", "2022-05-31T17:00:00.000+07:00"),
            ("2022-05-31T17:00:00.123+07:00", "2022-05-31T17:00:00.123+07:00"),
            ("2022-05-31 17:00", "2022-05-31T17:00:00.000+07:00"),
            ("2022-05-31 7:05:09", "2022-05-31T07:05:09.000+07:00"),
            ("31/05/2022 17:00", "2022-05-31T17:00:00.000+07:00"),
            ("2022-05-31", "2022-05-31T00:00:00.000+07:00"),
        ] {
            assert_eq!(moment(cell, None).unwrap().to_rfc3339(), rfc, "{cell}");
        }
        for cell in [
            "2022-05-31 24:00",
            "2022-05-31 17",
            "2022-05-31 17:60",
            "2022-05-31 17:00:00:00",
            "2022-05-31 5:00 PM",
            "2022-05-31 +1:00",
            "hôm qua",
        ] {
            assert_eq!(moment(cell, None).unwrap_err(), Why::NotAMoment, "{cell}");
        }
        assert!(matches!(moment("05/06/2022 17:00", None), Err(Why::TwoDays { .. })));
    }

    #[test]
    fn the_column_tells_the_order() {
        use DateOrder::{Dmy, Mdy};
        for (cells, order) in [
            (&["05/06/2022", "31/05/2022"][..], Some(Dmy)),
            (&["05/06/2022", "05/31/2022 17:00"], Some(Mdy)),
            (&["31/05/2022", "05/31/2022"], None),
            (&["05/06/2022", "06/06/2022", "2022-05-31", "44712", "x", ""], None),
            (&[" 31-5-2022 "], Some(Dmy)),
        ] {
            let mut evidence = Evidence::default();
            cells.iter().for_each(|cell| evidence.add(cell));
            assert_eq!(evidence.order(), order, "{cells:?}");
        }
        let [june, may] = ["2022-06-05", "2022-05-06"].map(|it| Day::parse(it).unwrap());
        assert_eq!(day("05/06/2022", Some(Dmy)), Ok(june));
        assert_eq!(day("05/06/2022", Some(Mdy)), Ok(may));
        assert_eq!(day("05/31/2022", Some(Dmy)).unwrap_err(), Why::NotADay);
        assert_eq!(moment("05/06/2022 7:30", Some(Mdy)).unwrap().day(), may);
    }

    #[test]
    fn numbers_of_excel_are_days_of_this_century() {
        assert_eq!(day("44712", None), Ok(Day::parse("2022-05-31").unwrap()));
        assert_eq!(day("44712.0", None), Ok(Day::parse("2022-05-31").unwrap()));
        for cell in ["44712.5", "36525", "73051", "1", "447120", "4471"] {
            assert!(day(cell, None).is_err(), "{cell}");
        }
        for (cell, rfc) in [
            ("44712", "2022-05-31T00:00:00.000+07:00"),
            ("44712.7083333333", "2022-05-31T17:00:00.000+07:00"),
            ("44712,5", "2022-05-31T12:00:00.000+07:00"),
        ] {
            assert_eq!(moment(cell, None).unwrap().to_rfc3339(), rfc, "{cell}");
        }
    }
}
