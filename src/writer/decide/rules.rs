//! The rules of rules.

use super::decider::{Decider, Decision, refusal};
use crate::auth::permissions::Permission;
use crate::domain::command::{NewCriterion, UpsertRule};
use crate::domain::event::RuleChanged;
use crate::domain::rule::{Criterion, RankBy};
use crate::domain::{EventBody, Outcome, Patch, Problem, Refusal, Rule, UnitId, Version};
use crate::limits::{RULES_MAX, RULES_OWNED_MAX};

impl Decider<'_> {
    pub(super) fn upsert_rule(&mut self, upsert: &UpsertRule) -> Decision {
        let owner = match &upsert.owner {
            Patch::Set(owner) => Some(self.unit(owner, &["owner"])?),
            Patch::Keep | Patch::Clear => None,
        };
        let before = self.structure().rule(&upsert.code).map(|rule| Rule::clone(rule));
        let mut after = match &before {
            Some(before) => before.clone(),
            None => self.begin_rule(upsert, owner)?,
        };
        self.permit(Permission::ManageRules, after.owner, &["owner"])?;
        if let Some(owner) = owner {
            self.permit(Permission::ManageRules, owner, &["owner"])?;
            after.owner = owner;
        }
        if let Patch::Set(name) = &upsert.name {
            after.name.clone_from(name);
        }
        if let Patch::Set(per_cluster) = upsert.per_cluster {
            after.per_cluster = per_cluster;
        }
        if let Patch::Set(rank_by) = upsert.rank_by {
            after.rank_by = rank_by;
        }
        after.kinds = list(&upsert.kinds, after.kinds);
        after.grades = list(&upsert.grades, after.grades);
        // Ranks are 1 and more.
        let top = after.top.and_then(|top| i32::try_from(top).ok());
        after.top = upsert.top.apply(top).map(i32::unsigned_abs);
        match &upsert.criteria {
            Patch::Keep => {}
            Patch::Clear => after.criteria.clear(),
            Patch::Set(criteria) => after.criteria = self.criteria(criteria)?,
        }
        self.check_room_for_rule(before.as_ref(), &after)?;
        let is_new = before.as_ref() != Some(&after);
        let board = self.batch.counts().expect("the command rests on confirmations");
        if is_new && board.confirmations().has_rule(&after.code) {
            return Err(refusal(Problem::RuleConfirmed, &["code"]));
        }
        Ok(self.put_rule(before, after))
    }

    /// A rule that is not there yet: by what is submitted, of all together.
    fn begin_rule(&self, upsert: &UpsertRule, owner: Option<UnitId>) -> Result<Rule, Vec<Refusal>> {
        let Patch::Set(name) = upsert.name.clone() else {
            return Err(refusal(Problem::Missing { noun: "rule" }, &["name"]));
        };
        Ok(Rule {
            code: upsert.code.clone(),
            name,
            owner: owner.unwrap_or_else(|| self.structure().root()),
            kinds: Vec::new(),
            per_cluster: false,
            rank_by: RankBy::Submitted,
            top: None,
            criteria: Vec::new(),
            grades: Vec::new(),
            version: Version::ZERO,
        })
    }

    fn criteria(&self, criteria: &[NewCriterion]) -> Result<Vec<Criterion>, Vec<Refusal>> {
        let mut refusals = Vec::new();
        let mut resolved = Vec::with_capacity(criteria.len());
        for (place, criterion) in criteria.iter().enumerate() {
            let path = ["criteria", &place.to_string(), "targetPeriod"];
            let target_period = criterion.target_period.as_ref();
            match target_period.map(|period| self.period(period, &path)).transpose() {
                Ok(target_period) => resolved.push(Criterion {
                    measure: criterion.measure,
                    origin: criterion.origin,
                    target_period,
                    steps: criterion.steps.clone(),
                    required: criterion.required,
                }),
                Err(refused) => refusals.extend(refused),
            }
        }
        if refusals.is_empty() { Ok(resolved) } else { Err(refusals) }
    }

    /// Whether its owner, and the whole, have room for one more.
    fn check_room_for_rule(&self, before: Option<&Rule>, after: &Rule) -> Result<(), Vec<Refusal>> {
        let structure = self.structure();
        if before.is_none() && structure.rule_count() >= RULES_MAX {
            return Err(refusal(Problem::TooManyRules { max: RULES_MAX }, &["code"]));
        }
        let comes = before.is_none_or(|before| before.owner != after.owner);
        if comes && structure.rules_owned(after.owner).len() >= RULES_OWNED_MAX {
            return Err(refusal(Problem::TooManyRulesOwned { max: RULES_OWNED_MAX }, &["owner"]));
        }
        Ok(())
    }

    fn put_rule(&mut self, before: Option<Rule>, mut after: Rule) -> Outcome {
        let code = after.code.clone();
        if before.as_ref() == Some(&after) {
            return Outcome::Rule(code);
        }
        after.version = self.batch.version().next();
        let path = self.structure().path(after.owner);
        let body = EventBody::Rule(RuleChanged { before, after, path });
        let attribution = self.attribution(None);
        let stamp = self.batch.emit(body, attribution, self.tags);
        self.batch.rule_changed(code.clone(), stamp);
        Outcome::Rule(code)
    }
}

