//! Random histories: whatever happens in whatever order, the board says what a recount says.
//!
//! A failure prints its seed and the last steps; `SANGKIEN_MODEL_SEED` runs that seed alone,
//! `SANGKIEN_MODEL_RUNS` more of them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use sangkien::board::names::sort_key;
use sangkien::board::{
    BoardKey, Direction, ListingKey, OrderBy, RankBy, Snapshot, UnitFilter, UnitOrder, UnitScope,
};
use sangkien::domain::clock::Clock as _;
use sangkien::domain::command::{
    CloseUnit, Feature, Goal, MoveUnit, NewAuthor, ReopenUnit, Review, ReviewDecision, Revise,
    SetTargets, Submit, Transfer, UnitGoal, UpsertPeriod, UpsertUnit, Withdraw,
};
use sangkien::domain::event::{InitiativeEventKind, UnitEventKind};
use sangkien::domain::initiative::{AuthorGroup, InitiativeKind, RejectionReason};
use sangkien::domain::period::{Metric, PeriodKind};
use sangkien::domain::refusal::RefusalCode;
use sangkien::domain::target::TargetOrigin;
use sangkien::domain::unit::UnitKind;
use sangkien::domain::{
    Actor, Command, Day, Event, EventBody, InitiativeId, InitiativeStatus, Outcome, Patch, Period,
    PeriodId, PeriodRef, Timestamp, Unit, UnitId, UnitRef, Version,
};
use sangkien::limits::HISTORY_DAYS;
use sangkien::recount::{AsOf, Recount, Verdict};
use sangkien::store::Store;
use sangkien::writer::{Failure, Reply, Writer};
use tokio::task::JoinSet;

use crate::answers::Questions;
use crate::changed;
use crate::writer_node::{Backend, WriterNode};

