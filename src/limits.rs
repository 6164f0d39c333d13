//! The bounds of the program, each with its unit and the consequence of exceeding it.

use std::time::Duration;

/// Days before today whose changes history keeps apart; `since` further back is refused.
pub const HISTORY_DAYS: i32 = 31;

/// Rows of `movers` and of `laggards` of a briefing if the caller does not say.
pub const PAGE_DEFAULT_OF_BRIEFING: i32 = 10;
/// Rows of a page if the caller does not say.
pub const PAGE_DEFAULT: i32 = 20;
/// Rows of a page at most; more is refused.
pub const PAGE_MAX: i32 = 500;

/// Commands waiting for the writer; further ones are refused with UNAVAILABLE.
pub const WRITER_QUEUE: usize = 4_096;
/// Commands committed together at most.
pub const BATCH_MAX: usize = 512;
/// The time between two looks of a node for events of others, for midnight and for a lost wake-up; an SQLite file, which
/// wakes nobody, is looked at twice as often.
pub const TAIL_POLL: Duration = Duration::from_millis(500);
/// How long an SQLite file under a server may not be readable as a database until it is taken for overwritten.
pub const FILE_UNREADABLE: Duration = Duration::from_secs(1);
/// How long a server waits for those who read, before it gives up bringing a log that lost its name into the file.
pub const RESCUE_PATIENCE: Duration = Duration::from_secs(60);
/// How far the time may move against the time that passes before changes are no longer taken.
pub const CLOCK_MOVED: Duration = Duration::from_secs(60);
/// The part of the time that passes, one in so many, by which a clock may go fast or slow for good: about 86 s a day.
pub const CLOCK_SLEW: i64 = 1_000;
/// Days after the last event's at which a server may start; further ahead, or before that day, it takes `--accept-clock`.
pub const CLOCK_AHEAD_DAYS: i32 = 400;
/// How often a node notes that it serves the database.
pub const NODE_NOTED_EVERY: Duration = Duration::from_secs(20);
/// The time without a note after which a node that did not say that it ended counts as gone.
pub const NODE_GONE_AFTER: Duration = Duration::from_secs(60);
/// Nodes that the database remembers, the last ones: 100 bytes each.
pub const NODES_KEPT: i64 = 100;
/// Events read from the log at a time.
pub const LOG_PAGE: i64 = 2_000;
/// Initiatives or events that a start reads as one text: megabytes at most.
pub const LOAD_PAGE: i64 = 2_048;
/// Initiatives whose changes a start reads as one text.
pub const HISTORIES_TOGETHER: usize = 2_048;
/// The time that a round of the writer's task may take before changes count as failing, and the board as behind the log:
/// longer than [`TAIL_POLL`] and a look at the log.
pub const CONDITION_SLACK: Duration = Duration::from_secs(3);
/// The time without a failure, after a commit, from which a fault of the database counts as over.
pub const CONDITION_SETTLED: Duration = Duration::from_secs(5);
/// The time after midnight within which each node checks its board, at a moment of its own.
pub const SELF_CHECK_SPREAD: Duration = Duration::from_secs(2 * 60 * 60);
/// The first wait before a check that could not read the database, or a board that could not be made anew, is tried
/// again; doubled up to the other.
pub const SELF_CHECK_RETRY_FIRST: Duration = Duration::from_secs(1);
pub const SELF_CHECK_RETRY_MAX: Duration = Duration::from_secs(60);
/// The time for which changes may fail before the server is not ready, unless the operator sets another.
pub const UNREADY_AFTER: Duration = Duration::from_secs(10);
/// The first wait before a commit of unknown outcome is examined again; doubled up to [`RETRY_MAX`].
pub const RETRY_FIRST: Duration = Duration::from_millis(50);
pub const RETRY_MAX: Duration = Duration::from_secs(2);
/// Attempts to resolve a commit of unknown outcome before an import gives up: about a minute.
pub const RESOLVE_TRIES: usize = 32;
/// The time that a batch of an import should take: its transaction ends after a batch during which others began to
/// wait. The size of a batch follows from the time of the last one.
pub const IMPORT_BATCH: Duration = Duration::from_millis(40);
/// The longest time that a transaction of an import goes on while nobody waits.
pub const IMPORT_TRANSACTION: Duration = Duration::from_secs(5);
/// Time of an import's transactions after which an SQLite file's log is copied into the file.
pub const IMPORT_CHECKPOINT: Duration = Duration::from_secs(10);
/// New initiatives from which an import drops indexes of lists until its end, in a database without initiatives.
pub const IMPORT_UNINDEXED_FROM: u64 = 5_000;
/// The longest time that an import waits for readers before it drops indexes; if they stay longer, it keeps the
/// indexes.
pub const INDEX_LOCK_WITHIN: Duration = Duration::from_secs(1);
/// Indexes that PostgreSQL makes at a time after an import that dropped them.
pub const INDEXES_AT_ONCE: usize = 2;
/// Initiatives whose words are added to their index in one transaction.
pub const WORDS_TOGETHER: i64 = 50_000;
/// Commands of a batch of an import at first and at most.
pub const IMPORT_BATCH_FIRST: usize = 64;
pub const IMPORT_BATCH_MAX: usize = 8_192;
/// Bad lines of a file that are reported one by one, in all and of each kind of fault; the others are only counted.
pub const BAD_LINES_KEPT: usize = 100;
pub const BAD_LINES_OF_A_KIND: usize = 3;
/// Kinds of faults that are counted by themselves, and texts of cells that are counted for each.
pub const KINDS_OF_FAULTS: usize = 100;
pub const TEXTS_OF_A_FAULT: usize = 50;
/// Changes that a dry run names one by one.
pub const CHANGES_SHOWN: usize = 100;
/// Bytes of one row of a file; a longer one is a quote that was never closed.
pub const ROW_BYTES_MAX: usize = 1024 * 1024;
/// Characters of the name of an import.
pub const IMPORT_NAME_CHARACTERS: usize = 100;
/// Rows of a file of transfers or withdrawals, which are held while it is checked.
pub const CORRECTIONS_MAX: usize = 100_000;
/// Cells of one row of a file.
pub const CELLS_MAX: usize = 1_024;
/// Rows of a file among which the header is looked for; titles may stand above it.
pub const HEADER_WITHIN: usize = 20;
/// Bytes of a workbook once it is unpacked; its texts are held in memory while it is read.
pub const WORKBOOK_BYTES_MAX: u64 = 256 << 20;
/// Rows that are checked together, with one read of the database.
pub const CHECKED_TOGETHER: usize = 1_000;
/// Digests of keys that are sorted in memory, 24 bytes each, before they go to a scratch file.
pub const SORTED_IN_MEMORY: usize = 65_536;
/// Versions, or initiatives, that a prune goes through in one transaction, while others of SQLite wait.
pub const PRUNED_TOGETHER: i64 = 2_000;
/// Rows that a copy of a database writes with one statement.
pub const COPIED_TOGETHER: usize = 1_000;
/// Bytes of texts beyond which fewer rows go together.
pub const BYTES_COPIED_TOGETHER: usize = 16 * 1024 * 1024;
/// Numbers that a restored database leaves out, since the database that was lost may have given them after the backup was
/// made: of units and of periods, of initiatives and of people.
pub const RESTORE_LEAP_STRUCTURE: i64 = 10_000;
pub const RESTORE_LEAP: i64 = 10_000_000;
/// Initiatives of a page of an export.
pub const EXPORT_PAGE: i64 = 1_000;

