// A wall that loses its server (see live.mjs and screen.mjs). SANGKIEN_PROGRAM is the built program, to be killed.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ask, kept, submit } from './live.mjs';
import { beside, board, event, playedStreams, row } from './played.mjs';
import { freePort, serve } from './program.mjs';
import { holdsTogether, launch, line, live, picture, screen, statusOf, total, totalIs } from './screen.mjs';

const timeout = 120_000;
/** The wall's promise. */
const LOST_MS = 20_000;

let browser;
before(async () => {
  browser = await launch();
  await submit('an-phuoc');
});
after(() => browser.close());

const isLost = (page) => page.waitForSelector('#status[data-state=lost]', { timeout: LOST_MS });

/** A live screen at the end of a line of its own. */
async function atTheEndOf(mine, { clock = false } = {}) {
  const shown = await screen(browser, { reducedMotion: 'reduce' });
  if (clock) await shown.page.clock.install();
  await shown.page.goto(`${mine.url}/wall?unit=dong-nai`);
  await live(shown.page);
  return shown;
}

for (const how of ['cut', 'silence']) {
  test(`a server that is lost, by ${how}, is told; the board stays, and goes on by itself`, { timeout }, async () => {
    const mine = await line();
    const { page, complaints, close } = await atTheEndOf(mine);
    const had = await total(page);
    mine[how]();
    await isLost(page);
    assert.match(await statusOf(page), /mất kết nối · số liệu của \d+ giây trước/);
    assert.equal(await page.locator('.row').count(), 1);
    assert.equal(await total(page), had);
    await holdsTogether(page);
    await picture(page, `lost-${how}`);
    await submit('an-phuoc');
    mine.mend();
    await live(page);
    await totalIs(page, had + 1);
    assert.deepEqual(complaints, []);
    mine.close();
    await close();
  });
}

for (const [what, how, sleeps, told] of [
  ['a server that was away for hours', 'cut', (clock) => clock.fastForward('03:00:00'), /số liệu của 3 giờ 0 phút trước/],
  ['a computer that slept', 'silence', (clock) => clock.fastForward('08:00:00'), /số liệu của 8 giờ 0 phút trước/],
  ['a computer whose steady clock slept as well', 'silence', (clock) => clock.setSystemTime(Date.now() + 8 * 3_600_000), /số liệu của 8 giờ 0 phút trước/],
]) {
  test(`the age of what is shown is told, and it goes on: ${what}`, { timeout }, async () => {
    const mine = await line();
    const { page, close } = await atTheEndOf(mine, { clock: true });
    const had = await total(page);
    await page.evaluate(() => { window.sameAsBefore = true; });
    mine[how]();
    await submit('an-phuoc');
    await sleeps(page.clock);
    await isLost(page);
    await page.waitForFunction((told) => new RegExp(told).test(document.querySelector('#status-more').textContent), told.source);
    assert.equal(await total(page), had);
    // All of it can be read.
    const { scrollWidth, clientWidth } = await page.$eval('#status-text', ({ scrollWidth, clientWidth }) => ({ scrollWidth, clientWidth }));
    assert.ok(scrollWidth <= clientWidth, `${scrollWidth} in ${clientWidth}`);
    await picture(page, 'lost-for-hours');
    mine.mend();
    // An attempt that had begun before, and the wait after it.
    await page.clock.fastForward('00:13');
    await page.clock.fastForward('00:20');
    await live(page);
    await totalIs(page, had + 1);
    assert.equal(await page.evaluate(() => window.sameAsBefore), true);
    mine.close();
    await close();
  });
}

