//! A workbook as Excel saves it (.xlsx): the rows of one sheet, each cell as the text that it would be in a CSV file, put into
//! a scratch file with the numbers that Excel shows beside them.
//!
//! Memory is bounded: a workbook that is large once it is unpacked is refused before anything of it is looked at.

use std::fs::File;
use std::io::{self, BufReader, Read as _, Seek as _};

use calamine::{
    Cell, DataRef, Dimensions, Reader as _, SheetVisible, Xlsx, XlsxCellReader, XlsxError,
};

use super::bad_shape::BadShape;
use super::columns::Layout;
use super::kept_rows;
use crate::limits::{CELLS_MAX, HEADER_WITHIN, ROW_BYTES_MAX, WORKBOOK_BYTES_MAX};
use crate::panics::caught;

type Book<'f> = Xlsx<BufReader<&'f File>>;

/// The rows of the sheet that has the columns.
pub struct Taken {
    pub rows: File,
    /// The sheets that have the columns too, and were not read.
    pub others: Vec<String>,
    pub sheet: String,
}

/// The reason why a workbook cannot be taken.
pub enum Fault {
    Scratch(io::Error),
    Bad(BadShape),
}

impl From<XlsxError> for Fault {
    fn from(error: XlsxError) -> Self {
        Self::Bad(match error {
            XlsxError::Password => BadShape::Old,
            error => BadShape::NoWorkbook { error: error.to_string() },
        })
    }
}

/// Whether the file begins as a workbook does.
pub fn is_one(sample: &[u8]) -> bool {
    sample.starts_with(b"PK\x03\x04")
}

/// Whether the file begins as a workbook of Excel 2003 does, or an encrypted one.
pub fn is_old(sample: &[u8]) -> bool {
    sample.starts_with(b"\xd0\xcf\x11\xe0")
}

/// Whether the file begins as a workbook of LibreOffice's own kind does: with its type, which is not packed.
pub fn is_open_document(sample: &[u8]) -> bool {
    const TYPE: &[u8] = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet";
    is_one(sample) && memchr::memmem::find(&sample[..sample.len().min(256)], TYPE).is_some()
}

/// Reads the first sheet that anybody sees and that has columns of the layout.
///
/// # Errors
/// See [`Fault`].
pub fn take(file: &File, layout: &Layout) -> Result<Taken, Fault> {
    check_size(file)?;
    // calamine counts the letters and digits of a cell's name without a bound, and panics at what overflows.
    caught(|| take_sheet(file, layout))
        .unwrap_or_else(|_words| Err(Fault::Bad(BadShape::DamagedNames)))
}

fn take_sheet(file: &File, layout: &Layout) -> Result<Taken, Fault> {
    let mut book: Book<'_> = Xlsx::new(BufReader::new(rewound(file)?))?;
    let visible: Vec<String> = book
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.visible == SheetVisible::Visible)
        .map(|sheet| sheet.name.clone())
        .collect();
    let mut fitting = Vec::new();
    for sheet in &visible {
        if let Some(header) = header_of(&mut book, sheet, layout)? {
            fitting.push((sheet.clone(), header));
        }
    }
    let mut fitting = fitting.into_iter();
    let Some((sheet, header)) = fitting.next() else {
        let columns = layout.names().collect();
        let hidden = book.sheets_metadata().len() - visible.len();
        let noun = layout.name;
        return Err(Fault::Bad(BadShape::NoSheet { noun, columns, shown: visible, hidden }));
    };
    check_merges(&mut book, &sheet, header.row)?;
    check_formulas(&mut book, &sheet, header.row)?;
    let mut out = kept_rows::Writer::new().map_err(Fault::Scratch)?;
    let mut rows = SheetRows::new(book.worksheet_cells_reader(&sheet)?);
    while let Some((row, mut cells)) = rows.next()? {
        let bytes: usize = cells.iter().map(String::len).sum();
        if bytes > ROW_BYTES_MAX {
            return Err(Fault::Bad(BadShape::RowTooLong { row: row + 1 }));
        }
        if cells.len() < header.cells {
            cells.resize(header.cells, String::new());
        }
        out.add(u64::from(row) + 1, &cells).map_err(Fault::Scratch)?;
    }
    let rows = out.finish().map_err(Fault::Scratch)?;
    Ok(Taken { rows, sheet, others: fitting.map(|(sheet, _)| sheet).collect() })
}

/// Unpacks all parts that are read later, and keeps nothing: what they say of their size may be wrong.
fn check_size(file: &File) -> Result<(), Fault> {
    let damaged =
        |error: &dyn std::fmt::Display| Fault::Bad(BadShape::Damaged { error: error.to_string() });
    let mut zip =
        zip::ZipArchive::new(BufReader::new(rewound(file)?)).map_err(|it| damaged(&it))?;
    let mut left = WORKBOOK_BYTES_MAX;
    for place in 0..zip.len() {
        let part = zip.by_index(place).map_err(|it| damaged(&it))?;
        let name = part.name().map_err(|it| damaged(&it))?;
        // Pictures are never read.
        if !name.ends_with(".xml") && !name.ends_with(".rels") {
            continue;
        }
        drop(name);
        let bytes = io::copy(&mut part.take(left + 1), &mut BoundedText::default())
            .map_err(|it| damaged(&it))?;
        left = left.checked_sub(bytes).ok_or(Fault::Bad(BadShape::TooLarge))?;
    }
    Ok(())
}

