//! The public API, as a frontend team uses it and as somebody who means harm would.

mod attacks;
mod boards;
mod events;
mod fields;
mod initiatives;
mod lists;
mod midnight;
mod nodes;
mod periods;
mod progress;
mod state_feeds;
mod submissions;
mod targets;
mod units;
mod visibility;
