//! The lexer: the tokens of a document (GraphQL, September 2025, section 2.1), each with its position.
//!
//! Tokens and the nesting of brackets are bounded here, before anything walks the text by recursion: the time is
//! proportional to the text, and a text is refused as soon as it exceeds a bound.

use async_graphql::Pos;

use super::Refusal;
use super::syntax::{Problem, Quoted};
use crate::limits::{DOCUMENT_NESTING_MAX, DOCUMENT_TOKENS_MAX};
use crate::messages::ErrorMessage;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Bang,
    Dollar,
    Amp,
    ParenLeft,
    ParenRight,
    Spread,
    Colon,
    Equals,
    At,
    BracketLeft,
    BracketRight,
    BraceLeft,
    Pipe,
    BraceRight,
    Name,
    Int,
    Float,
    String,
    BlockString,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    pub kind: Kind,
    /// The position of the token's first character.
    pub pos: Pos,
    /// The text as written, with the quotation marks of a string.
    pub text: &'a str,
}

/// All tokens of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens<'a> {
    pub all: Vec<Token<'a>>,
    /// The position behind the last character.
    pub end: Pos,
}

/// # Errors
/// If a part of the text is no token, or it has more tokens or deeper brackets than a document may have.
pub fn lex(text: &str) -> Result<Tokens<'_>, Refusal> {
    let mut cursor = Cursor { text, at: 0, pos: Pos { line: 1, column: 1 } };
    let mut all = Vec::new();
    // Exact while brackets match; the parser goes no further than that.
    let mut nesting: usize = 0;
    loop {
        cursor.advance(ignored(cursor.rest()));
        let pos = cursor.pos;
        let (kind, length) = match token(cursor.rest()) {
            Ok(None) => return Ok(Tokens { all, end: pos }),
            Ok(Some(found)) => found,
            Err(problem) => return Err(Refusal::syntax(pos, problem)),
        };
        if all.len() == DOCUMENT_TOKENS_MAX {
            let message = ErrorMessage::TooManyTokens { max: DOCUMENT_TOKENS_MAX };
            return Err(Refusal::too_costly(pos, message));
        }
        match kind {
            Kind::ParenLeft | Kind::BracketLeft | Kind::BraceLeft => nesting += 1,
            Kind::ParenRight | Kind::BracketRight | Kind::BraceRight => {
                nesting = nesting.saturating_sub(1);
            }
            _ => {}
        }
        if nesting > DOCUMENT_NESTING_MAX {
            let message = ErrorMessage::TooNested { max: DOCUMENT_NESTING_MAX };
            return Err(Refusal::too_costly(pos, message));
        }
        all.push(Token { kind, pos, text: &cursor.rest()[..length] });
        cursor.advance(length);
    }
}

/// A position in the text.
struct Cursor<'a> {
    text: &'a str,
    at: usize,
    pos: Pos,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Advances by so many bytes, which must not cut a line end in two.
    fn advance(&mut self, bytes: usize) {
        let passed = &self.text.as_bytes()[self.at..self.at + bytes];
        for (index, byte) in passed.iter().enumerate() {
            match byte {
                b'\n' if index > 0 && passed[index - 1] == b'\r' => {}
                b'\n' | b'\r' => self.pos = Pos { line: self.pos.line + 1, column: 1 },
                // Only the first byte of a character counts.
                0x80..=0xbf => {}
                _ => self.pos.column += 1,
            }
        }
        self.at += bytes;
    }
}

/// The number of bytes of blanks, line ends, commas, comments and byte order marks at the beginning of the text.
fn ignored(text: &str) -> usize {
    const MARK: char = '\u{feff}';
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        at += match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => 1,
            b'#' => count(&bytes[at..], |byte| !matches!(byte, b'\n' | b'\r')),
            0x80.. if text[at..].starts_with(MARK) => MARK.len_utf8(),
            _ => break,
        };
    }
    at
}

/// The kind and the length in bytes of the first token; `None` at the end of the text.
fn token(text: &str) -> Result<Option<(Kind, usize)>, Problem> {
    let Some(&first) = text.as_bytes().first() else { return Ok(None) };
    let kind = match first {
        b'!' => Kind::Bang,
        b'$' => Kind::Dollar,
        b'&' => Kind::Amp,
        b'(' => Kind::ParenLeft,
        b')' => Kind::ParenRight,
        b':' => Kind::Colon,
        b'=' => Kind::Equals,
        b'@' => Kind::At,
        b'[' => Kind::BracketLeft,
        b']' => Kind::BracketRight,
        b'{' => Kind::BraceLeft,
        b'|' => Kind::Pipe,
        b'}' => Kind::BraceRight,
        b'.' if text.starts_with("...") => return Ok(Some((Kind::Spread, 3))),
        b'"' => return string(text).map(Some),
        b'-' | b'0'..=b'9' => return number(text).map(Some),
        b'_' | b'a'..=b'z' | b'A'..=b'Z' => {
            return Ok(Some((Kind::Name, count(text.as_bytes(), continues_name))));
        }
        _ => {
            let character = text.chars().next().unwrap_or(char::REPLACEMENT_CHARACTER);
            return Err(Problem::UnexpectedCharacter(character));
        }
    };
    Ok(Some((kind, 1)))
}

