//! A file as spreadsheets write it, CSV or a workbook: rows of cells, each with the line on which it begins.
//!
//! The rows are read twice from beginning to end, with a bounded buffer. A fault is reported with
//! its line, never guessed around.

use std::fs::File;
use std::io::{self, Read, Seek as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::bad_lines::BadLine;
use super::bad_shape::BadShape;
use super::columns::{Header, Layout};
use super::csv_rows::{self, Shape};
use super::dates::{DateOrder, Evidence};
use super::kept_rows;
use super::row::Row;
use super::utf16;
use super::workbook::{self, Fault};
use super::wrapped;
use crate::auth::Language;
use crate::limits::HEADER_WITHIN;

/// Bytes that the encoding, the ends of lines and the separator are told by.
const SAMPLE: usize = 64 * 1024;

/// A file that is to be imported.
#[derive(Debug)]
pub struct Source {
    /// As it was opened.
    file: File,
    path: PathBuf,
    stamp: Stamp,
    table: Table,
    /// Bytes of the table.
    bytes: u64,
    pub header: Header,
    /// The column without which a row is about nothing.
    pub key_column: &'static str,
    /// The line of the header; rows stand below it.
    header_line: u64,
    remark: Option<Remark>,
}

/// A part of a file that was left out: other sheets that have the columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    sheet: String,
    others: Vec<String>,
}

/// The place that rows are read from.
#[derive(Debug)]
enum Table {
    Csv {
        file: File,
        shape: Shape,
    },
    /// The rows of a workbook's sheet.
    Kept(File),
}

/// Changes when somebody writes into a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    modified: SystemTime,
}

