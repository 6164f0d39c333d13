// Motion, only for those who want it: numbers roll, rows glide, a change is lit for a while.

const ROLL_MS = 900;
const GLIDE_MS = 900;
const APPEAR_MS = 600;
const EASE = "cubic-bezier(.22,.8,.24,1)";

const stillness = matchMedia("(prefers-reduced-motion: reduce)");
export const isStill = () => stillness.matches;

/** By element: what it shows, where it goes, since when, and how a number is written. */
const rolling = new Map();
let frame = 0;
/** Numbers roll within one series; see `beginSeries`. */
let series = 0;

/** From here on numbers are of something else, as another period: no number rolls there from what it showed. */
export function beginSeries() {
  series += 1;
  rolling.clear();
}

/** Brings the element to show the number, rolling there from what it shows. */
export function roll(element, to, write) {
  const running = rolling.get(element);
  const isSame = element.series === series && element.rolled !== undefined;
  const from = running ? running.shown : isSame ? element.rolled : to;
  element.rolled = to;
  element.series = series;
  if (from === to || isStill() || document.hidden) {
    rolling.delete(element);
    put(element, write(to));
    return;
  }
  rolling.set(element, { from, shown: from, to, began: performance.now(), write });
  frame = frame || requestAnimationFrame(step);
}

function step(now) {
  frame = 0;
  for (const [element, number] of rolling) {
    const part = Math.min(Math.max((now - number.began) / ROLL_MS, 0), 1);
    number.shown = number.from + (number.to - number.from) * (1 - (1 - part) ** 3);
    put(element, number.write(part < 1 ? Math.round(number.shown) : number.to));
    if (part >= 1 || !element.isConnected) rolling.delete(element);
  }
  if (rolling.size) frame = requestAnimationFrame(step);
}

const SHIFT_MS = 60_000;
/** Tenths of a per cent of the screen, there and back: no pixel shows the same edge for weeks. */
const SHIFTS = [[0, 0], [2, 1], [4, 2], [2, 3], [0, 4], [-2, 3], [-4, 2], [-2, 1]];

export function shiftSlowly(element) {
  let at = 0;
  setInterval(() => {
    at = (at + 1) % SHIFTS.length;
    const [x, y] = SHIFTS[at];
    element.style.transform = `translate(${x / 10}vw, ${y / 10}vh)`;
  }, SHIFT_MS);
}

/** Touches the page only where something is new. */
export function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** By element: what moves it now. Older browsers cannot be asked for that. */
const moving = new WeakMap();

function stop(element) {
  const animation = moving.get(element);
  if (animation) animation.cancel();
  moving.delete(element);
}

function move(element, frames, timing) {
  stop(element);
  moving.set(element, element.animate(frames, timing));
}

/** Where the elements are seen now, also on their way. */
export const places = (elements) => new Map(elements.map((element) => [element, element.getBoundingClientRect().top]));

/** Each element starts where it was seen and moves to where it now belongs; new ones appear, one after the other. */
export function glide(elements, before) {
  elements.forEach(stop);
  if (isStill() || document.hidden) return;
  const tops = elements.map((element) => element.getBoundingClientRect().top);
  elements.forEach((element, at) => {
    const from = before.get(element);
    if (from === undefined) {
      const frames = [{ opacity: 0, transform: "translateY(.4em)" }, { opacity: 1, transform: "none" }];
      move(element, frames, { id: "glide", duration: APPEAR_MS, delay: at * 30, fill: "backwards", easing: EASE });
    } else if (Math.abs(from - tops[at]) >= 1) {
      const frames = [{ transform: `translateY(${from - tops[at]}px)` }, { transform: "none" }];
      move(element, frames, { id: "glide", duration: GLIDE_MS, easing: EASE });
    }
  });
}

/** Fades from one content to the next. */
export function swap(element, change) {
  change();
  if (isStill() || document.hidden) return;
  move(element, [{ opacity: 0 }, { opacity: 1 }], { duration: APPEAR_MS, easing: "ease-out" });
}
