//! The audit: the log against its own rules, and the facts against the log.

use std::collections::{HashMap, HashSet};
use std::fmt::Debug;

use super::count::{Facts, Recount, parts};
use super::states::{Change, State};
use super::verdict::{Difference, Sides, Verdict};
use crate::domain::event::{InitiativeChanged, InitiativeEventKind, UnitChanged};
use crate::domain::{
    Day, Event, EventBody, Period, PeriodId, Rule, Target, TargetKey, Timestamp, Unit, UnitId,
    Version,
};
use crate::store::WholeState;

const WHETHER_THERE: &str = "whether it is there";

/// Follows the log event by event, remembers its facts, and compares them with the tables.
#[derive(Debug, Default)]
pub struct Audit {
    pub verdict: Verdict,
    version: Version,
    at: Timestamp,
    day: Option<Day>,
    /// The last state of each thing by the log, when it changed, and whether the facts have it.
    units: HashMap<UnitId, LoggedState<Unit>>,
    periods: HashMap<PeriodId, LoggedState<Period>>,
    targets: HashMap<TargetKey, LoggedState<Target>>,
    rules: HashMap<String, LoggedState<Rule>>,
    /// The assessments that are confirmed, by period and rule.
    confirmed: HashSet<(PeriodId, String)>,
}

#[derive(Debug)]
struct LoggedState<T> {
    thing: T,
    changed: Change,
    is_fact: bool,
}

impl Audit {
    /// Takes the next event; `recount` holds all that came before it.
    pub fn event(&mut self, event: &Event, recount: &Recount) {
        let version = event.version;
        // Before its beginning a pruned log lacks some.
        if version > recount.begin || version <= self.version {
            self.rule(version, "the version", &version, &self.version.next());
        }
        if event.at < self.at {
            self.rule(version, "the time", &event.at.to_rfc3339(), &self.at.to_rfc3339());
        }
        self.version = version;
        self.at = self.at.max(event.at);
        let changed = (version, event.at);
        match &event.body {
            EventBody::Day(began) => {
                let expected = self.day.map_or_else(|| event.at.day(), |day| day.plus(1));
                self.rule(version, "the day that begins", &began.day, &expected);
                self.rule(version, "a day of the future", &(began.day > event.at.day()), &false);
                self.day = Some(began.day);
                return;
            }
            EventBody::Initiative(..) if version < recount.begin => {}
            EventBody::Initiative(kind, change) => self.initiative(version, *kind, change, recount),
            EventBody::Unit(_, change) => self.unit(version, changed, change),
            EventBody::Period(change) => {
                let (id, after) = (change.after.id, change.after.clone());
                let logged = LoggedState { thing: after, changed, is_fact: false };
                let before = self.periods.insert(id, logged).map(|logged| logged.thing);
                self.rule(version, "the period before", &change.before, &before);
                self.path(version, change.after.owner, &change.path);
            }
            EventBody::Rule(change) => {
                let (code, after) = (change.after.code.clone(), change.after.clone());
                let is_confirmed = self.confirmed.iter().any(|(_, confirmed)| *confirmed == code);
                self.rule(
                    version,
                    "whether an assessment by it is confirmed",
                    &is_confirmed,
                    &false,
                );
                self.rule(version, "the version of the rule", &after.version, &version);
                let logged = LoggedState { thing: after, changed, is_fact: false };
                let before = self.rules.insert(code, logged).map(|logged| logged.thing);
                self.rule(version, "the rule before", &change.before, &before);
                self.path(version, change.after.owner, &change.path);
            }
            EventBody::Targets(change) => {
                for target in &change.targets {
                    let Some(key) = target.after.as_ref().or(target.before.as_ref()) else {
                        self.rule(version, "a target that is neither set nor removed", &1, &0);
                        continue;
                    };
                    let key = key.key.clone();
                    let before = match target.after.clone() {
                        Some(thing) => self
                            .targets
                            .insert(key.clone(), LoggedState { thing, changed, is_fact: false }),
                        None => self.targets.remove(&key),
                    };
                    let before = before.map(|logged| logged.thing);
                    self.rule(version, "the target before", &target.before, &before);
                    self.path(version, key.unit, &target.path);
                }
            }
            EventBody::Assessment(change) => {
                let rule = self.rules.get(&change.rule).map(|logged| &logged.thing);
                let (is_there, owner) = (rule.is_some(), rule.map_or(UnitId(0), |rule| rule.owner));
                self.rule(version, "whether its rule is there", &is_there, &true);
                self.path(version, owner, &change.path);
                let key = (change.period, change.rule.clone());
                let was_confirmed = match &change.confirmed {
                    Some(_) => !self.confirmed.insert(key),
                    None => self.confirmed.remove(&key),
                };
                let is_taken_back = change.confirmed.is_none();
                self.rule(version, "whether it is confirmed", &was_confirmed, &is_taken_back);
            }
            EventBody::Finalized(_) => {}
        }
        let today = self.day;
        if let EventBody::Finalized(finalized) = &event.body {
            let period = self.periods.get(&finalized.period).map(|logged| &logged.thing);
            let (owner, last) = period.map_or_else(Default::default, |it| (it.owner, it.ends_on));
            self.rule(version, "whether its period runs", &(today <= Some(last)), &false);
            self.path(version, owner, &finalized.path);
        }
        self.rule(version, "the day", &Some(event.at.day()), &today);
    }

