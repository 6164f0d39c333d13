//! The member `extensions` of an answer: what is one delivery's own, and never part of shared bytes.

use std::fmt::Write as _;

use crate::feed::cursor::Cursor;

/// Writes the member, with the comma before it: the version that the answer shows, and its mark.
pub fn write(mark: Cursor, text: &mut String) {
    let (version, mark) = (mark.version, mark.encode());
    write!(text, r#","extensions":{{"version":{version},"mark":"{mark}"}}"#)
        .expect("a text takes more");
}
