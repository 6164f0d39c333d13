pub mod board;
pub mod domain;
pub mod graphql;
pub mod limits;
pub mod store;
