//! Documents as parsed, kept for whoever sends the same text.

use std::collections::HashSet;
use std::sync::Arc;

use async_graphql::parser::parse_query;
use async_graphql::parser::types::{
    ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql::{Positioned, ServerError};
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::error::{Code, of_no_place};
use super::news::root_fields;
use super::omitted::chosen;
use super::weigh::{check_selections, check_tokens};
use crate::limits::{DOCUMENTS_BYTES, DOCUMENTS_KEPT};

/// Fields that read tables, wherever they stand. An answer with one of them is of one version with
/// the snapshot's.
const TABLE_FIELDS: [&str; 7] =
    ["initiative", "initiatives", "initiativeEvents", "events", "node", "nodes", "tokens"];

#[derive(Debug)]
pub struct Document {
    pub parsed: ExecutableDocument,
    /// Whether a query in it asks for a field that reads tables.
    pub reads_tables: bool,
}

impl Document {
    /// Of the operation of that name, or of the only one.
    pub fn kind(&self, operation: Option<&str>) -> Option<OperationType> {
        chosen(&self.parsed.operations, operation).map(|it| it.ty)
    }

    /// A subscription is to one field, which is not about the schema.
    ///
    /// # Errors
    /// When the operation of that name is a subscription to more, or to none.
    pub fn check_root(&self, operation: Option<&str>) -> Result<(), ServerError> {
        let subscription = chosen(&self.parsed.operations, operation)
            .filter(|it| it.ty == OperationType::Subscription);
        let Some(subscription) = subscription else { return Ok(()) };
        let fields = root_fields(&self.parsed, &subscription.selection_set.node);
        let problem = match fields.as_slice() {
            [field] if !field.name.node.starts_with("__") => return Ok(()),
            [_] => "A subscription cannot be to a field of introspection.",
            _ => "A subscription must be to exactly one field.",
        };
        Err(ServerError::new(problem, Some(subscription.selection_set.pos)))
    }

    /// The operation of that name, if it is a query.
    pub fn query(&self, operation: Option<&str>) -> Option<&OperationDefinition> {
        chosen(&self.parsed.operations, operation).filter(|it| it.ty == OperationType::Query)
    }
}

/// Bounded by count and by bytes of text.
pub struct Documents(Cache<String, Arc<Document>, Bytewise>);

#[derive(Debug, Clone, Copy)]
struct Bytewise;

impl Weighter<String, Arc<Document>> for Bytewise {
    fn weight(&self, text: &String, _: &Arc<Document>) -> u64 {
        text.len() as u64
    }
}

impl Default for Documents {
    fn default() -> Self {
        Self(Cache::with_weighter(DOCUMENTS_KEPT, DOCUMENTS_BYTES, Bytewise))
    }
}

impl Documents {
    /// # Errors
    /// When the text is not a document of GraphQL, or larger than one may be.
    pub fn parse(&self, text: &str) -> Result<Arc<Document>, ServerError> {
        if let Some(document) = self.0.get(text) {
            return Ok(document);
        }
        let too_costly = |message| of_no_place(Code::TooCostly.says(message));
        check_tokens(text).map_err(too_costly)?;
        let parsed = parse_query(text).map_err(syntax_error)?;
        check_selections(&parsed).map_err(too_costly)?;
        let reads_tables = reads_tables(&parsed);
        let document = Arc::new(Document { parsed, reads_tables });
        self.0.insert(text.to_owned(), Arc::clone(&document));
        Ok(document)
    }
}

/// The parser draws the line at fault, however long it is; only what it says of it is passed on.
fn syntax_error(error: impl Into<ServerError>) -> ServerError {
    let mut error = error.into();
    if let Some((_, said)) = error.message.rsplit_once("\n  = ") {
        error.message = format!("Syntax error: {said}");
    }
    error
}

/// Whether a query asks for a field that reads tables. Fragments are looked through once each,
/// however often they are spread.
fn reads_tables(document: &ExecutableDocument) -> bool {
    let mut seen = HashSet::new();
    document.operations.iter().any(|(_, operation)| {
        operation.node.ty == OperationType::Query
            && selects_tables(document, &operation.node.selection_set, &mut seen)
    })
}

fn selects_tables<'a>(
    document: &'a ExecutableDocument,
    selections: &'a Positioned<SelectionSet>,
    seen: &mut HashSet<&'a str>,
) -> bool {
    selections.node.items.iter().any(|selection| match &selection.node {
        Selection::Field(field) => {
            TABLE_FIELDS.contains(&field.node.name.node.as_str())
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
