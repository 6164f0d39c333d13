// The result of a period that is over: it stays on a screen that follows the running period, and does not vanish at midnight.

import { daysBetween } from "./format.js";

/** How often a held result and the period after it take turns. */
export const TURN_MS = 60_000;

/**
 * The period whose result is held on that day: its code, and whether it takes turns with the period after it. It is held alone for
 * `days` days, then in turn for as many. `periods` are campaigns, phases and programmes; boards follow those of the root, and of those
 * that run on a day the one that began last.
 */
export function heldOf(periods, today, days) {
  const followed = periods.filter(({ owner }) => owner.depth === 0);
  const lastDay = latest(followed.map(({ endsOn }) => endsOn).filter((day) => day < today));
  if (lastDay === null) return null;
  const running = followed.filter(({ startsOn, endsOn }) => startsOn <= lastDay && lastDay <= endsOn);
  const firstDay = latest(running.map(({ startsOn }) => startsOn));
  const shown = running.find(({ startsOn, endsOn }) => startsOn === firstDay && endsOn === lastDay);
  const passed = daysBetween(lastDay, today);
  return shown === undefined || passed > 2 * days ? null : { code: shown.code, isInTurn: passed > days };
}

const latest = (days) => days.reduce((latest, day) => (latest === null || day > latest ? day : latest), null);

/** Whether a followed board went on to another period because its own is over. */
export const hasEnded = (before, after) =>
  before.within.code === after.within.code && before.period.code !== after.period.code && before.period.endsOn < after.since;
