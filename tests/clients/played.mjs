// A server that is played: a page of the wall gets the boards that a test makes, when the test says so.

import { live, screen } from './screen.mjs';

/**
 * A screen, `tell` to give it a board, `ping` to ping it with a payload, `asked` with the variables of what it follows, and `more`
 * as the answer, or the maker of answers, to what it asks beside the board. The page itself is the one at SANGKIEN_URL.
 */
export async function playing(browser, first, { query = '?unit=played', more = null, prepare, ...options } = {}) {
  const shown = await screen(browser, options);
  await prepare?.(shown.page);
  let newest = first;
  const asked = [];
  let show;
  let ping;
  await shown.page.routeWebSocket(/graphql/, (socket) => {
    socket.onMessage((text) => {
      const { type, id, payload } = JSON.parse(text);
      const send = (message) => socket.send(JSON.stringify(message));
      ping = (payload) => send({ type: 'ping', payload });
      const next = (data) => send({ id, type: 'next', payload: { data } });
      if (type === 'connection_init') send({ type: 'connection_ack' });
      if (type === 'ping') send({ type: 'pong' });
      if (type !== 'subscribe') return;
      if (!payload.query.startsWith('subscription')) return next(typeof more === 'function' ? more(payload) : more);
      show = () => next({ leaderboard: newest });
      asked.push(payload.variables);
      show();
    });
  });
  await shown.page.goto(`${process.env.SANGKIEN_URL}/wall${query}`);
  await live(shown.page);
  const tell = (leaderboard) => {
    newest = leaderboard;
    show();
  };
  return { ...shown, tell, asked, ping: (payload) => ping(payload) };
}

const NAMES = [
  'huyện Long Thành', 'thành phố Biên Hòa', 'huyện Nhơn Trạch', 'huyện Trảng Bom', 'thành phố Long Khánh', 'huyện Vĩnh Cửu',
  'huyện Xuân Lộc', 'huyện Tân Phú', 'huyện Thống Nhất', 'huyện Cẩm Mỹ', 'huyện Định Quán', 'huyện Đức Hòa',
].map((name) => `Liên đoàn Lao động ${name}`).concat([
  'Công đoàn ngành Giáo dục', 'Công đoàn các Khu công nghiệp tỉnh', 'Công đoàn ngành Y tế', 'Công đoàn Viên chức tỉnh',
]);

/** A row of unit `number`, as the server says it; `rows` gives them their ranks. */
export function row(number, { submitted, target = 400, gained = 0, previousRank = null, name = NAMES[number % NAMES.length], ...unit }) {
  const ratio = target === null ? null : submitted / target;
  return {
    gained, previousRank, value: ratio ?? submitted, unit: { code: `u${number}`, name, ...unit },
    tally: { submitted, accepted: Math.floor(submitted / 3), participants: submitted, target, ratio },
  };
}

/** In the order of the board; equal values share a rank. */
export function ranked(rows) {
  const sorted = rows.toSorted((a, b) => b.value - a.value);
  return sorted.map((entry) => ({ rank: 1 + sorted.findIndex(({ value }) => value === entry.value), ...entry }));
}

export const CAMPAIGN = {
  code: 'p', name: 'Chiến dịch thi đua cao điểm 40 ngày', metric: 'SUBMITTED', startsOn: '2022-04-21', endsOn: '2022-05-31',
};

const NOTHING = { submitted: 0, accepted: 0 };

/** Counts of these rows, as the server sums them up. */
function sumOf(rows) {
  const add = (of) => rows.reduce((sum, entry) => sum + of(entry), 0);
  const targeted = rows.filter(({ tally }) => tally.target !== null);
  const target = targeted.length ? targeted.reduce((sum, { tally }) => sum + tally.target, 0) : null;
  const submitted = add(({ tally }) => tally.submitted);
  return {
    units: rows.length, notStarted: rows.filter(({ tally }) => tally.submitted === 0).length,
    met: targeted.filter(({ tally }) => tally.ratio >= 1).length, gained: add(({ gained }) => gained),
    submitted, accepted: add(({ tally }) => tally.accepted), pending: Math.ceil(submitted / 6), target,
    ratio: target === null ? null : targeted.reduce((sum, { tally }) => sum + tally.submitted, 0) / target,
  };
}

/**
 * A board of these rows, of which the server sends the first `first`; `pending` and `neededPerDay` are made up. `own`, `closed`
 * and `others` are counts of what it does not rank; the total is the sum of all, unless it is given.
 */
export function board({
  rows, submitted, target, asOf = '2022-05-23T07:06:12Z', since = asOf.slice(0, 10), period = CAMPAIGN, projected = 0, dayNumber = 33, days = 41,
  within = { code: 'played', name: 'Liên đoàn Lao động tỉnh Đồng Tháp Mười', depth: 1 }, first = rows.length, around = [], own = 0, closed = 0, others = 0,
  rankBy = 'TARGET_RATIO', kept = {},
}) {
  const part = (submitted) => ({ ...NOTHING, submitted });
  const entries = ranked(rows);
  return {
    version: submitted, since, asOf, rankBy, ranked: rows.length, period, within,
    total: {
      submitted, accepted: Math.floor(submitted / 3), pending: Math.ceil(submitted / 6), participants: submitted, target,
      ratio: target === null ? null : submitted / target,
      pace: since > period.endsOn ? null : { dayNumber, days, daysLeft: days - dayNumber, neededPerDay: target === null ? null : Math.max(target - submitted, 0) / (days + 1 - dayNumber), projected },
    },
    sum: sumOf(rows), own: part(own), closed: part(closed), others: part(others),
    entries: entries.slice(0, first), around: entries.filter(({ unit }) => around.includes(unit.code)),
    ...kept,
  };
}

/** What is asked beside a board: its days, the later the more, and titles. */
export function beside({ since, period, within, total }, titles = [], { standing = null, parent = null } = {}) {
  const until = since < period.endsOn ? since : period.endsOn;
  const days = Math.round((Date.parse(until) - Date.parse(period.startsOn)) / 86_400_000) + 1;
  const dayAt = (at) => new Date(Date.parse(period.startsOn) + at * 86_400_000).toISOString().slice(0, 10);
  const most = total.submitted / (days * (days + 1));
  const daily = Array.from({ length: Math.max(days, 0) }, (_, at) => ({ day: dayAt(at), submitted: Math.floor(2 * most * (at + 1)), accepted: 0 }));
  const { submitted, accepted, pending } = total;
  return {
    leaderboard: { since, period, total: { submitted, accepted, pending }, within: { ...within, standing, parent, daily, initiatives: { nodes: titles } } },
  };
}

export const title = (id, text, unit = {}, reviewedAt = '2022-05-23T06:06:00Z') => ({
  id, title: text, reviewedAt,
  unit: { name: 'Công đoàn cơ sở Công ty Trách nhiệm hữu hạn một thành viên Cơ khí', kind: 'GRASSROOTS_UNION', cluster: null, depth: 3, ...unit },
});
