//! The payloads of mutations. A refusal that the caller can mend is data.

use async_graphql::SimpleObject;

use super::{Assessment, Closing, Initiative, Period, Rule, Target, Unit};
use crate::auth::Language;
use crate::domain::Refusal;
use crate::graphql::context::ready::{Ready, ReadyList};
use crate::graphql::schema::enums::ErrorCode;
use crate::messages;

/// A refusal that the caller can mend (lỗi nhập liệu).
#[derive(SimpleObject, Debug, Clone)]
pub struct UserError {
    /// The refusal's code, for programs (mã lỗi).
    pub code: ErrorCode,
    /// The refusal in words, in English or Vietnamese by `Accept-Language` (thông báo).
    pub message: String,
    /// The path into the input to the refused value: ["goals", "17", "goal"] (đường dẫn).
    pub path: Vec<String>,
}

impl UserError {
    pub fn of(refusal: Refusal, language: Language) -> Self {
        Self {
            code: refusal.problem.code().into(),
            message: messages::of_problem(&refusal.problem, language),
            path: refusal.path,
        }
    }
}

/// The outcome of a change of one initiative (kết quả).
#[derive(SimpleObject, Default)]
pub struct InitiativePayload {
    /// The initiative after the change; null if the change was refused, except for CONFLICT, which
    /// shows the initiative as it is now if the caller may see it (sáng kiến).
    pub initiative: Option<Ready<Initiative>>,
    /// True if the key was used before for the same content: the initiative of that time is
    /// answered, and nothing counts twice (đã gửi trước đó).
    pub replayed: bool,
    /// The reasons for which the change was refused; empty if it was carried out (lỗi).
    pub errors: ReadyList<UserError>,
}

/// The outcome of one review of several initiatives, each decided for itself (kết quả).
#[derive(SimpleObject, Default)]
pub struct InitiativesPayload {
    /// The initiatives after the review, in the order of `ids`; null at each refused place. Empty
    /// if the input as a whole was refused (các sáng kiến).
    pub initiatives: Vec<Option<Ready<Initiative>>>,
    /// The reasons for which places were refused; the path ["ids", "3"] leads to the fourth id.
    /// Empty if all were carried out (lỗi).
    pub errors: ReadyList<UserError>,
}

/// The outcome of a change of targets (kết quả).
#[derive(SimpleObject, Default)]
pub struct TargetsPayload {
    /// The targets that are there after the change, in the order of `goals`; empty if the change
    /// was refused (các chỉ tiêu).
    pub targets: ReadyList<Target>,
    /// The reasons for which nothing was set; empty if all was set (lỗi).
    pub errors: ReadyList<UserError>,
}

/// The outcome of a change of a unit (kết quả).
#[derive(SimpleObject, Default)]
pub struct UnitPayload {
    /// The unit after the change; null if it was refused (đơn vị).
    pub unit: Option<Ready<Unit>>,
    /// The reasons for which the change was refused; empty if it was carried out (lỗi).
    pub errors: ReadyList<UserError>,
}

/// The outcome of making a period's figures final (kết quả).
#[derive(SimpleObject, Default)]
pub struct ClosingPayload {
    /// The closing that there is now; null if it was refused (chốt số liệu).
    pub closing: Option<Ready<Closing>>,
    /// The reasons for which it was refused; empty if it was carried out (lỗi).
    pub errors: ReadyList<UserError>,
}

/// The outcome of a change of a period (kết quả).
#[derive(SimpleObject, Default)]
pub struct PeriodPayload {
    /// The period after the change; null if it was refused (đợt thi đua).
    pub period: Option<Ready<Period>>,
    /// The reasons for which the change was refused; empty if it was carried out (lỗi).
    pub errors: ReadyList<UserError>,
}

/// The outcome of confirming an assessment, or of taking that back (kết quả).
#[derive(SimpleObject, Default)]
pub struct AssessmentPayload {
    /// The assessment after the change; null if it was refused (kết quả xét).
    pub assessment: Option<Ready<Assessment>>,
    /// The reasons for which the change was refused; empty if it was carried out (lỗi).
    pub errors: ReadyList<UserError>,
}

/// The outcome of a change of a rule (kết quả).
#[derive(SimpleObject, Default)]
pub struct RulePayload {
    /// The rule after the change; null if it was refused (quy tắc).
    pub rule: Option<Ready<Rule>>,
    /// The reasons for which the change was refused; empty if it was carried out (lỗi).
    pub errors: ReadyList<UserError>,
}
