// What is shown at the address alone: find a unit, take its address along, or open it here.

import { plain, shortDay } from "./format.js";
import { correction, generate } from "./lean-qr.js";

const TYPED_MS = 200;
/** Modules around a QR code that readers need white. */
const QUIET = 4;
/** What version 15 holds at level M; a longer address makes a code too fine for a screen. */
const CODE_BYTES_MAX = 412;
const byId = (id) => document.getElementById(id);
const selectById = (id) => /** @type {HTMLSelectElement} */ (byId(id));

const FIND = `query WallFind($text: String!) {
  searchUnits(text: $text, first: 8) { code name ancestors { name depth } }
}`;
const START = `query WallStart {
  root { code name children(first: 8) { nodes { code name } } }
}`;
const PERIODS = `query WallPeriods($unit: UnitRef!) {
  periods(covering: $unit, first: 50) { nodes { code name startsOn endsOn } }
}`;

export async function choose(token) {
  byId("chooser").hidden = false;
  document.body.dataset.view = "chooser";
  const ask = asker(token);
  const chosen = { unit: null, name: "" };
  let typed = 0;
  let asked = 0;

  function show() {
    const values = {
      unit: chosen.unit ?? "", period: selectById("choose-period").value, rankBy: selectById("choose-rank").value,
      rotate: selectById("choose-rotate").value, theme: selectById("choose-theme").value,
    };
    document.documentElement.dataset.theme = values.theme || "dark";
    const address = new URL("wall", location.href);
    for (const [name, value] of Object.entries(values)) if (value) address.searchParams.set(name, value);
    byId("chosen").textContent = chosen.name;
    const link = /** @type {HTMLAnchorElement} */ (byId("address"));
    link.textContent = address.host + address.pathname + address.search;
    link.href = address.href;
    drawCode(byId("code"), address.href);
    return address;
  }

  async function pick(unit) {
    Object.assign(chosen, { unit: unit.code, name: plain(unit.name) });
    for (const button of byId("found").querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.value === unit.code));
    }
    show();
    const { periods } = await ask(PERIODS, { unit: { code: unit.code } });
    if (chosen.unit !== unit.code) return;
    const select = selectById("choose-period");
    const before = select.value;
    select.length = 1;
    for (const { code, name, startsOn, endsOn } of periods.nodes) {
      select.add(new Option(`${plain(name)} (${shortDay(startsOn)}–${shortDay(endsOn)})`, code));
    }
    select.value = periods.nodes.some(({ code }) => code === before) ? before : "";
    show();
  }

  function list(units) {
    byId("found").replaceChildren(...units.map((unit) => {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", value: unit.code });
      const [name, above] = [document.createElement("b"), document.createElement("small")];
      name.textContent = plain(unit.name);
      above.textContent = (unit.ancestors ?? []).filter(({ depth }) => depth > 0).map((it) => plain(it.name)).join(" › ");
      button.append(name, above);
      button.setAttribute("aria-pressed", String(unit.code === chosen.unit));
      button.onclick = () => pick(unit).catch(tell);
      const item = document.createElement("li");
      item.append(button);
      return item;
    }));
    byId("found-count").textContent = `${units.length} đơn vị`;
  }

  const tell = () => { byId("found-count").textContent = "Chưa hỏi được máy chủ; hãy thử lại."; };

  let start = null;
  async function find() {
    const number = asked += 1;
    const text = /** @type {HTMLInputElement} */ (byId("search")).value.trim();
    if (!text) {
      start ??= (await ask(START, {})).root;
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
  for (const id of ["choose-period", "choose-rank", "choose-rotate", "choose-theme"]) byId(id).onchange = show;
  byId("chooser").onsubmit = (event) => {
    event.preventDefault();
    location.assign(show());
  };
  show();
  await find().catch(tell);
  if (start) await pick(start).catch(tell);
}

function asker(token) {
  const headers = { "content-type": "application/json", "accept-language": "vi" };
  if (token) headers.authorization = `Bearer ${token}`;
  return async (query, variables) => {
    const response = await fetch("graphql", { method: "POST", headers, body: JSON.stringify({ query, variables }) });
    const { data, errors } = await response.json();
    if (!data) throw new Error(errors?.[0]?.message ?? "no data");
    return data;
  };
}

/** With the quiet margin that readers need; hidden where the address is too long. */
function drawCode(canvas, address) {
  canvas.hidden = address.length > CODE_BYTES_MAX;
  if (canvas.hidden) return;
  const code = generate(address, { minCorrectionLevel: correction.M });
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
