//! The units that enter initiatives, which have workplaces and no unit below them, and the spread of a direct unit's
//! initiatives among them.

use std::collections::HashMap;
use std::ops::Range;

use fastrand::Rng;

use super::chance::spread;
use super::curve::DirectUnit;
use super::trades::trade;
use super::units::ROOT;
use crate::domain::command::UpsertUnit;
use crate::domain::unit::{Sector, UnitKind};
use crate::domain::{Patch, UnitRef};

/// Direct units whose counts stay unknown for long, in initiatives of phase 1. The numbers are made up, so that their
/// ranks are about the printed ones.
const WEIGHTS: [(&str, f64); 17] = [
    ("ldld-nghe-an", 42_000.0),
    ("ldld-ho-chi-minh", 40_000.0),
    ("ldld-ha-tinh", 22_000.0),
    ("ldld-hai-duong", 17_000.0),
    ("ldld-hai-phong", 15_000.0),
    ("ldld-dong-nai", 12_000.0),
    ("ldld-can-tho", 9_500.0),
    ("ldld-hau-giang", 9_000.0),
    ("ldld-lao-cai", 8_500.0),
    ("cd-thong-tin-truyen-thong", 5_000.0),
    ("ldld-quang-ninh", 5_000.0),
    ("cd-cong-thuong", 5_400.0),
    ("ldld-hung-yen", 3_000.0),
    ("cd-than-khoang-san", 3_000.0),
    ("cd-dien-luc", 2_400.0),
    ("cd-nong-nghiep-ptnt", 2_000.0),
    ("cd-hang-hai", 1_000.0),
];
/// The members for each initiative in phase 1, of a unit of which nothing more is known.
const MEMBERS_PER_INITIATIVE: f64 = 35.0;
const MODEST: f64 = 5_000.0;
/// The pull of a school beside that of a commune's offices: two thirds of the public employees who wrote were of schools.
const SCHOOL: f64 = 10.0;

/// A unit that enters initiatives.
pub struct Site {
    pub code: String,
    pub sector: Sector,
    /// The trade that its people write about.
    pub trade: &'static str,
    /// "xã An Phước", as inside a title.
    pub place: Option<String>,
    /// The site's part of the initiatives of its direct unit.
    pub share: f64,
    /// The sites with the same parent, this one among them.
    neighbours: Range<usize>,
}

pub struct Sites {
    pub all: Vec<Site>,
    pub direct: Vec<DirectUnit>,
    /// The sites under each direct unit.
    under: Vec<Range<usize>>,
    /// The running sums of the shares within each direct unit.
    sums: Vec<f64>,
}

impl Sites {
    pub fn new(units: &[UpsertUnit]) -> Self {
        let mut children: HashMap<&str, Vec<&UpsertUnit>> = HashMap::new();
        for unit in units {
            if let Patch::Set(UnitRef::Code(parent)) = &unit.parent {
                children.entry(parent).or_default().push(unit);
            }
        }
        let mut sites =
            Self { all: Vec::new(), direct: Vec::new(), under: Vec::new(), sums: Vec::new() };
        for direct in &children[ROOT] {
            let first = sites.all.len();
            sites.direct.push(DirectUnit { code: direct.code.clone(), weight: weight(direct) });
            sites.add_below(&direct.code, direct, 1.0, &children);
            sites.under.push(first..sites.all.len());
            let mut sum = 0.0;
            for site in &sites.all[first..] {
                sum += site.share;
                sites.sums.push(sum);
            }
        }
        sites
    }

