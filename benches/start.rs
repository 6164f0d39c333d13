//! The time until a server on a full database is ready, and the memory that it takes.
//!
//! Counted: in a fresh process, the time from `Store::open` to the first snapshot, and the most
//! memory that the process ever held (`VmHWM`). Median of five processes. The files of the
//! database are in the page cache. It holds 130,000 units, 4 periods, 83 targets, 1,000,000
//! initiatives of the last 40 days, few units with many and many with few, one to three authors
//! each out of six people of a unit; 60 % reviewed up to ten days later, 2 % withdrawn, 0.5 %
//! transferred. A start reads every initiative and author, and those changes of the log that are
//! not older than 31 days; so its time grows with the reviews of the last 31 days, whose number is
//! printed, and does not depend on the length of the log before them.
//!
//! The database is made once and kept in the target directory, in a file named after
//! [`FORMAT`] and its size. It is not made by commands, which would take long: the bench makes
//! facts and events side by side and writes them by the store's own method, 2,000 events in a
//! transaction. It also folds those events as a running server would; a board loaded later must
//! show the same counts of every unit, now and 20 days ago, and the same stamps.
//!
//! `-- --peaks 10000` measures whether a period costs what it covers. The same world with as
//! many peak weeks of the unions above the grassroots, each covering about 160 units, one after the other back
//! from today, starts in turns with the world without them; then `verify` runs on both.
//!
//! Bars: ready in under 5 s, under 600 MB; with 10,000 peak weeks time and memory of a start at most 1.2 times
//! those without, `verify` under 2,000 MB. Figures: docs/PERFORMANCE.md.

use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use sangkien::board::{self, Board, Counts, RankValues, Snapshot};
use sangkien::domain::event::{
    DayBegan, InitiativeChanged, InitiativeEventKind, PeriodChanged, TargetChanged, TargetsChanged,
    UnitChanged, UnitEventKind,
};
use sangkien::domain::initiative::person_identity;
use sangkien::domain::period::Metric;
use sangkien::domain::target::{Part, TargetOrigin};
use sangkien::domain::{
    Author, Day, Event, EventBody, Initiative, InitiativeId, InitiativeStatus, PeriodId, PersonId,
    Target, TargetKey, Timestamp, UnitId, Version,
};
use sangkien::recount;
use sangkien::store::{NewPerson, Store, Writes};

mod world;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The number must be raised when the tables, or the rows that the bench puts into them, change.
const FORMAT: u32 = 4;
const TODAY: Day = Day(19_143);
const DAYS: i32 = 40;
const PEOPLE_PER_UNIT: u32 = 6;
const CHUNK: usize = 2_000;
const DAY_MS: i64 = 86_400_000;
const CHILD: &str = "--in-a-fresh-process";
const PHASES: &str = "--phases";
const VERIFY: &str = "--verify";
const PEAKS: &str = "--peaks";

type Failed = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Failed> {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(place) = arguments.iter().position(|argument| argument == CHILD) {
        return start(&arguments[place + 1]).await;
    }
    if let Some(place) = arguments.iter().position(|argument| argument == PHASES) {
        return phases(&arguments[place + 1]).await;
    }
    if let Some(place) = arguments.iter().position(|argument| argument == VERIFY) {
        return verify(&arguments[place + 1]).await;
    }
    let peaks = match arguments.iter().position(|argument| argument == PEAKS) {
        Some(place) => arguments.get(place + 1).ok_or("--peaks wants a number")?.parse()?,
        None => 0,
    };
    let (levels, initiatives, runs) = if world::is_quick() {
        ([1, 83, 80, 12_836], 20_000, 1)
    } else {
        ([1, 83, 800, 129_116], 1_000_000, 5)
    };
    println!("{} units, {initiatives} initiatives", levels.iter().sum::<u32>());
    if peaks > 0 {
        return side_by_side(levels, initiatives, peaks, runs).await;
    }
    let world = database(levels, initiatives, 0).await?;
    println!("  ready s    peak MB");
    let (mut seconds, mut megabytes) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        let (ready, peak) = world.start()?;
        seconds.push(ready);
        megabytes.push(peak);
        println!("{ready:>9.2} {peak:>10.0}");
    }
    let (seconds, megabytes) = (world::median(seconds), world::median(megabytes));
    println!("{seconds:>9.2} {megabytes:>10.0}   median; bars 5 and 600");
    println!("{}", again(PHASES, &world.url)?);
    Ok(())
}

