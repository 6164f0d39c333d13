// The package of clients/js against a server (see live.mjs and screen.mjs), also over a line that is cut or falls silent.
// SANGKIEN_PROGRAM is the built program.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import WebSocket from 'ws';
import { ChangedUnits, connect, EventsEnd, First, FollowEvents, SangkienError, SyncEvents, WatchTally } from 'sangkien-client';
import { files } from './files.mjs';
import { kept, submit, timeout } from './live.mjs';
import { freePort, serve } from './program.mjs';
import { launch, line, screen } from './screen.mjs';

const url = process.env.SANGKIEN_URL;
const token = process.env.SANGKIEN_TOKEN;
const DONG_NAI = { unit: { code: 'dong-nai' } };
/** A moment of a log that this server does not have. */
const ELSEWHERE = Buffer.from('event:1:0000000000000000').toString('base64url');

/** How often a socket was asked for. */
let attempts = 0;
/** Those who wait for more, asked at each. */
const waiting = new Set();
class CountedSocket extends WebSocket {
  constructor(...given) {
    super(...given);
    attempts += 1;
    waiting.forEach((look) => look());
  }
}

/** Waits until so many were made. */
function attempted(count) {
  return new Promise((done) => {
    const look = () => {
      if (attempts < count) return;
      waiting.delete(look);
      done();
    };
    waiting.add(look);
    look();
  });
}

/** A client that ends with its test. */
function client(t, to = url, options = {}) {
  const made = connect(to, { webSocketImpl: CountedSocket, token, ...options });
  t.after(() => made.close());
  return made;
}

test('a query gives its data, or a refusal with its code', { timeout }, async (t) => {
  const sangkien = client(t);
  const { data, extensions } = await sangkien.execute(First, {});
  assert.equal(data.root.code, 'tld');
  assert.equal(typeof extensions.mark, 'string');
  const refused = (of) => of.catch((error) => {
    assert.ok(error instanceof SangkienError, error);
    return [error.code, error.status, error.passes];
  });
  assert.deepEqual(await refused(sangkien.ask('{ nothing }', {})), ['BAD_REQUEST', 400, false]);
  assert.deepEqual(await refused(sangkien.execute(First, {}, ELSEWHERE)), ['CURSOR_EXPIRED', 400, false]);
  assert.equal((await sangkien.execute(First, {}, extensions.mark)).data.root.code, 'tld');
  const stranger = client(t, url, { token: 'sangkien_of-nobody' });
  assert.deepEqual(await refused(stranger.ask(First, {})), ['UNAUTHENTICATED', 401, false]);
  const vietnamese = client(t, url, { token: 'sangkien_of-nobody', language: 'vi' });
  await assert.rejects(vietnamese.ask(First, {}), /mã truy cập/);
});

test('pages come until there are no more, and their mark begins the next run', { timeout }, async (t) => {
  const sangkien = client(t);
  const run = async (changedSince) => {
    const codes = [];
    let pages = 0;
    let mark;
    for await (const page of sangkien.pages(ChangedUnits, { first: 2, changedSince })) {
      pages += 1;
      codes.push(...page.nodes.map(({ code }) => code));
      mark ??= page.mark;
      // Changes meanwhile belong to the next run.
      if (pages === 1) await submit('hoang-dieu');
      assert.equal(page.mark, mark);
    }
    return { codes, pages, mark };
  };
  const first = await run(null);
  assert.ok(first.pages > 2 && new Set(first.codes).size === first.codes.length, JSON.stringify(first));
  await submit('dong-tam');
  const { codes } = await run(first.mark);
  assert.ok(['tld', 'dong-nai', 'dong-tam', 'hoang-dieu'].every((code) => codes.includes(code)), codes.join());
  assert.ok(!codes.includes('an-phuoc'));
});

test('a state says that it is old while the server is away, and is current again', { timeout }, async (t) => {
  const to = await line();
  const sangkien = client(t, to.url);
  const told = kept();
  const tally = sangkien.follow(WatchTally, DONG_NAI, told.push);
  assert.equal(tally.age(), null);
  const { data } = await told.until(({ status }) => status === 'live');
  assert.equal(tally.age(), 0);
  const { submitted } = data.tally;

  to.cut();
  const lost = await told.until(({ status }) => status === 'lost');
  assert.deepEqual(lost.data, data, 'the last state stays');
  const age = tally.age();
  assert.ok(age >= 0);
  await submit('dong-tam');
  assert.ok(tally.age() > age, 'it grows older');
  // Some fail.
  await attempted(attempts + 2);
  to.mend();
  await told.until((state) => state.status === 'live' && state.data.tally.submitted === submitted + 1);
  assert.equal(tally.age(), 0);

  tally.close();
  const before = told.values.length;
  to.cut();
  to.close();
  await submit('dong-tam');
  assert.equal(told.values.length, before, 'nothing is told any more');
});

