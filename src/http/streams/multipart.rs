//! Parts of one response: Apollo's multipart protocol for subscriptions.

use crate::graphql::subscriptions::message::Message;

pub const CONTENT_TYPE: &str = "multipart/mixed; boundary=graphql; subscriptionSpec=1.0";
/// The boundary before the first part.
pub const START: &str = "--graphql";
/// A part without a payload.
pub const ALIVE: &str = "\r\ncontent-type: application/json\r\n\r\n{}\r\n--graphql";
/// The rest of the closing boundary.
pub const END: &str = "--\r\n";

/// The message as a part with the boundary after it, since a reader knows only then that the part is whole.
pub fn next(message: &Message) -> String {
    let mut payload = String::with_capacity(message.result.text.len() + 96);
    message.write(&mut payload);
    format!("\r\ncontent-type: application/json\r\n\r\n{{\"payload\":{payload}}}\r\n--graphql")
}
