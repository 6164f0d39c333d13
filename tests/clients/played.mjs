// A server that is played: a page of the wall gets the boards that a test makes, when the test says so.

import { createServer } from 'node:http';
import { live, screen } from './screen.mjs';

/**
 * A screen, `tell` to give it a board or a maker of boards from variables, `ping` to ping it with a payload, `asked` with the variables of what it follows, and `more`
 * as the answer, or the maker of answers, to what it asks beside the board; a maker that gives nothing does not answer. The page itself
 * is the one at SANGKIEN_URL.
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
      if (!payload.query.startsWith('subscription')) {
        const answer = typeof more === 'function' ? more(payload) : more;
        return answer === undefined ? undefined : next(answer);
      }
      show = () => next({ leaderboard: typeof newest === 'function' ? newest(payload.variables) : newest });
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

/**
 * A server that lets no socket pass: the page is that of SANGKIEN_URL, queries are answered by `answer` (a status and a body), and
 * streams are held. `streams` are those that are open, `asked` counts those that ever were, `say` writes a text to all of them.
 */
export async function playedStreams(answer = () => [200, { data: { today: '2022-05-23' } }]) {
  const streams = new Set();
  const played = { streams, asked: 0, queries: 0, say: (text) => streams.forEach((stream) => stream.write(text)) };
  const listener = createServer(async (request, response) => {
    if (request.url.startsWith('/wall/origin')) return response.writeHead(204).end();
    if (!request.url.startsWith('/graphql')) {
      const page = await fetch(`${process.env.SANGKIEN_URL}${request.url}`, { method: request.method });
      const headers = ['content-type', 'content-security-policy', 'etag'].map((name) => [name, page.headers.get(name)]).filter(([, value]) => value);
      return response.writeHead(page.status, Object.fromEntries(headers)).end(Buffer.from(await page.arrayBuffer()));
    }
    let text = '';
    for await (const part of request.setEncoding('utf8')) text += part;
    if (request.headers.accept !== 'text/event-stream' || !JSON.parse(text).query.startsWith('subscription')) {
      played.queries += 1;
      const [status, body] = answer(JSON.parse(text), request.headers);
      return response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    }
    played.asked += 1;
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    streams.add(response);
    response.on('close', () => streams.delete(response));
    played.opened?.(response);
  });
  listener.on('upgrade', (_, socket) => socket.destroy());
  await new Promise((listening) => { listener.listen(0, '127.0.0.1', listening); });
  listener.unref();
  played.url = `http://127.0.0.1:${listener.address().port}`;
  played.close = () => {
    listener.closeAllConnections();
    listener.close();
  };
  return played;
}

/** A message of a stream. */
export const event = (leaderboard) => `event: next\ndata: ${JSON.stringify({ data: { leaderboard } })}\n\n`;

const NAMES = [
  'huyện Long Thành', 'thành phố Biên Hòa', 'huyện Nhơn Trạch', 'huyện Trảng Bom', 'thành phố Long Khánh', 'huyện Vĩnh Cửu',
  'huyện Xuân Lộc', 'huyện Tân Phú', 'huyện Thống Nhất', 'huyện Cẩm Mỹ', 'huyện Định Quán', 'huyện Đức Hòa',
].map((name) => `Liên đoàn Lao động ${name}`).concat([
  'Công đoàn ngành Giáo dục', 'Công đoàn các Khu công nghiệp tỉnh', 'Công đoàn ngành Y tế', 'Công đoàn Viên chức tỉnh',
]);

