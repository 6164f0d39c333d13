// A server that is replaced under clients that follow it over HTTP (see live.mjs and screen.mjs): graphql-sse, Apollo Client
// and a browser's EventSource come back by themselves, as their libraries do it, and miss nothing. SANGKIEN_PROGRAM is the
// built program.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { RetryLink } from '@apollo/client/link/retry';
import { createClient } from 'graphql-sse';
import { timeout } from './live.mjs';
import { freePort, serve } from './program.mjs';
import { launch, screen } from './screen.mjs';

const TOKEN = 'token-of-the-trial';
const EVENTS = 'subscription ($after: String) { initiativeEvents(after: $after) { cursor initiativeId } }';
const BOARD = 'subscription { leaderboard(first: 1) { within { tally { submitted } } } }';
const SUBMIT = `mutation ($input: SubmitInitiativeInput!) {
  submitInitiative(input: $input) { initiative { id } errors { code message } }
}`;

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const pause = (ms) => new Promise((over) => { setTimeout(over, ms); });

const waiting = new Set();

/** A list of what a client was told, which can be waited for. */
const noted = () => waiting.forEach((look) => look());

/** Waits for a fact; a broken server lets the test's own time-out end it. */
function until(holds) {
  return new Promise((found) => {
    const look = () => {
      if (!holds()) return;
      waiting.delete(look);
      found();
    };
    waiting.add(look);
    look();
  });
}

/** One after the other, each until it is acknowledged: their ids, in the order of the log. */
async function submit(url, ids, count) {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  while (count > 0) {
    const key = `k-${ids.length}`;
    const input = { key, unit: { code: 'root' }, title: `Sáng kiến ${key}`, kind: 'IDEA', authors: [{ name: 'Nguyễn Văn An' }] };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query: SUBMIT, variables: { input } }) });
    const { data } = await response.json();
    assert.deepEqual(data.submitInitiative.errors, []);
    ids.push(data.submitInitiative.initiative.id);
    count -= 1;
  }
}

/** The npm package graphql-sse: events, each once, with the cursor of the last one; and a board. */
function followBySse(url) {
  const told = { events: [], submitted: null, over: [] };
  const client = createClient({ url, retryAttempts: 1_000, retry: () => pause(50) });
  let cursor = null;
  // Read anew with each attempt, so that it goes on after the last event that was seen.
  const variables = { get after() { return cursor; } };
  const over = (what) => ({ error: (error) => told.over.push(`${what}: ${error}`), complete: () => told.over.push(what) });
  client.subscribe({ query: EVENTS, variables }, {
    next({ data: { initiativeEvents: event } }) {
      cursor = event.cursor;
      told.events.push(event.initiativeId);
      noted();
    },
    ...over('events'),
  });
  client.subscribe({ query: BOARD }, {
    next({ data }) {
      told.submitted = data.leaderboard.within.tally.submitted;
      noted();
    },
    ...over('board'),
  });
  return { told, end: () => client.dispose() };
}

/** Apollo Client with its own link for attempts, over its multipart protocol. */
function followByApollo(url) {
  const told = { submitted: null, over: [] };
  const retry = new RetryLink({ delay: { initial: 50, max: 500 }, attempts: { max: Infinity } });
  const client = new ApolloClient({
    link: ApolloLink.from([retry, new HttpLink({ uri: url })]), cache: new InMemoryCache(),
  });
  const subscription = client.subscribe({ query: gql(BOARD), fetchPolicy: 'no-cache' }).subscribe({
    next({ data, error }) {
      if (error) told.over.push(String(error));
      else told.submitted = data.leaderboard.within.tally.submitted;
      noted();
    },
    error: (error) => told.over.push(String(error)),
    complete: () => told.over.push('complete'),
  });
  return {
    told,
    end() {
      subscription.unsubscribe();
      client.stop();
    },
  };
}

/** A browser's EventSource, which ends what is complete, as the protocol asks of whoever uses it. */
async function followByEventSource(url) {
  const { page, close } = await screen(browser);
  await page.goto(url.replace(/graphql$/, 'graphiql'));
  await page.evaluate((query) => {
    window.told = { events: [], opened: 0, over: [] };
    const source = new EventSource(`graphql?query=${encodeURIComponent(query)}`);
    source.onopen = () => { window.told.opened += 1; };
    source.addEventListener('next', ({ data }) => window.told.events.push(JSON.parse(data).data.initiativeEvents.initiativeId));
    source.addEventListener('complete', () => {
      window.told.over.push('complete');
      source.close();
    });
    source.onerror = () => { if (source.readyState === EventSource.CLOSED) window.told.over.push('closed'); };
  }, 'subscription { initiativeEvents { initiativeId } }');
  await page.waitForFunction(() => window.told.opened === 1);
  /** Waits for the initiative as its last. */
  const until = (id) => page.waitForFunction((last) => window.told.events.at(-1) === last, id);
  return { told: () => page.evaluate(() => window.told), until, end: close };
}

test('streams break off with the server, and their clients come back and miss nothing', { timeout: 2 * timeout }, async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'streams-'));
  const at = { port: await freePort(), database: join(dir, 'it.db'), token: TOKEN };
  const url = `http://127.0.0.1:${at.port}/graphql`;
  let server = await serve(process.env.SANGKIEN_PROGRAM, at);
  t.after(async () => {
    server.kill('SIGKILL');
    await server.ended;
    await rm(dir, { recursive: true });
  });
  const [sse, apollo, source] = [followBySse(url), followByApollo(url), await followByEventSource(url)];
  t.after(() => Promise.all([sse.end(), apollo.end(), source.end()]));
  const ids = [];
  // Each has begun once it knows of something.
  await until(() => sse.told.submitted !== null && apollo.told.submitted !== null);
  await submit(url, ids, 1);
  await until(() => sse.told.submitted === 1 && apollo.told.submitted === 1);
  await source.until(ids.at(-1));
  // An event feed without a position begins with what comes: of graphql-sse's, it is this or the next.
  await submit(url, ids, 2);
  await until(() => sse.told.events.length > 1);

  for (const round of [1, 2]) {
    server.kill('SIGTERM');
    assert.deepEqual(await server.ended, { code: 0, signal: null });
    server = await serve(process.env.SANGKIEN_PROGRAM, at);
    // Before anybody is back, perhaps: that is what is not to be missed.
    await submit(url, ids, 3);
    await until(() => sse.told.submitted === ids.length && apollo.told.submitted === ids.length);
    await until(() => sse.told.events.at(-1) === ids.at(-1));
    await source.until(ids.at(-1));
    assert.equal((await source.told()).opened, round + 1);
  }
  assert.deepEqual(sse.told.events, ids.slice(-sse.told.events.length), 'each once, in order');
  assert.deepEqual((await source.told()).events, ids.slice(-(await source.told()).events.length));
  for (const { over } of [sse.told, apollo.told, await source.told()]) assert.deepEqual(over, []);
});
