pub mod board;
pub mod domain;
pub mod limits;
pub mod store;
