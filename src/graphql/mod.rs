//! The public schema: thin resolvers over the snapshot, the writer and the feed.

pub mod answers;
mod at_once;
pub mod budgets;
pub mod context;
mod description;
mod documents;
mod enums;
pub mod error;
mod execution;
mod executors;
pub mod extensions;
pub mod follow;
#[doc(hidden)]
pub mod fuzz;
mod gzip;
pub mod held;
mod id;
mod input;
mod json;
mod kept;
mod loaders;
mod log_pace;
pub mod mark;
pub mod messages;
mod meter;
mod mutation;
mod news;
pub mod omitted;
mod post;
mod pricing;
mod query;
mod question;
pub mod request;
mod rooms;
mod scalar;
pub mod service;
mod share;
mod sizes;
mod subscription;
mod turns;
mod types;

use std::sync::LazyLock;

use async_graphql::{SDLExportOptions, SchemaBuilder, ValidationMode};

use crate::limits::DOCUMENT_NESTING_MAX;

pub use mutation::Mutation;
pub use query::Query;
use request::schema_view::SchemaView;
pub use service::Service;
pub use subscription::Subscription;

pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

pub fn schema() -> Schema {
    builder().finish()
}

/// For documents that ask for introspection.
pub fn introspected() -> Schema {
    builder().extension(meter::MeteredIntrospection).finish()
}

fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query, Mutation, Subscription)
        .register_output_type::<types::Node>()
        .disable_suggestions()
        // Ours is checked before: the library's own, which nobody is told of, is never reached.
        .limit_recursive_depth(DOCUMENT_NESTING_MAX)
        // Documents are valid before the library sees them (`request::validate`).
        .validation_mode(ValidationMode::Fast)
}

/// The same schema, for validation and coercion.
pub fn view() -> &'static SchemaView {
    static VIEW: LazyLock<SchemaView> = LazyLock::new(|| SchemaView::of(builder()));
    &VIEW
}

/// The schema as text, sorted: what `schema.graphql` holds.
pub fn sdl() -> String {
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .include_specified_by();
    let sdl = schema().sdl_with_options(options);
    format!("{}\n", description::described(sdl.trim_end()))
}
