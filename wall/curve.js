// The days so far as a curve, the line that is still needed, and where the days to come lead at the present pace.

import { count, dayBeside, daysBetween } from "./format.js";

const [WIDTH, TOP, BASE] = [600, 40, 202];
const byId = (id) => document.getElementById(id);

/** Running totals by day: `days` are rows of { day, count }, the last of them today's. */
export function totals(days) {
  let sum = 0;
  return days.map(({ day, count }) => ({ day, total: (sum += count) }));
}

/**
 * `window` has startsOn and endsOn, `points` the totals, `target` and `projected` may be null.
 */
export function drawCurve({ window, today, points, target, projected, words }) {
  const svg = byId("curve");
  const shown = points.filter(({ day }) => day >= window.startsOn && day <= window.endsOn);
  svg.toggleAttribute("hidden", shown.length < 1);
  if (shown.length < 1) return;
  const last = shown[shown.length - 1];
  const days = Math.max(daysBetween(window.startsOn, window.endsOn), 1);
  const most = Math.max(last.total, target || 0, projected || 0, 1) * 1.04;
  const x = (day) => 6 + (WIDTH - 12) * Math.min(daysBetween(window.startsOn, day) / days, 1);
  const y = (total) => BASE - (BASE - TOP) * Math.max(total, 0) / most;
  const at = (day, total) => `${x(day).toFixed(1)} ${y(total).toFixed(1)}`;
  const line = shown.map(({ day, total }) => at(day, total)).join("L");
  const set = (id, values) => Object.entries(values).forEach(([name, value]) => byId(id).setAttribute(name, value));
  set("curve-line", { d: `M${line}` });
  set("curve-area", { d: `M${x(shown[0].day).toFixed(1)} ${BASE}L${line}L${x(last.day).toFixed(1)} ${BASE}Z` });
  set("curve-now", { cx: x(last.day), cy: y(last.total) });
  const isRunning = today < window.endsOn;
  const yesterday = shown[shown.length - 2] || last;
  const misses = isRunning && target !== null && last.total < target;
  set("curve-needed", { d: misses ? `M${at(yesterday.day, yesterday.total)}L${at(window.endsOn, target)}` : "" });
  set("curve-ahead", { d: isRunning && projected !== null ? `M${at(last.day, last.total)}L${at(window.endsOn, projected)}` : "" });
  const goal = target === null ? "" : `M0 ${y(target).toFixed(1)}H${WIDTH}`;
  set("curve-goal", { d: goal });
  const text = (id, words, values) => { byId(id).textContent = words; set(id, values); };
  text("curve-target", target === null ? "" : words.curveTarget(count(target)), { y: target === null ? 0 : y(target) - 9 });
  // The year stands where it is not plain.
  text("curve-first", dayBeside(window.startsOn, today), {});
  text("curve-last", dayBeside(window.endsOn, today), {});
  const middle = x(last.day);
  text("curve-today", isRunning && middle > 150 && middle < WIDTH - 150 ? words.today : "", { x: middle });
  byId("curve-title").textContent = words.curve(dayBeside(window.startsOn, today), dayBeside(last.day, today), count(last.total));
}
