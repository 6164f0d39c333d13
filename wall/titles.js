// The newest accepted titles of what a board ranks. A correction of an old one is no news: they go by the day of their review.

import { plain } from "./format.js";
import { shortName } from "./names.js";

const TITLES_MAX = 8;

/** Whether the unit, or one above it, is of those that the board ranks. */
function isRanked(unit, { cluster, kinds }, depth) {
  const line = [...(unit.ancestors || []), unit];
  if (kinds !== null) return line.some(({ kind }) => kinds.includes(kind));
  return cluster === null || line.some((one) => one.depth === depth + 1 && one.cluster === cluster);
}

/**
 * By what was asked beside a board: title, place and moment of the review, newest first. Of the board's own unit there is no place:
 * the head says it.
 */
export function titlesOf(more, settings) {
  const { initiatives, depth, name } = more.leaderboard.within;
  return initiatives.nodes
    .filter(({ unit }) => isRanked(unit, settings, depth))
    .map(({ title, unit, reviewedAt }) => ({ what: plain(title), where: unit.name === name ? "" : shortName(unit.name), when: reviewedAt }))
    .filter(({ when }) => when !== null)
    .sort((a, b) => (a.when < b.when ? 1 : a.when > b.when ? -1 : 0))
    .slice(0, TITLES_MAX);
}
