//! A CSV file as spreadsheets write it: rows of cells, each with the line on which it begins.
//!
//! The file is read twice from beginning to end, with a bounded buffer. A fault is reported with
//! its line, never guessed around.

use std::fs::File;
use std::io::{self, Read, Seek as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use csv_core::ReadRecordResult;

use super::bad_lines::BadLine;
use super::columns::{Header, Noun};
use super::row::Row;
use crate::limits::ROW_BYTES_MAX;

/// Bytes that the encoding, the ends of lines and the separator are told by.
const SAMPLE: usize = 64 * 1024;
const BUFFER: usize = 64 * 1024;
const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";
const SAVE_AS: &str = "save it as \"CSV UTF-8\"";

/// A file that is to be imported.
#[derive(Debug)]
pub struct Source {
    file: File,
    path: PathBuf,
    stamp: Stamp,
    shape: Shape,
    pub header: Header,
}

/// Changes when somebody writes into a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    modified: SystemTime,
}

/// The layout of a file.
#[derive(Debug, Clone, Copy)]
struct Shape {
    /// Bytes and lines ahead of the header.
    skip: usize,
    lines: u64,
    delimiter: u8,
    /// Whether lines end with a carriage return alone.
    carriage_returns: bool,
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
    #[error("{0} changed while it was being imported; run the import again")]
    Changed(PathBuf),
    #[error("{path}: {why}")]
    Shape { path: PathBuf, why: String },
}

impl Source {
    /// Opens the file and reads its header.
    ///
    /// # Errors
    /// When it is no file, or not CSV with a header that names the columns of `noun`.
    pub fn open(path: &Path, noun: Noun) -> Result<Self, Unreadable> {
        let io = |source| Unreadable::Io { path: path.to_owned(), source };
        // Before it is opened: opening a pipe may wait for ever.
        if !std::fs::metadata(path).map_err(io)?.is_file() {
            return Err(Unreadable::NotAFile(path.to_owned()));
        }
        let mut file = File::open(path).map_err(io)?;
        let stamp = stamp(&file).map_err(io)?;
        let mut sample = Vec::with_capacity(SAMPLE);
        file.by_ref().take(SAMPLE as u64).read_to_end(&mut sample).map_err(io)?;
        let wrong = |why: String| Unreadable::Shape { path: path.to_owned(), why };
        let shape = shape(&sample, noun).map_err(wrong)?;
        let mut source =
            Self { file, path: path.to_owned(), stamp, shape, header: Header::default() };
        let mut header = Err("it is empty; its first line must name the columns".to_owned());
        source.rows(|row| {
            header = row
                .map_err(|bad| bad.to_string())
                .and_then(|row| Header::read(noun, row.line, &row.cells().collect::<Vec<_>>()));
            ControlFlow::Break(())
        })?;
        source.header = header.map_err(wrong)?;
        Ok(source)
    }

    /// The path that the file was opened by.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The size of the file in bytes.
    pub const fn bytes(&self) -> u64 {
        self.stamp.bytes
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
        let mut is_header = true;
        self.rows(|row| {
            if std::mem::take(&mut is_header) {
                return ControlFlow::Continue(());
            }
            match row {
                Ok(row) if row.is_empty() => ControlFlow::Continue(()),
                Ok(row) => each(self.header.fit(row)),
                Err(bad) => each(Err(bad)),
            }
        })?;
        self.check_unchanged()
    }

    fn rows(
        &self,
        mut each: impl FnMut(Result<Row<'_>, BadLine>) -> ControlFlow<()>,
    ) -> Result<(), Unreadable> {
        let io = |source| Unreadable::Io { path: self.path.clone(), source };
        let mut file = &self.file;
        file.seek(io::SeekFrom::Start(self.shape.skip as u64)).map_err(io)?;
        let mut reader = Reader::new(file, self.shape);
        while let Some(row) = reader.next().map_err(io)? {
            if each(row).is_break() {
                break;
            }
        }
        Ok(())
    }
}

/// Cuts bytes into rows.
struct Reader<R> {
    source: R,
    shape: Shape,
    parser: csv_core::Reader,
    buffer: Vec<u8>,
    /// The part of the buffer that was not parsed yet.
    from: usize,
    until: usize,
    read: u64,
    line: u64,
    text: Vec<u8>,
    ends: Vec<usize>,
    at_end: bool,
}

impl<R: Read> Reader<R> {
    fn new(source: R, shape: Shape) -> Self {
        Self {
            source,
            shape,
            parser: csv_core::ReaderBuilder::new().delimiter(shape.delimiter).build(),
            buffer: vec![0; BUFFER],
            from: 0,
            until: 0,
            read: shape.skip as u64,
            line: shape.lines + 1,
            text: vec![0; ROW_BYTES_MAX],
            ends: vec![0; 1_024],
            at_end: false,
        }
    }

