//! The cache of parsed documents, shared by all requests of the same text.

use std::any::TypeId;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, Field, OperationDefinition, OperationType, Selection,
    SelectionSet,
};
use async_graphql::{Name, Pos, Positioned, Request, ServerError};
use async_graphql_value::Value;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use sha2::{Digest as _, Sha256};

use super::Refusal;
use super::footprint::footprint;
use super::lexer::{Kind, Token, lex};
use super::omitted::chosen;
use super::parser::parse;
use super::schema_view::SchemaView;
use super::selection::root_fields;
use super::size::check_size;
use super::translate::translate;
use super::validate::validate;
use crate::digest::hex;
use crate::graphql::bounded_cache::Bounds;
use crate::limits::{DOCUMENTS_BYTES, DOCUMENTS_KEPT, DOCUMENTS_SHARDS, VALIDATION_ERRORS_MAX};

/// Fields that read tables, at any position. A result with such a field is of one version with the snapshot.
const TABLE_FIELDS: [&str; 5] =
    ["initiative", "initiatives", "initiativeEvents", "events", "tokens"];

/// Root fields of the query that read tables; elsewhere fields of these names are the rows of a connection.
const LOOKUPS: [&str; 2] = ["node", "nodes"];

/// Fields of the query itself that the library resolves by itself, whole.
const INTROSPECTION: [&str; 2] = ["__schema", "__type"];

/// The same for documents that differ in blanks, line ends, commas and comments between tokens alone, and for
/// no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Identity([u8; 32]);

impl Identity {
    /// A digest of the tokens, each with its kind and its length: so no two lists of tokens are written alike.
    fn of(tokens: &[Token<'_>]) -> Self {
        let mut digest = Sha256::new();
        for token in tokens {
            digest.update([token.kind as u8]);
            digest.update((token.text.len() as u64).to_le_bytes());
            digest.update(token.text);
        }
        Self(digest.finalize().into())
    }
}

/// The first half, in hexadecimal digits: enough to tell documents apart in logs.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0[..16]))
    }
}

const EVENT_FEED: &str = "initiativeEvents";

#[derive(Debug)]
pub struct Document {
    pub parsed: ExecutableDocument,
    pub identity: Identity,
    /// Whether a query, or a subscription's messages, select a field that reads tables.
    pub reads_tables: bool,
    /// Where the fields stand that read tables, or below which a field does.
    waits_below: HashSet<Pos>,
    /// Whether it asks for introspection.
    pub introspects: bool,
    /// Whether an object has fields of the same name in the answer, which are to be put together.
    pub selects_twice: bool,
    /// Whether the last execution was a large one: then the next begins on a thread for executions.
    pub runs_long: AtomicBool,
    /// Variables that are used at one position, beside their declarations.
    used_once: HashSet<String>,
    /// The memory that the document takes, in bytes, roughly.
    bytes: usize,
}

impl Document {
    /// The memory that the document takes, in bytes, roughly.
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether the field that stands there reads tables, or one below it.
    pub fn waits_below(&self, field: Pos) -> bool {
        self.waits_below.contains(&field)
    }

    /// The operation of that name, or the only one.
    pub fn operation(&self, name: Option<&str>) -> Option<&OperationDefinition> {
        chosen(&self.parsed.operations, name)
    }

    /// How many fields of the operation itself the answer has at most.
    pub fn count_root_fields(&self, operation: Option<&str>) -> usize {
        let root =
            |it: &OperationDefinition| root_fields(&self.parsed, &it.selection_set.node).len();
        self.operation(operation).map_or(0, root)
    }

    /// The name of the only operation, if it has one.
    pub fn only_name(&self) -> Option<String> {
        match &self.parsed.operations {
            DocumentOperations::Multiple(all) if all.len() == 1 => {
                all.keys().next().map(ToString::to_string)
            }
            _ => None,
        }
    }

    /// Whether a subscription sends every event; else it sends the newest state.
    pub fn is_event_feed(&self, operation: Option<&str>) -> bool {
        let Some(operation) = self.operation(operation) else { return false };
        let fields = root_fields(&self.parsed, &operation.selection_set.node);
        fields.iter().any(|field| field.name.node == EVENT_FEED)
    }

