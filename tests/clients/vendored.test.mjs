// Libraries that the wall carries as files: the bytes of their package, with a line about the licence before them.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

const require = createRequire(import.meta.url);
const wall = (name) => readFileSync(new URL(`../../wall/${name}`, import.meta.url), 'utf8');

test('lean-qr is the package that the lock file names, with its licence beside it', () => {
  const folder = dirname(require.resolve('lean-qr'));
  const of = (name) => readFileSync(join(folder, name), 'utf8');
  const { version, license } = JSON.parse(of('package.json'));
  const [head, ...rest] = wall('lean-qr.js').split('\n');
  assert.equal(head, `/*! lean-qr ${version}, (c) 2021-2025 David Evans, ${license} licence: LICENSE-lean-qr */`);
  assert.equal(rest.join('\n'), of('index.mjs'));
  assert.equal(wall('LICENSE-lean-qr'), of('LICENSE'));
});
