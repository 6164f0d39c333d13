//! The figures of a closing: what one period's tallies and boards rest on, of then. They are written as JSON, always the
//! same bytes of the same figures, and read back into a board of that one period.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::mem::size_of;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::benefit::BenefitSum;
use super::breakdown::{
    BreakdownRow, OF_THE_BOARD, OTHER_TEXTS, Texts, UnitCounts, rests_on_units, values_of,
};
use super::cache::{Key, Value};
use super::closings::Closings;
use super::column::Column;
use super::confirmations::Confirmations;
use super::day_end::Standings;
use super::fold::Board;
use super::paged::Paged;
use super::pause::{PAUSE_EACH, Pause, Stopped};
use super::ranking::{Ranking, RankingKey};
use super::ranking_sums::RankingSums;
use super::snapshot::Snapshot;
use super::structure::{Stamp, Structure};
use super::tally::{Cell, Counts, RankValues, Tally};
use super::unions::Unions;
use crate::domain::breakdown::BreakdownBy;
use crate::domain::field::Fields;
use crate::domain::period::Metric;
use crate::domain::target::{Part, TargetOrigin};
use crate::domain::unit::UnitKind;
use crate::domain::{
    Closing, Day, Period, PeriodId, Target, TargetKey, Timestamp, Unit, UnitId, Version,
};
use crate::limits::{BREAKDOWN_TEXTS_MAX, KEPT_TEXT_ROWS_MAX, KEPT_TEXTS};

/// The format of the text.
const FORMAT: u32 = 1;

/// The figures of all units that the period covered, a list for each number, in the order of `units`. Units without
/// anything are most of them, so that lists of one number each pack well.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Rows {
    /// The meaning of the names below.
    format: u32,
    /// The version of the closing.
    version: i64,
    period: u32,
    owner: u32,
    starts_on: Day,
    ends_on: Day,
    metric: Option<Metric>,
    /// The units in order of number, each as the difference from the one before.
    units: Vec<u32>,
    /// The number of the unit above each; 0 of the owner.
    parents: Vec<u32>,
    kind_names: Vec<UnitKind>,
    /// Places in `kind_names`.
    kinds: Vec<u8>,
    cluster_names: Vec<String>,
    /// Places in `cluster_names`, from 1; 0 in none.
    clusters: Vec<u32>,
    /// 1 of a closed unit.
    closed: Vec<u8>,
    members: Vec<Option<i32>>,
    /// The goals that ratios are computed with.
    goals: Vec<Option<i32>>,
    unions: Vec<i32>,
    active_unions: Vec<i32>,
    own: Vec<i32>,
    accepted: Vec<i32>,
    pending: Vec<i32>,
    returned: Vec<i32>,
    rejected: Vec<i32>,
    participants: Vec<i32>,
    benefit: Vec<i128>,
    /// In Unix milliseconds; 0 without any.
    last: Vec<i64>,
    breakdowns: Vec<KeptBreakdown>,
}

/// The rows of a unit's breakdown that have something; the unit had others below it.
#[derive(Debug, Serialize, Deserialize)]
struct KeptBreakdown(UnitId, BreakdownBy, Vec<KeptRow>);

/// A row: its key; accepted, pending, returned, rejected; benefit; participants, unions, active unions.
#[derive(Debug, Serialize, Deserialize)]
struct KeptRow(Option<String>, [i32; 4], i128, Option<[i32; 3]>);

/// The rows of texts that figures keep. However many there are, and in whatever order they come, it is the most for each
/// unit with which those of all units fit.
#[derive(Debug, Default)]
struct KeptTexts {
    /// The place in `KEPT_TEXTS` of the most that a unit keeps.
    most: usize,
    /// Those of all units so far.
    rows: usize,
}

impl KeptTexts {
    /// The most that a unit keeps.
    const fn of_unit(&self) -> usize {
        KEPT_TEXTS[self.most]
    }

    /// Takes the newest breakdown into account.
    fn bound(&mut self, breakdowns: &mut [KeptBreakdown]) {
        self.rows += breakdowns.last().map_or(0, KeptBreakdown::texts);
        while self.rows > KEPT_TEXT_ROWS_MAX && self.most + 1 < KEPT_TEXTS.len() {
            self.most += 1;
            breakdowns.iter_mut().for_each(|breakdown| breakdown.keep_texts(self.of_unit()));
            self.rows = breakdowns.iter().map(KeptBreakdown::texts).sum();
        }
    }
}

impl KeptBreakdown {
    /// Its rows of texts, which come first.
    fn texts(&self) -> usize {
        let is_text = |row: &&KeptRow| row.0.as_deref().is_some_and(|key| key != OTHER_TEXTS);
        if self.1 == BreakdownBy::Field { self.2.iter().take_while(is_text).count() } else { 0 }
    }

