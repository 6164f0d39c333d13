// The head of the wall and its right side: what is counted, in which days, and how the whole gets on.

import { drawBar } from "./board.js";
import { drawCurve, totals } from "./curve.js";
import { counted, countsOf, measureOf, writerOf } from "./figures.js";
import { count, day, dayBeside, dayOf, daysBetween, endOf, enough, percent, plain, shortDay, signed } from "./format.js";
import { isClosed } from "./kept.js";
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
function clockOf({ startsOn, endsOn }, board, words) {
  const { asOf, since: today, within } = board;
  const left = daysBetween(today, endsOn);
  if (isClosed(board)) return ["after", words.unitClosed, words.unitClosedOn(day(within.closedOn))];
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
  const { rankBy, period, within } = board;
  const filter = filterOf(settings, words);
  put(byId("within"), filter === null ? plain(within.name) : shortName(within.name));
  put(byId("filter"), filter === null ? "" : filter);
  put(byId("period"), plain(period.name));
  // Gains do not rank while there are none.
  const isWaiting = settings.ranksGains && rankBy !== "GAINED" && board.since <= period.endsOn;
  put(byId("measure"), [words.measureOf(rankBy, period.metric), isWaiting ? words.noGainYet : ""].filter(Boolean).join(" · "));
  const [phase, left, dates] = clockOf(window || period, board, words);
  put(byId("day"), left);
  // Days of another period than the one that is counted say whose they are.
  put(byId("days-of"), window && window.code !== period.code && !isClosed(board) ? `${plain(window.name)} · ` : "");
  put(byId("dates"), dates);
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
  const measure = measureOf(board);
  // Targets, gains and the course are of what the period counts.
  const isOfMetric = measure === metric;
  const write = writerOf(measure, words);
  const filter = filterOf(settings, words);
  // Figures beside rows are theirs. People cannot be added up: there the figures are of the whole unit, and say so.
  const isOfRows = filter !== null && counted(sum, measure) !== null;
  const [shown, live] = [board, board.live].map((of) => (isOfRows ? countsOf(of, settings) : of.total));
  const now = counted(shown, measure);
  byId("stamp").hidden = !board.closing;
  put(byId("stamp"), board.closing ? stampOf(board, write(now), write(counted(live, measure)), words) : "");
  const whose = filter === null ? "" : isOfRows ? filter : words.wholeOf(shortName(board.within.name));
  put(byId("counted"), [words.counted[measure], whose].filter(Boolean).join(" · "));
  roll(byId("total"), now, write);
  fitTotal(write(now).length);
  drawAgainst(board, isOfMetric ? shown : null, words);
  // Reviews go on after the end: how many wait is of now.
  const pending = live.pending > 0 ? words.pending(count(live.pending)) : "";
  put(byId("pending"), pending && board.isKept ? words.nowIs(pending) : pending);

  const daily = more ? more.leaderboard.within.daily : null;
  const points = totals(withToday(daily, { today, period, measure, total }));
  const { pace } = total;
  if (isOfMetric) drawFacts(board, { shown, now, isOfRows }, words);
  else drawRegistered(counted(shown, metric), words.heads[metric]);
  put(byId("curve-of"), isOfRows ? `${words.wholeOf(shortName(board.within.name))}: ${write(counted(total, measure))}` : "");
  if (isOfRows || !isOfMetric) hideMilestone();
  else drawMilestone(board, metric === "SUBMITTED" ? points : [], now, words);
  // The curve takes the room that is left.
  const course = isOfMetric ? { target: total.target, projected: pace ? pace.projected : null } : { target: null, projected: null };
  drawCurve({ window: window || period, today, points, ...course, isRunning: !isClosed(board), words });
}

/** The share of the target, and how many of the units that have one have reached it; `shown` is null where rows count something else. */
function drawAgainst(board, shown, words) {
  const { ratio, target } = shown === null ? { ratio: null, target: null } : shown;
  put(byId("ratio"), ratio === null ? "" : percent(ratio));
  put(byId("target"), shown === null ? "" : target === null ? words.noTarget : words.ofTarget(count(target)));
  put(byId("met"), shown === null || board.sum.target === null ? "" : metOf(board, words));
  byId("whole").hidden = target === null;
  drawBar(byId("whole-bar"), ratio || 0, ratio !== null && ratio >= 1);
}

/** Rows tell which units have a target; beyond those that a board lists nobody knows. */
function metOf({ ranked, entries, sum }, words) {
  if (entries.length < ranked) return words.metAmongAll(count(sum.met));
  return words.met(count(sum.met), count(entries.filter(({ tally }) => tally.ratio !== null).length));
}

/** How much came in today, and the course towards the target. */
function drawFacts(board, { shown, now, isOfRows }, words) {
  const { period, since: today, total: { pace } } = board;
  const gained = isOfRows ? shown.gained : gainedOf(board);
  const gains = pace && gained !== null;
  if (today < period.startsOn) fact("fact-1", "", "");
  else fact("fact-1", gains ? signed(gained) : count(shown.accepted), gains ? words.today : words.accepted);
  byId("fact-1").classList.toggle("more", Boolean(gains) && gained > 0);
  drawCourse({ shown, now, pace: isOfRows ? null : pace, endsOn: period.endsOn, today }, words);
}

/** In place of a course, what the period counts beside what the rows count. */
function drawRegistered(number, head) {
  fact("fact-1", number === null ? "" : count(number), head);
  byId("fact-1").classList.remove("more");
  fact("fact-2", "", "");
  fact("fact-3", "", "");
  byId("facts").hidden = number === null;
}

/** The moment of the figures that are kept, the one that is shown if it is kept, and the one of now where that is another. */
function stampOf({ closing: { kind, at, endsOn }, isKept }, shown, live, words) {
  const moment = kind === "FINAL" ? words.finalOn(shortDay(dayOf(at))) : words.closedOn(shortDay(endsOn));
  if (!isKept) return `${moment} · ${words.ofNow}`;
  return shown === live ? `${moment}: ${shown}` : `${moment}: ${shown} · ${words.nowIs(live)}`;
}

/** The gain of the whole unit, from the parts that the server gives; null of people, who cannot be added up. */
function gainedOf({ sum, own, closed, others, period }) {
  if (counted(sum, period.metric) === null) return null;
  return [sum, own, closed, others].reduce((all, { gained }) => all + gained, 0);
}

/** A digit, or a dot among some, is 0.63 em wide at most, as a letter is in the mean. */
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

/** The days as they were asked for a while ago, the last one so that they add up to the total of now. None of people, nor of benefit. */
function withToday(daily, { today, period, measure, total }) {
  if (!daily || !["SUBMITTED", "ACCEPTED"].includes(measure)) return [];
  const of = (row) => counted(row, measure);
  const last = today < period.endsOn ? today : period.endsOn;
  const rows = daily.filter((row) => row.day < last).map((row) => ({ day: row.day, count: of(row) }));
  if (today < period.startsOn) return rows;
  const before = rows.reduce((sum, row) => sum + row.count, 0);
  return [...rows, { day: last, count: counted(total, measure) - before }];
}
