// The rows: as many as fit, the rest by paging. Units that have nothing yet are a number, never a list.

import { count, money, percent, plain, roughly, shortName, signed } from "./format.js";
import { glide, places, put, roll, swap } from "./motion.js";

const ROWS_MIN = 4;
const ROWS_MAX = 12;
/** A phone scrolls; so many rows are enough there. */
const ROWS_SCROLLED = 100;
const PAGE_MS = 12_000;
/** The first page is what most people look for. */
const FIRST_PAGE_MS = 20_000;
const LIT_MS = 4_000;
/** Where the bars end, as a ratio: where the best of those shown is, within these. */
const BAR_END_MIN = 1.25;
const BAR_END_MAX = 2.5;

/** Of a count and its target together: beyond these the names would have no room, and the target is left to the bar. */
const DIGITS_MAX = 10;

const byId = (id) => document.getElementById(id);
export const scrolls = matchMedia("(max-width: 760px)");

/** What the period counts of a tally. */
export const counted = (tally, metric) =>
  ({ SUBMITTED: tally.submitted, ACCEPTED: tally.accepted, PARTICIPANTS: tally.participants })[metric];

export function drawBar(bar, filled, isReached) {
  bar.style.transform = `translateX(${((Math.min(Math.max(filled, 0), 1) - 1) * 100).toFixed(2)}%)`;
  bar.classList.toggle("reached", isReached);
}

export class Board {
  #words;
  /** By the code of the unit: a row stays the same element while its unit is shown. */
  #rows = new Map();
  #board = null;
  #page = 0;
  #turn = 0;

