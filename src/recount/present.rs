//! The present board, judged by a count of the facts while they are read.
//!
//! No initiative is kept: of each there remain its person and its day, a few bytes, and what it adds to its unit's own
//! numbers. So a server can afford it beside its board. History is left to [`super::verify()`].

use std::collections::{BTreeMap, HashMap};

use super::breakdown::{digests, in_order, key_of_state, seen, told};
use super::count::Tally;
use super::states::State;
use super::verdict::{Sides, Verdict};
use super::verify::subject;
use crate::board::{FieldNumber, InitiativeRow, Snapshot, Texts};
use crate::domain::breakdown::BreakdownBy;
use crate::domain::field::Fields;
use crate::domain::unit::UnitKind;
use crate::domain::{Day, InitiativeStatus, Period, PersonId, Unit, UnitId};
use crate::store::{Error, ReadTx, WholeState};

/// The facts of one version, counted.
struct Present<'a> {
    /// The units, by number.
    units: Vec<Option<Unit>>,
    periods: Vec<Period>,
    /// The places of each owner's periods.
    by_owner: HashMap<UnitId, Vec<usize>>,
    /// The numbers of what each unit itself submitted, by the place of the period.
    own: Vec<HashMap<UnitId, Tally>>,
    /// The operator's list of fields.
    fields: &'a Fields,
    /// The digests and the codes of its fields.
    digests: Vec<(u64, &'a str)>,
    /// The initiatives that count in each period, by value of each property of initiatives.
    broken_down: Vec<HashMap<(BreakdownBy, Option<&'a str>), Tally>>,
    /// The people who took part in what each unit itself submitted, and the day.
    people: Vec<(UnitId, PersonId, Day)>,
    /// The days of what each unit itself submitted, and whether it is accepted.
    days: Vec<(UnitId, Day, bool)>,
}

/// Compares tree, periods, tallies and calendars of a snapshot with the facts of the version that the transaction sees.
///
/// # Errors
/// When the database cannot be read, or a row in it cannot be understood.
pub async fn judge_present(tx: &mut ReadTx, snapshot: &Snapshot) -> Result<Verdict, Error> {
    let mut units = Vec::new();
    for (unit, ..) in tx.units().await?.into_iter().filter(|(unit, ..)| !unit.deleted) {
        let place = unit.id.index();
        units.resize(units.len().max(place + 1), None);
        units[place] = Some(unit);
    }
    let periods: Vec<Period> = tx.periods().await?.into_iter().map(|(period, ..)| period).collect();
    let mut by_owner: HashMap<UnitId, Vec<usize>> = HashMap::new();
    for (place, period) in periods.iter().enumerate() {
        by_owner.entry(period.owner).or_default().push(place);
    }
    let own = vec![HashMap::new(); periods.len()];
    let fields = snapshot.fields();
    let mut present = Present {
        broken_down: vec![HashMap::new(); periods.len()],
        digests: digests(fields),
        units,
        periods,
        by_owner,
        own,
        fields,
        people: Vec::new(),
        days: Vec::new(),
    };
    let mut verdict = Verdict {
        version: tx.version(),
        units: present.units().count(),
        periods: present.periods.len(),
        ..Verdict::default()
    };
    let mut of_rows = Verdict::default();
    tx.whole_states(|row| {
        verdict.initiatives += 1;
        present.count(&State::of(&row.state), &row.state.people);
        judge_row(&row, snapshot, &mut of_rows);
        Ok(())
    })
    .await?;
    let rows = snapshot.structure.units().map(|unit| snapshot.initiatives_of(unit.id).count());
    let counts = (rows.sum::<usize>(), verdict.initiatives);
    of_rows.compare(SIDES, "initiatives", (&counts.0, &counts.1), || "the board".into());
    present.judge(snapshot, &mut verdict);
    verdict.unreported += of_rows.unreported;
    for difference in of_rows.differences {
        verdict.report(|| difference);
    }
    for (rule, _) in tx.rules().await? {
        let found = snapshot.structure.rule(&rule.code).map(|rule| &**rule);
        let subject = || format!("rule {}", rule.code);
        verdict.compare(Sides::BoardAndRecount, "the rule", (&found, &Some(&rule)), subject);
    }
    Ok(verdict)
}

/// Compares the row that lists are found in with the initiative.
fn judge_row(it: &WholeState, snapshot: &Snapshot, verdict: &mut Verdict) {
    let state = &it.state;
    if snapshot.structure.get(state.unit).is_none() {
        // The unit that is missing is told of.
        return;
    }
    let found = snapshot.initiative_row(state.unit, state.submitted_at, it.id);
    let of = (it.id, it.version);
    let expected = InitiativeRow::of(of, state.into(), state.into(), FieldNumber::default());
    let both = (&found.map(InitiativeRow::without_field), &Some(expected));
    verdict.compare(SIDES, "the row in lists", both, || format!("initiative {}", it.id.0));
}

impl Present<'_> {
    fn units(&self) -> impl Iterator<Item = &Unit> {
        self.units.iter().flatten()
    }

    fn unit(&self, id: UnitId) -> Option<&Unit> {
        self.units.get(id.index())?.as_ref()
    }

    /// The unit, its parent and so on up to the root.
    fn climb(&self, unit: UnitId) -> impl Iterator<Item = UnitId> {
        std::iter::successors(Some(unit), |&unit| self.unit(unit)?.parent).take(self.units.len())
    }

    /// The periods that count what the unit submits on that day.
    fn counting(&self, unit: UnitId, day: Day) -> Vec<usize> {
        let owned = self.climb(unit).filter_map(|above| self.by_owner.get(&above)).flatten();
        let holds = |period: &Period| period.starts_on <= day && day <= period.ends_on;
        owned.copied().filter(|&place| holds(&self.periods[place])).collect()
    }

    fn count(&mut self, state: &State, people: &[PersonId]) {
        if state.status == InitiativeStatus::Withdrawn {
            return;
        }
        let (unit, day) = (state.unit, state.submitted_at.day());
        for place in self.counting(unit, day) {
            self.own[place].entry(unit).or_default().count(state);
            for by in OF_INITIATIVES {
                let key = (by, key_of_state(state, by, &self.digests));
                self.broken_down[place].entry(key).or_default().count(state);
            }
        }
        self.people.extend(people.iter().map(|&person| (unit, person, day)));
        self.days.push((unit, day, state.status == InitiativeStatus::Accepted));
    }

    /// Counts each person once for each period of a unit in which they took part.
    fn count_people(&mut self) {
        let mut people = std::mem::take(&mut self.people);
        people.sort_unstable();
        people.dedup();
        for of_one in people.chunk_by(|one, other| (one.0, one.1) == (other.0, other.1)) {
            let unit = of_one[0].0;
            let mut places: Vec<usize> =
                of_one.iter().flat_map(|&(_, _, day)| self.counting(unit, day)).collect();
            places.sort_unstable();
            places.dedup();
            for place in places {
                self.own[place].entry(unit).or_default().participants += 1;
            }
        }
    }

    fn judge(mut self, snapshot: &Snapshot, verdict: &mut Verdict) {
        self.count_people();
        self.judge_structure(snapshot, verdict);
        if !verdict.is_clean() {
            // The rest asks the board for units and periods that it may not have.
            return;
        }
        let below = self.below();
        for place in 0..self.periods.len() {
            self.judge_period(place, &below, snapshot, verdict);
        }
        self.judge_calendars(snapshot, verdict);
    }

    fn judge_structure(&self, snapshot: &Snapshot, verdict: &mut Verdict) {
        let found: Vec<&Unit> = snapshot.structure.units().map(|unit| &**unit).collect();
        let counts = (&found.len(), &self.units().count());
        verdict.compare(SIDES, "units", counts, || "the board".into());
        for (found, unit) in found.into_iter().zip(self.units()) {
            verdict.compare(SIDES, "the unit", (found, unit), || format!("unit {}", unit.code));
        }
        let found: Vec<&Period> = snapshot.structure.periods().map(|period| &**period).collect();
        let counts = (&found.len(), &self.periods.len());
        verdict.compare(SIDES, "periods", counts, || "the board".into());
        for (found, period) in found.into_iter().zip(&self.periods) {
            let subject = || format!("period {}", period.code);
            verdict.compare(SIDES, "the period", (found, period), subject);
        }
    }

    /// The units below each unit, itself included, parents first.
    fn below(&self) -> HashMap<UnitId, Vec<UnitId>> {
        let mut below: HashMap<UnitId, Vec<UnitId>> = HashMap::new();
        for unit in self.units() {
            for above in self.climb(unit.id) {
                if self.by_owner.contains_key(&above) {
                    below.entry(above).or_default().push(unit.id);
                }
            }
        }
        below
    }

    fn judge_period(
        &self,
        place: usize,
        below: &HashMap<UnitId, Vec<UnitId>>,
        snapshot: &Snapshot,
        verdict: &mut Verdict,
    ) {
        let (period, own) = (&self.periods[place], &self.own[place]);
        let covered = below.get(&period.owner).map(Vec::as_slice).unwrap_or_default();
        let mut sums: HashMap<UnitId, Tally> = HashMap::new();
        for (&unit, own) in own {
            for above in self.climb(unit) {
                sums.entry(above).or_default().add(own);
            }
        }
        for (unit, own) in own {
            sums.entry(*unit).or_default().own = own.submitted;
        }
        for unit in covered.iter().filter_map(|&unit| self.unit(unit)) {
            if unit.kind == UnitKind::GrassrootsUnion && unit.closed_on.is_none() {
                let is_active = sums.get(&unit.id).is_some_and(|sum| sum.submitted > 0);
                for above in self.climb(unit.id) {
                    let sum = sums.entry(above).or_default();
                    sum.grassroots_unions += 1;
                    sum.active_grassroots_unions += i64::from(is_active);
                }
            }
        }
        let above = self.climb(period.owner).skip(1);
        for unit in covered.iter().copied().chain(above).filter_map(|unit| self.unit(unit)) {
            let cell = snapshot.cell(unit.id, period.id);
            let sum = sums.get(&unit.id).copied().unwrap_or_default();
            sum.judge(&cell, verdict, || subject(period, unit, None));
            verdict.tallies += 1;
        }
        self.judge_breakdowns(place, snapshot, verdict);
    }

    /// Compares the breakdowns of a period's owner by properties of initiatives.
    fn judge_breakdowns(&self, place: usize, snapshot: &Snapshot, verdict: &mut Verdict) {
        let period = &self.periods[place];
        let Some(owner) = self.unit(period.owner) else { return };
        let shown = snapshot.breakdowns_by_itself(period.owner, period.id);
        for by in OF_INITIATIVES {
            let of_value = self.broken_down[place].iter().filter(|((other, _), _)| *other == by);
            let of_value = of_value.map(|((_, key), tally)| (key.map(str::to_owned), *tally));
            let counted = told(&in_order(by, self.fields, of_value.collect()));
            let subject = || format!("{}, by {}", subject(period, owner, None), by.as_str());
            verdict.compare(
                SIDES,
                "the breakdown",
                (&seen(&shown.rows(snapshot, by, Texts::Hidden)), &counted),
                subject,
            );
        }
    }

    fn judge_calendars(&self, snapshot: &Snapshot, verdict: &mut Verdict) {
        let mut days: HashMap<UnitId, BTreeMap<Day, (i64, i64)>> = HashMap::new();
        for &(unit, day, is_accepted) in &self.days {
            for above in self.climb(unit) {
                let sum = days.entry(above).or_default().entry(day).or_default();
                sum.0 += 1;
                sum.1 += i64::from(is_accepted);
            }
        }
        for unit in self.units() {
            let rows = snapshot.calendar.rows(unit.id).iter();
            let found: Vec<_> = rows
                .map(|row| (row.day, i64::from(row.submitted), i64::from(row.accepted)))
                .collect();
            let days = days.remove(&unit.id).unwrap_or_default().into_iter();
            let counted: Vec<_> =
                days.map(|(day, (submitted, accepted))| (day, submitted, accepted)).collect();
            let subject = || format!("unit {}", unit.code);
            verdict.compare(SIDES, "the calendar", (&found, &counted), subject);
        }
    }
}

/// The properties of initiatives themselves.
const OF_INITIATIVES: [BreakdownBy; 4] = [
    BreakdownBy::InitiativeKind,
    BreakdownBy::Field,
    BreakdownBy::AuthorGroup,
    BreakdownBy::RejectionReason,
];

const SIDES: Sides = Sides::BoardAndRecount;
