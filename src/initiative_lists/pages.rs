//! Pages of initiatives: the rows that an access path reads, as far as they are seen.

use super::board_scan::BoardScan;
use super::plan::{AccessPath, Planner, SearchSteps};
use super::request::{Page, PageRequest};
use super::search::Search;
use super::visibility::{Coverage, View};
use crate::board::{Pause, Snapshot, Stopped};
use crate::domain::{Grant, InitiativeId, InitiativeStatus, UnitId};
use crate::limits::{CANDIDATES_MAX, SCAN_ROWS_MAX, WINDOW_ROWS};
use crate::store::{
    BenefitPart, Error, Filter, KeyRange, ListRow, NO_BENEFIT, Order, Position, ReadTx, UnitProbe,
};

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
    let planner = Planner::new(&view, request, tops);
    let mut pages = Pages { planner: &planner, rows: vec![Vec::new(); tops.len()] };
    if request.filter.statuses.is_empty() {
        return Ok(pages.finish());
    }
    let mut path = path;
    let search = Search::new(&planner);
    match path {
        AccessPath::Cheapest => {
            let is_told = search.is_some();
            if let Some(search) = search
                && pages.try_search(tx, search).await?
            {
                return Ok(pages.finish());
            }
            if !request.filter.words.is_empty() && planner.is_searched() {
                path = AccessPath::PerUnit;
            } else if !is_told && let Some(ids) = candidates(tx, &view, &request.filter).await? {
                let found = tx.candidates(&request.filter, request.order, &ids).await?;
                pages.take_candidates(found);
                return Ok(pages.finish());
            }
        }
        AccessPath::Search(steps) => {
            if let Some(search) = search
                && pages.take_all(search.rows(tx, steps).await?)
            {
                return Ok(pages.finish());
            }
        }
        AccessPath::IndexScan | AccessPath::PerUnit | AccessPath::Board => {}
    }
    let is_scanned = |&list: &usize| match path {
        AccessPath::Cheapest | AccessPath::Board | AccessPath::Search(_) => planner.is_dense(list),
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
        for (list, position) in
            tx.per_unit(&request.filter, &request.key_range(), &units, request.limit + 1).await?
        {
            pages.rows[list].push(position);
        }
    }
    if !dense.is_empty() {
        pages.index_scan(tx, &dense).await?;
    }
    Ok(pages.finish())
}

/// The page of a list, if the board itself gives it at less cost than tables.
///
/// # Errors
/// When nobody waits for it any more.
pub fn page_of_board(
    snapshot: &Snapshot,
    grants: &[Grant],
    top: UnitId,
    request: &PageRequest,
    path: AccessPath,
    pause: &dyn Pause,
) -> Result<Option<Page>, Stopped> {
    let view = View::new(snapshot, grants);
    let Some(mut scan) = BoardScan::new(&view, &request.filter, pause) else { return Ok(None) };
    let is_chosen = match path {
        AccessPath::Cheapest => Planner::new(&view, request, &[top]).is_on_board(0),
        AccessPath::Board => true,
        AccessPath::IndexScan | AccessPath::PerUnit | AccessPath::Search(_) => false,
    };
    if !is_chosen {
        return Ok(None);
    }
    let rows = scan.page(top, &request.key_range(), request.limit + 1)?;
    Ok(Some(request.page_of(rows)))
}

/// All rows that the rarest part of the filter leaves; `None` when these are many.
async fn candidates(
    tx: &mut ReadTx,
    view: &View<'_>,
    filter: &Filter,
) -> Result<Option<Vec<InitiativeId>>, Error> {
    let few = |ids: Vec<_>| (ids.len() <= CANDIDATES_MAX).then_some(ids);
    // The longest word is mostly the rarest. Looking a row's title through for the others costs less than asking the
    // index for a frequent one.
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

/// The rows of the lists so far.
struct Pages<'a> {
    planner: &'a Planner<'a>,
    /// The rows of each list, in the order in which the range is read.
    rows: Vec<Vec<Position>>,
}

