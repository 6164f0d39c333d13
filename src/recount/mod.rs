//! A count made afresh from facts and log, to judge the board by.
//!
//! Written from the words of the schema and sharing nothing with the fold: plain tables and loops,
//! each unit's own numbers first, then up the tree. From the board it takes the questions
//! ([`crate::board::RankingKey`]) and, to judge it, the snapshot. Present numbers come from the
//! facts, earlier ones from the log.
//!
//! It is slow beside the board, and takes more memory; docs/PERFORMANCE.md says how much.

mod audit;
mod breakdown;
mod calendars;
mod count;
mod index;
mod kept;
mod present;
mod ranking;
mod states;
mod verdict;
mod verify;

pub use breakdown::Rows;
pub use count::{AsOf, Recount, Tally};
pub use index::Tallies;
pub use present::judge_present;
pub use ranking::Ranked;
pub use verdict::{Difference, Sides, Verdict};
pub use verify::{Depth, verify};
