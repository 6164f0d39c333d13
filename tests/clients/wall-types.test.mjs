// The modules of the wall by TypeScript: names, arguments, elements, and nothing newer than what their screens know.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));

test('the modules of the wall are without mistakes of type', () => {
  const checked = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '--project', 'wall'], { cwd: here, encoding: 'utf8' });
  assert.equal(checked.status, 0, checked.stdout);
});
