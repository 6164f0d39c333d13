// The package of clients/js against a server that is played here: states that end, and sockets that fail.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import WebSocket, { WebSocketServer } from 'ws';
import { connect, FollowEvents, WatchTally } from 'sangkien-client';

const timeout = 60_000;
const DONG_NAI = { unit: { code: 'dong-nai' } };
const tally = (submitted) => ({ data: { tally: { submitted } } });
const errors = (code, retryAfter) => [{ message: code, path: ['tally'], extensions: { code, retryAfter } }];

/** A server whose sockets do what `play` says to each operation, counted from 0. */
async function server(t, play) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'graphql-transport-ws' });
  await new Promise((listening) => { server.once('listening', listening); });
  let count = 0;
  server.on('connection', (socket) => {
    socket.on('message', (text) => {
      const { type, id, payload } = JSON.parse(text);
      const say = (message) => socket.send(JSON.stringify(message));
      if (type === 'connection_init') say({ type: 'connection_ack' });
      if (type === 'ping') say({ type: 'pong' });
      if (type !== 'subscribe') return;
      play(count, {
        socket, payload,
        next: (payload) => say({ id, type: 'next', payload }),
        refuse: (payload) => say({ id, type: 'error', payload }),
        complete: () => say({ id, type: 'complete' }),
      });
      count += 1;
    });
  });
  const stop = () => new Promise((stopped) => {
    for (const socket of server.clients) socket.terminate();
    server.close(stopped);
  });
  t.after(stop);
  const url = `http://127.0.0.1:${server.address().port}`;
  const sangkien = connect(url, { webSocketImpl: WebSocket });
  t.after(() => sangkien.close());
  return { sangkien, url, stop, asked: () => count };
}

/** Waits take a twentieth of their time. */
function hurry(t) {
  const real = setTimeout;
  t.mock.method(globalThis, 'setTimeout', (call, ms, ...given) => real(call, ms / 20, ...given));
}

/** Follows, until a state fits; gives all states so far. */
async function statesUntil(t, sangkien, fits) {
  hurry(t);
  const states = [];
  let followed;
  await new Promise((found) => {
    followed = sangkien.follow(WatchTally, DONG_NAI, (state) => {
      states.push(state);
      if (fits(state)) found();
    });
  });
  return { states, followed };
}

const told = (states) => states.map(({ status, data, error }) => [status, data?.tally.submitted, error?.code]);

for (const [what, end] of [
  ['a state of nothing but errors', ({ next, complete }) => {
    next({ data: null, errors: errors('INTERNAL') });
    complete();
  }],
  ['a refusal that passes', ({ refuse }) => refuse(errors('UNAVAILABLE', 1))],
  ['a refusal for which nothing is to be mended once a state was shown', ({ refuse }) => refuse(errors('TOO_COSTLY'))],
  ['an end without a reason', ({ complete }) => complete()],
  ['a close by something between here and the server', ({ socket }) => socket.close(1011)],
]) {
  test(`what was shown stays, and is followed again: ${what}`, { timeout }, async (t) => {
    const { sangkien } = await server(t, (number, operation) => {
      operation.next(tally(number + 1));
      if (number === 0) end(operation);
    });
    const { states } = await statesUntil(t, sangkien, ({ data }) => data?.tally.submitted === 2);
    const seen = told(states);
    assert.deepEqual(seen[0], ['live', 1, undefined]);
    assert.deepEqual(seen.at(-1), ['live', 2, undefined]);
    const between = seen.slice(1, -1);
    assert.ok(between.length > 0 && between.every(([status, submitted]) => status === 'lost' && submitted === 1), JSON.stringify(seen));
  });
}

test('the age of a state that ended grows while its socket is well', { timeout }, async (t) => {
  const { sangkien } = await server(t, (number, { next, complete }) => {
    next(tally(1));
    if (number === 0) complete();
  });
  hurry(t);
  const ages = [];
  let followed;
  await new Promise((again) => {
    followed = sangkien.follow(WatchTally, DONG_NAI, ({ status }) => { if (status === 'live' && ages.length > 1) again(); });
    const looking = setInterval(() => { if (followed.state.status === 'lost') ages.push(followed.age()); }, 1);
    t.after(() => clearInterval(looking));
  });
  assert.ok(ages.every((age, at) => age > (ages[at - 1] ?? 0)), String(ages));
  assert.equal(followed.age(), 0);
});

