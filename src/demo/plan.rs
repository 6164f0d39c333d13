//! The units, periods and goals that the demo starts from.
//!
//! Units and printed goals are facts (see `data/SOURCES.md`). Clusters, head-counts and all other
//! goals are made up, but the same at every start.

use std::collections::HashMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::domain::command::{Goal, SetTargets, UnitGoal, UpsertPeriod, UpsertUnit};
use crate::domain::period::{Metric, PeriodKind};
use crate::domain::target::TargetOrigin;
use crate::domain::unit::{Sector, UnitKind};
use crate::domain::{Day, Patch, PeriodRef, UnitRef};
use crate::limits::GOALS_MAX;

pub const ROOT: &str = "tldldvn";
pub const PROGRAMME: &str = "1m-sang-kien";
pub const PHASE_1: &str = "giai-doan-1";
pub const PHASE_2: &str = "giai-doan-2";
pub const CAMPAIGN: &str = "chien-dich-40-ngay";

/// Stands where a document's number would, for goals that nobody printed.
const IN_PROPORTION: &str = "demo: in proportion to size";
const PROGRAMME_GOAL: i32 = 1_000_000;
const PHASE_1_GOAL: i32 = 300_000;
/// Made up: no national goal for the 40 days was found.
const CAMPAIGN_GOAL: i32 = 200_000;
/// The one printed goal of the campaign, and the letter that sets it.
const DONG_NAI: (&str, i32, &str) = ("ldld-dong-nai", 5_000, "1549/LĐLĐ");
/// What Hà Nội registered for the programme by itself, more than it was given.
const HA_NOI_PLEDGED: (&str, i32) = ("ldld-ha-noi", 130_000);

/// Every unit, parents before their children.
pub fn units() -> Vec<UpsertUnit> {
    let direct = direct_units();
    let districts = districts();
    let mut units = vec![root()];
    units.extend(direct.iter().map(|unit| direct_unit(unit, &districts)));
    units.extend(districts.iter().map(|district| district.federation(&direct)));
    units.extend(districts.iter().flat_map(District::grassroots));
    units
}

/// Every period, parents before their children. All count what was submitted.
pub fn periods() -> Vec<UpsertPeriod> {
    use PeriodKind::{Campaign, PeakWeek, Phase, Programme};
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
            period(
                CAMPAIGN,
                "Chiến dịch thi đua cao điểm 40 ngày",
                Campaign,
                ["2022-04-21", "2022-05-31"],
            ),
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
    ]
}

/// The goals: of every direct unit in phase 1 and in the campaign, of every district in the
/// campaign, and those printed for the whole programme.
pub fn targets() -> Vec<SetTargets> {
    let direct = direct_units();
    let districts = districts();
    let phase_1 = PrintedAndShared::new(PHASE_1_GOAL, &direct, &districts, |u| u.phase1_target);
    let campaign = PrintedAndShared::new(CAMPAIGN_GOAL, &direct, &districts, |unit| {
        (unit.code == DONG_NAI.0).then_some(DONG_NAI.1)
    });
    let of_districts = district_goals(&campaign.all(), &direct, &districts);

    let mut national: Vec<_> =
        direct.iter().filter_map(|unit| Some((unit.code.clone(), unit.total_target?))).collect();
    national.push((ROOT.to_owned(), PROGRAMME_GOAL));
    let pledged = vec![(HA_NOI_PLEDGED.0.to_owned(), HA_NOI_PLEDGED.1)];
    let phase_1_root = vec![(ROOT.to_owned(), PHASE_1_GOAL)];
    let campaign_root = vec![(ROOT.to_owned(), CAMPAIGN_GOAL)];

    let mut targets = vec![
        set_targets(PROGRAMME, None, &national),
        SetTargets { origin: TargetOrigin::Pledged, ..set_targets(PROGRAMME, None, &pledged) },
        set_targets(PHASE_1, None, &[phase_1_root, phase_1.printed].concat()),
        set_targets(PHASE_1, Some(IN_PROPORTION), &phase_1.shared),
        set_targets(CAMPAIGN, Some(DONG_NAI.2), &campaign.printed),
        set_targets(CAMPAIGN, Some(IN_PROPORTION), &[campaign_root, campaign.shared].concat()),
    ];
    targets.extend(
        of_districts
            .chunks(GOALS_MAX)
            .map(|goals| set_targets(CAMPAIGN, Some(IN_PROPORTION), goals)),
    );
    targets
}

