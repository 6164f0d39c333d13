//! Server-sent events, as `graphql-sse` has them for distinct connections.

use std::fmt::Write as _;

use crate::graphql::subscriptions::message::Message;

pub const CONTENT_TYPE: &str = "text/event-stream";
/// A comment. Clients pass over it.
pub const ALIVE: &str = ":\n\n";
/// Comments that say why a stream breaks off.
pub const STOPPING: &str = ": the server is stopping; connect again\n\n";
pub const FAILED: &str = ": the server failed and starts anew; connect again\n\n";
/// The end. Its data is empty, since a browser drops an event without data.
pub const COMPLETE: &str = "event: complete\ndata:\n\n";

/// The message as an event. Its id is the message's cursor, which a client sends back in `Last-Event-ID`.
pub fn next(message: &Message) -> String {
    let mut payload = String::with_capacity(message.result.text.len() + 96);
    message.write(&mut payload);
    let mut event = String::with_capacity(payload.len() + 64);
    event.push_str("event: next\n");
    if let Some(cursor) = &message.cursor {
        writeln!(event, "id: {cursor}").expect("a text takes more");
    }
    // JSON has its line breaks escaped.
    write!(event, "data: {payload}\n\n").expect("a text takes more");
    event
}
