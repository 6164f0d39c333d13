// The wall in a real browser (see live.mjs and screen.mjs). SANGKIEN_CONTROL sets the server's clock, and pictures of the
// states are left in SANGKIEN_ARTEFACTS, to be looked at.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { ask, submit } from './live.mjs';
import { SIZES, holdsTogether, launch, line, live, picture, screen, shownBy, statusOf, textOf, total, totalIs } from './screen.mjs';

const require = createRequire(import.meta.url);
const jsQR = require('jsqr');
const axe = readFileSync(require.resolve('axe-core'), 'utf8');

const timeout = 120_000;
/** The wall's promise. */
const UPDATE_MS = 1_000;

let browser;
let way;
before(async () => {
  browser = await launch();
  way = await line();
  await setUp();
});
after(async () => {
  way.close();
  await browser.close();
});

const UPSERT_UNIT = `mutation ($input: UpsertUnitInput!) { upsertUnit(input: $input) { errors { message path } } }`;
const UPSERT_PERIOD = `mutation ($input: UpsertPeriodInput!) { upsertPeriod(input: $input) { errors { message path } } }`;
const SET_TARGETS = `mutation ($input: SetTargetsInput!) { setTargets(input: $input) { errors { message path } } }`;
const REVIEW = `mutation ($input: ReviewInitiativeInput!) { reviewInitiative(input: $input) { errors { message path } } }`;

async function change(document, input) {
  const [payload] = Object.values(await ask(document, { input }));
  assert.deepEqual(payload.errors, []);
}

const clock = (now) => fetch(`${process.env.SANGKIEN_CONTROL}/clock/${encodeURIComponent(now)}`, { method: 'POST' });

const unit = (code, name, kind, parent) =>
  change(UPSERT_UNIT, { code, name, kind, parent: { code: parent } });

const goals = (period, counts) => change(SET_TARGETS, {
  period: { code: period },
  goals: Object.entries(counts).map(([code, count]) => ({ unit: { code }, goal: { count } })),
});

const NAMES = [
  'Liên đoàn Lao động huyện Long Thành', 'Liên đoàn Lao động thành phố Biên Hòa', 'Công đoàn ngành Giáo dục',
  'Liên đoàn Lao động huyện Nhơn Trạch', 'Công đoàn các Khu công nghiệp Biên Hòa', 'Công đoàn ngành Y tế',
  'Liên đoàn Lao động huyện Trảng Bom', 'Liên đoàn Lao động thành phố Long Khánh', 'Liên đoàn Lao động huyện Vĩnh Cửu',
  'Công đoàn Viên chức tỉnh', 'Liên đoàn Lao động huyện Xuân Lộc', 'Liên đoàn Lao động huyện Tân Phú',
  'Liên đoàn Lao động huyện Thống Nhất', 'Liên đoàn Lao động huyện Cẩm Mỹ', 'Liên đoàn Lao động huyện Định Quán',
];
const code = (number) => `wall-${number}`;

/** A federation of fifteen units, five of which have nothing yet, over two days. */
async function setUp() {
  await unit('wall', 'Liên đoàn Lao động tỉnh Đồng Tháp Mười', 'PROVINCIAL_FEDERATION', 'tld');
  for (const [number, name] of NAMES.entries()) await unit(code(number), name, 'DISTRICT_FEDERATION', 'wall');
  const counts = Object.fromEntries(NAMES.map((_, number) => [code(number), 6 + number]));
  await goals('campaign', { ...counts, wall: 120 });
  for (const [number] of NAMES.slice(0, 10).entries()) {
    for (let times = 0; times < 9 - number; times += 1) await submit(code(number));
  }
  await clock('2022-05-11T09:30:00+07:00');
  for (const number of [1, 1, 1, 3, 3, 6, 9]) await submit(code(number));
  const { unit: found } = await ask('{ unit(ref: { code: "wall" }) { initiatives(first: 3) { nodes { id } } } }');
  for (const { id } of found.initiatives.nodes) await change(REVIEW, { id, decision: 'ACCEPT' });
  for (const period of [
    { code: 'over', name: 'Tuần cao điểm tháng Tư', kind: 'PEAK_WEEK', startsOn: '2022-05-04', endsOn: '2022-05-10' },
    { code: 'coming', name: 'Tuần cao điểm tháng Sáu', kind: 'PEAK_WEEK', startsOn: '2022-06-01', endsOn: '2022-06-07' },
    { code: 'own', name: 'Đợt 34 ngày', kind: 'OTHER', startsOn: '2022-04-27', endsOn: '2022-05-30' },
  ]) {
    await change(UPSERT_PERIOD, { ...period, owner: { code: 'wall' } });
  }
}

