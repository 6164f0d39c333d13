// The suite of graphql-transport-ws is tried on the protocol's own server, as it is and bent.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { buildSchema, GraphQLError } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';

const schema = buildSchema(`
  type Query { fails: Int }
  type Mutation { change: Int }
  type Subscription { ticks: Int! }
`);
const TRANSPORT_WS = JSON.stringify({
  init: { secret: 'right' },
  refused: { secret: 'wrong' },
  subscription: 'subscription { ticks }',
  fails: '{ fails }',
});

/** Runs the suite against the reference server; which cases failed. */
async function failing(meddle = () => {}) {
  const server = createServer();
  const sockets = new WebSocketServer({ server, path: '/graphql' });
  sockets.on('connection', meddle);
  useServer({
    schema,
    connectionInitWaitTimeout: 3_000,
    onConnect: ({ connectionParams }) => connectionParams.secret === 'right',
    roots: {
      query: { fails: () => { throw new GraphQLError('it does'); } },
      subscription: {
        async *ticks() {
          yield { ticks: 1 };
          await new Promise((never) => { setTimeout(never, 120_000).unref(); });
        },
      },
    },
  }, sockets);
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const suite = fileURLToPath(new URL('transport-ws.live.mjs', import.meta.url));
  const address = `ws://127.0.0.1:${server.address().port}/graphql`;
  const { NODE_TEST_CONTEXT: _, ...rest } = process.env;
  const env = { ...rest, TRANSPORT_WS };
  const told = await new Promise((done) => {
    const args = ['--test-reporter=tap', suite, address];
    execFile(process.execPath, args, { env }, (_error, stdout) => done(stdout));
  });
  sockets.clients.forEach((socket) => socket.terminate());
  server.close();
  const cases = [...told.matchAll(/^ {4}(not ok|ok) \d+ - (.*)$/gm)];
  assert.ok(cases.length > 40, told);
  return cases.filter(([, ok]) => ok !== 'ok').map(([, , name]) => name);
}

const timeout = 120_000;
// It ends the whole socket with 4500 where its PROTOCOL.md wants another code, or an error.
const DEPARTS = [
  '4400: next, which servers say',
  '4400: connection_ack, which servers say',
  'error: what is no GraphQL',
];

test('the reference server passes but for where it departs from its protocol', { timeout }, async () => {
  assert.deepEqual(await failing(), DEPARTS);
});

test('one that says more in a pong than it was told does not pass', { timeout }, async () => {
  const failed = await failing((socket) => {
    const { send } = socket;
    socket.send = (said, ...rest) => send.call(socket, said.replace('"pong"', '"pong","more":1'), ...rest);
  });
  assert.deepEqual(failed.filter((name) => !DEPARTS.includes(name)), [
    'pings are answered at any time, with what they hold',
  ]);
});
