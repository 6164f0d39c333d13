//! Text at the door: one spelling for what looks the same.

use icu_normalizer::ComposingNormalizerBorrowed;

/// NFC, with every run of white space and control characters folded to one space, and none at
/// either end. Vietnamese typed on different keyboards ("ệ" as one to three code points) becomes
/// one text.
pub fn normalise(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for c in ComposingNormalizerBorrowed::new_nfc().normalize(text).chars() {
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

/// As [`normalise`], but keeps line breaks: for summaries and notes of several lines.
pub fn normalise_lines(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(normalise).collect();
    lines.join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_spaces_and_composes() {
        assert_eq!(normalise("  Đo\u{302}\u{300}ng\u{a0}\n Nai\t"), "Đồng Nai");
        assert_eq!(normalise("a\u{0}b"), "a b");
        assert_eq!(normalise(" \r\n "), "");
        assert_eq!(normalise_lines("một \r\n\r\n  hai\n"), "một\n\nhai");
    }
}
