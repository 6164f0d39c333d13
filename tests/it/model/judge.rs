//! The judgement of random histories: the answers that must come of them.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use futures_util::FutureExt as _;
use sangkien::board::names::sort_key;
use sangkien::board::{
    BacklogRow, Counts, Direction, OF_THE_BOARD, OTHER_TEXTS, OrderBy, RankValues, RankingKey,
    Snapshot, Texts, Unhurried, UnitCounts, UnitListKey, UnitScope, rests_on_units,
};
use sangkien::domain::breakdown::BreakdownBy;
use sangkien::domain::event::{InitiativeEventKind, UnitEventKind};
use sangkien::domain::refusal::RefusalCode;
use sangkien::domain::{
    Command, Event, EventBody, InitiativeId, InitiativeStatus, Outcome, Period, PeriodId, Unit,
    UnitId,
};
use sangkien::recount::{self, AsOf, Recount, Verdict};
use sangkien::writer::{Failure, Reply};

use super::draw::Draw;

/// Every tally, the earlier standings and some rankings against a recount.
pub fn judge(recount: &Recount, board: &Snapshot, draw: &mut Draw) {
    let mut verdict = Verdict::default();
    recount.judge(board, &mut verdict);
    let period = draw.period(board);
    let since = draw.since(board);
    recount.judge_earlier(board, &period, since, &mut verdict);
    if let Some(day) = draw.past_day(board) {
        recount.judge_day_end(board, &period, day, &mut verdict);
    }
    assert!(verdict.is_clean(), "{verdict}");
    assert_eq!(recount.today(), board.today());
    for _ in 0..3 {
        let (unit, period) = (draw.unit(board).id, draw.period(board));
        let days = (period.starts_on, board.today());
        let rows = board.calendar.daily(&board.structure, unit, &period, days).into_iter();
        let asked: Vec<_> =
            rows.map(|row| (row.day, i64::from(row.submitted), i64::from(row.accepted))).collect();
        assert_eq!(asked, recount.daily(unit, &period), "{}", period.code);
        let sum = asked.iter().fold((0, 0), |sum, row| (sum.0 + row.1, sum.1 + row.2));
        let cell = board.cell(unit, period.id);
        let tally = (i64::from(cell.submitted()), i64::from(cell.counts().accepted));
        assert_eq!(sum, tally, "the days of {} add up", period.code);
    }
    judge_breakdowns(recount, board, draw);
    for _ in 0..3 {
        let (unit, period) = (draw.unit(board).id, draw.period(board));
        let past = draw.since(board).plus(-1);
        for (until, as_of) in [(board.today(), AsOf::Now), (past, AsOf::EndOf(past))] {
            let rows = board.backlog(unit, period.id, until, &Unhurried).at_once();
            let rows = rows.unwrap().unwrap();
            let sum = |of: &dyn Fn(&BacklogRow) -> i32| rows.iter().map(of).sum::<i32>().into();
            let waiting: [i64; 2] = [sum(&|row| row.pending), sum(&|row| row.returned)];
            let tally = recount.tallies(&period, as_of).of(unit);
            assert_eq!(waiting, [tally.pending, tally.returned], "{until}, {}", period.code);
        }
    }
    for _ in 0..6 {
        let key = draw.listing_key(board);
        assert_eq!(
            *board.listing(&key, &Unhurried).at_once().unwrap().unwrap().rows,
            *naive_listing(recount, &key),
            "{key:?}"
        );
    }
    for _ in 0..12 {
        let key = draw.board_key(board);
        let asked = board.ranking(&key, &Unhurried).at_once().unwrap().unwrap();
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
        judge_sums(recount, board, &key);
    }
}

/// A result that waits for nobody. The runtime lets a task do so much at a time; this is not counted.
trait AtOnce: Future + Sized {
    fn at_once(self) -> Option<Self::Output> {
        tokio::task::unconstrained(self).now_or_never()
    }
}

impl<F: Future> AtOnce for F {}

