//! Global ids: opaque, and they carry their type.

use async_graphql::ID;

use crate::domain::target::Part;
use crate::domain::{Day, InitiativeId, PeriodId, TargetKey, UnitId, Version};
use crate::opaque;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GlobalId {
    Unit(UnitId),
    Period(PeriodId),
    /// With the day at whose end the figures are; without one they are those of now.
    Tally(UnitId, PeriodId, Option<Day>),
    /// By the figures of the period's closing of that version.
    KeptTally(UnitId, PeriodId, Version),
    Closing(PeriodId, Version),
    /// With the day at whose end the count is; without one it is that of now. Parts have none.
    Target(TargetKey, Option<Day>),
    Initiative(InitiativeId),
    Token(i64),
    /// The question, as JSON.
    Leaderboard(String),
    /// The question, as JSON.
    Briefing(String),
    /// The code.
    Rule(String),
    /// The period, and the rule's code.
    Assessment(PeriodId, String),
}

impl GlobalId {
    pub fn encode(&self) -> ID {
        let plain = match self {
            Self::Unit(unit) => format!("Unit:{unit}"),
            Self::Period(period) => format!("Period:{period}"),
            Self::Tally(unit, period, None) => format!("Tally:{unit}:{period}"),
            Self::Tally(unit, period, Some(day)) => format!("Tally:{unit}:{period}:{day}"),
            Self::KeptTally(unit, period, version) => format!("Tally:{unit}:{period}:v{version}"),
            Self::Closing(period, version) => format!("Closing:{period}:{version}"),
            Self::Target(key, day) => {
                let TargetKey { unit, period, metric, origin, part } = key;
                let (metric, origin) = (metric.as_str(), origin.as_str());
                let whole = format!("Target:{unit}:{period}:{metric}:{origin}");
                if let Some(day) = day {
                    format!("{whole}:@{day}")
                } else if part.is_whole() {
                    whole
                } else {
                    let group = part.group.map_or("", |group| group.as_str());
                    format!("{whole}:{group}:{}", part.field.as_deref().unwrap_or_default())
                }
            }
            Self::Initiative(id) => format!("Initiative:{id}"),
            Self::Token(id) => format!("Token:{id}"),
            Self::Leaderboard(question) => format!("Leaderboard:{question}"),
            Self::Briefing(question) => format!("Briefing:{question}"),
            Self::Rule(code) => format!("Rule:{code}"),
            Self::Assessment(period, code) => format!("Assessment:{period}:{code}"),
        };
        ID(opaque::encode(plain))
    }

    /// `None` for what is no global id of this server.
    pub fn decode(id: &str) -> Option<Self> {
        let plain = String::from_utf8(opaque::decode(id)?).ok()?;
        let (kind, rest) = plain.split_once(':')?;
        let parts: Vec<&str> = rest.split(':').collect();
        let unit = |text: &str| text.parse().ok().map(UnitId);
        let period = |text: &str| text.parse().ok().map(PeriodId);
        let version = |text: &str| text.parse().ok().map(Version);
        match (kind, parts.as_slice()) {
            ("Unit", [id]) => unit(id).map(Self::Unit),
            ("Period", [id]) => period(id).map(Self::Period),
            ("Tally", [of, during]) => Some(Self::Tally(unit(of)?, period(during)?, None)),
            ("Closing", [of, at]) => Some(Self::Closing(period(of)?, version(at)?)),
            ("Tally", [of, during, at]) if at.starts_with('v') => {
                Some(Self::KeptTally(unit(of)?, period(during)?, version(&at[1..])?))
            }
            ("Tally", [of, during, day]) => {
                Some(Self::Tally(unit(of)?, period(during)?, Some(Day::parse(day).ok()?)))
            }
            ("Target", [of, during, metric, origin, part @ ..]) => {
                // No group begins like that.
                let (part, day) = match part {
                    [day] if day.starts_with('@') => (&[][..], Some(Day::parse(&day[1..]).ok()?)),
                    part => (part, None),
                };
                let key = TargetKey {
                    unit: unit(of)?,
                    period: period(during)?,
                    metric: metric.parse().ok()?,
                    origin: origin.parse().ok()?,
                    part: part_of(part)?,
                };
                Some(Self::Target(key, day))
            }
            ("Initiative", [id]) => id.parse().ok().map(InitiativeId).map(Self::Initiative),
            ("Token", [id]) => id.parse().ok().map(Self::Token),
            ("Leaderboard", _) => Some(Self::Leaderboard(rest.to_owned())),
            ("Briefing", _) => Some(Self::Briefing(rest.to_owned())),
            ("Rule", _) => Some(Self::Rule(rest.to_owned())),
            ("Assessment", [during, ..]) => {
                // A code may have colons in it.
                let (_, code) = rest.split_once(':')?;
                Some(Self::Assessment(period(during)?, code.to_owned()))
            }
            _ => None,
        }
    }
}

/// The part that the end of a target's id names. A field may have colons in it.
fn part_of(parts: &[&str]) -> Option<Part> {
    let Some((&group, field)) = parts.split_first() else { return Some(Part::WHOLE) };
    let field = field.join(":");
    let group = if group.is_empty() { None } else { Some(group.parse().ok()?) };
    let part = Part { group, field: Some(field).filter(|field| !field.is_empty()) };
    // The whole has one id.
    (!part.is_whole()).then_some(part)
}

/// The initiative that an id names; `None` for any other id.
pub fn initiative(id: &ID) -> Option<InitiativeId> {
    match GlobalId::decode(id)? {
        GlobalId::Initiative(id) => Some(id),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::initiative::AuthorGroup;
    use crate::domain::period::Metric;
    use crate::domain::target::TargetOrigin;

    #[test]
    fn ids_come_back() {
        let key = TargetKey {
            unit: UnitId(7),
            period: PeriodId(2),
            metric: Metric::Accepted,
            origin: TargetOrigin::Pledged,
            part: Part::WHOLE,
        };
        let part = |group, field: Option<&str>| {
            let part = Part { group, field: field.map(str::to_owned) };
            GlobalId::Target(TargetKey { part, ..key.clone() }, None)
        };
        for id in [
            GlobalId::Unit(UnitId(1)),
            GlobalId::Period(PeriodId(2)),
            GlobalId::Tally(UnitId(1), PeriodId(2), None),
            GlobalId::Tally(UnitId(1), PeriodId(2), Some(Day(19_143))),
            GlobalId::KeptTally(UnitId(1), PeriodId(2), Version(77)),
            GlobalId::Closing(PeriodId(2), Version(77)),
            part(Some(AuthorGroup::UnionOfficial), None),
            part(None, Some("a:b:")),
            part(Some(AuthorGroup::Other), Some("Cơ khí")),
            GlobalId::Target(key.clone(), None),
            GlobalId::Target(key.clone(), Some(Day(19_143))),
            GlobalId::Initiative(InitiativeId(9_000_000_000)),
            GlobalId::Token(3),
            GlobalId::Leaderboard("{\"a\":1}".to_owned()),
            GlobalId::Briefing("{\"a\":1}".to_owned()),
            GlobalId::Rule("a:b".to_owned()),
            GlobalId::Assessment(PeriodId(3), ":a:b".to_owned()),
        ] {
            assert_eq!(GlobalId::decode(&id.encode()), Some(id));
        }
        for id in ["", "Unit:1", "VW5pdA", "VW5pdDp4", "VW5pdDoxOjI"] {
            assert_eq!(GlobalId::decode(id), None, "{id}");
        }
    }
}
