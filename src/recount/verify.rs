//! Facts, log and board held against one another.

use std::collections::HashMap;
use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::audit::Audit;
use super::breakdown::{Counted, seen, told};
use super::count::{AsOf, Facts, Recount, Tally};
use super::index::Index;
use super::kept::KeptAudit;
use super::verdict::{Sides, Verdict};
use crate::board::{
    self, Board, Frame, InitiativeRow, OF_THE_BOARD, RankValues, RecentChanges, Snapshot, Stamp,
    Texts, closed_by, tell,
};
use crate::domain::breakdown::BreakdownBy;
use crate::domain::{Day, EventBody, Period, Timestamp, Unit, UnitId};
use crate::limits::{DIFFERENCES_REPORTED, HISTORY_DAYS};
use crate::store::{Error, Store};

/// The depth to which the log is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Held against its own rules and the facts.
    Audit,
    /// Also folded from its beginning, event by event, into a second board.
    Replay,
}

/// Compares log, facts and board: the log with its own rules, facts with the log, the board as a
/// start makes it with a recount, and, where asked, with a board folded from the whole log.
///
/// # Errors
/// When the database cannot be read, or a row in it cannot be understood.
pub async fn verify(store: &Store, depth: Depth) -> Result<Verdict, Error> {
    let [mut facts, mut tx] = store.begin_reads().await?;
    let start = tx.log_start().await?;
    let Frame { mut builder, recent_after } = Frame::read(&mut tx, Arc::default()).await?;
    let mut recount = Recount::beginning_at(start);
    let (initiatives, begin) = (tx.initiative_count().await?, recount.begin);
    recount.histories.expect(initiatives, usize::try_from(tx.version().0).unwrap_or(0));
    builder.expect(initiatives);
    // Both board and recount count what is read here once.
    let reading = tokio::spawn(async move {
        let mut untold = Vec::new();
        let read = Facts::read(&mut facts, begin, |row| {
            let stamp = Stamp { version: row.version, at: row.updated_at };
            builder.initiative(row.id, (&row.state).into(), (&row.state).into(), stamp);
            if !builder.history(row.id, &(&row.state).into(), &row.into()) {
                untold.push(row.id);
            }
        })
        .await?;
        Ok::<_, Error>((read, facts, builder, untold))
    });
    let mut recent = RecentChanges::default();
    let mut audit = Audit::default();
    let mut head_tag = 0;
    let mut kept = KeptAudit::begin(&mut tx, start).await?;
    let mut folded = match (depth, start) {
        (Depth::Audit, _) => None,
        (Depth::Replay, None) => Some(Board::default()),
        (Depth::Replay, Some(start)) => Some(board::load_beginning(&mut tx, start).await?),
    };
    tx.all_events(|event| {
        head_tag = event.tag;
        audit.event(&event, &recount);
        kept.event(&event);
        recount.take_event(&event);
        // The fold relies on a sound log.
        if !audit.verdict.is_clean() {
            folded = None;
        }
        if let Some(folded) = &mut folded {
            if folded.version() < event.version {
                folded.apply(&event);
            }
            // A pruned log's first event has been folded already, and none before it is.
            if folded.version() == event.version {
                for closing in closed_by(folded.structure(), &event) {
                    kept.compare(&folded.snapshot(), &closing);
                }
            }
        }
        if let EventBody::Initiative(_, change) = &event.body
            && let Some(before) = &change.before
            && event.version > recent_after
        {
            recent.change(before.into(), (&change.after).into(), event.at.day());
        }
        Ok(())
    })
    .await?;
    audit.end_of_log(tx.version(), tx.at());
    if !audit.verdict.is_clean() {
        folded = None;
    }
    let head = Stamp { version: tx.version(), at: tx.at() };
    let (mut facts, mut other, mut builder, untold) =
        reading.await.expect("reading does not panic")?;
    facts.read_differing(&mut other, &recount.histories).await?;
    drop(other);
    tell(&mut tx, &untold, &mut builder).await?;
    let (of_closings, closings) = kept.finish(&mut tx).await?;
    drop(tx);
    let building = tokio::task::spawn_blocking(move || {
        builder.recent_changes(recent);
        builder.build(head, head_tag).snapshot()
    });
    audit.facts(&facts, &recount);
    recount.take_facts(facts);
    let mut verdict = audit.finish(&recount);
    verdict.pruned_before = start.map(|start| start.day);
    verdict.closings = of_closings.closings;
    verdict.closings_untold = of_closings.closings_untold;
    verdict.closings_unkept = of_closings.closings_unkept;
    verdict.closings_unsure = of_closings.closings_unsure;
    verdict.unreported += of_closings.unreported;
    for difference in of_closings.differences {
        verdict.report(|| difference);
    }
    let loaded = building.await.expect("building does not panic");

    recount.judge(&loaded, &mut verdict);
    for closing in loaded.closings().all() {
        let found = closings.get(closing.period, closing.version());
        let subject = || format!("closing {} of period {}", closing.version(), closing.period);
        let both = (&Some(closing), &found);
        verdict.compare(Sides::BoardAndFold, "the closing", both, subject);
    }
    if let Some(folded) = folded {
        verdict.folded = true;
        judge_load(&loaded, &folded.snapshot(), &mut verdict);
    }
    Ok(verdict)
}

