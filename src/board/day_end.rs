//! The figures of the end of a past day, counted from the histories of all initiatives, in the tree and the period of
//! now.

use std::sync::Arc;

use super::cache::{Key, Value};
use super::histories::{Histories, Spans};
use super::paged::Paged;
use super::pause::{PAUSE_EACH, Pause, Stopped, Unhurried};
use super::ranking::RankingKey;
use super::snapshot::{Earlier, Snapshot};
use super::structure::Structure;
use super::tally::{Cell, Counts, RankValues, Tally};
use crate::domain::{Day, Period, PeriodId, UnitId};

/// Rows of histories that take about the time of a unit.
pub(super) const ROWS_AS_A_UNIT: usize = 4;

/// The numbers of a period's units at the end of a day. The moment of a unit's last initiative is the beginning of its
/// day.
#[derive(Debug)]
pub struct DayEnd(Paged<Cell>);

impl DayEnd {
    fn count(
        histories: &Histories,
        structure: &Structure,
        period: &Period,
        day: Day,
        pause: &dyn Pause,
    ) -> Result<Self, Stopped> {
        let mut counting = Counting::of(histories, structure, period, day, pause)?;
        let mut rows = 0;
        for run in histories.runs() {
            rows += run.len();
            if rows >= PAUSE_EACH * ROWS_AS_A_UNIT {
                rows = 0;
                pause.pause()?;
            }
            run.iter().for_each(|row| counting.add(row));
        }
        counting.sum_up(structure, period, pause)
    }

    fn cell(&self, place: usize) -> Cell {
        self.0.get(place).copied().unwrap_or_default()
    }

    pub(super) fn bytes(&self) -> usize {
        self.0.bytes()
    }

    /// Bytes of memory at most, in a tree of so many units.
    const fn bytes_of(units: usize) -> usize {
        Paged::<Cell>::bytes_up_to(units + 1)
    }
}

/// The numbers of each unit itself, while they are being counted.
struct Counting<'a> {
    histories: &'a Histories,
    period: &'a Period,
    day: Day,
    /// The units that the period covers, each after its parent.
    covered: Vec<UnitId>,
    /// By number of the unit: its place in `covered`, from 1; 0 if it is not there.
    turns: Vec<u32>,
    /// By place in `covered`.
    cells: Vec<Cell>,
    /// A bit for each person who was counted.
    people: Vec<u64>,
}

impl<'a> Counting<'a> {
    fn of(
        histories: &'a Histories,
        structure: &Structure,
        period: &'a Period,
        day: Day,
        pause: &dyn Pause,
    ) -> Result<Self, Stopped> {
        let mut covered = Vec::new();
        let mut turns = vec![0; structure.unit_count() as usize + 1];
        for (unit, turn) in structure.subtree(period.owner).zip(1..) {
            if covered.len().is_multiple_of(PAUSE_EACH) {
                pause.pause()?;
            }
            covered.push(unit);
            turns[unit.index()] = turn;
        }
        let cells = vec![Cell::default(); covered.len()];
        Ok(Self { histories, period, day, covered, turns, cells, people: Vec::new() })
    }

    fn add(&mut self, row: &Spans) {
        let Some(state) = row.at_end_of(self.day) else { return };
        let turn = self.turns.get(state.unit.index()).map_or(0, |&turn| turn as usize);
        if turn == 0 || !self.period.holds(state.submitted) {
            return;
        }
        let cell = &mut self.cells[turn - 1];
        cell.rank_values.counts.add(Counts::of(state.status, self.histories.benefit(row)));
        cell.own += 1;
        cell.last_submitted = cell.last_submitted.max(Some(state.submitted.start()).into());
        for person in self.histories.people(row) {
            let (word, bit) = (person as usize / 64, 1 << (person % 64));
            if self.people.len() <= word {
                self.people.resize(word + 1, 0);
            }
            if self.people[word] & bit == 0 {
                self.people[word] |= bit;
                cell.rank_values.participants += 1;
            }
        }
    }

    /// Adds each unit's own numbers to those of the units above it, up to the period's owner.
    fn sum_up(
        mut self,
        structure: &Structure,
        period: &Period,
        pause: &dyn Pause,
    ) -> Result<DayEnd, Stopped> {
        let mut sums = Paged::default();
        for turn in (0..self.covered.len()).rev() {
            if turn.is_multiple_of(PAUSE_EACH) {
                pause.pause()?;
            }
            if self.cells[turn] == Cell::default() {
                continue;
            }
            let unit = self.covered[turn];
            let row = structure.unit(unit);
            let cell = &mut self.cells[turn];
            cell.active_unions += i32::from(row.is_open_grassroots() && cell.submitted() > 0);
            let cell = *cell;
            *sums.get_mut(structure.place(unit)) = cell;
            if let Some(parent) = row.parent.filter(|_| unit != period.owner) {
                self.cells[self.turns[parent.index()] as usize - 1].add_child(&cell);
            }
        }
        Ok(DayEnd(sums))
    }
}