    /// Keeps so many texts; the others share the row that they have for that.
    fn keep_texts(&mut self, most: usize) {
        let texts = self.texts();
        if texts <= most {
            return;
        }
        let rest: Vec<KeptRow> = self.2.drain(most..texts).collect();
        let has_others = self.2.get(most).is_some_and(|row| row.0.is_some());
        if !has_others {
            let others = KeptRow(Some(OTHER_TEXTS.to_owned()), [0; 4], 0, None);
            self.2.insert(most, others);
        }
        let mut sum = self.2[most].counts();
        rest.iter().for_each(|row| sum.add(row.counts()));
        self.2[most] =
            BreakdownRow { key: Some(OTHER_TEXTS.into()), counts: sum, units: None }.into();
    }
}

impl From<BreakdownRow> for KeptRow {
    fn from(row: BreakdownRow) -> Self {
        let BreakdownRow { key, counts, units } = row;
        let numbers = [counts.accepted, counts.pending, counts.returned, counts.rejected];
        let units =
            units.map(|it| [it.participants, it.grassroots_unions, it.active_grassroots_unions]);
        Self(key.map(Cow::into_owned), numbers, counts.benefit_vnd.get(), units)
    }
}

impl KeptRow {
    fn counts(&self) -> Counts {
        let [accepted, pending, returned, rejected] = self.1;
        let benefit_vnd = BenefitSum::of_sum(self.2);
        Counts { accepted, pending, returned, rejected, benefit_vnd }
    }

    fn row(&self, key: Option<Cow<'static, str>>) -> BreakdownRow {
        let units = self.3.map(|[participants, grassroots_unions, active_grassroots_unions]| {
            UnitCounts { participants, grassroots_unions, active_grassroots_unions }
        });
        BreakdownRow { key, counts: self.counts(), units }
    }
}

/// Kept figures that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum BadFigures {
    #[error("kept figures are no JSON of this program")]
    Json(#[from] serde_json::Error),
    #[error("the lists of kept figures do not fit each other")]
    Lists,
    #[error("kept figures are those of another closing")]
    Another,
    #[error("kept figures have the format {0}, which a newer program wrote")]
    Newer(u32),
    #[error("nobody waits for the kept figures any more")]
    Stopped,
}

/// The part of figures that all formats have.
#[derive(Deserialize)]
struct Head {
    format: u32,
}

/// The part of this format that names the closing.
#[derive(Deserialize)]
struct Named {
    version: i64,
    period: u32,
    starts_on: Day,
    ends_on: Day,
}

impl Named {
    fn is(&self, closing: &Closing) -> bool {
        (self.version, self.period) == (closing.version().0, closing.period.0)
            && (self.starts_on, self.ends_on) == (closing.starts_on, closing.ends_on)
    }
}

/// Whether figures are those of the closing, as far as they say so themselves; those of a newer format may be.
pub fn are_figures_of(text: &[u8], closing: &Closing) -> bool {
    let newer = serde_json::from_slice(text).is_ok_and(|Head { format }| format > FORMAT);
    newer || serde_json::from_slice(text).is_ok_and(|named: Named| named.is(closing))
}

/// Places of values in a list that holds each once.
struct Names<T>(HashMap<T, usize>, Vec<T>);

impl<T: Clone + Eq + std::hash::Hash> Names<T> {
    fn place(&mut self, name: &T) -> usize {
        if let Some(&place) = self.0.get(name) {
            return place;
        }
        self.0.insert(name.clone(), self.1.len());
        self.1.push(name.clone());
        self.1.len() - 1
    }
}

impl Rows {
    fn of(snapshot: &Snapshot, period: &Period, pause: &dyn Pause) -> Result<Self, Stopped> {
        let structure = &snapshot.structure;
        let mut covered: Vec<UnitId> = structure.subtree(period.owner).collect();
        covered.sort_unstable();
        let mut rows = Self {
            format: FORMAT,
            version: snapshot.version().0,
            period: period.id.0,
            owner: period.owner.0,
            starts_on: period.starts_on,
            ends_on: period.ends_on,
            metric: Some(period.metric),
            ..Self::default()
        };
        let mut kinds = Names(HashMap::new(), Vec::new());
        let mut clusters = Names(HashMap::new(), Vec::new());
        let mut texts = KeptTexts::default();
        let mut before = 0;
        for (place, id) in covered.into_iter().enumerate() {
            if place % PAUSE_EACH == 0 {
                pause.pause()?;
            }
            let unit = structure.unit(id);
            rows.units.push(id.0 - before);
            before = id.0;
            let parent = unit.parent.filter(|_| id != period.owner);
            rows.parents.push(parent.map_or(0, |parent| parent.0));
            rows.kinds.push(u8::try_from(kinds.place(&unit.kind)).expect("kinds are few"));
            let cluster = unit.cluster.as_ref().map_or(0, |name| clusters.place(name) + 1);
            rows.clusters.push(u32::try_from(cluster).expect("units are fewer"));
            rows.closed.push(u8::from(!unit.is_open()));
            rows.members.push(unit.member_count);
            rows.goals.push(structure.goal(id, period));
            rows.push(&snapshot.cell(id, period.id));
            if !structure.children(id).is_empty() {
                pause.pause()?;
                rows.break_down(snapshot, id, period.id, &mut texts);
            }
        }
        rows.kind_names = kinds.1;
        rows.cluster_names = clusters.1;
        Ok(rows)
    }

