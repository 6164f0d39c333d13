//! Workbooks as Excel saves them, taken as they are.

use std::io::{Cursor, Write as _};

use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet};
use sangkien::exchange::Noun::{Initiatives, Periods, Targets, Units};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{Desk, PERIODS, TAKEN, UNITS};
use crate::database::Kind;

fn saved(mut book: Workbook) -> Vec<u8> {
    book.save_to_buffer().unwrap()
}

/// A sheet with these rows of texts.
fn write(sheet: &mut Worksheet, first: u32, rows: &[&[&str]]) {
    for (row, cells) in (first..).zip(rows) {
        for (column, cell) in (0..).zip(*cells) {
            sheet.write_string(row, column, *cell).unwrap();
        }
    }
}

/// A workbook of one sheet with these rows of texts.
fn of_texts(rows: &[&[&str]]) -> Vec<u8> {
    let mut book = Workbook::new();
    write(book.add_worksheet(), 0, rows);
    saved(book)
}

/// A workbook whose one sheet is this XML.
fn of_xml(sheet: &str) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let relationships = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    for (name, text) in [
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{package}\"><Relationship Id=\"r\" Type=\"{relationships}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{relationships}\"><sheets><sheet name=\"DS\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" Type=\"{relationships}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
            ),
        ),
        ("xl/worksheets/sheet1.xml", format!("<worksheet xmlns=\"{main}\">{sheet}</worksheet>")),
    ] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The sheet of units as an officer keeps it: titles above, numbers of lines, notes, codes as numbers.
fn of_an_officer() -> Vec<u8> {
    let mut book = Workbook::new();
    write(
        book.add_worksheet().set_name("Hướng dẫn").unwrap(),
        0,
        &[&["Điền vào trang sau", "Tên"]],
    );
    let hidden = book.add_worksheet().set_name("Mẫu cũ").unwrap().set_hidden(true);
    write(hidden, 0, &[&["Mã", "Tên", "Loại", "Mã cấp trên"], &["x", "X", "CĐCS", ""]]);
    let sheet = book.add_worksheet().set_name("Đơn vị").unwrap();
    let title = Format::new().set_bold();
    sheet.merge_range(0, 0, 0, 5, "DANH SÁCH CÔNG ĐOÀN CƠ SỞ", &title).unwrap();
    let head = [
        "STT",
        "Mã",
        "Tên công đoàn",
        "Loại",
        "Mã cấp trên",
        "Số đoàn viên",
        "Có vốn đầu tư nước ngoài",
        "Ngày ngừng hoạt động",
        "Khu vực",
        "Ghi chú",
    ];
    write(sheet, 3, &[&head]);
    let code = Format::new().set_num_format("0000");
    let date = Format::new().set_num_format("dd/mm/yyyy");
    write(sheet, 4, &[&["1", "tld", "Tổng Liên đoàn", "Tổng Liên đoàn"]]);
    write(sheet, 5, &[&["2", "ldld", "LĐLĐ tỉnh Bình Minh", "LĐLĐ tỉnh", "tld"]]);
    // A row stays empty, and one has nothing but a colour.
    sheet.write_blank(6, 3, &title).unwrap();
    for (row, number, name) in [(7, 57.0, "CĐCS Đồng Tâm"), (8, 58.0, "CĐCS Tân Biên")] {
        sheet.write_formula(row, 0, Formula::new("=ROW()-5").set_result("2")).unwrap();
        sheet.write_number_with_format(row, 1, number, &code).unwrap();
        sheet.write_string(row, 2, name).unwrap();
        sheet.write_string(row, 3, "cđcs").unwrap();
        sheet.write_formula(row, 4, Formula::new("=\"ld\"&\"ld\"").set_result("ldld")).unwrap();
        sheet.write_number(row, 5, 333.0).unwrap();
    }
    sheet.write_string(7, 6, "x").unwrap();
    sheet.write_boolean(8, 6, false).unwrap();
    let day = ExcelDateTime::from_ymd(2022, 5, 31).unwrap();
    sheet.write_datetime_with_format(8, 7, day, &date).unwrap();
    sheet.write_string(8, 8, "Sản xuất, kinh doanh").unwrap();
    sheet.write_string(8, 9, "sáp nhập").unwrap();
    saved(book)
}

