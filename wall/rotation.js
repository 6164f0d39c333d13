// The boards of a screen in turn: those below its unit, or where there are none one for each measure.

import { below } from "./documents.js";

const GAINS = "GAINED";
const RANKINGS = ["TARGET_RATIO", "SUBMITTED", GAINS];

/**
 * The settings of the boards, the one of the address between any two others. Below it are those that the address chooses, else
 * those with units of their own that have begun; a board of all units of some kinds, or of a cluster, has none below it. Where there
 * is none below, other measures rank in turn, gains where there are some (`ranksGains`).
 */
export async function turns(feed, settings, { unit, ranksGains }) {
  const others = await othersOf(feed, settings, { unit, ranksGains });
  const of = others.length + 1;
  const main = { ...settings, turn: { number: 1, of, isMain: true } };
  const all = others.map((one, at) => ({ ...one, me: null, turn: { number: at + 2, of, isMain: false } }));
  return others.length ? all.reduce((order, one) => [...order, main, one], []) : [main];
}

async function othersOf(feed, settings, { unit, ranksGains }) {
  if (settings.boards !== null) return settings.boards.map((code) => ({ ...settings, unit: code, kinds: null, cluster: null }));
  if (settings.kinds === null && settings.cluster === null) {
    const { data } = await feed.ask(below(unit, settings));
    const boards = data.unit.children.nodes.filter((node) => node.children.totalCount > 0 && node.tally.submitted > 0);
    if (boards.length) return boards.map(({ code }) => ({ ...settings, unit: code }));
  }
  const rankings = RANKINGS.filter((rankBy) => rankBy !== settings.rankBy && (ranksGains || rankBy !== GAINS));
  return rankings.map((rankBy) => ({ ...settings, rankBy, ranksAsIsBest: false, ranksGains: rankBy === GAINS }));
}