    fn initiative(
        &mut self,
        version: Version,
        kind: InitiativeEventKind,
        change: &InitiativeChanged,
        recount: &Recount,
    ) {
        let known = recount.histories.last(change.initiative);
        let before = change.before.as_ref().map(|it| (State::of(it), it.people.as_slice()));
        // In a pruned log the first event left tells what was before it.
        let is_unknown = recount.begin > Version::ZERO && known.is_none();
        if !is_unknown {
            self.rule(version, "the state before", &before, &known);
        }
        let is_first = kind == InitiativeEventKind::Submitted;
        let has_none = if is_unknown { before.is_none() } else { known.is_none() };
        self.rule(version, "whether it is the first", &is_first, &has_none);
        self.path(version, change.after.unit, &change.path);
        let left = before.map(|(before, _)| before.unit).filter(|&unit| unit != change.after.unit);
        let from_path = left.map(|unit| self.path_of(unit));
        self.rule(version, "the path that it left", &change.from_path, &from_path);
    }

    fn unit(&mut self, version: Version, changed: Change, change: &UnitChanged) {
        let id = change.after.id;
        let left = self.units.get(&id).map(|logged| (logged.thing.parent, self.path_of(id)));
        let logged = LoggedState { thing: change.after.clone(), changed, is_fact: false };
        let before = self.units.insert(id, logged).map(|logged| logged.thing);
        self.rule(version, "the unit before", &change.before, &before);
        let from_path =
            left.filter(|(parent, _)| *parent != change.after.parent).map(|(_, path)| path);
        self.rule(version, "the path that it left", &change.from_path, &from_path);
        self.path(version, id, &change.path);
    }

    fn path(&mut self, version: Version, unit: UnitId, logged: &Vec<UnitId>) {
        let path = self.path_of(unit);
        self.rule(version, "the path", logged, &path);
        let root = path.first().and_then(|root| self.units.get(root));
        let is_rooted = root.is_some_and(|root| root.thing.parent.is_none());
        self.rule(version, "whether it hangs on a root", &is_rooted, &true);
    }

    /// Root first, by the tree of the log so far.
    fn path_of(&self, unit: UnitId) -> Vec<UnitId> {
        let above = |id: &UnitId| self.units.get(id)?.thing.parent;
        let mut path: Vec<UnitId> =
            std::iter::successors(Some(unit), above).take(self.units.len().max(1)).collect();
        path.reverse();
        path
    }

    /// Tells of what an event says and ought not to.
    fn rule<T: PartialEq + Debug>(
        &mut self,
        version: Version,
        what: &'static str,
        found: &T,
        expected: &T,
    ) {
        let subject = || format!("event {version}");
        self.verdict.compare(Sides::LogAndRules, what, (found, expected), subject);
    }

    /// Holds the counter row against the last event.
    pub fn end_of_log(&mut self, version: Version, at: Timestamp) {
        let log = (self.version, self.at);
        let subject = || "the counter".to_owned();
        self.verdict.compare(Sides::FactsAndLog, "the last event", (&(version, at), &log), subject);
    }

    /// Holds the facts against what the log said; `recount` holds all of the log.
    pub fn facts(&mut self, facts: &Facts, recount: &Recount) {
        for (unit, version, at) in &facts.units {
            self.unit_fact(unit, (*version, *at));
        }
        for (period, version, at) in &facts.periods {
            self.period_fact(period, (*version, *at));
        }
        for (target, version) in &facts.targets {
            self.target_fact(target, *version);
        }
        for (rule, at) in &facts.rules {
            self.rule_fact(rule, (rule.version, *at));
        }
        let mut differing: Vec<&WholeState> = facts.differing.values().collect();
        differing.sort_unstable_by_key(|row| row.id);
        for row in differing {
            self.initiative_fact(row, recount);
        }
    }

