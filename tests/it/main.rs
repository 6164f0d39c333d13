//! The server as its users see it: one binary, a file per behaviour.

mod answers;
mod api;
mod changed;
mod clients;
mod conformance;
mod crash;
mod database;
mod demo;
mod disk;
mod docs;
mod exchange;
mod graphiql;
mod harness;
mod lists;
mod logs;
mod model;
mod postgres;
mod ranking;
mod schema;
mod selfcheck;
mod semantics;
mod storm;
mod verify;
mod wall;
mod world;
mod writing;
