//! The outcomes of commands on whole databases, in the language of the person who gave them. A difference that a check
//! finds names its thing and its number as the schema does.

use std::process::ExitCode;

use super::print;
use crate::auth::Language;
use crate::messages::outcomes::grouped;
use crate::recount::{Difference, Sides, Verdict};
use crate::store::Removed;
use crate::{backup, prune};

/// The outcome of a check.
pub fn verdict(verdict: &Verdict, language: Language) -> String {
    if language == Language::English {
        return verdict.to_string();
    }
    let number = |it: usize| grouped(it as u64, language);
    let mut lines: Vec<String> = verdict.differences.iter().map(difference).collect();
    if verdict.unreported > 0 {
        lines.push(format!("và {} chỗ khác nữa", number(verdict.unreported)));
    }
    lines.push(format!(
        "{} chỗ sai khác ở phiên bản {}: đã so {} sáng kiến, {} đơn vị, {} đợt thi đua và {} số liệu",
        number(verdict.differences.len() + verdict.unreported),
        verdict.version,
        number(verdict.initiatives),
        number(verdict.units),
        number(verdict.periods),
        number(verdict.tallies)
    ));
    if let Some(day) = verdict.pruned_before {
        lines.push(format!(
            "nhật ký trước ngày {day} đã được dọn: không kiểm tra được những gì xảy ra với sáng kiến trước ngày đó"
        ));
    }
    for (closings, told) in [
        (verdict.closings, "lần chốt được lập lại từ nhật ký"),
        (verdict.closings_untold, "lần chốt trước ngày đó được giữ nguyên, không có gì để so"),
        (
            verdict.closings_unsure,
            "lần chốt chưa được so: các lĩnh vực có quá nhiều cách ghi khác nhau",
        ),
        (verdict.closings_unkept, "lần chốt chưa được lưu: máy chủ sẽ lập từ nhật ký"),
    ] {
        if closings > 0 {
            lines.push(format!("số liệu của {} {told}", number(closings)));
        }
    }
    lines.join("\n")
}

fn difference(it: &Difference) -> String {
    let (here, there) = match it.sides {
        Sides::BoardAndRecount => ("trên bảng số liệu", "theo lần đếm lại"),
        Sides::BoardAndFold => ("trên bảng số liệu khi nạp", "theo bảng tính từ nhật ký"),
        Sides::FactsAndLog => ("trong dữ liệu", "theo nhật ký"),
        Sides::LogAndRules => ("trong nhật ký", "theo những gì trước đó"),
        Sides::KeptAndLog => ("trong số liệu đã chốt", "theo nhật ký"),
    };
    let Difference { subject, what, found, expected, .. } = it;
    format!("{subject}: {what} là {found} {here}, {expected} {there}")
}

/// The outcome of a prune, or of its rehearsal.
pub fn pruned(report: &prune::Report, is_rehearsal: bool, language: Language) -> String {
    if language == Language::English {
        return format!(
            "{}{report}",
            if is_rehearsal { "nothing was removed; there are " } else { "" }
        );
    }
    let part = |it: Removed| {
        let tenths = it.bytes / 100_000;
        (grouped(it.rows, language), format!("{},{}", tenths / 10, tenths % 10))
    };
    let ((events, of_events), (keys, of_keys)) = (part(report.events), part(report.keys));
    let done = if is_rehearsal { "chưa xóa gì; có thể xóa" } else { "đã xóa" };
    let start = report.start.map_or_else(
        || "nhật ký trống".to_owned(),
        |it| format!("nhật ký bắt đầu từ ngày {}, sự kiện {}", it.day, it.version),
    );
    format!("{done} {events} sự kiện ({of_events} MB), {keys} khóa ({of_keys} MB); {start}")
}

/// Prints the outcome of a copy; exit code 1 where the copy is not sound.
pub fn copied(report: backup::Report, language: Language) -> std::io::Result<ExitCode> {
    let backup::Report { rows, verdict: of_copy, kept } = report;
    let mut said = String::new();
    if let Some(kept) = kept {
        let words = language.choose("the database of before is", "cơ sở dữ liệu trước đó là");
        said.push_str(&format!("{words} {}\n", kept.display()));
    }
    said.push_str(&match language {
        Language::English => format!("{rows} rows, copied exactly\n"),
        Language::Vietnamese => format!("đã chép đúng {} dòng\n", grouped(rows, language)),
    });
    print(&format!("{said}{}\n", verdict(&of_copy, language)))?;
    Ok(if of_copy.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Day, Version};

    #[test]
    fn the_outcome_of_a_check_is_told_in_vietnamese() {
        let found = Verdict {
            differences: vec![Difference {
                subject: "period p, unit u".to_owned(),
                what: "submitted",
                found: "3".to_owned(),
                expected: "4".to_owned(),
                sides: Sides::BoardAndRecount,
            }],
            unreported: 2,
            version: Version(7),
            initiatives: 1_234,
            pruned_before: Some(Day::parse("2022-01-01").unwrap()),
            closings: 1,
            ..Verdict::default()
        };
        assert_eq!(
            verdict(&found, Language::Vietnamese),
            "period p, unit u: submitted là 3 trên bảng số liệu, 4 theo lần đếm lại\n\
             và 2 chỗ khác nữa\n\
             3 chỗ sai khác ở phiên bản 7: đã so 1.234 sáng kiến, 0 đơn vị, 0 đợt thi đua và 0 số liệu\n\
             nhật ký trước ngày 2022-01-01 đã được dọn: không kiểm tra được những gì xảy ra với sáng kiến trước ngày đó\n\
             số liệu của 1 lần chốt được lập lại từ nhật ký"
        );
        assert_eq!(verdict(&found, Language::English), found.to_string());
    }

    #[test]
    fn the_outcome_of_a_prune_is_told_in_vietnamese() {
        let removed = Removed { rows: 1_500, bytes: 2_340_000 };
        let report = prune::Report { start: None, events: removed, keys: removed };
        assert_eq!(
            pruned(&report, true, Language::Vietnamese),
            "chưa xóa gì; có thể xóa 1.500 sự kiện (2,3 MB), 1.500 khóa (2,3 MB); nhật ký trống"
        );
        assert!(pruned(&report, true, Language::English).starts_with("nothing was removed; "));
    }
}
