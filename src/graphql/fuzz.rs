//! Entry points for fuzzing: a client's documents, variables, ids and cursors.

use std::sync::{Arc, LazyLock};

use async_graphql::{ID, Variables};
use serde_json::Value;

use super::request::coerce::coerce_variables;
use super::request::documents::{Document, Documents};
use super::request::lexer::lex;
use super::request::omitted::drop_omitted;
use super::schema::build::view;
use super::schema::ids::GlobalId;
use crate::feed::cursor::Cursor;
use crate::limits::{DOCUMENT_TOKENS_MAX, VALIDATION_ERRORS_MAX};
use crate::opaque;

static DOCUMENTS: LazyLock<Documents> = LazyLock::new(|| Documents::new(view()));

/// Reads a document. Its identity must not depend on comments and commas around it, and refusals must point into the
/// text.
///
/// # Panics
/// If that does not hold.
pub fn document(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(tokens) = lex(&text) {
        assert!(tokens.all.len() <= DOCUMENT_TOKENS_MAX, "tokens are bounded");
    }
    match DOCUMENTS.parse(&text) {
        Ok(document) => {
            let commented = format!("# of nothing\r\n,{text}\n,# of nothing");
            // A byte order mark counts as one at the beginning only.
            if !text.starts_with('\u{feff}') {
                let same = DOCUMENTS.parse(&commented).expect("comments change nothing");
                assert_eq!(document.identity, same.identity, "{text:?}");
            }
        }
        Err(errors) => {
            assert!((1..=VALIDATION_ERRORS_MAX).contains(&errors.len()), "{} errors", errors.len());
            let lines = text.split(['\n', '\r']).count();
            for place in errors.iter().flat_map(|error| &error.locations) {
                assert!((1..=lines).contains(&place.line), "line {} of {lines}", place.line);
            }
        }
    }
}

/// Compares the identities of two documents: documents of different tokens must have different ones.
///
/// # Panics
/// If they have the same one.
pub fn identities(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Some((one, other)) = text.split_once('\0') else { return };
    let read = |text: &str| DOCUMENTS.parse(text).ok();
    let (Some(first), Some(second)) = (read(one), read(other)) else { return };
    let tokens = |text: &str| -> Vec<String> {
        let tokens = lex(text).expect("the document was read").all;
        tokens.iter().map(|token| format!("{:?} {}", token.kind, token.text)).collect()
    };
    if tokens(one) != tokens(other) {
        assert_ne!(first.identity, second.identity, "{one:?} and {other:?}");
    }
}

/// Documents that declare variables of every kind.
const DECLARING: [&str; 4] = [
    "query ($a: Int = 3, $b: Boolean!, $c: [String!]!) { units(first: $a) @include(if: $b) { nodes { code } } unitsByCode(codes: $c) { code } }",
    "mutation ($input: SubmitInitiativeInput!) { submitInitiative(input: $input) { errors { code } } }",
    "query ($ref: UnitRef, $filter: UnitFilter = { closed: false }) { units(filter: $filter) { totalCount } leaderboard(within: $ref) { ranked } }",
    "subscription ($unit: UnitRef!, $first: Int) { leaderboard(within: $unit, first: $first) { version } }",
];
static DECLARING_READ: LazyLock<Vec<Arc<Document>>> = LazyLock::new(|| {
    let read = |text: &&str| DOCUMENTS.parse(text).expect("the text is a document");
    DECLARING.iter().map(read).collect()
});

/// Coerces variables, from JSON, for a document that the first byte selects. Defaults are filled in once; a second
/// coercion must change nothing.
///
/// # Panics
/// If it changes something.
pub fn variables(data: &[u8]) {
    let Some((which, json)) = data.split_first() else { return };
    let Ok(json) = serde_json::from_slice::<Value>(json) else { return };
    let document = &DECLARING_READ[usize::from(*which) % DECLARING.len()];
    let mut variables = Variables::from_json(json);
    let operation = document.operation(None).expect("the document has one operation");
    if coerce_variables(view(), operation, &mut variables).is_err() {
        return;
    }
    let mut again = variables.clone();
    coerce_variables(view(), operation, &mut again).expect("the variables were accepted before");
    assert_eq!(again, variables);
    let mut parsed = document.parsed.clone();
    drop_omitted(&mut parsed, None, &variables);
    assert_eq!(parsed.operations.iter().count(), document.parsed.operations.iter().count());
}

/// Decodes the input as a global id and as a cursor, both as text and encoded. A decoded value must survive encoding
/// and decoding.
///
/// # Panics
/// If it becomes another value.
pub fn cursors(data: &[u8]) {
    cursor(&String::from_utf8_lossy(data));
    cursor(&opaque::encode(data));
}

fn cursor(text: &str) {
    if let Some(id) = GlobalId::decode(text) {
        let ID(made) = id.encode();
        assert_eq!(GlobalId::decode(&made), Some(id), "{text}");
    }
    if let Ok(cursor) = Cursor::decode(text) {
        assert_eq!(Cursor::decode(&cursor.encode()), Ok(cursor), "{text}");
    }
}
