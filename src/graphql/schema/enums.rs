//! The schema's enumerations, each one the domain's with its public description.

use async_graphql::Enum;

use crate::board;
use crate::domain::{
    access, breakdown, command, event, initiative, period, refusal, rule, target, unit,
};

/// The kind of organisation that a unit is (loại đơn vị).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "unit::UnitKind")]
pub enum UnitKind {
    /// The confederation, above all (Tổng Liên đoàn).
    Confederation,
    /// Federation of labour of a province or a city (Liên đoàn Lao động tỉnh, thành phố).
    ProvincialFederation,
    /// Union of an industry at the centre, or equivalent (công đoàn ngành trung ương và tương
    /// đương).
    IndustryUnion,
    /// Union of a corporation, under the confederation or below (công đoàn tổng công ty).
    CorporationUnion,
    /// Federation of labour of a district or a town (Liên đoàn Lao động quận, huyện, thị xã, thành
    /// phố).
    DistrictFederation,
    /// Union of an industry in a province (công đoàn ngành địa phương).
    LocalIndustryUnion,
    /// Union of industrial, export processing or economic zones (công đoàn các khu công nghiệp, khu
    /// chế xuất, khu kinh tế).
    ZoneUnion,
    /// Union of civil servants (công đoàn viên chức).
    CivilServantsUnion,
    /// Union of a commune, a ward or a special zone (công đoàn xã, phường, đặc khu), since districts
    /// ended in July 2025.
    CommuneUnion,
    /// Any other union right above grassroots unions (công đoàn cấp trên trực tiếp cơ sở khác).
    IntermediateUnion,
    /// Union of a workplace, a school or a commune (công đoàn cơ sở).
    GrassrootsUnion,
    /// Section or group of a grassroots union (công đoàn bộ phận, tổ công đoàn).
    Section,
}

/// The side of working life that a unit belongs to. Hành chính sự nghiệp is PUBLIC_ADMINISTRATION,
/// EDUCATION and HEALTH together (khu vực).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "unit::Sector")]
pub enum Sector {
    /// Production and business (sản xuất kinh doanh).
    ProductionBusiness,
    /// Public administration (hành chính).
    PublicAdministration,
    /// Schools and universities (giáo dục).
    Education,
    /// Hospitals and health services (y tế).
    Health,
    /// Organisations of the union itself (tổ chức công đoàn).
    Union,
}

/// A property that orders units (tiêu chí sắp xếp).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "board::OrderBy")]
pub enum UnitOrderField {
    /// The unit's name, in the alphabetical order of Vietnamese (tên đơn vị).
    Name,
    /// The unit's code, character by character (mã đơn vị).
    Code,
    /// Number of submitted initiatives in the period (số sáng kiến đăng ký).
    Submitted,
    /// Number of accepted initiatives in the period (số sáng kiến hợp lệ).
    Accepted,
    /// The period's count divided by the target; units without a target come last in both
    /// directions (tỷ lệ đạt chỉ tiêu).
    TargetRatio,
    /// Number of members as stated; units without one come last in both directions (số đoàn viên,
    /// người lao động).
    MemberCount,
    /// The moment of the last entry in the period: the longest silence comes first with ASC; units
    /// without an entry come last in both directions (lần đăng ký gần nhất).
    LastSubmitted,
    /// The share of grassroots unions that have an entry in the period; units without grassroots
    /// unions come last in both directions (độ phủ).
    Coverage,
    /// Number of initiatives in the period that wait for review (số sáng kiến chờ xét duyệt).
    Pending,
}

/// The end of an order that comes first (chiều sắp xếp).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "board::Direction")]
pub enum OrderDirection {
    /// The least comes first (tăng dần).
    #[graphql(name = "ASC")]
    Ascending,
    /// The greatest comes first (giảm dần).
    #[graphql(name = "DESC")]
    Descending,
}

