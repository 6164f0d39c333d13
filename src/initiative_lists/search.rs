//! Pages of lists with words: rows of the board are looked through for them, and the index of words names others.
//!
//! Words that many titles have are among the first rows, while the index would read all of theirs. Words that few titles
//! have are asked of the index; the board tells where in a list those initiatives stand. In either case tables are read for
//! titles alone.

use tokio::task::yield_now;

use super::board_scan::BoardScan;
use super::plan::{Planner, SearchSteps};
use crate::board::{Stopped, Unhurried};
use crate::domain::{InitiativeId, UnitId};
use crate::store::{Error, Filter, KeyRange, Position, ReadTx};

/// The rows of each list, at most one more than its page holds, in the order in which the range is read. `None` if words
/// are not found so: the board does not tell the rest of the filter, or too many rows were looked through in vain.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn search(
    tx: &mut ReadTx,
    planner: &Planner<'_>,
    steps: SearchSteps,
) -> Result<Option<Vec<Vec<Position>>>, Error> {
    let (wordless, words) = parted(&planner.request.filter);
    let Some(mut search) = Search::new(planner, &wordless, words) else { return Ok(None) };
    search.reach(steps.tried.max(steps.first)).await;
    search.look_through(tx, steps.first).await?;
    if !search.is_promising(steps.most) {
        search.look_through(tx, steps.tried.saturating_sub(steps.first)).await?;
    }
    let asks_first = !search.is_promising(steps.most);
    if asks_first && search.find_named(tx, steps.named).await? {
        return Ok(Some(search.finish()));
    }
    let each = (steps.most / search.open().count().max(1)).max(steps.tried).max(steps.first);
    search.reach(each).await;
    while search.open().any(|list| list.looked_at < list.rows.len()) {
        search.look_through(tx, search.chunk()).await?;
    }
    let is_done = search.open().next().is_none()
        || (!asks_first && search.find_named(tx, steps.named).await?);
    Ok(is_done.then(|| search.finish()))
}

/// The same by the index of words alone, for lists that have too many rows for the board to give the first ones quickly.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn search_named(
    tx: &mut ReadTx,
    planner: &Planner<'_>,
    steps: SearchSteps,
) -> Result<Option<Vec<Vec<Position>>>, Error> {
    let (wordless, words) = parted(&planner.request.filter);
    let Some(mut search) = Search::new(planner, &wordless, words) else { return Ok(None) };
    Ok(search.find_named(tx, steps.named).await?.then(|| search.finish()))
}

/// Whether the board tells what the filter asks besides words, so that they are searched for here.
pub(super) fn is_told(planner: &Planner<'_>) -> bool {
    let (wordless, words) = parted(&planner.request.filter);
    Search::new(planner, &wordless, words).is_some()
}

/// The filter without its words, and these.
fn parted(filter: &Filter) -> (Filter, Vec<String>) {
    let mut wordless = filter.clone();
    let words = std::mem::take(&mut wordless.words);
    (wordless, words)
}

struct Search<'a> {
    scan: BoardScan<'a>,
    range: KeyRange,
    words: Vec<String>,
    lists: Vec<List>,
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
}

/// Rows that are looked through by one statement, at most, and at least where there are so many.
const CHUNK: usize = 4_096;
const SHORT: usize = 256;

impl<'a> Search<'a> {
    /// `None` when the board's rows do not tell what the filter asks besides words.
    fn new(planner: &Planner<'a>, wordless: &'a Filter, words: Vec<String>) -> Option<Self> {
        let scan = BoardScan::new(planner.view, wordless, &Unhurried)?;
        let list = |&top: &UnitId| List::new(top, planner.request.limit + 1);
        let lists = planner.tops.iter().map(list).collect();
        Some(Self { scan, range: planner.request.key_range(), words, lists })
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
        let having = tx.having_words(&self.words, &ids).await?;
        for list in self.lists.iter_mut().filter(|list| list.is_open()) {
            let rows = next(list);
            list.looked_at += rows.len();
            list.found.extend(rows.into_iter().filter(|row| having.contains(&row.id)));
        }
        Ok(())
    }

    /// Whether so many rows in all are expected to fill the pages, by what was found in the first ones.
    fn is_promising(&self, most: usize) -> bool {
        self.open().map(List::expected).fold(0, usize::saturating_add) <= most
    }

    /// The number of rows of each open list to be looked through next: a quarter more than are expected to do, or twice as
    /// many as before where nothing can be expected.
    fn chunk(&self) -> usize {
        let expected = self.open().map(List::expected).min().unwrap_or(0);
        let before = self.open().map(|list| list.looked_at).max().unwrap_or(0);
        let each = CHUNK / self.open().count().max(1);
        let chunk =
            if expected == usize::MAX { 2 * before } else { expected.saturating_add(expected / 4) };
        chunk.clamp(SHORT.min(each.max(1)), each.max(1))
    }

    /// Takes the rows that the index of words names. Returns false if these are too many.
    async fn find_named(&mut self, tx: &mut ReadTx, most: usize) -> Result<bool, Error> {
        // The longest word is mostly the rarest. Looking a title through for the others costs less than asking the index for
        // a frequent one.
        let Some(place) = (0..self.words.len()).max_by_key(|&place| self.words[place].len()) else {
            return Ok(false);
        };
        let named = tx.with_word(&self.words[place], most + 1).await?;
        if named.len() > most {
            return Ok(false);
        }
        for list in self.lists.iter_mut().filter(|list| list.is_open()) {
            yield_now().await;
            list.rows = unhurried(self.scan.among(list.top, &self.range, &named));
            (list.is_whole, list.looked_at) = (true, 0);
            list.found.clear();
        }
        if self.words.len() == 1 {
            for list in self.lists.iter_mut().filter(|list| list.is_open()) {
                list.looked_at = list.rows.len();
                list.found = list.rows.clone();
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
    positions.unwrap_or_default()
}
