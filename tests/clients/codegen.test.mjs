// The worked operations through graphql-codegen, and a strict program on what it makes.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { schemaFile } from './operations.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const node = (args) => spawnSync(process.execPath, args, { cwd: here, encoding: 'utf8' });

test('the generated types serve a strict program', () => {
  execFileSync(process.execPath, ['codegen.mjs'], { cwd: here });
  const checked = node(['node_modules/typescript/bin/tsc', '--project', 'typed']);
  assert.equal(checked.status, 0, checked.stdout);
});

test('a scalar without a type is refused', () => {
  const folder = mkdtempSync(join(tmpdir(), 'codegen-'));
  try {
    const file = join(folder, 'schema.graphql');
    const sdl = readFileSync(schemaFile, 'utf8');
    writeFileSync(file, `${sdl}\nscalar Money\nextend type Unit { budget: Money }\n`);
    const made = node(['codegen.mjs', file]);
    assert.equal(made.status, 1);
    assert.match(made.stderr, /Unknown scalar type Money/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