const SMALL_STEPS: usize = 90;
const SMALL_RUNS: u64 = 10;
const LARGE_RUNS: u64 = 1;
const SENDERS: usize = 12;
const COMMANDS_EACH: usize = 120;
const LARGE_UNITS: usize = 250;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn small_worlds_on_sqlite() {
    small_worlds(Backend::Sqlite, 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn small_worlds_on_postgres() {
    small_worlds(Backend::Postgres, 1_000_000).await;
}

async fn small_worlds(backend: Backend, base: u64) {
    let seeds = seeds(SMALL_RUNS);
    let (runs, mut turned) = (seeds.len(), 0);
    for seed in seeds {
        match in_time(small(backend, base + seed)).await {
            Some(times) => turned += times,
            None => return,
        }
    }
    // One seed alone may have none.
    assert!(turned > 0 || runs == 1, "no midnight made another period the default one");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_worlds_on_sqlite() {
    for seed in seeds(LARGE_RUNS) {
        in_time(large(Backend::Sqlite, seed + 2_000_000)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_worlds_on_postgres() {
    for seed in seeds(LARGE_RUNS) {
        in_time(large(Backend::Postgres, seed + 3_000_000)).await;
    }
}

fn seeds(runs: u64) -> Vec<u64> {
    let number = |name| std::env::var(name).ok().map(|text| text.parse::<u64>().expect(name));
    if let Some(seed) = number("SANGKIEN_MODEL_SEED") {
        return vec![seed % 1_000_000];
    }
    (1..=runs * number("SANGKIEN_MODEL_RUNS").unwrap_or(1)).collect()
}

/// One node takes a second or two; one that never ends is a failure too.
async fn in_time<T>(node: impl Future<Output = T>) -> T {
    let limit = std::time::Duration::from_secs(120);
    tokio::time::timeout(limit, node).await.expect("the node ends")
}

/// Tells what led to a failure.
struct Trace {
    seed: u64,
    steps: Vec<String>,
    /// Dropped before that, by a panic or because it took too long, it speaks.
    is_over: bool,
}

impl Trace {
    fn step(&mut self, step: impl std::fmt::Debug) {
        self.steps.push(format!("{step:?}"));
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        if !self.is_over {
            let first = self.steps.len().saturating_sub(12);
            for (number, step) in self.steps.iter().enumerate().skip(first) {
                eprintln!("step {number}: {step}");
            }
            eprintln!("SANGKIEN_MODEL_SEED={}", self.seed);
        }
    }
}

// What is asked for.

/// Draws commands that fit the state that it is shown, more or less.
pub struct Draw {
    pub rng: fastrand::Rng,
    /// Makes keys and codes its own.
    name: String,
    count: u32,
    most_units: u32,
    submitted: Vec<Submit>,
    /// Asked before.
    listings: Vec<ListingKey>,
}

impl Draw {
    pub fn new(seed: u64, name: &str, most_units: u32) -> Self {
        let rng = fastrand::Rng::with_seed(seed);
        Self {
            rng,
            name: name.to_owned(),
            count: 0,
            most_units,
            submitted: Vec::new(),
            listings: Vec::new(),
        }
    }

    fn one_in(&mut self, odds: u32) -> bool {
        self.rng.u32(0..odds) == 0
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.rng.usize(0..from.len())]
    }

    fn maybe<T>(&mut self, value: T) -> Option<T> {
        self.rng.bool().then_some(value)
    }

    fn fresh(&mut self) -> String {
        self.count += 1;
        format!("{}-{}", self.name, self.count)
    }

    fn unit(&mut self, board: &Snapshot) -> Arc<Unit> {
        let id = UnitId(self.rng.u32(1..=board.registry.unit_count()));
        Arc::clone(board.registry.unit(id))
    }

    fn unit_ref(&mut self, board: &Snapshot) -> UnitRef {
        if self.one_in(60) {
            return UnitRef::Code("nowhere".to_owned());
        }
        let unit = self.unit(board);
        if self.rng.bool() { UnitRef::Id(unit.id) } else { UnitRef::Code(unit.code.clone()) }
    }

    fn period(&mut self, board: &Snapshot) -> Arc<Period> {
        let all: Vec<_> = board.registry.periods().collect();
        Arc::clone(all[self.rng.usize(0..all.len())])
    }

    fn period_ref(&mut self, board: &Snapshot) -> PeriodRef {
        let period = self.period(board);
        if self.rng.bool() {
            PeriodRef::Id(period.id)
        } else {
            PeriodRef::Code(period.code.clone())
        }
    }

    fn day(&mut self, board: &Snapshot, before: i32, after: i32) -> Day {
        board.today().plus(self.rng.i32(-before..=after))
    }

    /// Any of those there, rather the newer ones.
    fn initiative(&mut self, newest: i64) -> InitiativeId {
        let last = newest.max(1);
        let first = if self.rng.bool() { (last - 6).max(1) } else { 1 };
        InitiativeId(self.rng.i64(first..=last))
    }

    pub fn command(&mut self, board: &Snapshot, newest: i64) -> Command {
        match self.rng.u32(0..100) {
            0..28 => self.submit(board),
            28..46 => self.review(newest),
            46..53 => self.revise(board, newest),
            53..59 => Command::Withdraw(Withdraw {
                id: self.initiative(newest),
                reason: self.maybe("nhầm".to_owned()),
                expected_version: None,
            }),
            59..66 => Command::Transfer(Transfer {
                id: self.initiative(newest),
                unit: self.unit_ref(board),
                reason: None,
                expected_version: None,
            }),
            66..69 => {
                Command::Feature(Feature { id: self.initiative(newest), featured: self.rng.bool() })
            }
            69..75 => self.set_targets(board),
            75..82 => self.upsert_unit(board),
            82..87 => Command::MoveUnit(MoveUnit {
                unit: self.unit_ref(board),
                new_parent: self.unit_ref(board),
            }),
            87..90 => {
                let on = self.day(board, 5, 1);
                Command::CloseUnit(CloseUnit { unit: self.unit_ref(board), on: self.maybe(on) })
            }
            90..94 => Command::ReopenUnit(ReopenUnit { unit: self.unit_ref(board) }),
            _ => self.upsert_period(board),
        }
    }

    fn submit(&mut self, board: &Snapshot) -> Command {
        if !self.submitted.is_empty() && self.one_in(8) {
            let mut again = self.submitted[self.rng.usize(0..self.submitted.len())].clone();
            if self.one_in(3) {
                again.title.push_str(" khác");
            }
            return Command::Submit(again);
        }
        let kind = self.pick(InitiativeKind::ALL);
        let applied_on = self.day(board, 30, 0);
        let submit = Submit {
            key: self.fresh(),
            unit: self.unit_ref(board),
            title: "Sáng kiến".to_owned(),
            summary: None,
            kind,
            field: self.maybe("cơ khí".to_owned()),
            team: None,
            authors: self.authors(),
            applied_on: self.maybe(applied_on),
            recognised_by: None,
            confidential: self.rng.bool(),
            benefit_vnd: self.benefit(),
        };
        self.submitted.push(submit.clone());
        Command::Submit(submit)
    }

    fn benefit(&mut self) -> Option<i64> {
        let benefit = self.rng.i64(0..9_000_000_000);
        self.maybe(benefit)
    }

    /// Few people, so that they meet again.
    fn authors(&mut self) -> Vec<NewAuthor> {
        (0..self.rng.usize(1..4))
            .map(|_| NewAuthor {
                name: format!("Người {}", self.rng.u32(0..3)),
                person_code: self.maybe(format!("m{}", self.count % 3)),
                group: Some(self.pick(AuthorGroup::ALL)).filter(|_| self.rng.bool()),
                contact: None,
            })
            .collect()
    }

    fn review(&mut self, newest: i64) -> Command {
        let decision = self.pick(ReviewDecision::ALL);
        let reason = (decision == ReviewDecision::Reject && self.rng.bool())
            .then(|| self.pick(RejectionReason::ALL));
        Command::Review(Review {
            id: self.initiative(newest),
            decision,
            reason,
            note: self.maybe("xem lại".to_owned()),
            expected_version: self.one_in(12).then_some(Version(3)),
        })
    }

    fn revise(&mut self, board: &Snapshot, newest: i64) -> Command {
        let mut revise = Revise::of(self.initiative(newest));
        if self.rng.bool() {
            revise.authors = Patch::Set(self.authors());
        }
        if self.rng.bool() {
            revise.benefit_vnd = self.benefit().map_or(Patch::Clear, Patch::Set);
        }
        if self.one_in(3) {
            revise.kind = Patch::Set(self.pick(InitiativeKind::ALL));
            revise.applied_on = Patch::Set(self.day(board, 30, 0));
        }
        Command::Revise(Box::new(revise))
    }

    fn set_targets(&mut self, board: &Snapshot) -> Command {
        let goals = (0..self.rng.usize(1..5)).map(|_| {
            let goal = match self.rng.u32(0..5) {
                0 => None,
                1 => Some(Goal::PercentOfMembers { from: 30.0, to: Some(50.0) }),
                2 => Some(Goal::Count(0)),
                _ => Some(Goal::Count(self.rng.i32(1..7))),
            };
            UnitGoal { unit: self.unit_ref(board), goal }
        });
        let goals = goals.collect();
        Command::SetTargets(SetTargets {
            period: self.period_ref(board),
            metric: Some(self.pick(Metric::ALL)).filter(|_| self.one_in(3)),
            origin: if self.one_in(5) { TargetOrigin::Pledged } else { TargetOrigin::Assigned },
            document_number: None,
            goals,
        })
    }

    fn unit_kind(&mut self) -> UnitKind {
        if self.rng.bool() { UnitKind::GrassrootsUnion } else { self.pick(UnitKind::ALL) }
    }

    fn new_unit(&mut self, parent: UnitRef) -> UpsertUnit {
        UpsertUnit {
            code: self.fresh(),
            name: Patch::Set("Công đoàn".to_owned()),
            kind: Patch::Set(self.unit_kind()),
            parent: Patch::Set(parent),
            cluster: self.cluster(),
            member_count: self.member_count(),
            ..UpsertUnit::default()
        }
    }

    fn upsert_unit(&mut self, board: &Snapshot) -> Command {
        let parent = self.unit_ref(board);
        if board.registry.unit_count() < self.most_units && self.rng.bool() {
            return Command::UpsertUnit(self.new_unit(parent));
        }
        let mut upsert = UpsertUnit { code: self.unit(board).code.clone(), ..Default::default() };
        match self.rng.u32(0..4) {
            0 => upsert.name = Patch::Set(format!("Tên {}", self.rng.u32(0..5))),
            1 => upsert.kind = Patch::Set(self.unit_kind()),
            2 => upsert.parent = Patch::Set(parent),
            _ => {
                upsert.cluster = self.cluster();
                upsert.member_count = self.member_count();
            }
        }
        Command::UpsertUnit(upsert)
    }

    fn cluster(&mut self) -> Patch<String> {
        match self.rng.u32(0..4) {
            0 => Patch::Keep,
            1 => Patch::Clear,
            _ => Patch::Set(self.pick(&["A", "B"]).to_owned()),
        }
    }

    fn member_count(&mut self) -> Patch<i32> {
        match self.rng.u32(0..4) {
            0 => Patch::Keep,
            1 => Patch::Clear,
            _ => Patch::Set(self.rng.i32(0..12)),
        }
    }

    fn upsert_period(&mut self, board: &Snapshot) -> Command {
        let starts_on = self.day(board, 40, 8);
        let ends_on = starts_on.plus(self.rng.i32(0..60));
        let (kind, metric) = (self.pick(PeriodKind::ALL), self.pick(Metric::ALL));
        let mut upsert = UpsertPeriod { metric: Patch::Set(metric), ..Default::default() };
        if self.one_in(3) || board.registry.periods().count() < 3 {
            upsert.code = format!("p{}", self.rng.u32(0..8));
            upsert.name = Patch::Set("Kỳ".to_owned());
            upsert.kind = Patch::Set(kind);
            upsert.starts_on = Patch::Set(starts_on);
            upsert.ends_on = Patch::Set(ends_on);
            upsert.owner = Patch::Set(self.unit_ref(board));
        } else {
            let period = self.period(board);
            upsert.code.clone_from(&period.code);
            match self.rng.u32(0..5) {
                0 => {
                    upsert.starts_on = Patch::Set(starts_on);
                    upsert.ends_on = Patch::Set(ends_on);
                }
                1 => upsert.owner = Patch::Set(self.unit_ref(board)),
                2 => upsert.starts_on = Patch::Set(period.starts_on.plus(self.rng.i32(-3..=3))),
                3 => upsert.ends_on = Patch::Set(period.ends_on.plus(self.rng.i32(-3..=9))),
                _ => upsert.kind = Patch::Set(kind),
            }
        }
        if self.one_in(4) {
            upsert.parent = Patch::Set(self.period_ref(board));
        }
        if self.one_in(6) {
            upsert.applied_from = Patch::Set(self.day(board, 30, 0));
        } else if self.rng.bool() {
            upsert.applied_from = Patch::Clear;
        }
        Command::UpsertPeriod(upsert)
    }

    fn board_key(&mut self, board: &Snapshot) -> BoardKey {
        let period = self.period(board).id;
        let mut kinds = Vec::new();
        if self.one_in(3) {
            kinds = vec![UnitKind::GrassrootsUnion, self.pick(UnitKind::ALL)];
        }
        let cluster = (kinds.is_empty() && self.one_in(3)).then(|| "A".to_owned());
        let within = self.unit(board).id;
        let rank_by = self.pick(RankBy::ALL);
        BoardKey { within, kinds, cluster, period, rank_by, since: self.since(board) }
    }

    /// Often one that was asked before: its answer may be kept, and must not be old.
    fn listing_key(&mut self, board: &Snapshot) -> ListingKey {
        if self.listings.len() > 6 && !self.one_in(4) {
            return self.listings[self.rng.usize(0..self.listings.len())].clone();
        }
        let key = self.new_listing_key(board);
        self.listings.truncate(11);
        self.listings.insert(0, key.clone());
        key
    }

    fn new_listing_key(&mut self, board: &Snapshot) -> ListingKey {
        let unit = self.unit(board).id;
        let within = self.unit(board).id;
        let by = self.pick(&[
            OrderBy::Name,
            OrderBy::Code,
            OrderBy::Submitted,
            OrderBy::Accepted,
            OrderBy::MemberCount,
        ]);
        ListingKey {
            scope: self.pick(&[
                UnitScope::Everything,
                UnitScope::Children(unit),
                UnitScope::Descendants(unit),
            ]),
            filter: UnitFilter {
                within: self.one_in(4).then_some(within),
                kinds: Vec::from_iter(self.one_in(4).then_some(UnitKind::GrassrootsUnion)),
                cluster: self.one_in(4).then(|| "A".to_owned()),
                closed: self.one_in(4).then_some(false),
                not_started: self.one_in(4).then_some(true),
                ..UnitFilter::default()
            },
            order: UnitOrder {
                by,
                direction: self.pick(&[Direction::Ascending, Direction::Descending]),
            },
            period: Some(self.period(board).id),
        }
    }

    /// Rather the edges of what may be asked, and often the same.
    fn since(&mut self, board: &Snapshot) -> Day {
        match self.rng.u32(0..6) {
            0 => self.day(board, HISTORY_DAYS, 0),
            1 => board.today(),
            2 => board.today().plus(-1),
            3 => board.today().plus(1 - HISTORY_DAYS),
            4 => board.today().plus(-HISTORY_DAYS),
            _ => board.today().plus(-7),
        }
    }

    /// Hours, a few days, or beyond the reach of history.
    fn time_passing_ms(&mut self) -> i64 {
        const HOUR: i64 = 3_600_000;
        match self.rng.u32(0..20) {
            0 => self.rng.i64(30..36) * 24 * HOUR,
            1 => -self.rng.i64(1..30) * HOUR,
            2..7 => self.rng.i64(24..24 * 9) * HOUR,
            _ => self.rng.i64(1..20 * HOUR),
        }
    }
}

// What must come of it.

/// Every tally, the earlier standings and some rankings against a recount.
fn judge(recount: &Recount, board: &Snapshot, draw: &mut Draw) {
    let mut verdict = Verdict::default();
    recount.judge(board, &mut verdict);
    let period = draw.period(board);
    let since = draw.since(board);
    recount.judge_earlier(board, &period, since, &mut verdict);
    assert!(verdict.is_clean(), "{verdict}");
    assert_eq!(recount.today(), board.today());
    for _ in 0..3 {
        let (unit, period) = (draw.unit(board).id, draw.period(board));
        let days = (period.starts_on, board.today());
        let rows = board.calendar.daily(&board.registry, unit, &period, days).into_iter();
        let asked: Vec<_> =
            rows.map(|row| (row.day, i64::from(row.submitted), i64::from(row.accepted))).collect();
        assert_eq!(asked, recount.daily(unit, &period), "{}", period.code);
        let sum = asked.iter().fold((0, 0), |sum, row| (sum.0 + row.1, sum.1 + row.2));
        let cell = board.cell(unit, period.id);
        let tally = (i64::from(cell.submitted()), i64::from(cell.counts().accepted));
        assert_eq!(sum, tally, "the days of {} add up", period.code);
    }
    for _ in 0..6 {
        let key = draw.listing_key(board);
        assert_eq!(*board.listing(&key).rows, *naive_listing(recount, &key), "{key:?}");
    }
    for _ in 0..12 {
        let key = draw.board_key(board);
        let asked = board.ranking(&key);
        let expected = recount.ranking(&key);
        assert_eq!(asked.rows.len(), expected.len(), "{key:?}");
        for (place, (row, expected)) in asked.rows.iter().zip(&expected).enumerate() {
            assert_eq!(asked.place_of(row.unit), Some(place));
            let found = (row.unit, row.rank, row.previous_rank, i64::from(row.gained));
            let other = (expected.unit, expected.rank, expected.previous_rank, expected.gained);
            assert_eq!(found, other, "place {place} of {key:?}");
            let off = (row.value - expected.value).abs();
            assert!(off <= expected.value.abs() * 1e-12, "value at {place} of {key:?}");
        }
    }
}

/// A list of units, from the facts.
fn naive_listing(recount: &Recount, key: &ListingKey) -> Vec<UnitId> {
    let period = key.period.and_then(|id| recount.periods().iter().find(|it| it.id == id));
    let tallies = period.map(|period| recount.tallies(period, AsOf::Now));
    let tally = |unit: UnitId| tallies.as_ref().map(|all| all[unit.index()]).unwrap_or_default();
    let parents: HashMap<UnitId, Option<UnitId>> =
        recount.units().map(|unit| (unit.id, unit.parent)).collect();
    let is_below = |unit: UnitId, top: UnitId| {
        let above = std::iter::successors(parents[&unit], |step| parents[step]);
        above.into_iter().any(|step| step == top)
    };
    let filter = &key.filter;
    let mut rows: Vec<&Unit> = recount
        .units()
        .filter(|unit| match key.scope {
            UnitScope::Everything => true,
            UnitScope::Children(top) => unit.parent == Some(top),
            UnitScope::Descendants(top) => is_below(unit.id, top),
        })
        .filter(|unit| filter.within.is_none_or(|top| unit.id == top || is_below(unit.id, top)))
        .filter(|unit| filter.kinds.is_empty() || filter.kinds.contains(&unit.kind))
        .filter(|unit| filter.cluster.is_none() || unit.cluster == filter.cluster)
        .filter(|unit| filter.closed.is_none_or(|closed| unit.closed_on.is_some() == closed))
        .filter(|unit| filter.not_started.is_none_or(|it| (tally(unit.id).submitted == 0) == it))
        .collect();
    rows.sort_by_key(|unit| unit.id);
    let descends = key.order.direction == Direction::Descending;
    let signed = |number: i64| if descends { -number } else { number };
    match key.order.by {
        OrderBy::Submitted => rows.sort_by_key(|unit| signed(tally(unit.id).submitted)),
        OrderBy::Accepted => rows.sort_by_key(|unit| signed(tally(unit.id).accepted)),
        OrderBy::MemberCount => rows.sort_by_key(|unit| {
            let count = unit.member_count.map(|count| signed(i64::from(count)));
            (count.is_none(), count)
        }),
        OrderBy::Code => rows.sort_by_key(|unit| unit.code.clone()),
        OrderBy::Name | OrderBy::TargetRatio => rows.sort_by_key(|unit| sort_key(&unit.name)),
    }
    if descends && key.order.by.is_steady() {
        rows.reverse();
    }
    rows.into_iter().map(|unit| unit.id).collect()
}

/// Whoever holds an answer is told of the change that makes it wrong.
fn judge_stamps(before: &Snapshot, after: &Snapshot) {
    let registry = &after.registry;
    for period in registry.periods() {
        let known = before.registry.get_period(period.id);
        for unit in registry.units() {
            let goal = |board: &Snapshot| {
                let period = board.registry.get_period(period.id)?;
                board.registry.get(unit.id)?;
                board.registry.goal(unit.id, period)
            };
            let same = before.registry.get(unit.id) == Some(unit)
                && known == Some(period)
                && before.cell(unit.id, period.id) == after.cell(unit.id, period.id)
                && before.earlier(period.id, before.today()).standings(unit.id)
                    == after.earlier(period.id, after.today()).standings(unit.id)
                && goal(before) == goal(after);
            let stamp = after.tally_changed(unit.id);
            assert!(
                same || stamp.version > before.version(),
                "period {}, unit {}: changed after version {}, but the stamp says {stamp:?}",
                period.code,
                unit.code,
                before.version()
            );
            assert!(stamp >= before.tally_changed(unit.id), "a version fell");
        }
    }
}

/// What was acknowledged so far.
#[derive(Default)]
struct Ledger {
    by_key: HashMap<String, InitiativeId>,
    ids: HashSet<InitiativeId>,
}

impl Ledger {
    /// Holds an answer against those before it.
    fn enter(&mut self, command: &Command, reply: &Result<Reply, Failure>) {
        match (command, reply) {
            (Command::Submit(submit), Ok(reply)) => {
                let Outcome::Initiative { initiative, replayed } = &reply.outcome else {
                    panic!("a submission gives {:?}", reply.outcome);
                };
                assert_eq!(initiative.key, submit.key);
                if *replayed {
                    // The first answer may still be on its way.
                    self.by_key.entry(submit.key.clone()).or_insert(initiative.id);
                } else {
                    assert!(self.ids.insert(initiative.id), "{} twice", initiative.id);
                    self.by_key.entry(submit.key.clone()).or_insert(initiative.id);
                }
                assert_eq!(self.by_key[&submit.key], initiative.id, "one key, two initiatives");
            }
            (_, Err(failure)) => {
                assert!(matches!(failure, Failure::Refused(_)), "{command:?}: {failure:?}");
            }
            (_, Ok(_)) => {}
        }
    }

    fn judge(&self, recount: &Recount) {
        assert_eq!(recount.initiative_count(), self.ids.len(), "submitted once each");
        assert_eq!(self.by_key.len(), self.ids.len());
    }
}

/// The rules once more, told from the log alone: what entered might enter.
fn judge_log(events: &[Event]) {
    let mut units: HashMap<UnitId, Unit> = HashMap::new();
    let mut periods: HashMap<PeriodId, Period> = HashMap::new();
    for event in events {
        match &event.body {
            EventBody::Unit(kind, change) => {
                let after = &change.after;
                assert_eq!(*kind == UnitEventKind::Moved, change.from_path.is_some(), "{event:?}");
                units.insert(after.id, after.clone());
            }
            EventBody::Period(change) => {
                periods.insert(change.after.id, change.after.clone());
            }
            EventBody::Initiative(kind, change) => {
                let moved = change.before.as_ref().map(|before| before.unit);
                if moved != Some(change.after.unit) {
                    assert_eq!(units[&change.after.unit].closed_on, None, "{event:?}");
                }
                if *kind == InitiativeEventKind::Submitted {
                    let day = event.at.day();
                    let covers = |period: &Period| change.path.contains(&period.owner);
                    let running = |period: &&Period| period.holds(day) && covers(period);
                    assert!(periods.values().any(|period| running(&period)), "{event:?}");
                    assert_eq!(change.after.submitted_at, event.at);
                }
                if let Some(before) = &change.before {
                    assert_ne!(before.status, InitiativeStatus::Withdrawn, "{event:?}");
                    assert_eq!(before.submitted_at, change.after.submitted_at);
                }
                let status = change.after.status;
                assert!(!change.after.featured || status == InitiativeStatus::Accepted);
            }
            EventBody::Day(_) | EventBody::Targets(_) => {}
        }
    }
}

fn refused_with(reply: &Result<Reply, Failure>, code: RefusalCode) -> bool {
    matches!(reply, Err(Failure::Refused(refusals)) if refusals[0].problem.code() == code)
}

fn start_of_march() -> Timestamp {
    Timestamp::parse("2022-03-01T08:00:00+07:00").expect("a moment")
}

// Small worlds: every step is judged.

struct Small {
    node: WriterNode,
    draw: Draw,
    ledger: Ledger,
    trace: Trace,
    before: Arc<Snapshot>,
    /// The version at which the board was loaded last.
    loaded: Version,
    questions: Questions,
    /// How often a midnight made another period the default one.
    turned: u32,
}

/// How often a midnight made another period the default one; `None` where the database is not installed.
async fn small(backend: Backend, seed: u64) -> Option<u32> {
    let node = WriterNode::open(backend, start_of_march(), seed).await?;
    let mut small = Small {
        before: node.hub.latest(),
        loaded: node.hub.latest().version(),
        questions: Questions::to(&node),
        node,
        draw: Draw::new(seed, "s", 14),
        ledger: Ledger::default(),
        trace: Trace { seed, steps: Vec::new(), is_over: false },
        turned: 0,
    };
    if small.draw.rng.bool() {
        small.found().await;
    }
    for _ in 0..SMALL_STEPS {
        small.step().await;
    }
    let verdict = small.node.verify().await;
    assert!(verdict.is_clean() && verdict.folded, "{verdict}");
    let events = small.node.events_after(Version::ZERO).await;
    judge_log(&events);
    changed::judge(&events, &small.node.hub.latest(), small.loaded);
    small.trace.is_over = true;
    Some(small.turned)
}

impl Small {
    /// The operator's own root and programme take the place of the stand-ins.
    async fn found(&mut self) {
        let root = UpsertUnit {
            code: "TLĐ".to_owned(),
            name: Patch::Set("Tổng Liên đoàn".to_owned()),
            kind: Patch::Set(UnitKind::Confederation),
            ..UpsertUnit::default()
        };
        let today = self.before.today();
        let programme = UpsertPeriod {
            code: "chuong-trinh".to_owned(),
            name: Patch::Set("Chương trình".to_owned()),
            kind: Patch::Set(PeriodKind::Programme),
            starts_on: Patch::Set(today.plus(-10)),
            ends_on: Patch::Set(today.plus(90)),
            ..UpsertPeriod::default()
        };
        self.together(vec![Command::UpsertUnit(root), Command::UpsertPeriod(programme)]).await;
    }

    async fn step(&mut self) {
        let board = self.node.hub.latest();
        match self.draw.rng.u32(0..100) {
            0..14 => {
                let ms = self.draw.time_passing_ms();
                self.trace.step(format!("{ms} ms pass"));
                self.node.clock.advance_ms(ms);
                let command = self.draw.command(&board, self.newest());
                self.together(vec![command]).await;
            }
            14..17 => {
                self.trace.step("restart");
                self.node.restart().await;
                self.loaded = self.node.hub.latest().version();
                self.questions = Questions::to(&self.node);
                self.judge().await;
            }
            17..20 => self.same_key_twice(&board).await,
            20..24 => self.cycle(&board).await,
            24..28 => self.close_while_submitting(&board).await,
            28..31 => self.another_period_begins(&board).await,
            31..45 => {
                let count = self.draw.rng.usize(2..7);
                let newest = self.newest() + 1;
                let commands =
                    (0..count).map(|_| self.draw.command(&board, newest)).collect::<Vec<_>>();
                self.together(commands).await;
            }
            _ => {
                let command = self.draw.command(&board, self.newest());
                self.alone(command).await;
            }
        }
    }

    fn newest(&self) -> i64 {
        i64::try_from(self.ledger.ids.len()).expect("few")
    }

    /// One command, with a look at what it left on the log.
    async fn alone(&mut self, command: Command) {
        let before = self.node.hub.latest().version();
        let reply = self.together(vec![command]).await.remove(0);
        let events = self.node.events_after(before).await;
        let mut told = events.iter().filter(|event| !matches!(event.body, EventBody::Day(_)));
        match &reply {
            Ok(Reply {
                outcome: Outcome::Initiative { initiative, replayed }, version, ..
            }) => {
                let event = told.next();
                assert!(!(*replayed && event.is_some()), "a replay wrote an event");
                if let Some(event) = event {
                    assert_eq!(event.version, initiative.version);
                    let EventBody::Initiative(_, change) = &event.body else { panic!("{event:?}") };
                    assert_eq!(change.after, initiative.state());
                    assert_eq!(change.initiative, initiative.id);
                }
                assert!(initiative.version <= *version);
                let mut tx = self.node.store.begin_read().await.expect("it reads");
                let facts = tx.initiatives(&[initiative.id]).await.expect("it reads");
                assert_eq!(facts.as_slice(), std::slice::from_ref(&**initiative));
            }
            Ok(_) => drop(told.next()),
            Err(_) => {}
        }
        assert_eq!(told.next(), None, "{reply:?}");
    }

    /// Some commands at once, then a look at everything.
    async fn together(&mut self, commands: Vec<Command>) -> Vec<Result<Reply, Failure>> {
        self.trace.step(&commands);
        let mut running = JoinSet::new();
        for (place, command) in commands.iter().cloned().enumerate() {
            let writer = self.node.writer.clone();
            running.spawn(async move {
                (place, writer.execute(command, Arc::new(Actor::SYSTEM)).await)
            });
        }
        let mut replies = running.join_all().await;
        replies.sort_by_key(|(place, _)| *place);
        let replies: Vec<_> = replies.into_iter().map(|(_, reply)| reply).collect();
        let visible = self.node.hub.latest().version();
        for (command, reply) in commands.iter().zip(&replies) {
            self.ledger.enter(command, reply);
            if let Ok(reply) = reply {
                assert!(reply.version <= visible, "answered before it could be seen");
            }
        }
        self.judge().await;
        replies
    }

    async fn judge(&mut self) {
        let (recount, board) = self.node.judged().await;
        judge(&recount, &board, &mut self.draw);
        judge_stamps(&self.before, &board);
        self.ledger.judge(&recount);
        self.questions.ask(&board, &mut self.draw.rng).await;
        self.before = board;
    }

    /// A campaign of the root that begins tomorrow, and the midnight after which it is the default one.
    async fn another_period_begins(&mut self, board: &Snapshot) {
        let tomorrow = board.today().plus(1);
        let root = board.registry.root();
        let campaign = UpsertPeriod {
            code: format!("p{}", self.draw.rng.u32(0..8)),
            name: Patch::Set("Đợt cao điểm".to_owned()),
            kind: Patch::Set(PeriodKind::Campaign),
            starts_on: Patch::Set(tomorrow),
            ends_on: Patch::Set(tomorrow.plus(self.draw.rng.i32(0..4))),
            owner: Patch::Set(UnitRef::Id(root)),
            ..UpsertPeriod::default()
        };
        let reply = self.together(vec![Command::UpsertPeriod(campaign)]).await.remove(0);
        let Ok(Reply { outcome: Outcome::Period(campaign), .. }) = reply else { return };
        let before = self.before.version();
        let clock = &self.node.clock;
        let midnight = tomorrow.start().0;
        clock.advance_ms((midnight - clock.now().0).max(0));
        // It changes nothing; the day begins before it.
        let unit =
            UpsertUnit { code: board.registry.unit(root).code.clone(), ..Default::default() };
        self.together(vec![Command::UpsertUnit(unit)]).await;
        let board = Arc::clone(&self.before);
        if board.today() != tomorrow || board.default_period() != Some(campaign) {
            // Time was ahead of the clock, or two begin on one day.
            return;
        }
        self.turned += 1;
        for unit in board.registry.units() {
            assert!(board.shown_changed(unit.id) > before, "unit {} is not listed", unit.code);
        }
    }

    async fn same_key_twice(&mut self, board: &Snapshot) {
        let Command::Submit(mut submit) = self.draw.submit(board) else { return };
        submit.key = self.draw.fresh();
        let mut other = submit.clone();
        let is_other = self.draw.rng.bool();
        if is_other {
            other.title.push_str(" khác");
        }
        let before = self.newest();
        let replies = self.together(vec![Command::Submit(submit), Command::Submit(other)]).await;
        if replies.iter().all(Result::is_err) {
            assert!(!replies.iter().any(|reply| refused_with(reply, RefusalCode::KeyReused)));
            return;
        }
        assert_eq!(self.newest(), before + 1, "{replies:?}");
        let is_replay = |reply: &Result<Reply, Failure>| match reply {
            Ok(Reply { outcome: Outcome::Initiative { replayed, .. }, .. }) => *replayed,
            _ => false,
        };
        let replays = replies.iter().filter(|reply| is_replay(reply)).count();
        let reused = replies.iter().filter(|reply| refused_with(reply, RefusalCode::KeyReused));
        assert_eq!(
            (replays, reused.count()),
            if is_other { (0, 1) } else { (1, 0) },
            "{replies:?}"
        );
    }

    /// Two moves that would make a cycle: the one that comes first wins.
    async fn cycle(&mut self, board: &Snapshot) {
        let (a, b) = (self.draw.unit(board), self.draw.unit(board));
        let within = |a: &Unit, b: &Unit| board.registry.is_within(a.id, b.id);
        if within(&a, &b) || within(&b, &a) {
            return;
        }
        let movement = |unit: &Unit, under: &Unit| {
            let new_parent = UnitRef::Id(under.id);
            Command::MoveUnit(MoveUnit { unit: UnitRef::Id(unit.id), new_parent })
        };
        let replies = self.together(vec![movement(&a, &b), movement(&b, &a)]).await;
        let refused = replies.iter().filter(|reply| refused_with(reply, RefusalCode::WouldCycle));
        let won = replies.iter().filter(|reply| reply.is_ok()).count();
        assert_eq!((won, refused.count()), (1, 1), "{replies:?}");
    }

    async fn close_while_submitting(&mut self, board: &Snapshot) {
        let unit = UnitRef::Id(self.draw.unit(board).id);
        let mut commands = Vec::new();
        for _ in 0..4 {
            let Command::Submit(mut submit) = self.draw.submit(board) else { return };
            submit.key = self.draw.fresh();
            submit.unit = unit.clone();
            commands.push(Command::Submit(submit));
        }
        commands.insert(2, Command::CloseUnit(CloseUnit { unit: unit.clone(), on: None }));
        self.together(commands).await;
        if self.draw.rng.bool() {
            self.together(vec![Command::ReopenUnit(ReopenUnit { unit })]).await;
        }
    }
}

// Large worlds: many at once, so that batches form; judged now and then and at the end.

async fn large(backend: Backend, seed: u64) {
    let Some(node) = WriterNode::open(backend, start_of_march(), seed).await else { return };
    let mut trace = Trace { seed, steps: Vec::new(), is_over: false };
    let mut draw = Draw::new(seed, "l", u32::MAX);
    grow(&node, &mut draw).await;
    let mut writers = vec![node.writer.clone()];
    let mut others = None;
    if backend == Backend::Postgres {
        let (writer, hub, task) = node.second().await;
        writers.push(writer.clone());
        // Held to the end: a writer that nobody can reach any more stops following the log.
        others = Some((writer, hub, task));
    }
    let newest = Arc::new(AtomicI64::new(0));
    let mut senders = JoinSet::new();
    for number in 0..SENDERS {
        let sender = Sender {
            writer: writers[number % writers.len()].clone(),
            hub: Arc::clone(&node.hub),
            newest: Arc::clone(&newest),
            draw: Draw::new(seed * 100 + number as u64, &format!("l{number}"), u32::MAX),
        };
        senders.spawn(sender.run());
    }
    drop(writers);
    let mut answers = Vec::new();
    while !senders.is_empty() {
        let pause = std::time::Duration::from_millis(draw.rng.u64(1..400));
        tokio::select! {
            Some(done) = senders.join_next() => {
                trace.step("sent");
                answers.extend(done.expect("no sender panics"));
            }
            () = tokio::time::sleep(pause) => {
                let ms = draw.time_passing_ms();
                trace.step(format!("{ms} ms pass"));
                node.clock.advance_ms(ms);
                let mut tx = node.store.begin_read().await.expect("it reads");
                trace.step("waits");
                node.hub.reached(tx.version()).await;
                trace.step("judges");
                // Of what others committed since, only the end was made a snapshot.
                if let Some(board) = node.hub.at(tx.version()) {
                    let recount = Recount::read(&mut tx).await.expect("it reads");
                    judge(&recount, &board, &mut draw);
                }
            }
        }
    }
    let mut ledger = Ledger::default();
    for (command, reply) in &answers {
        ledger.enter(command, reply);
    }
    let (recount, board) = latest(&node.store, &node.hub).await;
    ledger.judge(&recount);
    judge(&recount, &board, &mut draw);
    trace.step("at the end");
    if let Some((writer, hub, task)) = others {
        hub.reached(board.version()).await;
        judge(&recount, &hub.latest(), &mut draw);
        drop(writer);
        task.stop().await.expect("the writer ends in peace");
    }
    let verdict = node.verify().await;
    assert!(verdict.is_clean() && verdict.folded, "{verdict}");
    judge_log(&node.events_after(Version::ZERO).await);
    trace.is_over = true;
}

async fn latest(store: &Store, hub: &sangkien::feed::Hub) -> (Recount, Arc<Snapshot>) {
    let mut tx = store.begin_read().await.expect("it reads");
    hub.reached(tx.version()).await;
    (Recount::read(&mut tx).await.expect("it reads"), hub.latest())
}

/// A tree of some depth, and periods at several heights.
async fn grow(node: &WriterNode, draw: &mut Draw) {
    for _ in 0..4 {
        let board = node.hub.latest();
        let mut running = JoinSet::new();
        for _ in 0..LARGE_UNITS / 4 {
            let parent = UnitRef::Id(draw.unit(&board).id);
            let command = Command::UpsertUnit(draw.new_unit(parent));
            let writer = node.writer.clone();
            running.spawn(async move { writer.execute(command, Arc::new(Actor::SYSTEM)).await });
        }
        for reply in running.join_all().await {
            reply.expect("a unit may be added");
        }
    }
    for _ in 0..4 {
        let command = draw.upsert_period(&node.hub.latest());
        // Some are refused; the stand-in programme is there at any rate.
        let _reply = node.execute(command).await;
    }
}

struct Sender {
    writer: Writer,
    hub: Arc<sangkien::feed::Hub>,
    newest: Arc<AtomicI64>,
    draw: Draw,
}

impl Sender {
    async fn run(mut self) -> Vec<(Command, Result<Reply, Failure>)> {
        let mut answers = Vec::new();
        while answers.len() < COMMANDS_EACH {
            let board = self.hub.latest();
            let newest = self.newest.load(Ordering::Relaxed);
            let burst = self.draw.rng.usize(1..8);
            let mut running = JoinSet::new();
            for _ in 0..burst {
                let command = self.draw.command(&board, newest);
                let writer = self.writer.clone();
                running.spawn(async move {
                    let reply = writer.execute(command.clone(), Arc::new(Actor::SYSTEM)).await;
                    (command, reply)
                });
            }
            for (command, reply) in running.join_all().await {
                if let Ok(Reply { outcome: Outcome::Initiative { initiative, .. }, .. }) = &reply {
                    self.newest.fetch_max(initiative.id.0, Ordering::Relaxed);
                }
                answers.push((command, reply));
            }
        }
        answers
    }
}
