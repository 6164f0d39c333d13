// The wall page: one more client of the public GraphQL API. It shows the newest state of one leaderboard over one
// socket, says how old that is, and goes on by itself for as long as it is open.

import { keepToken, read } from "./address.js";
import { Board } from "./board.js";
import { choose } from "./chooser.js";
import * as documents from "./documents.js";
import { Feed } from "./feed.js";
import { day, dayOf, secondOf } from "./format.js";
import { drawHeader, drawTotal, forgetCount } from "./header.js";
import { put } from "./motion.js";
import { Ticker } from "./ticker.js";
import { age, words as wordsOf } from "./words.js";

/** What need not be of the moment is asked again after so long, each screen at a time of its own. */
const MORE_MS = 20_000;
/** How long a board may differ from what the server answers before its feed is taken for silent. */
const DIFFERS_MS = 6_000;
const REFUSED_MS = 20_000;
const SHIFT_MS = 60_000;
/** Tenths of a per cent of the screen, there and back: no pixel shows the same edge for weeks. */
const SHIFTS = [[0, 0], [2, 1], [4, 2], [2, 3], [0, 4], [-2, 3], [-4, 2], [-2, 1]];

/** What a board without boards below it shows in turn. */
const ROTATED = ["TARGET_RATIO", "SUBMITTED", "GAINED"];

const byId = (id) => document.getElementById(id);
const { settings, problems, isEmpty } = read(location.search);
const token = keepToken(settings);
const words = wordsOf(settings.lang);
document.documentElement.lang = settings.lang;
document.documentElement.dataset.theme = settings.theme;

/** What is shown. */
const now = {
  settings, board: null, more: null, isLive: false, heardAt: 0, lost: null, attempts: 0, refusal: null,
  hint: null,
};

function notice(title, lines) {
  document.body.dataset.view = "notice";
  byId("notice").hidden = false;
  put(byId("notice-title"), title);
  byId("notice-list").replaceChildren(...lines.map((line) => {
    const item = document.createElement("li");
    item.textContent = line;
    return item;
  }));
  put(byId("notice-link"), words.chooseAnew);
}

if (problems.length) {
  notice(words.wrongTitle, problems.map(({ name, value, allowed, excludes }) =>
    (excludes ? words.notBoth(name, value) : words.wrong(name, value, allowed))));
} else if (isEmpty) {
  choose(token);
} else {
  run();
}

function run() {
  byId("board").setAttribute("aria-label", words.boardLabel);
  byId("side").setAttribute("aria-label", words.sideLabel);
  const board = new Board(words);
  const ticker = new Ticker(words);
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const feed = new Feed(`${scheme}://${location.host}/graphql`, token, {
    connected() {
      now.lost = null;
      if (now.board) lookForNewAssets();
    },
    lost(lost) {
      Object.assign(now, { isLive: false, lost, attempts: now.attempts + 1 });
      drawStatus();
    },
    pinged() {
      // Whatever the version, what is shown is of it: a feed that fell silent is found by askMore().
      if (now.isLive) now.heardAt = performance.now();
    },
  });
  let unfollow = () => {};
  let refollow = 0;

  function follow() {
    clearTimeout(refollow);
    unfollow();
    unfollow = feed.follow(documents.board(now.settings), {
      next({ data, errors }) {
        if (!data?.leaderboard) return refused(errors ?? []);
        Object.assign(now, { board: data.leaderboard, isLive: true, heardAt: performance.now(), attempts: 0, refusal: null });
        if (ranksAsIsBest()) draw();
      },
      refused,
    });
  }

  /**
   * Where the address does not say what ranks, it is the share of the target; where nobody has one, the count. Begins
   * anew with the other when that turns.
   */
  function ranksAsIsBest() {
    if (!now.settings.ranksAsIsBest) return true;
    const { entries, period } = now.board;
    const hasTargets = !entries.length || entries.some(({ tally }) => tally.ratio !== null);
    const rankBy = hasTargets ? "TARGET_RATIO" : period.metric;
    if (rankBy === now.settings.rankBy) return true;
    now.settings = { ...now.settings, rankBy };
    follow();
    return false;
  }

  /** It may come to be right: a unit is entered, a period is called. */
  function refused(errors) {
    if (errors.length) now.refusal = refusalOf(errors[0]);
    now.isLive = false;
    if (now.board === null) notice(now.refusal ?? words.refused, []);
    drawStatus();
    refollow = setTimeout(follow, REFUSED_MS * (0.5 + Math.random()));
  }

  function draw() {
    if (document.body.dataset.view !== "board") {
      document.body.dataset.view = "board";
      byId("notice").hidden = true;
    }
    drawHeader(now.board, now.more, words);
    drawTotal(now.board, now.more, words);
    ticker.today = dayOf(now.board.asOf);
    ticker.note(now.board);
    board.draw(now.board);
    drawStatus();
    if (now.more === null) askMore();
  }

  let more = 0;
  let isAsking = false;
  async function askMore() {
    if (isAsking) return;
    isAsking = true;
    clearTimeout(more);
    const { settings, board: shown } = now;
    try {
      const { data } = await feed.ask(documents.more(settings));
      if (data?.leaderboard && settings === now.settings) {
        now.more = data;
        now.hint = settings.window !== null && data.window === null ? words.noPeriod(settings.window) : null;
        ticker.setTitles(data.leaderboard.within.initiatives.nodes);
        drawHeader(now.board, now.more, words);
        drawTotal(now.board, now.more, words);
        if (differs(data.leaderboard.total, shown)) setTimeout(() => restartIfSilent(shown), DIFFERS_MS);
      }
    } catch {
      // Asked again, as soon as there is somebody to ask.
    }
    isAsking = false;
    more = setTimeout(askMore, MORE_MS * (0.75 + Math.random() / 2));
  }

  const differs = (total, board) => ["submitted", "accepted", "pending"].some((of) => total[of] !== board.total[of]);
  function restartIfSilent(shown) {
    if (now.board === shown && now.isLive) feed.restart();
  }

  // Rotation: through the boards below, or where there are none through what can rank.

  async function turns() {
    const units = settings.unit === null ? [] : [settings.unit];
    if (settings.kinds === null && settings.cluster === null) {
      const top = settings.unit ?? now.board?.within.code;
      const { data } = await feed.ask(documents.below(top));
      const nodes = data?.unit?.children.nodes ?? [];
      units.push(...nodes.filter((node) => node.children.totalCount > 0).map((node) => node.code));
      if (nodes.some((node) => node.children.totalCount > 0)) {
        return [settings, ...units.slice(settings.unit === null ? 0 : 1).map((unit) => ({ ...settings, unit }))];
      }
    }
    const others = ROTATED.filter((rankBy) => rankBy !== settings.rankBy);
    return [settings, ...others.map((rankBy) => ({ ...settings, rankBy, ranksAsIsBest: false }))];
  }

  let turn = 0;
  async function rotate() {
    try {
      if (now.isLive) {
        const all = await turns();
        turn = (turn + 1) % all.length;
        if (all.length > 1) {
          Object.assign(now, { settings: all[turn], more: null });
          board.clear();
          ticker.clear();
          forgetCount();
          follow();
        }
      }
    } catch {
      // The next time.
    }
    setTimeout(rotate, settings.rotate * 1000);
  }

  follow();
  if (settings.rotate) setTimeout(rotate, settings.rotate * 1000);
  setInterval(drawStatus, 1000);
  drawStatus();

  let shift = 0;
  setInterval(() => {
    shift = (shift + 1) % SHIFTS.length;
    const [x, y] = SHIFTS[shift];
    byId("stage").style.translate = `${x / 10}vw ${y / 10}vh`;
  }, SHIFT_MS);
}

