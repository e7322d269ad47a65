// What letterbox.js promises at moments that are rare: two things at once, a
// page that goes in the middle, a browser that keeps nothing.

import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { describe, test } from 'node:test';
import { until } from '../http/until.mjs';
import { blank, events, happens, heard, hears, join, kept, listen, post,
  thereAndBack } from './guest.mjs';
import { context, room, server, two } from './pair.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('playwright-core').Route} Route */

/**
 * @param {Page} page
 * @param {string} method
 * @param {string} last part of the path
 * @param {(route: Route) => Promise<unknown>} work what to do with it
 */
const intercept = (page, method, last, work) =>
  page.route(({ pathname }) => pathname.endsWith(`/${last}`),
    (route) => route.request().method() === method ? work(route)
      : route.fallback());

describe('posts', () => {
  test('said while we come in again have numbers of their own', async () => {
    const [a, b] = await two();
    await listen(a);
    let release = () => {};
    const asked = new Promise((resolve) =>
      intercept(a, 'POST', 'peers', async (route) => {
        const reply = await route.fetch();
        resolve(null);
        await new Promise((done) => { release = () => done(null); });
        await route.fulfill({ response: reply });
      }));
    await intercept(a, 'GET', 'messages', async (route) => {
      const reply = await route.fetch();
      const mail = await reply.json();
      const gap = mail.messages?.some((/** @type {any} */ { body }) =>
        body === 'gap');
      await route.fulfill({ response: reply, json: { ...mail, gap } });
    });
    // The poll that is parked already is not tampered with.
    await post(b, ['one']);
    await hears(a, 'one');
    await post(b, ['gap']);
    await asked;
    await post(a, ['same']);
    await a.evaluate(() => {
      const self = /** @type {any} */ (globalThis);
      self.room.addEventListener('peers', () => { self.entered = true; });
    });
    release();
    await a.waitForFunction(() => /** @type {any} */ (globalThis).entered);
    await post(a, ['same']);
    await post(a, ['last']);
    await hears(b, 'last');
    assert.deepEqual(await heard(b), ['same', 'same', 'last']);
    assert.deepEqual(await events(a), [['gap', null]]);
  });

  test('that do not fit into the storage are not said twice', async () => {
    const [a, b] = await two();
    await a.evaluate(() => {
      let filler = 'x'.repeat(1 << 18);
      for (let i = 0; filler; ) {
        try {
          sessionStorage.setItem(`filler ${i++}`, filler);
        } catch {
          filler = filler.slice(0, filler.length / 2);
        }
      }
      // Room for some of what is posted, and no more.
      sessionStorage.removeItem('filler 0');
    });
    let passed = 0;
    const stuck = new Promise((resolve) =>
      intercept(a, 'POST', 'messages', (route) => {
        if (passed++ < 3) return route.continue();
        resolve(null);
        return route.abort();
      }));
    const bodies = Array.from({ length: 12 }, (_, i) =>
      `${i} ${'y'.repeat(60_000)}`);
    await a.evaluate((bodies) => {
      for (const body of bodies) {
        /** @type {any} */ (globalThis).room.post('chat', body)
          .catch(() => {});
      }
    }, bodies);
    await stuck;
    await a.reload();
    await a.unrouteAll({ behavior: 'ignoreErrors' });
    await join(a, room);
    await post(a, ['new']);
    await hears(b, 'new');
    const said = (await heard(b)).map((/** @type {string} */ body) =>
      body.split(' ')[0]);
    assert.deepEqual(said, [...new Set(said)]);
  });
});

describe('what is over', () => {
  test('is over in a room that was ended', async () => {
    const [a, b] = await two();
    await a.evaluate(() =>
      /** @type {any} */ (globalThis).room.rules({ end: true }));
    await happens(b, 'closed', 'ended');
    await b.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
    assert.equal(await b.evaluate(() =>
      /** @type {any} */ (globalThis).room.state), 'closed');
    assert.deepEqual((await events(b)).slice(-2),
      [['state', 'closed'], ['closed', 'ended']]);
  });

  test('says nothing after a listener has aborted it', async () => {
    const [a, b] = await two();
    await b.evaluate(() => {
      const { room, control } = /** @type {any} */ (globalThis);
      room.addEventListener('message', (/** @type {any} */ { detail }) => {
        if (detail.body === 'one') control.abort();
      });
    });
    await post(a, ['one', 'two']);
    await happens(b, 'closed');
    await b.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
    assert.deepEqual(await heard(b), ['one']);
    assert.equal(await b.evaluate(() =>
      /** @type {any} */ (globalThis).room.state), 'closed');
  });
});

