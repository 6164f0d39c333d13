//! The names for people of the values that breakdowns tell apart, in both languages.

use std::borrow::Cow;

use crate::auth::Language;
use crate::domain::breakdown::{BreakdownBy, Ownership};
use crate::domain::field::Fields;
use crate::domain::initiative::{AuthorGroup, InitiativeKind, RejectionReason};
use crate::domain::period::{Metric, PeriodKind};
use crate::domain::target::TargetOrigin;
use crate::domain::unit::{Sector, UnitKind};
use crate::domain::{ClosingKind, InitiativeStatus};

/// The name of a row of a breakdown, of which `key` is the key: of a text that is not the name of a value, the text
/// itself.
pub fn of_row<'a>(
    by: BreakdownBy,
    key: Option<&'a str>,
    fields: &'a Fields,
    language: Language,
) -> Cow<'a, str> {
    let Some(key) = key else { return of_unknown(by, language).into() };
    let of_value = match by {
        BreakdownBy::Team => {
            let others = ("Teams that are not named", "Các tổ, đội, phòng không nêu tên");
            return if key == "*" { in_language(others, language) } else { key }.into();
        }
        BreakdownBy::Sector => key.parse().map(of_sector),
        BreakdownBy::Ownership => key.parse().map(of_ownership),
        BreakdownBy::UnitKind => key.parse().map(of_unit_kind),
        BreakdownBy::InitiativeKind => key.parse().map(of_initiative_kind),
        BreakdownBy::AuthorGroup => key.parse().map(of_author_group),
        BreakdownBy::RejectionReason => key.parse().map(of_rejection_reason),
        BreakdownBy::Field => {
            let listed = fields.place(key).and_then(|place| fields.iter().nth(place.into()));
            let other = (key == "*").then(|| {
                in_language(("Fields that are not named", "Các lĩnh vực không nêu tên"), language)
            });
            return listed.map(|field| field.name.as_str()).or(other).unwrap_or(key).into();
        }
    };
    of_value.map_or(key, |both| in_language(both, language)).into()
}

/// A text in English and in Vietnamese.
pub type Both = (&'static str, &'static str);

/// The text in that language.
pub const fn in_language((english, vietnamese): Both, language: Language) -> &'static str {
    match language {
        Language::English => english,
        Language::Vietnamese => vietnamese,
    }
}

const fn of_unknown(by: BreakdownBy, language: Language) -> &'static str {
    let both = match by {
        BreakdownBy::RejectionReason => {
            ("Not rejected, or without a reason", "Không bị từ chối, hoặc không nêu lý do")
        }
        BreakdownBy::Team => {
            ("Without a team, or below", "Không nêu tổ, đội, phòng, hoặc ở cấp dưới")
        }
        _ => ("Not known", "Chưa rõ"),
    };
    in_language(both, language)
}

/// The name of that by which a breakdown tells apart.
pub const fn of_by(by: BreakdownBy) -> Both {
    match by {
        BreakdownBy::Sector => ("Sector", "Khu vực"),
        BreakdownBy::Ownership => ("Ownership", "Hình thức sở hữu"),
        BreakdownBy::UnitKind => ("Kind of unit", "Loại đơn vị"),
        BreakdownBy::InitiativeKind => ("Kind of initiative", "Loại sáng kiến"),
        BreakdownBy::Field => ("Field of work", "Lĩnh vực"),
        BreakdownBy::AuthorGroup => ("Author group", "Nhóm tác giả"),
        BreakdownBy::RejectionReason => ("Reason of rejection", "Lý do không hợp lệ"),
        BreakdownBy::Team => ("Team", "Tổ, đội, phòng"),
    }
}

/// How the figures of a period came to be kept.
pub const fn of_closing_kind(kind: ClosingKind) -> Both {
    match kind {
        ClosingKind::Day => ("End of the last day", "Hết ngày cuối"),
        ClosingKind::Final => ("Final", "Chốt chính thức"),
    }
}

/// The name of a sector.
pub const fn of_sector(sector: Sector) -> Both {
    match sector {
        Sector::ProductionBusiness => ("Production and business", "Sản xuất kinh doanh"),
        Sector::PublicAdministration => ("Public administration", "Hành chính"),
        Sector::Education => ("Education", "Giáo dục"),
        Sector::Health => ("Health", "Y tế"),
        Sector::Union => ("Union organisations", "Tổ chức công đoàn"),
    }
}

const fn of_ownership(ownership: Ownership) -> Both {
    match ownership {
        Ownership::ForeignInvested => {
            ("Foreign-invested enterprises", "Doanh nghiệp có vốn đầu tư nước ngoài")
        }
        Ownership::Other => ("Others", "Còn lại"),
    }
}

