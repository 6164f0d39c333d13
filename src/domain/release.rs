//! Releases of the program, and the release from which on each event is read.
//!
//! Nodes of two releases serve one database while they are replaced one by one. So an event that the older ones cannot
//! read is not written before the last of them is gone (`writer`): here is the table of what is read since when.

use std::fmt;
use std::str::FromStr;

use super::EventBody;
use super::event::{TargetChanged, UnitEventKind};
use super::period::PeriodKind;
use super::unit::UnitKind;

/// A release, by the numbers of its version. A later release reads whatever an earlier one wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release {
    major: u16,
    minor: u16,
    patch: u16,
}

/// A text that names no release.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no release")]
pub struct NoRelease(String);

impl Release {
    /// The first one. Every node reads what it reads.
    pub const FIRST: Self = Self::new(0, 1, 0);
    /// This program's own.
    pub const OWN: Self = Self::new(
        number(env!("CARGO_PKG_VERSION_MAJOR")),
        number(env!("CARGO_PKG_VERSION_MINOR")),
        number(env!("CARGO_PKG_VERSION_PATCH")),
    );

    pub const fn new(major: u16, minor: u16, patch: u16) -> Self {
        Self { major, minor, patch }
    }

    /// The first release that reads the event, and takes it for what it means: the table of kinds, and of fields that
    /// change what a body means. A program of before may pass over any other field.
    pub fn that_reads(body: &EventBody) -> Self {
        match body {
            // Before, the target of a part would have been taken for that of the whole.
            EventBody::Targets(change) if change.targets.iter().any(TargetChanged::is_of_part) => {
                Self::new(0, 2, 0)
            }
            // Before, their names were unknown.
            EventBody::Unit(_, change) if change.after.kind == UnitKind::CommuneUnion => {
                Self::new(0, 2, 0)
            }
            EventBody::Period(change)
                if matches!(change.after.kind, PeriodKind::Month | PeriodKind::Year) =>
            {
                Self::new(0, 2, 0)
            }
            EventBody::Unit(UnitEventKind::Renamed | UnitEventKind::Deleted, _) => {
                Self::new(0, 2, 0)
            }
            EventBody::Finalized(_) | EventBody::Rule(_) | EventBody::Assessment(_) => {
                Self::new(0, 2, 0)
            }
            EventBody::Day(_)
            | EventBody::Initiative(..)
            | EventBody::Unit(..)
            | EventBody::Period(_)
            | EventBody::Targets(_) => Self::FIRST,
        }
    }
}

const fn number(text: &str) -> u16 {
    match u16::from_str_radix(text, 10) {
        Ok(number) => number,
        Err(_) => panic!("a version is of numbers"),
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl FromStr for Release {
    type Err = NoRelease;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut numbers = text.split('.').map(str::parse);
        match (numbers.next(), numbers.next(), numbers.next(), numbers.next()) {
            (Some(Ok(major)), Some(Ok(minor)), Some(Ok(patch)), None) => {
                Ok(Self::new(major, minor, patch))
            }
            _ => Err(NoRelease(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_ordered_by_their_numbers_and_come_back_from_their_text() {
        let releases = ["0.1.0", "0.2.0", "0.9.9", "0.10.0", "1.0.0"].map(|text| {
            let release: Release = text.parse().unwrap();
            assert_eq!(release.to_string(), text);
            release
        });
        assert!(releases.is_sorted(), "{releases:?}");
        for text in ["", "1", "1.2", "1.2.3.4", "1.2.x", "1.2.3-rc"] {
            assert!(text.parse::<Release>().is_err(), "{text}");
        }
        assert_eq!(Release::OWN.to_string(), env!("CARGO_PKG_VERSION"));
        assert!(Release::OWN > Release::FIRST);
    }
}
