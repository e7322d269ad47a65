// What our WebSocket promises beyond the interface: how frames travel, how it
// ends, and who else is in the room.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test }
  from 'node:test';
import { startServer } from '../http/harness.mjs';
import { launch } from './chromium.mjs';
import { blank, join } from './guest.mjs';
import { connect, happens, hears, log, send, startSockets, tag }
  from './sockets.mjs';

/** @typedef {import('playwright-core').Page} Page */

const GREETS = tag('data-for="/ws/" ' +
  'data-greeting="initiator, not initiator, fullhouse"');
/** Opens a socket at once, and notes what it hears beyond a reload. */
const KEEPS = `${GREETS}<script>
  const socket = new WebSocket('/ws/' + location.search.slice(1));
  const heard = JSON.parse(sessionStorage.getItem('heard') || '[]');
  socket.onmessage = ({data}) => {
    heard.push(data);
    sessionStorage.setItem('heard', JSON.stringify(heard));
  };
</script>`;

/** @type {import('../http/harness.mjs').Server} */
let server;
/** @type {Awaited<ReturnType<typeof startSockets>>} */
let front;
/** What the front does with a request.
 * @type {Parameters<typeof startSockets>[2]} */
let work;
/** @type {import('playwright-core').Browser} */
let browser;
/** @type {import('playwright-core').BrowserContext} */
let context;
let number = 0;
let room = '';

before(async () => {
  server = await startServer({ static: true,
    conf: { hold: 3, lease: 12, peers_max: 3 } });
  front = await startSockets(server, { '/greets': GREETS, '/keeps': KEEPS,
    '/query': tag('data-for="/ws/"').replace('/api/websocket.js',
      '/api?path=/websocket.js'),
    '/every': tag('data-for="ws: wss:"') },
  (incoming, reply, pass) => (work ?? ((_, __, go) => go()))(
    incoming, reply, pass));
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await front?.stop();
  await server?.stop();
});
beforeEach(async () => {
  context = await browser.newContext();
  room = `room-${++number}`;
});
afterEach(async () => {
  work = undefined;
  await context.close();
});

/** @param {string} path */
async function visit(path) {
  const page = await context.newPage();
  await page.goto(front.base + path);
  return page;
}

/** An open socket in a page of its own. @param {string} [path] */
async function open(path = '/ours') {
  const page = await visit(path);
  await connect(page, `/ws/${room}`);
  await happens(page, 'open');
  return page;
}

/** @param {Page} page */
async function end(page) {
  await happens(page, 'close');
  const [{ code, reason, wasClean }] = (await log(page)).slice(-1);
  return { code, reason, wasClean };
}

/** @param {Page} page @param {string} code run with `socket` */
const run = (page, code) => page.evaluate(code);

const FRAMES = Array.from({ length: 40 }, (_, i) => `frame ${i}`);

