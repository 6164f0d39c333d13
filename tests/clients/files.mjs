// A file server of one folder, for pages of modules.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname } from 'node:path';

const KINDS = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css' };

export async function files(folder) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://here');
    try {
      const text = await readFile(new URL(`.${pathname}`, folder));
      response.setHeader('content-type', `${KINDS[extname(pathname)]}; charset=utf-8`).end(text);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((listening) => { server.listen(0, '127.0.0.1', listening); });
  server.unref();
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}
