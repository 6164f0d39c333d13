// What a screen shows in turn: the boards below its unit, or where there are none what can rank.

import { below } from "./documents.js";

const RANKINGS = ["TARGET_RATIO", "SUBMITTED", "GAINED"];

/**
 * The settings of the boards, that of the address first. Below it are those with units of their own that have begun; a
 * board of all units of some kinds, or of a cluster, has none below it.
 */
export async function turns(feed, settings, unit) {
  if (settings.kinds === null && settings.cluster === null) {
    const { data } = await feed.ask(below(unit, settings));
    const boards = data.unit.children.nodes.filter((node) => node.children.totalCount > 0 && node.tally.submitted > 0);
    if (boards.length) return [settings, ...boards.map(({ code }) => ({ ...settings, unit: code }))];
  }
  const others = RANKINGS.filter((rankBy) => rankBy !== settings.rankBy);
  return [settings, ...others.map((rankBy) => ({ ...settings, rankBy, ranksAsIsBest: false }))];
}
