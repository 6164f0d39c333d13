// The figures of a row beside its name: the one that ranks comes first, and none comes twice.

import { count, enough, money, percent, roughly, signed } from "./format.js";

/** The figure of that measure in a tally, or in a sum; null where that does not tell. */
export function counted(tally, measure) {
  const number = {
    SUBMITTED: tally.submitted, ACCEPTED: tally.accepted, PARTICIPANTS: tally.participants, BENEFIT: tally.benefitVnd,
  }[measure];
  return number === undefined ? null : number;
}

const COUNTS = ["SUBMITTED", "ACCEPTED", "PARTICIPANTS"];
const ADDED_UP = [...COUNTS, "BENEFIT"];

/** The measure in which a board's rows add up: a count, or the benefit. */
export const measureOf = ({ rankBy, period }) => (ADDED_UP.includes(rankBy) ? rankBy : period.metric);

/** The figure of that measure in a row. */
export const countedIn = ({ tally, value }, measure) => (measure === "BENEFIT" ? value : counted(tally, measure));

/** How a figure of that measure is written. */
export const writerOf = (measure, words) => (measure === "BENEFIT" ? (amount) => money(amount, words) : count);

/**
 * The counts of the units that a board is of. Where units of some kinds are ranked, closed ones are among them: no row contains
 * those.
 */
export function countsOf({ sum, closed }, { kinds }) {
  if (kinds === null) return sum;
  const both = ["gained", "submitted", "accepted", "pending", "benefitVnd"].map((of) => [of, sum[of] + closed[of]]);
  return both.reduce((all, [of, number]) => ({ ...all, [of]: number }), sum);
}

/**
 * The measure that ranks a board whose address names none: the share of the target, and the count where nobody has one. Gains rank
 * as long as there are any: days are not kept when a period is over, and a morning begins without.
 */
export function rankingOf(board, { rankBy, ranksAsIsBest, ranksGains }) {
  const { entries, period, total } = board;
  const hasTargets = entries.length ? entries.some(({ tally }) => tally.ratio !== null) : total.target !== null;
  if (ranksAsIsBest) return hasTargets ? "TARGET_RATIO" : period.metric;
  if (ranksGains) return hasGains(board) ? "GAINED" : period.metric;
  return rankBy;
}

/** Whether gains tell the rows of a board apart. */
export const hasGains = ({ entries, sum, period, since }) =>
  since <= period.endsOn && (sum.gained !== 0 || entries.some(({ gained }) => gained !== 0));

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