async function open(query, options) {
  const shown = await screen(browser, options);
  await shown.page.goto(`${way.url}/wall${query}`);
  return shown;
}

test('a submission is on the board within a second, without a reload', { timeout }, async () => {
  const { page, complaints, close } = await open('?unit=wall', { reducedMotion: 'reduce' });
  await live(page);
  await page.evaluate(() => { window.sameAsBefore = true; });
  const had = await total(page);
  const row = page.locator('.row', { hasText: 'Huyện Trảng Bom' });
  const counted = Number(await row.locator('.figure').nth(1).locator('b').innerText());
  await submit(code(6));
  await totalIs(page, had + 1, UPDATE_MS);
  assert.equal(await row.locator('.figure').nth(1).locator('b').innerText(), String(counted + 1));
  assert.equal(await page.evaluate(() => window.sameAsBefore), true);
  assert.match(await row.getAttribute('class'), /lit/);
  assert.deepEqual(complaints, []);
  await close();
});

test('it says what is counted, in which days, against which target', { timeout }, async () => {
  const { page, close } = await open('?unit=wall');
  await live(page);
  assert.equal(await textOf(page, '#within'), 'Liên đoàn Lao động tỉnh Đồng Tháp Mười');
  assert.equal(await textOf(page, '#measure'), 'sáng kiến đã đăng ký so với chỉ tiêu');
  assert.equal(await textOf(page, '#day'), 'Còn 20 ngày');
  assert.equal(await textOf(page, '#days-left'), '11/5/2022 · đến hết 31/5');
  assert.match(await textOf(page, '#target'), /chỉ tiêu 120/);
  assert.match(await textOf(page, '#pending'), /chờ xét duyệt/);
  assert.match(await textOf(page, '#fact-2'), /cần mỗi ngày/);
  assert.match(await textOf(page, '#fact-3'), /dự kiến 31\/5/);
  await page.waitForSelector('#curve:not([hidden])');
  assert.match(await page.locator('#curve-title').textContent(), /từ 21\/4 đến 11\/5/);
  assert.notEqual(await page.getAttribute('#curve-needed', 'd'), '');
  assert.match(await statusOf(page), /trực tiếp · số liệu lúc · 09:30/);
  // Those without anything are a number, and no rows.
  assert.equal(await page.locator('.row').count(), 8);
  assert.match(await textOf(page, '#rest'), /5 đơn vị chưa có sáng kiến/);
  await page.waitForFunction(() => document.querySelector('#news-what').textContent === 'Cải tiến khuôn đúc');
  await close();
});

test('the days of the clock may be others than those that are counted', { timeout }, async () => {
  const { page, close } = await open('');
  await page.waitForSelector('#found button');
  // Not even at first does it show others.
  await page.addInitScript(() => {
    window.days = [];
    document.addEventListener('DOMContentLoaded', () => {
      const element = document.querySelector('#day');
      new MutationObserver(() => window.days.push(element.textContent)).observe(element, { childList: true });
    });
  });
  await page.goto(`${way.url}/wall?unit=wall&period=phase-1&window=own`);
  await page.waitForFunction(() => document.querySelector('#day').textContent === 'Còn 19 ngày');
  assert.deepEqual(await page.evaluate(() => window.days), ['Còn 19 ngày']);
  assert.equal(await textOf(page, '#period'), 'Giai đoạn 1');
  await close();
});

test('a window that comes to be is shown', { timeout }, async () => {
  const { page, close } = await open('');
  await page.clock.install();
  await page.goto(`${way.url}/wall?unit=wall&window=late`);
  await page.waitForFunction(() => /“late”/.test(document.querySelector('#notice').textContent));
  const period = { code: 'late', name: 'Đợt 28 ngày', kind: 'OTHER', startsOn: '2022-05-02', endsOn: '2022-05-29' };
  await change(UPSERT_PERIOD, { ...period, owner: { code: 'wall' } });
  for (let asked = 0; asked < 3; asked += 1) await page.clock.fastForward('00:10');
  await page.waitForFunction(() => document.querySelector('#day').textContent === 'Còn 18 ngày');
  assert.equal(await page.isVisible('#notice'), false);
  await close();
});

