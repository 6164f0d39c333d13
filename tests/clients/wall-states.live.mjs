// The wall with boards that are played to it (see played.mjs), at every size, and how it moves. Pictures are left in
// SANGKIEN_ARTEFACTS.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { beside, board, CAMPAIGN, closed, playing, row, title } from './played.mjs';
import { holdsTogether, launch, picture, screen, shownBy, SIZES, statusOf, textOf } from './screen.mjs';

const timeout = 120_000;

const SOME_SIZES = SIZES.filter(([width]) => [1920, 1080, 390].includes(width));

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const rows = (count, of) => Array.from({ length: count }, (_, at) => row(at, of(at)));
/** The figures of 31/5/2022, and of a province, a first morning, and a small unit. */
const STATES = {
  full: board({
    rows: rows(35, (at) => ({ submitted: 20_000 - at * 517, target: 14_000, gained: 1_180 - 30 * at, previousRank: 1 + (at * 7) % 35 })),
    submitted: 696_948, target: 654_921, projected: 2_431_000,
  }),
  province: board({
    rows: rows(28, (at) => ({ submitted: at < 16 ? 1_284 - 70 * at : 0, target: 900, gained: at < 16 ? 118 - 7 * at : 0, previousRank: 1 + (at * 5) % 16 })),
    submitted: 6_383, target: 7_040, projected: 7_900,
  }),
  start: board({ rows: rows(15, () => ({ submitted: 0 })), submitted: 0, target: 7_040, asOf: '2022-04-21T00:30:00Z', dayNumber: 1 }),
  ties: board({
    rows: rows(8, (at) => ({ submitted: [12, 9, 9, 9, 5, 5, 3, 1][at], target: 12, gained: at % 3, previousRank: 1 + Math.floor(at / 2) })),
    submitted: 56, target: 120, projected: 130,
  }),
};

/** Names of rows that do not show whole. */
const cutNames = (page) => page.$$eval('.name', (names) => names
  .filter((name) => name.scrollWidth > name.clientWidth + 1 || name.scrollHeight > name.clientHeight + 3 || name.textContent.includes('…'))
  .map(({ textContent }) => textContent));

for (const [name, state] of Object.entries(STATES)) {
  test(`every size holds the state of ${name}`, { timeout }, async () => {
    for (const [width, height] of name === 'full' ? SIZES : SOME_SIZES) {
      const more = beside(state, [title(1, 'Cải tiến đồ gá hàn khung xe, giảm 30% thời gian thao tác và chi phí vật tư')]);
      const { page, complaints, close } = await playing(browser, state, { width, height, more, reducedMotion: 'reduce' });
      await page.waitForSelector('#curve:not([hidden])');
      await page.evaluate(() => document.fonts.ready);
      await holdsTogether(page);
      assert.deepEqual(await cutNames(page), [], `${name} at ${width}`);
      await picture(page, `${name}-${width}x${height}`);
      assert.deepEqual(complaints, []);
      await close();
    }
  });
}

/** The texts of a row, column by column. */
const textsOf = async (page, at) => {
  const texts = await page.locator('.row').nth(at).locator('> span').evaluateAll((all) =>
    all.filter((span) => span.checkVisibility() || getComputedStyle(span).display === 'contents').map(({ innerText }) => innerText));
  return texts.map((text) => text.replace(/\s+/g, ' ').trim());
};
const headsOf = (page) => page.locator('#heads span').evaluateAll((all) => all.map(({ innerText }) => innerText).filter(Boolean));

test('a row says rank, movement, name, share, count against target and gain, under heads that say so', { timeout }, async () => {
  const { page, close } = await playing(browser, STATES.province);
  assert.deepEqual(await headsOf(page), ['đơn vị', 'đạt', 'đăng ký / chỉ tiêu', 'hôm nay']);
  assert.deepEqual(await textsOf(page, 0), ['1', '', 'Huyện Long Thành đạt', '142,6%', '1.284 / 900', '+118']);
  assert.deepEqual(await textsOf(page, 1), ['2', '4', 'TP Biên Hòa đạt', '134,8%', '1.214 / 900', '+111']);
  // 900 less what it had yesterday, over nine days.
  assert.deepEqual(await textsOf(page, 6), ['7', '8', 'Huyện Xuân Lộc cần 13/ngày', '96,0%', '864 / 900', '+76']);
  const moves = await page.$$eval('#rows .move', (all) => all.slice(0, 8).map(({ ariaLabel }) => ariaLabel));
  assert.deepEqual(moves, ['không đổi', 'tăng 4 bậc', 'tăng 8 bậc', 'tăng 12 bậc', 'không đổi', 'tăng 4 bậc', 'tăng 8 bậc', 'giảm 4 bậc']);
  // The whole of a bar is what the best one has; those that have reached their target are gold.
  await page.waitForFunction(() => document.getAnimations().length === 0);
  const bars = await page.$$eval('.row .bar', (all) => all.map((bar) => {
    const { right } = bar.getBoundingClientRect();
    const track = bar.parentElement.getBoundingClientRect();
    return [Math.round(100 * (right - track.left) / track.width), bar.classList.contains('reached')];
  }));
  assert.deepEqual(bars.slice(0, 7), [[100, true], [95, true], [89, true], [84, true], [78, true], [73, true], [67, false]]);
  assert.equal(await textOf(page, '#ratio'), '90,6%');
  await close();
});

test('ties share their rank', { timeout }, async () => {
  const { page, close } = await playing(browser, STATES.ties);
  assert.deepEqual(await page.locator('.rank').allTextContents(), ['1', '2', '2', '2', '5', '5', '7', '8']);
  await close();
});

test('what does not fit comes page by page, each unit once, and none that has nothing', { timeout }, async () => {
  const { page, close } = await playing(browser, STATES.province, { prepare: (page) => page.clock.install(), reducedMotion: 'reduce' });
  const pages = [];
  for (const wait of ['00:20', '00:12']) {
    pages.push([await page.locator('.rank').allTextContents(), await textOf(page, '#rest')]);
    await page.clock.fastForward(wait);
  }
  const ranks = Array.from({ length: 16 }, (_, at) => String(at + 1));
  assert.deepEqual(pages, [
    [ranks.slice(0, 8), 'trang 1/2 · 12 đơn vị chưa có sáng kiến'], [ranks.slice(8), 'trang 2/2 · 12 đơn vị chưa có sáng kiến'],
  ]);
  assert.equal(await textOf(page, '#rest'), 'trang 1/2 · 12 đơn vị chưa có sáng kiến');
  await close();
});

test('rows glide to their places, numbers roll, and what has changed is lit for a while', { timeout }, async () => {
  const { page, tell, close } = await playing(browser, STATES.ties, { prepare: (page) => page.clock.install() });
  await page.waitForFunction(() => document.getAnimations().length === 0);
  const last = await page.locator('.row').last().elementHandle();
  const totals = await shownBy(page, '#total');
  tell(board({
    rows: rows(8, (at) => ({ submitted: [12, 9, 9, 9, 5, 5, 3, 13][at], target: 12 })), submitted: 162, target: 132,
  }));
  await page.waitForFunction(() => document.getAnimations().filter(({ id }) => id === 'glide').length === 8);
  // The same row, on top of those that it passes.
  assert.equal(await last.evaluate((row) => row === document.querySelector('.row')), true);
  assert.match(await last.getAttribute('class'), /lit/);
  assert.match(await last.getAttribute('class'), /risen/);
  assert.equal(await page.locator('.row.lit').count(), 1);
  await page.waitForFunction(() => document.querySelector('#total').textContent === '162');
  const between = (await totals()).map(Number);
  assert.ok(between.some((number) => number > 56 && number < 162), between.join());
  await page.clock.runFor('00:05');
  assert.equal(await page.locator('.row.lit').count(), 0);
  await close();
});

test('a milestone is marked with its unit and its moment, and is still there after a restart', { timeout }, async () => {
  const of = (submitted, asOf) => board({ rows: rows(3, () => ({ submitted: 300 })), submitted, target: 1_040, asOf });
  const marked = async (page) => [await textOf(page, '#milestone-what'), await textOf(page, '#milestone-when')];
  const { page, tell, close } = await playing(browser, of(999), { reducedMotion: 'reduce' });
  assert.equal(await page.isVisible('#milestone'), false);
  tell(of(1_003, '2022-05-23T07:08:00Z'));
  await page.waitForSelector('#milestone:not([hidden])');
  assert.deepEqual(await marked(page), ['Mốc 1.000 sáng kiến', 'lúc 14:08, 23/5']);
  tell(of(1_039, '2022-05-23T08:00:00Z'));
  await page.waitForFunction(() => document.querySelector('#total').textContent === '1.039');
  assert.deepEqual(await marked(page), ['Mốc 1.000 sáng kiến', 'lúc 14:08, 23/5']);
  await picture(page, 'milestone');
  tell(of(1_041, '2022-05-23T09:30:00Z'));
  await page.waitForFunction(() => document.querySelector('#milestone-what').textContent === 'Đạt 100% chỉ tiêu');
  assert.deepEqual(await marked(page), ['Đạt 100% chỉ tiêu', 'lúc 16:30, 23/5']);
  await page.reload();
  await page.waitForSelector('#milestone:not([hidden])');
  assert.deepEqual(await marked(page), ['Đạt 100% chỉ tiêu', 'lúc 16:30, 23/5']);
  await close();
});

/** A board that has passed 3,000, with the days on which what it counts was entered. */
async function passed(metric, submitted) {
  const state = board({ rows: rows(3, () => ({ submitted })), submitted, target: null, period: { ...CAMPAIGN, metric } });
  const more = beside(state);
  more.leaderboard.within.daily = [['2022-05-01', 2_990], ['2022-05-06', 20]].map(([day, count]) => ({ day, submitted: count, accepted: count }));
  const shown = await playing(browser, state, { more, reducedMotion: 'reduce' });
  await shown.page.waitForSelector('#curve:not([hidden])');
  return shown;
}

test('one that was passed while nobody looked has its day', { timeout }, async () => {
  const { page, close } = await passed('SUBMITTED', 3_100);
  assert.deepEqual([await textOf(page, '#milestone-what'), await textOf(page, '#milestone-when')], ['Mốc 3.000 sáng kiến', 'ngày 6/5/2022']);
  await close();
});

test('days of submission do not tell when reviews passed a milestone', { timeout }, async () => {
  const { page, close } = await passed('ACCEPTED', 9_300);
  assert.deepEqual([await textOf(page, '#milestone-what'), await textOf(page, '#milestone-when')], ['Mốc 3.000 sáng kiến hợp lệ', '']);
  await close();
});

test('the news are accepted titles, as text, and of others only how many came in, and where', { timeout }, async () => {
  const titles = [title(1, 'Khuôn <b>đúc</b>\u202e mới\u200b <script>alert(1)</script>'), title(2, 'נקודה Đồ gá'.normalize('NFD'))];
  const first = STATES.ties;
  const { page, tell, complaints, close } = await playing(browser, first, {
    more: beside(first, titles), prepare: (page) => page.clock.install(), reducedMotion: 'reduce',
  });
  await page.waitForFunction(() => document.querySelector('#news-what').textContent !== '');
  const counts = [12, 9, 9, 9, 5, 5, 3, 3];
  tell(board({ rows: rows(8, (at) => ({ submitted: counts[at], target: 12 })), submitted: 64, target: 132 }));
  await page.waitForFunction(() => document.querySelector('#total').textContent === '64');
  const news = new Set();
  for (let times = 0; times < 6; times += 1) {
    news.add((await textOf(page, '#news')).replace(/\s+/g, ' '));
    await page.clock.fastForward('00:09');
  }
  const where = '· CĐCS Công ty TNHH MTV Cơ khí';
  assert.deepEqual([...news].sort(), [
    `13:06 Khuôn <b>đúc</b> mới <script>alert(1)</script> ${where}`, `13:06 נקודה Đồ gá ${where}`,
    '14:06 2 sáng kiến mới từ Huyện Tân Phú',
  ].sort());
  assert.equal(await page.locator('#news b, #news script').count(), 0);
  assert.deepEqual(complaints, []);
  await close();
});