    /// The variable that gives a subscription's field this argument, if it is used for nothing else.
    pub fn variable_only_for(&self, operation: Option<&str>, argument: &str) -> Option<String> {
        let root = &self.operation(operation)?.selection_set.node;
        let field = *root_fields(&self.parsed, root).first()?;
        let Value::Variable(name) = &field.get_argument(argument)?.node else { return None };
        self.used_once.contains(name.as_str()).then(|| name.to_string())
    }
}

/// Bounded by count, and by bytes of text and trees.
pub struct Documents {
    cache: Cache<String, Arc<Document>, Bytewise>,
    /// The schema by which documents are valid.
    view: &'static SchemaView,
}

#[derive(Debug, Clone, Copy)]
struct Bytewise;

impl Weighter<String, Arc<Document>> for Bytewise {
    fn weight(&self, text: &String, document: &Arc<Document>) -> u64 {
        (text.len() + document.bytes) as u64
    }
}

impl Documents {
    pub fn new(view: &'static SchemaView) -> Self {
        let (entries, bytes, shards) = (DOCUMENTS_KEPT, DOCUMENTS_BYTES, DOCUMENTS_SHARDS);
        Self { cache: Bounds { entries, bytes, shards }.cache(Bytewise), view }
    }

    /// Whether the text was parsed before, and is cached.
    pub fn knows(&self, text: &str) -> bool {
        self.cache.contains_key(text)
    }

    /// The document of a request. Where it is refused the request remembers why, so that it is read once however often it
    /// is asked for.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn of(&self, request: &mut Request) -> Result<Arc<Document>, Vec<ServerError>> {
        let why = request.data.get(&TypeId::of::<Refused>());
        if let Some(Refused(errors)) = why.and_then(|why| why.downcast_ref()) {
            return Err(errors.clone());
        }
        self.parse(&request.query).inspect_err(|errors| {
            request.data.insert(Refused(errors.clone()));
        })
    }

    /// # Errors
    /// If the text is not a GraphQL document, or exceeds a bound: one error for each fault.
    pub fn parse(&self, text: &str) -> Result<Arc<Document>, Vec<ServerError>> {
        if let Some(document) = self.cache.get(text) {
            return Ok(document);
        }
        let document = read(self.view, text).map_err(|refusals| {
            refusals
                .into_iter()
                .take(VALIDATION_ERRORS_MAX)
                .map(ServerError::from)
                .collect::<Vec<_>>()
        })?;
        let document = Arc::new(document);
        self.cache.insert(text.to_owned(), Arc::clone(&document));
        Ok(document)
    }
}

/// Why a request's document is refused.
struct Refused(Vec<ServerError>);

fn read(view: &SchemaView, text: &str) -> Result<Document, Vec<Refusal>> {
    let one = |refusal| vec![refusal];
    let tokens = lex(text).map_err(one)?;
    let tree = parse(&tokens).map_err(one)?;
    check_size(&tree).map_err(one)?;
    let refusals = validate(view, &tree);
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let mut parsed = translate(&tree).map_err(one)?;
    spread_at_the_root(&mut parsed);
    let used_once = used_once(&tokens.all, &parsed);
    let waits_below = waits_below(&parsed);
    // The table has a byte beside each place.
    let places = waits_below.capacity() * (size_of::<Pos>() + 1);
    Ok(Document {
        identity: Identity::of(&tokens.all),
        reads_tables: reads_tables(&parsed),
        waits_below,
        introspects: introspects(&parsed),
        selects_twice: selects_twice(&parsed),
        runs_long: AtomicBool::default(),
        bytes: size_of::<Document>() + footprint(&parsed) + places,
        used_once,
        parsed,
    })
}

