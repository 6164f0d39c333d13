// The sheet of a meeting in a real browser (see live.mjs): its numbers, its pages as a PDF, and what it says to whom.
// The PDF and pictures are left in SANGKIEN_ARTEFACTS, to be looked at.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ask, submit } from './live.mjs';
import { launch } from './screen.mjs';

const timeout = 120_000;
const { SANGKIEN_URL: url, SANGKIEN_TOKEN: token, SANGKIEN_ARTEFACTS: artefacts } = process.env;
const OPERATION = readFileSync(new URL('../../docs/queries/weekly-meeting.graphql', import.meta.url), 'utf8');
const UNITS = 40;

let browser;
before(async () => {
  browser = await launch();
  await setUp();
});
after(() => browser.close());

const UPSERT_UNIT = `mutation ($input: UpsertUnitInput!) { upsertUnit(input: $input) { errors { message path } } }`;
const SET_TARGETS = `mutation ($input: SetTargetsInput!) { setTargets(input: $input) { errors { message path } } }`;

async function change(document, input) {
  const [payload] = Object.values(await ask(document, { input }));
  assert.deepEqual(payload.errors, []);
}

const clock = (now) => fetch(`${process.env.SANGKIEN_CONTROL}/clock/${encodeURIComponent(now)}`, { method: 'POST' });
const code = (number) => `gb-${number}`;

/** A province of forty unions, a third of which have nothing yet. */
async function setUp() {
  const unit = (code, name, kind, parent, cluster) =>
    change(UPSERT_UNIT, { code, name, kind, parent: { code: parent }, cluster });
  await unit('gb', 'Liên đoàn Lao động tỉnh Đồng Tháp Mười', 'PROVINCIAL_FEDERATION', 'tld');
  for (let number = 0; number < UNITS; number += 1) {
    const name = number % 2 ? `Công đoàn cơ sở Công ty trách nhiệm hữu hạn Cơ khí số ${number}` : `Liên đoàn Lao động huyện Tân Thạnh ${number}`;
    await unit(code(number), name, 'DISTRICT_FEDERATION', 'gb', number < 36 ? `Cụm thi đua số ${1 + number % 5}` : undefined);
  }
  await change(SET_TARGETS, {
    period: { code: 'campaign' },
    goals: Array.from({ length: UNITS - 2 }, (_, number) => ({ unit: { code: code(number) }, goal: { count: 2 + number % 7 } }))
      .concat({ unit: { code: 'gb' }, goal: { count: 200 } }),
  });
  for (let number = 0; number < UNITS; number += 1) for (let times = 0; times < number % 3; times += 1) await submit(code(number));
  await clock('2022-05-20T09:00:00+07:00');
  for (const number of [1, 1, 4, 7, 10]) await submit(code(number));
}

