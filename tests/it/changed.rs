//! The units that changed after a version, computed from the log: the values that each unit shows are compared before
//! and after every event.

use std::collections::{BTreeMap, HashMap};

use futures_util::FutureExt as _;
use sangkien::board::{
    Board, Direction, OrderBy, Snapshot, Tally, Unhurried, UnitFilter, UnitListKey, UnitOrder,
    UnitScope,
};
use sangkien::domain::command::{MoveUnit, UpsertPeriod};
use sangkien::domain::period::PeriodKind;
use sangkien::domain::target::TargetOrigin;
use sangkien::domain::{
    Command, Day, Event, Patch, PeriodId, Target, Timestamp, Unit, UnitId, UnitRef, Version,
};

use crate::commands;
use crate::writer_node::{Backend, WriterNode};

/// Everything that a caller gets of a unit by itself.
#[derive(Debug, PartialEq, Default)]
struct Shown {
    own: Option<Unit>,
    /// Those that were directly below it.
    deleted: Vec<UnitId>,
    /// The period of its tally if no period is named.
    default_period: Option<PeriodId>,
    /// The unit's targets, each with the sum that it hands on.
    targets: Vec<(Target, i64)>,
    /// The tally of each period; a period without one is the same as no period.
    tallies: BTreeMap<PeriodId, Tallied>,
}

#[derive(Debug, PartialEq, Default)]
struct Tallied {
    numbers: [i64; 9],
    last_submitted_at: Option<Timestamp>,
    target: Option<i32>,
    ratio: Option<f64>,
}

fn tallied(board: &Snapshot, unit: UnitId, period: PeriodId) -> Tallied {
    let period = board.structure.period(period);
    let cell: Tally = board.cell(unit, period.id);
    let counts = cell.counts();
    let target = board.structure.targets(unit).iter().find(|target| {
        target.key.period == period.id
            && target.key.metric == period.metric
            && target.key.origin == TargetOrigin::Assigned
            && target.key.part.is_whole()
    });
    let goal = target.map(|target| target.goal);
    let reached = f64::from(cell.rank_values.count(period.metric));
    Tallied {
        numbers: [
            counts.accepted.into(),
            counts.pending.into(),
            counts.returned.into(),
            counts.rejected.into(),
            counts.benefit_vnd.shown(),
            cell.own.into(),
            cell.rank_values.participants.into(),
            cell.grassroots_unions.into(),
            cell.active_grassroots_unions.into(),
        ],
        last_submitted_at: cell.last_submitted_at(),
        target: goal,
        ratio: goal.filter(|&goal| goal > 0).map(|goal| reached / f64::from(goal)),
    }
}

fn shown(board: &Snapshot, unit: UnitId) -> Shown {
    let structure = &board.structure;
    let Some(own) = structure.get(unit) else { return Shown::default() };
    let below = || structure.units().filter(|below| below.parent == Some(unit));
    let handed_on = |target: &Target| {
        let assigned = below().flat_map(|unit| structure.targets(unit.id)).filter(|other| {
            other.key.period == target.key.period
                && other.key.metric == target.key.metric
                && other.key.part == target.key.part
                && other.key.origin == TargetOrigin::Assigned
        });
        assigned.map(|other| i64::from(other.goal)).sum()
    };
    let targets = structure.targets(unit).iter();
    let tallies = structure.periods().map(|period| (period.id, tallied(board, unit, period.id)));
    Shown {
        own: Some(Unit::clone(own)),
        deleted: structure
            .deleted_units()
            .filter(|below| below.parent == Some(unit))
            .map(|below| below.id)
            .collect(),
        default_period: board.default_period(),
        targets: targets.map(|target| (Target::clone(target), handed_on(target))).collect(),
        tallies: tallies.filter(|(_, tallied)| *tallied != Tallied::default()).collect(),
    }
}

