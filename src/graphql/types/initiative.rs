use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result, SimpleObject};

use super::{InitiativeEvent, Unit};
use crate::auth::{Visibility, permissions};
use crate::board::Snapshot;
use crate::domain;
use crate::graphql::at_once::AllAtOnce;
use crate::graphql::context::Viewing;
use crate::graphql::enums::{
    AuthorGroup, InitiativeAction, InitiativeKind, InitiativeStatus, RejectionReason,
};
use crate::graphql::id::GlobalId;
use crate::graphql::loaders::EventsOf;
use crate::graphql::scalar::{Date, DateTime, Long};

/// An initiative (sáng kiến), as far as the caller may see it.
#[derive(Clone)]
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
        let viewing = Viewing::of(ctx);
        viewing.reads.unit(snapshot, row.unit);
        let visibility = viewing.audience().visibility_of(&snapshot.registry, &row);
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

#[Object]
impl Initiative {
    /// Global id (mã toàn cục).
    pub async fn id(&self) -> ID {
        GlobalId::Initiative(self.row.id).encode()
    }

    /// What it is called (tên sáng kiến).
    async fn title(&self) -> &str {
        &self.row.title
    }

    /// What it does, in a few paragraphs (nội dung tóm tắt).
    async fn summary(&self) -> Option<&str> {
        self.open()?.summary.as_deref()
    }

    /// What it is about (loại giải pháp).
    async fn kind(&self) -> InitiativeKind {
        self.row.kind.into()
    }

    /// Field of work (lĩnh vực).
    async fn field(&self) -> Option<&str> {
        self.open()?.field.as_deref()
    }

    /// Where it stands (trạng thái).
    async fn status(&self) -> InitiativeStatus {
        self.row.status.into()
    }

    /// Where it counts (đơn vị).
    async fn unit(&self) -> Unit {
        Unit { snapshot: Arc::clone(&self.snapshot), id: self.row.unit }
    }

    /// Of a collective's initiative (tổ, đội, phòng).
    async fn team(&self) -> Option<&str> {
        self.open()?.team.as_deref()
    }

    /// The first decides the author group in breakdowns (tác giả). Empty for a confidential
    /// initiative that is not the caller's to see.
    async fn authors(&self) -> AllAtOnce<Author> {
        let managed = self.managed().is_some();
        let authors = self.open().map(|row| row.authors.as_slice()).unwrap_or_default();
        authors.iter().map(|author| Author::of(author, managed)).collect()
    }

    /// First put to use (ngày áp dụng lần đầu).
    async fn applied_on(&self) -> Option<Date> {
        self.open()?.applied_on.map(Date)
    }

    /// Council or head who recognised it, with the decision's number (được công nhận bởi).
    async fn recognised_by(&self) -> Option<&str> {
        self.open()?.recognised_by.as_deref()
    }

    /// Only its title is public (bảo mật).
    async fn confidential(&self) -> bool {
        self.row.confidential
    }

    /// Benefit in đồng a year (giá trị làm lợi).
    async fn benefit_vnd(&self) -> Option<Long> {
        self.open()?.benefit_vnd.map(Long)
    }

    /// When it was entered: its day decides in which periods it counts (thời điểm đăng ký).
    async fn submitted_at(&self) -> DateTime {
        DateTime(self.row.submitted_at)
    }

    /// When it changed last (thời điểm cập nhật).
    async fn updated_at(&self) -> DateTime {
        DateTime(self.row.updated_at)
    }

    /// When it was reviewed last (thời điểm xét duyệt).
    async fn reviewed_at(&self) -> Option<DateTime> {
        self.open()?.reviewed_at.map(DateTime)
    }

    /// Why it was rejected (lý do không công nhận).
    async fn rejection_reason(&self) -> Option<RejectionReason> {
        self.open()?.rejection_reason.map(Into::into)
    }

    /// For those who manage the unit (ý kiến xét duyệt).
    async fn review_note(&self) -> Option<&str> {
        self.managed()?.review_note.as_deref()
    }

    /// An example to follow (sáng kiến tiêu biểu).
    async fn featured(&self) -> bool {
        self.row.featured
    }

    /// Of its last change (phiên bản).
    async fn version(&self) -> Long {
        Long(self.row.version.0)
    }

    /// All that happened to it, the first event first (lịch sử).
    async fn events(&self, ctx: &Context<'_>) -> Result<AllAtOnce<InitiativeEvent>> {
        let events = Viewing::of(ctx).loaders.load_one(EventsOf(self.row.id)).await?;
        let events = events.unwrap_or_default();
        let event = |event: &Arc<domain::Event>| {
            InitiativeEvent::of(Arc::clone(&self.snapshot), Arc::clone(event))
        };
        Ok(events.iter().filter_map(event).collect())
    }

    /// What the caller may do with it as it is now (các thao tác được phép).
    async fn viewer_may(&self, ctx: &Context<'_>) -> Vec<InitiativeAction> {
        let grants = Viewing::of(ctx).caller().audience.grants();
        let actions = permissions::actions(grants, &self.snapshot.registry, &self.row);
        actions.into_iter().map(Into::into).collect()
    }
}

/// A person (tác giả). `personCode` and `contact` only for those who manage the person's unit.
#[derive(SimpleObject, Clone)]
pub struct Author {
    /// As entered (họ và tên).
    name: String,
    /// To which group the person belongs (nhóm tác giả).
    group: Option<AuthorGroup>,
    /// The unit's own code of the person (mã đoàn viên).
    person_code: Option<String>,
    /// How to reach the person (liên hệ).
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