/// A number below `bound` that always goes with this code, and looks like chance.
pub(super) fn spread(code: &str, bound: u32) -> u32 {
    // FNV-1a, then its high half: the low bits of neighbouring codes are too alike.
    let hash = code.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mixed = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    u32::try_from(mixed % u64::from(bound)).expect("less than a bound of 32 bits")
}

/// A row of `direct_units.csv`.
#[derive(Deserialize)]
struct Direct {
    code: String,
    name_vi: String,
    kind: String,
    /// Of the province, for provincial federations.
    admin_code: Option<String>,
    phase1_target: Option<i32>,
    total_target: Option<i32>,
}

/// A row of `admin_units.csv`.
#[derive(Deserialize)]
struct Place {
    code: String,
    level: String,
    r#type: String,
    name_vi: String,
    full_name_vi: String,
    parent_code: String,
}

struct District {
    place: Place,
    communes: Vec<Place>,
}

fn rows<T: DeserializeOwned>(file: &str) -> Vec<T> {
    csv::Reader::from_reader(file.as_bytes())
        .into_deserialize()
        .map(|row| row.expect("the embedded file has these columns"))
        .collect()
}

fn direct_units() -> Vec<Direct> {
    rows(include_str!("../../data/direct_units.csv"))
}

fn districts() -> Vec<District> {
    let places: Vec<Place> = rows(include_str!("../../data/admin_units.csv"));
    let mut communes: HashMap<String, Vec<Place>> = HashMap::new();
    let mut districts = Vec::new();
    for place in places {
        match place.level.as_str() {
            "district" => districts.push(place),
            "commune" => communes.entry(place.parent_code.clone()).or_default().push(place),
            _ => {}
        }
    }
    districts
        .into_iter()
        .map(|place| {
            let communes = communes.remove(&place.code).unwrap_or_default();
            District { place, communes }
        })
        .collect()
}

impl Place {
    /// "huyện Long Thành", as it stands inside a name.
    fn inside_a_name(&self) -> String {
        let kind = self.full_name_vi.strip_suffix(&self.name_vi).unwrap_or_default();
        format!("{}{}", kind.to_lowercase(), self.name_vi)
    }
}

impl District {
    fn code(&self) -> String {
        format!("ldld-{}", self.place.code)
    }

    fn is_of(&self, unit: &Direct) -> bool {
        unit.admin_code.as_ref() == Some(&self.place.parent_code)
    }

    /// Made up: many in wards, some in townships, few in villages.
    fn member_count(&self) -> i32 {
        let members_at = |commune: &Place| match commune.r#type.as_str() {
            "ward" => 2_000,
            "township" => 700,
            _ => 300,
        };
        300 + self.communes.iter().map(members_at).sum::<i32>()
    }

    fn federation(&self, direct: &[Direct]) -> UpsertUnit {
        let parent =
            direct.iter().find(|unit| self.is_of(unit)).expect("every province has its federation");
        let block = match self.place.r#type.as_str() {
            "rural_district" => "Khối huyện",
            _ => "Khối quận, thị xã, thành phố",
        };
        UpsertUnit {
            cluster: Patch::Set(block.to_owned()),
            member_count: Patch::Set(self.member_count()),
            ..unit(
                &self.code(),
                &format!("Liên đoàn Lao động {}", self.place.inside_a_name()),
                UnitKind::DistrictFederation,
                &parent.code,
            )
        }
    }

    fn grassroots(&self) -> impl Iterator<Item = UpsertUnit> {
        self.communes.iter().map(|commune| UpsertUnit {
            sector: Patch::Set(Sector::PublicAdministration),
            member_count: Patch::Set(count(25 + spread(&commune.code, 60))),
            ..unit(
                &format!("cdcs-{}", commune.code),
                &format!("Công đoàn cơ sở {}", commune.inside_a_name()),
                UnitKind::GrassrootsUnion,
                &self.code(),
            )
        })
    }
}

fn root() -> UpsertUnit {
    UpsertUnit {
        code: ROOT.to_owned(),
        name: Patch::Set("Tổng Liên đoàn Lao động Việt Nam".to_owned()),
        kind: Patch::Set(UnitKind::Confederation),
        // As published in May 2022.
        member_count: Patch::Set(10_500_000),
        ..UpsertUnit::default()
    }
}

