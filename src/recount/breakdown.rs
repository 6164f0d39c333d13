//! Breakdowns, counted anew: each initiative by its own properties, or by those of its unit and of the units above.

use std::collections::BTreeMap;

use super::count::{AsOf, Recount, Tally};
use super::index::Index;
use super::states::{Row, State, digest_of_field};
use crate::board::BreakdownRow;
use crate::domain::breakdown::{BreakdownBy, Ownership};
use crate::domain::field::Fields;
use crate::domain::initiative::{AuthorGroup, InitiativeKind, RejectionReason};
use crate::domain::unit::{Sector, UnitKind};
use crate::domain::{InitiativeStatus, Period, PersonId, UnitId};

/// The rows of a breakdown in their order, each with its key.
pub type Rows = Vec<(Option<String>, Tally)>;

impl Recount {
    /// The rows of a unit in a period. People and unions are counted where units are told apart alone.
    pub fn breakdown(
        &self,
        unit: UnitId,
        period: &Period,
        by: BreakdownBy,
        fields: &Fields,
    ) -> Rows {
        let index = Index::of(self);
        let counted = index.counted_at(unit, period);
        index.breakdown(&counted.iter().collect::<Vec<_>>(), by, fields)
    }

    /// The key of a unit's row, where units are told apart.
    fn key_of_unit(&self, unit: UnitId, by: BreakdownBy) -> Option<Option<&'static str>> {
        let mut line = self.climb(unit).filter_map(|unit| self.unit(unit));
        match by {
            BreakdownBy::Sector => {
                Some(line.find_map(|unit| unit.sector).map(|sector| sector.as_str()))
            }
            BreakdownBy::Ownership => Some(Some(if line.any(|unit| unit.foreign_invested) {
                Ownership::ForeignInvested.as_str()
            } else {
                Ownership::Other.as_str()
            })),
            BreakdownBy::UnitKind => Some(line.next().map(|unit| unit.kind.as_str())),
            BreakdownBy::InitiativeKind
            | BreakdownBy::Field
            | BreakdownBy::AuthorGroup
            | BreakdownBy::RejectionReason
            | BreakdownBy::Team => None,
        }
    }
}

/// The numbers of one unit in a period, before they are broken down.
pub(super) struct Counted<'a> {
    pub(super) unit: UnitId,
    states: Vec<&'a Row>,
    /// All of them, its people, and whether it is a union.
    whole: Tally,
}

impl<'a> Index<'a> {
    /// The units that count at a unit in a period, each with its own initiatives.
    pub(super) fn counted_at(&self, unit: UnitId, period: &Period) -> Vec<Counted<'a>> {
        let counts_below = |top: UnitId, of: UnitId| self.recount.climb(of).any(|it| it == top);
        let counted = if counts_below(period.owner, unit) {
            self.below(unit)
        } else if counts_below(unit, period.owner) {
            self.below(period.owner)
        } else {
            Vec::new()
        };
        let of_unit = |unit| {
            let states: Vec<&Row> = self.states(unit, period, AsOf::Now).collect();
            let people_of = |row: &&'a Row| self.recount.states.people_of(row);
            let mut people: Vec<PersonId> = states.iter().flat_map(people_of).copied().collect();
            people.sort_unstable();
            people.dedup();
            let is_union = self.recount.unit(unit).is_some_and(|unit| {
                unit.kind == UnitKind::GrassrootsUnion && unit.closed_on.is_none()
            });
            // The initiatives of its sections are its own as well.
            let submits = |it: &UnitId| self.states(*it, period, AsOf::Now).next().is_some();
            let is_active = is_union && self.below(unit).iter().any(submits);
            let mut whole = Tally {
                participants: i64::try_from(people.len()).expect("people are numbered"),
                grassroots_unions: i64::from(is_union),
                active_grassroots_unions: i64::from(is_active),
                ..Tally::default()
            };
            states.iter().for_each(|row| whole.count(&row.state));
            Counted { unit, states, whole }
        };
        counted.into_iter().map(of_unit).collect()
    }

    /// The rows of what was counted.
    pub(super) fn breakdown(
        &self,
        counted: &[&Counted<'_>],
        by: BreakdownBy,
        fields: &Fields,
    ) -> Rows {
        let digests = digests(fields);
        let mut found: BTreeMap<Option<&str>, Tally> = BTreeMap::new();
        for Counted { unit, states, whole } in counted {
            match self.recount.key_of_unit(*unit, by) {
                Some(key) => found.entry(key).or_default().add(whole),
                None => {
                    for row in states {
                        let key = key_of_state(&row.state, by, &digests);
                        found.entry(key).or_default().count(&row.state);
                    }
                }
            }
        }
        let own = |(key, tally): (Option<&str>, Tally)| (key.map(str::to_owned), tally);
        in_order(by, fields, found.into_iter().map(own).collect())
    }
}

