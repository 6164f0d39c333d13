//! The price of an operation as it was read, at a snapshot.

use super::sizes::{SnapshotSizes, TreeSizes};
use crate::board::Snapshot;
use crate::graphql::Schema;
use crate::graphql::execution::Asked;
use crate::graphql::request::price::{Priced, Types, price};

/// What prices rest on beside the operation.
pub struct Pricing {
    types: Types,
    tree: TreeSizes,
}

impl Pricing {
    pub fn new(schema: &Schema) -> Self {
        Self { types: Types::of(&schema.sdl()), tree: TreeSizes::default() }
    }

    /// The price of one execution. `fields_of_work`: how many the operator admits.
    pub fn price(&self, asked: &Asked, snapshot: &Snapshot, fields_of_work: usize) -> u64 {
        // The library refuses an operation that cannot be told, and executes nothing.
        let Some(operation) = asked.definition() else { return 1 };
        let priced = Priced {
            document: &asked.document.parsed,
            operation,
            variables: &asked.variables,
            is_ready: !asked.document.reads_tables && !asked.document.selects_twice,
        };
        price(priced, &self.types, &SnapshotSizes::new(snapshot, &self.tree, fields_of_work))
    }
}