describe('frames', () => {
  test('go to all others, and to nobody else', async () => {
    const [a, b, c] = [await open(), await open(), await open()];
    await send(a, 'one', 'two');
    await hears(b, 2);
    await send(b, 'three');
    assert.deepEqual(await hears(c, 3), ['one', 'two', 'three']);
    assert.deepEqual(await hears(b, 2), ['one', 'two']);
    assert.deepEqual(await hears(a, 1), ['three']);
  });

  test('come once each and in order where replies are lost', async () => {
    const [a, b] = [await open(), await open()];
    let lost = 0;
    work = (incoming, _, pass) => {
      const meant = incoming.method === 'POST' &&
        incoming.url?.endsWith('/messages');
      pass(meant && lost++ % 2 === 0 ? { most: 0 } : {});
    };
    for (const frame of FRAMES) await send(a, frame);
    assert.deepEqual(await hears(b, 40), FRAMES);
    assert.ok(lost > 1);
  });

  test('wait for a server that is killed', async () => {
    const [a, b] = [await open(), await open()];
    await server.kill('SIGKILL');
    await send(a, ...FRAMES);
    assert.equal(await run(a, 'socket.bufferedAmount'),
      FRAMES.join('').length);
    await server.restart();
    assert.deepEqual(await hears(b, 40), FRAMES);
    await a.waitForFunction('socket.bufferedAmount === 0');
    assert.equal(await run(a, 'socket.readyState'), 1);
    assert.deepEqual((await log(b)).filter(({ type }) =>
      !['open', 'message'].includes(type)), []);
  });

  test('wait for who reloads, behind the greeting', async () => {
    const a = await open('/greets');
    const b = await visit(`/keeps?${room}`);
    const heard = (/** @type {number} */ count) => b.waitForFunction(
      (count) => JSON.parse(sessionStorage.getItem('heard') ?? '[]')
        .length >= count, count).then(() => b.evaluate(() =>
      JSON.parse(sessionStorage.getItem('heard') ?? '[]')));
    assert.deepEqual(await heard(1), ['not initiator']);
    await send(a, 'before');
    await heard(2);
    await b.goto('about:blank');
    await send(a, 'meanwhile');
    await a.waitForFunction('socket.bufferedAmount === 0');
    await b.goBack();
    await send(a, 'after');
    assert.deepEqual(await heard(5), ['not initiator', 'before',
      'not initiator', 'meanwhile', 'after']);
  });

  test('are messages of type frame for native peers', async () => {
    const native = await blank(context, front.base);
    await join(native, room);
    const page = await open();
    await native.evaluate(() => {
      const self = /** @type {any} */ (globalThis);
      self.room.addEventListener('message', (/** @type {any} */ { detail }) =>
        self.heard.push([detail.type, detail.body]));
    });
    await send(page, 'from a page');
    await native.waitForFunction(() => /** @type {any} */ (globalThis).heard
      .some((/** @type {any} */ [type, body]) =>
        type === 'frame' && body === 'from a page'));
    await native.evaluate(async () => {
      const { room } = /** @type {any} */ (globalThis);
      await room.post('chat', 'not for sockets');
      await room.post('frame', { any: 1 });
      await room.post('frame', 'text');
    });
    assert.deepEqual(await hears(page, 2), ['{"any":1}', 'text']);
  });
});

describe('the greeting', () => {
  test('says who is first, second and too many', async () => {
    const pages = [];
    for (const word of ['initiator', 'not initiator', 'fullhouse']) {
      pages.push(await open('/greets'));
      assert.deepEqual(await hears(pages.at(-1) ?? pages[0], 1), [word]);
    }
    assert.deepEqual(await end(pages[2]),
      { code: 1013, reason: 'The room is full.', wasClean: true });
    await send(pages[0], 'private');
    assert.deepEqual(await hears(pages[1], 2), ['not initiator', 'private']);
    assert.deepEqual(await hears(pages[2], 1), ['fullhouse']);
  });

  test('is as before for who reloads', async () => {
    const [a, b] = [await visit(`/keeps?${room}`), await open('/greets')];
    await hears(b, 1);
    await a.reload();
    await a.waitForFunction(() => JSON.parse(sessionStorage.getItem('heard') ??
      '[]').length === 2);
    assert.equal(await a.evaluate(() => sessionStorage.getItem('heard')),
      '["initiator","initiator"]');
  });
});

