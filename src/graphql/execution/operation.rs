//! An operation: a request with a valid document and coerced variables.

use std::sync::Arc;

use async_graphql::Variables;
use async_graphql::parser::types::{OperationDefinition, OperationType};

use crate::auth::{Audience, Client, Language, Principal};
use crate::graphql::request::documents::Document;
use crate::traces;

/// A request that can be executed: its document is valid, its variables have their defaults. A channel
/// executes it again and again.
#[derive(Debug, Clone)]
pub struct Operation {
    pub document: Arc<Document>,
    pub variables: Variables,
    pub(super) operation_name: Option<String>,
    pub(super) principal: Arc<Principal>,
    /// A principal with the audience, and nothing else of the caller.
    pub(super) audience_principal: Arc<Principal>,
    /// The client that an execution is charged to. No resolver sees it, since the result may be shared.
    pub client: Client,
}

impl Operation {
    /// The definition that the library will choose; `None` where it will find none, or cannot choose.
    pub fn definition(&self) -> Option<&OperationDefinition> {
        self.document.operation(self.operation_name())
    }

    pub fn kind(&self) -> Option<OperationType> {
        self.definition().map(|it| it.ty)
    }

    /// The name of the operation: the request's, or that of the document's only operation.
    pub fn operation_name(&self) -> Option<&str> {
        self.operation_name.as_deref()
    }

    /// The attributes of the operation in traces.
    pub fn traced(&self) -> traces::Operation<'_> {
        let kind = match self.kind() {
            Some(OperationType::Query) => "query",
            Some(OperationType::Mutation) => "mutation",
            Some(OperationType::Subscription) => "subscription",
            None => "",
        };
        let name = self.operation_name().unwrap_or_default();
        traces::Operation { kind, name, digest: self.document.identity.to_string() }
    }

    pub fn audience(&self) -> &Audience {
        &self.audience_principal.audience
    }

    pub fn language(&self) -> Language {
        self.audience().language
    }

    /// The same operation for the whole audience, which may share its result.
    #[must_use]
    pub fn for_audience(&self) -> Self {
        Self { principal: Arc::clone(&self.audience_principal), ..self.clone() }
    }

    /// The same operation, charged to another client.
    #[must_use]
    pub fn charged_to(&self, client: &Client) -> Self {
        Self { client: client.clone(), ..self.clone() }
    }
}
