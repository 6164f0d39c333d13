//! The translation of our tree into the library's, for execution.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use async_graphql::parser::types as library;
use async_graphql::{Name, Positioned};
use async_graphql_value::indexmap::IndexMap;
use async_graphql_value::{ConstValue, Number, Value};

use super::Refusal;
use super::ast::{
    self, Argument, BaseType, Definition, Directive, Document, Fragment, Operation, Selection,
    SelectionSet, ValueKind, VariableDefinition,
};
use crate::messages::ErrorMessage;

type Translated<T> = Result<T, Refusal>;

/// The same document as the library's tree.
///
/// # Errors
/// If the library's tree cannot hold the document: a name given twice, an operation without a name beside another, a
/// number beyond 64 bits.
pub fn translate(document: &Document<'_>) -> Translated<library::ExecutableDocument> {
    let mut anonymous = None;
    let mut named = HashMap::new();
    let mut fragments = HashMap::new();
    for definition in &document.definitions {
        match definition {
            Definition::Fragment(fragment) => match fragments.entry(name(fragment.name.text)) {
                Entry::Vacant(entry) => {
                    entry.insert(Positioned::new(fragment_definition(fragment)?, fragment.pos));
                }
                Entry::Occupied(_) => {
                    let message = ErrorMessage::FragmentNamedTwice;
                    return Err(Refusal::invalid(fragment.name.pos, message));
                }
            },
            Definition::Operation(operation) => {
                let translated = Positioned::new(operation_definition(operation)?, operation.pos);
                match operation.name {
                    None => {
                        if anonymous.replace(translated).is_some() {
                            return Err(Refusal::invalid(
                                operation.pos,
                                ErrorMessage::NamelessOperation,
                            ));
                        }
                    }
                    Some(given) => match named.entry(name(given.text)) {
                        Entry::Vacant(entry) => {
                            entry.insert(translated);
                        }
                        Entry::Occupied(_) => {
                            return Err(Refusal::invalid(
                                given.pos,
                                ErrorMessage::OperationNamedTwice,
                            ));
                        }
                    },
                }
            }
        }
    }
    let operations = match anonymous {
        None => library::DocumentOperations::Multiple(named),
        Some(operation) if named.is_empty() => library::DocumentOperations::Single(operation),
        Some(operation) => {
            return Err(Refusal::invalid(operation.pos, ErrorMessage::NamelessOperation));
        }
    };
    Ok(library::ExecutableDocument { operations, fragments })
}

fn name(text: &str) -> Name {
    Name::new(text)
}

fn positioned(given: ast::Name<'_>) -> Positioned<Name> {
    Positioned::new(name(given.text), given.pos)
}

fn operation_definition(operation: &Operation<'_>) -> Translated<library::OperationDefinition> {
    Ok(library::OperationDefinition {
        ty: operation.kind,
        variable_definitions: all(&operation.variables, variable_definition)?,
        directives: all(&operation.directives, directive)?,
        selection_set: selection_set(&operation.selections)?,
    })
}

fn fragment_definition(fragment: &Fragment<'_>) -> Translated<library::FragmentDefinition> {
    Ok(library::FragmentDefinition {
        type_condition: condition(fragment.on),
        directives: all(&fragment.directives, directive)?,
        selection_set: selection_set(&fragment.selections)?,
    })
}

fn condition(on: ast::Name<'_>) -> Positioned<library::TypeCondition> {
    Positioned::new(library::TypeCondition { on: positioned(on) }, on.pos)
}

/// Translates all items into a vector of exact capacity, since the tree is cached.
fn all<T, U>(items: &[T], translate: fn(&T) -> Translated<U>) -> Translated<Vec<U>> {
    let mut all = Vec::with_capacity(items.len());
    for item in items {
        all.push(translate(item)?);
    }
    Ok(all)
}

fn variable_definition(
    definition: &VariableDefinition<'_>,
) -> Translated<Positioned<library::VariableDefinition>> {
    let default_value = match &definition.default {
        Some(value) => Some(Positioned::new(constant(value)?, value.pos)),
        None => None,
    };
    let translated = library::VariableDefinition {
        name: positioned(definition.name),
        var_type: Positioned::new(type_reference(&definition.of_type), definition.of_type.pos),
        directives: all(&definition.directives, directive)?,
        default_value,
    };
    Ok(Positioned::new(translated, definition.pos))
}