test('kinds, first and lang say which units, how many, and in which language', { timeout }, async () => {
  const { page, close } = await open('?unit=tld&kinds=DISTRICT_FEDERATION&first=3&lang=en&rankBy=ACCEPTED');
  await live(page);
  assert.equal(await page.locator('.row').count(), 3);
  assert.match(await textOf(page, '#rest'), /^\d+ units without initiatives yet$/);
  assert.match(await textOf(page, '#unranked'), /^\d+ more units that have begun: \d+$/);
  assert.equal(await textOf(page, '#measure'), 'by initiatives accepted');
  assert.match(await statusOf(page), /^live · as of · 09:30/);
  assert.equal(await page.getAttribute('html', 'lang'), 'en');
  await page.goto(`${way.url}/wall?unit=tld&cluster=${encodeURIComponent('Đông Nam Bộ')}`);
  await live(page);
  assert.match(await textOf(page, '#empty'), /1 đơn vị tham gia/);
  await close();
});

/** The boards of a screen in so many turns of five seconds. Time stands still but for these. */
async function turnsOf(query, shows, times) {
  const { page, close } = await open('');
  await page.clock.install();
  await page.goto(`${way.url}/wall${query}&rotate=5`);
  await live(page);
  await page.clock.pauseAt(await page.evaluate(() => Date.now() + 1_000));
  const shown = [await textOf(page, shows)];
  while (shown.length < times) {
    // Each board stays until all of its pages were shown, and the next one comes once the server has told it.
    const isNext = () => page.waitForFunction(([shows, last]) => document.querySelector(shows).textContent !== last, [shows, shown.at(-1)], { timeout: 2_000 })
      .then(() => true, () => false);
    do await page.clock.fastForward('00:05'); while (!await isNext());
    await page.waitForSelector('.row');
    shown.push(await textOf(page, shows));
  }
  await holdsTogether(page);
  await close();
  return shown;
}

test('a screen shows in turn the boards below that have begun', { timeout }, async () => {
  const root = 'Tổng Liên đoàn';
  assert.deepEqual(await turnsOf('?unit=tld', '#within', 3), [root, 'Liên đoàn Lao động tỉnh Đồng Tháp Mười', root]);
});

test('where there are no boards below, it shows in turn what can rank', { timeout }, async () => {
  assert.deepEqual(await turnsOf('?unit=wall', '#measure', 4), [
    'sáng kiến đã đăng ký so với chỉ tiêu', 'theo số sáng kiến đã đăng ký', 'sáng kiến đã đăng ký so với chỉ tiêu', 'theo số tăng hôm nay',
  ]);
});

test('a board that cannot be shown any more says why, and stays', { timeout }, async () => {
  const { page, close } = await open('?unit=wall');
  await live(page);
  const refused = `{"type":"error","id":"f1","payload":[{"message":"Đơn vị đã giải thể"}]}`;
  await page.goto('about:blank');
  await page.routeWebSocket(/graphql/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => {
      socket.send(message);
      if (JSON.parse(message).type === 'next') socket.send(refused);
    });
  });
  await page.goto(`${way.url}/wall?unit=wall`);
  await page.waitForFunction(() => /Đơn vị đã giải thể/.test(document.querySelector('#status-state').textContent));
  assert.equal(await page.getAttribute('#status', 'data-state'), 'lost');
  assert.equal(await page.locator('.row').count(), 8);
  await close();
});

test('what is wrong with an address is named', { timeout }, async () => {
  const { page, complaints, close } = await open('');
  for (const [query, told] of [
    ['?unit=nobody', /Không có đơn vị mã “nobody”/],
    ['?unit=wall&period=never', /Không có đợt thi đua mã “never”/],
    ['?unit=wall&window=never', /Không có đợt thi đua mã “never”\s+Chọn lại bảng\s+bảng tự hiện ra khi có/],
    ['?unit=wall&rankBy=BEST', /rankBy=BEST: chỉ nhận TARGET_RATIO, SUBMITTED/],
    ['?unit=wall&first=0', /first=0: chỉ nhận 1–500/],
    ['?unit=wall&rotate=1', /rotate=1: chỉ nhận 5–3600/],
    ['?unit=wall&cluster=A&kinds=SECTION', /cluster không đi cùng kinds/],
    ['?unit=wall&colour=red', /không có tham số “colour”/],
    ['?unit=wall&kinds=CLUB&lang=en', /kinds=CLUB: takes CONFEDERATION/],
    ['?unit=%3Cimg%20src=x%20onerror=alert(1)%3E', /“<img src=x onerror=alert\(1\)>”/],
  ]) {
    await page.goto(`${way.url}/wall${query}`);
    await page.waitForFunction(() => !document.querySelector('#notice').hidden);
    assert.match(await textOf(page, '#notice'), told, query);
  }
  assert.deepEqual(complaints, []);
  await close();
});

