// A screen with the wall on it: a browser, and between it and the server a line that can be cut or fall silent.

import assert from 'node:assert/strict';
import net from 'node:net';
import { chromium } from 'playwright-core';

const server = new URL(process.env.SANGKIEN_URL);

/** A line to the server. `cut` refuses all, `silence` lets everything stand and says nothing more, `mend` ends both. */
export async function line() {
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
    near.pipe(far);
    far.pipe(near);
    if (state === 'silent') hold(pair);
  });
  const hold = ({ near, far }) => {
    near.unpipe(far);
    far.unpipe(near);
  };
  await new Promise((listening) => { listener.listen(0, '127.0.0.1', listening); });
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
      // What fell silent stays so; only what comes after it is good.
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
      const parts = [...row.children].filter((part) => part.textContent);
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
    const side = [...document.querySelectorAll('aside > *')].filter((element) => box(element).height);
    const end = box(document.querySelector('footer')).top;
    for (const element of side) {
      if (!scrolls && box(element).bottom > end + 1) problems.push(`${element.id || element.className} under the foot`);
    }
    return problems;
  });
  assert.deepEqual(found, []);
}
