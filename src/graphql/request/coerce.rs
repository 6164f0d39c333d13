//! Coercion of variables: values become those of the declared types (specification, 6.1.2).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use async_graphql::parser::types::OperationDefinition;
use async_graphql::{Name, Pos, Variables};
use async_graphql_value::{ConstValue, Number};

use super::Refusal;
use super::invalid::{Errors, Invalid, cut, nearest};
use super::schema_view::{BaseRef, InputObject, Kind, SchemaView, TypeId, TypeRef};
use super::validate::values::{is_one_of, show_constant, wrong};

/// Gives each variable of the operation its value in the declared type: the default to a variable that was not
/// supplied, a list to a single value in place of a list, a text to an id. Undeclared variables are dropped.
///
/// The operation must be valid.
///
/// # Errors
/// If a variable that needs a value has none, or a value is not of its type: one error for each fault, with the path
/// within the variable.
pub fn coerce_variables(
    view: &SchemaView,
    operation: &OperationDefinition,
    variables: &mut Variables,
) -> Result<(), Vec<Refusal>> {
    let mut coercion =
        Coercion { view, errors: Errors::default(), pos: operation.selection_set.pos };
    let mut coerced = BTreeMap::new();
    for definition in &operation.variable_definitions {
        let (pos, definition) = (definition.pos, &definition.node);
        let name = &definition.name.node;
        let Some(of_type) = view.resolve_parsed(&definition.var_type.node) else { continue };
        let default = || definition.default_value.as_ref().map(|it| it.node.clone());
        let Some(value) = variables.remove(name).or_else(default) else {
            if of_type.is_required {
                let of_type = view.show(&of_type);
                let missing = Invalid::MissingVariable { name: cut(name), of_type };
                coercion.errors.add(pos, missing);
            }
            continue;
        };
        coercion.pos = pos;
        let value = coercion.value(value, &of_type, &At::Variable(name));
        coerced.insert(name.clone(), value);
    }
    *variables = Variables::default();
    variables.extend(coerced);
    match coercion.errors.into_list() {
        none if none.is_empty() => Ok(()),
        errors => Err(errors),
    }
}

/// A path within the value of a variable.
enum At<'a> {
    Variable(&'a str),
    Field(&'a Self, &'a str),
    Item(&'a Self, usize),
}

impl At<'_> {
    /// The path as text, such as `$input.goals[2].goal`.
    fn path(&self) -> String {
        let mut path = match self {
            Self::Variable(name) => return format!("${}", cut(name)),
            Self::Field(outer, _) | Self::Item(outer, _) => outer.path(),
        };
        let written = match self {
            Self::Variable(_) => Ok(()),
            Self::Field(_, name) => write!(path, ".{}", cut(name)),
            Self::Item(_, place) => write!(path, "[{place}]"),
        };
        written.expect("a text takes more");
        path
    }
}

struct Coercion<'v> {
    view: &'v SchemaView,
    errors: Errors,
    /// The position of the variable's declaration.
    pos: Pos,
}

