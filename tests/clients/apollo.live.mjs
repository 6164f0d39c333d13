// Apollo Client with its normalised cache, against a running server (see live.mjs).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { getMainDefinition } from '@apollo/client/utilities';
import { complaints, counted, endpoint, kept, runPeriod, socket, submit, timeout } from './live.mjs';
import { operation } from './operations.mjs';
import { pages } from './pages.mjs';

const LIST = ['filter', 'orderBy', 'period'];

/** A client of its own for a test; it ends with it. */
function open(t) {
  const said = complaints(t);
  const { counts, fetch } = counted();
  const sockets = socket();
  const link = ApolloLink.split(
    ({ query }) => getMainDefinition(query).operation === 'subscription',
    new GraphQLWsLink(sockets),
    new HttpLink({ uri: endpoint, fetch }),
  );
  const cache = new InMemoryCache({
    typePolicies: {
      Query: { fields: { units: pages(LIST) } },
      Unit: { fields: { children: pages(LIST) } },
    },
  });
  const client = new ApolloClient({ link, cache });
  t.after(() => {
    client.stop();
    return sockets.dispose();
  });
  return { client, counts, said };
}

/** The states of a watched query, complete ones only. */
function watch(t, query) {
  const shown = kept();
  const subscription = query.subscribe(({ data, dataState, error }) => {
    assert.equal(error, undefined);
    if (dataState === 'complete') shown.push(data);
  });
  t.after(() => subscription.unsubscribe());
  return shown;
}

async function pushed(t, client, code) {
  const told = kept();
  const news = client.subscribe({ query: operation('watch-tally'), variables: { unit: { code } } });
  const subscription = news.subscribe(({ data, error }) => {
    assert.equal(error, undefined);
    told.push(data.tally);
  });
  t.after(() => subscription.unsubscribe());
  await told.until(() => true);
  return told;
}

test('a pushed tally changes the page that shows it', { timeout }, async (t) => {
  const { client, counts, said } = open(t);
  const variables = { unit: { code: 'dong-nai' } };
  const shown = watch(t, client.watchQuery({ query: operation('unit-page'), variables }));
  const child = (page, code) => page.unit.children.nodes.find((unit) => unit.code === code).tally;
  const before = child(await shown.until(() => true), 'bien-hoa');
  assert.equal(before.__typename, 'Tally');
  const told = await pushed(t, client, 'bien-hoa');
  await submit('dong-tam');
  const after = child(
    await shown.until((page) => child(page, 'bien-hoa').submitted === before.submitted + 1), 'bien-hoa');
  assert.equal(after.id, before.id);
  assert.equal(told.values.at(-1).id, before.id);
  // Nobody pushed the unit above, and nobody asked again.
  assert.equal(shown.values.at(-1).unit.tally.submitted, shown.values[0].unit.tally.submitted);
  assert.equal(counts.requests, 1);
  assert.deepEqual(said, []);
});

const PAGES = gql`query Pages($after: String) {
  units(first: 4, after: $after, orderBy: { field: CODE }) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { id code tally { id submitted } } }
  }
}`;

test('pages join into one list, and a pushed tally reaches into it', { timeout }, async (t) => {
  const { client, counts, said } = open(t);
  const query = client.watchQuery({ query: PAGES });
  const shown = watch(t, query);
  const first = await shown.until(() => true);
  const total = first.units.totalCount;
  assert.equal(first.units.edges.length, 4);
  assert.ok(total > 8, 'there are three pages at least');
  for (let page = first; page.units.pageInfo.hasNextPage; ) {
    const { edges, pageInfo } = page.units;
    await query.fetchMore({ variables: { after: pageInfo.endCursor } });
    page = await shown.until(({ units }) => units.edges.length > edges.length);
  }
  const all = (page) => page.units.edges.map(({ node }) => node);
  const last = shown.values.at(-1);
  const codes = all(last).map(({ code }) => code);
  assert.equal(codes.length, total);
  assert.deepEqual(codes, [...new Set(codes)].sort());
  assert.equal(last.units.pageInfo.hasPreviousPage, false);
  assert.equal(last.units.pageInfo.startCursor, first.units.pageInfo.startCursor);

  const { requests } = counts;
  const tally = (page) => all(page).find(({ code }) => code === 'tan-bien').tally;
  const before = tally(last);
  await pushed(t, client, 'tan-bien');
  await submit('tan-bien');
  const after = await shown.until((page) => page.units.edges.length === total
    && tally(page).submitted === before.submitted + 1);
  assert.equal(after.units.edges.length, total);
  assert.equal(counts.requests, requests);
  assert.deepEqual(said, []);
});

const NODES = gql`query Nodes($after: String) {
  units(first: 4, after: $after, orderBy: { field: CODE }) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    nodes { id code tally { id submitted } }
  }
}`;

/** Asks for one page after the other; what the query shows then. */
async function readOn(query, shown, rows) {
  for (let page = await shown.until(() => true); page.units.pageInfo.hasNextPage; ) {
    const before = rows(page).length;
    await query.fetchMore({ variables: { after: page.units.pageInfo.endCursor } });
    page = await shown.until((later) => rows(later).length > before);
  }
  return shown.values.at(-1);
}

test('pages by nodes join into one list, beside the same list by edges', { timeout }, async (t) => {
  const { client, counts, said } = open(t);
  const query = client.watchQuery({ query: NODES });
  const shown = watch(t, query);
  const first = (await shown.until(() => true)).units;
  const { units } = await readOn(query, shown, (page) => page.units.nodes);
  const codes = units.nodes.map(({ code }) => code);
  assert.equal(codes.length, units.totalCount);
  assert.deepEqual(codes, [...new Set(codes)].sort());
  const { hasPreviousPage, startCursor, hasNextPage } = units.pageInfo;
  assert.deepEqual([hasPreviousPage, startCursor, hasNextPage], [false, first.pageInfo.startCursor, false]);
  // The first page comes again: the list begins anew.
  await query.refetch();
  const again = await shown.until((page) => page !== shown.values[0] && page.units.nodes.length === 4);
  assert.deepEqual(again.units.nodes.map(({ code }) => code), codes.slice(0, 4));
  // It has no edges, so another operation asks for them instead of being shown none.
  const { requests } = counts;
  const edges = client.watchQuery({ query: PAGES });
  const listed = watch(t, edges);
  assert.equal((await listed.until(() => true)).units.edges.length, 4);
  assert.equal(counts.requests, requests + 1);
  assert.deepEqual(said, []);
});

// The last one, since the server's running period is another one from here on.
test('a page follows when another period becomes the running one', { timeout }, async (t) => {
  const { client, counts, said } = open(t);
  const variables = { unit: { code: 'dong-nai' } };
  const shown = watch(t, client.watchQuery({ query: operation('unit-page'), variables }));
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
