//! The forms that an export has: a CSV file for programs, one that Excel opens by a double click, and a workbook. All hold the
//! same rows, and an import takes each of them back.

use std::io::{self, Write};
use std::path::Path;

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, XlsxError};

use super::cells::term;
use super::content::{Content, content};
use super::titles::head;
use super::wrapped;
use crate::auth::Language;
use crate::domain::{Day, Timestamp};

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    #[default]
    Csv,
    /// With a byte order mark, `;` between cells, and cells that Excel would change as formulas of texts. People read it, in
    /// their language.
    CsvForExcel(Language),
    Xlsx(Language),
}

/// The program that a CSV file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum For {
    Excel,
}

impl Form {
    /// The language of those who read it; `None` where programs do.
    pub const fn language(self) -> Option<Language> {
        match self {
            Self::Csv => None,
            Self::CsvForExcel(language) | Self::Xlsx(language) => Some(language),
        }
    }

    /// The form that the name of the file asks for.
    pub fn of(path: Option<&Path>, program: Option<For>, language: Language) -> Self {
        let is_workbook = path
            .and_then(Path::extension)
            .is_some_and(|extension| extension.eq_ignore_ascii_case("xlsx"));
        match program {
            _ if is_workbook => Self::Xlsx(language),
            Some(For::Excel) => Self::CsvForExcel(language),
            None => Self::Csv,
        }
    }
}

/// Rows on their way out.
pub enum Rows<W: Write> {
    Csv(csv::Writer<W>),
    CsvForExcel { csv: csv::Writer<W>, columns: Vec<Column>, language: Language },
    Xlsx { book: Box<Book>, out: W },
}

/// A workbook of one sheet, whose rows go to a scratch file.
pub struct Book {
    workbook: Workbook,
    columns: Vec<Column>,
    language: Language,
    /// The next row.
    row: u32,
    day: Format,
    moment: Format,
    text: Format,
}

/// A column of a file that people read.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    name: &'static str,
    content: Content,
}

impl Column {
    fn of(name: &'static str) -> Self {
        Self { name, content: content(name) }
    }

    /// The cell as people of the language read it: the names of values have words.
    fn in_words<'a>(&self, cell: &'a str, language: Language) -> &'a str {
        match language {
            Language::English => cell,
            Language::Vietnamese => term(self.name, cell).unwrap_or(cell),
        }
    }
}

/// Characters that columns of a workbook are wide. A moment has 23, and is shown as `#` where it has no room.
const WIDTH: u32 = 18;
const WIDTH_OF_MOMENTS: u32 = 26;

impl<W: Write> Rows<W> {
    /// Begins with the names of the columns.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn begin(form: Form, mut out: W, names: &[&'static str]) -> io::Result<Self> {
        let columns: Vec<Column> = names.iter().map(|&name| Column::of(name)).collect();
        match form {
            Form::Csv => {
                let lines = csv::Terminator::Any(b'\n');
                let mut csv = csv::WriterBuilder::new().terminator(lines).from_writer(out);
                csv.write_record(names).map_err(of_csv)?;
                Ok(Self::Csv(csv))
            }
            Form::CsvForExcel(language) => {
                out.write_all("\u{feff}".as_bytes())?;
                let mut csv = csv::WriterBuilder::new()
                    .delimiter(b';')
                    .terminator(csv::Terminator::CRLF)
                    // LibreOffice takes a comma for a separator as well, unless it is told otherwise.
                    .quote_style(csv::QuoteStyle::NonNumeric)
                    .from_writer(out);
                let heads = names.iter().map(|name| head(name, names, language));
                csv.write_record(heads).map_err(of_csv)?;
                Ok(Self::CsvForExcel { csv, columns, language })
            }
            Form::Xlsx(language) => {
                let heads = names.iter().map(|name| head(name, names, language));
                let book = Book::begin(columns, heads, language).map_err(not_a_sheet)?;
                Ok(Self::Xlsx { book: Box::new(book), out })
            }
        }
    }

    /// Writes a row with a cell for each column.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add(&mut self, cells: &[String]) -> io::Result<()> {
        match self {
            Self::Csv(csv) => {
                for cell in cells {
                    csv.write_field(wrapped::kept_apart(cell).as_bytes()).map_err(of_csv)?;
                }
                csv.write_record(None::<&[u8]>).map_err(of_csv)?;
            }
            Self::CsvForExcel { csv, columns, language } => {
                for (cell, column) in cells.iter().zip(columns) {
                    let cell = column.in_words(cell, *language);
                    csv.write_field(for_excel(column.content, cell)).map_err(of_csv)?;
                }
                csv.write_record(None::<&[u8]>).map_err(of_csv)?;
            }
            Self::Xlsx { book, .. } => book.add(cells).map_err(not_a_sheet)?,
        }
        Ok(())
    }

    /// Writes the rest.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self) -> io::Result<()> {
        match self {
            Self::Csv(mut csv) | Self::CsvForExcel { mut csv, .. } => csv.flush(),
            Self::Xlsx { mut book, mut out } => {
                let bytes = book.workbook.save_to_buffer().map_err(not_a_sheet)?;
                out.write_all(&bytes)?;
                out.flush()
            }
        }
    }
}