/// The parts of a board's total against a recount, and against the total.
fn judge_sums(recount: &Recount, board: &Snapshot, key: &RankingKey) {
    let asked = board.ranking_sums(key, &Unhurried).at_once().unwrap().unwrap();
    let expected = recount.ranking_parts(key);
    let told = |values: RankValues| {
        let Counts { accepted, pending, returned, rejected, benefit_vnd } = values.counts;
        let counts = [accepted, pending, returned, rejected, values.participants].map(i64::from);
        (counts, benefit_vnd.get())
    };
    let counted = |it: &recount::Tally| {
        ([it.accepted, it.pending, it.returned, it.rejected, it.participants], it.benefit_vnd)
    };
    let mut total = RankValues::default();
    for (part, expected, name) in [
        (asked.ranked, expected.ranked, "sum"),
        (asked.own, expected.own, "own"),
        (asked.closed, expected.closed, "closed"),
        (asked.others, expected.others, "others"),
    ] {
        assert_eq!(told(part.now), counted(&expected.now), "{name} of {key:?}");
        assert_eq!(told(part.before), counted(&expected.then), "{name} before, of {key:?}");
        total.add(part.now);
    }
    let whole = match key.as_of {
        None => board.rank_values(key.within, key.period),
        Some(day) => {
            let figures = board.day_end_by_itself(key.period, day);
            board.tally_at(key.within, key.period, &figures).rank_values
        }
    };
    assert_eq!(total, whole, "{key:?}");
    let found = (asked.not_started, asked.met, asked.goals, asked.counted);
    let other = (expected.not_started, expected.met, expected.goals, expected.counted);
    assert_eq!(found, other, "{key:?}");
}

/// Breakdowns, as the cache keeps them, against a recount; their rows add up to the tally, and those of all units in one
/// pass are the same.
fn judge_breakdowns(recount: &Recount, board: &Snapshot, draw: &mut Draw) {
    let period = draw.period(board);
    let all = board.all_breakdowns(period.id, &Unhurried).unwrap();
    let has_below = |unit: &UnitId| !board.structure.children(*unit).is_empty();
    assert_eq!(all.len(), board.structure.subtree(period.owner).filter(has_below).count());
    for _ in 0..3 {
        let unit = draw.unit(board).id;
        let together = all.iter().find(|(there, _)| *there == unit);
        for by in OF_THE_BOARD {
            let rows = board.breakdown(unit, period.id, (by, Texts::Hidden), &Unhurried).at_once();
            let rows = rows.unwrap().unwrap();
            if let Some((_, together)) = together {
                assert_eq!(together.rows(board, by, Texts::Hidden), rows, "{by:?} of {unit:?}");
            }
            let cell = board.cell(unit, period.id);
            let mut sum = Counts::default();
            rows.iter().for_each(|row| sum.add(row.counts));
            assert_eq!(sum, *cell.counts(), "{by:?} of {unit:?}");
            if rests_on_units(by) {
                let sum = |count: fn(&UnitCounts) -> i32| -> i32 {
                    rows.iter().filter_map(|row| row.units.as_ref()).map(count).sum()
                };
                assert_eq!(sum(|it| it.participants), cell.rank_values.participants);
                assert_eq!(sum(|it| it.grassroots_unions), cell.grassroots_unions);
                assert_eq!(sum(|it| it.active_grassroots_unions), cell.active_grassroots_unions);
            }
            // Parts of targets are counted as the rows are.
            for row in &rows {
                let key = row.key.as_deref().filter(|key| *key != OTHER_TEXTS);
                let part = match (by, key) {
                    (BreakdownBy::AuthorGroup, Some(key)) => (key.parse().ok(), None),
                    (BreakdownBy::Field, Some(key)) => (None, Some(key)),
                    _ => continue,
                };
                let counts = board.part(unit, period.id, part, &Unhurried).at_once();
                assert_eq!(counts.unwrap().unwrap(), row.counts, "{part:?} of {unit:?}");
            }
            let expected = recount.breakdown(unit, &period, by, board.fields());
            assert_eq!(rows.len(), expected.len(), "{by:?} of {unit:?}");
            for (row, (key, tally)) in rows.iter().zip(expected) {
                let units = row.units.unwrap_or_default();
                let found = (
                    row.key.as_deref(),
                    [row.counts.submitted(), row.counts.accepted, row.counts.pending],
                    [row.counts.returned, row.counts.rejected],
                    [units.participants, units.grassroots_unions, units.active_grassroots_unions],
                    row.counts.benefit_vnd.get(),
                );
                let units =
                    [tally.participants, tally.grassroots_unions, tally.active_grassroots_unions];
                let int = |count| i32::try_from(count).unwrap();
                let expected = (
                    key.as_deref(),
                    [tally.submitted, tally.accepted, tally.pending].map(int),
                    [tally.returned, tally.rejected].map(int),
                    units.map(int),
                    tally.benefit_vnd,
                );
                assert_eq!(found, expected, "{by:?} of {unit:?} in {}", period.code);
            }
        }
    }
}

