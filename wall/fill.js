// A grassroots union's place among its siblings, above its rows; and the room below the rows of a small board, or in place of
// the rows of one that has none: its teams, and the newest titles.

import { isOwn, placedBy } from "./documents.js";
import { counted } from "./figures.js";
import { count, dayBeside, dayOf, minuteOf, plain } from "./format.js";
import { put } from "./motion.js";

const ITEMS_MAX = 5;
/** Stands for the teams that this screen may not see. */
const OTHERS = "*";
const byId = (id) => document.getElementById(id);

/** `more` is what was asked beside the board, if it is there. Rows take the room that is left. */
export function drawPlace(board, { more, settings }, words) {
  const { standing, byCount, parent } = more === null ? { standing: null, byCount: null, parent: null } : more.leaderboard.within;
  // A unit that has nothing yet shares the last place with all others that have nothing.
  byId("place").hidden = !isOwn(board, settings) || !standing || hasNothing(board);
  if (byId("place").hidden) return;
  // Where nobody has a target, all share the first place by it.
  const isByCount = Boolean(byCount) && standing.rank === 1;
  const shown = isByCount ? byCount : standing;
  const rank = words.rankOf(count(shown.rank), count(shown.of));
  // It is of now, also where the figures were kept.
  put(byId("standing"), board.isKept ? words.nowIs(rank) : rank);
  put(byId("standing-among"), parent ? words.among(plain(parent.name)) : "");
  const { metric } = board.period;
  const rankBy = isByCount ? metric : placedBy(settings);
  // The head says what ranks the rows.
  put(byId("standing-measure"), rankBy === board.rankBy ? "" : words.measureOf(rankBy, metric));
}

/** Whether nothing was registered in the whole unit. */
export const hasNothing = ({ total }) => total.submitted === 0;

/** `titles` is what `more` has of titles. Returns how many of them are seen. */
export function drawFill(board, { more, titles }, words) {
  const element = byId("fill");
  element.hidden = more === null || !document.body.classList.contains("few");
  if (element.hidden) return 0;
  const { bottom } = element.getBoundingClientRect();
  drawList("teams", words.teams, teamsOf(more, board.period.metric), bottom);
  return drawList("fill", words.newest, titles.map(ofTitle(board)), bottom);
}

/** The teams that have something, the most first, where this screen may see them. */
function teamsOf(more, metric) {
  const rows = (more.leaderboard.within.breakdown || []).filter(({ key }) => key !== null && key !== OTHERS);
  return rows.map((row) => [plain(row.key), counted(row, metric)]).filter(([, number]) => number > 0)
    .sort(([, a], [, b]) => b - a).map(([name, number]) => [name, count(number)]);
}

const ofTitle = ({ since: today }) => ({ what, where, when }) => {
  const moment = dayOf(when) === today ? minuteOf(when) : dayBeside(dayOf(when), today);
  return [what, where ? `${moment} · ${where}` : moment];
};

/** An item that does not fit whole is left out, and a head of nothing goes as well. Returns how many are seen. */
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
  const seen = [...list.children].filter((item) => !item.hasAttribute("hidden")).length;
  box.hidden = seen === 0;
  return seen;
}
