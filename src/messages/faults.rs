//! The faults that end a command, as texts for the person who gave it. In English a fault is its own text.

use std::io::ErrorKind;

use super::init::InitFault;
use crate::auth::Language;
use crate::auth::issue::CannotIssue;
use crate::auth::operator::WeakToken;
use crate::domain::clock::DoubtfulClock;
use crate::limits::{CODE_MAX, OPERATOR_TOKEN_MIN};
use crate::store::{self, FileLost, LogFileLost, Lost, Mishap, OtherLog};

/// The address that a server is to listen on, and cannot.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}")]
pub struct CannotListen {
    pub address: String,
    #[source]
    pub source: std::io::Error,
}

/// The text of a fault; in English, where nobody has translated it.
pub fn text(fault: &anyhow::Error, language: Language) -> String {
    let known = match language {
        Language::English => None,
        Language::Vietnamese => vietnamese(fault),
    };
    known.unwrap_or_else(|| format!("{fault:#}"))
}

/// The text of a fault that is known, with its causes. A fault that is the cause of another is not looked for, since the
/// other says what became of the work.
fn vietnamese(fault: &anyhow::Error) -> Option<String> {
    if let Some(fault) = fault.downcast_ref::<InitFault>() {
        return Some(fault.text(Language::Vietnamese));
    }
    if let Some(fault) = fault.downcast_ref() {
        return of_issue(fault);
    }
    if let Some(fault) = fault.downcast_ref() {
        return of_store(fault);
    }
    if let Some(fault) = fault.downcast_ref() {
        return Some(of_lost(fault));
    }
    if let Some(fault) = fault.downcast_ref() {
        return Some(of_listening(fault));
    }
    fault.downcast_ref().map(of_clock)
}

fn of_issue(fault: &CannotIssue) -> Option<String> {
    Some(match fault {
        CannotIssue::NoUnit(code) => format!("không có đơn vị nào mang mã {code:?}"),
        CannotIssue::NoRoot => {
            "cơ sở dữ liệu chưa có đơn vị cao nhất: hãy cho máy chủ chạy với nó một lần".to_owned()
        }
        CannotIssue::Past(day) => format!("ngày {day} đã qua"),
        CannotIssue::TooLate(day) => {
            format!("ngày {day} quá xa: bỏ --expires nếu mã truy cập không hết hạn")
        }
        CannotIssue::LongName => {
            format!("tên của mã truy cập dài hơn {CODE_MAX} ký tự")
        }
        CannotIssue::NoToken(id) => format!("không có mã truy cập số {id}; xem lệnh token list"),
        CannotIssue::Store(error) => return of_store(error),
        CannotIssue::Randomness(_) => return None,
    })
}

