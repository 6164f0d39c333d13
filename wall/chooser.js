// The page of the bare address: find a unit, take its address along, or open it here.

import { BOARDS_MAX, HOLD_DAYS, KINDS, RANKINGS, SIZES } from "./address.js";
import { caller, inWords } from "./ask.js";
import { chooserWords } from "./chooser-words.js";
import { choice, filtered, finder } from "./finder.js";
import { dayBeside, plain } from "./format.js";
import { screenToken } from "./token.js";

const TYPED_MS = 200;
/** Modules around a QR code that readers need white. */
const QUIET = 4;
/** Version 15 holds so much at level M; a longer address makes a code too fine for a screen. */
const CODE_BYTES_MAX = 412;
/** Capitals of 16 minutes of arc can be read at ease; they are seven tenths of the size of a text. */
const ARC = 16 / 60 * Math.PI / 180;
const CAPITAL = 0.7;
/** The width of a screen of 16:9 by its diagonal, in metres an inch. */
const WIDTH_M = 0.0254 * 16 / Math.sqrt(16 ** 2 + 9 ** 2);
const SCREENS = [32, 43, 50, 55, 65, 75, 86, 100];
const PROJECTOR = 100;
const DISTANCES = [3, 4, 5, 6, 8, 10];
const FIRSTS = [5, 10, 20, 50];
const ROTATES = [30, 60, 300];
const HOLDS = [0, 1, 3, 7, 31];
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
const byId = (id) => document.getElementById(id);
const fieldById = (id) => /** @type {HTMLSelectElement} */ (byId(id));

const FIND = `query WallFind($text: String!, $within: UnitRef) {
  searchUnits(text: $text, within: $within, first: 8) { code name ancestors { name depth } }
}`;
const START = `query WallStart {
  root { code name children(first: 8) { nodes { code name } } }
}`;
const OF_UNIT = `query WallPeriods($unit: UnitRef!) {
  unit(ref: $unit) { clusters }
  periods(covering: $unit, first: 500) { nodes { code name startsOn endsOn } }
  today
}`;

/** From how far rows of that size are read on a screen of so many inches, in metres. */
const readableFrom = (size, inches) => SIZES[size] / 100 * CAPITAL * WIDTH_M * inches / ARC;

/** The least size that is read from so far; the largest one where none is. */
function sizeFor(inches, metres) {
  const sizes = Object.keys(SIZES);
  // A tenth of a metre is nothing.
  return sizes.find((size) => readableFrom(size, inches) >= metres - 0.1) || sizes[sizes.length - 1];
}

