// The figures of a row beside its name: the one that ranks comes first, and none comes twice.

import { count, enough, money, percent, roughly, signed } from "./format.js";

/** The count of the period's metric in a tally, or in a sum; null where that does not tell. */
export function counted(tally, metric) {
  const number = { SUBMITTED: tally.submitted, ACCEPTED: tally.accepted, PARTICIPANTS: tally.participants }[metric];
  return number === undefined ? null : number;
}

const COUNTS = ["SUBMITTED", "ACCEPTED", "PARTICIPANTS"];

/** The count that a board's rows show. */
export function countOf({ rankBy, period }) {
  if (rankBy === "BENEFIT") return "ACCEPTED";
  return COUNTS.includes(rankBy) ? rankBy : period.metric;
}

/**
 * The figures of a board's rows: for each its head, what it shows of an entry (a number that rolls and how it is written, or a
 * text), and whether it tells a gain. The first one is what ranks.
 * @returns {any[]}
 */
function figures({ rankBy, metric, hasTargets, isOver, showsTargets, words }) {
  const heads = words.heads;
  const ratio = { head: heads.ratio, of: ({ tally }) => text(tally.ratio === null ? "" : percent(tally.ratio)) };
  const tally = (measure) => ({ head: heads[measure], of: (entry) => rolled(counted(entry.tally, measure), count) });
  const withTarget = {
    head: `${heads[metric]} / ${heads.target}`,
    of: (entry) => ({ ...rolled(counted(entry.tally, metric), count), beside: entry.tally.target === null ? "" : ` / ${count(entry.tally.target)}` }),
  };
  const gained = { head: heads.gained, isGain: true, of: (entry) => text(entry.gained === 0 ? "" : signed(entry.gained)) };
  // Once the days are over nothing is gained.
  const gains = isOver ? [] : [gained];
  switch (rankBy) {
    case "TARGET_RATIO": return [ratio, showsTargets ? withTarget : tally(metric), ...gains];
    case "GAINED": return [{ ...gained, of: (entry) => text(signed(entry.gained)) }, tally(metric)];
    case "PER_1000_MEMBERS": return [{ head: heads.perMembers, of: ({ value }) => text(roughly(value)) }, tally(metric)];
    case "BENEFIT": return [{ head: heads.benefit, of: ({ value }) => text(money(value, words)) }, tally("ACCEPTED")];
    default:
      // Targets and gains are of what the period counts.
      return [tally(rankBy), ...(rankBy === metric && COUNTS.includes(rankBy) ? [...(hasTargets ? [ratio] : []), ...gains] : [])];
  }
}

/**
 * The figures of a board that have a column, and `below`, the one that stands under the name where there is room for what ranks and
 * for a gain alone; null where all have a column.
 */
export function columns(board) {
  const all = figures(board);
  if (board.hasRoom) return { columns: all, below: null };
  const [first, ...others] = all;
  return { columns: [first, ...others.filter(({ isGain }) => isGain)], below: others.find(({ isGain }) => !isGain) || null };
}

const text = (shown) => ({ text: shown });
const rolled = (number, write) => ({ number, write, text: write(number) });

/** A word for a row that has a target: reached, or how many each day needs; nothing once the days are over. */
export function wordOf({ tally, gained }, { metric, daysLeft, words }) {
  if (tally.target === null || tally.target <= 0) return "";
  const now = counted(tally, metric);
  if (now >= tally.target) return words.reached;
  return daysLeft === null ? "" : words.rowNeeds(enough((tally.target - (now - gained)) / (daysLeft + 1)));
}
