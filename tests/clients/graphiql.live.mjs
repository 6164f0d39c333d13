// GraphiQL in a real browser (see live.mjs and screen.mjs): it works without any other host, and its subscriptions are
// live. A picture is left in SANGKIEN_ARTEFACTS, to be looked at.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { submit } from './live.mjs';
import { launch, screen } from './screen.mjs';

const timeout = 120_000;
const server = new URL(process.env.SANGKIEN_URL);

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

/** The content of the result pane, as parsed; nothing while it is empty. */
const result = (page) => page.evaluate(() => {
  const text = document.querySelector('.result-window .CodeMirror').CodeMirror.getValue();
  return text ? JSON.parse(text) : undefined;
});

/** The first result that fits. */
async function resultThat(page, fits) {
  for (;;) {
    const found = await result(page);
    if (found && fits(found)) return found;
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
}

/** Opens the page, with its editors; before these are there, its buttons do nothing. */
async function start(page) {
  await page.goto(`${server.origin}/graphiql`);
  await page.waitForFunction(() => document.querySelector('.result-window .CodeMirror')
    && document.querySelector('.graphiql-query-editor .CodeMirror')?.CodeMirror.getValue());
}

const run = (page) => page.locator('.graphiql-execute-button').click();

/** Opens a tab, whose operation goes by the tab's name. Run before it was read, it would be sent as the other tab's. */
async function open(page, tab) {
  await page.getByRole('tab', { name: tab, exact: true }).click();
  await page.waitForFunction(
    (name) => document.querySelector('.graphiql-query-editor .CodeMirror').CodeMirror.operationName === name,
    tab,
  );
}

test('queries and live subscriptions, from this server alone', { timeout }, async () => {
  const { page, complaints, close } = await screen(browser, { width: 1600, height: 900 });
  const asked = new Set();
  const sockets = [];
  page.on('request', (request) => asked.add(new URL(request.url()).origin));
  page.on('websocket', (socket) => sockets.push(socket.url()));
  await start(page);

  // The tab that is open.
  await run(page);
  const { data } = await resultThat(page, ({ data }) => data?.root);
  assert.equal(data.root.code, 'tld');

  // A subscription shows the present state, and what becomes of it, on the same page.
  await open(page, 'Board');
  await page.evaluate(() => { window.sameAsBefore = true; });
  await run(page);
  const isBoard = ({ data }) => data?.leaderboard?.total;
  const before = (await resultThat(page, isBoard)).data.leaderboard;
  await submit('dong-tam');
  const isNews = (found) => isBoard(found)?.submitted > before.total.submitted;
  const { leaderboard } = (await resultThat(page, isNews)).data;
  assert.equal(leaderboard.total.submitted, before.total.submitted + 1);
  assert.equal(leaderboard.entries[0].unit.code, 'dong-nai');
  assert.ok(leaderboard.version > before.version);
  assert.equal(await page.evaluate(() => window.sameAsBefore), true);
  await page.screenshot({ path: `${process.env.SANGKIEN_ARTEFACTS}/live.png` });

  // Stopped, it leaves; the socket closes after the last one.
  assert.deepEqual(sockets, [`ws://${server.host}/graphql`]);
  await run(page);
  await page.waitForFunction(() => document.querySelector('.graphiql-execute-button').getAttribute('aria-label').startsWith('Execute'));

  asked.delete('null'); // data: addresses, within the page
  assert.deepEqual([...asked], [server.origin]);
  assert.deepEqual(complaints, []);
  await close();
});

test('a token in the header editor counts, over both', { timeout }, async () => {
  const { page, close } = await screen(browser, { width: 1600, height: 900 });
  await start(page);
  await open(page, 'Submit');
  await run(page);
  const refused = await resultThat(page, ({ errors }) => errors);
  assert.equal(refused.errors[0].extensions.code, 'UNAUTHENTICATED');
  const say = async (authorization) => {
    await page.getByRole('button', { name: 'Headers', exact: true }).click();
    const editor = page.locator('.graphiql-editor-tool .graphiql-editor:not(.hidden) .CodeMirror');
    await editor.evaluate((it, headers) => it.CodeMirror.setValue(headers), JSON.stringify({ authorization }));
  };
  await say(`Bearer ${process.env.SANGKIEN_TOKEN}`);
  await run(page);
  // It is no unit of this server's.
  const { data } = await resultThat(page, (found) => found.data);
  assert.deepEqual(data.submitInitiative.errors.map(({ code }) => code), ['NOT_FOUND']);
  // A socket is opened with what stands there by then.
  await open(page, 'Board');
  await say('Bearer of nothing');
  await run(page);
  await resultThat(page, ({ errors }) => JSON.stringify(errors)?.includes('4403'));
  await say(`Bearer ${process.env.SANGKIEN_TOKEN}`);
  await run(page);
  await resultThat(page, ({ data }) => data?.leaderboard);
  await close();
});

test('a link leads to the reference of the schema', { timeout }, async () => {
  const { page, complaints, close } = await screen(browser, { width: 1600, height: 900 });
  await start(page);
  await page.getByRole('link', { name: 'Schema', exact: true }).click();
  await page.waitForURL(`${server.origin}/schema`);
  await page.getByRole('navigation').getByRole('link', { name: 'Leaderboard', exact: true }).click();
  await page.waitForURL(/#Leaderboard$/);
  const heading = page.getByRole('heading', { name: 'type Leaderboard implements Node' });
  assert.ok((await heading.boundingBox()).y < 450, 'it is in sight');
  await page.screenshot({ path: `${process.env.SANGKIEN_ARTEFACTS}/schema.png` });
  await page.getByRole('link', { name: 'GraphiQL' }).click();
  await page.waitForURL(`${server.origin}/graphiql`);
  assert.deepEqual(complaints, []);
  await close();
});
