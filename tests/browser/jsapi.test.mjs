// goog.appengine as pages know it, line by line.

import assert from 'node:assert/strict';
import { after, afterEach, beforeEach, describe, test } from 'node:test';
import ts from 'typescript';
import { Api } from '../http/api.mjs';
import { Application, newClient } from '../http/channel.mjs';
import { until } from '../http/until.mjs';
import { hears, heard, log, open, pageAtOnce, pageOf, readyState,
  startApplication } from './application.mjs';
import { site } from './site.mjs';

/** @typedef {import('playwright-core').Page} Page */

const SCRIPT = '/_ah/channel/jsapi';
const [CONNECTING, OPEN, CLOSING, CLOSED] = [0, 1, 2, 3];

const { browser, server } = await site({ static: false,
  conf: { hold: 3, lease: 12 } });
const front = await startApplication(server, { '/app': pageOf(SCRIPT),
  '/head': pageAtOnce(SCRIPT) });
const api = new Api(server.api);
const app = await Application.add(server, api);
/** @type {import('playwright-core').BrowserContext} */
let context;

after(() => {
  api.close();
  return front.stop();
});
beforeEach(async () => { context = await browser.newContext(); });
afterEach(() => context.close());

/** @param {string} [path] */
async function visit(path = '/app') {
  const page = await context.newPage();
  await page.goto(front.base + path);
  return page;
}

/** A page with an open channel. @param {string} [id] */
async function connected(id = newClient()) {
  const page = await visit();
  await open(page, await app.create(id));
  await hears(page, 'open');
  return { page, id };
}

/** A token that ends so many seconds from now. @param {number} life
 * @param {string} [id] */
const lasting = (life, id = newClient()) => app.mint(server, life, id);

/** What the page's own onerror heard. @param {Page} page
 * @returns {Promise<string[]>} */
const errors = (page) =>
  page.evaluate(() => /** @type {any} */ (globalThis).errors);

/** Which events the application has heard of a client. @param {string} id
 * @returns {Promise<string[]>} */
const presence = async (id) => (await app.presence()).events
  .filter((/** @type {any} */ one) => one.from === id)
  .map((/** @type {any} */ one) => one.event);

describe('the script', () => {
  test('is a classic one, of ES2017, and exports what the original did',
    async () => {
      const reply = await api.exchange('GET', SCRIPT, {});
      assert.equal(reply.status, 200);
      assert.equal(reply.headers['content-type'],
        'text/javascript; charset=utf-8');
      const as = (/** @type {ts.ScriptTarget} */ target) => ts.transpileModule(
        reply.text, { compilerOptions: { target } }).outputText;
      assert.equal(as(ts.ScriptTarget.ES2017), as(ts.ScriptTarget.ESNext));
      assert.doesNotMatch(reply.text, /^(import|export)\b/m);
      const page = await visit();
      assert.deepEqual(await page.evaluate(() => {
        const { Channel, Socket } =
          /** @type {any} */ (globalThis).goog.appengine;
        // Pages of the development server set this; nothing comes of it.
        Socket.POLLING_TIMEOUT_MS = 1;
        const socket = new Channel('x').open(new Socket.Handler());
        return [socket instanceof Socket, socket.readyState,
          Socket.ReadyState, typeof Socket.prototype.send,
          typeof Socket.prototype.close];
      }), [true, CONNECTING, { CONNECTING, OPEN, CLOSING, CLOSED }, 'function',
        'function']);
      assert.deepEqual(await errors(page), []);
    });

  test('leaves what else is called goog as it was', async () => {
    const page = await context.newPage();
    await page.goto(`${front.base}/healthz`);
    await page.evaluate(() => {
      /** @type {any} */ (globalThis).goog = { other: 1, appengine: { own: 2 } };
    });
    await page.addScriptTag({ url: SCRIPT });
    assert.deepEqual(await page.evaluate(() => {
      const { goog } = /** @type {any} */ (globalThis);
      return [goog.other, goog.appengine.own, typeof goog.appengine.Channel];
    }), [1, 2, 'function']);
  });

  test('works in <head>, before there is a body', async () => {
    const client = newClient();
    await app.create(client);
    await app.send(client, 'hello');
    const page = await visit(`/head#${await app.create(client)}`);
    await hears(page, 'message', 'hello');
    assert.deepEqual(await log(page), [['open'], ['message', 'hello']]);
    assert.deepEqual(await errors(page), []);
  });
});

