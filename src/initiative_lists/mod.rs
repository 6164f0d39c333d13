//! Pages and counts of initiatives, as far as somebody sees them.
//!
//! What a caller does not see is not found, counted or ordered by. Pages follow a position in the
//! order, so each row that was there is shown exactly once while others are added. Nothing here
//! depends on how full the database is but the way that is chosen; every way gives the same rows.
//! Lists of many units are answered together: the number of statements does not grow with them.

use crate::auth::permissions::seen_subtrees;
use crate::board::Snapshot;
use crate::domain::{Grant, InitiativeStatus, PeriodId, UnitId};
use crate::limits::{CANDIDATES_MAX, SCAN_ROWS_MAX, SCAN_ROWS_MIN, SEARCHED_ROWS_MAX, WINDOW_ROWS};
use crate::store::{
    BenefitPart, Error, Filter, KeyRange, ListRow, NO_BENEFIT, Order, Position, ReadTx, UnitProbe,
};

/// Before the rows of each unit are read, the field's own index is followed for at most this share of the rows that
/// they would be. A row costs about the same either way.
const OWN_INDEX_SHARE: f64 = 0.5;

/// A page that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PageRequest {
    pub filter: Filter,
    pub order: Order,
    pub descending: bool,
    /// From the end of the list, not from its beginning.
    pub from_end: bool,
    pub limit: usize,
    /// Only what stands after this, in the order of the list.
    pub after: Option<Position>,
    /// Only what stands before this.
    pub before: Option<Position>,
}

/// A page that was found, in the order of the list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    pub rows: Vec<Position>,
    /// Whether there is more in the direction that the page was taken from.
    pub more: bool,
}

/// How much of a subtree's initiatives is seen.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Reach {
    All,
    Public,
    /// All below these, and elsewhere what is public.
    Partly,
}

/// What is seen by whom, and how many rows are to be expected where.
struct View<'a> {
    snapshot: &'a Snapshot,
    seen: Vec<UnitId>,
    /// The period of the root that holds most; only guesses rest on it.
    gauge: Option<PeriodId>,
}

/// How many rows a list is guessed to have, and out of how many.
struct Guess {
    /// Of these statuses below the unit, and in all.
    wanted: f64,
    wanted_in_all: f64,
    /// Of any status below the unit.
    rows: f64,
    units: f64,
    in_all: f64,
}

impl<'a> View<'a> {
    fn new(snapshot: &'a Snapshot, grants: &[Grant]) -> Self {
        let registry = &snapshot.registry;
        let root = registry.root();
        let held = |period: &&PeriodId| snapshot.cell(root, **period).submitted();
        Self {
            snapshot,
            seen: seen_subtrees(grants, registry),
            gauge: registry.periods_owned(root).iter().max_by_key(held).copied(),
        }
    }

    fn reach(&self, top: UnitId) -> Reach {
        let registry = &self.snapshot.registry;
        if self.sees_unit(top) {
            Reach::All
        } else if self.seen.iter().any(|&unit| registry.is_within(unit, top)) {
            Reach::Partly
        } else {
            Reach::Public
        }
    }

    /// Whether all of a unit's initiatives are seen.
    fn sees_unit(&self, unit: UnitId) -> bool {
        self.snapshot.registry.climb(unit).any(|step| self.seen.contains(&step))
    }

    fn guess(&self, top: UnitId, statuses: &[InitiativeStatus]) -> Guess {
        let cell = |unit| self.gauge.map(|it| self.snapshot.cell(unit, it)).unwrap_or_default();
        let (here, all) = (cell(top), cell(self.snapshot.registry.root()));
        let count = |cell: &crate::board::Cell| -> f64 {
            let counts = cell.counts();
            let of = |status: &InitiativeStatus| match status {
                InitiativeStatus::Pending => counts.pending,
                InitiativeStatus::Returned => counts.returned,
                InitiativeStatus::Accepted => counts.accepted,
                InitiativeStatus::Rejected => counts.rejected,
                InitiativeStatus::Withdrawn => 0,
            };
            f64::from(statuses.iter().map(of).sum::<i32>())
        };
        Guess {
            wanted: count(&here),
            wanted_in_all: count(&all),
            rows: f64::from(here.submitted()),
            units: f64::from(here.grassroots_unions),
            in_all: f64::from(all.submitted()),
        }
    }

