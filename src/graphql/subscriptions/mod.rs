//! What is long-lived: channels of states, and feeds of events.

pub mod channels;
pub mod cpu_budget;
pub mod state_feed;
pub mod subscriber;