test('periods that are over or have not begun say so', { timeout }, async () => {
  const { page, close } = await open('?unit=wall&period=over');
  await live(page);
  assert.equal(await textOf(page, '#day'), 'Đã kết thúc');
  assert.equal(await textOf(page, '#days-left'), '24:00 ngày 10/5/2022');
  assert.match(await statusOf(page), /đã kết thúc, đang xét duyệt · số liệu lúc · 09:30/);
  // Nobody has a target for that week: then the counts rank.
  await page.waitForFunction(() => document.querySelector('#measure').textContent === 'theo số sáng kiến đã đăng ký');
  assert.deepEqual(await page.locator('.rank').allTextContents(), ['1', '2', '3', '4', '5', '6', '7', '8', '9']);
  await holdsTogether(page);
  await picture(page, 'over');
  await page.goto(`${way.url}/wall?unit=wall&period=coming`);
  await live(page);
  assert.equal(await textOf(page, '#day'), '21 ngày nữa');
  assert.equal(await textOf(page, '#days-left'), 'bắt đầu ngày 1/6/2022');
  assert.match(await textOf(page, '#empty'), /Đợt thi đua này chưa bắt đầu\s+15 đơn vị tham gia/);
  await picture(page, 'coming');
  await close();
});

test('names of any kind are shown as text, and the board holds together', { timeout }, async () => {
  await unit('odd', 'Tên lạ', 'PROVINCIAL_FEDERATION', 'tld');
  const names = [
    ['Công đoàn Giáo dục Đồng Nai'.normalize('NFD'), 'Công đoàn Giáo dục Đồng Nai'],
    ['Công đoàn Công ty trách nhiệm hữu hạn một thành viên '.repeat(3).slice(0, 119), null],
    ['W'.repeat(120), 'W'.repeat(120)],
    ['\u202eCông đoàn ngược', null],
    ['נקודה אחת Công đoàn', 'נקודה אחת Công đoàn'],
    ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
    ['<b>Đậm</b> & "ngoặc"', '<b>Đậm</b> & "ngoặc"'],
  ];
  for (const [number, [name]] of names.entries()) {
    const input = { code: `odd-${number}`, name, kind: 'DISTRICT_FEDERATION', parent: { code: 'odd' } };
    const { upsertUnit } = await ask(UPSERT_UNIT, { input });
    // A name that the server does not take is not shown.
    if (upsertUnit.errors.length === 0) await submit(`odd-${number}`);
  }
  for (const [width, height] of SIZES) {
    const { page, complaints, close } = await open('?unit=odd', { width, height, reducedMotion: 'reduce' });
    await live(page);
    const shown = await page.locator('.name').allTextContents();
    // A name that is too long for two lines is whole in its title.
    const whole = await page.$$eval('#rows .name', (all) => all.map((name) => name.title));
    for (const [, text] of names) if (text) assert.ok(whole.includes(text), `${text} in ${whole}`);
    assert.equal(new Set(shown).size, shown.length);
    assert.ok(shown.every((name) => !/[\u200b-\u200f\u202a-\u202e]/.test(name)));
    assert.equal(await page.locator('.row img, .row .name b').count(), 0);
    await holdsTogether(page);
    await picture(page, `odd-${width}x${height}`);
    assert.deepEqual(complaints, []);
    await close();
  }
});

test('every size of screen is filled, and read from across a room', { timeout }, async () => {
  for (const [width, height] of SIZES) {
    // Dark: see wall-states.live.mjs.
    const { page, close } = await open('?unit=wall&theme=light', { width, height, reducedMotion: 'reduce' });
    await live(page);
    await page.waitForSelector('#curve:not([hidden])');
    await page.evaluate(() => document.fonts.ready);
    await holdsTogether(page);
    const sizes = await page.$$eval('.row :is(.rank, .name, .figure b, .figure small), #total, #status-state, #time, #day, #within, #fact-1 :is(dt, dd)',
      (parts) => parts.map((part) => parseFloat(getComputedStyle(part).fontSize)));
    if (width === 1920) assert.ok(Math.min(...sizes) >= 40, `${Math.min(...sizes)} px`);
    const font = await page.evaluate(() => document.fonts.check('600 40px "Be Vietnam Pro"', 'Đồng Nai ữ'));
    assert.ok(font);
    await picture(page, `light-${width}x${height}`);
    await close();
  }
});