impl Recount {
    /// Compares units and periods, every present tally of a snapshot of the same version, those of the end of
    /// yesterday, and the calendars, on as many threads as the machine has processors: each holds the numbers of one
    /// period at a time.
    pub fn judge(&self, snapshot: &Snapshot, verdict: &mut Verdict) {
        self.judge_structure(snapshot, verdict);
        let index = Index::of(self);
        let next = AtomicUsize::new(0);
        let judge = || {
            let mut told = Vec::new();
            let mut tallies = 0;
            loop {
                let turn = next.fetch_add(1, Ordering::Relaxed);
                let mut verdict = match turn.checked_sub(1).map(|place| self.periods.get(place)) {
                    None => self.judge_calendars(snapshot),
                    Some(Some(period)) => {
                        let mut verdict = judge_period(&index, snapshot, period, self.today);
                        if turn <= PERIODS_OF_PAST_DAYS {
                            judge_past(&index, snapshot, period, self.today, &mut verdict);
                        }
                        verdict
                    }
                    Some(None) => return (told, tallies),
                };
                tallies += verdict.tallies;
                if !verdict.is_clean() {
                    // Later ones are not among the first differences any more.
                    if told.len() >= DIFFERENCES_REPORTED {
                        verdict.unreported += std::mem::take(&mut verdict.differences).len();
                    }
                    told.push((turn, verdict));
                }
            }
        };
        let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
        let judged: Vec<_> = std::thread::scope(|scope| {
            let judging: Vec<_> = (0..threads).map(|_| scope.spawn(judge)).collect();
            let ended = judging.into_iter().map(std::thread::ScopedJoinHandle::join);
            ended.map(|judged| judged.expect("judging does not panic")).collect()
        });
        let mut told = Vec::new();
        for (of_thread, tallies) in judged {
            told.extend(of_thread);
            verdict.tallies += tallies;
        }
        told.sort_by_key(|&(turn, _)| turn);
        for (_, of_one) in told {
            verdict.unreported += of_one.unreported;
            for difference in of_one.differences {
                verdict.report(|| difference);
            }
        }
    }

    /// Compares the tree and the periods, which decide where the board shows any counts.
    fn judge_structure(&self, snapshot: &Snapshot, verdict: &mut Verdict) {
        for unit in self.units() {
            let both = (&snapshot.structure.get(unit.id).map(|unit| &**unit), &Some(unit));
            verdict.compare(SIDES, "the unit", both, || format!("unit {}", unit.code));
        }
        for period in &self.periods {
            let found = snapshot.structure.get_period(period.id).map(|period| &**period);
            let subject = || format!("period {}", period.code);
            verdict.compare(SIDES, "the period", (&found, &Some(period)), subject);
        }
        for rule in &self.rules {
            let found = snapshot.structure.rule(&rule.code).map(|rule| &**rule);
            let subject = || format!("rule {}", rule.code);
            verdict.compare(SIDES, "the rule", (&found, &Some(rule)), subject);
        }
    }

    fn judge_calendars(&self, snapshot: &Snapshot) -> Verdict {
        let mut verdict = Verdict::default();
        let calendars = self.calendars();
        for unit in self.units() {
            let rows = snapshot.calendar.rows(unit.id).iter();
            let found: Vec<_> = rows
                .map(|row| (row.day, i64::from(row.submitted), i64::from(row.accepted)))
                .collect();
            let both = (&found, &calendars[unit.id.index()]);
            verdict.compare(SIDES, "the calendar", both, || format!("unit {}", unit.code));
        }
        verdict
    }

