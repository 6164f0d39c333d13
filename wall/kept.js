// The board of a period that is over, by the figures that its closing keeps: rows, sums and total are of one moment.

/**
 * The board with the kept figures in place of those of now, which stay in `live`; as it is where nothing was kept of it. Which day
 * it is, and when it changed last, stay those of now.
 */
export function withKept(board) {
  const kept = board.closing ? board.closing.leaderboard : null;
  const live = { total: board.total, sum: board.sum };
  // The gain of a day is not kept: such a board is of now, all of it.
  if (!kept || board.rankBy === "GAINED") return { ...board, isKept: false, live };
  const { ranked, total, sum, own, closed, others, entries, around } = kept;
  return { ...board, isKept: true, live, ranked, total: { ...total, pace: null }, sum, own, closed, others, entries, around };
}
