//! Pages for browsers.

mod file;
pub mod graphiql;
pub mod reference;
pub mod wall;