test('where no socket passes, the same comes over streams', { timeout }, async () => {
  const mine = await line(process.env.SANGKIEN_URL, { passesSockets: false });
  const { page, complaints, close } = await screen(browser, { reducedMotion: 'reduce' });
  await page.goto(`${mine.url}/wall?unit=dong-nai`);
  await live(page);
  const had = await total(page);
  // The answer beside the board comes as well.
  await page.waitForSelector('#curve:not([hidden])');
  await submit('an-phuoc');
  await totalIs(page, had + 1);
  mine.cut();
  await isLost(page);
  await submit('an-phuoc');
  mine.mend();
  await live(page);
  await totalIs(page, had + 2);
  assert.deepEqual(complaints, []);
  mine.close();
  await close();
});

/** A screen over streams that are played to it, whose text is kept in `read`. */
async function overStreams(t, played, query = '?unit=played') {
  const { page, close } = await screen(browser, { reducedMotion: 'reduce' });
  t.after(() => {
    played.close();
    return close();
  });
  await page.addInitScript(() => {
    window.read = '';
    const { decode } = TextDecoder.prototype;
    TextDecoder.prototype.decode = function kept(...given) {
      const text = decode.apply(this, given);
      window.read += text;
      return text;
    };
  });
  await page.clock.install();
  await page.goto(`${played.url}/wall${query}`);
  return page;
}

const played = (submitted) => board({ rows: [row(0, { submitted })], submitted, target: 400 });

/** Runs the clock until the server has seen so many streams, which the page takes once two sockets were refused. */
async function streamed(page, server, count) {
  while (server.asked < count) await page.clock.runFor(500);
}

test('a stream that says nothing for 30 s is lost; comments alone keep it', { timeout }, async (t) => {
  const server = await playedStreams(({ query }) => [200, { data: query.startsWith('query WallMore') ? beside(played(1)) : { today: '2022-05-23' } }]);
  server.opened = (stream) => stream.write(`:\n\n${event(played(1))}`);
  const page = await overStreams(t, server);
  await streamed(page, server, 1);
  await live(page);
  await page.clock.pauseAt(await page.evaluate(() => Date.now() + 500));
  for (let comments = 0; comments < 6; comments += 1) {
    server.say(`: ${comments}\n\n`);
    await page.waitForFunction((comment) => window.read.includes(comment), `: ${comments}\n`);
    await page.clock.runFor(12_000);
  }
  assert.equal(await page.getAttribute('#status', 'data-state'), 'live');
  assert.equal(server.asked, 1);
  // It may be live again before it is asked.
  await page.evaluate(() => {
    const status = document.querySelector('#status');
    const note = () => { window.wasLost ||= status.dataset.state !== 'live'; };
    new MutationObserver(note).observe(status, { attributeFilter: ['data-state'] });
  });
  let seconds = 12;
  while (!await page.evaluate(() => window.wasLost)) {
    await page.clock.runFor(1_000);
    seconds += 1;
  }
  assert.ok(seconds > 20 && seconds <= 30, `${seconds} s`);
});

test('a stream is asked anew after an hour, and the one before it is ended', { timeout }, async (t) => {
  let lines = 0;
  const server = await playedStreams(({ query }) => {
    if (query.startsWith('query WallMore')) return [200, { data: beside(played(1)) }];
    lines += 1;
    return [200, { data: { today: '2022-05-23' } }];
  });
  // Each board has a time of its own, and the same counts, so that the answer beside it fits all.
  server.opened = (stream) => stream.write(`:\n\n${event({ ...played(1), asOf: `2022-05-23T07:0${server.asked}:00Z` })}`);
  const page = await overStreams(t, server);
  await streamed(page, server, 1);
  await live(page);
  await page.clock.pauseAt(await page.evaluate(() => Date.now() + 500));
  const shows = (minute) => page.waitForFunction((time) => document.querySelector('#time').textContent === time, `14:0${minute}`);
  await shows(1);
  for (let passed = 0; passed <= 3_600; passed += 20) {
    server.say(`: ${passed}\n\n`);
    await page.waitForFunction((comment) => window.read.includes(comment), `: ${passed}\n`);
    await page.clock.fastForward(20_000);
  }
  server.say(':\n\n');
  await shows(2);
  while (server.streams.size > 1) await new Promise((over) => { server.streams.values().next().value.once('close', over); });
  assert.equal(server.asked, 2);
  assert.equal(lines, 1, 'the line stayed');
  assert.equal(await page.getAttribute('#status', 'data-state'), 'live');
});

