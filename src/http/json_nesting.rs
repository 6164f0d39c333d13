//! The depth of JSON, measured before anything reads the JSON by recursion.

use crate::limits::JSON_NESTING_MAX;

/// Whether lists and objects lie more than [`JSON_NESTING_MAX`] within one another. It takes time in proportion to
/// the text, and stops where that is so. It is exact for JSON; for any other text it counts at least the depth that a
/// parser would reach.
pub fn is_too_nested(text: &[u8]) -> bool {
    let mut depth: usize = 0;
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'[' | b'{' => {
                depth += 1;
                if depth > JSON_NESTING_MAX {
                    return true;
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'"' => {
                while let Some(byte) = bytes.next() {
                    match byte {
                        b'"' => break,
                        b'\\' => {
                            bytes.next();
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_outside_of_texts_are_counted() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        for (text, expected) in [
            (nested(JSON_NESTING_MAX), false),
            (nested(JSON_NESTING_MAX + 1), true),
            (nested(JSON_NESTING_MAX).repeat(3), false),
            ("{\"a\":[".repeat(JSON_NESTING_MAX), true),
            (format!("\"{}\"", "[".repeat(1_000)), false),
            (format!("\"\\\"{}\"", "[".repeat(1_000)), false),
            (format!("\"\\\\\"{}", "[".repeat(1_000)), true),
            (format!("\"{}", "[".repeat(1_000)), false),
            (format!("\"ạ\",{}", "{".repeat(1_000)), true),
            ("\"\\".to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(is_too_nested(text.as_bytes()), expected, "{text}");
        }
    }
}