/** The page with that query, and with the token of staff unless it is null; `prepare` is called first. */
async function open(query, who = token, prepare = async () => {}) {
  const page = await browser.newPage({ viewport: { width: 1000, height: 1400 } });
  await prepare(page);
  const complaints = [];
  page.on('console', (message) => message.type() === 'error' && !/Failed to load resource/.test(message.text()) && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(`${url}/briefing?${query}${who ? `#token=${encodeURIComponent(who)}` : ''}`);
  await isDone(page);
  return { page, complaints };
}

/** The sheet is there, or a notice why it is not; while the page asks, its notice ends with "…". */
const isDone = (page) => page.waitForFunction(() => document.body.dataset.state === 'shown'
  || (document.body.dataset.state === 'notice' && !document.getElementById('notice').textContent.endsWith('…')));

const table = (page, title) => page.locator('table', { has: page.locator('caption', { hasText: title }) });
const cells = (row) => row.locator('td').allInnerTexts();
const number = (text) => Number(text.replace(/[.,%+]/g, '').replace('−', '-'));

test('the page shows the numbers of the answer', { timeout }, async () => {
  const { page, complaints } = await open('unit=gb&first=5');
  const variables = { unit: { code: 'gb' }, first: 5 };
  const { unit } = await ask(OPERATION, variables);
  const { briefing } = unit;
  const rows = table(page, 'Cấp dưới trực tiếp').locator('tbody').first().locator('tr');
  assert.equal(await rows.count(), briefing.board.entries.length);
  for (const [place, entry] of briefing.board.entries.entries()) {
    const [rank, , , submitted, gained, accepted, pending, , target] = await cells(rows.nth(place));
    const counts = [entry.rank, entry.tally.submitted, entry.gained, entry.tally.accepted, entry.tally.pending];
    assert.deepEqual([rank, submitted, gained, accepted, pending].map(number), counts);
    assert.equal(target, entry.tally.target === null ? '–' : String(entry.tally.target));
  }
  const sums = table(page, 'Cấp dưới trực tiếp').locator('tbody.sums tr');
  assert.equal(number((await cells(sums.last()))[3]), briefing.tally.submitted);
  const bands = await table(page, 'Mức đạt chỉ tiêu').locator('tbody td:last-child').allInnerTexts();
  assert.deepEqual(bands.map(Number), briefing.bands.map(({ units }) => units));
  assert.match(await page.locator('h1').innerText(), /^Giao ban: Liên đoàn Lao động tỉnh Đồng Tháp Mười$/);
  assert.match(await page.locator('.foot').innerText(), new RegExp(`Phiên bản ${briefing.version}\\.`));
  // The token left the address, and lasts as long as the tab.
  assert.ok(!page.url().includes('token'));
  assert.deepEqual(await keptTokens(page), { tab: token, screen: null });
  assert.deepEqual(complaints, []);
  await page.screenshot({ path: join(artefacts, 'briefing-vi.png'), fullPage: true });
  await page.close();
});

const keptTokens = (page) => page.evaluate(() =>
  ({ tab: sessionStorage.getItem('sangkien.token'), screen: localStorage.getItem('sangkien.token') }));

test('other days are chosen on the page, also when those of the address are refused', { timeout }, async () => {
  const { page } = await open('unit=gb&until=2031-01-01');
  assert.match(await page.innerText('#notice'), /^“Đến hết ngày” phải nằm trong khoảng từ \d+\/5\/2022 đến 20\/5\/2022$/);
  await page.fill('input[name=since]', '2022-05-15');
  await page.fill('input[name=until]', '2022-05-19');
  await Promise.all([page.waitForURL(/until=2022-05-19/), page.click('.tools button:text-is("Xem")')]);
  await isDone(page);
  assert.match(await page.locator('#sheet').innerText(), /Từ ngày 15\/5\/2022 đến hết ngày 19\/5\/2022/);
  assert.equal(await page.inputValue('input[name=until]'), '2022-05-19');
  assert.match(page.url(), /unit=gb/);
  // The token is kept, so units are named as before.
  assert.equal(await page.getByText('Tên đơn vị chỉ hiện cho cán bộ').count(), 0);
  await page.close();
});

test('a token in the query is not used, and the page says why', { timeout }, async () => {
  const { page } = await open(`unit=gb&token=${encodeURIComponent(token)}`, null);
  assert.ok(!page.url().includes('token'));
  assert.deepEqual(await keptTokens(page), { tab: null, screen: null });
  assert.match(await page.innerText('#warning'), /nhật ký .*#token=MÃ$/);
  assert.match(await page.locator('#sheet').innerText(), /Tên đơn vị chỉ hiện cho cán bộ/);
  // The address of the open page gets it where it belongs.
  await page.evaluate((token) => { location.hash = `token=${encodeURIComponent(token)}`; }, token);
  await page.waitForSelector('.names');
  assert.equal(await page.innerText('#warning'), '');
  assert.deepEqual(await keptTokens(page), { tab: token, screen: null });
  assert.ok(!page.url().includes('token'));
  await page.close();
});

test('a token leaves a wrong address too', { timeout }, async () => {
  const { page } = await open('unit=gb&of=x');
  assert.match(await page.innerText('#notice'), /không có tham số “of”/);
  assert.ok(!page.url().includes('token'));
  await page.close();
});

test('a token that nobody knows is forgotten, and that is said', { timeout }, async () => {
  const { page, complaints } = await open('unit=gb', 'sangkien_of-nobody');
  assert.match(await page.innerText('#warning'), /^Mã truy cập không đúng hoặc đã hết hạn/);
  assert.deepEqual(await keptTokens(page), { tab: null, screen: null });
  assert.match(await page.locator('#sheet').innerText(), /Tên đơn vị chỉ hiện cho cán bộ/);
  assert.deepEqual(complaints, []);
  await page.close();
  // One that ends while the page is open.
  const { page: again } = await open('unit=gb');
  await again.route('**/briefing.xlsx*', (route) => (route.request().headers().authorization ? route.fulfill({ status: 401, body: '' }) : route.continue()));
  const [download] = await Promise.all([again.waitForEvent('download'), again.locator('.tools a', { hasText: 'XLSX' }).click()]);
  assert.equal(download.suggestedFilename(), 'giao-ban_gb_2022-05-20.xlsx');
  assert.match(await again.innerText('#warning'), /^Mã truy cập/);
  assert.deepEqual(await keptTokens(again), { tab: null, screen: null });
  await again.close();
});

test('errors are told in words, with the status where the server has none', { timeout }, async () => {
  const said = (status, body) => (page) => page.route('**/graphql', (route) => route.fulfill({ status, body, contentType: 'text/html' }));
  for (const [prepare, told] of [
    [said(502, '<h1>Bad Gateway</h1>'), /^Máy chủ chưa trả lời được \(mã 502\)/],
    [said(503, JSON.stringify({ errors: [{ message: 'Máy chủ đang bận, xin thử lại sau' }] })), /^Máy chủ đang bận, xin thử lại sau$/],
    [said(403, JSON.stringify({ errors: [{ message: 'Trang của nơi khác không được hỏi' }] })), /^Trang của nơi khác không được hỏi$/],
    [(page) => page.route('**/graphql', (route) => route.abort()), /^Chưa hỏi được máy chủ/],
  ]) {
    const { page } = await open('unit=gb', token, prepare);
    assert.match(await page.innerText('#notice'), told);
    // None of them is a word about the token.
    assert.equal((await keptTokens(page)).tab, token);
    await page.close();
  }
});

test('a file that does not come tells why', { timeout }, async () => {
  const { page } = await open('unit=gb');
  for (const [label, answer, told] of [
    ['XLSX', { status: 502, body: '' }, /^Chưa tải được tệp\. Máy chủ chưa trả lời được \(mã 502\)/],
    ['CSV', { status: 403, body: JSON.stringify({ errors: [{ message: 'Chỉ dành cho cán bộ' }] }) }, /^Chưa tải được tệp\. Chỉ dành cho cán bộ$/],
  ]) {
    await page.route(/briefing\.(xlsx|csv)/, (route) => route.fulfill(answer));
    await page.locator('.tools a', { hasText: label }).click();
    await page.waitForFunction(() => document.getElementById('said').textContent !== '');
    assert.match(await page.innerText('#said'), told);
    await page.unroute(/briefing\.(xlsx|csv)/);
  }
  // It goes once the file comes.
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('.tools a', { hasText: 'CSV' }).click()]);
  assert.ok(download);
  assert.equal(await page.textContent('#said'), '');
  await page.close();
});

test('a province of forty unions is two pages of A4', { timeout }, async () => {
  for (const lang of ['vi', 'en']) {
    const { page, complaints } = await open(`unit=gb&first=5&lang=${lang}`);
    const pdf = await page.pdf({ preferCSSPageSize: true });
    writeFileSync(join(artefacts, `briefing-${lang}.pdf`), pdf);
    const text = pdf.toString('latin1');
    const pages = text.match(/\/Type\s*\/Page\b(?!s)/g).length;
    assert.equal(pages, 2, lang);
    const [, width, height] = text.match(/\/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)/);
    assert.deepEqual([Math.round(Number(width)), Math.round(Number(height))], [595, 842]);
    assert.deepEqual(complaints, []);
    await page.close();
  }
});

