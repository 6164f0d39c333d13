//! The result of a check: how much was compared, and the differences.

use std::fmt::{Debug, Display};

use crate::domain::{Day, Version};
use crate::limits::DIFFERENCES_REPORTED;

/// Two numbers, or other things, that ought to be the same and are not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The thing that it is a number of: "period chien-dich, unit cdcs-00001".
    pub subject: String,
    pub what: &'static str,
    pub found: String,
    pub expected: String,
    /// The sources of the two.
    pub sides: Sides,
}

/// The two sources of a difference: the one found at fault first, then the one it is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sides {
    BoardAndRecount,
    BoardAndFold,
    FactsAndLog,
    LogAndRules,
    KeptAndLog,
}

impl Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (here, there) = match self.sides {
            Sides::BoardAndRecount => ("on the board", "by the recount"),
            Sides::BoardAndFold => ("on the board as loaded", "on the one folded from the log"),
            Sides::FactsAndLog => ("among the facts", "by the log"),
            Sides::LogAndRules => ("in the log", "by what is before it"),
            Sides::KeptAndLog => ("among the kept figures", "by the log"),
        };
        let Self { subject, what, found, expected, .. } = self;
        write!(f, "{subject}: {what} is {found} {here}, {expected} {there}")
    }
}

/// The result of a check.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// The first differences.
    pub differences: Vec<Difference>,
    /// The number of further differences.
    pub unreported: usize,
    pub version: Version,
    pub initiatives: usize,
    pub units: usize,
    pub periods: usize,
    /// Tallies of a unit in a period, present and earlier ones.
    pub tallies: usize,
    /// Whether the log was folded from its beginning as well; a broken one cannot be.
    pub folded: bool,
    /// The first day of which the log holds all events, if it was pruned.
    pub pruned_before: Option<Day>,
    /// Closings whose figures were made again and compared.
    pub closings: usize,
    /// Closings from before the beginning of a pruned log: nothing tells their figures but these themselves.
    pub closings_untold: usize,
    /// Closings whose figures were not compared, since the log has more texts of fields than a board tells apart.
    pub closings_unsure: usize,
    /// Closings whose figures are not kept yet.
    pub closings_unkept: usize,
}

impl Verdict {
    /// Whether nothing differs.
    pub const fn is_clean(&self) -> bool {
        self.differences.is_empty()
    }

    pub(super) fn report(&mut self, difference: impl FnOnce() -> Difference) {
        if self.differences.len() < DIFFERENCES_REPORTED {
            self.differences.push(difference());
        } else {
            self.unreported += 1;
        }
    }

    /// Tells of two that differ.
    pub(super) fn compare<T: PartialEq + Debug>(
        &mut self,
        sides: Sides,
        what: &'static str,
        (found, expected): (&T, &T),
        subject: impl FnOnce() -> String,
    ) {
        if found != expected {
            self.report(|| Difference {
                subject: subject(),
                what,
                found: format!("{found:?}"),
                expected: format!("{expected:?}"),
                sides,
            });
        }
    }
}

impl Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for difference in &self.differences {
            writeln!(f, "{difference}")?;
        }
        if self.unreported > 0 {
            writeln!(f, "and {} more", self.unreported)?;
        }
        let Self { version, initiatives, units, periods, tallies, .. } = self;
        let found = self.differences.len() + self.unreported;
        write!(
            f,
            "{found} differences at version {version}: {initiatives} initiatives, {units} units, \
             {periods} periods and {tallies} tallies compared"
        )?;
        if let Some(day) = self.pruned_before {
            write!(
                f,
                "\nthe log was pruned before {day}: what happened to initiatives before that day was not checked"
            )?;
        }
        if self.closings > 0 {
            write!(f, "\nthe figures of {} closings were made again from the log", self.closings)?;
        }
        if self.closings_untold > 0 {
            write!(
                f,
                "\nthe figures of {} closings from before that day were taken as they are",
                self.closings_untold
            )?;
        }
        if self.closings_unsure > 0 {
            write!(
                f,
                "\nthe figures of {} closings were not compared: there are too many different texts of fields",
                self.closings_unsure
            )?;
        }
        if self.closings_unkept > 0 {
            write!(
                f,
                "\nthe figures of {} closings are not kept: a server makes them from the log",
                self.closings_unkept
            )?;
        }
        Ok(())
    }
}