/// The text of a database's fault.
pub fn of_store(fault: &store::Error) -> Option<String> {
    use store::Error as E;
    Some(match fault {
        E::Url(url) => format!(
            "{url:?} không phải địa chỉ cơ sở dữ liệu: hãy ghi sqlite:///đường/dẫn/tệp.db hoặc postgres://…"
        ),
        E::NobodyListens { address } => format!(
            "không có gì trả lời ở {address}: PostgreSQL chưa chạy ở đó, hoặc chạy ở địa chỉ khác"
        ),
        E::Unreachable { address, source } => {
            format!("không tới được PostgreSQL ở {address}: {}", of_io(source))
        }
        E::NoConnectionLeft { address, .. } => format!("PostgreSQL ở {address} đã hết kết nối"),
        E::Folder { path, source } => {
            format!("không tạo được thư mục {}: {}", path.display(), of_io(source))
        }
        E::Lock { path, source } => {
            format!("không khóa được {}: {}", path.display(), of_io(source))
        }
        E::AlreadyServed { path } => format!(
            "{} đang được một máy chủ sangkien khác dùng; hãy dừng máy chủ đó trước, hoặc dùng cơ sở dữ liệu khác",
            path.display()
        ),
        E::NotAFile { path } => {
            format!("{} không phải là tệp: cơ sở dữ liệu cần một tệp", path.display())
        }
        E::NotADatabase { path } => {
            format!("{} không phải là cơ sở dữ liệu: là tệp khác, hoặc đã hỏng", path.display())
        }
        E::Unopenable { path, source } => {
            format!("không mở được cơ sở dữ liệu {}: {}", path.display(), of_io(source))
        }
        E::Missing { path } => format!("không có cơ sở dữ liệu {}", path.display()),
        E::Gone { path, beside } => format!(
            "không có {}, mà {} là tệp đi cùng nó thì còn: hãy trả tệp về chỗ cũ; nếu tệp trả về là bản chép, hoặc muốn làm lại \
             từ đầu, thì trước hết xóa những tệp còn lại ấy",
            path.display(),
            beside.display()
        ),
        E::Served => {
            "một máy chủ sangkien đang mở cơ sở dữ liệu này; hãy dừng máy chủ đó trước".to_owned()
        }
        E::NotEmpty => "cơ sở dữ liệu không trống".to_owned(),
        E::Older { found, known } => format!(
            "cơ sở dữ liệu ở bước nâng cấp {found}, chương trình này đọc bước {known}: hãy cho máy chủ của bản này chạy với nó \
             một lần để nâng cấp"
        ),
        E::Newer { found, known } => format!(
            "cơ sở dữ liệu ở bước nâng cấp {found}, chương trình này chỉ biết đến bước {known}: một bản sangkien mới hơn đã \
             dùng nó; hãy dùng bản mới đó"
        ),
        E::Busy => "một chương trình khác giữ cơ sở dữ liệu quá lâu; hãy thử lại".to_owned(),
        E::ReadOnly { path } => format!("{} chỉ đọc được, không ghi được", path.display()),
        E::HardLinked { path, names } => format!(
            "{} có {names} tên (liên kết cứng), mỗi tên sẽ có nhật ký riêng: hãy chép thành một tệp mới chỉ có một tên",
            path.display()
        ),
        E::Lost(lost) => of_lost(lost),
        E::Database(sqlx::Error::Database(error)) if store::is_malformed(&**error) => {
            "cơ sở dữ liệu bị hỏng, hoặc không khớp với nhật ký bên cạnh: nếu tệp là bản chép thì xóa các tệp cùng tên có đuôi \
             -wal và -shm, nếu không thì khôi phục từ bản sao lưu"
                .to_owned()
        }
        E::Database(error) => format!("cơ sở dữ liệu báo: {error}"),
        _ => return None,
    })
}

/// The text of the reason why a process must not go on with its database.
fn of_lost(lost: &Lost) -> String {
    const fn told(mishap: Mishap) -> &'static str {
        match mishap {
            Mishap::Removed => "bị xóa",
            Mishap::Replaced => "bị thay bằng tệp khác",
            Mishap::Overwritten => "bị ghi đè hoặc cắt ngắn",
        }
    }
    match lost {
        Lost::File(FileLost { path, mishap }) => format!(
            "{} {} trong khi đang mở; ghi tiếp thì mất, nên máy chủ không ghi nữa. Hãy trả đúng tệp về chỗ cũ, nếu đó là một bản \
             chép thì xóa các tệp cùng tên có đuôi -wal và -shm, rồi chạy lại máy chủ",
            path.display(),
            told(*mishap)
        ),
        Lost::LogFile(lost @ LogFileLost { path, mishap, aside, is_whole }) => {
            let first = if lost.is_in_the_way() { "xóa tệp khác đó rồi " } else { "" };
            let kept = if *is_whole {
                "mọi thay đổi trong tệp -wal đã vào cơ sở dữ liệu"
            } else {
                "những thay đổi cuối trong tệp -wal có thể đã mất"
            };
            let aside = aside.as_ref().map(|path| format!(" (nay là {})", path.display()));
            let (path, told, aside) = (path.display(), told(*mishap), aside.unwrap_or_default());
            format!(
                "{path} {told}{aside} trong khi đang mở; {kept}, và máy chủ không ghi nữa. Hãy {first}chạy lại máy chủ"
            )
        }
        Lost::Log(OtherLog { expected, head, tag }) => {
            let now = match tag {
                None => format!("dừng ở sự kiện {head}"),
                Some(tag) => format!("có sự kiện cùng số nhưng mang dấu {tag:016x}"),
            };
            format!(
                "cơ sở dữ liệu không còn như máy chủ này biết: máy chủ biết sự kiện {}, còn cơ sở dữ liệu {now}. Có thể một bản cũ hơn \
                 đã được đưa về, hoặc bản dự phòng lên thay còn thiếu những thay đổi cuối. Hãy chạy lại máy chủ để phục vụ cơ sở dữ \
                 liệu như hiện nay",
                expected.version
            )
        }
    }
}

