//! Normalisation of text at the door: one spelling for texts that look the same, and a folded form to search by.

use std::borrow::Cow;

use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use icu_properties::CodePointSetData;
use icu_properties::props::DefaultIgnorableCodePoint;

use crate::limits::CODE_MAX;

/// One spelling of a text, for codes, keys, names, titles and notes alike:
///
/// - NFC, so that Vietnamese typed on different keyboards ("ệ" as one to three code points) becomes one text;
/// - without invisible characters: zero-width spaces, soft hyphens, direction marks, variation
///   selectors. Joiners stay behind a virama, where they change how letters of Indic scripts are written;
/// - "Đ" for the letters of other alphabets that look like it (U+00D0, U+0189), "đ" for "ð";
/// - every run of white space, blanks and control characters folded to one space, and no space at either end.
pub fn normalise(text: &str) -> String {
    let text = visible(text);
    let text = ComposingNormalizerBorrowed::new_nfc().normalize(&text);
    if is_spaced(&text) {
        return text.into_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.chars() {
        if is_gap(c) {
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
        if is_space && gap || !is_space && is_gap(c) {
            return false;
        }
        gap = is_space;
    }
    !gap || text.is_empty()
}

/// White space, control characters, and the pattern of braille without a dot.
fn is_gap(c: char) -> bool {
    c.is_whitespace() || c.is_control() || c == '\u{2800}'
}

/// The text without invisible characters, with "Đ" for letters that look like it.
fn visible(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || text.chars().all(|c| !is_invisible(c) && latin_d(c) == c) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let joins =
            matches!(c, '\u{200c}' | '\u{200d}') && out.chars().next_back().is_some_and(is_virama);
        if joins || !is_invisible(c) {
            out.push(latin_d(c));
        }
    }
    Cow::Owned(out)
}

/// Default_Ignorable_Code_Point of Unicode.
fn is_invisible(c: char) -> bool {
    !c.is_ascii() && CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// The sign that takes a letter of an Indic script its vowel.
fn is_virama(c: char) -> bool {
    CanonicalCombiningClassMapBorrowed::new().get_u8(c) == 9
}

const fn latin_d(c: char) -> char {
    match c {
        '\u{d0}' | '\u{189}' => 'Đ',
        '\u{f0}' => 'đ',
        c => c,
    }
}

/// Like [`normalise`], but keeps line breaks: for summaries and notes of several lines.
pub fn normalise_lines(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(normalise).collect();
    lines.join("\n").trim().to_owned()
}

/// The code in one spelling. A text longer than a code may be names nothing, and is shortened for the error message.
pub fn code_named(text: &str) -> String {
    shortened(&normalise(text))
}

/// The text, or its first [`CODE_MAX`] characters and "…", for an error message.
pub fn shortened(text: &str) -> String {
    match text.char_indices().nth(CODE_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The folded form that texts are searched by: lower case, without diacritics, "đ" as "d", and every run of anything
/// but letters, their marks and digits as one space, with no space at either end. "Đồng  Nai" in any case and any
/// spelling of its marks becomes "dong nai". Invisible characters separate no words.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for c in DecomposingNormalizerBorrowed::new_nfd().normalize_iter(text.chars()) {
        match c {
            'đ' | 'Đ' | 'ð' | 'Ð' | 'Ɖ' => push_word_char(&mut out, &mut gap, 'd'),
            c if is_mark(c) || is_invisible(c) => {}
            c if c.is_alphanumeric() || is_mark_of_a_letter(c) => {
                for lower in c.to_lowercase().filter(|lower| !is_mark(*lower)) {
                    push_word_char(&mut out, &mut gap, lower);
                }
            }
            _ => gap = true,
        }
    }
    out
}

/// A tone or a virama of another script, which belongs to its word.
fn is_mark_of_a_letter(c: char) -> bool {
    !c.is_ascii() && CanonicalCombiningClassMapBorrowed::new().get_u8(c) != 0
}

fn push_word_char(out: &mut String, gap: &mut bool, c: char) {
    if std::mem::take(gap) && !out.is_empty() {
        out.push(' ');
    }
    out.push(c);
}

/// Tones, hats, horns, breves and the like, after decomposition.
const fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_folded_for_searches() {
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
            ("Đồ\u{200b}ng\u{ad} Na\u{feff}i", "dong nai"),
            ("Ɖồng", "dong"),
            // Tones and viramas belong to the words of their scripts.
            ("น้ำหนึ่ง", "น้ำหนึ่ง"),
            ("ऊर्जा, हिन्दी!", "ऊर्जा हिन्दी"),
            ("សន្សំ។ ថាមពល", "សន្សំ ថាមពល"),
            ("…", ""),
        ] {
            assert_eq!(fold(text), folded, "{text:?}");
            assert_eq!(fold(&fold(text)), folded, "folded again: {text:?}");
        }
    }

    #[test]
    fn invisible_characters_make_no_other_text() {
        let invisible = [
            "\u{ad}",
            "\u{34f}",
            "\u{61c}",
            "\u{115f}",
            "\u{180e}",
            "\u{200b}",
            "\u{200c}",
            "\u{200d}",
            "\u{200e}",
            "\u{200f}",
            "\u{202a}",
            "\u{202e}",
            "\u{2060}",
            "\u{2066}",
            "\u{2069}",
            "\u{3164}",
            "\u{fe0f}",
            "\u{feff}",
            "\u{e0001}",
            "\u{e0100}",
        ];
        for sign in invisible {
            for text in [
                format!("{sign}Đồng Nai"),
                format!("Đồng{sign} Na{sign}i"),
                format!("Đồng Nai{sign}"),
            ] {
                assert_eq!(normalise(&text), "Đồng Nai", "{text:?}");
                assert_eq!(fold(&text), "dong nai", "{text:?}");
            }
            assert_eq!(normalise(sign), "", "{sign:?}");
            assert_eq!(normalise_lines(&format!("a{sign}\n{sign}b")), "a\nb");
            // A mark finds its letter across the sign.
            assert_eq!(normalise(&format!("o{sign}\u{302}")), "ô", "{sign:?}");
        }
        for space in
            ["\u{a0}", "\u{2002}", "\u{2009}", "\u{202f}", "\u{205f}", "\u{2800}", "\u{3000}"]
        {
            assert_eq!(
                normalise(&format!("{space}Đồng{space}{space}Nai{space}")),
                "Đồng Nai",
                "{space:?}"
            );
        }
        for other in ["Ðồng Nai", "Ɖồng Nai", "Ð\u{200b}ồng Nai"] {
            assert_eq!(normalise(other), "Đồng Nai", "{other:?}");
        }
        assert_eq!(normalise("ðồng"), "đồng");
        // In Indic scripts a joiner behind a virama is a spelling.
        for same in ["क्\u{200d}ष", "क्\u{200c}ष"] {
            assert_eq!(normalise(same), same);
        }
    }

    #[test]
    fn normalised_twice_is_normalised_once() {
        for text in [
            "Ð\u{200b} \u{feff}ồng",
            "a\u{200d}\u{301}",
            "\u{2800}\u{ad}x",
            "o\u{34f}\u{302}\u{300}",
        ] {
            let once = normalise(text);
            assert_eq!(normalise(&once), once, "{text:?}");
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
