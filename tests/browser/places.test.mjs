// Where the API is, and where posts go: found out, and nothing lost or doubled
// when a place turns out to be none.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test }
  from 'node:test';
import { startServer } from '../http/harness.mjs';
import { launch } from './chromium.mjs';
import { startRelay } from './front.mjs';
import { blank, heard, hears, join, kept, listen, post } from './guest.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** @type {import('../http/harness.mjs').Server} */
let server;
/** @type {import('playwright-core').Browser} */
let browser;
/** @type {import('playwright-core').BrowserContext} */
let context;
let number = 0;
let room = '';
/** @type {Awaited<ReturnType<typeof startRelay>>} */
let relay;

/** What the server says of another place; '' nothing. */
let posts = '';
/** How that place answers a request of that number, from 1.
 * @type {(times: number) => 'ok' | 'lost' | 'cut' | [number, string, string]} */
let place = () => 'ok';
/** What came to that place, and to the API itself, but polls. */
let there = /** @type {string[]} */ ([]);
let home = /** @type {string[]} */ ([]);

const HTML = 'text/html';
const JSON_PROBLEM = 'application/problem+json';

/** How each candidate answers. @type {Record<string, [number, string, string]>} */
const CANDIDATES = {
  'file.fcgi': [200, 'application/octet-stream', '\x7fELF'.padEnd(9999)],
  'broken.fcgi': [500, HTML, '<h1>Internal Server Error</h1>'],
  'forbidden.cgi': [403, HTML, '<h1>Forbidden</h1>'],
  'page': [200, HTML, '<h1>Welcome</h1>'],
  'other': [200, 'application/json', '{"hello": "world"}'],
  'sick.cgi': [500, JSON_PROBLEM, JSON.stringify({ status: 500,
    code: 'configuration', title: 'The configuration is wrong',
    detail: 'The folder can be read by others. chmod 700 it.',
    retryable: false })],
};

before(async () => {
  server = await startServer({ static: true, conf: { hold: 3 } });
  relay = await startRelay(server, (incoming, reply, pass) => {
    const url = incoming.url ?? '';
    const [, name, rest] = /^\/([^/?]+)(.*)$/.exec(url) ?? ['', '', ''];
    if (name in CANDIDATES) {
      const [status, type, body] = CANDIDATES[name];
      reply.writeHead(status, { 'Content-Type': type }).end(body);
    } else if (name === 'good.cgi') {
      pass({ path: `/api${rest}` });
    } else if (name === 'query.cgi') {
      // A host without PATH_INFO: it looks for a file of that name.
      if (rest.startsWith('?')) pass({ path: `/api${rest}` });
      else reply.writeHead(404, { 'Content-Type': HTML }).end('none');
    } else if (name === 'posts.cgi') {
      there.push(`${incoming.method} ${rest}`);
      const how = place(there.length);
      if (Array.isArray(how)) {
        incoming.resume();
        reply.writeHead(how[0], { 'Content-Type': how[1] }).end(how[2]);
      } else if (how === 'cut') {
        reply.destroy();
      } else {
        pass({ path: `/api${rest}`, most: how === 'lost' ? 0 : undefined });
      }
    } else if (name === 'api') {
      if (incoming.method === 'POST') home.push(`POST ${rest}`);
      const tells = posts && /\/(peers|healthz)$/.test(rest);
      pass(tells ? { text: (text) => JSON.stringify({ ...JSON.parse(text),
        posts }) } : {});
    } else {
      pass();
    }
  });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await relay?.stop();
  await server?.stop();
});
beforeEach(async () => {
  context = await browser.newContext();
  room = `places-${++number}`;
  posts = '/posts.cgi';
  place = () => 'ok';
  there = [];
  home = [];
});
afterEach(() => context.close());

/** @param {string} what */
const path = (what) => `POST /rooms/${room}/${what}`;

/** One who hears, directly; one who posts, through the relay. */
async function two() {
  const hearer = await blank(context, server.base);
  await join(hearer, room);
  await listen(hearer);
  const poster = await blank(context, relay.base);
  await join(poster, room);
  return { hearer, poster };
}

