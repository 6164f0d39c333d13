// The head of the wall and its right side: what is counted, in which days, and how the whole gets on.

import { drawBar } from "./board.js";
import { drawCurve, totals } from "./curve.js";
import { counted } from "./figures.js";
import { count, day, dayBeside, dayOf, daysBetween, endOf, enough, percent, plain, shortDay, signed } from "./format.js";
import { drawMilestone, hideMilestone } from "./milestone.js";
import { put, roll } from "./motion.js";
import { shortName } from "./names.js";
import { serverTime } from "./time.js";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const byId = (id) => document.getElementById(id);

/** The units of a board that ranks some alone, in words; null where it ranks all units directly below. */
function filterOf({ cluster, kinds }, words) {
  if (cluster !== null) return words.inCluster(plain(cluster));
  return kinds === null ? null : kinds.map((kind) => words.kinds[kind]).join(", ");
}

/** The days that are left, and the day under them. */
function clockOf({ startsOn, endsOn }, today, asOf, words) {
  const left = daysBetween(today, endsOn);
  if (today < startsOn) return ["before", words.startsIn(daysBetween(today, startsOn)), words.startsOn(day(startsOn))];
  if (left < 0) return ["after", words.over, words.overOn(day(endsOn))];
  const dates = `${day(today)} · ${words.until(dayBeside(endsOn, today))}`;
  if (left > 0) return ["during", words.daysLeft(left), dates];
  // The last change may have been hours ago.
  const ms = endOf(endsOn) - (serverTime(today) || Date.parse(asOf));
  if (ms >= HOUR_MS) return ["during", words.hoursLeft(Math.floor(ms / HOUR_MS)), dates];
  return ["during", words.minutesLeft(Math.max(Math.ceil(ms / MINUTE_MS), 1)), dates];
}

/** The days on the clock are those of the window, where there is one, else of the period that is counted. */
export function drawHeader(board, { window, settings }, words) {
  const { rankBy, period, within, since: today } = board;
  const filter = filterOf(settings, words);
  put(byId("within"), filter === null ? plain(within.name) : shortName(within.name));
  put(byId("filter"), filter === null ? "" : filter);
  put(byId("period"), plain(period.name));
  const measure = words.measure[rankBy];
  put(byId("measure"), typeof measure === "string" ? measure : measure[period.metric]);
  const [phase, left, dates] = clockOf(window || period, today, board.asOf, words);
  put(byId("day"), left);
  // Days of another period than the one that is counted say whose they are.
  put(byId("days-left"), window && window.code !== period.code ? `${plain(window.name)} · ${dates}` : dates);
  document.body.dataset.phase = phase;
  // Smaller before anything of it is cut.
  const heading = byId("within").parentElement;
  heading.classList.remove("long");
  heading.classList.toggle("long", heading.scrollWidth > heading.clientWidth);
  document.title = [within.name, filter, period.name].filter(Boolean).map(plain).join(" · ");
}

/** `more` is what was asked beside this board, if it is there. */
export function drawTotal(board, { more, window, settings }, words) {
  const { total, sum, period, since: today } = board;
  const { metric } = period;
  const filter = filterOf(settings, words);
  // Figures beside rows are theirs. People cannot be added up: there the figures are of the whole unit, and say so.
  const isOfRows = filter !== null && counted(sum, metric) !== null;
  const [shown, live] = isOfRows ? [sum, board.live.sum] : [total, board.live.total];
  const now = counted(shown, metric);
  byId("stamp").hidden = !board.closing;
  put(byId("stamp"), board.closing ? stampOf(board, now, counted(live, metric), words) : "");
  const whose = filter === null ? "" : isOfRows ? filter : words.wholeOf(shortName(board.within.name));
  put(byId("counted"), [words.counted[metric], whose].filter(Boolean).join(" · "));
  roll(byId("total"), now, count);
  fitTotal(count(now).length);
  put(byId("ratio"), shown.ratio === null ? "" : percent(shown.ratio));
  put(byId("target"), shown.target === null ? words.noTarget : words.ofTarget(count(shown.target)));
  // Reviews go on after the end: how many wait is of now.
  const pending = live.pending > 0 ? words.pending(count(live.pending)) : "";
  put(byId("pending"), pending && board.isKept ? words.nowIs(pending) : pending);
  put(byId("met"), sum.target === null || sum.units === 0 ? "" : words.met(count(sum.met), count(sum.units)));
  byId("whole").hidden = shown.target === null;
  drawBar(byId("whole-bar"), shown.ratio || 0, shown.ratio !== null && shown.ratio >= 1);

  const daily = more ? more.leaderboard.within.daily : null;
  const rows = withToday(daily, { today, period, metric, total });
  const points = totals(rows);
  const { pace } = total;
  const gained = isOfRows ? sum.gained : gainedOf(board);
  const gains = pace && gained !== null;
  if (today < period.startsOn) fact("fact-1", "", "");
  else fact("fact-1", gains ? signed(gained) : count(shown.accepted), gains ? words.today : words.accepted);
  byId("fact-1").classList.toggle("more", Boolean(gains) && gained > 0);
  drawCourse({ shown, now, pace: isOfRows ? null : pace, endsOn: period.endsOn, today }, words);
  put(byId("curve-of"), isOfRows ? `${words.wholeOf(shortName(board.within.name))}: ${count(counted(total, metric))}` : "");
  drawCurve({
    window: window || period, today, points, target: total.target, projected: pace ? pace.projected : null, words,
  });
  if (isOfRows) hideMilestone();
  else drawMilestone(board, period.metric === "SUBMITTED" ? points : [], now, words);
}

/** The moment of the figures that are kept, the one that is shown if it is kept, and the one of now where that is another. */
function stampOf({ closing: { kind, at, endsOn }, isKept }, shown, live, words) {
  const moment = kind === "FINAL" ? words.finalOn(shortDay(dayOf(at))) : words.closedOn(shortDay(endsOn));
  const figure = isKept ? `${moment}: ${count(shown)}` : moment;
  return shown === live ? figure : `${figure} · ${words.nowIs(count(live))}`;
}

/** The gain of the whole unit, from the parts that the server gives; null of people, who cannot be added up. */
function gainedOf({ sum, own, closed, others, period }) {
  if (counted(sum, period.metric) === null) return null;
  return [sum, own, closed, others].reduce((all, { gained }) => all + gained, 0);
}

/** A digit, or a dot among some, is 0.63 em wide at most. */
function fitTotal(digits) {
  const element = byId("total");
  element.style.fontSize = "";
  const most = element.parentElement.clientWidth / (0.63 * digits);
  if (parseFloat(getComputedStyle(element).fontSize) > most) element.style.fontSize = `${most.toFixed(1)}px`;
}

/** The need of each day, or how much is missing or beyond; and where the pace leads. */
function drawCourse({ shown, now, pace, endsOn, today }, words) {
  const { target, ratio } = shown;
  // Some of the rows may have no target: then the ratio tells how many count towards it.
  const missing = target === null ? null : pace ? target - now : Math.round(target - ratio * target);
  const needed = pace ? pace.neededPerDay : null;
  if (needed !== null && missing > 0) fact("fact-2", enough(needed), words.neededPerDay);
  else if (missing !== null) fact("fact-2", count(Math.abs(missing)), missing > 0 ? words.missing : words.beyond);
  else fact("fact-2", "", "");
  if (pace) fact("fact-3", count(pace.projected), words.projected(dayBeside(endsOn, today)));
  else fact("fact-3", "", "");
  byId("facts").hidden = ["fact-1", "fact-2", "fact-3"].every((id) => byId(id).hidden);
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