/// The kind of a period (loại đợt thi đua).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "period::PeriodKind")]
pub enum PeriodKind {
    /// A programme of years (chương trình).
    Programme,
    /// A phase of a programme (giai đoạn).
    Phase,
    /// A peak campaign of weeks (chiến dịch thi đua cao điểm).
    Campaign,
    /// A peak month (tháng cao điểm).
    PeakMonth,
    /// A peak week (tuần cao điểm).
    PeakWeek,
    /// A month of a year, for reports and grading; never the default period (tháng).
    Month,
    /// A quarter of a year (quý).
    Quarter,
    /// A year, for reports and grading; never the default period (năm).
    Year,
    /// Any other kind of period (loại khác).
    Other,
}

/// The count that a target is about (chỉ số).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "period::Metric")]
pub enum TargetMetric {
    /// Number of submitted initiatives (số sáng kiến đăng ký).
    Submitted,
    /// Number of accepted initiatives (số sáng kiến hợp lệ).
    Accepted,
    /// Number of people with a submitted initiative (số người tham gia).
    Participants,
}

/// The unit that set a target (nguồn chỉ tiêu).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "target::TargetOrigin")]
pub enum TargetOrigin {
    /// The unit above set the target (chỉ tiêu được giao).
    Assigned,
    /// The unit set the target itself, beyond the assigned one (chỉ tiêu tự đăng ký).
    Pledged,
}

/// The measure that orders a ranking, the greatest first (tiêu chí xếp hạng).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "board::RankBy")]
pub enum RankBy {
    /// The period's count divided by the target; 1.0 is 100 % (tỷ lệ đạt chỉ tiêu).
    TargetRatio,
    /// Number of submitted initiatives (số sáng kiến đăng ký).
    Submitted,
    /// Number of accepted initiatives (số sáng kiến hợp lệ).
    Accepted,
    /// Number of people with a submitted initiative (số người tham gia).
    Participants,
    /// The period's count for each 1,000 members (số liệu trên 1.000 đoàn viên).
    #[graphql(name = "PER_1000_MEMBERS")]
    Per1000Members,
    /// Yearly benefit of accepted initiatives, in đồng (giá trị làm lợi).
    Benefit,
    /// Growth of the period's count since the day of `since` (mức tăng).
    Gained,
}

/// The value that a criterion of a rule looks at (đại lượng đánh giá).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "rule::Measure")]
pub enum Measure {
    /// The period's count divided by the target that the criterion names; 1.0 is 100 %. No value
    /// without a target above zero (tỷ lệ đạt chỉ tiêu).
    TargetRatio,
    /// Number of submitted initiatives (số sáng kiến đăng ký).
    Submitted,
    /// Number of accepted initiatives (số sáng kiến hợp lệ).
    Accepted,
    /// Number of people with a submitted initiative (số người tham gia).
    Participants,
    /// The period's count for each 1,000 members; no value without a head-count (số liệu trên 1.000
    /// đoàn viên).
    #[graphql(name = "PER_1000_MEMBERS")]
    Per1000Members,
    /// Yearly benefit of accepted initiatives, in đồng (giá trị làm lợi).
    Benefit,
    /// The share of members with a submitted initiative; no value without a head-count (tỷ lệ người
    /// tham gia).
    ParticipationRate,
    /// The share of open grassroots unions with a submitted initiative; no value without any (tỷ lệ
    /// công đoàn cơ sở có sáng kiến).
    Coverage,
    /// The share of submitted initiatives that are accepted; no value without any (tỷ lệ sáng kiến
    /// hợp lệ).
    AcceptedShare,
}

/// The moment that the figures of a tally or a leaderboard are of (số liệu lúc nào).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "board::Figures")]
pub enum Figures {
    /// The figures of now; subscriptions push these alone (số liệu hiện tại).
    Live,
    /// The states as the log had them at the end of a past day, in the tree, periods, targets and
    /// head-counts of now; imported initiatives count from their day. They serve for comparing
    /// (số liệu cuối ngày).
    DayEnd,
    /// The states, tree, dates, targets and head-counts of the moment at which all of it was kept.
    /// No number changes any more; they serve for citing (số liệu đã chốt).
    Kept,
}