export async function choose(token, { lang, theme }, { kinds: kindWords }) {
  const words = chooserWords(lang);
  byId("chooser").hidden = false;
  document.body.dataset.view = "chooser";
  document.title = words.title;
  const chosen = { unit: null, name: "", clusters: [], periods: [] };
  let typed = 0;
  let asked = 0;
  /** The address of this page as others reach it. */
  let here = location.href;
  /** That a token was forgotten, if one was. */
  let forgotten = "";
  const { ask } = caller({
    token, lang,
    forgot() {
      screenToken.forget();
      forgotten = words.forgotToken;
      byId("chooser-told").textContent = forgotten;
    },
  });
  const tell = (error) => { byId("chooser-told").textContent = inWords(error, words); };

  /** The kinds that a unit below another may have. */
  const kinds = KINDS.slice(1).map((code) => ({ code, name: kindWords[code] }));
  /** Fields that find by name, in place of codes. */
  const finders = {
    cluster: found("cluster", { find: (text) => filtered(chosen.clusters, text), placeholder: words.typedAny }),
    kinds: found("kinds", { find: (text) => filtered(kinds, text), most: kinds.length, placeholder: words.typedAny }),
    period: found("period", { find: (text) => filtered(chosen.periods, text), placeholder: words.running }),
    window: found("window", { find: (text) => filtered(chosen.periods, text), placeholder: words.samePeriod }),
    me: found("me", { find: unitsBelow }),
    boards: found("boards", { find: unitsBelow, most: BOARDS_MAX, placeholder: words.allBoards }),
  };
  sayAll();

  function found(name, options) {
    const all = { field: `find-${name}`, placeholder: words.typed, nothing: words.noneFound, remove: words.remove, changed: () => show(), failed: tell, ...options };
    return finder(byId(`choose-${name}`), all);
  }

  const above = (unit) => (unit.ancestors || []).filter(({ depth }) => depth > 0).map((it) => plain(it.name)).join(" › ");
  const asChoice = (unit) => ({ code: unit.code, name: unit.name, above: above(unit) });

  /** The units below the one chosen that are named so. */
  async function unitsBelow(text) {
    if (!text || chosen.unit === null) return [];
    return (await ask(FIND, { text, within: { code: chosen.unit } })).searchUnits.map(asChoice);
  }

  function sayAll() {
    for (const id of Object.keys(TEXTS)) byId(id).textContent = words[TEXTS[id]];
    byId("search").setAttribute("placeholder", words.typed);
    byId("found").setAttribute("aria-label", words.found);
    byId("code").setAttribute("aria-label", words.code);
    options("choose-rank", [["", words.asIsBest], ...RANKINGS.map((rankBy) => [rankBy, words.ranks[rankBy]])]);
    options("choose-rotate", [["", words.never], ...ROTATES.map((s) => [String(s), words.every(s)])]);
    options("choose-first", [["", words.all], ...FIRSTS.map((n) => [String(n), words.best(n)])]);
    options("choose-hold", HOLDS.map((n) => [n === HOLD_DAYS ? "" : String(n), words.days(n)]));
    options("choose-screen", SCREENS.map((n) => [String(n), n === PROJECTOR ? words.projector : words.inches(n)]));
    options("choose-distance", DISTANCES.map((n) => [String(n), words.metres(n)]));
    options("choose-theme", [["", words.dark], ["light", words.light]]);
    options("choose-lang", [["", "Tiếng Việt"], ["en", "English"]]);
    fieldById("choose-hold").value = "";
    fieldById("choose-screen").value = "55";
    fieldById("choose-distance").value = "3";
    fieldById("choose-theme").value = theme === "light" ? "light" : "";
    fieldById("choose-lang").value = lang === "en" ? "en" : "";
    whats();
  }

  /** The choice of units: those below, those of a cluster where there are any, or all of some kinds. */
  function whats() {
    options("choose-what", [["", words.below], ...(chosen.clusters.length ? [["cluster", words.ofCluster]] : []), ["kinds", words.ofKinds]]);
  }

  function show() {
    const value = (id) => fieldById(id).value.trim();
    const [inches, metres] = [Number(value("choose-screen")), Number(value("choose-distance"))];
    const size = sizeFor(inches, metres);
    const from = Math.round(readableFrom(size, inches) * 10) / 10;
    const written = lang === "en" ? String(from) : String(from).replace(".", ",");
    byId("readable").textContent = (from < metres - 0.1 ? words.tooFar : words.readable)(written);
    const what = value("choose-what");
    const picked = (name) => finders[name].codes().join(",");
    const values = {
      unit: chosen.unit || "", cluster: what === "cluster" ? picked("cluster") : "", kinds: what === "kinds" ? picked("kinds") : "",
      period: picked("period"), window: picked("window"), rankBy: value("choose-rank"), first: value("choose-first"),
      me: picked("me"), rotate: value("choose-rotate"), boards: value("choose-rotate") ? picked("boards") : "",
      hold: picked("period") ? "" : value("choose-hold"), size: size === "normal" ? "" : size, theme: value("choose-theme"), lang: value("choose-lang"),
    };
    // A period that is named stays anyway.
    byId("hold-field").hidden = Boolean(values.period);
    byId("cluster-field").hidden = what !== "cluster";
    byId("kinds-field").hidden = what !== "kinds";
    byId("boards-field").hidden = !value("choose-rotate");
    // Without one the board is that of all units directly below.
    byId("unpicked").textContent = finders[what] && !picked(what) ? words.unpicked[what] : "";
    document.documentElement.dataset.theme = values.theme || "dark";
    const address = new URL("wall", here);
    for (const [name, text] of Object.entries(values)) if (text) address.searchParams.set(name, text);
    byId("chosen").textContent = chosen.name;
    const link = /** @type {HTMLAnchorElement} */ (byId("address"));
    link.textContent = address.host + address.pathname + address.search;
    link.href = address.href;
    drawCode(byId("code"), address.href);
    const briefing = new URL("briefing", location.href);
    for (const name of ["unit", "period", "lang"]) if (values[name]) briefing.searchParams.set(name, values[name]);
    /** @type {HTMLAnchorElement} */ (byId("briefing")).href = briefing.href;
    return address;
  }

  async function pick(unit) {
    Object.assign(chosen, { unit: unit.code, name: plain(unit.name) });
    // These are of the unit before.
    for (const name of ["cluster", "me", "boards"]) finders[name].clear();
    for (const button of byId("found").querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.value === unit.code));
    }
    show();
    const { periods, unit: found, today } = await ask(OF_UNIT, { unit: { code: unit.code } });
    if (chosen.unit !== unit.code) return;
    chosen.periods = periods.nodes.map(({ code, name, startsOn, endsOn }) =>
      ({ code, name, above: `${dayBeside(startsOn, today)}–${dayBeside(endsOn, today)}` }));
    chosen.clusters = found.clusters.map((name) => ({ code: name, name }));
    for (const name of ["period", "window"]) finders[name].keep((one) => chosen.periods.some(({ code }) => code === one.code));
    whats();
    show();
  }

  function list(units) {
    byId("found").textContent = "";
    for (const unit of units) {
      const button = choice(asChoice(unit));
      button.setAttribute("aria-pressed", String(unit.code === chosen.unit));
      button.onclick = () => pick(unit).catch(tell);
      const item = document.createElement("li");
      item.append(button);
      byId("found").append(item);
    }
    byId("found-count").textContent = words.foundCount(units.length);
    byId("chooser-told").textContent = units.length ? forgotten : words.nothingFound(fieldById("search").value.trim());
  }

  let start = null;
  async function find() {
    const number = asked += 1;
    const text = fieldById("search").value.trim();
    if (!text) {
      start = start || (await ask(START, {})).root;
      if (number === asked) list([start, ...start.children.nodes]);
      return;
    }
    const { searchUnits } = await ask(FIND, { text });
    // Answers to what was typed before may come later.
    if (number === asked) list(searchUnits);
  }

  byId("search").oninput = () => {
    clearTimeout(typed);
    typed = setTimeout(() => find().catch(tell), TYPED_MS);
  };
  for (const field of byId("chooser").querySelectorAll(".choices select")) /** @type {any} */ (field).oninput = show;
  fieldById("choose-screen").addEventListener("input", () => {
    // A projector's dark is the grey of its wall.
    if (fieldById("choose-screen").value === String(PROJECTOR)) fieldById("choose-theme").value = "light";
    show();
  });
  byId("choose-lang").addEventListener("input", () => {
    const address = new URL("wall", location.href);
    if (fieldById("choose-lang").value) address.searchParams.set("lang", "en");
    location.assign(address.href);
  });
  byId("chooser").onsubmit = (event) => {
    event.preventDefault();
    location.assign(new URL(show().search, location.href).href);
  };
  if (LOOPBACK.test(location.hostname)) {
    lookForAddress().then((found) => {
      if (found === undefined) return;
      byId("loopback").hidden = false;
      byId("loopback-text").textContent = found === null ? words.onlyHere : words.asOthers(found.host);
      byId("loopback-flag").textContent = found === null ? words.listenFlag : "";
      byId("result").classList.toggle("local", found === null);
      if (found !== null) here = found.href;
      show();
    });
  }
  show();
  await find().catch(tell);
  if (start) await pick(start).catch(tell);
}

