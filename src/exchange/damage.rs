//! Damage that spreadsheets and old encodings do to the text of a cell, told from texts that only look odd: a fault is named
//! where nothing else can be meant.

use std::collections::HashMap;

use encoding_rs::{Encoding, WINDOWS_1252, WINDOWS_1258};

use super::content::{Content, content};
use super::dates::{self, DateOrder};
use super::why::Why;

/// Columns of names, in which nobody asks a question within a word.
const OF_NAMES: [&str; 4] = ["name", "cluster", "title", "author_name"];

/// The values that Excel has for a formula that fails.
const ERRORS: [&str; 10] = [
    "#N/A",
    "#REF!",
    "#VALUE!",
    "#NAME?",
    "#DIV/0!",
    "#NULL!",
    "#NUM!",
    "#SPILL!",
    "#CALC!",
    "#GETTING_DATA",
];

/// The damage of a cell, if there is any. The cell comes as it was read, since blanks may be halves of letters.
pub fn of(column: &str, cell: &str) -> Option<Why> {
    if ERRORS.contains(&cell.trim()) {
        return Some(Why::ErrorOfExcel);
    }
    if content(column) == Content::Code && is_shortened(cell.trim()) {
        return Some(Why::CodeShortened);
    }
    if cell.contains('\u{fffd}') || OF_NAMES.contains(&column) && has_lost_letters(cell) {
        return Some(Why::LettersLost);
    }
    if cell.is_ascii() {
        return None;
    }
    if let Some(meant) = misread(cell) {
        return Some(Why::Misread { meant });
    }
    if is_tcvn3(cell) {
        Some(Why::OldFont { font: ".VnTime", encoding: "TCVN3" })
    } else if is_vni(cell) {
        Some(Why::OldFont { font: "VNI-Times", encoding: "VNI" })
    } else {
        None
    }
}

/// `2026-12-05`, `05/12/2026`, `5-Dec`: a spreadsheet makes such days of a code like `5-12`.
pub fn is_day(cell: &str) -> bool {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let is_short = |text: &str| text.len() <= 2 && text.parse::<u8>().is_ok();
    let is_month = |text: &str| MONTHS.contains(&text.to_lowercase().as_str());
    match cell.split_once('-') {
        Some((day, month)) if is_short(day) && is_month(month) => true,
        Some((month, year)) if is_short(year) && is_month(month) => true,
        _ => dates::day(cell, Some(DateOrder::Dmy)).is_ok() && cell.contains(['-', '/', '.']),
    }
}

/// `1E+05`, `1,23457E+11`.
fn is_shortened(cell: &str) -> bool {
    let Some((number, exponent)) = cell.split_once("E+") else { return false };
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, decimals) = number.split_once(['.', ',']).unwrap_or((number, "0"));
    whole.len() == 1 && is_digits(whole) && is_digits(decimals) && is_digits(exponent)
}

/// `C?ng đoàn`: a letter that an encoding does not have became a question mark.
fn has_lost_letters(cell: &str) -> bool {
    // An address may have one.
    if !cell.contains('?') || cell.contains(['/', '=']) {
        return false;
    }
    let letters: Vec<char> = cell.chars().collect();
    letters.windows(3).any(|it| it[1] == '?' && it[0].is_alphabetic() && it[2].is_lowercase())
}

/// The text whose UTF-8 was taken for one of these encodings of Windows.
fn misread(cell: &str) -> Option<String> {
    [WINDOWS_1252, WINDOWS_1258].into_iter().find_map(|encoding| read_again(cell, encoding))
}

fn read_again(cell: &str, encoding: &'static Encoding) -> Option<String> {
    let (bytes, _, is_lossy) = encoding.encode(cell);
    let text = std::str::from_utf8(&bytes).ok().filter(|_| !is_lossy)?;
    let mut beyond_ascii = text.chars().filter(|c| !c.is_ascii()).peekable();
    beyond_ascii.peek()?;
    beyond_ascii
        .all(|c| is_vietnamese(c) || is_punctuation(c))
        .then(|| text.to_owned())
        .filter(|text| text.chars().any(is_vietnamese))
}

