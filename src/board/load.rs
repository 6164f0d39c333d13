//! Loading a board from the database: from the facts, and from the part of the log that facts do not show, which are
//! the units that a change touched without a trace there, and the states before recent changes.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use tokio::task::JoinSet;

use super::{
    Board, BoardBuilder, ClosingsOfLog, Confirmations, Counted, RecentChanges, Snapshot, Stamp,
    Structure, Told, Traits, horizon,
};
use crate::domain::event::UnitEventKind;
use crate::domain::field::Fields;
use crate::domain::{Day, Event, EventBody, InitiativeId, PeriodId, Unit, Version};
use crate::limits::LOG_PAGE;
use crate::store::{ChangedState, Error, LogStart, ReadTx, StateRow, Store, WholeState};

/// The board of the version that both transactions see, which knows the operator's list of fields. The changes that
/// `other` reads are understood on another thread.
///
/// # Errors
/// If the database cannot be read, or a row in it cannot be decoded.
pub async fn load(tx: &mut ReadTx, mut other: ReadTx, fields: Arc<Fields>) -> Result<Board, Error> {
    let Frame { mut builder, recent_after } = Frame::read(tx, fields).await?;
    // Nobody reads on when the load is given up.
    let mut reading = JoinSet::new();
    reading.spawn(async move {
        let mut recent = RecentChanges::default();
        other
            .changes_after(recent_after, |at, change| {
                if let Some(before) = &change.before {
                    recent.change(before.into(), (&change.after).into(), at.day());
                }
                Ok(())
            })
            .await?;
        Ok::<_, Error>(recent)
    });
    let head_tag = tx.tag(tx.version()).await?.unwrap_or_default();
    builder.expect(tx.initiative_count().await?);
    let mut untold = Vec::new();
    tx.states(|state| {
        let stamp = Stamp { version: state.version, at: state.updated_at };
        builder.initiative(state.id, (&state).into(), (&state).into(), stamp);
        if !builder.history(state.id, &(&state).into(), &(&state).into()) {
            untold.push(state.id);
        }
        Ok(())
    })
    .await?;
    tell(tx, &untold, &mut builder).await?;
    for recent in reading.join_all().await {
        builder.recent_changes(recent?);
    }
    Ok(builder.build(Stamp { version: tx.version(), at: tx.at() }, head_tag))
}

/// Adds the histories of the initiatives whose facts do not tell them.
///
/// # Errors
/// If the database cannot be read, or a row in it cannot be decoded.
pub async fn tell(
    tx: &mut ReadTx,
    untold: &[InitiativeId],
    builder: &mut BoardBuilder,
) -> Result<(), Error> {
    let mut told = HashSet::new();
    tx.changes_of(untold, |at, change| {
        let before = change.before.as_ref().map(Counted::from);
        if let Some(before) = &before
            && told.insert(change.initiative)
        {
            builder.history_begins(change.initiative, before);
        }
        let day = change.counted_from.unwrap_or_else(|| at.day());
        builder.change(change.initiative, before.as_ref(), &(&change.after).into(), day);
        Ok(())
    })
    .await
}

/// Everything of a board except its initiatives.
pub struct Frame {
    pub builder: BoardBuilder,
    /// The version after which changes of initiatives are within the reach of history.
    pub recent_after: Version,
}

impl Frame {
    /// # Errors
    /// If the database cannot be read, or a row in it cannot be decoded.
    pub async fn read(tx: &mut ReadTx, fields: Arc<Fields>) -> Result<Self, Error> {
        let mut builder = BoardBuilder::with_fields(fields);
        for (unit, version, at) in tx.units().await? {
            builder.unit(unit, Stamp { version, at });
        }
        for (period, version, at) in tx.periods().await? {
            builder.period(period, Stamp { version, at });
        }
        for (target, version) in tx.targets().await? {
            let stamp = Stamp { version, at: target.set_at };
            builder.target(&target, stamp);
        }
        for (rule, at) in tx.rules().await? {
            let stamp = Stamp { version: rule.version, at };
            builder.rule(rule, stamp);
        }
        let days = take_structural_events(tx.structural_events().await?, &mut builder);
        if let Some(start) = tx.log_start().await? {
            builder.histories_begin(start.day);
            // Nobody can tell the figures of an older one that was not kept in time.
            let kept = tx.kept_before(start.version).await?;
            let missing = builder.retain_closings(|closing| {
                closing.version() >= start.version || kept.contains(&(closing.mark, closing.period))
            });
            if missing > 0 {
                tracing::error!(
                    closings = missing,
                    "figures of closings from before the log's beginning are lost: they are not listed any more"
                );
            }
        }
        let reach = horizon(builder.today());
        let first = days.iter().find(|(day, _)| *day >= reach).map(|&(_, version)| version);
        Ok(Self { builder, recent_after: first.unwrap_or_default() })
    }
}

