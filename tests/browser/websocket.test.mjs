// The interface of WebSocket: the same of the browser's own and of ours.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startServer } from '../http/harness.mjs';
import { launch } from './chromium.mjs';
import { connect, happens, hears, log, send, startEcho, startSockets, tag }
  from './sockets.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** @type {import('../http/harness.mjs').Server} */
let server;
/** @type {Awaited<ReturnType<typeof startSockets>>} */
let front;
/** @type {Awaited<ReturnType<typeof startEcho>>} */
let echo;
/** @type {import('playwright-core').Browser} */
let browser;
/** @type {import('playwright-core').BrowserContext} */
let context;
let number = 0;

before(async () => {
  server = await startServer({ conf: { hold: 3 } });
  front = await startSockets(server, {
    '/nowhere': tag('data-for="/ws/" data-api="/nothing-is-here"') });
  echo = await startEcho();
  browser = await launch();
  context = await browser.newContext();
});
after(async () => {
  await browser?.close();
  await echo?.stop();
  await front?.stop();
  await server?.stop();
});

/** @param {string} path */
async function visit(path) {
  const page = await context.newPage();
  await page.goto(front.base + path);
  return page;
}

/**
 * The same in a page with the browser's own sockets, and in one with ours,
 * where somebody else in the room sends back what comes.
 * @template T
 * @param {(page: Page, url: string) => Promise<T>} work
 * @returns {Promise<[T, T]>} own, ours; without the host's name
 */
async function both(work) {
  const own = await visit('/own');
  const room = `${front.base.replace('http', 'ws')}/ws/${++number}`;
  const other = await visit('/ours');
  await connect(other, room);
  await happens(other, 'open');
  await other.evaluate(() => {
    const { socket } = /** @type {any} */ (globalThis);
    socket.onmessage = (/** @type {MessageEvent} */ { data }) =>
      socket.send(data);
  });
  const ours = await visit('/ours');
  const found = /** @type {T[]} */ ([]);
  for (const [page, url, host] of /** @type {const} */ ([
    [own, echo.base + 'x', echo.base.slice(0, -1)],
    [ours, room, front.base.replace('http', 'ws')]])) {
    const text = JSON.stringify(await work(page, url));
    found.push(JSON.parse(text.replaceAll(url, 'URL')
      .replaceAll(host, 'HOST')));
  }
  for (const page of [own, other, ours]) await page.close();
  return /** @type {[T, T]} */ (found);
}

/** @param {(page: Page, url: string) => Promise<any>} work */
async function same(work) {
  const [own, ours] = await both(work);
  assert.deepEqual(ours, own);
  return own;
}

describe('the class', () => {
  test('has the members of the standard, each as it wants them', async () => {
    const members = await same((page) => page.evaluate(() => {
      const { prototype } = WebSocket;
      const own = Object.getPrototypeOf(prototype) === EventTarget.prototype
        ? prototype : Object.getPrototypeOf(prototype);
      const about = (/** @type {any} */ it, /** @type {string} */ name) => {
        const { value, writable, enumerable, configurable, get, set } =
          /** @type {any} */ (Object.getOwnPropertyDescriptor(it, name));
        return [name, typeof value === 'function' ? value.length : value,
          writable, enumerable, configurable, get?.name, set?.name];
      };
      const base = own === prototype ? WebSocket
        : Object.getPrototypeOf(WebSocket);
      return [Object.getOwnPropertyNames(own).filter((name) =>
        name !== 'constructor').sort().map((name) => about(own, name)),
      ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'].map((name) =>
        about(base, name)), WebSocket.length, WebSocket.name,
      String(prototype)];
    }));
    assert.equal(members[0].length, 16);
  });

  test('is called with new, and with an address', async () => {
    await same((page) => page.evaluate(() => {
      const name = (/** @type {() => any} */ work) => {
        try { return typeof work(); } catch (error) {
          return /** @type {Error} */ (error).name;
        }
      };
      const it = /** @type {any} */ (WebSocket);
      return [name(() => it('ws://x')), name(() => new it()),
        name(() => it.prototype.readyState)];
    }));
  });
});