test('attempts come ever later where a line is let in and carries nothing', { timeout }, async (t) => {
  const server = await playedStreams();
  server.opened = (stream) => stream.destroy();
  const page = await overStreams(t, server);
  await streamed(page, server, 1);
  const waits = [];
  while (waits.length < 6) {
    const said = await page.waitForFunction(() => /thử lại sau (\d+) giây/.exec(document.querySelector('#notice-status').textContent)?.[1]);
    const seconds = Number(await said.jsonValue());
    waits.push(seconds);
    const { asked } = server;
    while (server.asked === asked) await page.clock.runFor(1_000);
  }
  assert.ok(waits.at(-1) >= 4, String(waits));
});

for (const [status, isForgotten] of [[401, true], [403, false]]) {
  test(`${status} over streams ${isForgotten ? 'is' : 'is not'} a word about the token`, { timeout }, async (t) => {
    const server = await playedStreams((_, { authorization }) => [authorization ? status : 200, { data: { today: '2022-05-23' } }]);
    server.opened = (stream) => stream.write(event(played(1)));
    const page = await overStreams(t, server, '?unit=played&token=kept');
    const { queries } = server;
    while (server.queries < queries + 3 && server.asked === 0) await page.clock.runFor(500);
    if (isForgotten) await live(page);
    assert.equal(await page.evaluate(() => localStorage.getItem('sangkien.token')), isForgotten ? null : 'kept');
  });
}

test('a token that ends while a stream runs is forgotten, and the wall goes on without it', { timeout }, async (t) => {
  let isRevoked = false;
  const server = await playedStreams((_, { authorization }) => [authorization && isRevoked ? 401 : 200, { data: { today: '2022-05-23' } }]);
  server.opened = (stream) => stream.write(event(played(1)));
  const page = await overStreams(t, server, '?unit=played&token=kept');
  while (server.asked === 0) await page.clock.runFor(500);
  await live(page);
  assert.equal(await page.evaluate(() => localStorage.getItem('sangkien.token')), 'kept');
  isRevoked = true;
  const { asked } = server;
  const last = { data: null, errors: [{ message: 'Mã truy cập không đúng', extensions: { code: 'UNAUTHENTICATED' } }] };
  server.say(`event: next\ndata: ${JSON.stringify(last)}\n\nevent: complete\ndata:\n\n`);
  while (server.asked === asked) await page.clock.runFor(500);
  await live(page);
  assert.equal(await page.evaluate(() => localStorage.getItem('sangkien.token')), null);
});

test('a feed that fell silent while its socket answers is found, and begun anew', { timeout }, async () => {
  const { page, close } = await screen(browser, { reducedMotion: 'reduce' });
  await page.clock.install();
  let sockets = 0;
  const answered = kept();
  await page.routeWebSocket(/graphql/, (socket) => {
    const isFirst = (sockets += 1) === 1;
    if (!isFirst) answered.push(answered.values.length);
    const told = new Set();
    const server = socket.connectToServer();
    server.onMessage((message) => {
      const { type, id } = JSON.parse(message);
      if (type === 'pong') answered.push(answered.values.length);
      const isBoard = type === 'next' && id.startsWith('f');
      // The first state of each board that is followed comes through.
      if (!(isFirst && isBoard && told.has(id))) socket.send(message);
      if (isBoard) told.add(id);
    });
  });
  await page.goto(`${process.env.SANGKIEN_URL}/wall?unit=dong-nai`);
  await live(page);
  const had = await total(page);
  await submit('an-phuoc');
  while (sockets < 2) {
    const before = answered.values.length;
    await page.clock.fastForward('00:06');
    await answered.until((number) => number >= before);
  }
  await totalIs(page, had + 1);
  assert.equal(sockets, 2);
  await close();
});

