//! The feed: snapshots and events of this process, for readers and for followers.
//!
//! Two promises, kept apart. State: [`Hub::latest`] is the newest snapshot, and a follower of
//! [`Hub::versions`] may skip states in between but never sees an older one. Events:
//! [`event_feed::EventFeed`] gives every event after a position, in order, once, or an error. The feed
//! learns of an event only after its commit.

pub mod cursor;
pub mod event_feed;
mod hub;
mod log_pages;
pub mod tables;
mod unkept;

pub use hub::Hub;
pub use unkept::{ClosingKey, Loss};