fn direct_unit(row: &Direct, districts: &[District]) -> UpsertUnit {
    let kind = match row.kind.as_str() {
        "provincial_federation" => UnitKind::ProvincialFederation,
        "corporation_union" => UnitKind::CorporationUnion,
        _ => UnitKind::IndustryUnion,
    };
    let (cluster, sector) = match &row.admin_code {
        Some(province) => (region(province), None),
        None => block(&row.code),
    };
    UpsertUnit {
        cluster: Patch::Set(cluster.to_owned()),
        sector: sector.map_or(Patch::Keep, Patch::Set),
        member_count: Patch::Set(row.member_count(districts)),
        ..unit(&row.code, &row.name_vi, kind, ROOT)
    }
}

impl Direct {
    /// Made up. A province has more members than its districts, as enterprises and schools are
    /// under it too.
    fn member_count(&self, districts: &[District]) -> i32 {
        if self.admin_code.is_none() {
            return 1_000 * count(25 + spread(&self.code, 100));
        }
        let in_districts: i32 =
            districts.iter().filter(|d| d.is_of(self)).map(District::member_count).sum();
        (in_districts * 3 / 2).clamp(40_000, 900_000)
    }
}

/// The emulation cluster of a province's federation. No full list was found: these are made up,
/// after the regions by which the codes of provinces are ordered.
fn region(province: &str) -> &'static str {
    match province.parse::<u8>().expect("codes of provinces are numbers") {
        1 | 31 | 48 | 79 | 92 => "Cụm 5 thành phố trực thuộc Trung ương",
        2 | 4 | 6 | 8 | 19 | 20 | 24 | 25 => "Cụm Trung du và Đông Bắc",
        10..=17 => "Cụm Tây Bắc",
        22..=37 => "Cụm Đồng bằng sông Hồng",
        38..=46 => "Cụm Bắc Trung Bộ",
        49..=60 => "Cụm Duyên hải Nam Trung Bộ",
        62..=68 => "Cụm Tây Nguyên",
        70..=77 => "Cụm Đông Nam Bộ",
        _ => "Cụm Đồng bằng sông Cửu Long",
    }
}

/// The emulation block of a central union, made up too, and its side of working life.
fn block(code: &str) -> (&'static str, Option<Sector>) {
    const OFFICES: &str = "Khối hành chính, sự nghiệp và lực lượng vũ trang";
    match code {
        "cd-giao-duc" => (OFFICES, Some(Sector::Education)),
        "cd-y-te" => (OFFICES, Some(Sector::Health)),
        "cd-vien-chuc" | "cd-cong-an-nhan-dan" | "cd-quoc-phong" => {
            (OFFICES, Some(Sector::PublicAdministration))
        }
        "cd-cong-thuong" | "cd-dien-luc" | "cd-dau-khi" | "cd-than-khoang-san" | "cd-cao-su"
        | "cd-det-may" => ("Khối công nghiệp, năng lượng", Some(Sector::ProductionBusiness)),
        _ => ("Khối giao thông, xây dựng và dịch vụ", Some(Sector::ProductionBusiness)),
    }
}

fn unit(code: &str, name: &str, kind: UnitKind, parent: &str) -> UpsertUnit {
    UpsertUnit {
        code: code.to_owned(),
        name: Patch::Set(name.to_owned()),
        kind: Patch::Set(kind),
        parent: Patch::Set(UnitRef::Code(parent.to_owned())),
        ..UpsertUnit::default()
    }
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

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day of the calendar")
}

fn count(number: u32) -> i32 {
    i32::try_from(number).expect("counts of the demo are small")
}

/// A unit's code and the number it is to reach.
type CodeGoal = (String, i32);

/// What the direct units are to reach in one period.
struct PrintedAndShared {
    printed: Vec<CodeGoal>,
    /// The rest of the national goal, by head-count.
    shared: Vec<CodeGoal>,
}

impl PrintedAndShared {
    fn new(
        national: i32,
        direct: &[Direct],
        districts: &[District],
        printed_for: impl Fn(&Direct) -> Option<i32>,
    ) -> Self {
        let (printed, others): (Vec<_>, Vec<_>) =
            direct.iter().partition(|unit| printed_for(unit).is_some());
        let printed: Vec<CodeGoal> = printed
            .into_iter()
            .filter_map(|unit| Some((unit.code.clone(), printed_for(unit)?)))
            .collect();
        let rest = national - printed.iter().map(|(_, goal)| goal).sum::<i32>();
        let sizes: Vec<i32> = others.iter().map(|unit| unit.member_count(districts)).collect();
        let codes = others.iter().map(|unit| unit.code.clone());
        Self { printed, shared: codes.zip(share(rest, &sizes)).collect() }
    }