    /// Compares the standings of the end of the day before `since`.
    pub fn judge_earlier(
        &self,
        snapshot: &Snapshot,
        period: &Period,
        since: Day,
        verdict: &mut Verdict,
    ) {
        judge_earlier(&Index::of(self), snapshot, period, since, verdict);
    }

    /// Compares the figures of the end of a past day.
    pub fn judge_day_end(
        &self,
        snapshot: &Snapshot,
        period: &Period,
        day: Day,
        verdict: &mut Verdict,
    ) {
        judge_day_end(&Index::of(self), snapshot, period, day, verdict);
    }
}

fn judge_period(index: &Index<'_>, snapshot: &Snapshot, period: &Period, today: Day) -> Verdict {
    let mut verdict = Verdict::default();
    let tallies = index.tallies(period, AsOf::Now);
    for unit in index.units_counted_in(period) {
        let cell = snapshot.cell(unit.id, period.id);
        let subject = || subject(period, unit, None);
        tallies.of(unit.id).judge(&cell, &mut verdict, subject);
        verdict.tallies += 1;
    }
    judge_earlier(index, snapshot, period, today, &mut verdict);
    // The rows of a unit without any below it show at the unit above.
    let owner = std::iter::once(period.owner);
    let above = index.below(period.owner).into_iter().skip(1).filter(|&it| index.has_below(it));
    // Each unit is counted once for itself and all units above it.
    let counted = index.counted_at(period.owner, period);
    let by_unit: HashMap<UnitId, &Counted<'_>> = counted.iter().map(|it| (it.unit, it)).collect();
    for unit in owner.chain(above) {
        let of_units: Vec<&Counted<'_>> =
            index.below(unit).iter().filter_map(|it| by_unit.get(it).copied()).collect();
        index.judge_breakdowns(snapshot, unit, period, &of_units, &mut verdict);
    }
    verdict
}

impl Index<'_> {
    /// Compares every breakdown of a unit in a period, made of those that count there.
    fn judge_breakdowns(
        &self,
        snapshot: &Snapshot,
        unit: UnitId,
        period: &Period,
        of_units: &[&Counted<'_>],
        verdict: &mut Verdict,
    ) {
        let Some(row) = self.recount.unit(unit) else { return };
        let found = snapshot.breakdowns_by_itself(unit, period.id);
        for by in OF_THE_BOARD {
            let counted = self.breakdown(of_units, by, snapshot.fields());
            let found = seen(&found.rows(snapshot, by, Texts::Hidden));
            let counted = told(&counted);
            let subject = || format!("{}, by {}", subject(period, row, None), by.as_str());
            let both = (&found, &counted);
            verdict.compare(SIDES, "the breakdown", both, subject);
        }
    }
}

/// The periods whose figures of past days are judged: each takes a pass over all histories, which are the same for all.
const PERIODS_OF_PAST_DAYS: usize = 4;

fn judge_past(
    index: &Index<'_>,
    snapshot: &Snapshot,
    period: &Period,
    today: Day,
    verdict: &mut Verdict,
) {
    for back in [1, HISTORY_DAYS] {
        let day = today.plus(-back);
        if snapshot.has_ended(day) {
            judge_day_end(index, snapshot, period, day, verdict);
        }
    }
}

fn judge_day_end(
    index: &Index<'_>,
    snapshot: &Snapshot,
    period: &Period,
    day: Day,
    verdict: &mut Verdict,
) {
    let tallies = index.tallies(period, AsOf::EndOf(day));
    let figures = snapshot.day_end_by_itself(period.id, day);
    for unit in index.units_counted_in(period) {
        let found = snapshot.tally_at(unit.id, period.id, &figures);
        let subject = || subject(period, unit, Some(day));
        tallies.of(unit.id).judge_on_day(&found, verdict, subject);
        verdict.tallies += 1;
    }
}

fn judge_earlier(
    index: &Index<'_>,
    snapshot: &Snapshot,
    period: &Period,
    since: Day,
    verdict: &mut Verdict,
) {
    let end = since.plus(-1);
    let tallies = index.tallies(period, AsOf::EndOf(end));
    let earlier = snapshot.earlier_by_itself(period.id, since);
    for unit in index.units_counted_in(period) {
        let rank_values = earlier.rank_values(unit.id);
        let subject = || subject(period, unit, Some(end));
        tallies.of(unit.id).judge_standings(&rank_values, verdict, subject);
        verdict.tallies += 1;
    }
}

