//! Lists of units, filtered and in order, as pages are cut from them.
//!
//! A list in the order of names or codes can be made again at any time: a page goes on behind the
//! row that the last one ended with. One in the order of a count cannot, since counts change under
//! the reader; so lists that pages were cut from are kept for a while, each with the version that
//! it rests on.

use std::cmp::{Ordering, Reverse};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::RankBy;
use super::ranking::Score;
use super::registry::Registry;
use super::search::SearchText;
use super::snapshot::Snapshot;
use super::tally::Standings;
use crate::domain::unit::{Sector, UnitKind};
use crate::domain::{PeriodId, Unit, UnitId, Version};
use crate::limits::{LISTING_ROWS_KEPT, LISTINGS_KEPT};

/// Rows of a list that is not worth keeping.
const SHORT: usize = 64;

/// Of which units a list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// All there are.
    Everything,
    /// Directly below.
    Children(UnitId),
    /// All below.
    Descendants(UnitId),
}

/// Which of them; what is left open lets everything pass.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct UnitFilter {
    /// This unit and all below it.
    pub within: Option<UnitId>,
    /// Any of these; empty: any at all.
    pub kinds: Vec<UnitKind>,
    pub cluster: Option<String>,
    pub sector: Option<Sector>,
    pub foreign_invested: Option<bool>,
    pub closed: Option<bool>,
    pub text: Option<SearchText>,
    /// Without anything submitted in the period, below it too.
    pub not_started: Option<bool>,
    /// With a target in the period, of which less than this share is reached.
    pub ratio_below: Option<Share>,
    /// Whose own data, targets or tally in any period changed after this version.
    pub changed_after: Option<Version>,
}

/// A share of a target: 1.0 is all of it. Never NaN.
#[derive(Debug, Clone, Copy)]
pub struct Share(pub f64);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrderBy {
    Name,
    Code,
    Submitted,
    Accepted,
    TargetRatio,
    MemberCount,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    Ascending,
    Descending,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UnitOrder {
    pub by: OrderBy,
    pub direction: Direction,
}

/// The question that a list answers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ListingKey {
    pub scope: Scope,
    pub filter: UnitFilter,
    pub order: UnitOrder,
    /// What counts are taken from; `None` where the question needs none.
    pub period: Option<PeriodId>,
}

/// Units in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    pub rows: Arc<[UnitId]>,
    /// What it rests on changed last in this version.
    pub version: Version,
}

/// Lists that were made lately, for all snapshots.
#[derive(Debug, Default)]
pub(super) struct Listings(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    lists: HashMap<(ListingKey, Version), Used>,
    rows: usize,
    /// Counts the uses, so that the least recent is known.
    uses: u64,
}

#[derive(Debug)]
struct Used {
    rows: Arc<[UnitId]>,
    last: u64,
}

impl PartialEq for Share {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_bits() == other.0.to_bits()
    }
}

impl Eq for Share {}

impl std::hash::Hash for Share {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.to_bits().hash(state);
    }
}

impl OrderBy {
    /// Whether the order speaks of the counts in a period.
    pub const fn needs_period(self) -> bool {
        matches!(self, Self::Submitted | Self::Accepted | Self::TargetRatio)
    }

    /// Whether what orders a row stays as it is while others are counted.
    pub const fn is_steady(self) -> bool {
        matches!(self, Self::Name | Self::Code)
    }
}

impl UnitFilter {
    /// Whether the filter speaks of the counts in a period.
    pub const fn needs_period(&self) -> bool {
        self.not_started.is_some() || self.ratio_below.is_some()
    }

    fn rests_on_counts(&self) -> bool {
        self.needs_period() || self.changed_after.is_some()
    }
}

impl ListingKey {
    /// Tells questions apart, up to the odds of 64 bits, for as long as the program stays the same.
    pub fn digest(&self) -> u64 {
        let mut digest = DefaultHasher::new();
        self.hash(&mut digest);
        digest.finish()
    }

    /// The unit that all rows lie below, unless it is one of them.
    fn top(&self, registry: &Registry) -> UnitId {
        match self.scope {
            Scope::Everything => self.filter.within.unwrap_or_else(|| registry.root()),
            Scope::Children(unit) | Scope::Descendants(unit) => unit,
        }
    }
}

impl Snapshot {
    /// The list as of this snapshot.
    pub fn listing(&self, key: &ListingKey) -> Listing {
        let version = self.listing_rests_on(key);
        if self.is_short(key) {
            return Listing { rows: rows(self, key).into(), version };
        }
        if let Some(kept) = self.listings.get(key, version) {
            return kept;
        }
        // Made outside of the lock: a large one takes a while.
        let listing = Listing { rows: rows(self, key).into(), version };
        self.listings.keep(key, &listing);
        listing
    }

    /// The list as it was at that version of what it rests on; `None` when it is not known any
    /// more.
    pub fn listing_at(&self, key: &ListingKey, version: Version) -> Option<Listing> {
        if version == self.listing_rests_on(key) {
            return Some(self.listing(key));
        }
        self.listings.get(key, version)
    }

