//! Lists of initiatives: pages and counts of what somebody sees.
//!
//! An initiative or a field that the caller does not see is not found, counted or ordered by. Pages follow a position in the
//! order, so each row that was there is shown exactly once while others are added. The size of the database decides only
//! which access path is chosen; every path gives the same rows. A list without words is mostly found in the rows that the
//! board keeps, without tables.
//! Lists of many units are answered together: the number of statements does not grow with them.
//!
//! Beside them: a unit's counts by teams, whose names no board knows.
//!
//! `pages` → `search`; these and `counts` → `board_scan`, `plan` → `visibility`, `request`.

mod board_scan;
mod counts;
mod pages;
mod plan;
mod request;
mod search;
mod teams;
mod visibility;

pub use counts::{count_of_board, counts};
pub use pages::{page_of_board, pages};
pub use plan::{AccessPath, SearchSteps};
pub use request::{CountRequest, Page, PageRequest};
pub use teams::by_team;
