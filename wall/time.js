// How long ago something was. The steady clock may stand still while the computer sleeps, the other may be set: the
// longer of the two is taken, so that nothing looks newer than it is.

import { dayOf } from "./format.js";

/** A moment, so many milliseconds ago. */
export const moment = (ago = 0) => ({ steady: performance.now() - ago, set: Date.now() - ago });

/** In milliseconds. */
export const elapsed = ({ steady, set }) => Math.max(performance.now() - steady, Date.now() - set);

/** The server's clock as it was heard last, in milliseconds since 1970, and when that was. */
let told = null;
export function tellServerTime(date) {
  const at = Date.parse(date);
  if (Number.isFinite(at)) told = { at, heard: moment() };
}

/** The server's time in milliseconds since 1970; null where it does not tell, or tells another day than the board shows. */
export function serverTime(today) {
  if (told === null) return null;
  const now = told.at + elapsed(told.heard);
  return dayOf(new Date(now).toISOString()) === today ? now : null;
}