describe('checks', () => {
  test('of addresses and subprotocols', async () => {
    const errors = await same((page, url) => page.evaluate((url) => {
      const name = (/** @type {any[]} */ ...args) => {
        try {
          const socket = new WebSocket(
            .../** @type {[string, string?]} */ (args));
          socket.close();
          return socket.url;
        } catch (error) {
          return [/** @type {any} */ (error).constructor.name,
            /** @type {any} */ (error).name];
        }
      };
      return [name('http://['), name('ftp://x/'), name(`${url}#f`),
        name(`${url}#`), name(url, ['a', 'a']), name(url, ['a b']),
        name(url, ''), name(url, [])];
    }, url));
    assert.deepEqual(errors[0], ['DOMException', 'SyntaxError']);
    assert.deepEqual(errors.at(-1), 'URL');
  });

  test('of addresses that are relative, or of http', async () => {
    const page = await visit('/ours');
    assert.deepEqual(await page.evaluate((base) => ['/ws/a', `${base}/ws/b?c`]
      .map((url) => {
        const socket = new WebSocket(url);
        socket.close();
        return [socket.url, socket instanceof /** @type {any} */ (globalThis)
          .LetterboxWebSocket];
      }), front.base), ['/ws/a', '/ws/b?c'].map((path) =>
      [front.base.replace('http', 'ws') + path, true]));
    await page.close();
  });

  test('of send and close', async () => {
    await same(async (page, url) => {
      await connect(page, url);
      const tries = () => page.evaluate(() => {
        const { socket } = /** @type {any} */ (globalThis);
        return [['send'], ['send', 'x'], ['close', 999], ['close', 1001],
          ['close', 1000.5, 'x'.repeat(124)], ['close', 2999], ['close', 5000],
          ['close', NaN], ['close', null], ['close', 65536 + 1000],
          ['close', 3000, 'x'.repeat(124)],
          ['close', 1000, '\u00e9'.repeat(62)]].map(([name, ...args]) => {
          try {
            return [name, socket[/** @type {any} */ (name)](...args) ?? 'ok'];
          } catch (error) {
            return [name, /** @type {any} */ (error).constructor.name,
              /** @type {any} */ (error).name];
          }
        });
      });
      const first = await page.evaluate(() => {
        const { socket } = /** @type {any} */ (globalThis);
        try { return socket.readyState || socket.send(1); } catch (error) {
          return /** @type {any} */ (error).name;
        }
      });
      await happens(page, 'open');
      return [first === 1 ? 'InvalidStateError' : first, await tries()];
    });
  });

  test('of send while it connects', async () => {
    const [error] = await same((page, url) => page.evaluate((url) => {
      const socket = new WebSocket(url);
      try { socket.send('x'); } catch (error) {
        return [/** @type {any} */ (error).name, socket.bufferedAmount];
      }
    }, url));
    assert.equal(error, 'InvalidStateError');
  });
});