    /// Whether it is made as quickly as it is looked up, and can be made again.
    fn is_short(&self, key: &ListingKey) -> bool {
        match key.scope {
            Scope::Children(unit) if key.order.by.is_steady() && key.filter.text.is_none() => {
                self.registry.children(unit).len() <= SHORT
            }
            _ => false,
        }
    }

    fn listing_rests_on(&self, key: &ListingKey) -> Version {
        let structure = self.structure_changed();
        let rests_on = if key.order.by.needs_period() || key.filter.rests_on_counts() {
            structure.max(self.tally_changed(key.top(&self.registry)))
        } else {
            structure
        };
        rests_on.version
    }
}

impl Listings {
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, key: &ListingKey, version: Version) -> Option<Listing> {
        let mut kept = self.lock();
        kept.uses += 1;
        let last = kept.uses;
        let used = kept.lists.get_mut(&(key.clone(), version))?;
        used.last = last;
        Some(Listing { rows: Arc::clone(&used.rows), version })
    }

    fn keep(&self, key: &ListingKey, listing: &Listing) {
        let mut kept = self.lock();
        kept.uses += 1;
        let used = Used { rows: Arc::clone(&listing.rows), last: kept.uses };
        kept.rows += used.rows.len();
        if let Some(before) = kept.lists.insert((key.clone(), listing.version), used) {
            kept.rows -= before.rows.len();
        }
        if kept.lists.len() > LISTINGS_KEPT || kept.rows > LISTING_ROWS_KEPT {
            kept.make_room();
        }
    }
}

impl Kept {
    /// Drops the half that was used least recently, so that it need not be done each time.
    fn make_room(&mut self) {
        let mut by_use: Vec<(u64, usize)> =
            self.lists.values().map(|used| (used.last, used.rows.len())).collect();
        by_use.sort_unstable_by_key(|&(last, _)| Reverse(last));
        let (mut lists, mut rows) = (0, 0);
        let first_dropped = by_use.iter().find(|(_, length)| {
            lists += 1;
            rows += length;
            lists > LISTINGS_KEPT / 2 || rows > LISTING_ROWS_KEPT / 2
        });
        let Some(&(first_dropped, _)) = first_dropped else { return };
        self.lists.retain(|_, used| used.last > first_dropped);
        self.rows = self.lists.values().map(|used| used.rows.len()).sum();
    }
}

fn rows(snapshot: &Snapshot, key: &ListingKey) -> Vec<UnitId> {
    let registry = &snapshot.registry;
    let found = key.filter.text.as_ref().map(|text| text.matches(registry, key.top(registry)));
    let passes = |unit: &UnitId| {
        found.as_ref().is_none_or(|found| found.get(unit.index()).is_some_and(|&mask| mask != 0))
            && passes(snapshot, key, registry.unit(*unit))
    };
    let mut rows: Vec<UnitId> = match key.scope {
        Scope::Children(unit) => registry.children(unit).iter().copied().filter(passes).collect(),
        Scope::Descendants(unit) => registry.subtree(unit).skip(1).filter(passes).collect(),
        Scope::Everything => registry.subtree(key.top(registry)).filter(passes).collect(),
    };
    sort(snapshot, key, &mut rows);
    rows
}

fn passes(snapshot: &Snapshot, key: &ListingKey, unit: &Unit) -> bool {
    let UnitFilter {
        within,
        kinds,
        cluster,
        sector,
        foreign_invested,
        closed,
        text: _,
        not_started,
        ratio_below,
        changed_after,
    } = &key.filter;
    let standings =
        || key.period.map(|period| snapshot.cell(unit.id, period).standings).unwrap_or_default();
    let ratio = || {
        let period = snapshot.registry.period(key.period?);
        let goal = snapshot.registry.goal(unit.id, period).filter(|&goal| goal > 0)?;
        Some(f64::from(standings().count(period.metric)) / f64::from(goal))
    };
    (kinds.is_empty() || kinds.contains(&unit.kind))
        && (cluster.is_none() || unit.cluster == *cluster)
        && (sector.is_none() || unit.sector == *sector)
        && foreign_invested.is_none_or(|asked| unit.foreign_invested == asked)
        && closed.is_none_or(|asked| unit.closed_on.is_some() == asked)
        && changed_after.is_none_or(|version| snapshot.shown_changed(unit.id) > version)
        && not_started.is_none_or(|asked| (standings().counts.submitted() == 0) == asked)
        && ratio_below.is_none_or(|below| ratio().is_some_and(|ratio| ratio < below.0))
        && (key.scope == Scope::Everything
            || within.is_none_or(|within| snapshot.registry.is_within(unit.id, within)))
}