    fn break_down(
        &mut self,
        snapshot: &Snapshot,
        unit: UnitId,
        period: PeriodId,
        texts: &mut KeptTexts,
    ) {
        let counted = snapshot.breakdowns_by_itself(unit, period);
        for by in OF_THE_BOARD {
            let rows = counted.rows_to_keep(snapshot, by, texts.of_unit());
            let rows: Vec<KeptRow> = rows.into_iter().map(Into::into).collect();
            if !rows.is_empty() {
                self.breakdowns.push(KeptBreakdown(unit, by, rows));
            }
            if by == BreakdownBy::Field {
                texts.bound(&mut self.breakdowns);
            }
        }
    }

    fn push(&mut self, tally: &Tally) {
        let counts = tally.counts();
        self.unions.push(tally.grassroots_unions);
        self.active_unions.push(tally.active_grassroots_unions);
        self.own.push(tally.own);
        self.accepted.push(counts.accepted);
        self.pending.push(counts.pending);
        self.returned.push(counts.returned);
        self.rejected.push(counts.rejected);
        self.participants.push(tally.rank_values.participants);
        self.benefit.push(counts.benefit_vnd.get());
        self.last.push(tally.last_submitted_at().map_or(0, |at| at.0));
    }

    fn fits(&self) -> bool {
        let length = self.units.len();
        let numbers = [
            &self.unions,
            &self.active_unions,
            &self.own,
            &self.accepted,
            &self.pending,
            &self.returned,
            &self.rejected,
            &self.participants,
        ];
        numbers.iter().all(|list| list.len() == length)
            && [&self.members, &self.goals].iter().all(|list| list.len() == length)
            && [&self.parents, &self.clusters].iter().all(|list| list.len() == length)
            && [&self.kinds, &self.closed].iter().all(|list| list.len() == length)
            && self.benefit.len() == length
            && self.last.len() == length
            && self.kinds.iter().all(|&kind| usize::from(kind) < self.kind_names.len())
            && self.clusters.iter().all(|&it| it as usize <= self.cluster_names.len())
    }

    fn cell(&self, place: usize) -> Cell {
        let counts = Counts {
            accepted: self.accepted[place],
            pending: self.pending[place],
            returned: self.returned[place],
            rejected: self.rejected[place],
            benefit_vnd: BenefitSum::of_sum(self.benefit[place]),
        };
        let last = Some(self.last[place]).filter(|&at| at != 0).map(Timestamp);
        Cell {
            rank_values: RankValues { counts, participants: self.participants[place] },
            own: self.own[place],
            active_unions: self.active_unions[place],
            last_submitted: last.into(),
        }
    }
}

/// A target of kept figures, which is the one of now as long as that has the same goal.
fn target(now: &Structure, (unit, period): (UnitId, &Period), goal: i32) -> Arc<Target> {
    let origin = TargetOrigin::Assigned;
    let known = now.target(unit, period.id, period.metric, origin);
    if let Some(known) = known.filter(|known| known.goal == goal) {
        return Arc::clone(known);
    }
    let (metric, part) = (period.metric, Part::WHOLE);
    let key = TargetKey { unit, period: period.id, metric, origin, part };
    let (percent_from, percent_to, document_number) = (None, None, None);
    let set_at = Timestamp::default();
    Arc::new(Target { key, goal, percent_from, percent_to, document_number, set_at })
}

/// The figures of a closing, ready to be asked. Units have the codes and names of now.
#[derive(Debug)]
pub struct Kept {
    closing: Arc<Closing>,
    period: Period,
    board: Snapshot,
    breakdowns: HashMap<(UnitId, BreakdownBy), Vec<KeptRow>>,
    /// Bytes of the breakdowns, and of the units that are not as they were.
    beside: usize,
}