function refusalOf({ message, extensions }) {
  if (extensions?.code !== "REF_NOT_FOUND") return message;
  const { unit, period } = now.settings;
  if (unit && message.includes(unit)) return words.noUnit(unit);
  if (period && message.includes(period)) return words.noPeriod(period);
  return unit || period ? message : words.noPeriodYet;
}

/** Live, or over: then only reviews go on. */
function stateOf({ asOf, period, total }) {
  if (dayOf(asOf) <= period.endsOn) return words.live;
  return total.pending > 0 ? words.overInReview : words.over.toLowerCase();
}

function drawStatus() {
  const { isLive, board, lost, refusal, attempts } = now;
  const element = byId("status");
  const isLost = !isLive && (attempts > 0 || refusal !== null);
  if (isLost && document.body.dataset.view === "waiting") notice(words.lost, []);
  element.dataset.state = isLive ? "live" : isLost ? "lost" : "waiting";
  document.body.classList.toggle("stale", isLost && board !== null);
  const wait = lost ? Math.max(0, Math.ceil((lost.retryAt - performance.now()) / 1000)) : 0;
  const again = wait > 0 ? words.again(wait) : words.reconnecting;
  const asOf = board && `${secondOf(board.asOf)}${isLive ? "" : `, ${day(dayOf(board.asOf))}`}`;
  let text = words.connecting;
  if (isLive) text = [now.hint, stateOf(board), words.asOf(asOf)].filter(Boolean).join(" · ");
  else if (lost?.isForbidden) text = words.forbidden;
  else if (refusal !== null && !lost) text = words.waiting;
  else if (isLost) {
    const old = board ? words.old(age(performance.now() - now.heardAt, words)) : words.noData;
    text = [words.lost, old, again].join(" · ");
  }
  put(byId("status-text"), text);
  // Said once for each turn, not each second.
  put(byId("status-said"), isLive ? stateOf(board) : isLost ? words.lost : words.connecting);
  if (document.body.dataset.view !== "board") put(byId("notice-status"), text);
}

/** The server may have been replaced by one with another page. */
async function lookForNewAssets() {
  try {
    const { ok, headers } = await fetch("/wall", { method: "HEAD", cache: "no-store" });
    const mine = document.querySelector("meta[name=assets]").content;
    const theirs = headers.get("etag")?.replace(/^W\//, "").replaceAll('"', "");
    if (ok && theirs && theirs !== mine) location.reload();
  } catch {
    // At the next connection.
  }
}
