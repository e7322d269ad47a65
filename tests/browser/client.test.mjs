// What letterbox.js promises, over a network that loses replies.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { blank, events, happens, heard, hears, join, kept, listen, post,
  thereAndBack } from './guest.mjs';
import { context, room, server, two } from './pair.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('playwright-core').Route} Route */

/**
 * Which requests of a page are meant: `POST messages`, for example.
 * @param {string} method
 * @param {string} last
 */
const requests = (method, last) => (/** @type {URL} */ url,
  /** @type {{method(): string}} */ request) =>
  request.method() === method && url.pathname.endsWith(`/${last}`);

/**
 * Loses replies: the request arrives, its answer does not.
 * @param {Page} page
 * @param {string} method
 * @param {string} last
 * @param {(times: number, route: Route) => Promise<unknown>} lose what to do
 *   with the request of that number, from 0
 */
async function intercept(page, method, last, lose) {
  const meant = requests(method, last);
  let times = 0;
  await page.route(/\/rooms\//, async (route) => {
    const request = route.request();
    if (meant(new URL(request.url()), request)) await lose(times++, route);
    else await route.fallback();
  });
}

/** @param {Route} route */
async function loseReply(route) {
  await route.fetch();
  await route.abort('connectionreset');
}

/** Bodies of the posts a page sends. @param {Page} page */
function watchPosts(page) {
  /** @type {{n: number, messages: any[]}[]} */
  const posts = [];
  page.on('request', (request) => {
    if (requests('POST', 'messages')(new URL(request.url()), request)) {
      posts.push(request.postDataJSON());
    }
  });
  return posts;
}

describe('posting', () => {
  test('one tick is one request, in order; at most 32 share one', async () => {
    const [a, b] = await two();
    const posts = watchPosts(a);
    const bodies = Array.from({ length: 40 }, (_, i) => i);
    const seqs = await post(a, bodies);
    assert.deepEqual(posts.map(({ messages }) => messages.length), [32, 8]);
    assert.deepEqual(seqs, [...seqs].sort((x, y) => x - y));
    await hears(b, 39);
    assert.deepEqual(await heard(b), bodies);
  });

  test('no request is larger than 96 KiB', async () => {
    const [a, b] = await two();
    const posts = watchPosts(a);
    const bodies = ['x', 'y', 'z'].map((c) => c.repeat(40 * 1024));
    await post(a, bodies);
    assert.deepEqual(posts.map(({ messages }) => messages.length), [2, 1]);
    await hears(b, bodies[2]);
    assert.deepEqual(await heard(b), bodies);
  });

  test('a message that is too large is refused, its neighbours are not',
    async () => {
      const [a, b] = await two();
      const result = await a.evaluate(() => {
        const { room } = /** @type {any} */ (globalThis);
        return Promise.allSettled([room.post('chat', 'before'),
          room.post('chat', 'x'.repeat(70_000)), room.post('chat', 'after')])
          .then((all) => all.map((/** @type {any} */ { status, reason }) =>
            status === 'fulfilled' ? 'ok' : reason.code));
      });
      assert.deepEqual(result, ['ok', 'too-large', 'ok']);
      await hears(b, 'after');
      assert.deepEqual(await heard(b), ['before', 'after']);
    });

  test('one message the server refuses does not take others with it',
    async () => {
      const [a, b] = await two();
      const result = await a.evaluate(() => {
        const { room } = /** @type {any} */ (globalThis);
        return Promise.allSettled([room.post('chat', 'before'),
          room.post('joined', {}), room.post('chat', 'after')])
          .then((all) => all.map((/** @type {any} */ { status, reason }) =>
            status === 'fulfilled' ? 'ok' : [reason.code, reason.retryable]));
      });
      assert.deepEqual(result, ['ok', ['bad-request', false], 'ok']);
      await hears(b, 'after');
      assert.deepEqual(await heard(b), ['before', 'after']);
    });

  test('lost replies neither lose nor double', async () => {
    const [a, b] = await two();
    const posts = watchPosts(a);
    await intercept(a, 'POST', 'messages', async (times, route) => {
      if (times % 3 === 0) return loseReply(route);
      if (times % 3 === 1) return route.abort('connectionrefused');
      return route.continue();
    });
    for (let i = 0; i < 6; i++) await post(a, [i]);
    await hears(b, 5);
    assert.deepEqual(await heard(b), [0, 1, 2, 3, 4, 5]);
    assert.deepEqual(posts.map(({ n }) => n),
      [1, 2, 3, 4, 5, 6].flatMap((n) => [n, n, n]));
  });

  test('what did not arrive survives a reload', async () => {
    const [a, b] = await two();
    const refused = new Promise((resolve) =>
      intercept(a, 'POST', 'messages', (_, route) =>
        route.abort().then(resolve)));
    await a.evaluate(() => {
      const { room } = /** @type {any} */ (globalThis);
      room.post('chat', 'sent').catch(() => {});
    });
    await refused;
    await a.reload();
    await a.unrouteAll({ behavior: 'ignoreErrors' });
    await join(a, room);
    await hears(b, 'sent');
    await post(a, ['new']);
    await hears(b, 'new');
    assert.deepEqual(await heard(b), ['sent', 'new']);
  });

  test('what was not answered survives a reload, and is there once',
    async () => {
      const [a, b] = await two();
      await intercept(a, 'POST', 'messages', (times, route) =>
        times ? route.abort() : loseReply(route));
      await a.evaluate(async () => {
        const { room } = /** @type {any} */ (globalThis);
        room.post('chat', 'arrived, not answered').catch(() => {});
        await null;
        room.post('chat', 'never sent').catch(() => {});
      });
      await hears(b, 'arrived, not answered');
      await a.reload();
      await a.unrouteAll({ behavior: 'ignoreErrors' });
      await join(a, room);
      await post(a, ['new']);
      await hears(b, 'new');
      assert.deepEqual(await heard(b),
        ['arrived, not answered', 'never sent', 'new']);
    });
});

