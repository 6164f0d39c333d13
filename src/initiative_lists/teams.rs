//! A unit's counts by teams: those of its own initiatives, which tables tell, and the rest of its tally.

use std::collections::{HashMap, HashSet};

use crate::board::{BenefitSum, BreakdownRow, Counts, OTHER_TEXTS, Snapshot, Texts, UnitCounts};
use crate::domain::{InitiativeStatus, PeriodId, PersonId, UnitId};
use crate::limits::BREAKDOWN_TEXTS_MAX;
use crate::store::{Error, ReadTx, TeamCount};

/// A row for each of the most frequent teams of the unit itself, one for the others, and last one for what names no team
/// or lies below the unit. A person in two teams counts in both. The transaction is of the snapshot's version.
///
/// # Errors
/// When the database cannot be read.
pub async fn by_team(
    tx: &mut ReadTx,
    snapshot: &Snapshot,
    (unit, period): (UnitId, PeriodId),
    texts: Texts,
) -> Result<Vec<BreakdownRow>, Error> {
    let (structure, tally) = (&snapshot.structure, snapshot.cell(unit, period));
    let row = structure.period(period);
    let mut teams = Teams::default();
    if structure.is_within(unit, row.owner) {
        for counted in tx.team_counts(unit, row).await? {
            teams.count(counted);
        }
        for (team, person) in tx.team_people(unit, row).await? {
            teams.people.entry(team).or_default().insert(person);
        }
    }
    let below = structure.children(unit).iter().map(|&child| snapshot.cell(child, period));
    let below: i32 = if structure.is_within(unit, row.owner) {
        below.map(|child| child.rank_values.participants).sum()
    } else {
        tally.rank_values.participants
    };
    Ok(teams.rows(*tally.counts(), below, texts))
}

#[derive(Default)]
struct Teams {
    counts: HashMap<String, Counts>,
    people: HashMap<Option<String>, HashSet<PersonId>>,
}

impl Teams {
    fn count(&mut self, counted: TeamCount) {
        let Some(team) = counted.team else { return };
        let counts = self.counts.entry(team).or_default();
        let count = i32::try_from(counted.count).unwrap_or(i32::MAX);
        match counted.status {
            InitiativeStatus::Accepted => {
                counts.accepted += count;
                let benefit = BenefitSum::of_sum(counted.benefit_vnd);
                counts.benefit_vnd = counts.benefit_vnd.plus(benefit);
            }
            InitiativeStatus::Pending => counts.pending += count,
            InitiativeStatus::Returned => counts.returned += count,
            InitiativeStatus::Rejected => counts.rejected += count,
            InitiativeStatus::Withdrawn => {}
        }
    }

    fn people<'a>(&self, teams: impl IntoIterator<Item = &'a str>) -> i32 {
        let people: HashSet<PersonId> = teams
            .into_iter()
            .filter_map(|team| self.people.get(&Some(team.to_owned())))
            .flatten()
            .copied()
            .collect();
        i32::try_from(people.len()).unwrap_or(i32::MAX)
    }

    /// `all`: the unit's tally. `below`: people below the unit.
    fn rows(&self, all: Counts, below: i32, texts: Texts) -> Vec<BreakdownRow> {
        let mut teams: Vec<(&str, Counts)> =
            self.counts.iter().map(|(team, counts)| (team.as_str(), *counts)).collect();
        teams.sort_unstable_by_key(|&(team, counts)| (-counts.submitted(), team));
        let shown = if texts == Texts::Shown { BREAKDOWN_TEXTS_MAX } else { 0 };
        let others = teams.split_off(shown.min(teams.len()));
        let row = |key: Option<String>, counts: Counts, participants: i32| BreakdownRow {
            key: key.map(Into::into),
            counts,
            units: Some(UnitCounts { participants, ..UnitCounts::default() }),
        };
        let mut rest = all;
        let mut rows = Vec::with_capacity(teams.len() + 2);
        for (team, counts) in teams {
            rest.add(counts.times(-1));
            rows.push(row(Some(team.to_owned()), counts, self.people([team])));
        }
        if !others.is_empty() {
            let mut sum = Counts::default();
            others.iter().for_each(|(_, counts)| sum.add(*counts));
            rest.add(sum.times(-1));
            let people = self.people(others.iter().map(|(team, _)| *team));
            rows.push(row(Some(OTHER_TEXTS.to_owned()), sum, people));
        }
        let of_none = self.people.get(&None).map_or(0, HashSet::len);
        let of_none = i32::try_from(of_none).unwrap_or(i32::MAX);
        rows.push(row(None, rest, of_none + below));
        rows
    }
}
