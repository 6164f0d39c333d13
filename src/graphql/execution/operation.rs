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
pub struct Asked {
    pub document: Arc<Document>,
    pub variables: Variables,
    pub(super) operation: Option<String>,
    pub(super) principal: Arc<Principal>,
    /// Nobody in particular of the same audience.
    pub(super) anybody: Arc<Principal>,
    /// The client whose share an execution uses. No resolver sees it, since the answer may be shared.
    pub client: Client,
}

impl Asked {
    /// As the library will choose it; `None` where it will find none, or not know which.
    pub fn definition(&self) -> Option<&OperationDefinition> {
        self.document.operation(self.operation())
    }

    pub fn kind(&self) -> Option<OperationType> {
        self.definition().map(|it| it.ty)
    }

    /// The name of the operation, if any has one.
    pub fn operation(&self) -> Option<&str> {
        self.operation.as_deref()
    }

    /// What traces tell of it.
    pub fn traced(&self) -> traces::Operation<'_> {
        let kind = match self.kind() {
            Some(OperationType::Query) => "query",
            Some(OperationType::Mutation) => "mutation",
            Some(OperationType::Subscription) => "subscription",
            None => "",
        };
        let name = self.operation().unwrap_or_default();
        traces::Operation { kind, name, digest: self.document.identity.to_string() }
    }

    pub fn audience(&self) -> &Audience {
        &self.anybody.audience
    }

    pub fn language(&self) -> Language {
        self.audience().language
    }

    /// The same, for anybody of the audience: what comes of it may be told to all of them.
    pub fn by_anybody(&self) -> Self {
        Self { principal: Arc::clone(&self.anybody), ..self.clone() }
    }

    /// The same, of whose time another client's share is used.
    pub fn in_the_turn_of(&self, client: &Client) -> Self {
        Self { client: client.clone(), ..self.clone() }
    }
}