describe('events', () => {
  test('come in the order of the standard', async () => {
    const events = await same(async (page, url) => {
      await connect(page, url, ['one', 'two']);
      await happens(page, 'open');
      await send(page, 'a', 'b', '');
      await hears(page, 3);
      await page.evaluate(() => {
        const { socket } = /** @type {any} */ (globalThis);
        socket.close(3001, 'good-bye');
        socket.close();
        /** @type {any} */ (globalThis).log.push(socket.readyState);
      });
      await happens(page, 'close');
      return [await log(page), await page.evaluate(() => {
        const { socket } = /** @type {any} */ (globalThis);
        socket.send('\u20ac');
        socket.close();
        return [socket.url, socket.protocol, socket.extensions.length >= 0,
          socket.bufferedAmount, socket.readyState];
      })];
    });
    assert.deepEqual(events[0].map((/** @type {any} */ one) =>
      one.type ?? one), ['open', 'message', 'message', 'message', 2, 'close']);
    assert.deepEqual(events[1], ['URL', 'one', true, 3, 3]);
  });

  for (const [what, ...args] of /** @type {[string, ...any[]][]} */ ([
    ['without a code'], ['with 1000', 1000], ['with a reason', 4000, 'why']]))
    test(`of close() ${what}`, async () => {
      await same(async (page, url) => {
        await connect(page, url);
        await happens(page, 'open');
        await page.evaluate((args) =>
          /** @type {any} */ (globalThis).socket.close(...args), args);
        await happens(page, 'close');
        return log(page);
      });
    });

  test('of close() while it connects', async () => {
    const events = await same(async (page, url) => {
      const state = await page.evaluate((url) => {
        const self = /** @type {any} */ (globalThis);
        self.log = [];
        const socket = new WebSocket(url);
        for (const type of ['open', 'error', 'close'])
          socket.addEventListener(type, (/** @type {any} */ event) => {
            const { code, wasClean } = event;
            self.log.push({ type, code, wasClean, state: socket.readyState });
          });
        socket.close(3000, 'never said');
        return [socket.readyState, self.log.length];
      }, url);
      await happens(page, 'close');
      return [state, await log(page)];
    });
    assert.deepEqual(events[1].map((/** @type {any} */ one) => one.type),
      ['error', 'close']);
  });

  test('where nobody listens', async () => {
    const found = [];
    for (const [path, url] of [['/own', 'ws://127.0.0.1:1/'],
      ['/nowhere', '/ws/a']]) {
      const page = await visit(path);
      await connect(page, url);
      await happens(page, 'close');
      found.push(await log(page));
      await page.close();
    }
    assert.deepEqual(found[1], found[0]);
    assert.deepEqual(found[0].map(({ type, code, wasClean, state }) =>
      [type, code, wasClean, state]), [['error', undefined, undefined, 3],
      ['close', 1006, false, 3]]);
  });

  test('of the right classes', async () => {
    await same((page, url) => page.evaluate((url) => new Promise((resolve) => {
      const seen = /** @type {any[]} */ ([]);
      const socket = new WebSocket(url);
      socket.onopen = () => socket.send('x');
      socket.onmessage = () => socket.close();
      for (const type of ['open', 'message', 'close'])
        socket.addEventListener(type, (event) => {
          seen.push([event.constructor.name, event.target === socket,
            event.bubbles, event.cancelable]);
          if (type === 'close') resolve(seen);
        });
    }), url));
  });

  test('handlers keep their place, and may be anything', async () => {
    await same((page, url) => page.evaluate((url) => new Promise((resolve) => {
      const seen = /** @type {any[]} */ ([]);
      const socket = /** @type {any} */ (new WebSocket(url));
      const object = {};
      socket.onopen = () => seen.push('never');
      socket.addEventListener('open', () => seen.push('listener'));
      socket.onopen = function () { seen.push(this === socket); };
      socket.onerror = 'text';
      socket.onmessage = object;
      seen.push(socket.onerror, socket.onmessage === object, socket.onclose);
      socket.onmessage = null;
      socket.addEventListener('open', () => {
        socket.onopen = undefined;
        seen.push(socket.onopen, socket.onmessage);
        socket.binaryType = 'nonsense';
        seen.push(socket.binaryType);
        socket.binaryType = 'arraybuffer';
        seen.push(socket.binaryType);
        resolve(seen);
      });
    }), url));
  });
});

describe('frames', () => {
  test('are text, whatever was given', async () => {
    const frames = await same(async (page, url) => {
      await connect(page, url);
      await happens(page, 'open');
      const sizes = await page.evaluate(() => {
        const { socket } = /** @type {any} */ (globalThis);
        return ['\u20ac', 7, null, undefined, {}, [1, 2], '\ud800x', '\ufeffy',
          '"\\\u0000\n'].map((data) => {
          const before = socket.bufferedAmount;
          socket.send(data);
          return socket.bufferedAmount - before;
        });
      });
      const heard = await hears(page, 9);
      await page.waitForFunction(() =>
        /** @type {any} */ (globalThis).socket.bufferedAmount === 0);
      return [sizes, heard];
    });
    assert.equal(frames[1][6], '\ufffdx');
  });

  test('count as buffered until they are on their way', async () => {
    await same(async (page, url) => {
      await connect(page, url);
      await happens(page, 'open');
      return page.evaluate(() => {
        const { socket } = /** @type {any} */ (globalThis);
        socket.close();
        const sizes = ['abc', new Uint8Array(5), new ArrayBuffer(7),
          new Blob(['123456789'])].map((data) => {
          socket.send(data);
          return socket.bufferedAmount;
        });
        return new Promise((resolve) => {
          socket.onclose = () => resolve([sizes, socket.bufferedAmount]);
        });
      });
    });
  });
});
