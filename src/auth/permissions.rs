//! The one table of permissions and visibility: for each role, what it may do and see, over which units.
//!
//! | role | sees of initiatives in its subtree | may there |
//! |---|---|---|
//! | nobody, DISPLAY | what the public sees | nothing |
//! | PARTNER | all of them, without contact data, codes of persons and review notes | nothing |
//! | SUBMITTER | all of them, whole | submit, revise, withdraw |
//! | REVIEWER | all of them, whole | review, feature |
//! | OFFICER | all of them, whole | all of these, transfer, units, rules, periods and their closings; targets of the units below |
//! | ADMIN | all of them, whole | everything |
//!
//! The public sees of initiatives the accepted ones without contact data, codes of persons and
//! review notes; of confidential ones the title and what the event feed tells anyway. Units,
//! periods, targets, tallies, boards and events are public.
//!
//! A submitter revises and withdraws what anybody entered in its subtree: the token of a support
//! team is renewed, and what was entered with the old one stays theirs.

use crate::board::Structure;
use crate::domain::initiative::Action;
use crate::domain::{Grant, Initiative, InitiativeStatus, Role, UnitId};

/// A permission to change something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    Submit,
    Revise,
    Withdraw,
    Transfer,
    Review,
    Feature,
    /// A target given by the unit above.
    AssignTargets,
    /// A target that the unit sets itself.
    PledgeTargets,
    ManageUnits,
    CallPeriods,
    FinalizePeriods,
    ManageRules,
}

/// The units over which a grant gives a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The grant's unit and all below it.
    Subtree,
    /// Only those below the grant's unit.
    Below,
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 12] = [
        Self::Submit,
        Self::Revise,
        Self::Withdraw,
        Self::Transfer,
        Self::Review,
        Self::Feature,
        Self::AssignTargets,
        Self::PledgeTargets,
        Self::ManageUnits,
        Self::CallPeriods,
        Self::FinalizePeriods,
        Self::ManageRules,
    ];

    /// The units over which a role gives this permission; `None` when it does not give it.
    pub const fn scope(self, role: Role) -> Option<Scope> {
        use Scope::{Below, Subtree};
        match (role, self) {
            // A unit gets its targets from above.
            (Role::Officer, Self::AssignTargets) => Some(Below),
            (Role::Admin | Role::Officer, _)
            | (Role::Submitter, Self::Submit | Self::Revise | Self::Withdraw)
            | (Role::Reviewer, Self::Review | Self::Feature) => Some(Subtree),
            (Role::Submitter | Role::Reviewer | Role::Partner | Role::Display, _) => None,
        }
    }
}

impl From<Action> for Permission {
    fn from(action: Action) -> Self {
        match action {
            Action::Revise => Self::Revise,
            Action::Withdraw => Self::Withdraw,
            Action::Transfer => Self::Transfer,
            Action::Review => Self::Review,
            Action::Feature => Self::Feature,
        }
    }
}

/// Whether one of the grants gives the permission over the unit.
pub fn may(grants: &[Grant], structure: &Structure, permission: Permission, unit: UnitId) -> bool {
    grants.iter().any(|grant| match permission.scope(grant.role) {
        None => false,
        Some(Scope::Subtree) => structure.is_within(unit, grant.unit),
        Some(Scope::Below) => unit != grant.unit && structure.is_within(unit, grant.unit),
    })
}

/// Whether one of the grants makes its holder staff of the unit: whom the unit's office names others to.
pub fn is_staff(grants: &[Grant], structure: &Structure, unit: UnitId) -> bool {
    grants.iter().any(|grant| match grant.role {
        Role::Admin | Role::Officer | Role::Reviewer | Role::Submitter => {
            structure.is_within(unit, grant.unit)
        }
        Role::Partner | Role::Display => false,
    })
}

/// Whether one of the grants gives the permission over any unit at all.
pub fn may_somewhere(grants: &[Grant], permission: Permission) -> bool {
    grants.iter().any(|grant| permission.scope(grant.role).is_some())
}

/// The part of an initiative that a principal sees; each level shows more than the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Visibility {
    Nothing,
    /// The title of a confidential one, and what its events tell.
    Title,
    /// All but contact data, codes of persons and review notes.
    Content,
    Everything,
}

/// The visibility that a role gives of every initiative in its subtree, whatever its state.
const fn visibility_within(role: Role) -> Visibility {
    match role {
        Role::Admin | Role::Officer | Role::Reviewer | Role::Submitter => Visibility::Everything,
        Role::Partner => Visibility::Content,
        Role::Display => Visibility::Nothing,
    }
}

/// The visibility that everybody has.
const fn public_visibility(status: InitiativeStatus, confidential: bool) -> Visibility {
    match (status, confidential) {
        (InitiativeStatus::Accepted, false) => Visibility::Content,
        (InitiativeStatus::Accepted, true) => Visibility::Title,
        _ => Visibility::Nothing,
    }
}

/// The visibility of an initiative in this state under these grants.
pub fn visibility(
    grants: &[Grant],
    structure: &Structure,
    unit: UnitId,
    status: InitiativeStatus,
    confidential: bool,
) -> Visibility {
    let over = grants.iter().filter(|grant| structure.is_within(unit, grant.unit));
    over.map(|grant| visibility_within(grant.role))
        .max()
        .unwrap_or(Visibility::Nothing)
        .max(public_visibility(status, confidential))
}

