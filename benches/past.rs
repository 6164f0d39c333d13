//! The cost of the figures of a past day.
//!
//! Counted: time on one thread from the question to a ranking, or to the figures of all units. World: a national tree,
//! 130,000 units in four levels; 1,000,000 initiatives of the last 400 days in one programme, one to three authors each,
//! half of them with a benefit; 60 % accepted up to ten days later, 3 % returned and revised before. Each figure is the
//! median of nine days. "First" is of a day that nobody asked for, "again" of one that somebody did. The live board with
//! an earlier `since` runs in the same rounds, as the baseline.
//!
//! Bars: a past day within 31 days as the live board with that `since`; an older one at most 300 ms at first. Figures:
//! docs/PERFORMANCE.md.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use sangkien::board::{
    BoardBuilder, Counted, RankBy, RankingKey, Snapshot, Stamp, Told, Traits, Unhurried,
};
use sangkien::domain::initiative::InitiativeKind;
use sangkien::domain::unit::UnitKind;
use sangkien::domain::{
    Day, InitiativeId, InitiativeStatus, Period, PeriodId, PersonId, Timestamp, UnitId, Version,
};

mod world;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TODAY: Day = Day(19_500);
const DAYS: i32 = 400;
const PEOPLE_PER_UNIT: i64 = 8;
const ROUNDS: i32 = 9;
const PROGRAMME: PeriodId = PeriodId(1);

fn main() {
    let (levels, initiatives) = if world::is_quick() {
        ([1, 83, 80, 12_836], 20_000)
    } else {
        ([1, 83, 800, 129_116], 1_000_000)
    };
    let snapshot = board(levels, initiatives);
    println!("{} units, {initiatives} initiatives, milliseconds", snapshot.structure.unit_count());
    let mut figures = Figures::default();
    for round in 0..ROUNDS {
        let (near, far) = (TODAY.plus(-2 - 3 * round), TODAY.plus(-40 - 30 * round));
        for (kinds, name) in
            [(vec![], "of the 83"), (vec![UnitKind::GrassrootsUnion], "of all unions")]
        {
            let rank = |as_of, since| {
                let key = RankingKey {
                    within: UnitId(1),
                    kinds: kinds.clone(),
                    cluster: None,
                    period: PROGRAMME,
                    rank_by: RankBy::Submitted,
                    as_of,
                    since,
                };
                timed(|| snapshot.ranking(&key, &Unhurried).now_or_never())
            };
            figures
                .note(format!("live board {name}, since an earlier day, first"), rank(None, near));
            let past = near.plus(-1);
            figures.note(format!("board {name} of a day within 31, first"), rank(Some(past), past));
            figures.note(format!("board {name} of an older day, first"), rank(Some(far), far));
            figures.note(format!("board {name} of an older day, again"), rank(Some(far), far));
        }
        let count = |day| timed(|| snapshot.day_end(PROGRAMME, day, &Unhurried).now_or_never());
        figures.note("tallies of a day within 31, first".to_owned(), count(near));
        figures.note("tallies of an older day, first".to_owned(), count(far.plus(3)));
        figures.note("tallies of an older day, again".to_owned(), count(far.plus(3)));
    }
    for (name, times) in figures.0 {
        println!("{name:<56} {:>9.3}", world::median(times));
    }
}

/// Milliseconds by name, in the order in which the names came.
#[derive(Default)]
struct Figures(Vec<(String, Vec<f64>)>);

impl Figures {
    fn note(&mut self, name: String, time: Duration) {
        let milliseconds = time.as_secs_f64() * 1e3;
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, times)) => times.push(milliseconds),
            None => self.0.push((name, vec![milliseconds])),
        }
    }
}

fn timed<T>(act: impl FnOnce() -> T) -> Duration {
    let began = world::now();
    let made = act();
    let taken = began.elapsed();
    drop(made);
    taken
}

fn board(levels: [u32; 4], initiatives: i64) -> Arc<Snapshot> {
    let mut chance = fastrand::Rng::with_seed(1);
    let mut builder = BoardBuilder::default();
    let stamp = Stamp { version: Version(1), at: TODAY.plus(-DAYS).start() };
    builder.day(TODAY.plus(-DAYS), stamp);
    builder.day(TODAY, stamp);
    for unit in world::tree(&levels) {
        builder.unit(unit, stamp);
    }
    let programme = world::periods(TODAY).swap_remove(0);
    builder.period(Period { starts_on: TODAY.plus(-DAYS), ..programme }, stamp);
    let first = levels[..3].iter().sum::<u32>() + 1;
    let last = levels.iter().sum::<u32>();
    for id in 1..=initiatives {
        let id = InitiativeId(id);
        let day = TODAY.plus(-chance.i32(0..DAYS));
        let reviewed = day.plus(chance.i32(0..10));
        let unit = UnitId(chance.u32(first..=last));
        let person = i64::from(unit.0) * PEOPLE_PER_UNIT + chance.i64(0..PEOPLE_PER_UNIT - 2);
        let people: Vec<PersonId> =
            (0..chance.i64(1..=3)).map(|it| PersonId(person + it)).collect();
        let state = |status| Counted {
            unit,
            status,
            submitted_at: Timestamp(day.start().0 + 1),
            benefit_vnd: (id.0 % 2 == 0).then_some(1_000_000),
            people: &people,
        };
        let is_accepted = chance.u32(0..100) < 60 && reviewed <= TODAY;
        let (pending, accepted) =
            (state(InitiativeStatus::Pending), state(InitiativeStatus::Accepted));
        let now = if is_accepted { accepted } else { pending };
        let traits = Traits::of_kind(InitiativeKind::Technical);
        builder.initiative(id, now, traits, stamp);
        if is_accepted && chance.u32(0..20) == 0 {
            let returned = state(InitiativeStatus::Returned);
            let between = day.plus(reviewed.since(day) / 2);
            builder.change(id, None, &pending, day);
            builder.change(id, Some(&pending), &returned, between);
            builder.change(id, Some(&returned), &accepted, reviewed);
        } else {
            let reviewed_at = is_accepted.then(|| reviewed.start());
            builder.history(id, &now, &Told { by: None, reviewed_at, updated_at: stamp.at });
        }
    }
    Arc::new(builder.build(stamp, 0).snapshot())
}
