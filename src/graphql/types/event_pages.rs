//! The log of initiatives, page by page: event for event what the subscription of that name sends.

use std::sync::Arc;

use async_graphql::{Context, Result, SimpleObject};

use super::InitiativeEvent;
use super::connection::{PageInfo, check_first};
use crate::domain::{Event, EventBody, UnitId, Version};
use crate::feed::cursor::Cursor;
use crate::graphql::context::Viewing;
use crate::graphql::error;
use crate::limits::{EVENTS_SCANNED_MAX, LOG_PAGE};
use crate::store::{self, ReadTx};

/// A page of the log (trang sự kiện). It may hold fewer rows than asked for and yet have a next
/// one: of a small unit's events there may be none among thousands of others.
#[derive(SimpleObject)]
pub struct InitiativeEventConnection {
    /// Rows with their cursors.
    edges: Vec<InitiativeEventEdge>,
    /// The rows alone.
    nodes: Vec<InitiativeEvent>,
    /// Where the page stands. An empty page has an endCursor too: where to go on from.
    page_info: PageInfo,
}

/// A row of a page of the log.
#[derive(SimpleObject)]
pub struct InitiativeEventEdge {
    /// Position of the event, as its own.
    cursor: String,
    /// The event.
    node: InitiativeEvent,
}

/// What was read of the log.
struct Read {
    events: Vec<Arc<Event>>,
    end: Cursor,
    has_next: bool,
}

enum Answer {
    Page(Read),
    /// With the present end.
    Expired(Cursor),
}

/// Whether the feed of a subtree tells an event, as the tree stood at it.
pub fn is_told(body: &EventBody, within: Option<UnitId>) -> bool {
    match body {
        EventBody::Initiative(_, change) => within.is_none_or(|unit| change.is_within(unit)),
        _ => false,
    }
}

impl InitiativeEventConnection {
    /// # Errors
    /// BAD_ARGUMENT; CURSOR_EXPIRED for a cursor of another log.
    pub async fn read(
        ctx: &Context<'_>,
        within: Option<UnitId>,
        after: Option<Cursor>,
        first: i32,
    ) -> Result<Self> {
        let limit = check_first(first)?;
        let viewing = Viewing::of(ctx);
        // The end of the log moves with whatever happens.
        viewing.note_missing();
        viewing.reads.structure();
        viewing.reads.day();
        let read = viewing.with_tables(async |tx| page(tx, within, after, limit).await).await;
        let read = match read.map_err(error::of_store)? {
            Answer::Page(read) => read,
            Answer::Expired(end) => return Err(error::cursor_expired(Some(end))),
        };
        let snapshot = viewing.snapshot_of_rows();
        let told =
            |event: &Arc<Event>| InitiativeEvent::of(Arc::clone(&snapshot), Arc::clone(event));
        let nodes: Vec<InitiativeEvent> = read.events.iter().filter_map(told).collect();
        let edge = |event: &Arc<Event>| {
            told(event).map(|node| InitiativeEventEdge { cursor: Cursor::of(event).encode(), node })
        };
        Ok(Self {
            edges: read.events.iter().filter_map(edge).collect(),
            nodes,
            page_info: PageInfo {
                has_next_page: read.has_next,
                has_previous_page: after.is_some(),
                start_cursor: read.events.first().map(|event| Cursor::of(event).encode()),
                end_cursor: Some(read.end.encode()),
            },
        })
    }
}

async fn page(
    tx: &mut ReadTx,
    within: Option<UnitId>,
    after: Option<Cursor>,
    limit: usize,
) -> Result<Answer, store::Error> {
    let head = tx.version();
    let tag = tx.tag(head).await?.ok_or(store::Error::Gap(head.0))?;
    let head = Cursor { version: head, tag };
    let mut scanned = match after {
        Some(after) if tx.tag(after.version).await? != Some(after.tag) => {
            return Ok(Answer::Expired(head));
        }
        Some(after) => Some(after),
        // Nothing is asked for but where to begin.
        None if limit == 0 => {
            return Ok(Answer::Page(Read { events: Vec::new(), end: head, has_next: false }));
        }
        None => None,
    };
    let mut events: Vec<Arc<Event>> = Vec::new();
    let mut budget = EVENTS_SCANNED_MAX;
    let mut step = i64::try_from(2 * limit + 32).unwrap_or(LOG_PAGE).min(LOG_PAGE);
    // One more than asked for tells whether there is a next page.
    while events.len() <= limit && budget > 0 {
        let position = scanned.map_or(Version::ZERO, |cursor| cursor.version);
        let read = tx.events_after(position, step).await?;
        let Some(last) = read.last() else { break };
        scanned = Some(Cursor::of(last));
        budget -= step.min(budget);
        step = LOG_PAGE;
        events.extend(read.into_iter().filter(|it| is_told(&it.body, within)).map(Arc::new));
    }
    let is_full = events.len() > limit;
    events.truncate(limit);
    let is_end = !is_full && scanned.is_none_or(|cursor| cursor.version >= head.version);
    let last = events.last().map(|event| Cursor::of(event));
    let end = match last {
        // The next page begins behind the last row of this one.
        Some(last) if is_full || is_end => last,
        None if is_full => after.unwrap_or(head),
        // So far nothing more was found.
        _ => scanned.unwrap_or(head),
    };
    Ok(Answer::Page(Read { events, end, has_next: !is_end }))
}
