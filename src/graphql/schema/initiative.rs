use std::sync::Arc;

use async_graphql::{Context, Description, ID, Object, Result, SimpleObject};

use super::{InitiativeEvent, Unit};
use crate::auth::{Visibility, permissions};
use crate::board::Snapshot;
use crate::domain;
use crate::graphql::context::RequestContext;
use crate::graphql::context::loaders::EventsOf;
use crate::graphql::context::ready::{Ready, ReadyList};
use crate::graphql::schema::enums::{
    AuthorGroup, InitiativeAction, InitiativeKind, InitiativeStatus, RejectionReason,
};
use crate::graphql::schema::ids::GlobalId;
use crate::graphql::schema::scalars::{Date, DateTime, Long};

/// An improvement of work that its authors entered for a unit; the caller sees as much of it as its
/// roles allow (sáng kiến).
#[derive(Description, Clone)]
pub struct Initiative {
    snapshot: Arc<Snapshot>,
    row: Arc<domain::Initiative>,
    visibility: Visibility,
}

impl Initiative {
    /// `None` for what the caller may not see.
    pub fn seen(
        ctx: &Context<'_>,
        snapshot: &Arc<Snapshot>,
        row: Arc<domain::Initiative>,
    ) -> Option<Self> {
        let context = RequestContext::of(ctx);
        context.dependencies.unit(snapshot, row.unit);
        let visibility = context.audience().visibility_of(&snapshot.structure, &row);
        (visibility != Visibility::Nothing).then(|| Self {
            snapshot: Arc::clone(snapshot),
            row,
            visibility,
        })
    }

    fn open(&self) -> Option<&domain::Initiative> {
        (self.visibility != Visibility::Title).then_some(&*self.row)
    }

    fn managed(&self) -> Option<&domain::Initiative> {
        (self.visibility == Visibility::Everything).then_some(&*self.row)
    }
}

#[Object(use_type_description)]
impl Initiative {
    /// Global id of the initiative (mã toàn cục).
    pub async fn id(&self) -> ID {
        GlobalId::Initiative(self.row.id).encode()
    }

    /// The initiative's title, at most 500 characters (tên sáng kiến).
    async fn title(&self) -> &str {
        &self.row.title
    }

    /// The initiative's content in a few paragraphs; null if none was given, or if the caller may
    /// not see it (nội dung tóm tắt).
    async fn summary(&self) -> Option<&str> {
        self.open()?.summary.as_deref()
    }

    /// The kind of solution that the initiative is (loại giải pháp).
    async fn kind(&self) -> InitiativeKind {
        self.row.kind.into()
    }

    /// The initiative's field of work: a code of `Query.fields`, or any text while that list is
    /// empty. Null if none was given, or if the caller may not see it (lĩnh vực).
    async fn field(&self) -> Option<&str> {
        self.open()?.field.as_deref()
    }

    /// The initiative's place in the review (trạng thái).
    async fn status(&self) -> InitiativeStatus {
        self.row.status.into()
    }

    /// The unit that the initiative counts for (đơn vị).
    async fn unit(&self) -> Ready<Unit> {
        Ready(Unit { snapshot: Arc::clone(&self.snapshot), id: self.row.unit })
    }

    /// The team whose joint work the initiative is; null if none was given, or if the caller may
    /// not see it (tổ, đội, phòng).
    async fn team(&self) -> Option<&str> {
        self.open()?.team.as_deref()
    }

    /// The initiative's authors, in the order of entry; the first decides the author group in
    /// breakdowns. Empty if the initiative is confidential and the caller may not see its content
    /// (tác giả). It costs about 5 for each initiative, and what is selected of the authors.
    async fn authors(&self) -> ReadyList<Author> {
        let managed = self.managed().is_some();
        let authors = self.open().map(|row| row.authors.as_slice()).unwrap_or_default();
        authors.iter().map(|author| Author::of(author, managed)).collect()
    }

    /// The day on which the initiative was first put to use; null if none was given, or if the
    /// caller may not see it (ngày áp dụng lần đầu).
    async fn applied_on(&self) -> Option<Date> {
        self.open()?.applied_on.map(Date)
    }

