// goog.appengine behind web servers as they are, over HTTP/1.1 and HTTP/2, at
// addresses of all kinds, and in pages of other origins.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Api } from '../http/api.mjs';
import { Application, newClient } from '../http/channel.mjs';
import { served } from '../http/served.mjs';
import { hears, heard, log, open, pageAtOnce, pageOf, startApplication,
  startPages } from './application.mjs';
import { launch } from './chromium.mjs';
import { startTls } from './tls.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('../http/harness.mjs').Server} Server */

const SCRIPT = '/api/_ah/channel/jsapi';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

/** In a page of a context of its own.
 * @param {(page: Page) => Promise<void>} body
 * @param {{bypassCSP?: boolean}} [options] bypassCSP: for scripts of tests in
 *   a page that allows none */
async function withPage(body, options = {}) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true,
    ...options });
  try {
    await body(await context.newPage());
  } finally {
    await context.close();
  }
}

/** 8 messages, 4 before open() and 4 after, and the two refusals.
 * @param {Page} page at the same origin, with the script in it
 * @param {Server} server @param {Api} api */
async function works(page, server, api) {
  const app = await Application.add(server, api);
  const id = newClient();
  const words = Array.from({ length: 8 }, (_, i) => `message ${i}`);
  const token = await app.create(id);
  for (const word of words.slice(0, 4)) await app.send(id, word);
  await open(page, token);
  await hears(page, 'open');
  for (const word of words.slice(4)) await app.send(id, word);
  await hears(page, 'message', words[7]);
  assert.deepEqual(await heard(page), words);
  const ends = app.mint(server, 4);
  for (const [bad, texts] of /** @type {[string, string[]][]} */ ([
    ['wrong', ['error Invalid+token.', 'close']],
    [ends, ['open', 'error Token+timed+out.', 'close']]])) {
    await page.evaluate(() => sessionStorage.removeItem('log'));
    await open(page, bad);
    await hears(page, 'close');
    assert.deepEqual((await log(page)).map(([name, what]) =>
      what ? `${name} ${what.description}` : name), texts);
  }
}

describe('web servers', { concurrency: 2 }, () => {
  for (const front of ['lighttpd', 'nginx', 'apache-proxy'])
    test(`${front}, HTTP/1.1`, () => served({ front, conf: { hold: 3 } },
      (server, api) => withPage(async (page) => {
        await page.goto(server.base);
        await page.setContent(pageOf(SCRIPT));
        await works(page, server, api);
        assert.equal(await protocol(page), 'http/1.1');
      }, { bypassCSP: true })));

  for (const front of ['lighttpd', 'nginx', 'apache-proxy', 'apache-cgid'])
    test(`${front}, HTTP/2, and the old address`, () =>
      served({ front, conf: { hold: 3 } }, async (server, api) => {
        const tls = await startTls(server);
        await withPage(async (page) => {
          await page.goto(tls.base);
          await page.setContent(pageOf('/_ah/channel/jsapi'));
          await works(page, server, api);
          assert.equal(await protocol(page), 'h2');
        }, { bypassCSP: true }).finally(tls.stop);
      }));
});

describe('two browsers of one client, where polls are not held', () => {
  for (const [front, conf] of /** @type {const} */ ([
    ['lighttpd', { seats: 0 }], ['lighttpd-cgi', { seats_processes: 0 }]]))
    test(`the newer one has it: ${front}`, () =>
      served({ front, conf: { ...conf, pause: 200 } }, async (server, api) => {
        const app = await Application.add(server, api);
        const id = newClient();
        const visit = async (/** @type {Page} */ page) => {
          await page.goto(server.base);
          await page.setContent(pageOf(new URL(server.api).pathname +
            '/_ah/channel/jsapi'));
          await open(page, await app.create(id));
          await hears(page, 'open');
        };
        await withPage((older) => withPage(async (newer) => {
          await visit(older);
          await app.send(id, 'for the older');
          await hears(older, 'message', 'for the older');
          await visit(newer);
          await hears(older, 'close');
          assert.deepEqual((await log(older)).slice(2), [
            ['error', { code: 409, description: 'Superseded.' }], ['close']]);
          await app.send(id, 'for the newer');
          await hears(newer, 'message', 'for the newer');
          assert.deepEqual((await app.presence()).events.length, 1);
        }, { bypassCSP: true }), { bypassCSP: true });
      }));
});