impl Kept {
    /// Reads figures; `now` has the units' codes and names.
    ///
    /// # Errors
    /// If the text is not one of [`Snapshot::figures_to_keep`].
    pub fn read(
        text: &[u8],
        closing: Arc<Closing>,
        now: &Structure,
        pause: &dyn Pause,
    ) -> Result<Self, BadFigures> {
        let rows: Rows = serde_json::from_slice(text).map_err(|error| {
            let head = serde_json::from_slice(text).ok();
            let newer = head.map(|Head { format }| format).filter(|&format| format > FORMAT);
            newer.map_or(BadFigures::Json(error), BadFigures::Newer)
        })?;
        if rows.format > FORMAT {
            return Err(BadFigures::Newer(rows.format));
        }
        let Rows { version, period, starts_on, ends_on, .. } = rows;
        if !(Named { version, period, starts_on, ends_on }).is(&closing) {
            return Err(BadFigures::Another);
        }
        let metric = rows.metric.ok_or(BadFigures::Lists)?;
        if rows.format != FORMAT || !rows.fits() {
            return Err(BadFigures::Lists);
        }
        let (owner, id) = (UnitId(rows.owner), PeriodId(rows.period));
        let period = now.get_period(id).ok_or(BadFigures::Lists)?;
        let period = Period {
            owner,
            starts_on: rows.starts_on,
            ends_on: rows.ends_on,
            metric,
            parent: None,
            ..Period::clone(period)
        };
        let mut structure = Structure::default();
        let mut cells = Paged::default();
        let mut unions = Unions::default();
        let (mut number, mut changed) = (0, 0);
        for (place, step) in rows.units.iter().enumerate() {
            if place % PAUSE_EACH == 0 {
                pause.pause().map_err(|Stopped| BadFigures::Stopped)?;
            }
            number += step;
            let id = UnitId(number);
            // One that was deleted since was there.
            let known = now.known(id).ok_or(BadFigures::Lists)?;
            let closed = rows.closed[place] == 1;
            let then = Unit {
                kind: rows.kind_names[usize::from(rows.kinds[place])],
                parent: Some(UnitId(rows.parents[place])).filter(|it| it.0 > 0),
                cluster: (rows.clusters[place] as usize)
                    .checked_sub(1)
                    .map(|place| rows.cluster_names[place].clone()),
                member_count: rows.members[place],
                closed_on: closed.then(|| known.closed_on.unwrap_or(rows.ends_on)),
                deleted: false,
                ..Unit::clone(known)
            };
            // Most units are as they were.
            let unit = if then == **known {
                Arc::clone(known)
            } else {
                let texts = [
                    then.code.len(),
                    then.name.len(),
                    then.cluster.as_ref().map_or(0, String::len),
                ];
                changed += size_of::<Unit>() + texts.iter().sum::<usize>();
                Arc::new(then)
            };
            structure.put_bare(unit);
            if let Some(goal) = rows.goals[place] {
                structure.put_bare_target(target(now, (id, &period), goal));
            }
            let cell = rows.cell(place);
            if cell != Cell::default() {
                *cells.get_mut(structure.place(id)) = cell;
            }
            unions.set(id, rows.unions[place]);
        }
        if structure.get(owner).is_none() {
            return Err(BadFigures::Lists);
        }
        structure.put_period(period.clone());
        structure.set_day(rows.ends_on);
        let mut columns = Paged::default();
        *columns.get_mut(id.index()) = Some(Arc::new(Column::of_cells(cells)));
        let head = Stamp { version: closing.version(), at: closing.at };
        let board = Board { structure, columns, unions, head, ..Board::default() }.snapshot();
        let of = |KeptBreakdown(unit, by, rows)| ((unit, by), rows);
        let breakdowns: HashMap<_, _> = rows.breakdowns.into_iter().map(of).collect();
        let texts = |row: &KeptRow| row.0.as_ref().map_or(0, String::len);
        let rows_of_all = breakdowns.values().flatten();
        let of_rows: usize = rows_of_all.map(|row| size_of_val(row) + texts(row)).sum();
        let entry = size_of::<((UnitId, BreakdownBy), Vec<KeptRow>)>() + 1;
        let beside = changed + of_rows + breakdowns.capacity() * entry;
        Ok(Self { closing, period, board, breakdowns, beside })
    }

    pub const fn closing(&self) -> &Arc<Closing> {
        &self.closing
    }

    /// The period as it was, save for its name and code.
    pub const fn period(&self) -> &Period {
        &self.period
    }

    /// The board of the figures.
    pub(super) const fn board(&self) -> &Snapshot {
        &self.board
    }

    /// Whether the period covered the unit.
    pub fn covers(&self, unit: UnitId) -> bool {
        self.board.structure.get(unit).is_some()
    }

    /// The units that the period covered.
    pub fn units(&self) -> impl Iterator<Item = UnitId> {
        self.board.structure.subtree(self.period.owner)
    }

    /// The unit as it was, save for its name and code; `None` if the period did not cover it.
    pub fn unit(&self, unit: UnitId) -> Option<&Arc<Unit>> {
        self.board.structure.get(unit)
    }

    /// The units directly below a unit of then.
    pub fn children(&self, unit: UnitId) -> &[UnitId] {
        self.board.structure.children(unit)
    }

    /// Zeros for a unit that the period did not cover.
    pub fn tally(&self, unit: UnitId) -> Tally {
        self.board.cell(unit, self.period.id)
    }

    /// The goal that ratios were computed with.
    pub fn goal(&self, unit: UnitId) -> Option<i32> {
        self.board.structure.goal(unit, &self.period)
    }

    pub fn member_count(&self, unit: UnitId) -> Option<i32> {
        self.unit(unit)?.member_count
    }

