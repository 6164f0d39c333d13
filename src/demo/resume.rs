//! The end of an earlier run of the demo: the last of its actions on the log.

use super::course::{EntryId, Step};
use super::script::Script;
use crate::domain::event::InitiativeEventKind;
use crate::domain::{Event, EventBody, InitiativeId, Version};
use crate::limits::LOG_PAGE;
use crate::store::{Error, Store};

/// The demo's last action, `None` if it has not entered anything yet. The log has the demo's events without an actor,
/// and those of callers with the number of their tokens.
///
/// # Errors
/// If the database cannot be read.
pub async fn last_action(store: &Store, script: &Script) -> Result<Option<(EntryId, Step)>, Error> {
    let mut tx = store.begin_read().await?;
    let mut end = tx.version().0;
    while end > 0 {
        let start = (end - LOG_PAGE).max(0);
        let page = tx.events_after(Version(start), end - start).await?;
        if let Some((initiative, step)) = page.iter().rev().find_map(done_by_demo) {
            let initiatives = tx.initiatives(&[initiative]).await?;
            let entry = initiatives.first().and_then(|found| script.entry_of(&found.key));
            return Ok(entry.map(|entry| (entry, step)));
        }
        end = start;
    }
    Ok(None)
}

fn done_by_demo(event: &Event) -> Option<(InitiativeId, Step)> {
    match &event.body {
        EventBody::Initiative(kind, body) if event.actor.is_none() => {
            Some((body.initiative, step(*kind)?))
        }
        _ => None,
    }
}

const fn step(kind: InitiativeEventKind) -> Option<Step> {
    Some(match kind {
        InitiativeEventKind::Submitted => Step::Submit,
        InitiativeEventKind::Accepted => Step::Accept,
        InitiativeEventKind::Returned => Step::Return,
        InitiativeEventKind::Revised => Step::Revise,
        InitiativeEventKind::Rejected => Step::Reject,
        InitiativeEventKind::Withdrawn => Step::Withdraw,
        InitiativeEventKind::Transferred => Step::Transfer,
        InitiativeEventKind::Featured => Step::Feature,
        InitiativeEventKind::Unfeatured => return None,
    })
}
