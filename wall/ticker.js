// One line of news at a time: titles that were accepted; of others only that they came in, and where.

import { minuteOf, dayOf, shortDay, plain, shortName } from "./format.js";
import { put, swap } from "./motion.js";

const EACH_MS = 9_000;
const ARRIVALS_MAX = 4;
const byId = (id) => document.getElementById(id);

export class Ticker {
  #words;
  #titles = [];
  #arrivals = [];
  #counts = null;
  #at = 0;

  constructor(words) {
    this.#words = words;
    setInterval(() => this.#turn(), EACH_MS);
  }

  clear() {
    this.#titles = [];
    this.#arrivals = [];
    this.#counts = null;
    this.#show();
  }

  /** The newest accepted ones. */
  setTitles(nodes) {
    const isFirst = this.#titles.length === 0;
    this.#titles = nodes;
    if (isFirst && nodes.length) this.#turn();
  }

  /** What came in since the last board, unit by unit. */
  note(board) {
    const counts = new Map(board.entries.map((entry) => [entry.unit.code, entry.tally.submitted]));
    for (const { unit, tally } of this.#counts ? board.entries : []) {
      const more = tally.submitted - (this.#counts.get(unit.code) ?? tally.submitted);
      if (more > 0) this.#arrivals.unshift({ when: board.asOf, what: this.#words.arrived(more, shortName(unit.name)) });
    }
    this.#arrivals.length = Math.min(this.#arrivals.length, ARRIVALS_MAX);
    this.#counts = counts;
  }

  /** In turn: a title, and what came in meanwhile. */
  #turn() {
    this.#at += 1;
    this.#show();
  }

  #show() {
    const arrival = this.#at % 2 === 0 ? this.#arrivals.shift() : undefined;
    const title = this.#titles[Math.floor(this.#at / 2) % Math.max(this.#titles.length, 1)];
    const element = byId("news");
    swap(element, () => {
      if (arrival || !title) this.#put(arrival?.when, arrival?.what ?? "", "");
      else this.#put(title.updatedAt, plain(title.title), shortName(title.unit.name), true);
    });
  }

  #put(when, what, where, isTitle = false) {
    const isToday = when && dayOf(when) === this.#today;
    put(byId("news-when"), when ? (isToday ? minuteOf(when) : shortDay(dayOf(when))) : "");
    put(byId("news-what"), what);
    put(byId("news-where"), where ? `· ${where}` : "");
    byId("news").classList.toggle("accepted", isTitle);
  }

  #today = null;

  /** The day that the board shows. */
  set today(day) {
    this.#today = day;
  }
}
