//! The faults of commands on files and on whole databases, in Vietnamese; of other faults `messages` has the words.

use std::io::ErrorKind;

use crate::auth::Language;
use crate::exchange::{self, ExportFailure, ManyChanges, Unreadable};
use crate::limits::HISTORY_DAYS;
use crate::messages::faults::{self, of_io, of_store};
use crate::messages::outcomes::grouped;
use crate::{backup, prune};

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
        return of_unreadable(fault);
    }
    if let Some(CannotExport { path, source }) = fault.downcast_ref() {
        return Some(format!("không xuất ra {path} được: {}", of_export(source)?));
    }
    match fault.downcast_ref()? {
        exchange::Failure::ManyChanges(many) => Some(of_many_changes(*many)),
        exchange::Failure::Database(fault) => {
            Some(format!("không đọc được cơ sở dữ liệu, chưa ghi gì: {}", of_store(fault)?))
        }
        exchange::Failure::Unreadable(fault) => of_unreadable(fault),
        _ => None,
    }
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

fn of_unreadable(fault: &Unreadable) -> Option<String> {
    Some(match fault {
        Unreadable::Io { path, source } => {
            format!("không đọc được {}: {}", path.display(), of_io(source))
        }
        Unreadable::NotAFile(path) => {
            format!(
                "{} không phải là tệp đọc lại được lần nữa: hãy lưu ra một tệp trước",
                path.display()
            )
        }
        Unreadable::Changed(path) => {
            format!("{} bị sửa trong khi đang nhập: hãy nhập lại", path.display())
        }
        Unreadable::Scratch(source) => format!(
            "không dùng được tệp tạm trong {}, chưa ghi gì: {}",
            std::env::temp_dir().display(),
            of_io(source)
        ),
        Unreadable::Shape { .. } => return None,
    })
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

fn of_many_changes(many: ManyChanges) -> String {
    let [changed, there] =
        [many.changed, many.there].map(|number| grouped(number, Language::Vietnamese));
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
        let known: [(anyhow::Error, &str); 13] = [
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
            (Unreadable::Changed(path()).into(), "nhập lại"),
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
