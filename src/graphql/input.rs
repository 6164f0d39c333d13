//! Inputs, and how they become what the domain understands.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, MaybeUndefined, OneofObject, Result};

use super::context::Viewing;
use super::enums::{
    AuthorGroup, InitiativeKind, OrderDirection, PeriodKind, RejectionReason, ReviewDecision,
    Sector, TargetMetric, TargetOrigin, UnitKind, UnitOrderField,
};
use super::error::Code;
use super::id::{self, GlobalId};
use super::mark::changed_after;
use super::messages::Message;
use super::scalar::{Date, Long};
use crate::board::{self, SearchText, Snapshot, TooManyWords};
use crate::domain::command::{self, NewAuthor};
use crate::domain::text::{code_named, normalise, shortened};
use crate::domain::{
    self, Command, InitiativeId, Patch, PeriodId, Problem, Refusal, UnitId, Version,
};
use crate::feed::cursor::Cursor;
use crate::limits::{NAME_MAX, REVIEWS_MAX, SEARCH_WORDS_MAX};

/// A unit, by global id or by the code that people use (đơn vị, theo mã).
#[derive(OneofObject, Debug, Clone)]
pub enum UnitRef {
    /// Global id (mã toàn cục).
    Id(ID),
    /// Code (mã đơn vị).
    Code(String),
}

