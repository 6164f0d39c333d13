//! The columns of each kind of file, and the header that names those which are there.

use super::bad_lines::BadLine;
use super::bad_shape::{BadShape, HeaderFault};
use super::content::{Content, content};
use super::damage;
use super::dates::DateOrder;
use super::row::Row;
use super::why::Why;
use crate::domain::text::{fold, normalise};

/// The kind of thing that a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Noun {
    Units,
    Periods,
    Targets,
    Initiatives,
    /// Units that stand under a wrong code.
    Renames,
    /// Initiatives that were entered under a wrong unit.
    Transfers,
    /// Initiatives that should not have been entered.
    Withdrawals,
    /// Units that should not have been made, and never had anything.
    Deletions,
    /// Targets that should not be there.
    Removals,
}

/// A column of a file.
struct Column {
    name: &'static str,
    /// Whether every file must have it.
    is_needed: bool,
    /// Its names in Vietnamese, folded: without diacritics, in small letters. The first is the term of the glossary.
    vietnamese: &'static [&'static str],
}

const fn needed(name: &'static str, vietnamese: &'static [&'static str]) -> Column {
    Column { name, is_needed: true, vietnamese }
}

const fn maybe(name: &'static str, vietnamese: &'static [&'static str]) -> Column {
    Column { name, is_needed: false, vietnamese }
}

const UNITS: [Column; 9] = [
    needed("code", &["ma", "ma don vi", "ma cong doan", "ma cd", "ma cdcs"]),
    needed("name", &["ten", "ten don vi", "ten cong doan", "ten cd", "ten cdcs"]),
    needed("kind", &["loai", "loai don vi", "loai cong doan"]),
    needed(
        "parent_code",
        &["ma cap tren", "ma don vi cap tren", "ma cong doan cap tren", "ma cap tren truc tiep"],
    ),
    maybe("cluster", &["cum", "khoi thi dua", "cum khoi thi dua", "cum thi dua"]),
    maybe("sector", &["khu vuc"]),
    maybe(
        "foreign_invested",
        &[
            "co von dau tu nuoc ngoai",
            "von dau tu nuoc ngoai",
            "doanh nghiep co von dau tu nuoc ngoai",
            "fdi",
        ],
    ),
    maybe(
        "member_count",
        &["so doan vien nguoi lao dong", "so doan vien", "so nguoi lao dong", "doan vien"],
    ),
    maybe("closed_on", &["ngay ngung hoat dong", "ngung hoat dong", "ngay giai the"]),
];
const PERIODS: [Column; 10] = [
    needed("code", &["ma", "ma dot", "ma dot thi dua"]),
    needed("name", &["ten", "ten dot", "ten dot thi dua"]),
    needed("kind", &["loai", "loai dot", "loai dot thi dua"]),
    needed("starts_on", &["ngay bat dau", "tu ngay", "ngay dau"]),
    needed("ends_on", &["ngay ket thuc", "den ngay", "den het ngay", "ngay cuoi"]),
    needed("owner_code", &["ma don vi phat dong", "don vi phat dong", "ma don vi"]),
    maybe("parent_code", &["ma dot cap tren", "ma dot bao trum", "ma cap tren"]),
    maybe("metric", &["chi so"]),
    maybe("applied_from", &["ap dung tu ngay", "ap dung tu"]),
    maybe("applied_until", &["ap dung den ngay", "ap dung den het ngay", "ap dung den"]),
];
const TARGETS: [Column; 10] = [
    needed("unit_code", &["ma don vi", "ma cong doan", "ma cd", "ma"]),
    needed("period_code", &["ma dot", "ma dot thi dua", "dot thi dua", "dot"]),
    needed("goal", &["chi tieu", "so chi tieu"]),
    maybe("metric", &["chi so"]),
    maybe("origin", &["nguon chi tieu", "nguon"]),
    maybe("percent_from", &["ty le tu", "ti le tu", "ty le", "ti le"]),
    maybe("percent_to", &["ty le den", "ti le den"]),
    maybe("document_number", &["so van ban", "van ban"]),
    maybe("group", &["nhom tac gia", "nhom"]),
    maybe("field", &["linh vuc"]),
];
const INITIATIVES: [Column; 21] = [
    needed("key", &["khoa chong trung", "khoa", "ma sang kien", "so dang ky"]),
    needed("unit_code", &["ma don vi", "ma cong doan", "ma cd"]),
    needed("title", &["ten sang kien", "ten", "ten giai phap", "sang kien"]),
    needed("kind", &["loai giai phap", "loai", "loai sang kien"]),
    needed(
        "author_name",
        &["tac gia", "ten tac gia", "ho ten tac gia", "ho ten", "ho va ten", "ho va ten tac gia"],
    ),
    needed("submitted_at", &["ngay dang ky", "ngay gio dang ky", "thoi gian dang ky", "ngay"]),
    needed("status", &["trang thai"]),
    maybe("field", &["linh vuc"]),
    maybe("team", &["to doi phong", "to", "doi", "phong"]),
    maybe("person_code", &["ma so nguoi", "ma nguoi", "ma tac gia", "ma nhan vien"]),
    maybe("author_group", &["nhom tac gia", "nhom"]),
    maybe("author_contact", &["thong tin lien he", "lien he"]),
    maybe("applied_on", &["ngay ap dung lan dau", "ngay ap dung"]),
    maybe("recognised_by", &["cong nhan", "don vi cong nhan", "hoi dong cong nhan"]),
    maybe("confidential", &["bao mat"]),
    maybe("benefit_vnd", &["gia tri lam loi", "gia tri lam loi dong", "gia tri lam loi vnd"]),
    maybe("summary", &["tom tat", "noi dung tom tat", "noi dung"]),
    maybe("rejection_reason", &["ly do", "ly do khong hop le"]),
    maybe("review_note", &["y kien xet duyet", "y kien"]),
    maybe("featured", &["tieu bieu", "sang kien tieu bieu"]),
    maybe("reviewed_at", &["ngay xet duyet", "ngay gio xet duyet", "thoi gian xet duyet"]),
];
const RENAMES: [Column; 2] = [
    needed("code", &["ma", "ma don vi", "ma cong doan", "ma cu"]),
    needed("new_code", &["ma moi", "ma don vi moi", "ma cong doan moi"]),
];
const TRANSFERS: [Column; 3] = [
    needed("key", &["khoa chong trung", "khoa", "ma sang kien", "so dang ky"]),
    needed("unit_code", &["ma don vi moi", "ma don vi", "ma cong doan", "ma cd"]),
    maybe("reason", &["ly do"]),
];
const WITHDRAWALS: [Column; 2] = [
    needed("key", &["khoa chong trung", "khoa", "ma sang kien", "so dang ky"]),
    needed("reason", &["ly do"]),
];

const DELETIONS: [Column; 2] = [
    needed("code", &["ma", "ma don vi", "ma cong doan", "ma cd", "ma cdcs"]),
    maybe("reason", &["ly do"]),
];
const REMOVALS: [Column; 6] = [
    needed("unit_code", &["ma don vi", "ma cong doan", "ma cd", "ma"]),
    needed("period_code", &["ma dot", "ma dot thi dua", "dot thi dua", "dot"]),
    maybe("metric", &["chi so"]),
    maybe("origin", &["nguon chi tieu", "nguon"]),
    maybe("group", &["nhom tac gia", "nhom"]),
    maybe("field", &["linh vuc"]),
];

/// Columns that sheets have for their readers; an import passes over them.
const PASSED_OVER: [&str; 7] = ["stt", "tt", "so tt", "so thu tu", "ghi chu", "no", "note"];

impl Noun {
    /// The name on the command line.
    pub const fn as_str(self) -> &'static str {
        self.layout().name
    }

    /// The columns of its files.
    pub const fn layout(self) -> &'static Layout {
        match self {
            Self::Units => &Layout { name: "units", columns: &UNITS },
            Self::Periods => &Layout { name: "periods", columns: &PERIODS },
            Self::Targets => &Layout { name: "targets", columns: &TARGETS },
            Self::Initiatives => &Layout { name: "initiatives", columns: &INITIATIVES },
            Self::Renames => &Layout { name: "renames", columns: &RENAMES },
            Self::Transfers => &Layout { name: "transfers", columns: &TRANSFERS },
            Self::Withdrawals => &Layout { name: "withdrawals", columns: &WITHDRAWALS },
            Self::Deletions => &Layout { name: "deletions", columns: &DELETIONS },
            Self::Removals => &Layout { name: "removals", columns: &REMOVALS },
        }
    }

    /// The columns in the order of an export.
    pub fn columns(self) -> impl Iterator<Item = &'static str> {
        self.layout().names()
    }
}

