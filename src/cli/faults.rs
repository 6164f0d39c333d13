//! The faults of commands on files and on whole databases, in Vietnamese; of other faults `messages` has the words.

use std::io::ErrorKind;

use crate::auth::Language;
use crate::exchange::{self, BadList, ExportFailure, ManyChanges, UndoFailure, Unreadable};
use crate::limits::HISTORY_DAYS;
use crate::messages::faults::{self, of_io, of_store};
use crate::messages::of_problem;
use crate::messages::outcomes::grouped;
use crate::{backup, prune};

/// An import of something that no import is undone by name for.
#[derive(Debug, thiserror::Error)]
#[error(
    "--name names imports of initiatives, by which undo-import finds them; an import of {noun} has none"
)]
pub struct NameWithout {
    pub noun: &'static str,
}

/// An export to a file of which the name promises another format.
#[derive(Debug, thiserror::Error)]
#[error("{path}: exports are written as .xlsx or .csv; give the file a name that ends so")]
pub struct OtherFormat {
    pub path: String,
}

/// An export that did not come to its end.
#[derive(Debug, thiserror::Error)]
#[error("cannot export to {path}")]
pub struct CannotExport {
    pub path: String,
    #[source]
    pub source: ExportFailure,
}

/// The text of a fault; in English, where nobody has translated it.
pub fn text(fault: &anyhow::Error, language: Language) -> String {
    let known = match language {
        Language::English => None,
        Language::Vietnamese => vietnamese(fault),
    };
    known.unwrap_or_else(|| faults::text(fault, language))
}

fn vietnamese(fault: &anyhow::Error) -> Option<String> {
    if let Some(fault) = fault.downcast_ref() {
        return of_copy(fault);
    }
    if let Some(fault) = fault.downcast_ref() {
        return of_prune(fault);
    }
    if let Some(fault) = fault.downcast_ref() {
        return Some(of_unreadable(fault));
    }
    if let Some(NameWithout { noun }) = fault.downcast_ref() {
        return Some(format!(
            "--name là tên của lần nhập sáng kiến, để undo-import tìm lại; lần nhập {noun} không có tên"
        ));
    }
    if let Some(OtherFormat { path }) = fault.downcast_ref() {
        return Some(format!(
            "{path}: tệp xuất ra là .xlsx hoặc .csv; hãy ghi tên có đuôi như vậy"
        ));
    }
    if let Some(CannotExport { path, source }) = fault.downcast_ref() {
        return Some(format!("không xuất ra {path} được: {}", of_export(source)?));
    }
    if let Some(fault) = fault.downcast_ref() {
        return of_undoing(fault);
    }
    if let Some(BadList::Lines(bad)) = fault.downcast_ref() {
        return Some(format!(
            "danh sách lĩnh vực (--fields):\n{}",
            bad.text_of_list(Language::Vietnamese)
        ));
    }
    of_import(fault.downcast_ref()?)
}

fn of_import(fault: &exchange::Failure) -> Option<String> {
    use exchange::Failure as F;
    const LANGUAGE: Language = Language::Vietnamese;
    Some(match fault {
        F::Unreadable(fault) => of_unreadable(fault),
        F::Bad(bad) => bad.text(LANGUAGE),
        F::ManyChanges(many) => many_changes(*many, LANGUAGE),
        F::Scratch(source) => of_scratch(source),
        F::Database(fault) => {
            format!("không đọc được cơ sở dữ liệu, chưa ghi gì: {}", of_store(fault)?)
        }
        F::Overtaken { bad, cut_off } => format!(
            "{}\nngười khác vừa thay đổi trong lúc đang nhập; {}",
            exchange::lines(bad, LANGUAGE),
            cut_off.text(LANGUAGE)
        ),
        F::NotWritten(fault, cut_off) => {
            let cut_off = cut_off.text(LANGUAGE);
            format!("không ghi vào cơ sở dữ liệu được; {cut_off}: {}", of_store(fault)?)
        }
        F::OlderNode(_, cut_off) => format!(
            "một máy chủ bản cũ chưa đọc được những gì sắp ghi: hãy nâng cấp máy chủ đó trước; {}",
            cut_off.text(LANGUAGE)
        ),
        F::Stopped(cut_off) => format!("đã dừng; {}", cut_off.text(LANGUAGE)),
        F::NotIndexed(fault) => format!(
            "đã ghi xong, nhưng chưa lập được chỉ mục của các danh sách; lần khởi động máy chủ tới, hoặc lần chạy lệnh tới, sẽ lập: \
             {}",
            of_store(fault)?
        ),
    })
}

fn of_copy(fault: &backup::Failure) -> Option<String> {
    use backup::Failure as F;
    Some(match fault {
        F::Exists { path } => format!("{} đã có: hãy ghi tên tệp khác", path.display()),
        F::Address { path } => {
            format!("{} là địa chỉ cơ sở dữ liệu: hãy ghi tên một tệp", path.display())
        }
        F::Same => "nguồn và đích là cùng một cơ sở dữ liệu; chưa thay đổi gì".to_owned(),
        F::NotEmpty => "cơ sở dữ liệu này đã có: thêm --replace thì nó được thay, và nếu là tệp thì tệp cũ được giữ lại bên \
                        cạnh"
            .to_owned(),
        F::LogLeft { path } => format!(
            "không có {0}, mà nhật ký {0}-wal của nó thì còn, với những thay đổi cuối: hãy trả tệp về chỗ cũ, hoặc bỏ nhật ký ấy bằng \
             --replace, khi đó nó được giữ lại bên cạnh tệp mới",
            path.display()
        ),
        F::Unsound { verdict } => format!("bản sao lưu không đúng:\n{verdict}"),
        F::File { path, source } => format!("{}: {}", path.display(), of_io(source)),
        F::Store(fault) => return of_store(fault),
    })
}

