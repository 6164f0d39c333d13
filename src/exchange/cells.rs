//! The values of cells: each way of writing one that spreadsheets have is understood when it can
//! mean one thing alone, and refused when it cannot.

use std::str::FromStr;

use super::bad_lines::BadLine;
use super::columns::Header;
use super::row::Row;
use crate::domain::text::normalise;
use crate::domain::{Day, Patch, Timestamp};

/// Reads the cells of one row and gathers their faults.
pub struct Cells<'a> {
    header: &'a Header,
    row: Row<'a>,
    bad: Vec<BadLine>,
}

type Parse<T> = fn(&str) -> Result<T, String>;

impl<'a> Cells<'a> {
    /// The cells of a row under the columns of a header.
    pub const fn new(header: &'a Header, row: Row<'a>) -> Self {
        Self { header, row, bad: Vec::new() }
    }

    /// The text of the cell without white space around it; empty if there is none.
    pub fn raw(&self, column: &'static str) -> &'a str {
        self.header.cell(&self.row, column).unwrap_or_default().trim()
    }

    /// Notes a fault of a column's cell.
    pub fn refuse(&mut self, column: &'static str, why: impl Into<String>) {
        let bad = BadLine::at(self.row.line, column, self.raw(column), why);
        self.bad.push(bad);
    }

    /// One line of text.
    pub fn text(&self, column: &'static str) -> String {
        normalise(self.raw(column))
    }

    /// The text of a column, normalised; `None` when the cell is empty.
    pub fn maybe_text(&self, column: &'static str) -> Option<String> {
        Some(self.text(column)).filter(|text| !text.is_empty())
    }

    /// The text of the cell, for a command that parses it itself; it must not be empty.
    pub fn unread(&mut self, column: &'static str) -> String {
        let cell = self.raw(column);
        if cell.is_empty() {
            self.refuse(column, "must not be empty");
        }
        cell.to_owned()
    }

    /// The text of the cell, for a command that parses it itself.
    pub fn maybe_unread(&self, column: &'static str) -> Option<String> {
        Some(self.raw(column).to_owned()).filter(|text| !text.is_empty())
    }

    /// A code that must be there.
    pub fn code(&mut self, column: &'static str) -> String {
        let code = self.text(column);
        if code.is_empty() {
            self.refuse(column, "must not be empty");
        }
        code
    }

    /// `None` when the cell is empty, or wrong, which is noted.
    pub fn maybe<T>(&mut self, column: &'static str, parse: Parse<T>) -> Option<T> {
        let cell = normalise(self.raw(column));
        if cell.is_empty() {
            return None;
        }
        parse(&cell).map_err(|why| self.refuse(column, why)).ok()
    }

    /// Like [`Self::maybe`], for a cell that must not be empty.
    pub fn needed<T>(&mut self, column: &'static str, parse: Parse<T>) -> Option<T> {
        if self.raw(column).is_empty() {
            self.refuse(column, "must not be empty");
        }
        self.maybe(column, parse)
    }

    /// A missing column keeps the present value; an empty cell clears it.
    pub fn patch<T>(&mut self, column: &'static str, parse: Parse<T>) -> Patch<T> {
        if !self.header.has(column) {
            return Patch::Keep;
        }
        self.maybe(column, parse).map_or(Patch::Clear, Patch::Set)
    }

    /// The text of a column as a change: kept without the column, cleared by an empty cell.
    pub fn patch_text(&self, column: &'static str) -> Patch<String> {
        if !self.header.has(column) {
            return Patch::Keep;
        }
        self.maybe_text(column).map_or(Patch::Clear, Patch::Set)
    }

    /// The value that was read, unless a cell was at fault.
    pub fn finish<T>(self, value: T) -> Result<T, Vec<BadLine>> {
        if self.bad.is_empty() { Ok(value) } else { Err(self.bad) }
    }
}

/// A name of an enumeration, in any case, with spaces or hyphens for underscores.
pub fn name<T: FromStr + Named>(cell: &str) -> Result<T, String> {
    let name = cell.to_uppercase().replace([' ', '-'], "_");
    name.parse().map_err(|_| format!("is not {}; one of {}", T::WHAT, T::names().join(", ")))
}

/// An enumeration that a cell may name.
pub trait Named: Sized {
    /// The name of the type with its article: "a kind of unit".
    const WHAT: &'static str;
    fn names() -> Vec<&'static str>;
}

macro_rules! named {
    ($($name:path: $what:literal),+ $(,)?) => {
        $(impl Named for $name {
            const WHAT: &'static str = $what;
            fn names() -> Vec<&'static str> {
                Self::ALL.iter().map(|it| it.as_str()).collect()
            }
        })+
    };
}
named! {
    crate::domain::unit::UnitKind: "a kind of unit",
    crate::domain::unit::Sector: "a sector",
    crate::domain::period::PeriodKind: "a kind of period",
    crate::domain::period::Metric: "what a target counts",
    crate::domain::target::TargetOrigin: "an origin of a target",
    crate::domain::initiative::InitiativeKind: "a kind of initiative",
    crate::domain::InitiativeStatus: "a status",
    crate::domain::initiative::RejectionReason: "a reason of rejection",
    crate::domain::initiative::AuthorGroup: "a group of authors",
}

