//! A part of a briefing as a CSV file, for spreadsheets and for programs that fetch it again and again.

use super::sheets::{Cell, Sheet};

/// Spreadsheets take a cell that begins with one of these for a formula.
const FORMULAS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// With a byte order mark, by which spreadsheets know UTF-8.
pub fn write(sheet: &Sheet) -> Vec<u8> {
    let mut file = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer("\u{feff}".as_bytes().to_vec());
    let names = sheet.columns.iter().map(|column| column.name());
    let mut write = |row: Vec<String>| file.write_record(row).expect("a vector takes all bytes");
    write(names.map(str::to_owned).collect());
    for row in &sheet.rows {
        write(row.iter().map(cell).collect());
    }
    file.into_inner().expect("a vector takes all bytes")
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Count(count) => count.to_string(),
        Cell::Share(share) => share.to_string(),
        Cell::Text(text) if text.starts_with(FORMULAS) => format!("'{text}"),
        Cell::Text(text) => text.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sheets::{Column, Part};
    use super::*;

    #[test]
    fn texts_are_no_formulas_and_numbers_are_numbers() {
        let text = |text: &str| Cell::Text(text.to_owned());
        let rows = vec![
            vec![text("=1+1"), Cell::Count(-3)],
            vec![text("+84"), Cell::Share(0.1)],
            vec![text("-x"), Cell::Empty],
            vec![text("@x, \"y\""), Cell::Count(0)],
            vec![text("An = B"), Cell::Share(2.323_16)],
        ];
        let columns = &[Column::Name, Column::Gained];
        let file = write(&Sheet { part: Part::Board, columns, rows });
        let expected = "\u{feff}name,gained\r\n'=1+1,-3\r\n'+84,0.1\r\n'-x,\r\n\
            \"'@x, \"\"y\"\"\",0\r\nAn = B,2.32316\r\n";
        assert_eq!(String::from_utf8(file).unwrap(), expected);
    }
}
