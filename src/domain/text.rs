//! Text at the door: one spelling for what looks the same.

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};

/// NFC, with every run of white space and control characters folded to one space, and none at
/// either end. Vietnamese typed on different keyboards ("ệ" as one to three code points) becomes
/// one text.
pub fn normalise(text: &str) -> String {
    let text = ComposingNormalizerBorrowed::new_nfc().normalize(text);
    if is_spaced(&text) {
        return text.into_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.chars() {
        if c.is_whitespace() || c.is_control() {
            gap = true;
        } else {
            if gap && !out.is_empty() {
                out.push(' ');
            }
            gap = false;
            out.push(c);
        }
    }
    out
}

/// Whether every gap is one space already, between other characters.
fn is_spaced(text: &str) -> bool {
    let mut gap = true;
    for c in text.chars() {
        let is_space = c == ' ';
        if is_space && gap || !is_space && (c.is_whitespace() || c.is_control()) {
            return false;
        }
        gap = is_space;
    }
    !gap || text.is_empty()
}

/// As [`normalise`], but keeps line breaks: for summaries and notes of several lines.
pub fn normalise_lines(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(normalise).collect();
    lines.join("\n").trim().to_owned()
}

/// What texts are searched by: lower case, without diacritics, "đ" as "d", and every run of
/// anything but letters and digits as one space, with none at either end. "Đồng  Nai" in any case
/// and any spelling of its marks becomes "dong nai".
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for c in DecomposingNormalizerBorrowed::new_nfd().normalize_iter(text.chars()) {
        match c {
            'đ' | 'Đ' | 'ð' | 'Ð' => push_word_char(&mut out, &mut gap, 'd'),
            c if is_mark(c) => {}
            c if c.is_alphanumeric() => {
                for lower in c.to_lowercase().filter(|lower| !is_mark(*lower)) {
                    push_word_char(&mut out, &mut gap, lower);
                }
            }
            _ => gap = true,
        }
    }
    out
}

fn push_word_char(out: &mut String, gap: &mut bool, c: char) {
    if std::mem::take(gap) && !out.is_empty() {
        out.push(' ');
    }
    out.push(c);
}

/// Tones, hats, horns, breves and the like, once they stand apart.
const fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_what_is_searched() {
        for (text, folded) in [
            ("Đồng Nai", "dong nai"),
            ("DONG NAI", "dong nai"),
            ("Đo\u{302}\u{300}ng  Nai", "dong nai"),
            ("Ðắk Lắk", "dak lak"),
            ("LĐLĐ tỉnh Thừa Thiên - Huế", "ldld tinh thua thien hue"),
            ("160/CĐCT-CSPL&QHLĐ", "160 cdct cspl qhld"),
            ("  (Ươm, ướp; ưỡn) ", "uom uop uon"),
            ("Xã Yên Mỹ\u{a0}2", "xa yen my 2"),
            ("İzmir", "izmir"),
            ("…", ""),
        ] {
            assert_eq!(fold(text), folded, "{text:?}");
            assert_eq!(fold(&fold(text)), folded, "folded again: {text:?}");
        }
    }

    #[test]
    fn folds_spaces_and_composes() {
        assert_eq!(normalise("  Đo\u{302}\u{300}ng\u{a0}\n Nai\t"), "Đồng Nai");
        assert_eq!(normalise("a\u{0}b"), "a b");
        assert_eq!(normalise(" \r\n "), "");
        assert_eq!(normalise(""), "");
        for same in ["a", "Đồng Nai", "một hai ba"] {
            assert_eq!(normalise(same), same);
        }
        for other in ["a b ", " a b", "a  b", "a\tb", "a\u{a0}b", "a\u{85}b", "a \u{7f}b"] {
            assert_eq!(normalise(other), "a b", "{other:?}");
        }
        assert_eq!(normalise_lines("một \r\n\r\n  hai\n"), "một\n\nhai");
    }
}
