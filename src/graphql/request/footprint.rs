//! The memory that a parsed document takes, in bytes, for the cache that stores it.

use async_graphql::parser::types::{
    BaseType, Directive, ExecutableDocument, FragmentDefinition, OperationDefinition, Selection,
    SelectionSet, Type, VariableDefinition,
};
use async_graphql::{Name, Positioned};
use async_graphql_value::{ConstValue, Value};

/// The bytes that the allocator and a reference count add to each name, roughly.
const NAME_OVERHEAD: usize = 32;

/// The bytes of the document and all its parts. The allocator's own count differs by up to about a quarter.
pub fn footprint(document: &ExecutableDocument) -> usize {
    let operations = document.operations.iter().map(|(given, operation)| {
        size_of::<(Name, Positioned<OperationDefinition>)>()
            + given.map_or(0, name)
            + operation.node.variable_definitions.iter().map(variable).sum::<usize>()
            + directives(&operation.node.directives)
            + selections(&operation.node.selection_set.node)
    });
    let fragments = document.fragments.iter().map(|(given, fragment)| {
        size_of::<(Name, Positioned<FragmentDefinition>)>()
            + name(given)
            + name(&fragment.node.type_condition.node.on.node)
            + directives(&fragment.node.directives)
            + selections(&fragment.node.selection_set.node)
    });
    size_of::<ExecutableDocument>() + operations.sum::<usize>() + fragments.sum::<usize>()
}

fn name(given: &Name) -> usize {
    given.len() + NAME_OVERHEAD
}

fn selections(set: &SelectionSet) -> usize {
    let items = set.items.iter().map(|item| {
        size_of::<Positioned<Selection>>()
            + directives(item.node.directives())
            + match &item.node {
                Selection::Field(field) => {
                    name(&field.node.name.node)
                        + field.node.alias.as_ref().map_or(0, |alias| name(&alias.node))
                        + arguments(&field.node.arguments)
                        + selections(&field.node.selection_set.node)
                }
                Selection::FragmentSpread(spread) => name(&spread.node.fragment_name.node),
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref();
                    on.map_or(0, |on| name(&on.node.on.node))
                        + selections(&inline.node.selection_set.node)
                }
            }
    });
    items.sum()
}

fn directives(all: &[Positioned<Directive>]) -> usize {
    let all = all.iter().map(|it| {
        size_of::<Positioned<Directive>>()
            + name(&it.node.name.node)
            + arguments(&it.node.arguments)
    });
    all.sum()
}

fn arguments(all: &[(Positioned<Name>, Positioned<Value>)]) -> usize {
    let all = all.iter().map(|(given, it)| {
        size_of::<(Positioned<Name>, Positioned<Value>)>() + name(&given.node) + value(&it.node)
    });
    all.sum()
}

fn variable(definition: &Positioned<VariableDefinition>) -> usize {
    let VariableDefinition { name: given, var_type, directives: all, default_value } =
        &definition.node;
    size_of::<Positioned<VariableDefinition>>()
        + name(&given.node)
        + type_reference(&var_type.node)
        + directives(all)
        + default_value.as_ref().map_or(0, |it| constant(&it.node))
}

fn type_reference(of_type: &Type) -> usize {
    match &of_type.base {
        BaseType::Named(given) => name(given),
        BaseType::List(of) => size_of::<Type>() + type_reference(of),
    }
}

/// The bytes of an entry in a map from names to such values, with its hash and its slot in the table.
const fn entry<T>() -> usize {
    size_of::<(Name, T)>() + 2 * size_of::<usize>()
}

/// The bytes of a value's parts, beside the value itself.
fn value(it: &Value) -> usize {
    match it {
        Value::Variable(given) | Value::Enum(given) => name(given),
        Value::String(text) => text.len(),
        Value::List(items) => items.iter().map(|it| size_of::<Value>() + value(it)).sum(),
        Value::Object(fields) => {
            fields.iter().map(|(given, it)| entry::<Value>() + name(given) + value(it)).sum()
        }
        Value::Null | Value::Number(_) | Value::Boolean(_) | Value::Binary(_) => 0,
    }
}

/// The bytes of the parts of a value without variables, beside the value itself.
pub fn constant(it: &ConstValue) -> usize {
    match it {
        ConstValue::Enum(given) => name(given),
        ConstValue::String(text) => text.len(),
        ConstValue::List(items) => {
            items.iter().map(|it| size_of::<ConstValue>() + constant(it)).sum()
        }
        ConstValue::Object(fields) => fields
            .iter()
            .map(|(given, it)| entry::<ConstValue>() + name(given) + constant(it))
            .sum(),
        ConstValue::Null
        | ConstValue::Number(_)
        | ConstValue::Boolean(_)
        | ConstValue::Binary(_) => 0,
    }
}