test('the picture moves slowly, so that no edge burns in', { timeout }, async () => {
  const { page, close } = await playing(browser, STATES.ties, { prepare: (page) => page.clock.install() });
  const places = new Set();
  for (let minutes = 0; minutes < 8; minutes += 1) {
    await page.clock.fastForward('01:00');
    const corners = ['#within', '#day', '.slogan', '#status'];
    const boxes = await page.evaluate((all) => all.map((of) => document.querySelector(of).getBoundingClientRect().toJSON()), corners);
    assert.ok(boxes.every(({ left, right, bottom }) => left > 0 && right < 1_920 && bottom < 1_080), JSON.stringify(boxes));
    places.add(JSON.stringify(boxes));
  }
  assert.equal(places.size, 8);
  await close();
});

test('a server that cannot read its database is told; the board stays, with its age', { timeout }, async () => {
  const { page, complaints, close, tell, ping } = await playing(browser, STATES.province, { reducedMotion: 'reduce' });
  const rows = await page.locator('.row').count();
  const isBehind = () => page.waitForSelector('#status[data-state=lost]');
  ping({ version: 1, behindSeconds: 121 });
  await isBehind();
  assert.match(await statusOf(page), /máy chủ chưa đọc được cơ sở dữ liệu · số liệu của 2 phút trước/);
  assert.equal(await page.locator('.row').count(), rows);
  await holdsTogether(page);
  await picture(page, 'behind');
  // The same board once more is no newer.
  tell(STATES.province);
  await isBehind();
  ping({ version: 1 });
  await page.waitForSelector('#status[data-state=live]');
  ping({ version: 1, behindSeconds: 5 });
  await isBehind();
  tell({ ...STATES.province, asOf: '2022-05-23T07:07:00Z' });
  await page.waitForSelector('#status[data-state=live]');
  assert.deepEqual(complaints, []);
  await close();
});

// The truth of what is shown.

const THOUSANDS = (text) => Number(text.replace(/\./g, ''));
const SUPPORTED = { reducedMotion: 'reduce' };
const within = { code: 'played', name: 'Liên đoàn Lao động tỉnh Đồng Tháp Mười', kind: 'PROVINCIAL_FEDERATION', depth: 1 };

test('a board of more than a hundred units counts all that have not begun, and asks for all that have', { timeout }, async () => {
  const all = rows(147, (at) => ({ submitted: at < 60 ? 300 - at : 0, target: at < 50 ? 100 : null, name: `Liên đoàn Lao động huyện số ${at + 1}` }));
  const state = board({ rows: all, submitted: 16_230, target: 5_000, first: 100 });
  const { page, asked, close } = await playing(browser, state, { ...SUPPORTED, prepare: (page) => page.clock.install() });
  assert.equal(asked[0].first, 500);
  assert.match(await textOf(page, '#rest'), /87 đơn vị chưa có sáng kiến$/);
  const seen = new Set();
  for (let turn = 0; turn < 12; turn += 1) {
    for (const name of await page.locator('.name').allTextContents()) seen.add(name);
    await page.clock.fastForward('00:20');
  }
  assert.equal(seen.size, 60);
  await close();
});

test('rows and what is not ranked add up to the total', { timeout }, async () => {
  const all = rows(9, (at) => ({ submitted: 90 - at }));
  const sum = all.reduce((all, { tally }) => all + tally.submitted, 0);
  const state = board({ rows: all, own: 12, closed: 315, others: 3, submitted: sum + 330, target: 4_000 });
  const { page, close } = await playing(browser, state, { ...SUPPORTED, prepare: (page) => page.clock.install() });
  assert.equal(await textOf(page, '#unranked'), 'đơn vị đã ngừng hoạt động: 315 · đăng ký tại Đồng Tháp Mười: 12 · đơn vị không xếp hạng: 3');
  await picture(page, 'unranked');
  assert.equal(await sumOfPages(page) + await sumOfRest(page), THOUSANDS(await textOf(page, '#total')));
  await close();
  // Those that a board leaves out by its address are in it as well.
  const best = board({ rows: all, submitted: sum, target: 4_000, first: 5 });
  const of = await playing(browser, best, { ...SUPPORTED, query: '?unit=played&first=5' });
  assert.equal(of.asked[0].first, 5);
  assert.equal(await textOf(of.page, '#unranked'), `4 đơn vị khác có sáng kiến: ${85 + 84 + 83 + 82}`);
  await of.close();
});

/** A screen whose board is told once, and may not be shown as one. */
async function screenOf(state, query) {
  const { page, close } = await screen(browser, SUPPORTED);
  await page.routeWebSocket(/graphql/, (socket) => socket.onMessage((text) => {
    const { type, id, payload } = JSON.parse(text);
    const send = (message) => socket.send(JSON.stringify(message));
    if (type === 'connection_init') send({ type: 'connection_ack' });
    if (type === 'ping') send({ type: 'pong' });
    if (type === 'subscribe') send({ id, type: 'next', payload: { data: payload.query.startsWith('subscription') ? { leaderboard: state } : beside(state) } });
  }));
  await page.goto(`${process.env.SANGKIEN_URL}/wall${query}`);
  return { page, close };
}

/** The counts of the rows of all pages, added up, and of what has no row. Needs the page's clock. */
async function sumOfPages(page) {
  const pages = Number((/trang \d+\/(\d+)/.exec(await textOf(page, '#rest')) ?? [null, '1'])[1]);
  let sum = 0;
  for (let turn = 0; turn < pages; turn += 1) {
    const counts = await page.$$eval('#rows .figure:nth-child(5) b', (all) => all.map(({ textContent }) => textContent));
    sum += counts.map(THOUSANDS).reduce((all, number) => all + number, 0);
    await page.clock.fastForward('00:20');
  }
  return sum;
}
const sumOfRest = async (page) => [...(await textOf(page, '#unranked')).matchAll(/: (−?[\d.]+)/g)]
  .reduce((all, [, number]) => all + THOUSANDS(number), 0);

test('units beyond the five hundred that a board lists are a number, and what they sum to', { timeout: 3 * timeout }, async () => {
  // 1,900 of 2,500 have something, some of them withdrew all of it today.
  const all = rows(2_500, (at) => ({
    submitted: at < 1_900 ? 3_000 - at : 0, target: null, gained: at < 1_905 && at >= 1_900 ? -2 : 0, name: `Công đoàn cơ sở Công ty số ${at + 1}`,
  }));
  const sum = all.reduce((all, { tally }) => all + tally.submitted, 0);
  const state = board({ rows: all, own: 12, closed: 315, submitted: sum + 327, target: 4_000_000, first: 500 });
  const { page, close } = await playing(browser, state, { ...SUPPORTED, prepare: (page) => page.clock.install() });
  await page.waitForSelector('html[data-typeface]');
  assert.match(await textOf(page, '#unranked'), / · 1\.400 đơn vị khác có sáng kiến: [\d.]+$/);
  assert.match(await textOf(page, '#rest'), /^trang 1\/\d+ · 600 đơn vị chưa có sáng kiến$/);
  await picture(page, 'beyond');
  assert.equal(await sumOfPages(page) + await sumOfRest(page), THOUSANDS(await textOf(page, '#total')));
  await close();
});

test('a board whose units have nothing says what the total is made of', { timeout }, async () => {
  const state = board({ rows: rows(3, () => ({ submitted: 0 })), own: 12, closed: 3, submitted: 15, target: 40 });
  const { page, close } = await playing(browser, state, SUPPORTED);
  assert.equal(await textOf(page, '#unranked'), 'đơn vị đã ngừng hoạt động: 3 · đăng ký tại Đồng Tháp Mười: 12');
  assert.match(await textOf(page, '#empty'), /^Chưa đơn vị nào có sáng kiến/);
  await holdsTogether(page);
  await close();
});

for (const [rankBy, value, counted, total, fact, shares] of [
  ['ACCEPTED', ({ tally }) => tally.accepted, 'Hợp lệ', '266', 'đăng ký 800', 3],
  ['PARTICIPANTS', ({ tally }) => tally.participants, 'Người tham gia', '800', 'đăng ký 800', 3],
  ['BENEFIT', ({ tally }) => 1e8 * tally.accepted, 'Giá trị làm lợi', '26,6 tỷ', 'đăng ký 800', 3],
]) {
  test(`the figure beside rows is the total of what they count: ${rankBy}`, { timeout }, async () => {
    // All have reached a target of registrations, which these rows do not count.
    const all = rows(9, (at) => ({ submitted: 90 - 3 * at, target: 10 })).map((entry) => ({ ...entry, value: value(entry) }));
    const state = { ...board({ rows: all, submitted: 800, target: 700, projected: 900 }), rankBy };
    const { page, close } = await playing(browser, state, { ...SUPPORTED, query: `?unit=played&rankBy=${rankBy}`, more: beside(state) });
    await page.waitForFunction(() => document.querySelector('#facts') !== null && document.body.dataset.view === 'board');
    assert.deepEqual([await textOf(page, '#counted'), await textOf(page, '#total'), (await textOf(page, '#fact-1')).replace(/\s+/g, ' ')], [counted, total, fact]);
    for (const of of ['#ratio', '#target', '#met', '#curve-target']) assert.equal(await page.locator(of).textContent(), '', of);
    for (const of of ['#fact-2', '#fact-3', '#whole', '#milestone']) assert.equal(await page.isVisible(of), false, of);
    assert.equal(await page.locator('.row .bar.reached').count(), 0);
    await holdsTogether(page);
    await picture(page, `counts-${rankBy.toLowerCase()}`);
    await close();
  });
}

test('of how many units a target is reached are those that have one', { timeout }, async () => {
  const all = rows(9, (at) => ({ submitted: 90 - 3 * at, target: at < 6 ? 80 : null }));
  const state = board({ rows: all, submitted: 800, target: 700 });
  const { page, tell, close } = await playing(browser, state, SUPPORTED);
  assert.equal(await textOf(page, '#met'), '4/6 đơn vị đạt chỉ tiêu');
  // Nobody knows of those beyond the list.
  tell(board({ rows: all, submitted: 800, target: 700, first: 5 }));
  await page.waitForFunction(() => document.querySelector('#met').textContent === '4 đơn vị đạt chỉ tiêu');
  await close();
});

test('closed units have a row on a board of kinds, and are told beside a cluster', { timeout }, async () => {
  const all = rows(6, (at) => ({ submitted: 50 - at }));
  const state = board({ rows: all, closed: 709, submitted: 994, target: 1_900 });
  const kinds = await playing(browser, state, { ...SUPPORTED, query: '?unit=played&kinds=DISTRICT_FEDERATION' });
  assert.deepEqual([await textOf(kinds.page, '#total'), await textOf(kinds.page, '#unranked')], ['994', 'đơn vị đã ngừng hoạt động: 709']);
  await kinds.close();
  const cluster = await playing(browser, state, { ...SUPPORTED, query: '?unit=played&cluster=A' });
  assert.deepEqual([await textOf(cluster.page, '#total'), await textOf(cluster.page, '#unranked')], ['285', 'đơn vị đã ngừng hoạt động, không tính vào cụm: 709']);
  await cluster.close();
});

