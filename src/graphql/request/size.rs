//! The size of a document with its fragments spread out, checked before validation or anything else walks into them.
//!
//! The time is proportional to the tree: a fragment is weighed once, however often it is spread. The library's own
//! limits walk it again each time, so 838 bytes of nested fragments would keep a thread busy for seconds.

use std::collections::HashMap;

use async_graphql::Pos;

use super::Refusal;
use super::ast::{Definition, Document, Fragment, Selection, SelectionSet};
use crate::limits::{DOCUMENT_NESTING_MAX, QUERY_DEPTH_MAX, QUERY_SELECTIONS_MAX};
use crate::messages::ErrorMessage;

/// # Errors
/// If an operation nests too deep, or operations and fragments select too much, each fragment counted wherever it is
/// spread. Validation refuses a fragment that spreads itself.
pub fn check_size(document: &Document<'_>) -> Result<(), Refusal> {
    let mut fragments = HashMap::new();
    for definition in &document.definitions {
        if let Definition::Fragment(fragment) = definition {
            fragments.entry(fragment.name.text).or_insert(fragment);
        }
    }
    let mut scale = Scale { fragments, weights: HashMap::new() };
    let mut all = Weight::default();
    for definition in &document.definitions {
        // Validation also walks into fragments that no operation spreads.
        let (pos, weight, size) = match definition {
            Definition::Operation(operation) => {
                let weight = scale.weigh(&operation.selections, 1)?;
                (operation.pos, weight, all.size.saturating_add(weight.size))
            }
            Definition::Fragment(fragment) => {
                let weight = scale.fragment(fragment, 1)?;
                (fragment.pos, weight, all.size.max(weight.size))
            }
        };
        all.size = size;
        if weight.depth > QUERY_DEPTH_MAX {
            return Err(Refusal::too_costly(pos, ErrorMessage::TooDeep { max: QUERY_DEPTH_MAX }));
        }
        if weight.nesting > DOCUMENT_NESTING_MAX {
            return Err(too_nested(pos));
        }
        if all.size > QUERY_SELECTIONS_MAX {
            let message = ErrorMessage::TooManySelections { max: QUERY_SELECTIONS_MAX };
            return Err(Refusal::too_costly(pos, message));
        }
    }
    Ok(())
}

fn too_nested(pos: Pos) -> Refusal {
    Refusal::too_costly(pos, ErrorMessage::TooNested { max: DOCUMENT_NESTING_MAX })
}

/// The weight of a selection set, with all fragments spread in it.
#[derive(Debug, Clone, Copy, Default)]
struct Weight {
    /// The number of fields, inline fragments and spreads.
    size: usize,
    /// The levels of fields.
    depth: usize,
    /// The levels of selection sets of all kinds.
    nesting: usize,
}

struct Scale<'t, 'a> {
    fragments: HashMap<&'a str, &'t Fragment<'a>>,
    /// The weights of fragments met before; zero for a fragment that is being weighed.
    weights: HashMap<&'a str, Weight>,
}

impl<'t, 'a> Scale<'t, 'a> {
    /// `level` is the number of selection sets around, this one counted: the recursion is as deep as a document may
    /// be.
    fn weigh(&mut self, set: &'t SelectionSet<'a>, level: usize) -> Result<Weight, Refusal> {
        let mut all = Weight::default();
        if set.items.is_empty() {
            return Ok(all);
        }
        if level > DOCUMENT_NESTING_MAX {
            return Err(too_nested(set.pos));
        }
        for selection in &set.items {
            let below = match selection {
                Selection::Field(field) => {
                    let below = self.weigh(&field.selections, level + 1)?;
                    Weight { depth: below.depth.saturating_add(1), ..below }
                }
                Selection::Inline(inline) => self.weigh(&inline.selections, level + 1)?,
                Selection::Spread(spread) => match self.fragments.get(spread.name.text) {
                    Some(fragment) => self.fragment(fragment, level + 1)?,
                    None => Weight::default(),
                },
            };
            all.size = all.size.saturating_add(below.size).saturating_add(1);
            all.depth = all.depth.max(below.depth);
            all.nesting = all.nesting.max(below.nesting);
        }
        all.nesting = all.nesting.saturating_add(1);
        Ok(all)
    }

    fn fragment(&mut self, fragment: &'t Fragment<'a>, level: usize) -> Result<Weight, Refusal> {
        let name = fragment.name.text;
        if let Some(&weight) = self.weights.get(name) {
            return Ok(weight);
        }
        self.weights.insert(name, Weight::default());
        let weight = self.weigh(&fragment.selections, level)?;
        self.weights.insert(name, weight);
        Ok(weight)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::request::lexer::lex;
    use crate::graphql::request::parser::parse;

    fn bomb(levels: usize) -> String {
        let fragments = (0..levels)
            .map(|level| format!("fragment F{level} on Query {{ ...F{0} ...F{0} }}", level + 1));
        let fragments: Vec<String> = fragments.collect();
        format!(
            "{{ ...F0 }} {} fragment F{levels} on Query {{ root {{ id }} }}",
            fragments.join(" ")
        )
    }

    fn check(text: &str) -> Result<(), ErrorMessage> {
        let document = parse(&lex(text).unwrap()).unwrap();
        check_size(&document).map_err(|refusal| refusal.message)
    }

    #[test]
    fn fragments_count_wherever_they_are_spread() {
        assert_eq!(check(&bomb(5)), Ok(()));
        let refused = Err(ErrorMessage::TooManySelections { max: QUERY_SELECTIONS_MAX });
        for levels in [20, 60, 150] {
            assert_eq!(check(&bomb(levels)), refused, "{levels}");
        }
        // No operation spreads it.
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
        let refused = Err(ErrorMessage::TooDeep { max: QUERY_DEPTH_MAX });
        assert_eq!(check(&nest(QUERY_DEPTH_MAX + 1)), refused);
    }

    /// In every order of definitions, so that a remembered weight hides no level.
    #[test]
    fn selection_sets_nest_through_chains_of_fragments() {
        let chain = |levels: usize, is_reversed: bool| {
            let mut all: Vec<String> = (2..levels)
                .map(|level| format!("fragment F{level} on Query {{ ...F{} }}", level + 1))
                .collect();
            all.insert(0, "{ ...F2 }".to_owned());
            all.push(format!("fragment F{levels} on Query {{ __typename }}"));
            if is_reversed {
                all.reverse();
            }
            all.join(" ")
        };
        for is_reversed in [false, true] {
            assert_eq!(check(&chain(DOCUMENT_NESTING_MAX, is_reversed)), Ok(()));
            let refused = Err(ErrorMessage::TooNested { max: DOCUMENT_NESTING_MAX });
            for levels in [DOCUMENT_NESTING_MAX + 1, 1_000] {
                assert_eq!(check(&chain(levels, is_reversed)), refused, "{levels} {is_reversed}");
            }
        }
    }
}