/// The standings of a period at one moment, in the tree and the period of now.
pub enum Standings<'a> {
    Now(&'a Snapshot, PeriodId),
    /// Within the reach of the books.
    Near(Earlier<'a>),
    Far(&'a Snapshot, PeriodId, Arc<DayEnd>),
    /// Those of the time before the period began.
    Nothing,
}

impl Standings<'_> {
    pub fn rank_values(&self, unit: UnitId) -> RankValues {
        match self {
            Self::Now(snapshot, period) => snapshot.rank_values(unit, *period),
            Self::Near(earlier) => earlier.rank_values(unit),
            Self::Nothing => RankValues::default(),
            Self::Far(snapshot, period, figures) => {
                snapshot.cell_at(unit, *period, figures).rank_values
            }
        }
    }
}

impl Snapshot {
    /// The first day of the log.
    pub fn first_day(&self) -> Day {
        self.first_day.unwrap_or(self.today())
    }

    /// Whether the figures of the end of that day can be asked for: from the log's first day to yesterday.
    pub fn has_ended(&self, day: Day) -> bool {
        self.first_day() <= day && day < self.today()
    }

    /// Whether the figures of the end of that day are known: before a log that is whole there are zeros.
    pub fn tells_end_of(&self, day: Day) -> bool {
        day < self.today() && self.told_from.is_none_or(|first| first <= day.plus(1))
    }

    /// The figures of a period at the end of a past day.
    ///
    /// # Errors
    /// When nobody waits for them any more.
    pub async fn day_end(
        &self,
        period: PeriodId,
        day: Day,
        pause: &dyn Pause,
    ) -> Result<Arc<DayEnd>, Stopped> {
        let count = || {
            let row = self.structure.period(period);
            let counted = DayEnd::count(&self.histories, &self.structure, row, day, pause)?;
            Ok(Value::DayEnd(Arc::new(counted)))
        };
        let at_most = DayEnd::bytes_of(self.structure.unit_count() as usize);
        let key = Key::DayEnd(period, day);
        let found = self.cache.get_or_compute(key, self.history_changed, at_most, count).await?;
        let Value::DayEnd(figures) = found else { unreachable!("a key names its value's kind") };
        Ok(figures)
    }

    /// The same, kept nowhere; zeros where there is no such period.
    pub fn day_end_by_itself(&self, period: PeriodId, day: Day) -> DayEnd {
        let counted = self.structure.get_period(period).map(|row| {
            let counted = DayEnd::count(&self.histories, &self.structure, row, day, &Unhurried);
            counted.expect("nobody stops it")
        });
        counted.unwrap_or_else(|| DayEnd(Paged::default()))
    }

    /// The time that [`Self::day_end`] takes, in units that it might scan as well; 0 if it did so before.
    pub fn count_day_end(&self, period: PeriodId, day: Day) -> usize {
        if self.cache.get(&Key::DayEnd(period, day), self.history_changed).is_some() {
            return 0;
        }
        self.most_for_day_end()
    }

    /// The same of any period, before it is counted.
    pub fn most_for_day_end(&self) -> usize {
        self.histories.count() / ROWS_AS_A_UNIT + self.structure.unit_count() as usize
    }

    /// The states of all initiatives from which past days are counted.
    pub const fn history_count(&self) -> usize {
        self.histories.count()
    }

    /// The tally of a unit by the figures of a past day.
    pub fn tally_at(&self, unit: UnitId, period: PeriodId, figures: &DayEnd) -> Tally {
        let cell = self.cell_at(unit, period, figures);
        let at = self.structure.get_period(period);
        let at = at.and_then(|period| self.structure.counted_at(unit, period));
        Tally {
            rank_values: cell.rank_values,
            own: if at == Some(unit) { cell.own } else { 0 },
            grassroots_unions: at.map_or(0, |at| self.unions.within(at)),
            active_grassroots_unions: cell.active_unions,
            last_submitted: cell.last_submitted,
        }
    }

    fn cell_at(&self, unit: UnitId, period: PeriodId, figures: &DayEnd) -> Cell {
        let row = self.structure.get_period(period);
        let at = row.and_then(|period| self.structure.counted_at(unit, period));
        at.map(|at| figures.cell(self.structure.place(at))).unwrap_or_default()
    }

    /// The standings of the period at the end of a past day.
    ///
    /// # Errors
    /// When nobody waits for them any more.
    pub async fn standings(
        &self,
        period: PeriodId,
        day: Day,
        pause: &dyn Pause,
    ) -> Result<Standings<'_>, Stopped> {
        let since = day.plus(1);
        if since >= self.earliest_since() {
            return Ok(Standings::Near(self.earlier(period, since, pause).await?));
        }
        Ok(Standings::Far(self, period, self.day_end(period, day, pause).await?))
    }

    /// The standings that a ranking compares: those that it shows, and those of the day before its `since`.
    pub(super) async fn standings_of(
        &self,
        key: &RankingKey,
        pause: &dyn Pause,
    ) -> Result<[Standings<'_>; 2], Stopped> {
        let now = match key.as_of {
            Some(day) => self.standings(key.period, day, pause).await?,
            None => Standings::Now(self, key.period),
        };
        Ok([now, self.standings(key.period, key.since.plus(-1), pause).await?])
    }

    /// Like [`Self::count_day_end`], for [`Self::standings`].
    pub fn count_standings(&self, period: PeriodId, day: Day) -> usize {
        let since = day.plus(1);
        if since >= self.earliest_since() {
            self.count_earlier_changes(period, since)
        } else {
            self.count_day_end(period, day)
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;
    use crate::board::{
        BoardBuilder, Counted, RankBy, RankedUnit, RankingKey, Stamp, Told, Traits,
    };
    use crate::domain::initiative::InitiativeKind;
    use crate::domain::period::{Metric, PeriodKind};
    use crate::domain::target::{Part, TargetOrigin};
    use crate::domain::unit::UnitKind;
    use crate::domain::{
        InitiativeId, InitiativeStatus, PersonId, Target, TargetKey, Timestamp, Unit,
    };

    const ROOT: UnitId = UnitId(1);
    const CAMPAIGN: PeriodId = PeriodId(1);
    const PROGRAMME: PeriodId = PeriodId(2);

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    /// The root with federations below it, its campaign and its programme. The log begins with 2022.
    struct Country {
        builder: BoardBuilder,
        initiatives: i64,
    }

    impl Country {
        fn on(today: &str, federations: u32) -> Self {
            let mut builder = BoardBuilder::default();
            builder.day(day("2022-01-01"), Stamp::default());
            builder.day(day(today), Stamp::default());
            for id in 1..=federations + 1 {
                let unit = Unit {
                    id: UnitId(id),
                    code: format!("u{id}"),
                    name: format!("U{id}"),
                    kind: UnitKind::GrassrootsUnion,
                    parent: (id > 1).then_some(ROOT),
                    cluster: None,
                    sector: None,
                    foreign_invested: false,
                    member_count: None,
                    closed_on: None,
                    placeholder: false,
                    deleted: false,
                };
                builder.unit(unit, Stamp::default());
            }
            for (id, kind, ends_on) in [
                (CAMPAIGN, PeriodKind::Campaign, "2022-06-30"),
                (PROGRAMME, PeriodKind::Programme, "2023-09-01"),
            ] {
                let period = Period {
                    id,
                    code: format!("p{id}"),
                    name: format!("P{id}"),
                    kind,
                    starts_on: day("2022-01-08"),
                    ends_on: day(ends_on),
                    owner: ROOT,
                    parent: None,
                    metric: Metric::Submitted,
                    applied_from: None,
                    applied_until: None,
                    placeholder: false,
                };
                builder.period(period, Stamp::default());
            }
            Self { builder, initiatives: 0 }
        }

        fn goal(&mut self, unit: u32, period: PeriodId, goal: i32) {
            let (metric, origin) = (Metric::Submitted, TargetOrigin::Assigned);
            let part = Part::WHOLE;
            let key = TargetKey { unit: UnitId(unit), period, metric, origin, part };
            let (percent_from, percent_to, document_number) = (None, None, None);
            let set_at = Timestamp::default();
            let target = Target { key, goal, percent_from, percent_to, document_number, set_at };
            self.builder.target(&target, Stamp::default());
        }

        /// Enters so many on a day, each of another person, accepted on a later one.
        fn enter(&mut self, unit: u32, count: i64, on: &str, accepted: &str) {
            for _ in 0..count {
                self.initiatives += 1;
                let people = [PersonId(self.initiatives)];
                let state = Counted {
                    unit: UnitId(unit),
                    status: InitiativeStatus::Accepted,
                    submitted_at: day(on).start(),
                    benefit_vnd: Some(1),
                    people: &people,
                };
                let reviewed_at = Some(day(accepted).start());
                let told = Told { by: None, reviewed_at, updated_at: Timestamp::default() };
                let traits = Traits::of_kind(InitiativeKind::Idea);
                self.builder.initiative(InitiativeId(1), state, traits, Stamp::default());
                assert!(self.builder.history(InitiativeId(self.initiatives), &state, &told));
            }
        }

        fn board(self) -> Snapshot {
            self.builder.build(Stamp::default(), 0).snapshot()
        }
    }

    fn rows(board: &Snapshot, period: PeriodId, as_of: Option<Day>, since: Day) -> Vec<RankedUnit> {
        let rank_by = RankBy::TargetRatio;
        let (kinds, cluster) = (Vec::new(), None);
        let key = RankingKey { within: ROOT, kinds, cluster, period, rank_by, as_of, since };
        let ranking = board.ranking(&key, &Unhurried).now_or_never().unwrap().unwrap();
        ranking.rows.to_vec()
    }

    /// Nghệ An, Thanh Hóa and Hà Tĩnh, as they were printed: 8,881 on 26 March, 13,386 on 13 April.
    #[test]
    fn what_a_unit_gained_between_two_past_days() {
        let mut country = Country::on("2022-09-01", 3);
        for (unit, goal) in [(2, 3_000), (3, 10_000), (4, 5_000)] {
            country.goal(unit, PROGRAMME, goal);
        }
        country.enter(2, 8_881, "2022-03-26", "2022-05-01");
        country.enter(2, 4_505, "2022-04-13", "2022-04-14");
        country.enter(3, 11_666, "2022-03-26", "2022-04-13");
        country.enter(4, 5_072, "2022-03-26", "2022-03-26");
        country.enter(4, 90_000, "2022-04-14", "2022-04-14");
        let board = country.board();
        let then = rows(&board, PROGRAMME, Some(day("2022-04-13")), day("2022-03-27"));
        assert_eq!((then[0].unit, then[0].rank, then[0].gained), (UnitId(2), 1, 4_505));
        assert!((then[0].value - 4.462).abs() < 1e-9, "{:?}", then[0]);
        assert_eq!(then[0].previous_rank, Some(1));
        // The board of that day is what the one after compares itself with.
        let later = rows(&board, PROGRAMME, Some(day("2022-04-14")), day("2022-04-14"));
        for row in &then {
            let after = later.iter().find(|after| after.unit == row.unit).unwrap();
            assert_eq!(after.previous_rank, Some(row.rank), "{row:?}");
        }
        assert_eq!((later[0].unit, later[0].gained), (UnitId(4), 90_000));
        let tally = |on: &str| {
            let figures = board.day_end_by_itself(PROGRAMME, day(on));
            let tally = board.tally_at(UnitId(2), PROGRAMME, &figures);
            (
                tally.submitted(),
                tally.counts().accepted,
                tally.days_since_last(board.structure.period(PROGRAMME), day(on)),
            )
        };
        assert_eq!(tally("2022-03-25"), (0, 0, None));
        assert_eq!(tally("2022-03-26"), (8_881, 0, Some(0)));
        assert_eq!(tally("2022-04-12"), (8_881, 0, Some(17)));
        assert_eq!(tally("2022-04-14"), (13_386, 4_505, Some(1)));
        assert_eq!(tally("2022-05-01"), (13_386, 13_386, Some(18)));
    }

    /// Hà Nội had 56,106 of 52,000 in the campaign, of 60,000 in the programme; Điện lực 2,399 of 3,000.
    #[test]
    fn each_ratio_is_of_its_own_target() {
        let mut country = Country::on("2022-06-10", 2);
        country.goal(2, CAMPAIGN, 52_000);
        country.goal(2, PROGRAMME, 60_000);
        country.goal(3, PROGRAMME, 3_000);
        country.enter(2, 56_106, "2022-06-09", "2022-06-10");
        country.enter(3, 2_399, "2022-06-09", "2022-06-10");
        let board = country.board();
        let ratio = |unit: u32, period| {
            let rows = rows(&board, period, Some(day("2022-06-09")), day("2022-06-09"));
            rows.iter().find(|row| row.unit == UnitId(unit)).unwrap().value
        };
        for (unit, period, expected) in
            [(2, CAMPAIGN, 1.078_96), (2, PROGRAMME, 0.9351), (3, PROGRAMME, 0.799_67)]
        {
            let found = ratio(unit, period);
            assert!((found - expected).abs() < 5e-6, "{unit}: {found}");
        }
        assert!(ratio(3, PROGRAMME) < 0.8);
    }
}