/// A letter beyond ASCII of the alphabet of Vietnamese.
const fn is_vietnamese(c: char) -> bool {
    matches!(c,
        'À'..='Ã' | 'È'..='Ê' | 'Ì' | 'Í' | 'Ò'..='Õ' | 'Ù' | 'Ú' | 'Ý' |
        'à'..='ã' | 'è'..='ê' | 'ì' | 'í' | 'ò'..='õ' | 'ù' | 'ú' | 'ý' |
        'Ă' | 'ă' | 'Đ' | 'đ' | 'Ĩ' | 'ĩ' | 'Ũ' | 'ũ' | 'Ơ' | 'ơ' | 'Ư' | 'ư' | 'Ạ'..='ỹ')
}

const fn is_punctuation(c: char) -> bool {
    matches!(c, '\u{a0}'..='\u{bf}' | '\u{2010}'..='\u{2026}')
}

/// Whether a text has a letter that only Unicode has; then it is written for no old font.
fn has_unicode_letter(cell: &str) -> bool {
    cell.chars().any(|c| c > '\u{ff}' && c.is_alphabetic())
}

/// `C«ng ®oµn`: signs of Latin-1 stand for letters, in the midst of a word or at its beginning.
fn is_tcvn3(cell: &str) -> bool {
    if has_unicode_letter(cell) {
        return false;
    }
    let chars: Vec<char> = [' '].into_iter().chain(cell.chars()).chain([' ']).collect();
    chars.windows(3).any(|it| {
        let [before, sign, after] = [it[0], it[1], it[2]];
        let inside = matches!(sign, '¨' | '©' | '«' | '¬' | 'µ' | '¶' | '¸' | '¹');
        // No text has these behind a letter.
        let last = matches!(sign, '¨' | '¬' | '¸' | 'µ');
        let first = matches!(sign, '®' | '§');
        before.is_ascii_alphabetic()
            && (inside && after.is_ascii_alphabetic() || last && after == ' ')
            || first && (before == ' ' || before.is_ascii_alphabetic()) && is_letter_of_font(after)
    })
}

/// A letter, or a sign that stands for one.
fn is_letter_of_font(c: char) -> bool {
    c.is_alphabetic() || ('¡'..='¾').contains(&c)
}

/// `Coâng ñoaøn`: the marks of a vowel follow it as letters that Vietnamese does not have.
fn is_vni(cell: &str) -> bool {
    if has_unicode_letter(cell) {
        return false;
    }
    let lower: Vec<char> = cell.to_lowercase().chars().collect();
    let pairs = || lower.windows(2).map(|it| (it[0], it[1]));
    let is_marked = |(vowel, mark): (char, char)| match mark {
        'ø' | 'û' | 'ï' | 'å' | 'ä' | 'ë' | 'ü' => {
            matches!(vowel, 'a' | 'e' | 'o' | 'u' | 'y' | 'ö' | 'ô')
        }
        'â' => matches!(vowel, 'a' | 'e' | 'o'),
        _ => false,
    };
    let is_d = |(d, vowel): (char, char)| d == 'ñ' && vowel.is_alphabetic();
    let marked = pairs().filter(|pair| is_marked(*pair)).count();
    marked >= 1 && marked + pairs().filter(|pair| is_d(*pair)).count() >= 2
}

/// Codes whose zeros ahead a spreadsheet may have dropped.
#[derive(Debug, Default)]
pub struct Zeros<'a> {
    /// The whole codes by what is left of them.
    whole: HashMap<&'a str, &'a str>,
}

impl<'a> Zeros<'a> {
    /// Remembers those of the codes that would lose zeros.
    pub fn of(codes: impl Iterator<Item = &'a str>) -> Self {
        let number = |code: &'a str| Some((left_of(code)?, code));
        Self { whole: codes.filter_map(number).filter(|(left, code)| left != code).collect() }
    }

    /// The reason that is told of a code that is not there, where one with zeros ahead is.
    pub fn told(&self, code: &str) -> Option<Why> {
        let whole = self.whole.get(left_of(code)?).filter(|whole| whole.len() > code.len())?;
        Some(Why::ZerosDropped { whole: (*whole).to_owned() })
    }
}

