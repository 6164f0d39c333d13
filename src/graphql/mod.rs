//! The public schema: thin resolvers over the snapshot, the writer and the feed.

pub mod answers;
mod at_once;
pub mod budgets;
pub mod context;
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

/// What the schema says of itself, in `schema.graphql` and by introspection.
pub const SCHEMA_DESCRIPTION: &str = "\
Sangkien: initiatives of a national union's campaigns, with their counts, targets and live \
leaderboards (sáng kiến, số liệu, chỉ tiêu và bảng xếp hạng của các đợt thi đua). Reading what is \
public needs no token; changing anything does (mã truy cập). Days begin and end in Việt Nam (UTC+7). \
Enums may gain values, and types may gain fields.";

pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

pub fn schema() -> Schema {
    builder().finish()
}

fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query, Mutation, Subscription)
        .register_output_type::<types::Node>()
        .disable_suggestions()
        // Ours is checked before: the library's own, which nobody is told of, is never reached.
        .limit_recursive_depth(DOCUMENT_NESTING_MAX)
        .extension(meter::Metering)
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
    // The library writes no description there.
    let described = format!("\"\"\"\n{SCHEMA_DESCRIPTION}\n\"\"\"\nschema {{\n");
    format!("{}\n", sdl.trim_end().replacen("schema {\n", &described, 1))
}
