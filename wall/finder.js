// A field finds by name what has a code: people type, and pick one or several. Picked ones stand above the field, with their codes.

import { plain } from "./format.js";

const TYPED_MS = 200;
const SHOWN_MAX = 12;

/** Without marks and capitals, as names are typed. */
const folded = (text) => plain(text).normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/gi, "d").toLowerCase();
const wordsOf = (text) => folded(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean);

/** The first of these whose name or code has a word that begins with each word typed. */
export function filtered(items, text) {
  const typed = wordsOf(text);
  const fits = ({ code, name }) => {
    const words = [...wordsOf(name), ...wordsOf(code), folded(code)];
    return typed.every((one) => words.some((word) => word.startsWith(one)));
  };
  return items.filter(fits).sort((a, b) => distance(a, text) - distance(b, text)).slice(0, SHOWN_MAX);
}

/** How far a name is from what was typed: the same, beginning so, or having its words somewhere. */
function distance({ name, code }, text) {
  const typed = folded(text);
  if (folded(name) === typed || folded(code) === typed) return 0;
  return folded(name).startsWith(typed) ? 1 : 2;
}

/** A button of { code, name, above }: `above` says where it belongs. */
export function choice({ code, name, above }) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", value: code });
  const add = (tag, text) => {
    const part = document.createElement(tag);
    part.textContent = text;
    if (text) button.append(part);
  };
  add("b", plain(name));
  // A cluster has no code but its name.
  add("code", code === name ? "" : code);
  add("small", above || "");
  return button;
}

/**
 * Makes a finder of the box, whose field has the id `field`. `find(text)` gives choices, or promises them; `nothing(text)` says that
 * there are none; `most` are picked at most; `changed` is called when that changes, `failed` with an error of `find`.
 */
export function finder(box, { field, find, nothing, most = 1, placeholder, remove, changed, failed }) {
  const [picked, found, told] = ["ul", "ul", "p"].map((tag) => document.createElement(tag));
  const input = document.createElement("input");
  Object.assign(input, { id: field, type: "search", autocomplete: "off", placeholder });
  picked.className = "picked";
  found.className = "found";
  told.className = "told";
  told.setAttribute("role", "status");
  box.append(picked, input, found, told);
  let all = [];
  let asked = 0;
  let typed = 0;

  const inItem = (button) => {
    const item = document.createElement("li");
    item.append(button);
    return item;
  };

  function set(items) {
    all = items;
    picked.textContent = "";
    for (const item of all) {
      const button = choice(item);
      button.setAttribute("aria-label", `${remove}: ${plain(item.name)}`);
      button.onclick = () => change(all.filter(({ code }) => code !== item.code));
      picked.append(inItem(button));
    }
    input.hidden = all.length >= most;
  }

  function change(items) {
    set(items);
    close();
    changed();
  }

  function close() {
    asked += 1;
    clearTimeout(typed);
    input.value = "";
    found.textContent = "";
    told.textContent = "";
  }

  async function look() {
    clearTimeout(typed);
    const number = asked += 1;
    const text = input.value.trim();
    try {
      const items = await find(text);
      // Answers to what was typed before may come later.
      if (number !== asked) return;
      show(items.filter(({ code }) => all.every((one) => one.code !== code)));
      told.textContent = text && !items.length ? nothing(text) : "";
    } catch (error) {
      failed(error);
    }
  }

  function show(items) {
    found.textContent = "";
    for (const item of items) {
      const button = choice(item);
      button.onclick = () => change([...all, item]);
      found.append(inItem(button));
    }
  }

  input.oninput = () => {
    clearTimeout(typed);
    typed = setTimeout(look, TYPED_MS);
  };
  input.onfocus = look;
  input.onkeydown = (event) => {
    if (event.key === "Escape") close();
    if (event.key !== "Enter") return;
    // The form is not meant yet; the list may be of what was typed before.
    event.preventDefault();
    look().then(() => {
      const first = found.querySelector("button");
      if (first) first.click();
    });
  };
  // The field keeps the focus while something is picked, so that the list does not vanish under the pointer.
  found.onmousedown = (event) => event.preventDefault();
  box.addEventListener("focusout", ({ relatedTarget }) => {
    if (!box.contains(/** @type {Node} */ (relatedTarget))) close();
  });
  set([]);
  return { codes: () => all.map(({ code }) => code), set, clear: () => set([]), keep: (isKept) => set(all.filter(isKept)) };
}