impl Tally {
    pub(super) fn judge(
        &self,
        cell: &board::Tally,
        verdict: &mut Verdict,
        subject: impl Fn() -> String,
    ) {
        self.judge_but_last(cell, verdict, &subject);
        let text = |at: Option<Timestamp>| at.map(Timestamp::to_rfc3339);
        if cell.last_submitted_at() != self.last_submitted_at {
            let both = (&text(cell.last_submitted_at()), &text(self.last_submitted_at));
            verdict.compare(SIDES, "lastSubmittedAt", both, &subject);
        }
    }

    /// The same of a past day, of whose last initiative the board knows the day alone.
    fn judge_on_day(
        &self,
        cell: &board::Tally,
        verdict: &mut Verdict,
        subject: impl Fn() -> String,
    ) {
        self.judge_but_last(cell, verdict, &subject);
        let day = |at: Option<Timestamp>| at.map(Timestamp::day);
        let both = (&day(cell.last_submitted_at()), &day(self.last_submitted_at));
        verdict.compare(SIDES, "the day of the last one", both, &subject);
    }

    fn judge_but_last(
        &self,
        cell: &board::Tally,
        verdict: &mut Verdict,
        subject: impl Fn() -> String,
    ) {
        self.judge_standings(&cell.rank_values, verdict, &subject);
        for (what, board, here) in [
            ("own", cell.own, self.own),
            ("grassrootsUnions", cell.grassroots_unions, self.grassroots_unions),
            (
                "activeGrassrootsUnions",
                cell.active_grassroots_unions,
                self.active_grassroots_unions,
            ),
        ] {
            verdict.compare(SIDES, what, (&i64::from(board), &here), &subject);
        }
    }

    fn judge_standings(
        &self,
        rank_values: &RankValues,
        verdict: &mut Verdict,
        subject: impl Fn() -> String,
    ) {
        let counts = &rank_values.counts;
        for (what, board, here) in [
            ("submitted", i64::from(counts.submitted()), self.submitted),
            ("accepted", i64::from(counts.accepted), self.accepted),
            ("pending", i64::from(counts.pending), self.pending),
            ("returned", i64::from(counts.returned), self.returned),
            ("rejected", i64::from(counts.rejected), self.rejected),
            ("participants", i64::from(rank_values.participants), self.participants),
        ] {
            verdict.compare(SIDES, what, (&board, &here), &subject);
        }
        let both = (&counts.benefit_vnd.get(), &self.benefit_vnd);
        verdict.compare(SIDES, "benefitVnd", both, &subject);
    }
}

const SIDES: Sides = Sides::BoardAndRecount;

pub(super) fn subject(period: &Period, unit: &Unit, end_of: Option<Day>) -> String {
    let place = format!("period {}, unit {}", period.code, unit.code);
    match end_of {
        None => place,
        Some(day) => format!("{place}, end of {day}"),
    }
}

/// The days, counted back from today, on which the two boards are compared with one another.
const DAYS_COMPARED: [i32; 4] = [0, 1, 7, HISTORY_DAYS];

/// Days of all of the log whose figures are compared.
fn days_compared(board: &Snapshot) -> impl Iterator<Item = Day> {
    const DAYS: i32 = 6;
    let (first, past) = (board.first_day(), board.today().since(board.first_day()));
    let days = (1..=DAYS).map(move |turn| first.plus(past * turn / DAYS - 1));
    days.filter(move |day| *day >= first)
}

