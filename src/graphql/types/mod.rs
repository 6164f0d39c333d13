//! One file for each object of the schema.
//!
//! Objects are cheap handles: the snapshot and a number. What is in the snapshot is resolved
//! without awaiting.

pub mod connection;
pub mod event;
pub mod event_pages;
pub mod field;
pub mod initiative;
pub mod initiatives;
pub mod leaderboard;
pub mod node;
pub mod payload;
pub mod period;
pub mod tally;
pub mod target;
pub mod unit;
pub mod viewer;

pub use event::InitiativeEvent;
pub use event_pages::InitiativeEventConnection;
pub use field::Field;
pub use initiative::Initiative;
pub use initiatives::InitiativeConnection;
pub use leaderboard::Leaderboard;
pub use node::Node;
pub use period::Period;
pub use tally::Tally;
pub use target::Target;
pub use unit::Unit;
pub use viewer::{Token, Viewer};
