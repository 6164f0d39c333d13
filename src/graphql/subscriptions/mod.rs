//! Long-lived operations: channels of states, and feeds of events. No other folder of `graphql` spawns tasks.

mod channel;
pub mod channels;
mod cpu_budget;
pub mod direct;
pub mod event_feed;
pub mod message;
pub mod state_feed;
mod subscriber;
