//! Positions in the event log as clients keep them: opaque, and tied to the very log they are of.
//!
//! The cursor of an event and the mark of an answer (`extensions.mark`) are the same text, so a client that
//! copied everything as of a mark may go on with the events after it.

use std::io::Write as _;

use crate::board::Snapshot;
use crate::domain::{Event, Version};
use crate::opaque;

/// The position of an event. The tag tells it from an event of the same version in another log: a
/// cursor from before a restored backup is refused instead of skipping what was written since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub version: Version,
    pub tag: i64,
}

/// Not a cursor of this feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a cursor of the event feed")]
pub struct BadCursor;

const PREFIX: &str = "event";

impl Cursor {
    /// The cursor of an event: feeds go on behind it.
    pub const fn of(event: &Event) -> Self {
        Self { version: event.version, tag: event.tag }
    }

    /// The position of the snapshot's last event.
    pub const fn head_of(snapshot: &Snapshot) -> Self {
        Self { version: snapshot.version(), tag: snapshot.head_tag() }
    }

    /// The later one of two positions in the same log.
    #[must_use]
    pub fn later(self, other: Self) -> Self {
        if other.version > self.version { other } else { self }
    }

    /// The opaque text of the cursor.
    pub fn encode(self) -> String {
        let mut text = String::new();
        self.encode_into(&mut text);
        text
    }

    /// Like [`Self::encode`], but without a text of its own, since each answer has one.
    pub fn encode_into(self, text: &mut String) {
        // The prefix, a number of 20 characters, one of 16, and two colons.
        let mut plain = [0; PREFIX.len() + 38];
        let room = plain.len();
        let mut rest = plain.as_mut_slice();
        write!(rest, "{PREFIX}:{}:{:x}", self.version, self.tag).expect("there is room for it");
        let length = room - rest.len();
        opaque::encode_into(&plain[..length], text);
    }

    /// # Errors
    /// When the text was not made by [`Self::encode`].
    pub fn decode(text: &str) -> Result<Self, BadCursor> {
        let bytes = opaque::decode(text).ok_or(BadCursor)?;
        let plain = String::from_utf8(bytes).map_err(|_| BadCursor)?;
        let mut parts = plain.split(':');
        let (Some(PREFIX), Some(version), Some(tag), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(BadCursor);
        };
        Ok(Self {
            version: Version(version.parse().map_err(|_| BadCursor)?),
            tag: u64::from_str_radix(tag, 16).map_err(|_| BadCursor)?.cast_signed(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_and_nothing_else_is_one() {
        for tag in [0, 1, -1, i64::MIN, i64::MAX] {
            for version in [42, i64::MIN, i64::MAX] {
                let cursor = Cursor { version: Version(version), tag };
                assert_eq!(Cursor::decode(&cursor.encode()), Ok(cursor));
            }
        }
        for text in ["", "abc", "!", "ZXZlbnQ6MQ", "dW5pdDoxOjI"] {
            assert_eq!(Cursor::decode(text), Err(BadCursor), "{text}");
        }
    }
}
