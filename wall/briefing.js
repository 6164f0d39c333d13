// The sheet of a meeting (giao ban): one answer of the public API, set out on A4. Its numbers are those of the files
// beside it, which ask the same.

import { caller, inWords, Refused } from "./ask.js";
import { day, dayOf, minuteOf, percent, plain, signed, speak, count as counted } from "./format.js";
import { shortName } from "./names.js";
import { staffToken, takeFromQuery } from "./token.js";
import { words as wordsOf } from "./briefing-words.js";

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const LANGUAGES = ["vi", "en"];
const ROWS_MAX = 500;
const SILENT_DAYS = 7;

const byId = (id) => document.getElementById(id);
document.documentElement.dataset.started = "";
// A token in the query stands in logs already; the page says where it belongs.
const isTokenInQuery = takeFromQuery() !== null;
let token = staffToken.take();
/** Times that the sheet was asked for. */
let turns = 0;
const { settings, problems } = read(location.search);
const words = wordsOf(settings.lang);
speak(settings.lang);
document.documentElement.lang = settings.lang;
document.title = words.title;
if (isTokenInQuery) warn(words.tokenInQuery);

if (problems.length) {
  tell(`${words.wrongTitle}: ${problems.map(({ name, value, allowed }) => words.wrong(name, value, allowed)).join("; ")}`);
  offerAlone(days(settings));
} else show();

// A token that is added to the address of an open page is taken out of it, whatever else is wrong there.
addEventListener("hashchange", () => {
  token = staffToken.take();
  warn("");
  if (!problems.length) show();
});

/** Whether the text is a day that there is, which 2022-02-30 is not. */
function isDay(text) {
  const [, year, month, date] = (DAY.exec(text) || []).map(Number);
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return month >= 1 && month <= 12 && date >= 1 && date <= days;
}

/** The settings of the address, and the mistakes in it. */
function read(search) {
  const settings = { unit: null, period: null, since: null, until: null, first: 10, lang: "vi" };
  const problems = [];
  for (const [name, raw] of new URLSearchParams(search)) {
    const value = raw.trim();
    if (!Object.keys(settings).includes(name)) problems.push({ name, value, allowed: null });
    else if (!value) continue;
    else if (name === "first") {
      if (/^\d{1,3}$/.test(value) && Number(value) <= ROWS_MAX) settings.first = Number(value);
      else problems.push({ name, value, allowed: `0–${ROWS_MAX}` });
    } else if ((name === "since" || name === "until") && !isDay(value)) {
      problems.push({ name, value, allowed: "YYYY-MM-DD" });
    } else if (name === "lang" && !LANGUAGES.includes(value)) {
      problems.push({ name, value, allowed: LANGUAGES.join(", ") });
    } else settings[name] = value;
  }
  return { settings, problems };
}

function tell(text) {
  byId("notice").textContent = text;
  document.body.dataset.state = "notice";
}

/** An error in the server's own words, or in ours; the sheet stays as it is. */
function tellError(error) {
  // A mistake of this page is for its console as well.
  if (!(error instanceof Refused)) console.error(error);
  tell(named(inWords(error, words)));
}

/** The server's words, with days as people write them, and arguments by the labels above the sheet. */
function named(text) {
  const label = (name) => `“${name === "since" ? words.days.since : words.days.until}”`;
  return text.replace(/^(since|until)(?= )/, label).replace(/\d{4}-\d{2}-\d{2}/g, day);
}

/** Stands above the sheet; it is not printed. */
function warn(text) {
  byId("warning").textContent = text;
}

/** Shows the sheet, unless it is asked for again meanwhile. */
async function show() {
  const turn = (turns += 1);
  tell(words.asking);
  try {
    const { file, unit, asked } = await fetched(turn);
    if (turn !== turns) return;
    if (unit === null) return tell(words.noUnit(asked));
    draw(unit);
    offer(file, unit);
    document.body.dataset.state = "shown";
  } catch (error) {
    if (turn !== turns) return;
    tellError(error);
    // Days that the server does not take are changed where they are asked for.
    offerAlone(days(settings));
  }
}