describe('the end', () => {
  for (const [what, code] of [['a Blob', 'new Blob(["x"])'],
    ['an ArrayBuffer', 'new ArrayBuffer(1)'],
    ['a view', 'new Uint16Array(1)']])
    test(`${what} is refused, and what was sent before is not`, async () => {
      const [a, b] = [await open(), await open()];
      await run(a, `socket.send('text'); socket.send(${code});
        socket.send('never')`);
      assert.deepEqual(await end(a), { code: 1003, wasClean: true,
        reason: 'Text alone is carried here, and no binary frames.' });
      assert.deepEqual(await hears(b, 1), ['text']);
    });

  test('a frame that is too large', async () => {
    const a = await open();
    await run(a, 'socket.send("x".repeat(70000))');
    const { code, reason, wasClean } = await end(a);
    assert.deepEqual([code, wasClean], [1009, true]);
    assert.match(reason, /at most \d+ bytes/);
    assert.equal(await run(a, 'socket.bufferedAmount'), 70000);
  });

  test('what was sent before close() arrives', async () => {
    const [a, b] = [await open(), await open()];
    await run(a, 'for (let i = 0; i < 40; i++) socket.send("frame " + i);' +
      'socket.close(3999, "done")');
    assert.deepEqual(await end(a),
      { code: 3999, reason: 'done', wasClean: true });
    assert.deepEqual(await hears(b, 40), FRAMES);
    assert.equal(await run(a, 'socket.bufferedAmount'), 0);
  });

  test('a room that is full: 1013, after an error', async () => {
    for (let i = 0; i < 3; i++) await open();
    const page = await visit('/ours');
    await connect(page, `/ws/${room}`);
    const { code, wasClean } = await end(page);
    assert.deepEqual([code, wasClean], [1013, false]);
    assert.deepEqual((await log(page)).map(({ type }) => type),
      ['error', 'close']);
  });

  test('the owner removes it: 1008; ends the room: 1001', async () => {
    const native = await blank(context, front.base);
    await join(native, room);
    const [a, b] = [await open(), await open()];
    await native.evaluate(() => {
      const { room } = /** @type {any} */ (globalThis);
      const [first] = room.peers.keys();
      return room.rules({ remove: first });
    });
    assert.equal((await end(a)).code, 1008);
    await native.evaluate(() =>
      /** @type {any} */ (globalThis).room.rules({ end: true }));
    assert.equal((await end(b)).code, 1001);
  });

  test('a secret that is not known: 1008', async () => {
    const native = await blank(context, front.base);
    await join(native, room, { secret: 'nobody knows' });
    const page = await visit('/ours');
    await connect(page, `/ws/${room}`);
    const { code, reason } = await end(page);
    assert.equal(code, 1008);
    assert.ok(reason.length > 0);
  });
});

describe('the script', () => {
  test('leaves other addresses to the browser', async () => {
    const page = await visit('/ours');
    assert.deepEqual(await page.evaluate(() => {
      const ours = /** @type {any} */ (globalThis).LetterboxWebSocket;
      return ['/ws/a', '/wsx/a', '/other', 'ws://127.0.0.1:1/ws/a']
        .map((url) => {
          const socket = new WebSocket(url);
          socket.close();
          return [socket instanceof WebSocket, socket instanceof ours];
        });
    }), [[true, true], [true, false], [true, false], [true, false]]);
  });

  test('may be had by ?path=, and take every address', async () => {
    const a = await open('/query');
    const b = await open();
    await send(a, 'by ?path=');
    assert.deepEqual(await hears(b, 1), ['by ?path=']);
    const c = await visit('/every');
    await connect(c, `wss://else.where.example/rooms/a b?${room}`);
    await happens(c, 'open');
    assert.equal(await run(c, 'socket.url'),
      `wss://else.where.example/rooms/a%20b?${room}`);
  });

  test('classes that are made of it are sockets, too', async () => {
    const page = await visit('/ours');
    assert.deepEqual(await page.evaluate((room) => {
      class Own extends WebSocket {
        get own() { return true; }
      }
      const socket = new Own(`/ws/${room}`);
      socket.close();
      return [socket.own, socket instanceof Own, socket instanceof WebSocket,
        Own.OPEN, socket.readyState];
    }, room), [true, true, true, 1, 2]);
  });

  test('its module has the same class', async () => {
    const page = await blank(context, front.base);
    const other = await open();
    await page.evaluate(async (room) => {
      const file = '/js/websocket.js';
      const { WebSocket } = await import(file);
      const socket = new WebSocket(`/ws/${room}`, [], { for: [
        `${location.origin.replace('http', 'ws')}/ws/`] });
      socket.onopen = () => socket.send('from a module');
    }, room);
    assert.deepEqual(await hears(other, 1), ['from a module']);
  });
});
