//! The rules of definitions together: their names, the spreads of fragments, the roots of subscriptions.

use std::collections::HashSet;

use async_graphql::Pos;
use async_graphql::parser::types::OperationType;

use super::walk::Noted;
use super::{Definitions, repeated};
use crate::graphql::request::ast::{Directive, Operation, Selection, SelectionSet};
use crate::graphql::request::invalid::{Errors, Invalid, cut};

pub fn check_names(definitions: &Definitions<'_>, errors: &mut Errors) {
    let operations = &definitions.operations;
    let names = operations.iter().filter_map(|it| it.name);
    for (name, pos) in repeated(names.map(|it| (it.text, it.pos))) {
        errors.add(pos, Invalid::OperationTwice(cut(name)));
    }
    if operations.len() > 1 {
        for anonymous in operations.iter().filter(|it| it.name.is_none()) {
            errors.add(anonymous.pos, Invalid::AnonymousBesideOthers);
        }
    }
    let fragments = definitions.fragments.iter();
    for (name, pos) in repeated(fragments.map(|it| (it.name.text, it.name.pos))) {
        errors.add(pos, Invalid::FragmentTwice(cut(name)));
    }
}

/// A subscription has one field at its root, which is not about the schema and under no condition.
pub fn check_subscriptions(definitions: &Definitions<'_>, errors: &mut Errors) {
    let operations = definitions.operations.iter();
    for subscription in operations.filter(|it| it.kind == OperationType::Subscription) {
        check_root(definitions, subscription, errors);
    }
}

fn check_root(definitions: &Definitions<'_>, operation: &Operation<'_>, errors: &mut Errors) {
    let is_condition = |it: &&Directive<'_>| matches!(it.name.text, "skip" | "include");
    let mut keys = HashSet::new();
    let mut seen = HashSet::new();
    let mut sets = vec![&operation.selections];
    while let Some(set) = sets.pop() {
        for item in &set.items {
            let directives = match item {
                Selection::Field(field) => {
                    if keys.insert(field.response_key().text) && keys.len() == 2 {
                        errors.add(field.response_key().pos, Invalid::SubscriptionFields);
                    }
                    if field.name.text.starts_with("__") {
                        errors.add(field.name.pos, Invalid::SubscriptionIntrospection);
                    }
                    &field.directives
                }
                Selection::Inline(inline) => {
                    sets.push(&inline.selections);
                    &inline.directives
                }
                Selection::Spread(spread) => {
                    if let Some(fragment) = definitions.fragment(spread.name.text)
                        && seen.insert(spread.name.text)
                    {
                        sets.push(&fragment.selections);
                    }
                    &spread.directives
                }
            };
            if let Some(condition) = directives.iter().find(is_condition) {
                errors.add(condition.pos, Invalid::SubscriptionCondition);
            }
        }
    }
}

/// Checks that every fragment is spread somewhere, and that none contains itself.
///
/// Returns the fragments in an order in which each comes after those that it spreads; `None` if a cycle leaves no such
/// order.
pub fn check_spreads(
    definitions: &Definitions<'_>,
    operations: &[Noted<'_>],
    fragments: &[Noted<'_>],
    errors: &mut Errors,
) -> Option<Vec<usize>> {
    let spread = |noted: &Noted<'_>| -> Vec<(usize, Pos)> {
        let known = noted.spreads.iter();
        known.filter_map(|it| Some((*definitions.by_name.get(it.text)?, it.pos))).collect()
    };
    let mut visit = Visit {
        edges: fragments.iter().map(spread).collect(),
        states: vec![State::New; fragments.len()],
        order: Vec::new(),
        cycles: Vec::new(),
    };
    for (root, _) in operations.iter().flat_map(spread) {
        visit.from(root);
    }
    for (at, fragment) in definitions.fragments.iter().enumerate() {
        // The second fragment of a name already has its error.
        let is_first = definitions.by_name.get(fragment.name.text) == Some(&at);
        if is_first && visit.states[at] == State::New {
            errors.add(fragment.name.pos, Invalid::UnusedFragment(cut(fragment.name.text)));
        }
    }
    for at in 0..fragments.len() {
        visit.from(at);
    }
    for &(at, pos) in &visit.cycles {
        errors.add(pos, Invalid::FragmentCycle(cut(definitions.fragments[at].name.text)));
    }
    visit.cycles.is_empty().then_some(visit.order)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    /// The fragment is on the way from the root.
    Open,
    Done,
}

struct Visit {
    /// The fragments that each fragment spreads, and the positions.
    edges: Vec<Vec<(usize, Pos)>>,
    states: Vec<State>,
    order: Vec<usize>,
    /// The fragments that contain themselves, and the positions of the spreads that close the cycles.
    cycles: Vec<(usize, Pos)>,
}

impl Visit {
    /// Visits the unvisited fragments that can be reached from `root`. Without recursion, since chains are as long as
    /// a document lets them be.
    fn from(&mut self, root: usize) {
        if self.states[root] != State::New {
            return;
        }
        self.states[root] = State::Open;
        let mut way = vec![(root, 0)];
        while let Some((at, edge)) = way.last_mut() {
            let Some(&(next, pos)) = self.edges[*at].get(*edge) else {
                self.states[*at] = State::Done;
                self.order.push(*at);
                way.pop();
                continue;
            };
            *edge += 1;
            match self.states[next] {
                State::New => {
                    self.states[next] = State::Open;
                    way.push((next, 0));
                }
                State::Open => self.cycles.push((next, pos)),
                State::Done => {}
            }
        }
    }
}

/// The lists of introspection whose nesting lets a result grow out of all proportion.
const NESTED_LISTS: [&str; 4] = ["fields", "interfaces", "possibleTypes", "inputFields"];
/// The number of nested lists from which a document is refused.
const NESTED_LISTS_REFUSED: usize = 3;

/// Checks each field about the schema; in `order`, each fragment comes after those that it spreads.
pub fn check_introspection(definitions: &Definitions<'_>, order: &[usize], errors: &mut Errors) {
    let mut depths = vec![0; definitions.fragments.len()];
    let mut deep = Vec::new();
    for &at in order {
        let selections = &definitions.fragments[at].selections;
        depths[at] = nested_lists(definitions, &depths, selections, &mut deep);
    }
    for operation in &definitions.operations {
        nested_lists(definitions, &depths, &operation.selections, &mut deep);
    }
    for pos in deep {
        errors.add(pos, Invalid::IntrospectionTooDeep);
    }
}

/// The number of nested lists; notes the fields about the schema that have too many.
fn nested_lists(
    definitions: &Definitions<'_>,
    of_fragments: &[usize],
    set: &SelectionSet<'_>,
    deep: &mut Vec<Pos>,
) -> usize {
    let mut most = 0;
    for item in &set.items {
        let depth = match item {
            Selection::Field(field) => {
                let name = field.name.text;
                let below = nested_lists(definitions, of_fragments, &field.selections, deep);
                if matches!(name, "__schema" | "__type") && below >= NESTED_LISTS_REFUSED {
                    deep.push(field.name.pos);
                }
                below + usize::from(NESTED_LISTS.contains(&name))
            }
            Selection::Inline(inline) => {
                nested_lists(definitions, of_fragments, &inline.selections, deep)
            }
            Selection::Spread(spread) => {
                definitions.by_name.get(spread.name.text).map_or(0, |&at| of_fragments[at])
            }
        };
        most = most.max(depth);
    }
    most
}