/** The answer for the sheet. */
async function fetched(turn) {
  const { ask, file } = caller({
    token, lang: settings.lang,
    forgot() {
      // Another one has come meanwhile.
      if (turn !== turns) return;
      staffToken.forget();
      token = null;
      warn(words.forgotToken);
    },
  });
  const unit = settings.unit || (await ask("{ root { code } }", {})).root.code;
  const query = await (await fetch(new URL("weekly-meeting.graphql", import.meta.url))).text();
  const { period, since, until, first } = settings;
  const data = await ask(query, { unit: { code: unit }, period: period && { code: period }, since, until, first });
  return { file, unit: data.unit, asked: unit };
}

/** The days of the sheet, to choose others. */
function days({ since, until }) {
  const form = element("form");
  const field = (name, value) => {
    const label = element("label", `${words.days[name]} `);
    const input = document.createElement("input");
    Object.assign(input, { type: "date", name, value: value || "" });
    label.append(input);
    return label;
  };
  form.append(field("since", since), field("until", until), element("button", words.days.show));
  form.onsubmit = (event) => {
    event.preventDefault();
    const address = new URL(location.href);
    for (const [name, value] of new FormData(form)) {
      if (value) address.searchParams.set(name, String(value));
      else address.searchParams.delete(name);
    }
    location.assign(address.href);
  };
  return form;
}

/** Offers these above the sheet; none of them is printed. */
function offerAlone(...tools) {
  byId("tools").textContent = "";
  byId("tools").append(...tools);
  byId("tools").hidden = false;
}

