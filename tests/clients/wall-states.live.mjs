// What the wall shows of boards that are played to it (see played.mjs), at every size, and how it moves. Pictures are left in
// SANGKIEN_ARTEFACTS.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { board, CAMPAIGN, playing, row } from './played.mjs';
import { holdsTogether, launch, picture, shownBy, SIZES, textOf } from './screen.mjs';

const timeout = 120_000;

const SOME_SIZES = SIZES.filter(([width]) => [1920, 1080, 390].includes(width));

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const rows = (count, of) => Array.from({ length: count }, (_, at) => row(at, of(at)));
const dayAt = (at) => new Date(Date.UTC(2022, 3, 21 + at)).toISOString().slice(0, 10);

/** What is asked beside a board: its days, the later the more, and titles. */
function beside({ since, period, within, total }, titles = []) {
  const days = Math.round((Date.parse(since) - Date.parse(period.startsOn)) / 86_400_000) + 1;
  const most = total.submitted / (days * (days + 1));
  const daily = Array.from({ length: days }, (_, at) => ({ day: dayAt(at), submitted: Math.floor(2 * most * (at + 1)), accepted: 0 }));
  const { submitted, accepted, pending } = total;
  return {
    leaderboard: { since, period, total: { submitted, accepted, pending }, within: { ...within, daily, initiatives: { nodes: titles } } },
  };
}

const title = (id, text) => ({
  id, title: text, updatedAt: '2022-05-23T06:06:00Z', unit: { name: 'Công đoàn cơ sở Công ty Trách nhiệm hữu hạn một thành viên Cơ khí' },
});

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
    rows: rows(11, (at) => ({ submitted: [12, 9, 9, 9, 5, 5, 3, 3, 3, 3, 1][at], target: 12, gained: at % 3, previousRank: 1 + Math.floor(at / 2) })),
    submitted: 62, target: 132, projected: 140,
  }),
};

for (const [name, state] of Object.entries(STATES)) {
  test(`every size holds the state of ${name}`, { timeout }, async () => {
    for (const [width, height] of name === 'full' ? SIZES : SOME_SIZES) {
      const more = beside(state, [title(1, 'Cải tiến đồ gá hàn khung xe, giảm 30% thời gian thao tác và chi phí vật tư')]);
      const { page, complaints, close } = await playing(browser, state, { width, height, more, reducedMotion: 'reduce' });
      await page.waitForSelector('#curve:not([hidden])');
      await page.evaluate(() => document.fonts.ready);
      await holdsTogether(page);
      // Of these names none is so long that it would have to be cut.
      if (width > height) {
        const cut = await page.$$eval('.name', (names) =>
          names.filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth).map(({ textContent }) => textContent));
        assert.deepEqual(cut, [], `${name} at ${width}`);
      }
      await picture(page, `${name}-${width}x${height}`);
      assert.deepEqual(complaints, []);
      await close();
    }
  });
}

test('a row says rank, movement, name, share, count against target and gain', { timeout }, async () => {
  const { page, close } = await playing(browser, STATES.province);
  const texts = (at) => page.locator('.row').nth(at).locator('> span').allInnerTexts();
  assert.deepEqual((await texts(0)).map((text) => text.trim()), ['1', '', 'Huyện Long Thành', '142,6%', '1.284 / 900', '+118']);
  assert.deepEqual((await texts(1)).map((text) => text.trim()), ['2', '4', 'Thành phố Biên Hòa', '134,8%', '1.214 / 900', '+111']);
  const moves = await page.$$eval('.move', (all) => all.slice(0, 8).map(({ ariaLabel }) => ariaLabel));
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
  assert.deepEqual(await page.locator('.rank').allTextContents(), ['1', '2', '2', '2', '5', '5', '7', '7', '7', '7', '11']);
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
    [ranks.slice(0, 11), 'trang 1/2 · 12 đơn vị chưa có sáng kiến'], [ranks.slice(11), 'trang 2/2 · 12 đơn vị chưa có sáng kiến'],
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
    rows: rows(11, (at) => ({ submitted: [12, 9, 9, 9, 5, 5, 3, 3, 3, 3, 13][at], target: 12 })), submitted: 162, target: 132,
  }));
  await page.waitForFunction(() => document.getAnimations().filter(({ id }) => id === 'glide').length === 11);
  // The same row, on top of those that it passes.
  assert.equal(await last.evaluate((row) => row === document.querySelector('.row')), true);
  assert.match(await last.getAttribute('class'), /lit/);
  assert.match(await last.getAttribute('class'), /risen/);
  assert.equal(await page.locator('.row.lit').count(), 1);
  await page.waitForFunction(() => document.querySelector('#total').textContent === '162');
  const between = (await totals()).map(Number);
  assert.ok(between.some((number) => number > 62 && number < 162), between.join());
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

test('one that was passed while nobody looked has its day', { timeout }, async () => {
  const accepted = { ...CAMPAIGN, metric: 'ACCEPTED' };
  const passed = board({ rows: rows(3, () => ({ submitted: 9_000 })), submitted: 9_300, target: null, period: accepted });
  const more = beside(passed);
  more.leaderboard.within.daily = [{ day: '2022-05-01', submitted: 0, accepted: 2_990 }, { day: '2022-05-06', submitted: 0, accepted: 20 }];
  const { page, close } = await playing(browser, passed, { more, reducedMotion: 'reduce' });
  await page.waitForFunction(() => document.querySelector('#milestone-when').textContent === 'ngày 6/5/2022');
  assert.equal(await textOf(page, '#milestone-what'), 'Mốc 3.000 sáng kiến hợp lệ');
  await close();
});

test('the news are accepted titles, as text, and of others only how many came in, and where', { timeout }, async () => {
  const titles = [title(1, 'Khuôn <b>đúc</b>\u202e mới\u200b <script>alert(1)</script>'), title(2, 'נקודה Đồ gá'.normalize('NFD'))];
  const first = STATES.ties;
  const { page, tell, complaints, close } = await playing(browser, first, {
    more: beside(first, titles), prepare: (page) => page.clock.install(), reducedMotion: 'reduce',
  });
  await page.waitForFunction(() => document.querySelector('#news-what').textContent !== '');
  const counts = [12, 9, 9, 9, 5, 5, 3, 3, 3, 3, 3];
  tell(board({ rows: rows(11, (at) => ({ submitted: counts[at], target: 12 })), submitted: 64, target: 132 }));
  await page.waitForFunction(() => document.querySelector('#total').textContent === '64');
  const news = new Set();
  for (let times = 0; times < 6; times += 1) {
    news.add((await textOf(page, '#news')).replace(/\s+/g, ' '));
    await page.clock.fastForward('00:09');
  }
  const where = '· CĐCS Công ty TNHH MTV Cơ khí';
  assert.deepEqual([...news].sort(), [
    `13:06 Khuôn <b>đúc</b> mới <script>alert(1)</script> ${where}`, `13:06 נקודה Đồ gá ${where}`,
    '14:06 2 sáng kiến mới từ Huyện Định Quán',
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
  assert.match(await textOf(page, '#status'), /máy chủ chưa đọc được cơ sở dữ liệu · số liệu của 2 phút trước/);
  assert.equal(await page.locator('.row').count(), rows);
  await holdsTogether(page);
  await picture(page, 'behind');
  // What comes again is no newer.
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
