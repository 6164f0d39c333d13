//! The arguments that a field's price depends on, without copies of their values.

use std::collections::HashMap;

use async_graphql::Variables;
use async_graphql::parser::types::Field;
use async_graphql_value::{ConstValue, Name, Value};

use crate::limits::{PAGE_DEFAULT, PAGE_MAX};

/// A value of an argument, from the document or from a variable.
#[derive(Debug, Clone, Copy)]
pub enum Argument<'a> {
    Literal(&'a Value, &'a Variables),
    Given(&'a ConstValue),
}

impl<'a> Argument<'a> {
    /// `None` if the argument is left out, or is null.
    pub fn of(field: &'a Field, name: &str, variables: &'a Variables) -> Option<Self> {
        let (_, value) = field.arguments.iter().find(|(known, _)| known.node == name)?;
        Self::literal(&value.node, variables)
    }

    pub fn literal(value: &'a Value, variables: &'a Variables) -> Option<Self> {
        match value {
            Value::Null => None,
            Value::Variable(name) => match variables.get(name)? {
                ConstValue::Null => None,
                given => Some(Self::Given(given)),
            },
            value => Some(Self::Literal(value, variables)),
        }
    }

    fn given(value: &'a ConstValue) -> Option<Self> {
        (*value != ConstValue::Null).then_some(Self::Given(value))
    }

    pub fn member(self, name: &str) -> Option<Self> {
        match self {
            Self::Literal(Value::Object(members), variables) => {
                Self::literal(members.get(name)?, variables)
            }
            Self::Given(ConstValue::Object(members)) => Self::given(members.get(name)?),
            _ => None,
        }
    }

    /// The items of a list; a single value stands for a list of one.
    pub fn items(self) -> Vec<Option<Self>> {
        match self {
            Self::Literal(Value::List(items), variables) => {
                items.iter().map(|item| Self::literal(item, variables)).collect()
            }
            Self::Given(ConstValue::List(items)) => items.iter().map(Self::given).collect(),
            one => vec![Some(one)],
        }
    }

    pub fn text(self) -> Option<&'a str> {
        match self {
            Self::Literal(Value::String(text), _) | Self::Given(ConstValue::String(text)) => {
                Some(text)
            }
            Self::Literal(Value::Enum(name), _) | Self::Given(ConstValue::Enum(name)) => Some(name),
            _ => None,
        }
    }

    pub fn integer(self) -> Option<i64> {
        match self {
            Self::Literal(Value::Number(number), _) | Self::Given(ConstValue::Number(number)) => {
                number.as_i64()
            }
            _ => None,
        }
    }

    pub const fn is_true(self) -> Option<bool> {
        match self {
            Self::Literal(Value::Boolean(value), _) | Self::Given(ConstValue::Boolean(value)) => {
                Some(*value)
            }
            _ => None,
        }
    }

    /// An address that is the same for the same value.
    pub fn place(self) -> usize {
        match self {
            Self::Literal(value, _) => std::ptr::from_ref(value).addr(),
            Self::Given(value) => std::ptr::from_ref(value).addr(),
        }
    }
}

/// Sizes of arguments: the number of values, the argument itself included, texts counted in pieces of 16 bytes.
#[derive(Debug)]
pub struct ArgumentSizes<'a> {
    variables: &'a Variables,
    /// The sizes of variables, each computed once.
    known: HashMap<&'a Name, u64>,
}

impl<'a> ArgumentSizes<'a> {
    pub fn new(variables: &'a Variables) -> Self {
        Self { variables, known: HashMap::new() }
    }

    pub fn of(&mut self, value: &Value) -> u64 {
        match value {
            Value::Variable(name) => match self.variables.get_key_value(name) {
                Some((name, given)) => *self.known.entry(name).or_insert_with(|| given_size(given)),
                None => 1,
            },
            Value::String(text) => text_size(text),
            Value::List(items) => {
                items.iter().fold(1, |all, item| all.saturating_add(self.of(item)))
            }
            Value::Object(members) => {
                members.values().fold(1, |all, value| all.saturating_add(self.of(value)))
            }
            _ => 1,
        }
    }
}

/// The size of all variables together.
pub fn size_of(variables: &Variables) -> u64 {
    variables.values().map(given_size).fold(0, u64::saturating_add)
}

fn given_size(value: &ConstValue) -> u64 {
    match value {
        ConstValue::String(text) => text_size(text),
        ConstValue::List(items) => sum(items.iter().map(given_size)),
        ConstValue::Object(members) => sum(members.values().map(given_size)),
        _ => 1,
    }
}

fn text_size(text: &str) -> u64 {
    1 + u64::try_from(text.len() / 16).unwrap_or(u64::MAX)
}

fn sum(sizes: impl Iterator<Item = u64>) -> u64 {
    sizes.fold(1, u64::saturating_add)
}

/// The number of rows of a page at most.
pub fn page(field: &Field, variables: &Variables) -> u64 {
    let asked = |name| Argument::of(field, name, variables).and_then(Argument::integer);
    let rows = asked("first").or_else(|| asked("last"));
    // A page out of bounds is refused, so it has fewer rows than any other.
    let rows = rows.unwrap_or(i64::from(PAGE_DEFAULT)).clamp(0, i64::from(PAGE_MAX));
    rows.unsigned_abs()
}