/// The columns that a kind of file may have.
pub struct Layout {
    /// The things of which a row is one, in the plural.
    pub name: &'static str,
    columns: &'static [Column],
}

/// The list of fields of work that a server is started with.
pub const FIELDS: Layout = Layout {
    name: "fields",
    columns: &[
        needed("code", &["ma", "ma linh vuc"]),
        needed("name", &["ten", "ten linh vuc", "linh vuc"]),
    ],
};

impl Layout {
    /// The name of the first column, which says what a row is about.
    pub fn key_column(&self) -> &'static str {
        self.columns.first().map_or("", |column| column.name)
    }

    /// The names of all columns.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().map(|column| column.name)
    }

    /// The column that a cell of a header names, in English or in Vietnamese.
    pub fn column(&self, cell: &str) -> Option<&'static str> {
        let folded = fold(cell);
        // Folded, a name in English has blanks for the underscores.
        let is_of = |column: &&Column| {
            column.vietnamese.contains(&folded.as_str()) || fold(column.name) == folded
        };
        self.columns.iter().find(is_of).map(|column| column.name)
    }

    /// The number of cells that name a column.
    pub fn known<'a>(&self, cells: impl Iterator<Item = &'a str>) -> usize {
        cells.filter(|cell| self.column(cell).is_some()).count()
    }

    /// Whether these cells are a header: two of them name columns, as those of a title do not.
    pub fn is_header<'a>(&self, cells: impl Iterator<Item = &'a str>) -> bool {
        self.known(cells) >= 2
    }
}

