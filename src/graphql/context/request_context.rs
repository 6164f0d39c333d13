//! The request context: everything that resolvers may reach, and the record of what they read.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::{DataContext, Error, Pos, Result};

use super::dependencies::DependencyRecorder;
use super::loaders::{CountKey, Loaders, Tables, TagOf, loaders};
use super::meter::{Meter, Stop};
use super::scans::units_below;
use crate::auth::{Audience, Principal};
use crate::board::{BadFigures, DayEnd, Kept, Ranking, RankingKey, RankingSums, Snapshot, Stopped};
use crate::domain::{
    Closing, Confirmation, Day, Event, EventBody, Goals, Grant, Initiative, InitiativeId, PeriodId,
    UnitId, Version,
};
use crate::error::{self, Code};
use crate::feed::cursor::Cursor;
use crate::feed::event_feed::EventFeed;
use crate::feed::{Hub, Loss};
use crate::graphql::request::documents::Document;
use crate::initiative_lists::{self, AccessPath, Page, PageRequest};
use crate::messages::ErrorMessage;
use crate::store::{self, KeptFigures, ReadTx, Store};
use crate::writer::Writer;

/// The context of one execution. Made for each request; a subscription makes one for each of its executions.
pub struct RequestContext {
    pub hub: Arc<Hub>,
    pub store: Store,
    pub writer: Writer,
    /// The work of the execution so far.
    pub meter: Arc<Meter>,
    principal: Arc<Principal>,
    /// Whether the result depends on more of the caller than the audience.
    is_private: AtomicBool,
    /// Whether objects are written on the ready path.
    ready: AtomicBool,
    /// Whether objects are left to the library.
    by_library: AtomicBool,
    /// The document of the operation.
    document: Option<Arc<Document>>,
    /// The snapshot that a query reads from beginning to end.
    snapshot: Arc<Snapshot>,
    /// The tables, in a query as of the snapshot's version.
    tables: Tables,
    /// Those of the audience.
    grants: Arc<[Grant]>,
    pub loaders: Loaders,
    pub dependencies: DependencyRecorder,
    /// The newest event that a mutation of this request wrote, or shows beside a conflict.
    written: Mutex<Option<Cursor>>,
    /// The newest version that an argument named and that is ahead of the snapshot; 0 if there is no such version.
    awaited: AtomicI64,
    mode: EventFeedMode,
    opened: Mutex<Option<OpenedFeed>>,
    /// Rankings that were counted as scanned.
    ranked: Mutex<HashSet<RankingKey>>,
    /// Rankings whose sums were counted as scanned.
    summed: Mutex<HashSet<RankingKey>>,
    /// Periods and days whose earlier changes were counted as scanned.
    earlier: Mutex<HashSet<(PeriodId, Day)>>,
}

/// The task of an execution of an event feed.
#[derive(Debug, Clone, Default)]
pub enum EventFeedMode {
    /// Opens the feed, by the request's own `after`. `Resume` opens it after this cursor, whatever the request has.
    #[default]
    Open,
    Resume(String),
    /// Delivers this event.
    Deliver(Arc<Event>),
}

/// The figures of a closing before they are unpacked.
enum Figures {
    /// The board of the moment, of which they are made.
    Waiting(Arc<Snapshot>),
    Kept(KeptFigures),
}

/// An event feed, and the unit to whose subtree it is limited.
#[derive(Debug)]
pub struct OpenedFeed {
    pub feed: EventFeed,
    pub within: Option<UnitId>,
}

impl RequestContext {
    pub fn new(
        tables: Tables,
        meter: Arc<Meter>,
        writer: Writer,
        principal: Arc<Principal>,
        snapshot: Arc<Snapshot>,
        mode: EventFeedMode,
    ) -> Self {
        let grants: Arc<[Grant]> = principal.audience.grants().into();
        let loaders = loaders(tables.clone(), Arc::clone(&grants));
        Self {
            hub: Arc::clone(&tables.hub),
            store: tables.store.clone(),
            writer,
            meter,
            principal,
            is_private: AtomicBool::default(),
            ready: AtomicBool::default(),
            by_library: AtomicBool::default(),
            document: None,
            snapshot,
            tables,
            grants,
            loaders,
            dependencies: DependencyRecorder::default(),
            written: Mutex::default(),
            awaited: AtomicI64::default(),
            mode,
            opened: Mutex::default(),
            ranked: Mutex::default(),
            summed: Mutex::default(),
            earlier: Mutex::default(),
        }
    }