describe('joining', () => {
  test('a lost reply makes no ghost, and says nothing twice', async () => {
    const a = await blank(context, server.base);
    await join(a, room);
    await listen(a);
    const b = await blank(context, server.base);
    await intercept(b, 'POST', 'peers', (times, route) =>
      times ? route.continue() : loseReply(route));
    const peer = await join(b, room,
      { messages: [{ type: 'chat', body: 'with the join' }] });
    await post(b, ['after it']);
    await hears(a, 'after it');
    assert.deepEqual(await heard(a), ['with the join', 'after it']);
    const others = await a.evaluate(() =>
      [.../** @type {any} */ (globalThis).room.peers.keys()]);
    assert.deepEqual(others, [peer]);
  });

  test('a reload is the same peer and goes on where it was', async () => {
    const [a, b] = await two();
    const peer = await b.evaluate(() =>
      /** @type {any} */ (globalThis).room.peer);
    await post(a, ['before']);
    await hears(b, 'before');
    await b.reload();
    await post(a, ['meanwhile']);
    assert.equal(await join(b, room), peer);
    await listen(b);
    await hears(b, 'meanwhile');
    assert.deepEqual(await heard(b), ['meanwhile']);
    assert.deepEqual(await events(b), []);
  });

  test('a duplicated tab is a peer of its own, over reloads too', async () => {
    const [, b] = await two();
    const peer = await b.evaluate(() =>
      /** @type {any} */ (globalThis).room.peer);
    const [copy] = await Promise.all([
      context.waitForEvent('page'),
      // A window that a page opens begins with a copy of sessionStorage.
      b.evaluate(() => void open(location.href)),
    ]);
    await copy.waitForLoadState();
    const own = await join(copy, room);
    assert.notEqual(own, peer);
    await Promise.all([b.reload(), copy.reload()]);
    assert.equal(await join(b, room), peer);
    assert.equal(await join(copy, room), own);
  });

  test('so it is without Web Locks, which pages by http do not have',
    async () => {
      await context.addInitScript(() => {
        Object.defineProperty(navigator, 'locks', { value: undefined });
      });
      const a = await blank(context, server.base);
      const peer = await join(a, room);
      const [copy] = await Promise.all([
        context.waitForEvent('page'),
        a.evaluate(() => void open(location.href)),
      ]);
      await copy.waitForLoadState();
      assert.notEqual(await join(copy, room), peer);
      await a.reload();
      assert.equal(await join(a, room), peer);
    });

  test('a second room of one page, in the same room, is another peer',
    async () => {
      const a = await blank(context, server.base);
      const peers = [await join(a, room), await join(a, room)];
      assert.notEqual(peers[0], peers[1]);
      await a.reload();
      assert.deepEqual([await join(a, room), await join(a, room)], peers);
    });

  test('a wrong secret is refused for good', async () => {
    const a = await blank(context, server.base);
    await join(a, room, { secret: 'open sesame' });
    const b = await blank(context, server.base);
    const error = await b.evaluate(async (room) => {
      const file = '/js/letterbox.js';
      const { join, LetterboxError } = await import(file);
      return join('api', room, { secret: 'wrong' }).catch(
        (/** @type {any} */ error) => [error instanceof LetterboxError,
          error.code, error.retryable, error.status]);
    }, room);
    assert.deepEqual(error, [true, 'secret', false, 403]);
  });

  test('without a server it gives up after its patience', async () => {
    const a = await blank(context, server.base);
    await intercept(a, 'POST', 'peers', (_, route) => route.abort());
    const error = await a.evaluate(async (room) => {
      const file = '/js/letterbox.js';
      const { join } = await import(file);
      return join('api', room, { patience: 100 }).catch(
        (/** @type {any} */ error) => [error.code, error.retryable]);
    }, room);
    assert.deepEqual(error, ['network', true]);
  });
});