    /// The rows of a unit's breakdown, in the order of live ones; none of a unit that had no units below it. Teams are not
    /// known: no event tells them. `fields`: the operator's list, whose fields everybody sees.
    pub fn breakdown(
        &self,
        unit: UnitId,
        by: BreakdownBy,
        (fields, texts): (&Fields, Texts),
    ) -> Vec<BreakdownRow> {
        if self.children(unit).is_empty() {
            return Vec::new();
        }
        let kept = self.breakdowns.get(&(unit, by)).map_or(&[][..], Vec::as_slice);
        let has_units = by != BreakdownBy::Team && rests_on_units(by);
        let none = || has_units.then(UnitCounts::default);
        let empty = |key| BreakdownRow { key, counts: Counts::default(), units: none() };
        let found = |name: Option<&str>| kept.iter().find(|row| row.0.as_deref() == name);
        let row = |name: &'static str| {
            let key = Some(Cow::Borrowed(name));
            found(Some(name)).map_or_else(|| empty(key.clone()), |row| row.row(key.clone()))
        };
        let (values, has_unknown) = values_of(by);
        let mut rows: Vec<BreakdownRow> = values.into_iter().map(row).collect();
        if by == BreakdownBy::Team {
            let counts = *self.tally(unit).counts();
            return vec![BreakdownRow { key: None, counts, units: None }];
        }
        if by == BreakdownBy::Field {
            let by_text: HashMap<&str, &KeptRow> =
                kept.iter().filter_map(|row| Some((row.0.as_deref()?, row))).collect();
            // With a row for the rest, a field without one of its own may be a part of it.
            let are_all_there = !by_text.contains_key(OTHER_TEXTS);
            for field in fields.iter() {
                let key = || Some(Cow::Owned(field.code.clone()));
                match by_text.get(field.code.as_str()) {
                    Some(row) => rows.push(row.row(key())),
                    None if are_all_there => rows.push(empty(key())),
                    None => {}
                }
            }
            let listed: HashSet<&str> = fields.iter().map(|field| field.code.as_str()).collect();
            let mut rest = Counts::default();
            let mut shown = 0;
            for row in kept {
                match row.0.as_deref() {
                    Some(text) if listed.contains(text) => {}
                    Some(text)
                        if text != OTHER_TEXTS
                            && texts == Texts::Shown
                            && shown < BREAKDOWN_TEXTS_MAX =>
                    {
                        shown += 1;
                        rows.push(row.row(Some(Cow::Owned(text.to_owned()))));
                    }
                    Some(_) => rest.add(row.counts()),
                    None => {}
                }
            }
            if rest != Counts::default() {
                let key = Some(Cow::Borrowed(OTHER_TEXTS));
                rows.push(BreakdownRow { key, counts: rest, units: None });
            }
        }
        if has_unknown {
            rows.push(found(None).map_or_else(|| empty(None), |row| row.row(None)));
        }
        rows
    }

    /// The number of units that the period covered.
    pub const fn unit_count(&self) -> usize {
        self.board.structure.place_count()
    }

    /// The units that a ranking examines.
    pub fn ranked_at_most(&self, key: &RankingKey) -> usize {
        if key.kinds.is_empty() && key.cluster.is_none() {
            self.children(key.within).len()
        } else {
            self.unit_count()
        }
    }

    fn standings(&self) -> [Standings<'_>; 2] {
        [Standings::Now(&self.board, self.period.id), Standings::Nothing]
    }

    pub(super) const fn bytes(&self) -> usize {
        Self::bytes_of(self.unit_count()) + self.beside
    }

    /// Bytes of memory of so many units, where all are as they were and nothing is broken down.
    const fn bytes_of(units: usize) -> usize {
        let rows = Structure::bare_bytes_up_to(units);
        let cells = Paged::<Cell>::bytes_up_to(units + 1) + Paged::<i32>::bytes_up_to(units + 1);
        size_of::<Self>() + rows + cells
    }
}

impl Snapshot {
    /// The closings that there were by this version.
    pub const fn closings(&self) -> &Closings {
        &self.closings
    }

    /// The confirmed assessments.
    pub const fn confirmations(&self) -> &Confirmations {
        &self.confirmations
    }

    /// The last closing of a period that is over; `None` while it runs.
    pub fn last_closing(&self, period: PeriodId) -> Option<&Arc<Closing>> {
        let is_over = self.structure.get_period(period)?.ends_on < self.today();
        self.closings.last(period).filter(|_| is_over)
    }

    /// The figures that a closing of the period at this version keeps: JSON, the same bytes on each node. A country of 130,000 units takes
    /// 3 to 11 MB of it, and less than 2 MB packed. `None` if there is no such period.
    ///
    /// # Errors
    /// When nobody waits for it any more.
    pub fn figures_to_keep(
        &self,
        period: PeriodId,
        pause: &dyn Pause,
    ) -> Result<Option<String>, Stopped> {
        let Some(period) = self.structure.get_period(period) else { return Ok(None) };
        let rows = Rows::of(self, period, pause)?;
        Ok(Some(serde_json::to_string(&rows).expect("names and numbers are JSON")))
    }

    /// Whether the figures of fields may be others on another node: texts beyond the bound share a number, and which they
    /// are rests on the order in which a node saw them.
    pub fn has_too_many_texts(&self) -> bool {
        self.rows.fields().is_full()
    }

    /// The figures of a closing if somebody asked for them a while ago.
    pub fn kept(&self, period: PeriodId, version: Version) -> Option<Arc<Kept>> {
        match self.cache.get(&Key::Kept(period, version), version) {
            Some(Value::Kept(kept)) => Some(kept),
            _ => None,
        }
    }

