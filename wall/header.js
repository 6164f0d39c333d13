// The head of the wall and its right side: what is counted, in which days, and how the whole gets on.

import { counted, drawBar } from "./board.js";
import { drawCurve, totals } from "./curve.js";
import { count, day, daysBetween, enough, percent, plain, shortDay, signed } from "./format.js";
import { drawMilestone } from "./milestone.js";
import { put, roll } from "./motion.js";

const byId = (id) => document.getElementById(id);

/** The days on the clock are those of the window, where there is one, else of the period that is counted. */
export function drawHeader(board, window, words) {
  const { rankBy, period, within, since: today } = board;
  put(byId("within"), plain(within.name));
  put(byId("period"), plain(period.name));
  const measure = words.measure[rankBy];
  put(byId("measure"), typeof measure === "string" ? measure : measure[period.metric]);
  const clock = window ?? period;
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

/** `more` is what was asked beside this board, if it is there. */
export function drawTotal(board, { more, window }, words) {
  const { total, period, since: today } = board;
  const { metric } = period;
  const now = counted(total, metric);
  put(byId("counted"), words.counted[metric]);
  roll(byId("total"), now, count);
  byId("total").style.setProperty("--digits", String(count(now).length));
  put(byId("ratio"), total.ratio === null ? "" : percent(total.ratio));
  put(byId("target"), total.target === null ? words.noTarget : words.ofTarget(count(total.target)));
  put(byId("pending"), total.pending > 0 ? words.pending(count(total.pending)) : "");
  byId("whole").hidden = total.target === null;
  drawBar(byId("whole-bar"), total.ratio ?? 0, total.ratio !== null && total.ratio >= 1);

  const rows = withToday(more?.leaderboard.within.daily, { today, period, metric, total });
  const points = totals(rows);
  const gained = rows.at(-1)?.day === today ? rows.at(-1).count : null;
  const { pace } = total;
  const gains = pace && gained !== null;
  if (today < period.startsOn) fact("fact-1", "", "");
  else fact("fact-1", gains ? signed(gained) : count(total.accepted), gains ? words.today : words.accepted);
  byId("fact-1").classList.toggle("more", Boolean(gains) && gained > 0);
  const missing = total.target === null ? null : total.target - now;
  const needed = pace?.neededPerDay ?? null;
  if (needed !== null && missing > 0) fact("fact-2", enough(needed), words.neededPerDay);
  else if (missing !== null) fact("fact-2", count(Math.abs(missing)), missing > 0 ? words.missing : words.beyond);
  else fact("fact-2", "", "");
  if (pace) fact("fact-3", count(pace.projected), words.projected(shortDay(period.endsOn)));
  else fact("fact-3", "", "");
  drawCurve({
    window: window ?? period, today, points, target: total.target, projected: pace?.projected ?? null, words,
  });
  drawMilestone(board, points, now, words);
}

function fact(id, number, label) {
  const element = byId(id);
  element.hidden = number === "";
  put(element.querySelector("dd"), number);
  put(element.querySelector("dt"), label);
}

/** The days as they were asked for a while ago, the last one so that they add up to the total of now. None of people. */
function withToday(daily, { today, period, metric, total }) {
  if (!daily || metric === "PARTICIPANTS") return [];
  const of = (row) => (metric === "ACCEPTED" ? row.accepted : row.submitted);
  const last = today < period.endsOn ? today : period.endsOn;
  const rows = daily.filter((row) => row.day < last).map((row) => ({ day: row.day, count: of(row) }));
  if (today < period.startsOn) return rows;
  const before = rows.reduce((sum, row) => sum + row.count, 0);
  return [...rows, { day: last, count: counted(total, metric) - before }];
}