test('a cluster that no unit names is no board of nothing', { timeout }, async () => {
  const state = board({ rows: [], submitted: 985, target: 1_900 });
  const { page, close } = await screenOf(state, '?unit=played&cluster=Kh%C3%B4ng');
  await page.waitForSelector('#notice:not([hidden])');
  assert.equal(await textOf(page, '#notice-title'), 'Không có cụm, khối thi đua “Không”');
  assert.equal(await page.isVisible('#total'), false);
  await close();
});

test('people are not added up: units beyond the list are a number alone', { timeout }, async () => {
  const state = { ...board({ rows: rows(9, (at) => ({ submitted: 90 - at })), submitted: 774, target: null, first: 5 }), rankBy: 'PARTICIPANTS' };
  const { page, close } = await playing(browser, state, { ...SUPPORTED, query: '?unit=played&rankBy=PARTICIPANTS&first=5' });
  assert.equal(await textOf(page, '#unranked'), '4 đơn vị khác có sáng kiến');
  await close();
});

test('the gain of today is the sum of the parts, whatever the days say', { timeout }, async () => {
  const all = rows(3, (at) => ({ submitted: 50 - at, gained: 4 - at }));
  const parts = { own: { submitted: 12, gained: 5 }, closed: { submitted: 3, gained: -2 }, others: { submitted: 1, gained: 1 } };
  const state = board({ rows: all, ...parts, submitted: 163, target: 400 });
  const more = beside(state);
  // Those who entered much today and withdrew as much of yesterday.
  more.leaderboard.within.daily = [{ day: '2022-05-22', submitted: 63, accepted: 0 }, { day: '2022-05-23', submitted: 100, accepted: 0 }];
  const { page, tell, close } = await playing(browser, state, { ...SUPPORTED, more });
  await page.waitForSelector('#curve:not([hidden])');
  const gained = async () => (await textOf(page, '#fact-1')).replace(/\s+/g, ' ');
  assert.equal(await gained(), `hôm nay +${4 + 3 + 2 + 5 - 2 + 1}`);
  tell({ ...state, closed: { ...state.closed, gained: -20 } });
  await page.waitForFunction(() => document.querySelector('#fact-1 dd').textContent === '−5');
  assert.equal(await page.$eval('#fact-1', ({ className }) => className), '');
  // People are not added up.
  tell({ ...state, period: { ...CAMPAIGN, metric: 'PARTICIPANTS' }, sum: { ...state.sum, participants: undefined } });
  await page.waitForFunction(() => document.querySelector('#fact-1 dt').textContent === 'hợp lệ');
  await close();
});

test('a cluster is named, and what stands beside its rows is its own', { timeout }, async () => {
  const all = rows(6, (at) => ({ submitted: 50 - at, gained: 2 }));
  const state = board({ rows: all, others: 700, submitted: 985, target: 1_900 });
  const titles = [
    title(1, 'Của cụm khác', { ancestors: [{ kind: 'CONFEDERATION', depth: 0 }, { depth: 1 }, { kind: 'DISTRICT_FEDERATION', cluster: 'B', depth: 2 }] }),
    title(2, 'Của cụm này', { ancestors: [{ kind: 'CONFEDERATION', depth: 0 }, { depth: 1 }, { kind: 'DISTRICT_FEDERATION', cluster: 'Ven biển', depth: 2 }] }),
  ];
  const beyond = [];
  const more = ({ variables }) => { beyond.push(variables); return beside(state, titles); };
  const { page, asked, close } = await playing(browser, state, { ...SUPPORTED, query: '?unit=played&cluster=Ven%20bi%E1%BB%83n', more });
  assert.equal(asked[0].cluster, 'Ven biển');
  assert.equal((await textOf(page, '.heading h1')).replace(/\s+/g, ' '), 'Đồng Tháp Mười Cụm Ven biển');
  assert.equal(await textOf(page, '#counted'), 'Đã đăng ký · Cụm Ven biển');
  assert.equal(await textOf(page, '#total'), '285');
  assert.equal(await textOf(page, '#target'), 'chỉ tiêu 2.400');
  assert.equal(await textOf(page, '#ratio'), '11,8%');
  assert.equal((await textOf(page, '#fact-1')).replace(/\s+/g, ' '), 'hôm nay +12');
  await page.waitForSelector('#curve:not([hidden])');
  assert.equal(await textOf(page, '#curve-of'), 'cả Đồng Tháp Mười: 985');
  assert.equal(await page.isVisible('#milestone'), false);
  assert.equal(await page.isVisible('#unranked'), false);
  await page.waitForFunction(() => document.querySelector('#news-what').textContent === 'Của cụm này');
  // Few of a unit's newest titles may be of one cluster.
  assert.equal(beyond[0].titles, 100);
  await picture(page, 'cluster');
  await close();
});

test('units of many provinces are told apart by their province', { timeout }, async () => {
  const places = ['Tiền Giang', 'Bến Tre', 'Trà Vinh', 'Hậu Giang', 'Kiên Giang', 'Sóc Trăng', 'An Giang'];
  const all = rows(7, (at) => ({
    submitted: 70 - at, target: null, name: 'Liên đoàn Lao động huyện Châu Thành',
    ancestors: [{ name: 'Tổng Liên đoàn', depth: 0 }, { name: `Liên đoàn Lao động tỉnh ${places[at]}`, depth: 1 }],
  }));
  const root = { code: 'played', name: 'Tổng Liên đoàn Lao động Việt Nam', depth: 0 };
  const state = board({ rows: all, submitted: 469, target: 2_800, within: root });
  const { page, asked, close } = await playing(browser, state, { ...SUPPORTED, query: '?unit=played&kinds=DISTRICT_FEDERATION' });
  assert.equal(asked[0].isAcross, true);
  assert.equal(await textOf(page, '#filter'), 'LĐLĐ quận, huyện, thị xã, thành phố');
  const shown = await page.locator('#rows .name').allTextContents();
  assert.ok(shown.length > 4);
  assert.deepEqual(shown, places.slice(0, shown.length).map((place) => `Huyện Châu Thành · ${place}`));
  await picture(page, 'provinces');
  await close();
});

test('news are of the period that the board shows, and of the day of their review', { timeout }, async () => {
  const state = STATES.ties;
  const titles = [title(1, 'Sửa lại hôm nay', {}, '2022-05-02T03:00:00Z'), title(2, 'Hợp lệ hôm nay', {}, '2022-05-23T03:00:00Z')];
  const asked = [];
  const more = ({ variables }) => {
    asked.push(variables);
    return beside(state, titles);
  };
  const { page, close } = await playing(browser, state, { ...SUPPORTED, more, prepare: (page) => page.clock.install() });
  const news = async () => (await textOf(page, '#news')).replace(/\s+/g, ' ');
  await page.waitForFunction(() => document.querySelector('#news-what').textContent !== '');
  assert.deepEqual(asked[0].counted, { code: 'p' });
  assert.equal(asked[0].period, null);
  assert.match(await news(), /^10:00 Hợp lệ hôm nay/);
  for (let turn = 0; turn < 2; turn += 1) await page.clock.fastForward('00:09');
  assert.match(await news(), /^2\/5 Sửa lại hôm nay/);
  await close();
});

test('no number rolls from one period into the next', { timeout }, async () => {
  const ended = board({ rows: rows(3, () => ({ submitted: 232_316 })), submitted: 696_948, target: 300_000, asOf: '2022-05-31T16:59:00Z', since: '2022-05-31', dayNumber: 41 });
  const phase = { code: 'phase-2', name: 'Giai đoạn 2', metric: 'SUBMITTED', startsOn: '2022-06-01', endsOn: '2022-09-30' };
  const begun = board({ rows: rows(3, () => ({ submitted: 1 })), submitted: 3, target: 700_000, asOf: '2022-05-31T17:00:10Z', since: '2022-06-01', period: phase, dayNumber: 1, days: 122 });
  const { page, tell, close } = await playing(browser, ended, { query: '?unit=played&hold=0' });
  const totals = await shownBy(page, '#total');
  const counts = await shownBy(page, '#rows');
  tell(begun);
  await page.waitForFunction(() => document.querySelector('#total').textContent === '3');
  assert.deepEqual(await totals(), ['3']);
  assert.ok((await counts()).every((text) => !/[1-9]\d*\.\d{3}/.test(text.replace(/232\.316/g, ''))));
  assert.equal(await textOf(page, '#day'), 'Còn 121 ngày');
  // Within a period they do.
  tell({ ...begun, total: { ...begun.total, submitted: 900 } });
  await page.waitForFunction(() => document.querySelector('#total').textContent === '900');
  assert.ok((await totals()).length > 2);
  await close();
});

const PHASE_2 = { code: 'phase-2', name: 'Giai đoạn 2', metric: 'SUBMITTED', startsOn: '2022-06-01', endsOn: '2022-09-30' };
const root = { depth: 0 };
const PERIODS = [{ ...CAMPAIGN, owner: root }, { ...PHASE_2, owner: root }, { code: 'own', startsOn: '2022-04-01', endsOn: '2022-06-02', owner: { depth: 1 } }];
/** The boards of that day: of the running phase, or of the campaign that is over, with what was kept of it at 24:00. */
const boardsOf = (since, withdrawn = 0) => ({ period }) => {
  const asOf = `${since}T03:00:00Z`;
  if (period === null || period.code !== 'p') return board({ rows: rows(3, () => ({ submitted: 1 })), submitted: 3, target: 700_000, asOf, since, period: PHASE_2, dayNumber: 1, days: 122 });
  const over = (withdrawn) => board({
    rows: rows(3, (at) => ({ submitted: 232_317 - at - withdrawn, target: 250_000 * at })), submitted: 696_948 - 3 * withdrawn, target: 300_000, asOf, since,
  });
  return closed(over(withdrawn), over(0));
};
const following = (since, withdrawn) => {
  const of = boardsOf(since, withdrawn);
  return [of, ({ variables: { counted } }) => beside(of({ period: counted }), [], { periods: PERIODS })];
};

test('at 24:00 of the last day the result stays, with the moment that it is of', { timeout }, async () => {
  const last = board({ rows: rows(3, (at) => ({ submitted: 232_316 - at, target: 250_000 * at })), submitted: 696_948, target: 300_000, asOf: '2022-05-31T16:59:00Z', since: '2022-05-31', dayNumber: 41 });
  let day = '2022-05-31';
  const more = ({ variables: { counted } }) => beside(day === '2022-05-31' ? last : boardsOf(day)({ period: counted }), [], { periods: PERIODS });
  const { page, tell, asked, close } = await playing(browser, last, { ...SUPPORTED, more, prepare: (page) => page.clock.install() });
  assert.equal(await textOf(page, '#day'), 'Còn 1 phút');
  assert.equal(await page.isVisible('#stamp'), false);
  const [totals, names] = [await shownBy(page, '#total'), await shownBy(page, '#period')];
  day = '2022-06-01';
  tell(boardsOf(day));
  await page.waitForSelector('#stamp:not([hidden])');
  assert.deepEqual(asked.map(({ period }) => period), [null, { code: 'p' }]);
  assert.equal(await textOf(page, '#stamp'), 'đã kết thúc 31/5 24:00: 696.948');
  assert.deepEqual([await textOf(page, '#total'), await textOf(page, '#day'), await textOf(page, '#days-left')], ['696.948', 'Đã kết thúc', '24:00 ngày 31/5/2022']);
  // One of them has no target.
  assert.equal(await textOf(page, '#met'), '0/2 đơn vị đạt chỉ tiêu');
  // Nothing of the next phase was shown.
  assert.deepEqual([await totals(), await names()], [[], []]);
  await holdsTogether(page);
  await picture(page, 'held');
  // Withdrawals after midnight change neither it nor its rows.
  tell(boardsOf(day, 14));
  await page.waitForFunction(() => document.querySelector('#stamp').textContent === 'đã kết thúc 31/5 24:00: 696.948 · nay 696.906');
  assert.equal(await textOf(page, '#total'), '696.948');
  const counts = await page.$$eval('#rows .figure:nth-child(5) b', (all) => all.map(({ textContent }) => textContent));
  assert.equal(counts.map(THOUSANDS).reduce((all, number) => all + number), 696_948);
  assert.equal(await textOf(page, '#pending'), 'nay 116.151 chờ xét duyệt');
  // Until the owner makes figures final.
  const over = boardsOf(day, 14)({ period: CAMPAIGN });
  tell(closed(over, over, { kind: 'FINAL', at: '2022-06-15T03:00:00Z' }));
  await page.waitForFunction(() => document.querySelector('#stamp').textContent === 'đã chốt ngày 15/6: 696.906');
  await close();
});

