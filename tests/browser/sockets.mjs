// Pages that say `new WebSocket(...)`, with a WebSocket server for the
// browser's own ones and rooms for ours.

import { once } from 'node:events';
import { WebSocketServer } from 'ws';
import { startApplication } from './application.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** Sends back what it gets. */
export async function startEcho() {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  server.on('connection', (socket) => socket.on('message',
    (data, isBinary) => socket.send(data, { binary: isBinary })));
  const at = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    base: `ws://127.0.0.1:${at.port}/`,
    async stop() {
      for (const socket of server.clients) socket.terminate();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Of a page with our script. @param {string} attributes */
export const tag = (attributes) =>
  `<script src="/api/websocket.js" ${attributes}></script>`;

/** @param {string} head @param {string} [body] */
const html = (head, body = '') => `<!doctype html><html lang="en"><head>
<title>Sockets</title>${head}</head><body>${body}</body></html>`;

/**
 * The application: `/own` has the browser's sockets, `/ours` has rooms below
 * /ws/, `/talk` greets there, and so on.
 * @param {import('../http/harness.mjs').Server} server
 * @param {Record<string, string>} [pages] more: text of each head
 * @param {Parameters<typeof startApplication>[2]} [work]
 */
export function startSockets(server, pages = {}, work) {
  const all = { '/own': '', '/ours': tag('data-for="/ws/"'), ...pages };
  return startApplication(server, Object.fromEntries(Object.entries(all)
    .map(([path, head]) => [path, html(head)])), work);
}

/**
 * Opens a socket in a page, as `socket`, and notes all that it says in `log`,
 * also over a reload in `heard`.
 * @param {Page} page @param {string} url @param {string | string[]} [protocols]
 */
export function connect(page, url, protocols) {
  return page.evaluate(([url, protocols]) => {
    const self = /** @type {any} */ (globalThis);
    self.log = [];
    self.heard = [];
    const socket = self.socket = protocols
      ? new WebSocket(/** @type {string} */ (url), protocols)
      : new WebSocket(/** @type {string} */ (url));
    for (const type of ['open', 'message', 'error', 'close']) {
      socket.addEventListener(type, (/** @type {any} */ event) => {
        const { data, origin, code, reason, wasClean } = event;
        if (type === 'message') self.heard.push(data);
        self.log.push({ type, state: socket.readyState, data, origin, code,
          reason, wasClean });
      });
    }
  }, [url, protocols]);
}

/** Until an event of a type. @param {Page} page @param {string} type */
export async function happens(page, type) {
  await page.waitForFunction((type) => /** @type {any} */ (globalThis).log
    ?.some((/** @type {any} */ one) => one.type === type), type);
}

/** Until so many frames. @param {Page} page @param {number} count
 * @returns {Promise<string[]>} */
export async function hears(page, count) {
  await page.waitForFunction((count) =>
    /** @type {any} */ (globalThis).heard?.length >= count, count);
  return page.evaluate(() => /** @type {any} */ (globalThis).heard);
}

/** @param {Page} page @returns {Promise<any[]>} */
export const log = (page) =>
  page.evaluate(() => /** @type {any} */ (globalThis).log);

/** All in one tick. @param {Page} page @param {string[]} frames */
export function send(page, ...frames) {
  return page.evaluate((frames) => {
    for (const frame of frames) {
      /** @type {any} */ (globalThis).socket.send(frame);
    }
  }, frames);
}