/** What the last answer to the script came by. @param {Page} page */
const protocol = (page) => page.evaluate(() => {
  const entries = /** @type {PerformanceResourceTiming[]} */ (
    performance.getEntriesByType('resource')
      .filter(({ name }) => name.includes('/_ah/channel/open')));
  return entries.at(-1)?.nextHopProtocol;
});

test('the script finds its server from its own address', () =>
  served({ front: 'lighttpd' }, async (server, api) => {
    const app = await Application.add(server, api);
    const scripts = ['/_ah/channel/jsapi', '/api/_ah/channel/jsapi?v=7#x',
      '/api?path=/_ah/channel/jsapi', '/api?v=7&path=%2F_ah%2Fchannel%2Fjsapi',
      'deep/er/api/_ah/channel/jsapi',
      'sub/letterbox.cgi?path=/_ah/channel/jsapi'];
    const pages = Object.fromEntries(scripts.map((script, i) =>
      [`/folder/${i}`, pageAtOnce(script)]));
    const asked = /** @type {string[]} */ ([]);
    const front = await startApplication(server, pages,
      (incoming, _reply, pass) => {
        const url = incoming.url ?? '';
        asked.push(url);
        pass(url.startsWith('/_ah/') ? {} : { path: url
          .replace(/^\/folder\/(deep\/er\/api|sub\/letterbox\.cgi)/, '/api') });
      });
    await withPage(async (page) => {
      for (const [i, script] of scripts.entries()) {
        const id = newClient();
        await page.goto(`${front.base}/folder/${i}#${await app.create(id)}`);
        await app.send(id, script);
        await hears(page, 'message', script);
      }
    }).finally(front.stop);
    for (const beginning of ['/_ah/channel/mail?after=',
      '/api/_ah/channel/mail?after=', '/api?path=/_ah/channel/mail&after=',
      '/folder/deep/er/api/_ah/channel/mail?after=',
      '/folder/sub/letterbox.cgi?path=/_ah/channel/mail&after='])
      assert.ok(asked.some((url) => url.startsWith(beginning)), beginning);
  }));

describe('pages of other origins', () => {
  /** @param {string} origins allowed
   * @param {(it: {server: Server, app: Application, page: Page, base: string})
   *   => Promise<void>} body */
  async function abroad(origins, body) {
    /** @type {Record<string, string>} */
    const pages = {};
    const host = await startPages(pages);
    await served({ front: 'lighttpd', conf: { hold: 3, ...(origins &&
      { allowed_origins: origins.replace('HOST', host.base) }) } },
    async (server, api) => {
      const app = await Application.add(server, api);
      const policy = `default-src 'none'; script-src 'unsafe-inline' ${
        server.base}; connect-src ${server.base}`;
      pages['/app'] = pageOf(server.base + SCRIPT, '<meta ' +
        `http-equiv="Content-Security-Policy" content="${policy}">`);
      await withPage((page) => body({ server, app, page, base: host.base }));
    }).finally(host.stop);
  }

  for (const origins of ['HOST', '*'])
    test(`one that is allowed, under a policy of its own: ${origins}`, () =>
      abroad(origins, async ({ server, app, page, base }) => {
        const said = /** @type {string[]} */ ([]);
        page.on('console', (message) => said.push(message.text()));
        await page.goto(`${base}/app`);
        await works(page, server, app.api);
        // A refusal is told on the console by the browser itself.
        assert.deepEqual(said.filter((text) => !/\b401\b/.test(text)), []);
      }));

  test('one that is not allowed gets nothing, and says why', () =>
    abroad('', async ({ app, page, base }) => {
      const id = newClient();
      await page.goto(`${base}/app`);
      const warned = page.waitForEvent('console', { timeout: 30000,
        predicate: (message) => message.text().includes('allowed_origins') });
      await open(page, await app.create(id));
      await app.send(id, 'secret');
      await warned;
      assert.deepEqual(await log(page), []);
    }));
});