    /// The figures of a closing that covered about so many units: those at hand, or what `read` gives, which then stay at
    /// hand for a while. Callers who ask meanwhile wait for that.
    ///
    /// # Errors
    /// When `read` fails; then another caller who waits for it reads.
    pub async fn kept_or_read<E>(
        &self,
        closing: &Closing,
        units: usize,
        read: impl AsyncFnOnce() -> Result<Kept, E>,
    ) -> Result<Arc<Kept>, E> {
        let version = closing.version();
        let key = Key::Kept(closing.period, version);
        let read = async || Ok(Value::Kept(Arc::new(read().await?)));
        let found = self.cache.get_or_read(key, version, Kept::bytes_of(units), read).await?;
        let Value::Kept(kept) = found else { unreachable!("a key names its value's kind") };
        Ok(kept)
    }

    /// A ranking of kept figures.
    ///
    /// # Errors
    /// When nobody waits for it any more.
    pub async fn kept_ranking(
        &self,
        kept: &Kept,
        key: &RankingKey,
        pause: &dyn Pause,
    ) -> Result<Arc<Ranking>, Stopped> {
        let version = kept.closing.version();
        let rank = || {
            let [now, nothing] = kept.standings();
            let ranking = Ranking::of(&kept.board, key, [&now, &nothing], pause)?;
            Ok(Value::Ranking(Arc::new(ranking)))
        };
        let at_most = Ranking::bytes_of(kept.unit_count());
        let question = Key::KeptRanking(version, key.clone());
        let found = self.cache.get_or_compute(question, version, at_most, rank).await?;
        let Value::Ranking(ranking) = found else { unreachable!("a key names its value's kind") };
        Ok(ranking)
    }

