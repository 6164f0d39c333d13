//! The units of the demo: the confederation, the direct unions, the districts and communes of the
//! country, and the unions of workplaces (`workplaces`).
//!
//! Names of direct units, districts and communes are facts (see `data/SOURCES.md`). Clusters and
//! head-counts are made up, but the same at every start.

use super::chance::spread;
use super::places::{Country, Direct, District, count};
use super::workplaces;
use crate::domain::command::UpsertUnit;
use crate::domain::unit::{Sector, UnitKind};
use crate::domain::{Patch, UnitRef};

pub const ROOT: &str = "tldldvn";
/// The confederation's head-count, as published in May 2022.
const MEMBERS: i32 = 10_500_000;

/// Every unit, parents before their children.
pub fn units() -> Vec<UpsertUnit> {
    let country = Country::read();
    let mut units = vec![root()];
    units.extend(country.direct.iter().map(|row| direct_unit(row, &country)));
    for row in &country.direct {
        units.extend(country.districts_of(row).map(|district| federation(district, row)));
    }
    units.extend(country.districts.iter().flat_map(communes));
    units.extend(workplaces::units(&country));
    units
}

fn root() -> UpsertUnit {
    UpsertUnit {
        code: ROOT.to_owned(),
        name: Patch::Set("Tổng Liên đoàn Lao động Việt Nam".to_owned()),
        kind: Patch::Set(UnitKind::Confederation),
        member_count: Patch::Set(MEMBERS),
        ..UpsertUnit::default()
    }
}

fn direct_unit(row: &Direct, country: &Country) -> UpsertUnit {
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
        member_count: Patch::Set(row.member_count(country)),
        ..unit(&row.code, &row.name_vi, kind, ROOT)
    }
}

fn federation(district: &District, parent: &Direct) -> UpsertUnit {
    let block = match district.place.r#type.as_str() {
        "rural_district" => "Khối huyện",
        _ => "Khối quận, thị xã, thành phố",
    };
    UpsertUnit {
        cluster: Patch::Set(block.to_owned()),
        member_count: Patch::Set(district.member_count()),
        ..unit(
            &district.code(),
            &format!("Liên đoàn Lao động {}", district.place.inside_a_name()),
            UnitKind::DistrictFederation,
            &parent.code,
        )
    }
}

fn communes(district: &District) -> impl Iterator<Item = UpsertUnit> {
    let parent = district.code();
    district.communes.iter().map(move |commune| UpsertUnit {
        sector: Patch::Set(Sector::PublicAdministration),
        member_count: Patch::Set(count(25 + spread(&commune.code, 60))),
        ..unit(
            &format!("cdcs-{}", commune.code),
            &format!("Công đoàn cơ sở {}", commune.inside_a_name()),
            UnitKind::GrassrootsUnion,
            &parent,
        )
    })
}

/// The emulation cluster of a province's federation. No full list was found: these are made up, after the regions by
/// which the codes of provinces are ordered.
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
pub fn block(code: &str) -> (&'static str, Option<Sector>) {
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

pub fn unit(code: &str, name: &str, kind: UnitKind, parent: &str) -> UpsertUnit {
    UpsertUnit {
        code: code.to_owned(),
        name: Patch::Set(name.to_owned()),
        kind: Patch::Set(kind),
        parent: Patch::Set(UnitRef::Code(parent.to_owned())),
        ..UpsertUnit::default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

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
        assert_eq!(of_kind(UnitKind::ProvincialFederation), 63);
        assert_eq!(of_kind(UnitKind::IndustryUnion), 17);
        assert_eq!(of_kind(UnitKind::CorporationUnion), 1);
        assert_eq!(of_kind(UnitKind::DistrictFederation), 705);
        assert_eq!(of_kind(UnitKind::LocalIndustryUnion), 2 * 63);
        assert_eq!(of_kind(UnitKind::CivilServantsUnion), 63);
        assert_eq!(of_kind(UnitKind::ZoneUnion), 63);
        let of_communes = units.iter().filter(|u| {
            u.code.strip_prefix("cdcs-").is_some_and(|code| code.parse::<u32>().is_ok())
        });
        assert_eq!(of_communes.count(), 10_599);

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
            ("cdn-y-te-dong-nai", "Công đoàn ngành Y tế Đồng Nai"),
            ("cdcs-yt-740", "Công đoàn cơ sở Trung tâm Y tế huyện Long Thành"),
            ("cdcs-thpt-760", "Công đoàn cơ sở Trường Trung học phổ thông quận 1"),
            ("cdkcn-dong-nai", "Công đoàn các khu công nghiệp Đồng Nai"),
            ("cdcs-cqld-ha-noi", "Công đoàn cơ sở Cơ quan Liên đoàn Lao động thành phố Hà Nội"),
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
    fn the_cases_of_the_letters_are_there() {
        let units = units();
        let below = |code: &str| -> Vec<&UpsertUnit> {
            let parent = Patch::Set(UnitRef::Code(code.to_owned()));
            units.iter().filter(|unit| unit.parent == parent).collect()
        };
        assert_eq!(below("cdn-y-te-dong-nai").len(), 35, "as many as the letter is addressed to");
        let kinds: HashSet<UnitKind> =
            below("ldld-dong-nai").iter().filter_map(|unit| set(&unit.kind)).copied().collect();
        assert_eq!(
            kinds,
            HashSet::from([
                UnitKind::DistrictFederation,
                UnitKind::LocalIndustryUnion,
                UnitKind::CivilServantsUnion,
                UnitKind::ZoneUnion,
                UnitKind::GrassrootsUnion,
            ])
        );
        let enterprises = below("cdkcn-dong-nai");
        let names: HashSet<_> = enterprises.iter().filter_map(|unit| set(&unit.name)).collect();
        assert_eq!(names.len(), enterprises.len());
        let foreign = enterprises.iter().filter(|u| u.foreign_invested == Patch::Set(true));
        assert_eq!(foreign.count() * 2, enterprises.len());
        for unit in enterprises {
            assert_eq!(unit.sector, Patch::Set(Sector::ProductionBusiness));
        }
    }
}
