//! Pages for browsers.

mod file;
pub mod graphiql;
pub mod own_address;
pub mod reference;
pub mod wall;
