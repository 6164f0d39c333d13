//! Pages for browsers.

pub mod graphiql;
pub mod wall;