/// Snapshots kept for queries that read a version from the tables: as many batches may commit between the read of the
/// counter and the search for its snapshot.
pub const SNAPSHOTS_KEPT: usize = 16;
/// Events kept in memory for subscribers; one that is further behind reads the store.
pub const EVENTS_KEPT: usize = 8_192;
/// Fields of work in the operator's list; a longer one is refused. Breakdowns hold a count for each, by author group.
pub const FIELDS_MAX: u16 = 1_000;
/// Texts beside that list that breakdowns tell apart; further ones count together. Each is at most [`NAME_MAX`] letters.
pub const FIELD_TEXTS_MAX: u16 = 16_000;
/// Texts for each of which a breakdown has a row, the most frequent; the others share a row.
pub const BREAKDOWN_TEXTS_MAX: usize = 100;
/// Bytes of cached rankings, earlier rank values and lists of units together. Beyond it the least used are dropped and
/// computed again on demand; a cursor that leads into a list by a dropped count is refused.
pub const BOARD_CACHE_BYTES: u64 = 128 * 1024 * 1024;
/// Entries for which that cache makes room at its start; no bound.
pub const BOARD_CACHE_ENTRIES: usize = 4_096;
/// The most bytes of a closing's figures, unpacked. A country of 130,000 units takes a tenth of it.
pub const KEPT_BYTES_MAX: u64 = 128 * 1024 * 1024;
/// Texts of fields of which a closing keeps a row for each unit, the most frequent; the others share a row. The first is as many as a
/// breakdown shows, with a list of fields that is as long as it may be; the next is taken where there would be too many rows together.
pub const KEPT_TEXTS: [usize; 4] = [FIELDS_MAX as usize + BREAKDOWN_TEXTS_MAX, 100, 10, 0];
/// Rows of texts of all units together, a few hundred bytes each.
pub const KEPT_TEXT_ROWS_MAX: usize = 200_000;
/// Confirmed assessments of all rules and periods together, and goals that the event of one may hold.
pub const CONFIRMED_MAX: usize = 10_000;
pub const CONFIRMED_GOALS_MAX: usize = 200_000;
/// Closings of one period that an officer may add to; each keeps its figures for good.
pub const CLOSINGS_OF_PERIOD_MAX: usize = 100;
/// Midnights and closings by officers whose figures may wait to be written; those of more are made from the log.
pub const CLOSINGS_WAITING: usize = 64;
/// Figures of closings that are written in one transaction: so many, or of so many bytes together, and one at least.
pub const KEPT_TOGETHER: usize = 500;
pub const KEPT_BYTES_TOGETHER: usize = 1024 * 1024;
/// Words of a text to search units by; more are refused.
pub const SEARCH_WORDS_MAX: usize = 30;
/// The longest time that a query waits for a version that its client asked for; then UNAVAILABLE.
pub const MIN_VERSION_WAIT: Duration = Duration::from_secs(2);
/// The longest time for which a reader of tables holds its connection while its node comes to the version of the tables;
/// then it waits without one.
pub const READER_HOLDS: Duration = Duration::from_millis(50);
/// The wait that a client is asked for before it tries again.
pub const RETRY_AFTER_SECS: u64 = 1;
/// Events that an event feed examines at a time, and matching events that it holds ready to be sent.
pub const FEED_PAGE: usize = 500;
pub const FEED_READY: usize = 16;
/// Bytes of parts of the log that event feeds read lately, cached for other feeds of the same parts.
pub const FEED_PAGES_BYTES: u64 = 16 * 1024 * 1024;
/// Events a second that the feeds of one client (one token, else one address) examine in the part of the log that is
/// no longer in memory; beyond it they wait.
pub const FEED_EVENTS_A_SECOND: u32 = 20_000;
/// The CPU time that reading and examining such an event takes from the budget of channels, roughly.
pub const FEED_EVENT_COST: Duration = Duration::from_micros(3);
/// Clients whose reading of the log is paced at a time; beyond it the clocks of idle clients are forgotten.
pub const FEED_CLIENTS_PACED: usize = 1_000;
/// Least time between two polls of an event feed.
pub const EVENTS_LOOK_EVERY: Duration = Duration::from_millis(50);
/// Least time between two messages of a state feed.
pub const FEED_WINDOW: Duration = Duration::from_millis(250);
/// Open channels of state feeds: different operations that are followed. A further one is refused with UNAVAILABLE.
pub const CHANNELS_MAX: usize = 10_000;
/// Open channels that one client opened: one token, else one address. A further one is refused with RATE_LIMITED;
/// every client may subscribe to an open channel.
pub const CHANNELS_PER_ADDRESS: usize = 2_000;
/// Bytes of all followed operations, in all and for one client: the states that rooms show, which count for the client
/// that opened the room, and the documents, each once, and variables of the operations. An operation that would begin
/// beyond them is refused with UNAVAILABLE or RATE_LIMITED; a room whose state would grow beyond all of them goes on
/// showing its last state, and tries again after [`CHANNELS_RETRY`].
pub const CHANNELS_BYTES: usize = 64 * 1024 * 1024;
pub const CHANNELS_BYTES_PER_CLIENT: usize = 24 * 1024 * 1024;
/// The part of all cores' time that rooms have for their executions. Beyond it their windows widen.
pub const CHANNELS_SHARE: f64 = 0.5;
/// Work that channels may do in a burst before the CPU budget delays them.
pub const CHANNELS_AHEAD: Duration = Duration::from_millis(50);
/// The most that the CPU budget delays channels: work beyond that is forgiven, since the first clients with much work
/// would otherwise make all others wait for it.
pub const CHANNELS_BEHIND: Duration = Duration::from_millis(300);
/// The expected CPU time of a channel's first execution.
pub const CHANNEL_COST_FIRST: Duration = Duration::from_millis(1);
/// Subscribers of a channel that are compared to choose the client in whose turn it is executed.
pub const CHANNEL_CLIENTS_LOOKED_AT: usize = 16;
/// The part of one core's time for finding the channels that a change concerns.
pub const CHANNELS_WATCH_SHARE: f64 = 0.05;
/// The time that a room waits for a database that is gone, or for memory, before it tries again.
pub const CHANNELS_RETRY: Duration = Duration::from_secs(1);