for (const [since, query, periods] of [
  ['2022-06-01', '', ['p', 'p', 'p']], ['2022-06-03', '', ['p', 'p', 'p']], ['2022-06-04', '', ['phase-2', 'p', 'phase-2']], ['2022-06-07', '', ['phase-2', 'phase-2', 'phase-2']],
  ['2022-06-01', '&hold=0', ['phase-2', 'phase-2', 'phase-2']], ['2022-06-04', '&hold=7', ['p', 'p', 'p']], ['2022-06-01', '&period=phase-2', ['phase-2', 'phase-2', 'phase-2']],
]) {
  test(`a screen that starts on ${since} shows ${periods.join(', ')} ${query}`, { timeout }, async () => {
    const [boards, more] = following(since);
    const { page, close } = await playing(browser, boards, { ...SUPPORTED, query: `?unit=played${query}`, more, prepare: (page) => page.clock.install() });
    await page.waitForSelector('#curve:not([hidden])');
    await page.clock.pauseAt(await page.evaluate(() => Date.now() + 500));
    const names = { p: CAMPAIGN.name, 'phase-2': PHASE_2.name };
    for (const period of periods) {
      await page.waitForFunction((name) => document.querySelector('#period').textContent === name, names[period]);
      // Second by second, so that the line's pings are answered meanwhile.
      for (let seconds = 0; seconds < 60; seconds += 2) await page.clock.runFor(2_000);
    }
    await close();
  });
}

test('at its end a cluster has its closing figure, of the same moment as its rows', { timeout }, async () => {
  const at = (withdrawn) => board({
    rows: rows(6, (at) => ({ submitted: 50 - at - withdrawn, target: 47 })), others: 700, submitted: 985 - 6 * withdrawn, target: 1_900,
    asOf: '2022-06-02T03:00:00Z',
  });
  const state = closed(at(2), at(0));
  const { page, close } = await playing(browser, state, { ...SUPPORTED, query: '?unit=played&period=p&cluster=Ven%20bi%E1%BB%83n', more: beside(state) });
  assert.equal(await textOf(page, '#stamp'), 'đã kết thúc 31/5 24:00: 285 · nay 273');
  assert.deepEqual([await textOf(page, '#total'), await textOf(page, '#ratio'), await textOf(page, '#met')], ['285', '101,0%', '4/6 đơn vị đạt chỉ tiêu']);
  const counts = await page.$$eval('#rows .figure:nth-child(5) b', (all) => all.map(({ textContent }) => Number(textContent)));
  assert.equal(counts.reduce((all, number) => all + number), 285);
  await page.waitForSelector('#curve:not([hidden])');
  assert.equal(await textOf(page, '#curve-of'), 'cả Đồng Tháp Mười: 985');
  await holdsTogether(page);
  await picture(page, 'cluster-ended');
  await close();
});

/** That board as the server ranks it by what is asked for. */
const askedFor = (state, gained = () => 0) => ({ rankBy }) => ({
  ...state, rankBy, entries: state.entries.map((entry) => ({ ...entry, gained: gained(entry), value: rankBy === 'GAINED' ? gained(entry) : entry.tally.submitted })),
});

test('what a day gained is not kept: once the period is over the count ranks, and is kept', { timeout }, async () => {
  const at = (withdrawn) => board({ rows: rows(6, (at) => ({ submitted: 50 - at - withdrawn })), submitted: 285 - 6 * withdrawn, target: 1_900, asOf: '2022-06-02T03:00:00Z' });
  const { page, asked, close } = await playing(browser, askedFor(closed(at(2), at(0))), { ...SUPPORTED, query: '?unit=played&period=p&rankBy=GAINED' });
  assert.deepEqual(asked.map(({ rankBy }) => rankBy), ['GAINED', 'SUBMITTED']);
  assert.deepEqual(
    [await textOf(page, '#measure'), await textOf(page, '#stamp'), await textOf(page, '#total')],
    ['theo số sáng kiến đã đăng ký', 'đã kết thúc 31/5 24:00: 285 · nay 273', '285'],
  );
  assert.deepEqual(await page.locator('.rank').allTextContents(), ['1', '2', '3', '4', '5', '6']);
  await close();
});

test('on a morning without a gain the count ranks, until the first one', { timeout }, async () => {
  const all = rows(6, (at) => ({ submitted: 50 - at }));
  const { page, tell, asked, close } = await playing(browser, askedFor(board({ rows: all, submitted: 285, target: 1_900 })), { ...SUPPORTED, query: '?unit=played&rankBy=GAINED' });
  assert.equal(await textOf(page, '#measure'), 'theo số sáng kiến đã đăng ký · hôm nay chưa có thêm');
  assert.deepEqual(await page.locator('.rank').allTextContents(), ['1', '2', '3', '4', '5', '6']);
  const gaining = askedFor(board({ rows: all, submitted: 286, target: 1_900 }), ({ unit: { code } }) => Number(code === 'u3'));
  tell(() => gaining(asked.at(-1)));
  await page.waitForFunction(() => document.querySelector('#measure').textContent === 'theo số tăng hôm nay');
  assert.deepEqual(asked.map(({ rankBy }) => rankBy), ['GAINED', 'SUBMITTED', 'GAINED']);
  await close();
});

test('a board of kinds, whose closing figures are not kept, says that its figures are of now', { timeout }, async () => {
  const state = board({ rows: rows(6, (at) => ({ submitted: 50 - at })), submitted: 285, target: 1_900, asOf: '2022-06-02T03:00:00Z' });
  const over = { ...state, closing: { kind: 'DAY', at: '2022-05-31T17:00:00Z', endsOn: '2022-05-31' } };
  const { page, close } = await playing(browser, over, { ...SUPPORTED, query: '?unit=played&period=p&kinds=DISTRICT_FEDERATION' });
  assert.deepEqual([await textOf(page, '#stamp'), await textOf(page, '#total')], ['đã kết thúc 31/5 24:00 · số liệu lúc này', '285']);
  await holdsTogether(page);
  await picture(page, 'kinds-ended');
  await close();
});

test('a screen that starts while a result is held shows nothing else before', { timeout }, async () => {
  const [boards, more] = following('2022-06-02');
  let isTold = false;
  const { page, close } = await screen(browser, SUPPORTED);
  await page.addInitScript(() => {
    window.seen = [];
    document.addEventListener('DOMContentLoaded', () => {
      const note = () => window.seen.push([document.querySelector('#period').textContent, document.body.dataset.view]);
      new MutationObserver(note).observe(document.body, { subtree: true, childList: true, characterData: true, attributeFilter: ['data-view'] });
    });
  });
  await page.routeWebSocket(/graphql/, (socket) => socket.onMessage((text) => {
    const { type, id, payload } = JSON.parse(text);
    const next = (data) => socket.send(JSON.stringify({ id, type: 'next', payload: { data } }));
    if (type === 'connection_init') socket.send(JSON.stringify({ type: 'connection_ack' }));
    if (type === 'ping') socket.send(JSON.stringify({ type: 'pong' }));
    if (type !== 'subscribe') return;
    if (payload.query.startsWith('subscription')) return next({ leaderboard: boards(payload.variables) });
    // The answer beside the board takes its time.
    setTimeout(() => { isTold = true; next(more(payload)); }, 1_500);
  }));
  await page.goto(`${process.env.SANGKIEN_URL}/wall?unit=played`);
  await page.waitForFunction((name) => document.querySelector('#period').textContent === name, CAMPAIGN.name);
  assert.ok(isTold);
  const seen = await page.evaluate(() => window.seen);
  assert.deepEqual([...new Set(seen.map(([period]) => period))].filter(Boolean), [CAMPAIGN.name]);
  await close();
});

test('while a result is held, the boards in turn with it are of the same period', { timeout }, async () => {
  const [boards, more] = following('2022-06-02');
  const other = { ...within, code: 'other', name: 'Liên đoàn Lao động huyện Long Thành', kind: 'DISTRICT_FEDERATION' };
  const of = (variables) => {
    const found = boards(variables);
    return variables.within.code === 'other' ? { ...found, within: other } : found;
  };
  const { page, asked, close } = await playing(browser, of, {
    ...SUPPORTED, query: '?unit=played&rotate=5&boards=other', prepare: (page) => page.clock.install(),
    more: (payload) => { const found = more(payload); found.leaderboard.within = { ...found.leaderboard.within, code: payload.variables.within.code }; return found; },
  });
  await page.waitForFunction((name) => document.querySelector('#period').textContent === name, CAMPAIGN.name);
  for (let second = 0; asked.length < 5 && second < 120; second += 1) {
    await page.clock.runFor(1_000);
    await page.evaluate(() => document.title);
  }
  assert.deepEqual(asked.map(({ within: { code }, period }) => [code, period && period.code]), [
    ['played', null], ['played', 'p'], ['other', 'p'], ['played', 'p'], ['other', 'p'],
  ]);
  await close();
});

test('no name of a period is cut, and its days stay in one piece', { timeout }, async () => {
  const name = 'Chương trình 01 triệu sáng kiến – nỗ lực vượt khó, sáng tạo, quyết tâm chiến thắng đại dịch COVID-19';
  const state = board({ rows: rows(9, (at) => ({ submitted: 90 - at })), submitted: 774, target: 900, period: { ...CAMPAIGN, name } });
  const window = { code: 'own', name, startsOn: '2022-04-27', endsOn: '2022-05-30' };
  for (const [width, height] of SOME_SIZES) {
    for (const query of ['', '&window=own']) {
      const { page, close } = await playing(browser, state, { ...SUPPORTED, width, height, query: `?unit=played${query}`, more: { ...beside(state), window } });
      const cut = await page.$$eval('#period, #measure, #days-left, .counted-here, h1', (all) => all
        .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth + 1 && clientWidth > 0).map(({ id }) => id));
      assert.deepEqual(cut, []);
      assert.ok(await page.$eval('#period', (period) => period.getBoundingClientRect().right <= document.querySelector('.heading').getBoundingClientRect().right + 1));
      assert.equal(await page.$eval('#dates', (dates) => dates.getClientRects().length), 1);
      await holdsTogether(page);
      await picture(page, `long-period-${width}${query ? '-window' : ''}`);
      await close();
    }
  }
});

test('days of another period than the one that is counted say whose they are', { timeout }, async () => {
  const state = STATES.ties;
  const window = { code: 'own', name: 'Đợt 34 ngày', startsOn: '2022-04-27', endsOn: '2022-05-30' };
  const { page, close } = await playing(browser, state, { ...SUPPORTED, query: '?unit=played&window=own', more: { ...beside(state), window } });
  assert.deepEqual([await textOf(page, '#day'), await textOf(page, '#days-left')], ['Còn 7 ngày', 'Đợt 34 ngày · 23/5/2022 · đến hết 30/5']);
  await holdsTogether(page);
  await close();
});

