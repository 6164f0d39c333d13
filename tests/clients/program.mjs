// The built program as a server of its own, on a port and a database that it is started on again after its end.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { resolve } from 'node:path';

/**
 * A port that nobody has, of those that the system gives to nobody by itself: a client that connects
 * to one of the others while the server is away may be given that very port, and keep it.
 */
export async function freePort() {
  for (let port = 20_000 + process.pid % 10_000; ; port += 1) {
    const probe = createServer();
    const free = await new Promise((told) => {
      probe.once('error', () => told(false));
      probe.listen(port, '127.0.0.1', () => told(true));
    });
    if (!free) continue;
    await new Promise((closed) => { probe.close(closed); });
    return port;
  }
}

/** Starts the server, with more flags; comes back once it takes connections. `ended` tells how it went. */
export async function serve(program, { port, database, token, flags = [] }) {
  const child = spawn(resolve(program), [
    'serve', '--listen', `127.0.0.1:${port}`, '--database', `sqlite://${database}`,
    '--sockets-per-address', '20000', ...flags,
  ], {
    env: { ...process.env, SANGKIEN_ADMIN_TOKEN: token, SANGKIEN_LOG: 'warn' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.ended = new Promise((told) => { child.once('exit', (code, signal) => told({ code, signal })); });
  const ready = new Promise((told) => {
    child.stdout.on('data', (text) => { if (text.includes('ready http')) told(true); });
  });
  assert.ok(await Promise.race([ready, child.ended.then(() => false)]), 'the server starts');
  return child;
}
