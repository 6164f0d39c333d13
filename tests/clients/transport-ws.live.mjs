// graphql-transport-ws case by case: what a client says, and what any server of the protocol has to
// say to that. It runs against a server that is there:
//
//     node transport-ws.live.mjs ws://HOST:PORT/graphql
//
// or, where SANGKIEN_URL says where ours is, without an argument. Cases that need a document of the
// server's schema are run with ours, or with those of TRANSPORT_WS, as JSON:
//
//     { "init": payload of connection_init that is let in,
//       "refused": payload that is not let in,
//       "subscription": a document that goes on, with one root field,
//       "fails": a query that is valid and fails while it is executed }
//
// A case whose document is not given is left out of a foreign server's. The tests are of PROTOCOL.md of the npm package
// graphql-ws.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse, print, Kind } from 'graphql';
import { open as openAt, PROTOCOL } from './transport-ws.mjs';

const OURS = {
  init: { authorization: `Bearer ${process.env.SANGKIEN_TOKEN}` },
  refused: { authorization: 'Bearer wrong' },
  subscription: 'subscription { tally(unit: { code: "tld" }) { submitted } }',
  fails: '{ root { code } units(first: 501) { totalCount } }',
};

const named = process.argv[2];
const url = named ?? `${process.env.SANGKIEN_URL.replace(/^http/, 'ws')}/graphql`;
const given = process.env.TRANSPORT_WS;
const documents = given ? JSON.parse(given) : named ? {} : OURS;
const { init, refused, subscription, fails } = documents;

// In every schema.
const QUERY = '{ __typename }';
const MUTATION = 'mutation { __typename }';
const hello = init === undefined ? { type: 'connection_init' } : { type: 'connection_init', payload: init };
const query = (id, document = QUERY) => ({ id, type: 'subscribe', payload: { query: document } });

const timeout = 60_000;
const open = (t, protocols) => openAt(t, url, protocols);

async function welcomed(t) {
  const socket = await open(t);
  socket.say(hello);
  assert.equal((await socket.hear('connection_ack')).type, 'connection_ack');
  return socket;
}

/** The answer to a query, which is one `next` and a `complete`. */
async function answer(socket, id) {
  const next = await socket.hear(`next of ${id}`);
  assert.deepEqual([next.type, next.id], ['next', id], JSON.stringify(next));
  assert.deepEqual(await socket.hear(`complete of ${id}`), { id, type: 'complete' });
  return next.payload;
}

const text = (type, rest = {}) => JSON.stringify({ type, ...rest });
const BAD = [
  ['no JSON', 'nonsense'],
  ['nothing', ''],
  ['a list', '[]'],
  ['a number', '7'],
  ['null', 'null'],
  ['an object without a type', '{}'],
  ['a type that is none of the protocol', text('hello')],
  ['a type that is no text', text(7)],
  ['bytes', Buffer.from('{}')],
  ['a payload of connection_init that is no object', text('connection_init', { payload: 7 })],
  ['a payload of ping that is no object', text('ping', { payload: 'x' })],
  ['a payload of pong that is no object', text('pong', { payload: [1] })],
];
const BAD_ONCE_WELCOME = [
  ['subscribe without an id', text('subscribe', { payload: { query: QUERY } })],
  ['an id that is empty', text('subscribe', { id: '', payload: { query: QUERY } })],
  ['an id that is a number', text('subscribe', { id: 1, payload: { query: QUERY } })],
  ['subscribe without a payload', text('subscribe', { id: '1' })],
  ['a payload without a query', text('subscribe', { id: '1', payload: {} })],
  ['a payload that is a list', text('subscribe', { id: '1', payload: [QUERY] })],
  ['a query that is no text', text('subscribe', { id: '1', payload: { query: 7 } })],
  ['variables that are no object', text('subscribe', { id: '1', payload: { query: QUERY, variables: [] } })],
  ['an operationName that is no text', text('subscribe', { id: '1', payload: { query: QUERY, operationName: 7 } })],
  ['extensions that are no object', text('subscribe', { id: '1', payload: { query: QUERY, extensions: [] } })],
  ['complete without an id', text('complete')],
  ['next, which servers say', text('next', { id: '1', payload: {} })],
  ['error, which servers say', text('error', { id: '1', payload: [] })],
  ['connection_ack, which servers say', text('connection_ack')],
];

