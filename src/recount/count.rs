//! Facts and log of one version, ready to be counted.

use std::collections::{HashMap, HashSet};

use super::states::{Histories, ROOM_MAX, State, States, digest_of};
use crate::domain::period::Metric;
use crate::domain::{
    Day, Event, EventBody, InitiativeId, InitiativeStatus, Period, PersonId, Rule, Target,
    TargetKey, Timestamp, Unit, UnitId, Version,
};
use crate::limits::HISTORY_DAYS;
use crate::store::{Error, LogStart, ReadTx, WholeState};

/// One unit's numbers in one period, everything under it included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    pub submitted: i64,
    pub accepted: i64,
    pub pending: i64,
    pub returned: i64,
    pub rejected: i64,
    pub own: i64,
    pub participants: i64,
    pub grassroots_unions: i64,
    pub active_grassroots_unions: i64,
    pub benefit_vnd: i128,
    pub last_submitted_at: Option<Timestamp>,
}

/// The moment whose states are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsOf {
    Now,
    EndOf(Day),
}

/// The facts as they lie in the tables, each with its last change.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) units: Vec<(Unit, Version, Timestamp)>,
    pub(super) periods: Vec<(Period, Version, Timestamp)>,
    pub(super) targets: Vec<(Target, Version)>,
    pub(super) rules: Vec<(Rule, Timestamp)>,
    /// The digest of each initiative, in order of number: see [`digest_of`].
    pub(super) digests: Vec<(InitiativeId, u64)>,
    /// The initiatives that changed last before a pruned log begins.
    pub(super) early: Histories,
    /// Those of which the log tells something else: see [`Facts::read_differing`].
    pub(super) differing: HashMap<InitiativeId, WholeState>,
}

impl Facts {
    /// Reads all facts beside a log that begins at that version; `seen` is called with each initiative.
    ///
    /// # Errors
    /// When the database cannot be read, or a row in it cannot be understood.
    pub(super) async fn read(
        tx: &mut ReadTx,
        begin: Version,
        mut seen: impl FnMut(&WholeState),
    ) -> Result<Self, Error> {
        let (units, periods, targets) =
            (tx.units().await?, tx.periods().await?, tx.targets().await?);
        let rules = tx.rules().await?;
        let mut digests = Vec::with_capacity(tx.initiative_count().await?.min(ROOM_MAX));
        let mut early = Histories::default();
        tx.whole_states(|row| {
            seen(&row);
            let (state, people, changed) = parts(&row);
            digests.push((row.id, digest_of(&state, people, changed)));
            if row.version < begin {
                early.begin(row.id, (state, people), changed);
            }
            Ok(())
        })
        .await?;
        let differing = HashMap::new();
        Ok(Self { units, periods, targets, rules, digests, early, differing })
    }

    /// Reads those initiatives once more of which the log tells something else, or nothing.
    ///
    /// # Errors
    /// When the database cannot be read, or a row in it cannot be understood.
    pub(super) async fn read_differing(
        &mut self,
        tx: &mut ReadTx,
        histories: &Histories,
    ) -> Result<(), Error> {
        let differs = |&&(id, digest): &&(InitiativeId, u64)| {
            let early = || self.early.digest(id);
            histories.digest(id).or_else(early) != Some(digest)
        };
        let differing: HashSet<InitiativeId> =
            self.digests.iter().filter(differs).map(|&(id, _)| id).collect();
        if differing.is_empty() {
            return Ok(());
        }
        tx.whole_states(|row| {
            if differing.contains(&row.id) {
                self.differing.insert(row.id, row);
            }
            Ok(())
        })
        .await
    }
}

/// An initiative as it is compared.
pub(super) fn parts(row: &WholeState) -> (State, &[PersonId], (Version, Timestamp)) {
    (State::of(&row.state), &row.state.people, (row.version, row.updated_at))
}

/// The facts and the log of the description above.
#[derive(Debug, Default)]
pub struct Recount {
    /// Whether histories are kept beyond the days that `verify` judges.
    keeps_all: bool,
    pub(super) today: Day,
    /// Before it the log lacks events of initiatives; version 0 if it was never pruned.
    pub(super) begin: Version,
    /// The units by number.
    pub(super) units: Vec<Option<Unit>>,
    pub(super) periods: Vec<Period>,
    pub(super) goals: HashMap<TargetKey, i32>,
    pub(super) rules: Vec<Rule>,
    /// The histories by the log, while it is being read.
    pub(super) histories: Histories,
    /// Then all states, those by the facts among them.
    pub(super) states: States,
    /// The initiatives by the facts, and those by the log.
    pub(super) initiatives: usize,
    pub(super) histories_told: usize,
}

impl Recount {
    /// Reads everything as of the version that the transaction sees.
    ///
    /// # Errors
    /// When the database cannot be read, or a row in it cannot be understood.
    pub async fn read(tx: &mut ReadTx) -> Result<Self, Error> {
        let begin = tx.log_start().await?;
        let mut recount = Self { keeps_all: true, ..Self::beginning_at(begin) };
        tx.all_events(|event| {
            recount.take_event(&event);
            Ok(())
        })
        .await?;
        let mut facts = Facts::read(tx, recount.begin, |_| {}).await?;
        facts.read_differing(tx, &recount.histories).await?;
        recount.take_facts(facts);
        Ok(recount)
    }