test('the large text says what is left: days, on the last one hours, then minutes', { timeout }, async () => {
  const at = (asOf, dayNumber) => board({ rows: rows(3, () => ({ submitted: 5 })), submitted: 15, target: 30, asOf, dayNumber, since: '2022-05-31' });
  const left = async (page) => [await textOf(page, '#day'), await textOf(page, '#days-left')];
  const { page, tell, close } = await playing(browser, STATES.ties, SUPPORTED);
  assert.deepEqual(await left(page), ['Còn 8 ngày', '23/5/2022 · đến hết 31/5']);
  tell(at('2022-05-31T08:10:00Z', 41));
  await page.waitForFunction(() => document.querySelector('#day').textContent === 'Còn 8 giờ');
  assert.deepEqual(await left(page), ['Còn 8 giờ', '31/5/2022 · đến hết 31/5']);
  tell(at('2022-05-31T16:25:00Z', 41));
  await page.waitForFunction(() => document.querySelector('#day').textContent === 'Còn 35 phút');
  await close();
});

test('English writes numbers and days as English does', { timeout }, async () => {
  const { page, close } = await playing(browser, STATES.full, { ...SUPPORTED, query: '?unit=played&lang=en', more: beside(STATES.full) });
  await page.waitForSelector('#curve:not([hidden])');
  assert.equal(await textOf(page, '#total'), '696,948');
  assert.equal(await textOf(page, '#days-left'), '23 May 2022 · until 31 May');
  assert.deepEqual((await textsOf(page, 0)).slice(-3), ['142.8%', '20,000', '+1,180']);
  assert.deepEqual(await headsOf(page), ['unit', 'reached', 'registered', 'today']);
  const shown = await page.evaluate(() => document.body.innerText);
  assert.doesNotMatch(shown, /đăng ký|hôm nay|đơn vị|\d{1,3}\.\d{3}\b/);
  await picture(page, 'english');
  await close();
});

test('a curve of another year says so', { timeout }, async () => {
  const period = { ...CAMPAIGN, startsOn: '2021-12-01', endsOn: '2022-05-31' };
  const state = board({ rows: rows(3, () => ({ submitted: 5 })), submitted: 15, target: 30, period });
  const { page, close } = await playing(browser, state, { ...SUPPORTED, more: beside(state) });
  await page.waitForSelector('#curve:not([hidden])');
  assert.deepEqual(await page.locator('#curve-first, #curve-last').allTextContents(), ['1/12/2021', '31/5']);
  await close();
});

// Seen from six metres.

const csv = (name) => readFileSync(new URL(`../../data/${name}`, import.meta.url), 'utf8').trim().split('\n').slice(1).map((line) => line.split(','));
/** Names of the real tree: the units of the confederation, the districts of a province, and the longest of all districts. */
const NATIONAL = csv('direct_units.csv').map(([, name]) => name);
const DISTRICTS = csv('admin_units.csv').filter(([, level]) => level === 'district');
const LONGEST = DISTRICTS.map(([, , , , name]) => `Liên đoàn Lao động ${name[0].toLowerCase()}${name.slice(1)}`)
  .sort((a, b) => b.length - a.length).slice(0, 100);
const GOODS = ['Cơ khí', 'Điện tử', 'Giày', 'Gỗ', 'May', 'Thực phẩm', 'Dệt may', 'Bao bì', 'Nhựa', 'Vật liệu xây dựng'];
const BRANDS = ['Suối Reo', 'Bằng Lăng Vina', 'Gió Đồng Việt Nam', 'Đá Xanh', 'Trúc Phương Đồng Nai', 'Sóng Lam', 'Hoa Ban Vina'];
const ZONE = GOODS.flatMap((goods) => BRANDS.map((brand) => `Công đoàn cơ sở Công ty Trách nhiệm hữu hạn một thành viên ${goods} ${brand}`));
const OF_PROVINCE = [
  ...DISTRICTS.filter(([, , , , , parent]) => parent === '75').map(([, , , , name]) => `Liên đoàn Lao động ${name[0].toLowerCase()}${name.slice(1)} tỉnh Đồng Nai`),
  ...['Giáo dục', 'Y tế', 'Công Thương', 'Nông nghiệp và Phát triển nông thôn', 'Giao thông Vận tải', 'Xây dựng'].map((name) => `Công đoàn ngành ${name} tỉnh Đồng Nai`),
  'Công đoàn các Khu công nghiệp tỉnh Đồng Nai', 'Công đoàn Viên chức tỉnh Đồng Nai', 'Công đoàn Tổng công ty Cao su Đồng Nai',
];

for (const [what, names, name] of [
  ['the confederation', NATIONAL, 'Tổng Liên đoàn Lao động Việt Nam'], ['the longest districts', LONGEST, 'Tổng Liên đoàn Lao động Việt Nam'],
  ['a zone', ZONE, 'Công đoàn các Khu công nghiệp tỉnh Đồng Nai'], ['a province', OF_PROVINCE, 'Liên đoàn Lao động tỉnh Đồng Nai'],
]) {
  test(`no name that tells two rows apart is cut: ${what}`, { timeout: 2 * timeout }, async () => {
    assert.ok(names.length > 10);
    const state = board({
      rows: rows(names.length, (at) => ({ submitted: 1_300 - 7 * at, target: 1_000, gained: 18, name: names[at] })),
      submitted: 40_000, target: 60_000, within: { ...within, name },
    });
    for (const [size, width, height] of [['normal', 1920, 1080], ['large', 1920, 1080], ['huge', 1920, 1080], ['normal', 1080, 1920], ['normal', 1366, 768]]) {
      const { page, close } = await playing(browser, state, { ...SUPPORTED, width, height, query: `?unit=played&size=${size}`, prepare: (page) => page.clock.install() });
      await page.waitForSelector('html[data-typeface]');
      const [pages] = (/trang 1\/(\d+)/.exec(await textOf(page, '#rest')) ?? [null, '1']).slice(1).map(Number);
      const seen = new Map();
      for (let turn = 0; turn < pages; turn += 1) {
        const shown = await page.$$eval('#rows .name', (all) => all.map((name) => [name.title, name.textContent,
          name.scrollWidth > name.clientWidth + 1 || name.scrollHeight > name.clientHeight + 4]));
        for (const [whole, text, isCut] of shown) {
          assert.ok(!isCut && !text.includes('…'), `${text} at ${size} ${width}`);
          seen.set(whole, text);
        }
        if (turn === 0) await holdsTogether(page);
        if (turn === 0) await picture(page, `names-${what.replace(/\W+/g, '-')}-${size}-${width}`);
        await page.clock.fastForward('00:20');
      }
      assert.equal(seen.size, new Set(names).size, `${size} ${width}`);
      assert.equal(new Set(seen.values()).size, seen.size, 'all are told apart');
      await close();
    }
  });
}

test('the text of rows is as large as the address says, and few rows grow', { timeout }, async () => {
  const sizeOf = async (count, size) => {
    const { page, close } = await playing(browser, board({ rows: rows(count, (at) => ({ submitted: 90 - at })), submitted: 500, target: 900 }), { ...SUPPORTED, query: `?unit=played&size=${size}` });
    const px = await page.$eval('#rows .rank', (rank) => parseFloat(getComputedStyle(rank).fontSize));
    await close();
    return px;
  };
  // Capitals of 16 minutes of arc on 55 inches: from 3.8, 4.9 and 6 metres.
  for (const [size, least] of [['normal', 40], ['large', 50], ['huge', 63]]) {
    const px = await sizeOf(16, size);
    assert.ok(px >= least && px < least + 2, `${size}: ${px}`);
  }
  const grown = await sizeOf(5, 'normal');
  assert.ok(grown >= 50, `${grown}`);
});

for (const [size, width, height] of [['normal', 1920, 1080], ['large', 1920, 1080], ['huge', 1920, 1080], ['normal', 1366, 768], ['normal', 1080, 1920]]) {
  test(`few rows keep their names whole, and lie over nothing: ${size} ${width}`, { timeout: 2 * timeout }, async () => {
    for (const count of [1, 2, 3, 4, 5, 6, 9, 12]) {
      const begun = rows(count, (at) => ({ submitted: 12_300 - 1_107 * at, target: 14_000, gained: 118 - 7 * at, name: OF_PROVINCE[(at * 5) % OF_PROVINCE.length] }));
      const none = rows(7, (at) => ({ submitted: 0, name: `Công đoàn ngành thứ ${at}` })).map((entry) => ({ ...entry, unit: { ...entry.unit, code: `n${entry.unit.code}` } }));
      const state = board({ rows: [...begun, ...none], own: 12, closed: 315, submitted: 60_000, target: 70_000, within: { ...within, name: 'Liên đoàn Lao động tỉnh Đồng Nai' } });
      const titles = ['Cải tiến đồ gá', 'Máy rửa tay', 'Giảm chi phí sửa khuôn'].map((text, at) => title(at, text, {}, `2022-05-2${at}T03:00:00Z`));
      const { page, close } = await playing(browser, state, { ...SUPPORTED, width, height, query: `?unit=played&size=${size}`, more: beside(state, titles) });
      await page.waitForSelector('html[data-typeface]');
      const names = await page.$$eval('#rows .name', (all) => all.map((name) => {
        const text = document.createRange();
        text.selectNodeContents(name);
        const px = parseFloat(getComputedStyle(name).fontSize);
        return [name.textContent, name.scrollWidth > name.clientWidth + 1 || name.scrollHeight > name.clientHeight + 4, Math.round(text.getBoundingClientRect().height / px / 1.18), name.clientWidth / px];
      }));
      for (const [text, isCut, lines, width] of names) {
        assert.ok(!isCut && !text.includes('…') && lines <= 2 && width >= 6, `${text}, ${lines} lines, ${width} em, of ${count}`);
      }
      await holdsTogether(page);
      // Each part below the rows is there whole, or not at all.
      const cut = await page.$$eval('#fill, #fill > *, #fill li', ([fill, ...parts]) => parts.filter((part) => {
        const { height, bottom } = part.getBoundingClientRect();
        return part.textContent && height > 0 && bottom > fill.getBoundingClientRect().bottom + 1 && part.id !== 'fill-list';
      }).map(({ textContent }) => textContent));
      assert.deepEqual(cut, [], `of ${count}`);
      await picture(page, `few-${count}-${size}-${width}`);
      await close();
    }
  });
}

test('what a row says at normal size has its place at large and huge', { timeout }, async () => {
  for (const [size, width, height] of [['normal', 1920, 1080], ['large', 1920, 1080], ['huge', 1920, 1080], ['huge', 1080, 1920]]) {
    const { page, close } = await playing(browser, STATES.province, { ...SUPPORTED, width, height, query: `?unit=played&size=${size}` });
    await page.waitForSelector('html[data-typeface]');
    const said = async (at) => (await textsOf(page, at)).join(' ').split(/[\s·]+/).filter(Boolean).sort();
    assert.deepEqual(await said(0), ['+118', '/', '1', '1.284', '142,6%', '900', 'Huyện', 'Long', 'Thành', 'đạt'].sort(), size);
    assert.deepEqual(await said(1), ['+111', '/', '1.214', '134,8%', '2', '4', '900', 'Biên', 'Hòa', 'TP', 'đạt'].sort(), size);
    assert.deepEqual((await headsOf(page)).join(' · ').split(' · ').sort(), ['hôm nay', 'đăng ký / chỉ tiêu', 'đơn vị', 'đạt'].sort(), size);
    assert.match(await textOf(page, '#rest'), /^trang 1\/\d · 12 đơn vị chưa có sáng kiến$/);
    assert.equal(await page.$eval('#rest', ({ scrollWidth, clientWidth }) => scrollWidth > clientWidth), false);
    await holdsTogether(page);
    await picture(page, `whole-row-${size}-${width}`);
    await close();
  }
});