/// The digits of a code without zeros ahead; `None` when it is no number.
fn left_of(code: &str) -> Option<&str> {
    let is_number = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| code.trim_start_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Language;

    fn english(why: &Why) -> String {
        why.text(Language::English)
    }

    #[test]
    fn damage_is_named() {
        for (column, cell, why) in [
            ("name", "#REF!", "is an error of Excel"),
            ("member_count", "#N/A", "is an error of Excel"),
            ("code", "1E+05", "was shortened by a spreadsheet"),
            ("parent_code", "1,23457E+11", "was shortened by a spreadsheet"),
            ("name", "C?ng đoàn", "has lost letters"),
            ("name", "CĐCS \u{fffd}ồng Tâm", "has lost letters"),
        ] {
            let told = english(&of(column, cell).unwrap_or_else(|| panic!("{cell}")));
            assert!(told.starts_with(why), "{cell}: {told}");
        }
        for text in ["Công đoàn cơ sở Đồng Tâm", "LĐLĐ tỉnh Bình Minh", "Hà Nội", "Trường – “Số 1”"]
        {
            for encoding in [WINDOWS_1252, WINDOWS_1258] {
                let (read, _) = encoding.decode_without_bom_handling(text.as_bytes());
                let told =
                    english(&of("name", &read).unwrap_or_else(|| panic!("{text} as {read}")));
                assert!(told.contains(&format!("{text:?}")), "{told}");
            }
        }
        for (cell, old) in [
            ("C«ng ®oµn c¬ së", "TCVN3"),
            ("Liªn ®oµn Lao ®éng tØnh", "TCVN3"),
            ("§ång Nai", "TCVN3"),
            ("C§CS TrÇn Phó", "TCVN3"),
            ("C§CS UBND x· Hång Hµ 590", "TCVN3"),
            ("C¬ khÝ", "TCVN3"),
            ("Coâng ñoaøn cô sôû", "VNI"),
            ("Lieân ñoaøn Lao ñoäng tænh", "VNI"),
            ("TOÅNG COÂNG TY", "VNI"),
        ] {
            let told = english(&of("name", cell).unwrap_or_else(|| panic!("{cell}")));
            assert!(told.contains(old), "{cell}: {told}");
        }
    }

    #[test]
    fn days_are_told_from_codes() {
        for cell in ["2025-12-09", "05/12/2026", "5-Dec", "Dec-57"] {
            assert!(is_day(cell), "{cell}");
        }
        for cell in ["5-12", "2022", "44712", "m-5", "2025-13-09", "0057", ""] {
            assert!(!is_day(cell), "{cell}");
        }
    }

    #[test]
    fn odd_texts_are_left_alone() {
        for cell in [
            "",
            "CĐCS",
            "Công ty",
            "Hà Nam",
            "CĐ – TLĐ",
            "“TLĐ”",
            "QĐ–TLĐ…",
            "Sangkien®",
            "© 2022",
            "5 µm",
            "N·m",
            "m²",
            "Citroën",
            "Peña Señor",
            "Müller",
            "España",
            "hoà toán tuân",
            "OÀ",
            "Bao nhiêu?",
            "A?B",
            "Đ”",
            "§ 5",
            "§5",
            "x\u{ad}y",
            "«Xanh»",
            "1E5",
            "E+1",
            "12E+05",
            "Cà phê Île",
            "#1",
            "Nestlé",
            "À, Á",
            "Lò 1000Â°C",
        ] {
            for column in ["name", "code"] {
                assert_eq!(of(column, cell), None, "{cell}");
            }
        }
    }

    /// The names of the real tree, of its administrative units, and titles as they are.
    #[test]
    fn nothing_of_the_real_tree_is_damaged() {
        let mut count = 0;
        for text in [
            include_str!("../../data/admin_units.csv"),
            include_str!("../../data/direct_units.csv"),
            include_str!("../../data/titles.csv"),
        ] {
            for row in csv::Reader::from_reader(text.as_bytes()).records() {
                for cell in &row.unwrap() {
                    for shown in
                        [cell.to_owned(), cell.to_uppercase(), format!("Công đoàn cơ sở {cell}")]
                    {
                        for column in ["code", "name", "title"] {
                            assert_eq!(of(column, &shown), None, "{shown}");
                        }
                    }
                    count += 1;
                }
            }
        }
        assert!(count > 60_000, "{count}");
    }

    #[test]
    fn zeros_that_were_dropped_are_told() {
        let zeros = Zeros::of(["0057", "58", "000", "abc", "01a"].into_iter());
        assert!(english(&zeros.told("57").unwrap()).starts_with("there is 0057: "));
        for code in ["0057", "00057", "58", "1", "abc", ""] {
            assert_eq!(zeros.told(code), None, "{code}");
        }
        assert!(english(&zeros.told("0").unwrap()).starts_with("there is 000: "));
    }
}
