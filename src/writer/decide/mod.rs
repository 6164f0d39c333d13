//! The rules: each command against the state of its batch. A refused command leaves no trace.

mod assessments;
mod closings;
mod content_hash;
mod decider;
mod imports;
mod initiatives;
mod periods;
mod rules;
mod targets;
mod units;

use super::batch::Batch;
use super::prepare::Prepared;
use super::tags::Tags;
use crate::domain::{Actor, Command};
use decider::{Decider, Decision};

pub use imports::{ImportOutcome, differences, judge};

/// Carries out one command on the state of its batch, or says why not.
pub fn decide(batch: &mut Batch, prepared: &Prepared, actor: &Actor, tags: &mut Tags) -> Decision {
    let mut decider = Decider { batch, actor, tags, admitted: prepared.admitted };
    match &prepared.command {
        Command::Submit(submit) => decider.submit(submit, &prepared.digest),
        Command::Import(import) => decider.import(import, prepared),
        Command::Review(review) => decider.review(review),
        Command::Revise(revise) => decider.revise(revise),
        Command::Withdraw(withdraw) => decider.withdraw(withdraw),
        Command::Transfer(transfer) => decider.transfer(transfer),
        Command::Feature(feature) => decider.feature(feature),
        Command::SetTargets(targets) => decider.set_targets(targets),
        Command::UpsertUnit(unit) => decider.upsert_unit(unit),
        Command::MoveUnit(movement) => decider.move_unit(movement),
        Command::RenameUnit(rename) => decider.rename_unit(rename),
        Command::DeleteUnit(delete) => decider.delete_unit(delete),
        Command::CloseUnit(close) => decider.close_unit(close),
        Command::ReopenUnit(reopen) => decider.reopen_unit(reopen),
        Command::UpsertPeriod(period) => decider.upsert_period(period),
        Command::FinalizePeriod(finalize) => decider.finalize_period(finalize),
        Command::UpsertRule(rule) => decider.upsert_rule(rule),
        Command::ConfirmAssessment(confirm) => decider.confirm_assessment(confirm),
    }
}