/// The name of a kind of unit.
pub const fn of_unit_kind(kind: UnitKind) -> Both {
    match kind {
        UnitKind::Confederation => ("Confederation", "Tổng Liên đoàn"),
        UnitKind::ProvincialFederation => {
            ("Provincial and city federations", "Liên đoàn Lao động tỉnh, thành phố")
        }
        UnitKind::IndustryUnion => {
            ("Central industry unions", "Công đoàn ngành trung ương và tương đương")
        }
        UnitKind::CorporationUnion => ("Corporation unions", "Công đoàn tổng công ty"),
        UnitKind::DistrictFederation => {
            ("District federations", "Liên đoàn Lao động quận, huyện, thị xã, thành phố")
        }
        UnitKind::LocalIndustryUnion => ("Local industry unions", "Công đoàn ngành địa phương"),
        UnitKind::ZoneUnion => {
            ("Zone unions", "Công đoàn các khu công nghiệp, khu chế xuất, khu kinh tế")
        }
        UnitKind::CivilServantsUnion => ("Civil servants' unions", "Công đoàn viên chức"),
        UnitKind::CommuneUnion => ("Commune unions", "Công đoàn xã, phường, đặc khu"),
        UnitKind::IntermediateUnion => {
            ("Other unions above grassroots", "Công đoàn cấp trên trực tiếp cơ sở khác")
        }
        UnitKind::GrassrootsUnion => ("Grassroots unions", "Công đoàn cơ sở"),
        UnitKind::Section => ("Sections", "Công đoàn bộ phận, tổ công đoàn"),
    }
}

/// The name of a kind of initiative.
pub const fn of_initiative_kind(kind: InitiativeKind) -> Both {
    match kind {
        InitiativeKind::Technical => ("Technical solutions", "Giải pháp kỹ thuật"),
        InitiativeKind::Management => ("Management solutions", "Giải pháp quản lý"),
        InitiativeKind::Operational => ("Operational solutions", "Giải pháp tác nghiệp"),
        InitiativeKind::TechnologyApplication => {
            ("Applications of technology", "Ứng dụng tiến bộ kỹ thuật, công nghệ")
        }
        InitiativeKind::Research => ("Research", "Đề tài nghiên cứu khoa học"),
        InitiativeKind::Idea => ("Ideas", "Ý tưởng"),
    }
}

/// The name of a target's metric.
pub const fn of_metric(metric: Metric) -> Both {
    match metric {
        Metric::Submitted => ("submitted", "đăng ký"),
        Metric::Accepted => ("accepted", "hợp lệ"),
        Metric::Participants => ("participants", "người tham gia"),
    }
}

/// The name of a target's origin.
pub const fn of_origin(origin: TargetOrigin) -> Both {
    match origin {
        TargetOrigin::Assigned => ("assigned", "được giao"),
        TargetOrigin::Pledged => ("pledged", "tự đăng ký"),
    }
}

/// The name of a kind of period.
pub const fn of_period_kind(kind: PeriodKind) -> Both {
    match kind {
        PeriodKind::Programme => ("Programmes", "Chương trình"),
        PeriodKind::Phase => ("Phases", "Giai đoạn"),
        PeriodKind::Campaign => ("Campaigns", "Chiến dịch thi đua cao điểm"),
        PeriodKind::Quarter => ("Quarters", "Quý"),
        PeriodKind::Month => ("Months", "Tháng"),
        PeriodKind::Year => ("Years", "Năm"),
        PeriodKind::PeakMonth => ("Peak months", "Tháng cao điểm"),
        PeriodKind::PeakWeek => ("Peak weeks", "Tuần cao điểm"),
        PeriodKind::Other => ("Other periods", "Loại khác"),
    }
}

/// The name of a status.
pub const fn of_status(status: InitiativeStatus) -> Both {
    match status {
        InitiativeStatus::Pending => ("Pending", "Chờ xét duyệt"),
        InitiativeStatus::Returned => ("Returned", "Trả lại để chỉnh sửa"),
        InitiativeStatus::Accepted => ("Accepted", "Hợp lệ"),
        InitiativeStatus::Rejected => ("Rejected", "Không hợp lệ"),
        InitiativeStatus::Withdrawn => ("Withdrawn", "Đã rút"),
    }
}

/// The name of a group of authors.
pub const fn of_author_group(group: AuthorGroup) -> Both {
    match group {
        AuthorGroup::PublicEmployee => ("Public employees", "Cán bộ, công chức, viên chức"),
        AuthorGroup::EnterpriseWorker => {
            ("Workers of enterprises", "Công nhân lao động trong doanh nghiệp")
        }
        AuthorGroup::UnionOfficial => ("Union officials", "Cán bộ công đoàn"),
        AuthorGroup::Other => ("Other groups", "Nhóm khác"),
    }
}

/// The name of a reason of rejection.
pub const fn of_rejection_reason(reason: RejectionReason) -> Both {
    match reason {
        RejectionReason::OutsideWindow => {
            ("Put to use outside the window", "Ngoài thời gian áp dụng")
        }
        RejectionReason::NotRecognised => {
            ("Not recognised", "Chưa có quyết định của hội đồng, người đứng đầu")
        }
        RejectionReason::Duplicate => ("Duplicates", "Trùng lặp"),
        RejectionReason::ProtectedByIp => {
            ("Protected as intellectual property", "Đang được bảo hộ sở hữu trí tuệ")
        }
        RejectionReason::AgainstOrder => {
            ("Against public order or morals", "Trái trật tự công cộng, đạo đức xã hội")
        }
        RejectionReason::NotAnInitiative => ("No initiatives", "Không phải sáng kiến"),
        RejectionReason::Other => ("Other reasons", "Lý do khác"),
    }
}