/** Offers other days, and the ways to take the sheet along. */
function offer(file, { code, briefing }) {
  const print = document.createElement("button");
  print.textContent = words.print;
  print.onclick = () => window.print();
  const other = document.createElement("a");
  const address = new URL(location.href);
  address.searchParams.set("lang", settings.lang === "vi" ? "en" : "vi");
  other.href = address.href;
  other.textContent = words.other;
  const said = element("span");
  said.id = "said";
  said.setAttribute("role", "status");
  const link = (name, part) => {
    const address = new URL(name, location.href);
    address.search = location.search;
    address.searchParams.set("unit", code);
    address.searchParams.set("lang", settings.lang);
    if (part) address.searchParams.set("part", part);
    const link = document.createElement("a");
    link.href = address.href;
    link.textContent = part ? "CSV" : "XLSX";
    const fileName = `giao-ban_${code}_${briefing.until}${part ? `_${part}.csv` : ".xlsx"}`;
    // A link cannot show the token, so the file is fetched with it.
    link.onclick = (event) => {
      event.preventDefault();
      said.textContent = "";
      file(link.href).then((blob) => save(blob, fileName)).catch((error) => { said.textContent = `${words.notSaved} ${inWords(error, words)}`; });
    };
    return link;
  };
  const files = document.createElement("span");
  files.append(`${words.files} `, link("briefing.xlsx"), " · ", link("briefing.csv", "board"));
  offerAlone(days(briefing), print, files, other, said);
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

const isMissing = (number) => number === null || number === undefined;
const count = (number) => (isMissing(number) ? "–" : counted(number));
const share = (ratio) => (isMissing(ratio) ? "–" : percent(ratio));
/** The part of a ratio beyond the target. */
const excess = (ratio) => (isMissing(ratio) || ratio <= 1 ? "" : percent(ratio - 1));

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

/** Columns are `[head, isText]`: a single one of text takes what the numbers leave; the bodies are lists of rows of cells, the second of sums. */
function table(title, columns, ...bodies) {
  const made = document.createElement("table");
  if (title) made.append(element("caption", title));
  const head = made.createTHead().insertRow();
  const isAlone = columns.filter(([, isText]) => isText).length === 1;
  for (const [name, isText] of columns) {
    const cell = element("th", name, isText ? `text${isAlone ? " wide" : ""}` : "");
    cell.setAttribute("scope", "col");
    head.append(cell);
  }
  bodies.forEach((rows, place) => {
    const body = made.createTBody();
    if (place > 0) body.className = "sums";
    for (const row of rows) {
      const line = body.insertRow();
      row.forEach((text, at) => line.append(element("td", text, columns[at][1] ? "text" : "")));
    }
  });
  return made;
}

function draw({ name, briefing }) {
  const { period, tally, before, standing, board } = briefing;
  const heads = words.heads;
  const until = day(briefing.until);
  const header = element("header");
  header.append(
    element("h1", `${words.title}: ${plain(name)}`),
    element("p", words.period(plain(period.name), day(period.startsOn), day(period.endsOn)), "about"),
    element("p", words.about(day(briefing.since), until) + (standing ? `. ${words.standing(standing.rank, standing.of, standing.previousRank)}` : ""), "about"),
  );
  if (document.documentElement.dataset.figures === "simulated") header.append(element("p", words.simulated, "about"));
  const sections = [header, figures(tally, before, briefing)];

  // The count that the units are compared by is there.
  const ofPeople = (cell) => (period.metric === "PARTICIPANTS" ? [cell] : []);
  const columns = [
    [heads.rank], [heads.previousRank], [heads.unit, true], [heads.submitted], [heads.gained], [heads.accepted], [heads.pending],
    [heads.returned], ...ofPeople([heads.participants]), [heads.target], [heads.ratio], [heads.excess], [heads.coverage], [heads.days],
  ];
  const rows = board.entries.map(({ rank, previousRank, gained, unit, tally }) => [
    count(rank), count(previousRank), shortName(unit.name), count(tally.submitted), signed(gained), count(tally.accepted), count(tally.pending),
    count(tally.returned), ...ofPeople(count(tally.participants)), count(tally.target), share(tally.ratio), excess(tally.ratio), share(tally.coverage),
    count(tally.daysSinceLast),
  ]);
  const sum = (name, { gained, submitted, accepted, pending, returned, participants = null, target = null, ratio = null }) => [
    "", "", name, count(submitted), signed(gained), count(accepted), count(pending), count(returned),
    ...ofPeople(participants === null ? "" : count(participants)), target === null ? "" : count(target), ratio === null ? "" : share(ratio), excess(ratio), "", "",
  ];
  const sums = [sum(words.sum, board.sum)];
  const rest = ["own", "closed"].filter((part) => board[part].submitted || board[part].gained);
  sums.push(...rest.map((part) => sum(words[part], board[part])));
  const gained = ["sum", "own", "closed", "others"].reduce((gained, part) => gained + board[part].gained, 0);
  sums.push(sum(words.total, { ...tally, gained }));
  // Counts are compared while there are no targets.
  const hasTargets = board.entries.length === 0 || board.entries.some((entry) => entry.tally.ratio !== null);
  sections.push(table(words.board(hasTargets ? null : period.metric), columns, rows, sums));
  if (board.ranked > rows.length) sections.push(element("p", words.others(count(board.ranked - rows.length))));

  sections.push(...targets(briefing.targets));
  if (briefing.clusters.some(({ cluster }) => cluster !== null)) sections.push(clusters(briefing.clusters));
  const beside = element("div", undefined, "beside");
  beside.append(bands(briefing.bands), backlog(briefing.backlog));
  sections.push(beside);
  const moved = element("div", undefined, "beside");
  moved.append(entries(words.movers, briefing.movers));
  if (briefing.namesUnits) moved.append(entries(words.laggards, briefing.laggards));
  sections.push(moved);
  sections.push(...units(words.notStarted(count(briefing.notStarted.totalCount)), briefing.notStarted, briefing.namesUnits, () => ""));
  const silence = ({ tally }) => ` (${count(tally.daysSinceLast)})`;
  sections.push(...units(words.silent(count(briefing.silent.totalCount), SILENT_DAYS), briefing.silent, briefing.namesUnits, silence));
  sections.push(foot(briefing));
  byId("sheet").textContent = "";
  byId("sheet").append(...sections);
  document.title = `${words.title} ${plain(name)} ${briefing.until}`;
}

/** The unit itself: now, before, and the difference. */
function figures(tally, before, { since, until }) {
  const heads = words.heads;
  const columns = [["", true], [heads.submitted], [heads.accepted], [heads.pending], [heads.returned], [heads.rejected], [heads.participants], [heads.grassroots], [heads.target], [heads.ratio], [heads.excess]];
  const counts = ["submitted", "accepted", "pending", "returned", "rejected", "participants", "activeGrassrootsUnions"];
  const dayBefore = new Date(Date.parse(since) - 86_400_000).toISOString().slice(0, 10);
  const line = (name, of) => [name, ...counts.map((it) => count(of[it])), count(of.target), share(of.ratio), excess(of.ratio)];
  const change = counts.map((it) => signed(tally[it] - before[it]));
  const made = table(null, columns, [
    line(words.atEnd(day(until)), tally), line(words.before(day(dayBefore)), before), [words.change, ...change, "", "", ""],
  ]);
  made.className = "figures";
  return made;
}

function targets(all) {
  const heads = words.heads;
  if (!all.length) return [];
  const columns = [[heads.metric, true], [heads.origin, true], [heads.goal], [heads.distributed], [heads.reached], [heads.ratio], [heads.excess]];
  const part = ({ group, field }) => [group && words.group[group], field && plain(field)].filter(Boolean).map((it) => `, ${it}`).join("");
  return [table(words.targets, columns, all.map((it) => [
    words.metric[it.metric] + part(it), words.origin[it.origin], count(it.goal), it.origin === "ASSIGNED" ? count(it.distributed) : "",
    count(it.reached), share(it.ratio), excess(it.ratio),
  ]))];
}

function clusters(all) {
  const heads = words.heads;
  const columns = [[heads.cluster, true], [heads.units], [heads.met], [heads.submitted], [heads.gained], [heads.accepted], [heads.target], [heads.ratio], [heads.leaders, true]];
  // Units that share the first rank because none has anything yet, or none a target, do not lead.
  const leaders = (all) => {
    const rows = all.filter(({ value }) => value > 0);
    const named = rows.slice(0, 3).map(({ unit }) => shortName(unit.name)).join(", ");
    return rows.length > 3 ? `${named} ${words.others(count(rows.length - 3))}` : named;
  };
  return table(words.clusters, columns, all.map((it) => [
    it.cluster === null ? words.noCluster : plain(it.cluster), count(it.units), count(it.met), count(it.submitted), signed(it.gained), count(it.accepted),
    count(it.target), share(it.ratio), leaders(it.leaders),
  ]));
}

function bands(all) {
  const heads = words.heads;
  const bound = (from) => `${counted(from * 100)}%`;
  const name = ({ from, below }) => {
    if (from === null) return words.noTarget;
    return below === null ? words.from(bound(from)) : words.between(bound(from), bound(below));
  };
  return table(words.bands, [[heads.band, true], [heads.units]], all.map((it) => [name(it), count(it.units)]));
}

function backlog(all) {
  const heads = words.heads;
  const name = ({ fromDays, toDays }) => (toDays === null ? words.olderThan(fromDays) : `${fromDays}–${toDays}`);
  const sum = (of) => count(all.reduce((sum, row) => sum + row[of], 0));
  return table(words.backlog, [[heads.age, true], [heads.pending], [heads.returned]],
    all.map((it) => [name(it), count(it.pending), count(it.returned)]), [[words.total, sum("pending"), sum("returned")]]);
}

function entries(title, rows) {
  const heads = words.heads;
  if (!rows.length) return empty(title);
  const columns = [[heads.unit, true], [heads.gained], [heads.submitted], [heads.target], [heads.ratio]];
  return table(title, columns, rows.map(({ gained, unit, tally }) => [
    shortName(unit.name), signed(gained), count(tally.submitted), count(tally.target), share(tally.ratio),
  ]));
}

function empty(title) {
  const section = element("section");
  section.append(element("h2", title), element("p", words.none));
  return section;
}

function units(title, { totalCount, nodes }, isNamed, more) {
  if (totalCount === 0) return [empty(title)];
  const section = element("section");
  section.append(element("h2", title));
  if (!isNamed) {
    section.append(element("p", words.namesHidden));
    return [section];
  }
  const list = element("ul", undefined, "names");
  list.append(...nodes.map((unit) => element("li", shortName(unit.name) + more(unit))));
  section.append(list);
  if (totalCount > nodes.length) section.append(element("p", words.others(count(totalCount - nodes.length))));
  return [section];
}

function foot({ version, period, tally, board }) {
  const made = element("footer", undefined, "foot");
  // The figures of the end of a day are of no change, but of that end.
  const changed = tally.figures === "LIVE" ? ` ${words.changed(`${minuteOf(board.asOf)} ${day(dayOf(board.asOf))}`)}` : "";
  made.append(element("p", words.foot(String(version), words.kinds[tally.figures]) + changed));
  const list = element("dl");
  for (const [name, meaning] of words.defines(period.metric)) {
    const line = element("div");
    line.append(element("dt", `${name}: `), element("dd", meaning));
    list.append(line);
  }
  made.append(list);
  return made;
}