    /// The council or head that recognised the initiative before it was entered, with the
    /// decision's number; null if none was given, or if the caller may not see it (được công nhận
    /// bởi).
    async fn recognised_by(&self) -> Option<&str> {
        self.open()?.recognised_by.as_deref()
    }

    /// True if only the initiative's title, kind, unit and status are public (bảo mật).
    async fn confidential(&self) -> bool {
        self.row.confidential
    }

    /// The initiative's benefit, in đồng a year, 0 to 10^13; null if none was given, or if the
    /// caller may not see it (giá trị làm lợi).
    async fn benefit_vnd(&self) -> Option<Long> {
        self.open()?.benefit_vnd.map(Long)
    }

    /// The moment at which the initiative was submitted; its day decides in which periods the
    /// initiative counts (thời điểm đăng ký).
    async fn submitted_at(&self) -> DateTime {
        DateTime(self.row.submitted_at)
    }

    /// The moment of the initiative's last change (thời điểm cập nhật).
    async fn updated_at(&self) -> DateTime {
        DateTime(self.row.updated_at)
    }

    /// The moment of the initiative's last review; null before the first one, or if the caller may
    /// not see it (thời điểm xét duyệt).
    async fn reviewed_at(&self) -> Option<DateTime> {
        self.open()?.reviewed_at.map(DateTime)
    }

    /// The reason that a reviewer gave for the rejection; null if none was given, or if the caller
    /// may not see it (lý do không hợp lệ).
    async fn rejection_reason(&self) -> Option<RejectionReason> {
        self.open()?.rejection_reason.map(Into::into)
    }

    /// The reviewer's note for those who manage the unit; null if there is none, or if the caller
    /// does not manage the unit (ý kiến xét duyệt).
    async fn review_note(&self) -> Option<&str> {
        self.managed()?.review_note.as_deref()
    }

    /// True if the initiative is chosen as an example to follow (sáng kiến tiêu biểu).
    async fn featured(&self) -> bool {
        self.row.featured
    }

    /// The version of the initiative's last change; `expectedVersion` of a mutation takes it (phiên
    /// bản).
    async fn version(&self) -> Long {
        Long(self.row.version.0)
    }

    /// All events of the initiative, in the order of the log, as far back as the operator keeps it
    /// (lịch sử sự kiện). It costs about 15 for each initiative, 300 for all of them together, and what is selected of the events.
    async fn events(&self, ctx: &Context<'_>) -> Result<ReadyList<InitiativeEvent>> {
        let events = RequestContext::of(ctx).loaders.load_one(EventsOf(self.row.id)).await?;
        let events = events.unwrap_or_default();
        let event = |event: &Arc<domain::Event>| {
            InitiativeEvent::of(Arc::clone(&self.snapshot), Arc::clone(event))
        };
        Ok(events.iter().filter_map(event).collect())
    }

    /// The actions that the caller's roles and the initiative's status allow now (các hành động
    /// được phép). It costs about 3 for each 2 initiatives.
    async fn viewer_may(&self, ctx: &Context<'_>) -> Vec<InitiativeAction> {
        let grants = RequestContext::of(ctx).caller().audience.grants();
        let actions = permissions::actions(grants, &self.snapshot.structure, &self.row);
        actions.into_iter().map(Into::into).collect()
    }
}

/// A person who made an initiative (tác giả).
#[derive(SimpleObject, Clone)]
pub struct Author {
    /// The person's full name as it was entered (họ và tên).
    name: String,
    /// The group of working people that the person belongs to; null if it was not stated (nhóm tác
    /// giả).
    group: Option<AuthorGroup>,
    /// The unit's own code for the person; null if it was not stated, or if the caller does not
    /// manage the person's unit (mã đoàn viên).
    person_code: Option<String>,
    /// A phone number or an address of the person; null if it was not stated, or if the caller does
    /// not manage the person's unit (liên hệ).
    contact: Option<String>,
}

impl Author {
    fn of(author: &domain::Author, managed: bool) -> Self {
        Self {
            name: author.name.clone(),
            group: author.group.map(Into::into),
            person_code: author.person_code.clone().filter(|_| managed),
            contact: author.contact.clone().filter(|_| managed),
        }
    }
}
