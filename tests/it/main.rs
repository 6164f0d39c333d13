//! The server as its users see it: one binary, a file per behaviour.

mod postgres;
mod schema;
mod selfcheck;
mod semantics;
