//! The member `extensions` of an answer, which belongs to one delivery and is never part of shared
//! bytes.

use std::fmt::Write as _;

use super::cost::budgets::Cost;
use crate::feed::cursor::Cursor;

/// Writes the member, with the comma before it: the version that the answer shows with its mark, and the
/// cost of the request. Writes nothing if there is neither.
pub fn write(mark: Option<Cursor>, cost: Option<Cost>, text: &mut String) {
    if mark.is_none() && cost.is_none() {
        return;
    }
    text.push_str(r#","extensions":{"#);
    if let Some(mark) = mark {
        write!(text, r#""version":{},"mark":""#, mark.version).expect("a text takes more");
        mark.encode_into(text);
        text.push('"');
    }
    if let Some(cost) = cost {
        let comma = if mark.is_some() { "," } else { "" };
        let Cost { requested, left, resets_at } = cost;
        let resets_at = resets_at.to_rfc3339();
        write!(
            text,
            r#"{comma}"cost":{{"requested":{requested},"left":{left},"resetsAt":"{resets_at}"}}"#
        )
        .expect("a text takes more");
    }
    text.push('}');
}