/// Replaces the fragments at a subscription's root by the one field in them, and merges its selections if the field
/// occurs several times: async-graphql 7.0.19 skips anything that is not a field there, and takes the same field twice
/// for two fields.
fn spread_at_the_root(document: &mut ExecutableDocument) {
    let is_subscription =
        |it: &Positioned<OperationDefinition>| it.node.ty == OperationType::Subscription;
    let mut spread = HashSet::new();
    let mut fields = Vec::new();
    for (_, operation) in document.operations.iter().filter(|(_, it)| is_subscription(it)) {
        let mut found = Vec::new();
        root_of(document, &operation.node.selection_set.node, &mut spread, &mut found);
        let mut found = found.into_iter().cloned();
        let field = found.next().map(|mut field| {
            let items = found.flat_map(|other| other.node.selection_set.node.items);
            field.node.selection_set.node.items.extend(items);
            field
        });
        fields.push(field);
    }
    let operations: Vec<&mut Positioned<OperationDefinition>> = match &mut document.operations {
        DocumentOperations::Single(operation) => vec![operation],
        DocumentOperations::Multiple(all) => all.values_mut().collect(),
    };
    let subscriptions = operations.into_iter().filter(|it| is_subscription(it));
    for (operation, field) in subscriptions.zip(fields) {
        let pos = operation.node.selection_set.pos;
        let items = field.map(|field| Positioned::new(Selection::Field(field), pos));
        operation.node.selection_set.node.items = items.into_iter().collect();
    }
    // The fragments are used nowhere else: nothing leads back to the root.
    document.fragments.retain(|name, _| !spread.contains(name));
}

/// Every occurrence of the root field, in fragments as well.
fn root_of<'a>(
    document: &'a ExecutableDocument,
    root: &'a SelectionSet,
    spread: &mut HashSet<Name>,
    found: &mut Vec<&'a Positioned<Field>>,
) {
    for item in &root.items {
        match &item.node {
            Selection::Field(field) => found.push(field),
            Selection::InlineFragment(inline) => {
                root_of(document, &inline.node.selection_set.node, spread, found);
            }
            Selection::FragmentSpread(fragment) => {
                let name = &fragment.node.fragment_name.node;
                spread.insert(name.clone());
                if let Some(fragment) = document.fragments.get(name) {
                    root_of(document, &fragment.node.selection_set.node, spread, found);
                }
            }
        }
    }
}

/// Variables that are used at one position, beside their declarations.
fn used_once(tokens: &[Token<'_>], document: &ExecutableDocument) -> HashSet<String> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    for pair in tokens.windows(2) {
        if pair[0].kind == Kind::Dollar {
            *places.entry(pair[1].text).or_default() += 1;
        }
    }
    let mut declared: HashMap<&str, usize> = HashMap::new();
    let operations = document.operations.iter();
    for definition in operations.flat_map(|(_, it)| &it.node.variable_definitions) {
        *declared.entry(&definition.node.name.node).or_default() += 1;
    }
    let once = |(name, count): &(&str, usize)| {
        *count == declared.get(name).copied().unwrap_or_default() + 1
    };
    places.into_iter().filter(once).map(|(name, _)| name.to_owned()).collect()
}

/// Whether a field of the document reads tables. Each fragment is searched once, however often it is spread. The log
/// that an event feed reads does not count.
fn reads_tables(document: &ExecutableDocument) -> bool {
    let mut seen = HashSet::new();
    document.operations.iter().any(|(_, operation)| {
        let root = &operation.node.selection_set;
        let mut fields = root_fields(document, &root.node).into_iter();
        match operation.node.ty {
            OperationType::Query => {
                fields.any(|field| LOOKUPS.contains(&field.name.node.as_str()))
                    || selects_tables(document, root, &mut seen)
            }
            OperationType::Mutation => false,
            OperationType::Subscription => {
                fields.any(|field| selects_tables(document, &field.selection_set, &mut seen))
            }
        }
    })
}

/// Whether the field itself reads tables. A breakdown does so for teams alone; what a variable names is not known here.
fn reads_by_itself(field: &Field) -> bool {
    let name = field.name.node.as_str();
    let of_teams = || match field.get_argument("by").map(|by| &by.node) {
        Some(Value::Enum(by)) => by == "TEAM",
        _ => true,
    };
    TABLE_FIELDS.contains(&name) || name == "breakdown" && of_teams()
}

