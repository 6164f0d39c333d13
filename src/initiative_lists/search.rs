//! Pages of lists with words: rows of the board are looked through for them, and the index of words names others.
//!
//! Words that many titles have are among the first rows, while the index would read all of theirs. Words that few titles
//! have are asked of the index; the board tells where in a list those initiatives stand. In either case tables are read for
//! titles alone. The rows found so far tell how many titles have the words, and so which way costs less.

use tokio::task::yield_now;

use super::board_scan::BoardScan;
use super::plan::{Planner, SearchSteps, as_f64};
use crate::board::{Stopped, Unhurried};
use crate::domain::{InitiativeId, UnitId};
use crate::store::{Error, KeyRange, Position, ReadTx};

/// A search for the words of a filter, of which the board tells the rest.
pub(super) struct Search<'a> {
    scan: BoardScan<'a>,
    range: KeyRange,
    words: &'a [String],
    lists: Vec<List>,
    /// The initiatives of all units.
    all_rows: f64,
}

/// One list: what would be its rows if it asked for no words, and those of them that have the words.
struct List {
    top: UnitId,
    wanted: usize,
    /// The first rows, in order.
    rows: Vec<Position>,
    /// Whether there are no more.
    is_whole: bool,
    /// The rows that were looked through.
    looked_at: usize,
    found: Vec<Position>,
}

impl List {
    const fn new(top: UnitId, wanted: usize) -> Self {
        Self { top, wanted, rows: Vec::new(), is_whole: false, looked_at: 0, found: Vec::new() }
    }

    /// Whether rows are missing that looking on may find.
    const fn is_open(&self) -> bool {
        let has_more = !self.is_whole || self.looked_at < self.rows.len();
        self.found.len() < self.wanted && has_more
    }

    /// The number of rows to be looked through until the page is full, by what was found so far. One row may be chance.
    const fn expected(&self) -> usize {
        match self.found.len() {
            0 | 1 => usize::MAX,
            found => (self.wanted - found).saturating_mul(self.looked_at) / found,
        }
    }

    /// The same, but at most `most`, where such a share of all rows has the words.
    fn rest(&self, share: f64, most: usize) -> f64 {
        let left = if self.is_whole { self.rows.len() - self.looked_at } else { most };
        (as_f64(self.wanted - self.found.len()) / share).min(as_f64(left))
    }
}

/// Rows that are looked through by one statement, at most, and at least where there are so many.
const CHUNK: usize = 4_096;
const SHORT: usize = 256;

impl<'a> Search<'a> {
    /// `None` when the filter asks for no words, or the board's rows do not tell what it asks besides.
    pub fn new(planner: &Planner<'a>) -> Option<Self> {
        let filter = &planner.request.filter;
        if filter.words.is_empty() {
            return None;
        }
        let scan = BoardScan::beside_words(planner.view, filter, &Unhurried)?;
        let list = |&top: &UnitId| List::new(top, planner.request.limit + 1);
        let lists = planner.tops.iter().map(list).collect();
        Some(Self {
            scan,
            range: planner.request.key_range(),
            words: &filter.words,
            lists,
            all_rows: planner.all_rows(),
        })
    }

