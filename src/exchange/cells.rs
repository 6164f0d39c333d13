//! The values of cells: each way of writing one that spreadsheets have is understood when it can
//! mean one thing alone, and refused when it cannot.

use std::borrow::Cow;
use std::str::FromStr;

use super::bad_lines::BadLine;
use super::columns::Header;
use super::damage;
use super::dates;
use super::row::Row;
use super::vietnamese;
use super::why::{NotOneOf, Why};
use super::wrapped;
use crate::domain::text::normalise;
use crate::domain::{Day, Patch, Problem, Timestamp};
use crate::messages::labels::{self, Both};

/// Reads the cells of one row and gathers their faults.
pub struct Cells<'a> {
    header: &'a Header,
    row: Row<'a>,
    bad: Vec<BadLine>,
}

impl<'a> Cells<'a> {
    /// The cells of a row under the columns of a header.
    pub const fn new(header: &'a Header, row: Row<'a>) -> Self {
        Self { header, row, bad: Vec::new() }
    }

    /// The text of the cell without white space around it, nor the formula that keeps Excel from changing it; empty if there
    /// is none.
    pub fn raw(&self, column: &'static str) -> Cow<'a, str> {
        wrapped::unwrap(self.header.cell(&self.row, column).unwrap_or_default().trim())
    }

    /// Notes a fault of a column's cell.
    pub fn refuse(&mut self, column: &'static str, why: Why) {
        let bad = BadLine::at(self.row.line, column, &self.raw(column), why);
        self.bad.push(bad);
    }

    /// One line of text.
    pub fn text(&self, column: &'static str) -> String {
        normalise(&self.raw(column))
    }

    /// The text of a column, normalised; `None` when the cell is empty.
    pub fn maybe_text(&self, column: &'static str) -> Option<String> {
        Some(self.text(column)).filter(|text| !text.is_empty())
    }

    /// The text of the cell, for a command that parses it itself; it must not be empty.
    pub fn unread(&mut self, column: &'static str) -> String {
        let cell = self.raw(column);
        if cell.is_empty() {
            self.refuse(column, Problem::Empty.into());
        }
        cell.into_owned()
    }

    /// The text of the cell, for a command that parses it itself.
    pub fn maybe_unread(&self, column: &'static str) -> Option<String> {
        Some(self.raw(column).into_owned()).filter(|text| !text.is_empty())
    }

    /// A code that must be there.
    pub fn code(&mut self, column: &'static str) -> String {
        let code = self.text(column);
        if code.is_empty() {
            self.refuse(column, Problem::Empty.into());
        }
        code
    }

    /// `None` when the cell is empty, or wrong, which is noted.
    pub fn maybe<T>(
        &mut self,
        column: &'static str,
        parse: impl Fn(&str) -> Result<T, Why>,
    ) -> Option<T> {
        let cell = normalise(&self.raw(column));
        if cell.is_empty() {
            return None;
        }
        parse(&cell).map_err(|why| self.refuse(column, why)).ok()
    }

    /// Like [`Self::maybe`], for a cell that must not be empty.
    pub fn needed<T>(
        &mut self,
        column: &'static str,
        parse: impl Fn(&str) -> Result<T, Why>,
    ) -> Option<T> {
        if self.raw(column).is_empty() {
            self.refuse(column, Problem::Empty.into());
        }
        self.maybe(column, parse)
    }

    /// A missing column keeps the present value; an empty cell clears it.
    pub fn patch<T>(
        &mut self,
        column: &'static str,
        parse: impl Fn(&str) -> Result<T, Why>,
    ) -> Patch<T> {
        if !self.header.has(column) {
            return Patch::Keep;
        }
        self.maybe(column, parse).map_or(Patch::Clear, Patch::Set)
    }

    /// Reads a day in the order of its column.
    pub fn day(&self, column: &'static str) -> impl Fn(&str) -> Result<Day, Why> + use<> {
        let order = self.header.order(column);
        move |cell| dates::day(cell, order)
    }

    /// Reads a moment in the order of its column.
    pub fn moment(&self, column: &'static str) -> impl Fn(&str) -> Result<Timestamp, Why> + use<> {
        let order = self.header.order(column);
        move |cell| dates::moment(cell, order)
    }

    /// The text of a column as a change: kept without the column, cleared by an empty cell.
    pub fn patch_text(&self, column: &'static str) -> Patch<String> {
        if !self.header.has(column) {
            return Patch::Keep;
        }
        self.maybe_text(column).map_or(Patch::Clear, Patch::Set)
    }

    /// The value that was read, unless a cell was at fault. Damage is the one fault of its cell, whatever else is wrong.
    pub fn finish<T>(mut self, value: T) -> Result<T, Vec<BadLine>> {
        for (place, column) in self.header.columns() {
            let cell = self.row.cell(place);
            if let Some(why) =
                damage::of(column, &wrapped::unwrap(cell)).filter(|_| !self.header.is_trusted)
            {
                self.bad.retain(|bad| bad.column != Some(column));
                self.refuse(column, why);
            }
        }
        if self.bad.is_empty() { Ok(value) } else { Err(self.bad) }
    }
}

/// A name of an enumeration, in any case, with spaces or hyphens for underscores; or one of its terms in Vietnamese.
pub fn name<T: FromStr + Named>(cell: &str) -> Result<T, Why> {
    let name = cell.to_uppercase().replace([' ', '-'], "_");
    if let Some(value) = name.parse().ok().or_else(|| vietnamese::value(T::TERMS, cell)) {
        return Ok(value);
    }
    let all = T::all().iter().map(|it| it.written()).collect();
    let nearest = nearest::<T>(cell).map(T::written);
    Err(Why::NotOneOf(Box::new(NotOneOf { what: T::WHAT, nearest, all })))
}

/// The value whose term is most like the cell, if one is.
fn nearest<T: Named>(cell: &str) -> Option<T> {
    // Two kinds of union are not alike for beginning with the same words.
    let own = |term: &str| {
        let rest =
            term.strip_prefix("cong doan ").or_else(|| term.strip_prefix("lien doan lao dong "));
        rest.unwrap_or(term).to_owned()
    };
    let cell = own(&vietnamese::term(cell));
    let likeness = |term: &str| strsim::normalized_damerau_levenshtein(&own(term), &cell);
    let terms =
        T::TERMS.iter().flat_map(|(value, terms)| terms.iter().map(move |term| (*term, *value)));
    let all = terms.map(|(term, value)| (likeness(term), value));
    let names = T::all().iter().map(|it| (likeness(&vietnamese::term(it.written().0)), *it));
    let nearest = all.chain(names).max_by(|one, other| one.0.total_cmp(&other.0));
    nearest.filter(|(likeness, _)| *likeness >= 0.7).map(|(_, value)| value)
}

/// An enumeration that a cell may name.
pub trait Named: Sized + Copy + 'static {
    /// The name of the type: with its article, "a kind of unit", and in Vietnamese.
    const WHAT: Both;
    const TERMS: vietnamese::Terms<Self>;
    fn all() -> &'static [Self];
    /// The texts that a cell may have for it: its name, and its term in Vietnamese.
    fn written(self) -> Both;
}