/// Differences that a recount reports one by one; the others are only counted.
pub const DIFFERENCES_REPORTED: usize = 100;

/// Nested lists and objects of JSON: of a body, of a parameter of the address (400 beyond), and of a message over a
/// socket (4400 beyond).
pub const JSON_NESTING_MAX: usize = 120;
/// Bytes of a request's body, with 413 beyond.
pub const BODY_MAX: usize = 256 * 1024;
/// Bytes of a too large body or message that are read and discarded before the response, so that a client that writes
/// first receives it; and the time for that. The connection is closed beyond.
pub const DISCARD_MAX: usize = 8 * 1024 * 1024;
pub const DISCARD_WITHIN: Duration = Duration::from_secs(2);
/// The longest time that a body may take to come, with 408 beyond.
pub const BODY_WITHIN: Duration = Duration::from_secs(60);
/// Bytes of requests' bodies that are read or being answered, in all, and of those from one client; a further one is refused
/// with 503 or 429. Bodies that come in one piece of at most [`BODY_SMALL`] are not counted: each connection has room
/// to read that much.
pub const BODIES_BYTES: usize = 64 * 1024 * 1024;
pub const BODIES_BYTES_PER_CLIENT: usize = BODIES_BYTES / 4;
pub const BODY_SMALL: usize = 8 * 1024;
/// Characters of a request's id that a caller may give; a longer one is replaced.
pub const REQUEST_ID_MAX: usize = 64;
/// Characters of a path, or of an operation's name, that traces hold.
pub const TRACE_NAME_MAX: usize = 100;
/// The longest time that the process waits at its end for the last traces to be sent.
pub const TRACES_FLUSHED_WITHIN: Duration = Duration::from_secs(3);
/// The interval at which the log may report that a page's origin was refused; and bytes of that origin.
pub const ORIGIN_LOGGED_EVERY: Duration = Duration::from_secs(10);
pub const ORIGIN_LOGGED_MAX: usize = 200;
/// The time for which a browser may cache the response about pages of other origins.
pub const PREFLIGHT_KEPT: Duration = Duration::from_secs(2 * 60 * 60);
/// The part, one in so many, that is kept for clients with a good token: of connections, of sockets and streams, of
/// rooms, and of the bytes of bodies and of followed operations.
pub const KEPT_FOR_TOKENS: usize = 4;
/// From one in so many of those taken, places are scarce; then one client (for rooms and bytes a token, else an address; for
/// the others an address) has at most one in so many of all, and gets no more with RATE_LIMITED.
pub const CROWDED_FROM: usize = 2;
pub const CROWDED_SHARE: usize = 10;
/// The longest time that a connection of those reserved for tokens may take to send the head of a request.
pub const RESERVED_HEAD_WITHIN: Duration = Duration::from_secs(5);
/// Sockets open at a time, if there are files for them; a further one is refused with 503.
pub const SOCKETS_MAX: usize = 20_000;
/// Connections that the system queues until they are accepted, if it queues so many (`net.core.somaxconn`); it drops
/// others, whose clients try again after a second or more.
pub const LISTEN_QUEUE: i32 = 4_096;
/// Connections open at a time, of whatever kind; a further one is refused with 503.
pub const CONNECTIONS_MAX: usize = 25_000;
/// The longest time that a connection may take to send the head of a request, at first and after each response; then
/// it is closed. Longer than proxies keep idle connections (60 s), so that proxies close theirs themselves.
pub const HEAD_WITHIN: Duration = Duration::from_secs(75);
/// Files of the process that are not for connections: the database's, logs, refusals.
pub const FILES_RESERVE: usize = 256;
/// Connections too many that get a response at a time; others wait for it in the system's queue.
pub const REFUSALS_MAX: usize = 128;
/// The longest time that such a connection may take to send its request, and then to read its response.
pub const REFUSED_WITHIN: Duration = Duration::from_secs(1);
/// Sockets open at a time from one address, of IPv6 from one network of 64 bits, if the operator does not say; a
/// further one is refused with 429.
pub const SOCKETS_PER_ADDRESS: usize = 1_000;
/// Messages that a client may send over a socket: a second in the long run, and in a burst. More end it with 1008.
pub const SOCKET_MESSAGES_A_SECOND: u32 = 50;
pub const SOCKET_MESSAGES_AT_ONCE: u32 = 500;
/// Time between two sockets that are ended when the server stops, so that their clients do not come back together; and
/// the time within which all are ended.
pub const DRAIN_EACH: Duration = Duration::from_millis(2);
pub const DRAIN_SPREAD_MAX: Duration = Duration::from_secs(15);
/// The longest time that requests under way, and sockets that were sent their end, may take after that.
pub const DRAIN_REST: Duration = Duration::from_secs(10);
/// The longest time that a stop may take in all, and the last part of it, which is for the writer and the database alone.
pub const STOP_WITHIN: Duration = Duration::from_secs(25);
pub const STOP_REST: Duration = Duration::from_secs(5);
/// The last part of that, in which the process itself ends.
pub const EXIT_WITHIN: Duration = Duration::from_millis(500);
/// The longest time for which a client may leave sent data unread before the system ends the connection.
pub const UNREAD_MAX: Duration = Duration::from_secs(30);
/// Bytes of unsent data that the kernel buffers for one client, roughly.
pub const UNSENT_MAX: u32 = 128 * 1024;
/// Bytes of a message that comes over a socket, as of a body; a larger one ends it with 1009.
pub const MESSAGE_MAX: usize = BODY_MAX;
/// Bytes of an operation's id over a socket; a longer one ends it with 4400.
pub const OPERATION_ID_MAX: usize = 256;
/// Operations that run on one socket; a further one gets an error.
pub const SOCKET_OPERATIONS_MAX: usize = 64;
/// Bytes of memory that documents and variables of the operations on one socket take, roughly; a further operation
/// gets an error. With the memory of the socket itself it stays below a megabyte.
pub const SOCKET_HELD_MAX: usize = 768 * 1024;
/// The longest time that a socket may take to send `connection_init`; then it ends with 4408.
pub const SOCKET_INIT_WITHIN: Duration = Duration::from_secs(10);
/// The interval at which a client is sent a ping, with the newest version. A client that sends nothing between two
/// pings is cut off with 3008.
pub const SOCKET_PING_EVERY: Duration = Duration::from_secs(20);
/// The longest time that a message may take to be sent; a client that does not read for so long is cut off.
pub const SOCKET_WRITE_WITHIN: Duration = Duration::from_secs(10);
/// The interval at which a stream over HTTP sends a sign of life, if it has nothing else to send.
pub const STREAM_ALIVE_EVERY: Duration = Duration::from_secs(12);
/// Bytes set aside for each open socket to read into; a longer message makes it larger for a while.
pub const SOCKET_READ_BUFFER: usize = 2 * 1024;
/// Fields that one execution resolves, bytes that it writes, and rows of units that it scans, ranks or sorts; at the
/// next one it stops with TOO_COSTLY.
pub const EXECUTION_FIELDS_MAX: u64 = 200_000;
pub const EXECUTION_BYTES_MAX: u64 = 16 * 1024 * 1024;
pub const EXECUTION_SCANNED_MAX: u64 = 5_000_000;
/// The same for the beginning of an execution on a thread that serves sockets: some milliseconds. Beyond it the
/// execution goes on upon a thread for executions.
pub const INLINE_FIELDS_MAX: u64 = 10_000;
pub const INLINE_BYTES_MAX: u64 = 1024 * 1024;
pub const INLINE_SCANNED_MAX: u64 = 10_000;
/// Rows from which a scan is large: before it, an execution ends its turn.
pub const SCAN_LARGE: usize = 5_000;
/// The time for which an execution has its thread while others wait; then they have their turn. On a thread that
/// serves sockets: the longest time that an execution may take there.
pub const EXECUTION_SLICE: Duration = Duration::from_millis(5);
/// The part of all cores' time for executions on threads that serve sockets, and how far they may be ahead of it.
/// Beyond it executions begin on the threads for executions.
pub const INLINE_SHARE: f64 = 0.5;
pub const INLINE_AHEAD: Duration = Duration::from_millis(50);
/// Executions that wait for a thread, in all and of one client; a further one is refused with UNAVAILABLE or
/// RATE_LIMITED.
pub const EXECUTIONS_QUEUED_MAX: usize = 1_024;
pub const EXECUTIONS_QUEUED_PER_CLIENT: usize = 256;
/// Executions that have begun on these threads and are not done: each may hold an unfinished result. Further ones
/// wait.
pub const EXECUTIONS_STARTED_MAX: usize = 16;
/// Clients whose use of time is remembered; beyond it clients without waiting work are forgotten.
pub const CLIENTS_CLOCKED: usize = 4_096;
/// Bytes from which a result is compressed, and its tag made, on a thread for executions.
pub const COMPRESS_INLINE_MAX: usize = 128 * 1024;
/// Parsed documents in the cache, and bytes of their texts and trees. The least recently used go first.
pub const DOCUMENTS_KEPT: usize = 2_000;
pub const DOCUMENTS_BYTES: u64 = 32 * 1024 * 1024;
/// Shards of that cache, each with its own lock. A document of [`DOCUMENT_TOKENS_MAX`] takes about 3 MB, which must
/// fit a shard.
pub const DOCUMENTS_SHARDS: usize = 4;
/// Results in the cache, their bytes in all, and the bytes of one.
pub const RESULTS_KEPT: usize = 10_000;
pub const RESULTS_BYTES: u64 = 64 * 1024 * 1024;
pub const RESULT_MAX: usize = 4 * 1024 * 1024;
/// Shards of the result cache, each with its own lock and an equal part of the bytes; a result must fit one.
pub const RESULTS_SHARDS: usize = 4;
/// Counts of lists that are kept, their bytes in all, and the shards that hold them.
pub const LIST_COUNTS: usize = 10_000;
pub const LIST_COUNTS_BYTES: u64 = 4 * 1024 * 1024;
pub const LIST_COUNTS_SHARDS: usize = 4;
/// Bytes that a thread keeps to write the next result into.
pub const SCRATCH_MAX: usize = 1024 * 1024;
/// Bytes from which a result is worth compressing.
pub const COMPRESS_MIN: usize = 1_024;
/// Tokens of a document: names, numbers, texts, punctuation. Parsing that many takes milliseconds.
pub const DOCUMENT_TOKENS_MAX: usize = 10_000;
/// Faults of a document that its client is sent; further ones are left out.
pub const VALIDATION_ERRORS_MAX: usize = 20;
/// Characters of an error's message; the rest is left out.
pub const ERROR_TEXT_MAX: usize = 500;
/// Nested brackets of a document, of whatever kind, with its fragments spread out; refused with TOO_COSTLY beyond. No
/// walk of a document recurses deeper.
pub const DOCUMENT_NESTING_MAX: usize = 200;
/// The price that a document may have, in units of 2 µs of one core; a dearer one is refused with TOO_COSTLY. The
/// bounds are for clients without a token, tokens with the role PARTNER, and other tokens. Operators may set others.
pub const COST_DOCUMENT_ANONYMOUS: u32 = 300_000;
pub const COST_DOCUMENT_PARTNER: u32 = 600_000;
pub const COST_DOCUMENT_OTHERS: u32 = 1_000_000;
/// The units that a client may spend in a minute, in a burst or evenly: an address without a token, or a token. Beyond
/// it a request is refused with RATE_LIMITED, until enough of the budget has come back.
pub const COST_MINUTE_ANONYMOUS: u32 = 10_000_000;
pub const COST_MINUTE_PARTNER: u32 = 20_000_000;
pub const COST_MINUTE_OTHERS: u32 = 30_000_000;
/// The greatest value that an operator may set for any of these.
pub const COST_MAX: u32 = 1_000_000_000;
/// Clients of each kind whose budgets are remembered, about 100 bytes each; further ones share one budget.
pub const CLIENTS_BUDGETED: usize = 100_000;
/// The interval at which full budgets are forgotten, once there are that many.
pub const BUDGETS_SWEPT_EVERY: Duration = Duration::from_secs(1);
/// Bytes of a document's text that cost one unit while the server does not know the text.
pub const NEW_TEXT_BYTES: usize = 16;
/// Bytes of an answer that cost one unit when a file is made of them.
pub const FILE_BYTES: usize = 64;
/// Values of variables, and 16 bytes of their texts, that cost one unit.
pub const VARIABLE_VALUES: u64 = 16;
/// The greatest age of the sizes of subtrees that prices use, while the tree changes.
pub const TREE_SIZES_OLD: Duration = Duration::from_secs(5);
/// Levels of fields in a document.
pub const QUERY_DEPTH_MAX: usize = 24;
/// Fields and fragments that a document selects, each fragment counted wherever it is spread.
pub const QUERY_SELECTIONS_MAX: usize = 20_000;
/// Selections that are compared to find whether fields of the same response key can be merged, each fragment counted
/// wherever it is spread; a document that takes more is refused with TOO_COSTLY.
pub const MERGED_SELECTIONS_MAX: usize = 100_000;
/// Characters of a client's name or text that an error repeats; the rest is cut.
pub const ERROR_NAME_MAX: usize = 80;
/// Connections that readers share.
pub const READ_CONNECTIONS: u32 = 8;
/// Connections of one node to PostgreSQL for the writer; for questions of a row or two (tokens, health); for what takes
/// minutes, which are open while it does.
pub const WRITE_CONNECTIONS: u32 = 4;
pub const BRIEF_CONNECTIONS: u32 = 2;
pub const LONG_CONNECTIONS: u32 = 8;
/// The longest time that a start waits for a PostgreSQL at which nobody listens yet.
pub const START_WITHIN: Duration = Duration::from_secs(5);
/// The longest time that a transaction waits for a connection to PostgreSQL that is free, or new, and for the answer to its
/// begin; beyond it the caller gets UNAVAILABLE.
pub const ACQUIRE_WITHIN: Duration = Duration::from_secs(2);
/// The longest time for an index that is made beside others who write, and the time between two looks whether another
/// program has made the indexes.
pub const INDEX_WITHIN: Duration = Duration::from_secs(2 * 60 * 60);
pub const INDEX_LOOK_EVERY: Duration = Duration::from_millis(200);
/// Events that a writer catches up with while it holds the counter row; more are read before it takes the row.
pub const CATCH_UP_HELD: i64 = 500;
/// The longest time that PostgreSQL may take for a statement of a server; then it ends the statement.
pub const STATEMENT_WITHIN: Duration = Duration::from_secs(5);
/// The time by which the reply to a statement may come later than that; then the connection is closed.
pub const REPLY_GRACE: Duration = Duration::from_secs(1);
/// The longest time that the reply to a commit may take; then its outcome is looked up.
pub const COMMIT_WITHIN: Duration = Duration::from_secs(10);
/// The longest time that a server waits for the counter row while another transaction holds it.
pub const LOCK_WITHIN: Duration = Duration::from_secs(3);
/// The longest time for which a transaction that holds the counter row may ask nothing; then PostgreSQL ends it. A node that
/// stands still holds the others up no longer, and those do not give up before.
pub const IDLE_WITHIN: Duration = Duration::from_secs(2);
/// The same for a transaction that reads, which may wait for its turn to execute.
pub const READ_IDLE_WITHIN: Duration = Duration::from_secs(60);
/// The same for a command, as an import.
pub const COMMAND_IDLE_WITHIN: Duration = Duration::from_secs(5);
/// The longest time for a statement that makes an index, migrates, or reads whole tables, and that commands wait for the
/// counter row.
pub const LONG_WITHIN: Duration = Duration::from_secs(10 * 60);
/// The longest time that connections to PostgreSQL may take to end.
pub const CLOSE_WITHIN: Duration = Duration::from_secs(1);
/// The time after which PostgreSQL asks an idle connection whether we are still there, the time between two more such
/// questions, and their number without an answer after which it ends the connection.
pub const KEEPALIVE_AFTER: Duration = Duration::from_secs(20);
pub const KEEPALIVE_EVERY: Duration = Duration::from_secs(5);
pub const KEEPALIVE_TRIES: u32 = 3;
/// Bytes of its file that the writer's connection to SQLite keeps in memory, and each reader's: what a reader comes to
/// again is small. The least recently used pages go first.
pub const SQLITE_WRITER_CACHE: u64 = 64 * 1024 * 1024;
pub const SQLITE_READER_CACHE: u64 = 16 * 1024 * 1024;

