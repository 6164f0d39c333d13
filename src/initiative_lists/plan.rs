//! The planner: how the rows of a page are found, by what each access path is expected to read.
//!
//! Estimates rest on the counts of the board. They choose among paths that give the same rows, so a wrong one costs
//! time alone.

use super::request::PageRequest;
use super::visibility::{Coverage, View};
use crate::board::Tally;
use crate::domain::{InitiativeStatus, PeriodId, UnitId};
use crate::limits::{
    CANDIDATES_MAX, NAMED_MAX, SCAN_ROWS_MAX, SCAN_ROWS_MIN, SEARCHED_FIRST, SEARCHED_MAX,
    SEARCHED_ROWS_MAX, SEARCHED_TRIED,
};
use crate::store::Order;

/// Before the rows of each unit are read, the field's own index is followed for at most this share of the rows that
/// they would be. A row costs about the same either way.
const OWN_INDEX_SHARE: f64 = 0.5;

/// The way to find the rows of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessPath {
    /// The one that is expected to read least.
    Cheapest,
    /// Through all units.
    IndexScan,
    /// Unit by unit.
    PerUnit,
    /// Through the rows that the board keeps.
    Board,
    /// Through these rows for words, and through those that the index of words names.
    Search(SearchSteps),
}

/// The numbers of rows that a search looks through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SearchSteps {
    /// Rows of each list at first, which words of most titles fill.
    pub first: usize,
    /// Rows of each list that are taken from the board at first. More of them cost more.
    pub tried: usize,
    /// Rows of all lists, before tables are scanned, at least `tried` of each.
    pub most: usize,
    /// Rows that the index of words may name.
    pub named: usize,
}

impl SearchSteps {
    pub const USUAL: Self =
        Self { first: SEARCHED_FIRST, tried: SEARCHED_TRIED, most: SEARCHED_MAX, named: NAMED_MAX };
}

/// Microseconds that a statement for a page takes, and each row of an index that it reads.
const STATEMENT: f64 = 400.0;
const TABLE_ROW: f64 = 2.0;
/// Microseconds for each unit whose rows the board is asked for, and for each of these rows.
const BOARD_UNIT: f64 = 0.1;
const BOARD_ROW: f64 = 0.01;

/// The number of rows that a list is expected to have, and the number that they are among.
struct Estimate {
    /// The rows of these statuses below the unit.
    wanted: f64,
    /// The rows of these statuses in all units.
    wanted_in_all: f64,
    /// The rows of any status below the unit.
    rows: f64,
    units: f64,
    /// The rows of any status in all units.
    in_all: f64,
}

/// Plans the pages of the lists of these units.
pub struct Planner<'a> {
    pub view: &'a View<'a>,
    pub request: &'a PageRequest,
    pub tops: &'a [UnitId],
    /// The period of the root that holds most; its counts are taken for those of all time.
    gauge: Option<PeriodId>,
}

impl<'a> Planner<'a> {
    /// A planner for the lists of `tops`.
    pub fn new(view: &'a View<'a>, request: &'a PageRequest, tops: &'a [UnitId]) -> Self {
        let structure = &view.snapshot.structure;
        let root = structure.root();
        let held = |period: &PeriodId| view.snapshot.cell(root, *period).submitted();
        let gauge = structure.outermost_owned(root).max_by_key(held);
        Self { view, request, tops, gauge }
    }

    /// Whether a scan through all units is expected to cost less than asking each unit of the
    /// subtree.
    pub fn is_dense(&self, list: usize) -> bool {
        let top = self.tops[list];
        if top == self.view.snapshot.structure.root() {
            return true;
        }
        let estimate = self.estimate(list);
        let share = self.share_of_words(&estimate) * self.share_of_filter();
        self.expected_scan(&estimate) / share <= 2.0 * estimate.units + estimate.rows
    }

    /// Whether the board's own rows are expected to give the page at less cost than tables would.
    pub fn is_on_board(&self, list: usize) -> bool {
        let estimate = self.estimate(list);
        let of_board = BOARD_UNIT * estimate.units + BOARD_ROW * estimate.rows;
        let scanned = self.expected_scan(&estimate) / self.share_of_filter();
        of_board <= STATEMENT + TABLE_ROW * scanned.min(estimate.in_all)
    }

    /// The share of all rows that the filter's words are expected to leave, when more than some thousands have them.
    fn share_of_words(&self, estimate: &Estimate) -> f64 {
        if self.request.filter.words.is_empty() {
            1.0
        } else {
            as_f64(CANDIDATES_MAX) / estimate.in_all.max(as_f64(CANDIDATES_MAX))
        }
    }

