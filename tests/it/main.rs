//! The server as its users see it: one binary, a file per behaviour.

mod conformance;
mod crash;
mod database;
mod postgres;
mod schema;
mod semantics;
mod writing;