/// A period, by global id or by the code that people use (giai đoạn, theo mã).
#[derive(OneofObject, Debug, Clone)]
pub enum PeriodRef {
    /// Global id (mã toàn cục).
    Id(ID),
    /// Code (mã giai đoạn).
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

/// Which units (lọc đơn vị). What is left out lets all pass. `notStarted` and `ratioBelow` speak
/// of the period beside the filter.
#[derive(InputObject, Debug, Clone, Default)]
pub struct UnitFilter {
    /// This unit and all below it (trong phạm vi đơn vị).
    within: Option<UnitRef>,
    /// Any of these; an empty list lets all pass (loại tổ chức).
    kinds: Option<Vec<UnitKind>>,
    /// Of this cluster among their siblings (cụm, khối thi đua).
    cluster: Option<String>,
    /// Of this side of working life (khối).
    sector: Option<Sector>,
    /// Whether their enterprise is foreign-invested (có vốn đầu tư nước ngoài).
    foreign_invested: Option<bool>,
    /// Whether they are closed (đã giải thể, ngừng hoạt động).
    closed: Option<bool>,
    /// Found by these words, as `searchUnits` does (tìm theo tên, không cần dấu).
    text: Option<String>,
    /// Whether nothing is submitted, below them neither (chưa có sáng kiến).
    not_started: Option<bool>,
    /// With a target, of which less than this share is reached; 1.0 is 100 % (tỷ lệ đạt dưới mức).
    ratio_below: Option<f64>,
    /// A version: the units whose own data, targets or tally in any period changed after it. When another
    /// period becomes the default one, the tally that is asked for without a period changes for every unit, so
    /// every unit is among them. A change of a unit's rank or of the names above it does not count. Changes from
    /// before the server's last start may name units above and below the changed one as well. A version
    /// ahead of the log: CURSOR_EXPIRED (thay đổi sau phiên bản).
    changed_after: Option<Long>,
    /// A mark (`extensions.mark`): the same as `changedAfter`, but a mark of another log, as after a restored
    /// backup, is told by CURSOR_EXPIRED with the present mark in `extensions`: copy everything anew (thay đổi kể từ mốc).
    changed_since: Option<String>,
}

/// In which order (thứ tự đơn vị). Equals are in the order in which they were made.
#[derive(InputObject, Debug, Clone)]
pub struct UnitOrder {
    /// By what (tiêu chí).
    field: UnitOrderField,
    /// Which end first (chiều).
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
    id::initiative(id).ok_or_else(|| vec![Problem::InitiativeNotFound(shortened(id)).at(["id"])])
}

fn version(expected: Option<Long>) -> Option<Version> {
    expected.map(|version| Version(version.0))
}

/// An initiative to enter (đăng ký sáng kiến).
#[derive(InputObject)]
pub struct SubmitInitiativeInput {
    /// Made by the client, once for each intended submission. Sent again with the same content,
    /// the same initiative comes back and nothing is counted twice (khóa chống trùng).
    key: ID,
    /// Where it counts (đơn vị).
    unit: UnitRef,
    /// At most 500 characters (tên sáng kiến).
    title: String,
    /// At most 10,000 characters (nội dung tóm tắt).
    summary: Option<String>,
    /// What it is about (loại giải pháp).
    kind: InitiativeKind,
    /// Field of work (lĩnh vực).
    field: Option<String>,
    /// Of a collective's initiative (tổ, đội, phòng).
    team: Option<String>,
    /// At least one, at most 50; somebody named twice counts once (tác giả).
    authors: Vec<AuthorInput>,
    /// First put to use. May be left out only for IDEA and RESEARCH, or where the programme has no
    /// window (ngày áp dụng lần đầu).
    applied_on: Option<Date>,
    /// Council or head who recognised it, with the decision's number (được công nhận bởi).
    recognised_by: Option<String>,
    /// Only its title is public (bảo mật).
    #[graphql(default = false)]
    confidential: bool,
    /// Benefit in đồng a year, from 0 to 10^13 (giá trị làm lợi).
    benefit_vnd: Option<Long>,
}

/// One of the authors (tác giả).
#[derive(InputObject)]
pub struct AuthorInput {
    /// Full name (họ và tên).
    name: String,
    /// The unit's own code of the person; tells namesakes apart (mã đoàn viên).
    person_code: Option<String>,
    /// To which group the person belongs (nhóm tác giả).
    group: Option<AuthorGroup>,
    /// How to reach the person; never public (liên hệ).
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
    /// Any but a withdrawn one (mã sáng kiến).
    id: ID,
    /// What is decided (kết quả).
    decision: ReviewDecision,
    /// Goes with REJECT alone (lý do).
    reason: Option<RejectionReason>,
    /// For those who manage the unit (ý kiến).
    note: Option<String>,
    /// Refuse with CONFLICT if the initiative changed since the caller saw this version.
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

/// The same review of several initiatives, each for itself (xét duyệt nhiều sáng kiến).
#[derive(InputObject)]
pub struct ReviewInitiativesInput {
    /// At most 200; any but withdrawn ones (mã các sáng kiến).
    ids: Vec<ID>,
    /// What is decided (kết quả).
    decision: ReviewDecision,
    /// Goes with REJECT alone (lý do).
    reason: Option<RejectionReason>,
    /// For those who manage the unit (ý kiến).
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

/// A correction: pending again. A field left out stays as it is; null clears it (chỉnh sửa).
#[derive(InputObject)]
pub struct ReviseInitiativeInput {
    /// A pending or returned one (mã sáng kiến).
    id: ID,
    /// Tên sáng kiến.
    title: MaybeUndefined<String>,
    /// Nội dung tóm tắt.
    summary: MaybeUndefined<String>,
    /// Loại giải pháp.
    kind: MaybeUndefined<InitiativeKind>,
    /// Lĩnh vực.
    field: MaybeUndefined<String>,
    /// Tổ, đội, phòng.
    team: MaybeUndefined<String>,
    /// All of them, in the place of those before (tác giả).
    authors: MaybeUndefined<Vec<AuthorInput>>,
    /// Ngày áp dụng lần đầu.
    applied_on: MaybeUndefined<Date>,
    /// Được công nhận bởi.
    recognised_by: MaybeUndefined<String>,
    /// Bảo mật.
    confidential: MaybeUndefined<bool>,
    /// Giá trị làm lợi, đồng một năm.
    benefit_vnd: MaybeUndefined<Long>,
    /// Refuse with CONFLICT if the initiative changed since the caller saw this version.
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

/// Taking an initiative back (rút sáng kiến).
#[derive(InputObject)]
pub struct WithdrawInitiativeInput {
    /// Mã sáng kiến.
    id: ID,
    /// Kept in the log (lý do).
    reason: Option<String>,
    /// Refuse with CONFLICT if the initiative changed since the caller saw this version.
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

/// Moving an initiative that was entered under the wrong unit (chuyển đơn vị).
#[derive(InputObject)]
pub struct TransferInitiativeInput {
    /// Any but a withdrawn one (mã sáng kiến).
    id: ID,
    /// Where it belongs (đơn vị mới).
    unit: UnitRef,
    /// Kept in the log (lý do).
    reason: Option<String>,
    /// Refuse with CONFLICT if the initiative changed since the caller saw this version.
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

/// Choosing an example (chọn sáng kiến tiêu biểu).
#[derive(InputObject)]
pub struct FeatureInitiativeInput {
    /// An accepted one (mã sáng kiến).
    id: ID,
    /// False: no longer.
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

/// Targets to set, all or none (giao chỉ tiêu).
#[derive(InputObject)]
pub struct SetTargetsInput {
    /// In which period (giai đoạn).
    period: PeriodRef,
    /// What they count; the period's own by default (chỉ số).
    metric: Option<TargetMetric>,
    /// Where they come from (nguồn).
    #[graphql(default_with = "TargetOrigin::Assigned")]
    origin: TargetOrigin,
    /// As written (số công văn).
    document_number: Option<String>,
    /// At most 500 (các chỉ tiêu).
    goals: Vec<UnitGoalInput>,
}

/// The goal of one unit (chỉ tiêu của một đơn vị).
#[derive(InputObject)]
pub struct UnitGoalInput {
    /// Whose (đơn vị).
    unit: UnitRef,
    /// Null: no target any more (chỉ tiêu).
    goal: Option<GoalInput>,
}

/// A goal, as a number or as a share of the unit's members (chỉ tiêu).
#[derive(OneofObject)]
pub enum GoalInput {
    /// So many (số lượng).
    Count(i32),
    /// The goal is the lower bound of memberCount, rounded up (tỷ lệ đoàn viên).
    PercentOfMembers(PercentInput),
}

/// A share, in per cent (tỷ lệ phần trăm).
#[derive(InputObject)]
pub struct PercentInput {
    /// More than 0, at most 100 (từ).
    from: f64,
    /// From `from` to 100; left out where only one number was given (đến).
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

/// A unit to make or to change, by its code. A field left out stays as it is; null clears it
/// (thêm hoặc sửa đơn vị).
#[derive(InputObject)]
pub struct UpsertUnitInput {
    /// Mã đơn vị.
    code: String,
    /// Needed for a new one (tên đơn vị).
    name: MaybeUndefined<String>,
    /// Needed for a new one (loại tổ chức).
    kind: MaybeUndefined<UnitKind>,
    /// Needed for a new one but the first root; another parent moves it (cấp trên).
    parent: MaybeUndefined<UnitRef>,
    /// Cụm, khối thi đua.
    cluster: MaybeUndefined<String>,
    /// Khối.
    sector: MaybeUndefined<Sector>,
    /// Doanh nghiệp có vốn đầu tư nước ngoài.
    foreign_invested: MaybeUndefined<bool>,
    /// Số đoàn viên, người lao động.
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

/// A unit to hang elsewhere, with everything under it, its past too (chuyển đơn vị).
#[derive(InputObject)]
pub struct MoveUnitInput {
    /// Which one (đơn vị).
    unit: UnitRef,
    /// Not itself and not below it (cấp trên mới).
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

/// A unit to close: its past counts stay, nothing new enters (giải thể, ngừng hoạt động).
#[derive(InputObject)]
pub struct CloseUnitInput {
    /// Which one (đơn vị).
    unit: UnitRef,
    /// Today by default; not in the future (từ ngày).
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

/// A period to make or to change, by its code. A field left out stays as it is; null clears it
/// (thêm hoặc sửa giai đoạn, chiến dịch).
#[derive(InputObject)]
pub struct UpsertPeriodInput {
    /// Mã giai đoạn.
    code: String,
    /// Needed for a new one (tên).
    name: MaybeUndefined<String>,
    /// Needed for a new one (loại).
    kind: MaybeUndefined<PeriodKind>,
    /// Needed for a new one (ngày bắt đầu).
    starts_on: MaybeUndefined<Date>,
    /// The last day, whole; needed for a new one (ngày kết thúc).
    ends_on: MaybeUndefined<Date>,
    /// The root by default (đơn vị phát động).
    owner: MaybeUndefined<UnitRef>,
    /// Giai đoạn cấp trên.
    parent: MaybeUndefined<PeriodRef>,
    /// The parent's by default, else SUBMITTED (chỉ số tính).
    metric: MaybeUndefined<TargetMetric>,
    /// Áp dụng từ ngày.
    applied_from: MaybeUndefined<Date>,
    /// Áp dụng đến ngày.
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