    /// A recount of a log that was pruned up to there.
    pub(super) fn beginning_at(start: Option<LogStart>) -> Self {
        let begin = start.map_or(Version::ZERO, |start| start.version);
        Self { begin, ..Self::default() }
    }

    /// The day that began last by the log.
    pub const fn today(&self) -> Day {
        self.today
    }

    /// Every unit, in order of number.
    pub fn units(&self) -> impl Iterator<Item = &Unit> {
        self.units.iter().flatten()
    }

    /// Every period, in order of number.
    pub fn periods(&self) -> &[Period] {
        &self.periods
    }

    /// The number of initiatives, withdrawn ones included.
    pub fn initiative_count(&self) -> usize {
        self.initiatives
    }

    pub(super) fn take_event(&mut self, event: &Event) {
        match &event.body {
            EventBody::Day(began) => self.today = began.day,
            // A rest from before the beginning tells nothing without the rest.
            EventBody::Initiative(..) if event.version < self.begin => {}
            EventBody::Initiative(_, change) => {
                let (id, changed) = (change.initiative, (event.version, event.at));
                // In a pruned log it had a state when that began.
                if let Some(before) = &change.before
                    && self.histories.last(id).is_none()
                {
                    self.histories.begin(id, (State::of(before), &before.people), changed);
                }
                let day = change.counted_from.unwrap_or_else(|| event.at.day());
                let after = (State::of(&change.after), change.after.people.as_slice());
                self.histories.turn(id, after, day, changed);
            }
            EventBody::Unit(..)
            | EventBody::Period(_)
            | EventBody::Targets(_)
            | EventBody::Rule(_)
            | EventBody::Finalized(_)
            | EventBody::Assessment(_) => {}
        }
    }

    pub(super) fn take_facts(&mut self, facts: Facts) {
        for (unit, ..) in facts.units.into_iter().filter(|(unit, ..)| !unit.deleted) {
            let place = unit.id.index();
            if self.units.len() <= place {
                self.units.resize(place + 1, None);
            }
            self.units[place] = Some(unit);
        }
        self.periods.extend(facts.periods.into_iter().map(|(period, ..)| period));
        self.goals.extend(facts.targets.into_iter().map(|(target, _)| (target.key, target.goal)));
        self.rules.extend(facts.rules.into_iter().map(|(rule, _)| rule));
        let mut histories = std::mem::take(&mut self.histories);
        // Those that have not changed since a pruned log begins.
        histories.absorb(&facts.early);
        self.initiatives = facts.digests.len();
        self.histories_told = histories.count();
        for (id, _) in facts.digests {
            match facts.differing.get(&id).map(parts) {
                None => histories.confirm(id),
                Some((state, people, _)) => histories.add_present(state, people),
            }
        }
        let reach = if self.keeps_all { Day(i32::MIN) } else { self.today.plus(-HISTORY_DAYS - 1) };
        self.states = histories.into_states(reach);
    }

    pub(super) fn unit(&self, id: UnitId) -> Option<&Unit> {
        self.units.get(id.index())?.as_ref()
    }

    /// The unit, its parent and so on up to the root.
    pub(super) fn climb(&self, unit: UnitId) -> impl Iterator<Item = UnitId> {
        let above = |&id: &UnitId| self.unit(id)?.parent;
        std::iter::successors(Some(unit), above).take(self.units.len())
    }
}

impl Tally {
    pub(super) fn count(&mut self, state: &State) {
        self.submitted += 1;
        match state.status {
            InitiativeStatus::Accepted => {
                self.accepted += 1;
                self.benefit_vnd += i128::from(state.benefit_vnd.unwrap_or(0));
            }
            InitiativeStatus::Pending => self.pending += 1,
            InitiativeStatus::Returned => self.returned += 1,
            InitiativeStatus::Rejected => self.rejected += 1,
            InitiativeStatus::Withdrawn => {}
        }
        self.last_submitted_at = self.last_submitted_at.max(Some(state.submitted_at));
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.submitted += other.submitted;
        self.accepted += other.accepted;
        self.pending += other.pending;
        self.returned += other.returned;
        self.rejected += other.rejected;
        self.own += other.own;
        self.participants += other.participants;
        self.grassroots_unions += other.grassroots_unions;
        self.active_grassroots_unions += other.active_grassroots_unions;
        self.benefit_vnd += other.benefit_vnd;
        self.last_submitted_at = self.last_submitted_at.max(other.last_submitted_at);
    }

    /// The number that a target of the metric is about.
    pub const fn metric(&self, metric: Metric) -> i64 {
        match metric {
            Metric::Submitted => self.submitted,
            Metric::Accepted => self.accepted,
            Metric::Participants => self.participants,
        }
    }
}