describe('handlers', () => {
  test('are not called before open() and close() have returned', async () => {
    const page = await visit();
    const called = await page.evaluate((token) => {
      const self = /** @type {any} */ (globalThis);
      const length = () => sessionStorage.length;
      self.socket = new self.goog.appengine.Channel(token).open(self.handlers);
      const opened = [length(), self.socket.readyState];
      self.socket.close();
      return [opened, [length(), self.socket.readyState]];
    }, await app.create(newClient()));
    assert.deepEqual(called, [[0, CONNECTING], [0, CLOSING]]);
    await hears(page, 'close');
    assert.deepEqual(await log(page), [['close']]);
  });

  test('may be assigned after open() has returned', async () => {
    const page = await visit();
    const client = await app.client();
    await app.send(client.id, 'early');
    await page.evaluate((token) => {
      const self = /** @type {any} */ (globalThis);
      self.socket = new self.goog.appengine.Channel(token).open();
      Object.assign(self.socket, self.handlers);
    }, client.token);
    await hears(page, 'message', 'early');
    assert.deepEqual(await log(page), [['open'], ['message', 'early']]);
  });

  test('an onmessage that comes late gets what came before', async () => {
    const page = await visit();
    const client = await app.client();
    await app.send(client.id, 'one');
    await page.evaluate((token) => {
      const self = /** @type {any} */ (globalThis);
      self.socket = new self.goog.appengine.Channel(token).open();
    }, client.token);
    await until('it is open', async () => await readyState(page) === OPEN);
    await app.send(client.id, 'two');
    await page.evaluate(() => {
      const { socket, handlers } = /** @type {any} */ (globalThis);
      socket.onmessage = handlers.onmessage;
      handlers.onmessage({ data: 'assigned' });
    });
    await hears(page, 'message', 'two');
    assert.deepEqual(await heard(page), ['assigned', 'one', 'two']);
  });

  test('may be missing', async () => {
    const page = await visit();
    const client = await app.client();
    await app.send(client.id, 'one');
    await page.evaluate(([good, bad]) => {
      const self = /** @type {any} */ (globalThis);
      const { Channel } = self.goog.appengine;
      self.socket = new Channel(good).open({});
      self.other = new Channel(bad).open({ onmessage: null });
    }, [client.token, 'bad']);
    await page.waitForFunction(() => {
      const { socket, other } = /** @type {any} */ (globalThis);
      return socket.readyState === 1 && other.readyState === 3;
    });
    await page.evaluate(() => /** @type {any} */ (globalThis).socket.close());
    await until('it is closed', async () => await readyState(page) === CLOSED);
    assert.deepEqual(await errors(page), []);
  });

  test('that throw are the page\'s affair, and mail goes on', async () => {
    const page = await visit();
    const client = await app.client();
    for (const text of ['one', 'two']) await app.send(client.id, text);
    await page.evaluate((token) => {
      const self = /** @type {any} */ (globalThis);
      self.socket = new self.goog.appengine.Channel(token).open({
        onopen() { throw new Error('in onopen'); },
        onmessage(/** @type {any} */ message) {
          self.handlers.onmessage(message);
          throw new Error('in onmessage');
        },
      });
    }, client.token);
    await hears(page, 'message', 'two');
    await app.send(client.id, 'three');
    await hears(page, 'message', 'three');
    assert.deepEqual(await heard(page), ['one', 'two', 'three']);
    assert.deepEqual(await errors(page), ['in onopen', ...Array(3)
      .fill('in onmessage')].map((text) => `Uncaught Error: ${text}`));
  });
});

describe('a token', () => {
  for (const [what, token, description] of /** @type {const} */ ([
    ['that is wrong', () => 'wrong', 'Invalid+token.'],
    ['that is empty', () => '', 'Invalid+token.'],
    ['that is no text', () => 'h\u00e9\u0000\ud800', 'Invalid+token.'],
    ['that has expired', () => lasting(-1), 'Token+timed+out.']]))
    test(`${what}: onerror, then onclose`, async () => {
      const page = await visit();
      await open(page, token());
      await hears(page, 'close');
      assert.deepEqual(await log(page),
        [['error', { code: 401, description }], ['close']]);
      assert.equal(await readyState(page), CLOSED);
    });

  test('ends an open socket when it ends', async () => {
    const page = await visit();
    const id = newClient();
    await open(page, lasting(4, id));
    await hears(page, 'open');
    await app.send(id, 'in time');
    await hears(page, 'close');
    assert.deepEqual(await log(page), [['open'], ['message', 'in time'],
      ['error', { code: 401, description: 'Token+timed+out.' }], ['close']]);
    assert.equal(await readyState(page), CLOSED);
  });
});