/// Initiatives that an index of words or versions may name for a list to be made of these alone.
pub const CANDIDATES_MAX: usize = 5_000;
/// Initiatives that the index of words may name for a list whose other conditions the board tells.
pub const NAMED_MAX: usize = 16_000;
/// Rows of one statement of an index scan through all units, at least and at most.
pub const SCAN_ROWS_MIN: usize = 64;
pub const SCAN_ROWS_MAX: usize = 16_384;
/// Rows of a list that are searched for words at first, and that are taken from the board for that.
pub const SEARCHED_FIRST: usize = 128;
pub const SEARCHED_TRIED: usize = 1_024;
/// Rows that are searched for words before the rows of an index of lists are scanned.
pub const SEARCHED_MAX: usize = 8_192;
/// Newest rows of all units that are searched for words before the index of words is asked.
pub const WINDOW_ROWS: usize = 3_072;
/// Rows below a unit up to which all of them are searched for words.
pub const SEARCHED_ROWS_MAX: f64 = 20_000.0;
/// Events that a page of the log examines at most; then the page may be short, or empty.
pub const EVENTS_SCANNED_MAX: i64 = 20_000;
/// The time for which a loader waits for more keys of the same statement.
pub const LOADER_DELAY: Duration = Duration::from_micros(150);
/// Characters of a text that is searched.
pub const SEARCH_TEXT_MAX: usize = 200;