describe('posts', () => {
  test('go where the server says, and so do joins, words and beacons',
    async () => {
      const { hearer, poster } = await two();
      await post(poster, [1]);
      await hears(hearer, 1);
      assert.deepEqual(home, [path('peers')]);
      assert.deepEqual(there, [path('messages')]);
      await poster.reload();
      await join(poster, room);
      await poster.evaluate(() =>
        /** @type {any} */ (globalThis).room.leave());
      // The first join of a page cannot know it yet.
      assert.deepEqual(home, [path('peers'), path('peers')]);
      assert.deepEqual(there, [path('messages'), path('away'), path('leave')]);
    });

  /** @type {[string, (times: number) => ReturnType<typeof place>][]} */
  const spoilt = [
    ['is missing', () => [404, HTML, '<h1>Not Found</h1>']],
    ['may not run', () => [403, HTML, '<h1>Forbidden</h1>']],
    ['breaks', () => [500, HTML, '<h1>Internal Server Error</h1>']],
    ['is ill', () => [500, JSON_PROBLEM, CANDIDATES['sick.cgi'][2]]],
    ['answers a page', () => [200, HTML, '<h1>Welcome</h1>']],
    ['answers other JSON', () => [201, 'application/json', '{"ok": true}']],
    ['does not know us', () => [401, JSON_PROBLEM, JSON.stringify({
      code: 'not-a-member', status: 401, retryable: false })]],
  ];
  for (const [name, how] of spoilt) {
    test(`come home when the place ${name}, for good`, async () => {
      place = how;
      const { hearer, poster } = await two();
      await post(poster, [1, 2]);
      await post(poster, [3]);
      await hears(hearer, 3);
      assert.deepEqual(await heard(hearer), [1, 2, 3]);
      assert.equal(there.length, 1);
      await poster.reload();
      await join(poster, room);
      await post(poster, [4]);
      await hears(hearer, 4);
      assert.deepEqual(await heard(hearer), [1, 2, 3, 4]);
      assert.equal(there.length, 1, 'it is not tried again');
    });
  }

  for (const how of /** @type {const} */ (['cut', 'lost'])) {
    test(`come home when the connection is ${how}, and are there once`,
      async () => {
        place = () => how;
        const { hearer, poster } = await two();
        await post(poster, [1, 2]);
        await post(poster, [3]);
        await hears(hearer, 3);
        assert.deepEqual(await heard(hearer), [1, 2, 3]);
        assert.equal(there.length, 1);
        // It may have been the network: another page may try.
        place = () => 'ok';
        await poster.reload();
        await join(poster, room);
        await post(poster, [4]);
        await hears(hearer, 4);
        assert.equal(there.length, 2);
      });
  }

  test('that are refused with a reason stay refused', async () => {
    const { poster } = await two();
    const code = await poster.evaluate(() => /** @type {any} */ (globalThis)
      .room.post('joined', {}).catch((/** @type {any} */ { code }) => code));
    assert.equal(code, 'bad-request');
    assert.deepEqual(home, [path('peers')]);
  });

  test('go to no other origin, whatever is said', async () => {
    for (const word of ['https://evil.example/x', '//evil.example/x', 'x.cgi',
      '/posts.cgi?x=', '/posts.cgi#x', '/\\evil.example/x']) {
      posts = word;
      home = [];
      const poster = await blank(context, relay.base);
      await join(poster, room);
      await post(poster, [1]);
      // The page before may still say its last word.
      assert.deepEqual(home.filter((what) => !what.endsWith('/away')),
        [path('peers'), path('messages')], word);
      await poster.close();
    }
  });
});

/** @param {Page} page @param {string} places */
const find = (page, places) => page.evaluate(async (places) => {
  const file = '/js/letterbox.js';
  const { find } = await import(file);
  return find(places.split(' ')).then(
    (/** @type {string} */ found) => found.slice(location.origin.length),
    (/** @type {any} */ { code, message, help, retryable }) =>
      ({ code, message, help, retryable }));
}, places);

