// Subscriptions over HTTP, by the clients that frontend teams use: graphql-sse, a browser's
// EventSource as far as it goes on after the last event, and Apollo's multipart (see live.mjs).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { createClient } from 'graphql-sse';
import { endpoint, kept, submit, timeout } from './live.mjs';

const TALLY = 'subscription { tally(unit: { code: "dong-nai" }) { id submitted } }';
const EVENTS = 'subscription { initiativeEvents { kind } }';

test('graphql-sse hears the present state and each change', { timeout }, async () => {
  const client = createClient({ url: endpoint, retryAttempts: 0 });
  const heard = client.iterate({ query: TALLY });
  const { submitted } = (await heard.next()).value.data.tally;
  await submit('dong-tam');
  assert.equal((await heard.next()).value.data.tally.submitted, submitted + 1);
  await heard.return();
  client.dispose();
});

test('graphql-sse gets one answer to a query, and hears what is wrong', { timeout }, async () => {
  const client = createClient({ url: endpoint, retryAttempts: 0 });
  const all = async (query) => {
    const results = [];
    for await (const result of client.iterate({ query })) results.push(result);
    return results;
  };
  const [answer, ...more] = await all('{ root { code } }');
  assert.deepEqual(answer.data, { root: { code: 'tld' } });
  assert.deepEqual(more, []);
  const [refused] = await all('{ nothing }');
  assert.match(refused.errors[0].message, /nothing/);
  client.dispose();
});

/** Events of a stream as a browser parses them, until enough have come. */
async function events(count, lastEventId, begun) {
  const stop = new AbortController();
  const url = `${endpoint}?query=${encodeURIComponent(EVENTS)}`;
  const headers = { accept: 'text/event-stream' };
  if (lastEventId) headers['last-event-id'] = lastEventId;
  const response = await fetch(url, { headers, signal: stop.signal });
  assert.equal(response.headers.get('content-type'), 'text/event-stream');
  assert.equal(response.headers.get('x-accel-buffering'), 'no');
  const found = [];
  let text = '';
  begun?.();
  for await (const bytes of response.body) {
    text += new TextDecoder().decode(bytes);
    const blocks = text.split('\n\n');
    text = blocks.pop();
    for (const block of blocks) {
      const fields = Object.fromEntries(
        block.split('\n').filter((line) => !line.startsWith(':')).map((line) => line.split(/: ?(.*)/s)),
      );
      if (fields.event === 'next') found.push(fields);
    }
    if (found.length >= count) break;
  }
  stop.abort();
  return found;
}

test('an event has an id, after which a browser goes on', { timeout }, async () => {
  let first;
  // The position is taken by the time that the head of the answer is there.
  await new Promise((begun) => { first = events(1, null, begun); });
  await submit('dong-tam');
  const [{ id }] = await first;
  assert.ok(id);
  await submit('dong-tam');
  await submit('dong-tam');
  const rest = await events(2, id);
  assert.equal(rest.length, 2);
  assert.ok(rest.every(({ data }) => JSON.parse(data).data.initiativeEvents.kind === 'SUBMITTED'));
  assert.equal(new Set([id, ...rest.map((event) => event.id)]).size, 3);
});

test('Apollo Client subscribes over HTTP alone', { timeout }, async (t) => {
  const client = new ApolloClient({ link: new HttpLink({ uri: endpoint }), cache: new InMemoryCache() });
  const told = kept();
  const news = client.subscribe({ query: gql(TALLY) });
  const subscription = news.subscribe(({ data, error }) => {
    assert.equal(error, undefined);
    told.push(data.tally.submitted);
  });
  t.after(() => {
    subscription.unsubscribe();
    client.stop();
  });
  const before = await told.until(() => true);
  await submit('dong-tam');
  await told.until((submitted) => submitted === before + 1);
});
