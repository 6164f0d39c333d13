//! Variables the client did not send.
//!
//! By the specification (September 2025, 6.1.2, 6.4.1 and the coercion of input objects) an
//! argument or an input field given by a variable without any value counts as left out: an
//! argument takes its default, an update leaves the field alone. async-graphql 7.0.19 hands the
//! resolver an explicit null instead, which clears what should have been left.
//!
//! Both functions run between parsing and execution, on the operation name the request is then
//! executed with:
//!
//! ```
//! # use async_graphql::{Request, ServerError, parser::parse_query};
//! # use sangkien::graphql::omitted::{coerce_variables, drop_omitted};
//! # let mut request = Request::new("query($n: Int) { f(n: $n) }");
//! let mut document = parse_query(&request.query)?;
//! let operation = request.operation_name.as_deref();
//! coerce_variables(&document, operation, &mut request.variables)?;
//! drop_omitted(&mut document, operation, &request.variables);
//! request.set_parsed_query(document);
//! # Ok::<(), ServerError>(())
//! ```

use std::collections::HashSet;

use async_graphql::parser::types::{
    Directive, DocumentOperations, ExecutableDocument, Field, OperationDefinition, Selection,
    SelectionSet, VariableDefinition,
};
use async_graphql::{Name, Positioned, ServerError, ServerResult, Variables};
use async_graphql_value::{ConstValue, Value};

/// Forgets variables that the operation does not declare: nothing asks for them, and a subscription would hold them as
/// long as it runs.
pub fn drop_undeclared(
    document: &ExecutableDocument,
    operation: Option<&str>,
    variables: &mut Variables,
) {
    if let Some(operation) = chosen(&document.operations, operation) {
        let declared = &operation.variable_definitions;
        variables.retain(|name, _| declared.iter().any(|it| it.node.name.node == *name));
    }
}

/// Gives every variable that was not supplied the default its operation declares, and refuses
/// the request where a required one has no value.
///
/// The library does either only in arguments it comes to resolve: `@skip` and `@include` know no
/// defaults and take a missing condition for false, and a null for a required variable passes
/// wherever the argument allows it. Whether values fit their types is left to the library.
pub fn coerce_variables(
    document: &ExecutableDocument,
    operation: Option<&str>,
    variables: &mut Variables,
) -> ServerResult<()> {
    let Some(operation) = chosen(&document.operations, operation) else {
        return Ok(()); // The library has the words for an unknown operation.
    };
    for definition in &operation.variable_definitions {
        let VariableDefinition { name, var_type, .. } = &definition.node;
        let required = !var_type.node.nullable;
        let problem = match (variables.get(&name.node), &definition.node.default_value) {
            (Some(ConstValue::Null), _) if required => "must not be null",
            (None, None) if required => "was not provided",
            (None, Some(default)) => {
                variables.insert(name.node.clone(), default.node.clone());
                continue;
            }
            _ => continue,
        };
        return Err(ServerError::new(
            format!(
                "Variable \"${}\" of required type \"{}\" {problem}.",
                name.node, var_type.node
            ),
            Some(definition.pos),
        ));
    }
    Ok(())
}

/// Removes the arguments and input fields whose variable has neither a value nor a default.
///
/// A required variable stays where it is: leaving it out has to remain an error. A list item
/// stays too, since an item cannot be left out and null is its right value.
///
/// Validation runs after this and must still see what the client wrote: a misspelt argument is
/// an error whether or not its variable was sent, and a variable whose only use was removed is
/// not an unused one. So each field that loses something leaves a copy of itself beside it,
/// skipped by `@skip(if: true)`: validated, never executed.
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
    // Only the chosen operation is executed, so the others cannot tell.
    for fragment in document.fragments.values_mut() {
        omitted.drop_from_selections(&mut fragment.node.selection_set.node);
    }
}

/// The operation the library will execute.
pub(super) fn chosen<'a>(
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

/// The names of the variables that have no value.
struct Omitted(HashSet<Name>);

impl Omitted {
    fn drop_from_selections(&self, set: &mut SelectionSet) {
        let mut copies = Vec::new();
        for item in &mut set.items {
            match &mut item.node {
                Selection::Field(field) => {
                    if self.touches_field(&field.node) {
                        let copy = Positioned::new(skipped_copy(&field.node), field.pos);
                        copies.push(Positioned::new(Selection::Field(copy), item.pos));
                        self.drop_from_field(&mut field.node);
                    }
                    self.drop_from_selections(&mut field.node.selection_set.node);
                }
                Selection::InlineFragment(fragment) => {
                    self.drop_from_selections(&mut fragment.node.selection_set.node);
                }
                Selection::FragmentSpread(_) => {}
            }
        }
        set.items.append(&mut copies);
    }