/// Starts and `verify` with that many peak weeks and without any, in turns.
async fn side_by_side(
    levels: [u32; 4],
    initiatives: u32,
    peaks: u32,
    runs: usize,
) -> Result<(), Failed> {
    let worlds =
        [database(levels, initiatives, 0).await?, database(levels, initiatives, peaks).await?];
    println!("              no peak weeks     {peaks} peak weeks    ratio");
    println!("               s         MB       s         MB       s    MB");
    let print = |what: &str, [without, with]: [(f64, f64); 2], bars: &str| {
        println!(
            "{what:<8} {:>7.2} {:>10.0} {:>7.2} {:>10.0} {:>7.2} {:>5.2}   {bars}",
            without.0,
            without.1,
            with.0,
            with.1,
            with.0 / without.0,
            with.1 / without.1
        );
    };
    let mut figures: [Vec<f64>; 4] = Default::default();
    for _ in 0..runs {
        let pair = [worlds[0].start()?, worlds[1].start()?];
        print("start", pair, "");
        for (figures, figure) in figures.iter_mut().zip(pair.map(|(s, mb)| [s, mb]).concat()) {
            figures.push(figure);
        }
    }
    let [s, mb, peak_s, peak_mb] = figures.map(world::median);
    print("median", [(s, mb), (peak_s, peak_mb)], "bars 1.2 and 1.2");
    let figures = |said: String| -> Result<(f64, f64), Failed> {
        let (seconds, megabytes) = said.trim().split_once(' ').ok_or("two figures")?;
        Ok((seconds.parse()?, megabytes.parse()?))
    };
    let without = figures(again(VERIFY, &worlds[0].url)?)?;
    let with = figures(again(VERIFY, &worlds[1].url)?)?;
    print("verify", [without, with], "bar 2000 MB");
    Ok(())
}

/// A kept database, and the counts that a board of it must show.
struct Kept {
    url: String,
    expected: String,
}

impl Kept {
    /// Seconds and megabytes of a start in a fresh process.
    fn start(&self) -> Result<(f64, f64), Failed> {
        let said = again(CHILD, &self.url)?;
        let (figures, counts) = said.split_once('\n').ok_or("a child says two lines")?;
        assert_eq!(counts.trim(), self.expected, "what is loaded equals what was folded");
        let (ready, peak) = figures.split_once(' ').ok_or("two figures")?;
        Ok((ready.parse()?, peak.parse()?))
    }
}