/// The reason why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("cannot read {path}")]
    Io {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{0} is not a file that can be read twice, as an import must; save it to a file first")]
    NotAFile(PathBuf),
    #[error("{0} is a folder; an import takes a file")]
    Folder(PathBuf),
    #[error("{0} changed while it was being imported; run the import again")]
    Changed(PathBuf),
    #[error("cannot use a scratch file in {}; nothing was written", std::env::temp_dir().display())]
    Scratch(#[source] io::Error),
    #[error("{path}: {}", why.text(Language::English))]
    Shape { path: PathBuf, why: BadShape },
}

/// Opens a file that can be read again.
///
/// # Errors
/// When it cannot be opened, or is a folder, a pipe or a device.
pub fn open(path: &Path) -> Result<File, Unreadable> {
    let io = |source| Unreadable::Io { path: path.to_owned(), source };
    // Before it is opened: opening a pipe may wait for ever.
    let kind = std::fs::metadata(path).map_err(io)?.file_type();
    if kind.is_dir() {
        return Err(Unreadable::Folder(path.to_owned()));
    }
    if !kind.is_file() {
        return Err(Unreadable::NotAFile(path.to_owned()));
    }
    File::open(path).map_err(io)
}

impl Source {
    /// Opens the file and reads its header.
    ///
    /// # Errors
    /// When it is no file, or not CSV with a header that names the columns of the layout.
    pub fn open(
        path: &Path,
        layout: &Layout,
        dates: Option<DateOrder>,
    ) -> Result<Self, Unreadable> {
        let io = |source| Unreadable::Io { path: path.to_owned(), source };
        let file = open(path)?;
        let stamp = stamp(&file).map_err(io)?;
        let sample = sample_of(&file).map_err(io)?;
        let wrong = |why: BadShape| Unreadable::Shape { path: path.to_owned(), why };
        let mut remark = None;
        if workbook::is_old(&sample) {
            return Err(wrong(BadShape::Old));
        }
        if workbook::is_open_document(&sample) {
            return Err(wrong(BadShape::OpenDocument));
        }
        let (table, bytes) = if workbook::is_one(&sample) {
            let taken = workbook::take(&file, layout).map_err(|fault| match fault {
                Fault::Scratch(error) => Unreadable::Scratch(error),
                Fault::Bad(why) => wrong(why),
            })?;
            remark = Remark::on(&taken);
            let bytes = taken.rows.metadata().map_err(Unreadable::Scratch)?.len();
            (Table::Kept(taken.rows), bytes)
        } else {
            let text = match utf16::told_by(&sample) {
                Some(encoding) => utf16::to_utf8(&file, encoding).map_err(io)?,
                None => file.try_clone().map_err(io)?,
            };
            let sample = sample_of(&text).map_err(io)?;
            let shape = csv_rows::shape(&sample, layout).map_err(wrong)?;
            let bytes = text.metadata().map_err(io)?.len();
            (Table::Csv { file: text, shape }, bytes)
        };
        let mut source = Self {
            file,
            path: path.to_owned(),
            stamp,
            table,
            bytes,
            header: Header::default(),
            key_column: layout.key_column(),
            header_line: 0,
            remark,
        };
        let (line, cells) = source.header_row(layout)?.map_err(wrong)?;
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        source.header = Header::read(layout, line, &cells).map_err(wrong)?;
        source.header_line = line;
        source.order_dates(dates)?;
        Ok(source)
    }

    /// Finds the order of the days of each column, in a pass through the rows of its own.
    fn order_dates(&mut self, told: Option<DateOrder>) -> Result<(), Unreadable> {
        let columns = self.header.columns_of_days();
        let mut evidence = vec![Evidence::default(); columns.len()];
        if told.is_none() && !columns.is_empty() {
            self.each_row(|row| {
                let Ok(row) = row else { return ControlFlow::Continue(()) };
                for ((place, _), evidence) in columns.iter().zip(&mut evidence) {
                    evidence.add(&wrapped::unwrap(row.cell(*place).trim()));
                }
                ControlFlow::Continue(())
            })?;
        }
        for ((_, column), evidence) in columns.into_iter().zip(evidence) {
            if let Some(order) = told.or(evidence.order()) {
                self.header.set_order(column, order);
            }
        }
        Ok(())
    }

    /// The first row that names columns; titles may stand above it. Without such a row the first one, whose faults are
    /// named then.
    fn header_row(
        &self,
        layout: &Layout,
    ) -> Result<Result<(u64, Vec<String>), BadShape>, Unreadable> {
        let mut first = None;
        let mut found = None;
        let mut rows = 0;
        self.rows(|row| {
            let row = match row {
                Ok(row) if row.is_empty() => return ControlFlow::Continue(()),
                Ok(row) => row,
                Err(bad) => {
                    first.get_or_insert(Err(BadShape::Row(Box::new(bad))));
                    return ControlFlow::Break(());
                }
            };
            let cells = || (row.line, row.cells().map(str::to_owned).collect());
            if layout.is_header(row.cells()) {
                found = Some(Ok(cells()));
                return ControlFlow::Break(());
            }
            first.get_or_insert_with(|| Ok(cells()));
            rows += 1;
            if rows < HEADER_WITHIN { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        Ok(found.or(first).unwrap_or(Err(BadShape::Empty)))
    }

    /// The path that the file was opened by.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The bytes that a pass through the rows reads.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The part of the file that was left out, told to the person who made it.
    pub const fn remark(&self) -> Option<&Remark> {
        self.remark.as_ref()
    }

    /// # Errors
    /// When somebody wrote into the file since it was opened.
    pub fn check_unchanged(&self) -> Result<(), Unreadable> {
        let io = |source| Unreadable::Io { path: self.path.clone(), source };
        if stamp(&self.file).map_err(io)? == self.stamp {
            Ok(())
        } else {
            Err(Unreadable::Changed(self.path.clone()))
        }
    }

    /// All rows below the header that have anything in them, from the first on.
    ///
    /// # Errors
    /// When the file cannot be read, or changed since it was opened.
    pub fn each_row(
        &self,
        mut each: impl FnMut(Result<Row<'_>, BadLine>) -> ControlFlow<()>,
    ) -> Result<(), Unreadable> {
        self.rows(|row| match row {
            Ok(row) if row.line <= self.header_line || row.is_empty() => ControlFlow::Continue(()),
            Ok(row) => each(self.header.fit(row)),
            Err(bad) if bad.line <= self.header_line => ControlFlow::Continue(()),
            Err(bad) => each(Err(bad)),
        })?;
        self.check_unchanged()
    }

    fn rows(
        &self,
        mut each: impl FnMut(Result<Row<'_>, BadLine>) -> ControlFlow<()>,
    ) -> Result<(), Unreadable> {
        let io = |source| Unreadable::Io { path: self.path.clone(), source };
        match &self.table {
            Table::Csv { file, shape } => {
                let mut file = file;
                file.seek(io::SeekFrom::Start(shape.skip as u64)).map_err(io)?;
                let mut reader = csv_rows::Reader::new(file, *shape);
                while let Some(row) = reader.next().map_err(io)? {
                    if each(row).is_break() {
                        break;
                    }
                }
            }
            Table::Kept(file) => {
                let mut file = file;
                file.rewind().map_err(Unreadable::Scratch)?;
                let mut reader = kept_rows::Reader::new(file);
                while let Some(row) = reader.next().map_err(Unreadable::Scratch)? {
                    if each(Ok(row)).is_break() {
                        break;
                    }
                }
            }
        }
        Ok(())
    }
}

impl Remark {
    /// Says which sheet was read where there are others like it.
    fn on(taken: &workbook::Taken) -> Option<Self> {
        let others = taken.others.clone();
        (!others.is_empty()).then(|| Self { sheet: taken.sheet.clone(), others })
    }

    /// The text for the person who made the file.
    pub fn text(&self, language: Language) -> String {
        let (sheet, others) = (&self.sheet, self.others.join("\", \""));
        match language {
            Language::English => format!(
                "sheet \"{sheet}\" is read; these have the columns too, and are not: \"{others}\""
            ),
            Language::Vietnamese => format!(
                "đọc trang tính \"{sheet}\"; các trang tính sau cũng có các cột này nhưng không được đọc: \"{others}\""
            ),
        }
    }
}

fn sample_of(mut file: &File) -> io::Result<Vec<u8>> {
    file.rewind()?;
    let mut sample = Vec::with_capacity(SAMPLE);
    file.take(SAMPLE as u64).read_to_end(&mut sample)?;
    Ok(sample)
}

fn stamp(file: &File) -> io::Result<Stamp> {
    let metadata = file.metadata()?;
    Ok(Stamp { bytes: metadata.len(), modified: metadata.modified()? })
}
