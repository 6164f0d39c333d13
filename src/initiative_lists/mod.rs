//! Lists of initiatives: pages and counts of what somebody sees.
//!
//! An initiative or a field that the caller does not see is not found, counted or ordered by. Pages follow a position in the
//! order, so each row that was there is shown exactly once while others are added. The size of the database decides only
//! which access path is chosen; every path gives the same rows.
//! Lists of many units are answered together: the number of statements does not grow with them.
//!
//! Beside them: a unit's counts by teams, whose names no board knows.
//!
//! `pages` and `counts` → `plan` → `visibility`, `request`.

mod counts;
mod pages;
mod plan;
mod request;
mod teams;
mod visibility;

pub use counts::counts;
pub use pages::pages;
pub use plan::AccessPath;
pub use request::{CountRequest, Page, PageRequest};
pub use teams::by_team;
