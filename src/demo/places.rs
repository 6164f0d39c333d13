//! The known places and unions of the country: `data/admin_units.csv`, `data/direct_units.csv`.

use std::collections::HashMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::chance::spread;

/// A row of `direct_units.csv`.
#[derive(Deserialize)]
pub struct Direct {
    pub code: String,
    pub name_vi: String,
    pub kind: String,
    /// The province's code, for provincial federations.
    pub admin_code: Option<String>,
    pub phase1_target: Option<i32>,
    pub total_target: Option<i32>,
}

/// A row of `admin_units.csv`.
#[derive(Deserialize)]
pub struct Place {
    pub code: String,
    level: String,
    pub r#type: String,
    name_vi: String,
    full_name_vi: String,
    pub parent_code: String,
}

pub struct District {
    pub place: Place,
    pub communes: Vec<Place>,
}

pub struct Country {
    pub direct: Vec<Direct>,
    pub districts: Vec<District>,
}

/// The rows of an embedded file.
pub fn rows<T: DeserializeOwned>(file: &str) -> Vec<T> {
    csv::Reader::from_reader(file.as_bytes())
        .into_deserialize()
        .map(|row| row.expect("the embedded file has these columns"))
        .collect()
}

impl Country {
    pub fn read() -> Self {
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
        let with_communes = |place: Place| {
            let communes = communes.remove(&place.code).unwrap_or_default();
            District { place, communes }
        };
        Self {
            direct: rows(include_str!("../../data/direct_units.csv")),
            districts: districts.into_iter().map(with_communes).collect(),
        }
    }

    pub fn districts_of<'a>(&'a self, unit: &'a Direct) -> impl Iterator<Item = &'a District> {
        let is_of =
            |district: &&District| unit.admin_code.as_ref() == Some(&district.place.parent_code);
        self.districts.iter().filter(is_of)
    }
}

impl Place {
    /// "huyện Long Thành", as inside a name.
    pub fn inside_a_name(&self) -> String {
        let kind = self.full_name_vi.strip_suffix(&self.name_vi).unwrap_or_default();
        format!("{}{}", kind.to_lowercase(), self.name_vi)
    }

    /// "Long Thành"; "quận 1" if the name is a number.
    pub fn short_name(&self) -> String {
        if self.name_vi.parse::<u32>().is_ok() {
            self.inside_a_name()
        } else {
            self.name_vi.clone()
        }
    }
}

impl Direct {
    /// "Đồng Nai"; `None` for a central union.
    pub fn province(&self) -> Option<&str> {
        let name = self.name_vi.strip_prefix("Liên đoàn Lao động ")?;
        name.strip_prefix("tỉnh ").or_else(|| name.strip_prefix("thành phố "))
    }

    /// "dong-nai", as in the unit's code.
    pub fn slug(&self) -> &str {
        self.code.split_once('-').map_or(self.code.as_str(), |(_, slug)| slug)
    }

    /// A made-up head-count. A province has more members than its districts, as enterprises and schools are under it
    /// too.
    pub fn member_count(&self, country: &Country) -> i32 {
        if self.admin_code.is_none() {
            return 1_000 * count(25 + spread(&self.code, 100));
        }
        let in_districts: i32 = country.districts_of(self).map(District::member_count).sum();
        (in_districts * 3 / 2).clamp(40_000, 900_000)
    }
}

impl District {
    pub fn code(&self) -> String {
        format!("ldld-{}", self.place.code)
    }

    /// A made-up head-count: many in wards, some in townships, few in villages.
    pub fn member_count(&self) -> i32 {
        let members_at = |commune: &Place| match commune.r#type.as_str() {
            "ward" => 2_000,
            "township" => 700,
            _ => 300,
        };
        300 + self.communes.iter().map(members_at).sum::<i32>()
    }
}

pub fn count(number: u32) -> i32 {
    i32::try_from(number).expect("counts of the demo are small")
}
