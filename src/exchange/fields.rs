//! The list of fields of work (lĩnh vực) that a server is started with, read as an import reads its files.

use std::path::Path;

use super::bad_lines::BadLines;
use super::cells::Cells;
use super::columns::FIELDS;
use super::file::{Source, Unreadable};
use super::line_commands::read_all;
use crate::auth::Language;
use crate::domain::field::{BadFields, Fields};

/// The reason why a list cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum BadList {
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    #[error("{}", .0.text_of_list(Language::English))]
    Lines(BadLines),
    #[error(transparent)]
    Fields(#[from] BadFields),
}

/// Reads the list from a workbook or a CSV file with the columns `code` and `name`.
///
/// # Errors
/// See [`BadList`].
pub fn read_fields(path: &Path) -> Result<Fields, BadList> {
    let source = Source::open(path, &FIELDS, None)?;
    let mut bad = BadLines::under(source.header.titles());
    let rows = read_all(&source, &mut bad, |mut cells: Cells<'_>| {
        let row = (cells.code("code"), cells.code("name"));
        cells.finish(row)
    })?;
    bad.none().map_err(BadList::Lines)?;
    Ok(Fields::of(rows.into_iter().map(|it| (it.line, it.row.0, it.row.1)))?)
}