/// The header: the column of each cell.
#[derive(Debug, Clone, Default)]
pub struct Header {
    /// The columns by cell; `None` is passed over.
    columns: Vec<Option<&'static str>>,
    /// The cells.
    written: Vec<String>,
    /// The columns of days whose order is known.
    orders: Vec<(&'static str, DateOrder)>,
    /// Whether cells are taken that look damaged, as another Sangkien may have had them.
    pub is_trusted: bool,
}

impl Header {
    /// # Errors
    /// The faults of the names of the columns.
    pub fn read(layout: &Layout, line: u64, cells: &[&str]) -> Result<Self, BadShape> {
        let mut written: Vec<String> = cells.iter().map(|cell| normalise(cell)).collect();
        while written.last().is_some_and(String::is_empty) {
            written.pop();
        }
        let mut faults = Vec::new();
        let mut columns: Vec<Option<&'static str>> = Vec::new();
        for (place, name) in written.iter().enumerate() {
            match layout.column(name) {
                Some(column) => {
                    if let Some(first) = columns.iter().position(|here| *here == Some(column)) {
                        faults.push(twice(column, &written[first], name));
                    }
                    columns.push(Some(column));
                }
                None if PASSED_OVER.contains(&fold(name).as_str()) => columns.push(None),
                None if name.is_empty() => faults.push(HeaderFault::NoName { cell: place + 1 }),
                None => faults.push(unknown(layout, name)),
            }
        }
        let is_missing =
            |column: &&Column| column.is_needed && !columns.contains(&Some(column.name));
        let missing: Vec<&'static str> =
            layout.columns.iter().filter(is_missing).map(|it| it.name).collect();
        if !missing.is_empty() {
            faults.push(HeaderFault::Missing { columns: missing });
        }
        if faults.is_empty() {
            return Ok(Self { columns, written, ..Self::default() });
        }
        Err(BadShape::Header { line, noun: layout.name, faults, columns: layout.names().collect() })
    }

    /// The columns with the places of their cells.
    pub fn columns(&self) -> impl Iterator<Item = (usize, &'static str)> {
        self.columns.iter().enumerate().filter_map(|(place, column)| Some((place, (*column)?)))
    }

    /// The columns of days with the places of their cells.
    pub fn columns_of_days(&self) -> Vec<(usize, &'static str)> {
        let is_of_days = |column: &str| matches!(content(column), Content::Day | Content::Moment);
        self.columns().filter(|(_, column)| is_of_days(column)).collect()
    }

    /// Notes the order of the days of a column.
    pub fn set_order(&mut self, column: &'static str, order: DateOrder) {
        self.orders.push((column, order));
    }

