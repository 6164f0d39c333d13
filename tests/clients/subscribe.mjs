// Follows a running server as a front end would: `node subscribe.mjs URL TOKEN`, URL as in
// http://127.0.0.1:8080. Asks over HTTP, then holds a graphql-transport-ws subscription until two
// messages have told of different entries; prints one line of JSON.

import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const PATIENCE_MS = 60_000;
const QUERY = '{ root { code name tally { submitted } } }';
const SUBSCRIPTION = `subscription {
  leaderboard(first: 3) { version entries { rank unit { code } tally { submitted } } }
}`;

async function ask(url, token, signal) {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      accept: 'application/graphql-response+json',
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ query: QUERY }),
    signal,
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`POST ${url}: ${response.status} ${text}`);
  return dataOf(JSON.parse(text), 'the query').root;
}

/** The first board and the first one that differs from it in more than its version. */
async function followUntilChange(url, token, signal) {
  const client = createClient({
    url: url.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
  });
  // Ends the iteration below with an error, whatever the server does.
  signal.addEventListener('abort', () => client.terminate());
  let first;
  let messages = 0;
  try {
    for await (const result of client.iterate({ query: SUBSCRIPTION })) {
      messages += 1;
      const { leaderboard } = dataOf(result, 'the subscription');
      first ??= leaderboard;
      if (JSON.stringify(leaderboard.entries) === JSON.stringify(first.entries)) continue;
      if (leaderboard.version <= first.version) {
        throw new Error(`the entries changed, but version ${first.version} is followed by ${leaderboard.version}`);
      }
      return { messages, first, changed: leaderboard };
    }
    throw new Error('the server completed the subscription');
  } catch (cause) {
    if (!signal.aborted) throw cause;
    throw new Error(`no change of the entries in ${PATIENCE_MS / 1000} s, after ${messages} messages`);
  } finally {
    await client.dispose();
  }
}

function dataOf({ data, errors }, what) {
  if (errors) throw new Error(`${what} failed: ${JSON.stringify(errors)}`);
  return data;
}

/** The ws client rejects with close events and arrays of GraphQL errors too. */
function reasonOf(error) {
  if (error instanceof Error) return error.cause ? `${error.message}: ${error.cause.message}` : error.message;
  if (Array.isArray(error)) return JSON.stringify(error);
  return `the socket closed: ${error.code} ${error.reason}`;
}

const [base, token] = process.argv.slice(2);
if (!token) {
  console.error('usage: node subscribe.mjs URL TOKEN');
  process.exit(2);
}
try {
  const url = `${base.replace(/\/$/, '')}/graphql`;
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const root = await ask(url, token, signal);
  console.log(JSON.stringify({ root, ...(await followUntilChange(url, token, signal)) }));
} catch (error) {
  console.error(reasonOf(error));
  process.exitCode = 1;
}
