//! Subscriptions: channels of states, and feeds of events. No other folder of `graphql` spawns tasks.
//!
//! [`state_feed`] subscribes to a channel of [`channels`]. The channel is executed once for all its subscribers, within
//! the CPU budget, and sends each state directly ([`direct`]) where it can. [`event_feed`] has a position of its own
//! for each subscriber.

mod channel;
pub mod channels;
mod cpu_budget;
pub mod direct;
pub mod event_feed;
pub mod message;
pub mod state_feed;
mod subscriber;
