// Helpers of the tests against a running server. SANGKIEN_URL says where it is, as in
// http://127.0.0.1:8080, SANGKIEN_TOKEN holds the operator's token.

import assert from 'node:assert/strict';
import WebSocket from 'ws';
import { createClient } from 'graphql-ws';
import { operation } from './operations.mjs';
import { print } from 'graphql';

const url = process.env.SANGKIEN_URL;
const authorization = `Bearer ${process.env.SANGKIEN_TOKEN}`;

/** Longer than any machine takes: only a broken test waits for it in full. */
export const timeout = 60_000;
// A socket that a failed test left open must not keep the process.
setTimeout(() => process.exit(1), 4 * timeout).unref();

export const endpoint = `${url}/graphql`;

/** A socket of the client library that frontend teams use. */
export function socket() {
  return createClient({
    url: endpoint.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket,
    retryAttempts: 0,
  });
}

/** `fetch`, and how often it was called. */
export function counted() {
  const counts = { requests: 0 };
  const counting = (...request) => {
    counts.requests += 1;
    return fetch(...request);
  };
  return { counts, fetch: counting };
}

/** The data of one request, by the operator. */
export async function ask(document, variables, to = endpoint) {
  const response = await fetch(to, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ query: typeof document === 'string' ? document : print(document), variables }),
  });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
}

/** Enters one initiative, past every client under test. */
export async function submit(unit, to = endpoint) {
  const input = {
    key: crypto.randomUUID(),
    unit: { code: unit },
    title: 'Cải tiến khuôn đúc',
    kind: 'TECHNICAL',
    authors: [{ name: 'Nguyễn Văn An' }],
    appliedOn: '2022-03-01',
  };
  const { submitInitiative } = await ask(operation('submit'), { input }, to);
  assert.deepEqual(submitInitiative.errors, []);
}

/** Makes a campaign of the root that runs from today on, so that counts without a period are of it; gives its code. */
export async function runPeriod() {
  const { today, runningPeriod } = await ask('{ today runningPeriod { endsOn } }');
  const code = crypto.randomUUID();
  const input = { code, name: 'Đợt mới', kind: 'CAMPAIGN', startsOn: today, endsOn: runningPeriod.endsOn };
  const change = 'mutation ($input: UpsertPeriodInput!) { upsertPeriod(input: $input) { errors { message } } }';
  const { upsertPeriod } = await ask(change, { input });
  assert.deepEqual(upsertPeriod.errors, []);
  return code;
}

/** The values that a subscription gives, kept so that one can wait for the first that fits. */
export function kept() {
  const values = [];
  const waiting = new Set();
  const settle = () => waiting.forEach((check) => check());
  return {
    values,
    push(value) {
      values.push(value);
      settle();
    },
    until(fits) {
      return new Promise((resolve) => {
        const check = () => {
          const found = values.find(fits);
          if (found === undefined) return;
          waiting.delete(check);
          resolve(found);
        };
        waiting.add(check);
        check();
      });
    },
  };
}

/**
 * Gathers what a client library complains about, as of fields that its cache cannot keep; none are
 * expected.
 */
export function complaints(t) {
  const said = [];
  for (const level of ['warn', 'error']) {
    t.mock.method(console, level, (...words) => said.push(words.join(' ')));
  }
  return said;
}
