//! The schema as the library executes it, as documents are judged by it, and as text.

use std::sync::LazyLock;

use async_graphql::{SDLExportOptions, SchemaBuilder, ValidationMode};

use super::{Mutation, Node, Query, Subscription};
use crate::graphql::context::meter::MeteredIntrospection;
use crate::graphql::description;
use crate::graphql::request::schema_view::SchemaView;
use crate::limits::DOCUMENT_NESTING_MAX;

pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

pub fn schema() -> Schema {
    builder().finish()
}

/// For documents that ask for introspection.
pub fn introspected() -> Schema {
    builder().extension(MeteredIntrospection).finish()
}

fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query, Mutation, Subscription)
        .register_output_type::<Node>()
        .disable_suggestions()
        // Our own bound is checked before, so the library's, whose error is not in our words, is never reached.
        .limit_recursive_depth(DOCUMENT_NESTING_MAX)
        // Documents are valid before the library sees them (`request::validate`).
        .validation_mode(ValidationMode::Fast)
}

/// The same schema, for validation and coercion.
pub fn view() -> &'static SchemaView {
    static VIEW: LazyLock<SchemaView> = LazyLock::new(|| SchemaView::of(builder()));
    &VIEW
}

/// The schema as text, sorted: the content of `schema.graphql`.
pub fn sdl() -> String {
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .include_specified_by();
    let sdl = schema().sdl_with_options(options);
    format!("{}\n", description::described(sdl.trim_end()))
}
