pub mod board;
pub mod domain;
pub mod feed;
pub mod graphql;
pub mod limits;
pub mod recount;
pub mod store;
pub mod writer;
