//! One file for each object of the schema.
//!
//! Objects are cheap handles: the snapshot and a number. A resolver does not await data that is in
//! the snapshot.

pub mod assessment;
mod board_sums;
pub mod breakdown;
pub mod briefing;
pub mod build;
pub mod closing;
pub mod connection;
pub mod enums;
pub mod event;
pub mod events;
pub mod field;
pub mod ids;
pub mod initiative;
pub mod initiatives;
pub mod inputs;
pub mod leaderboard;
mod mutation;
pub mod node;
mod past_day;
pub mod payloads;
pub mod period;
mod query;
pub mod rule;
pub mod scalars;
pub mod standing;
mod subscription;
pub mod tally;
pub mod target;
pub mod unit;
pub mod viewer;

pub use assessment::Assessment;
pub use closing::Closing;
pub use event::InitiativeEvent;
pub use events::InitiativeEventConnection;
pub use field::Field;
pub use initiative::Initiative;
pub use initiatives::InitiativeConnection;
pub use leaderboard::Leaderboard;
pub use mutation::Mutation;
pub use node::Node;
pub use period::Period;
pub use query::Query;
pub use rule::Rule;
pub use subscription::Subscription;
pub use tally::Tally;
pub use target::Target;
pub use unit::Unit;
pub use viewer::{Token, Viewer};