    /// The rows of each list, at most one more than its page holds, in the order in which the range is read. `None` if too
    /// many rows were looked through in vain.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn rows(
        mut self,
        tx: &mut ReadTx,
        steps: SearchSteps,
    ) -> Result<Option<Vec<Vec<Position>>>, Error> {
        let each = (steps.most / self.lists.len().max(1)).max(steps.tried).max(steps.first);
        let mut asks = true;
        for reach in [steps.tried.max(steps.first), each] {
            self.reach(reach).await;
            while self.open().any(|list| list.looked_at < list.rows.len()) {
                let is_first = self.lists.iter().all(|list| list.looked_at == 0);
                let count = if is_first { steps.first } else { self.chunk() };
                self.look_through(tx, count).await?;
                if asks && self.is_worth_naming(tx.naming_cost(), steps) {
                    asks = false;
                    if self.find_named(tx, steps.named).await? {
                        return Ok(Some(self.finish()));
                    }
                }
            }
        }
        let is_done =
            self.open().next().is_none() || (asks && self.find_named(tx, steps.named).await?);
        Ok(is_done.then(|| self.finish()))
    }

    /// The same by the index of words alone, for lists that have too many rows for the board to give the first ones quickly.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn named_rows(
        mut self,
        tx: &mut ReadTx,
        most: usize,
    ) -> Result<Option<Vec<Vec<Position>>>, Error> {
        Ok(self.find_named(tx, most).await?.then(|| self.finish()))
    }

    fn open(&self) -> impl Iterator<Item = &List> {
        self.lists.iter().filter(|list| list.is_open())
    }

    /// Takes so many first rows of each open list from the board.
    async fn reach(&mut self, count: usize) {
        for list in self.lists.iter_mut().filter(|list| list.is_open()) {
            // A list takes up to a millisecond, and there may be many.
            yield_now().await;
            list.rows = unhurried(self.scan.page(list.top, &self.range, count));
            list.is_whole = list.rows.len() < count;
        }
    }

    /// Looks the next rows of each open list through for the words, at most so many.
    async fn look_through(&mut self, tx: &mut ReadTx, count: usize) -> Result<(), Error> {
        let next = |list: &List| {
            let rows = &list.rows[list.looked_at..];
            rows[..rows.len().min(count)].to_vec()
        };
        let mut ids: Vec<InitiativeId> = self.open().flat_map(next).map(|row| row.id).collect();
        if ids.is_empty() {
            return Ok(());
        }
        ids.sort_unstable();
        ids.dedup();
        let having = tx.having_words(self.words, &ids).await?;
        for list in self.lists.iter_mut().filter(|list| list.is_open()) {
            let rows = next(list);
            list.looked_at += rows.len();
            list.found.extend(rows.into_iter().filter(|row| having.contains(&row.id)));
        }
        Ok(())
    }

    /// Whether asking the index of words is expected to cost less than looking on, by what was found so far.
    fn is_worth_naming(&self, naming_cost: f64, steps: SearchSteps) -> bool {
        let sum = |of: fn(&List) -> usize| self.lists.iter().map(of).sum::<usize>();
        // A word that some hundred rows lack may be frequent all the same: the more asking costs, the more is supposed to be found.
        let doubt = 1.0 + naming_cost;
        let share =
            (as_f64(sum(|list| list.found.len())) + doubt) / as_f64(sum(|list| list.looked_at) + 1);
        let rest: f64 = self.open().map(|list| list.rest(share, steps.most)).sum();
        let named = share * self.all_rows;
        named <= as_f64(steps.named) && naming_cost * named < rest
    }

    /// The number of rows of each open list to be looked through next: a quarter more than are expected to do, but at most
    /// twice as many as before, since what few rows tell is little.
    fn chunk(&self) -> usize {
        let expected = self.open().map(List::expected).min().unwrap_or(0);
        let before = self.open().map(|list| list.looked_at).max().unwrap_or(0);
        let each = CHUNK / self.open().count().max(1);
        let chunk = expected.saturating_add(expected / 4).min(2 * before);
        chunk.clamp(SHORT.min(each.max(1)), each.max(1))
    }

    /// Takes the rows that the index of words names. Returns false if these are too many.
    async fn find_named(&mut self, tx: &mut ReadTx, most: usize) -> Result<bool, Error> {
        // The longest word is mostly the rarest. Looking a title through for the others costs less than asking the index for
        // a frequent one.
        let Some(word) = self.words.iter().max_by_key(|word| word.len()) else { return Ok(false) };
        let named = tx.with_word(word, most + 1).await?;
        if named.len() > most {
            return Ok(false);
        }
        let is_only_word = self.words.len() == 1;
        for list in self.lists.iter_mut().filter(|list| list.is_open()) {
            yield_now().await;
            list.rows = unhurried(self.scan.among(list.top, &self.range, &named));
            list.is_whole = true;
            if is_only_word {
                (list.looked_at, list.found) = (list.rows.len(), list.rows.clone());
            } else {
                (list.looked_at, list.found) = (0, Vec::new());
            }
        }
        while self.open().next().is_some() {
            self.look_through(tx, CHUNK).await?;
        }
        Ok(true)
    }

    fn finish(self) -> Vec<Vec<Position>> {
        let first = |mut list: List| {
            list.found.truncate(list.wanted);
            list.found
        };
        self.lists.into_iter().map(first).collect()
    }
}

/// The outcome of work that never stops on the way.
fn unhurried(positions: Result<Vec<Position>, Stopped>) -> Vec<Position> {
    positions.expect("it is never stopped")
}
