//! The reasons for which a file cannot be read as a list, each a value that is told in both languages.

use super::bad_lines::BadLine;
use super::titles::{title, titles};
use super::why::Why;
use crate::auth::Language;
use crate::limits::{CELLS_MAX, HEADER_WITHIN, ROW_BYTES_MAX, WORKBOOK_BYTES_MAX};
use crate::messages::outcomes::grouped;

/// The reason why a file cannot be read as a list.
#[derive(Debug, Clone, PartialEq)]
pub enum BadShape {
    NulBytes,
    Empty,
    /// The first row cannot be read.
    Row(Box<BadLine>),
    Header {
        line: u64,
        /// The things that the rows should be, in the plural.
        noun: &'static str,
        faults: Vec<HeaderFault>,
        columns: Vec<&'static str>,
    },

    // Workbooks.
    /// A workbook of Excel 2003, or one with a password.
    Old,
    /// A workbook of LibreOffice's own kind.
    OpenDocument,
    /// The words of the library that reads workbooks.
    NoWorkbook {
        error: String,
    },
    Damaged {
        error: String,
    },
    DamagedNames,
    TooLarge,
    NoSheet {
        noun: &'static str,
        columns: Vec<&'static str>,
        shown: Vec<String>,
        hidden: usize,
    },
    RowTooLong {
        row: u32,
    },
    RowTwice {
        row: u32,
    },
    CellTwice {
        cell: String,
    },
    CellBeyond {
        cell: String,
    },
    Merged {
        sheet: String,
        /// The first ranges.
        ranges: Vec<String>,
        more: usize,
    },
    FormulaWithoutValue {
        sheet: String,
        cell: String,
    },
}

