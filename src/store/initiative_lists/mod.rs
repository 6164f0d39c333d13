//! Lists of initiatives in the database: the rows of a page, in their order, and counts.
//!
//! Three access paths give the same page, and [`crate::initiative_lists`] chooses the cheapest. An *index scan* follows
//! an index in the list's order through all units. *Per unit*, the index of units is asked for each unit of a subtree.
//! *Candidates* are few rows that another index names: by words, by version.
//! Statements are put together from constants of this file alone; values are always bound.
//!
//! `queries`, `per_unit` → `statement` → `filter`.

mod filter;
mod per_unit;
mod queries;
mod statement;

pub use filter::{BenefitPart, Filter, KeyRange, ListRow, NO_BENEFIT, Order, Position, UnitProbe};
