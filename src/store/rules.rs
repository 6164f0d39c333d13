//! Rules in the database: one row each, whose definition is one JSON.

use std::sync::LazyLock;

use super::error::Error;
use super::rows::{self, rule_columns};
use super::tables::{RULES, json, rule_row};
use super::transactions::ReadTx;
use super::tx::{Tx, execute, fetch};
use crate::domain::{Rule, Timestamp};

static UPSERT_RULES: LazyLock<String> = LazyLock::new(|| RULES.upsert_json(&["code"], &[]));

impl ReadTx {
    /// Every rule with the moment of its last change, in order of code.
    ///
    /// # Errors
    /// When the database cannot be read, or a row cannot be understood.
    pub async fn rules(&mut self) -> Result<Vec<(Rule, Timestamp)>, Error> {
        let sql = concat!("select ", rule_columns!(), " from rules");
        let mut rules = fetch!(&mut self.tx, sql, [], rows::rule)?;
        rules.sort_by(|(a, _), (b, _)| a.code.cmp(&b.code));
        Ok(rules)
    }
}

/// # Errors
/// When the database does not take them.
pub async fn write_rules(tx: &mut Tx, rules: &[(Rule, Timestamp)]) -> Result<(), Error> {
    let rows: Vec<_> = rules.iter().map(|(rule, at)| rule_row(rule, *at)).collect();
    if let Some(rows) = json(&rows) {
        execute!(tx, UPSERT_RULES.as_str(), [rows.as_str()]);
    }
    Ok(())
}