    fn unit_fact(&mut self, unit: &Unit, changed: Change) {
        let subject = || format!("unit {}", unit.code);
        fact(&mut self.verdict, self.units.get_mut(&unit.id), unit, changed, subject);
    }

    fn period_fact(&mut self, period: &Period, changed: Change) {
        let subject = || format!("period {}", period.code);
        fact(&mut self.verdict, self.periods.get_mut(&period.id), period, changed, subject);
    }

    fn target_fact(&mut self, target: &Target, version: Version) {
        let subject = || format!("target {:?}", target.key);
        let changed = (version, target.set_at);
        fact(&mut self.verdict, self.targets.get_mut(&target.key), target, changed, subject);
    }

    fn rule_fact(&mut self, rule: &Rule, changed: Change) {
        let subject = || format!("rule {}", rule.code);
        fact(&mut self.verdict, self.rules.get_mut(&rule.code), rule, changed, subject);
    }

    fn initiative_fact(&mut self, row: &WholeState, recount: &Recount) {
        let sides = Sides::FactsAndLog;
        let id = row.id;
        let subject = || format!("initiative {id}");
        let (state, people, changed) = parts(row);
        let Some((logged, logged_people)) = recount.histories.last(id) else {
            // A pruned log tells nothing of what has not changed since.
            if changed.0 < recount.begin {
                return;
            }
            self.verdict.compare(sides, WHETHER_THERE, (&true, &false), subject);
            return;
        };
        let verdict = &mut self.verdict;
        verdict.compare(sides, "unit", (&state.unit, &logged.unit), subject);
        verdict.compare(sides, "status", (&state.status, &logged.status), subject);
        let both = (&state.submitted_at, &logged.submitted_at);
        verdict.compare(sides, "submittedAt", both, subject);
        verdict.compare(sides, "benefitVnd", (&state.benefit_vnd, &logged.benefit_vnd), subject);
        verdict.compare(sides, "people", (&people, &logged_people), subject);
        verdict.compare(sides, "kind", (&state.kind, &logged.kind), subject);
        let groups = (&state.author_group, &logged.author_group);
        verdict.compare(sides, "authorGroup", groups, subject);
        let reasons = (&state.rejection_reason, &logged.rejection_reason);
        verdict.compare(sides, "rejectionReason", reasons, subject);
        let what = "the digest of the field";
        verdict.compare(sides, what, (&state.field, &logged.field), subject);
        verdict.compare(sides, "featured", (&state.featured, &logged.featured), subject);
        let both = (&state.confidential, &logged.confidential);
        verdict.compare(sides, "confidential", both, subject);
        let logged = recount.histories.changed(id);
        verdict.compare(sides, "its last change", (&Some(changed), &logged), subject);
    }

    /// Looks for what the log tells of and the facts lack.
    pub fn finish(mut self, recount: &Recount) -> Verdict {
        let lost = |what: &dyn Debug| Difference {
            subject: format!("{what:?}"),
            what: WHETHER_THERE,
            found: "false".to_owned(),
            expected: "true".to_owned(),
            sides: Sides::FactsAndLog,
        };
        for id in self.units.iter().filter(|(_, logged)| !logged.is_fact).map(|(id, _)| id) {
            self.verdict.report(|| lost(id));
        }
        for id in self.periods.iter().filter(|(_, logged)| !logged.is_fact).map(|(id, _)| id) {
            self.verdict.report(|| lost(id));
        }
        for key in self.targets.iter().filter(|(_, logged)| !logged.is_fact).map(|(key, _)| key) {
            self.verdict.report(|| lost(key));
        }
        for code in self.rules.iter().filter(|(_, logged)| !logged.is_fact).map(|(code, _)| code) {
            self.verdict.report(|| lost(&format_args!("rule {code}")));
        }
        // Each fact was looked for in the log: as many on both sides means none is lost.
        let counts = (&recount.initiatives, &recount.histories_told);
        let subject = || "initiatives".to_owned();
        self.verdict.compare(Sides::FactsAndLog, "their number", counts, subject);
        self.verdict.version = self.version;
        self.verdict.initiatives = recount.initiatives;
        self.verdict.units = self.units.values().filter(|logged| !logged.thing.deleted).count();
        self.verdict.periods = self.periods.len();
        self.verdict
    }
}

fn fact<T: PartialEq + Debug>(
    verdict: &mut Verdict,
    logged: Option<&mut LoggedState<T>>,
    thing: &T,
    changed: Change,
    subject: impl FnOnce() -> String,
) {
    let logged = logged.map(|logged| {
        logged.is_fact = true;
        (&logged.thing, logged.changed)
    });
    let found = Some((thing, changed));
    verdict.compare(Sides::FactsAndLog, "the row", (&found, &logged), subject);
}