/// Takes XML whose texts are short, as those of cells are: the reader holds each whole, and several times.
#[derive(Default)]
struct BoundedText {
    /// Bytes since the last tag began.
    bytes: usize,
}

impl io::Write for BoundedText {
    fn write(&mut self, xml: &[u8]) -> io::Result<usize> {
        for (place, text) in xml.split(|&byte| byte == b'<').enumerate() {
            self.bytes = if place == 0 { self.bytes + text.len() } else { text.len() };
            if self.bytes > ROW_BYTES_MAX {
                let most = ROW_BYTES_MAX / 1_024;
                return Err(io::Error::other(format!("a text in it is longer than {most} KiB")));
            }
        }
        Ok(xml.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn rewound(mut file: &File) -> Result<&File, Fault> {
    let unread = |error: io::Error| Fault::Bad(BadShape::NoWorkbook { error: error.to_string() });
    file.rewind().map_err(unread)?;
    Ok(file)
}

/// The row of a sheet that names the columns, counted from 0, and the number of its cells.
struct HeaderRow {
    row: u32,
    cells: usize,
}

fn header_of(
    book: &mut Book<'_>,
    sheet: &str,
    layout: &Layout,
) -> Result<Option<HeaderRow>, Fault> {
    let cells = match book.worksheet_cells_reader(sheet) {
        Ok(cells) => cells,
        // A chart has a sheet as well.
        Err(XlsxError::NotAWorksheet(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let mut rows = SheetRows::new(cells);
    for _ in 0..HEADER_WITHIN {
        let Some((row, cells)) = rows.next()? else { break };
        if layout.is_header(cells.iter().map(String::as_str)) {
            return Ok(Some(HeaderRow { row, cells: cells.len() }));
        }
    }
    Ok(None)
}

/// Ranges of merged cells that are named.
const RANGES_NAMED: usize = 5;

/// Cells that are merged have one value for several rows, or none for some of them.
fn check_merges(book: &mut Book<'_>, sheet: &str, header: u32) -> Result<(), Fault> {
    let merged = book.merge_cells_by_sheet_name(sheet)?;
    let below: Vec<String> = merged.iter().filter(|it| it.end.0 > header).map(range_name).collect();
    if below.is_empty() {
        return Ok(());
    }
    let more = below.len().saturating_sub(RANGES_NAMED);
    let ranges = below.into_iter().take(RANGES_NAMED).collect();
    Err(Fault::Bad(BadShape::Merged { sheet: sheet.to_owned(), ranges, more }))
}

/// A formula that no program has worked out yet has no value; the cell would be taken for an empty one.
fn check_formulas(book: &mut Book<'_>, sheet: &str, header: u32) -> Result<(), Fault> {
    let mut cells = book.worksheet_cells_reader(sheet)?;
    while let Some(cell) = cells.next_cell_with_formula_metadata()? {
        if cell.formula.is_some() && cell.value == DataRef::Empty && cell.pos.0 > header {
            let cell = cell_name(cell.pos);
            let sheet = sheet.to_owned();
            return Err(Fault::Bad(BadShape::FormulaWithoutValue { sheet, cell }));
        }
    }
    Ok(())
}

/// The rows of a sheet that have cells, from the top.
struct SheetRows<'a, R: io::Read + io::Seek> {
    cells: XlsxCellReader<'a, R>,
    formats: Vec<NumberFormat>,
    ahead: Option<(Cell<DataRef<'a>>, usize)>,
    at: u32,
    /// Whether the last cell was read; the reader must not be asked again.
    is_over: bool,
}

impl<'a, R: io::Read + io::Seek> SheetRows<'a, R> {
    fn new(cells: XlsxCellReader<'a, R>) -> Self {
        let code = |style: &calamine::Style| {
            style
                .number_format
                .as_ref()
                .map_or(NumberFormat::Plain, |it| NumberFormat::of(&it.format_code))
        };
        let formats = cells.styles().iter().map(code).collect();
        Self { cells, formats, ahead: None, at: 0, is_over: false }
    }

    /// The number of the next row, counted from 0, and the texts of its cells.
    fn next(&mut self) -> Result<Option<(u32, Vec<String>)>, Fault> {
        let mut texts: Vec<String> = Vec::new();
        let mut row = None;
        // The first column that the next cell may have.
        let mut free = 0;
        loop {
            let next = match self.ahead.take() {
                Some(ahead) => Some(ahead),
                None if self.is_over => None,
                None => self.cells.next_cell_with_style_id()?,
            };
            let Some((cell, style)) = next else {
                self.is_over = true;
                break;
            };
            let (here, column) = cell.get_position();
            match row {
                None if here < self.at => {
                    return Err(Fault::Bad(BadShape::RowTwice { row: here + 1 }));
                }
                None => row = Some(here),
                Some(row) if row != here => {
                    self.ahead = Some((cell, style));
                    break;
                }
                Some(_) if column < free => {
                    let cell = cell_name((here, column));
                    return Err(Fault::Bad(BadShape::CellTwice { cell }));
                }
                Some(_) => {}
            }
            free = column.saturating_add(1);
            let text =
                text_of(cell.get_value(), self.formats.get(style).copied().unwrap_or_default());
            // Cells that have nothing but a colour go on to the last column there can be.
            if text.is_empty() {
                continue;
            }
            let column = column as usize;
            if column >= CELLS_MAX {
                let cell = cell_name(cell.get_position());
                return Err(Fault::Bad(BadShape::CellBeyond { cell }));
            }
            if texts.len() <= column {
                texts.resize(column + 1, String::new());
            }
            texts[column] = text;
        }
        if let Some(row) = row {
            self.at = row + 1;
        }
        Ok(row.map(|row| (row, texts)))
    }
}

/// The part of Excel's formats that matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum NumberFormat {
    #[default]
    Plain,
    /// So many digits at least: `0000` shows 57 as 0057.
    Digits(usize),
    Percent,
}

impl NumberFormat {
    fn of(code: &str) -> Self {
        if code.len() > 1 && code.bytes().all(|byte| byte == b'0') {
            Self::Digits(code.len().min(100))
        } else if code.ends_with('%') {
            Self::Percent
        } else {
            Self::Plain
        }
    }
}

/// Excel's number of the first day behind the year 9999.
const BEHIND_9999: f64 = 2_958_466.0;

/// The text that a cell would be in a CSV file: days with the year first, numbers without separators.
fn text_of(value: &DataRef<'_>, format: NumberFormat) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(truth) => if *truth { "TRUE" } else { "FALSE" }.to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number_text(*number, format),
        // Excel shows 0, the value of a formula that finds an empty cell, as a day that never was.
        DataRef::DateTime(moment)
            if moment.is_duration() || !(1.0..BEHIND_9999).contains(&moment.as_f64()) =>
        {
            number_text(moment.as_f64(), format)
        }
        DataRef::DateTime(moment) => {
            let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
            let day = format!("{year:04}-{month:02}-{day:02}");
            match (hour, minute, second, milli) {
                (0, 0, 0, 0) => day,
                (_, _, _, 0) => format!("{day} {hour:02}:{minute:02}:{second:02}"),
                _ => format!("{day} {hour:02}:{minute:02}:{second:02}.{milli:03}"),
            }
        }
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(error) => error.to_string(),
    }
}

/// Digits that Excel keeps of a number.
const DIGITS: f64 = 1e15;

fn number_text(number: f64, format: NumberFormat) -> String {
    if number.abs() >= DIGITS {
        // As Excel shows it; further digits are lost already.
        let text = format!("{number:E}");
        return text.replace('E', "E+");
    }
    let number = if format == NumberFormat::Percent { number * 100.0 } else { number };
    // Nobody typed the digits behind the fifteenth.
    let number: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    match format {
        NumberFormat::Digits(digits) if number >= 0.0 && number.fract() == 0.0 => {
            format!("{number:0digits$}")
        }
        NumberFormat::Percent => format!("{number}%"),
        _ => number.to_string(),
    }
}

/// `B7`, of a row and a column that are counted from 0.
fn cell_name((row, column): (u32, u32)) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        letters.push(char::from(b'A' + u8::try_from((rest - 1) % 26).unwrap_or(0)));
        rest = (rest - 1) / 26;
    }
    let letters: String = letters.into_iter().rev().collect();
    format!("{letters}{}", row + 1)
}

fn range_name(range: &Dimensions) -> String {
    format!("{}:{}", cell_name(range.start), cell_name(range.end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_what_excel_shows() {
        use NumberFormat::{Digits, Percent, Plain};
        for (number, format, text) in [
            (57.0, Plain, "57"),
            (57.0, Digits(4), "0057"),
            (12_345.0, Digits(4), "12345"),
            (-3.0, Plain, "-3"),
            (0.1 + 0.2, Plain, "0.3"),
            (0.085, Percent, "8.5%"),
            (0.07, Percent, "7%"),
            (8.5, Plain, "8.5"),
            (999_999_999_999_999.0, Plain, "999999999999999"),
            (1.234_567_890_123_46e17, Plain, "1.23456789012346E+17"),
        ] {
            assert_eq!(number_text(number, format), text, "{number}, {format:?}");
        }
        assert_eq!(NumberFormat::of("0000"), Digits(4));
        assert_eq!(NumberFormat::of("0.0%"), Percent);
        assert_eq!(NumberFormat::of("0"), Plain);
        assert_eq!(NumberFormat::of("General"), Plain);
    }

    #[test]
    fn cells_have_the_names_of_excel() {
        for (at, name) in [
            ((0, 0), "A1"),
            ((6, 1), "B7"),
            ((0, 25), "Z1"),
            ((0, 26), "AA1"),
            ((9, 16_383), "XFD10"),
        ] {
            assert_eq!(cell_name(at), name);
        }
    }
}
