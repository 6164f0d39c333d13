//! The work of fields about the schema.

use async_graphql::parser::types::{Field, Selection, SelectionSet};

use super::sizes::Sizes;
use super::{Pricing, rates};

impl<'a, S: Sizes> Pricing<'a, S> {
    /// Fields about the schema: each list has as many rows as there can be at most.
    pub(super) fn introspect(&self, field: &'a Field, objects: u64) -> u64 {
        if field.name.node == "__typename" {
            return self.rates.leaf.saturating_mul(objects);
        }
        let is_schema = field.name.node == "__schema";
        let selected = &field.selection_set.node;
        let time = self.introspect_below(selected, 1, is_schema, &mut Vec::new());
        rates::LIBRARY.object.saturating_add(time).saturating_mul(objects)
    }

    /// `is_each_once`: whether the objects are the schema, or its types each once.
    pub(super) fn introspect_below(
        &self,
        selected: &'a SelectionSet,
        objects: u64,
        is_each_once: bool,
        spreading: &mut Vec<&'a str>,
    ) -> u64 {
        let all = self.types.introspected;
        let mut time = 0u64;
        for selection in &selected.items {
            let takes = match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let (rows, each_once) = match field.name.node.as_str() {
                        "types" => (all.types.saturating_mul(objects), is_each_once),
                        "fields" | "inputFields" | "enumValues" | "args" if is_each_once => {
                            (all.members, true)
                        }
                        "fields" | "inputFields" | "enumValues" | "args" => {
                            (all.most.saturating_mul(objects), false)
                        }
                        "possibleTypes" | "interfaces" => (8u64.saturating_mul(objects), false),
                        "directives" => (8, false),
                        "locations" => (16u64.saturating_mul(objects), false),
                        _ => (objects, false),
                    };
                    let below = &field.selection_set.node;
                    rates::LIBRARY
                        .leaf
                        .saturating_mul(rows)
                        .saturating_add(self.introspect_below(below, rows, each_once, spreading))
                }
                Selection::InlineFragment(inline) => self.introspect_below(
                    &inline.node.selection_set.node,
                    objects,
                    is_each_once,
                    spreading,
                ),
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    match self.priced.document.fragments.get_key_value(name) {
                        Some((name, fragment)) if !spreading.contains(&name.as_str()) => {
                            spreading.push(name.as_str());
                            let below = &fragment.node.selection_set.node;
                            let time =
                                self.introspect_below(below, objects, is_each_once, spreading);
                            spreading.pop();
                            time
                        }
                        _ => 0,
                    }
                }
            };
            time = time.saturating_add(takes);
        }
        time
    }
}
