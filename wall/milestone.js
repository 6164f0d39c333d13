// Milestones: each is marked once, quietly, with the moment at which it was passed.

import { count, day, dayOf, minuteOf, shortDay } from "./format.js";
import { memory } from "./memory.js";
import { put, swap } from "./motion.js";

const KEY = "sangkien.milestones";
/** They lie this far apart, and ten times as far beyond ten of these. */
const STEP = 1_000;

const byId = (id) => document.getElementById(id);

/** The count that this board showed last; the count of another one is no step of it. */
let lastCount = null;
export const forgetCount = () => { lastCount = null; };

/** No milestone is shown of a board that counts some units alone. */
export function hideMilestone() {
  byId("milestone").hidden = true;
  forgetCount();
}

/**
 * `points` are the running totals by day of submission, which tell the day of a milestone that was passed while nobody looked. Reviews
 * have days of their own, so a board that counts those has no points.
 */
export function drawMilestone(board, points, now, words) {
  const element = byId("milestone");
  const found = passed(now, board.total.target);
  element.hidden = found === null;
  const wasBelow = lastCount !== null && found !== null && lastCount < found.at;
  lastCount = now;
  if (found === null) return;
  const key = `${board.within.code} ${board.period.code}`;
  const all = seen();
  if (wasBelow) {
    all[key] = { at: found.at, when: board.asOf };
    memory.setItem(KEY, JSON.stringify(all));
  }
  const here = all[key] && all[key].at === found.at ? all[key].when : null;
  const passing = points.find(({ total }) => total >= found.at);
  const onDay = passing ? passing.day : null;
  const when = here ? words.passedAt(minuteOf(here), shortDay(dayOf(here))) : onDay ? words.passedAt(null, day(onDay)) : "";
  const what = found.isTarget ? words.targetMet : words.milestone(count(found.at), board.period.metric);
  const change = () => {
    put(byId("milestone-what"), what);
    put(byId("milestone-when"), when);
  };
  if (wasBelow) swap(element, change);
  else change();
}

/** The last one: a full thousand, beyond ten thousand a full ten thousand, or the target. */
function passed(now, target) {
  const step = now < 10 * STEP ? STEP : 10 * STEP;
  const round = Math.floor(now / step) * step;
  if (target !== null && target > 0 && now >= target && target >= round) return { at: target, isTarget: true };
  return round > 0 ? { at: round, isTarget: false } : null;
}

/** By board, the milestone that this screen saw, and when. */
function seen() {
  try { return JSON.parse(memory.getItem(KEY)) || {}; } catch { return {}; }
}