/// Runs this program once more.
fn again(mode: &str, url: &str) -> Result<String, Failed> {
    let output = Command::new(std::env::current_exe()?).args([mode, url]).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

async fn start(url: &str) -> Result<(), Failed> {
    let began = world::now();
    let store = Store::open(url).await?;
    let board = load(&store).await?;
    let snapshot = board.snapshot();
    let ready = began.elapsed().as_secs_f64();
    println!("{ready:.2} {:.0}", peak_megabytes()?);
    println!("{}", counts(&snapshot));
    Ok(())
}

async fn load(store: &Store) -> Result<Board, Failed> {
    let [mut tx, other] = store.begin_reads().await?;
    Ok(board::load(&mut tx, other, Arc::default()).await?)
}

/// The reads by themselves, one after the other; what is left of a load is the fold.
async fn phases(url: &str) -> Result<(), Failed> {
    let store = Store::open(url).await?;
    let mut tx = store.begin_read().await?;
    let began = world::now();
    tx.units().await?;
    let units = began.elapsed().as_secs_f64();
    let began = world::now();
    let days = tx.structural_events().await?;
    let structure = began.elapsed().as_secs_f64();
    let began = world::now();
    let mut states = 0;
    tx.states(|_| {
        states += 1;
        Ok(())
    })
    .await?;
    let read_states = began.elapsed().as_secs_f64();
    let reach = board::horizon(TODAY);
    let first = days.iter().find_map(|event| match &event.body {
        EventBody::Day(began) if began.day >= reach => Some(event.version),
        _ => None,
    });
    let began = world::now();
    let mut changes = 0;
    tx.changes_after(first.unwrap_or_default(), |_, _| {
        changes += 1;
        Ok(())
    })
    .await?;
    let read_changes = began.elapsed().as_secs_f64();
    drop(tx);
    let began = world::now();
    load(&store).await?;
    let load = began.elapsed().as_secs_f64();
    println!("reads by themselves, seconds:");
    println!("{units:>9.2}   units");
    println!("{structure:>9.2}   days, targets, transfers, moves of the whole log");
    println!("{read_states:>9.2}   {states} initiatives with their authors");
    println!("{read_changes:>9.2}   {changes} changes of the last 31 days");
    print!("{load:>9.2}   the whole load, with what is made of them");
    Ok(())
}

async fn verify(url: &str) -> Result<(), Failed> {
    let began = world::now();
    let store = Store::open(url).await?;
    let verdict = recount::verify(&store, recount::Depth::Audit).await?;
    assert!(verdict.is_clean(), "{verdict}");
    println!("{:.2} {:.0}", began.elapsed().as_secs_f64(), peak_megabytes()?);
    Ok(())
}

/// The root's count to read, and a digest of every unit that a period covers or whose counts hold the period's, now
/// and 20 days ago.
fn counts(snapshot: &Snapshot) -> String {
    let mut digest = DefaultHasher::new();
    let since = TODAY.plus(-20);
    for period in snapshot.structure.periods() {
        let earlier = snapshot.earlier_by_itself(period.id, since);
        let above = snapshot.structure.climb(period.owner).skip(1);
        let mut units: Vec<UnitId> =
            snapshot.structure.subtree(period.owner).chain(above).collect();
        units.sort_unstable();
        for unit in units {
            let cell = snapshot.cell(unit, period.id);
            numbers(&cell.rank_values).hash(&mut digest);
            let unions = (cell.own, cell.grassroots_unions, cell.active_grassroots_unions);
            (unions, cell.last_submitted_at()).hash(&mut digest);
            numbers(&earlier.rank_values(unit)).hash(&mut digest);
            snapshot.unit_changed(unit).hash(&mut digest);
        }
    }
    let root = snapshot.cell(UnitId(1), PeriodId(3)).submitted();
    format!("{} {root} {:016x}", snapshot.version(), digest.finish())
}

fn numbers(rank_values: &RankValues) -> ([i32; 5], i128) {
    let Counts { accepted, pending, returned, rejected, benefit_vnd } = rank_values.counts;
    ([accepted, pending, returned, rejected, rank_values.participants], benefit_vnd.get())
}

fn peak_megabytes() -> Result<f64, Failed> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).ok_or("no VmHWM")?;
    let kilobytes: f64 = line.split_whitespace().nth(1).ok_or("no figure")?.parse()?;
    Ok(kilobytes / 1_024.0)
}

/// The kept database and the counts that it must show, made when it is not there.
async fn database(levels: [u32; 4], initiatives: u32, peaks: u32) -> Result<Kept, Failed> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let with = if peaks > 0 { format!("-{peaks}") } else { String::new() };
    let path = folder.join(format!("start-{FORMAT}-{initiatives}{with}.db"));
    let url = format!("sqlite://{}", path.display());
    // Written last, so a database that was cut off is made again.
    let counted = path.with_extension("counts");
    if let Ok(expected) = std::fs::read_to_string(&counted) {
        return Ok(Kept { url, expected });
    }
    for end in ["db", "db-wal", "db-shm"] {
        let _not_there = std::fs::remove_file(path.with_extension(end));
    }
    println!("making {}", path.display());
    let store = Store::open(&url).await?;
    let mut making = Making::new(store, levels);
    making.structure(levels, peaks).await?;
    making.days(initiatives).await?;
    let expected = counts(&making.board.snapshot());
    making.store.close().await;
    std::fs::write(counted, &expected)?;
    Ok(Kept { url, expected })
}

#[derive(Clone, Copy)]
enum Act {
    Submit,
    Review(InitiativeId),
    Withdraw(InitiativeId),
    Transfer(InitiativeId),
}

/// Facts and events on their way into the database, and the board that they make.
struct Making {
    store: Store,
    board: Board,
    chance: fastrand::Rng,
    grassroots: std::ops::RangeInclusive<u32>,
    writes: Writes,
    /// The initiatives that still have acts to come.
    live: HashMap<InitiativeId, Initiative>,
    changed: BTreeSet<InitiativeId>,
    people: HashMap<(UnitId, String), PersonId>,
    acts: Vec<Vec<Act>>,
}

impl Making {
    fn new(store: Store, levels: [u32; 4]) -> Self {
        let first: u32 = levels[..3].iter().sum();
        Self {
            store,
            board: Board::default(),
            chance: fastrand::Rng::with_seed(1),
            grassroots: first + 1..=first + levels[3],
            writes: Writes::default(),
            live: HashMap::new(),
            changed: BTreeSet::new(),
            people: HashMap::new(),
            acts: vec![Vec::new(); usize::try_from(DAYS).unwrap_or(0)],
        }
    }

