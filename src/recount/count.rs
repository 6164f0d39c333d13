//! Facts and log of one version, ready to be counted.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::domain::initiative::{AuthorGroup, InitiativeKind, InitiativeState, RejectionReason};
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

/// Before every day.
const ALWAYS: Day = Day(i32::MIN);

/// The moment whose states are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsOf {
    Now,
    EndOf(Day),
}

/// The counted part of an initiative's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct State {
    pub(super) unit: UnitId,
    pub(super) status: InitiativeStatus,
    pub(super) submitted_at: Timestamp,
    pub(super) benefit_vnd: Option<i64>,
    pub(super) people: Box<[PersonId]>,
    pub(super) kind: InitiativeKind,
    pub(super) author_group: Option<AuthorGroup>,
    pub(super) rejection_reason: Option<RejectionReason>,
    /// The digest of the field of work.
    pub(super) field: u64,
    /// The digest of everything that is not counted: two states differ if their digests differ.
    pub(super) rest: u64,
}

/// The states of an initiative by the log, as far back as they can be asked for, each with the day from which it held.
/// Never empty.
#[derive(Debug)]
pub(super) struct History {
    states: Vec<(Day, State)>,
    pub(super) version: Version,
    pub(super) at: Timestamp,
}

/// The facts as they lie in the tables, each with its last change.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) units: Vec<(Unit, Version, Timestamp)>,
    pub(super) periods: Vec<(Period, Version, Timestamp)>,
    pub(super) targets: Vec<(Target, Version)>,
    pub(super) rules: Vec<(Rule, Timestamp)>,
    pub(super) present: Vec<State>,
    /// The number and the last change of the initiative at the same place of `present`.
    pub(super) changes: Vec<(InitiativeId, (Version, Timestamp))>,
}

impl Facts {
    /// Reads all facts; `seen` is called with each initiative.
    ///
    /// # Errors
    /// When the database cannot be read, or a row in it cannot be understood.
    pub(super) async fn read(
        tx: &mut ReadTx,
        mut seen: impl FnMut(&WholeState),
    ) -> Result<Self, Error> {
        let (units, periods, targets) =
            (tx.units().await?, tx.periods().await?, tx.targets().await?);
        let rules = tx.rules().await?;
        let count = tx.initiative_count().await?;
        let (mut present, mut changes) = (Vec::with_capacity(count), Vec::with_capacity(count));
        tx.whole_states(|row| {
            seen(&row);
            present.push(State::of(&row.state));
            changes.push((row.id, (row.version, row.updated_at)));
            Ok(())
        })
        .await?;
        Ok(Self { units, periods, targets, rules, present, changes })
    }
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
    /// The states by the facts, sorted by unit and moment of submission, as they are looked through again and again.
    pub(super) present: Vec<State>,
    /// The histories by the log.
    pub(super) histories: HashMap<InitiativeId, History>,
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
        let facts = Facts::read(tx, |_| {}).await?;
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
        self.present.len()
    }

    pub(super) fn take_event(&mut self, event: &Event) {
        match &event.body {
            EventBody::Day(began) => self.today = began.day,
            // A rest from before the beginning tells nothing without the rest.
            EventBody::Initiative(..) if event.version < self.begin => {}
            EventBody::Initiative(_, change) => {
                let day = change.counted_from.unwrap_or_else(|| event.at.day());
                let state = (day, State::of(&change.after));
                let history = match self.histories.entry(change.initiative) {
                    Entry::Vacant(place) => {
                        // In a pruned log it had a state when that began.
                        let earlier = change.before.as_ref().map(|it| (ALWAYS, State::of(it)));
                        let states = earlier.into_iter().chain([state]).collect();
                        place.insert(History { states, version: event.version, at: event.at });
                        return;
                    }
                    Entry::Occupied(place) => place.into_mut(),
                };
                history.version = event.version;
                history.at = event.at;
                // Most have one or two: room for four would be a good part of all memory.
                history.states.reserve_exact(1);
                history.states.push(state);
                if self.keeps_all {
                    return;
                }
                // Only the last state of those that ended before the oldest day that is judged is needed.
                let reach = self.today.plus(-HISTORY_DAYS - 1);
                while history.states.len() > 1 && history.states[1].0 <= reach {
                    history.states.remove(0);
                }
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
        // Those that have not changed since a pruned log begins.
        for ((id, (version, at)), state) in facts.changes.iter().zip(&facts.present) {
            if *version < self.begin {
                let states = vec![(ALWAYS, state.clone())];
                let history = History { states, version: *version, at: *at };
                self.histories.entry(*id).or_insert(history);
            }
        }
        self.present = facts.present;
        self.present.sort_unstable_by_key(|state| (state.unit, state.submitted_at));
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

impl State {
    pub(super) fn of(state: &InitiativeState) -> Self {
        let mut rest = DefaultHasher::new();
        (state.featured, state.confidential).hash(&mut rest);
        Self {
            unit: state.unit,
            status: state.status,
            submitted_at: state.submitted_at,
            benefit_vnd: state.benefit_vnd,
            people: state.people.as_slice().into(),
            kind: state.kind,
            author_group: state.author_group,
            rejection_reason: state.rejection_reason,
            field: digest(state.field.as_deref()),
            rest: rest.finish(),
        }
    }
}

impl History {
    pub(super) fn states(&self) -> impl Iterator<Item = &State> {
        self.states.iter().map(|(_, state)| state)
    }

    /// The state at the end of the day; `None` before the first.
    pub(super) fn as_of(&self, day: Day) -> Option<&State> {
        self.states.iter().rfind(|(from, _)| *from <= day).map(|(_, state)| state)
    }

    pub(super) fn last(&self) -> &State {
        let (_, state) = self.states.last().expect("a history begins with a state");
        state
    }
}

/// Stands for a field's text.
pub(super) fn digest(field: Option<&str>) -> u64 {
    let mut digest = DefaultHasher::new();
    field.hash(&mut digest);
    digest.finish()
}
