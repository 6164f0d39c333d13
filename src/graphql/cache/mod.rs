//! Results that are kept for whoever of the same audience asks the same.

pub mod changes;
mod entry;
mod key;

pub use entry::*;
pub use key::*;
