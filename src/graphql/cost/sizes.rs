//! The sizes of the data at one version, for the prices of operations.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;

use crate::board::Snapshot;
use crate::domain::text::normalise;
use crate::domain::{Day, Period, PeriodId, PeriodRef, Rule, UnitId, UnitRef, Version};
use crate::feed::cursor::Cursor;
use crate::graphql::request::price::{Board, Judging, Named, Past, Reference, Since, Sizes, Tree};
use crate::graphql::schema::briefing::BriefingKey;
use crate::graphql::schema::ids::GlobalId;
use crate::graphql::schema::leaderboard::LeaderboardKey;
use crate::limits::TREE_SIZES_OLD;

/// The sizes of all subtrees. They are computed again after the tree has changed, at most once in [`TREE_SIZES_OLD`].
#[derive(Debug, Default)]
pub struct TreeSizes(Mutex<Option<Known>>);

#[derive(Debug, Clone)]
struct Known {
    structure: Version,
    today: Day,
    at: Instant,
    subtrees: Arc<Subtrees>,
}

/// The sizes by number of the unit.
#[derive(Debug, Default)]
struct Subtrees {
    below: Vec<u32>,
    tree: Tree,
    /// Days of the longest period until today.
    longest_period: u64,
}

impl TreeSizes {
    fn of(&self, snapshot: &Snapshot) -> Arc<Subtrees> {
        let structure = snapshot.structure_changed().version;
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let units = snapshot.structure.unit_count();
        if let Some(known) = known.as_ref() {
            // A tree that doubles, as in tests and on the first day, is measured without waiting.
            let has_grown = u64::from(units) > known.subtrees.tree.units.saturating_mul(2);
            let is_recent = known.at.elapsed() < TREE_SIZES_OLD && !has_grown;
            let is_same = known.structure == structure && known.today == snapshot.today();
            if is_same || is_recent {
                return Arc::clone(&known.subtrees);
            }
        }
        let subtrees = Arc::new(Subtrees::of(snapshot));
        let now = Instant::now();
        let today = snapshot.today();
        *known = Some(Known { structure, today, at: now, subtrees: Arc::clone(&subtrees) });
        subtrees
    }
}

impl Subtrees {
    fn of(snapshot: &Snapshot) -> Self {
        let structure = &snapshot.structure;
        let count = usize::try_from(structure.unit_count()).unwrap_or(0) + 1;
        let mut below = vec![0u32; count];
        let mut depths = vec![0u32; count];
        let mut periods = vec![0u64; count];
        let mut tree = Tree::default();
        let units: Vec<UnitId> = structure.subtree(structure.root()).collect();
        for &unit in &units {
            let parent = structure.unit(unit).parent;
            let depth = parent.map_or(0, |parent| depths[parent.index()] + 1);
            depths[unit.index()] = depth;
            tree.deepest = tree.deepest.max(u64::from(depth));
            let above = parent.map_or(0, |parent| periods[parent.index()]);
            periods[unit.index()] = above + length(structure.periods_owned(unit).len());
            tree.most_periods = tree.most_periods.max(periods[unit.index()]);
            tree.widest = tree.widest.max(length(structure.children(unit).len()));
            tree.most_targets = tree.most_targets.max(length(structure.targets(unit).len()));
        }
        // Each unit comes after its parent, so from the end each sum is complete in its turn.
        for &unit in units.iter().rev() {
            if let Some(parent) = structure.unit(unit).parent {
                below[parent.index()] += below[unit.index()] + 1;
            }
        }
        tree.units = length(units.len());
        let days = structure.periods().map(|period| days_until(snapshot.today(), period));
        Self { below, tree, longest_period: days.max().unwrap_or(0) }
    }
}

fn days_until(today: Day, period: &Period) -> u64 {
    let days = period.ends_on.min(today).since(period.starts_on).saturating_add(1);
    u64::try_from(days).unwrap_or(0)
}

/// The sizes at a snapshot.
pub struct SnapshotSizes<'a> {
    snapshot: &'a Snapshot,
    subtrees: Arc<Subtrees>,
    fields_of_work: usize,
}

impl<'a> SnapshotSizes<'a> {
    pub fn new(snapshot: &'a Snapshot, tree: &TreeSizes, fields_of_work: usize) -> Self {
        Self { snapshot, subtrees: tree.of(snapshot), fields_of_work }
    }
}

