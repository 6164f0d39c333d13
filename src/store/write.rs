//! The one way in which anything changes: facts and events of a batch in one transaction.

use std::sync::LazyLock;

use super::error::Error;
use super::log_head::LogHead;
use super::rules::write_rules;
use super::structure::{write_periods, write_targets, write_units};
use super::tables::{
    INITIATIVES, NewPerson, NewRows, author_rows, event_row, initiative_row, json, person_row,
    wrapped,
};
use super::transactions::WriteTx;
use super::tx::{Tx, execute};
use super::{postgres, sqlite};
use crate::domain::{
    Event, Initiative, InitiativeId, Period, Rule, Target, TargetKey, Timestamp, Unit, Version,
};

/// The changes of a batch; each row once, in its last state.
#[derive(Debug, Clone, Default)]
pub struct Writes {
    pub head: LogHead,
    pub units: Vec<(Unit, Version, Timestamp)>,
    pub periods: Vec<(Period, Version, Timestamp)>,
    pub rules: Vec<(Rule, Timestamp)>,
    pub targets: Vec<(Target, Version)>,
    pub removed_targets: Vec<TargetKey>,
    pub people: Vec<NewPerson>,
    pub initiatives: Vec<Initiative>,
    /// The initiatives among these whose authors are replaced.
    pub reauthored: Vec<InitiativeId>,
    pub events: Vec<Event>,
}

/// The fixed columns are those that never change of an initiative.
static REPLACE_INITIATIVES: LazyLock<String> = LazyLock::new(|| {
    INITIATIVES.upsert_json(&["id"], &["key", "content_hash", "entered_by", "submitted_at"])
});

impl WriteTx {
    /// Writes a batch; the transaction goes on.
    ///
    /// # Errors
    /// If the database does not take the writes; then it has none of them.
    pub async fn write(&mut self, writes: &Writes) -> Result<(), Error> {
        write_units(&mut self.tx, &writes.units).await?;
        write_periods(&mut self.tx, &writes.periods).await?;
        write_rules(&mut self.tx, &writes.rules).await?;
        write_targets(&mut self.tx, &writes.targets, &writes.removed_targets).await?;
        self.write_busy(writes).await?;
        self.head = writes.head;
        Ok(())
    }

    /// People, initiatives with their authors, events and the head of the log.
    async fn write_busy(&mut self, writes: &Writes) -> Result<(), Error> {
        if !writes.reauthored.is_empty() {
            execute!(
                &mut self.tx,
                "delete from authors
                 where initiative_id in (select cast(value->>0 as bigint) from json_each($1))",
                [wrapped(&writes.reauthored)]
            );
        }
        let last = self.head.last_ids.initiative;
        let (new, changed): (Vec<_>, Vec<_>) =
            writes.initiatives.iter().partition(|it| it.id.0 > last);
        let replaced: Vec<_> = changed.iter().copied().map(initiative_row).collect();
        if let Some(replaced) = json(&replaced) {
            execute!(&mut self.tx, REPLACE_INITIATIVES.as_str(), [replaced.as_str()]);
        }
        let reauthored = changed.iter().filter(|it| writes.reauthored.contains(&it.id));
        let rows = NewRows {
            people: writes.people.iter().map(person_row).collect(),
            initiatives: new.iter().copied().map(initiative_row).collect(),
            authors: new.iter().chain(reauthored).copied().flat_map(author_rows).collect(),
            events: writes.events.iter().map(event_row).collect(),
            head: writes.head.values(),
        };
        match &mut self.tx {
            Tx::Sqlite(conn) => sqlite::insert(conn, &rows).await,
            Tx::Postgres(tx) => postgres::insert(tx, &rows).await,
        }
    }
}
