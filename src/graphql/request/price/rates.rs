//! The time that each kind of work takes, in nanoseconds of one core. `benches/price.rs` holds these against
//! the program: they are upper estimates, so that no document costs more time than its price says.

/// Nanoseconds that one unit of a price stands for.
pub const UNIT: u64 = 2_000;

/// What a field of each kind takes, by the way in which a document is executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldRates {
    /// A field with a plain value.
    pub leaf: u64,
    /// A field with an object, and each row of a list.
    pub object: u64,
}

/// Fields that are resolved and written on the spot.
pub const READY: FieldRates = FieldRates { leaf: 400, object: 700 };
/// Fields that the library resolves, in documents that read tables or select a field twice.
pub const LIBRARY: FieldRates = FieldRates { leaf: 1_500, object: 3_500 };

/// A value within an argument, each time that the argument is read, and 16 bytes of text.
pub const ARGUMENT: u64 = 150;
/// A cursor that is made.
pub const CURSOR: u64 = 1_500;
/// A global id that is looked up.
pub const LOOKUP: u64 = 2_000;

/// A unit that a list looks at.
pub const SCANNED_UNIT: u64 = 60;
/// The same for a filter that reads counts or targets.
pub const COUNTED_UNIT: u64 = 250;
/// A unit that is put in order, times the binary logarithm of the number of units.
pub const SORTED_UNIT: u64 = 65;
/// A unit whose words are compared with the words of a search, for each word.
pub const SEARCHED_WORD: u64 = 25;
/// A unit that a search may find: its place among the hits.
pub const SEARCHED_UNIT: u64 = 430;
/// A unit that is ranked, with its place before.
pub const RANKED_UNIT: u64 = 1_500;
/// What a unit changed on one day, added to all units above it.
pub const EARLIER_CHANGE: u64 = 450;
/// A child whose target is added up.
pub const DISTRIBUTED_CHILD: u64 = 100;
/// A period that a list looks at and puts in order.
pub const SCANNED_PERIOD: u64 = 500;

/// A read transaction, for an operation that may read tables.
pub const READING: u64 = 100_000;
/// A statement that reads tables.
pub const STATEMENT: u64 = 600_000;
/// A unit whose initiatives a page looks for by themselves.
pub const PROBED_UNIT: u64 = 25_000;
/// What the way of a page through the tables takes at most, however large the subtree.
pub const PAGE_MAX: u64 = 40_000_000;
/// The same through the whole table, where no words are looked for.
pub const WALK_MAX: u64 = 5_000_000;
/// An initiative that a count looks at.
pub const COUNTED_INITIATIVE: u64 = 150;
/// An initiative that is read with its authors.
pub const READ_INITIATIVE: u64 = 25_000;
/// Events that a page of the log passes over at once.
pub const EVENTS_PASSED: u64 = 1_000;
/// An event that is read from the log.
pub const READ_EVENT: u64 = 4_000;
/// A change: checks, its share of a batch, the events.
pub const COMMAND: u64 = 200_000;
/// Each further value in the input of a change.
pub const COMMAND_PART: u64 = 6_000;

/// Authors of an initiative, on average.
pub const AUTHORS: u64 = 3;
/// Events of an initiative, on average.
pub const HISTORY: u64 = 4;
