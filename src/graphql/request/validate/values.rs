//! The rules of single values: whether a literal is of a type, and how an error names it.

use async_graphql::Value as Const;
use async_graphql_value::{Name, Number};

use crate::graphql::request::ast::{Value, ValueKind};
use crate::graphql::request::invalid::{Form, Invalid, cut, nearest};
use crate::graphql::request::schema_view::{Kind, SchemaView, TypeRef};

/// Whether a literal that is no variable, null, list or object is a value of that type.
pub fn is_literal_of(kind: &Kind, value: &Value<'_>) -> bool {
    match (kind, &value.kind) {
        (Kind::Int, ValueKind::Int(text)) => text.parse::<i32>().is_ok(),
        (Kind::Float, ValueKind::Int(text) | ValueKind::Float(text)) => {
            text.parse::<f64>().is_ok_and(f64::is_finite)
        }
        (Kind::String | Kind::Id, ValueKind::String(_))
        | (Kind::Boolean, ValueKind::Boolean(_)) => true,
        // An id is echoed as it was written.
        (Kind::Id, ValueKind::Int(text)) => {
            text.parse::<i64>().is_ok_and(|number| number.to_string() == *text)
        }
        (Kind::Enum(names), ValueKind::Enum(name)) => is_one_of(names, name),
        (Kind::Custom(None), _) => true,
        (Kind::Custom(Some(is_valid)), _) => constant(&value.kind).is_some_and(|it| is_valid(&it)),
        _ => false,
    }
}

/// Whether an enum has this value; `names` are in alphabetical order.
pub fn is_one_of(names: &[String], name: &str) -> bool {
    names.binary_search_by(|it| it.as_str().cmp(name)).is_ok()
}

/// A literal in the form that the schema's own scalars receive.
fn constant(kind: &ValueKind<'_>) -> Option<Const> {
    Some(match kind {
        ValueKind::Int(text) => match text.parse::<i64>() {
            Ok(number) => Const::Number(number.into()),
            Err(_) => Const::Number(Number::from_f64(text.parse().ok()?)?),
        },
        ValueKind::Float(text) => Const::Number(Number::from_f64(text.parse().ok()?)?),
        ValueKind::String(text) => Const::String(text.clone().into_owned()),
        ValueKind::Boolean(it) => Const::Boolean(*it),
        ValueKind::Enum(name) => Const::Enum(Name::new(name)),
        _ => return None,
    })
}

/// The fault of a value that is not of the expected type.
pub fn wrong(view: &SchemaView, expected: &TypeRef, found: String) -> Invalid {
    let named = expected.named();
    let form = match view.kind(named) {
        Kind::Int => Form::Int,
        Kind::Custom(_) => match view.name(named) {
            "Long" => Form::Long,
            "Date" => Form::Day,
            "DateTime" => Form::Moment,
            _ => Form::Plain,
        },
        Kind::Enum(names) if view.is_open => {
            let text = found.trim_matches('"');
            nearest(text, names.iter().map(String::as_str)).map_or(Form::Plain, Form::Near)
        }
        _ => Form::Plain,
    };
    Invalid::WrongValue { found, expected: view.show(expected), form }
}

/// A literal in short.
pub fn show(value: &Value<'_>) -> String {
    match &value.kind {
        ValueKind::Variable(name) => format!("${}", cut(name)),
        ValueKind::Int(text) | ValueKind::Float(text) | ValueKind::Enum(text) => cut(text),
        ValueKind::String(text) => quoted(text),
        ValueKind::Boolean(it) => it.to_string(),
        ValueKind::Null => "null".to_owned(),
        ValueKind::List(_) => "[…]".to_owned(),
        ValueKind::Object(_) => "{…}".to_owned(),
    }
}

/// A variable's value in short.
pub fn show_constant(value: &Const) -> String {
    match value {
        Const::Null => "null".to_owned(),
        Const::Number(number) => cut(&number.to_string()),
        Const::String(text) => quoted(text),
        Const::Boolean(it) => it.to_string(),
        Const::Enum(name) => cut(name),
        Const::List(_) => "[…]".to_owned(),
        Const::Object(_) | Const::Binary(_) => "{…}".to_owned(),
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", cut(text))
}
