//! Sangkien: a GraphQL server with a real-time feed for the initiative campaigns of a national union.
//!
//! Arrows go one way: [`http`] → [`graphql`] → [`writer`], [`initiative_lists`] → [`feed`], [`board`] → [`store`] →
//! [`domain`]; [`exchange`] → [`writer`]. A change and its event are one transaction; counts are a fold over the log;
//! reads use an immutable snapshot of one version. ARCHITECTURE.md follows a submission and a query all the way.

mod aside;
pub mod auth;
pub mod backup;
pub mod board;
pub mod cli;
mod configuration;
pub mod demo;
mod digest;
pub mod domain;
pub mod error;
pub mod exchange;
pub mod feed;
mod files;
pub mod graphql;
mod gzip;
mod health;
pub mod http;
mod init;
pub mod initiative_lists;
pub mod keeping;
pub mod limits;
mod logs;
mod measure;
pub mod messages;
mod opaque;
mod panics;
mod preferences;
mod progress;
pub mod prune;
pub mod recount;
pub mod server;
pub mod store;
pub mod supervisor;
mod traces;
pub mod writer;
