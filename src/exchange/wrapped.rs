//! Texts as formulas: `="0057"` is how a CSV file keeps Excel from taking a text for a number.

use std::borrow::Cow;

/// The formula whose value is the text.
pub fn wrap(text: &str) -> String {
    format!("=\"{}\"", text.replace('"', "\"\""))
}

/// The text that a cell is meant to be.
pub fn unwrap(cell: &str) -> Cow<'_, str> {
    match inner(cell) {
        Some(inner) if inner.contains('"') => Cow::Owned(inner.replace("\"\"", "\"")),
        Some(inner) => Cow::Borrowed(inner),
        None => Cow::Borrowed(cell),
    }
}

/// The cell as it is, unless it would be taken for such a formula: then the formula of it.
pub fn kept_apart(text: &str) -> Cow<'_, str> {
    if inner(text.trim()).is_some() { Cow::Owned(wrap(text)) } else { Cow::Borrowed(text) }
}

fn inner(cell: &str) -> Option<&str> {
    let inner = cell.strip_prefix("=\"")?.strip_suffix('"')?;
    // Quotes of the text come in pairs.
    (!inner.replace("\"\"", "").contains('"')).then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back() {
        for text in ["0057", "", "a\"b", "\"", "=\"x\"", "=", "=\"", "=\"\"", "ệ"] {
            assert_eq!(unwrap(&wrap(text)), text);
            assert_eq!(unwrap(&kept_apart(text)), text);
        }
        for cell in ["=A1", "=\"a\"b\"", "=\"a", "\"a\"", "x"] {
            assert_eq!(unwrap(cell), cell);
        }
    }
}
