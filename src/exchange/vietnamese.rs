//! The values of cells in Vietnamese: each name of an enumeration by the term of the glossary, and by what officers write for
//! it. A term that may mean two of them is left out.

use crate::domain::InitiativeStatus;
use crate::domain::initiative::{AuthorGroup, InitiativeKind, RejectionReason};
use crate::domain::period::{Metric, PeriodKind};
use crate::domain::target::TargetOrigin;
use crate::domain::text::fold;
use crate::domain::unit::{Sector, UnitKind};

/// Terms, folded and without [`SHORT`] forms, each with its value.
pub type Terms<T> = &'static [(T, &'static [&'static str])];

/// Short forms that stand for words of a term.
const SHORT: [(&str, &str); 13] = [
    ("cd", "cong doan"),
    ("cdcs", "cong doan co so"),
    ("cdbp", "cong doan bo phan"),
    ("cdvc", "cong doan vien chuc"),
    ("sxkd", "san xuat kinh doanh"),
    ("ldld", "lien doan lao dong"),
    ("tldldvn", "tong lien doan lao dong viet nam"),
    ("tct", "tong cong ty"),
    ("tp", "thanh pho"),
    ("tw", "trung uong"),
    ("kcn", "khu cong nghiep"),
    ("kcx", "khu che xuat"),
    ("kkt", "khu kinh te"),
];

/// The text in the form that terms have.
pub fn term(text: &str) -> String {
    let long = |word| SHORT.iter().find(|(short, _)| *short == word).map_or(word, |it| it.1);
    fold(text).split(' ').map(long).collect::<Vec<_>>().join(" ")
}

/// The value that a text is a term of.
pub fn value<T: Copy>(terms: Terms<T>, text: &str) -> Option<T> {
    let text = term(text);
    terms.iter().find(|(_, terms)| terms.contains(&text.as_str())).map(|&(value, _)| value)
}

pub const UNIT_KINDS: Terms<UnitKind> = &[
    (
        UnitKind::Confederation,
        &["tong lien doan", "tong lien doan lao dong", "tong lien doan lao dong viet nam"],
    ),
    (
        // "LĐLĐ thành phố" may be one within a province.
        UnitKind::ProvincialFederation,
        &[
            "lien doan lao dong tinh thanh pho",
            "lien doan lao dong tinh",
            "lien doan lao dong thanh pho truc thuoc trung uong",
        ],
    ),
    (
        UnitKind::IndustryUnion,
        &["cong doan nganh trung uong", "cong doan nganh trung uong va tuong duong"],
    ),
    (
        UnitKind::CorporationUnion,
        &["cong doan tong cong ty", "cong doan tong cong ty tap doan", "cong doan tap doan"],
    ),
    (
        UnitKind::DistrictFederation,
        &[
            "lien doan lao dong quan huyen thi xa thanh pho",
            "lien doan lao dong quan huyen thi xa thanh pho thuoc tinh",
            "lien doan lao dong quan huyen thi xa",
            "lien doan lao dong quan huyen",
            "lien doan lao dong huyen",
            "lien doan lao dong quan",
            "lien doan lao dong thi xa",
            "lien doan lao dong thanh pho thuoc tinh",
        ],
    ),
    (
        UnitKind::CommuneUnion,
        &[
            "cong doan xa phuong dac khu",
            "cong doan xa phuong",
            "cong doan xa",
            "cong doan phuong",
            "cong doan dac khu",
        ],
    ),
    (UnitKind::LocalIndustryUnion, &["cong doan nganh dia phuong"]),
    (
        UnitKind::ZoneUnion,
        &[
            "cong doan cac khu cong nghiep khu che xuat khu kinh te",
            "cong doan khu cong nghiep khu che xuat khu kinh te",
            "cong doan cac khu cong nghiep khu che xuat",
            "cong doan cac khu cong nghiep",
            "cong doan khu cong nghiep",
            "cong doan khu kinh te",
        ],
    ),
    (UnitKind::CivilServantsUnion, &["cong doan vien chuc"]),
    (
        UnitKind::IntermediateUnion,
        &[
            "cong doan cap tren truc tiep co so khac",
            "cong doan cap tren truc tiep co so",
            "cong doan cap tren co so",
        ],
    ),
    (UnitKind::GrassrootsUnion, &["cong doan co so", "nghiep doan co so", "nghiep doan"]),
    (
        UnitKind::Section,
        &["cong doan bo phan to cong doan", "cong doan bo phan", "to cong doan", "to nghiep doan"],
    ),
];

pub const SECTORS: Terms<Sector> = &[
    (Sector::ProductionBusiness, &["san xuat kinh doanh", "doanh nghiep"]),
    (Sector::PublicAdministration, &["hanh chinh"]),
    (Sector::Education, &["giao duc"]),
    (Sector::Health, &["y te"]),
    (Sector::Union, &["to chuc cong doan"]),
];

pub const PERIOD_KINDS: Terms<PeriodKind> = &[
    (PeriodKind::Programme, &["chuong trinh"]),
    (PeriodKind::Phase, &["giai doan"]),
    (
        PeriodKind::Campaign,
        &["chien dich thi dua cao diem", "chien dich", "dot thi dua cao diem", "dot cao diem"],
    ),
    (PeriodKind::Quarter, &["quy"]),
    (PeriodKind::Month, &["thang"]),
    (PeriodKind::Year, &["nam"]),
    (PeriodKind::PeakMonth, &["thang cao diem"]),
    (PeriodKind::PeakWeek, &["tuan cao diem"]),
    (PeriodKind::Other, &["loai khac", "khac"]),
];

pub const METRICS: Terms<Metric> = &[
    (Metric::Submitted, &["so sang kien dang ky", "dang ky"]),
    (Metric::Accepted, &["so sang kien hop le", "hop le"]),
    (Metric::Participants, &["so nguoi tham gia", "nguoi tham gia"]),
];

pub const ORIGINS: Terms<TargetOrigin> = &[
    (TargetOrigin::Assigned, &["duoc giao", "chi tieu duoc giao", "giao"]),
    (TargetOrigin::Pledged, &["tu dang ky", "chi tieu tu dang ky"]),
];

pub const INITIATIVE_KINDS: Terms<InitiativeKind> = &[
    (InitiativeKind::Technical, &["giai phap ky thuat", "ky thuat"]),
    (InitiativeKind::Management, &["giai phap quan ly", "quan ly"]),
    (InitiativeKind::Operational, &["giai phap tac nghiep", "tac nghiep"]),
    (
        InitiativeKind::TechnologyApplication,
        &["ung dung tien bo ky thuat cong nghe", "ung dung tien bo ky thuat", "ung dung cong nghe"],
    ),
    (InitiativeKind::Research, &["de tai nghien cuu khoa hoc", "de tai", "nghien cuu khoa hoc"]),
    (InitiativeKind::Idea, &["y tuong"]),
];

pub const STATUSES: Terms<InitiativeStatus> = &[
    (InitiativeStatus::Pending, &["cho xet duyet", "cho duyet"]),
    (InitiativeStatus::Accepted, &["hop le", "dam bao quy dinh"]),
    (InitiativeStatus::Rejected, &["khong hop le"]),
    (InitiativeStatus::Returned, &["tra lai de chinh sua", "tra lai"]),
    (InitiativeStatus::Withdrawn, &["da rut", "rut"]),
];

pub const REJECTION_REASONS: Terms<RejectionReason> = &[
    (RejectionReason::Duplicate, &["trung lap", "trung"]),
    (RejectionReason::OutsideWindow, &["ngoai thoi gian ap dung"]),
    (
        RejectionReason::NotRecognised,
        &["chua duoc cong nhan", "chua co quyet dinh cua hoi dong nguoi dung dau"],
    ),
    (RejectionReason::NotAnInitiative, &["khong phai sang kien"]),
    (RejectionReason::AgainstOrder, &["trai trat tu cong cong dao duc xa hoi"]),
    (
        RejectionReason::ProtectedByIp,
        &["dang duoc bao ho so huu tri tue", "duoc bao ho so huu tri tue"],
    ),
    (RejectionReason::Other, &["ly do khac", "khac"]),
];

pub const AUTHOR_GROUPS: Terms<AuthorGroup> = &[
    (
        AuthorGroup::EnterpriseWorker,
        &["cong nhan lao dong trong doanh nghiep", "cong nhan lao dong", "cong nhan"],
    ),
    (AuthorGroup::PublicEmployee, &["can bo cong chuc vien chuc", "cong chuc vien chuc"]),
    (AuthorGroup::UnionOfficial, &["can bo cong doan"]),
    (AuthorGroup::Other, &["nhom khac", "khac"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn are_terms<T: Copy + PartialEq + std::fmt::Debug>(terms: Terms<T>, all: &[T]) {
        for (value_of, texts) in terms {
            for text in *texts {
                assert_eq!(term(text), *text, "is not in the form of a term");
                assert_eq!(value(terms, text), Some(*value_of), "{text} means two things");
            }
        }
        assert!(all.iter().all(|it| terms.iter().any(|(value, _)| value == it)), "{all:?}");
    }

    #[test]
    fn every_value_has_terms_that_mean_it_alone() {
        are_terms(UNIT_KINDS, UnitKind::ALL);
        are_terms(SECTORS, Sector::ALL);
        are_terms(PERIOD_KINDS, PeriodKind::ALL);
        are_terms(METRICS, Metric::ALL);
        are_terms(ORIGINS, TargetOrigin::ALL);
        are_terms(INITIATIVE_KINDS, InitiativeKind::ALL);
        are_terms(STATUSES, InitiativeStatus::ALL);
        are_terms(REJECTION_REASONS, RejectionReason::ALL);
        are_terms(AUTHOR_GROUPS, AuthorGroup::ALL);
    }

    #[test]
    fn terms_are_known_however_they_are_written() {
        for (text, kind) in [
            ("CĐCS", UnitKind::GrassrootsUnion),
            ("Công đoàn cơ sở", UnitKind::GrassrootsUnion),
            ("cong_doan_co_so", UnitKind::GrassrootsUnion),
            ("CĐ cấp trên trực tiếp cơ sở", UnitKind::IntermediateUnion),
            ("LĐLĐ tỉnh", UnitKind::ProvincialFederation),
            ("LĐLĐ huyện", UnitKind::DistrictFederation),
            ("CĐ các KCN", UnitKind::ZoneUnion),
            ("Công đoàn xã, phường", UnitKind::CommuneUnion),
            ("CĐVC", UnitKind::CivilServantsUnion),
        ] {
            assert_eq!(value(UNIT_KINDS, text), Some(kind), "{text}");
        }
        assert_eq!(value(SECTORS, "SXKD"), Some(Sector::ProductionBusiness));
        assert_eq!(value(UNIT_KINDS, "LĐLĐ thành phố"), None);
        assert_eq!(value(UNIT_KINDS, "CĐ ngành"), None);
    }
}
