// The schema through Relay's compiler, which is strict about nodes, connections and edges.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { schemaFile } from './operations.mjs';

const folder = mkdtempSync(join(tmpdir(), 'relay-'));
after(() => rmSync(folder, { recursive: true }));

function compile(sdl) {
  mkdirSync(join(folder, 'made'), { recursive: true });
  cpSync(fileURLToPath(new URL('relay', import.meta.url)), join(folder, 'src'), { recursive: true });
  writeFileSync(join(folder, 'schema.graphql'), sdl);
  const config = {
    src: './src',
    schema: './schema.graphql',
    artifactDirectory: './made',
    language: 'typescript',
    eagerEsModules: true,
    customScalarTypes: { Date: 'string', DateTime: 'string', Long: 'number' },
  };
  writeFileSync(join(folder, 'relay.config.json'), JSON.stringify(config));
  const compiler = fileURLToPath(new URL('node_modules/relay-compiler/cli.js', import.meta.url));
  return spawnSync(process.execPath, [compiler, 'relay.config.json'], { cwd: folder, encoding: 'utf8' });
}

test('fragments, connections and refetchable parts compile', () => {
  const { status, stdout, stderr } = compile(readFileSync(schemaFile, 'utf8'));
  assert.equal(status, 0, stdout + stderr);
  const made = readdirSync(join(folder, 'made'));
  assert.ok(made.includes('UnitPageQuery.graphql.ts'), made.join());
  for (const name of ['UnitPageChildrenQuery', 'UnitPageInitiativesQuery', 'UnitPageTallyQuery']) {
    const text = readFileSync(join(folder, 'made', `${name}.graphql.ts`), 'utf8');
    assert.match(text, /node\(id: \$id\)/, `${name} asks by the global id`);
  }
});

test('a connection without cursors does not', () => {
  const sdl = readFileSync(schemaFile, 'utf8');
  const broken = sdl.replace(/(type UnitEdge \{[^}]*?)cursor: String!/, '$1position: String!');
  assert.notEqual(broken, sdl);
  const { status, stdout, stderr } = compile(broken);
  assert.notEqual(status, 0);
  assert.match(stdout + stderr, /'cursor'|`cursor`|cursor/);
});
