//! The rows of a CSV file: cells between separators, each row with the line on which it begins, cut with a bounded buffer.

use std::io::{self, Read};

use csv_core::ReadRecordResult;

use super::bad_lines::BadLine;
use super::bad_shape::BadShape;
use super::columns::Layout;
use super::row::Row;
use super::why::Why;
use crate::limits::{CELLS_MAX, HEADER_WITHIN, ROW_BYTES_MAX};

const BUFFER: usize = 64 * 1024;
const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

/// The layout of a file.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Bytes and lines ahead of the header.
    pub skip: usize,
    lines: u64,
    delimiter: u8,
}

/// Cuts bytes into rows.
pub struct Reader<R> {
    source: R,
    ends_of_lines: EndsOfLines,
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
    /// The rows from the place where the shape says that they begin.
    pub fn new(source: R, shape: Shape) -> Self {
        Self {
            source,
            ends_of_lines: EndsOfLines::default(),
            parser: csv_core::ReaderBuilder::new().delimiter(shape.delimiter).build(),
            buffer: vec![0; BUFFER],
            from: 0,
            until: 0,
            read: shape.skip as u64,
            line: shape.lines + 1,
            text: vec![0; ROW_BYTES_MAX],
            ends: vec![0; CELLS_MAX],
            at_end: false,
        }
    }

    /// The next row, or why it cannot be read; `None` at the end.
    pub fn next(&mut self) -> io::Result<Option<Result<Row<'_>, BadLine>>> {
        if !self.skip_ends_of_lines()? {
            return Ok(None);
        }
        let line = self.line;
        let (mut length, mut cells) = (0, 0);
        let mut bad = None;
        loop {
            self.fill()?;
            let (result, read, wrote, ended) = self.parser.read_record(
                &self.buffer[self.from..self.until],
                &mut self.text[length..],
                &mut self.ends[cells..],
            );
            let taken = &self.buffer[self.from..self.from + read];
            self.line += self.ends_of_lines.count(taken);
            self.pass(read);
            length += wrote;
            cells += ended;
            match result {
                ReadRecordResult::OutputFull => {
                    bad = Some(Why::RowTooLong { kib: ROW_BYTES_MAX / 1_024 });
                    (length, cells) = (0, 0);
                }
                ReadRecordResult::OutputEndsFull => {
                    bad = Some(Why::TooManyCells { max: self.ends.len() });
                    (length, cells) = (0, 0);
                }
                ReadRecordResult::Record => break,
                ReadRecordResult::InputEmpty if !self.at_end => {}
                // Not even the line feed at the end has ended the row.
                ReadRecordResult::InputEmpty | ReadRecordResult::End => {
                    bad.get_or_insert(Why::QuoteOpen);
                    break;
                }
            }
        }
        if let Some(why) = bad {
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
            let byte = &self.buffer[self.from..=self.from];
            if !matches!(byte, b"\n" | b"\r") {
                return Ok(true);
            }
            self.line += self.ends_of_lines.count(byte);
            self.pass(1);
        }
    }

    /// Goes on behind so many bytes.
    const fn pass(&mut self, bytes: usize) {
        self.from += bytes;
        if !self.at_end {
            self.read += bytes as u64;
        }
    }

    /// Reads on when all was parsed. A line feed of its own stands behind the last byte: what it does not end is within a
    /// quote.
    fn fill(&mut self) -> io::Result<()> {
        if self.from < self.until || self.at_end {
            return Ok(());
        }
        self.until = self.source.read(&mut self.buffer)?;
        self.from = 0;
        if self.until == 0 {
            self.at_end = true;
            self.buffer[0] = b'\n';
            self.until = 1;
        }
        Ok(())
    }
}

/// Counts lines as editors do: each ends with a line feed, a carriage return, or the two together.
#[derive(Debug, Default)]
struct EndsOfLines {
    /// Whether the last byte was a carriage return.
    returned: bool,
}

impl EndsOfLines {
    /// The ends of lines in the bytes that come next.
    fn count(&mut self, bytes: &[u8]) -> u64 {
        let Some(last) = bytes.last() else { return 0 };
        let returned = std::mem::replace(&mut self.returned, *last == b'\r');
        let is_second = |at: usize| {
            bytes[at] == b'\n'
                && at.checked_sub(1).map_or(returned, |before| bytes[before] == b'\r')
        };
        memchr::memchr2_iter(b'\n', b'\r', bytes).filter(|&at| !is_second(at)).count() as u64
    }
}

/// The cells of a row as texts, one behind the other, or why they are none.
fn as_text<'a>(text: &'a [u8], ends: &[usize]) -> Result<&'a str, Why> {
    if memchr::memchr(0, text).is_some() {
        return Err(Why::NulByte);
    }
    let is_whole = |text: &&str| ends.iter().all(|&end| text.is_char_boundary(end));
    std::str::from_utf8(text).ok().filter(is_whole).ok_or_else(|| {
        let mut start = 0;
        let mut is_text = |&&end: &&usize| {
            let cell = &text[std::mem::replace(&mut start, end)..end];
            std::str::from_utf8(cell).is_ok()
        };
        let place = ends.iter().take_while(|end| is_text(end)).count();
        Why::NotUtf8 { cell: place + 1 }
    })
}