/// Compares a board made from facts with one folded from the whole log.
fn judge_load(loaded: &Snapshot, folded: &Snapshot, verdict: &mut Verdict) {
    let sides = Sides::BoardAndFold;
    let whole = || "the board".to_owned();
    verdict.compare(sides, "version", (&loaded.head(), &folded.head()), whole);
    verdict.compare(sides, "today", (&loaded.today(), &folded.today()), whole);
    let days = (&loaded.day_changed(), &folded.day_changed());
    verdict.compare(sides, "the day's beginning", days, whole);
    let structures = (&loaded.structure_changed(), &folded.structure_changed());
    verdict.compare(sides, "the last change of structure", structures, whole);
    for unit in loaded.structure.units() {
        let both = (&Some(unit), &folded.structure.get(unit.id));
        verdict.compare(sides, "the unit", both, || format!("unit {}", unit.code));
        let both = (&loaded.unit_changed(unit.id), &folded.unit_changed(unit.id));
        verdict.compare(sides, "the last change", both, || format!("unit {}", unit.code));
        let both = (&loaded.tally_changed(unit.id), &folded.tally_changed(unit.id));
        verdict.compare(sides, "the version of tallies", both, || format!("unit {}", unit.code));
        let rows = [loaded, folded]
            .map(|board| board.initiatives_of(unit.id).map(InitiativeRow::without_field));
        let [found, expected] = rows.map(Iterator::collect::<Vec<_>>);
        let is_other = |&place: &usize| found.get(place) != expected.get(place);
        if let Some(place) = (0..found.len().max(expected.len())).find(is_other) {
            let both = (&found.get(place), &expected.get(place));
            verdict.compare(sides, "a row in lists", both, || format!("unit {}", unit.code));
        }
        let both = (&loaded.calendar.rows(unit.id), &folded.calendar.rows(unit.id));
        verdict.compare(sides, "the calendar", both, || format!("unit {}", unit.code));
    }
    for closing in folded.closings().all() {
        let found = loaded.closings().get(closing.period, closing.version());
        let subject = || format!("closing {} of period {}", closing.version(), closing.period);
        verdict.compare(sides, "the closing", (&found, &Some(closing)), subject);
    }
    let counts = [loaded, folded].map(|board| board.closings().all().count());
    verdict.compare(sides, "the number of closings", (&counts[0], &counts[1]), whole);
    let stamps = (&loaded.changes_for_assessments(), &folded.changes_for_assessments());
    verdict.compare(sides, "the last changes of periods and targets", stamps, whole);
    let confirmed = [loaded, folded].map(|board| board.confirmations().all().collect::<Vec<_>>());
    verdict.compare(sides, "the confirmed assessments", (&confirmed[0], &confirmed[1]), whole);
    for rule in loaded.structure.rules() {
        let both = (&Some(rule), &folded.structure.rule(&rule.code));
        verdict.compare(sides, "the rule", both, || format!("rule {}", rule.code));
    }
    for period in loaded.structure.periods() {
        let found = folded.structure.get_period(period.id);
        let both = (&Some(period), &found);
        verdict.compare(sides, "the period", both, || format!("period {}", period.code));
        let place = |unit, end_of| subject(period, loaded.structure.unit(unit), end_of);
        for unit in loaded.structure.units_counted_in(period) {
            let both = (&loaded.cell(unit, period.id), &folded.cell(unit, period.id));
            verdict.compare(sides, "the tally", both, || place(unit, None));
        }
        let breakdowns = |board: &Snapshot| {
            let counted = board.breakdowns_by_itself(period.owner, period.id);
            let rows = |by: &BreakdownBy| counted.rows(board, *by, Texts::Shown);
            OF_THE_BOARD.iter().map(rows).collect::<Vec<_>>()
        };
        let both = (&breakdowns(loaded), &breakdowns(folded));
        verdict.compare(sides, "the breakdowns", both, || place(period.owner, None));
        for back in DAYS_COMPARED {
            let since = loaded.today().plus(-back);
            let (left, right) = (
                loaded.earlier_by_itself(period.id, since),
                folded.earlier_by_itself(period.id, since),
            );
            for unit in loaded.structure.units_counted_in(period) {
                let both = (&left.rank_values(unit), &right.rank_values(unit));
                let place = || place(unit, Some(since.plus(-1)));
                verdict.compare(sides, "the tally", both, place);
            }
        }
    }
    for period in loaded.structure.periods().take(PERIODS_OF_PAST_DAYS) {
        for day in days_compared(loaded) {
            let (left, right) = (
                loaded.day_end_by_itself(period.id, day),
                folded.day_end_by_itself(period.id, day),
            );
            for unit in loaded.structure.units_counted_in(period) {
                let both = (
                    &loaded.tally_at(unit, period.id, &left),
                    &folded.tally_at(unit, period.id, &right),
                );
                let place = || subject(period, loaded.structure.unit(unit), Some(day));
                verdict.compare(sides, "the tally", both, place);
            }
        }
    }
}
