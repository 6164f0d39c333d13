//! The price of an operation as it was read, at a snapshot.

use super::sizes::{SnapshotSizes, TreeSizes};
use crate::board::Snapshot;
use crate::graphql::execution::Operation;
use crate::graphql::request::price::{Priced, Types, price};
use crate::graphql::schema::build::Schema;

/// The inputs of prices beside the operation itself.
pub struct Pricing {
    types: Types,
    tree: TreeSizes,
}

impl Pricing {
    pub fn new(schema: &Schema) -> Self {
        Self { types: Types::of(&schema.sdl()), tree: TreeSizes::default() }
    }

    /// The price of one execution. `fields_of_work` is the length of the operator's list.
    pub fn price(&self, operation: &Operation, snapshot: &Snapshot, fields_of_work: usize) -> u64 {
        // The library refuses a request without a definite operation, and executes nothing.
        let Some(definition) = operation.definition() else { return 1 };
        let priced = Priced {
            document: &operation.document.parsed,
            operation: definition,
            variables: &operation.variables,
            is_ready: !operation.document.reads_tables && !operation.document.selects_twice,
        };
        price(priced, &self.types, &SnapshotSizes::new(snapshot, &self.tree, fields_of_work))
    }
}
