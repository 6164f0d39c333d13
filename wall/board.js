// The rows: as many as fit, the rest by paging. Units that have nothing yet are a number, never a list.

import { isOwn } from "./documents.js";
import { columns, counted, countedIn, measureOf, wordOf, writerOf } from "./figures.js";
import { hasNothing } from "./fill.js";
import { count, plain } from "./format.js";
import { figureWidth, fitName, LINE, NAME_LEAST, plan, widthOf } from "./layout.js";
import { glide, places, put, roll, swap } from "./motion.js";
import { rowNames, shortName, withoutPlace } from "./names.js";

const PAGE_MS = 12_000;
/** The first page is what most people look for. */
const FIRST_PAGE_MS = 20_000;
const LIT_MS = 4_000;
/** While more than one row in so many changed within so long, only those light up whose rank changed. */
const RUSH_SHARE = 3;
const RUSH_MS = 10_000;
/** Where the bars end at least, as a ratio; beyond it at the best of the board. */
const BAR_END_MIN = 1.25;
/** With fewer rows than these there is room to say more. */
const FEW = 5;
/**
 * The height of a row beside the lines of its name, in parts of the size of the text: with its bar alone, with its movement beside
 * that, and by size with its words.
 */
const UNDER = { bar: 0.55, move: 0.75, normal: 0.96, large: 1.02, huge: 0.9 };
/** Digits of a count and its target together, beyond which names would have no room: then the bar alone shows the target. */
const DIGITS_MAX = 10;
/** Beside a row's rank, movement and figures, in parts of the size of the text. */
const GAP = 0.42;

const byId = (id) => document.getElementById(id);
const scrolls = matchMedia("(max-width: 760px)");
const upright = matchMedia("(max-aspect-ratio: 1/1)");

export function drawBar(bar, filled, isReached) {
  bar.style.transform = `translateX(${((Math.min(Math.max(filled, 0), 1) - 1) * 100).toFixed(2)}%)`;
  bar.classList.toggle("reached", isReached);
}

/** Units that have something and no row, since the board has so many rows at most: how many, and what they count together. */
function further({ ranked, sum }, shown, measure) {
  const units = ranked - sum.notStarted - shown.filter(({ tally }) => tally.submitted > 0).length;
  const inRows = shown.reduce((all, entry) => all + countedIn(entry, measure), 0);
  return { units: Math.max(units, 0), count: (counted(sum, measure) || 0) - inRows };
}

/** The parts of the total that have no row. Closed units are told of no cluster, so that its figure is without them. */
function partsWithoutRow({ closed, own, others, within }, { cluster, kinds }, words) {
  if (cluster !== null) return [[closed, words.ofClosedApart]];
  if (kinds !== null) return [[closed, words.ofClosed]];
  return [[closed, words.ofClosed], [own, words.ofOwn(shortName(within.name))], [others, words.ofOthers]];
}

/** In words, the counts that have no row: they add up with the rows to the figure beside them. */
function unranked(board, shown, settings, words) {
  const measure = measureOf(board);
  const rest = further(board, shown, measure);
  // People are not added up: one may take part at two units.
  if (measure === "PARTICIPANTS") return rest.units ? [words.furtherUnits(count(rest.units))] : [];
  const write = writerOf(measure, words);
  const parts = partsWithoutRow(board, settings, words).map(([part, what]) => [counted(part, measure), what]).filter(([number]) => number !== 0);
  const texts = parts.map(([number, what]) => `${what}: ${write(number)}`);
  return rest.units ? [...texts, `${words.furtherUnits(count(rest.units))}: ${write(rest.count)}`] : texts;
}

/** A figure with what stands beside it. */
const whole = ({ text, beside }) => `${text}${beside || ""}`;

export class Board {
  #words;
  #settings;
  /** By the code of the unit: a row stays the same element while its unit is shown. */
  #rows = new Map();
  #board = null;
  #page = 0;
  /** The page with which the main board of a rotation goes on. */
  #mainPage = 0;
  #pages = 1;
  #turn = 0;
  #isThrough = false;
  /** The function that waits for the last page to have been shown. */
  #then = null;
  #names = { key: "", byCode: new Map() };
  /** By column, the greatest width so far: figures that grow push nothing about. */
  #widths = [];
  /** When rows changed, with their codes. */
  #changes = [];
  #mine = null;

