//! Rows of initiatives: one for each author, those of one initiative together. Read twice, never held:
//! a thread cuts the file into chunks of commands while the one before is checked or written.

use std::ops::ControlFlow;

use tokio::sync::mpsc;

use super::bad_lines::{BadLine, author_of};
use super::cells::{self, Cells};
use super::columns::Header;
use super::file::{Source, Unreadable};
use super::row::Row;
use super::why::Why;
use crate::domain::command::{Import, NewAuthor, Said, Submit};
use crate::domain::text::normalise_lines;
use crate::domain::{Command, InitiativeStatus, UnitRef};
use crate::limits::CHECKED_TOGETHER;
use crate::writer::importer::{self, Prepared};

/// The columns of one author; the others are those of the initiative.
const OF_AUTHOR: [&str; 5] =
    ["key", "author_name", "person_code", "author_group", "author_contact"];

/// The columns that may be missing, and some more that a difference may be named by.
pub const SAID: [(Said, &str); 20] = [
    (Said::Unit, "unit_code"),
    (Said::Title, "title"),
    (Said::Kind, "kind"),
    (Said::AuthorName, "author_name"),
    (Said::SubmittedAt, "submitted_at"),
    (Said::Status, "status"),
    (Said::Field, "field"),
    (Said::Team, "team"),
    (Said::PersonCode, "person_code"),
    (Said::AuthorGroup, "author_group"),
    (Said::Contact, "author_contact"),
    (Said::AppliedOn, "applied_on"),
    (Said::RecognisedBy, "recognised_by"),
    (Said::Confidential, "confidential"),
    (Said::Benefit, "benefit_vnd"),
    (Said::Summary, "summary"),
    (Said::RejectionReason, "rejection_reason"),
    (Said::ReviewNote, "review_note"),
    (Said::Featured, "featured"),
    (Said::ReviewedAt, "reviewed_at"),
];

/// Some of the file's initiatives, in its order.
#[derive(Default)]
pub struct Chunk {
    /// The lines of the authors of each command; the first is that of the initiative.
    pub lines: Vec<Vec<u64>>,
    pub commands: Vec<Prepared>,
    pub bad: Vec<BadLine>,
    /// Bytes of the file up to here.
    pub read: u64,
}

