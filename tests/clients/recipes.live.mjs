// The recipes of docs/RECIPES.md, and the code in the README of the package, against a server (see live.mjs and
// screen.mjs).

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import WebSocket from 'ws';
import { connect, ReviewBatch, ReviewQueue, SubmissionForm, Submit } from 'sangkien-client';
import { follow } from './node_modules/sangkien-client/recipes/event-source.js';
import { formDays } from './node_modules/sangkien-client/recipes/form-days.js';
import { openNodes } from './node_modules/sangkien-client/recipes/open-nodes.js';
import { reviewQueue } from './node_modules/sangkien-client/recipes/review-queue.js';
import { wholePath } from './node_modules/sangkien-client/recipes/whole-path.js';
import { kept, submit, timeout } from './live.mjs';
import { launch, screen } from './screen.mjs';

const url = process.env.SANGKIEN_URL;
const token = process.env.SANGKIEN_TOKEN;
const text = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');
const blocks = (document, language) => document.split(`\`\`\`${language}\n`).slice(1).map((rest) => rest.split('```\n')[0]);

const sangkien = connect(url, { webSocketImpl: WebSocket, token });
after(() => sangkien.close());

test('the recipes that are shown are those that are tested', () => {
  const folder = '../../clients/js/recipes/';
  const files = readdirSync(new URL(folder, import.meta.url)).map((file) => text(`${folder}${file}`));
  assert.deepEqual(blocks(text('../../docs/RECIPES.md'), 'js').sort(), files.sort());
});