/// Looks at the beginning of a file.
///
/// # Errors
/// When it is no text in UTF-8.
pub fn shape(sample: &[u8], layout: &Layout) -> Result<Shape, BadShape> {
    let mut shape = Shape {
        skip: if sample.starts_with(UTF8_MARK) { UTF8_MARK.len() } else { 0 },
        lines: 0,
        delimiter: b',',
    };
    let text = &sample[shape.skip..];
    if memchr::memchr(0, &text[..text.len().min(4_096)]).is_some() {
        return Err(BadShape::NulBytes);
    }
    // Excel's own way to say what separates the cells.
    if let [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter, rest @ ..] = text
        && let Some(ends) = rest.iter().position(|byte| !b"\r\n".contains(byte))
        && ends > 0
    {
        shape.skip += text.len() - rest.len() + ends;
        shape.lines = EndsOfLines::default().count(&rest[..ends]);
        shape.delimiter = *delimiter;
        return Ok(shape);
    }
    // The separator of a header without a known column is the sign that stands in it most often.
    let header = text.split(|byte| b"\r\n".contains(byte)).find(|line| !line.is_empty());
    let count = |sign: u8| memchr::memchr_iter(sign, header.unwrap_or_default()).count();
    // The last of equals is taken.
    let separators = b",;\t".iter().copied().rev();
    shape.delimiter =
        separators.max_by_key(|&it| (known(text, it, layout), count(it))).unwrap_or(b',');
    Ok(shape)
}

/// The number of columns that the header names, where this byte separates the cells.
fn known(text: &[u8], delimiter: u8, layout: &Layout) -> usize {
    let rows = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text)
        .into_byte_records();
    let rows = rows.take(HEADER_WITHIN).map_while(Result::ok);
    let known = |row: csv::ByteRecord| {
        let cells: Vec<_> = row.iter().map(|cell| String::from_utf8_lossy(cell)).collect();
        layout.known(cells.iter().map(|cell| &**cell))
    };
    rows.map(known).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::super::columns::Noun;
    use super::*;

    /// The lines on which rows begin, and the cells of each.
    fn rows(text: &[u8], read: impl Read) -> Vec<(u64, String)> {
        let shape = shape(text, Noun::Units.layout()).unwrap();
        let mut reader = Reader::new(read, shape);
        let mut rows = Vec::new();
        while let Some(row) = reader.next().unwrap() {
            let row = row.unwrap();
            rows.push((row.line, row.cells().collect::<Vec<_>>().join("|")));
        }
        rows
    }

    /// Gives one byte at a time.
    struct Slowly<'a>(&'a [u8]);

    impl Read for Slowly<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let [first, rest @ ..] = self.0 else { return Ok(0) };
            buffer[0] = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    #[test]
    fn a_quote_that_is_not_closed_swallows_no_rows() {
        for (text, line) in [
            ("code,name\nu1,\"Unit 1\nu2,Unit 2\n", 2),
            ("code,name\nu1,Unit 1\nu2,\"Unit 2", 3),
            ("code,name\n\"", 2),
        ] {
            let shape = shape(text.as_bytes(), Noun::Units.layout()).unwrap();
            let mut reader = Reader::new(text.as_bytes(), shape);
            let bad = loop {
                if let Err(bad) = reader.next().unwrap().expect("a row is bad").map(drop) {
                    break bad;
                }
            };
            assert_eq!((bad.line, bad.why), (line, Why::QuoteOpen));
            assert!(reader.next().unwrap().is_none());
        }
        let whole = "code,name\nu1,\"Unit 1\"";
        assert_eq!(rows(whole.as_bytes(), whole.as_bytes())[1], (2, "u1|Unit 1".to_owned()));
    }

    #[test]
    fn a_line_ends_as_in_any_editor() {
        let mut rng = fastrand::Rng::with_seed(11);
        for _ in 0..2_000 {
            let mut text = String::new();
            for _ in 0..rng.usize(..12) {
                text += ["\r", "\n", "\r\n", "a,b", "\"c\rd\"", "\"\n\""][rng.usize(..6)];
            }
            // Cells that run on behind a closed quote are another matter.
            if text.contains("\"a") || text.contains("b\"") || text.contains("\"\"") {
                continue;
            }
            let same = rows(text.as_bytes(), text.as_bytes());
            assert_eq!(rows(text.as_bytes(), Slowly(text.as_bytes())), same, "{text:?}");
            let plain = text.replace("\r\n", "\n").replace('\r', "\n");
            let expected = rows(plain.as_bytes(), plain.as_bytes());
            let found: Vec<_> =
                same.into_iter().map(|(line, cells)| (line, cells.replace('\r', "\n"))).collect();
            assert_eq!(found, expected, "{text:?}");
        }
    }
}
