//! The way to a subscriber past its own task.

use super::message::Message;

/// A way to a follower past its own task.
pub trait DirectSink: Send + Sync {
    /// Sends the message whole, after all that was sent before; or nothing of it, when there is no
    /// room for it now.
    fn try_send(&self, message: &Message) -> bool;
}