    /// Gives the context the document, which knows the fields that read tables.
    #[must_use]
    pub fn of_document(self, document: Arc<Document>) -> Self {
        Self { document: Some(document), ..self }
    }

    /// Whether the field at this position, or one below it, reads tables.
    pub fn waits_below(&self, field: Pos) -> bool {
        self.document.as_ref().is_some_and(|document| document.waits_below(field))
    }

    pub fn of<'a>(ctx: &impl DataContext<'a>) -> &'a Self {
        ctx.data_unchecked::<Arc<Self>>()
    }

    /// The part of the caller that a shared result may depend on.
    pub fn audience(&self) -> &Audience {
        &self.principal.audience
    }

    /// The caller itself. Calling this makes the result private.
    pub fn caller(&self) -> &Principal {
        self.is_private.store(true, Ordering::Relaxed);
        &self.principal
    }

    /// Whether the result, as executed so far, is private to the caller.
    pub fn is_private(&self) -> bool {
        self.is_private.load(Ordering::Relaxed)
    }

    /// Announces a scan, ranking or sort of so many units.
    ///
    /// # Errors
    /// If the execution must stop.
    pub async fn scan(&self, rows: usize) -> Result<()> {
        self.meter.scan(rows).await
    }

    /// The result of a scan, or the error of the execution that stopped it.
    pub fn unless_stopped<T>(&self, found: Result<T, Stopped>) -> Result<T> {
        found.map_err(|Stopped| self.stopped())
    }

    /// The error of the execution; only the meter stops a scan.
    fn stopped(&self) -> Error {
        self.meter.stopped().unwrap_or(Stop::Cancelled).error()
    }

    /// The page of the initiatives in a unit's subtree, if the board gives it at less cost than tables.
    ///
    /// # Errors
    /// If the execution must stop.
    pub fn page_of_board(
        &self,
        snapshot: &Snapshot,
        top: UnitId,
        request: &PageRequest,
    ) -> Result<Option<Page>> {
        let path = AccessPath::Cheapest;
        self.unless_stopped(initiative_lists::page_of_board(
            snapshot,
            &self.grants,
            top,
            request,
            path,
            &*self.meter,
        ))
    }

    /// The number of initiatives in a unit's subtree: as it is kept, or by the board, or by the tables.
    ///
    /// # Errors
    /// If the execution must stop, or the database cannot be read.
    pub async fn count(&self, snapshot: &Snapshot, key: CountKey) -> Result<i64> {
        let (counts, grants) = (&self.tables.counts, &self.grants);
        if let Some(count) = counts.get(snapshot, &key, grants) {
            return Ok(count);
        }
        let pause = &*self.meter;
        let of_board =
            initiative_lists::count_of_board(snapshot, grants, key.top, &key.request, pause);
        if let Some(count) = self.unless_stopped(of_board)? {
            counts.keep(snapshot, &key, grants, count);
            return Ok(count);
        }
        Ok(self.loaders.load_one(key).await?.unwrap_or_default())
    }

    /// # Errors
    /// If the execution must stop.
    pub async fn ranking(&self, snapshot: &Snapshot, key: &RankingKey) -> Result<Arc<Ranking>> {
        self.scan_ranking(snapshot, key).await?;
        self.unless_stopped(snapshot.ranking(key, &*self.meter).await)
    }

    /// Like [`Self::scan`], for a ranking; it is counted once, however often the execution asks for
    /// it.
    ///
    /// # Errors
    /// If the execution must stop.
    async fn scan_ranking(&self, snapshot: &Snapshot, key: &RankingKey) -> Result<()> {
        if !is_new(&self.ranked, key) {
            return Ok(());
        }
        let rows = if key.kinds.is_empty() {
            snapshot.structure.children(key.within).len()
        } else {
            units_below(snapshot, key.within)
        };
        let days = key.as_of.into_iter().chain([key.since.plus(-1)]);
        for day in days {
            let is_new = {
                let mut earlier = self.earlier.lock().unwrap_or_else(PoisonError::into_inner);
                earlier.insert((key.period, day.plus(1)))
            };
            if is_new {
                self.scan(snapshot.count_standings(key.period, day)).await?;
            }
        }
        self.scan(rows).await
    }

    /// The sums beside a ranking; they are counted as scanned once, however often the execution asks for them.
    ///
    /// # Errors
    /// If the execution must stop.
    pub async fn ranking_sums(
        &self,
        snapshot: &Snapshot,
        key: &RankingKey,
    ) -> Result<Arc<RankingSums>> {
        if is_new(&self.summed, key) {
            let rows = if RankingSums::looks_at_all_below(key) {
                units_below(snapshot, key.within)
            } else {
                snapshot.structure.children(key.within).len()
            };
            self.scan(rows).await?;
        }
        self.unless_stopped(snapshot.ranking_sums(key, &*self.meter).await)
    }

    /// The figures of a period at the end of a past day.
    ///
    /// # Errors
    /// If the execution must stop.
    pub async fn day_end(
        &self,
        snapshot: &Snapshot,
        period: PeriodId,
        day: Day,
    ) -> Result<Arc<DayEnd>> {
        self.scan(snapshot.count_day_end(period, day)).await?;
        self.unless_stopped(snapshot.day_end(period, day, &*self.meter).await)
    }

    /// The figures of a closing. Callers who ask at the same time wait until one has unpacked them.
    ///
    /// # Errors
    /// UNAVAILABLE while they are made anew, when the database is away, or if a newer program wrote them; INTERNAL if they
    /// are lost; else if the execution must stop.
    pub async fn kept(&self, snapshot: &Snapshot, closing: &Arc<Closing>) -> Result<Arc<Kept>> {
        /// The fewest bytes that a unit takes in packed figures.
        const PACKED_UNIT: usize = 4;
        let (period, version) = (closing.period, closing.version());
        if let Some(kept) = snapshot.kept(period, version) {
            return Ok(kept);
        }
        let owner = snapshot.structure.period(period).owner;
        let units = units_below(snapshot, owner);
        self.scan(units).await?;
        // Nobody waits for somebody who waits for the database.
        let figures = self.figures(closing).await?;
        if let Figures::Kept(figures) = &figures {
            // The period covered more units then than it does now, perhaps.
            self.scan((figures.bytes() / PACKED_UNIT).saturating_sub(units)).await?;
        }
        let read = async || {
            let text = match figures {
                Figures::Waiting(board) => {
                    let text = board.figures_to_keep(period, &*self.meter);
                    let text = self.unless_stopped(text)?;
                    text.ok_or_else(|| self.not_there(closing))?.into_bytes()
                }
                Figures::Kept(figures) => {
                    figures.unpack().map_err(|damaged| self.mended(closing, &damaged))?
                }
            };
            let read = Kept::read(&text, Arc::clone(closing), &snapshot.structure, &*self.meter);
            read.map_err(|bad| match bad {
                BadFigures::Stopped => self.stopped(),
                BadFigures::Newer(_) => Code::Unavailable.says(ErrorMessage::FiguresOfNewer),
                BadFigures::Json(_) | BadFigures::Lists | BadFigures::Another => {
                    self.mended(closing, &bad)
                }
            })
        };
        snapshot.kept_or_read(closing, units, read).await
    }

    /// The figures of a closing where they are.
    async fn figures(&self, closing: &Closing) -> Result<Figures> {
        let (mark, period) = (closing.mark, closing.period);
        let key = (mark.version, period);
        let unkept = self.hub.unkept();
        // Figures go to the database before their board is let go.
        if let Some(board) = unkept.at(mark.version) {
            return Ok(Figures::Waiting(board));
        }
        if unkept.is_damaged(key) {
            return Err(self.not_there(closing));
        }
        let read = async {
            // They are of no other version than their own, so tables of any version do, as long as nothing was removed.
            if self.tables.opened.is_some() && !unkept.was_removed(key) {
                let found =
                    self.with_tables(async |tx| tx.kept_figures(mark, period).await).await?;
                if found.is_some() {
                    return Ok(found);
                }
            }
            self.store.begin_read().await?.kept_figures(mark, period).await
        };
        match read.await.map_err(error::of_store)? {
            Some(figures) if !unkept.is_damaged(key) => Ok(Figures::Kept(figures)),
            Some(_) => Err(self.not_there(closing)),
            None => {
                if unkept.loss(key).is_none() {
                    unkept.make_again();
                }
                Err(self.not_there(closing))
            }
        }
    }

    /// Has damaged figures made again; the answer for now.
    fn mended(&self, closing: &Closing, damage: &dyn std::error::Error) -> Error {
        let (version, period) = (closing.version(), closing.period);
        let unkept = self.hub.unkept();
        if unkept.loss((version, period)).is_none() && unkept.mend((version, period)) {
            tracing::error!(%period, %version, "{damage}; they are made again");
        }
        self.not_there(closing)
    }

    /// The answer for figures that are not in the database as they should be.
    fn not_there(&self, closing: &Closing) -> Error {
        match self.hub.unkept().loss((closing.version(), closing.period)) {
            None => Code::Unavailable.says(ErrorMessage::FiguresMadeAnew),
            Some(Loss::Gone) => Code::Internal.says(ErrorMessage::FiguresLost),
            Some(Loss::TooLarge) => Code::Internal.says(ErrorMessage::FiguresTooLarge),
        }
    }

    /// The goals that a confirmation holds, as its event has them.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn confirmed_goals(&self, confirmation: &Confirmation) -> Result<Arc<[Goals]>> {
        if !confirmation.has_goals {
            return Ok(Arc::default());
        }
        let before = Version(confirmation.mark.version.0 - 1);
        let read = async {
            if self.tables.opened.is_some() {
                return self.with_tables(async |tx| tx.events_after(before, 1).await).await;
            }
            self.store.begin_read().await?.events_after(before, 1).await
        };
        let event = read.await.map_err(error::of_store)?.pop();
        let goals = event.and_then(|event| match event.body {
            EventBody::Assessment(change) => Some(change.confirmed?.goals),
            _ => None,
        });
        goals.map(Into::into).ok_or_else(|| error::internal(anyhow::anyhow!("no such event")))
    }

    /// # Errors
    /// If the execution must stop.
    pub async fn kept_ranking(
        &self,
        snapshot: &Snapshot,
        kept: &Kept,
        key: &RankingKey,
    ) -> Result<Arc<Ranking>> {
        self.scan(kept.ranked_at_most(key)).await?;
        self.unless_stopped(snapshot.kept_ranking(kept, key, &*self.meter).await)
    }

    /// # Errors
    /// If the execution must stop.
    pub async fn kept_ranking_sums(
        &self,
        snapshot: &Snapshot,
        kept: &Kept,
        key: &RankingKey,
    ) -> Result<Arc<RankingSums>> {
        if is_new(&self.summed, key) {
            self.scan(kept.ranked_at_most(key)).await?;
        }
        self.unless_stopped(snapshot.kept_ranking_sums(kept, key, &*self.meter).await)
    }

    /// Like [`Self::scan`], for the changes from which the counts before a day are computed; those that were added up
    /// before do not count.
    ///
    /// # Errors
    /// If the execution must stop.
    pub async fn scan_earlier(
        &self,
        snapshot: &Snapshot,
        period: PeriodId,
        since: Day,
    ) -> Result<()> {
        let is_new = {
            let mut earlier = self.earlier.lock().unwrap_or_else(PoisonError::into_inner);
            earlier.insert((period, since))
        };
        if is_new { self.scan(snapshot.count_earlier_changes(period, since)).await } else { Ok(()) }
    }

    /// Whether objects are written on the ready path ([`super::ready`]); false until it is set.
    pub fn is_ready_path(&self) -> bool {
        self.ready.load(Ordering::Relaxed)
    }

    /// Sets whether objects are written on the ready path. The caller reads what is written there.
    pub fn set_ready_path(&self, ready: bool) {
        self.ready.store(ready, Ordering::Relaxed);
    }

    pub fn is_by_library(&self) -> bool {
        self.by_library.load(Ordering::Relaxed)
    }

    /// Leaves all objects to the library, for tests that compare with it; the meter counts nothing
    /// then.
    pub fn leave_to_library(&self) {
        self.set_ready_path(false);
        self.by_library.store(true, Ordering::Relaxed);
    }

    pub const fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// An initiative as of the snapshot's version; if no tables were opened, in its present state, of a version that
    /// the hub has reached as well.
    pub async fn initiative(&self, id: InitiativeId) -> Result<Option<Arc<Initiative>>> {
        self.loaders.load_one(id).await
    }

    /// Reads tables as of the snapshot's version; if none were opened, in their present state, of a version that the
    /// hub has reached as well.
    pub async fn with_tables<T>(
        &self,
        read: impl AsyncFnOnce(&mut ReadTx) -> Result<T, store::Error>,
    ) -> Result<T, store::Error> {
        self.tables.read(async |tx, _| read(tx).await).await
    }

    /// Like [`Self::with_tables`], with the snapshot of the version that is read.
    pub async fn with_tables_and_board<T>(
        &self,
        read: impl AsyncFnOnce(&mut ReadTx, &Snapshot) -> Result<T, store::Error>,
    ) -> Result<T, store::Error> {
        self.tables.read(read).await
    }

    /// A snapshot for rows that were just read: in a query its own; else the newest, since the tables may be newer
    /// than the snapshot that the execution began with.
    pub fn snapshot_of_rows(&self) -> Arc<Snapshot> {
        if self.tables.opened.is_some() { Arc::clone(&self.snapshot) } else { self.hub.latest() }
    }

    /// Notes that an initiative was not found: it may be created later, anywhere.
    pub fn note_missing(&self) {
        self.dependencies.unit(&self.snapshot, self.snapshot.structure.root());
    }

    pub const fn mode(&self) -> &EventFeedMode {
        &self.mode
    }

    pub fn note_opened(&self, opened: OpenedFeed) {
        *self.opened.lock().unwrap_or_else(PoisonError::into_inner) = Some(opened);
    }

    /// Takes the event feed that the execution opened.
    pub fn opened(&self) -> Option<OpenedFeed> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The tag of an event; `None` if the log has no event of that version.
    pub async fn tag(&self, version: Version) -> Result<Option<i64>> {
        self.loaders.load_one(TagOf(version)).await
    }

    /// Notes that an argument named a version that the snapshot has not reached.
    pub fn note_awaited(&self, version: Version) {
        self.awaited.fetch_max(version.0, Ordering::Relaxed);
    }

    /// The version to wait for before the execution begins again.
    pub fn awaited(&self) -> Option<Version> {
        Some(Version(self.awaited.load(Ordering::Relaxed))).filter(|it| *it > Version::ZERO)
    }

    pub fn note_written(&self, event: Cursor) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        *written = Some(written.map_or(event, |before| before.later(event)));
    }

    /// The last event that the result shows.
    pub fn shown(&self) -> Cursor {
        let read = Cursor::head_of(&self.snapshot);
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.map_or(read, |written| written.later(read))
    }
}

/// Whether the key was not among them; it is from then on.
fn is_new(known: &Mutex<HashSet<RankingKey>>, key: &RankingKey) -> bool {
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    !known.contains(key) && known.insert(key.clone())
}