    /// The units of a list, each with whether all of its rows are seen.
    fn unit_probes(&self, list: usize, top: UnitId) -> Vec<UnitProbe> {
        let reach = self.reach(top);
        let registry = &self.snapshot.registry;
        let seen = |unit| match reach {
            Reach::All => true,
            Reach::Public => false,
            Reach::Partly => self.sees_unit(unit),
        };
        registry.subtree(top).map(|unit| UnitProbe { list, unit, seen: seen(unit) }).collect()
    }
}

impl PageRequest {
    /// The range, read from the side that the page is taken from.
    const fn key_range(&self) -> KeyRange {
        if self.from_end {
            KeyRange {
                order: self.order,
                descending: !self.descending,
                after: self.before,
                before: self.after,
            }
        } else {
            KeyRange {
                order: self.order,
                descending: self.descending,
                after: self.after,
                before: self.before,
            }
        }
    }

    /// Whether something of the order or the filter is hidden of confidential rows.
    const fn hides(&self) -> bool {
        self.filter.field.is_some() || matches!(self.order, Order::Benefit)
    }
}

/// How the rows of a page are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessPath {
    /// The one that is expected to read least.
    Cheapest,
    /// Through all units.
    IndexScan,
    /// Unit by unit.
    PerUnit,
}

/// The pages of the lists of these units, each named once, in their order. Every choice gives the
/// same.
///
/// # Errors
/// When the database cannot be read.
pub async fn pages(
    tx: &mut ReadTx,
    snapshot: &Snapshot,
    grants: &[Grant],
    tops: &[UnitId],
    request: &PageRequest,
    path: AccessPath,
) -> Result<Vec<Page>, Error> {
    let view = View::new(snapshot, grants);
    let mut pages = Pages { view: &view, request, tops, rows: vec![Vec::new(); tops.len()] };
    if request.filter.statuses.is_empty() {
        return Ok(pages.finish());
    }
    let searches = !request.filter.words.is_empty();
    let mut path = path;
    if path == AccessPath::Cheapest && searches && pages.is_searched() {
        path = AccessPath::PerUnit;
    }
    if path == AccessPath::Cheapest {
        if searches && pages.try_window(tx).await? {
            return Ok(pages.finish());
        }
        if let Some(ids) = candidates(tx, &view, &request.filter).await? {
            let found = tx.candidates(&request.filter, request.order, &ids).await?;
            pages.take_candidates(found);
            return Ok(pages.finish());
        }
    }
    let is_scanned = |&list: &usize| match path {
        AccessPath::Cheapest => pages.is_dense(list),
        AccessPath::IndexScan => true,
        AccessPath::PerUnit => false,
    };
    let (dense, mut sparse): (Vec<usize>, Vec<usize>) = (0..tops.len()).partition(is_scanned);
    if path == AccessPath::Cheapest && pages.try_own_index(tx, &sparse).await? {
        sparse.clear();
    }
    if !sparse.is_empty() {
        let units: Vec<UnitProbe> =
            sparse.iter().flat_map(|&list| view.unit_probes(list, tops[list])).collect();
        for (list, row) in
            tx.per_unit(&request.filter, &request.key_range(), &units, request.limit + 1).await?
        {
            pages.rows[list].push(row.position);
        }
    }
    if !dense.is_empty() {
        pages.index_scan(tx, &dense).await?;
    }
    Ok(pages.finish())
}

