//! Inputs, and how they become what the domain understands.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, MaybeUndefined, OneofObject, Result};

use super::enums::{
    AuthorGroup, InitiativeKind, OrderDirection, PeriodKind, RejectionReason, ReviewDecision,
    Sector, TargetMetric, TargetOrigin, UnitKind, UnitOrderField,
};
use super::ids::{self, GlobalId};
use super::scalars::{Date, Long};
use crate::board::{self, SearchText, Snapshot, TooManyWords};
use crate::domain::command::{self, NewAuthor};
use crate::domain::text::{code_named, normalise, shortened};
use crate::domain::{
    self, Command, InitiativeId, Patch, PeriodId, Problem, Refusal, UnitId, Version,
};
use crate::error::Code;
use crate::feed::cursor::Cursor;
use crate::graphql::context::Viewing;
use crate::graphql::context::mark::changed_after;
use crate::limits::{NAME_MAX, REVIEWS_MAX, SEARCH_WORDS_MAX};
use crate::messages::Message;

/// A reference to a unit, by its global id or by the code that people use (tham chiếu đơn vị).
#[derive(OneofObject, Debug, Clone)]
pub enum UnitRef {
    /// The unit's global id (mã toàn cục).
    Id(ID),
    /// The unit's code (mã đơn vị).
    Code(String),
}

/// A reference to a period, by its global id or by the code that people use (tham chiếu đợt thi
/// đua).
#[derive(OneofObject, Debug, Clone)]
pub enum PeriodRef {
    /// The period's global id (mã toàn cục).
    Id(ID),
    /// The period's code (mã đợt thi đua).
    Code(String),
}

/// Numbers begin at 1, so this names nothing: what an id of something else names as a unit.
const NO_UNIT: UnitId = UnitId(0);
const NO_PERIOD: PeriodId = PeriodId(0);

impl From<UnitRef> for domain::UnitRef {
    fn from(unit: UnitRef) -> Self {
        match unit {
            UnitRef::Code(code) => Self::Code(code_named(&code)),
            UnitRef::Id(id) => match GlobalId::decode(&id) {
                Some(GlobalId::Unit(id)) => Self::Id(id),
                _ => Self::Id(NO_UNIT),
            },
        }
    }
}

impl From<PeriodRef> for domain::PeriodRef {
    fn from(period: PeriodRef) -> Self {
        match period {
            PeriodRef::Code(code) => Self::Code(code_named(&code)),
            PeriodRef::Id(id) => match GlobalId::decode(&id) {
                Some(GlobalId::Period(id)) => Self::Id(id),
                _ => Self::Id(NO_PERIOD),
            },
        }
    }
}

/// # Errors
/// REF_NOT_FOUND.
pub fn existing_unit(snapshot: &Snapshot, unit: &domain::UnitRef) -> Result<UnitId> {
    snapshot.registry.resolve_unit(unit).ok_or_else(|| {
        Code::RefNotFound.says(match unit {
            domain::UnitRef::Code(code) => Message::NoUnitOfCode(code.clone()),
            domain::UnitRef::Id(_) => Message::NoUnitOfId,
        })
    })
}

/// # Errors
/// REF_NOT_FOUND.
pub fn existing_period(snapshot: &Snapshot, period: &domain::PeriodRef) -> Result<PeriodId> {
    snapshot.registry.resolve_period(period).ok_or_else(|| {
        Code::RefNotFound.says(match period {
            domain::PeriodRef::Code(code) => Message::NoPeriodOfCode(code.clone()),
            domain::PeriodRef::Id(_) => Message::NoPeriodOfId,
        })
    })
}

/// # Errors
/// BAD_CURSOR.
pub fn event_cursor(cursor: String) -> Result<Cursor> {
    Cursor::decode(&cursor)
        .map_err(|_| Code::BadCursor.says(Message::NotACursor(shortened(&cursor))))
}