  constructor(words, settings) {
    this.#words = words;
    this.#settings = settings;
    this.#schedule();
  }

  draw(board) {
    this.#board = board;
    this.#draw(false);
  }

  redraw() {
    if (this.#board) this.#draw(false);
  }

  /** Whether every page was shown since this board came. */
  get isThrough() {
    return this.#isThrough;
  }

  /** Calls this once the last page was shown whole, in place of the first one once more. */
  whenThrough(then) {
    this.#then = then;
  }

  /** Another board comes: nothing of this one moves into it. */
  clear(settings = this.#settings) {
    const isMain = ({ turn }) => turn !== null && turn.isMain;
    if (isMain(this.#settings) && this.#board) this.#mainPage = this.#page + 1;
    this.#settings = settings;
    this.#page = isMain(settings) ? this.#mainPage : 0;
    this.#isThrough = false;
    this.#board = null;
    this.#widths = [];
    this.#changes = [];
    for (const row of this.#rows.values()) row.remove();
    this.#rows.clear();
    if (this.#mine) this.#mine.remove();
    this.#mine = null;
    this.#schedule();
  }

  #schedule = () => {
    clearTimeout(this.#turn);
    this.#turn = setTimeout(() => {
      this.#turnPage();
      this.#schedule();
    }, this.#page === 0 ? FIRST_PAGE_MS : PAGE_MS);
  };

  #turnPage = () => {
    if (!this.#board) return undefined;
    const isLast = this.#page + 1 >= this.#pages;
    if (isLast) this.#isThrough = true;
    const then = isLast ? this.#then : null;
    if (then !== null) {
      this.#then = null;
      return then();
    }
    this.#page += 1;
    return this.#draw(true);
  };

  #draw = (isTurned) => {
    const board = this.#board;
    const { entries, rankBy, period } = board;
    const begun = entries.filter((entry) => entry.tally.submitted > 0 || entry.gained !== 0);
    const texts = this.#shortNames(board, entries);
    const digits = Math.max(0, ...begun.map(({ tally }) => `${count(tally.submitted)}${count(tally.target || 0)}`.length));
    const { size } = this.#settings;
    const hasTargets = begun.some(({ tally }) => tally.ratio !== null);
    const hasRoom = scrolls.matches || (size === "normal" && !(upright.matches && digits > DIGITS_MAX));
    const { columns: shownColumns, below } = columns({
      rankBy, metric: period.metric, hasTargets, isOver: board.since > period.endsOn, words: this.#words, hasRoom,
      showsTargets: scrolls.matches || (digits <= DIGITS_MAX && !(size === "normal" && upright.matches)),
    });
    const mine = this.#entryOfMine();
    byId("heads").hidden = !begun.length;
    // Heads and feet come first: the rows take the room that is left.
    this.#drawHeads(shownColumns, below);
    document.body.classList.toggle("few", begun.length < FEW);
    document.body.classList.toggle("alone", !begun.length && isOwn(board, this.#settings));
    this.#drawUnranked(begun);
    // Below few rows it is as high as its text.
    if (begun.length < FEW) this.#drawRest({ shown: begun, begun, pages: 1 }, false);
    const word = { metric: period.metric, daysLeft: board.total.pace ? board.total.pace.daysLeft : null, words: this.#words };
    const besideOf = (entry) => (below ? whole(below.of(entry)) : "");
    const wordFor = (entry) => (rankBy === "TARGET_RATIO" ? wordOf(entry, word) : "");
    const under = this.#drawWords(begun.map((entry) => [besideOf(entry), wordFor(entry)].filter(Boolean).join(" ")), !hasRoom);
    const pinnedName = mine === null ? "" : texts.get(mine.unit.code) || shortName(mine.unit.name);
    const names = begun.map(({ unit }) => texts.get(unit.code));
    const measured = mine === null ? begun : [...begun, mine];
    const layoutWith = (isPinned) => {
      byId("mine").hidden = !isPinned;
      return this.#layout(names, measured, shownColumns, under, pinnedName);
    };
    const mineAt = mine === null ? -1 : begun.findIndex(({ unit }) => unit.code === mine.unit.code);
    let layout = layoutWith(false);
    // One's own row is pinned where another page has it, or none.
    if (mine !== null && (mineAt < 0 || layout.pages.length > 1)) layout = layoutWith(true);
    const pages = layout.pages.length;
    this.#pages = pages;
    if (pages === 1 && begun.length) this.#isThrough = true;
    this.#page %= pages;
    const [from, until] = layout.pages[this.#page];
    const shown = begun.slice(from, until);
    const most = Math.max(...begun.map((entry) => entry.value), 0);
    byId("mine").classList.toggle("covered", mineAt >= from && mineAt < until);
    const end = Math.max(BAR_END_MIN, ...begun.map((entry) => entry.tally.ratio || 0));
    const list = byId("rows");
    byId("board").style.setProperty("--notch-at", `${(100 / end).toFixed(1)}%`);
    const context = { ranksReached: rankBy === "TARGET_RATIO" || rankBy === period.metric, rankBy, columns: shownColumns, most, end, layout, isRush: this.#isRush(begun), besideOf, wordFor };
    const before = isTurned ? new Map() : places([...this.#rows.values()]);
    const codes = new Set(shown.map((entry) => entry.unit.code));
    for (const [code, row] of this.#rows) {
      if (codes.has(code)) continue;
      row.remove();
      this.#rows.delete(code);
    }
    const rows = shown.map((entry, at) => {
      const { code } = entry.unit;
      const row = this.#rows.get(code) || newRow();
      this.#rows.set(code, row);
      this.#drawRow(row, entry, { ...context, name: layout.fitted[from + at], height: layout.heights[from + at] });
      row.classList.toggle("mine", mine !== null && code === mine.unit.code);
      if (list.children[at] !== row) list.insertBefore(row, list.children[at] || null);
      return row;
    });
    glide(rows, before);
    this.#drawMine(mine, context);
    this.#drawRest({ shown, begun, pages }, isTurned);
  };

  /** By code: the short name, and the place of the unit where units of many places are ranked. */
  #shortNames = ({ within }, entries) => {
    const units = entries.map(({ unit }) => unit).sort((a, b) => (a.code < b.code ? -1 : 1));
    const key = [within.name, ...units.map(({ code, name }) => `${code} ${name}`)].join("\n");
    if (this.#names.key !== key) {
      const names = rowNames(units.map(({ name }) => name), within.name);
      const byCode = new Map(units.map((unit, at) => {
        const above = (unit.ancestors || []).find(({ depth }) => depth === within.depth + 1);
        return [unit.code, above ? `${names[at]} · ${withoutPlace(above.name, within.name)}` : names[at]];
      }));
      this.#names = { key, byCode };
    }
    return this.#names.byCode;
  };

  #entryOfMine = () => {
    const { me } = this.#settings;
    if (me === null) return null;
    const code = me.toLowerCase();
    return (this.#board.around || []).find(({ unit }) => unit.code.toLowerCase() === code) || null;
  };

  /**
   * `measured` are the rows whose figures need room, `under` the height of a row beside the lines of its name, in parts of the size of
   * the text; `pinnedName` is of one's own row.
   */
  #layout = (names, measured, shownColumns, under, pinnedName) => {
    const list = byId("rows");
    if (scrolls.matches) {
      const fitted = names.map((text) => ({ text, scale: 1, lines: 1, isCut: false }));
      return { font: 0, fitted, heights: names.map(() => 0), pages: [[0, names.length]], pinned: { text: pinnedName, scale: 1 } };
    }
    const element = byId("board");
    const base = parseFloat(getComputedStyle(element).fontSize);
    shownColumns.forEach(({ of }, at) => {
      const widest = figureWidth(measured.map((entry) => whole(of(entry))));
      this.#widths[at] = Math.max(this.#widths[at] || 0, widest);
    });
    // Heads are no larger in boards of few rows.
    const headPx = parseFloat(getComputedStyle(byId("head-1")).fontSize);
    const figurePx = (font) => shownColumns.map(({ head }, at) => Math.max(this.#widths[at] * font, widthOf(head, 400) * headPx + 1));
    const lastRank = Math.max(10, ...measured.map(({ rank }) => rank));
    const rank = Math.max(figureWidth([String(lastRank)]), 1.2);
    // Where figures stand under the name, the movement stands under the rank.
    const move = element.classList.contains("stacked") ? 0 : 1.55;
    const gap = GAP * ((move ? 2 : 1) + shownColumns.length);
    // As wide as nothing but names takes.
    const beside = (font) => font * (rank + move + gap + 0.1) + figurePx(font).reduce((all, width) => all + width, 0);
    const pinned = fitName(pinnedName, Math.max((list.clientWidth - beside(base)) / base, NAME_LEAST));
    const pinnedHeight = byId("mine").hidden ? 0 : base * (pinned.lines * LINE + UNDER[this.#settings.size]) + 2;
    // Below few rows stands more.
    const fill = document.body.classList.contains("few") ? parseFloat(getComputedStyle(byId("fill")).marginTop) : 0;
    const others = ["rest", "heads", "place", "unranked"].reduce((all, id) => all + byId(id).offsetHeight, 0);
    const room = element.clientHeight - others - pinnedHeight - fill - 2;
    const layout = plan({ names, base, width: list.clientWidth, room, beside, under });
    element.style.setProperty("--font", `${layout.font.toFixed(2)}px`);
    const px = (width) => `${Math.ceil(width)}px`;
    const { font } = layout;
    const template = [px(rank * font), ...(move ? [px(move * font)] : []), "minmax(0, 1fr)", ...figurePx(font).map(px)];
    element.style.setProperty("--columns", template.join(" "));
    return { ...layout, pinned };
  };

  /** Whether so many rows change that to light each would say nothing. */
  #isRush = (begun) => {
    const now = performance.now();
    for (const { unit, value } of begun) {
      const row = this.#rows.get(unit.code);
      if (row && row.count !== undefined && row.count !== value) this.#changes.push({ at: now, code: unit.code });
    }
    this.#changes = this.#changes.filter(({ at }) => now - at < RUSH_MS);
    return new Set(this.#changes.map(({ code }) => code)).size * RUSH_SHARE > this.#rows.size && this.#rows.size >= RUSH_SHARE;
  };

  #drawHeads = (shownColumns, below) => {
    const { unit } = this.#words.heads;
    put(byId("head-unit"), below ? `${unit} · ${below.head}` : unit);
    [0, 1, 2].forEach((at) => put(byId(`head-${at + 1}`), shownColumns[at] ? shownColumns[at].head : ""));
    [0, 1, 2].forEach((at) => { byId(`head-${at + 1}`).hidden = !shownColumns[at]; });
  };

  /** Bars end at one place: every row leaves as much room for its words. Returns the height that a row has under its name. */
  #drawWords = (texts, isStacked) => {
    const widest = figureWidth(texts, 600);
    const element = byId("board");
    element.classList.toggle("stacked", isStacked);
    element.classList.toggle("has-words", widest > 0);
    element.style.setProperty("--word", `${(widest + 0.05).toFixed(2)}em`);
    return widest > 0 ? UNDER[this.#settings.size] : isStacked ? UNDER.move : UNDER.bar;
  };

  #drawMine = (mine, context) => {
    const list = byId("mine");
    if (mine === null || list.hidden) return;
    this.#mine = this.#mine || newRow();
    if (!this.#mine.isConnected) list.append(this.#mine);
    const isLit = this.#mine.rank !== undefined && this.#mine.rank > mine.rank;
    const among = this.#words.amongUnits(count(this.#board.ranked));
    const wordFor = (entry) => [context.wordFor(entry), among].filter(Boolean).join(" · ");
    this.#drawRow(this.#mine, mine, { ...context, wordFor, name: context.layout.pinned, height: 0, isRush: !isLit });
  };

  #drawUnranked = (begun) => {
    // A unit's own board with no rows is all its own.
    const isAlone = document.body.classList.contains("alone");
    const parts = isAlone ? [] : unranked(this.#board, begun, this.#settings, this.#words);
    byId("unranked").hidden = !parts.length;
    put(byId("unranked"), parts.join(" · "));
  };

  #drawRest = ({ shown, begun, pages }, isTurned) => {
    const words = this.#words;
    const none = this.#board.sum.notStarted;
    const rest = byId("rest");
    const parts = [];
    const isAlone = document.body.classList.contains("alone");
    const { turn, me } = this.#settings;
    if (me !== null && this.#entryOfMine() === null) parts.push(words.notRanked(me));
    if (turn) parts.push(words.board(turn.number, turn.of));
    if (pages > 1) parts.push(words.page(this.#page + 1, pages));
    if (none > 0 && (begun.length || isAlone)) parts.push(words.none(count(none)));
    const text = parts.join(" · ");
    if (isTurned) swap(rest, () => put(rest, text));
    else put(rest, text);
    this.#drawEmpty(shown.length > 0, isAlone);
  };

  /** In place of rows: that nothing is there yet, of the units or of the one whose board it is. */
  #drawEmpty = (hasRows, isAlone) => {
    const words = this.#words;
    const { ranked } = this.#board;
    const empty = byId("empty");
    empty.hidden = hasRows || (isAlone && !hasNothing(this.#board));
    const hasBegun = document.body.dataset.phase !== "before";
    const nothing = isAlone ? words.nothingHere : ranked ? words.nothingYet : words.nobody;
    put(empty.firstElementChild, hasBegun || (!ranked && !isAlone) ? nothing : words.notBegun);
    put(empty.lastElementChild, ranked && !isAlone ? words.units(count(ranked)) : "");
  };

  #drawRow = (row, entry, { rankBy, ranksReached, columns, most, end, name, height, isRush, besideOf, wordFor }) => {
    const { parts } = row;
    const { tally, rank, value } = entry;
    put(parts.rank, String(rank));
    this.#drawMove(parts.move, entry);
    if (parts.name.textContent !== name.text) {
      parts.name.textContent = name.text;
      parts.name.title = plain(entry.unit.name);
    }
    parts.name.style.fontSize = name.scale === 1 ? "" : `${name.scale}em`;
    row.style.height = height ? `${height}px` : "";
    parts.figures.forEach((figure, at) => {
      figure.hidden = !columns[at];
      if (!columns[at]) return;
      const { text, number, write, beside } = columns[at].of(entry);
      if (number === undefined || number === null) put(figure.firstElementChild, text);
      else roll(figure.firstElementChild, number, write);
      put(figure.lastElementChild, beside || "");
      figure.classList.toggle("gained", Boolean(columns[at].isGain) && entry.gained !== 0);
      figure.classList.toggle("less", Boolean(columns[at].isGain) && entry.gained < 0);
    });
    const ranksRatio = rankBy === "TARGET_RATIO";
    put(parts.beside, besideOf(entry));
    put(parts.word, wordFor(entry));
    parts.word.classList.toggle("reached", ranksRatio && tally.ratio !== null && tally.ratio >= 1);
    parts.track.classList.toggle("plain", !ranksRatio);
    parts.track.classList.toggle("untargeted", ranksRatio && tally.ratio === null);
    drawBar(parts.bar, ranksRatio ? (tally.ratio || 0) / end : most > 0 ? value / most : 0, ranksReached && tally.ratio !== null && tally.ratio >= 1);
    row.classList.toggle("top", rank <= 3 && value > 0);
    const isMoved = row.rank !== rank;
    if (row.count !== undefined && (row.count !== value || row.rank > rank) && (isMoved || !isRush)) light(row, row.rank > rank);
    row.rank = rank;
    row.count = value;
  };

  #drawMove = (element, { rank, previousRank }) => {
    const up = previousRank === null ? 0 : previousRank - rank;
    element.dataset.way = up > 0 ? "up" : up < 0 ? "down" : "none";
    put(element.lastElementChild, up === 0 ? "" : String(Math.abs(up)));
    const words = this.#words;
    element.setAttribute("aria-label", up > 0 ? words.up(up) : up < 0 ? words.down(-up) : words.same);
  };
}

function newRow() {
  const template = /** @type {HTMLTemplateElement} */ (byId("row"));
  const row = /** @type {any} */ (template.content.firstElementChild.cloneNode(true));
  const part = (selector) => row.querySelector(selector);
  row.parts = {
    rank: part(".rank"), move: part(".move"), name: part(".name"), track: part(".track"), bar: part(".bar"), beside: part(".beside"), word: part(".word"),
    figures: [...row.querySelectorAll(".figure")],
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