    fn touches_field(&self, field: &Field) -> bool {
        let directives = field.directives.iter().map(|directive| &directive.node);
        directives
            .filter(|directive| !is_condition(directive))
            .map(|directive| &directive.arguments)
            .chain([&field.arguments])
            .flatten()
            .any(|(_, value)| self.touches(&value.node))
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

    /// Whether an argument or input field with this value would go, or lose a part.
    fn touches(&self, value: &Value) -> bool {
        match value {
            Value::Variable(name) => self.0.contains(name),
            // An item that is itself a variable stays as it is.
            Value::List(items) => {
                items.iter().any(|item| !matches!(item, Value::Variable(_)) && self.touches(item))
            }
            Value::Object(fields) => fields.values().any(|value| self.touches(value)),
            _ => false,
        }
    }

    /// Whether an argument or input field stays; what stays is rid of omitted parts.
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

/// The field as the client wrote it, for validation only.
fn skipped_copy(field: &Field) -> Field {
    let pos = field.name.pos;
    let at = |name: &str| Positioned::new(Name::new(name), pos);
    let mut copy = Field {
        // No client can write a name with a blank, so this never meets a name of theirs, while
        // two copies under one response key are compared like the fields they stand for.
        alias: Some(at(&format!("{} as written", field.response_key().node))),
        name: field.name.clone(),
        arguments: field.arguments.clone(),
        directives: field.directives.clone(),
        selection_set: Positioned::new(SelectionSet::default(), field.selection_set.pos),
    };
    copy.directives.retain(|directive| !is_condition(&directive.node));
    let skip = Directive {
        name: at("skip"),
        arguments: vec![(at("if"), Positioned::new(Value::Boolean(true), pos))],
    };
    copy.directives.push(Positioned::new(skip, pos));
    // The selections are validated in the field itself; an object only has to have some.
    if !field.selection_set.node.items.is_empty() {
        let typename = Field {
            alias: None,
            name: at("__typename"),
            arguments: Vec::new(),
            directives: Vec::new(),
            selection_set: Positioned::new(SelectionSet::default(), pos),
        };
        let typename = Selection::Field(Positioned::new(typename, pos));
        copy.selection_set.node.items = vec![Positioned::new(typename, pos)];
    }
    copy
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use async_graphql::parser::parse_query;
    use serde_json::{Value as Json, json};

    use super::*;

    /// The chosen operation and then the fragments after `drop_omitted`, without the copies.
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
                Selection::Field(field) if field.node.response_key().node.contains(' ') => {}
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
    fn keeps_what_has_a_value() {
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

    #[test]
    fn leaves_one_skipped_copy_per_changed_field() {
        let mut document =
            parse_query("query($x: Int) { a: f(x: $x) @include(if: true) { g } g }").unwrap();
        drop_omitted(&mut document, None, &Variables::default());
        let items = &chosen(&document.operations, None).unwrap().selection_set.node.items;
        assert_eq!(items.len(), 3);
        let Selection::Field(copy) = &items[2].node else {
            panic!("not a field");
        };
        assert_eq!(copy.node.response_key().node, "a as written");
        let mut text = String::new();
        write_selections(&mut text, &copy.node.selection_set.node);
        write_arguments(&mut text, &copy.node.arguments);
        assert_eq!(text, "{ __typename }(x: $x)");
        assert_eq!(copy.node.directives.len(), 1);
        assert!(is_condition(&copy.node.directives[0].node));
    }

    fn coerced(query: &str, variables: Json) -> Result<Json, String> {
        let document = parse_query(query).unwrap();
        let mut variables = Variables::from_json(variables);
        coerce_variables(&document, None, &mut variables).map_err(|error| error.message)?;
        Ok(serde_json::to_value(variables).unwrap())
    }

    #[test]
    fn fills_defaults_of_variables_not_supplied() {
        let query = "query($a: Int = 1, $b: Int = 2, $c: Int, $d: Int! = 4) { f }";
        assert_eq!(coerced(query, json!({"b": null})), Ok(json!({"a": 1, "b": null, "d": 4})));
    }

    #[test]
    fn refuses_required_variables_without_a_value() {
        let missing = "Variable \"$a\" of required type \"[Int!]!\" was not provided.";
        let null = "Variable \"$a\" of required type \"Int!\" must not be null.";
        let query = "query($a: [Int!]!) { f }";
        assert_eq!(coerced(query, json!({})), Err(missing.into()));
        assert_eq!(coerced(query, json!({"a": []})), Ok(json!({"a": []})));
        let query = "query($a: Int! = 1) { f }";
        assert_eq!(coerced(query, json!({"a": null})), Err(null.into()));
    }
}