describe('a reload', () => {
  for (const times of [1, 2])
    test(`keeps what nobody has listened to, page ${times}`, async () => {
      const [a, b] = [await blank(context, server.base),
        await blank(context, server.base)];
      await join(a, room);
      await join(b, room);
      if (times > 1) {
        await listen(b);
        await post(a, ['heard']);
        await hears(b, 'heard');
        await b.reload();
        await join(b, room);
      }
      const cursors = new Set();
      b.on('request', (request) => {
        const after = new URL(request.url()).searchParams.get('after');
        if (request.method() === 'GET' && after) cursors.add(after);
      });
      for (const body of ['early', 'later']) {
        const { size } = cursors;
        await post(a, [body]);
        // Only the next poll tells the server that it has come.
        await until('it polls again', async () => cursors.size > size,
          { within: 30_000 });
      }
      await b.reload();
      await join(b, room);
      await listen(b);
      await post(a, ['last']);
      await hears(b, 'last');
      assert.deepEqual(await heard(b), ['early', 'later', 'last']);
      assert.deepEqual((await events(b)).filter(([type]) => type !== 'state'),
        []);
    });

  test('keeps what a loop has not come to', async () => {
    const [a, b] = await two();
    await b.evaluate(() => {
      const self = /** @type {any} */ (globalThis);
      self.taken = [];
      void (async () => {
        for await (const { type, body } of self.room) {
          if (type !== 'chat') continue;
          self.taken.push(body);
          if (body === 'two') await new Promise(() => {});
        }
      })();
    });
    await post(a, ['one', 'two', 'three']);
    await post(a, ['four']);
    await hears(b, 'four');
    await b.waitForFunction(() =>
      /** @type {any} */ (globalThis).taken.includes('two'));
    await b.reload();
    await join(b, room);
    await listen(b);
    await hears(b, 'four');
    assert.deepEqual(await heard(b), ['three', 'four']);
  });

  test('of who is about to come in anew is not deaf', async () => {
    const [a, b] = await two();
    await listen(a);
    await post(a, Array.from({ length: 20 }, (_, i) => i));
    await hears(b, 19);
    await server.kill();
    for (const end of ['', '-wal', '-shm']) {
      rmSync(server.database + end, { force: true });
    }
    // It is told that it is not known, and goes before it is in again.
    const away = new Promise((resolve) =>
      intercept(b, 'POST', 'peers', async (route) => {
        const { token } = route.request().postDataJSON();
        if (token) return route.continue();
        resolve(null);
        return route.abort();
      }));
    await server.restart();
    await away;
    await b.reload();
    await b.unrouteAll({ behavior: 'ignoreErrors' });
    await join(b, room);
    await listen(b);
    await happens(a, 'reset');
    await post(a, ['after it']);
    await hears(b, 'after it');
    await happens(b, 'reset');
  });
});

describe('the line', () => {
  test('goes on after replies that are cut to nothing', async () => {
    const [a, b] = await two();
    const { token } = await kept(b);
    for (const [page, method, last] of /** @type {[Page, string, string][]} */ (
      [[a, 'POST', 'messages'], [b, 'GET', 'messages'],
        [b, 'POST', 'peers']])) {
      let cut = 0;
      await intercept(page, method, last, async (route) => {
        if (cut++) return route.continue();
        await route.fetch();
        await route.fulfill({ status: 200, body: '' });
      });
    }
    for (const body of [1, 2, 3]) await post(a, [body]);
    await hears(b, 3);
    assert.deepEqual(await heard(b), [1, 2, 3]);
    await fetch(`${server.api}/rooms/${room}/leave`,
      { method: 'POST', body: JSON.stringify({ token }),
        headers: { 'Content-Type': 'text/plain' } });
    await happens(b, 'reset');
    await post(a, [4]);
    await hears(b, 4);
  });

  test('goes on after the back/forward cache where nothing is kept',
    async () => {
      await context.addInitScript(() => {
        Object.defineProperty(globalThis, 'sessionStorage', { get() {
          throw new DOMException('refused', 'SecurityError');
        } });
      });
      const [a, b] = await two();
      await thereAndBack(b, server.base, () => post(a, ['meanwhile']));
      await hears(b, 'meanwhile');
      await post(b, ['here']);
    });
});
