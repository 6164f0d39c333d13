// The days so far as a curve, the line that is still needed, and where the days to come lead at the present pace.

import { count, dayBeside, daysBetween } from "./format.js";
import { widthOf } from "./layout.js";

const [WIDTH, TOP, BASE] = [600, 40, 202];
/** Labels are at most so large, in units of the curve. */
const LABEL_MAX = 52;
/** Capitals are so high, in parts of the size of a label. */
const CAPITAL = 0.74;
/** Between a label and the line that it names, and around it. */
const GAP = 9;
/** A line is looked at in so many places whether it runs through a label. */
const LOOKS = 60;
const byId = (id) => document.getElementById(id);

/** Running totals by day: `days` are rows of { day, count }, the last of them today's. */
export function totals(days) {
  let sum = 0;
  return days.map(({ day, count }) => ({ day, total: (sum += count) }));
}

/** Whether a line of points [x, y] runs through the box. */
function runsThrough(line, { left, right, top, bottom }) {
  const isIn = (x, y) => x > left && x < right && y > top && y < bottom;
  return line.some(([x, y], at) => {
    const [toX, toY] = line[at + 1] || [x, y];
    for (let look = 0; look <= LOOKS; look += 1) if (isIn(x + (toX - x) * look / LOOKS, y + (toY - y) * look / LOOKS)) return true;
    return false;
  });
}

/** The size of labels in units of the curve, so that they are as large on the screen as its style says. */
function sizeOfLabels(svg) {
  const matrix = svg.getScreenCTM();
  const px = parseFloat(getComputedStyle(svg).fontSize);
  const size = Math.min(px / (matrix === null || matrix.a === 0 ? 1 : matrix.a), LABEL_MAX);
  for (const label of svg.querySelectorAll("text")) label.style.fontSize = `${size.toFixed(1)}px`;
  return size;
}

/** The left end and the base of the target's label: above or below its line at `y`, where no other line runs through it. */
function placeOfLabel(y, width, size, lines) {
  const high = CAPITAL * size;
  const bases = [y - GAP, y + GAP + high].filter((base) => base <= BASE);
  const places = bases.reduce((all, base) => [...all, [0, base], [WIDTH - width, base]], []);
  const boxOf = ([left, base]) => ({ left: left - GAP, right: left + width + GAP, top: base - high - GAP / 2, bottom: base + GAP / 2 });
  return places.find((place) => !lines.some((line) => runsThrough(line, boxOf(place)))) || places[0];
}

/**
 * `window` has startsOn and endsOn, `points` the totals, `target` and `projected` may be null.
 */
export function drawCurve({ window, today, points, target, projected, isRunning: isOpen, words }) {
  const svg = byId("curve");
  const shown = points.filter(({ day }) => day >= window.startsOn && day <= window.endsOn);
  svg.toggleAttribute("hidden", shown.length < 1);
  if (shown.length < 1) return;
  const last = shown[shown.length - 1];
  const days = Math.max(daysBetween(window.startsOn, window.endsOn), 1);
  const most = Math.max(last.total, target || 0, projected || 0, 1) * 1.04;
  const x = (day) => 6 + (WIDTH - 12) * Math.min(daysBetween(window.startsOn, day) / days, 1);
  const y = (total) => BASE - (BASE - TOP) * Math.max(total, 0) / most;
  const at = (day, total) => [x(day), y(total)];
  const written = (line) => line.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L");
  const line = shown.map(({ day, total }) => at(day, total));
  const set = (id, values) => Object.entries(values).forEach(([name, value]) => byId(id).setAttribute(name, value));
  set("curve-line", { d: `M${written(line)}` });
  set("curve-area", { d: `M${x(shown[0].day).toFixed(1)} ${BASE}L${written(line)}L${x(last.day).toFixed(1)} ${BASE}Z` });
  set("curve-now", { cx: x(last.day), cy: y(last.total) });
  const isRunning = isOpen && today < window.endsOn;
  const yesterday = shown[shown.length - 2] || last;
  const misses = isRunning && target !== null && last.total < target;
  const needed = misses ? [at(yesterday.day, yesterday.total), at(window.endsOn, target)] : [];
  const ahead = isRunning && projected !== null ? [at(last.day, last.total), at(window.endsOn, projected)] : [];
  for (const [id, line] of [["curve-needed", needed], ["curve-ahead", ahead]]) set(id, { d: line.length ? `M${written(line)}` : "" });
  const goal = target === null ? "" : `M0 ${y(target).toFixed(1)}H${WIDTH}`;
  set("curve-goal", { d: goal });
  const text = (id, words, values) => { byId(id).textContent = words; set(id, values); };
  const size = sizeOfLabels(svg);
  const wide = (text) => widthOf(text, 400) * size;
  const label = target === null ? "" : words.curveTarget(count(target));
  const [left, base] = target === null ? [0, 0] : placeOfLabel(y(target), wide(label), size, [line, needed, ahead]);
  text("curve-target", label, { x: left, y: base });
  // The year stands where it is not plain.
  const [first, end] = [window.startsOn, window.endsOn].map((day) => dayBeside(day, today));
  text("curve-first", first, {});
  text("curve-last", end, {});
  const middle = x(last.day);
  const half = widthOf(words.today) * size / 2 + GAP;
  const hasRoom = middle - half > wide(first) && middle + half < WIDTH - wide(end);
  text("curve-today", isRunning && hasRoom ? words.today : "", { x: middle });
  byId("curve-title").textContent = words.curve(dayBeside(window.startsOn, today), dayBeside(last.day, today), count(last.total));
}
