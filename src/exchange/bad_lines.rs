//! The faults of a file, reported to the person who made it.

use std::fmt;

use crate::domain::Refusal;
use crate::limits::BAD_LINES_KEPT;

/// One bad line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BadLine {
    /// The first of the row, counted from 1; the header has one as well.
    pub line: u64,
    /// The column of the cell; `None` when the fault is of the whole line.
    pub column: Option<&'static str>,
    /// The text of the cell, where `why` does not say it.
    pub value: Option<String>,
    pub why: String,
}

/// The first bad lines of a file, and how many more there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BadLines {
    kept: Vec<BadLine>,
    more: u64,
}

/// Characters of a cell that are shown.
const SHOWN: usize = 60;

impl BadLine {
    /// A fault of a whole line.
    pub fn new(line: u64, why: impl Into<String>) -> Self {
        Self { line, column: None, value: None, why: why.into() }
    }

    /// A fault of a cell, with the beginning of its text.
    pub fn at(line: u64, column: &'static str, value: &str, why: impl Into<String>) -> Self {
        let mut shown: String = value.chars().take(SHOWN).collect();
        if shown.len() < value.len() {
            shown.push('…');
        }
        Self { line, column: Some(column), value: Some(shown), why: why.into() }
    }

    /// The refusal of a command, at the column that its input came from.
    pub fn refused(line: u64, refusal: &Refusal) -> Self {
        let why = refusal.problem.to_string();
        Self { line, column: column_of(refusal), value: None, why }
    }
}

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(column) = self.column {
            write!(f, ", {column}")?;
        }
        if let Some(value) = &self.value {
            write!(f, " {value:?}")?;
        }
        write!(f, ": {}", self.why)
    }
}

impl BadLines {
    /// Adds a fault; only the first are kept, the others counted.
    pub fn push(&mut self, bad: BadLine) {
        if self.kept.len() < BAD_LINES_KEPT {
            self.kept.push(bad);
        } else {
            self.more += 1;
        }
    }

    /// Like [`Self::push`], for each.
    pub fn extend(&mut self, bad: impl IntoIterator<Item = BadLine>) {
        for bad in bad {
            self.push(bad);
        }
    }

    /// Counts more faults, of which nothing else is known.
    pub const fn add_more(&mut self, count: u64) {
        self.more += count;
    }

    /// Whether there is no fault.
    pub const fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// The number of faults, including those that are not kept.
    pub fn count(&self) -> u64 {
        self.more + u64::try_from(self.kept.len()).unwrap_or(0)
    }

    /// The bad lines in their order; fails if there are any.
    ///
    /// # Errors
    /// The bad lines.
    pub fn none(mut self) -> Result<(), Self> {
        self.kept.sort();
        if self.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl fmt::Display for BadLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for bad in &self.kept {
            writeln!(f, "{bad}")?;
        }
        if self.more > 0 {
            writeln!(f, "… and {} more", self.more)?;
        }
        let (count, noun) = (self.count(), if self.count() == 1 { "fault" } else { "faults" });
        write!(f, "{count} {noun}; nothing was written")
    }
}

impl std::error::Error for BadLines {}

/// The column that a place of a command's input was read from; `None` when it is the whole row.
fn column_of(refusal: &Refusal) -> Option<&'static str> {
    let path: Vec<&str> = refusal.path.iter().map(String::as_str).collect();
    Some(match path.as_slice() {
        ["code"] => "code",
        ["name"] => "name",
        ["kind"] => "kind",
        ["parent"] => "parent_code",
        ["cluster"] => "cluster",
        ["memberCount"] => "member_count",
        ["on"] => "closed_on",
        ["startsOn"] => "starts_on",
        ["endsOn"] => "ends_on",
        ["owner"] => "owner_code",
        ["appliedUntil"] => "applied_until",
        ["period"] => "period_code",
        ["unit"] | ["goals", _, "unit"] => "unit_code",
        ["goals", _, "goal", "percentOfMembers"] => "percent_from",
        ["goals", ..] => "goal",
        ["documentNumber"] => "document_number",
        ["key"] => "key",
        ["title"] => "title",
        ["summary"] => "summary",
        ["field"] => "field",
        ["team"] => "team",
        ["authors"] | ["authors", _, "name"] => "author_name",
        ["authors", _, "personCode"] => "person_code",
        ["authors", _, "contact"] => "author_contact",
        ["appliedOn"] => "applied_on",
        ["recognisedBy"] => "recognised_by",
        ["benefitVnd"] => "benefit_vnd",
        ["reviewNote"] => "review_note",
        ["submittedAt"] => "submitted_at",
        ["reviewedAt"] => "reviewed_at",
        _ => return None,
    })
}

/// The index of the author that a refusal is about, if it is about one.
pub fn author_of(refusal: &Refusal) -> Option<usize> {
    match refusal.path.as_slice() {
        [authors, place, ..] if authors == "authors" => place.parse().ok(),
        _ => None,
    }
}