/// All rows that the rarest part of the filter leaves, where these are few; else `None`.
async fn candidates(
    tx: &mut ReadTx,
    view: &View<'_>,
    filter: &Filter,
) -> Result<Option<Vec<crate::domain::InitiativeId>>, Error> {
    let few = |ids: Vec<_>| (ids.len() <= CANDIDATES_MAX).then_some(ids);
    // The longest is the rarest, mostly; and asking for a frequent one as well costs more than
    // looking whether it is there.
    if let Some(word) = filter.words.iter().max_by_key(|word| word.len()) {
        return Ok(few(tx.with_word(word, CANDIDATES_MAX + 1).await?));
    }
    match filter.changed_after {
        Some(version)
            if view.snapshot.version().0.saturating_sub(version.0)
                <= i64::try_from(CANDIDATES_MAX).unwrap_or(i64::MAX) =>
        {
            Ok(few(tx.changed_after(version, CANDIDATES_MAX + 1).await?))
        }
        _ => Ok(None),
    }
}

struct Pages<'a> {
    view: &'a View<'a>,
    request: &'a PageRequest,
    tops: &'a [UnitId],
    /// The rows of each list, in the order in which the range is read.
    rows: Vec<Vec<Position>>,
}

impl Pages<'_> {
    /// Whether a scan through all units is expected to cost less than asking each unit of the
    /// subtree.
    fn is_dense(&self, list: usize) -> bool {
        let top = self.tops[list];
        if top == self.view.snapshot.registry.root() {
            return true;
        }
        let guess = self.guess(list);
        let share = self.share_of_words(&guess) * self.share_of_filter();
        self.expected_scan(&guess) / share <= 2.0 * guess.units + guess.rows
    }

    /// What is left of all rows by words that more than some thousands have.
    fn share_of_words(&self, guess: &Guess) -> f64 {
        if self.request.filter.words.is_empty() {
            1.0
        } else {
            as_f64(CANDIDATES_MAX) / guess.in_all.max(as_f64(CANDIDATES_MAX))
        }
    }

    /// Whether all rows of all lists can be searched for words, unit by unit: the index of units
    /// holds them as well.
    fn is_searched(&self) -> bool {
        let root = self.view.snapshot.registry.root();
        let rows = (0..self.tops.len()).map(|list| {
            let guess = self.guess(list);
            guess.rows + 2.0 * guess.units
        });
        !self.tops.contains(&root) && rows.sum::<f64>() <= SEARCHED_ROWS_MAX
    }

    /// Words that most titles have fill the page from the newest rows; no index of words tells of
    /// them without reading all of theirs.
    async fn try_window(&mut self, tx: &mut ReadTx) -> Result<bool, Error> {
        let filter = &self.request.filter;
        if self.request.order != Order::SubmittedAt || filter.statuses.is_empty() {
            return Ok(false);
        }
        let (range, hides) = (self.request.key_range(), self.request.hides());
        let rows = tx.scan_window(filter, &range, hides, WINDOW_ROWS).await?;
        let lists: Vec<usize> = (0..self.tops.len()).collect();
        for row in rows {
            self.take(&lists, row, BenefitPart::Stated);
        }
        let is_full = self.rows.iter().all(|rows| rows.len() > self.request.limit);
        if !is_full {
            self.rows.iter_mut().for_each(Vec::clear);
        }
        Ok(is_full)
    }

    /// Of a field, or of examples, the index in the list's order holds no other rows, and mostly
    /// fills a large subtree's page, or ends, long before all rows there are read. Where a field is
    /// elsewhere it does not, so it is followed only as far as that is cheap.
    async fn try_own_index(&mut self, tx: &mut ReadTx, lists: &[usize]) -> Result<bool, Error> {
        let filter = &self.request.filter;
        let has_own = filter.field.is_some() || filter.featured == Some(true);
        if lists.is_empty() || !has_own || self.request.order != Order::SubmittedAt {
            return Ok(false);
        }
        let (mut met, mut per_unit) = (0.0_f64, 0.0);
        for &list in lists {
            let guess = self.guess(list);
            met = met.max(self.expected_scan(&guess));
            per_unit += guess.rows;
        }
        let rows_max = (per_unit * OWN_INDEX_SHARE).min(as_f64(SCAN_ROWS_MAX));
        if met > rows_max {
            return Ok(false);
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between the rows of a page and those of an index scan"
        )]
        let rows_max = rows_max as usize;
        let (filter, range, hides) =
            (filter.clone(), self.request.key_range(), self.request.hides());
        let rows = tx.index_scan(&filter, &range, BenefitPart::Stated, hides, rows_max).await?;
        let is_all = rows.len() < rows_max;
        for row in rows {
            self.take(lists, row, BenefitPart::Stated);
        }
        let is_full = |&list: &usize| self.rows[list].len() > self.request.limit;
        let is_done = is_all || lists.iter().all(is_full);
        if !is_done {
            lists.iter().for_each(|&list| self.rows[list].clear());
        }
        Ok(is_done)
    }

    fn guess(&self, list: usize) -> Guess {
        let top = self.tops[list];
        let public = [InitiativeStatus::Accepted];
        match self.view.reach(top) {
            Reach::Public => self.view.guess(top, &public),
            _ => self.view.guess(top, &self.request.filter.statuses),
        }
    }

    /// What is guessed to be left of all rows by the rest of the filter.
    fn share_of_filter(&self) -> f64 {
        let filter = &self.request.filter;
        let mut share = 1.0;
        if let Some(kinds) = &filter.kinds {
            share *= f64::from(u32::try_from(kinds.len()).unwrap_or(1)) / 6.0;
        }
        if filter.entered_by.is_some() || filter.featured.is_some() || filter.field.is_some() {
            share /= 10.0;
        }
        share
    }

    /// How many rows an index scan is expected to read until a page is full, among those that the filter leaves.
    fn expected_scan(&self, guess: &Guess) -> f64 {
        let through = match self.request.order {
            // Its index begins with the status.
            Order::SubmittedAt => guess.wanted_in_all,
            Order::UpdatedAt | Order::Benefit => guess.in_all,
        };
        (as_f64(self.request.limit + 1) * through / guess.wanted.max(0.5)).min(through)
    }

    /// Few rows, from wherever: those seen, in order.
    fn take_candidates(&mut self, mut found: Vec<ListRow>) {
        let registry = &self.view.snapshot.registry;
        let range = self.request.key_range();
        found.retain_mut(|row| {
            let seen = self.view.sees_unit(row.unit);
            if row.confidential && !seen && self.request.order == Order::Benefit {
                row.position.value = NO_BENEFIT;
            }
            let is_hidden = row.confidential && self.request.filter.field.is_some();
            (seen || (row.status == InitiativeStatus::Accepted && !is_hidden))
                && range.holds(row.position)
        });
        found.sort_unstable_by_key(|row| row.position);
        if range.descending {
            found.reverse();
        }
        for (list, &top) in self.tops.iter().enumerate() {
            let below = found.iter().filter(|row| registry.is_within(row.unit, top));
            self.rows[list].extend(below.map(|row| row.position).take(self.request.limit + 1));
        }
    }

    /// Scans the index once for all of these lists, until each page is full.
    async fn index_scan(&mut self, tx: &mut ReadTx, lists: &[usize]) -> Result<(), Error> {
        let reaches: Vec<Reach> =
            lists.iter().map(|&list| self.view.reach(self.tops[list])).collect();
        let mut filter = self.request.filter.clone();
        let is_public = reaches.iter().all(|reach| *reach == Reach::Public);
        if is_public {
            filter.statuses.retain(|status| *status == InitiativeStatus::Accepted);
            if filter.statuses.is_empty() {
                return Ok(());
            }
        }
        let expected = lists.iter().map(|&list| self.expected_scan(&self.guess(list)));
        let expected = expected.fold(0.0, f64::max);
        let sees_all = reaches.iter().all(|reach| *reach == Reach::All);
        let with_confidential = self.request.hides() && !sees_all;
        let range = self.request.key_range();
        let parts: &[BenefitPart] = match (self.request.order, range.descending) {
            (Order::Benefit, true) => &[BenefitPart::Stated, BenefitPart::NotStated],
            (Order::Benefit, false) => &[BenefitPart::NotStated, BenefitPart::Stated],
            _ => &[BenefitPart::Stated],
        };
        for &part in parts {
            let Some(mut range) = part_of(range, part) else { continue };
            let mut chunk = rows_of(expected * 1.25);
            loop {
                let rows = tx.index_scan(&filter, &range, part, with_confidential, chunk).await?;
                let last = rows.last().map(|row| row.position);
                let is_end = rows.len() < chunk;
                for row in rows {
                    self.take(lists, row, part);
                }
                let limit = self.request.limit;
                if lists.iter().all(|&list| self.rows[list].len() > limit) {
                    return Ok(());
                }
                if is_end {
                    break;
                }
                range.after = last;
                chunk = (chunk * 4).min(SCAN_ROWS_MAX);
            }
        }
        Ok(())
    }

    fn take(&mut self, lists: &[usize], row: ListRow, part: BenefitPart) {
        let is_seen = self.view.sees_unit(row.unit);
        if !is_seen && row.status != InitiativeStatus::Accepted {
            return;
        }
        if self.request.order == Order::Benefit {
            let is_shown = match part {
                // What is hidden stands among those not stated.
                BenefitPart::Stated => is_seen || !row.confidential,
                // Confidential says here that there is a benefit.
                BenefitPart::NotStated => !(row.confidential && is_seen),
            };
            if !is_shown {
                return;
            }
        }
        if self.request.filter.field.is_some() && row.confidential && !is_seen {
            return;
        }
        let path: Vec<UnitId> = self.view.snapshot.registry.climb(row.unit).collect();
        for &list in lists {
            if self.rows[list].len() <= self.request.limit && path.contains(&self.tops[list]) {
                self.rows[list].push(row.position);
            }
        }
    }

    fn finish(self) -> Vec<Page> {
        let (limit, from_end) = (self.request.limit, self.request.from_end);
        let finish = |mut rows: Vec<Position>| {
            let more = rows.len() > limit;
            rows.truncate(limit);
            if from_end {
                rows.reverse();
            }
            Page { rows, more }
        };
        self.rows.into_iter().map(finish).collect()
    }
}

