//! Entry points for fuzzing: a CSV file, and the sheet of a workbook.

use std::io::{Cursor, Write as _};
use std::ops::ControlFlow;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::cells;
use super::columns::Noun;
use super::dates;
use super::file::Source;

const NOUNS: [Noun; 4] = [Noun::Units, Noun::Periods, Noun::Targets, Noun::Initiatives];

/// Reads a file of rows: the first byte says of which noun. Rows come in the order of their lines, within the file, and
/// a whole number that a cell is taken for is what it says.
///
/// # Panics
/// When that does not hold, or when the scratch file cannot be written.
pub fn csv(data: &[u8]) {
    let Some((which, bytes)) = data.split_first() else { return };
    read(NOUNS[usize::from(*which) % NOUNS.len()], bytes);
}

/// Reads a workbook of units whose one sheet is this XML; likewise.
///
/// # Panics
/// When that does not hold, or when the scratch file cannot be written.
pub fn sheet(data: &[u8]) {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const IDS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    let relationship = |id: &str, kind: &str, target: &str| {
        format!(
            "<Relationships xmlns=\"{PACKAGE}\"><Relationship Id=\"{id}\" Type=\"{IDS}/{kind}\" Target=\"{target}\"/></Relationships>"
        )
    };
    let book = format!(
        "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{IDS}\"><sheets><sheet name=\"s\" sheetId=\"1\" r:id=\"s\"/></sheets></workbook>"
    );
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut add = |name: &str, bytes: &[u8]| {
        zip.start_file(name, SimpleFileOptions::default()).expect("a part begins");
        zip.write_all(bytes).expect("a part is written");
    };
    add("_rels/.rels", relationship("b", "officeDocument", "xl/workbook.xml").as_bytes());
    add("xl/workbook.xml", book.as_bytes());
    let sheets = relationship("s", "worksheet", "worksheets/sheet1.xml");
    add("xl/_rels/workbook.xml.rels", sheets.as_bytes());
    add("xl/worksheets/sheet1.xml", data);
    read(Noun::Units, &zip.finish().expect("the parts are written").into_inner());
}

fn read(noun: Noun, bytes: &[u8]) {
    let mut file = tempfile::NamedTempFile::new().expect("a scratch file is made");
    file.write_all(bytes).expect("a scratch file is written");
    let Ok(source) = Source::open(file.path(), noun.layout(), None) else { return };
    let (mut line, mut read) = (0, 0);
    let rows = source.each_row(|row| {
        let Ok(row) = row else { return ControlFlow::Continue(()) };
        assert!(row.line > line, "line {} comes behind {line}", row.line);
        assert!((read..=source.bytes()).contains(&row.read), "{} of {}", row.read, source.bytes());
        (line, read) = (row.line, row.read);
        assert_eq!(row.cells().count(), row.len());
        row.cells().map(str::trim).for_each(parse);
        ControlFlow::Continue(())
    });
    rows.expect("nobody changes the file");
}

fn parse(cell: &str) {
    if let Ok(number) = cells::whole(cell) {
        let digits = cell.split(['.', ',']).next().unwrap_or_default();
        assert_eq!(digits.parse(), Ok(number), "{cell}");
    }
    if let Ok(count) = cells::count(cell) {
        assert!(count >= 0, "{cell}");
    }
    if let Ok(share) = cells::percent(cell) {
        assert!(share >= 0.0, "{cell}");
    }
    if let Ok(day) = dates::day(cell, None) {
        assert_eq!(dates::day(&day.to_string(), None), Ok(day), "{cell}");
    }
    // Either is right; it must only return.
    let _moment = dates::moment(cell, None);
    let _flag = cells::flag(cell);
}