/// When each unit last came to show something else, by the whole log; the fold must say the same
/// after every event.
fn last_changes(events: &[Event]) -> (Snapshot, HashMap<UnitId, Version>) {
    let mut board = Board::default();
    let mut before: HashMap<UnitId, Shown> = HashMap::new();
    let mut changes = HashMap::new();
    for event in events {
        board.apply(event);
        let now = board.snapshot();
        for unit in now.structure.units() {
            let shown = shown(&now, unit.id);
            if before.get(&unit.id) != Some(&shown) {
                changes.insert(unit.id, event.version);
                before.insert(unit.id, shown);
            }
            let told = now.shown_changed(unit.id);
            assert_eq!(told, changes[&unit.id], "unit {} after {event:?}", unit.code);
        }
    }
    (board.snapshot(), changes)
}

fn listed(board: &Snapshot, after: Version) -> Vec<UnitId> {
    let filter = UnitFilter { changed_after: Some(after), ..UnitFilter::default() };
    let order = UnitOrder { by: OrderBy::Code, direction: Direction::Ascending };
    let key =
        UnitListKey { scope: UnitScope::Everything, filter, order, period: None, as_of: None };
    let mut listed = board.listing(&key, &Unhurried).now_or_never().unwrap().unwrap().rows.to_vec();
    listed.sort_unstable();
    listed
}

/// A board that folded the log names exactly the units that changed; one that was loaded at
/// `loaded` misses none, and is exact about the events that it folded itself.
pub fn judge(events: &[Event], live: &Snapshot, loaded: Version) {
    let (folded, changes) = last_changes(events);
    for unit in folded.structure.units() {
        let changed = changes[&unit.id];
        let told = live.shown_changed(unit.id);
        let is_right = told == changed || (changed < told && told <= loaded);
        assert!(is_right, "unit {}: {told}, changed {changed}, loaded {loaded}", unit.code);
    }
    for back in [0, 1, 2, 5, 20] {
        let after = Version(folded.version().0.saturating_sub(back));
        // One that was deleted meanwhile is in no list: its parent shows that it is gone.
        let units = folded.structure.units().map(|unit| unit.id);
        let mut expected: Vec<UnitId> = units.filter(|unit| changes[unit] > after).collect();
        expected.sort_unstable();
        assert_eq!(listed(&folded, after), expected, "after {after}");
    }
}

/// A unit moves, and below it one that owns the only period in which its initiatives count: the units above the old place lose
/// what those above the new one gain.
#[tokio::test]
async fn the_periods_below_a_unit_that_moves_are_shown_elsewhere() {
    let now = Timestamp::parse("2022-05-10T08:00:00+07:00").unwrap();
    let node = WriterNode::open(Backend::Sqlite, now, 5).await.unwrap();
    let of = |code: &str| UnitRef::Code(code.to_owned());
    for (code, parent) in [("a", "root"), ("b", "root"), ("m", "a"), ("c", "m")] {
        node.execute(Command::UpsertUnit(commands::unit(code, Some(of(parent))))).await.unwrap();
    }
    let over = UpsertPeriod {
        code: "programme".to_owned(),
        ends_on: Patch::Set(Day::parse("2022-05-09").unwrap()),
        ..UpsertPeriod::default()
    };
    let days = ["2022-05-10", "2022-05-20"].map(|day| Day::parse(day).unwrap());
    let own = UpsertPeriod {
        owner: Patch::Set(of("c")),
        kind: Patch::Set(PeriodKind::PeakWeek),
        ..commands::period("own", days)
    };
    for period in [over, own] {
        node.execute(Command::UpsertPeriod(period)).await.unwrap();
    }
    node.execute(Command::Submit(commands::submit("k", of("c")))).await.unwrap();
    let movement = MoveUnit { unit: of("m"), new_parent: of("b") };
    let moved = node.execute(Command::MoveUnit(movement)).await.unwrap().version;
    let (board, changes) = last_changes(&node.events_after(Version::ZERO).await);
    for code in ["a", "b"] {
        let unit = board.structure.resolve_unit(&of(code)).unwrap();
        assert_eq!(changes[&unit], moved, "{code}");
    }
}
