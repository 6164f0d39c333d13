//! What is long-lived: channels of states, and feeds of events.

mod channel;
pub mod channels;
pub mod cpu_budget;
pub mod direct;
mod event_feed;
pub mod message;
pub mod state_feed;
pub mod subscriber;
