// The other side of a socket for the suite of graphql-transport-ws: it says anything, protocol or
// not, and hears everything in order.

import assert from 'node:assert/strict';
import WebSocket from 'ws';

export const PROTOCOL = 'graphql-transport-ws';

/** Longer than any server takes: only ever waited for in full by one that says nothing. */
const patience = 30_000;

/** An open socket that offers these subprotocols. It ends with the test. */
export async function open(t, url, protocols = [PROTOCOL]) {
  // Without ours no other is to be agreed on: ws itself would end the socket then, but for a header
  // that it does not know of.
  const foreign = protocols.length > 0 && !protocols.includes(PROTOCOL);
  const headers = foreign ? { 'sec-websocket-protocol': protocols.join() } : {};
  const socket = new WebSocket(url, foreign ? [] : protocols, { headers });
  const heard = [];
  let end = null;
  let woken = () => {};
  socket.on('message', (bytes, isBinary) => {
    assert.ok(!isBinary, 'messages are texts');
    heard.push(JSON.parse(bytes));
    woken();
  });
  socket.on('close', (code, reason) => {
    end = { code, reason: reason.toString() };
    woken();
  });
  t.after(() => socket.terminate());
  await new Promise((opened, failed) => socket.once('open', opened).once('error', failed));
  socket.on('error', () => {});

  /** Waits until there is something to give, under a time-out. */
  async function until(give, what) {
    let impatient;
    const late = new Promise((_, lost) => {
      impatient = setTimeout(() => lost(new Error(`waited in vain for ${what}`)), patience);
    });
    try {
      for (;;) {
        const found = give();
        if (found !== undefined) return found;
        await Promise.race([new Promise((wake) => { woken = wake; }), late]);
      }
    } finally {
      clearTimeout(impatient);
    }
  }

  const self = {
    /** Text, bytes, or a message as an object. */
    say(...all) {
      for (const each of all) {
        const raw = typeof each === 'string' || Buffer.isBuffer(each);
        socket.send(raw ? each : JSON.stringify(each), { binary: Buffer.isBuffer(each) });
      }
    },
    subscribe(id, query, rest = {}) {
      self.say({ id, type: 'subscribe', payload: { query, ...rest } });
    },
    /** The next message. The server's own pings, which may come at any time, are answered. */
    hear(what = 'a message') {
      return until(() => {
        while (heard.length > 0) {
          const message = heard.shift();
          if (message.type !== 'ping') return message;
          self.say({ type: 'pong' });
        }
        if (end) throw new Error(`waited for ${what}; it ended by ${end.code} ${end.reason}`);
        return undefined;
      }, what);
    },
    /** All that is heard until the server has answered a ping that is said now. */
    async rest() {
      const mark = { mark: crypto.randomUUID() };
      self.say({ type: 'ping', payload: mark });
      const found = [];
      for (;;) {
        const message = await self.hear('the pong');
        if (message.type === 'pong' && message.payload?.mark === mark.mark) return found;
        found.push(message);
      }
    },
    /** By which code and reason the server ends it. */
    ends: () => until(() => end ?? undefined, 'the end of the socket'),
    close: (code) => socket.close(code),
    get protocol() { return socket.protocol; },
  };
  return self;
}
