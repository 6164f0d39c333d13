//! The outcomes of commands, as texts for the person who gave them.

use crate::auth::Language;

/// The counts of an import, or of its rehearsal.
#[derive(Debug, Clone, Copy)]
pub struct Imported<'a> {
    pub noun: &'a str,
    pub new: u64,
    pub changed: u64,
    pub unchanged: u64,
    pub is_rehearsal: bool,
}

impl Imported<'_> {
    pub fn text(self, language: Language) -> String {
        let Self { noun, is_rehearsal, .. } = self;
        let [new, changed, unchanged] =
            [self.new, self.changed, self.unchanged].map(|number| grouped(number, language));
        match (language, is_rehearsal) {
            (Language::English, false) => {
                format!("{noun}: {new} new, {changed} changed, {unchanged} as they are")
            }
            (Language::English, true) => format!(
                "{noun}: would be {new} new, {changed} changed, {unchanged} as they are; nothing was written"
            ),
            (Language::Vietnamese, false) => {
                format!("{noun}: {new} mới, {changed} thay đổi, {unchanged} giữ nguyên")
            }
            (Language::Vietnamese, true) => format!(
                "{noun}: sẽ có {new} mới, {changed} thay đổi, {unchanged} giữ nguyên; chưa ghi gì"
            ),
        }
    }
}

/// The line behind the first changes of a rehearsal.
pub fn more_changes(count: u64, language: Language) -> String {
    let count = grouped(count, language);
    match language {
        Language::English => format!("… and {count} more"),
        Language::Vietnamese => format!("… và {count} thay đổi nữa"),
    }
}

/// The line beside an import whose rows tell of initiatives that were withdrawn since.
pub fn withdrawn_here(count: u64, language: Language) -> String {
    let count = grouped(count, language);
    match language {
        Language::English => {
            format!(
                "{count} of these are withdrawn here, and stay so: keys of their own enter them anew"
            )
        }
        Language::Vietnamese => format!(
            "{count} sáng kiến trong đó đã rút và vẫn như vậy: muốn nhập lại thì ghi khóa khác"
        ),
    }
}

/// The line behind an import of initiatives: how to undo it.
pub fn undone_by(name: &str, language: Language) -> String {
    match language {
        Language::English => {
            format!("the import is named {name:?}; `sangkien undo-import` takes it back")
        }
        Language::Vietnamese => {
            format!("lần nhập này tên là {name:?}; lệnh `sangkien undo-import` hủy được lần nhập")
        }
    }
}

/// The remark of a rehearsal that has no database to read.
pub fn no_database_yet(path: &str, language: Language) -> String {
    match language {
        Language::English => format!("there is no {path}; an import makes it"),
        Language::Vietnamese => format!("chưa có {path}; lệnh import sẽ tạo ra"),
    }
}

/// The outcome of an export to a file.
pub fn exported(noun: &str, count: u64, path: &str, language: Language) -> String {
    match language {
        Language::English => format!("{noun}: {count} in {path}"),
        Language::Vietnamese => format!("{noun}: {} trong {path}", grouped(count, language)),
    }
}

/// The number with its thousands apart, by the custom of the language.
pub fn grouped(number: u64, language: Language) -> String {
    let digits = number.to_string();
    let separator = language.choose(",", ".");
    let groups = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(separator)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_told_in_both_languages() {
        let imported =
            Imported { noun: "units", new: 1_234, changed: 0, unchanged: 12, is_rehearsal: false };
        for (language, rehearsal, told) in [
            (Language::English, false, "units: 1,234 new, 0 changed, 12 as they are"),
            (Language::Vietnamese, false, "units: 1.234 mới, 0 thay đổi, 12 giữ nguyên"),
            (
                Language::English,
                true,
                "units: would be 1,234 new, 0 changed, 12 as they are; nothing was written",
            ),
            (
                Language::Vietnamese,
                true,
                "units: sẽ có 1.234 mới, 0 thay đổi, 12 giữ nguyên; chưa ghi gì",
            ),
        ] {
            assert_eq!(Imported { is_rehearsal: rehearsal, ..imported }.text(language), told);
        }
        assert_eq!(more_changes(2_000_000, Language::Vietnamese), "… và 2.000.000 thay đổi nữa");
        assert_eq!(exported("units", 3, "x.csv", Language::Vietnamese), "units: 3 trong x.csv");
    }
}
