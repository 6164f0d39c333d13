// A server that is replaced under its clients: `node restart.mjs PROGRAM [--clients 50]
// [--signal SIGTERM|SIGKILL] [--every MS]`, PROGRAM being a built sangkien. It is started on an
// embedded database of its own, followed by so many clients of the npm package graphql-ws, each with
// a socket, a board and the events; ended while submissions come in, and started again where it was.
// Prints one line of JSON, once all are back and current and each has seen each event once, in order.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { operation } from './operations.mjs';
import { freePort, serve } from './program.mjs';
import { print } from 'graphql';

const TOKEN = 'token-of-the-trial';
const authorization = `Bearer ${TOKEN}`;
/** Within which a server that is told to stop has to end; see docs/operators/EVERY-DAY.md. */
const STOP_MS = 25_000;
/** Longer than any machine takes: only ever waited for in full by a broken server. */
const PATIENCE_MS = 180_000;
/** Clients that connect at once at the beginning: this is no storm. */
const TOGETHER = 100;
/** Submissions before the signal, and after everybody is back. */
const SOME = 10;

const BOARD = 'subscription { leaderboard(first: 3) { version within { tally { submitted } } } }';
const EVENTS = `subscription ($after: String) {
  initiativeEvents(after: $after) { cursor kind initiativeId }
}`;
const SUBMIT = `mutation ($input: SubmitInitiativeInput!) {
  submitInitiative(input: $input) { initiative { id } errors { code message } }
}`;

const { positionals: [program], values } = parseArgs({
  allowPositionals: true,
  options: {
    clients: { type: 'string', default: '50' },
    signal: { type: 'string', default: 'SIGTERM' },
    every: { type: 'string', default: '100' },
  },
});
if (!program) {
  console.error('usage: node restart.mjs PROGRAM [--clients 50] [--signal SIGTERM|SIGKILL] [--every MS]');
  process.exit(2);
}
const count = Number(values.clients);
const pause = (ms) => new Promise((over) => { setTimeout(over, ms); });

/** Seconds of processors that it has used so far; where the system tells. */
async function cpuSeconds({ pid }) {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function ask(url, query, variables) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

/** One after the other, each until it is acknowledged; `ids` in the order of the log. */
function submissions(url) {
  const ids = [];
  let going = true;
  async function submitted(key) {
    const input = { key, unit: { code: 'root' }, title: `Sáng kiến ${key}`, kind: 'IDEA', authors: [{ name: 'Nguyễn Văn An' }] };
    for (;;) {
      try {
        const { submitInitiative: { initiative, errors } } = await ask(url, SUBMIT, { input });
        assert.deepEqual(errors, []);
        return initiative.id;
      } catch (error) {
        if (error instanceof assert.AssertionError || !going) throw error;
        await pause(50);
      }
    }
  }
  const run = (async () => {
    while (going) {
      ids.push(await submitted(`k-${ids.length}`));
      await pause(Number(values.every));
    }
  })();
  return { ids, end: () => { going = false; return run; } };
}

/** One screen: a board and the events, for good. */
function follow(url, cursor) {
  const self = { submitted: null, events: [], codes: [], away: [], error: null };
  let left = null;
  const client = createClient({
    url: url.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: () => ({ authorization }),
    retryAttempts: Infinity,
    // While the server is away connections are refused, which is no close event.
    shouldRetry: () => true,
    on: {
      closed: ({ code }) => {
        // Attempts that find nobody end too.
        if (left === null) self.codes.push(code);
        left ??= performance.now();
      },
    },
  });
  const failed = (error) => { self.error ??= error; };
  const over = (what) => () => failed(new Error(`${what} is over`));
  const told = (sink) => ({ data, errors }) => (errors ? failed(errors) : sink(data));
  client.subscribe({ query: BOARD }, {
    next: told(({ leaderboard }) => {
      self.submitted = leaderboard.within.tally.submitted;
      if (left !== null) self.away.push(performance.now() - left);
      left = null;
    }),
    error: failed,
    complete: over('the board'),
  });
  let after = cursor;
  // Asked for anew with each subscribe, so that it goes on after the last event that was seen.
  const variables = { get after() { return after; } };
  client.subscribe({ query: EVENTS, variables }, {
    next: told(({ initiativeEvents: { cursor: seen, kind, initiativeId } }) => {
      assert.equal(kind, 'SUBMITTED');
      self.events.push(initiativeId);
      after = seen;
    }),
    error: failed,
    complete: over('the feed of events'),
  });
  self.dispose = () => client.dispose();
  self.isAway = () => left !== null;
  return self;
}

/** Waits until it holds of all; whoever failed ends it. */
async function all(screens, holds, what) {
  const late = performance.now() + PATIENCE_MS;
  for (;;) {
    const broken = screens.find(({ error }) => error);
    if (broken) throw new Error(`a subscription ended: ${JSON.stringify(broken.error.reason ?? broken.error.message ?? broken.error)}`);
    const missing = screens.filter((screen) => !holds(screen));
    if (missing.length === 0) return;
    if (performance.now() > late) throw new Error(`${missing.length} of ${screens.length} are not ${what}`);
    await pause(20);
  }
}

function percentile(sorted, part) {
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]);
}

