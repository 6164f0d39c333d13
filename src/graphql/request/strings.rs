//! The values of strings and block strings (GraphQL, September 2025, section 2.9.4).

use std::borrow::Cow;

use super::syntax::{Problem, Quoted};

/// An escape sequence that represents no character.
#[derive(Debug, PartialEq, Eq)]
pub struct BadEscape {
    /// The number of characters of the token before it.
    pub before: usize,
    pub problem: Problem,
}

/// The value of a string, which is given with its quotation marks and contains no line end.
pub fn string_value(token: &str) -> Result<Cow<'_, str>, BadEscape> {
    let inside = &token[1..token.len() - 1];
    let Some(first) = inside.find('\\') else { return Ok(Cow::Borrowed(inside)) };
    let mut value = String::with_capacity(inside.len());
    value.push_str(&inside[..first]);
    let mut rest = &inside[first..];
    // Escapes stand close together where they are many, which a search for far ones is slow at.
    while let Some(escape) = rest.bytes().position(|byte| byte == b'\\') {
        value.push_str(&rest[..escape]);
        rest = &rest[escape..];
        let Some((character, length)) = escaped(rest) else {
            return Err(BadEscape {
                before: 1 + inside[..inside.len() - rest.len()].chars().count(),
                problem: Problem::BadEscape(Quoted::of(extent(rest))),
            });
        };
        value.push(character);
        rest = &rest[length..];
    }
    value.push_str(rest);
    Ok(Cow::Owned(value))
}

/// The character that the escape sequence at the beginning represents, and the length of the sequence in bytes.
fn escaped(text: &str) -> Option<(char, usize)> {
    let character = match text.as_bytes().get(1)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode(text),
        _ => return None,
    };
    Some((character, 2))
}

/// `\u00e9`, `\ud83d\ude00` or `\u{1f600}`
fn unicode(text: &str) -> Option<(char, usize)> {
    if let Some(digits) = text.strip_prefix("\\u{") {
        let length = digits.find('}')?;
        let code = hexadecimal(&digits[..length])?;
        return Some((char::from_u32(code)?, "\\u{".len() + length + 1));
    }
    let four = |from: usize| hexadecimal(text.get(from..from + 4)?);
    let code = four(2)?;
    if let Some(character) = char::from_u32(code) {
        return Some((character, 6));
    }
    // The first half of a pair; alone it is no character.
    let second = text.get(6..8).filter(|it| *it == "\\u").and_then(|_| four(8))?;
    if !(0xd800..0xdc00).contains(&code) || !(0xdc00..0xe000).contains(&second) {
        return None;
    }
    let code = 0x1_0000 + ((code - 0xd800) << 10) + (second - 0xdc00);
    Some((char::from_u32(code)?, 12))
}

/// `None` for a text that is no hexadecimal number, or for a number beyond all characters.
fn hexadecimal(digits: &str) -> Option<u32> {
    let mut code: u32 = 0;
    for digit in digits.chars() {
        code = code.checked_mul(16)?.checked_add(digit.to_digit(16)?)?;
    }
    (!digits.is_empty()).then_some(code)
}

/// The part of the text that a person would take for the escape sequence.
fn extent(text: &str) -> &str {
    let characters = match text.find('}') {
        Some(end) if text.starts_with("\\u{") => return &text[..=end],
        _ if text.starts_with("\\u") => 6,
        _ => 2,
    };
    text.char_indices().nth(characters).map_or(text, |(end, _)| &text[..end])
}

/// The value of a block string, which is given with its quotation marks: its lines without their common indentation,
/// and without blank lines at the beginning and the end.
pub fn block_string_value(token: &str) -> Cow<'_, str> {
    let inside = &token[3..token.len() - 3];
    if !inside.contains(['\n', '\r', '\\'])
        && !inside.starts_with([' ', '\t'])
        && !inside.is_empty()
    {
        return Cow::Borrowed(inside);
    }
    let raw = if inside.contains('\\') {
        Cow::Owned(inside.replace("\\\"\"\"", "\"\"\""))
    } else {
        Cow::Borrowed(inside)
    };
    let lines: Vec<&str> = lines(&raw).collect();
    let indentation = lines
        .iter()
        .skip(1)
        .map(|line| (line.len(), blanks(line)))
        .filter(|(length, blanks)| blanks < length)
        .map(|(_, blanks)| blanks)
        .min()
        .unwrap_or(0);
    let has_text = |line: &&str| blanks(line) < line.len();
    let first = lines.iter().position(has_text).unwrap_or(lines.len());
    let end = lines.iter().rposition(has_text).map_or(first, |last| last + 1);
    let mut value = String::with_capacity(raw.len());
    for (index, line) in lines.iter().enumerate().take(end).skip(first) {
        if index > first {
            value.push('\n');
        }
        let cut = if index == 0 { 0 } else { indentation.min(line.len()) };
        value.push_str(&line[cut..]);
    }
    Cow::Owned(value)
}