/// The topmost units below which these grants let see the content of every initiative.
pub fn seen_subtrees(grants: &[Grant], structure: &Structure) -> Vec<UnitId> {
    let mut tops: Vec<UnitId> = grants
        .iter()
        .filter(|grant| visibility_within(grant.role) >= Visibility::Content)
        .map(|grant| grant.unit)
        .filter(|&unit| structure.get(unit).is_some())
        .collect();
    tops.sort_unstable();
    tops.dedup();
    let all = tops.clone();
    tops.retain(|&unit| !all.iter().any(|&top| top != unit && structure.is_within(unit, top)));
    tops
}

/// The actions that these grants allow on an initiative as it is now.
pub fn actions(grants: &[Grant], structure: &Structure, it: &Initiative) -> Vec<Action> {
    let fits = |action: &Action| {
        action.fits(it.status) && may(grants, structure, (*action).into(), it.unit)
    };
    Action::ALL.iter().copied().filter(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use Permission::{
        AssignTargets, CallPeriods, Feature, FinalizePeriods, ManageRules, ManageUnits,
        PledgeTargets, Review, Revise, Submit, Transfer, Withdraw,
    };

    /// The tree 1 → 2 → 3, 1 → 4.
    fn structure() -> Structure {
        use crate::domain::Unit;
        use crate::domain::unit::UnitKind;
        let mut structure = Structure::default();
        for (id, parent) in [(1, None), (2, Some(1)), (3, Some(2)), (4, Some(1))] {
            structure.put_unit(Unit {
                id: UnitId(id),
                code: id.to_string(),
                name: id.to_string(),
                kind: UnitKind::Section,
                parent: parent.map(UnitId),
                cluster: None,
                sector: None,
                foreign_invested: false,
                member_count: None,
                closed_on: None,
                placeholder: false,
                deleted: false,
            });
        }
        structure
    }

    #[test]
    fn the_table_of_permissions() {
        let structure = structure();
        let everything = Permission::ALL.as_slice();
        let officer = [
            Submit,
            Revise,
            Withdraw,
            Transfer,
            Review,
            Feature,
            PledgeTargets,
            ManageUnits,
            CallPeriods,
            FinalizePeriods,
            ManageRules,
        ];
        for (role, at_unit, below) in [
            (Role::Admin, everything, everything),
            (Role::Officer, &officer, everything),
            (Role::Reviewer, &[Review, Feature], &[Review, Feature]),
            (Role::Submitter, &[Submit, Revise, Withdraw], &[Submit, Revise, Withdraw]),
            (Role::Partner, &[], &[]),
            (Role::Display, &[], &[]),
        ] {
            let grants = [Grant { role, unit: UnitId(2) }];
            for permission in Permission::ALL {
                let may = |unit| may(&grants, &structure, permission, UnitId(unit));
                assert_eq!(may(2), at_unit.contains(&permission), "{role:?} {permission:?}");
                assert_eq!(may(3), below.contains(&permission), "{role:?} {permission:?}");
                assert!(!may(1) && !may(4), "{role:?} {permission:?}");
                assert_eq!(may_somewhere(&grants, permission), below.contains(&permission));
            }
        }
        assert!(Permission::ALL.iter().all(|&permission| !super::may(
            &[],
            &structure,
            permission,
            UnitId(3)
        )));
        assert!(Permission::ALL.contains(&AssignTargets));
    }

    #[test]
    fn the_table_of_visibility() {
        use InitiativeStatus::Accepted;
        let structure = structure();
        for (role, inside) in [
            (Some(Role::Admin), Visibility::Everything),
            (Some(Role::Officer), Visibility::Everything),
            (Some(Role::Reviewer), Visibility::Everything),
            (Some(Role::Submitter), Visibility::Everything),
            (Some(Role::Partner), Visibility::Content),
            (Some(Role::Display), Visibility::Nothing),
            (None, Visibility::Nothing),
        ] {
            let grants: Vec<Grant> =
                role.map(|role| Grant { role, unit: UnitId(2) }).into_iter().collect();
            for &status in InitiativeStatus::ALL {
                for confidential in [false, true] {
                    let public = match (status, confidential) {
                        (Accepted, false) => Visibility::Content,
                        (Accepted, true) => Visibility::Title,
                        _ => Visibility::Nothing,
                    };
                    for unit in 1..=4 {
                        let seen =
                            visibility(&grants, &structure, UnitId(unit), status, confidential);
                        let expected =
                            if matches!(unit, 2 | 3) { inside.max(public) } else { public };
                        assert_eq!(seen, expected, "{role:?} {status:?} {confidential} {unit}");
                    }
                }
            }
        }
    }

    #[test]
    fn subtrees_within_others_are_not_told() {
        let structure = structure();
        let grant = |role, unit| Grant { role, unit: UnitId(unit) };
        let grants = [grant(Role::Partner, 3), grant(Role::Officer, 2), grant(Role::Display, 1)];
        assert_eq!(seen_subtrees(&grants, &structure), [UnitId(2)]);
        let grants = [grant(Role::Partner, 3), grant(Role::Officer, 4)];
        assert_eq!(seen_subtrees(&grants, &structure), [UnitId(3), UnitId(4)]);
    }
}