    async fn structure(&mut self, levels: [u32; 4], peaks: u32) -> Result<(), Failed> {
        let day = TODAY.plus(-DAYS);
        let at = day.start();
        self.emit(at, EventBody::Day(DayBegan { day })).await?;
        for unit in world::tree(&levels) {
            let mut path = unit.parent.map_or_else(Vec::new, |id| self.board.structure().path(id));
            path.push(unit.id);
            self.writes.head.last_ids.unit += 1;
            self.writes.units.push((unit.clone(), self.next_version(), at));
            let changed = UnitChanged { before: None, after: unit, path, from_path: None };
            self.emit(at, EventBody::Unit(UnitEventKind::Upserted, changed)).await?;
        }
        let peak_weeks = world::peak_weeks(&levels, peaks, TODAY);
        for period in world::periods(TODAY).into_iter().chain(peak_weeks) {
            self.writes.head.last_ids.period += 1;
            self.writes.periods.push((period.clone(), self.next_version(), at));
            let path = self.board.structure().path(period.owner);
            let changed = PeriodChanged { before: None, after: period, path };
            self.emit(at, EventBody::Period(changed)).await?;
        }
        let key = |unit| TargetKey {
            unit: UnitId(unit),
            period: PeriodId(3),
            metric: Metric::Submitted,
            origin: TargetOrigin::Assigned,
            part: Part::WHOLE,
        };
        let targets: Vec<Target> = (2..2 + levels[1])
            .map(|unit| Target {
                key: key(unit),
                goal: 10_000,
                percent_from: None,
                percent_to: None,
                document_number: None,
                set_at: at,
            })
            .collect();
        let version = self.next_version();
        self.writes.targets.extend(targets.iter().map(|target| (target.clone(), version)));
        let path = |target: &Target| vec![UnitId(1), target.key.unit];
        let targets = targets
            .into_iter()
            .map(|after| TargetChanged { before: None, path: path(&after), after: Some(after) })
            .collect();
        self.emit(at, EventBody::Targets(TargetsChanged { targets })).await?;
        self.flush().await
    }

    async fn days(&mut self, initiatives: u32) -> Result<(), Failed> {
        let days = usize::try_from(DAYS)?;
        for number in 0..days {
            let day = TODAY.plus(1 - DAYS + i32::try_from(number)?);
            self.emit(day.start(), EventBody::Day(DayBegan { day })).await?;
            let mut acts = std::mem::take(&mut self.acts[number]);
            acts.extend(vec![Act::Submit; initiatives as usize / days]);
            self.chance.shuffle(&mut acts);
            let count = i64::try_from(acts.len())?;
            for (act, place) in acts.into_iter().zip(0..) {
                let at = Timestamp(day.start().0 + place * (DAY_MS - 1_000) / count);
                self.act(act, at, number).await?;
            }
            // The acts that could wait no longer.
            let late = std::mem::take(&mut self.acts[number]);
            for act in late {
                self.act(act, Timestamp(day.start().0 + DAY_MS - 1), number).await?;
            }
        }
        self.flush().await
    }

    async fn act(&mut self, act: Act, at: Timestamp, number: usize) -> Result<(), Failed> {
        let (kind, id) = match act {
            Act::Submit => {
                let (initiative, next) = self.submit(at);
                if let Some(next) = next {
                    let wait = self.chance.usize(1..=10).min(self.acts.len() - 1 - number);
                    self.acts[number + wait].push(next);
                }
                return self.change(InitiativeEventKind::Submitted, None, initiative).await;
            }
            Act::Review(id) => match self.chance.u32(0..10) {
                0 => (InitiativeEventKind::Returned, id),
                1 => (InitiativeEventKind::Rejected, id),
                _ => (InitiativeEventKind::Accepted, id),
            },
            Act::Withdraw(id) => (InitiativeEventKind::Withdrawn, id),
            Act::Transfer(id) => (InitiativeEventKind::Transferred, id),
        };
        let before = self.live[&id].clone();
        let mut after = before.clone();
        after.updated_at = at;
        match kind {
            InitiativeEventKind::Transferred => {
                after.unit = self.grassroots();
                for author in &mut after.authors {
                    author.person = self.person(after.unit, author.person_code.as_deref());
                }
                self.writes.reauthored.push(id);
            }
            InitiativeEventKind::Withdrawn => after.status = InitiativeStatus::Withdrawn,
            _ => {
                after.reviewed_at = Some(at);
                after.status = match kind {
                    InitiativeEventKind::Returned => InitiativeStatus::Returned,
                    InitiativeEventKind::Rejected => InitiativeStatus::Rejected,
                    _ => InitiativeStatus::Accepted,
                };
            }
        }
        after.told_by = after.told_after(&before);
        self.change(kind, Some(before), after).await
    }

