// How many rows fit, and how large: names are measured, so that two lines come before any "…", and few rows grow.

const FAMILY = '"Be Vietnam Pro", "Segoe UI", Roboto, "Noto Sans", sans-serif';
/** Widths are measured at this size, in pixels. */
const MEASURED_PX = 100;
/** The height of a line, as a part of the size of the text. */
export const LINE = 1.18;
/** Rows that fit on one page grow up to so much, tried in this order. */
const GROWTH = [1.7, 1.55, 1.4, 1.25, 1.12];
/** A name that needs more than two lines becomes smaller first. */
const SHRINKS = [1, 0.86, 0.74];
const LINES_MAX = 2;
/** Room of names, in parts of the size of the text, without which rows do not grow. */
const NAME_MIN = 7.4;
/** A name is set as if it had so much room at least. */
export const NAME_LEAST = 4;
/** A row is at most so much higher than it needs. */
const STRETCH_MAX = 1.5;

const newPen = () => document.createElement("canvas").getContext("2d");
let pen = newPen();
const widths = new Map();
/** Another typeface came: what was measured is of the one before, which a pen keeps. */
export function forgetWidths() {
  pen = newPen();
  widths.clear();
}

/** In parts of the size of the text. */
export function widthOf(text, weight = 600) {
  const key = `${weight} ${text}`;
  let width = widths.get(key);
  if (width === undefined) {
    if (widths.size > 20_000) widths.clear();
    pen.font = `${weight} ${MEASURED_PX}px ${FAMILY}`;
    width = pen.measureText(text).width / MEASURED_PX;
    widths.set(key, width);
  }
  return width;
}

const DIGITS = [..."0123456789"];

/** As wide as these texts may become before they have a digit more: digits of the typeface are not of one width. */
export function figureWidth(texts, weight = 700) {
  const digit = DIGITS.reduce((widest, one) => (widthOf(one, weight) > widthOf(widest, weight) ? one : widest));
  const shapes = new Set(texts.map((text) => text.replace(/\d/g, digit)));
  return [...shapes].reduce((most, shape) => Math.max(most, widthOf(shape, weight)), 0);
}

/** How many lines the words take; a word that is longer than a line goes on in the next one. */
function linesOf(text, width) {
  const space = widthOf(" ");
  let [lines, used] = [1, 0];
  for (const word of text.split(" ")) {
    let wide = widthOf(word);
    if (used > 0 && used + space + wide > width) [lines, used] = [lines + 1, 0];
    else if (used > 0) used += space;
    while (wide > width) [lines, wide] = [lines + 1, wide - width];
    used += wide;
  }
  return lines;
}

/** Leaves the beginning and the end of a text: names that begin alike differ there. */
function cutInside(text, width) {
  const fits = (length) => {
    const head = Math.ceil(length * 0.55);
    const cut = `${text.slice(0, head).trimEnd()}… ${text.slice(text.length - (length - head)).trimStart()}`;
    return linesOf(cut, width) <= LINES_MAX ? cut : null;
  };
  for (let length = text.length - 1; length > 2; length -= 1) {
    const cut = fits(length);
    if (cut !== null) return cut;
  }
  return text;
}

/** The name as it is shown at a width in parts of the size of the text: its text, its lines, its own size. */
export function fitName(text, width) {
  for (const scale of SHRINKS) {
    const lines = linesOf(text, width / scale);
    if (lines <= LINES_MAX) return { text, lines: lines * scale, scale, isCut: false };
  }
  const scale = SHRINKS[SHRINKS.length - 1];
  return { text: cutInside(text, width / scale), lines: LINES_MAX * scale, scale, isCut: true };
}

/**
 * The plan of a board: the size of its text in pixels, each name as it is shown, the height of each row, and the pages,
 * each the number of its first row and of the one after its last.
 * `base` is the least size of the text, `room` the height for rows, `beside(font)` the width in pixels of what is not a name, and
 * `under` the height of what is not a name, in parts of the size of the text.
 */
export function plan({ names, base, width, room, beside, under }) {
  const at = (font) => {
    const own = (width - beside(font)) / font;
    const fitted = names.map((name) => fitName(name, Math.max(own, NAME_LEAST)));
    return { font, own, fitted, heights: fitted.map(({ lines }) => font * (lines * LINE + under)) };
  };
  const total = ({ heights }) => heights.reduce((sum, height) => sum + height, 0);
  const chosen = at(base);
  if (total(chosen) <= room) {
    for (const growth of GROWTH) {
      const grown = at(base * growth);
      if (grown.own >= NAME_MIN && total(grown) <= room && grown.fitted.every(({ scale }) => scale === 1)) return stretched(grown, [[0, names.length]], room);
    }
  }
  const pages = [];
  let [first, used] = [0, 0];
  chosen.heights.forEach((height, number) => {
    if (number > first && used + height > room) {
      pages.push([first, number]);
      [first, used] = [number, 0];
    }
    used += height;
  });
  pages.push([first, names.length]);
  return stretched(chosen, pages, room);
}

/** Rows of a page share the room that is left; those of the last page are as high as those before. */
function stretched({ font, fitted, heights }, pages, room) {
  const sum = ([from, until]) => heights.slice(from, until).reduce((all, height) => all + height, 0);
  const whole = pages.length > 1 ? pages.slice(0, -1) : pages;
  let least = STRETCH_MAX;
  const factors = whole.map((page) => Math.max(Math.min(room / Math.max(sum(page), 1), STRETCH_MAX), 1));
  for (const factor of factors) least = Math.min(least, factor);
  const high = heights.slice();
  pages.forEach(([from, until], number) => {
    const factor = number < factors.length ? factors[number] : least;
    for (let row = from; row < until; row += 1) high[row] = Math.floor(heights[row] * factor);
  });
  return { font, fitted, heights: high, pages };
}
