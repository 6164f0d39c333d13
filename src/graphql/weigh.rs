//! How large a document is, before anything walks it: its tokens before it is parsed, and what its
//! fragments blow it up to before it is validated. Both take time in proportion to its text.
//!
//! The library's own limits walk a fragment anew wherever it is spread, and so does its
//! validation: 838 bytes of fragments within fragments would hold a thread for seconds.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use async_graphql::{Name, Positioned};

use super::messages::Message;
use crate::limits::{DOCUMENT_TOKENS_MAX, QUERY_DEPTH_MAX, QUERY_SELECTIONS_MAX};

/// # Errors
/// When the text has more tokens than a document may have.
pub fn check_tokens(text: &str) -> Result<(), Message> {
    match tokens(text).nth(DOCUMENT_TOKENS_MAX) {
        None => Ok(()),
        Some(_) => Err(Message::TooManyTokens { max: DOCUMENT_TOKENS_MAX }),
    }
}

/// # Errors
/// When an operation nests too deep, or operations and fragments select too much, each fragment
/// counted wherever it is spread. One that spreads itself is left to validation.
pub fn check_selections(document: &ExecutableDocument) -> Result<(), Message> {
    let mut scale = Scale { document, weights: HashMap::new() };
    let mut all = Weight::default();
    for (_, operation) in document.operations.iter() {
        let weight = scale.weigh(&operation.node.selection_set);
        all = Weight {
            size: all.size.saturating_add(weight.size),
            depth: all.depth.max(weight.depth),
        };
    }
    // Validation walks into fragments for their own sake as well, spread or not.
    for name in document.fragments.keys() {
        let weight = scale.fragment(name);
        all = Weight { size: all.size.max(weight.size), depth: all.depth.max(weight.depth) };
    }
    if all.depth > QUERY_DEPTH_MAX {
        return Err(Message::TooDeep { max: QUERY_DEPTH_MAX });
    }
    if all.size > QUERY_SELECTIONS_MAX {
        return Err(Message::TooManySelections { max: QUERY_SELECTIONS_MAX });
    }
    Ok(())
}

/// Of a selection set with all that is spread in it.
#[derive(Debug, Clone, Copy, Default)]
struct Weight {
    /// Fields, inline fragments and spreads.
    size: usize,
    /// Levels of fields.
    depth: usize,
}

struct Scale<'a> {
    document: &'a ExecutableDocument,
    /// Of fragments met before; of one that is being weighed, nothing.
    weights: HashMap<&'a Name, Weight>,
}

impl<'a> Scale<'a> {
    fn weigh(&mut self, selections: &'a Positioned<SelectionSet>) -> Weight {
        let mut all = Weight::default();
        for selection in &selections.node.items {
            let below = match &selection.node {
                Selection::Field(field) => {
                    let below = self.weigh(&field.node.selection_set);
                    Weight { depth: below.depth.saturating_add(1), ..below }
                }
                Selection::InlineFragment(inline) => self.weigh(&inline.node.selection_set),
                Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node),
            };
            all.size = all.size.saturating_add(below.size).saturating_add(1);
            all.depth = all.depth.max(below.depth);
        }
        all
    }

    fn fragment(&mut self, name: &Name) -> Weight {
        let Some((name, fragment)) = self.document.fragments.get_key_value(name) else {
            return Weight::default();
        };
        if let Some(&weight) = self.weights.get(name) {
            return weight;
        }
        self.weights.insert(name, Weight::default());
        let weight = self.weigh(&fragment.node.selection_set);
        self.weights.insert(name, weight);
        weight
    }
}

/// The lexical tokens of a text, roughly: what is none of GraphQL's counts as one too.
pub fn tokens(text: &str) -> impl Iterator<Item = &[u8]> {
    let mut rest = text.as_bytes();
    std::iter::from_fn(move || {
        rest = after_ignored(rest);
        let first = *rest.first()?;
        let length = match first {
            b'"' => string(rest),
            b'.' => rest.iter().take_while(|&&byte| byte == b'.').count().min(3),
            _ if is_word(first) => rest.iter().take_while(|&&byte| is_word(byte)).count(),
            _ => 1,
        };
        let (token, after) = rest.split_at(length);
        rest = after;
        Some(token)
    })
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | 0x80..)
}

fn after_ignored(mut rest: &[u8]) -> &[u8] {
    loop {
        rest = match rest {
            [b' ' | b'\t' | b'\n' | b'\r' | b',', after @ ..] => after,
            [b'#', ..] => {
                let comment = rest.iter().take_while(|&&byte| !matches!(byte, b'\n' | b'\r'));
                &rest[comment.count()..]
            }
            _ => return rest,
        };
    }
}

/// Bytes of the string, block or not, that the text begins with; all of it where it has no end.
fn string(text: &[u8]) -> usize {
    let (mut at, end): (usize, &[u8]) =
        if text.starts_with(b"\"\"\"") { (3, b"\"\"\"") } else { (1, b"\"") };
    while at < text.len() {
        if text[at..].starts_with(end) {
            return at + end.len();
        }
        let is_escape = text[at] == b'\\';
        at += if !is_escape {
            1
        } else if text[at + 1..].starts_with(end) {
            1 + end.len()
        } else {
            2
        };
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    #[test]
    fn tokens_are_counted_and_what_is_ignored_is_not() {
        for (text, expected) in [
            ("", 0),
            (" \t\n,,, # { a }", 0),
            ("{ a }", 3),
            ("{a(b:-1,c:$d)@e}", 14),
            (r#"{ a(b: "c \" d", e: "") }"#, 11),
            (r#"{ a(b: """c " \""" d""") }"#, 8),
            ("{ ...A ... on B { c } }", 10),
            ("{ a(b: \"no end", 6),
            ("{ a(b: \"\\", 6),
            ("\u{1f600} é", 2),
        ] {
            assert_eq!(tokens(text).count(), expected, "{text}");
        }
    }

    fn bomb(levels: usize) -> String {
        let fragments = (0..levels)
            .map(|level| format!("fragment F{level} on Query {{ ...F{0} ...F{0} }}", level + 1));
        let fragments: Vec<String> = fragments.collect();
        format!(
            "{{ ...F0 }} {} fragment F{levels} on Query {{ root {{ id }} }}",
            fragments.join(" ")
        )
    }

    fn check(text: &str) -> Result<(), Message> {
        check_selections(&parse_query(text).unwrap())
    }

    #[test]
    fn fragments_count_wherever_they_are_spread() {
        assert_eq!(check(&bomb(5)), Ok(()));
        let refused = Err(Message::TooManySelections { max: QUERY_SELECTIONS_MAX });
        for levels in [20, 60, 1_000] {
            assert_eq!(check(&bomb(levels)), refused, "{levels}");
        }
        // Nobody spreads it.
        assert_eq!(check(&bomb(60).replace("{ ...F0 }", "{ __typename }")), refused);
        assert_eq!(check("{ ...A } fragment A on Query { ...A ...A ...Missing }"), Ok(()));
    }

    #[test]
    fn levels_count_through_fragments() {
        let nest = |levels: usize| {
            format!(
                "{{ ...A }} fragment A on Query {{ {}id{} }}",
                "a { ".repeat(levels - 1),
                "}".repeat(levels - 1)
            )
        };
        assert_eq!(check(&nest(QUERY_DEPTH_MAX)), Ok(()));
        let refused = Err(Message::TooDeep { max: QUERY_DEPTH_MAX });
        assert_eq!(check(&nest(QUERY_DEPTH_MAX + 1)), refused);
    }
}
