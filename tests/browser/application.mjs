// An application of the Channel API as a browser meets it: its pages, the
// script in them, and what the page has heard.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { until } from '../http/until.mjs';
import { startRelay } from './front.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {[string, any?][]} Log names of handlers, and what they were given */

/** Notes what the handlers are called with; beyond reloads as well. */
const NOTES = `
  function note(name, what) {
    var log = JSON.parse(sessionStorage.getItem('log') || '[]');
    log.push(what === undefined ? [name] : [name, what]);
    sessionStorage.setItem('log', JSON.stringify(log));
  }
  var handlers = {
    onopen: function () { note('open'); },
    onmessage: function (message) { note('message', message.data); },
    onerror: function (error) { note('error', error); },
    onclose: function () { note('close'); }
  };
  var errors = [];
  onerror = function (text) { errors.push(text); };
`;

/** Opens the token of the fragment at once, as pages do. */
const AT_ONCE = `
  var token = decodeURIComponent(location.hash.slice(1));
  var socket = new goog.appengine.Channel(token).open(handlers);
`;

/** @param {string} script address of jsapi @param {string} [more] of the head */
export const pageOf = (script, more = '') => `<!doctype html>
<html lang="en"><head><title>Application</title>${more}
<script>${NOTES}</script><script src="${script}"></script></head>
<body></body></html>`;

/** @param {string} script */
export const pageAtOnce = (script) => pageOf(script).replace('</head>',
  `<script>${AT_ONCE}</script></head>`);

/**
 * The application's own server: its pages, and the script's paths as they were
 * in the original, which lead to ours.
 * @param {import('../http/harness.mjs').Server} server
 * @param {Record<string, string>} pages
 * @param {(incoming: import('./front.mjs').Incoming,
 *   reply: import('./front.mjs').Reply,
 *   pass: (change?: import('./front.mjs').Change) => void) => void} [work]
 */
export function startApplication(server, pages, work) {
  return startRelay(server, (incoming, reply, pass) => {
    const path = incoming.url ?? '';
    const page = pages[path.split('?')[0]];
    if (page) {
      incoming.resume();
      reply.writeHead(200, { 'Content-Type': 'text/html' }).end(page);
      return;
    }
    const onward = path.startsWith('/_ah/') ? `/api${path}` : path;
    /** @param {import('./front.mjs').Change} [change] */
    const there = (change) => pass({ path: onward, ...change });
    if (work) work(incoming, reply, there);
    else there();
  });
}

/** Pages alone, of another origin.
 * @param {Record<string, string>} pages */
export async function startPages(pages) {
  const server = createServer((incoming, reply) => {
    const page = pages[incoming.url ?? ''];
    reply.writeHead(page ? 200 : 404, { 'Content-Type': 'text/html' })
      .end(page);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const at = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { base: `http://127.0.0.1:${at.port}`, async stop() {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  } };
}

/** Opens a channel in a page, with all handlers.
 * @param {Page} page @param {string} token */
export function open(page, token) {
  return page.evaluate((token) => {
    const self = /** @type {any} */ (globalThis);
    self.socket = new self.goog.appengine.Channel(token).open(self.handlers);
  }, token);
}

/** @param {Page} page @returns {Promise<Log>} */
export function log(page) {
  return page.evaluate(() =>
    JSON.parse(sessionStorage.getItem('log') ?? '[]'));
}

/** @param {Page} page @returns {Promise<string[]>} messages that were heard */
export async function heard(page) {
  return (await log(page)).filter(([name]) => name === 'message')
    .map(([, data]) => data);
}

/**
 * Waits until a handler was called; pages that are just reloading are asked
 * again.
 * @param {Page} page @param {string} name @param {any} [data]
 */
export function hears(page, name, data) {
  return until(`${name} ${data ?? ''}`, () => log(page).then((log) =>
    log.some(([one, what]) => one === name &&
      (data === undefined || what === data)), () => false),
  { within: 30000, every: 20 });
}

/** @param {Page} page */
export function readyState(page) {
  return page.evaluate(() => /** @type {any} */ (globalThis).socket.readyState);
}
