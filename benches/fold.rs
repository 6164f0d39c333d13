//! Does a change cost the same to fold and publish in a tree of 130,000 units as in one of 1,300?
//!
//! Counted: time on one core from `Board::apply` of an event (or of 39) to the new snapshot being
//! kept and the one 64 before it being dropped, as the hub does. Both trees have four levels, 83
//! units under the root, four periods, and 2.5 initiatives a grassroots union over the last 32
//! days, half of them reviewed. Blocks of 500 changes alternate between the trees; the ratio is of
//! neighbours, the figure the median of 20 pairs.
//!
//! Bar: at most 2 times. The figures below the table are of the large tree and have no bar: what
//! is rare, and what is worked out when somebody asks. Figures: docs/PERFORMANCE.md.
//!
//! Bounds: 20 × 500 submissions and reviews each, 20 × 50 batches, in each tree.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use sangkien::board::{
    Board, BoardBuilder, Direction, OrderBy, Pause, RankBy, RankingKey, SearchText, Snapshot,
    Stamp, Stopped, Unhurried, UnitFilter, UnitListKey, UnitOrder, UnitScope,
};
use sangkien::domain::event::{
    DayBegan, InitiativeChanged, InitiativeEventKind, PeriodChanged, UnitChanged, UnitEventKind,
};
use sangkien::domain::initiative::{InitiativeKind, InitiativeState};
use sangkien::domain::unit::UnitKind;
use sangkien::domain::{
    Day, Event, EventBody, InitiativeId, InitiativeStatus, Period, PeriodId, PersonId, Timestamp,
    Unit, UnitId, Version,
};
use sangkien::limits::SNAPSHOTS_KEPT;

mod world;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TODAY: Day = Day(19_143);
const DAYS: i32 = 32;
const PEOPLE_PER_UNIT: i64 = 10;

fn main() {
    let (blocks, block, large) = if world::is_quick() {
        (3, 50, [1, 83, 80, 13_000])
    } else {
        (20, 500, [1, 83, 800, 129_116])
    };
    let mut small = LiveBoard::new([1, 83, 80, 1_136]);
    let mut large = LiveBoard::new(large);
    println!("{} units against {}, microseconds a change", large.units(), small.units());
    println!("{:<22} large   small   ratio", "");
    for (name, batch, change) in [
        ("submission", 1, LiveBoard::submission as fn(&mut LiveBoard) -> Event),
        ("review", 1, LiveBoard::review),
        ("batch of 39", 39, LiveBoard::submission),
    ] {
        let count = if batch == 1 { block } else { block / 10 };
        let mut figures: [Vec<f64>; 3] = Default::default();
        for pair in 0..=blocks {
            let large = large.run(count, batch, change);
            let small = small.run(count, batch, change);
            if pair > 0 {
                figures[0].push(large);
                figures[1].push(small);
                figures[2].push(large / small);
            }
        }
        let [large, small, ratio] = figures.map(world::median);
        println!("{name:<20} {large:>7.2} {small:>7.2} {ratio:>7.2}   bar 2");
    }
    rare(&mut large);
}

/// The longest time from one pause to the next.
#[derive(Debug)]
struct Gaps(Mutex<(Instant, Duration)>);

impl Pause for Gaps {
    fn pause(&self) -> Result<(), Stopped> {
        let mut gaps = self.0.lock().expect("nobody panics here");
        *gaps = (world::now(), gaps.1.max(gaps.0.elapsed()));
        Ok(())
    }
}

impl Gaps {
    /// Milliseconds in all, and of the longest gap.
    fn of(scan: impl FnOnce(&Self)) -> (f64, f64) {
        let begun = world::now();
        let gaps = Self(Mutex::new((begun, Duration::ZERO)));
        scan(&gaps);
        gaps.pause().expect("it never stops");
        let longest = gaps.0.into_inner().expect("nobody panics here").1;
        (begun.elapsed().as_secs_f64() * 1e3, longest.as_secs_f64() * 1e3)
    }
}