describe('listening', () => {
  test('what comes before somebody listens waits for him', async () => {
    const a = await blank(context, server.base);
    const b = await blank(context, server.base);
    await join(a, room);
    await join(b, room);
    await post(a, ['early']);
    await b.waitForResponse(/messages\?/);
    await listen(b);
    await hears(b, 'early');
  });

  test('for await ends when the room is left', async () => {
    const [a, b] = await two();
    await b.evaluate(() => {
      const self = /** @type {any} */ (globalThis);
      self.read = (async () => {
        const bodies = [];
        for await (const { type, body } of self.room) {
          if (type === 'chat') bodies.push(body);
          if (body === 'last') await self.room.leave();
        }
        return bodies;
      })();
    });
    await listen(a);
    await post(a, ['first', 'last']);
    const read = await b.evaluate(() => /** @type {any} */ (globalThis).read);
    assert.deepEqual(read, ['first', 'last']);
    await a.waitForFunction(() => /** @type {any} */ (globalThis).heard.some(
      (/** @type {any} */ { type, body }) =>
        type === 'left' && body.reason === 'leave'));
    assert.equal(await a.evaluate(() =>
      /** @type {any} */ (globalThis).room.peers.size), 0);
  });

  test('a lost reply to a poll loses nothing and doubles nothing', async () => {
    const [a, b] = await two();
    await intercept(b, 'GET', 'messages', async (times, route) => {
      if (times % 2 === 0) return loseReply(route);
      return route.continue();
    });
    for (let i = 0; i < 4; i++) {
      await post(a, [i]);
      await hears(b, i);
    }
    assert.deepEqual(await heard(b), [0, 1, 2, 3]);
  });

  test('repeats are dropped; gap and reset are told', async () => {
    const [a, b] = await two();
    /** @param {number} _ @param {Route} route */
    const tamper = async (_, route) => {
      const reply = await route.fetch();
      const mail = await reply.json();
      const [first] = mail.messages ?? [];
      if (first) mail.messages.push(first);
      if (first?.body === 'gap') mail.gap = true;
      if (first?.body === 'reset') mail.reset = true;
      await route.fulfill({ response: reply, json: mail });
    };
    await intercept(b, 'GET', 'messages', tamper);
    // After a gap the client asks who is there, and gets its mail by that.
    await intercept(b, 'POST', 'peers', tamper);
    await post(a, ['one']);
    await hears(b, 'one');
    await post(a, ['gap']);
    await happens(b, 'gap');
    await post(a, ['reset']);
    await happens(b, 'reset');
    await hears(b, 'reset');
    assert.deepEqual(await heard(b), ['one', 'gap', 'reset']);
  });

  test('pause is followed', async () => {
    const b = await blank(context, server.base);
    /** @type {number[]} */
    const polls = [];
    await intercept(b, 'GET', 'messages', async (_, route) => {
      polls.push(performance.now());
      const reply = await route.fetch();
      const mail = { ...await reply.json(), poll: { wait: 0, pause: 400 } };
      await route.fulfill({ response: reply, json: mail });
    });
    const arrived = b.waitForResponse((response) =>
      response.url().includes('/messages') && polls.length === 4);
    await join(b, room);
    await arrived;
    for (let i = 1; i < polls.length; i++) {
      const between = polls[i] - polls[i - 1];
      assert.ok(between >= 390, `${between} ms`);
    }
  });

  test('a newer poll elsewhere ends this one: superseded', async () => {
    const [, b] = await two();
    const { token, cursor } = await kept(b);
    // The page's own first poll may come later than this one and end it.
    const elsewhere = async () => {
      for (;;) {
        const reply = await fetch(
          `${server.api}/rooms/${room}/messages?wait=2&after=${cursor}`,
          { headers: { 'X-Letterbox-Token': token } });
        if (reply.status !== 409) return reply;
      }
    };
    const poll = elsewhere();
    await happens(b, 'closed', 'superseded');
    assert.equal((await poll).status, 200);
    assert.equal(await b.evaluate(() =>
      /** @type {any} */ (globalThis).room.state), 'closed');
  });
});

