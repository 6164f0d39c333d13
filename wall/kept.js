// A board whose course is at its end: of a unit that is closed, and of a period that is over, by the figures that its closing keeps,
// so that rows, sums and total are of one moment.

/** Whether the board's unit was closed before its period ended: nothing more comes in. */
export const isClosed = ({ within, period }) => Boolean(within.closedOn) && within.closedOn <= period.endsOn;

const withoutCourse = (total) => ({ ...total, pace: null });

/**
 * The board with the kept figures in place of those of now, which stay in `live`; as it is where nothing was kept of it. Which day
 * it is, and when it changed last, stay those of now.
 */
export function withKept(board) {
  const kept = board.closing ? board.closing.leaderboard : null;
  const { sum, closed } = board;
  const total = isClosed(board) ? withoutCourse(board.total) : board.total;
  const live = { total, sum, closed };
  // The gain of a day is not kept: such a board is of now, all of it.
  if (!kept || board.rankBy === "GAINED") return { ...board, total, isKept: false, live };
  const { ranked, own, others, entries, around } = kept;
  const parts = { sum: kept.sum, own, closed: kept.closed, others };
  return { ...board, ...parts, isKept: true, live, ranked, total: withoutCourse(kept.total), entries, around };
}