test('a line that falls silent is given up', { timeout }, async (t) => {
  const to = await line();
  const sangkien = client(t, to.url);
  const told = kept();
  sangkien.follow(WatchTally, DONG_NAI, told.push);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  // The timer of the first ping is older than the mock.
  await told.until(({ status }) => status === 'live');
  to.silence();
  const lost = told.until(({ status }) => status === 'lost');
  const ticking = setInterval(() => t.mock.timers.tick(1_000), 5);
  t.after(() => clearInterval(ticking));
  await lost;
  to.mend();
  const { length } = told.values;
  await told.until((state) => state.status === 'live' && told.values.indexOf(state) >= length);
  to.close();
});

test('what does not pass is over, with the reason', { timeout }, async (t) => {
  const over = async (sangkien, variables) => {
    const told = kept();
    sangkien.follow(WatchTally, variables, told.push);
    return (await told.until(({ status }) => status === 'over')).error.code;
  };
  assert.equal(await over(client(t), { unit: { code: 'nowhere' } }), 'REF_NOT_FOUND');
  assert.equal(await over(client(t, url, { token: 'sangkien_of-nobody' }), DONG_NAI), 'UNAUTHENTICATED');
});

test('events come once each, in order, across a loss', { timeout }, async (t) => {
  const to = await line();
  const sangkien = client(t, to.url);
  const within = { code: 'bien-hoa' };
  const { initiativeEvents: { pageInfo: { endCursor } } } = await sangkien.ask(EventsEnd, {});
  const events = sangkien.events(FollowEvents, { within }, endCursor);
  const next = async () => (await events.next()).value;
  await submit('dong-tam');
  const seen = [await next()];
  to.cut();
  for (let count = 0; count < 3; count += 1) await submit('dong-tam');
  to.mend();
  while (seen.length < 4) seen.push(await next());
  const versions = seen.map(({ version }) => version);
  assert.deepEqual(versions, [...new Set(versions)].sort((one, other) => one - other));
  assert.ok(seen.every(({ kind, unit }) => kind === 'SUBMITTED' && unit.code === 'dong-tam'));
  await events.return();

  // The pages say the same, from the same position on.
  const paged = [];
  for await (const { nodes } of client(t).pages(SyncEvents, { within, after: endCursor })) paged.push(...nodes);
  assert.deepEqual(paged.slice(0, 4).map(({ cursor }) => cursor), seen.map(({ cursor }) => cursor));
  to.close();
});

test('events without a position begin with what comes; one of another log is refused', { timeout }, async (t) => {
  const to = await line();
  const sangkien = client(t, to.url);
  const before = attempts;
  const events = sangkien.events(FollowEvents, { within: { code: 'bien-hoa' } });
  const first = events.next();
  // The position is known once a socket is asked for, whatever becomes of the socket.
  await attempted(before + 1);
  to.cut();
  await submit('dong-tam');
  to.mend();
  assert.equal((await first).value.kind, 'SUBMITTED');
  await events.return();
  to.close();

  const expired = client(t).events(FollowEvents, { within: { code: 'bien-hoa' } }, ELSEWHERE);
  await assert.rejects(expired.next(), (error) => error.code === 'CURSOR_EXPIRED' && typeof error.cursor === 'string');
});

test('the example page shows a board, and says when it is old', { timeout: 2 * timeout }, async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'example-'));
  const program = process.env.SANGKIEN_PROGRAM;
  const at = { port: await freePort(), database: join(dir, 'it.db'), token, flags: ['--allow-origin', '*'] };
  for (const noun of ['units', 'periods', 'targets', 'initiatives']) {
    const file = fileURLToPath(new URL(`../../docs/first-day/${noun}.csv`, import.meta.url));
    execFileSync(program, ['import', '--database', `sqlite://${at.database}`, noun, file], { stdio: 'ignore' });
  }
  let server = await serve(program, at);
  const modules = await files(new URL('node_modules/', import.meta.url));
  const browser = await launch();
  t.after(async () => {
    await browser.close();
    modules.close();
    server.kill('SIGKILL');
    await server.ended;
    await rm(dir, { recursive: true });
  });
  const { page } = await screen(browser);
  await page.goto(`${modules.url}/sangkien-client/example/index.html?server=http://127.0.0.1:${at.port}`);
  const row = page.locator('#rows tr', { hasText: 'Công đoàn ngành Y tế Đồng Nai' });
  await row.waitFor();
  assert.equal(await row.locator('td').nth(2).textContent(), '1');
  const status = page.locator('#status');
  await status.filter({ hasText: 'trực tiếp' }).waitFor();
  server.kill('SIGKILL');
  await server.ended;
  await status.filter({ hasText: 'mất kết nối' }).waitFor();
  assert.equal(await row.count(), 1, 'the board stays');
  server = await serve(program, at);
  await status.filter({ hasText: 'trực tiếp' }).waitFor();
});
