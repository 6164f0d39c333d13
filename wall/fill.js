// The room below the rows of a small board, or in place of the rows of a unit that has none below it: its rank among its
// siblings, and the newest titles.

import { count, dayBeside, dayOf, minuteOf, plain } from "./format.js";
import { put } from "./motion.js";
import { shortName } from "./names.js";

const TITLES_MAX = 5;
const byId = (id) => document.getElementById(id);

/** `more` is what was asked beside the board, if it is there, and `titles` what it has of titles. */
export function drawFill(board, { more, titles }, words) {
  const isAlone = board.ranked === 0;
  document.body.classList.toggle("alone", isAlone && more !== null);
  const few = document.body.classList.contains("few");
  const element = byId("fill");
  element.hidden = more === null || !few;
  if (element.hidden) return;
  if (isAlone) byId("empty").hidden = true;
  const { standing, parent } = more.leaderboard.within;
  put(byId("standing"), isAlone && standing ? words.rankOf(count(standing.rank), count(standing.of)) : "");
  put(byId("standing-among"), isAlone && standing && parent ? words.among(plain(parent.name)) : "");
  put(byId("fill-title"), titles.length ? words.newest : "");
  const list = listOf(titles, board);
  byId("fill-list").replaceWith(list);
  // A title that does not fit whole is left to the foot, and a head of none goes as well.
  const { bottom } = element.getBoundingClientRect();
  const fits = (item) => item.getBoundingClientRect().bottom <= bottom + 1;
  byId("fill-title").hidden = false;
  for (const item of [...list.children]) item.toggleAttribute("hidden", !fits(item));
  byId("fill-title").hidden = ![...list.children].some((item) => !item.hasAttribute("hidden"));
}

function listOf(titles, { since: today, within }) {
  const own = shortName(within.name);
  const list = document.createElement("ul");
  list.id = "fill-list";
  for (const { what, where, when } of titles.slice(0, TITLES_MAX)) {
    const item = document.createElement("li");
    const [title, place] = [document.createElement("b"), document.createElement("small")];
    title.textContent = what;
    const moment = dayOf(when) === today ? minuteOf(when) : dayBeside(dayOf(when), today);
    // The board says its own name.
    place.textContent = where === own ? moment : `${moment} · ${where}`;
    item.append(title, place);
    list.append(item);
  }
  return list;
}
