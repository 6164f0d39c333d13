//! Roles, and where they hold. What a role allows is the table in `auth`.

use super::UnitId;
use super::text_enum::text_enum;

text_enum! {
    /// What somebody is trusted with (vai trò), over a unit and all below it.
    pub enum Role {
        Admin = "ADMIN",
        Officer = "OFFICER",
        Reviewer = "REVIEWER",
        Submitter = "SUBMITTER",
        Partner = "PARTNER",
        Display = "DISPLAY",
    }
}

/// A role over a unit and all below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Grant {
    pub role: Role,
    pub unit: UnitId,
}
