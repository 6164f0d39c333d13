//! The public API, as a frontend team uses it and as somebody who means harm would.

mod attacks;
mod boards;
mod connections;
mod errors;
mod event_pages;
mod events;
mod fields;
mod http;
mod initiative_lists;
mod initiatives;
mod kept;
mod lists;
mod midnight;
mod nodes;
mod periods;
mod progress;
mod queries;
mod roles;
mod rooms;
mod sockets;
mod state_feeds;
mod submissions;
mod targets;
mod tokens;
mod units;
mod visibility;