impl Coercion<'_> {
    /// The value in its type; any value if it is refused.
    fn value(&mut self, value: ConstValue, expected: &TypeRef, at: &At<'_>) -> ConstValue {
        if self.errors.is_full() {
            return ConstValue::Null;
        }
        match (value, &expected.base) {
            (ConstValue::Null, _) => {
                if expected.is_required {
                    self.refuse(at, wrong(self.view, expected, "null".to_owned()));
                }
                ConstValue::Null
            }
            (ConstValue::List(items), BaseRef::List(item)) => {
                let items = items.into_iter().enumerate();
                let coerced = items.map(|(place, it)| self.value(it, item, &At::Item(at, place)));
                ConstValue::List(coerced.collect())
            }
            (value, BaseRef::List(item)) => ConstValue::List(vec![self.value(value, item, at)]),
            (value, BaseRef::Named(id)) => self.named(value, *id, expected, at),
        }
    }

    fn named(
        &mut self,
        value: ConstValue,
        id: TypeId,
        expected: &TypeRef,
        at: &At<'_>,
    ) -> ConstValue {
        let view = self.view;
        let coerced = match (view.kind(id), value) {
            (Kind::Input(object), ConstValue::Object(fields)) => {
                return self.object(fields, object, view.name(id), at);
            }
            (Kind::Float, ConstValue::Number(number)) => Ok(ConstValue::Number(number)),
            (Kind::Int, ConstValue::Number(number)) => match integer(&number) {
                Some(integer) if i32::try_from(integer).is_ok() => Ok(integer.into()),
                _ => Err(ConstValue::Number(number)),
            },
            (Kind::Id, ConstValue::Number(number)) => match integer(&number) {
                Some(integer) => Ok(ConstValue::String(integer.to_string())),
                None => Err(ConstValue::Number(number)),
            },
            (Kind::Id | Kind::String, ConstValue::String(text)) => Ok(ConstValue::String(text)),
            (Kind::Boolean, ConstValue::Boolean(it)) => Ok(ConstValue::Boolean(it)),
            (Kind::Enum(names), ConstValue::String(name)) if is_one_of(names, &name) => {
                Ok(ConstValue::Enum(Name::new(name)))
            }
            // An enum value comes from a default.
            (Kind::Enum(names), ConstValue::Enum(name)) if is_one_of(names, &name) => {
                Ok(ConstValue::Enum(name))
            }
            (Kind::Custom(None), value) => Ok(value),
            (Kind::Custom(Some(is_valid)), value) => {
                let value = match &value {
                    ConstValue::Number(number) => integer(number).map_or(value, ConstValue::from),
                    _ => value,
                };
                if is_valid(&value) { Ok(value) } else { Err(value) }
            }
            (_, value) => Err(value),
        };
        coerced.unwrap_or_else(|value| {
            self.refuse(at, wrong(view, expected, show_constant(&value)));
            ConstValue::Null
        })
    }

    fn object(
        &mut self,
        fields: async_graphql::indexmap::IndexMap<Name, ConstValue>,
        object: &InputObject,
        of: &str,
        at: &At<'_>,
    ) -> ConstValue {
        let (count, mut only) = (fields.len(), None);
        let mut coerced = BTreeMap::new();
        for (name, value) in fields {
            let Some(input) = object.fields.get(name.as_str()) else {
                let names = object.fields.keys().map(String::as_str);
                let is_told = self.view.is_open && !self.errors.is_full();
                let near = is_told.then(|| nearest(&name, names)).flatten();
                let (of, name) = (of.to_owned(), cut(&name));
                self.refuse(at, Invalid::UnknownInputField { of, name, near });
                continue;
            };
            only = (value == ConstValue::Null).then(|| name.clone());
            let value = self.value(value, &input.of_type, &At::Field(at, &name));
            coerced.insert(name, value);
        }
        for (name, input) in &object.fields {
            if input.is_required() && !coerced.contains_key(name.as_str()) {
                let of_type = self.view.show(&input.of_type);
                let (of, name) = (of.to_owned(), name.clone());
                self.refuse(at, Invalid::MissingInputField { of, name, of_type });
            }
        }
        if object.is_one_of {
            if count != 1 {
                self.refuse(at, Invalid::OneOfFields(of.to_owned()));
            } else if let Some(name) = only {
                let (of, name) = (of.to_owned(), name.to_string());
                self.refuse(at, Invalid::OneOfNull { of, name });
            }
        }
        ConstValue::Object(coerced.into_iter().collect())
    }

    fn refuse(&mut self, at: &At<'_>, invalid: Invalid) {
        if !self.errors.is_full() {
            let invalid = Box::new(invalid);
            self.errors.add(self.pos, Invalid::InVariable { path: at.path(), invalid });
        }
    }
}

/// 2^53, the bound up to which JSON numbers can represent every integer.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

