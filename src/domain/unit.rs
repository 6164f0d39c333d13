use serde::{Deserialize, Serialize};

use super::text_enum::text_enum;
use super::{Day, UnitId};

text_enum! {
    /// The kind of organisation that a unit is within the movement.
    pub enum UnitKind {
        Confederation = "CONFEDERATION",
        ProvincialFederation = "PROVINCIAL_FEDERATION",
        IndustryUnion = "INDUSTRY_UNION",
        CorporationUnion = "CORPORATION_UNION",
        DistrictFederation = "DISTRICT_FEDERATION",
        LocalIndustryUnion = "LOCAL_INDUSTRY_UNION",
        ZoneUnion = "ZONE_UNION",
        CivilServantsUnion = "CIVIL_SERVANTS_UNION",
        CommuneUnion = "COMMUNE_UNION",
        IntermediateUnion = "INTERMEDIATE_UNION",
        GrassrootsUnion = "GRASSROOTS_UNION",
        Section = "SECTION",
    }
}

impl UnitKind {
    /// The level of the movement on which units of the kind stand, from 0 at the top to 4. Nothing stands below a unit of a
    /// lower level than its own, except by mistake.
    pub const fn level(self) -> u8 {
        match self {
            Self::Confederation => 0,
            Self::ProvincialFederation | Self::IndustryUnion => 1,
            Self::CorporationUnion
            | Self::DistrictFederation
            | Self::LocalIndustryUnion
            | Self::ZoneUnion
            | Self::CivilServantsUnion
            | Self::CommuneUnion
            | Self::IntermediateUnion => 2,
            Self::GrassrootsUnion => 3,
            Self::Section => 4,
        }
    }
}

text_enum! {
    /// The side of working life that a unit belongs to (khu vực).
    pub enum Sector {
        ProductionBusiness = "PRODUCTION_BUSINESS",
        PublicAdministration = "PUBLIC_ADMINISTRATION",
        Education = "EDUCATION",
        Health = "HEALTH",
        Union = "UNION",
    }
}

/// A unit of the union tree (tổ chức công đoàn).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    pub id: UnitId,
    /// Unique among units; people use it to name the unit.
    pub code: String,
    pub name: String,
    pub kind: UnitKind,
    /// `None` only for the root.
    pub parent: Option<UnitId>,
    /// The emulation cluster (cụm, khối thi đua) among the unit's siblings.
    pub cluster: Option<String>,
    pub sector: Option<Sector>,
    pub foreign_invested: bool,
    /// The head-count as stated, never summed.
    pub member_count: Option<i32>,
    /// A closed unit takes no new initiatives; its past counts stay.
    pub closed_on: Option<Day>,
    /// Whether this is the stand-in root of a fresh database, until a real one takes its place.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub placeholder: bool,
    /// A deleted unit is in no list and named by nobody. It stays for figures that were kept while it was there; its code
    /// is free.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
}

impl Unit {
    pub const fn is_open(&self) -> bool {
        self.closed_on.is_none() && !self.deleted
    }

    pub fn is_open_grassroots(&self) -> bool {
        self.kind == UnitKind::GrassrootsUnion && self.is_open()
    }
}
