// A grassroots union's place among its siblings, above its rows; and the room below the rows of a small board, or in place of
// the rows of one that has none: its teams, and the newest titles.

import { isOfOneUnion } from "./documents.js";
import { counted } from "./figures.js";
import { count, dayBeside, dayOf, minuteOf, plain } from "./format.js";
import { put } from "./motion.js";
import { shortName } from "./names.js";

const ITEMS_MAX = 5;
/** Stands for the teams that this screen may not see. */
const OTHERS = "*";
const byId = (id) => document.getElementById(id);

/** Whether the board is one unit's own: a grassroots union's, or of a unit that has none below it. */
export const isOwn = (board, { cluster, kinds }) =>
  cluster === null && kinds === null && (board.ranked === 0 || isOfOneUnion(board));

/** `more` is what was asked beside the board, if it is there. Rows take the room that is left. */
export function drawPlace(board, { more, settings }, words) {
  const { standing, parent } = more === null ? { standing: null, parent: null } : more.leaderboard.within;
  byId("place").hidden = !isOwn(board, settings) || !standing;
  if (byId("place").hidden) return;
  const rank = words.rankOf(count(standing.rank), count(standing.of));
  // It is of now, also where the figures were kept.
  put(byId("standing"), board.isKept ? words.nowIs(rank) : rank);
  put(byId("standing-among"), parent ? words.among(plain(parent.name)) : "");
}

/** `titles` is what `more` has of titles. */
export function drawFill(board, { more, titles }, words) {
  const element = byId("fill");
  element.hidden = more === null || !document.body.classList.contains("few");
  if (element.hidden) return;
  const { bottom } = element.getBoundingClientRect();
  drawList("teams", words.teams, teamsOf(more, board.period.metric), bottom);
  drawList("fill", words.newest, titles.map((title) => ofTitle(title, board)), bottom);
}

/** The teams that have something, the most first, where this screen may see them. */
function teamsOf(more, metric) {
  const rows = (more.leaderboard.within.breakdown || []).filter(({ key }) => key !== null && key !== OTHERS);
  return rows.map((row) => [plain(row.key), counted(row, metric)]).filter(([, number]) => number > 0)
    .sort(([, a], [, b]) => b - a).map(([name, number]) => [name, count(number)]);
}

function ofTitle({ what, where, when }, { since: today, within }) {
  const moment = dayOf(when) === today ? minuteOf(when) : dayBeside(dayOf(when), today);
  // The board says its own name.
  return [what, where === shortName(within.name) ? moment : `${moment} · ${where}`];
}

/** An item that does not fit whole is left out, and a head of nothing goes as well. */
function drawList(id, head, items, bottom) {
  const list = document.createElement("ul");
  list.id = `${id}-list`;
  for (const texts of items.slice(0, ITEMS_MAX)) {
    const item = document.createElement("li");
    texts.forEach((text, at) => { item.append(document.createElement(at ? "small" : "b")); item.children[at].textContent = text; });
    list.append(item);
  }
  const [title, box] = [byId(`${id}-title`), byId(`${id}-title`).parentElement];
  put(title, head);
  box.hidden = false;
  byId(`${id}-list`).replaceWith(list);
  for (const item of [...list.children]) item.toggleAttribute("hidden", item.getBoundingClientRect().bottom > bottom + 1);
  box.hidden = ![...list.children].some((item) => !item.hasAttribute("hidden"));
}