    /// Divides `share` among the units below `unit`, down to those that enter initiatives.
    fn add_below(
        &mut self,
        direct: &str,
        unit: &UpsertUnit,
        share: f64,
        children: &HashMap<&str, Vec<&UpsertUnit>>,
    ) {
        // An island district without communes enters nothing.
        let below: Vec<&UpsertUnit> = children
            .get(unit.code.as_str())
            .into_iter()
            .flatten()
            .copied()
            .filter(|child| is_grassroots(child) || children.contains_key(child.code.as_str()))
            .collect();
        let whole: f64 = below.iter().map(|child| pull(child)).sum();
        let (here, deeper): (Vec<_>, Vec<_>) =
            below.into_iter().partition(|child| is_grassroots(child));
        let neighbours = self.all.len()..self.all.len() + here.len();
        for child in here {
            let place = place(child);
            self.all.push(Site {
                code: child.code.clone(),
                sector: sector(child),
                trade: trade(direct, &child.code, place.as_deref().unwrap_or_default()),
                place,
                share: share * pull(child) / whole,
                neighbours: neighbours.clone(),
            });
        }
        for child in deeper {
            self.add_below(direct, child, share * pull(child) / whole, children);
        }
    }

    /// A random site under a direct unit, by the shares.
    pub fn pick(&self, direct: usize, rng: &mut Rng) -> usize {
        let under = self.under[direct].clone();
        let sums = &self.sums[under.clone()];
        let point = rng.f64() * sums[sums.len() - 1];
        under.start + sums.partition_point(|&sum| sum <= point).min(sums.len() - 1)
    }

    /// Another site with the same parent; `None` if there is no other.
    pub fn neighbour(&self, site: usize, rng: &mut Rng) -> Option<usize> {
        let neighbours = self.all[site].neighbours.clone();
        if neighbours.len() < 2 {
            return None;
        }
        let others = neighbours.len() - 1;
        Some(neighbours.start + (site - neighbours.start + 1 + rng.usize(..others)) % (others + 1))
    }
}

fn is_grassroots(unit: &UpsertUnit) -> bool {
    unit.kind == Patch::Set(UnitKind::GrassrootsUnion)
}

fn sector(unit: &UpsertUnit) -> Sector {
    match unit.sector {
        Patch::Set(sector) => sector,
        Patch::Keep | Patch::Clear => Sector::ProductionBusiness,
    }
}

fn place(unit: &UpsertUnit) -> Option<String> {
    match &unit.name {
        Patch::Set(name) => name.strip_prefix("Công đoàn cơ sở ").map(str::to_owned),
        Patch::Keep | Patch::Clear => None,
    }
}

fn members(unit: &UpsertUnit) -> f64 {
    match unit.member_count {
        Patch::Set(count) => f64::from(count),
        Patch::Keep | Patch::Clear => 1.0,
    }
}

/// The initiatives that a direct unit enters in phase 1, roughly, if nothing else is known of it.
fn weight(unit: &UpsertUnit) -> f64 {
    let known = WEIGHTS.iter().find(|(code, _)| *code == unit.code).map(|(_, weight)| *weight);
    known.unwrap_or_else(|| {
        let zeal = 0.35 + (f64::from(spread(&unit.code, 26)) / 25.0).powi(2) * 2.2;
        let weight = members(unit) / MEMBERS_PER_INITIATIVE * zeal;
        // The largest must not lead, or the reports would have named them.
        weight.min(MODEST) + (weight - MODEST).max(0.0) / 4.0
    })
}

/// The pull of a unit on its parent's initiatives; a few communes and workplaces enter most of them.
fn pull(unit: &UpsertUnit) -> f64 {
    let zeal = f64::from(spread(&unit.code, 10));
    if is_grassroots(unit) {
        let eagerness = if sector(unit) == Sector::Education { SCHOOL } else { 1.0 };
        eagerness * (1.0 + zeal.powi(3) / 20.0)
    } else {
        expected(unit) * (1.0 + zeal / 4.0)
    }
}

/// The expected number for a union that has workplaces below it, relative to the others of its province: by size and
/// sector.
pub fn expected(unit: &UpsertUnit) -> f64 {
    let eagerness = match unit.kind {
        Patch::Set(UnitKind::LocalIndustryUnion) if sector(unit) == Sector::Education => 25.0,
        Patch::Set(UnitKind::LocalIndustryUnion | UnitKind::ZoneUnion) => 6.0,
        Patch::Set(UnitKind::CivilServantsUnion) => 8.0,
        _ => 1.0,
    };
    members(unit) * eagerness
}
