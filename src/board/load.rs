//! Loading a board from the database: from the facts, and from the part of the log that facts do not show, which are
//! the units that a change touched without a trace there, and the states before recent changes.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::join;

use super::{Board, BoardBuilder, Counted, RecentChanges, Stamp, Structure, Traits, horizon};
use crate::domain::field::Fields;
use crate::domain::{Day, EventBody, PeriodId, Unit, Version};
use crate::store::{ChangedState, Error, ReadTx, StateRow};

/// The board of the version that both transactions see, which knows the operator's list of fields.
///
/// # Errors
/// If the database cannot be read, or a row in it cannot be decoded.
pub async fn load([tx, other]: &mut [ReadTx; 2], fields: Arc<Fields>) -> Result<Board, Error> {
    let Frame { mut builder, recent_after } = Frame::read(tx, fields).await?;
    let head_tag = tx.tag(tx.version()).await?.unwrap_or_default();
    let mut recent = RecentChanges::default();
    let (states, changes) = join(
        tx.states(|state| {
            let stamp = Stamp { version: state.version, at: state.updated_at };
            builder.initiative((&state).into(), (&state).into(), stamp);
            Ok(())
        }),
        other.changes_after(recent_after, |at, change| {
            if let Some(before) = &change.before {
                recent.change(before.into(), (&change.after).into(), at.day());
            }
            Ok(())
        }),
    )
    .await;
    states?;
    changes?;
    builder.recent_changes(recent);
    Ok(builder.build(Stamp { version: tx.version(), at: tx.at() }, head_tag))
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
        let days = read_structural_events(tx, &mut builder).await?;
        let reach = horizon(builder.today());
        let first = days.iter().find(|(day, _)| *day >= reach).map(|&(_, version)| version);
        Ok(Self { builder, recent_after: first.unwrap_or_default() })
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
        }
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
async fn read_structural_events(
    tx: &mut ReadTx,
    builder: &mut BoardBuilder,
) -> Result<Vec<(Day, Version)>, Error> {
    let mut days = Vec::new();
    // Only the last change of each owner: most periods are the root's, and its subtree is large.
    let mut recounted = HashMap::new();
    let mut default_period = DefaultPeriod::of(builder.structure());
    for event in tx.structural_events().await? {
        let stamp = Stamp { version: event.version, at: event.at };
        if default_period.turns_with(&event.body) {
            builder.default_period_changed(stamp);
        }
        match event.body {
            EventBody::Day(began) => {
                builder.day(began.day, stamp);
                days.push((began.day, event.version));
            }
            EventBody::Targets(changed) => {
                builder.structure_changed(stamp);
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
        }
    }
    for (owner, stamp) in recounted {
        builder.subtree_touched(owner, stamp);
    }
    Ok(days)
}
