//! The digest of what was first sent under a key, as the table of initiatives keeps it: by it a key that is sent again, today
//! or after an update of the program, is told from a key that was used for something else.
//!
//! The text is `UNIT:DIGEST`, of an import `UNIT:DIGEST:DIGEST`. There is one way of digesting so far. The text of another way
//! will begin with its number (`v2:`), so that a program digests what is sent again by the way of then. `v1:` is read
//! already; it is not written as long as programs serve that do not read it.

use crate::domain::{Initiative, UnitId};

/// The one way of digesting that there is.
const FIRST_WAY: &str = "v1:";

/// The text for what was sent for a unit; `digest` is that of [`crate::writer::prepare`].
pub fn content_hash(unit: UnitId, digest: &str) -> String {
    format!("{unit}:{digest}")
}

/// Whether this is what was first sent under the initiative's key. A submission without a state is that of an import with
/// one.
pub fn is_content(known: &Initiative, unit: UnitId, digest: &str) -> bool {
    let hash = known.content_hash.as_str();
    let hash = hash.strip_prefix(FIRST_WAY).unwrap_or(hash);
    let rest = hash.strip_prefix(content_hash(unit, digest).as_str());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}
