//! Direct sending: the publishing task writes a message to a subscriber's connection and leaves its task asleep.

use super::message::Message;

/// The connection of a subscriber, as the publishing task sees it.
pub trait DirectSink: Send + Sync {
    /// Sends the whole message after all that was sent before. Sends nothing and gives `false` when the connection has
    /// no room for it now.
    fn try_send(&self, message: &Message) -> bool;
}
