use std::sync::Arc;

use async_graphql::{Context, Description, ID, Object, Result};

use super::{Initiative, Unit};
use crate::board::Snapshot;
use crate::domain::event::{InitiativeChanged, InitiativeEventKind as Kind};
use crate::domain::{Event, EventBody};
use crate::feed::cursor::Cursor;
use crate::graphql::context::RequestContext;
use crate::graphql::context::ready::Ready;
use crate::graphql::schema::enums::{InitiativeEventKind, InitiativeStatus};
use crate::graphql::schema::ids::GlobalId;
use crate::graphql::schema::scalars::{DateTime, Long};

/// A change of an initiative, as the log keeps it; it holds no names of persons and no contact data
/// (sự kiện).
#[derive(Description)]
pub struct InitiativeEvent {
    snapshot: Arc<Snapshot>,
    event: Arc<Event>,
}

impl InitiativeEvent {
    /// `None` for events of anything else. The snapshot is of the event's version or later.
    pub fn of(snapshot: Arc<Snapshot>, event: Arc<Event>) -> Option<Self> {
        matches!(event.body, EventBody::Initiative(..)).then_some(Self { snapshot, event })
    }

    fn body(&self) -> (Kind, &InitiativeChanged) {
        match &self.event.body {
            EventBody::Initiative(kind, change) => (*kind, change),
            _ => unreachable!("only events of initiatives are made into this"),
        }
    }
}

#[Object(use_type_description)]
impl InitiativeEvent {
    /// The event's position in the log, opaque; `after` of `initiativeEvents` takes it (vị trí).
    async fn cursor(&self) -> String {
        Cursor::of(&self.event).encode()
    }

    /// The event's number in the log of the whole system, in commit order (phiên bản).
    async fn version(&self) -> Long {
        Long(self.event.version.0)
    }

    /// The kind of the change (loại sự kiện).
    async fn kind(&self) -> InitiativeEventKind {
        self.body().0.into()
    }

    /// The moment of the change (thời điểm).
    async fn at(&self) -> DateTime {
        DateTime(self.event.at)
    }

    /// Global id of the initiative that changed (mã toàn cục của sáng kiến).
    async fn initiative_id(&self) -> ID {
        GlobalId::Initiative(self.body().1.initiative).encode()
    }

    /// The unit that the initiative counted for after the change (đơn vị).
    async fn unit(&self) -> Ready<Unit> {
        Ready(Unit { snapshot: Arc::clone(&self.snapshot), id: self.body().1.after.unit })
    }

    /// The unit that a transferred initiative left; null for every other kind of event (đơn vị cũ).
    async fn from_unit(&self) -> Option<Ready<Unit>> {
        let change = self.body().1;
        change.from_path.as_ref()?;
        let id = change.before.as_ref()?.unit;
        Some(Ready(Unit { snapshot: Arc::clone(&self.snapshot), id }))
    }

    /// The initiative's status after the change (trạng thái).
    async fn status(&self) -> InitiativeStatus {
        self.body().1.after.status.into()
    }

    /// The initiative as it is now; null if the caller may not see it (sáng kiến).
    async fn initiative(&self, ctx: &Context<'_>) -> Option<Result<Ready<Initiative>>> {
        let context = RequestContext::of(ctx);
        match context.initiative(self.body().1.initiative).await.transpose()? {
            Ok(row) => {
                let snapshot = context.snapshot_of_rows();
                Initiative::seen(ctx, &snapshot, row).map(|it| Ok(Ready(it)))
            }
            Err(error) => Some(Err(error)),
        }
    }
}