test('who wants no motion gets none', { timeout }, async () => {
  const { page, close } = await open('?unit=wall', { reducedMotion: 'reduce' });
  await live(page);
  const had = await total(page);
  await submit(code(4));
  await totalIs(page, had + 1);
  assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
  await close();
});

test('nothing serious is found by axe', { timeout }, async () => {
  for (const query of ['?unit=wall', '?unit=wall&theme=light', '?unit=nobody', '']) {
    const { page, close } = await open(query, { bypassCSP: true, reducedMotion: 'reduce' });
    if (query.includes('=wall')) await live(page);
    else await page.waitForSelector(query ? '#notice:not([hidden])' : '#found button[aria-pressed=true]');
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run());
    const serious = violations.filter(({ impact }) => ['serious', 'critical'].includes(impact));
    assert.deepEqual(serious.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), [], query);
    await close();
  }
});

/** The contrast of two colours, as #rrggbb or rgb(r, g, b). */
function contrast(...colours) {
  const [brighter, darker] = colours.map((colour) => {
    const parts = colour.startsWith('#') ? colour.match(/\w\w/g).map((part) => parseInt(part, 16)) : colour.match(/[\d.]+/g);
    const [red, green, blue] = parts.map((part) => (part <= 10 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }).sort((a, b) => b - a);
  return (brighter + 0.05) / (darker + 0.05);
}

// Axe says nothing of text on a ground that changes from colour to colour.
test('every text stands out from every ground of its theme', { timeout }, async () => {
  for (const theme of ['dark', 'light']) {
    for (const query of [`?unit=wall&theme=${theme}`, `?unit=nobody&theme=${theme}`]) {
      const { page, close } = await open(query, { reducedMotion: 'reduce' });
      await page.waitForSelector(query.includes('=wall') ? '.figure.gained b:not(:empty)' : '#notice:not([hidden])');
      const [grounds, texts] = await page.evaluate(() => {
        const style = getComputedStyle(document.documentElement);
        const hasText = ({ childNodes }) => [...childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
        const texts = [...document.querySelectorAll('body *')].filter((element) => hasText(element) && element.checkVisibility());
        return [
          ['--sky', '--ground', '--deep'].map((name) => style.getPropertyValue(name)),
          texts.map((element) => [element.className || element.id || element.localName, getComputedStyle(element).color]),
        ];
      });
      assert.ok(texts.length > (query.includes('=wall') ? 40 : 2), `${texts.length} texts`);
      const faint = texts.filter(([, colour]) => grounds.some((ground) => contrast(colour, ground) < 4.5));
      assert.deepEqual(faint, [], query);
      await close();
    }
  }
});

/** Types into a field of the chooser and picks what has that code. */
async function pick(page, field, text, code) {
  await page.fill(`#find-${field}`, text);
  await page.click(`#choose-${field} .found button[value="${code}"]`);
}

test('the chooser finds a unit and gives an address that opens its board', { timeout }, async () => {
  const { page, complaints, close } = await open('');
  await page.waitForSelector('#found button');
  await page.fill('#search', 'khong co dau ca');
  await page.waitForFunction(() => document.querySelector('#chooser-told').textContent === 'Không tìm thấy đơn vị nào theo “khong co dau ca”.');
  await page.fill('#search', 'dong thap muoi');
  const found = page.locator('#found button', { hasText: 'Đồng Tháp Mười' });
  // A name has its code beside it.
  assert.equal(await found.locator('code').innerText(), 'wall');
  await found.click();
  await page.waitForFunction(() => document.querySelector('#chosen').textContent.includes('Đồng Tháp Mười'));
  await pick(page, 'period', 'dot 34', 'own');
  await page.selectOption('#choose-rank', 'SUBMITTED');
  const address = `${way.url}/wall?unit=wall&period=own&rankBy=SUBMITTED`;
  assert.equal(await page.getAttribute('#address', 'href'), address);
  const { data, width, height } = await page.evaluate(() => {
    const canvas = document.querySelector('#code');
    const { width, height } = canvas;
    return { data: [...canvas.getContext('2d').getImageData(0, 0, width, height).data], width, height };
  });
  assert.equal(jsQR(Uint8ClampedArray.from(data), width, height).data, address);
  await picture(page, 'chooser');
  await page.click('button[type=submit]');
  await live(page);
  assert.equal(page.url(), address);
  assert.equal(await textOf(page, '#day'), 'Còn 19 ngày');
  assert.deepEqual(complaints, []);
  await close();
});

test('the chooser offers all that an address knows, in English too', { timeout }, async () => {
  const { page, complaints, close } = await open('?lang=en');
  await page.waitForSelector('#found button[aria-pressed=true]');
  await page.waitForSelector('#choose-what option[value=cluster]', { state: 'attached' });
  const said = await page.$$eval('#chooser label, #chooser option, #chooser button, #chooser-title, #chooser-how', (all) => all.map(({ textContent }) => textContent));
  assert.ok(said.length > 50 && said.every(Boolean));
  assert.match(await page.getAttribute('#briefing', 'href'), /[?&]lang=en/, 'the sheet of a meeting is in English too');
  const hints = await page.$$eval('#chooser [placeholder], #chooser [aria-label]', (all) => all.map((one) => one.placeholder || one.getAttribute('aria-label')));
  assert.ok(hints.length > 6 && hints.every(Boolean));
  said.push(...hints);
  assert.deepEqual(said.filter((text) => /Xếp hạng|Đơn vị|Chọn|Số |Màn hình/.test(text)), []);
  for (const [field, value] of [
    ['what', 'cluster'], ['rank', 'GAINED'], ['first', '10'], ['screen', '55'], ['distance', '6'], ['rotate', '60'],
  ]) await page.selectOption(`#choose-${field}`, value);
  const periods = Object.fromEntries((await ask('{ periods(first: 100) { nodes { code name } } }')).periods.nodes.map(({ code, name }) => [code, name]));
  await pick(page, 'cluster', 'dong nam', 'Đông Nam Bộ');
  await pick(page, 'period', periods.campaign, 'campaign');
  await pick(page, 'window', periods.programme.normalize('NFD').replace(/[\u0300-\u036f]/g, ''), 'programme');
  // A period that is named stays; the result of a running one is held for as long as is chosen.
  assert.equal(await page.isVisible('#hold-field'), false);
  await pick(page, 'me', 'dong nai', 'dong-nai');
  await pick(page, 'boards', 'dong thap muoi', 'wall');
  await pick(page, 'boards', 'ten la', 'odd');
  const chosen = async () => Object.fromEntries(new URL(await page.getAttribute('#address', 'href')).searchParams);
  const address = {
    unit: 'tld', cluster: 'Đông Nam Bộ', period: 'campaign', window: 'programme', rankBy: 'GAINED', first: '10', me: 'dong-nai', rotate: '60', boards: 'wall,odd', size: 'huge', lang: 'en',
  };
  assert.deepEqual(await chosen(), address);
  // A projector's ground is its wall.
  await page.selectOption('#choose-screen', '100');
  await page.selectOption('#choose-what', 'kinds');
  await pick(page, 'kinds', 'district', 'DISTRICT_FEDERATION');
  await pick(page, 'kinds', 'zone', 'ZONE_UNION');
  const { cluster: _, size: __, ...rest } = address;
  assert.deepEqual(await chosen(), { ...rest, kinds: 'DISTRICT_FEDERATION,ZONE_UNION', theme: 'light' });
  assert.equal(await textOf(page, '#readable'), 'Rows can be read from up to 7 m');
  // Text that fits nothing is said to.
  await page.fill('#find-kinds', 'nhung gi khong co');
  await page.waitForFunction(() => document.querySelector('#choose-kinds .told').textContent === 'Nothing is found by “nhung gi khong co”.');
  await page.fill('#find-boards', 'khong co gi ca');
  await page.waitForFunction(() => document.querySelector('#choose-boards .told').textContent !== '');
  // Enter takes the first that fits what is typed by then, and opens no board.
  await page.fill('#find-kinds', 'grass');
  await page.press('#find-kinds', 'Enter');
  await page.waitForSelector('#choose-kinds .picked button[value=GRASSROOTS_UNION]');
  await page.click('#choose-kinds .picked button[value=GRASSROOTS_UNION]');
  // A click takes a picked one away.
  await page.click('#choose-kinds .picked button[value=ZONE_UNION]');
  assert.equal((await chosen()).kinds, 'DISTRICT_FEDERATION');
  await page.click('#choose-period .picked button');
  await page.selectOption('#choose-hold', '7');
  assert.equal((await chosen()).hold, '7');
  // This server listens for its own machine alone.
  assert.match(await textOf(page, '#loopback'), /of no use to other screens.*--listen 0\.0\.0\.0:PORT$/s);
  assert.deepEqual([await page.$eval('#loopback-flag', (flag) => flag.getClientRects().length), await page.isVisible('#code')], [1, false]);
  // No choice is cut.
  const wide = await page.$$eval('#chooser select', (all) => all.map((select) => {
    const pen = document.createElement('canvas').getContext('2d');
    pen.font = getComputedStyle(select).font;
    const most = Math.max(...[...select.options].map(({ text }) => pen.measureText(text).width));
    return [select.id, most, select.clientWidth - 2 * parseFloat(getComputedStyle(select).paddingLeft) - 20];
  }).filter(([, most, room]) => most > room));
  assert.deepEqual(wide, []);
  // An address without what is to be chosen is not what was asked for, and says so.
  await page.click('#choose-kinds .picked button');
  assert.match(await textOf(page, '#unpicked'), /^No kind is chosen/);
  await page.selectOption('#choose-what', 'cluster');
  await page.click('#choose-cluster .picked button');
  assert.match(await textOf(page, '#unpicked'), /^No cluster is chosen/);
  assert.equal((await chosen()).cluster, undefined);
  await picture(page, 'chooser-en');
  await page.route('**/wall/address', (route) => route.fulfill({ json: { address: `192.168.1.20:${new URL(way.url).port}` } }));
  await page.goto(`${way.url}/wall`);
  await page.waitForFunction(() => document.querySelector('#address').href.startsWith('http://192.168.1.20:'));
  assert.match(await textOf(page, '#loopback'), /Máy khác mở bằng 192\.168\.1\.20/);
  // A name that is the same as what is typed comes first, before those that hold its words.
  await page.selectOption('#choose-what', 'kinds');
  await page.fill('#find-kinds', 'cong doan co so');
  await page.press('#find-kinds', 'Enter');
  await page.waitForSelector('#choose-kinds .picked button[value=GRASSROOTS_UNION]');
  assert.deepEqual(complaints, []);
  await close();
});

test('a token leaves the address at once; one that nobody knows is forgotten, and that is said', { timeout }, async () => {
  const { page, close } = await open('?unit=wall&token=nobody-knows-it');
  await page.waitForFunction(() => !location.search.includes('token'));
  assert.equal(new URL(page.url()).search, '?unit=wall');
  const isForgotten = () => page.evaluate(() => localStorage.getItem('sangkien.token') === null);
  await live(page);
  assert.match(await textOf(page, '#banner'), /^Mã truy cập .*: hiện số liệu công khai/);
  assert.ok(parseFloat(await page.$eval('#banner', (banner) => getComputedStyle(banner).fontSize)) >= 40);
  // It lies over nothing of the board, and leaves the curve large.
  await page.waitForSelector('#curve:not([hidden])');
  await page.waitForFunction(() => {
    const { top, bottom } = document.querySelector('#banner').getBoundingClientRect();
    const parts = [...document.querySelectorAll('.row, #rest, #curve, aside > *')];
    const isLarge = document.querySelector('#curve').getScreenCTM().a > 0.6;
    return isLarge && parts.every((part) => part.getBoundingClientRect().bottom <= top + 1) && bottom <= document.querySelector('footer').getBoundingClientRect().top + 1;
  });
  await holdsTogether(page);
  assert.ok(await isForgotten());
  await picture(page, 'forgot-token');
  await page.reload();
  await live(page);
  assert.equal(await textOf(page, '#banner'), '');
  // The chooser is no emptier for it.
  await page.goto(`${way.url}/wall?token=nobody-knows-it`);
  await page.waitForSelector('#found button[aria-pressed=true]');
  assert.match(await textOf(page, '#chooser-told'), /^Mã truy cập/);
  assert.ok(await isForgotten());
  // So it does where the rest of the address is wrong.
  await page.goto(`${way.url}/wall?unit=wall&colour=red&token=of-nobody`);
  await page.waitForSelector('#notice:not([hidden])');
  assert.equal(new URL(page.url()).search, '?unit=wall&colour=red');
  assert.equal(await page.evaluate(() => localStorage.getItem('sangkien.token')), 'of-nobody');
  await page.goto(`${way.url}/wall?unit=wall&token=${encodeURIComponent(process.env.SANGKIEN_TOKEN)}`);
  await live(page);
  await close();
});

test('it asks no other host, and is light', { timeout }, async () => {
  const shown = await screen(browser);
  const { page } = shown;
  const asked = [];
  page.on('request', (request) => asked.push(new URL(request.url())));
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  let [bytes, ofFonts] = [0, 0];
  const fonts = new Set();
  session.on('Network.responseReceived', ({ requestId, type }) => { if (type === 'Font') fonts.add(requestId); });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (fonts.has(requestId)) ofFonts += encodedDataLength;
    else bytes += encodedDataLength;
  });
  let sockets = 0;
  page.on('websocket', () => { sockets += 1; });
  await page.goto(`${way.url}/wall?unit=wall`);
  await live(page);
  await page.evaluate(() => document.fonts.ready);
  assert.ok(asked.every(({ origin }) => origin === way.url), String(asked));
  assert.equal(sockets, 1);
  assert.ok(bytes > 10_000 && bytes < 200 * 1024, `${bytes} bytes, and ${ofFonts} of fonts`);
  await shown.close();
});

test('midnight passes over the board', { timeout }, async () => {
  const { page, close } = await open('?unit=wall', { reducedMotion: 'reduce' });
  await live(page);
  assert.equal(await textOf(page, '#days-left'), '11/5/2022 · đến hết 31/5');
  await page.waitForFunction(() => document.querySelector('#fact-1 dt').textContent === 'hôm nay');
  // The last submission belongs to the day that ends.
  await submit(code(2));
  const gained = await shownBy(page, '#fact-1');
  await clock('2022-05-12T00:00:05+07:00');
  await page.waitForFunction(() => document.querySelector('#day').textContent === 'Còn 19 ngày');
  await page.waitForFunction(() => document.querySelector('#fact-1').textContent.trim() === 'hôm nay0', null, { timeout: 5_000 })
    .catch(async () => assert.fail(await page.textContent('#fact-1')));
  const today = (await gained()).slice(1).filter((text) => text.includes('hôm nay'));
  assert.ok(today.every((text) => /hôm nay(0|\+1\d)$/.test(text.trim())), today.join());
  await page.waitForFunction(() => [...document.querySelectorAll('.figure.gained')].every((gained) => gained.textContent.trim() === ''));
  await picture(page, 'midnight');
  await close();
});

test('phases change over the board that follows them, and end on the one that is pinned', { timeout }, async () => {
  await clock('2022-05-31T23:59:00+07:00');
  const following = await open('?unit=wall&hold=0', { reducedMotion: 'reduce' });
  const holding = await open('?unit=wall', { reducedMotion: 'reduce' });
  const pinned = await open('?unit=wall&period=campaign', { reducedMotion: 'reduce' });
  for (const { page } of [following, holding, pinned]) {
    await live(page);
    assert.match(await textOf(page, '#day'), /^Còn \d+ (giờ|phút)$/);
    await page.waitForSelector('#curve:not([hidden])');
  }
  const [had, held] = [await total(pinned.page), await total(holding.page)];
  const ended = await textOf(holding.page, '#period');
  const periods = await shownBy(holding.page, '#period');
  const facts = await shownBy(following.page, '.facts');
  await change(UPSERT_PERIOD, {
    code: 'phase-2', name: 'Giai đoạn 2', kind: 'PHASE', startsOn: '2022-06-01', endsOn: '2022-09-30',
    parent: { code: 'programme' }, owner: { code: 'tld' },
  });
  await clock('2022-06-01T00:00:05+07:00');
  await following.page.waitForFunction(() => document.querySelector('#day').textContent === 'Còn 121 ngày');
  assert.equal(await textOf(following.page, '#period'), 'Giai đoạn 2');
  await submit(code(0));
  await totalIs(following.page, 1);
  await following.page.waitForFunction(() => document.querySelector('#fact-1 dd').textContent === '+1');
  // The days of the phase before are no loss of this one.
  assert.ok((await facts()).every((text) => !text.includes('−')), (await facts()).join());
  await picture(following.page, 'phase-2');
  await pinned.page.waitForFunction(() => document.querySelector('#day').textContent === 'Đã kết thúc');
  assert.match(await statusOf(pinned.page), /đã kết thúc, đang xét duyệt/);
  assert.equal(await total(pinned.page), had);
  await pinned.page.waitForSelector('#curve:not([hidden])');
  await picture(pinned.page, 'ended');
  // The result stays where nobody says otherwise, with the moment that it is of.
  await holding.page.waitForFunction((text) => document.querySelector('#stamp').textContent === text, `đã kết thúc 31/5 24:00: ${held}`);
  assert.deepEqual([await total(holding.page), await textOf(holding.page, '#period'), await periods()], [held, ended, []]);
  await picture(holding.page, 'held-live');
  // A screen that is started then shows it too.
  await holding.page.reload();
  await holding.page.waitForFunction((text) => document.querySelector('#stamp').textContent === text, `đã kết thúc 31/5 24:00: ${held}`);
  await following.close();
  await holding.close();
  await pinned.close();
});
