//! Moments of the log that clients send back: a version, or a mark, which names its event too.
//!
//! A version that the log has not reached, or a mark whose event it does not hold, is of another log: of one that was
//! restored from a backup, or of another server. A copy that was made from it cannot be brought up to date, so the
//! client gets CURSOR_EXPIRED and copies again; an empty page would hide it.

use async_graphql::{Error, ErrorExtensions as _, Result};

use super::RequestContext;
use crate::board::Snapshot;
use crate::domain::Version;
use crate::error::{self, Code};
use crate::feed::Hub;
use crate::feed::cursor::Cursor;
use crate::messages::ErrorMessage;
use crate::store::Store;

/// A moment of the log, as a client names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Version(Version),
    Mark(Cursor),
}

impl Moment {
    /// A version in digits, or a mark; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let version = || text.parse().ok().map(|version| Self::Version(Version(version)));
        version().or_else(|| Self::of_mark(text))
    }

    /// A mark; `None` for any other text.
    pub fn of_mark(text: &str) -> Option<Self> {
        Cursor::decode(text).ok().map(Self::Mark)
    }

    pub const fn version(self) -> Version {
        match self {
            Self::Version(version) => version,
            Self::Mark(mark) => mark.version,
        }
    }

    /// Whether the log holds the moment. `tag` is that of its event of the same version; `None` if the log has no such
    /// event.
    fn is_in(self, tag: Option<i64>) -> bool {
        match self {
            // Every log holds version 0, before its first event.
            Self::Version(version) => version == Version::ZERO || tag.is_some(),
            Self::Mark(mark) => tag == Some(mark.tag),
        }
    }

    /// The judgement from memory; `None` if the tables must be read.
    fn is_known(self, hub: &Hub) -> Option<bool> {
        let version = self.version();
        if let Some(tag) = hub.tag(version) {
            return Some(self.is_in(Some(tag)));
        }
        match self {
            Self::Version(version) if version <= hub.latest().version() => Some(true),
            _ => None,
        }
    }

    fn expired(self, hub: &Hub) -> Error {
        let message = match self {
            Self::Version(version) => ErrorMessage::VersionAhead(version.0),
            Self::Mark(_) => ErrorMessage::MarkExpired,
        };
        let present = Cursor::head_of(&hub.latest()).encode();
        let error = Code::CursorExpired.says(message);
        error.extend_with(|_, extensions| extensions.set("mark", present))
    }
}

/// Checks that the log holds the moment.
///
/// # Errors
/// CURSOR_EXPIRED for a moment of another log, UNAVAILABLE while the tables cannot be read.
pub async fn check(hub: &Hub, store: &Store, moment: Moment) -> Result<()> {
    let is_in = match moment.is_known(hub) {
        Some(is_in) => is_in,
        None => {
            let tag = async { store.begin_read().await?.tag(moment.version()).await };
            moment.is_in(tag.await.map_err(error::of_store)?)
        }
    };
    if is_in { Ok(()) } else { Err(moment.expired(hub)) }
}

/// The version after which the rows of a list changed, by `changedAfter` and `changedSince` of its filter; `None` if
/// the filter has neither. With both, the later one holds.
///
/// # Errors
/// BAD_ARGUMENT for a negative version, BAD_CURSOR for a text that is no mark, CURSOR_EXPIRED for a moment of another
/// log. UNAVAILABLE for a moment that this node has not reached; the execution then begins again.
pub async fn changed_after(
    context: &RequestContext,
    snapshot: &Snapshot,
    after: Option<i64>,
    since: Option<&str>,
) -> Result<Option<Version>> {
    let after = after.map(|version| Moment::Version(Version(version)));
    if after.is_some_and(|moment| moment.version() < Version::ZERO) {
        return Err(Code::BadArgument.says(ErrorMessage::NegativeVersion));
    }
    let not_a_mark = || Code::BadCursor.says(ErrorMessage::NotAMark);
    let since = since.map(|mark| Moment::of_mark(mark).ok_or_else(not_a_mark)).transpose()?;
    let mut latest = None;
    for moment in after.into_iter().chain(since) {
        let is_in = match moment.is_known(&context.hub) {
            Some(is_in) => is_in,
            None => moment.is_in(context.tag(moment.version()).await?),
        };
        if !is_in {
            return Err(moment.expired(&context.hub));
        }
        let version = moment.version();
        if version > snapshot.version() {
            context.note_awaited(version);
            return Err(Code::Unavailable.says(ErrorMessage::NotYetAt(version.0)));
        }
        latest = latest.max(Some(version));
    }
    Ok(latest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_version_or_a_mark() {
        let mark = Cursor { version: Version(7), tag: -1 };
        assert_eq!(Moment::parse("7"), Some(Moment::Version(Version(7))));
        assert_eq!(Moment::parse(&mark.encode()), Some(Moment::Mark(mark)));
        for text in ["", "x", "1.5", "7 ", "99999999999999999999"] {
            assert_eq!(Moment::parse(text), None, "{text:?}");
        }
        assert_eq!(Moment::of_mark("7"), None);
    }

    #[test]
    fn a_log_holds_a_moment_by_its_tag() {
        let mark = Moment::Mark(Cursor { version: Version(7), tag: 3 });
        assert!(mark.is_in(Some(3)));
        assert!(!mark.is_in(Some(4)) && !mark.is_in(None));
        let version = Moment::Version(Version(7));
        assert!(version.is_in(Some(4)) && !version.is_in(None));
        assert!(Moment::Version(Version::ZERO).is_in(None));
    }
}
