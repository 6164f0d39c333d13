// A server that is played: a page of the wall gets the boards that a test makes, when the test says so.

import { live, screen } from './screen.mjs';

/**
 * A screen, `tell` to give it a board, `ping` to ping it with a payload, and `more` as the answer to what it asks beside the board. The page itself is the
 * one at SANGKIEN_URL.
 */
export async function playing(browser, first, { query = '?unit=played', more = null, prepare, ...options } = {}) {
  const shown = await screen(browser, options);
  await prepare?.(shown.page);
  let newest = first;
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
      if (!payload.query.startsWith('subscription')) return next(more);
      show = () => next({ leaderboard: newest });
      show();
    });
  });
  await shown.page.goto(`${process.env.SANGKIEN_URL}/wall${query}`);
  await live(shown.page);
  const tell = (leaderboard) => {
    newest = leaderboard;
    show();
  };
  return { ...shown, tell, ping: (payload) => ping(payload) };
}

const NAMES = [
  'huyện Long Thành', 'thành phố Biên Hòa', 'huyện Nhơn Trạch', 'huyện Trảng Bom', 'thành phố Long Khánh', 'huyện Vĩnh Cửu',
  'huyện Xuân Lộc', 'huyện Tân Phú', 'huyện Thống Nhất', 'huyện Cẩm Mỹ', 'huyện Định Quán', 'huyện Đức Hòa',
].map((name) => `Liên đoàn Lao động ${name}`).concat([
  'Công đoàn ngành Giáo dục', 'Công đoàn các Khu công nghiệp tỉnh', 'Công đoàn ngành Y tế', 'Công đoàn Viên chức tỉnh',
]);

/** A row of unit `number`, as the server says it; `rows` gives them their ranks. */
export function row(number, { submitted, target = 400, gained = 0, previousRank = null, name = NAMES[number % NAMES.length] }) {
  const ratio = target === null ? null : submitted / target;
  return {
    gained, previousRank, value: ratio ?? submitted, unit: { code: `u${number}`, name },
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

/** A board of these rows; `pending` and `neededPerDay` are made up. */
export function board({ rows, submitted, target, asOf = '2022-05-23T07:06:12Z', since = asOf.slice(0, 10), period = CAMPAIGN, projected = 0, dayNumber = 33 }) {
  return {
    version: submitted, since, asOf, rankBy: 'TARGET_RATIO', ranked: rows.length, period,
    within: { code: 'played', name: 'Liên đoàn Lao động tỉnh Đồng Tháp Mười' },
    total: {
      submitted, accepted: Math.floor(submitted / 3), pending: Math.ceil(submitted / 6), participants: submitted, target,
      ratio: target === null ? null : submitted / target,
      pace: { dayNumber, days: 41, daysLeft: 41 - dayNumber, neededPerDay: target === null ? null : Math.max(target - submitted, 0) / (42 - dayNumber), projected },
    },
    entries: ranked(rows),
  };
}
