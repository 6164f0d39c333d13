//! The reasons for which a row or a cell cannot be taken, each a value that is told in both languages.

use crate::auth::Language;
use crate::domain::period::PeriodKind;
use crate::domain::unit::UnitKind;
use crate::domain::{Day, InitiativeStatus, Problem};
use crate::messages::labels::{Both, of_period_kind, of_status, of_unit_kind};
use crate::messages::of_problem;
use crate::messages::outcomes::grouped;

/// The reason why a row, or a cell of it, cannot be taken.
#[derive(Debug, Clone, PartialEq)]
pub enum Why {
    /// The command of the row is refused, or a value for the reason that a command would be.
    Refused(Problem),
    /// A row without the cell that says what it is about.
    NoKey,
    /// An earlier row has the same code.
    OnLineAlready {
        first: u64,
    },

    // The shape of a row.
    RowTooLong {
        kib: usize,
    },
    TooManyCells {
        max: usize,
    },
    QuoteOpen,
    NulByte,
    NotUtf8 {
        cell: usize,
    },
    UnlikeHeader {
        cells: usize,
        columns: usize,
    },

    // Damage.
    ErrorOfExcel,
    CodeShortened,
    CodeIsADay,
    LettersLost,
    Misread {
        meant: String,
    },
    OldFont {
        font: &'static str,
        encoding: &'static str,
    },
    /// A code that is there with zeros ahead.
    ZerosDropped {
        whole: String,
    },

    // Values.
    NotOneOf(Box<NotOneOf>),
    NotAFlag,
    NumberTooLarge,
    NumberShortened,
    NumberSeparated,
    NotANumber,
    NotAShare,
    NotADay,
    NotAMoment,
    DayWithTime,
    TwoDays {
        dmy: Day,
        mdy: Day,
    },

    // Units.
    RootStays {
        code: String,
    },
    RootThere {
        root: String,
        code: String,
    },
    TwoRoots {
        other: String,
        line: u64,
        code: String,
    },
    NoUnit,
    NoUnitAnywhere,
    UnitCircle {
        codes: Vec<String>,
    },

    // Doubts about units.
    OpenBelow {
        first: String,
        count: usize,
    },
    ClosedAbove {
        code: String,
        since: Day,
    },
    Twin {
        code: String,
    },
    /// A federation under a grassroots union.
    BelowLower {
        code: String,
        kind: UnitKind,
        above: UnitKind,
    },
    ZerosDoubted {
        count: usize,
        digits: usize,
        code: String,
    },

    // Doubts about periods.
    /// The days of a period are not all days of the one that it belongs to.
    OutsideParent {
        code: String,
        from: Day,
        until: Day,
    },
    /// A period that stays as it is, and lies outside the one that changes.
    LeavesOutside {
        first: String,
        count: usize,
    },
    PhaseAlone,

    // Periods and targets.
    NoPeriod,
    NoPeriodAnywhere,
    PeriodCircle {
        codes: Vec<String>,
    },
    SameTarget {
        first: u64,
    },
    NoGoal,
    NoShareFrom,

    // Initiatives.
    UnlikeFirst {
        first: u64,
        there: String,
    },
    RowsApart {
        first: u64,
    },
    ReasonUnfit {
        status: InitiativeStatus,
    },
    FeaturedUnfit {
        status: InitiativeStatus,
    },
    ReviewedTooEarly,
    OtherContent {
        key: String,
        there: String,
    },
    /// The initiative of the key is withdrawn.
    WithdrawnHere {
        key: String,
    },

    // Corrections.
    NoSuchKey,
    RowTooMany {
        max: usize,
    },
}

/// A cell that should name one of some values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotOneOf {
    /// A value, with its article in English.
    pub what: Both,
    pub nearest: Option<Both>,
    /// The values: the name of each, and its term in Vietnamese.
    pub all: Vec<Both>,
}

