// Numbers as the wall and the sheet of a meeting write them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { percent } from '../../wall/format.js';

test('percentages are rounded down, however large', () => {
  for (const [ratio, shown] of [
    [0, '0,0%'], [0.9996, '99,9%'], [1, '100,0%'], [9.9999, '999,9%'], [10, '1.000%'], [19.9996, '1.999%'], [26.0556, '2.605%'],
  ]) assert.equal(percent(ratio), shown);
});
