//! GraphQL: from a client's text to results and messages. ARCHITECTURE.md has the map of the folders.

mod bounded_cache;
pub mod cache;
pub mod context;
pub mod cost;
mod description;
pub mod execution;
pub mod extensions;
#[doc(hidden)]
pub mod fuzz;
pub mod request;
pub(crate) mod schema;
pub mod service;
pub mod subscriptions;

pub use schema::build::{Schema, introspected, schema, sdl, view};
pub use schema::{Mutation, Query, Subscription};
pub use service::Service;