/// The error of the writer itself, whose kind tells a closed pipe.
fn of_csv(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        kind => io::Error::other(format!("{kind:?}")),
    }
}

fn not_a_sheet(error: XlsxError) -> io::Error {
    match error {
        XlsxError::RowColumnLimitError => {
            io::Error::other("a sheet has no room for so many rows: export to a file .csv")
        }
        XlsxError::IoError(error) => error,
        error => io::Error::other(error),
    }
}

impl Book {
    fn begin<'a>(
        columns: Vec<Column>,
        heads: impl Iterator<Item = &'a str>,
        language: Language,
    ) -> Result<Self, XlsxError> {
        let mut workbook = Workbook::new();
        let bold = Format::new().set_bold();
        let text = Format::new().set_num_format("@");
        let day = Format::new().set_num_format("yyyy-mm-dd");
        let moment = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss.000");
        let sheet = workbook.add_worksheet_with_constant_memory()?;
        sheet.set_freeze_panes(1, 0)?;
        for (place, (column, head)) in (0..).zip(columns.iter().zip(heads)) {
            let is_moment = column.content == Content::Moment;
            sheet.set_column_width(place, if is_moment { WIDTH_OF_MOMENTS } else { WIDTH })?;
            // Text that is typed below stays text, too.
            if matches!(column.content, Content::Code | Content::Text) {
                sheet.set_column_format(place, &text)?;
            }
            sheet.write_string_with_format(0, place, head, &bold)?;
        }
        Ok(Self { workbook, columns, language, row: 1, day, moment, text })
    }

    fn add(&mut self, cells: &[String]) -> Result<(), XlsxError> {
        let Self { workbook, columns, language, row, day, moment, text } = self;
        let sheet = workbook.worksheet_from_index(0)?;
        for (place, (cell, column)) in (0..).zip(cells.iter().zip(columns)) {
            if cell.is_empty() {
                continue;
            }
            match value(column.content, cell) {
                Value::Text => {
                    let cell = wrapped::kept_apart(column.in_words(cell, *language));
                    sheet.write_string_with_format(*row, place, cell, text)?
                }
                Value::Number(number) => sheet.write_number(*row, place, number)?,
                Value::Day(at) => sheet.write_datetime_with_format(*row, place, at, day)?,
                Value::Moment(at) => sheet.write_datetime_with_format(*row, place, at, moment)?,
                Value::Flag(truth) => sheet.write_boolean(*row, place, truth)?,
            };
        }
        *row += 1;
        Ok(())
    }
}

/// The value of a cell of a workbook.
enum Value {
    Text,
    Number(f64),
    Day(ExcelDateTime),
    Moment(ExcelDateTime),
    Flag(bool),
}

/// Digits of a number that every spreadsheet keeps.
const DIGITS: usize = 15;

fn value(content: Content, cell: &str) -> Value {
    let found = match content {
        Content::Code | Content::Text => None,
        Content::Number if cell.len() > DIGITS => None,
        Content::Number => cell.parse().ok().map(Value::Number),
        Content::Day => Day::parse(cell).ok().and_then(|day| Some(Value::Day(excel(day, 0)?))),
        Content::Moment => Timestamp::parse(cell).ok().and_then(|at| {
            let day = at.day();
            Some(Value::Moment(excel(day, at.0 - day.start().0)?))
        }),
        Content::Flag => match cell {
            "TRUE" => Some(Value::Flag(true)),
            "FALSE" => Some(Value::Flag(false)),
            _ => None,
        },
    };
    found.unwrap_or(Value::Text)
}

/// Excel's moment, counted in days since the end of 1899.
fn excel(day: Day, millis: i64) -> Option<ExcelDateTime> {
    const OF_1970: i32 = 25_569;
    let millis = i32::try_from(millis).ok()?;
    let number = f64::from(day.0 + OF_1970) + f64::from(millis) / 86_400_000.0;
    ExcelDateTime::from_serial_datetime(number).ok()
}

/// Digits of a number that Excel shows, and saves, as they are.
const DIGITS_SHOWN: usize = 11;

/// The cell of a CSV file that Excel shows and saves again as it is.
fn for_excel(content: Content, cell: &str) -> String {
    let begins = |with: &[char]| cell.starts_with(with);
    let is_changed = match content {
        Content::Code | Content::Day | Content::Moment => true,
        Content::Text => {
            begins(&['=', '+', '-', '@'])
                || begins(&['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
        }
        Content::Number => cell.len() > DIGITS_SHOWN || cell.contains('.'),
        Content::Flag => false,
    };
    if is_changed && !cell.is_empty() { wrapped::wrap(cell) } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_file_tells_the_form() {
        for (path, program, form) in [
            (Some("a.xlsx"), None, Form::Xlsx(Language::Vietnamese)),
            (Some("a.XLSX"), Some(For::Excel), Form::Xlsx(Language::Vietnamese)),
            (Some("a.csv"), Some(For::Excel), Form::CsvForExcel(Language::Vietnamese)),
            (Some("xlsx"), None, Form::Csv),
            (None, None, Form::Csv),
            (None, Some(For::Excel), Form::CsvForExcel(Language::Vietnamese)),
        ] {
            let told = Form::of(path.map(Path::new), program, Language::Vietnamese);
            assert_eq!(told, form, "{path:?}");
        }
    }
}