fn selects_tables<'a>(
    document: &'a ExecutableDocument,
    selections: &'a Positioned<SelectionSet>,
    seen: &mut HashSet<&'a str>,
) -> bool {
    selections.node.items.iter().any(|selection| match &selection.node {
        Selection::Field(field) => {
            reads_by_itself(&field.node)
                || selects_tables(document, &field.node.selection_set, seen)
        }
        Selection::InlineFragment(inline) => {
            selects_tables(document, &inline.node.selection_set, seen)
        }
        Selection::FragmentSpread(spread) => {
            let name = &spread.node.fragment_name.node;
            seen.insert(name.as_str())
                && document.fragments.get(name).is_some_and(|fragment| {
                    selects_tables(document, &fragment.node.selection_set, seen)
                })
        }
    })
}

/// Fields by where they stand; those of a fragment stand where it is defined.
fn waits_below(document: &ExecutableDocument) -> HashSet<Pos> {
    let mut waiting = Waiting { document, fragments: HashMap::new(), fields: HashSet::new() };
    for (_, operation) in document.operations.iter() {
        waiting.note(&operation.node.selection_set.node);
    }
    waiting.fields
}

struct Waiting<'a> {
    document: &'a ExecutableDocument,
    /// Whether something in them reads tables.
    fragments: HashMap<&'a str, bool>,
    fields: HashSet<Pos>,
}

impl<'a> Waiting<'a> {
    /// Whether something of what is selected reads tables.
    fn note(&mut self, selected: &'a SelectionSet) -> bool {
        let mut any = false;
        for selection in &selected.items {
            any |= match &selection.node {
                Selection::Field(field) => {
                    let below = self.note(&field.node.selection_set.node);
                    let waits = below || reads_by_itself(&field.node);
                    if waits {
                        self.fields.insert(field.pos);
                    }
                    waits
                }
                Selection::InlineFragment(inline) => self.note(&inline.node.selection_set.node),
                Selection::FragmentSpread(spread) => {
                    self.note_fragment(spread.node.fragment_name.node.as_str())
                }
            };
        }
        any
    }

    fn note_fragment(&mut self, name: &'a str) -> bool {
        if let Some(&reads) = self.fragments.get(name) {
            return reads;
        }
        let Some(fragment) = self.document.fragments.get(name) else { return false };
        let reads = self.note(&fragment.node.selection_set.node);
        self.fragments.insert(name, reads);
        reads
    }
}

fn introspects(document: &ExecutableDocument) -> bool {
    document.operations.iter().any(|(_, operation)| {
        let fields = root_fields(document, &operation.node.selection_set.node);
        fields.iter().any(|field| INTROSPECTION.contains(&field.name.node.as_str()))
    })
}

/// Whether a selection set may hold fields of the same response key, of whatever type they are. Fragments are looked
/// through wherever they are spread, which [`check_size`] keeps within bounds; one that spreads itself is
/// left to validation.
fn selects_twice(document: &ExecutableDocument) -> bool {
    let mut operations = document.operations.iter();
    operations.any(|(_, operation)| {
        let mut keys = Keys { document, spreading: Vec::new() };
        keys.repeat(&operation.node.selection_set.node, &mut HashSet::new())
    })
}

struct Keys<'a> {
    document: &'a ExecutableDocument,
    /// Fragments that one is within.
    spreading: Vec<&'a Name>,
}

