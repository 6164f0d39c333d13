// A Chromium of 2019, as televisions of 2021 have it: the one that the package chrome-aws-lambda brings, driven over its own
// protocol, since playwright knows none so old.

import { spawn } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { access, chmod, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { WebSocket } from 'ws';

const WITHIN_MS = 30_000;

/** The folder of the package's files; null where the package is not installed. */
async function found() {
  try {
    const bin = join(dirname(createRequire(import.meta.url).resolve('chrome-aws-lambda/package.json')), 'bin');
    await access(join(bin, 'chromium-76.0.3803.0.br'));
    return bin;
  } catch {
    return null;
  }
}

/** The browser; null where its package is not installed. `open` opens a page of that size at an address, with a script of ours that runs first. */
export async function launchOld() {
  const bin = await found();
  if (bin === null) return null;
  const folder = await mkdtemp(join(tmpdir(), 'sangkien-old-'));
  const program = join(folder, 'chromium');
  await pipeline(createReadStream(join(bin, 'chromium-76.0.3803.0.br')), createBrotliDecompress(), createWriteStream(program));
  await chmod(program, 0o755);
  const child = spawn(program, [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--hide-scrollbars',
    '--remote-debugging-port=0', `--user-data-dir=${join(folder, 'profile')}`, 'about:blank',
  ], { stdio: ['ignore', 'ignore', 'pipe'] });
  const address = await new Promise((listening, failed) => {
    let said = '';
    const timer = setTimeout(() => failed(new Error(said)), WITHIN_MS);
    child.once('exit', () => failed(new Error(said)));
    child.stderr.setEncoding('utf8').on('data', (text) => {
      said += text;
      const [, address] = /DevTools listening on ws:\/\/(\S+?)\//.exec(said) ?? [];
      if (address === undefined) return;
      clearTimeout(timer);
      listening(address);
    });
  });
  const ask = async (path) => (await fetch(`http://${address}${path}`)).json();
  const version = (await ask('/json/version')).Browser;
  return {
    version,
    open: async (url, size, first) => {
      const { webSocketDebuggerUrl } = await ask('/json/new?about:blank');
      return page(webSocketDebuggerUrl, url, size, first);
    },
    async close() {
      const gone = new Promise((ended) => { child.removeAllListeners('exit').once('exit', ended); });
      child.kill('SIGKILL');
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * `evaluate` runs a text in the page, `until` waits for one to be true, and says on failure what `told` is then; `picture` gives a
 * PNG; `complaints` are the errors of the page.
 */
async function page(debuggerUrl, url, [width, height], first) {
  const socket = new WebSocket(debuggerUrl, { perMessageDeflate: false });
  await new Promise((open, failed) => { socket.once('open', open).once('error', failed); });
  const waiting = new Map();
  const complaints = [];
  let last = 0;
  let loaded = () => {};
  socket.on('message', (data) => {
    const { id, method, params, result, error } = JSON.parse(data);
    if (method === 'Runtime.exceptionThrown') complaints.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
    if (method === 'Page.loadEventFired') loaded();
    if (id === undefined) return;
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error) reject(new Error(error.message));
    else resolve(result);
  });
  const send = (method, params = {}) => new Promise((resolve, reject) => {
    waiting.set(last += 1, { resolve, reject });
    socket.send(JSON.stringify({ id: last, method, params }));
  });
  await send('Page.enable');
  await send('Runtime.enable');
  await send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
  if (first) await send('Page.addScriptToEvaluateOnNewDocument', { source: first });
  const isLoaded = new Promise((fired) => { loaded = fired; });
  await send('Page.navigate', { url });
  await isLoaded;
  const evaluate = async (expression) => {
    const { result, exceptionDetails } = await send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  };
  return {
    complaints,
    evaluate,
    async until(expression, told = 'document.body.innerText') {
      // The page looks after each frame, and once for each change of it.
      const isTrue = await evaluate(`new Promise((over) => {
        const timer = setTimeout(() => done(false), ${WITHIN_MS});
        const changes = new MutationObserver(look);
        function done(isTrue) {
          changes.disconnect();
          clearTimeout(timer);
          over(isTrue);
        }
        function look() {
          const isTrue = Boolean(${expression});
          if (isTrue) done(true);
          return isTrue;
        }
        const frame = () => { if (!look()) requestAnimationFrame(frame); };
        changes.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
        frame();
      })`);
      if (!isTrue) throw new Error(`${expression}: ${JSON.stringify(await evaluate(told))} ${complaints}`);
    },
    picture: async () => Buffer.from((await send('Page.captureScreenshot', { format: 'png' })).data, 'base64'),
    close: () => socket.close(),
  };
}