impl KeyRange {
    fn holds(&self, position: Position) -> bool {
        let follows =
            |from: Position, to: Position| if self.descending { to < from } else { from < to };
        self.after.is_none_or(|after| follows(after, position))
            && self.before.is_none_or(|before| follows(position, before))
    }
}

/// The sub-range that lies in a part of the benefit order; `None` when nothing does.
fn part_of(mut range: KeyRange, part: BenefitPart) -> Option<KeyRange> {
    if range.order != Order::Benefit {
        return Some(range);
    }
    let is_in =
        |position: &Position| (position.value == NO_BENEFIT) == (part == BenefitPart::NotStated);
    // The part that is read first has nothing left after a position of the other one.
    let comes_first = (part == BenefitPart::Stated) == range.descending;
    if comes_first && range.after.is_some_and(|after| !is_in(&after)) {
        return None;
    }
    if !comes_first && range.before.is_some_and(|before| !is_in(&before)) {
        return None;
    }
    range.after = range.after.filter(is_in);
    range.before = range.before.filter(is_in);
    Some(range)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a guess within these bounds"
)]
fn rows_of(expected: f64) -> usize {
    (expected as usize).clamp(SCAN_ROWS_MIN, SCAN_ROWS_MAX)
}

#[expect(clippy::cast_precision_loss, reason = "only guesses are made of it")]
const fn as_f64(count: usize) -> f64 {
    count as f64
}