fn length(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

impl Sizes for SnapshotSizes<'_> {
    fn root(&self) -> UnitId {
        self.snapshot.structure.root()
    }

    fn unit(&self, named: Reference<'_>) -> Option<UnitId> {
        let named = match named {
            Reference::Code(code) => UnitRef::Code(normalise(code)),
            Reference::Id(id) => match GlobalId::decode(id)? {
                GlobalId::Unit(unit) => UnitRef::Id(unit),
                _ => return None,
            },
        };
        self.snapshot.structure.resolve_unit(&named)
    }

    fn period(&self, named: Option<Reference<'_>>) -> Option<PeriodId> {
        let named = match named {
            None => return self.snapshot.default_period(),
            Some(Reference::Code(code)) => PeriodRef::Code(normalise(code)),
            Some(Reference::Id(id)) => match GlobalId::decode(id)? {
                GlobalId::Period(period) => PeriodRef::Id(period),
                _ => return None,
            },
        };
        self.snapshot.structure.resolve_period(&named)
    }

    fn named(&self, id: &str) -> Named {
        let structure = &self.snapshot.structure;
        let known = |unit: UnitId, named: Named| match structure.get(unit) {
            Some(_) => named,
            None => Named::Nothing,
        };
        match GlobalId::decode(id) {
            None => Named::Nothing,
            Some(GlobalId::Unit(unit)) => known(unit, Named::Unit(unit)),
            Some(GlobalId::Tally(unit, period, day)) => {
                let past = day.map_or(0, |day| self.day_end(Some(period), day));
                known(unit, Named::Tally(unit, past))
            }
            Some(GlobalId::KeptTally(unit, period, version)) => {
                known(unit, Named::KeptTally(unit, self.kept_at(period, version)))
            }
            Some(GlobalId::Closing(period, _)) => Named::Closing(period),
            Some(GlobalId::Target(key, day)) => {
                let past = day.map_or(0, |day| self.day_end(Some(key.period), day));
                known(key.unit, Named::Target(key.unit, past))
            }
            Some(GlobalId::Period(_)) => Named::Period,
            Some(GlobalId::Initiative(_)) => Named::Initiative,
            Some(GlobalId::Briefing(key)) => {
                let Ok(key) = serde_json::from_str::<BriefingKey>(&key) else {
                    return Named::Nothing;
                };
                let period = key.period.or_else(|| self.snapshot.default_period());
                let past = self.briefing(period, key.until, key.since);
                let first = u64::try_from(key.first).unwrap_or(0);
                known(key.unit, Named::Briefing(key.unit, first, past))
            }
            Some(GlobalId::Rule(code)) => {
                structure.rule(&code).map_or(Named::Nothing, |rule| Named::Rule(self.judging(rule)))
            }
            Some(GlobalId::Assessment(period, code)) => {
                let rule = structure.rule(&code);
                rule.map_or(Named::Nothing, |rule| Named::Assessment(self.judging(rule), period))
            }
            Some(GlobalId::Token(_)) => Named::Token,
            Some(GlobalId::Leaderboard(question)) => {
                let Ok(question) = serde_json::from_str::<LeaderboardKey>(&question) else {
                    return Named::Nothing;
                };
                let period = question.period.or_else(|| self.snapshot.default_period());
                let past = match question.as_of {
                    Some(day) => self.past(period, day, question.since),
                    None => Past {
                        changes: question.since.map_or(0, |since| self.changes(period, since)),
                        units: 0,
                    },
                };
                let board = Board {
                    within: question.within,
                    has_kinds: !question.kinds.is_empty(),
                    has_cluster: question.cluster.is_some(),
                    first: u64::try_from(question.first).unwrap_or(0),
                    past,
                };
                let named = match (question.closing, question.period) {
                    (Some(version), Some(period)) => {
                        Named::KeptLeaderboard(board, self.kept_at(period, version))
                    }
                    _ => Named::Leaderboard(board),
                };
                known(question.within, named)
            }
        }
    }

    fn parent(&self, unit: UnitId) -> Option<UnitId> {
        self.snapshot.structure.get(unit).and_then(|unit| unit.parent)
    }

    fn depth(&self, unit: UnitId) -> u64 {
        length(self.snapshot.structure.climb(unit).count()).saturating_sub(1)
    }

    fn children(&self, unit: UnitId) -> u64 {
        length(self.snapshot.structure.children(unit).len())
    }

    fn below(&self, unit: UnitId) -> u64 {
        let children = self.children(unit);
        // The children are known at any moment, the units below them after a while.
        self.subtrees.below.get(unit.index()).map_or(0, |&below| u64::from(below)).max(children)
    }

    fn targets(&self, unit: UnitId) -> u64 {
        length(self.snapshot.structure.targets(unit).len())
    }

    fn initiatives(&self, unit: UnitId) -> u64 {
        // An initiative counts in each period that covers it; the longest programme holds most of them.
        let periods = self.snapshot.structure.outermost_owned(self.root());
        let held = periods.map(|period| self.snapshot.cell(unit, period).submitted()).max();
        held.map_or(0, |held| u64::try_from(held).unwrap_or(0))
    }

    fn histories(&self) -> u64 {
        length(self.snapshot.history_count())
    }

    fn field_texts(&self) -> u64 {
        length(self.snapshot.field_text_count())
    }

    fn tree(&self) -> Tree {
        self.subtrees.tree
    }

    fn periods(&self) -> u64 {
        length(self.snapshot.structure.period_count())
    }

    fn periods_of(&self, unit: UnitId) -> u64 {
        let structure = &self.snapshot.structure;
        structure.climb(unit).map(|step| length(structure.periods_owned(step).len())).sum()
    }

    fn rule(&self, named: Reference<'_>) -> Option<Judging> {
        let code = match named {
            Reference::Code(code) => normalise(code),
            Reference::Id(id) => match GlobalId::decode(id)? {
                GlobalId::Rule(code) => code,
                _ => return None,
            },
        };
        self.snapshot.structure.rule(&code).map(|rule| self.judging(rule))
    }

    fn rules(&self, unit: UnitId) -> Vec<Judging> {
        let rules = self.snapshot.structure.rules_owned(unit).iter();
        rules.map(|rule| self.judging(rule)).collect()
    }

    fn confirmed(&self, period: Option<PeriodId>) -> Vec<Judging> {
        let confirmations = self.snapshot.confirmations();
        let Some(period) = period.or_else(|| confirmations.period_with_most()) else {
            return Vec::new();
        };
        let rules = confirmations.of(period);
        let rules = rules.iter().filter_map(|it| self.snapshot.structure.rule(&it.rule));
        rules.map(|rule| self.judging(rule)).collect()
    }

    fn rule_count(&self) -> u64 {
        length(self.snapshot.structure.rule_count())
    }

    fn days(&self, period: Option<PeriodId>) -> u64 {
        match period.and_then(|period| self.snapshot.structure.get_period(period)) {
            Some(period) => days_until(self.snapshot.today(), period),
            None => self.subtrees.longest_period,
        }
    }

    fn earlier_changes(&self, period: Option<PeriodId>, since: Since<'_>) -> u64 {
        let changes = |period: PeriodId| match since {
            Since::Day(day) => Day::parse(day).map_or(0, |day| self.changes(Some(period), day)),
            Since::Pace => self.changes(Some(period), self.snapshot.pace_since(period)),
        };
        match period {
            Some(period) => changes(period),
            None => length(self.snapshot.most_earlier_changes()),
        }
    }

    fn past_tally(&self, period: Option<PeriodId>, as_of: &str) -> u64 {
        Day::parse(as_of).map_or(0, |day| self.day_end(period, day))
    }

    fn past_briefing(
        &self,
        period: Option<PeriodId>,
        until: Option<&str>,
        since: Option<&str>,
    ) -> Past {
        let day = |text: Option<&str>| text.and_then(|day| Day::parse(day).ok());
        self.briefing(period, day(until), day(since))
    }

    fn past_board(&self, period: Option<PeriodId>, as_of: &str, since: Option<&str>) -> Past {
        let since = since.and_then(|day| Day::parse(day).ok());
        Day::parse(as_of).map_or(Past::default(), |day| self.past(period, day, since))
    }

    fn closings(&self, period: Option<PeriodId>) -> u64 {
        match period {
            Some(period) => length(self.snapshot.closings().of(period).len()),
            None => length(self.snapshot.closings().most()),
        }
    }

    fn kept(&self, period: Option<PeriodId>) -> u64 {
        let Some(period) = period else { return self.subtrees.tree.units };
        let versions = self.snapshot.closings().of(period).iter().map(|it| it.version());
        versions.map(|version| self.kept_at(period, version)).sum()
    }

    fn kept_for_assessments(&self, period: Option<PeriodId>) -> u64 {
        let Some(period) = period else { return self.subtrees.tree.units };
        let confirmed = self.snapshot.confirmations().of(period);
        let confirmed = confirmed.iter().map(|confirmation| confirmation.closing);
        let last = self.snapshot.last_closing(period).map(|closing| closing.version());
        let versions: BTreeSet<Version> = confirmed.chain(last).collect();
        versions.into_iter().map(|version| self.kept_at(period, version)).sum()
    }

    fn events(&self) -> u64 {
        u64::try_from(self.snapshot.version().0).unwrap_or(0)
    }

    fn events_until(&self, cursor: &str) -> u64 {
        Cursor::decode(cursor).map_or(0, |it| u64::try_from(it.version.0).unwrap_or(0))
    }

    fn fields_of_work(&self) -> u64 {
        length(self.fields_of_work)
    }
}