test('who is not staff of the unit gets counts, not names', { timeout }, async () => {
  const { page } = await open('unit=gb', null);
  const text = await page.locator('#sheet').innerText();
  assert.match(text, /Chưa có sáng kiến: 14 đơn vị/);
  assert.match(text, /Tên đơn vị chỉ hiện cho cán bộ/);
  assert.ok(!text.includes('Chậm tiến độ\n'));
  assert.equal(await page.locator('.names').count(), 0);
  await page.close();
});

test('a wrong address says what is wrong', { timeout }, async () => {
  for (const [query, says] of [
    ['unit=gb&lang=fr', /lang=fr: chỉ nhận vi, en/],
    ['unit=gb&since=today', /since=today: chỉ nhận YYYY-MM-DD/],
    ['unit=gb&until=2022-02-30', /until=2022-02-30: chỉ nhận YYYY-MM-DD/],
    ['unit=gb&of=x', /không có tham số “of”/],
    ['unit=nobody', /Không có đơn vị mã “nobody”/],
    ['unit=gb&until=2030-01-01', /“Đến hết ngày” phải/],
  ]) {
    const { page } = await open(query, null);
    assert.match(await page.locator('#notice').innerText(), says);
    // Other days can be chosen, unless there is no such unit.
    assert.equal(await page.locator('.tools input[name=until]').count(), query === 'unit=nobody' ? 0 : 1);
    await page.close();
  }
});

test('the files are fetched from the page, with the token', { timeout }, async () => {
  const { page } = await open('unit=gb');
  for (const [label, name] of [['XLSX', 'giao-ban_gb_2022-05-20.xlsx'], ['CSV', 'giao-ban_gb_2022-05-20_board.csv']]) {
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('.tools a', { hasText: label }).click()]);
    assert.equal(download.suggestedFilename(), name);
    await download.saveAs(join(artefacts, name));
  }
  await page.close();
});
