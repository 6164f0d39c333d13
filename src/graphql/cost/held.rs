//! Bytes that operations hold as long as they run: their documents as parsed, and their variables.
//! Both stay in memory for each delivery to come, whatever the caches of documents and answers drop. They are bounded
//! for each socket, and for all that is followed over whatever connections.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_graphql::{Value, Variables};

use crate::auth::Client;
use crate::auth::byte_budget::{ByteBudget, BytePermit};
use crate::auth::quota::NotAdmitted;
use crate::graphql::request::documents::{Document, Identity};
use crate::limits::SOCKET_HELD_MAX;

/// Copies of its variables that an operation holds at most: its own, its channel's, and two while it is executed.
const COPIES: usize = 4;
/// The bytes that a value takes beside its text, roughly.
const VALUE_OVERHEAD: usize = 64;

/// The memory that one operation holds.
#[derive(Debug, Clone, Copy)]
pub struct Held {
    document: Identity,
    document_bytes: usize,
    variables_bytes: usize,
}

impl Held {
    /// The memory of an operation of the document, of that name or the only one. Undeclared variables are not held.
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

/// The memory that a socket's operations hold, by their ids.
#[derive(Debug, Default)]
pub struct HeldByAll(HashMap<Arc<str>, Held>);

impl HeldByAll {
    /// Forgets operations that no longer run.
    pub fn retain(&mut self, runs: impl Fn(&str) -> bool) {
        self.0.retain(|id, _| runs(id));
    }

    /// Whether one more operation may run beside them.
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

/// The memory that all followed operations hold.
#[derive(Debug)]
pub struct HeldInAll {
    bytes: Arc<ByteBudget>,
    documents: Mutex<HashMap<Identity, Holders>>,
}

/// Clients whose operations are of the same document. It is in memory once, for all of them.
#[derive(Debug)]
struct Holders {
    /// The number of operations of each client.
    by_client: HashMap<Client, usize>,
    /// The permit for the document's bytes, which counts for one of the clients.
    permit: BytePermit,
}

/// The memory that one operation holds. Dropping the permit gives it back.
#[derive(Debug)]
pub struct HeldPermit {
    all: Arc<HeldInAll>,
    document: Identity,
    variables: BytePermit,
}

impl HeldInAll {
    pub fn new(bytes: Arc<ByteBudget>) -> Arc<Self> {
        Arc::new(Self { bytes, documents: Mutex::default() })
    }

    fn documents(&self) -> MutexGuard<'_, HashMap<Identity, Holders>> {
        self.documents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds what an operation of the client does.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub fn take(self: &Arc<Self>, held: &Held, client: &Client) -> Result<HeldPermit, NotAdmitted> {
        let permit_of = |bytes| {
            let mut permit = self.bytes.permit(client.clone());
            permit.grow(bytes).map(|()| permit)
        };
        let variables = permit_of(held.variables_bytes)?;
        let mut documents = self.documents();
        let holders = match documents.entry(held.document) {
            Entry::Occupied(there) => there.into_mut(),
            Entry::Vacant(place) => {
                let permit = permit_of(held.document_bytes)?;
                place.insert(Holders { by_client: HashMap::new(), permit })
            }
        };
        *holders.by_client.entry(client.clone()).or_default() += 1;
        drop(documents);
        Ok(HeldPermit { all: Arc::clone(self), document: held.document, variables })
    }
}

impl Drop for HeldPermit {
    fn drop(&mut self) {
        let mut documents = self.all.documents();
        let Entry::Occupied(mut there) = documents.entry(self.document) else { return };
        let (client, holders) = (self.variables.client(), there.get_mut());
        let Some(operations) = holders.by_client.get_mut(client) else { return };
        *operations -= 1;
        if *operations > 0 {
            return;
        }
        holders.by_client.remove(client);
        match holders.by_client.keys().next() {
            None => drop(there.remove()),
            Some(other) if holders.permit.client() == client => {
                let other = other.clone();
                holders.permit.hand_over(other);
            }
            Some(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::auth::quota::Quota;
    use crate::graphql::request::documents::Documents;

    fn held(query: &str, variables: serde_json::Value) -> Held {
        let document = Documents::new(crate::graphql::view()).parse(query).unwrap();
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

    #[test]
    fn what_all_follow_is_bounded_and_a_document_is_held_once() {
        let client = |last: u8| Client::Address(std::net::Ipv4Addr::new(10, 0, 0, last).into());
        let fields: Vec<String> = (0..100).map(|number| format!("a{number}: ranked")).collect();
        let board = |name: &str| {
            let query = format!("subscription {name} {{ leaderboard {{ {} }} }}", fields.join(" "));
            held(&query, json!({}))
        };
        let (one, other) = (board("A"), board("B"));
        let each = one.document_bytes;
        let quota = Quota { in_all: 4 * each, per_client: each + each / 2 };
        let bytes = ByteBudget::new(quota);
        let all = HeldInAll::new(Arc::clone(&bytes));
        let first = all.take(&one, &client(1)).unwrap();
        let again = all.take(&one, &client(1)).unwrap();
        let second = all.take(&one, &client(2)).unwrap();
        assert_eq!(bytes.in_all(), each);
        assert_eq!(all.take(&other, &client(1)).err(), Some(NotAdmitted::TooManyFromClient));
        // The client that has the document's bytes leaves, so another client has them now.
        drop((first, again));
        assert_eq!(bytes.in_all(), each);
        let others = all.take(&other, &client(1)).unwrap();
        assert_eq!(all.take(&board("C"), &client(2)).err(), Some(NotAdmitted::TooManyFromClient));
        drop(second);
        assert_eq!(bytes.in_all(), other.document_bytes);
        drop(others);
        assert_eq!((bytes.in_all(), all.documents().len()), (0, 0));
        let query = "subscription ($c: String) { leaderboard(cluster: $c) { ranked } }";
        let long = held(query, json!({ "c": "x".repeat(4 * each) }));
        assert_eq!(all.take(&long, &client(1)).err(), Some(NotAdmitted::Full));
        assert_eq!((bytes.in_all(), all.documents().len()), (0, 0));
    }
}
