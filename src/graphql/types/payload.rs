//! What mutations give back. A refusal that the caller can mend is data.

use async_graphql::SimpleObject;

use super::{Initiative, Period, Target, Unit};
use crate::auth::Language;
use crate::domain::Refusal;
use crate::graphql::enums::ErrorCode;
use crate::graphql::messages;

/// Something wrong that the caller can mend (lỗi nhập liệu).
#[derive(SimpleObject, Debug, Clone)]
pub struct UserError {
    /// What kind of wrong (mã lỗi).
    pub code: ErrorCode,
    /// In words (thông báo).
    pub message: String,
    /// Into the input: ["goals", "17", "goal"] (đường dẫn).
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

/// What came of a change of an initiative (kết quả).
#[derive(SimpleObject, Default)]
pub struct InitiativePayload {
    /// As it is now; null when the change was refused, except for CONFLICT, which shows what the caller did not
    /// know yet (sáng kiến).
    pub initiative: Option<Initiative>,
    /// The key had been used for the same content before: nothing was counted twice (đã gửi trước đó).
    pub replayed: bool,
    /// Why it was refused; empty when it was carried out (lỗi).
    pub errors: Vec<UserError>,
}

/// What came of a change of several initiatives, each for itself (kết quả).
#[derive(SimpleObject, Default)]
pub struct InitiativesPayload {
    /// As they are now, in the order asked; null at each refused place (các sáng kiến).
    pub initiatives: Vec<Option<Initiative>>,
    /// Why they were refused: ["ids", "3"] is the fourth one (lỗi).
    pub errors: Vec<UserError>,
}

/// What came of a change of targets (kết quả).
#[derive(SimpleObject, Default)]
pub struct TargetsPayload {
    /// Those there now, in the order asked (các chỉ tiêu).
    pub targets: Vec<Target>,
    /// Why nothing was set; empty when all was (lỗi).
    pub errors: Vec<UserError>,
}

/// What came of a change of a unit (kết quả).
#[derive(SimpleObject, Default)]
pub struct UnitPayload {
    /// As it is now; null when it was refused (đơn vị).
    pub unit: Option<Unit>,
    /// Why it was refused (lỗi).
    pub errors: Vec<UserError>,
}

/// What came of a change of a period (kết quả).
#[derive(SimpleObject, Default)]
pub struct PeriodPayload {
    /// As it is now; null when it was refused (giai đoạn).
    pub period: Option<Period>,
    /// Why it was refused (lỗi).
    pub errors: Vec<UserError>,
}