macro_rules! named {
    ($($name:path: $columns:expr, $what:literal, $vietnamese:literal, $terms:ident, $label:ident);+ $(;)?) => {
        $(impl Named for $name {
            const WHAT: Both = ($what, $vietnamese);
            const TERMS: vietnamese::Terms<Self> = vietnamese::$terms;
            fn all() -> &'static [Self] {
                Self::ALL
            }
            fn written(self) -> Both {
                (self.as_str(), labels::$label(self).1)
            }
        })+

        /// The term in Vietnamese of a value, by its name, in a column of such values; `None` for another text.
        pub fn term(column: &str, name: &str) -> Option<&'static str> {
            $(if $columns.contains(&column) && let Ok(value) = name.parse::<$name>() {
                return Some(value.written().1);
            })+
            None
        }

        #[cfg(test)]
        fn each_term_is_taken() {
            $(for value in <$name>::ALL {
                assert_eq!(super::cells::name::<$name>(value.written().1), Ok(*value));
            })+
        }
    };
}
named! {
    crate::domain::unit::UnitKind: ["kind"], "a kind of unit", "loại đơn vị", UNIT_KINDS, of_unit_kind;
    crate::domain::unit::Sector: ["sector"], "a sector", "khu vực", SECTORS, of_sector;
    crate::domain::period::PeriodKind: ["kind"], "a kind of period", "loại đợt thi đua", PERIOD_KINDS, of_period_kind;
    crate::domain::period::Metric: ["metric"], "what a target counts", "nội dung chỉ tiêu", METRICS, of_metric;
    crate::domain::target::TargetOrigin: ["origin"], "an origin of a target", "nguồn chỉ tiêu", ORIGINS, of_origin;
    crate::domain::initiative::InitiativeKind: ["kind"], "a kind of initiative", "loại sáng kiến", INITIATIVE_KINDS, of_initiative_kind;
    crate::domain::InitiativeStatus: ["status"], "a status", "trạng thái", STATUSES, of_status;
    crate::domain::initiative::RejectionReason: ["rejection_reason"], "a reason of rejection", "lý do không hợp lệ", REJECTION_REASONS, of_rejection_reason;
    crate::domain::initiative::AuthorGroup: ["group", "author_group"], "a group of authors", "nhóm tác giả", AUTHOR_GROUPS, of_author_group;
}