/// Characters of the operator's token at least; a shorter one ends the program with exit code 2.
pub const OPERATOR_TOKEN_MIN: usize = 16;
/// The time for which the database's record of a token is cached: a revoked token is refused at the latest then.
pub const TOKEN_CHECKED_EVERY: Duration = Duration::from_secs(2);
/// The time after which the token of an open feed is looked at again: with a token for each of 5,000 screens that are 560
/// look-ups a second. With the time for which an answer is cached, and that of a look-up, a feed ends within twelve seconds.
pub const FEED_TOKEN_CHECKED_EVERY: Duration = Duration::from_secs(9);
/// The time from the database's last answer about a token for which that answer stands in while the database cannot be
/// asked; the time that a request waits before it takes the last answer; and the time until a request waits for the database again.
pub const TOKEN_TRUSTED_UNCONFIRMED: Duration = Duration::from_secs(60 * 60);
pub const TOKEN_CONFIRMED_WITHIN: Duration = Duration::from_secs(1);
pub const TOKEN_CONFIRMED_AGAIN_AFTER: Duration = Duration::from_secs(10);
/// The tokens about which a database that could not be asked is asked again at the same time.
pub const TOKENS_CONFIRMED_AT_ONCE: usize = 8;
/// Milliseconds between two records of a token's last use.
pub const TOKEN_USE_NOTED_EVERY_MS: i64 = 10 * 60 * 1_000;
/// Tokens in the cache that the database knows, and as many unknown ones; beyond it the least used are looked up
/// again.
pub const TOKENS_REMEMBERED: usize = 10_000;
/// Look-ups a second, in the database, of tokens that were not valid lately. A request with one more waits; after that
/// wait it is refused with UNAVAILABLE.
pub const UNKNOWN_TOKENS_A_SECOND: u32 = 500;
pub const UNKNOWN_TOKEN_WAIT: Duration = Duration::from_secs(1);
/// Uses of tokens that wait to be written; a further one is recorded when its token is looked up next.
pub const TOKEN_USES_WAITING: usize = 1_000;