const fn continues_name(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric()
}

const fn is_digit(byte: u8) -> bool {
    byte.is_ascii_digit()
}

/// The number of bytes at the beginning for which `is_such` holds.
fn count(bytes: &[u8], is_such: fn(u8) -> bool) -> usize {
    bytes.iter().take_while(|&&byte| is_such(byte)).count()
}

fn number(text: &str) -> Result<(Kind, usize), Problem> {
    let bytes = text.as_bytes();
    // The text that a person would take for the intended number.
    let bad = || {
        let meant = count(bytes, |byte| continues_name(byte) || matches!(byte, b'-' | b'+' | b'.'));
        Problem::BadNumber(Quoted::of(&text[..meant]))
    };
    let digits = |from: usize| count(&bytes[from..], is_digit);
    let mut at = usize::from(bytes[0] == b'-');
    let whole = digits(at);
    if whole == 0 || (whole > 1 && bytes[at] == b'0') {
        return Err(bad());
    }
    at += whole;
    let mut kind = Kind::Int;
    if bytes.get(at) == Some(&b'.') {
        let fraction = digits(at + 1);
        if fraction == 0 {
            return Err(bad());
        }
        at += 1 + fraction;
        kind = Kind::Float;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(at + 1 + sign);
        if exponent == 0 {
            return Err(bad());
        }
        at += 1 + sign + exponent;
        kind = Kind::Float;
    }
    match bytes.get(at) {
        Some(&byte) if byte == b'.' || continues_name(byte) => Err(bad()),
        _ => Ok((kind, at)),
    }
}

