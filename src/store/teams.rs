//! The teams of a unit's own initiatives: what is counted of each.

use super::error::Error;
use super::rows::{Columns, Place};
use super::transactions::ReadTx;
use super::tx::fetch;
use crate::domain::{InitiativeStatus, Period, PersonId, UnitId};

/// Parts that a sum of benefits is made of, so that no database's numbers are too small for it.
const PART: i128 = 1 << 26;

/// The initiatives of a team that have one status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamCount {
    /// `None` for initiatives without a team.
    pub team: Option<String>,
    pub status: InitiativeStatus,
    pub count: i64,
    /// The sum of the stated benefits, in đồng a year.
    pub benefit_vnd: i128,
}

impl ReadTx {
    /// The counts of the teams of a unit itself in a period, in no order; withdrawn ones are left out.
    ///
    /// # Errors
    /// When the database cannot be read, or a row cannot be understood.
    pub async fn team_counts(
        &mut self,
        unit: UnitId,
        period: &Period,
    ) -> Result<Vec<TeamCount>, Error> {
        self.note_statement();
        let [from, until] = moments(period);
        fetch!(
            &mut self.tx,
            "select team, status, count(*), cast(sum(coalesce(benefit_vnd, 0) / 67108864) as bigint),
                cast(sum(coalesce(benefit_vnd, 0) % 67108864) as bigint)
             from initiatives
             where unit_id = $1 and submitted_at >= $2 and submitted_at < $3 and status <> 'WITHDRAWN'
             group by team, status",
            [i64::from(unit.0), from, until],
            team_count
        )
    }

    /// The people of each team of a unit itself, each once for each of their teams, in no order.
    ///
    /// # Errors
    /// When the database cannot be read, or a row cannot be understood.
    pub async fn team_people(
        &mut self,
        unit: UnitId,
        period: &Period,
    ) -> Result<Vec<(Option<String>, PersonId)>, Error> {
        self.note_statement();
        let [from, until] = moments(period);
        fetch!(
            &mut self.tx,
            "select distinct i.team, a.person_id
             from initiatives i cross join authors a
             where a.initiative_id = i.id and i.unit_id = $1 and i.submitted_at >= $2
                and i.submitted_at < $3 and i.status <> 'WITHDRAWN'",
            [i64::from(unit.0), from, until],
            |row| Ok((Columns::maybe_text(row, 0)?, PersonId(Columns::int(row, 1)?)))
        )
    }
}

/// The first moment of the period and the first behind it.
fn moments(period: &Period) -> [i64; 2] {
    [period.starts_on.start().0, period.ends_on.plus(1).start().0]
}

fn team_count(row: &impl Columns) -> Result<TeamCount, Error> {
    let place = Place { table: "initiatives", key: &"of a team" };
    Ok(TeamCount {
        team: row.maybe_text(0)?,
        status: place.parse("status", row.str(1)?)?,
        count: row.int(2)?,
        benefit_vnd: i128::from(row.int(3)?) * PART + i128::from(row.int(4)?),
    })
}
