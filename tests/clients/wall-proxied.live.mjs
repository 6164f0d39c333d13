// The pages behind a proxy (see screen.mjs): SANGKIEN_URL is where it shows them, with its path; SANGKIEN_REFUSED_URL is a
// proxy that hides the name by which it was asked from a server that was not told of it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, live, picture, screen } from './screen.mjs';

const timeout = 120_000;
const base = process.env.SANGKIEN_URL;

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

test('a board under a path is live, and its address leads back to it', { timeout }, async () => {
  const { page, complaints, close } = await screen(browser);
  await page.goto(`${base}/wall`);
  await page.waitForFunction(() => document.querySelector('#address').search.includes('unit='));
  const address = await page.locator('#address').evaluate((link) => link.href);
  assert.ok(address.startsWith(`${base}/wall?unit=`), address);
  await page.locator('#chooser button[type=submit]').click();
  await live(page);
  assert.ok(page.url().startsWith(`${base}/wall?unit=`), page.url());
  assert.deepEqual(complaints, []);
  await close();
});

test('GraphiQL under a path asks and follows', { timeout }, async () => {
  const { page, complaints, close } = await screen(browser);
  const sockets = [];
  page.on('websocket', (socket) => sockets.push(socket.url()));
  await page.goto(`${base}/graphiql`);
  await page.waitForFunction(() => document.querySelector('.graphiql-query-editor .CodeMirror')?.CodeMirror.getValue());
  const shown = (text) => page.waitForFunction(
    (text) => document.querySelector('.result-window .CodeMirror').CodeMirror.getValue().includes(text), text,
  );
  // Run before it was read, what was there before would be sent.
  const run = async (query, name) => {
    await page.evaluate((query) => document.querySelector('.graphiql-query-editor .CodeMirror').CodeMirror.setValue(query), query);
    await page.waitForFunction((name) => document.querySelector('.graphiql-query-editor .CodeMirror').CodeMirror.operationName === name, name);
    await page.locator('.graphiql-execute-button').click();
  };
  await run('query Proxied { root { asked: code } }', 'Proxied');
  await shown('"asked": "tld"');
  await run('subscription Followed { tally(unit: { code: "tld" }) { submitted } }', 'Followed');
  await shown('"submitted"');
  assert.deepEqual(sockets, [`${base.replace(/^http/, 'ws')}/graphql`]);
  assert.deepEqual(complaints, []);
  await close();
});

test('a wall whose socket is refused says why', { timeout }, async () => {
  const { page, close } = await screen(browser);
  await page.goto(`${process.env.SANGKIEN_REFUSED_URL}/wall?unit=dong-nai`);
  await page.waitForFunction(() => document.querySelector('#notice-status').textContent.includes('--public-url'));
  const { scrollWidth, clientWidth } = await page.$eval('#notice-status', ({ scrollWidth, clientWidth }) => ({ scrollWidth, clientWidth }));
  assert.ok(scrollWidth <= clientWidth);
  await picture(page, 'refused');
  await close();
});