#[tokio::test]
async fn a_workbook_is_taken_as_an_officer_keeps_it() {
    let desk = Desk::fresh(Kind::Sqlite).await;
    assert_eq!(desk.take(Units, of_an_officer()).await, "4 new, 0 changed, 0 as they are");
    assert_eq!(
        desk.export(Units).await,
        "code,name,kind,parent_code,cluster,sector,foreign_invested,member_count,closed_on\n\
         tld,Tổng Liên đoàn,CONFEDERATION,,,,FALSE,,\n\
         ldld,LĐLĐ tỉnh Bình Minh,PROVINCIAL_FEDERATION,tld,,,FALSE,,\n\
         0057,CĐCS Đồng Tâm,GRASSROOTS_UNION,ldld,,,TRUE,333,\n\
         0058,CĐCS Tân Biên,GRASSROOTS_UNION,ldld,,PRODUCTION_BUSINESS,FALSE,333,2022-05-31\n"
    );
    assert_eq!(desk.take(Units, of_an_officer()).await, "0 new, 0 changed, 4 as they are");
}

#[tokio::test]
async fn a_workbook_says_the_same_as_a_csv_file() {
    let desk = Desk::furnished().await;
    for (noun, csv) in [(Units, UNITS), (Periods, PERIODS)] {
        let rows: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
        let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
        let said = desk.take(noun, of_texts(&rows)).await;
        assert!(said.starts_with("0 new, 0 changed, "), "{said}");
    }
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    write(
        sheet,
        0,
        &[&["Mã đơn vị", "Mã đợt", "Chỉ tiêu", "Tỷ lệ từ", "Chỉ số"], &["dong-tam", "phase-1"]],
    );
    let percent = Format::new().set_num_format("0.0%");
    sheet.write_number_with_format(1, 3, 0.085, &percent).unwrap();
    sheet.write_string(1, 4, "Số người tham gia").unwrap();
    assert_eq!(desk.take(Targets, saved(book)).await, "1 new, 0 changed, 0 as they are");
    assert!(desk.export(Targets).await.contains("dong-tam,phase-1,29,PARTICIPANTS,ASSIGNED,8.5,,"));

    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let head =
        ["Khóa", "Mã đơn vị", "Tên sáng kiến", "Loại", "Tác giả", "Ngày", "Trạng thái", "Tóm tắt"];
    let moment = Format::new().set_num_format("dd/mm/yyyy hh:mm");
    write(
        sheet,
        0,
        &[&head, &["k1", "dong-tam", "T", "Ý tưởng", "An", "", "Chờ xét duyệt", "một\nhai"]],
    );
    let at = ExcelDateTime::from_ymd(2022, 5, 31).unwrap().and_hms(17, 5, 0).unwrap();
    sheet.write_datetime_with_format(1, 5, at, &moment).unwrap();
    assert_eq!(desk.take(Initiatives, saved(book)).await, "1 new, 0 changed, 0 as they are");
    let exported = desk.export(Initiatives).await;
    let row =
        "k1,dong-tam,T,IDEA,An,2022-05-31T17:05:00.000+07:00,PENDING,,,,,,,,FALSE,,\"một\nhai\",";
    assert!(exported.contains(row), "{exported}");
}

#[tokio::test]
async fn faults_have_the_numbers_of_rows_that_excel_shows() {
    let desk = Desk::furnished().await;
    let book = of_texts(&[
        &["Danh sách"],
        &[],
        &["Mã", "Tên", "Loại", "Mã cấp trên"],
        &["a", "A", "Bộ phận?", "tld"],
        &[],
        &["b", "B", "Công đoàn bộ phận", "nowhere"],
    ]);
    let said = desk.refused(Units, book).await;
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0].starts_with("line 4, Loại \"Bộ phận?\": is not a kind of unit"), "{said}");
    assert!(
        lines[1].starts_with("line 6, Mã cấp trên \"nowhere\": there is no such unit"),
        "{said}"
    );
    let book = of_texts(&[&["Mã", "Tên", "Loại", "Mã cấp trên"], &["b", "B", "CĐBP", "nowhere"]]);
    let said = desk.refused(Units, book).await;
    assert!(said.starts_with("line 2, Mã cấp trên \"nowhere\": there is no such unit"), "{said}");
}