describe('the API', () => {
  beforeEach(() => {
    posts = '';
  });

  test('is the first that answers, with PATH_INFO or without', async () => {
    const page = await blank(context, relay.base);
    for (const [places, found] of Object.entries({
      'good.cgi api': '/good.cgi',
      'none.fcgi good.cgi': '/good.cgi',
      'file.fcgi broken.fcgi forbidden.cgi page other sick.cgi api': '/api',
      'none.fcgi query.cgi good.cgi': '/query.cgi?path=',
      'good.cgi?path= api': '/good.cgi?path=',
    })) assert.equal(await find(page, places), found, places);
  });

  test('is not asked for when there is one place only', async () => {
    const page = await blank(context, relay.base);
    assert.equal(await find(page, 'nowhere/'), '/nowhere');
  });

  test('is remembered for the session, until it does not answer',
    async () => {
      const page = await blank(context, relay.base);
      const asked = /** @type {string[]} */ ([]);
      page.on('request', (request) => {
        if (request.url().includes('healthz')) asked.push(request.url());
      });
      const places = 'none.fcgi good.cgi';
      await find(page, places);
      const { length } = asked;
      await page.reload();
      await find(page, places);
      assert.equal(asked.length, length);
      await page.evaluate((key) => sessionStorage.setItem(key,
        JSON.stringify(`${location.origin}/broken.fcgi`)),
      `letterbox api ${relay.base}/none.fcgi ${relay.base}/good.cgi`);
      const error = await page.evaluate(async (places) => {
        const file = '/js/letterbox.js';
        const { join } = await import(file);
        return join(places.split(' '), 'x', { patience: 1 }).catch(
          (/** @type {any} */ { code, help }) => [code, help]);
      }, places);
      assert.deepEqual(error, ['http-500', `${relay.base}/broken.fcgi/doctor`]);
      assert.equal(await find(page, places), '/good.cgi');
    });

  test('that is nowhere: words say why, of what tells most', async () => {
    const page = await blank(context, relay.base);
    for (const [places, code, words, doctor] of /** @type {const} */ ([
      ['none.fcgi none.cgi', 'no-api', /none\.fcgi nothing is there/,
        'none.fcgi'],
      ['none page', 'no-api', /nothing is there/, 'none'],
      ['none.fcgi forbidden.cgi', 'no-api', /may not run.*0755/,
        'forbidden.cgi'],
      ['forbidden.cgi broken.fcgi', 'no-api', /could not run.*error log/,
        'broken.fcgi'],
      ['broken.fcgi file.fcgi', 'no-api', /sends the program as a file/,
        'file.fcgi'],
      ['file.fcgi sick.cgi', 'configuration', /readable|read by others/,
        'sick.cgi'],
    ])) {
      const error = await find(page, places);
      assert.equal(error.code, code);
      assert.match(error.message, words);
      assert.equal(error.help, `${relay.base}/${doctor}/doctor`);
      assert.equal(error.retryable, false);
    }
  });

  test('is told to people, with the page that knows more', async () => {
    const page = await context.newPage();
    await page.route(/room\.html/, async (route) => {
      const reply = await route.fetch();
      const body = (await reply.text()).replace('<title>',
        '<meta name="letterbox-api" content="file.fcgi sick.cgi"><title>');
      await route.fulfill({ response: reply, body });
    });
    await page.goto(`${relay.base}/room.html?room=kitchen`);
    await page.click('#lobby button');
    await page.getByText('The folder can be read by others. chmod 700 it.')
      .waitFor();
    const link = page.getByRole('link', { name: 'Examine the server' });
    assert.equal(await link.evaluate((a) =>
      /** @type {HTMLAnchorElement} */ (a).href),
    `${relay.base}/sick.cgi/doctor`);
    assert.equal(await page.locator('#trouble').isVisible(), true);
  });

  test('is where a page joins that names several', async () => {
    posts = '/posts.cgi';
    const page = await blank(context, relay.base);
    const peer = await page.evaluate(async (room) => {
      const file = '/js/letterbox.js';
      const { join } = await import(file);
      const self = /** @type {any} */ (globalThis);
      self.room = await join(['none.fcgi', 'api'], room);
      return self.room.peer;
    }, room);
    assert.equal((await kept(page)).peer, peer);
    await post(page, [1]);
    // The word of /healthz was enough: even the join went there.
    assert.deepEqual(there, [path('peers'), path('messages')]);
  });
});