/// A list of units, from the facts.
fn naive_listing(recount: &Recount, key: &UnitListKey) -> Vec<UnitId> {
    let period = key.period.and_then(|id| recount.periods().iter().find(|it| it.id == id));
    let tallies = period.map(|period| recount.tallies(period, AsOf::Now));
    let tally = |unit: UnitId| tallies.as_ref().map(|all| all.of(unit)).unwrap_or_default();
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
        .filter(|unit| {
            let last = tally(unit.id).last_submitted_at;
            let end = period.map_or(recount.today(), |it| it.ends_on.min(recount.today()));
            let is_silent = |days| last.is_none_or(|at| end.since(at.day()) >= days);
            filter.silent_days.is_none_or(is_silent)
        })
        .filter(|unit| {
            let is_behind = period.is_some_and(|period| is_behind(recount, period, unit));
            filter.behind.is_none_or(|asked| is_behind == asked)
        })
        .collect();
    rows.sort_by_key(|unit| unit.id);
    let descends = key.order.direction == Direction::Descending;
    let signed = |number: i64| if descends { -number } else { number };
    match key.order.by {
        OrderBy::Pending => rows.sort_by_key(|unit| signed(tally(unit.id).pending)),
        OrderBy::LastSubmitted => rows.sort_by_key(|unit| {
            let last = tally(unit.id).last_submitted_at.map(|at| signed(at.0));
            (last.is_none(), last)
        }),
        OrderBy::Coverage => rows.sort_by(|one, other| {
            let [one, other] = [one, other].map(|unit| tally(unit.id));
            let share = |it: recount::Tally| (it.active_grassroots_unions, it.grassroots_unions);
            match (share(one), share(other)) {
                ((_, 0), (_, 0)) => Ordering::Equal,
                ((_, 0), _) => Ordering::Greater,
                (_, (_, 0)) => Ordering::Less,
                ((a, of_a), (b, of_b)) => signed(a * of_b).cmp(&signed(b * of_a)),
            }
        }),
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

/// Whether the pace of the period's metric, computed here once more, does not reach the unit's target.
fn is_behind(recount: &Recount, period: &Period, unit: &Unit) -> bool {
    let Some(goal) = recount.goal(unit, period) else { return false };
    let (goal, today) = (f64::from(goal), recount.today());
    let count = |as_of| {
        let count = recount.tallies(period, as_of).of(unit.id).metric(period.metric);
        f64::from(i32::try_from(count).unwrap())
    };
    let now = count(AsOf::Now);
    if today < period.starts_on || period.ends_on < today {
        return period.ends_on < today && now < goal;
    }
    let yesterday = count(AsOf::EndOf(today.plus(-1)));
    let gone = today.since(period.starts_on).min(7);
    let of_today = now - yesterday;
    let pace = match gone {
        0 => of_today,
        days => (yesterday - count(AsOf::EndOf(today.plus(-1 - days)))) / f64::from(days),
    };
    let pace = pace.max(0.0);
    let to_come = of_today.max(pace) + pace * f64::from(period.ends_on.since(today));
    (yesterday + to_come).round() < goal
}

/// Asserts that the stamps tell the holder of an answer of each change that makes it wrong.
pub fn judge_stamps(before: &Snapshot, after: &Snapshot) {
    let structure = &after.structure;
    for period in structure.periods() {
        let known = before.structure.get_period(period.id);
        for unit in structure.units() {
            let goal = |board: &Snapshot| {
                let period = board.structure.get_period(period.id)?;
                board.structure.get(unit.id)?;
                board.structure.goal(unit.id, period)
            };
            let yesterday = |board: &Snapshot| {
                let earlier = board.earlier(period.id, board.today(), &Unhurried);
                earlier.at_once().unwrap().unwrap().rank_values(unit.id)
            };
            let same = before.structure.get(unit.id) == Some(unit)
                && known == Some(period)
                && before.cell(unit.id, period.id) == after.cell(unit.id, period.id)
                && yesterday(before) == yesterday(after)
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

/// The commands that were acknowledged so far.
#[derive(Default)]
pub struct Ledger {
    by_key: HashMap<String, InitiativeId>,
    pub ids: HashSet<InitiativeId>,
}

impl Ledger {
    /// Holds an answer against those before it.
    pub fn enter(&mut self, command: &Command, reply: &Result<Reply, Failure>) {
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

    pub fn judge(&self, recount: &Recount) {
        assert_eq!(recount.initiative_count(), self.ids.len(), "submitted once each");
        assert_eq!(self.by_key.len(), self.ids.len());
    }
}

/// The rules once more, told from the log alone: what entered might enter.
pub fn judge_log(events: &[Event]) {
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
            EventBody::Finalized(finalized) => {
                let period = &periods[&finalized.period];
                assert!(period.ends_on < event.at.day(), "{event:?}");
                assert_eq!(finalized.path.last(), Some(&period.owner), "{event:?}");
            }
            EventBody::Day(_)
            | EventBody::Targets(_)
            | EventBody::Rule(_)
            | EventBody::Assessment(_) => {}
        }
    }
}

pub fn refused_with(reply: &Result<Reply, Failure>, code: RefusalCode) -> bool {
    matches!(reply, Err(Failure::Refused(refusals)) if refusals[0].problem.code() == code)
}
