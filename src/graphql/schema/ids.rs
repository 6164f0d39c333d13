//! Global ids: opaque, and they carry their type.

use async_graphql::ID;

use crate::domain::{InitiativeId, PeriodId, TargetKey, UnitId};
use crate::opaque;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GlobalId {
    Unit(UnitId),
    Period(PeriodId),
    Tally(UnitId, PeriodId),
    Target(TargetKey),
    Initiative(InitiativeId),
    Token(i64),
    /// The question, as JSON.
    Leaderboard(String),
}

impl GlobalId {
    pub fn encode(&self) -> ID {
        let plain = match self {
            Self::Unit(unit) => format!("Unit:{unit}"),
            Self::Period(period) => format!("Period:{period}"),
            Self::Tally(unit, period) => format!("Tally:{unit}:{period}"),
            Self::Target(key) => format!(
                "Target:{}:{}:{}:{}",
                key.unit,
                key.period,
                key.metric.as_str(),
                key.origin.as_str()
            ),
            Self::Initiative(id) => format!("Initiative:{id}"),
            Self::Token(id) => format!("Token:{id}"),
            Self::Leaderboard(question) => format!("Leaderboard:{question}"),
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
        match (kind, parts.as_slice()) {
            ("Unit", [id]) => unit(id).map(Self::Unit),
            ("Period", [id]) => period(id).map(Self::Period),
            ("Tally", [of, during]) => Some(Self::Tally(unit(of)?, period(during)?)),
            ("Target", [of, during, metric, origin]) => Some(Self::Target(TargetKey {
                unit: unit(of)?,
                period: period(during)?,
                metric: metric.parse().ok()?,
                origin: origin.parse().ok()?,
            })),
            ("Initiative", [id]) => id.parse().ok().map(InitiativeId).map(Self::Initiative),
            ("Token", [id]) => id.parse().ok().map(Self::Token),
            ("Leaderboard", _) => Some(Self::Leaderboard(rest.to_owned())),
            _ => None,
        }
    }
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
    use crate::domain::period::Metric;
    use crate::domain::target::TargetOrigin;

    #[test]
    fn ids_come_back() {
        let key = TargetKey {
            unit: UnitId(7),
            period: PeriodId(2),
            metric: Metric::Accepted,
            origin: TargetOrigin::Pledged,
        };
        for id in [
            GlobalId::Unit(UnitId(1)),
            GlobalId::Period(PeriodId(2)),
            GlobalId::Tally(UnitId(1), PeriodId(2)),
            GlobalId::Target(key),
            GlobalId::Initiative(InitiativeId(9_000_000_000)),
            GlobalId::Token(3),
            GlobalId::Leaderboard("{\"a\":1}".to_owned()),
        ] {
            assert_eq!(GlobalId::decode(&id.encode()), Some(id));
        }
        for id in ["", "Unit:1", "VW5pdA", "VW5pdDp4", "VW5pdDoxOjI"] {
            assert_eq!(GlobalId::decode(id), None, "{id}");
        }
    }
}
