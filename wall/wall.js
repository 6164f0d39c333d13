// The wall page: one more client of the public GraphQL API. It shows the newest state of one leaderboard over one
// socket, says how old that is, and goes on by itself for as long as it is open.

import { keepToken, read } from "./address.js";
import { Board } from "./board.js";
import { choose } from "./chooser.js";
import * as documents from "./documents.js";
import { Feed } from "./feed.js";
import { drawHeader, drawTotal } from "./header.js";
import { forgetCount } from "./milestone.js";
import { shiftSlowly } from "./motion.js";
import { turns } from "./rotation.js";
import { drawStatus, notice } from "./status.js";
import { moment } from "./time.js";
import { Ticker } from "./ticker.js";
import { words as wordsOf } from "./words.js";

/** What need not be of the moment is asked again after so long, each screen at a time of its own. */
const MORE_MS = 20_000;
/** While what is there is of another day or period than the board. */
const MORE_SOON_MS = 1_000;
/** How long a board may differ from what the server answers before its feed is taken for silent. */
const DIFFERS_MS = 6_000;
const REFUSED_MS = 20_000;

const { settings, problems, isEmpty } = read(location.search);
const token = keepToken(settings);
const words = wordsOf(settings.lang);
document.documentElement.lang = settings.lang;
document.documentElement.dataset.theme = settings.theme;

if (problems.length) {
  notice(words.wrongTitle, words, problems.map(({ name, value, allowed, excludes }) =>
    (excludes ? words.notBoth(name, value) : words.wrong(name, value, allowed))));
} else if (isEmpty) {
  choose(token);
} else {
  run();
}