/// The board with which a pruned log begins, as far as that day's figures: the states of initiatives before it are not told any
/// more. The events after it can be folded in.
///
/// # Errors
/// If the database cannot be read, or a row in it cannot be decoded.
pub async fn load_beginning(tx: &mut ReadTx, start: LogStart) -> Result<Board, Error> {
    let mut builder = BoardBuilder::default();
    let (mut units, mut periods, mut targets) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let mut rules = BTreeMap::new();
    let mut structural = Vec::new();
    let (mut head, mut head_tag) = (Stamp::default(), 0);
    while head.version < start.version {
        let mut page = tx.events_after(head.version, LOG_PAGE).await?;
        page.retain(|event| event.version <= start.version);
        if page.is_empty() {
            return Err(Error::Gap(start.version.0));
        }
        for event in page {
            let stamp = Stamp { version: event.version, at: event.at };
            (head, head_tag) = (stamp, event.tag);
            let is_structural = match &event.body {
                EventBody::Unit(kind, change) => {
                    units.insert(change.after.id, (change.after.clone(), stamp));
                    *kind == UnitEventKind::Moved
                }
                EventBody::Period(change) => {
                    periods.insert(change.after.id, (change.after.clone(), stamp));
                    true
                }
                EventBody::Targets(change) => {
                    for target in &change.targets {
                        if let Some(after) = &target.after {
                            targets.insert(after.key.clone(), (after.clone(), stamp));
                        } else if let Some(before) = &target.before {
                            targets.remove(&before.key);
                        }
                    }
                    true
                }
                EventBody::Rule(change) => {
                    rules.insert(change.after.code.clone(), (change.after.clone(), stamp));
                    false
                }
                EventBody::Day(_)
                | EventBody::Initiative(..)
                | EventBody::Finalized(_)
                | EventBody::Assessment(_) => true,
            };
            if is_structural {
                structural.push(event);
            }
        }
    }
    for (unit, stamp) in units.into_values() {
        builder.unit(unit, stamp);
    }
    for (period, stamp) in periods.into_values() {
        builder.period(period, stamp);
    }
    for (target, stamp) in targets.into_values() {
        builder.target(&target, stamp);
    }
    for (rule, stamp) in rules.into_values() {
        builder.rule(rule, stamp);
    }
    take_structural_events(structural, &mut builder);
    builder.histories_begin(start.day);
    let last = tx.last_entered_before(start.version).await?;
    for (id, state) in tx.states_before_changes(start.version).await? {
        // When that state began is not told any more; its units are stamped by the change that ends it.
        if id <= last {
            builder.initiative(id, (&state).into(), (&state).into(), Stamp::default());
            builder.history_begins(id, &(&state).into());
        }
    }
    tx.states(|state| {
        if state.version < start.version {
            let stamp = Stamp { version: state.version, at: state.updated_at };
            builder.initiative(state.id, (&state).into(), (&state).into(), stamp);
            builder.history_begins(state.id, &(&state).into());
        }
        Ok(())
    })
    .await?;
    Ok(builder.build(head, head_tag))
}

/// Folds the log anew, from its beginning to the last of some versions, and shows the board of each of them that a pruned log
/// still tells.
pub struct Refold {
    store: Store,
    versions: BTreeSet<Version>,
    board: Board,
    /// Read, and not folded yet.
    ahead: VecDeque<Event>,
}

impl Refold {
    /// # Errors
    /// If the database cannot be read, or a row in it cannot be decoded.
    pub async fn begin(store: &Store, versions: BTreeSet<Version>) -> Result<Self, Error> {
        let mut tx = store.begin_long_read().await?;
        let board = match tx.log_start().await? {
            Some(start) => load_beginning(&mut tx, start).await?,
            None => Board::default(),
        };
        let mut versions = versions;
        versions.retain(|&version| version >= board.version());
        Ok(Self { store: store.clone(), versions, board, ahead: VecDeque::new() })
    }

    /// The board of the next of the versions; `None` behind the last.
    ///
    /// # Errors
    /// If the database cannot be read, or a row in it cannot be decoded.
    pub async fn next(&mut self) -> Result<Option<Snapshot>, Error> {
        let Some(next) = self.versions.pop_first() else { return Ok(None) };
        while self.board.version() < next {
            if self.ahead.is_empty() {
                let mut tx = self.store.begin_read().await?;
                let events = tx.events_after(self.board.version(), LOG_PAGE).await?;
                self.ahead.extend(events);
            }
            let expected = self.board.version().next();
            let event = self.ahead.pop_front().filter(|event| event.version == expected);
            self.board.apply(&event.ok_or(Error::Gap(expected.0))?);
        }
        Ok(Some(self.board.snapshot()))
    }
}

