//! The rules of variables: declared once, used, and in allowed positions.

use std::collections::HashMap;

use super::walk::{Noted, Usage};
use super::{Definitions, repeated};
use crate::graphql::request::ast::{ValueKind, VariableDefinition};
use crate::graphql::request::invalid::{Errors, Invalid, cut};
use crate::graphql::request::schema_view::{SchemaView, TypeRef};

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
    let has_usages = fragments.iter().any(|it| !it.usages.is_empty());
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
        check_usages(view, noted, &mut declared, errors);
        if has_usages {
            for at in reached(definitions, noted, fragments) {
                check_usages(view, &fragments[at], &mut declared, errors);
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

/// The fragments that a definition spreads, and those that they spread.
fn reached(
    definitions: &Definitions<'_>,
    noted: &Noted<'_>,
    fragments: &[Noted<'_>],
) -> Vec<usize> {
    let mut is_reached = vec![false; fragments.len()];
    let mut reached = Vec::new();
    let mut open = vec![noted];
    while let Some(noted) = open.pop() {
        for spread in &noted.spreads {
            if let Some(&at) = definitions.by_name.get(spread.text)
                && !is_reached[at]
            {
                is_reached[at] = true;
                reached.push(at);
                open.push(&fragments[at]);
            }
        }
    }
    reached
}

fn check_usages(
    view: &SchemaView,
    noted: &Noted<'_>,
    declared: &mut HashMap<&str, Declared<'_>>,
    errors: &mut Errors,
) {
    for usage in &noted.usages {
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