/** Browsers let the timers of a tab in the background run once a minute. */
test('a healthy socket of a tab in the background is left alone', { timeout }, async () => {
  const { page, close } = await screen(browser, { reducedMotion: 'reduce' });
  await page.clock.install();
  let sockets = 0;
  const answered = kept();
  page.on('websocket', (socket) => {
    sockets += 1;
    socket.on('framereceived', ({ payload }) => {
      if (JSON.parse(payload).type === 'pong') answered.push(answered.values.length);
    });
  });
  await page.goto(`${process.env.SANGKIEN_URL}/wall?unit=dong-nai`);
  await live(page);
  await page.clock.pauseAt(new Date(await page.evaluate(() => Date.now() + 1_000)));
  for (let minute = 0; minute < 5; minute += 1) {
    const before = answered.values.length;
    await page.clock.fastForward('01:00');
    await answered.until((number) => number >= before);
  }
  assert.equal(sockets, 1);
  await submit('an-phuoc');
  await page.clock.resume();
  await close();
});

test('a page whose files have changed on the server loads itself anew', { timeout }, async () => {
  const mine = await line();
  const { page, close } = await atTheEndOf(mine);
  await page.evaluate(() => { window.sameAsBefore = true; });
  mine.cut();
  await isLost(page);
  mine.mend();
  await live(page);
  assert.equal(await page.evaluate(() => window.sameAsBefore), true);
  await page.evaluate(() => { document.querySelector('meta[name=assets]').content = 'of-yesterday'; });
  mine.cut();
  await isLost(page);
  mine.mend();
  await page.waitForFunction(() => window.sameAsBefore === undefined);
  await live(page);
  mine.close();
  await close();
});

test('a server that is killed and started again goes on with what it acknowledged', { timeout }, async () => {
  const dir = await mkdtemp(join(tmpdir(), 'sangkien-wall-'));
  const at = { port: await freePort(), database: join(dir, 'killed.db'), token: process.env.SANGKIEN_TOKEN };
  const endpoint = `http://127.0.0.1:${at.port}/graphql`;
  const killed = await serve(process.env.SANGKIEN_PROGRAM, at);
  let again;
  const { page, complaints, close } = await screen(browser, { reducedMotion: 'reduce' });
  try {
    const units = { root: 'CONFEDERATION', below: 'PROVINCIAL_FEDERATION' };
    for (const [code, kind] of Object.entries(units)) {
      const input = { code, name: `Công đoàn ${code}`, kind, parent: code === 'root' ? null : { code: 'root' } };
      await ask('mutation ($input: UpsertUnitInput!) { upsertUnit(input: $input) { errors { message } } }', { input }, endpoint);
    }
    const input = { code: 'always', name: 'Chiến dịch', kind: 'PROGRAMME', startsOn: '2022-01-01', endsOn: '2099-12-31', owner: { code: 'root' } };
    await ask('mutation ($input: UpsertPeriodInput!) { upsertPeriod(input: $input) { errors { message } } }', { input }, endpoint);
    await submit('below', endpoint);
    await page.goto(`http://127.0.0.1:${at.port}/wall?unit=root`);
    await live(page);
    await totalIs(page, 1);
    await submit('below', endpoint);
    killed.kill('SIGKILL');
    assert.equal((await killed.ended).signal, 'SIGKILL');
    await isLost(page);
    again = await serve(process.env.SANGKIEN_PROGRAM, at);
    await live(page);
    await totalIs(page, 2);
    await submit('below', endpoint);
    await totalIs(page, 3, 5_000);
    assert.deepEqual(complaints, []);
  } finally {
    await close();
    for (const server of [killed, again]) {
      server?.kill('SIGKILL');
      await server?.ended;
    }
    await rm(dir, { recursive: true });
  }
});
