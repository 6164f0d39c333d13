//! Entry point for fuzzing: a CSV file.

use std::io::Write as _;
use std::ops::ControlFlow;

use super::cells;
use super::columns::Noun;
use super::file::Source;

const NOUNS: [Noun; 4] = [Noun::Units, Noun::Periods, Noun::Targets, Noun::Initiatives];

/// Reads a file of rows: the first byte says of which noun. Rows come in the order of their lines, within the file, and
/// a whole number that a cell is taken for is what it says.
///
/// # Panics
/// When that does not hold, or when the scratch file cannot be written.
pub fn csv(data: &[u8]) {
    let Some((which, bytes)) = data.split_first() else { return };
    let mut file = tempfile::NamedTempFile::new().expect("a scratch file is made");
    file.write_all(bytes).expect("a scratch file is written");
    let Ok(source) = Source::open(file.path(), NOUNS[usize::from(*which) % NOUNS.len()]) else {
        return;
    };
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
    if let Ok(day) = cells::day(cell) {
        assert_eq!(cells::day(&day.to_string()), Ok(day), "{cell}");
    }
    // Either is right; it must only return.
    let _moment = cells::moment(cell);
    let _flag = cells::flag(cell);
}