/// Characters of a code or a client's key.
pub const CODE_MAX: usize = 100;
/// Characters of a name, a field, a team or a document's number.
pub const NAME_MAX: usize = 300;
/// Characters of an initiative's title.
pub const TITLE_MAX: usize = 500;
/// Bytes of a title's words that it is found by; the rest is not searched. An entry of a PostgreSQL index has room for
/// 2,700.
pub const TITLE_WORDS_MAX: usize = 1_000;
/// Characters of a summary, a note or a reason.
pub const TEXT_MAX: usize = 10_000;
/// Authors of one initiative.
pub const AUTHORS_MAX: usize = 50;
/// Đồng a year of one initiative: a hundred times the greatest that was ever printed; more is refused. Sums of any
/// number of them are exact (`board::BenefitSum`), and shown as 2^53-1 beyond that.
pub const BENEFIT_MAX: i64 = 10_000_000_000_000;
/// Initiatives reviewed by one request.
pub const REVIEWS_MAX: usize = 200;
/// Goals set by one command.
pub const GOALS_MAX: usize = 500;
/// Days of a period.
pub const PERIOD_DAYS_MAX: i32 = 3_660;
/// Rules that one unit owns, and rules of all units together; a further one is refused with INVALID.
pub const RULES_OWNED_MAX: usize = 100;
pub const RULES_MAX: usize = 20_000;
/// Criteria of a rule, steps of a criterion, grades of a rule.
pub const CRITERIA_MAX: usize = 20;
pub const STEPS_MAX: usize = 20;
pub const GRADES_MAX: usize = 20;
/// Kinds of units that a rule names, repeated ones included.
pub const RULE_KINDS_MAX: usize = 50;
/// Points of a step or a grade.
pub const POINTS_MAX: i64 = 1_000_000;
/// Periods that one unit owns, and periods of all units together; a further one is refused with INVALID.
pub const PERIODS_OWNED_MAX: usize = 400;
pub const PERIODS_MAX: usize = 20_000;
/// The greatest integer that a JSON number holds exactly everywhere: 2^53 - 1.
pub const LONG_MAX: i64 = 9_007_199_254_740_991;

// A bit of a u32 stands for each word that was found, and one more bit is used.
const _: () = assert!(SEARCH_WORDS_MAX < 31);
const _: () = assert!(REFUSALS_MAX < FILES_RESERVE);
// The JSON reader refuses more than 127 levels, with an error of its own.
const _: () = assert!(JSON_NESTING_MAX < 128);
const _: () = assert!(PAGE_DEFAULT <= PAGE_MAX);
// A result weighs twice its text, for its compressed form, and may take no more than most of a shard.
const _: () = assert!(3 * RESULT_MAX as u64 <= RESULTS_BYTES / RESULTS_SHARDS as u64);
// The largest answer is one that a client may follow, and its largest body one that it may send, even where they are scarce.
const _: () = assert!(EXECUTION_BYTES_MAX <= CHANNELS_BYTES_PER_CLIENT as u64);
const _: () = assert!(BODY_MAX <= BODIES_BYTES / CROWDED_SHARE);
const _: () = assert!(BATCH_MAX <= WRITER_QUEUE);
const _: () = assert!(IDLE_WITHIN.as_millis() < LOCK_WITHIN.as_millis());
const _: () = assert!(LOCK_WITHIN.as_millis() < STATEMENT_WITHIN.as_millis());