/// The period named, or the default one of the present day; `None` while there is none at all.
///
/// # Errors
/// REF_NOT_FOUND.
pub fn period_or_default(
    ctx: &Context<'_>,
    snapshot: &Arc<Snapshot>,
    period: Option<PeriodRef>,
) -> Result<Option<PeriodId>> {
    let reads = &Viewing::of(ctx).reads;
    reads.structure();
    match period {
        Some(period) => existing_period(snapshot, &period.into()).map(Some),
        None => {
            reads.day();
            Ok(snapshot.default_period())
        }
    }
}

/// The period that a field's counts are of, where they speak of any: the one named, else the
/// default one.
///
/// # Errors
/// REF_NOT_FOUND, also while there is no period at all.
pub fn period_if_needed(
    ctx: &Context<'_>,
    snapshot: &Arc<Snapshot>,
    period: Option<PeriodRef>,
    is_needed: bool,
) -> Result<Option<PeriodId>> {
    if !is_needed && period.is_none() {
        return Ok(None);
    }
    match period_or_default(ctx, snapshot, period)? {
        Some(period) => Ok(Some(period).filter(|_| is_needed)),
        None => Err(Code::RefNotFound.says(Message::NoPeriodYet)),
    }
}

/// Conditions that a listed unit meets, all of them together; a condition left out lets all pass.
/// `notStarted` and `ratioBelow` are about the period beside the filter (bộ lọc đơn vị).
#[derive(InputObject, Debug, Clone, Default)]
pub struct UnitFilter {
    /// The unit that is listed with all units below it. REF_NOT_FOUND if it names nothing (trong
    /// phạm vi đơn vị).
    within: Option<UnitRef>,
    /// The kinds of organisation that the unit may be; an empty list lets all pass (loại đơn vị).
    kinds: Option<Vec<UnitKind>>,
    /// The emulation cluster that the unit belongs to among its siblings (cụm, khối thi đua).
    cluster: Option<String>,
    /// The side of working life that the unit belongs to (khu vực).
    sector: Option<Sector>,
    /// True finds units of foreign-invested enterprises, false all others (doanh nghiệp có vốn đầu
    /// tư nước ngoài).
    foreign_invested: Option<bool>,
    /// True finds closed units, false open ones (ngừng hoạt động).
    closed: Option<bool>,
    /// Words that the unit is found by, as `searchUnits` finds them (tìm theo tên, không cần dấu).
    text: Option<String>,
    /// True finds units without any submitted initiative in their subtree, false all others (chưa
    /// có sáng kiến).
    not_started: Option<bool>,
    /// A ratio, 0 or more, that the unit's ratio stays below; 1.0 is 100 %. Units without a target
    /// are not found. BAD_ARGUMENT if it is negative (tỷ lệ đạt chỉ tiêu dưới mức).
    ratio_below: Option<f64>,
    /// A version, 0 or more, after which the unit's own data, targets or tally in any period
    /// changed. When another period becomes the default one, every unit counts as changed. A change
    /// of the unit's rank or of the names above it does not count. Changes from before the server's
    /// last start may name units above and below the changed one as well. A version ahead of the
    /// log is answered with CURSOR_EXPIRED (thay đổi sau phiên bản).
    changed_after: Option<Long>,
    /// A mark from `extensions.mark`, after which the unit changed, as `changedAfter` tells. A mark
    /// of another log, as after a restored backup, is answered with CURSOR_EXPIRED and the present
    /// mark in `extensions`: copy everything anew. BAD_CURSOR if the text is no mark (thay đổi kể
    /// từ mốc).
    changed_since: Option<String>,
}

/// The order of a list of units; equals follow the order in which they were made (thứ tự đơn vị).
#[derive(InputObject, Debug, Clone)]
pub struct UnitOrder {
    /// The property that the list is ordered by (tiêu chí sắp xếp).
    field: UnitOrderField,
    /// The end of the order that comes first; the least by default (chiều sắp xếp).
    #[graphql(default_with = "OrderDirection::Ascending")]
    direction: OrderDirection,
}