    /// Whether all rows of all lists can be searched for words, unit by unit: the index of units
    /// holds them as well.
    pub fn is_searched(&self) -> bool {
        let root = self.view.snapshot.structure.root();
        let rows = (0..self.tops.len()).map(|list| {
            let estimate = self.estimate(list);
            estimate.rows + 2.0 * estimate.units
        });
        !self.tops.contains(&root) && rows.sum::<f64>() <= SEARCHED_ROWS_MAX
    }

    /// The number of rows of the index in the lists' own order that may be read in the hope of filling their pages;
    /// `None` if they are not expected to be filled. The index of a field, or of examples, holds no other rows, and
    /// mostly fills a large subtree's page, or ends, long before all rows of the subtree are read. A field that occurs
    /// elsewhere does not fill it, so its index is followed only as far as that is cheap.
    pub fn own_index_rows(&self, lists: &[usize]) -> Option<usize> {
        let filter = &self.request.filter;
        let has_own = filter.field.is_some() || filter.featured == Some(true);
        if lists.is_empty() || !has_own || self.request.order != Order::SubmittedAt {
            return None;
        }
        let (mut met, mut per_unit) = (0.0_f64, 0.0);
        for &list in lists {
            let estimate = self.estimate(list);
            met = met.max(self.expected_scan(&estimate));
            per_unit += estimate.rows;
        }
        let rows_max = (per_unit * OWN_INDEX_SHARE).min(as_f64(SCAN_ROWS_MAX));
        if met > rows_max {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between the rows of a page and those of an index scan"
        )]
        let rows_max = rows_max as usize;
        Some(rows_max)
    }

    /// The number of rows that the first statement of an index scan reads, for the pages of all
    /// these lists.
    pub fn first_chunk(&self, lists: &[usize]) -> usize {
        let expected = lists.iter().map(|&list| self.expected_scan(&self.estimate(list)));
        rows_of(expected.fold(0.0, f64::max) * 1.25)
    }

    /// The initiatives of all units.
    pub fn all_rows(&self) -> f64 {
        let root = self.view.snapshot.structure.root();
        self.estimate_of(root, &[]).in_all
    }

    fn estimate(&self, list: usize) -> Estimate {
        let top = self.tops[list];
        let public = [InitiativeStatus::Accepted];
        match self.view.coverage(top) {
            Coverage::Public => self.estimate_of(top, &public),
            _ => self.estimate_of(top, &self.request.filter.statuses),
        }
    }

    fn estimate_of(&self, top: UnitId, statuses: &[InitiativeStatus]) -> Estimate {
        let cell =
            |unit| self.gauge.map(|it| self.view.snapshot.cell(unit, it)).unwrap_or_default();
        let (here, all) = (cell(top), cell(self.view.snapshot.structure.root()));
        let count = |cell: &Tally| -> f64 {
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
        Estimate {
            wanted: count(&here),
            wanted_in_all: count(&all),
            rows: f64::from(here.submitted()),
            units: f64::from(here.grassroots_unions),
            in_all: f64::from(all.submitted()),
        }
    }

    /// The share of all rows that the rest of the filter is expected to leave.
    fn share_of_filter(&self) -> f64 {
        let filter = &self.request.filter;
        let mut share = 1.0;
        if let Some(kinds) = &filter.kinds {
            share *= f64::from(u32::try_from(kinds.len()).unwrap_or(1)) / 6.0;
        }
        let is_dated = filter.from.is_some() || filter.until.is_some();
        if is_dated && self.request.order != Order::SubmittedAt {
            share /= 10.0;
        }
        if let Some(version) = filter.changed_after
            && self.request.order != Order::UpdatedAt
        {
            let head = self.view.snapshot.version().0;
            share *= (as_share(head - version.0, head)).clamp(1e-4, 1.0);
        }
        if filter.entered_by.is_some() || filter.featured.is_some() || filter.field.is_some() {
            share /= 10.0;
        }
        share
    }

    /// The number of rows that an index scan is expected to read until a page is full, among those that the
    /// filter leaves.
    fn expected_scan(&self, estimate: &Estimate) -> f64 {
        let through = match self.request.order {
            // Its index begins with the status.
            Order::SubmittedAt => estimate.wanted_in_all,
            Order::UpdatedAt | Order::Benefit => estimate.in_all,
        };
        (as_f64(self.request.limit + 1) * through / estimate.wanted.max(0.5)).min(through)
    }
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
fn as_share(part: i64, whole: i64) -> f64 {
    part as f64 / whole.max(1) as f64
}

#[expect(clippy::cast_precision_loss, reason = "only guesses are made of it")]
pub(super) const fn as_f64(count: usize) -> f64 {
    count as f64
}
