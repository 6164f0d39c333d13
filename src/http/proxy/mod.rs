//! Servers behind proxies: the name, the prefix and the address by which clients know them.

pub mod forwarded;
pub mod prefix;
pub mod public_url;
