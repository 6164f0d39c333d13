//! The outcome of an import: its counts, what it would change, or why it did not come to its end.

use std::fmt;
use std::io;

use super::bad_lines::{BadLine, BadLines};
use super::columns::Noun;
use super::file::{Remark, Unreadable};
use super::titles::title;
use crate::auth::Language;
use crate::board::Structure;
use crate::limits::CHANGES_SHOWN;
use crate::messages::outcomes::grouped;
use crate::store;
use crate::writer::importer::{Effect, Prepared, WriteError};

/// The result of an import, or of its rehearsal.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    pub new: u64,
    pub changed: u64,
    pub unchanged: u64,
    /// Rows among those of initiatives that were withdrawn since they were imported.
    pub withdrawn: u64,
    /// The first changes, of a dry run.
    pub changes: Vec<Change>,
    /// A part of the file that was left out.
    pub remark: Option<Remark>,
    /// Rows that were taken although they are hardly meant, since the person said so.
    pub doubts: BadLines,
}

/// A change that a row makes, by the name of its thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    New(String),
    Gone(String),
    Cells(String, Vec<ChangedCell>),
}

/// A cell that changes, or all that a correction changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedCell {
    pub column: &'static str,
    /// `None` where the value of before is not told.
    pub before: Option<String>,
    pub after: String,
}

impl ChangedCell {
    /// `member_count 800000 → 810000`
    fn text(&self, language: Language) -> String {
        let Self { column, before, after } = self;
        let title = title(column, language);
        match before {
            Some(before) => format!("{title} {before} → {after}"),
            None => format!("{title} {after}"),
        }
    }
}

impl Change {
    /// `ldld-dong-nai: member_count 800000 → 810000`
    pub fn text(&self, language: Language) -> String {
        match self {
            Self::New(name) => format!("{name}: {}", language.choose("new", "mới")),
            Self::Gone(name) => format!("{name}: {}", language.choose("taken away", "bỏ đi")),
            Self::Cells(name, cells) => {
                let cells: Vec<String> = cells.iter().map(|cell| cell.text(language)).collect();
                format!("{name}: {}", cells.join(", "))
            }
        }
    }
}

/// The reason why an import did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    #[error("{0}")]
    Bad(BadLines),
    #[error("{0}")]
    ManyChanges(ManyChanges),
    #[error("cannot use a scratch file in {}; nothing was written", std::env::temp_dir().display())]
    Scratch(#[source] io::Error),
    #[error("the database cannot be read; nothing was written")]
    Database(#[from] store::Error),
    /// Others have changed the state that a row was checked against.
    #[error("{}\nothers changed it meanwhile; {cut_off}", lines(bad, Language::English))]
    Overtaken { bad: Vec<BadLine>, cut_off: CutOff },
    #[error("the database does not take what is to be written; {1}")]
    NotWritten(#[source] store::Error, CutOff),
    #[error("{0}: replace it first; {1}")]
    OlderNode(WriteError, CutOff),
    #[error("stopped; {0}")]
    Stopped(CutOff),
    #[error(
        "what was to be written is there, but the indexes of lists cannot be made; the next start \
         of a server, or another run, makes them"
    )]
    NotIndexed(#[source] store::Error),
}

impl Failure {
    /// The failure of a write, after so many changes; `line_of` tells the line of a command by its place in the batch.
    pub(super) fn of_write(
        error: WriteError,
        written: usize,
        line_of: impl Fn(usize) -> u64,
    ) -> Self {
        let cut_off = CutOff { written };
        match error {
            WriteError::Refused { place, refusals } => {
                let line = line_of(place);
                let bad = refusals.iter().map(|refusal| BadLine::refused(line, refusal)).collect();
                Self::Overtaken { bad, cut_off }
            }
            error @ WriteError::OlderNode { .. } => Self::OlderNode(error, cut_off),
            WriteError::Unknown(error) | WriteError::Store(error) => {
                Self::NotWritten(error, cut_off)
            }
        }
    }
}

/// The part of an import that was written before it was cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CutOff {
    pub(super) written: usize,
}

impl fmt::Display for CutOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Language::English))
    }
}

impl CutOff {
    /// How much was written.
    pub fn text(self, language: Language) -> String {
        let count = grouped(self.written as u64, language);
        match language {
            Language::English => format!("{count} changes were written, another run does the rest"),
            Language::Vietnamese => {
                format!("đã ghi {count} thay đổi, chạy lại lệnh thì phần còn lại được làm tiếp")
            }
        }
    }
}

/// The faults of some rows, a line each.
pub fn lines(bad: &[BadLine], language: Language) -> String {
    let texts: Vec<String> = bad.iter().map(|bad| bad.text(language)).collect();
    texts.join("\n")
}

/// The changes of a file that changes much of what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ManyChanges {
    /// Units or targets.
    pub noun: Noun,
    pub changed: u64,
    pub there: u64,
}

impl ManyChanges {
    /// A handful of changes is never many.
    const HANDFUL: u64 = 10;

    /// The changes of a report, if they are more than a tenth of the units or targets.
    pub(super) fn of(noun: Noun, report: &Report, structure: &Structure) -> Option<Self> {
        let there: u64 = match noun {
            Noun::Units | Noun::Renames | Noun::Deletions => structure.units().count() as u64,
            Noun::Targets | Noun::Removals => {
                structure.units().map(|unit| structure.targets(unit.id).len() as u64).sum()
            }
            Noun::Periods | Noun::Initiatives | Noun::Transfers | Noun::Withdrawals => return None,
        };
        let changed = report.changed;
        let is_many = changed > Self::HANDFUL && changed > there / 10;
        let noun = match noun {
            Noun::Renames | Noun::Deletions => Noun::Units,
            Noun::Removals => Noun::Targets,
            noun => noun,
        };
        is_many.then_some(Self { noun, changed, there })
    }
}

impl fmt::Display for ManyChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [changed, there] = [self.changed, self.there].map(|it| grouped(it, Language::English));
        write!(
            f,
            "{changed} of {there} {} would change, more than a tenth: see them with --dry-run, and give --yes if they are \
             meant; nothing was written",
            self.noun.as_str()
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [new, changed, unchanged] =
            [self.new, self.changed, self.unchanged].map(|it| grouped(it, Language::English));
        write!(f, "{new} new, {changed} changed, {unchanged} as they are")
    }
}

impl Report {
    pub(super) fn count(&mut self, effect: Effect) {
        match effect {
            Effect::New => self.new += 1,
            Effect::Changed => self.changed += 1,
            Effect::Unchanged => self.unchanged += 1,
        }
    }

    pub(super) fn add_change(&mut self, change: impl FnOnce() -> Change) {
        if self.changes.len() < CHANGES_SHOWN {
            self.changes.push(change());
        }
    }

    pub(super) const fn changes_something(&self) -> bool {
        self.new + self.changed > 0
    }
}

/// A command that passed the check.
pub struct Planned {
    pub line: u64,
    pub command: Prepared,
}