/// One fault of the names of the columns.
#[derive(Debug, Clone, PartialEq)]
pub enum HeaderFault {
    Twice { column: &'static str },
    SameColumn { first: String, second: String, column: &'static str },
    NoName { cell: usize },
    Unknown { written: String, nearest: Option<&'static str> },
    Damaged { written: String, why: Why },
    Missing { columns: Vec<&'static str> },
}

impl BadShape {
    /// The text for the person who made the file.
    pub fn text(&self, language: Language) -> String {
        match language {
            Language::English => self.english(),
            Language::Vietnamese => self.vietnamese(),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::NulBytes => {
                "it has NUL bytes: it is UTF-16, or not text; save it as \"CSV UTF-8\"".to_owned()
            }
            Self::Empty => "it is empty; its first line must name the columns".to_owned(),
            Self::Row(bad) => bad.text(Language::English),
            Self::Header { line, noun, faults, columns } => format!(
                "line {line} does not name the columns of {noun}: {}; they are {}{}",
                told(faults, Language::English),
                columns.join(", "),
                if has_spare(faults) { "; delete columns that are none of these" } else { "" }
            ),
            Self::Old => {
                "it is a workbook of Excel 2003 (.xls), or has a password: save it as .xlsx, without a password".to_owned()
            }
            Self::OpenDocument => "it is a workbook of LibreOffice (.ods): save it as .xlsx".to_owned(),
            Self::NoWorkbook { error } => format!(
                "it cannot be read as a workbook (.xlsx): {error}; open it in Excel and save it again"
            ),
            Self::Damaged { error } => format!(
                "it begins as a workbook (.xlsx), and is damaged ({error}): it may have been copied in part; copy it again, or \
                 open it in Excel and save it again"
            ),
            Self::DamagedNames => {
                "it is damaged: a cell, or a range of cells, has a name that none can have; open it in Excel and save it again"
                    .to_owned()
            }
            Self::TooLarge => format!(
                "unpacked it is larger than {} MiB: save it as \"CSV UTF-8\", which may be of any size",
                WORKBOOK_BYTES_MAX >> 20
            ),
            Self::NoSheet { noun, columns, shown, hidden } => {
                let hidden = match hidden {
                    0 => String::new(),
                    hidden => format!(
                        " ({hidden} more are hidden, and not read: show the one that is meant)"
                    ),
                };
                format!(
                    "no sheet has the columns of {noun} in its first {HEADER_WITHIN} rows: they are {}; sheets that are shown: \
                     {}{hidden}",
                    columns.join(", "),
                    if shown.is_empty() { "none".to_owned() } else { quoted(shown) },
                )
            }
            Self::RowTooLong { row } => {
                format!("row {row} is longer than {} KiB", ROW_BYTES_MAX / 1_024)
            }
            Self::RowTwice { row } => format!("row {row} comes twice, or too late"),
            Self::CellTwice { cell } => format!("cell {cell} comes twice, or too late"),
            Self::CellBeyond { cell } => {
                format!("cell {cell} lies beyond the first {CELLS_MAX} columns")
            }
            Self::Merged { sheet, ranges, more } => {
                let more = if *more > 0 { format!(" and {more} more") } else { String::new() };
                format!(
                    "sheet {sheet:?} has merged cells: {}{more}; unmerge them, and write the value into every row",
                    ranges.join(", ")
                )
            }
            Self::FormulaWithoutValue { sheet, cell } => format!(
                "cell {cell} of sheet {sheet:?} is a formula without a value: open the file in Excel and save it again"
            ),
        }
    }

    fn vietnamese(&self) -> String {
        match self {
            Self::NulBytes => {
                "tệp có byte NUL: là UTF-16, hoặc không phải văn bản; hãy lưu lại dạng “CSV UTF-8”".to_owned()
            }
            Self::Empty => "tệp trống; dòng đầu phải là tên các cột".to_owned(),
            Self::Row(bad) => bad.text(Language::Vietnamese),
            Self::Header { line, faults, columns, .. } => format!(
                "dòng {line} không phải là dòng tiêu đề đúng: {}; các cột là: {}{}",
                told(faults, Language::Vietnamese),
                titles(columns, Language::Vietnamese),
                if has_spare(faults) { "; hãy xóa các cột khác" } else { "" }
            ),
            Self::Old => {
                "tệp là sổ Excel 2003 (.xls), hoặc có mật khẩu: hãy lưu lại dạng .xlsx, không đặt mật khẩu".to_owned()
            }
            Self::OpenDocument => "tệp là bảng tính LibreOffice (.ods): hãy lưu lại dạng .xlsx".to_owned(),
            Self::NoWorkbook { error } => format!(
                "không đọc được sổ Excel (.xlsx) này: {error}; hãy mở bằng Excel rồi lưu lại"
            ),
            Self::Damaged { error } => format!(
                "sổ Excel (.xlsx) này bị hỏng ({error}): có thể mới chép được một phần; hãy chép lại, hoặc mở bằng Excel rồi \
                 lưu lại"
            ),
            Self::DamagedNames => {
                "sổ Excel này bị hỏng: có ô hoặc vùng ô mang tên không thể có; hãy mở bằng Excel rồi lưu lại".to_owned()
            }
            Self::TooLarge => format!(
                "khi giải nén, tệp lớn hơn {} MiB: hãy lưu dạng “CSV UTF-8”, dạng này lớn bao nhiêu cũng được",
                WORKBOOK_BYTES_MAX >> 20
            ),
            Self::NoSheet { columns, shown, hidden, .. } => {
                let hidden = match hidden {
                    0 => String::new(),
                    hidden => format!(
                        " (còn {hidden} trang tính bị ẩn nên không đọc: hãy cho hiện trang cần nhập)"
                    ),
                };
                format!(
                    "không trang tính nào có các cột cần thiết trong {HEADER_WITHIN} dòng đầu: các cột là: {}; các trang tính đang \
                     hiện: {}{hidden}",
                    titles(columns, Language::Vietnamese),
                    if shown.is_empty() { "không có".to_owned() } else { quoted(shown) },
                )
            }
            Self::RowTooLong { row } => {
                format!("dòng {row} dài hơn {} KiB", ROW_BYTES_MAX / 1_024)
            }
            Self::RowTwice { row } => format!("dòng {row} có hai lần, hoặc sai thứ tự"),
            Self::CellTwice { cell } => format!("ô {cell} có hai lần, hoặc sai thứ tự"),
            Self::CellBeyond { cell } => format!("ô {cell} nằm ngoài {CELLS_MAX} cột đầu"),
            Self::Merged { sheet, ranges, more } => {
                let more = match more {
                    0 => String::new(),
                    more => format!(" và {} vùng nữa", grouped(*more as u64, Language::Vietnamese)),
                };
                format!(
                    "trang tính “{sheet}” có ô gộp: {}{more}; hãy bỏ gộp, và ghi giá trị vào từng dòng",
                    ranges.join(", ")
                )
            }
            Self::FormulaWithoutValue { sheet, cell } => format!(
                "ô {cell} của trang tính “{sheet}” là công thức chưa có giá trị: hãy mở tệp bằng Excel rồi lưu lại"
            ),
        }
    }
}

impl HeaderFault {
    fn text(&self, language: Language) -> String {
        match (self, language) {
            (Self::Twice { column }, Language::English) => {
                format!("the column {column} is there twice")
            }
            (Self::Twice { column }, Language::Vietnamese) => {
                format!("cột {} có hai lần", title(column, language))
            }
            (Self::SameColumn { first, second, column }, Language::English) => {
                format!("{first:?} and {second:?} are the same column, {column}: leave one")
            }
            (Self::SameColumn { first, second, column }, Language::Vietnamese) => {
                format!(
                    "“{first}” và “{second}” là cùng một cột, {}: hãy để lại một",
                    title(column, language)
                )
            }
            (Self::NoName { cell }, Language::English) => format!("cell {cell} has no name"),
            (Self::NoName { cell }, Language::Vietnamese) => format!("ô thứ {cell} không có tên"),
            (Self::Unknown { written, nearest: Some(nearest) }, Language::English) => {
                format!("there is no column {written:?}, the nearest is {nearest}")
            }
            (Self::Unknown { written, nearest: Some(nearest) }, Language::Vietnamese) => {
                format!("không có cột “{written}”, gần nhất là “{}”", title(nearest, language))
            }
            (Self::Unknown { written, nearest: None }, Language::English) => {
                format!("there is no column {written:?}")
            }
            (Self::Unknown { written, nearest: None }, Language::Vietnamese) => {
                format!("không có cột “{written}”")
            }
            (Self::Damaged { written, why }, _) => {
                format!("{} {written:?}: {}", language.choose("column", "cột"), why.text(language))
            }
            (Self::Missing { columns }, Language::English) => {
                format!("missing: {}", columns.join(", "))
            }
            (Self::Missing { columns }, Language::Vietnamese) => {
                format!("thiếu: {}", titles(columns, language))
            }
        }
    }
}

/// Whether all columns are there, and further ones that nothing is like.
fn has_spare(faults: &[HeaderFault]) -> bool {
    let is_missing = |fault: &HeaderFault| matches!(fault, HeaderFault::Missing { .. });
    let is_spare =
        |fault: &HeaderFault| matches!(fault, HeaderFault::Unknown { nearest: None, .. });
    faults.iter().any(is_spare) && !faults.iter().any(is_missing)
}

fn told(faults: &[HeaderFault], language: Language) -> String {
    let texts: Vec<String> = faults.iter().map(|fault| fault.text(language)).collect();
    texts.join("; ")
}

fn quoted(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    names.join(", ")
}