    /// The sums beside it.
    ///
    /// # Errors
    /// When nobody waits for them any more.
    pub async fn kept_ranking_sums(
        &self,
        kept: &Kept,
        key: &RankingKey,
        pause: &dyn Pause,
    ) -> Result<Arc<RankingSums>, Stopped> {
        let version = kept.closing.version();
        let ranking = self.kept_ranking(kept, key, pause).await?;
        let add_up = || {
            let [now, nothing] = kept.standings();
            let sums = RankingSums::of(&kept.board, key, &ranking, [&now, &nothing], pause)?;
            Ok(Value::RankingSums(Arc::new(sums)))
        };
        let question = Key::KeptRankingSums(version, key.clone());
        let at_most = size_of::<RankingSums>();
        let found = self.cache.get_or_compute(question, version, at_most, add_up).await?;
        let Value::RankingSums(sums) = found else { unreachable!("a key names its value's kind") };
        Ok(sums)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;
    use crate::board::{BoardBuilder, Counted, RankBy, Traits, Unhurried};
    use crate::domain::initiative::InitiativeKind;
    use crate::domain::period::PeriodKind;
    use crate::domain::{ClosingKind, InitiativeId, InitiativeStatus, Mark, PersonId};

    const ROOT: UnitId = UnitId(1);
    const PHASE: PeriodId = PeriodId(1);

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    /// A root with units below it; the phase 1 of 2022, with the goal of the first.
    fn country(units: u32, goal: i32) -> BoardBuilder {
        let mut builder = BoardBuilder::default();
        builder.day(day("2022-06-01"), Stamp::default());
        for id in 1..=units {
            let unit = Unit {
                id: UnitId(id),
                code: format!("u{id}"),
                name: format!("U{id}"),
                kind: UnitKind::GrassrootsUnion,
                parent: (id > 1).then_some(ROOT),
                cluster: (id % 3 == 0).then(|| format!("C{}", id % 2)),
                sector: None,
                foreign_invested: false,
                member_count: Some(100),
                closed_on: (id % 7 == 0).then(|| day("2022-05-01")),
                placeholder: false,
                deleted: false,
            };
            builder.unit(unit, Stamp::default());
        }
        let period = Period {
            id: PHASE,
            code: "p".to_owned(),
            name: "P".to_owned(),
            kind: PeriodKind::Phase,
            starts_on: day("2022-01-08"),
            ends_on: day("2022-05-31"),
            owner: ROOT,
            parent: None,
            metric: Metric::Submitted,
            applied_from: None,
            applied_until: None,
            placeholder: false,
        };
        builder.period(period.clone(), Stamp::default());
        builder.target(&target(&Structure::default(), (ROOT, &period), goal), Stamp::default());
        builder
    }

    fn enter(builder: &mut BoardBuilder, unit: u32, count: i64, on: &str) {
        enter_of(builder, unit, count, on, None);
    }

    fn enter_of(builder: &mut BoardBuilder, unit: u32, count: i64, on: &str, field: Option<&str>) {
        let people = [PersonId(1)];
        let state = Counted {
            unit: UnitId(unit),
            status: InitiativeStatus::Pending,
            submitted_at: day(on).start(),
            benefit_vnd: None,
            people: &people,
        };
        let traits = Traits { field, ..Traits::of_kind(InitiativeKind::Idea) };
        (0..count)
            .for_each(|_| builder.initiative(InitiativeId(1), state, traits, Stamp::default()));
    }

    fn closing() -> Arc<Closing> {
        let (starts_on, ends_on) = (day("2022-01-08"), day("2022-05-31"));
        Arc::new(Closing {
            period: PHASE,
            kind: ClosingKind::Day,
            starts_on,
            ends_on,
            at: ends_on.plus(1).start(),
            mark: Mark { version: Version::ZERO, tag: 1 },
            note: None,
        })
    }

    #[test]
    fn the_phase_of_2022_is_kept_as_it_was_counted() {
        let mut builder = country(3, 300_000);
        enter(&mut builder, 2, 696_940, "2022-05-31");
        enter(&mut builder, 3, 8, "2022-05-30");
        let then = builder.build(Stamp::default(), 0).snapshot();
        let text = then.figures_to_keep(PHASE, &Unhurried).unwrap().unwrap();
        assert_eq!(
            text,
            then.figures_to_keep(PHASE, &Unhurried).unwrap().unwrap(),
            "always the same bytes"
        );
        // The tree, the goal and the counts of later are others.
        let mut builder = country(4, 1);
        enter(&mut builder, 4, 1, "2022-05-31");
        let mut later = builder.build(Stamp::default(), 0);
        let moved =
            Unit { parent: Some(UnitId(4)), ..Unit::clone(later.structure.unit(UnitId(3))) };
        later.structure.put_unit(moved);
        let now = later.snapshot();
        let kept = Kept::read(text.as_bytes(), closing(), &now.structure, &Unhurried).unwrap();
        for unit in [1, 2, 3].map(UnitId) {
            assert_eq!(kept.tally(unit), then.cell(unit, PHASE), "{unit}");
        }
        assert_eq!(kept.tally(ROOT).submitted(), 696_948);
        let goal = kept.goal(ROOT).unwrap();
        assert_eq!(format!("{:.5}", 696_948.0 / f64::from(goal)), "2.32316");
        assert!(!kept.covers(UnitId(4)) && kept.covers(UnitId(3)));
        assert_eq!(kept.children(ROOT), [UnitId(2), UnitId(3)]);
        let key = RankingKey {
            within: ROOT,
            kinds: Vec::new(),
            cluster: None,
            period: PHASE,
            rank_by: RankBy::Submitted,
            as_of: None,
            since: day("2022-01-08"),
        };
        let ranking = now.kept_ranking(&kept, &key, &Unhurried).now_or_never().unwrap().unwrap();
        let rows: Vec<_> =
            ranking.rows.iter().map(|row| (row.unit.0, row.rank, row.gained)).collect();
        assert_eq!(rows, [(2, 1, 696_940), (3, 2, 8)]);
        assert!(ranking.rows.iter().all(|row| row.previous_rank.is_none()));
        // The same board of later figures has another place.
        let sums = now.kept_ranking_sums(&kept, &key, &Unhurried).now_or_never().unwrap().unwrap();
        assert_eq!((sums.units, sums.own.now.counts.submitted()), (2, 0));
        for (from, to) in [("[1,1,1]", "[1,1]"), ("\"metric\":\"SUBMITTED\",", "")] {
            assert!(text.contains(from), "{text}");
            let damaged = text.replace(from, to);
            let read = Kept::read(damaged.as_bytes(), closing(), &now.structure, &Unhurried);
            assert!(read.is_err(), "{damaged}");
        }
    }

    /// The rows of the root by field: those of the list, of other texts, of the rest, of what is not known.
    fn by_field(kept: &Kept, fields: &Fields, texts: Texts) -> Vec<(Option<String>, i32)> {
        let rows = kept.breakdown(ROOT, BreakdownBy::Field, (fields, texts));
        let row = |row: BreakdownRow| (row.key.map(Cow::into_owned), row.counts.submitted());
        rows.into_iter().map(row).collect()
    }

    fn list(codes: impl IntoIterator<Item = String>) -> Fields {
        let rows: String = codes.into_iter().map(|code| format!("{code},{code}\n")).collect();
        Fields::parse(format!("code,name\n{rows}").as_bytes()).unwrap()
    }

    fn kept(board: &Snapshot) -> Kept {
        let text = board.figures_to_keep(PHASE, &Unhurried).unwrap().unwrap();
        Kept::read(text.as_bytes(), closing(), &board.structure, &Unhurried).unwrap()
    }

    /// With 300 fields, and the one of the list the rarest of them.
    #[test]
    fn a_listed_field_keeps_its_row_whatever_the_others_are() {
        let mut builder = country(3, 1);
        (0..300).for_each(|it| {
            enter_of(&mut builder, 2, 2, "2022-05-31", Some(&format!("x{it}")));
        });
        enter_of(&mut builder, 2, 1, "2022-05-31", Some("listed"));
        enter(&mut builder, 2, 5, "2022-05-31");
        let board = builder.build(Stamp::default(), 0).snapshot();
        let kept = kept(&board);
        let fields = list(["listed".to_owned(), "empty".to_owned()]);
        let rows = by_field(&kept, &fields, Texts::Shown);
        assert_eq!(rows[..2], [(Some("listed".to_owned()), 1), (Some("empty".to_owned()), 0)]);
        assert_eq!(rows.len(), 2 + BREAKDOWN_TEXTS_MAX + 2);
        assert_eq!(rows[rows.len() - 2..], [(Some(OTHER_TEXTS.to_owned()), 400), (None, 5)]);
        assert_eq!(rows.iter().map(|(_, count)| count).sum::<i32>(), 606);
        let hidden = by_field(&kept, &fields, Texts::Hidden);
        assert_eq!(hidden[2..], [(Some(OTHER_TEXTS.to_owned()), 600), (None, 5)]);
    }

    /// More texts than a closing keeps: a field of the list that may be among the rest has no row of zero.
    #[test]
    fn fields_beyond_the_kept_ones_are_in_the_rest() {
        let mut builder = country(3, 1);
        let all = KEPT_TEXTS[0] + 7;
        (0..all).for_each(|it| {
            enter_of(&mut builder, 2, 2, "2022-05-31", Some(&format!("x{it}")));
        });
        enter_of(&mut builder, 2, 1, "2022-05-31", Some("rare"));
        let board = builder.build(Stamp::default(), 0).snapshot();
        let rows =
            by_field(&kept(&board), &list(["rare".to_owned(), "x0".to_owned()]), Texts::Hidden);
        let rest = 2 * i32::try_from(all - 1).unwrap() + 1;
        let expected =
            [(Some("x0".to_owned()), 2), (Some(OTHER_TEXTS.to_owned()), rest), (None, 0)];
        assert_eq!(rows, expected);
    }

    /// However units come, all keep the same number of texts, and the sums stay.
    #[test]
    fn too_many_texts_together_are_bounded_for_all_units_alike() {
        let row = |key: &str, count| KeptRow(Some(key.to_owned()), [count, 0, 0, 0], 0, None);
        let of = |unit: u32, texts: usize| {
            let mut rows: Vec<KeptRow> = (0..texts).map(|it| row(&format!("x{it}"), 1)).collect();
            rows.push(KeptRow(None, [3, 0, 0, 0], 0, None));
            KeptBreakdown(UnitId(unit), BreakdownBy::Field, rows)
        };
        let units = KEPT_TEXT_ROWS_MAX / 100 - 1;
        let texts = |unit: usize| if unit.is_multiple_of(50) { KEPT_TEXTS[0] } else { 99 };
        let counts = |turned: bool| {
            let (mut bound, mut all) = (KeptTexts::default(), Vec::new());
            for at in 0..units {
                let unit = if turned { units - 1 - at } else { at };
                all.push(of(u32::try_from(unit).unwrap(), texts(unit)));
                let most = bound.of_unit();
                all.last_mut().unwrap().keep_texts(most);
                bound.bound(&mut all);
            }
            for breakdown in &all {
                let sum: i32 = breakdown.2.iter().map(|row| row.counts().accepted).sum();
                assert_eq!(usize::try_from(sum).unwrap(), texts(breakdown.0.0 as usize) + 3);
            }
            all.sort_by_key(|breakdown| breakdown.0);
            all.iter().map(KeptBreakdown::texts).collect::<Vec<_>>()
        };
        let found = counts(false);
        assert_eq!(found, counts(true));
        assert_eq!((found[0], found[1]), (100, 99));
    }

    /// Figures of a program to come are told from damaged ones.
    #[test]
    fn figures_of_a_newer_format_are_told_as_such() {
        let board = country(2, 1).build(Stamp::default(), 0).snapshot();
        let text = board.figures_to_keep(PHASE, &Unhurried).unwrap().unwrap();
        let another = text.replacen("\"version\":0", "\"version\":7", 1);
        let read = Kept::read(another.as_bytes(), closing(), &board.structure, &Unhurried);
        assert!(matches!(read, Err(BadFigures::Another)), "{read:?}");
        assert!(are_figures_of(text.as_bytes(), &closing()));
        assert!(!are_figures_of(another.as_bytes(), &closing()));
        let newer = text.replacen("\"format\":1", "\"format\":2", 1);
        for text in [newer.as_str(), r#"{"format":9,"anything":{}}"#] {
            let read = Kept::read(text.as_bytes(), closing(), &board.structure, &Unhurried);
            assert!(matches!(read, Err(BadFigures::Newer(_))), "{read:?}");
        }
        let read = Kept::read(b"{\"format\":1}", closing(), &board.structure, &Unhurried);
        assert!(matches!(read, Err(BadFigures::Json(_))), "{read:?}");
    }

    #[test]
    fn a_country_takes_little_room() {
        const UNITS: u32 = 130_000;
        let mut builder = country(UNITS, 1_000_000);
        for unit in (2..UNITS).step_by(3) {
            enter(&mut builder, unit, i64::from(unit % 11), "2022-03-05");
        }
        let board = builder.build(Stamp::default(), 0).snapshot();
        let text = board.figures_to_keep(PHASE, &Unhurried).unwrap().unwrap();
        assert!(text.len() < 90 * UNITS as usize, "{}", text.len());
        let kept = Kept::read(text.as_bytes(), closing(), &board.structure, &Unhurried).unwrap();
        assert_eq!(kept.tally(ROOT), board.cell(ROOT, PHASE));
        assert_eq!(kept.unit_count(), UNITS as usize);
        assert!(kept.bytes() < 48 << 20, "{}", kept.bytes());
    }
}