async function endsBy(socket, code, reason) {
  const end = await socket.ends();
  assert.equal(end.code, code, end.reason);
  assert.match(end.reason, reason);
}

// At once, so that what waits for time to pass keeps nobody waiting.
describe('graphql-transport-ws', { concurrency: true, timeout }, () => {
  for (const [what, said] of BAD) {
    test(`4400: ${what}`, async (t) => {
      const socket = await open(t);
      socket.say(said);
      await endsBy(socket, 4400, /./);
    });
  }

  for (const [what, said] of BAD_ONCE_WELCOME) {
    test(`4400: ${what}`, async (t) => {
      const socket = await welcomed(t);
      socket.say(said);
      await endsBy(socket, 4400, /./);
    });
  }

  test('4401: an operation before the welcome', async (t) => {
    const socket = await open(t);
    socket.say(query('1'));
    await endsBy(socket, 4401, /^Unauthorized$/);
  });

  test('4403: somebody who is not let in', { skip: refused === undefined }, async (t) => {
    const socket = await open(t);
    socket.say({ type: 'connection_init', payload: refused });
    await endsBy(socket, 4403, /^Forbidden/);
  });

  test('4406: no subprotocol', async (t) => {
    await endsBy(await open(t, []), 4406, /^Subprotocol not acceptable$/);
  });

  test('4406: another subprotocol', async (t) => {
    await endsBy(await open(t, ['graphql-ws']), 4406, /^Subprotocol not acceptable$/);
  });

  test('of several subprotocols it takes its own', async (t) => {
    const socket = await open(t, ['graphql-ws', PROTOCOL]);
    assert.equal(socket.protocol, PROTOCOL);
    socket.say(hello);
    assert.equal((await socket.hear()).type, 'connection_ack');
  });

  test('4408: no connection_init in time; whoever said it stays', async (t) => {
    const stays = await welcomed(t);
    const silent = await open(t);
    await endsBy(silent, 4408, /^Connection initialisation timeout$/);
    stays.say(query('1'));
    assert.ok((await answer(stays, '1')).data.__typename);
  });

  test('4409: an id that is in use', { skip: subscription === undefined }, async (t) => {
    const socket = await welcomed(t);
    socket.say(query('1', subscription), query('1', subscription));
    await endsBy(socket, 4409, /^Subscriber .*already exists$/);
  });

  test('4429: a second connection_init', async (t) => {
    const socket = await open(t);
    socket.say(hello, hello);
    await endsBy(socket, 4429, /^Too many initialisation requests$/);
  });

  test('4429: the same, long after the welcome', async (t) => {
    const socket = await welcomed(t);
    socket.say(query('1'));
    await answer(socket, '1');
    socket.say(hello);
    await endsBy(socket, 4429, /^Too many initialisation requests$/);
  });

  test('a goodbye is answered', async (t) => {
    const socket = await welcomed(t);
    socket.close(1000);
    assert.equal((await socket.ends()).code, 1000);
  });

  test('pings are answered at any time, with what they hold', async (t) => {
    const socket = await open(t);
    socket.say({ type: 'ping' });
    assert.deepEqual(await socket.hear(), { type: 'pong' });
    socket.say(hello);
    assert.equal((await socket.hear()).type, 'connection_ack');
    for (const payload of [{}, { a: [1, null, 'ơ'] }]) {
      socket.say({ type: 'ping', payload });
      assert.deepEqual(await socket.hear(), { type: 'pong', payload });
    }
  });

  test('a pong that nobody asked for is taken', async (t) => {
    const socket = await welcomed(t);
    socket.say({ type: 'pong' }, { type: 'pong', payload: { a: 1 } });
    assert.deepEqual(await socket.rest(), []);
  });

  test('queries and mutations are answered once, and completed', async (t) => {
    const socket = await welcomed(t);
    for (const [id, document] of [['1', QUERY], ['số hai', MUTATION], ['1', QUERY]]) {
      socket.say(query(id, document));
      assert.match((await answer(socket, id)).data.__typename, /./);
    }
  });

  test('operationName and variables count', async (t) => {
    const socket = await welcomed(t);
    const both = 'query A($yes: Boolean!) { ... @include(if: $yes) { a: __typename } } query B { b: __typename }';
    socket.subscribe('1', both, { operationName: 'A', variables: { yes: true }, extensions: {} });
    assert.deepEqual(Object.keys((await answer(socket, '1')).data), ['a']);
    socket.subscribe('2', both, { operationName: 'B', variables: null });
    assert.deepEqual(Object.keys((await answer(socket, '2')).data), ['b']);
  });

  for (const [what, document] of [
    ['is no GraphQL', '{'],
    ['asks for what is not there', '{ thisIsNowhere }'],
    ...subscription === undefined ? [] : [['subscribes to two things', twice(subscription)]],
  ]) {
    test(`error: what ${what}`, async (t) => {
      const socket = await welcomed(t);
      socket.say(query('1', document));
      const error = await socket.hear();
      assert.deepEqual(Object.keys(error).sort(), ['id', 'payload', 'type']);
      assert.deepEqual([error.id, error.type], ['1', 'error']);
      assert.ok(Array.isArray(error.payload) && error.payload.length > 0);
      assert.ok(error.payload.every(({ message }) => typeof message === 'string' && message));
      // That was the end of it, and the id is free.
      assert.deepEqual(await socket.rest(), []);
      socket.say(query('1'));
      await answer(socket, '1');
    });
  }

  test('what fails while it is executed is a next with errors', { skip: fails === undefined }, async (t) => {
    const socket = await welcomed(t);
    socket.say(query('1', fails));
    const { data, errors } = await answer(socket, '1');
    assert.notEqual(data, undefined);
    assert.ok(errors[0].message && errors[0].path.length > 0);
  });

  test('operations run beside each other', { skip: subscription === undefined }, async (t) => {
    const socket = await welcomed(t);
    socket.say(query('goes on', subscription), query('a'), query('b'), query('c'));
    const due = new Map([['a', 'next'], ['b', 'next'], ['c', 'next']]);
    while (due.size > 0) {
      const { id, type } = await socket.hear();
      if (id === 'goes on') {
        assert.equal(type, 'next');
        continue;
      }
      assert.equal(type, due.get(id), id);
      if (type === 'next') due.set(id, 'complete');
      else due.delete(id);
    }
    // It still runs: its id is taken.
    socket.say(query('goes on'));
    await endsBy(socket, 4409, /already exists/);
  });

  test('what the client completes says no more, and gives its id back', { skip: subscription === undefined }, async (t) => {
    const socket = await welcomed(t);
    socket.say(query('1', subscription), { id: '1', type: 'complete' });
    // Messages that were on their way already may come.
    for (const said of await socket.rest()) assert.deepEqual([said.id, said.type], ['1', 'next']);
    assert.deepEqual(await socket.rest(), []);
    socket.say(query('1'));
    await answer(socket, '1');
  });

  test('completing what does not run does nothing', async (t) => {
    const socket = await welcomed(t);
    socket.say({ id: 'never', type: 'complete' });
    socket.say(query('1'));
    await answer(socket, '1');
    socket.say({ id: '1', type: 'complete' });
    assert.deepEqual(await socket.rest(), []);
  });
});

/** A subscription with its root field twice, under two names. */
function twice(document) {
  const parsed = parse(document);
  const named = (value) => (field) => ({ ...field, alias: { kind: Kind.NAME, value } });
  const definitions = parsed.definitions.map((definition) => {
    if (definition.kind !== Kind.OPERATION_DEFINITION) return definition;
    const selections = ['a', 'b'].flatMap((name) => definition.selectionSet.selections.map(named(name)));
    return { ...definition, selectionSet: { ...definition.selectionSet, selections } };
  });
  return print({ ...parsed, definitions });
}