#[tokio::test]
async fn one_sheet_is_read_and_the_others_are_named() {
    let desk = Desk::furnished().await;
    let mut book = Workbook::new();
    let head = ["Mã", "Tên", "Loại", "Mã cấp trên"];
    for (name, code) in [("Một", "a"), ("Hai", "b")] {
        let rows: [&[&str]; 2] = [&head, &[code, "A", "Tổ công đoàn", "tld"]];
        write(book.add_worksheet().set_name(name).unwrap(), 0, &rows);
    }
    let report = desk.import(Units, saved(book), TAKEN).await.unwrap();
    assert_eq!(report.to_string(), "1 new, 0 changed, 0 as they are");
    let remark = report.remark.unwrap().text(sangkien::auth::Language::English);
    assert_eq!(remark, "sheet \"Một\" is read; these have the columns too, and are not: \"Hai\"");
}

#[tokio::test]
async fn a_day_that_never_was_is_a_fault() {
    let desk = Desk::furnished().await;
    for (number, told) in [(0.0, "0"), (-5.0, "-5"), (3_000_000.0, "3000000")] {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        let head = ["Mã", "Tên", "Loại", "Mã cấp trên", "Ngày ngừng hoạt động"];
        write(sheet, 0, &[&head, &["a", "A", "SECTION", "tld"]]);
        let day = Format::new().set_num_format("dd/mm/yyyy");
        sheet.write_number_with_format(1, 4, number, &day).unwrap();
        let said = desk.refused(Units, saved(book)).await;
        let expected =
            format!("line 2, Ngày ngừng hoạt động \"{told}\": is not a day such as 2022-05-31");
        assert!(said.starts_with(&expected), "{said}");
    }
    let csv = "code,name,kind,parent_code,closed_on\na,A,SECTION,tld,31/12/1899\n";
    let said = desk.refused(Units, csv).await;
    assert!(said.contains("\"31/12/1899\": is not a day"), "{said}");
}