    fn next(&mut self) -> io::Result<Option<Result<Row<'_>, BadLine>>> {
        if !self.skip_ends_of_lines()? {
            return Ok(None);
        }
        let line = self.line;
        let (mut length, mut cells) = (0, 0);
        let mut too_long = None;
        loop {
            self.fill()?;
            let (result, read, wrote, ended) = self.parser.read_record(
                &self.buffer[self.from..self.until],
                &mut self.text[length..],
                &mut self.ends[cells..],
            );
            let taken = &self.buffer[self.from..self.from + read];
            self.line += memchr::memchr_iter(b'\n', taken).count() as u64;
            self.from += read;
            self.read += read as u64;
            length += wrote;
            cells += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => {
                    too_long = Some(format!(
                        "is longer than {} KiB: a quote (\") may not be closed",
                        ROW_BYTES_MAX / 1_024
                    ));
                    (length, cells) = (0, 0);
                }
                ReadRecordResult::OutputEndsFull => {
                    too_long = Some(format!("has more than {} cells", self.ends.len()));
                    (length, cells) = (0, 0);
                }
                ReadRecordResult::Record => break,
                ReadRecordResult::End if cells == 0 && length == 0 && too_long.is_none() => {
                    return Ok(None);
                }
                ReadRecordResult::End => break,
            }
        }
        if let Some(why) = too_long {
            return Ok(Some(Err(BadLine::new(line, why))));
        }
        let (text, ends) = (&self.text[..length], &self.ends[..cells]);
        let row = |text| Row { line, read: self.read, text, ends };
        Ok(Some(as_text(text, ends).map(row).map_err(|why| BadLine::new(line, why))))
    }

    /// Goes to the next row. Empty lines are none. `false` at the end.
    fn skip_ends_of_lines(&mut self) -> io::Result<bool> {
        loop {
            self.fill()?;
            if self.from == self.until {
                return Ok(false);
            }
            match self.buffer[self.from] {
                b'\n' => self.line += 1,
                b'\r' => {}
                _ => return Ok(true),
            }
            self.from += 1;
            self.read += 1;
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        if self.from < self.until || self.at_end {
            return Ok(());
        }
        self.until = self.source.read(&mut self.buffer)?;
        self.from = 0;
        self.at_end = self.until == 0;
        if self.shape.carriage_returns {
            for byte in &mut self.buffer[..self.until] {
                if *byte == b'\r' {
                    *byte = b'\n';
                }
            }
        }
        Ok(())
    }
}

/// The cells of a row as texts, one behind the other, or why they are none.
fn as_text<'a>(text: &'a [u8], ends: &[usize]) -> Result<&'a str, String> {
    if memchr::memchr(0, text).is_some() {
        return Err(format!("has a NUL byte: the file is not text; {SAVE_AS}"));
    }
    let is_whole = |text: &&str| ends.iter().all(|&end| text.is_char_boundary(end));
    std::str::from_utf8(text).ok().filter(is_whole).ok_or_else(|| {
        let mut start = 0;
        let mut is_text = |&&end: &&usize| {
            let cell = &text[std::mem::replace(&mut start, end)..end];
            std::str::from_utf8(cell).is_ok()
        };
        let place = ends.iter().take_while(|end| is_text(end)).count();
        format!("cell {} is not UTF-8: {SAVE_AS}", place + 1)
    })
}

fn stamp(file: &File) -> io::Result<Stamp> {
    let metadata = file.metadata()?;
    Ok(Stamp { bytes: metadata.len(), modified: metadata.modified()? })
}

/// Looks at the beginning of a file.
fn shape(sample: &[u8], noun: Noun) -> Result<Shape, String> {
    if sample.starts_with(b"\xff\xfe") || sample.starts_with(b"\xfe\xff") {
        return Err(format!("it is UTF-16; {SAVE_AS}"));
    }
    if sample.starts_with(b"PK\x03\x04") || sample.starts_with(b"\xd0\xcf\x11\xe0") {
        return Err(format!("it is a workbook, not CSV; {SAVE_AS}"));
    }
    let mut shape = Shape {
        skip: if sample.starts_with(UTF8_MARK) { UTF8_MARK.len() } else { 0 },
        lines: 0,
        delimiter: b',',
        carriage_returns: memchr::memchr(b'\n', sample).is_none(),
    };
    let text = &sample[shape.skip..];
    if memchr::memchr(0, &text[..text.len().min(4_096)]).is_some() {
        return Err(format!("it has NUL bytes: it is UTF-16, or not text; {SAVE_AS}"));
    }
    // Excel's own way to say what separates the cells.
    if let [b's', b'e', b'p', b'=', delimiter, rest @ ..] = text
        && let Some(ends) = rest.iter().position(|byte| !b"\r\n".contains(byte))
        && ends > 0
    {
        shape.skip += text.len() - rest.len() + ends;
        shape.lines = memchr::memchr_iter(b'\n', &rest[..ends]).count().max(1) as u64;
        shape.delimiter = *delimiter;
        return Ok(shape);
    }
    let known = |delimiter: u8| {
        let end = text.iter().position(|byte| b"\r\n".contains(byte)).unwrap_or(text.len());
        let header = String::from_utf8_lossy(&text[..end]).into_owned();
        header.split(char::from(delimiter)).filter(|name| noun.has(name)).count()
    };
    // The first of equals is taken, so a header without a known column is named as it is.
    let best = b",;\t".iter().copied().rev().max_by_key(|&delimiter| known(delimiter));
    shape.delimiter = best.unwrap_or(b',');
    Ok(shape)
}
