//! The words of `sangkien init`, in both languages.

use crate::auth::Language;
use crate::domain::{Day, Problem};

use super::of_problem;

/// Characters of a federation's code: the codes of its sample units are longer.
pub const CODE_CHARACTERS: usize = 40;

/// The question which language everything else is asked and written in.
pub const ASK_LANGUAGE: &str = "Tiếng Việt / English (vi/en) [vi]: ";

/// A question to the person at the terminal.
#[derive(Debug, Clone, Copy)]
pub enum Question<'a> {
    Name,
    /// An empty answer takes the suggested code, unless that is empty.
    Code {
        suggested: &'a str,
    },
}

impl Question<'_> {
    pub fn text(self, language: Language) -> String {
        match self {
            Self::Name => language
                .choose("Full name of the federation: ", "Tên đầy đủ của liên đoàn: ")
                .to_owned(),
            Self::Code { suggested } => {
                let question = language.choose(
                    "Its code, short, in files and addresses; it is best kept for good",
                    "Mã của liên đoàn, ngắn, không dấu, dùng trong tệp và địa chỉ, nên giữ mãi",
                );
                match suggested {
                    "" => format!("{question}: "),
                    suggested => format!("{question} [{suggested}]: "),
                }
            }
        }
    }
}

/// The reason why nothing was made. The text of the error itself is the English one.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum InitFault {
    #[error(
        "nobody is at a terminal to be asked: give --name \"…\" and --code … (and --lang vi or --lang en)"
    )]
    NobodyToAsk,
    #[error("the questions were not answered; nothing was made")]
    NotAnswered,
    #[error("{value:?} cannot be the {}: it {problem}", if *.is_code { "code" } else { "name" })]
    Refused { is_code: bool, value: String, problem: String, of: Box<Problem> },
    #[error(
        "{value:?} cannot be the code: it is of letters without diacritics, digits, -, _ and ., at most {CODE_CHARACTERS}"
    )]
    BadCode { value: String },
    #[error(
        "{value:?} was typed in an old encoding (TCVN3 or VNI), or read in a wrong one: type it in Unicode"
    )]
    Garbled { value: String },
    #[error(
        "{folder:?} cannot be the folder: its name has characters that cannot be seen, or is not UTF-8"
    )]
    BadFolder { folder: String },
    #[error("{path} is there already, and is not a file: remove it, or name another folder")]
    NotAFile { path: String },
    #[error(
        "{path} is there already, and has no SANGKIEN_ADMIN_TOKEN: move it away, and run this again"
    )]
    NoTokenIn { path: String },
    #[error(
        "{folder} has the database of {name} ({code}) already; nothing was changed. Name another folder, or leave --name \
         and --code out"
    )]
    OfAnother { folder: String, name: String, code: String },
}

impl InitFault {
    pub fn refused(is_code: bool, value: &str, of: Problem) -> Self {
        let problem = of.to_string();
        Self::Refused { is_code, value: value.to_owned(), problem, of: Box::new(of) }
    }

    pub fn text(&self, language: Language) -> String {
        if language == Language::English {
            return self.to_string();
        }
        match self {
            Self::NobodyToAsk => {
                "không có ai ở cửa sổ dòng lệnh để hỏi: hãy ghi --name \"…\" và --code … (và --lang vi hoặc --lang en)"
                    .to_owned()
            }
            Self::NotAnswered => "chưa trả lời hết các câu hỏi; chưa tạo gì cả".to_owned(),
            Self::Refused { is_code, value, of, .. } => {
                let noun = if *is_code { "mã" } else { "tên" };
                format!("{value:?} không dùng làm {noun} được: {}", of_problem(of, language))
            }
            Self::BadCode { value } => format!(
                "{value:?} không dùng làm mã được: mã gồm chữ cái không dấu, chữ số, -, _ và ., nhiều nhất {CODE_CHARACTERS} ký tự"
            ),
            Self::Garbled { value } => format!(
                "{value:?} được gõ bằng bảng mã cũ (TCVN3, VNI) hoặc đọc sai bảng mã: hãy gõ lại bằng Unicode"
            ),
            Self::BadFolder { folder } => format!(
                "{folder:?} không dùng làm thư mục được: tên có ký tự không nhìn thấy, hoặc không phải UTF-8"
            ),
            Self::NotAFile { path } => {
                format!("{path} đã có mà không phải là tệp: hãy xóa đi, hoặc ghi thư mục khác")
            }
            Self::NoTokenIn { path } => format!(
                "{path} đã có mà không có SANGKIEN_ADMIN_TOKEN: hãy chuyển tệp đó đi chỗ khác rồi chạy lại"
            ),
            Self::OfAnother { folder, name, code } => format!(
                "{folder} đã có cơ sở dữ liệu của {name} ({code}); chưa thay đổi gì. Hãy ghi thư mục khác, hoặc bỏ --name \
                 và --code"
            ),
        }
    }
}

