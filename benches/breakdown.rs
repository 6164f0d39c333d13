//! How long does a breakdown take of 1,000,000 initiatives of 130,000 units, first and again?
//!
//! Counted: time on one core from the question to its rows, by a property of initiatives (FIELD, with a list of 20 fields) and
//! by one of units (SECTOR), of the root and of a province, first: in a period that nobody has asked for yet, and again. The
//! baseline of the same run is one pass over all initiatives as plain values in one list, which knows no units. The figures are
//! medians over the periods.
//!
//! Bars: the root first 25 ms, a province first 5 ms. Again has the bar of any cached answer, which `queries` holds.
//! Figures: docs/PERFORMANCE.md.

use std::sync::Arc;

use futures_util::FutureExt as _;
use sangkien::board::{BoardBuilder, Counted, Snapshot, Stamp, Texts, Traits, Unhurried};
use sangkien::domain::breakdown::BreakdownBy;
use sangkien::domain::field::Fields;
use sangkien::domain::initiative::{AuthorGroup, InitiativeKind, RejectionReason};
use sangkien::domain::unit::Sector;
use sangkien::domain::{Day, InitiativeId, InitiativeStatus, Period, PeriodId, Timestamp, UnitId};

mod world;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TODAY: Day = Day(19_143);
const DAYS: i32 = 40;
const FIELDS: u32 = 20;
const PERIODS: u32 = 9;

/// An initiative as a plain value.
struct Plain {
    day: Day,
    status: InitiativeStatus,
    field: u32,
    benefit_vnd: i64,
}

fn main() {
    let (levels, initiatives) = if world::is_quick() {
        ([1, 83, 80, 13_000], 100_000)
    } else {
        ([1, 83, 800, 129_116], 1_000_000)
    };
    let (board, plain) = board(&levels, initiatives);
    println!("{} units, {initiatives} initiatives, milliseconds", levels.iter().sum::<u32>());
    println!("{:<34} {:>8} {:>8}", "", "first", "again");
    for (name, unit, bar) in [("the root", UnitId(1), 25.0), ("a province", UnitId(2), 5.0)] {
        for by in [BreakdownBy::Field, BreakdownBy::Sector] {
            let [first, again] = asked(&board, unit, by);
            let name = format!("{name} by {}", by.as_str());
            println!("{name:<34} {first:>8.2} {again:>8.3}   bar {bar}");
        }
    }
    let begun = world::now();
    std::hint::black_box(pass(&plain));
    println!("{:<34} {:>8.2}", "one pass over plain values", begun.elapsed().as_secs_f64() * 1e3);
    let begun = world::now();
    let all = board.all_breakdowns(PeriodId(1), &Unhurried).expect("it never stops");
    let ms = begun.elapsed().as_secs_f64() * 1e3;
    println!("{:<34} {ms:>8.2}   {} units", "all units with units below", all.len());
}

/// Milliseconds of the first answers and of those after them.
fn asked(board: &Snapshot, unit: UnitId, by: BreakdownBy) -> [f64; 2] {
    let mut times: [Vec<f64>; 2] = Default::default();
    for period in 1..=PERIODS {
        for times in &mut times {
            let begun = world::now();
            let rows = board.breakdown(unit, PeriodId(period), (by, Texts::Hidden), &Unhurried);
            std::hint::black_box(rows.now_or_never().is_some());
            times.push(begun.elapsed().as_secs_f64() * 1e3);
        }
    }
    times.map(world::median)
}

fn pass(initiatives: &[Plain]) -> Vec<[i64; 6]> {
    let mut sums = vec![[0; 6]; FIELDS as usize + 1];
    for it in initiatives.iter().filter(|it| it.day >= TODAY.plus(-DAYS)) {
        let sum = &mut sums[it.field as usize];
        sum[it.status as usize] += 1;
        sum[5] += it.benefit_vnd;
    }
    sums
}

fn board(levels: &[u32; 4], initiatives: u32) -> (Snapshot, Vec<Plain>) {
    let mut chance = fastrand::Rng::with_seed(1);
    let codes: String = (1..=FIELDS).map(|field| format!("f{field},Lĩnh vực {field}\n")).collect();
    let fields = Fields::parse(format!("code,name\n{codes}").as_bytes()).expect("a list");
    let mut builder = BoardBuilder::with_fields(Arc::new(fields));
    builder.day(TODAY, Stamp::default());
    for mut unit in world::tree(levels) {
        unit.sector = (chance.u32(0..20) == 0).then(|| *chance.choice(Sector::ALL).expect("some"));
        builder.unit(unit, Stamp::default());
    }
    for number in 1..=PERIODS {
        let [mut period, ..] = <[Period; 4]>::try_from(world::periods(TODAY)).expect("four");
        period.id = PeriodId(number);
        period.code = format!("p{number}");
        builder.period(period, Stamp::default());
    }
    let first = levels[0] + levels[1] + levels[2] + 1;
    let mut plain = Vec::new();
    for _ in 0..initiatives {
        let day = TODAY.plus(-chance.i32(0..DAYS));
        let field = chance.u32(0..=FIELDS);
        let code = format!("f{field}");
        let status = *chance.choice(&InitiativeStatus::ALL[..4]).expect("some");
        let benefit_vnd = chance.i64(0..1_000_000_000);
        let state = Counted {
            unit: UnitId(first + chance.u32(0..levels[3])),
            status,
            submitted_at: Timestamp(day.start().0 + chance.i64(0..86_400_000)),
            benefit_vnd: Some(benefit_vnd),
            people: &[],
        };
        let traits = Traits {
            kind: *chance.choice(InitiativeKind::ALL).expect("some"),
            field: (field > 0).then_some(code.as_str()),
            author_group: chance.choice(AuthorGroup::ALL).copied(),
            rejection_reason: chance.choice(RejectionReason::ALL).copied(),
            ..Traits::of_kind(InitiativeKind::Idea)
        };
        builder.initiative(InitiativeId(1), state, traits, Stamp::default());
        plain.push(Plain { day, status, field, benefit_vnd });
    }
    (builder.build(Stamp::default(), 0).snapshot(), plain)
}
