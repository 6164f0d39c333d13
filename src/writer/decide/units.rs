//! The rules of the tree of units.

use super::decider::{Decider, Decision, refusal};
use crate::auth::permissions::Permission;
use crate::domain::command::{CloseUnit, DeleteUnit, MoveUnit, RenameUnit, ReopenUnit, UpsertUnit};
use crate::domain::event::{UnitChanged, UnitEventKind};
use crate::domain::refusal::Possession;
use crate::domain::{EventBody, Outcome, Patch, Problem, Refusal, Unit, UnitId, UnitRef};

impl Decider<'_> {
    pub(super) fn upsert_unit(&mut self, upsert: &UpsertUnit) -> Decision {
        let parent = match &upsert.parent {
            Patch::Set(parent) => Some(self.unit(parent, &["parent"])?),
            Patch::Keep | Patch::Clear => None,
        };
        match self.structure().resolve_unit(&UnitRef::Code(upsert.code.clone())) {
            Some(id) => self.update_unit(id, upsert, parent),
            None => self.create_unit(upsert, parent),
        }
    }

    fn create_unit(&mut self, upsert: &UpsertUnit, parent: Option<UnitId>) -> Decision {
        let missing = |field| refusal(Problem::Missing { noun: "unit" }, &[field]);
        let Patch::Set(name) = upsert.name.clone() else { return Err(missing("name")) };
        let Patch::Set(kind) = upsert.kind else { return Err(missing("kind")) };
        let root = self.structure().root();
        let standing_in = self.structure().unit(root).placeholder;
        match parent {
            Some(parent) => self.permit(Permission::ManageUnits, parent, &["parent"])?,
            None if standing_in => self.permit(Permission::ManageUnits, root, &["code"])?,
            None => {
                let code = self.structure().unit(root).code.clone();
                return Err(refusal(Problem::SecondRoot(code), &["parent"]));
            }
        }
        let before = parent.is_none().then(|| Unit::clone(self.structure().unit(root)));
        let id = if before.is_some() { root } else { self.batch.new_unit() };
        let after = Unit {
            id,
            code: upsert.code.clone(),
            name,
            kind,
            parent,
            cluster: upsert.cluster.clone().apply(None),
            sector: upsert.sector.apply(None),
            foreign_invested: upsert.foreign_invested.apply(None).unwrap_or(false),
            member_count: upsert.member_count.apply(None),
            closed_on: None,
            placeholder: false,
            deleted: false,
        };
        Ok(self.put_unit(UnitEventKind::Upserted, before, after))
    }

    fn update_unit(&mut self, id: UnitId, upsert: &UpsertUnit, parent: Option<UnitId>) -> Decision {
        self.permit(Permission::ManageUnits, id, &["code"])?;
        let before = Unit::clone(self.structure().unit(id));
        let mut after = before.clone();
        after.placeholder = false;
        if let Patch::Set(name) = &upsert.name {
            after.name.clone_from(name);
        }
        if let Patch::Set(kind) = upsert.kind {
            after.kind = kind;
        }
        after.cluster = upsert.cluster.clone().apply(after.cluster);
        after.sector = upsert.sector.apply(after.sector);
        after.foreign_invested =
            upsert.foreign_invested.apply(Some(after.foreign_invested)).unwrap_or(false);
        after.member_count = upsert.member_count.apply(after.member_count);
        if matches!(upsert.parent, Patch::Clear) && before.parent.is_some() {
            let root = self.structure().unit(self.structure().root()).code.clone();
            return Err(refusal(Problem::SecondRoot(root), &["parent"]));
        }
        if let Some(parent) = parent.filter(|&parent| before.parent != Some(parent)) {
            self.check_move(id, parent, "parent")?;
            after.parent = Some(parent);
        }
        let kind = if after.parent == before.parent {
            UnitEventKind::Upserted
        } else {
            UnitEventKind::Moved
        };
        Ok(self.put_unit(kind, Some(before), after))
    }

    pub(super) fn move_unit(&mut self, movement: &MoveUnit) -> Decision {
        let id = self.unit(&movement.unit, &["unit"])?;
        let parent = self.unit(&movement.new_parent, &["newParent"])?;
        self.permit(Permission::ManageUnits, id, &["unit"])?;
        let before = Unit::clone(self.structure().unit(id));
        if before.parent == Some(parent) {
            return Ok(Outcome::Unit(id));
        }
        self.check_move(id, parent, "newParent")?;
        let after = Unit { parent: Some(parent), ..before.clone() };
        Ok(self.put_unit(UnitEventKind::Moved, Some(before), after))
    }

    fn check_move(&self, id: UnitId, parent: UnitId, field: &str) -> Result<(), Vec<Refusal>> {
        self.permit(Permission::ManageUnits, parent, &[field])?;
        if self.structure().is_within(parent, id) {
            return Err(refusal(Problem::UnitCycle, &[field]));
        }
        Ok(())
    }

    pub(super) fn rename_unit(&mut self, rename: &RenameUnit) -> Decision {
        let id = self.unit(&rename.unit, &["unit"])?;
        self.permit(Permission::ManageUnits, id, &["unit"])?;
        let code = UnitRef::Code(rename.code.clone());
        if let Some(other) = self.structure().resolve_unit(&code).filter(|&other| other != id) {
            let name = self.structure().unit(other).name.clone();
            return Err(refusal(Problem::CodeTaken(name), &["code"]));
        }
        let before = Unit::clone(self.structure().unit(id));
        let after = Unit { code: rename.code.clone(), ..before.clone() };
        Ok(self.put_unit(UnitEventKind::Renamed, Some(before), after))
    }

    /// Deletes a unit that has and had nothing, so no count ever rested on it.
    pub(super) fn delete_unit(&mut self, delete: &DeleteUnit) -> Decision {
        let structure = self.structure();
        if structure.resolve_unit(&delete.unit).is_none()
            && let Some(deleted) = structure.deleted_unit(&delete.unit)
        {
            self.permit(Permission::ManageUnits, deleted, &["unit"])?;
            return Ok(Outcome::Unit(deleted));
        }
        let id = self.unit(&delete.unit, &["unit"])?;
        self.permit(Permission::ManageUnits, id, &["unit"])?;
        if id == self.structure().root() {
            return Err(refusal(Problem::RootDeleted, &["unit"]));
        }
        if let Some(possession) = self.possession(id) {
            return Err(refusal(Problem::UnitHas(possession), &["unit"]));
        }
        let before = Unit::clone(self.structure().unit(id));
        let after = Unit { deleted: true, ..before.clone() };
        let reason = delete.reason.as_deref();
        Ok(self.put_unit_for(reason, UnitEventKind::Deleted, Some(before), after))
    }

    fn possession(&self, id: UnitId) -> Option<Possession> {
        let structure = self.structure();
        [
            (!structure.children(id).is_empty(), Possession::Units),
            (!structure.targets(id).is_empty(), Possession::Targets),
            (!structure.periods_owned(id).is_empty(), Possession::Periods),
            (!structure.rules_owned(id).is_empty(), Possession::Rules),
        ]
        .into_iter()
        .find_map(|(has, possession)| has.then_some(possession))
        .or_else(|| self.batch.past_possession(id))
    }

    pub(super) fn close_unit(&mut self, close: &CloseUnit) -> Decision {
        let id = self.unit(&close.unit, &["unit"])?;
        self.permit(Permission::ManageUnits, id, &["unit"])?;
        let today = self.batch.today();
        let on = close.on.unwrap_or(today);
        if on > today {
            return Err(refusal(Problem::FutureDay, &["on"]));
        }
        let before = Unit::clone(self.structure().unit(id));
        if close.on.is_none() && before.closed_on.is_some() {
            return Ok(Outcome::Unit(id));
        }
        let after = Unit { closed_on: Some(on), ..before.clone() };
        Ok(self.put_unit(UnitEventKind::Closed, Some(before), after))
    }

    pub(super) fn reopen_unit(&mut self, reopen: &ReopenUnit) -> Decision {
        let id = self.unit(&reopen.unit, &["unit"])?;
        self.permit(Permission::ManageUnits, id, &["unit"])?;
        let before = Unit::clone(self.structure().unit(id));
        let after = Unit { closed_on: None, ..before.clone() };
        Ok(self.put_unit(UnitEventKind::Reopened, Some(before), after))
    }

    fn put_unit(&mut self, kind: UnitEventKind, before: Option<Unit>, after: Unit) -> Outcome {
        self.put_unit_for(None, kind, before, after)
    }

    fn put_unit_for(
        &mut self,
        reason: Option<&str>,
        kind: UnitEventKind,
        before: Option<Unit>,
        after: Unit,
    ) -> Outcome {
        let id = after.id;
        if before.as_ref() == Some(&after) {
            return Outcome::Unit(id);
        }
        let mut path = after.parent.map(|parent| self.structure().path(parent)).unwrap_or_default();
        path.push(id);
        let moved = before.as_ref().is_some_and(|before| before.parent != after.parent);
        let from_path = moved.then(|| self.structure().path(id));
        let body = EventBody::Unit(kind, UnitChanged { before, after, path, from_path });
        let attribution = self.attribution(reason);
        let stamp = self.batch.emit(body, attribution, self.tags);
        self.batch.unit_changed(id, stamp);
        Outcome::Unit(id)
    }
}
