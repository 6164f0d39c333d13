//! The commands of a file of units, periods or targets, in the order in which they are to be
//! carried out, each with the line that it came from.

use std::collections::HashMap;
use std::ops::ControlFlow;

use super::bad_lines::{BadLine, BadLines};
use super::cells::Cells;
use super::file::{Source, Unreadable};
use super::why::Why;
use crate::domain::Command;
use crate::domain::period::Metric;
use crate::domain::target::{Part, TargetOrigin};

/// A command, and the line that asks for it.
#[derive(Debug, Clone, PartialEq)]
pub struct LineCommand {
    pub line: u64,
    pub subject: Subject,
    pub command: Command,
}

/// The thing that a row is about, by its codes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    Unit(String),
    /// A unit that is to stand under another code.
    Code {
        from: String,
        to: String,
    },
    Period(String),
    Target {
        unit: String,
        period: String,
        metric: Metric,
        origin: TargetOrigin,
        part: Part,
    },
}

/// A row, as read, and where it began.
pub struct Read<T> {
    pub line: u64,
    pub row: T,
}

/// All rows of a file, each read by `read`.
pub fn read_all<T>(
    source: &Source,
    bad: &mut BadLines,
    read: impl Fn(Cells<'_>) -> Result<T, Vec<BadLine>>,
) -> Result<Vec<Read<T>>, Unreadable> {
    read_some(source, bad, usize::MAX, read)
}

/// The first rows of a file, at most so many.
pub fn read_some<T>(
    source: &Source,
    bad: &mut BadLines,
    most: usize,
    read: impl Fn(Cells<'_>) -> Result<T, Vec<BadLine>>,
) -> Result<Vec<Read<T>>, Unreadable> {
    let mut rows = Vec::new();
    source.each_row(|row| {
        match row {
            Ok(row) => {
                let line = row.line;
                let cells = Cells::new(&source.header, row);
                if cells.raw(source.key_column).is_empty() {
                    // The rest of the row belongs to nothing.
                    bad.push(BadLine::at(line, source.key_column, "", Why::NoKey));
                } else {
                    match read(cells) {
                        Ok(read) => rows.push(Read { line, row: read }),
                        Err(found) => bad.extend(found),
                    }
                }
            }
            Err(found) => bad.push(found),
        }
        if rows.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(rows)
}

/// Names the rows whose code an earlier one has; each code comes with its line and its column.
pub fn name_repeats<'a>(
    codes: impl Iterator<Item = (u64, &'static str, &'a str)>,
    bad: &mut BadLines,
) {
    let mut firsts: HashMap<&str, u64> = HashMap::new();
    for (line, column, code) in codes {
        match firsts.get(code) {
            Some(&first) => {
                bad.push(BadLine::at(line, column, code, Why::OnLineAlready { first }));
            }
            None => {
                firsts.insert(code, line);
            }
        }
    }
}