impl UnitFilter {
    /// # Errors
    /// REF_NOT_FOUND for a unit that is not there, BAD_ARGUMENT for numbers out of range, those of
    /// [`changed_after`].
    pub async fn resolve(
        self,
        viewing: &Viewing,
        snapshot: &Snapshot,
    ) -> Result<board::UnitFilter> {
        let within = self.within.map(|unit| existing_unit(snapshot, &unit.into())).transpose()?;
        let mut kinds: Vec<_> =
            self.kinds.unwrap_or_default().into_iter().map(Into::into).collect();
        kinds.sort_unstable();
        kinds.dedup();
        if self.ratio_below.is_some_and(|below| below.is_nan() || below < 0.0) {
            return Err(Code::BadArgument.says(Message::NegativeRatio));
        }
        let since = self.changed_since.as_deref();
        let changed_after = changed_after(viewing, snapshot, self.changed_after, since).await?;
        Ok(board::UnitFilter {
            within,
            kinds,
            cluster: self.cluster.as_deref().map(name_or_nothing),
            sector: self.sector.map(Into::into),
            foreign_invested: self.foreign_invested,
            closed: self.closed,
            text: self.text.as_deref().map(search_text).transpose()?,
            not_started: self.not_started,
            ratio_below: self.ratio_below.map(board::Share),
            changed_after,
        })
    }
}

impl From<UnitOrder> for board::UnitOrder {
    fn from(order: UnitOrder) -> Self {
        Self { by: order.field.into(), direction: order.direction.into() }
    }
}

/// A name to filter by. A text longer than a name becomes the empty text, which is nobody's name either: so it
/// finds nothing, and is no part of what is kept.
pub fn name_or_nothing(text: &str) -> String {
    let name = normalise(text);
    if name.chars().count() > NAME_MAX { String::new() } else { name }
}

/// # Errors
/// BAD_ARGUMENT for more words than can be searched by.
pub fn search_text(text: &str) -> Result<SearchText> {
    SearchText::new(text).map_err(|TooManyWords(count)| {
        Code::BadArgument.says(Message::TooManyWords { count, max: SEARCH_WORDS_MAX })
    })
}

fn patch<T, U>(value: MaybeUndefined<T>, into: impl FnOnce(T) -> U) -> Patch<U> {
    match value {
        MaybeUndefined::Undefined => Patch::Keep,
        MaybeUndefined::Null => Patch::Clear,
        MaybeUndefined::Value(value) => Patch::Set(into(value)),
    }
}

fn same<T>(value: T) -> T {
    value
}

/// The initiative that an id in an input names.
fn initiative_id(id: &ID) -> Result<InitiativeId, Vec<Refusal>> {
    ids::initiative(id).ok_or_else(|| vec![Problem::InitiativeNotFound(shortened(id)).at(["id"])])
}