/// A cell of yes or no.
///
/// # Errors
/// The reason why it is neither.
pub fn flag(cell: &str) -> Result<bool, Why> {
    match cell.to_lowercase().as_str() {
        "true" | "1" | "có" | "co" | "yes" | "đúng" | "dung" | "x" => Ok(true),
        "false" | "0" | "không" | "khong" | "no" | "sai" => Ok(false),
        _ => Err(Why::NotAFlag),
    }
}

/// A whole number without separators. `12.0` and `12,00` are 12: behind a separator of thousands
/// there are three digits.
pub fn whole(cell: &str) -> Result<i64, Why> {
    let (head, rest) = cell.split_at(cell.find(['.', ',']).unwrap_or(cell.len()));
    let no_fraction = matches!(rest.get(1..).unwrap_or(""), "" | "0" | "00");
    let (sign, digits) = head.strip_prefix('-').map_or(("", head), |digits| ("-", digits));
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && no_fraction && rest.len() != 1 {
        return format!("{sign}{digits}").parse().map_err(|_| Why::NumberTooLarge);
    }
    let has_digits = cell.bytes().any(|byte| byte.is_ascii_digit());
    let only =
        |extra: &str| cell.chars().all(|c| c.is_ascii_digit() || extra.contains(c)) && has_digits;
    Err(if only("eE+-.,") && cell.contains(['e', 'E']) {
        Why::NumberShortened
    } else if only("., '’-") && !cell.trim_start_matches('-').contains('-') {
        Why::NumberSeparated
    } else {
        Why::NotANumber
    })
}

/// A cell of a whole number from 0 on.
///
/// # Errors
/// The reason why it is none.
pub fn count(cell: &str) -> Result<i32, Why> {
    let number = whole(cell)?;
    if number < 0 {
        return Err(Problem::TooSmall { min: 0 }.into());
    }
    i32::try_from(number).map_err(|_| Problem::TooLarge { max: i32::MAX.into() }.into())
}

/// Per cent, with or without its sign; decimals behind a point, or one or two behind a comma.
pub fn percent(cell: &str) -> Result<f64, Why> {
    let number = cell.strip_suffix('%').unwrap_or(cell).trim_end();
    let (whole, decimals) = number.split_once(['.', ',']).unwrap_or((number, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_clear = number.contains('.') || decimals.len() < 3;
    if !digits(whole) || !digits(decimals) || !is_clear {
        return Err(Why::NotAShare);
    }
    format!("{whole}.{decimals}").parse().map_err(|_| Why::NotAShare)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Language;
    use crate::domain::unit::UnitKind;

    fn english(why: &Why) -> String {
        why.text(Language::English)
    }

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
            ("2023-03-15", "is not a whole number"),
            ("12-3", "is not a whole number"),
        ] {
            let said = english(&whole(cell).unwrap_err());
            assert!(said.starts_with(why), "{cell}: {said}");
        }
        assert_eq!(english(&count("-1").unwrap_err()), "must be at least 0");
        assert_eq!(english(&count("2147483648").unwrap_err()), "must be at most 2147483647");
    }

    /// A fault lists them as what may be written.
    #[test]
    fn terms_that_are_listed_are_taken() {
        each_term_is_taken();
        assert_eq!(term("kind", "SECTION"), Some("Công đoàn bộ phận, tổ công đoàn"));
        assert_eq!(term("kind", "Section"), None);
        assert_eq!(term("author_group", "OTHER"), Some("Nhóm khác"));
        assert_eq!(term("title", "OTHER"), None);
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
    fn names_and_flags_are_read_or_named() {
        assert_eq!(name("grassroots union"), Ok(UnitKind::GrassrootsUnion));
        let said = english(&name::<UnitKind>("Tỉnh").unwrap_err());
        assert!(said.starts_with("is not a kind of unit: write PROVINCIAL_FEDERATION?"), "{said}");
        // It begins as other kinds do, and is none of them.
        let said = english(&name::<UnitKind>("CĐ ngành").unwrap_err());
        assert!(said.starts_with("is not a kind of unit; one of CONFEDERATION, PROV"), "{said}");
        for (cell, truth) in [("TRUE", true), ("Có", true), ("0", false), ("KHÔNG", false)] {
            assert_eq!(flag(cell), Ok(truth), "{cell}");
        }
        assert_eq!(flag("X"), Ok(true));
        assert!(flag("xx").is_err());
    }
}
