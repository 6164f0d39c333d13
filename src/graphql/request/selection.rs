//! The root fields of an operation.

use std::collections::HashSet;

use async_graphql::parser::types::{ExecutableDocument, Field, Selection, SelectionSet};

pub fn selection_of<'a>(
    document: &'a ExecutableDocument,
    operation: Option<&str>,
) -> Option<&'a SelectionSet> {
    let mut operations = document.operations.iter();
    let (_, operation) = operations
        .find(|(name, _)| operation.is_none() || name.map(|name| name.as_str()) == operation)?;
    Some(&operation.node.selection_set.node)
}

/// The root fields, those in fragments included, each fragment searched once.
pub fn root_fields<'a>(
    document: &'a ExecutableDocument,
    selected: &'a SelectionSet,
) -> Vec<&'a Field> {
    let mut fields = Vec::new();
    collect_root_fields(document, selected, &mut HashSet::new(), &mut fields);
    fields
}

fn collect_root_fields<'a>(
    document: &'a ExecutableDocument,
    selected: &'a SelectionSet,
    seen: &mut HashSet<&'a str>,
    fields: &mut Vec<&'a Field>,
) {
    for selection in &selected.items {
        match &selection.node {
            Selection::Field(field) => fields.push(&field.node),
            Selection::InlineFragment(inline) => {
                collect_root_fields(document, &inline.node.selection_set.node, seen, fields);
            }
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                if let Some(fragment) = document.fragments.get(name)
                    && seen.insert(name)
                {
                    collect_root_fields(document, &fragment.node.selection_set.node, seen, fields);
                }
            }
        }
    }
}