    fn all(&self) -> HashMap<&str, i32> {
        self.printed.iter().chain(&self.shared).map(|(code, goal)| (code.as_str(), *goal)).collect()
    }
}

/// Each province's goal handed on to its districts by head-count.
fn district_goals(
    of_direct: &HashMap<&str, i32>,
    direct: &[Direct],
    districts: &[District],
) -> Vec<CodeGoal> {
    let of_province = |unit: &Direct| {
        let own: Vec<&District> = districts.iter().filter(|d| d.is_of(unit)).collect();
        let sizes: Vec<i32> = own.iter().map(|d| d.member_count()).collect();
        let goals = share(of_direct[unit.code.as_str()], &sizes);
        own.into_iter().map(District::code).zip(goals).collect::<Vec<_>>()
    };
    direct.iter().flat_map(of_province).collect()
}

/// Parts of `total` in proportion to `sizes`, that sum up to it.
fn share(total: i32, sizes: &[i32]) -> Vec<i32> {
    let whole: i64 = sizes.iter().map(|&size| i64::from(size)).sum();
    let mut given = 0;
    let mut seen = 0;
    sizes
        .iter()
        .map(|&size| {
            seen += i64::from(size);
            let due = i64::from(total) * seen / whole;
            let part = due - given;
            given = due;
            i32::try_from(part).expect("a part is no more than the total")
        })
        .collect()
}