impl Pages<'_> {
    /// Looks for the words among few rows. Returns whether that gave all pages.
    async fn try_search(&mut self, tx: &mut ReadTx, search: Search<'_>) -> Result<bool, Error> {
        let steps = SearchSteps::USUAL;
        if (0..self.planner.tops.len()).all(|list| self.planner.is_on_board(list)) {
            let found = search.rows(tx, steps).await?;
            return Ok(self.take_all(found));
        }
        if self.planner.is_searched() {
            return Ok(false);
        }
        for window in [steps.first, WINDOW_ROWS] {
            if self.try_window(tx, window).await? {
                return Ok(true);
            }
        }
        let found = search.named_rows(tx, steps.named).await?;
        Ok(self.take_all(found))
    }

    /// Takes over the rows of all lists, if they were found.
    fn take_all(&mut self, found: Option<Vec<Vec<Position>>>) -> bool {
        match found {
            Some(rows) => self.rows = rows,
            None => return false,
        }
        true
    }

    /// Looks for the words in the newest rows. Words that most titles have fill the page from there; the index of words
    /// would read all of theirs. Returns whether all pages are full.
    async fn try_window(&mut self, tx: &mut ReadTx, window: usize) -> Result<bool, Error> {
        let filter = &self.planner.request.filter;
        if self.planner.request.order != Order::SubmittedAt || filter.statuses.is_empty() {
            return Ok(false);
        }
        let (range, hides) = (self.planner.request.key_range(), self.planner.request.hides());
        let rows = tx.scan_window(filter, &range, hides, window).await?;
        let lists: Vec<usize> = (0..self.planner.tops.len()).collect();
        for row in rows {
            self.take(&lists, row, BenefitPart::Stated);
        }
        let is_full = self.rows.iter().all(|rows| rows.len() > self.planner.request.limit);
        if !is_full {
            self.rows.iter_mut().for_each(Vec::clear);
        }
        Ok(is_full)
    }

    /// Follows the index in the lists' own order. Returns whether that gave the pages of all of them.
    async fn try_own_index(&mut self, tx: &mut ReadTx, lists: &[usize]) -> Result<bool, Error> {
        let Some(rows_max) = self.planner.own_index_rows(lists) else { return Ok(false) };
        let request = self.planner.request;
        let (range, hides) = (request.key_range(), request.hides());
        let part = BenefitPart::Stated;
        let rows = tx.index_scan(&request.filter, &range, part, hides, rows_max).await?;
        let is_all = rows.len() < rows_max;
        for row in rows {
            self.take(lists, row, BenefitPart::Stated);
        }
        let is_full = |&list: &usize| self.rows[list].len() > self.planner.request.limit;
        let is_done = is_all || lists.iter().all(is_full);
        if !is_done {
            lists.iter().for_each(|&list| self.rows[list].clear());
        }
        Ok(is_done)
    }

    /// Takes over candidates: those that are seen, in order.
    fn take_candidates(&mut self, mut found: Vec<ListRow>) {
        let structure = &self.planner.view.snapshot.structure;
        let range = self.planner.request.key_range();
        found.retain_mut(|row| {
            let seen = self.planner.view.sees_unit(row.unit);
            if row.confidential && !seen && self.planner.request.order == Order::Benefit {
                row.position.value = NO_BENEFIT;
            }
            let is_hidden = row.confidential && self.planner.request.filter.field.is_some();
            (seen || (row.status == InitiativeStatus::Accepted && !is_hidden))
                && range.holds(row.position)
        });
        found.sort_unstable_by_key(|row| row.position);
        if range.descending {
            found.reverse();
        }
        for (list, &top) in self.planner.tops.iter().enumerate() {
            let below = found.iter().filter(|row| structure.is_within(row.unit, top));
            self.rows[list]
                .extend(below.map(|row| row.position).take(self.planner.request.limit + 1));
        }
    }

    /// Scans the index once for all of these lists, until each page is full.
    async fn index_scan(&mut self, tx: &mut ReadTx, lists: &[usize]) -> Result<(), Error> {
        let coverages: Vec<Coverage> =
            lists.iter().map(|&list| self.planner.view.coverage(self.planner.tops[list])).collect();
        let mut filter = self.planner.request.filter.clone();
        let is_public = coverages.iter().all(|coverage| *coverage == Coverage::Public);
        if is_public {
            filter.statuses.retain(|status| *status == InitiativeStatus::Accepted);
            if filter.statuses.is_empty() {
                return Ok(());
            }
        }
        let sees_all = coverages.iter().all(|coverage| *coverage == Coverage::All);
        let with_confidential = self.planner.request.hides() && !sees_all;
        let range = self.planner.request.key_range();
        let parts: &[BenefitPart] = match (self.planner.request.order, range.descending) {
            (Order::Benefit, true) => &[BenefitPart::Stated, BenefitPart::NotStated],
            (Order::Benefit, false) => &[BenefitPart::NotStated, BenefitPart::Stated],
            _ => &[BenefitPart::Stated],
        };
        for &part in parts {
            let Some(mut range) = part_of(range, part) else { continue };
            let mut chunk = self.planner.first_chunk(lists);
            loop {
                let rows = tx.index_scan(&filter, &range, part, with_confidential, chunk).await?;
                let last = rows.last().map(|row| row.position);
                let is_end = rows.len() < chunk;
                for row in rows {
                    self.take(lists, row, part);
                }
                let limit = self.planner.request.limit;
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

    fn take(&mut self, lists: &[usize], mut row: ListRow, part: BenefitPart) {
        let is_seen = self.planner.view.sees_unit(row.unit);
        if !is_seen && row.status != InitiativeStatus::Accepted {
            return;
        }
        if self.planner.request.order == Order::Benefit {
            let is_shown = match part {
                // A hidden benefit stands among those not stated.
                BenefitPart::Stated => is_seen || !row.confidential,
                BenefitPart::NotStated => row.position.value == NO_BENEFIT || !is_seen,
            };
            if !is_shown {
                return;
            }
            if part == BenefitPart::NotStated {
                row.position.value = NO_BENEFIT;
            }
        }
        if self.planner.request.filter.field.is_some() && row.confidential && !is_seen {
            return;
        }
        let path: Vec<UnitId> = self.planner.view.snapshot.structure.climb(row.unit).collect();
        for &list in lists {
            if self.rows[list].len() <= self.planner.request.limit
                && path.contains(&self.planner.tops[list])
            {
                self.rows[list].push(row.position);
            }
        }
    }

    fn finish(self) -> Vec<Page> {
        let request = self.planner.request;
        self.rows.into_iter().map(|rows| request.page_of(rows)).collect()
    }
}

/// The part of a range that lies in a part of the benefit order; `None` when nothing does.
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