  constructor(words) {
    this.#words = words;
    this.#schedule();
    addEventListener("resize", () => this.#board && this.#draw(false));
  }

  draw(board) {
    this.#board = board;
    this.#draw(false);
  }

  /** Another board comes: nothing of this one moves into it. */
  clear() {
    this.#page = 0;
    this.#board = null;
    for (const row of this.#rows.values()) row.remove();
    this.#rows.clear();
    this.#schedule();
  }

  #schedule() {
    clearTimeout(this.#turn);
    this.#turn = setTimeout(() => {
      this.#page += 1;
      if (this.#board) this.#draw(true);
      this.#schedule();
    }, this.#page === 0 ? FIRST_PAGE_MS : PAGE_MS);
  }

  #fitting() {
    if (scrolls.matches) return ROWS_SCROLLED;
    const list = byId("rows");
    const least = parseFloat(getComputedStyle(list).getPropertyValue("--row-px")) || 1;
    const room = byId("board").clientHeight - byId("rest").offsetHeight;
    return Math.min(Math.max(Math.floor(room / least), ROWS_MIN), ROWS_MAX);
  }

  #draw(isTurned) {
    const { entries, ranked, rankBy, period } = this.#board;
    const begun = entries.filter((entry) => entry.tally.submitted > 0 || entry.gained !== 0);
    const size = this.#fitting();
    const pages = Math.max(Math.ceil(begun.length / size), 1);
    this.#page %= pages;
    const shown = begun.slice(this.#page * size, (this.#page + 1) * size);
    const list = byId("rows");
    list.style.setProperty("--rows", String(Math.max(pages > 1 ? size : shown.length, ROWS_MIN * 2)));
    const longest = Math.max(0, ...begun.map((entry) => `${count(entry.tally.submitted)}${count(entry.tally.target ?? 0)}`.length));
    list.classList.toggle("long", longest > DIGITS_MAX);
    list.dataset.ranks = rankBy;
    const most = Math.max(...begun.map((entry) => entry.value), 0);
    const end = Math.min(Math.max(BAR_END_MIN, ...begun.map((entry) => entry.tally.ratio ?? 0)), BAR_END_MAX);
    list.style.setProperty("--notch-at", `${(100 / end).toFixed(1)}%`);
    const before = isTurned ? new Map() : places([...this.#rows.values()]);
    const codes = new Set(shown.map((entry) => entry.unit.code));
    for (const [code, row] of this.#rows) {
      if (codes.has(code)) continue;
      row.remove();
      this.#rows.delete(code);
    }
    const rows = shown.map((entry, at) => {
      const { code } = entry.unit;
      const row = this.#rows.get(code) ?? newRow();
      this.#rows.set(code, row);
      this.#drawRow(row, entry, { rankBy, metric: period.metric, most, end });
      if (list.children[at] !== row) list.insertBefore(row, list.children[at] ?? null);
      return row;
    });
    glide(rows, before);
    this.#drawRest({ shown, begun, entries, ranked, pages }, isTurned);
  }

  #drawRest({ shown, begun, entries, ranked, pages }, isTurned) {
    const words = this.#words;
    const none = entries.length - begun.length;
    const others = ranked - entries.length;
    const rest = byId("rest");
    const parts = [];
    if (pages > 1) parts.push(words.page(this.#page + 1, pages));
    if (none > 0 && begun.length) parts.push(words.none(count(none)));
    if (others > 0) parts.push(words.others(count(others)));
    const text = parts.join(" · ");
    if (isTurned) swap(rest, () => put(rest, text));
    else put(rest, text);
    const empty = byId("empty");
    empty.hidden = shown.length > 0;
    const hasBegun = document.body.dataset.phase !== "before";
    put(empty.firstElementChild, !ranked ? words.nobody : hasBegun ? words.nothingYet : words.notBegun);
    put(empty.lastElementChild, ranked ? words.units(count(ranked)) : "");
  }

  #drawRow(row, entry, { rankBy, metric, most, end }) {
    const { parts } = row;
    const { tally, rank, gained, value } = entry;
    const [main, ofTarget] = this.#figures(entry, rankBy, metric);
    put(parts.rank, String(rank));
    this.#drawMove(parts.move, entry);
    const name = shortName(entry.unit.name);
    if (parts.name.textContent !== name) {
      parts.name.textContent = name;
      parts.name.title = plain(entry.unit.name);
    }
    put(parts.percent, tally.ratio === null ? "" : percent(tally.ratio));
    if (typeof main === "number") roll(parts.count, main, count);
    else put(parts.count, main);
    put(parts.target, ofTarget === null ? "" : ` / ${count(ofTarget)}`);
    put(parts.gained, gained === 0 ? "" : signed(gained));
    parts.gained.classList.toggle("less", gained < 0);
    const ranksRatio = rankBy === "TARGET_RATIO";
    parts.track.classList.toggle("plain", !ranksRatio);
    parts.track.classList.toggle("untargeted", ranksRatio && tally.ratio === null);
    drawBar(parts.bar, ranksRatio ? (tally.ratio ?? 0) / end : most > 0 ? value / most : 0, tally.ratio !== null && tally.ratio >= 1);
    row.classList.toggle("top", rank <= 3 && value > 0);
    if (row.count !== undefined && (row.count !== value || row.rank > rank)) light(row, row.rank > rank);
    row.rank = rank;
    row.count = value;
  }

  /** The figure of the row, and the target beside it where that is what ranks. */
  #figures({ tally, value, gained }, rankBy, metric) {
    switch (rankBy) {
      case "SUBMITTED": return [tally.submitted, metric === "SUBMITTED" ? tally.target : null];
      case "ACCEPTED": return [tally.accepted, metric === "ACCEPTED" ? tally.target : null];
      case "PARTICIPANTS": return [tally.participants, metric === "PARTICIPANTS" ? tally.target : null];
      case "PER_1000_MEMBERS": return [roughly(value), null];
      case "BENEFIT": return [money(value, this.#words), null];
      case "GAINED": return [gained, null];
      default: return [counted(tally, metric), tally.target];
    }
  }

  #drawMove(element, { rank, previousRank }) {
    const up = previousRank === null ? 0 : previousRank - rank;
    element.dataset.way = up > 0 ? "up" : up < 0 ? "down" : "none";
    put(element.lastElementChild, up === 0 ? "" : String(Math.abs(up)));
    const words = this.#words;
    element.setAttribute("aria-label", up > 0 ? words.up(up) : up < 0 ? words.down(-up) : words.same);
  }
}

function newRow() {
  const template = /** @type {HTMLTemplateElement} */ (byId("row"));
  const row = /** @type {any} */ (template.content.firstElementChild.cloneNode(true));
  const part = (selector) => row.querySelector(selector);
  row.parts = {
    rank: part(".rank"), move: part(".move"), name: part(".name"), track: part(".track"), bar: part(".bar"),
    percent: part(".percent"), count: part(".count b"), target: part(".count small"), gained: part(".gained"),
  };
  return row;
}

/** A row that counts more is lit for a while, one that has risen more clearly. */
function light(row, hasRisen) {
  row.classList.toggle("risen", hasRisen || row.classList.contains("risen"));
  row.classList.add("lit");
  clearTimeout(row.timer);
  row.timer = setTimeout(() => row.classList.remove("lit", "risen"), LIT_MS);
}