/// A list that is replaced as a whole; cleared it is empty.
fn list<T: Clone>(patch: &Patch<Vec<T>>, before: Vec<T>) -> Vec<T> {
    match patch {
        Patch::Keep => before,
        Patch::Clear => Vec::new(),
        Patch::Set(items) => items.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::{Board, Structure};
    use crate::domain::unit::UnitKind;
    use crate::domain::{Actor, Timestamp, Unit, UnitRef};
    use crate::store::LogHead;
    use crate::writer::batch::Batch;
    use crate::writer::tags::Tags;

    fn unit(id: u32) -> Unit {
        Unit {
            id: UnitId(id),
            code: id.to_string(),
            name: id.to_string(),
            kind: UnitKind::GrassrootsUnion,
            parent: (id > 1).then_some(UnitId(1)),
            cluster: None,
            sector: None,
            foreign_invested: false,
            member_count: None,
            closed_on: None,
            placeholder: false,
            deleted: false,
        }
    }

    fn rule(code: String, owner: u32) -> UpsertRule {
        UpsertRule {
            name: Patch::Set(code.clone()),
            code,
            owner: Patch::Set(UnitRef::Id(UnitId(owner))),
            ..UpsertRule::default()
        }
    }

    #[test]
    fn a_unit_owns_so_many_rules_and_all_units_together_so_many() {
        let owners = u32::try_from(RULES_MAX / RULES_OWNED_MAX).unwrap();
        let mut structure = Structure::default();
        (1..=owners + 1).for_each(|id| structure.put_unit(unit(id)));
        let mut batch = Batch::begin(&structure, LogHead::default(), Timestamp(0));
        batch.rest_on(Board::default().snapshot());
        let mut tags = Tags::seeded(1);
        let mut set = |upsert: &UpsertRule| {
            let actor = &Actor::SYSTEM;
            let mut decider =
                Decider { batch: &mut batch, actor, tags: &mut tags, admitted: false };
            decider.upsert_rule(upsert).map_err(|refusals| refusals[0].clone())
        };
        for owner in 1..=owners {
            for number in 0..RULES_OWNED_MAX {
                assert!(set(&rule(format!("{owner}-{number}"), owner)).is_ok(), "{owner} {number}");
            }
        }
        let all = Problem::TooManyRules { max: RULES_MAX }.at(["code"]);
        assert_eq!(set(&rule("one more".to_owned(), owners + 1)), Err(all));
        // One may go to another owner, who has room; nobody takes more.
        let full = Problem::TooManyRulesOwned { max: RULES_OWNED_MAX }.at(["owner"]);
        assert_eq!(set(&rule("1-0".to_owned(), 2)), Err(full.clone()));
        assert!(set(&rule("1-0".to_owned(), owners + 1)).is_ok());
        assert!(set(&rule("1-0".to_owned(), 1)).is_ok());
        assert_eq!(set(&rule("2-0".to_owned(), 1)), Err(full));
        let writes = batch.finish();
        assert_eq!(writes.rules.len(), RULES_MAX);
        assert_eq!(writes.events.len(), RULES_MAX + 2);
    }
}
