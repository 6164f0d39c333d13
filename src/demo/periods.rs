//! The programme, its phases, the campaign, and the units' own weeks in it. All of them count submitted initiatives.

use super::calendar::day;
use super::units::ROOT;
use crate::domain::command::UpsertPeriod;
use crate::domain::period::{Metric, PeriodKind};
use crate::domain::{Patch, PeriodRef, UnitRef};

pub const PROGRAMME: &str = "1m-sang-kien";
pub const PHASE_1: &str = "giai-doan-1";
pub const PHASE_2: &str = "giai-doan-2";
pub const CAMPAIGN: &str = "chien-dich-40-ngay";
/// The campaign's first day and its last.
pub const CAMPAIGN_DAYS: [&str; 2] = ["2022-04-21", "2022-05-31"];

/// A period that is over before the demo opens: its unit, its code, its first day and its last.
pub const MARCH_OF_DONG_NAI: (&str, &str, [&str; 2]) =
    ("ldld-dong-nai", "thang-3-dong-nai", ["2022-03-01", "2022-03-31"]);

/// Every period, parents before their children. The periods of the official letters have their days; the peak
/// weeks and the peak months are made up.
pub fn periods() -> Vec<UpsertPeriod> {
    use PeriodKind::{Campaign, PeakMonth, PeakWeek, Phase, Programme};
    let mut programme = period(
        PROGRAMME,
        "Chương trình 01 triệu sáng kiến – nỗ lực vượt khó, sáng tạo, quyết tâm chiến thắng đại dịch Covid-19",
        Programme,
        ["2022-01-08", "2023-09-01"],
    );
    programme.applied_from = Patch::Set(day("2021-09-01"));
    programme.applied_until = Patch::Set(day("2023-09-01"));
    vec![
        programme,
        within(PROGRAMME, period(PHASE_1, "Giai đoạn 1", Phase, ["2022-01-08", "2022-05-31"])),
        within(PROGRAMME, period(PHASE_2, "Giai đoạn 2", Phase, ["2022-06-01", "2023-09-01"])),
        within(
            PHASE_1,
            period(CAMPAIGN, "Chiến dịch thi đua cao điểm 40 ngày", Campaign, CAMPAIGN_DAYS),
        ),
        owned_by(
            "cd-cong-thuong",
            within(
                CAMPAIGN,
                period(
                    "chien-dich-cong-thuong",
                    "Đợt cao điểm của Công đoàn Công Thương Việt Nam",
                    Campaign,
                    ["2022-04-27", "2022-05-31"],
                ),
            ),
        ),
        owned_by(
            "cdn-y-te-dong-nai",
            within(
                CAMPAIGN,
                period(
                    "chien-dich-y-te-dong-nai",
                    "Chiến dịch của Công đoàn ngành Y tế Đồng Nai",
                    Campaign,
                    ["2022-04-25", "2022-05-31"],
                ),
            ),
        ),
        owned_by(
            "cd-nong-nghiep-ptnt",
            within(
                CAMPAIGN,
                period(
                    "30-ngay-nong-nghiep-ptnt",
                    "30 ngày cao điểm của Công đoàn Nông nghiệp và Phát triển Nông thôn Việt Nam",
                    Campaign,
                    ["2022-04-22", "2022-05-21"],
                ),
            ),
        ),
        owned_by(
            "ldld-dong-nai",
            within(
                CAMPAIGN,
                period(
                    "tuan-cao-diem-dong-nai",
                    "Tuần cao điểm sáng kiến Đồng Nai",
                    PeakWeek,
                    ["2022-05-16", "2022-05-22"],
                ),
            ),
        ),
        owned_by(
            MARCH_OF_DONG_NAI.0,
            within(
                PHASE_1,
                period(
                    MARCH_OF_DONG_NAI.1,
                    "Tháng Thanh niên sáng tạo Đồng Nai",
                    PeakMonth,
                    MARCH_OF_DONG_NAI.2,
                ),
            ),
        ),
        owned_by(
            "ldld-ha-noi",
            within(
                CAMPAIGN,
                period(
                    "thang-cao-diem-ha-noi",
                    "Tháng cao điểm sáng kiến Thủ đô",
                    PeakMonth,
                    ["2022-05-01", "2022-05-31"],
                ),
            ),
        ),
    ]
}

fn period(code: &str, name: &str, kind: PeriodKind, [first, last]: [&str; 2]) -> UpsertPeriod {
    UpsertPeriod {
        code: code.to_owned(),
        name: Patch::Set(name.to_owned()),
        kind: Patch::Set(kind),
        starts_on: Patch::Set(day(first)),
        ends_on: Patch::Set(day(last)),
        owner: Patch::Set(UnitRef::Code(ROOT.to_owned())),
        metric: Patch::Set(Metric::Submitted),
        ..UpsertPeriod::default()
    }
}

fn within(parent: &str, period: UpsertPeriod) -> UpsertPeriod {
    UpsertPeriod { parent: Patch::Set(PeriodRef::Code(parent.to_owned())), ..period }
}

fn owned_by(unit: &str, period: UpsertPeriod) -> UpsertPeriod {
    UpsertPeriod { owner: Patch::Set(UnitRef::Code(unit.to_owned())), ..period }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set<T>(patch: &Patch<T>) -> Option<&T> {
        match patch {
            Patch::Set(value) => Some(value),
            Patch::Keep | Patch::Clear => None,
        }
    }

    #[test]
    fn periods_lie_within_their_parents() {
        let periods = periods();
        assert_eq!(periods.len(), 10);
        for (at, child) in periods.iter().enumerate().skip(1) {
            let Some(PeriodRef::Code(parent)) = set(&child.parent) else {
                panic!("{} has no parent", child.code)
            };
            let parent = periods[..at].iter().find(|period| period.code == *parent).unwrap();
            assert!(set(&parent.starts_on) <= set(&child.starts_on), "{}", child.code);
            assert!(set(&child.ends_on) <= set(&parent.ends_on), "{}", child.code);
        }
    }
}
