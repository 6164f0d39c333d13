//! The rates of prices: the time of each kind of work, in nanoseconds of one core. `benches/price.rs` checks them
//! against the program: they are upper estimates, so that no document costs more time than its price.

/// Nanoseconds that one unit of a price stands for.
pub const UNIT: u64 = 2_000;

/// The time of a field of each kind, by the way in which a document is executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldRates {
    /// A field with a plain value.
    pub leaf: u64,
    /// A field with an object, and each row of a list.
    pub object: u64,
}

/// An execution by itself: its place in the cache, its snapshot, its result.
pub const EXECUTION: u64 = 100_000;
/// Fields that are resolved and written on the ready path.
pub const READY: FieldRates = FieldRates { leaf: 400, object: 700 };
/// Fields that the library resolves, in documents that read tables or select a field twice.
pub const LIBRARY: FieldRates = FieldRates { leaf: 1_500, object: 3_500 };

/// A value within an argument, or 16 bytes of its text, each time that the argument is read.
pub const ARGUMENT: u64 = 150;
/// Making a cursor.
pub const CURSOR: u64 = 1_500;
/// Looking a global id, a code or a rank up.
pub const LOOKUP: u64 = 4_000;

/// A unit that a list examines: its row and its name, neither of which is at hand.
pub const SCANNED_UNIT: u64 = 1_500;
/// A unit whose name a filter of words looks at; all names are one text.
pub const PASSED_UNIT: u64 = 70;
/// A unit that a filter examines by its counts or targets.
pub const COUNTED_UNIT: u64 = 250;
/// A unit that is sorted, times the binary logarithm of the number of units.
pub const SORTED_UNIT: u64 = 120;
/// A unit whose words are compared with the words of a search, for each word.
pub const SEARCHED_WORD: u64 = 25;
/// A unit that a search may find: its rank among the hits.
pub const SEARCHED_UNIT: u64 = 600;
/// A unit that is ranked, with its earlier rank.
pub const RANKED_UNIT: u64 = 2_400;
/// A unit that a rule judges: its rank, its row.
pub const JUDGED_UNIT: u64 = 3_000;
/// A criterion that is looked at for a unit.
pub const JUDGED_CRITERION: u64 = 500;
/// A unit that the sums of a leaderboard look at: its counts, now and before, and its goal.
pub const SUMMED_UNIT: u64 = 700;
/// A unit's changes on one day, added to all units above it.
pub const EARLIER_CHANGE: u64 = 1_250;
/// A unit whose counts a breakdown adds up.
pub const BROKEN_DOWN_UNIT: u64 = 340;
/// An initiative that a breakdown counts.
pub const BROKEN_DOWN_INITIATIVE: u64 = 20;
/// A text of a field whose initiatives a breakdown sorts, or adds to a sum.
pub const BROKEN_DOWN_FIELD: u64 = 40;
/// A unit, or so many histories as take its time, that is counted for the figures of a past day.
pub const PAST_UNIT: u64 = 100;
/// A unit of the figures of a closing, as they are read.
pub const KEPT_UNIT: u64 = 2_000;
/// A child whose target is added up.
pub const DISTRIBUTED_CHILD: u64 = 100;
/// A period that a list examines and sorts.
pub const SCANNED_PERIOD: u64 = 500;

/// A read transaction, for an operation that may read tables.
pub const READING: u64 = 900_000;
/// A statement that reads tables.
pub const STATEMENT: u64 = 600_000;
/// A list that is found on the board, a unit whose initiatives it asks for, and each of these initiatives.
pub const FOUND_LIST: u64 = 3_000;
pub const FOUND_UNIT: u64 = 200;
pub const FOUND_INITIATIVE: u64 = 30;
/// A unit whose initiatives a page reads separately.
pub const PROBED_UNIT: u64 = 25_000;
/// The most that a page takes to scan the tables, however large the subtree.
pub const PAGE_MAX: u64 = 40_000_000;
/// The most that a page takes to scan the whole table, if it searches no words.
pub const WALK_MAX: u64 = 5_000_000;
/// An initiative that a count examines.
pub const COUNTED_INITIATIVE: u64 = 200;
/// An initiative whose age is looked at, if it waits.
pub const AGED_INITIATIVE: u64 = 25;
/// An initiative that is read with its authors.
pub const READ_INITIATIVE: u64 = 25_000;
/// Events that a page of the log skips together.
pub const EVENTS_PASSED: u64 = 1_000;
/// An event that is read from the log.
pub const READ_EVENT: u64 = 4_000;
/// A change: checks, its part of a batch, the events.
pub const COMMAND: u64 = 200_000;
/// Each further value in the input of a change.
pub const COMMAND_PART: u64 = 6_000;

/// Criteria of a rule, steps of a criterion, grades and kinds, on average.
pub const CRITERIA: u64 = 5;
/// Authors of an initiative, on average.
pub const AUTHORS: u64 = 3;
/// Events of an initiative, on average.
pub const HISTORY: u64 = 4;
