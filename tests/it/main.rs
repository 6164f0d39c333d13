//! The server as its users see it: one binary, a file per behaviour.

#![allow(clippy::unwrap_used, reason = "a test that meets what it did not expect fails by it")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "tests count in hundreds"
)]

mod answers;
mod api;
mod arrows;
mod backup;
mod blocks;
mod chance;
mod changed;
mod clients;
mod clock;
mod commands;
mod conformance;
mod counters;
mod crash;
mod database;
mod deadlines;
mod demo;
mod descriptions;
mod disk;
mod docs;
mod door;
mod exchange;
mod faults;
mod glossary;
mod graphiql;
mod harness;
mod init;
mod links;
mod lists;
mod logs;
mod lost_file;
mod migrations;
mod model;
mod nodes;
mod older_nodes;
mod ordinary;
mod peers;
mod plans;
mod pooler;
mod postgres;
mod power_query;
mod proxies;
mod prune;
mod python;
mod ranking;
mod readers;
mod readme;
mod reference;
mod schema;
mod selfcheck;
mod semantics;
mod standby;
mod storm;
mod tls;
mod unreachable;
mod verify;
mod vietnamese;
mod wall;
mod went_back;
mod wire;
mod writer_node;
mod writing;