/// The property whose values are the rows of a breakdown (tiêu chí cơ cấu).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "breakdown::BreakdownBy")]
pub enum BreakdownBy {
    /// The sector of the initiative's unit, or of the nearest unit above that states one; a row for what
    /// has none (khu vực).
    Sector,
    /// FOREIGN_INVESTED where the initiative's unit, or one above it, is of a foreign-invested
    /// enterprise, else OTHER (doanh nghiệp có vốn đầu tư nước ngoài, còn lại).
    Ownership,
    /// The kind of organisation that the initiative's unit is (loại đơn vị).
    UnitKind,
    /// The kind of solution that the initiative is (loại giải pháp).
    InitiativeKind,
    /// The field of work: a row for each of the operator's list, then for the 100 most frequent other
    /// texts, one row `*` for the rest, one for initiatives without a field. Callers who do not see all
    /// initiatives of the unit get the row `*` for all texts that are not in the list (lĩnh vực).
    Field,
    /// The group of the first author; a row for authors whose group was not stated (nhóm tác giả).
    AuthorGroup,
    /// The reason for which the initiative was rejected; a row for what is not rejected, or was
    /// rejected without a reason (lý do không hợp lệ).
    RejectionReason,
    /// The team that made it, of the unit itself: the 100 most frequent, one row `*` for the others, and
    /// one for what names no team or lies below the unit. Callers who do not see all initiatives of the
    /// unit get the row `*` for all teams. A person in two teams counts in both (tổ, đội, phòng).
    Team,
}

/// The kind of solution that an initiative is (loại giải pháp).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "initiative::InitiativeKind")]
pub enum InitiativeKind {
    /// A technical solution (giải pháp kỹ thuật).
    Technical,
    /// A solution of management (giải pháp quản lý).
    Management,
    /// A solution of daily operation (giải pháp tác nghiệp).
    Operational,
    /// An application of technical progress or technology (ứng dụng tiến bộ kỹ thuật, công nghệ).
    TechnologyApplication,
    /// A topic of scientific research (đề tài nghiên cứu khoa học).
    Research,
    /// An idea that is not yet put to use (ý tưởng).
    Idea,
}

/// The place of an initiative in the review (trạng thái).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "initiative::InitiativeStatus")]
pub enum InitiativeStatus {
    /// The initiative waits for review (chờ xét duyệt).
    Pending,
    /// A review sent the initiative back for correction (trả lại để chỉnh sửa).
    Returned,
    /// A review found the initiative valid (hợp lệ).
    Accepted,
    /// A review found the initiative not valid (không hợp lệ).
    Rejected,
    /// The initiative was taken back and counts no more (đã rút).
    Withdrawn,
}

/// The reason for a rejection (lý do không hợp lệ).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "initiative::RejectionReason")]
pub enum RejectionReason {
    /// The initiative was put to use outside the programme's window (ngoài thời gian áp dụng).
    OutsideWindow,
    /// No competent council or head recognised the initiative (chưa được công nhận).
    NotRecognised,
    /// The initiative was entered before (trùng lặp).
    Duplicate,
    /// The initiative is protected as intellectual property (đang được bảo hộ sở hữu trí tuệ).
    ProtectedByIp,
    /// The initiative is against public order or morals (trái trật tự công cộng, đạo đức xã hội).
    AgainstOrder,
    /// The entry is no initiative (không phải sáng kiến).
    NotAnInitiative,
    /// Any other reason (lý do khác).
    Other,
}

