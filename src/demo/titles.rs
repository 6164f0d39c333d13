//! Titles of published initiatives (`data/titles.csv`), with variations.

use fastrand::Rng;
use serde::Deserialize;

use super::chance::{chance, pick};
use super::places::rows;
use crate::domain::initiative::InitiativeKind;
use crate::domain::unit::Sector;

const YEARS: [&str; 6] = ["", "", "", " năm 2021", " năm 2022", " giai đoạn 2021 - 2022"];

/// A row of `titles.csv`.
#[derive(Deserialize)]
pub struct Title {
    title_vi: String,
    pub field: String,
}

/// All titles, to be picked by sector and trade.
pub struct Titles(Vec<Title>);

/// Fields in which a unit of the sector has ideas.
const fn fields(sector: Sector) -> &'static [&'static str] {
    match sector {
        Sector::Education => &["education", "education_management"],
        Sector::Health => &["health", "covid_prevention"],
        Sector::PublicAdministration => {
            &["information_technology", "covid_prevention", "environment", "union_work"]
        }
        Sector::Union => &["union_work", "information_technology"],
        Sector::ProductionBusiness => {
            &["production", "production_safety", "power", "transport", "covid_prevention"]
        }
    }
}

/// The fields of a union whose trade is known.
fn fields_of_trade(direct: &str) -> Option<&'static [&'static str]> {
    match direct {
        "cd-than-khoang-san" => Some(&["mining", "production_safety"]),
        "cd-dau-khi" => Some(&["oil_and_gas"]),
        "cd-dien-luc" => Some(&["power", "information_technology"]),
        "cd-hang-hai" | "cd-duong-sat" | "cd-giao-thong-van-tai" => {
            Some(&["transport", "production"])
        }
        _ => None,
    }
}

impl Titles {
    pub fn read() -> Self {
        Self(rows(include_str!("../../data/titles.csv")))
    }

    /// A title that a unit of this sector under this direct unit would choose.
    pub fn pick(&self, direct: &str, sector: Sector, rng: &mut Rng) -> &Title {
        let fields = fields_of_trade(direct).unwrap_or_else(|| fields(sector));
        let fitting: Vec<&Title> =
            self.0.iter().filter(|title| fields.contains(&title.field.as_str())).collect();
        fitting[rng.usize(..fitting.len())]
    }
}

impl Title {
    pub fn kind(&self, rng: &mut Rng) -> InitiativeKind {
        use InitiativeKind::{
            Idea, Management, Operational, Research, Technical, TechnologyApplication,
        };
        let usual = match self.field.as_str() {
            "education" | "health" => [Operational, Operational, Management],
            "education_management" | "union_work" => [Management, Management, Operational],
            "information_technology" => [TechnologyApplication, TechnologyApplication, Technical],
            _ => [Technical, Technical, TechnologyApplication],
        };
        match rng.u32(..100) {
            0..4 => Idea,
            4..8 => Research,
            _ => *pick(rng, &usual),
        }
    }

    /// The title with a place or a year, as people reuse a title.
    pub fn varied(&self, rng: &mut Rng, place: Option<&str>) -> String {
        let place = place.filter(|_| !self.title_vi.contains(" tại ") && chance(rng, 0.7));
        let place = place.map(|place| format!(" tại {place}")).unwrap_or_default();
        let year = if self.title_vi.contains("COVID-19") { "" } else { *pick(rng, &YEARS) };
        format!("{}{place}{year}", self.title_vi)
    }
}