/// Times the scans of all units, and the longest time for which each keeps a thread.
fn gaps(snapshot: &Snapshot, board: &RankingKey) {
    println!("\nonce, and the longest time without a pause, milliseconds");
    let list = |by, text: Option<&str>| UnitListKey {
        scope: UnitScope::Everything,
        filter: UnitFilter {
            text: text.map(|text| SearchText::new(text).expect("few words")),
            ..UnitFilter::default()
        },
        order: UnitOrder { by, direction: Direction::Descending },
        period: Some(board.period),
        as_of: None,
    };
    let text = SearchText::new("cong doan").expect("few words");
    let listed = |key: UnitListKey| {
        Gaps::of(|gaps| drop(std::hint::black_box(snapshot.listing(&key, gaps).now_or_never())))
    };
    for (name, (whole, longest)) in [
        (
            "standings of an earlier day",
            Gaps::of(|gaps| {
                let earlier = snapshot.earlier(board.period, board.since, gaps);
                std::hint::black_box(earlier.now_or_never().is_some());
            }),
        ),
        (
            "ranking of all grassroots unions",
            Gaps::of(|gaps| {
                drop(std::hint::black_box(snapshot.ranking(board, gaps).now_or_never()));
            }),
        ),
        ("all units by name", listed(list(OrderBy::Name, None))),
        ("all units by members", listed(list(OrderBy::MemberCount, None))),
        ("all units by a count", listed(list(OrderBy::Accepted, None))),
        ("all units of a frequent word", listed(list(OrderBy::Code, Some("cong doan")))),
        (
            "search of a frequent word",
            Gaps::of(|gaps| {
                drop(std::hint::black_box(snapshot.search(&text, UnitId(1), 500, gaps)));
            }),
        ),
    ] {
        println!("{name:<34} {whole:>7.1} {longest:>7.1}");
    }
    println!();
}

fn rare(world: &mut LiveBoard) {
    println!("\n{} units, milliseconds (median of 9)", world.units());
    let key = |kinds: &[UnitKind], since| RankingKey {
        within: UnitId(1),
        kinds: kinds.to_vec(),
        cluster: None,
        period: PeriodId(1),
        rank_by: RankBy::Submitted,
        as_of: None,
        since,
    };
    let since = TODAY.plus(-7);
    // A change makes the ranking anew; what was gained since that day is remembered.
    for (name, key) in [
        ("ranking of the 83", key(&[], since)),
        ("ranking of all grassroots unions", key(&[UnitKind::GrassrootsUnion], since)),
    ] {
        world.board.snapshot().ranking(&key, &Unhurried).now_or_never();
        world.print(name, |world| {
            let event = world.submission();
            world.publish(vec![event]);
            let snapshot = world.board.snapshot();
            timed(|| snapshot.ranking(&key, &Unhurried).now_or_never())
        });
    }
    let mut days = 30;
    world.print("first standings of an earlier day", |world| {
        days -= 1;
        let snapshot = world.board.snapshot();
        timed(|| snapshot.earlier_by_itself(PeriodId(1), TODAY.plus(-days)))
    });
    gaps(&world.board.snapshot(), &key(&[UnitKind::GrassrootsUnion], TODAY.plus(-9)));
    world.print("a grassroots union moves", |world| {
        let unit = world.grassroots();
        world.move_unit(unit)
    });
    world.print("a union of about 160 moves", |world| {
        let unit = UnitId(world.chance.u32(85..world.first_grassroots));
        world.move_unit(unit)
    });
    world.print("a period gets other dates", |world| {
        let before = Period::clone(world.board.structure().period(PeriodId(4)));
        let after = Period { ends_on: before.ends_on.plus(-1), ..before.clone() };
        let changed = PeriodChanged { before: Some(before), after, path: vec![UnitId(1)] };
        let event = world.event(EventBody::Period(changed));
        timed(|| world.publish(vec![event]))
    });
    world.print("a day begins", |world| {
        for _ in 0..2_000 {
            let event = world.submission();
            world.publish(vec![event]);
        }
        let day = world.board.structure().day().plus(1);
        let event = world.event(EventBody::Day(DayBegan { day }));
        timed(|| world.publish(vec![event]))
    });
}

fn timed<T>(act: impl FnOnce() -> T) -> Duration {
    let began = world::now();
    let made = act();
    let taken = began.elapsed();
    drop(made);
    taken
}

/// A board, the snapshots that a hub would keep, and somebody who makes events for it.
struct LiveBoard {
    board: Board,
    kept: VecDeque<Snapshot>,
    first_grassroots: u32,
    chance: fastrand::Rng,
    pending: VecDeque<(InitiativeId, InitiativeState)>,
    initiatives: i64,
}

impl LiveBoard {
    fn new(levels: [u32; 4]) -> Self {
        let mut builder = BoardBuilder::default();
        let first_day = TODAY.plus(-DAYS);
        let stamp = Stamp { version: Version(1), at: first_day.start() };
        for unit in world::tree(&levels) {
            builder.unit(unit, stamp);
        }
        for period in world::periods(TODAY) {
            builder.period(period, stamp);
        }
        builder.day(first_day, stamp);
        let mut world = Self {
            board: builder.build(stamp, 0),
            kept: VecDeque::new(),
            first_grassroots: levels[..3].iter().sum::<u32>() + 1,
            chance: fastrand::Rng::with_seed(1),
            pending: VecDeque::new(),
            initiatives: 0,
        };
        for day in 1..=DAYS {
            for place in 0..levels[3] * 5 / 2 / DAYS.unsigned_abs() {
                let event = world.submission();
                world.board.apply(&event);
                if place % 2 == 0 {
                    let event = world.review();
                    world.board.apply(&event);
                }
            }
            let event = world.event(EventBody::Day(DayBegan { day: first_day.plus(day) }));
            world.publish(vec![event]);
        }
        world
    }