/// The group of working people that an author belongs to (nhóm tác giả).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "initiative::AuthorGroup")]
pub enum AuthorGroup {
    /// Officials, civil servants and public employees (cán bộ, công chức, viên chức).
    PublicEmployee,
    /// Workers of enterprises (công nhân lao động trong doanh nghiệp).
    EnterpriseWorker,
    /// Officials of the union (cán bộ công đoàn).
    UnionOfficial,
    /// Any other group (nhóm khác).
    Other,
}

/// An action on an initiative (hành động).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "initiative::Action")]
pub enum InitiativeAction {
    /// Correct the initiative, which makes it pending again (chỉnh sửa).
    Revise,
    /// Take the initiative back, so that it counts no more (rút).
    Withdraw,
    /// Move the initiative to the unit that it belongs to (chuyển đơn vị).
    Transfer,
    /// Accept, return or reject the initiative (xét duyệt).
    Review,
    /// Choose the initiative as an example, or take the choice back (chọn tiêu biểu).
    Feature,
}

/// A role over a unit and all units below it; a caller without any is anonymous (vai trò).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "access::Role")]
pub enum Role {
    /// May see and do everything (quản trị).
    Admin,
    /// Enters, reviews and transfers initiatives, manages units and periods, and assigns targets to
    /// the units below its own (cán bộ công đoàn).
    Officer,
    /// Reviews initiatives and chooses examples (người xét duyệt).
    Reviewer,
    /// Enters, revises and withdraws initiatives (người đăng ký).
    Submitter,
    /// Reads every initiative without contact data, codes of persons and review notes (đối tác).
    Partner,
    /// Sees what the public sees, for screens (màn hình).
    Display,
}

/// The decision of a review (kết quả xét duyệt).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "command::ReviewDecision")]
pub enum ReviewDecision {
    /// The reviewer finds the initiative valid (xác nhận hợp lệ).
    Accept,
    /// The reviewer sends the initiative back for correction, with a note that says what to mend
    /// (trả lại để chỉnh sửa).
    Return,
    /// The reviewer finds the initiative not valid, for a reason (không hợp lệ).
    Reject,
}

/// The kind of a change of an initiative (loại sự kiện).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "event::InitiativeEventKind")]
pub enum InitiativeEventKind {
    /// The initiative was entered (đăng ký).
    Submitted,
    /// A review found the initiative valid (xác nhận hợp lệ).
    Accepted,
    /// A review sent the initiative back for correction (trả lại để chỉnh sửa).
    Returned,
    /// The initiative was corrected and is pending again (chỉnh sửa).
    Revised,
    /// A review found the initiative not valid (không hợp lệ).
    Rejected,
    /// The initiative was taken back and counts no more (rút).
    Withdrawn,
    /// The initiative was moved to another unit (chuyển đơn vị).
    Transferred,
    /// The initiative was chosen as an example (chọn tiêu biểu).
    Featured,
    /// The initiative is an example no longer (bỏ chọn tiêu biểu).
    Unfeatured,
}

/// The code of a refusal that the caller can mend (mã lỗi).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "refusal::RefusalCode")]
pub enum ErrorCode {
    /// The reference at the error's path names nothing (không tìm thấy).
    NotFound,
    /// The value at the error's path is wrong in itself: missing, too long, out of range, or
    /// against a rule of its field (dữ liệu không đúng).
    Invalid,
    /// The key was used before for other content (khóa đã dùng cho nội dung khác).
    KeyReused,
    /// The initiative may not enter here or now: no period runs for the unit, the unit is closed,
    /// or `appliedOn` lies outside the programme's window (không đủ điều kiện).
    NotEligible,
    /// The initiative's status does not allow the action (sai trạng thái).
    WrongState,
    /// The unit or the period would lie under itself (tạo vòng lặp).
    WouldCycle,
    /// The initiative changed after the version that the caller expected (đã thay đổi).
    Conflict,
    /// The caller's roles do not allow the change (không có quyền).
    Forbidden,
}