/// A count that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CountRequest {
    pub filter: Filter,
    /// Of the filter's: the only other one that the fold knows.
    pub period: Option<PeriodId>,
    /// Whether the filter asks for nothing but the period's days and statuses.
    pub is_plain: bool,
}

/// How many initiatives of each of these units' subtrees, each named once, are seen.
///
/// # Errors
/// When the database cannot be read.
pub async fn counts(
    tx: &mut ReadTx,
    snapshot: &Snapshot,
    grants: &[Grant],
    tops: &[UnitId],
    request: &CountRequest,
) -> Result<Vec<i64>, Error> {
    let view = View::new(snapshot, grants);
    let mut counts = vec![0; tops.len()];
    let mut filter = request.filter.clone();
    if let Some(period) = request.period.filter(|_| request.is_plain) {
        // What the fold knows is all but what was withdrawn.
        for (list, &top) in tops.iter().enumerate() {
            counts[list] = view.folded(top, period, &filter.statuses);
        }
        filter.statuses.retain(|status| *status == InitiativeStatus::Withdrawn);
        // Nobody but managers sees those.
        if tops.iter().all(|&top| view.reach(top) == Reach::Public) {
            filter.statuses.clear();
        }
    }
    if filter.statuses.is_empty() {
        return Ok(counts);
    }
    let root = snapshot.registry.root();
    let mut probes = Vec::new();
    for (list, &top) in tops.iter().enumerate() {
        if top == root {
            counts[list] += count_root(tx, &view, &filter).await?;
        } else {
            probes.extend(view.unit_probes(list, top));
        }
    }
    if !probes.is_empty() {
        for (list, count) in tx.count_per_unit(&filter, &probes).await? {
            counts[list] += count;
        }
    }
    Ok(counts)
}

