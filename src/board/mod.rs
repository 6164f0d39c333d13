//! The board: tallies and rankings as a fold over the log.
//!
//! [`Board`] is the one mutable copy, owned by the writer's task; [`Snapshot`] is what everybody else reads:
//! immutable, of one version, cheap to hold. At every version the snapshot equals a count made anew from facts and
//! log.
//!
//! *Must never* read a clock, a table or a socket; only `load` reads, from a transaction that it is given.

mod assessment;
mod benefit;
pub mod books;
mod breakdown;
mod briefing;
mod builder;
mod cache;
pub mod calendar;
mod closings;
mod column;
mod confirmations;
mod day_end;
mod field_texts;
mod figures;
mod fold;
mod histories;
mod initiative_rows;
mod kept;
mod load;
pub mod names;
mod owned_periods;
pub mod pace;
mod paged;
mod pause;
mod posting;
mod ranking;
mod ranking_sums;
mod search;
mod shown;
mod snapshot;
mod stamps;
pub mod structure;
pub mod tally;
mod unions;
mod unit_lists;

pub use assessment::{Basis, Judged};
pub use benefit::BenefitSum;
pub use breakdown::{
    BreakdownRow, Breakdowns, OF_THE_BOARD, OTHER_TEXTS, Texts, UnitCounts, rests_on_units,
};
pub use briefing::{BacklogRow, ClusterSums, Delays, RatioBand, bands, clusters};
pub use builder::BoardBuilder;
pub use closings::{Closings, ClosingsOfLog, closed_by};
pub use confirmations::Confirmations;
pub use day_end::{DayEnd, Standings};
pub use field_texts::{FieldLookup, FieldNumber};
pub use figures::Figures;
pub use fold::{Board, horizon};
pub use histories::Told;
pub use initiative_rows::{InitiativeRow, InitiativeRows, Traits};
pub use kept::{BadFigures, Kept, are_figures_of};
pub use load::{Frame, Refold, load, load_beginning, load_structure, tell};
pub use pace::{Courses, Pace};
pub use pause::{Pause, Stopped, Unhurried};
pub use posting::{Counted, RecentChanges};
pub use ranking::{RankBy, RankedUnit, Ranking, RankingKey};
pub use ranking_sums::{Part, RankingSums};
pub use search::{SearchText, TooManyWords};
pub use snapshot::Snapshot;
pub use structure::{Stamp, Structure};
pub use tally::{Counts, RankValues, Tally};
pub use unit_lists::{
    Direction, OrderBy, Share, UnitFilter, UnitList, UnitListKey, UnitOrder, UnitScope,
};
