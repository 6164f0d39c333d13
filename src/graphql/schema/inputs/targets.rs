//! Changes of targets.

use async_graphql::{InputObject, OneofObject};

use super::{PeriodRef, UnitRef};
use crate::domain::target::Part;
use crate::domain::{Command, command};
use crate::graphql::schema::enums::{AuthorGroup, TargetMetric, TargetOrigin};

/// Targets of one period and metric to set, all or none (giao chỉ tiêu).
#[derive(InputObject)]
pub struct SetTargetsInput {
    /// The period of the targets (đợt thi đua).
    period: PeriodRef,
    /// The count that the goals are about; the period's own metric by default (chỉ số).
    metric: Option<TargetMetric>,
    /// The unit that sets the goals: the one above (ASSIGNED) or the unit itself (PLEDGED) (nguồn
    /// chỉ tiêu).
    #[graphql(default_with = "TargetOrigin::Assigned")]
    origin: TargetOrigin,
    /// The number of the document that sets the targets, as written, at most 300 characters (số
    /// công văn).
    document_number: Option<String>,
    /// The goal of each unit, or of each part of it, 1 to 500, none twice (các chỉ tiêu).
    goals: Vec<UnitGoalInput>,
}

/// The goal of one unit, or of a part of it: an author group, a field, or a group in a field (chỉ
/// tiêu của một đơn vị).
#[derive(InputObject)]
pub struct UnitGoalInput {
    /// The unit that is to reach the goal (đơn vị).
    unit: UnitRef,
    /// The author group that the goal is for; all if left out. INVALID with PARTICIPANTS (nhóm tác giả).
    group: Option<AuthorGroup>,
    /// The field of work that the goal is for, by its code where the operator has a list; all if left
    /// out. INVALID with PARTICIPANTS (lĩnh vực).
    field: Option<String>,
    /// The number or the share to reach; null or left out, the unit has no target any more (chỉ
    /// tiêu).
    goal: Option<GoalInput>,
}

/// A goal, given as a number or as a share of the unit's members (chỉ tiêu).
#[derive(OneofObject)]
pub enum GoalInput {
    /// The number to reach, 0 or more (số lượng).
    Count(i32),
    /// The share of the unit's members to reach; the goal is its lower bound of `memberCount`,
    /// rounded up. A unit without `memberCount` is refused with INVALID (tỷ lệ đoàn viên).
    PercentOfMembers(PercentInput),
}

/// A share of a unit's members, in per cent (tỷ lệ phần trăm).
#[derive(InputObject)]
pub struct PercentInput {
    /// The lower bound, more than 0 and at most 100 (từ, phần trăm).
    from: f64,
    /// The upper bound, from `from` to 100; left out if one number was given (đến, phần trăm).
    to: Option<f64>,
}

impl From<SetTargetsInput> for Command {
    fn from(input: SetTargetsInput) -> Self {
        let goal = |goal: UnitGoalInput| command::UnitGoal {
            unit: goal.unit.into(),
            part: Part { group: goal.group.map(Into::into), field: goal.field },
            goal: goal.goal.map(|goal| match goal {
                GoalInput::Count(count) => command::Goal::Count(count),
                GoalInput::PercentOfMembers(percent) => {
                    command::Goal::PercentOfMembers { from: percent.from, to: percent.to }
                }
            }),
        };
        Self::SetTargets(command::SetTargets {
            period: input.period.into(),
            metric: input.metric.map(Into::into),
            origin: input.origin.into(),
            document_number: input.document_number,
            goals: input.goals.into_iter().map(goal).collect(),
        })
    }
}