#[tokio::test]
async fn workbooks_that_cannot_be_read_are_named() {
    let desk = Desk::furnished().await;
    let mut merged = Workbook::new();
    let sheet = merged.add_worksheet();
    write(sheet, 0, &[&["Mã", "Tên", "Loại", "Mã cấp trên"], &["a", "A", "SECTION", "tld"]]);
    sheet.merge_range(1, 3, 2, 3, "tld", &Format::new()).unwrap();
    let row = |number: u32, cells: &[&str]| {
        let cell = |(place, text): (usize, &&str)| {
            let column = char::from(b'A' + u8::try_from(place).unwrap());
            format!("<c r=\"{column}{number}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
        };
        cells.iter().enumerate().map(cell).collect::<String>()
    };
    let head = row(1, &["Mã", "Tên", "Loại", "Mã cấp trên"]);
    let unknown = format!(
        "<sheetData><row r=\"1\">{head}</row><row r=\"2\">{}<c r=\"D2\"><f>A1</f></c></row></sheetData>",
        row(2, &["a", "A", "SECTION"])
    );
    let backwards = format!(
        "<sheetData><row r=\"1\">{head}</row><row r=\"3\">{}</row><row r=\"2\">{}</row></sheetData>",
        row(3, &["a"]),
        row(2, &["b"])
    );
    let far = format!(
        "<sheetData><row r=\"1\">{head}</row><row r=\"2\"><c r=\"XFD2\"><v>1</v></c></row></sheetData>"
    );
    let twice = format!(
        "<sheetData><row r=\"1\">{head}</row><row r=\"2\">{}{}</row></sheetData>",
        row(2, &["a", "A", "SECTION"]),
        row(2, &["", "B"]).split_once("</c>").unwrap().1
    );
    let again = format!(
        "<sheetData><row r=\"1\">{head}</row><row r=\"2\">{}</row><row r=\"2\">{}</row></sheetData>",
        row(2, &["a", "A", "SECTION", "tld"]),
        row(2, &["b", "B", "SECTION", "tld"])
    );
    let endless = format!(
        "<sheetData><row r=\"1\">{head}</row><row r=\"2\"><c r=\"ZZZZZZZ99999999999999999999\"><v>1</v></c></row></sheetData>"
    );
    let mut hidden = Workbook::new();
    hidden.add_worksheet();
    write(
        hidden.add_worksheet().set_hidden(true),
        0,
        &[&["Mã", "Tên", "Loại", "Mã cấp trên"], &["a", "A", "SECTION", "tld"]],
    );
    for (file, why) in [
        (
            saved(merged),
            "sheet \"Sheet1\" has merged cells: D2:D3; unmerge them, and write the value into every row",
        ),
        (
            of_xml(&unknown),
            "cell D2 of sheet \"DS\" is a formula without a value: open the file in Excel and save it again",
        ),
        (of_xml(&backwards), "row 2 comes twice, or too late"),
        (of_xml(&far), "cell XFD2 lies beyond the first 1024 columns"),
        (
            of_texts(&[&["Mã", "Họ tên"], &["1", "An"]]),
            "no sheet has the columns of units in its first 20 rows: they are code, name, kind, parent_code, \
             cluster, sector, foreign_invested, member_count, closed_on; sheets that are shown: \"Sheet1\"",
        ),
        (
            of_xml(&"<sheetData>".replace('>', &" ".repeat(2 << 20))),
            "it begins as a workbook (.xlsx), and is damaged (a text in it is longer than 1024 KiB)",
        ),
        (of_xml(&twice), "cell B2 comes twice, or too late"),
        (of_xml(&again), "cell A2 comes twice, or too late"),
        (
            of_xml(&endless),
            "it is damaged: a cell, or a range of cells, has a name that none can have; open it in Excel and save it again",
        ),
        (
            saved(hidden),
            "no sheet has the columns of units in its first 20 rows: they are code, name, kind, parent_code, \
             cluster, sector, foreign_invested, member_count, closed_on; sheets that are shown: \"Sheet1\" (1 more are \
             hidden, and not read: show the one that is meant)",
        ),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(),
            "it is a workbook of Excel 2003 (.xls), or has a password: save it as .xlsx, without a password",
        ),
        (open_document(), "it is a workbook of LibreOffice (.ods): save it as .xlsx"),
        (b"PK\x03\x04xx".to_vec(), "it begins as a workbook (.xlsx), and is damaged ("),
    ] {
        let said = desk.refused(Units, &file).await;
        assert!(said.starts_with(&format!("/file.csv: {why}")), "{said}");
    }
}

/// The beginning of a workbook as LibreOffice writes it: its type first, as it is.
fn open_document() -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    zip.start_file("mimetype", stored).unwrap();
    zip.write_all(b"application/vnd.oasis.opendocument.spreadsheet").unwrap();
    zip.start_file("content.xml", SimpleFileOptions::default()).unwrap();
    zip.write_all(b"<office:document-content/>").unwrap();
    zip.finish().unwrap().into_inner()
}

/// Little on disk, and much once it is unpacked.
#[tokio::test]
async fn a_workbook_that_is_too_large_is_refused_before_it_is_read() {
    let desk = Desk::furnished().await;
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("xl/sharedStrings.xml", SimpleFileOptions::default()).unwrap();
    let empty = b"<t/>".repeat(1 << 18);
    for _ in 0..=256 {
        zip.write_all(&empty).unwrap();
    }
    let bomb = zip.finish().unwrap().into_inner();
    assert!(bomb.len() < 2 << 20, "{}", bomb.len());
    let said = desk.refused(Units, bomb).await;
    let why =
        "unpacked it is larger than 256 MiB: save it as \"CSV UTF-8\", which may be of any size";
    assert_eq!(said, format!("/file.csv: {why}"));
}
