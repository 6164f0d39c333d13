// Clients that all connect at once: `node storm.mjs ws://127.0.0.1:PORT/graphql [--connects 10000]
// [--addresses 1]`, from so many addresses of this machine (127.0.0.1, 127.0.0.2 and so on). Each is
// welcomed and hears the present state, is refused, or is ended with a close code. Prints one line of
// JSON: what became of them and after how many milliseconds; the exit code is 1 if one got no answer at
// all, or if one that was refused was not told when to try again.

import { parseArgs } from 'node:util';
import WebSocket from 'ws';

const PATIENCE_MS = 60_000;
const SUBSCRIBE = JSON.stringify({
  id: '1',
  type: 'subscribe',
  payload: { query: 'subscription { leaderboard(first: 20) { version entries { rank } } }' },
});

const { positionals: [url], values } = parseArgs({
  allowPositionals: true,
  options: {
    connects: { type: 'string', default: '10000' },
    addresses: { type: 'string', default: '1' },
  },
});
if (!url) {
  console.error('usage: node storm.mjs URL [--connects 10000] [--addresses 1]');
  process.exit(2);
}

const began = performance.now();

/** The outcome of a connect, and when; the socket stays open. */
function connect(number) {
  const localAddress = `127.0.0.${1 + (number % Number(values.addresses))}`;
  const socket = new WebSocket(url, 'graphql-transport-ws', { localAddress, perMessageDeflate: false });
  const became = new Promise((tell) => {
    const is = (outcome) => tell({ outcome, ms: performance.now() - began });
    socket.on('unexpected-response', (_request, response) => {
      response.resume();
      const after = response.headers['retry-after'];
      is(`${response.statusCode}${after ? '' : ' without Retry-After'}`);
    });
    socket.on('error', (error) => is(error.code ?? error.message));
    socket.on('close', (code) => is(`closed ${code}`));
    socket.on('open', () => socket.send('{"type":"connection_init"}'));
    socket.on('message', (text) => {
      const { type } = JSON.parse(text);
      if (type === 'connection_ack') socket.send(SUBSCRIBE);
      if (type === 'next') is('served');
      if (type === 'error') is('error');
    });
    setTimeout(() => is('silence'), PATIENCE_MS).unref();
  });
  return { socket, became };
}

const all = Array.from({ length: Number(values.connects) }, (_, number) => connect(number));
const outcomes = {};
for (const { outcome, ms } of await Promise.all(all.map(({ became }) => became))) {
  (outcomes[outcome] ??= []).push(ms);
}
const told = Object.entries(outcomes).map(([outcome, ms]) => {
  ms.sort((a, b) => a - b);
  const at = (part) => Math.round(ms[Math.min(ms.length - 1, Math.floor(part * ms.length))]);
  return [outcome, { count: ms.length, p50: at(0.5), p99: at(0.99), max: at(1) }];
});
console.log(JSON.stringify(Object.fromEntries(told)));
// 1005 and 1006 stand for no code at all.
const ANSWER = /^(served|429|503|closed (?!100[56]).*)$/;
process.exit(Object.keys(outcomes).every((outcome) => ANSWER.test(outcome)) ? 0 : 1);