/// A cell of yes or no.
///
/// # Errors
/// The reason why it is neither.
pub fn flag(cell: &str) -> Result<bool, String> {
    match cell.to_lowercase().as_str() {
        "true" | "1" | "có" | "co" | "yes" | "đúng" => Ok(true),
        "false" | "0" | "không" | "khong" | "no" | "sai" => Ok(false),
        _ => Err("is neither true nor false: write TRUE or FALSE, 1 or 0, có or không".to_owned()),
    }
}

/// A whole number without separators. `12.0` and `12,00` are 12: behind a separator of thousands
/// there are three digits.
pub fn whole(cell: &str) -> Result<i64, String> {
    let (head, rest) = cell.split_at(cell.find(['.', ',']).unwrap_or(cell.len()));
    let no_fraction = matches!(rest.get(1..).unwrap_or(""), "" | "0" | "00");
    let (sign, digits) = head.strip_prefix('-').map_or(("", head), |digits| ("-", digits));
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && no_fraction && rest.len() != 1 {
        return format!("{sign}{digits}").parse().map_err(|_| "is too large".to_owned());
    }
    let has_digits = cell.bytes().any(|byte| byte.is_ascii_digit());
    let only =
        |extra: &str| cell.chars().all(|c| c.is_ascii_digit() || extra.contains(c)) && has_digits;
    Err(if only("eE+-.,") && cell.contains(['e', 'E']) {
        "was shortened by a spreadsheet, digits may be lost: format the column as a number \
         without decimals and save again"
    } else if only("., '’-") {
        "is not a whole number without separators: whether a point or a comma parts thousands or \
         decimals cannot be told; write 1234567"
    } else {
        "is not a whole number"
    }
    .to_owned())
}

/// A cell of a whole number from 0 on.
///
/// # Errors
/// The reason why it is none.
pub fn count(cell: &str) -> Result<i32, String> {
    let number = whole(cell)?;
    if number < 0 {
        return Err("must be at least 0".to_owned());
    }
    i32::try_from(number).map_err(|_| format!("must be at most {}", i32::MAX))
}

