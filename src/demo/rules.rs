//! The rules of the demo: one of recognition, one of grading. The letters tell the first in words; points are made up.

use super::periods::MARCH_OF_DONG_NAI;
use super::units::ROOT;
use crate::domain::command::{NewCriterion, UpsertRule};
use crate::domain::decimal::Decimal;
use crate::domain::rule::{Grade, Measure, RankBy, Step};
use crate::domain::target::TargetOrigin;
use crate::domain::{Patch, UnitRef};

/// The rules, which rest on units and periods.
pub fn rules() -> Vec<UpsertRule> {
    let cluster = UpsertRule {
        per_cluster: Patch::Set(true),
        top: Patch::Set(1),
        criteria: Patch::Set(vec![criterion(
            Measure::TargetRatio,
            vec![Step { from: Decimal::whole(1), above: true, points: Decimal::ZERO }],
            true,
        )]),
        ..rule("ghi-nhan-quy", "Ghi nhận quý: dẫn đầu cụm và vượt chỉ tiêu", ROOT)
    };
    let reaches = |from: &str, points| Step {
        from: from.parse().expect("it is a decimal"),
        above: false,
        points: Decimal::whole(points),
    };
    let grade = |label: &str, points| Grade {
        label: label.to_owned(),
        points: Decimal::whole(points),
        required: false,
    };
    let province = UpsertRule {
        top: Patch::Set(3),
        criteria: Patch::Set(vec![
            criterion(
                Measure::Submitted,
                vec![reaches("1", 20), reaches("5", 40), reaches("20", 60)],
                true,
            ),
            criterion(Measure::AcceptedShare, vec![reaches("0.5", 20), reaches("0.8", 40)], false),
        ]),
        grades: Patch::Set(vec![grade("Xuất sắc", 90), grade("Tốt", 60), grade("Đạt", 20)]),
        ..rule("xep-loai-dong-nai", "Xếp loại các công đoàn cấp trên cơ sở", MARCH_OF_DONG_NAI.0)
    };
    vec![cluster, province]
}

fn rule(code: &str, name: &str, owner: &str) -> UpsertRule {
    UpsertRule {
        code: code.to_owned(),
        name: Patch::Set(name.to_owned()),
        owner: Patch::Set(UnitRef::Code(owner.to_owned())),
        rank_by: Patch::Set(RankBy::Submitted),
        ..UpsertRule::default()
    }
}

fn criterion(measure: Measure, steps: Vec<Step>, required: bool) -> NewCriterion {
    NewCriterion { measure, origin: TargetOrigin::Assigned, target_period: None, steps, required }
}