/// A text as the value of an address's parameter.
fn escaped(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let escape = |byte: u8| {
        if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    text.bytes().map(escape).collect()
}

/// A thing that `init` makes, with the name of its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    Database,
    Environment,
    Service,
    Sample,
}

impl Thing {
    fn told(self, language: Language) -> &'static str {
        match self {
            Self::Database => language.choose("the database", "cơ sở dữ liệu"),
            Self::Environment => language.choose(
                "the administrator's token; only you can read it",
                "mã truy cập của người quản trị, chỉ mình bạn đọc được",
            ),
            Self::Service => language.choose("the systemd service", "dịch vụ systemd"),
            Self::Sample => language.choose("a sample, for Excel", "tệp mẫu, mở bằng Excel"),
        }
    }
}

/// The result of a run.
#[derive(Debug)]
pub struct Report<'a> {
    pub folder: &'a str,
    /// The unit at the root.
    pub name: &'a str,
    pub code: &'a str,
    /// The last day of the programme, if it was made.
    pub programme_until: Option<Day>,
    pub made: &'a [(Thing, &'a str)],
    pub kept: &'a [(Thing, &'a str)],
    /// The administrator's token, if it was made.
    pub token: Option<&'a str>,
    /// The command that starts the service now, and with the machine.
    pub start: &'a str,
    /// The command that brings the units of the sample in.
    pub import: &'a str,
}

impl Report<'_> {
    pub fn text(&self, language: Language) -> String {
        let say = |english, vietnamese| language.choose(english, vietnamese);
        let Self { folder, name, code, start, import, .. } = self;
        let mut text = format!("{name} ({code}), {folder}\n");
        if let Some(until) = self.programme_until {
            text += &format!(
                "{} {until}.\n",
                say("The programme runs until", "Chương trình kéo dài đến")
            );
        }
        for (things, head) in [
            (self.made, say("made", "đã tạo")),
            (self.kept, say("there already, left as it is", "đã có, giữ nguyên")),
        ] {
            if !things.is_empty() {
                text += &format!("\n{head}:\n");
            }
            for (thing, file) in things {
                text += &format!("  {file:<18} {}\n", thing.told(language));
            }
        }
        if let Some(token) = self.token {
            let head = say(
                "The administrator's token, shown this once; it is in the file env as well",
                "Mã truy cập của người quản trị, chỉ hiện một lần này; tệp env cũng giữ mã đó",
            );
            text += &format!("\n{head}:\n  {token}\n");
        }
        let unit = escaped(code);
        text += &format!(
            "\n{}:\n  {start}\n{}:\n  http://127.0.0.1:8080/wall?unit={unit}\n{}:\n  {import}\n",
            say(
                "Next, start the server, now and whenever the machine starts",
                "Việc tiếp theo: cho máy chủ chạy ngay, và tự chạy mỗi khi bật máy",
            ),
            say("Look at the board in a browser", "Xem bảng trong trình duyệt"),
            say(
                "Put your own units into units.csv, and see what an import of it would change",
                "Ghi các đơn vị của mình vào units.csv, rồi xem thử nhập vào sẽ thay đổi gì",
            ),
        );
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_speaks_both_languages() {
        let text = || "x".to_owned();
        for fault in [
            InitFault::NobodyToAsk,
            InitFault::NotAnswered,
            InitFault::refused(true, "x", Problem::Empty),
            InitFault::refused(false, "x", Problem::TooLong { length: 2, max: 1 }),
            InitFault::OfAnother { folder: text(), name: text(), code: text() },
        ] {
            let [english, vietnamese] =
                [Language::English, Language::Vietnamese].map(|it| fault.text(it));
            assert!(!vietnamese.is_ascii() && english != vietnamese, "{english}, {vietnamese}");
        }
    }
}
