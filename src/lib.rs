pub mod board;
pub mod demo;
pub mod domain;
pub mod limits;