    fn units(&self) -> u32 {
        self.board.structure().unit_count()
    }

    fn grassroots(&mut self) -> UnitId {
        UnitId(self.chance.u32(self.first_grassroots..=self.units()))
    }

    fn event(&self, body: EventBody) -> Event {
        let at = match &body {
            EventBody::Day(began) => began.day.start(),
            _ => self.now(),
        };
        let version = self.board.version().next();
        Event { version, at, tag: 0, actor: None, reason: None, body }
    }

    fn now(&self) -> Timestamp {
        Timestamp(self.board.head().at.0 + 100)
    }

    fn submission(&mut self) -> Event {
        let unit = self.grassroots();
        let first = i64::from(unit.0) * PEOPLE_PER_UNIT;
        let mut people: Vec<PersonId> = (0..self.chance.usize(1..=3))
            .map(|_| PersonId(first + self.chance.i64(0..PEOPLE_PER_UNIT)))
            .collect();
        people.sort_unstable();
        people.dedup();
        let state = InitiativeState {
            unit,
            status: InitiativeStatus::Pending,
            submitted_at: self.now(),
            kind: InitiativeKind::Technical,
            field: None,
            author_group: None,
            people,
            benefit_vnd: Some(1_000_000),
            rejection_reason: None,
            featured: false,
            confidential: false,
        };
        self.initiatives += 1;
        let id = InitiativeId(self.initiatives);
        self.pending.push_back((id, state.clone()));
        self.change(InitiativeEventKind::Submitted, id, None, state)
    }

    fn review(&mut self) -> Event {
        let (id, before) = self.pending.pop_front().expect("more are submitted than reviewed");
        let after = InitiativeState { status: InitiativeStatus::Accepted, ..before.clone() };
        self.change(InitiativeEventKind::Accepted, id, Some(before), after)
    }

    fn change(
        &self,
        kind: InitiativeEventKind,
        initiative: InitiativeId,
        before: Option<InitiativeState>,
        after: InitiativeState,
    ) -> Event {
        let path = self.board.structure().path(after.unit);
        let change = InitiativeChanged {
            initiative,
            before,
            after,
            path,
            from_path: None,
            counted_from: None,
        };
        self.event(EventBody::Initiative(kind, change))
    }

    fn move_unit(&mut self, unit: UnitId) -> Duration {
        let structure = self.board.structure();
        let before = Unit::clone(structure.unit(unit));
        let old = before.parent.expect("the root does not move");
        let level: Vec<UnitId> = structure
            .units()
            .filter(|u| u.kind == structure.unit(old).kind)
            .map(|u| u.id)
            .collect();
        let parent = level[self.chance.usize(..level.len())];
        let after = Unit { parent: Some(parent), ..before.clone() };
        let mut path = structure.path(parent);
        path.push(unit);
        let from_path = Some(structure.path(unit));
        let changed = UnitChanged { before: Some(before), after, path, from_path };
        let event = self.event(EventBody::Unit(UnitEventKind::Moved, changed));
        timed(|| self.publish(vec![event]))
    }

    fn publish(&mut self, events: Vec<Event>) {
        for event in &events {
            self.board.apply(event);
        }
        self.kept.push_back(self.board.snapshot());
        if self.kept.len() > SNAPSHOTS_KEPT {
            self.kept.pop_front();
        }
    }

    /// Microseconds that a change takes, of `count` batches; making the events is not counted.
    fn run(&mut self, count: u32, batch: u32, make: fn(&mut Self) -> Event) -> f64 {
        let mut taken = Duration::ZERO;
        for _ in 0..count {
            let mut events: Vec<Event> = (0..batch).map(|_| make(self)).collect();
            for (event, ahead) in events.iter_mut().zip(0..) {
                event.version.0 += ahead;
            }
            taken += timed(|| self.publish(events));
        }
        taken.as_secs_f64() * 1e6 / f64::from(count)
    }

    fn print(&mut self, name: &str, mut act: impl FnMut(&mut Self) -> Duration) {
        let taken = (0..9).map(|_| act(self).as_secs_f64() * 1e3).collect();
        println!("{name:<36} {:>8.2}", world::median(taken));
    }
}
