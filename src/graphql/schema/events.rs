//! The log of initiatives, page by page: event for event what the subscription of that name sends.

use std::sync::Arc;

use async_graphql::{Context, Result, SimpleObject};

use super::InitiativeEvent;
use super::connection::{PageInfo, check_first};
use crate::domain::{Event, EventBody, UnitId, Version};
use crate::error;
use crate::feed::cursor::Cursor;
use crate::graphql::context::RequestContext;
use crate::graphql::context::ready::{Ready, ReadyList};
use crate::limits::{EVENTS_SCANNED_MAX, LOG_PAGE};
use crate::store::{self, ReadTx};

/// A page of the log. It may hold fewer rows than asked for and yet have a next page: each page
/// looks through a bounded part of the log, where a small unit may have no events (trang sự kiện).
#[derive(SimpleObject)]
pub struct InitiativeEventConnection {
    /// The page's rows with their cursors (các dòng).
    edges: ReadyList<InitiativeEventEdge>,
    /// The page's events without rows around them (các sự kiện).
    nodes: ReadyList<InitiativeEvent>,
    /// The page's place in the log; an empty page has an `endCursor` too, to go on from (thông tin
    /// trang).
    page_info: Ready<PageInfo>,
}

/// A row of a page of the log (dòng).
#[derive(SimpleObject)]
pub struct InitiativeEventEdge {
    /// The event's position in the log, equal to `InitiativeEvent.cursor` (vị trí).
    cursor: String,
    /// The event of the row (sự kiện).
    node: Ready<InitiativeEvent>,
}

/// One page of the log.
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
pub fn concerns(body: &EventBody, within: Option<UnitId>) -> bool {
    match body {
        EventBody::Initiative(_, change) => within.is_none_or(|unit| change.is_within(unit)),
        _ => false,
    }
}

impl InitiativeEventConnection {
    /// # Errors
    /// BAD_ARGUMENT; CURSOR_EXPIRED for a cursor of another log, or behind which a prune removed events.
    pub async fn read(
        ctx: &Context<'_>,
        within: Option<UnitId>,
        after: Option<Cursor>,
        first: i32,
    ) -> Result<Self> {
        let limit = check_first(first)?;
        let context = RequestContext::of(ctx);
        context.meter.go_on()?; // The end of the log moves with whatever happens.
        context.note_missing();
        context.dependencies.structure();
        context.dependencies.day();
        let read = context
            .with_tables(async |tx| page(tx, within, after, limit, EVENTS_SCANNED_MAX).await)
            .await;
        let read = match read.map_err(error::of_store)? {
            Answer::Page(read) => read,
            Answer::Expired(end) => return Err(error::cursor_expired(Some(end))),
        };
        let snapshot = context.snapshot_of_rows();
        let told =
            |event: &Arc<Event>| InitiativeEvent::of(Arc::clone(&snapshot), Arc::clone(event));
        let nodes: ReadyList<InitiativeEvent> = read.events.iter().filter_map(told).collect();
        let edge = |event: &Arc<Event>| {
            let edge = |node| InitiativeEventEdge {
                cursor: Cursor::of(event).encode(),
                node: Ready(node),
            };
            told(event).map(edge)
        };
        Ok(Self {
            edges: read.events.iter().filter_map(edge).collect(),
            nodes,
            page_info: Ready(PageInfo {
                has_next_page: read.has_next,
                has_previous_page: after.is_some(),
                start_cursor: read.events.first().map(|event| Cursor::of(event).encode()),
                end_cursor: Some(read.end.encode()),
            }),
        })
    }
}