impl SnapshotSizes<'_> {
    /// The days of a briefing: its own, the one before, and those of paces. No day is counted more than once, so the
    /// tallies, boards and lists of one briefing share this.
    fn briefing(&self, period: Option<PeriodId>, until: Option<Day>, since: Option<Day>) -> Past {
        let today = self.snapshot.today();
        let until = until.unwrap_or(today).min(today);
        let since = since.unwrap_or(until.plus(-6));
        let board = self.past(period, until, Some(since));
        let before = self.day_end(period, since.plus(-1));
        let pace = self.day_end(period, until.plus(-8)).max(self.day_end(period, until.plus(-1)));
        let pace = if until < today { pace } else { 0 };
        let changes = self.changes(period, until.plus(-7)).saturating_mul(2);
        Past {
            changes: board.changes.saturating_add(changes),
            units: board.units.saturating_add(before).saturating_add(pace),
        }
    }

    /// Units of a closing's figures, which are about as many as there are now; 0 if the figures are at hand.
    fn kept_at(&self, period: PeriodId, version: Version) -> u64 {
        if self.snapshot.kept(period, version).is_some() {
            return 0;
        }
        let period = self.snapshot.structure.get_period(period);
        period.map_or(0, |period| self.below(period.owner).saturating_add(1))
    }

    fn judging(&self, rule: &Rule) -> Judging {
        let owner = rule.owner;
        let units = if rule.kinds.is_empty() { self.children(owner) } else { self.below(owner) };
        Judging { owner, units, criteria: length(rule.criteria.len()) }
    }

    /// The units, and histories in units, to count for the figures of a past day.
    fn day_end(&self, period: Option<PeriodId>, day: Day) -> u64 {
        let known = period.filter(|&it| self.snapshot.structure.get_period(it).is_some());
        match known {
            _ if day >= self.snapshot.today() => 0,
            Some(period) => length(self.snapshot.count_day_end(period, day)),
            None => length(self.snapshot.most_for_day_end()),
        }
    }

    /// The work for a board of a past day, its tallies included.
    fn past(&self, period: Option<PeriodId>, as_of: Day, since: Option<Day>) -> Past {
        let since = since.unwrap_or(as_of);
        let units = self.day_end(period, as_of);
        if since < self.snapshot.earliest_since() {
            let before = self.day_end(period, since.plus(-1));
            return Past { changes: 0, units: units.saturating_add(before) };
        }
        let changes = [since, as_of.plus(1)].map(|since| match period {
            Some(_) => self.changes(period, since),
            None => length(self.snapshot.most_earlier_changes()),
        });
        Past { changes: changes.into_iter().fold(0, u64::saturating_add), units }
    }

    fn changes(&self, period: Option<PeriodId>, since: Day) -> u64 {
        let known = period.filter(|&it| self.snapshot.structure.get_period(it).is_some());
        let count = known.map(|period| self.snapshot.count_earlier_changes(period, since));
        count.map_or(0, length)
    }
}
