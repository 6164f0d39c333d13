// The wall in a Chromium of 2019 (see old-chromium.mjs), and in a browser that is too old for it. Pictures are left in SANGKIEN_ARTEFACTS.

import * as css from 'css-tree';
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { launchOld } from './old-chromium.mjs';
import { beside, board, row, title } from './played.mjs';
import { launch, picture, screen } from './screen.mjs';

const timeout = 120_000;
const url = process.env.SANGKIEN_URL;

let old;
before(async () => { old = await launchOld(); });
after(() => old?.close());

/** A socket of the page that says these at once, in words that a Chromium of 2019 knows. */
const playing = (leaderboard, more) => `
  window.WebSocket = class {
    constructor() { this.readyState = 1; setTimeout(() => this.onopen(), 0); }
    close() {}
    send(text) {
      const { type, id, payload } = JSON.parse(text);
      const say = (message) => setTimeout(() => this.onmessage({ data: JSON.stringify(message) }), 0);
      if (type === "connection_init") say({ type: "connection_ack" });
      if (type === "ping") say({ type: "pong" });
      if (type !== "subscribe") return;
      say({ id, type: "next", payload: { data: payload.query.startsWith("subscription") ? ${JSON.stringify({ leaderboard })} : ${JSON.stringify(more)} } });
    }
  };
  window.WebSocket.OPEN = 1;`;

const rows = (count, of) => Array.from({ length: count }, (_, at) => row(at, of(at)));
const FULL = board({
  rows: rows(35, (at) => ({ submitted: 20_000 - at * 517, target: 14_000, gained: 1_180 - 30 * at, previousRank: 1 + (at * 7) % 35 })),
  submitted: 696_948, target: 654_921, projected: 2_431_000, closed: 315,
});
const FEW = board({ rows: rows(3, (at) => ({ submitted: 40 - at * 9, target: 30, gained: 3 - at })), submitted: 93, target: 100, projected: 140 });
const TITLES = [title(1, 'Cải tiến đồ gá hàn khung xe, giảm 30% thời gian thao tác và chi phí vật tư')];

for (const [name, state, query, size] of [
  ['full', FULL, '', [1920, 1080]], ['huge', FULL, '&size=huge', [1920, 1080]], ['light', FULL, '&theme=light&size=large', [1366, 768]],
  ['upright', FULL, '', [1080, 1920]], ['few', FEW, '', [1920, 1080]],
]) {
  test(`a browser of 2019 shows the board: ${name}`, { timeout }, async (t) => {
    if (old === null) return t.skip('no chrome-aws-lambda');
    assert.match(old.version, /\/76\./);
    const page = await old.open(`${url}/wall?unit=played${query}`, size, playing(state, beside(state, TITLES)));
    await page.until(`document.querySelector('#status').dataset.state === 'live' && !document.querySelector('#curve').hasAttribute('hidden')`);
    await page.evaluate('document.fonts.ready.then(() => true)');
    await page.until(`document.fonts.check('600 40px "Be Vietnam Pro"', 'ữ')`);
    assert.equal(await page.evaluate(`document.querySelector('#total').textContent`), name === 'few' ? '93' : '696.948');
    // Nothing lies over something else, and all of it is on the screen.
    const look = `(() => {
      const box = (selector) => [...document.querySelectorAll(selector)].map((element) => element.getBoundingClientRect()).filter(({ height }) => height);
      const problems = [];
      const all = box('.row');
      all.slice(1).forEach((one, at) => { if (one.top < all[at].bottom - 1) problems.push('row ' + (at + 2)); });
      const end = box('footer')[0].top;
      for (const one of [...all, ...box('#rest, #unranked, aside > *')]) if (one.bottom > end + 1) problems.push('under the foot: ' + one.bottom + ' ' + end);
      for (const one of box('header > *, main > *, footer > :not(.unseen)')) if (one.right > innerWidth + 1 || one.bottom > innerHeight + 1) problems.push('sticks out');
      return problems;
    })()`;
    // Rows appear one after the other.
    await page.until(`${look}.length === 0`, look);
    await writeFile(`${process.env.SANGKIEN_ARTEFACTS}/old-${name}.png`, await page.picture());
    assert.deepEqual(page.complaints, []);
    page.close();
  });
}

test('a browser of 2019 knows every declaration of the styles', { timeout }, async (t) => {
  if (old === null) return t.skip('no chrome-aws-lambda');
  const wall = new URL('../../wall/', import.meta.url);
  const all = [];
  for (const name of readdirSync(wall).filter((name) => name.endsWith('.css'))) {
    css.walk(css.parse(readFileSync(new URL(name, wall), 'utf8')), (node) => {
      if (node.type !== 'Declaration' || node.property.startsWith('--')) return;
      const value = css.generate(node.value);
      // Values with variables are not known before they are used; descriptors of a typeface are no properties.
      if (!/var\(/.test(value) && !/^(src|unicode-range)$/.test(node.property)) all.push([node.property, value]);
    });
  }
  assert.ok(all.length > 300);
  const page = await old.open(`${url}/wall`, [800, 600]);
  const unknown = await page.evaluate(`${JSON.stringify(all)}.filter(([property, value]) => !CSS.supports(property, value)).map((one) => one.join(': '))`);
  // Without it the wall looks and works as well.
  assert.deepEqual([...new Set(unknown)].filter((one) => !/^color-scheme:/.test(one)), []);
  page.close();
});

test('a browser of 2019 chooses a board', { timeout }, async (t) => {
  if (old === null) return t.skip('no chrome-aws-lambda');
  const page = await old.open(`${url}/wall`, [1366, 768]);
  await page.until(`document.querySelectorAll('#found button').length > 0`);
  await page.until(`document.querySelector('#address').href.includes('unit=')`);
  await writeFile(`${process.env.SANGKIEN_ARTEFACTS}/old-chooser.png`, await page.picture());
  assert.deepEqual(page.complaints, []);
  page.close();
});

test('a browser of 2019 shows the sheet of a meeting', { timeout }, async (t) => {
  if (old === null) return t.skip('no chrome-aws-lambda');
  const page = await old.open(`${url}/briefing`, [1000, 1400]);
  await page.until(`document.body.dataset.state === 'shown' && document.querySelectorAll('table').length > 2`);
  assert.equal(await page.evaluate(`document.querySelector('#old').hidden`), true);
  assert.deepEqual(page.complaints, []);
  page.close();
});

for (const [name, address, script] of [['wall', 'wall?unit=played', 'wall.js'], ['sheet', 'briefing', 'briefing.js']]) {
  test(`a browser that is too old says so: ${name}`, { timeout }, async (t) => {
    const browser = await launch();
    t.after(() => browser.close());
    const { page, complaints } = await screen(browser);
    // A word that a module of ours has and the browser not.
    await page.route(`**/${script}`, (route) => route.fulfill({ contentType: 'text/javascript', body: 'const a = 1 @@ 2;' }));
    await page.goto(`${url}/${address}`);
    await page.waitForSelector('#old:not([hidden])');
    assert.match(await page.innerText('#old'), /quá cũ .* too old/s);
    assert.equal(complaints.length, 1, String(complaints));
    await picture(page, `too-old-${name}`);
  });
}