/// Per cent, with or without its sign; decimals behind a point, or one or two behind a comma.
pub fn percent(cell: &str) -> Result<f64, String> {
    let number = cell.strip_suffix('%').unwrap_or(cell).trim_end();
    let (whole, decimals) = number.split_once(['.', ',']).unwrap_or((number, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_clear = number.contains('.') || decimals.len() < 3;
    if !digits(whole) || !digits(decimals) || !is_clear {
        return Err("is not a share in per cent such as 8 or 8.5".to_owned());
    }
    let number: f64 = format!("{whole}.{decimals}").parse().map_err(|_| "is no number")?;
    Ok(number)
}

/// `2022-05-31`, or day, month and year where the first number cannot be the month.
pub fn day(cell: &str) -> Result<Day, String> {
    let (day, rest) = leading_day(cell)?;
    match rest.trim_start_matches(['T', ' ']) {
        "" | "00:00" | "00:00:00" | "0:00" | "0:00:00" => Ok(day),
        _ => Err("is a day with a time; write the day alone, as 2022-05-31".to_owned()),
    }
}

/// RFC 3339; or a day with or without a time, which is Việt Nam's.
pub fn moment(cell: &str) -> Result<Timestamp, String> {
    if let Ok(moment) = Timestamp::parse(cell) {
        return Ok(moment);
    }
    let (day, rest) =
        leading_day(cell).map_err(|why| if why == NO_DAY { NO_MOMENT.to_owned() } else { why })?;
    let time = rest.trim_start_matches(['T', ' ']);
    if time.is_empty() {
        return Ok(day.start());
    }
    let mut parts = time.split(':').map(|part| {
        let is_short = (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        if is_short { part.parse::<i64>().ok() } else { None }
    });
    let mut next = |below: i64| parts.next().map(|part| part.filter(|&part| part < below));
    let (hours, minutes, seconds) = (next(24).flatten(), next(60).flatten(), next(60));
    match (hours, minutes, seconds.unwrap_or(Some(0)), parts.next()) {
        (Some(hours), Some(minutes), Some(seconds), None) => {
            Ok(Timestamp(day.start().0 + ((hours * 60 + minutes) * 60 + seconds) * 1_000))
        }
        _ => Err(NO_MOMENT.to_owned()),
    }
}

const NO_DAY: &str = "is not a day such as 2022-05-31";
const NO_MOMENT: &str = "is not a moment such as 2022-05-31T17:00:00+07:00 or 2022-05-31 17:00";

/// The day at the beginning of the cell, and the text behind it.
fn leading_day(cell: &str) -> Result<(Day, &str), String> {
    let end = cell.find(['T', ' ']).unwrap_or(cell.len());
    let (text, rest) = cell.split_at(end);
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    let numbers: Option<Vec<i16>> = parts
        .iter()
        .map(|part| part.parse().ok().filter(|_| part.bytes().all(|byte| byte.is_ascii_digit())))
        .collect();
    let (Some(numbers), [one, two, three]) = (numbers, parts.as_slice()) else {
        return Err(NO_DAY.to_owned());
    };
    let make = |year: i16, month: i16, day: i16| {
        let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
        Day::from_ymd(year, month, day).ok()
    };
    let found = if one.len() == 4 && two.len() <= 2 && three.len() <= 2 {
        make(numbers[0], numbers[1], numbers[2])
    } else if one.len() <= 2 && two.len() <= 2 && three.len() == 4 {
        let year = numbers[2];
        let (day_first, month_first) =
            (make(year, numbers[1], numbers[0]), make(year, numbers[0], numbers[1]));
        if let (Some(day_first), Some(month_first)) = (day_first, month_first)
            && day_first != month_first
        {
            return Err(format!(
                "may be {day_first} or {month_first}: write the year first, as {day_first}"
            ));
        }
        day_first.or(month_first)
    } else {
        None
    };
    found.map(|day| (day, rest)).ok_or_else(|| NO_DAY.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::unit::UnitKind;

    #[test]
    fn whole_numbers_are_read_or_named() {
        for (cell, number) in [
            ("0", 0),
            ("800000", 800_000),
            ("-3", -3),
            ("007", 7),
            ("12.0", 12),
            ("12.00", 12),
            ("12,0", 12),
        ] {
            assert_eq!(whole(cell), Ok(number), "{cell}");
        }
        for (cell, why) in [
            ("1.234", "is not a whole number without separators"),
            ("1,234,567", "is not a whole number without separators"),
            ("1 234", "is not a whole number without separators"),
            ("12.5", "is not a whole number without separators"),
            ("12.", "is not a whole number without separators"),
            ("1e3", "was shortened by a spreadsheet"),
            ("1,23E+12", "was shortened by a spreadsheet"),
            ("99999999999999999999", "is too large"),
            ("một", "is not a whole number"),
            ("-", "is not a whole number"),
            (".", "is not a whole number"),
            ("3x", "is not a whole number"),
        ] {
            let said = whole(cell).unwrap_err();
            assert!(said.starts_with(why), "{cell}: {said}");
        }
        assert_eq!(count("-1").unwrap_err(), "must be at least 0");
        assert_eq!(count("2147483648").unwrap_err(), "must be at most 2147483647");
    }

    #[test]
    fn shares_are_read_or_named() {
        for (cell, number) in
            [("8", 8.0), ("8.5", 8.5), ("8,5", 8.5), ("8.125", 8.125), ("10%", 10.0), ("8 %", 8.0)]
        {
            assert_eq!(percent(cell), Ok(number), "{cell}");
        }
        for cell in ["8,125", "-1", "inf", "NaN", "8.", ".5", "1e1", "8.5.1", "%", ""] {
            assert!(percent(cell).is_err(), "{cell}");
        }
    }

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
            assert_eq!(day(cell), Ok(expected), "{cell}");
        }
        assert_eq!(day("06/06/2022"), Day::parse("2022-06-06").map_err(|_| String::new()));
        assert_eq!(
            day("05/06/2022").unwrap_err(),
            "may be 2022-06-05 or 2022-05-06: write the year first, as 2022-06-05"
        );
        for cell in
            ["", "31/05/22", "2022-02-30", "5/2022", "44712", "tháng 5", "2022-05-31-1", "//"]
        {
            assert_eq!(day(cell).unwrap_err(), NO_DAY, "{cell}");
        }
        assert!(day("2022-05-31 17:00").unwrap_err().starts_with("is a day with a time"));
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
            assert_eq!(moment(cell).unwrap().to_rfc3339(), rfc, "{cell}");
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
            assert_eq!(moment(cell).unwrap_err(), NO_MOMENT, "{cell}");
        }
        assert!(moment("05/06/2022 17:00").unwrap_err().starts_with("may be 2022-06-05 or"));
    }

    #[test]
    fn names_and_flags_are_read_or_named() {
        assert_eq!(name("grassroots union"), Ok(UnitKind::GrassrootsUnion));
        let said = name::<UnitKind>("Tỉnh").unwrap_err();
        assert!(said.starts_with("is not a kind of unit; one of CONFEDERATION, PROV"), "{said}");
        for (cell, truth) in [("TRUE", true), ("Có", true), ("0", false), ("KHÔNG", false)] {
            assert_eq!(flag(cell), Ok(truth), "{cell}");
        }
        assert!(flag("x").is_err());
    }
}