/** A row of unit `number`, as the server says it; `rows` gives them their ranks. */
export function row(number, { submitted, target = 400, gained = 0, previousRank = null, name = NAMES[number % NAMES.length], ...unit }) {
  const ratio = target ? submitted / target : null;
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

const NOTHING = { submitted: 0, accepted: 0, pending: 0, benefitVnd: 0, gained: 0 };
/** The benefit of an accepted initiative, in đồng. */
const BENEFIT = 100_000_000;

/** Counts of these rows, as the server sums them up. */
function sumOf(rows) {
  const add = (of) => rows.reduce((sum, entry) => sum + of(entry), 0);
  const targeted = rows.filter(({ tally }) => tally.target);
  const target = targeted.length ? targeted.reduce((sum, { tally }) => sum + tally.target, 0) : null;
  const submitted = add(({ tally }) => tally.submitted);
  return {
    units: rows.length, notStarted: rows.filter(({ tally }) => tally.submitted === 0).length,
    met: targeted.filter(({ tally }) => tally.ratio >= 1).length, gained: add(({ gained }) => gained),
    submitted, accepted: add(({ tally }) => tally.accepted), benefitVnd: BENEFIT * add(({ tally }) => tally.accepted), pending: Math.ceil(submitted / 6), target,
    ratio: target === null ? null : targeted.reduce((sum, { tally }) => sum + tally.submitted, 0) / target,
  };
}

/**
 * A board of these rows, of which the server sends the first `first`; `pending` and `neededPerDay` are made up. `own`, `closed`
 * and `others` are counts of what it does not rank, or parts with their gain.
 */
export function board({
  rows, submitted, target, asOf = '2022-05-23T07:06:12Z', since = asOf.slice(0, 10), period = CAMPAIGN, projected = 0, dayNumber = 33, days = 41,
  within = { code: 'played', name: 'Liên đoàn Lao động tỉnh Đồng Tháp Mười', kind: 'PROVINCIAL_FEDERATION', depth: 1 }, first = rows.length, around = [], own = 0, closed = 0, others = 0,
  rankBy = 'TARGET_RATIO',
}) {
  const part = (of) => ({ ...NOTHING, ...(typeof of === 'number' ? { submitted: of } : of) });
  const entries = ranked(rows);
  return {
    version: submitted, since, asOf, rankBy, ranked: rows.length, period, within,
    total: {
      submitted, accepted: Math.floor(submitted / 3), pending: Math.ceil(submitted / 6), participants: submitted, benefitVnd: BENEFIT * Math.floor(submitted / 3), target,
      ratio: target === null ? null : submitted / target,
      pace: since > period.endsOn ? null : { dayNumber, days, daysLeft: days - dayNumber, neededPerDay: target === null ? null : Math.max(target - submitted, 0) / (days + 1 - dayNumber), projected },
    },
    closing: null, sum: sumOf(rows), own: part(own), closed: part(closed), others: part(others),
    entries: entries.slice(0, first), around: entries.filter(({ unit }) => around.includes(unit.code)),
  };
}

/** A board whose period is over, with the figures of another one as those that were kept of it. */
export function closed(live, kept, closing = {}) {
  const { ranked, total, sum, own, closed, others, entries, around } = kept;
  const leaderboard = { ranked, total: { ...total, pace: undefined }, sum, own, closed, others, entries, around };
  return { ...live, closing: { kind: 'DAY', at: '2022-05-31T17:00:00Z', endsOn: '2022-05-31', leaderboard, ...closing } };
}

/** The answer beside a board: its days, the later the more, and titles. */
export function beside({ since, period, within, total }, titles = [], { standing = null, byCount, parent = null, periods = [], teams = [] } = {}) {
  const until = since < period.endsOn ? since : period.endsOn;
  const days = Math.round((Date.parse(until) - Date.parse(period.startsOn)) / 86_400_000) + 1;
  const dayAt = (at) => new Date(Date.parse(period.startsOn) + at * 86_400_000).toISOString().slice(0, 10);
  const most = total.submitted / (days * (days + 1));
  const daily = Array.from({ length: Math.max(days, 0) }, (_, at) => ({ day: dayAt(at), submitted: Math.floor(2 * most * (at + 1)), accepted: 0 }));
  const { submitted, accepted, pending } = total;
  return {
    leaderboard: { since, period, total: { submitted, accepted, pending }, within: { ...within, standing, byCount, parent, periods, daily, breakdown: teams, initiatives: { nodes: titles } } },
  };
}

export const title = (id, text, unit = {}, reviewedAt = '2022-05-23T06:06:00Z') => ({
  id, title: text, reviewedAt,
  unit: { name: 'Công đoàn cơ sở Công ty Trách nhiệm hữu hạn một thành viên Cơ khí', kind: 'GRASSROOTS_UNION', cluster: null, depth: 3, ...unit },
});
