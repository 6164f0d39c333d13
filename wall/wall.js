// The wall page: one more client of the public GraphQL API. It shows the newest state of one leaderboard over one
// line to the server, says how old that is, and goes on by itself for as long as it is open.

import { read } from "./address.js";
import { Board } from "./board.js";
import { choose } from "./chooser.js";
import * as documents from "./documents.js";
import { Feed } from "./feed.js";
import { hasGains, rankingOf } from "./figures.js";
import { drawFill, drawPlace } from "./fill.js";
import { speak } from "./format.js";
import { drawHeader, drawTotal } from "./header.js";
import { hasEnded, heldOf, TURN_MS } from "./hold.js";
import { withKept } from "./kept.js";
import { forgetWidths } from "./layout.js";
import { forgetCount } from "./milestone.js";
import { beginSeries, shiftSlowly } from "./motion.js";
import { turns } from "./rotation.js";
import { hidePointer, stayAwake } from "./screen.js";
import { drawStatus, notice } from "./status.js";
import { Ticker } from "./ticker.js";
import { moment, tellServerTime } from "./time.js";
import { titlesOf } from "./titles.js";
import { screenToken } from "./token.js";
import { words as wordsOf } from "./words.js";

/** The answer beside the board is asked again after so long, each screen at a time of its own. */
const MORE_MS = 20_000;
/** While what is there is of another day or period than the board. */
const MORE_SOON_MS = 1_000;
/** How long a board may differ from what the server answers before its feed is taken for silent. */
const DIFFERS_MS = 6_000;
const REFUSED_MS = 20_000;
/** So many sockets that do not open while requests are answered: then streams are taken. */
const CLOSED_SOCKETS_MAX = 2;

document.documentElement.dataset.started = "";
const token = screenToken.take();
const { settings, problems, isChooser } = read(location.search);
const words = wordsOf(settings.lang);
speak(settings.lang);
document.documentElement.lang = settings.lang;
document.documentElement.dataset.theme = settings.theme;
document.documentElement.dataset.size = settings.size;
for (const element of document.querySelectorAll("[data-words]")) {
  element.textContent = words.texts[/** @type {HTMLElement} */ (element).dataset.words];
}

if (problems.length) {
  notice(words.wrongTitle, words, problems.map(({ name, value, allowed, excludes }) =>
    (excludes ? words.notBoth(name, value) : words.wrong(name, value, allowed))));
} else if (isChooser) choose(token, settings, words);
else run();