function run() {
  /**
   * What is shown: `settings` of the board followed and `drawn` of the one on the screen, the `board`, `more` beside it,
   * the period whose days are on the clock where the address names one; how the feed is doing.
   */
  const now = {
    settings, drawn: null, board: null, more: null, window: null,
    isLive: false, isBehind: false, heardAt: moment(), lost: null, attempts: 0, refusal: null,
  };
  const board = new Board(words);
  const ticker = new Ticker(words);
  const feed = new Feed(socketAddress(), token, {
    connected() {
      now.lost = null;
      if (now.board) lookForNewAssets();
    },
    lost(lost) {
      // Why the last attempt was refused is most likely why this one is.
      const isRefused = now.lost?.isRefused ?? false;
      Object.assign(now, { isLive: false, isBehind: false, lost: { ...lost, isRefused }, attempts: now.attempts + 1 });
      drawStatus(now, words);
      if (!lost.wasOpen) lookWhyRefused(now.lost);
    },
    pinged(behindSeconds) {
      // Whatever the version, what is shown is of it: a feed that fell silent is found by askMore().
      now.isBehind = behindSeconds > 0;
      if (now.isLive || now.isBehind) now.heardAt = moment(behindSeconds * 1000);
      if (now.isLive) drawStatus(now, words);
    },
  });
  /** A browser does not tell a page why its socket was refused. */
  async function lookWhyRefused(lost) {
    try {
      const { status } = await fetch(`wall/origin?is=${encodeURIComponent(location.origin)}`, { cache: "no-store" });
      lost.isRefused = status === 403;
    } catch {
      lost.isRefused = false;
    }
    if (now.lost === lost) drawStatus(now, words);
  }

  let unfollow = () => {};
  let refollow = 0;

  function follow() {
    clearTimeout(refollow);
    unfollow();
    unfollow = feed.follow(documents.board(now.settings), {
      next({ data, errors }) {
        if (!data?.leaderboard) return refused(errors ?? []);
        // A server that cannot read its database shows what it has to whoever comes.
        const isBehind = now.isBehind && (now.board === null || data.leaderboard.asOf === now.board.asOf);
        const heardAt = isBehind ? now.heardAt : moment();
        Object.assign(now, { board: data.leaderboard, isLive: true, isBehind, heardAt, attempts: 0, refusal: null });
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
    if (errors.length) now.refusal = refusalOf(errors[0], now.settings);
    now.isLive = false;
    if (now.board === null) notice(now.refusal ?? words.refused, words);
    drawStatus(now, words);
    refollow = setTimeout(follow, REFUSED_MS * (0.5 + Math.random()));
  }

  function draw() {
    if (!isBeside(now.more, now.board)) askMore();
    if (settings.window === null || now.window !== null) {
      document.body.dataset.view = "board";
      document.getElementById("notice").hidden = true;
      if (now.drawn !== now.settings) {
        // Nothing of the one before moves into another board.
        now.drawn = now.settings;
        board.clear();
        ticker.clear();
        forgetCount();
      }
      drawSides();
      ticker.today = now.board.since;
      ticker.note(now.board);
      board.draw(now.board);
    }
    drawStatus(now, words);
  }

  function drawSides() {
    const more = isBeside(now.more, now.board) ? now.more : null;
    drawHeader(now.board, now.window, words);
    drawTotal(now.board, { more, window: now.window }, words);
    if (more) ticker.setTitles(more.leaderboard.within.initiatives.nodes);
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
      if (data?.leaderboard && settings === now.settings) hearMore(data, shown);
    } catch {
      // Asked again, as soon as there is somebody to ask.
    }
    isAsking = false;
    const wait = isBeside(now.more, now.board) ? MORE_MS * (0.75 + Math.random() / 2) : MORE_SOON_MS;
    more = setTimeout(askMore, wait);
  }

  function hearMore(data, shown) {
    const hadWindow = now.window !== null;
    now.more = data;
    now.window = data.window ?? now.window;
    if (settings.window !== null && now.window === null) notice(words.noPeriod(settings.window), words);
    else if (!hadWindow && now.window !== null) draw();
    else if (isBeside(data, now.board)) drawSides();
    if (!isBeside(data, shown) || differs(data.leaderboard.total, shown.total)) {
      setTimeout(() => now.board === shown && now.isLive && feed.restart(), DIFFERS_MS);
    }
  }

  async function rotate() {
    try {
      if (now.isLive) {
        top ??= now.board.within.code;
        const all = await turns(feed, settings, top);
        turn = (turn + 1) % all.length;
        if (all.length > 1) {
          now.settings = all[turn];
          follow();
        }
      }
    } catch {
      // The next time.
    }
    setTimeout(rotate, settings.rotate * 1000);
  }

  let turn = 0;
  let top = settings.unit;
  follow();
  if (settings.rotate) setTimeout(rotate, settings.rotate * 1000);
  setInterval(() => drawStatus(now, words), 1000);
  drawStatus(now, words);
  shiftSlowly(document.getElementById("stage"));
  document.getElementById("board").setAttribute("aria-label", words.boardLabel);
  document.getElementById("side").setAttribute("aria-label", words.sideLabel);
}

/** Beside the page, wherever a proxy shows it. */
function socketAddress() {
  const address = new URL("graphql", location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  return address.href;
}

/** Whether what was asked beside a board is of its unit, period and day. */
function isBeside(more, board) {
  const of = ({ since, period, within }) => `${since} ${period.code} ${within.code}`;
  return more !== null && of(more.leaderboard) === of(board);
}

const differs = (total, other) => ["submitted", "accepted", "pending"].some((of) => total[of] !== other[of]);

function refusalOf({ message, extensions }, { unit, period }) {
  if (extensions?.code !== "REF_NOT_FOUND") return message;
  if (unit && message.includes(unit)) return words.noUnit(unit);
  if (period && message.includes(period)) return words.noPeriod(period);
  return unit || period ? message : words.noPeriodYet;
}

/** The server may have been replaced by one with another page. */
async function lookForNewAssets() {
  try {
    const { ok, headers } = await fetch("wall", { method: "HEAD", cache: "no-store" });
    const meta = /** @type {HTMLMetaElement} */ (document.querySelector("meta[name=assets]"));
    const theirs = headers.get("etag")?.replace(/^W\//, "").replaceAll('"', "");
    if (ok && theirs && theirs !== meta.content) location.reload();
  } catch {
    // At the next connection.
  }
}