impl Why {
    /// The text for the person who made the file.
    pub fn text(&self, language: Language) -> String {
        match language {
            Language::English => self.english(),
            Language::Vietnamese => self.vietnamese(),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::Refused(problem) => of_problem(problem, Language::English),
            Self::NoKey => {
                "must not be empty; a row below the list, such as a total or a signature, is to be deleted".to_owned()
            }
            Self::OnLineAlready { first } => format!("is on line {first} already"),
            Self::RowTooLong { kib } => {
                format!("is longer than {kib} KiB: a quote (\") may not be closed")
            }
            Self::TooManyCells { max } => format!("has more than {max} cells"),
            Self::QuoteOpen => "has a quote (\") that is not closed".to_owned(),
            Self::NulByte => {
                "has a NUL byte: the file is not text; save it as \"CSV UTF-8\"".to_owned()
            }
            Self::NotUtf8 { cell } => format!("cell {cell} is not UTF-8: save it as \"CSV UTF-8\""),
            Self::UnlikeHeader { cells, columns } => {
                format!("has {cells} cells, the header names {columns} columns")
            }
            Self::ErrorOfExcel => {
                "is an error of Excel: mend the formula, or write the value".to_owned()
            }
            Self::CodeShortened => {
                "was shortened by a spreadsheet, digits may be lost: format the column as text, and write the code again"
                    .to_owned()
            }
            Self::CodeIsADay => {
                "is a day, as spreadsheets make of a code: format the column as text and write the code again, or give --yes"
                    .to_owned()
            }
            Self::LettersLost => {
                "has lost letters: save the file from which it came once more, as .xlsx or \"CSV UTF-8\"".to_owned()
            }
            Self::Misread { meant } => format!(
                "is UTF-8 that was read in another encoding; it should be {meant:?}: open the file by Data → From Text/CSV as \
                 65001 (UTF-8)"
            ),
            Self::OldFont { font, encoding } => format!(
                "is written for old fonts ({encoding}, as {font}): convert the file to Unicode (UniKey: Ctrl+Shift+F6)"
            ),
            Self::ZerosDropped { whole } => format!(
                "there is {whole}: a spreadsheet drops zeros ahead of a number; format the column as text"
            ),
            Self::NotOneOf(cell) => {
                let NotOneOf { what: (what, _), nearest, all } = &**cell;
                let all: Vec<&str> = all.iter().map(|it| it.0).collect();
                let all = all.join(", ");
                match nearest {
                    Some((nearest, _)) => {
                        format!("is not {what}: write {nearest}? All are {all}")
                    }
                    None => format!("is not {what}; one of {all}"),
                }
            }
            Self::NotAFlag => {
                "is neither true nor false: write TRUE or FALSE, 1 or 0, có or không, or x and nothing".to_owned()
            }
            Self::NumberTooLarge => "is too large".to_owned(),
            Self::NumberShortened => {
                "was shortened by a spreadsheet, digits may be lost: format the column as a number without decimals and \
                 save again"
                    .to_owned()
            }
            Self::NumberSeparated => {
                "is not a whole number without separators: whether a point or a comma parts thousands or decimals cannot \
                 be told; write 1234567"
                    .to_owned()
            }
            Self::NotANumber => "is not a whole number".to_owned(),
            Self::NotAShare => "is not a share in per cent such as 8 or 8.5".to_owned(),
            Self::NotADay => "is not a day such as 2022-05-31".to_owned(),
            Self::NotAMoment => {
                "is not a moment such as 2022-05-31T17:00:00+07:00 or 2022-05-31 17:00".to_owned()
            }
            Self::DayWithTime => {
                "is a day with a time; write the day alone, as 2022-05-31".to_owned()
            }
            Self::TwoDays { dmy, mdy } => format!(
                "may be {dmy} or {mdy}, and no other cell of the column tells: write the year first, as {dmy}, \
                 or give --dates dmy (day first) or --dates mdy (month first)"
            ),
            Self::RootStays { code } => {
                format!("{code} is the root and stays it: the cell must be empty")
            }
            Self::RootThere { root, code } => {
                format!("{root} is the root already; {code} needs a parent")
            }
            Self::TwoRoots { other, line, code } => format!(
                "there can be one root: neither {other} (line {line}) nor {code} has a parent"
            ),
            Self::NoUnit => "there is no such unit".to_owned(),
            Self::NoUnitAnywhere => {
                "there is no such unit, neither in the file nor in the database".to_owned()
            }
            Self::UnitCircle { codes } => {
                format!("the unit would lie under itself: {}", codes.join(" → "))
            }
            Self::OpenBelow { first, count: 1 } => {
                format!("{first} stays open under it: close it as well, or give --yes")
            }
            Self::OpenBelow { first, count } => format!(
                "{count} open units stay under it, {first} among them: close them as well, or give --yes"
            ),
            Self::ClosedAbove { code, since } => format!(
                "{code} above it is closed since {since}: close this one as well, open that one, or give --yes"
            ),
            Self::Twin { code } => format!(
                "{code} has this name under the same unit: write that code if it is the same unit, or give --yes if there \
                 are two"
            ),
            Self::BelowLower { code, kind, above } => format!(
                "{code} above it is a {}, and this unit a {}: write the code of the unit that is above it, or give --yes",
                above.as_str(),
                kind.as_str()
            ),
            Self::ZerosDoubted { count, digits, code } => format!(
                "may have lost its zeros: {count} codes of the file begin with 0 and have {digits} digits; write \
                 {code:0>digits$}, or give --yes"
            ),
            Self::OutsideParent { code, from, until } => format!(
                "the period lies outside {code}, which lasts from {from} to {until}: write other days, or the code of another \
                 period that it belongs to, or give --yes"
            ),
            Self::LeavesOutside { first, count: 1 } => {
                format!("{first}, which belongs to it, lies outside these days: change it as well, or give --yes")
            }
            Self::LeavesOutside { first, count } => format!(
                "{count} periods that belong to it lie outside these days, {first} among them: change them as well, or give \
                 --yes"
            ),
            Self::PhaseAlone => {
                "a phase belongs to another period: write the code of that one, or give --yes".to_owned()
            }
            Self::NoPeriod => "there is no such period".to_owned(),
            Self::NoPeriodAnywhere => {
                "there is no such period, neither in the file nor in the database".to_owned()
            }
            Self::PeriodCircle { codes } => {
                format!("the period would lie under itself: {}", codes.join(" → "))
            }
            Self::SameTarget { first } => format!("is the same target as line {first}"),
            Self::NoGoal => "must not be empty where there is no percent_from".to_owned(),
            Self::NoShareFrom => "must not be empty where there is a percent_to".to_owned(),
            Self::UnlikeFirst { first, there } => format!(
                "differs from line {first}, which begins the same initiative and has {there:?}"
            ),
            Self::RowsApart { first } => {
                format!("begins on line {first} already: the rows of one initiative stand together")
            }
            Self::ReasonUnfit { status } => format!("does not go with {}", status.as_str()),
            Self::FeaturedUnfit { status } => {
                format!("does not go with {}: only what is ACCEPTED is", status.as_str())
            }
            Self::ReviewedTooEarly => "lies before submitted_at".to_owned(),
            Self::WithdrawnHere { key } => format!(
                "the initiative {key} is there already, and withdrawn: a key of its own enters the row anew"
            ),
            Self::OtherContent { key, there } => format!(
                "the initiative {key} is there already, with {there:?}; an import adds initiatives and changes none"
            ),
            Self::NoSuchKey => "no initiative has this key".to_owned(),
            Self::RowTooMany { max } => {
                format!("is one row too many: a file of corrections has at most {max}")
            }
        }
    }

