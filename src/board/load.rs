//! A board from the database: facts as they are, and of the log only what facts do not tell: what
//! was touched without leaving a trace there, and the states before recent changes.

use super::{Board, BoardBuilder, Counted, Stamp, horizon};
use crate::domain::{Day, EventBody, Version};
use crate::store::{ChangedState, Error, ReadTx};

/// The board of the version that the transaction sees.
///
/// # Errors
/// When the database cannot be read, or a row in it cannot be understood.
pub async fn load(tx: &mut ReadTx) -> Result<Board, Error> {
    let mut builder = BoardBuilder::default();
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
    tx.states(|state| {
        let counted = Counted {
            unit: state.unit,
            status: state.status,
            submitted_at: state.submitted_at,
            benefit_vnd: state.benefit_vnd,
            people: &state.people,
        };
        builder.initiative(counted, Stamp { version: state.version, at: state.updated_at });
        Ok(())
    })
    .await?;
    if let Some(&(today, _)) = days.last() {
        let reach = horizon(today);
        let first = days.iter().find(|(day, _)| *day >= reach).map(|&(_, version)| version);
        tx.changes_after(first.unwrap_or_default(), |at, change| {
            if let Some(before) = &change.before {
                builder.recent_change(counted(before), counted(&change.after), at.day());
            }
            Ok(())
        })
        .await?;
    }
    Ok(builder.build(Stamp { version: tx.version(), at: tx.at() }))
}

fn counted(state: &ChangedState) -> Counted<'_> {
    Counted {
        unit: state.unit,
        status: state.status,
        submitted_at: state.submitted_at,
        benefit_vnd: state.benefit_vnd,
        people: &state.people,
    }
}

/// The days of the log, each with the version at which it began.
async fn read_structural_events(
    tx: &mut ReadTx,
    builder: &mut BoardBuilder,
) -> Result<Vec<(Day, Version)>, Error> {
    let mut days = Vec::new();
    for event in tx.structural_events().await? {
        let stamp = Stamp { version: event.version, at: event.at };
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
                builder.moved(change.after.id, stamp);
            }
            EventBody::Period(_) => {}
        }
    }
    Ok(days)
}