describe('the owner of a room', () => {
  test('locks it, and is told what is refused', async () => {
    const [a, b] = await two();
    const say = (/** @type {Page} */ page, /** @type {any} */ rules) =>
      page.evaluate((rules) => /** @type {any} */ (globalThis).room
        .rules(rules).catch((/** @type {any} */ { code }) => code), rules);
    assert.deepEqual(await say(a, { lock: true, capacity: 3 }),
      { lock: true, capacity: 3 });
    assert.equal(await say(b, { lock: false }), 'not-owner');
    const c = await blank(context, server.base);
    assert.equal(await c.evaluate(async (room) => {
      const file = '/js/letterbox.js';
      const { join } = await import(file);
      return join('api', room).catch((/** @type {any} */ { code }) => code);
    }, room), 'locked');
    const peer = await b.evaluate(() =>
      /** @type {any} */ (globalThis).room.peer);
    await say(a, { remove: peer });
    await happens(b, 'closed');
  });
});

describe('being cut off', () => {
  test('a server that is away is waited for', async () => {
    const [a, b] = await two();
    await server.kill();
    await happens(b, 'state', 'waiting');
    const posted = post(a, ['while away']);
    await server.restart();
    await happens(b, 'state', 'open');
    await posted;
    await hears(b, 'while away');
  });

  test('a poll that hangs is given up when the network or the page is back',
    async () => {
      const [a, b] = await two();
      await post(a, ['before']);
      await hears(b, 'before');
      // From now on polls vanish, as in a network that is gone.
      let hanging = true;
      await intercept(b, 'GET', 'messages', (_, route) =>
        hanging ? Promise.resolve() : route.continue());
      const vanishes = () => b.waitForRequest(/messages\?/);
      for (const back of ['online', 'visibilitychange']) {
        hanging = true;
        const gone = vanishes();
        await b.evaluate(() => dispatchEvent(new Event('online')));
        await gone;
        await post(a, [back]);
        hanging = false;
        await b.evaluate((back) => {
          const now = Date.now();
          Date.now = () => now + 60_000;
          document.dispatchEvent(new Event(back, { bubbles: true }));
        }, back);
        await hears(b, back);
      }
    });

  test('forgotten by the server: joins again by its key, raises reset',
    async () => {
      const [a, b] = await two();
      const { peer, token } = await kept(b);
      await fetch(`${server.api}/rooms/${room}/leave`,
        { method: 'POST', body: JSON.stringify({ token }),
          headers: { 'Content-Type': 'text/plain' } });
      await happens(b, 'reset');
      await post(a, ['welcome back']);
      await hears(b, 'welcome back');
      await post(b, ['thank you']);
      assert.equal(await b.evaluate(() =>
        /** @type {any} */ (globalThis).room.peer), peer);
    });

  test('a room that is ended stays ended', async () => {
    const [a, b] = await two();
    const { token } = await kept(a);
    const reply = await fetch(`${server.api}/rooms/${room}/rules`,
      { method: 'POST', body: JSON.stringify({ end: true }),
        headers: { 'Content-Type': 'application/json',
          'X-Letterbox-Token': token } });
    assert.equal(reply.status, 200);
    await happens(b, 'closed', 'ended');
    const error = await a.evaluate(() => /** @type {any} */ (globalThis)
      .room.post('chat', 1).catch((/** @type {any} */ { code }) => code));
    assert.equal(error, 'ended');
    await happens(a, 'closed', 'ended');
  });

  test('a page from the back/forward cache goes on', async () => {
    const [a, b] = await two();
    await thereAndBack(b, server.base, () => post(a, ['meanwhile']));
    await hears(b, 'meanwhile');
    await post(b, ['here']);
    assert.deepEqual(await heard(b), ['meanwhile']);
  });

  test('an AbortSignal ends everything, and the others see it', async () => {
    const [a, b] = await two();
    await listen(a);
    await b.evaluate(() =>
      /** @type {any} */ (globalThis).control.abort());
    await happens(b, 'closed');
    await a.waitForFunction(() => /** @type {any} */ (globalThis).heard.some(
      (/** @type {any} */ { type }) => type === 'left'));
    const error = await b.evaluate(() => /** @type {any} */ (globalThis)
      .room.post('chat', 1).catch((/** @type {any} */ { name }) => name));
    assert.equal(error, 'AbortError');
    assert.deepEqual(await b.evaluate(() => Object.keys(sessionStorage)), []);
  });

  test('a token is never in an address', async () => {
    const addresses = /** @type {string[]} */ ([]);
    context.on('request', (request) => addresses.push(request.url()));
    const [a, b] = await two();
    await post(a, ['x']);
    await hears(b, 'x');
    const secrets = await b.evaluate(() => Object.keys(sessionStorage)
      .map((key) => JSON.parse(sessionStorage.getItem(key) ?? '{}'))
      .flatMap(({ token, key }) => [token, key]));
    await b.reload();
    await join(b, room);
    assert.equal(secrets.length, 2);
    for (const secret of secrets) {
      assert.ok(!addresses.some((address) => address.includes(secret)));
    }
  });
});
