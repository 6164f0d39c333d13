//! Connections: accepted, served until they end, written to past the task that serves them.

pub mod connection;
pub mod listener;
mod serve;

pub use serve::serve;
