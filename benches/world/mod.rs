//! The parts that the benches share: the clock they measure by, and a union tree of any size.
#![allow(dead_code, reason = "each bench uses its part")]

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use sangkien::domain::command::{NewAuthor, Submit};
use sangkien::domain::initiative::{AuthorGroup, InitiativeKind};
use sangkien::domain::period::{Metric, PeriodKind};
use sangkien::domain::unit::UnitKind;
use sangkien::domain::{Day, Period, PeriodId, Unit, UnitId, UnitRef};

#[expect(clippy::disallowed_methods, reason = "a bench measures real time")]
pub fn now() -> Instant {
    Instant::now()
}

/// Nanoseconds that the process has worked so far, on all of its threads. Time for which others had the processors does
/// not count.
pub fn worked() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    std::time::Duration::try_from(time).unwrap_or_default().as_secs_f64() * 1e9
}

/// Nanoseconds of work that one unit of a price stands for.
pub const UNIT: f64 = 2_000.0;

/// How many times slower than the machine that bounds were set by the present one is at the moment, at plain sums: a
/// loop of 2 ms there, each step of which waits for the one before.
pub fn slowness_of_sums() -> f64 {
    const STEPS: u32 = 1_500_000;
    let began = worked();
    let mut number = 1u64;
    for _ in 0..STEPS {
        number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        std::hint::black_box(number);
    }
    (worked() - began) / (1_000.0 * UNIT)
}

/// The same at reads of memory, each of which waits for the one before: 5,000 of 100 ns there, through 16 MiB in no
/// order. Work on a hundred thousand units is mostly this, and machines differ in it by a factor of three whose sums are
/// as fast.
pub fn slowness_of_reads() -> f64 {
    const PLACES: usize = 4 << 20;
    const READS: u32 = 5_000;
    // Each place holds the next one; all are one circle.
    static NEXT: LazyLock<Vec<u32>> = LazyLock::new(|| {
        let mut chance = fastrand::Rng::with_seed(5);
        let mut next: Vec<u32> = (0..).take(PLACES).collect();
        for place in (1..PLACES).rev() {
            next.swap(place, chance.usize(..place));
        }
        next
    });
    static PLACE: AtomicU32 = AtomicU32::new(0);
    let next = &*NEXT;
    let mut place = PLACE.load(Ordering::Relaxed);
    let began = worked();
    for _ in 0..READS {
        place = next[place as usize];
    }
    let time = worked() - began;
    // The next ones go on from here, where nothing is at hand.
    PLACE.store(place, Ordering::Relaxed);
    time / (f64::from(READS) * 100.0)
}

/// The argument that follows a flag.
pub fn argument(flag: &str) -> Option<String> {
    std::env::args().skip_while(|argument| argument != flag).nth(1)
}

/// Whether only a smoke run is wanted.
pub fn is_quick() -> bool {
    std::env::args().any(|argument| argument == "--quick")
}

/// Units in levels from the root down, as many as said in each, spread evenly over those above;
/// numbered from 1 in that order. The last level are grassroots unions.
pub fn tree(levels: &[u32]) -> Vec<Unit> {
    let kinds =
        [UnitKind::Confederation, UnitKind::ProvincialFederation, UnitKind::IntermediateUnion];
    let mut units = Vec::new();
    let (mut first_above, mut count_above) = (0, 0);
    for (depth, &count) in levels.iter().enumerate() {
        let first = first_above + count_above;
        let is_last = depth + 1 == levels.len();
        for place in 0..count {
            let above = u64::from(place) * u64::from(count_above) / u64::from(count);
            let above = u32::try_from(above).expect("fewer than there are");
            units.push(Unit {
                id: UnitId(first + place + 1),
                code: format!("cd-{depth}-{place:06}"),
                name: format!("Công đoàn cơ sở số {place:06} cấp {depth}"),
                kind: if is_last { UnitKind::GrassrootsUnion } else { kinds[depth] },
                parent: (depth > 0).then(|| UnitId(first_above + above + 1)),
                cluster: None,
                sector: None,
                foreign_invested: false,
                member_count: is_last.then_some(100 + i32::try_from(place % 900).unwrap_or(0)),
                closed_on: None,
                placeholder: false,
                deleted: false,
            });
        }
        (first_above, count_above) = (first, count);
    }
    units
}

