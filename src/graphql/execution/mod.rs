//! From an operation to the bytes of its result.

pub mod changes;
pub mod debt;
mod executor;
pub mod fair_queue;
mod operation;
pub mod result;
pub mod threads;

pub use executor::{Execution, Executor, in_language, of_lost};
pub use operation::Operation;
