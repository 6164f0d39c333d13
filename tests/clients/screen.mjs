// A screen with the wall on it: a browser, and between it and the server a line that can be cut or fall silent.

import assert from 'node:assert/strict';
import net from 'node:net';
import { chromium } from 'playwright-core';

/** Widths and heights of the screens. */
export const SIZES = [[1920, 1080], [3840, 2160], [1080, 1920], [1366, 768], [390, 844]];

/**
 * A line to the server at that address. `cut` refuses all, `silence` lets everything stand and says nothing more, `mend` ends both.
 * Without sockets it lets requests alone pass, as some proxies do.
 */
export async function line(address = process.env.SANGKIEN_URL, { passesSockets = true } = {}) {
  const server = new URL(address);
  const open = new Set();
  let state = 'good';
  const listener = net.createServer((near) => {
    if (state === 'cut') return near.destroy();
    const far = net.connect(Number(server.port), server.hostname);
    const pair = { near, far };
    open.add(pair);
    const end = () => {
      near.destroy();
      far.destroy();
      open.delete(pair);
    };
    near.on('error', end).on('close', end);
    far.on('error', end).on('close', end);
    if (!passesSockets) near.on('data', (chunk) => { if (/upgrade: websocket/i.test(chunk.toString('latin1'))) end(); });
    near.pipe(far);
    far.pipe(near);
    if (state === 'silent') hold(pair);
  });
  const hold = ({ near, far }) => {
    near.unpipe(far);
    far.unpipe(near);
  };
  await new Promise((listening) => { listener.listen(0, '127.0.0.1', listening); });
  // A test that fails leaves its line open; the file ends all the same.
  listener.unref();
  return {
    url: `http://127.0.0.1:${listener.address().port}`,
    cut() {
      state = 'cut';
      for (const { near } of open) near.destroy();
    },
    silence() {
      state = 'silent';
      open.forEach(hold);
    },
    mend() {
      state = 'good';
      // A connection that fell silent stays so; only later ones are good.
    },
    close() {
      for (const { near } of open) near.destroy();
      listener.close();
    },
  };
}

export const launch = () =>
  // Chromium as root has no sandbox; the pages are our own.
  chromium.launch({ executablePath: process.env.SANGKIEN_CHROMIUM, args: ['--no-sandbox'] });

/** A page of that size; what it complains about fails the test that asks for `complaints`. */
export async function screen(browser, { width = 1920, height = 1080, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, ...options });
  const page = await context.newPage();
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    // A lost line is told there as well, and is meant to be lost.
    if (message.type() === 'error' && !/WebSocket|Failed to load resource/.test(message.text())) {
      complaints.push(message.text());
    }
  });
  return { page, complaints, close: () => context.close() };
}

/** Waits for the board to be live. */
export const live = (page) => page.waitForSelector('#status[data-state=live]');

export const textOf = (page, selector) => page.locator(selector).innerText();

/** The foot's text: state, detail and time, in one line. */
export const statusOf = (page) => page.$eval('#status', (status) =>
  [...status.querySelectorAll('#status-state, #status-more, #time')].map(({ textContent }) => textContent).filter(Boolean).join(' · '));

/** Leaves a picture to be looked at. */
export async function picture(page, name) {
  // Rows that glide would be caught on their way.
  await page.evaluate(() => Promise.allSettled(document.getAnimations().map((running) => running.finished)));
  await page.screenshot({ path: `${process.env.SANGKIEN_ARTEFACTS}/${name}.png` });
}

/** The number that the wall shows above all. */
export const total = async (page) => Number((await textOf(page, '#total')).replaceAll('.', ''));
export const totalIs = (page, number, within) =>
  page.waitForFunction((text) => document.querySelector('#total').textContent === text, String(number), { timeout: within });

/** The texts of an element from now on, one after the other: the function gives those so far. */
export async function shownBy(page, selector) {
  const values = await page.evaluateHandle((selector) => {
    const element = document.querySelector(selector);
    const values = [];
    new MutationObserver(() => values.push(element.textContent))
      .observe(element, { subtree: true, childList: true, characterData: true });
    return values;
  }, selector);
  return () => values.jsonValue();
}

/** Nothing sticks out of the screen, and nothing lies over something else. */
export async function holdsTogether(page) {
  const found = await page.evaluate(() => {
    const problems = [];
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) problems.push(`${scrollWidth} wide on ${clientWidth}`);
    const box = (element) => element.getBoundingClientRect();
    const rows = [...document.querySelectorAll('.row')].map(box);
    rows.slice(1).forEach((row, at) => {
      if (row.top < rows[at].bottom - 1) problems.push(`row ${at + 2} over row ${at + 1}`);
    });
    for (const row of document.querySelectorAll('.row')) {
      const parts = [...row.children].filter((part) => part.textContent && box(part).height);
      for (const part of parts) {
        if (box(part).right > box(row).right + 2 || box(part).left < box(row).left - 2) {
          problems.push(`${part.className} sticks out: ${part.textContent}`);
        }
      }
    }
    const scrolls = matchMedia('(max-width: 760px)').matches;
    for (const element of document.querySelectorAll('header > *, aside > *, footer > :not(.unseen), #rest')) {
      const { right, bottom, height } = box(element);
      if (height && right > innerWidth + 1) problems.push(`${element.id || element.className} sticks out`);
      if (height && !scrolls && bottom > innerHeight + 1) problems.push(`${element.id || element.className} lies below`);
    }
    const wide = document.querySelector('aside').getBoundingClientRect().right;
    for (const element of document.querySelectorAll('aside :is(p, dd, dt)')) {
      const text = document.createRange();
      text.selectNodeContents(element);
      if (box(text).right > wide + 4) problems.push(`${element.textContent} is wider than its side`);
    }
    // Below the rows stand what is not ranked, one's own row, what is left to say, and the fill of a small board.
    const below = [...document.querySelectorAll('#rows, #fill, #mine, #unranked, #rest')].filter((element) => box(element).height);
    below.sort((one, other) => box(one).top - box(other).top);
    below.slice(1).forEach((element, at) => {
      if (!scrolls && box(element).top < box(below[at]).bottom - 1) problems.push(`${element.id} over ${below[at].id}`);
    });
    const side = [...document.querySelectorAll('aside > *'), ...below].filter((element) => box(element).height);
    const end = box(document.querySelector('footer')).top;
    for (const element of side) {
      if (!scrolls && box(element).bottom > end + 1) problems.push(`${element.id || element.className} under the foot`);
    }
    return problems;
  });
  assert.deepEqual(found, []);
}