function run() {
  /**
   * The state of the page: `settings` of the board followed and `drawn` of the one on the screen, the `board`, `more` beside it,
   * the period whose days are on the clock where the address names one; how the feed is doing, when a token was forgotten, the
   * period that is held after its end, whether it is known which that is, and the period that boards show now (null: the running one).
   */
  const now = {
    settings, drawn: null, board: null, more: null, window: null, series: "",
    isLive: false, isBehind: false, heardAt: moment(), lost: null, attempts: 0, refusal: null, forgotToken: null, held: null,
    isHeldKnown: !settings.isFollowing, period: settings.period,
  };
  const board = new Board(words, settings);
  const ticker = new Ticker(words);
  let closedSockets = 0;
  const feed = new Feed(new URL("graphql", location.href).href, token, {
    connected() {
      now.lost = null;
      closedSockets = 0;
      lookForNewAssets(now.board !== null);
    },
    lost(lost) {
      if (lost.isForbidden && lost.hadToken) {
        // Else this browser would be locked out for ever, also without a token in the address.
        screenToken.forget();
        now.forgotToken = moment();
        return feed.forgetToken();
      }
      // Why the last attempt was refused is most likely why this one is.
      const isRefused = now.lost !== null && now.lost.isRefused;
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
      if (status === 204 && !lost.overStreams) {
        closedSockets += 1;
        if (closedSockets >= CLOSED_SOCKETS_MAX) feed.useStreams();
      }
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
        if (!data || !data.leaderboard) return refused(errors || []);
        // This board is of the next period: nothing of it is shown before the result was held.
        const mayHold = settings.isFollowing && now.settings.period === null && now.drawn === now.settings;
        if (mayHold && hasEnded(now.board, data.leaderboard)) {
          return hold({ code: now.board.period.code, isInTurn: false });
        }
        // A server that cannot read its database shows what it has to whoever comes.
        const isBehind = now.isBehind && (now.board === null || data.leaderboard.asOf === now.board.asOf);
        const heardAt = isBehind ? now.heardAt : moment();
        Object.assign(now, { board: withKept(data.leaderboard), isLive: true, isBehind, heardAt, attempts: 0, refusal: null });
        if (ranksRight()) draw();
      },
      refused,
    });
  }

  /** Shows the held period, or goes on with the running one. */
  function hold(held) {
    now.held = held;
    // In turn the timer says which.
    if (held !== null && held.isInTurn) return;
    now.period = held === null ? null : held.code;
    show(now.period);
  }

  function show(period) {
    if (now.settings.period === period) return;
    now.settings = { ...now.settings, period };
    follow();
  }

  /** Begins anew where another measure has to rank from now on. */
  function ranksRight() {
    const rankBy = rankingOf(now.board, now.settings);
    if (rankBy === now.settings.rankBy) return true;
    now.settings = { ...now.settings, rankBy };
    follow();
    return false;
  }

  /** It may come to be right: a unit is entered, a period is called. */
  function refused(errors) {
    if (errors.length) now.refusal = refusalOf(errors[0], now.settings);
    now.isLive = false;
    if (now.board === null) notice(now.refusal === null ? words.refused : now.refusal, words);
    drawStatus(now, words);
    // A state without data is told as such, and again by the end of what was followed.
    clearTimeout(refollow);
    refollow = setTimeout(follow, REFUSED_MS * (0.5 + Math.random()));
  }

  /** Whether no other board may have to be shown instead, and the days on the clock are there. */
  const mayShow = () => now.isHeldKnown && (settings.window === null || now.window !== null);

  function draw() {
    if (!isBeside(now.more, now.board)) askMore();
    if (hasNoSuchCluster(now.board, now.settings)) notice(words.noCluster(now.settings.cluster), words);
    else if (mayShow()) return drawBoard();
    drawStatus(now, words);
  }

  function drawBoard() {
    document.body.dataset.view = "board";
    document.getElementById("notice").hidden = true;
    const series = seriesOf(now.board);
    if (now.drawn !== now.settings || now.series !== series) {
      // Nothing of the one before moves into another board, nor of a period into the next.
      Object.assign(now, { drawn: now.settings, series });
      board.clear(now.settings);
      ticker.clear();
      forgetCount();
      beginSeries();
    }
    ticker.today = now.board.since;
    ticker.note(now.board);
    drawStatus(now, words);
    drawSides();
    // The rows take what room the head and the foot leave.
    board.draw(now.board);
    drawBelow();
    if (settings.rotate) sayTurn();
  }

  const moreBeside = () => (isBeside(now.more, now.board) ? now.more : null);

  function drawSides() {
    const { window, settings } = now;
    drawHeader(now.board, { window, settings }, words);
    drawTotal(now.board, { more: moreBeside(), window, settings }, words);
    drawPlace(now.board, { more: moreBeside(), settings }, words);
  }

  function drawBelow() {
    const more = moreBeside();
    const titles = more ? titlesOf(more, now.settings) : [];
    const listed = drawFill(now.board, { more, titles }, words);
    if (more) ticker.setTitles(titles.slice(listed));
  }

  let more = 0;
  let isAsking = false;
  async function askMore() {
    if (isAsking) return;
    isAsking = true;
    clearTimeout(more);
    const { settings, board: shown } = now;
    try {
      const { data } = await feed.ask(documents.more(settings, shown));
      if (settings === now.settings) {
        if (data && data.leaderboard) hearMore(data, shown, settings);
        else goWithoutHeld();
      }
    } catch {
      // Asked again, as soon as there is somebody to ask.
      goWithoutHeld();
    }
    isAsking = false;
    const wait = isBeside(now.more, now.board) ? MORE_MS * (0.75 + Math.random() / 2) : MORE_SOON_MS;
    more = setTimeout(askMore, wait);
  }

  /** A server that does not say which period is held keeps no board from the screen. */
  function goWithoutHeld() {
    if (now.isHeldKnown || !now.isLive) return;
    now.isHeldKnown = true;
    draw();
  }

  function hearMore(data, shown, asked) {
    const isDrawn = mayShow();
    now.isHeldKnown = true;
    now.more = data;
    now.window = data.window || now.window;
    const { since, within } = data.leaderboard;
    if (settings.isFollowing) hold(heldOf(within.periods, since, settings.hold));
    if (settings.isFollowing && now.settings !== asked) return;
    if (settings.window !== null && now.window === null) notice(words.noPeriod(settings.window), words);
    else if (!isDrawn) draw();
    else if (isBeside(data, now.board)) {
      drawSides();
      board.redraw();
      drawBelow();
    }
    if (!isBeside(data, shown) || differs(data.leaderboard.total, shown.live.total)) {
      setTimeout(() => now.board === shown && now.isLive && feed.restart(), DIFFERS_MS);
    }
  }

  function allTurns() {
    if (top === null && now.board !== null) top = now.board.within.code;
    return turns(feed, { ...settings, period: now.period }, { unit: top, ranksGains: now.board === null || hasGains(now.board) });
  }

  let isTurnAsked = false;
  /** The first board is one of several from the beginning. */
  async function sayTurn() {
    if (isTurnAsked) return;
    isTurnAsked = true;
    try {
      const all = await allTurns();
      if (all.length > 1 && now.settings.turn === null) {
        now.settings.turn = all[0].turn;
        board.redraw();
      }
    } catch {
      // The next board says it.
      isTurnAsked = false;
    }
  }

  /** Each board stays until all of its pages were shown; the main one, between any two others, for its first. */
  async function rotate() {
    const isSeen = turn === 0 || now.settings.turn.isMain || board.isThrough || !now.isLive;
    if (!isSeen) return board.whenThrough(rotate);
    try {
      // A board that is refused is passed over.
      if (now.isLive || now.refusal !== null) {
        const all = await allTurns();
        if (all.length > 1) {
          // The first one has been shown.
          turn = (turn + 1) % all.length;
          // From one main board to the next all boards are of one period.
          if (all[turn].turn.isMain && now.held !== null && now.held.isInTurn) now.period = now.period === null ? now.held.code : null;
          now.settings = { ...all[turn], period: now.period };
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
  else if (settings.isFollowing) {
    setInterval(() => {
      if (now.held !== null && now.held.isInTurn && now.isLive) show(now.settings.period === null ? now.held.code : null);
    }, TURN_MS);
  }
  setInterval(() => drawStatus(now, words), 1000);
  drawStatus(now, words);
  shiftSlowly(document.getElementById("stage"));
  addEventListener("resize", () => {
    if (now.drawn === null) return;
    drawSides();
    board.redraw();
    drawBelow();
  });
  // A head or a foot that says more leaves less room for rows.
  const observer = new ResizeObserver(() => now.drawn !== null && board.redraw());
  for (const selector of ["footer", "header", "#banner"]) observer.observe(document.querySelector(selector));
  hidePointer();
  stayAwake();
  // Names are measured in all weights and both alphabets that they are written in.
  const loading = [600, 700].map((weight) => document.fonts.load(`${weight} 40px "Be Vietnam Pro"`, "Đồng Nai 8"));
  Promise.all(loading).then(() => {
    forgetWidths();
    document.documentElement.dataset.typeface = "";
    board.redraw();
  }, () => {});
  document.getElementById("board").setAttribute("aria-label", words.boardLabel);
  document.getElementById("side").setAttribute("aria-label", words.sideLabel);
}

/** Numbers of one series follow one another. */
const seriesOf = ({ within, period }) => `${within.code} ${period.code}`;

/** Whether what was asked beside a board is of its unit, period and day. */
function isBeside(more, board) {
  const of = ({ since, period, within }) => `${since} ${period.code} ${within.code}`;
  return more !== null && of(more.leaderboard) === of(board);
}

/** A cluster is known by the units that name it: one without units is a name of nothing. */
const hasNoSuchCluster = ({ ranked }, { cluster }) => cluster !== null && ranked === 0;

const differs = (total, other) => ["submitted", "accepted", "pending"].some((of) => total[of] !== other[of]);

function refusalOf({ message, extensions }, { unit, period, me }) {
  const code = extensions ? extensions.code : null;
  if (code !== "REF_NOT_FOUND") return words.refusals[code] || message;
  if (unit && message.includes(unit)) return words.noUnit(unit);
  if (period && message.includes(period)) return words.noPeriod(period);
  if (me && message.includes(me)) return words.noUnit(me);
  return unit || period || me ? message : words.noPeriodYet;
}

/** The server tells its time, and may have been replaced by one with another page. */
async function lookForNewAssets(mayReload) {
  try {
    const { ok, headers } = await fetch("wall", { method: "HEAD", cache: "no-store" });
    tellServerTime(headers.get("date"));
    const meta = /** @type {HTMLMetaElement} */ (document.querySelector("meta[name=assets]"));
    const theirs = (headers.get("etag") || "").replace(/^W\//, "").replace(/"/g, "");
    if (mayReload && ok && theirs && theirs !== meta.content) location.reload();
  } catch {
    // At the next connection.
  }
}
