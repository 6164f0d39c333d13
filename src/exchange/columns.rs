//! The columns of each kind of file, and the header that names those which are there.

use super::bad_lines::BadLine;
use super::row::Row;
use crate::domain::text::normalise;

/// The kind of thing that a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Noun {
    Units,
    Periods,
    Targets,
    Initiatives,
    /// Units that stand under a wrong code.
    Renames,
    /// Initiatives that were entered under a wrong unit.
    Transfers,
    /// Initiatives that should not have been entered.
    Withdrawals,
}

/// A column, and whether every file must have it.
type Column = (&'static str, bool);

const UNITS: [Column; 9] = [
    ("code", true),
    ("name", true),
    ("kind", true),
    ("parent_code", true),
    ("cluster", false),
    ("sector", false),
    ("foreign_invested", false),
    ("member_count", false),
    ("closed_on", false),
];
const PERIODS: [Column; 10] = [
    ("code", true),
    ("name", true),
    ("kind", true),
    ("starts_on", true),
    ("ends_on", true),
    ("owner_code", true),
    ("parent_code", false),
    ("metric", false),
    ("applied_from", false),
    ("applied_until", false),
];
const TARGETS: [Column; 10] = [
    ("unit_code", true),
    ("period_code", true),
    ("goal", true),
    ("metric", false),
    ("origin", false),
    ("percent_from", false),
    ("percent_to", false),
    ("document_number", false),
    ("group", false),
    ("field", false),
];
const INITIATIVES: [Column; 21] = [
    ("key", true),
    ("unit_code", true),
    ("title", true),
    ("kind", true),
    ("author_name", true),
    ("submitted_at", true),
    ("status", true),
    ("field", false),
    ("team", false),
    ("person_code", false),
    ("author_group", false),
    ("author_contact", false),
    ("applied_on", false),
    ("recognised_by", false),
    ("confidential", false),
    ("benefit_vnd", false),
    ("summary", false),
    ("rejection_reason", false),
    ("review_note", false),
    ("featured", false),
    ("reviewed_at", false),
];
const RENAMES: [Column; 2] = [("code", true), ("new_code", true)];
const TRANSFERS: [Column; 3] = [("key", true), ("unit_code", true), ("reason", false)];
const WITHDRAWALS: [Column; 2] = [("key", true), ("reason", true)];

impl Noun {
    /// The name on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Units => "units",
            Self::Periods => "periods",
            Self::Targets => "targets",
            Self::Initiatives => "initiatives",
            Self::Renames => "renames",
            Self::Transfers => "transfers",
            Self::Withdrawals => "withdrawals",
        }
    }

    const fn all(self) -> &'static [Column] {
        match self {
            Self::Units => &UNITS,
            Self::Periods => &PERIODS,
            Self::Targets => &TARGETS,
            Self::Initiatives => &INITIATIVES,
            Self::Renames => &RENAMES,
            Self::Transfers => &TRANSFERS,
            Self::Withdrawals => &WITHDRAWALS,
        }
    }

    /// The columns in the order of an export.
    pub fn columns(self) -> impl Iterator<Item = &'static str> {
        self.all().iter().map(|&(name, _)| name)
    }

    /// Whether a cell of a header names one of them.
    pub fn has(self, name: &str) -> bool {
        let name = tidy(name);
        self.columns().any(|column| column == name)
    }
}

/// The header: the column of each cell.
#[derive(Debug, Clone, Default)]
pub struct Header {
    /// The columns by cell.
    columns: Vec<&'static str>,
}

impl Header {
    /// # Errors
    /// The faults of the names of the columns.
    pub fn read(noun: Noun, line: u64, cells: &[&str]) -> Result<Self, String> {
        let mut names: Vec<String> = cells.iter().map(|cell| tidy(cell)).collect();
        while names.last().is_some_and(String::is_empty) {
            names.pop();
        }
        let mut faults = Vec::new();
        let mut columns: Vec<&'static str> = Vec::new();
        for (place, name) in names.iter().enumerate() {
            match noun.columns().find(|column| column == name) {
                Some(column) if columns.contains(&column) => {
                    faults.push(format!("the column {column} is there twice"));
                }
                Some(column) => columns.push(column),
                None if name.is_empty() => {
                    faults.push(format!("cell {} has no name", place + 1));
                }
                None => faults.push(unknown(noun, cells[place].trim(), name)),
            }
        }
        let missing: Vec<&str> = noun
            .all()
            .iter()
            .filter(|(column, needed)| *needed && !columns.contains(column))
            .map(|&(column, _)| column)
            .collect();
        if !missing.is_empty() {
            faults.push(format!("missing: {}", missing.join(", ")));
        }
        if faults.is_empty() {
            return Ok(Self { columns });
        }
        let all: Vec<&str> = noun.columns().collect();
        Err(format!(
            "line {line} does not name the columns of {}: {}; they are {}",
            noun.as_str(),
            faults.join("; "),
            all.join(", ")
        ))
    }

    /// The columns in the order of the cells.
    pub fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().copied()
    }

    /// Whether the file has the column.
    pub fn has(&self, column: &str) -> bool {
        self.columns.contains(&column)
    }

    /// The cell of that column in a row; `None` when the file has no such column.
    pub fn cell<'a>(&self, row: &Row<'a>, column: &str) -> Option<&'a str> {
        self.columns.iter().position(|here| *here == column).map(|place| row.cell(place))
    }

    /// The row, when it has as many cells as there are columns. Empty ones behind them are none.
    pub fn fit<'a>(&self, row: Row<'a>) -> Result<Row<'a>, BadLine> {
        let (cells, columns) = (row.len(), self.columns.len());
        let beyond = row.cells().skip(columns).any(|cell| !cell.trim().is_empty());
        if cells < columns || beyond {
            let why = format!("has {cells} cells, the header names {columns} columns");
            return Err(BadLine::new(row.line, why));
        }
        Ok(row)
    }
}

fn tidy(name: &str) -> String {
    normalise(name).to_lowercase().replace([' ', '-'], "_")
}

fn unknown(noun: Noun, written: &str, name: &str) -> String {
    let nearest = noun
        .columns()
        .map(|column| (strsim::normalized_damerau_levenshtein(column, name), column))
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .filter(|(likeness, _)| *likeness >= 0.6);
    match nearest {
        Some((_, column)) => format!("there is no column {written:?}, the nearest is {column}"),
        None => format!("there is no column {written:?}"),
    }
}