    /// The order of the days of a column, if it is known.
    pub fn order(&self, column: &str) -> Option<DateOrder> {
        self.orders.iter().find(|(of, _)| *of == column).map(|&(_, order)| order)
    }

    /// The names of columns that are written in another way than ours.
    pub fn titles(&self) -> Vec<(&'static str, String)> {
        let named = self.columns().map(|(place, column)| (column, self.written[place].clone()));
        named.filter(|(column, written)| column != written).collect()
    }

    /// Whether the file has the column.
    pub fn has(&self, column: &str) -> bool {
        self.columns.contains(&Some(column))
    }

    /// The cell of that column in a row; `None` when the file has no such column.
    pub fn cell<'a>(&self, row: &Row<'a>, column: &str) -> Option<&'a str> {
        self.columns.iter().position(|here| *here == Some(column)).map(|place| row.cell(place))
    }

    /// The row, when it has as many cells as there are columns. Empty ones behind them are none.
    pub fn fit<'a>(&self, row: Row<'a>) -> Result<Row<'a>, BadLine> {
        let (cells, columns) = (row.len(), self.columns.len());
        let beyond = row.cells().skip(columns).any(|cell| !cell.trim().is_empty());
        if cells < columns || beyond {
            return Err(BadLine::new(row.line, Why::UnlikeHeader { cells, columns }));
        }
        Ok(row)
    }
}

fn twice(column: &'static str, first: &str, second: &str) -> HeaderFault {
    if fold(first) == fold(second) {
        HeaderFault::Twice { column }
    } else {
        let (first, second) = (first.to_owned(), second.to_owned());
        HeaderFault::SameColumn { first, second, column }
    }
}

fn unknown(layout: &Layout, written: &str) -> HeaderFault {
    if let Some(why) = damage::of("name", written) {
        return HeaderFault::Damaged { written: written.to_owned(), why };
    }
    let name = fold(written);
    let likeness = |to: &str| strsim::normalized_damerau_levenshtein(&fold(to), &name);
    let best = |column: &Column| {
        column.vietnamese.iter().map(|name| likeness(name)).fold(likeness(column.name), f64::max)
    };
    let nearest = layout
        .columns
        .iter()
        .map(|column| (best(column), column.name))
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .filter(|(likeness, _)| *likeness >= 0.6);
    HeaderFault::Unknown { written: written.to_owned(), nearest: nearest.map(|(_, name)| name) }
}

#[cfg(test)]
mod tests {
    use super::super::titles::title;
    use super::*;
    use crate::auth::Language;

    const ALL: [Noun; 4] = [Noun::Units, Noun::Periods, Noun::Targets, Noun::Initiatives];

    fn layouts() -> impl Iterator<Item = &'static Layout> {
        ALL.map(Noun::layout).into_iter().chain([&FIELDS])
    }

    #[test]
    fn a_name_stands_for_one_column() {
        for layout in layouts() {
            let names = |column: &Column| [&[column.name][..], column.vietnamese].concat();
            let mut all: Vec<String> = layout.columns.iter().flat_map(names).map(fold).collect();
            all.extend(PASSED_OVER.map(str::to_owned));
            let count = all.len();
            all.sort();
            all.dedup();
            assert_eq!(all.len(), count, "{}", layout.name);
            for name in layout.columns.iter().flat_map(|column| column.vietnamese) {
                assert_eq!(fold(name), *name, "is not folded");
            }
        }
    }

    #[test]
    fn each_column_has_a_title_that_names_it() {
        for noun in <Noun as clap::ValueEnum>::value_variants() {
            for column in noun.columns() {
                let title = title(column, Language::Vietnamese);
                assert_eq!(noun.layout().column(title), Some(column), "{column}: {title}");
            }
        }
    }

    #[test]
    fn names_in_vietnamese_are_known_however_they_are_written() {
        for cell in [
            "Mã cấp trên",
            "MÃ CẤP TRÊN",
            "ma_cap_tren",
            " Ma  cap tren ",
            "Mã\ncấp trên",
            "Parent-Code",
        ] {
            assert_eq!(Noun::Units.layout().column(cell), Some("parent_code"), "{cell}");
        }
        assert_eq!(Noun::Targets.layout().column("Chỉ tiêu"), Some("goal"));
        assert_eq!(Noun::Initiatives.layout().column("Ngày"), Some("submitted_at"));
        assert_eq!(Noun::Units.layout().column("Danh sách đơn vị"), None);
    }
}
