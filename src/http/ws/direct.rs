//! The direct sink of a socket: the publishing task writes a state to the connection as a frame, and the
//! socket's task sleeps on.

use std::sync::Arc;

use super::protocol;
use crate::graphql::subscriptions::direct::DirectSink;
use crate::graphql::subscriptions::message::Message;
use crate::http::tcp::connection::Connection;

/// The direct sink of one operation of a socket.
pub struct WsDirectSink {
    connection: Arc<Connection>,
    /// The text before each payload.
    head: Box<[u8]>,
}

impl WsDirectSink {
    pub fn new(connection: Arc<Connection>, id: &str) -> Self {
        Self { connection, head: protocol::next_head(id).into_bytes().into() }
    }
}

impl DirectSink for WsDirectSink {
    fn try_send(&self, message: &Message) -> bool {
        let (text, end) = (message.result.text.as_bytes(), b"}}");
        let mut head = Vec::with_capacity(FRAME_HEAD_MAX + self.head.len());
        frame_head(self.head.len() + text.len() + end.len(), &mut head);
        head.extend_from_slice(&self.head);
        self.connection.try_write_frame(&[&head, text, end])
    }
}

/// The most bytes of a frame before its payload.
const FRAME_HEAD_MAX: usize = 10;

/// Appends the head of a text in one frame, unmasked, as a server sends it (RFC 6455, 5.2); `length` is that of the
/// payload in bytes.
fn frame_head(length: usize, head: &mut Vec<u8>) {
    const FINAL_TEXT: u8 = 0x81;
    head.push(FINAL_TEXT);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(length @ ..126), _) => head.push(length),
        (_, Ok(length)) => {
            head.push(126);
            head.extend(length.to_be_bytes());
        }
        _ => {
            head.push(127);
            head.extend((length as u64).to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_says_how_long_it_is_in_as_few_bytes_as_may_be() {
        for (length, expected) in [
            (0, &[0x81, 0][..]),
            (125, &[0x81, 125]),
            (126, &[0x81, 126, 0, 126]),
            (65_535, &[0x81, 126, 255, 255]),
            (65_536, &[0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] {
            let mut head = Vec::new();
            frame_head(length, &mut head);
            assert_eq!(head, expected);
            assert!(head.len() <= FRAME_HEAD_MAX);
        }
    }
}
