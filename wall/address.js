// The settings in an address. A screen is set up by its address alone, and the page names the mistakes in it.

export const RANKINGS = [
  "TARGET_RATIO", "SUBMITTED", "ACCEPTED", "PARTICIPANTS", "PER_1000_MEMBERS", "BENEFIT", "GAINED",
];
export const KINDS = [
  "CONFEDERATION", "PROVINCIAL_FEDERATION", "INDUSTRY_UNION", "CORPORATION_UNION", "DISTRICT_FEDERATION",
  "LOCAL_INDUSTRY_UNION", "ZONE_UNION", "CIVIL_SERVANTS_UNION", "COMMUNE_UNION", "INTERMEDIATE_UNION", "GRASSROOTS_UNION",
  "SECTION",
];
/** The size of the text of rows, in hundredths of the width of a screen of 16:9; wall.css has the same. */
export const SIZES = { normal: 2.1, large: 2.65, huge: 3.3 };
/** The server gives so many at most: the best of a larger board are on some page. */
const FIRST_MAX = 500;
const ROTATE_MIN_S = 5;
const ROTATE_MAX_S = 3600;
export const BOARDS_MAX = 40;
export const HOLD_DAYS = 3;
const HOLD_MAX_DAYS = 31;

/** By parameter: takes its value into the settings, or gives the values that it may have. */
const readers = {
  unit: (text, settings) => { settings.unit = text; },
  cluster: (text, settings) => { settings.cluster = text; },
  period: (text, settings) => { settings.period = text; },
  window: (text, settings) => { settings.window = text; },
  me: (text, settings) => { settings.me = text; },
  kinds(text, settings) {
    const kinds = listOf(text).map((kind) => kind.toUpperCase());
    if (!kinds.length || !kinds.every((kind) => KINDS.includes(kind))) return KINDS.join(", ");
    settings.kinds = kinds;
  },
  boards(text, settings) {
    const boards = listOf(text);
    if (!boards.length || boards.length > BOARDS_MAX) return `1–${BOARDS_MAX}`;
    settings.boards = boards;
  },
  rankBy(text, settings) {
    const allowed = oneOf("rankBy", RANKINGS)(text, settings);
    Object.assign(settings, { ranksAsIsBest: false, ranksGains: settings.rankBy === "GAINED" });
    return allowed;
  },
  lang: oneOf("lang", ["vi", "en"]),
  theme: oneOf("theme", ["dark", "light"]),
  size: oneOf("size", Object.keys(SIZES)),
  first: whole("first", 1, FIRST_MAX),
  rotate: whole("rotate", ROTATE_MIN_S, ROTATE_MAX_S),
  hold: whole("hold", 0, HOLD_MAX_DAYS),
};
const known = new Map(Object.entries(readers));

/** Parameters that say nothing about which board: with these alone one is chosen. */
const OF_THE_CHOOSER = ["lang", "theme"];

const listOf = (text) => text.split(",").map((one) => one.trim()).filter(Boolean);

function oneOf(name, values) {
  return (text, settings) => {
    const value = values.find((value) => value.toLowerCase() === text.toLowerCase());
    if (value === undefined) return values.join(", ");
    settings[name] = value;
  };
}

function whole(name, least, most) {
  return (text, settings) => {
    const number = Number(text);
    if (!/^\d+$/.test(text) || number < least || number > most) return `${least}–${most}`;
    settings[name] = number;
  };
}

/**
 * The settings of an address, and what is wrong with it: name, value, what it may be (null where there is no such
 * parameter), or that the value names one that excludes it. A parameter without a value is as good as none.
 */
export function read(search) {
  const settings = {
    unit: null, kinds: null, cluster: null, period: null, window: null, rankBy: "TARGET_RATIO", ranksAsIsBest: true, ranksGains: false, me: null,
    first: FIRST_MAX, lang: "vi", theme: "dark", size: "normal", rotate: null, boards: null, hold: HOLD_DAYS, isFollowing: true, turn: null,
  };
  const problems = [];
  let isChooser = true;
  for (const [name, raw] of new URLSearchParams(search)) {
    const text = raw.trim();
    const reader = known.get(name);
    if (text && !OF_THE_CHOOSER.includes(name)) isChooser = false;
    if (reader === undefined) problems.push({ name, value: text, allowed: null });
    else if (text) {
      const allowed = reader(text, settings);
      if (allowed !== undefined) problems.push({ name, value: text, allowed });
    }
  }
  if (settings.cluster && settings.kinds) {
    problems.push({ name: "cluster", value: "kinds", excludes: true });
  }
  settings.isFollowing = settings.period === null && settings.hold > 0;
  return { settings, problems, isChooser };
}