test('the README of the package goes as written', { timeout }, async () => {
  const [block, ...more] = blocks(text('../../clients/js/README.md'), 'js');
  assert.deepEqual(more, []);
  const file = new URL(`node_modules/.readme-${process.pid}.mjs`, import.meta.url);
  writeFileSync(file, block.replace('http://127.0.0.1:8080', url));
  const program = spawn(process.execPath, [file.pathname], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  await new Promise((shown) => {
    program.stdout.on('data', (part) => {
      said += part;
      if (said.includes('live')) shown();
    });
    program.on('exit', shown);
  });
  program.kill();
  assert.match(said, /^Tổng Liên đoàn: \d+\n/);
  assert.match(said, /live \[ *'1\. /);
});

test('an opened node is live, and a closed one is not', { timeout }, async () => {
  const drawn = kept();
  const tree = openNodes(sangkien, (code, state) => drawn.push({ code, state }));
  const shows = (code, submitted) => drawn.until((it) => it.code === code
    && it.state.status === 'live' && it.state.data.leaderboard.total.submitted === submitted);
  tree.open('tld');
  tree.open('bien-hoa');
  tree.open('bien-hoa');
  const now = async (code) => (await drawn.until((it) => it.code === code && it.state.status === 'live'))
    .state.data.leaderboard.total.submitted;
  const [all, below] = [await now('tld'), await now('bien-hoa')];
  await submit('dong-tam');
  await Promise.all([shows('tld', all + 1), shows('bien-hoa', below + 1)]);
  tree.close('bien-hoa');
  const { length } = drawn.values;
  await submit('dong-tam');
  await shows('tld', all + 2);
  assert.ok(drawn.values.slice(length).every(({ code }) => code === 'tld'));
  tree.close('tld');
});

test('a queue takes in what comes, and lets go of what is decided', { timeout }, async () => {
  await submit('dong-tam');
  const queue = connect(url, { webSocketImpl: WebSocket, token });
  const drawn = kept();
  const over = reviewQueue(queue, 'bien-hoa', drawn.push);
  const first = await drawn.until(() => true);
  const { initiatives } = await sangkien.ask(ReviewQueue, { within: { code: 'bien-hoa' }, first: 500 });
  assert.deepEqual(first.map(({ id }) => id), initiatives.nodes.map(({ id }) => id));
  assert.ok(first.length > 0);
  await submit('tan-bien');
  const grown = await drawn.until((rows) => rows.length === first.length + 1);
  assert.equal(grown.at(-1).unit.code, 'tan-bien');
  assert.equal(grown.at(-1).authors.length, 1);
  await submit('hoang-dieu');
  const ids = grown.slice(0, 1).map(({ id }) => id);
  await sangkien.ask(ReviewBatch, { input: { ids, decision: 'ACCEPT' } });
  const decided = await drawn.until((rows) => rows.length === first.length && !rows.some(({ id }) => ids.includes(id)));
  assert.ok(decided.every(({ unit }) => unit.code !== 'hoang-dieu'));
  queue.close();
  await over;
});

test('EventSource follows a board without any library', { timeout }, async (t) => {
  const browser = await launch();
  t.after(() => browser.close());
  const { page } = await screen(browser);
  await page.goto(`${url}/graphiql`);
  const query = 'subscription ($unit: UnitRef!) { tally(unit: $unit) { submitted } }';
  await page.evaluate(`window.told = []; (${follow})(location.origin, ${JSON.stringify(query)},
    { unit: { code: 'dong-nai' } }, (result) => window.told.push(result)); undefined`);
  await page.waitForFunction(() => window.told.length > 0);
  const [{ data }] = await page.evaluate(() => window.told);
  await submit('dong-tam');
  await page.waitForFunction((before) => window.told.at(-1).data.tally.submitted === before + 1, data.tally.submitted);
});

test('EventSource comes back where the browser gives up, and keeps what was shown', { timeout }, async (t) => {
  const browser = await launch();
  t.after(() => browser.close());
  const { page } = await screen(browser);
  await page.clock.install();
  await page.goto(`${url}/graphiql`);
  const next = (result) => `event: next\ndata: ${JSON.stringify(result)}\n\n`;
  const state = { data: { tally: { submitted: 7 } } };
  const errors = [{ message: 'a fault', extensions: { code: 'INTERNAL' } }];
  const answers = [
    { status: 503, body: '' },
    { contentType: 'text/event-stream', body: `${next(state)}${next({ data: null, errors })}event: complete\ndata:\n\n` },
  ];
  const asked = kept();
  await page.route(/graphql\?/, (route) => {
    asked.push(asked.values.length + 1);
    const answer = answers.shift();
    return answer ? route.fulfill(answer) : route.continue();
  });
  const query = 'subscription ($unit: UnitRef!) { tally(unit: $unit) { submitted } }';
  await page.evaluate(`window.told = []; (${follow})(location.origin, ${JSON.stringify(query)},
    { unit: { code: 'dong-nai' } }, (result) => window.told.push(result)); undefined`);
  for (const attempt of [2, 3]) {
    await asked.until((count) => count === attempt - 1);
    // The page hears of the end a moment after it was asked for.
    while (asked.values.length < attempt) await page.clock.runFor(1_000);
  }
  await page.waitForFunction(() => window.told.length === 4);
  const [refused, first, second, last] = await page.evaluate(() => window.told);
  assert.deepEqual(refused, { data: null, errors: [{ message: 'the server gives no stream' }] });
  assert.deepEqual([first, second], [state, { ...state, errors }]);
  assert.equal(typeof last.data.tally.submitted, 'number');
});

test('a whole path is refreshed after a change', { timeout }, async () => {
  const before = await wholePath(sangkien, 'dong-tam', null);
  assert.deepEqual(before.map(({ code }) => code), ['tld', 'dong-nai', 'bien-hoa', 'dong-tam']);
  const input = {
    key: crypto.randomUUID(), unit: { code: 'dong-tam' }, title: 'Cải tiến khuôn đúc', kind: 'TECHNICAL',
    authors: [{ name: 'Nguyễn Văn An' }], appliedOn: '2022-03-01',
  };
  const { data, extensions } = await sangkien.execute(Submit, { input });
  assert.deepEqual(data.submitInitiative.errors, []);
  const now = await wholePath(sangkien, 'dong-tam', extensions.mark);
  const grown = (counts) => counts.map(({ code, tally }) => [code, tally.submitted]);
  assert.deepEqual(grown(now), grown(before).map(([code, submitted]) => [code, submitted + 1]));
  assert.deepEqual(await wholePath(sangkien, 'nowhere', extensions.mark), []);
});

test('a form is of the server\'s day', { timeout }, async () => {
  const form = await sangkien.ask(SubmissionForm, { unit: { code: 'dong-tam' } });
  const days = formDays(form);
  assert.equal(days.isOpen, true);
  assert.ok(days.appliedUntil <= form.today);
  const unit = { closedOn: null, periods: [{ kind: 'PROGRAMME', startsOn: '2022-01-08', endsOn: '2022-05-31', appliedFrom: '2021-09-01', appliedUntil: '2022-03-31' }] };
  assert.deepEqual(formDays({ today: '2022-05-31', unit }), { isOpen: true, appliedFrom: '2021-09-01', appliedUntil: '2022-03-31' });
  assert.deepEqual(formDays({ today: '2022-03-01', unit }), { isOpen: true, appliedFrom: '2021-09-01', appliedUntil: '2022-03-01' });
  assert.equal(formDays({ today: '2022-06-01', unit }).isOpen, false);
  assert.equal(formDays({ today: '2022-05-31', unit: { ...unit, closedOn: '2022-05-01' } }).isOpen, false);
  assert.equal(formDays({ today: '2022-05-31', unit: null }).isOpen, false);
});
