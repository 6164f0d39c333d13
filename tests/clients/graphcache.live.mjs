// urql with Graphcache, its normalised cache, aware of the introspected schema, against a running
// server (see live.mjs).

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Client, fetchExchange, gql, subscriptionExchange } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { getIntrospectionQuery, print } from 'graphql';
import { ask, complaints, counted, endpoint, kept, runPeriod, socket, submit, timeout } from './live.mjs';
import { operation } from './operations.mjs';

let introspection;
before(async () => {
  introspection = await ask(getIntrospectionQuery());
});

/** Objects without an id are kept with what they hang on. */
function keys({ __schema: { types } }) {
  const withoutId = types.filter(({ fields }) => fields && !fields.some(({ name }) => name === 'id'));
  return Object.fromEntries(withoutId.map(({ name }) => [name, () => null]));
}

/** A client of its own for a test; it ends with it. */
function open(t) {
  const said = complaints(t);
  const { counts, fetch } = counted();
  const sockets = socket();
  t.after(() => sockets.dispose());
  const client = new Client({
    url: endpoint,
    fetch,
    preferGetMethod: false,
    exchanges: [
      cacheExchange({
        schema: introspection,
        keys: keys(introspection),
        resolvers: {
          Query: { units: relayPagination() },
          Unit: { children: relayPagination() },
        },
      }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => ({ unsubscribe: sockets.subscribe({ query, variables }, sink) }),
        }),
      }),
    ],
  });
  return { client, counts, said };
}

function watch(t, source) {
  const shown = kept();
  const { unsubscribe } = source.subscribe(({ data, error, stale }) => {
    assert.equal(error, undefined);
    if (data && !stale) shown.push(data);
  });
  t.after(unsubscribe);
  return shown;
}

async function pushed(t, client, code) {
  const told = watch(t, client.subscription(operation('watch-tally'), { unit: { code } }));
  await told.until(() => true);
  return told;
}

test('a pushed tally changes the page that shows it', { timeout }, async (t) => {
  const { client, counts, said } = open(t);
  const shown = watch(t, client.query(operation('unit-page'), { unit: { code: 'dong-nai' } }));
  const child = (page, code) => page.unit.children.nodes.find((unit) => unit.code === code).tally;
  const before = child(await shown.until(() => true), 'bien-hoa');
  const told = await pushed(t, client, 'bien-hoa');
  await submit('dong-tam');
  const after = child(
    await shown.until((page) => child(page, 'bien-hoa').submitted === before.submitted + 1), 'bien-hoa');
  assert.equal(after.id, before.id);
  assert.equal(told.values.at(-1).tally.id, before.id);
  assert.equal(shown.values.at(-1).unit.tally.submitted, shown.values[0].unit.tally.submitted);
  assert.equal(counts.requests, 1);
  assert.deepEqual(said, []);
});

const PAGES = gql`query Pages($after: String) {
  units(first: 4, after: $after, orderBy: { field: CODE }) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { id code tally { id submitted } } }
    nodes { id code }
  }
}`;

test('pages join into one list, and a pushed tally reaches into it', { timeout }, async (t) => {
  const { client, counts, said } = open(t);
  let last;
  let after = null;
  do {
    // Each asks for its page; what it shows is the whole list so far.
    last = watch(t, client.query(PAGES, { after }));
    const { units } = await last.until(() => true);
    after = units.pageInfo.hasNextPage ? units.pageInfo.endCursor : null;
  } while (after);
  const all = ({ units }) => units.edges.map(({ node }) => node);
  const [list] = last.values;
  const codes = all(list).map(({ code }) => code);
  assert.ok(codes.length > 8, 'there were three pages at least');
  assert.equal(codes.length, list.units.totalCount);
  assert.deepEqual(codes, [...new Set(codes)].sort());
  assert.deepEqual(list.units.nodes.map(({ code }) => code), codes);

  const { requests } = counts;
  const tally = (page) => all(page).find(({ code }) => code === 'tan-bien').tally;
  const { submitted } = tally(list);
  await pushed(t, client, 'tan-bien');
  await submit('tan-bien');
  await last.until((page) => tally(page).submitted === submitted + 1);
  assert.equal(counts.requests, requests);
  assert.deepEqual(said, []);
});

test('every worked query is one that the cache can keep', { timeout }, async (t) => {
  const { client, counts, said } = open(t);
  for (const [name, variables] of [
    ['first', {}],
    ['unit-page', { unit: { code: 'dong-nai' } }],
    ['my-rank', { unit: { code: 'bien-hoa' }, within: { code: 'dong-nai' } }],
    ['submission-form', { unit: { code: 'dong-tam' } }],
    ['changed-units', {}],
    ['movers', { since: '2022-05-04' }],
    ['not-started', { within: { code: 'dong-nai' } }],
  ]) {
    const [document, { requests }] = [operation(name), counts];
    const shown = (await client.query(document, variables)).data;
    assert.ok(shown, print(document));
    assert.deepEqual((await client.query(document, variables)).data, shown, name);
    assert.equal(counts.requests, requests + 1, `${name} is answered from the cache`);
  }
  assert.deepEqual(said, []);
});

// The last one, since the server's running period is another one from here on.
test('a page follows when another period becomes the running one', { timeout }, async (t) => {
  const { client, counts, said } = open(t);
  const shown = watch(t, client.query(operation('unit-page'), { unit: { code: 'dong-nai' } }));
  const before = (await shown.until(() => true)).unit.tally;
  await pushed(t, client, 'dong-nai');
  const code = await runPeriod();
  const after = (await shown.until(({ unit }) => unit.tally.period.code === code)).unit.tally;
  assert.notEqual(after.id, before.id);
  await submit('dong-tam');
  await shown.until(({ unit }) => unit.tally.period.code === code
    && unit.tally.submitted === after.submitted + 1);
  assert.equal(counts.requests, 1);
  assert.deepEqual(said, []);
});
