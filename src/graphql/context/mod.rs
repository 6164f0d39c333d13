//! Everything that a resolver may reach: the request's context, its loaders, its meter, and objects that are ready.

mod dependencies;
pub mod json;
pub mod list_counts;
pub mod loaders;
pub mod mark;
pub mod meter;
pub mod ready;
mod request_context;
mod scans;

pub use dependencies::{Dependencies, DependencyRecorder};
pub use request_context::{EventFeedMode, OpenedFeed, RequestContext};
pub use scans::{units_below, units_of};
