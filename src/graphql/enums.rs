//! The schema's enumerations, each one the domain's with its public description.

use async_graphql::Enum;

use crate::board;
use crate::domain::{access, command, event, initiative, period, refusal, target, unit};

/// What a unit is within the movement (loại tổ chức công đoàn).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "unit::UnitKind")]
pub enum UnitKind {
    /// Tổng Liên đoàn.
    Confederation,
    /// Liên đoàn Lao động tỉnh, thành phố.
    ProvincialFederation,
    /// Công đoàn ngành trung ương và tương đương.
    IndustryUnion,
    /// Công đoàn tổng công ty, of either level.
    CorporationUnion,
    /// Liên đoàn Lao động quận, huyện, thị xã, thành phố.
    DistrictFederation,
    /// Công đoàn ngành địa phương.
    LocalIndustryUnion,
    /// Công đoàn các khu công nghiệp, khu chế xuất, khu kinh tế.
    ZoneUnion,
    /// Công đoàn viên chức.
    CivilServantsUnion,
    /// Another công đoàn cấp trên trực tiếp cơ sở.
    IntermediateUnion,
    /// Công đoàn cơ sở.
    GrassrootsUnion,
    /// Công đoàn bộ phận, tổ công đoàn.
    Section,
}

/// The side of working life that a unit belongs to (khối). Hành chính sự nghiệp is
/// PUBLIC_ADMINISTRATION, EDUCATION and HEALTH together.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "unit::Sector")]
pub enum Sector {
    /// Sản xuất kinh doanh.
    ProductionBusiness,
    /// Hành chính.
    PublicAdministration,
    /// Giáo dục.
    Education,
    /// Y tế.
    Health,
    /// Tổ chức công đoàn.
    Union,
}

/// What units are ordered by (tiêu chí sắp xếp đơn vị).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "board::OrderBy")]
pub enum UnitOrderField {
    /// Alphabetical order of Vietnamese (tên, theo thứ tự chữ cái tiếng Việt).
    Name,
    /// Code, character by character (mã).
    Code,
    /// Initiatives registered in the period (số sáng kiến đăng ký).
    Submitted,
    /// Initiatives found valid in the period (số sáng kiến đảm bảo quy định).
    Accepted,
    /// What the period's metric counts, against the target; units without one come last in both
    /// directions (tỷ lệ đạt chỉ tiêu).
    TargetRatio,
    /// Head-count as stated; units without one come last in both directions (số đoàn viên).
    MemberCount,
}

/// In which direction (chiều sắp xếp).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "board::Direction")]
pub enum OrderDirection {
    /// Least first (tăng dần).
    #[graphql(name = "ASC")]
    Ascending,
    /// Greatest first (giảm dần).
    #[graphql(name = "DESC")]
    Descending,
}

/// What a period is (loại giai đoạn).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "period::PeriodKind")]
pub enum PeriodKind {
    /// Chương trình.
    Programme,
    /// Giai đoạn.
    Phase,
    /// Chiến dịch thi đua cao điểm.
    Campaign,
    /// Tháng cao điểm.
    PeakMonth,
    /// Tuần cao điểm.
    PeakWeek,
    /// Quý.
    Quarter,
    /// Any other (khác).
    Other,
}

/// What a target counts (chỉ số của chỉ tiêu).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "period::Metric")]
pub enum TargetMetric {
    /// Initiatives registered (số sáng kiến đăng ký).
    Submitted,
    /// Initiatives found valid (số sáng kiến đảm bảo quy định).
    Accepted,
    /// People who take part (số người tham gia).
    Participants,
}

/// Where a target comes from (nguồn chỉ tiêu).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "target::TargetOrigin")]
pub enum TargetOrigin {
    /// By the unit above (chỉ tiêu được giao).
    Assigned,
    /// By the unit itself, more than it was given (tự đăng ký).
    Pledged,
}

/// What a leaderboard is ordered by (tiêu chí xếp hạng).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "board::RankBy")]
pub enum RankBy {
    /// What the period's metric counts, against the target (tỷ lệ đạt chỉ tiêu).
    TargetRatio,
    /// Initiatives registered (số sáng kiến đăng ký).
    Submitted,
    /// Initiatives found valid (số sáng kiến đảm bảo quy định).
    Accepted,
    /// People who take part (số người tham gia).
    Participants,
    /// What the period's metric counts, for each 1,000 members (trên 1.000 đoàn viên).
    #[graphql(name = "PER_1000_MEMBERS")]
    Per1000Members,
    /// Yearly benefit in đồng (giá trị làm lợi).
    Benefit,
    /// What the period's metric counts, gained since (mức tăng).
    Gained,
}

