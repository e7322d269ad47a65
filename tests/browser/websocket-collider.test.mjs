// Collider's frames, by a page that says `new WebSocket(wss_url)` as AppRTC's
// does: with the address that its room's page was given, or that of joining.

import assert from 'node:assert/strict';
import { after, beforeEach, describe, test } from 'node:test';
import { Api } from '../http/api.mjs';
import { newRoom } from '../http/apprtc.mjs';
import { Guest } from '../http/collider.mjs';
import { until } from '../http/until.mjs';
import { site } from './site.mjs';
import { connect, happens, hears, log, send, startSockets, tag }
  from './sockets.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** @type {Parameters<typeof startSockets>[2]} */
let work;
const { browser, server } = await site({ static: false,
  conf: { hold: 3, lease: 12, 'dialect.apprtc': 'on' } });
const front = await startSockets(server,
  { '/': tag('data-for="/api/ws" data-mode="collider"') },
  (incoming, reply, pass) => (work ?? ((_, __, go) => go()))(
    incoming, reply, pass));
const address = `${front.base.replace('http', 'ws')}/api/ws`;
const api = new Api(server.api);

after(() => {
  api.close();
  return front.stop();
});
beforeEach(() => { work = undefined; });

/** An open socket. @param {string} [url] */
async function open(url = address) {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${front.base}/`);
  await connect(page, url);
  await happens(page, 'open');
  return page;
}

/** @param {Page} page @param {object[]} frames */
const say = (page, ...frames) =>
  send(page, ...frames.map((frame) => JSON.stringify(frame)));

/** @param {Guest} guest */
const register = ({ room, id }) =>
  ({ cmd: 'register', roomid: room, clientid: id });

/** @param {Page} page @param {number} count */
const frames = async (page, count) =>
  (await hears(page, count)).map((text) => JSON.parse(text));

/** @param {Page} page */
async function end(page) {
  await happens(page, 'close');
  const { code, wasClean } = (await log(page)).at(-1);
  return [code, wasClean];
}

/** Until all that a page said is there. @param {Page} page */
const said = (page) => page.waitForFunction('socket.bufferedAmount === 0');

async function two() {
  const room = newRoom();
  return [await Guest.join(api, room), await Guest.join(api, room)];
}

const NOTE = (/** @type {number} */ n) => JSON.stringify({ note: n });

describe('a client', () => {
  test('registers, and says and hears', async () => {
    const [a, b] = await two();
    const page = await open();
    await say(page, register(a), { cmd: 'send', msg: NOTE(1) });
    await said(page);
    assert.deepEqual(await b.open(), [{ note: 1 }]);
    await b.wire({ note: 2 });
    assert.deepEqual(await frames(page, 1), [{ msg: NOTE(2), error: '' }]);
    assert.equal(await page.evaluate(() =>
      /** @type {any} */ (globalThis).socket.url), address);
  });

  test('has its channel by the fragment of joining, and shows it to nobody',
    async () => {
      const [a, b] = await two();
      const asked = /** @type {string[]} */ ([]);
      const { hash } = new URL(a.params.wss_url);
      const page = await open(address + hash);
      page.on('request', (request) => asked.push(request.url()));
      await say(page, register(a), { cmd: 'send', msg: NOTE(1) });
      await said(page);
    assert.deepEqual(await b.open(), [{ note: 1 }]);
      await b.wire({ note: 2 });
      await frames(page, 1);
      assert.ok(asked.every((url) => !url.includes(hash.slice(1))));
      assert.ok(!asked.some((url) => url.endsWith('/ws')));
      assert.equal(await page.evaluate(() =>
        /** @type {any} */ (globalThis).socket.url), address);
    });

  test('says what waits for who is not there yet', async () => {
    const a = await Guest.join(api, newRoom());
    const page = await open();
    await say(page, register(a), { cmd: 'send', msg: NOTE(1) },
      { cmd: 'send', msg: NOTE(2) });
    await said(page);
    const b = await Guest.join(api, a.room);
    assert.deepEqual(b.messages, [{ note: 1 }, { note: 2 }]);
  });

  test('says all, though its registration is told late', async () => {
    const [a, b] = await two();
    const page = await open();
    const notes = Array.from({ length: 6 }, (_, note) => ({ note }));
    const sends = notes.map((note) =>
      ({ cmd: 'send', msg: JSON.stringify(note) }));
    work = (incoming, _, pass) => {
      if (incoming.url?.endsWith('/ws')) setTimeout(pass, 500);
      else pass();
    };
    await say(page, register(a), ...sends.slice(0, 3));
    await said(page);
    await say(page, ...sends.slice(3));
    await said(page);
    const heard = await b.open();
    await until('all are there', async () => {
      if (heard.length < 6) heard.push(...await b.hear(1));
      return heard.length >= 6;
    }, { within: 10_000 });
    assert.deepEqual(heard, notes);
  });

  test('says all once and in order over lost replies and a killed server',
    async () => {
      const [a, b] = await two();
      const page = await open();
      await say(page, register(a));
      let lost = 0;
      work = (incoming, _, pass) => pass(incoming.method === 'POST' &&
        lost++ % 2 === 0 ? { most: 0 } : {});
      const notes = Array.from({ length: 10 }, (_, note) => ({ note }));
      await say(page, ...notes.slice(0, 5).map((note) =>
        ({ cmd: 'send', msg: JSON.stringify(note) })));
      await said(page);
      await server.kill('SIGKILL');
      await say(page, ...notes.slice(5).map((note) =>
        ({ cmd: 'send', msg: JSON.stringify(note) })));
      await server.restart();
      await said(page);
      const heard = await b.open();
      await until('all are there', async () => {
        if (heard.length < 10) heard.push(...await b.hear(1));
        return heard.length >= 10;
      }, { within: 30_000 });
      assert.deepEqual(heard, notes);
      assert.ok(lost > 4);
    });

  test('hears bye when the other one leaves, or vanishes', async () => {
    const [a, b] = await two();
    const pages = [await open(), await open()];
    for (const [i, guest] of [a, b].entries())
      await say(pages[i], register(guest), { cmd: 'send', msg: NOTE(i) });
    await frames(pages[0], 1);
    await pages[1].close();
    assert.deepEqual((await frames(pages[0], 2))[1],
      { msg: '{"type":"bye"}', error: '' });
  });
});

describe('who breaks a rule hears of it', () => {
  for (const [what, say] of /** @type {[string, any[]][]} */ ([
    ['send before register', [{ cmd: 'send', msg: 'x' }]],
    ['register without a room', [{ cmd: 'register', clientid: '12345678' }]],
    ['register without a client', [{ cmd: 'register', roomid: 'x' }]],
    ['register as nobody', [{ cmd: 'register', roomid: 'x',
      clientid: '12345678' }]],
    ['what is no object', [7]]]))
    test(`${what}, and is closed`, async () => {
      const page = await open();
      await send(page, ...say.map((frame) => JSON.stringify(frame)));
      const [{ msg, error }] = await frames(page, 1);
      assert.equal(msg, '');
      assert.ok(error);
      assert.deepEqual(await end(page), [1000, true]);
    });

  test('at once when it has opened', async () => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(`${front.base}/`);
    await page.evaluate((url) => {
      const self = /** @type {any} */ (globalThis);
      self.log = [];
      const socket = new WebSocket(url);
      socket.onopen = () => socket.send('7');
      for (const type of ['message', 'close']) {
        socket.addEventListener(type, (/** @type {any} */ { data }) =>
          self.log.push([type, data ? JSON.parse(data).error : null]));
      }
    }, address);
    await page.waitForFunction('log.length > 1');
    assert.deepEqual(await log(page), [['message', 'Not a command'],
      ['close', null]]);
  });

  test('register twice, and is closed', async () => {
    const [a] = await two();
    const page = await open();
    await say(page, register(a), register(a));
    assert.ok((await frames(page, 1))[0].error);
    assert.deepEqual(await end(page), [1000, true]);
  });

  test('send without a message, and is closed', async () => {
    const [a] = await two();
    const page = await open();
    await say(page, register(a), { cmd: 'send' });
    assert.ok((await frames(page, 1))[0].error);
    assert.deepEqual(await end(page), [1000, true]);
  });

  test('an unknown command, and goes on', async () => {
    const [a, b] = await two();
    const page = await open();
    await say(page, register(a), { cmd: 'dance' },
      { cmd: 'send', msg: NOTE(1) });
    assert.ok((await frames(page, 1))[0].error);
    await said(page);
    assert.deepEqual(await b.open(), [{ note: 1 }]);
  });
});