fn of_listening(CannotListen { address, source }: &CannotListen) -> String {
    match source.kind() {
        ErrorKind::AddrInUse => format!(
            "không mở được {address}: đã có chương trình khác dùng cổng này; hãy dừng chương trình đó, hoặc chọn cổng khác bằng \
             --listen"
        ),
        _ => format!("không mở được {address}: {}", of_io(source)),
    }
}

fn of_clock(fault: &DoubtfulClock) -> String {
    let DoubtfulClock { now, last } = fault;
    let (now, last) = (now.to_rfc3339(), last.to_rfc3339());
    format!(
        "đồng hồ của máy chỉ {now}, thay đổi cuối trong cơ sở dữ liệu là {last}: có lẽ đồng hồ sai. Hãy chỉnh lại đồng hồ; nếu \
         đồng hồ đúng thì thêm --accept-clock một lần"
    )
}

/// The words of the system; in the usual cases those that tell what to do.
pub fn of_io(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "không có tệp hay thư mục này".to_owned(),
        ErrorKind::PermissionDenied => "không đủ quyền".to_owned(),
        ErrorKind::AddrNotAvailable => "máy này không có địa chỉ đó".to_owned(),
        _ => error.to_string(),
    }
}

/// The text about an operator's token that cannot be taken.
pub fn of_weak_token(weak: WeakToken, language: Language) -> String {
    if language == Language::English {
        return weak.to_string();
    }
    let token = "mã truy cập của người quản trị (--admin-token, SANGKIEN_ADMIN_TOKEN)";
    let make = "tạo mã bằng lệnh: openssl rand -base64 32";
    match weak {
        WeakToken::Empty => format!("{token} để trống; hãy bỏ hẳn, hoặc {make}"),
        WeakToken::Short(length) => {
            format!("{token} có {length} ký tự, phải có ít nhất {OPERATOR_TOKEN_MIN}; {make}")
        }
        WeakToken::Unspeakable => format!(
            "{token} chỉ được có chữ cái ASCII, chữ số và dấu, không có khoảng trắng ở đầu và cuối"
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use anyhow::Context as _;

    use super::*;
    use crate::domain::{Day, Mark, Timestamp, Version};

    fn refused(kind: ErrorKind) -> std::io::Error {
        std::io::Error::from(kind)
    }

    /// The faults that a person at a terminal meets first, each with the name or the flag that its text must tell.
    #[test]
    fn faults_speak_vietnamese_and_name_what_is_wrong() {
        let path = || PathBuf::from("/x/union.db");
        let address = || "127.0.0.1:8080".to_owned();
        let listen = |kind| CannotListen { address: address(), source: refused(kind) };
        let unreachable = store::Error::Unreachable {
            address: address(),
            source: refused(ErrorKind::PermissionDenied),
        };
        let folder = store::Error::Folder { path: path(), source: refused(ErrorKind::NotFound) };
        let lock =
            store::Error::Lock { path: path(), source: refused(ErrorKind::PermissionDenied) };
        let unopenable =
            store::Error::Unopenable { path: path(), source: refused(ErrorKind::PermissionDenied) };
        let full = store::Error::NoConnectionLeft { address: address(), said: String::new() };
        let clock = DoubtfulClock { now: Timestamp(0), last: Timestamp(1) };
        let mishap = Mishap::Overwritten;
        let lost = LogFileLost { path: path(), mishap, aside: None, is_whole: false };
        let other = OtherLog { expected: Mark::default(), head: Version(7), tag: None };
        let in_the_way = LogFileLost { mishap: Mishap::Replaced, ..lost.clone() };
        assert!(in_the_way.to_string().ends_with("Remove that one, and start the server again"));
        let faults: [(anyhow::Error, &str); 33] = [
            (Lost::from(in_the_way).into(), "xóa tệp khác đó rồi chạy lại"),
            (store::Error::Gone { path: path(), beside: path() }.into(), "trả tệp về chỗ cũ"),
            (Lost::from(lost.clone()).into(), "có thể đã mất"),
            (Lost::from(LogFileLost { is_whole: true, ..lost }).into(), "đã vào cơ sở dữ liệu"),
            (Lost::from(FileLost { path: path(), mishap: Mishap::Removed }).into(), "trả đúng tệp"),
            (store::Error::Lost(other.into()).into(), "sự kiện 7"),
            (InitFault::NobodyToAsk.into(), "--name"),
            (CannotIssue::NoUnit("x-1".to_owned()).into(), "\"x-1\""),
            (CannotIssue::NoRoot.into(), "đơn vị cao nhất"),
            (CannotIssue::Past(Day(0)).into(), "1970-01-01"),
            (CannotIssue::NoToken(7).into(), "7"),
            (CannotIssue::Store(store::Error::Served).into(), "dừng máy chủ"),
            (store::Error::Url("union.db".to_owned()).into(), "sqlite:///"),
            (store::Error::NobodyListens { address: address() }.into(), "127.0.0.1:8080"),
            (unreachable.into(), "không đủ quyền"),
            (full.into(), "hết kết nối"),
            (folder.into(), "/x/union.db"),
            (lock.into(), "không đủ quyền"),
            (store::Error::AlreadyServed { path: path() }.into(), "/x/union.db"),
            (store::Error::Missing { path: path() }.into(), "/x/union.db"),
            (store::Error::NotAFile { path: path() }.into(), "không phải là tệp"),
            (store::Error::NotADatabase { path: path() }.into(), "đã hỏng"),
            (unopenable.into(), "không đủ quyền"),
            (CannotIssue::TooLate(Day(0)).into(), "1970-01-01"),
            (store::Error::NotEmpty.into(), "không trống"),
            (store::Error::Older { found: 1, known: 2 }.into(), "bước 2"),
            (store::Error::Newer { found: 3, known: 2 }.into(), "bản mới"),
            (store::Error::Busy.into(), "thử lại"),
            (store::Error::ReadOnly { path: path() }.into(), "/x/union.db"),
            (store::Error::HardLinked { path: path(), names: 2 }.into(), "2 tên"),
            (listen(ErrorKind::AddrInUse).into(), "--listen"),
            (listen(ErrorKind::PermissionDenied).into(), "không đủ quyền"),
            (clock.into(), "--accept-clock"),
        ];
        for (fault, told) in faults {
            let english = text(&fault, Language::English);
            let vietnamese = text(&fault, Language::Vietnamese);
            assert!(vietnamese.contains(told), "{vietnamese}");
            assert!(!vietnamese.is_ascii() && english != vietnamese, "{english}");
            // A context says no more than the fault itself.
            let fault = fault.context("cannot open the database");
            assert_eq!(text(&fault, Language::Vietnamese), vietnamese);
        }
    }

    #[test]
    fn an_unknown_fault_and_the_fault_of_another_keep_their_own_text() {
        let of_another = Err::<(), _>(std::io::Error::other(store::Error::Busy));
        let fault = of_another.context("only half of it was written").unwrap_err();
        assert!(text(&fault, Language::Vietnamese).starts_with("only half of it was written: "));
    }

    #[test]
    fn weak_tokens_are_told_in_both_languages() {
        for weak in [WeakToken::Empty, WeakToken::Short(5), WeakToken::Unspeakable] {
            for language in [Language::English, Language::Vietnamese] {
                assert!(of_weak_token(weak, language).contains("SANGKIEN_ADMIN_TOKEN"));
            }
            assert!(!of_weak_token(weak, Language::Vietnamese).is_ascii());
        }
        assert!(of_weak_token(WeakToken::Short(5), Language::Vietnamese).contains("5 ký tự"));
    }
}