/// The root's without naming all units: what is public, and what only is seen below some.
async fn count_root(tx: &mut ReadTx, view: &View<'_>, filter: &Filter) -> Result<i64, Error> {
    match view.reach(view.snapshot.registry.root()) {
        Reach::All => tx.count_all(filter, false).await,
        Reach::Public => tx.count_all(filter, true).await,
        Reach::Partly => {
            // Each unit below once as one who sees it all, and once as the public does.
            let mut units = Vec::new();
            for &top in &view.seen {
                for unit in view.snapshot.registry.subtree(top) {
                    units.push(UnitProbe { list: 0, unit, seen: true });
                    units.push(UnitProbe { list: 1, unit, seen: false });
                }
            }
            let mut count = tx.count_all(filter, true).await?;
            for (list, part) in tx.count_per_unit(filter, &units).await? {
                count += if list == 0 { part } else { -part };
            }
            Ok(count)
        }
    }
}

impl View<'_> {
    fn folded(&self, top: UnitId, period: PeriodId, statuses: &[InitiativeStatus]) -> i64 {
        let counted = |unit: UnitId, statuses: &[InitiativeStatus]| -> i64 {
            let cell = self.snapshot.cell(unit, period);
            let counts = cell.counts();
            let of = |status: &InitiativeStatus| match status {
                InitiativeStatus::Pending => counts.pending,
                InitiativeStatus::Returned => counts.returned,
                InitiativeStatus::Accepted => counts.accepted,
                InitiativeStatus::Rejected => counts.rejected,
                InitiativeStatus::Withdrawn => 0,
            };
            statuses.iter().map(of).map(i64::from).sum()
        };
        let public: Vec<InitiativeStatus> =
            statuses.iter().copied().filter(|it| *it == InitiativeStatus::Accepted).collect();
        match self.reach(top) {
            Reach::All => counted(top, statuses),
            Reach::Public => counted(top, &public),
            Reach::Partly => {
                let registry = &self.snapshot.registry;
                let below = self.seen.iter().filter(|&&unit| registry.is_within(unit, top));
                let more = below.map(|&unit| counted(unit, statuses) - counted(unit, &public));
                counted(top, &public) + more.sum::<i64>()
            }
        }
    }
}