test('where a long count and the share rank, the third figure stands under the name too', { timeout }, async () => {
  const all = rows(5, (at) => ({ submitted: 90 - at, target: 100, gained: 3 })).map((entry) => ({ ...entry, value: entry.tally.submitted }));
  const state = { ...board({ rows: all, submitted: 440, target: 900 }), rankBy: 'SUBMITTED' };
  const { page, close } = await playing(browser, state, { ...SUPPORTED, query: '?unit=played&size=huge&rankBy=SUBMITTED' });
  assert.deepEqual(await headsOf(page), ['đơn vị · đạt', 'đăng ký', 'hôm nay']);
  assert.equal(await page.locator('.row .said').first().innerText(), '90,0%');
  await close();
});

test('at huge a board that is over keeps its names on a line, and its foot low', { timeout }, async () => {
  const state = board({ rows: rows(20, (at) => ({ submitted: 1_300 - at, target: 100 })), submitted: 20_000, target: 9_000, asOf: '2022-06-02T03:00:00Z' });
  const { page, close } = await playing(browser, closed(state, state), { ...SUPPORTED, query: '?unit=played&period=p&size=huge', more: beside(state) });
  await page.waitForSelector('#curve:not([hidden])');
  assert.deepEqual(await headsOf(page), ['đơn vị · đăng ký / chỉ tiêu', 'đạt']);
  assert.equal(await page.locator('#rows .row').count(), 5);
  assert.ok(await page.$eval('footer', ({ offsetHeight }) => offsetHeight) < 120);
  await holdsTogether(page);
  await picture(page, 'over-huge');
  await close();
});

test('the words of a row lie over neither its name nor the line below', { timeout }, async () => {
  for (const [size, width, height] of [['normal', 1920, 1080], ['large', 1920, 1080], ['huge', 1920, 1080], ['normal', 1366, 768]]) {
    for (const count of [2, 3, 9, 30]) {
      const state = board({
        rows: rows(count, (at) => ({ submitted: 900 - 20 * at, target: 850, gained: 9, name: OF_PROVINCE[at % OF_PROVINCE.length] })), submitted: 5_000, target: 9_000,
      });
      const { page, close } = await playing(browser, state, { ...SUPPORTED, width, height, query: `?unit=played&size=${size}` });
      await page.waitForSelector('html[data-typeface]');
      const touching = await page.$$eval('#rows .row', (all) => all.map((row) => {
        const [name, said] = ['.name', '.said'].map((of) => row.querySelector(of).getBoundingClientRect());
        return [said.top - name.bottom, row.getBoundingClientRect().bottom - said.bottom];
      }).filter(([above, below]) => above < -0.5 || below < 2));
      assert.deepEqual(touching, [], `${count} rows at ${size} ${width}`);
      await picture(page, `words-${count}-${size}-${width}`);
      await close();
    }
  }
});

test('figures stay in their columns and end at one place', { timeout }, async () => {
  for (const size of ['normal', 'large', 'huge']) {
    const all = rows(9, (at) => ({ submitted: [2_849, 1_788, 1_144, 917, 444, 411, 111, 88, 17][at], target: 1_111, gained: 11 * at }));
    const { page, close } = await playing(browser, board({ rows: all, submitted: 7_996, target: 9_999 }), { ...SUPPORTED, query: `?unit=played&size=${size}` });
    await page.waitForSelector('html[data-typeface]');
    const ends = await page.$$eval('#rows .row', (all) => all.map((row) => [...row.querySelectorAll('.figure:not([hidden])')].map((figure) => {
      const text = document.createRange();
      text.selectNodeContents(figure);
      const [box, inside] = [figure.getBoundingClientRect(), text.getBoundingClientRect()];
      return inside.width === 0 ? 0 : Math.max(Math.abs(inside.right - box.right), box.left - inside.left);
    })));
    assert.ok(ends.every((row) => row.every((off) => off <= 0.5)), `${size}: ${JSON.stringify(ends)}`);
    await close();
  }
});

test('the column of ranks is as wide as the ranks that are listed', { timeout }, async () => {
  const of = async (ranked) => {
    const state = { ...board({ rows: rows(20, (at) => ({ submitted: 90 - at })), submitted: 2_000, target: 9_000 }), ranked };
    const { page, close } = await playing(browser, state, { ...SUPPORTED, query: '?unit=played&size=huge' });
    await page.waitForSelector('html[data-typeface]');
    const width = await page.$eval('#rows .rank', ({ offsetWidth }) => offsetWidth);
    await close();
    return width;
  };
  assert.equal(await of(17_000), await of(20));
});

test('labels of the curve are read, and no line runs through that of the target', { timeout }, async () => {
  for (const [size, least] of [['normal', 22], ['large', 25], ['huge', 28]]) {
    for (const [submitted, projected] of [[300, 2_400], [60, 9_000], [990, 1_050], [1_400, 3_000]]) {
      const state = board({ rows: rows(9, (at) => ({ submitted: 90 - at })), submitted, target: 1_000, projected, asOf: '2022-04-28T03:00:00Z', dayNumber: 8 });
      const { page, close } = await playing(browser, state, { ...SUPPORTED, query: `?unit=played&size=${size}`, more: beside(state) });
      await page.waitForSelector('#curve:not([hidden])');
      await page.waitForSelector('html[data-typeface]');
      const [px, through] = await page.evaluate(() => {
        const label = document.querySelector('#curve-target');
        const { x, y, width, height } = label.getBBox();
        const scale = label.getScreenCTM().a;
        // Capitals alone: the box has room for marks.
        const isIn = (point) => point.x > x && point.x < x + width && point.y > y + 0.25 * height && point.y < y + 0.78 * height;
        const lines = [...document.querySelectorAll('#curve-line, #curve-needed, #curve-ahead')].filter((line) => line.getAttribute('d'));
        const through = lines.filter((line) => Array.from({ length: 200 }, (_, at) => line.getPointAtLength(line.getTotalLength() * at / 199)).some(isIn));
        return [parseFloat(getComputedStyle(label).fontSize) * scale, through.map(({ id }) => id)];
      });
      assert.deepEqual(through, [], `${size} ${submitted} ${projected}`);
      assert.ok(px >= least, `${px} px at ${size}`);
      await picture(page, `curve-${size}-${submitted}`);
      await close();
    }
  }
});

test('news have room while the foot says more', { timeout }, async () => {
  const over = board({ rows: rows(9, (at) => ({ submitted: 90 - at })), submitted: 774, target: 900, asOf: '2022-06-02T03:00:00Z' });
  const state = closed(over, over);
  const { page, ping, close } = await playing(browser, state, {
    ...SUPPORTED, query: '?unit=played&period=p', more: beside(state, [title(1, 'Cải tiến đồ gá hàn khung xe, giảm 30% thời gian thao tác và chi phí vật tư')]),
  });
  await page.evaluate(() => { document.documentElement.dataset.figures = 'simulated'; });
  await page.waitForFunction(() => document.querySelector('#news-what').textContent !== '');
  const ems = () => page.$eval('#news', (news) => news.clientWidth / parseFloat(getComputedStyle(news).fontSize));
  assert.match(await statusOf(page), /^đã kết thúc, đang xét duyệt/);
  assert.ok(await ems() >= 18, `${await ems()} em`);
  await holdsTogether(page);
  await picture(page, 'news-over');
  ping({ version: 1, behindSeconds: 121 });
  await page.waitForSelector('#status[data-state=lost]');
  assert.ok(await ems() >= 15, `${await ems()} em`);
  await holdsTogether(page);
  await picture(page, 'news-behind');
  await close();
});

test('the words of a row grow with it', { timeout }, async () => {
  for (const [size, count, least] of [['normal', 16, 31], ['large', 16, 39], ['huge', 16, 41], ['normal', 4, 39], ['huge', 3, 46]]) {
    const state = board({ rows: rows(count, (at) => ({ submitted: 90 - at, target: 88 })), submitted: 500, target: 900 });
    const { page, close } = await playing(browser, state, { ...SUPPORTED, query: `?unit=played&size=${size}` });
    const [word, name] = await page.$$eval('#rows .row:first-child .word, #rows .row:first-child .rank', (all) => all.map((element) => parseFloat(getComputedStyle(element).fontSize)).reverse());
    assert.ok(word >= least && word >= 0.65 * name, `${word} px beside ${name} px, ${count} rows at ${size}`);
    await close();
  }
});

test('five rows with targets grow too', { timeout }, async () => {
  const state = board({ rows: rows(5, (at) => ({ submitted: 900 - at, target: 1_000, gained: 9 })), submitted: 5_000, target: 9_000 });
  const { page, close } = await playing(browser, state, SUPPORTED);
  const px = await page.$eval('#rows .rank', (rank) => parseFloat(getComputedStyle(rank).fontSize));
  assert.ok(px >= 50, `${px}`);
  await close();
});

test('a board by what is accepted counts what it does not rank in the same way', { timeout }, async () => {
  const all = rows(9, (at) => ({ submitted: 90 - at })).map((entry) => ({ ...entry, value: entry.tally.accepted }));
  const state = { ...board({ rows: all, own: { submitted: 12, accepted: 5 }, submitted: 800, target: 4_000, first: 5 }), rankBy: 'ACCEPTED' };
  const { page, close } = await playing(browser, state, { ...SUPPORTED, query: '?unit=played&rankBy=ACCEPTED&first=5' });
  const further = state.entries.length && all.slice(5).reduce((sum, { tally }) => sum + tally.accepted, 0);
  assert.equal(await textOf(page, '#unranked'), `đăng ký tại Đồng Tháp Mười: 5 · 4 đơn vị khác có sáng kiến: ${further}`);
  await close();
});

test('a rotation comes to every page of the main board', { timeout }, async () => {
  const main = board({ rows: rows(45, (at) => ({ submitted: 900 - at })), submitted: 40_000, target: 90_000 });
  const other = board({ rows: rows(3, (at) => ({ submitted: 9 - at })), submitted: 24, target: 90, within: { ...within, code: 'other', name: 'Liên đoàn Lao động huyện Long Thành' } });
  const { page, close } = await playing(browser, (variables) => (variables.within.code === 'other' ? other : main), {
    ...SUPPORTED, query: '?unit=played&rotate=30&boards=other', prepare: (page) => page.clock.install(),
  });
  const seen = new Set();
  let of = 0;
  for (let step = 0; step < 60 && (of === 0 || seen.size < of); step += 1) {
    const found = /trang (\d+)\/(\d+)/.exec(await textOf(page, '#rest'));
    if (found) {
      seen.add(found[1]);
      of = Number(found[2]);
    }
    await page.clock.runFor(5_000);
  }
  assert.ok(of > 3 && seen.size === of, `${[...seen]} of ${of}`);
  await close();
});

test('a rotation numbers its first board, and goes on from a last page without the first one again', { timeout }, async () => {
  const main = board({ rows: rows(9, (at) => ({ submitted: 900 - at })), submitted: 4_000, target: 90_000 });
  const other = board({ rows: rows(16, (at) => ({ submitted: 90 - at })), submitted: 1_324, target: 9_000, within: { ...within, code: 'other', name: 'Liên đoàn Lao động huyện Long Thành' } });
  const { page, close } = await playing(browser, (variables) => (variables.within.code === 'other' ? other : main), {
    ...SUPPORTED, query: '?unit=played&rotate=5&boards=other', prepare: (page) => page.clock.install(),
  });
  await page.waitForFunction(() => document.querySelector('#rest').textContent.startsWith('bảng 1/2'));
  const rests = await shownBy(page, '#rest');
  let second = 0;
  for (; second < 120 && !(await rests()).some((text) => /trang 2\/2/.test(text)); second += 1) await page.clock.runFor(1_000);
  for (const until = second + 30; second < until; second += 1) {
    await page.clock.runFor(1_000);
    await page.evaluate(() => document.title);
  }
  const shown = (await rests()).filter((text, at, all) => text && text !== all[at - 1]);
  const last = shown.findIndex((text) => /trang 2\/2/.test(text));
  assert.match(shown[last + 1], /^bảng 1\/2/, shown.join(' | '));
  await close();
});