/// A string, whose escape sequences are left to [`super::strings`].
fn string(text: &str) -> Result<(Kind, usize), Problem> {
    const BLOCK: &str = "\"\"\"";
    if let Some(inside) = text.strip_prefix(BLOCK) {
        let mut from = 0;
        while let Some(found) = inside[from..].find(BLOCK) {
            let end = from + found;
            if !inside[..end].ends_with('\\') {
                return Ok((Kind::BlockString, BLOCK.len() + end + BLOCK.len()));
            }
            from = end + BLOCK.len();
        }
        return Err(Problem::UnterminatedString);
    }
    let mut bytes = text.bytes().enumerate().skip(1);
    while let Some((index, byte)) = bytes.next() {
        match byte {
            b'"' => return Ok((Kind::String, index + 1)),
            b'\n' | b'\r' => break,
            b'\\' => {
                // An escaped line end ends the string nevertheless.
                if matches!(text.as_bytes().get(index + 1), Some(b'"' | b'\\')) {
                    bytes.next();
                }
            }
            _ => {}
        }
    }
    Err(Problem::UnterminatedString)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<&str> {
        lex(text).unwrap().all.into_iter().map(|token| token.text).collect()
    }

    fn kinds(text: &str) -> Vec<Kind> {
        lex(text).unwrap().all.into_iter().map(|token| token.kind).collect()
    }

    fn refused(text: &str) -> (Pos, ErrorMessage) {
        let Refusal { places, message, .. } = lex(text).unwrap_err();
        (places[0], message)
    }

    const fn at(line: usize, column: usize) -> Pos {
        Pos { line, column }
    }

    #[test]
    fn tokens_are_found_and_ignored_text_is_not() {
        for (text, expected) in [
            ("", vec![]),
            (" \t\n,,, # { a }", vec![]),
            ("\u{feff}{ a }", vec!["{", "a", "}"]),
            ("{\u{feff}a#\r}", vec!["{", "a", "}"]),
            (
                "{a(b:-1,c:$d)@e}",
                vec!["{", "a", "(", "b", ":", "-1", "c", ":", "$", "d", ")", "@", "e", "}"],
            ),
            ("1-1-1", vec!["1", "-1", "-1"]),
            ("[1.5e3-0 0]", vec!["[", "1.5e3", "-0", "0", "]"]),
            ("...A... on", vec!["...", "A", "...", "on"]),
            ("! & | =", vec!["!", "&", "|", "="]),
            (r#""" "" "a""#, vec![r#""""#, r#""""#, r#""a""#]),
            (r#""c \" d" "\\" x"#, vec![r#""c \" d""#, r#""\\""#, "x"]),
            (r#""""c " "" \""" d\\""" """ x"#, vec![r#""""c " "" \""" d\\""" """"#, "x"]),
            (r#""""\"""""""#, vec![r#""""\"""""""#]),
        ] {
            assert_eq!(texts(text), expected, "{text}");
        }
        use Kind::{BlockString, Float, Int, Name, String};
        assert_eq!(
            kinds(r#"a 1 -1 1.0 1e3 "" """""" """a\b""" _1"#),
            [Name, Int, Int, Float, Float, String, BlockString, BlockString, Name]
        );
    }

    #[test]
    fn places_are_lines_and_characters() {
        let text = "{ é\u{1f600}#";
        assert_eq!(
            refused(text),
            (at(1, 3), ErrorMessage::Syntax(Problem::UnexpectedCharacter('é')))
        );
        let tokens = lex("a\r\nb\rc\nd \"é\u{1f600}\" e \"\"\"\r\n\n\"\"\" f\n").unwrap();
        let places: Vec<Pos> = tokens.all.iter().map(|token| token.pos).collect();
        let expected = [(1, 1), (2, 1), (3, 1), (4, 1), (4, 3), (4, 8), (4, 10), (6, 5)];
        assert_eq!(places, expected.map(|(line, column)| at(line, column)));
        assert_eq!(tokens.end, at(7, 1));
    }

    #[test]
    fn a_text_that_is_no_token_is_named_with_its_position() {
        for (text, place, expected) in [
            ("{ a; }", at(1, 4), Problem::UnexpectedCharacter(';')),
            ("{ a\n .. b }", at(2, 2), Problem::UnexpectedCharacter('.')),
            ("{ 'a' }", at(1, 3), Problem::UnexpectedCharacter('\'')),
            ("\u{0}", at(1, 1), Problem::UnexpectedCharacter('\u{0}')),
            ("{ a(b: \"no end", at(1, 8), Problem::UnterminatedString),
            ("{ a(b: \"no end\n\")", at(1, 8), Problem::UnterminatedString),
            ("{ a(b: \"no end\\\n\")", at(1, 8), Problem::UnterminatedString),
            ("{ a(b: \"\\", at(1, 8), Problem::UnterminatedString),
            ("{ a(b: \"\\\"", at(1, 8), Problem::UnterminatedString),
            ("\"\"\"no end\"\"", at(1, 1), Problem::UnterminatedString),
            ("\"\"\"no end\\\"\"\" ", at(1, 1), Problem::UnterminatedString),
            ("[\"\"\"q\", [[[", at(1, 2), Problem::UnterminatedString),
        ] {
            assert_eq!(refused(text), (place, ErrorMessage::Syntax(expected)), "{text}");
        }
        for text in [
            "-", "-a", "01", "-00", "1.", "1.a", "1e", "1e+", "1a", "1.0a", "1.0.0", "1e3.5",
            "0xF1", "1_000",
        ] {
            let expected = Problem::BadNumber(Quoted::of(text));
            assert_eq!(refused(text), (at(1, 1), ErrorMessage::Syntax(expected)), "{text}");
        }
    }

    /// Nothing behind the exceeded bound is read.
    #[test]
    fn tokens_and_brackets_are_bounded() {
        let names = |count: usize| "a ".repeat(count);
        assert_eq!(texts(&names(DOCUMENT_TOKENS_MAX)).len(), DOCUMENT_TOKENS_MAX);
        let (place, message) = refused(&format!("{}\"", names(DOCUMENT_TOKENS_MAX + 1)));
        assert_eq!(message, ErrorMessage::TooManyTokens { max: DOCUMENT_TOKENS_MAX });
        assert_eq!(place, at(1, 2 * DOCUMENT_TOKENS_MAX + 1));
        for (open, close) in [("{", "}"), ("[", "]"), ("(", ")"), ("([{", "}])")] {
            let levels = DOCUMENT_NESTING_MAX / open.len();
            let nested = format!("{}{}", open.repeat(levels), close.repeat(levels));
            assert!(lex(&nested.repeat(3)).is_ok(), "{open}");
            for more in [1, 1_000, 100_000] {
                let (_, message) = refused(&format!("{}\"", open.repeat(levels + more)));
                assert_eq!(
                    message,
                    ErrorMessage::TooNested { max: DOCUMENT_NESTING_MAX },
                    "{open}"
                );
            }
        }
        // A closing bracket without an opening one makes no room.
        let (_, message) = refused(&format!("{}{}", "}".repeat(5_000), "[".repeat(1_000)));
        assert_eq!(message, ErrorMessage::TooNested { max: DOCUMENT_NESTING_MAX });
    }
}