fn of_prune(fault: &prune::Failure) -> Option<String> {
    match fault {
        prune::Failure::TooLate { latest } => Some(format!(
            "{HISTORY_DAYS} ngày gần nhất phải giữ lại, vì các bảng xem lại được chừng ấy ngày: ngày muộn nhất có thể ghi là \
             {latest}"
        )),
        prune::Failure::Store(fault) => of_store(fault),
    }
}

fn of_undoing(fault: &UndoFailure) -> Option<String> {
    const LANGUAGE: Language = Language::Vietnamese;
    Some(match fault {
        UndoFailure::NoSuchImport { name } => format!(
            "không có lần nhập sáng kiến nào tên là {name:?}: lệnh `undo-import` không kèm tên sẽ in ra các lần nhập đã có"
        ),
        UndoFailure::Reason(problem) => format!("lý do: {}", of_problem(problem, LANGUAGE)),
        UndoFailure::RestedOn(rested_on) => rested_on.text(LANGUAGE),
        UndoFailure::Overtaken { withdrawn } => format!(
            "có người vừa thay đổi một sáng kiến của lần nhập này: sáng kiến đó và các sáng kiến sau nó giữ nguyên, {} sáng kiến \
             trước nó đã rút",
            grouped(*withdrawn as u64, LANGUAGE)
        ),
        UndoFailure::Import(fault) => return of_import(fault),
    })
}

fn of_unreadable(fault: &Unreadable) -> String {
    match fault {
        Unreadable::Io { path, source } => {
            format!("không đọc được {}: {}", path.display(), of_io(source))
        }
        Unreadable::NotAFile(path) => {
            format!(
                "{} không phải là tệp đọc lại được lần nữa: hãy lưu ra một tệp trước",
                path.display()
            )
        }
        Unreadable::Folder(path) => {
            format!("{} là thư mục: hãy ghi tên của một tệp", path.display())
        }
        Unreadable::Changed(path) => {
            format!("{} bị sửa trong khi đang nhập: hãy nhập lại", path.display())
        }
        Unreadable::Scratch(source) => of_scratch(source),
        Unreadable::Shape { path, why } => {
            format!("{}: {}", path.display(), why.text(Language::Vietnamese))
        }
    }
}

fn of_scratch(source: &std::io::Error) -> String {
    let folder = std::env::temp_dir();
    format!("không dùng được tệp tạm trong {}, chưa ghi gì: {}", folder.display(), of_io(source))
}

fn of_export(fault: &ExportFailure) -> Option<String> {
    Some(match fault {
        ExportFailure::Write(source) if source.kind() == ErrorKind::AlreadyExists => {
            "tệp này đã có, và chỉ tệp .csv hay .xlsx mới được ghi đè; hãy ghi tên khác".to_owned()
        }
        ExportFailure::Write(source) => of_io(source),
        ExportFailure::Store(fault) => of_store(fault)?,
        _ => return None,
    })
}

/// The question whether so many changes are meant.
pub fn many_changes(many: ManyChanges, language: Language) -> String {
    if language == Language::English {
        return many.to_string();
    }
    let [changed, there] = [many.changed, many.there].map(|number| grouped(number, language));
    let noun = match many.noun {
        exchange::Noun::Targets => "chỉ tiêu",
        _ => "đơn vị",
    };
    format!(
        "sẽ thay đổi {changed} trong {there} {noun}, hơn một phần mười: xem trước bằng --dry-run, và thêm --yes nếu đúng là muốn \
         thế; chưa ghi gì"
    )
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::domain::Day;
    use crate::store;

    #[test]
    fn the_faults_of_files_and_copies_are_told_in_vietnamese() {
        let path = || PathBuf::from("/x/y.db");
        let refused = |kind: ErrorKind| std::io::Error::from(kind);
        let write = |kind| CannotExport {
            path: "/x/y.csv".to_owned(),
            source: ExportFailure::Write(refused(kind)),
        };
        let known: [(anyhow::Error, &str); 16] = [
            (backup::Failure::Exists { path: path() }.into(), "/x/y.db"),
            (backup::Failure::Address { path: path() }.into(), "địa chỉ"),
            (backup::Failure::Same.into(), "cùng một"),
            (backup::Failure::NotEmpty.into(), "--replace"),
            (backup::Failure::Store(store::Error::Served).into(), "dừng máy chủ"),
            (
                backup::Failure::File {
                    path: path(),
                    source: refused(ErrorKind::PermissionDenied),
                }
                .into(),
                "không đủ quyền",
            ),
            (prune::Failure::TooLate { latest: Day(0) }.into(), "1970-01-01"),
            (
                Unreadable::Io { path: path(), source: refused(ErrorKind::NotFound) }.into(),
                "không có tệp",
            ),
            (Unreadable::NotAFile(path()).into(), "lưu ra một tệp"),
            (Unreadable::Folder(path()).into(), "là thư mục"),
            (Unreadable::Changed(path()).into(), "nhập lại"),
            (NameWithout { noun: "units" }.into(), "không có tên"),
            (OtherFormat { path: "units.xls".to_owned() }.into(), ".xlsx"),
            (write(ErrorKind::AlreadyExists).into(), ".xlsx"),
            (write(ErrorKind::PermissionDenied).into(), "không đủ quyền"),
            (exchange::Failure::Database(store::Error::Busy).into(), "thử lại"),
        ];
        for (fault, told) in known {
            let english = text(&fault, Language::English);
            let vietnamese = text(&fault, Language::Vietnamese);
            assert!(vietnamese.contains(told), "{vietnamese}");
            assert!(!vietnamese.is_ascii() && english != vietnamese, "{english}");
        }
    }
}