    fn vietnamese(&self) -> String {
        match self {
            Self::Refused(problem) => of_problem(problem, Language::Vietnamese),
            Self::NoKey => {
                "không được để trống; nếu là dòng cộng, dòng ký tên ở dưới danh sách thì hãy xóa dòng đó".to_owned()
            }
            Self::OnLineAlready { first } => format!("đã có ở dòng {first}"),
            Self::RowTooLong { kib } => {
                format!("dài hơn {kib} KiB: có thể thiếu một dấu ngoặc kép (\") đóng")
            }
            Self::TooManyCells { max } => format!("có hơn {max} ô"),
            Self::QuoteOpen => "có dấu ngoặc kép (\") mở mà không đóng".to_owned(),
            Self::NulByte => {
                "có byte NUL: tệp không phải là văn bản; hãy lưu lại dạng “CSV UTF-8”".to_owned()
            }
            Self::NotUtf8 { cell } => {
                format!("ô thứ {cell} không phải mã UTF-8: hãy lưu tệp lại dạng “CSV UTF-8”")
            }
            Self::UnlikeHeader { cells, columns } => {
                format!("có {cells} ô, mà dòng tiêu đề có {columns} cột")
            }
            Self::ErrorOfExcel => {
                "là lỗi của Excel: hãy sửa công thức, hoặc ghi thẳng giá trị".to_owned()
            }
            Self::CodeShortened => {
                "đã bị bảng tính rút gọn, có thể mất chữ số: hãy định dạng cột là Văn bản (Text) rồi ghi lại mã".to_owned()
            }
            Self::CodeIsADay => {
                "là một ngày, vì bảng tính tưởng mã là ngày: hãy định dạng cột là Văn bản (Text) rồi ghi lại mã, hoặc thêm --yes".to_owned()
            }
            Self::LettersLost => {
                "bị mất chữ: hãy mở tệp gốc và lưu lại dạng .xlsx hoặc “CSV UTF-8”".to_owned()
            }
            Self::Misread { meant } => format!(
                "là UTF-8 bị đọc sai bảng mã, đúng ra là “{meant}”: hãy mở tệp bằng Data → From Text/CSV, chọn 65001 (UTF-8)"
            ),
            Self::OldFont { font, encoding } => format!(
                "viết bằng phông chữ cũ ({encoding}, như {font}): hãy chuyển tệp sang Unicode (UniKey: Ctrl+Shift+F6)"
            ),
            Self::ZerosDropped { whole } => format!(
                "có mã {whole}: bảng tính bỏ mất số 0 ở đầu; hãy định dạng cột là Văn bản (Text)"
            ),
            Self::NotOneOf(cell) => {
                let NotOneOf { what: (_, what), nearest, all } = &**cell;
                let all: Vec<&str> = all.iter().map(|it| it.1).collect();
                let all = all.join("; ");
                match nearest {
                    Some((_, nearest)) => format!(
                        "không phải là {what}: có phải là “{nearest}”? Các giá trị được nhận: {all}"
                    ),
                    None => format!("không phải là {what}; các giá trị được nhận: {all}"),
                }
            }
            Self::NotAFlag => {
                "phải là có hoặc không: ghi có hoặc không, TRUE hoặc FALSE, 1 hoặc 0, hoặc x và để trống".to_owned()
            }
            Self::NumberTooLarge => "quá lớn".to_owned(),
            Self::NumberShortened => {
                "đã bị bảng tính rút gọn, có thể mất chữ số: hãy định dạng cột là số không có phần thập phân rồi lưu lại"
                    .to_owned()
            }
            Self::NumberSeparated => {
                "có dấu chấm hay dấu phẩy mà không rõ là phân cách hàng nghìn hay phần thập phân: hãy ghi liền, như 1234567"
                    .to_owned()
            }
            Self::NotANumber => "không phải là số nguyên".to_owned(),
            Self::NotAShare => "không phải là tỷ lệ phần trăm như 8 hoặc 8,5".to_owned(),
            Self::NotADay => "không phải là một ngày như 31/05/2022 hoặc 2022-05-31".to_owned(),
            Self::NotAMoment => {
                "không phải là một thời điểm như 2022-05-31 17:00".to_owned()
            }
            Self::DayWithTime => "là ngày kèm giờ; chỉ ghi ngày, như 2022-05-31".to_owned(),
            Self::TwoDays { dmy, mdy } => format!(
                "có thể là {dmy} hoặc {mdy}, mà không ô nào khác trong cột cho biết: hãy ghi năm trước, như {dmy}, hoặc thêm \
                 --dates dmy (ngày trước) hay --dates mdy (tháng trước)"
            ),
            Self::RootStays { code } => {
                format!("{code} là đơn vị gốc và giữ nguyên như vậy: ô này phải để trống")
            }
            Self::RootThere { root, code } => {
                format!("{root} đã là đơn vị gốc; {code} phải có đơn vị cấp trên")
            }
            Self::TwoRoots { other, line, code } => format!(
                "chỉ có một đơn vị gốc: cả {other} (dòng {line}) lẫn {code} đều chưa có đơn vị cấp trên"
            ),
            Self::NoUnit => "không có đơn vị này".to_owned(),
            Self::NoUnitAnywhere => {
                "không có đơn vị này, cả trong tệp lẫn trong cơ sở dữ liệu".to_owned()
            }
            Self::UnitCircle { codes } => {
                format!("đơn vị nằm dưới chính nó: {}", codes.join(" → "))
            }
            Self::OpenBelow { first, count: 1 } => format!(
                "{first} ở dưới vẫn hoạt động: hãy cho dừng cả đơn vị đó, hoặc thêm --yes"
            ),
            Self::OpenBelow { first, count } => format!(
                "{count} đơn vị ở dưới vẫn hoạt động, trong đó có {first}: hãy cho dừng cả các đơn vị đó, hoặc thêm --yes"
            ),
            Self::ClosedAbove { code, since } => format!(
                "{code} ở trên đã dừng hoạt động từ {since}: hãy cho dừng cả đơn vị này, cho đơn vị trên hoạt động lại, hoặc \
                 thêm --yes"
            ),
            Self::Twin { code } => format!(
                "{code} có cùng tên và cùng đơn vị cấp trên: nếu là một đơn vị thì hãy ghi mã đó, nếu đúng là hai đơn vị thì \
                 thêm --yes"
            ),
            Self::BelowLower { code, kind, above } => format!(
                "đơn vị cấp trên {code} thuộc loại “{}”, còn đơn vị này thuộc loại “{}”: hãy ghi đúng mã cấp trên, hoặc thêm --yes",
                of_unit_kind(*above).1,
                of_unit_kind(*kind).1
            ),
            Self::ZerosDoubted { count, digits, code } => format!(
                "có thể đã mất số 0 ở đầu: {count} mã trong tệp bắt đầu bằng 0 và có {digits} chữ số; hãy ghi \
                 {code:0>digits$}, hoặc thêm --yes"
            ),
            Self::OutsideParent { code, from, until } => format!(
                "đợt thi đua nằm ngoài đợt bao trùm {code} (từ {from} đến {until}): hãy ghi lại ngày, ghi mã đợt bao trùm khác, \
                 hoặc thêm --yes"
            ),
            Self::LeavesOutside { first, count: 1 } => format!(
                "{first} thuộc đợt này lại nằm ngoài các ngày đó: hãy sửa cả đợt đó, hoặc thêm --yes"
            ),
            Self::LeavesOutside { first, count } => format!(
                "{count} đợt thuộc đợt này lại nằm ngoài các ngày đó, trong đó có {first}: hãy sửa cả các đợt đó, hoặc thêm --yes"
            ),
            Self::PhaseAlone => format!(
                "đợt thi đua loại “{}” phải thuộc một đợt bao trùm: hãy ghi mã đợt đó, hoặc thêm --yes",
                of_period_kind(PeriodKind::Phase).1
            ),
            Self::NoPeriod => "không có đợt thi đua này".to_owned(),
            Self::NoPeriodAnywhere => {
                "không có đợt thi đua này, cả trong tệp lẫn trong cơ sở dữ liệu".to_owned()
            }
            Self::PeriodCircle { codes } => {
                format!("đợt thi đua nằm dưới chính nó: {}", codes.join(" → "))
            }
            Self::SameTarget { first } => format!("là chỉ tiêu đã có ở dòng {first}"),
            Self::NoGoal => "không được để trống khi không có Tỷ lệ từ".to_owned(),
            Self::NoShareFrom => "không được để trống khi có Tỷ lệ đến".to_owned(),
            Self::UnlikeFirst { first, there } => {
                format!("khác với dòng {first}, là dòng đầu của cùng sáng kiến và ghi “{there}”")
            }
            Self::RowsApart { first } => format!(
                "sáng kiến này đã bắt đầu ở dòng {first}: các dòng của một sáng kiến phải liền nhau"
            ),
            Self::ReasonUnfit { status } => {
                format!("không đi cùng trạng thái “{}”", of_status(*status).1)
            }
            Self::FeaturedUnfit { status } => format!(
                "không đi cùng trạng thái “{}”: chỉ sáng kiến hợp lệ mới là tiêu biểu",
                of_status(*status).1
            ),
            Self::ReviewedTooEarly => "trước thời điểm đăng ký".to_owned(),
            Self::WithdrawnHere { key } => format!(
                "sáng kiến {key} đã có và đã rút: muốn nhập lại dòng này thì ghi một khóa khác"
            ),
            Self::OtherContent { key, there } => format!(
                "sáng kiến {key} đã có, với nội dung “{there}”; nhập tệp chỉ thêm sáng kiến mới, không sửa sáng kiến đã có"
            ),
            Self::NoSuchKey => "không có sáng kiến nào mang khóa này".to_owned(),
            Self::RowTooMany { max } => format!(
                "là dòng thừa: một tệp đính chính có nhiều nhất {} dòng",
                grouped(*max as u64, Language::Vietnamese)
            ),
        }
    }
}

impl From<Problem> for Why {
    fn from(problem: Problem) -> Self {
        Self::Refused(problem)
    }
}