/// Equals are in the order of their numbers, which never change; what has nothing to be ordered by
/// comes last in both directions.
fn sort(snapshot: &Snapshot, key: &ListingKey, rows: &mut [UnitId]) {
    let registry = &snapshot.registry;
    let direction = key.order.direction;
    match key.order.by {
        OrderBy::Name | OrderBy::Code => {
            rows.sort_unstable_by(|&a, &b| {
                let (a, b) = (
                    SteadyKey::of(registry, key.order.by, a),
                    SteadyKey::of(registry, key.order.by, b),
                );
                direction.of(a.cmp(&b))
            });
        }
        OrderBy::MemberCount => {
            let members = |unit: &UnitId| registry.unit(*unit).member_count;
            rows.sort_by_cached_key(|unit| {
                let count = members(unit).map(i64::from);
                (count.is_none(), count.map(|count| direction.signed(count)), *unit)
            });
        }
        OrderBy::Submitted | OrderBy::Accepted | OrderBy::TargetRatio => {
            sort_by_counts(snapshot, key, rows);
        }
    }
}

fn sort_by_counts(snapshot: &Snapshot, key: &ListingKey, rows: &mut [UnitId]) {
    let Some(period) = key.period else { return };
    let period = snapshot.registry.period(period);
    let rank_by = match key.order.by {
        OrderBy::Submitted => RankBy::Submitted,
        OrderBy::Accepted => RankBy::Accepted,
        _ => RankBy::TargetRatio,
    };
    let score = |unit: UnitId| {
        let standings: Standings = snapshot.cell(unit, period.id).standings;
        let goal = snapshot.registry.goal(unit, period);
        Score::of(rank_by, period, snapshot.registry.unit(unit), goal, &standings, 0)
    };
    let mut scored: Vec<(Score, UnitId)> = rows.iter().map(|&unit| (score(unit), unit)).collect();
    scored.sort_unstable_by(|(a, left), (b, right)| {
        let order = match key.order.direction {
            Direction::Descending => a.cmp(b),
            Direction::Ascending if a.has_value() && b.has_value() => b.cmp(a),
            Direction::Ascending => b.has_value().cmp(&a.has_value()),
        };
        order.then(left.cmp(right))
    });
    for (row, (_, unit)) in rows.iter_mut().zip(scored) {
        *row = unit;
    }
}

impl Direction {
    const fn of(self, ordering: Ordering) -> Ordering {
        match self {
            Self::Ascending => ordering,
            Self::Descending => ordering.reverse(),
        }
    }

    const fn signed(self, number: i64) -> i64 {
        match self {
            Self::Ascending => number,
            Self::Descending => -number,
        }
    }
}

/// What a row stands by in an order that other rows do not change.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SteadyKey<'a> {
    text: &'a [u8],
    unit: UnitId,
}

impl<'a> SteadyKey<'a> {
    fn of(registry: &'a Registry, by: OrderBy, unit: UnitId) -> Self {
        let text = match by {
            OrderBy::Code => registry.unit(unit).code.as_bytes(),
            _ => registry.names().sort_key(unit),
        };
        Self { text, unit }
    }
}

impl Listing {
    /// In a list in the order of names or codes: how many rows come before the one that stood
    /// there as `text` and `unit`, and how many up to it, that one included.
    pub fn steady_place(
        &self,
        registry: &Registry,
        order: UnitOrder,
        text: &[u8],
        unit: UnitId,
    ) -> (usize, usize) {
        let sought = SteadyKey { text, unit };
        let place = |last_of: Ordering| {
            self.rows.partition_point(|&row| {
                let here = SteadyKey::of(registry, order.by, row);
                order.direction.of(here.cmp(&sought)) <= last_of
            })
        };
        (place(Ordering::Less), place(Ordering::Equal))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u32) -> ListingKey {
        ListingKey {
            scope: Scope::Descendants(UnitId(number)),
            filter: UnitFilter::default(),
            order: UnitOrder { by: OrderBy::Submitted, direction: Direction::Descending },
            period: None,
        }
    }

    fn list(rows: usize) -> Listing {
        Listing { rows: vec![UnitId(1); rows].into(), version: Version(1) }
    }

    /// Keeps lists of so many rows; how many are kept then, and how many rows.
    fn kept(listings: &Listings, lists: u32, rows: usize) -> (usize, usize) {
        let list = list(rows);
        for number in 0..lists {
            listings.keep(&key(number), &list);
            // The first is used again and again.
            assert!(listings.get(&key(0), Version(1)).is_some(), "{number}");
            assert!(listings.get(&key(number), Version(1)).is_some(), "{number}");
        }
        let kept = listings.lock();
        assert_eq!(kept.rows, kept.lists.values().map(|used| used.rows.len()).sum::<usize>());
        (kept.lists.len(), kept.rows)
    }

    #[test]
    fn lists_are_kept_within_bounds_the_last_used_longest() {
        let most = u32::try_from(LISTINGS_KEPT).unwrap();
        assert_eq!(kept(&Listings::default(), most, 1).0, LISTINGS_KEPT);
        let listings = Listings::default();
        let (lists, _) = kept(&listings, most + 1, 1);
        assert!((LISTINGS_KEPT / 2..LISTINGS_KEPT).contains(&lists), "{lists}");
        assert!(listings.get(&key(1), Version(1)).is_none());
        assert!(listings.get(&key(0), Version(2)).is_none());
        let (_, rows) = kept(&Listings::default(), 50, LISTING_ROWS_KEPT / 9);
        assert!(rows <= LISTING_ROWS_KEPT && rows > LISTING_ROWS_KEPT / 4, "{rows}");
    }
}