/// The number as an integer, if it is one: 3 and 3.0 are the same in JSON.
fn integer(number: &Number) -> Option<i64> {
    number.as_i64().or_else(|| {
        let float = number.as_f64()?;
        #[expect(clippy::cast_possible_truncation, reason = "it is an integer within 2^53")]
        (float.fract() == 0.0 && float.abs() <= EXACT_MAX).then_some(float as i64)
    })
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::auth::Language;
    use crate::graphql::request::omitted::chosen;
    use crate::graphql::view;

    /// The coerced variables, or the first error.
    fn coerced(declared: &str, variables: Json) -> Result<Json, String> {
        let document = parse_query(format!("query({declared}) {{ __typename }}")).unwrap();
        let operation = chosen(&document.operations, None).unwrap();
        let mut variables = Variables::from_json(variables);
        match coerce_variables(view(), operation, &mut variables) {
            Ok(()) => Ok(serde_json::to_value(variables).unwrap()),
            Err(errors) => Err(errors[0].message.text(Language::English)),
        }
    }

    #[test]
    fn values_become_those_of_their_types() {
        for (declared, given, expected) in [
            (
                "$a: Int = 1, $b: Int = 2, $c: Int, $d: Int! = 4",
                json!({"b": null}),
                json!({"a": 1, "b": null, "d": 4}),
            ),
            ("$a: [Int!]!", json!({"a": 3}), json!({"a": [3]})),
            ("$a: [[Int]]", json!({"a": 3}), json!({"a": [[3]]})),
            ("$a: [[Int]]", json!({"a": [3, null, [4]]}), json!({"a": [[3], null, [4]]})),
            ("$a: [Int!]!", json!({"a": []}), json!({"a": []})),
            ("$a: [Int]", json!({"a": null}), json!({"a": null})),
            ("$a: Int", json!({"a": 3.0}), json!({"a": 3})),
            ("$a: Float", json!({"a": 3}), json!({"a": 3})),
            ("$a: ID", json!({"a": 3}), json!({"a": "3"})),
            ("$a: ID = 3", json!({}), json!({"a": "3"})),
            ("$a: [ID] = 3", json!({}), json!({"a": ["3"]})),
            (
                "$a: Long",
                json!({"a": 9_007_199_254_740_991_i64}),
                json!({"a": 9_007_199_254_740_991_i64}),
            ),
            ("$a: Date", json!({"a": "2022-05-31"}), json!({"a": "2022-05-31"})),
            ("$a: OrderDirection", json!({"a": "ASC"}), json!({"a": "ASC"})),
            ("$a: UnitRef!", json!({"a": {"id": 7}}), json!({"a": {"id": "7"}})),
            (
                "$a: UnitRef",
                json!({"a": {"code": "x"}, "b": "y".repeat(9)}),
                json!({"a": {"code": "x"}}),
            ),
            ("$a: UnitOrder", json!({"a": {"field": "CODE"}}), json!({"a": {"field": "CODE"}})),
            (
                "$a: UnitFilter",
                json!({"a": {"kinds": "PROVINCIAL_FEDERATION"}}),
                json!({"a": {"kinds": ["PROVINCIAL_FEDERATION"]}}),
            ),
        ] {
            assert_eq!(coerced(declared, given.clone()), Ok(expected), "{declared} {given}");
        }
    }

    #[test]
    fn a_value_that_does_not_fit_is_reported_with_its_path() {
        for (declared, given, expected) in [
            ("$a: [Int!]!", json!({}), "variable $a of type [Int!]! needs a value"),
            ("$a: Int!", json!({"b": 1}), "variable $a of type Int! needs a value"),
            (
                "$a: Int! = 1",
                json!({"a": null}),
                "variable $a: null is no value of type Int!, an integer of 32 bits",
            ),
            (
                "$a: Int",
                json!({"a": 2_147_483_648_i64}),
                "variable $a: 2147483648 is no value of type Int, an integer of 32 bits",
            ),
            (
                "$a: Int",
                json!({"a": 1.5}),
                "variable $a: 1.5 is no value of type Int, an integer of 32 bits",
            ),
            (
                "$a: Int",
                json!({"a": "1"}),
                "variable $a: \"1\" is no value of type Int, an integer of 32 bits",
            ),
            (
                "$a: [Int!]",
                json!({"a": [1, null]}),
                "variable $a[1]: null is no value of type Int!, an integer of 32 bits",
            ),
            ("$a: String", json!({"a": 1}), "variable $a: 1 is no value of type String"),
            (
                "$a: Boolean",
                json!({"a": "true"}),
                "variable $a: \"true\" is no value of type Boolean",
            ),
            ("$a: ID", json!({"a": 1.5}), "variable $a: 1.5 is no value of type ID"),
            ("$a: ID", json!({"a": ["b"]}), "variable $a: […] is no value of type ID"),
            (
                "$a: Long",
                json!({"a": 9_007_199_254_740_992_i64}),
                "variable $a: 9007199254740992 is no value of type Long, an integer of at most 2^53-1",
            ),
            (
                "$a: Date",
                json!({"a": "31/5/2022"}),
                "variable $a: \"31/5/2022\" is no value of type Date, a day such as 2022-05-31",
            ),
            (
                "$a: Date",
                json!({"a": "2022-02-30"}),
                "variable $a: \"2022-02-30\" is no value of type Date, a day such as 2022-05-31",
            ),
            (
                "$a: DateTime",
                json!({"a": "2022-05-31"}),
                "variable $a: \"2022-05-31\" is no value of type DateTime, a moment such as 2022-05-31T17:00:00+07:00",
            ),
            (
                "$a: OrderDirection",
                json!({"a": "ASCE"}),
                "variable $a: \"ASCE\" is no value of type OrderDirection; did you mean ASC?",
            ),
            (
                "$a: OrderDirection",
                json!({"a": 1}),
                "variable $a: 1 is no value of type OrderDirection",
            ),
            ("$a: UnitRef", json!({"a": []}), "variable $a: […] is no value of type UnitRef"),
            (
                "$a: UnitRef",
                json!({"a": "tld"}),
                "variable $a: \"tld\" is no value of type UnitRef",
            ),
            (
                "$a: UnitRef",
                json!({"a": {}}),
                "variable $a: UnitRef needs exactly one of its fields",
            ),
            (
                "$a: UnitRef",
                json!({"a": {"code": "x", "id": "y"}}),
                "variable $a: UnitRef needs exactly one of its fields",
            ),
            (
                "$a: UnitRef",
                json!({"a": {"code": "x", "id": null}}),
                "variable $a: UnitRef needs exactly one of its fields",
            ),
            (
                "$a: UnitRef",
                json!({"a": {"code": null}}),
                "variable $a: field code of UnitRef must not be null",
            ),
            (
                "$a: UnitRef",
                json!({"a": {"cod": "x"}}),
                "variable $a: input object UnitRef has no field cod; did you mean code?",
            ),
            (
                "$a: UnitOrder",
                json!({"a": {}}),
                "variable $a: input object UnitOrder needs the field field of type UnitOrderField!",
            ),
            (
                "$a: UnitOrder",
                json!({"a": {"field": "CODE", "direction": null}}),
                "variable $a.direction: null is no value of type OrderDirection!",
            ),
            (
                "$a: SetTargetsInput!",
                json!({"a": {"period": {"code": "p"}, "goals": [
                    {"unit": {"code": "a"}}, {"unit": {"code": "b"}, "goal": {"count": "many"}},
                ]}}),
                "variable $a.goals[1].goal.count: \"many\" is no value of type Int, an integer of 32 bits",
            ),
        ] {
            assert_eq!(
                coerced(declared, given.clone()),
                Err(expected.into()),
                "{declared} {given}"
            );
        }
    }

    #[test]
    fn each_fault_is_reported_up_to_a_bound_and_in_both_languages() {
        let document = parse_query("query($a: [Int], $b: Int!) { __typename }").unwrap();
        let operation = chosen(&document.operations, None).unwrap();
        let mut variables = Variables::from_json(json!({"a": ["x", 1, "y"]}));
        let errors = coerce_variables(view(), operation, &mut variables).unwrap_err();
        let told: Vec<_> = errors.iter().map(|it| it.message.text(Language::Vietnamese)).collect();
        assert_eq!(
            told,
            [
                "biến $a[0]: \"x\" không phải là giá trị kiểu Int, số nguyên 32 bit",
                "biến $a[2]: \"y\" không phải là giá trị kiểu Int, số nguyên 32 bit",
                "thiếu giá trị của biến $b kiểu Int!",
            ]
        );
        let mut variables = Variables::from_json(json!({"a": vec!["x"; 1_000]}));
        let errors = coerce_variables(view(), operation, &mut variables).unwrap_err();
        assert_eq!(errors.len(), crate::limits::VALIDATION_ERRORS_MAX);
    }
}
