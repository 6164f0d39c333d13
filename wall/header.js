// The head of the wall and its right side: what is counted, in which days, and how the whole gets on.

import { counted, drawBar } from "./board.js";
import { drawCurve, totals } from "./curve.js";
import { count, day, dayOf, daysBetween, enough, minuteOf, percent, plain, shortDay, signed } from "./format.js";
import { memory } from "./memory.js";
import { put, roll, swap } from "./motion.js";

const byId = (id) => document.getElementById(id);
const MILESTONES_KEY = "sangkien.milestones";
/** Milestones lie this far apart, and farther beyond ten of these. */
const MILESTONE = 1_000;

/** The days on the clock: those of the window asked for, else of the period that is counted. */
const clockOf = (board, more) => more?.window ?? board.period;

export function drawHeader(board, more, words) {
  const { rankBy, period, within } = board;
  put(byId("within"), plain(within.name));
  put(byId("period"), plain(period.name));
  const measure = words.measure[rankBy];
  put(byId("measure"), typeof measure === "string" ? measure : measure[period.metric]);
  const clock = clockOf(board, more);
  const today = dayOf(board.asOf);
  const days = daysBetween(clock.startsOn, clock.endsOn) + 1;
  const number = daysBetween(clock.startsOn, today) + 1;
  let [head, below] = [words.dayOfDays(number, days), `${words.daysLeft(days - number)} · ${day(today)}`];
  if (number < 1) [head, below] = [words.startsIn(1 - number), words.startsOn(day(clock.startsOn))];
  if (number > days) {
    [head, below] = [words.over, words.overOn(day(clock.endsOn))];
  }
  put(byId("day"), head);
  put(byId("days-left"), below);
  document.body.dataset.phase = number < 1 ? "before" : number > days ? "after" : "during";
  document.title = `${plain(within.name)} · ${plain(period.name)}`;
}

export function drawTotal(board, more, words) {
  const { total, period } = board;
  const { metric } = period;
  const now = counted(total, metric);
  put(byId("counted"), words.counted[metric]);
  roll(byId("total"), now, count);
  const length = count(now).length;
  byId("total").dataset.long = length > 9 ? "very" : length > 7 ? "yes" : "no";
  put(byId("ratio"), total.ratio === null ? "" : percent(total.ratio));
  put(byId("target"), total.target === null ? words.noTarget : words.ofTarget(count(total.target)));
  put(byId("pending"), total.pending > 0 ? words.pending(count(total.pending)) : "");
  byId("whole").hidden = total.target === null;
  drawBar(byId("whole-bar"), total.ratio ?? 0, total.ratio !== null && total.ratio >= 1);

  const today = dayOf(board.asOf);
  const rows = withToday(more?.leaderboard.within.daily, { today, period, metric, total });
  const points = totals(rows);
  const gained = rows.at(-1)?.day === today ? rows.at(-1).count : null;
  const { pace } = total;
  if (today < period.startsOn) fact("fact-1", "", "");
  else fact("fact-1", pace && gained !== null ? signed(gained) : count(total.accepted), pace && gained !== null ? words.today : words.accepted);
  const missing = total.target === null ? null : total.target - now;
  const needed = pace?.neededPerDay ?? null;
  if (needed !== null && missing > 0) fact("fact-2", enough(needed), words.neededPerDay);
  else if (missing !== null) fact("fact-2", count(Math.abs(missing)), missing > 0 ? words.missing : words.beyond);
  else fact("fact-2", "", "");
  if (pace) fact("fact-3", count(pace.projected), words.projected(shortDay(period.endsOn)));
  else fact("fact-3", "", "");
  drawCurve({
    window: metric === "PARTICIPANTS" ? period : clockOf(board, more), today, points: metric === "PARTICIPANTS" ? [] : points,
    target: total.target, projected: pace?.projected ?? null, words,
  });
  drawMilestone(board, points, now, words);
}

function fact(id, number, label) {
  const element = byId(id);
  element.hidden = number === "";
  put(element.querySelector("dd"), number);
  put(element.querySelector("dt"), label);
}

/** The days as they were asked for a while ago, the last one so that they add up to the total of now. */
function withToday(daily, { today, period, metric, total }) {
  if (!daily || metric === "PARTICIPANTS") return [];
  const of = (row) => (metric === "ACCEPTED" ? row.accepted : row.submitted);
  const last = today < period.endsOn ? today : period.endsOn;
  const rows = daily.filter((row) => row.day < last).map((row) => ({ day: row.day, count: of(row) }));
  if (today < period.startsOn) return rows;
  const before = rows.reduce((sum, row) => sum + row.count, 0);
  return [...rows, { day: last, count: counted(total, metric) - before }];
}

// Milestones.

/** The last one passed: a full thousand, beyond ten thousand a full ten thousand, or the target. */
function lastMilestone(now, target) {
  const step = now < 10 * MILESTONE ? MILESTONE : 10 * MILESTONE;
  const round = Math.floor(now / step) * step;
  if (target !== null && target > 0 && now >= target && target >= round) return { at: target, isTarget: true };
  return round > 0 ? { at: round, isTarget: false } : null;
}

/** What was seen on this screen: by board, the milestone with its moment. */
function seen() {
  try { return JSON.parse(memory.getItem(MILESTONES_KEY)) ?? {}; } catch { return {}; }
}

let lastCount = null;

/** The count of another board is no step of this one. */
export const forgetCount = () => { lastCount = null; };

function drawMilestone(board, points, now, words) {
  const element = byId("milestone");
  const found = lastMilestone(now, board.total.target);
  element.hidden = found === null;
  const wasBelow = lastCount !== null && found !== null && lastCount < found.at;
  lastCount = now;
  if (found === null) return;
  const key = `${board.within.code} ${board.period.code}`;
  const all = seen();
  if (wasBelow) {
    all[key] = { at: found.at, when: board.asOf };
    memory.setItem(MILESTONES_KEY, JSON.stringify(all));
  }
  const here = all[key]?.at === found.at ? all[key].when : null;
  const onDay = points.find(({ total }) => total >= found.at)?.day;
  const when = here ? words.at(minuteOf(here), shortDay(dayOf(here))) : onDay ? words.at(null, day(onDay)) : "";
  const what = found.isTarget ? words.targetMet : words.milestone(count(found.at));
  const change = () => {
    put(byId("milestone-what"), what);
    put(byId("milestone-when"), when);
  };
  if (wasBelow) swap(element, change);
  else change();
}