describe('the socket', () => {
  test('close() is final, and told at once', async () => {
    const { page, id } = await connected();
    assert.equal(await readyState(page), OPEN);
    await page.evaluate(() => {
      const { socket } = /** @type {any} */ (globalThis);
      socket.close();
      socket.close();
    });
    assert.ok([CLOSING, CLOSED].includes(await readyState(page)));
    await hears(page, 'close');
    assert.deepEqual(await presence(id), ['connected', 'disconnected']);
    assert.equal(await readyState(page), CLOSED);
    await app.send(id, 'later');
    // Another one hears it, and this one nothing, nor a second onclose.
    const other = await connected(id);
    await hears(other.page, 'message', 'later');
    assert.deepEqual(await log(page), [['open'], ['close']]);
  });

  test('close() among messages leaves the rest to the next one', async () => {
    const client = await app.client();
    for (const text of ['one', 'two', 'three']) await app.send(client.id, text);
    const page = await visit();
    await page.evaluate((token) => {
      const self = /** @type {any} */ (globalThis);
      const onmessage = (/** @type {any} */ message) => {
        self.handlers.onmessage(message);
        if (message.data === 'two') self.socket.close();
      };
      self.socket = new self.goog.appengine.Channel(token)
        .open({ ...self.handlers, onmessage });
    }, client.token);
    await hears(page, 'close');
    assert.deepEqual(await heard(page), ['one', 'two']);
    const other = await connected(client.id);
    await hears(other.page, 'message', 'three');
    assert.deepEqual(await heard(other.page), ['three']);
  });

  test('send() posts key and msg, when it is open only', async () => {
    const page = await visit();
    const token = await app.create(newClient());
    assert.equal(await page.evaluate((token) => {
      const self = /** @type {any} */ (globalThis);
      self.socket = new self.goog.appengine.Channel(token).open(self.handlers);
      return self.socket.send('too early');
    }, token), false);
    await hears(page, 'open');
    const posted = page.waitForRequest((one) => one.url().endsWith('/receive'));
    const answered = page.waitForResponse((one) =>
      one.url().endsWith('/receive'));
    assert.equal(await page.evaluate(() =>
      /** @type {any} */ (globalThis).socket.send('h\u00e9 & more')), true);
    const request = await posted;
    assert.equal(request.url(), `${front.base}/_ah/channel/receive`);
    assert.deepEqual([...new URLSearchParams(request.postData() ?? '')],
      [['key', token], ['msg', 'h\u00e9 & more']]);
    assert.equal((await answered).status(), 204);
    await page.evaluate(() => /** @type {any} */ (globalThis).socket.close());
    await hears(page, 'close');
    assert.equal(await page.evaluate(() =>
      /** @type {any} */ (globalThis).socket.send('too late')), false);
  });

  test('one at a time: a newer one closes the older', async () => {
    const older = await connected();
    const token = await app.create(older.id);
    const newer = await visit();
    await open(newer, token);
    await hears(older.page, 'close');
    assert.deepEqual(await log(older.page), [['open'],
      ['error', { code: 409, description: 'Superseded.' }], ['close']]);
    await app.send(older.id, 'for the newer');
    await hears(newer, 'message', 'for the newer');
    assert.deepEqual(await log(newer),
      [['open'], ['message', 'for the newer']]);
    assert.equal(await readyState(newer), OPEN);
    assert.deepEqual(await presence(older.id), ['connected']);
  });

  test('in another browser as well', async () => {
    const older = await connected();
    const elsewhere = await browser.newContext();
    try {
      const newer = await elsewhere.newPage();
      await newer.goto(`${front.base}/app`);
      await open(newer, await app.create(older.id));
      await hears(older.page, 'close');
      await app.send(older.id, 'for the newer');
      await hears(newer, 'message', 'for the newer');
      assert.equal(await readyState(newer), OPEN);
      assert.deepEqual(await heard(older.page), []);
    } finally {
      await elsewhere.close();
    }
  });
});