test('who asks for a row that the board does not have is told', { timeout }, async () => {
  const state = board({ rows: rows(3, (at) => ({ submitted: 90 - at })), submitted: 267, target: 900 });
  const { page, close } = await playing(browser, state, { ...SUPPORTED, query: '?unit=played&me=elsewhere' });
  assert.match(await textOf(page, '#rest'), /elsewhere không có trên bảng này/);
  assert.equal(await page.isVisible('#mine'), false);
  await close();
});

test('the clock of a live board goes on while nothing changes', { timeout }, async () => {
  const changed = new Date(Date.now() - 2 * 3_600_000);
  const vietnam = (date) => new Date(date.getTime() + 7 * 3_600_000).toISOString();
  const since = vietnam(new Date()).slice(0, 10);
  const state = { ...board({ rows: rows(3, (at) => ({ submitted: 90 - at })), submitted: 267, target: 900, asOf: changed.toISOString(), since, period: { ...CAMPAIGN, startsOn: since, endsOn: since } }) };
  const { page, close } = await playing(browser, state, SUPPORTED);
  await page.waitForFunction(() => /thay đổi lúc/.test(document.querySelector('#status-more').textContent));
  const [shown, now] = [await textOf(page, '#time'), new Date()];
  const minutes = [now, new Date(now.getTime() - 60_000)].map((date) => vietnam(date).slice(11, 16));
  assert.ok(minutes.includes(shown), `${shown} at ${minutes}`);
  assert.ok((await textOf(page, '#status-more')).includes(vietnam(changed).slice(11, 16)));
  await close();
});

test('one row is pinned with its rank, wherever it stands', { timeout }, async () => {
  const state = board({ rows: rows(30, (at) => ({ submitted: 90 - at })), submitted: 2_000, target: 9_000, around: ['u19', 'u20', 'u21'] });
  const { page, asked, close } = await playing(browser, state, { ...SUPPORTED, query: '?unit=played&me=U20', prepare: (page) => page.clock.install() });
  assert.deepEqual(asked[0].me, { code: 'U20' });
  // The rank once, beside what each day needs.
  assert.match((await textOf(page, '#mine .row')).replace(/\s+/g, ' '), /^21 .* cần \d+\/ngày · trong 30 đơn vị 17,5%/);
  await holdsTogether(page);
  await picture(page, 'mine');
  // The page that has the row has it once.
  await page.clock.fastForward('00:20');
  await page.clock.fastForward('00:12');
  await page.waitForSelector('#rows .row.mine');
  assert.equal(await page.isVisible('#mine'), false);
  await holdsTogether(page);
  await close();
});

test('the row that is pinned has room for a name of two lines', { timeout }, async () => {
  const long = 'Công đoàn cơ sở Bệnh viện Đa khoa khu vực Long Thành';
  for (const [size, width, height] of [['normal', 1920, 1080], ['huge', 1920, 1080], ['normal', 1080, 1920], ['normal', 390, 844]]) {
    for (const count of [30, 3]) {
      const me = count - 1;
      const state = board({
        rows: rows(count, (at) => ({ submitted: 90 - at, target: 88, name: at === me ? long : `Công đoàn ngành thứ ${at}` })), submitted: 2_000, target: 9_000, around: [`u${me}`],
      });
      const { page, close } = await playing(browser, state, { ...SUPPORTED, width, height, query: `?unit=played&me=u${me}&size=${size}` });
      await page.waitForSelector('html[data-typeface]');
      // A page of all rows has it.
      const isPinned = count === 30 && width !== 390;
      assert.equal(await page.isVisible('#mine'), isPinned);
      if (isPinned) assert.match(await textOf(page, '#mine .word'), /^cần \d+\/ngày · trong 30 đơn vị$/);
      await holdsTogether(page);
      assert.deepEqual(await cutNames(page), [], `${size} ${width} ${count}`);
      await picture(page, `pinned-${size}-${width}-${count}`);
      await close();
    }
  }
});

test('a grassroots union has a board of its own', { timeout }, async () => {
  const alone = board({ rows: [], submitted: 12, target: 20, projected: 30, within: { code: 'played', name: 'Công đoàn cơ sở Công ty May Suối Reo', depth: 3 } });
  const titles = ['Cải tiến đồ gá', 'Máy rửa tay', 'Giảm chi phí sửa khuôn'].map((text, at) => title(at, text, {}, `2022-05-2${at}T03:00:00Z`));
  const more = beside(alone, titles, { standing: { rank: 12, of: 83 }, parent: { name: 'Liên đoàn Lao động huyện Long Thành' } });
  const { page, close } = await playing(browser, alone, { ...SUPPORTED, more });
  await page.waitForSelector('#fill:not([hidden])');
  assert.equal(await textOf(page, '#standing'), 'hạng 12/83');
  assert.equal(await textOf(page, '#standing-among'), 'trong Liên đoàn Lao động huyện Long Thành');
  assert.deepEqual(await page.locator('#fill-list b').allTextContents(), ['Giảm chi phí sửa khuôn', 'Máy rửa tay', 'Cải tiến đồ gá']);
  assert.equal(await page.isVisible('#empty'), false);
  await holdsTogether(page);
  await picture(page, 'alone');
  await close();
});

/** A grassroots union with three sections, two of which have something. */
const ofUnion = { code: 'played', name: 'Công đoàn cơ sở Công ty May Suối Reo', kind: 'GRASSROOTS_UNION', depth: 3 };
const sections = (counts) => rows(counts.length, (at) => ({ submitted: counts[at], target: 10, name: `Tổ công đoàn ${at + 1}` }));
const place = { standing: { rank: 12, of: 83 }, parent: { name: 'Liên đoàn Lao động huyện Long Thành' } };

for (const [what, counts, names, none] of [
  ['two of whose sections have begun', [7, 4, 0], ['1', '2'], '1 đơn vị chưa có sáng kiến'],
  ['with many sections', [9, 8, 7, 6, 5, 4], ['1', '2', '3', '4', '5', '6'], ''],
  ['none of whose sections has begun', [0, 0, 0], [], '3 đơn vị chưa có sáng kiến'],
]) {
  test(`a grassroots union ${what} has its rank, its teams and its titles`, { timeout }, async () => {
    const sum = counts.reduce((all, number) => all + number, 0);
    const state = board({ rows: sections(counts), own: 5, submitted: sum + 5, target: 30, projected: 30, within: ofUnion });
    const titles = ['Cải tiến đồ gá', 'Máy rửa tay'].map((text, at) => title(at, text, { name: ofUnion.name }, `2022-05-2${at}T03:00:00Z`));
    const { page, close } = await playing(browser, state, { ...SUPPORTED, more: beside(state, titles, place) });
    await page.waitForSelector('#place:not([hidden])');
    assert.deepEqual([await textOf(page, '#standing'), await textOf(page, '#standing-among')], ['hạng 12/83', 'trong Liên đoàn Lao động huyện Long Thành']);
    assert.deepEqual(await page.locator('#rows .name').allTextContents(), names);
    assert.equal(await textOf(page, '#rest'), none);
    assert.equal(await page.isVisible('#empty'), false);
    if (names.length < 5) assert.deepEqual(await page.locator('#fill-list b').allTextContents(), ['Máy rửa tay', 'Cải tiến đồ gá']);
    await page.waitForSelector('#curve:not([hidden])');
    assert.deepEqual([await textOf(page, '#total'), await textOf(page, '#target'), await textOf(page, '#day')], [String(sum + 5), 'chỉ tiêu 30', 'Còn 8 ngày']);
    await holdsTogether(page);
    await picture(page, `union-${names.length}`);
    await close();
  });
}

for (const [what, standing, shown] of [
  ['where nobody has a target its place is by the count', { rank: 1, of: 14 }, ['hạng 3/14', '']],
  ['where its siblings have targets its place is by those', { rank: 9, of: 14 }, ['hạng 9/14', 'sáng kiến đã đăng ký so với chỉ tiêu']],
]) {
  test(`a grassroots union has no target: ${what}`, { timeout }, async () => {
    const state = board({ rows: [], submitted: 12, target: null, within: ofUnion });
    const told = [];
    const more = ({ variables }) => { told.push(variables); return beside(state, [], { ...place, standing, byCount: { rank: 3, of: 14 } }); };
    const { page, close } = await playing(browser, ({ rankBy }) => ({ ...state, rankBy }), { ...SUPPORTED, more });
    await page.waitForSelector('#place:not([hidden])');
    const { hasPlace, placedBy, hasNoTarget, metric } = told.at(-1);
    assert.deepEqual([hasPlace, placedBy, hasNoTarget, metric], [true, 'TARGET_RATIO', true, 'SUBMITTED']);
    assert.deepEqual([await textOf(page, '#standing'), await textOf(page, '#standing-measure')], shown);
    assert.deepEqual([await textOf(page, '#measure'), await textOf(page, '#target')], ['theo số sáng kiến đã đăng ký', 'chưa giao chỉ tiêu']);
    await holdsTogether(page);
    await picture(page, `union-place-${standing.rank}`);
    await close();
  });
}

test('a grassroots union that has nothing says so', { timeout }, async () => {
  for (const counts of [[], [0, 0]]) {
    const state = board({ rows: sections(counts), submitted: 0, target: 30, within: ofUnion });
    const { page, close } = await playing(browser, state, { ...SUPPORTED, more: beside(state, [], place) });
    await page.waitForSelector('#curve:not([hidden])');
    assert.match(await textOf(page, '#empty'), /^Chưa có sáng kiến trong đợt thi đua này\s*$/);
    assert.equal(await page.isVisible('#place'), false);
    await holdsTogether(page);
    await picture(page, `union-nothing-${counts.length}`);
    await close();
  }
});

test('the board of a unit that is closed says so, and looks at no days to come', { timeout }, async () => {
  const state = board({ rows: [], submitted: 709, target: 900, projected: 7_014, within: { ...ofUnion, closedOn: '2022-05-02' } });
  const { page, tell, close } = await playing(browser, state, { ...SUPPORTED, more: beside(state, [], place) });
  await page.waitForSelector('#curve:not([hidden])');
  assert.deepEqual([await textOf(page, '#day'), await textOf(page, '#days-left')], ['Đã ngừng hoạt động', 'từ ngày 2/5/2022']);
  assert.deepEqual([await page.isVisible('#fact-3'), (await textOf(page, '#fact-2')).replace(/\s+/g, ' ')], [false, 'còn thiếu 191']);
  assert.deepEqual(await page.$$eval('#curve-ahead, #curve-needed', (all) => all.map((line) => line.getAttribute('d'))), ['', '']);
  await picture(page, 'union-closed');
  // A period that was over before is as it was.
  const closedLater = { ...state, within: { ...ofUnion, closedOn: '2022-06-20' }, since: '2022-07-01', asOf: '2022-07-01T03:00:00Z' };
  tell(closedLater);
  await page.waitForFunction(() => document.querySelector('#day').textContent === 'Đã kết thúc');
  await close();
});

