// Numbers, days and names as they are written in Vietnamese. No dates of the screen's own clock: what is shown is of
// the server's time.

const whole = new Intl.NumberFormat("vi-VN", { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat("vi-VN", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const VIETNAM_MS = 7 * 3_600_000;
const DAY_MS = 86_400_000;

export const count = (number) => whole.format(number);
export const signed = (number) => (number > 0 ? `+${count(number)}` : number < 0 ? `−${count(-number)}` : "0");

/** With a decimal as long as it matters. */
export const roughly = (number) => (Math.abs(number) < 100 ? tenths : whole).format(number);

/** What must be done each day, rounded up: that much is enough. */
export const enough = (number) => count(Math.ceil(number - 1e-9));

/** Rounded down, so that 99,96 % does not look like the target. */
export const percent = (ratio) => {
  const shown = Math.floor(ratio * 1000 + 1e-6) / 10;
  return `${(shown < 1000 ? tenths : whole).format(shown)}%`;
};

/** Đồng, in tỷ or triệu. */
export function money(amount, words) {
  const [unit, name] = amount >= 1e9 ? [1e9, words.billion] : [1e6, words.million];
  return `${tenths.format(Math.floor(amount / unit * 10) / 10)} ${name}`;
}

/** "2022-05-23": "23/5/2022", or "23/5". */
export const day = (iso) => iso.split("-").map(Number).reverse().join("/");
export const shortDay = (iso) => day(iso).replace(/\/\d+$/, "");

const inVietnam = (instant) => new Date(Date.parse(instant) + VIETNAM_MS).toISOString();
export const dayOf = (instant) => inVietnam(instant).slice(0, 10);
export const minuteOf = (instant) => inVietnam(instant).slice(11, 16);
export const secondOf = (instant) => inVietnam(instant).slice(11, 19);

export const daysBetween = (from, to) => Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);

const LONG_FORMS = [
  [/^Liên đoàn Lao động (?=\S)/i, ""],
  [/^Công đoàn cơ sở (?=\S)/i, "CĐCS "],
  [/trách nhiệm hữu hạn/i, "TNHH"],
  [/một thành viên/i, "MTV"],
  [/cổ phần/i, "CP"],
  [/khu công nghiệp/i, "KCN"],
];
/** What turns the direction of a text, has no width, or ends the line. */
const UNSEEN = /[\p{Cc}\p{Cf}\u2028\u2029]+/gu;

/** A name or title as one line of visible text. */
export const plain = (text) => text.normalize("NFC").replace(UNSEEN, "").replace(/\s+/g, " ").trim();

/** "Liên đoàn Lao động huyện Long Thành": "Huyện Long Thành". */
export function shortName(name) {
  let text = plain(name);
  for (const [long, short] of LONG_FORMS) text = text.replace(long, short);
  return text.charAt(0).toLocaleUpperCase("vi") + text.slice(1);
}
