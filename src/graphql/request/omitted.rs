//! Removal of the variables that the client did not send.
//!
//! By the specification (September 2025, 6.1.2, 6.4.1 and the coercion of input objects) an argument or an input field
//! given by a variable without a value counts as left out: an argument takes its default, an update leaves the field
//! unchanged. async-graphql 7.0.19 passes an explicit null to the resolver instead, which clears a field that should
//! stay.
//!
//! So [`drop_omitted`] runs before each execution, on a valid document, after [`super::coerce::coerce_variables`],
//! which gives variables their defaults.

use std::collections::HashSet;

use async_graphql::parser::types::{
    Directive, DocumentOperations, ExecutableDocument, Field, OperationDefinition, Selection,
    SelectionSet,
};
use async_graphql::{Name, Variables};
use async_graphql_value::Value;

/// Removes the arguments and input fields whose variable has neither a value nor a default.
///
/// A required variable stays where it is: leaving it out has to remain an error. A list item
/// stays too, since an item cannot be left out and null is its right value.
pub fn drop_omitted(
    document: &mut ExecutableDocument,
    operation: Option<&str>,
    variables: &Variables,
) {
    let Some(definition) = chosen(&document.operations, operation) else {
        return;
    };
    let omitted = Omitted(
        definition
            .variable_definitions
            .iter()
            .map(|definition| &definition.node)
            .filter(|definition| {
                definition.var_type.node.nullable
                    && definition.default_value.is_none()
                    && !variables.contains_key(&definition.name.node)
            })
            .map(|definition| definition.name.node.clone())
            .collect(),
    );
    if omitted.0.is_empty() {
        return;
    }
    if let Some(definition) = chosen_mut(&mut document.operations, operation) {
        omitted.drop_from_selections(&mut definition.selection_set.node);
    }
    // Only the chosen operation is executed, so the others do not matter.
    for fragment in document.fragments.values_mut() {
        omitted.drop_from_selections(&mut fragment.node.selection_set.node);
    }
}

/// The operation that the library will execute.
pub fn chosen<'a>(
    operations: &'a DocumentOperations,
    name: Option<&str>,
) -> Option<&'a OperationDefinition> {
    match (operations, name) {
        (DocumentOperations::Single(operation), None) => Some(&operation.node),
        (DocumentOperations::Multiple(all), Some(name)) => all.get(name).map(|found| &found.node),
        (DocumentOperations::Multiple(all), None) if all.len() == 1 => {
            all.values().next().map(|found| &found.node)
        }
        _ => None,
    }
}

fn chosen_mut<'a>(
    operations: &'a mut DocumentOperations,
    name: Option<&str>,
) -> Option<&'a mut OperationDefinition> {
    match (operations, name) {
        (DocumentOperations::Single(operation), None) => Some(&mut operation.node),
        (DocumentOperations::Multiple(all), Some(name)) => {
            all.get_mut(name).map(|found| &mut found.node)
        }
        (DocumentOperations::Multiple(all), None) if all.len() == 1 => {
            all.values_mut().next().map(|found| &mut found.node)
        }
        _ => None,
    }
}

/// The names of variables without a value.
struct Omitted(HashSet<Name>);

impl Omitted {
    fn drop_from_selections(&self, set: &mut SelectionSet) {
        for item in &mut set.items {
            match &mut item.node {
                Selection::Field(field) => {
                    self.drop_from_field(&mut field.node);
                    self.drop_from_selections(&mut field.node.selection_set.node);
                }
                Selection::InlineFragment(fragment) => {
                    self.drop_from_selections(&mut fragment.node.selection_set.node);
                }
                Selection::FragmentSpread(_) => {}
            }
        }
    }

    fn drop_from_field(&self, field: &mut Field) {
        let directives = field.directives.iter_mut();
        for arguments in directives
            .map(|directive| &mut directive.node)
            .filter(|directive| !is_condition(directive))
            .map(|directive| &mut directive.arguments)
            .chain([&mut field.arguments])
        {
            arguments.retain_mut(|(_, value)| self.keep(&mut value.node));
        }
    }

    /// Whether an argument or input field stays; omitted parts of it are removed.
    fn keep(&self, value: &mut Value) -> bool {
        match value {
            Value::Variable(name) => return !self.0.contains(name),
            Value::List(items) => {
                for item in items {
                    self.keep(item);
                }
            }
            Value::Object(fields) => fields.retain(|_, value| self.keep(value)),
            _ => {}
        }
        true
    }
}