/// A programme, its phase, the campaign in it and the phase's second half, all of the root.
/// Everything from 45 days before `today` until 30 after it lies in the first three.
pub fn periods(today: Day) -> Vec<Period> {
    let period = |id, code: &str, kind, from, until| Period {
        id: PeriodId(id),
        code: code.to_owned(),
        name: format!("Chương trình {code}"),
        kind,
        starts_on: today.plus(from),
        ends_on: today.plus(until),
        owner: UnitId(1),
        parent: (id > 1).then_some(PeriodId(1)),
        metric: Metric::Submitted,
        applied_from: None,
        applied_until: None,
        placeholder: false,
    };
    vec![
        period(1, "chuong-trinh", PeriodKind::Programme, -100, 250),
        period(2, "giai-doan-1", PeriodKind::Phase, -60, 120),
        period(3, "chien-dich", PeriodKind::Campaign, -45, 30),
        period(4, "thang-cao-diem", PeriodKind::PeakMonth, -15, 15),
    ]
}

/// So many peak weeks of the units above the last level, numbered after [`periods`]: each of them has one week after the
/// other, back from the one that holds `today`.
pub fn peak_weeks(levels: &[u32; 4], count: u32, today: Day) -> Vec<Period> {
    let first_owner = levels[0] + levels[1] + 1;
    let first_period = 5;
    let week = |number: u32| {
        let (owner, back) = (number % levels[2], number / levels[2]);
        let weeks = i32::try_from(back).expect("few weeks each");
        // They do not all begin on the same day.
        let ends_on = today.plus(i32::try_from(owner % 7).unwrap_or(0) - 7 * weeks);
        Period {
            id: PeriodId(first_period + number),
            code: format!("tuan-{owner}-{back}"),
            name: format!("Tuần cao điểm {back}"),
            kind: PeriodKind::PeakWeek,
            starts_on: ends_on.plus(-6),
            ends_on,
            owner: UnitId(first_owner + owner),
            parent: Some(PeriodId(1)),
            metric: Metric::Submitted,
            applied_from: None,
            applied_until: None,
            placeholder: false,
        }
    };
    (0..count).map(week).collect()
}

/// A submission of usual length with one to three authors out of so many people of the unit.
pub fn submission(chance: &mut fastrand::Rng, unit: UnitId, people: u32) -> Submit {
    let number = chance.u32(..);
    let first = chance.u32(..people);
    let authors = (0..chance.u32(1..=3))
        .map(|place| {
            let person = (first + place) % people;
            NewAuthor {
                name: format!("Nguyễn Thị Minh Hạnh {person}"),
                person_code: Some(format!("NV{person:05}")),
                group: Some(AuthorGroup::EnterpriseWorker),
                contact: None,
            }
        })
        .collect();
    Submit {
        key: format!("{:032x}", chance.u128(..)),
        unit: UnitRef::Id(unit),
        title: format!("Cải tiến đồ gá khoan giúp giảm thời gian thay khuôn ở chuyền {number}"),
        summary: Some(
            "Thay bộ kẹp tay bằng xi lanh khí nén, bớt hai thao tác và một lần đo lại; đã chạy \
             thử ba tháng ở hai tổ, không tăng phế phẩm."
                .to_owned(),
        ),
        kind: InitiativeKind::Technical,
        field: Some("Cơ khí".to_owned()),
        team: None,
        authors,
        applied_on: None,
        recognised_by: None,
        confidential: false,
        benefit_vnd: chance.bool().then(|| chance.i64(1..500) * 1_000_000),
    }
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