/// A row of values in the order of the contract, then other texts, then what is not known.
pub(super) fn in_order(
    by: BreakdownBy,
    fields: &Fields,
    mut found: BTreeMap<Option<String>, Tally>,
) -> Rows {
    let named: Vec<String> = match by {
        BreakdownBy::Sector => Sector::ALL.iter().map(|it| it.as_str().to_owned()).collect(),
        BreakdownBy::Ownership => Ownership::ALL.iter().map(|it| it.as_str().to_owned()).collect(),
        BreakdownBy::UnitKind => UnitKind::ALL.iter().map(|it| it.as_str().to_owned()).collect(),
        BreakdownBy::InitiativeKind => {
            InitiativeKind::ALL.iter().map(|it| it.as_str().to_owned()).collect()
        }
        BreakdownBy::AuthorGroup => {
            AuthorGroup::ALL.iter().map(|it| it.as_str().to_owned()).collect()
        }
        BreakdownBy::RejectionReason => {
            RejectionReason::ALL.iter().map(|it| it.as_str().to_owned()).collect()
        }
        BreakdownBy::Field => fields.iter().map(|field| field.code.clone()).collect(),
        // The log knows no teams.
        BreakdownBy::Team => Vec::new(),
    };
    let mut take = |key: Option<String>| found.remove(&key).unwrap_or_default();
    let mut rows: Rows =
        named.into_iter().map(|name| (Some(name.clone()), take(Some(name)))).collect();
    let unknown = take(None);
    // The rest has no row of its own.
    rows.extend(found);
    let all_known =
        [BreakdownBy::Ownership, BreakdownBy::UnitKind, BreakdownBy::InitiativeKind].contains(&by);
    if !all_known {
        rows.push((None, unknown));
    }
    rows
}

pub(super) fn key_of_state<'a>(
    state: &State,
    by: BreakdownBy,
    fields: &[(u64, &'a str)],
) -> Option<&'a str> {
    match by {
        BreakdownBy::InitiativeKind => Some(state.kind.as_str()),
        BreakdownBy::AuthorGroup => state.author_group.map(|group| group.as_str()),
        BreakdownBy::RejectionReason => {
            let is_rejected = state.status == InitiativeStatus::Rejected;
            state.rejection_reason.filter(|_| is_rejected).map(|reason| reason.as_str())
        }
        BreakdownBy::Field if state.field == digest_of_field(None) => None,
        BreakdownBy::Field => {
            let listed = fields.iter().find(|(digest, _)| *digest == state.field);
            Some(listed.map_or("*", |(_, code)| *code))
        }
        BreakdownBy::Sector
        | BreakdownBy::Ownership
        | BreakdownBy::UnitKind
        | BreakdownBy::Team => None,
    }
}

/// The listed fields, each with what stands for its code.
pub(super) fn digests(fields: &Fields) -> Vec<(u64, &str)> {
    fields.iter().map(|it| (digest_of_field(Some(&it.code)), &*it.code)).collect()
}

/// The key and the counts of a row: submitted, accepted, pending, returned, rejected; participants and unions; benefit.
pub(super) type Told = (Option<String>, [i64; 5], [i64; 3], i128);

pub(super) fn told(rows: &Rows) -> Vec<Told> {
    let row = |(key, it): &(Option<String>, Tally)| {
        let counts = [it.submitted, it.accepted, it.pending, it.returned, it.rejected];
        let units = [it.participants, it.grassroots_unions, it.active_grassroots_unions];
        (key.clone(), counts, units, it.benefit_vnd)
    };
    rows.iter().map(row).collect()
}

pub(super) fn seen(rows: &[BreakdownRow]) -> Vec<Told> {
    let row = |row: &BreakdownRow| {
        let counts = &row.counts;
        let units = row.units.unwrap_or_default();
        let counted =
            [counts.submitted(), counts.accepted, counts.pending, counts.returned, counts.rejected];
        let of_units =
            [units.participants, units.grassroots_unions, units.active_grassroots_unions];
        let key = row.key.as_deref().map(str::to_owned);
        (key, counted.map(i64::from), of_units.map(i64::from), counts.benefit_vnd.get())
    };
    rows.iter().map(row).collect()
}
