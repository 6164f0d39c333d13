//! Bytes that the operations of one socket hold as long as they run: their documents as parsed, and their variables.
//! Both stay in memory for each delivery to come, whatever the caches of documents and answers drop.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Value, Variables};

use super::documents::{Document, Identity};
use crate::limits::SOCKET_HELD_MAX;

/// Copies of its variables that an operation holds at most: its own, its room's, and two while it is executed.
const COPIES: usize = 4;
/// Bytes that a value takes beside its text, about.
const VALUE_OVERHEAD: usize = 64;

/// What one operation holds.
#[derive(Debug, Clone, Copy)]
pub struct Held {
    document: Identity,
    document_bytes: usize,
    variables_bytes: usize,
}

impl Held {
    /// By an operation of the document, of that name or the only one. Variables that it does not declare are not held.
    pub fn by(document: &Document, operation: Option<&str>, variables: &Variables) -> Self {
        let declared = document.operation(operation).map(|it| it.variable_definitions.as_slice());
        let values = declared
            .unwrap_or_default()
            .iter()
            .filter_map(|declared| variables.get(&declared.node.name.node));
        Self {
            document: document.identity,
            document_bytes: document.bytes(),
            variables_bytes: COPIES * values.map(bytes_of).sum::<usize>(),
        }
    }
}

fn bytes_of(value: &Value) -> usize {
    VALUE_OVERHEAD
        + match value {
            Value::String(text) => text.len(),
            Value::Enum(name) => name.len(),
            Value::Binary(bytes) => bytes.len(),
            Value::List(values) => values.iter().map(bytes_of).sum(),
            Value::Object(members) => {
                members.iter().map(|(name, value)| name.len() + bytes_of(value)).sum()
            }
            Value::Null | Value::Number(_) | Value::Boolean(_) => 0,
        }
}

/// What the operations of a socket hold, by their ids.
#[derive(Debug, Default)]
pub struct HeldByAll(HashMap<Arc<str>, Held>);

impl HeldByAll {
    /// Forgets those that run no longer.
    pub fn retain(&mut self, runs: impl Fn(&str) -> bool) {
        self.0.retain(|id, _| runs(id));
    }

    /// Whether one more may run beside them.
    pub fn has_room_for(&self, held: &Held) -> bool {
        let all = || self.0.values().chain([held]);
        let documents: HashMap<Identity, usize> =
            all().map(|held| (held.document, held.document_bytes)).collect();
        let variables: usize = all().map(|held| held.variables_bytes).sum();
        documents.values().sum::<usize>() + variables <= SOCKET_HELD_MAX
    }

    pub fn insert(&mut self, id: Arc<str>, held: Held) {
        self.0.insert(id, held);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::graphql::documents::Documents;

    fn held(query: &str, variables: serde_json::Value) -> Held {
        let document = Documents::default().parse(query).unwrap();
        Held::by(&document, None, &Variables::from_json(variables))
    }

    fn takes(held: &Held) -> usize {
        let mut all = HeldByAll::default();
        let mut count = 0;
        while all.has_room_for(held) && count < 1_000 {
            all.insert(count.to_string().into(), *held);
            count += 1;
        }
        count
    }

    #[test]
    fn variables_that_are_not_declared_are_not_held() {
        let query = "subscription ($c: String) { leaderboard(cluster: $c) { ranked } }";
        let long = "x".repeat(64 * 1024);
        assert_eq!(takes(&held(query, json!({ "d": long, "e": { "f": [long] } }))), 1_000);
        assert_eq!(takes(&held(query, json!({ "c": "Cụm 1" }))), 1_000);
        assert!(takes(&held(query, json!({ "c": long }))) < 4);
        assert!(takes(&held(query, json!({ "c": [[{ "f": long }]] }))) < 4);
    }

    #[test]
    fn a_document_is_held_once() {
        let fields = |count: usize, alias: &str| {
            let fields: Vec<String> =
                (0..count).map(|number| format!("{alias}{number}: ranked")).collect();
            format!("subscription {{ leaderboard {{ {} }} }}", fields.join(" "))
        };
        let same = held(&fields(500, "a"), json!({}));
        assert_eq!(takes(&same), 1_000);
        let mut all = HeldByAll::default();
        let mut count = 0;
        loop {
            let other = held(&fields(500, &format!("b{count}x")), json!({}));
            if !all.has_room_for(&other) {
                break;
            }
            all.insert(format!("{count}").into(), other);
            count += 1;
        }
        assert!((1..64).contains(&count), "{count} documents of 500 fields");
        all.retain(|id| id != "0");
        assert!(all.has_room_for(&held(&fields(500, "c"), json!({}))), "one has ended");
    }
}
