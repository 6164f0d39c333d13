// The package of clients/js as it is built, and a strict program on it.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'graphql';
import { operations, schemaFile } from './operations.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const node = (args) => spawnSync(process.execPath, args, { cwd: here, encoding: 'utf8' });

execFileSync(process.execPath, ['package.mjs'], { cwd: here });

test('the package serves a strict program', () => {
  const checked = node(['node_modules/typescript/bin/tsc', '--project', 'typed']);
  assert.equal(checked.status, 0, checked.stdout);
});

test('the package has every worked operation, as it stands in docs/queries', async () => {
  const { connect, Sangkien, SangkienError, ...documents } = await import('sangkien-client');
  const named = operations().map(({ document }) => [document.definitions.find(({ operation }) => operation).name.value, document]);
  assert.deepEqual(Object.keys(documents).sort(), named.map(([name]) => name).sort());
  const bare = (document) => JSON.stringify(document, (key, value) => (key === 'loc' ? undefined : value));
  for (const [name, document] of named) assert.equal(bare(parse(documents[name])), bare(document));
});

test('the package asks for nothing but graphql-ws, in the version that is tested', () => {
  const { peerDependencies, dependencies } = JSON.parse(readFileSync(new URL('../../clients/js/package.json', import.meta.url)));
  assert.deepEqual(Object.keys({ ...dependencies, ...peerDependencies }), ['graphql-ws']);
  const { version } = JSON.parse(readFileSync(join(here, 'node_modules/graphql-ws/package.json'), 'utf8'));
  assert.equal(peerDependencies['graphql-ws'], `^${version.split('.')[0]}.0.0`);
});

test('the package is packed as its README says', () => {
  const readme = readFileSync(new URL('../../clients/js/README.md', import.meta.url), 'utf8');
  const [, commands] = readme.match(/```sh\n(.*?)```/s);
  assert.equal(commands, 'cd tests/clients\nnpm ci\nnpm run package\nnpm pack ./node_modules/sangkien-client\n');
  execFileSync('npm', ['run', '--silent', 'package'], { cwd: here });
  const pack = ['pack', '--dry-run', '--json', './node_modules/sangkien-client'];
  const [{ filename, files }] = JSON.parse(execFileSync('npm', pack, { cwd: here, encoding: 'utf8' }));
  assert.ok(readme.includes(`\`${filename}\``), filename);
  const packed = files.map(({ path }) => path);
  for (const path of ['index.js', 'index.d.ts', 'documents.js', 'schema.d.ts', 'LICENSE-MIT', 'example/index.html']) {
    assert.ok(packed.includes(path), path);
  }
  assert.ok(!packed.some((path) => /recipes|tsconfig|built-of/.test(path)), packed.join());
});

test('a scalar without a type is refused', () => {
  const folder = mkdtempSync(join(tmpdir(), 'package-'));
  try {
    const file = join(folder, 'schema.graphql');
    const sdl = readFileSync(schemaFile, 'utf8');
    writeFileSync(file, `${sdl}\nscalar Money\nextend type Unit { budget: Money }\n`);
    const made = node(['package.mjs', file]);
    assert.equal(made.status, 1);
    assert.match(made.stderr, /Unknown scalar type Money/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