/// The structure alone, as of the version that the transaction sees.
///
/// # Errors
/// If the database cannot be read, or a row in it cannot be decoded.
pub async fn load_structure(tx: &mut ReadTx) -> Result<Structure, Error> {
    let mut structure = Structure::default();
    for (unit, ..) in tx.units().await? {
        structure.put_unit(unit);
    }
    for (period, ..) in tx.periods().await? {
        structure.put_period(period);
    }
    for (target, _) in tx.targets().await? {
        structure.put_target(None, Some(&target));
    }
    for (rule, _) in tx.rules().await? {
        structure.put_rule(rule);
    }
    // Every day of the log begins with an event of its own, so the last event's day has begun.
    structure.set_day(tx.at().day());
    Ok(structure)
}

/// The default period at each event of the log. It depends on the days and the root's periods alone, which are few.
struct DefaultPeriod {
    structure: Structure,
    now: Option<PeriodId>,
}

impl DefaultPeriod {
    /// The state before the first event, in a tree of nothing but the root.
    fn of(structure: &Structure) -> Self {
        let mut bare = Structure::default();
        if structure.has_root() {
            bare.put_unit(Unit::clone(structure.unit(structure.root())));
        }
        Self { structure: bare, now: None }
    }

    /// Whether the event makes another period the default one.
    fn turns_with(&mut self, body: &EventBody) -> bool {
        let is_its_own = matches!(body, EventBody::Day(_) | EventBody::Period(_));
        if !is_its_own || !self.structure.may_turn_default_period(body) {
            return false;
        }
        self.structure.apply(body);
        let now = self.structure.default_period();
        std::mem::replace(&mut self.now, now) != now
    }
}

impl<'a> From<&'a StateRow> for Counted<'a> {
    fn from(state: &'a StateRow) -> Self {
        Self {
            unit: state.unit,
            status: state.status,
            submitted_at: state.submitted_at,
            benefit_vnd: state.benefit_vnd,
            people: &state.people,
        }
    }
}

impl<'a> From<&'a StateRow> for Traits<'a> {
    fn from(state: &'a StateRow) -> Self {
        Self {
            kind: state.kind,
            field: state.field.as_deref(),
            author_group: state.author_group,
            rejection_reason: state.rejection_reason,
            featured: state.featured,
            confidential: state.confidential,
        }
    }
}

impl From<&StateRow> for Told {
    fn from(state: &StateRow) -> Self {
        let StateRow { told_by, reviewed_at, updated_at, .. } = *state;
        Self { by: told_by, reviewed_at, updated_at }
    }
}

impl From<&WholeState> for Told {
    fn from(state: &WholeState) -> Self {
        let WholeState { told_by, reviewed_at, updated_at, .. } = *state;
        Self { by: told_by, reviewed_at, updated_at }
    }
}

impl<'a> From<&'a ChangedState> for Counted<'a> {
    fn from(state: &'a ChangedState) -> Self {
        Self {
            unit: state.unit,
            status: state.status,
            submitted_at: state.submitted_at,
            benefit_vnd: state.benefit_vnd,
            people: &state.people,
        }
    }
}

/// The days of the log, each with the version at which it began.
fn take_structural_events(events: Vec<Event>, builder: &mut BoardBuilder) -> Vec<(Day, Version)> {
    let mut days = Vec::new();
    // Only the last change of each owner: most periods are the root's, and its subtree is large.
    let mut recounted = HashMap::new();
    let mut closings = ClosingsOfLog::default();
    let mut confirmations = Confirmations::default();
    let mut default_period = DefaultPeriod::of(builder.structure());
    for event in events {
        let stamp = Stamp { version: event.version, at: event.at };
        closings.event(&event);
        confirmations.note(&event);
        if default_period.turns_with(&event.body) {
            builder.default_period_changed(stamp);
        }
        match event.body {
            EventBody::Day(began) => {
                builder.day(began.day, stamp);
                days.push((began.day, event.version));
            }
            EventBody::Finalized(_) | EventBody::Assessment(_) => {
                builder.structure_changed(stamp);
            }
            EventBody::Targets(changed) => {
                builder.structure_changed(stamp);
                builder.targets_set(&changed, stamp);
                for target in changed.targets {
                    builder.touched(&target.path, stamp);
                }
            }
            EventBody::Initiative(_, change) => {
                builder.touched(&change.path, stamp);
                builder.touched(change.from_path.as_deref().unwrap_or_default(), stamp);
            }
            EventBody::Unit(_, change) => {
                builder.touched(&change.path, stamp);
                builder.touched(change.from_path.as_deref().unwrap_or_default(), stamp);
                builder.subtree_touched(change.after.id, stamp);
            }
            EventBody::Period(change) => {
                recounted.extend(change.owners_of_changed_tallies().map(|owner| (owner, stamp)));
            }
            // It changes no count.
            EventBody::Rule(_) => {}
        }
    }
    for (owner, stamp) in recounted {
        builder.subtree_touched(owner, stamp);
    }
    builder.closings(closings.finish());
    builder.confirmations(confirmations);
    days
}