fn type_reference(of_type: &ast::Type<'_>) -> library::Type {
    let base = match &of_type.base {
        BaseType::Named(text) => library::BaseType::Named(name(text)),
        BaseType::List(of) => library::BaseType::List(Box::new(type_reference(of))),
    };
    library::Type { base, nullable: !of_type.is_required }
}

fn selection_set(selections: &SelectionSet<'_>) -> Translated<Positioned<library::SelectionSet>> {
    let items = all(&selections.items, selection)?;
    Ok(Positioned::new(library::SelectionSet { items }, selections.pos))
}

fn selection(selection: &Selection<'_>) -> Translated<Positioned<library::Selection>> {
    let (pos, translated) = match selection {
        Selection::Field(field) => {
            let pos = field.response_key().pos;
            let translated = library::Field {
                alias: field.alias.map(positioned),
                name: positioned(field.name),
                arguments: all(&field.arguments, argument)?,
                directives: all(&field.directives, directive)?,
                selection_set: selection_set(&field.selections)?,
            };
            (pos, library::Selection::Field(Positioned::new(translated, pos)))
        }
        Selection::Spread(spread) => {
            let translated = library::FragmentSpread {
                fragment_name: positioned(spread.name),
                directives: all(&spread.directives, directive)?,
            };
            (
                spread.pos,
                library::Selection::FragmentSpread(Positioned::new(translated, spread.pos)),
            )
        }
        Selection::Inline(inline) => {
            let translated = library::InlineFragment {
                type_condition: inline.on.map(condition),
                directives: all(&inline.directives, directive)?,
                selection_set: selection_set(&inline.selections)?,
            };
            let translated = Positioned::new(translated, inline.pos);
            (inline.pos, library::Selection::InlineFragment(translated))
        }
    };
    Ok(Positioned::new(translated, pos))
}

fn directive(directive: &Directive<'_>) -> Translated<Positioned<library::Directive>> {
    let translated = library::Directive {
        name: positioned(directive.name),
        arguments: all(&directive.arguments, argument)?,
    };
    Ok(Positioned::new(translated, directive.pos))
}

fn argument(argument: &Argument<'_>) -> Translated<(Positioned<Name>, Positioned<Value>)> {
    let value = Positioned::new(value(&argument.value)?, argument.value.pos);
    Ok((positioned(argument.name), value))
}

fn value(given: &ast::Value<'_>) -> Translated<Value> {
    Ok(match &given.kind {
        ValueKind::Variable(text) => Value::Variable(name(text)),
        ValueKind::List(items) => Value::List(all(items, value)?),
        ValueKind::Object(fields) => Value::Object(object(fields, value)?),
        _ => constant(given)?.into_value(),
    })
}

/// A value without variables, as the parser has checked.
fn constant(given: &ast::Value<'_>) -> Translated<ConstValue> {
    Ok(match &given.kind {
        ValueKind::Variable(_) | ValueKind::Null => ConstValue::Null,
        ValueKind::Int(text) | ValueKind::Float(text) => ConstValue::Number(number(text, given)?),
        ValueKind::String(text) => ConstValue::String(text.clone().into_owned()),
        ValueKind::Boolean(is_true) => ConstValue::Boolean(*is_true),
        ValueKind::Enum(text) => ConstValue::Enum(name(text)),
        ValueKind::List(items) => ConstValue::List(all(items, constant)?),
        ValueKind::Object(fields) => ConstValue::Object(object(fields, constant)?),
    })
}

/// Validation has refused documents that repeat a name.
fn object<'a, T>(
    fields: &[Argument<'a>],
    translate: fn(&ast::Value<'a>) -> Translated<T>,
) -> Translated<IndexMap<Name, T>> {
    let fields = fields.iter();
    fields.map(|field| Ok((name(field.name.text), translate(&field.value)?))).collect()
}

fn number(text: &str, given: &ast::Value<'_>) -> Translated<Number> {
    // An integer without a sign, since "-0" would be read as a floating-point number.
    let text = if text == "-0" { "0" } else { text };
    text.parse().map_err(|_| Refusal::invalid(given.pos, ErrorMessage::NumberTooLarge))
}
