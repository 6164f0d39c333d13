//! The last event that this process knows of the log. Each look at the head of the log is held against it, so that a
//! database that went back is noticed before anything of it is read or written.

use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::{Mark, Version};

/// The last event that a process knows. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct KnownLog(Arc<Mutex<Mark>>);

/// The database holds another log than the one that this process knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", Told(*.expected, *.head, *.tag))]
pub struct OtherLog {
    pub expected: Mark,
    /// The version of the last event that the database holds.
    pub head: Version,
    /// The tag of its event of the expected version; `None` if it has no such event.
    pub tag: Option<i64>,
}

struct Told(Mark, Version, Option<i64>);

impl std::fmt::Display for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self(expected, head, tag) = self;
        if tag.is_none() && *head > expected.version {
            return write!(
                f,
                "this server stood still for so long that {expected}, the last that it knows, was pruned, or the database \
                 is another one by now. Start the server again to serve the database as it is"
            );
        }
        write!(f, "the database went back: this server knows {expected}, and the database ")?;
        match tag {
            None => write!(f, "ends at event {head}")?,
            Some(tag) => write!(f, "has an event of that number with the tag {tag:016x}")?,
        }
        f.write_str(
            ". An older copy was restored, or a replica took over that lacks the last changes; those are lost. Start the \
             server again to serve the database as it is now: clients that know more than it are told to begin anew",
        )
    }
}

impl KnownLog {
    /// The last event known; version 0 before the first.
    pub fn last(&self) -> Mark {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of an event of the log, unless a later one is known.
    pub fn note(&self, event: Mark) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if event.version > last.version {
            *last = event;
        }
    }
}

impl OtherLog {
    /// Holds a look at the database against the event that was known before the look: `head` is the version of the last
    /// event there, `tag` the tag of its event of the expected version.
    ///
    /// # Errors
    /// When the database does not hold the expected event.
    pub fn check(expected: Mark, head: Version, tag: Option<i64>) -> Result<(), Self> {
        if expected.version == Version::ZERO || tag == Some(expected.tag) {
            return Ok(());
        }
        Err(Self { expected, head, tag })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn mark(version: i64, tag: i64) -> Mark {
        Mark { version: Version(version), tag }
    }

    #[test]
    fn a_log_is_another_one_if_it_lacks_the_last_event_known() {
        let known = KnownLog::default();
        assert_eq!(OtherLog::check(known.last(), Version(7), None), Ok(()), "nothing is known yet");
        known.note(mark(7, -1));
        known.note(mark(6, 5));
        assert_eq!(known.last(), mark(7, -1), "the later one stays");
        for head in [7, 9] {
            assert_eq!(OtherLog::check(known.last(), Version(head), Some(-1)), Ok(()));
        }
        let shorter = OtherLog::check(known.last(), Version(6), None).unwrap_err();
        let other = OtherLog::check(known.last(), Version(9), Some(3)).unwrap_err();
        assert!(shorter.to_string().contains("ends at event 6"), "{shorter}");
        let pruned = OtherLog::check(known.last(), Version(9), None).unwrap_err();
        assert!(pruned.to_string().contains("the last that it knows, was pruned"), "{pruned}");
        assert!(
            other.to_string().contains("event 7 with the tag ffffffffffffffff, and")
                && other.to_string().contains("with the tag 0000000000000003. An"),
            "{other}"
        );
    }
}
