// The foot: live, lost and since when, or over; and the notice in place of a board that cannot be shown.

import { dayBeside, dayOf, minuteOf } from "./format.js";
import { put } from "./motion.js";
import { elapsed, serverTime } from "./time.js";
import { age } from "./words.js";

/** How long it is said that a token was forgotten: rows have less room meanwhile. */
const TOLD_MS = 120_000;
/** Letters of a state beside which news have room enough. */
const SHORT_MAX = 14;
const byId = (id) => document.getElementById(id);
const view = () => document.body.dataset.view;

export function notice(title, words, lines = []) {
  document.body.dataset.view = "notice";
  byId("notice").hidden = false;
  put(byId("notice-title"), title);
  byId("notice-list").textContent = "";
  for (const line of lines) {
    const item = document.createElement("li");
    item.textContent = line;
    byId("notice-list").append(item);
  }
  put(byId("notice-link"), words.chooseAnew);
}

export function drawStatus(now, words) {
  const { board, attempts, refusal } = now;
  const isLive = now.isLive && !now.isBehind;
  const isTold = now.forgotToken !== null && elapsed(now.forgotToken) < TOLD_MS;
  put(byId("banner"), isTold ? words.forgotToken : "");
  document.body.classList.toggle("told-more", isTold);
  const isLost = !isLive && (now.isLive || attempts > 0 || refusal !== null);
  if (isLost && view() === "waiting") notice(words.lost, words);
  byId("status").dataset.state = isLive ? "live" : isLost ? "lost" : "waiting";
  document.body.classList.toggle("stale", isLost && board !== null);
  // A board that is live is of now; of a clock that is not the server's own only the moment of its last change is known.
  const clock = isLive ? serverTime(board.since) : null;
  const asOf = clock === null ? words.asOf : `${words.changed} ${timeOf(board)}`;
  const [state, more] = isLive ? [stateOf(board, words), asOf] : isLost ? ofLost(now, words) : [words.connecting, ""];
  document.body.classList.toggle("explained", isLost || state.length > SHORT_MAX);
  put(byId("status-state"), state);
  put(byId("status-more"), more);
  put(byId("time"), clock !== null ? minuteOf(new Date(clock).toISOString()) : board ? timeOf(board) : "");
  // Said once for each turn, not each second.
  put(byId("status-said"), isLive ? state : isLost ? (now.isLive ? words.behind : words.lost) : words.connecting);
  if (view() !== "board") put(byId("notice-status"), isLive ? words.waiting : [state, more].filter(Boolean).join(" · "));
}

/** The last change may have been on a day before that of the board. */
function timeOf({ asOf, since }) {
  const changed = dayOf(asOf);
  return changed === since ? minuteOf(asOf) : `${minuteOf(asOf)}, ${dayBeside(changed, since)}`;
}

/** Live, or over: then only reviews go on, until an officer makes the figures final. */
function stateOf({ since: today, period, live, closing }, words) {
  if (today <= period.endsOn) return words.live;
  const isFinal = Boolean(closing) && closing.kind === "FINAL";
  return live.total.pending > 0 && !isFinal ? words.overInReview : words.over.toLowerCase();
}

/** The fault, and how old it makes the board. */
function ofLost(now, words) {
  const { board, heardAt, lost, refusal } = now;
  if (lost && lost.isForbidden) return [words.forbidden, ""];
  if (lost && lost.isRefused) return [words.refusedHere, ""];
  // The server is there, but does not give this board.
  if (!lost && refusal !== null) return board ? [refusal, words.waiting] : [words.waiting, ""];
  const old = board ? words.old(age(elapsed(heardAt), words)) : words.noData;
  if (now.isLive) return [words.behind, old];
  const wait = lost ? Math.max(0, Math.ceil((lost.retryAt - performance.now()) / 1000)) : 0;
  return [words.lost, [old, wait > 0 ? words.again(wait) : words.reconnecting].join(" · ")];
}
