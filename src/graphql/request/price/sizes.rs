//! The sizes of the data that prices rest on, and the work that is named by global ids.

use super::rates;
use crate::domain::{PeriodId, UnitId};

/// The sizes of the data at the moment, which bound the rows.
pub trait Sizes {
    fn root(&self) -> UnitId;
    /// The unit that a reference names.
    fn unit(&self, named: Reference<'_>) -> Option<UnitId>;
    /// The period that a reference names; with `None` the default period.
    fn period(&self, named: Option<Reference<'_>>) -> Option<PeriodId>;
    /// The object of a global id.
    fn named(&self, id: &str) -> Named;
    fn parent(&self, unit: UnitId) -> Option<UnitId>;
    /// The number of units above it.
    fn depth(&self, unit: UnitId) -> u64;
    /// Units directly below it.
    fn children(&self, unit: UnitId) -> u64;
    /// Units below it on all levels.
    fn below(&self, unit: UnitId) -> u64;
    fn targets(&self, unit: UnitId) -> u64;
    /// Initiatives of its subtree.
    fn initiatives(&self, unit: UnitId) -> u64;
    /// The states of all initiatives by which figures of past days are counted.
    fn histories(&self) -> u64;
    /// The texts that initiatives have for their fields, those of the list included.
    fn field_texts(&self) -> u64;
    /// The whole tree.
    fn tree(&self) -> Tree;
    fn periods(&self) -> u64;
    /// Periods that cover the unit.
    fn periods_of(&self, unit: UnitId) -> u64;
    /// The rule that a reference names.
    fn rule(&self, named: Reference<'_>) -> Option<Judging>;
    /// The rules of the unit.
    fn rules(&self, unit: UnitId) -> Vec<Judging>;
    /// The rules of the confirmed assessments of a period; with `None` of the one that has most.
    fn confirmed(&self, period: Option<PeriodId>) -> Vec<Judging>;
    /// The number of rules of all units together.
    fn rule_count(&self) -> u64;
    /// Days of a period; with `None` of the longest.
    fn days(&self, period: Option<PeriodId>) -> u64;
    /// The changes to add up for the counts before `since`: 0 if the counts are cached. With `None`, all those of the
    /// period with most changes.
    fn earlier_changes(&self, period: Option<PeriodId>, since: Since<'_>) -> u64;
    /// The units and histories to count for a tally of a past day, in units; 0 if it was counted. With `None`, of any
    /// period.
    fn past_tally(&self, period: Option<PeriodId>, as_of: &str) -> u64;
    /// The same for a board, with the day before `since`, and the changes to add up.
    fn past_board(&self, period: Option<PeriodId>, as_of: &str, since: Option<&str>) -> Past;
    /// The same for a briefing.
    fn past_briefing(
        &self,
        period: Option<PeriodId>,
        until: Option<&str>,
        since: Option<&str>,
    ) -> Past;
    /// Closings of a period; with `None` of the one that has most.
    fn closings(&self, period: Option<PeriodId>) -> u64;
    /// Units of the figures of all closings of the period that are to be read: 0 if they are at hand. With `None`, of one
    /// closing of any period.
    fn kept(&self, period: Option<PeriodId>) -> u64;
    /// The same of the closings on which the period's assessments rest.
    fn kept_for_assessments(&self, period: Option<PeriodId>) -> u64;
    /// Events of the log.
    fn events(&self) -> u64;
    /// Events of the log up to the one of this cursor; 0 for a text that is no cursor.
    fn events_until(&self, cursor: &str) -> u64;
    /// The operator's list of fields of work.
    fn fields_of_work(&self) -> u64;
}

/// The greatest numbers in the tree of units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tree {
    pub units: u64,
    /// Units directly below the one that has most.
    pub widest: u64,
    /// Levels below the root.
    pub deepest: u64,
    /// Targets of the unit that has most.
    pub most_targets: u64,
    /// Periods that cover the unit which most of them cover.
    pub most_periods: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference<'a> {
    Code(&'a str),
    Id(&'a str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since<'a> {
    /// A day, as the argument has it.
    Day(&'a str),
    /// The days that a pace is computed from.
    Pace,
}

/// The object of a global id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    Nothing,
    Unit(UnitId),
    Period,
    /// With what [`Sizes::past_tally`] says.
    Tally(UnitId, u64),
    /// A tally of kept figures, with what [`Sizes::kept`] says.
    KeptTally(UnitId, u64),
    Closing(PeriodId),
    /// With what [`Sizes::past_tally`] says.
    Target(UnitId, u64),
    Initiative,
    Token,
    Rule(Judging),
    Assessment(Judging, PeriodId),
    Leaderboard(Board),
    /// The same of kept figures, with what [`Sizes::kept`] says.
    KeptLeaderboard(Board, u64),
    /// With its rows, and what [`Sizes::past_briefing`] says.
    Briefing(UnitId, u64, Past),
}

/// The work of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Judging {
    pub owner: UnitId,
    /// Units that it judges.
    pub units: u64,
    pub criteria: u64,
}

impl Judging {
    pub const fn time(self) -> u64 {
        let criteria = self.criteria.saturating_mul(rates::JUDGED_CRITERION);
        self.units.saturating_mul(criteria.saturating_add(rates::JUDGED_UNIT))
    }
}

/// The arguments of a leaderboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Board {
    pub within: UnitId,
    /// Whether it ranks units of all levels below.
    pub has_kinds: bool,
    /// Whether it ranks units of one cluster.
    pub has_cluster: bool,
    pub first: u64,
    /// The work to be done for the figures of earlier days.
    pub past: Past,
}

/// The work for figures of earlier days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Past {
    /// Changes that are added up.
    pub changes: u64,
    /// Units, and histories in units, that are counted.
    pub units: u64,
}

impl Past {
    pub const fn time(self) -> u64 {
        let changes = self.changes.saturating_mul(rates::EARLIER_CHANGE);
        changes.saturating_add(self.units.saturating_mul(rates::PAST_UNIT))
    }
}
