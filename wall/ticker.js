// One line of news at a time: titles that were accepted; how many others came in, and where.

import { dayBeside, dayOf, minuteOf } from "./format.js";
import { isStill, put, swap } from "./motion.js";
import { shortName } from "./names.js";

const EACH_MS = 9_000;
/** A text of more than two lines is shown two lines after two lines, each for so long at least. */
const STEP_MS = 5_000;
const ARRIVALS_MAX = 4;
const byId = (id) => document.getElementById(id);

export class Ticker {
  #words;
  #titles = [];
  #arrivals = [];
  #counts = null;
  #at = 0;
  #today = null;
  #next = 0;
  /** The steps of a long text that are still to come. */
  #steps = [];

  constructor(words) {
    this.#words = words;
    this.#wait(EACH_MS);
  }

  /** The day that the board shows. */
  set today(day) {
    this.#today = day;
  }

  clear() {
    this.#titles = [];
    this.#arrivals = [];
    this.#counts = null;
    this.#wait(this.#show());
  }

  /** The newest accepted ones, as titlesOf() gives them. */
  setTitles(titles) {
    const isFirst = this.#titles.length === 0;
    this.#titles = titles;
    if (isFirst && titles.length) this.#turn();
  }

  /** Notes the initiatives that came in since the last board, unit by unit. */
  note(board) {
    const counts = new Map(board.entries.map((entry) => [entry.unit.code, entry.tally.submitted]));
    for (const { unit, tally } of this.#counts ? board.entries : []) {
      const before = this.#counts.get(unit.code);
      const more = before === undefined ? 0 : tally.submitted - before;
      if (more > 0) this.#arrivals.unshift({ when: board.asOf, what: this.#words.arrived(more, shortName(unit.name)), where: "" });
    }
    this.#arrivals.length = Math.min(this.#arrivals.length, ARRIVALS_MAX);
    this.#counts = counts;
  }

  /** In turn: a title, and what came in meanwhile. */
  #turn = () => {
    this.#at += 1;
    this.#wait(this.#show());
  };

  #wait = (ms) => {
    clearTimeout(this.#next);
    this.#next = setTimeout(this.#turn, ms);
  };

  /** Returns for how long, in milliseconds. */
  #show = () => {
    const arrival = this.#at % 2 === 0 ? this.#arrivals.shift() : undefined;
    const title = this.#titles[Math.floor(this.#at / 2) % Math.max(this.#titles.length, 1)];
    const news = arrival || title || { when: null, what: "", where: "" };
    swap(byId("news"), () => this.#put(news, news === title));
    return this.#moveThrough();
  };

  #put = ({ when, what, where }, isTitle) => {
    const isToday = when && dayOf(when) === this.#today;
    put(byId("news-when"), when ? (isToday ? minuteOf(when) : dayBeside(dayOf(when), this.#today || dayOf(when))) : "");
    put(byId("news-what"), what);
    put(byId("news-where"), where ? `· ${where}` : "");
    byId("news").classList.toggle("accepted", isTitle);
  };

  /** Two lines after two lines, where there are more. */
  #moveThrough = () => {
    const [box, text] = [byId("news"), byId("news-text")];
    this.#steps.forEach(clearTimeout);
    this.#steps = [];
    text.style.transform = "";
    // The box is a little lower than two lines.
    const lines = 2 * parseFloat(getComputedStyle(text).lineHeight);
    const steps = Math.ceil((text.offsetHeight - 2) / lines);
    if (!(steps > 1) || box.clientHeight > lines) return EACH_MS;
    const each = Math.max(STEP_MS, EACH_MS / steps);
    text.style.transition = "none";
    for (let step = 1; step < steps; step += 1) {
      this.#steps.push(setTimeout(() => {
        text.style.transition = isStill() ? "none" : "";
        text.style.transform = `translateY(${-step * lines}px)`;
      }, step * each));
    }
    return steps * each;
  };
}
