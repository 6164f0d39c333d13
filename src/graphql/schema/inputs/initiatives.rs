//! Changes of initiatives.

use async_graphql::{ID, InputObject, MaybeUndefined, Result};

use super::{UnitRef, initiative_id, patch, same};
use crate::domain::command::{self, NewAuthor};
use crate::domain::{Command, Problem, Refusal, Version};
use crate::graphql::schema::enums::{AuthorGroup, InitiativeKind, RejectionReason, ReviewDecision};
use crate::graphql::schema::scalars::{Date, Long};
use crate::limits::REVIEWS_MAX;

pub fn version(expected: Option<Long>) -> Option<Version> {
    expected.map(|version| Version(version.0))
}

/// An initiative to enter (đăng ký sáng kiến).
#[derive(InputObject)]
pub struct SubmitInitiativeInput {
    /// The client's own key for one intended submission, 1 to 100 characters. The same key with the
    /// same content answers with the same initiative, and nothing counts twice; with other content
    /// it is refused with KEY_REUSED (khóa chống trùng).
    key: ID,
    /// The unit that the initiative counts for (đơn vị).
    unit: UnitRef,
    /// The initiative's title, 1 to 500 characters (tên sáng kiến).
    title: String,
    /// The initiative's content in a few paragraphs, at most 10,000 characters (nội dung tóm tắt).
    summary: Option<String>,
    /// The kind of solution that the initiative is (loại giải pháp).
    kind: InitiativeKind,
    /// The field of work: a code of `Query.fields`, or any text of at most 300 characters while
    /// that list is empty (lĩnh vực).
    field: Option<String>,
    /// The team whose joint work the initiative is, at most 300 characters (tổ, đội, phòng).
    team: Option<String>,
    /// The authors, 1 to 50; a person who is named twice counts once (tác giả).
    authors: Vec<AuthorInput>,
    /// The day on which the initiative was first put to use. It may be left out for IDEA and
    /// RESEARCH, or if the programme has no window (ngày áp dụng lần đầu).
    applied_on: Option<Date>,
    /// The council or head that recognised the initiative, with the decision's number, at most 300
    /// characters (được công nhận bởi).
    recognised_by: Option<String>,
    /// True if only the title is to be public (bảo mật).
    #[graphql(default = false)]
    confidential: bool,
    /// The benefit in đồng a year, 0 to 10^13 (giá trị làm lợi).
    benefit_vnd: Option<Long>,
}

/// One author of an initiative (tác giả).
#[derive(InputObject)]
pub struct AuthorInput {
    /// The person's full name, 1 to 300 characters (họ và tên).
    name: String,
    /// The unit's own code for the person, at most 100 characters; it tells namesakes apart (mã
    /// đoàn viên).
    person_code: Option<String>,
    /// The group of working people that the person belongs to (nhóm tác giả).
    group: Option<AuthorGroup>,
    /// A phone number or an address of the person, at most 300 characters; it is never public (liên
    /// hệ).
    contact: Option<String>,
}

impl From<AuthorInput> for NewAuthor {
    fn from(input: AuthorInput) -> Self {
        Self {
            name: input.name,
            person_code: input.person_code,
            group: input.group.map(Into::into),
            contact: input.contact,
        }
    }
}

impl From<SubmitInitiativeInput> for Command {
    fn from(input: SubmitInitiativeInput) -> Self {
        Self::Submit(command::Submit {
            key: input.key.0,
            unit: input.unit.into(),
            title: input.title,
            summary: input.summary,
            kind: input.kind.into(),
            field: input.field,
            team: input.team,
            authors: input.authors.into_iter().map(Into::into).collect(),
            applied_on: input.applied_on.map(|day| day.0),
            recognised_by: input.recognised_by,
            confidential: input.confidential,
            benefit_vnd: input.benefit_vnd.map(|long| long.0),
        })
    }
}

/// A review of one initiative (xét duyệt).
#[derive(InputObject)]
pub struct ReviewInitiativeInput {
    /// Global id of the initiative, which must not be withdrawn (mã toàn cục của sáng kiến).
    id: ID,
    /// The decision of the review (kết quả xét duyệt).
    decision: ReviewDecision,
    /// The reason for a rejection; INVALID if REJECT has none, or another decision has one (lý do
    /// không hợp lệ).
    reason: Option<RejectionReason>,
    /// A note for those who manage the unit, at most 10,000 characters. RETURN needs one, which says
    /// what to mend, else INVALID (ý kiến xét duyệt).
    note: Option<String>,
    /// The version that the caller saw; a later change is refused with CONFLICT (phiên bản đã xem).
    expected_version: Option<Long>,
}

impl ReviewInitiativeInput {
    pub fn command(self) -> Result<Command, Vec<Refusal>> {
        Ok(Command::Review(command::Review {
            id: initiative_id(&self.id)?,
            decision: self.decision.into(),
            reason: self.reason.map(Into::into),
            note: self.note,
            expected_version: version(self.expected_version),
        }))
    }
}

/// One review of several initiatives, each decided for itself (xét duyệt nhiều sáng kiến).
#[derive(InputObject)]
pub struct ReviewInitiativesInput {
    /// Global ids of the initiatives, at most 200, none of them withdrawn (mã toàn cục của các sáng
    /// kiến).
    ids: Vec<ID>,
    /// The decision on each initiative (kết quả xét duyệt).
    decision: ReviewDecision,
    /// The reason for the rejections; INVALID if REJECT has none, or another decision has one (lý do
    /// không hợp lệ).
    reason: Option<RejectionReason>,
    /// A note for those who manage the units, at most 10,000 characters. RETURN needs one, which says
    /// what to mend, else INVALID (ý kiến xét duyệt).
    note: Option<String>,
}

