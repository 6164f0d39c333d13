//! Validation of a document by the specification (September 2025, section 5).
//!
//! Each definition is walked once ([`walk`]), however often it is spread; the rules of definitions together use what
//! the walk noted ([`definitions`], [`variables`]). Only the merging of fields ([`merging`]) follows spreads, and its
//! number of steps is bounded. All of it ends with the last error that is told. So the time is about linear in the
//! document.
//!
//! | rule of the specification | module |
//! |---|---|
//! | names of operations and fragments are unique; an anonymous operation is alone | `definitions` |
//! | fragments are known, used, and without cycles | `walk`, `definitions` |
//! | a subscription has one root field | `definitions` |
//! | types, fields, arguments, directives are known and in their places; leaves are leaves | `walk` |
//! | values are of their types; input fields are known, unique, required ones there; oneOf | `walk`, `values` |
//! | variables are unique, of input types, declared, used, in allowed positions | `variables` |
//! | fields of the same response key can be merged | `merging`, `inputs` |

mod definitions;
mod inputs;
mod merging;
pub(super) mod values;
mod variables;
mod walk;

use std::collections::HashMap;

use async_graphql::Pos;

use self::walk::{Noted, Walk};
use super::Refusal;
use super::ast::{Definition, Document, Fragment, Operation};
use super::invalid::Errors;
use super::schema_view::SchemaView;
use crate::limits::MERGED_SELECTIONS_MAX;
use crate::messages::ErrorMessage;

/// The definitions of a document, by kind.
struct Definitions<'d> {
    operations: Vec<&'d Operation<'d>>,
    fragments: Vec<&'d Fragment<'d>>,
    /// Indexes of `fragments`; of two fragments of one name, the first's.
    by_name: HashMap<&'d str, usize>,
}

impl<'d> Definitions<'d> {
    fn of(document: &'d Document<'d>) -> Self {
        let (mut operations, mut fragments) = (Vec::new(), Vec::new());
        for definition in &document.definitions {
            match definition {
                Definition::Operation(operation) => operations.push(operation),
                Definition::Fragment(fragment) => fragments.push(fragment),
            }
        }
        let mut by_name = HashMap::new();
        for (at, fragment) in fragments.iter().enumerate() {
            by_name.entry(fragment.name.text).or_insert(at);
        }
        Self { operations, fragments, by_name }
    }

    fn fragment(&self, name: &str) -> Option<&'d Fragment<'d>> {
        self.by_name.get(name).map(|&at| self.fragments[at])
    }
}

/// The first errors of a document, at most [`crate::limits::VALIDATION_ERRORS_MAX`]; none if it is valid.
///
/// The nesting of the document is bounded before, so the recursion of the walk is.
pub fn validate<'d>(view: &SchemaView, document: &'d Document<'d>) -> Vec<Refusal> {
    let definitions = Definitions::of(document);
    let mut errors = Errors::default();
    definitions::check_names(&definitions, &mut errors);
    definitions::check_subscriptions(&definitions, &mut errors);
    let mut walk = Walk { view, definitions: &definitions, errors: &mut errors };
    let operations: Vec<Noted<'d>> =
        definitions.operations.iter().map(|it| walk.operation(it)).collect();
    let fragments: Vec<Noted<'d>> =
        definitions.fragments.iter().map(|it| walk.fragment(it)).collect();
    // Errors of further rules would not be told.
    if errors.is_full() {
        return errors.into_list();
    }
    let order = definitions::check_spreads(&definitions, &operations, &fragments, &mut errors);
    variables::check(view, &definitions, &operations, &fragments, &mut errors);
    // Fields of fragments within themselves could be merged without end.
    if let Some(order) = order
        && !errors.is_full()
    {
        definitions::check_introspection(&definitions, &order, &mut errors);
        if merging::check(view, &definitions, &mut errors).is_err() {
            let message = ErrorMessage::TooManySelections { max: MERGED_SELECTIONS_MAX };
            return vec![Refusal::too_costly(Pos { line: 1, column: 1 }, message)];
        }
    }
    errors.into_list()
}

/// The first position of a repeated name, if a name is repeated, and each later one.
fn repeated<'a, 'd: 'a>(
    names: impl Iterator<Item = (&'d str, Pos)> + 'a,
) -> impl Iterator<Item = (&'d str, Pos)> + 'a {
    let mut seen = std::collections::HashSet::new();
    names.filter(move |(name, _)| !seen.insert(*name))
}

#[cfg(test)]
mod tests;