test('titles that the board lists are no news, and end with no name that its head says', { timeout }, async () => {
  const state = board({ rows: [], submitted: 12, target: 20, within: ofUnion });
  const titles = Array.from({ length: 6 }, (_, at) => title(at, `Sáng kiến thứ ${at + 1}`, { name: ofUnion.name }, `2022-05-1${at}T03:00:00Z`));
  const { page, close } = await playing(browser, state, { ...SUPPORTED, more: beside(state, titles, place) });
  await page.waitForSelector('#fill-list li');
  const listed = await page.locator('#fill-list b:visible').allTextContents();
  assert.equal(listed.length, 5);
  assert.ok((await page.locator('#fill-list small').allTextContents()).every((text) => /^\d+\/5$/.test(text)));
  await page.waitForFunction(() => document.querySelector('#news-what').textContent === 'Sáng kiến thứ 1');
  assert.equal(await textOf(page, '#news-where'), '');
  await close();
});

test('at its end a grassroots union says that its rank is of now', { timeout }, async () => {
  const state = board({ rows: [], submitted: 12, target: 20, within: ofUnion, asOf: '2022-06-02T03:00:00Z' });
  const { page, close } = await playing(browser, closed(state, state), { ...SUPPORTED, query: '?unit=played&period=p', more: beside(state, [], place) });
  await page.waitForSelector('#place:not([hidden])');
  assert.deepEqual([await textOf(page, '#standing'), await textOf(page, '#stamp')], ['nay hạng 12/83', 'đã kết thúc 31/5 24:00: 12']);
  await close();
});

test('a screen that may see the teams of a grassroots union shows them', { timeout }, async () => {
  const state = board({ rows: [], submitted: 12, target: 20, projected: 30, within: ofUnion });
  const teams = [['Tổ may 1', 3], ['Tổ may 2', 5], ['Tổ là', 0], ['*', 2], [null, 2]].map(([key, submitted]) => ({ key, submitted, accepted: 0 }));
  const asked = [];
  const more = ({ variables }) => { asked.push(variables); return beside(state, [title(1, 'Máy rửa tay')], { ...place, teams }); };
  const { page, close } = await playing(browser, state, { ...SUPPORTED, more });
  await page.waitForSelector('#teams-list li');
  assert.equal(asked[0].isOwn, true);
  assert.deepEqual((await page.locator('#teams-list li').allTextContents()).map((text) => text.trim()), ['Tổ may 25', 'Tổ may 13']);
  assert.deepEqual(await page.locator('#fill-list b').allTextContents(), ['Máy rửa tay']);
  await holdsTogether(page);
  await picture(page, 'teams');
  await close();
});

test('bars keep their meaning in a rush, and end at one place', { timeout }, async () => {
  const ratios = [14, 8.7, 8.5, 5.3, 2.6, 2.5, 1, 0.5];
  const state = board({ rows: rows(8, (at) => ({ submitted: 100 * ratios[at], target: 100 })), submitted: 4_310, target: 800 });
  const { page, close } = await playing(browser, state, SUPPORTED);
  const bars = await page.$$eval('#rows .bar', (all) => all.map((bar) => {
    const track = bar.parentElement.getBoundingClientRect();
    return [(bar.getBoundingClientRect().right - track.left) / track.width, track.right];
  }));
  bars.forEach(([filled], at) => assert.ok(Math.abs(filled - ratios[at] / 14) < 0.01, `${filled} of ${ratios[at]}`));
  assert.equal(new Set(bars.map(([, right]) => Math.round(right))).size, 1);
  await close();
});

test('the figure that ranks comes first, and once', { timeout }, async () => {
  const of = async (rankBy, value) => {
    const all = rows(3, (at) => ({ submitted: 90 - at, gained: 7 - at })).map((entry) => ({ ...entry, value: value(entry) }));
    const { page, close } = await playing(browser, { ...board({ rows: all, submitted: 267, target: 1_200 }), rankBy }, { ...SUPPORTED, query: `?unit=played&rankBy=${rankBy}` });
    const [heads, texts] = [(await headsOf(page)).slice(1), (await textsOf(page, 0)).slice(3)];
    await close();
    return [heads, texts];
  };
  assert.deepEqual(await of('GAINED', ({ gained }) => gained), [['hôm nay', 'đăng ký'], ['+7', '90']]);
  assert.deepEqual(await of('BENEFIT', () => 2.34e9), [['làm lợi', 'hợp lệ'], ['2,3 tỷ', '30']]);
  assert.deepEqual(await of('PER_1000_MEMBERS', () => 12.34), [['trên 1.000', 'đăng ký'], ['12,3', '90']]);
  assert.deepEqual(await of('SUBMITTED', ({ tally }) => tally.submitted), [['đăng ký', 'đạt', 'hôm nay'], ['90', '22,5%', '+7']]);
  assert.deepEqual(await of('ACCEPTED', ({ tally }) => tally.accepted), [['hợp lệ'], ['30']]);
});

test('in a rush only rows whose rank changed light up', { timeout }, async () => {
  const at = (counts) => board({ rows: rows(8, (number) => ({ submitted: counts[number], target: 1_000 })), submitted: 5_000, target: 9_000 });
  const counts = [900, 800, 700, 600, 500, 400, 200, 100];
  const { page, tell, close } = await playing(browser, at(counts), { ...SUPPORTED, prepare: (page) => page.clock.install() });
  const shown = (text) => page.waitForFunction((text) => document.querySelector('#rows').innerText.includes(text), text);
  tell(at(counts.map((count, number) => (number === 4 ? count + 1 : count))));
  await shown('501');
  assert.equal(await page.locator('#rows .row.lit').count(), 1);
  await page.clock.runFor('00:05');
  // All count more; those that change places are lit, up and down.
  tell(at([901, 801, 701, 601, 502, 401, 201, 211]));
  await shown('211');
  assert.deepEqual((await page.locator('#rows .row.lit .name').allTextContents()).sort(), ['Huyện Tân Phú', 'Huyện Xuân Lộc']);
  await close();
});

test('a title that is gone moves nothing of the next one', { timeout }, async () => {
  const state = STATES.ties;
  const more = beside(state, [title(1, 'Cải tiến đồ gá hàn khung xe '.repeat(20))]);
  const { page, tell, close } = await playing(browser, state, { ...SUPPORTED, more: () => more, prepare: (page) => page.clock.install() });
  await page.waitForFunction(() => document.querySelector('#news-what').textContent !== '');
  // Another period begins before the first step, with no titles yet.
  const period = { ...CAMPAIGN, code: 'q' };
  Object.assign(more, beside({ ...state, period }));
  tell({ ...state, period });
  await page.waitForFunction(() => document.querySelector('#news-what').textContent === '');
  await page.clock.runFor('00:08');
  assert.equal(await page.$eval('#news-text', (text) => text.style.transform), '');
  await close();
});

test('a question without an answer is asked again', { timeout }, async () => {
  const state = STATES.ties;
  let questions = 0;
  const more = () => {
    questions += 1;
    return questions === 1 ? undefined : beside(state);
  };
  const { page, asked, close } = await playing(browser, state, { ...SUPPORTED, query: '?unit=played&hold=0', more, prepare: (page) => page.clock.install() });
  await page.clock.pauseAt(await page.evaluate(() => Date.now() + 500));
  // Second by second, so that the line's pings are answered meanwhile.
  for (let seconds = 0; seconds < 34; seconds += 1) {
    assert.equal(questions, seconds < 29 ? 1 : questions, `${seconds} s`);
    await page.clock.runFor(1_000);
  }
  await page.waitForSelector('#curve:not([hidden])');
  assert.equal(questions, 2);
  assert.equal(asked.length, 1, 'the line stayed');
  await close();
});

test('titles of any length move through the foot', { timeout }, async () => {
  const titles = csv('titles.csv').map(([text]) => text.replace(/^"/, '')).sort((a, b) => b.length - a.length).slice(0, 8);
  const state = STATES.ties;
  const long = `${titles[0]} ${titles[1]} ${titles[2]}`;
  const { page, close } = await playing(browser, state, { ...SUPPORTED, more: beside(state, [title(1, long)]), prepare: (page) => page.clock.install() });
  await page.waitForFunction(() => document.querySelector('#news-what').textContent !== '');
  const hidden = () => page.evaluate(() => {
    const box = document.querySelector('#news').getBoundingClientRect();
    const { top, bottom } = document.querySelector('#news-text').getBoundingClientRect();
    return [box.top - top, bottom - box.bottom].map(Math.round);
  });
  const [above, below] = await hidden();
  assert.ok(Math.abs(above) < 4 && below > 20, `${above} ${below}`);
  let last = below;
  for (let steps = 0; last > 6 && steps < 6; steps += 1) {
    await page.clock.runFor('00:05');
    [, last] = await hidden();
  }
  assert.ok(last <= 6, `${last} px stay below`);
  await close();
});

test('what one sees at six metres is legible on a thumbnail', { timeout }, async () => {
  for (const query of ['', '&size=huge', '&theme=light']) {
    const { page, close } = await playing(browser, STATES.province, { ...SUPPORTED, query: `?unit=played${query}`, more: beside(STATES.province) });
    // Capitals of 28 px at 1080p, which are seven tenths of the size: 7 px at 480 × 270.
    const small = await page.$$eval('#within, #rows .row:first-child .name, #rows .row:first-child .figure:nth-child(4) b, #total, #fact-1 dt, #fact-1 dd, #day, #status-state, #time',
      (all) => all.map((element) => [element.id || element.className, parseFloat(getComputedStyle(element).fontSize)]).filter(([, size]) => size * 0.7 < 28));
    assert.deepEqual(small, [], query);
    await picture(page, `thumbnail${query.replace(/\W/g, '-')}`);
    await close();
  }
});

test('the pointer is hidden, and data that are invented are called so', { timeout }, async () => {
  const { page, close } = await playing(browser, STATES.ties, SUPPORTED);
  assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector('main')).cursor), 'none');
  await page.mouse.move(300, 300);
  assert.notEqual(await page.evaluate(() => getComputedStyle(document.querySelector('main')).cursor), 'none');
  assert.equal(await page.isVisible('.simulated'), false);
  await page.evaluate(() => { document.documentElement.dataset.figures = 'simulated'; });
  assert.equal(await textOf(page, '.simulated'), 'dữ liệu mô phỏng');
  await holdsTogether(page);
  await picture(page, 'simulated');
  await close();
});

/** The server tells of a refusal by a state without data, and ends what was followed after it. */
test('a board that is refused is asked for again once in a while', { timeout }, async () => {
  const { page, close } = await screen(browser);
  let asked = 0;
  await page.routeWebSocket(/graphql/, (socket) => socket.onMessage((text) => {
    const { type, id, payload } = JSON.parse(text);
    const send = (message) => socket.send(JSON.stringify(message));
    if (type === 'connection_init') send({ type: 'connection_ack' });
    if (type === 'ping') send({ type: 'pong' });
    if (type !== 'subscribe' || !payload.query.startsWith('subscription')) return;
    asked += 1;
    send({ id, type: 'next', payload: { data: { leaderboard: null }, errors: [{ message: 'no', extensions: { code: 'REF_NOT_FOUND' } }] } });
    send({ id, type: 'complete' });
  }));
  await page.clock.install();
  await page.goto(`${process.env.SANGKIEN_URL}/wall?unit=played`);
  await page.waitForSelector('#notice:not([hidden])');
  assert.equal(asked, 1);
  for (let second = 0; second < 150; second += 1) {
    await page.clock.runFor(1_000);
    await page.evaluate(() => document.title);
  }
  // Between 10 and 30 s lie between two.
  assert.ok(asked >= 4 && asked <= 16, `${asked} times`);
  await close();
});