for (const code of ['UNAUTHENTICATED', 'BAD_REQUEST']) {
  test(`a state that was never there is over: ${code}`, { timeout }, async (t) => {
    const { sangkien, asked } = await server(t, (_, { refuse }) => refuse(errors(code)));
    const { states } = await statesUntil(t, sangkien, ({ status }) => status === 'over');
    assert.deepEqual(told(states), [['over', undefined, code]]);
    assert.equal(asked(), 1);
  });
}

test('a token that ends is over, and what was shown stays', { timeout }, async (t) => {
  const { sangkien } = await server(t, (_, { next, socket }) => {
    next(tally(7));
    socket.close(4403, 'Forbidden');
  });
  const { states } = await statesUntil(t, sangkien, ({ status }) => status === 'over');
  assert.deepEqual(told(states).at(-1), ['over', 7, 'UNAUTHENTICATED']);
});

test('what waits for another attempt is over with its client', { timeout }, async (t) => {
  const { sangkien, asked } = await server(t, (_, { next, complete }) => {
    next(tally(7));
    complete();
  });
  const { states } = await statesUntil(t, sangkien, ({ status }) => {
    if (status === 'lost') sangkien.close();
    return status === 'over';
  });
  assert.deepEqual(told(states).map(([status]) => status), ['live', 'lost', 'over']);
  assert.equal(asked(), 1);
});

test('a client is closed in silence, also while its server is away', { timeout }, async (t) => {
  const { url, stop } = await server(t, () => {});
  const complaints = [];
  const complain = (reason) => complaints.push(reason);
  process.on('unhandledRejection', complain);
  t.after(() => process.off('unhandledRejection', complain));
  await stop();
  let sangkien;
  let attempt;
  await new Promise((begun) => {
    class Attempt extends WebSocket {
      constructor(...given) {
        super(...given);
        attempt = this;
        begun();
      }
    }
    sangkien = connect(url, { webSocketImpl: Attempt });
    sangkien.follow(WatchTally, DONG_NAI, () => {});
  });
  const over = new Promise((failed) => { attempt.once('close', failed); });
  sangkien.close();
  await over;
  // A rejection that nobody takes is told at the end of a turn of the loop.
  await new Promise((turned) => { setImmediate(() => setImmediate(turned)); });
  assert.deepEqual(complaints, []);
});

test('events are not asked for again by a client that was closed while it waited', { timeout }, async (t) => {
  hurry(t);
  const { sangkien, asked } = await server(t, (_, { refuse }) => {
    refuse(errors('UNAVAILABLE', 1));
    // It waits by then for another attempt.
    setImmediate(() => sangkien.close());
  });
  const told = [];
  for await (const event of sangkien.events(FollowEvents, { within: { code: 'dong-nai' } }, 'before')) told.push(event);
  assert.deepEqual([told, asked()], [[], 1]);
});

test('events go on after the last one where something on the way closes the socket', { timeout }, async (t) => {
  hurry(t);
  const { sangkien } = await server(t, (number, { next, payload, socket }) => {
    next({ data: { initiativeEvents: { cursor: `c${number}`, after: payload.variables.after } } });
    if (number === 0) socket.close(1011);
  });
  const events = sangkien.events(FollowEvents, { within: { code: 'dong-nai' } }, 'before');
  const seen = [(await events.next()).value, (await events.next()).value];
  assert.deepEqual(seen.map(({ after }) => after), ['before', 'c0']);
  await events.return();
});

// graphql-ws tries anew at once where the socket is open: the program ran out of memory.
test('what cannot be sent is told to the program, and not tried', { timeout }, async (t) => {
  const { sangkien, asked } = await server(t, () => {});
  for (const [document, unit, said] of [[WatchTally, { code: 5n }, /BigInt/], [{ kind: 'Document' }, {}, /its text/]]) {
    assert.throws(() => sangkien.follow(document, { unit }, () => {}), said);
    await assert.rejects(sangkien.events(document, { unit }, 'cursor').next(), said);
  }
  assert.equal(asked(), 0);
});
