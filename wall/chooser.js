// The page of the bare address: find a unit, take its address along, or open it here.

import { HOLD_DAYS, KINDS, RANKINGS, SIZES } from "./address.js";
import { caller, inWords } from "./ask.js";
import { chooserWords } from "./chooser-words.js";
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

const FIND = `query WallFind($text: String!) {
  searchUnits(text: $text, first: 8) { code name ancestors { name depth } }
}`;
const START = `query WallStart {
  root { code name children(first: 8) { nodes { code name } } }
}`;
const OF_UNIT = `query WallPeriods($unit: UnitRef!) {
  unit(ref: $unit) { clusters }
  periods(covering: $unit, first: 50) { nodes { code name startsOn endsOn } }
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

export async function choose(token, { lang, theme }, { kinds: kindWords, inCluster }) {
  const words = chooserWords(lang);
  byId("chooser").hidden = false;
  document.body.dataset.view = "chooser";
  document.title = words.title;
  const chosen = { unit: null, name: "" };
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
  sayAll();

  function sayAll() {
    for (const id of Object.keys(TEXTS)) byId(id).textContent = words[TEXTS[id]];
    byId("search").setAttribute("placeholder", words.typed);
    byId("found").setAttribute("aria-label", words.found);
    byId("code").setAttribute("aria-label", words.code);
    options("choose-period", [["", words.running]]);
    options("choose-window", [["", words.samePeriod]]);
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
    whats([]);
  }

  /** The choice of units: those below, those of a cluster, or all of a kind. */
  function whats(clusters) {
    options("choose-what", [
      ["", words.below],
      ...clusters.map((name) => [`cluster ${name}`, words.cluster(inCluster(plain(name)))]),
      ...KINDS.slice(1).map((kind) => [`kinds ${kind}`, words.kinds(kindWords[kind])]),
    ]);
  }

  function show() {
    const value = (id) => fieldById(id).value.trim();
    const [inches, metres] = [Number(value("choose-screen")), Number(value("choose-distance"))];
    const size = sizeFor(inches, metres);
    const from = Math.round(readableFrom(size, inches) * 10) / 10;
    const written = lang === "en" ? String(from) : String(from).replace(".", ",");
    byId("readable").textContent = (from < metres - 0.1 ? words.tooFar : words.readable)(written);
    const [what, ...rest] = value("choose-what").split(" ");
    const values = {
      unit: chosen.unit || "", cluster: what === "cluster" ? rest.join(" ") : "", kinds: what === "kinds" ? rest.join(" ") : "",
      period: value("choose-period"), window: value("choose-window"), rankBy: value("choose-rank"), first: value("choose-first"),
      me: value("choose-me"), rotate: value("choose-rotate"), boards: value("choose-rotate") ? value("choose-boards") : "",
      hold: value("choose-period") ? "" : value("choose-hold"), size: size === "normal" ? "" : size, theme: value("choose-theme"), lang: value("choose-lang"),
    };
    // A period that is named stays anyway.
    byId("hold-field").hidden = Boolean(value("choose-period"));
    byId("boards-field").hidden = !value("choose-rotate");
    document.documentElement.dataset.theme = values.theme || "dark";
    const address = new URL("wall", here);
    for (const [name, text] of Object.entries(values)) if (text) address.searchParams.set(name, text);
    byId("chosen").textContent = chosen.name;
    const link = /** @type {HTMLAnchorElement} */ (byId("address"));
    link.textContent = address.host + address.pathname + address.search;
    link.href = address.href;
    drawCode(byId("code"), address.href);
    const briefing = new URL("briefing", location.href);
    for (const name of ["unit", "period"]) if (values[name]) briefing.searchParams.set(name, values[name]);
    /** @type {HTMLAnchorElement} */ (byId("briefing")).href = briefing.href;
    return address;
  }

  async function pick(unit) {
    Object.assign(chosen, { unit: unit.code, name: plain(unit.name) });
    for (const button of byId("found").querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.value === unit.code));
    }
    show();
    const { periods, unit: found, today } = await ask(OF_UNIT, { unit: { code: unit.code } });
    if (chosen.unit !== unit.code) return;
    const all = periods.nodes.map(({ code, name, startsOn, endsOn }) =>
      [code, `${plain(name)} (${dayBeside(startsOn, today)}–${dayBeside(endsOn, today)})`]);
    options("choose-period", [["", words.running], ...all]);
    options("choose-window", [["", words.samePeriod], ...all]);
    whats(found.clusters);
    show();
  }

  function list(units) {
    byId("found").textContent = "";
    for (const unit of units) {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", value: unit.code });
      const [name, above] = [document.createElement("b"), document.createElement("small")];
      name.textContent = plain(unit.name);
      above.textContent = (unit.ancestors || []).filter(({ depth }) => depth > 0).map((it) => plain(it.name)).join(" › ");
      button.append(name, above);
      button.setAttribute("aria-pressed", String(unit.code === chosen.unit));
      button.onclick = () => pick(unit).catch(tell);
      const item = document.createElement("li");
      item.append(button);
      byId("found").append(item);
    }
    byId("found-count").textContent = words.foundCount(units.length);
    byId("chooser-told").textContent = units.length ? forgotten : words.nothingFound(fieldById("search").value.trim());
  }

  const tell = (error) => { byId("chooser-told").textContent = inWords(error, words); };

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
  for (const field of byId("chooser").querySelectorAll(".choices select, .choices input")) /** @type {any} */ (field).oninput = show;
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
  "chooser-title": "title", "chooser-how": "how", "chooser-help": "help", "label-unit": "unit", "label-what": "what", "label-period": "period",
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