impl ReviewInitiativesInput {
    /// One command for each id, in their order.
    ///
    /// # Errors
    /// When there are too many.
    pub fn commands(self) -> Result<Vec<Result<Command, Vec<Refusal>>>, Refusal> {
        let count = self.ids.len();
        if count > REVIEWS_MAX {
            return Err(Problem::TooMany { count, max: REVIEWS_MAX }.at(["ids"]));
        }
        let review = |id| {
            let (decision, reason, note) = (self.decision, self.reason, self.note.clone());
            ReviewInitiativeInput { id, decision, reason, note, expected_version: None }.command()
        };
        Ok(self.ids.into_iter().map(review).collect())
    }
}

/// A correction of a pending or returned initiative, which is pending again then. A field left out
/// stays as it is; null clears it (chỉnh sửa).
#[derive(InputObject)]
pub struct ReviseInitiativeInput {
    /// Global id of the initiative, which must be pending or returned (mã toàn cục của sáng kiến).
    id: ID,
    /// The new title, 1 to 500 characters; null is refused with INVALID (tên sáng kiến).
    title: MaybeUndefined<String>,
    /// The new content in a few paragraphs, at most 10,000 characters (nội dung tóm tắt).
    summary: MaybeUndefined<String>,
    /// The new kind of solution; null is refused with INVALID (loại giải pháp).
    kind: MaybeUndefined<InitiativeKind>,
    /// The new field of work: a code of `Query.fields`, or any text of at most 300 characters while
    /// that list is empty (lĩnh vực).
    field: MaybeUndefined<String>,
    /// The team whose joint work the initiative is, at most 300 characters (tổ, đội, phòng).
    team: MaybeUndefined<String>,
    /// All authors, 1 to 50, in the place of those before; null is refused with INVALID (tác giả).
    authors: MaybeUndefined<Vec<AuthorInput>>,
    /// The day on which the initiative was first put to use (ngày áp dụng lần đầu).
    applied_on: MaybeUndefined<Date>,
    /// The council or head that recognised the initiative, with the decision's number, at most 300
    /// characters (được công nhận bởi).
    recognised_by: MaybeUndefined<String>,
    /// True if only the title is to be public; null stands for false (bảo mật).
    confidential: MaybeUndefined<bool>,
    /// The benefit in đồng a year, 0 to 10^13 (giá trị làm lợi).
    benefit_vnd: MaybeUndefined<Long>,
    /// The version that the caller saw; a later change is refused with CONFLICT (phiên bản đã xem).
    expected_version: Option<Long>,
}

impl ReviseInitiativeInput {
    pub fn command(self) -> Result<Command, Vec<Refusal>> {
        let authors =
            |authors: Vec<AuthorInput>| authors.into_iter().map(Into::into).collect::<Vec<_>>();
        Ok(Command::Revise(Box::new(command::Revise {
            id: initiative_id(&self.id)?,
            title: patch(self.title, same),
            summary: patch(self.summary, same),
            kind: patch(self.kind, Into::into),
            field: patch(self.field, same),
            team: patch(self.team, same),
            authors: patch(self.authors, authors),
            applied_on: patch(self.applied_on, |day| day.0),
            recognised_by: patch(self.recognised_by, same),
            confidential: patch(self.confidential, same),
            benefit_vnd: patch(self.benefit_vnd, |long| long.0),
            expected_version: version(self.expected_version),
        })))
    }
}

/// An initiative to take back (rút sáng kiến).
#[derive(InputObject)]
pub struct WithdrawInitiativeInput {
    /// Global id of the initiative (mã toàn cục của sáng kiến).
    id: ID,
    /// The reason, kept in the log, at most 10,000 characters (lý do).
    reason: Option<String>,
    /// The version that the caller saw; a later change is refused with CONFLICT (phiên bản đã xem).
    expected_version: Option<Long>,
}

impl WithdrawInitiativeInput {
    pub fn command(self) -> Result<Command, Vec<Refusal>> {
        Ok(Command::Withdraw(command::Withdraw {
            id: initiative_id(&self.id)?,
            reason: self.reason,
            expected_version: version(self.expected_version),
        }))
    }
}

/// An initiative that was entered under the wrong unit, and the right one (chuyển đơn vị).
#[derive(InputObject)]
pub struct TransferInitiativeInput {
    /// Global id of the initiative, which must not be withdrawn (mã toàn cục của sáng kiến).
    id: ID,
    /// The unit that the initiative belongs to, which must be open (đơn vị mới).
    unit: UnitRef,
    /// The reason, kept in the log, at most 10,000 characters (lý do).
    reason: Option<String>,
    /// The version that the caller saw; a later change is refused with CONFLICT (phiên bản đã xem).
    expected_version: Option<Long>,
}

impl TransferInitiativeInput {
    pub fn command(self) -> Result<Command, Vec<Refusal>> {
        Ok(Command::Transfer(command::Transfer {
            id: initiative_id(&self.id)?,
            unit: self.unit.into(),
            reason: self.reason,
            expected_version: version(self.expected_version),
        }))
    }
}

/// An accepted initiative to choose as an example, or a choice to take back (chọn sáng kiến tiêu
/// biểu).
#[derive(InputObject)]
pub struct FeatureInitiativeInput {
    /// Global id of the initiative, whose status must be ACCEPTED (mã toàn cục của sáng kiến).
    id: ID,
    /// True chooses the initiative as an example, false takes the choice back (chọn hoặc bỏ chọn
    /// tiêu biểu).
    #[graphql(default = true)]
    featured: bool,
}

impl FeatureInitiativeInput {
    pub fn command(self) -> Result<Command, Vec<Refusal>> {
        Ok(Command::Feature(command::Feature {
            id: initiative_id(&self.id)?,
            featured: self.featured,
        }))
    }
}
