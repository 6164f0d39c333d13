import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { buildSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';

const schema = buildSchema(`
  type Tally { submitted: Int! }
  type Unit { code: String! name: String! tally: Tally! }
  type Entry { rank: Int! unit: Unit! tally: Tally! }
  type Leaderboard { version: Int! entries: [Entry!]! }
  type Query { root: Unit! }
  type Subscription { leaderboard(first: Int): Leaderboard! }
`);
const unit = { code: 'TLD', name: 'Tổng Liên đoàn', tally: { submitted: 3 } };

function board(version, submitted) {
  return { leaderboard: { version, entries: [{ rank: 1, unit, tally: { submitted } }] } };
}

/** Serves the boards, then `end`s as asked; returns what the client printed. */
async function follow(boards, { end, answer = { data: { root: unit } } } = {}) {
  const server = createServer((_, response) => response.end(JSON.stringify(answer)));
  const sockets = new WebSocketServer({ server, path: '/graphql' });
  useServer({
    schema,
    onConnect: ({ connectionParams }) => connectionParams.authorization === 'Bearer secret',
    roots: {
      subscription: {
        async *leaderboard() {
          for (const each of boards) yield each;
          await end?.(sockets);
        },
      },
    },
  }, sockets);
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const command = fileURLToPath(new URL('subscribe.mjs', import.meta.url));
  const args = [command, `http://127.0.0.1:${server.address().port}`, 'secret'];
  const run = await new Promise((done) => {
    execFile(process.execPath, args, (error, stdout, stderr) => done({ status: error?.code ?? 0, stdout, stderr }));
  });
  sockets.clients.forEach((socket) => socket.terminate());
  server.close();
  return run;
}

test('prints the first board and the changed one', async () => {
  const { status, stdout, stderr } = await follow([board(1, 3), board(2, 3), board(3, 4)]);
  assert.equal(status, 0, stderr);
  assert.deepEqual(JSON.parse(stdout), {
    root: unit,
    messages: 3,
    first: { version: 1, entries: [{ rank: 1, unit: { code: 'TLD' }, tally: { submitted: 3 } }] },
    changed: { version: 3, entries: [{ rank: 1, unit: { code: 'TLD' }, tally: { submitted: 4 } }] },
  });
});

for (const [what, boards, options, message] of [
  ['a subscription that ends', [board(1, 3)], {}, /the server completed the subscription/],
  ['a socket that closes', [board(1, 3)],
    { end: ({ clients }) => clients.forEach((socket) => socket.close(1012, 'restart')) }, /the socket closed: 1012 restart/],
  ['an error in a message', [{ leaderboard: null }], {}, /the subscription failed: .*non-nullable/],
  ['a version that falls', [board(2, 3), board(1, 4)], {}, /version 2 is followed by 1/],
  ['an error in the answer', [], { answer: { errors: [{ message: 'no root' }] } }, /the query failed: .*no root/],
]) {
  test(`fails on ${what}`, async () => {
    const { status, stdout, stderr } = await follow(boards, options);
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(stderr, message);
  });
}