fn set_targets(period: &str, document_number: Option<&str>, goals: &[CodeGoal]) -> SetTargets {
    let goals = goals.iter().map(|(code, goal)| UnitGoal {
        unit: UnitRef::Code(code.clone()),
        goal: Some(Goal::Count(*goal)),
    });
    SetTargets {
        period: PeriodRef::Code(period.to_owned()),
        metric: None,
        origin: TargetOrigin::Assigned,
        document_number: document_number.map(str::to_owned),
        goals: goals.collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::domain::text::normalise;

    fn set<T>(patch: &Patch<T>) -> Option<&T> {
        match patch {
            Patch::Set(value) => Some(value),
            Patch::Keep | Patch::Clear => None,
        }
    }

    fn code_of(unit: &UnitRef) -> &str {
        match unit {
            UnitRef::Code(code) => code,
            UnitRef::Id(_) => panic!("the demo names units by code"),
        }
    }

    #[test]
    fn the_tree_is_whole_and_parents_come_first() {
        let units = units();
        let of_kind = |kind| units.iter().filter(|u| u.kind == Patch::Set(kind)).count();
        assert_eq!(units.len(), 1 + 81 + 705 + 10_599);
        assert_eq!(of_kind(UnitKind::ProvincialFederation), 63);
        assert_eq!(of_kind(UnitKind::IndustryUnion), 17);
        assert_eq!(of_kind(UnitKind::CorporationUnion), 1);
        assert_eq!(of_kind(UnitKind::DistrictFederation), 705);
        assert_eq!(of_kind(UnitKind::GrassrootsUnion), 10_599);

        let mut seen: HashSet<&str> = HashSet::new();
        for unit in &units {
            match set(&unit.parent) {
                Some(parent) => assert!(seen.contains(code_of(parent)), "{}", unit.code),
                None => assert_eq!(unit.code, ROOT),
            }
            assert!(seen.insert(&unit.code), "{} twice", unit.code);
            assert!(set(&unit.member_count).is_some_and(|&count| count > 0), "{}", unit.code);
        }
    }

    #[test]
    fn names_are_formed_as_the_units_write_them() {
        let units = units();
        let names: HashMap<&str, &str> = units
            .iter()
            .filter_map(|unit| Some((unit.code.as_str(), set(&unit.name)?.as_str())))
            .collect();
        for (code, name) in [
            ("tldldvn", "Tổng Liên đoàn Lao động Việt Nam"),
            ("ldld-dong-nai", "Liên đoàn Lao động tỉnh Đồng Nai"),
            ("ldld-ho-chi-minh", "Liên đoàn Lao động thành phố Hồ Chí Minh"),
            ("cd-hang-hai", "Công đoàn Tổng công ty Hàng hải Việt Nam"),
            ("ldld-001", "Liên đoàn Lao động quận Ba Đình"),
            ("ldld-269", "Liên đoàn Lao động thị xã Sơn Tây"),
            ("ldld-731", "Liên đoàn Lao động thành phố Biên Hòa"),
            ("ldld-740", "Liên đoàn Lao động huyện Long Thành"),
            ("ldld-769", "Liên đoàn Lao động thành phố Thủ Đức"),
            ("cdcs-00001", "Công đoàn cơ sở phường Phúc Xá"),
            ("cdcs-19333", "Công đoàn cơ sở phường 1"),
            ("cdcs-26368", "Công đoàn cơ sở thị trấn Long Thành"),
            ("cdcs-26383", "Công đoàn cơ sở xã An Phước"),
        ] {
            assert_eq!(names.get(code), Some(&name), "{code}");
        }
        assert!(names.values().all(|name| *name == normalise(name)));
    }

    #[test]
    fn clusters_group_all_direct_units() {
        let units = units();
        let mut sizes: HashMap<&str, usize> = HashMap::new();
        for unit in &units[1..=81] {
            *sizes.entry(set(&unit.cluster).unwrap()).or_default() += 1;
        }
        assert_eq!(sizes.len(), 12);
        assert_eq!(sizes["Cụm 5 thành phố trực thuộc Trung ương"], 5);
        assert_eq!(sizes["Cụm Đồng bằng sông Hồng"], 9);
        assert!(sizes.values().all(|&size| size >= 5), "{sizes:?}");
    }

    #[test]
    fn periods_lie_within_their_parents() {
        let periods = periods();
        assert_eq!(periods.len(), 6);
        for (at, child) in periods.iter().enumerate().skip(1) {
            let Some(PeriodRef::Code(parent)) = set(&child.parent) else {
                panic!("{} has no parent", child.code)
            };
            let parent = periods[..at].iter().find(|period| period.code == *parent).unwrap();
            assert!(set(&parent.starts_on) <= set(&child.starts_on), "{}", child.code);
            assert!(set(&child.ends_on) <= set(&parent.ends_on), "{}", child.code);
        }
    }

    #[test]
    fn every_direct_unit_and_district_has_its_goal() {
        let units = units();
        let codes: HashSet<&str> = units.iter().map(|unit| unit.code.as_str()).collect();
        let mut goals: HashMap<(String, String), i32> = HashMap::new();
        for targets in targets() {
            assert!(targets.goals.len() <= GOALS_MAX);
            let PeriodRef::Code(period) = targets.period else { panic!("periods go by code") };
            for goal in targets.goals {
                let unit = code_of(&goal.unit).to_owned();
                let Some(Goal::Count(number)) = goal.goal else { panic!("{unit}: no count") };
                assert!(codes.contains(unit.as_str()), "{unit} is no unit");
                assert!(number > 0, "{unit}");
                if targets.origin == TargetOrigin::Assigned {
                    assert_eq!(goals.insert((period.clone(), unit), number), None);
                }
            }
        }
        let goal = |period: &str, unit: &str| goals.get(&(period.to_owned(), unit.to_owned()));
        let sum = |period: &str, units: &[UpsertUnit]| -> i32 {
            units.iter().map(|unit| goal(period, &unit.code).unwrap()).sum()
        };
        assert_eq!(sum(PHASE_1, &units[1..=81]), PHASE_1_GOAL);
        assert_eq!(sum(CAMPAIGN, &units[1..=81]), CAMPAIGN_GOAL);
        assert_eq!(goal(PHASE_1, "ldld-ba-ria-vung-tau"), Some(&4_000));
        assert_eq!(goal(CAMPAIGN, "ldld-dong-nai"), Some(&5_000));
        assert_eq!(goal(PROGRAMME, "ldld-ha-noi"), Some(&60_000));
        assert_eq!(goal(PROGRAMME, ROOT), Some(&PROGRAMME_GOAL));
        let dong_nai = Patch::Set(UnitRef::Code("ldld-dong-nai".to_owned()));
        let its_districts: Vec<UpsertUnit> =
            units.into_iter().filter(|unit| unit.parent == dong_nai).collect();
        assert_eq!(its_districts.len(), 11);
        assert_eq!(sum(CAMPAIGN, &its_districts), 5_000);
    }

    #[test]
    fn shares_sum_up() {
        assert_eq!(share(10, &[1, 1, 1]), [3, 3, 4]);
        assert_eq!(share(5_000, &[7, 0, 93]), [350, 0, 4_650]);
    }
}