async function trial(dir, started) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/graphql`;
  const database = join(dir, 'it.db');
  let server = await serve(program, { port, database, token: TOKEN });
  started.push(server);
  const { initiativeEvents: { pageInfo } } = await ask(url, print(operation('events-end')));
  const screens = [];
  while (screens.length < count) {
    for (let one = Math.min(TOGETHER, count - screens.length); one > 0; one -= 1) {
      screens.push(follow(url, pageInfo.endCursor));
    }
    await all(screens, ({ submitted }) => submitted !== null, 'there');
  }
  const load = submissions(url);
  await all(screens, ({ events }) => events.length >= SOME, 'following');

  const told = performance.now();
  server.kill(values.signal);
  const end = await server.ended;
  const stopMs = performance.now() - told;
  if (values.signal === 'SIGTERM') assert.deepEqual(end, { code: 0, signal: null });
  assert.ok(stopMs < STOP_MS, `it took ${stopMs} ms to stop`);
  server = await serve(program, { port, database, token: TOKEN });
  started.push(server);
  const readyMs = performance.now() - told;
  await all(screens, ({ away, isAway }) => away.length > 0 && !isAway(), 'back');
  const backMs = performance.now() - told;
  const cpuS = await cpuSeconds(server);

  const goal = load.ids.length + SOME;
  await all(screens, ({ events }) => events.length >= goal, 'following again');
  await load.end();
  const { ids } = load;
  await all(screens, ({ submitted, events }) => submitted === ids.length && events.length >= ids.length, 'current');
  assert.equal(new Set(ids).size, ids.length);
  for (const { events } of screens) assert.deepEqual(events, ids, 'each event once, in order');

  // A server that is killed says nothing.
  const code = values.signal === 'SIGTERM' ? 1001 : 1006;
  assert.deepEqual(screens.flatMap((screen) => screen.codes), screens.map(() => code));
  const away = screens.flatMap((screen) => screen.away).sort((a, b) => a - b);
  await Promise.all(screens.map((screen) => screen.dispose()));
  server.kill('SIGTERM');
  assert.deepEqual(await server.ended, { code: 0, signal: null });
  return {
    clients: count,
    signal: values.signal,
    submissions: ids.length,
    stopMs: Math.round(stopMs),
    readyMs: Math.round(readyMs),
    backMs: Math.round(backMs),
    awayMs: { p50: percentile(away, 0.5), p99: percentile(away, 0.99), max: percentile(away, 1) },
    serverCpuUntilBackS: cpuS,
    closeCode: code,
  };
}

const dir = await mkdtemp(join(tmpdir(), 'restart-'));
const started = [];
try {
  console.log(JSON.stringify(await trial(dir, started)));
} catch (error) {
  console.error(error.stack ?? error);
  process.exitCode = 1;
} finally {
  started.forEach((server) => server.kill('SIGKILL'));
  await Promise.all(started.map(({ ended }) => ended));
  await rm(dir, { recursive: true });
}
// Clients that are left wait for a server that is not there any more.
process.exit();
