//! Roles, and the units where they hold. The table in `auth` lists what a role allows.

use super::UnitId;
use super::text_enum::text_enum;

text_enum! {
    /// The trust that a person has (vai trò), over a unit and its whole subtree.
    pub enum Role {
        Admin = "ADMIN",
        Officer = "OFFICER",
        Reviewer = "REVIEWER",
        Submitter = "SUBMITTER",
        Partner = "PARTNER",
        Display = "DISPLAY",
    }
}

/// A role over a unit and its whole subtree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Grant {
    pub role: Role,
    pub unit: UnitId,
}
