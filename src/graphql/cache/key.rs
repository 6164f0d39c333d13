//! The key of a result: requests of equal keys have the same result at the same version.

use std::hash::{Hash, Hasher};

use async_graphql::Value;

use crate::auth::Audience;
use crate::digest::Digest;
use crate::domain::Version;
use crate::graphql::execution::Operation;
use crate::graphql::request::documents::Identity;

/// Everything that a result depends on, except the state of the board and the tables. It holds nothing
/// of the caller but the audience.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ResultKey {
    document: Identity,
    /// The digest of the operation's name and of the variables that it declares, with their defaults.
    operation: Digest,
    /// The event that an event feed sends; `None` for anything else.
    event: Option<Version>,
    audience: Audience,
}

impl ResultKey {
    /// The key of a query, or of a state feed.
    pub fn of(operation: &Operation) -> Self {
        Self::without(operation, None)
    }

    /// The key of one event of an event feed. A variable that is used for `after` alone is left out, so
    /// clients that began at different positions share the result.
    pub fn of_event(operation: &Operation, event: Version) -> Self {
        let since = operation.document.variable_only_for(operation.operation_name(), "after");
        Self { event: Some(event), ..Self::without(operation, since.as_deref()) }
    }

    fn without(operation: &Operation, left_out: Option<&str>) -> Self {
        let definition = operation.definition();
        let definitions = definition.map(|it| it.variable_definitions.as_slice());
        let names = definitions.unwrap_or_default().iter().map(|it| it.node.name.node.as_str());
        let given = names
            .filter(|name| left_out != Some(name))
            .filter_map(|name| Some((name, Meaning(operation.variables.get(name)?))));
        let given: Vec<_> = given.collect();
        Self {
            document: operation.document.identity,
            operation: Digest::of(&(operation.operation_name(), given)),
            event: None,
            audience: operation.audience().clone(),
        }
    }

    /// The memory that the key takes, in bytes, roughly.
    pub const fn size(&self) -> usize {
        size_of::<Self>()
    }
}

/// A value that is hashed by its meaning: members of objects in order of their names, and a value of an enum like a
/// text, since a document writes the former where JSON writes the latter.
struct Meaning<'a>(&'a Value);

impl Hash for Meaning<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self.0 {
            Value::Null => 0_u8.hash(state),
            Value::Boolean(is_true) => (1_u8, is_true).hash(state),
            Value::Number(number) => (2_u8, number.to_string()).hash(state),
            Value::String(text) => (3_u8, text).hash(state),
            Value::Enum(name) => (3_u8, name.as_str()).hash(state),
            Value::Binary(bytes) => (4_u8, bytes).hash(state),
            Value::List(items) => {
                (5_u8, items.iter().map(Meaning).collect::<Vec<_>>()).hash(state);
            }
            Value::Object(members) => {
                let mut members: Vec<_> =
                    members.iter().map(|(name, value)| (name.as_str(), Meaning(value))).collect();
                members.sort_unstable_by_key(|(name, _)| *name);
                (6_u8, members).hash(state);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::Name;
    use serde_json::{Value as Json, json};

    use super::*;
    use fastrand::Rng;

    fn digest(value: Json) -> Digest {
        Digest::of(&Meaning(&Value::from_json(value).unwrap()))
    }

    #[test]
    fn names_and_texts_with_punctuation_have_different_keys() {
        let different = [
            json!({ "closed": false, "notStarted": true }),
            json!({ "closed:false,notStarted": true }),
            json!({ "closed": [false, "notStarted", true] }),
            json!({ "a": { "b": 1 }, "c": 2 }),
            json!({ "a": { "b": 1, "c": 2 } }),
            json!({ "a": "{b:1}", "c": 2 }),
            json!([[1], 2]),
            json!([[1, 2]]),
            json!([1, 2]),
            json!(["1", 2]),
            json!(["1,2"]),
            json!([12]),
            json!([""]),
            json!(["", ""]),
            json!([]),
            json!({}),
            json!(null),
            json!("null"),
            json!(false),
            json!("\u{0}"),
            json!("\u{0}\u{0}"),
            json!("a\"b"),
        ];
        for (place, one) in different.iter().enumerate() {
            for other in &different[place + 1..] {
                assert_ne!(digest(one.clone()), digest(other.clone()), "{one} {other}");
            }
        }
    }

    #[test]
    fn the_order_of_members_makes_no_difference() {
        let object = |names: [&str; 3]| {
            let members = names.map(|name| (Name::new(name), Value::from(name)));
            Value::Object(members.into_iter().collect())
        };
        let digest = |value: &Value| Digest::of(&Meaning(value));
        assert_eq!(digest(&object(["a", "b", "c"])), digest(&object(["c", "a", "b"])));
        assert_eq!(digest(&Value::Enum(Name::new("A"))), digest(&Value::from("A")));
    }

    /// Texts that a careless encoding would take for something else.
    const PIECES: [&str; 12] = ["", "a", "b", ",", ":", "{", "}", "[", "]", "\"", "\u{ff}", "1"];

    fn text(rng: &mut Rng) -> String {
        (0..rng.usize(..3)).map(|_| PIECES[rng.usize(..PIECES.len())]).collect()
    }

    fn value(rng: &mut Rng, depth: u32) -> Json {
        let kinds = if depth == 0 { 4 } else { 6 };
        match rng.u8(..kinds) {
            0 => Json::Null,
            1 => Json::Bool(rng.bool()),
            2 => json!(rng.u8(..3)),
            3 => Json::String(text(rng)),
            4 => (0..rng.usize(..3)).map(|_| value(rng, depth - 1)).collect(),
            _ => {
                let members = (0..rng.usize(..3)).map(|_| (text(rng), value(rng, depth - 1)));
                Json::Object(members.collect())
            }
        }
    }

    /// Small values of few pieces, so that many of a hundred thousand pairs are equal and most are nearly so.
    #[test]
    fn keys_are_equal_where_values_are_and_nowhere_else() {
        let mut rng = Rng::with_seed(7);
        let mut equal = 0;
        for _ in 0..100_000 {
            let (one, other) = (value(&mut rng, 2), value(&mut rng, 2));
            equal += usize::from(one == other);
            assert_eq!(one == other, digest(one.clone()) == digest(other.clone()), "{one} {other}");
        }
        assert!((1_000..99_000).contains(&equal), "{equal}");
    }
}