/// What an initiative is about (loại giải pháp).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "initiative::InitiativeKind")]
pub enum InitiativeKind {
    /// Giải pháp kỹ thuật.
    Technical,
    /// Giải pháp quản lý.
    Management,
    /// Giải pháp tác nghiệp.
    Operational,
    /// Ứng dụng tiến bộ kỹ thuật, công nghệ.
    TechnologyApplication,
    /// Đề tài nghiên cứu khoa học.
    Research,
    /// Ý tưởng.
    Idea,
}

/// Where an initiative stands (trạng thái).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "initiative::InitiativeStatus")]
pub enum InitiativeStatus {
    /// Waiting for review (chờ xét duyệt).
    Pending,
    /// Sent back for correction (trả lại để chỉnh sửa).
    Returned,
    /// Found valid (đảm bảo quy định).
    Accepted,
    /// Found not valid (không đảm bảo quy định).
    Rejected,
    /// Taken back by those who entered it (đã rút).
    Withdrawn,
}

/// Why an initiative was rejected (lý do không công nhận).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "initiative::RejectionReason")]
pub enum RejectionReason {
    /// Put to use outside the programme's window (ngoài thời gian áp dụng).
    OutsideWindow,
    /// Not recognised by a competent council or head (chưa được công nhận).
    NotRecognised,
    /// Entered before (trùng lặp).
    Duplicate,
    /// Protected as intellectual property (đang được bảo hộ sở hữu trí tuệ).
    ProtectedByIp,
    /// Against public order or morals (trái trật tự công cộng, đạo đức xã hội).
    AgainstOrder,
    /// Not an initiative (không phải sáng kiến).
    NotAnInitiative,
    /// Any other (khác).
    Other,
}

/// To which group of working people an author belongs (nhóm tác giả).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "initiative::AuthorGroup")]
pub enum AuthorGroup {
    /// Cán bộ, công chức, viên chức.
    PublicEmployee,
    /// Công nhân lao động trong doanh nghiệp.
    EnterpriseWorker,
    /// Cán bộ công đoàn.
    UnionOfficial,
    /// Any other (khác).
    Other,
}

/// What can be done with an initiative (thao tác).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "initiative::Action")]
pub enum InitiativeAction {
    /// Correct it: pending again (chỉnh sửa).
    Revise,
    /// Take it back (rút).
    Withdraw,
    /// Move it to the unit that it belongs to (chuyển đơn vị).
    Transfer,
    /// Accept, return or reject it (xét duyệt).
    Review,
    /// Choose it as an example, or no longer (chọn tiêu biểu).
    Feature,
}

/// What somebody is trusted with, over a unit and all below it (vai trò). No grant: anonymous.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "access::Role")]
pub enum Role {
    /// May do everything (quản trị).
    Admin,
    /// Enters, reviews, transfers, manages units and periods, assigns targets to the units below
    /// (cán bộ công đoàn).
    Officer,
    /// Reviews and chooses examples (người xét duyệt).
    Reviewer,
    /// Enters, revises and withdraws initiatives (người đăng ký).
    Submitter,
    /// Reads every initiative without contact data, codes of persons and review notes (đối tác).
    Partner,
    /// Sees what the public sees (màn hình).
    Display,
}

/// What a review decides (kết quả xét duyệt).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "command::ReviewDecision")]
pub enum ReviewDecision {
    /// Found valid (công nhận).
    Accept,
    /// Sent back for correction (trả lại).
    Return,
    /// Found not valid (không công nhận).
    Reject,
}

/// What happened to an initiative (loại sự kiện).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "event::InitiativeEventKind")]
pub enum InitiativeEventKind {
    /// Entered (đăng ký).
    Submitted,
    /// Found valid (được công nhận).
    Accepted,
    /// Sent back for correction (bị trả lại).
    Returned,
    /// Corrected: pending again (đã chỉnh sửa).
    Revised,
    /// Found not valid (không được công nhận).
    Rejected,
    /// Taken back (đã rút).
    Withdrawn,
    /// Moved to the unit that it belongs to (chuyển đơn vị).
    Transferred,
    /// Chosen as an example (sáng kiến tiêu biểu).
    Featured,
    /// No longer an example (bỏ chọn tiêu biểu).
    Unfeatured,
}

/// What a caller can mend (mã lỗi).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "refusal::RefusalCode")]
pub enum ErrorCode {
    /// Names nothing (không tìm thấy).
    NotFound,
    /// Not valid in itself (không hợp lệ).
    Invalid,
    /// The key was used for another content (khóa đã dùng cho nội dung khác).
    KeyReused,
    /// May not enter here or now (không đủ điều kiện).
    NotEligible,
    /// Not in this state (sai trạng thái).
    WrongState,
    /// A unit or a period would lie under itself (tạo vòng lặp).
    WouldCycle,
    /// Changed since the caller saw it (đã thay đổi).
    Conflict,
    /// Not for this caller (không có quyền).
    Forbidden,
}
