// GraphQL over HTTP by the letter of its draft: the audits of graphql-http, all of them, against a
// running server (see live.mjs).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverAudits } from 'graphql-http';
import { endpoint } from './live.mjs';

const audits = serverAudits({ url: endpoint, fetchFn: fetch });

test('there are as many audits as were counted', () => assert.equal(audits.length, 61));

for (const audit of audits) {
  test(`${audit.id} ${audit.name}`, async () => {
    const { status, reason } = await audit.fn();
    assert.equal(status, 'ok', reason);
  });
}