/// The number of bytes of blanks and tabulators at the beginning of a line.
fn blanks(line: &str) -> usize {
    line.bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

/// Lines that end with CRLF, LF or CR.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(end) = text.find(['\n', '\r']) else {
            rest = None;
            return Some(text);
        };
        let length = if text[end..].starts_with("\r\n") { 2 } else { 1 };
        rest = Some(&text[end + length..]);
        Some(&text[..end])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_stand_for_characters() {
        for (token, expected) in [
            (r#""""#, ""),
            (r#""ạ \" \\ \/ b""#, "ạ \" \\ / b"),
            (r#""\b\f\n\r\t""#, "\u{8}\u{c}\n\r\t"),
            (r#""\u0041\u1EA1\u1ea1""#, "Aạạ"),
            (r#""\uD83D\uDE00-\ud83d\ude00""#, "\u{1f600}-\u{1f600}"),
            (r#""\u{41}\u{1F600}\u{00000041}""#, "A\u{1f600}A"),
            (r#""\u{10FFFF}\u{0}""#, "\u{10ffff}\u{0}"),
            (r#""\\u0041""#, "\\u0041"),
        ] {
            assert_eq!(string_value(token).unwrap(), expected, "{token}");
        }
    }

    #[test]
    fn an_escape_of_no_character_is_named_with_its_position() {
        for (token, before, said) in [
            (r#""\x41""#, 1, r"\x"),
            (r#""ạ\ạ""#, 2, r"\ạ"),
            (r#""\u00""#, 1, r"\u00"),
            (r#""\u00g0""#, 1, r"\u00g0"),
            (r#""\u00ạ0""#, 1, r"\u00ạ0"),
            (r#""\uD83D""#, 1, r"\uD83D"),
            (r#""\uD83D\n""#, 1, r"\uD83D"),
            (r#""\uD83D\u0041""#, 1, r"\uD83D"),
            (r#""\uDE00\uD83D""#, 1, r"\uDE00"),
            (r#""\u0041\uDE00""#, 7, r"\uDE00"),
            (r#""\u{D83D}\u{DE00}""#, 1, r"\u{D83D}"),
            (r#""\u{110000}""#, 1, r"\u{110000}"),
            (r#""\u{100000041}""#, 1, r"\u{100000041}"),
            (r#""\u{}""#, 1, r"\u{}"),
            (r#""\u{g}""#, 1, r"\u{g}"),
            (r#""\u{+1}""#, 1, r"\u{+1}"),
            (r#""\u{41""#, 1, r"\u{41"),
        ] {
            let problem = Problem::BadEscape(Quoted::of(said));
            assert_eq!(string_value(token), Err(BadEscape { before, problem }), "{token}");
        }
    }

    #[test]
    fn block_strings_lose_their_indentation() {
        for (inside, expected) in [
            ("", ""),
            (" \t ", ""),
            ("\r\n", ""),
            ("\r\r\n\n \r\n\t", ""),
            ("abc", "abc"),
            ("  abc  ", "  abc  "),
            ("a\\b\\n\\u0041", "a\\b\\n\\u0041"),
            ("a \\\"\"\" b", "a \"\"\" b"),
            ("line 1\r\n   line 2\n     line 3\r    line 4", "line 1\nline 2\n  line 3\n line 4"),
            ("\r\r  some text\r\n \n \n ", "some text"),
            ("\n    a\n    b\n\n    c\n", "a\nb\n\nc"),
            ("\n\ta\n\t\tb", "a\n\tb"),
            ("\n    a\n  \n    b", "a\n\nb"),
            ("   a\n  b", "   a\nb"),
            ("\n  ạ\n   ộ", "ạ\n ộ"),
            ("\u{a0}\n\u{a0}a", "\u{a0}\n\u{a0}a"),
        ] {
            let token = format!("\"\"\"{inside}\"\"\"");
            assert_eq!(block_string_value(&token), expected, "{inside:?}");
        }
    }
}
