//! Units, periods and targets in the database.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::error::Error;
use super::rows::{self, Columns, Place, period_columns, target_columns};
use super::tables::{PERIODS, TARGETS, UNITS, json, period_row, target_row, unit_row, wrapped};
use super::transactions::{ReadTx, WriteTx};
use super::tx::{Tx, execute, fetch};
use crate::domain::refusal::Possession;
use crate::domain::{Period, Target, TargetKey, Timestamp, Unit, UnitId, Version};

const TARGET_KEY: [&str; 6] = ["unit_id", "period_id", "metric", "origin", "author_group", "field"];

static UPSERT_UNITS: LazyLock<String> = LazyLock::new(|| UNITS.upsert_json(&["id"], &[]));
static UPSERT_PERIODS: LazyLock<String> = LazyLock::new(|| PERIODS.upsert_json(&["id"], &[]));
static UPSERT_TARGETS: LazyLock<String> = LazyLock::new(|| TARGETS.upsert_json(&TARGET_KEY, &[]));

impl ReadTx {
    /// Every period with its last change, in order of number.
    ///
    /// # Errors
    /// When the database cannot be read, or a row cannot be understood.
    pub async fn periods(&mut self) -> Result<Vec<(Period, Version, Timestamp)>, Error> {
        fetch!(
            &mut self.tx,
            concat!("select ", period_columns!(), " from periods order by id"),
            [],
            rows::period
        )
    }

    /// Every target with its last change, by unit and period.
    ///
    /// # Errors
    /// When the database cannot be read, or a row cannot be understood.
    pub async fn targets(&mut self) -> Result<Vec<(Target, Version)>, Error> {
        fetch!(
            &mut self.tx,
            concat!("select ", target_columns!(), " from targets order by unit_id, period_id"),
            [],
            rows::target
        )
    }

    /// See [`WriteTx::past_possessions`].
    ///
    /// # Errors
    /// When the database cannot be read, or a row cannot be understood.
    pub async fn past_possessions(
        &mut self,
        units: &[UnitId],
    ) -> Result<HashMap<UnitId, Option<Possession>>, Error> {
        past_possessions(&mut self.tx, units).await
    }

    /// The unit of a code, or the root; `None` where there is none.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn unit_id(&mut self, code: Option<&str>) -> Result<Option<UnitId>, Error> {
        let ids = match code {
            Some(code) => {
                fetch!(&mut self.tx, "select id from units where code = $1", [code], unit_id)?
            }
            None => {
                fetch!(&mut self.tx, "select id from units where parent_id is null", [], unit_id)?
            }
        };
        Ok(ids.first().copied())
    }
}

impl WriteTx {
    /// Each of these units, with an initiative or a token if it ever had one.
    ///
    /// # Errors
    /// When the database cannot be read, or a row cannot be understood.
    pub async fn past_possessions(
        &mut self,
        units: &[UnitId],
    ) -> Result<HashMap<UnitId, Option<Possession>>, Error> {
        past_possessions(&mut self.tx, units).await
    }
}

async fn past_possessions(
    tx: &mut Tx,
    units: &[UnitId],
) -> Result<HashMap<UnitId, Option<Possession>>, Error> {
    // The authors of a unit stay its people, also after their initiative was transferred.
    let found = fetch!(
        tx,
        "with asked as materialized (
             select cast(value->>0 as bigint) as id from json_each($1)
         )
         select id, cast(1 as bigint) from asked
         where exists (select 1 from people where unit_id = asked.id)
             or exists (select 1 from initiatives where unit_id = asked.id)
         union all
         select id, cast(0 as bigint) from asked where id in (select unit_id from tokens)",
        [wrapped(units)],
        |row| Ok((unit_id(row)?, Columns::int(row, 1)? == 1))
    )?;
    let mut possessions: HashMap<UnitId, Option<Possession>> =
        units.iter().map(|&unit| (unit, None)).collect();
    possessions.extend(found.into_iter().map(|(unit, is_initiative)| {
        (unit, Some(if is_initiative { Possession::Initiatives } else { Possession::Tokens }))
    }));
    Ok(possessions)
}

/// # Errors
/// When the database does not take them.
pub async fn write_units(tx: &mut Tx, units: &[(Unit, Version, Timestamp)]) -> Result<(), Error> {
    let rows: Vec<_> =
        units.iter().map(|(unit, version, at)| unit_row(unit, *version, *at)).collect();
    if let Some(rows) = json(&rows) {
        execute!(tx, UPSERT_UNITS.as_str(), [rows.as_str()]);
    }
    Ok(())
}

/// # Errors
/// When the database does not take them.
pub async fn write_periods(
    tx: &mut Tx,
    periods: &[(Period, Version, Timestamp)],
) -> Result<(), Error> {
    let rows: Vec<_> =
        periods.iter().map(|(period, version, at)| period_row(period, *version, *at)).collect();
    if let Some(rows) = json(&rows) {
        execute!(tx, UPSERT_PERIODS.as_str(), [rows.as_str()]);
    }
    Ok(())
}

/// Removes targets, then writes targets.
///
/// # Errors
/// When the database does not take them.
///
/// # Panics
/// Never: keys are JSON.
pub async fn write_targets(
    tx: &mut Tx,
    targets: &[(Target, Version)],
    removed: &[TargetKey],
) -> Result<(), Error> {
    if !removed.is_empty() {
        let key = |key: &'_ TargetKey| {
            let group = key.part.group.map_or("", |group| group.as_str());
            let field = key.part.field.clone().unwrap_or_default();
            (key.unit, key.period, key.metric, key.origin, group, field)
        };
        let keys: Vec<_> = removed.iter().map(key).collect();
        let keys = serde_json::to_string(&keys).expect("keys are JSON");
        execute!(
            tx,
            "delete from targets
             where (unit_id, period_id, metric, origin, author_group, field) in (
                select cast(value->>0 as bigint), cast(value->>1 as bigint), value->>2, value->>3,
                    value->>4, value->>5
                from json_each($1))",
            [keys.as_str()]
        );
    }
    let rows: Vec<_> =
        targets.iter().map(|(target, version)| target_row(target, *version)).collect();
    if let Some(rows) = json(&rows) {
        execute!(tx, UPSERT_TARGETS.as_str(), [rows.as_str()]);
    }
    Ok(())
}

fn unit_id(row: &impl Columns) -> Result<UnitId, Error> {
    Place { table: "units", key: &"id" }.unit("id", row.int(0)?)
}
