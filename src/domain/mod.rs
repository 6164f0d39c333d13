//! The nouns of the campaign and the rules that need no I/O: plain values and plain functions.
//!
//! Each noun gives its Vietnamese term once, at its type.
//!
//! *Must never* await, read a clock, draw a random number, or know of SQL or GraphQL.

pub mod access;
pub mod assessment;
pub mod breakdown;
pub mod clock;
pub mod closing;
pub mod command;
pub mod confirmation;
pub mod day;
pub mod decimal;
pub mod event;
pub mod field;
pub mod id;
pub mod initiative;
pub mod period;
pub mod refusal;
pub mod release;
pub mod rule;
pub mod target;
pub mod text;
pub(crate) mod text_enum;
pub mod token;
pub mod unit;

pub use access::{Grant, Role};
pub use clock::Clock;
pub use closing::{Closing, ClosingKind};
pub use command::{Actor, Command, Outcome, Patch, PeriodRef, UnitRef};
pub use confirmation::{Confirmable, Confirmation, Confirmed, Goals};
pub use day::{Day, ShortDay, Timestamp};
pub use event::{Event, EventBody};
pub use id::{InitiativeId, Mark, PeriodId, PersonId, UnitId, Version};
pub use initiative::{Author, Initiative, InitiativeStatus};
pub use period::Period;
pub use refusal::{Problem, Refusal};
pub use release::Release;
pub use rule::Rule;
pub use target::{Target, TargetKey};
pub use token::Token;
pub use unit::Unit;
