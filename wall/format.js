// Numbers, days and times as the language of the screen writes them. No dates of the screen's own clock: the figures are of
// the server's time. Written by hand, since browsers of televisions know no Vietnamese.

const VIETNAM_MS = 7 * 3_600_000;
const DAY_MS = 86_400_000;
const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

let isEnglish = false;
/** Sets the language, "vi" or "en", for the life of the page. */
export const speak = (lang) => { isEnglish = lang === "en"; };

const grouped = (digits) => digits.replace(/\B(?=(\d{3})+$)/g, isEnglish ? "," : ".");
const sign = (number) => (number < 0 ? "−" : "");

export const count = (number) => `${sign(Math.round(number))}${grouped(String(Math.abs(Math.round(number))))}`;
export const signed = (number) => (number > 0 ? `+${count(number)}` : count(number));

function tenths(number) {
  const [whole, part] = Math.abs(number).toFixed(1).split(".");
  return `${sign(number)}${grouped(whole)}${isEnglish ? "." : ","}${part}`;
}

/** With a decimal as long as it matters. */
export const roughly = (number) => (Math.abs(number) < 100 ? tenths : count)(number);

/** The number that a day needs, rounded up: that much is enough. */
export const enough = (number) => count(Math.ceil(number - 1e-9));

/** Rounded down, so that 99,96 % does not look like the target. */
export const percent = (ratio) => {
  const shown = Math.floor(ratio * 1000 + 1e-6);
  return `${shown < 10_000 ? tenths(shown / 10) : count(Math.floor(shown / 10))}%`;
};

/** Đồng, in tỷ or triệu. */
export function money(amount, words) {
  const [unit, name] = amount >= 1e9 ? [1e9, words.billion] : [1e6, words.million];
  return `${tenths(Math.floor(amount / unit * 10) / 10)} ${name}`;
}

const parts = (iso) => iso.split("-").map(Number);

/** "2022-05-23": "23/5/2022" or "23 May 2022". */
export function day(iso) {
  const [year, month, date] = parts(iso);
  return isEnglish ? `${date} ${MONTHS[month - 1]} ${year}` : `${date}/${month}/${year}`;
}

/** "2022-05-23": "23/5" or "23 May". */
export function shortDay(iso) {
  const [, month, date] = parts(iso);
  return isEnglish ? `${date} ${MONTHS[month - 1].slice(0, 3)}` : `${date}/${month}`;
}

/** With its year where that is not the year of the other day. */
export const dayBeside = (iso, other) => (iso.slice(0, 4) === other.slice(0, 4) ? shortDay(iso) : day(iso));

const inVietnam = (instant) => new Date(Date.parse(instant) + VIETNAM_MS).toISOString();
export const dayOf = (instant) => inVietnam(instant).slice(0, 10);
export const minuteOf = (instant) => inVietnam(instant).slice(11, 16);

export const daysBetween = (from, to) => Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);
/** The instant at which a day of Vietnam ends, in milliseconds. */
export const endOf = (iso) => Date.parse(iso) + DAY_MS - VIETNAM_MS;

/** Characters that turn the direction of a text, have no width, or end the line. */
const UNSEEN = /[\p{Cc}\p{Cf}\u2028\u2029]+/gu;

/** A name or title as one line of visible text. */
export const plain = (text) => text.normalize("NFC").replace(UNSEEN, "").replace(/\s+/g, " ").trim();
