//! The rules of variables: declared once, used, and in allowed positions.

use std::collections::{HashMap, HashSet};

use super::walk::{Noted, Usage};
use super::{Definitions, repeated};
use crate::graphql::request::ast::{ValueKind, VariableDefinition};
use crate::graphql::request::invalid::{Errors, Invalid, cut};
use crate::graphql::request::schema_view::{SchemaView, TypeRef};

/// The usages of variables in a fragment.
struct Usages<'n, 'd> {
    all: &'n [Usage<'d>],
    /// The first of those that are alike. An operation may have either all of them or none, so that many operations
    /// can spread a fragment full of variables.
    distinct: Vec<&'n Usage<'d>>,
}

impl<'n, 'd> Usages<'n, 'd> {
    fn of(noted: &'n Noted<'d>) -> Self {
        let mut seen = HashSet::new();
        let kind = |it: &&'n Usage<'d>| (it.name, it.expected.as_ref(), it.has_default, it.one_of);
        let distinct = noted.usages.iter().filter(|it| seen.insert(kind(it))).collect();
        Self { all: &noted.usages, distinct }
    }
}

struct Declared<'d> {
    definition: &'d VariableDefinition<'d>,
    /// `None` if the schema has no such type.
    of_type: Option<TypeRef>,
    is_used: bool,
}

pub fn check<'d>(
    view: &SchemaView,
    definitions: &Definitions<'d>,
    operations: &[Noted<'d>],
    fragments: &[Noted<'d>],
    errors: &mut Errors,
) {
    let usages: Vec<Usages<'_, 'd>> = fragments.iter().map(Usages::of).collect();
    let has_usages = usages.iter().any(|it| !it.all.is_empty());
    let spread = |noted: &Noted<'d>| -> Vec<usize> {
        let known = noted.spreads.iter();
        known.filter_map(|it| definitions.by_name.get(it.text).copied()).collect()
    };
    let edges: Vec<Vec<usize>> =
        if has_usages { fragments.iter().map(spread).collect() } else { Vec::new() };
    for (operation, noted) in definitions.operations.iter().zip(operations) {
        if errors.is_full() {
            return;
        }
        let variables = operation.variables.iter();
        for (name, pos) in repeated(variables.clone().map(|it| (it.name.text, it.name.pos))) {
            errors.add(pos, Invalid::VariableTwice(cut(name)));
        }
        let declared = variables.clone().map(|definition| {
            let of_type = view.resolve(&definition.of_type);
            (definition.name.text, Declared { definition, of_type, is_used: false })
        });
        let mut declared: HashMap<&str, Declared<'d>> = declared.collect();
        check_usages(view, &noted.usages, &mut declared, errors);
        if has_usages {
            for at in reached(&spread(noted), &edges) {
                check_fragment(view, &usages[at], &mut declared, errors);
            }
        }
        for definition in variables {
            let name = definition.name;
            if declared.get(name.text).is_some_and(|it| !it.is_used) {
                errors.add(name.pos, Invalid::UnusedVariable(cut(name.text)));
            }
        }
    }
}

/// The fragments that a definition spreads, and those that they spread; `edges` has those that each fragment spreads.
fn reached(spread: &[usize], edges: &[Vec<usize>]) -> Vec<usize> {
    let mut is_reached = vec![false; edges.len()];
    let mut reached = Vec::new();
    let mut open = vec![spread];
    while let Some(spread) = open.pop() {
        for &at in spread {
            if !is_reached[at] {
                is_reached[at] = true;
                reached.push(at);
                open.push(&edges[at]);
            }
        }
    }
    reached
}

/// Checks the usages that differ; each of all usages only if an error is to be told.
fn check_fragment(
    view: &SchemaView,
    usages: &Usages<'_, '_>,
    declared: &mut HashMap<&str, Declared<'_>>,
    errors: &mut Errors,
) {
    let mut found = Errors::default();
    check_usages(view, usages.distinct.iter().copied(), declared, &mut found);
    if !found.is_empty() {
        check_usages(view, usages.all, declared, errors);
    }
}

fn check_usages<'n, 'd: 'n>(
    view: &SchemaView,
    usages: impl IntoIterator<Item = &'n Usage<'d>>,
    declared: &mut HashMap<&str, Declared<'_>>,
    errors: &mut Errors,
) {
    for usage in usages {
        match declared.get_mut(usage.name) {
            None => errors.add(usage.pos, Invalid::UndefinedVariable(cut(usage.name))),
            Some(declared) => {
                declared.is_used = true;
                check_position(view, usage, declared, errors);
            }
        }
        if errors.is_full() {
            return;
        }
    }
}

fn check_position(
    view: &SchemaView,
    usage: &Usage<'_>,
    declared: &Declared<'_>,
    errors: &mut Errors,
) {
    let (Some(of_type), Some(expected)) = (&declared.of_type, &usage.expected) else { return };
    if !is_allowed(of_type, declared.definition, expected, usage.has_default) {
        let [of_type, expected] = [of_type, expected].map(|it| view.show(it));
        let invalid = Invalid::VariablePosition { name: cut(usage.name), of_type, expected };
        errors.add(usage.pos, invalid);
    }
    if let Some(one_of) = usage.one_of
        && !of_type.is_required
    {
        let (of_type, of) = (view.show(of_type), view.name(one_of).to_owned());
        errors.add(usage.pos, Invalid::OneOfVariable { name: cut(usage.name), of_type, of });
    }
}

/// Whether a variable of this type is allowed at a position. A nullable variable fits a non-null position if the
/// variable or the position has a default.
fn is_allowed(
    of_type: &TypeRef,
    definition: &VariableDefinition<'_>,
    expected: &TypeRef,
    has_default: bool,
) -> bool {
    if !expected.is_required || of_type.is_required {
        return of_type.is_subtype_of(expected);
    }
    let default = definition.default.as_ref();
    let is_never_left_out = default.is_some_and(|it| it.kind != ValueKind::Null);
    (is_never_left_out || has_default)
        && of_type.is_subtype_of(&TypeRef { base: expected.base.clone(), is_required: false })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::request::ast::Definition;
    use crate::graphql::request::validate::walk::Walk;
    use crate::graphql::request::{lexer, parser};
    use crate::graphql::view;

    /// How many usages each operation that spreads the fragment is checked for.
    fn distinct(fragment: &str) -> usize {
        let tokens = lexer::lex(fragment).unwrap();
        let tree = parser::parse(&tokens).unwrap();
        let definitions = Definitions::of(&tree);
        let Some(Definition::Fragment(fragment)) = tree.definitions.first() else { panic!() };
        let mut errors = Errors::default();
        let noted = Walk { view: view(), definitions: &definitions, errors: &mut errors }
            .fragment(fragment);
        Usages::of(&noted).distinct.len()
    }

    /// So the time of many operations does not grow with how often a fragment uses its variables.
    #[test]
    fn usages_that_are_alike_are_checked_once_for_each_operation() {
        let codes = |count| format!("unitsByCode(codes: [{}]) {{ code }}", "$a ".repeat(count));
        let fragment = |selected: &str| format!("fragment F on Query {{ {selected} }}");
        assert_eq!(distinct(&fragment(&codes(1))), 1);
        assert_eq!(distinct(&fragment(&codes(2_000))), 1);
        // Another name, another type, or a place in a oneOf object makes a difference.
        let others =
            "a: unitsByCode(codes: [$b]) { code } b: searchUnits(text: \"\", first: $a) { code }
            c: unit(ref: { code: $a }) { code }";
        assert_eq!(distinct(&fragment(&format!("{} {others}", codes(2_000)))), 4);
    }
}
