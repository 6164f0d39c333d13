//! The server as its users see it: one binary, a file per behaviour.

mod api;
mod clients;
mod harness;
mod postgres;
mod schema;
mod semantics;