/// `@skip` and `@include` require their argument, so there is nothing to leave out. The library
/// knows no other directive outside of fields.
fn is_condition(directive: &Directive) -> bool {
    matches!(directive.name.node.as_str(), "skip" | "include")
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use async_graphql::Positioned;
    use async_graphql::parser::parse_query;
    use serde_json::{Value as Json, json};

    use super::*;

    /// The chosen operation and then the fragments after `drop_omitted`.
    fn dropped(query: &str, operation: Option<&str>, variables: Json) -> String {
        let mut document = parse_query(query).unwrap();
        drop_omitted(&mut document, operation, &Variables::from_json(variables));
        let mut text = String::new();
        if let Some(definition) = chosen(&document.operations, operation) {
            write_selections(&mut text, &definition.selection_set.node);
        }
        for fragment in document.fragments.values() {
            write_selections(&mut text, &fragment.node.selection_set.node);
        }
        text
    }

    fn write_selections(text: &mut String, set: &SelectionSet) {
        text.push('{');
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => {
                    write!(text, " {}", field.node.name).unwrap();
                    write_arguments(text, &field.node.arguments);
                    for directive in &field.node.directives {
                        write!(text, " @{}", directive.node.name).unwrap();
                        write_arguments(text, &directive.node.arguments);
                    }
                    if !field.node.selection_set.node.items.is_empty() {
                        write_selections(text, &field.node.selection_set.node);
                    }
                }
                Selection::InlineFragment(fragment) => {
                    text.push_str(" ...");
                    write_selections(text, &fragment.node.selection_set.node);
                }
                Selection::FragmentSpread(spread) => {
                    write!(text, " ...{}", spread.node.fragment_name).unwrap();
                }
            }
        }
        text.push_str(" }");
    }

    fn write_arguments(text: &mut String, arguments: &[(Positioned<Name>, Positioned<Value>)]) {
        if !arguments.is_empty() {
            let arguments = arguments.iter();
            let list: Vec<_> = arguments.map(|(name, v)| format!("{name}: {v}")).collect();
            write!(text, "({})", list.join(", ")).unwrap();
        }
    }

    #[test]
    fn drops_arguments_and_fields_at_any_depth() {
        let query = "query($x: Int, $y: Int) {
            f(a: $x, b: $y)
            g(in: {x: $x, y: $y, deep: {x: $x}, list: [{x: $x, z: 1}, [{x: $x}]]}) { f(a: $x) }
        }";
        assert_eq!(
            dropped(query, None, json!({"y": 2})),
            "{ f(b: $y) g(in: {y: $y, deep: {}, list: [{z: 1}, [{}]]}){ f } }"
        );
    }

    #[test]
    fn drops_in_fragments_and_directives() {
        let query = "query Q($x: Int) { ... { f(a: $x) } ...F }
            fragment F on Query { g @d(x: $x, y: 1) }";
        assert_eq!(dropped(query, None, json!({})), "{ ...{ f } ...F }{ g @d(y: 1) }");
    }

    #[test]
    fn keeps_arguments_with_a_value() {
        let query = "query($x: Int, $d: Int = 1) { f(a: $x, b: $d, c: {d: $d}) }";
        assert_eq!(dropped(query, None, json!({"x": null})), "{ f(a: $x, b: $d, c: {d: $d}) }");
    }

    #[test]
    fn keeps_list_items_conditions_required_and_unknown_variables() {
        let query = "query($x: Int, $r: Int!, $b: Boolean) {
            f(a: [$x], b: $r, c: $unknown) @skip(if: $b)
        }";
        assert_eq!(
            dropped(query, None, json!({})),
            "{ f(a: [$x], b: $r, c: $unknown) @skip(if: $b) }"
        );
    }

    #[test]
    fn follows_the_chosen_operation_only() {
        let query = "query A($x: Int) { f(a: $x) } query B($x: Int = 1) { f(a: $x) }";
        assert_eq!(dropped(query, Some("A"), json!({})), "{ f }");
        assert_eq!(dropped(query, Some("B"), json!({})), "{ f(a: $x) }");
        assert_eq!(dropped(query, Some("C"), json!({})), "");
        assert_eq!(dropped(query, None, json!({})), "");
    }
}