/** By element, its word. */
const TEXTS = {
  "label-cluster": "cluster", "label-kinds": "kinds", "chooser-title": "title", "chooser-how": "how", "chooser-help": "help", "label-unit": "unit", "label-what": "what", "label-period": "period",
  "label-window": "window", "label-rank": "rank", "label-first": "first", "label-me": "me", "label-rotate": "rotate", "label-boards": "boards",
  "label-hold": "hold", "label-screen": "screen", "label-distance": "distance", "label-theme": "theme", "label-lang": "lang", "open-board": "open", "briefing": "briefing",
};

/** Puts these in place of a list's options, and keeps the choice where it is still there. */
function options(id, all) {
  const select = fieldById(id);
  const before = select.value;
  select.length = 0;
  for (const [value, text] of all) select.add(new Option(text, value));
  if (all.some(([value]) => value === before)) select.value = before;
}

/** This page at the server's address in the network; null where others cannot reach it, undefined where that is not known. */
async function lookForAddress() {
  try {
    const { address } = await (await fetch("wall/address", { cache: "no-store" })).json();
    // The page may be of a browser that the server takes for another machine's, as out of a container.
    if (address === undefined) return undefined;
    if (address === null) return null;
    const found = new URL(`${location.protocol}//${address}${location.pathname}`);
    // A proxy on this machine has an address of its own.
    return found.port === location.port ? found : undefined;
  } catch {
    return null;
  }
}

/** The maker of codes; null in a browser that is too old for it: a television needs no code to be photographed. */
let qr = null;

/** With the quiet margin that readers need; hidden where the address is too long. */
async function drawCode(canvas, address) {
  qr = qr || import("./lean-qr.js").catch(() => null);
  const maker = await qr;
  canvas.hidden = maker === null || address.length > CODE_BYTES_MAX;
  if (canvas.hidden) return;
  const code = maker.generate(address, { minCorrectionLevel: maker.correction.M });
  const scale = 4;
  canvas.width = canvas.height = (code.size + 2 * QUIET) * scale;
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = "#000";
  for (let y = 0; y < code.size; y += 1) for (let x = 0; x < code.size; x += 1) {
    if (code.get(x, y)) pen.fillRect((x + QUIET) * scale, (y + QUIET) * scale, scale, scale);
  }
}