    fn submit(&mut self, at: Timestamp) -> (Initiative, Option<Act>) {
        let unit = self.grassroots();
        let submit = world::submission(&mut self.chance, unit, PEOPLE_PER_UNIT);
        self.writes.head.last_ids.initiative += 1;
        let id = InitiativeId(self.writes.head.last_ids.initiative);
        let authors = submit.authors.into_iter().map(|author| Author {
            person: self.person(unit, author.person_code.as_deref()),
            name: author.name,
            person_code: author.person_code,
            group: author.group,
            contact: author.contact,
        });
        let initiative = Initiative {
            id,
            content_hash: format!("{unit}:{}", submit.key),
            key: submit.key,
            unit,
            title: submit.title,
            summary: submit.summary,
            kind: submit.kind,
            field: submit.field,
            team: submit.team,
            authors: authors.collect(),
            applied_on: submit.applied_on,
            recognised_by: submit.recognised_by,
            confidential: submit.confidential,
            benefit_vnd: submit.benefit_vnd,
            status: InitiativeStatus::Pending,
            rejection_reason: None,
            review_note: None,
            featured: false,
            entered_by: "1".to_owned(),
            submitted_at: at,
            updated_at: at,
            reviewed_at: None,
            told_by: None,
            version: Version::ZERO,
        };
        let next = match self.chance.u32(0..1_000) {
            0..600 => Some(Act::Review(id)),
            600..620 => Some(Act::Withdraw(id)),
            620..625 => Some(Act::Transfer(id)),
            _ => None,
        };
        (initiative, next)
    }

    /// Few units with many initiatives, many with few, all over the tree.
    fn grassroots(&mut self) -> UnitId {
        let count = u64::from(self.grassroots.end() - self.grassroots.start() + 1);
        let (a, b) = (self.chance.u64(..count), self.chance.u64(..count));
        let place = (a * b / count) * 7_919 % count;
        UnitId(self.grassroots.start() + u32::try_from(place).expect("below the count"))
    }

    fn person(&mut self, unit: UnitId, code: Option<&str>) -> PersonId {
        let (head, new) = (&mut self.writes.head, &mut self.writes.people);
        let identity = person_identity(code, "");
        *self.people.entry((unit, identity)).or_insert_with_key(|(unit, identity)| {
            head.last_ids.person += 1;
            let id = PersonId(head.last_ids.person);
            new.push(NewPerson { id, unit: *unit, identity: identity.clone() });
            id
        })
    }

    async fn change(
        &mut self,
        kind: InitiativeEventKind,
        before: Option<Initiative>,
        mut after: Initiative,
    ) -> Result<(), Failed> {
        after.version = self.next_version();
        let path = |unit| self.board.structure().path(unit);
        let from = before.as_ref().map(|before| before.unit).filter(|&unit| unit != after.unit);
        let changed = InitiativeChanged {
            initiative: after.id,
            before: before.as_ref().map(Initiative::state),
            after: after.state(),
            path: path(after.unit),
            from_path: from.map(path),
            counted_from: None,
        };
        let at = after.updated_at;
        self.changed.insert(after.id);
        self.live.insert(after.id, after);
        self.emit(at, EventBody::Initiative(kind, changed)).await
    }

    fn next_version(&self) -> Version {
        self.writes.head.version.next()
    }

    async fn emit(&mut self, at: Timestamp, body: EventBody) -> Result<(), Failed> {
        let version = self.next_version();
        self.writes.head.version = version;
        self.writes.head.at = at;
        let event =
            Event { version, at, tag: self.chance.i64(..), actor: None, reason: None, body };
        self.board.apply(&event);
        self.writes.events.push(event);
        if self.writes.events.len() == CHUNK { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> Result<(), Failed> {
        let changed = std::mem::take(&mut self.changed);
        self.writes.initiatives = changed.iter().map(|id| self.live[id].clone()).collect();
        let mut tx = self.store.begin_write().await?;
        tx.write(&self.writes).await?;
        tx.commit().await?;
        self.writes = Writes { head: self.writes.head, ..Writes::default() };
        Ok(())
    }
}
