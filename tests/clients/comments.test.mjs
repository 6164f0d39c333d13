// Comments of scripts, styles and recipes begin with their subject.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { test } from 'node:test';

const root = new URL('../../', import.meta.url);
const FOLDERS = ['wall/', 'clients/js/', 'clients/js/recipes/', 'clients/js/example/', 'examples/python/', 'tests/clients/', 'tests/clients/typed/'];
const ENDINGS = ['.js', '.mjs', '.ts', '.css', '.py'];
/** The first word of a comment that says what the sentence is not about. */
const WITHOUT_SUBJECT = /(?:^|\s)(?:\/\/|\/\*\*?|#)\s*(?:What|Of|Who|Whoever)\b|^\s*\/\*\*\n\s*\*\s(?:What|Of|Who|Whoever)\b/gm;

test('no comment begins with what its sentence is not about', () => {
  const files = FOLDERS.flatMap((folder) => readdirSync(new URL(folder, root)).map((name) => `${folder}${name}`))
    .filter((name) => ENDINGS.includes(extname(name)) && !name.endsWith('lean-qr.js'));
  assert.ok(files.length > 80, String(files.length));
  const found = files.flatMap((name) => (readFileSync(new URL(name, root), 'utf8').match(WITHOUT_SUBJECT) ?? []).map((text) => `${name}: ${text.trim()}`));
  assert.deepEqual(found, []);
  // Written apart, or this file would be found.
  for (const before of ['//', 'a(); //', '/**', '#', '/**\n *']) assert.equal(`${before} Of these`.search(WITHOUT_SUBJECT), before.startsWith('a') ? 4 : 0, before);
});
