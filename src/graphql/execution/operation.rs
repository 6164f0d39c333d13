//! What a request asks, once it was read.

use std::sync::Arc;

use async_graphql::Variables;
use async_graphql::parser::types::{OperationDefinition, OperationType};

use super::documents::Document;
use crate::auth::{Audience, Client, Language, Principal};
use crate::traces;

/// A request as read: its document is one of GraphQL, its variables have their defaults. It may be
/// executed again and again.
#[derive(Debug, Clone)]
pub struct Operation {
    pub document: Arc<Document>,
    pub variables: Variables,
    pub(super) operation_name: Option<String>,
    pub(super) principal: Arc<Principal>,
    /// Nobody in particular of the same audience.
    pub(super) audience_principal: Arc<Principal>,
    /// The client whose share an execution uses. No resolver sees it, since the answer may be shared.
    pub client: Client,
}

impl Operation {
    /// As the library will choose it; `None` where it will find none, or not know which.
    pub fn definition(&self) -> Option<&OperationDefinition> {
        self.document.operation(self.operation_name())
    }

    pub fn kind(&self) -> Option<OperationType> {
        self.definition().map(|it| it.ty)
    }

    /// The name of the operation, if any has one.
    pub fn operation_name(&self) -> Option<&str> {
        self.operation_name.as_deref()
    }

    /// What traces tell of it.
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

    /// The same, for anybody of the audience: what comes of it may be told to all of them.
    pub fn for_audience(&self) -> Self {
        Self { principal: Arc::clone(&self.audience_principal), ..self.clone() }
    }

    /// The same, of whose time another client's share is used.
    pub fn charged_to(&self, client: &Client) -> Self {
        Self { client: client.clone(), ..self.clone() }
    }
}