/// Reads the whole file and sends its initiatives, until the receiver is gone.
///
/// # Errors
/// When the file cannot be read, or changed since it was opened.
pub fn send_all(
    source: &Source,
    admitted: bool,
    chunks: &mpsc::Sender<Chunk>,
) -> Result<(), Unreadable> {
    let mut chunk = Chunk::default();
    let mut reader = InitiativeReader::new(&source.header, admitted);
    let mut is_wanted = true;
    source.each_row(|row| {
        match row {
            Ok(row) => {
                chunk.read = row.read;
                reader.row(row, &mut chunk);
            }
            Err(bad) => {
                reader.finish(&mut chunk);
                chunk.bad.push(bad);
            }
        }
        if chunk.commands.len() + chunk.bad.len() < CHECKED_TOGETHER {
            return ControlFlow::Continue(());
        }
        is_wanted = chunks.blocking_send(std::mem::take(&mut chunk)).is_ok();
        if is_wanted { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    if is_wanted {
        reader.finish(&mut chunk);
        // Nobody may want it any more.
        let _unwanted = chunks.blocking_send(chunk);
    }
    Ok(())
}

/// Puts the rows of one initiative together.
struct InitiativeReader<'a> {
    header: &'a Header,
    admitted: bool,
    unsaid: Vec<Said>,
    open: Option<OpenInitiative>,
}

/// An initiative whose authors may not all be there yet.
struct OpenInitiative {
    /// The key as written, without white space around it.
    key: String,
    lines: Vec<u64>,
    /// The cells of its first row.
    first: Vec<String>,
    /// `None` when something was wrong.
    import: Option<Import>,
}

impl<'a> InitiativeReader<'a> {
    fn new(header: &'a Header, admitted: bool) -> Self {
        let is_missing = |&&(_, column): &&(Said, &str)| !header.has(column);
        let unsaid = SAID.iter().filter(is_missing).map(|&(said, _)| said).collect();
        Self { header, admitted, unsaid, open: None }
    }

    fn row(&mut self, row: Row<'_>, chunk: &mut Chunk) {
        let mut cells = Cells::new(self.header, row);
        let key = cells.raw("key");
        if self.open.as_ref().is_some_and(|open| open.key == key) && !key.is_empty() {
            if let Err(bad) = self.further_author(row, cells) {
                chunk.bad.extend(bad);
                self.spoil();
            }
            return;
        }
        self.finish(chunk);
        let import = self.import(&mut cells);
        let import = match cells.finish(import) {
            Ok(import) => import,
            Err(bad) => {
                chunk.bad.extend(bad);
                None
            }
        };
        let first = row.cells().map(str::to_owned).collect();
        self.open =
            Some(OpenInitiative { key: key.into_owned(), lines: vec![row.line], first, import });
    }

    /// Drops the initiative, since a row of it is wrong.
    fn spoil(&mut self) {
        if let Some(open) = &mut self.open {
            open.import = None;
        }
    }

    /// Reads another row of the open initiative. Its cells must repeat those of the first row, or
    /// be empty.
    fn further_author(&mut self, row: Row<'_>, mut cells: Cells<'_>) -> Result<(), Vec<BadLine>> {
        let Some(open) = &mut self.open else { return Ok(()) };
        open.lines.push(row.line);
        for (place, column) in self.header.columns() {
            if OF_AUTHOR.contains(&column) {
                continue;
            }
            let (here, first) = (row.cell(place), open.first[place].as_str());
            let is_same = here.trim().is_empty() || here == first;
            if !is_same && normalise_lines(here) != normalise_lines(first) {
                let (first, there) = (open.lines[0], normalise_lines(first));
                cells.refuse(column, Why::UnlikeFirst { first, there });
            }
        }
        let author = author(&mut cells);
        let author = cells.finish(author)?;
        if let Some(import) = &mut open.import {
            import.submit.authors.push(author);
        }
        Ok(())
    }

    fn import(&self, cells: &mut Cells<'_>) -> Option<Import> {
        let key = cells.unread("key");
        let unit = cells.unread("unit_code");
        let title = cells.unread("title");
        let kind = cells.needed("kind", cells::name);
        let submitted_at = cells.needed("submitted_at", cells.moment("submitted_at"));
        let status = cells.needed("status", cells::name);
        let rejection_reason = cells.maybe("rejection_reason", cells::name);
        let featured = cells.maybe("featured", cells::flag).unwrap_or(false);
        let reviewed_at = cells.maybe("reviewed_at", cells.moment("reviewed_at"));
        let submit = Submit {
            key,
            unit: UnitRef::Code(unit),
            title,
            summary: cells.maybe_unread("summary"),
            kind: kind.unwrap_or(crate::domain::initiative::InitiativeKind::Idea),
            field: cells.maybe_unread("field"),
            team: cells.maybe_unread("team"),
            authors: vec![author(cells)],
            applied_on: cells.maybe("applied_on", cells.day("applied_on")),
            recognised_by: cells.maybe_unread("recognised_by"),
            confidential: cells.maybe("confidential", cells::flag).unwrap_or(false),
            benefit_vnd: cells.maybe("benefit_vnd", cells::whole),
        };
        let review_note = cells.maybe_unread("review_note");
        let (_, submitted_at, status) = (kind?, submitted_at?, status?);
        let may_have_reason =
            matches!(status, InitiativeStatus::Rejected | InitiativeStatus::Withdrawn);
        if rejection_reason.is_some() && !may_have_reason {
            cells.refuse("rejection_reason", Why::ReasonUnfit { status });
        }
        if featured && status != InitiativeStatus::Accepted {
            cells.refuse("featured", Why::FeaturedUnfit { status });
        }
        if reviewed_at.is_some_and(|at| at < submitted_at) {
            cells.refuse("reviewed_at", Why::ReviewedTooEarly);
        }
        Some(Import {
            submit,
            submitted_at,
            status,
            rejection_reason,
            review_note,
            featured,
            reviewed_at,
            unsaid: self.unsaid.clone(),
        })
    }

    /// The open initiative has all its rows.
    fn finish(&mut self, chunk: &mut Chunk) {
        let Some(open) = self.open.take() else { return };
        let Some(import) = open.import else { return };
        match importer::check(Command::Import(Box::new(import)), self.admitted) {
            Ok(prepared) => {
                chunk.lines.push(open.lines);
                chunk.commands.push(prepared);
            }
            Err(refusals) => chunk.bad.extend(refusals.iter().map(|refusal| {
                let place = author_of(refusal).unwrap_or(0).min(open.lines.len() - 1);
                BadLine::refused(open.lines[place], refusal)
            })),
        }
    }
}

fn author(cells: &mut Cells<'_>) -> NewAuthor {
    NewAuthor {
        name: cells.unread("author_name"),
        person_code: cells.maybe_unread("person_code"),
        group: cells.maybe("author_group", cells::name),
        contact: cells.maybe_unread("author_contact"),
    }
}