fn version(expected: Option<Long>) -> Option<Version> {
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
    /// The reason for a rejection; INVALID with any decision but REJECT (lý do không hợp lệ).
    reason: Option<RejectionReason>,
    /// A note for those who manage the unit, at most 10,000 characters (ý kiến xét duyệt).
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
    /// The reason for the rejections; INVALID with any decision but REJECT (lý do không hợp lệ).
    reason: Option<RejectionReason>,
    /// A note for those who manage the units, at most 10,000 characters (ý kiến xét duyệt).
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

/// Targets of one period and metric to set, all or none (giao chỉ tiêu).
#[derive(InputObject)]
pub struct SetTargetsInput {
    /// The period of the targets (đợt thi đua).
    period: PeriodRef,
    /// The count that the goals are about; the period's own metric by default (chỉ số).
    metric: Option<TargetMetric>,
    /// The unit that sets the goals: the one above (ASSIGNED) or the unit itself (PLEDGED) (nguồn
    /// chỉ tiêu).
    #[graphql(default_with = "TargetOrigin::Assigned")]
    origin: TargetOrigin,
    /// The number of the document that sets the targets, as written, at most 300 characters (số
    /// công văn).
    document_number: Option<String>,
    /// The goal of each unit, 1 to 500, no unit twice (các chỉ tiêu).
    goals: Vec<UnitGoalInput>,
}

/// The goal of one unit (chỉ tiêu của một đơn vị).
#[derive(InputObject)]
pub struct UnitGoalInput {
    /// The unit that is to reach the goal (đơn vị).
    unit: UnitRef,
    /// The number or the share to reach; null or left out, the unit has no target any more (chỉ
    /// tiêu).
    goal: Option<GoalInput>,
}

/// A goal, given as a number or as a share of the unit's members (chỉ tiêu).
#[derive(OneofObject)]
pub enum GoalInput {
    /// The number to reach, 0 or more (số lượng).
    Count(i32),
    /// The share of the unit's members to reach; the goal is its lower bound of `memberCount`,
    /// rounded up. A unit without `memberCount` is refused with INVALID (tỷ lệ đoàn viên).
    PercentOfMembers(PercentInput),
}

/// A share of a unit's members, in per cent (tỷ lệ phần trăm).
#[derive(InputObject)]
pub struct PercentInput {
    /// The lower bound, more than 0 and at most 100 (từ, phần trăm).
    from: f64,
    /// The upper bound, from `from` to 100; left out if one number was given (đến, phần trăm).
    to: Option<f64>,
}

impl From<SetTargetsInput> for Command {
    fn from(input: SetTargetsInput) -> Self {
        let goal = |goal: UnitGoalInput| command::UnitGoal {
            unit: goal.unit.into(),
            goal: goal.goal.map(|goal| match goal {
                GoalInput::Count(count) => command::Goal::Count(count),
                GoalInput::PercentOfMembers(percent) => {
                    command::Goal::PercentOfMembers { from: percent.from, to: percent.to }
                }
            }),
        };
        Self::SetTargets(command::SetTargets {
            period: input.period.into(),
            metric: input.metric.map(Into::into),
            origin: input.origin.into(),
            document_number: input.document_number,
            goals: input.goals.into_iter().map(goal).collect(),
        })
    }
}

/// A unit to make or to change, by its code. A field left out stays as it is; null clears it, or is
/// refused with INVALID for a value that every unit has (thêm hoặc sửa đơn vị).
#[derive(InputObject)]
pub struct UpsertUnitInput {
    /// The unit's code, 1 to 100 characters; the unit with this code is changed, else one is made
    /// (mã đơn vị).
    code: String,
    /// The unit's name, 1 to 300 characters; a new unit needs it (tên đơn vị).
    name: MaybeUndefined<String>,
    /// The unit's kind of organisation; a new unit needs it (loại đơn vị).
    kind: MaybeUndefined<UnitKind>,
    /// The unit above. A new unit needs it, except the first root; another parent moves the unit
    /// with everything under it (cấp trên).
    parent: MaybeUndefined<UnitRef>,
    /// The emulation cluster that the unit belongs to among its siblings, at most 300 characters
    /// (cụm, khối thi đua).
    cluster: MaybeUndefined<String>,
    /// The side of working life that the unit belongs to (khu vực).
    sector: MaybeUndefined<Sector>,
    /// True if the unit is of a foreign-invested enterprise; null stands for false (doanh nghiệp có
    /// vốn đầu tư nước ngoài).
    foreign_invested: MaybeUndefined<bool>,
    /// Number of the unit's members and workers, 0 or more (số đoàn viên, người lao động).
    member_count: MaybeUndefined<i32>,
}

impl From<UpsertUnitInput> for Command {
    fn from(input: UpsertUnitInput) -> Self {
        Self::UpsertUnit(command::UpsertUnit {
            code: input.code,
            name: patch(input.name, same),
            kind: patch(input.kind, Into::into),
            parent: patch(input.parent, Into::into),
            cluster: patch(input.cluster, same),
            sector: patch(input.sector, Into::into),
            foreign_invested: patch(input.foreign_invested, same),
            member_count: patch(input.member_count, same),
        })
    }
}

/// A unit to hang under another parent, with everything under it and with its past (chuyển cấp
/// trên).
#[derive(InputObject)]
pub struct MoveUnitInput {
    /// The unit to move (đơn vị).
    unit: UnitRef,
    /// The new parent; the unit itself and units below it are refused with WOULD_CYCLE (cấp trên
    /// mới).
    new_parent: UnitRef,
}

impl From<MoveUnitInput> for Command {
    fn from(input: MoveUnitInput) -> Self {
        Self::MoveUnit(command::MoveUnit {
            unit: input.unit.into(),
            new_parent: input.new_parent.into(),
        })
    }
}

/// A unit to close: its past counts stay, and nothing new enters it (ngừng hoạt động).
#[derive(InputObject)]
pub struct CloseUnitInput {
    /// The unit to close (đơn vị).
    unit: UnitRef,
    /// The first day on which the unit is closed; today by default. A day in the future is refused
    /// with INVALID (ngày ngừng hoạt động).
    on: Option<Date>,
}

impl From<CloseUnitInput> for Command {
    fn from(input: CloseUnitInput) -> Self {
        Self::CloseUnit(command::CloseUnit {
            unit: input.unit.into(),
            on: input.on.map(|day| day.0),
        })
    }
}

/// A period to make or to change, by its code. A field left out stays as it is; null clears it, or
/// is refused with INVALID for a value that every period has (thêm hoặc sửa đợt thi đua).
#[derive(InputObject)]
pub struct UpsertPeriodInput {
    /// The period's code, 1 to 100 characters; the period with this code is changed, else one is
    /// made (mã đợt thi đua).
    code: String,
    /// The period's name, 1 to 300 characters; a new period needs it (tên đợt thi đua).
    name: MaybeUndefined<String>,
    /// The kind of the period; a new period needs it (loại đợt thi đua).
    kind: MaybeUndefined<PeriodKind>,
    /// The first day; a new period needs it (ngày bắt đầu).
    starts_on: MaybeUndefined<Date>,
    /// The last day, which belongs to the period whole. A period is at most 3,660 days long, and a
    /// new one needs this day (ngày kết thúc).
    ends_on: MaybeUndefined<Date>,
    /// The unit that calls the period, which covers this unit and all below it; for a new period
    /// the root by default (đơn vị phát động).
    owner: MaybeUndefined<UnitRef>,
    /// The period that this one is part of (đợt thi đua cấp trên).
    parent: MaybeUndefined<PeriodRef>,
    /// The count that the period's targets are about; for a new period the parent's by default,
    /// else SUBMITTED (chỉ số).
    metric: MaybeUndefined<TargetMetric>,
    /// The first day of being put to use that makes an initiative eligible for a programme; null
    /// for no bound (áp dụng từ ngày).
    applied_from: MaybeUndefined<Date>,
    /// The last day of being put to use that makes an initiative eligible for a programme; null for
    /// no bound (áp dụng đến ngày).
    applied_until: MaybeUndefined<Date>,
}

impl From<UpsertPeriodInput> for Command {
    fn from(input: UpsertPeriodInput) -> Self {
        Self::UpsertPeriod(command::UpsertPeriod {
            code: input.code,
            name: patch(input.name, same),
            kind: patch(input.kind, Into::into),
            starts_on: patch(input.starts_on, |day| day.0),
            ends_on: patch(input.ends_on, |day| day.0),
            owner: patch(input.owner, Into::into),
            parent: patch(input.parent, Into::into),
            metric: patch(input.metric, Into::into),
            applied_from: patch(input.applied_from, |day| day.0),
            applied_until: patch(input.applied_until, |day| day.0),
        })
    }
}
