// Names as they are read from afar: as everybody abbreviates them, and without what all of them and the board itself say.

import { plain } from "./format.js";

/** Everybody's abbreviations, in this order. The first entries leave out what the rest of the name says. */
const ABBREVIATIONS = [
  [/^Liên đoàn Lao động tỉnh (?=\S)/i, ""],
  [/^Liên đoàn Lao động (?=\S)/i, ""],
  [/Liên đoàn Lao động/gi, "LĐLĐ"],
  [/Công đoàn cơ sở/gi, "CĐCS"],
  [/Công đoàn/gi, "CĐ"],
  [/(^|\s)thành phố(?=\s)/gi, "$1TP"],
  [/trách nhiệm hữu hạn/gi, "TNHH"],
  [/một thành viên/gi, "MTV"],
  [/cổ phần/gi, "CP"],
  [/các khu công nghiệp/gi, "các KCN"],
  [/khu công nghiệp/gi, "KCN"],
  [/khu chế xuất/gi, "KCX"],
  [/khu kinh tế/gi, "KKT"],
  [/ủy ban nhân dân/gi, "UBND"],
  [/hội đồng nhân dân/gi, "HĐND"],
  [/bảo hiểm xã hội/gi, "BHXH"],
  [/trung học phổ thông/gi, "THPT"],
  [/trung học cơ sở/gi, "THCS"],
  [/giáo dục và đào tạo/gi, "GD&ĐT"],
  [/nông nghiệp và phát triển nông thôn/gi, "NN&PTNT"],
  [/tài nguyên và môi trường/gi, "TN&MT"],
  [/văn hóa, thể thao và du lịch/gi, "VH,TT&DL"],
];

/** A beginning that so many share says nothing. */
const SHARING_MIN = 3;

const capital = (text) => text.charAt(0).toLocaleUpperCase("vi") + text.slice(1);

function abbreviated(name) {
  let text = plain(name);
  for (const [long, short] of ABBREVIATIONS) text = text.replace(long, short);
  return text.trim() || plain(name);
}

/** "Liên đoàn Lao động huyện Long Thành": "Huyện Long Thành". */
export const shortName = (name) => capital(abbreviated(name));

/** The words at the end of a row's name that the board's own name says: "tỉnh Đồng Nai", "Đồng Nai". */
function endingsOf(boardName) {
  const place = plain(boardName).replace(/^.*?(?=(tỉnh|thành phố|quận|huyện|thị xã) )/i, "");
  if (place === plain(boardName) && !/^(tỉnh|thành phố|quận|huyện|thị xã) /i.test(place)) return [];
  const short = abbreviated(place);
  const bare = short.replace(/^(tỉnh|TP|quận|huyện|thị xã) /i, "");
  return [short, bare].filter(Boolean).map((ending) => ` ${ending}`.toLocaleLowerCase("vi"));
}

/** A unit's short name without the place that the board's own name says. */
export const withoutPlace = (name, boardName) => capital(withoutEnding(abbreviated(name), endingsOf(boardName)));

function withoutEnding(text, endings) {
  const lower = text.toLocaleLowerCase("vi");
  const ending = endings.find((ending) => lower.endsWith(ending));
  if (ending === undefined) return text;
  const rest = text.slice(0, -ending.length).replace(/[\s,–-]+$/, "");
  // "Huyện" alone would be no name.
  return rest.includes(" ") ? rest : text;
}

/** How many words at the beginning all of these share, short of a whole name. */
function shared(lists) {
  const least = Math.min(...lists.map((words) => words.length)) - 1;
  let number = 0;
  while (number < least && lists.every((words) => words[number] === lists[0][number])) number += 1;
  return number;
}

function withoutShared(texts) {
  if (new Set(texts).size < SHARING_MIN) return texts;
  const lists = texts.map((text) => text.split(" "));
  const first = shared(lists);
  const rest = lists.map((words) => words.slice(first));
  const last = shared(rest.map((words) => words.slice().reverse()));
  return rest.map((words) => words.slice(0, words.length - last).join(" "));
}

/** Names that were apart stay apart, whatever is taken away from them. */
const tellsApart = (texts, names) => new Set(texts).size === new Set(names).size;

/** The names of a board's rows, in the order given, each as short as tells it from all others. */
export function rowNames(names, boardName) {
  const whole = names.map(plain);
  let texts = whole.map(abbreviated);
  if (!tellsApart(texts, whole)) texts = whole;
  const endings = endingsOf(boardName);
  const shorter = texts.map((text) => withoutEnding(text, endings));
  if (tellsApart(shorter, whole)) texts = shorter;
  const bare = withoutShared(texts);
  if (tellsApart(bare, whole)) texts = bare;
  return texts.map(capital);
}
