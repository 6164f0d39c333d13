//! The names of columns as a sheet in Vietnamese has them at its head.

use crate::auth::Language;

/// Columns, each with its name in Vietnamese, which every kind of file takes for it.
const TITLES: [(&str, &str); 44] = [
    ("code", "Mã"),
    ("name", "Tên"),
    ("kind", "Loại"),
    ("parent_code", "Mã cấp trên"),
    ("cluster", "Cụm"),
    ("sector", "Khu vực"),
    ("foreign_invested", "Có vốn đầu tư nước ngoài"),
    ("member_count", "Số đoàn viên, người lao động"),
    ("closed_on", "Ngày ngừng hoạt động"),
    ("starts_on", "Ngày bắt đầu"),
    ("ends_on", "Ngày kết thúc"),
    ("owner_code", "Mã đơn vị phát động"),
    ("metric", "Chỉ số"),
    ("applied_from", "Áp dụng từ ngày"),
    ("applied_until", "Áp dụng đến ngày"),
    ("unit_code", "Mã đơn vị"),
    ("period_code", "Mã đợt"),
    ("goal", "Chỉ tiêu"),
    ("origin", "Nguồn chỉ tiêu"),
    ("percent_from", "Tỷ lệ từ"),
    ("percent_to", "Tỷ lệ đến"),
    ("document_number", "Số văn bản"),
    ("group", "Nhóm tác giả"),
    ("key", "Khóa chống trùng"),
    ("title", "Tên sáng kiến"),
    ("author_name", "Họ tên tác giả"),
    ("submitted_at", "Ngày đăng ký"),
    ("status", "Trạng thái"),
    ("field", "Lĩnh vực"),
    ("team", "Tổ, đội, phòng"),
    ("person_code", "Mã số người"),
    ("author_group", "Nhóm tác giả"),
    ("author_contact", "Thông tin liên hệ"),
    ("applied_on", "Ngày áp dụng lần đầu"),
    ("recognised_by", "Đơn vị công nhận"),
    ("confidential", "Bảo mật"),
    ("benefit_vnd", "Giá trị làm lợi"),
    ("summary", "Tóm tắt"),
    ("rejection_reason", "Lý do"),
    ("review_note", "Ý kiến xét duyệt"),
    ("featured", "Sáng kiến tiêu biểu"),
    ("reviewed_at", "Ngày xét duyệt"),
    ("new_code", "Mã mới"),
    ("reason", "Lý do"),
];

/// The columns of exports that no import takes, in the words of a meeting's sheets.
const TITLES_OF_COUNTS: [(&str, &str); 14] = [
    ("version", "Phiên bản nhật ký"),
    ("at", "Thời điểm"),
    ("by", "Chia theo"),
    ("submitted", "Đăng ký"),
    ("accepted", "Hợp lệ"),
    ("pending", "Chờ xét duyệt"),
    ("returned", "Trả lại"),
    ("rejected", "Không hợp lệ"),
    ("own", "Của chính đơn vị"),
    ("participants", "Người tham gia"),
    ("grassroots_unions", "Công đoàn cơ sở"),
    ("active_grassroots_unions", "Công đoàn cơ sở có sáng kiến"),
    ("last_submitted_at", "Lần đăng ký gần nhất"),
    ("target", "Chỉ tiêu"),
];

/// The name of a column for people of the language.
pub fn title(column: &str, language: Language) -> &str {
    let known = TITLES.iter().chain(&TITLES_OF_COUNTS).find(|(name, _)| *name == column);
    known.map_or(column, |&(name, vietnamese)| language.choose(name, vietnamese))
}

/// The same at the head of a sheet with these columns: some have another meaning beside others.
pub fn head<'a>(column: &'a str, columns: &[&str], language: Language) -> &'a str {
    let vietnamese = match column {
        "key" if columns.contains(&"by") => "Giá trị",
        "parent_code" if columns.contains(&"starts_on") => "Mã đợt bao trùm",
        _ => return title(column, language),
    };
    language.choose(column, vietnamese)
}

/// The names of columns, one behind the other.
pub fn titles(columns: &[&str], language: Language) -> String {
    let titles: Vec<&str> = columns.iter().map(|column| title(column, language)).collect();
    titles.join(language.choose(", ", "; "))
}