/// Looks through `budget` events, or a few more.
async fn page(
    tx: &mut ReadTx,
    within: Option<UnitId>,
    after: Option<Cursor>,
    limit: usize,
    mut budget: i64,
) -> Result<Answer, store::Error> {
    let head = tx.version();
    let tag = tx.tag(head).await?.ok_or(store::Error::Gap(head.0))?;
    let head = Cursor { version: head, tag };
    let mut scanned = match after {
        Some(after) if tx.tag_to_follow(after.version).await? != Some(after.tag) => {
            return Ok(Answer::Expired(head));
        }
        Some(after) => Some(after), // The caller asks only for the place to begin at.
        None if limit == 0 => {
            return Ok(Answer::Page(Read { events: Vec::new(), end: head, has_next: false }));
        }
        None => None,
    };
    // Before that, the log holds some events and lacks others.
    let begin = tx.log_start().await?.map_or(Version::ZERO, |start| start.version);
    let mut events: Vec<Arc<Event>> = Vec::new();
    let mut step = i64::try_from(2 * limit + 32).unwrap_or(LOG_PAGE).min(LOG_PAGE); // One more than asked for tells whether there is a next page.
    while events.len() <= limit && budget > 0 {
        let position = scanned.map_or(begin, |cursor| cursor.version);
        let read = tx.events_after(position, step).await?;
        let Some(last) = read.last() else { break };
        scanned = Some(Cursor::of(last));
        budget -= step.min(budget);
        step = LOG_PAGE;
        events.extend(read.into_iter().filter(|it| concerns(&it.body, within)).map(Arc::new));
    }
    let is_full = events.len() > limit;
    events.truncate(limit);
    let is_end = !is_full && scanned.is_none_or(|cursor| cursor.version >= head.version);
    let last = events.last().map(|event| Cursor::of(event));
    let end = match last {
        // The next page begins behind the last row of this one.
        Some(last) if is_full || is_end => last,
        None if is_full => after.unwrap_or(head), // So far nothing more was found.
        _ => scanned.unwrap_or(head),
    };
    Ok(Answer::Page(Read { events, end, has_next: !is_end }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::ManualClock;
    use crate::domain::command::{NewAuthor, Submit, UpsertUnit};
    use crate::domain::initiative::InitiativeKind;
    use crate::domain::unit::UnitKind;
    use crate::domain::{Actor, Command, Patch, Timestamp, UnitRef};
    use crate::server::Server;

    fn submission(key: usize, unit: UnitRef) -> Command {
        let author =
            NewAuthor { name: "A".to_owned(), person_code: None, group: None, contact: None };
        Command::Submit(Submit {
            key: key.to_string(),
            unit,
            title: "T".to_owned(),
            summary: None,
            kind: InitiativeKind::Idea,
            field: None,
            team: None,
            authors: vec![author],
            applied_on: None,
            recognised_by: None,
            confidential: false,
            benefit_vnd: None,
        })
    }

    #[tokio::test]
    async fn what_is_rare_is_found_in_short_pages() {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", dir.path().join("sangkien.db").display());
        let clock = ManualClock::new(Timestamp::parse("2022-05-10T08:00:00+07:00").unwrap());
        let server = Server::open(&url, Arc::new(clock)).await.unwrap();
        let structure = &server.hub.latest().structure;
        let root = UnitRef::Id(structure.root());
        let code = UnitRef::Code("u".to_owned());
        let unit = UpsertUnit {
            code: "u".to_owned(),
            name: Patch::Set("U".to_owned()),
            kind: Patch::Set(UnitKind::Section),
            parent: Patch::Set(root.clone()),
            ..UpsertUnit::default()
        };
        let actor = Arc::new(Actor::SYSTEM);
        server.writer.execute(Command::UpsertUnit(unit), Arc::clone(&actor)).await.unwrap();
        for key in 0..160 {
            let place = if key == 100 { code.clone() } else { root.clone() };
            let reply = server.writer.execute(submission(key, place), Arc::clone(&actor)).await;
            reply.unwrap();
        }
        let within = server.hub.latest().structure.resolve_unit(&code);
        let store = crate::store::Store::open(&url).await.unwrap();
        let mut tx = store.begin_read().await.unwrap();
        let (mut after, mut found, mut pages) = (None, 0, 0);
        loop {
            let Answer::Page(read) = page(&mut tx, within, after, 3, 1).await.unwrap() else {
                panic!("its own cursors can be followed");
            };
            found += read.events.len();
            pages += 1;
            assert!(after.is_none_or(|after: Cursor| after.version < read.end.version));
            after = Some(read.end);
            if !read.has_next {
                break;
            }
        }
        assert_eq!(found, 1);
        assert!(pages > 3, "short pages: {pages}");
        assert_eq!(after.map(|end| end.version), Some(tx.version()));
    }
}