impl<'a> Keys<'a> {
    fn repeat(&mut self, selected: &'a SelectionSet, seen: &mut HashSet<&'a Name>) -> bool {
        selected.items.iter().any(|selection| match &selection.node {
            Selection::Field(field) => {
                !seen.insert(&field.node.response_key().node)
                    || self.repeat(&field.node.selection_set.node, &mut HashSet::new())
            }
            Selection::InlineFragment(inline) => self.repeat(&inline.node.selection_set.node, seen),
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                if self.spreading.contains(&name) {
                    return true;
                }
                let Some(fragment) = self.document.fragments.get(name) else { return false };
                self.spreading.push(name);
                let repeats = self.repeat(&fragment.node.selection_set.node, seen);
                self.spreading.pop();
                repeats
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::view;

    #[test]
    fn a_document_that_is_refused_is_read_once() {
        let documents = Documents::new(view());
        let mut request = Request::new("{ nothing }");
        let errors = documents.of(&mut request).unwrap_err();
        // Another text would be read otherwise.
        request.query = "{ root { code } }".to_owned();
        assert_eq!(documents.of(&mut request).unwrap_err(), errors);
        assert!(documents.of(&mut Request::new("{ root { code } }")).is_ok());
    }

    #[test]
    fn rows_of_a_connection_are_no_lookup() {
        let reads = |text| Documents::new(view()).parse(text).unwrap().reads_tables;
        for text in [
            "{ root { children { nodes { code } edges { node { code } } } } }",
            "{ ...f } fragment f on Query { units { nodes { id } } }",
            "subscription { leaderboard { entries { rank } } }",
            "subscription { initiativeEvents { kind } }",
        ] {
            assert!(!reads(text), "{text}");
        }
        for text in [
            "{ node(id: \"1\") { id } }",
            "{ root { id } ... { nodes(ids: []) { id } } }",
            "{ ...f } fragment f on Query { node(id: \"1\") { id } }",
            "{ root { children { nodes { initiatives { totalCount } } } } }",
            "subscription { initiativeEvents { initiative { title } } }",
            "subscription { ...f } fragment f on Subscription { leaderboard { ...g } }
             fragment g on Leaderboard { within { initiatives { totalCount } } }",
        ] {
            assert!(reads(text), "{text}");
        }
    }

    #[test]
    fn what_is_selected_twice_is_seen_through_fragments() {
        let twice = |text| Documents::new(view()).parse(text).unwrap().selects_twice;
        for text in [
            "{ root { code parent { code } } again: root { code } }",
            "{ root { ...f parent { ...f } } } fragment f on Unit { code tally { id } }",
            "{ root { ... { code } ... on Node { id } } }",
            "query A { root { code } } query B { root { code } }",
        ] {
            assert!(!twice(text), "{text}");
        }
        for text in [
            "{ root { code } root { name } }",
            "{ a: root { code a: name ... { code } } }",
            "{ root { parent { code name: code ... { name: code } } } }",
            "{ root { ...f ... on Unit { ...g } } }
             fragment f on Unit { code } fragment g on Unit { id code }",
            "query A { root { code } } query B { root { code code } }",
            "{ node(id: \"1\") { ... on Unit { code } ... on Period { code } } }",
        ] {
            assert!(twice(text), "{text}");
        }
    }

    #[test]
    fn identities_are_of_tokens_and_of_nothing_else() {
        let identity = |text: &str| Identity::of(&lex(text).unwrap().all);
        let same = |one: &str, other: &str| identity(one) == identity(other);
        for (one, other) in [
            ("{ root { code } }", "{root{code}}"),
            ("{ root { code } }", "# a comment\r\n{ root,{\tcode }}\u{feff}"),
            ("{ a(b: [1, 2]) }", "{a(b:[1 2])}"),
            ("{ a(b: \"c\") }", "{ a ( b : \"c\" ) }"),
        ] {
            assert!(same(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("{ a b }", "{ ab }"),
            ("{ a(b: [1 -1 -1]) }", "{ a(b: [1 -1-10]) }"),
            ("{ a(b: [1, 2]) }", "{ a(b: [12]) }"),
            ("{ a(b: \"c\") }", "{ a(b: \"\"\"c\"\"\") }"),
            ("{ a(b: \"c d\") }", "{ a(b: \"c  d\") }"),
            ("{ a(b: \"c\\n\") }", "{ a(b: \"\"\"c\\n\"\"\") }"),
            ("{ a(b: \"\"\"\\\\ \"\"\") }", "{ a(b: \"\\\\ \") }"),
            ("{ a(b: c) }", "{ a(b: \"c\") }"),
            ("{ a(b: 1) }", "{ a(b: \"1\") }"),
        ] {
            assert!(!same(one, other), "{one} {other}");
        }
        assert!(same("{ a(b: [1-1-1]) }", "{ a(b: [1 -1 -1]) }"));
    }

    /// The largest document fits the cache, where it weighs some megabytes as a tree.
    #[test]
    fn the_largest_documents_are_kept() {
        let documents = Documents::new(view());
        let text =
            format!("{{ {} }}", "__typename ".repeat(crate::limits::DOCUMENT_TOKENS_MAX - 2));
        let document = documents.parse(&text).unwrap();
        assert!(document.bytes > 1_000_000, "{}", document.bytes);
        assert!(Arc::ptr_eq(&document, &documents.parse(&text).unwrap()));
    }
}
