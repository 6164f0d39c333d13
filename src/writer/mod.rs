//! The one writer of this process: takes the queued commands, checks them, writes them in one
//! transaction, folds and publishes their events, answers.
//!
//! Always true: commands of a batch are checked one by one, in order, after the counter
//! row is taken and others' events are folded, against the state plus the batch so far; one that
//! fails fails alone; an answer is sent after the commit is on disk and the snapshot holds it.
//! There is no timer: while one batch commits, the next one queues.

mod batch;
mod condition;
mod decide;
mod follow;
mod handle;
mod held_back;
pub mod importer;
mod keep;
mod prepare;
mod queue;
mod reply;
pub mod tags;
mod writer_loop;

pub use handle::{Writer, WriterHandle};
pub use reply::{Failure, Reply, Unavailable};
pub use writer_loop::start;
